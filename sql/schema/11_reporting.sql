-- The marts: anonymized aggregates of closed periods, written once, and reporting's own working rows.
--
-- A period's release and its cells are inserted in one transaction and never change again, whatever is
-- erased later: nobody, the owner included, can update or delete them, or add to them. The one exception is
-- a restatement, which replaces a sealed period as a whole, once, by a new version.
--
-- The tables of the marts and their views are created after this file, from sql/reporting/<mart>/metadata.yaml.

-- --- Working rows ---------------------------------------------------------------------------------
-- They contain the platform's keys of interactions and the day on which each is counted, so that none is
-- counted twice and late ones are noticed. They contain nothing about a person.

create table lacuna.counted_row (
    org_id text not null,
    mart text not null,
    row_id text not null,
    posted_day date,
    primary key (org_id, mart, row_id)
);
comment on table lacuna.counted_row is
    'In which period each interaction is counted, so that none is counted twice. Written by the executor. No personal data by itself: row_id is the platform''s own key of the interaction.';
comment on column lacuna.counted_row.org_id is 'Tenant.';
comment on column lacuna.counted_row.mart is 'Name of the mart.';
comment on column lacuna.counted_row.row_id is 'The platform''s own key of the interaction.';
comment on column lacuna.counted_row.posted_day is
    'Day whose period counts the interaction. NULL: it belongs to a restricted person, and no period ever counts it.';

create index counted_row_day on lacuna.counted_row (org_id, mart, posted_day);

create table lacuna.day_total (
    org_id text not null,
    mart text not null,
    day date not null,
    rows bigint not null check (rows >= 0),
    amount bigint not null,
    seen_at timestamptz not null,
    primary key (org_id, mart, day)
);
comment on table lacuna.day_total is
    'Totals of each closed day on the platform when a run last looked; a later run compares them. Written by the executor. No personal data.';
comment on column lacuna.day_total.org_id is 'Tenant.';
comment on column lacuna.day_total.mart is 'Name of the mart.';
comment on column lacuna.day_total.day is 'The day, in UTC.';
comment on column lacuna.day_total.rows is 'Rows that the platform holds of the day.';
comment on column lacuna.day_total.amount is
    'Sum of one quantity over these rows, by days.sql of the mart (for the sample, seconds of handling).';
comment on column lacuna.day_total.seen_at is 'When a run last noted a difference.';

create table lacuna.fixed_link (
    org_id text not null,
    row_id text not null,
    is_repeat boolean not null,
    is_followed boolean not null,
    primary key (org_id, row_id)
);
comment on table lacuna.fixed_link is
    'Whether an interaction was a repeated contact, kept where an erasure cut the link to the person before the week was sealed. Deleted when the week is sealed. Written by the executor. No personal data by itself: row_id is the platform''s own key of the interaction.';
comment on column lacuna.fixed_link.org_id is 'Tenant.';
comment on column lacuna.fixed_link.row_id is 'The platform''s own key of the interaction.';
comment on column lacuna.fixed_link.is_repeat is
    'Whether the person had another interaction in the seven days before.';
comment on column lacuna.fixed_link.is_followed is 'Whether the person came again in the seven days after.';

create table lacuna.sealed_rows (
    org_id text not null,
    mart text not null,
    period text not null,
    last_day date not null,
    content bytea not null,
    primary key (org_id, mart, period)
);
comment on table lacuna.sealed_rows is
    'What each row added to a sealed period. Deleted when the period is too old to be restated. Written by the executor. No personal data by itself: it contains the platform''s keys of interactions and no person.';
comment on column lacuna.sealed_rows.org_id is 'Tenant.';
comment on column lacuna.sealed_rows.mart is 'Name of the mart.';
comment on column lacuna.sealed_rows.period is 'Label of the period, as in reporting.release.';
comment on column lacuna.sealed_rows.last_day is 'Last day of the period, included.';
comment on column lacuna.sealed_rows.content is
    'JSON, compressed with zlib: keys, days, groups and values of the rows, by column.';

create table lacuna.proposed_restatement (
    org_id text not null,
    rule text not null,
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    proposed_at timestamptz not null,
    primary key (org_id, rule)
);
comment on table lacuna.proposed_restatement is
    'Restatements that were calculated and wait for an approval. Deleted when one was carried out. Written by the executor. No personal data.';
comment on column lacuna.proposed_restatement.org_id is 'Tenant.';
comment on column lacuna.proposed_restatement.rule is 'Name of the restatement, which an approval names as its rule.';
comment on column lacuna.proposed_restatement.reason is 'Whether the platform''s data or a query was corrected.';
comment on column lacuna.proposed_restatement.digest is
    'SHA-256 of the document that says which cells replace which; an approval names it.';
comment on column lacuna.proposed_restatement.proposed_at is 'When it was calculated last.';

create table lacuna.replaced_cells (
    org_id text not null,
    mart text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    cells jsonb not null,
    primary key (org_id, mart, period)
);
comment on table lacuna.replaced_cells is
    'Cells of restated periods. They were public, so the audit of later periods includes them; nobody is served them. Written by the executor. No personal data.';
comment on column lacuna.replaced_cells.org_id is 'Tenant.';
comment on column lacuna.replaced_cells.mart is 'Name of the mart.';
comment on column lacuna.replaced_cells.period is 'Label of the period, as in reporting.release.';
comment on column lacuna.replaced_cells.first_day is 'First day of the period.';
comment on column lacuna.replaced_cells.last_day is 'Last day of the period, included.';
comment on column lacuna.replaced_cells.cells is
    'JSON array of cells: the dimensions, then the measures, in the order of the mart''s columns.';

do $$
declare
    name text;
begin
    foreach name in array array[
        'counted_row', 'day_total', 'fixed_link', 'sealed_rows', 'proposed_restatement', 'replaced_cells'
    ] loop
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;

-- --- Who reads ------------------------------------------------------------------------------------

create table lacuna.analyst (
    login text not null check (length(login) between 1 and 63),
    -- Without `between`, so that a restored dump has the same text.
    org_id text not null
        constraint analyst_org_id_check check (length(org_id) >= 1 and length(org_id) <= 200 and org_id <> '*'),
    added_at timestamptz not null,
    primary key (login, org_id)
);
comment on table lacuna.analyst is
    'Tenants whose reports an analyst''s login reads. Written by the owner alone (lacuna analyst). No personal data.';
comment on column lacuna.analyst.login is 'Login of the database.';
comment on column lacuna.analyst.org_id is 'Tenant; never ''*''.';
comment on column lacuna.analyst.added_at is 'When the login was registered.';

alter table lacuna.analyst enable row level security;
alter table lacuna.analyst force row level security;

-- --- Releases -------------------------------------------------------------------------------------

create schema reporting;
comment on schema reporting is
    'The marts: anonymized aggregates of closed periods. Written once, by the executor. No personal data.';

create function reporting.reads_for(of_org text) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select pg_has_role(session_user, 'lacuna_verifier', 'member')
        or pg_has_role(session_user, (select nspowner from pg_namespace where nspname = 'reporting'), 'member')
        or exists (select from lacuna.analyst where login = session_user and org_id = of_org)
$$;
comment on function reporting.reads_for(text) is
    'Whether this session may read reports of a tenant: its login is a registered analyst, or one that sees every tenant anyway.';

create table reporting.release (
    mart text not null,
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null constraint release_days check (last_day >= first_day),
    policy_version text not null,
    sealed_at timestamptz not null,
    rows int not null check (rows >= 0),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    audit jsonb not null,
    sealed_in xid8 not null default pg_current_xact_id(),
    version int not null default 1 check (version between 1 and 2),
    primary key (mart, org_id, period)
);
comment on table reporting.release is
    'Sealed periods of each mart and tenant; none overlaps another. Written by the executor. No personal data.';
comment on column reporting.release.mart is 'Name of the mart.';
comment on column reporting.release.org_id is 'Tenant.';
comment on column reporting.release.period is
    'ISO 8601 day, week or month; a range, joined by `--`, where one alone was too small.';
comment on column reporting.release.first_day is 'First day of the period.';
comment on column reporting.release.last_day is 'Last day of the period, included.';
comment on column reporting.release.policy_version is 'Version of the protection rules.';
comment on column reporting.release.sealed_at is 'When the period was published.';
comment on column reporting.release.rows is 'Number of cells published.';
comment on column reporting.release.digest is
    'SHA-256 of the canonical form of the cells; the Parquet file contains the same digest.';
comment on column reporting.release.audit is
    'JSON, figures about the release and none about people: interactions counted, values withheld, bounds checked.';
comment on column reporting.release.sealed_in is 'The only transaction in which its cells may be inserted.';
comment on column reporting.release.version is '1 as sealed; 2 if restated.';

create table reporting.restatement (
    mart text not null,
    org_id text not null,
    period text not null,
    version int not null check (version = 2),
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    replaced_digest text not null check (replaced_digest ~ '^[0-9a-f]{64}$'),
    digest text not null
        constraint restatement_digest check (digest ~ '^[0-9a-f]{64}$' and digest <> replaced_digest),
    changed_cells int not null check (changed_cells >= 0),
    document_digest text not null check (document_digest ~ '^[0-9a-f]{64}$'),
    restated_at timestamptz not null,
    restated_in xid8 not null default pg_current_xact_id(),
    primary key (mart, org_id, period)
);
comment on table reporting.restatement is
    'Sealed periods that a new version replaced. Written by the executor. No personal data.';
comment on column reporting.restatement.mart is 'Name of the mart.';
comment on column reporting.restatement.org_id is 'Tenant.';
comment on column reporting.restatement.period is 'Label of the period, as in reporting.release.';
comment on column reporting.restatement.version is 'Version that replaced the sealed one: always 2.';
comment on column reporting.restatement.reason is 'Whether the platform''s data or a query was corrected.';
comment on column reporting.restatement.replaced_digest is 'SHA-256 of the cells that are no longer served.';
comment on column reporting.restatement.digest is 'SHA-256 of the cells that replace them.';
comment on column reporting.restatement.changed_cells is
    'Number of cells that came, went, or have another number than before; 0 if the period was only replaced with others.';
comment on column reporting.restatement.document_digest is
    'SHA-256 of the signed document in evidence/restatements.';
comment on column reporting.restatement.restated_at is 'When the period was replaced.';
comment on column reporting.restatement.restated_in is
    'The only transaction in which the old cells may be deleted.';

create function reporting.check_release() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205983);
    if new.version > 1 then
        if not exists (
            select from reporting.restatement as named
            where named.mart = new.mart and named.org_id = new.org_id and named.period = new.period
                and named.version = new.version and named.digest = new.digest
                and named.restated_in = pg_current_xact_id()
        ) or exists (
            select from reporting.release as sealed
            where sealed.mart = new.mart and sealed.org_id = new.org_id
                and sealed.first_day <= new.last_day and sealed.last_day >= new.first_day
        ) then
            raise exception 'reporting: a new version needs its restatement and the same days'
                using errcode = 'check_violation';
        end if;
    elsif exists (
        select from reporting.release as sealed
        where sealed.mart = new.mart and sealed.org_id = new.org_id
            and sealed.last_day >= new.first_day
    ) then
        raise exception 'reporting: the period begins before the end of the last sealed one'
            using errcode = 'check_violation';
    end if;
    new.sealed_in := pg_current_xact_id();
    return new;
end $$;
comment on function reporting.check_release() is
    'Trigger: periods of a mart and tenant never overlap. A new version needs its restatement, and covers the days of the old one.';
create trigger release_check before insert on reporting.release
    for each row execute function reporting.check_release();
alter table reporting.release enable always trigger release_check;

create function reporting.check_restatement() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205983);
    if not exists (
        select from reporting.release as sealed
        where sealed.mart = new.mart and sealed.org_id = new.org_id and sealed.period = new.period
            and sealed.digest = new.replaced_digest and sealed.version = new.version - 1
    ) then
        raise exception 'reporting: no sealed period has the replaced digest'
            using errcode = 'check_violation';
    end if;
    new.restated_in := pg_current_xact_id();
    return new;
end $$;
comment on function reporting.check_restatement() is
    'Trigger: a restatement names the digest of a release that is still there.';
create trigger restatement_check before insert on reporting.restatement
    for each row execute function reporting.check_restatement();
alter table reporting.restatement enable always trigger restatement_check;

create function reporting.check_cell() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from reporting.release as open
        where open.mart = tg_table_name and open.org_id = new.org_id and open.period = new.period
            and open.first_day = new.first_day and open.last_day = new.last_day
            and open.sealed_in = pg_current_xact_id()
    ) then
        raise exception 'reporting: the period is sealed, or has no release in this transaction'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
comment on function reporting.check_cell() is
    'Trigger: a cell is inserted in the transaction of its release, or not at all.';

create function reporting.check_removal() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    gone jsonb := to_jsonb(old);
begin
    if not exists (
        select from reporting.restatement as named
        where named.mart = coalesce(gone ->> 'mart', tg_table_name) and named.org_id = old.org_id
            and named.period = old.period and named.restated_in = pg_current_xact_id()
    ) then
        raise exception '%.% is append-only', tg_table_schema, tg_table_name
            using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;
comment on function reporting.check_removal() is
    'Trigger: a release and its cells are deleted only in the transaction that restates the period.';

create trigger release_written_once before update or truncate on reporting.release
    for each statement execute function lacuna.refuse_change();
create trigger release_removal before delete on reporting.release
    for each row execute function reporting.check_removal();
alter table reporting.release enable always trigger release_written_once;
alter table reporting.release enable always trigger release_removal;
alter table reporting.release enable row level security;
alter table reporting.release force row level security;

create trigger restatement_written_once before update or delete or truncate on reporting.restatement
    for each statement execute function lacuna.refuse_change();
alter table reporting.restatement enable always trigger restatement_written_once;
alter table reporting.restatement enable row level security;
alter table reporting.restatement force row level security;
