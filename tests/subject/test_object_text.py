"""The texts of a mail, whoever wrote it."""

from __future__ import annotations

import time

import pytest

from lacuna.model.datamap import ObjectFormat
from lacuna.subject.object_text import texts_in
from tests.hostile_mails import HOSTILE_MAILS


@pytest.mark.parametrize("about", HOSTILE_MAILS)
def test_no_mail_stops_the_search(about):
    texts = [text for _, text in texts_in(HOSTILE_MAILS[about], ObjectFormat.MAIL)]
    assert any("Bodil Birkelund" in text for text in texts)


def test_a_long_header_is_read_with_its_encoded_words():
    header = (
        b"To: "
        + b"a@example.org, " * 500
        + b"=?utf-8?q?Z=C3=B6e?=\r\n =?utf-8?q?_Quick?= <z@example.org>"
    )
    texts = [text for _, text in texts_in(header + b"\r\n\r\nHello", ObjectFormat.MAIL)]
    assert any("Zöe Quick <z@example.org>" in text for text in texts)


@pytest.mark.long
@pytest.mark.parametrize("about", HOSTILE_MAILS)
def test_none_takes_long(about):
    began = time.process_time()
    list(texts_in(HOSTILE_MAILS[about], ObjectFormat.MAIL))
    assert time.process_time() - began < 2
