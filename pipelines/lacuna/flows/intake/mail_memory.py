"""Knows a mail again that was taken before, after everything else of it was destroyed.

An old mail is as genuine as on its first day. What is kept to know it by is a digest under a key of the
tenant's, outside the database, and says nothing to anybody who has not the mail itself. It is kept for
as long as a mail counts by its own date; an older one waits for a person (`Flaw.OLD`).
"""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from lacuna.documentation import doc_page
from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.intake import LONGEST_KNOWN
from lacuna.model.mail import Mail
from lacuna.model.run import Role
from lacuna.ports import Keys, Mails, Transaction


@dataclass(frozen=True)
class MailDigests:
    """By what a mail is known again, as digests.

    Attributes:
        whole: all that it is judged by; None where no two of it could be told from one.
        parts: its Message-ID, and what no signature lets anybody change: who wrote what, and when.
    """

    whole: bytes | None = field(repr=False)
    parts: frozenset[bytes] = field(repr=False)

    @classmethod
    def of(cls, mail: Mail, digest: str, org_id: str, keys: Keys, mails: Mails) -> "MailDigests":
        """Return the digests of a mail to a tenant; `digest` is that of all that it is judged by.

        Raises:
            EvidenceBroken: the tenant's key is gone, and with it what was known of earlier mails.
        """
        key = _key_of(org_id, keys, mails)

        def keyed(*said: str) -> bytes:
            return hmac.digest(key, json.dumps(said).encode(), hashlib.sha256)

        parts = set()
        if mail.message_id:
            parts.add(keyed("id", mail.message_id))
        if mail.written_at is not None:
            # A signature may let through how lines are broken.
            words = (" ".join(text.split()) for text in (mail.subject, mail.text, mail.quoted))
            parts.add(keyed("words", *mail.senders, mail.written_at.isoformat(), *words))
        return cls(keyed("whole", digest) if mail.message_id else None, frozenset(parts))

    def known(self, org_id: str, transaction: Transaction) -> frozenset[bytes]:
        """Return those that were kept of an earlier mail."""
        return transaction.mails.remembered(org_id, self._all)

    def keep(self, org_id: str, now: datetime, transaction: Transaction) -> None:
        """Keep them, with the week and no day."""
        transaction.mails.remember(org_id, self._all, _monday(now.date()))

    @property
    def _all(self) -> frozenset[bytes]:
        return self.parts if self.whole is None else self.parts | {self.whole}


def _key_of(org_id: str, keys: Keys, mails: Mails) -> bytes:
    """Return the tenant's key, made at the first mail and never again while anything is kept."""
    key_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"lacuna:mails:{org_id}"))
    try:
        return keys.derive(key_id, "mails")
    except UnknownRequest:
        if kept := mails.count_remembered(org_id):
            raise EvidenceBroken(
                f"mails of {org_id}: the key {key_id} is missing, and with it the {kept} digests by "
                "which earlier mails are recognized. Intake stopped, because an old mail would "
                f"count again. Put the key back, or see {doc_page('runbook', 'A key was lost')}"
            ) from None
    keys.encrypt(key_id, b"")  # it makes the key
    return keys.derive(key_id, "mails")


def forget_digests(batch: Batch, steps: Steps) -> None:
    """Delete the digests of mails that are too old by now to count by themselves."""
    stores = batch.stores
    before = _monday((stores.clock.now() - LONGEST_KNOWN).date())
    with stores.transaction(Role.PLANNER) as transaction:
        forgotten = transaction.mails.forget_remembered(before)
    if forgotten:
        steps.add("mail_digests_forgotten", counts={"digests": forgotten})


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
