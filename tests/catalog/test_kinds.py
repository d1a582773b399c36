"""Kinds are told apart by their traits: no name of one outside the catalogue, and settings that follow from traits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import archboard
from archboard.board.layout import lay_out
from archboard.catalog import KIND, KINDS, owners_of
from archboard.compilation import Compilation
from archboard.compiler import compile_source, read_source
from archboard.facts import Facts
from archboard.questions import interview
from archboard.script import narrate
from archboard.source import Source
from archboard.verdicts import Verdict

SRC = Path(archboard.__file__).parent
TEMPLATES = Path(__file__).parents[1].parent / "templates"
OTHER_WORDS = {
    ("board/marks.py", "client"): "a hue",
    ("board/marks.py", "telemetry"): "a hue",
    ("board/writing/title_and_legend.py", "client"): "a hue in the legend",
    ("board/writing/title_and_legend.py", "telemetry"): "a hue in the legend",
    ("board/writing/title_and_legend.py", "fallback"): "a hue in the legend",
    ("board/writing/text_widths.py", "fallback"): "a font",
    ("design/values.py", "service"): "`latency: 5ms, service` is time of service",
    ("facts.py", "queue"): "what is waited in before copies",
    ("formulas/capacity.py", "service"): "time of service",
}
"""Words of other meanings that happen to be kinds as well."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module outside the catalogue, parsed."""
    for path in sorted(SRC.rglob("*.py")):
        name = path.relative_to(SRC).as_posix()
        if not name.startswith("catalog/"):
            yield name, ast.parse(path.read_text("utf-8"))


def of_a_kind(node: ast.AST) -> bool:
    """Whether an expression reads what the row of a kind says of it: `box.kind.name`, `kind.place`.

    `kind.name` alone is not looked at: a setting has a kind of its own, and a name.
    """
    if not isinstance(node, ast.Attribute) or node.attr not in ("name", "role", "place", "step"):
        return False
    whose = node.value
    plain = isinstance(whose, ast.Name) and whose.id == "kind" and node.attr != "name"
    return plain or (isinstance(whose, ast.Attribute) and whose.attr == "kind")


def test_no_module_outside_the_catalogue_names_a_kind() -> None:
    found = set()
    for name, tree in modules():
        keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in keys and node.value in KIND:
                found.add((name, node.value))
    assert found == OTHER_WORDS.keys()


def test_no_module_outside_the_catalogue_compares_the_name_the_hue_or_the_place_of_a_kind() -> None:
    wrong = []
    for name, tree in modules():
        for node in ast.walk(tree):
            compared = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
            compared += [node.subject] if isinstance(node, ast.Match) else []
            wrong += [f"{name}:{node.lineno} {ast.unparse(node)}" for one in compared if of_a_kind(one)]
    assert not wrong


def test_no_template_compares_the_name_of_a_kind() -> None:
    words = "|".join(KIND)
    told = re.compile(rf"""(==|!=|\bin)\s*[(\[]?\s*["']({words})["']""")
    written = (path for path in TEMPLATES.rglob("*.*") if "__pycache__" not in path.parts)
    assert not [path for path in written if told.search(path.read_text("utf-8"))]


def test_the_settings_of_some_kinds_only_follow_from_their_traits() -> None:
    having = {
        "rate": [kind.name for kind in KINDS if kind.starts] + ["flow", "arrow"],
        "burst": [kind.name for kind in KINDS if kind.asks],
        "limit": [kind.name for kind in KINDS if kind.limits],
        "hit": [kind.name for kind in KINDS if kind.caches],
        "size": [kind.name for kind in KINDS if kind.stores],
        "params": [kind.name for kind in KINDS if kind.infers],
        "ends": [kind.name for kind in KINDS if kind.stands_in],
    }
    assert {name: sorted(owners_of(name)) for name in having} == {name: sorted(names) for name, names in having.items()}


def test_the_page_of_the_language_lists_every_kind_as_the_catalogue_has_it() -> None:
    page = (TEMPLATES.parent / "docs" / "language.md").read_text("utf-8")
    rows = [line for line in page[page.index("## 13. All kinds") :].splitlines() if line.startswith("| `")]
    assert rows == [f"| `{kind.name}` | {kind.step} | {kind.place} | {kind.about} |" for kind in KINDS]


def test_every_trait_is_some_kinds_and_not_all_kinds() -> None:
    traits = [name for name, value in vars(type(KINDS[0])).items() if isinstance(value, property)]
    traits += [name for name in KINDS[0].__slots__ if isinstance(getattr(KINDS[0], name), bool)]
    traits.remove("noun")
    assert {name: {bool(getattr(kind, name)) for kind in KINDS} for name in traits} == {
        name: {True, False} for name in traits
    }
    assert {"starts", "ours", "caches", "works", "supports", "takes_time"} <= set(traits)


EDGE = {"cache": "cache edge { place: entry; step: 2;", "cdn": "cdn edge {"}


@cache
def with_an(edge: str) -> Compilation:
    """Return a design whose entry is a CDN, or a cache that was put there."""
    text = f"""design pages "Pages" {{ sla: p99 < 100ms, availability >= 99.99% }}
client web "Readers" {{ rate: 10k rps }}
{EDGE[edge]} hit: 90%; latency: p99 15ms; throughput: 50k rps; replicas: 3; availability: 99.9%; staleness: 1min }}
gateway gate {{ limit: 1.5k rps; latency: p99 4ms; throughput: 6k rps; replicas: 2; availability: 99.9% }}
service origin {{ latency: p99 40ms; throughput: 300 rps; replicas: 4; availability: 99.9% }}
store bucket {{ runs: "S3"; latency: p99 30ms; throughput: 4k rps; replicas: 2 }}
fallback stale {{ latency: 2ms }}
web -> edge -> gate -> origin
origin <-> bucket
edge -x> stale {{ on: timeout 40ms }}
origin -x> stale {{ on: down }}
scenario "Emptied" {{ edge.hit: 0% }}
"""
    return compile_source(Source("pages.arch", text))


def judged(verdicts: Iterable[Verdict]) -> list[tuple[str, float | None, float | None, bool | None]]:
    """Return what was promised and what came of it, wherever it stands in the file."""
    return [(one.promise.text, one.value, one.independent, one.ok) for one in verdicts]


def told(facts: Facts) -> list[tuple[str, str, float | None, str]]:
    """Return every fact but for the places of its words: the two files differ in the length of a word."""
    return [(fact.metric.name, fact.subject, fact.value, fact.told) for fact in facts]


def surged(facts: Facts) -> list[tuple[str, str, str, float, float, float, float, str]]:
    return [
        (s.cause, s.source, s.component, s.demand, s.capacity, s.usual, s.steady, str(s.working)) for s in facts.surges
    ]


def test_a_cdn_computes_as_a_cache_at_the_entry() -> None:
    cdn, cached = with_an("cdn"), with_an("cache")
    assert told(cdn.facts) == told(cached.facts)
    assert judged(cdn.facts.verdicts) == judged(cached.facts.verdicts)
    assert surged(cdn.facts) == surged(cached.facts)
    assert cdn.facts.outages == cached.facts.outages
    assert [[path.kind for path in flow.paths] for flow in cdn.facts.flows] == [["miss", "hit"]]
    modes = [[(mode.arrow.id, *judged(mode.verdicts)) for mode in one.facts.failures] for one in (cdn, cached)]
    assert modes[0] == modes[1]
    assert [name for name, *_ in modes[0]] == ["edge-x>stale", "origin-x>stale"]
    assert "AB603" in {d.rule.code for d in cdn.diagnostics}
    assert [(d.message, d.help) for d in cdn.diagnostics] == [(d.message, d.help) for d in cached.diagnostics]
    assert told(cdn.scenarios[0].facts) == told(cached.scenarios[0].facts)


def test_a_cdn_is_drawn_where_a_cache_at_the_entry_is() -> None:
    laid_out = {edge: lay_out(with_an(edge).design, with_an(edge).facts) for edge in EDGE}
    assert laid_out["cdn"].boxes == laid_out["cache"].boxes
    row = [laid_out["cdn"].boxes[name] for name in ("web", "edge", "gate", "origin")]
    assert [box.x for box in row] == sorted({box.x for box in row})
    assert len({box.y + box.height / 2 for box in row}) == 1


def test_a_cdn_is_spoken_of_as_a_cache_at_the_entry_under_its_own_name() -> None:
    cdn, cached = (narrate(one.design, one.facts, one.scenarios).text for one in (with_an("cdn"), with_an("cache")))
    assert cdn == cached.replace("without the cache this design", "without the CDN this design")
    assert cdn != cached


def test_a_lost_cdn_is_asked_about() -> None:
    text = 'client web { rate: 1k rps }\ncdn edge "CDN" { hit: 50% }\nservice app { throughput: 300 rps; replicas: 3 }'
    found = interview(read_source(Source("x.arch", f"{text}\nweb -> edge -> app")))
    assert found is not None
    (question,) = (one for one in found.questions if one.topic == "caches")
    assert question.asked.text == "What if the CDN is lost?"
    assert question.text.startswith("Then the fifty per cent (50%) it answered go through: the app gets")
