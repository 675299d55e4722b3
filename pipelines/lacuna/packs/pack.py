"""A pack: the data map of a platform whose schema is known, and the files that belong to it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from lacuna.datamap import load_text, without
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap

__all__ = ["FILES", "MAP", "Pack", "Variant", "find_pack", "pack_names"]

MAP: Final = "datamap.yaml"
FILES: Final = (
    *("tenants.yaml", "reporting.sql", "NOTES.md"),
    *("datamap.da.yaml", "datamap.de.yaml", "datamap.fr.yaml"),
)
"""What a pack has beside its map and `pack.toml`. An installation gets a copy of each."""

_DECLARATION: Final = "pack.toml"


@dataclass(frozen=True)
class Variant:
    """One schema of the platform.

    Attributes:
        version: as `--version` takes it.
        about: which versions and parts of the platform's software make this schema.
        digest: of the map's tables, as `schema_digest` returns it.
        without: tables (`schema.table`) and columns (`schema.table.column`) of the pack's map that
            this schema lacks.
    """

    version: str
    about: str
    digest: str
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pack:
    """What Lacuna knows of one platform.

    Attributes:
        platform: its name as people write it.
        variants: the newest first.
        texts: the map and `FILES`, by name.
    """

    name: str
    platform: str
    variants: tuple[Variant, ...]
    texts: Mapping[str, str]

    def variant(self, version: str) -> Variant:
        """Return a variant by its version.

        Raises:
            ConfigurationError: there is none; names those that exist.
        """
        for one in self.variants:
            if one.version == version:
                return one
        known = ", ".join(one.version for one in self.variants)
        raise ConfigurationError(f"{self.name}: no such version; the pack has {known}")

    def map_text(self, variant: Variant) -> str:
        """Return the map of a variant as YAML."""
        return without(self.texts[MAP], variant.without)

    def load_map(self, text: str) -> DataMap:
        """Return the map in a text that began as this pack's.

        Raises:
            ConfigurationError: it is none.
        """
        return load_text(text, Path(self.name) / MAP)


def pack_names() -> tuple[str, ...]:
    """Return the names of the packs, in order."""
    folders = resources.files(__package__).iterdir()
    return tuple(sorted(one.name for one in folders if (one / _DECLARATION).is_file()))


def find_pack(name: str) -> Pack:
    """Return a pack.

    Raises:
        ConfigurationError: there is none of this name; names those that exist.
    """
    if name not in pack_names():
        raise ConfigurationError(f"no pack has this name; there are {', '.join(pack_names())}")
    folder = resources.files(__package__) / name
    declared = tomllib.loads(_text(folder, _DECLARATION))
    variants = tuple(
        Variant(one["version"], one["about"], one["digest"], tuple(one.get("without", ())))
        for one in declared["variants"]
    )
    texts = {file: _text(folder, file) for file in (MAP, *FILES)}
    return Pack(name, declared["platform"], variants, texts)


def _text(folder: Traversable, file: str) -> str:
    return (folder / file).read_text(encoding="utf-8")
