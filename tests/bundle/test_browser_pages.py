"""The pages of one of the sample's people as a real browser lays them out, and its search."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from lacuna.bundle.words import LANGUAGES
from scripts.sample_bundle import write_sample_bundle
from tests.bundle.test_browser import browse
from tests.code_words import code_words

pytestmark = pytest.mark.chromium

# Pages run nothing but the search: what surrounds one looks into it.
AROUND = """<!doctype html><title>around</title><pre id="seen"></pre><script>
const pages = PAGES, seen = {};
async function look() {
  for (const [name, address] of pages) {
    const frame = document.createElement("iframe");
    frame.style = "border: 0; width: WIDTHpx; height: 900px";
    const loaded = new Promise((resolve) => { frame.onload = resolve; });
    frame.src = address;
    document.body.append(frame);
    await loaded;
    const inside = frame.contentDocument;
    seen[name] = await (async () => { ASK })();
    frame.remove();
  }
  document.getElementById("seen").textContent = JSON.stringify(seen);
}
look();
</script>"""
LAYOUT = """return {
  wide: inside.documentElement.scrollWidth,
  tall: inside.documentElement.scrollHeight,
  first: inside.querySelector(".talk")?.getBoundingClientRect().top ?? null,
};"""
SEARCH = """const box = inside.getElementById("box");
box.value = "WORDS";
box.dispatchEvent(new Event("input"));
await new Promise((resolve) => setTimeout(resolve, 1500));
return [...inside.querySelectorAll("#results a")].map((way) => way.getAttribute("href"));"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "bundle_6f1c2a0e-7d1b-4a55-9a53-0d8f8e1c4b77"
    assert write_sample_bundle(folder, "en").is_complete
    return folder


def look(folder: Path, names: list[str], width: int, ask: str, tmp_path: Path) -> dict:
    pages = [[name, (folder / name).as_uri()] for name in names]
    around = tmp_path / "around.html"
    text = AROUND.replace("PAGES", json.dumps(pages)).replace("WIDTH", str(width))
    around.write_text(text.replace("ASK", ask), "utf-8")
    flags = ("--allow-file-access-from-files", "--virtual-time-budget=60000", "--dump-dom")
    dom = browse(around, tmp_path / "profile", "--window-size=1400,900", *flags)
    found = re.search(r'<pre id="seen">(.+?)</pre>', dom)
    assert found is not None, dom[-500:]
    return json.loads(unescape(found[1]))


def pages_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))


@pytest.mark.thorough
def test_the_first_conversation_begins_within_three_screens(sample, tmp_path):
    found = look(sample, ["README.html"], 1400, LAYOUT, tmp_path)["README.html"]
    assert 300 < found["first"] <= 3 * 900
    assert found["tall"] <= 10 * 900


@pytest.mark.thorough
@pytest.mark.parametrize("width", [390, 1400])
def test_no_page_scrolls_sideways(sample, tmp_path, width):
    names = pages_of(sample)
    assert len(names) > 15
    found = look(sample, names, width, LAYOUT, tmp_path)
    assert {name: each["wide"] for name, each in found.items() if each["wide"] > width} == {}


@pytest.mark.thorough
def test_the_search_finds_a_word_without_a_network(sample, tmp_path):
    index = (sample / "pages/search.html").read_text("utf-8")
    passage = json.loads(re.findall(r'^\{"place".*', index, re.MULTILINE)[-1])
    word = max(re.findall(r"[a-z]+", passage["said"]), key=len)
    name = "pages/search.html"
    found = look(sample, [name], 1400, SEARCH.replace("WORDS", word.upper()), tmp_path)[name]
    assert passage["place"] in found
    nothing = look(sample, [name], 1400, SEARCH.replace("WORDS", "qqqqq"), tmp_path)[name]
    assert nothing == []


@pytest.mark.thorough
def test_no_page_of_the_sample_shows_the_name_of_a_table_or_a_document(sample):
    for name in pages_of(sample):
        text = (sample / name).read_text("utf-8")
        shown = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)
        assert "contact_center." not in shown
        assert "legacy_contact_360" not in shown
        assert not re.search(r"\(closed\)|it is finished|\{&quot;|&quot;: ", shown), name


@pytest.mark.thorough
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_sample_has_a_code_word(language, tmp_path):
    folder = tmp_path / "bundle_6f1c2a0e-7d1b-4a55-9a53-0d8f8e1c4b77"
    write_sample_bundle(folder, language)
    for name in pages_of(folder):
        # Links are names of the bundle's files; a recording's kind is a value of its row.
        shown = re.sub(r"<a\b.*?</a>", "", (folder / name).read_text("utf-8"), flags=re.DOTALL)
        assert set(code_words(shown)) <= {"WhatsApp", "audio/wav"}, name
