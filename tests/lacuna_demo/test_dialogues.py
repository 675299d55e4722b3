"""Dialogues that people wrote: read strictly, woven at counted places."""

import json
import re
from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError
from lacuna_demo.sample import SamplePerson, SamplePlatform, load_dialogues
from lacuna_demo.sample.phrases import PHRASES

DIALOGUES = Path(__file__).with_name("dialogues_small.jsonl")
GOOD = json.dumps({"id": "x", "text": "Customer: Is it open?\nAgent: It is.\n"})


def test_the_small_file_is_read_whole() -> None:
    dialogues = load_dialogues(DIALOGUES)
    assert len(dialogues) == 12
    assert dialogues[3][0].speaker == "customer"
    assert dialogues[3][0].words == "I lost the key of my locker at the pool."
    assert dialogues[2][0].speaker == "agent"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("secret", "is not a JSON object"),
        ('["secret"]', 'has no "text" that is a string'),
        ('{"text": 5, "secret": 1}', 'has no "text" that is a string'),
        ('{"secret": "Customer: a"}', 'has no "text" that is a string'),
        ('{"text": "Customer: secret", "text": "Agent: b"}', "or repeats a key"),
        ('{"text": "Customer: secret\\nOperator: hm"}', 'in "text" (number 2) without "Customer:"'),
        ('{"text": "Customer:\\nAgent: secret"}', 'in "text" (number 1) without "Customer:"'),
        ('{"text": "Customer: secret"}', "needs lines of both speakers"),
        ('{"text": ""}', "needs lines of both speakers"),
        ("", "is not a JSON object"),
    ],
)
def test_a_wrong_line_is_named_by_its_number_and_not_shown(
    tmp_path: Path, line: str, reason: str
) -> None:
    path = tmp_path / "dialogues.jsonl"
    path.write_text(f"{GOOD}\n{line}\n{GOOD}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_dialogues(path)
    assert str(caught.value).startswith("dialogues: line 2 ")
    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "is empty"), (b"\xff\xfe", "is not readable UTF-8")]
)
def test_a_file_that_is_no_text_or_empty_is_refused(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "dialogues.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=reason):
        load_dialogues(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="this file does not exist"):
        load_dialogues(tmp_path / "none.jsonl")


def test_line_separators_inside_a_text_do_not_split_the_file(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.jsonl"
    line = json.dumps({"text": "Customer: a\u2028b\u0085c\nAgent: d"}, ensure_ascii=False)
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r'"text" \(number 2\)'):
        load_dialogues(path)


def pattern(platform: SamplePlatform, person: SamplePerson) -> re.Pattern[str]:
    """Match every identifier, the longest spelling first, so that none counts twice."""
    values = {
        person.full_name,
        person.order_number,
        *person.emails,
        *person.external_ids,
        *person.phone_spellings,
        *filter(None, (person.username, person.former_name)),
    }
    values -= {one.value for one in platform.shared if one.agent_ids}
    return re.compile("|".join(re.escape(v) for v in sorted(values, key=len, reverse=True)))


def spoken_bodies(platform: SamplePlatform) -> list[tuple[SamplePerson, str]]:
    main = {
        one: person
        for person in platform.people.values()
        for one in (person.contact_id, *person.merged_contact_ids, *person.visitor_contact_ids)
    }
    requester = {}
    for row in platform.tables["contact_center.conversations"].records():
        if row["channel"] in {"chat", "email", "phone"}:
            requester[row["conversation_id"]] = main[str(row["requester_id"])]
    call = dict(
        zip(
            platform.tables["contact_center.calls"].values("call_id"),
            platform.tables["contact_center.calls"].values("conversation_id"),
            strict=True,
        )
    )
    bodies = [
        (requester[row["conversation_id"]], str(row["body_text"]))
        for row in platform.tables["contact_center.messages"].records()
        if row["conversation_id"] in requester and row["body_text"] is not None
    ]
    return bodies + [
        (requester[call[row["call_id"]]], str(row["text"]))
        for row in platform.tables["contact_center.transcripts"].records()
    ]


def test_as_many_identifiers_are_woven_as_a_search_finds(spoken: SamplePlatform) -> None:
    found = sum(
        len(pattern(spoken, person).findall(body)) for person, body in spoken_bodies(spoken)
    )
    assert found == spoken.woven
    assert spoken.woven > 1_000


def test_nothing_is_woven_without_dialogues(small: SamplePlatform) -> None:
    assert small.woven == 0


def test_bodies_of_chats_mails_and_calls_are_the_dialogues(spoken: SamplePlatform) -> None:
    every = {utterance.words for dialogue in load_dialogues(DIALOGUES) for utterance in dialogue}
    words = {one for one in every if len(one) > 15}
    bodies: dict[str, list[str]] = {"chat": [], "email": [], "phone": [], "sms": []}
    channel = {
        row["conversation_id"]: str(row["channel"])
        for row in spoken.tables["contact_center.conversations"].records()
    }
    for row in spoken.tables["contact_center.messages"].records():
        bodies.setdefault(channel[row["conversation_id"]], []).append(str(row["body_text"]))
    transcripts = spoken.tables["contact_center.transcripts"].values("text")
    bodies["phone"] = [str(text) for text in transcripts]
    own = {topic.problem for phrases in PHRASES.values() for topic in phrases.topics}
    for one, texts in bodies.items():
        said = "\n".join(texts)
        heard = {phrase for phrase in words if phrase in said}
        if one in {"chat", "email", "phone"}:
            assert len(heard) > len(words) / 2
            assert not any(problem in said for problem in own)
        else:
            assert heard == set()


def test_the_woven_details_stand_in_greeting_signature_quotation_and_read_back(
    spoken: SamplePlatform,
) -> None:
    seen = set()
    for person, body in spoken_bodies(spoken):
        name, order = re.escape(person.full_name), re.escape(person.order_number)
        phones = "|".join(re.escape(one) for one in person.phone_spellings)
        for place, shape in (
            ("greeting", f"This is {name}\\."),
            ("signature", f"Kind regards\n{name}\n(?:{phones})"),
            ("quotation", f"{name} <[^>]+@[^>]+> wrote:"),
            (
                "read back",
                f"read that back, {name}: order {order}, and I can call you on (?:{phones})",
            ),
        ):
            if re.search(shape, body):
                seen.add(place)
    assert seen == {"greeting", "signature", "quotation", "read back"}
