"""A plan as people read it, and as machines do."""

import json
from collections.abc import Sequence
from typing import assert_never

from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    JoinRows,
    LinkTombstone,
    Plan,
    Rectify,
    RectifyCopies,
    RectifyObjects,
    RedactMentions,
    RedactText,
    RefreshView,
    Restrict,
    Retain,
    RewriteObjects,
    Step,
    WriteBundle,
)
from lacuna.plan.digest import as_mapping


def render(plan: Plan) -> str:
    """Return the dry run: one numbered line a step, counts, what stays and why.

    The plan's digest is over it: what was read is what is approved.
    """
    rights = ", ".join(plan.kinds)
    lines = [f"Plan for request {plan.request_id}: {rights}; covers one {plan.level}"]
    lines += [f"{number}. {_sentence(step)}" for number, step in enumerate(plan.steps, start=1)]
    if not plan.steps:
        lines.append("Nothing was found. There is nothing to do.")
    if any(isinstance(step, RectifyCopies | RectifyObjects) for step in plan.steps):
        lines.append(
            "Texts that people wrote are not rewritten. The certificate counts the places."
        )
    lines.append(f"Rows changed or deleted in the platform: {plan.total_rows}")
    return "\n".join(lines) + "\n"


def as_json(plan: Plan) -> str:
    """Return the steps as a JSON array, for the queue and for `lacuna plan --json`."""
    return json.dumps([as_mapping(step) for step in plan.steps], sort_keys=True)


def _sentence(step: Step) -> str:
    match step:
        case JoinRows(table, rule, rows):
            return f"find further rows of {table} for the same person, rows: {rows}: {rule}"
        case AnonymizeRows(table, treatments, rows):
            named = ", ".join(f"{column} ({treatment})" for column, treatment in treatments)
            return f"anonymize {table}, rows: {rows}: {named or 'mark as erased'}"
        case RedactText(table, columns, rows, is_whole=True):
            return (
                f"obfuscate text of {table} as a whole, because nothing says what the person is "
                f"called, rows: {rows}: {', '.join(columns)}"
            )
        case RedactText(table, columns, rows):
            return f"redact text of {table}, rows: {rows}: {', '.join(columns)}"
        case RedactMentions(table, columns, rows):
            return (
                f"redact mentions in other people's rows of {table}, rows: {rows}: "
                f"{', '.join(columns)}"
            )
        case EmptyFiles(table, columns, rows):
            return (
                f"empty files that name the person in other people's rows of {table}, rows: {rows}: "
                f"{', '.join(columns)}"
            )
        case LinkTombstone(table, links, rows):
            return (
                f"point links to the tombstone contact of {table}, which all erased people share, "
                f"rows at most: {rows}: {', '.join(links)}"
            )
        case DeleteRows(table, rows):
            return f"delete rows of {table}, rows: {rows}"
        case RefreshView(table, rows):
            return f"refresh {table}, rows of the person in it: {rows}"
        case DeleteObjects(store, rows, byte_count, missing, others):
            absent = f", already absent: {missing}" if missing else ""
            theirs = f"; rows of others that lose one: {_counted(others)}" if others else ""
            return (
                f"delete objects of {store}, objects: {rows}, bytes: {byte_count}{absent}{theirs}"
            )
        case RewriteObjects(store, pattern, rows):
            return f"rewrite objects of {store}/{pattern} without the person, objects: {rows}"
        case Rectify(table, columns, rows, _):
            return f"correct {', '.join(columns)} in {table}, rows: {rows}"
        case RectifyCopies(table, columns, rows, _):
            return f"correct copies in {table}, rows: {rows}: {_counted(columns)}"
        case RectifyObjects(store, pattern, columns, rows, _):
            return f"correct copies in {store}/{pattern}, objects: {rows}: {_counted(columns)}"
        case Restrict(kind):
            return f"mark the person for {kind}: sweeps and reporting exclude them"
        case WriteBundle(kinds, rows, objects):
            return f"write the bundle for {', '.join(kinds)}, rows: {rows}, objects: {objects}"
        case Retain(location, ground, rows):
            return f"retain {location}, rows: {rows}, ground: {ground}"
        case _:
            assert_never(step)


def _counted(columns: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{column} ({rows} rows)" for column, rows in columns)
