"""Files that no row names, from the command line: listed, approved, put apart, put back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from lacuna.stores.clock import SystemClock
from tests.cli.test_dry_run import everything_of
from tests.flows.observation import files_of

AS = ("--as", "dana")


@pytest.fixture
def later(monkeypatch):
    """Run something forty days from now: nobody can set when a folder took a file in."""

    def run(lacuna, *command: object):
        now = SystemClock.now
        with monkeypatch.context() as patch:
            patch.setattr(SystemClock, "now", lambda self: now(self) + timedelta(days=40))
            return lacuna(*command)

    return run


def lost_in(installation) -> list[Path]:
    """Return a recording that no row names, of a person's name."""
    lost = installation.stores.home / "media" / "recordings" / "carla.holm@example.org.wav"
    lost.write_bytes(b"RIFF a voice")
    return [lost]


@pytest.mark.thorough
def test_a_list_is_approved_carried_out_and_put_back(lacuna, installation, later):
    (lost,) = lost_in(installation)
    before = everything_of(installation)
    young = lacuna("objects", "list", "--json").json
    counts = {one["location"]: one["younger"] for one in young["unnamed"]}
    assert {one["files"] for one in young["unnamed"]} == {0}
    assert counts["media/recordings/**"] >= installation.platform.traps[13]
    listed = later(lacuna, "objects", "list", "--json").json
    assert {one["location"]: one["files"] for one in listed["unnamed"]} == counts
    files = sum(counts.values())
    shown = later(lacuna, "objects", "list")
    assert listed["digest"] in shown.out
    assert "carla" not in shown.out + shown.err
    assert everything_of(installation) == before
    assert "unnamed_files" not in lacuna("rule", "list").out

    proposed = later(lacuna, "objects", "list", "--propose")
    digest = listed["digest"]
    assert f"rule approve unnamed_files --digest {digest}" in proposed.out
    assert "carla" not in proposed.out + proposed.err
    assert lacuna("objects", "sweep").code == 0
    assert lost.exists()
    wrong = lacuna("rule", "approve", "unnamed_files", "--digest", digest, "--as", "nobody")
    assert wrong.code == 2
    assert lacuna("rule", "approve", "unnamed_files", "--digest", digest, *AS).code == 0
    assert lacuna("objects", "sweep", "--json").json == {"files": files}
    assert not lost.exists()
    waiting = lacuna("objects", "list", "--json").json["quarantine"]
    assert {one["location"]: one["files"] for one in waiting} == counts
    assert {one["digest"] for one in waiting} == {digest}
    quarantine = installation.stores.home / "media" / ".lacuna-quarantine"
    assert quarantine.stat().st_mode & 0o077 == 0

    assert lacuna("objects", "restore", "--digest", digest, "--as", "nobody").code == 2
    assert lacuna("objects", "restore", "--digest", digest, *AS).code == 0
    assert lost.read_bytes() == b"RIFF a voice"
    assert list(quarantine.iterdir()) == []
    assert lacuna("objects", "restore", "--digest", digest, *AS).code == 2


@pytest.mark.thorough
def test_what_was_long_enough_in_quarantine_is_deleted(lacuna, installation, later):
    (lost,) = lost_in(installation)
    digest = later(lacuna, "objects", "list", "--propose", "--json").json["digest"]
    lacuna("rule", "approve", "unnamed_files", "--digest", digest, *AS)
    moved = lacuna("objects", "sweep", "--json").json
    assert lacuna("objects", "sweep", "--json").json == {"files": 0}
    assert later(lacuna, "objects", "sweep", "--json").json == moved
    assert lacuna("objects", "list", "--json").json["quarantine"] == []
    assert not lost.exists()
    # The report is the officer's: how many, and nothing else of them.
    assert later(lacuna, "run", "seal").code == 0
    reports = installation.stores.home / "evidence" / "reports"
    said = "".join(page.read_text("utf-8") for page in reports.glob("*.html"))
    count = moved["files"]
    assert f"{count} moved into quarantine, 0 put back, {count} deleted" in said
    assert "carla" not in said


def test_in_observe_nothing_is_moved(lacuna, installation, later, monkeypatch):
    lost_in(installation)
    digest = later(lacuna, "objects", "list", "--propose", "--json").json["digest"]
    lacuna("rule", "approve", "unnamed_files", "--digest", digest, *AS)
    before = files_of(installation.stores.home)
    monkeypatch.setenv("LACUNA_MODE", "observe")
    assert lacuna("objects", "sweep").code == 0
    assert files_of(installation.stores.home) == before
