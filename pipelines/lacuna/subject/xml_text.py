"""An XML document as JSON would have it, so that its elements are read by their names."""

from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

_DEEPEST: Final = 20


class _Refused(Exception):
    """It is deeper than is read, or defines entities."""


def xml_document(text: str) -> object | None:
    """Return the elements and attributes of an XML text under their names; None if it is none.

    >>> xml_document('<person id="K-77"><phone>20 30 40 50</phone></person>')
    [{'person': [{'id': 'K-77', 'phone': '20 30 40 50'}]}]
    """
    if not text.startswith("<"):
        return None
    root: list[object] = []
    open_elements: list[list[object]] = [root]
    parser = ParserCreate()
    parser.buffer_text = True

    def begin(name: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > _DEEPEST:
            raise _Refused
        inside: list[object] = [{_local(key): value} for key, value in attributes.items()]
        open_elements[-1].append({_local(name): inside})
        open_elements.append(inside)

    def end(_: str) -> None:
        inside = open_elements.pop()
        members = [
            (name, value[0] if _is_one_text(value) else value)
            for one in inside
            if isinstance(one, dict)
            for name, value in one.items()
        ]
        if len(dict(members)) == len(members) > 1:
            # Beside one another, as members of one object: parts of a name, a type and a value.
            inside[:] = [dict(members), *(one for one in inside if not isinstance(one, dict))]

    def refuse(*_: object) -> None:
        raise _Refused

    def say(data: str) -> None:
        if data.strip():
            open_elements[-1].append(data.strip())

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = say
    # What defines entities could grow without end.
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text, True)
    except (ExpatError, _Refused, ValueError):
        return None
    return root


def _is_one_text(inside: object) -> bool:
    return isinstance(inside, list) and len(inside) == 1 and isinstance(inside[0], str)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
