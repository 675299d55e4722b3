"""Commands about the redaction engine alone: redact a file, measure it beside stock Presidio."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.comparison import comparison_document, show_comparison
from lacuna.cli.output import say, show_json
from lacuna.cli.progress import Progress
from lacuna.errors import ConfigurationError
from lacuna.ports import Redactor
from lacuna.redaction import (
    OTHER,
    BenchOptions,
    EngineOptions,
    FileJob,
    Obfuscator,
    Profile,
    build_redactor,
    compare,
    drawn,
    engine_options,
    engine_parts,
    machine,
    models_by_language,
    read_corpus,
    redact_file,
)
from lacuna.settings import Settings

bench = typer.Typer(no_args_is_help=True)


class MediaType(StrEnum):
    """What the texts of a file are."""

    PLAIN = "text/plain"
    HTML = "text/html"


class Operator(StrEnum):
    """What happens to a text."""

    REDACT = "redact"
    OBFUSCATE = "obfuscate"


def _language(code: str | None) -> str | None:
    if code is not None and re.fullmatch(r"[a-z]{2}", code) is None:
        raise typer.BadParameter("a language is two lower-case letters (ISO 639-1), such as da")
    return code


def redact(
    source: Annotated[
        Path | None,
        typer.Argument(metavar="INPUT", help="File whose name ends in .jsonl, .parquet or .txt."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Redacted file. An existing file is replaced.")
    ] = None,
    text_column: Annotated[
        str, typer.Option(help="Member or column with the text. The others stay unchanged.")
    ] = "text",
    spans: Annotated[
        bool,
        typer.Option("--spans", help="Write ids, redacted texts and spans as JSON lines instead."),
    ] = False,
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of the texts, ISO 639-1. Default: detected for each text.",
            callback=_language,
        ),
    ] = None,
    media_type: Annotated[MediaType, typer.Option(help="Kind of texts.")] = MediaType.PLAIN,
    profile: Annotated[
        Profile,
        typer.Option(
            help="exact finds what stock Presidio finds; default also finds what stock misses."
        ),
    ] = Profile.DEFAULT,
    operator: Annotated[
        Operator,
        typer.Option(
            help="redact covers what is found; obfuscate covers the whole text with the "
            "same length."
        ),
    ] = Operator.REDACT,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Only print which model reads which language; needs no file."
        ),
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Redact the texts of a file. If one row fails, no output is written.

    Each line of a .txt file is a row. Lacuna does not read other columns; a name in one of them
    stays.
    """
    if explain:
        _explain(_engine(profile), as_json=as_json)
        return
    if source is None or output is None:
        raise ConfigurationError("redact: name INPUT and --output, or --explain alone")
    job = FileJob(source, output, text_column, spans, language, media_type)
    redactor: Redactor = Obfuscator()
    if operator is Operator.REDACT:
        redactor = build_redactor([], _engine(profile))
    report = redact_file(job, redactor, Progress.tell)
    if as_json:
        show_json(
            {
                "rows": report.rows,
                "changed_rows": report.changed_rows,
                "spans": report.spans,
                "rows_without_model": dict(report.unmodelled),
            }
        )
        return
    say(
        f"{report.rows} rows, {report.changed_rows} changed, {report.spans} spans covered: {output}"
    )
    if count := sum(report.unmodelled.values()):
        say(
            f"{count} rows are in a language that no model knows. In these rows Lacuna finds names "
            "by context and by common given names, and guesses the rest."
        )


def _engine(profile: Profile) -> EngineOptions:
    settings = Settings.read()
    return engine_options(
        settings.recognizers,
        profile,
        models=settings.redaction_models,
        encoder=settings.redaction_encoder,
    )


def _explain(engine: EngineOptions, *, as_json: bool) -> None:
    """Print the model of each language, and all parts of the engine with their versions."""
    models, parts = models_by_language(engine), engine_parts(engine)
    if as_json:
        show_json({"models": models, "engine": parts})
        return
    for code, model in models.items():
        say(f"{'other languages' if code == OTHER else code}: {model or 'no model'}")
    say("engine:")
    for part in parts:
        say(f"  {part}")


@bench.command("redaction")
def bench_redaction(
    corpus: Annotated[
        list[Path], typer.Option(help="JSON lines with annotated spans. Can be repeated.")
    ],
    profile: Annotated[
        Profile,
        typer.Option(
            help="exact finds what stock Presidio finds; default also finds what stock misses."
        ),
    ] = Profile.DEFAULT,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Largest number of rows per corpus, drawn by seed.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the rows, ISO 639-1.")] = "en",
    repeat: Annotated[
        int, typer.Option(min=1, help="Passes of the engine. The median counts.")
    ] = 3,
    as_json: PrintJson = False,
) -> None:
    """Compare the engine with stock Presidio: same rows, same run, one core, CPU seconds."""
    corpora = [(path.stem, drawn(read_corpus(path), rows)) for path in corpus]
    options = BenchOptions(_engine(profile), language, repeat)
    documents = []
    if not as_json:
        say(f"Machine: {machine()}")
    for name, drawn_rows in corpora:
        comparison = compare(name, drawn_rows, options)
        documents.append(comparison_document(comparison))
        if not as_json:
            show_comparison(comparison)
    if as_json:
        show_json({"machine": machine(), "profile": profile, "corpora": documents})
