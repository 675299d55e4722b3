"""Recognizers that an installation adds: from its packages and from its own file.

A package offers one as an entry point of the group `lacuna.recognizers`: a callable that takes the
keyword `supported_language` (ISO 639-1), as the classes of Presidio's recognizers do, and returns a
recognizer, several of them, or None where it has nothing for that language. It is called once for
each language that texts are read in.

The file is TOML: a list `recognizer` of tables as `_Definition` describes them.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, Final

import regex  # type: ignore[import-untyped]
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lacuna.errors import ConfigurationError
from lacuna.redaction.options import RECOGNIZERS
from lacuna.redaction.time_limits import OutOfTime

_FLAGS: Final = regex.IGNORECASE | regex.MULTILINE | regex.DOTALL
_LongText = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class RecognizerFailed(Exception):
    """A recognizer that an installation added raised an error; says which, and the error's class."""


class _Pattern(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    regex: _LongText
    score: float = Field(default=0.6, gt=0, le=1)


class _Definition(BaseModel):
    """A recognizer of the installation's file.

    Attributes:
        entity: what it finds, in upper case; an entity that the engine does not know is covered
            with `[ID]`.
        languages: of the texts that it is asked about (ISO 639-1); all where none is named.
        patterns: matched in any case, `^` and `$` at each line.
        words: whole words and phrases, in any case.
        context: words near a match that raise its score by 0.35.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    name: _LongText
    entity: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
    languages: list[_Language] = Field(default_factory=list)
    patterns: list[_Pattern] = Field(default_factory=list)
    words: list[_LongText] = Field(default_factory=list)
    context: list[_LongText] = Field(default_factory=list)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    recognizer: list[_Definition] = Field(min_length=1)


def check_extensions(names: Iterable[str], definitions: str, languages: Iterable[str]) -> None:
    """Create every added recognizer for each language, so that a broken one stops a run at its beginning.

    Args:
        names: of entry points of the group `lacuna.recognizers`.
        definitions: text of the installation's file, or nothing.
        languages: in which texts may be (ISO 639-1).

    Raises:
        ConfigurationError: names the recognizer, or the place in the file, and what is wrong.
    """
    names = tuple(names)
    for language in languages:
        list(_extensions(names, definitions, language))


def extensions(names: Iterable[str], definitions: str, language: str) -> list[EntityRecognizer]:
    """Return the added recognizers for texts of a language; an error of one of them names it.

    Raises:
        ConfigurationError: as `check_extensions`.
    """
    found = []
    for name, recognizer in _extensions(names, definitions, language):
        vars(recognizer)["name"] = name
        for method in ("analyze", "validate_result", "invalidate_result"):
            if (own := getattr(recognizer, method, None)) is not None:
                vars(recognizer)[method] = _naming(own, name)
        found.append(recognizer)
    return found


def _extensions(
    names: Iterable[str], definitions: str, language: str
) -> Iterator[tuple[str, EntityRecognizer]]:
    for name in names:
        for recognizer in _of_package(name, language):
            yield name, recognizer
    for one in _read(definitions):
        if not one.languages or language in one.languages:
            yield one.name, _of_file(one, language)


def _of_package(name: str, language: str) -> list[EntityRecognizer]:
    (entry,) = entry_points(group=RECOGNIZERS, name=name)
    failure = ""
    try:
        made = entry.load()(supported_language=language)
    except Exception as error:  # noqa: BLE001 - whatever a package raises, it is its own
        failure = f"raised {type(error).__name__} when it was created for language {language}"
    else:
        found = [] if made is None else [made] if isinstance(made, EntityRecognizer) else [*made]
        if all(isinstance(one, EntityRecognizer) for one in found):
            return found
        failure = "returned something that is no EntityRecognizer"
    place = f"{entry.module}:{entry.attr}, {_package(entry)}"
    raise ConfigurationError(f"recognizer {name} ({place}) {failure}; mend or uninstall it")


def _of_file(one: _Definition, language: str) -> PatternRecognizer:
    patterns = [
        Pattern(f"{one.name} {number}", pattern.regex, pattern.score)
        for number, pattern in enumerate(one.patterns, 1)
    ]
    return PatternRecognizer(
        supported_entity=one.entity,
        name=one.name,
        supported_language=language,
        patterns=patterns,
        deny_list=one.words,
        deny_list_score=0.6,
        context=one.context,
        global_regex_flags=int(_FLAGS),
    )


def _read(definitions: str) -> list[_Definition]:
    if not definitions:
        return []
    problems: list[str] = []
    found: list[_Definition] = []
    try:
        found = _File.model_validate(tomllib.loads(definitions)).recognizer
    except tomllib.TOMLDecodeError as error:
        problems = [str(error)]
    except ValidationError as error:
        problems = [
            f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()
        ]
    names = [one.name for one in found]
    problems += [f"{name}: the name is given twice" for name in {*names} if names.count(name) > 1]
    problems += [problem for one in found for problem in _problems(one)]
    if problems:
        raise ConfigurationError(
            f"the recognizers' file has {len(problems)} errors: {'; '.join(sorted(problems))}"
        )
    return found


def _problems(one: _Definition) -> Iterator[str]:
    if not one.patterns and not one.words:
        yield f"{one.name}: give it patterns or words"
    for number, pattern in enumerate(one.patterns, 1):
        try:
            compiled = regex.compile(pattern.regex, _FLAGS)
        except regex.error as error:
            yield f"{one.name}: pattern {number} is no regular expression: {error}"
        else:
            if compiled.match("") is not None:
                yield f"{one.name}: pattern {number} matches the empty text"


def _naming(method: Callable[..., Any], name: str) -> Callable[..., Any]:
    def named(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except (OutOfTime, RecognizerFailed):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the text
            failure = type(error).__name__
        raise RecognizerFailed(f"recognizer {name} failed with {failure}")

    return named


def _package(entry: EntryPoint) -> str:
    return "no package" if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
