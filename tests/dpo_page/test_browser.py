"""The page in a real browser, behind a real Airflow: what an officer does, and what a viewer may."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacuna.evidence import verify_certificate
from lacuna.flows import fulfilment, seal
from lacuna.flows.run.installation_keys import published_keys_folder, read_public_keys
from scripts.local_ui import LocalUi
from tests.dpo_page.browser import Browser, Tab, chromium
from tests.flows.conftest import Installation, least_of_a_sample
from tests.flows.observation import people_named, quiet_people
from tests.officers import register

pytestmark = [pytest.mark.chromium, pytest.mark.airflow]

TEAMS = {"dpo": "user:fjordlys", "viewer": "viewer:fjordlys", "stranger": "user:hafenkontor"}


@pytest.fixture(scope="session")
def install_for_browser(template_database, session_folder: Path):
    return least_of_a_sample(template_database, session_folder, "sample_for_browser")


@pytest.fixture(scope="session")
def browser(session_folder: Path) -> Iterator[Browser]:
    with chromium(session_folder / "chromium") as running:
        yield running


@pytest.fixture
def ui(
    database, install_for_browser, lacuna_home: Path, tmp_path: Path
) -> Iterator[tuple[LocalUi, Installation]]:
    """Airflow's web server over an installation, with tenants kept apart by teams."""
    template, install = install_for_browser
    url = database(template=template)
    installation = install(url, lacuna_home)
    ui = LocalUi(
        lacuna_home,
        users=TEAMS,
        variables={
            "LACUNA_HOME": str(lacuna_home),
            "LACUNA_DATABASE_URL": url,
            "AIRFLOW__CORE__MULTI_TEAM": "True",
        },
    )
    try:
        ui.start([("api-server",)])
        yield ui, installation
    finally:
        ui.stop()


def log_in(browser: Browser, ui: LocalUi, name: str) -> Tab:
    tab = Tab(browser)
    tab.goto(f"{ui.url}/auth/login/")
    tab.type_into("input[name=username]", name)
    tab.type_into("input[name=password]", ui.passwords[name])
    tab.press("Enter", 13)
    tab.wait_for("!location.pathname.startsWith('/auth') && document.cookie.includes('_token')")
    return tab


@pytest.mark.thorough
def test_an_officer_approves_and_proves_and_nobody_else_may(ui, browser, tmp_path):
    ui, installation = ui
    register(installation.stores.database, "dpo")
    person = quiet_people(installation.platform)[0]
    request_id = installation.submit_contact(person)
    assert installation.run() is None
    own = f"{ui.url}/privacy/fjordlys/requests/{request_id}"

    # Nobody is served without a login, whatever they ask for.
    nobody = Tab(browser)
    for path in ("", "fjordlys", f"fjordlys/requests/{request_id}", "no/such"):
        nobody.goto(f"{ui.url}/privacy/{path}")
        assert request_id not in nobody.text
        assert nobody.send("GET", f"{ui.url}/privacy/{path}") == 401

    # The officer logs in to Airflow, finds the page in it, and the request by its id.
    officer = log_in(browser, ui, "dpo")
    officer.goto(f"{ui.url}/plugin/privacy")
    officer.wait_for(
        "[...document.querySelectorAll('iframe')].some((frame) => "
        "frame.contentDocument?.body?.innerText.includes('waiting for approval'))"
    )
    officer.goto(f"{ui.url}/privacy/")
    assert officer.url == f"{ui.url}/privacy/fjordlys"
    officer.type_into("#find", request_id)
    officer.run("window.__old = true")
    officer.press("Enter", 13)
    officer.wait_for(f"location.href === '{own}' && document.readyState === 'complete'")
    assert "e-mail addresses" in officer.text
    officer.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert "anonymize contact_center.contacts" in officer.text
    assert "The gates have not run yet." in officer.text
    html = officer.run("document.documentElement.outerHTML")
    assert people_named(installation.platform, [("page", html)]) == set()

    # A viewer reads the same, is offered no decision, and cannot send one. A stranger finds nothing.
    viewer = log_in(browser, ui, "viewer")
    viewer.goto(own)
    assert "e-mail addresses" in viewer.text
    assert viewer.run("document.querySelectorAll('button').length") == 1  # the search
    digest = installation.request(request_id).plan_digest
    for deed in ("approve", "refuse", "disclose"):
        assert viewer.send("POST", f"{own}/{deed}", digest=digest) == 403
    stranger = log_in(browser, ui, "stranger")
    assert stranger.send("GET", own) == 404
    # Without the token of the page the officer's own browser cannot be made to approve either.
    assert officer.send("POST", f"{own}/approve", digest=digest) == 403
    assert installation.request(request_id).state == "planned"

    officer.follow("a.go")
    assert "What was erased cannot be brought back" in officer.text
    # Airflow has never seen the flow's file here, and the page does not invent a time.
    assert "the next run of gdpr_fulfilment" in officer.text.lower()
    officer.follow("button.go")
    assert "The plan is approved." in officer.text
    assert installation.request(request_id).state == "approved"
    assert installation.run(fulfilment) is None
    assert installation.run(seal) is None
    officer.goto(own)
    assert "passed" in officer.text
    assert "residue, canary" in officer.text
    assert "completed" in officer.text

    # The certificate that comes out of the browser is the one that an auditor can check.
    folder = tmp_path / "downloads"
    folder.mkdir()
    officer.download_into(folder)
    officer.click("a[download][href$='certificate.json']")
    file = folder / f"{request_id}.json"
    for _ in range(600):
        if file.exists():
            break
        time.sleep(0.05)
    content = file.read_bytes()
    evidence = installation.stores.home / "evidence"
    assert content == (evidence / "certificates" / file.name).read_bytes()
    keys = read_public_keys(published_keys_folder(installation.stores.home))
    assert verify_certificate(content, keys).shown
    assert browser.complaints == []
