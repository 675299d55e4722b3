"""The page of a certificate: what an auditor reads and prints."""

import hashlib
import json
from dataclasses import replace
from html import escape

import pytest
import rfc8785

from lacuna.evidence import certificate_page, issue, leaf_of, statement_of
from lacuna.evidence.certificate_page import _ACTIONS
from lacuna.evidence.summary import CHANGING
from lacuna.model.evidence import Action
from lacuna.model.finding import Gate
from tests.evidence.issued import KEY, closed, erasure, sealed
from tests.evidence.test_statement import ACCEPTED, ERASED, OUT, REQUEST


@pytest.fixture(scope="module")
def erased():
    return erasure()


def test_the_page_says_what_the_certificate_says_and_loads_nothing(erased):
    page = certificate_page(erased).decode()
    said = statement_of(erased)
    assert "Certificate of erasure" in page
    for each in said["done"]:
        assert f"<td>{each['location']}</td>" in page
    for gate in said["verification"]["gates"]:
        assert f"<td>{gate}</td><td>{escape(Gate(gate).shows)}</td>" in page
    assert hashlib.sha256(erased).hexdigest() in page
    assert REQUEST in page
    assert said["certificate_id"] in page
    for entry in said["entries"]:
        assert f'<td class="n">{entry["position"]}</td>' in page
    assert f"<code>{KEY.public.label}</code>" in page
    for loading in ("<script", "<link", "src=", "url(", "@import", "http:", "https:"):
        assert loading not in page


def test_the_page_says_of_which_kind_the_person_was_if_no_contact(erased):
    assert "Kind of person" not in certificate_page(erased).decode()
    statement, leaves = closed(*ERASED, kind="agent")
    certificate = issue(statement.content, leaves[-1], [], sealed(leaves), KEY)
    assert (
        '<th scope="row">Kind of person</th><td>agent</td>'
        in certificate_page(certificate).decode()
    )


def test_the_page_shows_characters_of_markup_as_they_stand():
    statement, leaves = closed(*ERASED)
    content = json.loads(statement.content)
    content["kept"][0]["ground"] = "<script>alert(1)</script> & more"
    told = rfc8785.dumps(content)
    closing = leaf_of(
        replace(leaves[-1].entry, digest=hashlib.sha256(told).hexdigest()), leaves[-1].position
    )
    certificate = issue(told, closing, [], sealed([*leaves[:-1], closing]), KEY)
    page = certificate_page(certificate).decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_the_page_begins_with_what_it_comes_to():
    due = (Action.DEADLINE, OUT, "lacuna.request 2026-04-01")
    page = certificate_page(erasure(due)).decode()
    says = page[page.index('<div class="says">') : page.index("<h2>")]
    assert "22 items in 5 places were changed, deleted or handed over" in says
    assert "Data in 1 place was retained" in says
    assert "57 places searched afterwards by other means: 0 findings" in says
    assert "due on 2026-04-01 and closed on 2026-03-02. The deadline of Art. 12(3) was met" in says
    refusal = (Action.REFUSED, OUT, "lacuna.request")
    statement, leaves = closed(*ACCEPTED, refusal, plan=None, gates=None, ground="12(5)(b)")
    refused = certificate_page(issue(statement.content, leaves[-1], [], sealed(leaves), KEY))
    assert b"refused under Art. 12(5)(b)." in refused


def test_the_page_has_words_for_whatever_can_be_done_and_for_every_gate():
    assert set(_ACTIONS) == {str(action) for action in CHANGING}
    assert all(gate.shows for gate in Gate)


EARLIER = "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a01"
REPEATED = (Action.REPEATED, OUT, f"lacuna.request/{EARLIER}")


def test_the_page_says_of_whom_it_was_the_second_time(erased):
    back = (Action.REAPPEARED, OUT, "keys.erased", 7)
    page = certificate_page(erasure(back)).decode()
    assert "had been erased before and reappeared (7 rows)" in page
    page = certificate_page(erasure(back, REPEATED)).decode()
    assert f"had been erased by request {EARLIER} and reappeared (7 rows)" in page
    assert "The erasure (Art. 17) was carried out again" in page
    first = certificate_page(erased).decode()
    assert "erased before" not in first
    assert "Repeats request" not in first


def with_statement(change):
    """Return the page of an erasure whose statement was changed before it was signed."""
    statement, leaves = closed(*ERASED)
    content = json.loads(statement.content)
    change(content)
    told = rfc8785.dumps(content)
    digest = hashlib.sha256(told).hexdigest()
    closing = leaf_of(replace(leaves[-1].entry, digest=digest), leaves[-1].position)
    certificate = issue(told, closing, [], sealed([*leaves[:-1], closing]), KEY)
    return certificate_page(certificate).decode()


@pytest.mark.parametrize(
    ("kind", "rights", "title"),
    [
        ("access", ["portability"], "Certificate of portability"),
        ("access", ["access", "portability"], "Certificate of access and portability"),
        ("erasure", ["access", "portability", "erasure"], "access, portability and erasure"),
        ("refused", ["portability"], "Certificate of refusal"),
    ],
)
def test_the_title_names_the_rights(kind, rights, title):
    page = with_statement(lambda content: content.update(type=kind, rights=rights))
    assert f"{title}, full" in page or f"{title}</h1>" in page


def test_the_page_explains_the_levels_and_when_they_were_not_reached():
    unreached = [{"store": "database", "level": "L1", "why": "dead rows", "until": "2026-03-09"}]
    page = with_statement(lambda content: content.update(unreached=unreached))
    title = "Levels not reached at verification, and what might still contain the data"
    assert f"<h2>{title}</h2>" in page
    for level in ("L0", "L1", "L2", "L3"):
        assert f'<th scope="row">{level}</th>' in page


def test_the_page_tells_which_values_were_not_searched_for_and_why():
    values = [{"value_class": "name", "everywhere": 1, "own_rows": 0, "left": 1}]
    page = with_statement(lambda content: content["verification"].update(values=values))
    assert "not searched for (ten other people hold them" in page
    assert "shared by many" not in page
