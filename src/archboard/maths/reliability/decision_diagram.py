"""How likely a structure holds: exactly, every variable counted once however many ways lead to it.

What is needed in any case is multiplied out. Of the rest, every part that shares no variable with another is worked
out by itself and becomes one variable (modules; Dutuit & Rauzy 1996); what remains is a reduced ordered binary
decision diagram (Bryant 1986), its variables in the order in which they are met. Series, parallels and trees never
need one, so ordinary designs take time in proportion to their size. Where a diagram would grow beyond a limit, the
answer is a bracket that holds under any dependence (Fréchet).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from archboard.maths.reliability.structure import NO, YES, Form, Structure
from archboard.records import record

LIMIT = 20_000
"""Steps to build one diagram beyond which another order of its variables, and then a bracket, has to do."""
SHARING, FIRST = 4, 12
"""How many parts share a variable that may come first in the second order, and how many such variables may."""


@record
class Answer:
    """The probability that a structure holds, or the bracket it lies in, `value` then being the lower end.

    `slopes` says for each variable by how much the probability grows with the variable's own (Birnbaum's importance):
    the probability that it decides. Where only a bracket is known they take shared parts as independent.
    """

    low: float
    high: float
    slopes: Mapping[str, float]

    @property
    def value(self) -> float:
        """The probability; the lower end where only a bracket is known."""
        return self.low

    @property
    def exact(self) -> bool:
        """Whether it is a number and no bracket."""
        return self.low == self.high


class Diagram:
    """A structure's root made ready to be asked again and again, with other probabilities each time."""

    def __init__(self, structure: Structure, root: int, limit: int = LIMIT) -> None:
        self.structure = structure
        self.always: dict[str, None] = {}
        """The variables that are needed in any case."""
        while found := structure.needed(root):
            self.always.update(found)
            root = structure.knowing(root, dict.fromkeys(found, YES))
        self.root = root
        self._order = structure.below(root)
        self._uses = self._counted()
        self._alone = self._modules()
        met = self._met()
        for order in (met, sorted(met, key=self._sharing(met))):
            self._frontier = {index: at for at, index in enumerate(order)}
            self._graph = _Graph(len(order), limit)
            self._top = self._built()
            if not self._graph.full:
                break

    @property
    def others(self) -> tuple[str, ...]:
        """The variables that decide only sometimes, as they are met."""
        nodes = self.structure.nodes
        return tuple(nodes[i].name for i in reversed(self._order) if nodes[i].form is Form.VARIABLE)

    def _counted(self) -> dict[int, int]:
        """Return of how many nodes each node is a part."""
        uses = dict.fromkeys(self._order, 0)
        for index in self._order:
            for part in self.structure.nodes[index].parts:
                uses[part] += 1
        return uses

    def _modules(self) -> dict[int, bool]:
        """Return for each node whether nothing outside it shares a variable with it."""
        alone: dict[int, bool] = {}
        for index in self._order:
            alone[index] = all(alone[part] and self._uses[part] == 1 for part in self.structure.nodes[index].parts)
        return alone

    def _met(self) -> list[int]:
        """Return the modules that the diagram is made of, in the order in which they are met."""
        edge = set[int]()
        for index in self._order:
            if not self._alone[index]:
                edge.update(part for part in self.structure.nodes[index].parts if self._alone[part])
        if self._alone[self.root] and self.root not in (NO, YES):
            edge.add(self.root)
        return [index for index in reversed(self._order) if index in edge]

    def _sharing(self, met: list[int]) -> Callable[[int], int]:
        """Return an order by which the few that most share come first."""
        shared = sorted((i for i in met if self._uses[i] >= SHARING), key=lambda i: -self._uses[i])[:FIRST]
        first = {index: at - len(shared) for at, index in enumerate(shared)}
        return lambda index: first.get(index, 0)

    def _built(self) -> int:
        """Build the diagram of everything above the modules; return its top."""
        nodes, graph = self.structure.nodes, self._graph
        made = {NO: NO, YES: YES}
        for index, at in self._frontier.items():
            made[index] = graph.node(at, YES, NO)
        for index in self._order:
            if self._alone[index] or graph.full:
                continue
            node = nodes[index]
            parts = [made[part] for part in node.parts]
            if node.form is Form.IF:
                made[index] = graph.choose(parts[0], parts[1], parts[2])
                continue
            result = parts[-1]
            for part in reversed(parts[:-1]):
                both = (part, result, NO) if node.form is Form.ALL else (part, YES, result)
                result = graph.choose(*both)
            made[index] = result
        return NO if graph.full else made[self.root]

    def answer(self, chances: Mapping[str, float]) -> Answer:
        """Return how likely it holds, given how likely each variable does; they are independent of each other."""
        values = self._values(chances)
        if self._graph.full:
            low, high = self._bracket(values)
            slopes = self._passed_down({self.root: 1.0}, values)
        else:
            by_level = [values[index] for index in self._frontier]
            low, decides = self._graph.chance(self._top, by_level)
            high = low
            slopes = self._passed_down({i: decides[at] for i, at in self._frontier.items()}, values)
        certain = [chances[name] for name in self.always]
        product = math.prod(certain)
        found = {name: low * rest for name, rest in zip(self.always, _others(certain), strict=True)}
        found.update({name: slope * product for name, slope in slopes.items()})
        return Answer(low * product, high * product, found)

    def _values(self, chances: Mapping[str, float]) -> dict[int, float]:
        """Return how likely every node holds, its parts taken as independent: exact for modules."""
        nodes = self.structure.nodes
        values: dict[int, float] = {}
        for index in self._order:
            node = nodes[index]
            parts = [values[part] for part in node.parts]
            match node.form:
                case Form.FIXED:
                    values[index] = float(index)
                case Form.VARIABLE:
                    values[index] = chances[node.name]
                case Form.ALL:
                    values[index] = math.prod(parts)
                case Form.ANY:
                    values[index] = 1.0 - math.prod(1.0 - part for part in parts)
                case Form.IF:
                    test, then, otherwise = parts
                    values[index] = test * then + (1.0 - test) * otherwise
        return values

    def _passed_down(self, slopes: dict[int, float], values: Mapping[int, float]) -> dict[str, float]:
        """Return the slopes of variables, from those of some nodes above them (the chain rule)."""
        nodes = self.structure.nodes
        found: dict[str, float] = {}
        for index in reversed(self._order):
            slope, node = slopes.get(index), nodes[index]
            if slope is None:
                continue
            parts = [values[part] for part in node.parts]
            match node.form:
                case Form.FIXED:
                    continue
                case Form.VARIABLE:
                    found[node.name] = slope
                    continue
                case Form.ALL:
                    steps = _others(parts)
                case Form.ANY:
                    steps = _others([1.0 - part for part in parts])
                case Form.IF:
                    test, then, otherwise = parts
                    steps = [then - otherwise, test, 1.0 - test]
            for part, step in zip(node.parts, steps, strict=True):
                slopes[part] = slopes.get(part, 0.0) + slope * step
        return found

    def _bracket(self, values: Mapping[int, float]) -> tuple[float, float]:
        """Return bounds on the root that hold however its parts depend on each other."""
        nodes = self.structure.nodes
        low: dict[int, float] = {}
        high: dict[int, float] = {}
        for index in self._order:
            if self._alone[index]:
                low[index] = high[index] = values[index]
                continue
            lows = [low[part] for part in nodes[index].parts]
            highs = [high[part] for part in nodes[index].parts]
            match nodes[index].form:
                case Form.ALL:
                    low[index], high[index] = max(0.0, 1.0 - math.fsum(1.0 - each for each in lows)), min(highs)
                case Form.ANY:
                    low[index], high[index] = max(lows), min(1.0, math.fsum(highs))
                case _:
                    least = max(0.0, lows[0] + lows[1] - 1.0) + max(0.0, lows[2] - highs[0])
                    most = min(highs[0], highs[1]) + min(1.0 - lows[0], highs[2])
                    low[index], high[index] = least, min(1.0, most)
        return low[self.root], high[self.root]


def _others(values: list[float]) -> list[float]:
    """Return for each value the product of all others; zeros are no trouble."""
    after = [1.0] * len(values)
    for at in range(len(values) - 1, 0, -1):
        after[at - 1] = after[at] * values[at]
    before, found = 1.0, []
    for value, rest in zip(values, after, strict=True):
        found.append(before * rest)
        before *= value
    return found


class _Graph:
    """A reduced ordered binary decision diagram; nodes 0 and 1 are its ends, parents come after their children."""

    def __init__(self, levels: int, limit: int) -> None:
        self.full = False
        self._limit = limit
        self._steps = 0
        self._level = [levels, levels]
        self._high = [NO, YES]
        self._low = [NO, YES]
        self._levels = levels
        self._index: dict[tuple[int, int, int], int] = {}
        self._chosen: dict[tuple[int, int, int], int] = {}

    def node(self, level: int, high: int, low: int) -> int:
        """Return the node that goes high where a level's variable holds, low where it does not."""
        if high == low:
            return high
        key = level, high, low
        index = self._index.setdefault(key, len(self._level))
        if index == len(self._level):
            self._level.append(level)
            self._high.append(high)
            self._low.append(low)
        return index

    def choose(self, test: int, then: int, otherwise: int) -> int:
        """Return `then` where `test` holds and `otherwise` where not, without recursion; NO once it is full."""
        chosen, first = self._chosen, (test, then, otherwise)
        waiting = [first]
        while waiting:
            key = waiting[-1]
            plain = _plain(*key)
            if plain is not None:
                chosen[key] = plain
            if key in chosen:
                waiting.pop()
                continue
            level = min(self._level[part] for part in key)
            high, low = self._at(level, key, self._high), self._at(level, key, self._low)
            missing = [each for each in (high, low) if each not in chosen]
            if missing:
                waiting += missing
                continue
            chosen[key] = self.node(level, chosen[high], chosen[low])
            self._steps += 1
            if self._steps > self._limit:
                self.full = True
                return NO
        return chosen[first]

    def _at(self, level: int, key: tuple[int, int, int], side: list[int]) -> tuple[int, int, int]:
        one, two, three = (side[part] if self._level[part] == level else part for part in key)
        return one, two, three

    def chance(self, top: int, chances: Iterable[float]) -> tuple[float, list[float]]:
        """Return how likely the top holds, and for each level how much that grows with the level's own chance."""
        each = [*chances, 0.0]
        holds = [0.0, 1.0]
        for index in range(2, len(self._level)):
            chance = each[self._level[index]]
            holds.append(chance * holds[self._high[index]] + (1.0 - chance) * holds[self._low[index]])
        slopes = [0.0] * (self._levels + 1)
        comes = [0.0] * len(self._level)
        comes[top] = 1.0
        for index in range(top, 1, -1):
            if (come := comes[index]) > 0:
                level, high, low = self._level[index], self._high[index], self._low[index]
                slopes[level] += come * (holds[high] - holds[low])
                comes[high] += come * each[level]
                comes[low] += come * (1.0 - each[level])
        return holds[top], slopes


def _plain(test: int, then: int, otherwise: int) -> int | None:
    """Return a choice that needs no thought."""
    if test in (NO, YES):
        return then if test == YES else otherwise
    if then == otherwise:
        return then
    return test if (then, otherwise) == (YES, NO) else None
