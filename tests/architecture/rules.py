"""The rules of the layout that no linter knows, each as a function from sources to problems.

A problem is a text `path:line: what is wrong`. No problem, empty result. The rules read source
text only: nothing that they judge is imported.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

LONGEST_TASK = 4
LONGEST_DAG_FILE = 120
LONGEST_MODULE = 500
# 1: the same but for case. From here on, one first sentence adds next to nothing to the other.
ALIKE = 0.7
CODE_FOLDERS = ("pipelines", "dags", "plugins", "scripts", "tests", "benchmarks", "models")
PURE = (
    "pipelines/lacuna/errors.py",
    "pipelines/lacuna/model/",
    "pipelines/lacuna/plan/",
    "pipelines/lacuna/treatment/",
)
# What is in flows/ and is no flow that a scheduler starts.
NO_DAG = frozenset({"run", "attack", "absence"})
# Folders of tests/ for what is not a part of pipelines/lacuna/.
OTHER_TESTS = frozenset(
    [
        "architecture",
        "attacks",
        "browser",
        "dags",
        "docker",
        "docs",
        "golden",
        "lacuna_demo",
        "models",
        "nights",
        "scripts",
        "sql",
    ]
)

_FORBIDDEN_MODULES = frozenset({"utils", "helpers", "common", "misc", "manager", "core", "base"})
_NOUNS = frozenset(
    [
        "approval",
        "everything",
        "finding",
        "fitting",
        "folding",
        "listing",
        "opening",
        "planning",
        "processing",
        "proposal",
        "rehearsal",
        "renumbering",
        "reporting",
        "seal",
        "spelling",
        "unplanned",
        "wiring",
        "withdrawal",
    ]
)
"""Words for things that end like participles or adjectives."""
_VERBS = frozenset(
    [
        "accept",
        "apply",
        "check",
        "decide",
        "decode",
        "find",
        "generate",
        "look",
        "protect",
        "publish",
        "reach",
        "render",
        "resolve",
        "write",
    ]
)
_PARTICIPLES = frozenset(
    [
        "done",
        "found",
        "given",
        "hidden",
        "kept",
        "known",
        "made",
        "said",
        "seen",
        "sent",
        "shown",
        "sought",
        "taken",
        "told",
        "withheld",
        "worth",
        "written",
    ]
)
"""Words that end in neither -ed nor -ing, yet tell as little."""
_ADJECTIVES = frozenset(
    [
        "ahead",
        "apart",
        "around",
        "aside",
        "inside",
        "naive",
        "offline",
        "online",
        "open",
        "outside",
        "private",
        "public",
    ]
)
_ENDS_LIKE_NO_NOUN = re.compile(r"\w+(ing|ed|al|ive|ous|[ai]ble|ful|less|ic)(?<!\btable)")
_FORBIDDEN_ENDINGS = ("_utils", "_helpers", "_common", "_misc", "_manager")
SQL = re.compile(
    r"""\b(
        select\s.+\sfrom\s | insert\s+into\s | update\s+[\w."]+\s+set\s | delete\s+from\s
      | truncate\s | (create|alter|drop)\s+(table|schema|index|view|role|database)\s(?!…)
    )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# What only a checkout has, or a wheel has elsewhere: `documentation.doc_page` names pages that are there.
_OF_A_CHECKOUT = re.compile(
    r"(?<![\w/.-])(docs|tests|scripts|benchmarks|docker|examples|dags|plugins|pipelines)/[\w-]"
    r"|\b(requirements[\w-]*\.lock|pyproject\.toml|docker-compose\.yml)|\b(run|with) make\b|\bthe runbook\b"
)
_OCTETS = re.compile(r"(?<![a-z])octets?(?!_length|[a-z])", re.IGNORECASE)
_SIGNS = re.compile(r"(^|_)signs$", re.IGNORECASE)
# What hints at something is a sign, and so is one of mathematics.
_SIGNS_OF_TEXT = re.compile(
    r"\b(\d+|many|few|other|hidden|invisible) signs\b|\bsigns? of a (text|word|line)\b|\bsign by sign\b",
    re.IGNORECASE,
)
# Names under which a value of a row, or a driver's text that quotes one, travels.
_PERSONAL = re.compile(
    r"address(es)?|body|comment|content|emails?|(first|last|full)_name|identifiers?|passphrase"
    r"|password|payload|phones?|record|row|senders?|text|token|values?"
)
_FOREIGN_TEXT = re.compile(
    r"args|diag|e|err|error|exc|exception|message_(detail|primary)|orig|params"
)
# Of a parser of files of an operator: it says where one is broken.
_SAYS_A_PLACE = frozenset({"TOMLDecodeError"})
_SAYS_THE_VALUE = frozenset({"str", "repr", "ascii", "format", "sorted"})
_TEXT_METHODS = re.compile(
    r"casefold|decode|encode|format|join|lower|[lr]?strip|replace|title|upper"
)
_LOG_METHODS = re.compile(r"debug|info|warning|error|critical|log")
_AIRFLOW_DECORATORS = frozenset({"dag", "setup", "task", "teardown"})
_CLOCKS = frozenset({"now", "utcnow", "today"})
_CHANCE = frozenset({"uuid1", "uuid4"})
_FILES = re.compile(
    r"(read|write)_(bytes|text)|open|exists|is_(dir|file)|iterdir|r?glob|l?stat|mkdir|unlink|touch"
)


@dataclass(frozen=True)
class Source:
    """A Python file of the repository.

    Attributes:
        path: relative to the repository's root, with forward slashes.
    """

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def docstrings(self) -> tuple[ast.Constant, ...]:
        return tuple(_docstrings(self.nodes))

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem

    def problem(self, line: int, what: str) -> str:
        return f"{self.path}:{line}: {what}"


def read(root: Path, *folders: str) -> list[Source]:
    """Return the Python files under `folders` of `root`, in order of their paths.

    Each is read and parsed once, for all rules, until `forget` lets go of them.
    """
    return [source for folder in folders for source in _in_folder(root, folder)]


def forget() -> None:
    """Let go of what was read: parsed, it takes hundreds of megabytes."""
    _in_folder.cache_clear()


@cache
def _in_folder(root: Path, folder: str) -> tuple[Source, ...]:
    return tuple(
        Source(path.relative_to(root).as_posix(), path.read_text("utf-8"))
        for path in sorted((root / folder).rglob("*.py"))
    )


# --- DAG files ------------------------------------------------------------------------------------


def long_tasks(source: Source) -> Iterator[str]:
    """A task's body has at most four statements, nested ones counted, its docstring not."""
    for function in _functions(source.nodes):
        if {"task", "setup", "teardown"} & set(map(_decorator_root, function.decorator_list)):
            count = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
            count -= ast.get_docstring(function) is not None
            if count > LONGEST_TASK:
                yield source.problem(
                    function.lineno,
                    f"task {function.name} has {count} statements, at most {LONGEST_TASK}; "
                    "move the work to pipelines/lacuna/flows",
                )


def long_dag_file(source: Source) -> Iterator[str]:
    """A DAG file has at most 120 lines."""
    lines = len(source.text.splitlines())
    if lines > LONGEST_DAG_FILE:
        yield source.problem(lines, f"{lines} lines, at most {LONGEST_DAG_FILE}")


def sql_in_dag(source: Source) -> Iterator[str]:
    """A DAG file holds no SQL; docstrings may speak of it."""
    for line in _sql_texts(source):
        yield source.problem(line, "SQL in a DAG file; it belongs to pipelines/lacuna/stores")


def _sql_texts(source: Source) -> Iterator[int]:
    """Yield the lines of texts that are SQL, docstrings left out."""
    texts = set(source.docstrings)
    for node in source.nodes:
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and node not in texts and SQL.search(f"{node.value} "):
            yield node.lineno


def dag_named_unlike_file(source: Source) -> Iterator[str]:
    """Each DAG file makes exactly one DAG, whose id is the file's name."""
    ids = []
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                if _decorator_root(decorator) == "dag":
                    ids.append(_dag_id(decorator) or node.name)
        elif isinstance(node, ast.Call) and _leaf(node.func) == "DAG":
            ids.append(_dag_id(node) or "")
    if ids != [source.stem]:
        yield source.problem(1, f"makes the DAGs {ids}; expected exactly [{source.stem!r}]")


def imports_in_dag(source: Source) -> Iterator[str]:
    """A DAG file imports flows and wiring alone of the package, and only inside functions.

    The scheduler parses these files again and again, and what flows import takes seconds.
    """
    inside = {node for function in _functions(source.nodes) for node in ast.walk(function)}
    for node in source.nodes:
        for module in _imported(node):
            if module.split(".")[0] != "lacuna":
                continue
            if not re.match(r"lacuna\.(flows|wiring)(\.|$)", module):
                yield source.problem(node.lineno, f"imports {module}; only flows and wiring may be")
            if node not in inside:
                yield source.problem(node.lineno, f"imports {module} outside a task's function")


def training_imported(source: Source) -> Iterator[str]:
    """Nothing that is installed imports what trains the weights: `models/`."""
    for node in source.nodes:
        for module in _imported(node):
            if re.match(r"(finder|teller)_training(\.|$)", module):
                yield source.problem(node.lineno, f"imports {module}, which is only in models/")


def many_plugins(sources: Iterable[Source]) -> Iterator[str]:
    """One file of `plugins/` registers with Airflow; another has what the DAG files share."""
    registering = [one for one in sources if "airflow.plugins_manager" in one.text]
    for extra in registering[1:]:
        yield extra.problem(1, "a second file that registers a plugin; one registers everything")


# --- the package ----------------------------------------------------------------------------------


def environment_read(source: Source) -> Iterator[str]:
    """The environment is read in `pipelines/lacuna/settings.py` alone."""
    if source.path == "pipelines/lacuna/settings.py":
        return
    names = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and _leaf(node.value) == "os" and node.attr in names:
            yield source.problem(node.lineno, f"os.{node.attr}; ask lacuna.settings")
        elif isinstance(node, ast.ImportFrom) and node.module == "os":
            for alias in node.names:
                if alias.name in names:
                    yield source.problem(node.lineno, f"os.{alias.name}; ask lacuna.settings")
        elif isinstance(node, ast.keyword) and node.arg in {"envvar", "auto_envvar_prefix"}:
            yield source.problem(node.value.lineno, f"{node.arg}; ask lacuna.settings")


def misplaced_sql(source: Source) -> Iterator[str]:
    """Of the package, `stores/` alone holds SQL; docstrings may speak of it."""
    if source.path.startswith("pipelines/lacuna/stores/"):
        return
    for line in _sql_texts(source):
        yield source.problem(line, "SQL outside of pipelines/lacuna/stores")


def clock_or_chance(source: Source) -> Iterator[str]:
    """The pure core neither reads the clock nor draws nor opens: such values are arguments.

    A `Path` may be named there, as a value; the file behind it is not touched.
    """
    if not source.path.startswith(PURE):
        return
    for node in source.nodes:
        if isinstance(node, ast.Call):
            name = _leaf(node.func) or ""
            is_method = isinstance(node.func, ast.Attribute)
            if (is_method and name in _CLOCKS) or name in _CHANCE:
                yield source.problem(node.lineno, f"calls {name}(); take the value as an argument")
            elif (is_method and _FILES.fullmatch(name)) or (
                not is_method and name in {"open", "print", "input"}
            ):
                yield source.problem(node.lineno, f"calls {name}() in the pure core")


def personal_message(source: Source) -> Iterator[str]:
    """No error message and no log line formats what may be a row's value.

    Judged by name: a value called `email` or `text`, and the text of another exception, which
    quotes values when a driver wrote it. A name that a function binds to such a value is one too.
    Of an error of Lacuna's own, caught by its class, the text says none: it is judged where it is
    raised.
    """
    own = {
        each.asname or each.name
        for node in source.nodes
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("lacuna.")
        for each in node.names
    }
    yield from _personal_messages(source, source.tree, ({}, frozenset(own | _SAYS_A_PLACE)))


def _personal_messages(
    source: Source, node: ast.AST, known: tuple[Mapping[str, str], frozenset[str]]
) -> Iterator[str]:
    """Yield the problems of a node.

    Args:
        known: names that stand for a value with another name here, with that one; classes of
            errors whose texts say no value.
    """
    bound, own = known
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        bound = {**bound, **_bound_to_values(node, own)}
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        for argument in [*node.exc.args, *(each.value for each in node.exc.keywords)]:
            yield from _said(source, argument, "an error message", bound)
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and "log" in (_leaf(node.func.value) or "").lower()
    ):
        if node.func.attr == "exception" or any(
            each.arg in {"exc_info", "stack_info"} for each in node.keywords
        ):
            yield source.problem(node.lineno, "logs a traceback, which quotes values")
        elif _LOG_METHODS.fullmatch(node.func.attr):
            for argument in node.args:
                yield from _said(source, argument, "a log line", bound)
    for child in ast.iter_child_nodes(node):
        yield from _personal_messages(source, child, (bound, own))


def _bound_to_values(
    function: ast.FunctionDef | ast.AsyncFunctionDef, own: frozenset[str]
) -> dict[str, str]:
    """Return the names that simple assignments and loops of a function bind to a forbidden name."""
    bound: dict[str, str] = {}
    given = [*_assignments(function, own)]
    for _ in given:  # at most as many as a chain of them is long
        before = len(bound)
        for name, value in given:
            for said in [bound.get(one, one) for one in _formatted(value)]:
                if _PERSONAL.fullmatch(said) or _FOREIGN_TEXT.fullmatch(said):
                    bound.setdefault(name, said)
        if len(bound) == before:
            break
    return bound


def _assignments(node: ast.AST, own: frozenset[str]) -> Iterator[tuple[str, ast.expr]]:
    """Yield names with what they are bound to, but for what handlers of own errors bind."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ExceptHandler) and child.type is not None:
            caught = child.type.elts if isinstance(child.type, ast.Tuple) else [child.type]
            if all(_leaf(one) in own for one in caught):
                continue
        yield from _bindings(child)
        yield from _assignments(child, own)


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case (
            ast.Assign(targets=[target], value=value)
            | ast.AnnAssign(target=target, value=ast.expr() as value)
            | ast.NamedExpr(target=target, value=value)
            | ast.For(target=target, iter=value)
            | ast.comprehension(target=target, iter=value)
        ):
            match target, value:
                case ast.Tuple(elts=names), ast.Tuple(elts=values):
                    pairs = [*zip(names, values, strict=False)]
                case _:
                    pairs = [(target, value)]
            for one, of in pairs:
                if isinstance(one, ast.Name):
                    yield one.id, of


def long_module(source: Source) -> Iterator[str]:
    """A module of the package has at most 500 lines, its data and texts included."""
    lines = len(source.text.splitlines())
    if lines > LONGEST_MODULE:
        yield source.problem(
            lines, f"{lines} lines, at most {LONGEST_MODULE}; divide it by content"
        )


def path_of_a_checkout(source: Source) -> Iterator[str]:
    """A message names no file that an installed wheel lacks, nor a command of the Makefile."""
    own = {id(one) for one in source.docstrings}
    for node in source.nodes:
        match node:
            case ast.Constant(value=str(text)) if id(node) not in own:
                if found := _OF_A_CHECKOUT.search(text):
                    what = f"{found[0]!r} is in no wheel: use documentation.doc_page"
                    yield source.problem(node.lineno, what)


def unseen_folders(root: Path) -> Iterator[str]:
    """Each folder of modules has an `__init__.py`: import-linter sees nothing of one that has none."""
    for package in sorted((root / "pipelines").iterdir()):
        for folder in sorted({path.parent for path in package.rglob("*.py")}):
            if not (folder / "__init__.py").exists():
                yield f"{folder.relative_to(root).as_posix()}: no __init__.py, so no contract holds"


# --- names ----------------------------------------------------------------------------------------


def forbidden_name(source: Source) -> Iterator[str]:
    """No module or folder has a name that says nothing of its content."""
    parts = PurePosixPath(source.path).with_suffix("").parts
    for part in parts:
        if part in _FORBIDDEN_MODULES or part.endswith(_FORBIDDEN_ENDINGS):
            yield source.problem(1, f"{part} says nothing of what is in it")


def no_noun(source: Source) -> Iterator[str]:
    """A module is named by a noun that tells its content: `closure`, not `closing`; `handles`, not `online`."""
    stem = PurePosixPath(source.path).stem.removeprefix("gdpr_")
    last = stem.rpartition("_")[2]
    if (
        stem in _VERBS | _PARTICIPLES
        or last in _ADJECTIVES
        or (_ENDS_LIKE_NO_NOUN.fullmatch(last) and last not in _NOUNS)
    ):
        yield source.problem(1, f"{stem} is no noun that tells what is in it")


def homonyms(sources: Iterable[Source], concepts: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """A file name stands in several folders only where it names one concept: one word, one thing.

    Args:
        concepts: by name in the singular the folders, relative to pipelines/lacuna, in which it
            names the same; `concepts.toml`.
    """
    folders: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        path = PurePosixPath(source.path).relative_to("pipelines/lacuna")
        if path.stem != "__init__":
            folders[_singular(path.stem)].add(path.parent.as_posix())
    for name in sorted(folders.keys() | concepts.keys()):
        listed = set(concepts[name]["in"].split()) if name in concepts else set()
        if listed != folders[name] and len(folders[name] | listed) > 1:
            yield (
                f"{name}.py stands in {', '.join(sorted(folders[name])) or 'no folder'}; "
                f"concepts.toml lists {', '.join(sorted(listed)) or 'none'}. "
                "Name other things otherwise, or list the folders of one concept"
            )


def _singular(stem: str) -> str:
    if stem.endswith("ies"):
        return f"{stem[:-3]}y"
    return stem[:-1] if stem.endswith("s") and not stem.endswith("ss") else stem


def foreign_word(source: Source) -> Iterator[str]:
    """One word, one thing: bytes, characters of a text and known values are called so."""
    for node in source.nodes:
        for name in _names(node):
            if _OCTETS.search(name):
                yield source.problem(_line(node), f"{name}: write byte_count, content or data")
            elif _SIGNS.search(name):
                yield source.problem(_line(node), f"{name}: write characters or separators")
            elif "needle" in name.lower():
                yield source.problem(_line(node), f"{name}: write known_value")
        match node:
            # The key of a document, or a query.
            case ast.Constant(value=str(text)) if text.isidentifier() or SQL.search(text):
                if _OCTETS.search(text):
                    yield source.problem(node.lineno, "octets in a key or a query: write bytes")
    for docstring in source.docstrings:
        if found := _SIGNS_OF_TEXT.search(str(docstring.value)):
            yield source.problem(docstring.lineno, f"{found[0]!r}: a sign is no character")


def foreign_column(path: str, text: str) -> Iterator[str]:
    """No column of the database counts octets; `octet_length` is PostgreSQL's own."""
    for number, line in enumerate(text.splitlines(), 1):
        if _OCTETS.search(line):
            yield f"{path}:{number}: octets: write byte_count"


def classes_named_alike(sources: Iterable[Source]) -> Iterator[str]:
    """Yield each name of a class or type used twice, an underscore before it or none: one word, one thing."""
    homes: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        for name in _type_names(source):
            homes[name.lstrip("_")].append(source.path)
    for name, paths in sorted(homes.items()):
        if len(paths) > 1:
            yield f"class {name} stands in {', '.join(sorted(paths))}; name each after its content"


def _type_names(source: Source) -> Iterator[str]:
    """Yield the names of classes and of type aliases; a type variable stands for any type."""
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            yield node.name
    for node in source.tree.body:
        match node:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                | ast.Assign(targets=[ast.Name(id=name)], value=value)
            ) if re.match(r"_*[A-Z]\w*[a-z]", name) and _leaf(value) != "TypeVar":
                yield name


def unnamed(sources: Iterable[Source]) -> Iterator[str]:
    """Yield what a module of the package defines and nothing but tests names.

    A decorator but `dataclass` registers what it decorates, so that is not judged. An import, `__all__`
    and a name's own assignment do not name it.

    Args:
        sources: the product; only those of `pipelines/lacuna/` are judged.
    """
    sources = list(sources)
    named = {name for source in sources for name in _named(source.nodes)}
    for source in sources:
        if source.path.startswith("pipelines/lacuna/"):
            for name, line in _defined(source.tree):
                if name not in named:
                    yield source.problem(line, f"{name}: nothing but tests names it")


def public_alone(sources: Iterable[Source]) -> Iterator[str]:
    """Yield each function and constant of the package that no other file uses, yet has no underscore.

    What has none is what other modules may use. So a folder of public modules, whose `__init__.py` is
    empty, needs no `__all__`: its public names are those that somebody imports. A decorator but
    `dataclass` registers what it decorates, and a type's other name belongs to the signatures
    beside it: neither is judged, nor is a class, which signatures name too.

    Args:
        sources: the product and its tests: a test may use what is public.
    """
    sources = list(sources)
    used = {source.path: set(_used_elsewhere(source.nodes)) for source in sources}
    for source in sources:
        if not source.path.startswith("pipelines/lacuna/"):
            continue
        for name, line in _plain_names(source.tree):
            if not name.startswith("_") and not any(
                name in names for path, names in used.items() if path != source.path
            ):
                yield source.problem(line, f"{name}: no other file uses it; write _{name}")


def _used_elsewhere(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.ImportFrom(names=names):
                yield from (each.name for each in names)
            case ast.Attribute(attr=name):
                yield name


def _plain_names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the functions and constants that a module defines; a type's other name is none."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name, decorator_list=[]):
                yield name, node.lineno
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                | ast.Assign(targets=[ast.Name(id=name)], value=value)
            ) if name.isupper() and not isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
                yield name, node.lineno


def _named(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                yield name
            case (
                ast.arg(annotation=ast.Constant(value=str(text)))
                | ast.FunctionDef(returns=ast.Constant(value=str(text)))
                | ast.AnnAssign(annotation=ast.Constant(value=str(text)))
                | ast.Subscript(slice=ast.Constant(value=str(text)))
            ):
                yield from re.findall(r"\w+", text)


def _defined(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                if not name.startswith("__"):
                    yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                if all(_leaf(one) == "dataclass" for one in node.decorator_list):
                    yield name, node.lineno


def result_unnamed(source: Source) -> Iterator[str]:
    """A docstring names the result by a noun: `Return the findings`, not `Return what is wrong`."""
    for docstring in source.docstrings:
        if str(docstring.value).startswith("Return what "):
            yield source.problem(docstring.lineno, "Return what: name the result by a noun")


def repeated_docstrings(sources: Iterable[Source]) -> Iterator[str]:
    """A method says what its port does not: its first sentence is not nearly the port's."""
    sources = list(sources)
    of_ports: dict[str, set[str]] = defaultdict(set)
    for source in sources:
        if "/ports/" in source.path:
            for method, text in _method_docstrings(source):
                of_ports[method.name].add(text)
    for source in sources:
        if "/ports/" not in source.path:
            for method, text in _method_docstrings(source):
                if any(_are_alike(text, said) for said in of_ports[method.name]):
                    yield source.problem(method.lineno, f"{method.name} repeats what its port says")


def _are_alike(docstring: str, other: str) -> bool:
    likeness = SequenceMatcher(None, _first_sentence(docstring), _first_sentence(other))
    return likeness.ratio() >= ALIKE


def _first_sentence(docstring: str) -> str:
    return re.split(r"\.(?:\s|$)", docstring, maxsplit=1)[0].lower()


def _method_docstrings(source: Source) -> Iterator[tuple[ast.FunctionDef, str]]:
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and (text := ast.get_docstring(method)):
                    yield method, text


def unmirrored_tests(root: Path) -> Iterator[str]:
    """`tests/` mirrors `pipelines/lacuna/`: each part has its folder of tests, and no folder is alone.

    A folder within a part has tests too that a stranger finds by its name or by a module's.

    A module of its own, such as `settings.py`, has `tests/test_settings.py` or a folder;
    `tests/test_fixtures.py` is about `tests/conftest.py`.
    """
    parts = {
        path.name: path
        for path in (root / "pipelines" / "lacuna").iterdir()
        if path.is_dir() and any(path.glob("*.py"))
    }
    modules = {path.stem for path in (root / "pipelines" / "lacuna").glob("*.py")} - {"__init__"}
    modules.add("fixtures")
    for path in sorted((root / "tests").iterdir()):
        is_known = path.name in {*parts, *modules, *OTHER_TESTS}
        # What a rename leaves behind is a folder of compiled files.
        if path.is_dir() and any(path.rglob("*.py")) and not is_known:
            yield f"tests/{path.name}: mirrors no folder of pipelines/lacuna/"
        elif path.stem.startswith("test_") and path.stem.removeprefix("test_") not in modules:
            yield f"tests/{path.name}: mirrors no module of pipelines/lacuna/"
    for name in sorted(parts):
        if not any((root / "tests" / name).rglob("test_*.py")):
            yield f"pipelines/lacuna/{name}: has no tests in tests/{name}"
        for folder in sorted(path for path in parts[name].rglob("*") if any(path.glob("*.py"))):
            if not _has_tests(folder, root):
                where = folder.relative_to(root / "pipelines" / "lacuna").as_posix()
                yield f"pipelines/lacuna/{where}: no tests are named after it or a module of it"


def _has_tests(folder: Path, root: Path) -> bool:
    """Whether a folder within a part has tests where a stranger looks for them.

    They are in a folder of its name, or in one above, within the part, and named after it or after
    one of its modules.
    """
    mirrored = root / "tests" / folder.relative_to(root / "pipelines" / "lacuna")
    if any(mirrored.rglob("test_*.py")):
        return True
    names = {folder.name, *(path.stem for path in folder.glob("*.py"))} - {"__init__"}
    places = [above for above in mirrored.parents if (root / "tests") in above.parents]
    return any((place / f"test_{name}.py").exists() for place in places for name in names)


def flows_unlike_dags(root: Path) -> Iterator[str]:
    """Each DAG has one flow of its name, a file or a folder with `flow.py`, and each flow one DAG.

    `flows/run/` is what several flows need; `attack` and `absence` are run by their commands alone.
    """
    flows = {
        path.stem: path
        for path in (root / "pipelines" / "lacuna" / "flows").iterdir()
        if (path.suffix == ".py" or any(path.glob("*.py"))) and path.stem != "__init__"
    }
    dags = {path.stem.removeprefix("gdpr_") for path in (root / "dags").glob("*.py")}
    for name in sorted(dags - flows.keys()):
        yield f"dags/gdpr_{name}.py: no flow of this name in pipelines/lacuna/flows"
    for name, path in sorted(flows.items()):
        if name in NO_DAG:
            continue
        if name not in dags:
            yield f"pipelines/lacuna/flows/{name}: no DAG dags/gdpr_{name}.py"
        if path.is_dir() and not (path / "flow.py").exists():
            yield f"pipelines/lacuna/flows/{name}: has no flow.py"


# --- reading trees --------------------------------------------------------------------------------


def _functions(nodes: Iterable[ast.AST]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _leaf(node: ast.AST) -> str | None:
    """Return the last name of `a.b.c`, of `c`, or of `a.b.c(…)`'s function."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return _leaf(function)
    return None


def _decorator_root(node: ast.AST) -> str | None:
    """Return `task` for `@task`, `@task(…)`, `@task.sensor(…)` and `@sdk.task`."""
    names = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Call(func=inner):
                node = inner
            case ast.Attribute(value=inner, attr=name):
                names.append(name)
                node = inner
            case _:
                return None
    names.append(node.id)
    return next((name for name in names if name in _AIRFLOW_DECORATORS), None)


def _names(node: ast.AST) -> list[str]:
    """Return the names that a node itself says: those that it binds, reads, passes or imports."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return [name]
        case ast.alias(name=name, asname=other):
            return [*name.split("."), *([other] if other else [])]
        case ast.ImportFrom(module=str(module)):
            return module.split(".")
    return []


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 1))


def _dag_id(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    given = [each.value for each in node.keywords if each.arg == "dag_id"] or node.args[:1]
    match given:
        case [ast.Constant(value=str(text))]:
            return text
    return None


def _docstrings(nodes: Iterable[ast.AST]) -> Iterator[ast.Constant]:
    for node in nodes:
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant() as text), *_])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant() as text), *_])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant() as text), *_])
                | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant() as text), *_])
            ):
                yield text


def _imported(node: ast.AST) -> list[str]:
    """Return the modules that an import statement names, `from lacuna import x` as the module."""
    match node:
        case ast.Import(names=names):
            return [each.name for each in names]
        case ast.ImportFrom(module="lacuna", names=names, level=0):
            return [f"lacuna.{each.name}" for each in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []


def _said(source: Source, node: ast.expr, where: str, bound: Mapping[str, str]) -> Iterator[str]:
    """Yield a problem for each value in `node` that becomes text and should not."""
    for said in _formatted(node):
        name = bound.get(said, said)
        if _PERSONAL.fullmatch(name):
            yield source.problem(node.lineno, f"{where} formats {name}; say where and how many")
        elif _FOREIGN_TEXT.fullmatch(name):
            yield source.problem(
                node.lineno, f"{where} formats another exception ({name}); say its type"
            )


def _formatted(node: ast.expr) -> Iterator[str]:
    """Yield the last names of the values whose text is part of `node`'s text.

    `len(rows)` and `type(error).__name__` say nothing of the value; `value.strip()`, `row[0]`
    and `", ".join(emails)` do.
    """
    match node:
        case ast.JoinedStr(values=parts):
            for part in parts:
                yield from _formatted(part)
        case ast.FormattedValue(value=value) | ast.Starred(value=value):
            yield from _formatted(value)
        case ast.Name(id=name):
            yield name
        case ast.Attribute(attr=name):
            yield name
        case ast.Subscript(value=value, slice=key):
            yield from _formatted(value)
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
        case ast.BinOp(left=left, right=right):
            yield from _formatted(left)
            yield from _formatted(right)
        case ast.IfExp(body=left, orelse=right):
            yield from _formatted(left)
            yield from _formatted(right)
        case ast.BoolOp(values=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _formatted(part)
        case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part) | ast.SetComp(elt=part):
            yield from _formatted(part)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _SAYS_THE_VALUE:
            for argument in arguments:
                yield from _formatted(argument)
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=arguments) if (
            _TEXT_METHODS.fullmatch(name)
        ):
            for part in (value, *arguments):
                yield from _formatted(part)
