"""The sweep flow: old text, recordings without consent and who came back; then what expired goes."""

from lacuna.errors import PipelineError
from lacuna.flows.fulfilment import destroy_old_keys, forget_old_mails, level_folders, scrub_files
from lacuna.flows.intake import forget_digests
from lacuna.flows.run.agreements import stopped_tenants
from lacuna.flows.run.alerts import telling
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.platform_lock import alone_on_platform
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.expired_bundles import expire_bundles
from lacuna.flows.sweep.file_quarantine import sweep_unnamed
from lacuna.flows.sweep.object_reconciliation import reconcile_objects
from lacuna.flows.sweep.reappearance import reappearance, restore_rights
from lacuna.flows.sweep.recordings_without_consent import sweep_recordings
from lacuna.flows.sweep.retention import sweep_old_texts
from lacuna.flows.sweep.rules import known_rules
from lacuna.flows.sweep.spared_people import pending_people
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Stores


def run(stores: Stores, options: RunOptions, batch_id: str) -> int:
    """Run every sweep rule; return the rows treated.

    Raises:
        FlowHeld: another run is at work; nothing was done.
        VerificationFailed: a rule failed, or a tenant without an agreement was left out; the
            others went on.
    """
    with alone_on_platform(stores), telling(stores, options, batch_id, "sweep"):
        return _sweep(stores, options, batch_id)


def _sweep(stores: Stores, options: RunOptions, batch_id: str) -> int:
    batch = Batch.open(stores, options, batch_id, flow="sweep")
    steps = Steps(stores, options, "sweep")
    if batch.datamap.sweeps:
        Steps(stores, options, "engine").add_engine(batch.engine)
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(batch_id, "sweep", options.run_id, stores.clock.now())
    # First: what was restricted or withdrawn is not swept as if it were not.
    restore_rights(batch, steps)
    try:
        # Also before recordings are judged: what a row names again is theirs.
        sweep_unnamed(batch, steps)
    except PipelineError as error:
        steps.fail(error)
    stopped = stopped_tenants(stores, batch.datamap, steps)
    swept = 0
    pending = pending_people(batch)
    for rule in batch.datamap.sweeps:
        try:
            swept += sweep_old_texts(batch, rule, stopped, pending, steps)
        except PipelineError as error:
            steps.fail(error)
    try:
        swept += sweep_recordings(batch, stopped, pending, steps)
    except PipelineError as error:
        steps.fail(error)
    reappearance(batch, steps)
    try:
        reconcile_objects(batch, steps)
    except PipelineError as error:
        steps.fail(error)
    try:
        known_rules(stores)  # for the officer's page, which reads no data map
    except PipelineError as error:
        steps.fail(error)
    level_folders(batch, steps)
    expire_bundles(batch, steps)
    destroy_old_keys(batch, steps)
    forget_old_mails(batch, steps)
    forget_digests(batch, steps)
    scrub_files(batch, Steps(stores, options, "scrub"))
    if steps.failures:
        raise steps.failed("parts of the sweep failed")
    return swept
