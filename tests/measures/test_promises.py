"""What can be promised is one table: each row is read, told and explained as it says."""

from __future__ import annotations

import pytest

from archboard.catalog.promises import PROMISES, PromiseKind
from archboard.checks import RULES
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.model import Promise
from archboard.measures.metrics import METRICS
from archboard.script import narrate
from archboard.source import Source
from archboard.verdicts import Reason, Unjudged, Why


def compiled(sla: str, body: str = "web -> api") -> Compilation:
    text = f'design d "D" {{ sla: {sla} }}\nclient web\nservice api\nservice other\n{body}\nweb -> other\n'
    return compile_source(Source("case.arch", text))


def promise(sla: str) -> Promise:
    return compiled(sla).facts.verdicts[0].promise


@pytest.mark.parametrize("kind", PROMISES, ids=lambda kind: kind.name or "latency")
def test_the_example_of_a_row_is_a_promise_of_its_kind(kind: PromiseKind) -> None:
    assert promise(kind.example).kind is kind


@pytest.mark.parametrize("kind", PROMISES, ids=lambda kind: kind.name or "latency")
def test_a_row_names_a_rule_and_facts_that_there_are(kind: PromiseKind) -> None:
    assert kind.code in {rule.code for rule in RULES}
    assert {held.metric for held in kind.held} <= {metric.name for metric in METRICS}


@pytest.mark.parametrize("kind", PROMISES, ids=lambda kind: kind.name or "latency")
def test_more_is_better_where_an_example_says_at_least(kind: PromiseKind) -> None:
    assert (promise(kind.example).operator in (">", ">=")) == kind.rises


def test_a_promise_is_kept_as_written_and_as_it_is_printed() -> None:
    read = promise("cost  <=  $900/month")
    assert (read.text, read.printed, read.per) == ("cost <= $900/month", "cost ≤ $900/month", "month")


def test_a_promise_without_a_number_says_why_as_a_value() -> None:
    (found,) = compiled("cost <= $1/request").facts.verdicts
    assert isinstance(found, Unjudged)
    assert (found.value, found.ok, found.reason) == (None, None, Reason(Why.NO_NUMBER))


def fix(text: str) -> str:
    """Return what the walkthrough says would mend a design, as it is heard."""
    compilation = compile_source(Source("case.arch", text))
    script = narrate(compilation.design, compilation.facts, compilation.scenarios)
    spoken = [sentence.spoken for step in script.steps for cue in step.cues for sentence in cue.sentences]
    return next(line for line in spoken if line.startswith("What would fix it"))


def test_a_promise_that_takes_two_changes_is_mended_by_both() -> None:
    assert fix("""design d "D" { sla: throughput >= 100k rps }
client web { rate: 1k rps }
gateway edge { limit: 20k rps; latency: 1ms }
service api { latency: 5ms; throughput: 1k rps; replicas: 40 }
web -> edge -> api
""") == (
        "What would fix it: run the api on a hundred replicas instead of forty, and set the limit of the edge to "
        "a hundred thousand requests a second instead of twenty thousand requests a second."
    )


def test_a_job_that_runs_too_rarely_is_mended_by_its_rate() -> None:
    assert (
        fix("""design d "D" { sla: staleness <= 20h }
job nightly { rate: 1/day }
service train { latency: 4h }
nightly -> train
""")
        == "What would fix it: change rate of nightly from one request a day to one and a half requests a day."
    )
