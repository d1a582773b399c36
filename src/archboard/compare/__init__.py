"""Two compilations side by side: what changed in the design, and what that did to its promises and its numbers.

`compare` serves `whatif` (one file, before and after its changes) and `diff` (two files) alike. What it finds is a
`Comparison`; the renderers only word it.
"""

from __future__ import annotations

from archboard.compare.designs import Difference, differences
from archboard.compare.outcomes import (
    FactChange,
    PromiseChange,
    Saturation,
    ScenarioChange,
    fact_changes,
    first_to_saturate,
    new_diagnostics,
    promise_changes,
    scenario_changes,
)
from archboard.compilation import Compilation
from archboard.diagnostics import Diagnostic
from archboard.records import record

__all__ = ["Comparison", "Difference", "FactChange", "PromiseChange", "Saturation", "ScenarioChange", "compare"]


@record
class Comparison:
    """Everything that differs between two compilations, and every promise of either.

    `facts` come with those first that people ask for first. `appeared` and `gone` are diagnostics of the one that the
    other has none like: the same code at the same words, in the same what-if, is the same finding, whatever its
    numbers are now.
    """

    before: Compilation
    after: Compilation
    design: tuple[Difference, ...]
    promises: tuple[PromiseChange, ...]
    facts: tuple[FactChange, ...]
    scenarios: tuple[ScenarioChange, ...]
    saturation: tuple[Saturation | None, Saturation | None]
    appeared: tuple[Diagnostic, ...]
    gone: tuple[Diagnostic, ...]

    @property
    def worse(self) -> bool:
        """Whether a promise that held holds no longer, or an error has appeared."""
        return any(change.lost for change in self.promises) or any(d.is_error for d in self.appeared)

    @property
    def same(self) -> bool:
        """Whether nothing at all differs."""
        changed = any(change.changed for change in self.promises)
        return not (changed or self.design or self.facts or self.scenarios or self.appeared or self.gone)


def compare(before: Compilation, after: Compilation) -> Comparison:
    """Return what differs between two compilations."""
    return Comparison(
        before, after,
        tuple(differences(before.design, after.design)),
        tuple(promise_changes(before.facts, after.facts)),
        tuple(fact_changes(before, after)),
        tuple(scenario_changes(before, after)),
        (first_to_saturate(before.facts), first_to_saturate(after.facts)),
        tuple(new_diagnostics(before, after)),
        tuple(new_diagnostics(after, before)),
    )  # fmt: skip
