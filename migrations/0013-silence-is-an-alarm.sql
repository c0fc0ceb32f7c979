-- Silence is an alarm: what a force says it sent, how much is expected of it, routes that were suspended, and the alarms that stand.

create table manifest (
  agency            text not null,
  day               date not null,
  police_references text[] not null,
  put_at            timestamptz not null,
  put_by            text not null,
  primary key (agency, day)
);
comment on table manifest is 'What a force says it sent on one day (Europe/London). References are no personal data.';

create table expected_traffic (
  agency       text not null,
  authority    text not null default '',
  at_least     int not null check (at_least between 1 and 100000),
  within_hours int not null check (within_hours between 1 and 168),
  set_at       timestamptz not null,
  set_by       text not null,
  primary key (agency, authority)
);
comment on table expected_traffic is 'The fewest notifications that are usual in so many hours: of a force, or of it in one authority.';

create table alarm (
  id           text primary key,
  key          text not null,
  kind         text not null check (kind in ('manifest differs', 'manifest missing', 'no notifications', 'too few notifications', 'no collection', 'route suspended')),
  agency       text not null,
  authority    text,
  recipient_id text references recipient,
  day          date,
  since        timestamptz not null,
  raised_at    timestamptz not null,
  ended_at     timestamptz,
  data_key     bytea not null,
  wrapped_by   text not null
);
comment on column alarm.key is 'What is silent. One alarm stands for it at a time.';
comment on column alarm.data_key is 'Seals the questions of the task that asks a person about it.';
create unique index alarm_standing on alarm (key) where ended_at is null;

alter table task add column alarm_id text references alarm;
alter table task drop constraint task_check1;
alter table task add constraint task_concerns_something check (num_nonnulls(notification_id, recipient_id, alarm_id) >= 1);
create unique index task_one_alarm on task (alarm_id) where alarm_id is not null;

alter table recipient add column suspended_until timestamptz;
alter table recipient add column suspension bytea;
comment on column recipient.suspended_until is 'Nothing is sent there until then: at most seven days ahead, by an approver and for a reason, both sealed beside it.';

create function route_open(disabled_at timestamptz, suspended_until timestamptz, at timestamptz) returns boolean language sql immutable as
  $$ select disabled_at is null and coalesce(suspended_until <= at, true) $$;
comment on function route_open is 'Whether a recipient can be sent anything: its address is not gone, and nobody has suspended the route.';

-- ------------------------------------------------------------------------------------------------- who may see and do what

alter table manifest enable row level security;
alter table expected_traffic enable row level security;
alter table alarm enable row level security;

grant select, insert, update on manifest, expected_traffic to daymark_app;
grant delete on expected_traffic to daymark_app;
grant select (id, kind, agency, authority, recipient_id, day, since, raised_at, ended_at) on alarm to daymark_app, daymark_auditor;
grant select (data_key, wrapped_by) on alarm to daymark_app;
grant select on manifest, expected_traffic to daymark_worker, daymark_auditor;
grant select, insert, update on alarm to daymark_worker;
grant select (alarm_id) on task to daymark_auditor;
grant select (suspended_until) on recipient to daymark_app, daymark_auditor;

create policy own on manifest for all to daymark_app using (agency = daymark_agency()) with check (agency = daymark_agency());
create policy own on expected_traffic for all to daymark_app
  using (daymark_agency() in (agency, 'operator')) with check (daymark_agency() in (agency, 'operator'));
create policy own on alarm for select to daymark_app using (daymark_agency() in (agency, 'operator'));
do $$
declare t text;
begin
  foreach t in array array['manifest', 'expected_traffic', 'alarm'] loop
    execute format('create policy worker on %I for all to daymark_worker using (true) with check (true)', t);
    execute format('create policy auditor on %I for select to daymark_auditor using (true)', t);
  end loop;
end $$;

create function standing_alarms() returns table (kind text, count bigint)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select a.kind, count(*) from public.alarm a where a.ended_at is null group by a.kind order by a.kind
$$;
revoke execute on function standing_alarms from public;
grant execute on function standing_alarms to daymark_app;
comment on function standing_alarms is 'How many alarms of each kind stand, for /health: whose they are stays with their agency and the operator.';
-- Once a route is open again, triage looks again for whoever could not be told by it.
grant execute on function wake_notifications_awaiting_directory to daymark_worker;
