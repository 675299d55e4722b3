"""Writes the pictures of letters in `docs/images/letters`: `python -m scripts.letter_pictures [FOLDER]`.

It needs Debian's chromium. With another folder, every language and kind is pictured, in three ways.
"""

import sys
from itertools import product
from pathlib import Path
from typing import Final

from lacuna.intake import kept_fact, write_letter
from lacuna.model.letter import LetterKind, LetterSender
from scripts.page_picture import picture

_FOLDER: Final = Path(__file__).parent.parent / "docs" / "images" / "letters"
_SHOWN: Final = (
    (LetterKind.REFUSAL, "en", "wide"),
    (LetterKind.REFUSAL, "de", "narrow"),
    (LetterKind.EXTENSION, "da", "dark"),
    (LetterKind.COPY, "fr", "narrow"),
)
_LANGUAGES: Final = ("en", "da", "de", "fr")
_KINDS: Final = (
    LetterKind.REFUSAL,
    LetterKind.EXTENSION,
    LetterKind.PARTLY,
    LetterKind.COPY,
    LetterKind.NOTHING_FOUND,
    LetterKind.QUESTION,
    LetterKind.CHALLENGE,
)
_SIZES: Final = {"wide": (1400, 600), "narrow": (390, 930), "dark": (390, 650), "long": (390, 1720)}
_NOTES: Final = {
    "en": "You have disputed invoice 4711 since 2 October. Until the court has decided, we need the "
    "messages about it.",
    "da": "Dine henvendelser ligger i to arkiver, og det ene skal læses ind igen af vores leverandør.",
    "de": "Sie bestreiten die Rechnung 4711 seit dem 2. Oktober.",
    "fr": "Vous contestez la facture 4711 depuis le 2 octobre.",
}
_PURPOSES: Final = {
    "en": "Send invoices and collect payment.",
    "da": "Sende fakturaer og modtage betaling.",
    "de": "Rechnungen stellen und Zahlungen einziehen.",
    "fr": "Établir les factures et encaisser les paiements.",
}
_SENDER: Final = LetterSender(
    "Example Shop", "en", "The Authority, Example Road 1", "privacy@shop.example.org"
)
_CODE: Final = "L-0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10-00112233445566778899aabbccddeeff"


def _html(kind: LetterKind, language: str) -> str:
    facts = {
        "received": "2026-11-12",
        "due": "2027-02-12",
        "expires": "2026-12-24",
        "reference": "FJ-0142",
        "ground": "17(3)(e)",
        "rights": "access,erasure" if kind is LetterKind.PARTLY else "erasure",
        "days": "35",
        "note": _NOTES[language],
        "kept": kept_fact([(_PURPOSES[language], "17(3)(b)", "2031-12-31")]),
        "code": _CODE,
    }
    if kind is LetterKind.COPY:
        facts |= {"rights": "access,portability", "days": ""}
    return write_letter(kind, language, facts, _SENDER).html


def main() -> None:
    """Write the pictures."""
    own = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    folder = own or _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    shown = _SHOWN if own is None else product(_KINDS, _LANGUAGES, _SIZES)
    for kind, language, way in shown:
        file = folder / f"{kind}_{language}_{way}.png"
        picture(_html(kind, language), _SIZES[way], file, is_dark=way == "dark")


if __name__ == "__main__":
    main()
