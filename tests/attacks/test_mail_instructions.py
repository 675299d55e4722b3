"""Somebody who can forge a mail's headers instructs as a controller, or turns an answer into a yes."""

from __future__ import annotations

import pytest

from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode
from tests.flows.correspondence import code_in, requests
from tests.flows.observation import execute

CONTROLLER = "dpo@fjordlys.example.com"
INSTRUCTIONS = "select source from lacuna.instruction"
VERIFIED = "select count(*) from lacuna.request where is_verified"


def instructed_by_mail(letters, ada) -> str:
    """Write as the controller, with headers that pass; return the code that comes back."""
    letters.write(
        CONTROLLER,
        f"Please erase all data of {ada.emails[0]}, customer {ada.external_ids[0]}.",
        vouched=True,
    )
    letters.take()
    (letter,) = letters.letters()
    assert letter["To"] == CONTROLLER
    assert letter["Subject"] == "Please confirm your instruction"
    return code_in(letter)


def test_headers_alone_record_no_instruction_and_verify_nobody(attacked, letters, ada):
    instructed_by_mail(letters, ada)
    assert execute(attacked.url, INSTRUCTIONS) == []
    assert execute(attacked.url, VERIFIED) == [(0,)]
    assert attacked.run(approval=ApprovalMode.AUTO) is None
    assert requests(attacked)[0].state is RequestState.IDENTITY_PENDING


def test_headers_alone_instruct_no_open_request_either(attacked, letters, ada):
    request_id = attacked.submit((IdentifierKind.EMAIL, ada.emails[0]), verified_by=None)
    letters.write(CONTROLLER, f"Please erase all personal data of {ada.emails[0]}.", vouched=True)
    letters.take()
    assert execute(attacked.url, INSTRUCTIONS) == []
    assert not attacked.request(request_id).is_verified


@pytest.mark.parametrize(
    "answer",
    [
        "> {code}",  # an answering machine that calls itself nothing
        "We did not send this.\n\n> {code}",
        "We did not send this: {code}",
        "Who asked for this? {code}",
        "Ok, {code} - but somebody has forged our address, this is an attack.",
        "Please withdraw the request. {code}",
    ],
)
def test_an_answer_that_only_quotes_the_code_or_denies_instructs_nothing(
    attacked, letters, ada, answer
):
    code = instructed_by_mail(letters, ada)
    letters.write(CONTROLLER, answer.format(code=code), vouched=True)
    letters.take()
    assert execute(attacked.url, INSTRUCTIONS) == []
    assert execute(attacked.url, VERIFIED) == [(0,)]
    assert letters.outcomes()[-1] == ("waiting", ["unconfirmed"])


def test_the_code_counts_from_the_controllers_address_alone(attacked, letters, ada):
    code = instructed_by_mail(letters, ada)
    for sender in (ada.emails[0], "privacy@fjordlys.example.com", "dpo@fjordlys.example.net"):
        letters.write(sender, code, vouched=True)
    letters.take()
    assert execute(attacked.url, INSTRUCTIONS) == []
    assert execute(attacked.url, VERIFIED) == [(0,)]


def test_a_challenges_code_makes_no_instruction(attacked, letters, ada):
    """A mail that nobody vouches for asks the person; their yes is not the controller's."""
    letters.write(CONTROLLER, f"Please erase all data of {ada.emails[0]}.")
    letters.take()
    for letter in letters.letters():
        letters.write(CONTROLLER, f"Yes. {code_in(letter)}", vouched=True)
    letters.take()
    assert execute(attacked.url, INSTRUCTIONS) == []


@pytest.mark.parametrize("answer", ["{code}", "Yes, we confirm this.\n\n{code}\n\n> {code}"])
def test_the_controllers_own_words_with_the_code_do(attacked, letters, ada, answer):
    code = instructed_by_mail(letters, ada)
    letters.write(CONTROLLER, answer.format(code=code))
    letters.take()
    assert execute(attacked.url, INSTRUCTIONS) == [("mail",)]
    assert execute(attacked.url, VERIFIED) == [(1,)]
    assert letters.outcomes()[-1] == ("confirmed", [])


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "I never asked for this!",
        "Yes I got this letter. Somebody is impersonating me.",
        "This was not me.",
        "What is this about?",
        "Das war ich nicht.",
        "Nein, bitte nichts löschen.",
        "Det var ikke meg.",
        "Ce n'est pas moi.",
        "No fui yo.",
        "To nie ja.",
        "En ole pyytänyt tätä.",
        "This is a scam.",
        "Leave me alone.",
        "Yes? No. Do nothing.",
    ],
)
def test_a_data_subject_who_denies_a_request_confirms_nothing(attacked, letters, ada, answer):
    letters.write(ada.emails[0], "Please delete all my data.")
    letters.take()
    (letter,) = letters.letters()
    letters.write(ada.emails[0], f"{answer}\n\n> {code_in(letter)}")
    letters.take()
    assert execute(attacked.url, VERIFIED) == [(0,)]
    assert letters.outcomes()[-1] == ("waiting", ["unconfirmed"])
