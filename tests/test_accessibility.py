"""The pages that are written, held to axe's rules in a real browser: light and dark, desk and phone, in each state.

What the boards' texts stand out against is measured by `test_pictures`; here contrast is that of the page around them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from archboard.board.scenes import stage
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.renderers.pages.gallery import Exhibit, render_gallery
from archboard.renderers.pages.walkthrough import render_page
from archboard.renderers.pictures.svg import render_svg
from archboard.renderers.sheet.contents import cheat_sheet, contents
from archboard.renderers.sheet.html_form import render_sheet_html
from archboard.renderers.sheet.layout import lay_out
from archboard.renderers.sheet.pictures import pictures
from archboard.script import narrate
from archboard.source import Source
from tests.commands import ROOT

DESIGNS = ("designs/recsys.arch", "designs/multi_region.arch", "tests/designs/unicode_labels.arch")
TORN = 'design torn "Torn" {\nclient web { rate: }\n'
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LOOKS = {
    "light-desk": ("light", DESK),
    "dark-phone": ("dark", PHONE),
    "dark-desk": ("dark", DESK),
    "light-phone": ("light", PHONE),
}
TWO, ALL = list(LOOKS)[:2], list(LOOKS)
RULES = """async () => {
  const rules = { "color-contrast": { enabled: false }, "target-size": { enabled: true } };
  const around = { runOnly: { type: "rule", values: ["color-contrast"] } };
  const found = [await axe.run(document, { rules }), await axe.run({ exclude: [["svg"]] }, around)];
  return found.flatMap((each) => each.violations)
    .flatMap((one) => one.nodes.map((node) => `${one.impact} ${one.id}: ${node.html.slice(0, 120)}`));
}"""


@cache
def known(name: str) -> Compilation:
    """Return a design, compiled once."""
    return compile_source(Source(name, (ROOT / name).read_text("utf-8")))


@cache
def walkthrough(name: str) -> str:
    """Return the page to rehearse with."""
    boards = [render_svg(scene, theme="auto") for scene in stage(known(name).design, known(name).facts)]
    return render_page(narrate(known(name).design, known(name).facts, known(name).scenarios), boards)


@cache
def gallery() -> str:
    """Return the page of three designs and of one that was not understood."""
    shown = []
    for name in DESIGNS:
        board = render_svg(stage(known(name).design, known(name).facts)[-1], theme="auto", embed_font=False)
        shown.append(Exhibit(known(name), board, (("walkthrough", "recsys/walkthrough.html"),)))
    return render_gallery([*shown, Exhibit(compile_source(Source("torn.arch", TORN)), "")], "designs")


@cache
def sheet(name: str) -> str:
    """Return the page to print of a design."""
    return render_sheet_html(lay_out(contents(known(name)), pictures(known(name)), "a4"))


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """Open an empty page of a size in a theme."""
    scheme, size = LOOKS[request.param]
    context = browser.new_context(viewport=size, color_scheme=scheme, is_mobile=size is PHONE)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def opened(page: Page, text: str, folder: Path) -> None:
    """Show a page, with axe beside it."""
    file = folder / "page.html"
    file.write_text(text, "utf-8")
    page.goto(file.as_uri())
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))


def found(page: Page) -> list[str]:
    """Return everything that axe objects to, the mildest too."""
    objections: list[str] = page.evaluate(RULES)
    return objections


@pytest.mark.parametrize(
    ("page", "name"),
    [*((look, DESIGNS[0]) for look in ALL), *((look, name) for name in DESIGNS[1:] for look in TWO)],
    indirect=["page"],
    ids=lambda each: Path(each).stem,
)
def test_nothing_stands_in_the_way_of_a_walkthrough(page: Page, name: str, tmp_path: Path) -> None:
    opened(page, walkthrough(name), tmp_path)
    objections = {"first": found(page)}
    page.keyboard.press("4")
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-clock=all]").get_attribute("data-state") == "good"
    objections["middle, the clock runs"] = found(page)
    page.keyboard.press("End")
    objections["last"] = found(page)
    assert objections == {"first": [], "middle, the clock runs": [], "last": []}


@pytest.mark.parametrize("page", TWO, indirect=True)
def test_nothing_stands_in_the_way_of_a_walkthrough_in_its_rarer_states(page: Page, tmp_path: Path) -> None:
    opened(page, walkthrough(DESIGNS[0]), tmp_path)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("t")
    page.evaluate("() => document.querySelectorAll('.clock').forEach((clock, at) => {"
                  " setInterval(() => { clock.dataset.state = ['late', 'over'][at] }, 1) })")  # fmt: skip
    page.wait_for_selector("[data-state=over]")
    objections = {"late and paused": found(page)}
    page.get_by_role("button", name="Light or dark").click()
    objections["the other theme"] = found(page)
    page.keyboard.press("b")
    objections["blank"] = found(page)
    page.keyboard.press("b")
    page.evaluate("() => document.documentElement.classList.remove('live')")
    objections["as without JavaScript"] = found(page)
    assert objections == {"late and paused": [], "the other theme": [], "blank": [], "as without JavaScript": []}


@pytest.mark.parametrize("page", TWO[:1], indirect=True)
def test_the_lines_of_a_walkthrough_are_reached_and_read_by_the_keyboard(page: Page, tmp_path: Path) -> None:
    opened(page, walkthrough(DESIGNS[0]), tmp_path)
    lines = page.locator(".step.now .lines")
    lines.focus()
    assert lines.evaluate("e => document.activeElement === e")
    first = page.locator(".stop.now").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.locator(".stop.now").inner_text() != first


@pytest.mark.parametrize("page", TWO, indirect=True)
def test_nothing_stands_in_the_way_of_a_gallery_or_a_sheet(page: Page, tmp_path: Path) -> None:
    objections = {}
    for kind, text in (
        ("gallery", gallery()),
        ("empty gallery", render_gallery([], "designs")),
        ("sheet", sheet(DESIGNS[1])),
        ("sheet of formulas", render_sheet_html(lay_out(cheat_sheet(), (), "a4"))),
    ):
        opened(page, text, tmp_path)
        objections[kind] = found(page)
    assert objections == {"gallery": [], "empty gallery": [], "sheet": [], "sheet of formulas": []}
