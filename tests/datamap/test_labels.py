"""What the map says to people: labels, meanings and codes, in one language or in several."""

import re
from types import SimpleNamespace

import pytest

from lacuna.datamap import DriftKind, check_labels, check_languages, load, load_text
from lacuna.errors import ConfigurationError
from lacuna.model.location import TableName

CUSTOMERS = TableName("crm", "customers")
NOTHING = SimpleNamespace(tables={})


def with_label(small: str, label: str) -> str:
    return small.replace("  crm.customers:\n", f"  crm.customers:\n    label: {label}\n", 1)


@pytest.fixture
def source(tmp_path):
    return tmp_path / "shop.yaml"


def test_a_label_is_read_in_every_language_that_the_map_has(small, source):
    written = with_label(small, "{en: Your profile, da: Din profil}").replace(
        "meaning: Full name.", "label: {en: Name, da: Navn}, meaning: {en: Full name., da: Navnet.}"
    )
    datamap = load_text(written, source)
    table = datamap.tables[CUSTOMERS]
    assert (table.label, table.column("name").label) == ("Your profile", "Name")
    assert datamap.translations == {
        "da": {"Your profile": "Din profil", "Name": "Navn", "Full name.": "Navnet."}
    }


def test_a_code_is_explained_in_several_languages(small, source):
    written = small.replace("NO: Norway, DK: Denmark", "NO: {en: Norway, da: Norge}, DK: Denmark")
    datamap = load_text(written, source)
    assert datamap.tables[CUSTOMERS].column("country").legend == {"NO": "Norway", "DK": "Denmark"}
    assert datamap.translations["da"]["Norway"] == "Norge"


def test_a_map_in_another_language_names_it(small, source):
    written = with_label(small, "{da: Din profil, en: Your profile}")
    datamap = load_text(f"language: da\n{written}", source)
    assert (datamap.language, datamap.tables[CUSTOMERS].label) == ("da", "Din profil")
    assert datamap.translations["en"] == {"Din profil": "Your profile"}


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ("{da: Din profil}", "label is not in en, the language of the map"),
        ("{en: Your profile, danish: Din profil}", "'danish' is no language; write two letters"),
        ("{en: Full name., da: X}", "has another translation into da elsewhere"),
    ],
)
def test_a_label_that_cannot_be_used_is_refused(small, source, label, problem):
    written = with_label(small, label).replace(
        "meaning: Full name.", "meaning: {en: Full name., da: Fulde navn.}"
    )
    with pytest.raises(ConfigurationError, match=re.escape(problem)):
        load_text(written, source)


def test_what_a_map_says_itself_counts_before_the_file_beside_it(small, source):
    source.write_text(with_label(small, "{en: Your profile, da: Din profil}"), "utf-8")
    source.with_name("shop.da.yaml").write_text("Your profile: Kunden\nFull name.: Navn\n", "utf-8")
    assert load(source).translations["da"] == {"Your profile": "Din profil", "Full name.": "Navn"}


def test_words_for_people_change_no_decision(small, source):
    plain = load_text(small, source)
    said = load_text(
        with_label(small, "Your profile").replace("meaning: Full", "label: Name, meaning: Full"),
        source,
    )
    assert said.digest == plain.digest


def test_the_check_asks_for_every_label_that_a_page_would_lack(small, source):
    long = "Name as it stands in the passport of the customer."
    written = with_label(small, "Customers").replace("meaning: Full name.", f"meaning: {long}")
    found = {one.location: one for one in check_labels(load_text(written, source), NOTHING)}
    assert all(one.kind is DriftKind.LABEL for one in found.values())
    # A short meaning is a label; a table always needs one if something of it is shown.
    assert set(found) == {"crm.customers.name", "crm.tickets", "crm.comments"}
    assert "label: Name" in found["crm.customers.name"].suggestion
    assert "label: Tickets" in found["crm.tickets"].suggestion


def test_the_check_asks_for_a_word_for_each_code_that_the_database_or_the_map_knows(small, source):
    def asked(codes: tuple[str, ...], legend: str) -> list[str]:
        column = SimpleNamespace(labels=codes, allowed=())
        table = SimpleNamespace(column=lambda name: column if name == "state" else None)
        live = SimpleNamespace(tables={TableName("crm", "tickets"): table})
        written = small.replace(
            "meaning: Whether the ticket is open.",
            f"meaning: Whether the ticket is open.{legend}",
        )
        found = check_labels(load_text(written, source), live)
        return [one.problem for one in found if one.location == "crm.tickets.state"]

    assert asked((), "") == []
    assert "explains: open, closed;" in asked(("open", "closed"), "")[0]
    assert "explains: closed;" in asked(("open", "closed"), ", legend: {open: Open}")[0]
    assert asked(("open", "closed"), ", legend: {open: Open, closed: Finished}") == []
    assert "explains: closed;" in asked((), ", values: [closed]")[0]


def test_the_check_asks_for_the_languages_in_which_the_tenants_are_read(small, source):
    written = with_label(small, "{en: Your profile, da: Din profil}")
    datamap = load_text(written, source)
    (found,) = check_languages(datamap, ["en", "da", "da"])
    assert (found.kind, found.location) == (DriftKind.LABEL, "language da")
    assert 'texts for them in en alone, the first is "' in found.problem
    assert "Your profile" not in found.problem
    # English pages are all that a language without pages gets.
    assert check_languages(datamap, ["en", "xx"]) == ()
    (told,) = check_languages(load_text(f"language: da\n{small}", source), ["da", "en"])
    assert "in da alone" in told.problem


def test_a_map_that_says_all_of_it_in_a_language_is_not_asked_for_it(small, source):
    source.write_text(small, "utf-8")
    said = ""
    while found := check_languages(load(source), ["nb"]):
        text = re.search(r'the first is "(.*)";', found[0].problem)[1]
        assert text not in said, "asked for once more"
        said += f'"{text}": "i ord"\n'
        source.with_name("shop.nb.yaml").write_text(said, "utf-8")
    # Codes, purposes and recipients are among it.
    for text in ("Norway", "Full name.", load(source).processings["support"].purpose):
        assert f'"{text}":' in said
