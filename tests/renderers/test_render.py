"""One small board through SVG, PNG and PDF."""

import re
import xml.etree.ElementTree as ET
from io import BytesIO
from itertools import product

import pytest
from PIL import Image

from archboard.board.marks import Box, Cross, Group, Icon, Line, Mark, Pen, Plate, Role, Scene, Text
from archboard.board.writing.text_widths import text_width
from archboard.renderers.pictures.pdf import render_pdf
from archboard.renderers.pictures.png import render_png
from archboard.renderers.pictures.svg import render_svg
from archboard.renderers.pictures.theme import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</text><script>alert(1)</script>", "]]>", "<!-- x --><![CDATA[", "a & b &amp; &#x0;", "\"'`",
    "\x00\x08\x1b[31m", "\ud800 lone", "שלום עולם", "مرحبا", "日本語 ラベル", "👨‍👩‍👧‍👦 👍🏽",
    "\u202eoverride", "\ufffe\uffff", "line\nbreak\ttab", "two  spaces ", "%s {0} \\",
    ' textLength="1" lengthAdjust="x"', "e\u0301", " ",
]  # fmt: skip
LOOKS = list(product(("whiteboard", "clean"), ("light", "dark", "auto")))


def component(name: str, x: float, step: int, role: Role, *more: Mark) -> Group:
    marks = (Box(x, 40, 120, 60, role, name), Text(x + 60, 75, name, 18, anchor="middle", bold=True), *more)
    attributes = (("name", name), ("kind", "service"))
    return Group("component", step, marks, id=f"c-{name}", title=f"{name} & co", attributes=attributes)


def arrow(number: int, role: Role, pen: Pen, text: str, step: int = 3) -> Group:
    line = Line(((140, 70), (200, 70), (200, 90), (260, 90)), role, f"a-{number}", pen, head=True, route=True)
    label = Group("label", step, (Plate(180, 60, 40, 18), Text(200, 74, text, 14, role, "middle")))
    return Group("arrow", step, (line, Cross(200, 80, 10, role, "x")), (label,), id=f"a-{number}")


def scene(*groups: Group, label: str = "6k rps") -> Scene:
    whole = (
        component("edge", 20, 2, Role.ENTRY, Icon(26, 56, 28, "onprem/network/nginx.png")),
        component("ranker", 260, 3, Role.CORE),
        arrow(1, Role.INK, Pen.SOLID, label),
        arrow(2, Role.FAILURE, Pen.DOTTED, label, 5),
        *groups,
    )
    return Scene("step-6", 6, 400, 140, "Board & title", "edge asks <ranker>", whole)


@pytest.mark.parametrize(("style", "theme"), LOOKS)
def test_the_same_board_gives_the_same_bytes(style: str, theme: str) -> None:
    svgs = [render_svg(scene(), style=style, theme=theme) for _ in range(2)]
    assert svgs[0] == svgs[1]
    assert render_png(svgs[0]) == render_png(svgs[1])


@pytest.mark.parametrize(("style", "theme"), LOOKS)
@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_never_markup(style: str, theme: str, label: str) -> None:
    hostile = Group(label, 1, (Text(10, 20, label, 16),), id=label, title=label, attributes=(("name", label),))
    svg = render_svg(scene(hostile, label=label), style=style, theme=theme)
    root = ET.fromstring(svg.encode("utf-8"))
    allowed = {"svg", "title", "desc", "style", "defs", "image", "use", "rect", "g", "path", "text", "tspan"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    assert len(render_png(svg)) > 1000


def test_nothing_is_fetched_and_nothing_runs() -> None:
    root = ET.fromstring(render_svg(scene(), theme="auto"))
    names = {name.split("}")[-1] for element in root.iter() for name in element.attrib}
    links = [v for e in root.iter() for n, v in e.attrib.items() if n.endswith("href")]
    assert not [name for name in names if name.startswith("on")]
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in links)
    assert re.findall(r"url\((?!data:font/woff2;base64,)", render_svg(scene())) == []


def test_the_document_says_what_it_is() -> None:
    root = ET.fromstring(render_svg(scene()))
    assert (root.get("role"), root.get("width"), root.get("viewBox")) == ("img", "400", "0 0 400 140")
    assert [(child.tag.removeprefix(SVG), child.text) for child in root[:2]] == [
        ("title", "Board & title"),
        ("desc", "edge asks <ranker>"),
    ]


def test_a_component_carries_its_name_kind_step_and_title() -> None:
    group = ET.fromstring(render_svg(scene())).find(f"{SVG}g[@id='c-edge']")
    assert group is not None
    assert group.attrib == {
        "class": "component", "id": "c-edge", "data-name": "edge", "data-kind": "service", "data-step": "2",
    }  # fmt: skip
    assert (group[0].tag, group[0].text) == (f"{SVG}title", "edge & co")


@pytest.mark.parametrize("style", ["whiteboard", "clean"])
def test_an_arrow_has_one_line_and_its_label_in_a_group(style: str) -> None:
    for group in ET.fromstring(render_svg(scene(), style=style)).iterfind(f"{SVG}g[@class='arrow']"):
        lines = group.findall(f"{SVG}path[@class='line']")
        assert len(lines) == 1
        assert lines[0].attrib["d"].startswith("M140 70")
        assert lines[0].attrib["d"].endswith("260 90")
        assert len(group.findall(f"{SVG}g[@class='label']/{SVG}text")) == 1


def test_failure_lines_are_dotted_and_drawn_once() -> None:
    group = ET.fromstring(render_svg(scene())).find(f"{SVG}g[@id='a-2']")
    assert group is not None
    drawn = [(path.get("class"), path.get("stroke-dasharray")) for path in group.findall(f"{SVG}path")]
    assert drawn == [("line", "1.6 6"), ("head", None), ("cross", None)]


def test_text_is_held_to_its_measured_width_and_anchored() -> None:
    marks = tuple(Text(200, 20, "10.5k → 日本", 16, anchor=anchor) for anchor in ("start", "middle", "end"))
    root = ET.fromstring(render_svg(scene(Group("caption", 1, marks))))
    width = text_width("10.5k → 日本", 16)
    texts = root.findall(f"{SVG}g[@class='caption']/{SVG}text")
    assert [float(t.get("x", "")) for t in texts] == pytest.approx([200, 200 - width / 2, 200 - width], abs=0.01)
    assert [float(t.get("textLength", "")) for t in texts] == pytest.approx([width] * 3, abs=0.01)
    assert "".join(texts[0].itertext()) == "10.5k → 日本"


def test_themes_are_attributes_and_auto_is_light_with_rules() -> None:
    light, dark, auto = (render_svg(scene(), theme=theme) for theme in ("light", "dark", "auto"))
    assert (LIGHT.paper in light, DARK.paper in light) == (True, False)
    assert (LIGHT.paper in dark, DARK.paper in dark) == (False, True)
    assert "prefers-color-scheme:dark" in auto
    assert render_png(auto) == render_png(light)


def test_focus_dims_what_was_there_before() -> None:
    new = Group("caption", 6, (Text(10, 20, "new", 16),), id="new")
    old = Group(
        "frame",
        4,
        (Text(10, 40, "old", 16),),
        (Group("label", 6, (Text(10, 60, "also new", 16),)),),
        id="old",
    )
    root = ET.fromstring(render_svg(scene(new, old), focus=True))
    opacities = {g.get("id"): g.get("opacity") for g in root.iterfind(f"{SVG}g")}
    assert opacities == {
        "c-edge": "0.28",
        "c-ranker": "0.28",
        "a-1": "0.28",
        "a-2": "0.28",
        "new": None,
        "old": None,
    }
    inner = root.find(f"{SVG}g[@id='old']/{SVG}g")
    assert inner is not None
    assert inner.get("opacity") == "0.28"


@pytest.mark.parametrize(("scale", "size"), [(1.0, (400, 140)), (2.0, (800, 280)), (1.5, (600, 210))])
def test_a_png_has_its_size_and_something_on_it(scale: float, size: tuple[int, int]) -> None:
    image = Image.open(BytesIO(render_png(render_svg(scene()), scale=scale))).convert("RGB")
    assert image.size == size
    assert image.getpixel((0, 0)) == (0xFF, 0xFE, 0xFB)
    assert len(image.getcolors(1 << 20) or ()) > 100


def test_a_huge_board_is_drawn_smaller_rather_than_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archboard.renderers.pictures.png.MOST_PIXELS", 14_000)
    image = Image.open(BytesIO(render_png(render_svg(scene()))))
    assert image.size == (200, 70)


@pytest.mark.parametrize("text", ["10.5k → ≤ µ", "日本語", "שלום", "Привет", "👍🏽"])
def test_a_png_draws_every_script_within_its_measured_width(text: str) -> None:
    group = Group("caption", 1, (Text(20, 60, text, 40),))
    blank = Scene("x", 1, 400, 100, "t", "d", (group,))
    image = Image.open(BytesIO(render_png(render_svg(blank), scale=1))).convert("L").point(lambda v: 255 * (v < 128))
    drawn = image.getbbox()
    assert drawn is not None
    assert drawn[0] >= 18
    assert 20 + text_width(text, 40) - 16 < drawn[2] <= 20 + text_width(text, 40) + 2


def test_a_pdf_has_a_page_a_scene_and_the_same_bytes_each_time() -> None:
    pdfs = [render_pdf([scene()] * 3, theme=theme) for theme in ("light", "light", "dark")]
    assert pdfs[0] == pdfs[1] != pdfs[2]
    assert pdfs[0].startswith(b"%PDF-1.")
    assert len(re.findall(rb"/Type /Page\b", pdfs[0])) == 3


@pytest.mark.parametrize("label", HOSTILE)
def test_a_pdf_takes_any_label(label: str) -> None:
    assert render_pdf([scene(label=label)]).startswith(b"%PDF-1.")
