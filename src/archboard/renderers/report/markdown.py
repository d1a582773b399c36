"""The report as Markdown: every promise, path, failure, load, what-if, assumption and finding of one design."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archboard.compilation import Compilation
from archboard.facts import Fact, Facts, whole
from archboard.measures.cost import of_a_request
from archboard.renderers.report.diagnostics import render
from archboard.renderers.report.models import HEAD, model_rows
from archboard.renderers.report.text import contributor
from archboard.renderers.tables import piped as _table
from archboard.units import show_duration, show_fraction
from archboard.verdicts import Judged
from archboard.words.conditions import hangs_on, held_by
from archboard.words.verdicts import remark, shown_value

_WORDS = {True: "holds", False: "**missed**", None: "not judged"}


def render_report(compilation: Compilation) -> str:
    """Return report.md."""
    design, facts = compilation.design, compilation.facts
    parts = [f"# {escape(design.title)}", _summary(compilation)]
    parts += [_section("Promises", _table(("Promise", "Value", "Verdict", "How"), _promises(facts)))]
    parts += [_section("Latency budget", _budgets(facts))]
    parts += [
        _section("When something fails", _table(("Fails", "Answers", "When", "Then", "Verdict"), _failures(facts)))
    ]
    parts += [
        _section("Load", _table(("Component", "Demand", "Capacity", "Full", "In flight", "Full at"), _loads(facts)))
    ]
    models = ((escape(cell) for cell in row) for row in model_rows(facts))
    parts += [_section("Models", _table(HEAD, (tuple(row) for row in models)))]
    aged = ((escape(fact.subject), fact.shown, code(fact.told)) for fact in facts.of("staleness"))
    parts += [_section("Staleness", _table(("Flow", "Age at most", "How"), aged))]
    head = ("Component", "Available", "In full", "Down a month", "Part of the downtime", "Requests lost while down")
    parts += [_section("Availability", _table(head, _availability(facts)))]
    parts += [_section("Cost", _table(("Of", "A month", "A request", "How"), _costs(compilation)))]
    kept = ((escape(fact.subject), fact.shown, code(fact.told)) for fact in facts.of("stored"))
    parts += [_section("What is kept", _table(("Component", "Bytes", "How"), kept))]
    parts += [_section("Machines", _table(("Component", "Cores", "Memory"), _machines(compilation)))]
    parts += [_section("What if", _table(("Scenario", "Outcome", "Expected", "Codes"), _scenarios(compilation)))]
    hanging = "\n".join(f"- {code(line)}" for line in hangs_on(compilation.facts, compilation.hanging))
    parts += [_section("What the verdict hangs on", hanging)]
    parts += [_section("Assumptions", "\n".join(f"- {escape(taken.sentence)}" for taken in facts.assumptions))]
    found = render(compilation.diagnostics)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", found)), default=0))
    parts += [_section("Findings", f"{fence}text\n{found.rstrip()}\n{fence}" if found else "")]
    return "\n\n".join(part for part in parts if part) + "\n"


def _costs(compilation: Compilation) -> Iterator[tuple[str, ...]]:
    """Yield the bills of the design, of each flow where several pay, and of each component."""
    facts, design = compilation.facts, whole(compilation.design)
    monthly, each = facts.of("cost_month"), of_a_request(facts, compilation.design)
    yield from (_bill("all", fact, each) for fact in monthly if fact.subject == design)
    for bill in facts.of("cost_flow"):
        yield _bill(f"flow {bill.subject}", bill, facts.get("cost_request", bill.subject))
    yield from (_bill(fact.subject, fact, None) for fact in monthly if fact.subject != design)


def _bill(named: str, month: Fact, each: Fact | None) -> tuple[str, ...]:
    return escape(named), month.shown, "" if each is None else each.shown, code(month.told)


def _machines(compilation: Compilation) -> Iterator[tuple[str, ...]]:
    """Yield what each component that says so runs on, all replicas together."""
    for name in compilation.design.components:
        cores, memory = (compilation.facts.get(metric, name) for metric in ("cores", "main_memory"))
        if cores is not None or memory is not None:
            yield escape(name), "" if cores is None else cores.shown, "" if memory is None else memory.shown


def escape(text: str) -> str:
    """Return text that Markdown and its HTML leave as it is."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", flat)


def code(text: str) -> str:
    """Return text whose `names` are code and whose rest is escaped."""
    parts = text.split("`")
    return "".join(f"`{part}`" if index % 2 else _spaced(part) for index, part in enumerate(parts))


def _spaced(part: str) -> str:
    """Return a stretch between two names escaped, with the blanks at its ends that stand beside them."""
    inner = escape(part)
    return f"{' ' * part.startswith(' ')}{inner}{' ' * part.endswith(' ')}" if inner else part[:1]


def _summary(compilation: Compilation) -> str:
    errors = sum(d.is_error for d in compilation.diagnostics)
    warnings = len(compilation.diagnostics) - errors
    state = "Every promise that could be judged holds" if not errors else f"{errors} error{'' if errors == 1 else 's'}"
    return f"`{compilation.design.name}` · {state} · {warnings} warning{'' if warnings == 1 else 's'}"


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}" if body else ""


def _promises(facts: Facts) -> Iterable[tuple[str, ...]]:
    for v in facts.verdicts:
        name = escape(v.promise.text) if v.flow == "main" else f"{escape(v.flow)}: {escape(v.promise.text)}"
        by = held_by(v) if isinstance(v, Judged) else ()
        yield name, shown_value(v), _WORDS[v.ok], "; ".join(escape(part) for part in (remark(v), *by))


def _budgets(facts: Facts) -> str:
    parts = []
    for flow in facts.flows:
        path = flow.worst
        if path is None or not path.items:
            continue
        metric = next(iter(path.sums))
        name = "" if flow.flow == "main" else f" of {escape(flow.flow)}"
        total = f"{metric} {show_duration(path.sums[metric])}"
        intro = f"Worst path{name}: {show_fraction(path.probability)} of requests, {total}."
        rows = (
            (escape(contributor(item)), show_duration(item.seconds[metric]), show_duration(item.cumulative[metric]))
            for item in path.items
        )
        parts.append(f"{intro}\n\n{_table(('Where', metric, 'So far'), rows)}")
    return "\n\n".join(parts)


def _failures(facts: Facts) -> Iterable[tuple[str, ...]]:
    for f in facts.failures:
        when = f"{f.on} {show_duration(f.detection)}" if f.on == "timeout" and f.detection else f.on
        for name in f.overloads:
            yield escape(f.component), escape(f.to), when, f"{escape(name)} gets more than it carries", _WORDS[False]
        for v in f.verdicts:
            value = f"{v.promise.metric} {shown_value(v)}"
            yield escape(f.component), escape(f.to), when, value, _WORDS[None if f.overloads and v.ok else v.ok]
        if not f.verdicts and not f.overloads:
            yield escape(f.component), escape(f.to), when, "nothing is waited for", ""


def _loads(facts: Facts) -> Iterable[tuple[str, ...]]:
    for demand in facts.of("demand"):
        cells = [facts.get(m, demand.subject) for m in ("capacity", "utilisation", "in_flight", "saturates_at")]
        shown = [fact.shown if fact is not None else "" for fact in cells]
        yield escape(demand.subject), demand.shown, *shown


def _availability(facts: Facts) -> Iterable[tuple[str, ...]]:
    """Yield a row for each flow, then for each component that is ever down or that requests fail without."""
    flows = [flow.flow for flow in facts.flows]
    for subject in dict.fromkeys((*flows, *(outage.component for outage in facts.outages))):
        names = ("availability", "served_in_full", "downtime_month", "unavailability_share", "lost_when_down")
        cells = [facts.get(name, subject) for name in names]
        if subject not in flows or cells[0] is not None:
            yield escape(subject), *(fact.shown if fact is not None else "" for fact in cells)


def _scenarios(compilation: Compilation) -> Iterable[tuple[str, ...]]:
    for result in compilation.scenarios:
        codes = ", ".join(dict.fromkeys(d.rule.code for d in result.diagnostics))
        outcome = "holds" if result.ok else "fails"
        yield escape(result.scenario.title), outcome, result.scenario.expect or "", codes
