-- Recipients are told of corrections and restrictions too (Art. 19): one notice for each right.
alter table lacuna.notice
    add column right_kind text not null default 'erasure'
        check (right_kind in ('erasure', 'rectification', 'restriction'));
alter table lacuna.notice alter column right_kind drop default;
alter table lacuna.notice drop constraint notice_request_id_recipient_key;
alter table lacuna.notice
    add constraint notice_request_id_recipient_key unique (request_id, recipient, right_kind);

-- Whoever takes a request back by mail is told that it was.
do $$
declare
    found record;
begin
    select conname, pg_get_constraintdef(oid) as definition into strict found
    from pg_constraint
    where conrelid = 'lacuna.answer'::regclass and contype = 'c'
        and pg_get_constraintdef(oid) like 'CHECK ((kind = ANY%';
    execute format('alter table lacuna.answer drop constraint %I', found.conname);
    execute format(
        'alter table lacuna.answer add constraint %I %s', found.conname,
        regexp_replace(found.definition, 'ARRAY\[', 'ARRAY[''withdrawal''::text, ')
    );
end $$;
