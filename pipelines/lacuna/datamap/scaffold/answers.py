"""Reads the answers to a scaffold's questions: `about: answer`, one a line."""

from collections.abc import Mapping
from pathlib import Path

from lacuna.datamap.read.strict_yaml import Problems, read


def read_answers(path: Path) -> Mapping[str, str]:
    """Return the answers of a file, by what they are about.

    Raises:
        ConfigurationError: the file cannot be read, or is no mapping of text to text.
    """
    problems = Problems(path)
    section = read(path, problems)
    answers = {about: section.text(about) for about in section.names()}
    problems.raise_any()
    return answers
