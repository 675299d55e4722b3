"""A bundle in its folder: the same for the same data, complete, and readable by anybody."""

import base64
import hashlib
import json
import re
import stat
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from lacuna.bundle import collect, write, writer
from lacuna.bundle.information import entries
from lacuna.bundle.table_files import read_json, read_parquet, write_parquet
from lacuna.errors import ConfigurationError, DependencyUnreachable, VerificationFailed
from lacuna.model.plan import Inventory
from lacuna.model.request import RequestKind
from tests.bundle import example

PAGES = (
    "README.html",
    "information.html",
    "pages/choices.html",
    "pages/conversations-2026-02.html",
    "pages/files.html",
    "pages/search.html",
    *(f"pages/table-{number:02d}.html" for number in range(1, 5)),
    "pages/transfer.html",
)


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def without_digests(data: bytes) -> str:
    """Digests and sizes change with the libraries that write the files; they have tests below."""
    document = json.loads(data)
    document["datamap_digest"] = "…"
    for file in document["files"]:
        file["sha256"] = file["bytes"] = "…"
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def page_text(folder: Path, name: str) -> str:
    """The text of a page as a reader sees it; parsing it also shows that it is well formed."""
    root = parsed(folder, name)
    return " ".join(" ".join(root.itertext()).split())


def parsed(folder: Path, name: str) -> ET.Element:
    return ET.fromstring(page_source(folder, name))  # noqa: S314


def page_source(folder: Path, name: str) -> str:
    return (folder / name).read_text("utf-8")


# --- the layout and the manifest ------------------------------------------------------------------


def test_the_manifest_as_agreed(manifest, folder, golden):
    golden("bundle/manifest.json", without_digests((folder / "manifest.json").read_bytes()))


def test_the_information_as_agreed(manifest, folder, golden):
    golden("bundle/information.json", (folder / "information.json").read_text("utf-8"))


def test_the_data_dictionary_as_agreed(manifest, folder, golden):
    golden("bundle/data_dictionary.json", (folder / "data_dictionary.json").read_text("utf-8"))


def test_the_history_as_agreed(manifest, folder, golden):
    for name in ("requests", "consents"):
        golden(f"bundle/{name}.json", (folder / f"history/{name}.json").read_text("utf-8"))


def test_the_same_content_gives_the_same_bytes(content, folder, tmp_path):
    write(folder, content)
    write(tmp_path / "again", content)
    assert files_in(folder) == files_in(tmp_path / "again")


def test_every_file_is_listed_with_its_digest_and_its_size(manifest, folder):
    found = files_in(folder)
    listed = {each.path: (each.sha256, each.byte_count) for each in manifest.files}
    assert listed == {
        path: (hashlib.sha256(data).hexdigest(), len(data))
        for path, data in found.items()
        if path not in {"manifest.json", "SHA256SUMS"}
    }
    assert manifest.is_complete


def test_the_usual_command_checks_the_digests(manifest, folder):
    command = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK\n") == len(files_in(folder)) - 1


def test_both_formats_of_every_table_hold_the_same(manifest, folder):
    pairs = [
        (path, folder / path.replace("/json/", "/parquet/").replace(".json", ".parquet"))
        for path in files_in(folder)
        if "/json/" in path
    ]
    assert len(pairs) == 8
    for path, parquet in pairs:
        rows = list(read_json(folder / path))
        assert json.dumps(rows) == json.dumps(list(read_parquet(parquet)))


def test_the_portability_files_follow_their_schemas(manifest, folder):
    checked = 0
    for each in manifest.files:
        if each.schema_ref is not None and each.path.endswith(".json"):
            schema = json.loads((folder / each.schema_ref).read_bytes())
            Draft202012Validator.check_schema(schema)
            Draft202012Validator(schema).validate(json.loads((folder / each.path).read_bytes()))
            checked += 1
    assert checked == 4


def test_nobody_else_may_read_the_folder(manifest, folder):
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes == {True: 0o700, False: 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_manifest_is_the_last_file(content, folder):
    write(folder, content)
    written = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    assert max(written.values()) == written[folder / "manifest.json"]


def test_a_bundle_that_was_not_finished_has_no_manifest(content, folder):
    def fails(file):
        raise OSError("the disk is full")

    broken = replace(content.objects[0], copy=fails)
    with pytest.raises(OSError, match="the disk is full"):
        write(folder, replace(content, objects=(broken,)))
    assert (folder / "access").is_dir()
    assert not (folder / "manifest.json").exists()


def test_the_original_path_of_no_file_is_in_the_bundle(manifest, folder):
    for data in files_in(folder).values():
        for path in example.FILES:
            assert path.encode() not in data


def test_portability_alone_holds_no_copy_and_no_history(shop_url, shop_map, media, folder):
    kinds = (RequestKind.PORTABILITY,)
    write(folder, example.gather(shop_url, shop_map, media, kinds))
    found = files_in(folder)
    assert not [path for path in found if path.startswith(("access/", "history/"))]
    assert b"called from" not in b"".join(found.values())
    assert "../portability/json/shop.comments.json" in page_source(folder, "pages/table-01.html")


def test_access_alone_holds_no_portability_subset(shop_url, shop_map, media, folder):
    write(folder, example.gather(shop_url, shop_map, media, (RequestKind.ACCESS,)))
    assert not [path for path in files_in(folder) if path.startswith("portability/")]


# --- what could not be given ----------------------------------------------------------------------


def test_a_file_that_cannot_be_copied_makes_the_bundle_incomplete(content, folder):
    def fails(file):
        raise DependencyUnreachable("the store went away")

    first, *others = content.objects
    broken = replace(first, copy=fails)
    manifest = write(folder, replace(content, objects=(broken, *others)))
    assert not manifest.is_complete
    document = json.loads((folder / "manifest.json").read_bytes())
    assert document["is_complete"] is False
    assert document["incomplete_sources"] == [
        {
            "reason": "files that could not be copied (DependencyUnreachable): 1",
            "source": first.source,
        }
    ]
    assert not (folder / first.path).exists()
    assert "This bundle is not complete." in page_text(folder, "README.html")
    assert "files that could not be copied" in page_text(folder, "information.html")


def test_a_table_that_differs_when_read_back_stops_the_bundle(content, folder, monkeypatch):
    monkeypatch.setattr(
        writer,
        "write_parquet",
        lambda table, file: write_parquet(
            example.with_rows(table, lambda rows: rows[1:] or rows * 2), file
        ),
    )
    with pytest.raises(VerificationFailed, match=r"shop\.\w+ differs between JSON and Parquet"):
        write(folder, content)
    assert not (folder / "manifest.json").exists()


def test_what_a_crash_left_of_this_request_is_replaced(content, folder):
    (folder / "access").mkdir(parents=True)
    (folder / "access/half").write_text("half")
    write(folder, content)
    assert "access/half" not in files_in(folder)


def test_a_folder_with_something_else_in_it_is_left_alone(content, tmp_path):
    (tmp_path / "precious").write_text("keep")
    with pytest.raises(ConfigurationError, match="not empty or is not named by the request"):
        write(tmp_path, content)
    assert files_in(tmp_path) == {"precious": b"keep"}


# --- the pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_from_anywhere(manifest, folder, name):
    source = page_source(folder, name)
    root = parsed(folder, name)
    assert not {"iframe", "object", "embed", "link", "base", "form"} & {
        each.tag for each in root.iter()
    }
    assert "url(" not in source
    assert "@import" not in source
    assert "default-src 'none'" in source
    here = (folder / name).parent
    for each in root.iter():
        assert each.tag in {"audio", "img", "video"} or "src" not in each.attrib
        assert not any(attribute.startswith("on") for attribute in each.attrib)
        for target in (each.attrib.get("href", "#"), each.attrib.get("src", "#")):
            assert target.startswith("#") or (here / target.partition("#")[0]).is_file()
    running = [each for each in root.iter("script") if "type" not in each.attrib]
    assert len(running) == (name == "pages/search.html")
    for each in running:
        digest = base64.b64encode(hashlib.sha256(each.text.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in source


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_by_keyboard_and_by_voice(manifest, folder, name):
    root = parsed(folder, name)
    assert root.attrib["lang"] == "en"
    assert len(list(root.iter("h1"))) == 1
    assert len(list(root.iter("main"))) == 1
    levels = [int(each.tag[1]) for each in root.iter() if re.fullmatch("h[1-6]", each.tag)]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    for each in root.iter("th"):
        assert each.attrib["scope"] in {"row", "col"}
    names = [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
    assert len(names) == len(set(names))
    targets = {each.attrib["href"][1:] for each in root.iter("a") if each.attrib["href"][0] == "#"}
    assert targets <= set(names)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_contrast_enough_and_a_form_for_paper(manifest, folder, name):
    source = page_source(folder, name)
    assert "@media print" in source
    light, dark, paper = re.findall(r":root \{[^}]*\}", source)
    for palette in (light, dark, paper):
        colors = dict(re.findall(r"--(\w+): (#\w+)", palette))
        for ink in ("ink", "soft", "link"):
            for background in ("paper", "head", "side", "warn"):
                assert _contrast(colors[ink], colors[background]) >= 7
    # Nothing has a color of its own.
    rest = source.replace(light, "").replace(dark, "").replace(paper, "")
    assert not re.findall(r"(?:color|background|border[a-z-]*): [^;}]*#\w+", rest)


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of two colors. Source: WCAG 2.2, success criterion 1.4.6."""

    def luminance(color: str) -> float:
        digits = color[1:] if len(color) == 7 else "".join(character * 2 for character in color[1:])
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_readme_tells_a_person_what_is_there_and_why(manifest, folder):
    text = page_text(folder, "README.html")
    for words in (
        "Personal data about you is processed.",
        "Example A/S, Example Street 1",
        "Datatilsynet",
        "Record calls to train agents.",
        "your consent, Art. 6(1)(a)",
        "Where is my parcel?",
        "refused",
        "17(3)(b)",
        "Whether the ticket is open: it is finished",
        "Contact details",
    ):
        assert words in text
    assert "Country Denmark" in page_text(folder, "pages/table-02.html")
    assert "identifiers of other people, covered" in page_text(folder, "information.html")
    assert "call recording granted keypress 1 2026-01" in page_text(folder, "pages/choices.html")
    (player,) = parsed(folder, "README.html").iter("audio")
    assert player.attrib["src"] == "portability/media/recording-0001.wav"
    assert player.attrib["aria-label"] == "The recording, recording-0001.wav"


def test_the_information_tells_each_point_of_the_article(manifest, folder):
    text = page_text(folder, "information.html")
    for words in (
        "Purpose, Art. 15(1)(a)",
        "Categories of data found, Art. 15(1)(b)",
        "Recipients, Art. 15(1)(c)",
        "Retention period, Art. 15(1)(d)",
        "15(1)(e)",
        "15(1)(f): Datatilsynet",
        "Source, Art. 15(1)(g) The call itself.",
        "Automated decisions, Art. 15(1)(h) Tickets are sorted by language",
        "Third countries, Art. 15(2) United Kingdom",
        "Your voice or body",
    ):
        assert words in text


def test_the_information_speaks_of_what_is_present_alone(content):
    categories = {each.category for entry in entries(content) for each in entry.categories}
    assert "user.contact.email" in categories
    assert "user.behavior.browsing_history" not in categories  # visits: no row
    assert "user.authorization.credentials" not in categories


def test_markup_in_a_value_stays_text(content, folder):
    table = content.tables[0]
    place = table.columns.index("body")
    hostile = "</td></table><script>alert(1)</script><img src=x onerror=y>\x00\x1b\uffff"
    changed = example.with_rows(
        table,
        lambda rows: [
            tuple(hostile if at == place else value for at, value in enumerate(rows[0])),
            *rows[1:],
        ],
    )
    write(folder, replace(content, tables=(changed, *content.tables[1:])))
    text = page_text(folder, "pages/table-01.html")
    assert "alert(1)" in text
    assert not list(parsed(folder, "README.html").iter("script"))
    assert not list(parsed(folder, "pages/table-01.html").iter("script"))


def test_a_table_of_many_rows_is_shown_in_part_and_says_so(content, folder):
    table = content.tables[0]
    changed = example.with_rows(table, lambda rows: rows[:1] * 450)
    write(folder, replace(content, tables=(changed, *content.tables[1:])))
    text = page_text(folder, "pages/table-01.html")
    assert "Records: 450. The first 200 are shown below" in text
    assert "Record 200 of 450" in text
    assert "Record 201 of 450" not in text


def test_a_person_of_whom_nothing_is_held_is_told_so(shop_map, folder, tmp_path):
    nothing = Inventory(rows=(), mentions=(), objects=(), open_conversations=0, kept_identifiers=0)
    sources = example.no_sources(tmp_path / "parts")
    content = collect(example.anna(), nothing, shop_map, example.order(), sources)
    manifest = write(folder, content)
    assert manifest.is_complete
    assert "No personal data about you was found." in page_text(folder, "README.html")
    assert json.loads((folder / "information.json").read_bytes())["is_processed"] is False
    assert not [path for path in files_in(folder) if path.startswith(("access/", "portability/"))]


def test_a_strange_table_name_stays_inside_the_folder(content, folder, shop_map):
    table = content.tables[0]
    strange = replace(table.table, name="../x/y z")
    mapped = replace(shop_map.tables[table.table], name=strange)
    datamap = replace(shop_map, tables={strange: mapped, **shop_map.tables})
    changed = replace(table, table=strange)
    write(folder, replace(content, datamap=datamap, tables=(changed,)))
    assert (folder / "access/json/shop...%2Fx%2Fy%20z.json").is_file()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
