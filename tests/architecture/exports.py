"""What a module offers to others, and that nobody takes more.

A package lists what it offers in `__all__`. A folder whose `__init__.py` is empty is a folder of
public modules. A module without `__all__` offers what it defines without an underscore, which is
what another file uses: `rules.public_alone` holds that. So a list of its own would repeat it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from tests.architecture.rules import Source


@dataclass(frozen=True)
class _Offer:
    """What one module of the package binds at its top, and what of it is for others.

    Attributes:
        module: its dotted name; of `__init__.py`, its package's.
    """

    source: Source
    module: str

    @property
    def is_package(self) -> bool:
        return self.source.stem == "__init__"

    @cached_property
    def listed(self) -> list[str] | None:
        for node in self.source.tree.body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id="__all__")], value=ast.List() | ast.Tuple() as names
                ):
                    return [ast.literal_eval(each) for each in names.elts]
        return None

    @cached_property
    def defined(self) -> frozenset[str]:
        return frozenset(_defined(self.source.tree.body))

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """By name, out of which module it comes, and what it is called there."""
        return {
            each.asname or each.name: (str(node.module), each.name)
            for node in self.source.tree.body
            if isinstance(node, ast.ImportFrom)
            for each in node.names
        }

    @cached_property
    def passed_on(self) -> frozenset[str]:
        """What it imports for others: `from x import y as y`, as type checkers read it."""
        return frozenset(
            each.name
            for node in self.source.tree.body
            if isinstance(node, ast.ImportFrom)
            for each in node.names
            if each.asname == each.name
        )


@dataclass(frozen=True)
class _Taken:
    """A name that a module takes out of another one.

    Attributes:
        module: the module out of which it is taken.
    """

    line: int
    module: str
    name: str


def taken_past_all(sources: Iterable[Source]) -> Iterator[str]:
    """Nobody takes of a module what it does not offer, and `__all__` lists what is there.

    1. What an `__init__.py` binds is in `__all__` or starts with `_`. Each `__all__` lists what is
       there, once, and all that its module defines without an underscore.
    2. A name is taken out of a module that defines it, lists it in `__all__` or passes it on (`as`).
    3. Whoever is outside a package with an `__all__`, at any depth, takes only what that lists,
       from whichever module of the package it comes; another thing of the same name is not listed.
       A module that it lists is offered as a whole.
    4. Nobody takes what starts with `_` out of another module, nor anything out of such a module
       of another package.

    A name is taken by an import, or as an attribute of a module (`from lacuna.plan import erasure`,
    then `erasure.order`).

    Args:
        sources: of the package and of its users.
    """
    sources = list(sources)
    offers = {_module(source): _Offer(source, _module(source)) for source in sources}
    for offer in offers.values():
        yield from _all_unlike_names(offer)
    for module, offer in offers.items():
        for node in offer.source.nodes:
            if isinstance(node, ast.ImportFrom) and node.level:
                yield offer.source.problem(node.lineno, "imports relatively; name the module")
        for taken in sorted(set(_taken(offer.source, offers)), key=lambda one: one.line):
            for what in _hidden(taken, module, offers):
                yield offer.source.problem(taken.line, what)


def _module(source: Source) -> str:
    """Return a module's dotted name; `pipelines` is a folder and no package."""
    parts = PurePosixPath(source.path).with_suffix("").parts
    parts = parts[1:] if parts[0] == "pipelines" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _defined(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                yield name
            case ast.If(body=first, orelse=second):
                yield from _defined([*first, *second])
            case ast.Try(body=first, handlers=handlers, orelse=second):
                yield from _defined([*first, *second])
                for handler in handlers:
                    yield from _defined(handler.body)


def _all_unlike_names(offer: _Offer) -> Iterator[str]:
    if not _is_own(offer.module):
        return
    public = {name for name in offer.defined if not name.startswith("_")}
    if not offer.is_package:
        # A type's other name belongs to the signatures beside it.
        public -= set(_types(offer.source.tree.body))
    if offer.listed is None:
        if offer.is_package and (
            public or any(not each.startswith("_") for each in offer.imported)
        ):
            yield offer.source.problem(1, "no __all__, yet it binds names")
        return
    if len(offer.listed) != len(set(offer.listed)):
        yield offer.source.problem(1, "__all__ names something twice")
    if missing := public - set(offer.listed):
        yield offer.source.problem(1, f"__all__ lacks {sorted(missing)}")
    if unknown := set(offer.listed) - offer.defined - offer.imported.keys():
        yield offer.source.problem(1, f"__all__ names what is not there: {sorted(unknown)}")


def _types(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        match node:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=value)
                | ast.Assign(targets=[ast.Name(id=name)], value=value)
            ) if isinstance(value, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp):
                yield name


def _taken(source: Source, offers: Mapping[str, _Offer]) -> Iterator[_Taken]:
    """Yield what a file takes out of modules of `lacuna`, by imports and as their attributes."""
    bound: dict[str, str] = {}
    for node in source.nodes:
        match node:
            case ast.ImportFrom(module=str(module), names=names, level=0) if _is_own(module):
                for each in names:
                    yield _Taken(node.lineno, module, each.name)
                    if _is_module(module, each.name, offers):
                        bound[each.asname or each.name] = f"{module}.{each.name}"
            case ast.Import(names=names):
                for each in names:
                    if each.asname and each.name in offers:
                        bound[each.asname] = each.name
                    elif _is_own(each.name):
                        bound["lacuna"] = "lacuna"
    if bound:
        yield from _attributes(source.tree, bound, offers)


def _is_own(module: str) -> bool:
    return module.split(".")[0] == "lacuna"


def _attributes(
    node: ast.AST, bound: Mapping[str, str], offers: Mapping[str, _Offer]
) -> Iterator[_Taken]:
    """Yield the attributes of modules; within a function, its own names are no modules."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        own = set(_own_names(node))
        bound = {name: module for name, module in bound.items() if name not in own}
    if isinstance(node, ast.Attribute):
        module = _module_of(node.value, bound, offers)
        if module is not None:
            yield _Taken(node.lineno, module, node.attr)
    for child in ast.iter_child_nodes(node):
        yield from _attributes(child, bound, offers)


def _own_names(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name


def _module_of(
    node: ast.expr, bound: Mapping[str, str], offers: Mapping[str, _Offer]
) -> str | None:
    match node:
        case ast.Name(id=name):
            return bound.get(name)
        case ast.Attribute(value=value, attr=name):
            package = _module_of(value, bound, offers)
            if package is not None and _is_module(package, name, offers):
                return f"{package}.{name}"
    return None


def _hidden(taken: _Taken, by: str, offers: Mapping[str, _Offer]) -> Iterator[str]:
    """Yield why `by` may not take this."""
    if taken.name.startswith("__") or by == taken.module:
        return
    whole = f"{taken.module}.{taken.name}"
    module = whole if _is_module(taken.module, taken.name, offers) else taken.module
    if taken.name.startswith("_") and module != whole:
        yield f"takes {taken.name}, which is private elsewhere"
        return
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        around = ".".join(parts[: depth - 1])
        if parts[depth - 1].startswith("_") and not _is_within(by, around):
            yield f"takes {taken.name} out of {parts[depth - 1]}, which is private elsewhere"
        package = offers.get(".".join(parts[:depth]))
        if package is None or package.listed is None or _is_within(by, package.module):
            continue
        if module == whole == package.module:
            continue
        if any(
            each in package.listed and _is_module(package.module, each, offers)
            for each in parts[depth : depth + 1]
        ):
            continue
        if not _lists(package, taken, offers):
            yield f"takes {taken.name}, not in __all__ of {package.module}"
    home = offers.get(module)
    if home is None or module == whole or home.is_package or home.listed is not None:
        return
    if taken.name not in home.defined | home.passed_on:
        yield f"takes {taken.name} out of {module}, which only imports it"


def _lists(package: _Offer, taken: _Taken, offers: Mapping[str, _Offer]) -> bool:
    """Whether a package offers what is taken, and not only another thing of this name."""
    if taken.name not in (package.listed or ()):
        return False
    return _origin(package.module, taken.name, offers) == _origin(taken.module, taken.name, offers)


def _origin(module: str, name: str, offers: Mapping[str, _Offer]) -> tuple[str, str]:
    """Return the module that defines what another one has by a name, and its name there."""
    while (offer := offers.get(module)) and name in offer.imported:
        if name in offer.defined or _is_module(module, name, offers):
            break
        module, name = offer.imported[name]
    return module, name


def _is_module(module: str, name: str, offers: Mapping[str, _Offer]) -> bool:
    """Whether a package has a module by a name, and nothing else: a function hides one."""
    package, whole = offers.get(module), f"{module}.{name}"
    if package is None or whole not in offers or name in package.defined:
        return False
    return package.imported.get(name, (module, name)) == (module, name)


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
