-- The cells of periods that were restated. They were public and stay known, so that what closes later
-- is audited with them too. They are served nowhere, and hold nothing that was not published.
create table lacuna.replaced_cells (
    org_id text not null,
    mart text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    -- An array of cells: the dimensions, then the measures, in the order of the mart's columns.
    cells jsonb not null,
    primary key (org_id, mart, period)
);

alter table lacuna.replaced_cells enable row level security;
alter table lacuna.replaced_cells force row level security;
