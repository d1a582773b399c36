"""Roles into colours: one hue a role, a pale fill under a dark stroke of the same hue, near-black text.

Dark is the same board on dark paper. Every text colour keeps a contrast of 4.5:1 to the paper and to
every pale fill it may stand on, ink also to the strong fills; the tests compute it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from archboard.board.marks import Role
from archboard.records import record


@record
class Tone:
    """The colours of one role: its lines, its two fills, and text that belongs to it."""

    stroke: str
    pale: str
    strong: str
    text: str


@record
class Theme:
    """The colours of a board; `slip` lies under icons where the paper is too dark for them."""

    name: str
    paper: str
    slip: str
    tones: Mapping[Role, Tone]

    def fill(self, role: Role, name: str) -> str:
        """Return the colour of a fill: "pale", "paper", "strong" or "none"."""
        match name:
            case "pale":
                return self.tones[role].pale
            case "strong":
                return self.tones[role].strong
            case "none":
                return "none"
            case _:
                return self.paper


LIGHT = Theme(
    "light",
    "#fffefb",
    "none",
    MappingProxyType(
        {
            Role.CLIENT: Tone("#1e1e1e", "#ffffff", "#dee2e6", "#1e1e1e"),
            Role.ENTRY: Tone("#1971c2", "#e7f5ff", "#a5d8ff", "#145a9c"),
            Role.CORE: Tone("#e67700", "#fff3bf", "#ffd875", "#8f4400"),
            Role.DATA: Tone("#2b8a3e", "#ebfbee", "#b2f2bb", "#1f6b2e"),
            Role.TELEMETRY: Tone("#6a737c", "#f1f3f5", "#cfd5da", "#545c64"),
            Role.FAILURE: Tone("#e03131", "#fff0f0", "#ffc9c9", "#b3201f"),
            Role.FRAME: Tone("#a3abb3", "#f9f9f6", "#e9ecef", "#565d65"),
            Role.INK: Tone("#1e1e1e", "#ffffff", "#dee2e6", "#1e1e1e"),
            Role.MUTED: Tone("#868e96", "#f9f9f6", "#e9ecef", "#565d65"),
            Role.GOOD: Tone("#2f9e44", "#e6f8e9", "#a3e8ae", "#1f6b2e"),
            Role.BAD: Tone("#d42c2c", "#ffe8e8", "#ffb3b3", "#b3201f"),
        }
    ),
)
DARK = Theme(
    "dark",
    "#16181d",
    "#eceef0",
    MappingProxyType(
        {
            Role.CLIENT: Tone("#dfe3e7", "#24272d", "#444a53", "#f1f3f5"),
            Role.ENTRY: Tone("#4dabf7", "#142c42", "#1b507f", "#97cffb"),
            Role.CORE: Tone("#f59f2e", "#382b10", "#6f4d0c", "#ffc478"),
            Role.DATA: Tone("#4fc267", "#14301b", "#1f6234", "#8ce99a"),
            Role.TELEMETRY: Tone("#8f99a4", "#23272c", "#474e56", "#b9c1c9"),
            Role.FAILURE: Tone("#ff6b6b", "#3b1a1d", "#7c2a2e", "#ffa3a3"),
            Role.FRAME: Tone("#68717b", "#1a1d22", "#2d3239", "#aab3bc"),
            Role.INK: Tone("#dfe3e7", "#24272d", "#444a53", "#f1f3f5"),
            Role.MUTED: Tone("#7d8791", "#1a1d22", "#2d3239", "#aab3bc"),
            Role.GOOD: Tone("#51cf66", "#15331d", "#22703b", "#8ce99a"),
            Role.BAD: Tone("#ff6666", "#401b1f", "#862c31", "#ffa3a3"),
        }
    ),
)
THEMES: Mapping[str, Theme] = MappingProxyType({"light": LIGHT, "dark": DARK})


def dark_rules() -> str:
    """Return the CSS that turns a light board dark where the reader prefers it, colour by colour.

    It selects the presentation attributes themselves, so the board reads the same without CSS.
    """
    fills = {LIGHT.paper: DARK.paper}
    strokes: dict[str, str] = {}
    for role, tone in LIGHT.tones.items():
        dark = DARK.tones[role]
        fills |= {tone.pale: dark.pale, tone.strong: dark.strong, tone.text: dark.text}
        strokes |= {tone.stroke: dark.stroke, tone.text: dark.text}
    strokes |= {tone.stroke: DARK.tones[role].stroke for role, tone in LIGHT.tones.items()}
    rules = [f'[fill="{light}"]{{fill:{dark}}}' for light, dark in fills.items()]
    rules += [f'[stroke="{light}"]{{stroke:{dark}}}' for light, dark in strokes.items()]
    return f"@media (prefers-color-scheme:dark){{{''.join(rules)}.slip{{fill:{DARK.slip}}}}}"
