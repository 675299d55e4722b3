"""The figures that are sent, the page that names them, and the alerts about them say the same."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from lacuna.flows.run.figures import MEANINGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "observability.md").read_text("utf-8")
RULES = yaml.safe_load((ROOT / "docker" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]


def test_the_page_names_every_figure_with_its_meaning():
    rows = dict(re.findall(r"^\| `(lacuna\.[a-z_.]+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert rows == dict(MEANINGS)


def test_alerts_are_about_figures_that_are_sent():
    known = {f"airflow_{name.replace('.', '_')}" for name in MEANINGS}
    for rule in RULES:
        (name,) = re.findall(r"airflow_lacuna_[a-z_]+", rule["expr"])
        assert name.removesuffix("_gdpr_") in known, rule["alert"]
        assert {"summary", "action"} == set(rule["annotations"])


def test_the_page_names_every_alert():
    named = re.findall(r"^\| `(Lacuna[A-Za-z]+)` \|", PAGE, re.MULTILINE)
    assert named == [rule["alert"] for rule in RULES]
