"""Asks for what the person reads in a bundle in the languages of the tenants."""

from collections.abc import Iterable, Iterator

from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.documentation import doc_page
from lacuna.model.datamap import DataMap
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.translations import languages_of, nearest_language


def check_languages(datamap: DataMap, languages: Iterable[str]) -> tuple[Drift, ...]:
    """Return each language in which a bundle's pages would say part of the map in another one.

    It keeps no flow from running: a page then marks the text as being in the map's language. A
    language that the pages do not speak is not asked for: they are in English.

    Args:
        languages: of the tenants, ISO 639-1.
    """
    spoken = {nearest_language(one, languages_of("bundles")) for one in languages}
    needed = dict.fromkeys(_texts(datamap))
    found: list[Drift] = []
    for language in sorted(spoken - {datamap.language}):
        known = {*datamap.translations, datamap.language}
        said = datamap.translations.get(nearest_language(language, known, datamap.language), {})
        if missing := [text for text in needed if text not in said]:
            found.append(
                Drift(
                    f"language {language}",
                    DriftKind.LABEL,
                    f"a tenant's people read {language}, and the map has {len(missing)} of "
                    f"{len(needed)} texts for them in {datamap.language} alone, the first is "
                    f'"{missing[0]}"; write each in a file beside the map: '
                    f"{doc_page('datamap', 'Translations')}",
                    "",
                )
            )
    return tuple(found)


def _texts(datamap: DataMap) -> Iterator[str]:
    """Yield what the map says to anybody in a bundle, in its order, some of it twice."""
    processings: set[str] = set()
    for kind in known_kinds(datamap):
        for table in of_kind(datamap, kind).tables.values():
            shown = [column for column in table.columns if column.in_access]
            said = [table.label, table.meaning] if shown else []
            for column in shown:
                said += [column.label, column.meaning, *column.legend.values()]
            processings |= {column.processing for column in shown if column.is_personal}
            yield from filter(None, said)
    for name in sorted(processings):
        one = datamap.processings[name]
        said = [one.purpose, *one.recipients, one.retention]
        yield from filter(None, [*said, one.source, one.automated_decisions, one.transfers])
