"""Every text can be read on what it stands on, in light and in dark."""

import pytest

from archboard.board.marks import Role
from archboard.renderers.pictures.theme import DARK, LIGHT, THEMES, Theme, dark_rules


def luminance(colour: str) -> float:
    """Return relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda t: t.name)
def test_every_text_colour_reads_on_paper_and_on_every_pale_fill(theme: Theme) -> None:
    grounds = {"paper": theme.paper} | {role.value: tone.pale for role, tone in theme.tones.items()}
    faint = {
        (role.value, name): round(contrast(tone.text, ground), 2)
        for role, tone in theme.tones.items()
        for name, ground in grounds.items()
        if contrast(tone.text, ground) < 4.5
    }
    assert faint == {}


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda t: t.name)
def test_ink_and_a_role_read_on_strong_fills(theme: Theme) -> None:
    for role, tone in theme.tones.items():
        assert contrast(theme.tones[Role.INK].text, tone.strong) >= 4.5, role


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda t: t.name)
def test_strokes_stand_out_from_the_paper(theme: Theme) -> None:
    for role, tone in theme.tones.items():
        assert contrast(tone.stroke, theme.paper) >= (2.0 if role is Role.FRAME else 2.8), role


def test_every_role_has_its_tone() -> None:
    assert set(LIGHT.tones) == set(DARK.tones) == set(Role)


def test_the_automatic_theme_turns_each_light_colour_into_one_dark_colour() -> None:
    for pick in ("pale", "strong", "text", "stroke"):
        pairs = {(getattr(LIGHT.tones[role], pick), getattr(DARK.tones[role], pick)) for role in Role}
        assert len({light for light, _ in pairs}) == len(pairs), pick
    fills = [getattr(tone, pick) for tone in LIGHT.tones.values() for pick in ("pale", "strong", "text")]
    assert all(f'[fill="{colour}"]' in dark_rules() for colour in (*fills, LIGHT.paper))
