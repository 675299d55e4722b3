"""The page as a real browser shows it, without a network, in each language."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.bundle import write
from lacuna.bundle.words import LANGUAGES
from tests.bundle import example

pytestmark = pytest.mark.chromium

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Whatever the page asked for would fail, and say so.
    "--proxy-server=127.0.0.1:9",
)
TITLES = {
    "en": ("Your personal data", "Your conversations"),
    "da": ("Dine personoplysninger", "Dine samtaler"),
    "de": ("Ihre personenbezogenen Daten", "Ihre Gespräche"),
    "fr": ("Vos données à caractère personnel", "Vos conversations"),
    "es": ("Sus datos personales", "Sus conversaciones"),
    "fi": ("Henkilötietosi", "Keskustelusi"),
    "it": ("I Suoi dati personali", "Le Sue conversazioni"),
    "nb": ("Personopplysningene dine", "Samtalene dine"),
    "nl": ("Uw persoonsgegevens", "Uw gesprekken"),
    "pl": ("Państwa dane osobowe", "Państwa rozmowy"),
    "pt": ("Os seus dados pessoais", "As suas conversas"),
    "sv": ("Dina personuppgifter", "Dina samtal"),
}


def browse(page: Path, profile: Path, *flags: str) -> str:
    command = ["chromium", *FLAGS, f"--user-data-dir={profile}", *flags, page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_shows_the_page_in_the_persons_language(content, folder, tmp_path, language):
    write(folder, replace(content, language=language))
    shot = tmp_path / "shot.png"
    dom = browse(
        folder / "README.html",
        tmp_path / "profile",
        f"--screenshot={shot}",
        "--window-size=1000,1600",
        "--dump-dom",
    )
    assert f'lang="{language}"' in dom
    for words in TITLES[language]:
        assert words in dom
    assert "Where is my parcel?" in dom
    png = shot.read_bytes()
    assert size_of(png) == (1000, 1600)
    # A page that shows nothing is one color, and packs to almost nothing.
    assert len(png) > 50_000


def test_a_script_in_a_value_does_not_run_in_a_browser(content, folder, tmp_path):
    table = content.tables[0]
    place = table.columns.index("note")
    script = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    changed = example.with_rows(
        table,
        lambda rows: [
            tuple(script if at == place else value for at, value in enumerate(row)) for row in rows
        ],
    )
    write(folder, replace(content, tables=(changed, *content.tables[1:])))
    dom = browse(folder / "README.html", tmp_path / "profile", "--dump-dom")
    assert "<title>Your personal data</title>" in dom
    assert "&lt;script&gt;" in dom
