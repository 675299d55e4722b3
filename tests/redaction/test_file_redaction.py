"""A file is redacted whole or not at all, and nothing but its texts changes."""

import json
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna.errors import ConfigurationError, DependencyUnreachable, RedactionFailed
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage, Redacted, Span
from lacuna.redaction import (
    FileJob,
    FileReport,
    KnownValueMatcher,
    PresidioRedactor,
    redact_file,
)

ANNA = Person(
    SubjectRef("r-anna"), "org-1", (), (Identifier(IdentifierKind.NAME, "Anna Berg"),), ()
)


class Nothing:
    """Detects nothing: the known value alone is covered."""

    def detect(self, texts: Sequence[tuple[str, str | None]]) -> list[tuple[Span, ...]]:
        if any("fails" in text for text, _ in texts):
            raise RedactionFailed(f"redaction: secret-canary in {len(texts)} texts")
        return [() for _ in texts]


REDACTOR = PresidioRedactor(KnownValueMatcher([ANNA]), detector=Nothing())


def written(folder: Path, content: str | bytes, name: str = "in.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def run(source: Path, **options: object) -> FileReport:
    job = FileJob(source, source.with_name(f"out{source.suffix}"), **options)
    return redact_file(job, REDACTOR)


def output_of(source: Path) -> bytes:
    return source.with_name(f"out{source.suffix}").read_bytes()


# --- JSON lines -----------------------------------------------------------------------------------


def test_of_a_json_line_the_text_alone_is_written_anew(tmp_path: Path) -> None:
    source = written(
        tmp_path,
        '{ "id" : 7,"who":"Anna Berg", "n": 1.50e2, "text":"Hi Anna Berg \\u00e9", "x": [{"text": 1}]}\r\n'
        '{"text": "Blåbær for Anna Berg", "u": "\\u0041"}\n'
        '{"text": null}\n'
        '{"text": "a  \\/ b",   "z": 1E400}',
    )
    assert run(source) == FileReport(rows=4, changed_rows=2, spans=2)
    assert output_of(source).decode() == (
        '{ "id" : 7,"who":"Anna Berg", "n": 1.50e2, "text":"Hi [NAME] \\u00e9", "x": [{"text": 1}]}\r\n'
        '{"text": "Blåbær for [NAME]", "u": "\\u0041"}\n'
        '{"text": null}\n'
        '{"text": "a  \\/ b",   "z": 1E400}'
    )


def test_spans_are_those_of_the_input_and_the_original_is_not_written(tmp_path: Path) -> None:
    text = "🎉 Hi Anna Berg, and Anna Berg"
    source = written(
        tmp_path,
        "".join(
            json.dumps(row) + "\n"
            for row in ({"id": "a", "text": text}, {"text": None}, {"id": True, "text": "x"})
        ),
    )
    run(source, is_spans=True)
    first, second, third = map(json.loads, output_of(source).splitlines())
    assert first == {
        "id": "a",
        "text": "🎉 Hi [NAME], and [NAME]",
        "spans": [
            {"start": 5, "end": 14, "entity_type": "PERSON", "score": 1.0},
            {"start": 20, "end": 29, "entity_type": "PERSON", "score": 1.0},
        ],
    }
    assert [text[span["start"] : span["end"]] for span in first["spans"]] == ["Anna Berg"] * 2
    assert second == {"id": 2, "text": None, "spans": []}
    assert third == {"id": 3, "text": "x", "spans": []}
    assert b"Anna" not in output_of(source)


@pytest.mark.parametrize(
    "line",
    [
        "secret-canary",
        "",
        "[1]",
        '{"text": "secret-canary"',
        '{"text": "secret-canary"} {}',
        '{"other": "secret-canary"}',
        '{"text": 5}',
        '{"text": ["secret-canary"]}',
        '{"text": "secret-canary", "text": "b"}',
        '{"text": "secret-canary", "te\\u0078t": "b"}',
        '{"text": ' + "[" * 100_000,
        b'{"text": "secret-canary \xff"}',
    ],
    ids=str,
)
def test_a_line_without_one_text_stops_everything(tmp_path: Path, line: str | bytes) -> None:
    data = line.encode() if isinstance(line, str) else line
    source = written(tmp_path, b'{"text": "fine"}\n' + data + b"\n")
    with pytest.raises(ConfigurationError, match=r"line 2.*; nothing was written") as refused:
        run(source)
    assert "canary" not in str(refused.value)
    assert list(tmp_path.iterdir()) == [source]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(st.text(), _JSON, max_size=4), min_size=1, max_size=3),
    st.sampled_from(["Anna Berg", "é Anna Berg 🎉", 'a"\\Anna Berg\n', "\ud800 Anna Berg", "none"]),
    st.booleans(),
)
def test_any_other_member_stays(
    tmp_path: Path, rows: list[dict[str, object]], text: str, is_ascii: bool
) -> None:
    rows = [row | {"text": text} for row in rows]
    content = "".join(json.dumps(row, ensure_ascii=is_ascii) + "\n" for row in rows)
    source = written(tmp_path, content.encode("utf-8", "replace"))
    expected = [json.loads(line) for line in source.read_text("utf-8").split("\n")[:-1]]
    for row in expected:
        row["text"] = row["text"].replace("Anna Berg", "[NAME]")
    run(source)
    assert [json.loads(line) for line in output_of(source).decode().split("\n")[:-1]] == expected


# --- text -----------------------------------------------------------------------------------------


def test_of_a_text_file_each_line_is_a_row_and_keeps_its_end(tmp_path: Path) -> None:
    source = written(tmp_path, "\ufeffHi Anna Berg\r\n\nblåbær\x85x\nbye Anna Berg", "in.txt")
    assert run(source) == FileReport(rows=4, changed_rows=2, spans=2)
    assert output_of(source).decode() == "\ufeffHi [NAME]\r\n\nblåbær\x85x\nbye [NAME]"


def test_rows_of_a_text_file_are_known_by_their_line(tmp_path: Path) -> None:
    source = written(tmp_path, "a\n" * 700 + "Anna Berg\n", "in.txt")
    run(source, is_spans=True)
    rows = [json.loads(line) for line in output_of(source).splitlines()]
    assert [row["id"] for row in rows] == list(range(1, 702))
    assert rows[-1]["spans"] == [{"start": 0, "end": 9, "entity_type": "PERSON", "score": 1.0}]


@pytest.mark.parametrize("name", ["in.txt", "in.jsonl"])
def test_an_empty_file_becomes_an_empty_file(tmp_path: Path, name: str) -> None:
    source = written(tmp_path, "", name)
    assert run(source) == FileReport()
    assert output_of(source) == b""


def test_a_line_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lacuna.redaction.file_redaction._LONGEST_LINE", 1000)
    source = written(tmp_path, "a" * 999 + "\n" + "a" * 1001, "in.txt")
    with pytest.raises(ConfigurationError, match="longer than 1000 bytes, number 2"):
        run(source)


# --- Parquet --------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def table(texts: list[str | None], kind: pa.DataType | None = None) -> pa.Table:
    count = len(texts)
    return pa.table(
        {
            "id": pa.array(range(10, 10 + count), pa.int32()),
            "at": pa.array([NOW] * count, pa.timestamp("us", "UTC")),
            "text": pa.array(texts, pa.string()).cast(kind or pa.string()),
            "tags": pa.array([["Anna Berg", None]] * count, pa.list_(pa.string())),
            "kind": pa.array(["mail"] * count).dictionary_encode(),
        }
    ).replace_schema_metadata({"owner": "support"})


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_of_a_parquet_file_the_texts_alone_change(tmp_path: Path, kind: pa.DataType) -> None:
    source = tmp_path / "in.parquet"
    texts = ["Hi Anna Berg", None, "é"] * 300
    pq.write_table(table(texts, kind), source, row_group_size=250)
    assert run(source) == FileReport(rows=900, changed_rows=300, spans=300)
    made = pq.read_table(source.with_name("out.parquet"))
    before = pq.read_table(source)
    assert made.schema.equals(before.schema, check_metadata=True)
    assert made.drop_columns("text").equals(before.drop_columns("text"))
    assert made.column("text").to_pylist() == ["Hi [NAME]", None, "é"] * 300


def test_a_dictionary_of_texts_does_not_outlive_its_rows(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    words = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 0]), pa.array(["Hi Anna Berg", "bye", "Anna Berg in no row"])
    )
    pq.write_table(pa.table({"text": words}), source)
    run(source)
    made = pq.read_table(source.with_name("out.parquet"))
    assert made.schema.field("text").type == pa.string()
    assert made.column("text").to_pylist() == ["Hi [NAME]", "bye", "Hi [NAME]"]
    assert b"Anna" not in output_of(source)


def test_spans_of_a_parquet_file_are_json_lines(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(table(["Anna Berg", None]), source)
    target = tmp_path / "spans.jsonl"
    redact_file(FileJob(source, target, is_spans=True), REDACTOR)
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [(row["id"], row["text"], len(row["spans"])) for row in rows] == [
        (10, "[NAME]", 1),
        (11, None, 0),
    ]


def test_a_parquet_file_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(table([]), source)
    assert run(source) == FileReport()
    assert pq.read_table(source.with_name("out.parquet")).equals(pq.read_table(source))


@pytest.mark.parametrize("column", ["id", "tags", "absent"])
def test_a_column_that_holds_no_text_is_refused(tmp_path: Path, column: str) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(table(["x"]), source)
    with pytest.raises(ConfigurationError, match=f"no single column {column} with text"):
        run(source, column=column)
    assert list(tmp_path.iterdir()) == [source]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(table(["Anna Berg"] * 1000), source, compression="none")
    whole = source.read_bytes()
    for damaged in (b"", b"PAR1", whole[:-5], whole[:4] + b"\xff" * 40 + whole[44:]):
        source.write_bytes(damaged)
        with pytest.raises(ConfigurationError, match="damaged"):
            run(source)
        assert list(tmp_path.iterdir()) == [source]


# --- all or nothing -------------------------------------------------------------------------------


@pytest.mark.parametrize("is_spans", [False, True])
@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".parquet"])
def test_a_failing_row_publishes_nothing_and_leaves_an_older_output(
    tmp_path: Path, suffix: str, is_spans: bool
) -> None:
    texts = ["Anna Berg"] * 600 + ["secret-canary fails"]
    source = tmp_path / f"in{suffix}"
    if suffix == ".parquet":
        pq.write_table(table(texts), source)
    else:
        lines = texts if suffix == ".txt" else [json.dumps({"text": text}) for text in texts]
        source.write_text("\n".join(lines))
    older = written(tmp_path, "older", f"out{suffix}")
    with pytest.raises(RedactionFailed, match="rows 513 to 601") as failure:
        run(source, is_spans=is_spans)
    assert "canary" not in str(failure.value)
    assert older.read_text() == "older"
    assert sorted(tmp_path.iterdir()) == [source, older]


def test_the_output_is_for_its_owner_alone_and_replaces_an_older_one(tmp_path: Path) -> None:
    source = written(tmp_path, "Anna Berg\n", "in.txt")
    older = written(tmp_path, "older and longer than the new one", "out.txt")
    run(source)
    assert older.read_text() == "[NAME]\n"
    assert older.stat().st_mode & 0o777 == 0o600


def test_wrong_names_of_files_are_refused(tmp_path: Path) -> None:
    source = written(tmp_path, "Anna Berg\n", "in.txt")
    strange = written(tmp_path, "Anna Berg\n", "in.docx")
    wrong = {
        (strange, tmp_path / "out.docx"): "the name of the input must end in one of",
        (tmp_path / "absent.txt", tmp_path / "out.txt"): "is not a file",
        (tmp_path, tmp_path / "out.txt"): "the name of the input",
        (source, source): "input and output are the same file",
        (source, tmp_path / "." / "in.txt"): "input and output are the same file",
        (source, tmp_path / "out.jsonl"): r"its name must end in \.txt",
        (source, tmp_path / "absent" / "out.txt"): "is not a folder",
    }
    for (first, second), message in wrong.items():
        with pytest.raises(ConfigurationError, match=message):
            redact_file(FileJob(first, second), REDACTOR)
    assert source.read_text() == "Anna Berg\n"
    assert sorted(tmp_path.iterdir()) == [strange, source]


def test_an_output_that_cannot_be_written_is_a_dependency_out_of_reach(tmp_path: Path) -> None:
    source = written(tmp_path, "Anna Berg\n", "in.txt")
    target = tmp_path / "out.txt"
    target.mkdir()
    with pytest.raises(DependencyUnreachable, match="nothing was written"):
        redact_file(FileJob(source, target), REDACTOR)
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_the_language_and_the_media_type_reach_the_redactor(tmp_path: Path) -> None:
    seen: set[Passage] = set()

    class Seeing:
        def redact(self, passages: Sequence[Passage]) -> list[Redacted]:
            seen.update(passages)
            return [Redacted(one.text) for one in passages]

        cover = redact

    source = written(tmp_path, "hej\n", "in.txt")
    job = FileJob(source, tmp_path / "out.txt", language="da", media_type="text/html")
    redact_file(job, Seeing())
    assert seen == {Passage("hej", "text/html", "da")}


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, suffix: str) -> None:
    class Same:
        def redact(self, passages: Sequence[Passage]) -> list[Redacted]:
            return [Redacted(one.text) for one in passages]

        cover = redact

    peaks = []
    for count in (2_000, 20_000):
        texts = [f"{number:06}" + "x" * 1_000 for number in range(count)]
        source = tmp_path / f"in{suffix}"
        if suffix == ".parquet":
            pq.write_table(pa.table({"text": texts}), source, row_group_size=1_000)
        else:
            lines = texts if suffix == ".txt" else [json.dumps({"text": text}) for text in texts]
            source.write_text("\n".join(lines))
        del texts
        tracemalloc.start()
        redact_file(FileJob(source, tmp_path / f"out{suffix}"), Same())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0] < 40_000_000
