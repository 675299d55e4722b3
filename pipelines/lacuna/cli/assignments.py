"""Commands that assign requests and mails to officers, and write comments."""

from typing import Annotated

import typer

from lacuna.cli.arguments import DecidingOfficer, MailId, PrintJson, RequestId
from lacuna.cli.decisions import deciding, org_of, recording
from lacuna.cli.output import show_result
from lacuna.model.assignment import AssignedItem
from lacuna.model.officer import EVERY_TENANT
from lacuna.model.run import Role
from lacuna.ports import Desk, Transaction
from lacuna.request import assign, comment
from lacuna.wiring import open_stores

_To = Annotated[
    str | None, typer.Option("--to", help="Officer who gets it. Default: the officer of --as.")
]
_GiveBack = Annotated[bool, typer.Option("--back", help="Give it back: nobody has it any more.")]


def assign_request(
    request_id: RequestId,
    as_: DecidingOfficer,
    to: _To = None,
    back: _GiveBack = False,
    as_json: PrintJson = False,
) -> None:
    """Assign a request to an officer, or give it back."""
    stores, name = open_stores(), _named(to, as_, back=back)
    item = AssignedItem(request_id, org_of(stores, request_id))
    with deciding(stores, request_id, as_) as decision:
        officer = _assigned(item, name, decision.transaction, decision.desk)
        number = decision.found.number
    _show({"request_id": request_id, "number": number}, number, officer, name, as_json=as_json)


def assign_mail(
    mail_id: MailId,
    as_: DecidingOfficer,
    to: _To = None,
    back: _GiveBack = False,
    as_json: PrintJson = False,
) -> None:
    """Assign a mail that needs review to an officer, or give it back."""
    stores, name = open_stores(), _named(to, as_, back=back)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        org_id = transaction.mails.get(mail_id).org_id or EVERY_TENANT
    with recording(stores, org_id, as_) as (transaction, desk):
        item = AssignedItem(mail_id, org_id, is_mail=True)
        officer = _assigned(item, name, transaction, desk)
    _show({"mail_id": mail_id}, mail_id, officer, name, as_json=as_json)


def comment_on_request(
    request_id: RequestId,
    text: Annotated[
        str, typer.Option(help="The comment. Stored encrypted until the request closes.")
    ],
    as_: DecidingOfficer,
    as_json: PrintJson = False,
) -> None:
    """Write a comment on a request. `lacuna request show ID --as USER` shows the comments."""
    with deciding(open_stores(), request_id, as_) as decision:
        count = comment(decision.found, text, decision.desk)
        number = decision.found.number
    show_result(
        {"request_id": request_id, "number": number, "comments": count},
        f"{number} has {count} comment{'' if count == 1 else 's'} now",
        as_json=as_json,
    )


def _named(to: str | None, as_: str, *, back: bool) -> str | None:
    """Return the name of who gets it; None: nobody."""
    if back and to is not None:
        raise typer.BadParameter("name an officer with --to, or give it back with --back")
    return None if back else to or as_


def _assigned(
    item: AssignedItem, name: str | None, transaction: Transaction, desk: Desk
) -> str | None:
    """Assign to the officer of a name; return their key id, or None for nobody."""
    assignments = transaction.assignments
    known = {name: actor for actor, name in assignments.officers(item.org_id).items()}
    officer = None if name is None else known.get(name, "")
    assign(item, officer, assignments.of([item.about]).get(item.about), assignments, desk)
    return officer


def _show(
    document: dict[str, object], what: str, officer: str | None, name: str | None, *, as_json: bool
) -> None:
    said = f"{what} is assigned to {name or 'nobody'}"
    show_result({**document, "officer": officer}, said, as_json=as_json)
