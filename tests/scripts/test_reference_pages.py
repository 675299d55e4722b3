"""The reference has every command, flow, table, action, mart and error, each with what it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lacuna.cli.command_tree import TREE
from lacuna.model.evidence import Action
from lacuna.model.queue import Obstacle
from scripts.reference_pages import error_classes, reference_pages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages():
    return {Path(name).stem: text for name, text in reference_pages().items()}


def named(page, level=2):
    return re.findall(rf"^{'#' * level} (.+)$", page, re.MULTILINE)


def leaves(tree, words="lacuna"):
    for name, one in tree.items():
        if "commands" in one:
            yield from leaves(one["commands"], f"{words} {name}")
        else:
            yield f"{words} {name}", one


def test_every_command_is_there_with_its_options(pages):
    known = dict(leaves(json.loads(TREE.read_text("utf-8"))))
    sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", pages["commands"], re.MULTILINE))
    assert set(known) <= set(sections)
    for words, one in known.items():
        for option in one["options"]:
            assert f"`{option.split('/')[0]}`" in sections[words], (words, option)


def test_every_flow_is_there_with_its_schedule_and_parameters(pages):
    assert named(pages["dags"]) == [path.stem for path in sorted((ROOT / "dags").glob("*.py"))]
    assert "| schedule | `0 1 * * *` |" in pages["dags"]
    assert "| schedule | `0 5 * * *`, and after an update of `gdpr://ledger` |" in pages["dags"]
    assert "| `request` | Number (`FJ-0142`)" in pages["dags"]
    assert "| outlets | `gdpr://marts` |" in pages["dags"]


def test_every_table_is_there_with_what_it_is(pages):
    rights = (ROOT / "sql" / "rights.txt").read_text("utf-8")
    known = set(re.findall(r"^table \| (lacuna\w*[.]\w+) ", rights, re.MULTILINE))
    known = {name for name in known if not name.endswith("_seq")}
    assert len(known) > 40
    assert known <= set(named(pages["tables"], 3))


def test_every_word_of_a_list_is_there_with_its_meaning(pages):
    for page, words in ((pages["events"], Action), (pages["lists"], Obstacle)):
        said = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE))
        assert set(words) <= set(said)
        assert all(said.values())


def test_every_mart_is_there(pages):
    folders = (ROOT / "sql" / "reporting").glob("*/metadata.yaml")
    assert named(pages["marts"]) == sorted(path.parent.name for path in folders)


def test_every_error_says_what_to_do(pages):
    assert named(pages["errors"]) == [kind.__name__ for kind in error_classes()]
    assert pages["errors"].count("**What to do:** ") == len(error_classes()) > 20


def test_every_package_of_the_image_is_there_with_its_license(pages):
    lock = (ROOT / "requirements-image.lock").read_text("utf-8")
    rows = re.findall(r"^\| `(\S+)` \| \S+ \| (.+) \|$", pages["licenses"], re.MULTILINE)
    assert {name for name, _ in rows} == set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))
    assert ("cryptography", "Apache-2.0 OR BSD-3-Clause") in rows
