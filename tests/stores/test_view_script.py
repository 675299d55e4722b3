"""The views that are drafted for the marts: what they count is what is there, on three schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

import lacuna
from lacuna.datamap import load, load_text, scaffold
from lacuna.datamap.check.mart_counts import check_counted
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap
from lacuna.model.request import Level
from lacuna.model.run import Role
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.view_script import REPORTING, view_script
from tests.datamap.test_scaffold import look_at

ROOT = Path(__file__).parents[2]
HELPDESK, STRANGERS = (ROOT / "tests" / "datamap" / one for one in ("helpdesk", "strangers"))
CHATWOOT = Path(lacuna.__file__).parent / "packs" / "chatwoot"
SCRIPTS = {
    "helpdesk": (HELPDESK / "schema.sql", HELPDESK / "seed.sql"),
    "firms": (STRANGERS / "tenants.sql",),
    "chatwoot": (ROOT / "tests/packs/chatwoot.sql", ROOT / "tests/packs/chatwoot_seed.sql"),
}
# What the views count, and the same of the platform's own tables.
COUNTED = {
    "helpdesk": (
        "select org_id, requester_id, state, queue_id <> 0, assignee_id, created_at from {v}.conversations",
        "select 'shop', requester_id, case state when 'solved' then 'closed' else 'open' end, "
        "mailbox_id is not null, assignee_id, created_at from helpdesk.tickets",
    ),
    "firms": (
        "select org_id, requester_id from {v}.conversations",
        "select account_id::text, customer_id from desk.tickets",
    ),
    "chatwoot": (
        "select org_id, requester_id, state, assignee_id, first_response_at from {v}.conversations",
        "select account_id::text, contact_id, case status when 1 then 'closed' else 'open' end, assignee_id, "
        "first_reply_created_at at time zone 'UTC' from conversations",
    ),
}
RATED = {
    "helpdesk": "select requester_id, score from helpdesk.ratings r join helpdesk.tickets t on t.id = ticket_id "
    "where score is not null",
    "firms": "select customer_id, score from desk.ratings r join desk.tickets t on t.id = ticket_id",
    "chatwoot": "select contact_id, rating from csat_survey_responses",
}


def map_of(name: str, url: str) -> DataMap:
    match name:
        case "helpdesk":
            return load(HELPDESK / "datamap.yaml")
        case "chatwoot":
            return load(CHATWOOT / "datamap.yaml")
    stranger = look_at(url)
    return load_text(scaffold(stranger.live, stranger.sample, {}).text, Path("datamap.yaml"))


@pytest.fixture(scope="module", params=SCRIPTS)
def drafted(request, template_database) -> Iterator[tuple[str, psycopg.Connection, DataMap, str]]:
    with template_database.clones() as fresh:
        url = fresh()
        with psycopg.connect(
            url.replace("+psycopg", ""), options="-c search_path=public", autocommit=True
        ) as connection:
            for script in SCRIPTS[request.param]:
                connection.execute(script.read_text("utf-8"))
            datamap = map_of(request.param, url)
            with Database(url).transaction(Role.OWNER, is_read_only=True) as reading:
                live = read_live_schema(reading, datamap.schemas)
            for _ in range(2):  # it can be run again
                connection.execute(view_script(datamap, live))
            yield request.param, connection, datamap, url


def test_the_marts_can_read_what_is_drafted(drafted):
    _, _, datamap, url = drafted
    with Database(url).transaction(Role.OWNER, is_read_only=True) as connection:
        live = read_live_schema(connection, (*datamap.schemas, REPORTING))
    assert list(check_counted(replace(datamap, reporting=REPORTING), live)) == []


def test_what_is_counted_is_what_the_platform_has(drafted):
    name, connection, _, _ = drafted
    viewed, there = COUNTED[name]
    found = connection.execute(viewed.format(v=REPORTING)).fetchall()
    assert sorted(map(str, found)) == sorted(map(str, connection.execute(there).fetchall())) != []
    rated = connection.execute(f"select requester_id, score from {REPORTING}.ratings").fetchall()  # noqa: S608
    assert sorted(rated) == sorted(connection.execute(RATED[name]).fetchall()) != []


def test_every_queue_team_and_agent_of_a_conversation_is_there(drafted):
    _, connection, _, _ = drafted
    lost = connection.execute(f"""
        select count(*) from {REPORTING}.conversations one
        left join {REPORTING}.queues queue using (queue_id) left join {REPORTING}.teams team using (team_id)
        left join {REPORTING}.agents agent on agent_id = assignee_id
        left join {REPORTING}.organizations org on org.org_id = one.org_id
        left join {REPORTING}.contacts person on person.contact_id = one.requester_id
        where queue.name is null or team.name is null or org.org_id is null or person.contact_id is null
            or (assignee_id is not null and agent.agent_id is null)
    """)  # noqa: S608
    assert lost.fetchall() == [(0,)]


def test_without_conversations_there_is_nothing_to_count(drafted):
    _, _, datamap, url = drafted
    with Database(url).transaction(Role.OWNER, is_read_only=True) as connection:
        live = read_live_schema(connection, datamap.schemas)
    levels = {Level.CONTACT: datamap.subject.table}
    silent = replace(datamap, subject=replace(datamap.subject, levels=levels))
    with pytest.raises(ConfigurationError, match="need a table of conversations"):
        view_script(silent, live)
