"""Long texts are read in parts that end where a sentence or a line does."""

import pytest

from lacuna.redaction.name_model.segments import segments
from lacuna.redaction.name_model.text_words import gaps, split


def _parts(text):
    at = split(text)
    words = [text[start:end] for start, end in at]
    return [words[first:last] for first, last in segments(words, gaps(text, at))], words


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("", []),
        ("word " * 30, [30]),
        ("word " * 35, [35]),
        ("word " * 32 + "done. " + "Next " * 8, [34, 8]),
        ("word " * 32 + "\n" + "next " * 8, [32, 8]),
        ("word " * 32 + "Dr. Nowak " + "next " * 8, [43]),
        ("word " * 80 + ", " + "word " * 40, [81, 40]),
        ("word " * 250, [100, 100, 50]),
        ("\n".join(["one two three four"] * 20), [32, 32, 16]),
    ],
)
def test_parts_end_at_a_line_a_sentence_or_a_sign(text, sizes):
    parts, words = _parts(text)
    assert [len(part) for part in parts] == sizes
    assert [word for part in parts for word in part] == words
