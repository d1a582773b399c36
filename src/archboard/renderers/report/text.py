"""The report as people read it in a terminal: promises, worst path, failures, load, what-ifs, assumptions, findings."""

from __future__ import annotations

import math

from archboard.catalog.promises import AVAILABILITY, STALENESS
from archboard.compilation import Compilation, ScenarioResult
from archboard.facts import Fact, Facts, Item, whole
from archboard.measures.cost import of_a_request
from archboard.renderers.report.diagnostics import Paint, clean, plain, render
from archboard.renderers.report.models import model_rows
from archboard.renderers.tables import aligned as _table
from archboard.units import MONTH, Dimension, show_apart, show_duration, show_fraction, show_rates
from archboard.verdicts import Judged, Verdict
from archboard.words.conditions import hangs_on, held_by
from archboard.words.verdicts import remark, shown_value

_FULLEST = 6


def render_text(compilation: Compilation, paint: Paint = plain) -> str:
    """Return the whole report of one design."""
    facts, blocks = compilation.facts, [_head(compilation, paint)]
    if compilation.understood:
        blocks += [
            _promises(facts, paint),
            _worst_path(facts, paint),
            _failures(facts, paint),
            _load(compilation, paint),
            _models(facts, paint),
            _scenarios(compilation.scenarios, paint),
            _assumptions(facts, paint),
        ]
    blocks.append(render(compilation.diagnostics, paint).rstrip("\n"))
    if compilation.understood:
        hanging = hangs_on(facts, compilation.hanging)
        blocks.append(_table("hangs on", [(clean(line),) for line in hanging], paint))
    blocks.append(_tail(compilation, paint))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(compilation: Compilation, paint: Paint) -> str:
    design = compilation.design
    return f"{paint(clean(design.name), 'bold')}  {clean(design.title)}  {paint(clean(compilation.source.path), 'dim')}"


def mark(ok: bool | None) -> str:
    """Return the sign of a verdict; it reads without colour."""
    return {True: "✓", False: "✗", None: "–"}[ok]


def _promises(facts: Facts, paint: Paint) -> str:
    several = len({verdict.flow for verdict in facts.verdicts}) > 1
    rows = []
    for verdict in facts.verdicts:
        name = f"{verdict.flow}: {verdict.promise.text}" if several else verdict.promise.text
        rows.append((mark(verdict.ok), clean(name), shown_value(verdict), clean(remark(verdict))))
        rows += [("", "", "", clean(words)) for words in _held_by(verdict)]
    return _table("promises", rows, paint)


def _held_by(verdict: Verdict) -> tuple[str, ...]:
    return held_by(verdict) if isinstance(verdict, Judged) else ()


def contributor(item: Item) -> str:
    """Return a contributor's name, with its attempts where every one of them is late, and which of its copies it is."""
    tried = f"{item.attempts} attempts" if item.attempts > 1 else ""
    return ", ".join(part for part in (item.subject, tried, item.among) if part)


def _worst_path(facts: Facts, paint: Paint) -> str:
    lines = []
    for flow in facts.flows:
        path = flow.worst
        if path is None or not path.items:
            continue
        metric = next(iter(path.sums))
        kind = {"hit": "cache hit", "miss": "cache miss"}.get(path.kind, "")
        parts = [part for part in (kind, f"{show_fraction(path.probability)} of requests") if part]
        name = "worst path" if flow.flow == "main" else f"worst path of {flow.flow}"
        total = show_duration(path.sums[metric])
        count = f"{flow.total:,} path{'' if flow.total == 1 else 's'}"
        lines.append(paint(f"{name}: {metric} {total} ({', '.join(parts)}; {count} in all)", "bold"))
        hops = math.fsum(item.seconds[metric] for item in path.items if item.is_hop)
        met = [item for item in path.items if not item.is_hop and item.seconds[metric] > 0]
        contributors = sorted(met, key=lambda item: -item.seconds[metric])
        shown = [f"{contributor(item)} {show_duration(item.seconds[metric])}" for item in contributors[:10]]
        shown += [f"{len(contributors) - 10} more"] if len(contributors) > 10 else []
        shown += [f"hops {show_duration(hops)}"] if hops else []
        lines.append("  " + clean(" · ".join(shown)))
    return "\n".join(lines)


def _failures(facts: Facts, paint: Paint) -> str:
    rows = []
    for failure in facts.failures:
        wait = f" {show_duration(failure.detection)}" if failure.on == "timeout" and failure.detection else ""
        arrow = clean(f"{failure.component} → {failure.to}")
        for name in failure.overloads:
            rows.append((mark(ok=False), arrow, f"{failure.on}{wait}", f"`{clean(name)}` gets more than it carries"))
        for verdict in failure.verdicts:
            value = f"{verdict.promise.metric} {shown_value(verdict)}"
            kept = None if failure.overloads and verdict.ok else verdict.ok
            rows.append((mark(kept), arrow, f"{failure.on}{wait}", value))
        if not failure.verdicts and not failure.overloads:
            what = "sheds; nothing is waited for" if failure.arrow.condition and failure.arrow.condition.sheds else ""
            rows.append((" ", arrow, f"{failure.on}{wait}", what))
    return _table("when something fails", rows, paint)


def _load(compilation: Compilation, paint: Paint) -> str:
    facts = compilation.facts
    full = sorted(facts.of("utilisation"), key=lambda f: -(f.value or 0.0))[:_FULLEST]
    rows = []
    for fact in full:
        demand, capacity = facts.get("demand", fact.subject), facts.running_capacity(fact.subject)
        if demand is not None and capacity is not None:
            load = facts.load(fact.subject)
            filled, (gets, carries) = fact.shown, show_rates(demand.value or 0.0, capacity.value or 0.0)
            if load is not None and load.over:
                gets, carries = show_rates(load.demand, load.capacity)
                filled = show_apart(load.utilisation, 1.0, Dimension.FRACTION)[0]
            how = clean(capacity.told) + _most(facts, capacity)
            rows.append((clean(fact.subject), filled, f"{gets} of {carries}", how))
    table = _table("fullest first", rows, paint)
    throughput = [f for f in facts.of("throughput") if f.value is not None]
    cost, each = facts.get("cost_month", whole(compilation.design)), of_a_request(facts, compilation.design)
    lines = [f"  carries {f.shown} at most: {clean(f.told)}" for f in throughput if f.value != float("inf")]
    lines += _refusals(compilation)
    lines += _availability(facts)
    if cost is not None and cost.value is not None:
        request = f", {each.shown} a request" if each is not None and each.value else ""
        lines.append(f"  costs {cost.shown} a month{request}")
    lines += [f"  {clean(f.subject)} keeps {f.shown}: {clean(f.told)}" for f in facts.of("stored") if f.value]
    machines = [facts.get(metric, whole(compilation.design)) for metric in ("cores", "main_memory")]
    words = [f"{f.shown} {what}" for f, what in zip(machines, ("cores", "of memory"), strict=True) if f is not None]
    lines += [f"  runs on {' and '.join(words)}"] if words else []
    promised = {v.flow for v in facts.verdicts if v.promise.kind is STALENESS}
    aged = [fact for fact in facts.of("staleness") if fact.subject not in promised]
    lines += [f"  {clean(f.subject)} delivers what is at most {f.shown} old: {clean(f.told)}" for f in aged]
    return "\n".join(part for part in (table, *lines) if part)


def _most(facts: Facts, running: Fact) -> str:
    """Return what all replicas carry that may run, where more may than do."""
    most = facts.get("capacity", running.subject)
    return f", at most {most.shown}" if most is not None and most is not running and most.shown != running.shown else ""


def _models(facts: Facts, paint: Paint) -> str:
    rows = []
    for name, memory, parts, first, written, cost in model_rows(facts):
        cells = (memory, parts, f"first token {first}" if first else "", written, f"{cost} a million" if cost else "")
        rows.append((clean(name), clean(" · ".join(cell for cell in cells if cell))))
    return _table("models", rows, paint)


def _refusals(compilation: Compilation) -> list[str]:
    """Return a line for each component whose full queue refuses anything in a month: how much."""
    shares = ((fact, compilation.facts.get("refused", fact.subject)) for fact in compilation.facts.of("refused_share"))
    return [
        f"  {clean(share.subject)} refuses {share.shown} of what comes, {refused.shown}: {clean(share.told)}"
        for share, refused in shares
        if refused is not None and (refused.value or 0.0) * MONTH >= 1
    ]


def _availability(facts: Facts) -> list[str]:
    """Return a line for each flow that is ever down and promises nothing of it: how often, and most by what."""
    lines = []
    several = len(facts.flows) > 1
    told = {verdict.flow for verdict in facts.verdicts if verdict.promise.kind is AVAILABILITY}
    for flow in (flow for flow in facts.flows if flow.flow not in told):
        up, down = facts.get("availability", flow.flow), facts.get("downtime_month", flow.flow)
        if up is None or down is None or not down.value:
            continue
        worst = facts.largest_outage(flow.flow)
        by = f", {show_fraction(round(worst.share, 3))} of it by {clean(worst.component)}" if worst is not None else ""
        name = f"{clean(flow.flow)} is" if several else "is"
        full = facts.get("served_in_full", flow.flow)
        whole = f"; {full.shown} served in full" if full is not None and full.shown != up.shown else ""
        lines.append(f"  {name} up {up.shown} of the time: {down.shown} down a month{by}{whole}")
    return lines


def _scenarios(results: tuple[ScenarioResult, ...], paint: Paint) -> str:
    rows = []
    for result in results:
        found = ", ".join(dict.fromkeys(d.rule.code for d in result.diagnostics))
        state = "holds" if result.ok else "fails"
        if result.met is not None:
            state += ", as expected" if result.met else ", against expectation"
        good = result.ok if result.met is None else result.met
        rows.append((mark(good), clean(result.scenario.title), state, found))
    return _table("what if", rows, paint)


def _assumptions(facts: Facts, paint: Paint) -> str:
    return _table("assumed", [(clean(taken.sentence),) for taken in facts.assumptions], paint)


def _tail(compilation: Compilation, paint: Paint) -> str:
    errors = sum(d.is_error for d in compilation.diagnostics)
    warnings = len(compilation.diagnostics) - errors
    counts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    if not counts:
        return paint("ok", "green")
    return paint(", ".join(counts), "red" if errors else "yellow")
