"""Every route against every role and both tenants; what anonymous visitors and other sites get."""

from __future__ import annotations

import uuid
from dataclasses import replace
from urllib.parse import parse_qs, urlencode

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from lacuna.dpo_page import Right, create_app
from lacuna.errors import UnknownRequest
from lacuna.model.queue import Purpose
from lacuna.model.run import Role
from tests.dpo_page.conftest import AUTH, DIGEST, ORG, OTHER, PEOPLE, token_in

FORM = {"content-type": "application/x-www-form-urlencoded"}
# Route → the right that it needs, a body that it takes, and what it answers to whoever may.
ROUTES = {
    ("GET", "/{org_id}"): (Right.READ, None, 200),
    ("GET", "/{org_id}/requests"): (Right.READ, None, 200),
    ("GET", "/{org_id}/requests.csv"): (Right.READ, None, 200),
    ("POST", "/{org_id}/find"): (Right.READ, "wanted={request_id}", 303),
    ("GET", "/{org_id}/requests/{request_id}"): (Right.READ, None, 200),
    ("GET", "/{org_id}/requests/{request_id}/certificate.{form}"): (Right.READ, None, 200),
    ("GET", "/{org_id}/charts"): (Right.READ, None, 200),
    ("GET", "/{org_id}/ambiguous"): (Right.READ, None, 200),
    ("POST", "/{org_id}/requests/{request_id}/approve"): (Right.DECIDE, f"digest={DIGEST}", 303),
    ("POST", "/{org_id}/requests/{request_id}/refuse"): (Right.DECIDE, "ground=17(3)(b)", 303),
    ("POST", "/{org_id}/requests/{request_id}/hold"): (
        Right.DECIDE,
        "ground=17(3)(b)&until=2026-12-24",
        303,
    ),
    ("POST", "/{org_id}/requests/{request_id}/extend"): (Right.DECIDE, "note=x", 303),
    ("POST", "/{org_id}/requests/{request_id}/withdraw"): (Right.DECIDE, "", 303),
    ("POST", "/{org_id}/requests/{request_id}/comment"): (Right.DECIDE, "text=x", 303),
    ("POST", "/{org_id}/requests/{request_id}/assign"): (Right.DECIDE, "officer=&before=", 303),
    ("POST", "/{org_id}/mails/{mail_id}/assign"): (Right.DECIDE, "officer=&before=", 404),
    ("POST", "/{org_id}/requests/{request_id}/verify-identity"): (Right.DECIDE, "how=x", 409),
    # What cannot be done with a plan of an erasure that nobody approved yet.
    ("POST", "/{org_id}/requests/{request_id}/instruct"): (Right.DECIDE, "how=x", 409),
    ("POST", "/{org_id}/requests/{request_id}/revoke"): (Right.DECIDE, "", 409),
    ("POST", "/{org_id}/requests/{request_id}/ask"): (Right.DECIDE, "", 409),
    ("POST", "/{org_id}/requests/{request_id}/resume"): (Right.DECIDE, "", 409),
    **{
        ("GET", f"/{{org_id}}/requests/{{request_id}}/{name}"): (Right.DECIDE, None, status)
        for name, status in (
            ("approve", 200),
            ("refuse", 200),
            ("hold", 200),
            ("extend", 200),
            ("withdraw", 200),
            ("comment", 200),
            ("verify-identity", 409),
            ("instruct", 409),
            ("revoke", 409),
            ("ask", 409),
            ("resume", 409),
        )
    },
    ("GET", "/{org_id}/requests/{request_id}/release"): (Right.DISCLOSE, None, 200),
    ("POST", "/{org_id}/requests/{request_id}/release"): (Right.DISCLOSE, "", 200),
    # This installation has no address for links; tests/delivery has one.
    ("GET", "/{org_id}/requests/{request_id}/delivery"): (Right.DISCLOSE, None, 404),
    ("POST", "/{org_id}/requests/{request_id}/delivery"): (Right.DISCLOSE, "way=show", 404),
    ("POST", "/{org_id}/requests/{request_id}/delivery/code"): (Right.DISCLOSE, "", 404),
    ("POST", "/{org_id}/requests/{request_id}/delivery/revoke"): (Right.DISCLOSE, "", 404),
    # Nobody is ambiguous here, so whoever may decide is told that there is nothing to decide.
    ("POST", "/{org_id}/requests/{request_id}/resolve"): (Right.DECIDE, "contact_id=x", 422),
    ("POST", "/{org_id}/requests/{request_id}/disclose"): (Right.DISCLOSE, "", 200),
    ("POST", "/{org_id}/requests/{request_id}/bundle"): (Right.DISCLOSE, "", 200),
    # No officer of a single tenant learns of rules: test_rules.py.
    ("GET", "/{org_id}/rules"): (Right.DECIDE, None, 404),
    ("GET", "/{org_id}/rules/{digest}"): (Right.DECIDE, None, 404),
    ("POST", "/{org_id}/rules/{digest}"): (Right.DECIDE, "max_rows=", 404),
    ("POST", "/{org_id}/rules/{digest}/revoke"): (Right.DECIDE, "", 404),
    # Mails of their own are in test_mails.py; here there is none of this id.
    ("GET", "/{org_id}/mails/{mail_id}"): (Right.READ, None, 404),
    ("POST", "/{org_id}/mails/{mail_id}/open"): (Right.DISCLOSE, "", 404),
    ("POST", "/{org_id}/mails/{mail_id}/accept"): (Right.DECIDE, "kind_erasure=on", 404),
    ("POST", "/{org_id}/mails/{mail_id}/ask"): (Right.DECIDE, "letter=question", 404),
    ("GET", "/{org_id}/mails/{mail_id}/dismiss"): (Right.DECIDE, None, 404),
    ("POST", "/{org_id}/mails/{mail_id}/dismiss"): (Right.DECIDE, "", 404),
    ("POST", "/{org_id}/approvals"): (Right.DECIDE, "plan_{request_id}=" + DIGEST, 200),
    ("POST", "/{org_id}/approvals/confirm"): (Right.DECIDE, "plan_{request_id}=x&digest=y", 422),
    ("GET", "/{org_id}/submit"): (Right.SUBMIT, None, 200),
    ("POST", "/{org_id}/submit"): (
        Right.SUBMIT,
        "kind=erasure&identifier_kind=email&identifier=x%40example.org&verified_by=",
        303,
    ),
    # These take other types than a form: refused for that, but only to those who may.
    ("POST", "/{org_id}/requests"): (Right.SUBMIT, "", 415),
    ("POST", "/{org_id}/upload"): (Right.SUBMIT, "", 415),
    ("POST", "/{org_id}/upload/{upload_id}"): (Right.SUBMIT, "decision=queue", 410),
    ("GET", "/{org_id}/inbox/{inbox_id}"): (Right.READ, None, 404),
    ("POST", "/{org_id}/inbox/{inbox_id}/withdraw"): (Right.DECIDE, "", 422),
}
FREE = {"/", "/static/{name}", "/{anything:path}"}


def address(path: str, org_id: str, request_id: str) -> str:
    return path.format(
        org_id=org_id,
        request_id=request_id,
        form="json",
        upload_id=uuid.uuid4(),
        mail_id=uuid.uuid4(),
        inbox_id=77,
        digest=DIGEST,
    )


def test_the_matrix_names_every_route():
    app = create_app(auth=AUTH, stores=lambda: None)
    found = {
        (method, route.path)
        for route in _routes(app)
        for method in route.methods
        if route.path not in FREE
    }
    assert found == set(ROUTES)


def _routes(app):
    found = []
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        inner = getattr(route, "original_router", None)
        if isinstance(route, APIRoute):
            found.append(route)
        elif inner is not None:
            waiting += inner.routes
    return found


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda each: str(each))
def test_each_route_serves_those_with_the_right_at_their_own_tenant_alone(
    office, visit, method, path
):
    right, body, done = ROUTES[method, path]
    untouched = {org_id: complete(office, org_id) for org_id in (ORG, OTHER)}
    before = {org_id: office.entries(each) for org_id, each in untouched.items()}
    for name, rights in PEOPLE.items():
        for org_id in (ORG, OTHER):
            held = rights.get(org_id, frozenset())
            # Whoever decides, or sees a person, is in the register of officers besides.
            is_enough = right in held and (
                name != "uma" or right not in (Right.DECIDE, Right.DISCLOSE)
            )
            expected = 404 if Right.READ not in held else done if is_enough else 403
            # Whoever may act gets a request of their own to act on.
            request_id = complete(office, org_id) if right in held else untouched[org_id]
            answer = visit(name).request(
                method,
                address(path, org_id, request_id),
                content=None if body is None else body.format(request_id=request_id),
                headers={} if body is None else FORM,
            )
            assert answer.status_code == expected, (name, org_id)
            if expected in (403, 404):
                assert request_id not in answer.text
    for org_id, request_id in untouched.items():
        assert office.state(request_id) == "planned"
        assert office.entries(request_id) == before[org_id]


def complete(office, org_id) -> str:
    """Return a request that has everything a request can have on the page."""
    request_id = office.planned(org_id, mail=f"{uuid.uuid4()}@example.org")
    office.certified(request_id)
    office.bundled(request_id)
    return request_id


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda each: str(each))
@pytest.mark.parametrize("who", [None, "an expired token"])
def test_dpo_api_01_nobody_without_a_session_is_served(office, visit, method, path, who):
    answer = visit(who).request(method, address(path, ORG, str(uuid.uuid4())), headers=FORM)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/no/such/page", "/static", "/static/", "/openapi.json", "/docs"]
)
def test_nobody_without_a_session_learns_what_is_there(page, visit, path):
    assert visit().get(path).status_code == 401


def test_style_and_script_need_no_session_and_say_nothing_else(page, visit):
    for name in ("page.css", "page.js"):
        answer = visit().get(f"/static/{name}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=300")
    assert visit().get("/static/app.py").status_code == 404
    assert visit().post("/static/page.css").status_code in (401, 405)


def answered(path: str, accept: str = "text/html", method: str = "GET", mounted: str = "/privacy"):
    """Return what a visitor without log-in gets of the page where Airflow mounts it."""
    outer = FastAPI()
    outer.mount(mounted, create_app(auth=replace(AUTH, login="log/in"), stores=lambda: None))
    with TestClient(outer, follow_redirects=False) as client:
        return client.request(method, path, headers={"accept": accept})


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/privacy/", "/privacy/"),
        (f"/privacy/{ORG}/requests?shelf=due&page=2", f"/privacy/{ORG}/requests?shelf=due&page=2"),
        ("/privacy//evil.example", "/privacy//evil.example"),
    ],
)
def test_a_visit_without_log_in_is_sent_to_it_and_returns(path, back):
    answer = answered(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/log/in?{urlencode({'next': back})}"


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%5Cevil.example", "///x"])
def test_nobody_is_sent_to_another_server(path):
    location = answered(f"http://testserver{path}", mounted="").headers["location"]
    assert location.startswith("/log/in?next=%2F")
    back = parse_qs(location.partition("?")[2])["next"][0]
    assert not back.startswith(("//", "/\\"))


@pytest.mark.parametrize(("accept", "method"), [("application/json", "GET"), ("text/html", "POST")])
def test_a_program_and_a_form_are_refused_without_log_in(accept, method):
    assert answered(f"/privacy/{ORG}", accept, method).status_code == 401


@pytest.mark.parametrize("org_id", ["nosuch", OTHER, "..", "%2e%2e", "x" * 99])
def test_a_tenant_that_is_not_there_looks_like_one_that_may_not_be_seen(page, visit, org_id):
    answer = visit("dana").get(f"/{org_id}/requests")
    assert answer.status_code == 404
    assert "This page does not exist, or you are not allowed to see it." in answer.text


@pytest.mark.parametrize("path", ["", "/certificate.json", "/certificate.html"])
def test_another_tenants_request_is_not_there_under_ones_own_tenant(office, visit, path):
    strange = office.planned(OTHER)
    office.certified(strange)
    answer = visit("dana").get(f"/{ORG}/requests/{strange}{path}")
    assert answer.status_code == 404


@pytest.mark.parametrize("deed", ["approve", "refuse", "resolve", "disclose", "bundle"])
def test_dpo_api_04_another_tenants_request_cannot_be_touched_by_its_id(office, visit, deed):
    strange = office.planned(OTHER)
    office.bundled(strange)
    body = {"approve": f"digest={DIGEST}", "refuse": "ground=17(3)(b)", "resolve": "contact_id=x"}
    before = office.entries(strange)
    answer = visit("dana").post(
        f"/{ORG}/requests/{strange}/{deed}", content=body.get(deed, ""), headers=FORM
    )
    assert answer.status_code == 404
    assert office.state(strange) == "planned"
    assert office.entries(strange) == before


def test_row_security_holds_where_the_pages_own_checks_would_not(office):
    strange = office.planned(OTHER)
    with office.stores.transaction(Role.DPO, org_id=ORG) as transaction:
        with pytest.raises(UnknownRequest):
            transaction.register.filed(strange)
        with pytest.raises(UnknownRequest):
            transaction.queue.requests.get(strange)
        assert transaction.queue.plans.get(strange) is None
        assert transaction.queue.secrets.get(strange, Purpose.IDENTIFIERS) is None


# --- other sites ----------------------------------------------------------------------------------


def approve(client, request_id, token=None, **headers):
    body = f"digest={DIGEST}" + ("" if token is None else f"&form_token={token}")
    return client.post(
        f"/{ORG}/requests/{request_id}/approve", content=body, headers={**FORM, **headers}
    )


def test_dpo_api_02_a_post_without_the_forms_token_does_nothing(office, visit):
    request_id = office.planned()
    assert approve(visit("dana", cookie=True), request_id).status_code == 403
    assert office.state(request_id) == "planned"


def test_a_token_serves_the_person_that_it_was_made_for_and_not_for_ever(office, visit, page):
    request_id = office.planned()
    dana = visit("dana", cookie=True)
    own = token_in(dana.get(f"/{ORG}").text)
    dirks = token_in(visit("dirk", cookie=True).get(f"/{ORG}").text)
    until, _, mac = own.partition(".")
    for wrong in (dirks, "", ".", f"{int(until) + 1}.{mac}", f"{until}.{'0' * 64}", "\u0661.x"):
        assert approve(dana, request_id, wrong).status_code in (403, 422), wrong
    office.clock.moment = office.clock.moment.replace(day=25)
    assert approve(dana, request_id, own).status_code == 403
    assert office.state(request_id) == "planned"
    office.clock.moment = office.clock.moment.replace(day=24)
    assert approve(dana, request_id, own).status_code == 303
    assert office.state(request_id) == "approved"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_what_another_site_sends_is_refused_with_a_token_too(office, visit, headers):
    request_id = office.planned()
    dana = visit("dana", cookie=True)
    token = token_in(dana.get(f"/{ORG}").text)
    assert approve(dana, request_id, token, **headers).status_code == 403
    assert office.state(request_id) == "planned"


def test_every_answer_forbids_scripts_frames_and_caches_of_others(office, visit):
    request_id = office.planned()
    for client, path in (
        (visit("dana"), f"/{ORG}"),
        (visit("dana"), f"/{ORG}/requests/{request_id}"),
        (visit("dana"), "/nothing"),
        (visit(), f"/{ORG}"),
        (visit("dana"), f"/{ORG}/requests/x"),
    ):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'self'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_no_page_has_what_its_policy_would_stop(office, visit):
    request_id = office.planned()
    office.verified(request_id)
    dana = visit("dana")
    for path in ("", "/requests", f"/requests/{request_id}", "/charts", "/ambiguous", "/submit"):
        html = dana.get(f"/{ORG}{path}").text
        assert " style=" not in html
        assert "<style" not in html
        assert "javascript:" not in html
        assert "<script>" not in html
        assert not [each for each in html.split("http")[1:] if each.startswith(("://", "s://"))]
