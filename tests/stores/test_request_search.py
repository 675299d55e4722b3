"""Numbers of requests: who counts, what they begin with, and how a request is named by them."""

import threading
import uuid

import psycopg
import pytest

from lacuna.errors import ConfigurationError, StatementRefused, UnknownRequest
from lacuna.model.run import Role
from lacuna.stores.postgres.queue import PostgresQueue
from tests.shop import NOW, request_of

INSERT = (
    "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, created_at) "
    "select gen_random_uuid(), {org}, '{{erasure}}', 'contact', now(), now(), now() {rows}"
)


def add(shop, org_id, prefix=None, **details):
    """Queue a request of a tenant whose file says this prefix; return its number."""
    with shop.database.transaction(Role.PLANNER) as connection:
        requests = PostgresQueue(connection, lambda _: prefix).requests
        request = request_of(org_id=org_id, **details)
        return requests.insert(request, created_at=NOW, nonce=str(uuid.uuid4())).number


def id_of(shop, text):
    with shop.database.transaction(Role.PLANNER) as connection:
        return PostgresQueue(connection).requests.id_of(text)


def test_each_tenant_counts_its_own_requests(shop):
    assert [add(shop, org) for org in ("nord", "sued", "nord")] == ["NO-0001", "SU-0001", "NO-0002"]


def test_rows_of_one_statement_get_numbers_in_turn(shop):
    shop.query(INSERT.format(org="'nord'", rows="from generate_series(1, 3)"))
    shop.query(INSERT.format(org="org", rows="from unnest(array['nord', 'sued', 'nord']) as org"))
    found = shop.query("select number from lacuna.request order by number")
    assert [number for (number,) in found] == [
        *(f"NO-000{count}" for count in range(1, 6)),
        "SU-0001",
    ]


def test_submitters_at_the_same_time_share_no_number(shop):
    found = []

    def submit():
        found.extend(add(shop, "nord") for _ in range(5))

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"NO-{count:04d}" for count in range(1, 21)]


def test_an_undone_request_leaves_no_gap(shop):
    add(shop, "nord")
    with pytest.raises(StatementRefused):
        add(shop, "nord", person_kind="no kind")
    assert add(shop, "nord") == "NO-0002"


def test_a_part_has_a_number_of_its_own(shop):
    whole = shop.add_request()
    with shop.open(Role.DPO, org_id="nord") as transaction:
        part = transaction.queue.requests.insert(
            request_of(), created_at=NOW, nonce=str(uuid.uuid4()), split_of=whole.request_id
        )
    assert (whole.number, part.number) == ("NO-0001", "NO-0002")


def test_a_number_has_more_digits_when_it_needs_them(shop):
    shop.query("alter table lacuna.request disable trigger user")
    add(shop, "nord", "NO-9999")
    shop.query("alter table lacuna.request enable always trigger request_number")
    assert [add(shop, "nord"), add(shop, "nord")] == ["NO-10000", "NO-10001"]


def test_prefixes_that_begin_alike_are_told_apart_in_the_order_of_first_requests(shop):
    orgs = ("fjordlys", "fjord", "fjo", "fj", "fj-2", "12", "ø", "north sea", "NORTH")
    assert [add(shop, org).split("-")[0] for org in orgs] == [
        *("FJ", "FJO", "FJ2", "FJ3", "FJ4", "R", "R2", "NO", "NOR"),
    ]
    # Each keeps its own, whoever came later.
    assert add(shop, "fjordlys") == "FJ-0002"
    assert add(shop, "fjord") == "FJO-0002"


def test_the_file_of_tenants_chooses_the_prefix_and_older_numbers_stay(shop):
    assert add(shop, "nord") == "NO-0001"
    assert add(shop, "nord", "NORD1") == "NORD1-0002"
    assert add(shop, "nord") == "NORD1-0003"
    assert id_of(shop, "no-1") != id_of(shop, "nord1-2")


def test_a_prefix_of_another_tenant_is_refused(shop):
    add(shop, "nord", "NS")
    with pytest.raises(ConfigurationError, match="sued: the number_prefix NS is taken"):
        add(shop, "sued", "NS")
    add(shop, "sued", "NSX")


def test_a_number_never_changes(shop):
    request = shop.add_request()
    for role in (Role.PLANNER, Role.OWNER):
        with (
            pytest.raises(StatementRefused, match="SQLSTATE 42501"),
            shop.database.transaction(role) as connection,
        ):
            connection.exec_driver_sql("update lacuna.request set number = 'NO-0009'")
    insert = INSERT.format(org="'nord', 'NO-0009'", rows="")
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.query(insert.replace("org_id,", "org_id, number,"))
    assert id_of(shop, request.number) == request.request_id


def test_a_request_is_named_by_its_number_or_the_beginning_of_its_id(shop):
    one = "abcdef01-0000-4000-8000-000000000001"
    other = "abcdef01-1000-4000-8000-000000000001"
    number = add(shop, "nord", request_id=one)
    add(shop, "nord", request_id=other)
    for text in (number, "no-0001", "No-1", " NO-1 ", one, one.upper(), "ABCDEF010", "abcdef01-00"):
        assert id_of(shop, text) == one, text
    assert id_of(shop, "abcdef01-1") == other


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("abcdef01", "abcdef01: several requests have an id that begins so; write more of it"),
        ("NO-7", "NO-0007: no such request; see lacuna request list"),
        ("ffffffff", "ffffffff: no such request"),
        ("ffffffff-0000-4000-8000-000000000001", "ffffffff-0000-4000-8000-000000000001: no such"),
        ("abcdef0", "name a request by its number, such as FJ-0142, or by its id or the first 8"),
        ("anna@example.org", "name a request by its number"),
    ],
)
def test_what_names_no_single_request_is_refused(shop, text, said):
    for each in "01":
        add(shop, "nord", request_id=f"abcdef01-{each}000-4000-8000-000000000001")
    with pytest.raises(UnknownRequest) as refused:
        id_of(shop, text)
    assert str(refused.value).startswith(said)
