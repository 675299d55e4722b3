"""Commands about proof: certificates, the ledger and its checkpoints, the signing key."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from lacuna.cli.arguments import AnyDigest, PrintJson, read_file
from lacuna.cli.output import say, show_json, show_result
from lacuna.errors import ConfigurationError, PipelineError
from lacuna.evidence import (
    OF_SCRUBS,
    SHOWS,
    VerifiedCertificate,
    certificate_page,
    changed_places,
    is_subject,
    linkable,
    reached,
    relevant_scrubs,
    verify_certificate,
    write_once,
)
from lacuna.flows.absence import is_report, verify_report
from lacuna.flows.reporting import check_restatements
from lacuna.flows.run.installation_keys import keys_beside, read_public_keys
from lacuna.flows.seal import (
    FoundRestore,
    acknowledge_restore,
    check_evidence,
    check_runs,
    find_superseded,
    rotate_key,
)
from lacuna.model.evidence import Action
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.ports import Stores
from lacuna.wiring import open_stores, read_settings

evidence = typer.Typer(no_args_is_help=True)

_SIGNED: Final = ("certificates", "statements", "checkpoints", "reports")


@evidence.command("verify")
def verify(
    certificates: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Files of certificates, ID.json; or one of a report of prove-absent.",
            dir_okay=False,
        ),
    ] = None,
    ledger: Annotated[
        bool,
        typer.Option(
            "--ledger",
            help="Check the whole ledger. With a certificate: also show the level reached by now.",
        ),
    ] = False,
    keys: Annotated[
        Path | None,
        typer.Option(
            help="File or folder with the public keys. Default: those beside the signing key."
        ),
    ] = None,
    runs: Annotated[
        Path | None, typer.Option(help="Folder with the step lines of runs, to compare them too.")
    ] = None,
    identifier_file: Annotated[
        Path | None,
        typer.Option(
            help="File with one identifier, to check whether it belongs to the person. "
            "Needs --dpo-key."
        ),
    ] = None,
    dpo_key: Annotated[Path | None, typer.Option(help="File with the key of the request.")] = None,
    page: Annotated[
        Path | None,
        typer.Option(
            help="Write the page of the verified certificate here: the HTML beside it is not signed."
        ),
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Verify certificates or a report of absence offline, or the ledger against the checkpoints stored elsewhere.

    Of several certificates it prints a line each. Exit 1 if one is not valid.
    """
    if certificates and len(certificates) > 1:
        if ledger or page is not None or identifier_file is not None or dpo_key is not None:
            raise typer.BadParameter(
                "--ledger, --page, --identifier-file and --dpo-key go with one certificate's file"
            )
        _verify_each(certificates, keys, runs, as_json=as_json)
        return
    certificate = certificates[0] if certificates else None
    if certificate is None and not ledger:
        raise typer.BadParameter("give a certificate's file, --ledger, or both")
    if (identifier_file is None) != (dpo_key is None):
        raise typer.BadParameter("--identifier-file and --dpo-key must be used together")
    if page is not None and (certificate is None or is_report(certificate) or page.exists()):
        raise typer.BadParameter(
            "--page needs a certificate's file, and a file that is not there yet"
        )
    if certificate is None:
        if runs is not None or identifier_file is not None:
            raise typer.BadParameter("--runs and --identifier-file need a certificate's file")
        _verify_ledger(keys, as_json=as_json)
        return
    if is_report(certificate):
        _verify_absence(certificate, keys, as_json=as_json)
        return
    known = read_public_keys(keys) if keys else keys_beside(read_settings().signing_file)
    content = read_file(certificate, "the certificate")
    verified = verify_certificate(content, known, runs=runs)
    if page is not None:
        write_once(page, certificate_page(content))
    now = _reached_now(verified, keys) if ledger else _Reached(verified.levels, verified.linkable)
    matches: bool | None = None
    if identifier_file is not None and dpo_key is not None:
        if not dpo_key.exists():
            raise ConfigurationError(
                f"there is no key {dpo_key}; once the key of a request is destroyed, nobody can "
                "tell whom its certificate is about"
            )
        identifier = read_file(identifier_file, "the identifier").decode("utf-8", "replace").strip()
        matches = is_subject(verified, identifier, read_file(dpo_key, "the key"))
    if as_json:
        show_json({**_document(verified, now), "is_subject": matches})
    else:
        if now.superseded_at:
            say(
                "WARNING: an older copy of the database was restored. This ledger does not "
                f"continue the history that the certificate relies on ({now.superseded_at}). What "
                "follows was true when the certificate was issued."
            )
            say(
                f"Request {', '.join(now.again)} repeated this request and has its own certificate."
                if now.again
                else "No request in this ledger has repeated it yet. lacuna run sweep repeats it "
                "where needed."
            )
        _tell(verified, now.levels, now.linkable)
        if page is not None:
            say(f"The page of this certificate is in {page}")
        if matches is not None:
            is_or_not = "belongs" if matches else "does not belong"
            say(f"The identifier {is_or_not} to the person whom the certificate is about")
    if matches is False:
        raise typer.Exit(1)


def _verify_each(
    files: Sequence[Path], keys: Path | None, runs: Path | None, *, as_json: bool
) -> None:
    """Verify several certificates, and say of each whether it is valid."""
    known = read_public_keys(keys) if keys else keys_beside(read_settings().signing_file)
    found: list[VerifiedCertificate] = []
    refused: dict[Path, PipelineError] = {}
    for file in files:
        try:
            content = read_file(file, "the certificate")
            found.append(verify_certificate(content, known, runs=runs))
        except PipelineError as error:
            refused[file] = error
    if as_json:
        show_json(
            {
                "valid": [_document(one, _Reached(one.levels, one.linkable)) for one in found],
                "invalid": {str(file): str(why) for file, why in refused.items()},
            }
        )
    else:
        for one in found:
            say(_brief(one))
        for file, why in refused.items():
            say(f"{file}: not valid. {why}")
        steps = dict.fromkeys(step for one in found for step in one.shown)
        if found:
            say(f"Valid: {len(found)} of {len(files)}. What each of these has passed:")
        for step in steps:
            say(f"  {step}: {SHOWS[step]}")
    if refused:
        raise typer.Exit(1)


def _brief(verified: VerifiedCertificate) -> str:
    """Return a valid certificate in a line."""
    named = verified.particulars
    name = verified.request_id if named is None else named.number
    reached_in = ", ".join(
        f"{level} in {count} tables"
        for level, count in sorted(Counter(verified.levels.values()).items())
    )
    when = ""
    if verified.deadline is not None:
        is_met = verified.deadline["is_met"]
        when = "open" if is_met is None else "on time" if is_met else "late"
    if verified.linkable:
        reached_in += f", rows written can be told apart in {len(verified.linkable)}"
    said = ", ".join(filter(None, ("valid", when, reached_in)))
    return f"{name}, {_about(verified.statement)}: {said}"


def _document(verified: VerifiedCertificate, now: "_Reached") -> dict[str, object]:
    """Return the content of a certificate for another program."""
    said = verified.particulars
    again = {"superseded": now.superseded_at, "repeated_by": list(now.again)}
    return {
        "request_id": verified.request_id,
        "type": verified.statement["type"],
        "steps": list(verified.shown),
        "signed_by": verified.signed_by,
        "deadline": verified.deadline,
        "particulars": None if said is None else said.document(),
        "levels": dict(now.levels),
        "linkable": list(now.linkable),
        **(again if now.superseded_at else {}),
    }


def _verify_absence(report: Path, keys: Path | None, *, as_json: bool) -> None:
    if keys is None:
        raise typer.BadParameter(
            "a report of absence needs --keys: the public key of who signed it"
        )
    document = verify_report(report, read_public_keys(keys))
    if as_json:
        show_json(document)
    else:
        say(
            f"Report of absence, signed by one of these keys: {document['result']}. People: "
            f"{document['people']}. Searched at {document['searched_at']}."
        )


@evidence.command("rotate-key")
def rotate(
    as_: Annotated[str, typer.Option("--as", help="Officer who replaces the key.")],
    as_json: PrintJson = False,
) -> None:
    """Replace the signing key. The old key and the new key both sign one checkpoint."""
    stores = open_stores()
    public = rotate_key(stores, stores.officer(as_))
    show_result(
        {"public_key": public}, f"New public key, for those who verify: {public}", as_json=as_json
    )


@evidence.command("acknowledge-restore")
def acknowledge(
    digest: AnyDigest = None,
    as_: Annotated[
        str | None, typer.Option("--as", help="Officer who acknowledges the restore.")
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """List what a restore of an older database superseded. With --digest, acknowledge it and continue."""
    if (digest is None) != (as_ is None):
        raise typer.BadParameter("--digest and --as must be used together")
    stores = open_stores()
    restore: FoundRestore | None = None
    if digest is None or as_ is None:
        restore = find_superseded(stores)
        found = restore.history
    else:
        found = acknowledge_restore(stores, stores.officer(as_), digest)
    counts = {name: found.count(f"evidence/{name}") for name in _SIGNED} | {
        "checkpoints_copy": found.count("checkpoints-copy"),
        "earlier": found.others,
    }
    if as_json:
        show_json(
            {
                "agrees_at": found.agrees_at,
                "newest": found.newest,
                "counts": counts,
                "files": dict(found.files),
                "digest": found.digest,
                "location": found.location,
                "is_acknowledged": restore is None,
                **(
                    {
                        "entries": restore.entries,
                        "common_at": restore.common_at.isoformat(),
                        "earlier_acknowledgements": restore.earlier,
                    }
                    if restore is not None
                    else {}
                ),
            }
        )
        return
    if restore is not None:
        say(
            f"Both histories share the first {found.agrees_at} entries, until "
            f"{restore.common_at:%Y-%m-%d %H:%M} UTC, and possibly a few later ones that were "
            f"never signed. The ledger now has {restore.entries} entries."
        )
    say(
        f"The ledger contradicts {len(found.signed)} signed sizes. The largest has {found.newest} "
        "entries."
    )
    say(
        f"Superseded: {', '.join(f'{count} {name}' for name, count in counts.items())}; "
        f"{len(found.files)} files including their pages"
    )
    if restore is None:
        say(
            f"Acknowledged. The superseded files are in {found.location}. Run lacuna run seal to "
            "sign the ledger again."
        )
        return
    if restore.earlier:
        say(f"They include {restore.earlier} earlier acknowledgements of a restore")
    say(f"Digest of the list: {found.digest}")
    say(
        "If the database was restored to a copy of about that time, acknowledge it: lacuna "
        f"evidence acknowledge-restore --digest {found.digest} --as USER. If it was not, somebody "
        "changed the ledger or the evidence: stop all processing."
    )


def _verify_ledger(keys: Path | None, *, as_json: bool) -> None:
    """Check the ledger, and what it says of runs and restatements, against all that is there."""
    stores = open_stores()
    checked = check_evidence(stores, None if keys is None else read_public_keys(keys))
    runs_checked = check_runs(stores)
    restated = check_restatements(stores)
    if as_json:
        show_json(
            {
                "entries": checked.size,
                "root": checked.root,
                "signed_sizes": checked.checkpoints,
                "superseded": [one.location for one in checked.superseded],
                "runs": runs_checked,
                "restatements": restated,
            }
        )
        return
    say(f"The ledger is intact: {checked.size} entries, root {checked.root}")
    if checked.checkpoints:
        say(
            f"It matches all signed sizes ({checked.checkpoints}) in checkpoints, their copies, "
            "certificates and reports."
        )
    else:
        say("It was never sealed. The check shows only that the entries match their hashes.")
    for history in checked.superseded:
        say(
            f"A restore was acknowledged. The {len(history.files)} files signed before it, up to "
            f"{history.newest} entries, are unchanged ({history.location})"
        )
    say(f"The step lines of {runs_checked} runs match the ledger")


def _about(said: Mapping[str, object]) -> str:
    """Return the rights that a statement says were fulfilled, or how the request ended else."""
    kind, rights = str(said["type"]), said.get("rights")
    if kind in tuple(RequestKind) and isinstance(rights, list):
        return ", ".join(map(str, rights))
    return kind


def _tell(
    verified: VerifiedCertificate, levels: Mapping[str, str], together: Sequence[str]
) -> None:
    """Print what each step has shown, and what the certificate says."""
    for number, step in enumerate(verified.shown, 1):
        say(f"{number}. {step}: passed; {SHOWS[step]}")
    said = verified.statement
    say(f"The certificate of request {verified.request_id} ({_about(said)}) is valid")
    say(f"Signed by {verified.signed_by}")
    if (named := verified.particulars) is not None:
        say(f"Request {named.number}, received on {named.received_on}")
        say(f"Controller: {named.controller}")
        say(f"Processor: {named.processor or 'none is named'}")
    if said.get("completeness") is not None:
        say(f"It is {said['completeness']}: its list of retained data names what is withheld")
    if said.get("approved_by") is not None:
        say(f"The plan was approved by {said['approved_by']}")
    if verified.deadline is not None:
        late = verified.deadline["days_late"]
        days = "1 day" if late == 1 else f"{late} days"
        is_open = verified.deadline["is_met"] is None
        in_time = f"{days} late" if late else "not handed over by then" if is_open else "on time"
        say(
            f"Due on {verified.deadline['due_on']}, closed at {verified.deadline['closed_at']}: "
            f"{in_time}"
        )
    for level in sorted(set(levels.values())):
        tables = sorted(table for table, reached in levels.items() if reached == level)
        say(f"Level {level} reached in {len(tables)} tables: {', '.join(tables)}")
    if together:
        say(
            f"The rows written by this erasure can still be told apart in {len(together)} tables: "
            f"{', '.join(together)}"
        )
    if together or "L0" in levels.values():
        say(
            f"The scrub planned for {verified.night} removes these traces"
            if verified.night
            else "The certificate names no night for the scrub that removes these traces"
        )


@dataclass(frozen=True)
class _Reached:
    """What is reached by now.

    Attributes:
        linkable: tables in which rows can still be told apart.
        superseded_at: folder of the superseded history that the certificate is of; None: it is of none.
        again: requests of this ledger that repeat that of the certificate.
    """

    levels: Mapping[str, str]
    linkable: Sequence[str]
    superseded_at: str | None = None
    again: Sequence[str] = ()


def _reached_now(verified: VerifiedCertificate, keys: Path | None) -> _Reached:
    """Return the levels that the ledger, which is checked first, shows by now."""
    stores = open_stores()
    known = None if keys is None else read_public_keys(keys)
    checked = check_evidence(stores, known, also=[verified.signed])
    signed = (verified.signed.size, verified.signed.root)
    for history in checked.superseded:
        if signed in history.signed:
            again = _repeating(verified.request_id, stores)
            return _Reached(verified.levels, verified.linkable, history.location, again)
    places, closed_at = changed_places(verified.statement), verified.closed_at
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        found = transaction.ledger.outcomes(*OF_SCRUBS, after=closed_at)
    scrubs = relevant_scrubs(found, places, closed_at)
    levels = reached(scrubs, places, closed_at)
    return _Reached(levels, linkable(scrubs, places, closed_at) if verified.levels else ())


def _repeating(request_id: str, stores: Stores) -> list[str]:
    """Return the requests that the ledger says repeat one."""
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        found = transaction.ledger.outcomes(Action.REPEATED, after=-1)
    of_it = (leaf.entry for leaf in found if leaf.entry.location.endswith(f"/{request_id}"))
    return list(dict.fromkeys(entry.request_id for entry in of_it if entry.request_id is not None))
