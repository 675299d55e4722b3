"""An agent of the sample, from request to certificate: their details go, what they worked on stays."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest

from lacuna.bundle import open_sealed
from lacuna.errors import RequestError
from lacuna.flows import fulfilment, intake, sweep
from lacuna.model.bundle import PrivateKey
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna_demo.embedded_server import binary
from tests.flows.conftest import Installation
from tests.flows.observation import execute, leaves_of, quiet_people, rows_of
from tests.flows.restoring import dump_of, restored

IDENTITY = pyrage.x25519.Identity.generate()
# Interactions by team, by the two ways that lead there.
BY_TEAM = """
select a.team_id, count(*), sum(c.handling_duration_s), sum(c.total_duration_s)
from contact_center.conversations c join contact_center.agents a on a.agent_id = c.assignee_id
group by 1 union all
select -q.team_id, count(*), sum(c.handling_duration_s), sum(c.total_duration_s)
from contact_center.conversations c join contact_center.queues q using (queue_id) group by 1
order by 1
"""
COUNTS = """
select (select count(*) from contact_center.messages), (select count(*) from contact_center.calls),
  (select sum(duration_s) from contact_center.calls), (select sum(score) from contact_center.ratings),
  (select count(*) from contact_center.internal_notes),
  (select sum(conversations) from contact_center.legacy_agent_load)
"""


@dataclass(frozen=True)
class Agent:
    key: str
    org_id: str
    name: str
    email: str
    phone: str | None

    @property
    def values(self) -> list[str]:
        return [one for one in (self.name, self.email, self.phone) if one]


def busiest(url: str, org_id: str = "fjordlys") -> Agent:
    """The agent of a tenant who wrote most messages."""
    ((key, name, email, phone),) = execute(
        url,
        "select a.agent_id::text, a.display_name, a.email, a.phone from contact_center.agents a "
        "join contact_center.messages m on m.author_agent_id = a.agent_id where a.org_id = %s "
        "group by a.agent_id order by count(*) desc, a.agent_id limit 1",
        org_id,
    )
    return Agent(key, org_id, name, email, phone)


def submit(installation: Installation, agent: Agent, **details: object) -> str:
    return installation.submit(
        (IdentifierKind.EMAIL, agent.email),
        org_id=agent.org_id,
        person_kind="agent",
        **details,
    )


def everything(installation: Installation) -> Iterator[str]:
    """Yield the whole database and every file of the stores, as text."""
    url = installation.url.replace("postgresql+psycopg://", "postgresql://")
    done = subprocess.run(
        [binary("pg_dump"), "--no-owner", url], capture_output=True, check=True, text=True
    )
    yield done.stdout.replace("\\n", "\n")
    yield urllib.parse.unquote(done.stdout)
    for path in sorted((installation.stores.home / "media").rglob("*")):
        if path.is_file():
            yield path.read_bytes().decode("utf-8", "replace")
            yield str(path)


def left_of(installation: Installation, agent: Agent) -> set[str]:
    texts = [text.casefold() for text in everything(installation)]
    return {value for value in agent.values if any(value.casefold() in text for text in texts)}


def plan_of(installation: Installation, request_id: str) -> str:
    with installation.stores.transaction(Role.PLANNER) as transaction:
        stored = transaction.queue.plans.get(request_id)
    assert stored is not None
    return stored.readable


@dataclass(frozen=True)
class Erased:
    """An agent who was erased, and what was before: rows, sums, and a dump of the database."""

    agent: Agent
    request_id: str
    plan: str
    rows: dict[str, Counter[str]]
    teams: list[tuple[object, ...]]
    counts: list[tuple[object, ...]]
    dump: bytes


@pytest.fixture(scope="module")
def erased_once(reaching):
    def reach(installation: Installation) -> Erased:
        url, agent = installation.url, busiest(installation.url)
        assert left_of(installation, agent) == set(agent.values)
        rows, teams, counts = rows_of(url), execute(url, BY_TEAM), execute(url, COUNTS)
        dump = dump_of(installation)
        request_id = submit(installation, agent)
        assert installation.run() is None
        assert installation.request(request_id).state is RequestState.PLANNED
        plan = plan_of(installation, request_id)
        installation.approve(request_id)
        assert installation.run() is None
        return Erased(agent, request_id, plan, rows, teams, counts, dump)

    return reaching("agent", reach)


def test_an_agent_is_erased_and_what_they_worked_on_stays(installation, erased_once):
    erased = erased_once.said
    agent, request_id, before = erased.agent, erased.request_id, erased.rows
    assert "contact_center.agents" in erased.plan
    assert "stays as a contact's; names of the agent in it are covered" in erased.plan
    assert "keys.erased" in erased.plan
    assert installation.request(request_id).state is RequestState.COMPLETED
    assert left_of(installation, agent) == set()
    after = rows_of(installation.url)
    assert execute(installation.url, BY_TEAM) == erased.teams
    assert execute(installation.url, COUNTS) == erased.counts
    assert after["contacts"] == before["contacts"]
    # Of the agents one row is another, and it says nothing but the number, the team and the year.
    assert sum((before["agents"] - after["agents"]).values()) == 1
    ((name, email, phone, signature, roles),) = execute(
        installation.url,
        "select display_name, email, phone, signature, roles from contact_center.agents "
        "where agent_id = %s",
        int(agent.key),
    )
    assert (name, phone, signature, roles) == ("[erased]", None, "[erased]", [])
    assert email.endswith("@example.invalid")
    home = installation.stores.home
    said = json.loads((home / "evidence" / "statements" / f"{request_id}.json").read_text())
    assert (said["request_id"], said["person_kind"]) == (request_id, "agent")
    # Nothing that Lacuna says of a run names the agent.
    for path in (home / "evidence").rglob("*"):
        if path.is_file():
            written = path.read_text("utf-8", "replace").casefold()
            assert not [one for one in agent.values if one.casefold() in written], path.name


@pytest.mark.thorough
def test_an_agent_whom_a_backup_brings_back_is_erased_again(installation, erased_once, database):
    """Their row keeps its key: it is back where it says more than an erasure leaves."""
    agent, dump = erased_once.said.agent, erased_once.said.dump
    end = rows_of(installation.url)
    assert installation.run(sweep) is None
    assert rows_of(installation.url)["agents"] == end["agents"], "nobody had come back"
    assert not _reappeared(installation)

    again = restored(installation, database, dump)
    assert left_of(again, agent) == set(agent.values)
    assert again.run(sweep) is None
    assert left_of(again, agent) == set()
    # An address of their own is drawn anew; everything else is as the first erasure left it.
    assert len(rows_of(again.url)["agents"] - end["agents"]) == 1
    (back,) = _reappeared(again)
    assert again.request(back).state is RequestState.COMPLETED
    assert again.request(back).person_kind == "agent"
    assert again.run(sweep) is None
    assert _reappeared(again) == [back]

    # So is a synchronization that writes one value into a row that stays erased otherwise.
    execute(
        again.url,
        "update contact_center.agents set phone = '+4520000999' where agent_id::text = %s",
        agent.key,
    )
    assert again.run(sweep) is None
    ((phone,),) = execute(
        again.url, "select phone from contact_center.agents where agent_id::text = %s", agent.key
    )
    assert phone is None
    assert len(_reappeared(again)) == 2


def _reappeared(installation: Installation) -> list[str | None]:
    return [
        leaf.entry.request_id
        for leaf in leaves_of(installation)
        if leaf.entry.action is Action.REAPPEARED and leaf.entry.phase is Phase.OUTCOME
    ]


@pytest.mark.thorough
def test_an_agent_and_a_contact_are_erased_in_one_night(little):
    agent = busiest(little.url)
    contact = little.platform.demo.forget
    other = execute(
        little.url,
        "select display_name from contact_center.agents where org_id = 'fjordlys' "
        "and agent_id <> %s order by agent_id limit 1",
        int(agent.key),
    )[0][0]
    ids = [submit(little, agent), little.submit_contact(contact)]
    assert little.run() is None
    for request_id in ids:
        little.approve(request_id)
    assert little.run() is None
    assert [little.request(one).state for one in ids] == [RequestState.COMPLETED] * 2
    person = little.platform.people[contact]
    texts = [text.casefold() for text in everything(little)]
    gone = [*agent.values, *person.emails, *person.phones, person.full_name]
    assert not [one for one in gone if any(one.casefold() in text for text in texts)]
    assert any(str(other).casefold() in text for text in texts)


@pytest.mark.thorough
def test_what_is_left_of_an_agent_fails_the_run(little):
    agent = busiest(little.url)
    request_id = submit(little, agent)
    assert little.run() is None
    little.approve(request_id)
    options, batch_id = little.options(), str(uuid.uuid4())
    fulfilment.claim(little.stores, options, batch_id)
    fulfilment.resolve_and_plan(little.stores, options, batch_id)
    fulfilment.apply(little.stores, options, batch_id)
    execute(
        little.url,
        "update contact_center.queues set name = name || %s where queue_id = "
        "(select min(queue_id) from contact_center.queues where org_id = %s)",
        f" ({agent.name})",
        agent.org_id,
    )
    fulfilment.verify(little.stores, options, batch_id)
    assert little.request(request_id).state is RequestState.APPLIED
    assert little.obstacle(request_id) == Obstacle.VERIFICATION_FAILED


@pytest.mark.thorough
def test_an_agent_named_where_nobody_is_expected_keeps_the_plan_back(little):
    agent = busiest(little.url)
    execute(
        little.url,
        "update contact_center.teams set name = name || %s where team_id = "
        "(select min(team_id) from contact_center.teams where org_id = %s)",
        f" ({agent.email})",
        agent.org_id,
    )
    request_id = submit(little, agent)
    refused = little.run()
    assert refused is not None
    assert little.obstacle(request_id) == Obstacle.MENTION_REFUSED
    assert little.request(request_id).state is RequestState.RESOLVED


@pytest.mark.thorough
def test_a_contacts_erasure_finds_no_agent_and_an_agents_no_contact(little):
    agent = busiest(little.url)
    as_contact = little.submit((IdentifierKind.EMAIL, agent.email), org_id=agent.org_id)
    person = little.platform.people[little.platform.demo.forget]
    as_agent = little.submit(
        (IdentifierKind.EMAIL, person.emails[0]), org_id=person.org_id, person_kind="agent"
    )
    before = rows_of(little.url)
    assert little.run() is None
    states = {little.request(one).state for one in (as_contact, as_agent)}
    assert states == {RequestState.NOTHING_FOUND}
    assert rows_of(little.url) == before


@pytest.mark.thorough
def test_the_bundle_of_an_agent_has_their_details_and_no_contacts(little, tmp_path: Path):
    agent = busiest(little.url)
    request_id = submit(
        little, agent, kinds=(RequestKind.ACCESS,), bundle_key=str(IDENTITY.to_public())
    )
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED
    sealed = little.stores.home / "bundles" / f"{request_id}.zip.age"
    folder = open_sealed(sealed, PrivateKey(str(IDENTITY)), tmp_path / "opened").folder
    tables = {path.stem for path in (folder / "access" / "json").glob("*.json")}
    assert "contact_center.agents" in tables
    assert not tables & {"contact_center.contacts", "contact_center.messages"}
    said = "\n".join(
        path.read_bytes().decode("utf-8", "replace") for path in folder.rglob("*") if path.is_file()
    )
    assert agent.name in said
    assert agent.email in said
    strangers = [
        one
        for person in little.platform.people.values()
        for one in (*person.emails, person.full_name)
        if one in said
    ]
    assert strangers == []


@pytest.mark.thorough
def test_a_contact_whom_an_agents_own_row_names_is_not_in_their_bundle(little, tmp_path: Path):
    agent = busiest(little.url)
    contact = little.platform.people[quiet_people(little.platform)[0]]
    execute(
        little.url,
        "update contact_center.agents set signature = %s where email = %s",
        f"Ask {contact.emails[0]} or me, {agent.name}",
        agent.email,
    )
    request_id = submit(
        little, agent, kinds=(RequestKind.ACCESS,), bundle_key=str(IDENTITY.to_public())
    )
    assert little.run() is None
    sealed = little.stores.home / "bundles" / f"{request_id}.zip.age"
    folder = open_sealed(sealed, PrivateKey(str(IDENTITY)), tmp_path / "opened").folder
    said = (folder / "access" / "json" / "contact_center.agents.json").read_text("utf-8")
    assert "Ask " in said
    assert agent.name in said
    assert contact.emails[0] not in said


def test_other_systems_name_the_kind_in_the_inbox(little):
    agent = busiest(little.url)
    for kind in ("agent", "agnet"):
        execute(
            little.url,
            "insert into lacuna.request_inbox (org_id, kinds, emails, verified_by, person_kind) "
            "values (%s, '{erasure}', %s, 'badge', %s)",
            agent.org_id,
            [agent.email],
            kind,
        )
    intake.flow._take_inbox(
        little.stores,
        little.options(),
        str(uuid.uuid4()),
        intake.flow.Steps(little.stores, little.options(), "intake"),
    )
    (queued, request_id, _), (rejected, _, reason) = execute(
        little.url,
        "select status, request_id::text, reason from lacuna.request_inbox order by inbox_id",
    )
    assert (queued, rejected) == ("queued", "rejected")
    known = "contact, agent"
    assert reason == f"request: the data map has no such kind of person; known kinds: {known}"
    assert little.request(request_id).person_kind == "agent"


def test_what_is_a_contacts_alone_is_refused_for_an_agent(little):
    agent = busiest(little.url)
    with pytest.raises(RequestError, match="restriction applies to contacts only"):
        submit(little, agent, kinds=(RequestKind.RESTRICTION,))
    with pytest.raises(RequestError, match="only a contact has conversations and messages"):
        little.submit(
            (IdentifierKind.CONVERSATION_ID, "1"), org_id=agent.org_id, person_kind="agent"
        )


def test_the_same_address_of_a_contact_and_an_agent_is_two_requests(little):
    agent = busiest(little.url)
    one = submit(little, agent)
    assert submit(little, agent) == one
    assert little.submit((IdentifierKind.EMAIL, agent.email), org_id=agent.org_id) != one


# --- one human who is both ------------------------------------------------------------------------

ROW_OF_AGENT = "select a::text from contact_center.agents a where agent_id::text = %s"
ROW_OF_CONTACT = "select c::text from contact_center.contacts c where contact_id::text = %s"


def an_agent_who_is_a_contact(installation: Installation) -> tuple[Agent, str]:
    """Give an agent the address, number and name of a contact, in every row of theirs."""
    agent, contact = busiest(installation.url), quiet_people(installation.platform)[0]
    ((name, email, phone),) = execute(
        installation.url,
        "select display_name, email, phone_e164 from contact_center.contacts "
        "where contact_id::text = %s",
        contact,
    )
    execute(
        installation.url,
        "update contact_center.agents set display_name = %s, email = %s, phone = %s "
        "where agent_id::text = %s",
        name,
        email,
        phone,
        agent.key,
    )
    execute(
        installation.url,
        "update contact_center.conversation_export set assignee_name = %s, assignee_email = %s, "
        "assignee_phone_number = %s where assignee_id::text = %s",
        name,
        email,
        phone,
        agent.key,
    )
    return Agent(agent.key, agent.org_id, str(name), str(email), str(phone)), contact


@pytest.mark.thorough
def test_a_contact_who_is_an_agent_is_erased_and_goes_on_working(installation):
    """What the agent's row holds besides stays there: a badge, a login, no identifier of the map."""
    agent, contact = an_agent_who_is_a_contact(installation)
    badged, other = quiet_people(installation.platform)[1:3]
    execute(
        installation.url,
        "update contact_center.agents a set roles = array['BDG-4471-92'] from contact_center.contacts c "
        "where c.contact_id::text = %s and a.agent_id = (select min(agent_id) "
        "from contact_center.agents x where x.org_id = c.org_id and agent_id::text <> %s)",
        badged,
        agent.key,
    )
    for one in (badged, other):
        execute(
            installation.url,
            "update contact_center.messages m set body_text = 'badge BDG-4471-92' "
            "from contact_center.conversations c where c.conversation_id = m.conversation_id "
            "and c.requester_id::text = %s",
            one,
        )
    execute(
        installation.url,
        "update contact_center.contacts set custom_attributes = %s::jsonb where contact_id::text = %s",
        json.dumps({"member_no": "BDG-4471-92"}),
        badged,
    )
    before = execute(installation.url, ROW_OF_AGENT, agent.key)
    exported = "select count(*) from contact_center.conversation_export where assignee_email = %s"
    ((worked_on,),) = execute(installation.url, exported, agent.email)

    installation.erase(contact, badged)

    assert execute(installation.url, ROW_OF_AGENT, agent.key) == before
    assert execute(installation.url, exported, agent.email) == [(worked_on,)]
    texts = execute(
        installation.url,
        "select count(*) from contact_center.messages where body_text ilike %s",
        f"%{agent.email}%",
    )
    assert texts == [(0,)]
    held = "select count(*) from contact_center.agents where roles = array['BDG-4471-92']"
    assert execute(installation.url, held) == [(1,)]
    said = "select count(*) from contact_center.messages where body_text like %s"
    assert execute(installation.url, said, "%4471-92%") == [(0,)]


@pytest.mark.thorough
def test_an_agent_who_is_a_contact_is_erased_and_stays_a_contact(installation):
    agent, contact = an_agent_who_is_a_contact(installation)
    before = execute(installation.url, ROW_OF_CONTACT, contact)

    request_id = submit(installation, agent)
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None

    assert installation.request(request_id).state is RequestState.COMPLETED
    assert execute(installation.url, ROW_OF_CONTACT, contact) == before
    ((row,),) = execute(installation.url, ROW_OF_AGENT, agent.key)
    assert not [one for one in agent.values if one in str(row)]
