"""A stranger's text inside a genuine Authentication-Results header makes nobody vouch for them."""

from __future__ import annotations

import pytest

from lacuna.intake import is_vouched, read_mail

SERVER = "mx.nord.example.com"
FAILED = "dkim=none; dmarc=fail (p=none dis=none) header.from=shop.example"
PASSED = "dmarc=pass header.from=shop.example"


class NoKeys:
    """Mail domains that publish no key."""

    def text(self, name: bytes) -> bytes | None:
        return None


def vouched(*results: str, sender: str = "ada@shop.example", above: str = "") -> bool:
    """Whether the headers of a mail that our own server took vouch for its sender."""
    headers = "".join(f"Authentication-Results: {each}\r\n" for each in results)
    content = (
        f"{above}{headers}Received: from evil.example by {SERVER}; "
        f"Mon, 02 Nov 2026 10:00:00 +0000\r\nFrom: {sender}\r\n\r\nDelete my data.\r\n"
    ).encode("utf-8", "surrogateescape")
    return is_vouched(read_mail(content), content, trusted_servers=(SERVER,), keys=NoKeys())


GENUINE = {
    "OpenDMARC": f"{SERVER}; dmarc=pass (p=none dis=none) header.from=shop.example",
    "rspamd": (
        f"{SERVER};\r\n\tdkim=pass header.d=shop.example header.s=s1 header.b=aB/c+d;\r\n\t"
        f"spf=pass ({SERVER}: domain of a@shop.example designates 192.0.2.1 as permitted sender) "
        "smtp.mailfrom=a@shop.example;\r\n\tdmarc=pass (policy=none) header.from=shop.example"
    ),
    "Google": (
        f"{SERVER};\r\n       dkim=pass header.i=@shop.example header.s=s1 header.b=Lr1b/D3P;\r\n"
        "       spf=pass (google.com: domain of a@shop.example designates 2001:db8::1 as "
        "permitted sender) smtp.mailfrom=a@shop.example;\r\n       dmarc=pass (p=NONE "
        "sp=QUARANTINE dis=NONE) header.from=shop.example"
    ),
    "Exim": (
        f"{SERVER}; iprev=pass (mail.shop.example) smtp.remote-ip=192.0.2.1; spf=pass "
        "smtp.mailfrom=shop.example; dkim=pass header.d=shop.example header.s=s1 "
        "header.a=rsa-sha256; dmarc=pass header.from=shop.example"
    ),
    "Yahoo": f"{SERVER};\r\n dmarc=pass(p=REJECT) header.from=shop.example;",
    "DKIM alone": f'{SERVER}; dkim=pass (2048-bit key) header.d=shop.example header.b="aB/c"',
    "DKIM in capitals": f"{SERVER}; dkim=pass header.d=Shop.Example.",
    "no DMARC record": f"{SERVER}; dmarc=none header.from=shop.example; dkim=pass header.d=shop.example",
    "one of two signatures": f"{SERVER}; dkim=fail header.d=a.example; dkim=pass header.d=shop.example",
    "with its version": f"{SERVER.upper()} 1; dmarc/1=pass header.from=shop.example",
    "quoted": f'(a \\) b) "{SERVER}" (c) ; (d (e)) dmarc (f) = (g) pass (h) reason="x;y" '
    'header . from = "shop.example" (i)',
    "an address": f"{SERVER}; dmarc=pass header.from=ada@shop.example",
    "attacker's text beside it": f"{SERVER}; spf=fail smtp.mailfrom=dmarc=fail@evil.example; {PASSED}",
}


@pytest.mark.parametrize("name", GENUINE)
def test_what_real_servers_write_vouches(name):
    assert vouched(GENUINE[name])


@pytest.mark.parametrize("name", GENUINE)
def test_what_they_write_of_one_domain_vouches_for_no_other(name):
    assert not vouched(GENUINE[name], sender="ada@bank.example")


PROPERTIES = ("smtp.mailfrom", "envelope-from", "smtp.helo", "smtp.auth", "smtp.envelope-from")
INSIDE = {
    **{
        f"{name}={text}": f"spf=pass {name}={text}; {FAILED}"
        for name in PROPERTIES
        for text in (
            "dmarc=pass@evil.example",
            "dmarc=pass",
            "dkim=pass",
            "a;dmarc=pass@evil.example",
            '"dmarc=pass header.from=shop.example"@evil.example',
            '";dmarc=pass header.from=shop.example;"@evil.example',
            '"\\";dmarc=pass header.from=shop.example"@evil.example',
        )
    },
    "a comment": f"spf=pass (dmarc=pass header.from=shop.example) smtp.mailfrom=x@evil.example; {FAILED}",
    "a comment with a separator": f"spf=pass (x; {PASSED};) smtp.mailfrom=x@evil.example; {FAILED}",
    "a comment in a comment": f"spf=pass (a (b) ; {PASSED}; (c)) smtp.mailfrom=x@evil.example; {FAILED}",
    "a comment with an escaped end": f"spf=pass (a \\) ; {PASSED};) smtp.mailfrom=x@evil.example; {FAILED}",
    "a comment with a quotation mark": f'spf=pass ("); {PASSED}; ("); {FAILED}',
    "a comment that never ends": f"{PASSED}; spf=pass (dmarc=fail; {FAILED}",
    "a quoted string that never ends": f'{PASSED}; spf=pass smtp.mailfrom="x; {FAILED}',
    "a reason": f'spf=pass reason="; {PASSED};" smtp.mailfrom=x@evil.example; {FAILED}',
    "another method": f"x-dmarc=pass header.from=shop.example; {FAILED}",
    "another method, alone": "x-dmarc=pass header.from=shop.example",
    "another method, with a dot": "x.dmarc=pass header.from=shop.example",
    "another method, with its end": "dmarc-x=pass header.from=shop.example",
    "another result": "dmarc=passed header.from=shop.example",
    "another result, with a hyphen": "dmarc=pass-through header.from=shop.example",
    "another result after it": "dmarc=pass=fail header.from=shop.example",
    "another version of the method": "dmarc/2=pass header.from=shop.example",
    "an encoded word": f"spf=pass smtp.mailfrom==?utf-8?q?x;_dmarc=3Dpass?=; {FAILED}",
    "an encoded method": "=?utf-8?q?dmarc=3Dpass?= header.from=shop.example",
    "a folded header": f"spf=pass smtp.mailfrom=x@evil.example\r\n dmarc=pass header.from=shop.example; {FAILED}",
    "letters that look like it": "dm\u0430rc=pass header.from=shop.example",
    "letters that fold to it": "dmarc=pa\u017f\u017f header.from=shop.example",
    "a wide letter in the method": "\uff44marc=pass header.from=shop.example",
    "a wide space": f"spf=pass smtp.mailfrom=x\u2003;{PASSED}\u2003@evil.example; {FAILED}",
    "a control character": f"spf=pass smtp.mailfrom=x\x0b{PASSED}; {FAILED}",
    "two results that disagree": f"{PASSED}; dmarc=fail header.from=shop.example",
    "two results that disagree, turned": f"dmarc=fail header.from=shop.example; {PASSED}",
    "two results that agree": f"{PASSED}; {PASSED}",
    "two domains of one result": "dmarc=pass header.from=shop.example header.from=evil.example",
    "two domains of one signature": "dkim=pass header.d=evil.example header.d=shop.example",
    "two identities of one signature": "dkim=pass header.i=@evil.example header.i=@shop.example",
    "a signature beside none": "dkim=none; dkim=pass header.d=shop.example",
    "a signature beside a failed DMARC": f"dkim=pass header.d=shop.example; {FAILED}",
    "a signature of evil beside an identity": "dkim=pass header.d=evil.example header.i=@shop.example",
    "a result without its domain": "dmarc=pass",
    "a result with the domain of SPF": "dmarc=pass smtp.mailfrom=shop.example",
    "a result with another property": "dmarc=pass header.x-from=shop.example",
    "a result with its domain in a comment": "dmarc=pass (header.from=shop.example)",
    "the domain and more": "dmarc=pass header.from=shop.example.evil.example",
    "the domain within another": "dmarc=pass header.from=evilshop.example",
    "the domain as a local part": "dmarc=pass header.from=shop.example@evil.example",
    "the domain as a quoted local part": 'dmarc=pass header.from="x@shop.example "@evil.example',
    "the domain, quoted with a space": 'dmarc=pass header.from="shop.example evil.example"',
    "SPF alone": "spf=pass smtp.mailfrom=ada@shop.example",
    "ARC": "arc=pass header.d=shop.example",
    "no result": "none",
    "no result, then one": f"none; {PASSED}",
    "nothing": "",
    "separators alone": f";;; {PASSED}",
    "garbage at the end": f"{PASSED}; ]",
    "garbage after the domain": "dmarc=pass header.from=shop.example, evil.example",
    "very many comments": f"{'(' * 10_000}{')' * 10_000} {PASSED}; {FAILED}",
}


@pytest.mark.parametrize("name", INSIDE)
def test_text_of_a_stranger_inside_the_header_is_no_result(name):
    assert not vouched(f"{SERVER}; {INSIDE[name]}")


CLAIMED = {
    "another server": f"mx.evil.example; {PASSED}",
    "the name in another's": f"mx.nord.example.com.evil.example; {PASSED}",
    "the name after another's": f"evil.{SERVER}; {PASSED}",
    "the name and more": f"{SERVER} evil; {PASSED}",
    "the name and an address": f"{SERVER}@evil.example; {PASSED}",
    "the name and another version": f"{SERVER} 2; {PASSED}",
    "the name and two versions": f"{SERVER} 1 1; {PASSED}",
    "the name and a control character": f"{SERVER}\x00; {PASSED}",
    "the name in a comment": f"({SERVER}); {PASSED}",
    "the name in wide letters": f"\uff4dx.nord.example.com; {PASSED}",
    "the name without a separator": f"{SERVER} {PASSED}",
    "no name": PASSED,
    "no name, as Microsoft writes it": (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=shop.example; dkim=pass (signature was "
        "verified) header.d=shop.example;dmarc=pass action=none header.from=shop.example;"
        "compauth=pass reason=100"
    ),
}


@pytest.mark.parametrize("name", CLAIMED)
def test_nobody_but_our_own_server_is_believed(name):
    assert not vouched(CLAIMED[name])


def test_two_headers_in_the_name_of_our_server_are_both_in_doubt():
    assert not vouched(f"{SERVER}; {PASSED}", f"{SERVER}; {FAILED}")
    assert not vouched(f"{SERVER}; {PASSED}", f"{SERVER} evil; {PASSED}")


HOP = "Received: from a by {}; Mon, 02 Nov 2026 10:00:00 +0000\r\n"
ABOVE = {
    "a server of ours": (HOP.format(SERVER), True),
    "a stranger's server": (HOP.format("mx.evil.example"), False),
    "our server behind a stranger's": (HOP.format("mx.evil.example") + HOP.format(SERVER), False),
    "our server in a comment": (HOP.format(f"mx.evil.example (x by {SERVER} )"), False),
    "our server in what the sender said": (HOP.format(f"{SERVER} by mx.evil.example"), False),
    "our server quoted": (
        f'Received: from "a by {SERVER} " by mx.evil.example; Mon, 02 Nov 2026 10:00:00 +0000\r\n',
        False,
    ),
    "nobody": ("Received: by\r\n", False),
}


@pytest.mark.parametrize("name", ABOVE)
def test_a_header_below_a_hop_of_somebody_else_is_not_ours(name):
    above, is_ours = ABOVE[name]
    assert vouched(f"{SERVER}; {PASSED}", above=above) is is_ours


SPELLED = (
    "Authentication-Results : ",
    "Authentication-Results\u00a0: ",
    "\u00a0Authentication-Results: ",
    "X: y\rAuthentication-Results: ",
)


@pytest.mark.parametrize("field", SPELLED)
def test_a_field_that_our_server_would_not_have_removed_is_not_its_word(field):
    assert not vouched(above=f"{field}{SERVER}; {PASSED}\r\n")


SUFFIXES = {
    "co.uk": "ada@shop.co.uk",
    "uk": "ada@shop.co.uk",
    "com": "ada@shop.com",
    "github.io": "ada@shop.github.io",
    "blogspot.com": "ada@shop.blogspot.com",
    "xn--55qx5d.cn": "ada@shop.公司.cn",
    "公司.cn": "ada@shop.公司.cn",
    "invalid": "ada@shop.invalid",
    "other.github.io": "ada@shop.github.io",
    "mail.shop.example": "ada@shop.example",
    "a.shop.example": "ada@b.shop.example",
    "shop.example..": "ada@shop.example",
    ".shop.example": "ada@shop.example",
    "": "ada@shop.example",
    ".": "ada@shop.example",
}


@pytest.mark.parametrize("signer", SUFFIXES)
def test_who_signs_for_all_below_a_public_suffix_vouches_for_none_of_them(signer):
    sender = SUFFIXES[signer]
    assert not vouched(f"{SERVER}; dkim=pass header.d={signer}", sender=sender)
    assert not vouched(f"{SERVER}; dkim=pass header.i=@{signer}", sender=sender)
    assert not vouched(f"{SERVER}; dmarc=pass header.from={signer}", sender=sender)


def test_the_organization_of_a_sender_vouches_for_them_down_to_the_suffix():
    for signer in ("shop.co.uk", "a.shop.co.uk", "b.a.shop.co.uk"):
        assert vouched(f"{SERVER}; dkim=pass header.d={signer}", sender="ada@b.a.shop.co.uk")
    assert vouched(
        f"{SERVER}; dkim=pass header.d=xn--bcher-kva.example", sender="ada@bücher.example"
    )
