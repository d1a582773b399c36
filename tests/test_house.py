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
from archboard.checks import RULES
from archboard.diagnostics import Rule

SRC = Path(archboard.__file__).parent
ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
MODULES = sorted(SRC.rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
ROOMS = (
    {"source", "units", "resources", "columns"},
    {"diagnostics"},
    {"catalog"},
    {"language"},
    {"design"},
    {"maths"},
    {"formulas"},
    {"facts", "measures"},
    {"checks"},
    {"compilation"},
    {"compare", "trials"},
    {"board"},
    {"script"},
    {"renderers"},
    {"compiler"},
    {"whatif"},
    {"questions", "sketch"},
    {"rehearsal"},
    {"faces"},
)
LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}
MEASURED = ("measures", "facts")
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
            if here and there and here != there and LEVEL[there] >= LEVEL[here] and (here, there) != MEASURED:
                wrong.append(f"{here} -> {there} in {path.relative_to(SRC)}")
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
    found = (value for name in names for value in vars(import_module(name)).values())
    return {value for value in found if isinstance(value, Rule)}


def test_every_rule_has_a_code_of_its_own_and_stands_in_the_table() -> None:
    declared = rules()
    assert len({rule.code for rule in declared}) == len(declared)
    assert {rule.code for rule in RULES} == {rule.code for rule in declared}
    assert [rule.code for rule in RULES] == sorted(rule.code for rule in RULES)


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
