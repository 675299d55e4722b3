"""What people read uses the field's words: the banned ones are nowhere but in code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.architecture import rules

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "pipelines" / "lacuna" / "packs"
BANNED = {
    r"octets?": "bytes",
    r"sign by sign": "character by character",
    r"(stands|stood) still": "is paused",
    r"to be settled( by a person)?": "needs review",
    r"(what|that|still) stands?": "is, is left",
    r"call(ed)? done": "reported as done",
    r"(is|are) to (be|go|say)": "must, can, will",
    r"anew": "again",
    r"(is|are) said": "reports, records",
    r"md\) says": "describes",
    r"rows alone": "only the rows",
    r"map (does not )?knows?": "the map names",
    r"hits?": "match, of a search; finding, of a gate",
    r"locations?": "place",
    r"waits? for somebody": "waits for review",
    r"(has|have) to choose": "must choose",
    r"things lie": "where to find it",
}
RETIRED = {
    "hit": ("match, of a search; finding, of a gate", ()),
    "mark": (
        "digest, restriction, tag, annotation, flag; a mark is what a store is known by, or punctuation",
        (
            *("STORE_MARK", "store_marks", "mark_stores", "mark_name", "mark_in", "mark_of"),
            *("_mark_of", "_mark_of_folder", "_has_mark", "_require_marked", "_LONGEST_MARK"),
            *("mark", "_mark", "QUOTATION_MARK", "_BYTE_ORDER_MARKS"),
        ),
    ),
    "answer": (
        "letter, which Lacuna sends; result, of an inbox row; response, of a server",
        ("answer", "answers", "answered", "_ANSWERED", "read_answers"),
    ),
}
"""Words that had several meanings: what to write, and the names in which they mean what they say."""
SENT_BY_LACUNA = (
    "model/letter",
    "flows/intake",
    "request",
    "stores/postgres/mail_records",
    "dpo_page",
)
"""Where an answer would be one that Lacuna gives."""
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
_EXPRESSION = re.compile(r"{[{%].*?[%}]}|{\w+}", re.DOTALL)
_NAMES_IN_YAML = re.compile(r"category: [\w.]+|\w+:|\w+([.]\w+)+")
"""A category, or a column: code, where it is in YAML."""
_NOT_TO_SAY = re.compile(r"[|][^|\n]*[|]$", re.MULTILINE)
"""The last column of the glossary."""


_IN_SQL = re.compile(r"--.*|\bis\s+'(?:[^']|'')*'|\braise exception '[^']*'|'[A-Z](?:[^']|'')*[.]'")
"""What people read in SQL: comments in the file and in the database, errors, what words of lists mean."""


def prose() -> Iterator[tuple[str, str]]:
    """Yield what people read, by its file: documents, pages, letters, texts of modules, maps, comments of tables."""
    documents = (ROOT / "docs").glob("*.md"), (ROOT / "docs" / "decisions").glob("*.md")
    roots = (ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG"))
    for path in chain(roots, *documents, (ROOT / "sql").rglob("*.md")):
        text = _CODE.sub("", path.read_text("utf-8"))
        yield path.name, _NOT_TO_SAY.sub("|", text) if path.stem == "glossary" else text
    for path in (ROOT / "pipelines").rglob("*.html"):
        yield path.name, _EXPRESSION.sub("", path.read_text("utf-8"))
    for path in (ROOT / "pipelines" / "lacuna" / "translations").glob("*/en.toml"):
        yield f"{path.parent.name}/en.toml", _EXPRESSION.sub("", path.read_text("utf-8"))
    for source in rules.read(
        ROOT, "pipelines", "dags", "plugins", "scripts", "benchmarks", "docker"
    ):
        yield source.path, _CODE.sub("", "\n".join(texts(source)))
    for path in chain((ROOT / "sql").rglob("*.sql"), PACKS.rglob("*.sql")):
        text = "\n".join(_IN_SQL.findall(path.read_text("utf-8")))
        yield str(path.relative_to(ROOT)), _CODE.sub("", text)
    for path in chain((ROOT / "sql").rglob("*.yaml"), PACKS.rglob("*.yaml")):
        if not re.search(r"[.][a-z]{2}[.]yaml$", path.name):
            yield str(path.relative_to(ROOT)), _NAMES_IN_YAML.sub("", path.read_text("utf-8"))


def texts(source: rules.Source) -> Iterator[str]:
    """Yield the texts of a module; a name alone is none, nor are a query and a docstring."""
    docstrings = set(map(id, source.docstrings))
    for node in source.nodes:
        match node:
            case ast.Constant(value=str(text)) if " " in text and id(node) not in docstrings:
                if not rules.SQL.search(f"{text} "):
                    yield text


def docstrings_in(source: rules.Source) -> str:
    """Return the docstrings of a module."""
    return "\n".join(str(one.value) for one in source.docstrings)


def banned_in(text: str, but: str = "") -> list[str]:
    words = (word for word in BANNED if word != but)
    return [word for word in words if re.search(rf"\b{word}\b", text, re.IGNORECASE)]


def names_in(source: rules.Source) -> set[str]:
    """Return the names that a module gives to anything."""
    found = set()
    for node in source.nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.arg():
                found.add(node.arg)
            case ast.Name(ctx=ast.Store()):
                found.add(node.id)
            case ast.Attribute(ctx=ast.Store()):
                found.add(node.attr)
    return found


def retired_in(name: str) -> str | None:
    """Return the retired word of a name, or None."""
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    found = {re.sub("(s|ed)$", "", word.lower()) for word in words}
    return next(
        (word for word, (_, kept) in RETIRED.items() if word in found and name not in kept), None
    )


def modules() -> Iterator[tuple[str, str, set[str]]]:
    """Yield the modules of Lacuna: path, the same without folder and suffix, names."""
    for source in rules.read(ROOT, "pipelines"):
        module = source.path.removeprefix("pipelines/lacuna/").removesuffix(".py")
        if module != source.path.removesuffix(".py"):
            yield module, source.stem, names_in(source)


def test_no_retired_word_names_anything_in_the_code():
    found = [
        f"{module}: {name}; write {RETIRED[word][0]}"
        for module, stem, names in modules()
        for name in sorted({*names, stem})
        if (word := retired_in(name))
    ]
    assert found == []


def test_what_lacuna_sends_is_no_answer():
    found = [
        f"{module}: {name}"
        for module, stem, names in modules()
        if module.startswith(SENT_BY_LACUNA)
        for name in {*names, stem}
        if "answer" in name.lower()
    ]
    assert found == []


def test_no_retired_word_names_anything_in_lacunas_tables():
    rights = (ROOT / "sql" / "rights.txt").read_text("utf-8")
    names = re.findall(r"^(?:column|table) \| (lacuna\w*[.][\w.]+) ", rights, re.MULTILINE)
    assert len(names) > 300
    assert [name for name in names if set(re.split(r"[._]", name)) & {*RETIRED, "answered"}] == []


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("body_mark", "mark"),
        ("MailMarks", "mark"),
        ("FileHit", "hit"),
        ("queue_answer", "answer"),
        ("InboxAnswer", "answer"),
        ("unanswered", None),
        ("STORE_MARK", None),
        ("benchmark", None),
        ("white", None),
    ],
)
def test_a_retired_word_is_found_in_a_name(name, word):
    assert retired_in(name) == word


def test_no_banned_word_is_read_anywhere():
    found = [
        f"{name}: {word}; write {BANNED[word]}"
        for name, text in prose()
        for word in banned_in(text)
    ]
    assert found == []


def test_no_docstring_has_a_banned_word():
    found = [
        f"{source.path}: {word}; write {BANNED[word]}"
        for source in rules.read(ROOT, "pipelines", "dags", "plugins", "scripts", "benchmarks")
        # A place is `location` in plans and JSON, and so it is in what describes them.
        for word in banned_in(_CODE.sub("", docstrings_in(source)), but="locations?")
    ]
    assert found == []


def test_docstrings_are_read():
    source = rules.Source("one.py", '"""A file is written anew."""\n')
    assert banned_in(docstrings_in(source)) == ["anew"]


@pytest.mark.parametrize(
    "text",
    [
        "4 octets",
        "The clock stands still.",
        "To be settled by a person",
        "A value still stands there.",
        "before it is called done",
        "what the ledger is to say",
        "The file is written anew.",
        "What was given up is said a day later.",
        "[evidence.md](evidence.md) says how.",
        "in the person's own rows alone",
        "a column that the data map does not know",
        "near a hit of the search",
        "the location that is named",
        "3 requests wait for somebody",
    ],
)
def test_a_banned_word_is_found(text):
    assert len(banned_in(text)) == 1


def test_what_is_read_is_found():
    assert {
        *("README.md", "CHANGELOG.md", "requests.md", "parts.html", "alerts/en.toml"),
        *(
            "bundles/en.toml",
            "dags/gdpr_seal.py",
            "plugins/gdpr_dpo_page.py",
            "scripts/local_ui.py",
        ),
        *("benchmarks/night.py", "pipelines/lacuna_demo/commands.py"),
        *(
            f"pipelines/lacuna/{name}.py"
            for name in (
                *(
                    "settings",
                    "cli/requests",
                    "model/next_step",
                    "evidence/certificate_page/outcome_in_words",
                ),
                *("plan/rendition", "model/finding", "datamap/scaffold/questions", "stores/keys"),
            )
        ),
        *("sql/schema/03_requests.sql", "pipelines/lacuna/packs/zammad/reporting.sql"),
        *("sql/contact_center/datamap.yaml", "pipelines/lacuna/packs/zammad/datamap.yaml"),
    } <= {name for name, text in prose() if text}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise PlanRefused(f"{rows} rows are to go")', True),
        ('refusal = ConfigurationError(\n    "octets " + "of a file")', True),
        ('HELP = f"{count} files are written anew."', True),
        ('query("select location from lacuna_evidence.entry")', False),
        ('key["location"]', False),
    ],
)
def test_the_texts_of_every_module_are_read(source, found):
    assert bool(banned_in("\n".join(texts(rules.Source("one.py", source))))) is found


@pytest.mark.parametrize(
    "source",
    [
        "-- The table is written anew.",
        "comment on table lacuna.mail is\n    'Mails that an officer''s map knows.';",
        "raise exception 'mail: the map does not know %', new.mail_id",
        "('held', '{lacuna_dpo}', 'A request stood still.'),",
    ],
)
def test_what_sql_says_is_read(source):
    assert len(banned_in("\n".join(_IN_SQL.findall(source)))) == 1


def test_code_of_sql_is_not_read():
    assert _IN_SQL.findall("select location from lacuna_evidence.entry where action = 'held'") == []
