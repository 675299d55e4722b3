-- Who decides: the officers of each tenant, and rules that the owner of the installation allows to approve.

-- --- Officers -------------------------------------------------------------------------------------

create table lacuna.officer (
    officer_id bigint generated always as identity primary key,
    -- Without `between`, so that a restored dump has the same text.
    name text not null
        constraint officer_name_check check (length(name) >= 1 and length(name) <= 200 and name = btrim(name)),
    actor text not null check (actor ~ '^dpo:[a-z0-9_-]{1,40}$'),
    org_id text not null check (length(org_id) between 1 and 200),
    added_at timestamptz not null,
    removed_at timestamptz
);
comment on table lacuna.officer is
    'The register of officers. Written by the owner alone (lacuna officer); the only change of a row is its end. Personal data: the officers'' names.';
comment on column lacuna.officer.officer_id is 'Number of the registration.';
comment on column lacuna.officer.name is 'Login of the officer, in Airflow or after --as. Personal data.';
comment on column lacuna.officer.actor is
    'Role and key id by which the ledger names the officer, never a name.';
comment on column lacuna.officer.org_id is 'Tenant; ''*'' is every tenant.';
comment on column lacuna.officer.added_at is 'When the officer was registered.';
comment on column lacuna.officer.removed_at is 'When the registration ended. NULL: it is valid.';

create unique index officer_once on lacuna.officer (name, org_id) where removed_at is null;

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
    raise exception 'lacuna.officer: a registration cannot be changed or deleted, only ended'
        using errcode = 'insufficient_privilege';
end $$;
comment on function lacuna.keep_officer() is
    'Trigger: refuses every change of a registration but its end, so that it stays known who decided when.';
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
comment on function lacuna.is_officer(text, text) is
    'Whether an actor is a registered officer of a tenant, or of every tenant (''*'').';

-- --- Two officers ---------------------------------------------------------------------------------

create table lacuna.two_officers (
    org_id text primary key check (length(org_id) between 1 and 200),
    since timestamptz not null
);
comment on table lacuna.two_officers is
    'Tenants in which two officers must approve each plan that rules do not approve. Written by the owner alone (lacuna officer). No personal data.';
comment on column lacuna.two_officers.org_id is 'Tenant; ''*'' is every tenant.';
comment on column lacuna.two_officers.since is 'Since when.';

alter table lacuna.two_officers enable row level security;
alter table lacuna.two_officers force row level security;

create function lacuna.officers_needed(of_org text) returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select case when exists (select from lacuna.two_officers where org_id in ('*', of_org))
        then 2 else 1 end
$$;
comment on function lacuna.officers_needed(text) is
    'How many officers must approve a plan of a tenant: 1 or 2.';

-- --- Rules that approve ---------------------------------------------------------------------------

create table lacuna.standing_decision (
    rule text primary key check (rule in ('rule:approval-auto', 'rule:canary')),
    scope text not null check (length(scope) between 1 and 200),
    decided_at timestamptz not null
);
comment on table lacuna.standing_decision is
    'Rules that the owner of the installation allows to approve plans. Written by the owner alone (lacuna up). No personal data.';
comment on column lacuna.standing_decision.rule is 'Name of the rule.';
comment on column lacuna.standing_decision.scope is
    'Tenant for which the rule approves; ''*'' is every tenant.';
comment on column lacuna.standing_decision.decided_at is 'When the owner allowed it.';
