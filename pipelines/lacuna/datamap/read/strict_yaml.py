"""Strict YAML: typed values by what is asked for, and every problem with its line.

Nothing is guessed: `NO` is text where text is wanted, only `true` and `false` are booleans,
a key that appears twice or that nobody asks for is a problem, and so are tags and aliases.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

import yaml

from lacuna.errors import ConfigurationError

_LARGEST: Final = 16 * 1024 * 1024
_SHOWN: Final = 100
_PREFIX: Final = "tag:yaml.org,2002:"
# What plain scalars resolve to by themselves; any other tag was written, and may mean code.
_PLAIN_TAGS: Final = frozenset(
    _PREFIX + name
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
MAIL_ADDRESS: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,255}")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")

_Choice = TypeVar("_Choice", bound=StrEnum)
_Value = TypeVar("_Value")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The safe loader, in C where it is built; only its tree is used, it constructs nothing."""


@dataclass
class Problems:
    """What is wrong with a file, in the order found."""

    source: Path
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, text: str) -> None:
        """Remember a problem: what is wrong, and what to do."""
        self.found.append((line, text))

    def raise_any(self) -> None:
        """Raise if there is any problem.

        Raises:
            ConfigurationError: with all problems, one a line, in the order of the file.
        """
        if not self.found:
            return
        ordered = sorted(set(self.found))
        lines = [f"  line {line}: {problem}" for line, problem in ordered[:_SHOWN]]
        if len(ordered) > _SHOWN:
            lines.append(f"  and {len(ordered) - _SHOWN} more")
        count = "1 problem" if len(ordered) == 1 else f"{len(ordered)} problems"
        raise ConfigurationError("\n".join([f"{self.source}: {count}", *lines]))


def read(source: Path, problems: Problems) -> "Section":
    """Return the file's top mapping.

    Raises:
        ConfigurationError: there is no such file, it is no YAML, or it uses tags or aliases.
    """
    return parse(source, content_of(source), problems)


def content_of(source: Path) -> bytes:
    """Return the content of a file.

    Raises:
        ConfigurationError: it cannot be read, or is larger than any that people write.
    """
    try:
        with source.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"{source}: cannot be read ({error.strerror})") from None
    if len(content) > _LARGEST:
        raise ConfigurationError(f"{source}: larger than {_LARGEST // 1024 // 1024} MiB")
    return content


def parse(source: Path, content: bytes, problems: Problems) -> "Section":
    """Return the top mapping of what `source` holds.

    Raises:
        ConfigurationError: it is no YAML, or it uses tags or aliases.
    """
    try:
        text = content.decode("utf-8")
        root = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{source}: line {line} is not UTF-8; save it as such") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise ConfigurationError(
            f"{source}: line {line}: not YAML: {error.problem or error.context}"
        ) from None
    except yaml.YAMLError:
        raise ConfigurationError(f"{source}: not YAML: it contains control characters") from None
    if root is None:
        raise ConfigurationError(f"{source}: the file is empty")
    _refuse_machinery(root, problems)
    problems.raise_any()
    return Section(root, "the file", problems)


def _refuse_machinery(root: yaml.Node, problems: Problems) -> None:
    """Report tags and aliases anywhere in the tree; each node is looked at once."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        line = _line(node)
        if id(node) in seen:
            problems.add(
                line, "an alias (*) refers to this value; write the value out where it is used"
            )
            continue
        seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            tag = node.tag.removeprefix(_PREFIX)
            problems.add(line, f"the tag {tag!r} is not allowed; write a plain value")
        if isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _PREFIX + "null"


FlowValue = str | Sequence["FlowValue"] | Mapping[str, "FlowValue"]


class Section:
    """A mapping, read key by key: reading says which type is wanted."""

    def __init__(self, node: yaml.Node, where: str, problems: Problems) -> None:
        """Take a node that should be a mapping; anything else is a problem and reads as empty.

        Args:
            node: the mapping.
            where: what the messages call it, e.g. `crm.customers.email`.
            problems: where to report.
        """
        self.where = where
        self.line = _line(node)
        self.problems = problems
        self._nodes: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        self._asked: dict[str, None] = {}
        if not isinstance(node, yaml.MappingNode):
            self.problem(f"{where} must be a mapping: `key: value` lines")
            return
        for key, value in node.value:
            line = _line(key)
            if not isinstance(key, yaml.ScalarNode):
                self.problem(f"{where}: a key must be text", line)
            elif key.value in self._nodes:
                first = self._lines[key.value]
                self.problem(
                    f"{where}: {key.value!r} occurs twice (line {first}); remove one", line
                )
            else:
                self._nodes[key.value] = value
                self._lines[key.value] = line

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def problem(self, text: str, line: int | None = None) -> None:
        """Report a problem, at the section's own line by default."""
        self.problems.add(self.line if line is None else line, text)

    def line_of(self, key: str) -> int:
        """Return the line of a key, or the section's own where it has none."""
        return self._lines.get(key, self.line)

    def names(self) -> Iterator[str]:
        """Yield every key of a mapping whose keys are names; all count as known."""
        for key in self._nodes:
            self._asked[key] = None
            yield key

    def finish(self) -> None:
        """Report every key that nobody asked for."""
        for key in self._nodes:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(self._asked)}"
                self.problem(f"{self.where}: unknown key {key!r}; {hint}", self._lines[key])

    def text(self, key: str) -> str:
        """Return a required text exactly as written; empty if missing, which is a problem."""
        node = self._required(key)
        if node is None:
            return ""
        text = self._scalar(key, node)
        if not text.strip() and not _is_null(node):
            self.problem(f"{self.where}: {key} is empty", self.line_of(key))
        return text

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None where the key is missing."""
        self._asked[key] = None
        node = self._nodes.get(key)
        return None if node is None else self._scalar(key, node)

    def prose(self, key: str) -> str:
        """Return a required text with its white space folded."""
        return " ".join(self.text(key).split())

    def optional_prose(self, key: str) -> str:
        """Return a text with its white space folded; empty where the key is missing."""
        return " ".join((self.optional_text(key) or "").split())

    def address(self, key: str) -> str:
        """Return a required e-mail address."""
        text = self.text(key)
        if text and not MAIL_ADDRESS.fullmatch(text):
            self.problem(
                f"{self.where}: {key} must be an e-mail address; letters are sent to it",
                self.line_of(key),
            )
        return text

    def number(self, key: str) -> int:
        """Return a required whole number; 0 if missing, which is a problem."""
        value = self.optional_number(key)
        if key not in self._nodes:
            self._required(key)
        return value or 0

    def optional_number(self, key: str) -> int | None:
        """Return a whole number, 0 to 999,999,999, or None where the key is missing."""
        text = self.optional_text(key)
        if text is None:
            return None
        if not _NUMBER.fullmatch(text):
            self.problem(f"{self.where}: {key} must be a whole number", self.line_of(key))
            return None
        return int(text)

    def flag(self, key: str) -> bool | None:
        """Return `true` or `false`, or None where the key is missing or is neither."""
        text = self.optional_text(key)
        if text is None:
            return None
        if text not in ("true", "false"):
            self.problem(f"{self.where}: {key} must be true or false", self.line_of(key))
            return None
        return text == "true"

    def choice(self, key: str, choices: type[_Choice]) -> _Choice | None:
        """Return one of an enumeration's values, or None where the key is missing or wrong."""
        text = self.optional_text(key)
        if text is None:
            return None
        return self.chosen(key, text, choices)

    def chosen(self, key: str, text: str, choices: type[_Choice]) -> _Choice | None:
        """Return `text` as a member of an enumeration; report it as value of `key` if it is none."""
        try:
            return choices(text)
        except ValueError:
            self.problem(
                f"{self.where}: {key} cannot be {text!r}; choose from {', '.join(choices)}",
                self.line_of(key),
            )
            return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of one, a missing key an empty list."""
        self._asked[key] = None
        node = self._nodes.get(key)
        if node is None:
            return ()
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        texts = tuple(self._scalar(key, each) for each in nodes)
        for text in sorted({text for text in texts if text and texts.count(text) > 1}):
            self.problem(f"{self.where}: {key} lists {text!r} twice", self.line_of(key))
        return texts

    def pairs(self, key: str) -> Mapping[str, str]:
        """Return a mapping of text to text; empty where the key is missing."""
        section = self.section(key)
        if section is None:
            return {}
        return {name: section.text(name) for name in section.names()}

    def is_mapping(self, key: str) -> bool:
        """Whether the key's value is a mapping."""
        return isinstance(self._nodes.get(key), yaml.MappingNode)

    def is_list(self, key: str) -> bool:
        """Whether the key's value is a list."""
        return isinstance(self._nodes.get(key), yaml.SequenceNode)

    def section(self, key: str, where: str | None = None) -> "Section | None":
        """Return the mapping under a key, or None where the key is missing."""
        self._asked[key] = None
        node = self._nodes.get(key)
        if node is None:
            return None
        section = Section(node, where or f"{self.where}: {key}", self.problems)
        section.line = self._lines[key]
        return section

    def required_section(self, key: str) -> "Section | None":
        """Return the mapping under a key; None if it is missing, which is a problem."""
        if self._required(key) is None:
            return None
        return self.section(key)

    def sections(self, key: str) -> Iterator["Section"]:
        """Yield the mappings of a list; none where the key is missing."""
        self._asked[key] = None
        node = self._nodes.get(key)
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            self.problem(f"{self.where}: {key} must be a list of mappings", self.line_of(key))
            return
        for number, each in enumerate(node.value, start=1):
            yield Section(each, f"{key} {number}", self.problems)

    def parsed(self, key: str, text: str | None, parse: Callable[[str], _Value]) -> _Value | None:
        """Return `parse(text)`, or None where the text is missing or `parse` refuses it."""
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.problem(f"{self.where}: {error}", self.line_of(key))
            return None

    def require(self, keys: Iterable[str], why: str = "") -> None:
        """Report each key that is missing."""
        for key in keys:
            if key not in self._nodes:
                self.problem(f"{self.where}: {key!r} is missing{why}")

    def _required(self, key: str) -> yaml.Node | None:
        self._asked[key] = None
        if key not in self._nodes:
            self.problem(f"{self.where}: {key!r} is missing")
            return None
        return self._nodes[key]

    def _scalar(self, key: str, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.problem(f"{self.where}: {key} must be a single value", _line(node))
            return ""
        if _is_null(node):
            self.problem(
                f"{self.where}: {key} is empty; leave the key out, or put quotes around the text",
                _line(node),
            )
            return ""
        return str(node.value)


def read_flow(text: str, about: str) -> FlowValue:
    """Return a value written on one line: a text, `[a list]` or `{a: mapping}`.

    Raises:
        ConfigurationError: it cannot be read, or is none of them.
    """
    try:
        # Nothing but texts, lists and mappings come of it.
        value = yaml.load(text, yaml.BaseLoader)  # noqa: S506
    except yaml.YAMLError:
        raise ConfigurationError(f"{about}: the answer is not a value of a data map") from None
    if not isinstance(value, str | list | dict):
        raise ConfigurationError(f"{about}: the answer is not a value of a data map")
    return value
