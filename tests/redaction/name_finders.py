"""What a name finder says of texts, in a form that can be compared."""

from collections.abc import Sequence

from lacuna.redaction.fast.named_spans import NameFinder

Read = list[tuple[list[tuple[int, int]], list[tuple[int, int, str]]]]


def read(finder: NameFinder, texts: Sequence[str]) -> Read:
    """Return tokens and entities of each text."""
    found = finder.find(texts)
    names: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    for number, start, end, label in found.entities.tolist():
        names[number].append((start, end, finder.labels[label]))
    bounds = found.first_token.tolist()
    starts, ends = found.starts.tolist(), found.ends.tolist()
    return [
        (list(zip(starts[first:last], ends[first:last], strict=True)), some)
        for first, last, some in zip(bounds, bounds[1:], names, strict=False)
    ]
