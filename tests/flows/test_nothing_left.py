"""After many erasures nothing of the classes that README names is left, and nobody else lost a word.

What was held is read and looked for by `held_values`, which shares no code with Lacuna. The night
of `test_erasure` is looked at in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from lacuna_demo.sample import SampleOptions, SamplePlatform, generate
from tests.flows.conftest import (
    DATAMAP,
    DIALOGUES,
    Installation,
    builder_of,
    installed,
    write_all,
)
from tests.flows.held_values import Finder, Rows, mentions_planned, values_of
from tests.flows.observation import connect
from tests.flows.raw_search import Wanted, search
from tests.proved import let_pass

CLASSES = {"contact", "identifier", "full name", "address", "file"}
# Columns that have names whole. The one of legacy_agent_load, without which that table would hold
# nobody but agents, is empty for a tenant with split names.
JOINED = {
    "contacts": "display_name",
    "agreement_acceptances": "accepted_by_name",
    "conversation_export": "requester_name",
    "legacy_contact_360": "full_name",
    "legacy_conversation_daily": "requester_name",
    "legacy_csat_weekly": "requester_name",
}


def erasable(platform: SamplePlatform, *, org_id: str | None = None) -> list[str]:
    """Return people who can be erased at once, those with the most conversations first."""
    table = platform.tables["contact_center.conversations"]
    counts = Counter(table.values("requester_id"))
    found = [
        one
        for one in platform.people.values()
        if not (one.has_open_conversation or one.awaits_mail) and org_id in (None, one.org_id)
    ]
    found.sort(key=lambda one: (-counts[one.contact_id], one.contact_id))
    return [one.contact_id for one in found]


def streets(platform: SamplePlatform, erased: list[str]) -> list[str]:
    """Return the addresses that others write under their mails, though no column has them."""
    return [one.street_address for one in platform.people.values() if one.contact_id not in erased]


class Night:
    """A night of erasures, with the platform as it was before and is after."""

    def __init__(self, installation: Installation, erased: list[str]) -> None:
        self.installation = installation
        self.before = Rows.of(installation.url)
        people = installation.platform.people
        # By the rule of the sample's map, a visitor with their address is the same person.
        visitors = [key for one in erased for key in people[one].visitor_contact_ids]
        self.own = self.before.of_people([*erased, *visitors])
        living = self.before.found.keys() - self.own
        self.signed = streets(installation.platform, erased)
        self.values = values_of(self.before, self.own).without(
            values_of(self.before, living, holding_only=True), self.signed
        )
        self.request_ids = installation.erase(*erased)
        self.after = Rows.of(installation.url)

    def held(self) -> Counter[tuple[str, str]]:
        return Finder(self.values).left(self.before, self.own)

    def left(self) -> Counter[tuple[str, str]]:
        return Finder(self.values).left(self.after, self.own)

    def in_files(self) -> Counter[str]:
        """Count the files that hold a value, by what kind of file it is."""
        home = self.installation.stores.home
        # Files are searched without regard to where words end: `Rosenvej 12` is in `Rosenvej 120`.
        signed = "\n".join(self.signed)
        wanted = Wanted(
            {
                label: [
                    text
                    for value in self.values.by_class[label]
                    for text in self.values.written[value]
                    if text not in signed
                ]
                for label in CLASSES
            }
        )
        found: Counter[str] = Counter()
        for (label, _), places in search([home / "media", home / "evidence"], wanted).items():
            found.update(f"{label} in {Path(place).parts[0]}" for place in places)
        return found


@pytest.fixture(scope="module")
def crowd(template_database, session_folder: Path) -> Callable[[str, Path], Installation]:
    """A sample in which more than a hundred people of each tenant can be erased."""
    platform = generate(SampleOptions(contacts=320, conversations=1_500, dialogues=DIALOGUES))
    template_database.register("crowd_sample", builder_of(platform))
    files = write_all(platform, session_folder / "crowd-sample-files")
    return lambda url, home: installed(url, home, platform, files)


@pytest.fixture
def crowded(crowd, database: Callable[..., str], lacuna_home: Path) -> Installation:
    return crowd(database(template="crowd_sample"), lacuna_home)


def split(installation: Installation) -> Installation:
    """Drop every column that has a name whole, and say so in the data map."""
    with connect(installation.url) as connection:
        for table, column in JOINED.items():
            connection.execute(f"alter table contact_center.{table} drop column {column}")
    document = yaml.safe_load(DATAMAP.read_text("utf-8"))
    gone = {f"contact_center.{table}.{column}" for table, column in JOINED.items()}

    def without(names: list[object]) -> list[object]:
        return [
            one for one in names if (one["column"] if isinstance(one, dict) else one) not in gone
        ]

    document["subject"]["identifiers"] = without(document["subject"]["identifiers"])
    agent = document["kinds"]["agent"]
    agent["others"] = [
        "contact_center.contacts.first_name",
        "contact_center.contacts.last_name",
    ]
    for tables in (document["tables"], agent["tables"]):
        for table, column in JOINED.items():
            tables.get(f"contact_center.{table}", {}).get("columns", {}).pop(column, None)
    path = installation.stores.home / "split.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
    split = replace(installation, stores=replace(installation.stores, datamap_path=path))
    let_pass(split.stores)
    return split


def check(night: Night, *, classes: set[str]) -> None:
    held = {label for label, _ in night.held()}
    assert classes | {"name part"} <= held, "the sample holds too little"
    assert night.left() == Counter()
    assert night.in_files() == Counter()
    check_others(night)


def check_others(night: Night) -> None:
    """Rows of others differ where the plans say so, and where somebody erased was named."""
    changed = {
        key: columns
        for key, columns in night.before.changed(night.after).items()
        if key not in night.own
    }
    # What others hold too goes from rows that are nobody's, such as those of the old reports.
    finder = Finder(values_of(night.before, night.own, holding_only=True))
    unfounded: Counter[str] = Counter()
    by_table: Counter[str] = Counter()
    planned = mentions_planned(night.installation.url, night.request_ids)
    for key, columns in changed.items():
        table, row = key[0], night.before.found[key]
        by_table[table] += 1
        assert key in night.after.found, f"a row of {table} is gone"
        assert columns <= planned.get(table, (0, set()))[1], f"another column of {table}"
        if not finder.in_row(row) and not finder.names_in(row):
            unfounded[table] += 1
    assert unfounded == Counter()
    assert all(count <= planned[table][0] for table, count in by_table.items())
    assert by_table["messages"] > 0, "nobody else's message named anybody"


@pytest.mark.thorough
def test_nothing_of_twelve_people_is_left_where_no_column_has_a_name_whole(
    whole: Installation,
) -> None:
    people = erasable(whole.platform, org_id="hafenkontor")[:12]
    check(Night(split(whole), people), classes=CLASSES - {"file"})


@pytest.mark.long
def test_nothing_of_a_hundred_people_is_left(crowded: Installation) -> None:
    check(Night(crowded, erasable(crowded.platform)[:100]), classes=CLASSES)


@pytest.mark.long
def test_nothing_of_a_hundred_people_is_left_where_no_column_has_a_name_whole(
    crowded: Installation,
) -> None:
    people = erasable(crowded.platform, org_id="hafenkontor")[:100]
    check(Night(split(crowded), people), classes=CLASSES)
