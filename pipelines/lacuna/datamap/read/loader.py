"""Loads a data map from strict YAML, and refuses one that does not hold together."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Final

import rfc8785

from lacuna.datamap import names
from lacuna.datamap.read.consent_entry import read_consent
from lacuna.datamap.read.kind_entries import read_kinds
from lacuna.datamap.read.map_rules import check
from lacuna.datamap.read.partial_map import MapDraft
from lacuna.datamap.read.processing_entries import (
    prose_list,
    read_processings,
    read_processor,
    read_tenants,
)
from lacuna.datamap.read.recipients import read_recipients
from lacuna.datamap.read.strict_yaml import Problems, Section, content_of, parse
from lacuna.datamap.read.subject_entry import read_subject
from lacuna.datamap.read.table_entries import read_tables
from lacuna.datamap.read.translated_texts import read_language
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat, Store, Subject, SweepRule
from lacuna.model.location import ColumnName, TableName
from lacuna.model.object_source import rule_parts
from lacuna.model.processing import TenantContacts
from lacuna.model.table import Column, Link, Table
from lacuna.model.treatment import Mention

_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/\s]+)*")
# Of a store that a package brings: without a login or a key, and never of the web.
_ADDRESS: Final = re.compile(r"(?!https?:|file:)[a-z][a-z0-9+.-]*://[^/\s@?#]+(/[^/\s@?#]+)*")
_SIMPLE: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")

_YamlValue = None | bool | int | str | list["_YamlValue"] | dict[str, "_YamlValue"]


def load(path: Path) -> DataMap:
    """Return the data map in a YAML file, checked in itself.

    Whether it fits the database is another question: `drift.check` answers it. Files beside
    it that carry a language in their name (`datamap.da.yaml`) hold translations. Files that hold
    what they held are not taken apart again: each stage of a run loads the map.

    Args:
        path: a file in the form of `docs/datamap.md`.

    Raises:
        ConfigurationError: the file cannot be read, or is no data map; lists every problem
            with its line and what to do.
    """
    try:
        path.stat()
    except FileNotFoundError:
        raise ConfigurationError(
            f"LACUNA_DATAMAP: {path} does not exist; set the path of your data map"
        ) from None
    except OSError:
        pass  # `content_of` says what is wrong
    beside = sorted(path.parent.glob(f"{path.stem}.[a-z][a-z]{path.suffix}"))
    return _load(path, content_of(path), tuple((file, content_of(file)) for file in beside))


def load_text(text: str, source: Path) -> DataMap:
    """Return the data map that a text is, without translations.

    Args:
        source: the file that messages name.

    Raises:
        ConfigurationError: as `load`.
    """
    return _load(source, text.encode(), ())


@lru_cache(maxsize=4)
def _load(path: Path, content: bytes, beside: tuple[tuple[Path, bytes], ...]) -> DataMap:
    problems = Problems(path)
    top = parse(path, content, problems)
    draft = MapDraft(problems, language=read_language(top))
    labels = {key: top.prose(key) for key in ("name", "version", "controller", "authority")}
    labels["dpo"] = top.address("dpo")
    backup_days = top.number("longest_backup_days")
    draft.schemas = _schemas(top)
    questions = top.texts("questions")
    security = prose_list(top, "security")
    draft.only_tenant = top.optional_text("only_tenant") or ""
    read_processings(top, draft)
    _read_stores(top, draft)
    read_tables(top, draft)
    _read_ignored(top, draft)
    tenants = read_tenants(top, labels, draft)
    processor = read_processor(top)
    representative = top.optional_prose("representative")
    joint_controllers = prose_list(top, "joint_controllers")
    draft.subject = read_subject(top, draft)
    kinds = read_kinds(top, draft)
    _read_sweeps(top, draft)
    consent = read_consent(top, draft)
    notified = read_recipients(top, draft)
    reporting = _read_reporting(top, draft)
    top.finish()
    check(draft)
    problems.raise_any()
    if draft.subject is None:
        raise ConfigurationError(f"{path}: it has no subject")
    datamap = DataMap(
        name=labels["name"],
        version=labels["version"],
        controller=labels["controller"],
        dpo=labels["dpo"],
        authority=labels["authority"],
        schemas=draft.schemas,
        processings=draft.processings,
        subject=draft.subject,
        tables=draft.tables,
        stores=draft.stores,
        sweeps=tuple(draft.sweeps),
        longest_backup_days=backup_days,
        consent=consent,
        notified=notified,
        reporting=reporting,
        kinds=kinds,
        digest="",
        ignored=draft.ignored,
        tenants=tenants,
        processor=processor,
        representative=representative,
        joint_controllers=joint_controllers,
        only_tenant=draft.only_tenant,
        security=security,
        questions=questions,
        language=draft.language,
        translations=_translations(path, beside, draft.translations),
    )
    return replace(datamap, digest=_digest(datamap))


def _translations(
    path: Path, beside: tuple[tuple[Path, bytes], ...], inside: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """Return the translations in a map and beside it, by language; those in it count first.

    A file beside it is a flat mapping of text to text.
    """
    found = dict(inside)
    for file, content in beside:
        problems = Problems(file)
        section = parse(file, content, problems)
        language = file.name.removeprefix(f"{path.stem}.").removesuffix(path.suffix)
        said = {phrase: section.prose(phrase) for phrase in section.names()}
        found[language] = said | inside.get(language, {})
        problems.raise_any()
    return found


def _schemas(top: Section) -> tuple[str, ...]:
    top.require(("schemas",))
    found = top.texts("schemas")
    for name in found:
        try:
            names.check(name)
        except ValueError as error:
            top.problem(f"schemas: {error}", top.line_of("schemas"))
    return found


def _read_stores(top: Section, draft: MapDraft) -> None:
    section = top.section("stores")
    if section is None:
        return
    for name in section.names():
        entry = section.section(name, f"store {name}")
        if entry is None:
            continue
        if not _SIMPLE.fullmatch(name):
            entry.problem(
                f"store {name!r}: the name of a store is also a folder and may contain "
                "only a-z, 0-9 and _"
            )
        draft.lines["store", name] = section.line_of(name)
        entry.require(("files",))
        files = [_file_pattern(each) for each in entry.sections("files")]
        address = entry.parsed("address", entry.optional_text("address"), _address)
        known = tuple(each for each in files if each is not None)
        draft.stores[name] = Store(name, known, address or "")
        entry.finish()


def _file_pattern(entry: Section) -> FilePattern | None:
    pattern = entry.parsed("pattern", entry.text("pattern"), _pattern)
    entry.require(("format", "mention"))
    form = entry.choice("format", ObjectFormat)
    mention = entry.choice("mention", Mention)
    table = entry.parsed("table", entry.optional_text("table"), names.table_name)
    named = entry.parsed("named", entry.optional_text("named"), _rule)
    otherwise = entry.choice("otherwise", Mention)
    entry.finish()
    if pattern is None or form is None or mention is None:
        return None
    if form is ObjectFormat.PARQUET and table is None:
        entry.problem(f"{entry.where}: a Parquet file needs the table whose rows it repeats")
    if named and table is None:
        entry.problem(f"{entry.where}: named needs the table whose columns form the name")
    if named and not fnmatchcase(re.sub(r"\{[^}]*\}", "x", named), pattern):
        entry.problem(f"{entry.where}: a file called {named} does not match the pattern")
    if otherwise is not None and (form, mention) != (ObjectFormat.DETECT, Mention.REDACT):
        entry.problem(f"{entry.where}: otherwise goes with format: detect and mention: redact")
    if otherwise not in (None, Mention.DELETE_OBJECT, Mention.REFUSE):
        entry.problem(f"{entry.where}: otherwise is delete_object or refuse")
    return FilePattern(pattern, form, table, mention, named or "", otherwise or Mention.REFUSE)


def _rule(rule: str) -> str:
    if not any(part.column for part in rule_parts(rule)):
        raise ValueError(f"named {rule!r} contains no column; write a column in braces")
    return rule


def _address(address: str) -> str:
    form = _BUCKET if address.startswith("s3://") else _ADDRESS
    if not form.fullmatch(address):
        raise ValueError("write an address as s3://bucket, s3://bucket/prefix or scheme://place")
    return address


def _pattern(pattern: str) -> str:
    if pattern.startswith("/") or "\\" in pattern or not pattern.isprintable():
        raise ValueError(
            f"pattern {pattern!r} must be relative to the store, with / between folders"
        )
    if any(part in ("", ".", "..") for part in pattern.split("/")):
        raise ValueError(
            f"pattern {pattern!r} must stay inside the store, without empty parts or dots"
        )
    return pattern


def _read_ignored(top: Section, draft: MapDraft) -> None:
    section = top.section("ignored")
    if section is None:
        return
    for key in section.names():
        name = section.parsed(key, key, names.table_name)
        reason = section.prose(key)
        if name is not None:
            draft.lines["ignored", str(name)] = section.line_of(key)
            draft.ignored[name] = reason


def _read_sweeps(top: Section, draft: MapDraft) -> None:
    for entry in top.sections("sweeps"):
        name = entry.text("name")
        if name and not _SIMPLE.fullmatch(name):
            entry.problem(
                f"{entry.where}: the name of a rule may contain only a-z, 0-9 and _",
                entry.line_of("name"),
            )
        table = entry.parsed("table", entry.text("table"), names.table_name)
        closed = entry.parsed("closed", entry.text("closed"), names.column_name)
        after_days = entry.number("after_days")
        entry.finish()
        if table is not None and closed is not None:
            if any(rule.name == name for rule in draft.sweeps):
                entry.problem(f"{entry.where}: the name {name!r} occurs twice")
            draft.lines["sweep", name] = entry.line
            draft.sweeps.append(SweepRule(name, table, closed, after_days))


def _read_reporting(top: Section, draft: MapDraft) -> str | None:
    section = top.section("reporting")
    if section is None:
        return None
    schema = section.text("schema")
    if schema and schema not in draft.schemas:
        section.problem(
            f"reporting: add {schema!r} to schemas, so that its tables are checked too",
            section.line_of("schema"),
        )
    section.finish()
    return schema


_UNDECIDED: Final = frozenset(
    {
        "translations",
        "language",
        "notified",
        "reporting",
        "kind",
        "whole",
        "processor",
        "representative",
        "joint_controllers",
    }
)
"""What of a map decides nothing that a plan does."""


def _digest(datamap: DataMap) -> str:
    """Return the SHA-256 hex of a map's canonical JSON (RFC 8785).

    Comments, layout, and the order of tables and columns do not count.
    """
    plain = {key: _plain(each) for key, each in vars(datamap).items() if key not in _UNDECIDED}
    if not datamap.kinds:
        del plain["kinds"]  # such maps keep the digest that they had
    return hashlib.sha256(rfc8785.dumps(plain)).hexdigest()


def _plain(value: object) -> _YamlValue:
    """Return a value of the model as JSON: names as text, records by field."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case TableName() | ColumnName():
            return names.written(value)
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {_key(key): _plain(each) for key, each in value.items()}
        case Table():
            ordered = replace(
                value, columns=tuple(sorted(value.columns, key=lambda each: each.name))
            )
            plain = {key: _plain(each) for key, each in vars(ordered).items()}
            del plain["label"], plain["meaning"]  # only people read them
            if value.portable is None:
                del plain["portable"]  # such maps keep the digest that they had
            if not value.references:
                del plain["references"]
            return plain
        case Column():
            plain = {key: _plain(each) for key, each in vars(value).items()}
            del plain["label"]  # only people read it
            if not value.stays:
                del plain["stays"]  # such maps keep the digest that they had
            return plain
        case Link():
            plain = {key: _plain(each) for key, each in vars(value).items()}
            if value.lookup is None:
                del plain["lookup"]  # such maps keep the digest that they had
            if not value.is_text:
                del plain["is_text"]
            return plain
        case Subject():
            plain = {key: _plain(each) for key, each in vars(value).items()}
            if value.open_lookup is None:
                del plain["open_lookup"]  # such maps keep the digest that they had
            if value.member is None:
                del plain["member"]
            if not value.unless:
                del plain["unless"]
            return plain
        case FilePattern():
            plain = {key: _plain(each) for key, each in vars(value).items()}
            if value.otherwise is Mention.REFUSE:
                del plain["otherwise"]  # such maps keep the digest that they had
            return plain
        case TenantContacts():
            decides = {key: each for key, each in vars(value).items() if key not in _UNDECIDED}
            if not value.processings:
                del decides["processings"]
            return {key: _plain(each) for key, each in decides.items()}
        case _:
            return {key: _plain(each) for key, each in vars(value).items()}


def _key(key: object) -> str:
    return names.written(key) if isinstance(key, TableName) else str(key)
