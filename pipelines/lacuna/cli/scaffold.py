"""The command that drafts a data map from a live schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import say, show_json
from lacuna.datamap import (
    COUNTED,
    draft_tenants,
    known_by,
    load,
    merged,
    needed_rights,
    questionnaire,
    read_answers,
    sampled,
    scaffold,
    subject_of,
)
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap
from lacuna.model.run import Role
from lacuna.ports import Passage, Redactor
from lacuna.redaction import build_redactor, engine_options
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.grant_script import grant_script
from lacuna.stores.postgres.platform_reader import PlatformReader
from lacuna.stores.postgres.sampled_rows import platform_schemas, rows_with, sample_rows
from lacuna.stores.postgres.view_script import REPORTING, view_script
from lacuna.wiring import open_database, read_settings

_PEOPLE_AT_MOST: Final = 10_000
"""Rows of people that are read because other rows name them."""

_REPORTED: Final = "\n".join(
    [
        f"schemas: [{REPORTING}]",
        f"reporting: {{schema: {REPORTING}}}",
        "ignored:",
        *(f"  {REPORTING}.{view}: a view, holds no rows of its own" for view in COUNTED),
    ]
)
"""What a map says of the views that the script makes."""


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
    questions: Annotated[
        Path | None,
        typer.Option(
            help="Also write the open questions as a file of answers, to fill in. It must not exist yet."
        ),
    ] = None,
    schema: Annotated[
        list[str] | None, typer.Option(help="Schema to map. Default: all schemas with tables.")
    ] = None,
    tenants: Annotated[
        Path | None, typer.Option(help="Also draft the file of tenants. It must not exist yet.")
    ] = None,
    grants: Annotated[
        Path | None,
        typer.Option(help="Also write a script with the rights of Lacuna's roles at the tables."),
    ] = None,
    reports: Annotated[
        Path | None,
        typer.Option(help="Also draft the views that the marts count. It must not exist yet."),
    ] = None,
    rows: Annotated[int, typer.Option(min=0, help="Number of rows to read from each table.")] = 200,
    as_json: PrintJson = False,
) -> None:
    """Draft a data map from the live schema. Exit 1 while questions are open."""
    for path in (output, questions, tenants, grants, reports):
        if path is not None and path.exists():
            raise ConfigurationError(f"{path} already exists; choose another name or move the file")
    given = {} if answers is None else read_answers(answers)
    settings = read_settings()
    with open_database(settings).transaction(Role.OWNER, is_read_only=True) as connection:
        schemas = tuple(schema or ()) or platform_schemas(connection)
        live = read_live_schema(connection, schemas)
        seen = dict(sample_rows(connection, live, rows))
        people = subject_of(live, given.get("subject"))
        if people is not None and (values := known_by(live, seen, people)):
            named = rows_with(connection, live.tables[people], values, _PEOPLE_AT_MOST)
            seen[people] = list(dict.fromkeys((*seen.get(people, ()), *named)))
    engine = engine_options(
        settings.recognizers,
        models=settings.redaction_models,
        encoder=settings.redaction_encoder,
    )
    made = scaffold(live, sampled(live, seen, RedactorLabels(build_redactor([], engine))), given)
    output.write_text(made.text, encoding="utf-8")
    mapped = load(output)
    if reports is not None:
        reports.write_text(view_script(mapped, live), encoding="utf-8")
        output.write_text(merged(made.text, _REPORTED), encoding="utf-8")
        mapped = load(output)
    if questions is not None:
        questions.write_text(questionnaire(made.questions), encoding="utf-8")
    if tenants is not None:
        tenants.write_text(draft_tenants(_tenants(mapped)), encoding="utf-8")
    if grants is not None:
        grants.write_text(grant_script(needed_rights(mapped)), encoding="utf-8")
    if as_json:
        show_json(
            {
                "tables": len(mapped.tables),
                "columns": len(made.guesses),
                "questions": [
                    {"about": one.about, "text": one.whole, "proposal": one.proposal}
                    for one in made.questions
                ],
            }
        )
    else:
        say(f"Wrote {output}: {len(mapped.tables)} tables, {len(made.guesses)} columns")
        for one in made.questions if questions is None else ():
            say(f"  {one}")
        if made.questions and questions is None:
            say(
                f"{len(made.questions)} questions are open. Answer them in a file with one "
                "`about: answer` per line and pass it as --answers. `yes` accepts the proposal, "
                "where there is one."
            )
        elif made.questions:
            say(
                f"{len(made.questions)} questions are open. They are in {questions}: answer them "
                f"there, then pass it as --answers, with another --output"
            )
    if made.questions:
        raise typer.Exit(1)


def _tenants(datamap: DataMap) -> Sequence[str]:
    """Return the tenants that have people."""
    if datamap.only_tenant or datamap.tables[datamap.subject.table].is_shared:
        return [datamap.only_tenant or "main"]
    with open_database(read_settings()).transaction(Role.OWNER, is_read_only=True) as connection:
        return PlatformReader(connection, datamap).tenants()
