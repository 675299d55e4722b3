"""Drafts a data map from a live schema: what is sure is proposed, what is not is asked.

1. How the tables hang together (`structure`), what each column holds (`category_proposal`).
2. What an erasure does to each, by what it holds and what its constraints allow (`treatment_proposal`).
3. Questions for whatever a machine cannot know or was not sure of (`questions`), few for many
   columns (`doubts`); answers, one line each, take the place of proposals.

The result passes the strict loader. While a question stands in it, no flow runs on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lacuna.datamap import names, types
from lacuna.datamap.read.strict_yaml import read_flow
from lacuna.datamap.scaffold.category_proposal import OPERATIONS, SURE, Guess, guess, words
from lacuna.datamap.scaffold.doubts import (
    GUESSED,
    MADE,
    UNREACHED,
    ColumnDoubts,
    GroupedDoubts,
    made_only,
    shape,
)
from lacuna.datamap.scaffold.kind_proposal import propose_kind
from lacuna.datamap.scaffold.level_proposal import ask_of_levels, propose_levels
from lacuna.datamap.scaffold.member_proposal import ask_of_agents
from lacuna.datamap.scaffold.people_tables import guess_subject
from lacuna.datamap.scaffold.questions import (
    ACCEPT,
    MUST_SAY,
    RECORD,
    UNANSWERED,
    Question,
    Questionnaire,
)
from lacuna.datamap.scaffold.reference_proposal import propose_references
from lacuna.datamap.scaffold.row_proposal import RowProposal, propose_rows
from lacuna.datamap.scaffold.structure import Sample, Structure, find_structure
from lacuna.datamap.scaffold.subject_proposal import propose_subject
from lacuna.datamap.scaffold.sweep_proposal import propose_sweeps
from lacuna.datamap.scaffold.table_keys import surroundings_of
from lacuna.datamap.scaffold.tenant_proposal import SHARED, columns_of, said_tenant, tenant_of
from lacuna.datamap.scaffold.tombstone_proposal import tombstone_settings
from lacuna.datamap.scaffold.treatment_proposal import (
    ColumnPlace,
    erasure_of,
    file_patterns,
    may_hold_text,
    named_files,
    settings_of,
)
from lacuna.datamap.suggestion import MapTree, fragment, label_of, links_tree
from lacuna.errors import ConfigurationError
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveSchema, LiveTable, TableKind
from lacuna.model.table import ROW_ADDRESS
from lacuna.model.treatment import RowErasure

_CERTAIN: Final = 0.9
"""A key, or what tells rows apart."""
_DELETED: Final = "deleted"
_OF_ROWS: Final = "yes: they are deleted; keep: they stay; for one table: a line schema.table: keep"
_OF_PEOPLE: Final = Question(
    "people",
    "Which rows of which table are the people?",
    "",
    "another: yes, and a line such as subject: schema.table",
)
_OF_RECORD: Final = Question(
    "record",
    "Why is data processed, by which basis of Art. 6(1), until when, who receives it, and how many "
    "days are backups kept?",
    "",
    "named in bundles and certificates; nothing is deleted by it. Another: yes, and a line "
    "`backup_days: 30` beside it",
)
_UNSEEN: Final = "no-file-seen"
_SHARED_TABLES: Final = "shared"
_OF_TENANTS: Final = (
    "yes: people of every tenant are looked for there; one table by a line of its own: "
    "schema.table.tenant with a column, or with the name of a tenant"
)


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
        self.live, self.sample = live, sample
        self.asked = Questionnaire(answers)
        self.doubts = GroupedDoubts(self.asked)
        self.guesses: dict[ColumnName, Guess] = {}
        self.rows: dict[TableName, RowErasure] = {}
        self.deleted: dict[str, str] = {}
        self.shared: list[str] = []
        proposed = guess_subject(live)
        said = self.asked.say("subject", "" if proposed is None else names.written(proposed))
        subject = next((name for name in live.tables if names.written(name) == said), None)
        if subject is None:
            raise ConfigurationError(
                "scaffold: no table looks like a table of people, or the answer 'subject' names "
                "none; write the answer as schema.table"
            )
        members = ask_of_agents(live, sample, subject, self.asked)
        self.found: Structure = find_structure(live, sample, subject, members)
        propose_levels(live, sample, self.found)
        self._ask_of_people()

    def draft(self) -> Scaffold:
        labels = {
            about: self.asked.ask(Question(about, *asked)) or UNANSWERED.get(about, "unknown")
            for about, asked in MUST_SAY.items()
        }
        record = self.asked.ask_together(_OF_RECORD, RECORD)
        found, only = self.found, self._only_tenant()
        ask_of_levels(self.live, found, self.asked)
        self.made = made_only(found)
        propose_references(found, self.live, self.asked)
        for table in self.live.tables.values():
            if table.kind in (TableKind.PARTITION, TableKind.VIEW):
                continue
            around = surroundings_of(table, found)
            for column in table.columns:
                seen = self.sample.of(table.name, column.name)
                self.guesses[ColumnName(table.name, column.name)] = guess(column, seen, around)
        tables, ignored = self._tables()
        self._ask_of_tables()
        parts: list[str] = []
        subject = propose_subject(found, self.live, self.guesses)
        kinds = self._kinds(subject, tables)
        subject = {**subject, **self._tombstone(tables)}
        stores = self._stores()
        sweeps = propose_sweeps(self.live, found, tables, self.asked)
        if unknown := self.asked.unknown():
            raise ConfigurationError(
                f"scaffold: {len(unknown)} answers match no question: {', '.join(unknown)}; "
                f"known: {', '.join(sorted([*MUST_SAY, *RECORD]))}, tables and columns"
            )
        for key in ("name", "controller", "dpo", "authority"):
            parts.append(fragment(key, value=labels[key]))
        parts.append(fragment("version", value="1"))
        parts.append(fragment("schemas", value=sorted(self.live.schemas)))
        if only:
            parts.append(fragment("only_tenant", value=only))
        parts.append(fragment("longest_backup_days", value=record["backup_days"]))
        if self.asked.open:
            texts = [str(one) for one in self.asked.open]
            parts.append("\n".join(["questions:", *(f"  - {_quoted(text)}" for text in texts)]))
        recipients = (
            []
            if record["recipients"] == "none"
            else [one.strip() for one in record["recipients"].split(",")]
        )
        processing: dict[str, MapTree] = {
            "purpose": record["purpose"],
            "lawful_basis": record["basis"],
            "retention": record["retention"],
            "recipients": recipients,
        }
        parts.append(fragment("processings", "support", value=processing))
        parts.append(fragment("subject", value=subject))
        if kinds:
            parts.append(fragment("kinds", value=kinds))
        parts.append(fragment("tables", value=tables))
        if ignored:
            parts.append(fragment("ignored", value=ignored))
        parts += [stores, fragment("sweeps", value=sweeps)]
        return Scaffold("\n\n".join(parts) + "\n", self.guesses, tuple(self.asked.open))

    def _only_tenant(self) -> str:
        if self.found.tenant:
            return ""
        return self.asked.ask(
            Question(
                "tenant",
                "What is the one organization called?",
                "main",
                "in commands and in the file of tenants",
            )
        )

    def _ask_of_people(self) -> None:
        proposed = {"subject": names.written(self.found.subject)}
        if self.found.where is not None:
            proposed["where"] = " = ".join(self.found.where)
        said = self.asked.ask_together(_OF_PEOPLE, proposed)
        if self.found.where is not None:
            column, _, value = said["where"].partition("=")
            self.found.where = (column.strip(), value.strip())

    # --- tables ---

    def _tables(self) -> tuple[dict[str, MapTree], dict[str, MapTree]]:
        """Return the entries of tables, and what is ignored."""
        tables: dict[str, MapTree] = {}
        ignored: dict[str, MapTree] = {}
        for table in self.live.tables.values():
            written = names.written(table.name)
            if table.kind is TableKind.PARTITION:
                continue
            if table.kind is TableKind.VIEW:
                ignored[written] = self.asked.say(written, "a view without rows of its own")
            else:
                tables[written] = self._table(table)
        for table in self.live.tables.values():
            for trigger in table.triggers:
                ignored.update(self._trigger(names.written(trigger.function)))
        return tables, ignored

    def _ask_of_tables(self) -> None:
        """Put the questions that are about many tables at once."""
        self.asked.given(_DELETED)
        if self.deleted:
            alike: dict[str, list[str]] = {why: [] for why in self.deleted.values()}
            for table, why in sorted(self.deleted.items()):
                alike[why].append(table)
            listed = "; ".join(f"{', '.join(some)} ({why})" for why, some in alike.items())
            text = f"May rows of {len(self.deleted)} tables go with their person? {listed}"
            self.asked.ask(Question(_DELETED, text, str(RowErasure.DELETE), _OF_ROWS))
        self.asked.given(_SHARED_TABLES)
        if self.shared:
            text = (
                f"No column and no link names the tenant of {len(self.shared)} tables. Do all "
                f"tenants share their rows? {', '.join(sorted(self.shared))}"
            )
            self.asked.ask(Question(_SHARED_TABLES, text, SHARED, _OF_TENANTS))
        self.doubts.ask()

    def _rows(self, table: LiveTable) -> RowErasure:
        """Return how a person's rows are erased, decided once, after the tables to which they point."""
        if table.name in self.rows:
            return self.rows[table.name]
        # A circle of links is the loader's to report.
        self.rows[table.name] = RowErasure.KEEP
        proposed = propose_rows(table, self.found, self.sample, self.guesses, self._gone(table))
        written = names.written(table.name)
        if proposed.rows is RowErasure.DELETE and self._counts(table):
            said = self.asked.ask(
                Question(
                    written,
                    "Its rows are deleted, and with them what they count, because their link to the "
                    "person may not be NULL and cannot point to a tombstone contact: it is unique, "
                    "or too narrow for a key that Lacuna creates. Change it by a migration, then "
                    "draft again?",
                    str(proposed.rows),
                    "yes: they are deleted",
                )
            )
        else:
            said = self._said_rows(written, proposed)
        self.rows[table.name] = RowErasure(said)
        return self.rows[table.name]

    def _said_rows(self, written: str, proposed: RowProposal) -> str:
        """Return the answer about a table's rows, alone or with others that are deleted."""
        own = self.asked.given(written)
        if proposed.rows is not RowErasure.DELETE or own not in (None, ACCEPT):
            return str(proposed.rows) if own in (None, ACCEPT) else str(own)
        said = own or self.asked.given(_DELETED)
        if said is None:
            self.deleted[written] = proposed.why
        return str(proposed.rows) if said in (None, ACCEPT) else str(said)

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

    def _table(self, table: LiveTable) -> MapTree:
        links = self.found.links.get(table.name, [])
        rows = self._rows(table)
        key: Sequence[str] = table.row_key
        if not key:
            key = (
                (table.columns[0].name,)
                if table.kind is TableKind.MATERIALIZED_VIEW
                else (ROW_ADDRESS,)
            )
        entry: dict[str, MapTree] = {
            "processing": "support",
            "key": key[0] if len(key) == 1 else key,
        }
        if self.found.tenant:
            entry["tenant"] = self._tenant(table)
        if links and table.name != self.found.subject:
            entry["links"] = links_tree(links)
        if references := self.found.references.get(table.name):
            entry["references"] = references
        columns: dict[str, MapTree] = {}
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
        if any(isinstance(one, Mapping) and "meaning" in one for one in columns.values()):
            entry["label"] = label_of(table.name.name)
        return {**entry, "columns": columns}

    def _tenant(self, table: LiveTable) -> MapTree:
        about = f"{names.written(table.name)}.tenant"
        proposed = tenant_of(table, self.live, self.found, self._gone(table))
        if proposed is not None:
            said = self.asked.say(about, "")
            return said_tenant(said, table) if said else proposed
        answer = self.asked.given(about) or self.asked.given(_SHARED_TABLES)
        if answer is None:
            self.shared.append(names.written(table.name))
        return said_tenant(SHARED if answer in (None, ACCEPT) else answer, table)

    def _column(self, place: ColumnPlace, here: str, key: tuple[str, ...]) -> MapTree:
        name = ColumnName(place.table.name, place.column.name)
        taken = self.guesses[name]
        told_apart = self.found.telling_apart()
        if taken.confidence < SURE and name in told_apart.values():
            taken = replace(taken, category=OPERATIONS, why="names of states or kinds of rows")
        if place.column.name not in key and self._is_unsure(place, taken):
            seen = self.sample.of(name.table, name.name)
            table = names.written(place.table.name)
            is_bytes = types.is_bytes(place.column)
            form = shape(place.column, seen)
            doubt = ColumnDoubts(table, here, form, taken, is_bytes, seen.are_encoded)
            answer = self.doubts.settle(doubt, self._group(place, taken))
        else:
            answer = self.asked.say(here, taken.category)
            self.asked.given(f"{names.written(place.table.name)}.*")
        category, _, written = answer.partition(" ")
        erase = read_flow(written, here) if written.strip() else erasure_of(place, category, key)
        settings = settings_of(place, category, erase)
        if name not in told_apart:
            return settings
        lookup = told_apart[name]
        named = [] if lookup is None else self.sample.names_in(lookup)
        labels = list(place.column.labels or place.column.allowed) or named
        return {**settings, "values": labels} if labels else settings

    def _is_unsure(self, place: ColumnPlace, taken: Guess) -> bool:
        """Whether somebody has to say it: nothing that may hold personal data stays unasked."""
        return taken.confidence < SURE or (
            taken.category == OPERATIONS
            and taken.confidence < _CERTAIN
            and place.table.name not in self.found.others
            and may_hold_text(place)
        )

    def _group(self, place: ColumnPlace, taken: Guess) -> str | None:
        """Return the question that settles a column with those of other tables; None for none."""
        if place.table.name in self.made:
            return MADE
        if not place.leads and (taken.confidence >= SURE or not taken.is_personal):
            return UNREACHED
        return GUESSED if taken.is_personal else None

    def _trigger(self, function: str) -> Mapping[str, str]:
        reason = self.asked.given(function)
        return {} if reason is None else {function: reason}

    # --- the people ---

    def _tombstone(self, tables: Mapping[str, MapTree]) -> Mapping[str, MapTree]:
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

    def _kinds(
        self, subject: Mapping[str, MapTree], tables: Mapping[str, MapTree]
    ) -> Mapping[str, MapTree]:
        """Return the other kind of people in the subject table, unless the answer is `none`."""
        people = tables[names.written(self.found.subject)]
        columns = people["columns"] if isinstance(people, Mapping) else {}
        if not isinstance(columns, Mapping):
            return {}
        found = propose_kind(self.found, self.live, subject, columns)
        return {} if self.asked.say("kinds", ACCEPT) == "none" else found

    def _stores(self) -> str:
        paths = named_files(self.guesses, self.live, self.found, self.sample, self.rows)
        files = file_patterns(paths, self._pattern)
        if not files:
            return "stores: {}"
        lines = ["stores:", "  media:", "    files:"]
        return "\n".join([*lines, *(f"      - {line}" for line in files)])

    def _pattern(self, table: TableName, beside: str) -> str:
        """Return the pattern of a table's files, of which none was seen.

        Args:
            beside: the folder of other tables' files, whose patterns come first; empty for none.
        """
        about = f"{names.written(table)}.files"
        if beside:
            return self.asked.say(about, beside)
        said = self.asked.ask(
            Question(
                about,
                "It can name files, and no row that was looked at does. Where do they lie?",
                _UNSEEN,
                "folder/**: files there are deleted with the rows that name them; yes: nobody knows "
                "yet, and a file in the store stops a run until a pattern matches it",
            )
        )
        return f"{_UNSEEN}/{words(table.name)}/**" if said == _UNSEEN else said


def _treatments(table: MapTree) -> Mapping[str, MapTree]:
    """Return the treatment drafted for each column of a table."""
    columns = table["columns"] if isinstance(table, Mapping) else {}
    return {
        name: settings["erase"]
        for name, settings in (columns.items() if isinstance(columns, Mapping) else ())
        if isinstance(settings, Mapping)
    }


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
