"""The mail with a tenant's part of a report: first what needs somebody, each thing with its page."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lacuna.evidence.canonical_json import Json
from lacuna.evidence.report import entries_of, next_step_of, sentences, subject_of
from lacuna.model.mail_text import Heading, Item, Items, MailBlock, MailText, Paragraph
from lacuna.translations import Wording

_TEXTS: Final = Wording("report_mails", "en")
_WARNINGS: Final = frozenset({"superseded", "not_run", "drift"})
"""Sentences of a report that need somebody."""
_NEWS: Final = frozenset({"unnamed", "datamap_changed"})
"""Those that are worth a mail and need nobody."""
_MOST: Final = 50
"""Items of one list; the page has the others."""
_NEXT_WORD: Final = re.compile(r"(?<=[a-z])[A-Z]")


def mail_of(document: Mapping[str, Json], page_url: str) -> MailText | None:
    """Return the mail with a tenant's part of a report; None where there is nothing to say.

    Args:
        page_url: address of the officers' page; empty: no links.
    """
    home = f"{page_url.rstrip('/')}/{document['org_id']}" if page_url else ""
    said = sentences(document)
    warnings = [text for name, text in said if name in _WARNINGS]
    requests = entries_of(document, "open")
    failed = tuple(_failures(document, home))
    overdue = tuple(_open(each, home) for each in requests if each["is_overdue"])
    others = tuple(_open(each, home) for each in requests if not each["is_overdue"])
    closed = tuple(_closed(each, home) for each in entries_of(document, "closed"))
    has_news = any(name in _NEWS for name, _ in said)
    if not (warnings or failed or requests or closed or has_news):
        return None
    blocks: list[MailBlock] = [Paragraph(each) for each in warnings]
    for heading, items in (
        (_TEXTS.said("failed", count=len(failed)), failed),
        (_TEXTS.said("overdue", count=len(overdue)), overdue),
        (_TEXTS.said("open", count=len(others)), others),
        (_TEXTS.said("closed", count=len(closed)), closed),
    ):
        if items:
            more = Item(_TEXTS.said("more", count=len(items) - _MOST), link=home)
            shown = items if len(items) <= _MOST else (*items[:_MOST], more)
            blocks += [Heading(heading), Items(shown)]
    rest = [Paragraph(text) for name, text in said if name not in _WARNINGS]
    subject, urgent = subject_of(document), len(warnings) + len(failed) + len(overdue)
    if urgent:
        subject = _TEXTS.said("urgent", subject=subject, count=urgent)
    return MailText(subject, "en", (*blocks, Heading(_TEXTS.said("rest")), *rest))


def _failures(document: Mapping[str, Json], home: str) -> Iterator[Item]:
    numbers = {
        each["request_id"]: _number(each)
        for name in ("open", "closed")
        for each in entries_of(document, name)
    }
    for run in entries_of(document, "runs"):
        for each in entries_of(run, "failures"):
            name = _TEXTS.said("failure", flow=run["flow"], step=_words(each["step"]))
            outcome, request_id = _words(each["outcome"]), each["request_id"]
            if request_id is None:
                yield Item(name, outcome, home)
                continue
            number = numbers.get(request_id, request_id)
            why = _TEXTS.said("of_request", outcome=outcome, number=number)
            yield Item(name, why, _page(home, each))


def _open(each: Mapping[str, Json], home: str) -> Item:
    rights = each["rights"]
    name = _TEXTS.said(
        "is_open",
        number=_number(each),
        rights=", ".join(map(str, rights if isinstance(rights, list) else [])),
        due=str(each["due_at"])[:10],
    )
    return Item(name, next_step_of(each), _page(home, each))


def _closed(each: Mapping[str, Json], home: str) -> Item:
    name = _TEXTS.said("is_closed", number=_number(each), how=each["how"])
    day, due = str(each["closed_at"])[:10], str(each["due_at"])[:10]
    why = (
        _TEXTS.said("late", day=day, due=due)
        if each["is_late"]
        else _TEXTS.said("in_time", day=day)
    )
    return Item(name, why, _page(home, each))


def _number(each: Mapping[str, Json]) -> str:
    return str(each.get("number") or each["request_id"])


def _page(home: str, each: Mapping[str, Json]) -> str:
    return f"{home}/requests/{each['request_id']}" if home else ""


def _words(name: Json) -> str:
    """Return the name of a step or an outcome in words; names of steps are written like classes."""
    text = _NEXT_WORD.sub(lambda found: f" {found[0].lower()}", str(name))
    return text.replace("_", " ")
