"""What must be true of the numbers of any design: laws, held against designs drawn at random."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archboard import Source, compile_source
from archboard.compilation import Compilation
from archboard.design.overrides import read_changes
from archboard.maths.distributions.from_percentiles import from_percentiles
from archboard.units import show_duration
from archboard.verdicts import Verdict
from tests.strategies import designs, examples

EXACT = 1e-9


def compiled(text: str, *changes: str) -> Compilation:
    return compile_source(Source("drawn.arch", text), read_changes(changes))


def impatient(text: str) -> str:
    """Return a design whose arrows give up and send twice more often than those that are drawn."""
    return text.replace("timeout: 2s", "timeout: 12ms; hedge: p95").replace("fanout: 3", "fanout: 3; quorum: 2")


def slower(compilation: Compilation, name: str, factor: float) -> str | None:
    """Return the change that makes one component slower at every percentile."""
    latency = compilation.design.components[name].latency
    if latency is None or latency.is_range:
        return None
    points = ", ".join(f"p{100 * q:g} {1000 * s * factor!r}ms" for q, s in latency.percentiles)
    return f"{name}.latency={points}{', service' if latency.service else ''}"


def judged(compilation: Compilation) -> dict[tuple[str, str], Verdict]:
    return {
        (v.flow, v.promise.text): v for v in compilation.facts.judged if v.promise.is_latency
    }


@settings(max_examples=examples(40, quick=15))
@given(designs(12).map(impatient), st.integers(0, 40), st.sampled_from((1.02, 1.5, 4.0)))
def test_a_slower_component_never_makes_a_flow_faster(text: str, at: int, factor: float) -> None:
    before = compiled(text)
    names = [name for name in before.design.components if slower(before, name, factor)]
    assume(names and judged(before))
    change = slower(before, names[at % len(names)], factor)
    assert change is not None
    after = judged(compiled(text, change))
    for key, was in judged(before).items():
        now = after.get(key)
        if now is None:  # what is slower may be full: then there is no number, and none that is better
            continue
        for answer in ("sum", "bound"):
            assert getattr(now, answer) >= getattr(was, answer) * (1 - EXACT), (key, answer, change)
        if was.bracket is not None and now.bracket is not None:
            assert now.bracket[1] >= was.bracket[0] * (1 - EXACT), (key, change)


@settings(max_examples=examples(40, quick=15))
@given(designs(14).map(impatient), st.integers(0, 40), st.integers(1, 100))
def test_a_higher_hit_ratio_never_raises_demand_behind_a_cache(text: str, at: int, points: int) -> None:
    before = compiled(text)
    caches = [n for n, c in before.design.components.items() if c.kind.name == "cache" and c.number("hit") is not None]
    assume(caches)
    cache = caches[at % len(caches)]
    hit = before.design.components[cache].number("hit") or 0.0
    after = compiled(text, f"{cache}.hit={min(100.0, 100 * hit + points)}%")
    for name in before.design.components:
        was, now = before.facts.value("demand", name), after.facts.value("demand", name)
        if name != cache and was is not None:
            assert (now or 0.0) <= was * (1 + 1e-6), (name, cache)


@settings(max_examples=examples(30, quick=15))
@given(designs(12).map(impatient), st.integers(0, 40))
def test_a_replica_more_never_fills_anything(text: str, at: int) -> None:
    before = compiled(text)
    names = [name for name in before.design.components if before.facts.value("utilisation", name)]
    assume(names)
    name = names[at % len(names)]
    replicas = before.design.components[name].replicas.high
    after = compiled(text, f"{name}.replicas={replicas + 1:g}")
    was, now = before.facts.value("utilisation", name), after.facts.value("utilisation", name)
    assert was is not None and now is not None
    assert now <= was * replicas / (replicas + 1) * (1 + 1e-6)


@settings(max_examples=examples(30, quick=12))
@given(designs(14).map(impatient))
def test_the_estimate_lies_in_its_bracket_and_all_answers_under_the_bound(text: str) -> None:
    for verdict in judged(compiled(text)).values():
        if verdict.bracket is None or verdict.independent is None or verdict.bound is None:
            continue
        low, high = verdict.bracket
        assert low * (1 - EXACT) <= verdict.independent <= high * (1 + EXACT)
        assert verdict.independent <= verdict.bound * (1 + EXACT)
        assert verdict.worst_case is None or verdict.worst_case <= verdict.bound * (1 + EXACT)


CHAINS = st.lists(st.tuples(st.floats(0.1, 200), st.floats(1.05, 10)), min_size=1, max_size=12)


@settings(max_examples=examples(40, quick=15))
@given(CHAINS, st.sampled_from((95, 99, 99.9)))
def test_the_sum_is_no_less_than_independent_hops_at_high_percentiles(
    hops: list[tuple[float, float]], percentile: float
) -> None:
    lines = [f"design chain {{ sla: p{percentile:g} < 1h }}", "client web { rate: 1 rps }"]
    lines += [
        f"service s{i} {{ latency: p50 {p50!r}ms, p99 {p50 * ratio!r}ms }}" for i, (p50, ratio) in enumerate(hops)
    ]
    lines.append("web -> " + " -> ".join(f"s{i}" for i in range(len(hops))))
    (verdict,) = compiled("\n".join(lines)).facts.judged
    assert verdict.sum is not None and verdict.bracket is not None
    assert verdict.sum >= verdict.bracket[0] * (1 - EXACT)
    total = sum(from_percentiles(((0.5, a / 1000), (0.99, a * r / 1000))).quantile(percentile / 100) for a, r in hops)
    assert show_duration(verdict.sum) == show_duration(total)
