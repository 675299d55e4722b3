"""Where statements and the certificates that are made of them lie."""

from pathlib import Path

from lacuna.ports import Stores


def statements_folder(stores: Stores) -> Path:
    """Return where statements lie until, and after, certificates are made of them."""
    return stores.home / "evidence" / "statements"


def certificates_folder(stores: Stores) -> Path:
    """Return where the signed certificates lie."""
    return stores.home / "evidence" / "certificates"
