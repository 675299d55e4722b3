"""One form of a mail says something else than the other: people see one, a program reads the other."""

from __future__ import annotations

import pytest

from lacuna.intake import read_mail
from lacuna.model.mail import Flaw
from tests.intake.mail.bad_inputs import mail

REQUEST = "Please delete all my personal data."
ORDINARY = "Hello, where is my parcel? It should have come on Monday."


def forms(plain: str, page: str):
    body = (
        f"--x\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n"
        f"--x\r\nContent-Type: text/html\r\n\r\n{page}\r\n--x--"
    )
    return read_mail(mail(body, Content_Type='multipart/alternative; boundary="x"'))


@pytest.mark.parametrize(("plain", "page"), [(REQUEST, ORDINARY), (ORDINARY, REQUEST)])
def test_a_request_in_one_form_alone_is_neither_taken_nor_lost(plain, page):
    assert Flaw.DIFFERING_FORMS in forms(plain, f"<p>{page}</p>").flaws


@pytest.mark.parametrize(
    "page",
    [
        f"<p>{REQUEST}</p>",
        "<div><b>Please</b> delete <i>all</i> my personal data.<br><img src=x alt=Logo></div>",
        f"<p>{REQUEST}</p><p>Example Shop</p>",
    ],
)
def test_two_forms_of_the_same_are_read(page):
    assert forms(f"{REQUEST} https://example.org/a/b", page).flaws == ()
