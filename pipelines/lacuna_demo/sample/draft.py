"""The platform while it is being written: rows, files, counted traps."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from lacuna_demo.sample.company import Organization
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.tables import PlantedAt, Tables
from lacuna_demo.sample.text import AnnotatedIdentifier, AnnotatedText, SampleWords

SampleStore: TypeAlias = Literal["media", "mail"]


@dataclass(frozen=True, repr=False)
class FilePlan:
    """A file that can be made at any time, always with the same bytes."""

    store: SampleStore
    path: str
    make: Callable[[], bytes]


@dataclass
class SampleDraft:
    """Everything written so far.

    Attributes:
        traps: trap number -> how often it was planted.
        woven: identifiers of requesters written into bodies made of dialogues.
        files_of: person index -> paths of files that belong to the person.
    """

    rng: random.Random
    organizations: tuple[Organization, ...]
    cast: tuple[Contact, ...]
    tables: Tables = field(default_factory=Tables)
    files: list[FilePlan] = field(default_factory=list)
    files_of: dict[int, list[str]] = field(default_factory=dict)
    traps: Counter[int] = field(default_factory=Counter)
    woven: int = 0

    def file(
        self,
        path: SampleWords,
        make: Callable[[], bytes],
        owner: Contact | None = None,
        said: tuple[AnnotatedIdentifier, ...] = (),
        store: SampleStore = "media",
    ) -> SampleWords:
        """Plan a file and return its path.

        Args:
            path: below the store's root; identifiers in it are noted.
            make: makes the content; called whenever the file is wanted.
            owner: whose file it is.
            said: identifiers in the content.
            store: which store it lies in.
        """
        place = path if isinstance(path, AnnotatedText) else AnnotatedText(path)
        index = None if owner is None else owner.index
        self.tables.note(PlantedAt(store, place.string), place.said + said, index, None)
        self.files.append(FilePlan(store, place.string, make))
        if index is not None:
            self.files_of.setdefault(index, []).append(place.string)
        return path


def fingerprint(content: bytes) -> tuple[int, str]:
    """Return size and SHA-256 of a file's content."""
    return len(content), hashlib.sha256(content).hexdigest()
