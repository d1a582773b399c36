"""The report as data keeps its schema, and the other forms say the same."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archboard import Source, compile_source
from archboard.renderers.report.github import render_github
from archboard.renderers.report.json_form import as_data, render_json
from archboard.renderers.report.sarif import as_results, render_sarif
from archboard.renderers.report.text import render_text

ROOT = Path(__file__).parents[1].parent
WRITTEN = files("archboard.renderers.report").joinpath("report.schema.json").read_text("utf-8")
SCHEMA: Mapping[str, Any] = json.loads(WRITTEN)
DESIGNS = sorted([*(ROOT / "designs").glob("*.arch"), *(ROOT / "tests" / "designs").glob("*.arch")])
BROKEN = 'design x "X" { sla: p99 < 5ms }\nclient c { rate: 1 rps }\nservice s { latncy: 3ms }\nc -> s -> t\n'


def report(path: str, text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(render_json([as_data(compile_source(Source(path, text)))]))
    return data


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_design_reports_by_the_schema(path: Path) -> None:
    jsonschema.validate(report(path.name, path.read_text("utf-8")), SCHEMA)


def test_a_broken_design_reports_by_the_schema() -> None:
    found = report("x.arch", BROKEN)
    jsonschema.validate(found, SCHEMA)
    assert [d["code"] for d in found["designs"][0]["diagnostics"]] == ["AB204", "AB202"]
    assert found["ok"] is False


def test_the_reference_design_says_its_numbers() -> None:
    found = report("recsys.arch", (ROOT / "designs" / "recsys.arch").read_text("utf-8"))["designs"][0]
    promise = found["promises"][0]
    assert (promise["value"], promise["ok"], promise["policy"]) == (0.024, True, "sum")
    assert promise["bracket"][0] <= promise["independent"] <= promise["bracket"][1]
    assert promise["independent"] == pytest.approx(0.0166, rel=0.005)
    assert [path["sum"]["p99"] for path in found["flows"][0]["paths"]] == [0.024, 0.005]
    assert [path["probability"] for path in found["flows"][0]["paths"]] == pytest.approx([0.2, 0.8])
    assert [f["promises"][0]["value"] for f in found["failures"] if f["promises"]] == [0.0365, 0.026]
    facts = {(f["scenario"], f["metric"], f["subject"]): f["value"] for f in found["facts"]}
    assert facts[None, "demand", "ranker"] == pytest.approx(2000)
    assert facts[None, "capacity", "ranker"] == 10000
    assert facts[None, "utilisation", "ranker"] == pytest.approx(0.2)
    assert facts["Redis is lost", "demand", "ranker"] == pytest.approx(10000)
    assert facts[None, "cost_request", "main"] == pytest.approx(2.25e-7)
    codes = {(d["scenario"], d["code"], d["severity"]) for d in found["diagnostics"]}
    assert codes == {
        (None, "AB603", "warning"),
        ("Redis is lost", "AB502", "warning"),
        ("Redis is lost", "AB503", "warning"),
        ("Black Friday, three times the traffic", "AB501", "warning"),
        ("Black Friday, three times the traffic", "AB601", "warning"),
    }
    assert found["ok"] is True


BREAKS = {
    "a promise of 20 ms": (("p99 < 50ms", "p99 < 20ms"), "AB401", "p99 < 20ms", "`ranker` p99 10 ms → 5.9 ms"),
    "60,000 a second": (("rate: 10k rps", "rate: 60k rps"), "AB501", "10.5k rps", "60,000/s"),
    "a slow ranker": (("p99 10ms", "p99 60ms"), "AB401", "p99 < 50ms", "`ranker` p99 60 ms → 35 ms"),
    "three rankers": (("p99 10ms\n  throughput: 500 rps; replicas: 20", "p99 10ms\n  throughput: 500 rps; replicas: 3"),
                      "AB501", "3", "`ranker.replicas` 3 → 4"),
    "a patient breaker": (("timeout 25ms", "timeout 45ms"), "AB402", "timeout 45ms", "timeout 45 ms → 38 ms"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_the_reference_design_broken_says_what_broke_and_what_would_mend_it(name: str) -> None:
    (before, after), code, span, help = BREAKS[name]
    text = (ROOT / "designs" / "recsys.arch").read_text("utf-8")
    assert before in text
    compilation = compile_source(Source("recsys.arch", text.replace(before, after)))
    found = [d for d in compilation.diagnostics if d.rule.code == code and d.is_error]
    assert [d.span.text for d in found] == [span]
    assert help in found[0].help


def test_the_other_forms_tell_every_diagnostic() -> None:
    compilation = compile_source(Source("x.arch", BROKEN))
    assert len(compilation.diagnostics) == 2
    text, lines = render_text(compilation), render_github(compilation).splitlines()
    results = json.loads(render_sarif([as_results(compilation)]))["runs"][0]["results"]
    for diagnostic, line, result in zip(compilation.diagnostics, lines, results, strict=True):
        assert diagnostic.message in text
        assert line.startswith(f"::error file=x.arch,line={diagnostic.span.line},")
        assert result["ruleId"] == diagnostic.rule.code
