"""Settings → stores: the one place where the outside is put together."""

import re
import resource
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from lacuna.documentation import doc_page
from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.location import REPORTS
from lacuna.model.run import EVERYTHING, ApprovalMode, Mode, Role, RunOptions, RunScope
from lacuna.model.scrub import ALWAYS, NEVER, ScrubWindow
from lacuna.ports import OutsideTables, Queue, SearchedBucket, Server
from lacuna.settings import Home, Settings
from lacuna.stores.clock import SystemClock
from lacuna.stores.dump_reader import DumpReader
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.objects.kinds import kind_of
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.foreign_reader import ForeignReader
from lacuna.stores.private_folders import make_private
from lacuna.stores.reflected_reader import ReflectedReader, parsed_address
from lacuna.stores.run_log import FileRunLog

SAMPLE_FACT = "sample"
CANARY_FACT = "canary_org"


def read_settings() -> Settings:
    """Read the environment (`LACUNA_*`)."""
    return Settings.read()


def own_server(settings: Settings) -> Server:
    """Return the server of this installation's own, whether it runs or not.

    Raises:
        ConfigurationError: no package brings one, or several do.
    """
    brought = tuple(entry_points(group="lacuna.servers"))
    if len(brought) != 1:
        raise ConfigurationError(
            f"LACUNA_DATABASE_URL is not set, and {len(brought)} installed packages provide a "
            "PostgreSQL (entry points lacuna.servers) instead of one; set it to the platform's "
            "database"
        )
    server: Server = brought[0].load()(settings.absolute_home)
    return server


def open_foreign_database(url: str) -> OutsideTables:
    """Return the reader of a database of somebody else.

    Raises:
        ConfigurationError: it is no URL of a database, its driver is not installed, there is no such
            file, or the URL has a password, which every process of the machine could read.
    """
    address = parsed_address(url)
    if address.password is not None or "password" in address.query:
        raise ConfigurationError(
            "the address of a database contains a password, which every process of this machine "
            "can read; put it where the driver finds it, as PGPASSFILE"
        )
    if address.drivername.startswith("postgresql"):
        return ForeignReader(url)
    return ReflectedReader(address, "main", "check its address and that the login may read")


def open_foreign_bucket(name: str, address: str) -> SearchedBucket:
    """Return the reader of a bucket of somebody else.

    Args:
        name: says in messages which one.
        address: `s3://BUCKET/PREFIX`.

    Raises:
        ConfigurationError: it is no such address, or its client is not installed.
        DependencyUnreachable: the client's own settings do not fit.
    """
    if not re.fullmatch(r"[a-z0-9.+-]+://[^/\s]+(/\S*)?", address):
        raise ConfigurationError(f"{name}: its address is none; write s3://BUCKET/PREFIX")
    return kind_of(name, address).searched(name, address)


def open_dump(path: Path) -> DumpReader:
    """Return the reader of a dump.

    Raises:
        ConfigurationError: there is no such file.
    """
    return DumpReader(path)


def open_database(settings: Settings) -> Database:
    """Return the database that the settings name, or that of the installation's own server.

    Raises:
        ConfigurationError: single roles have an address, and the rest has none.
        DependencyUnreachable: its own server is not running.
    """
    of_roles = {
        role: given.get_secret_value()
        for role, given in (
            (Role.EXECUTOR, settings.executor_database_url),
            (Role.VERIFIER, settings.verifier_database_url),
            (Role.DPO, settings.officer_database_url),
            (Role.SUBMITTER, settings.officer_database_url),
        )
        if given is not None
    }
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        return Database(url, of_roles, statement_minutes=settings.statement_minutes)
    if of_roles:
        raise ConfigurationError(
            f"{len(of_roles)} roles have their own addresses, but LACUNA_DATABASE_URL is not set; "
            "set it to the planner's login"
        )
    server = own_server(settings)
    if not server.is_running():
        raise DependencyUnreachable(
            "the PostgreSQL of this installation is not running; run lacuna up"
        )
    return Database(server.url(), statement_minutes=settings.statement_minutes)


def open_stores(settings: Settings | None = None) -> OpenedStores:
    """Open everything outside that a flow needs."""
    settings = settings or read_settings()
    _require_own_tenants(settings)
    # A dump of this process would hold people's data, and lie where nobody looks for it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    home = settings.absolute_home
    make_private(home)
    mailbox = settings.mailbox
    placed = {"mail": Path(mailbox)} if mailbox is not None and "://" not in mailbox else {}
    opened = OpenedStores(
        database=open_database(settings),
        keys=FileKeys(home / "keys" / "requests"),
        clock=SystemClock(),
        objects=FolderStores(
            home, placed, _shared_stores(settings), lambda name: opened.mark_of(name)
        ),
        home=home,
        datamap_path=settings.datamap,
        run_log=_open_run_log(settings),
        approvers=home / "keys" / "approvers",
        mailbox_address=mailbox,
        tenants_path=settings.tenants,
        recognizers_path=settings.recognizers,
        redaction_models=settings.redaction_models,
        redaction_encoder=settings.redaction_encoder,
        marts_path=settings.marts,
        outbox_address=settings.outbox,
        notifier_address=settings.notifier,
        signing_path=settings.signing_file,
        certificate_days=settings.certificate_days,
        delivery_url=settings.delivery_url,
        delivery_days=settings.delivery_days,
        airflow_address=(
            None
            if settings.airflow_database_url is None
            else settings.airflow_database_url.get_secret_value()
        ),
    )
    return opened


def _shared_stores(settings: Settings) -> Mapping[str, str]:
    """Return where the reports lie, if the installation says so.

    Raises:
        ConfigurationError: they would lie beside the keys, or in a folder that is not there.
    """
    address = settings.reporting_url
    if address is None:
        return {}
    if "://" not in address:
        folder = Path(address).expanduser().absolute()
        if folder.resolve().is_relative_to(settings.absolute_home.resolve()):
            raise ConfigurationError(
                "LACUNA_REPORTING_URL is in LACUNA_HOME, where the keys are and which no analyst may "
                "enter; name a folder outside"
            )
        if settings.absolute_home.resolve().is_relative_to(folder.resolve()):
            raise ConfigurationError(
                "LACUNA_HOME, where the keys are, is in the folder that LACUNA_REPORTING_URL names, "
                "and which analysts enter; name a folder beside it"
            )
        if not folder.is_dir():
            raise ConfigurationError(
                "LACUNA_REPORTING_URL names no folder; make it, with the rights that analysts need "
                "to enter it, or mount it"
            )
        address = str(folder)
    return {REPORTS: address}


def _require_own_tenants(settings: Settings) -> None:
    """Refuse a map of somebody's own with the tenants of the sample, which is the default."""
    default = {name: type(settings).model_fields[name].default for name in ("datamap", "tenants")}
    is_own_map = settings.datamap.resolve() != default["datamap"].resolve()
    if is_own_map and settings.tenants == default["tenants"]:
        raise ConfigurationError(
            "LACUNA_DATAMAP names a map of your own, but LACUNA_TENANTS is not set and would be the "
            "sample's; write your tenants to a file and name it there: "
            f"{doc_page('requests', 'Who is who')}"
        )


def _open_run_log(settings: Settings | None = None) -> FileRunLog:
    """Open the step lines of runs, for which no database has to answer."""
    # That a setting is wrong has to be written down too.
    home = (settings or Home.read()).absolute_home
    logs = None if settings is None else settings.airflow_logs
    return FileRunLog(home / "evidence" / "runs", logs or home / "airflow" / "logs")


OPENERS: Final = (open_stores, _open_run_log)
"""What opens the outside for a task: all of it, and what needs no database."""


def run_options(
    run_id: str, settings: Settings | None = None, scope: RunScope = EVERYTHING
) -> RunOptions:
    """Return how flows are run, by the settings and, for the mode, by the facts in the database.

    Only a database that `lacuna sample load` itself filled, and which says so, is acted on by default.

    Raises:
        ConfigurationError: plans are to need nobody, and the owner has not decided so.
    """
    settings = settings or read_settings()
    with open_stores(settings).transaction(Role.PLANNER) as transaction:
        reference = transaction.queue.inbox.fact(SAMPLE_FACT)
        canary_org = canary_org_of(transaction.queue, settings)
        is_standing = transaction.queue.plans.is_standing(BY_SETTING)
    if settings.approval is ApprovalMode.AUTO and not is_standing:
        raise ConfigurationError(
            "LACUNA_APPROVAL is auto, but the owner of the installation has not confirmed it; "
            "run lacuna up with the owner's login and the same setting, or set it to manual"
        )
    default = Mode.OBSERVE if reference is None else Mode.ACT
    return RunOptions(
        run_id=run_id,
        mode=Mode.OBSERVE if scope.is_dry else settings.mode or default,
        approval=settings.approval,
        page_url=settings.page_url or "",
        limit=settings.batch_limit,
        max_rows=settings.max_rows,
        chunks=settings.chunks,
        forget_after_days=settings.forget_after_days,
        bundle_days=settings.bundle_days,
        unnamed_days=settings.unnamed_days,
        quarantine_days=settings.quarantine_days,
        as_of=None if reference is None else datetime.fromisoformat(reference),
        scrub_window=_scrub_window(settings),
        canary_org=canary_org,
        scope=scope,
    )


def canary_org_of(queue: Queue, settings: Settings | None = None) -> str | None:
    """Return the organization that is set aside for the canary; None: none is."""
    return (settings or read_settings()).canary_org or queue.inbox.fact(CANARY_FACT)


def _scrub_window(settings: Settings) -> ScrubWindow:
    """Return when tables may be locked; nobody but Lacuna works on a server of its own."""
    if settings.scrub_window is not None:
        return ScrubWindow.parse(settings.scrub_window)
    return ALWAYS if settings.database_url is None else NEVER
