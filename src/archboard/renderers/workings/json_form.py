"""A working as data: the tree with every number in SI units, and of what was written its setting, file and line."""

from __future__ import annotations

import math
from typing import Any

from archboard.catalog.assumptions import ASSUMPTION
from archboard.working import Calculation, Term, Unknown, Working

Node = dict[str, Any]


def tree(working: Working | Unknown) -> Node | None:
    """Return a working as nested plain data; None where there is no number."""
    if isinstance(working, Unknown):
        return None
    return _calculation(working) if isinstance(working, Calculation) else _term(working)


def _calculation(working: Calculation) -> Node:
    node: Node = {
        "value": _number(working.value),
        "unit": working.dimension.value,
        "operator": working.operator.name,
        "parts": [tree(part) for part in working.parts],
    }
    node |= {"note": working.note} if working.note else {}
    return node | _taken(working.assumption, "")


def _term(term: Term) -> Node:
    node: Node = {"value": _number(term.value), "unit": term.dimension.value}
    if term.words or term.text:
        node["words"] = term.words or term.text
    if term.setting:
        node["setting"] = f"{term.owner}.{term.setting}"
    if term.span is not None:
        node |= {"file": term.span.source.path, "line": term.span.line}
    if term.fact is not None:
        node["fact"] = {"metric": term.fact[0], "subject": term.fact[1]}
    if term.by:
        node["by"] = term.by
    if term.of is not None:
        node["of"] = tree(term.of)
    return node | (_taken(term.assumption, term.owner) if term.span is None else {})


def _taken(name: str, owner: str) -> Node:
    """Return what a number takes for granted: the row of the table, and of a default what states it."""
    row = ASSUMPTION.get(name)
    if row is None:
        return {}
    if not row.is_default:
        return {"approximation": row.name}
    return {"assumed": {"assumption": row.name, "state": row.state.replace("{name}", owner)}}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
