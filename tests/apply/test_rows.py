"""The rows of a batch: changed together in one transaction, or not at all."""

import threading
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lacuna.apply import apply_rows
from lacuna.errors import (
    ApplyFailed,
    BlastRadiusExceeded,
    IllegalTransition,
    PipelineError,
    StatementRefused,
)
from lacuna.model.identity import SubjectRef
from lacuna.model.location import ColumnName
from lacuna.model.request import Level, RequestState
from lacuna.model.run import Role
from lacuna.subject import Sought, know
from tests.shop import ANNA, ANNA_MAIL, ANNA_OLD, BO, BRIEFE, CLARA, DORA, LAGER, NOW

ERASED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def both(erasing):
    """Anna, with her older row, and Bo, to be erased in one batch."""
    return erasing.works((ANNA, ANNA_OLD), (BO,))


def refused(erasing, works, texts, error):
    """Apply in vain; check that nothing was kept, and return the message."""
    before = erasing.everything()
    with pytest.raises(error) as caught:
        erasing.apply(works, texts)
    assert erasing.everything() == before
    assert isinstance(caught.value, PipelineError)
    for value in (ANNA, ANNA_MAIL, BO, "Berg"):
        assert value not in str(caught.value)
    return str(caught.value)


# --- what is done ---------------------------------------------------------------------------------


def test_a_batch_is_erased_at_once_and_everybody_else_is_left(shop, erasing, both):
    others = 'select k::text from "Odd Shop"."Kunden" k where "Kunde Nr"::text = any(%s) order by 1'
    clara_and_dora = shop.query(others, [CLARA, DORA])
    erasing.apply(both)

    assert shop.query(others, [CLARA, DORA]) == clara_and_dora
    assert shop.query(others, [ANNA, ANNA_OLD, BO]) == []
    people = shop.query(
        'select "E-Mail", telefon, "Name", "GELÖSCHT AM" from "Odd Shop"."Kunden" '
        'where "GELÖSCHT AM" is not null'
    )
    assert people == [(None, None, '[it\'s 100% "erased"]', ERASED)] * 3
    assert shop.query('select id from "Odd Shop"."Alias"') == [(4,)]
    assert shop.query('select "KEY" from "Odd Shop".cache order by 1') == [("k2",), ("k3",)]
    assert shop.query('select ticket, kunde::text from "Odd Shop"."Tickets" order by 1') == [
        (10, None), (11, None), (20, None), (30, CLARA), (40, DORA),
    ]  # fmt: skip
    (text,) = shop.query('select string_agg(b::text, \' \') from "Odd Shop"."Briefe" b')[0]
    for value in (ANNA_MAIL, "Anna Berg", "20304050", "bo.lind"):
        assert value not in text
    assert "Nobody here" in text


def test_each_row_is_counted_once_as_the_plan_does(shop, erasing):
    """The ticket's text and its columns are two statements."""
    works = erasing.works((ANNA, ANNA_OLD))
    assert erasing.apply(works) == works[0].plan.total_rows


def test_what_reporting_needs_stays(shop, erasing, both):
    sums = 'select count(*), sum(minuten), sum(preis) from "Odd Shop"."Tickets"'
    before = shop.query(sums)
    erasing.apply(both)
    assert shop.query(sums) == before
    assert shop.query("select count(*) from lacuna.baseline where measure = 'preis'") == [(2,)]
    assert shop.query(
        "select measure, total::text from lacuna.baseline where request_id::text = %s "
        "and table_name = 'Odd Shop.Tickets' order by 1",
        both[0].request.request_id,
    ) == [("minuten", "12"), ("preis", "12.50"), ("rows", "2")]


def test_requests_move_on_with_their_record(shop, erasing, both):
    erasing.intend(both)
    erasing.apply(both)
    assert shop.query("select distinct state from lacuna.request") == [("applied",)]
    ledger = erasing.ledger()
    intents = sorted(entry[1:] for entry in ledger if entry[0] == "intent")
    outcomes = sorted(entry[1:] for entry in ledger if entry[0] == "outcome")
    assert intents == outcomes
    assert ("delete_rows", "Odd$caShop.Alias", 3) in outcomes
    assert ("anonymize_rows", "Odd$caShop.Kunden", 2) in outcomes
    assert ("redact_text", "Odd$caShop.Briefe", 2) in outcomes


def test_what_a_person_said_stays_and_points_at_nobody(shop, erasing, both):
    keys = [ANNA, ANNA_OLD, CLARA]
    for call, key in enumerate(keys):
        shop.query(
            "with said as (insert into lacuna.consent_entry (org_id, subject_id, call_key, status, "
            "method, occurred_at, recorded_at, recorded_by) values ('acme', gen_random_uuid(), %s, "
            "'granted', 'ivr', now(), now(), 'flow:sweep') returning subject_id, org_id) "
            "insert into lacuna.subject select subject_id, %s, %s from said",
            str(call),
            both[0].request.org_id,
            key,
        )
    erasing.apply(both)
    assert shop.query("select contact_id from lacuna.subject") == [(CLARA,)]
    assert shop.query("select count(*), count(subject_id) from lacuna.consent_entry") == [(3, 3)]


@pytest.mark.parametrize(
    ("level", "root", "left"), [(Level.CONTACT, BO, 0), (Level.CONVERSATION, "20", 1)]
)
def test_only_an_erasure_of_the_whole_person_lifts_their_restriction(
    shop, erasing, level, root, left
):
    request = shop.add_request(state=RequestState.APPROVED, level=level)
    with shop.open(Role.PLANNER) as transaction:
        person = know(
            SubjectRef(request.request_id), "nord", (BO,), transaction.reading(shop.datamap)
        )
    shop.query(
        "insert into lacuna.restriction values ('nord', %s, 'restriction', %s, now())",
        BO,
        request.request_id,
    )
    erasing.apply(erasing.survey([Sought(person, level, (root,), is_everywhere=False)]))
    assert shop.query("select count(*) from lacuna.restriction") == [(left,)]


def test_every_row_that_was_written_carries_the_recorded_transaction(shop, erasing, both):
    erasing.apply(both)
    recorded = shop.query("select distinct rows_transaction::text from lacuna.request")
    assert len(recorded) == 1
    versions = shop.query(
        'select distinct xmin::text from "Odd Shop"."Kunden" where "GELÖSCHT AM" is not null'
    )
    assert [str(int(recorded[0][0]) % 2**32)] == [versions[0][0]]


def test_objects_wait_in_the_outbox_and_their_paths_leave_the_rows(shop, erasing, both):
    erasing.apply(both)
    waiting = shop.query("select action, store, pattern, path, state from lacuna.file_effect")
    # The other objects that rows name were not there: nothing is to be done about them.
    assert waiting == [("delete_object", "media", "fotos/*", "fotos/1.png", "pending")]
    assert shop.query('select "Foto" from "Odd Shop"."Kunden" where "Foto" is not null') == []
    paths = shop.query('select roh from "Odd Shop"."Briefe" where roh is not null')
    assert paths == [("briefe/300.eml",)]


def test_the_path_of_a_mail_that_mentions_the_person_leaves_its_owners_row(shop, erasing):
    folder = erasing.home / "media" / "briefe"
    folder.mkdir()
    (folder / "300.eml").write_text(f"To: {ANNA_MAIL}\n\nhello")
    works = erasing.works((ANNA, ANNA_OLD))
    assert ColumnName(BRIEFE, "roh") in {one.column for one in works[0].inventory.mentions}
    erasing.apply(works)
    assert shop.query('select roh, autor::text from "Odd Shop"."Briefe" where brief = 300') == [
        (None, CLARA)
    ]
    paths = {path for (path,) in shop.query("select path from lacuna.file_effect")}
    assert paths == {"fotos/1.png", "briefe/300.eml"}


def test_a_text_that_mentions_the_person_is_to_be_covered_and_an_export_written_anew(shop, erasing):
    for name in ("notizen", "exports"):
        (erasing.home / "media" / name).mkdir()
    (erasing.home / "media" / "notizen" / "a.txt").write_text(ANNA_MAIL)
    pq.write_table(
        pa.table({"note": [ANNA_MAIL]}), erasing.home / "media" / "exports" / "a.parquet"
    )
    erasing.apply(erasing.works((ANNA, ANNA_OLD)))
    actions = dict(shop.query("select path, action from lacuna.file_effect"))
    assert actions["notizen/a.txt"] == "redact_object"
    assert actions["exports/a.parquet"] == "rewrite_object"


def test_restrictions_of_the_erased_are_lifted(shop, erasing, both):
    request_id = both[0].request.request_id
    for key in (ANNA, CLARA):
        shop.query(
            "insert into lacuna.restriction values ('nord', %s, 'objection', %s, %s)",
            *(key, request_id, NOW),
        )
    erasing.apply(both)
    assert shop.query("select contact_id from lacuna.restriction") == [(CLARA,)]


def test_people_of_two_tenants_are_erased_in_one_batch(shop, erasing):
    works = [*erasing.works((ANNA, ANNA_OLD)), *erasing.works((DORA,), org_id="sued")]
    erasing.apply(works)
    left = 'select "Kunde Nr"::text from "Odd Shop"."Kunden" where "GELÖSCHT AM" is null order by 1'
    assert shop.query(left) == [(BO,), (CLARA,)]


@pytest.mark.parametrize("level", [Level.CONTACT, Level.CONVERSATION])
def test_a_link_of_the_persons_row_to_somebody_else_stays(shop, erasing, level):
    """Clara wrote 101 in Anna's ticket: what an agent writes in a customer's ticket is alike."""
    request, keys = shop.add_request(state=RequestState.APPROVED, level=level), (ANNA, ANNA_OLD)
    with shop.open(Role.PLANNER) as transaction:
        person = know(
            SubjectRef(request.request_id), "nord", keys, transaction.reading(shop.datamap)
        )
        transaction.queue.people.belong_to([(request, keys)])
    roots = keys if level is Level.CONTACT else ("10",)
    erasing.apply(erasing.survey([Sought(person, level, roots, is_everywhere=False)]))
    left = dict(shop.query('select brief, autor::text from "Odd Shop"."Briefe" where brief < 200'))
    assert left == {100: None, 101: CLARA}


def test_two_people_of_one_row_are_erased_in_one_batch(shop, erasing):
    erasing.apply(erasing.works((ANNA, ANNA_OLD), (CLARA,)))
    assert shop.query('select autor from "Odd Shop"."Briefe" where brief = 101') == [(None,)]
    assert shop.query("select distinct state from lacuna.request") == [("applied",)]


def test_two_people_of_one_row_are_erased_one_after_the_other(shop, erasing):
    erasing.apply(erasing.works((ANNA, ANNA_OLD)))
    works = erasing.works((CLARA,))
    assert BRIEFE in {found.table for found in works[0].inventory.rows}
    erasing.apply(works)
    assert shop.query("select distinct state from lacuna.request") == [("applied",)]


def test_a_number_in_somebody_elses_document_is_covered_and_the_document_stays_valid(shop, erasing):
    shop.query(
        'update "Odd Shop"."La""ger" set angaben = %s where id = 1',
        '{"call": 4540506070, "box": 4540506071, "who": {"Anna Berg": [1.50, null, "A \\"B\\""]}}',
    )
    works = erasing.works((ANNA, ANNA_OLD))
    assert ColumnName(LAGER, "angaben") in {one.column for one in works[0].inventory.mentions}
    erasing.apply(works)
    ((angaben,),) = shop.query('select angaben::text from "Odd Shop"."La""ger" where id = 1')
    assert angaben == (
        '{"box": 4540506071, "who": {"[NAME]": [1.50, null, "A \\"B\\""]}, "call": "[PHONE]"}'
    )


def test_a_mention_in_a_row_of_ones_own_that_stays_is_covered(shop, erasing):
    """Stock that hangs on Anna's ticket stays as it is, a note about her in it does not."""
    shop.query('update "Odd Shop"."La""ger" set notiz = %s where id = 2', f"for {ANNA_MAIL}")
    erasing.apply(erasing.works((ANNA, ANNA_OLD)))
    assert shop.query('select notiz, ticket from "Odd Shop"."La""ger" where id = 2') == [
        ("for [EMAIL]", 10)
    ]


# --- what is refused ------------------------------------------------------------------------------


def test_a_text_that_changed_while_it_was_treated_leaves_everything(shop, erasing, both):
    texts = erasing.prepare(both)
    shop.query('update "Odd Shop"."Briefe" set body = \'new\' where brief = 100')
    message = refused(erasing, both, texts, ApplyFailed)
    assert message == (
        "Odd Shop.Briefe: 1 rows changed while their text was processed; rolled back. Run again"
    )


def test_a_text_that_was_fine_and_changed_meanwhile_counts_too(shop, erasing, both):
    texts = erasing.prepare(both)
    # There was nothing to cover in it, so no new text is written; now there is.
    shop.query('update "Odd Shop"."Tickets" set betreff = %s where ticket = 20', "I am Bo Lind")
    assert "1 rows changed while" in refused(erasing, both, texts, ApplyFailed)


def test_a_mention_that_changed_while_it_was_treated_leaves_everything(shop, erasing, both):
    texts = erasing.prepare(both)
    shop.query('update "Odd Shop"."Briefe" set body = body || \' more\' where brief = 300')
    assert "rows changed while" in refused(erasing, both, texts, ApplyFailed)


@pytest.mark.parametrize(
    ("statement", "came"),
    [
        ("insert into \"Odd Shop\".\"Tickets\" values (12, 'nord', '{anna}', 'open', 'x', 1)", 1),
        ("insert into \"Odd Shop\".\"order.lines\" values (11, 'A', 'nord', 'x')", 1),
        # With its two letters.
        ('update "Odd Shop"."Tickets" set kunde = \'{bo}\' where ticket = 30', 3),
    ],
)
def test_rows_that_came_since_the_plan_leave_everything(shop, erasing, both, statement, came):
    texts = erasing.prepare(both)
    shop.query(statement.format(anna=ANNA, bo=BO))
    message = refused(erasing, both, texts, BlastRadiusExceeded)
    assert f"{came} rows were added and 0 removed; rolled back" in message


def test_rows_that_went_since_the_plan_leave_everything(shop, erasing, both):
    texts = erasing.prepare(both)
    shop.query('delete from "Odd Shop"."Alias" where id = 1')
    message = refused(erasing, both, texts, BlastRadiusExceeded)
    assert message == (
        "Odd Shop.Alias: 2 rows found, 3 planned; rolled back. Plan again, then approve again"
    )


@pytest.mark.parametrize(("operation", "table"), [("update", '"Kunden"'), ("delete", "cache")])
def test_a_trigger_that_swallows_a_change_leaves_everything(shop, erasing, both, operation, table):
    # Without its foreign key nothing else would notice.
    shop.query('alter table "Odd Shop".cache drop constraint cache_kunde_fkey')
    shop.query(
        "create function swallow() returns trigger language plpgsql as $$ begin return null; end $$"
    )
    shop.query(
        f'create trigger swallow before {operation} on "Odd Shop".{table} '
        "for each row execute function swallow()"
    )
    texts = erasing.prepare(both)
    message = refused(erasing, both, texts, ApplyFailed)
    assert "0 rows changed" in message


def test_a_constraint_that_forbids_a_treatment_leaves_everything(shop, erasing, both):
    shop.query('alter table "Odd Shop"."Kunden" alter "E-Mails" drop default')
    shop.query('alter table "Odd Shop"."Kunden" add check ("E-Mails" <> \'{}\') not valid')
    message = refused(erasing, both, erasing.prepare(both), StatementRefused)
    assert "CheckViolation, SQLSTATE 23514, table Kunden" in message


def test_a_request_that_another_run_took_over_leaves_everything(shop, erasing, both):
    texts = erasing.prepare(both)
    shop.query(
        "update lacuna.request set attempt = attempt + 1 where request_id::text = %s",
        both[1].request.request_id,
    )
    assert "another run took it over" in refused(erasing, both, texts, IllegalTransition)


def test_a_batch_that_was_applied_is_not_applied_again(erasing, both):
    texts = erasing.prepare(both)
    erasing.apply(both, texts)
    with pytest.raises(PipelineError):
        erasing.apply(both, texts)


def test_a_row_that_arrives_while_the_batch_is_applied_waits_for_it(shop, erasing, both):
    """A ticket of a person who is being erased cannot slip in: the person's row is locked."""
    texts = erasing.prepare(both)
    outcome: list[str] = []

    def arrive():
        try:
            shop.query(
                "insert into \"Odd Shop\".\"Tickets\" values (13, 'nord', %s, 'open', 'x', 1)", ANNA
            )
            outcome.append("arrived")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            outcome.append(type(error).__name__)

    writer = threading.Thread(target=arrive)
    with shop.open(Role.EXECUTOR) as transaction:
        apply_rows(both, texts, shop.datamap, transaction, erasing.desk(transaction))
        writer.start()
        writer.join(timeout=0.5)
        assert outcome == [], "it must wait"
    writer.join(timeout=30)
    assert outcome == ["ForeignKeyViolation"]


def test_the_plan_stays_what_was_applied(shop, erasing, both):
    erasing.apply(both)
    assert all(work.request.state is RequestState.APPROVED for work in both)
    actions = [entry for entry in erasing.ledger() if entry[1] == "redact_mentions"]
    assert ("outcome", "redact_mentions", "Odd$caShop.Briefe", 1) in actions
