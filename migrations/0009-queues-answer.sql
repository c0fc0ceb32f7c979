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
  if not exists (select from public.recipient r where r.id = queue and r.agency = caller and r.channel = 'pull_queue') then
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
  heads as (
    select s.id, s.seq, s.hash from public.audit_stream s
    where s.id in (select t.notification_id from taken t) order by s.id for no key update)
  select t.id, t.notification_id, t.service, t.kind, array_to_json(t.about)::text, t.asks, t.restricted, t.victim_risk, t.overdue, t.late_on_arrival,
    t.release_at::text, t.due_by::text, t.collected_at::text, t.delivered_at::text, t.sequence,
    t.content, k.wrapped, k.wrapped_by, h.seq, h.hash, t.before, t.leased_until::text, t.set_aside_until::text, t.lease_token
  from taken t join public.data_key k on k.notification_id = t.notification_id left join heads h on h.id = t.notification_id
  order by t.place;
end $$;
revoke execute on function collect_dispatches from public;
grant execute on function collect_dispatches to daymark_app;
comment on function collect_dispatches is 'Leases the most urgent dispatches of a queue of the caller''s agency, and of no other''s, and locks the streams they are recorded in.';

-- The events of what was collected, to the streams of dispatches of the caller's agency alone. Their chain is the caller's to
-- work out; a head that has moved since it was read moves nothing, and the caller's transaction fails.
create function append_collected(streams text[], seqs bigint[], hashes bytea[], ids text[], of text[], numbers bigint[], at timestamptz,
    kinds text[], actors text[], dispatches text[], bodies text[], links bytea[]) returns int
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare moved int;
begin
  if exists (
    select from unnest(of, dispatches) as e (stream, dispatch) left join public.dispatch d on d.id = e.dispatch
    where d.agency is distinct from public.daymark_agency() or d.notification_id is distinct from e.stream)
    or exists (select from unnest(streams) as s (id) where s.id <> all (of)) then
    raise exception 'another agency''s stream' using errcode = 'insufficient_privilege';
  end if;
  update public.audit_stream s set seq = h.seq, hash = h.hash
  from unnest(streams, seqs, hashes) as h (id, seq, hash) where s.id = h.id and s.seq < h.seq;
  get diagnostics moved = row_count;
  insert into public.audit_event (id, stream, seq, at, kind, actor, dispatch, body, hash)
  select e.id, e.stream, e.seq, append_collected.at, e.kind, e.actor, e.dispatch, e.body, e.hash
  from unnest(ids, of, numbers, kinds, actors, dispatches, bodies, links) as e (id, stream, seq, kind, actor, dispatch, body, hash);
  return moved;
end $$;
revoke execute on function append_collected from public;
grant execute on function append_collected to daymark_app;
