"""The pages of the reference, written from the code: commands, DAGs, tables, lists, marts, errors, modules."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import typer
import yaml

from lacuna import errors
from lacuna.cli.app import application
from lacuna.cli.command_tree import made_readable
from lacuna.flows.run.figures import MEANINGS

_ROOT: Final = Path(__file__).resolve().parent.parent
_TEXT: Final = r"'((?:[^']|'')*)'"
_MODULES: Final = {
    "lacuna.redaction": "Redact texts",
    "lacuna.datamap": "Read, check and draft data maps",
    "lacuna.marts": "Read the declarations of marts",
    "lacuna.evidence": "Certificates, checkpoints and the ledger",
}
_MAP: Final = {
    "lacuna.model.datamap": "The map",
    "lacuna.model.table": "Tables and columns",
    "lacuna.model.treatment": "Treatments",
    "lacuna.model.processing": "Processings and recipients",
    "lacuna.model.consent": "Consent",
}


def reference_pages() -> dict[str, str]:
    """Return the pages, by their place in the site."""
    pages = {
        "commands": _commands(),
        "dags": _dags(),
        "errors": _errors(),
        "events": _events(),
        "licenses": _licenses(),
        "lists": _lists(),
        "map-keys": _map_keys(),
        "marts": _marts(),
        "ports": _modules(
            "Ports", "What each store must be able to do.", {"lacuna.ports": "All ports"}
        ),
        "python": _modules("Python", "What programs can import.", _MODULES),
        "tables": _tables(),
    }
    return {f"reference/{name}.md": text for name, text in pages.items()}


def _table(heads: str, rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    names = heads.split(" | ")
    lines = [f"| {heads} |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(_cell(each) for each in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _commands() -> str:
    command = typer.main.get_command(application())
    made_readable(command)
    parts = ["# Commands", "", "Each command takes `--help`. Its exit codes: [errors](errors.md)."]
    for words, one in _walk("lacuna", command):
        arguments = [each for each in one.params if each.param_type_name == "argument"]
        options = [each for each in one.params if each.param_type_name == "option" and each.opts]
        usage = " ".join([words, *(f"{each.name}".upper() for each in arguments)])
        parts += ["", f"## {words}", "", _plain(one.help), "", f"```\n{usage}\n```"]
        if options:
            rows = [(_spelled(each), _plain(each.help), _default(each)) for each in options]
            parts += ["", _table("option | meaning | default", rows)]
    return "\n".join(parts)


def _walk(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield words, command
        return
    for name, one in below.items():
        if not one.hidden:
            yield from _walk(f"{words} {name}", one)


def _plain(text: str | None) -> str:
    """Return a help text without the markup of the terminal."""
    return re.sub(r"\[/?(?:bold|dim|italic|link)\b[^\]]*\]", "", inspect.cleandoc(text or ""))


def _spelled(option: Any) -> str:
    return ", ".join(f"`{each}`" for each in [*option.opts, *option.secondary_opts])


def _default(option: Any) -> str:
    if option.required:
        return "required"
    given = option.default
    return "" if callable(given) or given in (None, False, True, (), []) else f"`{given}`"


def _dags() -> str:
    shared = ast.parse((_ROOT / "plugins" / "gdpr_flows.py").read_text("utf-8"))
    asked = {
        ast.unparse(node.target): {each.arg: each.value for each in node.value.keywords}
        for node in shared.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Param"
    }
    assets = {
        ast.unparse(node.target): ast.literal_eval(node.value.args[0])
        for node in shared.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) in ("Asset", "AssetAlias")
    }
    parts = ["# DAGs", "", "The files are in `dags/`. Times are in UTC."]
    for path in sorted((_ROOT / "dags").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        (made,) = (node for node in tree.body if isinstance(node, ast.FunctionDef))
        (call,) = (node for node in made.decorator_list if isinstance(node, ast.Call))
        given = {each.arg: each.value for each in call.keywords}
        parts += ["", f"## {made.name}", "", (ast.get_docstring(tree) or "").strip(), ""]
        rows = [("schedule", _schedule(given["schedule"], assets))]
        for way in ("inlets", "outlets"):
            named = [
                assets.get(ast.unparse(each), ast.unparse(each))
                for node in ast.walk(made)
                if isinstance(node, ast.keyword) and node.arg == way
                for each in getattr(node.value, "elts", [])
            ]
            if named:
                rows.append((way, ", ".join(f"`{each}`" for each in named)))
        parts.append(_table("what | value", rows))
        if isinstance(params := given.get("params"), ast.Dict):
            rows = []
            for key, value in zip(params.keys, params.values, strict=True):
                said = asked.get(ast.unparse(value), {})
                words = [
                    ast.literal_eval(said[each]) for each in ("description_md",) if each in said
                ]
                rows.append((f"`{ast.literal_eval(key)}`", *(words or [""])))
            parts += ["", _table("parameter | meaning", rows)]
    return "\n".join(parts)


def _schedule(value: ast.expr, assets: Mapping[str, str]) -> str:
    """Return a schedule as its times and assets."""
    if isinstance(value, ast.Constant):
        return "by hand" if value.value is None else f"`{value.value}`"
    times = [
        each.value
        for each in ast.walk(value)
        if isinstance(each, ast.Constant) and re.fullmatch(r"[\d*/, -]+", str(each.value))
    ]
    named = [
        assets[each.id]
        for each in ast.walk(value)
        if isinstance(each, ast.Name) and each.id in assets
    ]
    return ", and after an update of ".join(f"`{each}`" for each in [*times, *named])


def _schema() -> Iterator[tuple[str, str]]:
    for path in sorted((_ROOT / "sql" / "schema").glob("*.sql")):
        yield path.stem, path.read_text("utf-8")


def _said(text: str) -> str:
    return text.replace("''", "'")


def _tables() -> str:
    parts = [
        *("# Lacuna's own tables", ""),
        "As in the database: `psql -c '\\d+ lacuna.request'`. The roles' rights are in `sql/rights.txt`.",
    ]
    for stem, sql in _schema():
        tables = dict(re.findall(rf"comment on (?:table|view) (\S+) is\s+{_TEXT}", sql))
        columns: dict[str, list[tuple[str, str]]] = {}
        for place, text in re.findall(rf"comment on column (\S+) is\s+{_TEXT}", sql):
            table, _, column = place.rpartition(".")
            columns.setdefault(table, []).append((f"`{column}`", _said(text)))
        if tables:
            parts += ["", f"## {stem.partition('_')[2].replace('_', ' ').capitalize()}"]
        for table, text in tables.items():
            parts += ["", f"### {table}", "", _said(text), ""]
            if table in columns:
                parts.append(_table("column | contents", columns[table]))
    return "\n".join(parts)


_LIST: Final = re.compile(
    r"insert into (\S+) \((\w+), [\w, ]*description\) values\n(.*?);\n", re.DOTALL
)


def _listed() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each closed list, with its words and their meanings."""
    for _, sql in _schema():
        for table, _, rows in _LIST.findall(sql):
            found = re.findall(rf"^\s+\('(\w+)',.*?{_TEXT}\)", rows, re.MULTILINE)
            yield table, [(f"`{word}`", _said(text)) for word, text in found]


def _lists() -> str:
    parts = [
        "# Words of lists",
        "",
        "Each list is a table; a column that holds its words refers to it.",
    ]
    for table, rows in sorted(_listed()):
        if table != "lacuna_evidence.action":
            parts += ["", f"## {table}", "", _table("word | meaning", rows)]
    return "\n".join(parts)


def _events() -> str:
    actions = dict(_listed())["lacuna_evidence.action"]
    return "\n".join(
        [
            *("# Events of runs", ""),
            "What a run leaves: lines, entries of the ledger, and figures.",
            *("", "## Lines", ""),
            "`evidence/runs/RUN.jsonl` has one JSON document for each step, without values.",
            *("", _members("lacuna.model.run.StepLine")),
            *("", "## Entries of the ledger", "", _table("action | what happened", actions)),
            *("", "## Figures", ""),
            "Sent to StatsD, where Airflow's `statsd_on` is set.",
            *(
                "",
                _table(
                    "figure | meaning", [(f"`{name}`", text) for name, text in MEANINGS.items()]
                ),
            ),
        ]
    )


def _marts() -> str:
    parts = [
        "# Marts",
        "",
        "How they are protected: [anonymized reporting](../reporting.md#protection).",
    ]
    for path in sorted((_ROOT / "sql" / "reporting").glob("*/metadata.yaml")):
        mart = yaml.safe_load(path.read_text("utf-8"))
        parts += ["", f"## {mart['mart']}", "", mart["purpose"], ""]
        rows = [(key, f"{mart[key]}") for key in ("unit", "period", "calendar", "people")]
        rows += [("views", ", ".join(f"`{each}`" for each in mart.get("views", ())) or "none")]
        parts.append(_table("what | value", rows))
        columns = [
            (f"`{each['name']}`", "dimension", each["definition"]) for each in mart["dimensions"]
        ]
        columns += [
            (f"`{each['name']}`", kind.removesuffix("s"), each["definition"])
            for kind in ("measures", "means", "shares")
            for each in mart.get(kind, ())
        ]
        parts += ["", _table("column | kind | definition", columns)]
    return "\n".join(parts)


def error_classes() -> list[type[errors.PipelineError]]:
    """Return every error, each after the one that it is a kind of."""

    def below(kind: type[errors.PipelineError]) -> Iterator[type[errors.PipelineError]]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each) if each.__module__ == errors.__name__ else ()

    return list(below(errors.PipelineError))


def _errors() -> str:
    codes = [
        ("0", "done"),
        (
            "1",
            "a finding: personal data that is left, a failed check, a refused plan, broken evidence",
        ),
        ("2", "wrong usage or configuration"),
        ("3", "a dependency is unreachable"),
    ]
    parts = [
        *(
            "# Errors",
            "",
            "A message says what, where, how many and what to do. It never holds a value from a row.",
        ),
        *("", _table("exit code | meaning", codes)),
    ]
    for kind in error_classes():
        said = inspect.cleandoc(kind.__doc__ or "").partition("What to do: ")[0]
        what = f", a kind of `{kind.__base__.__name__}`" if kind is not errors.PipelineError else ""
        parts += [
            "",
            f"## {kind.__name__}",
            "",
            f"Exit code {kind.exit_code}{what}.",
            "",
            said.strip(),
        ]
        if now := kind.what_to_do():
            parts += ["", f"**What to do:** {now}"]
    return "\n".join(parts) + "\n"


def _licenses() -> str:
    """Return the packages of the image, with the licenses that they declare."""
    lock = (_ROOT / "requirements-image.lock").read_text("utf-8")
    rows = []
    for name, version in sorted(set(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))):
        try:
            said = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            rows.append((f"`{name}`", version, "not installed here: needed on other machines only"))
            continue
        classified = [
            each.rpartition(" :: ")[2]
            for each in said.get_all("Classifier", [])
            if each.startswith("License ::")
        ]
        # Some packages write the whole text of the license where its name belongs.
        short = (said.get("License") or "").strip().partition("\n")[0][:60]
        stated = said.get("License-Expression") or ", ".join(classified) or short
        rows.append((f"`{name}`", version, stated or "none declared"))
    about = "What runs in the image, as `requirements-image.lock` pins it, and what each package declares."
    return f"# Licenses of packages\n\n{about}\n\n" + _table("package | version | license", rows)


def _map_keys() -> str:
    about = "What each part of a data map is, as the code reads it. The guide: [the data map](../datamap.md)."
    return _modules("Parts of a data map", about, _MAP)


def _modules(title: str, about: str, modules: Mapping[str, str]) -> str:
    parts = [f"# {title}", "", about]
    for module, heading in modules.items():
        parts += ["", f"## {heading}", "", _members(module)]
    return "\n".join(parts) + "\n"


def _members(name: str) -> str:
    return f"::: {name}"
