"""Folders that nobody but their owner may enter."""

from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder and the missing ones above it, each of mode 0700; change no existing one.

    `Path.mkdir(parents=True)` gives its mode to the last folder alone; those above it would be
    open to whomever the umask lets in.
    """
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
