"""What a person reads: in words, in pages that a browser can show, with a search; nothing of others."""

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.bundle import conversation_pages, write
from lacuna.bundle.value_markup import value_markup
from lacuna.bundle.words import Words
from lacuna.model.table import Column
from lacuna.verify import check_bundle
from tests.bundle import example


def parsed(path: Path) -> ET.Element:
    return ET.fromstring(path.read_text("utf-8"))  # noqa: S314


def said(path: Path) -> str:
    """What a reader sees of a page: no style, no script, no index."""
    root = parsed(path)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {"style", "script"}:
                parent.remove(child)
    return " ".join(" ".join(root.itertext()).split())


def passages(folder: Path) -> list[dict[str, str]]:
    (index,) = [
        each for each in parsed(folder / "pages/search.html").iter("script") if "id" in each.attrib
    ]
    return [json.loads(line) for line in (index.text or "").split("\n") if line]


def with_comments(content, count: int, body):
    """The content with so many comments of the one ticket."""
    table = content.tables[0]
    (row,) = [row for row in table.rows() if row[table.columns.index("comment_id")] == 11]
    places = [table.columns.index(name) for name in ("comment_id", "body", "written_at")]

    def comment(number):
        values = list(row)
        for place, value in zip(
            places,
            (100 + number, body(number), f"2026-02-01T08:{number // 60:02}:{number % 60:02}Z"),
            strict=True,
        ):
            values[place] = value
        return tuple(values)

    more = example.with_rows(table, lambda _: [comment(number) for number in range(count)])
    return replace(content, tables=(more, *content.tables[1:]))


# --- words ----------------------------------------------------------------------------------------


def test_no_page_shows_a_table_a_column_a_code_or_json(content, folder):
    write(folder, content)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) == 11
    names = [str(each.table) for each in content.tables]
    names += [
        column.name
        for each in content.tables
        for column in content.datamap.tables[each.table].columns
        if "_" in column.name
    ]
    for page in pages:
        text = said(page)
        for name in names:
            assert name not in text, (page.name, name)
        assert not re.search(r'\{"|": |\[\]|\[\{|\(closed\)|\(DK\)', text), page.name
        # Only the list of codes has codes.
        assert page.name == "information.html" or not re.search(r"\bDK\b|open:? closed", text)


def test_a_document_is_read_as_a_list_and_nothing_in_it_runs():
    column = Column("parties", "user", "", None, None, False, "", True, True, "", {}, None)
    markup = value_markup(
        column,
        {"sent_to": [{"name": "<b>Bo</b>", "is_main": True}, "x"], "empty": [], "none": None},
        Words("en"),
    )
    root = ET.fromstring(f"<div>{markup}</div>")  # noqa: S314
    assert [each.text for each in root.iter("dt")] == [
        "sent to",
        "name",
        "is main",
        "empty",
        "none",
    ]
    assert "<b>Bo</b>" in "".join(root.itertext())
    assert "yes" in "".join(root.itertext())
    # Text that is a document too.
    assert "<dt>a b</dt><dd>1</dd>" in value_markup(column, '{"a_b": 1}', Words("en"))
    assert value_markup(column, "{no document", Words("en")) == "{no document"


def test_a_document_of_any_depth_or_length_stays_readable():
    column = Column("parties", "user", "", None, None, False, "", True, True, "", {}, None)
    deep: object = "end"
    for _ in range(900):
        deep = [deep, "x"]
    assert "The rest is in the machine-readable file." in value_markup(column, deep, Words("en"))
    long = value_markup(column, list(range(1000, 2000)), Words("en"))
    assert "<li>1099</li>" in long
    assert "<li>1100</li>" not in long
    assert "More entries in the files: 900" in long
    assert value_markup(column, "[" * 100_000, Words("en")).startswith("[[")


def test_labels_are_in_the_language_of_the_person_and_otherwise_marked(content, folder):
    translations = {"da": {"Full name.": "Fulde navn.", "it is finished": "afsluttet"}}
    datamap = replace(content.datamap, translations=translations)
    write(folder, replace(content, language="da", datamap=datamap))
    profile = (folder / "pages/table-02.html").read_text("utf-8")
    assert "<dt>Fulde navn</dt>" in profile
    assert '<dt><span lang="en">E-mail address</span></dt>' in profile
    assert "afsluttet" in said(folder / "README.html")


def test_a_meaning_that_is_the_label_is_not_written_twice(content, folder):
    write(folder, content)
    for page in folder.glob("pages/table-*.html"):
        said = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page.read_text("utf-8"))
        assert said
        assert [label for label, text in said if label == text.rstrip(".")] == []


def test_a_map_in_another_language_is_marked_as_such(content, folder):
    write(folder, replace(content, datamap=replace(content.datamap, language="fi")))
    assert '<dt><span lang="fi">Full name</span></dt>' in (
        folder / "pages/table-02.html"
    ).read_text("utf-8")


# --- months and parts -----------------------------------------------------------------------------


@pytest.mark.parametrize("limit", ["_ENTRIES_OF_PAGE", "_CHARACTERS_OF_PAGE"])
def test_a_long_conversation_goes_on_from_page_to_page_and_nothing_is_lost(
    content, folder, monkeypatch, limit
):
    monkeypatch.setattr(conversation_pages, limit, 20 if limit == "_ENTRIES_OF_PAGE" else 4000)
    write(folder, with_comments(content, 110, lambda number: f"<p>word{number:03}</p>"))
    pages = sorted(
        folder.glob("pages/conversations-*.html"),
        key=lambda path: int(re.sub(r".*2026-02-?|\D", "", path.stem) or 1),
    )
    assert len(pages) > 3
    found = re.findall(r"word\d{3}", " ".join(said(page) for page in pages))
    assert found == [f"word{number:03}" for number in range(110)]
    for number, page in enumerate(pages):
        links = {each.attrib["href"] for each in parsed(page).iter("a")}
        around = pages[max(0, number - 1) : number + 2]
        assert {f"../pages/{each.name}" for each in around if each != page} <= links
        assert "../README.html" in links
        assert ("continued" in said(page)) is (number > 0)
    assert len(passages(folder)) == len(pages)


def test_each_month_has_its_page_and_the_first_page_leads_to_all(content, folder):
    table = next(each for each in content.tables if each.table.name == "tickets")
    key, closed = table.columns.index("ticket_id"), table.columns.index("closed_on")
    days = ["2026-03-09", "2026-01-05", "2026-03-01", None, "2024-12-31", "9999-99-99"]

    def tickets(rows):
        for number, day in enumerate(days):
            values = list(rows[0])
            values[key], values[closed] = number, day
            yield tuple(values)

    more = example.with_rows(table, lambda rows: list(tickets(rows)))
    tables = tuple(more if each is table else each for each in content.tables)
    write(folder, replace(content, tables=tables))
    names = {path.name for path in folder.glob("pages/conversations-*")}
    months = ("2026-03", "2026-01", "2024-12", "undated")
    assert names == {f"conversations-{month}.html" for month in months}
    text = said(folder / "README.html")
    assert "Conversations: 6. The newest 3 are shown below." in text
    assert "March 2026 (2) January 2026 (1) December 2024 (1) Without a date (2)" in text


# --- the search -----------------------------------------------------------------------------------


def test_the_index_has_every_text_and_leads_to_its_place(content, folder):
    hostile = "Caf\u00e9</script><script>alert(1)</script> ]]> & \u2028 \u05d0 " + "\u202e"
    write(folder, with_comments(content, 3, lambda number: f"{hostile} word{number}"))
    page = folder / "pages/search.html"
    assert len(list(parsed(page).iter("script"))) == 2
    (passage,) = passages(folder)
    for number in range(3):
        assert f"word{number}" in passage["said"]
    name, _, anchor = passage["place"].partition("#")
    assert anchor in {each.attrib.get("id") for each in parsed(page.parent / name).iter("h2")}
    # Without a script, every conversation can still be reached.
    links = {each.attrib["href"] for each in parsed(page).iter("a")}
    assert f"../pages/{name}" in links


def test_without_conversations_there_is_no_search(content, folder):
    tables = tuple(each for each in content.tables if each.table.name != "tickets")
    write(folder, replace(content, tables=tables))
    assert not (folder / "pages/search.html").exists()
    assert "search" not in (folder / "README.html").read_text("utf-8").partition("<body>")[2]


# --- nothing of others ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["README.html", "pages/search.html", "pages/conversations-2026-02.html"]
)
def test_the_gate_finds_somebody_else_on_every_page(content, folder, shop_map, name):
    write(folder, content)
    assert check_bundle(folder, shop_map, example.foreign(), example.COUNTED) == ()
    page = folder / name
    page.write_text(
        page.read_text("utf-8").replace("parcel", f"parcel {example.BOS_EMAIL}"), "utf-8"
    )
    found = {
        one.location: one.count
        for one in check_bundle(folder, shop_map, example.foreign(), example.COUNTED)
    }
    # Its digest has changed, and somebody is in it.
    assert found == {f"bundle/{name}": 2}


def test_a_number_that_is_a_cell_is_nobody_on_a_large_page(content, folder, shop_map):
    digits = example.BOS_PHONE.lstrip("+")
    lines = "\n".join(f"<li>{digits}</li><dd>{digits}</dd>" for _ in range(20_000))
    write(folder, content)
    page = folder / "pages/files.html"
    page.write_text(page.read_text("utf-8").replace("</main>", f"{lines}</main>"), "utf-8")
    (found,) = check_bundle(folder, shop_map, example.foreign(), example.COUNTED)
    assert (found.location, found.count) == ("bundle/pages/files.html", 1)  # the digest alone
