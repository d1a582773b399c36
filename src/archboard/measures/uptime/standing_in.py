"""Failure arrows: which lead to an answer, what they answer for, and which join two regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archboard.design.model import Arrow, ArrowKind, Design

TRIED = ("down", "breaker", "error", "timeout")
"""The conditions under which somebody answers in another's place, in the order they are tried."""
OPEN = ("down", "breaker")
"""Those of them that keep requests away from what is down: a breaker is open."""
CATCHING = ("error", "timeout")
"""Those of them that a request is answered by which was given up."""


def leading_to(edges: Mapping[str, list[str]], names: Iterable[str]) -> frozenset[str]:
    """Return some components and all from which a request may come to them."""
    before: dict[str, list[str]] = {}
    for tail, heads in edges.items():
        for head in heads:
            before.setdefault(head, []).append(tail)
    waiting = list(names)
    found = set(waiting)
    while waiting:
        fresh = [tail for tail in before.get(waiting.pop(), ()) if tail not in found]
        found.update(fresh)
        waiting += fresh
    return frozenset(found)


def answering(design: Design, arrow: Arrow) -> bool:
    """Whether a failure arrow leads to an answer: it does not shed, nor lead to what compensates only."""
    condition, head = arrow.condition, design.components[arrow.head]
    gains = condition is not None and not condition.sheds
    return arrow.kind is ArrowKind.FAILURE and gains and head.answers != "no"


def crosses(design: Design, arrow: Arrow) -> bool:
    """Whether an arrow leads from one region into another: then the whole region fails over."""
    regions = region_of(design, arrow.tail), region_of(design, arrow.head)
    return None not in regions and regions[0] != regions[1]


def region_of(design: Design, name: str) -> str | None:
    """Return the region that a component stands in, if any: the outermost of nested ones."""
    found = None
    frame = design.components[name].group
    while frame is not None and (about := design.frames.get(frame)) is not None:
        found = frame if about.region else found
        frame = about.parent
    return found
