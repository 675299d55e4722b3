"""Decisions of which a letter tells the requester: refuse, extend, ask. Each can be previewed."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from lacuna.cli.arguments import DecidingOfficer, PrintJson, RequestId, RightsFilter, read_file
from lacuna.cli.decisions import Decision, deciding, part_of
from lacuna.cli.output import due_day, say, show_json, show_moved, state_of
from lacuna.cli.request_arguments import country_of
from lacuna.datamap import load, load_tenants
from lacuna.errors import ConfigurationError, UnknownRequest
from lacuna.model.letter import LONGEST_NOTE, LetterKind, LetterSender
from lacuna.model.mail_text import MailText
from lacuna.model.request import Pause, Request
from lacuna.request import (
    check_ground,
    extend,
    extended,
    pause,
    preview,
    refuse,
    requester_of,
    tell,
)
from lacuna.stores.installation import OpenedStores
from lacuna.wiring import open_stores

_Note = Annotated[
    Path | None,
    typer.Option(
        "--text",
        metavar="FILE",
        allow_dash=True,
        help="File with a paragraph of yours for the letter, in the requester's language. "
        "- reads standard input. Lacuna keeps it encrypted until the letter is sent.",
    ),
]
_Preview = Annotated[bool, typer.Option("--preview", help="Print the letter and change nothing.")]
_YOURSELF: Final = "The request did not come by mail. "


def refuse_request(
    request_id: RequestId,
    ground: Annotated[str, typer.Option(help="Article, such as 17(3)(b).")],
    as_: DecidingOfficer,
    kind: RightsFilter = None,
    text: _Note = None,
    is_preview: _Preview = False,
    as_json: PrintJson = False,
) -> None:
    """Refuse a request or some of its rights on a legal ground."""
    stores, facts = open_stores(), {"ground": ground, "note": _note(text)}
    told = LetterKind.PARTIAL_REFUSAL if kind else LetterKind.REFUSAL
    with deciding(stores, request_id, as_) as decision:
        if is_preview:
            part = replace(decision.found, kinds=tuple(kind)) if kind else decision.found
            check_ground(part, ground)
            shown = _previewed(part, (told, facts), decision, stores)
        else:
            found = part_of(decision, kind)
            # Told first: with the refusal goes whatever says whom.
            is_told = tell(found, told, facts, decision.transaction.mails, decision.desk)
            moved = refuse(found, ground, decision.desk)
    if is_preview:
        _show(shown, as_json=as_json)
        return
    untold = (
        f"{_YOURSELF}Inform the requester yourself of the article, the supervisory authority and "
        "the judicial remedy (Art. 12(4)). With --preview you get the letter"
    )
    show_moved(
        moved,
        state_of(moved),
        *(() if is_told else (untold,)),
        facts={"is_told": is_told},
        as_json=as_json,
    )


def extend_request(
    request_id: RequestId,
    as_: DecidingOfficer,
    text: _Note = None,
    is_preview: _Preview = False,
    as_json: PrintJson = False,
) -> None:
    """Extend a request by two months and inform the requester. Only possible in the first month.

    The letter states your reasons: give them with --text.
    """
    stores, facts = open_stores(), {"note": _note(text)}
    with deciding(stores, request_id, as_) as decision:
        desk, country = decision.desk, country_of(stores, decision.found.org_id)
        if not facts["note"] and (is_preview or requester_of(decision.found, desk) is not None):
            raise typer.BadParameter(
                "give the reasons for the extension with --text FILE; the letter must state them "
                "(Art. 12(3))"
            )
        if is_preview:
            moved = extended(decision.found, desk.now, country=country)
            shown = _previewed(moved, (LetterKind.EXTENSION, facts), decision, stores)
        else:
            moved = extend(decision.found, desk, country=country)
            is_told = tell(moved, LetterKind.EXTENSION, facts, decision.transaction.mails, desk)
    if is_preview:
        _show(shown, as_json=as_json)
        return
    untold = f"{_YOURSELF}Inform the requester yourself and state the reasons (Art. 12(3))."
    show_moved(
        moved,
        f"Request {moved.number} is due on {due_day(moved.act_by)}",
        *(() if is_told else (untold,)),
        facts={"due_at": moved.due_at.isoformat(), "is_told": is_told},
        as_json=as_json,
    )


def ask_to_specify(
    request_id: RequestId,
    as_: DecidingOfficer,
    text: _Note = None,
    is_preview: _Preview = False,
    as_json: PrintJson = False,
) -> None:
    """Ask the requester to specify an access request. Pauses the clock until the answer arrives."""
    stores, facts = open_stores(), {"note": _note(text)}
    with deciding(stores, request_id, as_) as decision:
        letter = (LetterKind.SPECIFICATION, facts)
        if is_preview:
            shown = _previewed(decision.found, letter, decision, stores)
        else:
            moved = pause(decision.found, Pause.CLARIFICATION, decision.desk)
            is_told = tell(moved, *letter, decision.transaction.mails, decision.desk)
    if is_preview:
        _show(shown, as_json=as_json)
        return
    resume_it = f"run lacuna request resume {moved.number}"
    show_moved(
        moved,
        f"{moved.number}: paused, {moved.pause}",
        "A reply to the letter from the requester's address resumes the clock and is listed by "
        f"lacuna mail list. If the answer arrives another way, {resume_it}"
        if is_told
        else f"{_YOURSELF}Ask the requester yourself which data or which "
        f"period they mean. When the answer arrives, {resume_it}",
        facts={"pause": moved.pause, "is_told": is_told},
        as_json=as_json,
    )


def _note(path: Path | None) -> str:
    """Return an officer's paragraph; empty for none. It may name people: no option holds it.

    Raises:
        ConfigurationError: it is too long, or no text.
    """
    if path is None:
        return ""
    is_stream = str(path) == "-"
    most = 4 * LONGEST_NOTE  # bytes of that many characters
    content = sys.stdin.buffer.read(most + 1) if is_stream else read_file(path, "letter: the text")
    if len(content) > most:
        raise ConfigurationError(f"letter: the text has more than {LONGEST_NOTE} characters")
    try:
        text = content.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ConfigurationError("letter: the text is not UTF-8") from None
    if len(text) > LONGEST_NOTE:
        raise ConfigurationError(
            f"letter: the text has {len(text)} characters, the limit is {LONGEST_NOTE}"
        )
    return text


def _previewed(
    found: Request,
    letter: tuple[LetterKind, Mapping[str, str]],
    decision: Decision,
    stores: OpenedStores,
) -> MailText:
    tenant = load_tenants(stores.tenants_path).by_org.get(found.org_id)
    if tenant is None:
        raise UnknownRequest(
            f"{found.number}: its tenant is not in the file of tenants, so nobody signs a letter"
        )
    contacts = load(stores.datamap_path).tenant(found.org_id)
    return preview(found, *letter, LetterSender.of(tenant, contacts), decision.desk)


def _show(letter: MailText, *, as_json: bool) -> None:
    if as_json:
        show_json({"language": letter.language, "subject": letter.subject, "text": letter.plain})
        return
    say(f"Subject: {letter.subject}\n\n{letter.plain}")
