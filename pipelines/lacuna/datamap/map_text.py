"""Edits the text of a data map: comments and layout of everything else stay.

The map is written as the project's own are: blocks of two spaces, each column on a line of its own.
"""

from collections.abc import Collection, Mapping, Sequence

import yaml

from lacuna.datamap import names
from lacuna.datamap.suggestion import MapTree, fragment

__all__ = ["merged", "without"]


def merged(text: str, addition: str) -> str:
    """Return a map's text with a fragment in its place.

    A key that is there keeps what else it has; a list takes the new entries behind its own.

    Args:
        addition: YAML from the top of the file, as `lacuna datamap check` suggests it.
    """
    tree = yaml.load(addition, Loader=yaml.CBaseLoader)  # noqa: S506 - it makes nothing but text
    for path, value in _leaves(tree, _tree(text)):
        text = _put(text, path, value)
    return text


def without(text: str, places: Collection[str]) -> str:
    """Return a map's text without these tables and columns, and without the links that lead there.

    Args:
        places: `schema.table` or `schema.table.column`.
    """
    for place in places:
        text = _without_links(text, place)
        for path in _paths(_tree(text), place):
            text = _cut(text, path)
    return text


def _without_links(text: str, place: str) -> str:
    """Return a text in which no link leads to a table."""
    for other, table in _entries(_entries(_tree(text))["tables"]).items():
        links = _entries(table).get("links")
        old = {} if links is None else {key: _ways(each) for key, each in _entries(links).items()}
        new = {key: [one for one in ways if _target(one) != place] for key, ways in old.items()}
        if new == old:
            continue
        left = {key: ways[0] if len(ways) == 1 else ways for key, ways in new.items() if ways}
        path = ("tables", other, "links")
        text = _put(text, path, left) if left else _cut(text, path)
    return text


def _ways(links: yaml.Node) -> list[MapTree]:
    plain = _plain(links)
    return list(plain) if isinstance(links, yaml.SequenceNode) else [plain]


def _target(way: MapTree) -> MapTree:
    return way["table"] if isinstance(way, Mapping) else way


def _tree(text: str) -> yaml.Node:
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if root is None:
        raise AssertionError("a map is never empty")
    return root


def _leaves(tree: MapTree, node: yaml.Node) -> Sequence[tuple[tuple[str, ...], MapTree]]:
    """Return the entries to write, each at the deepest place that is there as a block."""
    if not isinstance(tree, Mapping):
        raise AssertionError("a fragment starts at the top of the file")
    found: list[tuple[tuple[str, ...], MapTree]] = []
    for key, value in tree.items():
        there = _entries(node).get(key)
        if there is None:
            found.append(((key,), value))
        elif isinstance(value, Mapping) and _is_block(there):
            found += [((key, *path), each) for path, each in _leaves(value, there)]
        else:
            found.append(((key,), _joined(_plain(there), value)))
    return found


def _put(text: str, path: tuple[str, ...], value: MapTree) -> str:
    """Write an entry: over the one that is there, else at the end of the mapping around it."""
    new = fragment(*path, value=value).splitlines()[len(path) - 1 :]
    lines = text.splitlines()
    at = _tree(text)
    for key in path[:-1]:
        at = _entries(at)[key]
    start, end = _span(at, path[-1])
    return "\n".join([*lines[:start], *new, *lines[end:]]) + "\n"


def _cut(text: str, path: tuple[str, ...]) -> str:
    at = _tree(text)
    for key in path[:-1]:
        at = _entries(at)[key]
    start, end = _span(at, path[-1])
    lines = text.splitlines()
    return "\n".join([*lines[:start], *lines[end:]]) + "\n"


def _span(node: yaml.Node, key: str) -> tuple[int, int]:
    """Return the first line of an entry and the one behind it; of a new entry, where it goes."""
    if not isinstance(node, yaml.MappingNode):
        raise AssertionError("the paths were taken from blocks")
    for name, value in node.value:
        if name.value == key:
            return name.start_mark.line, _last_line(value) + 1
    end = _last_line(node) + 1
    return end, end


def _last_line(node: yaml.Node) -> int:
    """Return the last line of a value; PyYAML ends a block where the next thing begins."""
    if _is_block(node):
        return max(_last_line(value) for _, value in node.value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return max(map(_last_line, node.value))
    return int(node.end_mark.line)


def _paths(root: yaml.Node, place: str) -> Sequence[tuple[str, ...]]:
    """Return the entries of a table or column."""
    tables = _entries(_entries(root)["tables"])
    if place in tables:
        kinds = [
            ("kinds", kind, "tables", place)
            for kind, entry in _entries(_entries(root).get("kinds")).items()
            if place in _entries(_entries(entry).get("tables"))
        ]
        return [("tables", place), *kinds]
    column = names.column_name(place)
    return [("tables", names.written(column.table), "columns", column.name)]


def _entries(node: yaml.Node | None) -> Mapping[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {key.value: value for key, value in node.value}


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and not node.flow_style and bool(node.value)


def _plain(node: yaml.Node) -> MapTree:
    """Return the content of a node, every value as text."""
    match node:
        case yaml.MappingNode():
            return {key.value: _plain(value) for key, value in node.value}
        case yaml.SequenceNode():
            return [_plain(each) for each in node.value]
        case _:
            return str(node.value)


def _joined(old: MapTree, new: MapTree) -> MapTree:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        both = {
            key: _joined(old[key], value) if key in old else value for key, value in new.items()
        }
        return {**old, **both}
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *(each for each in new if each not in old)]
    return new
