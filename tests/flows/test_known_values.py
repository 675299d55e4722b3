"""What the platform held about erased people is gone, of every class of values.

The scanner here shares no code with Lacuna's: it reads what columns of the people's own rows held
before, and every row of the platform after, without whatever parts letters and digits.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from psycopg import sql

from lacuna.errors import VerificationFailed
from lacuna.flows.fulfilment.survey import survey
from lacuna.flows.run.batch import Batch
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef, ValueClass
from lacuna.model.location import TableName
from lacuna.model.queue import Obstacle
from lacuna.model.run import Role
from lacuna.model.table import Column
from lacuna.redaction.known_values import matcher
from lacuna.stores.postgres.verifier import VerifierReader
from lacuna.subject import known_values
from lacuna.verify import derive_values
from lacuna.verify.derivation import Derived
from tests.flows.conftest import DATAMAP, Installation
from tests.flows.observation import execute, quiet_people
from tests.proved import let_pass
from tests.redaction.parted_names import APART, OF_TWO_PEOPLE

# Class of value, and where it stands: a query of (value, owner).
COLUMNS = (
    ("identifier", "select external_id, contact_id::text from contact_center.contacts"),
    (
        "identifier",
        "select custom_attributes ->> 'order_no', contact_id::text from contact_center.contacts",
    ),
    ("contact", "select email, contact_id::text from contact_center.contacts"),
    ("contact", "select phone_e164, contact_id::text from contact_center.contacts"),
    ("contact", "select value_norm, contact_id::text from contact_center.contact_aliases"),
    ("contact", "select from_email, requester_id::text from contact_center.conversations"),
    (
        "contact",
        "select custom_attributes ->> 'invoice_email', contact_id::text "
        "from contact_center.contacts",
    ),
    (
        "contact",
        "select from_number, requester_id::text from contact_center.calls "
        "join contact_center.conversations using (conversation_id)",
    ),
    ("full name", "select display_name, contact_id::text from contact_center.contacts"),
    (
        "full name",
        "select first_name || ' ' || last_name, contact_id::text from contact_center.contacts",
    ),
    (
        "full name",
        "select accepted_by_name, contact_id::text from contact_center.agreement_acceptances",
    ),
    (
        "form",
        "select value, requester_id::text from contact_center.form_submissions "
        "join contact_center.messages using (message_id) "
        "join contact_center.conversations using (conversation_id)",
    ),
    (
        "file",
        "select pretty_name, requester_id::text from contact_center.attachments "
        "join contact_center.messages using (message_id) "
        "join contact_center.conversations using (conversation_id)",
    ),
)
AGENTS = (
    "select email || ' ' || coalesce(phone, '') || ' ' || display_name from contact_center.agents"
)


def squashed(text: str) -> str:
    """Return the letters and digits of a text, without case."""
    return re.sub(r"[\W_]", "", text).lower()


def says_something(value: str) -> bool:
    """Whether a value is more than a word or a small number."""
    letters = squashed(value)
    return len(letters) >= 7 and bool(re.search(r"[\d@ -]", value))


def held(installation: Installation) -> list[tuple[str, str, str]]:
    """Return class, value and owner of what the columns hold."""
    return [
        (label, str(value), str(owner))
        for label, query in COLUMNS
        for value, owner in execute(installation.url, query)
        if value and owner and says_something(str(value))
    ]


def of_the_erased_alone(installation: Installation, people: Iterable[str]) -> dict[str, set[str]]:
    """Return the values of people by class, squashed; those that anybody else holds left out."""
    merged = dict(
        execute(
            installation.url,
            "select contact_id::text, coalesce(merged_into, contact_id)::text "
            "from contact_center.contacts",
        )
    )
    erased = set(people)
    everything = held(installation)
    others = {
        squashed(value) for _, value, owner in everything if merged.get(owner, owner) not in erased
    }
    agents = "|".join(squashed(str(text)) for (text,) in execute(installation.url, AGENTS))
    found: dict[str, set[str]] = {}
    for label, value, owner in everything:
        letters = squashed(value)
        if merged.get(owner, owner) in erased and letters not in others and letters not in agents:
            found.setdefault(label, set()).add(letters)
    return found


def every_row(installation: Installation) -> list[tuple[str, str]]:
    """Return every row of the platform as JSON, squashed, with the name of its table."""
    tables = execute(
        installation.url,
        "select table_name::text from information_schema.tables "
        "where table_schema = 'contact_center' and table_type = 'BASE TABLE'",
    )
    rows = sql.SQL("select to_jsonb(t) from {} t")
    return [
        (str(table), squashed(json.dumps(row, ensure_ascii=False)))
        for (table,) in tables
        for (row,) in execute(
            installation.url, rows.format(sql.Identifier("contact_center", str(table)))
        )
    ]


def standing(installation: Installation, values: dict[str, set[str]]) -> Counter[tuple[str, str]]:
    """Count, by class and table, the rows in which a value stands, however it is spaced."""
    found: Counter[tuple[str, str]] = Counter()
    for table, row in every_row(installation):
        for label, letters in values.items():
            if any(value in row for value in letters):
                found[label, table] += 1
    return found


@pytest.mark.thorough
def test_no_value_of_erased_people_is_left_that_nobody_else_holds(
    installation: Installation,
) -> None:
    people = quiet_people(installation.platform)[:10]
    values = of_the_erased_alone(installation, people)
    assert {label for label, found in values.items() if len(found) >= 3} >= {
        "identifier",
        "contact",
        "full name",
    }
    before = standing(installation, values)
    assert before["identifier", "messages"] > 20

    installation.erase(*people)

    assert standing(installation, values) == {}


@pytest.mark.thorough
def test_two_names_in_two_columns_are_one_name(installation: Installation) -> None:
    # A platform without a column for the whole name: it is never joined but in texts.
    execute(installation.url, "update contact_center.contacts set display_name = null")
    person = quiet_people(installation.platform)[0]
    ((first, last),) = execute(
        installation.url,
        "select first_name, last_name from contact_center.contacts where contact_id::text = %s",
        person,
    )
    other = quiet_people(installation.platform)[1]
    said = f"{first} {last} asked for it, and {last}, {first} signed."
    execute(
        installation.url,
        "update contact_center.messages set body_text = body_text || ' ' || %s where message_id = "
        "(select min(message_id) from contact_center.messages m "
        "join contact_center.conversations c using (conversation_id) "
        "where c.requester_id::text = %s and m.body_text is not null)",
        said,
        other,
    )
    values = {"full name": {squashed(f"{first}{last}"), squashed(f"{last}{first}")}}
    assert standing(installation, values)["full name", "messages"] >= 1

    installation.erase(person)

    assert standing(installation, values) == {}


ATTRIBUTES = {
    "date_of_birth": "1984-05-07",
    "iban": "DK50 0040 0440 1162 43",
    "company": "Nabo og Fjordgaard ApS",
    "username": "solsort92",
    "login": "graaspurv",
    "former_name": "Bo Elm",
    "device": {"serial_no": "SN-88-4471-X"},
    "notes": ["gate code 4417"],
}
SAID = (
    "born on 7. maj 1984, IBAN DK5000400440116243, works for Nabo og Fjordgaard ApS, "
    "logs in as solsort92, once graaspurv and called Bo Elm, device SN 88 4471 X"
)


def say(installation: Installation, contact_id: str, text: str) -> int:
    """Add a text to a message of a person; return its number."""
    ((message_id,),) = execute(
        installation.url,
        "update contact_center.messages set body_text = body_text || ' ' || %s where message_id = "
        "(select min(message_id) from contact_center.messages m "
        "join contact_center.conversations c using (conversation_id) "
        "where c.requester_id::text = %s and m.body_text is not null) returning message_id",
        text,
        contact_id,
    )
    return int(str(message_id))


def text_of(installation: Installation, message_id: int) -> str:
    ((text,),) = execute(
        installation.url,
        "select body_text from contact_center.messages where message_id = %s",
        message_id,
    )
    return str(text)


def add_attributes(installation: Installation, contact_id: str, attributes: object) -> None:
    execute(
        installation.url,
        "update contact_center.contacts set custom_attributes = custom_attributes || %s::jsonb "
        "where contact_id::text = %s",
        json.dumps(attributes),
        contact_id,
    )


People = Iterator[str]
Stays = Sequence[str]
Case = Generator[tuple[str, ...], Sequence[str], None]

_CASES: list[Callable[[Installation, People, Stays], Case]] = []


def in_one_night(case: Callable[[Installation, People, Stays], Case]) -> Callable[..., None]:
    """Make a test of a case: what comes before its `yield` is done before a night, the rest after it.

    The night is one for all cases, since a night costs more than what a case is about. It erases
    whom they yield, of `people`, of whom each case takes its own; it answers with their requests.
    Three people stay, and are the same for all: what is said of them has to differ between cases.
    """
    _CASES.append(case)

    def test(night: Callable[[object], None]) -> None:
        night(case)

    test.__name__, test.__doc__ = case.__name__, case.__doc__
    return test


@pytest.fixture(scope="module")
def night(template_database, install_little, tmp_path_factory) -> Iterator[Callable[..., None]]:
    template, install = install_little
    with template_database.clones() as fresh:
        installation = install(fresh(template=template), tmp_path_factory.mktemp("night"))
        quiet = quiet_people(installation.platform)
        people, stays = iter(quiet[3:]), quiet[:3]
        begun = {case: case(installation, people, stays) for case in _CASES}
        erased = {case: next(going) for case, going in begun.items()}
        ids = iter(installation.erase(*(one for each in erased.values() for one in each)))
        answers = {case: [next(ids) for _ in each] for case, each in erased.items()}

        def go_on(case: object) -> None:
            with pytest.raises(StopIteration):
                begun[case].send(answers[case])

        yield go_on


def loud_people(installation: Installation) -> list[str]:
    """Return people of the tenant who are none of the quiet ones: a night erases none of them."""
    quiet = quiet_people(installation.platform)
    people = installation.platform.people.values()
    return [
        one.contact_id for one in people if one.org_id == "fjordlys" and one.contact_id not in quiet
    ]


def write(installation: Installation, contact_id: str, text: str) -> int:
    """Let a person write a message of their own; return its number."""
    ((message_id,),) = execute(
        installation.url,
        "insert into contact_center.messages (message_id, org_id, conversation_id, author_type, "
        "author_contact_id, direction, body_text, created_at) "
        "select (select max(message_id) + 1 from contact_center.messages), org_id, "
        "conversation_id, 'contact', requester_id, 'inbound', %s, now() "
        "from contact_center.conversations where requester_id::text = %s limit 1 "
        "returning message_id",
        text,
        contact_id,
    )
    return int(str(message_id))


@pytest.mark.thorough
@in_one_night
def test_what_a_company_noted_in_keys_of_its_own_goes_from_texts_too(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other = next(people), stays[0]
    add_attributes(installation, person, ATTRIBUTES)
    own, theirs = write(installation, person, SAID), write(installation, other, SAID)

    (request_id,) = yield (person,)

    for said in ("1984", "0440", "Fjordgaard", "solsort", "4471", "graaspurv", "Elm"):
        assert said not in text_of(installation, own)
    for said in ("0440", "Fjordgaard", "solsort", "4471", "Elm"):
        assert said not in text_of(installation, theirs)
    # A user name without a digit is a word in somebody else's text.
    assert "graaspurv" in text_of(installation, theirs)
    # A date alone is somebody's in somebody else's text.
    assert "7. maj 1984" in text_of(installation, theirs)
    statement = json.loads(
        (installation.stores.home / "evidence" / "statements" / f"{request_id}.json").read_bytes()
    )
    by_class = {one["value_class"]: one for one in statement["verification"]["values"]}
    assert by_class["date of birth"] == {
        "value_class": "date of birth",
        "everywhere": 0,
        "own_rows": 1,
        "left": 0,
    }
    assert by_class["identifier"]["everywhere"] >= 4
    assert by_class["name part"]["own_rows"] >= 2
    assert by_class["other"]["everywhere"] >= 1


LEFT_EASILY = {
    "guardian": {"first_name": "Benedetta", "infix": "al", "last_name": "Rashidun"},
    "second_guardian": {"first_name": "Siobhan", "last_name": "Quill"},
    "address": "Lindenhofweg17",
    "telefon": "33 77 55 62 / 22 39 44 58",
    "customer_no": "KD-5501-76, KD-5501-77",
    "cards": "CARD-88123-76,CARD-88123-77",
    "second_address": "北京市朝阳区建国路88号",
}
"""Values that are parted, glued, listed, or in a script without blanks."""


@pytest.mark.thorough
@in_one_night
def test_values_that_are_parted_glued_or_listed_go_from_the_texts_of_others(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other = next(people), stays[0]
    add_attributes(installation, person, LEFT_EASILY)
    execute(
        installation.url,
        "update contact_center.contacts set display_name = %s where contact_id::text = %s",
        "王小明",
        person,
    )
    said = (
        "Benedetta al Rashidun at Lindenhofweg 17, call 22 39 44 58, for KD-5501-77 by CARD-88123-77. "
        "我是王小明。寄到北京市朝阳区建国路88号二楼。 Born of Lindenhof 17, cards 1988."
    )
    own, theirs = write(installation, person, said), write(installation, other, said)
    apart = {form: write(installation, other, text) for form, text in APART.items()}
    of_two = {form: write(installation, other, text) for form, text in OF_TWO_PEOPLE.items()}

    yield (person,)

    for form, message in apart.items():
        assert "quil" not in text_of(installation, message).lower(), form
    assert {one: text_of(installation, message) for one, message in of_two.items()} == OF_TWO_PEOPLE
    for text in (text_of(installation, one) for one in (own, theirs)):
        for value in ("Rashidun", "Lindenhofweg", "44 58", "5501", "小明", "建国路"):
            assert value not in text
    # What no key says to be an id stays in the texts of others.
    assert "88123" not in text_of(installation, own)
    assert "Lindenhof 17, cards 1988." in text_of(installation, theirs)


@pytest.mark.thorough
@in_one_night
def test_what_somebody_else_holds_too_stays_in_their_rows(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other, third = next(people), *stays[:2]
    for one in (person, other):
        add_attributes(installation, one, {"company": "Skov og Sommerby ApS"})
    said = "from Skov og Sommerby ApS"
    texts = [write(installation, one, said) for one in (person, other, third)]

    yield (person,)

    own, theirs, mentioned = (text_of(installation, one) for one in texts)
    assert "Sommerby" not in own
    assert said in theirs
    assert said in mentioned


@pytest.mark.thorough
@in_one_night
def test_a_number_in_two_profiles_stays_in_the_rows_of_who_is_left(
    installation: Installation, people: People, stays: Stays
) -> Case:
    """A household has one customer number: whoever else writes it means one of the two."""
    person, partner, third = next(people), *stays[:2]
    for one in (person, partner):
        add_attributes(installation, one, {"customer_number": "KD-2291-7704"})
    said = "for KD-2291-7704, please"
    own, theirs, mentioned = (write(installation, one, said) for one in (person, partner, third))

    yield (person,)

    assert "7704" not in text_of(installation, own)
    assert said in text_of(installation, theirs)
    assert "7704" not in text_of(installation, mentioned)
    held = "select custom_attributes ->> 'customer_number' from contact_center.contacts where contact_id::text = %s"
    assert execute(installation.url, held, partner) == [("KD-2291-7704",)]


@pytest.mark.thorough
def test_a_number_stays_with_who_is_left_where_they_mention_another_who_goes_that_night(
    installation: Installation,
) -> None:
    person, another, partner = quiet_people(installation.platform)[:3]
    for one in (person, partner):
        add_attributes(installation, one, {"customer_number": "KD-2291-7704"})
    add_attributes(installation, another, {"former_name": "Bo Elmelund"})
    theirs = say(installation, partner, "for KD-2291-7704, please, and for Bo Elmelund too")

    installation.erase(person, another)

    text = text_of(installation, theirs)
    assert "for KD-2291-7704, please" in text
    assert "Elmelund" not in text


@pytest.mark.thorough
@in_one_night
def test_a_number_in_the_profiles_of_two_who_go_in_one_night_is_left_nowhere(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, partner, third = next(people), next(people), stays[0]
    for one in (person, partner):
        add_attributes(installation, one, {"customer_number": "KD-3391-8805"})
    texts = [
        write(installation, one, "for KD-3391-8805, please") for one in (person, partner, third)
    ]

    yield person, partner

    assert not [text for text in texts if "8805" in text_of(installation, text)]


@pytest.mark.thorough
@in_one_night
def test_words_of_a_profile_that_name_nobody_stay_in_the_texts_of_others(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other = next(people), stays[0]
    said = (
        "a Solar Panel Kit, still waiting for delivery, a PlayStation 5 and Green Energy, "
        "at the preferred contact time"
    )
    attributes = {
        "product": "Solar Panel Kit",
        "status": "waiting for delivery",
        "console": "PlayStation 5",
        "subscription": {"name": "Green Energy"},
        "preferred contact time": "noon",
    }
    add_attributes(installation, person, attributes)
    own, theirs = (write(installation, one, said) for one in (person, other))

    yield (person,)

    assert said in text_of(installation, theirs)
    left = text_of(installation, own)
    assert [one for one in ("Solar", "PlayStation", "Energy", "preferred") if one in left] == []


@pytest.mark.thorough
@in_one_night
def test_who_is_mentioned_in_a_column_of_others_is_not_held_by_them(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other, third = next(people), *stays[:2]
    add_attributes(installation, person, {"former_name": "Bo Elmelund", "order_no": "MET-88-210"})
    execute(
        installation.url,
        "update contact_center.messages m set cc_parties = %s::jsonb "
        "from contact_center.conversations c where c.conversation_id = m.conversation_id "
        "and c.requester_id::text = %s",
        json.dumps([{"name": "Bo Elmelund", "email": "somebody@example.org"}]),
        other,
    )
    texts = [write(installation, one, "from Bo Elmelund") for one in (person, other, third)]

    yield (person,)

    assert not [one for one in texts if "Elmelund" in text_of(installation, one)]
    noted = "select count(*) from contact_center.messages where cc_parties::text like %s"
    assert execute(installation.url, noted, "%Elmelund%") == [(0,)]


@pytest.mark.thorough
@in_one_night
def test_a_mailbox_in_the_envelopes_of_three_stays_in_the_texts_of_others(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, second, third, fourth = next(people), *stays[1:], stays[0]
    for one in (person, second, third):
        execute(
            installation.url,
            "update contact_center.messages m set cc_parties = %s::jsonb "
            "from contact_center.conversations c where c.conversation_id = m.conversation_id "
            "and c.requester_id::text = %s",
            json.dumps([{"email": "returns.desk@firm.example.org"}]),
            one,
        )
    said = "write to returns.desk@firm.example.org"
    own, theirs, mentioned = (write(installation, one, said) for one in (person, third, fourth))

    yield (person,)

    assert "returns.desk" not in text_of(installation, own)
    assert said in text_of(installation, theirs)
    assert said in text_of(installation, mentioned)


@pytest.mark.thorough
@in_one_night
def test_a_contact_who_bears_an_agents_name_keeps_it_in_no_text_of_their_own(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other = next(people), stays[0]
    ((name,),) = execute(
        installation.url,
        "select a.display_name from contact_center.agents a join contact_center.contacts c "
        "using (org_id) where c.contact_id::text = %s order by a.agent_id limit 1",
        person,
    )
    first, _, last = name.partition(" ")
    execute(
        installation.url,
        "update contact_center.contacts set display_name = %s, first_name = %s, last_name = %s "
        "where contact_id::text = %s",
        name,
        first,
        last,
        person,
    )
    said = f"I am {name}."
    own, theirs = (write(installation, one, said) for one in (person, other))

    yield (person,)

    assert name not in text_of(installation, own)
    assert said in text_of(installation, theirs)


@pytest.mark.thorough
@in_one_night
def test_nobody_takes_words_out_of_other_peoples_texts_by_writing_them(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other = next(people), stays[0]
    number, title = "+45 70 22 33 44", "Kundeservice Holdet"
    execute(
        installation.url,
        "insert into contact_center.form_submissions (form_value_id, org_id, message_id, key, value) "
        "select 990001, m.org_id, min(m.message_id), 'Phone', %s from contact_center.messages m "
        "join contact_center.conversations c using (conversation_id) "
        "where c.requester_id::text = %s group by 2",
        number,
        person,
    )
    execute(
        installation.url,
        "update contact_center.messages m set from_party = %s::jsonb "
        "from contact_center.conversations c where c.conversation_id = m.conversation_id "
        "and c.requester_id::text = %s and m.author_type = 'contact'",
        json.dumps({"name": title, "email": "nobody.else@example.org"}),
        person,
    )
    said = f"{title} answers at {number}"
    own, theirs = (write(installation, one, said) for one in (person, other))

    yield (person,)

    assert said in text_of(installation, theirs)
    assert "70 22 33 44" not in text_of(installation, own)
    assert "Holdet" not in text_of(installation, own)


@pytest.mark.thorough
def test_what_somebody_has_come_to_hold_since_the_plan_stays_with_them(
    installation: Installation,
) -> None:
    person, other = quiet_people(installation.platform)[:2]
    attributes = {"company": "Nabo og Fjordgaard ApS"}
    add_attributes(installation, person, attributes)
    said = "from Nabo og Fjordgaard ApS"
    own, theirs = (say(installation, one, said) for one in (person, other))
    request_id = installation.submit_contact(person)
    assert installation.run() is None
    installation.approve(request_id)
    add_attributes(installation, other, attributes)

    installation.run()  # What was approved would cover it everywhere: it is planned anew.
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None

    assert "Fjordgaard" not in text_of(installation, own)
    assert said in text_of(installation, theirs)
    kept = "select custom_attributes ->> 'company' from contact_center.contacts where contact_id::text = %s"
    assert execute(installation.url, kept, other) == [(attributes["company"],)]


@pytest.mark.thorough
@in_one_night
def test_a_value_that_stays_elsewhere_goes_from_the_persons_own_texts_alone(
    installation: Installation, people: People, stays: Stays
) -> Case:
    """A label holds it too."""
    person, other = next(people), stays[0]
    add_attributes(installation, person, {"iban": "LB-40-31-77"})
    execute(
        installation.url,
        "update contact_center.tags set name = 'LB-40-31-77' "
        "where tag_id = (select min(tag_id) from contact_center.tags where org_id = 'fjordlys')",
    )
    said = "see LB-40-31-77"
    own, theirs = (write(installation, one, said) for one in (person, other))

    yield (person,)

    assert said in text_of(installation, theirs)
    assert "31-77" not in text_of(installation, own)


@pytest.mark.thorough
def test_a_member_that_is_kept_with_a_value_that_goes_refuses_the_plan(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    person = quiet_people(installation.platform)[0]
    numbers = {"customer_since": "KD-77-11-22", "member_no": "KD-77-11-22"}
    add_attributes(installation, person, numbers)
    request_id = installation.submit_contact(person)
    assert isinstance(installation.run(), VerificationFailed)
    assert installation.obstacle(request_id) is Obstacle.MENTION_REFUSED
    assert "contact_center.contacts.custom_attributes in 1 row;" in caplog.text
    assert "KD-77" not in caplog.text


@pytest.mark.thorough
def test_what_is_left_of_it_in_the_persons_own_texts_makes_the_run_red(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, other = quiet_people(installation.platform)[:2]
    for one in (person, other):
        add_attributes(installation, one, {"company": "Power and Water Supply Ltd"})
    say(installation, person, "from Power and Water Supply Ltd")
    whole = matcher.entries_of

    def overlooking(one: Person, *, strict: bool) -> Iterator[object]:
        yield from whole(replace(one, own_values=()), strict=strict)

    monkeypatch.setattr(matcher, "entries_of", overlooking)
    request_id = installation.submit_contact(person)
    assert installation.run() is None
    installation.approve(request_id)
    assert isinstance(installation.run(), VerificationFailed)
    assert installation.obstacle(request_id) == "verification_failed"


@pytest.mark.thorough
@in_one_night
def test_what_the_profile_names_goes_from_own_texts_however_many_hold_it(
    installation: Installation, people: People, stays: Stays
) -> Case:
    contacts = [next(people), stays[2], *loud_people(installation)[:10]]
    for one in contacts:
        add_attributes(installation, one, {"date_of_birth": "1975-03-09"})
    own, theirs = (write(installation, one, "born on 9. marts 1975") for one in contacts[:2])

    yield (contacts[0],)

    assert "1975" not in text_of(installation, own)
    assert "9. marts 1975" in text_of(installation, theirs)


def surveyed(installation: Installation, *contacts: str) -> tuple[Batch, list[Person]]:
    """Return people as their plans know them."""
    request_ids = [installation.submit_contact(one) for one in contacts]
    assert installation.run() is None
    batch = Batch.open(installation.stores, installation.options(), flow="fulfilment")
    with installation.stores.transaction(Role.PLANNER) as transaction:
        requests = [installation.request(one) for one in request_ids]
        return batch, [work.person for work in survey(batch, requests, transaction)]


def derived(
    batch: Batch, installation: Installation, people: Sequence[Person]
) -> Mapping[SubjectRef, Derived]:
    with installation.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        return derive_values(people, {}, batch.datamap, transaction.verifying(batch.datamap))


@pytest.mark.thorough
def test_the_gate_derives_the_same_values_and_misses_none_of_what_a_plan_forgets(
    installation: Installation,
) -> None:
    contacts = quiet_people(installation.platform)[:12]
    add_attributes(installation, contacts[0], ATTRIBUTES)
    planner, people = surveyed(installation, *contacts)

    found = derived(planner, installation, people)
    assert not any(one.missed for one in found.values())
    counts = sum((one.counts for one in found.values()), Counter[ValueClass]())
    assert counts[ValueClass.CONTACT] >= 12
    assert counts[ValueClass.IDENTIFIER] >= 12
    assert counts[ValueClass.FULL_NAME] >= 12
    assert found[people[0].ref].counts[ValueClass.DATE_OF_BIRTH] == 1
    assert found[people[0].ref].counts[ValueClass.OTHER] >= 1

    forgetful = [
        replace(one, known=one.identifiers, own_values=(), read=frozenset()) for one in people
    ]
    missed = derived(planner, installation, forgetful)[people[0].ref].missed
    assert missed["contact_center.contacts.custom_attributes"] >= 5


@pytest.mark.thorough
def test_a_value_is_not_missed_that_ten_others_hold_or_an_agent(installation: Installation) -> None:
    contacts = quiet_people(installation.platform)[:12]
    for number, one in enumerate(contacts):
        rare = "blue-2024" if number < 10 else "red-2024"
        add_attributes(installation, one, {"scheme": "loyal-2024", "rare": rare})
    ((email,),) = execute(
        installation.url,
        "select min(email) from contact_center.agents where org_id = %s",
        installation.platform.people[contacts[0]].org_id,
    )
    add_attributes(installation, contacts[0], {"served_by": email})
    planner, people = surveyed(installation, contacts[0])
    forgetful = [replace(one, known=one.identifiers, own_values=()) for one in people]
    where = "contact_center.contacts.custom_attributes"

    (found,) = derived(planner, installation, forgetful).values()
    # Nine others hold this one.
    add_attributes(installation, contacts[0], {"rare": None})
    (without,) = derived(planner, installation, forgetful).values()
    assert found.missed[where] - without.missed[where] == 1
    add_attributes(installation, contacts[0], {"scheme": None, "served_by": None})
    (again,) = derived(planner, installation, forgetful).values()
    assert again.missed == without.missed


@pytest.mark.thorough
def test_a_gate_that_sees_fewer_rows_than_the_plan_refuses_it(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    person = quiet_people(installation.platform)[0]
    whole = VerifierReader.rows_of_people

    def blind(self: VerifierReader, table: TableName, *others: object) -> Iterator[object]:
        rows = whole(self, table, *others)
        return iter(list(rows)[1:]) if table.name == "messages" else rows

    monkeypatch.setattr(VerifierReader, "rows_of_people", blind)
    request_id = installation.submit_contact(person)

    assert isinstance(installation.run(), VerificationFailed)

    assert "saw fewer of the person's rows" in caplog.text
    assert "contact_center.messages in 1 row" in caplog.text
    assert installation.obstacle(request_id) is Obstacle.VALUES_MISSED


@pytest.mark.thorough
def test_a_plan_that_does_not_know_a_value_is_refused(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    person = quiet_people(installation.platform)[0]
    add_attributes(installation, person, ATTRIBUTES)
    whole = known_values.values_of

    def overlooking(content: object, column: Column) -> Iterator[tuple[str, Identifier, bool]]:
        for text, one, is_named in whole(content, column):
            if one.kind is not IdentifierKind.DATE_OF_BIRTH:
                yield text, one, is_named

    monkeypatch.setattr(known_values, "values_of", overlooking)
    request_id = installation.submit_contact(person)

    assert isinstance(installation.run(), VerificationFailed)

    assert "contact_center.contacts.custom_attributes in 1 value" in caplog.text
    assert "1984" not in caplog.text
    assert installation.obstacle(request_id) is Obstacle.VALUES_MISSED


@pytest.mark.thorough
@in_one_night
def test_an_agent_keeps_what_a_log_of_the_persons_says_of_them(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other = next(people), stays[0]
    # Known from no row but this one: nobody of the tenant's contacts holds it.
    name, email, phone = "Solvejg Nykollega", "solvejg@fjordlys.example.com", "+4531970999"
    execute(
        installation.url,
        "update contact_center.agents set display_name = %s, email = %s, phone = %s "
        "where agent_id = (select max(agent_id) from contact_center.agents where org_id = %s)",
        name,
        email,
        phone,
        installation.platform.people[person].org_id,
    )
    execute(
        installation.url,
        "update contact_center.activity_log l set author = %s::jsonb from contact_center.conversations c "
        "where c.conversation_id = l.conversation_id and c.requester_id::text = %s",
        json.dumps({"type": "agent", "name": name, "email": email, "phone": phone}),
        person,
    )
    said = f"ask {name}, {email}"
    theirs = write(installation, other, said)

    yield (person,)

    assert said in text_of(installation, theirs)


@pytest.mark.thorough
@in_one_night
def test_a_name_of_everyday_words_leaves_small_letters_of_others_and_is_counted(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, other, third = next(people), *stays[:2]
    execute(
        installation.url,
        "update contact_center.contacts set first_name = 'Hope', last_name = 'Young', "
        "display_name = 'Hope Young' where contact_id::text = %s",
        person,
    )
    phrase = "i hope young people like it"
    own, theirs = (write(installation, one, phrase) for one in (person, other))
    named = write(installation, third, "Hope Young asked too")

    (request_id,) = yield (person,)

    assert "hope young" not in text_of(installation, own)
    assert phrase in text_of(installation, theirs)
    assert "Hope Young" not in text_of(installation, named)
    statement = json.loads(
        (installation.stores.home / "evidence" / "statements" / f"{request_id}.json").read_bytes()
    )
    place = "contact_center.messages.body_text, a name of everyday words in small letters: 1"
    assert place in statement["verification"]["opaque"]


@pytest.mark.thorough
@in_one_night
def test_the_certificate_counts_the_values_that_too_many_hold(
    installation: Installation, people: People, stays: Stays
) -> Case:
    contacts = [next(people), *loud_people(installation)[:11]]
    for one in contacts:
        add_attributes(installation, one, {"scheme": "Blue Heron Tariff", "code": "loyal-2024"})
    own = write(installation, contacts[0], "on Blue Heron Tariff by loyal-2024")

    (request_id,) = yield (contacts[0],)

    assert "Blue Heron Tariff by loyal-2024" in text_of(installation, own)
    statement = json.loads(
        (installation.stores.home / "evidence" / "statements" / f"{request_id}.json").read_bytes()
    )
    left = {one["value_class"]: one["left"] for one in statement["verification"]["values"]}
    assert left["identifier"] >= 1
    assert left["other"] >= 1


@pytest.mark.thorough
def test_nothing_is_refused_for_a_name_or_number_that_stands_elsewhere_too(
    installation: Installation,
) -> None:
    """A label, a mailbox in the name, the tenant's name, an agent numbered like a telephone."""
    labelled, boxed, tenant, numbered = quiet_people(installation.platform)[:4]
    execute(
        installation.url,
        "update contact_center.tags set name = 'Returns and refunds' "
        "where tag_id = (select min(tag_id) from contact_center.tags where org_id = 'fjordlys')",
    )
    add_attributes(
        installation,
        labelled,
        {"group": "Returns and refunds", "team": {"name": "Returns and refunds"}},
    )
    for one, name in ((boxed, "Ada Roeskov <ada.roeskov@example.org>"), (tenant, None)):
        execute(
            installation.url,
            "update contact_center.contacts set first_name = null, last_name = null, "
            "display_name = coalesce(%s, (select name from contact_center.organizations o "
            "where o.org_id = contacts.org_id)) where contact_id::text = %s",
            name,
            one,
        )
    execute(
        installation.url,
        "insert into contact_center.agents select r.* from (select * from contact_center.agents "
        "where org_id = 'fjordlys' limit 1) a, lateral jsonb_populate_record(null::contact_center.agents, to_jsonb(a) || "
        """'{"agent_id": 20304050, "email": "new.agent@example.org", "phone": null}') r""",
    )
    execute(
        installation.url,
        "update contact_center.contacts set phone_e164 = '+4520304050' where contact_id::text = %s",
        numbered,
    )
    execute(
        installation.url,
        "update contact_center.activity_log set attributes = attributes || "
        """'{"agent_id": 20304050}' where entry_id = (select max(entry_id) """
        "from contact_center.activity_log where org_id = 'fjordlys')",
    )

    installation.erase(labelled, boxed, tenant, numbered)


@pytest.mark.thorough
def test_names_of_files_and_members_of_redacted_documents_are_known(
    installation: Installation,
) -> None:
    written = DATAMAP.read_text("utf-8")
    kept = "erase: {json_keys: [channel, queue, agent_id]}, mention: redact"
    assert kept in written
    datamap = installation.stores.home / "changed.yaml"
    datamap.write_text(written.replace(kept, "erase: redact, text: plain"), "utf-8")
    installation.stores = replace(installation.stores, datamap_path=datamap)
    let_pass(installation.stores)
    attached = (
        "select a.uri, c.requester_id::text from contact_center.attachments a "
        "join contact_center.messages m using (message_id) "
        "join contact_center.conversations c using (conversation_id) where a.uri is not null"
    )
    whose = {str(owner): str(uri) for uri, owner in execute(installation.url, attached)}
    person = next(one for one in quiet_people(installation.platform) if one in whose)
    media = installation.stores.home / "media"
    named = "attachments/lease_of_elmelund.pdf"
    (media / whose[person]).rename(media / named)
    execute(
        installation.url,
        "update contact_center.attachments set uri = %s where uri = %s",
        named,
        whose[person],
    )
    execute(
        installation.url,
        "update contact_center.activity_log l set attributes = %s::jsonb "
        "from contact_center.conversations c where c.conversation_id = l.conversation_id "
        "and c.requester_id::text = %s",
        json.dumps({"customer_no": "solsortvej", "note": "a blue door"}),
        person,
    )
    own = say(installation, person, "see lease_of_elmelund.pdf of solsortvej, by a blue door")

    installation.erase(person)

    left = text_of(installation, own)
    assert [one for one in ("elmelund", "solsortvej") if one in left] == []
    assert "by a blue door" in left


@pytest.mark.thorough
@in_one_night
def test_a_street_and_a_number_in_two_members_are_one_line_and_neighbors_keep_theirs(
    installation: Installation, people: People, stays: Stays
) -> Case:
    person, neighbor, same_house, third = next(people), *stays[:3]
    for one, number in ((person, "17"), (neighbor, "19"), (same_house, "17")):
        add_attributes(
            installation, one, {"address": {"street": "Kastanienweg", "house_number": number}}
        )
    said = "I live at Kastanienweg {}, come in."
    own, theirs, in_house = (
        write(installation, one, said.format(number))
        for one, number in ((person, "17"), (neighbor, "19"), (same_house, "17"))
    )
    mentioned = write(installation, third, "She lives at Kastanienweg 17, not at Kastanienweg 19.")
    kept = (
        "select custom_attributes -> 'address' from contact_center.contacts "
        "where contact_id::text = %s"
    )

    yield (person,)

    assert "Kastanienweg 17" not in text_of(installation, own)
    assert said.format("19") in text_of(installation, theirs)
    assert said.format("17") in text_of(installation, in_house)
    assert "Kastanienweg 17" not in text_of(installation, mentioned)
    assert "not at Kastanienweg 19." in text_of(installation, mentioned)
    for one, number in ((neighbor, "19"), (same_house, "17")):
        assert execute(installation.url, kept, one) == [
            ({"street": "Kastanienweg", "house_number": number},)
        ]


@pytest.mark.thorough
def test_a_text_of_theirs_that_is_nothing_but_a_number_goes(installation: Installation) -> None:
    person, other = quiet_people(installation.platform)[:2]
    own, theirs = (say(installation, one, "") for one in (person, other))
    for message in (own, theirs):
        execute(
            installation.url,
            "update contact_center.messages set body_text = 'K881207' where message_id = %s",
            message,
        )

    installation.erase(person)

    assert text_of(installation, own) == "[ID]"
    assert text_of(installation, theirs) == "K881207"
