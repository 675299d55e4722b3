"""Whether covering spans of a file leaves nothing of a person in it, asked before anything changes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from lacuna.model.datamap import ObjectFormat
from lacuna.model.identity import Identifier, Person
from lacuna.ports import Matcher, Passage, Span
from lacuna.subject.inventory_scope import Surroundings
from lacuna.subject.object_text import texts_in
from lacuna.treatment import JSON, FileText, format_of, text_file

__all__ = ["FileCoverage", "passage_of"]

_COVERED: Final = "[x]"
_MOST_ROUNDS: Final = 5
_NOTHING: Final = frozenset[Identifier]()


def passage_of(text: str, media_type: str, allowed: frozenset[Identifier] = _NOTHING) -> Passage:
    """Return a text of a file as it is searched and covered."""
    if media_type == JSON:
        return Passage(text, allowed=allowed, is_document=True)
    return Passage(text, media_type, allowed=allowed)


@dataclass(frozen=True)
class FileCoverage:
    """A file that names a person, and what covering would leave of them."""

    content: bytes = field(repr=False)
    person: Person
    surroundings: Surroundings

    @cached_property
    def text(self) -> FileText | None:
        """The text in which spans can be covered; None if it is none."""
        if format_of(self.content) is not ObjectFormat.TEXT:
            return None
        return text_file(self.content)

    def leaves(self, allowed: frozenset[Identifier]) -> bool:
        """Whether the file names the person still when every span that can be covered is.

        Args:
            allowed: values of the person that stay.
        """
        if self.text is None:
            passages = [
                passage_of(text, media_type, allowed)
                for media_type, text in texts_in(self.content, ObjectFormat.DETECT)
            ]
            spans = [span for each in self._matcher.find_all(passages) for span in each]
            is_matched = any(self.person.ref in span.subjects for span in spans)
            return is_matched or self._is_found(self.content, allowed)
        return self._is_found(self.text.encoded(self._blanked(self.text, allowed)), allowed)

    @property
    def _matcher(self) -> Matcher:
        return self.surroundings.matchers[self.person.org_id]

    def _blanked(self, found: FileText, allowed: frozenset[Identifier]) -> str:
        """Return the text with a mark instead of each span."""
        text = found.text
        # What is covered may have hidden what stands beside it. A document is none any more after once.
        for _ in range(1 if found.media_type == JSON else _MOST_ROUNDS):
            spans = self._matcher.find(passage_of(text, found.media_type, allowed))
            if not spans:
                break
            text = _without(text, spans)
        return text

    def _is_found(self, content: bytes, allowed: frozenset[Identifier]) -> bool:
        found = self.surroundings.search.in_content(content, ObjectFormat.DETECT)
        return bool(found.get(self.person.ref, _NOTHING) - allowed)


def _without(text: str, spans: Sequence[Span]) -> str:
    for span in sorted(spans, key=lambda one: one.start, reverse=True):
        text = f"{text[: span.start]}{_COVERED}{text[span.end :]}"
    return text
