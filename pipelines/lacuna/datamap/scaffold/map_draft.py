"""Drafts a data map from a live schema: what is sure is proposed, what is not is asked.

1. How the tables hang together (`structure`), what each column holds (`guess`).
2. What an erasure does to each, by what it holds and what its constraints allow (`proposals`).
3. Questions for whatever a machine cannot know or was not sure of; answers, one line each, take
   the place of proposals.

The result passes the strict loader. While a question stands in it, no flow runs on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lacuna.datamap import names, types
from lacuna.datamap.read.strict_yaml import read_flow
from lacuna.datamap.scaffold.guesses import (
    OPERATIONS,
    SURE,
    UNIQUE,
    Guess,
    TableSurroundings,
    category_of_name,
    guess,
    words,
)
from lacuna.datamap.scaffold.kind_proposal import propose_kind
from lacuna.datamap.scaffold.level_proposal import (
    open_states,
    open_when_tree,
    propose_levels,
    take_open_states,
)
from lacuna.datamap.scaffold.proposals import (
    ColumnPlace,
    erasure_of,
    row_erasure,
    settings_of,
    stores_of,
)
from lacuna.datamap.scaffold.questions import MUST_SAY, UNANSWERED, Question
from lacuna.datamap.scaffold.structure import (
    Sample,
    Structure,
    find_structure,
    guess_subject,
    is_of_others,
)
from lacuna.datamap.scaffold.tenant_proposal import SHARED, columns_of, said_tenant, tenant_of
from lacuna.datamap.scaffold.tombstone_proposal import tombstone_settings
from lacuna.datamap.suggestion import Tree, fragment, links_tree
from lacuna.errors import ConfigurationError
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveColumn, LiveSchema, LiveTable, TableKind
from lacuna.model.table import ROW_ADDRESS, Link
from lacuna.model.treatment import RowErasure

_ACCEPT: Final = "yes"


@dataclass(frozen=True)
class Scaffold:
    """A drafted map.

    Attributes:
        text: the map, as YAML.
        guesses: what each column was taken for, before any answer.
        questions: the open ones.
    """

    text: str
    guesses: Mapping[ColumnName, Guess]
    questions: tuple[Question, ...]


def scaffold(live: LiveSchema, sample: Sample, answers: Mapping[str, str]) -> Scaffold:
    """Return a drafted map of a schema.

    Args:
        answers: by what they are about: the names of questions, tables and columns.

    Raises:
        ConfigurationError: no table can be taken for people, or an answer is about nothing.
    """
    return _Drafting(live, sample, answers).draft()


class _Drafting:
    def __init__(self, live: LiveSchema, sample: Sample, answers: Mapping[str, str]) -> None:
        self.live, self.sample, self.answers = live, sample, dict(answers)
        self.used: set[str] = set()
        self.questions: list[Question] = []
        self.guesses: dict[ColumnName, Guess] = {}
        self.rows: dict[TableName, RowErasure] = {}
        proposed = guess_subject(live)
        said = self.ask(
            "subject",
            "Which table contains the people?",
            "" if proposed is None else names.written(proposed),
        )
        subject = next((name for name in live.tables if names.written(name) == said), None)
        if subject is None:
            raise ConfigurationError(
                "scaffold: no table looks like a table of people, or the answer 'subject' names "
                "none; write the answer as schema.table"
            )
        self.found: Structure = find_structure(live, sample, subject)
        propose_levels(live, sample, self.found)

    def ask(self, about: str, text: str, proposal: str) -> str:
        """Return the answer to a question, or the proposal, which then is an open question."""
        self.used.add(about)
        answer = self.answers.get(about)
        if answer is None or (answer == _ACCEPT and not proposal):
            self.questions.append(Question(about, text, proposal))
        return proposal if answer in (None, _ACCEPT) else str(answer)

    def say(self, about: str, proposal: str) -> str:
        """Return the answer to a question, or the proposal, which is not asked."""
        self.used.add(about)
        answer = self.answers.get(about)
        return proposal if answer in (None, _ACCEPT) else str(answer)

    def draft(self) -> Scaffold:
        labels = {
            about: self.ask(about, *asked) or UNANSWERED.get(about, "unknown")
            for about, asked in MUST_SAY.items()
        }
        found, tables, ignored = self.found, {}, {}
        only = (
            ""
            if found.tenant
            else self.ask(
                "tenant",
                "No column names a tenant. What is the name of the one organization?",
                "main",
            )
        )
        if found.where is not None:
            column, value = found.where
            said = self.ask(
                "where", "Which rows of that table are the people?", f"{column} = {value}"
            ).partition("=")
            found.where = (said[0].strip(), said[2].strip())
        for table in self.live.tables.values():
            written = names.written(table.name)
            if table.kind is TableKind.PARTITION:
                continue
            if table.kind is TableKind.VIEW:
                ignored[written] = self.say(written, "a view without rows of its own")
            else:
                tables[written] = self._table(table)
        for table in self.live.tables.values():
            for trigger in table.triggers:
                ignored.update(self._trigger(names.written(trigger.function)))
        self._levels()
        parts: list[str] = []
        subject = self._subject()
        kinds = self._kinds(subject, tables)
        subject = {**subject, **self._tombstone(tables)}
        if unknown := sorted(self.answers.keys() - self.used):
            raise ConfigurationError(
                f"scaffold: {len(unknown)} answers match no question: {', '.join(unknown)}; "
                f"known: {', '.join(sorted(MUST_SAY))}, tables and columns"
            )
        for key in ("name", "controller", "dpo", "authority"):
            parts.append(fragment(key, value=labels[key]))
        parts.append(fragment("version", value="1"))
        parts.append(fragment("schemas", value=sorted(self.live.schemas)))
        if only:
            parts.append(fragment("only_tenant", value=only))
        parts.append(fragment("longest_backup_days", value=labels["backup_days"]))
        if self.questions:
            texts = [str(one) for one in self.questions]
            parts.append("\n".join(["questions:", *(f"  - {_quoted(text)}" for text in texts)]))
        recipients = (
            []
            if labels["recipients"] == "none"
            else [one.strip() for one in labels["recipients"].split(",")]
        )
        processing: dict[str, Tree] = {
            "purpose": labels["purpose"],
            "lawful_basis": labels["basis"],
            "retention": labels["retention"],
            "recipients": recipients,
        }
        parts.append(fragment("processings", "support", value=processing))
        parts.append(fragment("subject", value=subject))
        if kinds:
            parts.append(fragment("kinds", value=kinds))
        parts.append(fragment("tables", value=tables))
        if ignored:
            parts.append(fragment("ignored", value=ignored))
        parts.append(self._stores())
        return Scaffold("\n\n".join(parts) + "\n", self.guesses, tuple(self.questions))

    # --- tables ---

    def _rows(self, table: LiveTable) -> RowErasure:
        """Return how a person's rows are erased, decided once, after the tables to which they point."""
        if table.name in self.rows:
            return self.rows[table.name]
        # A circle of links is the loader's to report.
        self.rows[table.name] = RowErasure.KEEP
        proposed = row_erasure(table, self.found, self._gone(table))
        written = names.written(table.name)
        if proposed is RowErasure.DELETE and self._counts(table):
            said = self.ask(
                written,
                "Its rows are deleted, and with them what they count, because their link to the "
                "person may not be NULL and cannot point to a tombstone contact: it is unique, or "
                "too narrow for a key that Lacuna creates. Change it by a migration, then draft "
                "again?",
                str(proposed),
            )
        else:
            said = self.say(written, str(proposed))
        self.rows[table.name] = RowErasure(said)
        return self.rows[table.name]

    def _counts(self, table: LiveTable) -> bool:
        """Whether rows are interactions, some of which can point at no tombstone contact."""
        fixed = [
            column
            for link in self.found.links.get(table.name, ())
            if link.table == self.found.subject and (column := table.column(link.column))
        ]
        return table.name in (self.found.conversation, self.found.message) and any(
            not column.is_nullable and not self.found.can_point(table, column) for column in fixed
        )

    def _gone(self, table: LiveTable) -> frozenset[TableName]:
        """Return the tables that a table links to and whose rows are deleted."""
        return frozenset(
            link.table
            for link in self.found.links.get(table.name, ())
            if link.table != self.found.subject
            and link.table in self.live.tables
            and self._rows(self.live.tables[link.table]) is RowErasure.DELETE
        )

    def _table(self, table: LiveTable) -> Tree:
        links = self.found.links.get(table.name, [])
        self._guess(table, links)
        rows = self._rows(table)
        key: Sequence[str] = table.row_key
        if not key:
            key = (
                (table.columns[0].name,)
                if table.kind is TableKind.MATERIALIZED_VIEW
                else (ROW_ADDRESS,)
            )
        entry: dict[str, Tree] = {"processing": "support", "key": key[0] if len(key) == 1 else key}
        if self.found.tenant:
            entry["tenant"] = self._tenant(table)
        if links and table.name != self.found.subject:
            entry["links"] = links_tree(links)
        columns: dict[str, Tree] = {}
        measures: list[str] = []
        for column in table.columns:
            place = ColumnPlace(table, column, rows, self.found, self.sample, self._gone(table))
            here = names.written(ColumnName(table.name, column.name))
            settings = self._column(place, here, tuple(key))
            columns[column.name] = settings
            if place.is_measure and isinstance(settings, Mapping) and settings["erase"] == "keep":
                measures.append(column.name)
        is_changed = any(
            isinstance(one, Mapping) and one["erase"] not in ("keep", "derived")
            for one in columns.values()
        )
        if rows is RowErasure.ANONYMIZE and not is_changed:
            rows = RowErasure.KEEP
        entry["rows"] = str(rows)
        if table.name in self.found.history:
            entry["history"] = "true"
        if table.name == self.found.subject and self.found.erased_at is not None:
            entry["erased_at"] = self.found.erased_at
        if table.expressions:
            entry["indexes"] = [index.name for index in table.expressions]
        if measures and rows is RowErasure.ANONYMIZE:
            entry["measures"] = measures
        return {**entry, "columns": columns}

    def _tenant(self, table: LiveTable) -> Tree:
        about = f"{names.written(table.name)}.tenant"
        proposed = tenant_of(table, self.live, self.found, self._gone(table))
        if proposed is not None:
            return said_tenant(said, table) if (said := self.say(about, "")) else proposed
        said = self.ask(
            about, "No column and no link names its tenant. Do all tenants share its rows?", SHARED
        )
        return said_tenant(said, table)

    def _guess(self, table: LiveTable, links: Sequence[Link]) -> None:
        found = self.found
        is_subject = table.name == found.subject
        keys: dict[str, str] = {}
        for name in table.key:
            column = table.column(name)
            if len(table.key) > 1 and column is not None and not _is_number(column):
                continue
            keys[name] = UNIQUE if is_subject or table.name in found.others else OPERATIONS
        for foreign in table.foreign_keys:
            is_person = foreign.table == found.subject or foreign.table in found.others
            keys.update(dict.fromkeys(foreign.columns, UNIQUE if is_person else OPERATIONS))
        for link in links:
            if not link.path and (link.table == found.subject and link.to is None):
                keys[link.column] = UNIQUE
            elif not link.path and link.to is None:
                keys.setdefault(link.column, OPERATIONS)
        for column in table.columns:
            if _is_number(column) and is_of_others(column.name):
                keys[column.name] = UNIQUE
        if found.tenant:
            keys[found.tenant] = OPERATIONS
        if found.where is not None and is_subject:
            keys[found.where[0]] = OPERATIONS
        for link in links:
            if link.where is not None:
                keys[link.where[0]] = OPERATIONS
        around = TableSurroundings(
            is_of_people=is_subject or table.name in found.others,
            leads=bool(links),
            is_one_to_one=any(
                table.key == (link.column,) and link.table == found.subject for link in links
            )
            or table.kind is TableKind.MATERIALIZED_VIEW,
            keys=keys,
            table=words(table.name.name),
        )
        for column in table.columns:
            taken = guess(column, self.sample.of(table.name, column.name), around)
            self.guesses[ColumnName(table.name, column.name)] = taken

    def _column(self, place: ColumnPlace, here: str, key: tuple[str, ...]) -> Tree:
        name = ColumnName(place.table.name, place.column.name)
        taken = self.guesses[name]
        told_apart = self.found.telling_apart()
        if taken.confidence < SURE and name in told_apart.values():
            taken = replace(taken, category=OPERATIONS, why="names of states or kinds of rows")
        if taken.confidence < SURE and place.column.name not in key:
            answer = self.ask(here, f"What does it contain? ({taken.why})", taken.category)
        else:
            answer = self.say(here, taken.category)
        category, _, written = answer.partition(" ")
        erase = read_flow(written, here) if written.strip() else erasure_of(place, category, key)
        settings = settings_of(place, category, erase)
        if name not in told_apart:
            return settings
        lookup = told_apart[name]
        seen = [] if lookup is None else self.sample.names_in(lookup)
        labels = list(place.column.labels or place.column.allowed) or seen
        return {**settings, "values": labels} if labels else settings

    def _trigger(self, function: str) -> Mapping[str, str]:
        self.used.add(function)
        reason = self.answers.get(function)
        return {} if reason is None else {function: reason}

    # --- the people ---

    def _levels(self) -> None:
        found = self.found
        for level in ("conversation", "message"):
            here: TableName | None = getattr(found, level)
            answer = self.ask(
                level,
                f"Which table contains a {level}?",
                "" if here is None else names.written(here),
            )
            table = next((one for one in self.live.tables if names.written(one) == answer), None)
            if table is None:
                raise ConfigurationError(f"scaffold: the answer {level!r} does not name a table")
            setattr(found, level, table)
        said = self.ask("open_when", "When is a conversation open?", open_states(found))
        if said:
            take_open_states(said, found)

    def _subject(self) -> Mapping[str, Tree]:
        found = self.found
        conversation, message = found.conversation, found.message
        if conversation is None or message is None:
            raise ConfigurationError("scaffold: no conversations were found; answer 'conversation'")
        entry: dict[str, Tree] = {"table": names.written(found.subject)}
        entry |= {"references": found.references} if found.references else {}
        if found.where is not None:
            entry["where"] = dict([found.where])
        if found.merged_into is not None:
            entry["merged_into"] = found.merged_into
        entry["identifiers"] = self._identifiers()
        entry["levels"] = {
            "contact": names.written(found.subject),
            "conversation": names.written(conversation),
            "message": names.written(message),
        }
        entry["open_when"] = open_when_tree(found, self.live.tables[conversation])
        others = [
            names.written(place)
            for place, taken in self.guesses.items()
            if taken.category == "user.name"
            and (place.table in found.others or (found.where and place.table == found.subject))
            and not self._live(place).is_generated
        ]
        if others:
            entry["others"] = others
        return entry

    def _tombstone(self, tables: Mapping[str, Tree]) -> Mapping[str, Tree]:
        """Return the settings of the tombstone contact, if anything is drafted to point at one."""
        treated = {name: _treatments(entry) for name, entry in tables.items()}
        if not any("tombstone" in of_table.values() for of_table in treated.values()):
            return {}
        people = names.written(self.found.subject)
        return tombstone_settings(
            self.live.tables[self.found.subject],
            treated[people],
            self.found,
            columns_of(tables[people]),
        )

    def _kinds(self, subject: Mapping[str, Tree], tables: Mapping[str, Tree]) -> Mapping[str, Tree]:
        """Return the other kind of people in the subject table, unless the answer is `none`."""
        people = tables[names.written(self.found.subject)]
        columns = people["columns"] if isinstance(people, Mapping) else {}
        if not isinstance(columns, Mapping):
            return {}
        found = propose_kind(self.found, self.live, subject, columns)
        return {} if self.say("kinds", _ACCEPT) == "none" else found

    def _identifiers(self) -> list[Tree]:
        """Return every column that identifies a person, of their own row first."""
        kinds = {
            "user.contact.email": "email",
            "user.contact.phone_number": "phone",
            "user.name": "name",
            "user.name.first": "name",
            "user.name.last": "name",
            "user.account.username": "external_id",
            UNIQUE: "external_id",
        }
        identifiers: list[Tree] = []
        for place, taken in self.guesses.items():
            if place.table != self.found.subject:
                continue
            column = self._live(place)
            category: str | None = taken.category
            if place.name in _key_columns(self.live.tables[place.table]):
                # A key that people know: an address, a login.
                category = category_of_name(place.name) if types.is_text(column) else None
            kind = kinds.get(category or "")
            if kind is None or column.is_generated:
                continue
            entry: dict[str, Tree] = {"kind": kind, "column": names.written(place)}
            if taken.category in ("user.name.first", "user.name.last"):
                entry["short"] = "true"
            identifiers.append(entry)
        return identifiers

    def _live(self, place: ColumnName) -> LiveColumn:
        column = self.live.tables[place.table].column(place.name)
        if column is None:
            raise ConfigurationError(f"scaffold: {names.written(place)} does not exist")
        return column

    def _stores(self) -> str:
        files = stores_of(self.guesses, self.live, self.found, self.sample, self.rows)
        if not files:
            return "stores: {}"
        lines = ["stores:", "  media:", "    files:"]
        return "\n".join([*lines, *(f"      - {line}" for line in files)])


def _treatments(table: Tree) -> Mapping[str, Tree]:
    """Return the treatment drafted for each column of a table."""
    columns = table["columns"] if isinstance(table, Mapping) else {}
    return {
        name: settings["erase"]
        for name, settings in (columns.items() if isinstance(columns, Mapping) else ())
        if isinstance(settings, Mapping)
    }


def _key_columns(table: LiveTable) -> frozenset[str]:
    """Return the columns of a table that are part of its key, or of one of another table."""
    return frozenset(table.row_key).union(*(foreign.columns for foreign in table.foreign_keys))


def _is_number(column: LiveColumn) -> bool:
    return types.is_number(column) or column.type == "uuid"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
