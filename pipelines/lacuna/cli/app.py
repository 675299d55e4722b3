"""The command line as one application, with every command."""

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
from lacuna.cli.command_tree import brought_commands
from lacuna.cli.new_application import new_application

app = new_application()
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
redaction.add_to(app)
for point in brought_commands():
    app.add_typer(point.load(), name=point.name)
