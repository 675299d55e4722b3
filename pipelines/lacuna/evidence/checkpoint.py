"""Signed checkpoints of the ledger: its size and root, in the format of C2SP.

A checkpoint is a signed note (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), so that tools of
other transparency logs read it: three lines, an empty one, and a line a signature.

    lacuna/ledger
    12
    5QRQ…=

    — lacuna/ledger j7S…
"""

import base64
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence.durable_files import files_in, read_whole, write_once
from lacuna.evidence.signing_keys import (
    SigningKey,
    VerifyingKey,
    decode_base64,
    ledger_keys,
    read_keys,
)

_TEXT: Final = re.compile(
    r"(?P<origin>[a-z0-9._/-]{1,100})\n(?P<size>[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/]{43}=)\n"
)
_SIGNATURE: Final = re.compile(r"— (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/]+={0,2})\n")
_FILE: Final = "checkpoint-{:012d}.txt"
_BESIDE: Final = "checkpoint-{:012d}-{:.16}.txt"
"""Where a superseded history has a checkpoint of the same size."""


@dataclass(frozen=True)
class Checkpoint:
    """What the first `size` entries of a ledger are.

    Attributes:
        origin: the ledger's name.
        size: number of entries, at least 1.
        root: Merkle root over them, hex.
    """

    origin: str
    size: int
    root: str


def sign_checkpoint(size: int, root: str, *keys: SigningKey) -> str:
    """Return the signed note for a ledger of this size and root (hex).

    The origin is the name of the first key. Where a key is rotated, the old one and the new
    one sign.

    Raises:
        ValueError: the size is not positive, or the root is not a SHA-256.
    """
    digest = bytes.fromhex(root)
    if size < 1 or len(digest) != hashlib.sha256().digest_size:
        raise ValueError("a checkpoint needs a size of at least 1 and a root of 32 bytes")
    text = f"{keys[0].name}\n{size}\n{base64.b64encode(digest).decode()}\n"
    lines = [
        f"— {key.name} {base64.b64encode(key.public.key_id + key.sign(text.encode())).decode()}\n"
        for key in keys
    ]
    return f"{text}\n{''.join(lines)}"


def verify_checkpoint(note: str, public_keys: str) -> Checkpoint:
    """Check a note's signature by one of the known keys and return what it says.

    Signatures by other keys are passed over, as the format wants it.

    Args:
        note: the whole text of a checkpoint.
        public_keys: `name+id+key` as in `SigningKey.public_text`, one a line.

    Raises:
        ConfigurationError: a public key cannot be read.
        EvidenceBroken: the note has another form, or no valid signature by a key.
    """
    keys = ledger_keys(read_keys(public_keys))
    text, blank, signatures = note.partition("\n\n")
    text += "\n"
    found = _TEXT.fullmatch(text)
    lines = _SIGNATURE.findall(signatures)
    if not (blank and found and lines) or "".join(f"— {n} {s}\n" for n, s in lines) != signatures:
        raise EvidenceBroken("a checkpoint must have the lines origin, size, root and signatures")
    signers = {
        key.name
        for signer, signature in lines
        for key in keys
        if key.name == signer and _is_signed(text, signature, key)
    }
    if not signers:
        names = ", ".join(sorted({key.name for key in keys})) or "of a ledger, since none is given"
        raise EvidenceBroken(
            f"the checkpoint of size {found['size']} has no valid signature by the key {names}"
        )
    if found["origin"] not in signers:
        raise EvidenceBroken(
            f"the checkpoint of size {found['size']} belongs to another ledger than "
            f"{', '.join(sorted(signers))}"
        )
    return Checkpoint(found["origin"], int(found["size"]), decode_base64(found["root"]).hex())


def published_note(size: int, root: str, public_keys: str, folders: Iterable[Path]) -> str | None:
    """Return the note of this size and root that lies in a folder already; None if there is none.

    A restore can have forgotten it, and another key can have followed the one that signed it.
    """
    for folder in folders:
        for name in (_FILE, _BESIDE):
            path = folder / name.format(size, root)
            if not path.exists():
                continue
            note = read_whole(path).decode("utf-8", "replace")
            found = verify_checkpoint(note, public_keys)
            if (found.size, found.root) == (size, root):
                return note
    return None


def publish_checkpoint(
    note: str,
    public_keys: str,
    folders: Iterable[Path],
    superseded: Collection[tuple[int, str]] = (),
) -> None:
    """Write a verified note into every folder, on the disk before this returns.

    At least one folder should be out of reach of whoever can change the database.

    Args:
        superseded: sizes and roots of superseded histories; a note beside one of them has its root in
            its name.

    Raises:
        EvidenceBroken: the note does not verify, or a folder has another note of this size:
            two histories were signed.
        DependencyUnreachable: a folder cannot be written.
    """
    found = verify_checkpoint(note, public_keys)
    is_beside = any(size == found.size and root != found.root for size, root in superseded)
    name = (_BESIDE if is_beside else _FILE).format(found.size, found.root)
    for folder in folders:
        write_once(folder / name, note.encode())


def checkpoints_by_name(
    folder: Path, public_keys: str, passed_over: Collection[str] = (), *, may_be_link: bool = False
) -> Mapping[str, Checkpoint]:
    """Return the checkpoints of a folder by the names of their files; none if there is no such folder.

    Args:
        passed_over: names of files that are not read.
        may_be_link: whether the folder itself may lie elsewhere, behind a link.

    Raises:
        EvidenceBroken: a note does not verify, its file has the name of another size, or it is
            no file.
        DependencyUnreachable: the folder, or a file in it, cannot be read.
    """
    checkpoints: dict[str, Checkpoint] = {}
    for path in files_in(folder, ".txt", may_be_link=may_be_link):
        if not is_checkpoint_name(path.name) or path.name in passed_over:
            continue
        try:
            note = read_whole(path).decode()
        except UnicodeDecodeError:
            note = ""
        checkpoint = verify_checkpoint(note, public_keys)
        named = [form.format(checkpoint.size, checkpoint.root) for form in (_FILE, _BESIDE)]
        if path.name not in named:
            raise EvidenceBroken(f"{path} holds the checkpoint of size {checkpoint.size}")
        checkpoints[path.name] = checkpoint
    return checkpoints


def is_checkpoint_name(name: str) -> bool:
    """Whether a file with this name has to be a checkpoint."""
    return name.startswith("checkpoint-") and name.endswith(".txt")


def _is_signed(text: str, encoded: str, key: VerifyingKey) -> bool:
    signature = decode_base64(encoded)
    return signature[:4] == key.key_id and key.has_signed(text.encode(), signature[4:])
