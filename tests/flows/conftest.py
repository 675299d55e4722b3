"""A whole installation with the small sample platform, fresh for each test."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lacuna.errors import PipelineError
from lacuna.flows import fulfilment
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.queue import Submission
from lacuna.model.request import Request, RequestKind
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.ports import Desk
from lacuna.request import accept, approve
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.clock import SystemClock
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.database_facts import write_fact
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.run_log import FileRunLog
from lacuna_demo.bulk import create_platform, load_rows, write_agreements, write_files
from lacuna_demo.sample import (
    REFERENCE_DATE,
    SampleOptions,
    SamplePlatform,
    agreements_of,
    generate,
)
from tests.flows.observation import Listener, people_named, quiet_people, said_by
from tests.flows.thinning import thinned
from tests.media_stores import mark
from tests.officers import KEY_IDS, register
from tests.standing import let_approve

DIALOGUES = Path(__file__).parents[1] / "lacuna_demo" / "dialogues_small.jsonl"
DATAMAP = SQL_FOLDER / "contact_center" / "datamap.yaml"
SCHEMA = "contact_center"


@pytest.fixture(scope="session")
def platform() -> SamplePlatform:
    """The small sample platform, with human dialogues woven through."""
    return generate(SampleOptions(contacts=90, conversations=420, seed=7, dialogues=DIALOGUES))


@pytest.fixture(scope="session")
def media_template(platform: SamplePlatform, session_folder: Path) -> Path:
    """The sample's files, written once and copied for each test."""
    return write_all(platform, session_folder / "sample-files")


def write_all(platform: SamplePlatform, folder: Path) -> Path:
    for store in ("media", "mail"):
        write_files(
            folder / store,
            ((one.path, one.content) for one in platform.files if one.store == store),
        )
    return folder


@pytest.fixture(scope="session")
def sample_template(template_database, platform: SamplePlatform) -> str:
    """Name of a template database that holds Lacuna's schemas and the small sample."""
    template_database.register("small_sample", builder_of(platform))
    return "small_sample"


def builder_of(platform: SamplePlatform) -> Callable[[str], None]:
    def build(url: str) -> None:
        database = Database(url)
        migrate(database)
        create_platform(database, SCHEMA)
        load_rows(
            database,
            (
                (TableName.parse(name), table.columns, table.rows)
                for name, table in platform.tables.items()
            ),
        )
        grant_platform(database, (SCHEMA,))
        write_agreements(database, agreements_of(platform), datetime.now(UTC))
        write_fact(database, "sample", REFERENCE_DATE.isoformat())
        let_approve(database)
        register(database, *KEY_IDS, "dana", "Ada", "Grace")

    return build


@dataclass
class Installation:
    """One installation under test, with what a person does to it."""

    stores: OpenedStores
    platform: SamplePlatform
    url: str
    errors: list[PipelineError] = field(default_factory=list)

    def options(self, *, mode: Mode = Mode.ACT, **changes: object) -> RunOptions:
        settings = {"run_id": f"test-{uuid.uuid4()}", "mode": mode, "as_of": REFERENCE_DATE}
        return RunOptions(**(settings | changes))

    def submit(
        self,
        *identifiers: tuple[IdentifierKind, str],
        kinds: tuple[RequestKind, ...] = (RequestKind.ERASURE,),
        org_id: str = "fjordlys",
        verified_by: str | None = "reply to a challenge",
        **details: object,
    ) -> str:
        submission = Submission(
            org_id=org_id,
            kinds=kinds,
            identifiers=tuple(Identifier(kind, value) for kind, value in identifiers),
            received_at=self.stores.clock.now(),
            verified_by=verified_by,
            **details,
        )
        with self.stores.transaction(Role.PLANNER) as transaction:
            desk = self.desk(transaction, "flow:intake")
            return accept(submission, str(uuid.uuid4()), str(uuid.uuid4()), desk).request_id

    def submit_contact(self, contact_id: str, **details: object) -> str:
        person = self.platform.people[contact_id]
        return self.submit((IdentifierKind.CONTACT_ID, contact_id), org_id=person.org_id, **details)

    def approve(self, request_id: str) -> Request:
        org_id = self.request(request_id).org_id
        with self.stores.transaction(Role.DPO, org_id=org_id) as transaction:
            request = transaction.queue.requests.get(request_id)
            return approve(request, request.plan_digest, self.desk(transaction))

    def desk(self, transaction, actor: str = "dpo:0000test") -> Desk:
        queue, ledger, keys = transaction.queue, transaction.ledger, self.stores.keys
        now, kept = self.stores.clock.now(), self.stores.kept_rights
        return Desk(queue, ledger, keys, now, actor, kept_rights=kept)

    def run(self, flow=fulfilment, **changes: object) -> PipelineError | None:
        """Run a flow; return the error that makes it red, or None."""
        try:
            flow.run(self.stores, self.options(**changes), str(uuid.uuid4()))
        except PipelineError as error:
            self.errors.append(error)
            return error
        return None

    def request(self, request_id: str) -> Request:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.requests.get(request_id)

    def obstacle(self, request_id: str) -> str | None:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return transaction.queue.requests.obstacle(request_id)

    def erase(self, *contact_ids: str, **details: object) -> list[str]:
        """Submit, plan, approve and apply erasures; fail unless all complete."""
        ids = [self.submit_contact(one, **details) for one in contact_ids]
        assert self.run() is None
        for request_id in ids:
            self.approve(request_id)
        assert self.run() is None
        return ids


@pytest.fixture(scope="session")
def install(
    sample_template: str, media_template: Path, platform: SamplePlatform
) -> Callable[[str, Path], Installation]:
    """Make an installation in a home from a database that was cloned from the sample's."""
    return lambda url, home: installed(url, home, platform, media_template)


def installed(url: str, home: Path, platform: SamplePlatform, files: Path) -> Installation:
    for store in ("media", "mail"):
        shutil.copytree(files / store, home / store)
    return opened(url, home, platform)


def opened(url: str, home: Path, platform: SamplePlatform) -> Installation:
    """Return the installation of a home that has its files already."""
    stores = OpenedStores(
        database=Database(url),
        keys=FileKeys(home / "keys" / "requests"),
        clock=SystemClock(),
        objects=FolderStores(home, {}),
        home=home,
        datamap_path=DATAMAP,
        run_log=FileRunLog(home / "evidence" / "runs"),
        approvers=home / "keys" / "approvers",
    )
    mark(stores)
    return Installation(stores, platform, url)


@pytest.fixture(scope="session")
def install_little(
    template_database, session_folder: Path
) -> tuple[str, Callable[[str, Path], Installation]]:
    """Name of a template with the least of a sample, and how an installation is made of it."""
    return least_of_a_sample(template_database, session_folder, "little_sample")


def least_of_a_sample(
    template_database, session_folder: Path, name: str
) -> tuple[str, Callable[[str, Path], Installation]]:
    """Register a sample that is large enough for every trap, and of which most is left out then.

    Something of each kind that demo people have is kept, and all of those whom `quiet_people` names
    first.
    """
    whole = generate(SampleOptions(contacts=60, conversations=240, seed=7))
    demo = whole.demo
    kept = quiet_people(whole)[:8] + quiet_people(whole, conversations=3)[:2]
    kept += quiet_people(whole, org_id="hafenkontor")[:2]
    sampled = [demo.forget, demo.access, *demo.household, demo.with_open]
    platform = thinned(whole, kept, 12, sampled=sampled)
    template_database.register(name, builder_of(platform))
    files = write_all(platform, session_folder / f"{name}-files")
    return name, lambda url, home: installed(url, home, platform, files)


@dataclass(frozen=True)
class Reached:
    """Where an installation stands after something that takes long, for tests that begin there.

    Attributes:
        said: what `reach` returned.
    """

    template: str
    home: Path
    platform: SamplePlatform
    said: Any

    def begin(self, database: Callable[..., str], home: Path) -> Installation:
        """Return a copy of it, with a home of its own."""
        url = database(template=self.template)
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        return opened(url, home, self.platform)


def reached(
    template_database,
    sample: tuple[str, Callable[[str, Path], Installation]],
    home: Path,
    reach: Callable[[Installation], Any],
) -> Reached:
    """Let `reach` do with an installation of a sample, in `home`, what several tests begin with."""
    based_on, install = sample
    name = f"{based_on}_{home.name}"
    found: list[tuple[SamplePlatform, Any]] = []

    def build(url: str) -> None:
        installation = install(url, home)
        found.append((installation.platform, reach(installation)))

    template_database.register(name, build, based_on=based_on)
    # The template is built before its folder can be copied.
    with template_database.clones() as fresh:
        fresh(template=name)
    ((platform, said),) = found
    return Reached(name, home, platform, said)


def begin(request: pytest.FixtureRequest, sample: str) -> Installation:
    """Return what a test works on: a copy of the `Reached` that one of its fixtures, `..._once`, is.

    Args:
        sample: the fixture that says how an untouched installation is made, where it has none.
    """
    database, home = map(request.getfixturevalue, ("database", "lacuna_home"))
    for name in request.fixturenames:
        if name.endswith("_once"):
            return request.getfixturevalue(name).begin(database, home)
    template, install = request.getfixturevalue(sample)
    return install(database(template=template), home)


Reaching = Callable[[str, Callable[[Installation], Any]], Reached]
"""Does with an untouched installation what the tests of a module begin with: a name, and how."""


@pytest.fixture(scope="session")
def reaching(template_database, install_little, tmp_path_factory) -> Reaching:
    return lambda name, reach: reached(
        template_database, install_little, tmp_path_factory.mktemp(name), reach
    )


@pytest.fixture
def little(
    database: Callable[..., str],
    install_little: tuple[str, Callable[[str, Path], Installation]],
    lacuna_home: Path,
) -> Installation:
    """An installation that nothing happened to yet, with the least of a sample."""
    template, install = install_little
    return install(database(template=template), lacuna_home)


@pytest.fixture
def whole(
    database: Callable[..., str],
    sample_template: str,
    install: Callable[[str, Path], Installation],
    lacuna_home: Path,
) -> Installation:
    """An installation that nothing happened to yet, with the whole small sample."""
    return install(database(template=sample_template), lacuna_home)


@pytest.fixture
def installation(request: pytest.FixtureRequest) -> Installation:
    """The installation under test: a module that needs another one has a fixture of this name."""
    return begin(request, "install_little")


@pytest.fixture
def discreet(installation: Installation) -> Iterator[None]:
    """Fail a test in which anything said, logged, recorded or raised names a person."""
    with Listener("psycopg") as listener:
        yield
    said = [("the log", "\n".join(listener.lines)), *said_by(installation)]
    said += [(type(error).__name__, str(error)) for error in installation.errors]
    named = people_named(installation.platform, said)
    assert not named, f"a person is named in: {', '.join(sorted(named))}"
