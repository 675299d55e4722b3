"""Columns in which a program keeps what it wrote for itself: after an erasure it can read them again."""

from __future__ import annotations

import base64
import json

import pytest
import yaml

from tests.brought import Brought
from tests.flows.test_lookups import DATAMAP, SCHEMA

EMAIL = "anna.berg@example.org"
PHP = f'a:2:{{s:4:"from";s:{len(EMAIL)}:"{EMAIL}";s:1:"n";i:3;}}'
DOCUMENT = json.dumps({"to": [EMAIL, "bo.lind@example.org"], "n": 1})
URI = "data:application/json;base64," + base64.b64encode(DOCUMENT.encode()).decode()
YAML = f"---\nfrom: {EMAIL}\nnote: Anna Berg, by phone\nn: 3\n"
MARSHAL = f'\x04\x08{{\x06I"\tmail\x06:\x06ETI"\x1a{EMAIL}\x06;\x06F'


@pytest.fixture
def desk(database, lacuna_home) -> Brought:
    (lacuna_home / "datamap.yaml").write_text(DATAMAP, "utf-8")
    return Brought(database("lacuna"), lacuna_home, [SCHEMA], lacuna_home / "datamap.yaml")


def test_own_and_other_rows_can_be_read_as_before(desk):
    """Anna wrote the first four banners, Bo the others."""
    for author, start in ((1, 40), (2, 50)):
        for number, text in enumerate((YAML, PHP, URI, MARSHAL), start):
            desk.query("insert into desk.banners values (%s, %s, %s)", number, author, text)
    desk.erase(EMAIL)
    left = dict(desk.query("select id, body from desk.banners where id >= 40"))
    for start in (40, 50):
        document, serialized, uri, marshalled = (left[start + place] for place in range(4))
        said = yaml.safe_load(document)
        assert (said["from"], said["n"]) == ("[EMAIL]", 3)
        assert said["note"].startswith("[NAME]")
        assert serialized == 'a:2:{s:4:"from";s:7:"[EMAIL]";s:1:"n";i:3;}'
        inside = json.loads(base64.b64decode(uri.partition(",")[2], validate=True))
        assert len(uri) == len(URI)
        assert (inside["to"][0], inside["n"]) == ("x" * len(EMAIL), 1)
        assert marshalled == "[EMAIL]"
