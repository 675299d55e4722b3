"""The second opinion on mails: what its weights are made of, and when it overrules or is overruled."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources

import numpy as np
import pytest

from pipelines.model.mail import Asked, Doubt
from pipelines.model.request import RequestKind
from pipelines.request import read_mail, what_is_asked
from pipelines.request.opinion import LABELS, RIGHTS, WEIGHTS, Opinion, opinion_on
from pipelines.request.settling import MailPatterns, settled
from pipelines.request.words import WORDBOOKS
from scripts import train_opinion
from tests.flows.request_mails import request_mails

E, A, R, W = (
    RequestKind.ERASURE,
    RequestKind.ACCESS,
    RequestKind.RECTIFICATION,
    RequestKind.RESTRICTION,
)
READ_RIGHTLY_ALONE = {
    range(1, 61): 45,
    range(61, 121): 47,
    range(121, 181): 42,
    range(181, 241): 45,
    range(241, 301): 36,
}
"""Of the 50 decidable mails of each batch, by the model alone: a floor; see docs/requests.md."""


def opinion(*, is_whole: bool = True, **likely: float) -> Opinion:
    return Opinion({**dict.fromkeys(LABELS, 0.0), **likely}, is_whole)


def asked(*kinds: RequestKind, doubts: tuple[Doubt, ...] = (), **more: bool) -> Asked:
    return Asked(language="en", kinds=kinds, doubts=doubts, **more)


@pytest.mark.long  # about 40 s: the training, as `python -m scripts.train_opinion` does it
def test_the_weights_in_the_package_are_what_the_texts_make():
    made = train_opinion.train()
    with (resources.files("pipelines.request") / WEIGHTS).open("rb") as file, np.load(file) as held:
        assert set(held) == set(made)
        ours, theirs = (one["weights"] * one["scale"] for one in (made, held))
        # Another processor adds in another order, and sixty rounds on that is seen in a few places.
        assert np.abs(ours - theirs).max() <= 0.1 * np.abs(theirs).max()
        assert np.mean(made["weights"] != held["weights"]) < 0.05
        assert np.abs(made["bias"] - held["bias"]).max() < 0.05


def test_the_weights_are_a_small_file():
    assert len((resources.files("pipelines.request") / WEIGHTS).read_bytes()) < 1_000_000


def test_no_mail_of_the_tests_is_among_the_texts():
    """Eleven words in a row that both have would be a sentence that somebody copied."""
    texts = [
        line
        for file in train_opinion.CORPUS.rglob("*.txt")
        for _, text in train_opinion.lines(file)
        for line in train_opinion.forms(text, 8)
    ]
    known = {row for text in texts for row in _rows(text)}
    shared = {
        mail.name
        for mail in request_mails()
        for row in _rows(read_mail(mail.octets).text)
        if row in known
    }
    assert shared == set()


def _rows(text: str) -> set[tuple[str, ...]]:
    words = [word for sentence in train_opinion.readable(text) for word in sentence.words]
    return {tuple(words[at : at + 11]) for at in range(len(words) - 10)}


@pytest.mark.parametrize("batch", READ_RIGHTLY_ALONE, ids=lambda batch: f"{batch[0]}-{batch[-1]}")
def test_the_model_alone_reads_most_mails_that_it_was_not_made_of(batch, monkeypatch):
    found: list[Opinion] = []
    monkeypatch.setattr(
        "pipelines.request.rights.settled",
        lambda said, thought, known: (found.append(thought), said)[1],
    )
    right = 0
    for mail in request_mails():
        if mail.number in batch and mail.is_decidable:
            found.clear()
            read = read_mail(mail.octets)
            what_is_asked(read)
            rights = (
                frozenset()
                if read.is_automatic or read.is_listed or not found
                else found[0].rights(0.7)
            )
            right += rights == mail.rights
    assert right >= READ_RIGHTLY_ALONE[batch]


def test_the_end_of_a_very_long_mail_is_no_part_of_an_opinion_that_says_so():
    books = WORDBOOKS[:1]
    end = "Please erase all my data from your systems."
    near = opinion_on([f"The parcel came on Tuesday. {end}"], books)
    far = opinion_on(["The parcel came on Tuesday. " * 200 + end], books)
    assert (near.is_whole, far.is_whole) == (True, False)
    assert near.likely["erasure"] > 0.9 > far.likely["erasure"]


NOTHING = asked(doubts=(Doubt.NO_RIGHT,))


def test_a_right_that_no_pattern_knows_is_opened_where_the_model_is_sure():
    assert settled(NOTHING, opinion(access=0.97), MailPatterns()) == asked(A)


@pytest.mark.parametrize(
    "doubtful",
    [
        opinion(access=0.94),
        opinion(erasure=0.94),
        opinion(access=0.97, erasure=0.8),
        opinion(access=0.97, erasure=0.99),
        opinion(access=0.97, doubt=0.6),
        opinion(access=0.97, withdrawal=0.6),
        opinion(access=0.97, letter=0.6),
        opinion(access=0.97, is_whole=False),
    ],
    ids=str,
)
def test_one_that_it_is_not_sure_of_or_not_alone_waits_for_a_person(doubtful):
    assert settled(NOTHING, doubtful, MailPatterns()) == NOTHING


def test_of_one_about_somebody_else_that_is_kept_whatever_is_asked_later():
    about_another = replace(NOTHING, is_on_behalf=True)
    assert settled(NOTHING, opinion(access=0.97, other=0.7), MailPatterns()) == about_another


def test_what_the_patterns_veto_the_model_does_not_open():
    sure = opinion(erasure=0.99)
    assert settled(NOTHING, sure, MailPatterns(vetoed=frozenset({E}))) == NOTHING
    assert settled(NOTHING, sure, MailPatterns()) == asked(E)
    for doubt in set(Doubt) - {Doubt.NO_RIGHT}:
        vetoed = asked(E, doubts=(doubt,))
        assert settled(vetoed, sure, MailPatterns()) == vetoed


def test_what_speaks_for_nobody_opens_nothing_that_no_pattern_knows():
    said = asked(doubts=(Doubt.NO_RIGHT,), is_impersonal=True)
    assert settled(said, opinion(erasure=0.99), MailPatterns()) == said


@pytest.mark.parametrize(
    ("thought", "is_about_data", "is_none"),
    [
        (opinion(ordinary=0.6), False, True),
        (opinion(ordinary=0.6), True, False),
        (opinion(ordinary=0.97), True, True),
        (opinion(ordinary=0.4), False, False),
        (opinion(ordinary=0.97, rectification=0.05), False, True),
        (opinion(ordinary=0.97, rectification=0.15), False, True),
        (opinion(ordinary=0.97, rectification=0.15), True, False),
        (opinion(ordinary=0.97, rectification=0.25), False, False),
        (opinion(ordinary=0.75, rectification=0.15), False, False),
    ],
)
def test_a_mail_is_none_only_where_it_shows_what_it_is_about(thought, is_about_data, is_none):
    found = settled(NOTHING, thought, MailPatterns(is_about_data=is_about_data))
    assert found == (asked() if is_none else NOTHING)


@pytest.mark.parametrize(
    ("thought", "doubts"),
    [
        (opinion(erasure=0.5), ()),
        (opinion(erasure=0.9, access=0.6), ()),
        (opinion(erasure=0.84, ordinary=0.5), (Doubt.UNEXPLAINED,)),
        (opinion(erasure=0.86, ordinary=0.5), ()),
        (opinion(erasure=0.45), (Doubt.UNEXPLAINED,)),
        (opinion(erasure=0.9, access=0.8), (Doubt.UNEXPLAINED,)),
        (opinion(erasure=0.9, doubt=0.97), (Doubt.UNCERTAIN,)),
        (opinion(erasure=0.9, other=0.7), (Doubt.ON_BEHALF,)),
    ],
)
def test_what_the_patterns_found_waits_where_the_model_reads_something_else(thought, doubts):
    found = settled(asked(E), thought, MailPatterns())
    assert (found.kinds, found.doubts) == ((E,), doubts)


def test_a_mail_without_a_right_waits_where_the_model_sees_a_trace_of_one():
    assert settled(asked(), opinion(access=0.04), MailPatterns()) == NOTHING
    assert settled(asked(), opinion(access=0.02), MailPatterns()) == asked()
    assert settled(asked(), opinion(access=0.1, ordinary=0.85), MailPatterns()) == asked()
    assert settled(asked(), opinion(access=0.3, ordinary=0.85), MailPatterns()) == NOTHING


def test_a_correction_that_no_pattern_knows_is_added():
    said = asked(A, doubts=(Doubt.UNEXPLAINED,))
    assert settled(said, opinion(access=0.97, rectification=0.6), MailPatterns()) == asked(R, A)
    assert settled(said, opinion(access=0.97, restriction=0.97), MailPatterns()) == said


@pytest.mark.parametrize(("erasure", "doubts"), [(0.8, ()), (0.9, (Doubt.WITHDRAWAL,))])
def test_a_request_is_taken_back_although_its_right_is_named(erasure, doubts):
    said = asked(doubts=(Doubt.WITHDRAWAL,), is_withdrawal=True)
    assert settled(said, opinion(withdrawal=0.99, erasure=erasure), MailPatterns()).doubts == doubts
    assert settled(said, opinion(withdrawal=0.9), MailPatterns()) == said


@pytest.mark.parametrize(("withdrawal", "doubts"), [(0.6, ()), (0.4, (Doubt.WITHDRAWAL,))])
def test_a_withdrawal_that_the_model_does_not_see_waits_for_a_person(withdrawal, doubts):
    said = asked(is_withdrawal=True)
    assert settled(said, opinion(withdrawal=withdrawal), MailPatterns()).doubts == doubts


def test_the_labels_are_the_rights_and_what_else_a_sentence_can_say():
    assert LABELS[: len(RIGHTS)] == tuple(map(str, RequestKind))
