-- The marts: anonymized aggregates of closed periods, written once, and reporting's own working rows.
--
-- A period's release and its cells are inserted in one transaction and never change again,
-- whatever is erased later: nobody, the owner included, can update or delete them, or add to them. A
-- sealed period is replaced as a whole, once, by a new version, and never otherwise.

-- --- Working rows ---------------------------------------------------------------------------------
-- They name interactions by the platform's keys and the day on which each is counted, so that nothing is
-- counted twice and what comes late is seen. They hold nothing about a person.

create table lacuna.counted_row (
    org_id text not null,
    mart text not null,
    row_id text not null,
    posted_day date,
    primary key (org_id, mart, row_id)
);
comment on table lacuna.counted_row is
    'Which interaction is counted where. Written by the executor. No personal data by itself: row_id is the platform''s own key of the interaction.';
comment on column lacuna.counted_row.posted_day is
    'Day whose period counts it. NULL: of a restricted person, counted in none, now or later.';

create index on lacuna.counted_row (org_id, mart, posted_day);

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
    'What the platform held of a closed day when a run last looked. Written by the executor. No personal data.';

create table lacuna.fixed_link (
    org_id text not null,
    row_id text not null,
    is_repeat boolean not null,
    is_followed boolean not null,
    primary key (org_id, row_id)
);
comment on table lacuna.fixed_link is
    'What depends on a link that an erasure cut before the week was closed; goes when the week is sealed. Written by the executor. No personal data by itself: row_id is the platform''s own key of the interaction.';

create table lacuna.sealed_rows (
    org_id text not null,
    mart text not null,
    period text not null,
    last_day date not null,
    content bytea not null,
    primary key (org_id, mart, period)
);
comment on table lacuna.sealed_rows is
    'What each row added to its period when that was sealed, compressed; goes when the period is too old to be restated. Written by the executor. No personal data by itself: it names interactions by the platform''s keys and nobody.';

create table lacuna.restatement (
    org_id text not null,
    rule text not null,
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    proposed_at timestamptz not null,
    primary key (org_id, rule)
);
comment on table lacuna.restatement is
    'Restatements that were worked out: what an approval names. Written by the executor. No personal data.';

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
    'The cells of periods that were restated. They were public and stay known, so that what closes later is audited with them too. They are served nowhere, and hold nothing that was not published. Written by the executor. No personal data.';
comment on column lacuna.replaced_cells.cells is
    'An array of cells: the dimensions, then the measures, in the order of the mart''s columns.';

do $$
declare
    name text;
begin
    foreach name in array array[
        'counted_row', 'day_total', 'fixed_link', 'sealed_rows', 'restatement', 'replaced_cells'
    ] loop
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;

-- --- Releases -------------------------------------------------------------------------------------

create schema reporting;
comment on schema reporting is
    'The marts: anonymized aggregates of closed periods. Written once, by the executor. No personal data.';

create table reporting.release (
    mart text not null,
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null check (last_day >= first_day),
    policy_version text not null,
    sealed_at timestamptz not null,
    rows int not null check (rows >= 0),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    audit jsonb not null,
    sealed_in xid8 not null default pg_current_xact_id(),
    version int not null default 1 check (version between 1 and 2),
    primary key (mart, org_id, period)
);
comment on table reporting.release is 'Sealed periods of each mart and tenant: none overlaps another one.';
comment on column reporting.release.period is
    'ISO 8601 day or week; joined by -- where one alone was too small.';
comment on column reporting.release.rows is 'Cells published.';
comment on column reporting.release.digest is
    'SHA-256 of the canonical form of the cells; the Parquet file carries the same.';
comment on column reporting.release.audit is
    'Figures about the release: volume, what is merged or withheld. None about people.';
comment on column reporting.release.sealed_in is 'The transaction in which its cells may come.';
comment on column reporting.release.version is '1 as it was sealed, 2 where it was restated.';

create table reporting.restatement (
    mart text not null,
    org_id text not null,
    period text not null,
    version int not null check (version = 2),
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    replaced_digest text not null check (replaced_digest ~ '^[0-9a-f]{64}$'),
    digest text not null check (digest ~ '^[0-9a-f]{64}$' and digest <> replaced_digest),
    document_digest text not null check (document_digest ~ '^[0-9a-f]{64}$'),
    restated_at timestamptz not null,
    restated_in xid8 not null default pg_current_xact_id(),
    primary key (mart, org_id, period)
);
comment on table reporting.restatement is 'Sealed periods that were replaced by a new version.';
comment on column reporting.restatement.replaced_digest is 'Digest of the cells that are no longer served.';
comment on column reporting.restatement.digest is 'Digest of the cells that took their place.';
comment on column reporting.restatement.document_digest is
    'SHA-256 of the signed document in evidence/restatements.';

-- Periods of a mart and tenant follow one another: none overlaps one that is sealed. A new version stands
-- where the old one stood: the same days, the digest that was named.
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
            raise exception 'reporting: a new version needs its restatement, and the days of the old one'
                using errcode = 'check_violation';
        end if;
    elsif exists (
        select from reporting.release as sealed
        where sealed.mart = new.mart and sealed.org_id = new.org_id
            and sealed.last_day >= new.first_day
    ) then
        raise exception 'reporting: days up to the last sealed one are closed for good'
            using errcode = 'check_violation';
    end if;
    new.sealed_in := pg_current_xact_id();
    return new;
end $$;
create trigger release_check before insert on reporting.release
    for each row execute function reporting.check_release();
alter table reporting.release enable always trigger release_check;

-- It names the release that stands there, and comes before it goes.
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
        raise exception 'reporting: no sealed period has the digest that is to be replaced'
            using errcode = 'check_violation';
    end if;
    new.restated_in := pg_current_xact_id();
    return new;
end $$;
create trigger restatement_check before insert on reporting.restatement
    for each row execute function reporting.check_restatement();
alter table reporting.restatement enable always trigger restatement_check;

-- A cell comes with its release, in one transaction, or not at all.
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
        raise exception 'reporting: this period is sealed, or has no release'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function reporting.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is written once', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

-- Only in the transaction that restates a period do its release and its cells go.
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
        raise exception '%.% is written once', tg_table_schema, tg_table_name
            using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;

create trigger restatement_written_once before update or delete or truncate on reporting.restatement
    for each statement execute function reporting.refuse_change();
alter table reporting.restatement enable always trigger restatement_written_once;
alter table reporting.restatement enable row level security;
alter table reporting.restatement force row level security;
create policy tenant on reporting.restatement for select to lacuna_analyst
    using (org_id = current_setting('lacuna.org_id'));
create policy readers on reporting.restatement for select
    to lacuna_planner, lacuna_verifier, lacuna_auditor using (true);
create policy batch on reporting.restatement to lacuna_executor using (true) with check (true);

-- --- Marts ----------------------------------------------------------------------------------------
-- Their definitions are in sql/reporting/<mart>/metadata.yaml, which the comments repeat. What all of them
-- have, comments on their common columns included, is made below.

create table reporting.volume_daily (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    queue text not null,
    n bigint not null,
    handle_s_sum bigint,
    n_handled bigint,
    frt_s_sum bigint,
    n_frt bigint,
    n_offered bigint,
    n_abandoned bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel, queue)
);
comment on table reporting.volume_daily is
    'How many conversations reach each channel and queue a day, and how fast they are answered and handled.';
comment on column reporting.volume_daily.channel is
    'Channel on which the conversation began; (other) where channels are merged.';
comment on column reporting.volume_daily.queue is
    'Queue that the conversation is in when its day is sealed; (other) where queues are merged.';
comment on column reporting.volume_daily.n is
    'Conversations, counted once, on the day on which they began. Unit: conversations.';
comment on column reporting.volume_daily.handle_s_sum is
    'Handling time (talk, hold and after-contact work) known when the day is sealed. Unit: seconds.';
comment on column reporting.volume_daily.n_handled is
    'Conversations with a handling time above zero. Unit: conversations.';
comment on column reporting.volume_daily.frt_s_sum is
    'Time from the beginning of an inbound conversation to the first reply of an agent. Unit: seconds.';
comment on column reporting.volume_daily.n_frt is
    'Inbound conversations with such a reply when the day is sealed. Unit: conversations.';
comment on column reporting.volume_daily.n_offered is
    'Conversations with an inbound call; empty, see abandonment_weekly. Unit: conversations.';
comment on column reporting.volume_daily.n_abandoned is
    'Conversations whose inbound calls the caller all ended before an agent answered; empty, see abandonment_weekly. Unit: conversations.';

create table reporting.csat_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    n_resp bigint not null,
    n_pos bigint,
    score_sum bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel)
);
comment on table reporting.csat_weekly is 'How satisfied people are with each channel a week.';
comment on column reporting.csat_weekly.channel is
    'Channel of the conversation that was rated; (other) where channels are merged.';
comment on column reporting.csat_weekly.n_resp is
    'Satisfaction ratings given, on a scale from 1 to 5. Unit: responses.';
comment on column reporting.csat_weekly.n_pos is 'Ratings of 4 or 5. Unit: responses.';
comment on column reporting.csat_weekly.score_sum is 'Sum of the ratings. Unit: points.';

create table reporting.consent_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    queue text not null,
    n_calls bigint not null,
    n_asked bigint,
    n_accepted bigint,
    n_declined bigint,
    n_no_answer bigint,
    n_recorded bigint,
    n_served_unrecorded bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, queue)
);
comment on table reporting.consent_weekly is
    'What callers choose when they are asked about a recording, and what was recorded, each week.';
comment on column reporting.consent_weekly.queue is
    'Queue of the conversation when its week is sealed; (other) where queues are merged.';
comment on column reporting.consent_weekly.n_calls is 'Calls, in either direction. Unit: calls.';
comment on column reporting.consent_weekly.n_asked is
    'Calls whose caller was asked about a recording. Unit: calls.';
comment on column reporting.consent_weekly.n_accepted is 'Asked, and the caller agreed. Unit: calls.';
comment on column reporting.consent_weekly.n_declined is 'Asked, and the caller declined. Unit: calls.';
comment on column reporting.consent_weekly.n_no_answer is 'Asked, and the caller chose nothing. Unit: calls.';
comment on column reporting.consent_weekly.n_recorded is
    'Calls of which some time was recorded. Unit: calls.';
comment on column reporting.consent_weekly.n_served_unrecorded is
    'Calls that were served, with nothing recorded. Unit: calls.';

create table reporting.latency_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    band_s text not null,
    n bigint not null,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel, band_s)
);
comment on table reporting.latency_weekly is
    'How long people wait for the first reply on each channel a week, as a histogram.';
comment on column reporting.latency_weekly.channel is
    'Channel on which the conversation began; (other) where channels are merged.';
comment on column reporting.latency_weekly.band_s is
    'Seconds to the first reply of an agent, FROM-TO with TO excluded; neighbours are merged where one is too small.';
comment on column reporting.latency_weekly.n is
    'Inbound conversations with a reply of an agent, known when the week is sealed. Unit: conversations.';

create table reporting.team_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    team text not null,
    n bigint not null,
    handle_s_sum bigint,
    n_handled bigint,
    n_repeat_7d bigint,
    n_fcr_eligible bigint,
    n_fcr bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, team)
);
comment on table reporting.team_weekly is
    'What each team handles a week, and how often people have to come again.';
comment on column reporting.team_weekly.team is
    'Team of the agent who has the conversation, or of its queue; (other) where teams are merged.';
comment on column reporting.team_weekly.n is 'Conversations, counted once. Unit: conversations.';
comment on column reporting.team_weekly.handle_s_sum is
    'Handling time (talk, hold and after-contact work) known when the week is sealed. Unit: seconds.';
comment on column reporting.team_weekly.n_handled is
    'Conversations with a handling time above zero. Unit: conversations.';
comment on column reporting.team_weekly.n_repeat_7d is
    'Conversations of somebody who had another one in the seven days before. Unit: conversations.';
comment on column reporting.team_weekly.n_fcr_eligible is
    'Inbound conversations that are closed, of somebody who is known. Unit: conversations.';
comment on column reporting.team_weekly.n_fcr is
    'Of these, the ones after which the person did not come again in seven days. Unit: conversations.';

create table reporting.contacts_monthly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    n_contacts bigint not null,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel)
);
comment on table reporting.contacts_monthly is 'How many people use each channel a month.';
comment on column reporting.contacts_monthly.channel is
    'Channel on which a conversation began; (other) where channels are merged.';
comment on column reporting.contacts_monthly.n_contacts is
    'People with a conversation, rounded to the nearest 5; not to be summed over channels. Unit: contacts.';

-- Abandoned calls are joined by week until the share can be published: the days alone on which many hang up
-- made it look three times as high.
create table reporting.abandonment_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    queue text not null,
    n_offered bigint not null,
    n_abandoned bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, queue)
);
comment on table reporting.abandonment_weekly is
    'How many callers hang up before an agent answers, each week.';
comment on column reporting.abandonment_weekly.queue is
    'Queue of the conversation when its week is sealed; (other) where queues are merged.';
comment on column reporting.abandonment_weekly.n_offered is
    'Conversations with an inbound call. Unit: conversations.';
comment on column reporting.abandonment_weekly.n_abandoned is
    'Conversations whose inbound calls the caller all ended before an agent answered. Unit: conversations.';

do $$
declare
    name text;
begin
    foreach name in array array[
        'release', 'volume_daily', 'csat_weekly', 'consent_weekly', 'latency_weekly', 'team_weekly',
        'contacts_monthly', 'abandonment_weekly'
    ] loop
        if name <> 'release' then
            execute format(
                'create trigger %I before insert on reporting.%I '
                'for each row execute function reporting.check_cell()', name || '_check', name);
            execute format('alter table reporting.%I enable always trigger %I', name, name || '_check');
            execute format('comment on column reporting.%I.org_id is ''Tenant.''', name);
            execute format(
                'comment on column reporting.%I.period is '
                '''ISO 8601 day, week or month, or a range of them.''', name);
            execute format('comment on column reporting.%I.first_day is ''First day of the period.''', name);
            execute format(
                'comment on column reporting.%I.last_day is ''Last day of the period, included.''', name);
            execute format(
                'comment on column reporting.%I.is_merged is '
                '''Whether the row merges groups that were too small.''', name);
            execute format(
                'comment on column reporting.%I.policy_version is ''Version of the protection rules.''', name);
        end if;
        execute format(
            'create trigger %I before update or truncate on reporting.%I '
            'for each statement execute function reporting.refuse_change()',
            name || '_written_once', name);
        execute format(
            'create trigger %I before delete on reporting.%I '
            'for each row execute function reporting.check_removal()', name || '_removal', name);
        execute format(
            'alter table reporting.%I enable always trigger %I', name, name || '_written_once');
        execute format('alter table reporting.%I enable always trigger %I', name, name || '_removal');
        execute format('alter table reporting.%I enable row level security', name);
        execute format('alter table reporting.%I force row level security', name);
        -- An unset tenant raises, which refuses the query.
        execute format(
            'create policy tenant on reporting.%I for select to lacuna_analyst '
            'using (org_id = current_setting(''lacuna.org_id''))', name);
        -- Before PostgreSQL 15 a view reads as its owner: the same tenant, and no other.
        execute format(
            'create policy views on reporting.%I for select to current_user '
            'using (org_id = current_setting(''lacuna.org_id'', true))', name);
        execute format(
            'create policy readers on reporting.%I for select '
            'to lacuna_planner, lacuna_verifier, lacuna_auditor using (true)', name);
        execute format(
            'create policy batch on reporting.%I to lacuna_executor using (true) with check (true)',
            name);
    end loop;
end $$;

-- --- What analysts read ---------------------------------------------------------------------------
-- Ratios are computed here, from sums and counts, so that they hold at every roll-up. The tenant
-- is named in each view: an owner that is a superuser passes every policy.

create view reporting.volume_daily_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    queue,
    n,
    handle_s_sum::double precision / nullif(n_handled, 0) as aht_s,
    frt_s_sum::double precision / nullif(n_frt, 0) as frt_s,
    is_merged
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id');

create view reporting.volume_daily_by_channel with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    sum(n)::bigint as n,
    sum(handle_s_sum)::double precision / nullif(sum(n_handled), 0) as aht_s,
    sum(frt_s_sum)::double precision / nullif(sum(n_frt), 0) as frt_s
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id')
group by period, first_day, last_day, channel;

create view reporting.csat_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    n_resp,
    n_pos::double precision / nullif(n_resp, 0) as csat_share,
    score_sum::double precision / nullif(n_resp, 0) as score,
    is_merged
from reporting.csat_weekly
where org_id = current_setting('lacuna.org_id');

create view reporting.consent_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    queue,
    n_calls,
    n_accepted::double precision / nullif(n_asked, 0) as accepted_share,
    n_declined::double precision / nullif(n_asked, 0) as declined_share,
    n_no_answer::double precision / nullif(n_asked, 0) as no_answer_share,
    n_recorded::double precision / nullif(n_calls, 0) as recorded_share,
    n_served_unrecorded::double precision / nullif(n_calls, 0) as unrecorded_share,
    is_merged
from reporting.consent_weekly
where org_id = current_setting('lacuna.org_id');

create view reporting.team_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    team,
    n,
    handle_s_sum::double precision / nullif(n_handled, 0) as aht_s,
    n_repeat_7d::double precision / nullif(n, 0) as repeat_share,
    n_fcr::double precision / nullif(n_fcr_eligible, 0) as fcr_share,
    is_merged
from reporting.team_weekly
where org_id = current_setting('lacuna.org_id');

-- Percentiles by interpolation inside a band. One is given only if ten conversations lie beyond it
-- on either side, and not inside the open last band.
create view reporting.latency_weekly_quantiles with (security_barrier) as
with banded as (
    select
        period,
        first_day,
        last_day,
        channel,
        n,
        split_part(band_s, '-', 1)::bigint as from_s,
        nullif(split_part(band_s, '-', 2), '')::bigint as to_s,
        sum(n) over (partition by first_day, channel order by band_s) as up_to,
        sum(n) over (partition by first_day, channel) as total
    from reporting.latency_weekly
    where org_id = current_setting('lacuna.org_id') and channel <> '(other)'
)
select
    period,
    first_day,
    last_day,
    channel,
    min(total)::bigint as n,
    (min(from_s + (to_s - from_s) * (total * 0.5 - (up_to - n)) / n)
        filter (where total >= 20 and up_to - n < total * 0.5 and total * 0.5 <= up_to))
        ::double precision as p50_s,
    (min(from_s + (to_s - from_s) * (total * 0.9 - (up_to - n)) / n)
        filter (where total >= 100 and up_to - n < total * 0.9 and total * 0.9 <= up_to))
        ::double precision as p90_s
from banded
group by period, first_day, last_day, channel;

create view reporting.abandonment_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    queue,
    n_offered,
    n_abandoned::double precision / nullif(n_offered, 0) as abandoned_share,
    is_merged
from reporting.abandonment_weekly
where org_id = current_setting('lacuna.org_id');
