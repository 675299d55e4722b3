-- Tables without a tenant of their own that tenants' roles read belong to their request's tenant.

do $$
declare
    name text;
begin
    foreach name in array array['plan', 'approval', 'verification'] loop
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;
