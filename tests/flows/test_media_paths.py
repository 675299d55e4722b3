"""Media that rows name in a column, a list, a document or by a rule is erased through each."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyrage
import pytest

from lacuna.bundle import open_sealed
from lacuna.datamap import load
from lacuna.errors import ConfigurationError, PipelineError
from lacuna.flows import sweep
from lacuna.model.bundle import PrivateKey
from lacuna.model.finding import Gate
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import ColumnName, TableName
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.verify import Place, orphans
from tests.brought import Brought
from tests.drifts import drifts_of

MAIL = "anna.berg@example.org"
SCHEMA = """
create schema media;
create table media.people (
    id uuid primary key, org_id text not null, email text, faces text[], erased_at timestamptz
);
create table media.calls (
    id bigint primary key, org_id text not null, person uuid references media.people,
    state text not null, parts text[] not null, meta jsonb, extra json
);
create table media.notes (
    id bigint primary key, org_id text not null, call bigint not null references media.calls,
    body text, seen text[], links jsonb
);
insert into media.people (id, org_id, email, faces) values
    ('a0000000-0000-4000-8000-000000000001', 'north', 'anna.berg@example.org',
     '{face/1a.png,face/1b.png}'),
    ('a0000000-0000-4000-8000-000000000002', 'north', 'bo.lind@example.org', '{face/2.png}');
insert into media.calls values
    (10, 'north', 'a0000000-0000-4000-8000-000000000001', 'closed', '{part/10-1.wav,part/10-2.wav}',
     '{"voice": {"file": "meta/10.wav"}, "minutes": 5,
       "screens": [{"uri": "meta/10 \\"a\\".png"}, {"uri": null}, {"uri": "meta/10b.png"}]}',
     '{"raw": "meta/10.raw"}'),
    (20, 'north', 'a0000000-0000-4000-8000-000000000002', 'closed', '{part/20-1.wav}',
     '{"voice": {"file": "meta/20.wav"}, "minutes": 7}', null);
-- Bo's note names files of Anna's, beside his own.
insert into media.notes values
    (100, 'north', 10, 'called', null, null),
    (200, 'north', 20, 'called', '{part/10-1.wav,part/20-1.wav}',
     '{"a": "meta/10 \\"a\\".png", "b": ["meta/20.wav", "meta/10.wav"]}');
"""
COLUMN = "{category: user.content, access: true, portability: true, meaning: A file., "
DATAMAP = f"""
name: Media
version: "1"
controller: Media A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [media]
longest_backup_days: 35
processings:
  support: {{purpose: Answer., lawful_basis: 6(1)(b), retention: As needed., recipients: []}}
subject:
  table: media.people
  identifiers: [{{kind: email, column: media.people.email}}]
  levels: {{contact: media.people, conversation: media.calls, message: media.notes}}
  open_when: {{column: state, values: [open]}}
tables:
  media.people:
    processing: support
    key: id
    tenant: org_id
    rows: anonymize
    erased_at: erased_at
    columns:
      id: {{category: user.unique_id, erase: new_key, access: false, portability: false}}
      org_id: {{category: system.operations, erase: keep}}
      email: {COLUMN} erase: suppress}}
      faces: {COLUMN} erase: {{delete_object: files}}}}
      erased_at: {{category: system.operations, erase: keep}}
  media.calls:
    processing: support
    key: id
    tenant: org_id
    links: {{person: media.people}}
    rows: anonymize
    columns:
      id: {{category: system.operations, erase: keep}}
      org_id: {{category: system.operations, erase: keep}}
      person: {{category: user.unique_id, erase: unlink, access: false, portability: false}}
      state: {{category: system.operations, erase: keep}}
      parts: {COLUMN} erase: empty, store: files}}
      meta: {COLUMN} erase: {{json_keys: [minutes]}}, store: files, paths: [/voice/file, "/screens/[]/uri"]}}
      extra: {COLUMN} erase: {{delete_object: files}}, paths: [/raw]}}
  media.notes:
    processing: support
    key: id
    tenant: org_id
    links: {{call: media.calls}}
    rows: anonymize
    columns:
      id: {{category: system.operations, erase: keep}}
      org_id: {{category: system.operations, erase: keep}}
      call: {{category: system.operations, erase: keep}}
      body: {{category: user.content, erase: redact, text: plain, access: true, portability: true, meaning: Text.}}
      seen: {COLUMN} erase: {{delete_object: files}}, mention: delete_object}}
      links: {COLUMN} erase: {{delete_object: files}}, mention: delete_object, paths: [/a, "/b/[]"]}}
stores:
  files:
    files:
      - {{pattern: face/**, format: binary, table: media.people, mention: delete_object}}
      - {{pattern: part/**, format: binary, table: media.calls, mention: delete_object}}
      - {{pattern: meta/**, format: binary, table: media.calls, mention: delete_object}}
      - {{pattern: rule/**, format: binary, table: media.calls, mention: delete_object, named: "rule/{{org_id[0:2]}}/{{org_id[2:4]}}/{{org_id}}{{id}}.wav"}}
      - {{pattern: seen/**, format: binary, table: media.notes, mention: delete_object}}
sweeps: []
"""
HERS = {
    "face/1a.png",
    "face/1b.png",
    "part/10-1.wav",
    "part/10-2.wav",
    "meta/10.wav",
    'meta/10 "a".png',
    "meta/10b.png",
    "meta/10.raw",
    "rule/no/rt/north10.wav",
}
HIS = {"face/2.png", "part/20-1.wav", "meta/20.wav", "rule/no/rt/north20.wav"}


@dataclass
class World:
    platform: Brought
    folder: object

    def files(self) -> set[str]:
        return {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("[!.]*")
            if path.is_file()
        }


@pytest.fixture
def world(template_database, tmp_path):
    tmp_path.chmod(0o700)
    (tmp_path / "datamap.yaml").write_text(DATAMAP, "utf-8")
    folder = tmp_path / "files"
    for path in HERS | HIS:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"RIFF")
    with template_database.clones() as fresh:
        yield World(Brought(fresh("lacuna"), tmp_path, [SCHEMA], tmp_path / "datamap.yaml"), folder)


def unnamed(world: World) -> tuple[str, ...]:
    datamap = world.platform.datamap
    place = Place("files", world.folder, datamap.stores["files"].files, is_store=True)
    with world.platform.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        return orphans(transaction.verifying(datamap), datamap, [place])


@pytest.mark.thorough
def test_every_file_that_a_row_of_the_person_names_is_deleted_and_no_other(world):
    assert drifts_of(world.platform.stores) == ()
    assert unnamed(world) == ()
    (request_id,) = world.platform.erase(MAIL)
    assert world.files() == HIS
    query = world.platform.query
    assert query("select parts, meta, extra::text from media.calls where id = 10") == [
        ([], {"minutes": 5}, None)
    ]
    assert query("select faces from media.people where erased_at is not null") == [(None,)]
    # What others' rows held of her files is gone, and what they held beside it is not.
    assert query("select seen, links from media.notes where id = 200") == [
        (["part/20-1.wav"], {"a": None, "b": ["meta/20.wav", None]})
    ]
    assert world.platform.verification(request_id).passed


@pytest.mark.thorough
def test_a_file_that_a_rule_names_and_that_came_back_turns_the_gate_red(world, monkeypatch):
    request_id = world.platform.submit(IdentifierKind.EMAIL, MAIL)
    world.platform.run()
    world.platform.approve(request_id)
    monkeypatch.setattr(
        "lacuna.stores.objects.folder.FolderObjects.delete", lambda self, path: "rule" in path
    )
    with pytest.raises(PipelineError):
        world.platform.run()
    findings = world.platform.verification(request_id).findings
    assert [(one.gate, one.location, one.count) for one in findings] == [
        (Gate.OBJECTS, "media.calls.org_id", 1)
    ]


def test_both_ways_of_reading_find_the_same_files_of_each_row(world):
    datamap = world.platform.datamap
    with world.platform.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        planned = transaction.reading(datamap).object_rows("files")
    with world.platform.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        seen = transaction.verifying(datamap).named_objects("files")
    assert planned.keys() == seen.keys() == HERS | HIS
    assert {path: one.owners for path, one in planned.items()} == {
        path: one.owners for path, one in seen.items()
    }
    calls = TableName("media", "calls")
    assert {source.column for source, _ in planned["meta/10.wav"].rows} == {
        ColumnName(calls, "meta"),
        ColumnName(TableName("media", "notes"), "links"),
    }


def test_files_are_reconciled_both_ways(world):
    (world.folder / "rule/no/rt/north30.wav").write_bytes(b"RIFF")
    assert unnamed(world) == ("files/rule/**, named by no row: 1",)
    (world.folder / "meta/10b.png").unlink()
    world.platform.run(sweep)
    log = "\n".join(
        path.read_text("utf-8") for path in (world.folder.parent / "runs").glob("*.jsonl")
    )
    counts = next(
        line["counts"]
        for line in map(json.loads, log.splitlines())
        if line.get("outcome") == "objects_reconciled"
    )
    assert counts["media.calls.meta, without a value"] == 1
    assert counts["files/rule/**, named by no row"] == 1


@pytest.mark.thorough
def test_a_bundle_holds_the_files_however_rows_name_them(world, tmp_path):
    key = pyrage.x25519.Identity.generate()
    request_id = world.platform.submit(
        IdentifierKind.EMAIL,
        MAIL,
        kinds=(RequestKind.ACCESS,),
        bundle_key=str(key.to_public()),
    )
    world.platform.run()
    assert world.platform.state(request_id) is RequestState.COMPLETED
    (sealed,) = (tmp_path / "bundles").glob("*.age")
    opened = open_sealed(sealed, PrivateKey(str(key)), tmp_path / "opened").folder
    files = [path for path in opened.rglob("*") if path.is_file() and path.read_bytes() == b"RIFF"]
    assert len({path.name for path in files}) == len(HERS)


RULE = "rule/{org_id[0:2]}/{org_id[2:4]}/{org_id}{id}.wav"


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("paths: [/raw]", "paths: [raw]", "as /key/key"),
        ("json_keys: [minutes]", "json_keys: [voice]", "which leads to an object"),
        (RULE, "rule/{org_id}/{number}.wav", "named by number"),
        (RULE, "other/{id}.wav", "does not match the pattern"),
        (RULE, "rule/all.wav", "write a column in braces"),
        (RULE, "rule/{id", "does not match|braces|expected"),
        (RULE, "rule/{id[2:2]}.wav", "takes no character"),
        ("erase: suppress}", "erase: suppress, paths: [/a]}", "add the store"),
    ],
)
def test_a_map_that_leads_to_no_file_is_refused(tmp_path, wrong, right, said):
    assert wrong in DATAMAP
    (tmp_path / "datamap.yaml").write_text(DATAMAP.replace(wrong, right, 1), "utf-8")
    with pytest.raises(ConfigurationError, match=said):
        load(tmp_path / "datamap.yaml")


def test_a_document_whose_paths_are_not_said_is_drift(world, tmp_path):
    path = world.platform.stores.datamap_path
    path.write_text(DATAMAP.replace(", paths: [/raw]", ""), "utf-8")
    (drift,) = drifts_of(world.platform.stores)
    assert (drift.location, "state under paths" in drift.problem) == ("media.calls.extra", True)
