-- The register of schools says which have closed, and when. A closed school keeps its row: police go on naming it, and its row
-- leads to its successor or has a person ask where the child is now.

alter table recipient add column closed_on text check (closed_on ~ '^\d{4}-\d{2}-\d{2}$');
comment on column recipient.closed_on is
  'The day a school closed. Nothing is sent to it: its successor is told in its place, and without one a person is asked.';
grant select (closed_on) on recipient to daymark_app, daymark_auditor;
