-- Who hears in a recipient's place while nobody is there. The id of a recipient is no secret, and it stands apart from what is
-- sealed so that triage finds both in one look; a telephone number stays sealed with the contacts.
alter table recipient add column out_of_hours_recipient text;
comment on column recipient.out_of_hours_recipient is 'Another recipient, such as an emergency duty team: told too of a high or ungraded risk outside hours.';
grant select (out_of_hours_recipient) on recipient to daymark_app, daymark_auditor;
