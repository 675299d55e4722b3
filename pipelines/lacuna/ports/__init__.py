"""What the stages need from the outside, as small protocols; `stores/` and `redaction/` fill them."""

from lacuna.ports.attack import Attacker
from lacuna.ports.correspondence import Agreements, Consents, Mails, Notices
from lacuna.ports.desk import Desk
from lacuna.ports.invariants import InvariantReading
from lacuna.ports.ledger import Ledger
from lacuna.ports.marts import Marts
from lacuna.ports.platform import (
    FileSearch,
    Listed,
    ObjectRows,
    Objects,
    PeopleReading,
    PlatformReading,
    RowSource,
)
from lacuna.ports.platform_changes import PlatformWriting
from lacuna.ports.queue import Portions, Queue
from lacuna.ports.register import Alerts, Inbox, Register
from lacuna.ports.restatements import Restatements
from lacuna.ports.services import (
    SEALED_FORM,
    Clock,
    Erased,
    KeptRights,
    Keys,
    Mailbox,
    MailKeys,
    Outbox,
    RunLog,
    Server,
    Webhooks,
)
from lacuna.ports.stores import Stores, Transaction
from lacuna.ports.texts import (
    Corrector,
    LabelDetector,
    Matcher,
    OthersCover,
    OwnersReading,
    Passage,
    Redacted,
    Redactor,
    Span,
    TextChange,
    TextRow,
)
from lacuna.ports.verification import (
    Canaries,
    CanaryContacts,
    NamedObject,
    OutsideTables,
    Scrubber,
    Scrubs,
    SearchedBucket,
    SearchedRows,
    StoredVersion,
    Verifying,
    WantedRows,
    keys_in,
)

__all__ = [
    "SEALED_FORM",
    "Agreements",
    "Alerts",
    "Attacker",
    "Canaries",
    "CanaryContacts",
    "Clock",
    "Consents",
    "Corrector",
    "Desk",
    "Erased",
    "FileSearch",
    "Inbox",
    "InvariantReading",
    "KeptRights",
    "Keys",
    "LabelDetector",
    "Ledger",
    "Listed",
    "MailKeys",
    "Mailbox",
    "Mails",
    "Marts",
    "Matcher",
    "NamedObject",
    "Notices",
    "ObjectRows",
    "Objects",
    "OthersCover",
    "Outbox",
    "OutsideTables",
    "OwnersReading",
    "Passage",
    "PeopleReading",
    "PlatformReading",
    "PlatformWriting",
    "Portions",
    "Queue",
    "Redacted",
    "Redactor",
    "Register",
    "Restatements",
    "RowSource",
    "RunLog",
    "Scrubber",
    "Scrubs",
    "SearchedBucket",
    "SearchedRows",
    "Server",
    "Span",
    "StoredVersion",
    "Stores",
    "TextChange",
    "TextRow",
    "Transaction",
    "Verifying",
    "WantedRows",
    "Webhooks",
    "keys_in",
]
