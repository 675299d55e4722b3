"""A file from before an erasure that comes back to a store: found by the next sweep, as rows are."""

from __future__ import annotations

import os
import re
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.errors import VerificationFailed
from lacuna.flows import sweep
from lacuna.model.request import RequestState
from lacuna.model.run import Mode
from tests.flows.observation import execute, quiet_people
from tests.flows.restoring import reappeared

EXPORT = "exports/conversation_export.parquet"


def whose(path) -> list[str | None]:
    return [
        None if key is None else str(key) for key in pq.read_table(path)["requester_id"].to_pylist()
    ]


@pytest.fixture(scope="module")
def two_once(reaching, tmp_path_factory):
    """Says who was erased, by which requests, and where the export from before is, with them in it."""
    yesterdays = tmp_path_factory.mktemp("yesterday") / "export.parquet"

    def reach(installation):
        shutil.copy2(installation.stores.home / "media" / EXPORT, yesterdays)
        people = quiet_people(installation.platform)
        erased = [one for one in people if one in whose(yesterdays)][:2]
        ids = installation.erase(*erased)
        assert installation.run(sweep) is None
        assert not reappeared(installation)
        return dict(zip(erased, ids, strict=True)), yesterdays

    return reaching("late", reach)


@pytest.fixture
def erased(two_once):
    """One of the two, their request, and yesterday's export."""
    requests, yesterdays = two_once.said
    (contact, request_id), _ = requests.items()
    return contact, request_id, yesterdays


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_a_late_export_is_rewritten_for_whoever_was_erased(installation, two_once):
    """Also if it says of itself that it is older than the erasure: what counts is its arrival."""
    media = installation.stores.home / "media"
    requests, yesterdays = two_once.said
    contact, other = requests
    before = whose(yesterdays)
    stays = next(
        one for one in quiet_people(installation.platform) if one in before and one not in requests
    )

    late, later = media / "exports" / "late.parquet", media / "exports" / "later.parquet"
    for one in (late, later):
        shutil.copy2(yesterdays, one)
        os.utime(one, (0, 0))
    observing = installation.run(sweep, mode=Mode.OBSERVE)
    assert isinstance(observing, VerificationFailed)
    assert set(whose(late)) >= {contact, other}

    assert installation.run(sweep) is None
    found = dict(reappeared(installation))
    assert sorted(found.values()) == sorted(2 * before.count(one) for one in (contact, other))
    for request_id in found:
        assert installation.request(request_id).state is RequestState.COMPLETED
        (statement,) = (installation.stores.home / "evidence/statements").glob(
            f"{request_id}*.json"
        )
        assert "exports" in statement.read_text("utf-8")
    now = whose(late)
    assert whose(later) == now
    assert not {contact, other} & set(now)
    assert [one for one in now if one == stays] == [one for one in before if one == stays] != []
    assert len(now) == len(before)
    # Nothing is left to do, and the same file is not read again for nothing.
    assert installation.run(sweep) is None
    assert len(reappeared(installation)) == len(found)


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_another_new_file_that_names_somebody_erased_is_reported(installation, erased, caplog):
    contact, request_id, _ = erased
    late = installation.stores.home / "media" / "attachments" / "list.txt"
    late.write_text(f"exported yesterday: {contact}, 3 open cases", "utf-8")
    error = installation.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert "new files contain ids of erased people: 1, in media/attachments" in str(error)
    assert late.exists()
    assert not reappeared(installation)
    assert f"named in files (request {request_id})" in caplog.text
    assert installation.run(sweep) is None
    # A report is no leave to stay: whoever puts it there again hears of it again.
    late.write_text(f"exported today: {contact}", "utf-8")
    assert isinstance(installation.run(sweep), VerificationFailed)


@pytest.mark.usefixtures("discreet")
def test_an_archive_with_another_id_of_somebody_erased_is_reported(installation, erased):
    contact, *_ = erased
    external = installation.platform.people[contact].external_ids[0]
    there = installation.stores.home / "media" / EXPORT
    rows = pq.read_table(there)
    noted = rows.append_column("noted", pa.array([external] + [None] * (len(rows) - 1)))
    pq.write_table(noted, there.with_name("noted.parquet"))
    error = installation.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert "new files contain ids of erased people: 1, in media/exports" in str(error)
    assert not reappeared(installation)


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_an_archive_that_cannot_be_read_is_no_quiet_night(installation, erased):
    contact, *_ = erased
    person = installation.platform.people[contact]
    execute(
        installation.url,
        "insert into contact_center.contacts (contact_id, org_id, external_id, created_at) "
        "values (gen_random_uuid(), %s, %s, now())",
        person.org_id,
        person.external_ids[0],
    )
    broken = installation.stores.home / "media" / "exports" / "broken.parquet"
    broken.write_bytes(b"PAR1 no")
    error = installation.run(sweep)
    assert error is not None
    assert "1 object of exports/*.parquet cannot be read" in str(error)
    # Whoever is back in rows is known, and erased again once nobody can be in it unseen.
    ((request_id, _),) = reappeared(installation)
    broken.unlink()
    assert installation.run(sweep) is None
    assert installation.request(request_id).state is RequestState.COMPLETED


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_of_whom_nothing_but_ids_is_known_no_own_text_is_left(installation, erased, two_once):
    """What they are called, and which order was theirs, no row says any more."""
    there = installation.stores.home / "media" / EXPORT
    contact, _, yesterdays = erased
    stays = next(
        one
        for one in quiet_people(installation.platform)
        if one not in two_once.said[0] and one in whose(yesterdays)
    )
    person = installation.platform.people[contact]
    said = f"Pakken {person.order_number} er ikke kommet – {person.full_name}"
    rows = pq.read_table(yesterdays).to_pylist()
    kept = f"Jørgen {person.last_name}"
    for row in rows:
        if row["requester_id"] in (contact, stays):
            row["subject"], row["assignee_name"] = said, kept
    schema = pq.read_schema(yesterdays)
    late = there.with_name("late.parquet")
    # A column that the map does not know may say it too.
    noted = pa.array([said if row["requester_id"] == contact else None for row in rows])
    table = pa.Table.from_pylist(rows, schema=schema).append_column("noted", noted)
    pq.write_table(table, late)
    assert installation.run(sweep) is None
    now = pq.read_table(late).to_pylist()
    own = [new for old, new in zip(rows, now, strict=True) if str(old["requester_id"]) == contact]
    assert own
    for row in own:
        assert re.fullmatch(r"[x\s\W]+", row["subject"])
        assert row["noted"] is None
        # An agent who is called alike is none of theirs.
        assert row["assignee_name"] == kept
    assert [row["subject"] for row in now if row["requester_id"] == stays][:1] == [said]


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_who_was_erased_twice_is_not_reported_for_a_file_that_was_rewritten(installation, erased):
    there = installation.stores.home / "media" / EXPORT
    contact, _, yesterdays = erased
    shutil.copy2(yesterdays, there.with_name("late.parquet"))
    assert installation.run(sweep) is None
    assert len(reappeared(installation)) == 2
    shutil.copy2(yesterdays, there.with_name("later.parquet"))
    assert installation.run(sweep) is None
    assert contact not in whose(there.with_name("later.parquet"))
