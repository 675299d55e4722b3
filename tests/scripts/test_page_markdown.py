"""Markdown of code hosts becomes the Markdown of the site."""

from __future__ import annotations

import markdown
import pytest

from scripts.page_markdown import Markdown


def html(text: str) -> str:
    made = markdown.markdown(Markdown(text).indented(), extensions=["pymdownx.superfences"])
    return "".join(made.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Text:\n- one\n- two\n", "<p>Text:</p><ul><li>one</li><li>two</li></ul>"),
        ("- one\n  - inner\n- two\n", "<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>"),
        (
            "1. one\n\n   more\n2. two\n",
            "<ol><li><p>one</p><p>more</p></li><li><p>two</p></li></ol>",
        ),
        ("- a\n  b\n\nc\n", "<ul><li>ab</li></ul><p>c</p>"),
        (
            "- a\n\n  - b\n\n  c\n- d\n",
            "<ul><li><p>a</p><ul><li>b</li></ul><p>c</p></li><li><p>d</p></li></ul>",
        ),
    ],
)
def test_lists_are_those_of_a_code_host(text, expected):
    assert html(text) == expected


def test_code_in_an_item_belongs_to_it():
    made = html("1. run\n\n   ```sh\n   - no item\n   ```\n2. look\n")
    assert made.startswith("<ol><li><p>run</p>")
    assert made.count("<code>") == 1
    assert made.endswith("<li><p>look</p></li></ol>")


def test_a_link_is_replaced_or_becomes_its_text_and_code_is_left_alone():
    text = "[a](x.md) [b\nc](y.py) ![d](z.png)\n```\n[a](x.md)\n```\n"
    places = {"x.md": "../x.md", "y.py": None, "z.png": "i/z.png"}
    made = Markdown(text).with_links(places.get).text
    assert made == "[a](../x.md) b\nc ![d](i/z.png)\n```\n[a](x.md)\n```\n"


def test_a_diagram_of_states_is_a_table():
    text = "```mermaid\nstateDiagram-v2\n    [*] --> a\n    a --> b: why\n    a --> c\n    c --> [*]\n```\nThen.\n"
    assert Markdown(text).with_tables_of_states().text == (
        "| state | next |\n|---|---|\n| `(new)` | `a` |\n| `a` | `b`, `c` |\n| `c` | `(end)` |\nThen.\n"
    )
