"""The command that writes a data map for a help desk that Lacuna knows."""

from pathlib import Path
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import say, show_json
from lacuna.datamap import NamedNumbers, lookup_columns
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap
from lacuna.model.run import Role
from lacuna.packs import (
    FILES,
    MAP,
    NewMap,
    Pack,
    PackMatch,
    find_pack,
    match,
    new_map,
    pack_names,
    unmatched,
)
from lacuna.settings import Settings
from lacuna.stores.postgres.catalog import read_live_schema
from lacuna.stores.postgres.platform_reader import PlatformReader
from lacuna.wiring import open_database, read_settings


def init(
    name: Annotated[str, typer.Argument(metavar="PACK", help=f"One of {', '.join(pack_names())}.")],
    output: Annotated[Path, typer.Option(help="Folder to write to.")],
    files: Annotated[
        str | None,
        typer.Option(help="Folder or bucket (s3://…) in which the platform keeps its files."),
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="Version of the platform. Default: the one that fits best.")
    ] = None,
    controller: Annotated[
        str | None, typer.Option(help="Name and postal address of the controller.")
    ] = None,
    dpo: Annotated[
        str | None, typer.Option(help="E-mail address of the data protection officer.")
    ] = None,
    authority: Annotated[str | None, typer.Option(help="The supervisory authority.")] = None,
    as_json: PrintJson = False,
) -> None:
    """Write the data map of a known help desk. Exit 1 if the database differs or a question is open.

    The database is read, and compared with the pack, if LACUNA_DATABASE_URL is set.
    """
    pack, settings = find_pack(name), read_settings()
    given = {"controller": controller, "dpo": dpo, "authority": authority}
    is_compared = settings.database_url is not None
    matched = _matched(pack, settings, version) if is_compared else unmatched(pack, version)
    address = files if files and "://" in files else None
    made = new_map(pack, matched, {key: each for key, each in given.items() if each}, address)
    links = {} if files is None or address else _links(made.datamap, settings, Path(files))
    _write(output, {MAP: made.text, **{file: pack.texts[file] for file in FILES}})
    for link, folder in links.items():
        link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        link.symlink_to(folder, target_is_directory=True)
    if as_json:
        show_json(_document(pack, matched, made, is_compared=is_compared))
    else:
        _say(pack, matched, made, output, is_compared=is_compared)
    if made.questions or matched.differences:
        raise typer.Exit(1)


def _matched(pack: Pack, settings: Settings, version: str | None) -> PackMatch:
    schemas = pack.load_map(pack.texts[MAP]).schemas
    with open_database(settings).transaction(Role.OWNER, is_read_only=True) as connection:
        live = read_live_schema(connection, schemas)

        def numbers(datamap: DataMap) -> NamedNumbers:
            reader = PlatformReader(connection, datamap)
            return {
                column: reader.keys_by_name(column)
                for column in lookup_columns(datamap)
                if column.table in live.tables and live.tables[column.table].column(column.name)
            }

        return match(pack, live, numbers, version)


def _links(datamap: DataMap, settings: Settings, folder: Path) -> dict[Path, Path]:
    """Return the links by which the map's stores lead to the platform's folder."""
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is no folder; name the one with the platform's files")
    if not datamap.stores:
        raise ConfigurationError(
            "this platform keeps no files beside its database; leave out --files"
        )
    links = {}
    for store in datamap.stores:
        link = settings.absolute_home / store
        if link.resolve() == folder.resolve():
            continue
        if link.is_symlink() or link.exists():
            raise ConfigurationError(
                f"{link} already exists and is not the folder given with --files; move it away"
            )
        links[link] = folder.resolve()
    return links


def _write(output: Path, texts: dict[str, str]) -> None:
    there = [output / file for file in texts if (output / file).exists()]
    if there:
        raise ConfigurationError(
            f"{there[0]} already exists ({len(there)} of {len(texts)} files); choose another folder"
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            (output / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output}: cannot be written ({error.strerror})") from None


def _say(pack: Pack, matched: PackMatch, made: NewMap, output: Path, *, is_compared: bool) -> None:
    say(f"Wrote {output}: {', '.join((MAP, *FILES))}")
    say(f"Pack: {pack.platform} {matched.variant.version}, {len(made.datamap.tables)} tables")
    if not is_compared:
        say("Compared with no database, because LACUNA_DATABASE_URL is not set")
    elif matched.is_same:
        say("The schema is the one that the pack was made for")
    else:
        say(
            f"The schema is not exactly {matched.variant.about}, the nearest that the pack knows. "
            f"Differences: {len(matched.differences)}. Added to the platform: {len(matched.added)}. "
            "Types of columns, and whether they may be empty, are compared but not listed."
        )
    for one in matched.differences:
        say(f"  {one.location}: {one.problem}")
    if made.questions:
        say(f"Decide in {output / MAP}, and remove each question there when it is decided:")
        for question in made.questions:
            say(f"  {question}")
    say(f"Next: read {output / 'NOTES.md'}. Then:")
    for step in _steps(made.datamap, output):
        say(f"  {step}")


def _steps(datamap: DataMap, output: Path) -> tuple[str, ...]:
    reports = f"psql --file {output / 'reporting.sql'} DATABASE"
    return (
        f"export LACUNA_DATAMAP={output.resolve() / MAP}",
        f"export LACUNA_TENANTS={output.resolve() / 'tenants.yaml'}",
        *((reports,) if datamap.reporting else ()),
        "lacuna up",
        "lacuna datamap check",
        "lacuna datamap prove",
    )


def _document(
    pack: Pack, matched: PackMatch, made: NewMap, *, is_compared: bool
) -> dict[str, object]:
    return {
        "pack": pack.name,
        "version": matched.variant.version,
        "compared": is_compared,
        "same_schema": matched.is_same,
        "tables": len(made.datamap.tables),
        "added": [one.location for one in matched.added],
        "differences": [
            {"location": one.location, "kind": str(one.kind), "problem": one.problem}
            for one in matched.differences
        ],
        "questions": list(made.questions),
    }
