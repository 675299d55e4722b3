-- The ledger: what was about to be done and what was done, append-only, free of personal data.
--
-- Every column is an id, a time, a count, a digest or a word of a closed list or shape, so that
-- no text about a person fits in. Position and leaf hash are given here, under a lock, and not
-- by the writer: positions have no gap, and a hash always fits its row. `pipelines/lacuna/evidence`
-- computes the same hash by other means; the tests compare the two.
--
-- The triggers stop accidents and every role but the owner. Against the owner, and against a
-- backup that is put back, stands the checkpoint kept elsewhere.

create schema lacuna_evidence;

create table lacuna_evidence.entry (
    position bigint primary key check (position >= 0),
    at timestamptz not null check (at >= '2000-01-01Z' and at < '3000-01-01Z'),
    request_id uuid,
    batch_id uuid,
    phase text not null check (phase in ('intent', 'outcome')),
    action text not null check (action in (
        'received', 'resolved', 'planned', 'approved', 'refused', 'withdrawn', 'held',
        'anonymize_rows', 'redact_text', 'redact_mentions', 'delete_rows', 'delete_objects',
        'rewrite_objects', 'rectify', 'restrict', 'retain',
        'write_bundle', 'seal_bundle', 'release_bundle', 'delete_bundle',
        'verified', 'verification_failed', 'completed', 'nothing_found',
        'forget_working_copies', 'destroy_key',
        'sweep', 'rule_approved', 'publish_period', 'drop_legacy', 'checkpoint'
    )),
    -- schema.table.column (or {columns}, or *), store/pattern, a mart with its period. Other
    -- letters of a name stand as $ and two letters an octet: model/location.py.
    location text not null
        constraint entry_location_names_no_person check (
            location ~ (
                '^[A-Za-z_$][A-Za-z0-9_$-]{0,190}'
                '(\.[A-Za-z_$][A-Za-z0-9_$-]{0,190}){0,2}'
                '(\.(\*|\{[A-Za-z0-9_$,-]{1,200}\}))?'
                '(/[][A-Za-z0-9_$.*?!{},/-]{1,190})?'
                '( [0-9]{4}(-(W[0-9]{2}|[0-9]{2}(-[0-9]{2})?))?)?$'
            )
            and location !~ '[0-9]{7}'
            and length(location) <= 400
        ),
    -- JSON numbers are exact up to here.
    rows bigint check (rows between 0 and 9007199254740991),
    already bigint check (already between 0 and 9007199254740991),
    digest text check (digest ~ '^[0-9a-f]{64}$'),
    actor text not null
        constraint entry_actor_is_role_and_key_id check (
            actor ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'
        ),
    leaf_hash text not null check (leaf_hash ~ '^[0-9a-f]{64}$')
);

create index entry_request on lacuna_evidence.entry (request_id, position)
    where request_id is not null;

comment on table lacuna_evidence.entry is
    'Append-only. leaf_hash is SHA-256 of a zero byte and the row''s canonical JSON (RFC 8785).';

-- A statement of its own in READ COMMITTED: what the lock waited for is seen.
create function lacuna_evidence.complete_entry() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    next bigint;
    canonical text;
    hash text;
begin
    perform pg_advisory_xact_lock(7205982);
    select coalesce(max(position) + 1, 0) into next from lacuna_evidence.entry;
    if new.position <> next then
        raise exception 'ledger: the next position is %', next using errcode = 'check_violation';
    end if;
    new.position := next;
    -- RFC 8785: keys in order, no space. No string here can hold a character to escape: the
    -- checks above are tried on the row that this makes.
    canonical := format(
        '{"action":"%s","actor":"%s","already":%s,"at":"%s","batch_id":%s,"digest":%s,'
        '"location":"%s","phase":"%s","position":%s,"request_id":%s,"rows":%s}',
        new.action,
        new.actor,
        coalesce(new.already::text, 'null'),
        to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        coalesce('"' || new.batch_id || '"', 'null'),
        coalesce('"' || new.digest || '"', 'null'),
        new.location,
        new.phase,
        new.position,
        coalesce('"' || new.request_id || '"', 'null'),
        coalesce(new.rows::text, 'null')
    );
    hash := encode(sha256('\x00'::bytea || convert_to(canonical, 'UTF8')), 'hex');
    if new.leaf_hash <> hash then
        raise exception 'ledger: the leaf hash does not fit the row' using errcode = 'check_violation';
    end if;
    new.leaf_hash := hash;
    return new;
end $$;

-- Signed notes about the ledger's size and root; copies of them are kept elsewhere.
create table lacuna_evidence.checkpoint (
    size bigint primary key check (size > 0),
    root text not null check (root ~ '^[0-9a-f]{64}$'),
    note text not null check (
        -- origin, size, root, an empty line, signatures: the form of a C2SP checkpoint
        note ~ '^[a-z0-9._/-]{1,100}\n[1-9][0-9]*\n[A-Za-z0-9+/]{43}=\n\n(— [a-z0-9._/-]{1,100} [A-Za-z0-9+/]{1,200}={0,2}\n){1,8}$'
        and split_part(note, E'\n', 2) = size::text
        and decode(split_part(note, E'\n', 3), 'base64') = decode(root, 'hex')
    ),
    at timestamptz not null
);

create function lacuna_evidence.check_checkpoint() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205982);
    if new.size > (select coalesce(max(position) + 1, 0) from lacuna_evidence.entry) then
        raise exception 'checkpoint: larger than the ledger' using errcode = 'check_violation';
    end if;
    if new.size <= (select max(size) from lacuna_evidence.checkpoint) then
        raise exception 'checkpoint: not larger than the one before' using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function lacuna_evidence.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger entry_complete before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.complete_entry();
create trigger entry_append_only before update or delete or truncate on lacuna_evidence.entry
    for each statement execute function lacuna_evidence.refuse_change();
create trigger checkpoint_check before insert on lacuna_evidence.checkpoint
    for each row execute function lacuna_evidence.check_checkpoint();
create trigger checkpoint_append_only before update or delete or truncate on lacuna_evidence.checkpoint
    for each statement execute function lacuna_evidence.refuse_change();

-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna_evidence.entry enable always trigger entry_complete;
alter table lacuna_evidence.entry enable always trigger entry_append_only;
alter table lacuna_evidence.checkpoint enable always trigger checkpoint_check;
alter table lacuna_evidence.checkpoint enable always trigger checkpoint_append_only;
