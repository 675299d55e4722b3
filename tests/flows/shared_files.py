"""A desk that keeps a file once for all the letters that enclose it: a row by its hash, and its content by that."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from lacuna.flows import fulfilment
from lacuna.flows.run.opening import open_datamap
from lacuna.model.hold import ItemHold
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.request import hold_item
from lacuna.verify import Scope
from lacuna.verify.gates.expectations import check
from tests.brought import Brought
from tests.flows.holding import Later
from tests.proved import let_pass

SCHEMA = """
create schema desk;
create table desk.people (id int primary key, org_id text not null, name text, email text);
create table desk.letters (
    id int primary key, org_id text not null, state text not null default 'closed', body text,
    person_id int references desk.people
);
create table desk.files (id int primary key, sha text not null unique, label text);
create table desk.contents (id int primary key, sha text not null unique, data bytea);
create table desk.enclosures (
    id int primary key, record_type text not null, record_id int not null, filename text not null,
    file_id int not null references desk.files
);
"""
DATAMAP = """
name: Desk
version: "1"
controller: North, Example Street 1
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
only_tenant: north
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.people
  identifiers:
    - {kind: email, column: desk.people.email}
    - {kind: name, column: desk.people.name}
  levels: {contact: desk.people, conversation: desk.letters, message: desk.letters}
  open_when: {column: state, values: [open]}
tables:
  desk.people:
    processing: support
    key: id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      name: {category: user.name, erase: suppress, access: true, portability: true, meaning: Name.}
      email: {category: user.contact.email, erase: suppress, access: true, portability: true, meaning: Address.}
  desk.letters:
    processing: support
    key: id
    links: {person_id: desk.people}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      state: {category: system.operations, erase: keep}
      body: {category: user.content.private, erase: redact, text: plain, access: true, portability: true, meaning: Text.}
      person_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
  desk.enclosures:
    processing: support
    key: id
    links:
      record_id:
        - {table: desk.letters, where: {record_type: Letter}}
        - {table: desk.people, where: {record_type: Person}}
    rows: delete
    columns:
      id: {category: system.operations, erase: keep}
      record_type: {category: system.operations, erase: keep, values: [Letter, Person, Template]}
      record_id: {category: system.operations, erase: keep}
      filename: {category: user.content.private, erase: keep, mention: redact, access: true, portability: true, meaning: Name of the file.}
      file_id: {category: system.operations, erase: keep}
  desk.files:
    processing: support
    key: id
    links: {id: {table: desk.enclosures, to: file_id}}
    rows: delete
    columns:
      id: {category: system.operations, erase: keep}
      sha: {category: system.operations, erase: keep, access: true, meaning: Hash of the file.}
      label: {category: user.content.private, erase: keep, mention: redact, access: true, portability: true, meaning: What it is.}
  desk.contents:
    processing: support
    key: id
    links: {sha: {table: desk.files, to: sha}}
    rows: delete
    columns:
      id: {category: system.operations, erase: keep}
      sha: {category: system.operations, erase: keep}
      data: {category: user.content.private, erase: keep, access: true, portability: true, meaning: The file.}
stores:
  media:
    files:
      - {pattern: "*/*", format: binary, table: desk.files, mention: delete_object, named: "{sha[0:4]}/{sha}"}
"""
FILES, CONTENTS, ENCLOSURES = (
    TableName("desk", name) for name in ("files", "contents", "enclosures")
)


def sha_of(number: int) -> str:
    return hashlib.sha256(f"file {number}".encode()).hexdigest()


def mail_of(number: int) -> str:
    return f"person.{number}@example.org"


class Desk(Brought):
    """A desk with people, each with one letter; files are enclosed in letters of theirs.

    Attributes:
        enclosed: file → the people in whose letters it is; 0 is a template, which is nobody's.
    """

    tenants = ("north",)

    def __init__(
        self, url: str, home: Path, people: int, enclosed: dict[int, tuple[int, ...]]
    ) -> None:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        datamap = home / "datamap.yaml"
        datamap.write_text(DATAMAP)
        self.media = home / "media"
        self.media.mkdir()
        super().__init__(url, home, (SCHEMA,), datamap)
        for number in range(1, people + 1):
            self.query(
                "insert into desk.people values (%s, 'north', %s, %s)",
                number,
                f"Person Xeno{number}",
                mail_of(number),
            )
            self.query(
                "insert into desk.letters values (%s, 'north', 'closed', 'Hello', %s)",
                number,
                number,
            )
        for number, owners in enclosed.items():
            self.add(number)
            for owner in owners:
                self.enclose(number, owner)
        let_pass(self.stores)

    sizes: dict[str, int] = {}  # noqa: RUF012 - a test replaces it

    def go(self, *stages: str) -> None:
        """Run stages of one batch, which approves by itself."""
        options = RunOptions(
            run_id=str(uuid.uuid4()), mode=Mode.ACT, approval=ApprovalMode.AUTO, **self.sizes
        )
        batch_id = str(uuid.uuid4())
        for name in stages:
            fulfilment.stage_of(name, None)(self.stores, options, batch_id)

    def erase_large(self, *mails: str) -> None:
        """Erase people in one night, with the sizes that a test gave."""
        ids = [self.submit(IdentifierKind.EMAIL, mail) for mail in mails]
        self.go("claim", "resolve_and_plan", "apply", "verify", "close")
        assert [self.state(one) for one in ids] == [RequestState.COMPLETED] * len(ids)

    def obstacle(self, request_id: str) -> Obstacle | None:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.requests.obstacle(request_id)

    def misplaced(self, request_id: str) -> dict[TableName, int]:
        """Return what the gate finds of rows that several share."""
        with self.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            verifying = transaction.verifying(open_datamap(self.stores))
            scope = Scope([request_id], open_datamap(self.stores), verifying)
            findings = check(scope)[request_id]
        return {TableName.parse(one.location): one.count for one in findings}

    def owners(self, table: TableName) -> list[tuple[str, set[str]]]:
        """Return each row of a table that the gate reads, with the people it leads to."""
        with self.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            verifying = transaction.verifying(open_datamap(self.stores))
            batches = list(verifying.rows(table, self.org_id, with_keys=True))
        return [
            (*key, {*rows.owners(row)}) for rows in batches for row, key in enumerate(rows.keys)
        ]

    def hold(self, request_id: str, table: TableName) -> None:
        """Hold a table of a request for thirty days."""
        until = self.stores.clock.now() + timedelta(days=30)
        with self.stores.transaction(Role.DPO, org_id=self.org_id) as transaction:
            request = transaction.queue.requests.get(request_id)
            item = ItemHold(table, "17(3)(e)", until)
            hold_item(request, item, open_datamap(self.stores), self.desk(transaction))

    def others_than(self, request_id: str) -> list[str]:
        with self.stores.transaction(Role.PLANNER) as transaction:
            every = transaction.queue.requests.in_states()
        return [one.request_id for one in every if one.request_id != request_id]

    def pass_days(self, days: int) -> None:
        self.stores = replace(self.stores, clock=Later(self.stores.clock, timedelta(days=days)))

    def add(self, number: int, label: str = "a file", content: bytes = b"\x00\x01") -> None:
        """Add a file that nothing encloses yet."""
        sha = sha_of(number)
        self.query("insert into desk.files values (%s, %s, %s)", number, sha, label)
        self.query("insert into desk.contents values (%s, %s, %s)", 100 + number, sha, content)
        path = self.media / sha[:4] / sha
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\x00\x01")

    def enclose(self, number: int, owner: int) -> None:
        """Enclose a file in somebody's letter."""
        kind = "Letter" if owner else "Template"
        self.query(
            "insert into desk.enclosures values "
            "((select coalesce(max(id), 0) + 1 from desk.enclosures), %s, %s, 'scan.bin', %s)",
            *(kind, owner, number),
        )

    def there(self) -> dict[str, set[int]]:
        """Return which files there are: their rows, contents and objects."""
        objects = {path.name for path in self.media.rglob("[!.]*") if path.is_file()}
        return {
            "files": {number for (number,) in self.query("select id from desk.files")},
            "contents": {number - 100 for (number,) in self.query("select id from desk.contents")},
            "objects": {number for number in range(1, 30) if sha_of(number) in objects},
        }

    def enclosures(self) -> set[tuple[str, int, int]]:
        return set(self.query("select record_type, record_id, file_id from desk.enclosures"))

    def shown(self, request_id: str) -> str:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.plans.get(request_id).readable


def whole(*numbers: int) -> dict[str, set[int]]:
    """Return what `Desk.there` returns if these files are there, and whole."""
    return {place: {*numbers} for place in ("files", "contents", "objects")}
