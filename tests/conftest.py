"""What the tests share: `--accept`, the browser, and the rule that nothing is skipped where it counts."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests import strategies
from tests.worked import DESIGNS

STEMS = {path.stem for path in DESIGNS}
CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a command starts as a user's does, from compiled files
os.environ["ARCHBOARD_CACHE"] = "off"  # what is tested is worked out; the cache has tests of its own

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
]

settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Tell the laws whether this is the quick part alone."""
    strategies.quick_run = config.option.markexpr == "not slow"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what archboard says into the case pages")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one design in one process, where what is made of it is shared; begin with what takes long.

    Of what is as long as anything the suite has, two processes must not be left with one at the end.
    """
    for item in items:
        if (design := design_of(item)) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(design))
    items.sort(key=how_short)


def design_of(item: pytest.Item) -> str | None:
    """Return the worked design that a test is about, by what it is called with or by its build, which it asks for."""
    if not isinstance(item, pytest.Function):
        return None
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    words = [*(value.stem if isinstance(value, Path) else value for value in given), *item.fixturenames]
    return next((word for word in words if isinstance(word, str) and word in STEMS), None)


def how_short(item: pytest.Item) -> int:
    """Return 0 for one of the longer proofs, 1 for a test that draws examples, 2 for any other."""
    if item.get_closest_marker("slow") is not None:
        return 0
    return 1 if hasattr(getattr(item, "obj", None), "hypothesis") else 2


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Turn a skip into a failure in CI: a test that did not run proves nothing."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


def chromium() -> str | None:
    """Return the browser to measure with: `CHROMIUM`, or the first one on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless browser for all pictures."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium: install it, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


class Sheet:
    """One page of the browser, on which one picture after the other is opened as a file of its own."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._page = browser.new_page(color_scheme="light")
        self._file = folder / "board.svg"
        self._asked: list[str] = []
        self._page.on("request", lambda request: self._asked.append(request.url))

    def shown(self, svg: str, script: str, *dark: bool) -> list[Any]:
        """Open a picture, see that it asks for nothing, and run a script on it, in light and in dark as is asked."""
        width, height = (int(float(size)) + 1 for size in re.findall(r' (?:width|height)="([\d.]+)"', svg)[:2])
        size: ViewportSize = {"width": width, "height": height}
        if self._page.viewport_size != size:
            self._page.set_viewport_size(size)
        self._file.write_text(svg, "utf-8")
        self._asked.clear()
        self._page.goto(self._file.as_uri())
        found = [self._run(script, scheme) for scheme in dark or (False,)]
        assert [url for url in self._asked if not url.startswith("data:")] == [self._file.as_uri()]
        return found

    def _run(self, script: str, dark: bool) -> Any:
        """Run a script once the fonts are there; what it finds comes as one text, which takes far less time."""
        self._page.emulate_media(color_scheme="dark" if dark else "light")
        return json.loads(self._page.evaluate(f"() => document.fonts.ready.then(() => JSON.stringify(({script})()))"))


@pytest.fixture(scope="session")
def sheet(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    """One page for all pictures."""
    return Sheet(browser, tmp_path_factory.mktemp("sheet"))


@pytest.fixture
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).parent.parent
