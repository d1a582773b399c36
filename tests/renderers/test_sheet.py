"""The page to print: everything on one page, nothing over anything else, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from archboard.board.writing.text_widths import text_width
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.facts import Fact, Metric, indexed
from archboard.formulas import FORMULAS
from archboard.renderers.sheet.contents import Table, cheat_sheet, contents
from archboard.renderers.sheet.html_form import render_sheet_html
from archboard.renderers.sheet.layout import PAPERS, Paper, lay_out
from archboard.renderers.sheet.pdf import render_sheet_pdf
from archboard.renderers.sheet.pictures import pictures
from archboard.source import Source
from archboard.units import Dimension
from archboard.working import Term, Unknown, product, total
from tests.commands import RECSYS, ROOT, archboard

DESIGNS = {path.stem: path for path in [RECSYS, *sorted((ROOT / "tests" / "designs").glob("*.arch"))]}
LONG = "_".join(["a_name_that_nobody_would_write_but_that_may_be_written"] * 3)
HOSTILE = "\n".join(
    [
        'design hostile "<script>alert(1)</script> and a title that goes on until there is no room for it" {',
        "  sla: p99 < 5s, p99.9 < 9s, p50 < 1s, throughput >= 1k rps, cost <= $1/request",
        "}",
        "client web { rate: 1k rps }",
        *(
            f"service {LONG}_{i} {{ latency: 1ms..{i + 2}ms; throughput: {900 + i} rps; price: $1/h }}"
            for i in range(30)
        ),
        "web -> " + " -> ".join(f"{LONG}_{i}" for i in range(30)),
        *(f"fallback f{i} {{ latency: 1ms }}\n{LONG}_{i} -x> f{i} {{ on: timeout {i + 5}ms }}" for i in range(12)),
        *(f'scenario "Twice {"and again " * 20}{i}" {{ web.rate: {i + 2}k rps }}' for i in range(12)),
    ]
)


@cache
def compiled(name: str) -> Compilation:
    """Return a design, compiled once."""
    text = HOSTILE if name == "hostile" else DESIGNS[name].read_text("utf-8")
    return compile_source(Source(f"{name}.arch", text))


@cache
def paper(name: str, size: str = "a4") -> Paper:
    """Return the laid-out page of a design, or of the formulas."""
    if name == "formulas":
        return lay_out(cheat_sheet(), (), size)
    return lay_out(contents(compiled(name)), pictures(compiled(name)), size)


def table(name: str, title: str) -> Table:
    """Return one table of a design's page."""
    found = contents(compiled(name))
    return next(each for each in (*found.tables, *found.last) if each.title == title)


def words(found: Table) -> list[list[str]]:
    """Return the words of a table's rows."""
    return [[cell.text for cell in row] for group in found.groups for row in group]


PAGES = [(name, size) for name in (*DESIGNS, "hostile", "formulas") for size in PAPERS]


@pytest.mark.parametrize(("name", "size"), PAGES)
def test_everything_stands_on_the_page_and_nothing_over_anything_else(name: str, size: str) -> None:
    page = paper(name, size)
    places = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in page.blocks]
    places += [(p.x, p.y, p.x + p.scene.width * p.scale, p.y + p.scene.height * p.scale) for p in page.pictures]
    assert all(x >= 0 and y >= 0 and right <= page.width and bottom <= page.height for x, y, right, bottom in places)
    for (x, y, right, bottom), (x2, y2, right2, bottom2) in combinations(places, 2):
        assert x >= right2 or x2 >= right or y >= bottom2 - 0.01 or y2 >= bottom - 0.01
    for block in page.blocks:
        for row in block.rows:
            for line in row:
                assert all(text_width(text, block.size) <= line.width + 0.01 for text in line.lines), line
            assert all(left.x + left.width <= right.x for left, right in pairwise(row))


def test_the_page_of_the_reference_design_says_what_its_facts_say() -> None:
    assert words(table("recsys", "Promises"))[:2] == [
        ["✓", "p99 < 50ms", "24 ms", "by sum (independent 16.56 ms, worst case 26.56 ms, bound 29.7 ms)"],
        ["✓", "throughput ≥ 10k rps", "10,500/s", "limit of edge, 10,500/s"],
    ]
    assert words(table("recsys", "When something fails")) == [
        ["✓", "ranker → popular", "timeout 25 ms", "p99 36.5 ms"],
        ["✓", "features → defaults", "timeout 5 ms", "p99 26 ms"],
        ["", "edge → shed", "latency", "sheds"],
    ]
    assert words(table("recsys", "Capacity, fullest first"))[:2] == [
        ["edge", "33.33%", "", "10,000/s of 30,000/s", "2 × 15,000/s"],
        ["candidates", "20%", "", "2,000/s of 10,000/s", "20 × 500/s"],
    ]
    assert words(table("recsys", "Cost"))[:2] == [
        ["a request", "$0.000000225", "$5,913/month ÷ (10,000/s × 730 h)"],
        ["a month", "$5,913", ""],
    ]
    formulas = words(table("recsys", "The formulas, with this design's numbers"))
    assert ["p99 by sum = the hops' p99 on the worst path, added up"] in formulas
    summed = "= edge 2 ms + redis 2 ms + candidates 5 ms + ranker 10 ms + features 3 ms + 4 hops 2 ms"
    assert ["main", "24 ms", summed] in formulas
    assert ["ranker", "20%", "= 2,000/s demand ÷ 10,000/s capacity"] in formulas
    assert ["ranker", "18.31", "= 2,000/s × 9.155 ms mean stay (Little's law)"] in formulas
    assert ["ranker", "2,000/s", "= 10,000/s (web) × 20% (misses of redis)"] in formulas


def test_numbers_of_models_and_availability_stand_on_the_page_where_a_design_has_them() -> None:
    known = compiled("recsys")
    size, part = Dimension.SIZE, Dimension.FRACTION
    weights, cache = Term(14e9, size, "weights"), Term(34.4e9, size, "KV cache")
    both = product(size, total(size, weights, cache), Term(1.2, Dimension.COUNT))
    each = (Term(0.995, part, text="redis 99.5%"), Term(0.995, part, text="edge 99.5%"))
    more = (
        Fact(Metric("weights", size, ""), "ranker", weights),
        Fact(Metric("memory", size, ""), "ranker", both),
        Fact(Metric("ttft", Dimension.DURATION, ""), "ranker", Unknown("needs `gpu`")),
        Fact(Metric("availability", part, ""), "redis", Term(0.999997, part, alone="2 of 3 replicas must be up")),
        Fact(Metric("availability", part, ""), "main", product(part, *each)),
        Fact(Metric("downtime_month", Dimension.DURATION, ""), "main", Term(26280.0, Dimension.DURATION)),
    )
    kept = [fact for fact in known.facts if not fact.metric.name.startswith(("availability", "downtime", "served"))]
    found = contents(replace(known, facts=replace(known.facts, scalars=indexed([*more, *kept]))))
    tables = {each.title: words(each) for each in (*found.tables, *found.last)}
    assert tables["Models"] == [["ranker", "weights 14 GB · memory 58.08 GB"]]
    assert tables["Availability and downtime"] == [
        ["main", "99%", "7.3 h a month", ""],
        ["redis", "99.9997%", "", "2 of 3 replicas must be up"],
    ]
    formulas = tables["The formulas, with this design's numbers"]
    assert ["ranker", "58.08 GB", "= (14 GB weights + 34.4 GB KV cache) × 1.2"] in formulas
    assert ["main", "99%", "= redis 99.5% × edge 99.5%"] in formulas


def test_a_design_too_large_for_one_page_says_how_much_more_there_is() -> None:
    shown = [line.lines[0] for block in paper("hostile").blocks for row in block.rows for line in row if line.lines]
    assert [text for text in shown if re.fullmatch(r"\+ \d+ more", text)]
    assert len(paper("hostile").pictures) >= 1


def test_the_page_of_the_formulas_holds_every_one_of_them() -> None:
    names = [line.cell.text for block in paper("formulas").blocks for row in block.rows for line in row[:1]]
    assert [f.name for f in FORMULAS if f.name not in names] == []


def test_an_empty_design_says_that_it_is() -> None:
    assert contents(compiled("empty")).below == "nothing is drawn and nothing promised yet"


def test_the_pdf_is_one_page_of_the_paper_asked_for_and_the_same_each_time() -> None:
    for size, box in (("a4", b"0 0 595.28 841.89"), ("letter", b"0 0 612 792")):
        made = render_sheet_pdf(paper("recsys", size))
        assert made == render_sheet_pdf(paper("recsys", size))
        assert made.startswith(b"%PDF-")
        assert len(re.findall(rb"/Type /Page\b(?!s)", made)) == 1
        assert box in made


def test_what_a_design_says_is_never_markup() -> None:
    page = render_sheet_html(paper("hostile"))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == re.findall(r'href="data:image/png;base64,[^"]*"', page)


@pytest.mark.parametrize("name", ["recsys", "forty_components", "unicode_labels", "hostile", "formulas"])
def test_the_html_prints_on_one_page_and_nothing_flows_over(browser: Browser, tmp_path: Path, name: str) -> None:
    file = tmp_path / "sheet.html"
    file.write_text(render_sheet_html(paper(name)), "utf-8")
    page = browser.new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("request", lambda request: None if request.url == file.as_uri() else trouble.append(request.url))
    page.goto(file.as_uri())
    page.evaluate("document.fonts.ready")
    over = page.evaluate(
        """() => {
            const paper = document.querySelector('main').getBoundingClientRect();
            const out = [...document.querySelectorAll('main > *')].filter(e => {
                const r = e.getBoundingClientRect();
                return r.bottom > paper.bottom + 1 || r.right > paper.right + 1 || r.left < paper.left - 1;
            });
            const wide = [...document.querySelectorAll('td, header, section')]
                .filter(e => e.scrollWidth > e.clientWidth + 1);
            return [...out, ...wide].map(e => e.innerText);
        }"""
    )
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert (over, [url for url in trouble if not url.startswith("data:")]) == ([], [])
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1


def test_the_page_is_dark_on_a_dark_screen_and_light_on_paper(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "sheet.html"
    file.write_text(render_sheet_html(paper("recsys")), "utf-8")
    page = browser.new_page(color_scheme="dark")
    page.goto(file.as_uri())
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(22, 24, 29)"
    page.emulate_media(media="print")
    assert page.evaluate(colour) == "rgb(255, 254, 251)"
    page.close()


def test_sheet_writes_what_the_file_name_asks_for(tmp_path: Path) -> None:
    assert archboard("sheet", RECSYS, "-o", tmp_path / "x.pdf").code == 0
    assert archboard("sheet", RECSYS, "-o", tmp_path / "x.html", "--paper", "letter").code == 0
    assert archboard("sheet", "-o", tmp_path / "y.html").code == 0
    assert (tmp_path / "x.pdf").read_bytes() == render_sheet_pdf(paper("recsys"))
    assert (tmp_path / "x.html").read_text("utf-8") == render_sheet_html(paper("recsys", "letter"))
    assert "Formulas for a design review" in (tmp_path / "y.html").read_text("utf-8")
    assert "Formulas for a design review" in archboard("sheet", "--to", "html").out


def test_sheet_of_a_missed_promise_is_written_and_exits_with_findings(tmp_path: Path) -> None:
    text = 'design x "X" { sla: p99 < 1ms }\nclient web { rate: 1 rps }\nservice a { latency: 9ms }\nweb -> a\n'
    (tmp_path / "x.arch").write_text(text)
    ran = archboard("sheet", "x.arch", "-o", "x.html", at=tmp_path)
    assert ran.code == 1
    assert "its promise is missed" in (tmp_path / "x.html").read_text("utf-8")


def test_sheet_of_what_was_not_understood_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.arch").write_text("servce a {}\n")
    ran = archboard("sheet", "x.arch", "-o", "x.pdf", at=tmp_path)
    assert (ran.code, list(tmp_path.glob("x.pdf"))) == (1, [])
    wrong = archboard("sheet", RECSYS, "-o", "x.pfd", at=tmp_path)
    assert wrong.code == 2
    assert "Did you mean .pdf?" in wrong.err
