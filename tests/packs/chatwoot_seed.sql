-- Six customers of the first account, with what Chatwoot keeps of each, and one of them as a customer of the
-- second account too. Customer n has the conversations 10 n (e-mail) and 10 n + 1 (WhatsApp, with a call).

do $$ declare one record; begin
    for one in select table_name, column_name from information_schema.columns
        where table_schema = 'public' and column_name in ('created_at', 'updated_at') and is_nullable = 'NO'
    loop
        execute format('alter table %I alter %I set default timestamp ''2026-11-02 09:00''', one.table_name, one.column_name);
    end loop;
end $$;

insert into accounts (id, name, support_email) values
    (1, 'Lantern House', 'help@lantern.example.com'), (2, 'Kettle Works', 'help@kettle.example.com');
insert into users (id, name, display_name, email, uid, encrypted_password) values
    (901, 'Mette Kjeldgaard', 'Mette', 'mette@desk.example.com', 'mette@desk.example.com', 'invented'),
    (902, 'Otto Vinterberg', 'Otto', 'otto@desk.example.com', 'otto@desk.example.com', 'invented');
insert into account_users (account_id, user_id) values (1, 901), (2, 902);
insert into access_tokens (owner_type, owner_id, token) values ('User', 901, 'invented-token');
insert into teams (id, name, account_id) values (1, 'support', 1);
insert into team_members (team_id, user_id) values (1, 901);
insert into channel_email (id, account_id, email, forward_to_email) values
    (1, 1, 'help@lantern.example.com', 'in@lantern.example.com'), (2, 2, 'help@kettle.example.com', 'in@kettle.example.com');
insert into channel_whatsapp (id, account_id, phone_number) values (1, 1, '+441632000001');
insert into inboxes (id, channel_id, account_id, name, channel_type) values
    (1, 1, 1, 'Mail', 'Channel::Email'), (2, 1, 1, 'WhatsApp', 'Channel::Whatsapp'), (3, 2, 2, 'Mail', 'Channel::Email');
insert into captain_assistants (id, name, account_id) values (1, 'Lumen', 1);

create temporary table customer as
    select n, 100 + n as id, first || ' ' || last as name, lower(first || '.' || last) || '@example.org' as email,
        '+44163296000' || n as phone, 'LH-7700' || n || '-K' as identifier, 'ORD-400' || n || '-QX' as ordered,
        700 + n || ' Lantern Lane' as street
    from (values (1, 'Aveline', 'Ashgrove'), (2, 'Bodil', 'Birkelund'), (3, 'Casimir', 'Coppersmith'),
        (4, 'Dagny', 'Drosselbart'), (5, 'Emeric', 'Eschenbach'), (6, 'Fenella', 'Fairweather')) as known (n, first, last);

insert into companies (id, name, domain, account_id) values (1, 'Example Boats', 'boats.example.com', 1);
insert into contacts (id, name, email, phone_number, account_id, identifier, last_activity_at, contact_type, location, country_code, company_id, additional_attributes, custom_attributes)
    select id, name, email, phone, 1, identifier, timestamp '2026-11-02 10:00' + n * interval '1 hour', 2, 'Flintham', 'GB', 1,
        jsonb_build_object('city', 'Flintham', 'country_code', 'GB', 'company_name', 'Example Boats', 'description', 'Asks for ' || street,
            'created_at_ip', '192.0.2.' || n, 'social_profiles', jsonb_build_object('telegram', replace(lower(name), ' ', '_'))),
        jsonb_build_object('street', street, 'order', ordered)
    from customer;
insert into contacts (id, name, email, account_id, contact_type, location, country_code)
    select 201, name, email, 2, 2, 'Flintham', 'GB' from customer where n = 1;

insert into contact_inboxes (id, contact_id, inbox_id, source_id, pubsub_token)
    select 10 * n, id, 1, email, 'token-mail-' || n || '-invented' from customer
    union all select 10 * n + 1, id, 2, substr(phone, 2), 'token-chat-' || n || '-invented' from customer
    union all select 5, 201, 3, email, 'token-other-invented' from customer where n = 1;
insert into conversations (id, account_id, inbox_id, status, assignee_id, contact_id, contact_inbox_id, display_id, uuid, identifier, team_id, cached_label_list, additional_attributes, custom_attributes, created_at, last_activity_at, first_reply_created_at)
    select 10 * n + place, 1, 1 + place, 1, 901, id, 10 * n + place, 0, md5('conversation ' || n || place)::uuid,
        case place when 1 then 'thread-' || ordered end, 1, case place when 0 then 'repair, friend of ' || name end,
        case place
            when 0 then jsonb_build_object('source', 'email', 'mail_subject', 'Lamp of ' || name, 'in_reply_to', n || '.first@mail.example.org')
            else jsonb_build_object('referer', 'https://shop.example.com/?mail=' || email, 'browser_language', 'en') end,
        jsonb_build_object('order', ordered), timestamp '2026-11-02 10:00' + n * interval '1 hour', timestamp '2026-11-03 10:00',
        timestamp '2026-11-02 10:20' + n * interval '1 hour'
    from customer, generate_series(0, 1) place order by n, place;
insert into conversations (id, account_id, inbox_id, status, assignee_id, contact_id, contact_inbox_id, display_id)
    values (5, 2, 3, 1, 902, 201, 5, 0);

create temporary table written as
    select n, place, 100 * n + place as id, customer.*
    from (select n as number, id as contact, name, email, phone, ordered, street from customer) as customer,
        lateral (select number as n) as numbered, generate_series(0, 9) place;
insert into messages (id, content, processed_message_content, account_id, inbox_id, conversation_id, message_type, private, content_type, source_id, sender_type, sender_id, content_attributes, additional_attributes, external_source_ids)
    select id,
        case place
            when 0 then E'My lamp is dark.\n\n' || name || E'\n' || street || E'\n' || phone
            when 1 then 'Dear ' || name || ', it is on its way.'
            when 2 then 'The same as ' || (select other.name || ', ' || other.email from customer as other where other.n = written.n % 6 + 1)
            when 3 then 'Mette assigned Mette'
            when 4 then 'How was it?'
            when 5 then 'Where is ' || ordered || '?'
            when 6 then null
            when 7 then 'Please fill in'
            when 8 then 'Hej, min ordre er ' || ordered
            else 'Hello {{1}}' end,
        case place when 1 then 'Dear ' || name || ', it is on its way: https://shop.example.com/o/' || ordered end,
        1, case when place < 5 then 1 else 2 end, 10 * n + case when place < 5 then 0 else 1 end,
        case when place in (0, 5, 6, 8) then 0 when place = 3 then 2 when place in (4, 9) then 3 else 1 end, place = 2,
        case place when 0 then 8 when 4 then 9 when 7 then 6 else 0 end,
        case place when 0 then n || '.first@mail.example.org' when 5 then 'wamid.' || md5(email) end,
        case when place in (0, 5, 6, 8) then 'Contact' when place in (1, 2, 7) then 'User' end,
        case when place in (0, 5, 6, 8) then contact when place in (1, 2, 7) then 901 end,
        case place
            when 0 then to_json(json_build_object(
                'email', json_build_object('from', json_build_array(email), 'to', json_build_array('help@lantern.example.com'), 'cc', json_build_array('neighbor@example.net'),
                    'subject', 'Lamp of ' || name, 'message_id', n || '.first@mail.example.org',
                    'html_content', json_build_object('full', '<p>My lamp is dark.</p><p>' || name || '<br>' || street || '</p>'),
                    'text_content', json_build_object('full', E'My lamp is dark.\n' || name)),
                'cc_emails', json_build_array('neighbor@example.net'))::text)
            when 2 then to_json(json_build_object('translations', json_build_object('da', 'Det samme som '
                || (select other.name from customer as other where other.n = written.n % 6 + 1)))::text)
            when 4 then to_json(json_build_object('submitted_values', json_build_object('csat_survey_response',
                json_build_object('rating', 1 + n % 5, 'feedback_message', 'Thanks, ' || name)))::text)
            when 7 then to_json(json_build_object('submitted_email', email, 'submitted_values', json_build_array(json_build_object('name', 'street', 'value', street)))::text)
            when 8 then to_json(json_build_object('translations', json_build_object('en', 'Hello, my order is ' || ordered))::text) end,
        case place when 9 then jsonb_build_object('template_params', jsonb_build_object('processed_params', jsonb_build_object('1', name))) else '{}' end,
        case place when 1 then to_jsonb(jsonb_build_object('slack', 'about ' || email)::text) else '{}' end
    from written;
insert into messages (id, content, account_id, inbox_id, conversation_id, message_type, sender_type, sender_id)
    select 5, 'A kettle for ' || name, 2, 3, 5, 0, 'Contact', 201 from customer where n = 1;

-- An enclosed file, a shared contact and a place; the pictures of people, each with a smaller copy; the preview of a document; a recorded call.
insert into attachments (id, file_type, message_id, account_id, fallback_title, extension, coordinates_lat, coordinates_long, meta)
    select 10 * n, 0, 100 * n, 1, null, 'png', 0, 0, '{}'::jsonb from customer
    union all select 10 * n + 1, 6, 100 * n + 6, 1, phone, null, 0, 0,
        jsonb_build_object('firstName', split_part(name, ' ', 1), 'lastName', split_part(name, ' ', 2)) from customer
    union all select 10 * n + 2, 5, 100 * n + 6, 1, street, null, 52 + n / 100.0, 1, '{}' from customer;
insert into calls (id, account_id, inbox_id, conversation_id, contact_id, message_id, accepted_by_agent_id, provider_call_id, direction, status, duration_seconds, meta, transcript)
    select n, 1, 2, 10 * n + 1, id, 100 * n + 5, 901, 'CA' || md5(phone), 0, 'completed', 60 * n, jsonb_build_object('from', phone),
        'Hello, this is ' || name || ' about ' || ordered from customer;
insert into active_storage_blobs (id, key, filename, content_type, metadata, byte_size, service_name)
    select 10 * n + place, substr(md5('blob ' || n || place), 1, 28),
        case place when 0 then 'passport_' || replace(name, ' ', '_') || '.pdf' when 3 then 'call.wav' when 4 then 'preview.png' else 'portrait.png' end,
        case place when 0 then 'application/pdf' when 3 then 'audio/wav' else 'image/png' end, '{"identified":true}', 4, 'local'
    from customer, generate_series(0, 4) place;
insert into active_storage_variant_records (id, blob_id, variation_digest) select n, 10 * n + 1, md5('small') from customer;
insert into active_storage_attachments (id, name, record_type, record_id, blob_id, created_at)
    select 10 * n + place, file.name, type, of, 10 * n + place, timestamp '2026-11-02 09:00' + place * interval '1 minute'
    from customer, lateral (values (0, 'file', 'Attachment', 10 * n), (1, 'avatar', 'Contact', id),
        (2, 'image', 'ActiveStorage::VariantRecord', n), (3, 'recording', 'Call', n),
        (4, 'preview_image', 'ActiveStorage::Blob', 10 * n)) as file (place, name, type, of);
insert into active_storage_blobs (id, key, filename, content_type, metadata, byte_size, service_name) values
    (900, 'importedcontacts000000000000', 'contacts.csv', 'text/csv', '{"identified":true}', 4, 'local'),
    (901, 'rawmailofacustomer0000000000', 'message.eml', 'message/rfc822', '{"identified":true}', 4, 'local'),
    (902, 'portraitofanagent00000000000', 'mette.png', 'image/png', '{"identified":true}', 4, 'local');
insert into data_imports (id, account_id, data_type) values (1, 1, 'contacts');
insert into action_mailbox_inbound_emails (id, message_id, message_checksum) values (1, '<1.first@mail.example.org>', 'invented');
insert into active_storage_attachments (id, name, record_type, record_id, blob_id) values
    (900, 'import_file', 'DataImport', 1, 900), (901, 'raw_email', 'ActionMailbox::InboundEmail', 1, 901), (902, 'avatar', 'User', 901, 902);


-- Two further customers of one picture, with its smaller copy; a macro's file that the first customer was sent.
insert into contacts (id, account_id, name, email, contact_type) values
    (107, 1, 'Gustava Greenhalgh', 'gustava.greenhalgh@example.org', 2), (108, 1, 'Hjalmar Hazelwood', 'hjalmar.hazelwood@example.org', 2);
insert into active_storage_blobs (id, key, filename, content_type, metadata, byte_size, service_name) values
    (903, 'pictureoftwocustomers0000000', 'both.png', 'image/png', '{"identified":true}', 4, 'local'),
    (904, 'pictureoftwosmaller000000000', 'both.png', 'image/png', '{"identified":true}', 4, 'local'),
    (905, 'fileofamacro0000000000000000', 'terms.pdf', 'application/pdf', '{"identified":true}', 4, 'local');
insert into active_storage_variant_records (id, blob_id, variation_digest) values (907, 903, md5('small'));
insert into active_storage_attachments (id, name, record_type, record_id, blob_id) values
    (903, 'avatar', 'Contact', 107, 903), (904, 'avatar', 'Contact', 108, 903), (905, 'image', 'ActiveStorage::VariantRecord', 907, 904),
    (906, 'file', 'Attachment', 10, 905), (907, 'files', 'Macro', 1, 905);

insert into csat_survey_responses (id, account_id, conversation_id, message_id, rating, feedback_message, contact_id, assigned_agent_id, csat_review_notes)
    select n, 1, 10 * n, 100 * n + 4, 1 + n % 5, 'Thanks, ' || name, id, 901, 'Called ' || phone from customer;
insert into notes (id, content, account_id, contact_id, user_id) select n, name || ' prefers ' || street, 1, id, 901 from customer;
insert into tags (id, name) values (1, 'repair');
insert into tags (id, name) select 10 + n, 'friend of ' || name from customer;
insert into taggings (id, tag_id, taggable_type, taggable_id, context)
    select 10 * n, 1, 'Conversation', 10 * n, 'labels' from customer
    union all select 10 * n + 1, 10 + n, 'Conversation', 10 * n, 'labels' from customer
    union all select 10 * n + 2, 1, 'Contact', id, 'labels' from customer;
insert into notifications (id, account_id, user_id, notification_type, primary_actor_type, primary_actor_id, secondary_actor_type, secondary_actor_id, meta)
    select n, 1, 901, 1, 'Conversation', 10 * n, 'Message', 100 * n, jsonb_build_object('said', 'Message of ' || name) from customer;
insert into audits (id, auditable_type, auditable_id, associated_type, associated_id, user_type, user_id, username, action, audited_changes, remote_address)
    select n, 'Conversation', 5000 + n, 'Account', 1, 'User', 901, 'mette@desk.example.com', 'destroy',
        jsonb_build_object('id', 5000 + n, 'contact_id', id, 'status', 1, 'additional_attributes', jsonb_build_object('mail_subject', 'Old lamp of ' || name)), '198.51.100.7'
    from customer;
insert into captain_assistant_responses (id, question, answer, embedding, assistant_id, account_id, documentable_type, documentable_id)
    select n, 'Where does ' || name || ' live?', 'At ' || street, array_fill(n::real, array[1536])::vector, 1, 1, 'Conversation', 10 * n from customer;
insert into copilot_threads (id, title, user_id, account_id) select n, 'What does ' || name || ' want?', 901, 1 from customer;
insert into copilot_messages (id, copilot_thread_id, account_id, message) select n, n, 1, jsonb_build_object('content', 'Sum up the talks with ' || email) from customer;
insert into custom_filters (id, name, query, account_id, user_id)
    select n, 'Lamp ' || n, to_jsonb(jsonb_build_object('payload', jsonb_build_array(jsonb_build_object('attribute_key', 'email', 'values', jsonb_build_array(email))))::text), 1, 901 from customer;
insert into canned_responses (id, account_id, short_code, content) select 1, 1, 'as', 'As ' || name || ' told us' from customer where n = 1;
insert into mentions (user_id, conversation_id, account_id, mentioned_at) select 901, 10 * n, 1, timestamp '2026-11-02 09:00' from customer;
insert into reporting_events (id, name, value, account_id, inbox_id, user_id, conversation_id)
    select 10 * n + place, case place when 0 then 'first_response' else 'conversation_resolved' end, 60.0 * n + place, 1, 1, 901, 10 * n
    from customer, generate_series(0, 1) place;

do $$ declare one record; begin
    for one in select table_name, column_name from information_schema.columns
        where table_schema = 'public' and column_name in ('created_at', 'updated_at') and is_nullable = 'NO'
    loop
        execute format('alter table %I alter %I drop default', one.table_name, one.column_name);
    end loop;
end $$;
