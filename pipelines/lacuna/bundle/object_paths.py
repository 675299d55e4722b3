"""Paths of objects in the columns of a row, and the place in a bundle of each."""

from collections.abc import Iterator

from lacuna.bundle.files import FileChoice
from lacuna.bundle.values import (
    texts_in,
)
from lacuna.model.location import ObjectPath
from lacuna.model.object_source import values_at
from lacuna.model.table import Column


def paths_in(value: object, column: Column) -> Iterator[str]:
    """Yield the paths of files in a value of a column; in a document, where the map says."""
    for place in column.object_paths or ("",):
        for held in values_at(value, place):
            yield from texts_in(held)


def place_of(value: object, column: Column, files: FileChoice) -> object:
    """Return where in the bundle the files are that a value names; None for none."""
    places = [
        files.places[path]
        for text in paths_in(value, column)
        if (path := ObjectPath(column.object_store or "", text)) in files.places
    ]
    if isinstance(value, list | dict):
        return places
    return places[0] if places else None
