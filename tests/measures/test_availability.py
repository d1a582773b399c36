"""Availability: held against an oracle that goes through everything, laws, and figures worked out by hand."""

from __future__ import annotations

import math
import re
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from archboard import Source, compile_source
from archboard.compilation import Compilation
from archboard.maths.reliability.decision_diagram import Diagram
from archboard.measures.analysis import Analysis
from tests.commands import RECSYS
from tests.measures.availability_oracle import availability
from tests.strategies import examples


def compiled(text: str) -> Compilation:
    return compile_source(Source("x.arch", text))


def up(text: str, subject: str = "main", metric: str = "availability") -> float:
    """Return an availability of a design that has no error before AB401."""
    compilation = compiled(text)
    assert compilation.understood, [d.message for d in compilation.diagnostics]
    value = compilation.facts.value(metric, subject)
    return 1.0 if value is None else value


SLOWS = st.sampled_from(
    ["", "availability: 90%", "availability: 70%; replicas: 2", "availability: 60%; replicas: 3; needs: 2"]
)
TIMEOUTS = ("", "", "", " { timeout: 0.8ms }", " { timeout: 0.6ms; retries: 1 }")
HOWS = (
    "", " { share: 30% }", " { fanout: 2 }", " { fanout: 3; quorum: 2 }", " { timeout: 0.7ms; share: 40% }",
    " { fanout: 2; timeout: 0.8ms }", " { fanout: 3; quorum: 2; timeout: 0.5ms; retries: 1 }",
)  # fmt: skip


@st.composite
def small(draw: DrawFn, *, ends: bool = True) -> str:
    """Draw a design small enough to go through all that can happen: a few components in a row with all that may be."""
    count = draw(st.integers(2, 4))
    names = [f"c{at}" for at in range(count)]
    lines = [draw(st.sampled_from(["design d", "design d { assume: common cause 20% }"]))]
    lines += ["client web { rate: 30 rps }"]
    for name in names:
        kind = draw(st.sampled_from(["service", "service", "cache"]))
        hit = f"; hit: {draw(st.sampled_from([0, 40, 90]))}%" if kind == "cache" else ""
        lines.append(f"{kind} {name} {{ latency: 1ms; {draw(SLOWS)}{hit} }}")
    lines += [f"store db {{ latency: 1ms; {draw(SLOWS)} }}", f"cache near {{ hit: 50%; latency: 1ms; {draw(SLOWS)} }}"]
    lines.append(f"web -> {names[0]}{draw(st.sampled_from(TIMEOUTS))}")
    if draw(st.booleans()):
        lines += ["client app { rate: 10 rps; availability: 80% }", f"app -> {draw(st.sampled_from(names))}"]
    for at, name in enumerate(names[:-1]):
        later = names[at + 1 :]
        heads = draw(st.lists(st.sampled_from(later), min_size=0 if at else 1, max_size=2, unique=True))
        if len(heads) == 2 and draw(st.booleans()):
            lines += [f"{name} -> {heads[0]} {{ share: 30% }}", f"{name} -> {heads[1]}"]
        elif heads:
            lines.append(f"{name} -> {' & '.join(heads)}{draw(st.sampled_from(TIMEOUTS))}")
    if draw(st.booleans()):
        lines += [f"{draw(st.sampled_from(names))} <-> near{draw(st.sampled_from(TIMEOUTS))}"]
        lines += [f"near <-> db{draw(st.sampled_from(TIMEOUTS))}"]
    if draw(st.booleans()):
        how = draw(st.sampled_from(HOWS))
        lines.append(f"{draw(st.sampled_from(names))} <-> {draw(st.sampled_from(['near', 'db']))}{how}")
    failing = []
    for at in range(draw(st.integers(0, 2))):
        end = "; ends: yes" if ends and draw(st.booleans()) else ""
        lines.append(f"fallback f{at} {{ {draw(SLOWS)}{end} }}")
        tail = draw(st.sampled_from([*names, "db", "near", *(f"f{i}" for i in range(at))]))
        failing.append(tail)
        when = draw(st.sampled_from(["down", "error", "timeout 2ms", "overload"]))
        lines.append(f"{tail} -x> f{at} {{ on: {when} }}")
    if failing and not {"db", "near"} & set(failing) and draw(st.booleans()):
        lines.append("f0 <-> near")
    return "\n".join(lines)


@settings(max_examples=examples(150, quick=30), deadline=None)
@given(small())
def test_a_small_design_is_up_as_often_as_going_through_everything_says(text: str) -> None:
    compilation = compiled(text)
    assume(compilation.understood)
    flow = compilation.design.flows[0]
    rates = {name: compilation.design.components[name].number("rate") or 0.0 for name in flow.starts}
    shares = {name: rate / sum(rates.values()) for name, rate in rates.items()}
    late = Analysis(compilation.design).lost(flow).late
    assert up(text) == pytest.approx(availability(compilation.design, flow, shares, late), rel=1e-9)


# Laws.


@settings(max_examples=examples(60, quick=25), deadline=None)
@given(small(ends=False), st.integers(0, 20))
def test_a_replica_more_never_lowers_availability(text: str, at: int) -> None:
    """But for a fallback that ends the request: it is spared what is behind, which may be down more often.

    And for one that answers when something is down and not when it is late: who is down is never late.
    """
    assume("f0 <-> near" not in text and not ("on: down" in text and "timeout: " in text))
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if "availability: 90%" in line]
    assume(places and compiled(text).understood)
    place = places[at % len(places)]
    lines[place] = lines[place].replace("availability: 90%", "availability: 90%; replicas: 2")
    assert up("\n".join(lines)) >= up(text) - 1e-12


@settings(max_examples=examples(60, quick=25), deadline=None)
@given(small(), st.sampled_from(["c0", "c1", "db", "near"]), st.booleans())
def test_a_fallback_never_lowers_availability(text: str, tail: str, ends: bool) -> None:
    assume(compiled(text).understood and f"{tail} -x>" not in text)
    last = f"fallback last {{ availability: 50%{'; ends: yes' if ends else ''} }}"
    more = f"{text}\n{last}\n{tail} -x> last {{ on: down }}"
    assume(compiled(more).understood)
    assert up(more) >= up(text) - 1e-12


@settings(max_examples=examples(60, quick=25), deadline=None)
@given(small(), st.integers(0, 20))
def test_a_higher_hit_ratio_never_lowers_availability(text: str, at: int) -> None:
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if "hit: 40%" in line]
    assume(places and compiled(text).understood)
    place = places[at % len(places)]
    lines[place] = lines[place].replace("hit: 40%", "hit: 70%")
    assert up("\n".join(lines)) >= up(text) - 1e-12


@settings(max_examples=examples(60, quick=25), deadline=None)
@given(small(), st.sampled_from(["down: yes", "answers: no"]))
def test_turning_a_fallback_off_never_raises_availability(text: str, off: str) -> None:
    """Of one that leads nowhere: what it leads to may answer less often than the next fallback would."""
    assume("fallback f0" in text and "f0 <-> near" not in text and compiled(text).understood)
    turned = text.replace("fallback f0 {", f"fallback f0 {{ {off};")
    assert up(turned) <= up(text) + 1e-12
    assert up(turned, metric="served_in_full") == pytest.approx(up(text, metric="served_in_full"), rel=1e-12)


@settings(max_examples=examples(60, quick=25), deadline=None)
@given(small())
def test_no_more_is_served_in_full_than_is_answered_and_all_of_it_where_nothing_stands_in(text: str) -> None:
    assume(compiled(text).understood)
    assert up(text, metric="served_in_full") <= up(text) + 1e-12
    if "-x>" not in text:
        assert up(text, metric="served_in_full") == up(text)


@settings(max_examples=examples(40, quick=15), deadline=None)
@given(small(), st.sampled_from([1.5, 4.0]))
def test_a_longer_timeout_never_gives_up_more_nor_answers_less(text: str, longer: float) -> None:
    """Of arrows one after the other: a timeout within another has more time to spend, and the outer one may not."""
    assume(compiled(text).understood and "timeout: " in text)
    assume(text.count("{ timeout: ") + text.count("; timeout: ") == 1)
    later = re.sub(r"timeout: ([\d.]+)ms", lambda found: f"timeout: {float(found[1]) * longer:g}ms", text)
    before, after = compiled(text).facts, compiled(later).facts
    for fact in before.of("given_up"):
        assert (after.value("given_up", fact.subject) or 0.0) <= (fact.value or 0.0) + 1e-9
    assert up(later) >= up(text) - 1e-9


@settings(max_examples=examples(40, quick=15), deadline=None)
@given(small())
def test_shed_load_gains_no_availability(text: str) -> None:
    assume(compiled(text).understood)
    shed = f"{text}\nfallback bin\nc0 -x> bin {{ on: overload }}\nc0 -x> bin {{ on: latency > 40ms }}"
    assert up(shed) == pytest.approx(up(text), rel=1e-12)


# By hand.


def binomial(n: int, k: int, a: float) -> float:
    return sum(math.comb(n, m) * a**m * (1 - a) ** (n - m) for m in range(k, n + 1))


def test_the_reference_design_is_its_gateway_its_cache_and_a_fifth_of_its_candidates() -> None:
    facts = compile_source(Source("recsys.arch", RECSYS.read_text("utf-8"))).facts
    edge, redis, candidates = binomial(2, 1, 0.9995), binomial(3, 2, 0.999), binomial(20, 16, 0.995)
    expected = edge * redis * (0.8 + 0.2 * candidates)
    assert facts.value("availability", "main") == pytest.approx(expected, rel=1e-12)
    assert facts.value("availability", "ranker") == pytest.approx(candidates, rel=1e-12)
    assert facts.value("downtime_month", "main") == pytest.approx((1 - expected) * 730 * 3600, rel=1e-9)
    assert facts.value("downtime_year", "main") == pytest.approx((1 - expected) * 365 * 86400, rel=1e-9)
    assert facts.value("error_budget", "main") == pytest.approx(0.001 * 10_000 * 730 * 3600)
    assert facts.value("unavailability_share", "redis") == pytest.approx(
        (1 - redis) * edge * (0.8 + 0.2 * candidates) / (1 - expected), rel=1e-6
    )
    lost = {fact.subject: fact.value for fact in facts.of("lost_when_down")}
    assert lost == pytest.approx({"edge": 1.0, "redis": 1.0, "candidates": 0.2}), "all else answers for itself"


SHARED = """client web { rate: 1 rps }
service a { availability: 99.9% }
service b { availability: 99.9% }
service c { availability: 99.9% }
store d { availability: 99.9% }
"""


@pytest.mark.parametrize(
    "arrows", ["web -> a\na -> b & c\nb & c -> d", "web -> a\na <-> b & c\nb <-> d\nc <-> d\na <-> d"]
)
def test_a_dependency_that_several_share_counts_once(arrows: str) -> None:
    assert up(SHARED + arrows) == pytest.approx(0.999**4, rel=1e-12)


REGIONS = """client web { rate: 1k rps }
region us, eu {
  service api { availability: 99% }
  store db { availability: 98% }
  store cold { availability: 97% }
  api -> db <-> cold
}
store global { availability: 99.9% }
us.db & eu.db -> global
web -> us.api { share: 60% }
web -> eu.api
"""


def test_regions_that_do_not_fail_over_are_each_their_own_luck() -> None:
    assert up(REGIONS) == pytest.approx(0.99 * 0.98 * 0.97 * 0.999, rel=1e-12)


def test_a_region_fails_over_as_a_whole_and_what_both_need_counts_once() -> None:
    region = 0.99 * 0.98 * 0.97
    both = REGIONS + "us -x> eu { on: down }\neu -x> us { on: down }"
    assert up(both) == pytest.approx((1 - (1 - region) ** 2) * 0.999, rel=1e-12)
    one_way = REGIONS + "us -x> eu { on: down }"
    assert up(one_way) == pytest.approx((0.6 * (1 - (1 - region) ** 2) + 0.4 * region) * 0.999, rel=1e-12)


def test_a_region_that_is_down_leaves_the_other() -> None:
    text = REGIONS + 'us -x> eu { on: down }\nscenario "us is gone" { us.db.down: yes }'
    facts = compiled(text).scenarios[0].facts
    assert facts.value("availability", "main") == pytest.approx(0.99 * 0.98 * 0.97 * 0.999, rel=1e-12)


def test_three_regions_stand_in_for_each_other_in_a_circle() -> None:
    text = """client web { rate: 1k rps }
region us, eu, ap { service api { availability: 90% } }
web -> us.api
us -x> eu { on: down }
eu -x> ap { on: down }
ap -x> us { on: down }
"""
    assert up(text) == pytest.approx(1 - 0.1**3, rel=1e-12)


LADDER = """client web { rate: 1 rps }
model big { availability: 90% }
store index { availability: 95% }
service post { availability: 99% }
model small { availability: 80% }
fallback canned { availability: 70% }
big <-> index
web -> big -> post
big -x> small { on: timeout 1s }
"""


def test_each_rung_of_a_ladder_answers_when_all_above_it_cannot() -> None:
    first = 0.9 * 0.95
    assert up(LADDER) == pytest.approx((1 - (1 - first) * 0.2) * 0.99, rel=1e-12)
    ladder = LADDER + "small -x> canned { on: down }"
    assert up(ladder) == pytest.approx((1 - (1 - first) * 0.2 * 0.3) * 0.99, rel=1e-12)
    ending = ladder.replace("fallback canned { ", "fallback canned { ends: yes; ")
    rest = 1 - first
    assert up(ending) == pytest.approx(first * 0.99 + rest * 0.8 * 0.99 + rest * 0.2 * 0.7, rel=1e-12)


def test_what_is_behind_a_component_is_not_answered_for_by_its_fallback() -> None:
    text = """client web { rate: 1 rps }
service api { availability: 99% }
store db { availability: 90% }
fallback page { ends: yes }
web -> api -> db
api -x> page { on: down }
"""
    assert up(text) == pytest.approx(0.99 * 0.9 + 0.01, rel=1e-12)
    assert up(text.replace("api -> db", "api\napi <-> db")) == 1


def test_a_common_cause_takes_all_replicas_at_once() -> None:
    text = """design d {{ {0} }}
client web {{ rate: 1 rps }}
service api {{ availability: 99%; replicas: 2 }}
web -> api
"""
    assert up(text.format("")) == pytest.approx(0.9999, rel=1e-12)
    assert up(text.format("assume: common cause 10%")) == pytest.approx(0.998919, rel=1e-12)


@pytest.mark.parametrize(
    ("settings_", "expected"),
    [
        ("availability: 0%", 0.0), ("availability: 100%", 1.0), ("availability: 99%; replicas: 2; needs: 3", 0.0),
        ("needs: 2", 0.0), ("availability: 90%; replicas: 3; needs: 3", 0.9**3), ("down: yes", 0.0),
        ("availability: 50%; replicas: 1000000000; needs: 400000000", 1.0),
    ],
)  # fmt: skip
def test_the_ends_of_what_may_be_written_are_answered(settings_: str, expected: float) -> None:
    head = "design d { sla: availability >= 99% }\nclient web { rate: 1 rps }"
    text = f"{head}\nservice api {{ {settings_} }}\nweb -> api"
    assert up(text) == pytest.approx(expected, abs=1e-12)
    missed = [d.message for d in compiled(text).diagnostics if d.rule.code == "AB601"]
    assert bool(missed) == (expected < 0.99)


def test_of_a_range_of_replicas_those_run_that_the_demand_needs() -> None:
    text = """client web {{ rate: {0} rps }}
service api {{ availability: 90%; replicas: 1..9; throughput: 100 rps; needs: 2 }}
web -> api
"""
    assert up(text.format(200)) == pytest.approx(binomial(3, 2, 0.9), rel=1e-12)
    assert up(text.format(10)) == 0


def test_a_client_counts_only_where_it_states_how_often_it_is_there() -> None:
    text = "client web { rate: 1 rps }\nservice api { availability: 99% }\nweb -> api"
    assert up(text) == pytest.approx(0.99)
    assert up(text.replace("1 rps }", "1 rps; availability: 90% }")) == pytest.approx(0.99 * 0.9)


def test_each_flow_has_its_own_and_a_share_of_calls_needs_only_its_share() -> None:
    text = """client web { rate: 9 rps }
service api { availability: 99% }
store db { availability: 98% }
external pay { availability: 90% }
flow read { sla: availability >= 97%; web -> api <-> db }
flow buy { sla: availability >= 97%; web -> api; api <-> pay { share: 10% } }
"""
    compilation = compiled(text)
    assert up(text, "read") == pytest.approx(0.99 * 0.98)
    assert up(text, "buy") == pytest.approx(0.99 * (0.9 + 0.1 * 0.9))
    assert [(v.flow, v.ok) for v in compilation.facts.verdicts] == [("read", True), ("buy", True)]


def test_too_much_shared_luck_is_a_bracket_and_said_to_be_one() -> None:
    things = [f"cache k{i} {{ hit: 50%; availability: 99.9% }}\nstore s{i} {{ availability: 99% }}" for i in range(40)]
    random = Random(7)
    calls = [f"k{i} <-> s{random.randrange(40)} & s{random.randrange(40)} & s{random.randrange(40)}" for i in range(40)]
    row = " -> ".join(f"k{i}" for i in range(40))
    text = "\n".join(["client web { rate: 1 rps }", *things, *calls, f"web -> {row}"])
    design = compiled(text).design
    needs = Analysis(design).needs(design.flows[0])
    small = Diagram(needs.structure, needs.root, limit=50)
    chances = {**needs.luck, **{n: c.number("availability") or 1.0 for n, c in design.components.items()}}
    exact, bracket = needs.diagram.answer(chances), small.answer(chances)
    assert exact.exact
    assert bracket.low <= exact.value <= bracket.high
    assert not bracket.exact


# What is said of it.


def remedy(text: str) -> str:
    return next(d.help for d in compiled(text).diagnostics if d.rule.code == "AB601")


MISSED = """design d {{ sla: availability >= {0} }}
client web {{ rate: 1 rps }}
service api {{ availability: 99.9% }}
{1} db {{ availability: 99.5% }}
web -> api
api <-> db
"""


def test_a_remedy_is_the_least_that_holds() -> None:
    assert remedy(MISSED.format("99.8%", "store")) == "`db.replicas` 1 → 2 would hold it"
    assert "`db -x> …" in remedy(MISSED.format("99.8%", "external"))
    place = remedy(MISSED.format("99.99%", "external"))
    assert place == "something that answers in its place would hold it: `api -x> … { on: down }`"
    row = MISSED.format("99.99%", "store").replace("api <-> db", "api -> db")
    assert remedy(row) == "`db.replicas` 1 → 2 and `api.replicas` 1 → 2 would hold it"
    assert remedy(row.replace("99.5% }", "99.5%; needs: 4 }")).startswith("`db.replicas` 1 → 6 and")
    held = row.replace("99.5% }", "99.5%; replicas: 2 }").replace("99.9% }", "99.9%; replicas: 2 }")
    assert not [d for d in compiled(held).diagnostics if d.rule.code == "AB601"]


def test_a_failover_is_held_against_the_capacity_of_what_takes_over_and_of_what_is_behind_it() -> None:
    text = """client web { rate: 1k rps }
region us, eu {
  service api { throughput: 800 rps; replicas: 2 }
  store db { throughput: 400 rps; replicas: 2 }
  api -> db
}
web -> us.api { share: 60% }
web -> eu.api
us -x> eu { on: down }
"""
    found = [d for d in compiled(text).diagnostics if d.rule.code == "AB604"]
    assert [d.message for d in found] == ["`us.api` failing sends 1,000/s to `eu.db`, which carries 800/s"]
    enough = text.replace("400 rps; replicas: 2", "400 rps; replicas: 3")
    assert not [d for d in compiled(enough).diagnostics if d.rule.code == "AB604"]


def test_a_component_is_no_single_point_where_its_caller_has_a_fallback_or_its_region_another() -> None:
    def single(text: str) -> set[str]:
        return {d.message.split("`")[1] for d in compiled(text).diagnostics if d.rule.code == "AB602"}

    one = "client web { rate: 1 rps }\nservice api\nstore db\nweb -> api\napi <-> db\n"
    assert single(one) == {"api", "db"}
    assert single(one + "fallback old\napi -x> old { on: timeout 5ms }") == set()
    assert single(one + "fallback old\nold <-> db\napi -x> old { on: timeout 5ms }") == {"db"}
    assert single(one + "fallback bin\napi -x> bin { on: overload }") == {"api", "db"}
    assert single(REGIONS) == {"us.api", "us.db", "us.cold", "eu.api", "eu.db", "eu.cold", "global"}
    assert single(REGIONS + "us -x> eu { on: down }\neu -x> us { on: down }") == {"global"}
