-- In how many chunks a batch is worked on at once: said once, so that a task tried again, on another
-- worker, takes the same requests.

alter table lacuna.batch add column chunks integer check (chunks between 0 and 64);
