"""Commands about the redaction engine alone: measure it beside stock Presidio."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.comparison import comparison_document, show_comparison
from pipelines.cli.output import say, show_json
from pipelines.redaction import BenchOptions, Profile, compare, drawn, machine, read_corpus

bench = typer.Typer(no_args_is_help=True)


@bench.command("redaction")
def bench_redaction(
    corpus: Annotated[
        list[Path], typer.Option(help="JSON lines with marked spans; give several together.")
    ],
    profile: Annotated[
        Profile, typer.Option(help="exact: what stock Presidio finds; default: and what it misses.")
    ] = Profile.DEFAULT,
    rows: Annotated[
        int | None, typer.Option(min=1, help="At most so many rows of each corpus, drawn by seed.")
    ] = None,
    language: Annotated[str, typer.Option(help="Language of the rows, ISO 639-1.")] = "en",
    repeat: Annotated[
        int, typer.Option(min=1, help="Passes of the engine; the median counts.")
    ] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Compare the engine with stock Presidio: same rows, same run, one core, CPU seconds."""
    corpora = [(path.stem, drawn(read_corpus(path), rows)) for path in corpus]
    options = BenchOptions(profile, language, repeat)
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
