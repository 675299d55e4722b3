-- What mails are known again by, longer than anything else of them is kept. A digest under a key that lies
-- outside the database, of no request and of no day: each sweep writes all of them anew, in their own
-- order, and deletes those of mails that are too old to count by themselves.
create table lacuna.mail_digest (
    org_id text not null,
    digest bytea not null check (octet_length(digest) = 32),
    -- The Monday of the week in which the mail was taken.
    week date not null check (extract(isodow from week) = 1),
    primary key (org_id, digest)
);

alter table lacuna.mail_digest enable row level security;
alter table lacuna.mail_digest force row level security;
