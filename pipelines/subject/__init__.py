"""Stage 2, who: from identifiers and aliases to one person, their rows and their objects."""

from pipelines.subject.inventory import (
    Sought,
    Surroundings,
    allowed_here,
    pattern_of,
    take_inventory,
)
from pipelines.subject.object_text import texts_in
from pipelines.subject.people import PeopleAhead
from pipelines.subject.resolve import know, know_all, resolve, resolve_identifiers
from pipelines.subject.working_copy import pack, unpack

__all__ = [
    "PeopleAhead",
    "Sought",
    "Surroundings",
    "allowed_here",
    "know",
    "know_all",
    "pack",
    "pattern_of",
    "resolve",
    "resolve_identifiers",
    "take_inventory",
    "texts_in",
    "unpack",
]
