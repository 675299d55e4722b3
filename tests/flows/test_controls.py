"""Controls: what survives an erasure turns the run red, wherever it survives; so does a blind gate."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from lacuna.flows import fulfilment
from lacuna.flows.fulfilment.file_scrub import renew_statistics
from lacuna.flows.fulfilment.verification import examine
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.model.queue import Obstacle
from lacuna.model.request import Request, RequestState
from tests.flows.conftest import Installation
from tests.flows.observation import connect, execute, quiet_people

OF_ANOTHER = (
    "where message_id = (select min(message_id) from contact_center.messages m "
    "join contact_center.conversations c using (conversation_id) "
    "where m.body_text is not null and c.requester_id is not null)"
)
TABLES = ("contacts", "messages")


class Applied:
    """An installation in which an erasure was applied and not yet verified."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        contact = quiet_people(installation.platform)[0]
        self.email = installation.platform.people[contact].emails[0]
        self.org_id = installation.platform.people[contact].org_id
        self.request_id = installation.submit_contact(contact)
        assert installation.run() is None
        installation.approve(self.request_id)
        self.options = installation.options()
        batch = self.options.run_id.removeprefix("test-")
        self.batch_id = batch
        fulfilment.claim(installation.stores, self.options, batch)
        fulfilment.apply(installation.stores, self.options, batch)
        # As `verify` does first: the sample was analyzed when it was made smaller.
        renew_statistics(
            self.batch,
            self.batch.datamap.tables,
            Steps(installation.stores, self.options, "x"),
        )

    @property
    def home(self) -> Path:
        return self.installation.stores.home

    @property
    def batch(self) -> Batch:
        stores = self.installation.stores
        return Batch.open(stores, self.options, self.batch_id, flow="fulfilment")

    @property
    def request(self) -> Request:
        return self.installation.request(self.request_id)

    def findings(self) -> set[tuple[str, str]]:
        (result,) = examine(self.batch, [self.request])
        return {(str(one.gate), one.location) for one in result.findings}

    def query(self, statement: str, *values: object) -> None:
        execute(self.installation.url, statement, *values)

    def write(self, path: str, content: bytes) -> None:
        file = self.home / path
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(content)


@pytest.fixture(scope="module")
def applied(template_database, install_little, tmp_path_factory):
    template, install = install_little
    home = tmp_path_factory.mktemp("controls")
    with template_database.clones() as fresh:
        yield Applied(install(fresh(template=template), home))


def json_key(one: Applied) -> None:
    one.query(
        "update contact_center.messages set from_party = jsonb_build_object(%s::text, 1) "  # noqa: S608
        + OF_ANOTHER,
        one.email,
    )


def array(one: Applied) -> None:
    one.query(
        "update contact_center.contacts set additional_emails = array['x@example.org', %s] "
        "where contact_id = (select min(contact_id::text)::uuid from contact_center.contacts "
        "where anonymized_at is null and org_id = %s)",
        one.email,
        one.org_id,
    )


def base64_blob(one: Applied) -> None:
    text = base64.b64encode(f"write to {one.email} please".encode()).decode()
    one.query(
        "update contact_center.messages set body_html = %s " + OF_ANOTHER,  # noqa: S608
        f"<p>see attached: {text}</p>",
    )


def unsalted_hash(one: Applied) -> None:
    digest = hashlib.sha256(one.email.lower().encode()).hexdigest()
    one.query(
        "update contact_center.messages set to_parties = jsonb_build_array(%s::text) "  # noqa: S608
        + OF_ANOTHER,
        f"id {digest}",
    )


def another_contacts_message(one: Applied) -> None:
    text = f"> On Monday {one.email} wrote:\n> hello"
    one.query("update contact_center.messages set body_text = %s " + OF_ANOTHER, text)  # noqa: S608


def file_name(one: Applied) -> None:
    one.write(f"media/recordings/call_{one.email}.wav", b"RIFF")


def dictionary_page(one: Applied) -> None:
    frame = pd.DataFrame({"who": pd.Categorical(["nobody"] * 3, ["nobody", one.email])})
    path = one.home / "media" / "exports" / "kept.parquet"
    frame.to_parquet(path)
    assert one.email not in str(pd.read_parquet(path).to_dict())


def statistics(one: Applied) -> None:
    one.query("update contact_center.contacts set city = %s where anonymized_at is null", one.email)
    one.query("analyze contact_center.contacts")
    one.query("update contact_center.contacts set city = null where city = %s", one.email)


def airflow_log(one: Applied) -> None:
    one.write("airflow/logs/dag_id=x/1.log", f"INFO - Returned value was: {one.email}".encode())


def xcom(one: Applied) -> None:
    metadata(one, "create table xcom (value json)", "insert into xcom values (?)")


def rendered_field(one: Applied) -> None:
    metadata(one, "create table rendered (fields json)", "insert into rendered values (?)")


def metadata(one: Applied, create: str, insert: str) -> None:
    (one.home / "airflow").mkdir(mode=0o700, exist_ok=True)
    with sqlite3.connect(one.home / "airflow" / "airflow.db") as connection:
        connection.execute(create)
        connection.execute(insert, [json.dumps({"to": one.email})])
    connection.close()


def evidence(one: Applied) -> None:
    one.write("evidence/notes.txt", one.email.encode("utf-16"))


def plain_bundle(one: Applied) -> None:
    one.write("bundles/left-behind/data.json", json.dumps([one.email]).encode())


CONTROLS: dict[Callable[[Applied], None], str] = {
    json_key: "contact_center.messages.from_party",
    array: "contact_center.contacts.additional_emails",
    base64_blob: "contact_center.messages.body_html",
    another_contacts_message: "contact_center.messages.body_text",
    unsalted_hash: "contact_center.messages.to_parties",
    file_name: "names of media/recordings/**",
    dictionary_page: "media/exports/*.parquet",
    statistics: "statistics of contact_center.contacts.city",
    airflow_log: "airflow",
    xcom: "airflow.xcom.value",
    rendered_field: "airflow.rendered.fields",
    evidence: "evidence",
    plain_bundle: "bundles",
}


@pytest.fixture(scope="class")
def findings(applied) -> Iterator[tuple[set[tuple[str, str]], set[tuple[str, str]]]]:
    """What the gates find before and after everything was planted; each has a place of its own."""
    before = applied.findings()
    files = {path for path in applied.home.rglob("*") if path.is_file()}
    with connect(applied.installation.url) as connection:
        for one in TABLES:
            connection.execute(f"create table public.kept_{one} as table contact_center.{one}")
    for control in CONTROLS:
        control(applied)
    yield before, applied.findings()
    for path in {path for path in applied.home.rglob("*") if path.is_file()} - files:
        path.unlink()
    with connect(applied.installation.url) as connection:
        connection.execute(
            "update contact_center.messages m set body_text = k.body_text, "
            "body_html = k.body_html, from_party = k.from_party, to_parties = k.to_parties "
            "from public.kept_messages k where k.message_id = m.message_id"
        )
        connection.execute(
            "update contact_center.contacts c set city = k.city, "
            "additional_emails = k.additional_emails from public.kept_contacts k "
            "where k.contact_id = c.contact_id"
        )
        for one in TABLES:
            connection.execute(f"drop table public.kept_{one}")
        connection.execute("analyze contact_center.contacts")


class TestAValueThatSurvives:
    @pytest.mark.parametrize(
        ("control", "place"), CONTROLS.items(), ids=lambda one: getattr(one, "__name__", "")
    )
    def test_it_is_found_where_it_is(self, findings, control, place) -> None:
        before, after = findings
        assert before == set()
        assert ("residue", place) in after, control.__name__

    def test_nothing_else_is_found(self, findings) -> None:
        _, after = findings
        # The file of Airflow's database is searched as bytes too.
        assert after <= {("residue", place) for place in CONTROLS.values()}


@pytest.mark.thorough
def test_a_gate_that_is_blind_fails_the_run_and_one_that_sees_passes_it(
    applied, monkeypatch
) -> None:
    stores, options, batch = applied.installation.stores, applied.options, applied.batch_id
    with monkeypatch.context() as blinded:
        blinded.setattr("lacuna.verify.search.KnownValues.find_all", lambda self, texts: {})
        fulfilment.verify(stores, options, batch)
        found = applied.findings()
    assert found
    assert {gate for gate, _ in found} == {"canary"}
    assert applied.installation.request(applied.request_id).state is RequestState.APPLIED
    assert applied.installation.obstacle(applied.request_id) is Obstacle.VERIFICATION_FAILED
    with pytest.raises(Exception, match="1 of 1 requests failed"):
        fulfilment.conclude(stores, options, batch)

    fulfilment.verify(stores, options, batch)
    fulfilment.close(stores, options, batch)
    fulfilment.conclude(stores, options, batch)
    assert applied.installation.request(applied.request_id).state is RequestState.COMPLETED
