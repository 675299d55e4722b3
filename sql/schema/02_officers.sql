-- Who decides: the officers of each tenant, and the rules that the owner of the installation lets decide.

-- --- Officers -------------------------------------------------------------------------------------

create table lacuna.officer (
    officer_id bigint generated always as identity primary key,
    -- Without `between`: so a dump and its restore have the same text.
    name text not null
        constraint officer_name_check check (length(name) >= 1 and length(name) <= 200 and name = btrim(name)),
    actor text not null check (actor ~ '^dpo:[a-z0-9_-]{1,40}$'),
    org_id text not null check (length(org_id) between 1 and 200),
    added_at timestamptz not null,
    removed_at timestamptz
);
comment on table lacuna.officer is
    'The register of officers. Written by the owner alone (lacuna officer); a row is never changed but to say that it is over. Personal data: the officers'' names.';
comment on column lacuna.officer.name is 'The name that they log in by, to Airflow or after --as.';
comment on column lacuna.officer.actor is 'What the ledger calls them: role and key id, never a name.';
comment on column lacuna.officer.org_id is '''*'' is every tenant, and is given by name alone.';

create unique index officer_once on lacuna.officer (name, org_id) where removed_at is null;

-- Who decided when stays known.
create function lacuna.keep_officer() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and old.removed_at is null and new.removed_at is not null
        and (new.name, new.actor, new.org_id, new.added_at)
            = (old.name, old.actor, old.org_id, old.added_at) then
        return new;
    end if;
    raise exception 'lacuna.officer keeps its history' using errcode = 'insufficient_privilege';
end $$;
create trigger officer_history before update or delete on lacuna.officer
    for each row execute function lacuna.keep_officer();
create trigger officer_stays before truncate on lacuna.officer
    for each statement execute function lacuna.refuse_change();
-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna.officer enable always trigger officer_history;
alter table lacuna.officer enable always trigger officer_stays;

alter table lacuna.officer enable row level security;
alter table lacuna.officer force row level security;

create function lacuna.is_officer(of_actor text, of_org text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from lacuna.officer
        where actor = of_actor and removed_at is null and org_id in ('*', of_org)
    )
$$;

-- --- Two of them ----------------------------------------------------------------------------------

create table lacuna.two_officers (
    org_id text primary key check (length(org_id) between 1 and 200),
    since timestamptz not null
);
comment on table lacuna.two_officers is
    'Tenants (* is every one) of which two officers approve each plan that a person approves. Written by the owner alone (lacuna officer). No personal data.';

alter table lacuna.two_officers enable row level security;
alter table lacuna.two_officers force row level security;

create function lacuna.officers_needed(of_org text) returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select case when exists (select from lacuna.two_officers where org_id in ('*', of_org))
        then 2 else 1 end
$$;

-- --- Rules that decide ----------------------------------------------------------------------------

create table lacuna.standing_decision (
    rule text primary key check (rule in ('rule:approval-auto', 'rule:canary')),
    scope text not null check (length(scope) between 1 and 200),
    decided_at timestamptz not null
);
comment on table lacuna.standing_decision is
    'What the owner of the installation lets rules approve. Written by the owner alone (lacuna up). No personal data.';
comment on column lacuna.standing_decision.scope is 'The tenant for which the rule approves; ''*'' is every one.';
