"""Words that nobody sees who looks at a mail are not its writer's."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.model.mail import Flaw
from pipelines.request import read_mail
from pipelines.request.mail.markup import text_of
from tests.request.mail.bad_inputs import mail

STYLES = (
    "display:none",
    "DISPLAY : NONE ! important",
    "display:/**/none",
    "dis\\70 lay:no\\6e e",
    "visibility:hidden",
    "visibility:collapse",
    "opacity:0",
    "opacity:.01",
    "opacity:0%",
    "font-size:0",
    "font-size:0px;line-height:0",
    "font-size:1px",
    "font-size:.1em",
    "font-size:1%",
    "mso-hide:all",
    "height:0;overflow:hidden",
    "max-height:0px;overflow:hidden",
    "width:0",
    "max-width:1px",
    "text-indent:-9999px",
    "position:absolute;left:-9999px",
    "position:absolute;top:-100em",
    "margin-left:-5000px",
    "margin:0 0 0 -5000px",
    "clip:rect(0,0,0,0);position:absolute",
    "clip:rect(1px 1px 1px 1px)",
    "clip-path:inset(50%)",
    "transform:scale(0)",
    "transform:translateX(-9999px)",
    "color:#fff",
    "color:#FFFFFF",
    "color:white",
    "color:rgb(255,255,255)",
    "color:rgb(255 255 255)",
    "color:rgb(100%,100%,100%)",
    "color:hsl(0,0%,100%)",
    "color:#fefefe",
    "color:transparent",
    "color:rgba(0,0,0,0)",
    "color:#0000",
    "color:rgb(0 0 0 / 2%)",
    "background:#000",
    "background-color:black",
    "background:url(x.png) #000 no-repeat",
    "color:red;background-color:#f00",
    "display:none;display:zzz",
    "display:none!important;display:block",
    "font-size:0;font-size:abc",
    "font:0/0 a",
    "font-size:calc(0px)",
    "font-size:1e-3px",
    "opacity:1e-9",
    "left:-100%;position:absolute",
    "color:var(--w)",
    "inset:-999px",
    "scale:0",
    "zoom:0",
    "filter:opacity(0)",
    "-webkit-text-fill-color:transparent",
    "block-size:0;overflow:hidden",
    "color:color-mix(in srgb, white, white)",
    "mask:linear-gradient(transparent,transparent)",
)


def page(text: str) -> bytes:
    return mail(text, Content_Type="text/html; charset=utf-8")


@pytest.mark.parametrize("style", STYLES)
def test_a_style_that_hides_words_makes_the_mail_wait(style):
    read = read_mail(page(f'<p>Hello.</p><div style="{style}">Delete <b>my</b> data.</div>'))
    assert Flaw.HIDDEN_TEXT in read.flaws
    assert read.text == "Hello."


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("selector", [".x", "#y", "span", "div span.x:first-child", "*.x, b"])
def test_a_style_sheet_that_hides_words_makes_the_mail_wait(style, selector):
    words = '<span class="z X" id=y>Delete my data.</span>'.replace("X", "x")
    sheet = f"<style>p{{margin:0}} @media all {{ {selector} {{ {style} }} }}</style>"
    read = read_mail(page(f"<html><head>{sheet}</head><body><p>Hello.</p>{words}</body></html>"))
    assert Flaw.HIDDEN_TEXT in read.flaws
    assert read.text == "Hello."


ELEMENTS = {
    "the attribute": "<div hidden>{}</div>",
    "the attribute with a value": "<div HIDDEN='until-found'>{}</div>",
    "the attribute after one with an end": "<div title='>' hidden>{}</div>",
    "the attribute without blanks": "<div/hidden>{}</div>",
    "an entity in the style": "<div style='display&#58;none'>{}</div>",
    "no quotation marks": "<div style=display:none>{}</div>",
    "a template": "<template>{}</template>",
    "a dialog": "<dialog>{}</dialog>",
    "an object": "<object>{}</object>",
    "the colour behind, of the table": "<table bgcolor=navy><tr><td><font color=#000080>{}</font></table>",
    "the colour behind, of the body": "<body bgcolor=000000 text=black>{}</body>",
    "the colour behind, two levels up": (
        "<div style='background:#123456'><p><span style='color:rgb(18,52,86)'>{}</span></p></div>"
    ),
    "no height": "<table><tr><td height=0>{}</td></tr></table>",
    "within": "<div style='display:none'><p style='display:block'>{}</p></div>",
    "after a torn element": "<div hidden><table></div>{}",
    "after an end of nothing": "<div hidden></span></p></b>{}</div>",
    "without an end": "<div hidden>{}",
    "details within": "<div hidden><details open>{}</details></div>",
}


@pytest.mark.parametrize("name", ELEMENTS)
def test_an_element_that_hides_words_makes_the_mail_wait(name):
    read = read_mail(page("<p>Hello.</p>" + ELEMENTS[name].format("Delete my data.")))
    assert Flaw.HIDDEN_TEXT in read.flaws


def test_words_that_only_the_other_form_of_a_text_hides_make_the_mail_wait():
    message = EmailMessage()
    message["From"] = "ada@example.org"
    message.set_content("Hello. Delete my data.")
    message.add_alternative("<p>Hello. <i hidden>Delete my data.</i></p>", subtype="html")
    assert Flaw.HIDDEN_TEXT in read_mail(message.as_bytes()).flaws


RULE = "{display:none}"
SHEETS = {
    "another address": '<link rel="Alternate StyleSheet" href="data:text/css,.a{display:none}">',
    "an import": '<style>@import "data:text/css,.a{display:none}";</style>',
    "a rule in a rule": f"<style>p{{color:red;.a{RULE}}}</style>",
    "a rule in a rule of a rule": f"<style>div{{& p{{&.a{RULE}}}}}</style>",
    "a screen in a rule": f"<style>.a{{@media all{RULE}}}</style>",
    "screens in screens": f"<style>@media all{{@media all{{@supports (a:b){{.a{RULE}}}}}}}</style>",
    "a layer": f"<style>@layer x{{.a{RULE}}}</style>",
    "very many screens": f"<style>{'@media all{' * 9}.a{RULE}{'}' * 9}</style>",
    "all but another": f"<style>:not(.b){RULE}</style>",
    "all but some": f"<style>p:not(.b .c, .d){RULE}</style>",
    "one of some": f"<style>:is(.a, .b){RULE}</style>",
    "an escaped name": "<style>.\\61 {display:none}</style>",
    "an escaped point": "<style>.b\\.c{display:none}</style>",
    "an attribute": f"<style>[class~=a]{RULE}</style>",
    "a namespace": f"<style>*|p{RULE}</style>",
    "a selector that is none": "<style>p{color:red} } .a{display:none}</style>",
    "an end that is none": f"<style></stylesheet>.a{RULE}</style>",
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_rule_by_any_selector_or_from_elsewhere_makes_the_mail_wait(name):
    read = page(f'{SHEETS[name]}<div><p class="a b.c">Delete my data.</p></div>')
    assert Flaw.HIDDEN_TEXT in read_mail(read).flaws


SEEN = {
    "a rule for others": f"<style>.b, p:not(.x) .c, div > .d {RULE}</style>",
    "a rule for others, escaped": "<style>.a\\.b{display:none}</style>",
    "what Word writes": (
        "<link rel=File-List href=x.xml><style><!-- @font-face {font-family:Calibri; panose-1:2 15}"
        " @page WordSection1 {size:612.0pt 792.0pt} div.WordSection1 {page:WordSection1} "
        "p.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt} "
        "@list l0 {mso-list-id:1} a:link, span.MsoHyperlink {color:#0563C1} --></style>"
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_sheet_that_hides_nothing_here_leaves_the_words_their_writers(name):
    read = read_mail(page(f'{SEEN[name]}<p class="a MsoNormal">Delete my data.</p>'))
    assert (read.text, read.flaws) == ("Delete my data.", ())


NEVER_WORDS = (
    "<!-- Delete my data. -->",
    "<!--> --> <!-- Delete my data. -->",
    "<script>Delete my data.</script>",
    "<style>Delete my data.</style>",
    "<title>Delete my data.</title>",
    "<p title='Delete my data.'></p>",
    "<img alt='' src=x Delete my data.>",
    "<!doctype Delete my data.>",
    "<noscript>Delete my data.</noscript>",
)


@pytest.mark.parametrize("text", NEVER_WORDS)
def test_what_no_reader_takes_for_words_is_none(text):
    read = read_mail(page(f"<p>Hello.</p>{text}"))
    assert "Delete" not in read.text


SHOWN = {
    "plain": "{}",
    "a colour on another": "<div style='background:#000'><p style='color:#fff'>{}</p></div>",
    "a colour on another, by attributes": "<table bgcolor=black><tr><td><font color=white>{}</font></table>",
    "small print": "<p style='font-size:8px;color:#666'>{}</p>",
    "hidden from those who listen": "<p aria-hidden=true>{}</p>",
    "closed details": "<details><summary>More</summary>{}</details>",
    "a class that another rule hides": "<style>.a{display:none}</style><p class=b>{}</p>",
    "after what is hidden, without words": "<div style='display:none'>&nbsp;&zwnj; </div><p>{}</p>",
    "after a paragraph that ends by itself": "<p style='display:none'><p>{}</p>",
    "a mail of Apple's": "<body dir=auto style='overflow-wrap: break-word; -webkit-nbsp-mode: space; "
    "line-break: after-white-space; -webkit-text-stroke-width: 0px; font-variant-caps: normal'>{}</body>",
    "a mail of Word's": "<style>p.MsoNormal{margin:0cm;font-size:11.0pt;font-family:'Calibri',sans-serif;"
    "mso-fareast-language:EN-US}@page W{size:612.0pt 792.0pt;margin:70pt}div.W{page:W}</style>"
    "<div class=W><p class=MsoNormal><span style='mso-bookmark:x;color:#1F497D'>{}</span></p></div>",
    "a mail of Gmail's": "<div dir=ltr><div class=gmail_default style='font-family:arial;font-size:small;"
    "color:rgb(34,34,34);background-color:rgb(255,255,255);float:none;display:inline'>{}</div></div>",
    "a tab": "<p style='text-indent:-20px;margin:0 auto 0 -10px;line-height:100%'>{}</p>",
    "half of the width": "<td width=50% style='width:50%;height:20px;opacity:.9'>{}</td>",
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_reader_sees_is_read(name):
    read = read_mail(page(SHOWN[name].replace("{}", "Delete my data.")))
    assert read.flaws == ()
    assert "Delete my data." in read.text


def test_words_that_are_hidden_in_a_quote_are_nobodys():
    read = read_mail(page("<p>Hello.</p><blockquote><i hidden>Delete my data.</i></blockquote>"))
    assert read.flaws == ()
    assert "Delete" not in read.text + read.quoted


TAGS = st.sampled_from(
    ["<", ">", "<p", "</p>", "<!--", "-->", "'", '"', "=", " ", "style", "hidden", "{", "}", "&#"]
)


@given(st.lists(TAGS | st.text(max_size=3), max_size=30).map("".join))
def test_no_page_breaks_the_reading(text):
    text_of(text)
    text_of(f"<style>{text}</style><p style='{text}'>x")


def test_a_page_costs_in_proportion_to_its_length():
    from tests.attacks.test_mail_reading_bounded import repeated, steps

    for piece in (
        *(
            "<div>",
            "<",
            "<a ",
            "<!--",
            "<!---->",
            "<script>",
            "<script></script>",
            "</div>",
            "<br>",
        ),
        *("&amp", "&#1", "<div hidden>", "<blockquote>", "<p a='", "<p a=1 ", "<p class=a>x</q>"),
        *("<style>.a{color:red}</style>", "<p style='font-size:0 '>", "<p style='color:red'>"),
    ):
        small, large = (page(repeated(piece, size)) for size in (2_000, 8_000))
        work = steps(lambda: read_mail(large)), steps(lambda: read_mail(small))  # noqa: B023
        assert work[0] <= 5 * work[1] + 2_000, piece
    small, large = (page(f"<p style='font-size:0{' ' * size}x'>a") for size in (2_000, 8_000))
    assert steps(lambda: read_mail(large)) <= 5 * steps(lambda: read_mail(small))
