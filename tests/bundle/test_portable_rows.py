"""Which rows a portability subset holds: by code, by author, and by the rows that they lead to."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

import pytest

from lacuna.bundle import write
from lacuna.bundle.portable_rows import (
    BY_NOBODY,
    BY_OTHERS,
    NOT_PROVIDED,
    WITH_ANOTHER,
    Provided,
    reason_of,
)
from lacuna.model.bundle import LeftOut
from lacuna.model.location import TableName
from lacuna.model.request import RequestKind
from lacuna.model.table import Link, PortableRows
from tests.bundle import example

COMMENTS = TableName("shop", "comments")
RECORDINGS = TableName("shop", "recordings")
TICKETS = TableName("shop", "tickets")
VISITS = TableName("shop", "visits")
ME, OTHER = example.ANNA, example.BO

Rows = Mapping[TableName, list[dict[str, object]]]


def chosen(datamap, rows: Rows) -> Provided:
    """Choose among rows that are given by column."""
    keys = {
        name: frozenset(tuple(str(row[part]) for part in datamap.tables[name].key) for row in held)
        for name, held in rows.items()
    }

    def read(table, names, wanted) -> Iterator[list[tuple[object, ...]]]:
        assert wanted == keys[table.name]
        yield [tuple(row.get(name) for name in names) for row in rows[table.name]]

    return Provided(datamap, keys, frozenset({ME}), read)


def with_table(datamap, name: TableName, **changes):
    table = replace(datamap.tables[name], **changes)
    return replace(datamap, tables={**datamap.tables, name: table})


def whole_rows(provided: Provided, table) -> list[LeftOut]:
    return [each for each in provided.left_out(table) if not each.columns]


@pytest.mark.parametrize(
    ("sender", "author"), [*product(["customer", "agent", "robot", None], [ME, OTHER, None])]
)
def test_a_row_counts_only_if_its_code_and_its_author_say_so(shop_map, sender, author):
    rows = [{"comment_id": 7, "sender": sender, "customer_id": author}]
    provided = chosen(shop_map, {COMMENTS: rows})
    comments = shop_map.tables[COMMENTS]
    if (sender, author) == ("customer", ME):
        assert provided.keys_of(comments) == {("7",)}
        assert whole_rows(provided, comments) == []
        return
    assert provided.keys_of(comments) == frozenset()
    (left,) = whole_rows(provided, comments)
    assert left.rows == 1
    if sender == "customer":
        assert left == LeftOut(COMMENTS, 1, BY_NOBODY if author is None else BY_OTHERS)
    else:
        # A code that the map does not know may be anything: it is not repeated.
        value = {None: "", "robot": "?"}.get(sender, sender)
        assert left == LeftOut(COMMENTS, 1, NOT_PROVIDED, column="sender", value=value)
        assert "robot" not in reason_of(left, shop_map)


def test_rows_of_one_reason_are_counted_together(shop_map):
    rows = [
        {"comment_id": number, "sender": sender, "customer_id": author}
        for number, (sender, author) in enumerate(
            [("agent", None), ("customer", ME), ("agent", None), ("customer", OTHER)]
        )
    ]
    provided = chosen(shop_map, {COMMENTS: rows})
    comments = shop_map.tables[COMMENTS]
    assert {(one.reason, one.value): one.rows for one in whole_rows(provided, comments)} == {
        (NOT_PROVIDED, "agent"): 2,
        (BY_OTHERS, ""): 1,
    }
    assert [
        reason_of(one, shop_map) for one in whole_rows(provided, comments) if one.value == "agent"
    ] == ["not provided by you (Who wrote it: an agent of the shop)"]
    # Of the rows that stay, what these lack.
    lacking = [one for one in provided.left_out(comments) if one.columns]
    assert {one.rows for one in lacking} == {1}
    assert {name for one in lacking for name in one.columns} == {
        *("customer_id", "sender", "side_file", "note")
    }


LINK = Link("ticket_id", COMMENTS)
COMMENT_ROWS = [
    {"comment_id": 1, "ticket_id": 70, "sender": "customer", "customer_id": ME},
    {"comment_id": 2, "ticket_id": 80, "sender": "agent", "customer_id": None},
]


@pytest.mark.parametrize(
    ("link", "row", "is_kept"),
    [
        (LINK, {"ticket_id": 1}, True),
        (LINK, {"ticket_id": 2}, False),
        (LINK, {"ticket_id": 3}, False),  # no row of the person's
        (LINK, {"ticket_id": None}, False),
        (Link("ticket_id", COMMENTS, to="ticket_id"), {"ticket_id": 70}, True),
        (Link("ticket_id", COMMENTS, to="ticket_id"), {"ticket_id": 80}, False),
        (
            Link("ticket_id", COMMENTS, where=("seconds", "5")),
            {"ticket_id": 2, "seconds": 5},
            False,
        ),
        (Link("ticket_id", COMMENTS, where=("seconds", "5")), {"ticket_id": 2, "seconds": 6}, True),
        (Link("path", COMMENTS, path=("a", "b")), {"path": {"a": {"b": 1}}}, True),
        (Link("path", COMMENTS, path=("a", "b")), {"path": {"a": {"b": "2"}}}, False),
        (Link("path", COMMENTS, path=("a", "b")), {"path": {"a": 1}}, False),
    ],
)
def test_a_row_goes_with_the_row_that_it_leads_to(shop_map, link, row, is_kept):
    datamap = with_table(shop_map, RECORDINGS, links=(link,))
    provided = chosen(datamap, {COMMENTS: COMMENT_ROWS, RECORDINGS: [{"recording_id": 9, **row}]})
    recordings = datamap.tables[RECORDINGS]
    assert provided.keys_of(recordings) == ({("9",)} if is_kept else set())
    left = [LeftOut(RECORDINGS, 1, WITH_ANOTHER)]
    assert whole_rows(provided, recordings) == ([] if is_kept else left)


def test_what_follows_is_followed_and_a_rule_of_its_own_ends_it(shop_map):
    datamap = with_table(shop_map, RECORDINGS, links=(LINK,))
    datamap = with_table(datamap, VISITS, links=(Link("page", RECORDINGS),))
    rows = {
        COMMENTS: COMMENT_ROWS,
        RECORDINGS: [{"recording_id": 10 + key, "ticket_id": key} for key in (1, 2)],
        VISITS: [{"visit_id": key, "page": 10 + key} for key in (1, 2)],
    }
    assert chosen(datamap, rows).keys_of(datamap.tables[VISITS]) == {("1",)}
    datamap = with_table(datamap, VISITS, portable=PortableRows())
    assert chosen(datamap, rows).keys_of(datamap.tables[VISITS]) is None


@pytest.mark.parametrize(("goes_with", "kept"), [((), {"11", "12"}), (("ticket_id",), {"11"})])
def test_a_rule_of_its_own_and_what_a_row_leads_to_can_both_count(shop_map, goes_with, kept):
    rule = PortableRows((("seconds", ("5",)),), goes_with=goes_with)
    datamap = with_table(shop_map, RECORDINGS, links=(LINK,), portable=rule)
    rows = [
        {"recording_id": 11, "ticket_id": 1, "seconds": 5},
        {"recording_id": 12, "ticket_id": 2, "seconds": 5},
        {"recording_id": 13, "ticket_id": 1, "seconds": 6},
    ]
    provided = chosen(datamap, {COMMENTS: COMMENT_ROWS, RECORDINGS: rows})
    assert provided.keys_of(datamap.tables[RECORDINGS]) == {(key,) for key in kept}


def test_without_a_rule_every_row_counts_and_nothing_is_read(shop_map):
    provided = chosen(shop_map, {TICKETS: [{"ticket_id": 1}]})
    provided._read = None  # whoever calls it fails
    assert provided.keys_of(shop_map.tables[TICKETS]) is None
    assert whole_rows(provided, shop_map.tables[TICKETS]) == []


@pytest.mark.parametrize(("value", "is_kept"), [(True, False), (False, True)])
def test_a_truth_is_compared_as_the_database_writes_it(shop_map, value, is_kept):
    rule = PortableRows((("sender", ("false",)),))
    datamap = with_table(shop_map, COMMENTS, portable=rule)
    provided = chosen(datamap, {COMMENTS: [{"comment_id": 1, "sender": value}]})
    assert provided.keys_of(datamap.tables[COMMENTS]) == ({("1",)} if is_kept else set())


def test_the_page_and_the_manifest_name_the_same(content, manifest, folder):
    said = json.loads((folder / "manifest.json").read_bytes())["left_out_of_portability"]
    section = (folder / "pages/transfer.html").read_text("utf-8")
    rows = re.findall(
        r'<tr><th scope="row">([^<]+)</th><td>(\d+)</td><td>(.*?)</td><td>(.*?)</td>',
        section,
    )
    assert len(said) == len(rows) == len(content.left_out) > 5
    for each, (label, count, what, why) in zip(said, rows, strict=True):
        # The page has the table's label, the manifest its name.
        table = each["source"].rpartition(".")[2]
        assert label.casefold().startswith(table.rstrip("s")), each["source"]
        assert str(each["rows"]) == count
        assert each["reason"].partition(" (")[0] in html.unescape(why)
        assert (what == "whole rows") is (each["columns"] == [])
    assert "Who wrote it: an agent of the shop" in section


def test_a_bundle_of_access_alone_says_nothing_of_what_can_be_passed_on(
    shop_url, shop_map, media, folder
):
    write(folder, example.gather(shop_url, shop_map, media, (RequestKind.ACCESS,)))
    assert json.loads((folder / "manifest.json").read_bytes())["left_out_of_portability"] == []
    assert 'id="portable"' not in (folder / "README.html").read_text("utf-8")


def test_the_copy_is_the_same_whichever_rows_are_portable(shop_url, shop_map, media, tmp_path):
    """Art. 15 is not narrowed by Art. 20: row for row, with a rule and without."""
    given = []
    for number, datamap in enumerate((shop_map, with_table(shop_map, COMMENTS, portable=None))):
        folder = tmp_path / f"{number}-{example.REQUEST_ID}"
        write(folder, example.gather(shop_url, datamap, media))
        copy = {path.name: path.read_text("utf-8") for path in folder.glob("access/json/*.json")}
        given.append(copy)
    assert given[0] == given[1]
