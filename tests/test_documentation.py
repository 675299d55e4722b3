"""Messages name pages that are there, with sections that they have."""

import ast
from pathlib import Path

import pytest

from lacuna import documentation
from lacuna.documentation import PAGES, doc_page

NAMED = [
    tuple(argument.value for argument in node.args)
    for path in Path(documentation.__file__).parent.rglob("*.py")
    if "doc_page(" in (text := path.read_text("utf-8"))
    for node in ast.walk(ast.parse(text))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "doc_page"
]


def test_messages_name_pages():
    assert {name for name, *_ in NAMED} >= {"settings", "runbook", "recovery"}
    assert doc_page("runbook") == str(PAGES / "runbook.md")
    assert doc_page("runbook", "A key was lost").endswith('runbook.md, "A key was lost"')


@pytest.mark.parametrize("named", NAMED, ids=" ".join)
def test_a_page_that_a_message_names_is_there_with_its_section(named):
    name, *sections = named
    text = (PAGES / f"{name}.md").read_text("utf-8")
    headings = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")}
    assert set(sections) <= headings
