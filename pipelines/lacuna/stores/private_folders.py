"""Folders that nobody but their owner may enter."""

import errno
from pathlib import Path
from typing import Final

from lacuna.errors import ConfigurationError, DependencyUnreachable

_NOWHERE: Final = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP}
)


def make_private(folder: Path) -> None:
    """Make a folder and the missing ones above it, each of mode 0700; change no existing one.

    `Path.mkdir(parents=True)` gives its mode to the last folder alone; those above it would be
    open to whomever the umask lets in.

    Raises:
        ConfigurationError: no folder can be made there.
        DependencyUnreachable: just now none can, for want of space, say.
    """
    missing = []
    try:
        above = folder
        while not above.exists():
            missing.append(above)
            above = above.parent
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        kind = ConfigurationError if error.errno in _NOWHERE else DependencyUnreachable
        raise kind(
            f"the folder {folder} cannot be created ({error.strerror}); check LACUNA_HOME, then "
            "run again"
        ) from None
