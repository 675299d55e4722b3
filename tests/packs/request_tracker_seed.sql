-- Six customers, each with a resolved ticket, what Request Tracker keeps of it, and an agent who answered.
-- Customer n is user 100 + 10 n, and ticket n is theirs.

insert into principals select n, 'User' from unnest(array[1, 6, 36]) n;
insert into principals select n, 'Group' from unnest(array[2, 4, 5, 7, 37]) n;
insert into users (id, name, realname, emailaddress, creator, lastupdatedby) values
    (1, 'RT_System', 'The RT System itself', null, 1, 1),
    (6, 'Nobody', 'Nobody in particular', null, 1, 1),
    (36, 'mette', 'Mette Kjeldgaard', 'mette@desk.example.org', 1, 1);
insert into groups (id, name, description, domain, instance, creator, lastupdatedby) values
    (2, 'UserEquiv', 'ACL equiv. for user 1', 'ACLEquivalence', 1, 1, 1),
    (4, 'Privileged', 'Pseudogroup for internal use', 'SystemInternal', 0, 1, 1),
    (5, 'Unprivileged', 'Pseudogroup for internal use', 'SystemInternal', 0, 1, 1),
    (7, 'UserEquiv', 'ACL equiv. for user 6', 'ACLEquivalence', 6, 1, 1),
    (37, 'UserEquiv', 'ACL equiv. for user 36', 'ACLEquivalence', 36, 1, 1);
insert into groupmembers (id, groupid, memberid, creator, lastupdatedby) values (1, 4, 36, 1, 1);
insert into queues (id, name, correspondaddress) values (3, 'Support', 'help@desk.example.org');
insert into customfields (id, name, type, lookuptype) values (2, 'Order', 'Freeform', 'RT::Queue-RT::Ticket');

create temporary table customer as
    select n, 100 + 10 * n as id, first || ' ' || last as name, lower(first || '.' || last) || '@example.org' as email,
        '+44 1632 96000' || n as phone, 700 + n || ' Lantern Lane' as street, 'ORD-400' || n || '-QX' as ordered
    from (values (1, 'Aveline', 'Ashgrove'), (2, 'Bodil', 'Birkelund'), (3, 'Casimir', 'Coppersmith'),
        (4, 'Dagny', 'Drosselbart'), (5, 'Emeric', 'Eschenbach'), (6, 'Fenella', 'Fairweather')) as known (n, first, last);

insert into principals select id, 'User' from customer union all select id + 1, 'Group' from customer;
insert into users (id, name, realname, emailaddress, mobilephone, address1, password, comments, creator, created, lastupdatedby, lastupdated)
    select id, email, name, email, phone, street, '!bcrypt!12!invented', 'Asked for ' || ordered, 1, timestamp '2026-11-02 09:00' + n * interval '1 hour', 1, timestamp '2026-11-02 09:00'
    from customer;
insert into groups (id, name, description, domain, instance, creator, lastupdatedby)
    select id + 1, 'UserEquiv', 'ACL equiv. for user ' || id, 'ACLEquivalence', id, 1, 1 from customer
    union all
    select 1000 + 4 * n + place, role, null, 'RT::Ticket-Role', n, id, id
    from customer, unnest(array['Requestor', 'Owner', 'Cc', 'AdminCc']) with ordinality as roles (role, place);
insert into principals select id, 'Group' from groups where domain = 'RT::Ticket-Role';
insert into groupmembers (id, groupid, memberid, creator, lastupdatedby)
    select 100 + n, 5, id, 1, 1 from customer
    union all select 200 + n, 1001 + 4 * n, id, id, id from customer
    union all select 300 + n, 1002 + 4 * n, 36, 36, 36 from customer
    union all select 400 + n, 1003 + 4 * (n % 6 + 1), id, 36, 36 from customer where n = 2;
insert into cachedgroupmembers (id, groupid, memberid, via, immediateparentid)
    select 10 * row_number() over (), groupid, memberid, 1, groupid from groupmembers;

insert into tickets (id, effectiveid, queue, type, owner, subject, status, timeworked, resolved, creator, lastupdatedby, created, lastupdated)
    select n, n, 3, 'ticket', 36, 'Lamp of ' || name, 'resolved', n, timestamp '2026-11-03 09:00', id, 36, timestamp '2026-11-02 09:00' + n * interval '1 hour', timestamp '2026-11-03 09:00'
    from customer;
insert into transactions (id, objecttype, objectid, timetaken, type, field, oldvalue, newvalue, data, creator, created)
    select 10 * n + place, 'RT::Ticket', n, case place when 2 then n else 0 end, type, field, old, new,
        case place when 1 then 'Lamp of order ' || ordered end,
        case when place in (1, 3) then id else 36 end, timestamp '2026-11-02 10:00' + n * interval '1 hour' + place * interval '1 minute'
    from customer, (values (1, 'Create', null, null, null), (2, 'Correspond', null, null, null),
        (3, 'Correspond', null, null, null), (4, 'Comment', null, null, null), (5, 'Status', 'Status', 'open', 'resolved'))
        as done (place, type, field, old, new)
    union all
    select 1000 + n, 'RT::User', id, 0, 'Set', 'Address1', 'Old Mill 9, ' || name, street, null, 36, timestamp '2026-11-02 09:30'
    from customer;
insert into attachments (id, transactionid, messageid, subject, filename, contenttype, contentencoding, content, headers, creator, created)
    select 10 * n + 1, 10 * n + 1, n || '.first@mail.example.org', 'Lamp of order ' || ordered, '', 'text/plain', 'none',
        E'My lamp is dark.\n\n' || name || E'\n' || street || E'\n' || phone,
        'From: ' || name || ' <' || email || E'>\nX-Originating-IP: 192.0.2.' || n, id, timestamp '2026-11-02 10:01' from customer
    union all
    select 10 * n + 2, 10 * n + 2, null, null, '', 'text/html', 'none', '<p>Dear <b>' || name || '</b>, it is on its way.</p>',
        'To: ' || email, 36, timestamp '2026-11-02 10:02' from customer
    union all
    select 10 * n + 3, 10 * n + 3, null, null, 'passport_' || replace(name, ' ', '_') || '.png', 'image/png', 'base64',
        encode(('\x89504e4700'::bytea || convert_to(name, 'UTF8')), 'base64'), null, id, timestamp '2026-11-02 10:03' from customer
    union all
    select 10 * n + 5, 10 * n + 3, null, null, 'scan.jpg', 'image/jpeg', 'base64',
        encode(decode(repeat('ffd8ffe000104a4649460001', 8), 'hex'), 'base64'), null, id, timestamp '2026-11-02 10:03' from customer
    union all
    select 10 * n + 4, 10 * n + 4, null, null, '', 'text/plain', 'none',
        'The same as ' || (select name || ', ' || email from customer as other where other.n = customer.n % 6 + 1),
        null, 36, timestamp '2026-11-02 10:04' from customer;
insert into attachmentsindex select id, to_tsvector(coalesce(subject, '') || E'\n' || content) from attachments where contenttype like 'text/%';
insert into objectcustomfieldvalues (id, customfield, objecttype, objectid, content, creator, lastupdatedby)
    select n, 2, 'RT::Ticket', n, ordered, 36, 36 from customer;
insert into attributes (id, name, content, contenttype, objecttype, objectid, creator, lastupdatedby)
    select n, 'Pref-Greeting', encode(('\x040b0302000000'::bytea || convert_to('Hello ' || name, 'UTF8')), 'base64'), 'storable', 'RT::User', id, 1, 1 from customer;
insert into authtokens (id, owner, token, description) select n, id, 'invented' || n, 'Phone of ' || name from customer;
insert into shorteners (id, code, content, creator) select n, 'c0de' || n, 'Query=Requestor.EmailAddress = ''' || email || '''', id from customer;
insert into links (id, base, target, type, localbase, localtarget, creator)
    values (1, 'fsck.com-rt://example.org/ticket/2', 'fsck.com-rt://example.org/ticket/1', 'RefersTo', 2, 1, 36);
insert into articles (id, name, summary, creator, lastupdatedby)
    select 1, 'Dark lamps', 'First told by ' || name, id, 150 from customer where n = 1;
