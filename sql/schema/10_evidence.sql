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
comment on schema lacuna_evidence is 'The ledger and its checkpoints: append-only, free of personal data.';

-- --- Entries --------------------------------------------------------------------------------------

create table lacuna_evidence.entry (
    position bigint primary key check (position >= 0),
    at timestamptz not null check (at >= '2000-01-01Z' and at < '3000-01-01Z'),
    request_id uuid,
    batch_id uuid,
    phase text not null check (phase in ('intent', 'outcome')),
    action text not null
        constraint entry_action_check check (action in (
            'restore_acknowledged', 'repeated', 'quarantine_objects', 'restore_objects', 'renumber',
            'reported', 'officer_added', 'officer_removed', 'officers_needed', 'standing_decided',
            'standing_ended', 'withdraw_period', 'restate_period', 'deadline', 'run_recorded',
            'refresh_view', 'disclosed', 'recipient_told', 'recipient_not_told', 'rights_split',
            'agreement_added', 'agreement_accepted', 'instructed', 'consent_recorded', 'lock_recordings',
            'unlock_recordings', 'lift_restriction', 'scrub', 'keep_vendor_ids', 'forget_vendor_ids',
            'reappeared', 'mail_taken', 'answered', 'extended', 'paused', 'resumed', 'mail_forgotten',
            'received', 'resolved', 'planned', 'approved', 'refused', 'withdrawn', 'held', 'anonymize_rows',
            'redact_text', 'redact_mentions', 'delete_rows', 'delete_objects', 'rewrite_objects', 'rectify',
            'restrict', 'retain', 'link_tombstone', 'write_bundle', 'seal_bundle', 'release_bundle',
            'delete_bundle', 'verified', 'verification_failed', 'completed', 'nothing_found',
            'forget_working_copies', 'destroy_key', 'sweep', 'rule_approved', 'publish_period',
            'drop_legacy', 'checkpoint'
        )),
    -- schema.table.column (or {columns}, or *), store/pattern, a mart with its period. Other
    -- letters of a name stand as $ and two letters an octet: model/location.py. The id of a request
    -- may have seven digits in a row: it is no name of a place.
    location text not null
        constraint entry_location_names_no_person check (
            case action
            when 'repeated' then location ~ '^lacuna[.]request/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            else
                location ~ (
                    '^[A-Za-z_$][A-Za-z0-9_$-]{0,190}'
                    '(\.[A-Za-z_$][A-Za-z0-9_$-]{0,190}){0,2}'
                    '(\.(\*|\{[A-Za-z0-9_$,-]{1,200}\}))?'
                    '(/[][A-Za-z0-9_$.*?!{},/-]{1,190})?'
                    '( [0-9]{4}(-(W[0-9]{2}|[0-9]{2}(-[0-9]{2})?))?)?$'
                )
                and location !~ '[0-9]{7}'
                and length(location) <= 400
            end
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
comment on table lacuna_evidence.entry is
    'Append-only. leaf_hash is SHA-256 of a zero byte and the row''s canonical JSON (RFC 8785).';
comment on column lacuna_evidence.entry.phase is 'Before the effect, or after it.';
comment on column lacuna_evidence.entry.location is
    'A table, table.column, a store with a pattern, or a mart with its period; never a path with a name in it.';
comment on column lacuna_evidence.entry.rows is 'Rows, objects or cells that it is about.';
comment on column lacuna_evidence.entry.already is
    'Of these, how many were found already done: never counted as erased.';
comment on column lacuna_evidence.entry.actor is 'Role and key id of a person, or a flow; never a name.';

create index entry_request on lacuna_evidence.entry (request_id, position)
    where request_id is not null;
-- What was written since the last seal is looked up at the next.
create index entry_batch on lacuna_evidence.entry (batch_id, position) where batch_id is not null;
-- Whether a rule is approved is asked in each transaction that carries it out.
create index entry_rule on lacuna_evidence.entry (digest) where action = 'rule_approved';
-- Which keys the ledger names is asked for each notice and bundle.
create index entry_key on lacuna_evidence.entry (digest) where action = 'checkpoint';
create index entry_owner on lacuna_evidence.entry (position) where actor = 'system:owner';

create function lacuna_evidence.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;
create trigger entry_append_only before update or delete or truncate on lacuna_evidence.entry
    for each statement execute function lacuna_evidence.refuse_change();

-- A statement of its own in READ COMMITTED: what the lock waited for is seen.
--
-- The time of the ledger goes on: a clock that was set back would make a late closing one in time, and
-- hide what failed from a report that goes on from the one before. An entry is not dated more than twelve
-- hours before the entry or the seal before it: a transaction may have begun that long ago, and clocks of
-- several workers are never that far apart. What the executor changed keeps the time of the change: the
-- transaction after it records it, or a later run where that died. An entry of the owner's is dated as it
-- says, and time begins with it anew: so it goes on after a clock that was ahead.
create function lacuna_evidence.complete_entry() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    next bigint;
    latest timestamptz;
    by_owner bigint;
    canonical text;
    hash text;
begin
    perform pg_advisory_xact_lock(7205982);
    select position + 1, at into next, latest
        from lacuna_evidence.entry order by position desc limit 1;
    next := coalesce(next, 0);
    if new.position <> next then
        raise exception 'ledger: the next position is %', next using errcode = 'check_violation';
    end if;
    new.position := next;
    select position + 1 into by_owner
        from lacuna_evidence.entry where actor = 'system:owner' order by position desc limit 1;
    if by_owner = next then
        latest := null;
    end if;
    latest := greatest(latest, (
        select at from lacuna_evidence.seal
        where size > coalesce(by_owner, 0) order by size desc limit 1
    ));
    if new.at < latest - interval '12 hours'
        and not (current_user = 'lacuna_executor' and new.phase = 'outcome')
        and not pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        raise exception 'ledger: time goes on'
            using errcode = 'check_violation', table = 'entry', constraint = 'entry_time_goes_on';
    end if;
    -- RFC 8785: keys in order, no space. No string here can hold a character to escape: the
    -- checks of the table are tried on the row that this makes.
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
create trigger entry_complete before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.complete_entry();

-- The ledger's entries about decisions come from those who decide.
create function lacuna_evidence.check_decision() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_decision constant boolean :=
        new.action in (
            'approved', 'refused', 'extended', 'rule_approved', 'lift_restriction', 'release_bundle',
            'disclosed', 'standing_decided', 'standing_ended', 'officer_added', 'officer_removed',
            'officers_needed'
        )
        -- A flow does these too, and says so.
        or (new.actor like 'dpo:%' and new.action in ('held', 'resolved', 'paused', 'resumed'));
    is_owners constant boolean := new.action in (
        'standing_decided', 'standing_ended', 'officer_added', 'officer_removed', 'officers_needed'
    );
    is_named constant boolean := new.actor ~ '^(dpo|controller):';
    -- What belongs to no request belongs to the tenant that the officer looks at.
    of_org text := case when new.action = 'disclosed' or is_named and not is_decision
        then coalesce(nullif(current_setting('lacuna.org_id', true), ''), '*') else '*' end;
    is_owner constant boolean := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
begin
    if new.action = 'reappeared' and new.request_id is not null
        and not (current_user = 'lacuna_executor' or is_owner) then
        raise exception 'ledger: role % sees nobody come back', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.request_id is not null and (is_decision or is_named) then
        select org_id into of_org from lacuna.request where request_id = new.request_id;
    end if;
    -- In an officer's name writes the officer's login alone; what another one does, a flow did.
    if is_named and not is_owner then
        if current_user <> 'lacuna_dpo' then
            raise exception 'ledger: role % records nothing in an officer''s name', current_user
                using errcode = 'insufficient_privilege';
        elsif not lacuna.is_officer('dpo:' || split_part(new.actor, ':', 2), of_org) then
            raise exception 'ledger: not in the register of officers'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    if new.actor = 'system:owner' and not is_owner
        or new.actor like 'rule:%' and not (is_owner or current_user = 'lacuna_rule') then
        raise exception 'ledger: role % does not act as this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if not is_decision then
        return new;
    end if;
    if not lacuna.may_decide() then
        raise exception 'ledger: role % decides nothing', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if (current_user = 'lacuna_dpo' and new.actor not like 'dpo:%')
        or (current_user = 'lacuna_rule' and new.actor not like 'rule:%')
        or (is_owners and current_user in ('lacuna_dpo', 'lacuna_rule')) then
        raise exception 'ledger: role % does not decide as this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and not lacuna.is_officer(new.actor, of_org) then
        raise exception 'ledger: not in the register of officers'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger entry_decided before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.check_decision();

-- Whoever did something records it, and nobody else: the planner's login reads what strangers write.
--
-- The roles under which each action of the ledger is recorded. The owner of the schema, who could take a
-- trigger away, adds to them what nobody else records. NULL: no such action is known, and nobody records it.
create function lacuna_evidence.recorders(of_action text) returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when of_action in (
            'planned', 'answered', 'mail_forgotten', 'write_bundle', 'seal_bundle', 'delete_bundle',
            'completed', 'keep_vendor_ids', 'forget_vendor_ids', 'destroy_key', 'recipient_not_told'
        ) then array['lacuna_planner']
        when of_action in (
            'received', 'resolved', 'held', 'mail_taken', 'paused', 'resumed', 'forget_working_copies',
            'instructed', 'consent_recorded', 'recipient_told'
        ) then array['lacuna_planner', 'lacuna_dpo']
        when of_action = 'withdrawn' then array['lacuna_planner', 'lacuna_executor', 'lacuna_dpo']
        when of_action = 'restore_objects' then array['lacuna_executor', 'lacuna_dpo']
        when of_action in ('restrict', 'repeated') then array['lacuna_planner', 'lacuna_executor']
        when of_action in (
            'anonymize_rows', 'quarantine_objects', 'redact_text', 'redact_mentions', 'delete_rows', 'delete_objects',
            'rewrite_objects', 'rectify', 'retain', 'link_tombstone', 'refresh_view', 'reappeared',
            'lock_recordings', 'unlock_recordings', 'sweep', 'scrub', 'renumber', 'publish_period',
            'withdraw_period', 'restate_period'
        ) then array['lacuna_executor']
        when of_action in ('verified', 'verification_failed', 'nothing_found')
            then array['lacuna_verifier']
        when of_action = 'deadline' then array['lacuna_verifier', 'lacuna_dpo']
        when of_action = 'approved' then array['lacuna_dpo', 'lacuna_rule']
        when of_action in (
            'refused', 'extended', 'release_bundle', 'agreement_added', 'agreement_accepted',
            'lift_restriction', 'rights_split', 'rule_approved', 'disclosed', 'checkpoint', 'restore_acknowledged'
        ) then array['lacuna_dpo']
        when of_action in ('run_recorded', 'reported') then array['lacuna_sealer']
        when of_action in (
            'standing_decided', 'standing_ended', 'officer_added', 'officer_removed', 'officers_needed',
            'drop_legacy'
        ) then '{}'::text[]
    end
$$;

create function lacuna_evidence.check_recorder() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        return new;
    end if;
    if (current_user::text = any(lacuna_evidence.recorders(new.action))) is not true then
        raise exception 'ledger: role % does not record %', current_user, new.action
            using errcode = 'insufficient_privilege';
    end if;
    if new.action = 'checkpoint' and new.location <> 'keys' then
        raise exception 'ledger: role % names no key', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and new.actor !~ '^(dpo|controller):' then
        raise exception 'ledger: role % did not do this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    -- The day that it was due is the request's, which nobody moves at will. A statement of its own: not
    -- everybody who records may look there.
    if new.action = 'deadline' then
        if not exists (
            select from lacuna.request where request_id = new.request_id
                and new.location = 'lacuna.request ' || to_char(due_at at time zone 'UTC', 'YYYY-MM-DD')
        ) then
            raise exception 'ledger: the request was due on another day'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    return new;
end $$;
create trigger entry_recorder before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.check_recorder();

-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna_evidence.entry enable always trigger entry_append_only;
alter table lacuna_evidence.entry enable always trigger entry_complete;
alter table lacuna_evidence.entry enable always trigger entry_decided;
alter table lacuna_evidence.entry enable always trigger entry_recorder;

-- Whether an entry is one of the ledger as it was written: its hash fits, and it follows another one.
create function lacuna_evidence.is_sound(found lacuna_evidence.entry) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select found.leaf_hash = encode(sha256('\x00'::bytea || convert_to(format(
        '{"action":"%s","actor":"%s","already":%s,"at":"%s","batch_id":%s,"digest":%s,'
        '"location":"%s","phase":"%s","position":%s,"request_id":%s,"rows":%s}',
        found.action, found.actor, coalesce(found.already::text, 'null'),
        to_char(found.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        coalesce('"' || found.batch_id || '"', 'null'), coalesce('"' || found.digest || '"', 'null'),
        found.location, found.phase, found.position,
        coalesce('"' || found.request_id || '"', 'null'), coalesce(found.rows::text, 'null')
    ), 'UTF8')), 'hex')
    and (found.position = 0 or exists (
        select from lacuna_evidence.entry as before where before.position = found.position - 1
    ))
$$;

-- --- Seals and checkpoints ------------------------------------------------------------------------

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
comment on table lacuna_evidence.checkpoint is
    'Append-only. Signed notes about the ledger''s size and root; copies of them are kept elsewhere. Written by the sealer.';

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
create trigger checkpoint_check before insert on lacuna_evidence.checkpoint
    for each row execute function lacuna_evidence.check_checkpoint();
create trigger checkpoint_append_only before update or delete or truncate on lacuna_evidence.checkpoint
    for each statement execute function lacuna_evidence.refuse_change();
alter table lacuna_evidence.checkpoint enable always trigger checkpoint_check;
alter table lacuna_evidence.checkpoint enable always trigger checkpoint_append_only;

-- The database remembers each seal before anything of it is signed: size, root and time. So nothing that
-- was signed is unknown here, and a seal that died is finished by the next one, over what it began with.
-- A database that remembers nothing beside signed files is another one, or was emptied.
create table lacuna_evidence.seal (
    size bigint primary key check (size > 0),
    root text not null check (root ~ '^[0-9a-f]{64}$'),
    at timestamptz not null
);
comment on table lacuna_evidence.seal is
    'Append-only. Every seal that was begun; each but the newest has its checkpoint.';

create function lacuna_evidence.check_seal() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205982);
    if new.size > (select coalesce(max(position) + 1, 0) from lacuna_evidence.entry) then
        raise exception 'seal: larger than the ledger' using errcode = 'check_violation';
    end if;
    if new.size <= (select max(size) from lacuna_evidence.seal) then
        raise exception 'seal: not larger than the one before' using errcode = 'check_violation';
    end if;
    if exists (
        select from lacuna_evidence.seal s
        where not exists (select from lacuna_evidence.checkpoint c where c.size = s.size)
    ) then
        raise exception 'seal: the one before has no checkpoint yet' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger seal_check before insert on lacuna_evidence.seal
    for each row execute function lacuna_evidence.check_seal();
create trigger seal_append_only before update or delete or truncate on lacuna_evidence.seal
    for each statement execute function lacuna_evidence.refuse_change();
alter table lacuna_evidence.seal enable always trigger seal_check;
alter table lacuna_evidence.seal enable always trigger seal_append_only;
