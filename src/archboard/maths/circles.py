"""Circles: which things lead back to each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def circles(edges: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return a number for each thing that an edge touches; the same one where two lead to each other.

    Strongly connected components (Tarjan 1972), without recursion.
    """
    found: dict[str, int] = {}
    place: dict[str, int] = {}
    back: dict[str, int] = {}
    trail: list[str] = []
    for root in edges:
        if root in place:
            continue
        place[root] = back[root] = len(place)
        trail.append(root)
        waiting = [(root, iter(edges[root]))]
        while waiting:
            name, rest = waiting[-1]
            head = next(rest, None)
            if head is None:
                waiting.pop()
                if waiting:
                    back[waiting[-1][0]] = min(back[waiting[-1][0]], back[name])
                if back[name] == place[name]:
                    number = len(found)
                    while name not in found:
                        found[trail.pop()] = number
            elif head not in place:
                place[head] = back[head] = len(place)
                trail.append(head)
                waiting.append((head, iter(edges.get(head, ()))))
            elif head not in found:
                back[name] = min(back[name], place[head])
    return found
