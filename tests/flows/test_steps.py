"""A line of a run is a sentence in the log, and the same line in the run's evidence."""

import pytest

from lacuna.flows.run.step_sentences import sentence_of
from lacuna.model.mail import MailOutcome
from lacuna.model.run import StepLine


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            StepLine("intake", "done", counts=((MailOutcome.AUTOMATIC, 4), ("opened", 2))),
            "intake: done: 4 automatic, 2 opened, in 0.0 s",
        ),
        (
            StepLine("apply", "rows_committed", counts=(("rows", 12),), seconds=1.25),
            "apply: rows committed: 12 rows, in 1.2 s",
        ),
        (
            StepLine(
                "verify",
                "verification_failed",
                request_id="r-1",
                counts=(("residue contact_center.internal_notes", 1),),
                is_failure=True,
                reason="1 finding",
            ),
            "verify: verification failed (request r-1): 1 residue contact_center.internal_notes, "
            "in 0.0 s. 1 finding",
        ),
    ],
)
def test_a_line_is_a_sentence(line, sentence):
    assert sentence_of(line) == sentence
