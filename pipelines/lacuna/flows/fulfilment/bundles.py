"""Delivers a bundle: written, searched for other people's data, sealed for its recipient."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from lacuna.apply import Work, require_approved
from lacuna.bundle import OTHERS, STAFF, BundleSources, collect, seal, write
from lacuna.errors import UnknownRequest, VerificationFailed
from lacuna.evidence import sign_manifest, verify_manifest
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.installation_keys import keys_of_notes, work_key
from lacuna.model.bundle import BundleContent, BundleOrder, ConsentRecord, Sealed
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.person_kinds import qualified_keys
from lacuna.model.queue import SealedBundle
from lacuna.model.request import CONTACT, RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.ports import PlatformReading, Stores, Transaction
from lacuna.redaction import build_redactor
from lacuna.subject import joined_names, values_held_by_others, values_of_others
from lacuna.verify import CountedRows, check_bundle, values_of_strangers

_BUNDLED = frozenset({RequestKind.ACCESS, RequestKind.PORTABILITY})


def _bundle_folder(stores: Stores) -> Path:
    """Return where sealed bundles lie, named by the id of their request."""
    return stores.home / "bundles"


def deliver(batch: Batch, work: Work) -> Mapping[str, int]:
    """Write, check and seal the bundle of one request; return rows, files and bytes.

    A rerun after a crash goes on with the rows and copies that were ready and still fit.

    Raises:
        VerificationFailed: a source could not be given in full, the two formats differ,
            or other people's data is in it; nothing was sealed.
    """
    request = work.request
    batch = batch.of(request)
    stores, folder = batch.stores, _bundle_folder(batch.stores)
    work_folder = folder / f".{request.request_id}"
    folder.mkdir(mode=0o700, exist_ok=True)
    work_folder.mkdir(mode=0o700, exist_ok=True)
    with stores.transaction(Role.PLANNER) as transaction:
        require_approved([(request, work.plan.digest)], transaction.queue)
        batch.desk(transaction).intend(
            Action.WRITE_BUNDLE,
            "lacuna",
            request_id=request.request_id,
            digest=work.plan.digest,
        )
    plain = work_folder / "bundle"
    try:
        with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            content, foreign, of_columns = _collect(batch, work, transaction, work_folder / "parts")
            counts = _counted(batch, work)
            recipient = transaction.queue.secrets.bundle_key(request.request_id)
            # Objects are read while the files are written: inside the same snapshot.
            manifest = write(plain, content, partial(sign_manifest, work_key(stores)))
        if not manifest.is_complete:
            raise VerificationFailed(
                f"{request.request_id}: {len(manifest.incomplete_sources)} sources could not be "
                "included in full; the bundle was not sealed. Repair them, then run again"
            )
        foreign, of_columns = _searched_for(batch, work, foreign, of_columns)
        findings = check_bundle(
            plain,
            batch.datamap.for_tenant(request.org_id),
            foreign,
            counts,
            of_columns,
        )
        if findings:
            places = sorted({finding.location for finding in findings})
            raise VerificationFailed(
                f"{request.request_id}: the bundle has {len(findings)} findings in "
                f"{', '.join(places[:5])}; it was not sealed"
            )
        sealed = seal(plain, folder, recipient)
    finally:
        # A process that is killed leaves it, and the next run takes it up.
        shutil.rmtree(work_folder, ignore_errors=True)
    rows = sum(table.count for table in content.tables)
    _record(batch, work, sealed, rows)
    return {
        "rows": rows,
        "files": len(manifest.files),
        "bytes": sealed.byte_count,
    }


def _collect(
    batch: Batch, work: Work, transaction: Transaction, parts: Path
) -> tuple[BundleContent, Sequence[Identifier], Sequence[Identifier]]:
    reading = transaction.reading(batch.datamap)
    others = _other_people(batch, work.person, transaction)
    agents = reading.other_people(work.person.org_id)
    now = batch.stores.clock.now()
    order = BundleOrder(
        request_id=work.request.request_id,
        kinds=tuple(kind for kind in work.request.kinds if kind in _BUNDLED),
        snapshot_at=now,
        generated_at=now,
        history=tuple(
            transaction.queue.people.requests_about(
                work.person.org_id, qualified_keys(work.request.person_kind, work.person.keys)
            )
        ),
        consents=_consents(batch, work, transaction),
        number=work.request.number,
    )
    own = set(work.person.known)
    staff = [one for agent in agents for one in _identifiers(agent) if one not in own]
    rows = {found.table: found.keys for found in work.inventory.every_row}
    of_staff, of_others = values_held_by_others(work.person, rows, batch.datamap, reading)
    staff += sorted(of_staff, key=lambda one: (one.kind, one.value))
    values = _values_of_others(batch, work.person, transaction, of_others)
    sources = BundleSources(
        rows=reading,
        objects=batch.stores.objects_of(batch.datamap),
        cover_others=build_redactor(others).cover,
        covers_of_columns=tuple(
            (reason, build_redactor([Person(SubjectRef("others"), "", (), known)]).cover)
            for reason, known in ((STAFF, tuple(staff)), (OTHERS, tuple(values)))
            if known
        ),
        cover_version=_version_of(others, agents, work.person, values),
        parts=parts,
        agents=agents,
    )
    content = collect(work.person, work.inventory, batch.datamap, order, sources)
    foreign = [one for other in others for one in other.known if one not in own]
    return content, foreign, (*staff, *values)


def _searched_for(
    batch: Batch, work: Work, foreign: Sequence[Identifier], of_columns: Sequence[Identifier]
) -> tuple[Sequence[Identifier], Sequence[Identifier]]:
    """Return the values that the gate looks for: those covered, and those it derives itself."""
    datamap = batch.datamap
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        derived = values_of_strangers(work.person, datamap, transaction.verifying(datamap))
    return foreign, (*of_columns, *derived)


def _values_of_others(
    batch: Batch, person: Person, transaction: Transaction, held: frozenset[Identifier]
) -> list[Identifier]:
    """Return the known values of everybody else of the tenant that the person has not.

    Args:
        held: those of other tables than that of the people.
    """
    datamap = batch.datamap
    reading = transaction.reading(datamap)
    keys = reading.everybody(person.org_id).keys() | {*person.row_keys}
    found = values_of_others(person, keys, datamap, reading)
    if datamap.whole is not None:
        contacts = transaction.reading(datamap.whole)
        theirs = contacts.everybody(person.org_id).keys()
        found |= values_of_others(replace(person, keys=()), theirs, datamap.whole, contacts)
    return sorted(found | held, key=lambda one: (one.kind, one.value))


def _other_people(batch: Batch, person: Person, transaction: Transaction) -> list[Person]:
    """Return everybody whose identifiers are kept out: of an agent's bundle, contacts too."""
    datamap = batch.datamap
    found = _everybody_else(person, transaction.reading(datamap))
    if datamap.whole is not None:
        contacts = transaction.reading(datamap.whole).everybody(person.org_id)
        found += [_person(key, person.org_id, pairs) for key, pairs in contacts.items()]
    return found


def _consents(batch: Batch, work: Work, transaction: Transaction) -> tuple[ConsentRecord, ...]:
    """Return the consents of a contact; Lacuna's own record knows nobody else."""
    if work.request.person_kind != CONTACT:
        return ()
    org_id, keys = work.person.org_id, work.person.keys
    return (
        *transaction.consents(batch.datamap).history(org_id, keys),
        *transaction.agreements.history(org_id, keys),
    )


def _counted(batch: Batch, work: Work) -> CountedRows:
    """Return the person's rows by table as the verifier finds them, by its own queries."""
    datamap = batch.datamap
    target, org_id = datamap.subject.levels[work.request.level], work.request.org_id
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        verifying = transaction.verifying(datamap)
        counted = verifying.rows_leading_to(target, work.roots, org_id)
        provided = verifying.rows_provided(target, work.roots, work.person.keys, org_id)
    return CountedRows(
        {str(table): rows for table, rows in counted.items()},
        {str(table): keys for table, keys in provided.items()},
    )


def _record(batch: Batch, work: Work, sealed: Sealed, rows: int) -> None:
    request = work.request
    stores = batch.stores
    with stores.transaction(Role.PLANNER) as transaction:
        desk = batch.desk(transaction)
        passphrase = None
        if sealed.passphrase is not None:
            clear = sealed.passphrase.value.encode()
            passphrase = stores.keys.encrypt(request.request_id, clear)
        desk.queue.bundles.put(
            SealedBundle(
                request_id=request.request_id,
                org_id=request.org_id,
                digest=sealed.digest,
                byte_count=sealed.byte_count,
                sealed_at=desk.now,
                expires_at=desk.now + timedelta(days=batch.options.bundle_days),
                passphrase=passphrase,
            )
        )
        desk.record(
            Action.WRITE_BUNDLE,
            "lacuna",
            request_id=request.request_id,
            counts=(rows, None),
            digest=work.plan.digest,
        )
        desk.record(
            Action.SEAL_BUNDLE,
            "bundles",
            request_id=request.request_id,
            digest=sealed.digest,
        )


def check_signature(stores: Stores, note: str, byte_count: int, digest: str) -> None:
    """Check that this installation signed a manifest of this size and SHA-256 (hex).

    Raises:
        EvidenceBroken: it did not.
    """
    verify_manifest(note, byte_count, digest, keys_of_notes(stores))


def _identifiers(agent: Sequence[str]) -> Iterator[Identifier]:
    """Yield the values of an agent that identify one person, as what they look like."""
    for value in agent:
        if "@" in value:
            yield Identifier(IdentifierKind.EMAIL, value)
        elif re.fullmatch(r"[+\d\s()./-]{7,}", value):
            yield Identifier(IdentifierKind.PHONE, value)
        elif " " in value:
            yield Identifier(IdentifierKind.NAME, value)


def _version_of(
    others: Sequence[Person],
    agents: Sequence[tuple[str, ...]],
    person: Person,
    values: Sequence[Identifier],
) -> str:
    """Return a digest of everything that decides what is covered in a bundle."""
    known = sorted(
        [(each.keys, sorted((one.kind, one.value) for one in each.known)) for each in others]
    )
    own = sorted((one.kind, one.value) for one in person.known), sorted(person.short_names)
    more = [(one.kind, one.value) for one in values]
    return hashlib.sha256(repr((known, list(agents), own, more)).encode()).hexdigest()


def clear_unsealed(batch: Batch) -> int:
    """Delete what a crash left of bundles that nobody writes any more; return how many.

    A rerun takes up what is its own; a request that was held, refused or withdrawn instead
    has none.
    """
    cleared = 0
    for path in sorted(_bundle_folder(batch.stores).glob(".*")):
        request_id = path.name.removeprefix(".").partition(".")[0]
        try:
            with batch.stores.transaction(Role.PLANNER) as transaction:
                state = transaction.queue.requests.get(request_id).state
        except UnknownRequest:
            state = None
        if state is RequestState.APPROVED:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        cleared += 1
    return cleared


def _everybody_else(person: Person, reading: PlatformReading) -> list[Person]:
    """Return everybody else of the tenant, so that their identifiers can be kept out."""
    return [
        _person(key, person.org_id, pairs)
        for key, pairs in reading.everybody(person.org_id).items()
        if key not in person.keys
    ]


def _person(key: str, org_id: str, pairs: Sequence[tuple[Identifier, bool]]) -> Person:
    known = [identifier for identifier, is_short in pairs if not is_short]
    known += [name for name, _ in joined_names(pairs)]
    return Person(
        ref=SubjectRef(key), org_id=org_id, keys=(key,), known=tuple(dict.fromkeys(known))
    )
