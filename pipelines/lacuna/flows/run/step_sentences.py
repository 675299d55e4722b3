"""A line of a run as a sentence, as it is logged."""

from dataclasses import dataclass

from lacuna.model.run import StepLine


def sentence_of(line: StepLine) -> str:
    """Return a line of a run as a sentence: what was done, for which request, how many, how long."""
    request = "" if line.request_id is None else f" (request {line.request_id})"
    counts = ", ".join(f"{count} {_words(name)}" for name, count in line.counts)
    counted = f": {counts}" if counts else ""
    reason = f". {line.reason}" if line.reason else ""
    what = f"{_words(line.step)}: {_words(line.outcome)}{request}{counted}"
    return f"{what}, in {line.seconds:.1f} s{reason}"


def _words(name: str) -> str:
    """Return a name in words; those of tables and columns, with a full stop, stay as they are."""
    return " ".join(
        word if "." in word or "/" in word else word.replace("_", " ") for word in f"{name}".split()
    )


@dataclass(frozen=True)
class LoggedStep:
    """What is logged of a step: its line as a sentence, and of a failure what to do."""

    line: StepLine
    what_to_do: str = ""

    def __str__(self) -> str:
        """Return the line as a sentence."""
        return sentence_of(self.line)
