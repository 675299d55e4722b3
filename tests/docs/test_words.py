"""What people read uses the field's words: the banned ones stand nowhere outside code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BANNED = {
    r"octets?": "bytes",
    r"sign by sign": "character by character",
    r"(stands|stood) still": "is paused",
    r"to be settled( by a person)?": "needs review",
    r"(what|that|still) stands?": "is, is left",
    r"call(ed)? done": "reported as done",
    r"(is|are) to (be|go|say)": "must, can, will",
    r"(made|written) anew": "made again, rewritten",
    r"(is|are) said": "reports, records",
    r"md\) says": "describes",
    r"rows alone": "only the rows",
    r"map (does not )?knows?": "the map names",
}
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def prose() -> Iterator[tuple[str, str]]:
    """Yield what people read, by its file: documents, pages, letters, help and messages of the command."""
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        yield path.name, _CODE.sub("", path.read_text("utf-8"))
    package = ROOT / "pipelines" / "lacuna"
    for path in package.rglob("*.html"):
        yield path.name, path.read_text("utf-8")
    for part in ("letters", "alerts", "notices", "reports"):
        path = package / "translations" / part / "en.toml"
        yield f"{part}/en.toml", path.read_text("utf-8")
    for path in (package / "cli").glob("*.py"):
        texts = (
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        yield f"cli/{path.name}", "\n".join(text for text in texts if " " in text)


def banned_in(text: str) -> list[str]:
    return [word for word in BANNED if re.search(rf"\b{word}\b", text, re.IGNORECASE)]


def test_no_banned_word_is_read_anywhere():
    found = [
        f"{name}: {word}; write {BANNED[word]}"
        for name, text in prose()
        for word in banned_in(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "4 octets",
        "The clock stands still.",
        "To be settled by a person",
        "A value still stands there.",
        "before it is called done",
        "what the ledger is to say",
        "The file is written anew.",
        "What was given up is said a day later.",
        "[evidence.md](evidence.md) says how.",
        "in the person's own rows alone",
        "a column that the data map does not know",
    ],
)
def test_a_banned_word_is_found(text):
    assert len(banned_in(text)) == 1


def test_what_is_read_is_found():
    assert {"README.md", "requests.md", "parts.html", "alerts/en.toml", "cli/requests.py"} <= dict(
        prose()
    ).keys()
