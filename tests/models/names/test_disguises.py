"""Sentences get other people, and keep what is known of all other words."""

from dataclasses import replace
from random import Random

import numpy as np

from finder_training.disguises import disguised, renamed
from finder_training.sentences import sentence
from lacuna.redaction.name_model.text_words import TAGS


class _OneName:
    def full(self, lang, rng):
        return "Nguyen-Thi", "Öz"


def _soft(*tags):
    found = np.full((len(tags), len(TAGS)), 0.02, np.float16)
    for at, tag in enumerate(tags):
        found[at, TAGS.index(tag)] = 0.88
    return found


def test_a_marked_person_gets_another_name():
    one = sentence("de", "made-up", "Ada Nowak rief Bo an", [(0, 9, "PER"), (15, 17, "PER")])
    new = renamed(one, _OneName(), Random(3))
    assert new.text.startswith("Nguyen-Thi Öz rief ")
    assert [kind for *_, kind in new.marks] == ["PER", "PER"]
    assert all(
        new.text[start:end] in ("Nguyen-Thi Öz", "Nguyen-Thi", "Öz") for start, end, _ in new.marks
    )


def test_where_names_are_inflected_they_stay():
    one = sentence("fi", "made-up", "Ada soitti", [(0, 3, "PER")])
    assert renamed(one, _OneName(), Random(1)) is one


def test_a_labelled_person_gets_another_name_and_the_other_words_keep_their_labels():
    one = sentence("it", "labelled", "Ho visto Ada Nowak a Bari", ())
    one = replace(one, soft=_soft("O", "O", "B-PER", "I-PER", "O", "B-LOC"))
    new = renamed(one, _OneName(), Random(1))
    assert new.text == "Ho visto Nguyen-Thi Öz a Bari"
    assert [TAGS[tag] for tag in new.soft.argmax(1)] == [
        "O", "O", "B-PER", "I-PER", "I-PER", "I-PER", "O", "B-LOC",
    ]  # fmt: skip
    assert new.soft[-1].tolist() == one.soft[-1].tolist()
    assert new.soft[2].max() == 1


def test_disguises_keep_the_number_of_words():
    words = ["Ada", "Nowak", "telefonierte", "-", "1"]
    made = {tuple(disguised(words, Random(seed))) for seed in range(200)}
    assert all(len(one) == len(words) for one in made)
    assert ("ada", "nowak", "telefonierte", "-", "1") in made
    assert ("ADA", "NOWAK", "TELEFONIERTE", "-", "1") in made
    assert len(made) > 5
