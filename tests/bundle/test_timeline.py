"""Conversations in order of time, as many as a page can show."""

from dataclasses import replace

import pytest

from lacuna.bundle import timeline as module
from lacuna.bundle.timeline import timeline
from tests.bundle import example


def test_a_conversation_holds_what_happened_in_it_in_order(content):
    talks, count = timeline(content)
    assert count == 1
    (talk,) = talks
    assert [(code[0].name, code[1]) for code in talk.start.codes] == [("state", "closed")]
    times = [event.at for event in talk.events if event.at]
    assert times == sorted(times)
    assert times[0] == "2026-02-01T08:00:00Z"
    texts = [text for event in talk.events for text in event.texts]
    # HTML is read: no tag, and entities as what they mean.
    assert "Where is my parcel? <Anna>" in texts
    files = {file for event in talk.events for file in event.files}
    assert {"portability/media/recording-0001.wav", "portability/mail/1/11.eml"} <= files


def test_the_newest_come_first_and_the_rest_is_counted(content, monkeypatch):
    monkeypatch.setattr(module, "_MOST_TALKS", 2)
    table = next(each for each in content.tables if each.table.name == "tickets")
    (row,) = table.rows()
    key, closed = table.columns.index("ticket_id"), table.columns.index("closed_on")

    def ticket(number, at):
        values = list(row)
        values[key], values[closed] = number, at
        return tuple(values)

    times = {5: "2026-01-01T00:00:00Z", 6: "2026-03-01T00:00:00Z", 7: "2026-02-01T00:00:00Z"}
    more = example.with_rows(table, lambda _: [ticket(*each) for each in times.items()])
    tables = tuple(more if each is table else each for each in content.tables)
    talks, count = timeline(replace(content, tables=tables))
    assert count == 3
    assert [talk.start.at for talk in talks] == [times[6], times[7]]


@pytest.mark.parametrize(("shown", "held"), [(2, 400), (400, 2)])
def test_more_than_a_page_can_show_is_counted(content, monkeypatch, shown, held):
    whole, _ = timeline(content)
    monkeypatch.setattr(module, "_MOST_EVENTS", shown)
    monkeypatch.setattr(module, "_MOST_HELD", held)
    (talk,), _ = timeline(content)
    assert len(talk.events) == 2
    assert talk.more == len(whole[0].events) - 2 > 0


def test_a_long_text_is_cut_on_the_page(content):
    table = content.tables[0]
    place = table.columns.index("note")
    long = example.with_rows(
        table,
        lambda rows: [
            tuple("x" * 9999 if at == place else one for at, one in enumerate(row)) for row in rows
        ],
    )
    (talk,), _ = timeline(replace(content, tables=(long, *content.tables[1:])))
    assert max(len(text) for event in talk.events for text in event.texts) == 2002


def test_without_conversations_there_is_no_timeline(content):
    tables = tuple(each for each in content.tables if each.table.name != "tickets")
    assert timeline(replace(content, tables=tables)) == ([], 0)
