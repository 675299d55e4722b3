"""A map that the scaffold drafts for a database, with every proposal accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from lacuna.cli.app import application

# What only a person can say; to every other question the answer is `yes`.
SAID = {
    "name": "Desk",
    "controller": "Desk A/S, Example City",
    "dpo": "dpo@example.org",
    "authority": "Datatilsynet",
}


@dataclass(frozen=True)
class Drafted:
    """The map, and what the scaffold asked about."""

    path: Path
    questions: tuple[str, ...]


def draft(url: str, folder: Path, said: Mapping[str, str] = SAID) -> Drafted:
    """Draft a map of what is in a database, into a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LACUNA_DATABASE_URL", url)
        patch.setenv("LACUNA_HOME", str(folder))
        arguments = ["datamap", "scaffold", "--output"]
        listed = ["--questions", str(folder / "answers.yaml")]
        asked = CliRunner().invoke(application(), [*arguments, str(folder / "asked.yaml"), *listed])
        answers = yaml.safe_load((folder / "answers.yaml").read_text("utf-8"))
        about, empty = (*answers,), {one for one, answer in answers.items() if answer == ""}
        assert empty <= said.keys(), empty
        answers = dict.fromkeys(about, "yes") | said
        (folder / "answers.yaml").write_text(yaml.safe_dump(answers), "utf-8")
        path = folder / "datamap.yaml"
        given = ["--answers", str(folder / "answers.yaml")]
        answered = CliRunner().invoke(application(), [*arguments, str(path), *given])
    assert (asked.exit_code, answered.exit_code) == (1, 0), (answered.output, answered.exception)
    return Drafted(path, about)
