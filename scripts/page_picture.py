"""Pictures a page as Debian's chromium shows it."""

import subprocess
import tempfile
from pathlib import Path


def picture(page: str, size: tuple[int, int], file: Path, *, is_dark: bool = False) -> None:
    """Write a picture of a page, in a frame of that width and height in pixels."""
    width, height = size
    with tempfile.TemporaryDirectory() as folder:
        shown, around = Path(folder) / "page.html", Path(folder) / "around.html"
        shown.write_text(page, encoding="utf-8")
        # A window has a width of its own below which it does not go.
        around.write_text(
            '<!doctype html><meta name="color-scheme" content="light dark"><style>*{margin:0}'
            f"iframe{{border:0;width:{width}px;height:{height}px}}</style>"
            '<iframe src="page.html"></iframe>',
            encoding="utf-8",
        )
        subprocess.run(  # noqa: S603 - a program and files of our own
            [
                "/usr/bin/chromium",
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
                *("--no-first-run", "--disable-background-networking", "--disable-sync"),
                *("--disable-component-update", "--hide-scrollbars"),
                f"--user-data-dir={folder}/profile",
                f"--blink-settings=preferredColorScheme={0 if is_dark else 1}",
                f"--window-size={width},{height}",
                f"--screenshot={file}",
                f"{around.as_uri()}",
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
