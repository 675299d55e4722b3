"""Commands about proof: certificates, the ledger and its checkpoints, the signing key."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.output import say, show_json
from pipelines.errors import ConfigurationError
from pipelines.evidence import is_subject, verify_certificate
from pipelines.flows.seal import check_evidence, rotate_key
from pipelines.flows.signing import published_keys_folder, read_public_keys
from pipelines.wiring import open_stores, read_settings

evidence = typer.Typer(no_args_is_help=True)


@evidence.command("verify")
def verify(
    certificate: Annotated[
        Path | None, typer.Argument(help="A certificate's file, ID.json.", dir_okay=False)
    ] = None,
    ledger: Annotated[bool, typer.Option("--ledger", help="Check the whole ledger.")] = False,
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
    if ledger == (certificate is not None):
        raise typer.BadParameter("give a certificate's file, or --ledger")
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
                "is_subject": matches,
            }
        )
    else:
        for number, step in enumerate(verified.shown, 1):
            say(f"{number}. {step}: holds")
        say(
            f"The certificate of request {verified.request_id} ({verified.statement['type']}) holds"
        )
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


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{what} {path} cannot be read ({error.strerror})") from None
