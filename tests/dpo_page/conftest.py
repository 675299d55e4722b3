"""A register of two tenants, the page in a server of its own, and the people who visit it."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
import uvicorn
from fastapi import HTTPException, Request

from lacuna.dpo_page import Auth, Right, create_app
from lacuna.model.evidence import Action
from lacuna.model.finding import Finding, Gate, Verification
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef, ValueClass
from lacuna.model.plan import bound_digest
from lacuna.model.queue import Obstacle, SealedBundle, StoredPlan, Submission
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.model.searched_places import SearchedPlaces, ValuesSought
from lacuna.ports import Desk
from lacuna.request import accept, keep_candidates
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna.stores.run_log import FileRunLog
from tests.officers import register

ORG, OTHER = "fjordlys", "hafenkontor"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MAIL = "ada.lind@example.org"
STRANGERS_MAIL = "otto.kern@example.org"
TEXT = "Plan of an erasure\n1. {}\n"
DIGEST = bound_digest("a" * 64, "[]", TEXT.format("anonymize crm.contact, rows: 1"))
EVERYTHING = frozenset(Right)

# Who may do what, by tenant.
PEOPLE = {
    "dana": {ORG: EVERYTHING},  # the officer of one tenant
    "doris": {OTHER: EVERYTHING},  # and of the other
    "vera": {ORG: frozenset({Right.READ})},
    "dirk": {ORG: frozenset({Right.READ, Right.DECIDE})},  # decides, sees no personal data
    "sam": {ORG: frozenset({Right.READ, Right.SUBMIT})},
    "uma": {ORG: EVERYTHING},  # may everything, and is no officer: nobody registered her
    "tina": {ORG: frozenset({Right.READ}), OTHER: frozenset({Right.READ})},
    "nora": {},  # may log in, and nothing here
}


@dataclass
class StillClock:
    """A clock that stands still until a test moves it."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


def user_of(request: Request) -> str:
    """Return who it is, by token or cookie, as Airflow's own dependency does."""
    header = request.headers.get("authorization", "")
    name = header.removeprefix("Bearer ") if header else request.cookies.get("_token", "")
    if name not in PEOPLE:
        raise HTTPException(401, "Not authenticated")
    return name


AUTH = Auth(
    user=user_of,
    name=str,
    may=lambda user, right, org_id: right in PEOPLE[str(user)].get(org_id, frozenset()),
)


@dataclass
class Office:
    """The register under test, and what fills it."""

    stores: OpenedStores
    url: str
    clock: StillClock

    def desk(self, transaction, actor: str = "flow:fulfilment") -> Desk:
        return Desk(
            transaction.queue,
            transaction.ledger,
            self.stores.keys,
            self.clock.now(),
            actor,
            kept_rights=self.stores.kept_rights,
        )

    def submit(
        self,
        org_id: str = ORG,
        *,
        mail: str = MAIL,
        kind=RequestKind.ERASURE,
        person_kind: str = "contact",
    ) -> str:
        submission = Submission(
            org_id,
            (kind,),
            (Identifier(IdentifierKind.EMAIL, mail),),
            self.clock.now() - timedelta(days=2),
            verified_by="reply to a challenge",
            rectifications={"name": "Ada Berg"} if kind is RequestKind.RECTIFICATION else {},
            person_kind=person_kind,
        )
        with self.stores.transaction(Role.PLANNER) as transaction:
            desk = self.desk(transaction)
            return accept(submission, str(uuid.uuid4()), str(uuid.uuid4()), desk).request_id

    def move(self, request_id: str, *states: str) -> None:
        # As the owner, past the database's own rules on who decides.
        with self.stores.transaction(Role.OWNER) as transaction:
            for state in states:
                request = transaction.queue.requests.get(request_id)
                transaction.queue.requests.move(request, RequestState(state), at=self.clock.now())

    def planned(
        self, org_id: str = ORG, *, step: str = "anonymize crm.contact, rows: 1", **details
    ):
        """Return a request that waits for the approval of its plan."""
        request_id = self.submit(org_id, **details)
        self.move(request_id, "resolved", "planned")
        self.plan(request_id, step)
        return request_id

    def plan(self, request_id: str, step: str, steps: str = "[]") -> str:
        """Store a plan of one step; return its digest."""
        readable = TEXT.format(step)
        digest = bound_digest("a" * 64, steps, readable)
        with self.stores.transaction(Role.PLANNER) as transaction:
            request = transaction.queue.requests.get(request_id)
            plan = StoredPlan(
                request_id, digest, "d" * 64, steps, readable, self.clock.now(), "a" * 64
            )
            transaction.queue.plans.put_all([(plan, request.attempt)])
            self.desk(transaction).record(
                Action.PLANNED, "lacuna.plan", request_id=request_id, digest=digest
            )
        return digest

    def ambiguous(self, org_id: str = ORG) -> tuple[str, list[str]]:
        """Return a request that two people fit, and the keys of the two."""
        request_id, keys = self.submit(org_id), [str(uuid.uuid4()), str(uuid.uuid4())]
        self.move(request_id, "ambiguous")
        with self.stores.transaction(Role.PLANNER) as transaction:
            request = transaction.queue.requests.get(request_id)
            transaction.queue.requests.obstruct(request, Obstacle.AMBIGUOUS)
            people = []
            for number, key in enumerate(keys):
                known = (Identifier(IdentifierKind.NAME, f"Ada Lind {number}"),)
                person = Person(SubjectRef(request_id), org_id, (key,), known)
                people.append((key, person, json.dumps({"keys": [key], "known": []}).encode()))
            keep_candidates(request, people, self.desk(transaction))
        return request_id, keys

    def verified(self, request_id: str, *findings: Finding) -> None:
        """Record what the gates said of a request."""
        with self.stores.transaction(Role.VERIFIER) as transaction:
            result = Verification(
                *(request_id, tuple(Gate), findings, ("crm.blob: bytes",), 120),
                values=(ValuesSought(ValueClass.FULL_NAME, 1, 2),),
                places=SearchedPlaces(100, 12, 20),
            )
            request = transaction.queue.requests.get(request_id)
            transaction.queue.results.put_all([(request, result)], self.clock.now())

    def bundled(self, request_id: str, *, days: int = 30) -> None:
        """Put a sealed bundle of a request where it belongs."""
        folder = self.stores.home / "bundles"
        folder.mkdir(exist_ok=True)
        sealed = b"age-encryption.org/v1 sealed"
        (folder / f"{request_id}.zip.age").write_bytes(sealed)
        digest = hashlib.sha256(sealed).hexdigest()
        with self.stores.transaction(Role.PLANNER) as transaction:
            org_id = transaction.queue.requests.get(request_id).org_id
            now = self.clock.now()
            transaction.queue.bundles.put(
                SealedBundle(request_id, org_id, digest, 28, now, now + timedelta(days=days))
            )

    def certified(self, request_id: str) -> None:
        """Put files where the seal puts certificates."""
        folder = self.stores.home / "evidence" / "certificates"
        folder.mkdir(parents=True, exist_ok=True)
        for form in ("json", "html"):
            (folder / f"{request_id}.{form}").write_text(f"certificate of {request_id}")

    def state(self, request_id: str) -> str:
        with self.stores.transaction(Role.PLANNER) as transaction:
            return str(transaction.queue.requests.get(request_id).state)

    def entries(self, request_id: str) -> list[tuple[str, str]]:
        """Return action and role of each entry about a request, in order."""
        with self.stores.transaction(Role.PLANNER) as transaction:
            return [
                (str(leaf.entry.action), leaf.entry.actor.partition(":")[0])
                for leaf in transaction.ledger.leaves(request_id=request_id)
            ]

    def query(self, statement: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


class Served:
    """The page on a port of its own, on the loopback interface."""

    def __init__(self, app) -> None:
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, lifespan="off", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self.socket]}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self.socket.close()


@pytest.fixture(scope="session")
def register_template(template_database) -> str:
    template_database.register("register", build)
    return "register"


def build(url: str) -> None:
    """Make an empty register, and the officers of the two tenants."""
    database = Database(url)
    migrate(database)
    register(database, "dana", "dirk", org_id=ORG)
    register(database, "doris", org_id=OTHER)


@pytest.fixture
def office(database: Callable[..., str], register_template: str, tmp_path: Path) -> Office:
    url = database(template=register_template)
    clock = StillClock()
    stores = OpenedStores(
        database=Database(url),
        keys=FileKeys(tmp_path / "keys" / "requests"),
        clock=clock,
        objects=FolderStores(tmp_path, {}),
        home=tmp_path,
        datamap_path=SQL_FOLDER / "contact_center" / "datamap.yaml",
        run_log=FileRunLog(tmp_path / "evidence" / "runs"),
        approvers=tmp_path / "keys" / "approvers",
    )
    return Office(stores, url, clock)


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Served, list[Office]]]:
    """One server for all tests; what it shows is the office that a test put in."""
    current: list[Office] = []
    served = Served(create_app(auth=AUTH, stores=lambda: current[-1].stores))
    yield served, current
    served.close()


@pytest.fixture
def page(office: Office, served: tuple[Served, list[Office]]) -> Served:
    server, current = served
    current.append(office)
    return server


@pytest.fixture
def visit(page: Served) -> Iterator[Callable[..., httpx.Client]]:
    """Return a client of a person: by token as programs are, or by cookie as browsers are."""
    opened = []

    def make(name: str | None = None, *, cookie: bool = False) -> httpx.Client:
        headers = {"accept": "text/html"}
        if name is not None and not cookie:
            headers["authorization"] = f"Bearer {name}"
        client = httpx.Client(
            base_url=page.url,
            headers=headers,
            cookies={"_token": name} if name is not None and cookie else {},
            trust_env=False,
            # It speaks plain HTTP; loading certificates costs more than all of its answers.
            verify=False,  # noqa: S501
            timeout=60,
        )
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()


def token_in(html: str) -> str:
    """Return the token that the forms of a page carry."""
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found is not None
    return found[1]
