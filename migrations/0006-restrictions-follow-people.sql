-- A restriction binds people and not the notification that stated it: until a supervisor lifts it, whoever it names is found
-- again by person key in every other notification, past and to come, of this force and of any other.

create table restriction (
  id              text primary key,
  notification_id text not null references notification,
  number          int not null,
  agency          text not null,
  kind            text not null check (kind in ('must_not_receive', 'address_protected', 'school_name_protected')),
  sealed          bytea not null,
  says            bytea not null,
  imposed_by      text not null,
  imposed_at      timestamptz not null,
  spread          boolean not null default false,
  lifted_by       text,
  lifted_at       timestamptz,
  lifting_reason  bytea,
  lifted_with     text references restriction,
  unique (notification_id, number),
  check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lifting_reason is null and lifted_with is null))
);
comment on column restriction.number is 'Its place in the notification''s own list, from 0.';
comment on column restriction.agency is 'The force that imposed it, and whose supervisor alone may lift it.';
comment on column restriction.sealed is
  'With the notification''s data key: what it says, why, and the places it protects. Other forces'' triage reads what it says and hides those places, and never passes on why.';
comment on column restriction.says is 'An HMAC of what it forbids and for whom: two versions of one notification that say it again say one thing.';
comment on column restriction.spread is 'Its triage has made due again whatever was planned about these people before it came.';
comment on column restriction.lifting_reason is 'Sealed with the notification''s data key. In no event.';
comment on column restriction.lifted_with is 'Another version''s, which says the same and was lifted by name.';
create index restriction_living on restriction (imposed_at) where lifted_at is null;

create table restriction_key (
  key            bytea not null,
  restriction_id text not null references restriction on delete cascade,
  primary key (key, restriction_id)
);
comment on table restriction_key is 'Whom a living restriction binds, by certain person keys. Lifting it deletes them, so that no look-up walks over what is past.';
create index restriction_key_restriction on restriction_key (restriction_id);

-- ------------------------------------------------------------------------------------- what must be looked at once more

comment on column dispatch.changing is
  'Something came that may forbid it or what it says: not collected, not sent, until triage has settled what is told instead.';

-- All of these go by index, whatever the planner knew of the tables when a connection first asked: a force waits for the first.

-- Fifty a person, newest first, as every look-up: a key that half the county shares must hold nothing else up. Whoever lets go what
-- was held back asks for twice as many: more may have come meanwhile, and what nobody lets go waits for ever.
create function notifications_of_restriction(imposed text, most int) returns table (id text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select seen.notification_id from public.restriction_key asked cross join lateral (
    select p.notification_id from public.person_key p where p.key = asked.key order by p.occurred_at desc limit most) seen
  where asked.restriction_id = imposed
  union
  select n.id from public.restriction r join public.notification stated on stated.id = r.notification_id
    join public.notification n on n.agency = stated.agency and n.police_reference = stated.police_reference
  where r.id = imposed
$$;
revoke execute on function notifications_of_restriction from public;

-- Whatever somebody could still be shown for the first time, or once more because it was put back.
create function hold_back_unseen(of_notifications text[]) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  with waiting as (
    select d.id from public.dispatch d
    where d.notification_id = any(of_notifications) and d.kind <> 'recall' and not d.changing
      and (d.state in ('planned', 'released', 'collected') or d.state = 'held' and d.hold_reason is not null)
    order by d.id for update of d)
  update public.dispatch d set changing = true from waiting where d.id = waiting.id
$$;
revoke execute on function hold_back_unseen from public;

-- The newest version answers for what every version told. Locked first and changed in a second statement, which sees what was
-- committed meanwhile: a triage under way is waited for, and has planned what is then held back.
create function look_again_at(of_notifications text[], not_these text[], though_nothing_waits boolean, at timestamptz) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  newest text[];
  woken bigint;
begin
  select array_agg(touched.id) into newest from (
    select n.id from public.notification n
    where n.state in ('received', 'triaged', 'withdrawn') and n.id <> all(not_these) and n.id in (
      select distinct on (l.agency, l.police_reference) l.id from public.notification told
      join public.notification l on l.agency = told.agency and l.police_reference = told.police_reference
      where told.id = any(of_notifications) order by l.agency, l.police_reference, l.version desc)
    order by n.id for no key update of n) touched;
  if newest is null then return 0; end if;
  perform public.hold_back_unseen(array(
    select older.id from public.notification n join public.notification older
      on older.agency = n.agency and older.police_reference = n.police_reference
    where n.id = any(newest)));
  update public.notification n set next_at = at, hinted_until = null
  where n.id = any(newest) and n.state in ('triaged', 'withdrawn') and (n.next_at is null or n.next_at > at) and (though_nothing_waits or exists (
    select from public.dispatch d join public.notification older on older.id = d.notification_id
    where older.agency = n.agency and older.police_reference = n.police_reference and d.changing));
  get diagnostics woken = row_count;
  return woken;
end $$;
revoke execute on function look_again_at from public;

-- From the moment it is stored nobody may collect, and no attempt may begin, what was planned about these people before it
-- was known. No notification is locked here: a force that sends waits for no triage. All of a statement's at once, so that what
-- they hold back is locked in one order.
create function hold_back_what_a_restriction_touches() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  perform public.hold_back_unseen(array(
    select t.id from fresh cross join lateral public.notifications_of_restriction(fresh.id, 50) t where t.id <> fresh.notification_id));
  return null;
end $$;
revoke execute on function hold_back_what_a_restriction_touches from public;
create trigger hold_back_what_a_restriction_touches after insert on restriction
  referencing new table as fresh for each statement execute function hold_back_what_a_restriction_touches();

create function spread_restrictions(of_notifications text[], triaged_now text[], at timestamptz) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare imposed text[];
begin
  select array_agg(fresh.id) into imposed from (
    select r.id from public.restriction r where r.notification_id = any(of_notifications) and not r.spread order by r.id for update of r) fresh;
  if imposed is null then return 0; end if;
  update public.restriction r set spread = true where r.id = any(imposed);
  return public.look_again_at(
    array(select t.id from unnest(imposed) as one (id) cross join lateral public.notifications_of_restriction(one.id, 100) t),
    triaged_now, false, at);
end $$;
revoke execute on function spread_restrictions from public;
grant execute on function spread_restrictions to daymark_worker;
comment on function spread_restrictions is
  'Makes due again, once a restriction, every notification about the people it binds. `triaged_now` know of it already.';

-- Every version that says the same is lifted with it: to a supervisor it is one restriction.
create function lift_restriction(lifted text, at timestamptz, by_whom text, why bytea) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  alike text[];
  touched text[];
begin
  select array_agg(living.id) into alike from (
    select r.id from public.restriction asked
    join public.notification stated on stated.id = asked.notification_id
    join public.notification version on version.agency = stated.agency and version.police_reference = stated.police_reference
    join public.restriction r on r.notification_id = version.id and r.says = asked.says
    where asked.id = lifted and asked.agency = public.daymark_agency() and asked.lifted_at is null and r.lifted_at is null
    order by r.id for update of r) living;
  if alike is null or lifted <> all(alike) then return false; end if;
  touched := array(select t.id from unnest(alike) as one (id) cross join lateral public.notifications_of_restriction(one.id, 100) t);
  update public.restriction r set lifted_at = at, lifted_by = by_whom, lifting_reason = case when r.id = lifted then why end,
    lifted_with = case when r.id <> lifted then lifted end
  where r.id = any(alike);
  delete from public.restriction_key k where k.restriction_id = any(alike);
  perform public.look_again_at(touched, '{}', true, at);
  return true;
end $$;
revoke execute on function lift_restriction from public;
grant execute on function lift_restriction to daymark_app;
comment on function lift_restriction is
  'What it held or kept from somebody is looked at again. False where it is another force''s, is not there, or was lifted before.';

-- ---------------------------------------------------------------------------------------- when the directory changes

-- Whoever writes a recipient waits for every triage that began before it, which may have planned by the old entry; whoever
-- triages after it reads the new one. So nothing planned by the old entry escapes the statement below.
create function wait_for_triage_under_way() returns void language sql volatile as $$ select pg_advisory_xact_lock(0, 6) $$;
create function triage_is_under_way() returns boolean language plpgsql volatile as $$
begin
  perform pg_advisory_xact_lock_shared(0, 6);
  return true;
end $$;
comment on function triage_is_under_way is 'Always true. Held until the transaction ends; triage under way hinders no other triage.';

create function look_again_at_dispatches_to(recipients text[], agencies text[], at timestamptz) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare told text[];
begin
  perform public.wait_for_triage_under_way();
  select array_agg(distinct d.notification_id) into told from public.dispatch d
  where d.recipient_id in (
      select r.id from public.recipient r where r.id = any(recipients) and public.daymark_agency() in ('operator', r.agency)
      union
      select r.id from public.recipient r
      where cardinality(agencies) > 0 and r.agency = any(agencies) and public.daymark_agency() in ('operator', r.agency))
    and d.kind <> 'recall' and (d.state in ('planned', 'released', 'collected') or d.state = 'held' and d.hold_reason is not null);
  if told is null then return 0; end if;
  return public.look_again_at(told, '{}', false, at);
end $$;
revoke execute on function look_again_at_dispatches_to from public;
grant execute on function look_again_at_dispatches_to to daymark_app;
comment on function look_again_at_dispatches_to is
  'Whoever is a contact there now, or works there, may be somebody whom a dispatch is about: what nobody has seen is looked at again.';

-- --------------------------------------------------------------------------------------------- who may see and do what

alter table restriction enable row level security;
alter table restriction_key enable row level security;
grant insert on restriction, restriction_key to daymark_intake;
create policy intake on restriction for insert to daymark_intake with check (not spread and lifted_at is null);
create policy intake on restriction_key for insert to daymark_intake with check (true);
grant select on restriction to daymark_app;
create policy own on restriction for select to daymark_app using (agency = daymark_agency());
grant select on restriction, restriction_key to daymark_worker;
create policy worker on restriction for select to daymark_worker using (true);
create policy worker on restriction_key for select to daymark_worker using (true);
grant select (id, notification_id, number, agency, kind, imposed_by, imposed_at, lifted_by, lifted_at, lifted_with) on restriction to daymark_auditor;
create policy auditor on restriction for select to daymark_auditor using (true);
