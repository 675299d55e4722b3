-- The ledger: what Lacuna intended and what it did, append-only, free of personal data.
--
-- Every column is an id, a time, a count, a digest or a word of a closed list or form, so that no text about
-- a person fits in. A trigger checks position and leaf hash under a lock: positions have no gap, and a hash
-- always fits its row. `pipelines/lacuna/evidence` computes the same hash by other means; the tests compare
-- the two.
--
-- The triggers stop accidents and every role but the owner. The checkpoints kept elsewhere reveal a change by
-- the owner and a restored backup.

create schema lacuna_evidence;
comment on schema lacuna_evidence is 'The ledger and its checkpoints: append-only, free of personal data.';

-- --- Actions --------------------------------------------------------------------------------------

create table lacuna_evidence.action (
    action text primary key,
    recorded_by text[] not null,
    is_decision boolean not null,
    description text not null
);
comment on table lacuna_evidence.action is
    'Actions of ledger entries; the phase of an entry says whether the action was intended or done. Written by the owner alone. No personal data.';
comment on column lacuna_evidence.action.action is 'Word of the list.';
comment on column lacuna_evidence.action.recorded_by is
    'Roles that record the action. Only the owner of the schema records an action without roles.';
comment on column lacuna_evidence.action.is_decision is 'Whether an officer, a rule or the owner decides it.';
comment on column lacuna_evidence.action.description is 'What it means.';

insert into lacuna_evidence.action (action, recorded_by, is_decision, description) values
    -- Requests and their clock
    ('received', '{lacuna_planner,lacuna_dpo}', false, 'A request was received.'),
    ('resolved', '{lacuna_planner,lacuna_dpo}', false, 'The person of a request was found, or a hold on it ended.'),
    ('planned', '{lacuna_planner}', false, 'A plan was made.'),
    ('approved', '{lacuna_dpo,lacuna_rule}', true, 'A plan was approved.'),
    ('approval_revoked', '{lacuna_dpo}', true, 'The approval of a plan was revoked.'),
    ('refused', '{lacuna_dpo}', true, 'A request was refused.'),
    ('withdrawn', '{lacuna_planner,lacuna_executor,lacuna_dpo}', false, 'A request was withdrawn.'),
    ('held', '{lacuna_planner,lacuna_dpo}', false, 'A request was put on hold.'),
    ('extended', '{lacuna_dpo}', true, 'A deadline was extended.'),
    ('forced', '{lacuna_dpo}', true, 'An officer let an erasure go on although a conversation of the person is open.'),
    ('deadline', '{lacuna_verifier,lacuna_dpo}', false, 'The day a request was due, recorded when it was decided.'),
    ('paused', '{lacuna_planner,lacuna_dpo}', false, 'The deadline of a request was paused.'),
    ('resumed', '{lacuna_planner,lacuna_dpo}', false, 'The deadline of a request was resumed.'),
    ('rights_split', '{lacuna_dpo}', false, 'Some rights of a request became a separate request.'),
    ('assigned', '{lacuna_dpo}', false, 'A request or a mail was assigned to an officer, or given back.'),
    ('commented', '{lacuna_dpo}', false, 'An officer commented on a request.'),
    ('nothing_found', '{lacuna_verifier}', false, 'Nobody was found.'),
    ('verified', '{lacuna_verifier}', false, 'The gates found nothing left.'),
    ('verification_failed', '{lacuna_verifier}', false, 'A gate found something left.'),
    ('completed', '{lacuna_planner}', false, 'A request was completed.'),
    ('reappeared', '{lacuna_executor}', false, 'An erased person is in the data again.'),
    ('repeated', '{lacuna_planner,lacuna_executor}', false, 'A request repeats an earlier one, which its place names.'),
    -- Mail, letters, recipients
    ('mail_taken', '{lacuna_planner,lacuna_dpo}', false, 'A mail was taken in.'),
    ('mail_forgotten', '{lacuna_planner}', false, 'The content of a mail was deleted.'),
    ('letter_delivered', '{lacuna_planner}', false, 'A letter was delivered.'),
    ('recipient_told', '{lacuna_planner,lacuna_dpo}', false, 'A recipient was told.'),
    ('recipient_not_told', '{lacuna_planner}', false, 'A recipient could not be told.'),
    -- What a plan does
    ('anonymize_rows', '{lacuna_executor}', false, 'Rows were anonymized.'),
    ('redact_text', '{lacuna_executor}', false, 'Texts of the person were redacted.'),
    ('redact_mentions', '{lacuna_executor}', false, 'Mentions in rows of others were redacted.'),
    ('empty_files', '{lacuna_executor}', false, 'Files in rows of others were emptied.'),
    ('delete_rows', '{lacuna_executor}', false, 'Rows were deleted.'),
    ('delete_objects', '{lacuna_executor}', false, 'Files were deleted.'),
    ('rewrite_objects', '{lacuna_executor}', false, 'Files were rewritten without the person.'),
    ('rectify', '{lacuna_executor}', false, 'Values were corrected.'),
    ('restrict', '{lacuna_planner,lacuna_executor}', false, 'The data of a person was restricted.'),
    ('lift_restriction', '{lacuna_dpo}', true, 'A restriction was lifted.'),
    ('link_tombstone', '{lacuna_executor}', false, 'Links were redirected to the tombstone contact.'),
    ('refresh_view', '{lacuna_executor}', false, 'A materialized view was refreshed.'),
    ('keep_vendor_ids', '{lacuna_planner}', false, 'Ids of an erased person were kept outside the database, to recognize them after a restore.'),
    ('forget_vendor_ids', '{lacuna_planner}', false, 'Such ids were deleted.'),
    ('forget_working_copies', '{lacuna_planner,lacuna_dpo}', false, 'The working copies of a request were deleted.'),
    ('destroy_key', '{lacuna_planner}', false, 'The key of a request was destroyed.'),
    -- Bundles
    ('write_bundle', '{lacuna_planner}', false, 'A bundle was written.'),
    ('seal_bundle', '{lacuna_planner}', false, 'A bundle was encrypted.'),
    ('release_bundle', '{lacuna_dpo}', true, 'A bundle was handed over.'),
    ('delete_bundle', '{lacuna_planner}', false, 'A bundle was deleted.'),
    ('code_given', '{lacuna_dpo,lacuna_delivery}', false, 'A code for a link to a bundle was mailed, or shown to an officer.'),
    ('code_wrong', '{lacuna_delivery}', false, 'A wrong code was entered.'),
    ('link_opened', '{lacuna_delivery}', false, 'The right code was entered.'),
    ('link_locked', '{lacuna_delivery}', false, 'Too many wrong codes locked a link.'),
    ('link_revoked', '{lacuna_dpo}', true, 'A link to a bundle was taken back.'),
    ('link_expired', '{lacuna_delivery}', false, 'Somebody opened a link that had expired.'),
    ('download_bundle', '{lacuna_delivery}', false, 'A bundle was downloaded through a link.'),
    ('disclosed', '{lacuna_dpo}', true, 'Personal data was shown to a person who may see it.'),
    -- Agreements and consent
    ('agreement_added', '{lacuna_dpo}', false, 'A version of a text was recorded.'),
    ('agreement_accepted', '{lacuna_dpo}', false, 'The acceptance of a version was recorded.'),
    ('instructed', '{lacuna_planner,lacuna_dpo}', false, 'A controller instructed to carry out a request.'),
    ('consent_recorded', '{lacuna_planner,lacuna_dpo}', false, 'Consent, or its refusal or withdrawal, was recorded.'),
    ('lock_recordings', '{lacuna_executor}', false, 'Recordings without consent were locked.'),
    ('unlock_recordings', '{lacuna_executor}', false, 'Locked recordings were unlocked.'),
    -- Sweeps
    ('sweep', '{lacuna_executor}', false, 'A sweep rule was carried out.'),
    ('renumber', '{lacuna_executor}', false, 'Rows were rewritten, so that nothing shows which were written together.'),
    ('scrub', '{lacuna_executor}', false, 'The files of a table were rewritten.'),
    ('quarantine_objects', '{lacuna_executor}', false, 'Files that no row names were moved to quarantine.'),
    ('restore_objects', '{lacuna_executor,lacuna_dpo}', false, 'Files were moved back from quarantine.'),
    -- Rules and officers
    ('rule_approved', '{lacuna_dpo}', true, 'A sweep rule, a drop or a restatement was approved.'),
    ('rule_revoked', '{lacuna_dpo}', true, 'The approval of a rule was taken back.'),
    ('standing_decided', '{}', true, 'The owner allowed a rule to approve.'),
    ('standing_ended', '{}', true, 'The owner no longer allows a rule to approve.'),
    ('officer_added', '{}', true, 'An officer was added to the register.'),
    ('officer_removed', '{}', true, 'An officer was removed from the register.'),
    ('officers_needed', '{}', true, 'The number of officers who approve each plan of a tenant was set.'),
    -- Reporting
    ('publish_period', '{lacuna_executor}', false, 'A period was published.'),
    ('withdraw_period', '{lacuna_executor}', false, 'The cells of a period were withdrawn.'),
    ('restate_period', '{lacuna_executor}', false, 'A period was replaced by a new version.'),
    ('drop_legacy', '{}', false, 'A legacy table was dropped.'),
    -- The data map
    ('map_proved', '{lacuna_verifier}', false, 'People were looked for, and by this data map an erasure leaves nothing.'),
    -- The ledger itself
    ('key_named', '{lacuna_dpo}', false, 'A signing key was named.'),
    ('run_recorded', '{lacuna_sealer}', false, 'The log of a run was recorded by its digest.'),
    ('reported', '{lacuna_sealer}', false, 'A report to the officer was recorded by its digest.'),
    ('certificate_expired', '{lacuna_sealer}', false, 'A certificate was deleted after its retention.'),
    ('restore_acknowledged', '{lacuna_dpo}', false, 'An officer acknowledged that an older copy of the ledger was restored.');

-- --- Entries --------------------------------------------------------------------------------------

create table lacuna_evidence.entry (
    position bigint primary key check (position >= 0),
    at timestamptz not null check (at >= '2000-01-01Z' and at < '3000-01-01Z'),
    request_id uuid,
    batch_id uuid,
    phase text not null check (phase in ('intent', 'outcome')),
    -- The form is checked as well: in a session that skips foreign keys, no character needs an escape.
    action text not null
        references lacuna_evidence.action
        constraint entry_action_check check (action !~ '[^a-z_]' and length(action) between 1 and 40),
    -- schema.table.column (or {columns}, or *), store/pattern, or a mart with its period. Other letters of a
    -- name are written as $ and two letters a byte: `model/location.py`. Only the id of a request may have seven
    -- digits in a row. The pattern has no upper bounds of repeats: they take fifty times as long as the length.
    location text not null
        constraint entry_location_names_no_person check (
            case action
            when 'repeated' then location ~ '^lacuna[.]request/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            else
                location ~ (
                    '^[A-Za-z_$][A-Za-z0-9_$-]*'
                    '(\.[A-Za-z_$][A-Za-z0-9_$-]*){0,2}'
                    '(\.(\*|\{[A-Za-z0-9_$,-]+\}))?'
                    '(/[][A-Za-z0-9_$.*?!{},/-]+)?'
                    '( [0-9]{4}(-(W[0-9]{2}|[0-9]{2}(-[0-9]{2})?))?)?$'
                )
                and location !~ '[0-9]{7}'
                and length(location) <= 400
            end
        ),
    -- JSON numbers are exact up to 2^53 - 1.
    rows bigint check (rows between 0 and 9007199254740991),
    already bigint check (already between 0 and 9007199254740991),
    digest text check (digest !~ '[^0-9a-f]' and length(digest) = 64),
    actor text not null
        constraint entry_actor_is_role_and_key_id check (
            actor ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]+$'
            and length(split_part(actor, ':', 2)) <= 40
        ),
    leaf_hash text not null check (leaf_hash !~ '[^0-9a-f]' and length(leaf_hash) = 64)
);
comment on table lacuna_evidence.entry is
    'The ledger, append-only: each role records what it did (action.recorded_by). Written by all roles but the auditor and the analyst. No personal data.';
comment on column lacuna_evidence.entry.position is 'Number of the entry, from 0, without gaps.';
comment on column lacuna_evidence.entry.at is 'When it happened.';
comment on column lacuna_evidence.entry.request_id is 'The request. NULL: it belongs to none.';
comment on column lacuna_evidence.entry.batch_id is 'The run. NULL: it belongs to none.';
comment on column lacuna_evidence.entry.phase is 'Intent (before the effect) or outcome (after it).';
comment on column lacuna_evidence.entry.action is 'What was intended or done.';
comment on column lacuna_evidence.entry.location is
    'A table, table.column, a store with a pattern, or a mart with its period; never a path with a name in it.';
comment on column lacuna_evidence.entry.rows is 'Number of rows, objects or cells.';
comment on column lacuna_evidence.entry.already is
    'Of these, how many were found already done; they never count as erased.';
comment on column lacuna_evidence.entry.digest is
    'SHA-256 of what the entry is about, such as a plan, a file or a key.';
comment on column lacuna_evidence.entry.actor is
    'Role and key id of a person, or a flow or rule; never a name.';
comment on column lacuna_evidence.entry.leaf_hash is
    'SHA-256 of a zero byte and the row''s canonical JSON (RFC 8785).';

create index entry_request on lacuna_evidence.entry (request_id, position)
    where request_id is not null;
-- A seal looks up what was written since the seal before.
create index entry_batch on lacuna_evidence.entry (batch_id, position) where batch_id is not null;
-- Each transaction that carries out a rule checks its approval.
create index entry_rule on lacuna_evidence.entry (digest) where action in ('rule_approved', 'rule_revoked');
-- Each notice and bundle looks up the keys that the ledger names.
create index entry_key on lacuna_evidence.entry (digest) where action = 'key_named';
create index entry_owner on lacuna_evidence.entry (position) where actor = 'system:owner';

-- A function of this schema: a copy of it alone, as a backup of the ledger is, can be restored.
create function lacuna_evidence.refuse_rewriting() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;
comment on function lacuna_evidence.refuse_rewriting() is
    'Trigger: refuses every change of a table of the ledger.';

create trigger entry_append_only before update or delete or truncate on lacuna_evidence.entry
    for each statement execute function lacuna_evidence.refuse_rewriting();

-- The lock is a separate statement, so that in READ COMMITTED the next one reads what the lock waited for.
--
-- Time must go on in the ledger: a clock that was set back would make a late closing punctual, and hide a
-- failure from a report that continues from the one before. An entry is dated at most twelve hours before
-- the entry or seal before it: a transaction may have begun that long ago, and clocks of several workers never
-- differ by that much. Outcomes of the executor keep the time of the change, because a later transaction or run
-- records them. The owner may date an entry at any time, and the rule starts again from there: this is how the
-- ledger continues after a clock that was ahead.
create function lacuna_evidence.complete_entry() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    next bigint;
    latest timestamptz;
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
    if not (current_user = 'lacuna_executor' and new.phase = 'outcome') then
        select greatest(case when by_owner = next then null else latest end, (
                select at from lacuna_evidence.seal
                where size > by_owner order by size desc limit 1
            ))
            into latest
            from coalesce((
                select position + 1 from lacuna_evidence.entry
                where actor = 'system:owner' order by position desc limit 1
            ), 0) as by_owner;
        if new.at < latest - interval '12 hours'
            and not pg_has_role(current_user, (
            select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
            raise exception 'ledger: the entry''s time is before that of the previous entry'
                using errcode = 'check_violation', table = 'entry', constraint = 'entry_time_goes_on';
        end if;
    end if;
    -- RFC 8785: keys in order, no spaces. No string here needs an escape: the checks of the table are applied
    -- to the row that this returns.
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
        raise exception 'ledger: the leaf hash does not match the row' using errcode = 'check_violation';
    end if;
    new.leaf_hash := hash;
    return new;
end $$;
comment on function lacuna_evidence.complete_entry() is
    'Trigger: checks position, time and leaf hash of a new entry, under a lock.';
create trigger entry_complete before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.complete_entry();

create function lacuna_evidence.check_decision() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    known constant lacuna_evidence.action := (
        select one from lacuna_evidence.action as one where one.action = new.action);
    is_decision constant boolean := coalesce(known.is_decision, false)
        -- Flows do these too, under their own name.
        or (new.actor like 'dpo:%' and new.action in ('held', 'resolved', 'paused', 'resumed'));
    is_owners constant boolean := coalesce(known.is_decision and known.recorded_by = '{}', false);
    is_named constant boolean := new.actor ~ '^(dpo|controller):';
    of_org text;
    is_owner boolean;
begin
    -- Most entries: a flow's, about no decision.
    if not is_decision and new.actor ~ '^(flow|system):' and new.actor <> 'system:owner'
        and new.action <> 'reappeared' then
        return new;
    end if;
    -- An entry without a request belongs to the tenant of the officer's session.
    of_org := case when new.action = 'disclosed' or is_named and not is_decision
        then coalesce(nullif(current_setting('lacuna.org_id', true), ''), '*') else '*' end;
    is_owner := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
    if new.action = 'reappeared' and new.request_id is not null
        and not (current_user = 'lacuna_executor' or is_owner) then
        raise exception 'ledger: role % cannot record reappeared', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.request_id is not null and (is_decision or is_named) then
        select org_id into of_org from lacuna.request where request_id = new.request_id;
    end if;
    -- Only the officer's role writes in an officer's name; anything else is the act of a flow.
    if is_named and not is_owner then
        if current_user <> 'lacuna_dpo' then
            raise exception 'ledger: role % cannot record in an officer''s name', current_user
                using errcode = 'insufficient_privilege';
        elsif not lacuna.is_officer('dpo:' || split_part(new.actor, ':', 2), of_org) then
            raise exception 'ledger: the actor is not a registered officer of this tenant'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    if new.actor = 'system:owner' and not is_owner
        or new.actor like 'rule:%' and not (is_owner or current_user = 'lacuna_rule') then
        raise exception 'ledger: role % cannot record under this name', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if not is_decision then
        return new;
    end if;
    if not lacuna.may_decide() then
        raise exception 'ledger: role % cannot record a decision', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if (current_user = 'lacuna_dpo' and new.actor not like 'dpo:%')
        or (current_user = 'lacuna_rule' and new.actor not like 'rule:%')
        or (is_owners and current_user in ('lacuna_dpo', 'lacuna_rule')) then
        raise exception 'ledger: role % cannot record a decision under this name', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and not lacuna.is_officer(new.actor, of_org) then
        raise exception 'ledger: the actor is not a registered officer of this tenant'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna_evidence.check_decision() is
    'Trigger: entries about decisions, and entries in an officer''s, a rule''s or the owner''s name, come from those who may decide.';
create trigger entry_decided before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.check_decision();

create function lacuna_evidence.recorders(of_action text) returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select recorded_by from lacuna_evidence.action where action = of_action
$$;
comment on function lacuna_evidence.recorders(text) is
    'The roles that record an action. NULL: there is no such action, and nobody records it.';

create function lacuna_evidence.check_role() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_recorder constant boolean :=
        (current_user::text = any(lacuna_evidence.recorders(new.action))) is true;
begin
    if (not is_recorder or new.action in ('key_named', 'deadline') or current_user = 'lacuna_dpo')
        and pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        return new;
    end if;
    if not is_recorder then
        raise exception 'ledger: role % cannot record %', current_user, new.action
            using errcode = 'insufficient_privilege';
    end if;
    if new.action = 'key_named' and new.location <> 'keys' then
        raise exception 'ledger: the place of this entry of role % must be keys', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and new.actor !~ '^(dpo|controller):' then
        raise exception 'ledger: role % records only in an officer''s or a controller''s name', current_user
            using errcode = 'insufficient_privilege';
    end if;
    -- The day is that of the request, which nobody moves at will. A separate statement: not every role that
    -- records may read requests.
    if new.action = 'deadline' then
        if not exists (
            select from lacuna.request where request_id = new.request_id
                and new.location = 'lacuna.request ' || to_char(due_at at time zone 'UTC', 'YYYY-MM-DD')
        ) then
            raise exception 'ledger: the entry names another day than the request''s deadline'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    return new;
end $$;
comment on function lacuna_evidence.check_role() is 'Trigger: a role records only what it did itself.';
create trigger entry_recorder before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.check_role();

-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna_evidence.entry enable always trigger entry_append_only;
alter table lacuna_evidence.entry enable always trigger entry_complete;
alter table lacuna_evidence.entry enable always trigger entry_decided;
alter table lacuna_evidence.entry enable always trigger entry_recorder;

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
comment on function lacuna_evidence.is_sound(lacuna_evidence.entry) is
    'Whether an entry is part of the ledger as it was written: its hash fits, and the entry before it exists.';

-- --- Seals and checkpoints ------------------------------------------------------------------------

create table lacuna_evidence.checkpoint (
    size bigint primary key check (size > 0),
    root text not null check (root ~ '^[0-9a-f]{64}$'),
    note text not null constraint checkpoint_note check (
        -- The form of a C2SP checkpoint: origin, size, root, an empty line, signatures.
        note ~ '^[a-z0-9._/-]{1,100}\n[1-9][0-9]*\n[A-Za-z0-9+/]{43}=\n\n(— [a-z0-9._/-]{1,100} [A-Za-z0-9+/]{1,200}={0,2}\n){1,8}$'
        and split_part(note, E'\n', 2) = size::text
        and decode(split_part(note, E'\n', 3), 'base64') = decode(root, 'hex')
    ),
    at timestamptz not null
);
comment on table lacuna_evidence.checkpoint is
    'Signed notes of the ledger''s size and root, append-only; copies are kept elsewhere. Written by the sealer. No personal data.';
comment on column lacuna_evidence.checkpoint.size is 'Number of entries that the checkpoint covers.';
comment on column lacuna_evidence.checkpoint.root is
    'Root of the Merkle tree over these entries, hexadecimal.';
comment on column lacuna_evidence.checkpoint.note is 'The signed note: a C2SP checkpoint.';
comment on column lacuna_evidence.checkpoint.at is 'When it was signed.';

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
        raise exception 'checkpoint: not larger than the checkpoint before' using errcode = 'check_violation';
    end if;
    return new;
end $$;
comment on function lacuna_evidence.check_checkpoint() is
    'Trigger: a checkpoint is larger than the one before and not larger than the ledger.';
create trigger checkpoint_check before insert on lacuna_evidence.checkpoint
    for each row execute function lacuna_evidence.check_checkpoint();
create trigger checkpoint_append_only before update or delete or truncate on lacuna_evidence.checkpoint
    for each statement execute function lacuna_evidence.refuse_rewriting();
alter table lacuna_evidence.checkpoint enable always trigger checkpoint_check;
alter table lacuna_evidence.checkpoint enable always trigger checkpoint_append_only;

-- A seal is recorded here before anything of it is signed: everything that was signed is known here, and the
-- next seal finishes one that was interrupted, over the same entries. A database without records beside signed
-- files is another one, or was emptied.
create table lacuna_evidence.seal (
    size bigint primary key check (size > 0),
    root text not null check (root ~ '^[0-9a-f]{64}$'),
    at timestamptz not null
);
comment on table lacuna_evidence.seal is
    'Seals that were begun, append-only; each but the newest has its checkpoint. Written by the sealer. No personal data.';
comment on column lacuna_evidence.seal.size is 'Number of entries that the seal covers.';
comment on column lacuna_evidence.seal.root is 'Root of the Merkle tree over these entries, hexadecimal.';
comment on column lacuna_evidence.seal.at is 'When the seal was begun.';

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
        raise exception 'seal: not larger than the seal before' using errcode = 'check_violation';
    end if;
    if exists (
        select from lacuna_evidence.seal s
        where not exists (select from lacuna_evidence.checkpoint c where c.size = s.size)
    ) then
        raise exception 'seal: the seal before has no checkpoint yet' using errcode = 'check_violation';
    end if;
    return new;
end $$;
comment on function lacuna_evidence.check_seal() is
    'Trigger: a seal is larger than the one before, which has its checkpoint, and not larger than the ledger.';
create trigger seal_check before insert on lacuna_evidence.seal
    for each row execute function lacuna_evidence.check_seal();
create trigger seal_append_only before update or delete or truncate on lacuna_evidence.seal
    for each statement execute function lacuna_evidence.refuse_rewriting();
alter table lacuna_evidence.seal enable always trigger seal_check;
alter table lacuna_evidence.seal enable always trigger seal_append_only;
