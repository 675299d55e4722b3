"""Rules that change data once a person approved them: sweeps, legacy drops, restatements."""

import hashlib
import json
from collections.abc import Iterator

from lacuna.datamap import load
from lacuna.errors import MalformedRequest, PlanChanged
from lacuna.flows.reporting import proposed_rules
from lacuna.flows.sweep.recordings_without_consent import consent_digest, meaning_of
from lacuna.flows.sweep.unnamed_files import proposed_lists
from lacuna.model.approvable_rule import ApprovableRule
from lacuna.model.consent import RULE
from lacuna.model.datamap import DataMap, SweepRule
from lacuna.model.run import Role
from lacuna.ports import Desk, Stores
from lacuna.redaction import EngineOptions, engine_options, engine_parts
from lacuna.reporting import legacy_rules
from lacuna.request import approve_listed, revoke_listed


def known_rules(stores: Stores) -> list[ApprovableRule]:
    """Return every rule of the data map and every proposal; the officer's page lists the same from then on."""
    rules = list(_all(stores))
    with stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.plans.list_rules(rules, stores.clock.now())
        return transaction.queue.plans.listed_rules()


def approve_rule(
    stores: Stores,
    decided: tuple[str, str, int | None],
    actor: str,
    *,
    is_unlimited: bool = False,
) -> None:
    """Approve a rule exactly as its digest says.

    Args:
        decided: the rule's name, its digest, and the most rows a night (None: no limit).
        is_unlimited: whether no limit was chosen; else that of the last approval under the rule's
            name is not taken away.

    Raises:
        MalformedRequest: there is no such rule, or it would lose its limit unsaid.
        PlanChanged: the rule has another digest; both are named.
    """
    name, digest, most = decided
    _require_known(stores, name, digest)
    with stores.transaction(Role.DPO) as transaction:
        now = stores.clock.now()
        desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, actor)
        approve_listed(digest, most, desk, is_unlimited=is_unlimited)


def revoke_known_rule(stores: Stores, decided: tuple[str, str], actor: str) -> None:
    """Take the approval of a rule back: no run carries it out from then on.

    Args:
        decided: the rule's name and its digest.

    Raises:
        MalformedRequest: there is no such rule.
        PlanChanged: the rule has another digest, or is not approved.
    """
    name, digest = decided
    _require_known(stores, name, digest)
    with stores.transaction(Role.DPO) as transaction:
        now = stores.clock.now()
        desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, actor)
        revoke_listed(digest, desk)


def _require_known(stores: Stores, name: str, digest: str) -> None:
    digests = {one.name: one.digest for one in known_rules(stores)}
    if name not in digests:
        raise MalformedRequest("there is no such rule; see lacuna rule list")
    if digests[name] != digest:
        raise PlanChanged(
            f"rule {name}: its digest is {digests[name]}, the decision names {digest}; read the "
            "rule again, then name its digest"
        )


def sweep_digest(rule: SweepRule, datamap: DataMap, engine: EngineOptions) -> str:
    """Return the digest of a sweep rule: engine, age and scope."""
    document = {
        "rule": rule.name,
        "table": str(rule.table),
        "columns": list(datamap.swept_columns(rule)),
        "closed": str(rule.closed),
        "after_days": rule.after_days,
        "engine": list(engine_parts(engine)),
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _all(stores: Stores) -> Iterator[tuple[str, str, str]]:
    datamap = load(stores.datamap_path)
    engine = engine_options(
        stores.recognizers_path,
        models=stores.redaction_models,
        encoder=stores.redaction_encoder,
    )
    for rule in datamap.sweeps:
        meaning = (
            f"redact {', '.join(datamap.swept_columns(rule))} of {rule.table} "
            f"{rule.after_days} days after {rule.closed}"
        )
        yield rule.name, meaning, sweep_digest(rule, datamap, engine)
    if datamap.consent is not None:
        yield RULE, meaning_of(datamap.consent), consent_digest(datamap.consent, datamap)
    for legacy in legacy_rules(datamap):
        meaning = f"drop {legacy.table} once its history is sealed in the marts"
        yield legacy.rule, meaning, legacy.digest
    yield from proposed_rules(stores)
    yield from proposed_lists(stores)
