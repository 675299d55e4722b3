"""Files encrypted with a passphrase in the age format, a piece at a time.

`pyrage` does the same, but takes the whole file into memory; what it writes is read here, and
what is written here it reads.

Source: the format `age-encryption.org/v1` of C2SP (c2sp.org/age): a header with the file's key,
encrypted under the passphrase (scrypt), then the content in chunks of 64 KiB
(ChaCha20-Poly1305), each bound to its place and the last one marked.
"""

import base64
import binascii
import hmac
import os
import re
import secrets
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_INTRO: Final = b"age-encryption.org/v1\n"
_LABEL: Final = b"age-encryption.org/v1/scrypt"
_FILE_KEY: Final = 16
_NONCE: Final = 16
_SALT: Final = 16
_CHUNK: Final = 64 * 1024
_TAG: Final = 16
_NO_NONCE: Final = bytes(12)  # the key that it goes with is used once
# Our passphrases have 140 random bits: no work could make them harder to guess.
_LOG_WORK: Final = 15
_MOST_LOG_WORK: Final = 20  # 1 GiB of memory: a file that asks for more is refused
_MOST_HEADER: Final = 4096
_STANZA: Final = re.compile(
    rb"-> scrypt (?P<salt>[A-Za-z0-9+/]{22}) (?P<log_work>[1-9][0-9]?)\n(?P<body>[A-Za-z0-9+/]{43})\n"
)
_MAC: Final = re.compile(rb"--- (?P<mac>[A-Za-z0-9+/]{43})\n")


class WrongPassphrase(Exception):
    """The file was not encrypted with this passphrase."""


class Damaged(Exception):
    """The file was changed or cut."""


def encrypt(clear: IO[bytes], sealed: IO[bytes], passphrase: str) -> None:
    """Encrypt everything in `clear` with a passphrase, into `sealed`."""
    file_key, salt = secrets.token_bytes(_FILE_KEY), secrets.token_bytes(_SALT)
    wrapped = ChaCha20Poly1305(_wrapping_key(passphrase, salt, _LOG_WORK)).encrypt(
        _NO_NONCE, file_key, None
    )
    head = b"%s-> scrypt %s %d\n%s\n---" % (_INTRO, _encoded(salt), _LOG_WORK, _encoded(wrapped))
    nonce = secrets.token_bytes(_NONCE)
    sealed.write(b"%s %s\n%s" % (head, _encoded(_mac(file_key, head)), nonce))
    cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    counter, chunk = 0, clear.read(_CHUNK)
    while True:
        following = clear.read(_CHUNK)
        sealed.write(cipher.encrypt(_place(counter, is_last=not following), chunk, None))
        if not following:
            return
        counter, chunk = counter + 1, following


def decrypt(sealed: IO[bytes], clear: IO[bytes], passphrase: str) -> None:
    """Decrypt what `encrypt` wrote.

    Raises:
        WrongPassphrase: the passphrase is another, or the file is for a key.
        Damaged: the file was changed or cut. Discard what was written until then.
    """
    file_key = _open_header(sealed, passphrase)
    nonce = sealed.read(_NONCE)
    if len(nonce) < _NONCE:
        raise Damaged
    cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    counter, chunk = 0, sealed.read(_CHUNK + _TAG)
    while True:
        following = sealed.read(_CHUNK + _TAG)
        try:
            piece = cipher.decrypt(_place(counter, is_last=not following), chunk, None)
        except (InvalidTag, ValueError):
            raise Damaged from None
        if not piece and counter:
            raise Damaged  # only an empty file has an empty chunk
        clear.write(piece)
        if not following:
            return
        counter, chunk = counter + 1, following


class ClearFile:
    """What `encrypt` wrote, to be read in clear at any place, as a file; one chunk is in memory.

    Every chunk that is read is authenticated, and so is the end of the file: a cut file is refused
    at once.
    """

    def __init__(self, sealed: IO[bytes], passphrase: str) -> None:
        """Open a file that can be read at any place; it is left open.

        Raises:
            WrongPassphrase: the passphrase is another, or the file is for a key.
            Damaged: the file was changed or cut.
        """
        file_key = _open_header(sealed, passphrase)
        nonce = sealed.read(_NONCE)
        if len(nonce) < _NONCE:
            raise Damaged
        self._sealed = sealed
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._begin = sealed.tell()
        byte_count = sealed.seek(0, os.SEEK_END) - self._begin
        self._chunks = max(1, -(-byte_count // (_CHUNK + _TAG)))
        self._size = byte_count - self._chunks * _TAG
        self._place = 0
        self._held: tuple[int, bytes] = (-1, b"")
        self._chunk(self._chunks - 1)

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place of the next byte that is read."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place; return it, counted from the beginning."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a place before the beginning of a file")
        self._place = base + offset
        return self._place

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, all of them if `size` is negative.

        Raises:
            Damaged: a chunk was changed.
        """
        end = self._size if size < 0 else min(self._size, self._place + size)
        found = []
        while self._place < end:
            number, offset = divmod(self._place, _CHUNK)
            found.append(self._chunk(number)[offset : offset + end - self._place])
            self._place += len(found[-1])
        return b"".join(found)

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._sealed.seek(self._begin + number * (_CHUNK + _TAG))
            place = _place(number, is_last=number == self._chunks - 1)
            try:
                clear = self._cipher.decrypt(place, self._sealed.read(_CHUNK + _TAG), None)
            except (InvalidTag, ValueError):
                raise Damaged from None
            self._held = number, clear
        return self._held[1]


def _open_header(sealed: IO[bytes], passphrase: str) -> bytes:
    """Return the file's key; `sealed` stands behind the header then."""
    start = sealed.tell()
    head = sealed.read(_MOST_HEADER)
    if not head.startswith(_INTRO):
        raise Damaged
    stanza = _STANZA.match(head, len(_INTRO))
    if stanza is None:
        # Another kind of recipient; a passphrase opens none of them.
        raise WrongPassphrase if head[len(_INTRO) :].startswith(b"-> ") else Damaged
    mac = _MAC.match(head, stanza.end())
    log_work = int(stanza["log_work"])
    if mac is None or log_work > _MOST_LOG_WORK:
        raise Damaged
    key = _wrapping_key(passphrase, _decoded(stanza["salt"]), log_work)
    try:
        file_key = ChaCha20Poly1305(key).decrypt(_NO_NONCE, _decoded(stanza["body"]), None)
    except InvalidTag:
        raise WrongPassphrase from None
    signed = head[: mac.start() + len(b"---")]
    if not hmac.compare_digest(_mac(file_key, signed), _decoded(mac["mac"])):
        raise Damaged
    sealed.seek(start + mac.end())
    return file_key


def _wrapping_key(passphrase: str, salt: bytes, log_work: int) -> bytes:
    kdf = Scrypt(salt=_LABEL + salt, length=32, n=2**log_work, r=8, p=1)
    return kdf.derive(passphrase.encode())


def _derived(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(file_key)


def _mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), head, "sha256")


def _place(counter: int, *, is_last: bool) -> bytes:
    return counter.to_bytes(11, "big") + bytes([is_last])


def _encoded(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    try:
        decoded = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise Damaged from None
    if _encoded(decoded) != text:
        raise Damaged  # another way to write the same bytes
    return decoded
