"""What must have something that is down fails with it, and what refuses and is caught is no capacity exceeded."""

from __future__ import annotations

import pytest

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.overrides import read_changes
from archboard.facts import Facts
from archboard.source import Source

REGIONS = """design d { sla: availability >= 97%, p99 < 100ms }
client u { rate: 400 rps }
router r { latency: 1ms; throughput: 1k rps; replicas: 2 }
region us, eu {
  service api { latency: 1ms; throughput: 900 rps }
  service app { throughput: 100 rps; replicas: 3; latency: 1ms; price: $1/h }
  store db { throughput: 1k rps; latency: 4ms; price: $0.001/request }
  api -> app
  app <-> db
}
u -> r
r -> us.api { share: 50% }
r -> eu.api { share: 50% }
us.api -x> eu.api { on: down }
eu.api -x> us.api { on: down }
"""


def compiled(text: str, *changes: str) -> Compilation:
    made = compile_source(Source("x.arch", text), read_changes(changes))
    assert made.understood, [d.message for d in made.diagnostics]
    return made


def codes(made: Compilation) -> set[str]:
    return {d.rule.code for d in made.diagnostics if d.scenario is None}


def demands(facts: Facts, *names: str) -> list[float]:
    return [facts.value("demand", name) or 0.0 for name in names]


@pytest.mark.parametrize("down", ["us.api", "us.app", "us.db"])
def test_a_region_fails_over_in_every_number_whatever_of_it_is_down(down: str) -> None:
    made = compiled(REGIONS, f"{down}.down=yes")
    assert demands(made.facts, "us.api", "us.app", "us.db") == [0, 0, 0]
    assert demands(made.facts, "eu.api", "eu.app", "eu.db") == pytest.approx([400, 400, 400])
    assert made.facts.value("cost_month", "us.db") == 0
    (over,) = (d for d in made.diagnostics if d.rule.code == "AB501")
    assert over.subject == "eu.app"


def test_a_caller_with_a_fallback_fails_over_when_what_it_must_have_is_down() -> None:
    text = """design d {{ sla: availability >= 99%, mean < 1s, throughput >= 100 rps }}
    client u {{ rate: 50 rps }}
    service app {{ latency: 2ms; throughput: 200 rps }}
    store db {{ latency: 10ms; throughput: 100 rps }}
    fallback page {{ latency: 1ms; throughput: 150 rps }}
    u -> app
    app <-> db {{ retries: 2 }}
    app -x> page {{ on: {0} }}
    """
    down = compiled(text.format("down"), "db.down=yes")
    assert demands(down.facts, "app", "db", "page") == pytest.approx([0, 0, 50])
    # no breaker is open: each attempt asks, and is refused; the request is answered all the same
    error = compiled(text.format("error"), "db.down=yes")
    assert demands(error.facts, "app", "db", "page") == pytest.approx([50, 150, 50])
    assert codes(down) == codes(error) == set()
    assert error.facts.value("throughput", "main") == pytest.approx(150)
    assert error.facts.value("availability", "main") in (None, 1.0)


def test_a_failure_goes_up_to_the_nearest_that_something_answers_for() -> None:
    text = """design d { sla: availability >= 99% }
    client u { rate: 50 rps }
    service a { throughput: 1k rps }
    service b { throughput: 1k rps }
    store db { throughput: 1k rps }
    fallback f { throughput: 1k rps }
    u -> a
    a <-> b
    b <-> db
    a -x> f { on: down }
    """
    assert demands(compiled(text, "db.down=yes").facts, "a", "b", "db", "f") == pytest.approx([0, 0, 0, 50])
    # what only some requests need does not fail for certain
    some = compiled(text.replace("b <-> db", "b <-> db { share: 50% }"), "db.down=yes")
    assert demands(some.facts, "a", "b", "db") == pytest.approx([50, 50, 25])


def test_a_fallback_that_is_down_as_well_is_not_taken_where_another_answers() -> None:
    text = """design d
    client u { rate: 50 rps }
    service a { throughput: 1k rps }
    service f { throughput: 1k rps }
    service g { throughput: 1k rps }
    u -> a
    a -x> f { on: down }
    a -x> g { on: error }
    """
    assert demands(compiled(text, "a.down=yes", "f.down=yes").facts, "f", "g") == pytest.approx([0, 50])


REFUSING = """design t {{ sla: throughput >= 50 rps, availability >= 99% }}
client w {{ rate: 100 rps }}
service b {{ latency: 1ms; throughput: 1k rps; replicas: 2 }}
store ix {{ latency: 10ms; throughput: 500 rps; replicas: 2 }}
fallback f {{ latency: 1ms }}
w -> b
b <-> ix
{0}
"""


@pytest.mark.parametrize("on", ["down", "error", "timeout 50ms"])
def test_what_is_down_and_answered_for_limits_no_throughput(on: str) -> None:
    made = compiled(REFUSING.format(f"ix -x> f {{ on: {on} }}"), "ix.down=yes")
    assert made.facts.value("throughput", "main") == pytest.approx(2000)
    assert ("AB501" in codes(made)) is on.startswith("timeout")  # where each waits that asks
    assert "AB506" not in codes(made)


def test_what_is_down_and_answered_for_by_nobody_carries_nothing() -> None:
    for arrows in ("", "ix -x> f { on: overload }", "b -x> f { on: error }\nw -> ix"):
        made = compiled(REFUSING.format(arrows), "ix.down=yes")
        assert made.facts.value("throughput", "main") == 0
        assert {"AB501", "AB506"} <= codes(made)
