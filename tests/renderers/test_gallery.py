"""The gallery: every design of a folder on one page that needs nothing else."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.commands import RECSYS, archboard

SHY = """design shy "<script>alert(1)</script> & co" { problem: "1 < 2"; sla: p99 < 1ms }
client web { rate: 10 rps }
service api { latency: p99 5ms; throughput: 100 rps }
web -> api
"""


class Page(HTMLParser):
    """What a page is made of: tags, ids, links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if (tag, name) == ("a", "href"):
                self.links.append(value or "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three designs, one built, one that misses, one that is not understood."""
    place = tmp_path_factory.mktemp("gallery")
    (place / "designs").mkdir()
    shutil.copy(RECSYS, place / "designs" / "recsys.arch")
    (place / "designs" / "shy.arch").write_text(SHY, "utf-8")
    (place / "designs" / "torn.arch").write_text('design torn "Torn" {\nclient web { rate: }\n', "utf-8")
    (place / "output" / "recsys").mkdir(parents=True)
    (place / "output" / "recsys" / "walkthrough.html").write_text("built")
    assert archboard("gallery", at=place).code == 1
    return place


@pytest.fixture(scope="module")
def text(folder: Path) -> str:
    return (folder / "output" / "gallery" / "index.html").read_text("utf-8")


def test_every_design_has_a_card_in_order_of_name(text: str) -> None:
    assert re.findall(r'<p class="name">(.*)</p>', text) == ["recsys", "shy", "torn"]
    assert text.count("<figure>") == 2


def test_promises_stand_with_their_verdicts(text: str) -> None:
    assert re.search(
        r"✓<span class=\"said\"> kept: </span></span><span class=\"what\">p99 &lt; 50ms</span> <b>24 ms", text
    )
    assert re.search(
        r"✗<span class=\"said\"> missed: </span></span><span class=\"what\">p99 &lt; 1ms</span> <b>5 ms", text
    )
    assert "4 of 5 promises kept" in text
    assert "fails, as expected" in text


def test_a_design_that_was_not_understood_says_why_instead_of_a_board(text: str) -> None:
    assert re.search(r"Not understood: line \d+: ", text)


def test_what_was_built_is_linked_from_the_page_and_nothing_else_is(text: str) -> None:
    outside = [link for link in Page(text).links if not link.startswith("#")]
    assert outside == ["../recsys/walkthrough.html"]


def test_the_page_holds_all_it_needs_and_runs_nothing(text: str) -> None:
    page = Page(text)
    assert "script" not in page.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in text
    assert not re.search(r"(?:src|href|url\()=?[\"']?(?:https?:)?//", text)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert "default-src 'none'" in text


def test_a_folder_without_designs_and_a_wrong_one_are_told(tmp_path: Path) -> None:
    ran = archboard("gallery", tmp_path, at=tmp_path)
    assert ran.code == 2
    assert "no .arch file below" in ran.err
    assert archboard("gallery", "nowhere", at=tmp_path).code == 2
