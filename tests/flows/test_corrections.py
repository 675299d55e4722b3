"""A correction corrects every copy that the data map knows, and says what it leaves (Art. 16, 19)."""

from __future__ import annotations

import io
import json
from collections import Counter, defaultdict

import pyarrow.parquet as pq
import pytest

from lacuna.datamap import load
from lacuna.errors import VerificationFailed
from lacuna.flows import fulfilment
from lacuna.flows.fulfilment import application
from lacuna.model.evidence import Action, Phase
from lacuna.model.plan import RectifyCopies, RectifyObjects
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.plan import restore
from lacuna.stores.objects.folder import FolderObjects
from tests.flows.conftest import DATAMAP
from tests.flows.observation import connect, execute, leaves_of, platform_of, quiet_people

pytestmark = pytest.mark.usefixtures("discreet")

NEW = "corrected.address@example.org"
EXPORTS = "exports/*.parquet"


def correct(installation, contact: str, **values: str) -> str:
    return installation.submit_contact(
        contact, kinds=(RequestKind.RECTIFICATION,), rectifications=values
    )


def carry_out(installation, request_id: str) -> None:
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED


def copies_of(installation, value: str, *, in_text: bool = False) -> Counter[str]:
    """Return in how many rows of each column, and of each column of the exports, a value stands.

    Args:
        in_text: in what people wrote; else in everything but that.
    """
    datamap = load(DATAMAP)
    found: Counter[str] = Counter()
    with connect(installation.url) as connection:
        for table in datamap.tables.values():
            for column in table.columns:
                if is_written(column) is in_text:
                    found[f"{table.name}.{column.name}"] = connection.execute(
                        f"select count(*) from {table.name} "  # noqa: S608
                        f"where strpos(lower({column.name}::text), lower(%s)) > 0",
                        [value],
                    ).fetchone()[0]
    export = datamap.tables[datamap.stores["media"].files[-1].table]
    for path in (installation.stores.home / "media" / "exports").glob("*.parquet"):
        for row in pq.ParquetFile(io.BytesIO(path.read_bytes())).read().to_pylist():
            for name, content in row.items():
                if is_written(export.column(name)) is in_text:
                    found[f"media/{EXPORTS}.{name}"] += value.lower() in str(content).lower()
    return +found


def is_written(column) -> bool:
    return column.is_text or column.category.startswith("user.content")


@pytest.fixture(scope="module")
def somebody_once(reaching):
    """Says whose address stands in the most places; nothing happened yet."""

    def reach(installation) -> str:
        people = installation.platform.people
        return max(
            (one for one in quiet_people(installation.platform) if people[one].emails),
            key=lambda one: len(copies_of(installation, people[one].emails[0])),
        )

    return reaching("somebody", reach)


@pytest.fixture(scope="module")
def planned_once(reaching, somebody_once):
    """Returns the request for another address of theirs, of which there is a plan."""

    def reach(installation) -> str:
        request_id = correct(installation, somebody_once.said, email=NEW)
        assert installation.run() is None
        return request_id

    return reaching("planned", reach)


@pytest.fixture
def somebody(somebody_once) -> str:
    return somebody_once.said


@pytest.mark.thorough
def test_a_corrected_address_stands_nowhere_but_in_what_people_wrote(
    installation, planned_once, somebody
):
    old = installation.platform.people[somebody].emails[0]
    before, written = copies_of(installation, old), copies_of(installation, old, in_text=True)
    assert before["contact_center.contact_aliases.value_norm"]
    assert before["contact_center.legacy_contact_360.email"]
    assert before["contact_center.contacts.custom_attributes"]
    assert before[f"media/{EXPORTS}.requester_email"]
    assert written

    request_id = planned_once.said
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED

    assert copies_of(installation, old) == {}
    assert copies_of(installation, NEW) == before
    assert copies_of(installation, old, in_text=True) == written
    assert copies_of(installation, NEW, in_text=True) == {}
    said = statement_of(installation, request_id)
    kept = {one["location"]: one["rows"] for one in said["kept"]}
    assert {place: kept.get(place) for place in written} == written
    assert "copies" in said["verification"]["gates"]
    done = {one["location"]: one["rows"] for one in said["done"] if one["action"] == "rectify"}
    assert done["contact_center.legacy_contact_360"] == 1
    assert done[f"media/{EXPORTS}"] == 1
    assert execute(installation.url, "select count(*) from lacuna.request_secret") == [(0,)]


def test_the_plan_lists_each_copy_with_its_rows_and_none_of_its_values(
    installation, planned_once, somebody
):
    old = installation.platform.people[somebody].emails[0]
    wanted = copies_of(installation, old)
    del wanted["contact_center.contacts.email"]
    stored, plan = plan_of(installation, planned_once.said)
    found = Counter()
    for step in plan.steps:
        match step:
            case RectifyCopies(table, columns, _, _):
                found.update({f"{table}.{name}": rows for name, rows in columns})
            case RectifyObjects(store, pattern, columns, 1, _):
                found.update({f"{store}/{pattern}.{name}": rows for name, rows in columns})
    assert found == wanted
    # Each row once: that of the person holds a copy in its documents too.
    assert plan.total_rows == sum(
        step.rows for step in plan.steps if isinstance(step, RectifyCopies)
    )
    for said in (stored.readable, stored.steps):
        assert old not in said.lower()
        assert NEW not in said
    assert "Texts that people wrote are not rewritten" in stored.readable
    assert (
        "correct copies in contact_center.legacy_contact_360, rows: 1: email (1 rows)"
        in stored.readable
    )


@pytest.mark.thorough
def test_a_crash_after_the_rows_needs_no_new_approval(
    installation, planned_once, somebody, monkeypatch
):
    old = installation.platform.people[somebody].emails[0]
    before = copies_of(installation, old)
    request_id = planned_once.said
    installation.approve(request_id)

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(application, "_bundle", crash)
        with pytest.raises(KeyboardInterrupt):
            installation.run()
    assert installation.request(request_id).state is RequestState.APPROVED
    assert set(copies_of(installation, old)) == {f"media/{EXPORTS}.requester_email"}
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    assert copies_of(installation, NEW) == before
    assert corrected(installation, request_id)["contact_center.contact_aliases"] == [1]


@pytest.mark.thorough
def test_a_crash_after_an_export_was_written_writes_it_once_more(
    installation, planned_once, somebody, monkeypatch
):
    old = installation.platform.people[somebody].emails[0]
    before = copies_of(installation, old)
    request_id = planned_once.said
    installation.approve(request_id)
    replace = FolderObjects.replace

    def crash(self, path, content):
        replace(self, path, content)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(FolderObjects, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            installation.run()
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    assert copies_of(installation, old) == {}
    assert copies_of(installation, NEW) == before
    assert corrected(installation, request_id)[f"media/{EXPORTS}"] == [1]


@pytest.mark.thorough
def test_a_night_in_chunks_corrects_exports_too(installation, planned_once, somebody):
    old = installation.platform.people[somebody].emails[0]
    before = copies_of(installation, old)
    request_id = planned_once.said
    installation.approve(request_id)
    options = installation.options()
    batch_id = options.run_id.removeprefix("test-")

    def go(name: str, chunk: int | None = None) -> object:
        return fulfilment.stage_of(name if chunk is None else f"{name}_chunk", chunk)(
            installation.stores, options, batch_id
        )

    go("claim")
    numbers = go("divide")
    for name in ("apply", "rewrite"):
        for number in numbers:
            go(name, number)
    go("apply")
    go("verify")
    for number in numbers:
        go("close", number)
    go("conclude")
    assert installation.request(request_id).state is RequestState.COMPLETED
    assert copies_of(installation, NEW) == before
    assert corrected(installation, request_id)[f"media/{EXPORTS}"] == [1]


@pytest.mark.thorough
def test_a_copy_that_is_left_makes_the_run_red(installation, planned_once, somebody):
    """One in a table, and one in an export."""
    table = "contact_center.legacy_csat_weekly"
    old = installation.platform.people[somebody].emails[0]
    request_id = planned_once.said
    installation.approve(request_id)
    export = next((installation.stores.home / "media" / "exports").glob("*.parquet"))
    content = export.read_bytes()
    options = installation.options()
    batch_id = options.run_id.removeprefix("test-")
    for stage in (fulfilment.claim, fulfilment.apply):
        stage(installation.stores, options, batch_id)
    export.write_bytes(content)
    execute(
        installation.url,
        f"update {table} set requester_email = %s "  # noqa: S608
        f"where row_id = (select min(row_id) from {table} where org_id = 'fjordlys')",
        old.upper(),
    )
    assert isinstance(installation.run(), VerificationFailed)
    assert installation.request(request_id).state is RequestState.APPLIED
    ((found,),) = execute(
        installation.url,
        "select result -> 'findings' from lacuna.verification where request_id = %s",
        request_id,
    )
    assert sorted(found, key=lambda one: one["location"]) == [
        {"gate": "copies", "location": place, "count": 1}
        for place in (f"{table}.requester_email", f"media/{EXPORTS}")
    ]


@pytest.mark.thorough
def test_a_number_that_somebody_else_holds_too_stays_theirs(installation):
    one, other = installation.platform.demo.household
    number = installation.platform.people[one].phones[0]
    theirs = rows_with(installation, other, number)
    assert {"contacts", EXPORTS} <= theirs.keys()
    assert {"contacts", EXPORTS} <= rows_with(installation, one, number).keys()
    request_id = correct(installation, one, phone_e164="+4531000998")
    carry_out(installation, request_id)
    assert rows_with(installation, one, number) == Counter()
    assert rows_with(installation, other, number) == theirs


@pytest.mark.thorough
def test_a_copy_where_the_map_expects_nobody_refuses_the_plan(installation, somebody):
    """Nothing would correct it: the gate would find it once everything else was changed."""
    old = installation.platform.people[somebody].emails[0]
    execute(
        installation.url,
        "update contact_center.queues set name = %s where queue_id = "
        "(select min(queue_id) from contact_center.queues where org_id = 'fjordlys')",
        f"mails of {old}",
    )
    before = platform_of(installation)
    request_id = correct(installation, somebody, email=NEW)
    assert isinstance(installation.run(), VerificationFailed)
    assert installation.request(request_id).state is RequestState.RESOLVED
    assert installation.obstacle(request_id) is Obstacle.MENTION_REFUSED
    assert platform_of(installation) == before


@pytest.mark.thorough
def test_a_town_is_corrected_in_the_rows_of_the_person_alone(installation):
    """Also one of several words: it could mean somebody, and says of many where they live."""
    towns = "select city from contact_center.legacy_contact_360 where contact_id::text {} %s"
    lives = {
        one: town
        for one in quiet_people(installation.platform)
        for (town,) in execute(installation.url, towns.format("="), one)
    }
    of_town = {town: one for one, town in lives.items()}
    chosen = [one for one in of_town.values() if (lives[one],) in others_of(installation, one)][:3]
    for person, named in zip(chosen, (None, "København S", "Nørre Alslev By"), strict=True):
        for table in ("contacts", "legacy_contact_360") if named else ():
            execute(
                installation.url,
                f"update contact_center.{table} set city = %s where city = %s",  # noqa: S608
                named,
                lives[person],
            )
        assert execute(installation.url, towns.format("="), person) == [(named or lives[person],)]
        assert (named or lives[person],) in others_of(installation, person, *chosen)
    others = others_of(installation, *chosen)
    ids = [correct(installation, one, city="Corrected Town") for one in chosen]
    assert installation.run() is None
    for request_id in ids:
        installation.approve(request_id)
    assert installation.run() is None
    for request_id, person in zip(ids, chosen, strict=True):
        assert installation.request(request_id).state is RequestState.COMPLETED
        assert execute(installation.url, towns.format("="), person) == [("Corrected Town",)]
    assert others_of(installation, *chosen) == others


def others_of(installation, *people: str) -> Counter[tuple[str]]:
    """Return where all others live."""
    return Counter(
        execute(
            installation.url,
            "select city from contact_center.legacy_contact_360 "
            "where not (contact_id::text = any(%s))",
            list(people),
        )
    )


@pytest.mark.thorough
def test_a_family_name_is_corrected_in_full_names_too(installation, somebody):
    ((last, display),) = execute(
        installation.url,
        "select last_name, display_name from contact_center.contacts where contact_id::text = %s",
        somebody,
    )
    new = display.replace(last, f"{last} Nyenavn")
    before = copies_of(installation, display)
    assert before["contact_center.legacy_contact_360.full_name"]
    # The right name holds the wrong one: that is no copy that was left.
    carry_out(installation, correct(installation, somebody, last_name=f"{last} Nyenavn"))
    assert copies_of(installation, new) == before
    assert copies_of(installation, f"{new} Nyenavn") == {}


@pytest.mark.thorough
def test_an_alias_that_is_there_already_is_not_made_twice(installation, somebody):
    execute(
        installation.url,
        "insert into contact_center.contact_aliases select max(alias_id) + 1, 'fjordlys', "
        "cast(%s as uuid), 'email', %s, 'agent', now(), false from contact_center.contact_aliases",
        somebody,
        NEW,
    )
    old = installation.platform.people[somebody].emails[0]
    carry_out(installation, correct(installation, somebody, email=NEW))
    aliases = "select value_norm from contact_center.contact_aliases where contact_id::text = %s"
    values = [value for (value,) in execute(installation.url, aliases, somebody)]
    assert values.count(NEW) == 1
    assert old not in values


@pytest.mark.thorough
def test_what_is_erased_with_the_same_request_is_not_corrected_first(installation, somebody):
    kinds = (RequestKind.RECTIFICATION, RequestKind.ERASURE)
    old = installation.platform.people[somebody].emails[0]
    request_id = installation.submit_contact(somebody, kinds=kinds, rectifications={"email": NEW})
    assert installation.run() is None
    _, plan = plan_of(installation, request_id)
    assert not any(isinstance(step, RectifyCopies | RectifyObjects) for step in plan.steps)
    installation.approve(request_id)
    assert installation.run() is None
    assert copies_of(installation, old) == copies_of(installation, NEW) == {}


def plan_of(installation, request_id: str):
    with installation.stores.transaction(Role.PLANNER) as transaction:
        stored = transaction.queue.plans.get(request_id)
        return stored, restore(transaction.queue.requests.get(request_id), stored)


def statement_of(installation, request_id: str):
    path = installation.stores.home / "evidence" / "statements" / f"{request_id}.json"
    return json.loads(path.read_bytes())


def corrected(installation, request_id: str) -> dict[str, list[int]]:
    """Return the rows or files of each outcome that the ledger has of a correction, by place."""
    found = defaultdict(list)
    for entry in (leaf.entry for leaf in leaves_of(installation, request_id)):
        if entry.action is Action.RECTIFY and entry.phase is Phase.OUTCOME:
            found[entry.location].append(entry.rows)
    return found


def rows_with(installation, contact: str, value: str) -> Counter[str]:
    """Return in how many of a person's own rows, of some tables and the exports, a value stands."""
    found = Counter()
    for table, link in (
        ("contacts", "contact_id"),
        ("contact_aliases", "contact_id"),
        ("legacy_contact_360", "contact_id"),
        ("conversation_export", "requester_id"),
    ):
        ((found[table],),) = execute(
            installation.url,
            f"select count(*) from contact_center.{table} t "  # noqa: S608
            f"where {link}::text = %s "
            "and strpos(t::text, %s) > 0",
            contact,
            value,
        )
    for path in (installation.stores.home / "media" / "exports").glob("*.parquet"):
        for row in pq.ParquetFile(io.BytesIO(path.read_bytes())).read().to_pylist():
            found[EXPORTS] += row["requester_id"] == contact and value in str(row)
    return +found
