"""What a database is, as a text that two of them can be compared by: their dumps, in one order."""

from __future__ import annotations

import re

# Which files made a database differs where two ways lead to the same.
_NOT_COMPARED = "migration; Type: TABLE DATA;"
_HEAD = re.compile(r"^-- (?:Data for )?Name: (.*?)(?:; Owner: .*)?$", re.MULTILINE)


def normal_form(dump: bytes) -> dict[str, str]:
    """Return what a dump (`pg_dump`) says of each thing, by what it is about.

    That is all that the catalog has: tables with the order of their columns, defaults, constraints,
    indexes, sequences, views, rules, triggers and whether they always fire, functions and how they
    run, policies, comments, owners and grants; and the rows. Rows and grants have no order.
    """
    text = re.sub(r"^\\(un)?restrict .*$", "", dump.decode("utf-8"), flags=re.MULTILINE)
    found = {}
    _, *parts = _HEAD.split(text)
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        lines = [line for line in body.splitlines() if line and not line.startswith("--")]
        has_order = not re.search(r"; Type: (ACL|TABLE DATA);", name)
        if _NOT_COMPARED not in name:
            found[name] = "\n".join(lines if has_order else sorted(lines))
    return found


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the names of what is not the same in both, sorted."""
    return sorted(name for name in one | other if one.get(name) != other.get(name))
