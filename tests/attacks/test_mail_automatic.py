"""No text beside a request passes for the mark of an automatic mail, which nobody reads or answers."""

from __future__ import annotations

import pytest

from pipelines.request import read_mail
from tests.request.mail.bad_inputs import mail

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
