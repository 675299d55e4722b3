-- A live chat with a small CRM, as teams build them themselves: camel case, short names, no comments,
-- numbers for states, one text column that holds anything. The people are invented.

create schema "liveChat";

create table "liveChat"."Visitor" (
    "visitorId" uuid primary key default gen_random_uuid(),
    "firstName" text,
    surname text,
    mail text,
    "mobileNo" text,
    "birthDay" date,
    "lastIp" text,
    "geoCity" text,
    "geoCountry" char(2),
    "deviceInfo" jsonb,
    "companyName" text,
    "jobTitle" text,
    "twitterHandle" text,
    "marketingOptIn" boolean not null default false,
    "createdOn" timestamptz not null default now(),
    "isBlocked" boolean not null default false
);

create table "liveChat"."Operator" (
    "operatorId" serial primary key,
    "fullName" text not null,
    "workEmail" text not null unique,
    "shiftStart" time
);

create table "liveChat"."Chat" (
    "chatId" bigserial primary key,
    "visitorId" uuid not null references "liveChat"."Visitor",
    "operatorId" integer references "liveChat"."Operator",
    topic text,
    "landingPage" text,
    status smallint not null default 0,
    "waitSeconds" integer not null default 0,
    "startedOn" timestamptz not null,
    "endedOn" timestamptz
);

create table "liveChat"."ChatLine" (
    "lineId" bigserial primary key,
    "chatId" bigint not null references "liveChat"."Chat",
    "sentBy" text not null,
    txt text not null,
    "sentOn" timestamptz not null
);

create table "liveChat"."Delivery" (
    "deliveryId" bigserial primary key,
    "visitorId" uuid not null references "liveChat"."Visitor",
    "recipientName" text not null,
    street text not null,
    "houseNo" text,
    "zip" text not null,
    town text not null,
    iban text,
    "amountCents" integer not null
);

create table "liveChat"."Survey" (
    "surveyId" bigserial primary key,
    "chatId" bigint not null references "liveChat"."Chat",
    stars smallint not null,
    "saidWhy" text
);

insert into "liveChat"."Visitor"
    ("firstName", surname, mail, "mobileNo", "birthDay", "lastIp", "geoCity", "geoCountry",
     "deviceInfo", "companyName", "jobTitle", "twitterHandle", "createdOn")
select
    (array['Ada', 'Karl', 'Yara', 'Olaf', 'Inès'])[1 + n % 5],
    (array['Lindqvist', 'Brandt', 'Okafor', 'Moreau', 'Jensen', 'Novak', 'Silva'])[1 + n % 7],
    'visitor' || n || '@example.org', '+45 20 30 ' || lpad((n % 90 + 10)::text, 2, '0') || ' 11',
    date '1970-01-01' + n * 97, '198.51.100.' || n, 'Aarhus', 'DK',
    '{"browser": "Firefox", "os": "Linux"}', 'Example Trading', 'Buyer', '@visitor' || n,
    timestamptz '2026-01-01' + n * interval '5 hours'
from generate_series(1, 60) as n;
insert into "liveChat"."Operator" ("fullName", "workEmail") values
    ('Mona Feldt', 'mona@livechat.example'), ('Jens Riis', 'jens@livechat.example');
insert into "liveChat"."Chat" ("visitorId", "operatorId", topic, "landingPage", status, "startedOn", "endedOn")
select "visitorId", 1 + row_number() over (order by mail) % 2, 'Delivery', 'https://shop.example/track', 2,
       timestamptz '2026-02-01 10:00Z', timestamptz '2026-02-01 10:20Z'
from "liveChat"."Visitor";
insert into "liveChat"."ChatLine" ("chatId", "sentBy", txt, "sentOn")
select "chatId", 'visitor', 'Hello, my name is ' || "firstName" || ' ' || surname || '. Where is my parcel? Call ' || "mobileNo",
       "startedOn"
from "liveChat"."Chat" join "liveChat"."Visitor" using ("visitorId");
insert into "liveChat"."Delivery" ("visitorId", "recipientName", street, "houseNo", "zip", town, iban, "amountCents")
select "visitorId", "firstName" || ' ' || surname, 'Storgade', '12', '8000', 'Aarhus', 'DK5000400440116243', 4999
from "liveChat"."Visitor";
insert into "liveChat"."Survey" ("chatId", stars, "saidWhy")
select "chatId", 1 + "chatId" % 5, 'Quick answer' from "liveChat"."Chat";
