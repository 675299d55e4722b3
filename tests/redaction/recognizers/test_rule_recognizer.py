"""What every rule keeps to: its prefilter hides nothing, and no text makes it slow."""

import importlib
import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna.redaction.analysis.preconditions import Prefiltered
from lacuna.redaction.options import EngineOptions, Profile
from lacuna.redaction.recognizers import all_for
from lacuna.redaction.recognizers.persons import PersonContextRecognizer
from lacuna.redaction.recognizers.rule_recognizer import RuleRecognizer
from tests.redaction.recognizers.annotation import plain

RULES = [
    *(one for one in all_for("en", EngineOptions()) if isinstance(one, RuleRecognizer)),
    PersonContextRecognizer("xx", everywhere=True),
]
NAMES = [f"{type(rule).__name__}-{rule.supported_language}" for rule in RULES]
FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL


def _sentences() -> Iterator[str]:
    for module in (
        "street_addresses", "phones", "numbers", "accounts", "persons", "handles", "registration_plates",
    ):  # fmt: skip
        tables = vars(importlib.import_module(f"tests.redaction.recognizers.test_{module}"))
        for name, table in tables.items():
            if name.isupper() and isinstance(table, str):
                for line in table.strip().split("\n"):
                    yield plain(line.replace("\\n", "\n"))


SENTENCES = list(_sentences())


def _open(rule: RuleRecognizer, text: str) -> bool:
    return any(re.search(pattern, text, FLAGS) for pattern in rule.prefilter_patterns)


def test_the_tables_hold_sentences_enough() -> None:
    assert len(SENTENCES) > 400


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_the_gate_is_open_wherever_the_rule_finds_something(rule: RuleRecognizer) -> None:
    assert isinstance(rule, Prefiltered)
    found = [text for text in SENTENCES if list(rule.find(text))]
    assert len(found) > 3
    assert [text for text in found if not _open(rule, text)] == []


@settings(max_examples=150)
@given(st.data())
def test_the_gate_is_open_for_parts_of_sentences_too(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(RULES))
    parts = data.draw(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4))
    text = data.draw(st.sampled_from(["\n", " ", ", ", "\n> "])).join(parts)
    start = data.draw(st.integers(0, len(text)))
    text = text[start : data.draw(st.integers(start, len(text)))]
    for match in rule.find(text):
        assert 0 <= match.start < match.end <= len(text)
        assert _open(rule, text)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_match_has_the_form_of_presidio(rule: RuleRecognizer) -> None:
    text = next(text for text in SENTENCES if list(rule.find(text)))
    results = rule.analyze(text, rule.supported_entities)
    assert [(r.start, r.end, r.score) for r in results] == [match[:3] for match in rule.find(text)]
    assert {r.entity_type for r in results} <= set(rule.supported_entities)


def test_the_exact_profile_has_none_of_these_rules() -> None:
    recognizers = all_for("en", EngineOptions(profile=Profile.EXACT))
    assert [one for one in recognizers if isinstance(one, RuleRecognizer)] == []


HOSTILE = [
    "1 ", "1", "(1", "0 1", "12-", "12\n", "12 Abc ", "12 Abc 12 ", "12 rue de ", "Abc ", "Abc-", "A", "a.",
    "lives at ", "8000 Aarhus\n", "Apt 1 ", "+1 ", "call 1", "Dear ", "Dear Anna ", "Regards\n", "my name is ",
    "Anna van de ", "Anna: ", "Anna @", "Mr. ", "order ", "order no 1", "order: A-", "born 1", "f. 12", "@a.", "@", "www.",
    "http://", "a.b/?", "x=1&", "> \n", "'", "Ø ", "#1",
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_hostile_text_costs_no_more_than_its_length(rule: RuleRecognizer) -> None:
    for seed in HOSTILE:
        text = seed * (1_000_000 // len(seed))
        began = time.process_time()
        assert sum(1 for _ in rule.find(text)) <= len(text)
        assert time.process_time() - began < 60
