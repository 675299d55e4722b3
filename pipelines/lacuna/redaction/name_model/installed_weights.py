"""The installed package of weights: where it is, what it is, and which languages it was made for."""

import hashlib
from functools import lru_cache
from importlib import import_module, resources
from pathlib import Path

from lacuna.errors import ConfigurationError

__all__ = ["ENCODER", "FINDER", "LANGUAGES", "NAME_MODEL", "weights_digest", "weights_path"]

NAME_MODEL = "lacuna-names"
"""The package that holds the weights."""

FINDER, ENCODER = "finder.npz", "encoder.npz"
"""Its files: what reads every text, and what reads again what that is unsure of."""

LANGUAGES = frozenset({"da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "sv"})
"""The languages whose texts the finder was trained on; it reads others, too."""


def weights_path(name: str) -> Path:
    """Return the place of one of the installed files of weights.

    Raises:
        ConfigurationError: the package that holds them is not installed.
    """
    try:
        path = Path(str(resources.files("lacuna_names"))) / name
    except ModuleNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise ConfigurationError(
            f"redaction: the package {NAME_MODEL}, with the weights of the finder of names, is not "
            f"installed, or an older version without {name}; install it from models/names"
        )
    return path


@lru_cache(maxsize=1)
def weights_digest() -> str:
    """Return the SHA-256 of the installed weights, in hexadecimal digits.

    Raises:
        ConfigurationError: as `weights_path`, the package is older, or the weights are not those
            that it was made with.
    """
    for name in (FINDER, ENCODER):
        weights_path(name)
    stated = import_module("lacuna_names").SHA256
    if not isinstance(stated, dict):
        raise ConfigurationError(
            f"redaction: the package {NAME_MODEL} is an older version; install it from models/names"
        )
    whole = hashlib.sha256()
    for name in (FINDER, ENCODER):
        path = weights_path(name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != stated[name]:
            raise ConfigurationError(
                f"redaction: {path} is damaged: its SHA-256 is not the one that {NAME_MODEL} "
                "states. Install the package again from models/names"
            )
        whole.update(digest.encode())
    return whole.hexdigest()
