"""An officer's Monday in a real browser, without a shell: twelve tasks among a thousand requests.

Every page that is visited is looked at: contrast, names of controls, one heading, nothing cut off.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from lacuna.model.queue import Purpose
from lacuna.model.register import TaskKind
from lacuna.model.run import Role
from tests.dpo_page.browser import Tab, chromium
from tests.dpo_page.conftest import ORG
from tests.dpo_page.test_mails import waiting
from tests.dpo_page.test_plan_summary import CONTACTS, anonymize
from tests.dpo_page.test_tasks import everything
from tests.dpo_page.test_views import fill

pytestmark = pytest.mark.chromium

# WCAG 2.2 AA: 1.4.3 (contrast), 1.4.10 (reflow), 1.3.1 and 4.1.2 (names), 2.4.6 (headings).
FLAWS = """
(() => {
  const flaws = [];
  const rgb = (text) => {
    const [r, g, b, a = 1] = text.match(/[0-9.]+/g).map(Number);
    return {r, g, b, a};
  };
  const light = ({r, g, b}) => [r, g, b]
    .map((x) => x / 255).map((x) => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4)
    .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const found = rgb(getComputedStyle(one).backgroundColor);
      if (found.a === 1) return found;
    }
    return {r: 255, g: 255, b: 255, a: 1};
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('option, script, svg, .skip')) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const pair = [light(rgb(style.color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least) flaws.push(`contrast ${ratio.toFixed(2)}: ${walker.currentNode.data.trim()}`);
  }
  for (const one of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (!one.labels.length && !one.getAttribute('aria-label')) flaws.push(`no label: ${one.name}`);
  }
  for (const one of document.querySelectorAll('button, a[href]')) {
    if (!one.textContent.trim()) flaws.push(`no name: ${one.outerHTML}`);
  }
  for (const one of document.querySelectorAll('th:not([scope])')) flaws.push(`no scope: ${one.textContent}`);
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  if (new Set(ids).size !== ids.length) flaws.push('an id occurs twice');
  if (document.querySelectorAll('h1').length !== 1) flaws.push('not one heading');
  if (document.documentElement.scrollWidth > innerWidth) {
    flaws.push(`${document.documentElement.scrollWidth - innerWidth} pixels are cut off`);
  }
  return flaws;
})()
"""


@dataclass
class Desk:
    """The officer at the browser; looks at every page that comes."""

    tab: Tab
    url: str

    def open(self, path: str = "") -> None:
        self.tab.goto(f"{self.url}/{ORG}{path}")
        self.look()

    def look(self) -> None:
        assert self.tab.run(FLAWS) == [], self.tab.url

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

    def told(self, sentence: str) -> None:
        assert sentence in self.tab.text


@pytest.fixture(scope="module")
def running(session_folder):
    with chromium(session_folder / "chromium_monday") as found:
        yield found


@pytest.fixture
def desk(running, page) -> Callable[[int, str], Desk]:
    def sit_down(width: int, scheme: str) -> Desk:
        tab = Tab(running)
        tab.goto(f"{page.url}/static/page.css")
        tab.run("document.cookie = '_token=dana; path=/'")
        tab.show_as(width=width, scheme=scheme)
        return Desk(tab, page.url)

    return sit_down


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
    officer.press("Show the candidates")
    officer.tick("contact_id")
    officer.press("Choose this person")
    officer.told("The person is chosen.")

    # 10. Read two mails: one is a request, one is none.
    officer.open(f"/mails/{mails[0]}")
    officer.press("Open the mail")
    officer.told("Please remove <b>everything</b> about me.")
    officer.press("Queue the request")
    officer.told("The request in the mail is queued.")
    officer.open(f"/mails/{mails[1]}")
    officer.press("Open the mail")
    officer.told("the address may be forged")
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
    officer.told("The next run of gdpr_intake takes it in.")
    officer.tab.run("document.querySelector('#find').value = 'plan@example.org'")
    officer.tab.follow("header button")
    officer.look()
    officer.told("1 open")

    # What is left, and the other pages.
    for path in ("", "/requests?shelf=all", "/ambiguous", "/charts", "?kind=failure"):
        officer.open(path)
    officer.press("See what failed")
    assert running.complaints == []
    with office.stores.transaction(Role.PLANNER) as transaction:
        identity = transaction.queue.secrets.get(about[TaskKind.IDENTITY], Purpose.IDENTITY)
    assert identity is not None
