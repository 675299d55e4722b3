"""Where the command line begins: what it loads, and how errors become exit codes."""

import logging
import sys
import unicodedata
from collections.abc import Sequence
from typing import Final

import typer

from lacuna.cli import redaction
from lacuna.cli.new_application import new_application
from lacuna.cli.output import complain
from lacuna.errors import ConfigurationError, PipelineError
from lacuna.flows.run.foreign_errors import without_values

_LONGEST_WORD: Final = 10_000


def main() -> None:
    """Run the command line.

    Exit codes: 0 done; 1 a finding; 2 wrong usage or configuration; 3 a dependency is
    unreachable.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        _check_words(sys.argv[1:])
        without_values(_application(sys.argv[1:]))()
    except PipelineError as error:
        complain(str(error))
        sys.exit(error.exit_code)


def _application(words: Sequence[str]) -> typer.Typer:
    """Return an application that has the command which the words name, or all commands."""
    if not words or words[0] not in redaction.COMMANDS:
        # Only here: what the other commands import takes more than a second.
        from lacuna.cli.app import app

        return app
    part = new_application()
    redaction.add_to(part)
    return part


def _check_words(words: Sequence[str]) -> None:
    """Refuse what no option of any command takes: nothing at all, or what is no text.

    A name, a reason or an id that is empty would stand for one that was given.
    """
    for place, word in enumerate(words, start=1):
        if not word.strip():
            raise ConfigurationError(
                f"argument {place} of the command is empty; leave its option out"
            )
        if len(word) > _LONGEST_WORD or any(map(_is_control, word)):
            raise ConfigurationError(
                f"argument {place} of the command has more than {_LONGEST_WORD:,} characters, "
                "control characters, or bytes that are not UTF-8"
            )


def _is_control(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")
