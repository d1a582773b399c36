"""Designs to be simulated, each with a number that, were it another, the simulation would have to notice.

Availabilities are poor on purpose: what hardly ever fails is hardly ever seen to. Where a latency is `service` time its
p99 is 6.937 medians: the lognormal whose deviation is its mean, so that one server is on average as slow as M/M/1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SLA = "sla: mean < 10s, p50 < 10s by independent, p95 < 10s by independent, p99 < 10s by independent"
QUICK = "latency: p50 2ms, p99 5ms"
SLOW = "latency: p50 8ms, p99 30ms"
HOP = "latency: p50 0.3ms, p99 1ms"


@dataclass(frozen=True, slots=True)
class Subject:
    """A design, and two changes of it: one to be noticed in its times or loads, one in its availability.

    `latency` says what of it is known well enough to be compared. Measured latencies add up exactly: every percentile.
    Of queues the mean is held to the interval, that of one server (Pollaczek and Khinchine), or of several to a `room`
    of it, and percentiles are to be `within` so much. Of retries that feed back nothing but the loads, and those within
    a room: the formula spreads attempts evenly over time, while in truth they come when the queue is long already, and
    make it longer. `warm_up` requests fill the queues first.
    """

    text: str
    change: tuple[str, str]
    poorer: tuple[str, str]
    requests: int = 40_000
    latency: Literal["percentiles", "mean", "nothing"] = "percentiles"
    within: float = 0.0
    room: float = 0.0
    warm_up: int = 0

    def source(self, change: tuple[str, str] | None = None) -> str:
        """Return its text, or that of it changed."""
        text = f"design d {{ {SLA} }}\n{self.text}"
        if change is None:
            return text
        assert text.count(change[0]) == 1, change
        return text.replace(*change)


DESIGNS = {
    "arms that meet again": Subject(
        f"""
        client web {{ rate: 1k rps }}
        service api {{ {QUICK}; throughput: 400 rps; replicas: 4; availability: 90%; needs: 3 }}
        service text {{ {SLOW}; concurrency: 16; replicas: 2; availability: 85% }}
        service image {{ latency: 5ms..20ms; concurrency: 20; availability: 95% }}
        service resize {{ {QUICK}; throughput: 3k rps; availability: 98% }}
        service merge {{ {QUICK}; throughput: 1.5k rps; availability: 97% }}
        web -> api -> text & image {{ {HOP} }}
        image -> resize -> merge
        text -> merge {{ {HOP} }}""",
        change=("latency: 5ms..20ms", "latency: 5ms..21ms"),
        poorer=("availability: 85%", "availability: 80%"),
    ),
    "a cache, and two models by share": Subject(
        f"""
        client web {{ rate: 2k rps }}
        gateway edge {{ {QUICK}; throughput: 1.5k rps; replicas: 2; availability: 95% }}
        cache redis {{ latency: 1ms; hit: 70%; throughput: 5k rps; availability: 98% }}
        router split {{ latency: 0.5ms; throughput: 1k rps; availability: 99% }}
        model small {{ {QUICK}; throughput: 250 rps; replicas: 3; availability: 90%; needs: 2 }}
        model large {{ {SLOW}; concurrency: 4; replicas: 2; availability: 80% }}
        service post {{ {QUICK}; throughput: 900 rps; availability: 97% }}
        telemetry logs {{ throughput: 10k rps; availability: 50% }}
        web -> edge -> redis -> split {{ {HOP} }}
        split -> small {{ {HOP} }}
        split -> large {{ share: 20%; {HOP} }}
        small & large -> post
        edge ~> logs {{ fanout: 2 }}""",
        change=("share: 20%", "share: 23%"),
        poorer=("hit: 70%", "hit: 55%"),
    ),
    "calls in order and at once": Subject(
        f"""
        client web {{ rate: 500 rps }}
        client app {{ rate: 300 rps }}
        service api {{ {QUICK}; throughput: 1k rps; availability: 97% }}
        store users {{ {QUICK}; concurrency: 8; availability: 90%; replicas: 2 }}
        cache near {{ latency: 0.5ms; hit: 60%; throughput: 4k rps; availability: 95% }}
        store items {{ {SLOW}; concurrency: 30; availability: 92% }}
        external geo {{ latency: 3ms..9ms; throughput: 300 rps; availability: 90% }}
        service render {{ {QUICK}; throughput: 2k rps; availability: 98% }}
        web & app -> api -> render {{ {HOP} }}
        api <-> users & near {{ {HOP} }}
        near <-> items
        api <-> geo {{ share: 25%; {HOP} }}
        render <-> users""",
        change=("share: 25%", "share: 27%"),
        poorer=("availability: 92%", "availability: 85%"),
    ),
    "two regions": Subject(
        f"""
        client web {{ rate: 1k rps }}
        gateway dns {{ latency: 1ms; throughput: 5k rps; availability: 98% }}
        region us, eu {{
          service rank {{ {SLOW}; throughput: 300 rps; replicas: 3; availability: 85%; needs: 2 }}
          store features {{ {QUICK}; throughput: 2k rps; availability: 94% }}
          rank <-> features {{ {HOP} }}
        }}
        service post {{ {QUICK}; throughput: 2k rps; availability: 97% }}
        web -> dns
        dns -> us.rank {{ share: 60%; latency: p50 10ms, p99 20ms }}
        dns -> eu.rank {{ latency: p50 30ms, p99 50ms }}
        us.rank & eu.rank -> post
        us.rank -x> eu.rank {{ on: down }}
        eu.rank -x> us.rank {{ on: timeout 80ms }}""",
        change=("p50 30ms", "p50 31ms"),
        poorer=("availability: 85%; needs: 2", "availability: 78%; needs: 2"),
    ),
    "attempts that time out": Subject(
        f"""
        client web {{ rate: 400 rps }}
        service api {{ {QUICK}; throughput: 1k rps; availability: 98% }}
        model score {{ {SLOW}; concurrency: 20; availability: 90%; replicas: 2 }}
        store features {{ latency: p50 4ms, p99 40ms; throughput: 1.2k rps; availability: 92% }}
        fallback popular {{ latency: 1ms; availability: 80% }}
        web -> api {{ {HOP} }}
        api <-> score {{ timeout: 25ms; retries: 2; backoff: 4ms; {HOP} }}
        score <-> features {{ timeout: 12ms; retries: 1; {HOP} }}
        score -x> popular {{ on: timeout 25ms }}""",
        change=("timeout: 12ms", "timeout: 11ms"),
        poorer=("availability: 80%", "availability: 60%"),
    ),
    "hedges": Subject(
        f"""
        client web {{ rate: 800 rps }}
        service api {{ {QUICK}; throughput: 1k rps; availability: 98% }}
        store index {{ latency: p50 4ms, p99 40ms; throughput: 600 rps; replicas: 2; availability: 85% }}
        store disk {{ {QUICK}; throughput: 1.5k rps; availability: 96% }}
        service post {{ {SLOW}; concurrency: 24; availability: 95% }}
        web -> api {{ {HOP} }}
        api <-> index {{ hedge: p90; {HOP} }}
        index <-> disk {{ share: 50% }}
        api -> post {{ hedge: 12ms; {HOP} }}""",
        change=("hedge: p90", "hedge: p85"),
        poorer=("availability: 96%", "availability: 92%"),
    ),
    "copies and a quorum": Subject(
        f"""
        client web {{ rate: 200 rps }}
        service search {{ {QUICK}; throughput: 500 rps; replicas: 2; availability: 88% }}
        store shard {{ {SLOW}; throughput: 500 rps; replicas: 5; availability: 90%; needs: 4 }}
        cache memo {{ latency: 1ms; hit: 40%; throughput: 3k rps; availability: 97% }}
        service blend {{ {QUICK}; throughput: 400 rps; availability: 96% }}
        web -> search -> blend {{ {HOP} }}
        search <-> shard {{ fanout: 5; quorum: 4; {HOP} }}
        search <-> memo {{ fanout: 3; {HOP} }}""",
        change=("quorum: 4", "quorum: 5"),
        poorer=("needs: 4", "needs: 5"),
    ),
    "copies with attempts in an arm": Subject(
        f"""
        client web {{ rate: 300 rps }}
        service api {{ {QUICK}; throughput: 1k rps; availability: 99% }}
        service rank {{ {QUICK}; throughput: 1k rps; availability: 95% }}
        model shard {{ {SLOW}; throughput: 1.9k rps; replicas: 2; availability: 80% }}
        service ads {{ latency: p50 5ms, p99 45ms; throughput: 800 rps; availability: 93% }}
        fallback none {{ latency: 1ms; ends: yes; availability: 90% }}
        service page {{ {QUICK}; throughput: 600 rps; availability: 97% }}
        web -> api -> rank & ads -> page
        rank <-> shard {{ fanout: 3; quorum: 2; timeout: 20ms; retries: 1; backoff: 2ms; hedge: 10ms; {HOP} }}
        ads -x> none {{ on: error }}""",
        change=("hedge: 10ms", "hedge: 11ms"),
        poorer=("ends: yes; availability: 90%", "ends: yes; availability: 70%"),
    ),
    "one server with a queue": Subject(
        f"""
        client web {{ rate: 45 rps }}
        gateway edge {{ {QUICK}; throughput: 100 rps; availability: 95% }}
        store db {{ latency: p50 10ms, p99 69.37ms, service; concurrency: 1; availability: 80% }}
        service post {{ {SLOW}; concurrency: 4; availability: 90% }}
        fallback simple {{ availability: 70% }}
        fallback last {{ availability: 60% }}
        web -> edge -> db -> post
        db -x> simple {{ on: error }}
        simple -x> last {{ on: down }}""",
        change=("p50 10ms, p99 69.37ms", "p50 11ms, p99 76.3ms"),
        poorer=("availability: 70%", "availability: 40%"),
        requests=150_000,
        within=0.03,
        warm_up=10_000,
    ),
    "several servers with a queue": Subject(
        """
        client web { rate: 220 rps }
        model rank { latency: p50 10ms, p99 69.37ms, service; concurrency: 2; replicas: 2; availability: 80%; needs: 2 }
        store log { latency: p50 2ms, p99 13.874ms, service; throughput: 353.5534 rps; availability: 90% }
        fallback simple { availability: 70% }
        web -> rank
        rank ~> log
        rank -x> simple { on: timeout 500ms; latency: 1ms }""",
        change=("p50 10ms, p99 69.37ms", "p50 10.5ms, p99 72.8ms"),
        poorer=("replicas: 2; availability: 80%", "replicas: 2; availability: 75%"),
        requests=150_000,
        within=0.05,
        room=0.03,
        warm_up=10_000,
    ),
    "copies to one queue, and a queue a replica": Subject(
        """
        client web { rate: 100 rps }
        service api { latency: 1ms; throughput: 500 rps; availability: 95% }
        store shard { latency: p50 4ms, p99 16ms, service; concurrency: 2; replicas: 2; availability: 90% }
        service rank {
          latency: p50 20ms, p99 80ms, service; replicas: 4; balance: least loaded; availability: 80%; needs: 2
        }
        service near { latency: p50 20ms, p99 80ms, service; replicas: 4; balance: round robin; availability: 90% }
        web -> api -> rank -> near
        api <-> shard { fanout: 5 }""",
        change=("p50 4ms, p99 16ms", "p50 4.8ms, p99 19.2ms"),
        poorer=("availability: 80%; needs: 2", "availability: 70%; needs: 3"),
        requests=120_000,
        within=0.07,
        room=0.03,
        warm_up=5_000,
    ),
    "a hedge into a queue": Subject(
        """
        client web { rate: 200 rps }
        service api { latency: 1ms; throughput: 500 rps; availability: 95% }
        store index { latency: p50 10ms, p99 60ms, service; concurrency: 8; availability: 90% }
        web -> api
        api <-> index { hedge: 40ms }""",
        change=("p50 10ms, p99 60ms", "p50 11.5ms, p99 69ms"),
        poorer=("availability: 90%", "availability: 80%"),
        requests=60_000,
        within=0.04,
        room=0.02,
        warm_up=4_000,
    ),
    "retries that feed back": Subject(
        """
        client web { rate: 35 rps }
        service api { latency: 1ms; throughput: 200 rps; availability: 95% }
        store db { latency: p50 7.0711ms, p99 49.05ms, service; concurrency: 1; availability: 90% }
        service post { latency: 1ms; throughput: 100 rps; replicas: 3; needs: 2; availability: 90% }
        web -> api -> post
        api <-> db { timeout: 30ms; retries: 1 }""",
        change=("timeout: 30ms", "timeout: 50ms"),
        poorer=("needs: 2", "needs: 3"),
        requests=100_000,
        latency="nothing",
        room=0.06,
        warm_up=10_000,
    ),
}

ERRORS = {
    "errors that are tried again": Subject(
        f"""
        client web {{ rate: 300 rps }}
        gateway edge {{ {QUICK}; throughput: 2k rps; errors: 2% }}
        service api {{ {QUICK}; throughput: 1k rps; errors: 4% }}
        store users {{ {SLOW}; throughput: 1k rps; errors: 15% }}
        service post {{ {QUICK}; throughput: 800 rps; errors: 8% }}
        web -> edge {{ {HOP} }}
        edge -> api {{ {HOP} }}
        api <-> users {{ retries: 2; backoff: 6ms exponential; {HOP} }}
        api -> post {{ retries: 1; backoff: 3ms jitter; {HOP} }}""",
        change=("errors: 15%", "errors: 17%"),
        poorer=("errors: 2%", "errors: 3%"),
    ),
    "late, or in error, and something answers": Subject(
        f"""
        client web {{ rate: 200 rps }}
        service api {{ {QUICK}; throughput: 1k rps }}
        model score {{ {SLOW}; throughput: 700 rps; errors: 20% }}
        store notes {{ {SLOW}; throughput: 500 rps; errors: 10% }}
        fallback popular {{ latency: p50 1ms, p99 3ms; errors: 5% }}
        fallback page {{ latency: p50 2ms, p99 4ms; ends: yes }}
        service post {{ {QUICK}; throughput: 500 rps; errors: 12% }}
        service after {{ {SLOW}; throughput: 500 rps }}
        web -> api -> post -> after {{ {HOP} }}
        api <-> score {{ timeout: 14ms; retries: 2; backoff: 4ms exponential jitter; {HOP} }}
        api <-> notes {{ share: 40%; timeout: 20ms; {HOP} }}
        score -x> popular {{ on: error; {HOP} }}
        post -x> page {{ on: error }}""",
        change=("timeout: 14ms", "timeout: 15ms"),
        poorer=("errors: 5%", "errors: 20%"),
    ),
    "a budget that binds": Subject(
        f"""
        client web {{ rate: 400 rps }}
        service api {{ {QUICK}; throughput: 2k rps }}
        store index {{ {SLOW}; throughput: 2k rps; errors: 30% }}
        fallback old {{ latency: 3ms..5ms; errors: 10% }}
        web -> api {{ {HOP} }}
        api <-> index {{ timeout: 25ms; retries: 3; retry_budget: 15%; backoff: 5ms; {HOP} }}
        index -x> old {{ on: error }}""",
        change=("retry_budget: 15%", "retry_budget: 17%"),
        poorer=("errors: 10%", "errors: 16%"),
    ),
    "an attempt around attempts": Subject(
        f"""
        client web {{ rate: 100 rps }}
        service api {{ {QUICK}; throughput: 500 rps }}
        service mid {{ {QUICK}; throughput: 500 rps; errors: 5% }}
        store db {{ {SLOW}; throughput: 900 rps; errors: 25% }}
        cache near {{ {QUICK}; throughput: 900 rps; hit: 60%; errors: 3% }}
        web -> api {{ {HOP} }}
        api <-> mid {{ retries: 1; backoff: 10ms; {HOP} }}
        mid <-> near {{ fanout: 2 }}
        mid <-> db {{ retries: 1; {HOP} }}""",
        change=("errors: 5%", "errors: 8%"),
        poorer=("errors: 25%", "errors: 29%"),
        within=0.05,
    ),
}
"""Designs of which something errs, drawn anew at each attempt."""

# What else can be said of attempts: smaller, and each asked one question.

HEAD = f"""design d {{ {SLA} }}
client web {{ rate: 100 rps }}
service api {{ {QUICK} }}
"""

ATTEMPTS = {
    "a cache that is called": f"""
        cache near {{ {QUICK}; hit: 60% }}
        store db {{ {SLOW} }}
        web -> api
        api <-> near {{ timeout: 12ms; retries: 1 }}
        near <-> db""",
    "a call whose target goes on": f"""
        service next {{ {QUICK} }}
        service last {{ {SLOW} }}
        web -> api
        api <-> next {{ hedge: p80; timeout: 20ms; retries: 1; backoff: 3ms }}
        next -> last""",
    "a hedge in a hedge": f"""
        service next {{ {QUICK} }}
        store db {{ {SLOW} }}
        web -> api
        api <-> next {{ hedge: p90 }}
        next <-> db {{ hedge: p80 }}""",
    "alternatives": f"""
        model small {{ {SLOW} }}
        model large {{ {SLOW} }}
        web -> api
        api -> small {{ share: 30%; timeout: 10ms; retries: 3; backoff: 1ms, 2ms }}
        api -> large {{ hedge: p50 }}""",
    "arms that meet": f"""
        model text {{ {SLOW} }}
        model image {{ {SLOW} }}
        service merge {{ {QUICK} }}
        web -> api
        api -> text & image {{ timeout: 15ms; retries: 1 }}
        text & image -> merge""",
    "copies sent on, a quorum, and what follows each": f"""
        service shard {{ {SLOW} }}
        store disk {{ {QUICK} }}
        service last {{ {QUICK} }}
        web -> api
        api -> shard {{ fanout: 4; quorum: 2; {HOP} }}
        shard <-> disk
        shard -> last""",
    "copies sent on with attempts": f"""
        service shard {{ {SLOW} }}
        web -> api
        api -> shard {{ fanout: 3; timeout: 12ms; retries: 1; {HOP} }}""",
    "copies by share": f"""
        service shard {{ {SLOW} }}
        service last {{ {QUICK} }}
        web -> api -> last
        api <-> shard {{ share: 40%; fanout: 4; quorum: 3; hedge: p70; {HOP} }}""",
    "the first of six": f"""
        service shard {{ {SLOW} }}
        web -> api
        api <-> shard {{ fanout: 6; quorum: 1; {HOP} }}""",
    "waits that double": f"""
        store db {{ {SLOW} }}
        web -> api
        api <-> db {{ timeout: 7ms; retries: 4; backoff: 1ms exponential; {HOP} }}""",
    "a chain that is tried again at each hop": f"""
        service next {{ {SLOW} }}
        web -> api -> next {{ timeout: 9ms; retries: 1; {HOP} }}""",
    "what a late attempt sends besides": f"""
        service next {{ {SLOW} }}
        telemetry logs
        store disk {{ {QUICK} }}
        web -> api
        api <-> next {{ timeout: 7ms; retries: 2 }}
        next ~> logs
        next <-> disk {{ fanout: 2 }}""",
    "retries without a timeout": f"""
        store db {{ {SLOW} }}
        web -> api
        api <-> db {{ retries: 2 }}""",
    "ranges": """
        service next { latency: 5ms..9ms }
        web -> api
        api <-> next { hedge: 7ms; timeout: 8ms; retries: 1 }""",
}
"""Arrows with attempts, copies and quorums in every place where an arrow can stand."""
