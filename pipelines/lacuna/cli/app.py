"""The command line as one application, with every command or with those that a word names.

Each group is imported by the function that adds it: all of them together take seconds.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import typer

from lacuna.cli.new_application import brought_commands, new_application


def application(word: str | None = None) -> typer.Typer:
    """Return an application.

    Args:
        word: the first word of a command: only it and its neighbours are added. With None, or a word
            that begins no command, every command is added.
    """
    # With a callback, an application of one command still wants that command's name.
    app = new_application(callback=_without_options)
    points = {point.name: point for point in brought_commands()}
    if word is not None and word in _GROUPS:
        _GROUPS[word](app)
        return app
    if word is not None and word in points:
        points = {word: points[word]}
    else:
        for add in dict.fromkeys(_GROUPS.values()):
            add(app)
    for name, point in points.items():
        app.add_typer(point.load(), name=name)
    return app


def _without_options() -> None:
    pass


def _add_installation(app: typer.Typer) -> None:
    from lacuna.cli import installation

    app.command("up")(installation.up)
    app.command("down")(installation.down)
    app.add_typer(installation.db, name="db", help="Show the database in use.")


def _add_doctor(app: typer.Typer) -> None:
    from lacuna.cli.doctor import doctor

    app.command("doctor")(doctor)


def _add_datamap(app: typer.Typer) -> None:
    app.add_typer(_datamap(), name="datamap", help="Write, check, prove and show the data map.")


@cache
def _datamap() -> typer.Typer:
    from lacuna.cli import installation, packs, proof, scaffold

    installation.datamap.command("scaffold")(scaffold.draft)
    installation.datamap.command("init")(packs.init)
    installation.datamap.command("prove")(proof.prove)
    return installation.datamap


def _add_request(app: typer.Typer) -> None:
    app.add_typer(_request(), name="request", help="Handle requests of data subjects.")


@cache
def _request() -> typer.Typer:
    from lacuna.cli import assignments, deadlines, letters, requests

    requests.request.command("refuse")(letters.refuse_request)
    requests.request.command("extend")(letters.extend_request)
    requests.request.command("ask")(letters.ask_to_specify)
    requests.request.command("resume")(deadlines.resume_request)
    requests.request.command("assign")(assignments.assign_request)
    requests.request.command("comment")(assignments.comment_on_request)
    return requests.request


def _add_officer(app: typer.Typer) -> None:
    from lacuna.cli.officers import officer

    app.add_typer(officer, name="officer", help="Manage who may decide for which tenants.")


def _add_submitter(app: typer.Typer) -> None:
    from lacuna.cli.tenant_logins import submitter

    app.add_typer(
        submitter,
        name="submitter",
        help="Manage the logins of other systems that submit requests.",
    )


def _add_analyst(app: typer.Typer) -> None:
    from lacuna.cli.tenant_logins import analyst

    app.add_typer(
        analyst, name="analyst", help="Manage the logins of analysts that read reports of tenants."
    )


def _add_rule(app: typer.Typer) -> None:
    from lacuna.cli.rules import rule

    app.add_typer(rule, name="rule", help="List and approve rules that change data.")


def _add_objects(app: typer.Typer) -> None:
    from lacuna.cli.objects import objects

    app.add_typer(
        objects, name="objects", help="Handle files that no row names, and the quarantine."
    )


def _add_mail(app: typer.Typer) -> None:
    from lacuna.cli import mails

    app.command("intake")(mails.intake)
    app.add_typer(
        _mail(), name="mail", help="Handle request mails, including those that need review."
    )


@cache
def _mail() -> typer.Typer:
    from lacuna.cli import assignments, mails

    mails.mail.command("assign")(assignments.assign_mail)
    return mails.mail


def _add_notice(app: typer.Typer) -> None:
    from lacuna.cli.notices import notice

    app.add_typer(
        notice,
        name="notice",
        help="Show and settle notices to recipients under Article 19 GDPR.",
    )


def _add_flows(app: typer.Typer) -> None:
    from lacuna.cli import plans, runs

    app.command("plan")(plans.plan)
    app.command("run")(runs.run)
    app.command("verify")(runs.verify)


def _add_absence(app: typer.Typer) -> None:
    from lacuna.cli.absence import prove_absent

    app.command("prove-absent")(prove_absent)


def _add_attack(app: typer.Typer) -> None:
    from lacuna.cli.attacks import attack

    app.command("attack")(attack)


def _add_bundle(app: typer.Typer) -> None:
    from lacuna.cli.bundles import bundle

    app.add_typer(bundle, name="bundle", help="Open and release access and portability bundles.")


def _add_deliver(app: typer.Typer) -> None:
    from lacuna.cli.delivery import deliver

    app.command("deliver")(deliver)


def _add_agreement(app: typer.Typer) -> None:
    from lacuna.cli.agreements import agreement

    app.add_typer(agreement, name="agreement", help="Manage terms and data processing agreements.")


def _add_consent(app: typer.Typer) -> None:
    from lacuna.cli.consent import consent

    app.add_typer(
        consent,
        name="consent",
        help="Record consent to recording, and find recordings without it.",
    )


def _add_evidence(app: typer.Typer) -> None:
    from lacuna.cli.evidence import evidence

    app.add_typer(
        evidence,
        name="evidence",
        help="Verify evidence, replace the signing key, acknowledge a restore.",
    )


def _add_mart(app: typer.Typer) -> None:
    from lacuna.cli.marts import mart

    app.add_typer(mart, name="mart", help="Write and check marts of your own.")


def _add_redaction(app: typer.Typer) -> None:
    from lacuna.cli import redaction

    app.command("redact")(redaction.redact)
    app.add_typer(
        redaction.bench, name="bench", help="Measure the redaction engine on your own texts."
    )


_GROUPS: Final[Mapping[str, Callable[[typer.Typer], None]]] = MappingProxyType(
    {
        "up": _add_installation,
        "down": _add_installation,
        "doctor": _add_doctor,
        "db": _add_installation,
        "datamap": _add_datamap,
        "request": _add_request,
        "officer": _add_officer,
        "submitter": _add_submitter,
        "analyst": _add_analyst,
        "rule": _add_rule,
        "objects": _add_objects,
        "intake": _add_mail,
        "mail": _add_mail,
        "notice": _add_notice,
        "plan": _add_flows,
        "run": _add_flows,
        "verify": _add_flows,
        "prove-absent": _add_absence,
        "attack": _add_attack,
        "bundle": _add_bundle,
        "deliver": _add_deliver,
        "agreement": _add_agreement,
        "consent": _add_consent,
        "evidence": _add_evidence,
        "mart": _add_mart,
        "redact": _add_redaction,
        "bench": _add_redaction,
    }
)
