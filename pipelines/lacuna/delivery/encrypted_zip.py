"""A bundle as a ZIP file with a passphrase (AES-256, WinZip's AE-2), made while it is sent."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Final

from stream_zip import NO_COMPRESSION_64, ZIP_64, MemberFile, stream_zip

from lacuna.bundle import open_archive

_BLOCK: Final = 64 * 1024
_MODE: Final = stat.S_IFREG | 0o600
_EPOCH: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the earliest time that ZIP knows, without a zone
# Hardly larger than at the best level, in a fraction of its time.
_LEVEL: Final = 1


def encrypted_zip(
    sealed: IO[bytes], name: str, passphrase: str, zip_passphrase: str
) -> Iterator[bytes]:
    """Yield the parts of a ZIP file with the files of a sealed bundle; a few parts are in memory.

    What is read of the bundle is authenticated before it is sent. Names and sizes of the files are
    not encrypted: that is how the format is.

    Args:
        sealed: the bundle, at its beginning.
        name: of the bundle, for messages.
        passphrase: opens the bundle.
        zip_passphrase: opens the ZIP file.

    Raises:
        ConfigurationError: the passphrase does not open the bundle.
        EvidenceBroken: the bundle is not as it was sealed; perhaps after some parts.
    """
    with open_archive(sealed, name, passphrase) as archive:
        yield from stream_zip(
            _members(archive),
            chunk_size=_BLOCK,
            get_compressobj=lambda: zlib.compressobj(_LEVEL, wbits=-zlib.MAX_WBITS),
            extended_timestamps=False,
            password=zip_passphrase,
        )


def _members(archive: zipfile.ZipFile) -> Iterator[MemberFile]:
    for info in archive.infolist():
        # The top folder is named by the request.
        _, _, path = info.filename.partition("/")
        is_stored = info.compress_type == zipfile.ZIP_STORED
        method = NO_COMPRESSION_64(info.file_size, info.CRC) if is_stored else ZIP_64
        yield path, _EPOCH, _MODE, method, _blocks(archive, info)


def _blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(info) as file:
        while block := file.read(_BLOCK):
            yield block
