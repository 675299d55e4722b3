"""Scores of detections against annotated spans, on rows small enough to count by hand."""

import json
from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError
from lacuna.ports import Span
from lacuna.redaction.bench.scores import (
    STRUCTURED,
    AnnotatedSpan,
    CorpusRow,
    KindScore,
    drawn,
    read_corpus,
    same_rows,
    score,
)


def row(text: str, *spans: tuple[int, int, str]) -> CorpusRow:
    return CorpusRow(text, tuple(AnnotatedSpan(*span) for span in spans))


def found(*spans: tuple[int, int, str]) -> tuple[Span, ...]:
    return tuple(Span(*span, 0.85) for span in spans)


def kind(rows: list[CorpusRow], spans: list[tuple[Span, ...]], name: str) -> KindScore:
    return next(one for one in score(rows, spans).kinds if one.kind == name)


def test_a_name_is_found_where_a_detection_of_its_kind_touches_it() -> None:
    rows = [row("Ask Anna Berg or Bo", (4, 13, "PER"), (17, 19, "PER"))]
    one = kind(rows, [found((9, 13, "PERSON"), (17, 19, "LOCATION"))], "PERSON")
    assert one == KindScore("PERSON", 2, 1, 11, 6, 1, 1)
    assert one.recall == 0.5
    assert one.coverage == 6 / 11
    assert one.precision == 1.0


def test_a_detection_beside_every_annotated_span_costs_precision() -> None:
    rows = [row("Ask Anna today", (4, 8, "PERSON"))]
    one = kind(rows, [found((4, 8, "PERSON"), (9, 14, "PERSON"))], "PERSON")
    assert (one.detected, one.right, one.precision) == (2, 1, 0.5)


@pytest.mark.parametrize("label", ["LOCATION", "STREET_ADDRESS"])
@pytest.mark.parametrize("annotated", ["GPE", "LOC", "LOCATION", "ADDRESS", "STREET_ADDRESS"])
def test_a_place_and_a_street_address_count_for_one_another(annotated: str, label: str) -> None:
    one = score([row("in Storgade 5", (3, 13, annotated))], [found((3, 13, label))]).kinds[0]
    assert one.recall == 1.0


def test_a_code_is_found_under_the_name_of_any_number_but_not_as_a_date_or_a_name() -> None:
    rows = [row("no. 36244/06", (4, 12, "CODE"))]
    assert kind(rows, [found((4, 12, "US_DRIVER_LICENSE"))], "CODE").recall == 1.0
    for label in ("DATE_TIME", "PERSON", "URL"):
        assert kind(rows, [found((4, 12, label))], "CODE").recall == 0.0


def test_a_reference_number_is_a_code_in_recall_and_precision() -> None:
    rows = [row("no. 36244/06 of 12345", (4, 12, "CODE"))]
    spans = [found((4, 12, "REFERENCE_NUMBER"), (16, 21, "REFERENCE_NUMBER"))]
    one = kind(rows, spans, "CODE")
    assert (one.recall, one.precision) == (1.0, 0.5)


def test_a_card_taken_for_an_account_is_wrong_by_kind_and_right_among_the_structured() -> None:
    rows = [row("4111111111111111", (0, 16, "CREDIT_CARD"))]
    spans = [found((0, 16, "US_BANK_NUMBER"))]
    assert kind(rows, spans, "CREDIT_CARD").recall == 0.0
    assert kind(rows, spans, STRUCTURED).precision == 1.0


def test_what_touches_only_another_slot_counts_neither_way() -> None:
    rows = [row("eat at Roma, says Anna", (7, 11, "_restaurant_name"), (18, 22, "PERSON"))]
    one = kind(rows, [found((7, 11, "PERSON"), (18, 22, "PERSON"))], "PERSON")
    assert (one.detected, one.right) == (1, 1)


def test_organizations_are_no_personal_data_so_covering_one_is_counted_as_too_much() -> None:
    rows = [row("Acme is nice", (0, 4, "ORG")), row("Anna", (0, 4, "PER"))]
    result = score(rows, [found((0, 4, "PERSON"), (2, 6, "LOCATION")), ()])
    assert (result.quiet_rows, result.quiet_characters, result.quiet_covered) == (1, 12, 6)
    assert [one.kind for one in result.kinds] == ["PERSON"]


def test_a_rate_of_nothing_is_none() -> None:
    empty = KindScore("PHONE")
    assert (empty.recall, empty.coverage, empty.precision) == (None, None, None)


def test_rows_are_the_same_only_with_places_labels_and_scores() -> None:
    left = [(Span(0, 4, "PERSON", 0.85),)] * 5
    right = [
        (Span(0, 4, "PERSON", 0.850004),),
        (Span(0, 5, "PERSON", 0.85),),
        (Span(0, 4, "LOCATION", 0.85),),
        (Span(0, 4, "PERSON", 0.8),),
        (),
    ]
    assert same_rows(left, right) == 1


def test_scoring_another_number_of_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        score([row("a"), row("b")], [()])


def test_a_corpus_is_read_by_code_points(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    document = {
        "id": 1,
        "text": "🎉 Bø",
        "spans": [{"start": 2, "end": 4, "label": "PER"}],
    }
    path.write_text(json.dumps(document) + "\n" + '{"text": "no spans"}\n', encoding="utf-8")
    first, second = read_corpus(path)
    assert first.text[first.spans[0].start : first.spans[0].end] == "Bø"
    assert second.spans == ()


@pytest.mark.parametrize(
    "line",
    [
        "secret-canary",
        "[]",
        '{"id": 1}',
        '{"text": 5}',
        '{"text": "secret-canary", "spans": [{"start": 0, "end": 99, "label": "PER"}]}',
        '{"text": "secret-canary", "spans": [{"start": 5, "end": 4, "label": "PER"}]}',
        '{"text": "secret-canary", "spans": [{"start": 0, "end": 4}]}',
        '{"text": "secret-canary", "spans": [{"start": "0", "end": 4, "label": "PER"}]}',
    ],
)
def test_a_line_that_is_no_row_is_named_by_its_number_and_not_repeated(
    tmp_path: Path, line: str
) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "fine"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"corpus\.jsonl:2 is not a row") as refused:
        read_corpus(path)
    assert "canary" not in str(refused.value)


def test_a_corpus_without_rows_or_without_a_file_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", encoding="utf-8")
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (empty, binary, tmp_path / "absent.jsonl"):
        with pytest.raises(ConfigurationError, match="corpus:"):
            read_corpus(path)


def test_rows_are_drawn_by_seed_without_repeating_one() -> None:
    rows = [row(str(number)) for number in range(50)]
    assert drawn(rows, None) == tuple(rows)
    assert drawn(rows, 50) == tuple(rows)
    few = drawn(rows, 10)
    assert few == drawn(rows, 10)
    assert few != drawn(rows, 10, seed=8)
    assert len(set(few)) == 10
