"""Availability: held against an oracle that goes through everything, laws, and figures worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from archboard import Source, compile_source
from archboard.compilation import Compilation
from tests.availability_oracle import availability


def compiled(text: str) -> Compilation:
    return compile_source(Source("x.arch", text))


def up(text: str, subject: str = "main") -> float:
    """Return an availability of a design that has no error before AB401."""
    compilation = compiled(text)
    assert compilation.understood, [d.message for d in compilation.diagnostics]
    value = compilation.facts.value("availability", subject)
    assert value is not None
    return value


SLOWS = st.sampled_from(
    ["", "availability: 90%", "availability: 70%; replicas: 2", "availability: 60%; replicas: 3; needs: 2"]
)


@st.composite
def small(draw: DrawFn, *, ends: bool = True) -> str:
    """Draw a design small enough to go through all that can happen: a few components in a row with all that may be."""
    count = draw(st.integers(2, 4))
    names = [f"c{at}" for at in range(count)]
    lines = [draw(st.sampled_from(["design d", "design d { assume: common cause 20% }"]))]
    lines += ["client web { rate: 30 rps }"]
    for name in names:
        kind = draw(st.sampled_from(["service", "service", "cache"]))
        hit = f"; hit: {draw(st.sampled_from([0, 40, 90]))}%" if kind == "cache" else ""
        lines.append(f"{kind} {name} {{ latency: 1ms; {draw(SLOWS)}{hit} }}")
    lines += [f"store db {{ latency: 1ms; {draw(SLOWS)} }}", f"cache near {{ hit: 50%; latency: 1ms; {draw(SLOWS)} }}"]
    lines.append(f"web -> {names[0]}")
    if draw(st.booleans()):
        lines += ["client app { rate: 10 rps; availability: 80% }", f"app -> {draw(st.sampled_from(names))}"]
    for at, name in enumerate(names[:-1]):
        later = names[at + 1 :]
        heads = draw(st.lists(st.sampled_from(later), min_size=0 if at else 1, max_size=2, unique=True))
        if len(heads) == 2 and draw(st.booleans()):
            lines += [f"{name} -> {heads[0]} {{ share: 30% }}", f"{name} -> {heads[1]}"]
        elif heads:
            lines.append(f"{name} -> {' & '.join(heads)}")
    if draw(st.booleans()):
        lines += [f"{draw(st.sampled_from(names))} <-> near", "near <-> db"]
    if draw(st.booleans()):
        how = draw(st.sampled_from(["", " { share: 30% }", " { fanout: 2 }", " { fanout: 3; quorum: 2 }"]))
        lines.append(f"{draw(st.sampled_from(names))} <-> {draw(st.sampled_from(['near', 'db']))}{how}")
    failing = []
    for at in range(draw(st.integers(0, 2))):
        end = "; ends: yes" if ends and draw(st.booleans()) else ""
        lines.append(f"fallback f{at} {{ {draw(SLOWS)}{end} }}")
        tail = draw(st.sampled_from([*names, "db", "near", *(f"f{i}" for i in range(at))]))
        failing.append(tail)
        when = draw(st.sampled_from(["down", "error", "timeout 5ms", "overload"]))
        lines.append(f"{tail} -x> f{at} {{ on: {when} }}")
    if failing and not {"db", "near"} & set(failing) and draw(st.booleans()):
        lines.append("f0 <-> near")
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(small())
def test_a_small_design_is_up_as_often_as_going_through_everything_says(text: str) -> None:
    compilation = compiled(text)
    if not compilation.understood:
        return
    flow = compilation.design.flows[0]
    rates = {name: compilation.design.components[name].number("rate") or 0.0 for name in flow.starts}
    shares = {name: rate / sum(rates.values()) for name, rate in rates.items()}
    assert compilation.facts.value("availability", "main") == pytest.approx(
        availability(compilation.design, flow, shares), rel=1e-9
    )
