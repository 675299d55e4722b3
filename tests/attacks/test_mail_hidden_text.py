"""Words that nobody sees who looks at a mail are not its writer's."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.intake import read_mail
from lacuna.intake.mail.html_text import text_of
from lacuna.model.mail import Flaw
from tests.intake.mail.bad_inputs import mail

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
    # A colour of what is behind that is the text's, or is not known.
    "background:currentColor",
    "background-color:currentcolor",
    "background:linear-gradient(#000,#000)",
    "background-image:url(black.png)",
    "color:#eee",
    "color:rgb(from white r g b)",
    "color:light-dark(#fff,#fff)",
    "color:Canvas",
    "color:oklch(1 0 0)",
    "color:#000;opacity:.08",
    "mso-highlight:black",
    "mso-themecolor:background1",
    "color-scheme:dark",
    "text-shadow:0 0 2px #000",
    "box-shadow:inset 0 0 0 99px #000",
    "outline:20px solid;outline-offset:-20px",
    "-webkit-text-stroke:9px #fff",
    "-webkit-text-security:disc",
    "mix-blend-mode:screen",
    "background-clip:text",
    "backdrop-filter:invert(1)",
    "text-decoration:line-through",
    "text-decoration:underline;text-decoration-thickness:20px",
    "text-underline-offset:-1em",
    # Drawn as nothing, as a point or on its edge.
    "transform:matrix(0,0,0,0,0,0)",
    "transform:matrix(1,0,0,0,0,0)",
    "transform:matrix3d(0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1)",
    "transform:rotateY(90deg)",
    "transform:rotateX(90deg)",
    "transform:rotate3d(1,1,0,90deg)",
    "transform:skew(90deg)",
    "transform:perspective(1px) translateZ(-99999px)",
    "rotate:y 90deg",
    "translate:-999px",
    "offset-path:path('M-999 0')",
    "letter-spacing:-1em",
    "letter-spacing:-9px",
    "letter-spacing:999px",
    "word-spacing:-1em",
    "text-indent:-1em",
    "text-indent:900px",
    "line-height:0",
    "line-height:.1",
    "line-height:2px",
    "font-size:900px",
    "font-size:.2vw",
    "font-size:clamp(0px,0px,0px)",
    "font:1px/1 serif",
    "font-stretch:0%",
    "font-size-adjust:.01",
    "font-variation-settings:'wght' 0",
    "text-size-adjust:1%",
    "-webkit-text-size-adjust:1%",
    "font-family:Wingdings",
    "font:12px Webdings",
    "mso-font-width:1%",
    "zoom:.01",
    "animation:x 1s forwards",
    "will-change:transform",
    "contain:strict;contain-intrinsic-size:0",
    "all:revert-layer",
    "--x:0",
    # Put where nobody looks, cut off, or laid under something else.
    "position:absolute;top:3000px",
    "position:fixed",
    "position:sticky;top:-999px",
    "position:relative;left:3000px",
    "margin-left:3000px",
    "padding-top:9000px",
    "margin-top:-50px",
    "border-left:5000px solid",
    "width:9000px;text-align:right",
    "width:1px;overflow:hidden",
    "height:1px",
    "height:18px",
    "max-height:20px;overflow:hidden",
    "overflow:hidden;white-space:nowrap",
    "text-overflow:ellipsis",
    "-webkit-line-clamp:1",
    "column-width:1px",
    "shape-outside:circle()",
    "float:right",
    "display:table-column",
    "display:contents",
    "display:ruby-text",
    "display:flex;flex-direction:row-reverse",
    "order:-1",
    "writing-mode:vertical-rl",
    "direction:rtl",
    "unicode-bidi:bidi-override",
    "caption-side:bottom",
    "display:table-footer-group",
    # Words that nobody wrote in the text.
    "content:'no'",
    "list-style-type:'no'",
    "quotes:'no' ''",
    "behavior:url(x.htc)",
    "*display:none",
    "_height:1px",
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
    "closed details": "<details><summary>More</summary>{}</details>",
    "a popover": "<div popover>{}</div>",
    "inert words": "<div inert>{}</div>",
    "a slot of no component": "<div slot=x>{}</div>",
    "a turned direction": "<bdo dir=rtl>{}</bdo>",
    "a turned direction, by attribute": "<p dir=rtl>{}</p>",
    "turned by a character": "<p>\u202e{}</p>",
    "turned by a letter": "<p dir=auto>\u05d0 {}</p>",
    "struck out": "<s>{}</s>",
    "taken out": "<del>{}</del>",
    "no script": "<noscript>{}</noscript>",
    "no frames": "<noframes>{}</noframes>",
    "a picture of vectors": "<svg><text>{}</text></svg>",
    "a formula": "<math><mtext>{}</mtext></math>",
    "choices": "<datalist><option>{}</datalist>",
    "a field": "<textarea>{}</textarea>",
    "a progress": "<progress>{}</progress>",
    "frames": "<frameset>{}</frameset>",
    "an element that nobody knows": "<x-y>{}</x-y>",
    "a foot of a table, above": "<table><tfoot><tr><td>{}</tfoot><tbody><tr><td>b</table>",
    "a head of a table, below": "<table><tr><td>b<thead><tr><td>{}</thead></table>",
    "a caption": "<table><tr><td>b</td></tr><caption>{}</caption></table>",
    "a table that floats": "b <table align=left><tr><td>{}</table>",
    "only Word passes it over": "<![if !mso]>{}<![endif]>",
    "only Word passes a word over": "<p>{} I do <![if !supportLists]>not<![endif]> mean it.</p>",
    "only Outlook passes it over": "<!--[if !mso]><!-->{}<!--<![endif]-->",
    "only Outlook shows it": "<!--[if mso]><p>{}</p><![endif]-->",
    "a rule for Outlook": "<!--[if mso]><style>.o{{display:none}}</style><![endif]--><p class=o>{}</p>",
    "small in small": "<p style='font-size:.3em'><span style='font-size:.3em'>{}</span></p>",
    "small in small, in percent": "<p style='font-size:30%'><b style='font-size:smaller'><i style='font-size:60%'>{}</i></b></p>",
    "very small print": "<small>" * 9 + "{}" + "</small>" * 9,
    "faint in faint": "<p style='opacity:.4'><b style='opacity:.4'><i style='opacity:.4'>{}</i></b></p>",
    "narrow in narrow": "<div style='width:20%'>" * 3 + "{}" + "</div>" * 3,
    "pushed in pushed": "<div style='margin-left:300px'>" * 6 + "{}" + "</div>" * 6,
    "lines of small text, inherited": "<p style='font-size:5px;line-height:100%'><b style='font-size:30px'>{}</b></p>",
    "the colour of a link": "<div style='background:#00e'><a href=x>{}</a></div>",
    "the page's colour of links": "<body link=white><a href=x>{}</a></body>",
    "a link's colour by a rule": "<style>a:link{{color:#fff}}</style><a href=x>{}</a>",
    "the colour of a table": (
        "<body text=black><div style='background:#000;color:#fff'><table><tr><td>{}</table></div></body>"
    ),
    "a mark of its own colour": "<mark style='color:yellow'>{}</mark>",
    "a number in no margin": "<p style='margin-left:9px;text-indent:-18pt'>{}</p>",
    "numbers in numbers": (
        "<p style='margin-left:20px;text-indent:-20px'><b style='display:inline-block'>{}</b></p>"
    ),
    "cut off around": "<div style='overflow:hidden'><b style='white-space:nowrap'>{}</b></div>",
    "cut off around, as written": "<div style='overflow:hidden'><pre>{}</pre></div>",
    "a cell that is none": "<table><tr><td height=2 style='display:block'>{}</table>",
    "no width": "<p width=0>{}</p>",
    "very wide": "<table width=9000 align=center><tr><td>{}</table>",
    "pushed by its border": "<table border=9000><tr><td>{}</table>",
    "font of symbols": "<font face=Wingdings>{}</font>",
    "font of a size": "<font size=x>{}</font>",
    "a picture behind": "<table background=x.png><tr><td>{}</table>",
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
    "a rule that may not hold": (
        "<style>q .a{background:#000}p{color:#fff}</style><div style='background:#fff'>"
    ),
    "a rule of another screen": ("<style>@media print{.a{background:#000}}.a{color:#fff}</style>"),
    "a stronger colour before": ("<style>p.a{color:#000}.a{color:#fff;background:#000}</style>"),
    "an important colour before": ("<style>p{color:#fff!important}.a{color:#000}</style>"),
    "a rule for dark screens": (
        "<style>@media (prefers-color-scheme:dark){.a{color:#fff}}</style>"
    ),
    "a rule for containers": f"<style>@container (width>0){{.a{RULE}}}</style>",
    "a rule for a scope": f"<style>@scope (div){{.a{RULE}}}</style>",
    "a rule for a start": f"<style>@starting-style{{.a{RULE}}}</style>",
    "words before": "<style>.a::before{content:'Do not '}</style>",
    "words of a list": "<style>@counter-style x{system:cyclic;symbols:'Do not'}</style>",
    "a font of no size": "<style>@font-face{font-family:Arial;size-adjust:0%}</style>",
    "a font of its own": "<style>@font-face{font-family:x;src:url(data:font/woff2;base64,AA)}</style>",
    "a small root": "<style>html{font-size:1px}.a{font-size:1rem}</style><html>",
    "small anything": "<style>:root{font-size:1px}.a{font-size:1rem}</style>",
    "too many rules": "<style>" + ".a{color:#000}" * 150 + "</style>",
    "dark colours": "<meta name=color-scheme content='only dark'>",
    "all but what has": f"<style>:has(.b){RULE}</style>",
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
    "a number in the margin": "<p style='margin-left:36pt;text-indent:-18pt;line-height:100%'>{}</p>",
    "a rule of its own colours": (
        "<style>a{color:#15c}.b{color:#fff;background:#15c}</style><a href=x class=b>{}</a>"
    ),
    "a smile of Outlook's": "<p>{}<span style='font-family:Wingdings'>J</span></p>",
    "a bullet of Word's": "<p><![if !supportLists]>o<span>&nbsp; </span><![endif]>{}</p>",
    "a letter of Word's": "<p><![if !supportLists]>(iv)<![endif]>{}</p>",
    "a number of Word's": "<p><![if !supportLists]>1.<![endif]>{}</p>",
    "a page of two schemes": "<meta name=color-scheme content='light dark'><p>{}</p>",
    "no size around a size": "<div style='font-size:0;line-height:0'><p style='font-size:12px;line-height:1.2'>{}</p></div>",
    "half of the width": "<td width=50% style='width:50%;height:20px;opacity:.9'>{}</td>",
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_a_reader_sees_is_read(name):
    read = read_mail(page(SHOWN[name].replace("{}", "Delete my data.")))
    assert read.flaws == ()
    assert "Delete my data." in read.text


def test_words_that_a_character_turns_round_make_a_plain_mail_wait():
    assert Flaw.HIDDEN_TEXT in read_mail(mail("Please \u202eetelebd\u202c my data.")).flaws
    assert read_mail(mail("Call \u202d+46 1\u202c, \u2068Ada\u2069.")).flaws == ()


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


@pytest.mark.thorough
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
        *("<style>p{color:red}</style><p>", "<p class='a b'>", "<!--[if mso]>a<![endif]-->"),
        *("<table><tr>", "<a href=x>", "<![if !x]>", "<p style='background:#0002'>"),
    ):
        small, large = (page(repeated(piece, size)) for size in (2_000, 8_000))
        work = steps(lambda: read_mail(large)), steps(lambda: read_mail(small))  # noqa: B023
        assert work[0] <= 5 * work[1] + 2_000, piece
    small, large = (page(f"<p style='font-size:0{' ' * size}x'>a") for size in (2_000, 8_000))
    assert steps(lambda: read_mail(large)) <= 5 * steps(lambda: read_mail(small))
