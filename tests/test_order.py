"""No order but the file's: what lets a seed or a version of Python decide is refused where it is written.

`test_determinism` compares what comes out; this reads what is written, and so finds also what no design shows today.
It knows a set by how it is made and by the annotations of the package, which mypy holds to the truth.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeGuard

import pytest

from tests.test_house import SRC, trees

ORDERLESS = {"any", "all", "set", "frozenset", "sorted", "len", "bool", "fsum", "isdisjoint", "issubset", "issuperset"}
"""What comes to the same whatever order it is given things in; `min` and `max` too, but for those with a key."""
ORDERED = {
    "list", "tuple", "iter", "next", "enumerate", "zip", "map", "filter", "fromkeys", "Counter", "join", "extend",
    "min", "max", "chain", "from_iterable", "deque", "array", "sum", "prod", "dict",
}  # fmt: skip
ALGEBRA = {"union", "intersection", "difference", "symmetric_difference", "copy"}
COUNTS = {"len", "int", "bool", "isinstance", "ord", "_cost", "_takes_room"}
WHOLE = {"ok", "turn", "words", "cost", "stages", "times", "counts", "totals", "lost", "part"}
"""What is summed in whole numbers without that its name says so to a test: mypy infers `int` for each."""
PARSED = [(path, tree) for path, tree in trees()]


def annotated(node: ast.expr | None) -> str:
    """Return an annotation as it is written, `set[str] | None` without its None."""
    return "" if node is None else ast.unparse(node).strip("'\"").removesuffix(" | None")


def is_set_type(text: str) -> bool:
    return text.partition("[")[0] in ("set", "frozenset", "AbstractSet", "MutableSet")


def holds_sets(text: str) -> bool:
    """Whether an annotation is of a mapping to sets."""
    head, _, inner = text.partition("[")
    return head in ("dict", "Mapping", "defaultdict") and is_set_type(inner.partition(", ")[2])


@dataclass
class Known:
    """What a name, an attribute or a function may be, by all annotations that it has in the package."""

    types: dict[str, set[str]] = field(default_factory=dict)

    def note(self, name: str, annotation: ast.expr | None) -> None:
        if annotation is not None:
            self.types.setdefault(name, set()).add(annotated(annotation))

    def all(self, name: str, holds: object) -> bool:
        return bool(self.types.get(name)) and all(holds(each) for each in self.types[name])  # type: ignore[operator]


def package() -> Known:
    """Gather what every class of the package says of its attributes, and every function of its result."""
    known = Known()
    for _, tree in PARSED:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                known.note(node.name, node.returns)
            elif isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                        known.note(line.target.id, line.annotation)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
                known.note(node.target.attr, node.annotation)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                known.note(node.targets[0].attr, node.value.func if isinstance(node.value, ast.Call) else node.value)
    return known


def assigned(nodes: list[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a scope assigns, each with its value."""
    for node in nodes:
        if isinstance(node, ast.NamedExpr):
            yield node.target.id, node.value
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    yield from (
                        (each.id, value)
                        for each, value in zip(target.elts, node.value.elts, strict=True)
                        if isinstance(each, ast.Name)
                    )


class Reading:
    """One function, or a module's top level, read for sets."""

    def __init__(self, nodes: list[ast.AST], known: Known) -> None:
        self.known = known
        self.local = Known()
        for node in nodes:
            if isinstance(node, ast.arg):
                self.local.note(node.arg, node.annotation)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                self.local.note(node.target.id, node.annotation)
        self.sets: set[str] = set()
        for _ in range(3):  # a name given a name given a set
            self.sets |= {name for name, value in assigned(nodes) if self.is_set(value)}

    def is_set(self, node: ast.expr) -> bool:
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Name(id=name):
                return name in self.sets or self.local.all(name, is_set_type)
            case ast.Attribute(attr=name):
                return self.known.all(name, is_set_type)
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() | ast.Sub() | ast.BitXor(), right=right):
                return any(self.is_set(side) or is_view(side) for side in (left, right))
            case ast.IfExp(body=body, orelse=other):
                return self.is_set(body) or self.is_set(other)
            case ast.BoolOp(values=values):
                return any(map(self.is_set, values))
            case ast.NamedExpr(value=value):
                return self.is_set(value)
            case ast.Subscript(value=value):
                return self.is_shelf(value)
            case ast.Call(func=ast.Name(id=name)):
                return name in ("set", "frozenset") or self.known.all(name, is_set_type)
            case ast.Call(func=ast.Attribute(value=value, attr=name)):
                if name in ("get", "setdefault") and self.is_shelf(value):
                    return True
                return (name in ALGEBRA and self.is_set(value)) or self.known.all(name, is_set_type)
        return False

    def is_shelf(self, node: ast.expr) -> bool:
        """Whether this is a mapping to sets."""
        match node:
            case ast.Name(id=name):
                return self.local.all(name, holds_sets)
            case ast.Attribute(attr=name):
                return self.known.all(name, holds_sets)
        return False


def is_view(node: ast.expr) -> bool:
    """Whether this is the keys or items of a mapping: in order itself, but `a.keys() & b` is a set."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "items")


def called(node: ast.Call) -> str:
    """Return the last part of what a call calls."""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def walked(nodes: list[ast.AST]) -> Iterator[ast.expr]:
    """Yield whatever is gone through in its own order where that order can be seen afterwards."""
    free = {id(each.value) for node in nodes if isinstance(node, ast.Set) for each in node.elts if is_starred(each)}
    for node in nodes:
        if isinstance(node, ast.Call) and (
            called(node) in ORDERLESS or (called(node) in ("min", "max") and not node.keywords)
        ):
            free |= {id(each) for each in node.args}
    for node in nodes:
        match node:
            case ast.For(iter=way):
                yield way
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp() if id(node) not in free:
                yield from (each.iter for each in node.generators)
            case ast.Starred(value=value) | ast.YieldFrom(value=value) if id(value) not in free:
                yield value
            case ast.Assign(targets=[ast.Tuple() | ast.List()], value=value) if not isinstance(value, ast.Tuple):
                yield value
            case ast.AugAssign(op=ast.Add(), value=value) | ast.FormattedValue(value=value):
                yield value
            case ast.Call(func=ast.Attribute(value=value, attr="pop"), args=[]):
                yield value
            case ast.Call() if called(node) in ORDERED and not (called(node) in ("min", "max") and not node.keywords):
                yield from (each for each in node.args if id(each) not in free)


def is_starred(node: ast.expr) -> TypeGuard[ast.Starred]:
    return isinstance(node, ast.Starred)


def orders_of_sets(tree: ast.Module, known: Known) -> Iterator[int]:
    """Yield the lines on which a set is gone through in its own order."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    top = [line for line in tree.body if not isinstance(line, ast.FunctionDef | ast.ClassDef)]
    for scope in (ast.Module(top, []), *functions):
        nodes = list(ast.walk(scope))
        reading = Reading(nodes, known)
        yield from (node.lineno for node in walked(nodes) if reading.is_set(node))


def test_no_set_is_gone_through_in_its_own_order() -> None:
    known = package()
    found = {f"{path.relative_to(SRC)}:{line}" for path, tree in PARSED for line in orders_of_sets(tree, known)}
    assert not found


WALKS = (
    "def f(a: set[str]) -> None:\n for x in a: print(x)",
    "def f(a: dict[str, set[str]]) -> None:\n for x in a['b'] & set(a): print(x)",
    "def f() -> None:\n a, b = {1}, [2]\n return {x: 0 for x in a}",
    "def f(a: list[str]) -> None:\n a += frozenset(a)",
    "def f(a: frozenset[str]) -> str:\n return ', '.join(a)",
    "def f(a: frozenset[str]) -> str:\n return f'{a}'",
    "def f(a: dict[str, int], b: list[str]) -> str:\n return [*a.keys() & b]",
    "def f(a: set[str]) -> str:\n return max(a, key=len)",
    "def f(a: set[str]) -> str:\n return a.pop()",
)
HARMLESS = (
    "def f(a: set[str]) -> None:\n for x in sorted(a): print(x)",
    "def f(a: set[str]) -> bool:\n return any(x for x in a) or max(a) == max(len(x) for x in a)",
    "def f(a: set[str]) -> set[str]:\n return {*a, 'b'} if 'b' in a else {x for x in a}",
    "def f(a: dict[str, int]) -> list[str]:\n return [x for x in a]",
)


@pytest.mark.parametrize("text", WALKS)
def test_a_set_gone_through_is_seen(text: str) -> None:
    assert list(orders_of_sets(ast.parse(text), Known()))


@pytest.mark.parametrize("text", HARMLESS)
def test_a_set_whose_order_cannot_matter_is_let_be(text: str) -> None:
    assert not list(orders_of_sets(ast.parse(text), Known()))


def is_whole(node: ast.expr, known: Known) -> bool:
    """Whether an expression is a whole number, by how it is made or by what the package says of it."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int)
        case ast.Compare():
            return True
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.UnaryOp(operand=operand):
            return is_whole(operand, known)
        case ast.BoolOp(values=values):
            return all(is_whole(value, known) for value in values)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return is_whole(left, known) and is_whole(right, known)
        case ast.Attribute(attr=name):
            return name in WHOLE or known.all(name, ("int", "bool").__contains__)
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            return name in WHOLE
        case ast.Call(func=ast.Attribute(value=value, attr="values")):
            return is_whole(value, known)
        case ast.Call(func=ast.Name(id="min"), args=args):
            return any(is_whole(each, known) for each in args)
        case ast.Call(func=ast.Name(id=name)):
            return name in COUNTS
    return False


def test_only_whole_numbers_are_summed_by_the_built_in_sum() -> None:
    """From Python 3.12 on it compensates what floats lose: `math.fsum` is the same everywhere."""
    known = package()
    found = []
    for path, tree in PARSED:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum":
                summed = node.args[0]
                inner = summed.elt if isinstance(summed, ast.GeneratorExp | ast.ListComp) else summed
                if not is_whole(inner, known):
                    found.append(f"{path.relative_to(SRC)}:{node.lineno}: {ast.unparse(node)}")
    assert not found
