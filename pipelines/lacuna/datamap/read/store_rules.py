"""What must hold of the files and the retention rules of a data map."""

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import MapDraft
from lacuna.model.datamap import ObjectFormat
from lacuna.model.object_source import rule_parts
from lacuna.model.treatment import Mention, Treatment


def check_files(draft: MapDraft) -> None:
    """Report file patterns that lead nowhere, or whose files cannot be treated so."""
    for store in draft.stores.values():
        seen: list[str] = []
        for files in store.files:
            where = f"store {store.name}: {files.pattern}"
            if files.pattern in seen:
                draft.problem(("store", store.name), f"{where} occurs twice")
            elif covers := [one for one in seen if _covers(one, files.pattern)]:
                draft.problem(
                    ("store", store.name),
                    f"{where} is never reached, because every file that it fits fits {covers[0]}, "
                    f"which comes first; put {files.pattern} before it",
                )
            seen.append(files.pattern)
            if files.table is not None and not draft.has_table(files.table):
                draft.problem(
                    ("store", store.name),
                    f"{where} names {names.written(files.table)}, which is not in the map",
                )
            for column in (part.column for part in rule_parts(files.named)):
                if column and files.table and not draft.has_column(files.table, column):
                    draft.problem(
                        ("store", store.name),
                        f"{where} is named by {column}, which {names.written(files.table)} does "
                        "not have",
                    )
            if files.mention is Mention.EMPTY:
                draft.problem(
                    ("store", store.name),
                    f"{where}: mention: empty is for a column of bytes; write mention: "
                    "delete_object or refuse",
                )
            if files.mention is Mention.REDACT and files.format in (
                ObjectFormat.BINARY,
                ObjectFormat.MAIL,
            ):
                draft.problem(
                    ("store", store.name),
                    f"{where}: spans of a {files.format} file cannot be covered; write mention: "
                    "delete_object or refuse",
                )


def _covers(pattern: str, other: str) -> bool:
    """Whether a pattern fits whatever another one fits, as far as its beginning alone tells.

    >>> _covers("photos/**", "photos/old/*.png"), _covers("photos/*.png", "photos/old/*.png")
    (True, False)
    """
    folder = pattern.rstrip("*")
    is_beginning = folder != pattern and not set(folder) & set("*?[")
    return is_beginning and other.startswith(folder)


def check_sweeps(draft: MapDraft) -> None:
    """Report retention rules that could treat nothing."""
    for rule in draft.sweeps:
        place = ("sweep", rule.name)
        where = f"sweep {rule.name}"
        table = draft.tables.get(rule.table)
        if table is None:
            draft.problem(place, f"{where}: {names.written(rule.table)} is not in the map")
        elif rule.table not in draft.broken and not any(
            column.is_text and column.erasure.treatment is Treatment.REDACT
            for column in table.columns
        ):
            draft.problem(
                place, f"{where}: {names.written(rule.table)} has no text with erase: redact"
            )
        if not draft.has_column(rule.closed.table, rule.closed.name):
            draft.problem(place, f"{where}: {names.written(rule.closed)} is not in the map")
        elif table is not None and rule.table not in draft.reaching(rule.closed.table):
            draft.problem(
                place,
                f"{where}: no link leads from {names.written(rule.table)} to "
                f"{names.written(rule.closed.table)}",
            )
        if rule.after_days < 1:
            draft.problem(place, f"{where}: after_days must be at least 1")
