"""Where the pages of the documentation lie that messages name.

In a checkout they lie beside the package; a wheel brings them inside it.
"""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent

_INSIDE: Final = _PACKAGE / "docs"

PAGES: Final = _INSIDE if _INSIDE.is_dir() else _PACKAGE.parents[1] / "docs"


def doc_page(name: str, section: str = "") -> str:
    """Return how a message names a page, by its file, and one of its sections."""
    path = PAGES / f"{name}.md"
    return f'{path}, "{section}"' if section else str(path)
