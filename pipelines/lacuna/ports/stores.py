"""Everything at once: one transaction, and all that a flow needs."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from lacuna.model.datamap import DataMap, Store
from lacuna.model.delivery import DeliveryTerms
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.run import Role
from lacuna.model.schema import LiveSchema, RefusedValues, TableRight
from lacuna.ports.attack import Attacker
from lacuna.ports.correspondence import Agreements, Consents, Mails, Notices
from lacuna.ports.invariants import InvariantReading
from lacuna.ports.ledger import Ledger
from lacuna.ports.marts import Marts
from lacuna.ports.platform import Objects, PlatformReading
from lacuna.ports.platform_changes import PlatformWriting
from lacuna.ports.queue import Portions, Queue
from lacuna.ports.register import Alerts, Assignments, Inbox, PlanViews, Register
from lacuna.ports.restatements import Restatements
from lacuna.ports.services import (
    Clock,
    Erased,
    KeptRights,
    Keys,
    Mailbox,
    MailKeys,
    Outbox,
    RunLog,
    Webhooks,
)
from lacuna.ports.verification import (
    CanaryContacts,
    OutsideTables,
    Scrubber,
    Scrubs,
    SearchedBucket,
    Verifying,
)


class Transaction(Protocol):
    """One database transaction under one role: all of it is kept, or nothing."""

    @property
    def queue(self) -> Queue:
        """The queue in this transaction."""
        ...

    @property
    def portions(self) -> Portions:
        """The rows of large erasures in this transaction."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger in this transaction: rows and record commit together."""
        ...

    @property
    def mails(self) -> Mails:
        """The mails and letters in this transaction."""
        ...

    @property
    def agreements(self) -> Agreements:
        """The agreements in this transaction, and the instructions of controllers."""
        ...

    @property
    def notices(self) -> Notices:
        """The notices to recipients in this transaction."""
        ...

    def consents(self, datamap: DataMap) -> Consents:
        """The ledger of consents, and the recordings that it covers."""
        ...

    def reading(self, datamap: DataMap) -> PlatformReading:
        """The platform, to read."""
        ...

    def writing(self, datamap: DataMap) -> PlatformWriting:
        """The platform, to change."""
        ...

    def verifying(self, datamap: DataMap) -> Verifying:
        """The verifier's own reading."""
        ...

    def canaries(self, datamap: DataMap) -> CanaryContacts:
        """The made-up contacts of an organization set aside for them."""
        ...

    def limit_statements(self, seconds: int) -> None:
        """Have the database give up a statement of this transaction that takes longer."""
        ...

    def live_schema(self, schemas: Sequence[str]) -> LiveSchema:
        """The catalog as it is now."""
        ...

    def refused_values(self, datamap: DataMap, live: LiveSchema) -> Sequence[RefusedValues]:
        """The constraints that forbid what an erasure would leave in rows that are there."""
        ...

    def invariants(self, datamap: DataMap) -> InvariantReading:
        """What the platform's application needs of its rows."""
        ...

    def missing_rights(self, needed: Collection[TableRight]) -> Sequence[TableRight]:
        """Those among some rights at the platform's tables that a role lacks."""
        ...

    def is_writable(self) -> bool:
        """Whether the server takes changes at all: it is no standby, and not set to read only."""
        ...

    @property
    def scrubs(self) -> Scrubs:
        """What was rewritten, and when."""
        ...

    @property
    def restatements(self) -> Restatements:
        """The restatements of sealed periods in this transaction."""
        ...

    @property
    def marts(self) -> Marts:
        """The anonymized aggregates."""
        ...

    @property
    def register(self) -> Register:
        """The register of one tenant's requests."""
        ...

    @property
    def assignments(self) -> Assignments:
        """Which officers requests and mails are assigned to."""
        ...

    @property
    def plan_views(self) -> PlanViews:
        """Which plans officers saw."""
        ...

    @property
    def alerts(self) -> Alerts:
        """What officers were told."""
        ...

    @property
    def inbox(self) -> Inbox:
        """The inbox, for those who hand requests in."""
        ...


class Stores(Protocol):
    """Everything outside that a flow needs."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def keys(self) -> Keys:
        """One key a request."""
        ...

    @property
    def signing_file(self) -> Path:
        """The file of the key that signs the ledger; public keys are kept beside it."""
        ...

    @property
    def certificate_days(self) -> int:
        """Days for which the certificate of a closed request is kept."""
        ...

    @property
    def delivery_terms(self) -> DeliveryTerms | None:
        """On what terms bundles are delivered by a link; None where they are not."""
        ...

    @property
    def erased(self) -> Erased:
        """Who was erased, to recognize who comes back."""
        ...

    @property
    def kept_rights(self) -> KeptRights:
        """What a restore must not take back, of people who stay."""
        ...

    @property
    def objects(self) -> Mapping[str, Objects]:
        """Lacuna's own object stores, in folders."""
        ...

    def objects_of(self, datamap: DataMap) -> Mapping[str, Objects]:
        """The platform's object stores by their name in the data map, wherever it says they are."""
        ...

    @property
    def run_log(self) -> RunLog:
        """The step lines of runs."""
        ...

    @property
    def airflow(self) -> OutsideTables | None:
        """Airflow's metadata database, to read; None where it is not known."""
        ...

    @property
    def scrubber(self) -> Scrubber:
        """Takes what was erased out of the database's files."""
        ...

    def attacker(self, schemas: Sequence[str], known: Sequence[str] = ()) -> Attacker:
        """Attacks the database, whose platform lies in these schemas and lets these roles in itself."""
        ...

    @property
    def mail_keys(self) -> MailKeys:
        """The keys that mails are signed with."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Where outgoing mails go."""
        ...

    @property
    def webhooks(self) -> Webhooks:
        """Where recipients are told."""
        ...

    @property
    def notifier(self) -> Outbox:
        """Where alerts to officers go."""
        ...

    @property
    def tenants_path(self) -> Path:
        """The file of the tenants."""
        ...

    @property
    def recognizers_path(self) -> Path | None:
        """The file of the installation's own recognizers, if it has one."""
        ...

    @property
    def redaction_models(self) -> str | None:
        """The spaCy models that the installation names for languages, `fr:…,fi:…`."""
        ...

    @property
    def redaction_encoder(self) -> bool:
        """Whether names of which the finder is unsure are read again by its encoder."""
        ...

    @property
    def marts_path(self) -> Path | None:
        """The folder of the installation's own marts, if it has one."""
        ...

    def mailbox(self, address: str | None = None) -> AbstractContextManager[Mailbox]:
        """Open a mailbox: the one of the settings, or a path or `imap[s]://` address."""
        ...

    def keeping_connections(self) -> AbstractContextManager[None]:
        """Use connections again until the block ends, for a stage of many transactions."""
        ...

    def work_as(self, holder: str) -> None:
        """Say who takes the locks from now on: a flow and its task, for whoever finds them held."""
        ...

    def exclusive(self, name: str) -> AbstractContextManager[None]:
        """Hold the lock of a flow, or of what flows share, alone until the block ends.

        It is free when this process dies. Where its connection is lost, nothing more is written.

        Raises:
            FlowHeld: another run has it; the message says which, and since when.
        """
        ...

    def sharing(self, name: str) -> AbstractContextManager[None]:
        """Hold a lock together with others who share it.

        Raises:
            FlowHeld: another run has it alone.
        """
        ...

    def folder_of(self, store: str) -> Path:
        """Return the folder of an object store, for the verifier's own walk."""
        ...

    def mark_of(self, store: str) -> str | None:
        """Return the mark of an object store; None for one that was never marked."""
        ...

    def bucket_of(self, store: Store) -> SearchedBucket | None:
        """Return the verifier's own reading of a store in a bucket; None for one in a folder."""
        ...

    def officer(self, name: str, org_id: str = EVERY_TENANT, *, role: str = "dpo") -> str:
        """Return `role:key-id` of an officer who decides for a tenant; it says nothing of them.

        Args:
            name: by which they log in.
            org_id: the tenant; by default it takes an officer of all of them.
            role: in which they act: for themselves, or to record what a controller said.

        Raises:
            NotAnOfficer: the register does not have them for this tenant.
        """
        ...

    @property
    def home(self) -> Path:
        """The folder under which everything that a run creates lies."""
        ...

    @property
    def datamap_path(self) -> Path:
        """The data map's file."""
        ...

    def transaction(
        self, role: Role, *, org_id: str | None = None, is_read_only: bool = False
    ) -> AbstractContextManager[Transaction]:
        """Begin a transaction under a role; it commits at the end of the block."""
        ...
