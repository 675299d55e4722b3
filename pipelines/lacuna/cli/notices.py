"""Commands about notices: which recipients were told of an erasure (Art. 19), and which were not."""

from typing import Annotated

import typer

from lacuna.cli.arguments import NoticeId, PrintJson
from lacuna.cli.decisions import record_disclosure, recording
from lacuna.cli.output import due_day, show_json, show_result, show_table
from lacuna.flows.fulfilment import references_of
from lacuna.model.evidence import Action
from lacuna.model.notice import Notice, NoticeState
from lacuna.model.run import Role
from lacuna.wiring import open_stores

notice = typer.Typer(no_args_is_help=True)


@notice.command("list")
def list_notices(
    overdue: Annotated[
        bool, typer.Option(help="List only notices that failed or are past their deadline.")
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """List notices, the oldest first. With --overdue, exit 1 if there are any."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        notices = transaction.notices
        found = notices.overdue(stores.clock.now()) if overdue else notices.notices()
        numbers = transaction.queue.requests.numbers([one.request_id for one in found])
    if as_json:
        show_json([_document(one, numbers[one.request_id]) for one in found])
    else:
        show_table(
            "Notices",
            ("notice", "recipient", "tenant", "request", "state", "attempts", "due", "receipt"),
            (
                (
                    one.notice_id,
                    one.recipient,
                    one.org_id,
                    numbers[one.request_id],
                    one.state,
                    str(one.attempts),
                    due_day(one.due_at),
                    one.receipt or "",
                )
                for one in found
            ),
        )
    if overdue and found:
        raise typer.Exit(1)


@notice.command("show")
def show_notice(
    notice_id: NoticeId,
    as_: Annotated[
        str, typer.Option("--as", help="Officer who reads it. The ledger records only a key id.")
    ],
    as_json: PrintJson = False,
) -> None:
    """Show a notice to an officer who informs the recipient by other means."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        found = transaction.notices.get(notice_id)
        number = transaction.queue.requests.get(found.request_id).number
    record_disclosure(stores, as_, found.org_id, "lacuna.notice", found.request_id)
    document, references = _document(found, number), list(references_of(found, stores))
    show_result(
        document | {"references": references},
        *(f"{name}: {content}" for name, content in document.items()),
        *(f"recipient's reference for the person: {reference}" for reference in references),
        as_json=as_json,
    )


@notice.command("settle")
def settle(
    notice_id: NoticeId,
    as_: Annotated[
        str,
        typer.Option("--as", help="Officer who informed them. The ledger records only a key id."),
    ],
    as_json: PrintJson = False,
) -> None:
    """Record that a person informed the recipient by other means."""
    stores = open_stores()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        org_id = transaction.notices.get(notice_id).org_id
    with recording(stores, org_id, as_) as (transaction, desk):
        found = transaction.notices.get(notice_id)
        transaction.notices.told(found, "hand", desk.now)
        desk.record(
            Action.RECIPIENT_TOLD, f"recipient/{found.recipient}", request_id=found.request_id
        )
    settled = {"notice_id": notice_id, "state": NoticeState.TOLD}
    show_result(settled, f"{notice_id} settled", as_json=as_json)


def _document(found: Notice, number: str) -> dict[str, object]:
    return {
        "notice_id": found.notice_id,
        "recipient": found.recipient,
        "org_id": found.org_id,
        "request_id": found.request_id,
        "number": number,
        "state": str(found.state),
        "attempts": found.attempts,
        "created_at": found.created_at.isoformat(),
        "due_at": found.due_at.isoformat(),
        "receipt": found.receipt,
    }
