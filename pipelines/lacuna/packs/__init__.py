"""Packs: what Lacuna knows of a help desk. Each folder here is one, data alone, in the form of docs/packs.md."""

from lacuna.packs.new_map import NewMap, new_map
from lacuna.packs.pack import FILES, MAP, Pack, find_pack, pack_names
from lacuna.packs.pack_match import PackMatch, match, unmatched

__all__ = [
    "FILES",
    "MAP",
    "NewMap",
    "Pack",
    "PackMatch",
    "find_pack",
    "match",
    "new_map",
    "pack_names",
    "unmatched",
]
