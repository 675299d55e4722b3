"""Certificates of a real night, one of each kind: what they name, and whom they never name."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from lacuna.datamap import load
from lacuna.evidence import Particulars, certificate_page, statement_of, verify_certificate
from lacuna.flows import seal
from lacuna.flows.run.installation_keys import published_keys_folder, read_public_keys
from lacuna.flows.seal.request_particulars import particulars_of
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.plan import restore
from lacuna.request import extend, refuse
from tests.flows.observation import people_named, quiet_people

KINDS = (
    "erasure",
    "access",
    "rectification",
    "restriction",
    "objection",
    "nothing_found",
    "refused",
)


@pytest.fixture(scope="module")
def sealed_once(reaching):
    """A night with a request of each kind, sealed; `said` is the request of each."""

    def reach(installation):
        demo = installation.platform.demo
        quiet = [
            one
            for one in quiet_people(installation.platform)
            if one not in (demo.forget, demo.access)
        ]
        ask = installation.submit_contact
        ids = {
            "erasure": ask(demo.forget),
            "access": ask(demo.access, kinds=(RequestKind.ACCESS, RequestKind.PORTABILITY)),
            "rectification": ask(
                quiet[0], kinds=(RequestKind.RECTIFICATION,), rectifications={"city": "Odense"}
            ),
            "restriction": ask(quiet[1], kinds=(RequestKind.RESTRICTION,)),
            "objection": ask(quiet[2], kinds=(RequestKind.OBJECTION,)),
            "nothing_found": installation.submit((IdentifierKind.EMAIL, "nobody@example.org")),
            "refused": ask(quiet[3]),
        }
        with installation.stores.transaction(Role.DPO, org_id="fjordlys") as transaction:
            desk = installation.desk(transaction)
            extend(transaction.queue.requests.get(ids["erasure"]), desk)
            refuse(transaction.queue.requests.get(ids["refused"]), "17(3)(b)", desk)
        assert installation.run() is None
        for kind in ("erasure", "rectification"):
            installation.approve(ids[kind])
        assert installation.run() is None
        assert installation.run(seal) is None
        return ids

    return reaching("certificates", reach)


@pytest.fixture
def sealed(sealed_once, installation):
    return installation


@pytest.fixture(scope="module")
def certificates(sealed_once):
    folder = sealed_once.home / "evidence" / "certificates"
    return {kind: (folder / f"{one}.json").read_bytes() for kind, one in sealed_once.said.items()}


def words_of(certificate):
    page = certificate_page(certificate).decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page[page.index("<body>") :])).split())


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_names_the_request_and_the_parties_as_the_map_and_the_tenants_do(
    kind, certificates, sealed
):
    request = sealed.request(statement_of(certificates[kind])["request_id"])
    datamap = load(sealed.stores.datamap_path)
    contacts = datamap.tenant("fjordlys")
    keys = read_public_keys(published_keys_folder(sealed.stores.home))
    assert verify_certificate(certificates[kind], keys).particulars == Particulars(
        number=request.number,
        received_on=request.received_at.date().isoformat(),
        rights=tuple(request.kinds),
        identity=request.identity_basis or "",
        controller=contacts.controller,
        data_protection_officer=contacts.dpo,
        processor=datamap.processor.name,
        supervisory_authority=f"{contacts.authority} (https://www.datatilsynet.dk)",
        recordings=("media/recordings/**", "media/voicemails/**"),
    )
    assert re.fullmatch(r"[A-Z]+-\d{4,}", request.number)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_a_certificate_and_its_page_name_no_person(kind, certificates, sealed):
    texts = [("certificate", certificates[kind].decode()), ("page", words_of(certificates[kind]))]
    # The certificate's content is base64.
    texts.append(("content", str(statement_of(certificates[kind]))))
    assert people_named(sealed.platform, texts) == set()
    assert "nobody@example.org" not in "".join(text for _, text in texts)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_beside_a_certificate_is_the_page_of_it(kind, certificates, sealed_once):
    folder = sealed_once.home / "evidence" / "certificates"
    page = folder / f"{sealed_once.said[kind]}.html"
    assert page.read_bytes() == certificate_page(certificates[kind])


@pytest.mark.thorough
def test_the_page_of_an_erasure_counts_what_the_plan_counts(certificates, sealed):
    certificate = certificates["erasure"]
    with sealed.stores.transaction(Role.PLANNER) as transaction:
        stored = transaction.queue.plans.get(statement_of(certificate)["request_id"])
        request = transaction.queue.requests.get(stored.request_id)
    plan = restore(request, stored)
    words = words_of(certificate)
    mentions = int(re.search(r"covered in (\d+) rows? of other people", words)[1])
    rows = int(re.search(r"platform: (\d+) rows about the person", words)[1])
    assert rows + mentions == plan.total_rows
    twice = sum(each["rows"] for each in statement_of(certificate)["done"])
    assert twice > plan.total_rows, "nothing was treated in two ways"


@pytest.mark.thorough
def test_the_page_of_an_erasure_names_its_recordings_its_backups_and_its_deadline(
    certificates, sealed
):
    words = words_of(certificates["erasure"])
    assert re.search(
        r"Of these files, \d+ (was a recording|were recordings) of what was spoken", words
    )
    now = sealed.request(statement_of(certificates["erasure"])["request_id"]).received_at
    days = load(sealed.stores.datamap_path).longest_backup_days
    assert f"gone by {(now + timedelta(days=days)).date()}" in words
    assert f"extended by two further months on {now.date()} (Art. 12(3))" in words
    assert "extended by" not in words_of(certificates["access"])


@pytest.mark.thorough
def test_a_kind_with_a_controller_of_its_own_is_certified_in_that_ones_name(sealed, tmp_path):
    whole = sealed.stores.datamap_path.read_text("utf-8")
    own = "  agent:\n    controller: Desk ApS\n    dpo: desk@example.org\n    authority: Their Authority\n"
    path = tmp_path / "datamap.yaml"
    path.write_text(whole.replace("\n  agent:\n", f"\n{own}"), "utf-8")
    request = sealed.request(sealed.submit_contact(quiet_people(sealed.platform)[5]))
    stores = replace(sealed.stores, datamap_path=path)
    assert particulars_of(request, stores).controller.startswith("Fjordlys A/S")
    named = particulars_of(replace(request, person_kind="agent"), stores)
    assert (named.controller, named.data_protection_officer, named.supervisory_authority) == (
        "Desk ApS", "desk@example.org", "Their Authority",
    )  # fmt: skip
    gone = particulars_of(replace(request, person_kind="guest"), stores)
    assert gone.controller.startswith("Fjordlys A/S")
