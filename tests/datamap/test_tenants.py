"""The file of tenants: strict, and every problem with its line."""

from __future__ import annotations

import pytest

from lacuna.datamap import draft_tenants, load_tenants
from lacuna.errors import ConfigurationError
from lacuna.sql_files import SQL_FOLDER

GOOD = """
trusted_servers: [MX.nord.example.com]
tenants:
  nord:
    name: Nord
    country: DK
    language: da
    addresses: [privacy@nord.example.com]
    domains: [Nord.example.com]
    authorized: [Dpo@nord.example.com]
  sued:
    name: Süd
    country: DE
    language: de
    addresses: [privacy@sued.example.com]
"""


@pytest.fixture
def load(tmp_path):
    def loaded(text):
        path = tmp_path / "tenants.yaml"
        path.write_text(text, "utf-8")
        return load_tenants(path)

    return loaded


def test_a_drafted_file_loads_once_all_is_filled_in_but_what_it_says_may_stay_empty(load):
    text = draft_tenants(["main"])
    assert "authorized and\n# trusted_servers may stay empty" in text
    given = {
        'country: ""': "country: DK",
        'language: ""': "language: da",
        "addresses: []": "addresses: [privacy@example.org]",
    }
    for wanted in given:
        filled = text
        for empty, value in given.items():
            assert empty in text
            filled = filled if empty == wanted else filled.replace(empty, value)
        with pytest.raises(ConfigurationError):
            load(filled)
    filled = text
    for empty, value in given.items():
        filled = filled.replace(empty, value)
    tenants = load(filled)
    assert (tenants.trusted_servers, tenants.by_org["main"].authorized) == ((), ())


def test_names_of_the_net_compare_without_case(load):
    tenants = load(GOOD)
    assert tenants.trusted_servers == ("mx.nord.example.com",)
    assert tenants.by_org["nord"].domains == ("nord.example.com",)
    assert tenants.by_org["nord"].authorized == ("dpo@nord.example.com",)


def test_numbers_begin_as_the_file_says_or_with_letters_of_the_tenant(load):
    assert load(GOOD).by_org["nord"].number_prefix is None
    chosen = GOOD.replace("country: DK", "country: DK\n    number_prefix: N1")
    assert load(chosen).by_org["nord"].number_prefix == "N1"


def test_times_of_a_tenant_are_in_its_zone_or_in_utc(load):
    assert load(GOOD).by_org["nord"].time_zone == "UTC"
    chosen = GOOD.replace("country: DK", "country: DK\n    time_zone: Europe/Copenhagen")
    assert str(load(chosen).by_org["nord"].zone) == "Europe/Copenhagen"


@pytest.mark.parametrize(
    "name",
    ["CET+1", "Copenhagen", "europe/copenhagen", "../etc/passwd", "/etc/localtime", "+01:00"],
)
def test_a_time_zone_is_one_of_the_iana_database(load, name):
    text = GOOD.replace("country: DK", f"country: DK\n    time_zone: {name}")
    with pytest.raises(ConfigurationError, match="nord: time_zone must be a name of the IANA"):
        load(text)


def test_a_mail_belongs_to_the_one_tenant_whose_mailbox_it_came_to(load):
    tenants = load(GOOD)
    one, other = "privacy@nord.example.com", "privacy@sued.example.com"
    assert tenants.of_addresses((one, "x@y.org")).org_id == "nord"
    assert tenants.of_addresses((one, other)) is None
    assert tenants.of_addresses(("x@y.org",)) is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("country: DK", "country: Denmark"), "two capital letters"),
        (("language: da", "language: Danish"), "two small letters"),
        (("addresses: [privacy@nord.example.com]", "addresses: []"), "addresses is missing"),
        (("[privacy@nord.example.com]", "[nord]"), "must be e-mail addresses"),
        (("country: DK", "country: DK\n    number_prefix: fj"), "1 to 6 capital letters or digits"),
        (("country: DK", "country: DK\n    number_prefix: 1A"), "the first a letter"),
        (("country: DK", "country: DK\n    number_prefix: SEVENTH"), "1 to 6 capital letters"),
        (
            ("country:", "number_prefix: ON\n    country:"),
            "sued and nord share a number_prefix; give each its own",
        ),
        (
            ("country: DK", "country: DK\n    number_prefix: SU"),
            "number_prefix SU of nord is also what sued gets without one",
        ),
        (("privacy@sued.example.com", "privacy@nord.example.com"), "share a mailbox"),
        (("    name: Nord\n", ""), "'name' is missing"),
        (("    name: Nord", "    nmae: Nord"), "did you mean"),
    ],
)
def test_what_does_not_hold_together_is_refused(load, change, problem):
    with pytest.raises(ConfigurationError, match=problem):
        load(GOOD.replace(*change))


def test_the_samples_tenants_are_those_of_its_platform():
    tenants = load_tenants(SQL_FOLDER / "contact_center" / "tenants.yaml")
    assert set(tenants.by_org) == {"fjordlys", "hafenkontor"}
