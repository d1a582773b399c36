"""Timeouts, retries, hedges, quorums, queues and storms, as a design states them: figures worked out by hand."""

import math

import pytest

from archboard import Source, compile_source
from archboard.compilation import Compilation
from archboard.facts import Gap, Remedy
from archboard.verdicts import Judged, Reason, Unjudged, Why
from archboard.words.remedies import sentence

HEAD = """design x {{ sla: {sla} }}
client web {{ rate: {rate} rps }}
service api {{ latency: p50 5ms, p99 5ms; replicas: 2 }}
"""


def compiled(body: str, sla: str = "p99 < 10s", rate: float = 100) -> Compilation:
    return compile_source(Source("x.arch", HEAD.format(sla=sla, rate=rate) + body))


def codes(compilation: Compilation) -> list[str]:
    return [d.rule.code for d in compilation.diagnostics]


def verdict(compilation: Compilation, index: int = 0) -> Judged:
    return compilation.facts.judged[index]


def unjudged(compilation: Compilation) -> Reason:
    """Return why the first promise of a design has no number."""
    found = compilation.facts.verdicts[0]
    assert isinstance(found, Unjudged), found
    return found.reason


def failing(compilation: Compilation) -> float | None:
    return compilation.facts.failures[0].verdicts[0].value


DB = "store db { latency: p50 10ms, p99 40ms; throughput: 1k rps; replicas: 2 }\n"


def test_a_failing_store_costs_every_attempt_every_wait_and_the_fallback() -> None:
    found = compiled(
        """store db { latency: p50 10ms, p99 20ms; replicas: 2 }
fallback old { latency: p50 5ms, p99 5ms }
service last { latency: p50 25ms, p99 25ms; replicas: 2 }
web -> api -> last
api <-> db { timeout: 200ms; retries: 1; backoff: 50ms }
db -x> old { on: timeout }
"""
    )
    assert failing(found) == pytest.approx(0.485)
    assert found.facts.failures[0].detection == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("on", "extra"),
    [
        ("down", 0.0),
        ("error", 3 * 0.020),
        ("timeout 40ms", 3 * 0.040),
        ("timeout 400ms", 3 * 0.050),
        ("timeout", 3 * 0.050),
    ],
)
def test_attempts_count_in_every_mode_but_behind_an_open_breaker(on: str, extra: float) -> None:
    found = compiled(
        f"""store db {{ latency: p50 20ms, p99 20ms; replicas: 2 }}
fallback old {{ latency: p50 1ms, p99 1ms }}
web -> api
api <-> db {{ timeout: 50ms; retries: 2; backoff: 10ms exponential }}
db -x> old {{ on: {on} }}
"""
    )
    waits = 0.030 if extra else 0.0
    assert failing(found) == pytest.approx(0.005 + extra + waits + 0.001)


@pytest.mark.parametrize(
    ("backoff", "waits"),
    [
        ("10ms", (0.01, 0.01, 0.01)),
        ("10ms, 30ms", (0.01, 0.03, 0.03)),
        ("10ms exponential", (0.01, 0.02, 0.04)),
        ("5ms, 10ms exponential", (0.005, 0.01, 0.02)),
    ],
)
def test_a_backoff_repeats_its_last_wait_or_doubles_it(backoff: str, waits: tuple[float, ...]) -> None:
    found = compiled(DB + f"web -> api <-> db {{ timeout: 30ms; retries: 3; backoff: {backoff} }}\n")
    arrow = next(arrow for arrow in found.design.arrows if arrow.head == "db")
    assert arrow.waits == pytest.approx(waits)


@pytest.mark.parametrize(
    "wrong", ["backoff: -5ms", "backoff: fast", "backoff: exponential", "hedge: -1ms", "timeout: 0s"]
)
def test_a_wait_that_is_none_is_told_with_an_example(wrong: str) -> None:
    found = compiled(
        DB + f"web -> api <-> db {{ timeout: 30ms; retries: 1; {wrong} }}\n".replace("timeout: 30ms; ", "", 0)
    )
    assert "AB205" in codes(found) or "AB206" in codes(found)


def test_retries_multiply_demand_behind_them_and_what_is_called_there() -> None:
    found = compiled(
        """store db { latency: p50 10ms, p90 30ms, p99 40ms; throughput: 1k rps; replicas: 2 }
store disk { latency: 0ms; throughput: 1k rps; replicas: 2 }
web -> api
api <-> db { timeout: 30ms; retries: 3 }
db <-> disk
"""
    )
    expected = 100 * (1 - 0.1**4) / 0.9
    assert found.facts.value("late", "api<->db") == pytest.approx(0.1, rel=1e-6)
    assert found.facts.value("demand", "db") == pytest.approx(expected, rel=1e-6)
    assert found.facts.value("demand", "disk") == pytest.approx(expected, rel=1e-6)
    assert found.facts.value("given_up", "api<->db") == pytest.approx(1e-4, rel=1e-5)


def test_a_hedge_at_a_percentile_sends_as_many_second_copies_as_are_later() -> None:
    found = compiled(DB + "web -> api\napi <-> db { hedge: p95 }\n")
    assert found.facts.value("demand", "db") == pytest.approx(105)
    assert found.facts.value("hedged", "api<->db") == pytest.approx(0.05)


def test_a_timeout_on_the_way_on_cuts_the_stay_and_not_what_follows() -> None:
    found = compiled(
        """service mid { latency: p50 10ms, p99 40ms; replicas: 2 }
service last { latency: p50 25ms, p99 25ms; replicas: 2 }
web -> api
api -> mid { timeout: 12ms }
mid -> last
""",
        sla="p99.9 < 1s by independent",
    )
    assert verdict(found).independent == pytest.approx(0.005 + 0.012 + 0.025)
    assert verdict(found).sum == pytest.approx(0.005 + 0.012 + 0.025)


def test_a_timeout_without_retry_is_an_atom_and_the_median_stays() -> None:
    found = compiled(
        DB + "web -> api\napi <-> db { timeout: 30ms }\n", sla="p50 < 1s by independent, p99 < 1s by independent"
    )
    assert verdict(found, 0).independent == pytest.approx(0.005 + 0.010, rel=1e-6)
    assert verdict(found, 1).independent == pytest.approx(0.005 + 0.030, rel=1e-9)
    assert verdict(found, 1).bracket == (pytest.approx(0.035), pytest.approx(0.035))


def test_a_quorum_waits_for_as_many_as_it_names_and_loads_all() -> None:
    found = compiled(DB + "web -> api\napi <-> db { fanout: 3; quorum: 2 }\n", sla="p50 < 1s by independent")
    assert found.facts.value("demand", "db") == pytest.approx(300)
    assert verdict(found).independent == pytest.approx(0.015, rel=1e-6)  # the median of three is one's own


def test_a_fan_out_of_guarded_requests_waits_for_every_copys_attempts() -> None:
    found = compiled(
        "service leaf { latency: p50 10ms, p99 10ms; throughput: 10k rps; replicas: 2 }\n"
        "web -> api\napi -> leaf { fanout: 4; timeout: 8ms; retries: 1 }\n"
    )
    assert verdict(found).sum == pytest.approx(0.005 + 0.016)
    assert found.facts.value("demand", "leaf") == pytest.approx(800)


def test_retries_where_arms_overlap_still_multiply_the_load() -> None:
    body = """service a { latency: 1ms; replicas: 2 }
service b { latency: 1ms; replicas: 2 }
store shared { latency: p50 1ms, p99 2ms; replicas: 2 }
store deep { latency: p50 10ms, p90 30ms, p99 40ms; throughput: 1k rps; replicas: 2 }
web -> a & b
a -> shared
b -> shared
shared -> deep { timeout: 30ms; retries: 1 }
"""
    found = compiled(body.replace("api", "a"))
    assert found.facts.value("demand", "deep") == pytest.approx(110, rel=1e-6)


QUEUE = "store db { latency: p50 6.9315ms, p99 46.0517ms, service; replicas: 1 }\nweb -> api\n"


def test_service_time_waits_by_pollaczek_and_khinchine() -> None:
    found = compiled(QUEUE + "api <-> db\n", rate=50, sla="mean < 1s")
    sigma = math.log(46.0517 / 6.9315) / 2.3263478740408408
    mean, scv = 6.9315e-3 * math.exp(sigma**2 / 2), math.expm1(sigma**2)
    busy = 50 * mean
    wait = busy * mean * (1 + scv) / (2 * (1 - busy))
    assert found.facts.value("mean_wait", "db") == pytest.approx(wait, rel=1e-9)
    assert found.facts.value("waiting", "db") == pytest.approx(busy, rel=1e-9)
    assert verdict(found).value == pytest.approx(0.005 + mean + wait, rel=1e-6)


def test_a_measured_latency_gets_no_queue_added() -> None:
    found = compiled(QUEUE.replace(", service", "; concurrency: 1") + "api <-> db\n", rate=50)
    assert found.facts.get("mean_wait", "db") is None
    assert found.facts.value("latency_p99", "db") == pytest.approx(0.0460517)


@pytest.mark.parametrize("rate", [100, 130])
def test_a_queue_at_its_capacity_has_no_latency_and_says_so(rate: int) -> None:
    found = compiled("store db { latency: 10ms, service; throughput: 100 rps }\nweb -> api\napi <-> db\n", rate=rate)
    assert "AB501" in codes(found)
    assert unjudged(found).why in (Why.OVER, Why.FULL)
    assert found.facts.get("latency_p99", "db") is None
    assert found.facts.flows[0].paths == ()


def test_retries_and_their_load_settle_where_they_reproduce_each_other() -> None:
    body = QUEUE + "api <-> db { timeout: 200ms; retries: 1 }\n"
    found = compiled(body, rate=60)
    demand, late = found.facts.value("demand", "db"), found.facts.value("late", "api<->db")
    assert demand is not None and late is not None and late > 0
    assert demand == pytest.approx(60 * (1 + late), rel=1e-8)
    again = compiled(QUEUE + "api <-> db\n", rate=demand, sla="p99 < 10s")
    assert again.facts.value("latency_p99", "db") == pytest.approx(found.facts.value("latency_p99", "db"), rel=1e-6)


def test_a_storm_is_told_and_no_number_is_given_for_it_or_behind_it() -> None:
    body = "store disk { latency: 1ms; throughput: 1k rps; replicas: 2 }\n" + QUEUE + "db <-> disk\n"
    found = compiled(body + "api <-> db { timeout: 50ms; retries: 3 }\n", rate=80)
    assert "AB505" in codes(found) and "AB501" not in codes(found)
    for name in ("db", "disk"):
        demand = found.facts.get("demand", name)
        assert demand is not None and demand.value is None and "feed themselves" in demand.told
        assert found.facts.get("utilisation", name) is None
        assert found.facts.get("saturates_at", name) is None
    assert unjudged(found) == Reason(Why.STORM, "db")
    remedy = found.facts.remedy(Gap("AB505", "db"))
    assert remedy is not None and "`db.replicas` 1 → 2" in sentence(remedy, found.design)


def test_the_replicas_that_would_calm_a_storm_do_and_one_fewer_does_not() -> None:
    def storm(replicas: int) -> Compilation:
        store = f"store db {{ latency: p50 20ms, p99 80ms, service; replicas: {replicas} }}\nweb -> api\n"
        return compiled(store + "api <-> db { timeout: 90ms; retries: 2 }\n", rate=380)

    remedy = storm(10).facts.remedy(Gap("AB505", "db"))
    assert isinstance(remedy, Remedy) and remedy.change is not None
    enough = int(remedy.change.after)
    assert "AB505" in codes(storm(enough - 1))
    assert "AB505" not in codes(storm(enough)) and "AB501" not in codes(storm(enough))


def test_an_overload_without_retries_is_an_overload_and_no_storm() -> None:
    found = compiled(DB + "web -> api\napi <-> db { timeout: 30ms; retries: 1 }\n", rate=3000)
    assert "AB501" in codes(found) and "AB505" not in codes(found)


def test_more_load_never_makes_a_settled_design_quicker() -> None:
    body = QUEUE + "api <-> db { timeout: 200ms; retries: 1 }\n"
    p99 = [verdict(compiled(body, sla="p99 < 10s by independent", rate=rate)).value for rate in (10, 30, 50, 60)]
    assert None not in p99 and p99 == sorted(p99, key=lambda value: value or 0.0)


def test_the_throughput_that_little_forbids_is_refused_only_above_five_per_cent() -> None:
    body = "service s {{ latency: p50 10ms, p99 10ms; concurrency: 4; throughput: {} rps }}\nweb -> api -> s\n"
    assert "AB504" not in codes(compiled(body.format(419)))
    assert "AB504" in codes(compiled(body.format(421)))


def test_the_throughput_of_a_flow_whose_retries_feed_back_is_where_they_begin_to_storm() -> None:
    body = QUEUE + "api <-> db { timeout: 200ms; retries: 1 }\n"
    found = compiled(body, rate=50)
    highest = found.facts.value("throughput", "main")
    capacity = found.facts.value("capacity", "db")
    assert highest is not None and capacity is not None and highest < capacity
    assert found.facts.get("saturates_at", "db") is None
    assert "AB505" not in codes(compiled(body, rate=highest * 0.999))
    assert "AB505" in codes(compiled(body, rate=highest * 1.002))
    stormed = compiled(body, rate=highest * 1.1).facts.value("throughput", "main")
    assert stormed == pytest.approx(highest, rel=2e-3)
