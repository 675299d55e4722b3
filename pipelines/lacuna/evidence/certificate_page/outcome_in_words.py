"""Says in words what was done, what stays and why, and what was searched."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from lacuna.evidence.canonical_json import Json
from lacuna.evidence.certificate_page.counted_rows import UNCOUNTED_ACTIONS, TreatedCounts
from lacuna.evidence.certificate_page.page_parts import (
    NOTHING,
    PageMarkup,
    bullets,
    code,
    counted,
    day,
    escaped,
    joined,
    listed,
    paragraphs,
    section,
    was,
    with_code,
)
from lacuna.evidence.certificate_page.parties import in_time, is_canary
from lacuna.evidence.certificate_page.statement_reader import (
    IDS_KEPT,
    CertificateContents,
    count_of,
    member_of,
    records_of,
    text_of,
    texts_of,
)
from lacuna.model.evidence import Action
from lacuna.model.finding import Gate
from lacuna.model.ground import MEANINGS
from lacuna.model.searched_places import TOO_SHORT

_RESTRICTED: Final = {
    "restriction": "Processing of the person's data is restricted (Art. 18). Sweeps and "
    "reporting exclude it.",
    "objection": "The person's objection (Art. 21) is recorded. Sweeps and reporting exclude "
    "their data.",
}
_WITHOUT_PERSONAL_DATA: Final = re.compile(r"\d+ columns? without personal data")
_OPAQUE: Final = re.compile(r"(?P<place>[^,]+), (?P<why>.+?)(?:: (?P<count>\d+))?")
_FEW_PLACES: Final = 3
_ALSO: Final = (Gate.OBJECTS, Gate.RECONCILIATION, Gate.UNPLANNED)
_ARTICLE: Final = re.compile(r"(?<= )\((?=\d+[()])")
"""A bracket before an article that is named by its number alone."""
_EXCEPTION: Final = re.compile(r"17\(3\)\([a-e]\)")
_HAS_END: Final = re.compile(r"until|after|goes with|Recital 26|no personal data")


def outcome(found: CertificateContents) -> PageMarkup:
    """Return the summary: a few sentences."""
    treated = TreatedCounts.of(found.done)
    lines = list(_came_to(found, treated))
    if is_canary(found):
        lines.insert(
            0,
            "This certificate is about nobody: Lacuna invented the contact, to test itself.",
        )
    lines += _again(found)
    verification = member_of(found.said, "verification")
    if found.is_erasure and verification:
        lines.append(_search(verification))
    due = found.due
    closed_on = day(due.get("closed_at"))
    if due and texts_of(found.said, "repeats"):
        lines.append(
            "The deadline of Art. 12(3) was that of the earlier request. The repetition was due "
            f"on {due.get('due_on')}, counted from the day on which it became necessary, and "
            f"closed on {closed_on}: {in_time(due)}."
        )
    elif due:
        lines.append(
            f"The request was due on {due.get('due_on')} and closed on {closed_on}. The deadline "
            f"of Art. 12(3) was {in_time(due)}."
        )
    return joined('<div class="says">', paragraphs(*map(escaped, lines)), "</div>")


def what_was_done(found: CertificateContents) -> PageMarkup:
    """Return the section on what was done, each row and each file in one number."""
    treated = TreatedCounts.of(found.done)
    lines = [
        *_rows_done(treated, is_whole=text_of(found.said, "texts") == "obfuscated"),
        *_files_done(found, treated),
        *_other_rights(found, treated),
        *_beside(found),
    ]
    if not lines:
        return section("What was done", paragraphs(escaped("No data was changed or handed over.")))
    is_counted = found.is_erasure and bool(treated.anonymized or treated.deleted)
    once = "Each row and each file is counted once. The annex has the numbers by place."
    return section("What was done", bullets(lines), paragraphs(escaped(once if is_counted else "")))


def kept(found: CertificateContents) -> PageMarkup:
    """Return the section on what stays, on which ground, and until when."""
    lines = _kept_lines(records_of(found.said, "kept"))
    intro = ""
    match found.kind:
        case "refused":
            intro = "Everything stays as it was, because the request was refused."
        case "nothing_found":
            intro = "There was nothing to keep: no data of the person was found."
        case "erasure" if not lines:
            intro = "Nothing of the person was kept."
        case "rectification":
            intro = "The rest of the person's data stays as it was."
        case "access":
            intro = "The person's data stays as it was: this request deletes nothing."
        case "restriction":
            intro = "The person's data stays as it was, until the restriction is lifted."
        case _:
            pass
    own = (
        "What Lacuna itself holds of the request, such as its mails, is encrypted with a key of the "
        "request. The key is destroyed later; the ledger records it (destroy_key)."
    )
    return section(
        "What was kept, and why",
        paragraphs(escaped(intro)),
        bullets(lines),
        paragraphs(with_code(own)),
    )


def searched(found: CertificateContents) -> PageMarkup:
    """Return the section on what was searched and checked, and what could not be searched."""
    title = "What was searched, and what could not be"
    verification = member_of(found.said, "verification")
    if found.kind == "nothing_found":
        text = (
            "Lacuna searched for the identifiers in the request, and again before it closed the "
            "request. Nobody matches them. The ledger records that, and no number of places."
        )
        return section(title, paragraphs(escaped(text)))
    if not verification:
        return section(title, paragraphs(escaped("Nothing was searched: the request was refused.")))
    gates = texts_of(verification, "gates")
    lines: list[PageMarkup] = []
    if {Gate.RESIDUE, Gate.COPIES} & set(gates):
        what = "the old value" if found.kind == "rectification" else "values of the person"
        lines.append(
            escaped(
                f"{counted(count_of(verification, 'searched'), 'place')} (columns of tables, and "
                f"groups of files) were searched for {what} afterwards, by code that shares nothing "
                f"with the code that changed the data. " + _found(found)
            )
        )
    if Gate.CANARY in gates:
        lines.append(
            escaped(
                "To show that the search can find something, invented values were planted in every "
                "kind of place first. It found all of them."
            )
        )
    lines.append(escaped(_values(verification)))
    if Gate.BUNDLE in gates:
        lines.append(escaped(f"A check of the bundle showed that {Gate.BUNDLE.shows}."))
    if opaque := texts_of(verification, "opaque"):
        lines.append(
            joined(
                escaped("Could not be searched: "), bullets(_opaque_line(each) for each in opaque)
            )
        )
    elif found.is_erasure:
        lines.append(escaped("Every place could be searched."))
    if unnamed := texts_of(verification, "unnamed"):
        lines.append(
            joined(
                escaped(
                    "Files that no row names were searched too. Where they are not text, nobody can "
                    "tell whose they are: "
                ),
                bullets(_opaque_line(each) for each in unnamed),
            )
        )
    if others := [Gate(each).shows for each in gates if each in _ALSO]:
        lines.append(escaped(f"The checks showed that {listed(others)}."))
    nothing = "Nothing was searched, because no data was changed."
    return section(title, bullets(lines) or paragraphs(escaped(nothing)))


def _found(found: CertificateContents) -> str:
    if found.kind != "rectification":
        return "Not one was found."
    if records_of(found.said, "kept"):
        return "It is left only in what people wrote."
    return "It was not found."


def _came_to(found: CertificateContents, treated: TreatedCounts) -> Iterable[str]:
    match found.kind:
        case "refused":
            ground = text_of(found.said, "ground")
            meaning = f": {MEANINGS[ground]}" if ground in MEANINGS else ""
            yield f"The request was refused under Art. {ground}{meaning}."
        case "nothing_found":
            yield "Nobody matches the identifiers in the request."
        case "restriction":
            yield from (_RESTRICTED[right] for right in found.rights if right in _RESTRICTED)
        case "rectification":
            yield f"The person's data was corrected in {_rows_and_files(treated.corrected)}."
        case "access":
            yield (
                f"A copy of the person's data, {counted(sum(treated.bundled.values()), 'row')}, was "
                "written and encrypted for its recipient."
            )
        case _:
            rows = sum(treated.deleted.values()) + sum(treated.anonymized.values())
            files = sum(treated.deleted_files.values()) + sum(treated.rewritten.values())
            parts = [
                *(
                    [f"{counted(rows, 'row')} about the person {was(rows)} deleted or anonymized"]
                    if rows
                    else []
                ),
                *([f"{counted(files, 'file')} {was(files)} deleted or rewritten"] if files else []),
            ]
            yield (
                f"The person's data was erased from the platform: {', and '.join(parts)}."
                if parts
                else "No row and no file of the person was there to delete or anonymize."
            )
            if text_of(found.said, "completeness") == "partial":
                yield "Part of the data is held, on the grounds below."


def _search(verification: Mapping[str, Json]) -> str:
    left = sum(count_of(one, "left") for one in records_of(verification, "values"))
    found = [_OPAQUE.fullmatch(each) for each in texts_of(verification, "opaque")]
    short = [each for each in found if each is not None and each["why"] == TOO_SHORT]
    left += sum(int(each["count"] or 1) for each in short)
    opaque = len(found) - len(short)
    places = counted(count_of(verification, "searched"), "place")
    gaps = [
        *([f"{counted(left, 'value')} {was(left)} not searched for"] if left else []),
        *([f"{counted(opaque, 'kind')} of places could not be searched"] if opaque else []),
    ]
    return f"A search of {places} afterwards found none of the values searched for. " + (
        f"{listed(gaps)}; see below." if gaps else "Every place could be searched."
    )


def _again(found: CertificateContents) -> Iterable[str]:
    """Yield that the request repeats what an earlier one did, and why."""
    earlier = listed(texts_of(found.said, "repeats"))
    again = found.entries(Action.REAPPEARED)
    if again:
        rows = sum(count_of(one, "rows") for one in again)
        before = f"erased by request {earlier}" if earlier else "erased before"
        yield (
            f"The person had been {before} and reappeared ({counted(rows, 'row')}), for example "
            "through a restored backup or a late export. The erasure (Art. 17) was carried out "
            "again."
        )
    elif earlier:
        yield (
            f"The database was restored to a copy made before request {earlier} took effect. This "
            "request repeats that request. The right was exercised, and the identity verified, "
            "with the earlier request."
        )


def _rows_done(treated: TreatedCounts, *, is_whole: bool) -> Iterable[PageMarkup]:
    if rows := sum(treated.deleted.values()):
        yield escaped(
            f"{counted(rows, 'row')} about the person {was(rows)} deleted, in "
            f"{counted(len(treated.deleted), 'table')}."
        )
    if rows := sum(treated.anonymized.values()):
        texts = sum(treated.redacted.values())
        yield escaped(
            f"{counted(rows, 'row')} about the person {was(rows)} anonymized, in "
            f"{counted(len(treated.anonymized), 'table')}: "
            + ("it stays" if rows == 1 else "they stay")
            + " without anything that leads to the person."
            + _texts_redacted(texts, rows, is_whole=is_whole)
        )
    if rows := sum(treated.mentions.values()):
        yield escaped(
            f"The person's identifiers were covered in {counted(rows, 'row')} of other people, in "
            f"{counted(len(treated.mentions), 'table')}."
        )
    if rows := sum(treated.emptied.values()):
        yield escaped(
            f"In {counted(rows, 'row')} of other people, a file that named the person was emptied."
            + (" Such a row may be among those whose text was covered." if treated.mentions else "")
        )


def _texts_redacted(texts: int, rows: int, *, is_whole: bool) -> str:
    if not texts:
        return ""
    done = "redacted"
    if is_whole:
        done = (
            "replaced as a whole by characters without meaning, because nothing says what the person "
            "is called"
        )
    if texts == rows:
        return f" {'Its' if rows == 1 else 'Their'} free text was {done}."
    return f" In {texts} of them, free text was {done}."


def _files_done(found: CertificateContents, treated: TreatedCounts) -> Iterable[PageMarkup]:
    if files := sum(treated.deleted_files.values()):
        yield escaped(f"{counted(files, 'file')} {was(files)} deleted.")
    if found.is_erasure and found.particulars is not None:
        places = found.particulars.recordings
        gone = {place: count for place, count in treated.deleted_files.items() if place in places}
        if gone:
            yield joined(
                escaped(
                    f"Of these files, {counted(sum(gone.values()), 'was a recording', 'were recordings')} "
                    "of what was spoken: "
                ),
                _counts(gone),
                escaped(
                    ". Their names are not recorded, because a name can contain personal data."
                ),
            )
        elif places:
            yield escaped("No recording of the person's voice was there to delete.")
    if files := sum(treated.rewritten.values()):
        yield escaped(f"{counted(files, 'file')} {was(files)} rewritten without the person.")
    if files := sum(count_of(one, "objects") for one in records_of(found.said, "absent")):
        yield escaped(
            f"{counted(files, 'file')} that rows named {was(files)} already missing before; "
            + ("it is" if files == 1 else "they are")
            + " not counted as deleted."
        )


def _other_rights(found: CertificateContents, treated: TreatedCounts) -> Iterable[PageMarkup]:
    if treated.corrected:
        yield joined(
            escaped("Old values were replaced by the right ones: "), _counts(treated.corrected), "."
        )
    if found.entries(Action.RESTRICT):
        yield from (escaped(_RESTRICTED[right]) for right in found.rights if right in _RESTRICTED)
    if bundled := found.entries(Action.WRITE_BUNDLE):
        rows = sum(treated.bundled.values())
        yield escaped(
            f"A bundle with {counted(rows, 'row')} about the person was written on "
            f"{day(bundled[-1].get('at'))}."
        )
    if sealed := found.entries(Action.SEAL_BUNDLE):
        yield escaped(
            f"The bundle was encrypted for its recipient on {day(sealed[-1].get('at'))}. When it was "
            "handed over is not part of this certificate; the ledger records it."
        )


def _beside(found: CertificateContents) -> Iterable[PageMarkup]:
    if found.entries(Action.LINK_TOMBSTONE):
        yield escaped("Links that led to the person lead to one empty contact now.")
    if views := len({text_of(one, "location") for one in found.entries(Action.REFRESH_VIEW)}):
        yield escaped(f"{counted(views, 'view')} {was(views)} computed again.")
    already: dict[str, int] = defaultdict(int)
    for one in found.done:
        if text_of(one, "action") not in UNCOUNTED_ACTIONS:
            already[text_of(one, "location")] += count_of(one, "already")
    if total := sum(already.values()):
        yield escaped(
            f"{_rows_and_files(already)} {was(total)} found done already, by an attempt before; the "
            "numbers leave these out."
        )


def _kept_lines(records: Sequence[Mapping[str, Json]]) -> list[PageMarkup]:
    """Return a line for each ground, with the places that it keeps."""
    by_ground: dict[str, dict[str, int]] = defaultdict(dict)
    for one in records:
        ground = _WITHOUT_PERSONAL_DATA.sub("columns without personal data", text_of(one, "ground"))
        place = text_of(one, "location")
        by_ground[ground][place] = by_ground[ground].get(place, 0) + count_of(one, "rows")
    return [_kept_line(ground, places) for ground, places in by_ground.items()]


def _kept_line(ground: str, places: Mapping[str, int]) -> PageMarkup:
    if ground.startswith("columns without personal data"):
        return escaped(
            f"In the anonymized rows of {counted(len(places), 'table')}, {ground}. "
            "No end is set, because the data map declares them free of personal data."
        )
    told = _ARTICLE.sub("(Art. ", ground[:1].upper() + ground[1:])
    told = _EXCEPTION.sub(lambda one: f"{one[0]} ({MEANINGS[one[0]]})", told)
    end = "" if _HAS_END.search(ground) else " No end is recorded."
    if set(places) == {IDS_KEPT}:
        return escaped(f"{told}.{end}")
    if set(places) == {"lacuna"}:
        return escaped(f"{told}: {counted(places['lacuna'], 'value')}.{end}")
    if len(places) <= _FEW_PLACES:
        return joined(escaped(f"{told}: "), _counts(places), escaped(f".{end}"))
    rows = f"{_rows_and_files(places)} in {counted(len(places), 'place')}"
    return escaped(f"{told}: {rows}.{end}")


def _values(verification: Mapping[str, Json]) -> str:
    records, places = records_of(verification, "values"), member_of(verification, "places")
    everywhere, own, left = (
        sum(count_of(one, name) for one in records) for name in ("everywhere", "own_rows", "left")
    )
    # Certificates from before places were told apart do not say how many of them are too weak.
    weak = 0
    if places:
        weak = own - sum(count_of(one, "values") for one in records_of(places, "own_rows"))
        own -= weak
    parts = [f"{counted(everywhere, 'value')} of the person (such as addresses, numbers and names) "
             f"{was(everywhere)} searched for everywhere"]  # fmt: skip
    if own:
        parts.append(
            f"{counted(own, 'value')} in the person's own rows only, because "
            f"{'it is' if own == 1 else 'they are'} other people's too, or too short or common to "
            "tell whose"
        )
    if weak:
        parts.append(
            f"{counted(weak, 'value')} not at all, because {'it is' if weak == 1 else 'they are'} too "
            f"short or common to tell whose; {'it was' if weak == 1 else 'they were'} treated in the "
            "person's own rows"
        )
    if left:
        parts.append(
            f"{counted(left, 'value')} not at all, because at least ten other people have "
            f"{'it' if left == 1 else 'them'} too, or an agent or another kind of person does"
        )
    return f"{'; '.join(parts)}." if records else ""


def _opaque_line(text: str) -> PageMarkup:
    """Return a place or value with the reason and the count, as the gates write it: `place, reason: 3`."""
    found = _OPAQUE.fullmatch(text)
    if found is None:
        return with_code(text)
    place = found["place"]
    count = f" ({found['count']})" if found["count"] else ""
    is_named = found["why"] != TOO_SHORT and " " not in place
    return joined(code(place) if is_named else escaped(place), ": ", with_code(found["why"]), count)


def _counts(places: Mapping[str, int]) -> PageMarkup:
    """Return the number in each place."""
    parts: list[str | PageMarkup] = []
    for place, count in places.items():
        noun = "file" if _is_of_files(place) else "row"
        parts += [escaped(", "), escaped(f"{counted(count, noun)} in "), code(place)]
    return joined(*parts[1:]) if parts else NOTHING


def _rows_and_files(places: Mapping[str, int]) -> str:
    files = sum(count for place, count in places.items() if _is_of_files(place))
    rows = sum(places.values()) - files
    texts = [counted(rows, "row")] if rows or not files else []
    return listed([*texts, *([counted(files, "file")] if files else [])])


def _is_of_files(place: str) -> bool:
    """Whether a place is a store or a pattern in it, and no table."""
    return "/" in place or "." not in place
