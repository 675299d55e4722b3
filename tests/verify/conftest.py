"""A small sample platform, loaded once; each test changes what it likes and rolls it back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
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
from lacuna.stores.postgres.bulk import create_platform, load_rows, write_files
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.postgres.verifier import VerifierReader
from lacuna.verify import Place, Residue, search_residue
from lacuna_demo.sample import SampleOptions, SamplePlatform, generate
from lacuna_demo.sample import SamplePerson as SamplePerson
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
def platform() -> SamplePlatform:
    return generate(SampleOptions(contacts=60, conversations=240))


@pytest.fixture(scope="session")
def datamap() -> DataMap:
    return load(SQL_FOLDER / SCHEMA / "datamap.yaml")


@pytest.fixture(scope="session")
def _files(platform: SamplePlatform, session_folder: Path) -> Path:
    folder = session_folder / "verify-files"
    for one in platform.files:
        write_files(folder / one.store, [(one.path, one.content)])
    return folder


@pytest.fixture(scope="session")
def _database(template_database, platform: SamplePlatform) -> Iterator[Database]:
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

    template_database.register("verify_sample", build)
    with template_database.clones() as fresh:
        yield Database(fresh("verify_sample"))


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

    def hits(self, *people: Person, places: Sequence[Place] = ()) -> dict[str, int]:
        """Return what is found of the first person; nothing may be blind."""
        people = people or (ZELDA,)
        found = self.search(*people, places=places)
        assert found.blind == ()
        return dict(found.hits.get(people[0].ref, {}))

    def write(self, path: str, content: bytes) -> Path:
        """Write a file below the home."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file


@pytest.fixture
def world(_database, _files, datamap, platform, tmp_path) -> Iterator[World]:
    for store in ("media", "mail"):
        shutil.copytree(_files / store, tmp_path / store)
    with _database.engine.connect() as connection:
        yield World(connection, datamap, platform, tmp_path)
        connection.rollback()


@pytest.fixture
def tables(_database, datamap, platform, tmp_path) -> Iterator[World]:
    """The same without files."""
    with _database.engine.connect() as connection:
        yield World(connection, datamap, platform, tmp_path)
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
