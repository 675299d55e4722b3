"""What a submission names must be there: the tenant, the kind of people, the columns to correct."""

from dataclasses import replace

import pytest

from lacuna.errors import MalformedRequest
from lacuna.model.queue import Submission
from lacuna.model.request import RequestKind
from lacuna.model.tenant import Tenant, Tenants
from lacuna.request import SubmissionCheck
from tests.shop import ANNA_MAIL, NOW, email

MAILBOX = Tenant("sued", "Sued", "DE", "de", ("privacy@example.org",), (), ())


def submission(**changes) -> Submission:
    return Submission(
        **{
            "org_id": "nord",
            "kinds": (RequestKind.RECTIFICATION,),
            "identifiers": (email(ANNA_MAIL),),
            "received_at": NOW,
        }
        | changes
    )


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def check(shop_datamap, asked) -> SubmissionCheck:
    def tenants_of_rows():
        asked.append("rows")
        return ["nord", "vest"]

    datamap = replace(shop_datamap, only_tenant="", tenants={})
    return SubmissionCheck(datamap, Tenants((), {"sued": MAILBOX}), tenants_of_rows)


def test_a_tenant_of_the_file_or_of_the_rows_is_known(check):
    for org_id in ("nord", "vest", "sued"):
        check.require_tenant(org_id)
        check.require(submission(org_id=org_id))


def test_rows_are_asked_once_and_only_for_a_tenant_that_no_file_names(check, asked):
    check.require(submission(org_id="sued"))
    assert asked == []
    for org_id in ("nord", "vest", "nord"):
        check.require(submission(org_id=org_id))
    assert asked == ["rows"]


def test_another_tenant_is_refused_and_only_who_may_know_is_told_which_there_are(check):
    with pytest.raises(MalformedRequest) as told:
        check.require_tenant("ost")
    assert "known tenants: nord, sued, vest" in str(told.value)
    assert "ost" not in str(told.value)
    with pytest.raises(MalformedRequest) as refused:
        check.require(submission(org_id="ost"))
    assert not any(name in str(refused.value) for name in ("nord", "sued", "vest"))


def test_many_tenants_are_not_all_named(shop_datamap):
    many = [f"t{number:03}" for number in range(300)]
    check = SubmissionCheck(replace(shop_datamap, tenants={}), Tenants((), {}), lambda: many)
    with pytest.raises(MalformedRequest, match=r"t000, .* and \d+ more$"):
        check.require_tenant("nobody")


def test_only_columns_that_hold_nothing_together_can_be_corrected(check):
    table = check.datamap.tables[check.datamap.subject.table]
    allowed = check.datamap.correctable
    assert allowed
    for name in allowed:
        check.require(submission(rectifications={name: "x"}))
    for name in {column.name for column in table.columns} - set(allowed) | {"favourite_color"}:
        with pytest.raises(MalformedRequest) as refused:
            check.require(submission(rectifications={name: "x", allowed[0]: "x"}))
        assert str(refused.value).startswith("request: 1 of 2 fields cannot be corrected")
        assert ", ".join(allowed) in str(refused.value)
        assert "favourite_color" not in str(refused.value)
    assert not {*table.key, table.tenant} & set(allowed)
