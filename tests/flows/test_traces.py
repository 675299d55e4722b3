"""Physical traces: after an erasure the files of the stopped server and of the home are read byte by byte."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import psycopg
import pytest

from lacuna.evidence import verify_certificate
from lacuna.flows import seal
from lacuna.flows.run.installation_keys import published_keys_folder, read_public_keys
from lacuna.model.request import RequestState
from lacuna.model.scrub import ALWAYS, NEVER
from lacuna.verify.file_texts import BYTES_ONLY, SEALED
from lacuna.verify.residue import AIRFLOW_UNKNOWN
from lacuna_demo.embedded_server import EmbeddedServer
from lacuna_demo.sample import SampleOptions, SamplePlatform, generate
from tests.flows.conftest import DIALOGUES, builder_of, opened, write_all
from tests.flows.observation import quiet_people
from tests.flows.raw_search import Wanted, search
from tests.flows.whose_rows import SPY, assert_told_apart_by_nothing, owners_of

pytestmark = pytest.mark.starts

# Encrypted, and Airflow's database, which is not there.
OPAQUE = {
    f"keys, {SEALED}",
    f"lacuna.request_secret.content, {SEALED}",
    AIRFLOW_UNKNOWN,
    # Sound and pictures.
    *(
        f"media/{one}/**, {BYTES_ONLY}"
        for one in ("attachments", "avatars", "recordings", "voicemails")
    ),
}


def values_of(person) -> set[str]:
    values = {*person.emails, *person.external_ids, person.contact_id, *person.merged_contact_ids}
    values |= {phone.lstrip("+") for phone in person.phones}
    return values | {person.full_name}


def only_theirs(platform: SamplePlatform, contacts: list[str]) -> dict[str, set[str]]:
    """Return the values of people that nobody else holds."""
    others: set[str] = set()
    for one in platform.people.values():
        if one.contact_id not in contacts:
            others |= {value.lower() for value in values_of(one)}
    return {
        contact: {
            value for value in values_of(platform.people[contact]) if value.lower() not in others
        }
        for contact in contacts
    }


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("contacts", "conversations", "erased"),
    [
        pytest.param(60, 240, 3, id="3-of-60"),
        # About eight minutes.
        pytest.param(2_000, 12_000, 100, marks=pytest.mark.long, id="100-of-2000"),
    ],
)
def test_nothing_of_the_erased_is_left_in_any_file_and_all_of_their_neighbors(
    tmp_path_factory, contacts, conversations, erased
) -> None:
    options = SampleOptions(
        contacts=contacts, conversations=conversations, seed=7, dialogues=DIALOGUES
    )
    erase_and_search(generate(options), tmp_path_factory.mktemp("traces"), erased)


def kept_in(connection: psycopg.Connection) -> dict[str, set[str]]:
    """Return, by kind, the files below the home in which the server keeps copies of values."""
    relations = {
        "an index": "contact_center.words_of_parties",
        "statistics": "pg_statistic",
        "extended statistics": "pg_statistic_ext_data",
        "long values": "contact_center.messages",
    }
    found = {}
    for kind, name in relations.items():
        rows = connection.execute(
            "select pg_relation_filepath(oid), pg_relation_filepath(nullif(reltoastrelid, 0)) "
            "from pg_class where oid = %s::regclass",
            [name],
        ).fetchall()
        (own, long) = rows[0]
        paths = {long} if kind == "long values" else {own, long}
        found[kind] = {f"pg/data/{path}" for path in paths if path is not None}
    return found


def _found_of(contact: str, found: dict[tuple[str, str], set[str]]) -> dict[str, set[str]]:
    """Return where each value of a contact is: in which file, but of the server's in any.

    A table that is written anew gets another file.
    """
    return {
        value: {"pg" if place.startswith("pg/") else place for place in places}
        for (owner, value), places in found.items()
        if owner == contact
    }


def mails_of(platform: SamplePlatform, contact: str) -> set[str]:
    return {
        what
        for where, what in platform.people[contact].places
        if where == "media" and not what.startswith("exports/")
    }


def mails_with_streets_of(
    platform: SamplePlatform, contacts: list[str], media: Path
) -> dict[str, set[str]]:
    """Return, by tenant, the mails in which the street and number of one of its contacts stands."""
    streets: dict[str, set[str]] = defaultdict(set)
    for person in map(platform.people.__getitem__, contacts):
        streets[person.org_id].add(person.street_address.partition(",")[0])
    found: dict[str, set[str]] = defaultdict(set)
    for (org_id, _), places in search([media], Wanted(streets)).items():
        found[org_id] |= places
    return found


def erase_and_search(platform: SamplePlatform, home: Path, count: int) -> None:
    """Erase `count` people in a home of their own, and read every byte that is left of it.

    As many others, at most, are looked for too, and found as before.
    """
    server = EmbeddedServer(home)
    try:
        url = server.up()
        builder_of(platform)(url)
        write_all(platform, home)
        installation = opened(url, home, platform)
        quiet = quiet_people(platform)
        erased = [platform.demo.forget, *quiet[: count - 1]]
        # A mail that names an erased person goes, whoever's it is, and so does one that has their
        # street and number: two of the sample's people can live in one house.
        theirs = {path for one in erased for path in mails_of(platform, one)}
        at_their_address = mails_with_streets_of(platform, erased, home / "media")
        others = [
            one
            for one in quiet[count - 1 :]
            if not (theirs | at_their_address[platform.people[one].org_id])
            & mails_of(platform, one)
        ]
        neighbors = others[: max(count, 5)]
        sought = only_theirs(platform, [*erased, *neighbors])
        wanted = Wanted(sought)
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            # As a server that has run for a while: values in statistics, one of an old row too.
            connection.execute(
                "create statistics contact_center.lowered on (lower(email)) "
                "from contact_center.contacts"
            )
            # Too long for its row, and nothing in it repeats.
            connection.execute(
                "update contact_center.messages set body_text = body_text || ' ' || "
                "(select string_agg(md5(n::text), ' ') from generate_series(1, 200) n) "
                "where message_id = (select min(message_id) from contact_center.messages "
                "where strpos(body_text, %s) > 0)",
                [platform.people[erased[0]].emails[0]],
            )
            connection.execute(
                "create index words_of_parties on contact_center.messages using gin (from_party)"
            )
            connection.execute("analyze")
            copies = kept_in(connection)
            connection.execute("update contact_center.contacts set city = city")

        def look() -> dict[tuple[str, str], set[str]]:
            server.down()
            found = search([home], wanted)
            server.up()
            return found

        before = look()
        for contact in erased:
            assert {value for owner, value in before if owner == contact} == sought[contact]
        for kind, paths in copies.items():
            assert any(paths & places for places in before.values()), f"nobody is in {kind}"
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(SPY)
        ids = [installation.submit_contact(one) for one in erased]
        assert installation.run() is None
        for request_id in ids:
            installation.approve(request_id)
        assert installation.run(scrub_window=NEVER) is None
        assert all(installation.request(one).state is RequestState.COMPLETED for one in ids)
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            owners = owners_of(connection)
            assert len(owners) > 5
            connection.execute("drop schema spy cascade")
        # The control: without a scrub the files still hold the people, whom no query returns.
        unscrubbed = look()
        for contact in erased:
            assert any(owner == contact for owner, _ in unscrubbed)

        assert installation.run(scrub_window=ALWAYS) is None
        after = look()
        left = {
            place for (owner, _), places in after.items() if owner in erased for place in places
        }
        assert not left, f"values of the erased are left in {sorted(left)}"
        for contact in neighbors:
            assert _found_of(contact, after) == _found_of(contact, before), "a neighbor"

        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            assert_told_apart_by_nothing(connection, owners)

        # The certificate, made at the seal after it, has the entry that says so.
        assert installation.run(seal) is None
        keys = read_public_keys(published_keys_folder(home))
        for request_id in ids:
            certificate = home / "evidence" / "certificates" / f"{request_id}.json"
            verified = verify_certificate(certificate.read_bytes(), keys)
            assert verified.statement["level"] == "L0", "what was reached at its closing"
            assert set(verified.levels.values()) == {"L1"}
            assert verified.linkable == ()
            assert "contact_center.contacts" in verified.levels
            said = verified.statement["verification"]
            # Nothing else: what is not said here was searched in every encoding.
            assert {one.rpartition(": ")[0] for one in said["opaque"]} <= OPAQUE
            orphans = platform.traps[13]
            assert said["unnamed"] == [f"media/recordings/**, named by no row: {orphans}"]
    finally:
        server.down()
