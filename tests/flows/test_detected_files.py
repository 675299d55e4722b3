"""Files of others that people uploaded, of any kind: each is treated as what its own bytes say it is."""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from lacuna.bundle import open_sealed
from lacuna.errors import PipelineError
from lacuna.model.bundle import PrivateKey
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from tests.brought import Brought
from tests.pdf_files import pdf_file, shown
from tests.proved import let_pass

ANNA, BO = "anna.fjeld@example.org", "bo@example.org"
SCHEMA = """
create schema desk;
create table desk.people (id int primary key, org_id text not null, name text, email text);
create table desk.letters (
    id int primary key, org_id text not null, state text not null default 'closed', body text,
    file text, person_id int references desk.people
);
insert into desk.people values (1, 'north', 'Anna Fjeld', 'anna.fjeld@example.org'),
    (2, 'north', 'Bo Lind', 'bo@example.org');
insert into desk.letters (id, org_id, body, file, person_id) values
    (1, 'north', 'Hello.', 'up/own.png', 1);
"""
DATAMAP = """
name: Desk
version: "1"
controller: North, Example Street 1
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
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
    tenant: org_id
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      name: {category: user.name, erase: suppress, access: true, portability: true, meaning: Name.}
      email: {category: user.contact.email, erase: suppress, access: true, portability: true, meaning: Mail.}
  desk.letters:
    processing: support
    key: id
    tenant: org_id
    links: {person_id: desk.people}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      state: {category: system.operations, erase: keep}
      person_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      body: {category: user.content, erase: redact, text: plain, access: true, portability: true, meaning: Text.}
      file: {category: user.content, erase: {delete_object: up}, access: true, portability: true, meaning: File.}
stores:
  up:
    files:
      - {pattern: up/**, format: detect, table: desk.letters, mention: redact, otherwise: OTHERWISE}
sweeps: []
"""
NOISE = bytes(range(256)) * 2
PNG = b"\x89PNG\r\n\x1a\n"
SAID = f"Signed for {ANNA} today, says Bo."


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("note.txt", text)
    return packed.getvalue()


TEXTS = {
    "plain.txt": SAID.encode(),
    "no_ending": SAID.encode(),
    "marked.csv": b"\xef\xbb\xbf" + SAID.encode(),
    "wide.txt": SAID.encode("utf-16"),
    "old.txt": f"Grüße. {SAID}".encode("cp1252"),
    "car.bmp": f"BMW of {ANNA}, says Bo.".encode(),
    "page.html": b"<html><p>anna.fjeld&#64;example.org, says Bo.</p></html>",
    "hidden.txt": b"see " + b64encode(f"{ANNA} and more of it".encode()) + b", says Bo.",
    "data.json": json.dumps({"by": "Bo", "of": [ANNA, {"name": "Anna Fjeld"}]}).encode(),
}
"""Covered: what else they say stays."""
OTHERS = {
    "printed.txt": pdf_file([shown(SAID)]),
    "packed.docx": zipped(SAID),
    "sent.eml": f"From: {BO}\nTo: x@example.org\nSubject: it\n\n{SAID}\n".encode(),
    "named.png": PNG + NOISE + ANNA.encode() + NOISE,
    "a_text_with_the_head_of_a_picture.png": PNG + b64encode(SAID.encode()),
    "cut.txt": SAID.encode("utf-16")[:-1],
}
"""Not covered: spans of them cannot be."""
NOBODYS = {
    "empty.txt": b"",
    "photo.txt": PNG + NOISE,
    "bo.txt": b"Bo was here.",
    "cut.pdf": pdf_file([shown("Bo was here.")])[:200],
}


@dataclass
class Uploads:
    desk: Brought
    folder: Path

    def upload(self, files: dict[str, bytes]) -> None:
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
            self.desk.query(
                "insert into desk.letters (id, org_id, body, file, person_id) "
                "select 1 + max(id), 'north', 'Hello.', %s, 2 from desk.letters",
                f"up/{name}",
            )

    def content(self, name: str) -> bytes | None:
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def named(self) -> set[str]:
        rows = self.desk.query("select file from desk.letters where file is not null")
        return {path.removeprefix("up/") for (path,) in rows}


@pytest.fixture
def uploads(template_database, tmp_path):
    """Return what opens a desk whose map treats what cannot be covered as it is told."""
    tmp_path.chmod(0o700)
    with template_database.clones() as fresh:

        def opened(otherwise: str) -> Uploads:
            path = tmp_path / "datamap.yaml"
            path.write_text(DATAMAP.replace("OTHERWISE", otherwise), "utf-8")
            folder = tmp_path / "up" / "up"
            folder.mkdir(parents=True)
            (folder / "own.png").write_bytes(PNG + NOISE)
            desk = Brought(fresh("lacuna"), tmp_path, [SCHEMA], path)
            let_pass(desk.stores)
            return Uploads(desk, folder)

        yield opened


def test_texts_of_others_are_covered_and_what_else_names_the_person_goes(uploads):
    site = uploads("delete_object")
    site.upload(TEXTS | OTHERS | NOBODYS)

    (request_id,) = site.desk.erase(ANNA)

    assert site.desk.verification(request_id).passed
    for name, before in TEXTS.items():
        after = site.content(name)
        assert after is not None, name
        encoding = {"wide.txt": "utf-16", "old.txt": "cp1252"}.get(name, "utf-8")
        text = after.decode(encoding)
        assert "fjeld" not in text.lower(), name
        assert ("Bo" in text, "Grüße" in text) == (True, name == "old.txt"), name
        assert b64encode(ANNA.encode())[:20] not in after
        assert after[:3] == before[:3] or name == "page.html", name
    assert json.loads(site.content("data.json") or b"")["by"] == "Bo"
    assert [name for name in OTHERS if site.content(name) is not None] == []
    assert site.content("own.png") is None
    assert {name: site.content(name) for name in NOBODYS} == NOBODYS
    assert site.named() == TEXTS.keys() | NOBODYS.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_covered_refuses_the_plan_where_the_map_deletes_nothing(uploads, name):
    site = uploads("refuse")
    site.upload({"plain.txt": TEXTS["plain.txt"], name: OTHERS[name]})
    request_id = site.desk.submit(IdentifierKind.EMAIL, ANNA)

    with pytest.raises(PipelineError):
        site.desk.run()

    assert site.desk.query(
        "select obstacle from lacuna.request where request_id = %s", request_id
    ) == [(Obstacle.MENTION_REFUSED,)]
    assert site.content("plain.txt") == TEXTS["plain.txt"]
    (site.folder / name).unlink()
    site.desk.run()
    assert site.desk.state(request_id) is RequestState.PLANNED


def test_a_name_in_a_code_page_that_is_not_covered_refuses_the_plan(uploads):
    site = uploads("refuse")
    site.desk.query("update desk.people set name = 'Zdeňka Hrušková' where id = 1")
    site.upload({"central.txt": "Pro Zdeňka Hrušková, říká Bo.".encode("cp1250")})
    request_id = site.desk.submit(IdentifierKind.EMAIL, ANNA)

    with pytest.raises(PipelineError):
        site.desk.run()

    assert site.desk.query(
        "select obstacle from lacuna.request where request_id = %s", request_id
    ) == [(Obstacle.MENTION_REFUSED,)]


@pytest.mark.thorough
def test_a_bundle_covers_others_in_texts_of_any_encoding_and_copies_the_rest(uploads, tmp_path):
    site = uploads("refuse")
    said = "Grüße von Bo Lind, bo@example.org."
    files = {
        "wide.txt": said.encode("utf-16"),
        "old.txt": said.encode("cp1252"),
        "sent.eml": f"From: {ANNA}\nTo: x@example.org\n\nof {BO}\n".encode(),
        "photo.txt": PNG + NOISE,
    }
    site.upload(files)
    site.desk.query("update desk.letters set person_id = 1 where person_id = 2")
    site.desk.query("insert into desk.letters (id, org_id, person_id) values (99, 'north', 2)")
    key = pyrage.x25519.Identity.generate()
    request_id = site.desk.submit(
        IdentifierKind.EMAIL, ANNA, kinds=(RequestKind.ACCESS,), bundle_key=str(key.to_public())
    )
    site.desk.run()
    assert site.desk.state(request_id) is RequestState.COMPLETED
    (sealed,) = (tmp_path / "bundles").glob("*.age")
    opened = open_sealed(sealed, PrivateKey(str(key)), tmp_path / "opened").folder
    given = [path.read_bytes() for path in (opened / "access").rglob("*") if path.is_file()]
    given += [path.read_bytes() for path in (opened / "portability").rglob("*") if path.is_file()]
    assert files["photo.txt"] in given
    texts = [
        one.decode(encoding)
        for encoding, start in (("utf-16", b"\xff\xfe"), ("cp1252", b"Gr\xfc"), ("utf-8", b"From:"))
        for one in given
        if one.startswith(start)
    ]
    assert len(texts) == 3
    assert not [text for text in texts if "bo@" in text or "Bo Lind" in text]
