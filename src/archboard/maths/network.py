"""An activity network: what a request waits for, as one flat arena of nodes.

Children always have smaller indices than their parents, so every answer is one pass from the first node
to the root, without recursion: a chain of 5,000 hops and a nest 5,000 deep are ordinary. A node may be used
by several parents; how often it then counts is each answer's business.

A new kind of node is one class here, one line in `children`, and one `case` in each answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from archboard.maths.distributions.distribution import Distribution
from archboard.records import field, record, replace


@record
class Hop:
    """A leaf: one component's time, or one arrow's. Every occurrence is an independent draw.

    One that `waits` is the queue before what follows, and no visit of its own.
    """

    distribution: Distribution
    name: str = ""
    waits: bool = False


@record
class Series:
    """One after the other: times add. No parts at all is no time at all."""

    parts: tuple[int, ...]


@record
class Fork:
    """All at once, and all must finish: the slowest decides. Arms draw their hops independently."""

    arms: tuple[int, ...]


@record
class Choice:
    """One of several, by chance: cache hit or miss, shares. (probability, node), summing to 1."""

    options: tuple[tuple[float, int], ...]


@record
class Overlap:
    """A fork whose arms share hops: not series-parallel, so only a bracket is known.

    From the slowest single arm (arms move together) to the product of the arms (arms are independent).
    """

    arms: tuple[int, ...]


@record
class Attempts:
    """One attempt after the other, each cut at `timeout` seconds, until one is in time; each draws anew.

    `waits` are the seconds between them, so there is one attempt more than there are waits. After the last has timed
    out the request goes on without an answer. `failing` is the share of attempts that time out: what
    visits are counted with. `name` is whose attempts they are.
    """

    part: int
    timeout: float
    waits: tuple[float, ...]
    failing: float
    name: str = ""

    @property
    def count(self) -> int:
        """How many attempts there are at most."""
        return len(self.waits) + 1

    @property
    def longest(self) -> float:
        """Seconds until the last attempt has timed out."""
        return self.count * self.timeout + math.fsum(self.waits)


@record
class Hedged:
    """A second copy is sent where the first has no answer after so many seconds; the first answer counts.

    Both draw anew. `sent` is the share of requests that send the second: what visits are counted with.
    """

    part: int
    after: float
    sent: float


@record
class Quorum:
    """So many copies at once, of which `needed` must finish; each draws anew, and all of them are work.

    Its time is that of the slowest that is waited for: a quantile of it is a higher one of the arm's.
    """

    arm: int
    copies: int
    needed: int


@record
class Outcome:
    """What attempts come to, by luck that each draws anew: (probability, node), summing to 1, the quickest first.

    Unlike alternatives of a design, which are met whatever their chance, a way through this is met by as many requests
    as have that luck. `slow` are the chances where the `part`, one attempt, takes longer than its `timeout`, seconds.
    `errors` is the share of requests that go on from here without an answer, because what was asked erred.
    """

    options: tuple[tuple[float, int], ...]
    errors: float = 0.0
    slow: tuple[float, ...] = ()
    part: int = -1
    timeout: float = math.inf

    def met(self, beyond: float, *, late: bool) -> tuple[int, ...]:
        """Return the nodes that are met by more than a share `beyond` of requests, or quicker than one that is."""
        found = _within([chance for chance, _ in self.options], beyond)
        if late:
            found |= _within(self.slow, beyond)
        return tuple(dict.fromkeys(self.options[at][1] for at in sorted(found)))

    @property
    def usual(self) -> int:
        """The quickest node that can happen."""
        return next(node for chance, node in self.options if chance > 0)


def _within(chances: Sequence[float], beyond: float) -> set[int]:
    """Return the places up to the last that has more than so much in it and behind it, but those without chance."""
    possible = [at for at, chance in enumerate(chances) if chance > 0]
    tail = 0.0
    for last in reversed(possible):
        tail += chances[last]
        if tail > beyond:
            return {at for at in possible if at <= last}
    return set(possible[:1])


@record
class Cut:
    """One attempt that was in time, its time no more than the timeout; or one that was `late`, and took all of it.

    `share` is that of attempts that are in time.
    """

    part: int
    timeout: float
    share: float
    late: bool = False
    name: str = ""


Node = Hop | Series | Fork | Choice | Overlap | Attempts | Hedged | Quorum | Outcome | Cut
PLAIN = (Hop, Series, Choice, Outcome)
"""The nodes whose mean is that of their parts, weighted."""


def children(node: Node) -> tuple[int, ...]:
    """Return the nodes that a node is made of; an alternative that never happens is none of them."""
    match node:
        case Hop():
            return ()
        case Series():
            return node.parts
        case Fork() | Overlap():
            return node.arms
        case Choice():
            return tuple(option for probability, option in node.options if probability > 0)
        case Attempts() | Hedged() | Cut():
            return (node.part,)
        case Outcome(options, slow=slow):
            met = [index for at, (p, index) in enumerate(options) if p > 0 or (slow and slow[at] > 0)]
            return tuple(dict.fromkeys((*met, node.part) if node.part >= 0 else met))
        case Quorum():
            return (node.arm,)


@record
class Network:
    """A whole flow: the arena and the node that stands for all of it.

    `order` lists the nodes that the root is made of, itself last; `uses` counts for each how many places
    of a parent it fills, so that a pass can let go of a value after its last use.
    """

    nodes: tuple[Node, ...]
    root: int
    order: tuple[int, ...] = field(init=False, repr=False, compare=False)
    uses: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        uses = [0] * len(self.nodes)
        uses[self.root] = 1
        for index in range(self.root, -1, -1):
            if uses[index]:
                for child in children(self.nodes[index]):
                    if not 0 <= child < index:
                        raise ValueError(f"node {index} has child {child}, which does not come before it")
                    uses[child] += 1
        object.__setattr__(self, "order", tuple(i for i in range(self.root + 1) if uses[i]))
        object.__setattr__(self, "uses", tuple(uses))


LONG = 32
"""Parts of one series; a longer one is made of such, so that a pass need not hold all of its parts at once."""


class NetworkBuilder:
    """Collects nodes, each after its children; equal nodes become one.

    Every method returns the index of its node. A series, fork or overlap of one part, and a choice with one
    possible option, is that part itself.
    """

    def __init__(self) -> None:
        self._index: dict[Node, int] = {}
        self._nodes: list[Node] = []

    @property
    def nodes(self) -> Sequence[Node]:
        """All nodes so far; more may come behind them."""
        return self._nodes

    def add(self, node: Node) -> int:
        """Add any node as it is."""
        index = self._index.setdefault(node, len(self._nodes))
        if index == len(self._nodes):
            self._nodes.append(node)
        return index

    def hop(self, distribution: Distribution, name: str = "", *, waits: bool = False) -> int:
        """Add a leaf."""
        return self.add(Hop(distribution, name, waits))

    def series(self, parts: Iterable[int]) -> int:
        """Add nodes run one after the other; of none, an empty series, which takes no time."""
        together = tuple(parts)
        while len(together) > LONG:
            together = (self.add(Series(together[:LONG])), *together[LONG:])
        return together[0] if len(together) == 1 else self.add(Series(together))

    def fork(self, arms: Iterable[int]) -> int:
        """Add nodes run at once, all of which must finish; `ValueError` when there are none."""
        together = _some(arms)
        return together[0] if len(together) == 1 else self.add(Fork(together))

    def overlap(self, arms: Iterable[int]) -> int:
        """Add nodes run at once that share hops; `ValueError` when there are none."""
        together = _some(arms)
        return together[0] if len(together) == 1 else self.add(Overlap(together))

    def attempts(
        self, part: int, timeout: float, waits: Iterable[float] = (), failing: float = 0.0, name: str = ""
    ) -> int:
        """Add a node that is cut at its timeout, and tried again after each of the waits."""
        return self.add(Attempts(part, timeout, tuple(waits), failing, name))

    def cut(self, part: int, timeout: float, share: float, name: str = "", *, late: bool = False) -> int:
        """Add an attempt that was in time, as a share of all are, or one that was not."""
        return self.add(Cut(part, timeout, share, late, name))

    def refusal(self, node: int, errors: float = 1.0) -> int:
        """Add what takes a node's time and brings no answer, or none to that share of requests."""
        return self.add(Outcome(((1.0, node),), errors))

    def hedged(self, part: int, after: float, sent: float) -> int:
        """Add a node of which a second copy is sent after so many seconds."""
        return self.add(Hedged(part, after, sent))

    def quorum(self, arm: int, copies: int, needed: int) -> int:
        """Add copies of a node run at once, of which so many must finish; one copy is the node itself."""
        if not 1 <= needed <= copies:
            raise ValueError(f"{needed} of {copies} copies can never finish")
        return arm if copies == 1 else self.add(Quorum(arm, copies, needed))

    def choice(self, options: Iterable[tuple[float, int]]) -> int:
        """Add alternatives, (probability, node); `ValueError` unless they sum to 1 within 1e-9."""
        chances = tuple(options)
        total = math.fsum(probability for probability, _ in chances)
        if abs(total - 1) > 1e-9 or any(probability < 0 for probability, _ in chances):
            raise ValueError(f"the probabilities of a choice sum to {total}")
        possible = tuple((p / total, option) for p, option in chances if p > 0)
        return possible[0][1] if len(possible) == 1 else self.add(Choice(possible))

    def network(self, root: int) -> Network:
        """Return the network that ends in a node: the nodes it is made of and no others.

        Each node stands as near as can be behind its children, so that few values are alive at once in a pass.
        """
        nodes = self._nodes
        place: dict[int, int] = {}
        waiting = [(root, iter(children(nodes[root])))]
        while waiting:
            index, rest = waiting[-1]
            child = next((child for child in rest if child not in place), None)
            if child is None:
                place.setdefault(index, len(place))
                waiting.pop()
            else:
                waiting.append((child, iter(children(nodes[child]))))
        return Network(tuple(_moved(nodes[index], place) for index in place), place[root])


def _moved(node: Node, place: Mapping[int, int]) -> Node:
    """Return a node whose children have other indices."""
    match node:
        case Hop():
            return node
        case Series(parts):
            return Series(tuple(place[part] for part in parts))
        case Fork(arms):
            return Fork(tuple(place[arm] for arm in arms))
        case Overlap(arms):
            return Overlap(tuple(place[arm] for arm in arms))
        case Choice(options):
            return Choice(tuple((p, place[option]) for p, option in options if p > 0))
        case Attempts(part) | Hedged(part) | Cut(part):
            return replace(node, part=place[part])
        case Outcome(options, slow=slow, part=part):
            kept = [(p, index, slow[at] if slow else 0.0) for at, (p, index) in enumerate(options) if index in place]
            moved = tuple((p, place[index]) for p, index, _ in kept)
            chances = tuple(chance for _, _, chance in kept) if slow else ()
            return replace(node, options=moved, slow=chances, part=place[part] if part >= 0 else part)
        case Quorum(arm):
            return replace(node, arm=place[arm])


def _some(arms: Iterable[int]) -> tuple[int, ...]:
    together = tuple(arms)
    if not together:
        raise ValueError("a fork needs an arm")
    return together
