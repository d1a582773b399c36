"""The rehearsal page in a real browser: the keys, the clocks, light and dark, a phone, no JavaScript, paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from archboard.board.scenes import stage
from archboard.compiler import compile_source
from archboard.renderers.pages.walkthrough import render_page
from archboard.renderers.pictures.svg import render_svg
from archboard.script import Script, narrate
from archboard.source import Source

RECSYS = Path(__file__).parents[1].parent / "designs" / "recsys.arch"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@cache
def recsys() -> tuple[Script, str]:
    """Return the script and the page of the reference design."""
    known = compile_source(Source("recsys.arch", RECSYS.read_text("utf-8")))
    script = narrate(known.design, known.facts, known.scenarios)
    boards = [render_svg(scene, theme="auto") for scene in stage(known.design, known.facts)]
    return script, render_page(script, boards)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page once."""
    path: Path = tmp_path_factory.mktemp("page") / "walkthrough.html"
    path.write_text(recsys()[1], "utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page, with a clock that the test moves; nothing may be complained of or asked for."""
    context = browser.new_context(viewport=DESK, color_scheme="light")  # type: ignore[arg-type]
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: None if request.url == address else trouble.append(request.url))
    page.clock.install(time=datetime(2026, 1, 1, 10, 0))
    page.goto(address)
    page.clock.pause_at(datetime(2026, 1, 1, 10, 1))
    yield page
    context.close()
    assert trouble == []


def line(page: Page) -> str:
    """Return the current line."""
    return page.locator(".stop.now").inner_text().replace("\n", " ")


def step(page: Page) -> str:
    """Return the step that shows."""
    return page.locator(".step.now").get_attribute("id") or ""


def test_one_line_is_current_and_the_next_is_smaller(page: Page) -> None:
    sizes = [
        float(page.locator(f".stop.{name}").evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
        for name in ("now", "next")
    ]
    assert line(page).startswith("Let me walk you through")
    assert sizes[0] > sizes[1] * 1.2
    assert page.locator(".step:visible").count() == 1


@pytest.mark.parametrize(
    ("forward", "back"),
    [("ArrowRight", "ArrowLeft"), ("Space", "p"), ("n", "ArrowUp"), ("PageDown", "PageUp"), ("ArrowDown", "Backspace")],
)
def test_the_keys_of_presenters_go_on_and_back(page: Page, forward: str, back: str) -> None:
    first = line(page)
    page.keyboard.press(forward)
    second = line(page)
    assert second != first
    page.keyboard.press(back)
    assert line(page) == first
    page.keyboard.press(back)
    assert line(page) == first


def test_home_end_and_digits_go_to_their_places(page: Page) -> None:
    page.keyboard.press("End")
    assert line(page).startswith("The result in one breath")
    page.keyboard.press("ArrowRight")
    assert line(page).startswith("The result in one breath")
    page.keyboard.press("4")
    assert step(page) == "step-4"
    assert line(page).startswith("In front of both stages")
    page.keyboard.press("Home")
    assert step(page) == "step-1"


def test_the_current_line_is_in_sight_through_the_whole_script(page: Page) -> None:

    page.emulate_media(reduced_motion="reduce")
    for _ in range(len(recsys()[0].sentences)):
        seen = page.locator(".stop.now").evaluate(
            "e => { const a = e.getBoundingClientRect(), b = e.closest('.lines').getBoundingClientRect();"
            " return a.top >= b.top - 1 && a.bottom <= b.bottom + 1 }"
        )
        assert seen, line(page)
        page.keyboard.press("ArrowRight")


def test_the_clocks_start_with_the_first_line_and_tell_when_time_runs_out(page: Page) -> None:
    every, own = page.locator("[data-clock=all]"), page.locator("[data-clock=step]")
    planned = recsys()[0].steps[0].seconds
    page.clock.run_for(5000)
    assert every.locator("b").inner_text() == "0:00"
    assert every.get_attribute("data-state") == "idle"
    page.keyboard.press("ArrowRight")
    page.clock.run_for(10_000)
    assert every.locator("b").inner_text() == "0:10"
    assert own.get_attribute("data-state") == "good"
    page.clock.run_for(round(1000 * (0.85 * planned - 10)))
    assert own.get_attribute("data-state") == "late"
    page.clock.run_for(round(1000 * 0.2 * planned))
    assert own.get_attribute("data-state") == "over"
    assert every.get_attribute("data-state") == "good"
    page.keyboard.press("2")
    assert own.locator("b").inner_text() == "0:00"
    assert own.get_attribute("data-state") == "good"


def test_the_clocks_pause_and_go_on(page: Page) -> None:
    shown = page.locator("[data-clock=all] b")
    page.keyboard.press("ArrowRight")
    page.clock.run_for(3000)
    page.keyboard.press("t")
    page.clock.run_for(9000)
    page.keyboard.press("ArrowRight")
    assert shown.inner_text() == "0:03"
    page.get_by_role("button", name="Pause the clocks").click()
    page.clock.run_for(2000)
    assert shown.inner_text() == "0:05"
    page.get_by_role("button", name="Set the clocks to zero").click()
    assert shown.inner_text() == "0:00"


def test_the_screen_goes_blank_and_comes_back(page: Page) -> None:
    before = line(page)
    page.keyboard.press("b")
    assert page.locator("[data-blank]").is_visible()
    page.keyboard.press("ArrowRight")
    assert not page.locator("[data-blank]").is_visible()
    assert line(page) == before


def test_light_and_dark_can_be_chosen_for_page_and_board_alike(page: Page) -> None:
    paper = (
        "() => [getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('.paper')).fill]"
    )
    light = page.evaluate(paper)
    page.get_by_role("button", name="Light or dark").click()
    dark = page.evaluate(paper)
    assert light[0] != dark[0]
    assert light[1] != dark[1]
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(paper) == light


def test_the_line_is_announced_once_one_goes_on(page: Page) -> None:
    page.keyboard.press("ArrowRight")
    assert page.locator("[data-spoken]").text_content()


def test_it_works_by_keyboard_alone_with_the_focus_seen(page: Page) -> None:
    page.keyboard.press("Tab")
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.get_by_role("button", name="3 Core flow").focus()
    page.keyboard.press("Enter")
    assert step(page) == "step-3"


def test_a_phone_stacks_board_over_lines_and_goes_on_by_tap(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    board, lines = page.locator(".step.now .board").bounding_box(), page.locator(".step.now .lines").bounding_box()
    assert board is not None and lines is not None
    assert board["y"] + board["height"] <= lines["y"] + 1
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    first = line(page)
    page.get_by_role("button", name="Next line").tap()
    second = line(page)
    assert second != first
    page.locator(".step.now .lines").tap()
    assert line(page) != second
    small = page.locator("button:visible").evaluate_all(
        "all => all.filter(b => b.getBoundingClientRect().height < 44 || b.getBoundingClientRect().width < 40).length"
    )
    assert small == 0
    context.close()


def test_without_javascript_everything_is_there_in_order(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=DESK, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    assert page.locator(".step:visible").count() == 6
    assert page.locator(".say:visible").count() == len(recsys()[0].sentences)
    assert page.locator("button:visible").count() == 0
    context.close()


def test_on_paper_each_board_stands_above_its_lines_without_controls(page: Page) -> None:
    page.emulate_media(media="print")
    assert page.locator(".step:visible").count() == 6
    assert page.locator("button:visible").count() == 0
    tops = page.locator(".step").evaluate_all(
        "all => all.every(s => s.querySelector('.board').getBoundingClientRect().bottom"
        " <= s.querySelector('.lines').getBoundingClientRect().top + 1)"
    )
    assert tops
