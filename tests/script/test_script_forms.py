"""The forms of a script: Markdown, text, SSML, WebVTT, JSON."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from archboard.compiler import compile_source
from archboard.script import Script, narrate, render_markdown
from archboard.script.forms import render_json, render_ssml, render_text, render_vtt
from archboard.source import Source

HOSTILE = '<script>alert(1)</script> **b** [x](javascript:1) `c` --> & "'.replace('"', '\\"')


def spoken(title: str = "Plain") -> Script:
    """Return a small walkthrough whose words come from a title."""
    text = (
        f'design d "{title}" {{ sla: p99 < 50ms; problem: "{title}" }}\nclient app "{title}" {{ rate: 100 rps }}\n'
        f'service work "{title}" {{ latency: p50 2ms, p99 8ms; say: "{title}" }}\napp -> work\n'
    )
    known = compile_source(Source("case.arch", text))
    return narrate(known.design, known.facts, known.scenarios)


def test_markdown_has_a_section_a_step_with_its_picture_and_directions_in_italics() -> None:
    page = render_markdown(spoken())
    assert page.startswith("# Plain\n\nAbout ")
    assert "at 110 words a minute" in page
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        "## 1 · Clients", "## 2 · Entry point", "## 3 · Core flow", "## 4 · Supporting services",
        "## 5 · Failure modes", "## 6 · Numbers",
    ]  # fmt: skip
    assert [f"![Step {n}: " in page and f"](step-{n}.svg)" in page for n in range(1, 7)] == [True] * 6
    assert "*(Draw Plain on the left)*" in page
    assert "eight milliseconds (8 ms)" in page
    assert "\n\n\n" not in page


def test_a_label_is_never_markup_in_markdown() -> None:
    page = render_markdown(spoken(HOSTILE))
    assert "<script>" not in page
    assert not re.search(r"(?<!\\)\[x(?<!\\)\]", page)
    assert not re.search(r"(?<!\\)`c", page)
    assert not re.search(r"(?<!\\)\*\*b", page)


def test_a_line_that_begins_like_a_list_stays_a_line() -> None:
    assert "\n1\\. First\n" in render_markdown(spoken("1. First"))
    assert "\n\\- dash\n" in render_markdown(spoken("- dash"))


def test_text_reads_as_it_is_said() -> None:
    page = render_text(spoken())
    assert page.startswith("Plain\n\n1. Clients\n----------\n(")
    assert "(Draw Plain on the left)\n" in page


def test_ssml_is_xml_with_a_break_at_each_direction_and_no_figures() -> None:
    script = spoken(HOSTILE)
    root = ElementTree.fromstring(render_ssml(script))
    space = "{http://www.w3.org/2001/10/synthesis}"
    cues = [cue for step in script.steps for cue in step.cues]
    assert len(root.findall(f"{space}break")) == len(cues)
    assert [s.text for s in root.iter(f"{space}s")] == [line.spoken for line in script.sentences]


def test_ssml_is_xml_whatever_a_label_holds() -> None:
    said = ElementTree.fromstring(render_ssml(spoken("a\x01b\uffffc\u202ed"))).itertext()
    assert "On the left is a b\ufffdc d, sending a hundred requests a second." in said


def test_webvtt_is_timed_to_the_plan_and_keeps_its_arrow_for_itself() -> None:
    script = spoken(HOSTILE)
    page = render_vtt(script)
    times = re.findall(r"^(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})$", page, re.M)
    assert page.startswith("WEBVTT\n\n")
    assert len(times) == len(script.sentences)
    assert page.count("-->") == len(times)
    seconds = [(int(h) * 3600 + int(m) * 60 + float(s)) for one in times for h, m, s in (one[:3], one[3:])]
    assert seconds == sorted(seconds)


def test_json_carries_both_forms_of_every_number() -> None:
    known = json.loads(render_json(spoken()))
    numbers = [
        number for step in known["steps"] for cue in step["cues"] for line in cue["lines"] for number in line["numbers"]
    ]
    assert {"spoken": "eight milliseconds", "figure": "8 ms"} in numbers
    assert known["pace"] == 110
    assert known["words"] == spoken().words


def test_no_line_is_a_command_of_a_build_service() -> None:
    """A build service runs lines that begin so, wherever they are printed; what is spoken is the author's."""
    for form in (render_text, render_markdown):
        lines = form(spoken("::error file=x::said")).splitlines()
        assert any("error file=x" in line for line in lines)
        assert not [line for line in lines if line.lstrip().startswith("::")]
