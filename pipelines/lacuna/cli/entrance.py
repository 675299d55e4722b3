"""Where the command line begins: what it loads, and how errors become exit codes."""

import logging
import sys
import unicodedata
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Final

import typer

from lacuna.cli.arguments import as_named
from lacuna.cli.command_tree import CommandTree
from lacuna.cli.new_application import new_application
from lacuna.cli.output import complain, say
from lacuna.cli.progress import Progress
from lacuna.errors import ConfigurationError, PipelineError
from lacuna.flows.run.foreign_errors import without_values

_LONGEST_WORD: Final = 10_000

application = new_application(cls=CommandTree, add_completion=True)


def main() -> None:
    """Run the command line.

    Exit codes: 0 done; 1 a finding; 2 wrong usage or configuration; 3 a dependency is
    unreachable.
    """
    problems = logging.StreamHandler()
    problems.setLevel(logging.WARNING)
    logging.basicConfig(
        level=logging.WARNING,
        format="%(levelname)s %(name)s %(message)s",
        handlers=[problems],
    )
    words = sys.argv[1:]
    try:
        _check_words(words)
        with Progress(words):
            without_values(application)(prog_name="lacuna")
    except PipelineError as error:
        complain(as_named(str(error)))
        sys.exit(error.exit_code)


def _version(asked: bool) -> None:
    if asked:
        say(f"lacuna {version('lacuna')}")
        raise typer.Exit


@application.callback()
def _lacuna(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """GDPR batch jobs for customer-service platforms."""


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
