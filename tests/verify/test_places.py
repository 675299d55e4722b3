"""Places besides tables and stores: statistics, Airflow's database, bundles, letters, logs."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.model.identity import SubjectRef
from lacuna.ports import SEALED_FORM
from lacuna.stores.reflected_reader import AirflowReader
from lacuna.verify import Place, canary, search_residue
from lacuna.verify.file_texts import BYTES_ONLY, SEALED
from lacuna.verify.residue import AIRFLOW_UNKNOWN
from tests.verify.conftest import ORG, ZELDA, World

EMAIL = "zelda.q@example.org"


# --- statistics -----------------------------------------------------------------------------------


def fill_statistics(tables: World, *, but_for: str = "") -> None:
    tables.query(
        "update contact_center.contacts set city = :value where org_id <> :org",
        value=EMAIL,
        org=but_for,
    )
    tables.query("analyze contact_center.contacts")


@pytest.mark.thorough
def test_a_value_that_only_statistics_hold_is_residue(tables) -> None:
    fill_statistics(tables)
    tables.query("update contact_center.contacts set city = null")
    assert tables.matches() == {"statistics of contact_center.contacts.city": 1}


def test_what_somebody_of_another_tenant_holds_may_stand_in_statistics(tables) -> None:
    fill_statistics(tables, but_for=ORG)
    assert tables.matches() == {}


# --- Airflow's metadata ---------------------------------------------------------------------------


def xcom(connection: sqlite3.Connection) -> None:
    connection.execute("insert into xcom values (1, ?)", [json.dumps({"said": EMAIL})])


def conf(connection: sqlite3.Connection) -> None:
    connection.execute("insert into dag_run values (1, ?)", [json.dumps({"email": EMAIL})])


def rendered(connection: sqlite3.Connection) -> None:
    connection.execute("insert into rendered_fields values (1, ?)", [f"echo {EMAIL}"])


def extra(connection: sqlite3.Connection) -> None:
    connection.execute("insert into log values (1, ?)", [EMAIL.replace("@", "%40")])


def compressed(connection: sqlite3.Connection) -> None:
    connection.execute("insert into serialized values (1, ?)", [zlib.compress(EMAIL.encode())])


@pytest.fixture
def airflow_db(tmp_path) -> Path:
    path = tmp_path / "metadata" / "airflow.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "create table xcom (id integer primary key, value json);"
            "create table dag_run (id integer primary key, conf json);"
            "create table rendered_fields (id integer primary key, rendered text);"
            "create table log (id integer primary key, extra varchar(500));"
            "create table serialized (id integer primary key, data_compressed blob);"
            "create table times (id integer primary key, at datetime);"
        )
    connection.close()
    return path


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("plant", "place"),
    [
        (xcom, "airflow.xcom.value"),
        (conf, "airflow.dag_run.conf"),
        (rendered, "airflow.rendered_fields.rendered"),
        (extra, "airflow.log.extra"),
        (compressed, "airflow.serialized.data_compressed"),
    ],
)
def test_a_value_in_airflows_metadata_is_residue(
    tables, airflow_db, plant: Callable[[sqlite3.Connection], None], place: str
) -> None:
    with sqlite3.connect(airflow_db) as connection:
        plant(connection)
    connection.close()
    reader = AirflowReader.of_file(airflow_db)
    found = search_residue([ZELDA], tables.datamap, tables.verifying(), [], reader)
    assert dict(found.matches[ZELDA.ref]) == {place: 1}
    assert found.blind == ()
    assert AIRFLOW_UNKNOWN not in found.opaque


def test_without_airflows_metadata_the_place_is_opaque(tables) -> None:
    assert f"{AIRFLOW_UNKNOWN}: 1" in tables.search().opaque


def test_canaries_pass_through_every_column_of_airflows_metadata(
    tables, airflow_db, monkeypatch
) -> None:
    monkeypatch.setattr("lacuna.stores.reflected_reader._canary", lambda column, _: column)
    reader = AirflowReader.of_file(airflow_db)
    with sqlite3.connect(airflow_db) as connection:
        connection.executescript(
            "insert into xcom values (1, 'null'); insert into dag_run values (1, 'null');"
            "insert into rendered_fields values (1, ''); insert into log values (1, '');"
            "insert into serialized values (1, '');"
        )
    connection.close()
    found = search_residue([ZELDA], tables.datamap, tables.verifying(), [], reader)
    assert {one for one in found.blind if one.startswith("airflow.")} == {
        "airflow.xcom.value",
        "airflow.dag_run.conf",
        "airflow.rendered_fields.rendered",
        "airflow.log.extra",
        "airflow.serialized.data_compressed",
    }


def test_a_table_of_airflows_in_which_no_canary_was_put_is_blind(
    tables, airflow_db, monkeypatch
) -> None:
    with sqlite3.connect(airflow_db) as connection:
        connection.execute("insert into xcom values (1, 'null')")
    connection.close()
    monkeypatch.setattr(AirflowReader, "canary_rows", lambda *_: iter(()))
    reader = AirflowReader.of_file(airflow_db)
    found = search_residue([ZELDA], tables.datamap, tables.verifying(), [], reader)
    assert found.blind == ("airflow.xcom",)


def test_airflows_metadata_is_never_written_to(airflow_db) -> None:
    reader = AirflowReader.of_file(airflow_db)
    with reader._connection() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("insert into log values (7, 'x')")


def test_airflows_metadata_that_does_not_answer_stops_the_search(tmp_path) -> None:
    with pytest.raises(DependencyUnreachable, match="LACUNA_AIRFLOW_DATABASE_URL"):
        list(AirflowReader.of_file(tmp_path / "none.db").rows())
    with pytest.raises(ConfigurationError, match="LACUNA_AIRFLOW_DATABASE_URL"):
        AirflowReader("nonsense")


def test_airflows_metadata_in_postgresql_is_not_waited_for_without_end(database) -> None:
    with AirflowReader(database())._connection() as connection:
        limits = [
            connection.exec_driver_sql(f"show {one}").scalar()
            for one in ("lock_timeout", "statement_timeout")
        ]
    assert limits == ["30s", "1h"]


@pytest.mark.thorough
def test_airflows_metadata_in_postgresql_is_read_by_its_own_role(tables, database) -> None:
    url = database()
    with AirflowReader(url)._connection() as connection:
        connection.exec_driver_sql(
            "create table xcom (id int primary key, value jsonb, blob bytea, at timestamptz)"
        )
        connection.exec_driver_sql(
            "insert into xcom values (1, jsonb_build_object('k', %s::text), '', now())", (EMAIL,)
        )
        connection.commit()
    found = search_residue([ZELDA], tables.datamap, tables.verifying(), [], AirflowReader(url))
    assert dict(found.matches[ZELDA.ref]) == {"airflow.xcom.value": 1}
    assert found.blind == ()


# --- the home -------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_an_encrypted_bundle_is_opaque_and_its_name_is_not(world) -> None:
    world.write("bundles/1.zip.age", b"age-encryption.org/v1\n" + bytes(range(256)))
    place = Place("bundles", world.home / "bundles")
    found = world.search(places=[place])
    assert "bundles, encrypted for their recipients: 1" in found.opaque
    world.write(f"bundles/{EMAIL}.zip.age", b"age-encryption.org/v1\n")
    assert world.matches(places=[place]) == {"names of bundles": 1}


@pytest.mark.thorough
def test_a_bundle_that_its_plan_retains_is_opaque_for_everybody_but_its_person(world) -> None:
    world.write("bundles/1.zip.age", b"age-encryption.org/v1\n" + bytes(range(256)))
    world.write("bundles/2.zip.age", b"age-encryption.org/v1\n" + bytes(range(256)))
    of_zelda = {"1.zip.age": ZELDA.ref, "2.zip.age": SubjectRef("another")}
    found = world.search(places=[Place("bundles", world.home / "bundles", retained=of_zelda)])
    assert [one for one in found.opaque_for(ZELDA.ref) if one.startswith("bundles")] == [
        "bundles, encrypted for their recipients, kept by the plan of another request: 1"
    ]
    world.write(f"bundles/{EMAIL}.zip.age", b"age-encryption.org/v1\n")
    retained = {f"{EMAIL}.zip.age": ZELDA.ref}
    place = Place("bundles", world.home / "bundles", retained=retained)
    assert world.matches(places=[place]) == {"names of bundles": 1}


def test_a_bundle_that_is_not_encrypted_is_searched(world) -> None:
    world.write("bundles/2.json", json.dumps({"contact": EMAIL}).encode())
    assert world.matches(places=[Place("bundles", world.home / "bundles")]) == {"bundles": 1}


def test_a_letter_that_waits_is_said_and_is_no_finding(world) -> None:
    world.write("outbox/1.eml", f"To: {EMAIL}\nSubject: yours\n\nGone.".encode())
    found = world.search(places=[Place("outbox", world.home / "outbox", waits=True)])
    assert not found.matches
    assert found.opaque_for(ZELDA.ref)[-1].startswith("outbox, files that wait to be taken away")


def test_keys_are_too_short_to_hide_anything(world) -> None:
    world.write("keys/requests/1.key", bytes(range(32)))
    found = world.search(places=[Place("keys", world.home / "keys")])
    assert not [one for one in found.opaque if one.startswith("keys")]


@pytest.mark.thorough
def test_what_is_encrypted_beside_the_keys_is_called_so(world) -> None:
    world.write("keys/erased/1.sealed", SEALED_FORM + bytes(range(128, 256)))
    for is_own, reason in ((True, SEALED), (False, BYTES_ONLY)):
        found = world.search(places=[Place("keys", world.home / "keys", is_own=is_own)])
        assert f"keys, {reason}: 1" in found.opaque


def test_a_folder_that_is_another_place_is_left_out_at_the_top_alone(world) -> None:
    world.write("home/pg/x.txt", EMAIL.encode())
    world.write("home/deep/pg/x.txt", EMAIL.encode())
    place = Place("home", world.home / "home", skipped=frozenset({"pg"}))
    assert world.matches(places=[place]) == {"home": 1}


# --- canaries of files ----------------------------------------------------------------------------


def test_canaries_lie_under_a_prefix_of_their_place_and_are_gone_afterwards(
    world, monkeypatch
) -> None:
    world.write("canary-place/a.txt", b"nothing")
    place = Place("notes", world.home / "canary-place")
    there: list[set[str]] = []
    search = canary.search_folder

    def seen(planted, *others):
        there.append({str(one.relative_to(place.folder)) for one in place.folder.rglob("*")})
        return search(planted, *others)

    monkeypatch.setattr("lacuna.verify.canary.search_folder", seen)
    assert world.search(places=[place]).blind == ()
    assert {one.split("/")[0] for one in there[0]} == {"a.txt", "canary"}
    assert len(there[0]) > len(canary.CANARIES.texts)
    assert [one.name for one in place.folder.iterdir()] == ["a.txt"]


def test_what_a_crash_left_of_canaries_is_replaced_and_taken_away(world) -> None:
    world.write("canary-place/canary/sub/0_left.txt", bytes(range(256)) * 9)
    place = Place("notes", world.home / "canary-place")
    found = world.search(places=[place])
    assert found.blind == ()
    assert not [one for one in found.opaque if one.startswith("notes")]
    assert list(place.folder.iterdir()) == []


def test_a_canary_that_is_not_gone_is_a_finding(world, monkeypatch) -> None:
    world.write("canary-place/a.txt", b"nothing")
    monkeypatch.setattr("lacuna.verify.canary.shutil.rmtree", lambda *_, **__: None)
    found = world.search(places=[Place("notes", world.home / "canary-place")])
    assert found.blind == ("notes/canary",)


def test_a_store_that_cannot_be_written_is_blind_and_a_folder_of_others_is_not(world) -> None:
    # A file in the way: root may write wherever rights forbid it.
    world.write("canary-place/canary", b"in the way")
    folder = world.home / "canary-place"
    assert world.search(places=[Place("notes", folder)]).blind == ()
    assert world.search(places=[Place("notes", folder, is_store=True)]).blind == ("notes",)
    assert (folder / "canary").read_bytes() == b"in the way"
