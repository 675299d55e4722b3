"""The particulars of a certificate: exactly these members, of these types, in certificates of this version."""

import pytest

from lacuna.errors import EvidenceBroken
from lacuna.evidence import verify_certificate
from lacuna.evidence.certificate import predicate_of
from tests.conftest import GOLDEN
from tests.evidence.issued import KEY, PARTICULARS, erasure
from tests.evidence.test_certificate import resigned

VERSION_1 = "certificate_version_1.json"


@pytest.fixture(scope="module")
def erased():
    return erasure()


def test_a_certificate_holds_the_particulars_that_it_was_issued_with(erased):
    assert verify_certificate(erased, KEY.public_text).particulars == PARTICULARS
    assert predicate_of(erased)["particulars"]["number"] == "FJ-0142"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"note": "more"}, "the particulars must be"),
        ({"number": 142}, "has another type"),
        ({"rights": "erasure"}, "has another type"),
        ({"rights": ["erasure", 17]}, "has another type"),
        ({"processor": None}, "has another type"),
    ],
)
def test_particulars_of_another_form_are_refused(erased, change, why):
    def edit(content):
        content["predicate"]["particulars"].update(change)

    with pytest.raises(EvidenceBroken, match=rf"step 1 \(form\): .*{why}"):
        verify_certificate(resigned(erased, edit), KEY.public_text)


@pytest.mark.parametrize("name", sorted(vars(PARTICULARS)))
def test_particulars_that_lack_one_are_refused(erased, name):
    def edit(content):
        del content["predicate"]["particulars"][name]

    with pytest.raises(EvidenceBroken, match="the particulars must be"):
        verify_certificate(resigned(erased, edit), KEY.public_text)


def test_a_certificate_has_the_members_of_its_version(erased):
    def drop(content):
        del content["predicate"]["particulars"]

    def add(content):
        content["predicate"]["particulars"] = PARTICULARS.document()

    def newer(content):
        content["predicateType"] = "urn:lacuna:certificate:3"

    first = (GOLDEN / VERSION_1).read_bytes()
    assert verify_certificate(first, KEY.public_text).shown
    for certificate, edit in ((erased, drop), (first, add)):
        with pytest.raises(EvidenceBroken, match=r"step 1 \(form\): its members must be"):
            verify_certificate(resigned(certificate, edit), KEY.public_text)
    with pytest.raises(EvidenceBroken, match="one of a newer version of Lacuna"):
        verify_certificate(resigned(erased, newer), KEY.public_text)
