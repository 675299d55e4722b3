"""A link opens by its code alone, locks, expires, and is used up by one complete download."""

import re
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from lacuna.delivery.visits import BegunDownload, Bounds, Visits
from lacuna.errors import EvidenceBroken, RequestError, StatementRefused
from lacuna.model.run import Role
from lacuna.request import LinkContent, link_hash, new_secret, open_content
from lacuna.stores.delivery_key import delivery_key
from tests.delivery.conftest import MAIL, OTHER_MAIL, URL, WORDS


def test_a_mail_scanner_that_follows_the_link_uses_nothing_up(counter):
    request_id, token = counter.ready()
    for _ in range(5):
        for method in ("GET", "HEAD"):
            assert counter.client.request(method, f"/{token}").status_code == 200
    assert counter.actions(request_id) == []
    secret = counter.secret(request_id, token)
    assert counter.download(token, secret).status_code == 200


def test_nothing_of_the_link_is_stored_but_its_hash(counter):
    request_id, token = counter.ready()
    code = counter.code(request_id)
    stored = "".join(
        str(counter.office.query(f"select * from lacuna.{table}"))  # noqa: S608
        for table in ("delivery", "delivery_client", "letter", "bundle")
    )
    stored += str(counter.office.query("select * from lacuna_evidence.entry"))
    assert link_hash(counter.terms.key, token) in stored
    for secret in (token, code, WORDS, OTHER_MAIL):
        assert secret not in stored


def test_the_links_passphrase_and_mailbox_open_with_its_token_alone(counter):
    _, token = counter.ready()
    ((sealed,),) = counter.office.query("select content from lacuna.delivery")
    content = open_content(token, sealed)
    # Compared without case: the address that wrote is not another channel by being written larger.
    assert content == LinkContent(WORDS, MAIL.upper(), "de")
    with pytest.raises(EvidenceBroken):
        open_content(new_secret(), sealed)


def test_five_wrong_codes_lock_the_link_and_the_right_one_opens_it_no_more(counter):
    request_id, token = counter.ready()
    right = counter.code(request_id)
    wrong = "00000000" if right != "00000000" else "11111111"
    statuses = [counter.enter(token, wrong).status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 422, 403]
    assert counter.enter(token, right).status_code == 403
    assert counter.client.get(f"/{token}").status_code == 403
    assert counter.actions(request_id) == ["code_wrong"] * 5 + ["link_locked"]
    with pytest.raises(RequestError, match="Make a new link"):
        counter.code(request_id)


def test_wrong_codes_count_for_the_link_and_not_for_each_code(counter):
    request_id, token = counter.ready()
    for _ in range(2):
        counter.code(request_id)
        for _ in range(2):
            assert counter.enter(token, "x").status_code == 422
    counter.code(request_id)
    assert counter.enter(token, "x").status_code == 403


def test_a_new_link_replaces_a_locked_one(counter):
    request_id, token = counter.ready()
    for _ in range(5):
        counter.enter(token, "x")
    other = counter.token(request_id)
    assert counter.client.get(f"/{token}").status_code == 404
    assert counter.download(other, counter.secret(request_id, other)).status_code == 200


def test_a_code_is_valid_for_half_an_hour_and_once(counter):
    request_id, token = counter.ready()
    code = counter.code(request_id)
    counter.office.clock.moment += timedelta(minutes=30)
    assert counter.enter(token, code).status_code == 422
    code = counter.code(request_id)
    assert counter.enter(token, code).status_code == 200
    assert counter.enter(token, code).status_code == 422


def test_a_code_with_a_space_is_the_same_code(counter):
    request_id, token = counter.ready()
    code = counter.code(request_id)
    assert counter.enter(token, f" {code[:4]} {code[4:]}").status_code == 200


def test_without_a_code_nothing_is_right(counter):
    request_id, token = counter.ready()
    for given in ("", "0" * 8):
        assert counter.enter(token, given).status_code == 422
    assert counter.actions(request_id) == ["code_wrong"] * 2


def test_an_expired_link_says_so_and_is_recorded_once(counter):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    counter.office.clock.moment += timedelta(days=15)
    for _ in range(2):
        assert counter.client.get(f"/{token}").status_code == 410
    assert counter.download(token, secret).status_code == 410
    assert counter.actions(request_id) == ["link_opened", "link_expired"]


def test_a_link_never_outlives_its_bundle(counter):
    request_id = counter.bundle()
    counter.office.clock.moment += timedelta(days=20)
    counter.token(request_id)
    query = "select link.expires_at <= bundle.expires_at, link.expires_at > bundle.expires_at - interval '1 day' "
    query += "from lacuna.delivery as link join lacuna.bundle using (request_id)"
    assert counter.office.query(query) == [(True, True)]


def test_a_link_is_valid_to_the_end_of_the_day_that_is_named(counter):
    request_id, token = counter.ready()
    now = counter.office.clock.now()
    last_day = (now + timedelta(days=14)).date()
    assert counter.link(request_id).last_day == last_day
    counter.office.clock.moment = datetime.combine(last_day, time(23, 59, 59), UTC)
    assert counter.client.get(f"/{token}").status_code == 200
    counter.office.clock.moment += timedelta(seconds=1)
    assert counter.client.get(f"/{token}").status_code == 410


def test_a_download_in_progress_ends_when_its_link_is_locked(counter, delivering):
    request_id, token = counter.ready()
    begun = (visits := Visits(lambda: delivering.stores, Bounds())).begin(
        token, counter.secret(request_id, token)
    )
    assert isinstance(begun, BegunDownload)
    assert visits.keep(begun)
    for _ in range(5):
        counter.enter(token, "00000000")
    assert not visits.keep(begun)


def test_after_too_many_downloads_the_page_says_that_the_link_is_spent(counter_of, delivering):
    counter = counter_of(downloads=2)
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    visits = Visits(lambda: delivering.stores, Bounds(downloads=2))
    for _ in range(2):
        assert isinstance(visits.begin(token, secret), BegunDownload)
    page = counter.download(token, secret)
    assert page.status_code == 410
    assert "zu oft benutzt" in page.text
    assert counter.client.get(f"/{token}").status_code == 410


def test_a_newer_download_of_a_link_takes_no_second_place(counter, delivering):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    visits = Visits(lambda: delivering.stores, Bounds())
    for _ in range(9):
        assert isinstance(visits.begin(token, secret), BegunDownload)


def test_a_clock_that_is_set_back_shuts_nobody_out(counter_of):
    counter = counter_of(visits=2)
    for _ in range(3):
        page = counter.client.get(f"/{new_secret()}")
    assert page.status_code == 429
    counter.office.clock.moment -= timedelta(days=30)
    assert counter.client.get(f"/{new_secret()}").status_code == 404


def test_a_second_complete_download_is_refused(counter):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    assert counter.download(token, secret).status_code == 200
    again = counter.download(token, secret)
    assert again.status_code == 410
    assert not again.content.startswith(b"PK")
    assert counter.client.get(f"/{token}").status_code == 410
    assert counter.actions(request_id) == ["link_opened", "download_bundle", "download_bundle"]


def test_the_download_needs_the_code_and_not_only_the_link(counter):
    request_id, token = counter.ready()
    for secret in ("", new_secret(), token):
        page = counter.download(token, secret)
        assert not page.content.startswith(b"PK")
        assert 'name="code"' in page.text
    secret = counter.secret(request_id, token)
    counter.office.clock.moment += timedelta(hours=12)
    assert not counter.download(token, secret).content.startswith(b"PK")


def test_the_code_and_pass_of_one_link_are_worth_nothing_at_another(counter):
    (one, token), (other, others) = counter.ready(), counter.ready()
    secret, code = counter.secret(one, token), counter.code(one)
    assert not counter.download(others, secret).content.startswith(b"PK")
    assert counter.enter(others, code).status_code == 422
    assert counter.actions(other) == ["code_wrong"]


def test_guessed_tokens_lead_nowhere_and_a_client_that_guesses_is_stopped(counter_of):
    counter = counter_of(visits=10)
    counter.ready()
    for given in ("x", "open", new_secret(), "A" * 43, "a" * 5000, "%00", "%27%20or%201=1"):
        page = counter.client.get(f"/{given}")
        assert page.status_code in (404, 405)
        assert "Ada" not in page.text
    statuses = [counter.client.get(f"/{new_secret()}").status_code for _ in range(6)]
    assert statuses == [404, 404, 404, 429, 429, 429]
    counter.office.clock.moment += timedelta(minutes=11)
    assert counter.client.get(f"/{new_secret()}").status_code == 404


def test_visits_are_counted_in_the_database_for_all_processes(counter_of):
    one, other = counter_of(visits=3), counter_of(visits=3)
    statuses = [
        each.client.get(f"/{new_secret()}").status_code for each in (one, other, one, other)
    ]
    assert statuses == [404, 404, 404, 429]


@pytest.mark.thorough
def test_the_table_of_clients_stays_small_and_names_none(counter, delivering):
    visits = Visits(lambda: delivering.stores, Bounds())
    clients = [f"198.51.100.{number}" for number in range(100)]
    clients += [f"2001:db8::{number:x}" for number in range(50)]
    for client in clients:
        assert visits.admit(client)
    rows = counter.office.query("select bucket, visits from lacuna.delivery_client")
    assert len(rows) <= 101
    assert max(count for _, count in rows) >= 50  # one subscriber has the IPv6 addresses
    assert all(0 <= bucket < 4096 for bucket, _ in rows)


def test_the_delivery_sees_one_link_and_no_request(counter):
    _, token = counter.ready()
    counter.ready()
    stores = counter.office.stores
    with stores.transaction(Role.DELIVERY) as transaction:
        link = transaction.queue.deliveries.enter(link_hash(counter.terms.key, token))
        assert link is not None
        assert [
            one.request_id for one in transaction.queue.deliveries.ended(stores.clock.now())
        ] == []
        seen = transaction._connection.execute(sa.text("select count(*) from lacuna.delivery"))
        assert seen.scalar_one() == 1
    for statement in (
        "select 1 from lacuna.request",
        "select 1 from lacuna.bundle",
        "select 1 from lacuna.request_secret",
        "insert into lacuna.delivery_slot (slot, until) values (1, now())",
        "update lacuna.delivery set expires_at = now()",
        "update lacuna.delivery set content = ''",
        "delete from lacuna.delivery",
        "select 1 from lacuna.delivery",  # without a token
    ):
        with pytest.raises(StatementRefused), stores.transaction(Role.DELIVERY) as transaction:
            transaction._connection.execute(sa.text(statement))


def test_an_older_download_stops_when_a_newer_one_begins(counter, delivering):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    visits = Visits(lambda: delivering.stores, Bounds())
    older, newer = visits.begin(token, secret), visits.begin(token, secret)
    assert isinstance(older, BegunDownload)
    assert isinstance(newer, BegunDownload)
    assert not visits.keep(older)
    assert visits.keep(newer)
    visits.finish(newer)
    assert not visits.keep(newer)


@pytest.mark.thorough
def test_only_so_many_downloads_run_at_once_and_a_dead_ones_place_is_free_again(
    counter, delivering
):
    visits = Visits(lambda: delivering.stores, Bounds())
    begun = []
    for _ in range(8):
        request_id, token = counter.ready()
        begun.append(visits.begin(token, counter.secret(request_id, token)))
    assert all(isinstance(one, BegunDownload) for one in begun)
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    assert visits.begin(token, secret) is None
    assert counter.download(token, secret).status_code == 429
    visits.give_up(begun[0])
    assert isinstance(visits.begin(token, secret), BegunDownload)
    counter.office.clock.moment += timedelta(minutes=2)
    assert counter.download(token, secret).status_code == 200


def test_a_download_in_progress_keeps_its_place(counter, delivering):
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    visits = Visits(lambda: delivering.stores, Bounds())
    begun = visits.begin(token, secret)
    assert isinstance(begun, BegunDownload)
    for _ in range(5):
        counter.office.clock.moment += timedelta(seconds=50)
        assert visits.keep(begun)
    (taken,) = counter.office.query(
        "select count(*) from lacuna.delivery_slot where download_id is not null"
    )
    assert taken == (1,)


def test_the_key_of_links_is_made_once_and_private(tmp_path: Path):
    key = delivery_key(tmp_path / "delivery")
    assert len(key) == 32
    assert delivery_key(tmp_path / "delivery") == key
    assert (tmp_path / "delivery" / "key").stat().st_mode & 0o077 == 0


def test_a_link_has_nothing_of_a_person_or_a_request_in_it(counter):
    request_id, token = counter.ready()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert request_id not in f"{URL}/{token}"
