"""Conversations as conversations: a page or more for each month, and the newest for the first page."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from lacuna.bundle.moments import moment, month_name, month_of, plain_moment
from lacuna.bundle.page_frame import Page, page
from lacuna.bundle.page_text import text
from lacuna.bundle.timeline import TalkEntry, Timeline
from lacuna.bundle.value_markup import code_markup, file_markup
from lacuna.bundle.words import Words
from lacuna.model.bundle import BundleContent

_CHARACTERS_OF_PAGE: Final = 250_000
_ENTRIES_OF_PAGE: Final = 400
_NEWEST: Final = 3
_NEWEST_ENTRIES: Final = 5
_LONGEST_TITLE: Final = 120
_LONGEST_EXTRACT: Final = 300  # of one entry on the first page

Put = Callable[[str, bytes], None]
"""Writes a page at a path of the bundle."""

Find = Callable[["SearchEntry"], None]
"""Takes a passage into the search."""


@dataclass(frozen=True)
class SearchEntry:
    """A conversation, or a part of a long one, as the search finds it.

    Attributes:
        place: page and anchor, from the folder of pages.
        day: when the conversation began, for people; empty if that is unknown.
        said: every text of it, white space folded.
    """

    place: str
    day: str
    title: str = field(repr=False)
    said: str = field(repr=False)


@dataclass
class _Newest:
    """A conversation of the first page: its first entries, and how many there are."""

    place: str
    entries: list[TalkEntry] = field(default_factory=list)
    count: int = 0

    def add(self, entry: TalkEntry) -> None:
        """Keep the conversation itself, and the first entries that have a text or a file."""
        says = entry.texts or entry.files or not self.entries
        self.count += 1
        if says and len(self.entries) <= _NEWEST_ENTRIES:
            self.entries.append(entry)


@dataclass(frozen=True)
class ConversationPages:
    """What the first page says of the conversations.

    Attributes:
        count: how many there are.
        months: path of the first page, name and number of conversations of each month, the newest
            first.
        newest: markup of the newest.
        shown: how many these are.
    """

    count: int
    months: tuple[tuple[str, str, int], ...]
    newest: str = field(repr=False)
    shown: int


def write_conversations(
    content: BundleContent, timeline: Timeline, words: Words, put: Put, find: Find
) -> ConversationPages:
    """Write the page of every month, and return what the first page says of them."""
    writer = _MonthPages(content, words, put, find)
    newest: list[_Newest] = []
    for talk, entries in groupby(timeline, key=lambda each: each.talk):
        place = writer.begin(talk, month_of(timeline.starts[talk]))
        top = _Newest(place) if talk < _NEWEST else None
        for entry in entries:
            writer.add(entry)
            if top is not None:
                top.add(entry)
        newest += [] if top is None else [top]
    writer.finish()
    counts = Counter(map(month_of, timeline.starts))
    months = tuple(
        (path, writer.name_of(month), counts[month]) for month, path in writer.first.items()
    )
    markup = "\n".join(_extract(each, content, words) for each in newest)
    return ConversationPages(len(timeline.starts), months, markup, len(newest))


class _MonthPages:
    """Fills one page after the other."""

    def __init__(self, content: BundleContent, words: Words, put: Put, find: Find) -> None:
        self._content, self._words, self._put, self._find = content, words, put, find
        self.first: dict[str, str] = {}  # path of the first page, by month
        self._month, self._path, self._before = "", "", ""
        self._number = 0
        self._sections: list[str] = []
        self._entries: list[str] = []
        self._said: list[str] = []
        self._head: TalkEntry | None = None
        self._talk, self._piece = 0, 0
        self._length, self._count = 0, 0

    def name_of(self, month: str) -> str:
        return month_name(month, self._words.locale) if month else self._words("without_date")

    def begin(self, talk: int, month: str) -> str:
        """Begin a conversation; return where it is, from the bundle's folder."""
        self._end_piece()
        if not self._path or month != self._month or self._is_full:
            self._turn(month)
        self._talk, self._piece, self._head = talk, 0, None
        return f"{self._path}#{self._anchor}"

    def add(self, entry: TalkEntry) -> None:
        """Add an entry to the conversation that was begun; the first is the conversation itself."""
        if self._head is None:
            self._head = entry
        else:
            if self._is_full:
                self._end_piece()
                self._turn(self._month)
                self._piece += 1
            markup = _entry_markup(entry, self._content, self._words, "../")
            self._entries.append(markup)
            self._length += len(markup)
            self._count += 1
        self._said += (said for _, said in entry.texts)

    def finish(self) -> None:
        """Write the last page."""
        self._end_piece()
        self._close("")

    @property
    def _is_full(self) -> bool:
        return self._length >= _CHARACTERS_OF_PAGE or self._count >= _ENTRIES_OF_PAGE

    @property
    def _anchor(self) -> str:
        return f"c{self._talk + 1}" + (f"-{self._piece + 1}" if self._piece else "")

    def _end_piece(self) -> None:
        if self._head is None:
            return
        title = _title_of(self._head, self._words)
        more = f" ({self._words('continued')})" if self._piece else ""
        lines = "\n".join(self._entries)
        self._sections.append(
            f'<section aria-labelledby="{self._anchor}">\n<h2 id="{self._anchor}">'
            f"{text(title)}{text(more)}</h2>\n{_about(self._head, self._content, self._words)}\n"
            f'<ol class="talk">\n{lines}\n</ol>\n</section>'
        )
        self._length += len(title)
        self._find(
            SearchEntry(
                place=f"{self._path.rpartition('/')[2]}#{self._anchor}",
                day=plain_moment(self._head.at[:10], self._words.locale),
                title=title,
                said=" ".join(" ".join(self._said).split()),
            )
        )
        self._entries, self._said = [], []

    def _turn(self, month: str) -> None:
        """Go on to another page."""
        self._number = self._number + 1 if self._path and month == self._month else 1
        number = "" if self._number == 1 else f"-{self._number}"
        path = f"pages/conversations-{month or 'undated'}{number}.html"
        self._close(path)
        self._month, self._path = month, path
        self.first.setdefault(month, path)
        self._length, self._count = 0, 0

    def _close(self, after: str) -> None:
        if not self._path:
            return
        around = [(self._before, self._words("previous_page"))] if self._before else []
        around += [(after, self._words("next_page"))] if after else []
        shown = Page(
            title=f"{self._words('your_conversations')}: {self.name_of(self._month)}",
            lead="",
            sections=(),
            around=around,
        )
        self._put(self._path, page(self._words, shown, "\n".join(self._sections)))
        self._before, self._sections = self._path, []


def _title_of(head: TalkEntry, words: Words) -> str:
    """Return the title of a conversation: its subject, or else the day on which it began."""
    said = next((" ".join(said.split()) for _, said in head.texts), "")
    if not said:
        day = plain_moment(head.at[:10], words.locale)
        said = f"{words('conversation')}, {day}" if day else words("conversation")
    return said if len(said) <= _LONGEST_TITLE else f"{said[:_LONGEST_TITLE]} …"


def _about(head: TalkEntry, content: BundleContent, words: Words) -> str:
    """Return the day of a conversation and its codes, in words."""
    mapped = content.datamap.tables[head.table]
    said = [moment(head.at, words.locale)] if head.at else []
    coded = (*head.codes, *(() if head.author is None else (head.author,)))
    for name, value in coded:
        column = mapped.column(name)
        said.append(f"{words.label(column)}: {code_markup(column, value, words)}")
    return f'<p class="quiet">{" · ".join(said)}</p>'


def _entry_markup(
    entry: TalkEntry, content: BundleContent, words: Words, base: str, longest: int | None = None
) -> str:
    """Return one entry of a conversation: who, when, and what was said."""
    mapped = content.datamap.tables[entry.table]
    if entry.author is None:
        about = [f"<strong>{words.label(mapped)}</strong>"]
    else:
        column = mapped.column(entry.author[0])
        about = [f"<strong>{code_markup(column, entry.author[1], words)}</strong>"]
    about += [moment(entry.at, words.locale)] if entry.at else []
    if not (entry.texts or entry.files):
        about += [code_markup(mapped.column(name), value, words) for name, value in entry.codes]
    lines = list(_said(entry, content, words, longest))
    lines += (
        file_markup(path, words, base, words.plain_label(mapped.column(name)))
        for name, path in entry.files
    )
    of = ' class="own"' if entry.is_own else ""
    return f'<li{of}><p class="quiet">{" · ".join(about)}</p>{"".join(lines)}</li>'


def _said(
    entry: TalkEntry, content: BundleContent, words: Words, longest: int | None
) -> Iterator[str]:
    mapped = content.datamap.tables[entry.table]
    for name, said in entry.texts:
        if len(entry.texts) > 1:
            yield f'<p class="quiet">{words.label(mapped.column(name))}</p>'
        is_long = longest is not None and len(said) > longest
        yield f'<p class="said">{text(f"{said[:longest]} …" if is_long else said)}</p>'


def _extract(newest: _Newest, content: BundleContent, words: Words) -> str:
    """Return the beginning of a conversation for the first page."""
    head, *shown = newest.entries
    lines = "\n".join(_entry_markup(each, content, words, "", _LONGEST_EXTRACT) for each in shown)
    said = f"{words('whole_conversation')} ({newest.count - 1})"
    return (
        f"<article>\n<h3>{text(_title_of(head, words))}</h3>\n"
        f'{_about(head, content, words)}\n<ol class="talk">\n{lines}\n</ol>\n'
        f'<p><a href="{newest.place}">{text(said)}</a></p>\n</article>'
    )
