"""Reads dialogues that people wrote, to be used as bodies of the sample's conversations."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from lacuna.errors import ConfigurationError

Speaker: TypeAlias = Literal["customer", "agent"]

_PREFIXES: tuple[tuple[str, Speaker], ...] = (("Customer:", "customer"), ("Agent:", "agent"))


@dataclass(frozen=True, repr=False)
class Utterance:
    """What one speaker says in one go."""

    speaker: Speaker
    words: str


Dialogue: TypeAlias = tuple[Utterance, ...]


def load_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """Return the dialogues of a JSON-lines file.

    Every line is an object with a string `text` of `Customer:` and `Agent:` lines, both present;
    other keys are ignored.

    Raises:
        ConfigurationError: the file cannot be read or a line has another form; the message has
            the line's number and none of its content.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise ConfigurationError("dialogues: this file does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"dialogues: the file is not readable UTF-8 text: {type(error).__name__}"
        ) from None
    if lines[-1] == "":
        lines.pop()
    if not lines:
        raise ConfigurationError("dialogues: the file is empty")
    return tuple(_dialogue(number, line) for number, line in enumerate(lines, start=1))


def _dialogue(number: int, line: str) -> Dialogue:
    try:
        value = json.loads(line, object_pairs_hook=_no_duplicates)
    except ValueError:
        raise _wrong(number, "is not a JSON object, or repeats a key") from None
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise _wrong(number, 'has no "text" that is a string')
    utterances = []
    for position, spoken in enumerate(value["text"].splitlines(), start=1):
        if spoken.strip():
            utterances.append(_utterance(number, position, spoken))
    if {utterance.speaker for utterance in utterances} != {"customer", "agent"}:
        raise _wrong(number, 'needs lines of both speakers in "text"')
    return tuple(utterances)


def _utterance(number: int, position: int, spoken: str) -> Utterance:
    for prefix, speaker in _PREFIXES:
        if spoken.startswith(prefix) and spoken[len(prefix) :].strip():
            return Utterance(speaker, spoken[len(prefix) :].strip())
    raise _wrong(
        number,
        f'has a line in "text" (number {position}) without "Customer:" or "Agent:" and words',
    )


def _wrong(number: int, what: str) -> ConfigurationError:
    return ConfigurationError(f"dialogues: line {number} {what}")


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("repeated key")
    return value
