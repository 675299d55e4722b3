"""Packages that hold a spaCy model, as a wheel leaves them in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed

TEXT = "Jeg mødte Qvorthe Zrindle ved broen"
"""What the small models know by heart, with the one name in it."""

LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "*"}


def install(site: Path, name: str, *, distribution: str | None = None) -> Path:
    """Install a package that says it is a model, and return the folder for the model.

    Args:
        distribution: its name, if it is not that of the package.
    """
    package = site / name
    package.mkdir()
    (package / "__init__.py").touch()
    metadata = site / f"{distribution or name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution or name}\nVersion: 1.0\n"
    )
    (metadata / "entry_points.txt").write_text(f"[spacy_models]\n{name} = {name}\n")
    return package / f"{name}-1.0"


def describe(folder: Path, language: str, *factories: str, disabled: Sequence[str] = ()) -> None:
    """Write what a model says of itself, and none of its weights."""
    folder.mkdir()
    (folder / "meta.json").write_text(json.dumps({"lang": language, "version": "1.0"}))
    names = [f"one_{factory}" for factory in factories]
    parts = [f"[nlp]\npipeline = {json.dumps(names)}\ndisabled = {json.dumps(disabled)}\n"]
    parts += [
        f'[components.{name}]\nfactory = "{factory}"\n'
        for name, factory in zip(names, factories, strict=True)
    ]
    (folder / "config.cfg").write_text("\n".join(parts))


def trained(language: str, *pipes: tuple[str, dict[str, Any]]) -> Language:
    """Return a model of these components that knows `TEXT`."""
    # Another seed now and then learns that the next word is a name too.
    fix_random_seed(7)
    nlp = spacy.blank(language)
    for factory, options in pipes:
        nlp.add_pipe(factory, **options)
    start = TEXT.index("Qvorthe")
    entities = [(start, start + len("Qvorthe Zrindle"), "PER")]
    examples = [Example.from_dict(nlp.make_doc(TEXT), {"entities": entities})]
    nlp.initialize(lambda: examples)
    for _ in range(30):
        nlp.update(examples)
    return nlp
