"""What the stages need from the outside, as small protocols; `stores/` and `redaction/` fill them."""

from pipelines.ports.control import Alerts, Inbox, Ledger, Portions, Queue, Register
from pipelines.ports.correspondence import Agreements, Consents, Mails, Notices
from pipelines.ports.desk import Desk
from pipelines.ports.marts import Marts
from pipelines.ports.outside import Clock, Erased, Keys, Mailbox, MailKeys, Outbox, RunLog, Webhooks
from pipelines.ports.platform import (
    ObjectRows,
    Objects,
    PeopleReading,
    PlatformReading,
    PlatformWriting,
    RowSource,
)
from pipelines.ports.restatements import Restatements
from pipelines.ports.stores import Stores, Transaction
from pipelines.ports.texts import (
    LabelDetector,
    Matcher,
    OthersCover,
    Passage,
    Redacted,
    Redactor,
    Span,
    TextChange,
    TextRow,
)
from pipelines.ports.verifying import (
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
)

__all__ = [
    "Agreements",
    "Alerts",
    "Canaries",
    "CanaryContacts",
    "Clock",
    "Consents",
    "Desk",
    "Erased",
    "Inbox",
    "Keys",
    "LabelDetector",
    "Ledger",
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
    "Span",
    "StoredVersion",
    "Stores",
    "TextChange",
    "TextRow",
    "Transaction",
    "Verifying",
    "WantedRows",
    "Webhooks",
]
