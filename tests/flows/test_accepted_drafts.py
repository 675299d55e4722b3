"""Every default of the scaffold on the schemas that the tests know: nothing is certified while anything is left.

Whatever the map is like, an erasure ends in one of two ways: nothing of the person is in any row, or the
request is not completed and the place is named.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lacuna.errors import VerificationFailed
from lacuna.flows.fulfilment import prove
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database
from lacuna_demo.bulk import create_platform, load_rows
from lacuna_demo.sample import SampleOptions, generate
from tests.brought import Brought
from tests.drafting import SAID, draft
from tests.flows.test_every_default import STRANGERS, made_by
from tests.helpdesk import FILES, HERS, INGRID, SCRIPTS
from tests.proved import let_pass

REFUSING = {Obstacle.MENTION_REFUSED, Obstacle.ROWS_UNREACHED}


@dataclass(frozen=True)
class Schema:
    """A platform, one of its people, and what only a person can say of it."""

    fill: Callable[[str], object]
    mail: str
    values: tuple[str, ...]
    org_id: str = "main"
    said: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    completes: bool = False


def by_script(name: str) -> Callable[[str], object]:
    return lambda url: made_by(url, (STRANGERS / name).read_text("utf-8"))


SAMPLE = generate(SampleOptions(contacts=60, conversations=240, seed=7))


def fill_sample(url: str) -> None:
    create_platform(Database(url), "contact_center")
    load_rows(
        Database(url),
        (
            (TableName.parse(name), table.columns, table.rows)
            for name, table in SAMPLE.tables.items()
        ),
    )


def of_sample() -> Schema:
    """Return the sample, with the first person who has a name, an address and a telephone number."""
    table = SAMPLE.tables["contact_center.contacts"]
    for row in table.rows:
        one = dict(zip(table.columns, row, strict=True))
        known = (one["email"], one["display_name"], one["phone_e164"])
        if all(known):
            values = tuple(str(value) for value in known)
            return Schema(fill_sample, values[0], values, str(one["org_id"]), completes=True)
    raise AssertionError("nobody in the sample has all three")


SCHEMAS = {
    "livechat": Schema(
        by_script("livechat.sql"),
        # Nobody else has that name.
        "visitor30@example.org",
        ("visitor30@", "@visitor30", "Ada Okafor", "198.51.100.30", "+45 20 30 40 11"),
        said=(("open_when", "status = 0, 1"),),
    ),
    "settings": Schema(
        by_script("settings.sql"),
        "guest7@example.org",
        ("guest7@", "Guest Number7"),
        said=(("open_when", "status = 9"),),
    ),
    "helpdesk": Schema(
        lambda url: [made_by(url, script) for script in SCRIPTS], INGRID, HERS, files=FILES
    ),
    "contact_center": of_sample(),
}


def left_of(platform: Brought, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return where something of a person is left, and what, in any table but Lacuna's own."""
    tables = platform.query(
        "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = relnamespace "
        "where relkind in ('r', 'm') and nspname !~ '^(pg_|lacuna|reporting|information_schema)'"
    )
    return [
        (table, value)
        for (table,) in tables
        for (row,) in platform.query(f"select to_jsonb(t)::text from {table} t")  # noqa: S608
        for value in values
        if value.lower() in row.lower()
    ]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one, marks=pytest.mark.long if one == "contact_center" else ())
        for one in SCHEMAS
    ],
)
def test_an_erasure_leaves_nothing_or_is_refused_and_says_where(
    name, database, lacuna_home, tmp_path, caplog
):
    schema = SCHEMAS[name]
    drafting = database()
    schema.fill(drafting)
    path = draft(drafting, tmp_path, SAID | dict(schema.said)).path
    platform = opened(schema, database("lacuna"), lacuna_home, path)
    before = left_of(platform, schema.values)
    assert len(before) >= 2
    proof = prove(platform.stores)
    request_id = platform.submit(IdentifierKind.EMAIL, schema.mail)
    if not proof.passed:
        with pytest.raises(VerificationFailed):
            platform.run()
        assert obstacle(platform, request_id) is Obstacle.MAP_UNPROVED
        assert all(one.place for one in proof.findings)
        let_pass(platform.stores)
    caplog.set_level(logging.INFO)
    refused = run(platform)
    if obstacle(platform, request_id) in REFUSING:
        assert refused
        assert " row" in caplog.text
        assert left_of(platform, schema.values) == before
        return
    platform.approve(request_id)
    if run(platform):
        assert not schema.completes
        # Applied or rolled back, it is not completed, and what is wrong has a place.
        assert platform.state(request_id) is not RequestState.COMPLETED
        assert re.search(r"residue \w+\.\w+\.\w+|table \w+, constraint \w+", caplog.text)
        return
    assert platform.state(request_id) is RequestState.COMPLETED
    assert left_of(platform, schema.values) == []


def opened(schema: Schema, url: str, home: Path, datamap: Path) -> Brought:
    """Open an installation on a platform, with the files that its rows name."""
    kind = type("Accepted", (Brought,), {"org_id": schema.org_id, "tenants": (schema.org_id,)})
    schema.fill(url)
    for file in schema.files:
        place = home / "media" / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"\x89 no text in it\n")
    return kind(url, home, (), datamap)


def run(platform: Brought) -> bool:
    """Run a night; return whether it ended red."""
    try:
        platform.run()
    except VerificationFailed:
        return True
    return False


def obstacle(platform: Brought, request_id: str) -> Obstacle | None:
    with platform.stores.transaction(Role.PLANNER) as transaction:
        return transaction.queue.requests.obstacle(request_id)
