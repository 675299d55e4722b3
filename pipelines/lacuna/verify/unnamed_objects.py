"""Objects that no row names, although rows name others of their kind: whose they are nobody knows."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from lacuna.model.datamap import DataMap, ObjectFormat
from lacuna.model.location import Quarantined
from lacuna.model.object_source import path_sources
from lacuna.ports import Verifying
from lacuna.verify.places import CANARY_FOLDER, Place

_CANARIES: Final = frozenset({CANARY_FOLDER})


def orphans(verifying: Verifying, datamap: DataMap, places: Sequence[Place]) -> tuple[str, ...]:
    """Return, by group, how many objects no row names although rows name those of its pattern.

    Their content was searched like any other; whose they are nobody knows where it is no text.
    Those in quarantine are counted apart.
    """
    found: Counter[str] = Counter()
    for place in places:
        if not place.is_store or not place.is_there:
            continue
        named = verifying.named_paths(place.name)
        naming = {
            table.name
            for table in datamap.tables.values()
            if any(source.store == place.name for source in path_sources(datamap, table))
        }
        seen: set[str] = set()
        for entry in place.entries(_CANARIES):
            pattern = place.pattern_of(entry.path)
            if entry.path in seen or pattern is None or pattern.table not in naming:
                continue
            if not place.counts(entry):
                continue
            seen.add(entry.path)
            if pattern.format is ObjectFormat.PARQUET:
                continue  # it repeats the rows of its table; none names it
            group = place.group_of(entry.path)
            if Quarantined.parse(entry.path) is not None:
                found[f"{group}, in quarantine"] += 1
            elif entry.path not in named:
                found[f"{group}, named by no row"] += 1
    return tuple(f"{group}: {count}" for group, count in sorted(found.items()))
