"""`archboard explain`, `kinds` and `codes`: the catalogues, and one number with its whole working."""

from __future__ import annotations

import textwrap

import click

from archboard.catalog import KIND, KINDS, SettingKind, settings_of
from archboard.checks import RULES
from archboard.columns import columns, padded
from archboard.compilation import Compilation
from archboard.compiler import compile_reading, read_bytes
from archboard.design.changes import Changes
from archboard.design.edits import assumed_value, given
from archboard.design.overrides import understood
from archboard.design.paths import Paths, path_in
from archboard.design.targets import Target
from archboard.diagnostics import Rule, nearest
from archboard.faces.cache_folder import remembering
from archboard.faces.comparing import Paint, named, say_errors
from archboard.faces.files import content
from archboard.facts import Fact, Facts
from archboard.renderers.listing import Listing
from archboard.renderers.report.text import contributor, mark
from archboard.renderers.workings.text import render_tree
from archboard.source import Source
from archboard.units import show_duration, show_fraction
from archboard.words.verdicts import remark, shown_value, told
from archboard.working import Unknown


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


def explain_fact(path: str, subject: str, changes: Changes, paint: Paint | None) -> str | None:
    """Return what is known of a component, flow or arrow, or one number or setting of it, with the whole working.

    None where a change was not understood: why was said.
    """
    with remembering(path) as transforms:
        reading = read_bytes(named(path), content(path), transforms)
        _, wrong = understood(reading.plan, changes)
        if wrong:
            say_errors(wrong, paint)
            return None
        compilation = compile_reading(reading, changes)
    paths = Paths(reading.plan.found, reading.plan.names)
    facts = compilation.facts
    if not subject:
        subjects = list(dict.fromkeys(fact.subject for fact in facts))
        return "".join(f"{name}: {', '.join(_metrics(facts, name))}\n" for name in subjects)
    subject = _full(paths, subject)
    owner, _, metric = subject.rpartition(".")
    exact = [f for f in facts if f.subject == subject] or [
        f for f in facts if f.subject == owner and f.metric.name == metric
    ]
    lines = [_worked(facts, fact) for fact in exact]
    lines += _flow(compilation, subject)
    if lines:
        return "\n".join(lines) + "\n"
    target = paths.target(path_in(Source("PATH", subject), 0, len(subject)))
    if isinstance(target, Target):
        return _setting_of(compilation, target)
    known = [f.subject for f in facts] + [f"{owner}.{name}" for name in paths.settings(owner)] + [*paths.constants]
    known += [f"{f.subject}.{f.metric.name}" for f in facts]
    known += [flow.name for flow in compilation.design.flows]
    guess = nearest(subject, list(dict.fromkeys(known)))
    hint = f" Did you mean {guess!r}?" if guess else f" `archboard explain {path}` lists what is known."
    raise click.UsageError(f"nothing is known of {subject!r} in {path}.{hint}")


def _full(paths: Paths, subject: str) -> str:
    """Return the subject by its full name, `us.api.utilisation` for `api.utilisation`, where only one is meant."""
    owner, dot, metric = subject.rpartition(".")
    for written, rest in ((subject, ""), (owner, f"{dot}{metric.strip()}")):
        meant = paths.things(written)
        if len(meant) > 1:
            listed = " or ".join(f"{name}{rest}" for name in meant[:4])
            raise click.UsageError(f"{subject!r} could be {listed}.")
        if meant:
            return f"{meant[0]}{rest}"
    return subject


def _setting_of(compilation: Compilation, target: Target) -> str:
    """Return a setting of the design: what it is, what it says, and where."""
    found = given(compilation.design, target)
    about = "a constant of a `let`" if target.kind is None else target.kind.about
    if found is None:
        taken = assumed_value(compilation.design, target)
        said = "is not given" if taken is None else f"= {taken}, assumed"
        return f"{target.path} {said}\n  {about}\n"
    words = " ".join(found.span.text.split())
    if target.percentile is not None and isinstance(found.value, float):
        words = show_duration(found.value)
    place = f"{found.span.source.path}:{found.span.line}"
    return f"{target.path} = {words}\n  {about}\n  written at {place}\n"


def _metrics(facts: Facts, subject: str) -> list[str]:
    return [fact.metric.name for fact in facts if fact.subject == subject]


def _worked(facts: Facts, fact: Fact) -> str:
    """Return one fact, what it is, and its working as a tree, each number with where it was written."""
    head = f"{fact.subject}.{fact.metric.name} = {fact.shown}"
    lines = [head, f"  {fact.metric.about}", f"  {fact.told}"]
    if isinstance(fact.working, Unknown):
        return "\n".join(lines)
    return "\n".join([*lines, "", textwrap.indent(render_tree(fact.working, facts), "  ").rstrip()])


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
            lines.append(textwrap.indent(told(verdict), "  "))
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
