"""The data map of one installation, made from a pack."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lacuna.datamap import merged
from lacuna.model.datamap import DataMap
from lacuna.packs.pack import Pack
from lacuna.packs.pack_match import PackMatch

__all__ = ["OWN", "NewMap", "new_map"]

OWN: Final = {
    "controller": "name and postal address of the controller",
    "dpo": "e-mail address of the data protection officer",
    "authority": "supervisory authority of the controller",
}
"""What of a map only the controller knows."""


@dataclass(frozen=True)
class NewMap:
    """A map as it is written.

    Attributes:
        datamap: what the text says.
        questions: what a person must still decide; the text has them, so that no flow runs on it.
    """

    text: str
    datamap: DataMap
    questions: tuple[str, ...]


def new_map(
    pack: Pack, matched: PackMatch, own: Mapping[str, str], address: str | None = None
) -> NewMap:
    """Return the map of an installation.

    Args:
        matched: of a database, or of none (`unmatched`).
        own: what is known of `OWN`; every other key becomes a question.
        address: of the bucket with the platform's files; None for a folder.

    Raises:
        ConfigurationError: a value in `own` or the address is none.
    """
    text = matched.text
    for key, value in own.items():
        text = merged(text, f"{key}: {json.dumps(value)}")
    if address is not None:
        for store in pack.load_map(text).stores:
            text = merged(text, f"stores: {{{store}: {{address: {json.dumps(address)}}}}}")
    questions = tuple(_questions(pack, matched, own))
    if questions:
        lines = (f"  - {json.dumps(one, ensure_ascii=False)}" for one in questions)
        text = "\n".join([text.rstrip("\n"), "", "questions:", *lines, ""])
    return NewMap(text, pack.load_map(text), questions)


def _questions(pack: Pack, matched: PackMatch, own: Mapping[str, str]) -> Iterator[str]:
    for key, what in OWN.items():
        if key not in own:
            yield f"{key}: write the {what}"
    for one in matched.added:
        yield f"{one.location}: {pack.platform} does not make it; decide the entry drafted for it"
