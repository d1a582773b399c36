"""From a path as written to the target it names, or to what is wrong with it: the one place where paths are read.

`--set`, scenarios, `solve --for`, `sweep --over` and `explain` all ask here. A path names a constant of a `let`, a
setting of a component or of all in a group, the rate of a flow, or on a command line a setting of an arrow, by its id;
behind a latency may stand one of its percentiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from archboard.catalog import Form, kind_of, setting, settings_of
from archboard.catalog.assumptions import ASSUMED, OWNER, field_of
from archboard.catalog.ranges import PERCENTILES
from archboard.catalog.settings import FAILURE
from archboard.design.arrows import Arrows, misplaced
from archboard.design.collect import Collection
from archboard.design.model import Arrow
from archboard.design.names import Names
from archboard.design.rules import UNKNOWN_NAME, UNKNOWN_SETTING
from archboard.design.settings import constants_of, unknown_setting
from archboard.design.targets import Of, Target, assumption, constant, flow_rate
from archboard.diagnostics import Diagnostic, nearest
from archboard.language.syntax import Name, Path
from archboard.records import field, record, replace
from archboard.source import Source
from archboard.units import percentile_name

_ARROW = re.compile(r"(.*?)(<->|~>|-x>|->)([^#]*)(#[0-9]+)?", re.DOTALL)
_PERCENTILE = re.compile(r"p([0-9]{1,2}(?:\.[0-9]+)?)")
_LAST = re.compile(r"\.\s*p[0-9]{1,2}(?:\.[0-9]+)?\s*\Z")


def path_in(source: Source, start: int, end: int) -> Path:
    """Return a path as it stands between two offsets, the blanks in it left out; an arrow's id is one name of it."""
    text = source.text[start:end]
    last = _LAST.search(text)
    words = text if last is None else text[: last.start()]
    owner, dot, name = words.rpartition(".")
    if _ARROW.match(words) is None:
        parts = words.split(".")
    else:
        parts = [owner, name] if dot and _ARROW.match(name) is None else [words]
    parts += [] if last is None else [last[0][1:]]
    names, at = [], start
    for part in parts:
        lead = len(part) - len(part.lstrip())
        span = source.span(at + lead, at + max(lead, len(part.rstrip())))
        names.append(Name("".join(part.split()) if _ARROW.match(part) else part.strip(), span))
        at += len(part) + 1
    return Path(tuple(names), names[0].span.to(names[-1].span))


@record(frozen=False)
class Paths:
    """What the paths of one design can name: its components, groups and flows, its arrows, its constants."""

    found: Collection
    names: Names
    _constants: tuple[str, ...] | None = field(default=None, init=False)
    _arrows: Mapping[str, Arrow] | None = field(default=None, init=False)

    @property
    def constants(self) -> tuple[str, ...]:
        """The names that `let` blocks give."""
        if self._constants is None:
            self._constants = tuple(constants_of(self.found.constants, {}, [])[0])
        return self._constants

    @property
    def arrows(self) -> Mapping[str, Arrow]:
        """The arrows by their ids: worked out where a path is about one, which few are."""
        if self._arrows is None:
            constants, _ = constants_of(self.found.constants, {}, [])
            built = Arrows(self.found, self.names, constants, []).build()
            self._arrows = {arrow.id: arrow for arrow in built}
        return self._arrows

    def target(self, path: Path, scope: str = "") -> Target | Diagnostic:
        """Return what a path names inside a scope, or what is wrong with it."""
        *owner, last = path.names
        stated = _PERCENTILE.fullmatch(last.text)
        if stated is not None and len(owner) > 1:
            whole = self.target(Path(tuple(owner), owner[0].span.to(owner[-1].span)), scope)
            return whole if isinstance(whole, Diagnostic) else _at_percentile(whole, last, stated[1])
        if not owner:
            return self._alone(path, scope)
        if _ARROW.fullmatch(owner[0].text):
            return self._of_arrow(owner[0], last)
        return self._of_thing(Path(tuple(owner), owner[0].span.to(owner[-1].span)), last, scope)

    def things(self, written: str) -> tuple[str, ...]:
        """Return the full names or ids of the components, groups, flows or arrows that a name alone can mean."""
        if _ARROW.fullmatch(written):
            return tuple(self._meant("".join(written.split())))
        return self.names.find(written, "") or ((written,) if written in self.found.flows else ())

    def settings(self, thing: str) -> tuple[str, ...]:
        """Return the settings that a component, anything in a group, a flow or an arrow has, by its full name or id."""
        owners = dict.fromkeys(self._kind(component) for component in self.inside(thing))
        if not owners and thing in self.found.flows:
            return ("rate",)
        if not owners and _ARROW.fullmatch(thing):
            owners = {"arrow": None}
        return tuple(dict.fromkeys(s.name for owner in owners for s in settings_of(owner)))

    def _of_thing(self, owner: Path, name: Name, scope: str) -> Target | Diagnostic:
        """Return a setting of a component, of all in a group, or of a flow."""
        meant = self.names.find(owner.text, scope)
        if len(meant) > 1:
            listed = " or ".join(f"`{m}`" for m in meant[:4])
            return UNKNOWN_NAME.at(owner.span, f"`{owner.text}` could be {listed}", "write the full name")
        if meant:
            return self._of_component(meant[0], name)
        if owner.text == OWNER:
            return _assumption(name)
        if owner.text in self.found.flows:
            return flow_rate(owner.text) if name.text == "rate" else _no_rate(owner.text, name)
        message = f"`{owner.text}` is no component of this design"
        return UNKNOWN_NAME.at(owner.span, message, self._guess(owner, scope))

    def _of_component(self, owner: str, name: Name) -> Target | Diagnostic:
        inside = self.inside(owner)
        kinds = {component: setting(self._kind(component), name.text) for component in inside}
        having = {component: kind for component, kind in kinds.items() if kind is not None}
        if having:
            of = Of.COMPONENT if owner in self.found.components else Of.GROUP
            return Target(of, owner, name.text, next(iter(having.values())), tuple(having))
        path = Path((name,), name.span)
        of_kinds = {self._kind(component) for component in inside}
        if len(of_kinds) == 1:
            return unknown_setting(min(of_kinds), path)
        guess = nearest(name.text, self.settings(owner))
        help = f"did you mean `{guess}`?" if guess else "name a setting that one of its components has"
        return UNKNOWN_SETTING.at(name.span, f"`{name.text}` is no setting of anything in `{owner}`", help)

    def _of_arrow(self, written: Name, name: Name) -> Target | Diagnostic:
        """Return a setting of an arrow, or of all that an arrow between groups stands for."""
        whole = Name(f"{written.text}.{name.text}", written.span.to(name.span))
        if setting("arrow", name.text) is None and self._meant(whole.text):
            return self._alone(Path((whole,), whole.span))
        ids = self._meant(written.text)
        if len(ids) != 1:
            return self._no_arrow(written, ids)
        owner, members = next(iter(ids.items()))
        arrows = [self.arrows[member] for member in members]
        kind = setting("arrow", name.text)
        if kind is None:
            return unknown_setting("arrow", Path((name,), name.span))
        sign = next((sign for sign in (_ends(arrow.id)[1] for arrow in arrows) if kind.on and sign not in kind.on), "")
        if sign:
            other = next((a.id for a in self.arrows.values() if _ends(a.id)[1] in kind.on), "")
            what = "a failure arrow" if kind.on == (FAILURE,) else "an arrow that has one"
            help = f"name {what}: `{other or 'ranker-x>popular'}.{name.text}`"
            return misplaced(kind, f"`{owner}`", sign, name.span, help)
        return Target(Of.ARROW, owner, name.text, kind, members)

    def _meant(self, written: str) -> dict[str, tuple[str, ...]]:
        """Return the arrows that an id can mean, by full names: each with those that it stands for."""
        tail, token, head, number = _ends(written)
        found: dict[str, tuple[str, ...]] = {}
        for one in self.names.find(tail, "") or (tail,):
            for other in self.names.find(head, "") or (head,):
                name = f"{one}{token}{other}"
                numbered = f"{name}{number}"
                if numbered in self.arrows:
                    found[numbered] = (numbered,)
                elif not number and (one in self.found.frames or other in self.found.frames):
                    inside, beyond = self.inside(one), self.inside(other)
                    between = tuple(
                        a.id for a in self.arrows.values()
                        if a.tail in inside and a.head in beyond and _ends(a.id)[1] == token
                    )  # fmt: skip
                    found |= {name: between} if between else {}
        return found

    def _no_arrow(self, written: Name, ids: Iterable[str]) -> Diagnostic:
        listed = " or ".join(f"`{name}`" for name in list(ids)[:4])
        if listed:
            return UNKNOWN_NAME.at(written.span, f"`{written.text}` could be {listed}", "write the full names")
        guess = nearest(written.text, list(self.arrows))
        help = f"did you mean `{guess}`?" if guess else "name an arrow as the report does: `web->edge.latency`"
        return UNKNOWN_NAME.at(written.span, f"`{written.text}` is no arrow of this design", help)

    def _alone(self, path: Path, scope: str = "") -> Target | Diagnostic:
        """Return a constant; of a thing without a setting, say what is missing."""
        name = path.text
        if name in self.constants:
            return constant(name)
        if _ARROW.fullmatch(name):
            help = f"say which setting of it: `{name}.latency`"
            return UNKNOWN_NAME.at(path.span, f"`{name}` is an arrow, and what changes is a setting of it", help)
        example = self._example(name, scope)
        guess = nearest(name, self.constants)
        if example:
            help = f"say which setting of it: `{example}`"
        elif guess is not None:
            help = f"did you mean `{guess}`?"
        else:
            help = "name a component and one of its settings, `redis.hit`, or a constant of a `let`"
        return UNKNOWN_NAME.at(path.span, f"`{name}` is no constant of this design", help)

    def _example(self, name: str, scope: str) -> str:
        """Return a setting of the component, group or flow of a name, "" where there is none."""
        if self.names.find(name, scope):
            kinds = {self._kind(component) for component in self.inside(self.names.find(name, scope)[0])}
            having = (s for s in ("hit", "rate", "replicas") if any(setting(kind, s) for kind in kinds))
            return f"{name}.{next(having, 'replicas')}"
        if name == OWNER:
            return f"{name}.{next(iter(ASSUMED))}"
        return f"{name}.rate" if name in self.found.flows else ""

    def _guess(self, owner: Path, scope: str) -> str:
        """Return what was probably meant by a name that nothing has."""
        guess = self.names.near(owner.text) or nearest(owner.text, list(self.found.flows))
        if guess is not None:
            return f"did you mean `{guess}`?"
        if owner.text == "main":
            return "it has no rate of its own: change that of what sends its requests, `web.rate`"
        if owner.text in ("design", *(block.name for block in self.found.designs)):
            return "what the design itself says is not changed: give a number a name in a `let`, and change that"
        *before, last = owner.names
        meant = self.names.find(".".join(name.text for name in before), scope) if before else ()
        if len(meant) == 1 and any(setting(self._kind(one), last.text) for one in self.inside(meant[0])):
            return f"write `{owner.text}` alone"
        return "name a component and one of its settings: `redis.hit`"

    def inside(self, name: str) -> tuple[str, ...]:
        """Return the component of a full name, or all in the group of that name."""
        if name in self.found.components:
            return (name,)
        return tuple(n for n in self.found.components if n.startswith(f"{name}."))

    def _kind(self, component: str) -> str:
        kind = self.found.components[component].kind
        return kind_of(kind).name


def _ends(arrow: str) -> tuple[str, str, str, str]:
    """Return what an arrow's id is made of: tail, token, head, and its number from the second alike on."""
    parts = _ARROW.fullmatch(arrow)
    assert parts is not None, arrow
    return parts[1], parts[2], parts[3], "" if parts[4] in (None, "#1") else parts[4]


def _assumption(name: Name) -> Target | Diagnostic:
    """Return what is assumed under a name: `tail`, `common_cause` or `common cause`."""
    kind = ASSUMED.get(" ".join(name.text.replace("_", " ").replace("-", " ").split()))
    if kind is not None:
        return assumption(kind)
    known = [field_of(each) for each in ASSUMED]
    guess = nearest(name.text, known)
    help = f"did you mean `{OWNER}.{guess}`?" if guess else f"write one of {', '.join(known)}"
    return UNKNOWN_SETTING.at(name.span, f"`{OWNER}` does not know `{name.text}`", help)


def _no_rate(flow: str, name: Name) -> Diagnostic:
    """Say that only the rate of a flow is changed."""
    if setting("flow", name.text) is None:
        return unknown_setting("flow", Path((name,), name.span))
    help = f"change `{flow}.rate`; a promise changes by its limit's name in a `let`"
    return UNKNOWN_SETTING.at(name.span, f"`{name.text}` of a flow is not changed by a what-if", help)


def _at_percentile(whole: Target, name: Name, digits: str) -> Target | Diagnostic:
    """Return one percentile of a latency."""
    if whole.kind is None or whole.kind.form is not Form.LATENCY:
        message = f"`{name.text}` is no setting of `{whole.path}`: only a latency has percentiles"
        return UNKNOWN_SETTING.at(name.span, message, f"write `{whole.path}` alone")
    fraction = float(f"{digits}e-2")
    lowest, highest = PERCENTILES
    if not lowest <= fraction <= highest:
        message = f"`{name.text}` is no percentile from {percentile_name(lowest)} to {percentile_name(highest)}"
        return UNKNOWN_SETTING.at(name.span, message, f"write `{whole.path}.p99`")
    return replace(whole, percentile=fraction)
