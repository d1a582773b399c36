"""Kinds are told apart by their traits: no name of one outside the catalogue, and settings that follow from traits."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import archboard
from archboard.catalog import KIND, KINDS, owners_of

SRC = Path(archboard.__file__).parent
TEMPLATES = Path(__file__).parent.parent / "templates"
OTHER_WORDS = {
    ("board/marks.py", "client"): "a hue",
    ("board/marks.py", "telemetry"): "a hue",
    ("board/furniture.py", "client"): "a hue in the legend",
    ("board/furniture.py", "telemetry"): "a hue in the legend",
    ("board/furniture.py", "fallback"): "a hue in the legend",
    ("board/metrics.py", "fallback"): "a font",
    ("design/values.py", "service"): "`latency: 5ms, service` is time of service",
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
    assert not [path for path in TEMPLATES.rglob("*.*") if told.search(path.read_text("utf-8"))]


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
