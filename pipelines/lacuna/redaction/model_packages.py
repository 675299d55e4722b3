"""Installed packages that hold a spaCy model: what they say of themselves; none is imported."""

import configparser
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lacuna.errors import ConfigurationError

if TYPE_CHECKING:
    from spacy.language import Language

_FINDERS = frozenset({"ner", "beam_ner"})
_WHAT_NOW = "name another one in LACUNA_REDACTION_MODELS"


@dataclass(frozen=True)
class ModelPackage:
    """An installed package that holds a spaCy model.

    Attributes:
        name: by which the package is imported.
        path: the model's folder.
        language: as the model states it (ISO 639-1; `xx` for many).
        version: of the model.
        finds_names: whether a component of its pipeline finds names.
    """

    name: str
    path: Path
    language: str
    version: str
    finds_names: bool


def is_name_finder(factory: str) -> bool:
    """Whether components that spaCy makes by this factory find names."""
    return factory in _FINDERS


def name_finders(nlp: "Language") -> list[str]:
    """Return the names of the components that find names, in the order of the pipeline."""
    return [one for one in nlp.pipe_names if is_name_finder(nlp.get_pipe_meta(one).factory)]


def model_package(name: str) -> ModelPackage:
    """Return the description of the model that an installed package holds.

    Raises:
        ConfigurationError: it is not installed, holds no spaCy model, or one whose `meta.json` or
            `config.cfg` cannot be read.
    """
    folder = _folder_of(name)
    if folder is None:
        raise ConfigurationError(
            f"redaction: the spaCy model {name} is not installed; install its wheel, or {_WHAT_NOW}"
        )
    path = _model_in(folder)
    if path is None:
        raise ConfigurationError(
            f"redaction: the package {name} contains no spaCy model; {_WHAT_NOW}"
        )
    try:
        meta = json.loads((path / "meta.json").read_text("utf-8"))
        config = configparser.RawConfigParser()
        config.read_string((path / "config.cfg").read_text("utf-8"))
        pipeline = json.loads(config["nlp"]["pipeline"])
        disabled = json.loads(config["nlp"].get("disabled", "[]"))
        factories = [
            json.loads(config[f"components.{one}"].get("factory", f'"{one}"'))
            for one in pipeline
            if one not in disabled
        ]
        language, version = str(meta["lang"]), str(meta["version"])
    except (OSError, ValueError, KeyError, TypeError, configparser.Error) as error:
        raise ConfigurationError(
            f"redaction: meta.json or config.cfg of the spaCy model {name} cannot be read "
            f"({type(error).__name__}); install its wheel again, or {_WHAT_NOW}"
        ) from None
    return ModelPackage(name, path, language, version, any(map(is_name_finder, factories)))


def announced_models() -> Iterator[ModelPackage]:
    """Yield the installed packages that hold a spaCy model and say so in their metadata.

    Raises:
        ConfigurationError: as `model_package`.
    """
    for name in sorted({entry.module for entry in entry_points(group="spacy_models")}):
        folder = _folder_of(name)
        # A package of code alone, or of spaCy before version 3.
        if folder is not None and _model_in(folder) is not None:
            yield model_package(name)


@lru_cache(maxsize=32)
def content_digest(package: ModelPackage) -> str:
    """Return the SHA-256 hex over a package's files: a model trained again may keep its version."""
    root = _folder_of(package.name) or package.path
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{content}  {path.relative_to(root).as_posix()}\n".encode())
    return digest.hexdigest()


def _folder_of(name: str) -> Path | None:
    """Return the folder of an installed package; None if there is none of the name."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    places = None if spec is None else spec.submodule_search_locations
    return Path(next(iter(places))) if places else None


def _model_in(folder: Path) -> Path | None:
    configs = sorted(folder.glob("**/config.cfg"), key=lambda path: (len(path.parts), path))
    return configs[0].parent if configs else None
