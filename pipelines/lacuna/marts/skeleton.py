"""The skeleton of a mart: a small one that works, to be changed."""

from pathlib import Path
from typing import Final

from lacuna.errors import ConfigurationError
from lacuna.marts.metadata import FIRST_ADDED, added_marts, load_added, marts
from lacuna.model.mart import Mart
from lacuna.sql_files import SQL_FOLDER

_SKELETON: Final = SQL_FOLDER / "mart_skeleton"
_NAME: Final = "MART_NAME"


def write_skeleton(folder: Path, name: str) -> Mart:
    """Write a mart that counts conversations by queue into `folder/name`, and return it.

    Raises:
        ConfigurationError: the name is none that a mart can have, or is taken; nothing is left.
    """
    place = folder / name
    used = [mart.precedence for mart in added_marts(folder)] if folder.is_dir() else []
    if not name.isidentifier() or place.exists():
        raise ConfigurationError(
            f"{folder}: a mart with this name already exists, or the name is invalid; choose another, "
            "of lower-case letters, digits and _"
        )
    texts = {
        file.name: file.read_text(encoding="utf-8").replace(_NAME, name)
        for file in _SKELETON.iterdir()
    }
    precedence = max(used, default=FIRST_ADDED - 1) + 1
    texts["metadata.yaml"] = texts["metadata.yaml"].replace(
        f"precedence: {FIRST_ADDED}", f"precedence: {precedence}"
    )
    texts[f"test_{name}.py"] = texts.pop("example.txt")
    place.mkdir(parents=True)
    try:
        for file, text in texts.items():
            (place / file).write_text(text, encoding="utf-8")
        mart = load_added(place)
    except ConfigurationError:
        for file in texts:
            (place / file).unlink(missing_ok=True)
        place.rmdir()
        raise
    finally:
        # What is declared there is read once.
        marts.cache_clear()
    return mart
