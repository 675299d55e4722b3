"""Reads which tables a trigger writes to, as far as its source says so."""

import re
from typing import Final

from lacuna.datamap import names
from lacuna.model.schema import LiveTrigger

_NOISE: Final = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_NAME: Final = r'(?:"(?:[^"]|"")+"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)'
_WRITES: Final = re.compile(
    r"\b(?:insert\s+into|delete\s+from(?:\s+only)?|merge\s+into|truncate(?:\s+table)?|copy"
    r"|(?<!for\s)(?<!do\s)update(?:\s+only)?)"
    rf"\s+({_NAME}(?:\s*\.\s*{_NAME})?)",
    re.IGNORECASE,
)
# Words that follow UPDATE in other places: FOR UPDATE OF, the head of a rule, ON CONFLICT.
_NO_TABLE: Final = frozenset({"of", "nowait", "skip", "set", "to", "or", "on"})
# Statements made up at run time, and calls of further functions.
_OPAQUE: Final = re.compile(r"\b(?:execute|perform|call|dblink\w*|notify)\b", re.IGNORECASE)
_READABLE: Final = frozenset({"plpgsql", "sql"})


def writes(trigger: LiveTrigger) -> tuple[str, ...] | None:
    """Return the tables a trigger writes to, as `schema.table` or, unqualified, as `table`.

    None where its source does not tell: another language than SQL and PL/pgSQL, a statement made
    up at run time, or a call of a further function.
    """
    if trigger.language not in _READABLE:
        return None
    source = _NOISE.sub(" ", trigger.source)
    if _OPAQUE.search(source):
        return None
    found: dict[str, None] = {}
    for match in _WRITES.finditer(source):
        written = re.sub(r"\s*\.\s*", ".", match[1])
        if written.lower() not in _NO_TABLE:
            parts = (
                part if quoted else part.lower()
                for part, quoted in zip(names.split(written), _are_quoted(written), strict=True)
            )
            found[".".join(map(names.quoted, parts))] = None
    return tuple(found)


def _are_quoted(name: str) -> list[bool]:
    return [part.startswith('"') for part in re.findall(_NAME, name, re.IGNORECASE)]
