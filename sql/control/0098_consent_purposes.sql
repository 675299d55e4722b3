-- Consent to one thing is none to another: an entry says to what.
alter table lacuna.consent_event drop constraint consent_event_purpose_check;
alter table lacuna.consent_event add constraint consent_event_purpose_check
    check (purpose in ('call_recording', 'feedback', 'marketing'));

drop index lacuna.consent_event_once;
create unique index consent_event_once on lacuna.consent_event
    (org_id, call_key, purpose, status, method, occurred_at) where call_key is not null;
