"""The commands about the redaction engine alone: no database, no settings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("lacuna")


def lacuna(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )


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
    done = lacuna(
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
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    corpus_in(tmp_path, {"id": 1, "spans": []})
    done = lacuna("bench", "redaction", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
