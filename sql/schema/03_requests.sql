-- Requests of data subjects: their states, what is kept encrypted, the person, restrictions and holds.

-- --- States ---------------------------------------------------------------------------------------

create table lacuna.request_state (
    state text primary key,
    description text not null
);
comment on table lacuna.request_state is 'States of a request. Written by the owner alone. No personal data.';
comment on column lacuna.request_state.state is 'Word of the list.';
comment on column lacuna.request_state.description is 'What it means.';
insert into lacuna.request_state (state, description) values
    ('received', 'Accepted; not resolved yet.'),
    ('identity_pending', 'The requester is not verified.'),
    ('ambiguous', 'Several people match.'),
    ('resolved', 'The person is known.'),
    ('planned', 'A plan waits for its approval.'),
    ('approved', 'The plan is approved, not applied yet.'),
    ('applied', 'The plan is applied.'),
    ('verified', 'The gates found nothing left.'),
    ('completed', 'Everything is done. Final.'),
    ('nothing_found', 'The platform has no data of the person. Final.'),
    ('held', 'On hold.'),
    ('refused', 'An officer refused it. Final.'),
    ('withdrawn', 'Withdrawn: by the requester, or by Lacuna after a restore, where it had been fulfilled before. Final.');

create table lacuna.transition (
    from_state text not null references lacuna.request_state,
    to_state text not null references lacuna.request_state,
    primary key (from_state, to_state)
);
comment on table lacuna.transition is
    'Moves of a request from state to state; model/request.py has the same table. Written by the owner alone. No personal data.';
comment on column lacuna.transition.from_state is 'State before.';
comment on column lacuna.transition.to_state is 'State after.';

insert into lacuna.transition (from_state, to_state) values
    ('received', 'identity_pending'), ('received', 'ambiguous'), ('received', 'resolved'),
    ('received', 'held'), ('received', 'refused'), ('received', 'withdrawn'),
    ('identity_pending', 'resolved'), ('identity_pending', 'held'),
    ('identity_pending', 'refused'), ('identity_pending', 'withdrawn'),
    ('ambiguous', 'resolved'), ('ambiguous', 'held'), ('ambiguous', 'refused'),
    ('ambiguous', 'withdrawn'),
    ('resolved', 'planned'), ('resolved', 'nothing_found'), ('resolved', 'held'),
    ('resolved', 'refused'), ('resolved', 'withdrawn'),
    ('planned', 'approved'), ('planned', 'held'), ('planned', 'refused'),
    ('planned', 'withdrawn'),
    ('approved', 'planned'), ('approved', 'applied'), ('approved', 'held'),
    ('approved', 'refused'), ('approved', 'withdrawn'),
    ('applied', 'verified'), ('verified', 'completed'),
    ('held', 'resolved'), ('held', 'refused'), ('held', 'withdrawn');

-- --- Requests -------------------------------------------------------------------------------------

create table lacuna.obstacle (
    obstacle text primary key,
    description text not null
);
comment on table lacuna.obstacle is
    'Reasons for which a request waits, and failures. Written by the owner alone. No personal data.';
comment on column lacuna.obstacle.obstacle is 'Word of the list.';
comment on column lacuna.obstacle.description is 'What it means.';
insert into lacuna.obstacle (obstacle, description) values
    ('open_conversations', 'A conversation of the person is open.'),
    ('earlier_rights', 'Another right of the person must be fulfilled first.'),
    ('plan_changed', 'The data no longer fits the approved plan.'),
    ('too_many_rows', 'More rows would change than were planned.'),
    ('mention_refused', 'The person is mentioned in a column where the data map expects nobody.'),
    ('values_missed', 'A gate derives known values that the plan does not contain.'),
    ('rows_unreached', 'Rows name the person, and the data map has no link from them to a person.'),
    ('other_kind', 'Whom it is about is of another kind of people, or of none.'),
    ('invariant_broken', 'The erasure would leave what the application cannot take.'),
    ('map_unproved', 'No proof of the data map says that erasures leave nothing.'),
    ('apply_failed', 'The plan could not be carried out; it was rolled back.'),
    ('bundle_failed', 'The bundle could not be made.'),
    ('verification_failed', 'A gate found something left.'),
    ('not_approved', 'The plan is not approved.'),
    ('mode_observe', 'The plan is approved, and runs only observe.'),
    ('ambiguous', 'Several people match.'),
    ('identity', 'The requester is not verified.'),
    ('controller', 'The controller has not instructed it.'),
    ('duplicate', 'An open request is about the same rights and person.'),
    ('decided_before', 'It was held or refused before the database was restored.'),
    ('internal_error', 'An internal error.');

create table lacuna.identity_basis (
    basis text primary key,
    description text not null
);
comment on table lacuna.identity_basis is
    'On what the identity of a requester can rest. Written by the owner alone. No personal data.';
comment on column lacuna.identity_basis.basis is 'Word of the list.';
comment on column lacuna.identity_basis.description is 'What it means.';
insert into lacuna.identity_basis (basis, description) values
    ('mail', 'On mails of the requester, one of which returned a code from the address on file.'),
    ('stated', 'On the statement of another system or a person.'),
    ('erased', 'On an earlier erasure: the person was erased and is in the data again.');

create table lacuna.ground (
    ground text primary key,
    description text not null
);
comment on table lacuna.ground is
    'Grounds of the Regulation on which a right is refused or a request held. Written by the owner alone. No personal data.';
comment on column lacuna.ground.ground is 'An article of the Regulation, with paragraph and letter.';
comment on column lacuna.ground.description is 'What it says, in a few words.';
insert into lacuna.ground (ground, description) values
    ('11(2)', 'The person demonstrably cannot be identified.'),
    ('12(2)', 'The person cannot be identified and gave no further information.'),
    ('12(5)', 'Manifestly unfounded or excessive.'),
    ('12(5)(b)', 'Manifestly unfounded or excessive: no action is taken.'),
    ('12(6)', 'Reasonable doubts about the identity remain.'),
    ('15(4)', 'A copy would adversely affect the rights and freedoms of others.'),
    ('16', 'The data is accurate.'),
    ('17(1)', 'No ground for erasure applies.'),
    ('17(3)(a)', 'Freedom of expression and information.'),
    ('17(3)(b)', 'Legal obligation, or task in the public interest.'),
    ('17(3)(c)', 'Public interest in public health.'),
    ('17(3)(d)', 'Archiving in the public interest, research or statistics.'),
    ('17(3)(e)', 'Legal claims.'),
    ('18(1)', 'No ground for restriction applies.'),
    ('20(1)', 'Not provided by the person, or not processed by consent or contract.'),
    ('20(3)', 'Necessary for a task in the public interest.'),
    ('20(4)', 'It would adversely affect the rights and freedoms of others.'),
    ('21(1)', 'Compelling legitimate grounds, or legal claims.'),
    ('21(6)', 'Research or statistics for a task in the public interest.'),
    ('23(1)', 'A law restricts the right.'),
    ('23(1)(a)', 'A law restricts it: national security.'),
    ('23(1)(b)', 'A law restricts it: defense.'),
    ('23(1)(c)', 'A law restricts it: public security.'),
    ('23(1)(d)', 'A law restricts it: criminal offenses.'),
    ('23(1)(e)', 'A law restricts it: another important public interest.'),
    ('23(1)(f)', 'A law restricts it: independence of courts, judicial proceedings.'),
    ('23(1)(g)', 'A law restricts it: ethics of regulated professions.'),
    ('23(1)(h)', 'A law restricts it: supervision by a public authority.'),
    ('23(1)(i)', 'A law restricts it: protection of the person or of others.'),
    ('23(1)(j)', 'A law restricts it: enforcement of civil claims.'),
    ('89(2)', 'A law provides an exception for research or statistics.'),
    ('89(3)', 'A law provides an exception for archiving in the public interest.');

create table lacuna.request (
    request_id uuid primary key,
    org_id text not null,
    kinds text[] not null check (
        cardinality(kinds) > 0
        and kinds <@ array['restriction', 'objection', 'rectification', 'access', 'portability', 'erasure']
    ),
    level text not null check (level in ('contact', 'conversation', 'message')),
    -- No foreign key: the state also changes in the transaction that changes the platform's rows, and the lookup
    -- of a foreign key leaves the transaction's number on the word's row. A trigger that always fires checks
    -- the state against lacuna.transition.
    state text not null default 'received',
    is_forced boolean not null default false,
    is_verified boolean not null default false,
    received_at timestamptz not null check (isfinite(received_at)),
    due_at timestamptz not null,
    created_at timestamptz not null,
    closed_at timestamptz,
    held_until timestamptz,
    ground text references lacuna.ground,
    obstacle text references lacuna.obstacle,
    plan_digest text check (plan_digest ~ '^[0-9a-f]{64}$'),
    attempt int not null default 0,
    batch_id uuid references lacuna.batch,
    bundle_key text,
    nonce uuid,
    rows_transaction xid8,
    -- The clock (Art. 12(3)).
    alarm_at timestamptz,
    extended_at timestamptz,
    paused_at timestamptz,
    pause text check (pause in ('identity', 'clarification')),
    paused_days int not null default 0 check (paused_days >= 0),
    person_kind text not null default 'contact' check (person_kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    identity_basis text references lacuna.identity_basis,
    split_of uuid references lacuna.request,
    -- Refers to lacuna.mail, which is created later.
    withdrawn_by uuid,
    -- Bytes are compared: a prefix is a range.
    number text collate "C" not null unique check (number ~ '^[A-Z][A-Z0-9]{0,5}-[0-9]{4,}$'),
    constraint request_pause check ((paused_at is null) = (pause is null))
);
comment on table lacuna.request is
    'Requests of data subjects; they are never deleted. Written by the planner; the executor, the verifier and the officers move them on. No personal data: the person''s identifiers are encrypted in request_secret.';
comment on column lacuna.request.request_id is 'Id of the request.';
comment on column lacuna.request.org_id is 'Tenant.';
comment on column lacuna.request.kinds is 'The rights (Art. 15 to 21) that are exercised together.';
comment on column lacuna.request.level is
    'How much an erasure covers: everything of the contact, one conversation, or one message.';
comment on column lacuna.request.state is 'State of the request; lacuna.transition lists the moves.';
comment on column lacuna.request.is_forced is
    'Whether the erasure is carried out although conversations of the person are open.';
comment on column lacuna.request.is_verified is
    'Whether the identity was verified; how it was is encrypted in request_secret.';
comment on column lacuna.request.received_at is
    'When the request was received; the deadline counts from here.';
comment on column lacuna.request.due_at is 'The end of the legal deadline, on a working day.';
comment on column lacuna.request.created_at is 'When the row was written.';
comment on column lacuna.request.closed_at is 'When the request reached a final state. NULL: open.';
comment on column lacuna.request.held_until is
    'When a hold on the whole request ends. NULL: no hold, or one without an end.';
comment on column lacuna.request.ground is 'Ground of a refusal or a hold: an article, never free text.';
comment on column lacuna.request.obstacle is 'Why the request waits, or what failed last.';
comment on column lacuna.request.plan_digest is 'Digest of the newest plan.';
comment on column lacuna.request.attempt is
    'Number of the claim. An update names the attempt to which it belongs; a new claim makes older ones void.';
comment on column lacuna.request.batch_id is 'Batch that claimed the request last.';
comment on column lacuna.request.bundle_key is
    'Public key for which a bundle is encrypted. NULL: a passphrase is generated.';
comment on column lacuna.request.nonce is
    'Salt of the plan''s digest and seed of new keys. Wiped when the request closes.';
comment on column lacuna.request.rows_transaction is
    'The transaction that changed the platform''s rows; each of them carries this number. Wiped when the request closes.';
comment on column lacuna.request.alarm_at is
    'When alarms begin; unlike due_at, no weekend or holiday moves it. NULL: at due_at.';
comment on column lacuna.request.extended_at is
    'When the requester was told of the extension. NULL: not extended.';
comment on column lacuna.request.paused_at is 'Since when the deadline is paused. NULL: it is not.';
comment on column lacuna.request.pause is
    'What the deadline waits for: the proof of identity, or a clarification.';
comment on column lacuna.request.paused_days is 'Days for which the deadline was paused before.';
comment on column lacuna.request.person_kind is
    'Kind of person of the data map, such as contact or agent; never a name of a person.';
comment on column lacuna.request.identity_basis is 'On what the identity rests. NULL: not verified.';
comment on column lacuna.request.split_of is
    'The request of which this one is a part; both rest on the same instruction. Set when the row is inserted.';
comment on column lacuna.request.withdrawn_by is
    'Mail that withdrew the request. NULL: an officer did, or nobody.';
comment on column lacuna.request.number is
    'Short name of the request, such as FJ-0142: the tenant''s prefix, and the count of the tenant''s requests. An insert gives the prefix or nothing; the number is set then and never changes.';

create index request_open on lacuna.request (org_id, state) where closed_at is null;
create index request_due on lacuna.request (org_id, due_at, request_id);
create unique index request_withdrawn_by on lacuna.request (withdrawn_by);
create unique index request_count on lacuna.request (org_id, (split_part(number, '-', 2)::int));

alter table lacuna.request enable row level security;
alter table lacuna.request force row level security;

create function lacuna.check_transition() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'received' then
            raise exception 'request: the first state must be received' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if new.state = old.state then
        return new;
    end if;
    if not exists (
        select from lacuna.transition where from_state = old.state and to_state = new.state
    ) then
        raise exception 'request: state % cannot be followed by %', old.state, new.state
            using errcode = 'check_violation';
    end if;
    if new.state in ('approved', 'refused') and not lacuna.may_decide() then
        raise exception 'request: role % cannot approve or refuse', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state = 'applied' and not pg_has_role(current_user, 'lacuna_executor', 'member') then
        raise exception 'request: role % cannot apply a plan', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state = 'approved' and current_user = 'lacuna_dpo' and (
        select count(distinct approved_by) from lacuna.approval as given
        where given.request_id = new.request_id and given.digest = new.plan_digest
            and given.approved_by like 'dpo:%'
    ) < lacuna.officers_needed(new.org_id) then
        raise exception 'request: not enough officers approved the plan' using errcode = 'check_violation';
    end if;
    return new;
end $$;
comment on function lacuna.check_transition() is
    'Trigger: refuses a state that lacuna.transition does not allow, or that the current role may not set.';
create trigger request_transition before insert or update of state on lacuna.request
    for each row execute function lacuna.check_transition();
alter table lacuna.request enable always trigger request_transition;

create function lacuna.check_decided() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_owner constant boolean := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
begin
    if current_user = 'lacuna_dpo' and (
        new.state <> old.state
            and new.state not in ('approved', 'refused', 'held', 'resolved', 'withdrawn')
            -- A plan waits again once its approvals were revoked.
            and not (old.state = 'approved' and new.state = 'planned' and not exists (
                select from lacuna.approval as given
                where given.request_id = new.request_id and given.digest = new.plan_digest
            ))
        or new.closed_at is distinct from old.closed_at
            and (old.closed_at is not null or new.state not in ('refused', 'withdrawn'))
    ) then
        raise exception 'request: role % cannot make a move that only a flow makes', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state <> old.state and not is_owner and (
        (new.state in ('verified', 'nothing_found')) <> (current_user = 'lacuna_verifier')
        or current_user = 'lacuna_executor' and new.state not in ('applied', 'withdrawn')
    ) then
        raise exception 'request: role % cannot set state %', current_user, new.state
            using errcode = 'insufficient_privilege';
    end if;
    -- A move alone verifies nobody.
    if old.state = 'identity_pending' and new.state = 'resolved' and not new.is_verified
        and not is_owner then
        raise exception 'request: is_verified must be set first' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_decided() is
    'Trigger: refuses moves by a role that did not see or decide them, and the end of an identity check without a verification.';
create trigger request_decided before update on lacuna.request
    for each row execute function lacuna.check_decided();
alter table lacuna.request enable always trigger request_decided;

create function lacuna.number_request() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    prefix text := new.number;
    letters constant text := coalesce(nullif(upper(regexp_replace(
        regexp_replace(new.org_id, '^[^A-Za-z]+', ''), '[^A-Za-z0-9]+', '', 'g') collate "C"), ''), 'R');
    newest text;
    count text;
    tried int := 0;
begin
    -- One lock for all tenants: with one for each, two transactions could wait for each other. It is held until the
    -- end of the transaction, so numbers have no gaps.
    perform pg_advisory_xact_lock(hashtextextended('lacuna.request.number', 0));
    select number into newest from lacuna.request where org_id = new.org_id
    order by split_part(number, '-', 2)::int desc limit 1;
    -- A tenant keeps the prefix of its first request, whoever comes later.
    prefix := coalesce(prefix, split_part(newest, '-', 1));
    while prefix is null loop
        tried := tried + 1;
        -- FJ, FJO, FJOR, FJORD, FJORDL, FJ2, FJ3 …
        prefix := case when tried <= 5 then left(letters, tried + 1) else left(letters, 2) || (tried - 4) end;
        if exists (select from lacuna.request where number >= prefix || '-' and number < prefix || '.') then
            prefix := null;
        end if;
    end loop;
    count := (coalesce(split_part(newest, '-', 2)::int, 0) + 1)::text;
    new.number := prefix || '-' || lpad(count, greatest(4, length(count)), '0');
    return new;
end $$;
comment on function lacuna.number_request() is
    'Trigger: gives a new request its number.';
create trigger request_number before insert on lacuna.request
    for each row execute function lacuna.number_request();
alter table lacuna.request enable always trigger request_number;

create function lacuna.keep_request() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (new.request_id, new.number, new.org_id, new.person_kind, new.level, new.created_at, new.split_of)
        is distinct from (
            old.request_id, old.number, old.org_id, old.person_kind, old.level, old.created_at, old.split_of) then
        raise exception 'request: number, tenant, person kind, level, creation time and split_of cannot change'
            using errcode = 'insufficient_privilege';
    end if;
    -- The key for a bundle comes with the request, before anybody approves it.
    if new.bundle_key is distinct from old.bundle_key
        and (old.bundle_key is not null or old.state <> 'received') then
        raise exception 'request: bundle_key can be set only once, while the request is received'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.keep_request() is
    'Trigger: what a request is about never changes after it was received.';
create trigger request_kept before update on lacuna.request
    for each row execute function lacuna.keep_request();
alter table lacuna.request enable always trigger request_kept;

create function lacuna.keep_identity_basis() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (new.is_verified, new.identity_basis) is not distinct from (old.is_verified, old.identity_basis) then
        return new;
    end if;
    if old.identity_basis in ('mail', 'erased') and new.identity_basis is distinct from old.identity_basis then
        raise exception 'request: identity_basis cannot change once it is mail or erased'
            using errcode = 'insufficient_privilege';
    end if;
    -- Officers record a verification; the intake records only a code that came back by mail.
    if not lacuna.may_decide() and not (
        current_user = 'lacuna_planner' and not old.is_verified
        and (new.is_verified, new.identity_basis) is not distinct from (true, 'mail')
    ) then
        raise exception 'request: role % cannot verify an identity', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.keep_identity_basis() is
    'Trigger: refuses changes of identity_basis and is_verified, except an officer''s verification and a code that came back by mail.';
create trigger request_identity_basis before update on lacuna.request
    for each row execute function lacuna.keep_identity_basis();
alter table lacuna.request enable always trigger request_identity_basis;

create function lacuna.check_part() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from lacuna.request as whole
        where whole.request_id = new.split_of and new.kinds <@ whole.kinds
            and (whole.org_id, whole.level, whole.person_kind, whole.received_at)
                is not distinct from (new.org_id, new.level, new.person_kind, new.received_at)
    ) then
        raise exception 'request: split_of names a request of other rights, tenant, level, kind or date'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_part() is
    'Trigger: a part of a request has its tenant, level, kind of person and date, and only rights of it.';
create trigger request_part before insert on lacuna.request
    for each row when (new.split_of is not null) execute function lacuna.check_part();
alter table lacuna.request enable always trigger request_part;

create function lacuna.check_own_word() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_final constant boolean := new.state in ('completed', 'nothing_found', 'refused', 'withdrawn');
    -- A month and two weeks: months differ in length, and the last day can move behind holidays.
    latest timestamptz;
    days int;
    is_answered boolean := false;
begin
    if lacuna.may_decide() then
        return new;
    end if;
    if tg_op = 'INSERT' then
        select max(held_until) into latest from lacuna.item_hold where request_id = new.split_of;
        latest := greatest(new.received_at, latest) + interval '1 month 14 days';
        if greatest(new.due_at, new.alarm_at) > latest then
            raise exception 'request: the deadline is later than a month and holidays allow'
                using errcode = 'insufficient_privilege';
        end if;
        if num_nonnulls(new.extended_at, new.paused_at, new.ground, new.held_until, new.closed_at,
            new.withdrawn_by) > 0 or new.paused_days <> 0 then
            raise exception 'request: a new request must contain no decision' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    if (new.kinds, new.received_at, new.extended_at) is distinct from
        (old.kinds, old.received_at, old.extended_at) then
        raise exception 'request: role % cannot change rights, receipt or extension', current_user
            using errcode = 'insufficient_privilege';
    end if;
    -- The deadline is paused until the identity is verified, or the requester says which data are meant,
    -- as an officer asked; it then moves by the days of the pause.
    if (new.due_at, new.alarm_at, new.paused_at, new.pause, new.paused_days) is distinct from
        (old.due_at, old.alarm_at, old.paused_at, old.pause, old.paused_days) then
        days := new.paused_days - old.paused_days;
        if old.pause = 'clarification' and current_user = 'lacuna_planner' then
            select exists (
                select from lacuna.mail
                where (request_id, org_id, outcome) = (new.request_id, new.org_id, 'waiting')
                    and 'specification' = any(reasons) and taken_at >= old.paused_at
            ) and exists (
                -- Only an officer can ask.
                select from lacuna.letter
                where request_id = new.request_id and kind = 'specification' and created_at >= old.paused_at
            ) into is_answered;
        end if;
        if not coalesce(case
            when old.pause is null
                then new.pause = 'identity' and not new.is_verified
                    and (new.due_at, new.alarm_at, days) is not distinct from (old.due_at, old.alarm_at, 0)
            else new.pause is null and (is_answered or old.pause = 'identity' and new.is_verified)
                and days between 0 and 1 + greatest(0, extract(day from now() - old.paused_at))
                and new.due_at - old.due_at <= make_interval(days => days + 14)
                and coalesce(new.alarm_at - coalesce(old.alarm_at, old.due_at), '0')
                    <= make_interval(days => days + 1)
        end, false) then
            raise exception 'request: role % cannot change the deadline', current_user
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    -- Separate statements: rights are checked for a whole expression, and the executor may not read holds or
    -- mails.
    if old.state = 'held' and new.state <> 'held' then
        -- An hour, because clocks differ.
        if new.state <> 'withdrawn' and coalesce(old.held_until > now() + interval '1 hour', true)
            or (new.ground, new.held_until) is distinct from (old.ground, old.held_until) then
            raise exception 'request: role % cannot end a hold before its time', current_user
                using errcode = 'insufficient_privilege';
        end if;
    elsif new.state = 'held' and old.state <> 'held'
        or (new.ground, new.held_until) is distinct from (old.ground, old.held_until) then
        -- Only the hold of an officer on one table of the whole request may be repeated for its part.
        if new.state <> 'held' or old.state not in ('received', 'held') or not exists (
                select from lacuna.item_hold
                where request_id = new.split_of and ground = new.ground
                    and held_until = coalesce(new.held_until, held_until)
            ) then
            raise exception 'request: role % cannot create a hold', current_user
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    if new.closed_at is distinct from old.closed_at and (old.closed_at is not null or not is_final)
        or is_final <> (new.closed_at is not null) then
        raise exception 'request: closed_at belongs to a final state, and cannot change'
            using errcode = 'insufficient_privilege';
    end if;
    if new.withdrawn_by is distinct from old.withdrawn_by then
        if old.withdrawn_by is not null or is_final or not exists (
            select from lacuna.mail
            where (mail_id, org_id, outcome) = (new.withdrawn_by, new.org_id, 'withdrawn')
        ) then
            raise exception 'request: withdrawn_by names no mail with outcome withdrawn'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    -- By a mail; or by the executor, if the request had erased the person before the database was restored.
    if new.state = 'withdrawn' and old.state <> 'withdrawn'
        and not (current_user = 'lacuna_planner' and new.withdrawn_by is not null)
        and current_user <> 'lacuna_executor' then
        raise exception 'request: role % cannot withdraw without a mail', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_own_word() is
    'Trigger: limits what the batch roles may write in a request without an officer''s decision.';
create trigger request_own_word before insert or update on lacuna.request
    for each row execute function lacuna.check_own_word();
alter table lacuna.request enable always trigger request_own_word;

-- --- Encrypted content, and the person ------------------------------------------------------------

create table lacuna.secret_purpose (
    purpose text primary key,
    description text not null
);
comment on table lacuna.secret_purpose is
    'Kinds of encrypted content of a request. Written by the owner alone. No personal data.';
comment on column lacuna.secret_purpose.purpose is 'Word of the list.';
comment on column lacuna.secret_purpose.description is 'What it means.';
insert into lacuna.secret_purpose (purpose, description) values
    ('identifiers', 'The identifiers that were given.'),
    ('identity', 'How the identity was verified.'),
    ('person', 'The known values of the person, taken before the rows change.'),
    ('rectification', 'The corrected values.'),
    ('corrections', 'The wrong values, and the values that replace them.'),
    ('challenge', 'The code that was sent, and the address that must return it.'),
    ('confirmation', 'Codes that a controller returns to confirm an instruction.'),
    ('candidates', 'The people who match.'),
    ('instruction', 'What the controller instructed, and how it came.'),
    ('requester', 'The address and language for letters.'),
    ('delivery', 'Where the link to a bundle and its code can be sent; kept until the bundle is deleted.'),
    ('recipient', 'By what the recipient of a bundle is known; kept until the bundle is deleted or the person erased.'),
    ('comments', 'Comments of officers.');

create table lacuna.request_secret (
    request_id uuid not null references lacuna.request on delete cascade,
    purpose text not null references lacuna.secret_purpose,
    content bytea not null,
    primary key (request_id, purpose)
);
comment on table lacuna.request_secret is
    'Encrypted content of requests: what was given with a request or found for it. Written by the planner and the officers. Personal data, encrypted with the request''s key, which is kept outside the database. Deleted when the request closes; whom a bundle is for and where it can be delivered to, when the bundle is deleted; the first also when the person is erased.';
comment on column lacuna.request_secret.request_id is 'The request.';
comment on column lacuna.request_secret.purpose is 'What the content is.';
comment on column lacuna.request_secret.content is 'Personal data, encrypted with the key of the request.';

alter table lacuna.request_secret enable row level security;
alter table lacuna.request_secret force row level security;

create table lacuna.request_subject (
    request_id uuid not null references lacuna.request on delete cascade,
    org_id text not null,
    person_key text not null,
    primary key (request_id, person_key)
);
comment on table lacuna.request_subject is
    'The person of each request, so that an access bundle lists the person''s earlier requests, refusals included. Written by the planner. Personal data. An erasure deletes the row; the request stays.';
comment on column lacuna.request_subject.request_id is 'The request.';
comment on column lacuna.request_subject.org_id is 'Tenant.';
comment on column lacuna.request_subject.person_key is
    'Key of the person in the platform; for other kinds of people with the kind before it, such as agent:17. Personal data.';

create index request_subject_person on lacuna.request_subject (org_id, person_key);

alter table lacuna.request_subject enable row level security;
alter table lacuna.request_subject force row level security;

-- --- Restrictions and holds -----------------------------------------------------------------------

create table lacuna.restriction (
    org_id text not null,
    contact_id text not null,
    kind text not null check (kind in ('restriction', 'objection')),
    request_id uuid not null references lacuna.request,
    since timestamptz not null,
    primary key (org_id, contact_id, kind, request_id)
);
comment on table lacuna.restriction is
    'People whose data sweeps and reporting leave out (Art. 18 and 21). Written by the planner and the executor. Personal data. The row is deleted when an officer lifts the restriction, the request is withdrawn, or the person is erased.';
comment on column lacuna.restriction.org_id is 'Tenant.';
comment on column lacuna.restriction.contact_id is 'The platform''s own key of the person. Personal data.';
comment on column lacuna.restriction.kind is
    'The right that was exercised: restriction (Art. 18) or objection (Art. 21).';
comment on column lacuna.restriction.request_id is 'Request on which the restriction rests.';
comment on column lacuna.restriction.since is 'Since when the restriction applies.';

alter table lacuna.restriction enable row level security;
alter table lacuna.restriction force row level security;

create function lacuna.check_lift() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user = 'lacuna_planner' and not lacuna.may_decide() and not exists (
        select from lacuna.request where request_id = old.request_id and state = 'withdrawn'
    ) then
        raise exception 'restriction: role % cannot lift it while its request is not withdrawn', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;
comment on function lacuna.check_lift() is
    'Trigger: the planner lifts a restriction only if its request was withdrawn. Officers lift others; the executor lifts those of erased people.';
create trigger restriction_lifted before delete on lacuna.restriction
    for each row execute function lacuna.check_lift();
alter table lacuna.restriction enable always trigger restriction_lifted;

create table lacuna.item_hold (
    request_id uuid not null references lacuna.request,
    org_id text not null,
    held_table text not null check (length(held_table) between 3 and 200),
    ground text not null check (ground ~ '^17\(3\)\([a-e]\)$'),
    held_until timestamptz not null check (isfinite(held_until)),
    held_at timestamptz not null,
    held_by text not null check (held_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    primary key (request_id, held_table)
);
comment on table lacuna.item_hold is
    'Holds on single tables of a request: the person''s rows there stay while the rest is erased. Written by officers, and by the executor after a restore. No personal data.';
comment on column lacuna.item_hold.request_id is 'The request.';
comment on column lacuna.item_hold.org_id is 'Tenant.';
comment on column lacuna.item_hold.held_table is 'Table of the data map, `schema.table`.';
comment on column lacuna.item_hold.ground is 'Ground of the hold: a letter of Art. 17(3).';
comment on column lacuna.item_hold.held_until is 'When the hold ends.';
comment on column lacuna.item_hold.held_at is 'When the hold was set.';
comment on column lacuna.item_hold.held_by is
    'Role and key id of the officer, or the rule that repeats a hold after a restore; never a name.';

alter table lacuna.item_hold enable row level security;
alter table lacuna.item_hold force row level security;

create function lacuna.check_hold() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and lacuna.is_officer(new.held_by, new.org_id) then
        return new;
    end if;
    -- A separate statement: officers may not read the ledger here.
    if current_user = 'lacuna_executor' and tg_op = 'INSERT' and new.held_by = 'rule:reappearance' then
        if exists (
            select from lacuna.request as again
            where (again.request_id, again.org_id) = (new.request_id, new.org_id)
                and again.identity_basis = 'erased' and again.kinds = array['erasure']
                and again.split_of is null
                and again.state in ('received', 'resolved', 'planned', 'approved')
                and exists (
                    select from lacuna_evidence.entry as seen
                    where seen.request_id = again.request_id and seen.action = 'reappeared'
                        and seen.phase = 'outcome')
        ) then
            return new;
        end if;
    end if;
    raise exception 'hold: held_by is not a registered officer of this tenant'
        using errcode = 'insufficient_privilege';
end $$;
comment on function lacuna.check_hold() is
    'Trigger: a hold is set by a registered officer of the tenant, or repeated by the executor for a person who came back after a restore.';
create trigger item_hold_holder before insert or update on lacuna.item_hold
    for each row execute function lacuna.check_hold();
alter table lacuna.item_hold enable always trigger item_hold_holder;
