-- What each role may do, table by table, in the order of sql/schema. One statement says all that a role may do
-- with a table. rights.txt says the same as the catalog has it.
--
-- It is one file, and not part of the files that create the tables, because it runs after the migrations and at
-- every `lacuna up`: it begins with nothing and grants everything again. So no migration repeats or takes back a
-- right, a right that is deleted here is gone everywhere, and a dump that was restored without owners and rights
-- is repaired. The policies of the marts are made with the marts' tables.
--
-- An unset tenant (lacuna.org_id) raises, which refuses the query: fail closed.

-- --- Nothing --------------------------------------------------------------------------------------

do $$
declare
    roles constant text := 'public, lacuna_submitter, lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, '
        'lacuna_dpo, lacuna_delivery, lacuna_sealer, lacuna_auditor, lacuna_analyst';
    name text;
    found record;
begin
    foreach name in array array['lacuna', 'lacuna_evidence', 'reporting'] loop
        execute format('revoke all on schema %I from %s cascade', name, roles);
        execute format('revoke all on all tables in schema %I from %s cascade', name, roles);
    end loop;
    for found in
        select schemaname, tablename, policyname from pg_policies
        where schemaname in ('lacuna', 'lacuna_evidence')
            or schemaname = 'reporting' and (tablename in ('release', 'restatement') or policyname = 'officer')
    loop
        execute format('drop policy %I on %I.%I', found.policyname, found.schemaname, found.tablename);
    end loop;
end $$;

-- --- Schemas --------------------------------------------------------------------------------------

grant usage on schema lacuna to
    lacuna_submitter, lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_delivery,
    lacuna_auditor;
grant usage on schema lacuna_evidence to
    lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_delivery, lacuna_sealer,
    lacuna_auditor;
grant usage on schema reporting to
    lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_auditor, lacuna_analyst;

-- The verifier reads every table. Lists are read by nobody else: foreign keys need no right.

-- --- 01_runs --------------------------------------------------------------------------------------

-- Everybody sees first whether the database is the one that their version works with.
grant select on lacuna.migration to
    lacuna_submitter, lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_delivery, lacuna_auditor;

grant select on lacuna.database_fact to lacuna_planner, lacuna_executor, lacuna_verifier;

grant select, insert, update on lacuna.batch to lacuna_planner;
grant select, update on lacuna.batch to lacuna_executor;
grant select on lacuna.batch to lacuna_verifier, lacuna_dpo;

grant select on lacuna.alert_kind to lacuna_verifier;

grant select, insert on lacuna.alert to lacuna_planner;
grant select on lacuna.alert to lacuna_verifier;

-- --- 02_officers ----------------------------------------------------------------------------------

-- Who is an officer, and where two of them are needed, is read by all who ask it, and written by the owner alone.
grant select on lacuna.officer, lacuna.two_officers to
    lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_auditor;

grant select on lacuna.standing_decision to lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier;

-- --- 03_requests ----------------------------------------------------------------------------------

grant select on 
    lacuna.request_state, lacuna.obstacle, lacuna.identity_basis, lacuna.ground, lacuna.secret_purpose
    to lacuna_verifier;
grant select on lacuna.transition to lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, lacuna_dpo;

-- Nobody deletes a request: it could come again as something else. The executor and the verifier move it on; what
-- was asked, by whom and how it was verified is not their word. An officer also splits off some of its rights.
grant select, insert, update on lacuna.request to lacuna_planner;
grant select, update on lacuna.request to lacuna_rule;
grant select, update (state, closed_at, ground, obstacle, rows_transaction) on lacuna.request to lacuna_executor;
grant select, update (state, closed_at, obstacle) on lacuna.request to lacuna_verifier;
grant select, insert, update (
    kinds, state, is_verified, identity_basis, bundle_key, plan_digest, ground, obstacle, held_until, due_at,
    alarm_at, extended_at, paused_at, pause, paused_days, closed_at, nonce, rows_transaction, is_forced
) on lacuna.request to lacuna_dpo;
grant select on lacuna.request to lacuna_auditor;

grant select, insert, update, delete on lacuna.request_secret to lacuna_planner, lacuna_dpo;
grant select, delete on lacuna.request_secret to lacuna_executor;
grant select on lacuna.request_secret to lacuna_verifier;

grant select, insert, update, delete on lacuna.request_subject to lacuna_planner;
grant select, delete on lacuna.request_subject to lacuna_executor;
grant select on lacuna.request_subject to lacuna_verifier;

-- A restriction is made or lifted, not changed; an officer who refuses a request lifts it, without reading whose it is.
grant select, insert, delete on lacuna.restriction to lacuna_planner;
grant select, insert, update, delete on lacuna.restriction to lacuna_executor;
grant select on lacuna.restriction to lacuna_verifier;
grant select (request_id), delete on lacuna.restriction to lacuna_dpo;

-- A hold is an officer's. The executor repeats one for somebody who is erased again, and reads and changes none.
grant select on lacuna.item_hold to lacuna_planner, lacuna_verifier;
grant insert on lacuna.item_hold to lacuna_executor;
grant select, insert, update on lacuna.item_hold to lacuna_dpo;

-- --- 04_inbox -------------------------------------------------------------------------------------

grant select on lacuna.inbox_status to lacuna_verifier;

-- Other systems queue requests of their own tenant and read the results; the officer's page does so for them, once
-- for each key, and uploads after they were confirmed.
grant
    select (inbox_id, org_id, status, request_id, reason, idempotency_key, body_digest),
    insert (
        org_id, kinds, emails, phones, external_ids, contact_id, conversation_id, message_id, rectifications,
        is_forced, verified_by, received_at, instructed_by, person_kind, idempotency_key, body_digest, submitted_by
    )
    on lacuna.request_inbox to lacuna_submitter;
grant select, update on lacuna.request_inbox to lacuna_planner;
grant select on lacuna.request_inbox to lacuna_verifier;
create policy login on lacuna.request_inbox as restrictive to lacuna_submitter
    using (lacuna.submits_for(session_user, org_id));
-- Only the officer's page submits in an officer's name.
create policy submitter_named on lacuna.request_inbox as restrictive for insert to lacuna_submitter
    with check (submitted_by is null or pg_has_role(session_user, 'lacuna_dpo', 'member'));

-- An officer sees what waits, finds a person in it, and withdraws it, which wipes it; nothing else.
grant
    select (
        inbox_id, org_id, kinds, emails, phones, external_ids, contact_id, received_at, inserted_at, status,
        request_id, reason, person_kind, submitted_by
    ),
    update (
        emails, phones, external_ids, contact_id, conversation_id, message_id, rectifications, verified_by,
        instructed_by, status
    )
    on lacuna.request_inbox to lacuna_dpo;
create policy withdrawn on lacuna.request_inbox as restrictive for update to lacuna_dpo
    using (status = 'new')
    with check (
        status = 'withdrawn' and emails = '{}' and phones = '{}' and external_ids = '{}'
        and num_nonnulls(contact_id, conversation_id, message_id, verified_by, instructed_by) = 0
        and rectifications = '{}'
    );

grant select, insert, delete on lacuna.upload to lacuna_submitter;
grant select, insert, update, delete on lacuna.upload to lacuna_planner;
grant select on lacuna.upload to lacuna_verifier;
create policy login on lacuna.upload as restrictive to lacuna_submitter
    using (lacuna.submits_for(session_user, org_id));

-- For which tenants a login submits, the owner alone says; who it is, no setting says.
grant select on lacuna.submitter to lacuna_submitter, lacuna_verifier;
create policy own on lacuna.submitter for select to lacuna_submitter using (login = session_user);
create policy batch on lacuna.submitter for select to lacuna_verifier using (true);
create policy owner on lacuna.submitter to current_user using (true) with check (true);

-- --- 05_mail --------------------------------------------------------------------------------------

grant select on lacuna.mail_outcome, lacuna.letter_kind to lacuna_verifier;
-- A trigger looks the reasons of a mail up there.
grant select on lacuna.mail_reason to lacuna_planner, lacuna_verifier, lacuna_dpo;

-- An officer who read a mail that waited says what became of it.
grant select, insert, update on lacuna.mail to lacuna_planner;
grant select on lacuna.mail to lacuna_verifier;
grant select, update (request_id, outcome, settled_at, facts, content) on lacuna.mail to lacuna_dpo;
-- A mail of no tenant is decided on by an officer of every one.
create policy of_no_tenant on lacuna.mail to lacuna_dpo
    using (org_id is null and current_setting('lacuna.org_id') = '*');

grant select, insert, delete on lacuna.mail_digest to lacuna_planner;
grant select on lacuna.mail_digest to lacuna_verifier;

-- A refusal tells the requester.
grant select, insert, update on lacuna.letter to lacuna_planner;
grant select on lacuna.letter to lacuna_verifier;
grant select, insert on lacuna.letter to lacuna_dpo;

grant select, insert, update on lacuna.notice to lacuna_planner;
grant select on lacuna.notice to lacuna_verifier;
grant select, update (state, attempts, ended_at, receipt, content) on lacuna.notice to lacuna_dpo;

-- An officer takes a request or a mail, hands it on, or gives it back.
grant select on lacuna.assignment to lacuna_planner, lacuna_verifier;
grant select, insert, update (officer, assigned_at), delete on lacuna.assignment to lacuna_dpo;

-- --- 06_plans -------------------------------------------------------------------------------------

grant select, insert, update on lacuna.plan to lacuna_planner;
grant select on lacuna.plan to lacuna_rule, lacuna_verifier, lacuna_dpo, lacuna_auditor;
grant select, delete on lacuna.plan to lacuna_executor;

-- What an officer saw is forgotten with the rest when the request closes.
grant select, insert, update (seen_at), delete on lacuna.plan_view to lacuna_dpo;
grant select (request_id), delete on lacuna.plan_view to lacuna_planner;
grant select on lacuna.plan_view to lacuna_verifier;

grant select, insert, update on lacuna.proof to lacuna_verifier;

-- The planner approves nothing: where a rule stands for a plan, approve_by_rule does.
grant select on lacuna.approval to lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_auditor;
-- An officer also revokes one until its plan is carried out; the ledger keeps both.
grant select, insert on lacuna.approval to lacuna_rule;
grant select, insert, delete on lacuna.approval to lacuna_dpo;

grant select, insert, delete on lacuna.listed_rule to lacuna_planner;
grant select on lacuna.listed_rule to lacuna_verifier, lacuna_dpo, lacuna_auditor;
grant select, insert, update (due_rows, counted_at) on lacuna.rule_due to lacuna_planner;
grant select on lacuna.rule_due to lacuna_verifier, lacuna_dpo, lacuna_auditor;

-- A rule is approved again for more rows or fewer; the ledger keeps every approval.
grant select on lacuna.rule_approval to lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_auditor;
grant select, insert, update (max_rows, approved_by, approved_at) on lacuna.rule_approval to lacuna_dpo;

-- Nobody logs in as the role that owns this function, nor takes it on.
grant create on schema lacuna to lacuna_rule;
alter function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid) owner to lacuna_rule;
revoke create on schema lacuna from lacuna_rule;
revoke all on function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid) from public;
grant execute on function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid)
    to lacuna_planner, lacuna_executor;

-- What a request needed is forgotten when it closes: by the planner, or by the officer who refuses it.
grant select, delete on lacuna.working_row, lacuna.portion, lacuna.baseline to lacuna_planner;
grant select, insert, update, delete on lacuna.working_row, lacuna.portion, lacuna.baseline to lacuna_executor;
grant select on lacuna.working_row, lacuna.portion, lacuna.baseline to lacuna_verifier;
grant select (request_id), delete on lacuna.working_row, lacuna.portion, lacuna.baseline to lacuna_dpo;

grant select on lacuna.tombstone to lacuna_planner, lacuna_verifier;
grant select, insert on lacuna.tombstone to lacuna_executor;

grant select on lacuna.file_effect to lacuna_planner, lacuna_verifier;
grant select, insert, update, delete on lacuna.file_effect to lacuna_executor;

grant select, insert, delete on lacuna.unrecorded to lacuna_executor;
grant select on lacuna.unrecorded to lacuna_verifier;

-- What the gates saw, the verifier alone says.
grant select on lacuna.verification to lacuna_planner, lacuna_executor, lacuna_dpo, lacuna_auditor;
grant select, insert on lacuna.verification to lacuna_verifier;

grant select, insert, update on lacuna.bundle to lacuna_planner;
grant select, update on lacuna.bundle to lacuna_executor;
grant select on lacuna.bundle to lacuna_verifier, lacuna_auditor;
grant select, update (released_at, passphrase) on lacuna.bundle to lacuna_dpo;

-- --- 07_consent -----------------------------------------------------------------------------------

-- Whom an entry is about, an officer may say who was asked to record it; who else there is, an officer does not read.
grant select, insert on lacuna.subject to lacuna_planner;
grant select, insert, delete on lacuna.subject to lacuna_executor;
grant select on lacuna.subject to lacuna_verifier;
grant insert on lacuna.subject to lacuna_dpo;

grant select on lacuna.consent_purpose, lacuna.consent_status, lacuna.consent_method to lacuna_verifier;

-- The executor says that there is no consent, where a restore forgot it.
grant select, insert on lacuna.consent_entry to lacuna_planner, lacuna_executor, lacuna_dpo;
grant select on lacuna.consent_entry to lacuna_verifier;

grant select on lacuna.recording_breach to lacuna_verifier;

grant select on lacuna.recording_lock to lacuna_planner, lacuna_verifier;
grant select, insert, update, delete on lacuna.recording_lock to lacuna_executor;

-- --- 08_agreements --------------------------------------------------------------------------------

grant select on lacuna.agreement, lacuna.acceptance to lacuna_planner, lacuna_verifier;
grant select, insert on lacuna.agreement, lacuna.acceptance to lacuna_dpo;

grant select, insert on lacuna.instruction to lacuna_planner, lacuna_dpo;
grant select on lacuna.instruction to lacuna_verifier;

-- --- 09_sweeps ------------------------------------------------------------------------------------

grant select, insert, update, delete on lacuna.sweep_done to lacuna_executor;
grant select, insert, update on lacuna.scrub, lacuna.told_time to lacuna_executor;
grant select on lacuna.sweep_done, lacuna.scrub, lacuna.told_time to lacuna_verifier;

revoke all on function lacuna.refresh_view(text, text), lacuna.renew_statistics(text, text) from public;
grant execute on function lacuna.refresh_view(text, text), lacuna.renew_statistics(text, text) to lacuna_executor;

-- --- 10_evidence ----------------------------------------------------------------------------------

grant select on lacuna_evidence.action to
    lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_delivery, lacuna_sealer,
    lacuna_auditor;

-- Which of its actions each of them records: lacuna_evidence.action.
grant select, insert on lacuna_evidence.entry to
    lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_delivery, lacuna_sealer;
grant select on lacuna_evidence.entry to lacuna_auditor;

-- What was signed is written by the one who seals, who writes nothing else but entries about it.
grant select on lacuna_evidence.checkpoint to
    lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_auditor;
grant select, insert on lacuna_evidence.checkpoint to lacuna_sealer;
grant select on lacuna_evidence.seal to
    lacuna_planner, lacuna_rule, lacuna_executor, lacuna_verifier, lacuna_dpo, lacuna_delivery, lacuna_auditor;
grant select, insert on lacuna_evidence.seal to lacuna_sealer;

-- --- 11_reporting ---------------------------------------------------------------------------------

grant select, insert, update, delete on
    lacuna.counted_row, lacuna.day_total, lacuna.fixed_link, lacuna.sealed_rows, lacuna.proposed_restatement
    to lacuna_executor;
grant select, insert on lacuna.replaced_cells to lacuna_executor;
grant select on
    lacuna.counted_row, lacuna.day_total, lacuna.fixed_link, lacuna.sealed_rows, lacuna.replaced_cells
    to lacuna_verifier;
grant select on lacuna.proposed_restatement to lacuna_planner, lacuna_verifier;

-- Of which tenants a login reads, the owner alone says; who it is, no setting says.
grant select on lacuna.analyst to lacuna_verifier;
create policy batch on lacuna.analyst for select to lacuna_verifier using (true);
create policy owner on lacuna.analyst to current_user using (true) with check (true);

-- Releases, restatements, and the marts, of which an installation has its own, too.
grant select, insert, update, delete on all tables in schema reporting to lacuna_executor;
grant select on all tables in schema reporting to lacuna_planner, lacuna_verifier, lacuna_auditor, lacuna_analyst;
-- The officer's page shows what callers of the tenant chose, and how much there was to do: anonymized marts, no row
-- of anybody.
grant select on reporting.consent_weekly, reporting.volume_daily, reporting.csat_weekly to lacuna_dpo;

-- --- 12_delivery ----------------------------------------------------------------------------------

-- The delivery records what happens to a link, and makes none. It sees one link at a time: whose token it was given.
grant select, delete on lacuna.delivery to lacuna_planner;
grant select on lacuna.delivery, lacuna.delivery_client, lacuna.delivery_slot to lacuna_verifier;
grant select, insert, update, delete on lacuna.delivery to lacuna_dpo;
grant select, update (
    code_hash, code_until, mailed_codes, wrong_codes, locked_at, pass_hash, pass_until, downloads, download_id,
    downloaded_at, expiry_seen_at
) on lacuna.delivery to lacuna_delivery;
create policy link on lacuna.delivery to lacuna_delivery
    using (token_hash = current_setting('lacuna.token_hash'));

grant select, insert, update on lacuna.delivery_client to lacuna_delivery;
grant select, update (download_id, until) on lacuna.delivery_slot to lacuna_delivery;

-- --- Rows of tenants ------------------------------------------------------------------------------
-- Tenants' own roles see their tenant only; batch roles see all. Row-level security is forced: it holds for the
-- owner too.

do $$
declare
    name text;
    own constant text := 'org_id = current_setting(''lacuna.org_id'')';
    -- The inner table has its own policy, so this is whatever requests the role may see.
    of_request constant text := 'request_id in (select request_id from lacuna.request)';
begin
    foreach name in array array[
        'request_inbox', 'request', 'bundle', 'restriction', 'request_subject', 'plan', 'approval',
        'verification', 'mail', 'letter', 'subject', 'consent_entry', 'recording_lock',
        'request_secret', 'working_row', 'portion', 'baseline', 'upload', 'notice', 'alert', 'item_hold',
        'agreement', 'acceptance', 'instruction', 'counted_row', 'day_total', 'fixed_link',
        'sealed_rows', 'proposed_restatement', 'replaced_cells', 'mail_digest', 'unrecorded', 'tombstone',
        'delivery', 'assignment', 'plan_view'
    ] loop
        execute format(
            'create policy tenant on lacuna.%I to lacuna_submitter, lacuna_dpo, lacuna_analyst '
            'using (%s)', name,
            case when name in (
                'plan', 'approval', 'verification', 'request_secret', 'working_row', 'portion',
                'baseline', 'unrecorded', 'plan_view'
            ) then of_request else own end);
        execute format(
            'create policy batch on lacuna.%I to lacuna_planner, lacuna_executor, lacuna_verifier, '
            'lacuna_auditor, lacuna_rule using (true) with check (true)', name);
    end loop;
    foreach name in array array['officer', 'two_officers'] loop
        execute format(
            'create policy tenant on lacuna.%I for select to lacuna_dpo '
            'using (org_id in (''*'', current_setting(''lacuna.org_id'', true)))', name);
        execute format(
            'create policy batch on lacuna.%I for select to lacuna_planner, lacuna_executor, '
            'lacuna_verifier, lacuna_auditor, lacuna_rule using (true)', name);
        execute format('create policy owner on lacuna.%I to current_user using (true) with check (true)', name);
    end loop;
    foreach name in array array['release', 'restatement'] loop
        execute format('create policy tenant on reporting.%I for select to lacuna_analyst using (%s)', name, own);
        execute format(
            'create policy login on reporting.%I as restrictive for select to lacuna_analyst '
            'using (reporting.reads_for(org_id))', name);
        -- Views of legacy tables read as the owner, for those who could read the table and are no analysts.
        execute format(
            'create policy reader on reporting.%I as restrictive for select to current_user '
            'using (not pg_has_role(session_user, ''lacuna_analyst'', ''member'') or reporting.reads_for(org_id))',
            name);
        execute format(
            'create policy readers on reporting.%I for select '
            'to lacuna_planner, lacuna_verifier, lacuna_auditor using (true)', name);
        execute format(
            'create policy batch on reporting.%I to lacuna_executor using (true) with check (true)', name);
    end loop;
    foreach name in array array['consent_weekly', 'volume_daily', 'csat_weekly'] loop
        execute format('create policy officer on reporting.%I to lacuna_dpo using (%s)', name, own);
    end loop;
end $$;
-- The views read as their owner.
create policy views on reporting.release for select to current_user
    using (org_id = current_setting('lacuna.org_id', true));
