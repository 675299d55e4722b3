"""Closed lists: what the database takes is what the code has, and nobody but the owner adds to it."""

import ast
import re
from pathlib import Path

import pytest

import lacuna
from lacuna.errors import StatementRefused
from lacuna.marts import marts
from lacuna.model.agreement import AcceptanceMethod, AgreementKind, InstructionSource
from lacuna.model.alert import AlertKind
from lacuna.model.consent import Breach, ConsentMethod, ConsentPurpose, ConsentStatus
from lacuna.model.evidence import Action, Phase
from lacuna.model.ground import GROUNDS, MEANINGS
from lacuna.model.identity import IdentityBasis
from lacuna.model.letter import LetterKind
from lacuna.model.mail import Doubt, Flaw, MailOutcome
from lacuna.model.notice import NoticeState
from lacuna.model.queue import EffectAction, Obstacle, Purpose
from lacuna.model.request import Level, Pause, RequestState
from lacuna.model.restatement import Reason
from lacuna.model.run import Role
from lacuna.stores.postgres.rights import LISTS, OWN_SCHEMAS

TABLES = {
    "lacuna.alert_kind": AlertKind,
    "lacuna.letter_kind": LetterKind,
    "lacuna.consent_method": ConsentMethod,
    "lacuna.consent_purpose": ConsentPurpose,
    "lacuna.consent_status": ConsentStatus,
    "lacuna.ground": MEANINGS,
    "lacuna.identity_basis": IdentityBasis,
    "lacuna.inbox_status": ("new", "queued", "duplicate", "rejected", "withdrawn"),
    "lacuna.mail_outcome": MailOutcome,
    "lacuna.mail_reason": (*Flaw, *Doubt),
    "lacuna.obstacle": Obstacle,
    "lacuna.recording_breach": Breach,
    "lacuna.request_state": RequestState,
    "lacuna.secret_purpose": Purpose,
    "lacuna_evidence.action": Action,
}

# Of two or three words, and none was ever added; file_effect says why it has no table.
CHECKED = {
    "lacuna_evidence.entry.phase": Phase,
    "lacuna.acceptance.method": AcceptanceMethod,
    "lacuna.agreement.kind": AgreementKind,
    "lacuna.letter.state": ("pending", "delivered", "abandoned"),
    "lacuna.instruction.source": InstructionSource,
    "lacuna.notice.right_kind": ("erasure", "rectification", "restriction"),
    "lacuna.notice.state": NoticeState,
    "lacuna.file_effect.action": EffectAction,
    "lacuna.file_effect.state": ("pending", "done", "absent"),
    "lacuna.request.level": Level,
    "lacuna.request.pause": Pause,
    "lacuna.proposed_restatement.reason": Reason,
    "lacuna.restriction.kind": ("restriction", "objection"),
    "lacuna.standing_decision.rule": ("rule:approval-auto", "rule:canary"),
    "lacuna.working_row.role": ("own", "mention", "shared", "last"),
    "reporting.restatement.reason": Reason,
}

# Where a word of a list is written.
USED = {
    "lacuna.alert.kind": "lacuna.alert_kind",
    "lacuna.letter.kind": "lacuna.letter_kind",
    "lacuna.consent_entry.method": "lacuna.consent_method",
    "lacuna.consent_entry.purpose": "lacuna.consent_purpose",
    "lacuna.consent_entry.status": "lacuna.consent_status",
    "lacuna.mail.outcome": "lacuna.mail_outcome",
    "lacuna.recording_lock.breach": "lacuna.recording_breach",
    "lacuna.request.ground": "lacuna.ground",
    "lacuna.request.identity_basis": "lacuna.identity_basis",
    "lacuna.request.obstacle": "lacuna.obstacle",
    "lacuna.request_inbox.status": "lacuna.inbox_status",
    "lacuna.request_secret.purpose": "lacuna.secret_purpose",
    "lacuna.transition.from_state": "lacuna.request_state",
    "lacuna.transition.to_state": "lacuna.request_state",
    "lacuna_evidence.entry.action": "lacuna_evidence.action",
}

# Arrays of words, which a trigger compares with the list.
IN_ARRAYS = {"lacuna.mail.reasons": "lacuna.mail_reason"}


# Texts that no list closes: keys of the platform, names of the data map, of tables, marts and periods.
NAMES = {
    *("org_id", "table_name", "row_key", "row_id", "contact_id", "person_key", "told"),
    *("mart", "period", "rule", "store", "pattern", "measure", "recipient", "column_name"),
    *("name", "value", "readable", "run_id", "policy_version", "changes", "row_version"),
    *("bundle_key", "status_before", "meaning"),
}
OPEN = {
    # A run that is recorded later is named by its file.
    "lacuna.batch.flow",
    # A trigger compares them.
    *("lacuna.mail.reasons", "lacuna.request.state"),
    # The ledger checks them, when the entry is recorded.
    *(f"lacuna.unrecorded.{name}" for name in ("action", "actor", "digest", "location")),
    # A digest of the code's own.
    *("lacuna.migration.digest", "lacuna.sweep_done.digest"),
    # What other systems write is judged where it is read; the result says what is wrong with it.
    *(f"lacuna.request_inbox.{name}" for name in ("kinds", "emails", "phones", "external_ids")),
    *(f"lacuna.request_inbox.{name}" for name in ("conversation_id", "message_id", "reason")),
    *(f"lacuna.request_inbox.{name}" for name in ("verified_by", "instructed_by", "person_kind")),
}


def named(oid):
    """Return the expression for a table's name, whatever the path of the login is."""
    return (
        "(select nspname || '.' || relname from pg_class join pg_namespace n on n.oid = relnamespace "  # noqa: S608
        f"where pg_class.oid = {oid})"
    )


@pytest.mark.parametrize("name", LISTS)
def test_the_database_has_the_words_of_the_code(still_shop, name):
    key = still_shop.query(
        "select attname from pg_index join pg_attribute on attrelid = indrelid "
        "and attnum = any(indkey) where indisprimary and indrelid = %s::regclass",
        name,
    )[0][0]
    rows = still_shop.query(f"select {key}, description from {name}")  # noqa: S608
    assert {word for word, _ in rows} == set(map(str, TABLES[name]))
    assert all(re.fullmatch("[A-Z].*[.]", said) for _, said in rows)


def test_every_list_is_known(still_shop):
    """What the schema brings is compared where an installation is: the lists, and the moves."""
    tables = still_shop.query(
        f"select {named('c.oid')} from pg_class c join pg_attribute a on a.attrelid = c.oid "  # noqa: S608
        "where a.attname = 'description' and c.relnamespace::regnamespace::text = any(%s)",
        list(OWN_SCHEMAS),
    )
    assert {name for (name,) in tables} == set(LISTS) == set(TABLES)


def test_every_word_is_one_of_its_list(still_shop):
    keys = still_shop.query(
        f"select {named('conrelid')} || '.' || attname, {named('confrelid')} "  # noqa: S608
        "from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1] "
        "where contype = 'f' and convalidated and confrelid = any(%s::regclass[])",
        list(LISTS),
    )
    assert dict(keys) == USED
    assert {*USED.values(), *IN_ARRAYS.values()} == set(LISTS)


def test_the_lists_that_are_checks_have_the_words_of_the_code(still_shop):
    found = dict(
        still_shop.query(
            f"select {named('conrelid')} || '.' || attname, pg_get_constraintdef(c.oid) "  # noqa: S608
            "from pg_constraint c join pg_attribute on attrelid = conrelid and attnum = conkey[1] "
            "where contype = 'c' and cardinality(conkey) = 1 "
            "and connamespace::regnamespace::text = any(%s) "
            "and pg_get_constraintdef(c.oid) ~ '^CHECK ..[a-z_]+ = ANY'",
            list(OWN_SCHEMAS),
        )
    )
    assert {name: set(re.findall("'([^']+)'", said)) for name, said in found.items()} == {
        name: set(map(str, words)) for name, words in CHECKED.items()
    }


def test_every_text_has_a_list_or_a_form_unless_none_closes_it(still_shop):
    found = still_shop.query(
        f"select {named('a.attrelid')} || '.' || attname "  # noqa: S608
        "from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "where relkind = 'r' and attnum > 0 and atttypid = any('{text,text[]}'::regtype[]) "
        "and relnamespace::regnamespace::text = any(%s) and not (a.attrelid = any(%s::regclass[])) "
        "and not exists (select from pg_constraint "
        "where conrelid = a.attrelid and contype in ('c', 'f') and attnum = any(conkey))",
        list(OWN_SCHEMAS),
        [*LISTS, *(f"reporting.{mart.name}" for mart in marts())],
    )
    texts = {name for (name,) in found}
    assert {name for name in texts if name.rpartition(".")[2] not in NAMES} == OPEN
    assert {name.rpartition(".")[2] for name in texts} >= NAMES


def test_a_ground_of_every_right_is_in_the_list():
    assert set(MEANINGS) == {ground for grounds in GROUNDS.values() for ground in grounds}


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("update lacuna.request set ground = %s", "the neighbor objects"),
        ("update lacuna.mail set rights = array[%s]", "deletion"),
    ],
)
def test_what_is_in_no_list_is_refused(shop, statement, value):
    shop.add_request()
    add_mail(shop, "{old}")
    with (
        pytest.raises(StatementRefused, match=r"ForeignKeyViolation|CheckViolation"),
        shop.database.transaction(Role.OWNER) as connection,
    ):
        connection.exec_driver_sql(statement, (value,))


@pytest.mark.parametrize("given", ["{old}", "{old,no_right}", "{}"])
def test_a_mail_has_reasons_of_the_list(shop, given):
    add_mail(shop, given)
    assert shop.query("select reasons from lacuna.mail where reasons = %s", given)


@pytest.mark.parametrize("given", ["{somebody@example.org}", "{old,Old}", "{NULL}"])
def test_a_mail_has_no_other_reasons(shop, given):
    with pytest.raises(StatementRefused, match="CheckViolation"):
        add_mail(shop, given)
    add_mail(shop, "{old}")
    with (
        pytest.raises(StatementRefused, match="CheckViolation"),
        shop.database.transaction(Role.OWNER) as connection,
    ):
        # Also in a session that skips ordinary triggers.
        connection.exec_driver_sql(
            "with set as materialized (select set_config('session_replication_role', 'replica', true)) "
            "update lacuna.mail set reasons = %s from set",
            (given,),
        )


def add_mail(shop, reasons):
    with shop.database.transaction(Role.PLANNER) as connection:
        connection.exec_driver_sql(
            "insert into lacuna.mail (mail_id, outcome, reasons, received_at, due_at, taken_at) "
            "values (gen_random_uuid(), 'waiting', %s, now(), now(), now())",
            (reasons,),
        )


def test_nobody_but_the_owner_writes_a_list(still_shop):
    can = still_shop.query(
        "select list, rolname from unnest(%s::text[]) list, pg_roles "
        "where rolname like 'lacuna\\_%%' and not rolsuper "
        "and (has_any_column_privilege(rolname, list, 'insert, update, references') "
        "or has_table_privilege(rolname, list, 'delete, truncate, trigger'))",
        list(LISTS),
    )
    assert can == []


def test_a_word_that_is_used_is_not_taken_away(shop):
    shop.add_request()
    for statement in (
        "delete from lacuna.request_state where state = 'received'",
        "truncate lacuna.request_state",
    ):
        with (
            pytest.raises(StatementRefused, match=r"ForeignKeyViolation|FeatureNotSupported"),
            shop.database.transaction(Role.OWNER) as connection,
        ):
            connection.exec_driver_sql(statement)


# Words that come from outside: what people and the platform say of an agreement or a consent.
FROM_OUTSIDE = {"lacuna.consent_method", "lacuna.consent_purpose"}
# Modules that only read what others wrote.
READERS = ("evidence/", "cli/output.py", "dpo_page/queries.py", "dpo_page/next_step.py")
READS = {"outcomes", "digests", "locations", "first_rows", "get", "in_states", "mails", "was_sent"}


def is_read(node, parents):
    """Return whether a word is only compared or looked up there."""
    while not isinstance(node, ast.stmt | ast.match_case):
        node = parents[node]
        match node:
            case ast.Compare() | ast.Set() | ast.Subscript() | ast.match_case():
                return True
            case ast.Call(func=ast.Attribute(attr=name)) if name in READS:
                return True
    return False


def written_in(source):
    """Yield list and word, as an enumeration names them, where a module writes one."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=word) if not is_read(node, parents):
                yield name, word


@pytest.mark.thorough
def test_every_word_of_a_list_is_written_by_some_code():
    package = Path(lacuna.__file__).parent
    written = {
        pair
        for path in package.rglob("*.py")
        if not path.relative_to(package).as_posix().startswith(READERS)
        for pair in written_in(path.read_text(encoding="utf-8"))
    }
    assert [
        f"{name}: {word}"
        for name, words in TABLES.items()
        if name not in ("lacuna.ground", "lacuna.inbox_status", *FROM_OUTSIDE)
        for word in words
        if (type(word).__name__, word.name) not in written
    ] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("desk.record(Action.HELD, place)", {("Action", "HELD")}),
        (
            "yield Action.HELD if late else Action.REFUSED",
            {("Action", "HELD"), ("Action", "REFUSED")},
        ),
        ("late = [each for each in all if each.action in (Action.HELD, Action.REFUSED)]", set()),
        ("closing = frozenset({Action.HELD})", set()),
        ("known = ledger.digests(Action.HELD, at)", set()),
        ("match entry.action:\n    case Action.HELD:\n        pass", set()),
    ],
)
def test_a_word_that_is_only_compared_is_not_written(source, found):
    assert {pair for pair in written_in(source) if pair[0] == "Action"} == found
