"""A small sample platform, loaded once; each test changes what it likes and rolls it back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from lacuna.datamap import load
from lacuna.model.datamap import DataMap
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.postgres.verifier import VerifierReader
from lacuna.verify import Place, Residue, search_residue
from lacuna_demo.bulk import create_platform, load_rows, write_files
from lacuna_demo.sample import SampleOptions, SamplePlatform, generate
from lacuna_demo.sample import SamplePerson as SamplePerson
from tests.flows.observation import quiet_people
from tests.flows.thinning import thinned
from tests.shop import shop, shop_datamap

__all__ = ["ORG", "ZELDA", "K", "World", "known_of", "shop", "shop_datamap"]

SCHEMA = "contact_center"
ORG = "fjordlys"
K = IdentifierKind

# Nobody of the sample: only what a test plants can be found of her.
ZELDA = Person(
    ref=SubjectRef("11111111-2222-4333-8444-555555555555"),
    org_id=ORG,
    keys=("5e1da000-0000-4000-8000-00000000e1da",),
    known=(
        Identifier(K.NAME, "Zelda Quistgård"),
        Identifier(K.EMAIL, "zelda.q@example.org"),
        Identifier(K.PHONE, "+4598765432"),
        Identifier(K.EXTERNAL_ID, "ZQ-77-1234-X"),
        Identifier(K.CONTACT_ID, "5e1da000-0000-4000-8000-00000000e1da"),
    ),
)


@pytest.fixture(scope="session")
def whole_platform() -> SamplePlatform:
    """A sample that says of everybody where they are named."""
    return generate(SampleOptions(contacts=60, conversations=240))


@pytest.fixture(scope="session")
def platform(whole_platform: SamplePlatform) -> SamplePlatform:
    """The same with something in each table and store, some of it another tenant's, and no more."""
    demo = whole_platform.demo
    sampled = (demo.forget, demo.access, *demo.household, demo.with_open)
    foreign = quiet_people(whole_platform, org_id="hafenkontor")[:2]
    return thinned(whole_platform, foreign, 12, sampled=sampled)


@pytest.fixture(scope="session")
def datamap() -> DataMap:
    return load(SQL_FOLDER / SCHEMA / "datamap.yaml")


def write_all(platform: SamplePlatform, folder: Path) -> Path:
    for one in platform.files:
        write_files(folder / one.store, [(one.path, one.content)])
    return folder


@pytest.fixture(scope="session")
def _files(platform: SamplePlatform, session_folder: Path) -> Path:
    return write_all(platform, session_folder / "verify-files")


@pytest.fixture(scope="session")
def _whole_files(whole_platform: SamplePlatform, session_folder: Path) -> Path:
    return write_all(whole_platform, session_folder / "verify-whole-files")


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

    return build


@pytest.fixture(scope="session")
def _database(template_database, platform: SamplePlatform) -> Iterator[Database]:
    template_database.register("verify_sample", builder_of(platform))
    with template_database.clones() as fresh:
        yield Database(fresh("verify_sample"))


@pytest.fixture(scope="session")
def _whole_database(template_database, whole_platform: SamplePlatform) -> Iterator[Database]:
    template_database.register("verify_whole_sample", builder_of(whole_platform))
    with template_database.clones() as fresh:
        yield Database(fresh("verify_whole_sample"))


@dataclass
class World:
    """The platform in one transaction that is rolled back, and a copy of its files."""

    connection: sa.Connection
    datamap: DataMap
    platform: SamplePlatform
    home: Path

    def query(self, statement: str, **values: object) -> list[tuple]:
        """Run a statement as the owner."""
        self.connection.execute(sa.text("reset role"))
        result = self.connection.execute(sa.text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []

    def verifying(self) -> VerifierReader:
        """The verifier's reading, under its role."""
        self.connection.execute(sa.text(f"set local role {Role.VERIFIER}"))
        return VerifierReader(self.connection, self.datamap)

    def places(self, *names: str) -> list[Place]:
        """The stores of the data map, of the names given."""
        return [
            Place(name, self.home / name, self.datamap.stores[name].files, is_store=True)
            for name in names
        ]

    def search(self, *people: Person, places: Sequence[Place] = ()) -> Residue:
        """Search tables, and the places given, as the verifier does."""
        return search_residue(people or (ZELDA,), self.datamap, self.verifying(), places)

    def matches(self, *people: Person, places: Sequence[Place] = ()) -> dict[str, int]:
        """Return what is found of the first person; nothing may be blind."""
        people = people or (ZELDA,)
        found = self.search(*people, places=places)
        assert found.blind == ()
        return dict(found.matches.get(people[0].ref, {}))

    def write(self, path: str, content: bytes) -> Path:
        """Write a file below the home."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file


@pytest.fixture
def world(_database, _files, datamap, platform, tmp_path) -> Iterator[World]:
    yield from _world(_database, datamap, platform, tmp_path, _files)


@pytest.fixture
def whole_world(
    _whole_database, _whole_files, datamap, whole_platform, tmp_path
) -> Iterator[World]:
    yield from _world(_whole_database, datamap, whole_platform, tmp_path, _whole_files)


@pytest.fixture
def tables(_database, datamap, platform, tmp_path) -> Iterator[World]:
    """The same without files."""
    yield from _world(_database, datamap, platform, tmp_path)


@pytest.fixture
def whole_tables(_whole_database, datamap, whole_platform, tmp_path) -> Iterator[World]:
    yield from _world(_whole_database, datamap, whole_platform, tmp_path)


def _world(
    database: Database,
    datamap: DataMap,
    platform: SamplePlatform,
    home: Path,
    files: Path | None = None,
) -> Iterator[World]:
    if files is not None:
        for store in ("media", "mail"):
            shutil.copytree(files / store, home / store)
    with database.engine.connect() as connection:
        yield World(connection, datamap, platform, home)
        connection.rollback()


def known_of(person: SamplePerson) -> Person:
    """What Lacuna knows of a person of the sample, and the order number besides."""
    return Person(
        ref=SubjectRef(person.contact_id),
        org_id=person.org_id,
        keys=(person.contact_id, *person.merged_contact_ids),
        known=(
            Identifier(K.NAME, person.full_name),
            *(Identifier(K.EMAIL, value) for value in person.emails),
            *(Identifier(K.PHONE, value) for value in person.phones),
            *(Identifier(K.EXTERNAL_ID, value) for value in person.external_ids),
            Identifier(K.EXTERNAL_ID, person.order_number),
        ),
    )
