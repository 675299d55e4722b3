-- The least-privilege roles: run before the schema, safe to run again. What each may do: rights.sql.
-- Nobody logs in as one of them: a login that is a member takes one on for a transaction.

do $$
declare
    name text;
begin
    foreach name in array array[
        'lacuna_planner', 'lacuna_executor', 'lacuna_verifier', 'lacuna_auditor',
        'lacuna_analyst', 'lacuna_dpo', 'lacuna_submitter', 'lacuna_sealer',
        'lacuna_rule', 'lacuna_delivery'
    ] loop
        if not exists (select from pg_roles where rolname = name) then
            begin
                execute format('create role %I nologin noinherit', name);
            exception when duplicate_object or unique_violation then
                null;  -- another database of this server made it at the same moment
            end;
        end if;
        -- From PostgreSQL 16 on whoever makes a role may hand it on, and not take it on.
        if not pg_has_role(current_user, name, case
            when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end)
        then
            execute format('grant %I to current_user', name);
        end if;
    end loop;
end $$;
