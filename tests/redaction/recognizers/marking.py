"""Sentences that mark what is to be found in them: "I live at ⟦12 High Street⟧."."""

import re

from lacuna.redaction.recognizers.rules import RuleRecognizer

_MARKED = re.compile("⟦(.*?)⟧", re.DOTALL)


def plain(sentence: str) -> str:
    """Return the sentence without its marks."""
    return sentence.replace("⟦", "").replace("⟧", "")


def marked(sentence: str) -> list[str]:
    """Return what the sentence marks."""
    return _MARKED.findall(sentence)


def found(recognizer: RuleRecognizer, sentence: str) -> list[str]:
    """Return what a recognizer finds in the sentence without its marks, overlapping hits as one."""
    text = plain(sentence)
    places: list[list[int]] = []
    for hit in sorted(recognizer.find(text)):
        if places and hit.start < places[-1][1]:
            places[-1][1] = max(places[-1][1], hit.end)
        else:
            places.append([hit.start, hit.end])
    return [text[start:end] for start, end in places]
