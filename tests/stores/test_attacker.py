"""The attacks on a database: they hold on a sound one, and each finds the hole that it is about."""

from __future__ import annotations

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
    attacks = tuple(PostgresAttacker(shop.database, SCHEMAS).attacks())
    return {one.attempt: (one.outcome, one.found) for one in attacks}


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
    before = [filled.query(each) for each in SNAPSHOT]
    assert not_held(filled) == {}
    assert [filled.query(each) for each in SNAPSHOT] == before


HOLES = {
    "approve a plan without an officer": "grant insert on lacuna.approval to lacuna_verifier; "
    "create policy hole on lacuna.approval to lacuna_verifier with check (true)",
    "change an entry of the ledger": "drop trigger entry_append_only on lacuna_evidence.entry",
    "delete entries of the ledger": "drop trigger entry_append_only on lacuna_evidence.entry",
    "delete a checkpoint": "drop trigger checkpoint_append_only on lacuna_evidence.checkpoint",
    "approve a rule of a sweep": "grant insert on lacuna.rule_approval to lacuna_submitter",
    "queue a request for another tenant": "alter table lacuna.request_inbox no force row level security; "
    "alter table lacuna.request_inbox disable row level security",
    "change or read the platform as another role than the executor's": 'grant usage on schema "Odd Shop" '
    'to lacuna_analyst; grant select on all tables in schema "Odd Shop" to lacuna_analyst',
    "log in as a role of Lacuna's, or pass row-level security with one": "alter role lacuna_auditor bypassrls",
    "use what is granted to everybody": "grant select on lacuna.request to public",
    "lead a function astray that runs as its owner": "create function lacuna.hole() returns int "
    "language sql security definer as 'select 1'; revoke all on function lacuna.hole from public",
    "read rows of another tenant": "create policy hole on lacuna.request_inbox to lacuna_submitter using (true)",
    "find a table of tenants that row-level security leaves out": "create table lacuna.hole (org_id text)",
}


@pytest.mark.parametrize("attempt", sorted(HOLES))
def test_each_attack_finds_the_hole_that_it_is_about(filled, attempt):
    filled.query(HOLES[attempt])
    try:
        assert attacked(filled)[attempt][0] is AttackOutcome.SUCCEEDED
    finally:
        filled.query("alter role lacuna_auditor nobypassrls")  # roles are the whole server's


def test_an_attack_whose_statement_is_out_of_date_was_not_tried(filled):
    filled.query("alter table lacuna.approval rename column approved_at to given_at")
    outcome, found = attacked(filled)["approve a plan without an officer"]
    assert outcome is AttackOutcome.NOT_TRIED
    assert "42703" in found


def test_without_a_row_of_a_tenant_nothing_was_tried(shop):
    assert attacked(shop)["read rows of another tenant"][0] is AttackOutcome.NOT_TRIED
