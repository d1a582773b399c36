"""Large designs, to see how time grows: a wide one as platforms are, and one long chain."""

from __future__ import annotations

from collections.abc import Iterator

TEAM = 10
"""Components of one team in the wide design: a gateway, a row of services, a cache, stores, telemetry."""


def wide(count: int) -> str:
    """Return a platform of so many components: teams with a flow each, in groups, that call each other's services."""
    return "\n".join(_wide(count)) + "\n"


def _wide(count: int) -> Iterator[str]:
    yield 'design wide "A platform" { problem: "Everything, for everyone." }'
    teams = max(1, count // TEAM)
    for team in range(teams):
        t = f"t{team}"
        yield f'client c{team} "Users of team {team}" {{ rate: 100 rps }}'
        yield f'group {t} "Team {team}" {{'
        yield "  gateway edge { limit: 150 rps; latency: p50 1ms, p99 3ms; throughput: 1k rps; replicas: 2 }"
        yield "  cache hot { hit: 60%; latency: p50 0.5ms, p99 2ms; throughput: 5k rps; replicas: 2 }"
        yield '  service api "Service" { does: "validate"; latency: p99 15ms; throughput: 200 rps; replicas: 3 }'
        yield '  model rank "Model" { runs: "XGBoost"; latency: p99 9ms; throughput: 300 rps; replicas: 3 }'
        yield '  store data { runs: "PostgreSQL"; latency: p99 8ms; throughput: 1k rps; replicas: 2 }'
        yield "  queue events { throughput: 5k rps; replicas: 3 }"
        yield '  telemetry logs "Logs"'
        yield "  store files { size: 2 TB }"
        yield f'  fallback old "Yesterday of {team}" {{ latency: 1ms }}'
        yield "}"
        yield f'flow f{team} "Flow of team {team}" {{'
        yield "  sla: p99 < 200ms"
        yield f"  c{team} -> {t}.edge -> {t}.hot -> {t}.api -> {t}.rank {{ latency: 0.5ms }}"
        yield f"  {t}.api <-> {t}.data"
        if team % 4:
            yield f'  {t}.rank <-> t{team - 1}.data "features"'
        yield "}"
        yield f"{t}.api ~> {t}.events ~> {t}.files"
        yield f"{t}.rank ~> {t}.logs"
        yield f'{t}.rank -x> {t}.old "late: the answer of yesterday" {{ on: timeout 40ms }}'


def chain(count: int) -> str:
    """Return so many components in one row."""
    names = [f"s{number}" for number in range(count - 1)]
    things = [f"service {name} {{ latency: p50 1ms, p99 3ms; throughput: 1k rps; replicas: 2 }}" for name in names]
    head = ['design chain "A long row" { sla: p99 < 100s }', "client c { rate: 100 rps }"]
    return "\n".join([*head, *things, "c -> " + " -> ".join(names) + " { latency: 0.2ms }"]) + "\n"
