-- A dispatch that is held before anybody was told, because somebody in the notification would read it or a restriction forbids it.

alter table dispatch add column hold_reason text
  check (hold_reason in ('conflict_ring_contact', 'conflict_nobody_clear', 'restriction'));
alter table dispatch add check (hold_reason is null or state in ('held', 'withdrawn'));
comment on column dispatch.hold_reason is
  'Why it was never released. A dispatch that its own recipient gave back is held too, and has a return_reason instead.';
grant select (hold_reason) on dispatch to daymark_auditor;

-- The recipient's own agency is who must not see it. The force still does: it has to settle what becomes of it.
create policy held_from_its_recipient on dispatch as restrictive for all to daymark_app
  using (hold_reason is null or daymark_agency() = force) with check (hold_reason is null or daymark_agency() = force);
