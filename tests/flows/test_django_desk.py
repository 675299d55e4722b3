"""A help desk that somebody else wrote, running: mapped by the scaffold, and people are erased.

django-helpdesk makes its tables by its own migrations, is filled by its own models, and opens its
own screens before and after.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from lacuna.flows.fulfilment import prove
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from tests.brought import Brought
from tests.docs.blocks import blocks_of
from tests.drafting import draft
from tests.drifts import drifts_of
from tests.flows.django_desk.people import LOGGED_IN, Customer

ROOT = Path(__file__).parents[2]
CUSTOMERS = 200
ERASED = tuple(map(Customer, (0, 9, 33, 70, 121)))
GUIDE = ROOT / "docs" / "onboarding.md"


class Site(Brought):
    """The site's database and media."""

    org_id = "main"
    tenants = ("main",)

    def everything(self) -> dict[str, list[str]]:
        """Return every row as text, by table."""
        tables = self.query(
            "select oid::regclass::text from pg_class "
            "where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1"
        )
        return {
            table: [row for (row,) in self.query(f"select t::text from {table} t order by 1")]  # noqa: S608
            for (table,) in tables
        }

    def sessions(self) -> list[str]:
        """Return what the site remembers of visitors: packed, then signed."""
        stored = self.query("select session_data from django_session order by expire_date")
        packed = [text.removeprefix(".").partition(":")[0] for (text,) in stored]
        return [_unpacked(one) for one in packed]


def _unpacked(digits: str) -> str:
    if "[" in digits:
        return digits  # covered: the site takes it for no session of its own
    content = base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    try:
        return zlib.decompress(content).decode()
    except zlib.error:
        return content.decode(errors="replace")


def desk(url: str, media: Path, *arguments: str) -> str:
    """Run a program of the site; return what it prints."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.flows.django_desk.settings",
        "DESK_DATABASE_URL": url,
        "DESK_MEDIA": str(media),
    }
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@dataclass
class Served:
    """The site after five people were erased, and what it was like before."""

    site: Site
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    sessions: tuple[list[str], list[str]]
    screens: dict[str, object]


@pytest.fixture(scope="module")
def served(template_database, tmp_path_factory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    media = home / "media"
    with template_database.clones() as fresh:
        url = fresh()
        desk(url, media, "django", "migrate", "-v0")
        desk(url, media, "tests.flows.django_desk.fill", str(CUSTOMERS))
        (answers,) = (one.text for one in blocks_of(GUIDE) if one.word == "yaml")
        drafted = draft(url, home, yaml.safe_load(answers))
        assert f"django-helpdesk it asks {len(drafted.questions)}:" in GUIDE.read_text("utf-8")
        datamap = drafted.path
        migrate(Database(url))
        site = Site(url, home, (), datamap)
        assert drifts_of(site.stores) == ()
        # As the page says: no place at which values stay.
        assert prove(site.stores, 20).passed
        before, sessions = site.everything(), site.sessions()
        site.erase(*(one.email for one in ERASED), is_forced=True)
        after = site.everything()
        screens = json.loads(desk(url, media, "tests.flows.django_desk.screens"))
        yield Served(site, before, after, (sessions, site.sessions()), screens)


@pytest.mark.long
@pytest.mark.parametrize("one", ERASED, ids=lambda one: str(one.number))
def test_nothing_of_the_erased_is_in_the_database_or_the_media(served, one):
    held = "\n".join(row for rows in served.before.values() for row in rows)
    assert all(value in held for value in one.values[:7])
    left = [
        (table, value)
        for table, rows in served.after.items()
        for row in rows
        for value in one.values
        if value.lower() in row.lower()
    ]
    files = [
        path.name
        for path in (served.site.stores.home / "media").rglob("*.txt")
        for value in one.values
        if value in path.name or value in path.read_text("utf-8")
    ]
    assert (left, files) == ([], [])


@pytest.mark.long
def test_a_session_names_nobody_who_was_erased_and_the_others_go_on(served):
    before, after = served.sessions
    known, erased = set(map(Customer, LOGGED_IN)), set(map(Customer, LOGGED_IN)) & set(ERASED)
    assert all(any(one.email in said for said in before) for one in known)
    assert not [one for one in erased for said in after if one.email in said]
    assert all(any(one.email in said for said in after) for one in known - erased)


@pytest.mark.long
def test_every_screen_of_the_desk_opens_for_every_ticket(served):
    assert served.screens["failed"] == []
    assert served.screens["tickets"] == CUSTOMERS * 3 // 2


@pytest.mark.long
def test_what_agents_wrote_in_the_tickets_of_the_erased_goes_on_naming_them(served):
    said = served.site.query(
        "select count(*) from helpdesk_followup f join auth_user u on u.id = f.user_id "
        "where u.is_staff"
    )
    assert said == [(CUSTOMERS * 3 // 2,)]


@pytest.mark.long
def test_rows_of_everybody_else_are_as_they_were(served):
    after = served.after
    theirs = [value.lower() for one in ERASED for value in one.values]
    for table in ("auth_user", "helpdesk_ticket", "helpdesk_queue", "helpdesk_kbitem"):
        gone = [row for row in served.before[table] if row not in after[table]]
        assert all(any(value in row.lower() for value in theirs) for row in gone), table
        assert len(after[table]) == len(served.before[table]), table
