"""The rules of the house, kept by a test instead of a reviewer."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import archboard
from archboard.checks import RULES, promise_missed
from archboard.diagnostics import Phase, Rule

SRC = Path(archboard.__file__).parent
ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
MODULES = sorted(SRC.rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
ROOMS = (
    {"records", "strict_json"},
    {"source", "units", "resources", "load", "columns"},
    {"diagnostics", "working"},
    {"catalog"},
    {"language"},
    {"design"},
    {"maths"},
    {"formulas"},
    {"conditions", "cures"},
    {"facts", "verdicts", "measures"},
    {"words"},
    {"checks"},
    {"compilation"},
    {"compare", "trials"},
    {"board"},
    {"script"},
    {"renderers"},
    {"compiler"},
    {"whatif", "worth"},
    {"questions", "sketch"},
    {"rehearsal"},
    {"faces"},
)
LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}
MEASURED = {("measures", "facts"), ("measures", "verdicts"), ("facts", "verdicts")}
HEAVY = {"numpy", "diagrams", "graphviz", "jinja2", "reportlab", "resvg_py", "PIL", "lark", "wcwidth"}
TOP = {
    "LICENSE", "README.md", "pyproject.toml", "requirements-dev.lock",
    "src", "grammars", "designs", "templates", "tests", "docs", "output",
}  # fmt: skip


def module_of(path: Path) -> str:
    """Return a file's module name within the package: `board.marks`, `units`."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the package, parsed."""
    for path in MODULES:
        yield path, ast.parse(path.read_text("utf-8"))


def imported(path: Path, tree: ast.AST) -> Iterator[str]:
    """Yield the modules of the package that a file imports, as full names within it."""
    known = {module_of(module) for module in MODULES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("archboard."):
                    yield alias.name.removeprefix("archboard.")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            package, _, module = (node.module or "").partition(".")
            if package == "archboard":
                for alias in node.names:
                    inner = f"{module}.{alias.name}".lstrip(".")
                    yield inner if inner in known else module


def test_imports_point_up_the_list_of_rooms_only() -> None:
    wrong = []
    for path, tree in trees():
        here = module_of(path).partition(".")[0]
        for name in imported(path, tree):
            there = name.partition(".")[0]
            if here and there and here != there and LEVEL[there] >= LEVEL[here] and (here, there) not in MEASURED:
                wrong.append(f"{here} -> {there} in {path.relative_to(SRC)}")
    assert not wrong


def test_classes_of_fields_are_records() -> None:
    """The library's dataclasses compile their methods as they are made: a check would wait for two hundred of them."""
    wrong = [
        f"{path.relative_to(SRC)}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        and any(alias.name in ("dataclass", "dataclasses") for alias in node.names)
        and module_of(path) != "records"
    ]
    assert not wrong


def test_facts_know_no_measure() -> None:
    for path, tree in trees():
        if module_of(path) == "facts":
            assert not [name for name in imported(path, tree) if name.startswith("measures")]


def test_no_modules_import_each_other_in_a_circle() -> None:
    edges = {module_of(path): {n for n in imported(path, tree) if n != module_of(path)} for path, tree in trees()}
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way[way.index(name) :], name))
        if name not in done:
            for other in sorted(edges.get(name, ())):
                visit(other, (*way, name))
            done.add(name)

    for name in sorted(edges):
        visit(name, ())


def test_no_file_outgrows_a_sitting() -> None:
    long = {str(p.relative_to(SRC)): n for p in MODULES if (n := len(p.read_text("utf-8").splitlines())) > LONGEST_FILE}
    assert not long


def test_no_function_outgrows_a_screen() -> None:
    long = {
        f"{path.relative_to(SRC)}:{node.name}": length
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long


def test_no_room_is_named_for_what_it_is_not() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "base", "misc", "shared"}
    assert not [path for path in MODULES if vague & set(module_of(path).split("."))]


def test_an_import_inside_a_function_keeps_something_heavy_off_the_start_and_says_so() -> None:
    silent = []
    for path, tree in trees():
        lines = path.read_text("utf-8").splitlines()
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    around = (line.partition("#")[2] for line in lines[max(0, node.lineno - 5) : node.end_lineno])
                    if not any(comment.replace("noqa: PLC0415", "").strip(" -") for comment in around):
                        silent.append(f"{path.relative_to(SRC)}:{node.lineno}")
    assert not silent


def test_starting_and_checking_the_syntax_loads_nothing_heavy() -> None:
    code = f"import sys, archboard.faces.cli; print(*sorted({HEAVY!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [path for path, tree in trees() if path.stat().st_size and not ast.get_docstring(tree)]
    assert not silent


def rules() -> set[Rule]:
    """Return every rule that any module of the package declares."""
    names = (m.name for m in pkgutil.walk_packages(archboard.__path__, "archboard.") if not m.name.endswith("__main__"))
    found = {value for name in names for value in vars(import_module(name)).values() if isinstance(value, Rule)}
    return found | {rule for rule, _ in promise_missed.CHECKS}


def test_every_rule_has_a_code_of_its_own_and_stands_in_the_table() -> None:
    declared = rules()
    assert len({rule.code for rule in declared}) == len(declared)
    assert {rule.code for rule in RULES} == {rule.code for rule in declared}
    assert [rule.code for rule in RULES] == sorted(rule.code for rule in RULES)


def test_the_code_of_a_rule_says_what_of_a_file_it_is_about() -> None:
    phases = {"1": Phase.TEXT, "2": Phase.MEANING, "3": Phase.MEANING}
    assert not [rule.code for rule in RULES if rule.phase is not phases.get(rule.code[2], Phase.NUMBERS)]


SENTENCES = {"working", "told", "remark", "note", "message", "title", "text", "help"}
"""Fields that are sentences, or words of the author's."""
SEARCHING = {
    "partition", "rpartition", "split", "rsplit", "splitlines", "startswith", "endswith", "find", "rfind", "index",
    "rindex", "count", "removeprefix", "removesuffix", "replace", "match", "search", "fullmatch", "sub", "subn",
    "findall", "finditer",
}  # fmt: skip
SOURCES = {"span", "source", "path", "last", "owner", "name", "asking"}
"""What holds the text of a file or a name in it, and who tells a design: none of them has a sentence."""
READERS = ("source", "language", "faces")
"""Rooms that read what was written, in a file or on a command line."""
def sentences(node: ast.AST) -> list[ast.Attribute]:
    """Return the sentences that an expression takes from a record; the text of a file is none."""
    taken = [each for each in ast.walk(node) if isinstance(each, ast.Attribute)]
    inner = {id(each.value) for each in taken}
    found = (each for each in taken if each.attr in SENTENCES and id(each) not in inner)
    return [each for each in found if ast.unparse(each.value).rpartition(".")[2].partition("[")[0] not in SOURCES]


def read_back(tree: ast.Module) -> Iterator[ast.Call | ast.Compare]:
    """Yield where a sentence is split, searched or matched."""
    for node in ast.walk(tree):
        looked_at: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SEARCHING:
            looked_at = [node.func.value, *node.args]
        elif isinstance(node, ast.Compare) and any(isinstance(one, ast.In | ast.NotIn) for one in node.ops):
            looked_at = node.comparators
        if any(sentences(each) for each in looked_at):
            yield node


def test_nobody_below_the_command_line_reads_a_sentence_back() -> None:
    found = [
        f"{path.relative_to(SRC)}:{node.lineno}"
        for path, tree in trees()
        if module_of(path).partition(".")[0] not in READERS
        for node in read_back(tree)
    ]
    assert not found


def test_no_module_compares_the_letters_of_a_code() -> None:
    ordered = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    found = [
        f"{path.relative_to(SRC)}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and any(isinstance(operator, ordered) for operator in node.ops)
        and any(isinstance(side, ast.Attribute) and side.attr == "code" for side in (node.left, *node.comparators))
    ]  # fmt: skip
    assert not found


def test_every_rule_is_explained_and_shown_in_a_case() -> None:
    pages = "".join(page.read_text("utf-8") for page in (TESTS / "cases").rglob("*.md"))
    assert not [rule.code for rule in rules() if len(rule.why) < 80]
    assert not [rule.code for rule in rules() if f"[{rule.code}]" not in pages]


def test_the_top_of_the_repository_stays_empty_of_the_rest() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.fail("the tests run in a git checkout")
    tops = {name.partition("/")[0] for name in listed.stdout.splitlines()}
    assert {name for name in tops if not name.startswith(".")} <= TOP


COMPARED = {"demand", "capacity", "capacities", "utilisation", "steady", "load", "surge"}
MORE = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
APART = {
    "maths/percentiles/fourier.py": "what the store of worked-out hops holds, in bytes",
    "measures/load/admission.py": "whether the admission of a gateway stands still, while it is solved for",
    "questions/caches.py": "how much more is worth telling, and which loads are told in one breath",
    "script/capacity.py": "which boxes have so much room that they share a line",
}
SHARES = {
    "design/dials.py": "the most that a dial turns a share to",
    "questions/costs.py": "a component's part of the bill",
}


def words_of(root: ast.AST) -> set[str]:
    """Return the words of all names and texts in an expression."""
    names = (getattr(node, "id", getattr(node, "attr", getattr(node, "value", ""))) for node in ast.walk(root))
    return {word for name in names if isinstance(name, str) for word in name.lower().split("_")}


def ordered(node: ast.AST) -> bool:
    """Whether an expression asks which of two is more, and neither is nothing."""
    if not isinstance(node, ast.Compare) or not any(isinstance(one, MORE) for one in node.ops):
        return False
    return not any(isinstance(side, ast.Constant) and not side.value for side in (node.left, *node.comparators))


def slack(node: ast.AST) -> bool:
    """Whether an expression is a millionth more or less than something, or a tolerance by name."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.right, ast.Constant) and node.right.value in (1e-6, 5e-7)
    return any("TOLERANCE" in str(getattr(node, field, "")) for field in ("id", "attr", "name"))


def test_a_demand_is_held_against_a_capacity_in_one_place() -> None:
    found = {
        str(path.relative_to(SRC))
        for path, tree in trees()
        for node in ast.walk(tree)
        if ordered(node) and words_of(node) & COMPARED and module_of(path) != "load"
    }
    assert found == set(APART)


def test_the_tolerance_of_capacities_is_written_once() -> None:
    found = {
        str(path.relative_to(SRC))
        for path, tree in trees()
        for node in ast.walk(tree)
        if slack(node) and module_of(path) != "load"
    }
    assert found == set(SHARES)


def test_no_template_compares_a_load() -> None:
    compared = re.compile(r"\b(?:bar|load|full|demand|capacity|utilisation|surge)(?:\.\w+)* *[<>]")
    found = [p.name for p in (ROOT / "templates").rglob("*.j2") if compared.search(p.read_text("utf-8"))]
    assert not found
def test_the_version_is_written_once() -> None:
    places = [
        ROOT / "pyproject.toml",
        *(path for top in ("src", "grammars", "templates") for path in sorted((ROOT / top).rglob("*.*"))),
    ]
    written = [
        str(path.relative_to(ROOT))
        for path in places
        if path.suffix in (".py", ".toml", ".lark", ".json", ".j2", ".js", ".css", ".txt")
        for _ in re.findall(rf"(?<![\d.]){re.escape(archboard.__version__)}(?![\d.])", path.read_text("utf-8"))
    ]
    assert written == ["src/archboard/__init__.py"]


def test_types_hold() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_lint_finds_nothing() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
