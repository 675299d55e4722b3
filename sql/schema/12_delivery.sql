-- Delivery of bundles: the one-time links, how often a client may ask, and how many downloads run at once.

create table lacuna.delivery (
    request_id uuid primary key references lacuna.bundle on delete cascade,
    org_id text not null,
    token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    byte_count bigint not null check (byte_count >= 0),
    is_for_key boolean not null,
    content bytea not null,
    made_at timestamptz not null,
    expires_at timestamptz not null,
    code_hash text check (code_hash ~ '^[0-9a-f]{64}$'),
    code_until timestamptz,
    mailed_codes int not null default 0 check (mailed_codes >= 0),
    wrong_codes int not null default 0 check (wrong_codes >= 0),
    locked_at timestamptz,
    pass_hash text check (pass_hash ~ '^[0-9a-f]{64}$'),
    pass_until timestamptz,
    downloads int not null default 0 check (downloads >= 0),
    download_id uuid,
    downloaded_at timestamptz,
    expiry_seen_at timestamptz,
    constraint delivery_code check ((code_hash is null) = (code_until is null)),
    constraint delivery_pass check ((pass_hash is null) = (pass_until is null))
);
comment on table lacuna.delivery is
    'One-time links to bundles, one for each: the newest. Written by the officers, who make a link, and by the delivery, which records what happens to it; deleted with the bundle. Personal data: a mailbox, encrypted with a key that only the link contains.';
comment on column lacuna.delivery.request_id is 'The request whose bundle it is.';
comment on column lacuna.delivery.org_id is 'Tenant.';
comment on column lacuna.delivery.token_hash is
    'Keyed hash (HMAC-SHA-256) of the random token in the link. The token itself is stored nowhere.';
comment on column lacuna.delivery.digest is 'SHA-256 of the sealed file to be handed over.';
comment on column lacuna.delivery.byte_count is 'Size of the sealed file in bytes.';
comment on column lacuna.delivery.is_for_key is
    'Whether the bundle is encrypted for a key of the recipient, and not with a passphrase.';
comment on column lacuna.delivery.content is
    'The passphrase of the bundle, the mailbox for codes and the language. Personal data, encrypted with a key that is derived from the token.';
comment on column lacuna.delivery.made_at is 'When an officer made the link.';
comment on column lacuna.delivery.expires_at is 'When the link expires.';
comment on column lacuna.delivery.code_hash is 'Keyed hash of the newest code. NULL: none, or it was used.';
comment on column lacuna.delivery.code_until is 'When the code expires.';
comment on column lacuna.delivery.mailed_codes is 'Number of codes that were mailed.';
comment on column lacuna.delivery.wrong_codes is 'Number of wrong codes that were entered.';
comment on column lacuna.delivery.locked_at is
    'When too many wrong codes locked the link. NULL: it is not locked.';
comment on column lacuna.delivery.pass_hash is
    'Keyed hash of the random value that whoever entered the right code downloads with. NULL: nobody did.';
comment on column lacuna.delivery.pass_until is 'When that value expires.';
comment on column lacuna.delivery.downloads is 'Number of downloads that began.';
comment on column lacuna.delivery.download_id is 'Random id of the newest download; an older one stops.';
comment on column lacuna.delivery.downloaded_at is
    'When the bundle was sent completely. The sweep then deletes its file. NULL: not yet.';
comment on column lacuna.delivery.expiry_seen_at is
    'When somebody opened the link after it had expired. NULL: nobody did.';

alter table lacuna.delivery enable row level security;
alter table lacuna.delivery force row level security;

create table lacuna.delivery_client (
    bucket int primary key check (bucket between 0 and 4095),
    since timestamptz not null,
    visits int not null check (visits >= 0)
);
comment on table lacuna.delivery_client is
    'How often clients used the delivery in the current minutes; each client counts in one of 4096 rows. Written by the delivery. No personal data.';
comment on column lacuna.delivery_client.bucket is
    'Part of a keyed hash of the client''s network address: too short to tell clients apart.';
comment on column lacuna.delivery_client.since is 'When the count began.';
comment on column lacuna.delivery_client.visits is 'Number of visits since then.';

create table lacuna.delivery_slot (
    slot int primary key check (slot between 1 and 8),
    download_id uuid,
    until timestamptz not null
);
comment on table lacuna.delivery_slot is
    'Places for downloads that run at once, in all processes together. Written by the delivery. No personal data.';
comment on column lacuna.delivery_slot.slot is 'Number of the place.';
comment on column lacuna.delivery_slot.download_id is 'The download that has the place. NULL: none.';
comment on column lacuna.delivery_slot.until is
    'When the place is free again unless the download renews it: its process may have died.';
insert into lacuna.delivery_slot (slot, until)
select slot, '2000-01-01Z' from generate_series(1, 8) as slot;
