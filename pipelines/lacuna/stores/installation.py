"""The stores of one installation, opened: what a flow takes."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

import sqlalchemy as sa

from lacuna.datamap import load, load_tenants
from lacuna.errors import (
    DependencyUnreachable,
    FlowHeld,
    NotAnOfficer,
)
from lacuna.marts import added_marts
from lacuna.model.datamap import DataMap, Store
from lacuna.model.delivery import DeliveryTerms
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.run import Role
from lacuna.model.schema import LiveSchema, RefusedValues, TableRight
from lacuna.model.tenant import Tenant
from lacuna.ports import (
    Clock,
    Erased,
    KeptRights,
    Keys,
    Mailbox,
    MailKeys,
    Objects,
    Outbox,
    SearchedBucket,
    Transaction,
    Webhooks,
)
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.delivery_key import delivery_key
from lacuna.stores.erased_people import FileErased
from lacuna.stores.kept_rights import FileKeptRights
from lacuna.stores.mail.dns_keys import DnsMailKeys
from lacuna.stores.mail.mail_folder import FolderMailbox
from lacuna.stores.mail.mail_server import ServerMailbox
from lacuna.stores.mail.outbox import FolderOutbox, ServerOutbox
from lacuna.stores.objects.folder import FolderObjects
from lacuna.stores.objects.kinds import kind_of
from lacuna.stores.objects.store_marks import mark_name
from lacuna.stores.postgres.agreements import PostgresAgreements
from lacuna.stores.postgres.alerts import PostgresAlerts
from lacuna.stores.postgres.assignments import PostgresAssignments
from lacuna.stores.postgres.attacker import PostgresAttacker
from lacuna.stores.postgres.canary_contact import PlatformCanaryContacts
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.consents import PostgresConsents
from lacuna.stores.postgres.constraint_trials import refused_values
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.inbox import PostgresInbox
from lacuna.stores.postgres.invariants import PlatformInvariants
from lacuna.stores.postgres.ledger import PostgresLedger
from lacuna.stores.postgres.mail_records import PostgresMails
from lacuna.stores.postgres.marts import PostgresMarts
from lacuna.stores.postgres.migrations import require_current
from lacuna.stores.postgres.missing_rights import is_writable, missing_rights
from lacuna.stores.postgres.notices import PostgresNotices
from lacuna.stores.postgres.officers import officer_actor
from lacuna.stores.postgres.plan_views import PostgresPlanViews
from lacuna.stores.postgres.platform_changes import PlatformChanges
from lacuna.stores.postgres.platform_reader import PlatformReader
from lacuna.stores.postgres.portions import PostgresPortions
from lacuna.stores.postgres.queue import PostgresQueue
from lacuna.stores.postgres.register import PostgresRegister
from lacuna.stores.postgres.restatements import PostgresRestatements
from lacuna.stores.postgres.scrub_records import PostgresScrubs
from lacuna.stores.postgres.scrubber import PostgresScrubber
from lacuna.stores.postgres.told_times import Days
from lacuna.stores.postgres.verifier import VerifierReader
from lacuna.stores.private_folders import make_private
from lacuna.stores.reflected_reader import AirflowReader
from lacuna.stores.run_log import FileRunLog
from lacuna.stores.webhooks import HttpWebhooks


class OpenTransaction:
    """One transaction with everything in it that a stage may use."""

    def __init__(
        self,
        connection: sa.Connection,
        database: Database,
        datamap_path: Path | None = None,
        tenants_path: Path | None = None,
    ) -> None:
        """Work through `connection` to `database`; who opened it commits.

        Without a map, no mart counts; without tenants, each number begins with a derived prefix.
        """
        self._connection = connection
        self._database = database
        self._datamap_path = datamap_path
        self._tenants_path = tenants_path
        self.queue = PostgresQueue(connection, self._number_prefix_of)
        self.portions = PostgresPortions(connection)
        self.ledger = PostgresLedger(connection)
        self.mails = PostgresMails(connection)
        self.agreements = PostgresAgreements(connection)
        self.register = PostgresRegister(connection)
        self.assignments = PostgresAssignments(connection)
        self.plan_views = PostgresPlanViews(connection)
        self.inbox = PostgresInbox(connection)
        self.notices = PostgresNotices(connection)
        self.alerts = PostgresAlerts(connection)
        self.scrubs = PostgresScrubs(connection)
        self.restatements = PostgresRestatements(connection)
        self._days = Days()

    @cached_property
    def _tenants(self) -> Mapping[str, Tenant]:
        return {} if self._tenants_path is None else load_tenants(self._tenants_path).by_org

    def _number_prefix_of(self, org_id: str) -> str | None:
        tenant = self._tenants.get(org_id)
        return None if tenant is None else tenant.number_prefix

    @cached_property
    def marts(self) -> PostgresMarts:
        """The marts, which count in the schema that the data map names."""
        path = self._datamap_path
        source = None if path is None else load(path).reporting
        return PostgresMarts(self._connection, source=source)

    def consents(self, datamap: DataMap) -> PostgresConsents:
        return PostgresConsents(self._connection, datamap)

    def reading(self, datamap: DataMap) -> PlatformReader:
        return PlatformReader(self._connection, datamap)

    def writing(self, datamap: DataMap) -> PlatformChanges:
        return PlatformChanges(self._connection, datamap, self._days)

    def verifying(self, datamap: DataMap) -> VerifierReader:
        return VerifierReader(self._connection, datamap, self._database)

    def canaries(self, datamap: DataMap) -> PlatformCanaryContacts:
        return PlatformCanaryContacts(self._connection, datamap)

    def limit_statements(self, seconds: int) -> None:
        self._connection.execute(
            sa.text("select set_config('statement_timeout', :limit, true)"),
            {"limit": f"{seconds}s"},
        )

    def live_schema(self, schemas: Sequence[str]) -> LiveSchema:
        return read_live_schema(self._connection, schemas)

    def refused_values(self, datamap: DataMap, live: LiveSchema) -> Sequence[RefusedValues]:
        return tuple(refused_values(self._connection, datamap, live))

    def invariants(self, datamap: DataMap) -> PlatformInvariants:
        return PlatformInvariants(self._connection, datamap)

    def missing_rights(self, needed: Collection[TableRight]) -> Sequence[TableRight]:
        return missing_rights(self._connection, needed)

    def is_writable(self) -> bool:
        return is_writable(self._connection)


def _unmarked(name: str) -> DependencyUnreachable:
    return DependencyUnreachable(
        f"{name}: this store has no mark that identifies it; check that it is the right one, then "
        "run lacuna up with the owner's login where it is mounted"
    )


class FolderStores(Mapping[str, Objects]):
    """Object stores in folders: the store `media` lies in `home/media` unless placed elsewhere."""

    def __init__(
        self,
        home: Path,
        placed: Mapping[str, Path],
        shared: Mapping[str, str] = MappingProxyType({}),
        mark_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """Open nothing yet.

        Args:
            shared: addresses of stores that others read too: folders that are there, or buckets.
            mark_of: returns what a shared folder is known by; None for one that was never marked.
        """
        self._home = home
        self._placed = dict(placed)
        self._shared = dict(shared)
        self._mark_of = mark_of
        self._opened: dict[str, Objects] = {}

    def __getitem__(self, name: str) -> Objects:
        """Return a store, its folder made if it was not there.

        Raises:
            ConfigurationError: nothing installed opens a store at such an address.
            DependencyUnreachable: a shared folder was never marked.
        """
        if name not in self._opened:
            self._opened[name] = self._open(name)
        return self._opened[name]

    def _open(self, name: str) -> Objects:
        if address := self.bucket_address(name):
            return kind_of(name, address).objects(name, address)
        root = self.folder(name)
        if name not in self._shared:
            make_private(root)
            return FolderObjects(name, root)
        if (mark := self._mark_of(name)) is None:
            raise _unmarked(name)
        return FolderObjects(name, root, mark, is_open=True)

    def shared_folder(self, name: str) -> Path | None:
        """Return where a store lies that others read too; None for any other, and for a bucket."""
        is_folder = name in self._shared and not self.bucket_address(name)
        return self.folder(name) if is_folder else None

    def folder(self, name: str) -> Path:
        """Return where a store lies."""
        if name in self._shared and not self.bucket_address(name):
            return Path(self._shared[name])
        return self._placed.get(name, self._home / name)

    def bucket_address(self, name: str) -> str:
        """Return the address of the bucket that a store lies in; empty for one in a folder."""
        address = self._shared.get(name, "")
        return address if "://" in address else ""

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names opened so far."""
        return iter(self._opened)

    def __len__(self) -> int:
        """Return how many stores were opened so far."""
        return len(self._opened)


class PlatformStores(Mapping[str, Objects]):
    """The object stores of a data map: buckets where it names one, else folders.

    A store counts only as `lacuna up` marked it: a folder by the file in it, a bucket by its address.
    No folder is made here.
    """

    def __init__(
        self,
        folders: FolderStores,
        stores: Mapping[str, Store],
        mark_of: Callable[[str], str | None],
    ) -> None:
        """Open nothing yet.

        Args:
            mark_of: returns what a store is known by; None for one that was never marked.
        """
        self._folders = folders
        self._stores = stores
        self._mark_of = mark_of
        self._opened: dict[str, Objects] = {}

    def __getitem__(self, name: str) -> Objects:
        """Return a store.

        Raises:
            ConfigurationError: nothing installed opens a store at such an address.
            DependencyUnreachable: it was never marked, or as another one.
        """
        if name not in self._opened:
            self._opened[name] = self._open(name, self._stores[name].address)
        return self._opened[name]

    def _open(self, name: str, address: str) -> Objects:
        mark = self._mark_of(name)
        if mark is None or (address and mark != address):
            raise _unmarked(name)
        if address:
            return kind_of(name, address).objects(name, address)
        return FolderObjects(name, self._folders.folder(name), mark)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the stores."""
        return iter(self._stores)

    def __len__(self) -> int:
        """Return how many stores there are."""
        return len(self._stores)


# They may not read lacuna.migration.
_UNCHECKED: Final = frozenset({Role.ANALYST, Role.SEALER})


@dataclass(frozen=True)
class OpenedStores:
    """Everything outside that a flow needs.

    Attributes:
        approvers: file of the key ids by which approvers were known before there was a register.
        tenants_path: the file of the tenants.
        recognizers_path: the file of the installation's own recognizers, if it has one.
        redaction_models: the spaCy models that the installation names, `fr:…,fi:…`.
        redaction_encoder: whether names of which the finder is unsure are read again.
        marts_path: the folder of the installation's own marts, if it has one.
        mail_keys: finds the keys that mails are signed with.
        webhooks: tells recipients of erasures.
        mailbox_address: path or `imap[s]://` address of the mailbox; None: the store `mail`.
        outbox_address: `smtp[s]://` address of the server for letters; None: files in `outbox`.
        notifier_address: of the server for alerts to officers; None: that of letters, or files in
            `alerts`.
        airflow_address: URL of Airflow's metadata database, to read; None: the file in `airflow`.
        signing_path: of the key that signs the ledger; None: `keys/signing.pem`.
        certificate_days: for which the certificate of a closed request is kept.
        delivery_url: address of the delivery of bundles; None: there is none.
        delivery_days: for which a link to a bundle is valid.
    """

    database: Database
    keys: Keys
    clock: Clock
    objects: FolderStores
    home: Path
    datamap_path: Path
    run_log: FileRunLog
    approvers: Path
    tenants_path: Path = SQL_FOLDER / "contact_center" / "tenants.yaml"
    recognizers_path: Path | None = None
    redaction_models: str | None = None
    redaction_encoder: bool = True
    marts_path: Path | None = None
    mail_keys: MailKeys = field(default_factory=DnsMailKeys)
    webhooks: Webhooks = field(default_factory=HttpWebhooks)
    mailbox_address: str | None = field(repr=False, default=None)
    outbox_address: str | None = field(repr=False, default=None)
    notifier_address: str | None = field(repr=False, default=None)
    airflow_address: str | None = field(repr=False, default=None)
    signing_path: Path | None = None
    certificate_days: int = 1826
    delivery_url: str | None = None
    delivery_days: int = 14

    @property
    def delivery_terms(self) -> DeliveryTerms | None:
        if self.delivery_url is None:
            return None
        key = delivery_key(self.home / "delivery")
        return DeliveryTerms(self.delivery_url.rstrip("/"), self.delivery_days, key)

    @property
    def signing_file(self) -> Path:
        return self.signing_path or self.home / "keys" / "signing.pem"

    @property
    def erased(self) -> Erased:
        """Who was erased: beside the keys, outside the database."""
        return FileErased(self.home / "keys" / "erased")

    @property
    def kept_rights(self) -> KeptRights:
        """They are kept beside the keys."""
        return FileKeptRights(self.home / "keys" / "rights")

    @property
    def outbox(self) -> Outbox:
        """A mail server, or files."""
        if self.outbox_address is None:
            return FolderOutbox(self.home / "outbox")
        return ServerOutbox(self.outbox_address)

    @property
    def notifier(self) -> Outbox:
        """A mail server, or files."""
        address = self.notifier_address or self.outbox_address
        return FolderOutbox(self.home / "alerts") if address is None else ServerOutbox(address)

    @property
    def airflow(self) -> AirflowReader | None:
        """Airflow's metadata database: the one of the settings, or the file of `make demo`."""
        if self.airflow_address is not None:
            return AirflowReader(self.airflow_address)
        file = self.home / "airflow" / "airflow.db"
        return AirflowReader.of_file(file) if file.is_file() else None

    @property
    def scrubber(self) -> PostgresScrubber:
        return PostgresScrubber(self.database)

    def attacker(self, schemas: Sequence[str], known: Sequence[str] = ()) -> PostgresAttacker:
        return PostgresAttacker(self.database, schemas, known, added_marts(self.marts_path))

    @contextmanager
    def mailbox(self, address: str | None = None) -> Iterator[Mailbox]:
        address = address or self.mailbox_address
        if address is not None and "://" in address:
            opened: ServerMailbox | FolderMailbox = ServerMailbox(address)
        elif address is not None:
            opened = FolderMailbox(Path(address))
        else:
            root = self.objects.folder("mail")
            make_private(root)
            opened = FolderMailbox(root)
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def transaction(
        self, role: Role, *, org_id: str | None = None, is_read_only: bool = False
    ) -> Iterator[Transaction]:
        with self.database.transaction(
            role, org_id=org_id, is_read_only=is_read_only
        ) as connection:
            if not self.database.is_current and role not in _UNCHECKED:
                require_current(connection)
                self.database.is_current = True
            yield OpenTransaction(connection, self.database, self.datamap_path, self.tenants_path)

    def keeping_connections(self) -> AbstractContextManager[None]:
        return self.database.keeping()

    def work_as(self, holder: str) -> None:
        self.database.holder = holder

    @contextmanager
    def exclusive(self, name: str, *, is_shared: bool = False) -> Iterator[None]:
        with self.database.session_lock(name, is_shared=is_shared) as other:
            if other is not None:
                raise FlowHeld(
                    f'another run holds the lock "{name}": {other}; nothing changed. Wait until '
                    "it ends, then run again"
                )
            yield

    def sharing(self, name: str) -> AbstractContextManager[None]:
        return self.exclusive(name, is_shared=True)

    def objects_of(self, datamap: DataMap) -> PlatformStores:
        return PlatformStores(self.objects, datamap.stores, self.mark_of)

    def mark_of(self, store: str) -> str | None:
        with self.transaction(Role.PLANNER, is_read_only=True) as transaction:
            return transaction.queue.inbox.fact(mark_name(store))

    def folder_of(self, store: str) -> Path:
        return self.objects.folder(store)

    def bucket_of(self, store: Store) -> SearchedBucket | None:
        address = store.address or self.objects.bucket_address(store.name)
        return kind_of(store.name, address).searched(store.name, address) if address else None

    def officer(self, name: str, org_id: str = EVERY_TENANT, *, role: str = "dpo") -> str:
        actor = officer_actor(self.database, name, org_id)
        if actor is None:
            where = "all tenants" if org_id == EVERY_TENANT else org_id
            raise NotAnOfficer(
                f"this name is not registered as an officer for {where}; nothing changed. The "
                "owner of the installation registers officers: lacuna officer add NAME --org "
                f"'{org_id}'"
            )
        return f"{role}:{actor.partition(':')[2]}"

    def known_key_id(self, name: str) -> str | None:
        """Return the key id that the ledger knows somebody by from before there was a register."""
        if not self.approvers.is_file():
            return None
        lines = self.approvers.read_text(encoding="utf-8").splitlines()
        known = {user: key_id for key_id, _, user in (line.partition(" ") for line in lines)}
        return known.get(name)
