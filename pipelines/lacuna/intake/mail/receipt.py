"""Says when a mail was received, and whether that can be believed: a month begins with it (Art. 12(3)).

The outermost Received header is the last that was written, so it is that of our own mail server, if it
writes one. Below it stands what came in, which anybody can write: it never moves the time, it can only
make it doubtful. If the outermost one names none of our servers, it is such a header itself.
"""

from datetime import datetime, timedelta
from typing import Final

from lacuna.model.mail import Flaw, Mail, WaitingMail

_CLOCKS: Final = timedelta(days=1)
"""How far clocks of servers may lie apart, those included that mistake their zone."""
_ON_ITS_WAY: Final = timedelta(days=10)
"""Servers try for five days (RFC 5321, 4.5.4.1), and a mail may pass two of them."""
_IN_THE_MAILBOX: Final = timedelta(days=7)
_COPIED: Final = timedelta(days=5 * 366)
"""A file's time is that of its last copy, which may be made years later."""
_OLDEST: Final = timedelta(days=30)
"""How long after it was written a mail counts by itself; whoever got it may send it once more."""
_UNREAD: Final = timedelta(days=60)
"""How long a mail may wait in the mailbox until somebody takes it."""
LONGEST_KNOWN: Final = _OLDEST + _UNREAD + 2 * _CLOCKS
"""How long after it was taken a mail has to be known again; from then on it is too old."""


def time_of_receipt(
    mail: Mail, waiting: WaitingMail, now: datetime, *, trusted_servers: tuple[str, ...]
) -> tuple[datetime, Flaw | None]:
    """Return when a mail was received, and the flaw that makes a person look at it, if any.

    A time that cannot be is replaced by when the mailbox took the mail, and so is one of a server that
    is not ours. With no `trusted_servers` nobody knows which are. When it was written is its author's
    word, which a signature covers: it moves nothing, but an old mail may be one that is sent once more.
    """
    received_at, flaw = _time(mail, waiting, now, trusted_servers)
    written_at = mail.written_at or received_at
    if flaw is None and written_at < received_at - _OLDEST:
        flaw = Flaw.OLD
    elif flaw is None and written_at > received_at + _CLOCKS:
        flaw = Flaw.IMPLAUSIBLE_DATE
    return received_at, flaw


def _time(
    mail: Mail, waiting: WaitingMail, now: datetime, trusted_servers: tuple[str, ...]
) -> tuple[datetime, Flaw | None]:
    stored_at = min(waiting.stored_at, now)
    if stored_at < now - _COPIED:
        return now, Flaw.IMPLAUSIBLE_DATE
    if mail.received_at is None:
        return stored_at, None
    said, others = mail.received_at, mail.handed_on_at
    if trusted_servers and mail.received_by not in trusted_servers:
        is_near = abs(stored_at - said) <= _CLOCKS
        return stored_at, None if is_near else Flaw.IMPLAUSIBLE_DATE
    longest = _IN_THE_MAILBOX if waiting.is_dated else _COPIED
    is_plausible = stored_at - longest <= said <= stored_at + _CLOCKS and all(
        said - _ON_ITS_WAY <= other <= said + _CLOCKS for other in others
    )
    # A clock that runs ahead, of a server or of this machine, makes nobody's month longer.
    return (min(said, now), None) if is_plausible else (stored_at, Flaw.IMPLAUSIBLE_DATE)
