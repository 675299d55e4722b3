"""Rules that change data: an officer of every tenant reads and approves them on the page."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from lacuna.apply import require_rule_approved
from lacuna.errors import NotApproved
from lacuna.model.run import Role
from tests.dpo_page.conftest import NOW, ORG, OTHER
from tests.officers import register

FORM = {"content-type": "application/x-www-form-urlencoded"}
RULES = (
    ("old_chats", "redact body of crm.message 365 days after closed_at", "1" * 64),
    ("drop_daily", "drop crm.daily once its history is sealed in the marts", "2" * 64),
)


@pytest.fixture
def listed(office):
    """The list of rules as a sweep leaves it, and dana as an officer of every tenant."""
    register(office.stores.database, "dana")
    with office.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.plans.list_rules(RULES, NOW)
    return office


def approve(client, digest, **fields):
    content = urlencode({"max_rows": "", **fields})
    return client.post(f"/{ORG}/rules/{digest}", content=content, headers=FORM)


def limits(office) -> list[tuple]:
    return office.query(
        "select rule, digest, max_rows from lacuna.rule_approval where rule = any(%s) order by rule",
        [name for name, _, _ in RULES],
    )


def test_rules_are_read_and_approved_one_by_one(listed, visit):
    dana = visit("dana")
    assert "2 rules</a> of all tenants wait for approval" in dana.get(f"/{ORG}").text
    seen = dana.get(f"/{ORG}/rules").text
    assert all(name in seen and meaning in seen for name, meaning, _ in RULES)
    assert seen.count("waits for approval") == 2
    (name, _, digest), _ = RULES
    one = dana.get(f"/{ORG}/rules/{digest}").text
    assert digest in one
    assert "cannot be brought back" in one
    done = approve(dana, digest, max_rows="5000")
    assert done.status_code == 303
    after = dana.get(done.headers["location"]).text
    assert f"Rule {name} is approved." in after
    assert after.count("waits for approval") == 1
    assert limits(listed) == [(name, digest, 5000)]
    assert "1 rule</a> of all tenants waits for approval" in dana.get(f"/{ORG}").text
    with listed.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.plans.rule_limit(name, digest) == 5000
        entries = [
            (leaf.entry.actor, leaf.entry.rows)
            for leaf in transaction.ledger.leaves()
            if leaf.entry.action == "rule_approved"
        ]
    assert [rows for _, rows in entries] == [5000]
    assert entries[0][0].startswith("dpo:")


def test_two_lists_made_at_once_become_one(listed):
    def make() -> None:
        with listed.stores.transaction(Role.PLANNER) as transaction:
            transaction.queue.plans.list_rules(RULES[1:], NOW)

    with ThreadPoolExecutor(1) as other:
        with listed.stores.transaction(Role.PLANNER) as transaction:
            transaction.queue.plans.list_rules(RULES, NOW)
            made = other.submit(make)
            time.sleep(0.3)
            assert not made.done()
        made.result(timeout=20)
    with listed.stores.transaction(Role.DPO) as transaction:
        assert [one.name for one in transaction.queue.plans.listed_rules()] == ["drop_daily"]


def test_another_approval_changes_the_limit(listed, visit):
    digest = RULES[0][2]
    for given, kept in ({"max_rows": "10"}, 10), ({"unlimited": "on"}, None):
        assert approve(visit("dana"), digest, **given).status_code == 303
        assert [row[2] for row in limits(listed)] == [kept]


def test_a_rule_that_is_another_one_by_now_is_not_approved(listed, visit):
    dana, (name, meaning, digest) = visit("dana"), RULES[0]
    with listed.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.plans.list_rules([(name, meaning, "3" * 64)], NOW)
    refused = approve(dana, digest)
    assert refused.status_code == 409
    assert "no rule has this digest any more" in refused.text
    assert dana.get(f"/{ORG}/rules/{digest}").status_code == 404
    assert limits(listed) == []


def test_a_limit_outlives_a_change_of_the_rule_unless_somebody_takes_it_away(listed, visit):
    """Another engine, age or scope is another digest under the same name."""
    dana, (name, meaning, digest), changed = visit("dana"), RULES[0], "3" * 64
    assert approve(dana, digest, max_rows="5000").status_code == 303
    with listed.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.plans.list_rules([(name, meaning, changed)], NOW)
    assert 'value="5000"' in dana.get(f"/{ORG}/rules/{changed}").text
    refused = approve(dana, changed)
    assert refused.status_code == 422
    assert "last approved with a limit of 5,000 rows a night" in refused.text
    assert limits(listed) == [(name, digest, 5000)]
    assert approve(dana, changed, unlimited="on").status_code == 303
    assert (name, changed, None) in limits(listed)


def test_an_officer_sees_how_much_is_due_before_they_approve(listed, visit):
    dana, (name, _, digest), (_, _, other) = visit("dana"), *RULES
    assert "not counted" in dana.get(f"/{ORG}/rules/{digest}").text
    for rows in (7, 12_345):
        with listed.stores.transaction(Role.PLANNER) as transaction:
            transaction.queue.plans.note_due(name, digest, rows, NOW)
    for page in (f"rules/{digest}", "rules"):
        assert "12,345 were due in the sweep of <time" in dana.get(f"/{ORG}/{page}").text
    assert "12,345" not in dana.get(f"/{ORG}/rules/{other}").text


@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5", "9" * 19, "٣"])
def test_a_limit_that_is_none_is_refused(listed, visit, given):
    assert approve(visit("dana"), RULES[0][2], max_rows=given).status_code == 422
    assert limits(listed) == []


def test_nobody_but_an_officer_of_every_tenant_learns_that_there_are_rules(listed, visit):
    for name, org_id in (("dirk", ORG), ("doris", OTHER), ("vera", ORG), ("uma", ORG)):
        client = visit(name)
        assert "rules" not in client.get(f"/{org_id}").text.lower()
        for path in ("rules", f"rules/{RULES[0][2]}"):
            answer = client.get(f"/{org_id}/{path}")
            assert answer.status_code in (403, 404)
            assert RULES[0][0] not in answer.text
        content = urlencode({"max_rows": ""})
        answer = client.post(f"/{org_id}/rules/{RULES[0][2]}", content=content, headers=FORM)
        assert answer.status_code in (403, 404)
    assert limits(listed) == []


def test_an_approval_names_its_limit_and_officer_and_is_taken_back(listed, visit):
    dana = visit("dana")
    (name, _, digest), _ = RULES
    path = f"/{ORG}/rules/{digest}"
    revoke = {"url": f"{path}/revoke", "content": "", "headers": FORM}
    assert dana.post(**revoke).status_code == 409
    assert approve(dana, digest, max_rows="5000").status_code == 303
    for page in (path, f"/{ORG}/rules"):
        html = dana.get(page).text
        assert "by dana" in html
        assert "at most 5,000 rows a night" in html
    assert 'value="5000"' in dana.get(path).text
    # An empty box does not take the limit away; a choice does.
    assert approve(dana, digest).status_code == 422
    assert approve(dana, digest, max_rows="7", unlimited="on").status_code == 422
    assert limits(listed) == [(name, digest, 5000)]
    listed.clock.moment += timedelta(minutes=1)
    assert approve(dana, digest, unlimited="on").status_code == 303
    assert limits(listed) == [(name, digest, None)]
    assert visit("dirk").post(**revoke).status_code == 404
    listed.clock.moment += timedelta(minutes=1)
    done = dana.post(**revoke)
    assert done.status_code == 303
    html = dana.get(done.headers["location"]).text
    assert f"The approval of rule {name} is taken back." in html
    assert html.count("waits for approval") == 2
    with listed.stores.transaction(Role.EXECUTOR) as transaction:
        with pytest.raises(NotApproved):
            require_rule_approved(name, digest, transaction.queue)
        entries = [leaf.entry for leaf in transaction.ledger.leaves()]
    assert [(one.action, one.digest) for one in entries][-1] == ("rule_revoked", digest)
    # Approved once more, it counts again.
    listed.clock.moment += timedelta(minutes=1)
    assert approve(dana, digest, max_rows="9").status_code == 303
    with listed.stores.transaction(Role.EXECUTOR) as transaction:
        require_rule_approved(name, digest, transaction.queue)
