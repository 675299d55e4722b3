-- What each role may do: run after the schema and the migrations, safe to run again. rights.txt says the
-- same by table, as the catalog has it.
-- An unset tenant (lacuna.org_id) raises, which refuses the query: fail closed.

revoke all on all tables in schema lacuna, lacuna_evidence, reporting from public;
grant usage on schema lacuna to
    lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_auditor, lacuna_dpo, lacuna_submitter;
grant usage on schema lacuna_evidence to
    lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_auditor, lacuna_dpo, lacuna_sealer;
grant usage on schema reporting to
    lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_auditor, lacuna_analyst, lacuna_dpo;

-- Everybody sees first whether the database is the one that their version works with.
grant select on lacuna.migration to
    lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_auditor, lacuna_dpo, lacuna_submitter;

-- Other systems queue requests of their own tenant and read the results.
grant insert (org_id, kinds, emails, phones, external_ids, contact_id, conversation_id, message_id,
              rectifications, is_forced, verified_by, received_at, instructed_by, person_kind)
    on lacuna.request_inbox to lacuna_submitter;
grant select (inbox_id, org_id, status, request_id, reason) on lacuna.request_inbox to lacuna_submitter;
-- The officer's page hands in for them: once for each key, and uploads after they were confirmed.
grant insert (idempotency_key, body_digest), select (idempotency_key, body_digest)
    on lacuna.request_inbox to lacuna_submitter;
grant select, insert, delete on lacuna.upload to lacuna_submitter;
-- For which tenants each login does so, the owner alone says; who it is, no setting says.
grant select on lacuna.submitter to lacuna_submitter;
drop policy if exists own on lacuna.submitter;
create policy own on lacuna.submitter for select to lacuna_submitter using (login = session_user);
drop policy if exists batch on lacuna.submitter;
create policy batch on lacuna.submitter for select to lacuna_verifier using (true);
drop policy if exists owner on lacuna.submitter;
create policy owner on lacuna.submitter to current_user using (true) with check (true);
drop policy if exists login on lacuna.request_inbox;
create policy login on lacuna.request_inbox as restrictive to lacuna_submitter
    using (lacuna.submits_for(session_user, org_id));
drop policy if exists login on lacuna.upload;
create policy login on lacuna.upload as restrictive to lacuna_submitter
    using (lacuna.submits_for(session_user, org_id));

-- The planner reads the platform and writes the queue, never the platform.
grant select, insert, update, delete on
    lacuna.request_inbox, lacuna.request, lacuna.request_secret, lacuna.plan, lacuna.batch, lacuna.bundle, lacuna.restriction, lacuna.request_subject,
    lacuna.mail, lacuna.letter, lacuna.upload, lacuna.notice
    to lacuna_planner;
grant select, insert, delete on lacuna.mail_digest to lacuna_planner;
-- A trigger looks the reasons of a mail up there.
grant select on lacuna.mail_reason to lacuna_planner;
-- A request that was deleted could come again as something else.
revoke delete on lacuna.request from lacuna_planner;
-- A hold is an officer's; what others queue they queue themselves; a restriction is made or lifted.
revoke insert, update, delete on lacuna.item_hold from lacuna_planner;
grant select on lacuna.item_hold, lacuna.tombstone to lacuna_planner;
revoke insert, delete on lacuna.request_inbox from lacuna_planner;
revoke delete on lacuna.plan, lacuna.batch, lacuna.bundle, lacuna.mail, lacuna.letter, lacuna.notice
    from lacuna_planner;
revoke update on lacuna.restriction from lacuna_planner;
grant select, insert on lacuna.alert to lacuna_planner;
-- Entries are added and read; whom they are about can be forgotten.
grant select, insert on lacuna.consent_event, lacuna.subject, lacuna.instruction to lacuna_planner;
grant select on lacuna.agreement, lacuna.acceptance to lacuna_planner;
revoke insert on lacuna.agreement, lacuna.acceptance from lacuna_planner;
grant select on lacuna.recording_lock to lacuna_planner;
grant select on lacuna.transition, lacuna.rule_approval, lacuna.outbox, lacuna.verification,
    lacuna.baseline, lacuna.database_fact, lacuna.approval, lacuna.standing_decision, lacuna.working_row
    to lacuna_planner;
-- It approves nothing: where a rule stands for a plan, this function does. Nor does it say what gates saw.
revoke insert, update, delete on lacuna.approval, lacuna.working_row, lacuna.verification
    from lacuna_planner;
grant execute on function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid)
    to lacuna_planner, lacuna_executor;
-- Forgetting what a closed request needed.
grant delete on lacuna.baseline, lacuna.working_row to lacuna_planner;
grant select, delete on lacuna.portion to lacuna_planner;

-- Nobody logs in as this role, nor takes it on: it owns the function by which a rule approves.
grant usage on schema lacuna, lacuna_evidence to lacuna_rule;
grant select, update on lacuna.request to lacuna_rule;
grant select, insert on lacuna.approval, lacuna_evidence.entry to lacuna_rule;
grant select on lacuna.plan, lacuna.standing_decision, lacuna.transition, lacuna_evidence.seal,
    lacuna_evidence.action to lacuna_rule;
grant create on schema lacuna to lacuna_rule;
alter function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid) owner to lacuna_rule;
revoke create on schema lacuna from lacuna_rule;

-- The executor changes what an approved plan names.
grant select, insert, update on lacuna.scrub to lacuna_executor;
grant select on lacuna.transition, lacuna.plan, lacuna.approval, lacuna.request_secret,
    lacuna.rule_approval, lacuna.verification, lacuna.database_fact, lacuna.standing_decision
    to lacuna_executor;
grant select on lacuna.request to lacuna_executor;
grant select, update on lacuna.batch, lacuna.bundle to lacuna_executor;
-- It moves a request on; what was asked, by whom and how it was verified is not its word.
revoke update on lacuna.request from lacuna_executor;
grant update (state, obstacle, ground, closed_at, rows_transaction) on lacuna.request to lacuna_executor;
grant select, insert, update, delete on lacuna.working_row, lacuna.portion, lacuna.baseline,
    lacuna.outbox, lacuna.sweep_done, lacuna.restriction to lacuna_executor;
grant select, insert, delete on lacuna.unrecorded to lacuna_executor;
grant select, insert on lacuna.tombstone to lacuna_executor;
-- What was held of somebody who is erased again; it reads and changes no hold.
grant insert on lacuna.item_hold to lacuna_executor;
grant select, insert, update on lacuna.told_time to lacuna_executor;
grant select, delete on lacuna.request_subject, lacuna.subject to lacuna_executor;
grant select on lacuna.consent_event to lacuna_executor;
-- That there is no consent, where a restore forgot it.
grant insert on lacuna.consent_event, lacuna.subject to lacuna_executor;
grant select, insert, update, delete on lacuna.recording_lock to lacuna_executor;
-- Reporting's working rows.
grant select, insert, update, delete on lacuna.counted_row, lacuna.day_total, lacuna.fixed_link,
    lacuna.sealed_rows, lacuna.restatement to lacuna_executor;
grant select, insert on lacuna.replaced_cells to lacuna_executor;
grant select on lacuna.restatement to lacuna_planner;
grant delete on lacuna.request_secret, lacuna.plan to lacuna_executor;

grant execute on function lacuna.refresh_view(text, text) to lacuna_executor;
grant execute on function lacuna.renew_statistics(text, text) to lacuna_executor;

-- The verifier reads everything, and writes what it saw: results of gates, and that nobody was found.
grant select on all tables in schema lacuna to lacuna_verifier;
grant select on all tables in schema reporting to lacuna_verifier;
grant insert on lacuna.verification to lacuna_verifier;
grant insert, update on lacuna.proof to lacuna_verifier;
grant update (state, obstacle, closed_at) on lacuna.request to lacuna_verifier;

-- The register of officers, and where two of them are needed: read by all who ask it, written by the
-- owner alone.
grant select on lacuna.officer, lacuna.two_officers
    to lacuna_dpo, lacuna_rule, lacuna_planner, lacuna_executor, lacuna_auditor;
do $$
declare
    name text;
begin
    foreach name in array array['officer', 'two_officers'] loop
        execute format('drop policy if exists tenant on lacuna.%I', name);
        execute format('drop policy if exists batch on lacuna.%I', name);
        execute format('drop policy if exists owner on lacuna.%I', name);
        execute format(
            'create policy tenant on lacuna.%I for select to lacuna_dpo '
            'using (org_id in (''*'', current_setting(''lacuna.org_id'', true)))', name);
        execute format(
            'create policy batch on lacuna.%I for select to lacuna_planner, lacuna_executor, '
            'lacuna_verifier, lacuna_auditor, lacuna_rule using (true)', name);
        -- Row-level security is forced: it holds for the owner too.
        execute format(
            'create policy owner on lacuna.%I to current_user using (true) with check (true)', name);
    end loop;
end $$;

-- The DPO decides; the auditor reads.
grant select on lacuna.request, lacuna.plan, lacuna.approval, lacuna.verification, lacuna.bundle,
    lacuna.rule_approval to lacuna_dpo, lacuna_auditor;
grant insert on lacuna.approval, lacuna.rule_approval to lacuna_dpo;
-- A rule approved again, for more rows or fewer; the ledger keeps every approval.
grant update (max_rows, approved_by, approved_at) on lacuna.rule_approval to lacuna_dpo;
grant update (state, obstacle, ground, held_until, closed_at, plan_digest, verified_by) on lacuna.request
    to lacuna_dpo;
-- Its clock, and some of its rights as a request of their own, which are decided on alone.
grant insert on lacuna.request to lacuna_dpo;
grant update (identity_basis, kinds, bundle_key, due_at, alarm_at, extended_at, paused_at, pause, paused_days)
    on lacuna.request to lacuna_dpo;
grant select, insert on lacuna.instruction, lacuna.agreement, lacuna.acceptance, lacuna.consent_event
    to lacuna_dpo;
-- Whom an entry is about, who asked for it to be recorded may say; who else there is, no.
grant insert on lacuna.subject to lacuna_dpo;
grant select on lacuna.notice to lacuna_dpo;
grant update (state, receipt, content, ended_at, attempts) on lacuna.notice to lacuna_dpo;
grant select, insert, update on lacuna.item_hold to lacuna_dpo;
grant select on lacuna.letter to lacuna_dpo;
grant update (released_at, passphrase) on lacuna.bundle to lacuna_dpo;
grant select on lacuna.transition to lacuna_dpo;
-- What the officer's page reads beside: runs, mails that wait, and what was given with a request.
grant select on lacuna.batch, lacuna.mail to lacuna_dpo;
grant select, insert, update, delete on lacuna.request_secret to lacuna_dpo;
-- A refusal tells the requester, lifts the restrictions, and forgets what the request brought.
grant insert on lacuna.letter to lacuna_dpo;
grant update (nonce, rows_transaction) on lacuna.request to lacuna_dpo;
-- Whoever read a mail that waited says what became of it.
grant update (facts, content, outcome, settled_at, request_id) on lacuna.mail to lacuna_dpo;
grant select (request_id), delete on lacuna.restriction, lacuna.working_row, lacuna.portion,
    lacuna.baseline to lacuna_dpo;

grant select on all tables in schema lacuna_evidence to
    lacuna_planner, lacuna_executor, lacuna_dpo, lacuna_verifier, lacuna_auditor, lacuna_sealer;
-- Which of its actions each of them records: lacuna_evidence.recorders.
grant insert on lacuna_evidence.entry
    to lacuna_planner, lacuna_executor, lacuna_verifier, lacuna_dpo;
-- What was signed and reported is written by the one who seals, who writes nothing else.
grant insert on lacuna_evidence.seal, lacuna_evidence.checkpoint, lacuna_evidence.entry to lacuna_sealer;
revoke insert on lacuna_evidence.seal, lacuna_evidence.checkpoint
    from lacuna_planner, lacuna_executor, lacuna_dpo;

grant select, insert, update, delete on all tables in schema reporting to lacuna_executor;
grant select on all tables in schema reporting to lacuna_planner, lacuna_auditor, lacuna_analyst;

-- Policies of tenant tables: tenants' own roles see their tenant only; batch roles see all.
do $$
declare
    name text;
    own constant text := 'org_id = current_setting(''lacuna.org_id'')';
    -- The inner table has its own policy, so this is whatever requests the role may see.
    of_request constant text := 'request_id in (select request_id from lacuna.request)';
begin
    foreach name in array array[
        'request_inbox', 'request', 'bundle', 'restriction', 'request_subject', 'plan', 'approval',
        'verification', 'mail', 'letter', 'subject', 'consent_event', 'recording_lock',
        'request_secret', 'working_row', 'portion', 'baseline', 'upload', 'notice', 'alert', 'item_hold',
        'agreement', 'acceptance', 'instruction', 'counted_row', 'day_total', 'fixed_link',
        'sealed_rows', 'restatement', 'replaced_cells', 'mail_digest', 'unrecorded', 'tombstone'
    ] loop
        execute format('drop policy if exists tenant on lacuna.%I', name);
        execute format('drop policy if exists batch on lacuna.%I', name);
        execute format(
            'create policy tenant on lacuna.%I to lacuna_submitter, lacuna_dpo, lacuna_analyst '
            'using (%s)', name,
            case when name in (
                'plan', 'approval', 'verification', 'request_secret', 'working_row', 'portion',
                'baseline', 'unrecorded'
            ) then of_request else own end);
        execute format(
            'create policy batch on lacuna.%I to lacuna_planner, lacuna_executor, lacuna_verifier, '
            'lacuna_auditor, lacuna_rule using (true) with check (true)', name);
    end loop;
end $$;

-- A mail of no tenant is decided on by an officer of every one.
drop policy if exists of_no_tenant on lacuna.mail;
create policy of_no_tenant on lacuna.mail to lacuna_dpo
    using (org_id is null and current_setting('lacuna.org_id') = '*');

-- The officer's page shows what callers of the tenant chose, and how much there was to do: anonymized
-- marts, no row of anybody.
do $$
declare
    name text;
begin
    foreach name in array array['consent_weekly', 'volume_daily', 'csat_weekly'] loop
        execute format('grant select on reporting.%I to lacuna_dpo', name);
        execute format('drop policy if exists officer on reporting.%I', name);
        execute format(
            'create policy officer on reporting.%I to lacuna_dpo '
            'using (org_id = current_setting(''lacuna.org_id''))', name);
    end loop;
end $$;
