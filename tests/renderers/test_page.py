"""The rehearsal page: one file, nothing from outside, every line in order, no label that is markup."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

from archboard.board.scenes import stage
from archboard.compiler import compile_source
from archboard.renderers.pages.walkthrough import clock, render_page
from archboard.renderers.pictures.svg import render_svg
from archboard.script import Script, narrate
from archboard.source import Source

RECSYS = Path(__file__).parents[1].parent / "designs" / "recsys.arch"
VOID = {"meta", "link", "br", "img", "input", "hr", "path", "rect", "circle", "use", "image", "line"}


@cache
def page_of(text: str) -> tuple[Script, str]:
    """Return a design's script and page."""
    known = compile_source(Source("case.arch", text))
    script = narrate(known.design, known.facts, known.scenarios)
    boards = [render_svg(scene, theme="auto") for scene in stage(known.design, known.facts)]
    return script, render_page(script, boards)


def recsys() -> tuple[Script, str]:
    """Return those of the reference design."""
    return page_of(RECSYS.read_text("utf-8"))


class Reader(HTMLParser):
    """Collects elements with their attributes, and the text of lines and directions."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.stops: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "p":
            self._open = "say" in (dict(attrs).get("class") or "").split()
            if self._open:
                self.stops.append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "p"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.stops[-1] += data


def read(page: str) -> Reader:
    """Parse a page."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_every_line_stands_in_the_page_in_order() -> None:
    script, page = recsys()
    assert read(page).stops == [line.text for line in script.sentences]


def test_nothing_is_loaded_from_outside() -> None:
    _, page = recsys()
    for tag, attributes in read(page).elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        for name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
            value = attributes.get(name) or ""
            assert not value or value.startswith(("data:", "#")), (tag, value)
    assert not re.search(r"url\((?!['\"]?(?:data:|#))|@import", page)


def test_the_policy_lets_in_only_its_own_script() -> None:
    _, page = recsys()
    policy = next(a["content"] or "" for tag, a in read(page).elements if a.get("http-equiv"))
    code = re.findall(r"<script>(.*?)</script>", page, re.S)
    assert len(code) == 1
    assert f"script-src 'sha256-{b64encode(sha256(code[0].encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none';")


def test_ids_do_not_clash_between_the_boards_and_references_stay_whole() -> None:
    _, page = recsys()
    ids = Counter(attributes["id"] for _, attributes in read(page).elements if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    used = re.findall(r'href="#([^"]+)"', page) + re.findall(r'="url\(#([^)]+)\)"', page)
    assert set(used) <= ids.keys()
    assert "s3-c-ranker" in ids


def test_the_font_is_carried_once() -> None:
    _, page = recsys()
    assert page.count("@font-face") == 1


def test_each_step_says_its_plan() -> None:
    script, page = recsys()
    plans = [a["data-seconds"] for tag, a in read(page).elements if tag == "section"]
    assert plans == [f"{step.seconds:.1f}" for step in script.steps]
    assert [clock(seconds) for seconds in (0, 59.6, 75, 3600)] == ["0:00", "1:00", "1:15", "60:00"]


def test_every_button_has_a_name_and_the_line_is_announced() -> None:
    _, page = recsys()
    reader = read(page)
    for tag, attributes in reader.elements:
        assert tag != "button" or attributes.get("aria-label") or attributes.get("data-step") is not None
        assert not any(name.startswith("on") for name in attributes)
    assert any(attributes.get("aria-live") == "polite" for _, attributes in reader.elements)


def test_a_label_is_never_markup() -> None:
    hostile = "</script><script>alert(1)</script></style><img src=x onerror=alert(1)><!-- ' & \\\" ]]>"
    script, page = page_of(
        f'design d "{hostile}" {{ problem: "{hostile}" }}\nclient app "{hostile}" {{ rate: 1 rps }}\n'
        f'service work "{hostile}" {{ does: "{hostile}"; say: "{hostile}"; latency: 1ms }}\napp -> work "{hostile}"\n'
        f'fallback plan "{hostile}"\nwork -x> plan "{hostile}" {{ on: error }}\n'
    )
    reader = read(page)
    assert read(page).stops == [line.text for line in script.sentences]
    assert [tag for tag, _ in reader.elements].count("script") == 1
    assert not [tag for tag, _ in reader.elements if tag == "img"]
    assert page.count("</script") == 1


def test_elements_are_closed_in_order() -> None:
    _, page = recsys()
    opened: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in VOID:
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in VOID:
                assert opened.pop() == tag

    checker = Checker()
    checker.feed(page)
    checker.close()
    assert opened == []


def test_the_same_script_gives_the_same_page() -> None:
    script, page = recsys()
    known = compile_source(Source("case.arch", RECSYS.read_text("utf-8")))
    assert render_page(script, [render_svg(scene, theme="auto") for scene in stage(known.design, known.facts)]) == page


def test_a_page_stands_without_boards() -> None:
    script, _ = recsys()
    assert '<div class="board">' not in render_page(script, [])
