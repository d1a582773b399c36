"""The report as data: SI base units, stable names and order. The schema beside this file is the contract."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from archboard import __version__
from archboard.compilation import Compilation, ScenarioResult
from archboard.conditions import Condition
from archboard.diagnostics import Diagnostic
from archboard.facts import Facts, FailureFact, FlowFact, PathFact
from archboard.renderers.workings.json_form import tree
from archboard.strict_json import dumps
from archboard.verdicts import Judged, Verdict, Why
from archboard.words.conditions import judged
from archboard.words.verdicts import told

_FLAT = 4
"""The depth from which on a value stands on one line."""

def render_json(designs: Sequence[dict[str, Any]]) -> str:
    """Return the one object of `check --format json`, with a newline at its end."""
    made = {"archboard": __version__, "ok": all(design["ok"] for design in designs), "designs": list(designs)}
    return _laid_out(made, 0) + "\n"


def _laid_out(value: Any, depth: int) -> str:
    """Return JSON in which every fact, path and diagnostic has a line of its own, as `diff` and `grep` like it."""
    if depth == _FLAT or not value or not isinstance(value, dict | list):
        return dumps(value)
    begins, ends = ("{", "}") if isinstance(value, dict) else ("[", "]")
    if isinstance(value, dict):
        inside = [f"{dumps(key)}: {_laid_out(each, depth + 1)}" for key, each in value.items()]
    else:
        inside = [_laid_out(each, depth + 1) for each in value]
    lines = ",\n".join(" " * (depth + 1) + each for each in inside)
    return f"{begins}\n{lines}\n{' ' * depth}{ends}"


def as_data(compilation: Compilation) -> dict[str, Any]:
    """Return one design's report as plain data."""
    design, facts = compilation.design, compilation.facts
    everything = [(None, facts), *((result.scenario.title, result.facts) for result in compilation.scenarios)]
    return {
        "file": compilation.source.path,
        "name": design.name,
        "title": design.title,
        "ok": compilation.ok,
        "diagnostics": [found_wrong(d) for d in compilation.diagnostics],
        "promises": [_promise(v, title) for title, found in everything for v in found.verdicts],
        "flows": [_flow(flow, compilation) for flow in facts.flows],
        "failures": [_failure(failure) for failure in facts.failures],
        "facts": [fact for title, found in everything for fact in _facts(found, title)],
        "scenarios": [_scenario(result) for result in compilation.scenarios],
        "assumptions": [taken.sentence for taken in facts.assumptions],
        "hangs_on": _hanging(compilation),
    }


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def found_wrong(d: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as data."""
    return {
        "code": d.rule.code,
        "severity": d.severity.value,
        "message": d.message,
        "help": d.help,
        "file": d.span.source.path,
        "line": d.span.line,
        "column": d.span.column,
        "end_line": d.span.end_line,
        "end_column": d.span.end_column,
        "notes": [
            {"message": n.message, "file": n.span.source.path, "line": n.span.line, "column": n.span.column}
            for n in d.notes
        ],
        "scenario": d.scenario,
        "cures": [list(way) for way in d.cures],
    }


def _promise(verdict: Verdict, scenario: str | None) -> dict[str, Any]:
    promise, answers = verdict.promise, verdict if isinstance(verdict, Judged) else None
    found: dict[str, Any] = {
        "flow": verdict.flow,
        "metric": promise.metric,
        "limit": promise.limit,
        "operator": promise.operator,
        "policy": promise.policy if promise.is_timed else None,
        "value": _number(verdict.value),
        "ok": verdict.ok,
        "scenario": scenario,
        "sum": _number(answers.sum if answers else None),
        "independent": _number(answers.independent if answers else None),
        "bound": _number(answers.bound if answers else None),
        "bracket": _bracket(verdict),
        "correlated": _number(answers.correlated if answers else None),
        "worst_case": _number(answers.worst_case if answers else None),
        "working": told(verdict),
        "holds_by": [_condition(each) for each in answers.conditions] if answers else [],
    }
    if promise.per:
        found["per"] = promise.per
    return found


def _condition(condition: Condition) -> dict[str, Any]:
    """Return an assumption that a promise comes out so by, and what becomes of it with another value."""
    return {
        "assumption": condition.taken.name,
        "subjects": list(condition.taken.subjects),
        "tried": condition.tried,
        "set": list(condition.changes),
        "value": _number(condition.value),
        "ok": condition.ok,
        "turns": condition.turns,
        "eats": _number(condition.eats),
    }


def _hanging(compilation: Compilation) -> list[dict[str, Any]] | None:
    """Return the assumptions that the verdict hangs on most; None where none was tried."""
    if compilation.hanging is None:
        return None
    found = []
    for weight in compilation.hanging:
        verdict, condition = judged(compilation.facts, weight), weight.condition
        about = {"flow": weight.flow, "metric": verdict.promise.metric, "limit": verdict.promise.limit}
        holds, state = condition.taken.held, condition.taken.stated
        found.append({"holds": holds, "state": state, **_condition(condition), **about, "verdicts": weight.turns})
    return found


def _bracket(verdict: Verdict) -> list[float] | None:
    """Return what certifies an answer, or the two numbers between which it is only known to lie."""
    if isinstance(verdict, Judged):
        return None if verdict.bracket is None else list(verdict.bracket)
    return list(verdict.reason.numbers) if verdict.reason.why is Why.OPEN else None


def _flow(flow: FlowFact, compilation: Compilation) -> dict[str, Any]:
    return {
        "name": flow.flow,
        "rate": _number(flow.rate),
        "paths_total": flow.total,
        "paths": [_path(path, compilation) for path in flow.paths],
    }


def _path(path: PathFact, compilation: Compilation) -> dict[str, Any]:
    arrows = {arrow.id: arrow for arrow in compilation.design.arrows}
    items = []
    for item in path.items:
        arrow = arrows.get(item.subject) if item.is_hop else None
        subject: Mapping[str, str] = (
            {"component": item.subject} if arrow is None else {"from": arrow.tail, "to": arrow.head}
        )
        tried = {"attempts": item.attempts} if item.attempts else {}
        copies = [{"copies": count, "needed": needed} for count, needed in item.copies if count]
        shared = {"shared": True} if len(copies) < len(item.copies) else {}
        items.append({**subject, **item.seconds, **tried, **shared, **({"of": copies} if copies else {})})
    return {
        "probability": path.probability,
        "components": list(path.components),
        "sum": dict(path.sums),
        "items": items,
    }


def _failure(failure: FailureFact) -> dict[str, Any]:
    return {
        "component": failure.component,
        "to": failure.to,
        "on": failure.on,
        "flow": failure.flow,
        "detection": _number(failure.detection),
        "ok": failure.ok,
        "overloads": list(failure.overloads),
        "promises": [{"metric": v.promise.metric, "value": _number(v.value), "ok": v.ok} for v in failure.verdicts],
    }


def _facts(facts: Facts, scenario: str | None) -> list[dict[str, Any]]:
    return [
        {
            "metric": fact.metric.name,
            "subject": fact.subject,
            "value": _number(fact.value),
            "unit": fact.metric.dimension.value,
            "scenario": scenario,
            "working": fact.told,
            "tree": tree(fact.working),
        }
        for fact in facts
    ]


def _scenario(result: ScenarioResult) -> dict[str, Any]:
    return {"name": result.scenario.title, "ok": result.ok, "expect": result.scenario.expect}
