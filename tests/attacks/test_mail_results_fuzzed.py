"""Whatever a stranger writes into a genuine header, it is read as what its server meant."""

from __future__ import annotations

import re
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna.intake.mail.authentication_results import host_of, verdict_of
from lacuna.model.mail import MethodResult
from tests.attacks.test_mail_authentication import FAILED, PASSED, SERVER, vouched

PIECES = st.sampled_from(
    [
        *(*';()"\\=@./ \t<>,', "dmarc=pass", "dkim=pass", "header.from=shop.example", "x", "none"),
        *("header.d=shop.example", PASSED, f"; {PASSED};", f"{SERVER}; {PASSED}", "=?utf-8?q?x?="),
        *("\r\n ", "\x00", "\u2003", "ß", "reason=", "smtp.mailfrom=", f" by {SERVER} "),
    ]
)
HOSTILE = st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join)
ONE_LINE = HOSTILE.map(lambda text: re.sub(r"[\r\n]", "", text))


def quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def commented(text: str) -> str:
    return "(" + re.sub(r"([()\\])", r"\\\1", text) + ")"


@settings(max_examples=200)
@given(HOSTILE)
def test_one_raw_text_in_a_failing_header_never_vouches(text):
    text = text.replace("\n", "\n ")  # what begins at the margin is a header of its own
    assert not vouched(f"{SERVER}; spf=pass smtp.mailfrom={text}; {FAILED}")
    assert not vouched(f"{SERVER}; spf=pass ({text}) smtp.helo=x; {FAILED}")
    assert not vouched(f'{SERVER}; spf=pass smtp.mailfrom="{text}"@evil.example; {FAILED}')
    assert not vouched(f"{SERVER}; {FAILED}; auth=pass smtp.auth={text}")


@settings(max_examples=200)
@given(ONE_LINE, ONE_LINE, ONE_LINE)
def test_texts_that_a_server_escapes_never_vouch_wherever_they_stand(first, second, third):
    assert not vouched(
        f"{SERVER} {commented(first)}; spf=pass {commented(second)} smtp.mailfrom={quoted(third)}; "
        f"dkim=none reason={quoted(first)}; dmarc=fail {commented(third)} header.from=shop.example; "
        f"auth=pass smtp.auth={quoted(second)}"
    )


KEYWORDS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
METHODS = KEYWORDS.filter(lambda method: method != "none")
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
FINDINGS = st.builds(
    MethodResult,
    METHODS,
    KEYWORDS,
    st.lists(st.tuples(st.builds("{}.{}".format, KEYWORDS, KEYWORDS), VALUES), max_size=4).map(
        tuple
    ),
)
BETWEEN = st.one_of(
    st.sampled_from(["", " ", "\t "]), VALUES.map(lambda text: f" {commented(text)} ")
)


@given(st.lists(FINDINGS, min_size=1, max_size=5), st.data())
def test_what_a_server_writes_parses_back(findings, data):
    def gap() -> str:
        return data.draw(BETWEEN)

    def said(value: str) -> str:
        is_bare = bool(value) and set(value) <= set(string.ascii_letters + string.digits + "-./:@=")
        return value if is_bare else quoted(value)

    text = f"{gap()}{SERVER}{gap()}"
    for one in findings:
        text += f";{gap()}{one.method}{gap()}={gap()}{one.result}"
        for name, value in one.properties:
            text += f" {gap()}{name.replace('.', f'{gap()}.{gap()}')}{gap()}={gap()}{said(value)}"
        text += gap()
    verdict = verdict_of(text, ())
    assert verdict.server == SERVER
    assert verdict.findings == tuple(findings)


@given(HOSTILE)
def test_no_text_breaks_the_reading(text):
    verdict_of(text, ())
    assert host_of(f"from x{text} by mx.evil.example; x") != SERVER


def test_deep_comments_are_passed_and_not_climbed_into():
    deep = "(" * 100_000
    assert verdict_of(f"{SERVER}{deep}{deep.replace('(', ')')}; {PASSED}", ()).findings
    assert verdict_of(f"{SERVER}{deep}; {PASSED}", ()).findings is None
