"""Every mail to an officer or a recipient has its text, and no text is left over."""

import ast
import importlib
from pathlib import Path

import pytest

from lacuna.evidence.report import _sections
from lacuna.flows.fulfilment.notices import _DONE
from lacuna.model.alert import AlertKind
from lacuna.translations import Wording

SENDERS = {
    "alerts": "lacuna.flows.run.alerts",
    "notices": "lacuna.flows.fulfilment.notices",
    "report_mails": "lacuna.evidence.report_mail",
    "reports": "lacuna.evidence.report",
}


def said_by(module: str) -> set[str]:
    """Return the names that a module calls texts by, those of tables aside."""
    tree = ast.parse(Path(importlib.import_module(module).__file__).read_text("utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_TEXTS.said"
    ]
    return {
        name.value
        for call in calls
        if len(call.args) == 1
        for name in ast.walk(call.args[0])
        if isinstance(name, ast.Constant) and isinstance(name.value, str)
    }


@pytest.mark.parametrize("part", SENDERS)
def test_every_text_that_is_said_is_there_and_none_besides(part):
    plain = set(Wording(part, "en")._plain)
    assert said_by(SENDERS[part]) == plain


def test_every_kind_of_alert_has_its_texts():
    wording = Wording("alerts", "en")
    assert set(wording.tables) == set(AlertKind)
    for kind in AlertKind:
        assert wording.said(kind, "count", count=3).endswith(": 3")
        assert wording.said(kind, "list", count=3).endswith(": 3")


def test_every_right_that_recipients_are_told_of_has_its_texts():
    wording = Wording("notices", "en")
    assert set(wording.tables) == set(_DONE)
    for right in _DONE:
        assert set(wording.tables[right]) == {"subject", "done", "wanted"}


def test_every_section_of_a_report_has_its_texts():
    titles = [section.title for section in _sections({"runs": [], "done": {}})]
    tables = Wording("reports", "en").tables.values()
    assert titles == [table["title"] for table in tables]
    assert all(set(table) == {"title", "heads", "none"} for table in tables)


def test_a_text_or_a_fact_that_is_missing_is_an_error():
    wording = Wording("alerts", "en")
    for names, facts in ((("nothing",), {}), (("overdue", "nothing"), {}), (("due",), {"day": 1})):
        with pytest.raises(KeyError):
            wording.said(*names, **facts)
