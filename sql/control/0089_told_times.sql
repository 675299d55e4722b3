-- Rows of erased people in which a trigger of the platform wrote when it was: the scrub takes that away, whose
-- updates wake no trigger, and forgets what stands here.
create table lacuna.told_time (
    table_name text not null,
    column_name text not null,
    row_key text[] not null,
    -- What the trigger wrote, in UTC to the microsecond: what somebody wrote there since stays.
    told text not null,
    primary key (table_name, column_name, row_key)
);
