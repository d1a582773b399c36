"""The pipeline. The only module that knows the order of the phases.

Source ─parse→ Document ─resolve→ Design ─measure→ Facts ─check→ Diagnostics
                                    └──────stage──────┴─→ Scenes, Script

Scenes and the script are made from a Compilation on demand: `check` needs neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from archboard.checks import check
from archboard.checks import expectation as expectations
from archboard.compilation import Compilation, ScenarioResult
from archboard.design.changes import UNCHANGED, Changes
from archboard.design.model import Design, Scenario
from archboard.design.overrides import understood
from archboard.design.resolve import Outline, outline, realise
from archboard.design.rules import UNKNOWN_NAME
from archboard.design.scenarios import bursts, losses
from archboard.diagnostics import Diagnostic, Phase, together
from archboard.facts import Facts
from archboard.language.parse import parse, read
from archboard.language.rules import SYNTAX, UNREADABLE
from archboard.language.syntax import Document
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures import measure, running, verdicts
from archboard.records import field, record, replace
from archboard.source import Source
from archboard.verdicts import Verdict


@record
class Reading:
    """A source read down to names and structure: what can be compiled under any changes, as often as is asked."""

    document: Document
    plan: Outline
    unparsed: tuple[Diagnostic, ...]
    transforms: Transforms = field(default_factory=Transforms, compare=False)

    def __reduce__(self) -> tuple[type[Reading], tuple[Document, Outline, tuple[Diagnostic, ...]]]:
        """Leave the transforms behind where a reading goes to another process: they are only remembered work."""
        return Reading, (self.document, self.plan, self.unparsed)


def compile_bytes(
    path: str, content: bytes, changes: Changes = UNCHANGED, transforms: Transforms | None = None
) -> Compilation:
    """Compile a file's bytes; what cannot be read as text is told like everything else."""
    return compile_reading(read_bytes(path, content, transforms), changes)


def compile_source(source: Source, changes: Changes = UNCHANGED) -> Compilation:
    """Run every phase. Never raises for what the user wrote."""
    return compile_reading(read_source(source), changes)


def read_bytes(path: str, content: bytes, transforms: Transforms | None = None) -> Reading:
    """Read a file's bytes down to names and structure; `transforms` may hold answers of earlier runs."""
    source, unreadable = read(path, content)
    if not unreadable:
        return read_source(source, transforms)
    document = Document(source, ())
    return Reading(document, outline(document), unreadable)


def read_source(source: Source, transforms: Transforms | None = None) -> Reading:
    """Read a source down to names and structure."""
    document, unparsed = parse(source)
    if not document.statements and not unparsed:
        help = 'begin with `design NAME "what it is" { }` and a client: `client web { rate: 1k rps }`'
        unparsed = (SYNTAX.at(source.span(0, 0), "the file holds no design: there is nothing to read in it", help),)
    return Reading(document, outline(document), unparsed, transforms or Transforms())


def compile_reading(reading: Reading, changes: Changes = UNCHANGED, *, scenarios: bool = True) -> Compilation:
    """Run the phases that follow: (source, changes) → Compilation, the one entry of every what-if.

    The file's own scenarios run on top of the changes; without `scenarios` they are left out.
    """
    plan, transforms, unparsed = reading.plan, reading.transforms, reading.unparsed
    overrides, misunderstood = understood(plan, changes)
    design, unresolved = realise(plan, overrides)
    broken = _words_of((*unparsed, *plan.diagnostics))
    design, unresolved = _told_once(design, unresolved, broken)
    facts = measure(design, transforms)
    found = [*unparsed, *plan.diagnostics, *misunderstood, *unresolved]
    if not _unreadable(found):
        found += check(design, facts)
    results: list[ScenarioResult] = []
    if scenarios and not any(d.is_unclear for d in found):
        base = {_key(d) for d in found}
        sudden = tuple(bursts(design))
        for scenario in (*design.scenarios, *sudden):
            run = (*overrides, *scenario.overrides)
            what_if, wrong = realise(plan, run, design)
            lost, before = losses(scenario, design, what_if), facts.running if scenario in sudden else None
            if lost and design.scales:  # what is lost meets what ran for all else that the scenario says
                lasting = tuple(each for each in run if each not in lost)
                before = running(realise(plan, lasting, design)[0], transforms)
            found_then = measure(what_if, transforms, before)
            result, broken_expectations = _run(scenario, what_if, wrong, found_then, base)
            results.append(result)
            found += [*result.diagnostics, *broken_expectations]
    ordered = together(sorted(found, key=lambda d: (d.span.source.path, d.span.start, d.rule.code, d.scenario or "")))
    return Compilation(reading.document.source, reading.document, design, facts, tuple(results), ordered)


def verdicts_under(reading: Reading, changes: Changes, base: Design, transforms: Transforms) -> tuple[Verdict, ...]:
    """Return what becomes of every promise under changes: what a compilation of them says, and nothing beside.

    `base` is the design without some of the changes.
    """
    overrides, _ = understood(reading.plan, changes)
    design, _ = realise(reading.plan, overrides, base)
    return verdicts(design, transforms)


def _run(
    scenario: Scenario,
    design: Design,
    unresolved: tuple[Diagnostic, ...],
    facts: Facts,
    base: set[tuple[str, int, str]],
) -> tuple[ScenarioResult, tuple[Diagnostic, ...]]:
    """Judge everything again under a scenario; what the base says already is not said again."""
    found = (*unresolved, *check(design, facts))
    errors = tuple(d for d in found if d.is_error)
    new = together(replace(d, scenario=scenario.title) for d in found if _key(d) not in base)
    met = None if scenario.expect is None else (scenario.expect == "fail") == bool(errors)
    broken = tuple(expectations.check(scenario, errors))
    return ScenarioResult(scenario, design, facts, new, not errors, met), broken


def _key(d: Diagnostic) -> tuple[str, int, str]:
    return d.rule.code, d.span.start, d.message


def _unreadable(found: Iterable[Diagnostic]) -> bool:
    return any(d.rule is UNREADABLE for d in found)


_WORD = re.compile(r"[^\W\d][\w-]*")


def _words_of(unparsed: Iterable[Diagnostic]) -> frozenset[str]:
    """Return the words on the lines that could not be parsed: what they would have said is not known."""
    words: set[str] = set()
    for d in unparsed:
        if d.rule.phase is Phase.TEXT:
            for number in range(d.span.line, min(d.span.end_line, d.span.line + 20) + 1):
                words.update(word.rstrip("-") for word in _WORD.findall(d.span.source.line(number)[:10_000]))
    return frozenset(words)


def _told_once(
    design: Design, unresolved: tuple[Diagnostic, ...], broken: frozenset[str]
) -> tuple[Design, tuple[Diagnostic, ...]]:
    """Mark as touched what a broken line names, and drop what follows from it: a mistake is told once."""
    if not broken:
        return design, unresolved
    touched = {name for name, component in design.components.items() if component.plain in broken}
    kept = tuple(d for d in unresolved if not (d.rule is UNKNOWN_NAME and d.span.text.split(".")[-1].strip() in broken))
    return replace(design, touched=design.touched | frozenset(touched)), kept
