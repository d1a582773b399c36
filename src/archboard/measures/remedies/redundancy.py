"""Redundancy: which replica, which retry or which fallback would hold an availability promise that is missed.

Found by asking the flow's structure again. Replicas, at most twice as many of one component or of two, come before
fallbacks, and one change before several; what adds most to the downtime comes first. How many must be
up stays the same. Against errors no replica helps: there a further attempt comes before a fallback. Where most is lost
to a full queue, a longer one comes first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.catalog.promises import AVAILABILITY
from archboard.design.model import ArrowKind, Flow, Promise
from archboard.design.targets import arrow_setting
from archboard.facts import Change, Cure, Facts, Fallback, Gap, Hopeless, Remedy
from archboard.maths.reliability.decision_diagram import Answer
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_retries
from archboard.measures.load.fixed_point import settled
from archboard.measures.load.refusals import refused
from archboard.measures.remedies.full_queue import letting_in
from archboard.measures.remedies.more_replicas import at_least
from archboard.measures.uptime.availability import known_availabilities
from archboard.measures.uptime.lateness import DUST
from archboard.measures.uptime.replicas import Running, chances, running
from archboard.measures.uptime.structure import Needs
from archboard.measures.uptime.unanswered import head_of, lost_over
from archboard.verdicts import Judged

TRIED = 8
"""Components that are looked at, those that add most to the downtime first."""
FURTHER = 100
"""Replicas of one component that are tried beyond the first."""
TOGETHER = 60
"""Changes that are made one after the other where no single one suffices."""
FEW = 2
"""Components of which replicas are added rather than another put in the place of one."""
ATTEMPTS = 3
"""Further attempts that are tried against errors."""
WORTH = 0.7
"""The part of a component's downtime that a replica more may leave, lest a fallback is better."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Cure]:
    """Yield a remedy for each availability promise missed."""
    for verdict in facts.missed:
        flow = analysis.design.flow(verdict.flow)
        if flow is not None and verdict.promise.kind is AVAILABILITY:
            yield _Search(analysis, facts, flow, verdict).remedy()


class _Search:
    """Looks for the change that holds one promise."""

    def __init__(self, analysis: Analysis, facts: Facts, flow: Flow, verdict: Judged) -> None:
        self.analysis, self.flow = analysis, flow
        self.promise: Promise = verdict.promise
        self.gap = Gap(verdict.promise.kind.code, verdict.flow, verdict.promise)
        self.known = known_availabilities(analysis, facts)
        components = analysis.design.components
        own = [outage for outage in facts.outages if outage.flow == flow.name]
        self.blamed = [components[outage.component] for outage in own if outage.seconds > 0][:TRIED]
        needs = analysis.needs(flow)
        diagram = needs.diagram
        over = lost_over(needs, diagram.answer({**needs.luck, **self.known}))
        most = sorted(over, key=lambda subject: -over[subject])[:TRIED]
        heads, faults = {one: head_of(flow, one) for one in most}, set(needs.faults.values())
        self.erring = [one for one in most if one in faults or refused(analysis.times, heads[one]) > 0]
        self.late = {one: Fallback(heads[one], "error" if one in self.erring else "timeout") for one in most}
        wanting = (name for name in (*diagram.always, *diagram.others) if self.known.get(name, 1.0) < 1)
        self.wanting = {c.name: c for c in (*self.blamed, *(components[name] for name in wanting))}
        self.facts = facts
        self.running = {name: running(analysis, facts, component) for name, component in self.wanting.items()}

    def remedy(self) -> Cure:
        """Return the first change that is found to hold it."""
        found = self._queue() or self._replicas() or self._several(FEW) or self._retries() or self._fallback()
        found = found or self._several()
        return found or Hopeless(self.gap, max(1, len(self.blamed)))

    def _queue(self) -> Remedy | None:
        """Return the longer queue, or the replicas behind it, that hold it where most is lost to a full queue."""
        heads = [one.component for one in self.late.values()]
        if not heads or refused(self.analysis.times, heads[0]) <= 0:
            return None
        change = letting_in(self.analysis, self.facts, self.flow, self.promise, self.known, heads)
        return None if change is None else self._made(change)

    def _made(self, *changes: Change | Fallback) -> Remedy:
        return Remedy(self.gap, changes)

    def _more(self, name: str, count: float) -> Change:
        """Return so many replicas of a component."""
        return at_least(self.wanting[name], float(count))

    def _holds(self, changed: Mapping[str, float], needs: Needs | None = None) -> bool:
        """Whether the promise holds with other availabilities."""
        needs = needs or self.analysis.needs(self.flow)
        value = needs.diagram.answer({**needs.luck, **self.known, **changed}).value
        return self.promise.holds(value * (1 + DUST))

    def _replicas(self) -> Remedy | None:
        """Return the least number of replicas of one component that holds it."""
        for component in self.blamed:
            now = self.running[component.name]
            if not self._replicable(now) or not self._holds(self.analysis.needs(self.flow).always_up(component.name)):
                continue
            first = _next_count(now)
            for count in range(first, min(max(first + 1, 2 * now.count), first + FURTHER) + 1):
                if self._holds(self._up(now.with_count(count))):
                    return self._made(self._more(component.name, count))
        return None

    def _retries(self) -> Remedy | None:
        """Return the least number of further attempts that holds it: over one arrow to what errs, or over all."""
        into = [arrow for arrow in self.flow.arrows if arrow.kind is not ArrowKind.ASYNC]
        arrows = [arrow for one in self.erring for arrow in into if one in (arrow.id, arrow.head)]
        for chosen in (*([arrow] for arrow in arrows), *([arrows] if len(arrows) > 1 else [])):
            for more in range(1, ATTEMPTS + 1):
                changes = [(arrow, arrow.number_of("retries") or 0.0) for arrow in chosen]
                design = self.analysis.design
                for arrow, now in changes:
                    design = with_retries(design, arrow.id, now + more)
                tried = settled(design, self.analysis.transforms)
                if not tried.storms and self._holds({}, self._needing(tried)):
                    targets = (Change(arrow_setting(a.id, "retries"), now, now + more) for a, now in changes)
                    return self._made(*targets)
        return None

    def _needing(self, tried: Analysis) -> Needs:
        """Return what a flow needs as it is in another analysis, what is noticed and carried as it is."""
        made, base = tried.needs(self.flow), self.analysis.needs(self.flow)
        made.luck.update((name, base.luck[name]) for name in (*made.noticed, *made.further) if name in base.luck)
        return made

    def _fallback(self) -> Remedy | None:
        """Return the component whose fallback, were it always up, would hold it."""
        for fallback in (*self.late.values(), *(Fallback(one.name) for one in self.blamed if not one.kind.asks)):
            if self._holds({}, self._covering(fallback.component)):
                return self._made(fallback)
        return None

    def _covering(self, *names: str) -> Needs:
        analysis, flow = self.analysis, self.flow
        graph, lost = analysis.graphs[flow.name], analysis.lost(flow)
        base = analysis.needs(flow)
        made = Needs(graph, flow.failures, analysis.weights(flow), frozenset(names), lost, levels=analysis.levels)
        made.luck.update((name, base.luck[name]) for name in (*made.noticed, *made.further) if name in base.luck)
        return made

    def _replicable(self, now: Running) -> bool:
        """Whether more of it would be up more often, or carry what it takes over, and whether more can be had."""
        return now.component.kind.ours and (0 < now.each < 1 or now.component.name in self.analysis.levels)

    def _up(self, now: Running) -> dict[str, float]:
        """Return the chances that so many replicas are enough, on a usual day and while something else is down."""
        name = now.component.name
        return {name: now.together, **chances(self.analysis.levels.get(name, ()), now)}

    def _several(self, most: int = 0) -> Remedy | None:
        """Change one after the other what then adds most to the downtime: a replica more, or a fallback.

        With a limit, only replicas are added, and to so many components at most.
        """
        needs, now, known = self.analysis.needs(self.flow), dict(self.running), dict[str, float]()
        caught: list[str] = []
        changes: dict[str, Change | Fallback] = {}
        for _ in range(TOGETHER):
            if self._holds(known):
                heads = {self.late[arrow].component: self.late[arrow] for arrow in caught}
                each = (changes[name] for name in self.wanting if name in changes)
                return self._made(*heads.values(), *each)
            chance = {**needs.luck, **self.known, **known}
            answer = needs.diagram.answer(chance)
            down = {name: 1.0 - chance[name] for name in (*now, *needs.further)}
            if not most and (arrow := self._latest(needs, answer, caught, down)):
                caught.append(arrow)
                known.update((name, 1.0) for name, over in needs.punctual.items() if over == arrow)
                continue
            lost = {n: math.fsum(answer.slopes.get(v, 0.0) * down[v] for v in needs.always_up(n)) for n in now}
            worst = max(now, key=lost.__getitem__, default="")
            if not worst or lost[worst] <= 0 or (most and len({*changes, worst}) > most):
                break
            more_of_it = now[worst].with_count(self._enough(now[worst]))
            short = 1.0 - math.prod(chance[variable] for variable in needs.always_up(worst))
            if self._replicable(more_of_it) and 1.0 - math.prod(self._up(more_of_it).values()) <= WORTH * short:
                now[worst], changes[worst] = more_of_it, self._more(worst, more_of_it.count)
                known.update(self._up(more_of_it))
            elif most:
                break
            else:
                changes[worst] = Fallback(worst)
                known.update(needs.always_up(worst))
        return None

    def _enough(self, now: Running) -> int:
        """Return how many replicas are the next that could do: one more, or as many as must be up in any moment."""
        most = (level.needed for level in self.analysis.levels.get(now.component.name, ()))
        return max(_next_count(now), *(int(needed) for needed in most if math.isfinite(needed)), 0)

    def _latest(self, needs: Needs, answer: Answer, caught: list[str], down: Mapping[str, float]) -> str:
        """Return the arrow over which most is given up that nothing catches yet, where that is the largest part."""
        over = {arrow: share for arrow, share in lost_over(needs, answer).items() if arrow not in caught}
        arrow = max((name for name in over if name in self.late), key=over.__getitem__, default="")
        parts = (answer.slopes.get(name, 0.0) * share for name, share in down.items())
        return arrow if arrow and over[arrow] >= max(parts, default=0.0) else ""


def _next_count(now: Running) -> int:
    """Return how many replicas are the next that could do: one more, or as many as must be up."""
    return max(now.count + 1, now.least)
