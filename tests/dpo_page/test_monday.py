"""An officer's Monday in a real browser, without a shell: twelve tasks among a thousand requests.

axe-core looks at every page that is visited, and nothing on it is cut off.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import pytest

from lacuna.model.queue import Purpose
from lacuna.model.register import TaskKind
from lacuna.model.run import Role
from tests.dpo_page.browser import Tab, chromium
from tests.dpo_page.conftest import ORG
from tests.dpo_page.test_mails import waiting
from tests.dpo_page.test_tasks import everything
from tests.dpo_page.test_views import fill
from tests.model.test_plan_summary import CONTACTS, anonymize

pytestmark = pytest.mark.chromium

# Read as a file: to import the package takes a browser of its own, which it does without here.
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
# All rules of axe, and WCAG 2.2's size of targets (2.5.8), which it leaves out by default.
AUDIT = """
axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})
  .then((found) => found.violations.flatMap((one) => one.nodes.map(
    (node) => `${one.id}: ${node.html} ${node.failureSummary}`)))
"""
# What axe does not look at: 1.4.10, text that a narrow window cuts off. What a window says of itself
# grows with what is too wide for it.
WIDTH = "document.documentElement.scrollWidth"


@dataclass
class Desk:
    """The officer at the browser; looks at every page that comes."""

    tab: Tab
    url: str
    width: int

    def open(self, path: str = "") -> None:
        self.tab.goto(f"{self.url}/{ORG}{path}")
        self.look()

    def look(self) -> None:
        if not self.tab.run("'axe' in window"):
            self.tab.run(AXE)
        assert self.tab.run(AUDIT) == [], self.tab.url
        assert self.tab.run(WIDTH) <= self.width, self.tab.url

    def press(self, words: str) -> None:
        """Press the button or follow the link that has these words, as a reader finds it."""
        found = json.dumps(words)
        self.tab.wait_for(
            f"!!(window.__found = [...document.querySelectorAll('main a, main button')]"
            f".find((one) => one.textContent.trim() === {found}))"
        )
        self.tab.run("window.__found.setAttribute('data-found', '')")
        self.tab.follow("[data-found]")
        self.look()

    def write(self, name: str, text: str) -> None:
        field = json.dumps(f"main [name='{name}']")
        self.tab.run(f"document.querySelector({field}).value = {json.dumps(text)}")

    def tick(self, name: str) -> None:
        field = json.dumps(f"main [name='{name}']")
        self.tab.run(f"document.querySelector({field}).checked = true")

    def attach(self, name: str, path: Path) -> None:
        root = self.tab.call("DOM.getDocument")["root"]["nodeId"]
        field = self.tab.call("DOM.querySelector", nodeId=root, selector=f"main [name='{name}']")
        self.tab.call("DOM.setFileInputFiles", files=[str(path)], nodeId=field["nodeId"])

    def told(self, sentence: str) -> None:
        assert sentence in self.tab.text


@pytest.fixture(scope="module")
def running(session_folder):
    with chromium(session_folder / "chromium_monday") as found:
        yield found


@pytest.fixture
def desk(running, page) -> Callable[..., Desk]:
    def sit_down(width: int, scheme: str, name: str = "dana") -> Desk:
        tab = Tab(running)
        tab.goto(f"{page.url}/static/page.css")
        tab.run(f"document.cookie = '_token={name}; path=/'")
        tab.show_as(width=width, scheme=scheme)
        return Desk(tab, page.url, width)

    return sit_down


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.long),
        pytest.param(390, "light", marks=pytest.mark.long),
    ],
)
def test_a_monday_without_a_shell(office, desk, running, width, scheme):
    about = everything(office)
    steps = json.dumps([anonymize(CONTACTS, 2, ["email", "suppress"])])
    office.plan(about[TaskKind.APPROVAL], "anonymize crm.contact, rows: 2", steps)
    several = [office.planned(mail=f"many{number}@example.org") for number in range(3)]
    mails = [waiting(office), waiting(office, is_vouched=False)]
    sealed = about[TaskKind.BUNDLE]
    with office.stores.transaction(Role.PLANNER) as transaction:
        bundle = transaction.queue.bundles.get(sealed)
        secret = office.stores.keys.encrypt(sealed, b"correct horse battery")
        transaction.queue.bundles.put(replace(bundle, passphrase=secret))
    fill(office, 1_000)
    officer = desk(width, scheme)

    # 1. Read a plan and approve it; 2. think again, and revoke the approval.
    officer.open("?kind=approval")
    officer.open(f"/requests/{about[TaskKind.APPROVAL]}")
    officer.press("Approve")
    officer.told("e-mail addresses")
    officer.press("Approve this plan")
    officer.told("The plan is approved.")
    officer.press("Revoke the approval")
    officer.press("Revoke the approval")
    officer.told("The plan waits for approval again.")

    # 3. Approve several plans together.
    officer.open("?kind=approval")
    for one in several:
        officer.tick(f"plan_{one}")
    officer.press("Approve the chosen plans")
    officer.press("Approve 3 plans")
    officer.told("3 plans approved.")
    assert {office.state(one) for one in several} == {"approved"}

    # 4. Record an identity check.
    officer.open("?kind=identity")
    officer.press("Record the identity check")
    officer.write("how", "passport seen by video")
    officer.press("Record it")
    officer.told("The identity check is recorded.")

    # 5. Extend a request; 6. put one on hold; 7. refuse one; 8. withdraw one.
    officer.open(f"/requests/{about[TaskKind.DUE_SOON]}")
    officer.press("Extend")
    officer.write("note", "The recordings have to be listened to first.")
    officer.press("Extend by two months")
    officer.told("The request is extended.")
    officer.press("Hold")
    officer.write("ground", "17(3)(e)")
    officer.write("until", "2027-01-31")
    officer.press("Hold until this date")
    officer.told("The request is on hold.")
    officer.open(f"/requests/{about[TaskKind.DECIDED_BEFORE]}")
    officer.press("Refuse")
    officer.write("ground", "17(3)(b)")
    officer.press("Refuse")
    officer.told("The request is refused.")
    officer.open(f"/requests/{about[TaskKind.OVERDUE]}")
    officer.press("Withdraw")
    officer.press("Withdraw")
    officer.told("The request is withdrawn.")

    # 9. Say who is meant.
    officer.open("?kind=ambiguous")
    officer.press("Choose the person")
    officer.press("Choose the person")
    officer.tick("contact_id")
    officer.press("Choose this person")
    officer.told("The person is chosen.")

    # 10. Read two mails: one is a request, one is none.
    officer.open(f"/mails/{mails[0]}")
    officer.press("Open the mail")
    officer.told("Please remove <b>everything</b> about me.")
    # What has to be corrected is far down: the focus goes there.
    officer.tab.run("document.querySelectorAll('[name^=found_]').forEach((one) => one.click())")
    officer.press("Queue the request")
    officer.told("Choose or write at least one identifier.")
    assert officer.tab.run("document.activeElement.name") == "external_id"
    officer.tab.run("document.querySelectorAll('[name^=found_]').forEach((one) => one.click())")
    officer.press("Queue the request")
    officer.told("The request in the mail is queued.")
    officer.open(f"/mails/{mails[1]}")
    officer.press("Open the mail")
    officer.told("the address may be forged")
    officer.press("Dismiss the mail")
    officer.press("Dismiss the mail")
    officer.told("This mail is settled: dismissed.")

    # 11. Hand over a bundle.
    officer.open("?kind=bundle")
    officer.press("Hand over the bundle")
    officer.press("Hand it over")
    officer.told("correct horse battery")

    # 12. Hand in a correction for a caller, whose open request is found by their address.
    officer.open("/submit")
    officer.write("kind", "rectification")
    officer.write("identifier", "caller@example.org")
    officer.write("verified_by", "called back")
    officer.press("Submit")
    officer.told("Write at least one new value.")
    officer.write("set_first_name", "Ada")
    officer.press("Submit")
    officer.told("It gets its number, such as FJ-0142, in the next run of gdpr_intake")
    officer.tab.run("document.querySelector('#find').value = 'plan@example.org'")
    officer.tab.follow("header button")
    officer.look()
    officer.told("1 request")

    # What is left, and the other pages.
    for path in ("", "/requests?shelf=all", "/ambiguous", "/charts", "?kind=failure"):
        officer.open(path)
    officer.press("See what failed")
    assert running.complaints == []
    with office.stores.transaction(Role.PLANNER) as transaction:
        identity = transaction.queue.secrets.get(about[TaskKind.IDENTITY], Purpose.IDENTITY)
    assert identity is not None


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "light"),
        (1280, "dark"),
        # Where a table is still a table, and the window is narrower than it.
        pytest.param(760, "light", marks=pytest.mark.long),
    ],
)
def test_the_pages_that_no_monday_needs(office, desk, width, scheme, tmp_path):
    request_id = office.planned()
    for count in (1, 2):
        steps = json.dumps(
            [
                anonymize(CONTACTS, count, ["email", "suppress"]),
                {"kind": "Retain", "location": CONTACTS, "rows": 1, "ground": "1 column stays"},
            ]
        )
        office.plan(request_id, f"anonymize crm.contact, rows: {count}", steps)
        officer = desk(width, scheme)
        officer.open(f"/requests/{request_id}")
    officer.told("1 more")
    officer.press("Take it")
    officer.told("Give it back")
    officer.press("Comment")
    officer.write("text", "she called")
    officer.press("Keep the comment")
    officer.press("Read the comments")
    officer.told("she called")
    officer.open("?assigned=mine&order=newest")
    mail_id = waiting(office)
    officer.open(f"/mails/{mail_id}")
    officer.press("Open the mail")
    officer.press("Ask which rights they mean")
    officer.told("question, ")
    officer.press("Open the mail")
    officer.press("Queue it, and take another one from this mail")
    officer.told("Requests from it")
    # What is refused, and what a file of requests says.
    officer.open("/requests/no-such-request")
    officer.open("/submit")
    csv = tmp_path / "requests.csv"
    csv.write_text("kinds,email\nerasure,one@example.org\nnothing,two@example.org\n", "utf-8")
    officer.attach("file", csv)
    officer.press("Check the file")
    officer.told("Valid requests: 1. Invalid lines: 1.")
    officer.press("Discard")
    # Whoever may see several tenants chooses between them.
    reader = desk(width, scheme, "tina")
    reader.tab.goto(f"{reader.url}/")
    reader.look()
    reader.press("hafenkontor")
    reader.press("fjordlys")
