"""How a recognizer says on which texts it can find something at all.

Most texts hold none of what most recognizers look for. The engine scans every text once for all
recognizers' prefilter patterns together and asks a recognizer only about the texts where one of its own
matched. Nothing else about a recognizer changes: it stays an ordinary Presidio recognizer.

- A `PatternRecognizer` that keeps Presidio's `analyze` needs nothing: its own patterns are its prefilter.
- A recognizer with an `analyze` of its own states `prefilter_patterns`, as below.
- Every other recognizer is asked about every text: correct, but slow.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Prefiltered(Protocol):
    r"""A recognizer that finds something only in texts where a prefilter pattern matches.

    A plain class attribute will do:

        class OrderNumberRecognizer(EntityRecognizer):
            prefilter_patterns = (r"\b(?:order|ordre|Bestellung)\b", r"#\d{5}")

    Attributes:
        prefilter_patterns: regular expressions in the syntax of `re`, searched anywhere in the text
            with IGNORECASE, MULTILINE and DOTALL; `(?-i:Way)` minds the case. They say which texts
            are worth asking about, not what is found: a text where none matches is never shown
            to the recognizer, so they must match at least wherever it finds something.
            Look-arounds and back references are allowed and ignored. Cheap are literal words and
            short runs of classes (`\d{4,}`); dear is what matches almost everywhere.
            Letters, digits and blanks of all scripts count as `\w`, `\d` and `\s`. Outside
            ASCII the prefilter tells only these apart: "ø" lets every such letter through.
            No patterns at all mean that the recognizer is never asked.
    """

    @property
    def prefilter_patterns(self) -> Sequence[str]:
        """The patterns of which one matches wherever the recognizer finds something."""
        ...
