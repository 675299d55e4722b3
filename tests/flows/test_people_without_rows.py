"""People without a row of their own: a desk's rows lead to them by the address with which they wrote."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from lacuna.bundle import open_sealed
from lacuna.errors import RequestError, VerificationFailed
from lacuna.flows import fulfilment, seal, sweep
from lacuna.model.bundle import PrivateKey
from lacuna.model.hold import ItemHold
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.plan_summary import summary_of
from lacuna.model.queue import Obstacle, Submission
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.request import accept, hold_item
from lacuna.subject import said_names
from tests.brought import NOW, Brought
from tests.flows.holding import Later
from tests.flows.test_unreached_rows import shown

ZOE, BO, NORA = "zoe.quick@example.org", "bo.lund@example.org", "nora.desk@example.org"
PHONE = "+44 1632 960003"
IDENTITY = x25519.Identity.generate()
SCHEMA = """
create schema desk;
create table desk.people (
    id bigint primary key, org text not null, email text, phone text, name text, is_agent boolean not null
);
create table desk.tickets (
    id bigint primary key, org text not null,
    submitter text not null check (submitter like '%_@_%' and submitter = lower(submitter) or id > 90),
    caller text, customer bigint references desk.people, state text not null,
    order_number text, details text
);
create table desk.notes (
    id bigint primary key, ticket bigint references desk.tickets, author bigint references desk.people,
    body text, path text
);
create table desk.events (id bigint primary key, ticket bigint references desk.tickets, what text);
insert into desk.people values
    (2, 'north', 'bo.lund@example.org', '+44 1632 960009', 'Bo Lund', false),
    (3, 'south', 'zoe.quick@example.org', null, 'Zoe Southern', false),
    (9, 'north', 'nora.desk@example.org', null, 'Nora Desk', true);
insert into desk.tickets values
    (10, 'north', 'zoe.quick@example.org', null, null, 'closed', 'ORD-771003', 'To 4 Lantern Lane'),
    (11, 'north', 'bo.lund@example.org', null, 2, 'closed', 'ORD-771004', 'As in ORD-771003, for zoe.quick@example.org'),
    (12, 'north', 'zoe.quick@example.org', null, null, 'closed', 'ORD-771005', 'Again'),
    (13, 'north', 'yan.slow@example.org', '+44 1632 960003', null, 'closed', 'ORD-771006', 'Slow'),
    (14, 'south', 'zoe.quick@example.org', null, null, 'closed', 'ORD-771007', 'From the south'),
    (95, 'north', ' Zoe.Quick@Example.org', null, null, 'closed', 'ORD-771008', 'In capitals');
insert into desk.notes values
    (100, 10, null, 'ORD-771003 was sent', 'note/100.txt'), (101, 11, 2, 'Call about ORD-771005', 'note/101.txt'),
    (102, 12, 9, 'Nora writes to Zoe', null), (103, 14, null, 'South', null), (104, 95, null, 'More', null);
insert into desk.events values (200, 10, 'Zoe Quick signed'), (201, 11, 'Bo Lund signed');
"""
PERSONAL = "access: true, portability: true, meaning: What it says."
DATAMAP = f"""
name: Desk
version: "1"
schemas: [desk]
longest_backup_days: 35
controller: Desk A/S
dpo: dpo@example.org
authority: Datatilsynet
processings:
  support: {{purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}}
subject:
  table: desk.people
  where: {{is_agent: "false"}}
  identifiers:
    - {{kind: email, column: desk.people.email}}
    - {{kind: phone, column: desk.people.phone}}
    - {{kind: name, column: desk.people.name}}
  levels: {{contact: desk.people, conversation: desk.tickets, message: desk.notes}}
  open_when: {{column: state, values: [open]}}
  others: [desk.people.name]
tables:
  desk.people:
    processing: support
    key: id
    tenant: org
    rows: anonymize
    columns:
      id: {{category: user.unique_id, erase: new_key, access: false, portability: false}}
      org: {{category: system.operations, erase: keep}}
      email: {{category: user.contact.email, erase: suppress, mention: redact, {PERSONAL}}}
      phone: {{category: user.contact.phone_number, erase: suppress, mention: redact, {PERSONAL}}}
      name: {{category: user.name, erase: suppress, mention: redact, {PERSONAL}}}
      is_agent: {{category: system.operations, erase: keep}}
  desk.tickets:
    processing: support
    key: id
    tenant: org
    links:
      submitter: {{table: desk.people, to: email}}
      caller: {{table: desk.people, to: phone}}
      customer: desk.people
    rows: anonymize
    columns:
      id: {{category: system.operations, erase: keep}}
      org: {{category: system.operations, erase: keep}}
      submitter: {{category: user.contact.email, erase: {{surrogate: "erased-{{16}}@example.invalid"}}, mention: redact, {PERSONAL}}}
      caller: {{category: user.contact.phone_number, erase: suppress, mention: redact, {PERSONAL}}}
      customer: {{category: user.unique_id, erase: unlink, access: false, portability: false}}
      state: {{category: system.operations, erase: keep}}
      order_number: {{category: user.unique_id, erase: suppress, {PERSONAL}}}
      details: {{category: user.content, erase: {{replace: "[erased]"}}, mention: redact, text: plain, {PERSONAL}}}
  desk.notes:
    processing: support
    key: id
    tenant: {{through: {{ticket: desk.tickets}}}}
    links: {{ticket: desk.tickets, author: desk.people}}
    rows: anonymize
    columns:
      id: {{category: system.operations, erase: keep}}
      ticket: {{category: system.operations, erase: keep}}
      author: {{category: user.unique_id, erase: unlink, access: false, portability: false}}
      body: {{category: user.content, erase: {{replace: "[erased]"}}, mention: redact, text: plain, {PERSONAL}}}
      path: {{category: user.content.private, erase: {{delete_object: media}}, mention: delete_object, {PERSONAL}}}
  desk.events:
    processing: support
    key: id
    tenant: {{through: {{ticket: desk.tickets}}}}
    links: {{ticket: desk.tickets}}
    rows: anonymize
    columns:
      id: {{category: system.operations, erase: keep}}
      ticket: {{category: system.operations, erase: keep}}
      what: {{category: user.content, erase: redact, text: plain, {PERSONAL}}}
stores:
  media:
    files:
      - {{pattern: note/**, format: text, table: desk.notes, mention: delete_object}}
sweeps: []
"""
EVERYTHING = (
    "select t::text from desk.tickets t union all select n::text from desk.notes n order by 1"
)


@pytest.fixture
def desk(database, lacuna_home) -> Brought:
    path = lacuna_home / "datamap.yaml"
    path.write_text(DATAMAP, "utf-8")
    return brought(database("lacuna"), lacuna_home, path)


def brought(url: str, home: Path, datamap: Path) -> Brought:
    made = Brought(url, home, [SCHEMA], datamap)
    folder = made.stores.folder_of("media") / "note"
    folder.mkdir()
    (folder / "100.txt").write_text("Sent to 4 Lantern Lane.", "utf-8")
    (folder / "101.txt").write_text("Bo's own.", "utf-8")
    return made


def rows(desk: Brought, table: str, *ids: int) -> list[tuple]:
    return desk.query(f"select * from desk.{table} where id = any(%s) order by id", list(ids))  # noqa: S608


@pytest.mark.thorough
@pytest.mark.parametrize(
    "sizes", [{}, {"whole_rows": 1, "portion_rows": 2}], ids=["whole", "portions"]
)
def test_rows_that_lead_to_them_by_value_are_erased_with_all_that_is_below(desk, sizes):
    before = rows(desk, "tickets", 13, 14), rows(desk, "notes", 103)
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE)
    would_be = shown(desk, request_id)
    desk.run()
    assert desk.request(request_id).plan_digest == would_be
    desk.approve(request_id)
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, **sizes)
    fulfilment.run(desk.stores, options, str(uuid.uuid4()))
    assert desk.state(request_id) is RequestState.COMPLETED
    erased = rows(desk, "tickets", 10, 12, 95)
    assert {one[4:] for one in erased} == {(None, "closed", None, "[erased]")}
    assert len({one[2] for one in erased}) == 3
    assert all(re.fullmatch(r"erased-[0-9a-f]{16}@example\.invalid", one[2]) for one in erased)
    assert [one[3:] for one in rows(desk, "notes", 100, 102, 104)] == [("[erased]", None)] * 3
    assert (rows(desk, "tickets", 13, 14), rows(desk, "notes", 103)) == before
    ((*_, details),) = rows(desk, "tickets", 11)
    assert re.search("zoe|771003", details, re.IGNORECASE) is None
    folder = desk.stores.folder_of("media") / "note"
    assert [one.name for one in folder.iterdir()] == ["101.txt"]
    assert desk.verification(request_id).findings == ()
    with desk.stores.transaction(Role.PLANNER) as transaction:
        reading = transaction.reading(desk.datamap)
        # What an erasure makes is nobody's address.
        owners = reading.owners_of(TableName("desk", "tickets"), [("10",), ("13",)])
    assert [len(owners[key,]) for key in ("10", "13")] == [0, 2]


def submit(desk: Brought, *identifiers: tuple[IdentifierKind, str], **details: object) -> str:
    settings = {
        "org_id": "north",
        "kinds": (RequestKind.ERASURE,),
        "verified_by": "a reply",
    } | details
    given = tuple(Identifier(*one) for one in identifiers)
    submission = Submission(identifiers=given, received_at=NOW, **settings)
    with desk.stores.transaction(Role.PLANNER) as transaction:
        ids = (str(uuid.uuid4()), str(uuid.uuid4()))
        return accept(submission, *ids, desk.desk(transaction, "flow:intake")).request_id


def obstacle(desk: Brought, request_id: str) -> Obstacle | None:
    with desk.stores.transaction(Role.PLANNER) as transaction:
        return transaction.queue.requests.obstacle(request_id)


def refused(
    desk: Brought, request_id: str, why: str, waits_for: Obstacle = Obstacle.ROWS_UNREACHED
) -> None:
    """Run, and see a request wait for what its rows lack; what it says and the platform as it was."""
    before = desk.query(EVERYTHING)
    with pytest.raises(RequestError, match=why):
        shown(desk, request_id)
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(request_id) is RequestState.RESOLVED
    assert obstacle(desk, request_id) is waits_for
    assert desk.query(EVERYTHING) == before


def kept_by_lacuna(desk: Brought) -> str:
    """Return all rows of Lacuna's own schemas as text."""
    tables = desk.query(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname like 'lacuna%'"
    )
    return "\n".join(
        row
        for (table,) in tables
        for (row,) in desk.query(f"select t::text from {table} t")  # noqa: S608
    )


@pytest.mark.thorough
def test_they_come_back_by_the_rows_of_a_restore_and_not_by_what_they_write_later(desk):
    before = desk.query(
        "select id, submitter, order_number, details from desk.tickets where id = 10"
    )
    desk.erase(ZOE)
    assert re.search(r"zoe\.quick", kept_by_lacuna(desk), re.IGNORECASE) is None
    desk.query(
        "insert into desk.tickets values (20, 'north', %s, null, null, 'closed', 'ORD-771020', 'New')",
        ZOE,
    )
    desk.run(sweep)
    assert rows(desk, "tickets", 20)[0][2] == ZOE
    # What they wrote since is not erased by a rule.
    desk.query(
        "update desk.tickets set submitter = %s, order_number = %s, details = %s where id = 10",
        *before[0][1:],
    )
    with pytest.raises(VerificationFailed, match="1 of 1 erased people"):
        desk.run(sweep)
    assert rows(desk, "tickets", 20)[0][2] == ZOE
    (waiting,) = desk.query("select request_id::text from lacuna.request where state = 'planned'")
    desk.approve(*waiting)
    desk.run()
    assert desk.state(*waiting) is RequestState.COMPLETED
    assert desk.query(
        "select count(*) from desk.tickets where org = 'north' and submitter = %s", ZOE
    ) == [(0,)]
    # By then the whole of them is known, and a rule may do it again.
    desk.query(
        "update desk.tickets set submitter = %s, order_number = 'ORD-771020' where id = 20", ZOE
    )
    desk.run(sweep)
    assert rows(desk, "tickets", 20)[0][2].startswith("erased-")


@pytest.mark.thorough
@pytest.mark.parametrize("kinds", [(RequestKind.ACCESS, RequestKind.PORTABILITY)], ids="+".join)
def test_a_bundle_has_their_rows_and_files_and_nobody_elses(desk, tmp_path, kinds):
    request_id = desk.submit(
        IdentifierKind.EMAIL, ZOE, kinds=kinds, bundle_key=str(IDENTITY.to_public())
    )
    before = desk.query(EVERYTHING)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    sealed = desk.stores.home / "bundles" / f"{request_id}.zip.age"
    folder = open_sealed(sealed, PrivateKey(str(IDENTITY)), tmp_path / "opened").folder
    said = "\n".join(
        one.read_text("utf-8") for one in folder.rglob("*") if one.suffix in (".json", ".txt")
    )
    for value in ("ORD-771003", "ORD-771005", "ORD-771008", "4 Lantern Lane", "was sent"):
        assert value in said
    assert not re.search("ORD-77100[467]|Bo's own|South", said)
    assert desk.query(EVERYTHING) == before


@pytest.mark.thorough
@pytest.mark.parametrize(
    "kind", [RequestKind.RESTRICTION, RequestKind.OBJECTION, RequestKind.RECTIFICATION]
)
def test_what_marks_or_corrects_a_persons_row_is_refused_with_a_clear_word(desk, kind):
    details = {"rectifications": {"name": "Zoe Quick"}} if kind is RequestKind.RECTIFICATION else {}
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE, kinds=(kind,), **details)
    refused(desk, request_id, r"has no row of their own.*desk\.tickets in 3 rows")
    assert desk.query("select * from lacuna.restriction") == []
    assert [*desk.stores.kept_rights.rights()] == []
    assert re.search(r"zoe\.quick", kept_by_lacuna(desk), re.IGNORECASE) is None


@pytest.mark.thorough
def test_two_identifiers_that_lead_to_rows_of_their_own_are_not_taken_for_one_person(desk):
    both = ((IdentifierKind.EMAIL, ZOE), (IdentifierKind.PHONE, PHONE))
    refused(desk, submit(desk, *both), r"desk\.tickets\.submitter in 3 rows")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "value"),
    [(IdentifierKind.CONVERSATION_ID, "10"), (IdentifierKind.MESSAGE_ID, "100")],
)
def test_one_interaction_of_theirs_is_not_said_to_be_nobodys(desk, kind, value, caplog):
    before = desk.query(EVERYTHING)
    request_id = submit(desk, (kind, value))
    elsewhere = submit(desk, (kind, value), org_id="south")
    with pytest.raises(VerificationFailed):
        desk.run()
    assert obstacle(desk, request_id) is Obstacle.ROWS_UNREACHED
    assert "leads to nobody with a row of their own" in caplog.text
    assert desk.state(elsewhere) is RequestState.NOTHING_FOUND
    assert desk.query(EVERYTHING) == before


@pytest.mark.thorough
def test_one_interaction_of_the_erased_is_nobodys(desk):
    desk.erase(ZOE)
    request_id = submit(desk, (IdentifierKind.CONVERSATION_ID, "10"))
    desk.run()
    assert desk.state(request_id) is RequestState.NOTHING_FOUND


@pytest.mark.thorough
def test_an_account_and_an_address_without_one_are_not_taken_for_one_person(desk):
    both = ((IdentifierKind.EMAIL, ZOE), (IdentifierKind.PHONE, "+44 1632 960009"))
    refused(desk, submit(desk, *both), "1 of the identifiers .* are in no row of a person")


@pytest.mark.thorough
@pytest.mark.parametrize("blank", ["", " \t\u00a0"], ids=["empty", "blanks"])
def test_rows_without_an_address_are_not_those_of_whoever_has_none(desk, tmp_path, blank):
    desk.query(
        "insert into desk.people values (4, 'north', 'eva.blank@example.org', %s, 'Eva Blank', false)",
        blank,
    )
    desk.query("update desk.tickets set caller = %s where id in (12, 13)", blank)
    before = rows(desk, "tickets", 12, 13), rows(desk, "notes", 102)
    access = desk.submit(
        IdentifierKind.EMAIL,
        "eva.blank@example.org",
        kinds=(RequestKind.ACCESS,),
        bundle_key=str(IDENTITY.to_public()),
    )
    desk.run()
    assert desk.state(access) is RequestState.COMPLETED
    sealed = desk.stores.home / "bundles" / f"{access}.zip.age"
    folder = open_sealed(sealed, PrivateKey(str(IDENTITY)), tmp_path / "opened").folder
    assert not [one.name for one in folder.rglob("*") if "tickets" in one.name]
    desk.erase("eva.blank@example.org")
    assert (rows(desk, "tickets", 12, 13), rows(desk, "notes", 102)) == before


@pytest.mark.parametrize(
    ("given", "written"),
    [(NORA, NORA), (NORA, NORA.upper())],
    ids=["as it is", "in capitals"],
)
def test_an_agents_address_leads_to_nobody_elses_rows(desk, given, written):
    desk.query("update desk.tickets set submitter = %s where id = 95", written)
    request_id = desk.submit(IdentifierKind.EMAIL, given)
    refused(desk, request_id, "no contact but 1 of no kind", Obstacle.OTHER_KIND)


@pytest.mark.thorough
def test_a_number_leads_to_rows_as_an_address_does(desk):
    request_id = desk.submit(IdentifierKind.PHONE, "+44 1632 960 003")
    desk.run()
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    ((*_, submitter, caller, _, _, order, details),) = rows(desk, "tickets", 13)
    assert (submitter.startswith("erased-"), caller, order, details) == (
        True,
        None,
        None,
        "[erased]",
    )


@pytest.mark.thorough
def test_whoever_gets_an_account_before_the_plan_is_carried_out_is_planned_anew(desk):
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE)
    desk.run()
    desk.approve(request_id)
    desk.query("insert into desk.people values (5, 'north', %s, null, 'Zoe Quick', false)", ZOE)
    desk.query("update desk.tickets set submitter = %s where id = 95", ZOE)
    with pytest.raises(VerificationFailed):
        desk.run()
    assert desk.state(request_id) is RequestState.PLANNED
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    assert desk.query("select id from desk.people where email = %s and org = 'north'", ZOE) == []
    assert [one[7] for one in rows(desk, "tickets", 10, 12, 95)] == ["[erased]"] * 3


@pytest.mark.thorough
def test_requests_for_one_address_come_one_after_the_other(desk):
    copy = desk.submit(
        IdentifierKind.EMAIL, ZOE, kinds=(RequestKind.ACCESS,), bundle_key=str(IDENTITY.to_public())
    )
    first = desk.submit(IdentifierKind.EMAIL, ZOE.title())
    second = submit(desk, (IdentifierKind.EMAIL, ZOE), (IdentifierKind.PHONE, "+44 1632 960777"))
    assert len({copy, first, second}) == 3
    desk.run()
    assert desk.state(copy) is RequestState.COMPLETED
    states = {one: desk.state(one) for one in (first, second)}
    (planned,) = [one for one, state in states.items() if state is RequestState.PLANNED]
    desk.approve(planned)
    desk.run()
    desk.run()
    assert {desk.state(one) for one in (first, second)} == {
        RequestState.COMPLETED,
        RequestState.NOTHING_FOUND,
    }


@pytest.mark.thorough
def test_what_ten_others_without_a_row_hold_too_stays_in_theirs(desk):
    for number in range(30, 41):
        desk.query(
            "insert into desk.tickets values (%s, 'north', %s, null, null, 'closed', 'ORD-SHARED1', 'Hi')",
            number,
            f"other{number}@example.org",
        )
    desk.query("update desk.tickets set order_number = 'ORD-SHARED1' where id = 10")
    before = rows(desk, "tickets", *range(30, 41))
    desk.erase(ZOE)
    assert rows(desk, "tickets", *range(30, 41)) == before


@pytest.mark.thorough
def test_what_a_hold_keeps_of_theirs_stays_until_it_lapses(desk):
    request_id = desk.submit(IdentifierKind.EMAIL, ZOE)
    until = desk.stores.clock.now() + timedelta(days=30)
    with desk.stores.transaction(Role.DPO, org_id="north") as transaction:
        item = ItemHold(TableName("desk", "events"), "17(3)(e)", until)
        request = transaction.queue.requests.get(request_id)
        hold_item(request, item, desk.datamap, desk.desk(transaction))
    before = rows(desk, "events", 200)
    desk.run()
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    assert (rows(desk, "events", 200), rows(desk, "tickets", 10)[0][7]) == (before, "[erased]")
    desk.run(sweep)
    (rest,) = desk.query("select request_id::text from lacuna.request where state = 'held'")
    desk.stores = replace(desk.stores, clock=Later(desk.stores.clock, timedelta(days=31)))
    desk.query("update lacuna.request set held_until = now() where request_id = %s", *rest)
    desk.run()
    desk.approve(*rest)
    desk.run()
    assert desk.state(*rest) is RequestState.COMPLETED
    # No column says what they were called.
    assert rows(desk, "events", 200) == [(200, 10, "xxx xxxxx xxxxxx")]


@pytest.mark.parametrize(
    ("held", "erase", "left"),
    [
        (ZOE, "suppress", None),
        (f" {ZOE.upper()} ", "suppress", None),
        (ZOE, '{replace: "gone@example.invalid"}', "gone@example.invalid"),
        (f"cc {ZOE}", "suppress", "cc [EMAIL]"),
    ],
)
def test_a_column_of_others_that_holds_nothing_but_the_person_becomes_what_an_erasure_leaves(
    database, lacuna_home, held, erase, left
):
    path = lacuna_home / "datamap.yaml"
    number = "order_number: {category: user.unique_id, erase: "
    path.write_text(
        DATAMAP.replace(f"{number}suppress", f"{number}{erase}, mention: redact"), "utf-8"
    )
    desk = brought(database("lacuna"), lacuna_home, path)
    desk.query("update desk.tickets set order_number = %s where id = 11", held)
    desk.erase(ZOE)
    # A label would be taken for an address or a number.
    assert rows(desk, "tickets", 11)[0][6] == left


SAILOR = "harbour47@example.org"


@pytest.mark.parametrize("is_named", [True, False], ids=["signed", "unsigned"])
def test_a_name_that_only_their_texts_say_goes_beside_another_value_of_theirs(desk, is_named):
    signed = "Siobhan Quillfeather" if is_named else "Your customer"
    desk.query(
        "insert into desk.tickets values "
        "(30, 'north', %s, null, null, 'closed', 'ORD-771030', %s), "
        "(31, 'north', %s, null, 2, 'closed', 'ORD-771031', %s), "
        "(32, 'north', %s, null, 2, 'closed', 'ORD-771032', %s)",
        SAILOR,
        f"Where is my parcel? Bo Lund has one too.\n\nKind regards,\n{signed}",
        BO,
        f"It went to {SAILOR}, as Siobhan Quillfeather told me, and not to me. Bo Lund",
        BO,
        "I do not know Siobhan Quillfeather.",
    )
    before = rows(desk, "tickets", 32)
    desk.erase(SAILOR)
    ((*_, details),) = rows(desk, "tickets", 31)
    assert ("Quillfeather" in details) is not is_named
    # Another customer who is named in their texts stays where they are.
    assert details.endswith("and not to me. Bo Lund")
    assert rows(desk, "tickets", 32) == before
    assert rows(desk, "tickets", 30)[0][7] == "[erased]"
    assert "Quillfeather" not in kept_by_lacuna(desk)


@pytest.mark.thorough
def test_plan_and_certificate_say_that_texts_of_somebody_without_a_name_go_as_a_whole(
    database, lacuna_home
):
    path = lacuna_home / "datamap.yaml"
    content = "category: user.content, erase: "
    path.write_text(
        DATAMAP.replace(f'{content}{{replace: "[erased]"}}', f"{content}redact"), "utf-8"
    )
    desk = brought(database("lacuna"), lacuna_home, path)
    desk.query(
        "insert into desk.tickets values (30, 'north', %s, null, null, 'closed', null, %s)",
        SAILOR,
        "The parcel is lost.",
    )
    request_id = desk.submit(IdentifierKind.EMAIL, SAILOR)
    desk.run()
    said = (
        "obfuscate text of desk.tickets as a whole, because nothing says what the person is called"
    )
    with desk.stores.transaction(Role.PLANNER) as transaction:
        stored = transaction.queue.plans.get(request_id)
    assert said in stored.readable
    (line,) = [
        one
        for one in summary_of(stored.steps, desk.datamap).changes
        if one.how.startswith("obfuscated whole: ")
    ]
    assert (line.count, line.places) == (1, ("desk.tickets",))
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    ((*_, details),) = rows(desk, "tickets", 30)
    assert re.fullmatch("[xX .]+", details)
    desk.run(seal)
    (page,) = (desk.stores.home / "evidence" / "certificates").glob("*.html")
    text = " ".join(page.read_text("utf-8").split())
    assert "replaced as a whole by characters without meaning" in text


@pytest.mark.thorough
def test_whoever_writes_many_names_has_the_most_frequent_alone(desk, monkeypatch):
    monkeypatch.setattr(said_names, "_MOST_NAMES", 1)
    desk.query(
        "insert into desk.tickets values "
        "(30, 'north', %s, null, null, 'closed', 'ORD-771030', %s), "
        "(31, 'north', %s, null, null, 'closed', 'ORD-771031', %s), "
        "(32, 'north', %s, null, 2, 'closed', 'ORD-771032', %s)",
        SAILOR,
        "Dear Marguerite Oldenkamp\n\nKind regards,\nSiobhan Quillfeather",
        SAILOR,
        "Thank you.\n\nKind regards,\nSiobhan Quillfeather",
        BO,
        f"Siobhan Quillfeather ({SAILOR}) and Marguerite Oldenkamp called.",
    )
    desk.erase(SAILOR)
    ((*_, details),) = rows(desk, "tickets", 32)
    assert "Quillfeather" not in details
    assert "Marguerite Oldenkamp" in details
