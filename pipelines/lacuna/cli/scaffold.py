"""The command that drafts a data map from a live schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from lacuna.cli.output import say, show_json
from lacuna.datamap import known_by, load, read_answers, sampled, scaffold, subject_of
from lacuna.errors import ConfigurationError
from lacuna.model.run import Role
from lacuna.ports import Passage, Redactor
from lacuna.redaction import build_redactor, engine_options
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.sampled_rows import platform_schemas, rows_with, sample_rows
from lacuna.wiring import open_database, read_settings

_PEOPLE_AT_MOST: Final = 10_000
"""Rows of people that are read because other rows name them."""


class RedactorLabels:
    """Says what the redaction engine finds in texts."""

    def __init__(self, redactor: Redactor) -> None:
        """Ask `redactor`, which knows nobody."""
        self._redactor = redactor

    def labels(self, texts: Sequence[str]) -> list[frozenset[str]]:
        """Redact the texts and keep the labels of what was covered."""
        found = self._redactor.redact([Passage(text, "text/plain") for text in texts])
        return [frozenset(span.label for span in one.spans) for one in found]


def draft(
    output: Annotated[Path, typer.Option(help="Data map to write. It must not exist yet.")],
    answers: Annotated[
        Path | None,
        typer.Option(help="File with answers to the questions, one `about: answer` per line."),
    ] = None,
    schema: Annotated[
        list[str] | None, typer.Option(help="Schema to map. Default: all schemas with tables.")
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="Number of rows to read from each table.")] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Draft a data map from the live schema. Exit 1 while questions are open."""
    if output.exists():
        raise ConfigurationError(f"{output} already exists; choose another name or move the file")
    given = {} if answers is None else read_answers(answers)
    with open_database(read_settings()).transaction(Role.OWNER, is_read_only=True) as connection:
        schemas = tuple(schema or ()) or platform_schemas(connection)
        live = read_live_schema(connection, schemas)
        seen = dict(sample_rows(connection, live, rows))
        people = subject_of(live, given.get("subject"))
        if people is not None and (values := known_by(live, seen, people)):
            named = rows_with(connection, live.tables[people], values, _PEOPLE_AT_MOST)
            seen[people] = list(dict.fromkeys((*seen.get(people, ()), *named)))
    engine = engine_options(read_settings().recognizers)
    made = scaffold(live, sampled(live, seen, RedactorLabels(build_redactor([], engine))), given)
    output.write_text(made.text, encoding="utf-8")
    mapped = load(output)
    if as_json:
        show_json(
            {
                "tables": len(mapped.tables),
                "columns": len(made.guesses),
                "questions": [
                    {"about": one.about, "text": one.text, "proposal": one.proposal}
                    for one in made.questions
                ],
            }
        )
    else:
        say(f"Wrote {output}: {len(mapped.tables)} tables, {len(made.guesses)} columns")
        for one in made.questions:
            say(f"  {one}")
        if made.questions:
            say(
                f"{len(made.questions)} questions are open. Answer them in a file with one "
                "`about: answer` per line and pass it as --answers. `yes` accepts the proposal, "
                "where there is one."
            )
    if made.questions:
        raise typer.Exit(1)
