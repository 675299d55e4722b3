"""The page of a certificate: what an authority, an officer and the person read and print."""

import hashlib
import json
import re
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser

import pytest
import rfc8785

from lacuna.evidence import (
    ClosedRequest,
    Particulars,
    certificate_page,
    issue,
    leaf_of,
    statement_of,
    verify_certificate,
)
from lacuna.evidence.certificate_page.annex import ACTIONS
from lacuna.evidence.summary import CHANGING
from lacuna.model.evidence import Action
from lacuna.model.finding import Gate
from lacuna.model.identity import CLASS_OF_KIND, IdentityBasis
from lacuna.model.plan import AnonymizeRows, EmptyFiles
from lacuna.model.request import RequestKind
from lacuna.model.searched_places import TOO_SHORT
from lacuna.verify.residue import AIRFLOW_UNKNOWN
from tests.code_words import code_words
from tests.conftest import GOLDEN
from tests.evidence.issued import (
    DUE,
    KEY,
    KINDS,
    PARTICULARS,
    certified,
    closed,
    erasure,
    of_kind,
    sealed,
)
from tests.evidence.test_certificate import resigned
from tests.evidence.test_signed_statement import (
    ACCEPTED,
    APPROVED,
    ERASED,
    ERASURE,
    MESSAGE,
    OUT,
    PLANNED,
    REQUEST,
)

# Nobody has handed over what was written in the night.
IN_TIME = {"access": "still running: the bundle had not been handed over"}


@pytest.fixture(scope="module")
def erased():
    return erasure()


def edited(change, *lines, particulars=PARTICULARS):
    """Return the certificate of an erasure whose statement was changed before it was signed."""
    statement, leaves = closed(*(lines or ERASED))
    content = json.loads(statement.content)
    change(content)
    told = rfc8785.dumps(content)
    digest = hashlib.sha256(told).hexdigest()
    closing = leaf_of(replace(leaves[-1].entry, digest=digest), leaves[-1].position)
    ledger = sealed([*leaves[:-1], closing])
    return issue(told, ClosedRequest(closing, particulars), ledger, KEY)


def page_of(certificate):
    return certificate_page(certificate).decode()


def words_of(certificate, *, annex=False):
    """Return what the page says, without its marks; the annex only where it is asked for."""
    page = page_of(certificate)
    body = page[page.index("<body>") :]
    body = body if annex else body[: body.index('<section class="annex">')]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split()).replace(" .", ".")


# --- counting -------------------------------------------------------------------------------------


def test_a_row_that_is_treated_in_two_ways_is_one_row():
    step = AnonymizeRows(MESSAGE, (("sender", "suppress"),), 12)
    plan = replace(ERASURE, steps=(*ERASURE.steps, step))
    anonymized = (Action.ANONYMIZE_ROWS, OUT, "support.message", 12)
    certificate = certified(*ERASED[:-1], anonymized, ERASED[-1], plan=plan)
    words = words_of(certificate)
    # 12 messages, whose text was redacted too, and 1 contact; 2 summaries; 3 recordings, 1 export.
    assert "15 rows about the person were deleted or anonymized, and 4 files were deleted" in words
    assert "13 rows about the person were anonymized, in 2 tables" in words
    assert "In 12 of them, free text was redacted" in words
    assert (
        '<td class="place" data-head="place">support.message</td>'
        '<td data-head="what">rows anonymized, and text redacted</td>'
        '<td class="n" data-head="count">12</td>'
    ) in page_of(certificate)


def test_rows_of_other_people_that_may_be_the_same_are_not_added_up():
    plan = replace(ERASURE, steps=(*ERASURE.steps, EmptyFiles(MESSAGE, ("scan",), 2)))
    emptied = (Action.EMPTY_FILES, OUT, "support.message", 2)
    words = words_of(certified(*ERASED[:-1], emptied, ERASED[-1], plan=plan))
    assert "covered in 3 rows of other people" in words
    assert "In 2 rows of other people, a file that named the person was emptied" in words
    assert "Such a row may be among those whose text was covered" in words


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ([("delete_rows", "support.summary", 1)],
         "erased from the platform: 1 row about the person was deleted or anonymized."),
        ([("delete_objects", "media/x", 2)], "erased from the platform: 2 files were deleted or rewritten."),
        ([], "No row and no file of the person was there to delete or anonymize."),
    ],
)  # fmt: skip
def test_the_summary_has_no_number_of_nothing(done, said):
    records = [
        {"action": action, "location": place, "rows": rows, "already": 0}
        for action, place, rows in done
    ]
    assert said in words_of(edited(lambda content: content.update(done=records)))


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_agree_with_their_nouns_and_verbs(kind):
    words = words_of(of_kind(kind), annex=True)
    assert not re.findall(
        r"\b1 (?:\w+ )?(?:rows|files|places|tables|values|days|people|were)\b", words
    )
    assert not re.findall(r"\b(?:0|[2-9]|\d\d+) (?:row|file|place|table|value|day|person)\b", words)
    assert "(s)" not in words
    assert "None" not in words


# --- what an authority asks -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_names_the_parties_the_request_and_its_dates(kind):
    words = words_of(of_kind(kind))
    assert "Request FJ-0142" in words
    for name in (
        PARTICULARS.controller,
        PARTICULARS.processor,
        PARTICULARS.data_protection_officer,
        PARTICULARS.supervisory_authority,
    ):
        assert name in words
    assert "Received 2026-03-01; recorded in the ledger on 2026-03-02" in words
    assert "Due 2026-04-01; one month after receipt, or the next working day" in words
    assert f"Closed 2026-03-02; the deadline was {IN_TIME.get(kind, 'met')}" in words
    asked = kind if kind in tuple(RequestKind) else "erasure"
    article = RequestKind(asked).article
    asked = (
        "access (Art. 15) and portability (Art. 20)"
        if kind == "access"
        else f"{asked} (Art. {article})"
    )
    assert f"Asked for {asked}" in words


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_says_what_was_done_what_stays_what_was_searched_and_who_decided(kind):
    page = page_of(of_kind(kind))
    titles = re.findall(r"<h2>([^<]+)</h2>", page)
    for title in ("What was done", "What was kept, and why", "What was searched, and what could not be",
                  "Who decided", "Complaint", "How to check this certificate"):  # fmt: skip
        assert title in titles
    assert ("What “erased” means here, and what backups still hold" in titles) is (
        kind == "erasure"
    )
    assert titles[-1] == "Annex"
    first = page[: page.index('<section class="annex">')]
    assert "<table" not in first


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "erasure",
            "The person's data was erased from the platform: 15 rows about the person were",
        ),
        ("access", "A copy of the person's data, 18 rows, was written and encrypted"),
        ("rectification", "The person's data was corrected in 1 row."),
        ("restriction", "Processing of the person's data is restricted (Art. 18)."),
        ("objection", "The person's objection (Art. 21) is recorded."),
        ("nothing_found", "Nobody matches the identifiers in the request."),
        (
            "refused",
            "refused under Art. 12(5)(b): manifestly unfounded or excessive: no action is taken.",
        ),
    ],
)
def test_the_page_begins_with_what_it_comes_to(kind, said):
    page = page_of(of_kind(kind))
    says = unescape(page[page.index('<div class="says">') : page.index("<h2>")])
    assert said in says
    assert "The request was due on 2026-04-01 and closed on 2026-03-02." in says
    assert f"The deadline of Art. 12(3) was {IN_TIME.get(kind, 'met')}" in says


def test_the_page_says_which_recordings_were_deleted_and_what_was_missing_before(erased):
    words = words_of(erased)
    assert (
        "Of these files, 3 were recordings of what was spoken: 3 files in media/recordings/*.wav"
        in words
    )
    assert (
        "1 file that rows named was already missing before; it is not counted as deleted" in words
    )
    none = replace(PARTICULARS, recordings=("media/voicemails/**",))
    assert "No recording of the person's voice was there to delete" in words_of(
        certified(*ERASED, particulars=none)
    )
    unknown = words_of(certified(*ERASED, particulars=replace(PARTICULARS, recordings=())))
    assert "recording" not in unknown


@pytest.mark.parametrize(
    ("ground", "location", "said"),
    [
        ("5 columns without personal data stay for statistics (Recital 26)", "support.contact",
         "In the anonymized rows of 1 table, columns without personal data stay for statistics (Recital 26). "
         "No end is set, because"),
        ("held on the ground of Art. 17(3)(e) until 2028-01-31", "support.message",
         "Held on the ground of Art. 17(3)(e) (legal claims) until 2028-01-31: 7 rows in support.message."),
        ("values that another person also holds stay in that person's own rows (15(4))", "lacuna",
         "own rows (Art. 15(4)): 7 values. No end is recorded."),
        ("rows of others need it; it goes with the last of them", "media",
         "Rows of others need it; it goes with the last of them: 7 files in media."),
        ("encrypted vendor ids; destroyed after 35 days (5(2), 17(1))", "keys.erased",
         "Encrypted vendor ids; destroyed after 35 days (Art. 5(2), 17(1))."),
    ],
)  # fmt: skip
def test_the_page_says_what_stays_on_which_ground_and_until_when(ground, location, said):
    kept = [{"location": location, "ground": ground, "rows": 7}]
    assert said in words_of(edited(lambda content: content.update(kept=kept)))


def test_columns_that_stay_in_many_tables_are_one_sentence():
    kept = [
        {"location": f"support.t{number}", "rows": 1,
         "ground": f"{number} columns without personal data stay for statistics (Recital 26)"}
        for number in range(2, 16)
    ]  # fmt: skip
    words = words_of(edited(lambda content: content.update(kept=kept)))
    assert words.count("columns without personal data") == 1
    assert "In the anonymized rows of 14 tables" in words


def test_the_page_says_that_backups_hold_the_data_and_until_when(erased):
    assert "does not say when the last one that contains the data is gone" in words_of(erased)
    unreached = [
        {"store": "database", "level": "L3", "why": "backups", "until": "2026-04-06"},
        {"store": "media", "level": "L3", "why": "backups", "until": "2026-04-05"},
    ]
    words = words_of(edited(lambda content: content.update(unreached=unreached)))
    assert "Backups, archives and replicas were not erased (level L3)" in words
    assert "The last one that contains the data is gone by 2026-04-06" in words


def test_the_page_says_what_could_not_be_searched_and_why():
    opaque = ["bundles, encrypted for their recipients: 3", "server log, log_min_messages=warning"]
    values = [
        {"value_class": "contact", "everywhere": 2, "own_rows": 1, "left": 22},
        {"value_class": "name", "everywhere": 1, "own_rows": 0, "left": 0},
    ]
    words = words_of(
        edited(lambda content: content["verification"].update(opaque=opaque, values=values))
    )
    assert (
        "A search of 57 places afterwards found none of the values searched for. 22 values were not "
        "searched for and 2 kinds of places could not be searched; see below."
    ) in words
    assert "bundles : encrypted for their recipients (3)" in words
    assert "server log: log_min_messages=warning" in words
    assert (
        "3 values of the person (such as addresses, numbers and names) were searched for" in words
    )
    assert "; 1 value in the person's own rows only, because it is other people's too" in words
    assert "; 22 values not at all, because at least ten other people have them too" in words


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_says_nothing_in_code_words(kind):
    body = page_of(of_kind(kind)).partition("<body>")[2]
    assert code_words(body.partition('<section class="annex">')[0]) == []


def test_what_could_not_be_searched_is_said_without_code_words():
    opaque = [
        *(f"{kind.words}, {TOO_SHORT}: 2" for kind in CLASS_OF_KIND),
        f"{AIRFLOW_UNKNOWN}: 1",
        "server log, log_min_messages=warning",
        "support.message.body_text, a name that an agent bears too: 3",
    ]
    certificate = edited(lambda content: content["verification"].update(opaque=opaque))
    body = page_of(certificate).partition("<body>")[2].partition('<section class="annex">')[0]
    assert code_words(body) == []
    assert "<li>customer number: too short to search for; its rows were found" in body
    assert "<code>support.message.body_text</code>: a name that an agent bears too (3)" in body
    # A value is no place.
    count = 2 * len(CLASS_OF_KIND)
    assert f"{count} values were not searched for and 3 kinds of places could not be" in body


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([(Action.EXTENDED, OUT, "lacuna.request")],
         "Due 2026-04-01; extended by two further months on 2026-03-02 (Art. 12(3))"),
        ([(Action.PAUSED, OUT, "lacuna.request"), (Action.RESUMED, OUT, "lacuna.request")],
         "paused from 2026-03-02 until 2026-03-02 for a question to the requester (Art. 12(6))"),
    ],
)  # fmt: skip
def test_the_page_says_whether_the_deadline_was_extended_or_paused(lines, said):
    assert said in words_of(erasure(*lines, DUE))


def test_every_officer_who_approved_the_plan_that_was_carried_out_is_named():
    earlier = (Action.APPROVED, OUT, "lacuna.plan", None, None, "11" * 32)
    revoked = (Action.APPROVAL_REVOKED, OUT, "lacuna.plan")
    lines = [*ACCEPTED, *PLANNED, earlier, *APPROVED, revoked, *APPROVED, *APPROVED, *ERASED[4:]]
    words = words_of(certified(*lines))
    assert (
        words.count("An officer (role dpo , key ab12cd34 ) approved the plan on 2026-03-02.") == 2
    )


@pytest.mark.parametrize(
    ("actor", "said"),
    [
        ("rule:identity-verified", "a verified identity is enough"),
        ("rule:approval-auto", "the owner of the installation decided that plans need no officer"),
        ("rule:canary", "an invented contact, with which Lacuna tests itself"),
        ("rule:reappearance", "the erasure was approved with the request that it repeats"),
    ],
)
def test_a_rule_that_approved_is_explained(actor, said):
    def by_rule(content):
        statement = content["predicate"]["statement"]
        statement["approved_by"] = actor
        for entry in statement["entries"]:
            if entry["action"] == "approved":
                entry["actor"] = actor

    words = words_of(resigned(erasure(DUE), by_rule))
    assert said in words
    assert f"The rule {actor.removeprefix('rule:')} approved the plan on 2026-03-02" in words
    assert ("This certificate is about nobody" in words) is (actor == "rule:canary")
    assert "lacuna officer list" not in words


def test_a_refusal_names_who_refused():
    words = words_of(of_kind("refused"))
    assert "An officer (role dpo , key ab12cd34 ) refused the request on 2026-03-02." in words
    assert "Everything stays as it was, because the request was refused." in words


def test_the_page_has_words_for_whatever_a_certificate_can_say():
    assert set(ACTIONS) == set(CHANGING)
    assert all(gate.shows for gate in Gate)
    for basis in IdentityBasis:
        identity = replace(PARTICULARS, identity=basis.value)
        assert f"Identity {basis} " not in words_of(certified(*ERASED, particulars=identity))


def test_the_page_says_how_the_certificate_is_checked(erased):
    words = words_of(erased)
    assert hashlib.sha256(erased).hexdigest() in words
    assert KEY.public.label in words
    assert f"lacuna evidence verify {REQUEST}.json --keys KEYS" in words


def test_only_a_correction_that_people_wrote_down_is_said_to_be_left_there():
    asked = {"type": "rectification", "rights": ["rectification"], "kept": []}
    assert "for the old value afterwards" in words_of(edited(lambda content: content.update(asked)))
    assert "It was not found." in words_of(edited(lambda content: content.update(asked)))
    written = [{"location": "support.message", "ground": "texts that people wrote (16)", "rows": 2}]
    words = words_of(edited(lambda content: content.update(asked | {"kept": written})))
    assert "It is left only in what people wrote." in words
    assert (
        "Texts that people wrote (Art. 16): 2 rows in support.message. No end is recorded." in words
    )


# --- the annex ------------------------------------------------------------------------------------


def test_rows_and_files_that_an_earlier_attempt_had_done_are_not_added_up():
    done = [
        {"action": "anonymize_rows", "location": "crm.a", "rows": 0, "already": 92},
        {"action": "delete_objects", "location": "media/*.wav", "rows": 0, "already": 5},
    ]
    words = words_of(edited(lambda content: content.update(done=done)))
    assert "92 rows and 5 files were found done already, by an attempt before" in words


def test_the_annex_says_which_kinds_of_values_were_searched_for_and_where():
    values = [{"value_class": "full name", "everywhere": 2, "own_rows": 3, "left": 0}]
    own_rows = [{"value_class": "full name", "values": 1, "columns": 9, "tables": 4}]
    places = {"columns": 50, "tables": 12, "file_groups": 7, "own_rows": own_rows}
    words = words_of(
        edited(lambda content: content["verification"].update(values=values, places=places)),
        annex=True,
    )
    assert "full name 2 everywhere: 50 columns of 12 tables, 7 groups of files" in words
    assert "full name 1 the person's own rows: 9 columns of 4 tables" in words
    assert "full name 2 nowhere: too short or too common to tell whose" in words
    assert "date of birth 0 nowhere: no such value is known" in words
    # Nothing is said to be searched for that is only treated.
    assert "; 1 value in the person's own rows only" in words
    assert "; 2 values not at all, because they are too short or common to tell whose" in words


def test_the_annex_has_what_the_certificate_says(erased):
    page, said = page_of(erased), statement_of(erased)
    annex = page[page.index('<section class="annex">') :]
    for each in said["done"]:
        assert f'<td class="place" data-head="place">{each["location"]}</td>' in annex
    for gate in said["verification"]["gates"]:
        assert (
            f'<td data-head="gate">{gate}</td>'
            f'<td data-head="meaning">{escape(Gate(gate).shows)}</td>'
        ) in annex
    for entry in said["entries"]:
        assert f'<td class="n" data-head="entry">{entry["position"]}</td>' in annex
    for each in (REQUEST, said["certificate_id"], said["plan_digest"], KEY.public.label):
        assert f"<code>{each}</code>" in annex


def test_the_annex_explains_the_levels_and_when_they_were_not_reached():
    unreached = [{"store": "database", "level": "L1", "why": "dead rows", "until": "2026-03-09"}]
    page = page_of(edited(lambda content: content.update(unreached=unreached)))
    assert "<h3>Levels not reached at verification</h3>" in page
    for level in ("L0", "L1", "L2", "L3"):
        assert f"<dt>{level}</dt>" in page


# --- the page itself ------------------------------------------------------------------------------


class Outline(HTMLParser):
    """The headings and landmarks of a page, in order."""

    def __init__(self):
        super().__init__()
        self.levels, self.landmarks, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        if re.fullmatch(r"h\d", tag):
            self.levels.append(int(tag[1]))
        if tag in ("header", "main"):
            self.landmarks.append(tag)
        if tag not in ("meta", "br", "link", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_in_order_landmarks_are_there_and_nothing_is_loaded(kind):
    page = page_of(of_kind(kind))
    outline = Outline()
    outline.feed(page)
    assert outline.open == []
    assert outline.landmarks == ["header", "main"]
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(
        later - before <= 1
        for before, later in zip(outline.levels, outline.levels[1:], strict=False)
    )
    for loading in ("<script", "<link", "<img", "src=", "href=", "url(", "@import"):
        assert loading not in page
    assert '<meta name="color-scheme" content="light dark">' in page


def test_the_page_shows_characters_of_markup_as_they_stand():
    ground = "<script>alert(1)</script> & more"
    hostile = Particulars(**{
        name: "<b>&" if isinstance(value, str) else ("<i>&",)
        for name, value in vars(PARTICULARS).items()
    })  # fmt: skip
    page = page_of(
        edited(lambda content: content["kept"][0].update(ground=ground), particulars=hostile)
    )
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    for raw in ("<b>", "<i>"):
        assert raw not in page


@pytest.mark.parametrize(
    ("kind", "rights", "title"),
    [
        ("access", ["portability"], "Certificate of portability"),
        ("access", ["access", "portability"], "Certificate of access and portability"),
        ("erasure", ["access", "portability", "erasure"],
         "Certificate of access, portability and erasure"),
        ("refused", ["portability"], "Certificate of refusal"),
    ],
)  # fmt: skip
def test_the_title_names_the_rights(kind, rights, title):
    page = page_of(edited(lambda content: content.update(type=kind, rights=rights)))
    assert f"<h1>{title}</h1>" in page
    assert f"<title>{title}: request FJ-0142</title>" in page


def test_the_title_and_the_summary_say_that_an_erasure_is_partial():
    words = words_of(edited(lambda content: content.update(completeness="partial")))
    assert "Certificate of erasure (partial)" in words
    assert "Part of the data is held, on the grounds below." in words


def test_the_page_says_of_which_kind_the_person_was_if_no_contact(erased):
    assert "Kind of person" not in page_of(erased)
    assert "<dt>Kind of person</dt><dd>agent</dd>" in page_of(certified(*ERASED, kind="agent"))


EARLIER = "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a01"
REPEATED = (Action.REPEATED, OUT, f"lacuna.request/{EARLIER}")


def test_the_page_says_of_whom_it_was_the_second_time(erased):
    back = (Action.REAPPEARED, OUT, "keys.erased", 7)
    assert "had been erased before and reappeared (7 rows)" in page_of(erasure(back))
    page = page_of(erasure(back, REPEATED))
    assert f"had been erased by request {EARLIER} and reappeared (7 rows)" in page
    assert "The erasure (Art. 17) was carried out again" in page
    first = page_of(erased)
    assert "erased before and reappeared" not in first
    assert "Repeats request" not in first


def test_a_certificate_of_the_first_version_still_holds_and_has_a_page():
    certificate = (GOLDEN / "certificate_version_1.json").read_bytes()
    verified = verify_certificate(certificate, KEY.public_text)
    assert verified.particulars is None
    words = words_of(certificate)
    assert f"Request {REQUEST}" in words
    assert "Controller not named in this certificate, which is of an earlier version" in words
    assert "15 rows about the person were deleted or anonymized" in words
    assert "Asked for erasure (Art. 17)" in words
