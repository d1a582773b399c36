"""A scenario's `expect` does not hold.

`expect: fail` holds when the what-if finds at least one error, `expect: ok` when it finds none. Only a broken
expectation is an error of the file: whatever else a scenario finds is a warning with its title.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Scenario
from archboard.diagnostics import Diagnostic, Rule, Severity

RULE = Rule("AB801", "broken expectation", Severity.ERROR, __doc__ or "")


def check(scenario: Scenario, found: tuple[Diagnostic, ...]) -> Iterator[Diagnostic]:
    """Report a scenario whose errors are not what it expects; `found` are the errors of its run."""
    span = scenario.expect_span or scenario.span
    if scenario.expect == "fail" and not found:
        yield RULE.at(
            span, f"`{scenario.title}` is expected to fail, and every promise holds",
            "write `expect: ok`, or ask for more", subject=scenario.title,
        )  # fmt: skip
    elif scenario.expect == "ok" and found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        yield RULE.at(
            span, f"`{scenario.title}` is expected to hold, and {found[0].rule.code} arose: {found[0].message}{more}",
            found[0].help or "write `expect: fail`", subject=scenario.title,
        )  # fmt: skip
