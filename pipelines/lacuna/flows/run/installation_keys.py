"""The installation's keys: one that signs the ledger, one of the workers, and their public parts.

The ledger's key signs checkpoints and certificates, and only a seal reads it. What has to be signed
while work goes on (manifests of bundles, restatements, notices to recipients) is signed by the
workers' key: whoever holds that one can vouch for nothing about the ledger.
"""

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from lacuna.errors import (
    ConfigurationError,
    DependencyUnreachable,
    EvidenceBroken,
    StatementRefused,
)
from lacuna.evidence import (
    WORK,
    SigningKey,
    create_key,
    files_in,
    load_key,
    read_keys,
    read_whole,
    write_once,
)
from lacuna.model.evidence import Action
from lacuna.model.run import Role
from lacuna.ports import Desk, Stores

WORK_KEYS_AT: Final = "work_keys"
"""Where the ledger's entries about workers' keys say that they are."""

_OWNER: Final = "system:owner"


def signing_key(stores: Stores) -> SigningKey:
    """Return the installation's signing key.

    Raises:
        ConfigurationError: there is none here: it is gone, or is kept where the seal runs.
    """
    return load_key(_path(stores))


def first_key(stores: Stores) -> SigningKey:
    """Return the signing key, made where nothing was signed yet.

    The caller has seen that the database remembers no checkpoint.

    Raises:
        ConfigurationError: the key is gone, and something was signed with it.
    """
    path = _path(stores)
    if path.exists():
        return load_key(path)
    if known_keys(stores) or any(files_in(one, ".txt") for one in checkpoint_folders(stores)):
        raise ConfigurationError(
            f"the signing key {path} is missing, but it signed checkpoints; put it back"
        )
    return create_key(path)


def work_key(stores: Stores) -> SigningKey:
    """Return the workers' key, made when it is missing; its public part is handed out.

    The ledger names it first, by the owner's word: nobody else's is believed. A lost one is replaced:
    what it signed is verified by the public part, which stays.

    Raises:
        ConfigurationError: the owner has not named it, and this login is not theirs.
    """
    key = _own_work_key(stores)
    try:
        _name_in_ledger(stores, key.public_text)
    except StatementRefused:
        raise ConfigurationError(
            f"keys: the ledger does not name the worker's key {_digest(key.public_text)[:16]}; "
            "run lacuna up with the owner's login and the worker's LACUNA_HOME"
        ) from None
    _publish(key, work_keys_folder(stores.home))
    return key


def name_work_keys(stores: Stores) -> int:
    """Name the workers' key in the ledger, as the owner; return how many keys that is new for.

    Where it names none yet, those of earlier versions are named too, which handed them out without it.
    """
    key = _own_work_key(stores)
    earlier = _lines_of(work_keys_folder(stores.home)).splitlines()
    lines = {key.public_text} if _named_work_keys(stores) else {key.public_text, *earlier}
    named = sum(_name_in_ledger(stores, line) for line in sorted(lines))
    _publish(key, work_keys_folder(stores.home))
    return named


def count_unnamed_keys(home: Path, named: Collection[str]) -> int:
    """Return how many keys `name_work_keys` would name; it makes none.

    Args:
        named: SHA-256 of the keys that the ledger names, hex.
    """
    path = _work_key_file(home)
    own = {load_key(path, name=WORK).public_text} if path.exists() else set()
    earlier = set() if named else set(_lines_of(work_keys_folder(home)).splitlines())
    # One that is made is new to the ledger.
    return sum(_digest(line) not in named for line in own | earlier) + (not own)


def _work_key_file(home: Path) -> Path:
    return home / "keys" / "work.pem"


def _own_work_key(stores: Stores) -> SigningKey:
    path = _work_key_file(stores.home)
    try:
        key = load_key(path, name=WORK) if path.exists() else create_key(path, name=WORK)
    except EvidenceBroken:
        # Another worker made it at the same moment.
        key = load_key(path, name=WORK)
    return key


def _named_work_keys(stores: Stores) -> frozenset[str]:
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        return transaction.ledger.digests(Action.KEY_NAMED, location=WORK_KEYS_AT)


def _name_in_ledger(stores: Stores, public_text: str) -> bool:
    """Let the ledger name a workers' key; return whether that is new."""
    digest = _digest(public_text)
    if digest in _named_work_keys(stores):
        return False
    with stores.transaction(Role.OWNER) as transaction:
        now = stores.clock.now()
        desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, _OWNER)
        desk.record(Action.KEY_NAMED, WORK_KEYS_AT, digest=digest)
    return True


def keys_of_notes(stores: Stores) -> str:
    """Return the public keys that manifests and restatements were signed with, one a line.

    Those that the ledger names: whoever can write into the folder from which they are handed out
    could add one.
    """
    known = _named_work_keys(stores)
    lines = _lines_of(work_keys_folder(stores.home)).splitlines()
    return "\n".join(line for line in lines if _digest(line) in known)


def next_key(stores: Stores) -> SigningKey:
    """Return the key that is to follow the present one; made once, until it is put in place."""
    path = _next(stores)
    return load_key(path) if path.exists() else create_key(path)


def put_in_place(stores: Stores) -> None:
    """Let the next key be the present one; the old private key is gone after this."""
    _next(stores).replace(_path(stores))


def known_keys(stores: Stores) -> str:
    """Return the public keys that signed here, one a line; nothing before the first one.

    They are kept beside the signing key: whoever can write there can sign. Those that are handed
    out vouch for nothing: whoever can write there can add one.

    Raises:
        ConfigurationError: something was signed, and that folder cannot be seen from here.
    """
    is_first = _path(stores).exists() or not files_in(published_keys_folder(stores.home), ".pub")
    if not _public_folder(_path(stores)).is_dir() and is_first:
        return ""
    return keys_beside(_path(stores))


def keys_beside(signing_file: Path) -> str:
    """Return the public keys that are kept beside the signing key, one a line.

    Raises:
        ConfigurationError: neither that key nor their folder can be seen from here.
        EvidenceBroken: the key is there, and the folder is gone.
    """
    folder = _public_folder(signing_file)
    if folder.is_dir():
        return _lines_of(folder)
    if signing_file.exists():
        raise EvidenceBroken(
            f"keys: {signing_file} exists without the public keys that signed here; restore "
            f"{folder} from a backup"
        )
    raise ConfigurationError(
        f"No public keys found in {folder}. Run lacuna run seal, or pass --keys."
    )


def strange_keys(stores: Stores) -> list[str]:
    """Return problems with the keys that are handed out: one that never signed here is a finding.

    Whoever checks certificates may take them from there. Where the folder beside the signing key
    cannot be seen, there is nothing to compare them with.
    """
    if not _public_folder(_path(stores)).is_dir():
        return []
    known = set(known_keys(stores).splitlines())
    return _strange(published_keys_folder(stores.home), known.__contains__)


def missing_keys(stores: Stores) -> list[str]:
    """Return problems with keys that are not handed out: each that signed here has to be there."""
    if not _public_folder(_path(stores)).is_dir():
        return []
    handed_out = set(_lines_of(published_keys_folder(stores.home)).splitlines())
    missing = [line for line in known_keys(stores).splitlines() if line not in handed_out]
    if not missing:
        return []
    return [
        f"evidence/keys: {len(missing)} keys that signed here are missing; restore them from "
        f"{_public_folder(_path(stores))}"
    ]


def strange_work_keys(stores: Stores, named: Collection[str]) -> list[str]:
    """Return the same of the workers' keys: the ledger names each.

    Args:
        named: SHA-256 of the keys that the ledger names, hex.
    """
    strange = _strange(work_keys_folder(stores.home), lambda line: _digest(line) in named)
    if strange and not named:
        # As a version left them that did not name them yet.
        strange.append(
            "the ledger names no worker's key; if an earlier version created these keys, run "
            "lacuna up with the owner's login and the worker's LACUNA_HOME"
        )
    return strange


def _strange(folder: Path, is_known: Callable[[str], bool]) -> list[str]:
    strange = [
        path.name
        for path in files_in(folder, "")
        if path.suffix != ".pub" or not is_known(_line(path))
    ]
    if not strange:
        return []
    return [f"evidence/{folder.name}: {len(strange)} keys never signed here (first: {strange[0]})"]


def publish_keys(stores: Stores, *keys: SigningKey) -> None:
    """Keep the public keys beside the signing key, and where evidence is handed out from."""
    for key in keys:
        _publish(key, _public_folder(_path(stores)), published_keys_folder(stores.home))


def published_keys_folder(home: Path) -> Path:
    """Return where public keys are handed out from, one file a key."""
    return home / "evidence" / "keys"


def work_keys_folder(home: Path) -> Path:
    """Return where the public parts of workers' keys are handed out from, one file a key."""
    return home / "evidence" / "work-keys"


def read_public_keys(path: Path) -> str:
    """Return the public keys of a file, or of the files of a folder.

    Raises:
        ConfigurationError: there is none, or it cannot be read.
    """
    if not path.exists():
        raise ConfigurationError(f"{path} does not exist.")
    try:
        files = sorted(path.glob("*.pub")) if path.is_dir() else [path]
        text = "\n".join(read_whole(each).decode("ascii") for each in files)
    except (EvidenceBroken, DependencyUnreachable, UnicodeDecodeError):
        raise ConfigurationError(
            f"the public keys {path} cannot be read; name a file with them with --keys"
        ) from None
    read_keys(text)
    return text


def reports_folder(stores: Stores) -> Path:
    """Return where reports lie: each as JSON, as Markdown and as a page."""
    return stores.home / "evidence" / "reports"


def checkpoint_folders(stores: Stores) -> tuple[Path, ...]:
    """Return where checkpoints are kept; the second should be out of the database's reach."""
    return (stores.home / "evidence" / "checkpoints", stores.home / "checkpoints-copy")


def _path(stores: Stores) -> Path:
    return stores.signing_file


def _publish(key: SigningKey, *folders: Path) -> None:
    line = f"{key.public_text}\n".encode()
    for folder in folders:
        write_once(folder / f"{hashlib.sha256(line).hexdigest()[:16]}.pub", line)


def _digest(public_text: str) -> str:
    return hashlib.sha256(public_text.encode()).hexdigest()


def _line(path: Path) -> str:
    try:
        return read_whole(path).decode("ascii").strip()
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{path} contains no public key; restore it from a backup"
        ) from None


def _lines_of(*folders: Path) -> str:
    return "\n".join(sorted({_line(path) for each in folders for path in files_in(each, ".pub")}))


def _next(stores: Stores) -> Path:
    return _path(stores).with_stem(f"{_path(stores).stem}-next")


def _public_folder(signing_file: Path) -> Path:
    return signing_file.with_name("public")
