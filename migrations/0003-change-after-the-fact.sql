-- What changes after somebody was told: newer versions, withdrawal, and referrals made by telephone.

alter table dispatch add column concerns text references dispatch;
alter table dispatch add column replaced_by text references dispatch;
comment on column dispatch.concerns is 'Of a correction or recall: the earlier dispatch it is about.';
comment on column dispatch.replaced_by is
  'A later dispatch says it as it is now, or recalls it. What this one said is shown to nobody any more; it stands sealed, as proof.';
create index dispatch_replaced on dispatch (replaced_by) where replaced_by is not null;
create index dispatch_concerns on dispatch (concerns) where concerns is not null;
grant select (concerns, replaced_by) on dispatch to daymark_auditor;

alter table notification add column telephoned boolean not null default false;
comment on column notification.telephoned is 'A referral by telephone was logged: triage reads them, and asks for each that wants confirming in writing.';
grant select (telephoned) on notification to daymark_auditor;

create table change_reason (
  notification_id text not null references notification,
  change          text not null check (change in ('version', 'withdrawal')),
  reason          bytea not null,
  said_at         timestamptz not null,
  said_by         text not null,
  primary key (notification_id, change)
);
comment on column change_reason.reason is 'Sealed with the notification''s data key: why the force changed it, in its own words. In no event.';

create table telephone_referral (
  id              text primary key,
  notification_id text not null references notification,
  service         text not null,
  spoken_to       bytea not null,
  at              timestamptz not null,
  logged_at       timestamptz not null,
  logged_by       text not null,
  unique (notification_id, service, at)
);
comment on table telephone_referral is 'What was referred by telephone before or beside any dispatch. Who was spoken to is sealed.';

alter table change_reason enable row level security;
alter table telephone_referral enable row level security;
grant insert on change_reason to daymark_intake;
create policy intake on change_reason for insert to daymark_intake with check (true);
grant select, insert on change_reason, telephone_referral to daymark_app;
create policy own on change_reason for all to daymark_app
  using (exists (select from notification n where n.id = notification_id and n.agency = daymark_agency()))
  with check (exists (select from notification n where n.id = notification_id and n.agency = daymark_agency()));
create policy own on telephone_referral for all to daymark_app
  using (exists (select from notification n where n.id = notification_id and n.agency = daymark_agency()))
  with check (exists (select from notification n where n.id = notification_id and n.agency = daymark_agency()));
grant select on change_reason, telephone_referral to daymark_worker;
create policy worker on change_reason for select to daymark_worker using (true);
create policy worker on telephone_referral for select to daymark_worker using (true);

-- From the moment a newer version or a withdrawal stands here nobody may collect, and no attempt may begin, what an older
-- version says: it may show an address that has become protected. Triage, moments later, settles each of them.

alter table dispatch add column changing boolean not null default false;
comment on column dispatch.changing is 'A newer version or a withdrawal came: not collected, not sent, until triage has settled what is told instead.';

create function hold_back_dispatches(in_agency text, reference text, below int) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with waiting as (
    select d.id from public.dispatch d join public.notification older on older.id = d.notification_id
    where older.agency = in_agency and older.police_reference = reference and older.version < below
      and d.state in ('planned', 'released', 'collected')
    order by d.id for update of d)
  update public.dispatch d set changing = true from waiting where d.id = waiting.id
$$;
revoke execute on function hold_back_dispatches from public;

create function hold_back_older_versions() returns trigger
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  -- One that comes late, behind a newer one, decides nothing: what it held back nobody would ever let go again.
  if not exists (select from public.notification newer where newer.agency = new.agency
    and newer.police_reference = new.police_reference and newer.version > new.version) then
    perform public.hold_back_dispatches(new.agency, new.police_reference, new.version);
  end if;
  return null;
end $$;
revoke execute on function hold_back_older_versions from public;
create trigger hold_back_older_versions after insert on notification
  for each row when (new.version > 1) execute function hold_back_older_versions();

-- The API may change two things of its own force's notification and no more: withdraw it, and have it looked at again.

create function withdraw_notification(withdrawn text, at timestamptz) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
declare reference text; number int;
begin
  update public.notification n set state = 'withdrawn', next_at = at, hinted_until = null
  where n.id = withdrawn and n.agency = public.daymark_agency() and n.state in ('received', 'triaged')
    and not exists (select from public.notification newer where newer.agency = n.agency
      and newer.police_reference = n.police_reference and newer.version > n.version)
  returning n.police_reference, n.version into reference, number;
  if number is null then return false; end if;
  perform public.hold_back_dispatches(public.daymark_agency(), reference, number + 1);
  return true;
end $$;
revoke execute on function withdraw_notification from public;
grant execute on function withdraw_notification to daymark_app;
comment on function withdraw_notification is
  'Triage then recalls what was seen and takes back what was not. False where it is not the newest version, or was withdrawn before.';

create function note_telephone_referral(referred text, at timestamptz) returns void
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  update public.notification n set telephoned = true, next_at = case when n.state = 'triaged' then at else n.next_at end,
    hinted_until = case when n.state = 'triaged' then null else n.hinted_until end
  where n.id = referred and n.agency = public.daymark_agency() and n.state in ('received', 'triaged')
$$;
revoke execute on function note_telephone_referral from public;
grant execute on function note_telephone_referral to daymark_app;
