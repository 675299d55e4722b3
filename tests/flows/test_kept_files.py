"""Files in columns of bytes that name somebody, in rows of others: raw mails, attachments.

As in Zammad, which keeps the mails that it was sent, and files, in its database.
"""

from __future__ import annotations

import base64
import gzip
import io
import quopri
import zipfile

import pytest

from lacuna.apply import prepare_texts
from lacuna.errors import PipelineError
from lacuna.flows import fulfilment
from lacuna.flows.fulfilment import application
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.plan import EmptyFiles, RedactMentions
from lacuna.model.request import RequestState
from lacuna.model.run import Mode, Role, RunOptions
from tests.brought import Brought
from tests.flows.observation import leaves_of
from tests.flows.step_makers import named_modules, traced
from tests.pdf_files import pdf_file, shown

SCHEMA = """
create schema desk;
create domain desk.content as bytea;
create table desk.users (
    id int primary key, org_id text not null, email text not null, full_name text not null,
    phone text, company text
);
create table desk.tickets (
    id int primary key, org_id text not null, customer_id int references desk.users, title text,
    state text not null
);
create table desk.articles (id int primary key, ticket_id int not null references desk.tickets, body text);
create table desk.mails (
    id int primary key, ticket_id int not null references desk.tickets, data bytea not null
);
create table desk.uploads (
    id int primary key, ticket_id int not null references desk.tickets, note text, scan desk.content,
    preview bytea
);
create table desk.failed_mails (id int primary key, data bytea not null);
insert into desk.users values
    (1, 'north', 'anna.berg@example.org', 'Anna Berg', '+45 31 97 37 16', 'Bergs Paraplyer'),
    (2, 'north', 'bo.lind@example.org', 'Bo Lind', '+45 31 97 37 16', null),
    (3, 'south', 'clara.dahl@example.org', 'Clara Dahl', null, null);
insert into desk.tickets select id, org_id, id, 'Hello', 'closed' from desk.users;
insert into desk.articles select id, id, 'Hello' from desk.tickets;
"""
DATAMAP = """
name: Desk
version: "1"
controller: Desk A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.users
  identifiers:
    - {kind: email, column: desk.users.email}
    - {kind: name, column: desk.users.full_name}
    - {kind: phone, column: desk.users.phone}
  levels: {contact: desk.users, conversation: desk.tickets, message: desk.articles}
  open_when: {column: state, values: [open]}
tables:
  desk.users:
    processing: support
    key: id
    tenant: org_id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: {replace: ""}, access: false, portability: false}
      full_name: {category: user.name, erase: {replace: "[erased]"}, access: true, portability: false, meaning: Name.}
      phone: {category: user.contact.phone_number, erase: suppress, access: true, portability: false, meaning: Number.}
      company: {category: user.professional_information.workplace, erase: suppress, access: true, portability: false, meaning: Company.}
  desk.tickets:
    processing: support
    key: id
    tenant: org_id
    links: {customer_id: desk.users}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      customer_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      title: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      state: {category: system.operations, erase: keep}
  desk.articles:
    processing: support
    key: id
    tenant: {through: {ticket_id: desk.tickets}}
    links: {ticket_id: desk.tickets}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      body: {category: user.content, erase: redact, text: plain, access: false, portability: false}
  desk.mails:
    processing: support
    key: id
    tenant: {through: {ticket_id: desk.tickets}}
    links: {ticket_id: desk.tickets}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      data: {category: user.content.private, erase: empty, mention: empty, access: true, portability: true, meaning: The mail as it came.}
  desk.uploads:
    processing: support
    key: id
    tenant: {through: {ticket_id: desk.tickets}}
    links: {ticket_id: desk.tickets}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      ticket_id: {category: system.operations, erase: keep}
      note: {category: user.content, erase: redact, text: plain, access: false, portability: false}
      scan: {category: user.content.private, erase: empty, mention: empty, access: true, portability: true, meaning: A file.}
      preview: {category: user.content.private, erase: suppress, mention: empty, access: true, portability: true, meaning: A picture of it.}
  desk.failed_mails:
    processing: support
    key: id
    tenant: {shared: true}
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      data: {category: user.content.private, erase: keep, mention: empty, access: false, portability: false}
stores: {}
sweeps: []
"""
EMAIL = "anna.berg@example.org"
SAID = f"As {EMAIL} wrote to me yesterday: bring an umbrella."
PNG = b"\x89PNG\r\n\x1a\n\0\0" + bytes(range(256))


def mail(said: bytes = b"Hello", encoding: str = "8bit", kind: str = "text/plain") -> bytes:
    return (
        b"Received: from mx.example.org\r\nFrom: Bo Lind <bo.lind@example.org>\r\n"
        b"To: desk@example.org\r\nSubject: Umbrellas\r\nMIME-Version: 1.0\r\n"
        + f"Content-Type: {kind}; charset=utf-8\r\n".encode()
        + f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + said
    )


def packed(name: str, said: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, said)
    return whole.getvalue()


def disguised(said: str) -> bytes:
    """Return quoted-printable in which no value stands in one piece."""
    return quopri.encodestring(said.encode()).replace(b"anna.berg", b"anna=2Eb=\r\nerg")


IN_DOCX = f"<w:document><w:p><w:t>{SAID}</w:t></w:p></w:document>"
NAMING = {
    "plain": mail(SAID.encode()),
    "in its head": mail().replace(
        b"To: desk", b"Cc: =?utf-8?q?Anna_Berg?= <anna.berg@example.org>\r\nTo: desk"
    ),
    "quoted-printable": mail(disguised(SAID), "quoted-printable"),
    "base64": mail(base64.encodebytes(SAID.encode()), "base64"),
    "zip in a mail": mail(
        base64.encodebytes(packed("note.txt", SAID)), "base64", "application/zip"
    ),
    "utf-16": SAID.encode("utf-16"),
    "gzip": gzip.compress(mail(SAID.encode())),
    "docx": packed("word/document.xml", IN_DOCX),
    "pdf": pdf_file([shown(f"From {EMAIL}")]),
    # Which the plan sees, and not the gate.
    "spelled out": b"Ask anna punkt berg snabela example punkt org, she has one.",
}
STAYING = {
    "another mail": mail("Grüße".encode()),
    "a picture": PNG,
    "a number that Bo has too": mail(b"Call me on +45 31 97 37 16"),
    "a company": mail(b"I bought mine at Bergs Paraplyer."),
    "nothing": b"",
    # Encrypted: nobody can look into it.
    "sealed": packed("note.txt", SAID)
    .replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\1\0")
    .replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0"),
}
MAILS = dict(enumerate((*NAMING.values(), *STAYING.values()), 10))
OPAQUE = "desk.mails.data, not searchable: 1"
COMPANY = "desk.mails.data, a company or a file's name in a file of somebody else's: 1"
CONTENT = {
    "mails": "select id, data from desk.mails",
    "failed_mails": "select id, data from desk.failed_mails",
    "uploads": "select id, scan from desk.uploads",
}


class Desk(Brought):
    """A desk with the files of three people."""

    def fill(self) -> None:
        self.own = own = mail(b"I am Anna Berg.")
        for number, content in MAILS.items():
            self.query("insert into desk.mails values (%s, 2, %s)", number, content)
        self.query("insert into desk.mails values (1, 1, %s), (2, 1, %s)", own, PNG)
        self.query("insert into desk.mails values (3, 3, %s)", NAMING["plain"])
        for number, content in enumerate((NAMING["base64"], STAYING["another mail"]), 1):
            self.query("insert into desk.failed_mails values (%s, %s)", number, content)
        uploads = "insert into desk.uploads values (%s, %s, %s, %s, %s)"
        self.query(uploads, 1, 1, "Mine", own, PNG)
        self.query(uploads, 2, 2, f"From {EMAIL}", NAMING["docx"], PNG)
        self.query(uploads, 3, 2, f"From {EMAIL}", PNG, None)
        self.query(uploads, 4, 2, "Mine", None, NAMING["plain"])

    def files(self) -> dict[str, dict[int, bytes | None]]:
        return {name: dict(self.query(query)) for name, query in CONTENT.items()}

    def plan_of(self, request_id: str) -> str:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.plans.get(request_id).readable


def brought(url: str, home, datamap: str = DATAMAP) -> Desk:
    (home / "datamap.yaml").write_text(datamap, "utf-8")
    desk = Desk(url, home, [SCHEMA], home / "datamap.yaml")
    desk.fill()
    return desk


@pytest.fixture
def desk(database, lacuna_home) -> Desk:
    return brought(database("lacuna"), lacuna_home)


@pytest.fixture(scope="module")
def erased(template_database, tmp_path_factory):
    """The desk after Anna was erased, with the files as they were."""
    with template_database.clones() as fresh:
        desk = brought(fresh("lacuna"), tmp_path_factory.mktemp("kept"))
        desk.before = desk.files()
        (desk.request_id,) = desk.erase(EMAIL)
        yield desk


def test_a_file_of_somebody_else_that_names_the_person_is_emptied_however_it_is_written(erased):
    left = erased.files()["mails"]
    whole = {name: left[number] for number, name in enumerate(NAMING, 10) if left[number] != b""}
    assert whole == {}


def test_every_other_file_is_as_it_was_byte_for_byte(erased):
    left = erased.files()["mails"]
    for number, name in enumerate(STAYING, 10 + len(NAMING)):
        assert left[number] == STAYING[name], name
    assert left[3] == NAMING["plain"], "a row of another tenant"


def test_files_of_the_person_go_as_the_map_says(erased):
    left = erased.files()
    assert (left["mails"][1], left["mails"][2], left["uploads"][1]) == (b"", b"", b"")
    assert erased.query("select preview from desk.uploads where id = 1") == [(None,)]


def test_a_row_loses_the_file_that_names_the_person_and_no_other(erased):
    rows = "select note, scan, preview from desk.uploads where id > 1 order by id"
    assert erased.query(rows) == [
        ("From [EMAIL]", b"", PNG),
        ("From [EMAIL]", PNG, None),
        ("Mine", None, b""),
    ]


def test_a_file_of_no_tenant_is_emptied_too(erased):
    assert erased.files()["failed_mails"] == {1: b"", 2: STAYING["another mail"]}


def test_the_plan_counts_the_rows_whose_files_are_emptied(erased):
    mails, uploads = TableName("desk", "mails"), TableName("desk", "uploads")
    steps = erased.plan(erased.request_id)
    assert EmptyFiles(mails, ("data",), len(NAMING)) in steps
    assert EmptyFiles(uploads, ("preview", "scan"), 2) in steps
    assert RedactMentions(uploads, ("note",), 2) in steps
    assert (
        "empty files that name the person in other people's rows of desk.mails, rows: "
        f"{len(NAMING)}: data\n" in erased.plan_of(erased.request_id)
    )


def emptied(desk: Desk, request_id: str) -> dict[str, int]:
    """Return by table what the ledger says was emptied."""
    found: dict[str, int] = {}
    for leaf in leaves_of(desk, request_id):
        entry = leaf.entry
        if (entry.action, entry.phase) == (Action.EMPTY_FILES, Phase.OUTCOME):
            found[entry.location] = found.get(entry.location, 0) + (entry.rows or 0)
    return found


def test_the_ledger_says_that_files_were_emptied(erased):
    assert emptied(erased, erased.request_id) == {
        "desk.failed_mails": 1,
        "desk.mails": len(NAMING),
        "desk.uploads": 2,
    }


def test_what_could_not_be_decided_stands_on_the_certificate(erased):
    opaque = erased.verification(erased.request_id).opaque
    assert OPAQUE in opaque
    assert COMPANY in opaque


@pytest.mark.thorough
def test_the_module_that_is_named_empties_the_files(desk, monkeypatch):
    found = traced(monkeypatch)
    desk.erase(EMAIL)
    assert found["KeptFiles.named_in"] == named_modules()["KeptFiles.named_in"]


@pytest.mark.thorough
def test_in_portions_the_same_files_are_emptied(desk, erased):
    request_id = desk.submit(IdentifierKind.EMAIL, EMAIL)
    for _ in range(2):
        options = RunOptions(run_id=request_id, mode=Mode.ACT, whole_rows=1, portion_rows=3)
        fulfilment.run(desk.stores, options, request_id)
        if desk.state(request_id) is RequestState.PLANNED:
            desk.approve(request_id)
    assert desk.state(request_id) is RequestState.COMPLETED
    assert desk.files() == erased.files()
    assert emptied(desk, request_id) == emptied(erased, erased.request_id)


def changing_before(monkeypatch, act) -> None:
    """Do something once, after the texts and files of an erasure were read and before they are written."""
    read, waiting = application.prepare_changes, [act]

    def then_act(*args):
        texts = read(*args)
        if waiting:
            waiting.pop()()
        return texts

    monkeypatch.setattr(application, "prepare_changes", then_act)


@pytest.mark.thorough
def test_a_row_that_changed_since_its_file_was_searched_is_left_alone(desk, monkeypatch, caplog):
    request_id = desk.submit(IdentifierKind.EMAIL, EMAIL)
    desk.run()
    desk.approve(request_id)
    other = mail(b"Another one, which came meanwhile.")
    swap = "update desk.mails set data = %s where id = 10"
    changing_before(monkeypatch, lambda: desk.query(swap, other))
    with pytest.raises(PipelineError):
        desk.run()
    assert "desk.mails: 1 of 10 rows changed while their text was processed" in caplog.text
    assert desk.files()["mails"] == MAILS | {1: desk.own, 2: PNG, 3: NAMING["plain"], 10: other}
    # The plan counted a file that no longer names anybody.
    with pytest.raises(PipelineError):
        desk.run()
    assert "(EmptyFiles desk.mails.data: 9, not 10)" in caplog.text
    desk.approve(request_id)
    desk.run()
    assert desk.state(request_id) is RequestState.COMPLETED
    assert desk.files()["mails"][10] == other


@pytest.mark.thorough
@pytest.mark.parametrize("names_others", [True, False])
def test_the_gate_sees_a_file_that_was_not_emptied(desk, monkeypatch, names_others):
    """As the plan does not: one that came meanwhile, or one that nothing emptied."""
    request_id = desk.submit(IdentifierKind.EMAIL, EMAIL)
    desk.run()
    desk.approve(request_id)
    if names_others:
        monkeypatch.setattr(application, "prepare_changes", prepare_texts)
    else:
        late = "insert into desk.mails values (99, 2, %s)"
        changing_before(monkeypatch, lambda: desk.query(late, NAMING["zip in a mail"]))
    with pytest.raises(PipelineError):
        desk.run()
    assert desk.state(request_id) is RequestState.APPLIED
    left = {one.location: one.count for one in desk.verification(request_id).findings}
    assert left == (
        {
            "desk.failed_mails.data": 1,
            "desk.mails.data": 9,
            "desk.uploads.preview": 1,
            "desk.uploads.scan": 1,
        }
        if names_others
        else {"desk.mails.data": 1}
    )


def test_where_the_map_expects_nobody_such_a_file_refuses_the_plan(database, lacuna_home, caplog):
    desk = brought(database("lacuna"), lacuna_home, DATAMAP.replace(", mention: empty", ""))
    request_id = desk.submit(IdentifierKind.EMAIL, EMAIL)
    with pytest.raises(PipelineError):
        desk.run()
    assert "desk.mails.data in 10 rows" in caplog.text
    assert desk.state(request_id) is RequestState.RESOLVED
