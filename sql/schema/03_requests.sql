-- Requests of data subjects: how they move, what is kept of them, and whom they are about.

-- --- States ---------------------------------------------------------------------------------------

create table lacuna.request_state (
    state text primary key,
    description text not null
);
comment on table lacuna.request_state is
    'States of a request. Written by the owner alone. No personal data.';
insert into lacuna.request_state (state, description) values
    ('received', 'Accepted; not resolved yet.'),
    ('identity_pending', 'The requester is not verified.'),
    ('ambiguous', 'It could mean several people.'),
    ('resolved', 'The person is known.'),
    ('planned', 'A plan waits for its approval.'),
    ('approved', 'The plan is approved, not applied yet.'),
    ('applied', 'The plan is applied.'),
    ('verified', 'The gates found nothing left.'),
    ('completed', 'Everything is done. Final.'),
    ('nothing_found', 'The platform holds nothing of the person. Final.'),
    ('held', 'On hold.'),
    ('refused', 'An officer refused it. Final.'),
    ('withdrawn', 'The requester took it back. Final.');

create table lacuna.transition (
    from_state text not null references lacuna.request_state,
    to_state text not null references lacuna.request_state,
    primary key (from_state, to_state)
);
comment on table lacuna.transition is
    'How a request may move on; model/request.py has the same table. Written by the owner alone. No personal data.';

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
    'Why a request can wait, or what can have failed. Written by the owner alone. No personal data.';
insert into lacuna.obstacle (obstacle, description) values
    ('open_conversations', 'A conversation of the person is open.'),
    ('earlier_rights', 'Another right of the person comes before it.'),
    ('plan_changed', 'The data no longer fits the approved plan.'),
    ('too_many_rows', 'More rows would change than were planned.'),
    ('mention_refused', 'The person is mentioned where the data map expects nobody.'),
    ('values_missed', 'A gate derives values that the plan does not know.'),
    ('rows_unreached', 'Rows name the person, and the data map has no link from them to a person.'),
    ('apply_failed', 'The plan could not be carried out; it was rolled back.'),
    ('bundle_failed', 'The bundle could not be made.'),
    ('verification_failed', 'A gate found something left.'),
    ('not_approved', 'Nobody approved the plan.'),
    ('ambiguous', 'It could mean several people.'),
    ('identity', 'The requester is not verified.'),
    ('controller', 'The controller has not instructed it.'),
    ('duplicate', 'An open request asks for the same.'),
    ('decided_before', 'It was held or refused before the database was put back.'),
    ('internal_error', 'An internal error.');

create table lacuna.identity_basis (
    basis text primary key,
    description text not null
);
comment on table lacuna.identity_basis is
    'On what the identity of a requester can rest. Written by the owner alone. No personal data.';
insert into lacuna.identity_basis (basis, description) values
    ('mail', 'On their mails alone, a code answered from the address on file among them.'),
    ('stated', 'On what another system or a person stated.'),
    ('erased', 'On an erasure: they were erased before, and are there again.');

create table lacuna.request (
    request_id uuid primary key,
    org_id text not null,
    kinds text[] not null check (
        cardinality(kinds) > 0
        and kinds <@ array['restriction', 'objection', 'rectification', 'access', 'portability', 'erasure']
    ),
    level text not null check (level in ('contact', 'conversation', 'message')),
    -- No foreign key: it moves in the transaction that changes the platform's rows too, and to look a word up
    -- by one leaves the transaction's number on the word. lacuna.transition says where it may go, by a trigger
    -- that always fires.
    state text not null default 'received',
    is_forced boolean not null default false,
    verified_by text check (verified_by = 'recorded'),
    received_at timestamptz not null check (isfinite(received_at)),
    due_at timestamptz not null,
    created_at timestamptz not null,
    closed_at timestamptz,
    held_until timestamptz,
    ground text,
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
    -- Of lacuna.mail, which is made later.
    withdrawn_by uuid,
    constraint request_pause check ((paused_at is null) = (pause is null))
);
comment on table lacuna.request is
    'Requests of data subjects. Written by the planner, which never deletes one; the executor, the verifier and the officers move them on. No personal data: whom it is about lies encrypted in request_secret.';
comment on column lacuna.request.kinds is 'The rights (Art. 15 to 21) that are exercised together.';
comment on column lacuna.request.level is 'How far an erasure reaches.';
comment on column lacuna.request.is_forced is 'Open conversations do not block an erasure.';
comment on column lacuna.request.verified_by is
    'That identity was verified; how is encrypted with the identifiers.';
comment on column lacuna.request.identity_basis is
    'On what identity rests. NULL: not verified.';
comment on column lacuna.request.obstacle is
    'Why the request waits or what failed last.';
comment on column lacuna.request.ground is 'The ground of a refusal or a hold: an article, never free text.';
comment on column lacuna.request.attempt is
    'Fencing: an update names the attempt it belongs to; a newer claim makes older ones void.';
comment on column lacuna.request.bundle_key is 'Public key that a bundle is encrypted for.';
comment on column lacuna.request.nonce is
    'Salt of the plan''s digest and seed of new keys; wiped when the request closes.';
comment on column lacuna.request.rows_transaction is
    'The transaction that changed the platform''s rows: each row it wrote carries this id. Wiped with the nonce.';
comment on column lacuna.request.due_at is 'The end of the legal day, on a working day.';
comment on column lacuna.request.alarm_at is
    'What alarms run against: no weekend or holiday moves it. NULL: due_at.';
comment on column lacuna.request.extended_at is 'When the requester was told that it takes longer.';
comment on column lacuna.request.person_kind is
    'What the person is to the platform: a contact, or another kind of the data map, such as an agent. A name of the map, never one of a person.';
comment on column lacuna.request.split_of is
    'The request that this is a part of; it rests on the same instruction. Set when the row is inserted.';
comment on column lacuna.request.withdrawn_by is
    'Mail that withdrew the request. NULL: an officer did, or nobody.';

create index request_open on lacuna.request (org_id, state) where closed_at is null;
create index request_due on lacuna.request (org_id, due_at, request_id);
create unique index request_withdrawn_by on lacuna.request (withdrawn_by);

alter table lacuna.request enable row level security;
alter table lacuna.request force row level security;

create function lacuna.check_transition() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'received' then
            raise exception 'a request starts as received' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if new.state = old.state then
        return new;
    end if;
    if not exists (
        select from lacuna.transition where from_state = old.state and to_state = new.state
    ) then
        raise exception 'request cannot go from % to %', old.state, new.state
            using errcode = 'check_violation';
    end if;
    if new.state in ('approved', 'refused') and not lacuna.may_decide() then
        raise exception 'role % decides on no request', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state = 'applied' and not pg_has_role(current_user, 'lacuna_executor', 'member') then
        raise exception 'role % applies no plan', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state = 'approved' and current_user = 'lacuna_dpo' and (
        select count(distinct approved_by) from lacuna.approval as given
        where given.request_id = new.request_id and given.digest = new.plan_digest
            and given.approved_by like 'dpo:%'
    ) < lacuna.officers_needed(new.org_id) then
        raise exception 'not enough officers approved the plan' using errcode = 'check_violation';
    end if;
    return new;
end $$;
create trigger request_transition before insert or update of state on lacuna.request
    for each row execute function lacuna.check_transition();
alter table lacuna.request enable always trigger request_transition;

-- Whoever looked says what was seen: that nothing is left of somebody, or nobody is there. Each other move
-- is its role's too: an officer decides; that a request was planned, verified or certified, a flow saw.
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
        or new.closed_at is distinct from old.closed_at
            and (old.closed_at is not null or new.state not in ('refused', 'withdrawn'))
    ) then
        raise exception 'role % does not do what a flow does', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state <> old.state and not is_owner and (
        (new.state in ('verified', 'nothing_found')) <> (current_user = 'lacuna_verifier')
        or current_user = 'lacuna_executor' and new.state not in ('applied', 'withdrawn')
    ) then
        raise exception 'role % moves no request to %', current_user, new.state
            using errcode = 'insufficient_privilege';
    end if;
    -- Nobody is verified by moving on.
    if old.state = 'identity_pending' and new.state = 'resolved' and new.verified_by is null
        and not is_owner then
        raise exception 'nobody was verified' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_decided before update on lacuna.request
    for each row execute function lacuna.check_decided();
alter table lacuna.request enable always trigger request_decided;

-- What a request is about stays what it was when somebody approved it.
create function lacuna.keep_request() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (new.request_id, new.org_id, new.person_kind, new.level, new.created_at, new.split_of)
        is distinct from (
            old.request_id, old.org_id, old.person_kind, old.level, old.created_at, old.split_of) then
        raise exception 'a request stays what it was received as' using errcode = 'insufficient_privilege';
    end if;
    -- Whom a bundle is encrypted for is given with the request, before anybody approves it.
    if new.bundle_key is distinct from old.bundle_key
        and (old.bundle_key is not null or old.state <> 'received') then
        raise exception 'the recipient of a bundle stays' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_kept before update on lacuna.request
    for each row execute function lacuna.keep_request();
alter table lacuna.request enable always trigger request_kept;

-- A request for somebody who was erased and is there again is queued as that, by the planner, and stays
-- that. That they are there again says the executor, which looked. Neither has the rule by itself.
create function lacuna.keep_identity_basis() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (new.verified_by, new.identity_basis) is not distinct from (old.verified_by, old.identity_basis) then
        return new;
    end if;
    if old.identity_basis in ('mail', 'erased') and new.identity_basis is distinct from old.identity_basis then
        raise exception 'identity_basis cannot change once it is mail or erased'
            using errcode = 'insufficient_privilege';
    end if;
    -- An officer says how somebody was verified; the intake, that a code came back by mail.
    if not lacuna.may_decide() and not (
        current_user = 'lacuna_planner' and old.verified_by is null
        and (new.verified_by, new.identity_basis) is not distinct from ('recorded', 'mail')
    ) then
        raise exception 'role % verifies nobody', current_user using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
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
        raise exception 'it is no part of that request' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_part before insert on lacuna.request
    for each row when (new.split_of is not null) execute function lacuna.check_part();
alter table lacuna.request enable always trigger request_part;

-- What the batch roles may say of a request by themselves.
create function lacuna.check_own_word() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_final constant boolean := new.state in ('completed', 'nothing_found', 'refused', 'withdrawn');
    -- Months are of different lengths, and a run of holidays ends.
    latest timestamptz;
    days int;
begin
    if lacuna.may_decide() then
        return new;
    end if;
    if tg_op = 'INSERT' then
        select max(held_until) into latest from lacuna.item_hold where request_id = new.split_of;
        latest := greatest(new.received_at, latest) + interval '1 month 14 days';
        if greatest(new.due_at, new.alarm_at) > latest then
            raise exception 'a request is due in a month' using errcode = 'insufficient_privilege';
        end if;
        if num_nonnulls(new.extended_at, new.paused_at, new.ground, new.held_until, new.closed_at,
            new.withdrawn_by) > 0 or new.paused_days <> 0 then
            raise exception 'a new request must have no decisions' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    if (new.kinds, new.received_at, new.extended_at) is distinct from
        (old.kinds, old.received_at, old.extended_at) then
        raise exception 'role % changes no rights and gives no time', current_user
            using errcode = 'insufficient_privilege';
    end if;
    -- The clock stands still while nobody is verified, and runs again with the days that it stood.
    if (new.due_at, new.alarm_at, new.paused_at, new.pause, new.paused_days) is distinct from
        (old.due_at, old.alarm_at, old.paused_at, old.pause, old.paused_days) then
        days := new.paused_days - old.paused_days;
        if not coalesce(case
            when old.pause is null
                then new.pause = 'identity' and new.verified_by is null
                    and (new.due_at, new.alarm_at, days) is not distinct from (old.due_at, old.alarm_at, 0)
            else old.pause = 'identity' and new.pause is null and new.verified_by is not null
                and days between 0 and 1 + greatest(0, extract(day from now() - old.paused_at))
                and new.due_at - old.due_at <= make_interval(days => days + 14)
                and coalesce(new.alarm_at - coalesce(old.alarm_at, old.due_at), '0')
                    <= make_interval(days => days + 1)
        end, false) then
            raise exception 'role % must not change the deadline', current_user
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    -- One statement for each: an expression is checked as a whole, and the executor reads no holds or mails.
    if old.state = 'held' and new.state <> 'held' then
        -- Two clocks are never the same.
        if new.state <> 'withdrawn' and coalesce(old.held_until > now() + interval '1 hour', true)
            or (new.ground, new.held_until) is distinct from (old.ground, old.held_until) then
            raise exception 'role % ends no hold', current_user using errcode = 'insufficient_privilege';
        end if;
    elsif new.state = 'held' and old.state <> 'held'
        or (new.ground, new.held_until) is distinct from (old.ground, old.held_until) then
        -- What a hold on one table kept is held as that says.
        if new.state <> 'held' or old.state not in ('received', 'held') or not exists (
                select from lacuna.item_hold
                where request_id = new.split_of and ground = new.ground
                    and held_until = coalesce(new.held_until, held_until)
            ) then
            raise exception 'role % must not create a hold', current_user
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    if new.closed_at is distinct from old.closed_at and (old.closed_at is not null or not is_final)
        or is_final <> (new.closed_at is not null) then
        raise exception 'a request is closed at its end' using errcode = 'insufficient_privilege';
    end if;
    if new.withdrawn_by is distinct from old.withdrawn_by then
        if old.withdrawn_by is not null or is_final or not exists (
            select from lacuna.mail
            where (mail_id, org_id, outcome) = (new.withdrawn_by, new.org_id, 'withdrawn')
        ) then
            raise exception 'withdrawn_by names no mail with outcome withdrawn'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    -- By a mail; or it erased somebody before the database was put back, as the executor saw.
    if new.state = 'withdrawn' and old.state <> 'withdrawn'
        and not (current_user = 'lacuna_planner' and new.withdrawn_by is not null)
        and current_user <> 'lacuna_executor' then
        raise exception 'role % withdraws nothing by itself', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_own_word before insert or update on lacuna.request
    for each row execute function lacuna.check_own_word();
alter table lacuna.request enable always trigger request_own_word;

-- --- What is kept of a request, and whom it is about ----------------------------------------------

create table lacuna.secret_purpose (
    purpose text primary key,
    description text not null
);
comment on table lacuna.secret_purpose is
    'Kinds of encrypted content of a request. Written by the owner alone. No personal data.';
insert into lacuna.secret_purpose (purpose, description) values
    ('identifiers', 'The identifiers that were given.'),
    ('identity', 'How the identity was verified.'),
    ('person', 'Every value known of the person, taken before the rows change.'),
    ('rectification', 'What is to be corrected.'),
    ('corrections', 'The values that were wrong, and what takes their place.'),
    ('challenge', 'What was sent where, to be answered from there.'),
    ('confirmation', 'Codes that a controller sends back to confirm an instruction.'),
    ('candidates', 'The people whom it could mean.'),
    ('instruction', 'What the controller instructed, and how it came.'),
    ('requester', 'Whom the letters go to, and in which language.');

create table lacuna.request_secret (
    request_id uuid not null references lacuna.request on delete cascade,
    purpose text not null references lacuna.secret_purpose,
    content bytea not null,
    primary key (request_id, purpose)
);
comment on table lacuna.request_secret is
    'What was given with a request or found for it. Written by the planner and the officers. Personal data, encrypted with the request''s key, which lies outside the database; deleted at closing.';

alter table lacuna.request_secret enable row level security;
alter table lacuna.request_secret force row level security;

create table lacuna.request_subject (
    request_id uuid not null references lacuna.request on delete cascade,
    org_id text not null,
    contact_id text not null,
    primary key (request_id, contact_id)
);
comment on table lacuna.request_subject is
    'Whose request it is: so that an access bundle lists the person''s earlier requests, refusals included. Written by the planner. Personal data: contact_id is the platform''s own key of a person: an erasure deletes the row, and the request stays.';

create index request_subject_contact on lacuna.request_subject (org_id, contact_id);

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
    'People whom sweeps and reporting leave out (Art. 18 and 21). Written by the planner and the executor. Personal data: contact_id is the platform''s own key of a person.';

alter table lacuna.restriction enable row level security;
alter table lacuna.restriction force row level security;

-- A restriction that was recorded is lifted by an officer, or goes with the request that was taken back.
-- The executor lifts it from whoever is erased.
create function lacuna.check_lift() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user = 'lacuna_planner' and not lacuna.may_decide() and not exists (
        select from lacuna.request where request_id = old.request_id and state = 'withdrawn'
    ) then
        raise exception 'role % lifts no restriction', current_user using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;
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
comment on column lacuna.item_hold.held_table is '`schema.table` of the data map.';
comment on column lacuna.item_hold.held_by is 'Role and key id, never a name.';

alter table lacuna.item_hold enable row level security;
alter table lacuna.item_hold force row level security;

-- A hold is an officer's, of the register. What an officer held of somebody stays held where a restore
-- brings the person back: the executor, which sees who is there again, says so of the request by which they
-- are erased again, before anything is changed, and of no other; it changes no hold.
create function lacuna.check_hold() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and lacuna.is_officer(new.held_by, new.org_id) then
        return new;
    end if;
    -- A statement of its own: an officer reads no ledger here.
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
create trigger item_hold_holder before insert or update on lacuna.item_hold
    for each row execute function lacuna.check_hold();
alter table lacuna.item_hold enable always trigger item_hold_holder;
