"""`archboard explain`, `kinds` and `codes`: the catalogues, and one number with its whole working."""

from __future__ import annotations

import textwrap

import click

from archboard.catalog import KIND, KINDS, SettingKind, settings_of
from archboard.checks import RULES
from archboard.columns import columns, padded
from archboard.compilation import Compilation
from archboard.compiler import UNCHANGED, compile_bytes
from archboard.design.overrides import Changes
from archboard.diagnostics import Rule, nearest
from archboard.faces.files import content
from archboard.facts import Fact, Facts
from archboard.renderers.listing import Listing
from archboard.renderers.report_text import contributor, mark, remark, shown_value
from archboard.units import show_duration, show_fraction


def explain_code(code: str) -> str:
    """Return the page of one diagnostic."""
    rule = next((rule for rule in RULES if rule.code == code.upper()), None)
    if rule is None:
        guess = nearest(code.upper(), [rule.code for rule in RULES])
        hint = f" Did you mean {guess}?" if guess else " `archboard codes` lists them."
        raise click.UsageError(f"{code!r} is no code, and no .arch file.{hint}")
    return _page(rule)


def _page(rule: Rule) -> str:
    title = f"{rule.code} {rule.name} ({rule.severity.value})"
    return f"{title}\n{'=' * columns(title)}\n\n{rule.why.strip()}\n"


def list_codes() -> Listing:
    """Return every rule, a line each."""
    found = [{"code": r.code, "name": r.name, "severity": r.severity.value, "why": r.why.strip()} for r in RULES]
    lines = "".join(
        f"{r.code}  {padded(r.severity.value, 8)} {padded(r.name, 44)} {r.why.strip().splitlines()[0]}\n" for r in RULES
    )
    return Listing(lines, found)


def list_kinds(name: str | None) -> Listing:
    """Return every kind of component with its settings, or one of them."""
    if name is not None and name not in KIND:
        guess = nearest(name, list(KIND))
        raise click.UsageError(f"{name!r} is no kind." + (f" Did you mean {guess!r}?" if guess else ""))
    chosen = [kind for kind in KINDS if name in (None, kind.name)]
    found = [
        {
            "kind": kind.name, "step": kind.step, "place": kind.place, "about": kind.about,
            "settings": [_setting(s) for s in settings_of(kind.name)],
        }
        for kind in chosen
    ]  # fmt: skip
    if name is None:
        lines = [f"{padded(kind.name, 10)} step {kind.step}  {padded(kind.place, 8)} {kind.about}" for kind in chosen]
        return Listing("\n".join([*lines, "", "`archboard kinds model` lists the settings of one kind."]) + "\n", found)
    kind = chosen[0]
    lines = [f"{kind.name}: {kind.about}; drawn at step {kind.step}, {kind.place}", ""]
    lines += [f"  {padded(f'{s.name}: {s.example}', 44)} {s.about}" for s in settings_of(kind.name)]
    return Listing("\n".join(lines) + "\n", found)


def _setting(kind: SettingKind) -> dict[str, object]:
    return {
        "name": kind.name,
        "form": kind.form.name.lower(),
        "dimension": kind.dimension.name.lower() if kind.dimension is not None else None,
        "about": kind.about,
        "example": kind.example,
        "choices": list(kind.choices),
    }


def explain_fact(path: str, subject: str, changes: Changes = UNCHANGED) -> str:
    """Return what is known of a component, flow or arrow, or one number of it, with the whole working."""
    compilation = compile_bytes("stdin" if path == "-" else path, content(path), changes)
    facts = compilation.facts
    if not subject:
        subjects = list(dict.fromkeys(fact.subject for fact in facts))
        return "".join(f"{name}: {', '.join(_metrics(facts, name))}\n" for name in subjects)
    owner, _, metric = subject.rpartition(".")
    exact = [f for f in facts if f.subject == subject] or [
        f for f in facts if f.subject == owner and f.metric.name == metric
    ]
    lines = [_worked(facts, fact) for fact in exact]
    lines += _flow(compilation, subject)
    if lines:
        return "\n".join(lines) + "\n"
    known = [f.subject for f in facts] + [f"{f.subject}.{f.metric.name}" for f in facts]
    known += [flow.name for flow in compilation.design.flows]
    guess = nearest(subject, list(dict.fromkeys(known)))
    hint = f" Did you mean {guess!r}?" if guess else f" `archboard explain {path}` lists what is known."
    raise click.UsageError(f"nothing is known of {subject!r} in {path}.{hint}")


def _metrics(facts: Facts, subject: str) -> list[str]:
    return [fact.metric.name for fact in facts if fact.subject == subject]


def _worked(facts: Facts, fact: Fact) -> str:
    """Return one fact, what it is, and the facts its working stands on."""
    head = f"{fact.subject}.{fact.metric.name} = {fact.shown}"
    lines = [head, f"  {fact.metric.about}", f"  {fact.working}"]
    stands_on = {
        "utilisation": ("demand", "capacity"), "replicas_needed": ("demand",), "in_flight": ("demand", "latency_mean"),
        "refused": ("demand",), "admitted": ("demand",), "saturates_at": ("capacity", "demand"),
    }.get(fact.metric.name, ())  # fmt: skip
    for name in stands_on:
        other = facts.get(name, fact.subject)
        if other is not None:
            lines.append(f"    {name} {other.shown}: {other.working}")
    return "\n".join(lines)


def _flow(compilation: Compilation, subject: str) -> list[str]:
    """Return a flow's promises and its worst path as a waterfall; `main.p99` picks one promise."""
    name, _, metric = subject.partition(".")
    flow = compilation.facts.flow(name)
    if flow is None:
        return []
    lines = []
    for verdict in compilation.facts.verdicts:
        if verdict.flow == name and metric in ("", verdict.promise.metric):
            lines.append(f"{mark(verdict.ok)} {verdict.promise.text}: {shown_value(verdict)}, {remark(verdict)}")
            lines.append(textwrap.indent(verdict.working, "  "))
    if flow.worst is not None and (not metric or metric in flow.worst.sums):
        chosen = metric or next(iter(flow.worst.sums))
        lines.append(f"worst path, {show_fraction(flow.worst.probability)} of requests:")
        met = [item for item in flow.worst.items if item.seconds[chosen] > 0]
        width = max((columns(contributor(item)) for item in met), default=0)
        for item in met:
            seconds, total = item.seconds[chosen], item.cumulative[chosen]
            times = (padded(show_duration(time), 10, end=True) for time in (seconds, total))
            lines.append("  ".join(("", padded(contributor(item), width), *times)))
    return lines
