-- What an agency is owed of its queue: that it is quick however long it is, that a number says that nothing is missing, that
-- somebody is told when nobody collects; and what the force is owed: the outcome.

alter table dispatch
  add column sequence    bigint check (sequence >= 1),
  add column report_at   timestamptz,
  add column reported_at timestamptz,
  add column outcome_at  timestamptz;
comment on column dispatch.sequence is 'Its number in its recipient''s pull queue, from 1 and without a gap; given moments after release. What nobody there may know of has none.';
comment on column dispatch.report_at is 'When somebody is told that it is not collected, and from then on once a day; null for what is pushed.';
comment on column dispatch.reported_at is 'When it was first told that nobody had collected it.';
grant select (sequence, report_at, reported_at, outcome_at) on dispatch to daymark_auditor;
grant update (report_at, outcome_at) on dispatch to daymark_app;

-- What is under lease stands in no collector's way: of the old index a collect walked past all that was collected and not answered yet.
drop index dispatch_waiting;
create index dispatch_waiting on dispatch
  (recipient_id, (case victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 else 2 end), due_by, id)
  where state = 'released';
create index dispatch_leased on dispatch (recipient_id, lease_until) where state = 'collected';
-- Where a queue begins changes with every collect, and an index that is not vacuumed still begins where it began.
alter table dispatch set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
-- A head moves with every event of its stream, in place where its page has room.
alter table audit_stream set (fillfactor = 60);
-- What is sealed cannot be made smaller.
alter table dispatch alter column content set storage external;

create unique index dispatch_sequence on dispatch (recipient_id, sequence) where sequence is not null;
create index dispatch_unnumbered on dispatch (recipient_id, id)
  where sequence is null and channel = 'pull_queue' and hold_reason is null and state not in ('planned', 'withdrawn');
create index dispatch_to_report on dispatch (report_at) where report_at is not null;

create table queue_number (
  recipient_id text primary key references recipient,
  last         bigint not null
);
comment on table queue_number is
  'The last number given in each queue. The worker alone moves it, after the fact: no notification waits for a counter.';
alter table queue_number enable row level security;
grant select, insert, update on queue_number to daymark_worker;
create policy worker on queue_number for all to daymark_worker using (true) with check (true);
grant select on queue_number to daymark_app, daymark_auditor;
create policy own on queue_number for select to daymark_app
  using (exists (select from recipient r where r.id = recipient_id and r.agency = daymark_agency()));
create policy auditor on queue_number for select to daymark_auditor using (true);

-- One statement, so that two collectors never get the same dispatch, and every head it is chained to at once. Here and not in
-- the caller's own rights, because these are asked once a queue and not thrice a row: measured, they were most of a collect.
-- A lease that has ended is taken too: the queue does not wait for the due loop to put it back. `next_at` is nextAttention() of a leased row.
create function collect_dispatches(queue text, tokens text[], at timestamptz, until timestamptz)
  returns table (
    id text, notification_id text, service text, kind text, about text, asks text, restricted boolean, victim_risk text, overdue boolean,
    late_on_arrival boolean, release_at text, due_by text, collected_at text, delivered_at text, sequence bigint,
    content bytea, wrapped bytea, wrapped_by text, head_seq bigint, head_hash bytea,
    before text, leased_until text, set_aside_until text, lease_token text)
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
  most int := cardinality(tokens);
  caller text := public.daymark_agency();
begin
  -- Of a suspended route nothing is handed out: its key may be in other hands.
  if not exists (select from public.recipient r where r.id = queue and r.agency = caller and r.channel = 'pull_queue'
      and (r.suspended_until is null or r.suspended_until <= at)) then
    return;
  end if;
  return query
  with waiting as (
    select d.id, d.state as before, d.lease_until as leased_until,
      case d.victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 else 2 end as urgency, d.due_by
    from public.dispatch d
    where d.recipient_id = queue and d.state = 'released' and d.agency = caller and (d.lease_until is null or d.lease_until <= at)
      and (d.set_aside_until is null or d.set_aside_until <= at) and not d.changing and d.replaced_by is null and d.hold_reason is null
    order by case d.victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 else 2 end, d.due_by, d.id
    limit most for update skip locked),
  -- By the end of their leases: where more have ended than are asked for, the due loop has put the rest back in a moment.
  lapsed as (
    select d.id, d.state as before, d.lease_until as leased_until,
      case d.victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 else 2 end as urgency, d.due_by
    from public.dispatch d
    where d.recipient_id = queue and d.state = 'collected' and d.lease_until <= at and d.agency = caller
      and (d.set_aside_until is null or d.set_aside_until <= at) and not d.changing and d.replaced_by is null
    order by d.lease_until limit most for update skip locked),
  chosen as (
    select c.id, c.before, c.leased_until, row_number() over (order by c.urgency, c.due_by, c.id) as place
    from (select * from waiting union all select * from lapsed) c (id, before, leased_until, urgency, due_by)
    order by place limit most),
  taken as (
    update public.dispatch d set state = 'collected', collected_at = coalesce(d.collected_at, at), lease_token = tokens[c.place],
      lease_until = until, next_at = least(until, d.escalate_at, case when d.overdue then null else d.due_by end)
    from chosen c where d.id = c.id
    returning d.id, d.notification_id, d.service, d.kind, d.about, d.asks, d.restricted, d.victim_risk, d.overdue, d.late_on_arrival,
      d.release_at, d.due_by, d.collected_at, d.delivered_at, d.sequence, d.content, d.set_aside_until, d.lease_token,
      c.before, c.leased_until, c.place),
  -- Each with the head of its stream, locked in the order in which everybody locks them.
  headed as (
    select t.*, s.seq as head_seq, s.hash as head_hash
    from taken t (id, notification_id, service, kind, about, asks, restricted, victim_risk, overdue, late_on_arrival, release_at, due_by, collected_at,
      delivered_at, sequence, content, set_aside_until, lease_token, before, leased_until, place)
    join public.audit_stream s on s.id = t.notification_id order by s.id for no key update of s)
  select t.id, t.notification_id, t.service, t.kind, array_to_json(t.about)::text, t.asks, t.restricted, t.victim_risk, t.overdue, t.late_on_arrival,
    t.release_at::text, t.due_by::text, t.collected_at::text, t.delivered_at::text, t.sequence,
    t.content, k.wrapped, k.wrapped_by, t.head_seq, t.head_hash, t.before, t.leased_until::text, t.set_aside_until::text, t.lease_token
  from headed t join public.data_key k on k.notification_id = t.notification_id
  order by t.place;
end $$;
revoke execute on function collect_dispatches from public;
grant execute on function collect_dispatches to daymark_app;
comment on function collect_dispatches is 'Leases the most urgent dispatches of a queue of the caller''s agency, and of no other''s, and locks the streams they are recorded in.';

-- The events of what was collected, to the streams of dispatches of the caller's agency alone. Their chain is the caller's to
-- work out; a head that has moved since it was read moves nothing, and the caller's transaction fails. Each list is one text, an
-- entry a line: no id and no canonical JSON holds a line's end, and as arrays they cost as much to write as everything they say.
create function append_collected(streams text, seqs text, hashes text, ids text, of text, numbers text, at timestamptz,
    kinds text, actors text, dispatches text, bodies text, links text) returns int
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  moved int;
  to_streams text[] := string_to_array(streams, e'\n');
  of_streams text[] := string_to_array(of, e'\n');
  of_dispatches text[] := string_to_array(dispatches, e'\n');
begin
  if exists (
    select from unnest(of_streams, of_dispatches) as e (stream, dispatch) left join public.dispatch d on d.id = e.dispatch
    where d.agency is distinct from public.daymark_agency() or d.notification_id is distinct from e.stream)
    or exists (select from unnest(to_streams) as s (id) where s.id <> all (of_streams)) then
    raise exception 'another agency''s stream' using errcode = 'insufficient_privilege';
  end if;
  update public.audit_stream s set seq = h.seq::bigint, hash = decode(h.hash, 'hex')
  from unnest(to_streams, string_to_array(seqs, e'\n'), string_to_array(hashes, e'\n')) as h (id, seq, hash)
  where s.id = h.id and s.seq < h.seq::bigint;
  get diagnostics moved = row_count;
  insert into public.audit_event (id, stream, seq, at, kind, actor, dispatch, body, hash)
  select e.id, e.stream, e.seq::bigint, append_collected.at, e.kind, e.actor, e.dispatch, e.body, decode(e.hash, 'hex')
  from unnest(string_to_array(ids, e'\n'), of_streams, string_to_array(numbers, e'\n'), string_to_array(kinds, e'\n'),
    string_to_array(actors, e'\n'), of_dispatches, string_to_array(bodies, e'\n'), string_to_array(links, e'\n'))
    as e (id, stream, seq, kind, actor, dispatch, body, hash);
  return moved;
end $$;
revoke execute on function append_collected from public;
grant execute on function append_collected to daymark_app;

-- ------------------------------------------------------------------------------------------------- outcomes, to the force

create table outcome_webhook (
  agency     text primary key,
  url        text not null,
  data_key   bytea not null,
  wrapped_by text not null,
  sealed     bytea not null,
  written_at timestamptz not null,
  written_by text not null,
  disabled_at timestamptz
);
comment on table outcome_webhook is 'Where a force hears of outcomes. Sealed: the secret its calls are signed with, and the one before it.';

create table outcome_notice (
  id              text primary key,
  agency          text not null,
  notification_id text not null references notification,
  dispatch_id     text not null references dispatch,
  code            text not null,
  at              timestamptz not null,
  state           text not null default 'waiting' check (state in ('waiting', 'delivered', 'given_up')),
  next_at         timestamptz,
  attempts        int not null default 0,
  fence           int not null default 0,
  lease_token     text,
  lease_until     timestamptz,
  ended_at        timestamptz,
  check ((next_at is null) = (state <> 'waiting'))
);
comment on table outcome_notice is 'One outcome on its way to its force. Its row is its own outbox, as a dispatch''s is.';
create index outcome_notice_due on outcome_notice (next_at) where next_at is not null;
create index outcome_notice_dispatch on outcome_notice (dispatch_id);

create table outcome_attempt (
  id         text primary key,
  notice_id  text not null references outcome_notice,
  number     int not null,
  started_at timestamptz not null,
  ended_at   timestamptz,
  outcome    text check (outcome in ('delivered', 'refused', 'failed', 'timed_out', 'blocked', 'unknown')),
  status     int,
  detail     text,
  unique (notice_id, number)
);
comment on table outcome_attempt is 'One call. The row is written before the POST; without an outcome after its lease it reads as unknown.';

alter table outcome_webhook enable row level security;
alter table outcome_notice enable row level security;
alter table outcome_attempt enable row level security;
grant select, insert, update on outcome_webhook to daymark_app;
create policy own on outcome_webhook for all to daymark_app
  using (daymark_agency() in (agency, 'operator')) with check (daymark_agency() in (agency, 'operator'));
grant select, insert, update on outcome_webhook, outcome_notice, outcome_attempt to daymark_worker;
grant select on outcome_notice, outcome_attempt to daymark_auditor;
grant select (agency, url, written_at, written_by, disabled_at) on outcome_webhook to daymark_auditor;
do $$
declare t text;
begin
  foreach t in array array['outcome_webhook', 'outcome_notice', 'outcome_attempt'] loop
    execute format('create policy worker on %I for all to daymark_worker using (true) with check (true)', t);
    execute format('create policy auditor on %I for select to daymark_auditor using (true)', t);
  end loop;
end $$;

-- Whoever answers may not see whether its force listens: it leaves a notice, or does not, by this and by nothing else.
create function tell_force_of_outcome(notice text, answered text, at timestamptz) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.outcome_notice (id, agency, notification_id, dispatch_id, code, at, next_at)
  select notice, d.force, d.notification_id, d.id, d.outcome, at, at
  from public.dispatch d join public.outcome_webhook w on w.agency = d.force
  where d.id = answered and d.agency = public.daymark_agency() and d.outcome is not null
$$;
revoke execute on function tell_force_of_outcome from public;
grant execute on function tell_force_of_outcome to daymark_app;

-- ------------------------------------------------------------------------------------------------------- who waits, and for what

-- One statement for everybody who waits in a process, whatever their agencies: it says how many could be collected and nothing else.
create function waiting_in_queues(queues text[], at timestamptz, most int) returns table (queue text, waiting bigint)
  language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp set enable_seqscan = off as $$
begin
  return query select q.id, (select count(*) from (
    (select 1 from public.dispatch d where d.recipient_id = q.id and d.state = 'released' and not d.changing and d.replaced_by is null
      and d.hold_reason is null and (d.lease_until is null or d.lease_until <= at) and (d.set_aside_until is null or d.set_aside_until <= at) limit most)
    union all
    (select 1 from public.dispatch d where d.recipient_id = q.id and d.state = 'collected' and d.lease_until <= at
      and not d.changing and d.replaced_by is null limit most)) there)
  from unnest(queues) as q (id) join public.recipient r on r.id = q.id and (r.suspended_until is null or r.suspended_until <= at);
end $$;
revoke execute on function waiting_in_queues from public;
grant execute on function waiting_in_queues to daymark_app;
