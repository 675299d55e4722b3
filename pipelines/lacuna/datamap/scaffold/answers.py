"""Answers to a scaffold's questions, `about: answer`, one a line: read, and drafted for somebody to fill in."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from lacuna.datamap.read.strict_yaml import Problems, read
from lacuna.datamap.scaffold.questions import ACCEPT, Question
from lacuna.datamap.suggestion import fragment

__all__ = ["questionnaire", "read_answers"]

_HEAD: Final = """\
# yes takes what the brackets propose. Fill in the empty answers.
"""
_WIDTH: Final = 100


def read_answers(path: Path) -> Mapping[str, str]:
    """Return the answers of a file, by what they are about; an empty one is none.

    Raises:
        ConfigurationError: the file cannot be read, or is no mapping of text to text.
    """
    problems = Problems(path)
    section = read(path, problems)
    answers = {about: section.optional_text(about) for about in section.names()}
    problems.raise_any()
    return {about: answer for about, answer in answers.items() if answer}


def questionnaire(questions: Sequence[Question]) -> str:
    """Return a file of answers as YAML: `yes` below each question, and nothing where only a person can say it."""
    return "\n".join([_HEAD, *map("\n".join, map(_lines, questions))])


def _comment(text: str, indent: str = "") -> Sequence[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="# ",
        subsequent_indent=f"# {indent}",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(question: Question) -> Iterator[str]:
    told = f"[{question.proposal or 'needs an answer'}] ({question.effect})"
    if question.items:
        yield from _comment(question.text)
        for item in question.items:
            yield from _comment(f"- {item}", indent="  ")
        yield from _comment(told)
    else:
        yield from _comment(f"{question.text} {told}")
    line = fragment(question.about, value=ACCEPT).partition(": ")[0]
    yield f"{line}: {ACCEPT}\n" if question.proposal else f'{line}: ""\n'
