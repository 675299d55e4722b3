"""Stage 2, who: from identifiers and aliases to one person, their rows and their objects."""

from lacuna.subject.archives import key_columns, rows_of
from lacuna.subject.corrections import (
    copies_in_rows,
    corrections_of,
    pack_corrections,
    unpack_corrections,
)
from lacuna.subject.held_values import Holders, values_held_by_others, values_of_others
from lacuna.subject.identification import joined_names, know, know_all, resolve, resolve_identifiers
from lacuna.subject.inventory import own_rows, take_inventory, with_shared, without_shared
from lacuna.subject.inventory_scope import Own, Sought, Surroundings
from lacuna.subject.kept_files import KeptFiles
from lacuna.subject.known_values import carried_over, read_known_values
from lacuna.subject.mentions import allowed_here
from lacuna.subject.object_text import UnreadableObject, texts_in
from lacuna.subject.objects import pattern_of
from lacuna.subject.prefetched_people import PeopleAhead
from lacuna.subject.said_names import with_said_names
from lacuna.subject.value_forms import comparable
from lacuna.subject.working_copy import pack, unpack

__all__ = [
    "Holders",
    "KeptFiles",
    "Own",
    "PeopleAhead",
    "Sought",
    "Surroundings",
    "UnreadableObject",
    "allowed_here",
    "carried_over",
    "comparable",
    "copies_in_rows",
    "corrections_of",
    "joined_names",
    "key_columns",
    "know",
    "know_all",
    "own_rows",
    "pack",
    "pack_corrections",
    "pattern_of",
    "read_known_values",
    "resolve",
    "resolve_identifiers",
    "rows_of",
    "take_inventory",
    "texts_in",
    "unpack",
    "unpack_corrections",
    "values_held_by_others",
    "values_of_others",
    "with_said_names",
    "with_shared",
    "without_shared",
]
