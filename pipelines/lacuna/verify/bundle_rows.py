"""Rows of a bundle matched with those of the database."""

import json
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from lacuna.verify.bundle_contents import (
    BundleJson,
    json_rows,
)


def beyond(part: Path, whole: Path, portable: frozenset[str]) -> int:
    """Return in how many rows a portability subset is not that part of the whole."""
    return sum(
        one is None
        or other is None
        or as_text(one) != as_text({name: other.get(name) for name in portable})
        for one, other in zip_longest(json_rows(part), json_rows(whole))
    )


def matched(
    part: Path, whole: Path
) -> Iterator[tuple[dict[str, BundleJson], dict[str, BundleJson] | None]]:
    """Yield each row of a portability subset with the row of the copy that it is part of.

    In order; None from the first that is part of none.
    """
    rows = json_rows(whole)
    for one in json_rows(part):
        yield (
            one,
            next(
                (
                    other
                    for other in rows
                    if as_text(one) == as_text({n: other.get(n) for n in one})
                ),
                None,
            ),
        )


def as_text(row: dict[str, BundleJson]) -> str:
    """Return a row as JSON text, for 1, 1.0 and true are equal as values."""
    return json.dumps(row, sort_keys=True)
