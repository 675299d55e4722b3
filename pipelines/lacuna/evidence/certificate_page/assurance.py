"""Says how deep an erasure reaches, where to complain, how to check the certificate, and what it does not show."""

from collections.abc import Iterable

from lacuna.evidence.certificate_page.page_parts import (
    NOTHING,
    PageMarkup,
    bullets,
    code,
    counted,
    escaped,
    joined,
    paragraphs,
    section,
    with_code,
)
from lacuna.evidence.certificate_page.statement_reader import (
    IDS_KEPT,
    CertificateContents,
    member_of,
    records_of,
    text_of,
    texts_of,
)
from lacuna.evidence.signed_statement import CROWD
from lacuna.model.scrub import DATABASE


def reach(found: CertificateContents) -> PageMarkup:
    """Return the section on what "erased" means in each store, and until when backups hold the data."""
    if not found.is_erasure:
        return NOTHING
    return section(
        "What “erased” means here, and what backups still hold",
        bullets([*_database(found), *_beyond(found), *_backups(found)]),
    )


def complaint(found: CertificateContents) -> PageMarkup:
    """Return where the person can complain, which a certificate does not change."""
    named = found.particulars
    authority = (
        "the supervisory authority, which this certificate of an earlier version does not name"
        if named is None
        else f"a supervisory authority (Art. 77): {named.supervisory_authority}"
    )
    return section(
        "Complaint",
        paragraphs(
            escaped(
                f"The person can still lodge a complaint with {authority}. They can also go to court "
                "(Art. 79). This certificate limits neither."
            )
        ),
    )


def checking(found: CertificateContents) -> PageMarkup:
    """Return how anybody can check the certificate."""
    file = f"{text_of(found.said, 'request_id')}.json"
    return section(
        "How to check this certificate",
        paragraphs(
            escaped(
                "Lacuna is the software that carries out requests for the processor. Its ledger records "
                "every act on a request; what is sealed there cannot be changed or removed unnoticed. "
                "The data map says what each column of the platform holds, and what an "
                "erasure does with it."
            ),
            joined(
                escaped("This page is for reading only. The proof is the file "),
                code(file),
                escaped(" beside it, whose SHA-256 is "),
                code(found.digest),
                escaped(". It is signed with the key "),
                code(", ".join(found.signers)),
                escaped("."),
            ),
            joined(
                escaped(
                    "The processor has the command and the public key; get the key from another source than "
                    "this page. Then run "
                ),
                code(f"lacuna evidence verify {file} --keys KEYS"),
                escaped(
                    ". The command needs no network. It checks the signature, that the sealed ledger "
                    "has every entry named here, and that what is stated follows from these entries."
                    + (
                        " For the parties, the number and the rights, it shows only that the key "
                        "signed them."
                        if found.particulars
                        else ""
                    )
                ),
            ),
        ),
    )


def limits(found: CertificateContents) -> PageMarkup:
    """Return the section on what the certificate does not show."""
    lines = [
        "That the ledger was correct when it was written.",
        "That the person was told of the outcome (Art. 12(3) and (4)). The ledger records each letter "
        "that was delivered (letter_delivered).",
    ]
    if found.is_erasure:
        lines.append(
            "More than the levels named above: not the storage medium, backups or replicas."
        )
    if found.kind in ("erasure", "rectification"):
        lines += [
            "Copies that recipients hold. The ledger records which recipients were told (Art. 19) "
            "after the request was closed (recipient_told).",
            "Copies that lie outside the places named in the data map.",
        ]
    if set(found.rights) & {"access", "portability"} and found.kind != "nothing_found":
        lines.append("That the bundle reached the person.")
    if found.kind == "refused":
        lines.append("That the ground of the refusal holds. The controller has to show that.")
    return section("What this certificate does not show", bullets(map(with_code, lines)))


def _database(found: CertificateContents) -> Iterable[PageMarkup]:
    reached = {text_of(one, "store"): one for one in records_of(found.said, "levels")}
    tables = member_of(found.around, "waiting")
    waiting = texts_of(tables, "tables")
    if found.levels and set(found.levels.values()) == {"L1"}:
        yield escaped(
            "The database: no query returns the data, and its files do not contain it any more "
            "(level L1)."
        )
    else:
        night = tables.get("night") or (reached.get(DATABASE) or {}).get("night")
        until = (
            f"until the scrub in the night of {night}"
            if isinstance(night, str)
            else "without a set end, because no scrub window is set"
        )
        where = f"of {counted(len(waiting), 'table')}, " if waiting else ""
        yield escaped(
            "The database: no query returns the data any more (level L0). The files "
            f"{where}and the database's log, may still contain it {until} (level L1)."
            if where
            else "The database: no query returns the data any more (level L0). The database's own "
            f"files may still contain it {until} (level L1)."
        )
    if linkable := texts_of(member_of(found.around, "linkable"), "tables"):
        yield escaped(
            f"In {counted(len(linkable), 'table')}, it can still be told which rows this erasure "
            "wrote, until they are rewritten. The annex names them."
        )
    if isinstance(crowd := found.said.get("crowd"), int):
        yield escaped(_crowd(crowd))
    changed = {text_of(one, "location").partition("/")[0] for one in found.done}
    if stores := sorted((set(reached) - {DATABASE}) & changed):
        yield joined(
            escaped("Files in "),
            *_codes(stores),
            escaped(": deleted files are gone from the store itself (level L1)."),
        )


def _beyond(found: CertificateContents) -> Iterable[PageMarkup]:
    yield escaped(
        "The storage medium: freed blocks may still contain the data until they are overwritten. "
        "Lacuna never claims otherwise (level L2)."
    )


def _backups(found: CertificateContents) -> Iterable[PageMarkup]:
    days = [
        until
        for one in records_of(found.said, "unreached")
        if one.get("level") == "L3" and isinstance(until := one.get("until"), str)
    ]
    end = (
        f"The last one that contains the data is gone by {max(days)}, as the data map sets the "
        "longest life of a backup."
        if days
        else "This certificate does not say when the last one that contains the data is gone."
    )
    yield escaped(f"Backups, archives and replicas were not erased (level L3). {end}")
    if any(text_of(one, "location") == IDS_KEPT for one in records_of(found.said, "kept")):
        yield escaped(
            "If a backup is restored before that, Lacuna recognizes the person by the encrypted ids "
            "that it keeps for this, and erases them again."
        )


def _crowd(crowd: int) -> str:
    if crowd >= CROWD:
        return (
            f"The rows that stay are among those of at least {CROWD} erased people of this kind and "
            "tenant, so they do not stand apart."
        )
    if crowd == 1:
        return (
            "In one of the tables, nobody else of this kind and tenant was erased in that year, so "
            "the rows that stay there can be told to be one person's, though not whose."
        )
    return (
        f"The rows that stay are among those of {crowd} erased people of this kind and tenant: too "
        "few to conceal which are one person's, though not whose."
    )


def _codes(names: Iterable[str]) -> Iterable[PageMarkup]:
    for number, name in enumerate(names):
        yield joined(escaped(", " if number else ""), code(name))
