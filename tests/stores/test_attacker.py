"""The attacks on a database: they hold on a sound one, and each finds the hole that it is about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipelines.model.attack import AttackOutcome
from pipelines.stores.attacker import PostgresAttacker
from tests.shop import Shop

SCHEMAS = ("Odd Shop",)
SNAPSHOT = (
    "select count(*), coalesce(max(xmin::text::bigint), 0) from lacuna.request",
    "select count(*) from lacuna.approval",
    "select count(*) from lacuna_evidence.entry",
    "select count(*) from lacuna.request_inbox",
    "select array_agg(tgenabled order by tgname) from pg_trigger",
)


def attacked(shop: Shop) -> dict[str, tuple[AttackOutcome, str]]:
    with shop.database.keeping():
        attacks = tuple(PostgresAttacker(shop.database, SCHEMAS).attacks())
    return {one.attempt: (one.outcome, one.found) for one in attacks}


def end_of(shop: Shop, attempt: str, *known: str) -> AttackOutcome:
    """Attack until one attempt was made."""
    with shop.database.keeping():
        attacks = PostgresAttacker(shop.database, SCHEMAS, known).attacks()
        return next(one.outcome for one in attacks if one.attempt == attempt)


def sequences(shop: Shop) -> list[tuple[object, ...]]:
    """Return where each sequence of the database stands."""
    return shop.query(
        "select seqrelid, pg_sequence_last_value(seqrelid) from pg_sequence order by 1"
    )


def not_held(shop: Shop) -> dict[str, str]:
    found = attacked(shop)
    return {
        attempt: f"{outcome}: {what}"
        for attempt, (outcome, what) in found.items()
        if outcome is not AttackOutcome.HELD
    }


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """A shop with a row of a tenant, so that there is something to be seen."""
    shop.query(
        "insert into lacuna.request_inbox (org_id, kinds, emails) "
        "values ('north', '{erasure}', '{somebody@example.org}')"
    )
    return shop


def test_a_sound_database_holds_and_nothing_lasts(filled):
    before = [sequences(filled), *(filled.query(each) for each in SNAPSHOT)]
    # With the owner's login alone there are none to be compared.
    assert set(not_held(filled)) == {ONE_LOGIN}
    assert not_held(filled)[ONE_LOGIN].startswith("not tried: no logins")
    assert [sequences(filled), *(filled.query(each) for each in SNAPSHOT)] == before


ONE_LOGIN = "plan, apply, decide and seal with one login"
ABOVE = "stand above the roles with another login than the owner's"
BESIDE = "reach the platform past Lacuna's roles"
TABLE = "own a table of Lacuna's, or take row-level security off it"
POLICY = "see or write rows by another policy"
TRIGGER = "switch a trigger off, or change it"
FUNCTION = "put another function in the place of one"
GRANT = "do in Lacuna's schemas what was not granted"
MEMBER = "take on another role from one of Lacuna's, or hand one on"
OUTSIDE = "reach what lies outside the mapped schemas with a role of Lacuna's"
CREATE = "create something in the platform's schemas, or a schema"
PLATFORM = "change or read the platform as another role than the executor's"

HOLES = (
    (
        "approve a plan without an officer",
        "grant insert on lacuna.approval to lacuna_verifier; "
        "create policy hole on lacuna.approval to lacuna_verifier with check (true)",
    ),
    ("change an entry of the ledger", "drop trigger entry_append_only on lacuna_evidence.entry"),
    ("delete entries of the ledger", "drop trigger entry_append_only on lacuna_evidence.entry"),
    ("delete a checkpoint", "drop trigger checkpoint_append_only on lacuna_evidence.checkpoint"),
    ("approve a rule of a sweep", "grant insert on lacuna.rule_approval to lacuna_submitter"),
    (
        "queue a request for another tenant",
        "alter table lacuna.request_inbox no force row level security; "
        "alter table lacuna.request_inbox disable row level security",
    ),
    (
        PLATFORM,
        'grant usage on schema "Odd Shop" to lacuna_analyst; '
        'grant select on all tables in schema "Odd Shop" to lacuna_analyst',
    ),
    (
        "read rows of another tenant",
        "create policy hole on lacuna.request_inbox to lacuna_submitter using (true)",
    ),
    (GRANT, "grant select on lacuna.request to public"),
    (GRANT, "grant update on lacuna.plan to lacuna_submitter"),
    (GRANT, "grant insert (chunks) on lacuna.batch to lacuna_analyst"),
    (GRANT, "grant update (kinds) on lacuna.request to lacuna_submitter"),
    (GRANT, "grant select on lacuna.mail to stranger"),
    (GRANT, "grant usage on sequence lacuna.outbox_outbox_id_seq to lacuna_analyst"),
    (GRANT, "grant create on schema lacuna to lacuna_executor"),
    (GRANT, "grant create on schema reporting to public"),
    (GRANT, "alter default privileges in schema lacuna grant select on tables to lacuna_analyst"),
    (
        GRANT,
        "grant execute on function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid) "
        "to lacuna_submitter",
    ),
    ("own a schema of Lacuna's", "alter schema reporting owner to lacuna_executor"),
    (TABLE, "create table lacuna.hole (org_id text)"),
    (TABLE, "alter table lacuna.plan disable row level security"),
    (TABLE, "alter table lacuna_evidence.seal owner to lacuna_sealer"),
    (POLICY, "alter policy tenant on lacuna.plan using (true)"),
    (POLICY, "create policy hole on lacuna.verification to lacuna_dpo using (true)"),
    (POLICY, "drop policy tenant on lacuna.request"),
    (TRIGGER, "alter table lacuna_evidence.seal disable trigger seal_check"),
    (TRIGGER, "alter table lacuna_evidence.checkpoint disable trigger checkpoint_check"),
    (TRIGGER, "alter table lacuna_evidence.entry enable trigger entry_append_only"),
    (TRIGGER, "alter table lacuna.consent_event disable trigger all"),
    (TRIGGER, "drop trigger entry_decided on lacuna_evidence.entry"),
    (FUNCTION, "alter function lacuna.refresh_view(text, text) reset search_path"),
    (FUNCTION, "alter function lacuna.may_decide() owner to lacuna_planner"),
    (FUNCTION, "alter function lacuna.officers_needed(text) security definer"),
    (
        FUNCTION,
        "create or replace function lacuna.may_decide() returns boolean language sql stable "
        "set search_path = pg_catalog, pg_temp as 'select true'",
    ),
    (
        FUNCTION,
        "create function lacuna.hole() returns int language sql security definer as 'select 1'",
    ),
    (
        "show rows by another view, or by a rule",
        "create or replace view reporting.csat_weekly_rates with (security_barrier) as "
        "select * from reporting.csat_weekly_rates where true",
    ),
    (
        "show rows by another view, or by a rule",
        "create rule hole as on insert to lacuna.approval do instead nothing",
    ),
    (
        PLATFORM,
        'create view "Odd Shop".hole as select "E-Mail" from "Odd Shop"."Kunden"; '
        'grant select on "Odd Shop".hole to lacuna_dpo',
    ),
    (
        OUTSIDE,
        'create view public.hole as select "E-Mail" from "Odd Shop"."Kunden"; '
        "grant select on public.hole to lacuna_analyst",
    ),
    (CREATE, 'grant create on schema "Odd Shop" to lacuna_executor'),
    (CREATE, 'grant create on schema "Odd Shop" to public'),
    (BESIDE, 'grant select on "Odd Shop"."Kunden" to public'),
    (BESIDE, 'grant update ("E-Mail") on "Odd Shop"."Kunden" to stranger'),
    (MEMBER, "grant lacuna_executor to lacuna_planner"),
    (MEMBER, "grant lacuna_dpo to lacuna_submitter with inherit false, set true"),
    (MEMBER, "grant lacuna_planner to stranger with admin option"),
    (MEMBER, "grant lacuna_rule to stranger"),
    (MEMBER, "grant pg_read_all_data to lacuna_analyst"),
    (ONE_LOGIN, "grant lacuna_planner, lacuna_executor to stranger"),
    (ONE_LOGIN, "grant lacuna_dpo, lacuna_sealer to stranger"),
    (ABOVE, "alter role stranger bypassrls"),
    (ABOVE, "alter role stranger superuser"),
    (ABOVE, "alter role stranger createrole"),
    (ABOVE, "grant pg_write_all_data to stranger"),
    (ABOVE, "grant lacuna to stranger"),  # the owner of the tests' server
    (
        "log in as a role of Lacuna's, or pass row-level security with one",
        "alter role lacuna_auditor bypassrls",
    ),
)
LOGINS = {
    "lacuna_planner_login": "lacuna_planner",
    "lacuna_executor_login": "lacuna_executor",
    "lacuna_verifier_login": "lacuna_verifier",
    "lacuna_seal_login": "lacuna_planner, lacuna_verifier, lacuna_sealer",
    "lacuna_page_login": "lacuna_dpo, lacuna_submitter",
    "lacuna_backup_login": "lacuna_auditor",
}
"""The logins of docs/installation.md."""


@pytest.fixture
def logins(filled: Shop) -> Iterator[Shop]:
    """The shop with the logins of an installation. Roles are the whole server's, so they go again."""
    for login, roles in LOGINS.items():
        filled.query(f"create role {login} login noinherit; grant {roles} to {login}")
    filled.query("create role stranger login")
    try:
        yield filled
    finally:
        filled.query(
            "revoke lacuna_executor from lacuna_planner; revoke lacuna_dpo from lacuna_submitter; "
            "revoke pg_read_all_data from lacuna_analyst; alter role lacuna_auditor nobypassrls"
        )
        for login in (*LOGINS, "stranger"):
            filled.query(f"drop owned by {login} cascade; drop role {login}")


def test_the_logins_of_an_installation_hold(logins):
    before = sequences(logins)
    assert not_held(logins) == {}
    assert sequences(logins) == before


@pytest.mark.parametrize(("attempt", "hole"), HOLES)
def test_each_attack_finds_the_hole_that_it_is_about(logins, attempt, hole):
    logins.query(hole)
    before = sequences(logins)
    assert end_of(logins, attempt) is AttackOutcome.SUCCEEDED
    assert sequences(logins) == before


def test_a_role_that_the_platform_lets_in_is_named(logins):
    logins.query('grant select on "Odd Shop"."Kunden" to stranger')
    assert end_of(logins, BESIDE) is AttackOutcome.SUCCEEDED
    assert end_of(logins, BESIDE, "stranger") is AttackOutcome.HELD


def test_an_attack_whose_statement_is_out_of_date_was_not_tried(filled):
    filled.query("alter table lacuna.approval rename column approved_at to given_at")
    outcome, found = attacked(filled)["approve a plan without an officer"]
    assert outcome is AttackOutcome.NOT_TRIED
    assert "42703" in found


def test_without_a_row_of_a_tenant_nothing_was_tried(shop):
    assert end_of(shop, "read rows of another tenant") is AttackOutcome.NOT_TRIED
