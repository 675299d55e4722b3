"""Writes the report to the data protection officer, at the end of the seal."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from lacuna.datamap import load, load_tenants, show
from lacuna.errors import DependencyUnreachable, EvidenceBroken, RequestError
from lacuna.evidence import (
    CheckedLedger,
    Happenings,
    Json,
    RunLines,
    as_markdown,
    as_page,
    files_in,
    mail_of,
    of_tenant,
    read_canonical,
    read_whole,
    report,
    write_once,
)
from lacuna.flows.run.installation_keys import reports_folder
from lacuna.flows.run.opening import find_drift
from lacuna.flows.run.steps import Steps
from lacuna.flows.seal.recorded_runs import NIGHTLY, strange_runs
from lacuna.model.evidence import Action, Entry
from lacuna.model.letter import OutgoingMail
from lacuna.model.run import AFTER_THE_END, OF_ANOTHER_RUN, Role
from lacuna.ports import Stores, Transaction

_RECORDED_AT: Final = "evidence/reports"
"""Where the ledger says that reports lie."""
_DAY: Final = timedelta(days=1)
_REPORTS: Final = uuid.UUID("5f1c8f9e-52cb-4a52-9a60-1f5f4f2b6a77")


def write_report(
    stores: Stores,
    ledger: CheckedLedger,
    batch_id: str,
    added_to: Sequence[tuple[str, str]] = (),
) -> Path:
    """Write what happened since the report before, and record it; return the page's path.

    Args:
        ledger: as it was sealed. What was added to it since is in the next report.
        added_to: flow and id of runs that somebody added lines to after their end.
    """
    reported = _reported(stores)
    before, since = _before(stores, reported)
    now = stores.clock.now()
    datamap, drift = find_drift(stores)
    told = _entries_of(before)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        queue = transaction.queue
        content = report(
            Happenings(
                since=since,
                until=now,
                ledger=ledger,
                runs=[
                    *_runs(stores, transaction, before, queue.requests.runs_since(since)),
                    # No seal records such lines: they are said until they are gone.
                    *(RunLines(flow, run_id, now, (AFTER_THE_END,)) for flow, run_id in added_to),
                ],
                started=[
                    (flow, at)
                    for flow, run_id, at in queue.requests.runs_since(since and since - _DAY)
                    # A line of its own: what was copied from another run says no time.
                    if any(line.at is not None for line in stores.run_log.read(run_id))
                ],
                requests=[
                    (
                        request,
                        None
                        if request.state.is_final
                        else queue.requests.obstacle(request.request_id),
                    )
                    for request in queue.requests.in_states()
                ],
                entries=(
                    leaf.entry
                    for leaf in transaction.ledger.leaves()
                    # By position: an entry can be written later than it says.
                    if told <= leaf.position < ledger.size
                ),
                datamap_digest=datamap.digest,
                drift=len(drift),
                datamap_lines=tuple(show(datamap).splitlines()),
                nightly=NIGHTLY,
            ),
            before,
        )
    # Earlier versions recorded none: from now on nothing is there that the ledger does not name.
    earlier = [] if reported else files_in(reports_folder(stores), ".json")
    write_once(_staged(stores, now), content)
    with stores.transaction(Role.SEALER) as transaction:
        for each in (*map(read_whole, earlier), content):
            entry = Entry(
                at=now,
                action=Action.REPORTED,
                location=_RECORDED_AT,
                actor="flow:seal",
                batch_id=batch_id,
                digest=hashlib.sha256(each).hexdigest(),
            )
            transaction.ledger.append(entry)
    return _put_in_place(stores, entry)


def finish_report(stores: Stores) -> None:
    """Put the newest report in place if the seal that recorded it died before."""
    reported = _reported(stores)
    if reported and _staged(stores, reported[-1].at).exists():
        _put_in_place(stores, reported[-1])


def _reported(stores: Stores) -> list[Entry]:
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        return [leaf.entry for leaf in transaction.ledger.outcomes(Action.REPORTED, after=-1)]


def _before(
    stores: Stores, reported: Sequence[Entry]
) -> tuple[Mapping[str, Json] | None, datetime | None]:
    """Return the report before, and when it was written: the ledger says which one that is.

    Where none was recorded, by earlier versions, the newest file is taken.

    Raises:
        EvidenceBroken: it is not there as it was recorded.
    """
    folder = reports_folder(stores)
    if not reported:
        files = files_in(folder, ".json")[-1:]
        before = next((read_canonical(read_whole(path), path.name) for path in files), None)
        return before, None if before is None else datetime.fromisoformat(str(before["until"]))
    last = reported[-1]
    return _recorded(folder / f"{_name(last.at)}.json", last), last.at


def _recorded(path: Path, entry: Entry) -> dict[str, Json]:
    """Return the report that an entry of the ledger names.

    Raises:
        EvidenceBroken: the file is not that report.
    """
    content = read_whole(path)
    if hashlib.sha256(content).hexdigest() != entry.digest:
        raise EvidenceBroken(f"the report of {entry.at:%Y-%m-%d %H:%M} was changed")
    return read_canonical(content, path.name)


def _entries_of(before: Mapping[str, Json] | None) -> int:
    """Return how many entries of the ledger a report told of, and all before it."""
    ledger = None if before is None else before["ledger"]
    size = ledger["entries"] if isinstance(ledger, dict) else 0
    return size if isinstance(size, int) else 0


def _put_in_place(stores: Stores, entry: Entry) -> Path:
    """Give a recorded report its name and its pages; return the page's path."""
    folder, name, staged = reports_folder(stores), _name(entry.at), _staged(stores, entry.at)
    document = _recorded(staged, entry)
    _write(folder, name, document)
    for org_id in sorted(load_tenants(stores.tenants_path).by_org):
        _write(folder / "tenants" / org_id, name, of_tenant(document, org_id))
    staged.rename(folder / f"{name}.json")
    return folder / f"{name}.html"


def _staged(stores: Stores, at: datetime) -> Path:
    """Return where a report waits for its entry: so what the ledger names is there, after a crash too."""
    return reports_folder(stores) / f".{_name(at)}.json.new"


def _name(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H%M%S.%fZ}"


def _runs(
    stores: Stores,
    transaction: Transaction,
    before: Mapping[str, Json] | None,
    started: Sequence[tuple[str, str, datetime]],
) -> list[RunLines]:
    """Return the runs of which seals recorded lines since the report before, and which left none.

    Lines count by their number: one can be written later than it says, and a run can go on for days.
    """
    queue, ledger, told = transaction.queue, transaction.ledger, _entries_of(before)
    going_on = _going_on(before)
    counts: dict[tuple[str, str], tuple[int, int]] = dict.fromkeys(going_on, (0, 0))
    fresh = {leaf.entry.batch_id for leaf in ledger.outcomes(Action.RUN_RECORDED, after=told - 1)}
    for batch_id in filter(None, fresh):
        earlier = ledger.last_of_batch(Action.RUN_RECORDED, batch_id, below=told)
        newest = ledger.last_of_batch(Action.RUN_RECORDED, batch_id)
        rows = [each.entry.rows or 0 if each is not None else 0 for each in (earlier, newest)]
        so_far = counts.get(queue.requests.run_of(batch_id), (0, 0))
        counts[queue.requests.run_of(batch_id)] = (max(so_far[0], rows[0]), max(so_far[1], rows[1]))
    runs = []
    for (flow, run_id), (earlier_rows, rows_now) in counts.items():
        lines = stores.run_log.read(run_id)
        lines = lines[:rows_now] if rows_now else lines
        runs.append(
            RunLines(
                flow,
                run_id,
                next((line.at for line in lines if line.at is not None), stores.clock.now()),
                lines,
                told=earlier_rows if rows_now else len(lines),
                is_going_on=stores.run_log.is_going_on(run_id),
                was_going_on=(flow, run_id) in going_on,
            )
        )
    runs += [
        RunLines(flow, run_id, at, ())
        for flow, run_id, at in started
        if not stores.run_log.lines_of(run_id)
    ]
    # Said until they are gone: no seal records them.
    runs += [
        RunLines("other", run_id, stores.clock.now(), (OF_ANOTHER_RUN,))
        for run_id in strange_runs(stores, transaction)
    ]
    return sorted(runs, key=lambda run: (run.started_at, run.run_id))


def _going_on(before: Mapping[str, Json] | None) -> set[tuple[str, str]]:
    """Return flow and id of the runs that were going on for the report before."""
    runs = [] if before is None else before["runs"]
    return {
        (str(run["flow"]), str(run["run_id"]))
        for run in (runs if isinstance(runs, list) else [])
        if isinstance(run, dict) and run.get("is_going_on")
    }


def mail_report(
    stores: Stores, page: Path, steps: Steps, *, page_url: str
) -> DependencyUnreachable | RequestError | None:
    """Mail each tenant's part of a report to its officer, where it says something.

    Returns:
        Why one could not be mailed, or None.
    """
    document = read_canonical(read_whole(page.with_suffix(".json")), page.stem)
    datamap = load(stores.datamap_path)
    failure: DependencyUnreachable | RequestError | None = None
    mailed = 0
    for org_id, tenant in sorted(load_tenants(stores.tenants_path).by_org.items()):
        own = of_tenant(document, org_id)
        mail = mail_of(own, page_url)
        if mail is None:
            continue
        domain = tenant.addresses[0].rpartition("@")[2]
        letter = OutgoingMail(
            message_id=f"{uuid.uuid5(_REPORTS, f'{page.stem} {org_id}')}@{domain}",
            sender=tenant.addresses[0],
            sender_name="Lacuna",
            recipient=datamap.tenant(org_id).dpo,
            subject=mail.subject,
            text=mail.plain,
            html=mail.html,
        )
        try:
            stores.notifier.deliver(letter)
            mailed += 1
        except (DependencyUnreachable, RequestError) as error:
            # The report itself is there; the next one goes on from it.
            failure = error
    steps.add("done" if failure is None else "untold", counts={"mailed": mailed}, error=failure)
    return failure


def _write(folder: Path, name: str, document: Mapping[str, Json]) -> None:
    write_once(folder / f"{name}.html", as_page(document).encode())
    write_once(folder / f"{name}.md", as_markdown(document).encode())
