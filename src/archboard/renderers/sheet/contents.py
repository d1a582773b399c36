"""What stands on the one page to print: tables of words, from a compilation or from the cheat sheet alone.

Nothing is computed here: verdicts, capacities and workings are read from the facts. Each table puts first what matters
most, so that a page without room for everything leaves the rest and counts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from archboard.board.marks import Role
from archboard.board.writing.text_widths import clean
from archboard.compilation import Compilation
from archboard.facts import Fact, Facts, whole
from archboard.formulas import FORMULAS, TOPICS, Formula, Topic
from archboard.records import record
from archboard.renderers.report.text import mark
from archboard.units import show_duration
from archboard.verdicts import Judged, Verdict
from archboard.words.conditions import held_by
from archboard.words.verdicts import remark, shown_value
from archboard.working import Calculation, leaves

LATENCY = "the hops' {} on the worst path, added up"
_ARROW = re.compile("<->|->|~>|-x>")
MODELS = (
    "weights",
    "kv_cache",
    "memory",
    "memory_used",
    "largest_batch",
    "longest_context",
    "ttft",
    "tpot",
    "decode_rate",
)
ABBREVIATED = {"kv_cache": "KV cache", "ttft": "TTFT", "tpot": "TPOT"}
VERDICTS = {True: Role.GOOD, False: Role.BAD, None: Role.MUTED}


@record
class Cell:
    """A few words; `bar` is a fraction to draw instead of them, `end` sets them to the right."""

    text: str
    role: Role = Role.INK
    bold: bool = False
    end: bool = False
    bar: float | None = None


Row = tuple[Cell, ...]


@record
class Table:
    """Rows under a title, the important ones first; a row of one cell takes the whole width.

    The column `wide` takes what the others leave. The rows of a group stay together, and where there is no room for all
    of them the first are shown and the rest counted, in each group for itself.
    """

    title: str
    groups: tuple[tuple[Row, ...], ...]
    wide: int
    headed: bool = False
    """Whether the first row of each group heads it and is not counted."""


@record
class Contents:
    """A page in words: its head, its tables, and `last` those that stand under them."""

    title: str
    below: str
    verdict: Cell
    tables: tuple[Table, ...] = ()
    last: tuple[Table, ...] = ()


def contents(compilation: Compilation) -> Contents:
    """Return the page of a design."""
    design, facts = compilation.design, compilation.facts
    tables = (
        _promises(facts), _failures(facts), _scenarios(compilation),
        _capacity(facts), _availability(facts), _models(facts), _cost(facts, whole(design)), _assumed(facts),
    )  # fmt: skip
    problem = " ".join(design.said("problem"))
    return Contents(
        clean(design.title or design.name),
        clean(problem if problem or design.components else "nothing is drawn and nothing promised yet"),
        _verdict(facts),
        tuple(table for table in tables if table.groups),
        tuple(table for table in (_formulas(facts),) if table.groups),
    )


def cheat_sheet() -> Contents:
    """Return the page of all formulas."""
    below = "archboard calc NAME key=value… works any of them out; archboard formulas NAME says when it holds"
    return Contents("Formulas for a design review", below, Cell(""), last=tuple(_topic(topic) for topic in TOPICS))


def _single(rows: Iterable[Row]) -> tuple[tuple[Row, ...], ...]:
    """Return rows as the one group of a table, none where there are none."""
    listed = tuple(rows)
    return (listed,) if listed else ()


def _verdict(facts: Facts) -> Cell:
    judged = [verdict.ok for verdict in facts.judged]
    missed = judged.count(False)
    open_ = len(facts.verdicts) - len(judged)
    aside = f", {open_} not judged" if open_ else ""
    if not judged:
        return Cell("not judged" if open_ else "", Role.MUTED)
    if missed:
        counted = f"{missed} of {len(facts.verdicts)} promises missed{aside}"
        return Cell(counted if len(facts.verdicts) > 1 else "its promise is missed", Role.BAD, bold=True)
    if not open_:
        return Cell("every promise holds" if len(judged) > 1 else "its promise holds", Role.GOOD, bold=True)
    return Cell(f"{len(judged)} of {len(facts.verdicts)} promises hold{aside}", Role.GOOD, bold=True)


def _written(verdict: Verdict) -> str:
    promise = verdict.promise.printed
    return clean(promise if verdict.flow == "main" else f"{verdict.flow}: {promise}")


def _promises(facts: Facts) -> Table:
    order = {False: 0, True: 1, None: 2}
    rows: list[Row] = []
    for v in sorted(facts.verdicts, key=lambda v: order[v.ok]):
        value = Cell(shown_value(v), VERDICTS[v.ok], bold=True)
        rows.append((Cell(mark(v.ok), VERDICTS[v.ok]), Cell(_written(v)), value, Cell(_plain(remark(v)), Role.MUTED)))
        by = held_by(v) if isinstance(v, Judged) else ()
        rows += [(Cell(""), Cell(""), Cell(""), Cell(_plain(words), Role.MUTED)) for words in by]
    return Table("Promises", _single(rows), 3)


def _failures(facts: Facts) -> Table:
    rows: list[tuple[int, Row]] = []
    for failure in facts.failures:
        wait = f" {show_duration(failure.detection)}" if failure.on == "timeout" and failure.detection else ""
        named = Cell(clean(f"{failure.component} → {failure.to}"))
        when = Cell(f"{failure.on}{wait}", Role.MUTED)
        for v in failure.verdicts:
            value = Cell(f"{v.promise.metric} {shown_value(v)}", VERDICTS[v.ok], bold=True)
            rows.append((0 if v.ok is False else 1, (Cell(mark(v.ok), VERDICTS[v.ok]), named, when, value)))
        if not failure.verdicts:
            sheds = failure.arrow.condition is not None and failure.arrow.condition.sheds
            rows.append((2, (Cell(""), named, when, Cell("sheds" if sheds else "", Role.MUTED))))
    return Table("When something fails", _single(row for _, row in sorted(rows, key=lambda each: each[0])), 1)


def _scenarios(compilation: Compilation) -> Table:
    rows = []
    for result in compilation.scenarios:
        good = result.ok if result.met is None else result.met
        state = "holds" if result.ok else "fails"
        if result.met is not None:
            state += ", as expected" if result.met else ", not as expected"
        codes = " ".join(dict.fromkeys(d.rule.code for d in result.diagnostics))
        named = Cell(clean(result.scenario.title))
        rows.append(
            (Cell(mark(good), VERDICTS[good]), named, Cell(state, VERDICTS[good], bold=True), Cell(codes, Role.MUTED))
        )
    return Table("What if", _single(rows), 1)


def _capacity(facts: Facts) -> Table:
    rows = []
    for fact in _fullest(facts):
        demand, capacity = facts.get("demand", fact.subject), facts.running_capacity(fact.subject)
        if demand is None or capacity is None or fact.value is None:
            continue
        role = Role.BAD if facts.overloaded(fact.subject) else Role.INK
        rows.append((
            Cell(clean(fact.subject)), Cell(fact.shown, role, bold=True, end=True), Cell("", role, bar=fact.value),
            Cell(f"{demand.shown} of {capacity.shown}"), Cell(_plain(capacity.told), Role.MUTED),
        ))  # fmt: skip
    return Table("Capacity, fullest first", _single(rows), 4)


def _fullest(facts: Facts) -> list[Fact]:
    return sorted(facts.of("utilisation"), key=lambda fact: -(fact.value or 0.0))


def _availability(facts: Facts) -> Table:
    flows = {flow.flow for flow in facts.flows}
    known = [(fact, fact.value) for fact in facts.of("availability") if fact.value is not None]
    rows = []
    for fact, _ in sorted(known, key=lambda each: (each[0].subject not in flows, each[1])):
        down = facts.get("downtime_month", fact.subject)
        lost = f"{down.shown} a month" if down is not None and down.value is not None else ""
        full = facts.get("served_in_full", fact.subject)
        lost += f", {full.shown} in full" if lost and full is not None and full.shown != fact.shown else ""
        named = Cell(clean(fact.subject), bold=fact.subject in flows)
        working = "" if fact.subject in flows else _plain(fact.told)
        rows.append((named, Cell(fact.shown, bold=True), Cell(lost), Cell(working, Role.MUTED)))
    return Table("Availability and downtime", _single(rows), 3)


def _models(facts: Facts) -> Table:
    found: dict[str, list[str]] = {}
    for name in MODELS:
        for fact in facts.of(name):
            if fact.value is not None:
                found.setdefault(fact.subject, []).append(f"{_named(name)} {fact.shown}")
    return Table("Models", _single((Cell(clean(name)), Cell(" · ".join(parts))) for name, parts in found.items()), 1)


def _named(metric: str) -> str:
    return ABBREVIATED.get(metric, metric.replace("_", " "))


def _cost(facts: Facts, design: str) -> Table:
    rows: list[Row] = []
    bills = {fact.subject: fact for fact in facts.of("cost_flow")}
    several = any(fact.subject == design for fact in facts.of("cost_request"))
    for fact in sorted(facts.of("cost_request"), key=lambda fact: fact.subject != design):
        of_all = fact.subject == design or (not several and fact.subject == "main")
        named = Cell(clean("a request" if of_all else f"a request, {fact.subject}"))
        rows.append((named, Cell(fact.shown, bold=True, end=True), Cell(_plain(fact.told), Role.MUTED)))
    for flow, bill in bills.items():
        rows.append((Cell(clean(f"a month, {flow}")), Cell(bill.shown, end=True), Cell(_plain(bill.told), Role.MUTED)))
    monthly = sorted(facts.of("cost_month"), key=lambda fact: (fact.subject != design, -(fact.value or 0.0)))
    for fact in monthly:
        of_all = fact.subject == design
        named = Cell("a month" if of_all else clean(fact.subject))
        working = Cell("" if of_all else _plain(fact.told), Role.MUTED)
        rows.append((named, Cell(fact.shown, bold=of_all, end=True), working))
    return Table("Cost", _single(rows), 2)


def _assumed(facts: Facts) -> Table:
    return Table("Assumed", _single((Cell(_plain(taken.sentence), Role.MUTED),) for taken in facts.assumptions), 0)


def _formulas(facts: Facts) -> Table:
    """Return the formulas that the design's facts are made of, each with the facts' own workings."""
    groups = [*_sums(facts)]
    flows = {flow.flow: -1 for flow in facts.flows}
    order = {**{fact.subject: place for place, fact in enumerate(_fullest(facts))}, **flows}
    told: set[tuple[str, str]] = set()
    for formula in FORMULAS:
        known = [fact for fact in _made(formula, facts) if (fact.metric.name, fact.subject) not in told]
        told.update((fact.metric.name, fact.subject) for fact in known)
        if known:
            known.sort(key=lambda fact: order.get(fact.subject, len(order)))
            groups.append(((_heading(formula.equation),), *map(_working, known)))
    return Table("The formulas, with this design's numbers", tuple(groups), 2, headed=True)


def _made(formula: Formula, facts: Facts) -> Iterator[Fact]:
    """Yield the facts that are worked out by a formula."""
    for fact in facts.of(formula.metric) if formula.metric else ():
        if isinstance(fact.working, Calculation) and _is_worked_by(formula, fact.working):
            yield fact


def _is_worked_by(formula: Formula, working: Calculation) -> bool:
    """Whether a working is the formula's, where its metric is worked out in several ways."""
    by = not formula.operator or working.operator.name == formula.operator
    return by and (not formula.reads or any(term.setting == formula.reads for term in leaves(working)))


def _sums(facts: Facts) -> Iterator[tuple[Row, ...]]:
    """Yield the sums of the latency promises, a group for each percentile."""
    found: dict[str, list[Row]] = {}
    for v in facts.judged:
        if v.promise.is_latency and v.value is not None and isinstance(v.working, Calculation):
            metric = v.promise.metric
            row = (Cell(clean(v.flow), Role.MUTED), Cell(show_duration(v.value)), Cell(f"= {_plain(str(v.working))}"))
            found.setdefault(metric, []).append(row)
    for metric, rows in found.items():
        yield ((_heading(f"{metric} by sum = {LATENCY.format(metric)}"),), *rows)


def _heading(text: str) -> Cell:
    return Cell(text, Role.ENTRY)


def _working(fact: Fact) -> Row:
    """Return a fact as a row: whose it is, the number, and the sum that it comes from."""
    subject = clean(_ARROW.sub(" → ", fact.subject))
    return Cell(subject, Role.MUTED), Cell(fact.shown), Cell(f"= {_plain(fact.told)}")


def _plain(text: str) -> str:
    """Return a working as print shows it, without the marks around names."""
    return clean(text.replace("`", ""))


def _topic(topic: Topic) -> Table:
    groups = tuple(tuple(_lines(formula)) for formula in topic.formulas)
    notes = tuple(((Cell(note, Role.MUTED),),) for note in topic.notes)
    return Table(topic.title, (*groups, *notes), 1)


def _lines(formula: Formula) -> Iterator[Row]:
    factors = [f"; factor {each.about}" for each in formula.inputs if each.name == "factor" and each.default]
    yield Cell(formula.name, Role.ENTRY), Cell("".join([formula.equation, *factors]))
    if formula.readings:
        yield (Cell("   " + "; ".join(words for _, words in formula.readings), Role.GOOD),)
    if formula.differs:
        yield (Cell(_plain(f"   “{formula.seed}”: {formula.differs}"), Role.CORE),)
