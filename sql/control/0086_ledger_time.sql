-- The time of the ledger goes on: a clock that was set back would make a late closing one in time, and
-- hide what failed from a report that goes on from the one before.

create index entry_owner on lacuna_evidence.entry (position) where actor = 'system:owner';

-- As before, and an entry is not dated more than twelve hours before the entry or the seal before it: a
-- transaction may have begun that long ago, and clocks of several workers are never that far apart. What
-- the executor changed keeps the time of the change: the transaction after it records it, or a later run where
-- that died. An entry of the owner's is dated as it says, and time begins with it anew: so it goes on after a
-- clock that was ahead.
create or replace function lacuna_evidence.complete_entry() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    next bigint;
    latest timestamptz;
    by_owner bigint;
    canonical text;
    hash text;
begin
    perform pg_advisory_xact_lock(7205982);
    select position + 1, at into next, latest
        from lacuna_evidence.entry order by position desc limit 1;
    next := coalesce(next, 0);
    if new.position <> next then
        raise exception 'ledger: the next position is %', next using errcode = 'check_violation';
    end if;
    new.position := next;
    select position + 1 into by_owner
        from lacuna_evidence.entry where actor = 'system:owner' order by position desc limit 1;
    if by_owner = next then
        latest := null;
    end if;
    latest := greatest(latest, (
        select at from lacuna_evidence.seal
        where size > coalesce(by_owner, 0) order by size desc limit 1
    ));
    if new.at < latest - interval '12 hours'
        and not (current_user = 'lacuna_executor' and new.phase = 'outcome')
        and not pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        raise exception 'ledger: time goes on'
            using errcode = 'check_violation', table = 'entry', constraint = 'entry_time_goes_on';
    end if;
    -- RFC 8785: keys in order, no space. No string here can hold a character to escape: the
    -- checks of the table are tried on the row that this makes.
    canonical := format(
        '{"action":"%s","actor":"%s","already":%s,"at":"%s","batch_id":%s,"digest":%s,'
        '"location":"%s","phase":"%s","position":%s,"request_id":%s,"rows":%s}',
        new.action,
        new.actor,
        coalesce(new.already::text, 'null'),
        to_char(new.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        coalesce('"' || new.batch_id || '"', 'null'),
        coalesce('"' || new.digest || '"', 'null'),
        new.location,
        new.phase,
        new.position,
        coalesce('"' || new.request_id || '"', 'null'),
        coalesce(new.rows::text, 'null')
    );
    hash := encode(sha256('\x00'::bytea || convert_to(canonical, 'UTF8')), 'hex');
    if new.leaf_hash <> hash then
        raise exception 'ledger: the leaf hash does not fit the row' using errcode = 'check_violation';
    end if;
    new.leaf_hash := hash;
    return new;
end $$;
