"""No text beside a request passes for the mark of an automatic mail, which nobody reads or answers."""

from __future__ import annotations

import pytest

from lacuna.intake import read_mail
from tests.intake.mail.bad_inputs import mail

NOT_AUTOMATIC = {
    "no, with a comment": {"Auto_Submitted": "no (a person (really) wrote this; auto-replied)"},
    "no, after a comment": {"Auto_Submitted": "(auto-generated) no"},
    "no, with a parameter": {"Auto_Submitted": 'No; x="auto-replied"'},
    "a file's name": {"Content_Type": 'text/plain; name="multipart/report.txt"'},
    "a parameter": {"Content_Type": "text/plain; x=multipart/report"},
    "a comment": {"Content_Type": "text/plain (multipart/report)"},
    "a return path with that in its name": {"Return_Path": '<"<>"@example.org>'},
}


@pytest.mark.parametrize("name", NOT_AUTOMATIC)
def test_a_request_is_not_lost_as_automatic(name):
    read = read_mail(mail(**NOT_AUTOMATIC[name]))
    assert not read.is_automatic
    assert read.text == "Please delete my data."


AUTOMATIC = {
    "a reply": {"Auto_Submitted": "auto-replied (vacation)"},
    "a program": {"Auto_Submitted": "(x) Auto-Generated; x=y"},
    "a report": {"Content_Type": "Multipart/Report; boundary=x"},
    "a bounce": {"Return_Path": "< >"},
}


@pytest.mark.parametrize("name", AUTOMATIC)
def test_what_is_automatic_is_known(name):
    assert read_mail(mail(**AUTOMATIC[name])).is_automatic


LISTS = {
    "by its name": {
        "List_Id": "Privacy <privacy.fjordlys.example.com>",
        "List_Unsubscribe": "<x:y>",
    },
    "by its address": {"List_Post": "<https://x.example>, <mailto:Team@fjordlys.example.com?a=b>"},
    "by both": {
        "Precedence": "list",
        "List_Id": "<team.lists.example.net>",
        "List_Post": "<mailto:privacy@fjordlys.example.com>",
    },
}
OTHERS = {
    "a newsletter": {"List_Unsubscribe": "<https://news.example.org/off>"},
    "a newsletter by its name": {"List_Id": "<weekly.news.example.org>", "List_Post": "NO"},
    "a list of somebody else": {"Precedence": "list", "List_Post": "<mailto:a@other.example>"},
    "a name in a phrase": {"List_Id": '"<privacy.fjordlys.example.com>" <weekly.news.example.org>'},
    "a name that ends in it": {"List_Id": "<x.privacy.fjordlys.example.com.news.example.org>"},
}


@pytest.mark.parametrize("name", LISTS)
def test_a_request_to_a_mailbox_that_is_a_list_is_read(attacked, letters, ada, name):
    letters.write(ada.emails[0], "Please delete my data.", **LISTS[name])
    letters.take()
    assert [outcome for outcome, _ in letters.outcomes()] == ["opened"]


def test_a_request_by_a_list_that_is_not_known_as_ours_is_read_by_a_person(letters, ada):
    for headers in OTHERS.values():
        letters.write(ada.emails[0], "Please delete my data.", **headers)
    letters.take()
    assert {outcome for outcome, _ in letters.outcomes()} == {"waiting"}


def test_a_newsletter_stays_automatic(letters):
    for headers in (*OTHERS.values(), *({**one, "Precedence": "bulk"} for one in LISTS.values())):
        letters.write("news@shop.invalid", "Autumn is here: all boots at half price.", **headers)
    letters.write(
        "news@shop.invalid", "Please delete my data.", Precedence="bulk", **LISTS["by its name"]
    )
    letters.take()
    assert {outcome for outcome, _ in letters.outcomes()} == {"automatic"}
