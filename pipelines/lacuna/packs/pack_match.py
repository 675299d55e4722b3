"""Compares a live schema with the variants of a pack."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lacuna.datamap import (
    Drift,
    DriftKind,
    NamedNumbers,
    check,
    lookup_drift,
    merged,
    schema_digest,
)
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap
from lacuna.model.schema import LiveSchema
from lacuna.packs.pack import Pack, Variant

__all__ = ["PackMatch", "match", "unmatched"]

LookedUp = Callable[[DataMap], NamedNumbers]
"""Reads the numbers that a map's lookups have in the database."""


@dataclass(frozen=True)
class PackMatch:
    """The variant of a pack that is nearest to a schema.

    Attributes:
        is_same: the schema's digest is that of the variant.
        text: the variant's map, with a drafted entry and a question for each of `added`.
        added: what the platform's software does not make: tables and columns of administrators and
            of other software.
        differences: everything else that the map and the schema disagree about.
    """

    variant: Variant
    is_same: bool
    text: str
    added: tuple[Drift, ...]
    differences: tuple[Drift, ...]


def match(pack: Pack, live: LiveSchema, looked_up: LookedUp, version: str | None) -> PackMatch:
    """Return how a schema differs from a pack, and from which variant.

    Args:
        live: read with the map's schemas.
        version: the variant to compare with; None for the one with the same digest, otherwise the
            one with the fewest differences and additions.

    Raises:
        ConfigurationError: the pack has no such version, or the database is not the platform's.
    """
    variants = pack.variants if version is None else (pack.variant(version),)
    found = [_matched(pack, variant, live, looked_up) for variant in variants]
    return min(found, key=lambda one: (not one.is_same, len(one.differences) + len(one.added)))


def unmatched(pack: Pack, version: str | None) -> PackMatch:
    """Return a variant that is compared with no database; the newest where no version is given.

    Raises:
        ConfigurationError: the pack has no such version.
    """
    variant = pack.variants[0] if version is None else pack.variant(version)
    return PackMatch(variant, False, pack.map_text(variant), (), ())


def _matched(pack: Pack, variant: Variant, live: LiveSchema, looked_up: LookedUp) -> PackMatch:
    text = pack.map_text(variant)
    datamap = pack.load_map(text)
    _refuse_strange(pack, datamap, live)
    found = (*check(datamap, live), *lookup_drift(datamap, looked_up(datamap)))
    found = tuple(one for one in found if not _is_report(one, datamap))
    added = tuple(one for one in found if one.kind is DriftKind.UNMAPPED and one.suggestion)
    whole, left = _with_added(pack, text, added)
    others = tuple(one for one in found if one not in left)
    is_same = schema_digest(live, datamap.tables) == variant.digest
    return PackMatch(variant, is_same, whole, left, others)


def _refuse_strange(pack: Pack, datamap: DataMap, live: LiveSchema) -> None:
    there = len(datamap.tables.keys() & live.tables.keys())
    if 2 * there < len(datamap.tables):
        raise ConfigurationError(
            f"the database has {there} of the {len(datamap.tables)} tables of {pack.platform}; let "
            "LACUNA_DATABASE_URL name the platform's database, or choose another pack"
        )


def _is_report(drift: Drift, datamap: DataMap) -> bool:
    """Whether it is about the views of the pack's own, which are made after the map is."""
    schema = drift.location.partition(".")[0]
    return datamap.reporting is not None and schema == datamap.reporting


def _with_added(pack: Pack, text: str, found: Sequence[Drift]) -> tuple[str, tuple[Drift, ...]]:
    """Return a map with drafted entries for what it lacks, and for what entries could be drafted."""
    added = []
    for one in found:
        whole = merged(text, one.suggestion)
        try:
            pack.load_map(whole)
        except ConfigurationError:
            continue
        text = whole
        added.append(one)
    return text, tuple(added)
