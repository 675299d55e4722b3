"""An erasure leaves the rows, texts and files of people who live as they are.

Each case is somebody to be erased and a neighbor who has something in common with them, or only
looks so; all are erased in one run, on one platform with the least that it takes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lacuna.errors import VerificationFailed
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from tests.brought import Brought

SCHEMA = """
create schema house;
create table house.people (
    id integer primary key, org text not null, given text, family text, nick text, mail text,
    phone text, login text, iban text, addr text, profile jsonb
);
create table house.cases (
    id integer primary key, org text not null, person integer references house.people,
    state text not null default 'done'
);
create table house.mails (
    id integer primary key, org text not null, case_id integer references house.cases,
    body text, path text
);
"""
COLUMNS = {
    "given": "user.name.first",
    "family": "user.name.last",
    "nick": "user.name",
    "mail": "user.contact.email",
    "phone": "user.contact.phone_number",
    "login": "user.account.username",
    "iban": "user.financial.bank_account",
    "addr": "user.contact.address",
}
OWN = "access: true, portability: true, meaning: What it says."
DATAMAP = """
name: House
version: "1"
controller: House A/S
dpo: dpo@example.org
authority: Datatilsynet
schemas: [house]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: house.people
  joined_by: [email]
  identifiers:
    - {kind: email, column: house.people.mail}
    - {kind: phone, column: house.people.phone}
    - {kind: name, column: house.people.given, short: true}
    - {kind: name, column: house.people.family, short: true}
  levels: {contact: house.people, conversation: house.cases, message: house.mails}
  open_when: {column: state, values: [open]}
tables:
  house.people:
    processing: support
    key: id
    tenant: org
    rows: anonymize
    columns:
      id: {category: user.unique_id, erase: new_key, OWN}
      org: {category: system.operations, erase: keep}
PEOPLE      profile: {category: user.account, erase: {json_keys: [tier]}, MENTION, OWN}
  house.cases:
    processing: support
    key: id
    tenant: org
    links: {person: house.people}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org: {category: system.operations, erase: keep}
      person: {category: user.unique_id, erase: unlink, access: false, portability: false}
      state: {category: system.operations, erase: keep}
  house.mails:
    processing: support
    key: id
    tenant: org
    links: {case_id: house.cases}
    rows: anonymize
    columns:
      id: {category: system.operations, erase: keep}
      org: {category: system.operations, erase: keep}
      case_id: {category: system.operations, erase: keep}
      body: {category: user.content.private, erase: redact, text: plain, OWN}
      path: {category: user.content.private, erase: {delete_object: media}, mention: delete_object, OWN}
stores:
  media:
    files:
      - {pattern: docs/**, format: text, table: house.mails, mention: delete_object}
sweeps: []
"""


def datamap_with(mention: str) -> str:
    people = "".join(
        f"      {name}: {{category: {category}, erase: suppress, MENTION, OWN}}\n"
        for name, category in COLUMNS.items()
    )
    text = DATAMAP.replace("PEOPLE", people)
    return text.replace("MENTION", f"mention: {mention}").replace("OWN", OWN)


class House(Brought):
    """A platform with people, one case and one mail of each, and a file of the mail's."""

    tenants = ("north",)

    def add(self, key: int, said: str, **columns: object) -> None:
        """Add somebody, and what they say in a mail and in a file."""
        given = {
            "given": f"Given{key}x",
            "family": f"Family{key}x",
            "mail": f"box{key}@example.org",
        } | columns
        names = ", ".join(given)
        values = [
            json.dumps(value) if isinstance(value, dict) else value for value in given.values()
        ]
        self.query(
            f"insert into house.people (id, org, {names}) "  # noqa: S608
            f"values (%s, 'north', {', '.join(['%s'] * len(values))})",
            key,
            *values,
        )
        self.query("insert into house.cases values (%s, 'north', %s)", key, key)
        path = f"docs/{key}.txt"
        self.query("insert into house.mails values (%s, 'north', %s, %s, %s)", key, key, said, path)
        file = self.stores.home / "media" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said, "utf-8")

    def row(self, key: int) -> object:
        return self.query("select to_jsonb(p) from house.people p where id = %s", key)

    def said(self, key: int) -> tuple[object, str | None]:
        """Return what somebody's mail and file say."""
        ((body,),) = self.query("select body from house.mails where id = %s", key)
        file = self.stores.home / "media" / f"docs/{key}.txt"
        return body, file.read_text("utf-8") if file.is_file() else None

    def erase_keys(self, *keys: int) -> dict[int, RequestState]:
        """Erase people by their keys as far as it goes; return how far."""
        ids = {key: self.submit(IdentifierKind.CONTACT_ID, str(key)) for key in keys}
        with suppress(VerificationFailed):
            self.run()
        self.approve(*(one for one in ids.values() if self.state(one) is RequestState.PLANNED))
        with suppress(VerificationFailed):
            self.run()
        return {key: self.state(one) for key, one in ids.items()}


@pytest.fixture
def open_house(template_database, lacuna_home: Path) -> Iterator[Callable[[str], House]]:
    """Return what sets the platform up, with what happens to people in rows of others."""
    with template_database.clones() as fresh:

        def opened(mention: str) -> House:
            path = lacuna_home / "datamap.yaml"
            path.write_text(datamap_with(mention), "utf-8")
            (lacuna_home / "media").mkdir()
            return House(fresh("lacuna"), lacuna_home, [SCHEMA], path)

        yield opened


# Whom an erasure is of, who lives, and what these write.
HELD_BY_BOTH = {
    "the same town": (
        {"addr": "Kastanienallee 135\n10623 Berlin"},
        {"addr": "Bergmannstr. 7\n10623 Berlin"},
        "I live in 10623 Berlin.",
    ),
    "another town of the same": (
        {"addr": "12 Grafton Row\nLondon SW3 5RA"},
        {"addr": "80 Cheyne Yard\nLondon SW3 5RA"},
        "I live in London SW3 5RA.",
    ),
    "the same house": (
        {"addr": "Lindenhofweg 17\nWohnung 4\n80331 Munich"},
        {"addr": "Lindenhofweg 17\nWohnung 9\n80331 Munich"},
        "Lindenhofweg 17 is my house too.",
    ),
    "a mailbox in a list": (
        {"profile": {"emails": "own.zork1@example.org, family.zork@example.org"}},
        {"profile": {"email2": "family.zork@example.org"}},
        "Write to family.zork@example.org.",
    ),
    "a mailbox in a list of theirs": (
        {"profile": {"email2": "family.elm@example.org"}},
        {"profile": {"emails": "own.elm1@example.org, family.elm@example.org"}},
        "Write to family.elm@example.org.",
    ),
    "a mailbox behind a name": (
        {"profile": {"email": "The Zorks <zorks.home@example.org>"}},
        {"profile": {"email2": "zorks.home@example.org"}},
        "Write to zorks.home@example.org.",
    ),
    "numbers in a list": (
        {"profile": {"phone": "+45 22 39 44 58"}},
        {"profile": {"phones": "+45 33 77 55 62, +45 22 39 44 58"}},
        "Call 22 39 44 58.",
    ),
    "a handle": (
        {"profile": {"twitter": "https://x.com/zork_couple99"}},
        {"profile": {"twitter": "@zork_couple99"}},
        "We are @zork_couple99.",
    ),
    "an id in an address of the web": (
        {"profile": {"contract_pdf": "https://files.example/c/FAM-77120-X"}},
        {"profile": {"contract_no": "FAM-77120-X"}},
        "About FAM-77120-X.",
    ),
    "an account with and without blanks": (
        {"iban": "DE89 3704 0044 0532 0130 00"},
        {"iban": "DE89370400440532013000"},
        "From DE89 3704 0044 0532 0130 00.",
    ),
    "a telephone with and without its country": (
        {"phone": "+45 44 33 22 11"},
        {"phone": "44332211"},
        "Call 44 33 22 11.",
    ),
    "a name in capitals": (
        {"given": "Aurelia", "family": "Quistgaard"},
        {"given": "AURELIA", "family": "QUISTGAARD"},
        "I am Aurelia Quistgaard.",
    ),
    "a mailbox named after one of the two": (
        {
            "given": "Annabella",
            "family": "Zorkmann",
            "mail": "annabella.zorkmann@example.org",
        },
        {"given": "Boris", "family": "Other", "mail": "annabella.zorkmann@example.org"},
        "Write to annabella.zorkmann@example.org.",
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("mention", ["refuse", "redact"])
def test_what_somebody_holds_too_stays_with_them_however_it_is_written(open_house, mention) -> None:
    house = open_house(mention)
    pairs = dict(zip(range(100, 200), HELD_BY_BOTH.values(), strict=False))
    for key, (erased, living, said) in pairs.items():
        house.add(key, said, **erased)
        house.add(key + 100, said, **living)
    before = {key: house.row(key + 100) for key in pairs}

    states = house.erase_keys(*pairs)

    by_case = dict(zip(HELD_BY_BOTH, states.values(), strict=True))
    assert {
        one: state for one, state in by_case.items() if state is not RequestState.COMPLETED
    } == {}
    for name, (key, (_, _, said)) in zip(HELD_BY_BOTH, pairs.items(), strict=True):
        assert (name, house.row(key + 100)) == (name, before[key])
        assert (name, house.said(key + 100)) == (name, (said, said))


# What a profile says, and what somebody writes who means something else.
MEANT_OTHERWISE = {
    "a week": ({"profile": {"last": "2026-W14"}}, "Delivery in 2026-W14."),
    "a model": ({"profile": {"handset": "SM-G991B"}}, "My SM-G991B is broken."),
    "a release": ({"profile": {"build": "4.12.0-rc1"}}, "Since 4.12.0-rc1 it fails."),
    "a voucher": ({"profile": {"code": "FLAT-500"}}, "I used FLAT-500."),
    "a system": ({"login": "windows11"}, "I work with Windows 11."),
    "a box": ({"addr": "Postfach 1000"}, "Send it to Postfach 1000."),
    "a floor": ({"addr": "Kiefernweg 8\nApartment 12\n80331 Munich"}, "I am in Apartment 12."),
    "a company": (
        {"profile": {"company": "Zorkwerk Tapetenfabrik GmbH"}},
        "I met Zorkwerk Tapetenfabrik GmbH.",
    ),
}


@pytest.mark.thorough
def test_what_only_looks_like_an_id_takes_nothing_from_others(open_house) -> None:
    house = open_house("redact")
    pairs = dict(zip(range(100, 200), MEANT_OTHERWISE.values(), strict=False))
    for key, (erased, said) in pairs.items():
        house.add(key, said, **erased)
        house.add(key + 100, said)

    states = house.erase_keys(*pairs)

    by_case = dict(zip(MEANT_OTHERWISE, states.values(), strict=True))
    assert {
        one: state for one, state in by_case.items() if state is not RequestState.COMPLETED
    } == {}
    for name, (key, (_, said)) in zip(MEANT_OTHERWISE, pairs.items(), strict=True):
        text, file = house.said(key + 100)
        assert (name, file) == (name, said)
        if name != "a company":  # where they work, if nobody else does
            assert (name, text) == (name, said)


@pytest.mark.thorough
def test_a_row_that_says_who_somebody_else_is_is_not_joined_by_an_address(open_house) -> None:
    house = open_house("redact")
    differing = {
        "nick": {"nick": "Livia Lebend"},
        "login": {"login": "livia77"},
        "iban": {"iban": "DE02500105170137075030"},
        "addr": {"addr": "Liviavej 1, 1000 By"},
        "profile": {"profile": {"full_name": "Livia Lebend"}},
    }
    for key, more in enumerate(differing.values(), 100):
        for each, columns in ((key, {}), (key + 100, {"given": None, "family": None, **more})):
            house.add(each, "Hello.", **{"mail": f"both{key}@example.org"} | columns)
    alike = {"login": "zorka88", "addr": "Zorkvej 5, 1000 By"}
    house.add(120, "Hello.", mail="both120@example.org", **alike)
    house.add(
        220,
        "Hello.",
        given=None,
        family=None,
        mail="Both120@Example.org",
        login="Zorka88",
        profile={"address": "Zorkvej 5\n1000 By", "tier": "x"},
    )
    before = {key: house.row(key + 100) for key in range(100, 105)}

    house.erase_keys(*range(100, 105), 120)

    assert {key: house.row(key + 100) for key in before} == before
    # What says the same in other words is the same person's.
    assert house.row(220) == []


def test_what_ten_hold_in_two_spellings_is_nobodys_for_the_gate_too(open_house) -> None:
    house = open_house("redact")
    for key in range(100, 114):
        number = "+45 70 20 30 40" if key % 2 else "70203040"
        house.add(key, "Hello.", profile={"desk": number})

    assert house.erase_keys(101) == {101: RequestState.COMPLETED}
