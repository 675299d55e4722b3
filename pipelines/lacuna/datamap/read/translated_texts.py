"""Reads what a data map says to people: one text, or one for each language."""

import re
from typing import Final

from lacuna.datamap.read.partial_map import MapDraft
from lacuna.datamap.read.strict_yaml import Section

_LANGUAGE: Final = re.compile(r"[a-z]{2}")


def read_language(top: Section) -> str:
    """Return the language of the map's own texts (ISO 639-1); English where it names none."""
    language = top.optional_text("language") or "en"
    if not _LANGUAGE.fullmatch(language):
        top.problem("language must be two letters, such as en", top.line_of("language"))
    return language


def read_wording(entry: Section, key: str, draft: MapDraft) -> str:
    """Return a text in the map's own language, white space folded; empty where the key is missing.

    `{en: Finished, da: Afsluttet}` says it in several: the others go into the draft.
    """
    if not entry.is_mapping(key):
        return entry.optional_prose(key)
    section = entry.section(key)
    said = {} if section is None else {name: section.prose(name) for name in section.names()}
    own = said.pop(draft.language, "")
    if not own:
        entry.problem(
            f"{entry.where}: {key} is not in {draft.language}, the language of the map",
            entry.line_of(key),
        )
    for language, text in said.items():
        if not _LANGUAGE.fullmatch(language):
            entry.problem(
                f"{entry.where}: {key}: {language!r} is no language; write two letters, such as da",
                entry.line_of(key),
            )
        if draft.translations.setdefault(language, {}).setdefault(own, text) != text:
            entry.problem(
                f"{entry.where}: {key}: {own!r} has another translation into {language} elsewhere; "
                "write the same one, or another text",
                entry.line_of(key),
            )
    return own


def read_legend(entry: Section, draft: MapDraft) -> dict[str, str]:
    """Return the meaning of each code of a column; empty where the map explains none."""
    section = entry.section("legend")
    if section is None:
        return {}
    return {
        code: read_wording(section, code, draft) if section.is_mapping(code) else section.text(code)
        for code in section.names()
    }
