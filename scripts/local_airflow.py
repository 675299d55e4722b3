"""Airflow in one process, and the demonstration behind `make demo`.

`LocalAirflow` makes an Airflow home, checks the DAGs and runs them one task after the other, as
`airflow dags test` does, but pays for the imports once. `main` sets up the sample platform, queues
requests, runs five of the six flows, and shows what became of them. Everything lies under `LACUNA_HOME`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lacuna.stores.private_folders import make_private

T = TypeVar("T")
R = TypeVar("R")

ROOT = Path(__file__).resolve().parents[1]
POOLS = {"gdpr_chunks": 4}
"""Slots by pool: as many chunks of a batch are worked on at once."""


# --- Airflow --------------------------------------------------------------------------------------


def airflow_environment(lacuna_home: Path) -> dict[str, str]:
    """Return the variables of an Airflow whose home is `lacuna_home/airflow`."""
    home = lacuna_home.absolute() / "airflow"
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__XCOM_BACKEND": "gdpr_dpo_page.IdsOnly",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "GX_ANALYTICS_ENABLED": "false",
        "LACUNA_HOME": str(lacuna_home.absolute()),
    }


@dataclass(frozen=True)
class FinishedRun:
    """A DAG run that has ended.

    Attributes:
        tasks: the state of each task.
    """

    dag_id: str
    run_id: str
    state: str
    tasks: Mapping[str, str]

    @property
    def is_red(self) -> bool:
        """Whether anything in it failed."""
        return self.state != "success"

    @property
    def lines(self) -> str:
        """Name of the file with the run's step lines, in `LACUNA_HOME/evidence/runs`."""
        from lacuna.flows.run.edge import run_name

        return f"{run_name(self)}.jsonl"


class BrokenDags(Exception):
    """A DAG file cannot be imported."""


class LocalAirflow:
    """Airflow in this process, with its metadata in SQLite. One per process: it keeps its home."""

    def __init__(self, lacuna_home: Path) -> None:
        """Set the environment. Airflow reads it when it is imported, so nothing may have yet."""
        if "airflow" in sys.modules:
            raise RuntimeError("airflow is already imported, with other settings")
        # Another Airflow of this user has no say here.
        for name in [name for name in os.environ if name.startswith("AIRFLOW_")]:
            del os.environ[name]
        environment = airflow_environment(lacuna_home)
        os.environ.update(environment)
        make_private(Path(environment["AIRFLOW_HOME"]))

    def prepare(self) -> None:
        """Make the metadata database and the pools, and read the DAGs.

        Raises:
            BrokenDags: a file cannot be imported; the message says why.
        """
        from airflow.utils.db import initdb

        initdb()
        from airflow.dag_processing.dagbag import DagBag
        from airflow.models.pool import Pool

        for name, slots in POOLS.items():
            Pool.create_or_update_pool(
                name=name, slots=slots, description="", include_deferred=False
            )
        self.dagbag = DagBag(dag_folder=ROOT / "dags")
        if self.dagbag.import_errors:
            raise BrokenDags("\n".join(self.dagbag.import_errors.values()))

    def run(self, dag_id: str, **params: object) -> FinishedRun:
        """Run a DAG to its end, red or not, with what somebody wrote into its form."""
        dag = self.dagbag.dags[dag_id]
        defaults = dag.params.dump()
        try:
            run = dag.test(run_conf=params)
        finally:
            # In one process, the next run would begin with what this one was given.
            for owner in (dag, *dag.tasks):
                owner.params.update(defaults)
        tasks = {each.task_id: str(each.state) for each in run.get_task_instances()}
        return FinishedRun(dag_id, run.run_id, str(run.state), tasks)


# --- the demonstration ----------------------------------------------------------------------------

ORG = "fjordlys"
"""The sample's first tenant: everybody whom its `demo` names belongs to it."""
DPO = "demo-dpo"
VERIFIED = "demonstration: identity document seen"
MOST_SWEPT_ROWS = 100_000

MEANING = {
    "completed": "done, certified",
    "nothing_found": "nobody found, certified",
    "ambiguous": "several people match: choose one",
    "identity_pending": "identity must be verified",
    "open_conversations": "waiting: conversation is open",
    "not_approved": "waiting for approval",
}
DONE = {
    "anonymize_rows": "rows anonymized",
    "redact_text": "rows with redacted text",
    "redact_mentions": "rows of other people that mentioned the person",
    "empty_files": "files in rows of other people that named the person emptied",
    "delete_rows": "derived or duplicate rows deleted",
    "delete_objects": "recordings, voicemails, attachments and mails deleted",
    "delete_object": "recordings, voicemails, attachments and mails deleted",
    "rewrite_objects": "export files rewritten",
    "rewrite_object": "export files rewritten",
    "redact_object": "text files redacted",
}


class CommandFailed(Exception):
    """A `lacuna` command did not end well; it has said why."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit code {code}")
        self.code = code


def lacuna(*arguments: str) -> str:
    """Run the `lacuna` command as anybody types it, and return what it printed."""
    command = Path(sys.executable).with_name("lacuna")
    ended = subprocess.run([command, *arguments], stdout=subprocess.PIPE, text=True)  # noqa: S603
    if ended.returncode:
        print(ended.stdout, end="", file=sys.stderr)
        raise CommandFailed(ended.returncode)
    return ended.stdout


def lacuna_json(*arguments: str) -> Any:
    """Run a `lacuna` command that prints one JSON document, and return the document."""
    return json.loads(lacuna(*arguments, "--json"))


def at_once(command: Callable[[T], R], over: Sequence[T]) -> list[R]:
    """Run a command for each item, two at a time, and return what they gave, in order."""
    with ThreadPoolExecutor(2) as beside:
        return list(beside.map(command, over))


def submit(what: str, option: str, value: str) -> ShownRequest:
    """Queue an erasure with the command."""
    answer = lacuna_json(
        *("request", "submit", "--org", ORG, "--kind", "erasure"),
        *("--verified-by", VERIFIED, option, value),
    )
    return ShownRequest(what, answer["request_id"], answer["duplicate"])


def load_gates() -> None:
    """Import what the gates and the audit need: in a fresh installation it takes some seconds."""
    from lacuna.verify.late_imports import loading_late

    # As the gates import it, without what they never use.
    with loading_late("altair", "scipy.stats"):
        import great_expectations  # noqa: F401
    import scipy.optimize  # noqa: F401


def load_models() -> None:
    """Load what redaction needs: in a fresh installation it takes a quarter of a minute."""
    from lacuna.ports import Passage
    from lacuna.redaction import build_redactor

    build_redactor([]).redact([Passage("Ada Lovelace rang from London")])


@dataclass(frozen=True)
class ShownRequest:
    """A request as the demonstration made it.

    Attributes:
        what: said without any identifier.
    """

    what: str
    request_id: str
    is_duplicate: bool


@dataclass
class Demonstration:
    """What `make demo` does, step by step, each shown while it works."""

    home: Path
    console: Any
    asked: list[ShownRequest] = field(default_factory=list)
    runs: list[FinishedRun] = field(default_factory=list)

    def perform(self) -> None:
        """Do everything but the summary."""
        self.refuse_foreign_database()
        with (
            self.step("Start PostgreSQL, bring its schemas up to date"),
            ThreadPoolExecutor(1) as beside,
        ):
            started = beside.submit(lacuna, "up")
            load_gates()
            started.result()
        airflow = LocalAirflow(self.home)
        people = self.prepare(airflow)
        with self.step("Prove the data map: search every column and file for people"):
            lacuna("datamap", "prove", "--people", "10")
        with self.step("Queue requests"):
            through_inbox = self.queue_requests(people)
        self.fly(airflow, "gdpr_intake")
        self.asked += self.answers(through_inbox)
        self.fly(airflow, "gdpr_fulfilment")
        self.approve()
        for dag_id in ("gdpr_fulfilment", "gdpr_sweep", "gdpr_reporting", "gdpr_seal"):
            self.fly(airflow, dag_id)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Show what is being done, and at its end how long it took."""
        began = time.monotonic()
        with self.console.status(what):
            yield
        self.say(what, time.monotonic() - began)

    def say(self, what: str, seconds: float, symbol: str = "[green]✓[/]") -> None:
        """Print a line of the progress."""
        self.console.print(f"{symbol} {what} [dim]{seconds:.1f} s[/]")

    def fly(self, airflow: LocalAirflow, dag_id: str) -> None:
        """Run a DAG and show how it ended."""
        began = time.monotonic()
        with self.console.status(f"Airflow runs {dag_id}"):
            run = airflow.run(dag_id)
        self.runs.append(run)
        ended = Counter(run.tasks.values())
        tasks = ", ".join(f"{count} {state}" for state, count in sorted(ended.items()))
        symbol = "[red]✗[/]" if run.is_red else "[green]✓[/]"
        self.say(f"Airflow ran {dag_id}: {tasks}", time.monotonic() - began, symbol)

    # --- the platform and its people ---

    def refuse_foreign_database(self) -> None:
        """Leave a database alone that is not the sample's: it would be migrated and filled.

        Raises:
            ConfigurationError: LACUNA_DATABASE_URL names such a database.
        """
        from lacuna.errors import ConfigurationError
        from lacuna.wiring import read_settings

        if read_settings().database_url is not None and not is_sample():
            raise ConfigurationError(
                "LACUNA_DATABASE_URL names a database that is not the sample platform. Unset it, "
                "or load the sample there on purpose: lacuna up, lacuna sample load"
            )

    def prepare(self, airflow: LocalAirflow) -> ShownPeople:
        """Start Airflow, and load the sample beside it; return whom to show things with."""
        if is_sample():
            with self.step("The sample platform is already loaded: choose the next two people"):
                airflow.prepare()
                load_models()
                return next_people()
        what = "Load the sample platform, an invented contact center; start Airflow in this process"
        with self.step(what), ThreadPoolExecutor(1) as beside:
            loaded = beside.submit(lacuna_json, "sample", "load")
            airflow.prepare()
            load_models()
            chosen = loaded.result()["demo"]
        return ShownPeople(
            forget=chosen["forget"],
            access=chosen["access"],
            household=chosen["household"][0],
            with_open=chosen["with_open"],
        )

    def queue_requests(self, people: ShownPeople) -> int:
        """Submit by command, and one as other systems do; return that one's row in the inbox."""
        known = identifiers()
        wanted = [("forget a contact, by e-mail address", "--email", known[people.forget]["email"])]
        if people.household is not None:
            phone = known[people.household]["phone"]
            wanted.append(("forget a contact, by a shared telephone number", "--phone", phone))
        if people.with_open is not None:
            wanted.append(
                (
                    "forget a contact with an open conversation",
                    "--contact-id",
                    people.with_open,
                )
            )
        wanted.append(("forget somebody unknown", "--email", "nobody.we.know@example.org"))
        self.asked += at_once(lambda one: submit(*one), wanted)
        return insert_into_inbox(known[people.access]["external_id"])

    def answers(self, inbox_id: int) -> Iterator[ShownRequest]:
        """Yield the request that the intake flow made of the inbox's row."""
        status, request_id = read_inbox(inbox_id)
        if request_id is not None:
            what = "a contact's data, requested by another system"
            yield ShownRequest(what, request_id, status == "duplicate")

    def approve(self) -> None:
        """Approve as a data protection officer does: plans and rules, each by its digest."""
        own = {each.request_id for each in self.asked}
        with self.step(f"Register the officer {DPO}, approve what was planned as {DPO}"):
            requests, rules = at_once(lambda what: lacuna_json(what, "list"), ("request", "rule"))
            approvals = [
                ("request", "approve", one["request_id"], "--plan", one["plan_digest"])
                for one in requests
                if one["state"] == "planned" and one["request_id"] in own
            ]
            most = ("--max-rows", str(MOST_SWEPT_ROWS))
            approvals += [
                ("rule", "approve", one["rule"], "--digest", one["digest"], *most)
                for one in rules
                if not one["approved"]
            ]
            lacuna("officer", "add", DPO, "--org", "*")
            at_once(lambda approval: lacuna(*approval, "--as", DPO), approvals)

    # --- the summary ---

    def summarize(self) -> None:
        """Show what became of the requests, and where everything lies."""
        requests = {each["request_id"]: each for each in lacuna_json("request", "list")}
        certificates = self.certificates()
        self.show_requests(requests)
        for certificate in certificates:
            if certificate["type"] == "erasure" and certificate["done"]:
                self.show_erasure(certificate)
        self.show_gates(certificates)
        self.show_places()

    def certificates(self) -> list[Any]:
        """Return the certificates of this demonstration's requests."""
        from lacuna.evidence import statement_of

        paths = [self.certificate_of(each.request_id) for each in self.asked]
        return [statement_of(path.read_bytes()) for path in paths if path.is_file()]

    def show_requests(self, requests: Mapping[str, Any]) -> None:
        """Show each request with its outcome."""
        rows = []
        for each in self.asked:
            found = requests[each.request_id]
            outcome = found["obstacle"] or found["state"]
            text = MEANING.get(outcome, outcome)
            rows.append((each.what, f"{text} (already requested)" if each.is_duplicate else text))
        self.table("Requests", ("request", "outcome"), rows)
        own = {each.request_id for each in self.asked}
        waiting = sum(
            1 for key, each in requests.items() if key not in own and each["obstacle"] is not None
        )
        if waiting:
            self.console.print(f"{waiting} earlier requests are waiting for review.")

    def show_erasure(self, certificate: Mapping[str, Any]) -> None:
        """Show what was erased and what stays, according to its certificate."""
        done: Counter[str] = Counter()
        for each in certificate["done"]:
            done[DONE.get(each["action"], each["action"])] += each["rows"]
        self.table(
            "Erased: one contact", ("rows", "what"), [(str(n), what) for what, n in done.items()]
        )
        rows: Counter[str] = Counter()
        tables: Counter[str] = Counter()
        for each in certificate["kept"]:
            ground = re.sub(r"^\d+ columns", "columns", each["ground"])
            rows[ground] += each["rows"]
            tables[ground] += 1
        kept = [(str(rows[ground]), f"in {tables[ground]} tables: {ground}") for ground in rows]
        self.table("Kept, traceable to nobody", ("rows", "what, and why"), kept)

    def show_gates(self, certificates: Sequence[Any]) -> None:
        """Show which gates the requests passed."""
        passed = Counter(
            gate
            for each in certificates
            if each["verification"] is not None
            for gate in each["verification"]["gates"]
        )
        searched = sum((each["verification"] or {}).get("searched", 0) for each in certificates)
        self.console.print("[bold]Gates passed[/]")
        names = ", ".join(f"{name} ({count})" for name, count in sorted(passed.items()))
        self.console.print(f"  {names or 'none'}")
        if searched:
            self.console.print(f"  {searched} places were searched")

    def show_places(self) -> None:
        """Show where to find the results, and what to try next."""
        own = [each.request_id for each in self.asked]
        bundles = [path for each in own if (path := self.bundle_of(each)).is_file()]
        reports = len(list((self.home / "reporting").rglob("*.parquet")))
        places = [("bundle", str(path)) for path in bundles]
        places += [
            (f"reports ({reports})", str(self.home / "reporting")),
            ("certificates", str(self.home / "evidence" / "certificates")),
            ("checkpoints", str(self.home / "evidence" / "checkpoints")),
        ]
        places += [("run lines", f"evidence/runs/{run.lines}") for run in self.runs]
        self.console.print(f"\n[bold]Where to find it[/]  (under {self.home})", soft_wrap=True)
        for name, path in places:
            shown = path.removeprefix(f"{self.home}/")
            self.console.print(f"  {name:14} {shown}", soft_wrap=True, highlight=False)
        self.console.print("\n[bold]Try next[/]")
        first = "rule list"
        if bundles:
            first = f"bundle release {bundles[0].name.split('.')[0]} --as {DPO}"
        proof = "evidence verify --ledger"
        certificates = [path for each in own if (path := self.certificate_of(each)).is_file()]
        if certificates:
            proof = f"evidence verify {certificates[0]}"
        for command in (first, "request list", proof):
            self.console.print(f"  .venv/bin/lacuna {command}", soft_wrap=True, highlight=False)
        self.console.print("\nPostgreSQL keeps running; [bold]make down[/] stops it.")

    def certificate_of(self, request_id: str) -> Path:
        """Return where a request's certificate lies, once it is issued."""
        return self.home / "evidence" / "certificates" / f"{request_id}.json"

    def bundle_of(self, request_id: str) -> Path:
        """Return where a request's sealed bundle lies, if it has one."""
        return self.home / "bundles" / f"{request_id}.zip.age"

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table."""
        from rich.box import SIMPLE
        from rich.table import Table

        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE)
        for name in columns:
            table.add_column(name, justify="right" if name == "rows" else "left")
        for row in rows:
            table.add_row(*row)
        self.console.print(table)


@dataclass(frozen=True)
class ShownPeople:
    """Contacts to show things with, by contact id; None: not shown this time."""

    forget: str
    access: str
    household: str | None = None
    with_open: str | None = None


def is_sample() -> bool:
    """Whether the database is one that `lacuna sample load` filled."""
    from lacuna.errors import ConfigurationError, StatementRefused
    from lacuna.model.run import Role
    from lacuna.wiring import SAMPLE_FACT, open_stores

    try:
        with open_stores().transaction(Role.PLANNER, is_read_only=True) as transaction:
            return transaction.queue.inbox.fact(SAMPLE_FACT) is not None
    except (ConfigurationError, StatementRefused):  # Lacuna's schemas are not there
        return False


def identifiers() -> dict[str, dict[str, str]]:
    """Return the first identifier of each kind, of everybody of the tenant, by contact id."""
    from lacuna.datamap import load
    from lacuna.model.run import Role
    from lacuna.wiring import open_stores

    stores = open_stores()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        everybody = transaction.reading(load(stores.datamap_path)).everybody(ORG)
    return {
        contact_id: {str(one.kind): one.value for one, _ in reversed(known)}
        for contact_id, known in everybody.items()
    }


def next_people() -> ShownPeople:
    """Return two people who have not been forgotten yet, in order of their contact ids."""
    able = [
        contact_id
        for contact_id, known in sorted(identifiers().items())
        if {"email", "external_id"} <= known.keys()
    ]
    return ShownPeople(forget=able[0], access=able[1])


def insert_into_inbox(external_id: str) -> int:
    """Queue an access request by a statement, as other systems do."""
    from lacuna.model.run import Role
    from lacuna.wiring import open_stores

    with open_stores().database.transaction(Role.SUBMITTER, org_id=ORG) as connection:
        row = connection.exec_driver_sql(
            "insert into lacuna.request_inbox (org_id, kinds, external_ids, verified_by)"
            " values (%s, '{access}', array[%s], %s) returning inbox_id",
            (ORG, external_id, VERIFIED),
        )
        return int(row.scalar_one())


def read_inbox(inbox_id: int) -> tuple[str, str | None]:
    """Return the status of an inbox row and the id of the request that was made of it."""
    from lacuna.model.run import Role
    from lacuna.wiring import open_stores

    with open_stores().database.transaction(Role.SUBMITTER, org_id=ORG) as connection:
        status, request_id = connection.exec_driver_sql(
            "select status, request_id from lacuna.request_inbox where inbox_id = %s", (inbox_id,)
        ).one()
    return status, None if request_id is None else str(request_id)


def main() -> int:
    """Run the demonstration; return 1 if any run ended red."""
    warnings.filterwarnings("ignore")
    # Airflow and its logs too: what is made here is read by this user alone.
    os.umask(0o077)
    from rich.console import Console

    from lacuna.errors import PipelineError
    from lacuna.wiring import read_settings

    console = Console(highlight=False)
    try:
        home = read_settings().absolute_home
        # Every command started from here works on the same home.
        os.environ["LACUNA_HOME"] = str(home)
        demonstration = Demonstration(home, console)
        demonstration.perform()
        demonstration.summarize()
    except CommandFailed as failed:
        return failed.code
    except PipelineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    red = [run.dag_id for run in demonstration.runs if run.is_red]
    if red:
        console.print(f"\n[red]Red: {', '.join(red)}[/]")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
