"""How old what a flow delivers gets: sums worked out by hand."""

import pytest

from archboard import Source, compile_source
from archboard.compilation import Compilation
from archboard.facts import Gap, Remedy

H, DAY = 3600.0, 86400.0
STEPS = """
client web { rate: 10 rps; every: 0s }
service api { latency: 1min }
job nightly { rate: 1/day; latency: 4h }
job manual { latency: 4h }
job train { latency: 10h }
job test { latency: 2h }
store lake { latency: 30min }
store online { replicas: 2 }
"""


def compiled(arrows: str, promise: str = "staleness <= 30 days") -> Compilation:
    return compile_source(Source("x.arch", f'design d "D" {{ sla: {promise} }}\n{STEPS}\n{arrows}\n'))


WAYS = {
    "period and run": ("nightly ~> online", DAY + 4 * H),
    "a run that is triggered": ("manual ~> online", 4 * H),
    "each refresh adds its period": ("nightly ~> online { rate: 1/h }", DAY + 4 * H + H),
    "what follows a refresh": ("manual ~> train { rate: 2/day }; train -> test", 4 * H + 12 * H + 10 * H + 2 * H),
    "calls and the slower arm": ("manual -> train & test; manual <-> lake", 4 * H + 0.5 * H + 10 * H),
    "hops": ("manual -> test { latency: 6min }", 4 * H + 0.1 * H + 2 * H),
    "delivery ends where a client waits": ("web -> api -> test; nightly ~> api", DAY + 4 * H),
    "what a client sends as it happens has no next run": ("web -> api ~> train ~> online", 10 * H + 60),
    "refreshes in a circle": ("manual ~> train ~> test ~> train { rate: 1/h }", 18 * H),
}


@pytest.mark.parametrize(("arrows", "seconds"), WAYS.values(), ids=WAYS)
def test_the_age_is_the_longest_wait_and_work_on_the_way(arrows: str, seconds: float) -> None:
    assert compiled(arrows).facts.value("staleness", "main") == pytest.approx(seconds)


def test_the_rate_of_a_flow_comes_before_that_of_its_job() -> None:
    facts = compiled("flow weekly { rate: 1/week; nightly ~> online }").facts
    assert facts.value("staleness", "weekly") == pytest.approx(7 * DAY + 4 * H)


def test_what_would_hold_does_hold() -> None:
    found = compiled("nightly ~> online", "staleness <= 20h")
    verdict = found.facts.missed[0]
    remedy = found.facts.remedy(Gap("AB703", "main", verdict.promise))
    assert isinstance(remedy, Remedy) and remedy.change is not None
    assert (remedy.change.target.path, remedy.change.before, remedy.change.after) == (
        "nightly.rate", pytest.approx(1 / DAY), pytest.approx(1 / (16 * H)),
    )  # fmt: skip
    assert found.facts.verdicts[0].ok is False
    better = compile_source(Source("x.arch", found.source.text.replace("1/day", "1.5/day")))
    assert better.facts.verdicts[0].ok is True


def test_a_flow_that_promises_nothing_else_needs_no_client() -> None:
    found = compiled("web -> api\nflow batch { sla: staleness < 3 days; nightly ~> online }", "p99 < 2min")
    assert not [d for d in found.diagnostics if d.is_error]
