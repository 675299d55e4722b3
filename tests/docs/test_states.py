"""The diagram of states in the documents is the table of transitions."""

import re
from pathlib import Path

from lacuna.model.request import NEXT

ROOT = Path(__file__).parents[2]


def test_the_diagram_has_every_move_and_no_other():
    text = (ROOT / "docs/requests.md").read_text("utf-8")
    drawn = set(re.findall(r"^    (\w+) --> (\w+)", text, re.MULTILINE))
    moves = {(str(state), str(to)) for state, following in NEXT.items() for to in following}
    assert drawn == moves
    ends = set(re.findall(r"^    (\w+) --> \[\*\]", text, re.MULTILINE))
    assert ends == {str(state) for state in NEXT if state.is_final}
