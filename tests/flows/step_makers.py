"""What carries out a kind of step in real runs: who calls the method that has its effect."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping

import pytest

from lacuna.apply.step_modules import MODULES
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    LinkTombstone,
    Rectify,
    RectifyCopies,
    RectifyObjects,
    RedactMentions,
    RedactText,
    RefreshView,
    Restrict,
    RewriteObjects,
)
from lacuna.redaction.correction import ValueCorrector
from lacuna.redaction.documents import DocumentRedactor
from lacuna.stores.objects.folder import FolderObjects
from lacuna.stores.postgres.platform_changes import PlatformChanges
from lacuna.stores.postgres.queue.people import People
from lacuna.subject import KeptFiles

MAKERS = {
    (PlatformChanges, "anonymize"): {AnonymizeRows},
    (PlatformChanges, "delete"): {DeleteRows},
    (PlatformChanges, "make_tombstone"): {LinkTombstone},
    (PlatformChanges, "refresh_views"): {RefreshView},
    (PlatformChanges, "rectify"): {Rectify},
    (PlatformChanges, "correct"): {RectifyCopies},
    (ValueCorrector, "correct"): {RectifyObjects},
    (DocumentRedactor, "redact"): {RedactText, RewriteObjects},
    (DocumentRedactor, "cover"): {RedactMentions, RewriteObjects},
    (KeptFiles, "named_in"): {EmptyFiles},
    (FolderObjects, "delete"): {DeleteObjects},
    (FolderObjects, "replace"): {RewriteObjects},
    (People, "restrict"): {Restrict},
}
"""By method that has an effect: the kinds of steps of which it is the effect."""


def traced(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, set[str]]:
    """Return the modules of `apply/` that call each maker from now on; the calls go on as ever."""
    found: dict[str, set[str]] = defaultdict(set)

    def watch(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def watched(*args: object, **given: object) -> object:
            caller = sys._getframe(1).f_globals["__name__"]
            if caller.startswith("lacuna.apply."):
                found[f"{owner.__name__}.{name}"].add(caller)
            return real(*args, **given)

        monkeypatch.setattr(owner, name, watched)

    for owner, name in MAKERS:
        watch(owner, name)
    return found


def named_modules() -> dict[str, set[str]]:
    """Return by maker the modules that are named for the kinds of steps of which it has the effect."""
    return {
        f"{owner.__name__}.{name}": {MODULES[kind].__name__ for kind in kinds}
        for (owner, name), kinds in MAKERS.items()
    }
