"""Sentences annotated with what is to be found in them: "I live at ⟦12 High Street⟧."."""

import re

from lacuna.redaction.recognizers.rule_recognizer import RuleRecognizer

_ANNOTATED = re.compile("⟦(.*?)⟧", re.DOTALL)


def plain(sentence: str) -> str:
    """Return the sentence without its annotations."""
    return sentence.replace("⟦", "").replace("⟧", "")


def annotated(sentence: str) -> list[str]:
    """Return what the sentence annotates."""
    return _ANNOTATED.findall(sentence)


def found(recognizer: RuleRecognizer, sentence: str) -> list[str]:
    """Return what a recognizer finds in the sentence without its annotations, overlapping matches as one."""
    text = plain(sentence)
    places: list[list[int]] = []
    for match in sorted(recognizer.find(text)):
        if places and match.start < places[-1][1]:
            places[-1][1] = max(places[-1][1], match.end)
        else:
            places.append([match.start, match.end])
    return [text[start:end] for start, end in places]
