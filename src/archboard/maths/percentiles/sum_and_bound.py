"""What a whiteboard says of a flow: its worst path, the budget along it, and a bound that always holds.

`sum_of` adds the hops' own percentiles on the worst path. It equals the flow's percentile when all hops are
slow together (comonotonic; Kaas, Dhaene and others 2000), is conservative as a rule and is not a bound: two
hops that are rarely but badly slow exceed it. `bound_of` is one, under any dependence (union bound). Where all is slow
together, so are further attempts: an attempt past its timeout means that all of them run into it, and a hedge does
not help. Copies are the exception: a request that asks a hundred at once waits for the slowest of them on every
day, so each is slow for itself, and a hop in copies counts at the percentile that the slowest has (of a quorum the
last that is waited for).

On a way, the index of `Attempts` or of a `Quorum` stands before and after what one of them is made of, like a pair of
brackets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import nlargest

from archboard.maths.distributions.distribution import Distribution
from archboard.maths.fanout import needed_quantile
from archboard.maths.network import (
    Attempts,
    Choice,
    Cut,
    Fork,
    Hedged,
    Hop,
    Network,
    Node,
    Outcome,
    Overlap,
    Quorum,
    Series,
    children,
)

_CLOSE = -1  # on the stack of a walk: here the innermost attempts or copies end
Rope = tuple["Rope", "Rope"] | int | None  # a path while it is built: two stretches, one hop, or nothing
NEAREST = 1 - 2.0**-53
"""The share nearest to all of them that is not all: beyond it a float has no room, and the slowest of times no end."""


def sum_of(network: Network, q: float) -> float:
    """Return the sum of the hops' q-quantiles on the worst path, seconds.

    The worst of alternatives that can happen, the slowest arm of a fork; forked arms do not add. In copies a hop counts
    at the quantile of one that is the q-quantile of the last that is waited for.
    """
    return _sums(network, q)[network.root, q]


def worst_way(network: Network, q: float) -> tuple[float, tuple[int, ...]]:
    """Return the probability that the alternatives on the path of `sum_of` are taken, and the hops on it.

    The hops are node indices in the order of travel, attempts and copies bracketed; one that is travelled twice is
    there twice. Of equally long ways the first.
    """
    probability = 1.0
    times = _sums(network, q)
    path: list[int] = []
    waiting = [(network.root, q)]
    open_brackets: list[int] = []
    while waiting:
        index, share = waiting.pop()
        if index == _CLOSE:
            path.append(open_brackets.pop())
            continue
        match network.nodes[index]:
            case Hop():
                path.append(index)
            case Attempts(part) | Quorum(part) | Cut(part) as node:
                path.append(index)
                open_brackets.append(index)
                waiting += ((_CLOSE, share), (part, share_inside(node, share)))
            case Hedged(part):
                waiting.append((part, share))
            case Series(parts):
                waiting.extend((part, share) for part in reversed(parts))
            case Fork(arms) | Overlap(arms):
                waiting.append((max(arms, key=lambda arm: times[arm, share]), share))
            case Choice() | Outcome() as node:
                chance, slowest = _slowest(node, times, share)
                probability *= chance
                waiting.append((slowest, share))
    return probability, tuple(path)


def _slowest(node: Choice | Outcome, times: Mapping[tuple[int, float], float], share: float) -> tuple[float, int]:
    """Return the slowest of alternatives, or of what attempts come to, and how likely it is taken."""
    if isinstance(node, Choice):
        met, late = children(node), False
    else:
        part = times.get((node.part, share), 0.0)
        met, late = _met(node, {node.part: part}, 1 - share), part > node.timeout
    slowest = max(met, key=lambda option: times[option, share])
    return 1.0 if late else math.fsum(p for p, option in node.options if option == slowest), slowest


def share_inside(node: Node, q: float) -> float:
    """Return the quantile of what a node is made of that is its own q-quantile: a higher one inside copies."""
    return min(needed_quantile(q, node.copies, node.needed), NEAREST) if isinstance(node, Quorum) else q


def longest_through(network: Network, q: float) -> tuple[dict[int, float], dict[int, float]]:
    """Return each node's own sum and the longest way that passes it, seconds; the root's are both `sum_of`.

    If a node that is passed once took t longer, the whole would take the longer of `sum_of` and its way plus t. What
    stands in copies is passed more than once, and left out.
    """
    sums = _sums(network, q)
    times = {index: sums[index, q] for index in network.order if (index, q) in sums}
    through = {network.root: times[network.root]}
    for index in reversed(network.order):
        node = network.nodes[index]
        if isinstance(node, Quorum) or index not in through:
            continue
        for child in children(node):
            way = through[index] - (0.0 if isinstance(node, Series) else times[index] - times[child])
            through[child] = max(through.get(child, way), way)
    return times, through


def bound_of(network: Network, q: float, random_hops: int | None = None) -> float:
    """Return a time, seconds, that at least a share q stays within however the hops depend on each other.

    The worst path's sum at q' = 1 − (1 − q)/n: the chance that any of the n random hops exceeds its own q'
    is at most 1 − q (Boole). n is `random_hops`, by default `random_hops_of` the network; it counts every copy, so that
    the slowest of them is within its own q' too.
    """
    n = max(random_hops_of(network) if random_hops is None else random_hops, 1)
    within = min(1 - (1 - q) / n, NEAREST)
    return _longest(network, lambda distribution: distribution.quantile(within), 1 - within)[network.root]


def minmax(network: Network) -> tuple[float, float]:
    """Return the shortest and the longest time that can occur, seconds; infinite where a hop has no limit."""
    shortest: dict[int, float] = {}
    for index in network.order:
        match network.nodes[index]:
            case Hop(distribution):
                shortest[index] = distribution.support[0]
            case Series(parts):
                shortest[index] = math.fsum(shortest[part] for part in parts)
            case Fork(arms) | Overlap(arms):
                shortest[index] = max(shortest[arm] for arm in arms)
            case Cut(part, timeout, _, late):
                shortest[index] = timeout if late else min(shortest[part], timeout)
            case Choice() | Outcome() as node:
                shortest[index] = min(shortest[option] for option in children(node))
            case Attempts(part) as node:
                shortest[index] = shortest[part] if shortest[part] <= node.timeout else node.longest
            case Hedged(part):
                shortest[index] = shortest[part]
            case Quorum(arm):
                shortest[index] = shortest[arm]
    longest = _longest(network, lambda distribution: distribution.support[1], 0.0)
    return shortest[network.root], longest[network.root]


def random_hops_of(network: Network) -> int:
    """Return how many random hops a flow has: every draw that could be slow, forked arms included.

    Parts of a series and arms of a fork draw anew, so they add, a hop used twice counting twice. Options of a
    choice and arms of an overlap may share a hop, which is then the same draw: it counts as often as
    in the option that uses it most. Hops of different options all count. Every attempt and every copy draws anew.
    """
    counts: dict[int, dict[int, int]] = {}
    left = list(network.uses)
    for index in network.order:
        node = network.nodes[index]
        if isinstance(node, Hop):
            counts[index] = {index: 1} if node.distribution.is_random else {}
            continue
        parts = [_taken(counts, left, child) for child in children(node)]
        draws = _draws(node)
        if draws > 1:
            parts = [{hop: count * draws for hop, count in part.items()} for part in parts]
        adds = isinstance(node, Series | Fork)
        counts[index] = _merged(parts, int.__add__ if adds else max)
        if isinstance(node, Outcome):
            counts[index][index] = 1  # how often it fails is luck as well
    return sum(counts[network.root].values())


def paths_total(network: Network) -> int:
    """Return the number of ways through, exactly; each arm of a fork is a way of its own."""
    totals: dict[int, int] = {}
    for index in network.order:
        match network.nodes[index]:
            case Hop():
                totals[index] = 1
            case Series(parts):
                totals[index] = math.prod(totals[part] for part in parts)
            case Fork() | Overlap() | Choice() as node:
                totals[index] = sum(totals[child] for child in children(node))
            case Attempts(part) | Hedged(part) | Cut(part):
                totals[index] = totals[part]
            case Outcome() as node:
                totals[index] = totals[node.usual]
            case Quorum(arm, copies):
                totals[index] = totals[arm] * copies
    return totals[network.root]


def likeliest_paths(network: Network, limit: int = 50) -> list[tuple[float, tuple[int, ...]]]:
    """Return the likeliest ways through, (probability, hop indices), the likeliest first.

    Every arm of a fork is travelled, so arms share their fork's probability; copies are alike, and listed once. Each
    node keeps only its `limit` best: exact, because a best way through a series is made of best ways through its parts.
    """
    best: dict[int, list[tuple[float, Rope]]] = {}
    ways: list[tuple[float, Rope]]
    left = list(network.uses)
    for index in network.order:
        match network.nodes[index]:
            case Hop():
                best[index] = [(1.0, index)]
            case Series(parts):
                ways = [(1.0, None)]
                for part in parts:
                    ways = _likeliest(_joined(ways, best[part]), limit)
                best[index] = ways
            case Fork(arms) | Overlap(arms):
                best[index] = _likeliest((way for arm in arms for way in best[arm]), limit)
            case Choice(options):
                ways = [(p * chance, way) for p, option in options if p > 0 for chance, way in best[option]]
                best[index] = _likeliest(ways, limit)
            case Outcome() as node:
                best[index] = best[node.usual]
            case Attempts(part) | Quorum(part) | Cut(part):
                best[index] = [(chance, ((index, way), index)) for chance, way in best[part]]
            case Hedged(part):
                best[index] = best[part]
        for child in children(network.nodes[index]):
            left[child] -= 1
            if not left[child]:
                best.pop(child, None)
    return [(probability, _hops(way)) for probability, way in best[network.root]]


def _sums(network: Network, q: float) -> dict[tuple[int, float], float]:
    """Return the sum of every node at each quantile that it is asked for, q at the root."""
    if not any(isinstance(network.nodes[index], Quorum) for index in network.order):
        times = _longest(network, lambda distribution: distribution.quantile(q), 1 - q)
        return {(index, q): seconds for index, seconds in times.items()}
    asked: dict[int, dict[float, None]] = {network.root: {q: None}}
    for index in reversed(network.order):
        for share in asked[index]:
            inside = share_inside(network.nodes[index], share)
            for child in children(network.nodes[index]):
                asked.setdefault(child, {})[inside] = None
    sums: dict[tuple[int, float], float] = {}
    for index in network.order:
        node = network.nodes[index]
        for share in asked[index]:
            inside = share_inside(node, share)
            parts = {child: sums[child, inside] for child in children(node)}
            if isinstance(node, Hop):
                sums[index, share] = node.distribution.quantile(share)
            else:
                sums[index, share] = _made(node, parts, 1 - inside)
    return sums


def _longest(network: Network, time: Callable[[Distribution], float], beyond: float) -> dict[int, float]:
    """Return the longest time of every node where each hop takes the time given.

    Of what attempts come to, that which more than a share `beyond` of requests meet.
    """
    times: dict[int, float] = {}
    known: dict[Distribution, float] = {}
    for index in network.order:
        node = network.nodes[index]
        if isinstance(node, Hop):
            if node.distribution not in known:
                known[node.distribution] = time(node.distribution)
            times[index] = known[node.distribution]
        else:
            times[index] = _made(node, times, beyond)
    return times


def _made(node: Node, times: Mapping[int, float], beyond: float) -> float:
    """Return the longest time of a node that is made of others."""
    match node:
        case Series(parts):
            return math.fsum(times[part] for part in parts)
        case Attempts(part):
            return times[part] if times[part] <= node.timeout else node.longest
        case Cut(part, timeout, _, late):
            return timeout if late else min(times[part], timeout)
        case Outcome():
            return max(times[option] for option in _met(node, times, beyond))
        case _:
            return max(times[child] for child in children(node))


def _met(node: Outcome, times: Mapping[int, float], beyond: float) -> tuple[int, ...]:
    """Return what attempts come to: all of them are late where one of them would be."""
    return node.met(beyond, late=node.part >= 0 and times[node.part] > node.timeout)


def _draws(node: Node) -> int:
    """Return how often a node draws what it is made of."""
    match node:
        case Attempts():
            return node.count
        case Hedged():
            return 2
        case Quorum():
            return node.copies
        case _:
            return 1


def _taken(counts: dict[int, dict[int, int]], left: list[int], child: int) -> dict[int, int]:
    """Return a child's counts, the dictionary itself at its last use, so that a deep nest copies nothing."""
    left[child] -= 1
    return dict(counts[child]) if left[child] else counts.pop(child)


def _merged(parts: list[dict[int, int]], both: Callable[[int, int], int]) -> dict[int, int]:
    if not parts:
        return {}
    largest = max(range(len(parts)), key=lambda i: len(parts[i]))
    merged = parts[largest]
    for i, part in enumerate(parts):
        if i != largest:
            for hop, count in part.items():
                merged[hop] = both(merged[hop], count) if hop in merged else count
    return merged


def _joined(heads: list[tuple[float, Rope]], tails: list[tuple[float, Rope]]) -> Iterator[tuple[float, Rope]]:
    for chance, head in heads:
        for further, tail in tails:
            yield chance * further, tail if head is None else (head, tail)


def _likeliest(ways: Iterable[tuple[float, Rope]], limit: int) -> list[tuple[float, Rope]]:
    return nlargest(limit, ways, key=lambda way: way[0])


def _hops(way: Rope) -> tuple[int, ...]:
    hops: list[int] = []
    waiting = [way]
    while waiting:
        stretch = waiting.pop()
        if isinstance(stretch, int):
            hops.append(stretch)
        elif stretch is not None:
            head, tail = stretch
            waiting += [tail, head]
    return tuple(hops)
