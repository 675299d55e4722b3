"""Text that knows whose identifiers were written into it.

Whatever the generator writes goes through `Text`, so that the ground truth (who is named where) is
recorded where the words are put, and a test can hold it against an independent scan of the rows.
"""

import html
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias


class MarkedIdentifier(NamedTuple):
    """One identifier in a text.

    Attributes:
        person: index of the person in the cast.
        kind: `name`, `former_name`, `username`, `email`, `phone`, `external_id` or `order`.
        shared: whether another person holds the same value; then each of them is listed.
    """

    person: int
    kind: str
    shared: bool = False


class MarkedText:
    """A string and the identifiers in it, in the order they were written."""

    __slots__ = ("said", "string")

    def __init__(self, string: str, said: tuple[MarkedIdentifier, ...] = ()) -> None:
        self.string = string
        self.said = said

    def __add__(self, other: "MarkedText | str") -> "MarkedText":
        if isinstance(other, str):
            return MarkedText(self.string + other, self.said)
        return MarkedText(self.string + other.string, self.said + other.said)

    def __radd__(self, other: str) -> "MarkedText":
        return MarkedText(other + self.string, self.said)

    def as_html(self) -> "MarkedText":
        """Return the text with `&`, `<` and `>` escaped; no identifier holds any of them."""
        return MarkedText(html.escape(self.string, quote=False), self.said)

    def quoted(self) -> "MarkedText":
        """Return the text with `> ` before every line, as mail programs quote."""
        lines = self.string.split("\n")
        return MarkedText("\n".join("> " + line if line else ">" for line in lines), self.said)


Words: TypeAlias = MarkedText | str


def join(separator: str, parts: Iterable[Words]) -> MarkedText:
    """Return `parts` with `separator` between them."""
    texts = [part if isinstance(part, MarkedText) else MarkedText(part) for part in parts]
    return MarkedText(
        separator.join(text.string for text in texts),
        tuple(said for text in texts for said in text.said),
    )


def fill(template: str, values: Mapping[str, Words]) -> MarkedText:
    """Return `template` with each `{key}` replaced; keys that it does not use are ignored.

    >>> fill("Hi {name}", {"name": MarkedText("Ada", (MarkedIdentifier(0, "name"),)), "order": "1"}).string
    'Hi Ada'
    """
    said: tuple[MarkedIdentifier, ...] = ()
    if "{" not in template:
        return MarkedText(template)
    for key, value in values.items():
        if isinstance(value, MarkedText) and value.said:
            said += value.said * template.count("{" + key + "}")
    return MarkedText(
        template.format_map(
            {
                key: value.string if isinstance(value, MarkedText) else value
                for key, value in values.items()
            }
        ),
        said,
    )


Json: TypeAlias = "MarkedText | str | int | bool | list[Json] | dict[str, Json] | None"


def as_json(value: Json, keys: Iterable[MarkedText] = ()) -> MarkedText:
    """Return `value` as JSON, names in their own letters, with the identifiers in it.

    Args:
        keys: those of its keys that identify somebody.
    """
    said = [one for key in keys for one in key.said]

    def plain(part: Json) -> "str | int | bool | list[object] | dict[str, object] | None":
        if isinstance(part, MarkedText):
            said.extend(part.said)
            return part.string
        if isinstance(part, list):
            return [plain(item) for item in part]
        if isinstance(part, dict):
            return {key: plain(item) for key, item in part.items()}
        return part

    return MarkedText(json.dumps(plain(value), ensure_ascii=False), tuple(said))
