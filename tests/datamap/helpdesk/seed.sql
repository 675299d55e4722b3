-- Invented people with everything that a help desk knows of them, and neighbors who look alike.

insert into helpdesk.mailboxes (address, label) values
    ('help@shop.example', 'Customers'), ('returns@shop.example', 'Returns');
insert into helpdesk.tags (tag) values ('refund'), ('delivery'), ('praise');

insert into helpdesk.users (id, kind, login, email, full_name, phone, avatar_path, settings, other_emails, merged_into, last_seen_at, created_at)
values
    (1, 'agent', 'mette.k', 'mette@shop.example', 'Mette Kjeldgaard', '+4511111111', null, '{}', '{}', null, '2026-10-01 08:00+00', '2024-01-01'),
    (2, 'agent', 'ravi', 'ravi@shop.example', 'Ravi Chandran', '+4522222222', null, '{"locale": "en"}', '{}', null, null, '2024-02-01'),
    (3, 'bot', 'assistant', 'assistant@shop.example', 'Assistant', null, null, '{}', '{}', null, null, '2025-01-01'),
    (101, 'contact', 'ingrid.solberg', 'Ingrid.Solberg@example.org', 'Ingrid Solberg', '+4755501234',
     'avatars/101.png',
     '{"locale": "nb", "theme": "dark", "crm_id": "CRM-INGRID-77", "address": {"street": "Storgata 12", "city": "Tromsø", "country": "NO"}, "unforeseen": {"nickname": "Ingrid Solberg"}}',
     '{solberg.private@example.org}', null, '2026-10-05 17:23:11+00', '2025-03-14 09:26:53+00'),
    (102, 'contact', 'ingrid.old', 'ingrid.s.old@example.org', 'Ingrid Solberg', null, null, '{}', '{}', 101, null, '2024-07-01'),
    (103, 'contact', 'tomas.vrba', 'tomas.vrba@example.org', 'Tomáš Vrba', '+420555010203', 'avatars/103.png',
     '{"locale": "cs", "address": {"country": "CZ"}}', '{}', null, '2026-09-30 12:00:00+00', '2025-05-01'),
    (104, 'contact', 'ingrid.holm', 'ingrid.holm@example.org', 'Ingrid Holm', '+4755509876', null, '{}', '{}', null, null, '2025-06-01');

insert into helpdesk.users (id, kind, login, email, full_name, phone, settings, created_at)
select 1000 + n, 'contact', 'neighbor' || n, 'neighbor' || n || '@example.org',
       'Neighbor Number' || n, '+4760' || lpad(n::text, 6, '0'), '{"locale": "en"}', '2025-01-01'
from generate_series(1, 40) n;

insert into helpdesk.tickets (id, number, mailbox_id, requester_id, assignee_id, subject, state, channel, details, minutes_spent, created_at, closed_at)
values
    (501, 'HD-501', 1, 101, 1, 'Parcel for Ingrid Solberg is lost', 'solved', 'email',
     '{"ip": "192.0.2.44", "browser": "Firefox", "referrer": "https://shop.example/track?mail=ingrid.solberg@example.org", "order": {"number": "A-77001", "country": "NO", "recipient": "Ingrid Solberg"}}',
     35, '2026-09-01 10:00+00', '2026-09-03 10:00+00'),
    (502, 'HD-502', 1, 102, 2, 'Question', 'solved', 'chat', null, 5, '2026-08-01 10:00+00', '2026-08-01 11:00+00'),
    (503, 'HD-503', 1, 103, 1, 'Invoice', 'solved', 'email', '{"browser": "Chrome"}', 12, '2026-09-10 10:00+00', '2026-09-12 10:00+00'),
    (504, 'HD-504', 2, 104, 1, 'Return of a coat', 'open', 'email', null, 7, '2026-10-01 10:00+00', null);
insert into helpdesk.tickets (id, number, requester_id, assignee_id, subject, state, minutes_spent, created_at, closed_at)
select 2000 + n, 'HD-' || (2000 + n), 1000 + n, 1 + n % 2, 'Where is my order?', 'solved', n, '2026-07-01'::timestamptz + n * interval '1 hour', '2026-07-05'
from generate_series(1, 40) n;

insert into helpdesk.messages (id, sent_at, ticket_id, author_kind, author_id, author_name, from_address, body, body_html, headers)
values
    (9001, '2026-09-01 10:00+00', 501, 'contact', 101, 'Ingrid Solberg', 'ingrid.solberg@example.org',
     'Hello, my parcel is lost. I live at Storgata 12. Call me on +47 555 01 234. Regards, Ingrid Solberg',
     '<p>Hello, my parcel is lost. Regards, <b>Ingrid Solberg</b></p>',
     '{"From": "Ingrid Solberg <ingrid.solberg@example.org>", "Message-ID": "<a1@example.org>"}'),
    (9002, '2026-09-02 09:00+00', 501, 'agent', 1, 'Mette Kjeldgaard', 'help@shop.example',
     'Dear Ingrid Solberg, we sent a new one. Mette Kjeldgaard', null, null),
    (9003, '2025-12-24 18:00+00', 502, 'contact', 102, 'Ingrid Solberg', 'ingrid.s.old@example.org',
     'An old question from ingrid.s.old@example.org', null, null),
    (9004, '2026-09-10 10:00+00', 503, 'contact', 103, 'Tomáš Vrba', 'tomas.vrba@example.org',
     'Please send the invoice; my friend Ingrid Solberg (ingrid.solberg@example.org) got hers.', null, null),
    (9005, '2026-10-01 10:00+00', 504, 'contact', 104, 'Ingrid Holm', 'ingrid.holm@example.org',
     'I send a coat back. Ingrid Holm', null, null);
insert into helpdesk.messages (id, sent_at, ticket_id, author_kind, author_id, author_name, from_address, body)
select 12000 + n, '2026-07-01'::timestamptz + n * interval '1 hour', 2000 + n, 'contact', 1000 + n,
       'Neighbor Number' || n, 'neighbor' || n || '@example.org', 'Where is my order? It was due on Monday.'
from generate_series(1, 40) n;

insert into helpdesk.attachments (id, record_type, record_id, file_name, path, byte_count) values
    (701, 'Message', 9001, 'receipt Ingrid Solberg.pdf', 'attachments/701.pdf', 20),
    (702, 'Ticket', 503, 'invoice.pdf', 'attachments/702.pdf', 20),
    (703, 'User', 101, 'passport.jpg', 'attachments/703.jpg', 20),
    -- The number of a person, but of another kind of record.
    (704, 'Article', 101, 'size-chart.png', 'attachments/704.png', 20);
insert into helpdesk.notes (id, ticket_id, agent_id, note) values
    (801, 501, 1, 'Ingrid Solberg was upset, called twice from +47 555 01 234'),
    (802, 503, 2, 'Sent by post'),
    (803, 504, 1, 'Not the Ingrid of HD-501: that one writes from ingrid.solberg@example.org');
insert into helpdesk.ratings (id, ticket_id, contact_id, score, remark) values
    (901, 501, 101, 2, 'Slow. Ingrid Solberg'), (902, 503, 103, 5, null);
insert into helpdesk.ticket_tags values (501, 2), (503, 1), (504, 1);
insert into helpdesk."Custom Fields" values
    (501, 'Delivery to', 'Ingrid Solberg, Storgata 12'), (503, 'Colour', 'green');
insert into helpdesk.newsletter values
    ('Ingrid.Solberg@example.org', 'offers', '2025-04-01'), ('tomas.vrba@example.org', 'offers', '2025-05-02');
insert into helpdesk.sign_ins values
    (101, '192.0.2.44', 'Firefox', '2026-10-05 17:23:11+00'), (101, '192.0.2.45', null, '2026-10-04 17:00:00+00'),
    (103, '198.51.100.7', 'Chrome', '2026-09-30 12:00:00+00'), (1, '203.0.113.1', 'Chrome', '2026-10-01 08:00+00');
insert into helpdesk.webhook_deliveries (id, event, payload) values
    ('11111111-1111-4111-8111-111111111111', 'ticket.solved',
     '{"ticket": {"id": 501, "number": "HD-501", "state": "solved"}, "customer": {"name": "Ingrid Solberg", "mail": "ingrid.solberg@example.org"}}'),
    ('22222222-2222-4222-8222-222222222222', 'ticket.solved',
     '{"ticket": {"id": 503, "number": "HD-503", "state": "solved"}, "customer": {"name": "Tomáš Vrba"}}');
insert into helpdesk.articles (title, body, author_id) values ('Sizes', 'How to measure a coat.', 1);
insert into helpdesk_ai.summaries (ticket_id, summary, sentiment) values
    (501, 'Ingrid Solberg lost a parcel', 'negative'), (503, 'Wants an invoice', 'neutral');
insert into helpdesk_ai.embeddings values
    (9001, 0, 'my parcel is lost. Regards, Ingrid Solberg', '{0.1,0.2,0.3}'),
    (9004, 0, 'Please send the invoice', '{0.3,0.1,0.2}');
-- A correction that left the old values behind.
update helpdesk.users set phone = '+4755501234' where id = 101;
update helpdesk.tickets set subject = 'Parcel for Ingrid Solberg is lost' where id = 501;
refresh materialized view helpdesk.customer_overview;
