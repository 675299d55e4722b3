"""Writes the report to the data protection officer, at the end of the seal."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pipelines.evidence import (
    CheckedLedger,
    Happenings,
    Json,
    RunLines,
    as_markdown,
    as_page,
    read_canonical,
    report,
    write_once,
)
from pipelines.flows.opening import find_drift
from pipelines.model.run import Role
from pipelines.ports import Stores


def reports_folder(stores: Stores) -> Path:
    """Return where reports lie: each as JSON, as Markdown and as a page."""
    return stores.home / "evidence" / "reports"


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
                    RunLines(flow, run_id, at, stores.run_log.read(run_id))
                    for flow, run_id, at in queue.runs_since(since)
                ],
                requests=[
                    (request, queue.obstacle(request.request_id))
                    for request in queue.requests()
                    if not request.state.is_final
                ],
                entries=(
                    leaf.entry
                    for leaf in transaction.ledger.leaves()
                    if since is None or leaf.entry.at >= since
                ),
                datamap_digest=datamap.digest,
                drift=len(drift),
            ),
            before,
        )
    document: dict[str, Json] = json.loads(content)
    name = f"{now:%Y-%m-%dT%H%M%S.%fZ}"
    write_once(folder / f"{name}.html", as_page(document).encode())
    write_once(folder / f"{name}.md", as_markdown(document).encode())
    # Last: the report that the next one goes on from is there with its pages.
    write_once(folder / f"{name}.json", content)
    return folder / f"{name}.html"


def _last(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.json"), reverse=True)[:1]
