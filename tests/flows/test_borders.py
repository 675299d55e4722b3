"""What must not cross a border: another tenant's rows, a second run, rows that came too late."""

from __future__ import annotations

import psycopg
import pytest

from lacuna.errors import RequestError
from lacuna.flows import fulfilment
from lacuna.flows.fulfilment import application
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from tests.flows.observation import quiet_people

EMAIL, CONVERSATION = IdentifierKind.EMAIL, IdentifierKind.CONVERSATION_ID


def connect(installation):
    return psycopg.connect(installation.url.replace("+psycopg", ""), autocommit=True)


def conversation_of(installation, contact_id: str) -> str:
    with connect(installation) as connection:
        return connection.execute(
            "select min(conversation_id)::text from contact_center.conversations "
            "where requester_id::text = %s and state <> 'open'",
            [contact_id],
        ).fetchone()[0]


def test_a_conversation_of_another_tenant_is_never_part_of_a_request(installation):
    own = installation.platform.people[installation.platform.demo.forget]
    stranger = quiet_people(installation.platform, org_id="hafenkontor")[0]
    foreign = conversation_of(installation, stranger)
    request_id = installation.submit((EMAIL, own.emails[0]), (CONVERSATION, foreign))
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.AMBIGUOUS
    assert installation.request(request_id).plan_digest is None


@pytest.mark.thorough
def test_a_row_that_comes_after_the_texts_were_read_stops_the_erasure(
    installation, monkeypatch, caplog
):
    contact = installation.platform.demo.forget
    conversation = conversation_of(installation, contact)
    request_id = installation.submit_contact(contact)
    assert installation.run() is None
    installation.approve(request_id)
    prepared = application._erase

    def late(batch, works, steps):
        read = application.prepare_changes

        def then_write(*args):
            texts = read(*args)
            with connect(installation) as connection:
                connection.execute(
                    "insert into contact_center.internal_notes "
                    "select (select max(note_id) + 1 from contact_center.internal_notes), "
                    "org_id, %s::bigint, author_id, 'written meanwhile', now() "
                    "from contact_center.internal_notes where org_id = %s limit 1",
                    [conversation, installation.platform.people[contact].org_id],
                )
            return texts

        monkeypatch.setattr(application, "prepare_changes", then_write)
        try:
            return prepared(batch, works, steps)
        finally:
            monkeypatch.setattr(application, "prepare_changes", read)

    monkeypatch.setattr(application, "_erase", late)
    assert installation.run() is not None
    assert "rows were added and 0 removed" in caplog.text
    assert installation.request(request_id).state is RequestState.APPROVED
    with connect(installation) as connection:
        anonymized = connection.execute(
            "select count(*) from contact_center.contacts where anonymized_at is not null"
        ).fetchone()
    assert anonymized == (0,)


def test_a_second_run_is_kept_out_while_one_is_going_on(installation):
    with (
        installation.stores.exclusive("fulfilment"),
        pytest.raises(RequestError, match="another run"),
    ):
        fulfilment.run(
            installation.stores, installation.options(), "00000000-0000-4000-8000-000000000001"
        )
    assert installation.run() is None


def test_how_identity_was_verified_is_not_kept_in_clear(installation):
    own = installation.platform.people[installation.platform.demo.forget]
    request_id = installation.submit_contact(
        own.contact_id, verified_by=f"called {own.full_name} back"
    )
    with connect(installation) as connection:
        text = connection.execute("select r::text from lacuna.request r").fetchone()[0]
    assert own.full_name not in text
    assert installation.request(request_id).is_verified
