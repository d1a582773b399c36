"""What a region lost does: everything in its frame down, and who takes over."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog import setting
from archboard.design.model import Frame
from archboard.measures.metrics import AVAILABILITY
from archboard.questions.asking import Asking, Draft
from archboard.questions.outcomes import outcome
from archboard.script.model import Point
from archboard.script.names import Name, clean
from archboard.script.speech import FINE, number
from archboard.units import Dimension


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield a question for each region that something runs in."""
    for frame in asking.design.frames.values():
        if frame.region:
            yield from _lost(asking, frame)


def _lost(asking: Asking, frame: Frame) -> Iterator[Draft]:
    inside = [box for box in asking.design.components.values() if box.name.startswith(f"{frame.name}.")]
    change = tuple(f"{box.name}.availability=0%" for box in inside if setting(box.kind.name, "availability"))
    if not change:
        return
    tried = asking.what_if(change)
    flows = [(tried.facts.value(AVAILABILITY, flow.flow), flow.flow) for flow in asking.facts.flows if flow.rate]
    served = min(((share, flow) for share, flow in flows if share is not None), default=None)
    surges = [s for s in asking.facts.surges if s.cause == "failover" and _inside(s.source, frame)]
    outside = [s for s in surges if not s.component.startswith(f"{frame.name}.")]
    worst = max(outside, key=lambda surge: surge.load.utilisation, default=None)
    values = {
        "region": _named(asking, frame),
        "share": None if served is None else number(served[0], Dimension.FRACTION, FINE),
        "some": served is not None and 1e-9 < served[0] < 1 - 1e-3,
        "none": served is not None and served[0] <= 1e-9,
        "flow": None if served is None else asking.told.flow_name(served[1]),
        "name": None if worst is None else asking.told.placed(worst.component),
        "demand": None if worst is None else number(worst.demand, Dimension.RATE),
        "usual": None if worst is None else number(worst.usual, Dimension.RATE),
        "capacity": None if worst is None else number(worst.capacity, Dimension.RATE),
        "load": None if worst is None else number(worst.load.utilisation, Dimension.FRACTION, 3),
        "over": worst is not None and worst.overloads,
        "after": outcome(asking, tried),
    }
    about = tuple(box.name for box in inside[:1])
    answer = [Point("regions.served", values, about, (AVAILABILITY.name,))]
    if worst is not None:
        answer.append(Point("regions.takes_over", values, (worst.component,)))
    if served is not None or worst is not None:
        yield Draft("regions", Point("regions.lost", values, about), tuple(answer), (change,))


def _inside(source: str, frame: Frame) -> bool:
    return source == frame.name or source.startswith(f"{frame.name}.")


def _named(asking: Asking, frame: Frame) -> Name:
    """Return how a region is called: its copies share a title, so the name goes with it."""
    title, plain = clean(frame.title), frame.name.rpartition(".")[2]
    alike = [one for one in asking.design.frames.values() if clean(one.title) == title]
    own = title.rpartition(" · ")[2] if " · " in title else title
    label = plain.replace("_", " ") if not own or len(alike) > 1 else own
    spoken = f"the region {label}" if label != title else asking.told.vocabulary.name(title).the
    return Name(label, label, spoken, False)
