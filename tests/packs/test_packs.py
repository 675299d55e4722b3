"""What every pack has to be: whole, loadable without questions, and the same in each variant."""

from __future__ import annotations

import re
from importlib import resources

import pytest
import yaml

from lacuna.datamap import check_languages, load
from lacuna.errors import ConfigurationError
from lacuna.packs import FILES, MAP, find_pack, pack_names

PACKS = [find_pack(name) for name in pack_names()]
VARIANTS = [(pack, variant) for pack in PACKS for variant in pack.variants]


def test_a_folder_is_a_pack_and_has_its_files_and_no_others():
    folders = [one for one in resources.files("lacuna.packs").iterdir() if one.is_dir()]
    named = {one.name for one in folders if not one.name.startswith("__")}
    assert named == set(pack_names()) != set()
    for folder in folders:
        if folder.name in named:
            assert {one.name for one in folder.iterdir()} == {MAP, "pack.toml", *FILES}


@pytest.mark.parametrize(
    ("pack", "variant"), VARIANTS, ids=lambda one: getattr(one, "name", None) or one.version
)
def test_the_map_of_each_variant_loads_and_asks_nothing(pack, variant):
    datamap = pack.load_map(pack.map_text(variant))
    assert datamap.questions == ()
    assert re.fullmatch("[0-9a-f]{64}", variant.digest)
    whole = pack.load_map(pack.texts[MAP])
    left_out = {str(one) for one in whole.tables} - {str(one) for one in datamap.tables}
    assert left_out == {place for place in variant.without if place.count(".") == 1}


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_versions_and_digests_are_told_apart(pack):
    assert len({one.version for one in pack.variants}) == len(pack.variants)
    assert len({one.digest for one in pack.variants}) == len(pack.variants)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_tenants_of_the_map_stand_in_the_file_of_tenants(pack):
    tenants = yaml.safe_load(pack.texts["tenants.yaml"])["tenants"]
    datamap = pack.load_map(pack.texts[MAP])
    assert not datamap.only_tenant or set(tenants) == {datamap.only_tenant}


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_every_view_that_the_reports_need_is_made_and_ignored(pack):
    datamap = pack.load_map(pack.texts[MAP])
    made = set(re.findall(r"(?m)^create or replace view (\S+)", pack.texts["reporting.sql"]))
    assert made == {str(one) for one in datamap.ignored if one.schema == datamap.reporting}


def test_an_unknown_name_lists_the_packs_that_exist():
    with pytest.raises(ConfigurationError, match="django-helpdesk"):
        find_pack("nosuch")


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_what_a_person_reads_is_there_in_danish_german_and_french(pack, tmp_path):
    for name, text in pack.texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    datamap = load(tmp_path / MAP)
    assert [one.problem for one in check_languages(datamap, ["da", "de", "fr"])] == []
    assert [one.location for one in check_languages(datamap, ["sv"])] == ["language sv"]
    for language, said in datamap.translations.items():
        assert not {text for text in said if said[text].endswith(".") != text.endswith(".")}, (
            language
        )
        assert all(said.values()), language
