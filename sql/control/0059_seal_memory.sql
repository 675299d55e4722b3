-- The database remembers each seal before anything of it is signed: size, root and time. So nothing that
-- was signed is unknown here, and a seal that died is finished by the next one, over what it began with.
-- A database that remembers nothing beside signed files is another one, or was emptied.

create table lacuna_evidence.seal (
    size bigint primary key check (size > 0),
    root text not null check (root ~ '^[0-9a-f]{64}$'),
    at timestamptz not null
);

comment on table lacuna_evidence.seal is
    'Append-only. Every seal that was begun; each but the newest has its checkpoint.';

insert into lacuna_evidence.seal (size, root, at)
select size, root, at from lacuna_evidence.checkpoint order by size;

create function lacuna_evidence.check_seal() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205982);
    if new.size > (select coalesce(max(position) + 1, 0) from lacuna_evidence.entry) then
        raise exception 'seal: larger than the ledger' using errcode = 'check_violation';
    end if;
    if new.size <= (select max(size) from lacuna_evidence.seal) then
        raise exception 'seal: not larger than the one before' using errcode = 'check_violation';
    end if;
    if exists (
        select from lacuna_evidence.seal s
        where not exists (select from lacuna_evidence.checkpoint c where c.size = s.size)
    ) then
        raise exception 'seal: the one before has no checkpoint yet' using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger seal_check before insert on lacuna_evidence.seal
    for each row execute function lacuna_evidence.check_seal();
create trigger seal_append_only before update or delete or truncate on lacuna_evidence.seal
    for each statement execute function lacuna_evidence.refuse_change();
alter table lacuna_evidence.seal enable always trigger seal_check;
alter table lacuna_evidence.seal enable always trigger seal_append_only;
