"""Small faults put into a module's source, one at a time: what a good test should notice. Pure.

The operators are those of the literature (DeMillo, Lipton and Sayward, Hints on Test Data Selection, 1978; Offutt's
sufficient set), and some for what this code is made of: rows of tables, members of enumerations, keyword arguments.

>>> [str(mutant) for mutant in mutants("def rings(score):\\n    return score >= 25\\n")]
['rings:2 score >= 25 → score > 25', 'rings:2 25 → 26']
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
SHOWN = 60
"""Characters of a piece of source that are shown of a change."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One fault: *where* (function or class) and at what line *before* became *after*; *source* is all of it.

    *name* tells it from every other one of its module, and does not depend on lines.
    """

    where: str
    line: int
    before: str
    after: str
    source: str
    name: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line} {self.before} → {self.after}"


@dataclass(frozen=True, kw_only=True)
class _Change:
    """*undo*-able: *apply* puts the fault into the tree and gives back what takes it out again."""

    node: ast.AST
    before: str
    after: str
    apply: Callable[[], Callable[[], None]]


def mutants(source: str) -> list[Mutant]:
    """Every mutant of *source*, in the order of the lines; the same every time."""
    tree = ast.parse(source)
    places, texts = _places(tree), [ast.unparse(statement) for statement in tree.body]
    made: list[Mutant] = []
    seen: dict[str, int] = {}
    for change in sorted(_changes(tree), key=lambda each: (each.node.lineno, each.node.col_offset)):  # type: ignore[attr-defined]
        where, statement = places[id(change.node)]
        undo = change.apply()
        mutated = ast.unparse(ast.fix_missing_locations(tree.body[statement]))
        undo()
        name = f"{where}: {change.before} → {change.after}"
        seen[name] = seen.get(name, 0) + 1
        made.append(
            Mutant(
                where=where,
                line=change.node.lineno,  # type: ignore[attr-defined]
                before=change.before,
                after=change.after,
                source="\n".join([*texts[:statement], mutated, *texts[statement + 1 :]]),
                name=name if seen[name] == 1 else f"{name} ({seen[name]})",
            )
        )
    return made


def _places(tree: ast.Module) -> dict[int, tuple[str, int]]:
    """The name of the function or class around each node, and which statement of the module it is in."""
    found: dict[int, tuple[str, int]] = {}

    def walk(node: ast.AST, name: str, statement: int) -> None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = node.name if name == "module" else f"{name}.{node.name}"
        found[id(node)] = name, statement
        for child in ast.iter_child_nodes(node):
            walk(child, name, statement)

    for place, statement in enumerate(tree.body):
        walk(statement, "module", place)
    return found


def _changes(tree: ast.Module) -> Iterator[_Change]:
    siblings = _members(tree)
    for node, field in _mutable(tree):
        yield from _of_expression(node, field, siblings)
        yield from _of_statement(node)


def _mutable(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node that runs, with the field of its parent that it stands in: no annotation, docstring or import."""
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, field = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_inert(node):
            continue
        yield node, field
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            stack += [(child, name) for child in (value if isinstance(value, list) else [value]) if _is_node(child)]


def _is_node(value: object) -> bool:
    return isinstance(value, ast.AST)


def _is_inert(node: ast.AST) -> bool:
    """True for docstrings, ``if TYPE_CHECKING``, ``__all__``, assertions, which tell the type checker something, and
    type aliases."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Assert():
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Assign(targets=[ast.Name()], value=ast.Subscript(value=ast.Name(id="Mapping" | "Callable"))):
            return True
    return False


def _members(tree: ast.Module) -> dict[str, list[str]]:
    """The members of each enumeration that the module names: ``Status.OPEN`` is one of ``Status``."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and _is_member(node):
            found.setdefault(node.value.id, set()).add(node.attr)
    return {owner: sorted(names) for owner, names in found.items()}


def _is_member(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id[0].isupper() and node.attr.isupper()


def _of_expression(node: ast.AST, field: str, siblings: dict[str, list[str]]) -> Iterator[_Change]:
    match node:
        case ast.Constant():
            yield from _constant(node, field)
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                yield _in_list(node, ops, place, COMPARISONS[type(op)]())
        case ast.BoolOp(op=op):
            yield _set(node, "op", ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            yield _set(node, "op", OPERATORS[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield _become(node, operand)
        case ast.Attribute(attr=attr) if _is_member(node):
            others = siblings[node.value.id]  # type: ignore[attr-defined]
            if len(others) > 1:
                yield _set(node, "attr", others[(others.index(attr) + 1) % len(others)])
        case ast.IfExp() | ast.comprehension():
            yield from _conditions(node)
        case ast.Call():
            yield from _call(node)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items) if field not in ("targets", "slice"):
            yield from (_without(node, items, place) for place in range(len(items)) if _loads(node))
        case ast.Dict():
            yield from (_without_entry(node, place) for place in range(len(node.keys)))


def _of_statement(node: ast.AST) -> Iterator[_Change]:
    match node:
        case ast.If():
            yield from _conditions(node)
        case ast.While(test=test):
            yield _set(node, "test", ast.Constant(False), shown=test)
        case ast.AugAssign(op=op) if type(op) in OPERATORS:
            yield _set(node, "op", OPERATORS[type(op)]())
        case ast.Match(cases=cases):
            for place, case in enumerate(cases):
                yield _without(node, cases, place, shown=f"case {ast.unparse(case.pattern)}", at=case.pattern)
                if case.guard is not None:
                    for value in (True, False):
                        yield _set(case, "guard", ast.Constant(value), shown=case.guard, at=case.guard)
        case ast.Expr(value=ast.Call()):
            yield _become(node, ast.Pass())
        case ast.Continue():
            yield _become(node, ast.Break())


def _constant(node: ast.Constant, field: str) -> Iterator[_Change]:
    match node.value:
        case bool():
            yield _set(node, "value", not node.value)
        case int():
            yield _set(node, "value", node.value + 1)
        case float():
            yield _set(node, "value", 2 * node.value if node.value else 1.0)
        case str() if field != "format_spec":
            yield _set(node, "value", f"XX{node.value}" if node.value else "XX")


def _conditions(node: ast.If | ast.IfExp | ast.comprehension) -> Iterator[_Change]:
    if isinstance(node, ast.comprehension):
        for place, test in enumerate(node.ifs):
            for value in (True, False):
                yield _in_list(test, node.ifs, place, ast.Constant(value), shown=test)
        return
    for value in (True, False):
        yield _set(node, "test", ast.Constant(value), shown=node.test, at=node.test)


def _call(node: ast.Call) -> Iterator[_Change]:
    if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        yield _set(node, "func", ast.Name(FUNCTIONS[node.func.id], ast.Load()))
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            yield _without(node, node.keywords, place, shown=f"{keyword.arg}={ast.unparse(keyword.value)}", at=keyword)


def _loads(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _set(node: ast.AST, field: str, value: Any, *, shown: ast.AST | None = None, at: ast.AST | None = None) -> _Change:
    """*value* in the *field* of *node*."""

    def apply() -> Callable[[], None]:
        before = getattr(node, field)
        setattr(node, field, value)
        return lambda: setattr(node, field, before)

    shows = value if shown is not None else node
    return _Change(node=at or node, before=_text(shown or node), after=_after(apply, shows), apply=apply)


def _become(node: ast.AST, other: ast.AST) -> _Change:
    """*other* in the place of *node*."""

    def apply() -> Callable[[], None]:
        kept, kind = dict(vars(node)), type(node)
        lines = {name: kept[name] for name in ("lineno", "col_offset") if name in kept}
        new = copy.copy(vars(other))
        vars(node).clear()
        node.__class__ = type(other)
        vars(node).update(new | lines)

        def undo() -> None:
            vars(node).clear()
            node.__class__ = kind
            vars(node).update(kept)

        return undo

    return _Change(node=node, before=_text(node), after=_text(other), apply=apply)


def _in_list(node: ast.AST, items: list[Any], place: int, value: ast.AST, *, shown: ast.AST | None = None) -> _Change:
    """*value* at *place* of *items*, which are *node*'s."""

    def apply() -> Callable[[], None]:
        before, items[place] = items[place], value
        return lambda: items.__setitem__(place, before)

    shows = value if shown is not None else node
    return _Change(node=node, before=_text(shown or node), after=_after(apply, shows), apply=apply)


def _without(node: ast.AST, items: list[Any], place: int, *, shown: str = "", at: ast.AST | None = None) -> _Change:
    """*items* of *node* without the one at *place*."""

    def apply() -> Callable[[], None]:
        gone = items.pop(place)
        return lambda: items.insert(place, gone)

    before = shown or _text(items[place])
    return _Change(node=at or items[place], before=_cut(before), after="(left out)", apply=apply)


def _without_entry(node: ast.Dict, place: int) -> _Change:
    def apply() -> Callable[[], None]:
        key, value = node.keys.pop(place), node.values.pop(place)

        def undo() -> None:
            node.keys.insert(place, key)
            node.values.insert(place, value)

        return undo

    key = node.keys[place]
    before = f"{'**' if key is None else ast.unparse(key) + ': '}{ast.unparse(node.values[place])}"
    return _Change(node=node.values[place], before=_cut(before), after="(left out)", apply=apply)


def _after(apply: Callable[[], Callable[[], None]], node: ast.AST) -> str:
    undo = apply()
    text = _text(node)
    undo()
    return text


def _text(node: ast.AST) -> str:
    return _cut(ast.unparse(ast.fix_missing_locations(node)))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def sample(all_of_them: Sequence[Mutant], size: int | None, seed: int) -> list[Mutant]:
    """*size* of the mutants, drawn by *seed*; all of them without a size."""
    if size is None or size >= len(all_of_them):
        return list(all_of_them)
    chosen = random.Random(seed).sample(range(len(all_of_them)), size)
    return [all_of_them[place] for place in sorted(chosen)]
