"""Every sweep says which objects have no row, and which rows name an object that is not there."""

from __future__ import annotations

from lacuna.flows import sweep
from tests.flows.observation import execute, files_of, rows_of

URI = "contact_center.call_recordings.uri, without a value"


def reconciled(installation, run_id: str) -> dict[str, int]:
    before = rows_of(installation.url), files_of(installation.stores.home)
    assert installation.run(sweep, run_id=run_id) is None
    assert (rows_of(installation.url), files_of(installation.stores.home)) == before
    (line,) = [
        one
        for one in installation.stores.run_log.read(run_id)
        if one.outcome == "objects_reconciled"
    ]
    return dict(line.counts)


def test_orphans_and_rows_without_an_object_are_counted_and_left(installation):
    recordings = installation.stores.home / "media" / "recordings"
    named = {
        str(uri)
        for (uri,) in execute(
            installation.url, "select uri from contact_center.call_recordings where uri is not null"
        )
    }
    there = {f"recordings/{path.relative_to(recordings)}" for path in recordings.rglob("*.wav")}
    assert len(there - named) == installation.platform.traps[13]
    first = reconciled(installation, "night-1")
    orphans = {what: count for what, count in first.items() if "named by no row" in what}
    assert orphans["media/recordings/**, named by no row"] == installation.platform.traps[13]

    gone = sorted(named & there)[:2]
    for path in gone:
        (installation.stores.home / "media" / path).unlink()
    second = reconciled(installation, "night-2")
    assert second[URI] - first.get(URI, 0) == len(gone)
    assert {what: count for what, count in second.items() if what != URI} == {
        what: count for what, count in first.items() if what != URI
    }
    assert not any(path in what for path in gone for what in second)
