"""Every effect was carried out, and what was to be deleted is not there."""

from typing import Final

from lacuna.model.finding import Finding, Gate
from lacuna.model.location import original_path
from lacuna.verify.places import CANARY_FOLDER
from lacuna.verify.scope import Findings, Scope

# Another run may prove just now that it sees; the residual search looks into the folder.
_CANARIES: Final = frozenset({CANARY_FOLDER})


def check(scope: Scope) -> Findings:
    """Find effects still pending, objects still there, and objects that the data map forgot.

    Object stores are listed again.
    """
    there: dict[str, frozenset[str]] = {}
    of_all: list[Finding] = []
    for place in scope.places:
        if not place.is_store:
            continue
        if not place.is_there:
            # What is not mounted must not be taken for what is gone.
            of_all.append(Finding(Gate.OBJECTS, place.name, 1))
            continue
        # Of a bucket a delete marker counts: what was deleted leaves none.
        paths = {entry.path for entry in place.entries(_CANARIES) if place.counts(entry)}
        # What is in quarantine is there, whatever row names it by now.
        there[place.name] = frozenset(paths).union(map(original_path, paths))
        if strays := sum(place.pattern_of(path) is None for path in paths):
            # No pattern says what an erasure does to them.
            of_all.append(Finding(Gate.OBJECTS, place.name, strays))
    effects = scope.verifying.effects(scope.request_ids)
    named = scope.verifying.own_paths(scope.request_ids)
    found: dict[str, tuple[Finding, ...]] = {}
    for request_id in scope.request_ids:
        findings: list[Finding] = []
        if pending := effects.get(request_id, {}).get("pending", 0):
            findings.append(Finding(Gate.OBJECTS, "lacuna.file_effect", pending))
        for source, still_named in named.get(request_id, {}).items():
            if left := sum(path in there.get(source.store, ()) for path in still_named):
                findings.append(Finding(Gate.OBJECTS, str(source.column), left))
        found[request_id] = (*findings, *of_all)
    return found
