"""The data dictionary of the marts, generated from their declarations."""

from collections.abc import Sequence

from lacuna.marts import COMMON_COLUMNS
from lacuna.model.mart import Mart


def dictionary(marts: Sequence[Mart]) -> str:
    """Return the dictionary as Markdown: each mart with its columns, ratios and sources."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from the `metadata.yaml` of each mart. Every mart also has these columns:",
        "",
        "| column | meaning |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in COMMON_COLUMNS),
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
