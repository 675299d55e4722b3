-- Which tenants a login hands in for: a setting that any session makes (lacuna.org_id) says which tenant is
-- meant, and no more whether it may.

create table lacuna.submitter (
    login text not null check (length(login) between 1 and 63),
    -- No '*': another system hands in for tenants that are named.
    org_id text not null check (length(org_id) between 1 and 200 and org_id <> '*'),
    added_at timestamptz not null,
    primary key (login, org_id)
);
comment on table lacuna.submitter is
    'Tenants that the login of another system hands requests in for; lacuna submitter writes it.';
alter table lacuna.submitter enable row level security;
alter table lacuna.submitter force row level security;

-- Whoever may decide, as the officer's page, hands in for any tenant; so does the owner.
create function lacuna.submits_for(of_login text, of_org text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select pg_has_role(of_login::name, 'lacuna_dpo', 'member') or exists (
        select from lacuna.submitter where login = of_login and org_id = of_org)
$$;
