"""Writes the report to the data protection officer, at the end of the seal."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pipelines.datamap import load, load_tenants, show
from pipelines.errors import DependencyUnreachable, RequestError
from pipelines.evidence import (
    CheckedLedger,
    Happenings,
    Json,
    RunLines,
    as_markdown,
    as_page,
    of_tenant,
    read_canonical,
    report,
    write_once,
)
from pipelines.flows.opening import find_drift
from pipelines.flows.signing import reports_folder
from pipelines.flows.steps import Steps
from pipelines.model.answer import Letter
from pipelines.model.run import Role
from pipelines.ports import Stores, Transaction

NIGHTLY: Final = ("intake", "fulfilment", "sweep", "reporting", "deadlines", "seal")
"""The flows whose schedules start them at least once a day."""

_FLOW: Final = re.compile(r"(?:gdpr_)?(?P<flow>[a-z]+)[.-]")
_LONGEST_RUN: Final = timedelta(days=7)
_REPORTS: Final = uuid.UUID("5f1c8f9e-52cb-4a52-9a60-1f5f4f2b6a77")


def write_report(stores: Stores, ledger: CheckedLedger) -> Path:
    """Write what happened since the report before; return the page's path."""
    folder = reports_folder(stores)
    earlier = [read_canonical(path.read_bytes(), path.name) for path in _last(folder)]
    before = earlier[0] if earlier else None
    since = None if before is None else datetime.fromisoformat(str(before["until"]))
    now = stores.clock.now()
    datamap, drift = find_drift(stores)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        queue = transaction.queue
        content = report(
            Happenings(
                since=since,
                until=now,
                ledger=ledger,
                runs=[
                    *(
                        RunLines(flow, run_id, at, stores.run_log.read(run_id))
                        for flow, run_id, at in queue.runs_since(since)
                    ),
                    *_unknown_to_the_database(stores, transaction, since),
                ],
                requests=[
                    (
                        request,
                        None if request.state.is_final else queue.obstacle(request.request_id),
                    )
                    for request in queue.requests()
                ],
                entries=(
                    leaf.entry
                    for leaf in transaction.ledger.leaves()
                    if since is None or leaf.entry.at >= since
                ),
                datamap_digest=datamap.digest,
                drift=len(drift),
                datamap_lines=tuple(show(datamap).splitlines()),
                nightly=NIGHTLY,
            ),
            before,
        )
    document: dict[str, Json] = json.loads(content)
    name = f"{now:%Y-%m-%dT%H%M%S.%fZ}"
    _write(folder, name, document)
    for org_id in sorted(load_tenants(stores.tenants_path).by_org):
        _write(folder / "tenants" / org_id, name, of_tenant(document, org_id))
    # Last: the report that the next one goes on from is there with its pages.
    write_once(folder / f"{name}.json", content)
    return folder / f"{name}.html"


def _unknown_to_the_database(
    stores: Stores, transaction: Transaction, since: datetime | None
) -> Iterator[RunLines]:
    """Yield the runs that left lines and no batch: those to which the database did not answer."""
    earliest = None if since is None else since - _LONGEST_RUN
    known = {run_id for _, run_id, _ in transaction.queue.runs_since(earliest)}
    for run_id in stores.run_log.runs_since(since):
        if run_id in known:
            continue
        lines = stores.run_log.read(run_id)
        times = [line.at for line in lines if line.at is not None]
        if not times or (since is not None and times[-1] < since):
            continue
        found = _FLOW.match(run_id)
        flow = found["flow"] if found else ""
        yield RunLines(flow if flow in NIGHTLY else "other", run_id, times[0], lines)


def mail_report(
    stores: Stores, page: Path, steps: Steps
) -> DependencyUnreachable | RequestError | None:
    """Mail each tenant's part of a report to its officer; return why one could not be, or None."""
    document = read_canonical(page.with_suffix(".json").read_bytes(), page.stem)
    datamap = load(stores.datamap_path)
    failure: DependencyUnreachable | RequestError | None = None
    mailed = 0
    for org_id, tenant in sorted(load_tenants(stores.tenants_path).by_org.items()):
        own = of_tenant(document, org_id)
        domain = tenant.addresses[0].rpartition("@")[2]
        letter = Letter(
            message_id=f"{uuid.uuid5(_REPORTS, f'{page.stem} {org_id}')}@{domain}",
            sender=tenant.addresses[0],
            sender_name="Lacuna",
            recipient=datamap.tenant(org_id).dpo,
            subject=f"Lacuna: report of {str(document['until'])[:10]}",
            text=as_markdown(own),
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


def _last(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.json"), reverse=True)[:1]
