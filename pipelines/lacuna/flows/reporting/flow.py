"""The reporting flow: closed periods are published once, legacy tables with personal rows go."""

from lacuna.errors import VerificationFailed
from lacuna.flows.reporting.mart_declarations import note_declared
from lacuna.flows.reporting.restatement import check_restatements
from lacuna.flows.reporting.unverified_erasures import require_no_residue
from lacuna.flows.run.agreements import require_agreements, stopped_tenants
from lacuna.flows.run.alerts import telling
from lacuna.flows.run.expectations import expect_marts
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.run.platform_lock import alone_on_platform
from lacuna.flows.run.steps import Steps
from lacuna.model.evidence import Action
from lacuna.model.location import REPORTS
from lacuna.model.mart import Outcome, PublishLine, PublishReport
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.ports import Stores
from lacuna.reporting import marts, publish, replace_legacy
from lacuna.verify import attack_period, check_columns, check_files, check_texts


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Publish what closed since the last run; return the periods sealed.

    Where nothing is sealed yet, the scope's `since` says with which period to begin. What is sealed
    stays, and what follows is sealed in order.

    Raises:
        FlowHeld: another run changes the platform; nothing was published.
        DataMapDrift: before any row is read.
        AgreementMissing: a tenant was left out; the others were published.
        VerificationFailed: personal data of an erased person is left somewhere, so that nothing
            was published; or a period or the drop of a legacy table was blocked.
    """
    with alone_on_platform(stores), telling(stores, options, batch_id, "reporting"):
        return _publish_all(stores, options, batch_id)


def _publish_all(stores: Stores, options: RunOptions, batch_id: str) -> int:
    datamap = open_datamap(stores)
    steps = Steps(stores, options, "publish")
    if datamap.reporting is None:
        steps.add("no_source")
        return 0
    require_no_residue(stores, steps)
    note_declared(stores, steps)
    stopped = stopped_tenants(stores, datamap, steps)
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(
            batch_id, "reporting", options.run_id, stores.clock.now()
        )
    left_out = stopped if options.canary_org is None else stopped | {options.canary_org}
    since = options.scope.since
    report = publish(
        stores, since=since, batch_id=batch_id, left_out=left_out, attack=attack_period
    )
    _say_periods(report, steps)
    _check_zone(stores, Steps(stores, options, "disclosure"))
    expect_marts(report.lines, stores, options, Steps(stores, options, "expect"))
    steps = Steps(stores, options, "replace_legacy")
    if options.mode is Mode.ACT:
        replaced = replace_legacy(
            stores, datamap, report, approval=options.approval, canary_org=options.canary_org
        )
        for line in replaced:
            _say(line, steps)
    else:
        replaced = ()
        steps.add("observed")
    failed = [line for line in (*report.lines, *replaced) if line.outcome.is_failure]
    if failed:
        raise VerificationFailed(
            f"{len(failed)} periods or legacy tables failed, first {failed[0].subject}: "
            f"{failed[0].outcome}; see {stores.run_log.path(options.run_id).name}"
        )
    require_agreements(stopped)
    return sum(line.outcome in (Outcome.SEALED, Outcome.WITHHELD) for line in report.lines)


def _check_zone(stores: Stores, steps: Steps) -> None:
    """Look at the schema and the files as they lie there, whoever wrote them."""
    declared = marts(stores.marts_path)
    names = {mart.name for mart in declared}
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        columns = transaction.marts.columns()
        texts = transaction.marts.texts()
        sealed = transaction.ledger.digests(Action.PUBLISH_PERIOD)
        sealed |= transaction.ledger.digests(Action.RESTATE_PERIOD)
        sealed -= transaction.ledger.digests(Action.WITHDRAW_PERIOD)
    known = {*(each for mart in declared for each in mart.relations), "release", "restatement"}
    restated = check_restatements(stores)
    findings = (
        *check_columns(columns, known),
        *check_texts(texts),
        *check_files(stores.objects[REPORTS], names, sealed),
    )
    if not findings:
        steps.add(
            "passed", counts={"columns": len(columns), "sealed": len(sealed), "restated": restated}
        )
        return
    error = VerificationFailed(
        f"disclosure: {findings[0].location} and {len(findings) - 1} more places contain data "
        "that must not be in the reporting zone; remove it, then run again"
    )
    counts = {finding.location: finding.count for finding in findings}
    steps.add("failed", counts=counts, error=error)
    raise error


def _say_periods(report: PublishReport, steps: Steps) -> None:
    """Add a line a mart for what was sealed, and one for each period that was not."""
    for name in dict.fromkeys(line.subject.split(" ")[0] for line in report.lines):
        sealed = [
            line
            for line in report.lines
            if line.outcome is Outcome.SEALED and line.subject.split(" ")[0] == name
        ]
        steps.add(
            Outcome.SEALED,
            counts={
                f"{name}_periods": len(sealed),
                f"{name}_rows": sum(line.rows for line in sealed),
                f"{name}_own_rows": sum(line.own_rows for line in sealed),
                f"{name}_cells": sum(line.cells for line in sealed),
            },
        )
    for line in report.lines:
        if line.outcome is not Outcome.SEALED:
            _say(line, steps)
    steps.add(
        "files",
        counts={
            "written": report.files_written,
            "kept": report.files_kept,
            "removed": report.files_removed,
        },
    )
    late = sum(rows for _, _, rows in report.late_rows)
    if late:
        steps.add("late", counts={"rows": late})


def _say(line: PublishLine, steps: Steps) -> None:
    error = None
    if line.outcome.is_failure:
        error = VerificationFailed(f"{line.subject}: {line.outcome}; nothing in it changed")
    steps.add(
        line.outcome,
        counts={"rows": line.rows, "cells": line.cells, **dict(line.findings)},
        digest=line.digest,
        error=error,
    )
