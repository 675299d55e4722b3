"""The command that looks at an installation, part by part, and says what to do about each fault."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from shutil import disk_usage
from types import MappingProxyType
from typing import Final

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import say, show_json, show_table
from lacuna.datamap import load, load_tenants, refuse
from lacuna.documentation import doc_page
from lacuna.errors import DatabaseUnreachable, PipelineError, StatementRefused, UnknownRequest
from lacuna.flows.run.opening import find_drift
from lacuna.marts import added_marts
from lacuna.model.location import REPORTS
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.redaction import engine_options, models_by_language
from lacuna.settings import Settings
from lacuna.stores.installation import OpenedStores
from lacuna.stores.mail.outbox import ServerOutbox
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.officers import OfficerRegister
from lacuna.stores.postgres.rights import differences, facts
from lacuna.wiring import open_database, open_stores, read_settings, run_options

_SKEW: Final = timedelta(seconds=30)
_SEAL_AGE: Final = timedelta(hours=26)
_LEAST_ROOM: Final = 2 << 30
_ANY: Final = "xx"  # of a text whose language nobody tells
_XCOM: Final = "gdpr_dpo_page.IdsOnly"
_FLOWS: Final = frozenset(
    f"gdpr_{name}" for name in ("deadlines", "fulfilment", "intake", "reporting", "seal", "sweep")
)
_ROLES: Final = (Role.PLANNER, Role.EXECUTOR, Role.VERIFIER, Role.DPO, Role.SUBMITTER)


class _NotChecked(Exception):
    """Why a part cannot be looked at from here."""


class _Remark(str):
    """What is no fault by itself, and still to be known."""

    __slots__ = ()


@dataclass(frozen=True)
class _PartState:
    """What was found of one part.

    Attributes:
        faults: each says what is wrong and what to do; empty: all is well.
        note: why it was not checked, or what else to know of it.
        is_checked: whether it could be looked at from here.
    """

    part: str
    faults: tuple[str, ...] = ()
    note: str = ""
    is_checked: bool = True

    @property
    def state(self) -> str:
        return "fault" if self.faults else "ok" if self.is_checked else "not checked"


class _Patient:
    """The installation, opened part by part: what cannot be opened is a fault of its own part."""

    @cached_property
    def settings(self) -> Settings:
        return read_settings()

    @cached_property
    def database(self) -> Database:
        return open_database(self.settings)

    @cached_property
    def stores(self) -> OpenedStores:
        return open_stores(self.settings)


PartCheck = Callable[[_Patient], Iterator[str]]
"""Yields the faults of one part; an error of ours is a fault too."""


def _settings(patient: _Patient) -> Iterator[str]:
    settings = patient.settings
    if settings.database_url is not None and settings.mode is None:
        yield "LACUNA_MODE is not set, so flows only observe. Set it to act once the plans are right"
    if settings.database_url is not None and settings.scrub_window is None:
        yield (
            "LACUNA_SCRUB_WINDOW is not set, so the database's files keep erased rows until the "
            "tables are rewritten by others. Name the hours in which tables may be locked"
        )
    if settings.airflow_logs is not None and not settings.airflow_logs.is_dir():
        yield "LACUNA_AIRFLOW_LOGS names no folder, so no log is searched. Mount it, or correct the path"
    run_options("doctor", settings)


def _database(patient: _Patient) -> Iterator[str]:
    patient.database.check()
    there, is_standby = patient.database.clock()
    if abs(datetime.now(UTC) - there) > _SKEW:
        yield "the clocks of this machine and of the database differ. Synchronize both (NTP)"
    if is_standby:
        yield "the server is a standby. Let LACUNA_DATABASE_URL name the primary"


def _schema(patient: _Patient) -> Iterator[str]:
    with patient.stores.transaction(Role.PLANNER, is_read_only=True):
        pass  # it compares the versions
    try:
        # It alone reads every table, the closed lists too.
        with patient.database.transaction(Role.VERIFIER, is_read_only=True) as connection:
            changed = list(differences(facts(connection), added_marts(patient.settings.marts)))
    except StatementRefused:
        raise _NotChecked("rights are compared where the verifier's login is") from None
    if changed:
        yield (
            f"{len(changed)} rights or definitions of Lacuna's schemas differ from what this version "
            f"makes, first {' '.join(changed[0])}. Find out who changed them; lacuna up grants "
            "rights again"
        )


def _logins(patient: _Patient) -> Iterator[str]:
    settings = patient.settings
    own = {
        Role.EXECUTOR: settings.executor_database_url,
        Role.VERIFIER: settings.verifier_database_url,
        Role.DPO: settings.officer_database_url,
        Role.SUBMITTER: settings.officer_database_url,
    }
    lacking = []
    places = set()
    for role in _ROLES:
        try:
            places.add(patient.database.place(role))
        except PipelineError as error:
            if role is Role.PLANNER or own.get(role) is not None:
                yield f"{role}: {error}"
            else:
                lacking.append(str(role))
    if len(places) > 1:
        yield (
            "the roles' addresses lead to several databases, so locks are taken in one and rows are "
            "changed in another. Let all LACUNA_*DATABASE_URL name the same one"
        )
    if lacking:
        yield _Remark(
            f"this process cannot act as {', '.join(lacking)}. That is right for a worker of the "
            "queue planner, and for one at which nobody decides: "
            + doc_page("installation", "The platform's logins")
        )
    if settings.database_url is None or settings.executor_database_url is None:
        return
    alone = Database(settings.database_url.get_secret_value())
    with suppress(PipelineError), alone.transaction(Role.EXECUTOR, is_read_only=True):
        yield (
            "the login of LACUNA_DATABASE_URL may act as lacuna_executor, although the executor has "
            "a login of its own. Revoke that membership"
        )


def _datamap(patient: _Patient) -> Iterator[str]:
    _, drifts = find_drift(patient.stores)
    refuse(drifts)
    yield from ()


def _tenants(patient: _Patient) -> Iterator[str]:
    tenants = load_tenants(patient.settings.tenants).by_org
    register = OfficerRegister(patient.database)
    now = [one for one in register.officers(Role.PLANNER) if one.removed_at is None]
    covered = {one.org_id for one in now}
    if EVERY_TENANT in covered:
        return
    for org_id in sorted(set(tenants) - covered):
        yield f"tenant {org_id} has no officer, so nobody approves its plans: lacuna officer add"


def _object_stores(patient: _Patient) -> Iterator[str]:
    datamap = load(patient.settings.datamap)
    objects = patient.stores.objects_of(datamap)
    for name in sorted(datamap.stores):
        try:
            next(iter(objects[name].paths()), None)  # that it can be read, and has its mark
        except PipelineError as error:
            yield f"{name}: {error}"
            continue
        if not datamap.stores[name].address:
            folder = patient.stores.folder_of(name)
            if not _may_write(folder):
                yield f"{name}: {folder} cannot be written to. Let the worker's user own it"


def _reports(patient: _Patient) -> Iterator[str]:
    reports = patient.stores.objects[REPORTS]
    next(iter(reports.paths()), None)
    folder = patient.stores.folder_of(REPORTS)
    if folder.is_dir() and not _may_write(folder):
        yield f"{folder} cannot be written to. Let the worker's user own it"


def _home(patient: _Patient) -> Iterator[str]:
    home = patient.settings.absolute_home
    if not _may_write(home):
        yield f"{home} cannot be written to. Let the worker's user own it"
    for folder in (home, home / "keys", home / "evidence", home / "bundles"):
        if folder.is_dir() and folder.stat().st_mode & 0o077:
            yield f"{folder} can be entered by other users of this machine: chmod 700"
    if disk_usage(home).free < _LEAST_ROOM:
        yield f"less than 2 GiB are free where {home} lies. Make room before the next night"


def _keys(patient: _Patient) -> Iterator[str]:
    keys = patient.settings.absolute_home / "keys"
    files = [one for one in keys.rglob("*") if one.is_file()] if keys.is_dir() else []
    if patient.settings.signing_file.is_file():
        files.append(patient.settings.signing_file)
    if found := [one for one in files if one.stat().st_mode & 0o077]:
        yield (
            f"keys that other users of this machine can read: {len(found)}, first "
            f"{found[0].parent}. Run chmod 600 on them. Who read an open request's key can read its copies"
        )
    try:
        lost = _without_key(patient.stores)
    except DatabaseUnreachable:
        return  # said of the database
    if lost:
        yield (
            f"open requests without a key in {keys}: {lost}. Nobody can read whom they are about. Mount "
            "the folder, or restore it from a copy"
        )


def _without_key(stores: OpenedStores) -> int:
    """Return how many open requests have something encrypted, and no key to it."""
    lost, opened = 0, [one for one in RequestState if not one.is_final]
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        for request in transaction.queue.requests.in_states(opened):
            if transaction.queue.secrets.get(request.request_id, Purpose.IDENTIFIERS) is not None:
                try:
                    stores.keys.derive(request.request_id, "doctor")
                except UnknownRequest:
                    lost += 1
    return lost


def _mailbox(patient: _Patient) -> Iterator[str]:
    with patient.stores.mailbox():
        pass
    yield from ()


def _outbox(patient: _Patient) -> Iterator[str]:
    stores = patient.stores
    servers = [one for one in (stores.outbox, stores.notifier) if isinstance(one, ServerOutbox)]
    if not servers:
        raise _NotChecked(
            "no mail server is set: letters and alerts become files under LACUNA_HOME"
        )
    for server in servers:
        server.check()
    yield from ()


def _engine(patient: _Patient) -> Iterator[str]:
    stores = patient.stores
    options = engine_options(
        stores.recognizers_path,
        models=stores.redaction_models,
        encoder=stores.redaction_encoder,
    )
    missing = [
        language
        for language, name in models_by_language(options).items()
        if name is None and language != _ANY
    ]
    if missing:
        yield (
            f"no model finds names in {', '.join(sorted(missing))}. Install lacuna-names, or name a "
            "model: LACUNA_REDACTION_MODELS"
        )


def _seal(patient: _Patient) -> Iterator[str]:
    with patient.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        sealed_at = transaction.ledger.sealed_at()
        is_empty = next(transaction.ledger.leaves(), None) is None
    if is_empty:
        raise _NotChecked("the ledger is empty")
    home = patient.settings.absolute_home
    if not (home / "evidence").is_dir():
        yield (
            f"{home / 'evidence'} is missing, although the ledger has entries. Mount it, or restore it "
            "from a copy"
        )
    if sealed_at is None:
        yield "the ledger was never sealed. Unpause gdpr_seal, with a worker of the queue seal"
    elif patient.stores.clock.now() - sealed_at > _SEAL_AGE:
        yield (
            f"the last seal was on {sealed_at.date()}, so nothing after it is signed. Look at the "
            "last run of gdpr_seal, and at the worker of the queue seal"
        )


def _airflow(patient: _Patient) -> Iterator[str]:
    reader = patient.stores.airflow
    if reader is None:
        raise _NotChecked("LACUNA_AIRFLOW_DATABASE_URL is not set")
    paused, pools = reader.flows()
    if missing := _FLOWS - paused.keys():
        yield (
            f"Airflow does not know {', '.join(sorted(missing))}. Link share/lacuna/dags/*.py and "
            "share/lacuna/plugins/*.py, and read its import errors"
        )
    if waiting := sorted(name for name, is_paused in paused.items() if is_paused):
        yield f"paused in Airflow: {', '.join(waiting)}. Unpause them once the first week is over"
    if "gdpr_chunks" not in pools:
        yield "the pool gdpr_chunks is missing, or has no slots: airflow pools set gdpr_chunks 4 chunks"


def _xcom(patient: _Patient) -> Iterator[str]:
    airflow = Path(sys.executable).with_name("airflow")
    if not airflow.is_file():
        raise _NotChecked("no Airflow is installed beside this command")
    asked = [str(airflow), "config", "get-value", "core", "xcom_backend"]
    said = subprocess.run(asked, capture_output=True, check=False, text=True, timeout=120)  # noqa: S603
    backend = said.stdout.strip().rpartition("\n")[2]
    if backend != _XCOM:
        yield (
            f"Airflow's XCom backend is not {_XCOM}, so a task of your own could put personal data "
            f"where no erasure reaches it. Set AIRFLOW__CORE__XCOM_BACKEND={_XCOM}"
        )


_CHECKS: Final[Mapping[str, PartCheck]] = MappingProxyType(
    {
        "settings": _settings,
        "database": _database,
        "schema": _schema,
        "logins": _logins,
        "data map": _datamap,
        "tenants": _tenants,
        "object stores": _object_stores,
        "reports": _reports,
        "home": _home,
        "keys": _keys,
        "mailbox": _mailbox,
        "outbox": _outbox,
        "engine": _engine,
        "seal": _seal,
        "Airflow": _airflow,
        "XCom": _xcom,
    }
)


def _may_write(folder: Path) -> bool:
    try:
        probe = folder / ".lacuna-doctor"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError:
        return False
    return True


def _look_at(part: str, patient: _Patient, missing: str) -> _PartState:
    if missing:
        return _PartState(part, note=f"the {missing} come first", is_checked=False)
    found: list[str] = []
    try:
        found.extend(_CHECKS[part](patient))
    except _NotChecked as why:
        return _PartState(part, note=str(why), is_checked=False)
    except PipelineError as error:
        found.append(str(error))
    except Exception as error:  # noqa: BLE001 - one part must not hide the others
        found.append(f"it could not be looked at: {type(error).__name__}")
    remarks = [one for one in found if isinstance(one, _Remark)]
    faults = tuple(one for one in found if not isinstance(one, _Remark))
    return _PartState(part, faults, " ".join(remarks))


def doctor(as_json: PrintJson = False) -> None:
    """Check this installation, part by part, and say what to do. Exit 1 if there is a fault."""
    patient = _Patient()
    results: list[_PartState] = []
    missing = ""
    for part in _CHECKS:
        results.append(_look_at(part, patient, missing))
        # Without these nothing else can be opened, and one fault would be said of every part.
        if part == "settings" and "settings" not in vars(patient):
            missing = part
    faults = sum(len(one.faults) for one in results)
    if as_json:
        show_json(
            [
                {"part": one.part, "state": one.state, "faults": one.faults, "note": one.note}
                for one in results
            ]
        )
    else:
        rows = [
            (one.part, one.state, what)
            for one in results
            for what in ((*one.faults, one.note) if one.note else one.faults or ("",))
        ]
        show_table("Installation", ("part", "state", "what to do"), rows)
        say(f"Parts: {len(results)}, faults: {faults}")
    if faults:
        raise typer.Exit(1)
