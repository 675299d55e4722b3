"""The command line as one application, and how errors become exit codes."""

import logging
import sys
import unicodedata
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Final

import typer

from lacuna.cli import (
    absence,
    agreements,
    attacks,
    bundles,
    consent,
    deadlines,
    evidence,
    installation,
    mails,
    marts,
    notices,
    objects,
    officers,
    packs,
    plans,
    proof,
    redaction,
    requests,
    rules,
    runs,
    scaffold,
    submitters,
)
from lacuna.cli.output import complain
from lacuna.errors import ConfigurationError, PipelineError
from lacuna.flows.run.edge import without_values

_LONGEST_WORD: Final = 10_000

app = typer.Typer(
    name="lacuna",
    help="GDPR batch jobs for customer-service platforms.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(installation.up)
app.command("down")(installation.down)
app.add_typer(installation.db, name="db", help="Show the database in use.")
installation.datamap.command("scaffold")(scaffold.draft)
installation.datamap.command("init")(packs.init)
installation.datamap.command("prove")(proof.prove)
app.add_typer(
    installation.datamap, name="datamap", help="Write, check, prove and show the data map."
)
requests.request.command("extend")(deadlines.extend_request)
requests.request.command("ask")(deadlines.ask_to_specify)
requests.request.command("resume")(deadlines.resume_request)
app.add_typer(requests.request, name="request", help="Handle requests of data subjects.")
app.add_typer(officers.officer, name="officer", help="Manage who may decide for which tenants.")
app.add_typer(
    submitters.submitter,
    name="submitter",
    help="Manage the logins of other systems that submit requests.",
)
app.add_typer(rules.rule, name="rule", help="List and approve rules that change data.")
app.add_typer(
    objects.objects, name="objects", help="Handle files that no row names, and the quarantine."
)
app.command("intake")(mails.intake)
app.add_typer(
    mails.mail, name="mail", help="Handle request mails, including those that need review."
)
app.add_typer(
    notices.notice,
    name="notice",
    help="Show and settle notices to recipients under Article 19 GDPR.",
)
app.command("plan")(plans.plan)
app.command("run")(runs.run)
app.command("verify")(runs.verify)
app.command("prove-absent")(absence.prove_absent)
app.command("attack")(attacks.attack)
app.add_typer(
    bundles.bundle, name="bundle", help="Open and release access and portability bundles."
)
app.add_typer(
    agreements.agreement, name="agreement", help="Manage terms and data processing agreements."
)
app.add_typer(
    consent.consent,
    name="consent",
    help="Record consent to recording, and find recordings without it.",
)
app.add_typer(
    evidence.evidence,
    name="evidence",
    help="Verify evidence, replace the signing key, acknowledge a restore.",
)
app.add_typer(marts.mart, name="mart", help="Write and check marts of your own.")
app.command("redact")(redaction.redact)
app.add_typer(redaction.bench, name="bench", help="Measure the redaction engine on your own texts.")
for point in entry_points(group="lacuna.commands"):
    app.add_typer(point.load(), name=point.name)


def main() -> None:
    """Run the command line.

    Exit codes: 0 done; 1 a finding; 2 wrong usage or configuration; 3 a dependency is
    unreachable.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    try:
        _check_words(sys.argv[1:])
        without_values(app)()
    except PipelineError as error:
        complain(str(error))
        sys.exit(error.exit_code)


def _check_words(words: Sequence[str]) -> None:
    """Refuse what no option of any command takes: nothing at all, or what is no text.

    A name, a reason or an id that is empty would stand for one that was given.
    """
    for place, word in enumerate(words, start=1):
        if not word.strip():
            raise ConfigurationError(
                f"argument {place} of the command is empty; leave its option out"
            )
        if len(word) > _LONGEST_WORD or any(map(_is_control, word)):
            raise ConfigurationError(
                f"argument {place} of the command has more than {_LONGEST_WORD:,} characters, "
                "control characters, or bytes that are not UTF-8"
            )


def _is_control(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")
