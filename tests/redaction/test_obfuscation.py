"""An obfuscated text has the length and the layout of the original and nothing of its content."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna.ports import Passage, Redacted, Span
from lacuna.redaction import Obfuscator, obfuscated

HTML = "text/html"
PLAIN = "text/plain"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("Hi Anna,\r\n\tcall +45 12!\n", "xx xxxxx\r\n\txxxx xxx xxx\n"),
        ("Blåbær\u00a0🎉 e\u0301", "xxxxxx\u00a0x xx"),
        ("\ud800 \x00", "x x"),
        ("1 < 2 <b>", "x x x xxx"),
    ],
)
def test_of_a_plain_text_blanks_alone_stay(text: str, expected: str) -> None:
    assert obfuscated(text) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Hi <b>Anna</b>!</p>", "<p>xx <b>xxxx</b>x</p>"),
        (
            '<a href="mailto:anna@example.org" title="Anna">Anna</a>',
            "<a xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxx>xxxx</a>",
        ),
        ("Anna &amp; Bo", "xxxx xxxxx xx"),
        ("<!-- Anna > Bo -->", "<!-- xxxx x xx -->"),
        ("<!DOCTYPE html>", "<!xxxxxxx xxxx>"),
        ("<style>.anna{}</style>", "<style>xxxxxxx</style>"),
        ("<blockquote>Anna<BR>Bo</blockquote>", "<blockquote>xxxx<BR>xx</blockquote>"),
        ('<div class="gmail_signature">Anna</div>', "<div xxxxxxxxxxxxxxxxxxxxxxx>xxxx</div>"),
        ("1 < 2, a > b, <Anna Berg", "x x xx x x xx xxxxx xxxx"),
        ("<anna@example.org>", "<xxxxxxxxxxxxxxxx>"),
        ("<anna><o:p></anna>", "<xxxx><xxx></xxxx>"),
        ("<p anna berg>", "<p xxxx xxxx>"),
        ('<a/title="Anna">x<br/><br />', "<a/xxxxxxxxxxxx>x<br/><br />"),
        ('<img alt="a > Anna">', "<img xxxxxx x xxxxx>"),
        ("<!-->", "<!xx>"),
        ("<?xml anna?>", "<?xxx xxxxx>"),
    ],
)
def test_of_html_the_structure_stays_and_no_content(html: str, expected: str) -> None:
    assert obfuscated(html, HTML) == expected


_MARKS = (
    r"""< > </ /> <b <anna <!-- --> <! <? ' " = / a br x Zoë title= &amp; <style> </style> - !"""
)
_PIECES = st.sampled_from([*_MARKS.split(), " ", "\n", "\u200b", "🎉"])
_TEXTS = st.lists(_PIECES, max_size=20).map("".join) | st.text(max_size=40)


@settings(max_examples=400)
@given(_TEXTS, st.sampled_from([PLAIN, HTML]))
def test_length_and_blanks_stay_and_doing_it_again_changes_nothing(
    text: str, media_type: str
) -> None:
    once = obfuscated(text, media_type)
    assert len(once) == len(text)
    assert [one if one.isspace() else "" for one in once] == [
        one if one.isspace() else "" for one in text
    ]
    assert obfuscated(once, media_type) == once


class _Content(HTMLParser):
    """Everything that a browser could show or follow."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = ""
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.found += data

    handle_comment = handle_decl = handle_pi = unknown_decl = handle_data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += "".join(f"{name}{value or ''}" for name, value in attrs)


@settings(max_examples=400)
@given(_TEXTS)
def test_another_reader_of_html_finds_no_content_either(text: str) -> None:
    found = _Content(obfuscated(text, HTML)).found
    assert re.fullmatch(r"(?:[x\s/<>!?-]|</?(?:style|title|a|br?)\b)*", found), found


@settings(max_examples=200)
@given(st.lists(_PIECES, max_size=8).map("".join), st.lists(_PIECES, max_size=8).map("".join))
def test_a_name_is_nowhere_left(before: str, after: str) -> None:
    for media_type in (PLAIN, HTML):
        assert "Quist" not in obfuscated(f"{before}Quistgaard{after}", media_type)


def test_as_a_redactor_it_covers_every_text_as_one_span() -> None:
    passages = [Passage("Hi Anna"), Passage(""), Passage("<b>Bo</b>", HTML)]
    assert Obfuscator().redact(passages) == [
        Redacted("xx xxxx", (Span(0, 7, "TEXT", 1.0),)),
        Redacted("", ()),
        Redacted("<b>xx</b>", (Span(0, 9, "TEXT", 1.0),)),
    ]
    assert Obfuscator().cover(passages) == Obfuscator().redact(passages)
