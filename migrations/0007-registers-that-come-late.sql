-- Registers are pushed by machines that try again: what comes late must not undo what is newer, and what it says that triage
-- did not know makes triage look again.

-- The row of a closed case stays, without anybody in it: a push of the open case that was long under way would open it again.
alter table open_case
  add column closed boolean not null default false,
  alter column data_key drop not null,
  alter column wrapped_by drop not null,
  alter column sealed drop not null,
  add constraint open_case_says_something check (closed = (sealed is null) and closed = (data_key is null) and closed = (wrapped_by is null));
comment on column open_case.closed is 'Taken out of the register at as_of: nothing personal is left, and an older push does not open it again.';

-- 14 days, as for the directory: a service is not told of an old incident as if it had just happened. Locked first and
-- changed in a second statement, as wake_notifications_of_people does and for the same reason.
create function wake_notifications_named_by_register(keys bytea[], at timestamptz) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ids text[];
  woken bigint;
begin
  select array_agg(touched.id) into ids from (
    select n.id from public.notification n
    where n.state in ('received', 'triaged') and n.received_at >= at - interval '14 days' and n.id in (
      select seen.notification_id from unnest(keys) as asked (key)
      cross join lateral (
        select p.notification_id from public.person_key p
        where p.key = asked.key and p.role <> 'other_adult' order by p.occurred_at desc limit 50) seen)
    order by n.id for no key update of n) touched;
  update public.notification n set next_at = at, hinted_until = null
  where n.id = any(ids) and n.state = 'triaged' and (n.next_at is null or n.next_at > at);
  get diagnostics woken = row_count;
  return woken;
end $$;
revoke execute on function wake_notifications_named_by_register from public;
grant execute on function wake_notifications_named_by_register to daymark_app;
comment on function wake_notifications_named_by_register is
  'A roll, an open case or a MARAC case that arrives late makes notifications of the same people due again for 14 days after they were received, and may do no more than that.';

-- It asked only for notifications that the directory desk still had, and missed an authority nobody was looking for.
drop function wake_notifications_of_pupils;

-- A reader of the whole record goes by transaction and not by time, so that no late commit lies behind its cursor.
create index audit_event_recorded on audit_event (xid, stream, seq);
