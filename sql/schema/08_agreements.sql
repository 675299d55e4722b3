-- Agreements: versions of texts, their acceptances, and controllers' instructions. All append-only.

create table lacuna.agreement (
    agreement_id uuid primary key,
    org_id text not null,
    kind text not null check (kind in ('terms', 'dpa', 'privacy')),
    version text not null check (length(version) between 1 and 100),
    text_digest text not null check (text_digest ~ '^[0-9a-f]{64}$'),
    valid_from timestamptz not null check (isfinite(valid_from)),
    standing text[] not null default '{}' constraint agreement_standing check (
        standing <@ array['restriction', 'objection', 'rectification', 'access', 'portability', 'erasure']
        and (kind = 'dpa' or standing = '{}')
    ),
    recorded_at timestamptz not null,
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    constraint agreement_once unique (org_id, kind, version),
    constraint agreement_tenant unique (agreement_id, org_id)
);
comment on table lacuna.agreement is
    'Versions of the texts that are agreed on, append-only. Written by officers. No personal data.';
comment on column lacuna.agreement.agreement_id is 'Id of the version.';
comment on column lacuna.agreement.org_id is 'Tenant.';
comment on column lacuna.agreement.kind is
    'Kind of text: terms, data processing agreement (dpa) or privacy notice.';
comment on column lacuna.agreement.version is 'Name of the version, which officers choose.';
comment on column lacuna.agreement.text_digest is 'SHA-256 of the text.';
comment on column lacuna.agreement.valid_from is
    'From when the version counts; until then, the version before it does.';
comment on column lacuna.agreement.standing is
    'In a data processing agreement: rights for which the controller gives a standing instruction.';
comment on column lacuna.agreement.recorded_at is 'When the row was written.';
comment on column lacuna.agreement.recorded_by is 'Role and key id of the officer, never a name.';

create table lacuna.acceptance (
    acceptance_id uuid primary key,
    agreement_id uuid not null,
    org_id text not null,
    subject_id uuid unique,
    accepted_by text check (accepted_by ~ '^(controller|system):[a-z0-9_-]{1,40}$'),
    method text not null check (method in ('signature', 'web', 'mail')),
    accepted_at timestamptz not null check (isfinite(accepted_at)),
    recorded_at timestamptz not null,
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    constraint acceptance_agreement_fkey foreign key (agreement_id, org_id) references lacuna.agreement (agreement_id, org_id),
    constraint acceptance_by_one check ((subject_id is null) <> (accepted_by is null))
);
comment on table lacuna.acceptance is
    'Acceptances of these versions, append-only. Written by officers. No personal data by itself: subject_id leads to the person as long as lacuna.subject has the row.';
comment on column lacuna.acceptance.acceptance_id is 'Random id.';
comment on column lacuna.acceptance.agreement_id is 'The version that was accepted.';
comment on column lacuna.acceptance.org_id is 'Tenant.';
comment on column lacuna.acceptance.subject_id is
    'Id in lacuna.subject of the contact who accepted; an erasure deletes that row. NULL: the tenant accepted.';
comment on column lacuna.acceptance.accepted_by is
    'Role and key id of the person who accepted for the tenant, never a name. NULL: a contact accepted.';
comment on column lacuna.acceptance.method is 'How it was accepted.';
comment on column lacuna.acceptance.accepted_at is 'When it was accepted.';
comment on column lacuna.acceptance.recorded_at is 'When the row was written.';
comment on column lacuna.acceptance.recorded_by is 'Role and key id of the officer, never a name.';

create index acceptance_agreement on lacuna.acceptance (agreement_id);

create table lacuna.instruction (
    instruction_id bigint generated always as identity primary key,
    org_id text not null,
    request_id uuid not null references lacuna.request,
    source text not null check (source in ('standing', 'mail', 'written')),
    agreement_id uuid references lacuna.agreement,
    instructed_at timestamptz not null,
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    constraint instruction_standing check ((source = 'standing') = (agreement_id is not null))
);
comment on table lacuna.instruction is
    'Controllers'' instructions to carry out a request of a contact, append-only: for a tenant''s contacts, Lacuna is the processor (Art. 28(3)(a)). Written by the planner and by officers. No personal data: the wording is encrypted in request_secret.';
comment on column lacuna.instruction.instruction_id is 'Number of the entry.';
comment on column lacuna.instruction.org_id is 'Tenant.';
comment on column lacuna.instruction.request_id is 'The request.';
comment on column lacuna.instruction.source is
    'How the instruction came: standing in the agreement, by mail, or in writing.';
comment on column lacuna.instruction.agreement_id is
    'Data processing agreement that contains the standing instruction.';
comment on column lacuna.instruction.instructed_at is 'When the instruction was recorded.';
comment on column lacuna.instruction.recorded_by is 'Flow, or role and key id of the officer; never a name.';

create index instruction_request on lacuna.instruction (request_id);

do $$
declare
    name text;
begin
    foreach name in array array['agreement', 'acceptance', 'instruction'] loop
        execute format(
            'create trigger %I before update or delete or truncate on lacuna.%I '
            'for each statement execute function lacuna.refuse_change()',
            name || '_append_only', name);
        execute format(
            'alter table lacuna.%I enable always trigger %I', name, name || '_append_only');
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;

-- Officers record texts and acceptances (the function is in 07_consent.sql).
create trigger agreement_recorder before insert on lacuna.agreement
    for each row execute function lacuna.check_recorded_by();
alter table lacuna.agreement enable always trigger agreement_recorder;
create trigger acceptance_recorder before insert on lacuna.acceptance
    for each row execute function lacuna.check_recorded_by();
alter table lacuna.acceptance enable always trigger acceptance_recorder;

-- The planner's login reads mails of strangers, and its row alone allows a request to be carried out.
create function lacuna.check_instruction() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member') then
        return new;
    end if;
    if not exists (
        select from lacuna.request as asked
        where (asked.request_id, asked.org_id) = (new.request_id, new.org_id)
            and (new.source <> 'standing' or exists (
                select from lacuna.agreement as text join lacuna.acceptance as given using (agreement_id)
                where (text.agreement_id, text.org_id, text.kind) = (new.agreement_id, new.org_id, 'dpa')
                    and given.accepted_by is not null and asked.kinds <@ text.standing))
    ) then
        raise exception 'instruction: the request, its tenant or the accepted agreement does not fit'
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and new.recorded_by ~ '^(dpo|controller):'
        and lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id) then
        return new;
    end if;
    -- A written instruction came with the request from the tenant's own system; officers record what a person
    -- says.
    if new.recorded_by like 'flow:%' and (new.source <> 'written' or exists (
        select from lacuna.request_secret
        where request_id = new.request_id and purpose = 'instruction'
    )) then
        return new;
    end if;
    -- A part repeats the instruction of the whole request; its recorder may no longer be an officer.
    if exists (
        select from lacuna.request as part join lacuna.instruction as word on word.request_id = part.split_of
        where part.request_id = new.request_id
            and (word.org_id, word.source, word.agreement_id, word.instructed_at, word.recorded_by)
                is not distinct from
                (new.org_id, new.source, new.agreement_id, new.instructed_at, new.recorded_by)
    ) then
        return new;
    end if;
    raise exception 'instruction: recorded_by is not a registered officer of this tenant'
        using errcode = 'insufficient_privilege';
end $$;
comment on function lacuna.check_instruction() is
    'Trigger: an instruction fits the request, its tenant and the accepted agreement. An officer records a person''s word; flows record standing and mailed instructions, and written ones of the tenant''s own system.';
create trigger instruction_recorder before insert on lacuna.instruction
    for each row execute function lacuna.check_instruction();
alter table lacuna.instruction enable always trigger instruction_recorder;
