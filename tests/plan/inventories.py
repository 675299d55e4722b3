"""Data maps, inventories and requests as plain values, and how hypothesis draws them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat, Store, Subject
from lacuna.model.location import ColumnName, ObjectPath, TableName
from lacuna.model.plan import Inventory, MentionsFound, ObjectFound, RowsFound
from lacuna.model.request import Level, Request, RequestKind, RequestState
from lacuna.model.table import Column, Link, Table
from lacuna.model.treatment import Erasure, Mention, RowErasure, Treatment

NOW = datetime(2026, 11, 24, 13, 45, tzinfo=UTC)
NONCE = "5f1c1a52-3a4c-4f8e-9d6b-2a7c0f0e1d11"


def table(name: str) -> TableName:
    return TableName("crm", name)


def column(
    name: str, treatment: Treatment = Treatment.KEEP, argument: str | None = None, **details
) -> Column:
    is_text = treatment is Treatment.REDACT
    return Column(
        **{
            "name": name,
            "category": "user.content",
            "processing": "support",
            "erasure": Erasure(treatment, argument),
            "mention": Mention.REDACT if is_text else Mention.REFUSE,
            "is_text": is_text,
            "media_type": "text/plain",
            "in_access": True,
            "in_portability": False,
            "meaning": "",
            "legend": {},
            "object_store": None,
        }
        | details
    )


def mapped(name: str, rows: RowErasure, *columns: Column, links=(), erased_at=None) -> Table:
    return Table(
        name=table(name),
        key=("id",),
        tenant="org_id",
        links=tuple(Link(each, table(target)) for each, target in links),
        rows=rows,
        erased_at=erased_at,
        language=None,
        measures=(),
        is_legacy_report=False,
        columns=(column("id"), column("org_id"), *columns),
    )


TABLES = (
    mapped(
        "people",
        RowErasure.ANONYMIZE,
        column("email", Treatment.SUPPRESS),
        column("born", Treatment.GENERALIZE, "year"),
        erased_at="erased_at",
    ),
    mapped("notes", RowErasure.ANONYMIZE, column("text", Treatment.REDACT), links=[("t", "talks")]),
    mapped(
        "talks",
        RowErasure.ANONYMIZE,
        column("person", Treatment.UNLINK),
        column("subject", Treatment.REDACT),
        links=[("person", "people")],
    ),
    mapped("aliases", RowErasure.DELETE, links=[("person", "people")]),
    mapped("invoices", RowErasure.KEEP, links=[("person", "people")]),
    mapped("marks", RowErasure.ANONYMIZE, links=[("t", "talks")], erased_at="erased_at"),
)
DATAMAP = DataMap(
    name="crm",
    version="1",
    schemas=("crm",),
    controller="Example A/S",
    dpo="dpo@example.org",
    authority="Datatilsynet",
    processings={},
    subject=Subject(
        table("people"),
        None,
        (),
        {
            Level.CONTACT: table("people"),
            Level.CONVERSATION: table("talks"),
            Level.MESSAGE: table("notes"),
        },
        ("state", ("open",)),
        (),
    ),
    tables={each.name: each for each in TABLES},
    stores={
        "media": Store(
            "media",
            (
                FilePattern("calls/*", ObjectFormat.BINARY, None, Mention.DELETE_OBJECT),
                FilePattern("exports/*", ObjectFormat.PARQUET, None, Mention.REDACT),
            ),
        )
    },
    sweeps=(),
    longest_backup_days=35,
    digest="d" * 64,
)
REQUEST = Request(
    request_id="0b6f2c1e-5d1e-4a53-9a53-0f4b1a7c9d10",
    org_id="nord",
    kinds=(RequestKind.ERASURE,),
    state=RequestState.RESOLVED,
    level=Level.CONTACT,
    is_forced=False,
    received_at=NOW,
    due_at=NOW,
    is_verified=False,
    plan_digest=None,
    attempt=1,
)

KEYS = st.frozensets(st.tuples(st.text(min_size=1, max_size=4)), min_size=1, max_size=4)
ROWS = st.lists(
    st.sampled_from([each.name for each in TABLES]), unique=True, max_size=len(TABLES)
).flatmap(lambda names: st.tuples(*(st.builds(RowsFound, st.just(name), KEYS) for name in names)))
MENTIONS = st.lists(
    st.sampled_from(
        [
            ColumnName(table("notes"), "text"),
            ColumnName(table("talks"), "subject"),
            ColumnName(table("invoices"), "text"),
        ]
    ),
    unique=True,
).flatmap(lambda names: st.tuples(*(st.builds(MentionsFound, st.just(n), KEYS) for n in names)))


def _found(path: str, byte_count: int | None, *, is_rewritten: bool) -> ObjectFound:
    folder = "exports" if is_rewritten else "calls"
    where = ObjectPath("media", f"{folder}/{path}")
    return ObjectFound(where, f"{folder}/*", 7 if is_rewritten else byte_count, 1, is_rewritten)


OBJECTS = st.lists(
    st.builds(
        _found,
        st.text("abc", min_size=1, max_size=3),
        st.none() | st.integers(0, 10**9),
        is_rewritten=st.booleans(),
    ),
    max_size=5,
    unique_by=lambda found: found.path,
).map(tuple)
INVENTORIES = st.builds(
    Inventory,
    rows=ROWS,
    mentions=MENTIONS,
    objects=OBJECTS,
    open_conversations=st.integers(0, 3),
    kept_identifiers=st.integers(0, 3),
)
KINDS = st.sets(st.sampled_from(RequestKind), min_size=1).map(
    lambda kinds: tuple(kind for kind in RequestKind if kind in kinds)
)
REQUESTS = st.builds(
    lambda kinds, level: replace(REQUEST, kinds=kinds, level=level), KINDS, st.sampled_from(Level)
)
