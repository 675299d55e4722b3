"""Conversations in order of time, however many there are."""

from dataclasses import replace

import pytest

from lacuna.bundle import sorted_runs
from lacuna.bundle.sorted_runs import SortedRuns
from lacuna.bundle.timeline import Timeline
from lacuna.model.table import Form
from tests.bundle import example


def tickets(content, times: dict[int, str | None]):
    """The content with other tickets: when each was closed, by its number."""
    table = next(each for each in content.tables if each.table.name == "tickets")
    (row,) = table.rows()
    key, closed = table.columns.index("ticket_id"), table.columns.index("closed_on")

    def ticket(number, at):
        values = list(row)
        values[key], values[closed] = number, at
        return tuple(values)

    more = example.with_rows(table, lambda _: [ticket(*each) for each in times.items()])
    tables = tuple(more if each is table else each for each in content.tables)
    return replace(content, tables=tables)


def test_a_conversation_holds_what_happened_in_it_in_order(content, tmp_path):
    timeline = Timeline(content, tmp_path)
    assert timeline.starts == ("2026-02-03",)
    head, *entries = timeline
    assert [(name, value) for name, value in head.codes] == [("state", "closed")]
    times = [entry.at for entry in entries if entry.at]
    assert times == sorted(times)
    assert times[0] == "2026-02-01T08:00:00Z"
    texts = [said for entry in entries for _, said in entry.texts]
    # HTML is read: no tag, and entities as what they mean.
    assert "Where is my parcel? <Anna>" in texts
    files = {file for entry in entries for _, file in entry.files}
    assert {"portability/media/recording-0001.wav", "portability/mail/1/11.eml"} <= files
    (own,) = [entry for entry in entries if entry.author == ("sender", "customer") and entry.texts][
        :1
    ]
    assert own.is_own
    assert not any(entry.is_own for entry in entries if entry.author == ("sender", "agent"))


def test_the_newest_come_first_and_what_has_no_time_last(content, tmp_path):
    times = {5: "2026-01-01T00:00:00Z", 6: "2026-03-01T00:00:00Z", 7: None, 8: "2026-02-01"}
    timeline = Timeline(tickets(content, times), tmp_path)
    assert timeline.starts == (times[6], times[8], times[5], "")
    assert [head.at for head in timeline] == [times[6], times[8], times[5], ""]


def test_what_no_memory_holds_is_in_the_same_order(content, tmp_path, monkeypatch):
    whole = list(Timeline(content, tmp_path))
    (tmp_path / "small").mkdir()
    monkeypatch.setattr(sorted_runs, "_CHARACTERS_OF_RUN", 1)
    assert list(Timeline(content, tmp_path / "small")) == whole
    runs = list((tmp_path / "small").iterdir())
    assert len(runs) == len(whole) > 3
    assert {path.stat().st_mode & 0o777 for path in runs} == {0o600}


@pytest.mark.parametrize("characters", [1, 300, 10**6])
def test_sorted_runs_yield_everything_once_in_order(tmp_path, monkeypatch, characters):
    monkeypatch.setattr(sorted_runs, "_CHARACTERS_OF_RUN", characters)
    runs = SortedRuns(tmp_path, "some")
    for number in (5, 3, 9, 1, 7):
        runs.add((number, "x"), f"line {number}\n")
    assert [(key, written) for key, written in runs] == [
        ((number, "x"), f"line {number}\n") for number in (1, 3, 5, 7, 9)
    ]


def test_a_row_of_another_kind_is_in_no_conversation(content, tmp_path):
    name = next(name for name in content.datamap.tables if name.name == "comments")
    mapped = content.datamap.tables[name]
    links = tuple(
        replace(link, where=("sender", "agent")) if link.column == "ticket_id" else link
        for link in mapped.links
    )
    tables = {**content.datamap.tables, name: replace(mapped, links=links)}
    changed = replace(content, datamap=replace(content.datamap, tables=tables))
    authors = {entry.author for entry in Timeline(changed, tmp_path) if entry.author}
    assert authors == {("sender", "agent")}


def test_a_long_text_is_cut_on_the_page(content, tmp_path):
    table = content.tables[0]
    place = table.columns.index("note")
    long = example.with_rows(
        table,
        lambda rows: [
            tuple("x" * 99_999 if at == place else one for at, one in enumerate(row))
            for row in rows
        ],
    )
    timeline = Timeline(replace(content, tables=(long, *content.tables[1:])), tmp_path)
    assert max(len(said) for entry in timeline for _, said in entry.texts) == 20_002


def test_a_note_hides_no_message_and_plain_text_stands_for_its_html(content, tmp_path):
    said = [[name for name, _ in entry.texts] for entry in Timeline(content, tmp_path)]
    assert ["body", "note"] in said
    name = next(name for name in content.datamap.tables if name.name == "comments")
    mapped = content.datamap.tables[name]
    forms = {"body": Form.MAIL_HTML, "note": Form.MAIL_TEXT}
    columns = tuple(replace(each, form=forms.get(each.name)) for each in mapped.columns)
    tables = {**content.datamap.tables, name: replace(mapped, columns=columns)}
    changed = replace(content, datamap=replace(content.datamap, tables=tables))
    (tmp_path / "mail").mkdir()
    said = [[name for name, _ in entry.texts] for entry in Timeline(changed, tmp_path / "mail")]
    assert ["note"] in said
    assert ["body", "note"] not in said


def test_without_conversations_there_is_no_timeline(content, tmp_path):
    tables = tuple(each for each in content.tables if each.table.name != "tickets")
    timeline = Timeline(replace(content, tables=tables), tmp_path)
    assert (timeline.starts, list(timeline)) == ((), [])
