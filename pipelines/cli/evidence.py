"""Commands about proof: certificates, the ledger and its checkpoints, the signing key."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.output import say, show_json
from pipelines.errors import ConfigurationError
from pipelines.evidence import (
    VerifiedCertificate,
    changed_places,
    is_subject,
    reached,
    relevant_scrubs,
    verify_certificate,
)
from pipelines.flows.seal import check_evidence, rotate_key
from pipelines.flows.signing import published_keys_folder, read_public_keys
from pipelines.model.evidence import Action
from pipelines.model.run import Role
from pipelines.wiring import open_stores, read_settings

evidence = typer.Typer(no_args_is_help=True)


@evidence.command("verify")
def verify(
    certificate: Annotated[
        Path | None, typer.Argument(help="A certificate's file, ID.json.", dir_okay=False)
    ] = None,
    ledger: Annotated[
        bool,
        typer.Option(
            "--ledger",
            help="Check the whole ledger; with a certificate: what level is reached now.",
        ),
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(help="Public keys, a file or a folder; else those of LACUNA_HOME."),
    ] = None,
    runs: Annotated[
        Path | None, typer.Option(help="Folder of step lines, to compare them too.")
    ] = None,
    identifier_file: Annotated[
        Path | None,
        typer.Option(help="File with one identifier: is it the person's? Needs --dpo-key."),
    ] = None,
    dpo_key: Annotated[Path | None, typer.Option(help="The request's key.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Verify a certificate offline, or the ledger against the checkpoints kept elsewhere."""
    if certificate is None and not ledger:
        raise typer.BadParameter("give a certificate's file, or --ledger, or both")
    if (identifier_file is None) != (dpo_key is None):
        raise typer.BadParameter("--identifier-file and --dpo-key go together")
    if certificate is None:
        checked = check_evidence(open_stores())
        if as_json:
            show_json({"entries": checked.size, "root": checked.root})
        else:
            say(f"The ledger holds: {checked.size} entries, root {checked.root}")
        return
    known = read_public_keys(keys or published_keys_folder(read_settings().absolute_home))
    verified = verify_certificate(_read(certificate, "the certificate"), known, runs=runs)
    levels = _levels_now(verified) if ledger else verified.levels
    matches: bool | None = None
    if identifier_file is not None and dpo_key is not None:
        if not dpo_key.exists():
            raise ConfigurationError(
                f"there is no key {dpo_key}: once a request's key is destroyed, nobody can tell "
                "any more whose certificate it is"
            )
        identifier = _read(identifier_file, "the identifier").decode("utf-8", "replace").strip()
        matches = is_subject(verified, identifier, _read(dpo_key, "the key"))
    if as_json:
        show_json(
            {
                "request_id": verified.request_id,
                "type": verified.statement["type"],
                "steps": list(verified.shown),
                "levels": dict(levels),
                "is_subject": matches,
            }
        )
    else:
        for number, step in enumerate(verified.shown, 1):
            say(f"{number}. {step}: holds")
        say(
            f"The certificate of request {verified.request_id} ({verified.statement['type']}) holds"
        )
        for level in sorted(set(levels.values())):
            tables = sorted(table for table, reached in levels.items() if reached == level)
            say(f"Level {level} is reached in {len(tables)} tables: {', '.join(tables)}")
        if matches is not None:
            is_or_not = "is" if matches else "is not"
            say(f"The identifier {is_or_not} one of the person whom it is about")
    if matches is False:
        raise typer.Exit(1)


@evidence.command("rotate-key")
def rotate(
    as_: Annotated[str, typer.Option("--as", help="Who does it.")],
) -> None:
    """Replace the signing key; the old one and the new one sign one checkpoint together."""
    stores = open_stores()
    public = rotate_key(stores, stores.actor("dpo", as_))
    say(f"The new public key, for those who verify: {public}")


def _levels_now(verified: VerifiedCertificate) -> Mapping[str, str]:
    """Return the levels that the ledger, which is checked first, says were reached by now."""
    stores = open_stores()
    check_evidence(stores)
    places = changed_places(verified.statement)
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        scrubs = transaction.ledger.outcomes(Action.SCRUB, after=verified.closed_at)
    return reached(relevant_scrubs(scrubs, places, verified.closed_at), places, verified.closed_at)


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{what} {path} cannot be read ({error.strerror})") from None
