"""The data dictionary of the marts, generated from their declarations."""

from collections.abc import Sequence

from lacuna.model.mart import Mart

_AROUND = (
    ("org_id", "tenant"),
    ("period", "ISO 8601 day, week or month, or a range of them"),
    ("first_day", "first day of the period"),
    ("last_day", "last day of the period, included"),
    ("is_merged", "whether the row merges groups that were too small"),
    ("policy_version", "version of the protection rules"),
)


def dictionary(marts: Sequence[Mart]) -> str:
    """Return the dictionary as Markdown: each mart with its columns, ratios and sources."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `sql/reporting/<mart>/metadata.yaml`. Every mart also has these columns:",
        "",
        "| column | meaning |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in _AROUND),
        "",
    ]
    for mart in marts:
        lines += [
            f"## {mart.name}",
            "",
            mart.purpose,
            "",
            f"- Owner: {mart.owner}",
            f"- Counts: {mart.unit}; at least {mart.people} in a row"
            + (f", and {mart.agents} agents" if mart.agents else ""),
            f"- Calendar: {mart.calendar}",
            f"- Sources: {', '.join(f'`{source}`' for source in mart.sources)}",
        ]
        if mart.replaces:
            lines.append(f"- Replaces: {', '.join(f'`{table}`' for table in mart.replaces)}")
        lines += ["", "| column | unit | meaning |", "|---|---|---|"]
        lines += [f"| `{each.name}` | | {each.definition} |" for each in mart.dimensions]
        lines += [f"| `{each.name}` | {each.unit} | {each.definition} |" for each in mart.measures]
        if mart.means or mart.shares:
            lines += ["", "| ratio | is | meaning |", "|---|---|---|"]
            lines += [
                f"| `{mean.name}` | `{mean.total} / {mean.count}` | {mean.definition} |"
                for mean in mart.means
            ]
            lines += [
                f"| `{share.name}` | `{share.part} / {share.whole}` | {share.definition}"
                + (f" Published in `{share.published_in}`" if share.published_in else "")
                + " |"
                for share in mart.shares
            ]
        lines.append("")
    return "\n".join(lines)


def column_comments(marts: Sequence[Mart]) -> str:
    """Return the SQL that comments the marts' tables and columns in the database."""

    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    lines = []
    for mart in marts:
        lines.append(f"comment on table reporting.{mart.name} is {quoted(mart.purpose)};")
        for name, meaning in _AROUND:
            place = f"reporting.{mart.name}.{name}"
            lines.append(
                f"comment on column {place} is {quoted(meaning[0].upper() + meaning[1:] + '.')};"
            )
        for dimension in mart.dimensions:
            place = f"reporting.{mart.name}.{dimension.name}"
            lines.append(f"comment on column {place} is {quoted(dimension.definition)};")
        for measure in mart.measures:
            place = f"reporting.{mart.name}.{measure.name}"
            meaning = f"{measure.definition} Unit: {measure.unit}."
            lines.append(f"comment on column {place} is {quoted(meaning)};")
    return "\n".join(lines) + "\n"
