"""Diagnostics as SARIF 2.1.0, the form that code scanning services read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from archboard import __version__
from archboard.checks import RULES
from archboard.compilation import Compilation
from archboard.source import Source, Span
from archboard.strict_json import dumps

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_results(compilation: Compilation) -> list[dict[str, Any]]:
    """Return one design's diagnostics as SARIF results."""
    return [
        {
            "ruleId": d.rule.code,
            "level": d.severity.value,
            "message": {"text": d.message if d.scenario is None else f"{d.scenario}: {d.message}"},
            "locations": [_location(d.span)],
            "relatedLocations": [{**_location(n.span), "message": {"text": n.message}} for n in d.notes],
        }
        for d in compilation.diagnostics
    ]


def _location(span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    artifact = {"uri": _address(span.source)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _address(source: Source) -> str:
    """Return the reference to a file as addresses are written: of any bytes that its name is made of."""
    return quote(os.fsencode(PurePath(source.place or source.path).as_posix()))


def render_sarif(found: Sequence[list[dict[str, Any]]]) -> str:
    """Return the log of the results of many designs."""
    results = [result for each in found for result in each]
    rules = [
        {
            "id": rule.code,
            "name": rule.name,
            "shortDescription": {"text": rule.name},
            "fullDescription": {"text": rule.why.strip()},
            "defaultConfiguration": {"level": rule.severity.value},
        }
        for rule in RULES
    ]
    driver = {"name": "archboard", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, 1) + "\n"
