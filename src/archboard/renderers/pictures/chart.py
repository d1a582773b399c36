"""A sweep as a chart, in the formats of pictures."""

from __future__ import annotations

from archboard.board.charts.chart import chart
from archboard.renderers.pictures import pdf, png, svg
from archboard.trials import Sweep


def render_svg(sweep: Sweep, *, style: str = "whiteboard", theme: str = "light") -> str:
    """Return the chart as SVG."""
    return svg.render_svg(chart(sweep), style=style, theme=theme)


def render_png(sweep: Sweep, *, style: str = "whiteboard", theme: str = "light", scale: float = 2.0) -> bytes:
    """Return the chart as PNG."""
    return png.render_scene(chart(sweep), style=style, theme=theme, scale=scale)


def render_pdf(sweep: Sweep, *, style: str = "whiteboard", theme: str = "light") -> bytes:
    """Return the chart as PDF."""
    return pdf.render_scene(chart(sweep), style=style, theme=theme)
