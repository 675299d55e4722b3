"""Sentences as hurried people write them, and with other people in them."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np

from finder_training.name_lists import NameLists
from finder_training.scores import best_tags, marks_of
from finder_training.sentences import Mark, Sentence, sentence
from lacuna.redaction.name_model.text_words import TAGS, WordSpan

__all__ = ["disguised", "renamed"]

# Languages in which a name in running text may be put for another as it stands.
_UNINFLECTED = ("da", "sv", "nb", "nn", "de", "en", "pt", "es", "fr", "it", "nl")
_GENITIVE_S = ("da", "sv", "nb", "nn", "de")
_SIBILANTS = "sxzß"


def disguised(words: Sequence[str], rng: Random) -> list[str]:
    """Return the words, now and then in lower case, in capitals or with slips."""
    drawn = rng.random()
    if drawn < 0.08:
        return [word.lower() for word in words]
    if drawn < 0.12:
        return [word.upper() for word in words]
    if drawn < 0.17:
        share = 0.2 + rng.random() / 2
        return [word.lower() if rng.random() < share else word for word in words]
    if drawn < 0.22:
        return [_slip(word, rng) if rng.random() < 0.2 else word for word in words]
    return list(words)


def _slip(word: str, rng: Random) -> str:
    if len(word) < 5:
        return word
    at = rng.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return rng.choice((swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]))


def renamed(one: Sentence, names: NameLists, rng: Random) -> Sentence:
    """Return the sentence with other people in it; the same where names are inflected.

    In a labelled sentence the people are those whom the teacher found.
    """
    if one.soft is None:
        return _renamed(one, names, rng)
    tags = best_tags(np.log(one.soft.astype(np.float32) + 1e-6), one.gaps)
    people = [mark for mark in marks_of(tags, one.at) if mark[2] == "PER"]
    return _relabelled(one, _renamed(replace(one, marks=tuple(people)), names, rng), people)


def _relabelled(old: Sentence, new: Sentence, people: Sequence[Mark]) -> Sentence:
    """Return the new sentence; what is no person in it keeps the old one's probabilities."""
    outside = [at for at, word in enumerate(old.at) if not _inside(word, people)]
    others = [at for at, word in enumerate(new.at) if not _inside(word, new.marks)]
    if old.soft is None or new.text == old.text or len(outside) != len(others):
        return old
    soft = np.zeros((len(new.at), len(TAGS)), np.float16)
    soft[range(len(new.at)), [allowed.bit_length() - 1 for allowed in new.allowed]] = 1
    soft[others] = old.soft[outside]
    return replace(new, soft=soft, marks=())


def _inside(word: WordSpan, marks: Sequence[Mark]) -> bool:
    return any(start <= word[0] < end for start, end, _ in marks)


def _renamed(one: Sentence, names: NameLists, rng: Random) -> Sentence:
    if one.lang not in _UNINFLECTED or not one.has_person or "@" in one.text:
        return one
    text, marks, at = "", list[Mark](), 0
    for start, end, kind in sorted(one.marks):
        if start < at:
            return one
        text += one.text[at:start]
        old = one.text[start:end]
        new = _other(old, one.lang, names, rng) if kind == "PER" else old
        marks.append((len(text), len(text) + len(new), kind))
        text += new
        at = end
    return sentence(one.lang, one.source, text + one.text[at:], marks)


def _other(old: str, lang: str, names: NameLists, rng: Random) -> str:
    given, surname = names.full(lang, rng)
    single = len(old.split()) == 1
    new = rng.choice((given, surname)) if single else f"{given} {surname}"
    in_genitive = single and old.endswith("s") and lang in _GENITIVE_S
    if in_genitive and new[-1] not in _SIBILANTS and rng.random() < 0.5:
        new += "s"
    if old.isupper() and len(old) > 3:
        return new.upper()
    return new.lower() if old.islower() else new
