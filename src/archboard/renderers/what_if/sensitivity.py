"""What a design's numbers hang on: as text, Markdown and data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archboard import __version__
from archboard.compilation import Compilation
from archboard.measures.sensitivity import Gain, HitPoint, PromiseGains, Sensitivities
from archboard.renderers.comparison.json_form import finite
from archboard.renderers.report.diagnostics import Paint, clean, plain
from archboard.renderers.report.markdown import escape
from archboard.renderers.tables import aligned, piped
from archboard.strict_json import dumps
from archboard.units import show_duration, show_fraction, show_number, show_rate
from archboard.words.verdicts import reason, told

_SHOWN = 10
_HEAD = ("10% faster here", "takes now", "off the sum", "off the independent")


def render_text(compilation: Compilation, found: Sensitivities, paint: Paint = plain, *, everything: bool) -> str:
    """Return the sensitivities as people read them in a terminal; `everything` lists those too that buy nothing."""
    design = compilation.design
    blocks = [f"{paint(clean(design.name), 'bold')}  {clean(design.title)}"]
    for each in found.promises:
        shown, left = _worth(each, everything)
        rows = [tuple(clean(cell) for cell in row) for row in _gains(shown)]
        head = [_HEAD] if rows else []
        block = aligned(_title(each), [*head, *rows] or [("", _nothing(each))], paint)
        blocks.append(block + (f"\n  and {left} more (--all)" if left and rows else ""))
    blocks += [aligned("a point of hit ratio", [(clean(_hit(h)),) for h in found.hits], paint)]
    blocks += [aligned("first to saturate", _saturation(found), paint)]
    if len(blocks) == 1 or not any(blocks[1:]):
        blocks.append("nothing to be sensitive to: no latency promise, no cache, no capacity")
    return "\n\n".join(block for block in blocks if block) + "\n"


def render_markdown(compilation: Compilation, found: Sensitivities, *, everything: bool) -> str:
    """Return the sensitivities as Markdown."""
    parts = [f"### {escape(compilation.design.title or compilation.design.name)}: what the numbers hang on"]
    for each in found.promises:
        rows = (tuple(escape(cell) for cell in row) for row in _gains(_worth(each, everything)[0]))
        parts += [f"**{escape(_title(each))}**", piped(_HEAD, rows) or escape(_nothing(each))]
    parts += ["\n".join(f"- {escape(_hit(h))}" for h in found.hits)]
    parts += [piped(("First to saturate", "Client rate", "How"), (tuple(map(escape, r)) for r in _saturation(found)))]
    return "\n\n".join(part for part in parts if part) + "\n"


def render_json(compilation: Compilation, found: Sensitivities) -> str:
    """Return the sensitivities as one object, SI base units."""
    made: dict[str, Any] = {
        "archboard": __version__,
        "file": compilation.source.path,
        "name": compilation.design.name,
        "faster": 0.1,
        "promises": [_promise_data(each) for each in found.promises],
        "caches": [
            {
                "cache": h.cache, "before": h.before, "after": h.after,
                "demand": [{"component": n, "before": finite(b), "after": finite(a)} for n, b, a in h.demands],
            }
            for h in found.hits
        ],
        "saturation": [
            {"component": f.subject, "rate": finite(f.value), "working": f.told} for f in found.saturation
        ],
    }  # fmt: skip
    return dumps(made, 1) + "\n"


def _promise_data(each: PromiseGains) -> dict[str, Any]:
    return {
        "flow": each.flow,
        "promise": each.promise.text,
        "sum": finite(each.sum),
        "independent": finite(each.independent),
        "unjudged": None if each.unjudged is None else reason(each.unjudged),
        "gains": [
            {
                "subject": g.subject, "seconds": finite(g.seconds), "sum": finite(g.sum),
                "independent": finite(g.independent),
            }
            for g in each.gains
        ],
    }  # fmt: skip


def _title(each: PromiseGains) -> str:
    name = each.promise.text if each.flow == "main" else f"{each.flow}: {each.promise.text}"
    if each.sum is None:
        return name
    beside = f", independent {show_duration(each.independent)}" if each.independent is not None else ""
    return f"{name}: sum {show_duration(each.sum)}{beside}"


def _nothing(each: PromiseGains) -> str:
    return told(each.unjudged) if each.unjudged else "nothing on it takes any time"


def _worth(each: PromiseGains, everything: bool) -> tuple[tuple[Gain, ...], int]:
    """Return the gains to show and how many are left: those that buy something, the largest."""
    if everything:
        return each.gains, each.left_out
    buying = [g for g in each.gains if g.sum > 0 or g.independent > 0][:_SHOWN]
    return tuple(buying), len(each.gains) + each.left_out - len(buying)


def _gains(gains: tuple[Gain, ...]) -> Iterator[tuple[str, ...]]:
    for gain in gains:
        yield gain.subject, show_duration(gain.seconds), _saved(gain.sum), _saved(gain.independent)


def _saved(seconds: float) -> str:
    return f"−{show_duration(float(f'{seconds:.3g}'))}" if seconds > 0 else "nothing"


def _hit(h: HitPoint) -> str:
    moves = []
    for name, before, after in h.demands[:4]:
        sign = "+" if after > before else "−"
        change = f" ({sign}{show_number(100 * abs(after / before - 1), 3)}%)" if before else ""
        moves.append(f"{name} {show_rate(before)} → {show_rate(after)}{change}")
    more = f" and {len(h.demands) - 4} more" if len(h.demands) > 4 else ""
    behind = f"{', '.join(moves)}{more}" if moves else "nothing behind it notices"
    return f"{h.cache} {show_fraction(h.before)} → {show_fraction(h.after)}: {behind}"


def _saturation(found: Sensitivities) -> list[tuple[str, str, str]]:
    return [
        (clean(fact.subject), f"at {fact.shown} from the clients", clean(fact.told)) for fact in found.saturation[:3]
    ]
