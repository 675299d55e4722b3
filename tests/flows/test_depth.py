"""How far it is from a run to the statement that changes a row: a reader follows it in one sitting."""

from __future__ import annotations

import traceback

from lacuna.stores.postgres.platform_changes import PlatformChanges
from tests.flows.observation import quiet_people

MOST = 8


def test_from_a_run_to_the_update_there_are_at_most_eight_functions(little, monkeypatch):
    anonymize, paths = PlatformChanges.anonymize, []

    def noted(*args):
        frames = [one for one in traceback.extract_stack() if "pipelines/lacuna/" in one.filename]
        paths.append([one.name for one in frames])
        return anonymize(*args)

    monkeypatch.setattr(PlatformChanges, "anonymize", noted)
    little.erase(quiet_people(little.platform)[0])
    assert paths
    # The last one, which writes, was replaced here.
    assert {len(path) + 1 for path in paths if path[0] == "run"} == {MOST}
