"""A value of a row as a page shows it: in words, in lists, or as a player; never a code or JSON."""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from lacuna.bundle.moments import moment
from lacuna.bundle.page_frame import link
from lacuna.bundle.page_text import attribute, plain_text, shortened, text
from lacuna.bundle.values import to_json_text
from lacuna.bundle.words import Words
from lacuna.model.bundle import JsonValue
from lacuna.model.table import Column

_DEEPEST: Final = 6
_LONGEST_LIST: Final = 100
_LONGEST_NAME: Final = 200
_SOUND: Final = frozenset({".m4a", ".mp3", ".ogg", ".wav"})
_FILM: Final = frozenset({".mp4", ".webm"})
_PICTURE: Final = frozenset({".gif", ".jpeg", ".jpg", ".png", ".webp"})


def value_markup(column: Column, value: JsonValue, words: Words, base: str = "") -> str:
    """Return a value for people.

    Args:
        base: way from the page to the bundle's folder, e.g. `../`.
    """
    if column.object_store is not None:
        return _files(value, words, base, words.plain_label(column))
    if column.legend:
        each = value if isinstance(value, list) else [value]
        return ", ".join(code_markup(column, one, words) for one in each)
    if isinstance(value, str):
        if column.is_text:
            return text(shortened(plain_text(value, column)))
        return _nested(_document(value), words, 0)
    return _nested(value, words, 0)


def code_markup(column: Column, value: JsonValue, words: Words) -> str:
    """Return the meaning of a code, or the code itself where the map does not explain it."""
    code = value if isinstance(value, str) else to_json_text(value)
    explained = column.legend.get(code)
    return _nested(value, words, 0) if explained is None else words.of_map(explained)


def file_markup(path: str, words: Words, base: str, label: str) -> str:
    """Return a file of the bundle as a player, as a picture or as a link."""
    name = PurePosixPath(path)
    where = attribute(f"{base}{quote(path)}")
    to_file = link(path, base, name.name)
    if name.suffix in _SOUND or name.suffix in _FILM:
        kind = "audio" if name.suffix in _SOUND else "video"
        said = attribute(f"{label}, {name.name}")
        return (
            f'<span class="file"><{kind} controls="controls" preload="none" src="{where}" '
            f'aria-label="{said}"></{kind}> {to_file}</span>'
        )
    if name.suffix in _PICTURE:
        shown = f'<img src="{where}" alt="{attribute(label)}" loading="lazy" />'
        return f'<span class="file">{shown} {to_file}</span>'
    return f'<span class="file">{to_file}</span>'


def _files(value: JsonValue, words: Words, base: str, label: str) -> str:
    places = value if isinstance(value, list) else [value]
    return " ".join(
        file_markup(each, words, base, label) for each in places if isinstance(each, str)
    )


def _document(value: str) -> JsonValue:
    """Return the document that a text is, or the text."""
    if value[:1] in ("{", "[") and len(value) < 1_000_000:
        try:
            found: JsonValue = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return found if isinstance(found, dict | list) else value
    return value


def _nested(value: JsonValue, words: Words, depth: int) -> str:
    match value:
        case None:
            return text(words("no_value"))
        case bool():
            return text(words("yes") if value else words("no"))
        case str():
            return moment(shortened(value), words.locale)
        case int() | float():
            return str(value)
        case _ if depth >= _DEEPEST:
            return text(words("more_in_files"))
        case Mapping():
            lines = [
                f"<div><dt>{text(_name(name))}</dt><dd>{_nested(each, words, depth + 1)}</dd></div>"
                for name, each in list(value.items())[:_LONGEST_LIST]
            ]
            body = "\n".join(lines)
            return f'<dl class="inner">{body}</dl>{_rest(len(value), words)}' if lines else ""
        case _:
            lines = [
                f"<li>{_nested(each, words, depth + 1)}</li>" for each in value[:_LONGEST_LIST]
            ]
            if len(lines) == 1:
                return _nested(value[0], words, depth + 1)
            return f'<ul class="inner">{"".join(lines)}</ul>{_rest(len(value), words)}'


def _name(name: str) -> str:
    """Return the name of a member of a document in words."""
    return name[:_LONGEST_NAME].replace("_", " ").strip()


def _rest(count: int, words: Words) -> str:
    more = count - _LONGEST_LIST
    return f"<p>{text(words('more_entries', count=more))}</p>" if more > 0 else ""
