"""The board as a Mermaid flowchart."""

from __future__ import annotations

import re

from archboard.board.scenes import stage
from archboard.compiler import compile_source
from archboard.renderers.pictures.mermaid import render_mermaid
from archboard.source import Source

PLAIN = """design plain "Plain" {}
client end "Users" { rate: 10 rps }
region eu "Europe" { service work "Work" { latency: 5ms }; store kept "Kept" }
fallback spare "Spare"
end -> eu.work "asks"
eu.work <-> eu.kept
eu.work ~> eu.kept
eu.work -x> spare { on: down }
"""
HOSTILE = r"""design d "%%{init: {}}%% </title> \" # end" {}
client end "]) --> x; click n1 \"javascript:1\" `md` **b** <img src=x>" { rate: 1 rps }
service graph "end" { does: "a|b", "; subgraph q" }
end -> graph "|x| --> y"
"""


def drawn(text: str, step: int = 1) -> list[str]:
    """Return the lines of a design's flowchart."""
    known = compile_source(Source("x.arch", text))
    return render_mermaid(stage(known.design, known.facts)[step - 1]).splitlines()


def test_boxes_frames_and_arrows_are_as_on_the_board() -> None:
    assert drawn(PLAIN, 5)[:14] == [
        "---",
        'title: "Plain — 5 · Failure modes"',
        "---",
        "flowchart LR",
        '  n1(["Users"])',
        '  n4["Spare"]',
        '  subgraph s1["Europe"]',
        '    n2["Work"]',
        '    n3[("Kept")]',
        "  end",
        '  n1 -->|"asks"| n2',
        "  n2 <--> n3",
        "  n2 -.-> n3",
        '  n2 -.-x|"down"| n4',
    ]


def test_a_step_shows_what_it_has() -> None:
    assert [line for line in drawn(PLAIN, 1) if line.startswith("  n")] == ['  n1(["Users"])']


def test_a_label_is_never_markup_nor_a_directive() -> None:
    said = drawn(HOSTILE, 5)
    assert said[1] == r'title: "\u0025\u0025{init: {}}\u0025\u0025 \u003c/title> \" # end — 5 · Failure modes"'
    boxes = [line for line in said if re.match(r"  n\d", line)]
    assert len(boxes) == 3
    for line in boxes:
        quoted = re.findall(r'"([^"]*)"', line)
        assert len(quoted) == 1
        assert re.fullmatch(r"(?:[\w ,.:/%·-]|#\d+;|<br>)*", quoted[0])
