"""The installation's signing key, the public keys that it is known by, and its rotation."""

import hashlib
from pathlib import Path

from pipelines.errors import ConfigurationError
from pipelines.evidence import SigningKey, create_key, load_key, read_keys, write_once
from pipelines.ports import Stores


def signing_key(stores: Stores) -> SigningKey:
    """Return the installation's signing key, made before the first checkpoint.

    Raises:
        ConfigurationError: the key is gone, and checkpoints were signed with it.
    """
    path = _path(stores)
    if path.exists():
        return load_key(path)
    if any(folder.is_dir() and any(folder.iterdir()) for folder in checkpoint_folders(stores)):
        raise ConfigurationError(
            f"the signing key {path} is gone, and there are checkpoints that it signed; put it back"
        )
    return create_key(path)


def next_key(stores: Stores) -> SigningKey:
    """Return the key that is to follow the present one; made once, until it is put in place."""
    path = _next(stores)
    return load_key(path) if path.exists() else create_key(path)


def put_in_place(stores: Stores) -> None:
    """Let the next key be the present one; the old private key is gone after this."""
    _next(stores).replace(_path(stores))


def known_keys(stores: Stores) -> str:
    """Return the public keys that signed here, one a line: the present one and those before it.

    They are kept beside the signing key: whoever can write there can sign.
    """
    lines = {signing_key(stores).public_text}
    for path in _public_folder(stores).glob("*.pub"):
        lines.add(path.read_text("ascii").strip())
    return "\n".join(sorted(lines))


def publish_keys(stores: Stores, *keys: SigningKey) -> None:
    """Keep the public keys beside the signing key, and where evidence is handed out from."""
    for key in keys:
        line = f"{key.public_text}\n".encode()
        name = f"{hashlib.sha256(line).hexdigest()[:16]}.pub"
        for folder in (_public_folder(stores), published_keys_folder(stores.home)):
            write_once(folder / name, line)


def published_keys_folder(home: Path) -> Path:
    """Return where public keys are handed out from, one file a key."""
    return home / "evidence" / "keys"


def read_public_keys(path: Path) -> str:
    """Return the public keys of a file, or of the files of a folder.

    Raises:
        ConfigurationError: there is none, or it cannot be read.
    """
    try:
        files = sorted(path.glob("*.pub")) if path.is_dir() else [path]
        text = "\n".join(each.read_text("ascii") for each in files)
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"the public keys {path} cannot be read; name a file of them with --keys"
        ) from None
    read_keys(text)
    return text


def checkpoint_folders(stores: Stores) -> tuple[Path, ...]:
    """Return where checkpoints are kept; the second should be out of the database's reach."""
    return (stores.home / "evidence" / "checkpoints", stores.home / "checkpoints-copy")


def _path(stores: Stores) -> Path:
    return stores.signing_file


def _next(stores: Stores) -> Path:
    return _path(stores).with_stem(f"{_path(stores).stem}-next")


def _public_folder(stores: Stores) -> Path:
    return _path(stores).with_name("public")
