"""What a walkthrough can be told from: the design, its facts, and how its parts are called.

The order of drawing is worked out here: components step by step, along the arrows; the copies of a region are told
once, by their first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from archboard.design.model import Arrow, ArrowKind, Component, Design, Flow, Scenario
from archboard.facts import Facts, Metric
from archboard.records import field, record
from archboard.script.names import Name, Vocabulary, title_of
from archboard.script.speech import Number, number

WAITED = (ArrowKind.REQUEST, ArrowKind.CALL)


class WhatIf(Protocol):
    """A scenario of the file and what was found under it; `met` says whether its expectation held."""

    @property
    def scenario(self) -> Scenario: ...  # noqa: D102

    @property
    def facts(self) -> Facts: ...  # noqa: D102

    @property
    def met(self) -> bool | None: ...  # noqa: D102


@record
class Telling:
    """Design and facts with the questions that every part of the walkthrough asks of them.

    `first` maps each component to the one that stands for it (itself, or the first copy of its region); `ordered`
    holds those that are told, along the flow.
    """

    design: Design
    facts: Facts
    scenarios: tuple[WhatIf, ...]
    vocabulary: Vocabulary
    first: Mapping[str, str]
    ordered: tuple[Component, ...]
    _near: dict[str, list[Arrow]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _alike: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _places: dict[str, tuple[int, int]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def name(self, component: str) -> Name:
        """Return how a component is called."""
        known = self.design.components[component]
        title = title_of(known)
        untitled = title.casefold() == known.plain.replace("_", " ").casefold()
        name = self.vocabulary.name(known.plain if untitled else title, known.kind.noun)
        return Name(title, name.plain, name.the, name.plural)

    def copies(self, component: str) -> tuple[str, ...]:
        """Return the copies that are told with a component, itself first; nothing where it is the only one."""
        if not self._alike:
            for name, first in self.first.items():
                self._alike.setdefault(first, []).append(name)
        alike = self._alike[self.first[component]]
        return tuple(alike) if len(alike) > 1 else ()

    def placed(self, component: str) -> Name:
        """Return how a component is called, with its region where there are copies of it."""
        name = self.name(component)
        if not self.copies(component):
            return name
        where = component.rpartition(".")[0]
        return Name(f"{name.label} ({where})", f"{name.plain} in {where}", f"{name.the} in {where}", name.plural)

    def names(self, components: Iterable[str]) -> tuple[Name, ...]:
        """Return how components are called, each once."""
        return tuple(self.name(one) for one in dict.fromkeys(self.first.get(c, c) for c in components))

    def step(self, step: int) -> tuple[Component, ...]:
        """Return the components drawn at a step, in drawing order."""
        return tuple(component for component in self.ordered if component.step == step)

    def drawn_with(self, component: Component) -> tuple[Arrow, ...]:
        """Return the arrows that appear when a component is drawn: those to and from what stands already."""
        if not self._places:
            self._places.update((one.name, (one.step, at)) for at, one in enumerate(self.ordered))
        place = self._places
        here = place[component.name]
        return tuple(a for a in self._at(component.name) if max(place[a.tail], place[a.head]) == here)

    def arrows(self, *kinds: ArrowKind) -> Iterator[Arrow]:
        """Yield the arrows between told components, failure arrows only when asked for."""
        for arrow in self.design.arrows:
            if _wanted(arrow, kinds) and self._is_told(arrow):
                yield arrow

    def _is_told(self, arrow: Arrow) -> bool:
        return self.first.get(arrow.tail) == arrow.tail and self.first.get(arrow.head) == arrow.head

    def _at(self, component: str, *kinds: ArrowKind) -> Iterator[Arrow]:
        """Yield the arrows to and from a component, as `arrows` does."""
        if not self._near:
            for arrow in filter(self._is_told, self.design.arrows):
                for end in dict.fromkeys((arrow.tail, arrow.head)):
                    self._near.setdefault(end, []).append(arrow)
        return (arrow for arrow in self._near.get(component, ()) if _wanted(arrow, kinds))

    def only_fed(self, name: str) -> bool:
        """Return whether a component is sent things by `~>` alone, and nothing waits for it."""
        waited = self.entering(name, *WAITED) or self.leaving(name, *WAITED)
        return not waited and bool(self.entering(name, ArrowKind.ASYNC))

    def in_reserve(self, name: str) -> bool:
        """Return whether a component answers for others only when they fail."""
        usual = self.entering(name, *WAITED, ArrowKind.ASYNC)
        return not usual and bool(self.entering(name, ArrowKind.FAILURE))

    def leaving(self, component: str, *kinds: ArrowKind) -> tuple[Arrow, ...]:
        """Return the arrows out of a component."""
        return tuple(arrow for arrow in self._at(component, *kinds) if arrow.tail == component)

    def entering(self, component: str, *kinds: ArrowKind) -> tuple[Arrow, ...]:
        """Return the arrows into a component."""
        return tuple(arrow for arrow in self._at(component, *kinds) if arrow.head == component)

    def number(self, metric: Metric, subject: str) -> Number | None:
        """Return a fact as a number to say, if it is known."""
        value = self.facts.value(metric, subject)
        return None if value is None else number(value, metric.dimension)

    def promising(self) -> tuple[Flow, ...]:
        """Return the flows that promise something."""
        return tuple(flow for flow in self.design.flows if flow.promises)

    def flow_name(self, flow: str) -> Name | None:
        """Return how a flow is called; the main flow has no name of its own."""
        known = self.design.flow(flow)
        if known is None or known.name == "main":
            return None
        return self.vocabulary.name(known.title or known.name)


def _wanted(arrow: Arrow, kinds: tuple[ArrowKind, ...]) -> bool:
    return arrow.kind in kinds if kinds else arrow.kind is not ArrowKind.FAILURE


def telling(design: Design, facts: Facts, scenarios: Sequence[WhatIf], words: Vocabulary) -> Telling:
    """Prepare a design and its facts to be told."""
    first = _representatives(design)
    return Telling(design, facts, tuple(scenarios), words, first, _along_the_flow(design, first))


def _representatives(design: Design) -> dict[str, str]:
    seen: dict[tuple[str, ...], str] = {}
    first: dict[str, str] = {}
    for component in design.components.values():
        key = (
            (component.plain, component.kind.name, component.title) if _copied(design, component) else (component.name,)
        )
        first[component.name] = seen.setdefault(key, component.name)
    return first


def _copied(design: Design, component: Component) -> bool:
    group = component.group
    while group is not None and (frame := design.frames.get(group)) is not None:
        if frame.region:
            return True
        group = frame.parent
    return False


def _along_the_flow(design: Design, first: Mapping[str, str]) -> tuple[Component, ...]:
    """Order components so that what is called comes after its caller, otherwise as written in the arrows."""
    told = [name for name in design.components if first[name] == name]
    waited = [arrow for arrow in design.arrows if arrow.kind in WAITED]
    ends = ((first[arrow.tail], first[arrow.head]) for arrow in waited if {arrow.tail, arrow.head} <= first.keys())
    edges = dict.fromkeys((tail, head) for tail, head in ends if tail != head)
    seen = dict.fromkeys(first.get(end, "") for arrow in design.arrows for end in (arrow.tail, arrow.head))
    rank = {name: at for at, name in enumerate(dict.fromkeys([*seen, *told]))}
    arriving = Counter(head for _, head in edges)
    waiting = {name: arriving[name] for name in told}
    heads: dict[str, list[str]] = {}
    for tail, head in sorted(edges):
        heads.setdefault(tail, []).append(head)
    return tuple(design.components[name] for name in _sorted_by_arrows(told, rank, waiting, heads))


def _sorted_by_arrows(
    told: Sequence[str], rank: Mapping[str, int], waiting: dict[str, int], heads: Mapping[str, list[str]]
) -> list[str]:
    """Kahn's sort, the earliest written first; what a cycle holds back comes last."""
    ready = sorted((name for name in told if not waiting[name]), key=lambda name: -rank[name])
    order: list[str] = []
    while ready:
        order.append(ready.pop())
        freed = [head for head in heads.get(order[-1], ()) if head in waiting]
        for head in freed:
            waiting[head] -= 1
        ready += sorted((head for head in freed if not waiting[head]), key=lambda name: -rank[name])
    placed = set(order)
    return order + sorted((name for name in told if name not in placed), key=lambda name: rank[name])
