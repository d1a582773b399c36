"""Redundancy: which replica or which fallback would hold an availability promise that is missed.

Found by asking the flow's structure again. Replicas come before fallbacks and one change before several: the component
that adds most to the downtime first. How many must be up stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from archboard.design.model import Component, Flow, Promise
from archboard.facts import Facts, Remedy, Verdict
from archboard.measures.availability import Running, known_availabilities, running
from archboard.measures.needs import Needs
from archboard.measures.remedies import subject_of
from archboard.measures.study import Study

TRIED = 8
"""Components that are looked at, those that add most to the downtime first."""
FURTHER = 10
"""Replicas that are tried beyond those that run, and beyond twice as many."""
TOGETHER = 60
"""Replicas that are added one by one where no single change suffices."""


def measure(study: Study, facts: Facts) -> Iterator[Remedy]:
    """Yield a remedy for each availability promise missed."""
    for verdict in facts.verdicts:
        flow = study.design.flow(verdict.flow)
        if flow is not None and verdict.ok is False and verdict.promise.metric == "availability":
            yield _Search(study, facts, flow, verdict).remedy()


class _Search:
    """Looks for the change that holds one promise."""

    def __init__(self, study: Study, facts: Facts, flow: Flow, verdict: Verdict) -> None:
        self.study, self.flow, self.verdict = study, flow, verdict
        self.promise: Promise = verdict.promise
        self.known = known_availabilities(study, facts)
        blamed = [o.component for o in facts.outages if o.flow == flow.name and o.seconds > 0][:TRIED]
        self.blamed = [study.design.components[name] for name in blamed]
        self.running = {c.name: running(study, facts, c) for c in self.blamed}

    def remedy(self) -> Remedy:
        """Return the first change that is found to hold it."""
        return self._replicas() or self._fallback() or self._several() or self._none()

    def _made(self, path: str, before: float, after: float, text: str) -> Remedy:
        return Remedy("AB601", subject_of(self.verdict), path, before, after, text)

    def _holds(self, changed: Mapping[str, float], needs: Needs | None = None) -> bool:
        """Whether the promise holds with other availabilities."""
        needs = needs or self.study.needs(self.flow)
        value = needs.diagram.answer({**needs.luck, **self.known, **changed}).value
        return self.promise.holds(value * (1 + 1e-12))

    def _replicas(self) -> Remedy | None:
        """Return the least number of replicas of one component that holds it."""
        for component in self.blamed:
            now = self.running[component.name]
            if not _replicable(component, now) or not self._holds({component.name: 1.0}):
                continue
            for count in range(now.count + 1, 2 * now.count + FURTHER):
                if self._holds({component.name: replace(now, count=count).together}):
                    text = f"{_change(component, count)} would hold it"
                    return self._made(f"{component.name}.replicas", now.count, count, text)
        return None

    def _fallback(self) -> Remedy | None:
        """Return the component whose fallback, were it always up, would hold it."""
        for component in self.blamed:
            if component.kind.name == "client":
                continue
            needs = self._covering(component.name)
            if self._holds({}, needs):
                text = f"something that answers in its place would hold it: `{component.name} -x> … {{ on: down }}`"
                return self._made(f"{component.name}.on", 0.0, 1.0, text)
        return None

    def _covering(self, *names: str) -> Needs:
        study, flow = self.study, self.flow
        return Needs(study.graphs[flow.name], flow.failures, study.weights(flow), frozenset(names))

    def _several(self) -> Remedy | None:
        """Add replicas one by one, each to what then adds most to the downtime, until the promise holds."""
        able = {c.name: self.running[c.name] for c in self.blamed if _replicable(c, self.running[c.name])}
        needs, now = self.study.needs(self.flow), dict(able)
        for _ in range(TOGETHER):
            known = {name: each.together for name, each in now.items()}
            if self._holds(known):
                break
            slopes = needs.diagram.answer({**needs.luck, **self.known, **known}).slopes
            worst = max(now, key=lambda name: slopes.get(name, 0.0) * (1.0 - known[name]), default="")
            if not worst or known[worst] >= 1:
                return None
            now[worst] = replace(now[worst], count=now[worst].count + 1)
        else:
            return None
        changes = [_change(c, now[c.name].count) for c in self.blamed if c.name in now and now[c.name] != able[c.name]]
        more = f" and {len(changes) - 4} more" if len(changes) > 4 else ""
        listed = ", ".join(changes[:4]) if more or len(changes) == 1 else f"{', '.join(changes[:-1])} and {changes[-1]}"
        return self._made("", 0.0, 0.0, f"{listed}{more} would hold it")

    def _none(self) -> Remedy:
        biggest = f": not even twice `{self.blamed[0].name}`" if self.blamed else ""
        return self._made("", 0.0, 0.0, f"no replicas and no single fallback hold it{biggest}; the promise must give")


def _replicable(component: Component, now: Running) -> bool:
    """Whether more of it would be up more often, and whether more of it can be had."""
    return component.kind.name not in ("client", "external") and 0 < now.each < 1


def _change(component: Component, count: int) -> str:
    stated = component.replicas
    if stated.low == stated.high:
        return f"`{component.name}.replicas` {stated.high:,.0f} → {count:,}"
    after = f"{count:,}..{max(count, stated.high):,.0f}"
    return f"`{component.name}.replicas` {stated.low:,.0f}..{stated.high:,.0f} → {after}"
