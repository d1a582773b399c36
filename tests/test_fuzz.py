"""Whatever is written, archboard answers: never an exception, always within five seconds."""

from __future__ import annotations

import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from archboard.compilation import Compilation
from archboard.compiler import compile_bytes, compile_source
from archboard.renderers.report.diagnostics import render
from archboard.renderers.report.json_form import as_data, render_json
from archboard.renderers.report.text import render_text
from archboard.source import Source
from tests.strategies import designs, examples, nearly, soup

PATIENCE = 5.0


def answered(text: str) -> Compilation:
    """Compile a text and write its reports, in time."""
    started = time.process_time()
    compilation = compile_source(Source("fuzz.arch", text))
    assert render_text(compilation)
    assert render_json([as_data(compilation)])
    assert time.process_time() - started < PATIENCE
    for found in compilation.diagnostics:
        assert 0 <= found.span.start <= found.span.end <= len(found.span.source.text)
        assert found.message and found.help, found
    return compilation


@given(designs())
@settings(max_examples=examples(150, quick=40))
def test_a_valid_design_is_understood(text: str) -> None:
    compilation = answered(text)
    errors = [d for d in compilation.diagnostics if d.is_unclear]
    assert not errors, text + render(errors)


@given(nearly())
@settings(max_examples=examples(300, quick=100))
def test_a_nearly_valid_design_gets_an_answer(text: str) -> None:
    answered(text)


@given(soup())
@settings(max_examples=examples(300, quick=100))
@example("")
@example("\ufeff")
@example("{" * 10_000)
@example("a -> " * 5_000)
@example('"' * 9_999)
@example("service " + "a" * 100_000)
@example("a: " + "9" * 5_000)
@example("scenario { }\nlet { a: b; b: a }\nservice x { like: x; replicas: a }")
def test_any_text_gets_an_answer(text: str) -> None:
    answered(text)


@given(st.binary(max_size=2_000))
@settings(max_examples=150)
def test_any_bytes_get_an_answer(content: bytes) -> None:
    compilation = compile_bytes("fuzz.arch", content)
    assert render_text(compilation)


@given(designs(12))
@settings(max_examples=examples(40, quick=15))
def test_the_same_text_gives_the_same_report(text: str) -> None:
    first, second = (render_json([as_data(compile_source(Source("fuzz.arch", text)))]) for _ in range(2))
    assert first == second
