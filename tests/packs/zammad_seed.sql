-- Six customers of one organization, with what Zammad keeps of each. Customer n has the tickets 10 n (e-mail)
-- and 10 n + 1 (telephone).

do $$ declare one record; begin
    for one in select table_name, column_name, data_type from information_schema.columns
        where table_schema = 'public' and is_nullable = 'NO' and column_default is null
            and column_name in ('created_at', 'updated_at', 'created_by_id', 'updated_by_id')
    loop
        execute format('alter table %I alter %I set default %s', one.table_name, one.column_name,
            case one.data_type when 'integer' then '901' else 'timestamp ''2026-11-02 09:00''' end);
    end loop;
end $$;

-- The system, two agents, and what an installation begins with. Ids of lookups are those of no other installation.
insert into users (id, login, firstname, lastname, email, active, created_by_id, updated_by_id) values
    (1, '-', '-', '', '', false, 1, 1),
    (901, 'mette@desk.example.com', 'Mette', 'Kjeldgaard', 'mette@desk.example.com', true, 1, 1),
    (902, 'otto@desk.example.com', 'Otto', 'Vinterberg', 'otto@desk.example.com', true, 1, 1);
insert into roles (id, name) values (1, 'Admin'), (2, 'Agent'), (3, 'Customer');
insert into groups (id, name, name_last) values (1, 'Repairs', 'Repairs'), (2, 'Sales', 'Sales');
insert into groups_users (user_id, group_id) values (901, 1), (902, 2);
insert into ticket_state_types (id, name) values (1, 'new'), (2, 'open'), (5, 'closed'), (6, 'merged');
insert into ticket_states (id, state_type_id, name) values (1, 1, 'new'), (2, 2, 'open'), (4, 5, 'closed'), (5, 6, 'merged');
insert into ticket_priorities (id, name) values (2, '2 normal');
insert into ticket_article_types (id, name, communication) values (1, 'email', true), (5, 'phone', true), (10, 'note', false), (11, 'web', true);
insert into ticket_article_senders (id, name) values (1, 'Agent'), (2, 'Customer'), (3, 'System');
insert into object_lookups (id, name) values (11, 'Ticket'), (12, 'Ticket::Article'), (13, 'User'), (14, 'Organization'), (15, 'Group'), (16, 'TicketArticle'), (17, 'Role'), (18, 'DataPrivacyTask');
insert into type_lookups (id, name) values (1, 'create'), (2, 'update');
insert into store_objects (id, name) values (21, 'Ticket::Article'), (22, 'Ticket::Article::Mail'), (23, 'Avatar::User::Full'),
    (24, 'Avatar::User::Resize'), (25, 'UploadCache'), (26, 'Signature');
insert into history_objects (id, name) values (31, 'Ticket'), (32, 'Ticket::Article'), (33, 'User'), (34, 'Organization'), (35, 'Mention');
insert into history_types (id, name) values (1, 'created'), (2, 'updated'), (3, 'email');
insert into history_attributes (id, name) values (1, 'customer'), (2, 'state'), (3, 'owner'), (4, 'lastname'), (5, 'title');
insert into tag_objects (id, name) values (41, 'Ticket');
insert into link_types (id, name) values (1, 'normal');
insert into link_objects (id, name) values (51, 'Ticket');
insert into organizations (id, name, domain) values (1, 'Example Boats', 'boats.example.com');
insert into tag_items (id, name, name_downcase) values (1, 'repair', 'repair');

create temporary table customer as
    select n, 100 + n as id, first, last, first || ' ' || last as name, lower(first || '.' || last) || '@example.org' as email,
        '+44 1632 96000' || n as phone, '44163296000' || n as digits, 'LH-7700' || n || '-K' as account, 'ORD-400' || n || '-QX' as ordered,
        700 + n || ' Lantern Lane' as street
    from (values (1, 'Aveline', 'Ashgrove'), (2, 'Bodil', 'Birkelund'), (3, 'Casimir', 'Coppersmith'),
        (4, 'Dagny', 'Drosselbart'), (5, 'Emeric', 'Eschenbach'), (6, 'Fenella', 'Fairweather')) as known (n, first, last);

insert into users (id, organization_id, login, firstname, lastname, email, phone, mobile, street, zip, city, country, note, image, image_source, web, department, source, preferences, last_login, created_by_id)
    select id, 1, email, first, last, email, phone, '', street, 'FL1 ' || n || 'AA', 'Flintham', 'Great Britain',
        '<div>' || first || ' wants calls in the evening</div>', md5(email), 'https://pictures.example.com/' || email, 'https://' || lower(last) || '.example.net', 'Rigging',
        'signup', E'---\nlocale: en-gb\ntickets_open: 1\nmail_delivery_failed_reason: ' || email || E'\n', timestamp '2026-11-02 10:00' + n * interval '1 hour', case when n = 2 then 102 else 901 end
    from customer;
insert into roles_users (user_id, role_id) values (901, 1), (901, 2), (902, 2);
insert into roles_users (user_id, role_id) select id, 3 from customer;
insert into organizations_users (user_id, organization_id) select id, 1 from customer where n < 3;

insert into checklists (id, name, sorted_item_ids) select n, 'Repair for ' || name, array[n::text] from customer;
insert into tickets (id, group_id, priority_id, state_id, organization_id, number, title, owner_id, customer_id, note, first_response_at, first_response_in_min,
    close_at, last_close_at, close_in_min, last_contact_customer_at, article_count, time_unit, create_article_type_id, create_article_sender_id, preferences, created_by_id, created_at, checklist_id)
    select 10 * n + place, 1 + place, 2, 4, 1, 31000 + 10 * n + place, case place when 0 then 'Lamp of ' || name else 'Call from ' || phone end, 901 + place, id,
        'Ask ' || first, timestamp '2026-11-02 10:20' + n * interval '1 hour', 20, timestamp '2026-11-03 10:00', timestamp '2026-11-03 10:00', 1400, timestamp '2026-11-02 11:00', 5, 2.5,
        case place when 0 then 1 else 5 end, case place when 0 then 2 else 1 end,
        E'---\nchannel_id: 1\nwhatsapp:\n  from:\n    phone_number: ''' || digits || E'''\n    display_name: ' || name || E'\n',
        case place when 0 then id else 902 end, timestamp '2026-11-02 10:00' + n * interval '1 hour', case place when 0 then n end
    from customer, generate_series(0, 1) place order by n, place;
insert into checklist_items (id, text, checklist_id) select n, 'Call ' || name || ' at ' || phone, n from customer;
insert into ticket_time_accountings (id, ticket_id, time_unit) select n, 10 * n, 2.5 from customer;

create temporary table written as
    select n, place, 100 * n + place as id, customer.*
    from (select n as number, id as contact, first, last, name, email, phone, digits, ordered, street from customer) as customer,
        lateral (select number as n) as numbered, generate_series(0, 5) place;
-- Of each customer: a mail, the answer, an inner note that names somebody else, a plain answer; a call, and what was promised.
insert into ticket_articles (id, ticket_id, type_id, sender_id, "from", "to", cc, subject, reply_to, message_id, message_id_md5, in_reply_to, content_type, body, internal, preferences, created_by_id, origin_by_id, created_at)
    select id, 10 * n + case when place < 4 then 0 else 1 end, case place when 2 then 10 when 4 then 5 when 5 then 10 else 1 end, case when place in (0, 3, 4) then 2 else 1 end,
        case place when 0 then '"' || last || ', ' || first || '" <' || email || '>' when 3 then name || ' <' || email || '>' when 4 then name else 'Mette Kjeldgaard via Desk <help@desk.example.com>' end,
        case place when 1 then name || ' <' || email || '>' when 4 then 'Repairs' else 'Desk <help@desk.example.com>' end,
        case place when 0 then 'neighbor@example.net' end,
        case when place in (0, 1, 3) then 'Lamp of ' || name || ' [Ticket#' || 31000 + 10 * n || ']' end, case place when 0 then email end,
        case when place in (0, 1, 3) then '<' || n || '.' || place || '@mail.example.org>' end, case when place in (0, 1, 3) then md5(n || '.' || place) end,
        case place when 1 then '<' || n || '.0@mail.example.org>' when 3 then '<' || n || '.1@mail.example.org>' end,
        case when place in (3, 4) then 'text/plain' else 'text/html' end,
        case place
            when 0 then '<div>My lamp is dark.</div><div>' || name || '<br>' || street || '<br>' || phone || '</div>'
            when 1 then 'Dear ' || first || ',<br>your order <b>' || ordered || '</b> is on its way.<blockquote type="cite">My lamp is dark. ' || name || '</blockquote>'
            when 2 then '<p>The same as ' || (select other.name || ', ' || other.email from customer as other where other.n = written.n % 6 + 1) || '</p>'
            when 3 then 'Thanks. My order was ' || ordered || E'.\n\n> Dear ' || first || E',\n> it is on its way.'
            when 4 then name || ' asks where order ' || ordered || ' is.'
            else '<div>Promised <a href="https://desk.example.com/#user/profile/901" data-mention-user-id="901">Mette</a> would call ' || phone || '</div>' end,
        place in (2, 5), case place when 0 then E'---\nsend-auto-response: true\nReturn-Path: ' || email || E'\n' when 3 then E'---\ndelivery_status_message: No mailbox ' || email || E'\n' end,
        case when place in (0, 3) then contact else 901 end, case place when 4 then contact end, timestamp '2026-11-02 10:00' + n * interval '1 hour' + place * interval '10 minutes'
    from written;

-- Files: a passport (on disk), the raw mail (in the database), a portrait (on disk) and its smaller copy (in the
-- database), for each customer; terms that the first ticket of everybody has; a plan of the first two.
create temporary table file as
    select 10 * n + place as id, n, place, encode(sha256(convert_to('file ' || n || place, 'utf8')), 'hex') as sha,
        case place when 0 then 'passport ' || name || '.pdf' when 1 then 'mail-' || 100 * n || '.eml' else 'avatar.png' end as filename,
        case place when 1 then 'From: ' || email || E'\n\nMy lamp is dark. ' || name || case n when 5 then E'\n\nAveline Ashgrove says so too.' else '' end else 'RIFF ' || n || place end as said,
        case when place in (0, 2) then 'File' else 'DB' end as provider
    from customer, generate_series(0, 3) place
    union all select 900, 0, 0, encode(sha256('terms'), 'hex'), 'terms.pdf', 'RIFF terms', 'File'
    union all select 901, 0, 1, encode(sha256('plan'), 'hex'), 'plan.pdf', 'RIFF plan', 'DB';
insert into store_files (id, sha, provider) select id, sha, provider from file;
insert into store_provider_dbs (id, sha, data) select id, sha, convert_to(said, 'utf8') from file where provider = 'DB';
insert into stores (id, store_object_id, store_file_id, o_id, preferences, size, filename, created_by_id)
    select file.id, case place when 0 then 21 when 1 then 22 when 2 then 23 else 24 end, file.id, (case when place < 2 then 100 * n else 100 + n end)::text,
        E'---\nContent-Type: application/octet-stream\noriginal_name: ' || filename || E'\n', '4', filename, case when place < 2 then 100 + n else 901 end
    from file where n > 0
    union all select 1000 + n, 21, 900, (100 * n + 1)::text, E'---\nContent-Type: application/pdf\n', '4', 'terms.pdf', 901 from customer
    union all select 1100 + n, 21, 901, (100 * n + 3)::text, E'---\nContent-Type: application/pdf\n', '4', 'plan.pdf', id from customer where n in (1, 2)
    union all select 1200, 26, 900, '1', E'---\nContent-Type: application/pdf\n', '4', 'terms.pdf', 901;
insert into avatars (id, o_id, object_lookup_id, "default", store_full_id, store_resize_id, store_hash, source, source_url)
    select n, id, 13, true, 10 * n + 2, 10 * n + 3, md5(email), 'zammad.com', email from customer;

insert into histories (id, history_type_id, history_object_id, history_attribute_id, o_id, related_o_id, id_from, id_to, value_from, value_to, created_by_id)
    select 10 * n, 1, 31, null, 10 * n, null::int, null::int, null::int, null, null, id from customer
    union all select 10 * n + 1, 2, 31, 1, 10 * n, null, 901, id, 'Mette Kjeldgaard', name, 901 from customer
    union all select 10 * n + 2, 2, 31, 2, 10 * n, null, 1, 4, 'new', 'closed', 901 from customer
    union all select 10 * n + 3, 3, 32, null, 100 * n + 1, 10 * n, null, null, null, 'Dear ' || name || ': ' || email, 1 from customer
    union all select 10 * n + 4, 2, 33, 4, id, null, null, null, 'Oldmaiden-' || n, last, 901 from customer
    union all select 10 * n + 5, 2, 31, 5, 10 * n + 1, null, null, null, 'Lost parcel of ' || first, 'Call from ' || phone, id from customer
    union all select 10 * n + 6, 2, 31, 1, 10 * (n % 6 + 1) + 1, null, id, 100 + n % 6 + 1, name, (select other.name from customer as other where other.n = customer.n % 6 + 1), 902 from customer;

insert into tag_items (id, name, name_downcase) select 10 + n, 'friend of ' || name, lower('friend of ' || name) from customer;
insert into tags (id, tag_item_id, tag_object_id, o_id) select 10 * n, 1, 41, 10 * n from customer union all select 10 * n + 1, 10 + n, 41, 10 * n from customer;
insert into user_devices (id, user_id, name, browser, location, fingerprint, user_agent, ip) select n, id, 'Phone of ' || first, 'Firefox', 'Flintham', md5('browser ' || n), 'Example/1', '192.0.2.' || n from customer;
insert into tokens (id, user_id, name, token, action) select n, id, 'of ' || name, md5('token ' || email), 'api' from customer;
insert into authorizations (id, provider, uid, username, token, user_id) select n, 'google', 'uid-' || account, name, 'invented', id from customer;
insert into external_syncs (id, source, source_id, object, o_id, last_payload)
    select n, 'crm', account, 'User', id, E'---\nname: ' || name || E'\nid: ' || account || E'\n' from customer;
insert into cti_caller_ids (id, caller_id, level, object, o_id, user_id) select n, digits, 'known', 'User', id, id from customer;
insert into cti_caller_ids (id, caller_id, level, object, o_id, user_id, comment) select 10 + n, digits, 'maybe', 'Ticket', 10 * n + 1, id, name from customer;
insert into cti_logs (id, direction, state, "from", from_comment, "to", to_comment, call_id, duration_waiting_time, duration_talking_time, start_at, preferences)
    select n, 'in', 'hangup', digits, name, '441632000001', 'Desk', 'call-' || n, 5, 60 * n, timestamp '2026-11-02 10:00' + n * interval '1 hour',
        E'---\nfrom:\n- caller_id: ''' || digits || E'''\n  level: known\n  user_id: ' || id || E'\n  comment: ' || name || E'\n' from customer;
insert into failed_emails (id, data, parsing_error) select n, convert_to('From: ' || email || E'\n\nUnreadable', 'utf8'), 'Bad header of ' || name from customer where n in (1, 5);
insert into chats (id, name) values (1, 'Web page');
insert into chat_sessions (id, chat_id, session_id, name, state, user_id, preferences) select n, 1, md5('chat ' || n), name, 'closed', 901,
    E'---\nurl: https://shop.example.com/?mail=' || email || E'\nremote_ip: 198.51.100.' || n || E'\n' from customer;
insert into chat_messages (id, chat_session_id, content, created_by_id) select n, n, 'I am ' || name || ', ' || email, null from customer;
insert into mentions (mentionable_type, mentionable_id, user_id) select 'Ticket', 10 * n, 901 from customer;
insert into taskbars (id, user_id, last_contact, key, callback, prio, state) select n, 901, timestamp '2026-11-02 09:00', 'Ticket-' || 10 * n, 'TicketZoom', n,
    E'---\narticle:\n  to: ' || email || E'\n  body: Dear ' || name || E'\n' from customer;
insert into ticket_shared_draft_zooms (id, ticket_id, new_article, ticket_attributes) select n, 10 * n, E'---\nbody: Dear ' || name || E'\n', E'---\ntitle: For ' || name || E'\n' from customer;
insert into ticket_shared_draft_starts (id, group_id, name, content) select n, 1, 'Draft', E'---\ncustomer_id: ' || id || E'\nbody: Dear ' || name || E'\n' from customer where n in (1, 5);
insert into ai_analytics_runs (id, identifier, ai_service_name, related_object_type, related_object_id, content, payload)
    select n, 'summary', 'invented', 'Ticket', 10 * n, to_jsonb('A lamp of ' || name), jsonb_build_object('prompt', 'Sum up: ' || name || ' ' || street) from customer;
insert into ai_analytics_usages (id, ai_analytics_run_id, user_id, rating, comment) select n, n, 901, true, 'Right about ' || name from customer;
insert into ai_stored_results (id, identifier, related_object_type, related_object_id, content, ai_analytics_run_id)
    select n, 'summary', 'Ticket', 10 * n, jsonb_build_object('problem', 'The lamp of ' || name || ' is dark'), n from customer;
insert into audit_logs (id, user_id, user_fullname, action_type, auditable_type, auditable_id, auditable_name, value_from, value_to, source_ip)
    select n, 901, 'Mette Kjeldgaard', 'update', 'User', id, name, jsonb_build_object('email', 'old.' || email), jsonb_build_object('email', email), '198.51.100.7' from customer;
insert into http_logs (id, direction, facility, method, url, status, request, response) select n, 'out', 'webhook', 'POST', 'https://hooks.example.com', '200',
    E'---\ncontent: ''{"ticket":{"title":"Lamp of ' || name || '","customer":{"email":"' || email || E'"}}}''\n', E'---\ncode: 200\n' from customer;
insert into data_privacy_tasks (id, state, deletable_type, deletable_id, preferences) select n, 'failed', 'User', id, E'---\nuser:\n  firstname: ' || left(first, 1) || E'\n  email: ' || email || E'\n' from customer;
insert into pgp_keys (id, name, fingerprint, key, email_addresses) select n, name || ' <' || email || '>', md5('key ' || n), 'invented', array[email] from customer where n in (1, 5);
insert into triggers (id, name, condition, perform) select n, 'Trigger ' || n, E'---\nticket.customer_id:\n  operator: is\n  value: ' || id || E'\n', E'---\nnotification.email:\n  recipient: ' || email || E'\n' from customer;
insert into text_modules (id, name, content) select 1, 'as', 'As ' || name || ' told us' from customer where n = 1;
insert into activity_streams (id, activity_stream_type_id, activity_stream_object_id, o_id, created_by_id) select 10 * n, 1, 11, 10 * n, id from customer union all select 10 * n + 1, 2, 13, id, 901 from customer;
insert into recent_views (id, recent_view_object_id, o_id, created_by_id) select n, 13, id, 901 from customer;
insert into online_notifications (id, o_id, object_lookup_id, type_lookup_id, user_id) select n, 10 * n, 11, 1, 901 from customer;
insert into ticket_article_flags (id, ticket_article_id, key, created_by_id) select n, 100 * n, 'seen', 901 from customer;
insert into links (id, link_type_id, link_object_source_id, link_object_source_value, link_object_target_id, link_object_target_value) select n, 1, 51, 10 * n, 51, 10 * n + 1 from customer;

do $$ declare one record; begin
    for one in select table_name, column_name from information_schema.columns
        where table_schema = 'public' and is_nullable = 'NO' and column_name in ('created_at', 'updated_at', 'created_by_id', 'updated_by_id')
    loop
        execute format('alter table %I alter %I drop default', one.table_name, one.column_name);
    end loop;
end $$;
