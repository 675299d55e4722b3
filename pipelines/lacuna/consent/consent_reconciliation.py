"""Compares every recording with the ledger of consents."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from lacuna.model.consent import (
    CONSENT_BASIS,
    Breach,
    ConsentEntry,
    ConsentPurpose,
    ConsentRule,
    ConsentStatus,
    ConsentWeek,
    Lock,
    Reconciliation,
    Recording,
    UnconsentedRecording,
)
from lacuna.model.datamap import DataMap
from lacuna.model.location import RowKey, TableName
from lacuna.model.treatment import Treatment
from lacuna.ports import Consents, PlatformReading

_S = ConsentStatus


def reconcile(datamap: DataMap, consents: Consents, reading: PlatformReading) -> Reconciliation:
    """Return which recordings an opt-in covers, which need none, and which have none."""
    rule = datamap.consent
    if rule is None:
        return Reconciliation(0, {}, (), 0, 0, ())
    tally = _Tally()
    for found in judged(datamap, consents, reading):
        tally.add(found)
    weeks = {(week.org_id, week.label): week for week in consents.weeks()}
    for place, counts in tally.weeks.items():
        weeks[place] = replace(
            weeks.get(place, ConsentWeek(*place)),
            consented=counts["consented"],
            on_other_basis=counts["on_other_basis"],
            without_consent=counts["without_consent"],
            gone=counts["gone"],
        )
    return Reconciliation(
        consented=tally.consented,
        other_basis=dict(sorted(tally.other_basis.items())),
        found=tuple(tally.found),
        overrides=tally.overrides,
        unnamed=0,
        weeks=tuple(week for _, week in sorted(weeks.items())),
    )


@dataclass(frozen=True)
class Judged:
    """A recording with what became of it.

    Attributes:
        processing: what it rests on.
        lawful_basis: of that processing, for the tenant.
        found: None where consent covers it, where it needs none, and where its file is gone.
    """

    recording: Recording
    processing: str
    lawful_basis: str
    found: UnconsentedRecording | None

    @property
    def needs_consent(self) -> bool:
        """Whether it may not be there without an opt-in."""
        return self.recording.has_file and self.lawful_basis == CONSENT_BASIS


def judged(
    datamap: DataMap,
    consents: Consents,
    reading: PlatformReading,
    only: Mapping[TableName, Sequence[RowKey]] | None = None,
) -> Iterator[Judged]:
    """Yield every recording, or those given by their keys, with what became of it."""
    rule = datamap.consent
    if rule is None:
        return
    locks = consents.locks()
    wanted = (lambda table: None) if only is None else (lambda table: list(only.get(table, ())))
    batches = [
        *(consents.recordings(each, wanted(each.table)) for each in rule.recordings),
        *(consents.derived(each, wanted(each)) for each in rule.derived),
    ]
    for batch in (one for source in batches for one in source):
        yield from _judged_batch(batch, _Ground(datamap, rule, consents, reading, locks))


@dataclass(frozen=True)
class _Ground:
    """What a batch is judged on."""

    datamap: DataMap
    rule: ConsentRule
    consents: Consents
    reading: PlatformReading
    locks: Mapping[tuple[str, RowKey], Lock]

    def processing_of(self, recording: Recording) -> str:
        """Return the processing of a recording: its tenant's or queue's own, or that of its column."""
        other = self.rule.other_basis(recording.org_id, recording.queue)
        if other is not None:
            return other
        table = self.datamap.tables[recording.table]
        if recording.is_derived:
            return next(one.processing for one in table.columns if one.is_personal)
        return next(
            one.processing
            for one in table.columns
            if one.erasure.treatment is Treatment.DELETE_OBJECT
        )

    def judged(self, recording: Recording, found: UnconsentedRecording | None = None) -> Judged:
        """Return a recording with what it rests on, and what was found."""
        processing = self.processing_of(recording)
        own = self.datamap.for_tenant(recording.org_id).processings[processing]
        return Judged(recording, processing, own.lawful_basis, found)


def _judged_batch(batch: Sequence[Recording], ground: _Ground) -> Iterator[Judged]:
    rested = {one: ground.judged(one) for one in batch}
    needing = {one for one in batch if rested[one].needs_consent}
    calls = {(one.org_id, one.call) for one in needing if one.call is not None}
    entries = ground.consents.entries(sorted(calls))
    owners = ground.reading.owners_of(
        ground.rule.calls, [(call,) for call in sorted({call for _, call in calls})]
    )
    people = {
        (org_id, owner) for org_id, call in calls for owner in owners.get((call,), frozenset())
    }
    general = ground.consents.general_entries(sorted(people))
    restricted = {
        org_id: ground.reading.restricted(org_id) for org_id in {org_id for org_id, _ in people}
    }
    for one in batch:
        if one not in needing:
            yield rested[one]
            continue
        of_call = owners.get((one.call or "",), frozenset())
        said = [*entries.get((one.org_id, one.call or ""), ())]
        for owner in of_call:
            said += general.get((one.org_id, owner), ())
        breach = judge(one, said)
        found = None
        if breach is not None:
            found = UnconsentedRecording(
                one,
                breach,
                ground.locks.get((str(one.table), one.key)),
                is_restricted=bool(of_call & restricted.get(one.org_id, frozenset())),
            )
        yield replace(rested[one], found=found)


def judge(recording: Recording, said: Sequence[ConsentEntry]) -> Breach | None:
    """Return why what was said does not cover a recording, or None if it does.

    An opt-in to recording counts if it was given before the recording began, in the same call, and
    was not taken back since. What is derived from a recording that is gone needs a valid opt-in.
    """
    ordered = sorted(
        (
            entry
            for entry in said
            if entry.purpose is ConsentPurpose.RECORDING and not _is_before_call(entry, recording)
        ),
        key=lambda entry: entry.occurred_at,
    )
    of_call = [entry for entry in ordered if entry.call is not None]
    began = recording.began_at
    if began is None and not recording.is_derived:
        return Breach.UNDATED
    before = ordered if began is None else [one for one in ordered if one.occurred_at <= began]
    after = ordered[len(before) :]
    standing = before[-1] if before else None
    if standing is not None and standing.status is _S.GRANTED and standing.call is not None:
        taken_back = any(entry.status in (_S.WITHDRAWN, _S.DECLINED) for entry in after)
        return Breach.WITHDRAWN if taken_back else None
    if recording.overridden_by is not None:
        return Breach.OVERRIDDEN
    had_opted_in = any(entry.status is _S.GRANTED for entry in before)
    if standing is not None and standing.status is _S.WITHDRAWN and had_opted_in:
        return Breach.WITHDRAWN
    if any(entry.status is _S.GRANTED for entry in after):
        return Breach.LATE
    statuses = {entry.status for entry in of_call}
    if _S.DECLINED in statuses:
        return Breach.DECLINED
    if _S.WITHDRAWN in statuses:
        return Breach.WITHDRAWN
    return Breach.UNANSWERED if statuses else Breach.NOT_ASKED


def _is_before_call(entry: ConsentEntry, recording: Recording) -> bool:
    """Whether an opt-in is recorded as given in a call before that call began."""
    return (
        entry.status is _S.GRANTED
        and entry.call is not None
        and recording.call_began_at is not None
        and entry.occurred_at < recording.call_began_at
    )


@dataclass
class _Tally:
    """Counts what became of recordings."""

    consented: int = 0
    overrides: int = 0
    other_basis: Counter[tuple[TableName, str, str]] = field(default_factory=Counter)
    found: list[UnconsentedRecording] = field(default_factory=list)
    weeks: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def add(self, one: Judged) -> None:
        recording = one.recording
        self.overrides += recording.overridden_by is not None and not recording.is_derived
        if one.found is not None:
            self.found.append(one.found)
            kind = "without_consent"
        elif not recording.has_file:
            kind = "gone"
        elif one.needs_consent:
            self.consented += not recording.is_derived
            kind = "consented"
        else:
            place = recording.table, one.processing, one.lawful_basis
            self.other_basis[place] += not recording.is_derived
            kind = "on_other_basis"
        if not recording.is_derived:
            week = (recording.org_id, _week_of(recording.call_began_at))
            self.weeks.setdefault(week, Counter())[kind] += 1


def _week_of(moment: datetime | None) -> str:
    """Return the ISO week of a moment in UTC; empty where nothing says when.

    >>> _week_of(datetime(2026, 1, 1, tzinfo=UTC))
    '2026-W01'
    """
    if moment is None:
        return ""
    year, week, _ = moment.astimezone(UTC).isocalendar()
    return f"{year:04d}-W{week:02d}"
