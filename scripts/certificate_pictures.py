"""Writes the pictures in `docs/images/certificate`: `python -m scripts.certificate_pictures CERTIFICATES`.

CERTIFICATES is the folder of a real run, such as `var/evidence/certificates` after `make demo`, with a
refused request. The first erasure, access and refusal in it are pictured. It needs Debian's chromium.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lacuna.evidence import Json, certificate_page, statement_of
from lacuna.model.approval_rules import BY_CANARY
from scripts.page_picture import picture

_FOLDER: Final = Path(__file__).parent.parent / "docs" / "images" / "certificate"
_SHOWN: Final = {
    "erasure": ("erasure_wide", (900, 1320), False),
    "access": ("access_narrow_dark", (390, 1480), True),
    "refused": ("refused_narrow", (390, 1480), False),
}


def _is_pictured(statement: Mapping[str, Json]) -> bool:
    return statement.get("approved_by") != BY_CANARY


def main() -> None:
    """Write the pictures.

    Raises:
        SystemExit: the folder lacks a certificate of a kind that is pictured.
    """
    _FOLDER.mkdir(parents=True, exist_ok=True)
    certificates = [each.read_bytes() for each in sorted(Path(sys.argv[1]).glob("*.json"))]
    for kind, (name, size, is_dark) in _SHOWN.items():
        found = next(
            (
                each
                for each in certificates
                if (statement := statement_of(each)).get("type") == kind and _is_pictured(statement)
            ),
            None,
        )
        if found is None:
            raise SystemExit(f"{sys.argv[1]} has no certificate of the kind {kind}")
        page = certificate_page(found).decode()
        picture(page, size, _FOLDER / f"{name}.png", is_dark=is_dark)


if __name__ == "__main__":
    main()
