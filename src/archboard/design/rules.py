"""What can be wrong with names, settings and structure: AB2xx, and the AB3xx that stop a flow being read."""

from __future__ import annotations

from collections.abc import Iterable

from archboard.catalog import KIND, THINGS
from archboard.diagnostics import Phase, Rule, Severity

ERROR = Severity.ERROR
MEANING = Phase.MEANING


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}"


UNKNOWN_KIND = Rule(
    "AB201", "unknown kind", ERROR,
    f"""A thing begins with a word that names no kind.

The kinds of components are
{_listed(KIND)};
beside them stand {_listed(THINGS)}.
`archboard kinds` lists them with their settings. The component is still drawn, as a service, so that the
rest of the file can be read.
""",
    MEANING,
)  # fmt: skip
UNKNOWN_NAME = Rule(
    "AB202", "unknown component", ERROR,
    """An arrow, a scenario or a setting path names something that does not exist, or that could be several things.

A component's full name carries its group: inside the group its plain name means the one in the group, outside
a plain name works where it is unique. Where two regions hold a `ranker`, write `us.ranker`.
""",
    MEANING,
)  # fmt: skip
TWICE = Rule(
    "AB203", "defined twice", ERROR,
    """Two things have the same name, or a file has two `design` blocks.

Components and groups share one set of names, flows have their own, constants (`let`) theirs. The first one
counts; the message shows where it is.
""",
    MEANING,
)  # fmt: skip
UNKNOWN_SETTING = Rule(
    "AB204", "unknown setting", ERROR,
    """This kind of thing has no setting of that name, or the setting would do nothing where it stands.

`archboard kinds` lists what each kind has. Some settings belong to one kind only: `hit` to caches, `limit` to
gateways, `rate` to clients and jobs. The message names the kinds that have it. On an arrow at whose end nobody waits
nothing is given up or tried again; a `quorum` is one of a `fanout`, a `backoff` one between `retries`.
""",
    MEANING,
)  # fmt: skip
WRONG_VALUE = Rule(
    "AB205", "wrong value", ERROR,
    """A value has the wrong dimension or unit, or lies out of range.

A duration wants `10ms`, a rate `10k rps`, a size `24 GB`, a fraction `80%` or `0.8`, money `$1.50/h`. Fractions
lie between 0 and 1, latencies are never negative, a higher percentile is never below a lower one, and at least
one replica runs.
""",
    MEANING,
)  # fmt: skip
SETTING_TWICE = Rule(
    "AB206", "setting given twice", ERROR,
    """One block gives the same setting twice; the first counts.

Texts for the walkthrough (`problem`, `opening`, `tradeoff`, `result`, `say`, `why`) and `sla` may repeat.
""",
    MEANING,
)  # fmt: skip
BAD_IMPORT = Rule(
    "AB207", "import", ERROR,
    """An imported file is not there, lies outside the design's folder, or imports itself in a circle.

Paths are relative to the importing file and never leave the folder of the design: a design that someone sends
you cannot read the rest of your disk.
""",
    MEANING,
)  # fmt: skip
CYCLE = Rule(
    "AB301", "cycle in a flow", ERROR,
    """A request would go round in a circle.

Answers are not drawn: `a -> b` already means that b's answer comes back. A component that calls another and waits is
`a <-> b`. If a really sends something to b later, without anyone waiting, that is `a ~> b`. A circle of `~>` adds up
where each round brings less than the one before: give one of its arrows a `share` below 100%, or a `rate` of its own.
""",
    MEANING,
)  # fmt: skip
SHARES = Rule(
    "AB302", "shares do not add up", ERROR,
    """The alternatives out of one component take more than all requests, or leave some without a way.

Arrows with `share` are alternatives; one of them may go without and takes the rest. Two without a share, a sum
over 100%, or a sum under 100% with no arrow for the rest, are errors.
""",
    MEANING,
)  # fmt: skip
FAILURE = Rule(
    "AB305", "failure arrow", ERROR,
    """A failure arrow does not say when it is taken, or starts at a component that no flow reaches.

Say `on: timeout 15ms`, `on: error`, `on: error > 50%`, `on: down`, `on: overload` or `on: latency > 40ms`.
""",
    MEANING,
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    UNKNOWN_KIND, UNKNOWN_NAME, TWICE, UNKNOWN_SETTING, WRONG_VALUE, SETTING_TWICE, BAD_IMPORT, CYCLE, SHARES,
    FAILURE,
)  # fmt: skip
