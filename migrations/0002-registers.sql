-- The registers beside open cases: pupils on roll, MARAC, and incidents from before go-live. What is personal stands sealed
-- with a key per row; the person keys beside it find somebody without opening a row.

create table pupil_roll (
  urn        text primary key,
  as_of      timestamptz not null,
  pupils     int not null,
  data_key   bytea not null,
  wrapped_by text not null,
  sealed     bytea not null,
  written_at timestamptz not null
);
comment on table pupil_roll is 'Who is on roll at one school, put whole; 30 days after as_of it reads as unknown.';
create table pupil_key (
  key       bytea not null,
  kind      text not null,
  index_key text not null,
  urn       text not null references pupil_roll on delete cascade,
  pupil     int not null
);
comment on column pupil_key.pupil is 'The place on the roll: tells whether two rolls that share a name mean one child, by the UPN beside it.';
create index pupil_key_lookup on pupil_key (key);
create index pupil_key_roll on pupil_key (urn, pupil);

create table marac_case (
  agency      text not null,
  id          text not null,
  referred_on date not null,
  convened_on date,
  data_key    bytea not null,
  wrapped_by  text not null,
  sealed      bytea not null,
  written_at  timestamptz not null,
  primary key (agency, id)
);
create table marac_key (
  key       bytea not null,
  kind      text not null,
  index_key text not null,
  agency    text not null,
  id        text not null,
  side      text not null check (side in ('victim', 'suspect')),
  foreign key (agency, id) references marac_case on delete cascade
);
create index marac_key_lookup on marac_key (key);
create index marac_key_case on marac_key (agency, id);

create table earlier_incident (
  agency           text not null,
  police_reference text not null,
  occurred_at      timestamptz not null,
  data_key         bytea not null,
  wrapped_by       text not null,
  sealed           bytea not null,
  written_at       timestamptz not null,
  primary key (agency, police_reference)
);
comment on table earlier_incident is 'A force''s own incidents from before go-live. They count as history and dispatch nothing.';
create table earlier_incident_key (
  key              bytea not null,
  kind             text not null,
  index_key        text not null,
  agency           text not null,
  police_reference text not null,
  role             text not null,
  occurred_at      timestamptz not null,
  foreign key (agency, police_reference) references earlier_incident on delete cascade
);
create index earlier_incident_key_lookup on earlier_incident_key (key, occurred_at desc);
create index earlier_incident_key_incident on earlier_incident_key (agency, police_reference);

-- A school that names no authority may stand in any of them.
create index recipient_school_anywhere on recipient (id) where service = 'education_setting' and authorities = '{}';

-- --------------------------------------------------------------------------------------------- who may see and do what

alter table pupil_roll enable row level security;
alter table pupil_key enable row level security;
alter table marac_case enable row level security;
alter table marac_key enable row level security;
alter table earlier_incident enable row level security;
alter table earlier_incident_key enable row level security;

create function keeps_roll_of(in_urn text) returns boolean language sql stable as $$
  select daymark_agency() = 'operator' or exists (
    select from recipient r where r.urn = in_urn and r.service = 'education_setting' and r.agency = daymark_agency())
$$;
comment on function keeps_roll_of is 'A school''s roll is kept by that school, or for it by the operator.';

create function keeps_maracs() returns boolean language sql stable as $$
  select daymark_agency() = 'operator' or exists (
    select from recipient r where r.service = 'marac' and r.agency = daymark_agency())
$$;
comment on function keeps_maracs is 'The MARAC register is kept by whoever coordinates a MARAC, each its own cases, or by the operator.';

create function keeps_own_history() returns boolean language sql stable as $$
  select daymark_agency() <> 'operator' and not exists (
    select from recipient r where r.agency = daymark_agency() and r.service not in ('police_child_protection', 'marac'))
$$;
comment on function keeps_own_history is
  'History is a force''s. Nothing says which agency is one; a school, a council or a clinic stands in the directory as what it is.';

create policy own on pupil_roll for all to daymark_app using (keeps_roll_of(urn)) with check (keeps_roll_of(urn));
create policy own on pupil_key for all to daymark_app using (keeps_roll_of(urn)) with check (keeps_roll_of(urn));
create policy own on marac_case for all to daymark_app
  using (agency = daymark_agency() and keeps_maracs()) with check (agency = daymark_agency() and keeps_maracs());
create policy own on marac_key for all to daymark_app
  using (agency = daymark_agency() and keeps_maracs()) with check (agency = daymark_agency() and keeps_maracs());
create policy own on earlier_incident for all to daymark_app
  using (agency = daymark_agency() and keeps_own_history()) with check (agency = daymark_agency() and keeps_own_history());
create policy own on earlier_incident_key for all to daymark_app
  using (agency = daymark_agency() and keeps_own_history()) with check (agency = daymark_agency() and keeps_own_history());
grant select, insert, update, delete on pupil_roll, pupil_key, marac_case, marac_key, earlier_incident, earlier_incident_key
  to daymark_app;

grant select on pupil_roll, pupil_key, marac_case, marac_key, earlier_incident, earlier_incident_key to daymark_worker;
do $$
declare t text;
begin
  foreach t in array array['pupil_roll', 'pupil_key', 'marac_case', 'marac_key', 'earlier_incident', 'earlier_incident_key'] loop
    execute format('create policy worker on %I for select to daymark_worker using (true)', t);
  end loop;
end $$;

-- Whoever keeps a register adds to its chain of events, and to no other's.
create function may_append_to_register(stream text) returns boolean language sql stable as $$
  select (stream like 'register:school:%' and keeps_roll_of(substr(stream, 17)))
    or (stream = 'register:marac:' || daymark_agency() and keeps_maracs())
    or (stream = 'register:history:' || daymark_agency() and keeps_own_history())
$$;
create policy register_heads on audit_stream for all to daymark_app
  using (may_append_to_register(id)) with check (may_append_to_register(id));
create policy append_to_register on audit_event for insert to daymark_app with check (may_append_to_register(stream));

-- ------------------------------------------------------------------------------------------- what a register wakes up

-- Locked first and changed in a second statement, which sees what was committed meanwhile: a triage under way has not read
-- the register, and is waited for.
create function wake_notifications_of_people(keys bytea[], occurred timestamptz[], at timestamptz) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ids text[];
  woken bigint;
begin
  select array_agg(touched.id) into ids from (
    select n.id from public.notification n
    where n.state in ('received', 'triaged') and n.id in (
      select seen.notification_id from unnest(keys, occurred) as asked (key, occurred)
      cross join lateral (
        select p.notification_id from public.person_key p
        where p.key = asked.key and p.role <> 'other_adult' and p.occurred_at > asked.occurred
          and p.occurred_at <= asked.occurred + interval '13 months'
        order by p.occurred_at limit 50) seen)
    order by n.id for no key update of n) touched;
  update public.notification n set next_at = at, hinted_until = null
  where n.id = any(ids) and n.state = 'triaged' and (n.next_at is null or n.next_at > at);
  get diagnostics woken = row_count;
  return woken;
end $$;
revoke execute on function wake_notifications_of_people from public;
grant execute on function wake_notifications_of_people to daymark_app;
comment on function wake_notifications_of_people is
  'An earlier incident that arrives late makes later notifications of the same people due again, and may do no more than that.';

create function wake_notifications_of_pupils(keys bytea[], at timestamptz) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  ids text[];
  woken bigint;
begin
  select array_agg(touched.id) into ids from (
    select n.id from public.notification n
    where n.id in (select p.notification_id from public.person_key p where p.key = any(keys))
      and (n.state = 'received' or n.state = 'triaged' and exists (
        select from public.task t where t.notification_id = n.id and t.desk = 'directory' and t.state <> 'decided'))
    order by n.id for no key update of n) touched;
  update public.notification n set next_at = at, hinted_until = null
  where n.id = any(ids) and n.state = 'triaged' and (n.next_at is null or n.next_at > at) and exists (
    select from public.task t where t.notification_id = n.id and t.desk = 'directory' and t.state <> 'decided');
  get diagnostics woken = row_count;
  return woken;
end $$;
revoke execute on function wake_notifications_of_pupils from public;
grant execute on function wake_notifications_of_pupils to daymark_app;
comment on function wake_notifications_of_pupils is
  'A roll may name the school that the directory desk is looking for: those notifications become due again.';

-- -------------------------------------------------------------------------------------------- a school by nearly its name

-- Both extensions are trusted, so the owner of a database may create them. Where one may not be created, or is not
-- installed, a name is found when every word of it is the same, and `doctor` says so.
do $$
declare wanted text;
begin
  foreach wanted in array array['pg_trgm', 'unaccent'] loop
    begin
      execute format('create extension if not exists %I', wanted);
    exception when insufficient_privilege or undefined_file or feature_not_supported or invalid_schema_name then
      raise notice '% cannot be created here (%): fewer schools are found by a name that is nearly right', wanted, sqlerrm;
    end;
  end loop;
end $$;

do $$
declare
  trgm text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
  unac text := (select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'unaccent');
begin
  execute format($f$
    create function school_name_folded(name text) returns text language sql stable as
    $b$ select btrim(regexp_replace(regexp_replace(lower(%s), '[''’.]', '', 'g'), '[^[:alnum:]]+|\m(the|school|academy|college|of|and|at)\M', ' ', 'g')) $b$
  $f$, case when unac is null then 'name' else format('%I.unaccent(name)', unac) end);
  execute format($f$
    create function school_names_alike(one text, other text) returns real language sql stable as
    $b$ select (%s)::real $b$
  $f$, case when trgm is null then 'case when school_name_folded(one) = school_name_folded(other) then 1 else 0 end'
            else format('%I.similarity(school_name_folded(one), school_name_folded(other))', trgm) end);
end $$;
comment on function school_names_alike is 'From 0 to 1: how much of two schools'' names is the same, whatever every school is called.';
