"""No value prints personal data: every field that prints was looked at and stands in a list."""

import dataclasses
import importlib
import pkgutil
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path

import pytest

import lacuna.model
from lacuna import apply, ports, subject

MODULES = [
    importlib.import_module(f"lacuna.model.{each.name}")
    for each in pkgutil.iter_modules(lacuna.model.__path__)
]
# These describe schemas, files and aggregates as the data team wrote them: nobody's row.
DESCRIPTIONS = {
    "lacuna.model.consent.CallColumns",
    "lacuna.model.consent.ConsentRule",
    "lacuna.model.consent.OtherBasis",
    "lacuna.model.consent.RecordingTable",
    "lacuna.model.consent.ConsentWeek",
    "lacuna.model.datamap",
    "lacuna.model.processing",
    "lacuna.model.table",
    "lacuna.model.treatment",
    "lacuna.model.schema",
    "lacuna.model.location.TableName",
    "lacuna.model.location.ColumnName",
    "lacuna.model.mart",
    "lacuna.model.restatement.RestatementScope",
    "lacuna.model.run",
    "lacuna.model.tenant",
}
# Whatever prints its text: ids, digests, names of tables, stores, patterns and roles, reasons of
# ours. A field that is not here must not print.
SHOWN = {
    # Ids, digests, key ids of officers; the address of the delivery.
    "AssignedItem": "about org_id",
    "DeliveryLink": "digest org_id request_id download_id",
    "DeliveryTerms": "url",
    "OfficerComment": "officer",
    "SeenPlan": "digest",
    "ChosenPlans": "digests",
    "SummaryLine": "what how unit places kinds",
    "SentLetter": "state",
    "LetterSender": "language",
    "MailText": "language",
    "Selection": "assigned_to",
    "TaskSelection": "officer",
    # Columns, and words of the data map.
    "Membership": "where through",
    # Names of tables, stores and patterns, and why the map lets values stay there.
    "ProvedPlace": "kind place mapped_as reason settlement entry",
    "Proof": "datamap_digest people unread outside",
    # Columns and counts; a folder is named by its number.
    "FoundValue": "where mapped_as",
    "AbsencePlace": "name unread blind opaque",
    "AbsenceReport": "encodings",
    "Acceptance": "agreement_id org_id accepted_by",
    "Agreement": "agreement_id org_id version text_digest",
    # Dates and articles, never a name or an address.
    "Letter": "letter_id owner_id org_id request_id mail_id language facts",
    "Approval": "digest approved_by",
    "ApprovableRule": "name meaning digest approved_by",
    # Names of roles, tables and files, and counts.
    "Attack": "area attempt found",
    "BegunSeal": "root",
    "Asked": "language",
    "BundleContent": "language",
    "BundleFile": "path source sha256 schema_ref",
    "BundleOrder": "request_id number",
    # Made up for each search: nobody's.
    "Canaries": "texts uuid",
    "ConsentEntry": "org_id",
    "ConsentRecord": "purpose status method version",
    "Dpa": "org_id",
    "Effect": "request_id store pattern",
    "EffectTotal": "store pattern",
    "ErasedPerson": "org_id request_id",
    "Entry": "location actor request_id batch_id digest",
    "Exclusion": "source reason article",
    "Filed": "ground batch_id",
    "Task": "about officer",
    "Finding": "location",
    # The reason says what is wrong with which part, never its value.
    "InboxResult": "submitted_by status request_id reason",
    "InboxRow": "org_id",
    "Officer": "actor org_id",
    "Quarantined": "digest",
    "IncompleteSource": "source reason",
    "ItemHold": "ground",
    "KeptRight": "request_id org_id held refused",
    "Restriction": "request_id org_id",
    "Leaf": "leaf_hash",
    # A code is one that the data map knows.
    "LeftOut": "reason columns column value",
    "LinkTombstone": "links",
    "AnonymizeRows": "treatments",
    "DeleteObjects": "store others",
    # The data map's own words, and counts.
    "Inventory": "joined shared_objects",
    "JoinRows": "rule",
    # Reasons are words of closed lists.
    "MailRecord": "mail_id org_id request_id reasons language",
    "NamedObject": "org_ids",
    # Ids, and a word of a closed list.
    "Alert": "org_id reference subject why path",
    "ObjectContent": "source path",
    "ObjectRows": "org_ids",
    "ObjectWorkshop": "objects",
    "PastRequest": "request_id ground",
    # The data map's own words.
    "PathSource": "store within",
    "RulePart": "text column",
    "PreparedTexts": "columns",
    "Notice": "notice_id org_id request_id recipient receipt",
    "ObjectFound": "pattern",
    "ObjectPath": "store",
    "Passage": "media_type language own",
    "Person": "ref org_id",
    "Plan": "request_id datamap_digest digest inventory_digest",
    "RedactMentions": "columns",
    "EmptyFiles": "columns",
    "RedactText": "columns",
    "Rectify": "columns values",
    # Digests, names of columns, counts.
    "RectifyCopies": "columns copies",
    "RectifyObjects": "store pattern columns copies",
    "CorrectedCell": "category",
    "CellRules": "org_id rectified",
    "Correction": "column category",
    "FileCopies": "pattern rows",
    # What the IVR said and the key pressed on it; tenants, queues.
    "Prompt": "key version language",
    "Recording": "org_id queue",
    "Reconciliation": "other_basis",
    "Redaction": "source reason article",
    "Proposal": "name digest",
    "Replacement": "replaced_digest",
    "Request": "request_id org_id plan_digest person_kind number",
    "RequestFilter": "org_id",
    "Resolution": "ref",
    "Restatement": "name digest",
    "Retain": "location ground",
    "RewriteObjects": "store pattern",
    "SealedBundle": "request_id org_id digest",
    "Sealed": "path digest",
    "SourceChecked": "source",
    "Span": "label subjects",
    "StoredPlan": "request_id digest datamap_digest steps readable inventory_digest",
    # Made by the store, not of a name.
    "StoredVersion": "version",
    "Submission": "org_id bundle_key",
    "Surroundings": "matchers objects",
    "TableContent": "columns portable present redactions redactions_left types",
    # Names of columns.
    "TextRow": "org_id language version documents",
    "FileRow": "org_id version",
    "TextChange": "version",
    "Upload": "upload_id",
    "Verification": "request_id opaque unnamed written",
    "Expected": "suite expectation column",
    "Unreached": "store level why until",
    # The code of a language.
    "Redacted": "unmodelled",
    "ReachedLevel": "store level night copies_until",
    "TableFiles": "changes",
}


def dataclasses_of(module):
    for thing in vars(module).values():
        if isinstance(thing, type) and dataclasses.is_dataclass(thing):
            yield thing


def is_description(cls):
    return {cls.__module__, f"{cls.__module__}.{cls.__name__}"} & DESCRIPTIONS


CLASSES = sorted(
    {
        cls
        for module in [*MODULES, ports, apply, subject]
        for cls in dataclasses_of(module)
        if not is_description(cls) and cls is not ports.Desk
    },
    key=lambda cls: cls.__name__,
)


def made(kind, label):
    """Return a value of a type, in which every text is the canary `label`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, typing.NewType):
        return made(kind.__supertype__, label)
    if isinstance(kind, typing.TypeAliasType if hasattr(typing, "TypeAliasType") else ()):
        return made(kind.__value__, label)
    if origin in (types.UnionType, typing.Union):
        # A map holds the map that it is a view of.
        return None if arguments[0] in BEING_MADE else made(arguments[0], label)
    if origin is tuple:
        inner = arguments[:1] if arguments[-1] is Ellipsis else arguments
        return tuple(made(each, label) for each in inner)
    if origin is frozenset:
        return frozenset({made(arguments[0], label)})
    if origin in (Mapping, dict):
        return {made(arguments[0], label): made(arguments[1], label)}
    if origin in (Sequence, list):
        return [made(arguments[0], label)]
    if origin is Callable:
        return lambda: label
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return instance(kind)
    plain = {
        str: label,
        bytes: label.encode(),
        int: 7,
        float: 7.0,
        bool: True,
        type(None): None,
        datetime: datetime(2026, 11, 1, tzinfo=UTC),
        date: date(2026, 11, 1),
        Path: Path(label),
        object: label,
    }
    return plain[kind] if kind in plain else Quiet()


class Quiet:
    """Stands for what is no value: a store, a matcher."""


def canary(cls, name):
    return f"canary-{cls.__name__}-{name}@example.org"


BEING_MADE = []


def instance(cls):
    hints = typing.get_type_hints(cls, vars(importlib.import_module(cls.__module__)))
    BEING_MADE.append(cls)
    try:
        return cls(
            **{
                each.name: made(hints[each.name], canary(cls, each.name))
                for each in dataclasses.fields(cls)
            }
        )
    finally:
        BEING_MADE.pop()


def shown(cls):
    printed = f"{instance(cls)!r} {instance(cls)}"
    return {each.name for each in dataclasses.fields(cls) if canary(cls, each.name) in printed}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_value_prints_no_text_but_what_was_looked_at(cls):
    looked_at = set(SHOWN.get(cls.__name__, "").split())
    assert shown(cls) == looked_at, "hide it with repr=False, or look at it and add it to SHOWN"


def test_the_list_has_no_class_that_is_gone():
    assert set(SHOWN) <= {cls.__name__ for cls in CLASSES}


def test_the_test_sees_a_field_that_prints():
    @dataclasses.dataclass(frozen=True)
    class Careless:
        email: str

    assert shown(Careless) == {"email"}


def test_an_exception_that_formats_a_person_says_nothing_of_them():
    for cls in CLASSES:
        text = f"{instance(cls)}"
        assert "canary-Identifier-value" not in text
        assert "canary-Person-known" not in text
        assert "canary-ObjectPath-path" not in text
