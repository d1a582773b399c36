"""Structure functions: when something holds, said in variables that each hold by chance.

A structure is an arena of nodes: variables, all of some, any of some, and a choice between two by a third. Equal
nodes are one, and what is always or never so falls away as it is written. Children have smaller indices than their
parents, so every pass is a loop. How likely a node holds is the business of `maths.diagram`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import NamedTuple

NO, YES = 0, 1
"""The nodes that never and that always hold."""


class Form(Enum):
    """What a node is."""

    FIXED = auto()
    VARIABLE = auto()
    ALL = auto()
    ANY = auto()
    IF = auto()


class Node(NamedTuple):
    """One node: a variable by its name, or a form of other nodes; the parts of IF are test, then, otherwise."""

    form: Form
    name: str
    parts: tuple[int, ...]


class Structure:
    """Collects nodes; every method returns the index of its node."""

    def __init__(self) -> None:
        self.nodes: list[Node] = [Node(Form.FIXED, "no", ()), Node(Form.FIXED, "yes", ())]
        self._index = {node: index for index, node in enumerate(self.nodes)}

    def variable(self, name: str) -> int:
        """Add a variable; the same name is the same variable."""
        return self._add(Node(Form.VARIABLE, name, ()))

    def all_of(self, parts: Iterable[int]) -> int:
        """Add what holds when every part does; of none, it always does."""
        return self._joined(Form.ALL, parts, YES, NO)

    def any_of(self, parts: Iterable[int]) -> int:
        """Add what holds when at least one part does; of none, it never does."""
        return self._joined(Form.ANY, parts, NO, YES)

    def if_else(self, test: int, then: int, otherwise: int) -> int:
        """Add what holds when `then` does where `test` holds, and `otherwise` does where it does not."""
        if test in (NO, YES) or then == otherwise:
            return otherwise if test == NO else then
        if otherwise == NO:
            return self.all_of((test, then))
        if then == YES:
            return self.any_of((test, otherwise))
        return self._add(Node(Form.IF, "", (test, then, otherwise)))

    def at_least(self, count: int, parts: Iterable[int]) -> int:
        """Add what holds when so many of the parts do."""
        row = [YES] + [NO] * max(0, count)
        for part in parts:
            row = [YES, *(self.if_else(part, row[k - 1], row[k]) for k in range(1, len(row)))]
        return row[-1] if count > 0 else YES

    def _joined(self, form: Form, parts: Iterable[int], idle: int, decisive: int) -> int:
        kept = tuple(dict.fromkeys(part for part in parts if part != idle))
        if decisive in kept:
            return decisive
        return idle if not kept else kept[0] if len(kept) == 1 else self._add(Node(form, "", kept))

    def _add(self, node: Node) -> int:
        index = self._index.setdefault(node, len(self.nodes))
        if index == len(self.nodes):
            self.nodes.append(node)
        return index

    def below(self, root: int) -> list[int]:
        """Return every node that one is made of, each after its parts, the first parts last: itself at the end.

        Read backwards, this is the order in which things are met: a part that several share comes after all of them.
        """
        nodes, done = self.nodes, {root}
        order: list[int] = []
        waiting = [(root, iter(nodes[root].parts[::-1]))]
        while waiting:
            index, rest = waiting[-1]
            part = next((part for part in rest if part not in done), None)
            if part is None:
                order.append(index)
                waiting.pop()
            else:
                done.add(part)
                waiting.append((part, iter(nodes[part].parts[::-1])))
        return order

    def needed(self, root: int) -> dict[str, None]:
        """Return the variables without which a node never holds, as far as ALL alone shows it, in order."""
        found: dict[str, None] = {}
        seen, waiting = {root}, [root]
        while waiting:
            node = self.nodes[waiting.pop()]
            if node.form is Form.VARIABLE:
                found[node.name] = None
            elif node.form is Form.ALL:
                fresh = [part for part in reversed(node.parts) if part not in seen]
                seen.update(fresh)
                waiting += fresh
        return found

    def knowing(self, root: int, known: Mapping[str, int]) -> int:
        """Return a node with some of its variables replaced by other nodes."""
        made: dict[int, int] = {}
        for index in self.below(root):
            node = self.nodes[index]
            parts = [made[part] for part in node.parts]
            match node.form:
                case Form.FIXED:
                    made[index] = index
                case Form.VARIABLE:
                    made[index] = known.get(node.name, index)
                case Form.ALL:
                    made[index] = self.all_of(parts)
                case Form.ANY:
                    made[index] = self.any_of(parts)
                case Form.IF:
                    made[index] = self.if_else(*parts)
        return made[root]
