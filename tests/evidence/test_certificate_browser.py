"""The page of a certificate in a real browser: nothing is cut off, axe-core finds nothing, A4 prints."""

from __future__ import annotations

import base64
import json
import re
from importlib.resources import files

import pytest

from lacuna.evidence import certificate_page
from tests.dpo_page.browser import Tab, chromium
from tests.evidence.issued import KINDS, of_kind

pytestmark = pytest.mark.chromium

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
VIOLATIONS = """
axe.run(document, {resultTypes: ['violations']}).then(found => JSON.stringify(found.violations.map(
  one => [one.id, one.nodes.map(node => node.target.join(' '))])))
"""
MILLIMETRES = 25.4 / 72


@pytest.fixture(scope="module")
def browser(session_folder):
    with chromium(session_folder / "chromium-certificate") as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The page of each kind, as a file."""
    folder = tmp_path_factory.mktemp("certificates")
    for kind in KINDS:
        # A place as long as a platform may have one, and a file's name that has no place to break.
        page = certificate_page(of_kind(kind)).decode()
        long = page.replace("support.message", "a_rather_long_schema_name.a_table_" + 30 * "x")
        (folder / f"{kind}.html").write_text(long, "utf-8")
    return folder


def test_nothing_is_cut_off(browser, pages):
    tab = Tab(browser)
    for width in (1400, 390):
        tab.show_as(width=width)
        for kind in KINDS:
            tab.goto((pages / f"{kind}.html").as_uri())
            # Not `innerWidth`: a phone's grows with what is too wide.
            assert tab.run("document.documentElement.scrollWidth") <= width, (kind, width)


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(15, 18, 22)")]
)
def test_axe_finds_nothing(scheme, background, browser, pages):
    tab = Tab(browser)
    tab.show_as(width=390, scheme=scheme)
    # The other kinds have no part that this one lacks.
    tab.goto((pages / "erasure.html").as_uri())
    assert tab.run("getComputedStyle(document.body).backgroundColor") == background
    tab.run(f"{AXE}; null")
    assert json.loads(tab.run(VIOLATIONS)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["erasure", "refused"])
def test_it_prints_on_a4_and_the_annex_begins_a_page(kind, browser, pages):
    tab = Tab(browser)
    tab.show_as(scheme="dark")
    tab.goto((pages / f"{kind}.html").as_uri())
    printed = base64.b64decode(tab.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert {
        (round(float(one) * MILLIMETRES), round(float(two) * MILLIMETRES)) for one, two in boxes
    } == {(210, 297)}
    assert len(boxes) >= 2
    tab.call("Emulation.setEmulatedMedia", media="print")
    assert tab.run("getComputedStyle(document.querySelector('.annex')).breakBefore") == "page"
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
