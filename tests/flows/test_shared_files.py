"""A file of several people's letters: it goes with the last of them, and not before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import yaml

from lacuna.datamap import load
from lacuna.errors import ConfigurationError, PipelineError
from lacuna.flows.fulfilment import application, completion
from lacuna.intake import write_letter
from lacuna.model.identity import IdentifierKind
from lacuna.model.letter import LetterKind, LetterSender
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.ports import Desk as Writer
from lacuna.request import keep_requester
from tests.drifts import drifts_of
from tests.flows import shared_files
from tests.flows.shared_files import CONTENTS, ENCLOSURES, FILES, Desk, mail_of, whole
from tests.proved import let_pass

OWN, OF_TWO, OF_PAIR, OF_TEMPLATE, NAMING, OF_NOBODY, LATE = 1, 2, 3, 4, 5, 6, 7
SHARED = "rows of others need it; it goes with the last of them"


@dataclass
class Nights:
    """What was there after each night."""

    desk: Desk
    first: dict[str, set[int]]
    shown: dict[int, str]
    second: dict[str, set[int]]
    ids: dict[int, str]


@pytest.fixture(scope="module")
def nights(template_database, tmp_path_factory):
    with template_database.clones() as fresh:
        enclosed = {
            OWN: (1,), OF_TWO: (1, 2), OF_PAIR: (3, 4, 3), OF_TEMPLATE: (1, 0), OF_NOBODY: (),
        }  # fmt: skip
        desk = Desk(fresh("lacuna"), tmp_path_factory.mktemp("home") / "home", 6, enclosed)
        desk.query("update desk.files set label = 'terms for ' || %s where id = 4", mail_of(1))
        ids = {number: desk.submit(IdentifierKind.EMAIL, mail_of(number)) for number in (1, 3, 4)}
        by_mail(desk, ids[1])
        desk.run()
        shown = {number: desk.shown(one) for number, one in ids.items()}
        desk.approve(*ids.values())
        desk.run()
        assert {desk.state(one) for one in ids.values()} == {RequestState.COMPLETED}
        first = desk.there()
        (ids[2],) = desk.erase(mail_of(2))
        yield Nights(desk, first, shown, desk.there(), ids)


def by_mail(desk: Desk, request_id: str) -> None:
    """Let a request have come by mail, so that a letter tells of its end."""
    with desk.stores.transaction(Role.PLANNER) as transaction:
        now = desk.stores.clock.now()
        writing = Writer(
            transaction.queue, transaction.ledger, desk.stores.keys, now, "flow:intake"
        )
        keep_requester(request_id, (mail_of(1), "en", "1@example.org"), writing)


def test_the_letter_says_that_records_of_others_stay(nights):
    ((facts, kind),) = nights.desk.query("select facts, kind from lacuna.letter")
    assert (kind, facts["shared"]) == ("completion", "yes")
    sender = LetterSender("Desk", "en", "The Authority", "dpo@example.org")
    text = write_letter(LetterKind(kind), "en", facts, sender).plain
    assert "Some records also belong to other people" in " ".join(text.split())


def test_what_others_need_stays_and_goes_with_the_last(nights):
    assert nights.first == whole(OF_TWO, OF_TEMPLATE, OF_NOBODY)
    assert nights.second == whole(OF_TEMPLATE, OF_NOBODY)
    assert nights.desk.enclosures() == {("Template", 0, OF_TEMPLATE)}


def test_the_plan_says_how_many_stay_and_why(nights):
    for place in ("desk.files", "desk.contents"):
        assert f"retain {place}, rows: 2, ground: {SHARED}" in nights.shown[1]
        assert f"retain {place}, rows: 1, ground: {SHARED}" in nights.shown[3]
        assert f"delete rows of {place}, rows: 1\n" in nights.shown[1]
    assert f"retain media, rows: 2, ground: {SHARED}" in nights.shown[1]
    assert "delete objects of media, objects: 1," in nights.shown[1]


def test_what_stays_is_treated_like_any_row_of_others(nights):
    (label,) = nights.desk.query("select label from desk.files where id = 4")[0]
    assert mail_of(1) not in label
    assert label.startswith("terms for ")


@pytest.fixture
def desk(database, lacuna_home):
    """A desk of its own for a test."""

    def make(people: int, enclosed: dict[int, tuple[int, ...]]) -> Desk:
        return Desk(database("lacuna"), lacuna_home / "desk", people, enclosed)

    return make


@pytest.mark.thorough
def test_whoever_begins_to_need_a_file_after_the_plan_keeps_it(desk, monkeypatch):
    mine = desk(2, {OWN: (1,)})
    # No foreign key protects it.
    mine.query("alter table desk.enclosures drop constraint enclosures_file_id_fkey")
    request_id = mine.submit(IdentifierKind.EMAIL, mail_of(1))
    mine.run()
    mine.approve(request_id)
    prepare = application.prepare_changes

    def enclosed_meanwhile(*arguments):
        mine.enclose(OWN, 2)
        return prepare(*arguments)

    monkeypatch.setattr(application, "prepare_changes", enclosed_meanwhile)
    with pytest.raises(PipelineError):
        mine.run()
    monkeypatch.undo()
    assert mine.obstacle(request_id) is Obstacle.APPLY_FAILED
    assert mine.there() == whole(OWN)
    assert ("Letter", 1, OWN) in mine.enclosures()

    with pytest.raises(PipelineError):
        mine.run()
    mine.approve(request_id)
    mine.run()
    assert mine.state(request_id) is RequestState.COMPLETED
    assert mine.there() == whole(OWN)
    assert mine.enclosures() == {("Letter", 2, OWN)}


def test_a_file_that_would_stay_and_names_the_person_refuses_the_plan(desk):
    mine = desk(1, {})
    mine.add(NAMING, content=b"signed: " + mail_of(1).encode())
    mine.enclose(NAMING, 1)
    mine.enclose(NAMING, 0)
    request_id = mine.submit(IdentifierKind.EMAIL, mail_of(1))
    with pytest.raises(PipelineError):
        mine.run()
    assert mine.obstacle(request_id) is Obstacle.MENTION_REFUSED
    assert mine.there() == whole(NAMING)


@pytest.mark.thorough
def test_the_gate_sees_a_row_that_should_have_gone_and_one_that_others_need(desk):
    mine = desk(2, {OWN: (1,), OF_TWO: (1, 2)})
    for _ in range(12):
        mine.enclose(OF_TWO, 1)
        mine.enclose(OF_TWO, 2)
    # However many ways lead to them, a row is read once, with all whose it is.
    assert sorted(mine.owners(CONTENTS)) == [("101", {"1"}), ("102", {"1", "2"})]
    request_id = mine.submit(IdentifierKind.EMAIL, mail_of(1))
    mine.go("claim", "resolve_and_plan", "apply")
    assert mine.there() == whole(OF_TWO)
    assert mine.misplaced(request_id) == {}

    mine.add(OWN)  # as if it had been forgotten
    assert mine.misplaced(request_id) == {FILES: 1}
    mine.query("delete from desk.files where id = 1")
    assert mine.misplaced(request_id) == {CONTENTS: 1}
    mine.query("delete from desk.contents where id = 101")

    mine.query("alter table desk.enclosures drop constraint enclosures_file_id_fkey")
    mine.query("delete from desk.files where id = 2")
    assert mine.misplaced(request_id) == {FILES: 1, CONTENTS: 1}
    mine.query("delete from desk.contents where id = 102")
    mine.query("delete from desk.enclosures")
    # Whoever needed it has gone as well, and it with them.
    assert mine.misplaced(request_id) == {}


@pytest.mark.thorough
def test_a_large_erasure_leaves_and_takes_the_same(desk, monkeypatch):
    enclosed = {OWN: (1,), OF_TWO: (1, 2), OF_TEMPLATE: (1, 0), LATE: (1,)}
    mine = desk(2, enclosed)
    mine.sizes = {"whole_rows": 1, "portion_rows": 1}
    finish = completion.finish_portions

    def enclosed_meanwhile(*arguments):
        mine.enclose(LATE, 0)
        return finish(*arguments)

    monkeypatch.setattr(completion, "finish_portions", enclosed_meanwhile)
    mine.erase_large(mail_of(1))
    monkeypatch.undo()
    assert mine.there() == whole(OF_TWO, OF_TEMPLATE, LATE)
    mine.erase_large(mail_of(2))
    assert mine.there() == whole(OF_TEMPLATE, LATE)


@pytest.mark.thorough
def test_two_large_erasures_of_a_night_leave_nothing_of_what_they_share(desk):
    mine = desk(3, {OF_PAIR: (1, 2), OF_TWO: (2, 3)})
    mine.sizes = {"whole_rows": 1, "portion_rows": 1}
    mine.erase_large(mail_of(1), mail_of(2))
    assert mine.there() == whole(OF_TWO)


@pytest.fixture
def changed(database, lacuna_home, monkeypatch):
    """Make a desk with another schema and another map."""

    def make(people, enclosed, schema, datamap) -> Desk:
        for name, changes in (("SCHEMA", schema), ("DATAMAP", datamap)):
            text = getattr(shared_files, name)
            for old, new in changes.items():
                assert text.count(old) == 1
                text = text.replace(old, new)
            monkeypatch.setattr(shared_files, name, text)
        return Desk(database("lacuna"), lacuna_home / "desk", people, enclosed)

    return make


@pytest.mark.thorough
def test_what_a_held_row_needs_is_held_with_it(changed):
    # What names a person itself cannot be held alone.
    of_people = "        - {table: desk.people, where: {record_type: Person}}\n"
    mine = changed(2, {OWN: (1,), OF_TWO: (1, 2)}, {}, {of_people: ""})
    request_id = mine.submit(IdentifierKind.EMAIL, mail_of(1))
    mine.run()
    mine.hold(request_id, ENCLOSURES)
    mine.run()
    mine.approve(request_id)
    mine.run()
    assert mine.state(request_id) is RequestState.COMPLETED
    assert mine.there() == whole(OWN, OF_TWO)
    (rest,) = mine.others_than(request_id)
    mine.pass_days(40)
    # The database has a clock of its own.
    mine.query("update lacuna.request set held_until = now() where request_id = %s", rest)
    mine.run()
    mine.approve(rest)
    mine.run()
    assert mine.state(rest) is RequestState.COMPLETED
    assert mine.there() == whole(OF_TWO)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("foreign_key", "rows"),
    [("", "delete"), (" references desk.files on delete cascade", "delete"), ("", "keep")],
)
def test_rows_whose_key_begins_with_what_they_name_count_too(changed, foreign_key, rows):
    enclosure = "rows: {}\n    columns:\n      id: {{category: system.operations, erase: keep}}\n      record_type"
    desk = changed(
        2,
        {1: (1, 2), 2: (1, 0), 3: (1,)},
        {
            "create table desk.enclosures (\n    id int primary key,": "create table desk.enclosures (\n"
            "    id int, primary key (file_id, record_type, record_id),",
            "not null references desk.files": f"not null{foreign_key}",
        },
        {
            "  desk.enclosures:\n    processing: support\n    key: id": "  desk.enclosures:\n"
            "    processing: support\n    key: [file_id, record_type, record_id]",
            enclosure.format("delete"): enclosure.format(rows),
        },
    )
    desk.erase(mail_of(1))
    assert desk.there() == whole(1, 2)
    assert {one[2] for one in desk.enclosures()} == ({1, 2} if rows == "delete" else {1, 2, 3})


LOGOS = (
    "create table desk.logos (id int primary key, file_id int not null references desk.files);\n"
)
LOGOS_MAP = """  desk.logos:
    processing: support
    key: id
    rows: keep
    columns:
      id: {category: system.operations, erase: keep}
      file_id: {category: system.operations, erase: keep}
stores:
"""


@pytest.mark.thorough
def test_another_table_that_names_files_is_listed_at_them_and_keeps_its_own(changed):
    one, both = (
        "links: {id: {table: desk.enclosures, to: file_id}}",
        "links: {id: [{table: desk.enclosures, to: file_id}, {table: desk.logos, to: file_id}]}",
    )
    desk = changed(2, {1: (1,), 2: (1,)}, {"create table desk.enclosures": LOGOS + "create table desk.enclosures"}, {"stores:\n": LOGOS_MAP})  # fmt: skip
    desk.query("insert into desk.logos values (1, 2)")
    (drift,) = drifts_of(desk.stores)
    assert drift.location == "desk.logos.file_id"
    assert yaml.safe_load(drift.suggestion) == {"tables": {"desk.files": yaml.safe_load(both)}}
    desk.stores.datamap_path.write_text(desk.stores.datamap_path.read_text().replace(one, both))
    let_pass(desk.stores)
    assert drifts_of(desk.stores) == ()
    desk.erase(mail_of(1))
    assert desk.there() == whole(2)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "    rows: delete\n    columns:\n      id: {category: system.operations, erase: keep}\n      record_type",
            "    rows: keep\n    columns:\n      id: {category: system.operations, erase: keep}\n      record_type",
            "rows of desk.enclosures name its rows by file_id and go on naming them",
        ),
        (
            "links: {id: {table: desk.enclosures, to: file_id}}",
            "links: {id: {table: desk.enclosures, to: file_id}, sha: desk.people}",
            "sha in it would still lead to the person",
        ),
        (
            "links: {id: {table: desk.enclosures, to: file_id}}",
            "links: {id: {table: desk.enclosures, to: file_id, where: {label: a}}}",
            "where would leave out some of them",
        ),
    ],
    ids=["names that stay", "a way of its own", "only some"],
)
def test_a_map_by_which_one_would_be_lost_or_stay_is_refused(tmp_path, old, new, problem):
    assert shared_files.DATAMAP.count(old) == 1
    path = tmp_path / "datamap.yaml"
    path.write_text(shared_files.DATAMAP.replace(old, new))
    with pytest.raises(ConfigurationError, match=problem):
        load(path)
