"""Writes the pictures of a bundle's first page in `docs/images/bundle`: `python -m scripts.bundle_pictures [FOLDER]`.

It needs Debian's chromium. With another folder, each language is pictured in every way, and as PDF.
"""

import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Final

from scripts.sample_bundle import write_sample_bundle

_FOLDER: Final = Path(__file__).parent.parent / "docs" / "images" / "bundle"
_SHOWN: Final = (("en", "wide"), ("de", "narrow"), ("da", "dark"), ("fr", "wide"))
_LANGUAGES: Final = ("en", "da", "de", "fr")
_SIZES: Final = {"wide": (1400, 1150), "narrow": (390, 1700), "dark": (1000, 1250)}


def _run(folder: Path, *flags: str) -> None:
    subprocess.run(  # noqa: S603 - a program and files of our own
        [
            "/usr/bin/chromium",
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
            *("--no-first-run", "--disable-background-networking", "--disable-sync"),
            *("--disable-component-update", "--hide-scrollbars"),
            f"--user-data-dir={folder}/profile",
            *flags,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )


def _picture(page: Path, way: str, file: Path) -> None:
    """Let chromium picture a page in one of the ways, in a frame of that width."""
    width, height = _SIZES[way]
    with tempfile.TemporaryDirectory() as folder:
        around = Path(folder) / "around.html"
        # A window has a width of its own below which it does not go.
        around.write_text(
            '<!doctype html><meta name="color-scheme" content="light dark"><style>*{margin:0}'
            f"iframe{{border:0;width:{width}px;height:{height}px}}</style>"
            f'<iframe src="{page.as_uri()}"></iframe>',
            encoding="utf-8",
        )
        _run(
            Path(folder),
            f"--blink-settings=preferredColorScheme={0 if way == 'dark' else 1}",
            f"--window-size={width},{height}",
            f"--screenshot={file}",
            around.as_uri(),
        )


def _paper(page: Path, file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder), "--no-pdf-header-footer", f"--print-to-pdf={file}", page.as_uri())


def main() -> None:
    """Write the pictures."""
    own = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    folder = own or _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    shown = _SHOWN if own is None else tuple(product(_LANGUAGES, _SIZES))
    for language in _LANGUAGES:
        with tempfile.TemporaryDirectory() as temporary:
            bundle = Path(temporary) / language / "bundle_6f1c2a0e-7d1b-4a55-9a53-0d8f8e1c4b77"
            bundle.parent.mkdir()
            write_sample_bundle(bundle, language)
            page = bundle / "README.html"
            for each, way in shown:
                if each == language:
                    _picture(page, way, folder / f"first_{language}_{way}.png")
            if own is not None:
                _paper(page, folder / f"first_{language}.pdf")


if __name__ == "__main__":
    main()
