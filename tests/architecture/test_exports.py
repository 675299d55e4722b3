"""The rule of what a module offers fires on what it forbids and lets pass what it allows."""

from textwrap import dedent

import pytest

from tests.architecture.exports import taken_past_all
from tests.architecture.rules import Source

PLAN = """
    from lacuna.plan import effects
    from lacuna.plan.erasure import order as _order, plan
    __all__ = ["effects", "plan"]
"""
ERASURE = """
    from lacuna.model.plan import Plan
    from lacuna.model.step import Step as Step
    try:
        LIMIT = 3
    except KeyError:
        LIMIT = 4
    def plan(): ...
    def order(): ...
    def _count(): ...
"""
TREE = {
    "__init__": "",
    "plan/__init__": PLAN,
    "plan/erasure": ERASURE,
    "plan/effects": "def of(): ...\ndef _hidden(): ...",
    "model/__init__": "",
    "model/plan": "class Plan: ...",
    "model/step": "class Step: ...",
    "flows/sweep/__init__": "from lacuna.flows.sweep.flow import run\n__all__ = ['run']",
    "flows/sweep/flow": "def run(): ...",
    "flows/sweep/rules": "def known(): ...\ndef run(): ...",
}


def used(statement, by="flows/seal/flow"):
    """Return the problems of a small tree in which a module has this text."""
    texts = TREE | {by: statement}
    return "\n".join(
        taken_past_all(
            Source(f"pipelines/lacuna/{path}.py", dedent(text)) for path, text in texts.items()
        )
    )


@pytest.mark.parametrize(
    "statement",
    [
        "from lacuna.plan import plan",
        "from lacuna.plan.erasure import plan",
        "from lacuna.plan import effects\neffects.of()",
        "from lacuna.plan.effects import of",
        "import lacuna.plan as stage\nstage.plan()",
        "import lacuna.plan\nlacuna.plan.plan()",
        "from lacuna.model.plan import Plan",
        "from lacuna.model import plan\nplan.Plan, plan.__file__",
        "from lacuna.flows.sweep import run",
        # A name of a function's own is no module.
        "from lacuna.plan import effects\ndef a(effects): return effects._hidden",
    ],
)
def test_what_is_offered_may_be_taken(statement):
    assert used(statement) == ""


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("from lacuna.plan.erasure import order", "takes order, not in __all__ of lacuna.plan"),
        ("from lacuna.plan import erasure", "takes erasure, not in __all__ of lacuna.plan"),
        ("import lacuna.plan as p\np.order", "takes order, not in __all__ of lacuna.plan"),
        ("import lacuna.plan\nlacuna.plan.erasure.order", "takes order, not in __all__"),
        # At any depth, and by a module of the same part.
        ("from lacuna.flows.sweep.rules import known", "not in __all__ of lacuna.flows.sweep"),
        # Another function of the same name.
        ("from lacuna.flows.sweep.rules import run", "not in __all__ of lacuna.flows.sweep"),
        ("from lacuna.plan.effects import _hidden", "takes _hidden, which is private elsewhere"),
        ("from lacuna.plan import effects\neffects._hidden()", "takes _hidden, which is private"),
        ("from lacuna.plan import effects as e\ndef a(): return e._hidden", "takes _hidden"),
        ("from lacuna.plan._rows import x", "takes x out of _rows, which is private elsewhere"),
        ("from . import run", "imports relatively"),
    ],
)
def test_what_is_not_offered_may_not_be_taken(statement, what):
    assert what in used(statement)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("from lacuna.plan.erasure import order, LIMIT, Step", ""),
        (
            "from lacuna.plan.erasure import Plan",
            "takes Plan out of lacuna.plan.erasure, which only",
        ),
        ("from lacuna.plan.erasure import _count", "takes _count, which is private elsewhere"),
        ("from lacuna.plan import erasure\nerasure.Plan", "takes Plan out of lacuna.plan.erasure"),
    ],
)
def test_within_a_package_modules_are_public_to_each_other(statement, what):
    found = used(statement, "plan/access")
    assert what in found
    assert bool(found) is bool(what)


def declared(text, path="plan/__init__"):
    return "\n".join(taken_past_all([Source(f"pipelines/lacuna/{path}.py", dedent(text))]))


def test_an_exact_all_passes():
    text = """
        from datetime import date
        from lacuna.errors import PlanRefused
        from lacuna.plan.erasure import plan_erasure
        LIMIT = 3
        __all__ = ["LIMIT", "PlanRefused", "plan_erasure"]
    """
    assert declared(text) == ""


def test_a_package_that_binds_nothing_needs_no_all():
    assert declared('"""Nouns."""') == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("from lacuna.plan.erasure import plan_erasure", "no __all__, yet"),
        ("def render(): ...", "no __all__, yet"),
        ("def render(): ...\n__all__ = []", "lacks ['render']"),
        ("class Plan: ...\n__all__ = []", "lacks ['Plan']"),
        ("LIMIT: int = 3\n__all__ = []", "lacks ['LIMIT']"),
        ('__all__ = ["gone"]', "names what is not there: ['gone']"),
        ('x = 1\n__all__ = ["x", "x"]', "names something twice"),
    ],
)
def test_an_all_unlike_the_names_is_found(text, what):
    assert what in declared(text)


def test_a_module_with_a_list_lists_what_it_defines():
    listed = "Rows = dict[str, int]\ndef count(rows: Rows): ...\n"
    assert declared(listed, "plan/access") == ""
    assert declared(f"{listed}__all__ = ['count']", "plan/access") == ""
    assert "lacks ['count']" in declared(f"{listed}__all__ = []", "plan/access")
    assert "lacks ['Rows']" in declared(f"{listed}__all__ = ['count']")
