"""What a number is worth: every leaf of every working is written, another fact, assumed by name, or named otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.catalog.assumptions import ASSUMED, ASSUMPTION, ASSUMPTIONS, DEFAULTS, OF_SETTING, field_of
from archboard.compare.designs import differences
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.assumptions import Assumptions
from archboard.design.overrides import read_changes
from archboard.facts import Facts
from archboard.records import field_names
from archboard.renderers.workings.json_form import tree
from archboard.renderers.workings.text import render_tree
from archboard.source import Source
from archboard.working import CONSTANT, Calculation, Term, Unknown, Working
from tests.measures.test_workings import FENCE, PAGES, every
from tests.strategies import designs as any_design
from tests.worked import DESIGNS, compiled_text
from tests.worked import compiled as worked


def compiled(text: str, *changes: str) -> Compilation:
    return compile_source(Source("case.arch", text), read_changes(changes))


def workings(facts: Facts) -> Iterator[Working]:
    """Yield the working of every fact and of every verdict that has one."""
    yield from (fact.working for fact in facts if not isinstance(fact.working, Unknown))
    yield from (verdict.working for verdict in facts.judged)


def nodes(facts: Facts) -> Iterator[Working]:
    """Yield every number of every working."""
    waiting = [*workings(facts)]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Calculation):
            waiting += node.parts
        elif node.of is not None:
            waiting.append(node.of)


def nameless(facts: Facts) -> list[Working]:
    """Return the leaves that say neither where they stand nor what they are, and steps of an unknown approximation."""
    found: list[Working] = [node for node in nodes(facts) if node.assumption and node.assumption not in ASSUMPTION]
    for node in nodes(facts):
        if isinstance(node, Term) and node.of is None and node.span is None and node.fact is None:
            named = bool(node.words or node.text) if node.by == CONSTANT else bool(node.by) and node.by != "the default"
            if not node.assumption and not named:
                found.append(node)
    return found


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_leaf_of_a_design_says_what_it_is(path: Path) -> None:
    assert not [leaf for facts in every(worked(path)) for leaf in nameless(facts)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_leaf_of_a_case_page_says_what_it_is(page: Path) -> None:
    for text in FENCE.findall(page.read_text("utf-8")):
        assert not [leaf for facts in every(compiled_text(text)) for leaf in nameless(facts)]


@given(any_design(12))
@settings(max_examples=60)
def test_every_leaf_of_any_design_says_what_it_is(text: str) -> None:
    assert not [leaf for facts in every(compiled(text)) for leaf in nameless(facts)]


def test_a_leaf_that_says_nothing_is_found() -> None:
    facts = worked(DESIGNS[0]).facts
    leaf = next(node for node in nodes(facts) if isinstance(node, Term) and node.span is not None)
    span, by = leaf.span, leaf.by
    try:
        object.__setattr__(leaf, "span", None)
        object.__setattr__(leaf, "by", "")
        assert any(node is leaf for node in nameless(facts)) or leaf.fact is not None or leaf.of is not None
    finally:
        object.__setattr__(leaf, "span", span)
        object.__setattr__(leaf, "by", by)


def test_a_name_is_that_of_one_assumption() -> None:
    assert len(ASSUMPTION) == len(ASSUMPTIONS)
    assert set(OF_SETTING.values()) <= set(ASSUMPTION)


def test_what_is_assumed_can_be_set_and_what_can_be_set_is_assumed() -> None:
    assert {field_of(name) for name in ASSUMED} == set(field_names(Assumptions)) - {"spans"}


def test_what_has_another_value_to_try_says_why_and_what_the_verdict_then_holds_by() -> None:
    for row in ASSUMPTIONS:
        assert bool(row.instead) == bool(row.why) == bool(row.touches), row.name
        assert not row.instead or row.holds, row.name


SERVED = """
design d {{ sla: p99 < 500ms, availability >= 99%, cost <= $9000/month
  {assume}
}}
client w {{ rate: 100 rps }}
gateway edge {{ latency: 5ms; throughput: 5k rps; replicas: 2; availability: 99.9%; failures: 2/month }}
service api {{ latency: p50 10ms, p99 40ms, service; concurrency: 4; replicas: 2; availability: 99.9%; price: $1/h }}
store db {{ size: 1 TB; latency: p50 3ms, p99 9ms; throughput: 1k rps; price: $1/h }}
model llm {{ runs: "Llama-3-8B"; gpu: L4; prompt_tokens: 100; output_tokens: 5; price: $1/h; replicas: 40; batch: 4 }}
w -> edge -> api -> llm
api <-> db
"""
STATED = {
    "tail": "tail 3x", "hop": "hop 0s", "balance": "balance shared", "availability": "availability 100%",
    "common cause": "common cause 0%", "utilisation": "utilisation 70%", "storage": "storage $0/GB",
    "gpu use": "gpu use 90%", "prefill": "prefill 50%", "decode": "decode 80%", "step": "step 0.7ms",
}  # fmt: skip


def listed(compilation: Compilation) -> list[str]:
    return [taken.name for taken in compilation.facts.assumptions]


@pytest.mark.parametrize("name", STATED)
def test_stating_the_default_changes_no_number_and_takes_it_off_the_list(name: str) -> None:
    before = compiled(SERVED.format(assume=""))
    after = compiled(SERVED.format(assume=f"assume: {STATED[name]}"))
    assert name in listed(before)
    assert [other for other in listed(before) if other != name] == listed(after)
    unpriced = {"cost_storage"} if name == "storage" else set()
    numbers = [
        {key: fact.value for key, fact in each.facts.scalars.items() if key[0] not in unpriced}
        for each in (before, after)
    ]
    assert numbers[0] == numbers[1]
    assert not [node for node in nodes(after.facts) if node.assumption == name]


@given(st.permutations(sorted(STATED)), st.integers(0, len(STATED)))
@settings(max_examples=20)
def test_what_is_stated_is_never_listed_as_assumed(names: list[str], count: int) -> None:
    stated = names[:count]
    assume = f"assume: {', '.join(STATED[name] for name in stated)}" if stated else ""
    assert not set(stated) & set(listed(compiled(SERVED.format(assume=assume))))


def test_whatever_is_stated_is_a_place_in_every_working() -> None:
    other = "tail 4x, hop 1ms, balance random, availability 99.9%, common cause 3%, utilisation 60%, storage $0.02/GB"
    models = "gpu use 80%, prefill 40%, decode 60%, step 1ms, overhead 10%, mttr 1h, egress $0.1/GB"
    facts = compiled(SERVED.format(assume=f"assume: {other}, {models}")).facts
    assumable = {field_of(name) for name in ASSUMED}
    assert not [node for node in nodes(facts) if field_of(node.assumption) in assumable]
    places = {node.by for node in nodes(facts) if isinstance(node, Term) and node.span is not None and node.by}
    assert {"assume: tail", "assume: hop", "assume: availability", "assume: decode", "assume: storage"} <= places


def test_a_later_assumption_counts_be_it_the_default() -> None:
    twice = compiled(SERVED.format(assume="assume: tail 5x; assume: tail 3x"))
    assert twice.design.assumptions.tail == 3.0


def test_a_leaf_says_that_it_is_assumed_and_what_states_it() -> None:
    facts = compiled(SERVED.format(assume="")).facts
    fact = facts.get("latency_p50", "edge")
    assert fact is not None and isinstance(fact.working, Calculation)
    lines = render_tree(fact.working, facts).splitlines()
    assert [line.split("  ")[-1] for line in lines] == [
        "approximation: a latency is lognormal through its percentiles", "the percentile asked for", "percentiles",
        "assumed (assume: tail 5x)", "p99", "case.arch:6",
    ]  # fmt: skip
    said = json.dumps(tree(fact.working))
    assert '"assumed": {"assumption": "tail", "state": "assume: tail 5x"}' in said
    assert '"approximation": "lognormal"' in said


def test_a_leaf_that_is_stated_says_where() -> None:
    facts = compiled(SERVED.format(assume="assume: tail 3x")).facts
    fact = facts.get("latency_p50", "edge")
    assert fact is not None and isinstance(fact.working, Calculation)
    tail = fact.working.parts[2]
    assert isinstance(tail, Term) and tail.span is not None and (tail.value, tail.span.line) == (3.0, 3)


def test_every_default_that_a_what_if_sets_is_reached_by_it() -> None:
    values = {"tail": "4x", "hop": "1ms", "balance": "random", "availability": "99%", "mttr": "1h"}
    for row in DEFAULTS:
        if row.setting is not None:
            name = field_of(row.setting.name)
            value = values.get(name) or row.setting.example.rpartition(" ")[2]
            changed = compiled(SERVED.format(assume=""), f"assume.{name}={value}")
            stated = compiled(SERVED.format(assume=f"assume: {row.setting.name} {value}"))
            assert changed.design.assumptions == stated.design.assumptions
            assert changed.design.assumptions.states(name)
            assert [fact.value for fact in changed.facts] == [fact.value for fact in stated.facts]


def test_a_scenario_may_assume_otherwise() -> None:
    text = SERVED.format(assume="") + 'scenario "long tails" { assume.tail: 10x; assume.common_cause: 10% }'
    result = compiled(text).scenarios[0]
    assert (result.design.assumptions.tail, result.design.assumptions.common_cause) == (10.0, 0.1)


@pytest.mark.parametrize("name", sorted(ASSUMED))
def test_a_comparison_says_what_is_assumed_otherwise(name: str) -> None:
    value = {"balance": "random", "tail": "4x", "mttr": "1h", "step": "9ms"}.get(name) or "0.3"
    value = f"${value}/GB" if name in ("storage", "egress") else "3ms" if name == "hop" else value
    text = SERVED.format(assume="")
    before, after = compiled(text), compiled(text, f"assume.{field_of(name)}={value}")
    assert [d for d in after.diagnostics if d.is_unclear] == []
    (found,) = differences(before.design, after.design)
    assert found.setting == f"assume {name}" and found.before != found.after


MEETING = """design d {{ sla: p99 < 1s by {policy}, mean < 1s }}
client w {{ rate: 10 rps }}
service a {{ latency: p50 10ms, p99 30ms }}
service b {{ latency: p50 10ms, p99 30ms }}
service c {{ latency: p50 10ms, p99 30ms }}
service e {{ latency: p50 10ms, p99 30ms }}
w -> a & b
a -> c & e
b -> c
"""
RETRIED = """design d { sla: p99 < 9s }
client w { rate: 60 rps }
service a { latency: 1ms; throughput: 1k rps }
service s { latency: p50 6ms, p99 40ms, service; concurrency: 1 }
w -> a
a <-> s { timeout: 100ms; retries: 1 }
"""


def approximations(text: str) -> set[str]:
    """Return the approximations that a design's numbers are found by."""
    return {node.assumption for node in nodes(compiled(text).facts)} - {row.name for row in DEFAULTS}


@pytest.mark.parametrize(
    ("policy", "how"), [("sum", {"sum", "network"}), ("independent", {"network"}), ("bound", {"network"})]
)
def test_a_network_that_is_only_bracketed_is_called_so(policy: str, how: set[str]) -> None:
    found = [verdict.working.assumption for verdict in compiled(MEETING.format(policy=policy)).facts.judged]
    assert set(found) - {""} == how


def test_a_load_that_retries_feed_is_called_settled_and_their_chances_independent() -> None:
    assert {"settled", "attempts", "arrivals", "lognormal", "sum"} <= approximations(RETRIED)
    plain = RETRIED.replace("timeout: 100ms; retries: 1", "")
    assert not {"settled", "attempts"} & approximations(plain)


@pytest.mark.parametrize(
    ("api", "how"),
    [
        ("latency: p50 10ms, p99 25ms, service; concurrency: 1", "arrivals"),
        ("latency: p50 10ms, p99 25ms, service; concurrency: 4", "servers"),
        ("latency: 25ms, service; concurrency: 4", "memoryless"),
        ("latency: p50 10ms, p99 25ms, service; concurrency: 1; replicas: 3; balance: round robin", "balanced"),
    ],
)
def test_a_wait_says_which_approximation_it_is(api: str, how: str) -> None:
    text = f"design d {{ sla: p99 < 9s }}\nclient w {{ rate: 30 rps }}\nservice s {{ {api} }}\nw -> s\n"
    fact = compiled(text).facts.get("latency_p99", "s")
    assert fact is not None and isinstance(fact.working, Calculation) and fact.working.assumption == how
