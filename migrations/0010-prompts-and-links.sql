-- What is said by e-mail: prompts that ask a contact to look, and the links by which somebody at a school sees an alert. Neither
-- row holds a person: addresses stand sealed in the directory and are read when a mail is sent.

create table prompt (
  id           text primary key,
  key          text not null unique,
  why          text not null check (why in ('alert waiting', 'deputy asked', 'not collected', 'task overdue', 'silence', 'out of hours')),
  recipient_id text not null references recipient,
  role         text not null check (role in ('key_adult', 'deputy', 'duty')),
  dispatch_id  text references dispatch on delete cascade,
  task_id      text references task on delete cascade,
  urgency      text not null check (urgency in ('now', 'today')),
  state        text not null default 'due' check (state in ('due', 'sent', 'not_sent', 'not_needed')),
  opened_at    timestamptz not null,
  try_until    timestamptz not null,
  next_at      timestamptz,
  attempts     int not null default 0,
  cause        text,
  ended_at     timestamptz,
  check ((next_at is null) = (state <> 'due'))
);
comment on table prompt is 'A content-free e-mail that asks a contact of a recipient to look. One a key, ever.';
comment on column prompt.attempts is 'Raised before each sending; whoever settles with an older count came too late.';
comment on column prompt.cause is 'Why the last sending failed: a word for engineers, never what a server said.';
create index prompt_due on prompt (next_at) where next_at is not null;
create index prompt_dispatch on prompt (dispatch_id) where dispatch_id is not null;

create table link (
  id           text primary key,
  dispatch_id  text not null references dispatch on delete cascade,
  recipient_id text not null references recipient,
  contact      text not null check (contact in ('mailbox', 'key_adult', 'deputy', 'duty')),
  issued_at    timestamptz not null,
  expires_at   timestamptz not null,
  opened_at    timestamptz,
  opened_by    bytea,
  used_at      timestamptz,
  refused_at   timestamptz,
  used_for     text check (used_for in ('acknowledged', 'seen_by_deputy', 'not_here')),
  check ((opened_at is null) = (opened_by is null)),
  check ((used_at is null) = (used_for is null)),
  check (used_at is null or opened_at is not null)
);
comment on table link is 'One link in one mail. Its token is signed over what stands here, so that a row cannot be turned to another dispatch.';
comment on column link.refused_at is 'When somebody last stood before it in vain; told once an hour.';
comment on column link.opened_by is 'SHA-256 of the cookie of the browser that opened it: no other one sees what it shows.';
create index link_dispatch on link (dispatch_id);

-- Whom planning found clear of everybody in the notification, as HMACs of their addresses: a contact that the directory
-- names later, who may be the very person who must not hear, is never written to about it.
alter table dispatch add column clear_contacts bytea[] not null default '{}';
comment on column dispatch.clear_contacts is 'HMACs of the addresses that may be written to about it: the recipient''s contacts when it was planned.';

alter table prompt enable row level security;
alter table link enable row level security;

-- Whoever acts may have somebody asked to look; nobody but the worker sees whom.
grant insert (id, key, why, recipient_id, role, dispatch_id, task_id, urgency, opened_at, try_until, next_at) on prompt to daymark_app;
create policy ask on prompt for insert to daymark_app with check (daymark_agency() is not null);
grant select, insert, update on prompt, link to daymark_worker;
create policy worker on prompt for all to daymark_worker using (true) with check (true);
create policy worker on link for all to daymark_worker using (true) with check (true);
grant select (id, why, recipient_id, role, dispatch_id, task_id, urgency, state, opened_at, next_at, attempts, cause, ended_at) on prompt to daymark_auditor;
grant select (id, dispatch_id, recipient_id, contact, issued_at, expires_at, opened_at, used_at, used_for) on link to daymark_auditor;
create policy auditor on prompt for select to daymark_auditor using (true);
create policy auditor on link for select to daymark_auditor using (true);

-- Whoever has the link acts for its recipient's agency, and only once the signature was found to be ours.
grant select, update (opened_at, opened_by, used_at, used_for, refused_at) on link to daymark_app;
create policy own on link for select to daymark_app using (exists (
  select from recipient r where r.id = recipient_id and r.agency = daymark_agency()));
create policy own_use on link for update to daymark_app using (exists (
  select from recipient r where r.id = recipient_id and r.agency = daymark_agency()));
create function link_presented(presented text)
  returns table (id text, dispatch_id text, recipient_id text, contact text, expires_at timestamptz, agency text, force text)
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select l.id, l.dispatch_id, l.recipient_id, l.contact, l.expires_at, d.agency, d.force
  from public.link l join public.dispatch d on d.id = l.dispatch_id where l.id = presented
$$;
revoke execute on function link_presented from public;
grant execute on function link_presented to daymark_app;
comment on function link_presented is 'What a link was made for, to check its signature against; one id at a time, and nothing a dispatch says.';

-- A mail that was taken says nothing, so nobody has seen anything until its link is opened. What nobody has seen is withdrawn when it
-- is no longer so, and must not be recalled by name: that would be the first they hear of the child.
alter table dispatch add column mailed boolean not null default false;
alter table dispatch add column link_opened_at timestamptz;
alter table dispatch add column shown boolean not null generated always as (
  collected_at is not null or acknowledged_at is not null or link_opened_at is not null or delivered_at is not null and not mailed) stored;
comment on column dispatch.mailed is 'It was delivered as a mail, which holds nothing of what it says.';
comment on column dispatch.link_opened_at is 'When somebody first opened a link to it.';
comment on column dispatch.shown is 'Somebody there has seen what it says: the one place that says what counts as that.';
grant update (link_opened_at) on dispatch to daymark_app;
grant select (shown) on dispatch to daymark_auditor;

-- A link that nobody has opened is held back as what nobody has collected is.
create function link_unopened(state text, shown boolean, dispatch text) returns boolean
  language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select state in ('delivered', 'given_up') and not shown and exists (select from public.link l where l.dispatch_id = dispatch)
$$;
comment on function link_unopened is 'Whether somebody could still be shown it for the first time at a link.';

create or replace function hold_back_dispatches(in_agency text, reference text, below int) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with waiting as (
    select d.id from public.dispatch d join public.notification older on older.id = d.notification_id
    where older.agency = in_agency and older.police_reference = reference and older.version < below
      and (d.state in ('planned', 'released', 'collected') or public.link_unopened(d.state, d.shown, d.id))
    order by d.id for update of d)
  update public.dispatch d set changing = true from waiting where d.id = waiting.id
$$;

create or replace function hold_back_unseen(of_notifications text[]) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  with waiting as (
    select d.id from public.dispatch d
    where d.notification_id = any(of_notifications) and d.kind <> 'recall' and not d.changing
      and (d.state in ('planned', 'released', 'collected') or d.state = 'held' and d.hold_reason is not null
        or public.link_unopened(d.state, d.shown, d.id))
    order by d.id for update of d)
  update public.dispatch d set changing = true from waiting where d.id = waiting.id
$$;

create or replace function look_again_at_dispatches_to(recipients text[], agencies text[], at timestamptz) returns bigint
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
    and d.kind <> 'recall' and (d.state in ('planned', 'released', 'collected') or d.state = 'held' and d.hold_reason is not null
      or public.link_unopened(d.state, d.shown, d.id));
  if told is null then return 0; end if;
  return public.look_again_at(told, '{}', false, at);
end $$;
