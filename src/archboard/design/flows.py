"""Flows: which arrows belong together, where each flow starts, and what stops one being read.

A circle of requests (AB301) is told and its closing arrow left out, so that what remains is a flow that can be
measured; shares that do not add up (AB302) and failure arrows that nothing can take (AB305) are told here too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from archboard.design.collect import Collection, RawBlock
from archboard.design.model import Arrow, ArrowKind, Component, Condition, Flow, Given, Promise, Settings
from archboard.design.rules import CYCLE, FAILURE, SHARES, WRONG_VALUE
from archboard.diagnostics import Diagnostic, Note
from archboard.records import field, record, replace
from archboard.source import Span
from archboard.units import show_fraction

WAITED = (ArrowKind.REQUEST, ArrowKind.CALL)


@record(frozen=False)
class Flows:
    """Builds the flows of a design; `told` and `touched` gather what was wrong and whom it concerns."""

    found: Collection
    components: Mapping[str, Component]
    arrows: tuple[Arrow, ...]
    told: list[Diagnostic]
    touched: set[str] = field(default_factory=set)

    def build(self, blocks: Mapping[str, Settings], promises: tuple[Promise, ...], span: Span) -> tuple[Flow, ...]:
        """Return `main`, where it has arrows or promises, then the named flows in the order written."""
        failures = tuple(self._failures())
        flows = []
        named = {name: [a for a in self.arrows if a.flow == name] for name in self.found.flows}
        outside = [arrow for arrow in self.arrows if arrow.flow is None]
        if promises or not named or any(a.kind is not ArrowKind.FAILURE for a in outside):
            main = RawBlock("main", "", (), span)
            flows.append(self._flow(main, outside, failures, MappingProxyType({}), promises))
        for name, block in self.found.flows.items():
            own = blocks.get(name, MappingProxyType({}))
            sla = own.get("sla")
            kept = tuple(p for p in sla.value if isinstance(p, Promise)) if sla and isinstance(sla.value, tuple) else ()
            flows.append(self._flow(block, named[name], failures, own, kept))
        return tuple(flows)

    def _flow(
        self, block: RawBlock, arrows: list[Arrow], failures: tuple[Arrow, ...], own: Settings,
        promises: tuple[Promise, ...],
    ) -> Flow:  # fmt: skip
        running = self._without_circles([a for a in arrows if a.kind is not ArrowKind.FAILURE])
        self._shares(running)
        reached = {name for arrow in running for name in (arrow.tail, arrow.head)}
        inside = [f for f in failures if f.flow in (None, block.name if block.name != "main" else None)]
        for failure in inside:
            if failure.tail in reached or failure.head in reached:
                reached.update((failure.tail, failure.head))
        applying = tuple(f for f in inside if f.tail in reached)
        problem = own.get("problem")
        said = problem.value if problem is not None and isinstance(problem.value, tuple) else ()
        texts = tuple(text for text in said if isinstance(text, str))
        return Flow(
            block.name, block.title, tuple(running), applying, promises, starts_of(running, failures), block.span,
            own.get("rate"), texts,
        )  # fmt: skip

    def _failures(self) -> Iterable[Arrow]:
        """Return the failure arrows that can be taken, their waits filled in."""
        reached = {name for a in self.arrows if a.kind is not ArrowKind.FAILURE for name in (a.tail, a.head)}
        fallen_to = {a.head for a in self.arrows if a.kind is ArrowKind.FAILURE}
        for arrow in self.arrows:
            if arrow.kind is not ArrowKind.FAILURE:
                continue
            if arrow.tail == arrow.head:
                self._refuse(arrow, f"`{arrow.tail}` falls back to itself", "point the failure arrow elsewhere")
            elif arrow.condition is None:
                if "on" not in arrow.settings and not self._spoiled(arrow):
                    self._refuse(
                        arrow, f"`{arrow.tail}` -x> `{arrow.head}` does not say when it is taken",
                        "add `{ on: timeout 15ms }`, or error, down, overload, latency > 40ms",
                    )  # fmt: skip
            elif arrow.tail not in reached and arrow.tail not in fallen_to:
                self._refuse(
                    arrow, f"`{arrow.tail}` is on no flow, so nothing can fall back from it",
                    f"draw an arrow to `{arrow.tail}` first",
                )  # fmt: skip
            else:
                yield self._with_wait(arrow)

    def _spoiled(self, arrow: Arrow) -> bool:
        """Whether its condition was written, but wrongly, which has been told already."""
        return any(d.span.source is arrow.span.source and d.span.line == arrow.span.line for d in self.told)

    def _refuse(self, arrow: Arrow, message: str, help: str) -> None:
        self.told.append(FAILURE.at(arrow.span, message, help, subject=arrow.id))
        self.touched.update((arrow.tail, arrow.head))

    def _with_wait(self, arrow: Arrow) -> Arrow:
        """Fill in `on: timeout` from the timeout of the arrows that lead to the component."""
        condition = arrow.condition
        if condition is None or condition.kind != "timeout" or condition.seconds is not None:
            return arrow
        own = arrow.number_of("timeout")
        waits = [own] if own is not None else []
        waits += [w for a in self.arrows if a.head == arrow.tail and (w := a.number_of("timeout")) is not None]
        span = arrow.settings["on"].span
        if not waits:
            help = "write `on: timeout 15ms`"
            self.told.append(
                WRONG_VALUE.at(span, "`on: timeout` does not say how long", help, subject=arrow.id, aspect="on")
            )
            self.touched.update((arrow.tail, arrow.head))
        given = Given(Condition("timeout", max(waits, default=None)), span)
        return replace(arrow, settings=MappingProxyType({**arrow.settings, "on": given}))

    def _without_circles(self, arrows: list[Arrow]) -> list[Arrow]:
        """Leave out every arrow that closes a circle of requests and calls, and tell of each."""
        closing = closing_arrows([a for a in arrows if a.kind in WAITED])
        for arrow, circle in closing:
            shown = " → ".join((*circle, circle[0]))
            what = f"`{arrow.tail}` sends to itself" if len(circle) == 1 else f"`{circle[0]}` waits for itself: {shown}"
            self.told.append(
                CYCLE.at(
                    arrow.span, what,
                    "leave the answer out (it is implied), write `<->` for a call, or `~>` if nobody waits",
                    subject=arrow.id,
                )
            )  # fmt: skip
            self.touched.update(circle)
        left_out = {arrow.number for arrow, _ in closing}
        return [arrow for arrow in arrows if arrow.number not in left_out] if closing else arrows

    def _shares(self, arrows: list[Arrow]) -> None:
        leaving: dict[str, dict[int, Arrow]] = {}
        for arrow in arrows:
            if arrow.kind is ArrowKind.REQUEST:
                leaving.setdefault(arrow.tail, {}).setdefault(arrow.fork, arrow)
        for name, forks in leaving.items():
            ways = tuple(forks.values())
            shared = [way for way in ways if way.share is not None]
            if shared:
                self._share_sum(name, ways, shared)

    def _share_sum(self, name: str, ways: tuple[Arrow, ...], shared: list[Arrow]) -> None:
        total = math.fsum(way.share or 0.0 for way in shared)
        rest = [way for way in ways if way.share is None]
        sums = " + ".join(show_fraction(way.share or 0.0) for way in shared)
        last = shared[-1]
        notes = tuple(Note(way.place_of("share"), show_fraction(way.share or 0.0)) for way in shared[:-1])
        if total > 1 + 1e-9:
            message = f"`{name}` shares out {sums} = {show_fraction(total)}, more than all of its requests"
            help = f"take {show_fraction(total - 1)} away"
        elif len(rest) > 1:
            message = f"`{name}` has {len(rest)} alternatives without a share, so nobody knows which takes the rest"
            help = f"give all but one a share; {show_fraction(1 - total)} is left"
            notes = tuple(Note(way.span, "no share") for way in rest)
        elif not rest and total < 1 - 1e-9:
            message = f"`{name}` shares out {sums} = {show_fraction(total)}: {show_fraction(1 - total)} have no way on"
            help = f"add {show_fraction(1 - total)}, or an arrow without `share` that takes the rest"
        else:
            return
        self.told.append(SHARES.at(last.place_of("share"), message, help, *notes, subject=name))
        self.touched.update((name, *(way.head for way in ways)))


def starts_of(arrows: Iterable[Arrow], failures: Iterable[Arrow]) -> tuple[str, ...]:
    """Return the components that a request or call leaves and none enters, failure targets excepted."""
    leaving: dict[str, None] = {}
    entered = {failure.head for failure in failures}
    for arrow in arrows:
        if arrow.kind in WAITED:
            leaving.setdefault(arrow.tail)
            entered.add(arrow.head)
    return tuple(name for name in leaving if name not in entered)


def closing_arrows(arrows: list[Arrow]) -> list[tuple[Arrow, tuple[str, ...]]]:
    """Return each arrow that closes a circle, with the circle's components from the one it returns to."""
    outgoing: dict[str, list[Arrow]] = {}
    for arrow in arrows:
        outgoing.setdefault(arrow.tail, []).append(arrow)
    closing: list[tuple[Arrow, tuple[str, ...]]] = []
    done: set[str] = set()
    for root in outgoing:
        if root in done:
            continue
        trail, on_trail = [root], {root: 0}
        waiting = [iter(outgoing[root])]
        while waiting:
            step = next(waiting[-1], None)
            if step is None:
                waiting.pop()
                left = trail.pop()
                del on_trail[left]
                done.add(left)
                continue
            arrow = step
            if arrow.head in on_trail:
                closing.append((arrow, tuple(trail[on_trail[arrow.head] :])))
            elif arrow.head not in done:
                on_trail[arrow.head] = len(trail)
                trail.append(arrow.head)
                waiting.append(iter(outgoing.get(arrow.head, ())))
    return closing
