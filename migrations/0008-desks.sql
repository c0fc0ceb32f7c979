-- What a person does with a task (contract §3): claims it under a lease, puts a decision to a second person, decides, and by that
-- ends its clock. A decision is final, so nothing here is ever overwritten by a later one.

alter table task
  add claimed_by         text,
  add claimed_until      timestamptz,
  add fence              int not null default 0,
  add proposed_by        text,
  add proposed_at        timestamptz,
  add proposed_decision  text check (proposed_decision in ('refer', 'notify', 'no_further_action', 'pitstop', 'regrade', 'resolve')),
  add proposed_rationale bytea,
  add proposed_saw       bytea,
  add decided_by         text,
  add decision           text check (decision in ('refer', 'notify', 'no_further_action', 'pitstop', 'regrade', 'resolve')),
  add rationale          bytea,
  add decision_hmac      bytea,
  add services           text[] not null default '{}',
  add grade              text check (grade in ('standard', 'medium', 'high')),
  add chosen_recipient   text,
  add settled            bytea[] not null default '{}',
  add rings              int not null default 0,
  add ring_at            timestamptz,
  add check ((state = 'claimed') = (claimed_by is not null)),
  add check ((claimed_by is null) = (claimed_until is null)),
  add check ((proposed_by is null) = (proposed_decision is null) and (proposed_by is null) = (proposed_rationale is null)),
  add check (decision is null or (state = 'decided' and decided_by is not null and rationale is not null and decision_hmac is not null)),
  add check (proposed_by is null or proposed_by is distinct from decided_by or proposed_decision is distinct from decision);
comment on column task.claimed_by is 'Who works on it until claimed_until. After that it is anybody''s again, whether or not the due loop has come by.';
comment on column task.fence is 'Rises with every claim, so that whoever held an earlier one can be told apart.';
comment on column task.proposed_by is 'Whoever decided first where a second person is needed; the decision stands once somebody else decides the same.';
comment on column task.proposed_saw is 'What they had before them: a proposal made of other questions counts for nothing.';
comment on column task.rationale is 'Sealed with the notification''s data key, or with the recipient''s for the directory''s own upkeep; so is proposed_rationale.';
comment on column task.decision_hmac is 'Of the whole decision as it was sent: the same again from the same person is answered the same.';
comment on column task.settled is
  'HMACs, under the notification''s data key, of each question with the findings it rests on: the same is not asked again, and other facts are.';
comment on column task.ring_at is 'When the duty contact of an overdue task is rung next; null once that has been done often enough.';

create index task_waiting on task
  (agency, (case victim_risk when 'high' then 0 when 'not_graded' then 0 when 'medium' then 1 when 'standard' then 2 else 3 end), due_by, id)
  where state <> 'decided';
-- What was decided about a notification is read whenever it is triaged again.
create index task_decided on task (notification_id) where decision is not null;

-- A claim and a release are all that the API's own role writes; deciding plans dispatches, and acts as the worker (decision 0014).
grant update (state, claimed_by, claimed_until, fence, next_at) on task to daymark_app;

create function works_on(stream text) returns boolean language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select from public.task t where t.notification_id = stream and t.agency = public.daymark_agency())
$$;
revoke execute on function works_on from public;
grant execute on function works_on to daymark_app;
comment on function works_on is 'Whoever has a task about a notification adds to its timeline, whosever notification it is.';
create policy heads_of_tasks on audit_stream for all to daymark_app using (works_on(id)) with check (works_on(id));
create policy append_of_tasks on audit_event for insert to daymark_app with check (works_on(stream));

create function background_of_task(of_task text)
  returns table (state text, police_reference text, version int, body bytea, record bytea, wrapped bytea, wrapped_by text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select n.state, n.police_reference, n.version, n.body, n.record, k.wrapped, k.wrapped_by
  from public.task t join public.notification n on n.id = t.notification_id left join public.data_key k on k.notification_id = n.id
  where t.id = of_task and t.agency = public.daymark_agency()
$$;
revoke execute on function background_of_task from public;
grant execute on function background_of_task to daymark_app;
comment on function background_of_task is
  'What a task rests on, for the agency whose desk it stands on and by one task at a time: a desk is not given the notifications themselves.';

grant select (claimed_by, claimed_until, fence, proposed_by, proposed_at, proposed_decision, decided_by, decision, services, grade,
              chosen_recipient, rings, ring_at) on task to daymark_auditor;
