"""What the file itself asks: its scenarios, run again."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Scenario
from archboard.questions.asking import Asking, Draft
from archboard.questions.outcomes import outcome
from archboard.script.model import Point
from archboard.script.names import clean


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield a question a scenario, but for those that were asked already in other words."""
    for scenario in asking.design.scenarios:
        change = tuple(_assignment(scenario))
        if change and asking.is_new(change) and asking.what_if(change).understood:
            yield _scenario(asking, scenario, change)


def _assignment(scenario: Scenario) -> Iterator[str]:
    """Write a scenario's overrides as `--set` takes them: the words of the file."""
    for override in scenario.overrides:
        yield f"{override.target.path}={override.words}"


def _scenario(asking: Asking, scenario: Scenario, change: tuple[str, ...]) -> Draft:
    after = outcome(asking, asking.what_if(change))
    values = {"title": clean(scenario.title).rstrip(".?!"), "after": after, "expect": scenario.expect or ""}
    about = (asking.design.name,)
    parts = (("refused", after["refused"]), ("full", after["full"]), ("misfit", after["misfit"]))
    answer = [Point(f"scenarios.{part}", values, about) for part, there in parts if there]
    if after["misfit"] is None or after["broken"]:
        answer.append(Point("scenarios.then", values, about))
    return Draft("scenarios", Point("scenarios.what_if", values, about), tuple(answer), (change,))
