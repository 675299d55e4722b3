"""README.html: who holds what about the person, their newest conversations, why, and their rights."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from lacuna.bundle.conversation_pages import ConversationPages
from lacuna.bundle.further_pages import CHOICES, FILES, TRANSFER
from lacuna.bundle.information import (
    basis_words,
    confirmation,
    entries,
    group_of,
    rights_markup,
)
from lacuna.bundle.moments import moment
from lacuna.bundle.page_frame import Page, facts, link, listed, page, paragraph, table
from lacuna.bundle.page_text import text
from lacuna.bundle.search_page import SEARCH
from lacuna.bundle.table_pages import table_paths
from lacuna.bundle.values import in_utc
from lacuna.bundle.words import Words
from lacuna.model.bundle import BundleContent, Manifest

_MOST_LABELS: Final = 6
_MOST_MONTHS: Final = 24
_INFORMATION: Final = "information.html"


def to_readme(manifest: Manifest, pages: ConversationPages) -> bytes:
    """Return the first page.

    Args:
        manifest: holds every file but this page and the manifest itself.
        pages: where the conversations are.
    """
    content = manifest.content
    words = Words.of(content)
    sections = [
        ("who", text(words("who_we_are")), "\n".join(_who(manifest, words))),
        ("held", text(words("what_we_hold")), "\n".join(_held(content, words))),
    ]
    if pages.count:
        talks = "\n".join(_conversations(pages, words))
        sections.append(("conversations", text(words("your_conversations")), talks))
    sections += [
        ("why", text(words("where_and_why")), "\n".join(_why(content, words))),
        ("rights", text(words("your_rights")), rights_markup(content, words)),
        ("data", text(words("all_your_data")), _data(content, words)),
    ]
    if content.order.has_access:
        sections.append(("requests", text(words("your_requests")), _requests(content, words)))
    lead = paragraph(words("introduction"))
    return page(words, Page(title=words("title"), lead=lead, sections=sections, base=""))


def _who(manifest: Manifest, words: Words) -> Iterator[str]:
    content = manifest.content
    tenant = content.tenant
    yield facts(
        (text(name), value)
        for name, value in [
            (words("controller"), text(tenant.controller)),
            (words("data_protection_officer"), text(tenant.dpo)),
            (words("supervisory_authority"), text(tenant.authority)),
            (words("request"), text(content.order.named)),
            (words("data_as_of"), moment(in_utc(content.order.snapshot_at), words.locale)),
        ]
    )
    if not manifest.is_complete:
        yield (
            f'<p class="note"><strong>{text(words("not_complete"))}</strong> '
            f"{text(words('some_sources_missing'))} "
            f"{link(f'{_INFORMATION}#redactions', '', words('covered_and_missing'))}</p>"
        )


def _held(content: BundleContent, words: Words) -> Iterator[str]:
    """Yield what is held, by category in words: which data, and the pages with it."""
    yield paragraph(confirmation(content, words))
    labels: dict[str, dict[str, None]] = defaultdict(dict)
    where: dict[str, dict[str, None]] = defaultdict(dict)
    for path, each in zip(table_paths(content), content.tables, strict=True):
        mapped = content.datamap.tables[each.table]
        for name in each.columns:
            column = mapped.column(name)
            if column.is_personal and each.present[name]:
                group = group_of(column.category)
                labels[group][words.label(column)] = None
                where[group][link(path, "", words.plain_label(mapped))] = None
    yield facts(
        (text(words(group)), f"{_some(list(labels[group]))}\n{' · '.join(where[group])}")
        for group in sorted(labels, key=lambda group: words(group))
    )


def _some(labels: list[str]) -> str:
    more = " …" if len(labels) > _MOST_LABELS else ""
    return f"{', '.join(labels[:_MOST_LABELS])}{more}"


def _conversations(pages: ConversationPages, words: Words) -> Iterator[str]:
    yield paragraph(
        words("all_conversations", count=pages.count)
        if pages.shown == pages.count
        else words("newest_conversations", count=pages.count, shown=pages.shown)
    )
    yield f"<p>{link(SEARCH, '', words('search'))}</p>"
    yield pages.newest
    yield f"<h3>{text(words('by_month'))}</h3>"
    shown = pages.months[:_MOST_MONTHS]
    yield listed(link(path, "", f"{name} ({count})") for path, name, count in shown)
    if len(pages.months) > len(shown):
        yield f"<p>{link(f'{SEARCH}#months', '', words('earlier_months'))}</p>"


def _why(content: BundleContent, words: Words) -> Iterator[str]:
    for entry in entries(content):
        processing = entry.processing
        yield f"<h3>{words.of_map(processing.purpose)}</h3>"
        recipients = "; ".join(map(words.of_map, processing.recipients))
        yield facts(
            (text(name), value)
            for name, value in [
                (words("lawful_basis"), text(basis_words(processing.lawful_basis, words))),
                (words("retention_period"), words.of_map(processing.retention)),
                (words("recipients"), recipients or text(words("nobody_else"))),
            ]
        )
    yield f"<p>{text(words('full_version'))} {link(_INFORMATION, '', words('where_and_why'))}</p>"


def _data(content: BundleContent, words: Words) -> str:
    """Return the links to every other page."""
    if not content.tables:
        return paragraph(words("no_data"))
    pages = [
        f"{link(path, '', words.plain_label(content.datamap.tables[each.table]))} ({each.count})"
        for path, each in zip(table_paths(content), content.tables, strict=True)
    ]
    if content.order.has_access:
        pages.append(link(CHOICES, "", words("consents_and_agreements")))
    if content.order.has_portability:
        pages.append(link(TRANSFER, "", words("transferable_data")))
    pages.append(link(FILES, "", words("files_in_this_folder")))
    return listed(pages)


def _requests(content: BundleContent, words: Words) -> str:
    history = content.order.history
    if not history:
        return paragraph(words("no_earlier_requests"))
    return table(
        words("all_requests"),
        (words("received"), words("rights"), words("status"), words("closed"), words("ground")),
        (
            (
                moment(in_utc(each.received_at), words.locale),
                text(", ".join(words(str(kind)) for kind in each.kinds)),
                text(words(f"state_{each.state}")),
                "" if each.closed_at is None else moment(in_utc(each.closed_at), words.locale),
                "" if each.ground is None else text(f"Art. {each.ground}"),
            )
            for each in history
        ),
    )
