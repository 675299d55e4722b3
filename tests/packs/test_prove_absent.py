"""`lacuna prove-absent` over a running Request Tracker: what its shredder and a DELETE by hand left."""

from __future__ import annotations

import base64
import binascii
import csv
import json
import re

import pytest

from tests.cli.conftest import run_here
from tests.packs.request_tracker.people import CUSTOMERS, NEIGHBORS, write
from tests.packs.request_tracker.running import RequestTracker

pytestmark = [pytest.mark.long, pytest.mark.request_tracker]
LISTED = tuple(one for customer in CUSTOMERS for one in customer.listed)
SHREDDED = CUSTOMERS[:10]
DELETED = """
delete from attachments where filename ~ '^alias_01[0-9].txt$';
create temporary table gone as select id from users where emailaddress ~ '0(1[0-9])@example.org$';
create temporary table theirs as select id from tickets where creator in (select id from gone);
delete from objectcustomfieldvalues where objecttype = 'RT::User' and objectid in (select id from gone);
delete from groupmembers where memberid in (select id from gone);
delete from cachedgroupmembers where memberid in (select id from gone);
delete from tickets where id in (select id from theirs);
delete from principals where id in (select id from gone);
delete from users where id in (select id from gone);
"""


def rows(tracker: RequestTracker) -> dict[str, str]:
    """Return all rows as text, by table, with what is base64 in them decoded."""
    found = {}
    for (table,) in tracker.query(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    ):
        texts = [text for (text,) in tracker.query(f"select t::text from {table} t")]  # noqa: S608
        if table == "sessions":
            texts += [
                bytes(one).decode() for (one,) in tracker.query("select a_session from sessions")
            ]
        found[table] = "\n".join([*texts, *(decoded(text) for text in texts)]).lower()
    return found


def decoded(text: str) -> str:
    whole = re.sub(r"\s", "", text)
    parts = []
    for run in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", whole):
        try:
            parts.append(base64.b64decode(run[: len(run) // 4 * 4]).decode("latin-1"))
        except binascii.Error:
            continue
    return "\n".join(parts)


@pytest.fixture(scope="module")
def identifiers(tmp_path_factory):
    """A list with each value as a person of its own, so that the report says which were found."""
    path = tmp_path_factory.mktemp("list") / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("person", "kind", "value"), *((f"p{n}", *one) for n, one in enumerate(LISTED, 1))]
        )
    return path


@pytest.fixture
def filled(database, tmp_path):
    """Make a desk in which customers wrote and were answered."""

    def fill(*people) -> RequestTracker:
        tracker = RequestTracker(database(), tmp_path / "rt")
        tracker.set_up()
        tracker.people = write(tmp_path / "people.json", people)
        tracker.perl("fill.pl", tracker.people)
        return tracker

    return fill


def report(tracker, identifiers, tmp_path):
    options = ("--identifiers", identifiers, "--database", tracker.url)
    options = (*options, "--report", tmp_path / "absence.json")
    done = run_here("prove-absent", *options, cwd=tmp_path, LACUNA_HOME=str(tmp_path / "home"))
    return done, json.loads((tmp_path / "absence.json").read_bytes())


def test_every_value_that_was_left_is_found(filled, identifiers, tmp_path):
    assert len({value for _, value in LISTED}) == 200
    tracker = filled(*CUSTOMERS)
    tracker.perl("plant.pl", tracker.people)
    tracker.index()
    shred = ("rt-shredder-5", "--force", "--no-sqldump", "--plugin")
    tracker.run(*shred, "Attachments=file,alias_00?.txt")
    for first in sorted({one.first.lower() for one in SHREDDED}):
        tracker.run(*shred, f"Users=status,any;email,{first}.*;replace_relations,6")
    tracker.query(DELETED)
    addresses = [one.email for one in CUSTOMERS]
    assert tracker.query("select count(*) from users where emailaddress = any(%s)", addresses) == [
        (0,)
    ]
    left = rows(tracker)
    for one in CUSTOMERS:
        places = {
            name: {table for table, text in left.items() if value in text}
            for name, value in one.elsewhere.items()
        }
        assert places["alias"] == {"attachmentsindex"}
        assert places["seen"] == {"sessions"}
        assert places["searched"] == {"attributes"}
        assert places["former"] == {"transactions"}
    everything = "\n".join(left.values())
    assert [value for _, value in LISTED if value.lower() not in everything] == []
    done, said = report(tracker, identifiers, tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    found = {
        number for place in said["places"] for one in place["found"] for number in one["people"]
    }
    assert [LISTED[number - 1] for number in set(range(1, 201)) - found] == []
    assert said["result"] == "found"


def test_nothing_is_found_in_a_desk_of_others(filled, identifiers, tmp_path):
    tracker = filled(*NEIGHBORS)
    tracker.perl("plant.pl", tracker.people)
    tracker.index()
    done, said = report(tracker, identifiers, tmp_path)
    assert said["result"] == "absent", done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
