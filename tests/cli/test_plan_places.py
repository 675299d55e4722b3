"""Plans in sums: each table in a line, counted in rows, as somebody counts them by SQL."""

from __future__ import annotations

import re

import pytest

from lacuna.cli.plan_places import place_lines
from lacuna.model import plan as plans
from lacuna.model.location import TableName
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    JoinRows,
    LinkTombstone,
    Plan,
    Rectify,
    RectifyCopies,
    RectifyObjects,
    RedactMentions,
    RedactText,
    RefreshView,
    Restrict,
    Retain,
    RewriteObjects,
    Step,
    WriteBundle,
)
from lacuna.model.request import Level, RequestKind
from lacuna.model.treatment import Treatment

NOTES, PEOPLE = TableName("crm", "notes"), TableName("crm", "people")
OTHER_COLUMNS = "{} columns without personal data stay for statistics (Recital 26)"


def plan_of(*steps: Step) -> Plan:
    return Plan("one", Level.CONTACT, (RequestKind.ERASURE,), "", steps, "")


def test_each_table_is_counted_once_over_all_plans_and_what_differs_is_counted_beside_it():
    named = plan_of(
        RedactText(NOTES, ("title", "body"), 4),
        AnonymizeRows(NOTES, (("author", "unlink"), ("sent_to", "suppress")), 4),
        Retain("crm.notes", OTHER_COLUMNS.format(3), 4),
        AnonymizeRows(PEOPLE, (("id", "new_key"), ("name", "replace([erased])")), 1),
        DeleteObjects("media", 2, 99, 0),
        Retain("keys.erased", "kept to recognize", 1),
    )
    nameless = plan_of(
        RedactText(NOTES, ("title", "body"), 2, is_whole=True),
        AnonymizeRows(NOTES, (("author", "unlink"), ("sent_to", "suppress")), 2),
        RedactMentions(NOTES, ("body",), 1),
        Retain("crm.notes", OTHER_COLUMNS.format(3), 2),
        Retain("keys.erased", "kept to recognize", 1),
    )
    assert list(place_lines([named, nameless])) == [
        "crm.notes, 6 rows: title, body covered in 4 rows, obfuscated whole in 2 rows; author "
        "separated from the person; sent_to deleted",
        "crm.people, 1 row: id, name replaced",
        "media, 2 files: deleted",
        "crm.notes, 1 row of others: body covered",
        "stays: the other columns without personal data stay for statistics (Recital 26)",
        "stays: kept to recognize: keys.erased 2",
    ]


STEPS: tuple[tuple[Step, str], ...] = (
    (AnonymizeRows(PEOPLE, (), 2), "crm.people, 2 rows: marked as erased"),
    (RedactText(NOTES, ("body",), 2), "crm.notes, 2 rows: body covered"),
    (RedactMentions(NOTES, ("body",), 1), "crm.notes, 1 row of others: body covered"),
    (EmptyFiles(NOTES, ("scan",), 2), "crm.notes, 2 rows of others: scan emptied"),
    (DeleteRows(NOTES, 1), "crm.notes, 1 row: deleted"),
    (DeleteObjects("media", 1, 9, 0), "media, 1 file: deleted"),
    (RefreshView(NOTES, 3), "crm.notes, 3 rows: computed again"),
    (RewriteObjects("out", "*.parquet", 2), "out/*.parquet, 2 files: rewritten without the person"),
    (Rectify(PEOPLE, ("name",), 1, ""), "crm.people, 1 row: name corrected"),
    (RectifyCopies(NOTES, (("body", 2), ("title", 1)), 2, ""), "crm.notes, 2 rows: body, title corrected"),
    (RectifyObjects("out", "*.parquet", (("name", 2),), 1, ""), "out/*.parquet, 1 file: name corrected"),
    (Restrict(RequestKind.RESTRICTION), "the person, 1 row: marked: restriction"),
    (WriteBundle((RequestKind.ACCESS,), 32, 1), "the bundle, 32 rows: handed over"),
    (Retain("crm.notes", "for legal claims", 3), "stays: for legal claims: crm.notes 3"),
)  # fmt: skip


@pytest.mark.parametrize(("step", "line"), STEPS, ids=lambda one: type(one).__name__)
def test_every_kind_of_step_is_told(step, line):
    assert list(place_lines([plan_of(step)])) == [line]


def test_no_kind_of_step_was_forgotten():
    # What these change, other steps do.
    told_elsewhere = {JoinRows, LinkTombstone}
    assert {type(step) for step, _ in STEPS} | told_elsewhere == {*plans.Step.__args__}
    for step in (
        JoinRows(PEOPLE, "the same email", 1),
        LinkTombstone(PEOPLE, ("crm.notes.by",), 1),
    ):
        assert list(place_lines([plan_of(step)])) == []


@pytest.mark.parametrize(
    "treatment", [one for one in Treatment if one not in (Treatment.KEEP, Treatment.REDACT)]
)
def test_every_treatment_has_words(treatment):
    (line,) = place_lines([plan_of(AnonymizeRows(PEOPLE, (("x", f"{treatment}(a,b)"),), 1))])
    assert re.fullmatch(r"crm\.people, 1 row: x [a-z][a-z, ]+", line)
