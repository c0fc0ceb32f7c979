-- What waits follows its recipient when the directory changes, is not sent to people whose incident is long past, and never
-- stops what waits behind it.

alter table dispatch add column set_aside_until timestamptz;
comment on column dispatch.set_aside_until is
  'What it says could not be opened when it was last to be collected: until then the queue gives out what stands behind it. Its clocks go on.';
grant select (set_aside_until) on dispatch to daymark_auditor;
grant update (set_aside_until) on dispatch to daymark_app;

-- At once and not when next due: whoever was the recipient's agency must see no more of it, and the new one would find its
-- queue empty. The due loop takes up the new channel, so that an attempt under way is left to end.
create function move_waiting_dispatches(recipients text[], at timestamptz)
  returns table (id text, notification_id text, recipient_id text, before text, after text)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with waiting as (
    select d.id, d.agency as before from public.dispatch d
    where d.recipient_id = any(recipients) and d.next_at is not null and public.daymark_agency() = 'operator'
    order by d.id for update of d),
  moved as (
    update public.dispatch d set agency = r.agency, next_at = least(d.next_at, at), hinted_until = null
    from waiting, public.recipient r where d.id = waiting.id and r.id = d.recipient_id
    returning d.id, d.notification_id, d.recipient_id, waiting.before, d.agency as after)
  select moved.* from moved order by moved.id
$$;
revoke execute on function move_waiting_dispatches from public;
grant execute on function move_waiting_dispatches to daymark_app;
comment on function move_waiting_dispatches is
  'Gives what still waits for these recipients to the agency they have now, and has the due loop look at it at once. The operator''s alone.';

-- 14 days, as long as the directory's own upkeep may take: a service that joins the directory later is not sent old incidents
-- as if they had just happened. What is older stays with the person who has its task.
create or replace function wake_notifications_awaiting_directory(at timestamptz) returns bigint
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with awaiting as (
    select n.id from public.notification n
    where n.state = 'triaged' and (n.next_at is null or n.next_at > at) and n.received_at >= at - interval '14 days'
      and n.id in (select t.notification_id from public.task t where t.desk = 'directory' and t.state <> 'decided')
    order by n.id for no key update of n),
  woken as (update public.notification n set next_at = at from awaiting where n.id = awaiting.id returning n.id)
  select count(*) from woken
$$;
comment on function wake_notifications_awaiting_directory is
  'Whoever writes the directory may make triage due again where somebody could not be reached, for 14 days after it was received, and may do no more than that.';
