"""What mail programs and help desks write around a sentence leaves it its writer's."""

from __future__ import annotations

from pathlib import Path

import pytest

from lacuna.intake import read_mail
from tests.intake.mail.bad_inputs import mail

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_an_ordinary_page_is_read(path):
    read = read_mail(mail(path.read_text(), Content_Type="text/html; charset=utf-8"))
    assert read.flaws == ()
    assert "Please delete my data." in read.text
