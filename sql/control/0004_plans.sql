-- Where a link to a person may not be NULL, it is pointed at the tenant's one tombstone contact,
-- and the ledger says so.
alter table lacuna_evidence.entry drop constraint entry_action_check;
alter table lacuna_evidence.entry add constraint entry_action_check check (action in (
    'received', 'resolved', 'planned', 'approved', 'refused', 'withdrawn', 'held',
    'anonymize_rows', 'redact_text', 'redact_mentions', 'delete_rows', 'delete_objects',
    'rewrite_objects', 'rectify', 'restrict', 'retain', 'link_tombstone',
    'write_bundle', 'seal_bundle', 'release_bundle', 'delete_bundle',
    'verified', 'verification_failed', 'completed', 'nothing_found',
    'forget_working_copies', 'destroy_key',
    'sweep', 'rule_approved', 'publish_period', 'drop_legacy', 'checkpoint'
));

-- A plan that would leave a mention where the data map expects nobody is refused before it is made.
alter table lacuna.request drop constraint request_obstacle_check;
alter table lacuna.request add constraint request_obstacle_check check (obstacle in (
    'open_conversations', 'earlier_rights', 'plan_changed', 'too_many_rows', 'mention_refused',
    'apply_failed', 'bundle_failed', 'verification_failed', 'not_approved', 'ambiguous', 'identity',
    'duplicate', 'internal_error'
));
