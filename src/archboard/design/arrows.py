"""Arrow statements turned into hops between components, by full names.

A chain gives its settings to every hop, `share` only to the first; its label stands on the last hop. A failure
arrow between two groups becomes one for each component that is entered from outside, to its counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from archboard.catalog import SettingKind, setting
from archboard.catalog.settings import FAILURE
from archboard.design.collect import Collection, RawArrow
from archboard.design.model import NOTHING, Arrow, ArrowKind, Condition, Settings
from archboard.design.names import Names
from archboard.design.rules import UNKNOWN_NAME, UNKNOWN_SETTING, WRONG_VALUE
from archboard.design.settings import read_settings
from archboard.design.values import Constants
from archboard.diagnostics import Diagnostic
from archboard.language import syntax
from archboard.records import field, record
from archboard.source import Span

KINDS: Mapping[str, ArrowKind] = MappingProxyType(
    {"->": ArrowKind.REQUEST, "<->": ArrowKind.CALL, "~>": ArrowKind.ASYNC, "-x>": ArrowKind.FAILURE}
)


@record
class _Hop:
    """One arrow of one chain: its ends by full name, not yet numbered."""

    token: str
    tails: tuple[str, ...]
    heads: tuple[str, ...]
    settings: Settings
    label: str
    span: Span
    flow: str | None


@record(frozen=False)
class Arrows:
    """Builds arrows from raw ones; `told` and `touched` gather what was wrong and whom it concerns."""

    found: Collection
    names: Names
    constants: Constants
    told: list[Diagnostic]
    touched: set[str] = field(default_factory=set)
    changed: Callable[[str, Settings], Settings] = lambda _, own: own
    """What a what-if makes of the settings of an arrow, by its id."""

    def build(self) -> tuple[Arrow, ...]:
        """Return every arrow of the design, numbered in the order written."""
        hops = [hop for raw in self.found.arrows for hop in self._hops(raw)]
        plain = [hop for hop in hops if hop.token != "-x>"]
        ids: dict[str, int] = {}
        built: list[Arrow] = []
        for fork, hop in enumerate(hops):
            for tail, head in self._pairs(hop, plain):
                name = f"{tail}{hop.token}{head}"
                ids[name] = ids.get(name, 0) + 1
                name = name if ids[name] == 1 else f"{name}#{ids[name]}"
                label = hop.label if hop.token == "-x>" or head == hop.heads[0] else ""
                settings = self.changed(name, hop.settings)
                if settings is not hop.settings:
                    settings = self._sound(settings)
                built.append(
                    Arrow(len(built) + 1, name, KINDS[hop.token], tail, head, fork, settings, hop.span, label, hop.flow)
                )
        return tuple(built)

    def _hops(self, raw: RawArrow) -> Iterable[_Hop]:
        arrow = raw.arrow
        settings, understood = read_settings("arrow", arrow.body or (), self.constants, self.told)
        settings = self._sound(settings)
        stages = [tuple(self._ends(stage, raw, arrow.arrows, i)) for i, stage in enumerate(arrow.stages)]
        if not understood or any(len(stage) != len(raw.arrow.stages[i]) for i, stage in enumerate(stages)):
            self.touched.update(name for stage in stages for name in stage)
        self._idle(settings, [token.text for token in arrow.arrows])
        later = MappingProxyType({name: given for name, given in settings.items() if name != "share"})
        for index, token in enumerate(arrow.arrows):
            last = index == len(arrow.arrows) - 1
            label = arrow.title.text if arrow.title is not None and last else ""
            given = (settings if index == 0 else later) if settings else NOTHING
            span = arrow.stages[index][0].span.to(arrow.stages[index + 1][-1].span)
            yield _Hop(token.text, stages[index], stages[index + 1], given, label, span, raw.flow)

    def _idle(self, settings: Settings, signs: list[str]) -> None:
        """Refuse what does nothing on any hop of a chain."""
        for name, given in settings.items():
            kind = setting("arrow", name)
            if kind is None:
                continue
            if kind.on and not set(signs) & set(kind.on):
                self.told.append(misplaced(kind, "this arrow", signs[0], given.span))

    def _sound(self, settings: Settings) -> Settings:
        """Return settings without those that mean nothing beside the others, which are told."""
        before = len(self.told)
        self._quorum(settings)
        self._detect(settings)
        self._alone(settings)
        wrong = {found.aspect for found in self.told[before:]}
        kept = {name: given for name, given in settings.items() if name not in wrong}
        return MappingProxyType(kept) if wrong else settings

    def _alone(self, settings: Settings) -> None:
        """Refuse what does nothing without another setting."""
        for name, given in settings.items():
            kind = setting("arrow", name)
            if kind is not None and kind.beside and kind.beside not in settings:
                other = setting("arrow", kind.beside)
                help = f"say `{kind.beside}: {other.example}` beside it, or remove it" if other else "remove it"
                message = f"`{name}` does nothing without `{kind.beside}`"
                self.told.append(UNKNOWN_SETTING.at(given.span, message, help, aspect=name))

    def _detect(self, settings: Settings) -> None:
        """Say that nothing has to be detected but what is down: an error is one at once, a timeout is its own."""
        detect, on = settings.get("detect"), settings.get("on")
        if detect is not None and on is not None and on.value != Condition("down"):
            self.told.append(
                WRONG_VALUE.at(
                    detect.span, "`detect` is how long it takes to notice that something is down", "write `on: down`",
                    aspect="detect",
                )
            )  # fmt: skip

    def _quorum(self, settings: Settings) -> None:
        quorum, fanout = settings.get("quorum"), settings.get("fanout")
        if quorum is None or fanout is None or not isinstance(quorum.value, float):
            return
        copies = fanout.value
        if isinstance(copies, float) and quorum.value > copies:
            self.told.append(
                WRONG_VALUE.at(
                    quorum.span, f"`quorum` {quorum.value:g} is more than the fan-out of {copies:g}",
                    f"write `fanout: {quorum.value:g}` or `quorum: {copies:g}`", aspect="quorum",
                )
            )  # fmt: skip

    def _ends(
        self, stage: tuple[syntax.Path, ...], raw: RawArrow, arrows: tuple[syntax.Operator, ...], index: int
    ) -> Iterable[str]:
        beside = arrows[max(0, index - 1) : index + 1]
        failing = all(arrow.text == "-x>" for arrow in beside)
        for path in stage:
            name = self._one(path, raw.scope, failing)
            if name is not None:
                yield name

    def _one(self, path: syntax.Path, scope: str, failing: bool) -> str | None:
        meant = self.names.find(path.text, scope)
        if len(meant) == 1 and (meant[0] in self.found.components or failing):
            return meant[0]
        if len(meant) == 1:
            inside = [name for name in self.found.components if name.startswith(f"{meant[0]}.")]
            help = f"name a component in it, such as `{inside[0]}`" if inside else "name a component"
            message = f"`{path.text}` is a group, and arrows join components"
            self.told.append(UNKNOWN_NAME.at(path.span, message, help, subject=meant[0]))
            self.touched.update(inside)
            return None
        guess = None if meant else self.names.near(path.text)
        self.told.append(unknown_name(path, meant, guess, "component"))
        self.touched.update(meant or self.names.find(guess or "", scope))
        return None

    def _pairs(self, hop: _Hop, plain: list[_Hop]) -> list[tuple[str, str]]:
        pairs: list[tuple[str, str]] = []
        for tail in hop.tails:
            for head in hop.heads:
                pairs += self._between(tail, head, plain) if hop.token == "-x>" else [(tail, head)]
        return pairs

    def _between(self, tail: str, head: str, plain: list[_Hop]) -> list[tuple[str, str]]:
        """Return the component pairs of a failure arrow, groups taken apart."""
        components = self.found.components
        if tail in components and head in components:
            return [(tail, head)]
        tails = [tail] if tail in components else self._entries(tail, plain)
        heads = [head] if head in components else self._entries(head, plain)
        pairs = []
        for one in tails:
            twin = f"{head}.{one.removeprefix(f'{tail}.')}"
            if twin in components:
                pairs.append((one, twin))
            elif heads:
                pairs.append((one, heads[0]))
        return pairs

    def _entries(self, group: str, plain: list[_Hop]) -> list[str]:
        """Return the components of a group that arrows from outside reach; all of it where none do."""
        inside = f"{group}."
        entered = {
            head: None
            for hop in plain
            for head in hop.heads
            if head.startswith(inside) and any(not tail.startswith(inside) for tail in hop.tails)
        }
        return list(entered) or [name for name in self.found.components if name.startswith(inside)]


def misplaced(kind: SettingKind, owner: str, sign: str, span: Span, help: str = "") -> Diagnostic:
    """Say that a setting does nothing on an arrow of some sign, on which it does, and what was perhaps meant."""
    where = "only failure arrows have a condition" if kind.on == (FAILURE,) else f"it does nothing on `{sign}`"
    listed = " and ".join(f"`{other}`" for other in kind.on)
    instead = dict(kind.instead).get(sign)
    message = f"`{kind.name}` is no setting of {owner}: {where}"
    return UNKNOWN_SETTING.at(span, message, help or instead or f"it belongs to {listed}; remove it", aspect=kind.name)


def unknown_name(path: syntax.Path, meant: tuple[str, ...], guess: str | None, what: str) -> Diagnostic:
    """Say that a name means nothing, or too much, and what it may have meant."""
    if len(meant) > 1:
        listed = " or ".join(f"`{name}`" for name in meant[:4])
        return UNKNOWN_NAME.at(path.span, f"`{path.text}` could be {listed}", "write the full name", subject=path.text)
    help = f"did you mean `{guess}`?" if guess else f"define it first: `service {path.text}`"
    return UNKNOWN_NAME.at(path.span, f"`{path.text}` is no {what} of this design", help, subject=path.text)
