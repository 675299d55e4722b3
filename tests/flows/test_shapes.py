"""Shapes of schemas that the examples do not have: each is erased through, on one platform.

Its keys are numbers of four bytes, its tenants numbers too, and every constraint asks for a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from lacuna.errors import RequestError, StatementRefused
from lacuna.flows.fulfilment.dry_run import rehearse
from lacuna.flows.run.batch import Batch
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.request import RequestState
from lacuna.model.run import Mode, RunOptions
from lacuna.model.tombstone import KeyKind, tombstone_key
from tests.brought import Brought

SCHEMA = """
create schema shapes;
create domain shapes.labels as text[];
create domain shapes.facts as jsonb check (jsonb_typeof(value) = 'object');
create domain shapes.plate as varchar(12) not null check (value ~ '^[A-Z]{2} ?[0-9]+$');
create type shapes.mood as enum ('glad', 'cross', 'unknown');
create type shapes.guardian as (name text, phone text, since date);
create extension hstore;
create table shapes.people (
    id integer primary key check (id <> 0), account_id bigint not null,
    email text not null, name text not null,
    phone varchar(16) not null check (phone ~ '^[+][0-9]{7,15}$'),
    card integer not null, token uuid not null, plate shapes.plate,
    mood shapes.mood not null, rank smallint not null check (rank between 0 and 9),
    born date not null, is_vip boolean not null, labels shapes.labels, facts shapes.facts not null,
    words tsvector, erased_at timestamptz, guardian shapes.guardian, extras hstore,
    watched shapes.guardian[],
    unique (account_id, phone), unique (card), unique (token),
    exclude using btree (account_id with =, phone with =) where (is_vip)
);
create function shapes.keep_words() returns trigger language plpgsql as $$
begin new.words := to_tsvector('simple', new.name || ' ' || new.email); return new; end $$;
create trigger keep_words before insert or update on shapes.people
    for each row execute function shapes.keep_words();
-- The database alone numbers these.
create table shapes.profiles (
    id bigint generated always as identity primary key, account_id bigint not null,
    person integer references shapes.people, hobby text
);
create table shapes.calls (
    id integer primary key, account_id bigint not null, person integer not null
        references shapes.people, state text not null, minutes integer not null, note text,
    slot int4range, exclude using gist (slot with &&)
);
-- A deleted profile takes these along; the statistics of calls must not go with it.
create table shapes.orders (
    order_no text primary key, account_id bigint not null, person integer references shapes.people
);
create table shapes.likes (
    profile bigint not null references shapes.profiles on delete cascade, thing text not null,
    account_id bigint not null, primary key (profile, thing)
);
create table shapes.lines (
    id integer primary key, account_id bigint not null, call integer not null
        references shapes.calls on delete cascade, body text
);
insert into shapes.people (id, account_id, email, name, phone, card, token, plate, mood, rank, born,
                           is_vip, labels, facts) values
    (1, 7, 'anna.berg@example.org', 'Anna Berg', '+4520304050', 4711,
     'a0000000-0000-4000-8000-000000000001', 'AB 12345', 'cross', 7, '1987-06-05', true,
     '{"Anna Berg", vip}', '{"a": "Anna Berg", "keep": {"plan": "gold", "card": "4711"},
      "list": [{"sku": "X1", "to": "Anna Berg"}, 5]}'),
    (2, 7, 'bo.lind@example.org', 'Bo Lind', '+4520304051', 4712,
     'a0000000-0000-4000-8000-000000000002', 'CD 99', 'glad', 3, '1990-01-02', false, null, '{}'),
    (3, 8, 'clara.dahl@example.org', 'Clara Dahl', '+4520304050', 4713,
     'a0000000-0000-4000-8000-000000000003', 'EF 1', 'glad', 3, '1991-01-02', true, null, '{}');
update shapes.people set guardian = ('Berit Solsort', '+45 20 99 88 77', '2001-02-03'),
    extras = 'frequent_flyer => "FF-4471-009", seat => window',
    watched = array[('Malthe Fuglsang', '+45 20 66 55 44', '2002-02-03')::shapes.guardian]
    where id = 1;
insert into shapes.profiles (account_id, person, hobby) values
    (7, 1, 'sailing'), (7, 2, 'chess'), (8, 3, 'golf');
insert into shapes.orders values ('ORD-77-319', 7, 1), ('ORD-77-320', 7, 2);
insert into shapes.likes values (1, 'boats', 7), (2, 'books', 7);
insert into shapes.calls values
    (10, 7, 1, 'closed', 5, 'Anna Berg called', '[1,5)'), (20, 7, 2, 'closed', 11, 'fine', '[5,9)'),
    (30, 8, 3, 'closed', 13, 'fine', '[9,12)');
insert into shapes.lines values (100, 7, 10, 'I am Anna Berg'), (200, 7, 20, 'So says Anna Berg'), (205, 7, 20, 'not ORD-77-319, but ORD-77-320'),
    (210, 7, 20, 'call Berit Solsort on 20 99 88 77 about FF-4471-009, or Malthe Fuglsang, 20665544');
"""

DATAMAP = """
name: Shapes
version: "1"
controller: Shapes A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [shapes]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: shapes.people
  identifiers:
    - {kind: email, column: shapes.people.email}
    - {kind: name, column: shapes.people.name}
    - {kind: phone, column: shapes.people.phone}
    - {kind: external_id, column: shapes.people.token}
  levels: {contact: shapes.people, conversation: shapes.calls, message: shapes.lines}
  open_when: {column: state, values: [open]}
  tombstone: {born: 2000-01-01}
tables:
  shapes.people:
    processing: support
    key: id
    tenant: account_id
    rows: anonymize
    erased_at: erased_at
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      account_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: {surrogate: "{8}@example.invalid"}, access: false, portability: false}
      name: {category: user.name, erase: {replace: "[erased]"}, access: false, portability: false}
      phone: {category: user.contact.phone_number, erase: {surrogate: "+999{d12}"}, access: false, portability: false}
      card: {category: user.financial, erase: {surrogate: "{}"}, access: false, portability: false}
      token: {category: user.unique_id, erase: {surrogate: "{}"}, access: false, portability: false}
      plate: {category: user.government_id.vehicle_registration, erase: {surrogate: "ZZ {d8}"}, access: false, portability: false}
      mood: {category: user.behavior, erase: {replace: unknown}, access: false, portability: false}
      rank: {category: user.behavior, erase: {replace: "0"}, access: false, portability: false}
      born: {category: user.demographic.date_of_birth, erase: {generalize: year}, access: false, portability: false}
      is_vip: {category: user.behavior, erase: {replace: "false"}, access: false, portability: false}
      labels: {category: user.behavior, erase: empty, access: false, portability: false}
      facts: {category: user.behavior, erase: {json_keys: [/keep/plan, "/list/[]/sku"]}, access: false, portability: false}
      words: {category: user.name, erase: derived, access: false, portability: false}
      erased_at: {category: system.operations, erase: keep}
      guardian: {category: user.name, erase: suppress, access: true, portability: false, meaning: Who answers for them.}
      extras: {category: user.unique_id, erase: suppress, access: true, portability: false, meaning: What else is known.}
      watched: {category: user.name, erase: suppress, access: true, portability: false, meaning: For whom they answer.}
  shapes.profiles:
    processing: support
    key: id
    tenant: account_id
    links: {person: shapes.people}
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: keep, access: false, portability: false}
      account_id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: unlink, access: false, portability: false}
      hobby: {category: user.behavior, erase: suppress, access: false, portability: false}
  shapes.orders:
    processing: support
    key: order_no
    tenant: account_id
    links: {person: shapes.people}
    rows: delete
    columns:
      order_no: {category: user.unique_id, erase: keep, access: false, portability: false}
      account_id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: keep, access: false, portability: false}
  shapes.likes:
    processing: support
    key: [profile, thing]
    tenant: account_id
    links: {profile: shapes.profiles}
    rows: delete
    columns:
      profile: {category: user.unique_id, erase: keep, access: false, portability: false}
      thing: {category: user.behavior, erase: keep, access: false, portability: false}
      account_id: {category: system.operations, erase: keep}
  shapes.calls:
    processing: support
    key: id
    tenant: account_id
    links: {person: shapes.people}
    rows: anonymize
    measures: [minutes]
    columns:
      id: {category: system.operations, erase: keep}
      account_id: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: tombstone, access: false, portability: false}
      state: {category: system.operations, erase: keep}
      minutes: {category: system.operations, erase: keep}
      note: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      slot: {category: user.behavior, erase: suppress, access: false, portability: false}
  shapes.lines:
    processing: support
    key: id
    tenant: account_id
    links: {call: shapes.calls}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      account_id: {category: system.operations, erase: keep}
      call: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: false, portability: false}
stores: {}
sweeps: []
"""
PEOPLE = TableName("shapes", "people")
TOMBSTONE = int(tombstone_key(PEOPLE, "7", KeyKind.INTEGER))


class Shapes(Brought):
    """Two tenants that are numbers."""

    tenants = ("7", "8", "north")


@dataclass
class Erased:
    platform: Brought
    person: dict[str, object]


@pytest.fixture(scope="module")
def erased(template_database, tmp_path_factory):
    home = tmp_path_factory.mktemp("shapes")
    home.chmod(0o700)
    (home / "datamap.yaml").write_text(DATAMAP, "utf-8")
    with template_database.clones() as fresh:
        platform = Shapes(fresh("lacuna"), home, [SCHEMA], home / "datamap.yaml")
        platform.erase("anna.berg@example.org", org_id="7")
        columns = (
            "id, email, name, phone, card, token::text, plate, mood::text, rank, born::text, is_vip, "
            "labels, facts, words::text"
        )
        (row,) = platform.query(
            f"select {columns} from shapes.people where erased_at is not null and id <> %s",  # noqa: S608
            TOMBSTONE,
        )
        names = [name.split("::")[0].strip() for name in columns.split(",")]
        yield Erased(platform, dict(zip(names, row, strict=True)))


@pytest.fixture
def planned(template_database, lacuna_home):
    """Yield the platform, and an erasure that waits for its approval."""
    (lacuna_home / "datamap.yaml").write_text(DATAMAP, "utf-8")
    with template_database.clones() as fresh:
        platform = Shapes(fresh("lacuna"), lacuna_home, [SCHEMA], lacuna_home / "datamap.yaml")
        request_id = platform.submit(IdentifierKind.EMAIL, "anna.berg@example.org", org_id="7")
        platform.run()
        yield platform, request_id


@pytest.mark.thorough
def test_data_map_09_what_a_constraint_forbids_is_found_by_trying_and_rolling_back(planned):
    platform, request_id = planned
    options = RunOptions(run_id="try", mode=Mode.OBSERVE)
    batch = replace(Batch.open(platform.stores, options, flow="fulfilment"), is_dry=True)
    everything = (
        "select t::text from shapes.people t union all select t::text from shapes.calls t union all "
        "select t::text from shapes.profiles t union all select t::text from shapes.likes t "
        "union all select t::text from shapes.lines t union all "
        "select r::text from lacuna.request r union all select w::text from lacuna.working_row w"
    )
    before = sorted(platform.query(everything))

    def trying() -> int:
        try:
            return rehearse(batch, request_id).rows
        finally:
            assert sorted(platform.query(everything)) == before

    # Her row, profile, what she likes, call with its note, line, order, and three of a neighbor's.
    assert trying() == 9
    platform.query(
        "alter table shapes.people add constraint no_brackets check (name !~ '[[]') not valid"
    )
    with pytest.raises(StatementRefused, match=r"people.*no_brackets"):
        trying()
    platform.query(
        "alter table shapes.people drop constraint no_brackets; "
        "create function shapes.refuse() returns trigger language plpgsql as "
        "$$ begin raise check_violation using table = 'calls', constraint = 'at_last'; end $$; "
        "create constraint trigger at_last after update on shapes.calls deferrable "
        "initially deferred for each row execute function shapes.refuse()"
    )
    with pytest.raises(StatementRefused, match=r"calls.*at_last"):
        trying()
    platform.query(
        "drop trigger at_last on shapes.calls; "
        "alter table shapes.people add constraint no_twins exclude using hash (phone with =) "
        "where (phone like '[%' or phone is null)"
    )
    # A trigger that refuses without a word of where: its text can quote the row.
    platform.query(
        "create function shapes.quote() returns trigger language plpgsql as "
        "$$ begin raise exception 'not %', old.name; end $$; "
        "create trigger quoting before update on shapes.people "
        "for each row execute function shapes.quote()"
    )
    with pytest.raises(
        StatementRefused, match=r"P0001.*table .*people.*role lacuna_executor"
    ) as no:
        trying()
    assert "Anna" not in str(no.value)
    platform.query("drop trigger quoting on shapes.people")
    platform.approve(request_id)
    assert rehearse(batch, request_id).rows == 9
    platform.run()
    assert platform.state(request_id) is RequestState.COMPLETED
    with pytest.raises(RequestError, match="only an erasure that was not applied"):
        rehearse(batch, request_id)


def test_a_key_of_four_bytes_becomes_a_negative_one(erased):
    assert -(2**31) <= erased.person["id"] < 0
    assert erased.platform.query("select id from shapes.people where id > 0 order by 1") == [
        (2,),
        (3,),
    ]


def test_a_key_that_the_database_alone_numbers_stays(erased):
    assert erased.platform.query("select id, person, hobby from shapes.profiles order by id") == [
        (1, None, None),
        (2, 2, "chess"),
        (3, 3, "golf"),
    ]


@pytest.mark.parametrize(
    ("column", "form"),
    {
        "email": r"[0-9a-f]{8}@example\.invalid",
        "phone": r"\+999\d{12}",
        "card": r"-\d+",
        "token": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "plate": r"ZZ \d{8}",
    }.items(),
)
def test_a_surrogate_satisfies_what_the_column_asks_for(erased, column, form):
    assert re.fullmatch(form, str(erased.person[column]))


def test_a_constant_fits_any_type(erased):
    kept = ("name", "mood", "rank", "born", "is_vip")
    assert [erased.person[name] for name in kept] == ["[erased]", "unknown", 0, "1987-01-01", False]


def test_arrays_and_documents_of_a_domain_are_treated_as_what_they_are_based_on(erased):
    assert erased.person["labels"] == []


def test_of_a_document_only_the_paths_named_stay(erased):
    assert erased.person["facts"] == {"keep": {"plan": "gold"}, "list": [{"sku": "X1"}]}


def test_words_that_a_trigger_keeps_follow(erased):
    assert "berg" not in erased.person["words"]
    assert "erased" in erased.person["words"]


def test_the_key_of_a_row_that_goes_is_a_value_if_people_write_it(erased):
    ((body,),) = erased.platform.query("select body from shapes.lines where id = 205")
    assert body == "not [ID], but ORD-77-320"


def test_values_in_a_composite_type_and_in_pairs_go_from_the_texts_of_others(erased):
    ((body,),) = erased.platform.query("select body from shapes.lines where id = 210")
    left = [one for one in ("Solsort", "99 88", "4471", "Fuglsang", "206655") if one in body]
    assert left == [], left


def test_a_link_that_may_not_be_null_leads_to_the_tombstone_contact(erased):
    calls = "select id, person, minutes, slot from shapes.calls order by id"
    rows = erased.platform.query(calls)
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (10, TOMBSTONE, 5),
        (20, 2, 11),
        (30, 3, 13),
    ]
    assert rows[0][3] is None


def test_rows_that_cascade_are_deleted_and_statistics_stay(erased):
    assert erased.platform.query("select thing from shapes.likes") == [("books",)]
    assert erased.platform.query("select count(*) from shapes.lines") == [(4,)]


def test_a_tenant_that_is_a_number_is_told_apart(erased):
    other = erased.platform.submit(IdentifierKind.EMAIL, "clara.dahl@example.org", org_id="7")
    strange = erased.platform.submit(IdentifierKind.EMAIL, "bo.lind@example.org", org_id="north")
    erased.platform.run()
    assert erased.platform.state(other) is RequestState.NOTHING_FOUND
    assert erased.platform.state(strange) is RequestState.NOTHING_FOUND
