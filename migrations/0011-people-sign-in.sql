-- People who sign in: one row a session, so that it can be ended here at any moment. A browser holds a random word, and only
-- its hash stands here; who the person is to their identity provider stands sealed, and everything else is ids and times.

create table person_session (
  id            text primary key,
  cookie_hash   bytea not null unique,
  person        text not null,
  provider_hash bytea,
  agency        text not null,
  scopes        text[] not null,
  desks         text[] not null check (desks <@ array['domestic_abuse_review', 'pitstop', 'mash', 'directory']),
  data_key      bytea not null,
  wrapped_by    text not null,
  sealed        bytea not null,
  started_at    timestamptz not null,
  seen_at       timestamptz not null,
  ends_at       timestamptz not null,
  ended_at      timestamptz,
  ended_by      text,
  ended_why     text check (ended_why in ('signed out', 'signed in again', 'revoked', 'signed out at the provider', 'roles gone', 'too many')),
  check ((ended_at is null) = (ended_why is null) and (ended_at is null) = (ended_by is null))
);
comment on column person_session.cookie_hash is 'SHA-256 of the 256 random bits in the cookie: whoever reads this table can sign in as nobody.';
comment on column person_session.person is 'A keyed hash of issuer and subject: the actor of every event, and nobody''s name.';
comment on column person_session.provider_hash is 'A keyed hash of issuer and the provider''s own session id, by which it tells us that the session has ended.';
comment on column person_session.sealed is 'Sealed: issuer, subject and name, as the identity provider gave them.';
create index person_session_person on person_session (person) where ended_at is null;
create index person_session_provider on person_session (provider_hash) where ended_at is null;
create index person_session_living on person_session (ends_at) where ended_at is null;
-- An agency is known by its keys, its recipients or what it has sent; nobody had asked by agency before.
create index recipient_agency on recipient (agency);

alter table person_session enable row level security;
grant select, insert, update (seen_at, ended_at, ended_by, ended_why) on person_session to daymark_app;
create policy own on person_session for all to daymark_app
  using (daymark_agency() in ('operator', agency)) with check (daymark_agency() in ('operator', agency));
create policy worker on person_session for all to daymark_worker using (true) with check (true);
grant select on person_session to daymark_worker;
-- The auditor sees who could see what and when, and no name.
grant select (id, person, agency, scopes, desks, started_at, seen_at, ends_at, ended_at, ended_by, ended_why) on person_session to daymark_auditor;
create policy auditor on person_session for select to daymark_auditor using (true);

-- Who holds a session is told to whoever presents its cookie, one hash at a time, as it is with keys. It is asked for every
-- request, and written once a minute at most.
create function session_of(presented bytea, at timestamptz, idle_since timestamptz)
  returns table (id text, person text, agency text, scopes text[], desks text[], started_at timestamptz, ends_at timestamptz,
                 data_key bytea, wrapped_by text, sealed bytea)
  language sql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
  with seen as (
    update public.person_session s set seen_at = at
    where s.cookie_hash = presented and s.ended_at is null and s.ends_at > at and s.seen_at > idle_since
      and s.seen_at < at - interval '1 minute')
  select s.id, s.person, s.agency, s.scopes, s.desks, s.started_at, s.ends_at, s.data_key, s.wrapped_by, s.sealed
  from public.person_session s
  where s.cookie_hash = presented and s.ended_at is null and s.ends_at > at and s.seen_at > idle_since
$$;
revoke execute on function session_of from public;
grant execute on function session_of to daymark_app;

create function agency_standing(of_agency text) returns table (known boolean, is_force boolean, services text[])
  language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with found as (
    select
      exists (select from public.api_key k where k.agency = of_agency and k.revoked_at is null) as has_key,
      exists (select from public.api_key k where k.agency = of_agency and k.revoked_at is null and 'notifications:write' = any(k.scopes))
        or exists (select from public.notification n where n.agency = of_agency) as sends,
      array(select distinct r.service from public.recipient r where r.agency = of_agency order by 1) as told)
  select of_agency = 'operator' or has_key or sends or told <> '{}', sends, told from found
$$;
revoke execute on function agency_standing from public;
grant execute on function agency_standing to daymark_app;
comment on function agency_standing is
  'What is known of an agency that a role claim names. A function, because nobody is signed in yet and row-level security shows nobody anything.';
