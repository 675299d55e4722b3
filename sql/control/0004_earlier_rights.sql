-- An erasure waits for requests about the same person whose rights come first.

alter table lacuna.request drop constraint request_obstacle_check;
alter table lacuna.request add constraint request_obstacle_check check (obstacle in (
    'open_conversations', 'earlier_rights', 'plan_changed', 'too_many_rows', 'apply_failed',
    'bundle_failed', 'verification_failed', 'not_approved', 'ambiguous', 'identity',
    'internal_error'
));
