"""The tree of commands as a file: with it, a command is listed or completed without an import.

What the commands import takes seconds, and a shell asks at each press of the tab key.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer
from typer.core import TyperCommand, TyperGroup

from lacuna.cli.new_application import brought_commands, new_application

TREE: Final = Path(__file__).with_name("commands.json")
"""What each command is for, with its options. `make golden` writes it."""

_KINDS: Final = {str: "text", int: "number", Path: "path"}
_LONGEST: Final = 66  # columns of choices, beside an option in a terminal of 80
_SENTENCE_ENDS: Final = re.compile(r"\.(?= [A-Z])")


class CommandTree(TyperGroup):
    """All commands: listed from the file, imported when one of them runs."""

    def __init__(self, **settings: Any) -> None:
        self._kept: Mapping[str, Any] = json.loads(TREE.read_text("utf-8"))
        names = [*self._kept, *sorted(brought_commands().names)]
        super().__init__(**settings | {"commands": dict(map(self._listed, names))})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command as the list shows it; None for a name that is none."""
        is_kept = cmd_name in self._kept or cmd_name not in self.commands
        return self.commands.get(cmd_name) if is_kept or ctx.resilient_parsing else _real(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command that runs, or its sketch for a shell that completes a word."""
        name, found, rest = super().resolve_command(ctx, args)
        if name is not None and found is not None:
            is_drawn = ctx.resilient_parsing and name in self._kept
            found = _sketch(name, self._kept[name]) if is_drawn else _real(name)
        return name, found, rest

    def _listed(self, name: str) -> tuple[str, TyperCommand]:
        return name, TyperCommand(name, short_help=self._kept.get(name, {}).get("help"))


def _real(name: str) -> Any:
    """Return a command itself: only what it and its neighbours need is imported."""
    from lacuna.cli.app import application

    found = typer.main.get_command(application(name))
    made_readable(found)
    return found.commands[name] if isinstance(found, TyperGroup) else found


def first_sentence(text: str) -> str:
    """Return the first sentence of a help text; the period of "Art. 12" ends none."""
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    ends = _SENTENCE_ENDS.search(paragraph)
    return paragraph if ends is None else paragraph[: ends.end()]


def made_readable(command: Any) -> None:
    """Write the help of a command for people, with all commands below it.

    By itself, a list of commands cuts sentences off, and an option shows types of Python.
    """
    for one in command.params:
        if kind := _taken(one.type_descriptor, one.name):
            one.display_type = partial(_shown, kind)
    for one in getattr(command, "commands", {}).values():
        one.short_help = first_sentence(one.help or "")
        made_readable(one)


def _taken(kind: Any, name: str) -> str | None:
    if kind.choices:
        choices = "|".join(map(str, kind.choices))
        return choices if len(choices) <= _LONGEST else name.strip("_")
    return _KINDS.get(get_args(kind.annotation)[0] if kind.is_list else kind.annotation)


def _shown(kind: str, ctx: object) -> str:
    return f"<{kind}>"


def _sketch(name: str, drawn: Mapping[str, Any]) -> Any:
    """Return a command that a shell can complete, and nobody can run."""
    part = new_application()
    if "commands" not in drawn:
        part.command(name)(_parameters(drawn))
        return typer.main.get_command(part)
    part.callback()(_parameters({}))
    for each, content in drawn["commands"].items():
        part.command(each, short_help=content["help"])(_parameters(content))
    return typer.main.get_command(part)


def _parameters(drawn: Mapping[str, Any]) -> Callable[[], None]:
    """Return a function with the options and arguments of a command."""

    def nothing() -> None:
        """Do nothing."""

    taken: dict[str, Any] = {}
    for place, (words, one) in enumerate(drawn.get("options", {}).items()):
        kind = bool if one.get("flag") else list[str] if one.get("many") else str
        option = typer.Option(words, help=one["help"], autocompletion=_completer(one))
        taken[f"option_{place}"] = Annotated[kind | None, option]
    for place, one in enumerate(drawn.get("arguments", ())):
        kind = list[str] if one.get("many") else str
        argument = typer.Argument(autocompletion=_completer(one))
        taken[f"argument_{place}"] = Annotated[kind | None, argument]
    nothing.__annotations__ = taken
    nothing.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for name, kind in taken.items()
        ]
    )
    return nothing


def _completer(one: Mapping[str, Any]) -> Callable[[str], list[str]]:
    def starting(incomplete: str) -> list[str]:
        return [value for value in one.get("values", ()) if value.startswith(incomplete)]

    return starting
