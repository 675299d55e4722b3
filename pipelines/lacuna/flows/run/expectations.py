"""Keeps what every expectation said as evidence, and checks the marts after they were published."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict

from lacuna.errors import VerificationFailed
from lacuna.flows.run.steps import Steps
from lacuna.model.finding import Expected
from lacuna.model.mart import Outcome, PublishLine
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Stores
from lacuna.reporting import marts
from lacuna.verify import check_marts


def keep_results(results: Sequence[Expected], stores: Stores, options: RunOptions) -> None:
    """Append results to `evidence/expectations/RUN.jsonl`: suite, expectation, column, met or not."""
    if not results:
        return
    folder = stores.home / "evidence" / "expectations"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / stores.run_log.path(options.run_id).name
    lines = "".join(f"{json.dumps(asdict(one), sort_keys=True)}\n" for one in results)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(lines)


def expect_marts(
    lines: Sequence[PublishLine], stores: Stores, options: RunOptions, steps: Steps
) -> None:
    """Check the cells of the periods that a run sealed against what their mart declares.

    Raises:
        VerificationFailed: some are not as declared; names the columns.
    """
    sealed = {(line.subject, line.org_id) for line in lines if line.outcome is Outcome.SEALED}
    if not sealed:
        return
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        releases = {
            mart: [
                release
                for org_id in transaction.marts.tenants()
                for release in transaction.marts.releases(mart, org_id)
                if (f"{mart.name} {release.period.label}", org_id) in sealed
            ]
            for mart in marts(stores.marts_path)
        }
    there = {
        (f"{mart.name} {release.period.label}", release.org_id)
        for mart, found in releases.items()
        for release in found
    }
    if gone := sealed - there:
        # Nothing would be expected of what is not there.
        raise VerificationFailed(
            f"{len(gone)} periods that this run sealed are missing; find out what removed them"
        )
    results: list[Expected] = []
    findings = check_marts(releases, results.append)
    keep_results(results, stores, options)
    error = None
    if findings:
        error = VerificationFailed(
            f"{len(findings)} columns of marts differ from their declaration: "
            f"{', '.join(finding.location for finding in findings)}; sealed data stays. Find out "
            "what wrote it"
        )
    steps.add(
        "expected" if error is None else "not_as_declared",
        counts={"expectations": len(results), "findings": len(findings)},
        error=error,
    )
    if error is not None:
        raise error
