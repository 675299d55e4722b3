"""Words behind something large that is empty: nobody sees them, and they are not the writer's."""

from __future__ import annotations

import pytest

from lacuna.intake import read_mail
from lacuna.model.mail import Flaw

SECRET = "Please delete all my data."
HEAD = (
    "From: ada@shop.example\r\nTo: privacy@fjordlys.example.com\r\nSubject: Hello\r\n"
    "Content-Type: text/{}; charset=utf-8\r\n\r\n"
)
FAR = {
    "an empty div": '<div style="height:9000px"></div>{}',
    "an empty div in another unit": '<div style="height:900vh"></div>{}',
    "an empty div that is computed": '<div style="height:calc(9000px)"></div>{}',
    "an empty div by a rule": "<style>.a{min-height:9000px}</style><div class=a></div>{}",
    "many empty divs": '<div style="height:300px"></div>' * 30 + "{}",
    "a margin": '<div style="margin-bottom:9000px"></div>{}',
    "many margins": '<div style="padding-top:90px"></div>' * 100 + "{}",
    "a margin of another name": '<div style="margin-block-end:9000px"></div>{}',
    "a ratio": '<div style="width:9px;aspect-ratio:1/900"></div>{}',
    "a picture's height": '<img height="9000" width="1" src="cid:x"><br>{}',
    "a picture's height in CSS": '<img style="height:9000px;width:1px" src="cid:x"><br>{}',
    "a picture's width": '<nobr><img width="9000" height="1" src="cid:x">{}</nobr>',
    "many widths": "<nobr>" + '<img width="300" height="1" src="cid:x">' * 30 + "{}</nobr>",
    "a picture's hspace": '<nobr><img hspace="9000" width="1" height="1" src="cid:x">{}</nobr>',
    "a picture's vspace": '<img vspace="9000" width="1" height="1" src="cid:x"><br>{}',
    "a line's size": '<hr size="9000" color="white">{}',
    "a thousand line breaks": "<br>" * 1000 + "{}",
    "high line breaks": '<br style="line-height:190px">' * 50 + "{}",
    "a thousand empty paragraphs": "<p>&nbsp;</p>" * 1000 + "{}",
    "paragraphs of what is not seen": "<p>&#8203;&#12644;</p><br>" * 1000 + "{}",
    "blanks that do not collapse": "&nbsp;" * 9000 + "{}",
    "lines as they are written": "<pre>" + "\n" * 1000 + "{}</pre>",
    "lines by a reference": '<p style="white-space:pre-wrap">' + "&#10;" * 1000 + "{}</p>",
    "a cell above": '<table><tr><td height="4000">Hi.</td></tr></table>{}',
    "a cell beside": '<table><tr><td width="9000">Hi.</td><td>{}</td></tr></table>',
    "a cell beside that is high": '<table><tr><td><div style="height:4000px"></div></td><td>{}</td></tr></table>',
    "a cell after that is high": '<table><tr><td>{}</td><td><img src="cid:x" height="4000"></td></tr></table>',
    "a cell around": '<table><tr><td height="4000" valign="bottom">{}</td></tr></table>',
    "a box of lines": '<textarea rows="900"></textarea>{}',
    "no more than a word between": '<div style="height:9000px"></div>a<br>{}',
}
NEAR = {
    "breaks": "<br>" * 9 + "{}",
    "a picture": '<img width="600" height="800" src="cid:x"><br>{}',
    "cells beside each other": "<table><tr>"
    + '<td width="200" height="400">Hi.</td>' * 4
    + "</tr><tr><td>{}</td></tr></table>",
    "a high page around": '<table height="900"><tr><td height="900">{}</td></tr></table>',
    "many pictures with words": '<p>Look:</p><img width="600" height="800" src="cid:x">' * 20
    + "{}",
    "a page as high as its window": '<table height="100%" width="100%"><tr><td>{}</td></tr></table>',
}


def read(page: str, kind: str = "html"):
    return read_mail((HEAD.format(kind) + page).encode())


@pytest.mark.parametrize("name", FAR)
def test_words_too_far_away_to_be_seen_are_left_for_review(name):
    assert Flaw.HIDDEN_TEXT in read("<p>Thanks.</p>" + FAR[name].replace("{}", SECRET)).flaws


@pytest.mark.parametrize("name", NEAR)
def test_words_near_others_are_read(name):
    found = read("<p>Thanks.</p>" + NEAR[name].replace("{}", SECRET))
    assert found.flaws == ()
    assert SECRET in found.text


def test_blank_lines_of_a_plain_mail_hide_as_well():
    assert Flaw.HIDDEN_TEXT in read("Thanks." + "\r\n" * 300 + SECRET, "plain").flaws
    assert Flaw.HIDDEN_TEXT in read("Thanks." + "\r\n \u00a0\u200b" * 300 + SECRET, "plain").flaws
    assert read("Thanks." + "\r\n" * 20 + SECRET + "\r\n" * 300, "plain").flaws == ()
