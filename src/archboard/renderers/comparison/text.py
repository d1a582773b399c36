"""Two compilations side by side, as people read them in a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from archboard.compare import Comparison, Difference, FactChange, PromiseChange, Saturation
from archboard.diagnostics import Diagnostic
from archboard.facts import Fact
from archboard.renderers.report.diagnostics import Paint, clean, plain
from archboard.renderers.report.text import mark
from archboard.renderers.tables import aligned
from archboard.units import Dimension, show, show_number, show_rate
from archboard.verdicts import Unjudged, Verdict
from archboard.words.verdicts import reason, shown_limit, shown_value

MOST = 12
"""Changed facts that are shown; `--all` shows every one."""
_SIGNS = {"added": "+", "removed": "−", "changed": "~"}


def render_comparison(comparison: Comparison, paint: Paint = plain, *, everything: bool = False) -> str:
    """Return what changed and what it did; `everything` lists each number that differs."""
    before, after = comparison.before, comparison.after
    head = f"{paint(clean(after.design.name), 'bold')}  {clean(after.design.title)}"
    if before.source.path != after.source.path:
        head += paint(f"  {clean(before.source.path)} → {clean(after.source.path)}", "dim")
    if comparison.same:
        return f"{head}\n\nnothing differs: the same design, the same numbers\n"
    blocks = [
        head,
        aligned("changed", [_difference(d) for d in comparison.design], paint),
        aligned("promises", [_promise(c) for c in comparison.promises if not c.failure], paint),
        aligned("when something fails", [_promise(c) for c in comparison.promises if c.failure and c.changed], paint),
        _facts(comparison.facts, everything, paint),
        _saturation(comparison.saturation, paint),
        aligned("what if", [_scenario(c.title, c.before, c.after) for c in comparison.scenarios], paint),
        _diagnostics("new findings", comparison.appeared, paint),
        _diagnostics("findings gone", comparison.gone, paint),
        _summary(comparison, paint),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def difference_words(d: Difference) -> tuple[str, str]:
    """Return what differs and how: `ranker.replicas`, `20 → 40`."""
    name = f"{d.name}.{d.setting}" if d.setting else d.name
    if d.what not in ("component", "arrow"):
        name = f"{d.what} {name}"
    match d.kind:
        case "added":
            return name, f"{'' if d.setting else 'new, '}{d.after}"
        case "removed":
            return name, f"{d.before} → gone" if d.setting else f"gone, was {d.before}"
        case _:
            return name, f"{d.before} → {d.after}"


def _difference(d: Difference) -> tuple[str, str, str]:
    name, how = difference_words(d)
    return _SIGNS[d.kind], clean(name), clean(how)


def promise_name(change: PromiseChange) -> str:
    """Return a promise with its flow and the failure it is judged in, as written now, or as it was."""
    verdict = change.verdict
    name = verdict.promise.text if verdict.flow == "main" else f"{verdict.flow}: {verdict.promise.text}"
    return f"{change.failure}, {name}" if change.failure else name


def promise_values(change: PromiseChange) -> str:
    """Return the value before and after, and by how much it rose: `24 ms → 62 ms (+38 ms)`."""
    if change.before is None or change.after is None:
        return shown_value(change.verdict)
    first, second = shown_value(change.before), shown_value(change.after)
    if not change.changed or (first == second and not change.delta):
        return first
    delta = _delta(change)
    return f"{first} → {second}{f' ({delta})' if delta else ''}"


def _delta(change: PromiseChange) -> str:
    if not change.delta:
        return ""
    verdict = change.verdict
    size, sign = abs(change.delta), "+" if change.delta > 0 else "−"
    kind = verdict.promise.kind
    return f"{sign}{f'{show_number(100 * size)} points' if kind.dimension is Dimension.FRACTION else kind.shown(size)}"


def outcome(change: PromiseChange) -> str:
    """Return what became of the verdict: `now over 50 ms`, `still holds`, `no longer promised`."""
    if change.after is None:
        return "no longer promised"
    limit = shown_limit(change.after.promise)
    state = {True: "holds", False: "missed", None: "not judged"}
    if change.before is None:
        return f"newly promised: {state[change.after.ok]}"
    over = "over" if change.after.promise.operator in ("<", "<=") else "under"
    if change.lost:
        return f"now {over} {limit}" if change.after.ok is False else f"no longer judged{_why(change.after)}"
    if change.won:
        return "now holds"
    moved = change.before.promise.limit != change.after.promise.limit
    tail = f", promised was {shown_limit(change.before.promise)}" if moved else ""
    match change.after.ok:
        case None:
            return f"not judged{_why(change.after)}{tail}"
        case False:
            newly = "now" if isinstance(change.before, Unjudged) else "still"
            return f"{newly} {over} {limit}{tail}"
        case _:
            return f"{'still ' if change.changed else ''}holds{tail}"


def _why(verdict: Verdict) -> str:
    return f": {reason(verdict)}" if isinstance(verdict, Unjudged) else ""


def _promise(change: PromiseChange) -> tuple[str, ...]:
    signs = "".join(mark(v.ok) if v is not None else " " for v in (change.before, change.after))
    sign = signs[1] if signs[0] == signs[1] else f"{signs[0]}→{signs[1]}"
    return sign, clean(promise_name(change)), promise_values(change), clean(outcome(change))


def _facts(changes: tuple[FactChange, ...], everything: bool, paint: Paint) -> str:
    shown = changes if everything else chosen(changes)
    rows = [(name, _shown(c.before), "→", _shown(c.after), factor(c)) for c in shown for name in [fact_name(c.fact)]]
    table = aligned("numbers", rows, paint)
    left = len(changes) - len(shown)
    return f"{table}\n  and {left:,} more (--all)".lstrip("\n") if left else table


def chosen(changes: tuple[FactChange, ...]) -> tuple[FactChange, ...]:
    """Return the changes worth a line where not all are asked for: the foremost of each metric, arrows left out.

    What is known of a component that came or went says no more than that it did.
    """
    stayed = {c.fact.subject for c in changes if c.before is not None and c.after is not None}
    kinds: dict[str, list[FactChange]] = {}
    for change in changes:
        if change.fact.subject not in stayed or any(token in change.fact.subject for token in ("->", "~>", "-x>")):
            continue
        kinds.setdefault(change.fact.metric.name, []).append(change)
    rounds = max((len(found) for found in kinds.values()), default=0)
    picked = [found[i] for i in range(rounds) for found in kinds.values() if i < len(found)][:MOST]
    return tuple(change for change in changes if any(change is kept for kept in picked))


def fact_name(fact: Fact) -> str:
    """Return a fact's path, as `explain` takes it."""
    return clean(f"{fact.subject}.{fact.metric.name}")


def _shown(fact: Fact | None) -> str:
    return "–" if fact is None else fact.shown


def factor(change: FactChange) -> str:
    """Return how many times itself a number became: `5×`, `+4.2%`."""
    first, second = (f.value if f is not None else None for f in (change.before, change.after))
    if first is None or second is None or first <= 0 or second < 0 or change.ratio == float("inf"):
        return ""
    if change.ratio >= 2:
        return f"{show_number(second / first, 3)}×"
    return f"{'+' if second > first else '−'}{show_number(100 * abs(second / first - 1), 3)}%"


def _saturation(pair: tuple[Saturation | None, Saturation | None], paint: Paint) -> str:
    before, after = pair
    if before is None or after is None or before == after:
        return ""
    rows = [
        (when, s.component, f"at {show_rate(s.rate)} from the clients", clean(s.working))
        for when, s in (("before", before), ("after", after))
    ]
    return aligned("first to saturate", rows, paint)


def _scenario(title: str, before: bool | None, after: bool | None) -> tuple[str, ...]:
    words = {True: "holds", False: "fails", None: "not there"}
    return mark(after), clean(title), f"{words[before]} → {words[after]}"


def _diagnostics(title: str, found: Iterable[Diagnostic], paint: Paint) -> str:
    rows = []
    for d in found:
        where = f"{d.scenario}: " if d.scenario is not None else ""
        rows.append((f"{d.severity.value}[{d.rule.code}]", clean(where + d.message)))
    return aligned(title, rows, paint)


def _summary(comparison: Comparison, paint: Paint) -> str:
    lost = sum(c.lost and not c.failure for c in comparison.promises)
    broken = sum(c.lost and bool(c.failure) for c in comparison.promises)
    won = sum(c.won and not c.failure for c in comparison.promises)
    errors = sum(d.is_error for d in comparison.appeared)
    counts = [
        f"{n} {one if n == 1 else many}"
        for n, one, many in (
            (lost, "promise lost", "promises lost"),
            (broken, "failure mode lost", "failure modes lost"), (won, "promise won", "promises won"),
            (errors, "new error", "new errors"),
        )
        if n
    ]  # fmt: skip
    words = ", ".join(counts) or "no promise changed its verdict"
    return paint(words, "red" if comparison.worse else "green")


def first_words(saturation: Saturation | None) -> str:
    """Return what is full first and when, in a few words."""
    return "nothing" if saturation is None else f"`{saturation.component}` at {show_rate(saturation.rate)}"


def shown_fact(fact: Fact | None) -> str:
    """Return a fact's number, a dash where there is none."""
    return "–" if fact is None or fact.value is None else show(fact.value, fact.metric.dimension)
