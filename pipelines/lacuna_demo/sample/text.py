"""Text that knows whose identifiers were written into it.

Whatever the generator writes goes through `Text`, so that the ground truth (who is named where) is
recorded where the words are put, and a test can hold it against an independent scan of the rows.
"""

import html
import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias


class AnnotatedIdentifier(NamedTuple):
    """One identifier in a text.

    Attributes:
        person: index of the person in the cast.
        kind: `name`, `former_name`, `username`, `email`, `phone`, `external_id` or `order`.
        shared: whether another person holds the same value; then each of them is listed.
    """

    person: int
    kind: str
    shared: bool = False


class AnnotatedText:
    """A string and the identifiers in it, in the order they were written."""

    __slots__ = ("said", "string")

    def __init__(self, string: str, said: tuple[AnnotatedIdentifier, ...] = ()) -> None:
        self.string = string
        self.said = said

    def __add__(self, other: "AnnotatedText | str") -> "AnnotatedText":
        if isinstance(other, str):
            return AnnotatedText(self.string + other, self.said)
        return AnnotatedText(self.string + other.string, self.said + other.said)

    def __radd__(self, other: str) -> "AnnotatedText":
        return AnnotatedText(other + self.string, self.said)

    def as_html(self) -> "AnnotatedText":
        """Return the text with `&`, `<` and `>` escaped; no identifier holds any of them."""
        return AnnotatedText(html.escape(self.string, quote=False), self.said)

    def quoted(self) -> "AnnotatedText":
        """Return the text with `> ` before every line, as mail programs quote."""
        lines = self.string.split("\n")
        return AnnotatedText("\n".join("> " + line if line else ">" for line in lines), self.said)


SampleWords: TypeAlias = AnnotatedText | str


def join(separator: str, parts: Iterable[SampleWords]) -> AnnotatedText:
    """Return `parts` with `separator` between them."""
    texts = [part if isinstance(part, AnnotatedText) else AnnotatedText(part) for part in parts]
    return AnnotatedText(
        separator.join(text.string for text in texts),
        tuple(said for text in texts for said in text.said),
    )


def fill(template: str, values: Mapping[str, SampleWords]) -> AnnotatedText:
    """Return `template` with each `{key}` replaced; keys that it does not use are ignored.

    >>> fill("Hi {name}", {"name": AnnotatedText("Ada", (AnnotatedIdentifier(0, "name"),)), "order": "1"}).string
    'Hi Ada'
    """
    said: tuple[AnnotatedIdentifier, ...] = ()
    if "{" not in template:
        return AnnotatedText(template)
    for key, value in values.items():
        if isinstance(value, AnnotatedText) and value.said:
            said += value.said * template.count("{" + key + "}")
    return AnnotatedText(
        template.format_map(
            {
                key: value.string if isinstance(value, AnnotatedText) else value
                for key, value in values.items()
            }
        ),
        said,
    )


SampleJson: TypeAlias = (
    "AnnotatedText | str | int | bool | list[SampleJson] | dict[str, SampleJson] | None"
)


def as_json(value: SampleJson, keys: Iterable[AnnotatedText] = ()) -> AnnotatedText:
    """Return `value` as JSON, names in their own letters, with the identifiers in it.

    Args:
        keys: those of its keys that identify somebody.
    """
    said = [one for key in keys for one in key.said]

    def plain(part: SampleJson) -> "str | int | bool | list[object] | dict[str, object] | None":
        if isinstance(part, AnnotatedText):
            said.extend(part.said)
            return part.string
        if isinstance(part, list):
            return [plain(item) for item in part]
        if isinstance(part, dict):
            return {key: plain(item) for key, item in part.items()}
        return part

    return AnnotatedText(json.dumps(plain(value), ensure_ascii=False), tuple(said))
