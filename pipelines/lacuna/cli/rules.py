"""`lacuna rule`: rules that change data, each approved by its digest."""

from datetime import UTC
from typing import Annotated

import typer

from lacuna.cli.arguments import DecidingOfficer, PrintJson, RuleDigest
from lacuna.cli.output import local_time, show_json, show_result, show_table
from lacuna.model.approvable_rule import ApprovableRule
from lacuna.wiring import open_stores

rule = typer.Typer(no_args_is_help=True)


@rule.command("list")
def list_rules(as_json: PrintJson = False) -> None:
    """List sweep rules, drops of legacy tables and restatements, with digests and approvals."""
    from lacuna.flows.sweep import known_rules

    stores = open_stores()
    rules = known_rules(stores)
    if as_json:
        show_json(
            [
                {
                    "rule": one.name,
                    "digest": one.digest,
                    "approved": one.is_approved,
                    "max_rows": one.max_rows,
                    "due_rows": one.due_rows,
                    "counted_at": None if one.counted_at is None else one.counted_at.isoformat(),
                }
                for one in rules
            ]
        )
        return
    show_table(
        "Rules",
        ("rule", "effect", "digest", "due", "approved"),
        ((one.name, one.meaning, one.digest, _due(one), _approval(one)) for one in rules),
    )


def _due(rule: ApprovableRule) -> str:
    if rule.counted_at is None:
        return "not counted"
    return f"{rule.due_rows:,} on {local_time(rule.counted_at, UTC)}"


def _approval(rule: ApprovableRule) -> str:
    if not rule.is_approved:
        return "no"
    return "yes" if rule.max_rows is None else f"yes, at most {rule.max_rows} rows a night"


@rule.command("approve")
def approve_rule(
    name: Annotated[str, typer.Argument(help="Name of the rule.")],
    digest: RuleDigest,
    as_: DecidingOfficer,
    max_rows: Annotated[
        int | None,
        typer.Option(min=1, help="Largest number of rows per night. The rule stops above it."),
    ] = None,
    is_unlimited: Annotated[
        bool, typer.Option("--unlimited", help="Take away the limit that the rule has.")
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Approve a rule by its digest."""
    from lacuna.flows.sweep import approve_rule as approve_known

    if is_unlimited and max_rows is not None:
        raise typer.BadParameter("give --max-rows or --unlimited, not both")
    stores = open_stores()
    decided = (name, digest, max_rows)
    approve_known(stores, decided, stores.officer(as_), is_unlimited=is_unlimited)
    show_result(
        {"rule": name, "digest": digest, "approved": True, "max_rows": max_rows},
        f"Rule {name} is approved",
        as_json=as_json,
    )


@rule.command("revoke")
def revoke_rule(
    name: Annotated[str, typer.Argument(help="Name of the rule.")],
    digest: RuleDigest,
    as_: DecidingOfficer,
    as_json: PrintJson = False,
) -> None:
    """Take the approval of a rule back: no run carries it out until it is approved again."""
    from lacuna.flows.sweep import revoke_known_rule

    stores = open_stores()
    revoke_known_rule(stores, (name, digest), stores.officer(as_))
    show_result(
        {"rule": name, "digest": digest, "approved": False},
        f"The approval of rule {name} is taken back",
        as_json=as_json,
    )
