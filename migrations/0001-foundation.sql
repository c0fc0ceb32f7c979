-- The house's tables. Postgres is the truth; everything personal stands sealed (bytea), everything else is references,
-- ids, states and times. Ids are text because the id in a log is the id in the table and the URL.

-- One role a door. They cannot log in: each process opens a pool a role (`-c role=…`) with whatever login it has.
do $$
declare role_name text;
begin
  foreach role_name in array array['daymark_intake', 'daymark_app', 'daymark_worker', 'daymark_auditor', 'daymark_queue'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then null; -- another database of this cluster was faster
      end;
    end if;
    if not pg_has_role(current_user, role_name, 'member') then
      execute format('grant %I to current_user', role_name);
    end if;
  end loop;
end $$;

create function daymark_agency() returns text language sql stable as
  $$ select nullif(current_setting('daymark.agency', true), '') $$;
comment on function daymark_agency is 'The agency this transaction acts for; null, and so nothing to see, when nobody set it.';

-- ---------------------------------------------------------------------------------------------------- notifications

create table notification (
  id               text primary key,
  agency           text not null,
  police_reference text not null,
  version          int not null check (version >= 1),
  authority        text not null,
  occurred_at      timestamptz not null,
  reported_at      timestamptz not null,
  received_at      timestamptz not null,
  received_by      text not null,
  state            text not null default 'received' check (state in ('received', 'triaged', 'superseded', 'withdrawn', 'erased')),
  body_hmac        bytea not null,
  body             bytea,
  record           bytea,
  victim_risk      text,
  policy_area      text,
  policy_from      date,
  policy_sha256    text,
  triaged_at       timestamptz,
  next_at          timestamptz,
  hinted_until     timestamptz,
  faults           int not null default 0,
  unique (agency, police_reference, version),
  check (state <> 'received' or next_at is not null)
);
comment on column notification.agency is 'The force that sent it.';
comment on column notification.record is 'Sealed: facts, findings and rulings, as they were when decided.';
comment on column notification.next_at is 'When triage is due; a received notification always has one, so none can be forgotten.';
create index notification_due on notification (next_at) where next_at is not null;
create index notification_received on notification (agency, received_at);

-- Apart from the notification, so that a recipient who may open its own dispatch need not see the notification's row.
create table data_key (
  notification_id text primary key,
  wrapped         bytea not null,
  wrapped_by      text not null
);
comment on table data_key is 'One key a notification, wrapped by a key of DAYMARK_KEYS. Deleting the row erases the person.';

create table person_key (
  key             bytea not null,
  kind            text not null,
  index_key       text not null,
  notification_id text not null,
  ref             text not null,
  role            text not null,
  occurred_at     timestamptz not null
);
comment on table person_key is 'HMACs by which the same person is found again without opening old notifications.';
create index person_key_lookup on person_key (key, occurred_at desc);
create index person_key_notification on person_key (notification_id);

create table idempotency_key (
  agency          text not null,
  key             text not null,
  body_hmac       bytea not null,
  notification_id text not null,
  primary key (agency, key)
);

create table force_history (
  agency        text primary key,
  complete_from timestamptz not null,
  set_at        timestamptz not null
);
comment on table force_history is 'From when a force says its history is whole here; a lower count before then is unknown.';

-- ------------------------------------------------------------------------------------------------ directory, registers

create table recipient (
  id           text primary key,
  service      text not null,
  name         text not null,
  agency       text not null,
  authorities  text[] not null default '{}',
  urn          text,
  ods_code     text,
  successor_id text,
  channel      text not null check (channel in ('pull_queue', 'webhook', 'email')),
  url          text,
  serves       text[] not null default '{}',
  hours        jsonb,
  opens_at     text not null default '08:45',
  terms        jsonb not null default '[]',
  closed_days  text[] not null default '{}',
  disabled_at  timestamptz,
  data_key     bytea not null,
  wrapped_by   text not null,
  sealed       bytea not null,
  written_at   timestamptz not null
);
comment on column recipient.sealed is 'Contacts, mailbox, out-of-hours telephone and webhook secrets, sealed with the row''s own key.';
create index recipient_authorities on recipient using gin (authorities);
create index recipient_written on recipient (written_at);
create index recipient_urn on recipient (urn) where urn is not null;
create index recipient_ods on recipient (ods_code) where ods_code is not null;

create table open_case (
  authority      text not null,
  case_reference text not null,
  as_of          timestamptz not null,
  data_key       bytea not null,
  wrapped_by     text not null,
  sealed         bytea not null,
  written_at     timestamptz not null,
  primary key (authority, case_reference)
);
create table open_case_key (
  key            bytea not null,
  kind           text not null,
  index_key      text not null,
  authority      text not null,
  case_reference text not null,
  foreign key (authority, case_reference) references open_case on delete cascade
);
create index open_case_key_lookup on open_case_key (key);
create index open_case_key_case on open_case_key (authority, case_reference);

-- ------------------------------------------------------------------------------------------------ dispatches and tasks

create table dispatch (
  id               text primary key,
  notification_id  text not null references notification,
  force            text not null,
  recipient_id     text not null references recipient,
  agency           text not null,
  channel          text not null,
  service          text not null,
  kind             text not null,
  about            text[] not null,
  rules            text[] not null,
  asks             text,
  restricted       boolean not null default false,
  victim_risk      text not null,
  obligation       text not null,
  state            text not null check (state in ('planned', 'released', 'collected', 'delivered', 'acknowledged', 'held', 'withdrawn', 'given_up')),
  overdue          boolean not null default false,
  late_on_arrival  boolean not null default false,
  release_at       timestamptz not null,
  due_by           timestamptz not null,
  escalate_at      timestamptz,
  next_at          timestamptz,
  hinted_until     timestamptz,
  retry_at         timestamptz,
  attempts         int not null default 0,
  lease_token      text,
  lease_until      timestamptz,
  fence            int not null default 0,
  content          bytea,
  content_hmac     bytea,
  planned_at       timestamptz not null,
  collected_at     timestamptz,
  delivered_at     timestamptz,
  acknowledged_at  timestamptz,
  acknowledged_by  bytea,
  outcome          text,
  outcome_note     bytea,
  return_reason    text check (return_reason in ('not_ours', 'wrong_child', 'duplicate', 'cannot_act')),
  return_note      bytea,
  unique (notification_id, obligation),
  check ((next_at is null) = (state in ('acknowledged', 'withdrawn')))
);
comment on column dispatch.agency is 'The recipient''s agency; `force` is the one that sent the notification. Both see the row, nobody else.';
comment on column dispatch.obligation is 'Service, recipient and people: planning twice can never tell twice.';
comment on column dispatch.next_at is 'nextAttention(): only an acknowledged or withdrawn dispatch has none.';
create index dispatch_due on dispatch (next_at) where next_at is not null;
comment on column dispatch.outcome is 'What the recipient says came of it, as a code; the note beside it is sealed.';
comment on column dispatch.return_reason is 'Why the recipient gave it back: it is held, and a person decides who is told instead.';
comment on column dispatch.acknowledged_by is 'Sealed: who at the recipient says they have it, in their own words.';
create index dispatch_queue on dispatch (recipient_id, state, due_by);
-- In the order a queue is collected: a victim nobody has graded may be the one at highest risk.
create index dispatch_waiting on dispatch
  (recipient_id, (case victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 else 2 end), due_by, id)
  where state in ('released', 'collected');
create index dispatch_planned on dispatch (planned_at);

create table attempt (
  id          text primary key,
  dispatch_id text not null references dispatch,
  number      int not null,
  fence       int not null,
  started_at  timestamptz not null,
  ended_at    timestamptz,
  outcome     text check (outcome in ('delivered', 'refused', 'failed', 'timed_out', 'blocked', 'unknown')),
  status      int,
  detail      text,
  unique (dispatch_id, number)
);
comment on table attempt is 'One webhook call. The row is written before the POST; without an outcome after its lease it reads as unknown.';

create table task (
  id              text primary key,
  notification_id text references notification,
  recipient_id    text references recipient,
  agency          text not null,
  desk            text not null check (desk in ('domestic_abuse_review', 'pitstop', 'mash', 'directory')),
  about           text[] not null default '{}',
  victim_risk     text,
  questions       bytea not null,
  due_by          timestamptz not null,
  overdue         boolean not null default false,
  state           text not null default 'open' check (state in ('open', 'claimed', 'decided')),
  opened_at       timestamptz not null,
  decided_at      timestamptz,
  next_at         timestamptz,
  check ((next_at is null) = (state = 'decided')),
  check (notification_id is not null or recipient_id is not null)
);
comment on column task.questions is 'Sealed with the notification''s data key, or with the recipient''s for the directory''s own upkeep.';
create unique index task_one_a_desk on task (notification_id, desk) where state <> 'decided' and notification_id is not null;
create unique index task_one_upkeep on task (recipient_id, desk) where state <> 'decided' and notification_id is null;
create index task_directory on task (notification_id) where desk = 'directory' and state <> 'decided';
create index task_due on task (next_at) where next_at is not null;
create index task_desk on task (agency, desk, state, due_by);

-- --------------------------------------------------------------------------------------------------------------- audit

create table audit_stream (
  id   text primary key,
  seq  bigint not null,
  hash bytea not null
);
create table audit_event (
  id       text primary key,
  stream   text not null,
  seq      bigint not null,
  at       timestamptz not null,
  kind     text not null,
  actor    text not null,
  dispatch text,
  task     text,
  body     text not null,
  hash     bytea not null,
  xid      xid8 not null default pg_current_xact_id(),
  unique (stream, seq)
);
comment on column audit_event.body is 'The canonical text that was hashed, with what came before it: sha256(previous hash || body).';
comment on column audit_event.xid is 'Lets a checkpointer number leaves below pg_snapshot_xmin, so that no late commit is skipped.';
create index audit_event_at on audit_event (at);

create function refuse_change() returns trigger language plpgsql as
  $$ begin raise exception 'audit events are never changed' using errcode = 'insufficient_privilege'; end $$;
create trigger audit_event_is_final before update or delete on audit_event for each row execute function refuse_change();

-- -------------------------------------------------------------------------------------------------------------- access

create table api_key (
  id         text primary key,
  agency     text not null,
  scopes     text[] not null,
  hash       bytea not null unique,
  created_at timestamptz not null,
  revoked_at timestamptz
);
comment on column api_key.hash is 'SHA-256 of a 256-bit random key, shown once when it was made.';

create table service_key (
  id         text primary key,
  kind       text not null,
  wrapped    bytea not null,
  wrapped_by text not null,
  made_at    timestamptz not null
);
create table sealing_key (
  id         text primary key,
  first_used timestamptz not null default now()
);
comment on table sealing_key is 'Every key of DAYMARK_KEYS that ever sealed something here: without it that is lost, so a start without it is refused.';
comment on table service_key is 'Random secrets of the service (index, body, content …), wrapped by the first key of DAYMARK_KEYS.';

create table test_clock (
  starts_at timestamptz primary key,
  moved_ms  bigint not null
);
comment on table test_clock is 'With DAYMARK_TEST=1 alone: every process that was given one DAYMARK_CLOCK counts from the same moment, restarts included.';

-- ---------------------------------------------------------------------------------- who may see and do what (invariant 8)

alter table notification enable row level security;
alter table data_key enable row level security;
alter table person_key enable row level security;
alter table idempotency_key enable row level security;
alter table force_history enable row level security;
alter table recipient enable row level security;
alter table open_case enable row level security;
alter table open_case_key enable row level security;
alter table dispatch enable row level security;
alter table attempt enable row level security;
alter table task enable row level security;
alter table audit_event enable row level security;
alter table audit_stream enable row level security;

-- The door only inserts: it cannot read back what it wrote.
grant insert on notification, data_key, person_key, idempotency_key, audit_stream, audit_event to daymark_intake;
create policy intake on notification for insert to daymark_intake with check (true);
create policy intake on data_key for insert to daymark_intake with check (true);
create policy intake on person_key for insert to daymark_intake with check (true);
create policy intake on idempotency_key for insert to daymark_intake with check (true);
create policy intake on audit_stream for insert to daymark_intake with check (seq = 1);
create policy intake on audit_event for insert to daymark_intake with check (true);

create function keeps_open_cases_of(in_authority text) returns boolean language sql stable as $$
  select daymark_agency() = 'operator' or exists (
    select from recipient r
    where r.authorities @> array[in_authority] and r.service = 'childrens_social_care' and r.agency = daymark_agency())
$$;
comment on function keeps_open_cases_of is 'An authority''s register of open cases is kept by its social care, or for it by the operator.';

create function recipient_sealed(of_recipient text) returns table (data_key bytea, wrapped_by text, sealed bytea)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select r.data_key, r.wrapped_by, r.sealed from public.recipient r
  where r.id = of_recipient and public.daymark_agency() in ('operator', r.agency)
$$;
revoke execute on function recipient_sealed from public;
grant execute on function recipient_sealed to daymark_app;
comment on function recipient_sealed is
  'Contacts and secrets of one''s own recipient. A function, because row-level security cannot hide a column of some rows only.';

create function wake_notifications_awaiting_directory(at timestamptz) returns bigint
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with awaiting as (
    select n.id from public.notification n
    where n.state = 'triaged' and (n.next_at is null or n.next_at > at)
      and n.id in (select t.notification_id from public.task t where t.desk = 'directory' and t.state <> 'decided')
    order by n.id for no key update of n),
  woken as (update public.notification n set next_at = at from awaiting where n.id = awaiting.id returning n.id)
  select count(*) from woken
$$;
revoke execute on function wake_notifications_awaiting_directory from public;
grant execute on function wake_notifications_awaiting_directory to daymark_app;
comment on function wake_notifications_awaiting_directory is
  'Whoever writes the directory may make triage due again where somebody could not be reached, and may do no more than that.';

-- The API acts for one agency at a time.
grant select on notification, data_key, idempotency_key, attempt, service_key to daymark_app;
grant select on dispatch, task to daymark_app;
-- What a recipient's own answers change, and nothing else: whom a dispatch is about, to whom and by when stays as it was planned.
grant update (state, next_at, hinted_until, retry_at, escalate_at, lease_token, lease_until, collected_at, acknowledged_at, acknowledged_by,
              outcome, outcome_note, return_reason, return_note) on dispatch to daymark_app;
grant select, insert, update on force_history, audit_stream to daymark_app;
-- Every agency may know whom there is to tell; what is sealed is only handed out by recipient_sealed() below.
grant select (id, service, name, agency, authorities, urn, ods_code, successor_id, channel, url, serves, hours, opens_at, terms,
              closed_days, disabled_at, written_at), insert, update on recipient to daymark_app;
grant select, insert, update, delete on open_case, open_case_key to daymark_app;
grant select, insert on audit_event to daymark_app;
-- Who holds a key is told to whoever presents it, one hash at a time: nobody reads the list.
create function client_of_key(presented bytea) returns table (id text, agency text, scopes text[])
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select k.id, k.agency, k.scopes from public.api_key k where k.hash = presented and k.revoked_at is null
$$;
revoke execute on function client_of_key from public;
grant execute on function client_of_key to daymark_app;
grant select, insert on sealing_key to daymark_app, daymark_worker;
grant select, insert on test_clock to daymark_app, daymark_worker;
create policy own on notification for select to daymark_app using (agency = daymark_agency());
create policy own on idempotency_key for select to daymark_app using (agency = daymark_agency());
create policy own on dispatch for select to daymark_app using (daymark_agency() in (agency, force));
create policy answers on dispatch for update to daymark_app using (agency = daymark_agency()) with check (agency = daymark_agency());
create policy own on task for all to daymark_app using (agency = daymark_agency()
  or exists (select from notification n where n.id = notification_id and n.agency = daymark_agency())) with check (agency = daymark_agency());
create policy own on attempt for select to daymark_app using (exists (select from dispatch d where d.id = dispatch_id));
create policy own on data_key for select to daymark_app using (
  exists (select from notification n where n.id = notification_id)
  or exists (select from dispatch d where d.notification_id = data_key.notification_id)
  or exists (select from task t where t.notification_id = data_key.notification_id));
create policy own on force_history for all to daymark_app using (agency = daymark_agency()) with check (agency = daymark_agency());
create policy names on recipient for select to daymark_app using (daymark_agency() is not null);
create policy own on recipient for insert to daymark_app with check (daymark_agency() = 'operator');
create policy own_change on recipient for update to daymark_app using (daymark_agency() in ('operator', agency)) with check (daymark_agency() in ('operator', agency));
create policy own on open_case for all to daymark_app using (keeps_open_cases_of(authority)) with check (keeps_open_cases_of(authority));
create policy own on open_case_key for all to daymark_app using (keeps_open_cases_of(authority)) with check (keeps_open_cases_of(authority));
-- A head is moved by who may append to its stream, and by nobody else.
create function may_append(stream text) returns boolean language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.notification n where n.id = stream)
    or exists (select from public.dispatch d where d.notification_id = stream and d.agency = public.daymark_agency())
    or (stream like 'recipient:%' and exists (
      select from public.recipient r where r.id = substr(stream, 11) and r.agency = public.daymark_agency()))
    or public.daymark_agency() = 'operator'
    or (stream like 'register:%' and public.keeps_open_cases_of(substr(stream, 10)))
    or (stream = 'service' and public.daymark_agency() is not null)
$$;
create policy heads on audit_stream for all to daymark_app using (may_append(id)) with check (may_append(id));
create policy own on audit_event for select to daymark_app using (
  exists (select from notification n where n.id = stream)
  or (stream like 'recipient:%' and exists (select from recipient r where r.id = substr(stream, 11) and r.agency = daymark_agency()))
  or exists (select from dispatch d where d.id = audit_event.dispatch));
-- An agency adds to what it may see, and to the registers it keeps; nothing else can be written into somebody's record.
create policy append on audit_event for insert to daymark_app with check (may_append(stream));

-- The worker serves every agency, by a policy of its own and never by BYPASSRLS.
grant select, insert, update on notification, data_key, dispatch, attempt, task, recipient, audit_stream to daymark_worker;
grant select, insert on audit_event to daymark_worker;
grant select on person_key, force_history, open_case, open_case_key, service_key to daymark_worker;
do $$
declare t text;
begin
  foreach t in array array['notification', 'data_key', 'person_key', 'force_history', 'recipient', 'open_case', 'open_case_key',
                           'dispatch', 'attempt', 'task', 'audit_event', 'audit_stream'] loop
    execute format('create policy worker on %I for all to daymark_worker using (true) with check (true)', t);
  end loop;
end $$;

-- The auditor reads what happened, never what was said.
grant select (id, agency, police_reference, version, authority, occurred_at, reported_at, received_at, state, victim_risk, policy_area,
              policy_from, policy_sha256, triaged_at, next_at, faults) on notification to daymark_auditor;
grant select (id, notification_id, force, recipient_id, agency, channel, service, kind, about, rules, asks, restricted, victim_risk,
              obligation, state, overdue, late_on_arrival, release_at, due_by, next_at, retry_at, attempts, content_hmac, planned_at,
              collected_at, delivered_at, acknowledged_at, outcome, return_reason) on dispatch to daymark_auditor;
grant select (id, notification_id, recipient_id, agency, desk, about, victim_risk, due_by, overdue, state, opened_at, decided_at, next_at)
  on task to daymark_auditor;
grant select (id, service, name, agency, authorities, urn, ods_code, successor_id, channel, disabled_at, written_at) on recipient to daymark_auditor;
grant select on attempt, audit_event, audit_stream to daymark_auditor;
do $$
declare t text;
begin
  foreach t in array array['notification', 'recipient', 'dispatch', 'attempt', 'task', 'audit_event', 'audit_stream'] loop
    execute format('create policy auditor on %I for select to daymark_auditor using (true)', t);
  end loop;
end $$;
