"""Commands about bundles: hand one over, also by a link, and open one."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lacuna.bundle import open_sealed, parse_key
from lacuna.cli.arguments import PrintJson, RequestId, read_file
from lacuna.cli.decisions import deciding
from lacuna.cli.output import show_result
from lacuna.errors import ConfigurationError, RequestError
from lacuna.flows.fulfilment import check_signature
from lacuna.model.delivery import DeliveryTerms
from lacuna.model.run import Role
from lacuna.request import CODE_MINUTES, make_code, make_link, release_bundle, revoke_link
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import open_stores

bundle = typer.Typer(no_args_is_help=True)


@bundle.command("open")
def open_bundle(
    request_id: RequestId,
    key: Annotated[Path, typer.Option(help="File with the age identity or the passphrase.")],
    to: Annotated[Path, typer.Option(help="Folder to unpack into. It must not exist.")],
    as_json: PrintJson = False,
) -> None:
    """Decrypt a bundle, check every digest and unpack it."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER) as transaction:
        found = transaction.queue.bundles.get(request_id)
        named = transaction.queue.requests.get(request_id).reference
    if found is None:
        raise RequestError(f"{named}: no bundle exists for this request, or it has expired")
    try:
        text = read_file(key, "the key").decode("utf-8")
    except UnicodeDecodeError:
        raise typer.BadParameter("the key file cannot be read") from None
    opened = open_sealed(
        stores.home / "bundles" / f"{request_id}.zip.age",
        parse_key(text),
        to,
        digest=found.digest,
        check_signature=partial(check_signature, stores),
    )
    show_result(
        {"request_id": request_id, "files": opened.files, "folder": str(to)},
        f"Unpacked {opened.files} files in {to}. Start with README.html.",
        as_json=as_json,
    )


@bundle.command("release")
def release(
    request_id: RequestId,
    as_: Annotated[str, typer.Option("--as", help="Officer who hands it over.")],
    as_json: PrintJson = False,
) -> None:
    """Hand a bundle over. Shows its passphrase once, if it was sealed without a recipient's key."""
    stores = open_stores()
    with deciding(stores, request_id, as_) as decision:
        released = release_bundle(request_id, stores.home, decision.desk)
    passphrase = released.passphrase
    show_result(
        {"request_id": request_id, "path": str(released.path), "passphrase": passphrase},
        f"Bundle: {released.path}",
        "There is no passphrase to show. If the bundle is for a key, the recipient's own key opens "
        "it; otherwise its passphrase was shown before."
        if passphrase is None
        else f"Passphrase (shown only once): {passphrase}",
        as_json=as_json,
    )


@bundle.command("link")
def link(
    request_id: RequestId,
    as_: Annotated[str, typer.Option("--as", help="Officer who hands the bundle over.")],
    show: Annotated[
        bool,
        typer.Option("--show", help="Show the link, for a letter on paper, instead of mailing it."),
    ] = False,
    revoke: Annotated[
        bool,
        typer.Option("--revoke", help="Take the link back: it leads nowhere from then on."),
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Hand a bundle over by a one-time link, in place of an older one, or take the link back."""
    if revoke and show:
        raise typer.BadParameter("--revoke makes no link that --show could show")
    stores = open_stores()
    if revoke:
        with deciding(stores, request_id, as_) as decision:
            revoke_link(request_id, decision.desk)
        show_result(
            {"request_id": request_id, "is_revoked": True},
            "The link leads nowhere from now on. The bundle has to be handed over again.",
            as_json=as_json,
        )
        return
    terms = _terms(stores)
    with deciding(stores, request_id, as_) as decision:
        mails = None if show else decision.transaction.mails
        made = make_link(decision.found, terms, decision.desk, stores.home, mails)
    code = "The page mails the person a code on request."
    if not made.has_mailbox:
        code = f"When the person calls: lacuna bundle code {request_id} --as {as_}"
    show_result(
        {
            "request_id": request_id,
            "link": made.address,
            "expires_at": made.expires_at.isoformat(),
            "has_mailbox": made.has_mailbox,
        },
        "The link is queued as a letter." if made.address is None else f"Link: {made.address}",
        f"It is valid until {made.last_day.isoformat()}. {code}",
        as_json=as_json,
    )


@bundle.command("code")
def code(
    request_id: RequestId,
    as_: Annotated[str, typer.Option("--as", help="Officer who gives the code to the person.")],
    as_json: PrintJson = False,
) -> None:
    """Make a code for the link to a bundle. Give it to the person by another channel than the link."""
    stores = open_stores()
    terms = _terms(stores)
    with deciding(stores, request_id, as_) as decision:
        made = make_code(request_id, terms, decision.desk)
    show_result(
        {"request_id": request_id, "code": made, "minutes": CODE_MINUTES},
        f"Code (shown only once): {made[:4]} {made[4:]}",
        f"It is valid for {CODE_MINUTES} minutes. Call the person at a number that you had before "
        "the request.",
        as_json=as_json,
    )


def _terms(stores: OpenedStores) -> DeliveryTerms:
    if stores.delivery_terms is None:
        raise ConfigurationError(
            "LACUNA_DELIVERY_URL is not set, so there are no links; hand the bundle over yourself: "
            "lacuna bundle release"
        )
    return stores.delivery_terms
