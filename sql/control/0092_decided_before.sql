-- A request that an officer held or refused before the database was put back waits for one to decide anew.
alter table lacuna.request drop constraint request_obstacle_check;
alter table lacuna.request add constraint request_obstacle_check check (obstacle in (
    'open_conversations', 'earlier_rights', 'plan_changed', 'too_many_rows', 'mention_refused',
    'values_missed', 'apply_failed', 'bundle_failed', 'verification_failed', 'not_approved',
    'ambiguous', 'identity', 'controller', 'duplicate', 'decided_before', 'internal_error'
));
