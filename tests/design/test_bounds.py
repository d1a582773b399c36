"""What a few lines may come to: copies of copies, constants of constants, files in files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from archboard.compilation import Compilation
from archboard.compiler import compile_bytes
from archboard.design.collect import MOST
from archboard.diagnostics import Diagnostic
from tests.commands import archboard

PATIENCE = 5.0
CLIENT = "client web { rate: 1 rps }\n"


def compiled(text: str) -> Compilation:
    started = time.process_time()
    compilation = compile_bytes("x.arch", text.encode())
    assert time.process_time() - started < PATIENCE
    return compilation


def errors_of(text: str) -> list[Diagnostic]:
    return [found for found in compiled(text).diagnostics if found.is_error]


def regions(deep: int, names: int) -> str:
    head = f"region {', '.join(f'r{number}' for number in range(names))} {{\n"
    return f"{CLIENT}{head * deep}service api {{ latency: 1ms }}\n{'}' * deep}\n"


@pytest.mark.parametrize(("deep", "names"), [(8, 8), (5, 8), (20, 2), (60, 3), (1, 6_000)])
def test_copies_of_copies_are_counted_before_any_is_made(deep: int, names: int) -> None:
    found = errors_of(regions(deep, names))
    assert [one.rule.code for one in found] == ["AB102"]
    copies = sum(names**level for level in range(1, deep + 1)) + names**deep
    assert f"{copies:,} components and arrows" in found[0].message
    assert found[0].span.line == 2


def test_as_many_as_may_be_are_read() -> None:
    text = regions(4, 8)  # 8 + 64 + 512 + 4,096 regions and 4,096 services
    assert not errors_of(text)
    assert len(compiled(text).design.components) == 8**4 + 1


def test_many_without_copies_are_too_many_from_one_on() -> None:
    text = "".join(f"service s{number} {{ latency: 1ms }}\n" for number in range(MOST + 5))
    found = errors_of(text)
    assert [(one.rule.code, one.span.line) for one in found] == [("AB102", MOST + 1)]


def test_constants_that_double() -> None:
    lines = "\n".join(f"a{n}: a{n - 1} a{n - 1}" for n in range(1, 24))
    found = errors_of(f"let {{ a0: 1ms\n{lines}\n}}\n{CLIENT}service s {{ latency: a23 }}\nweb -> s\n")
    assert {one.rule.code for one in found} == {"AB205"}
    assert "`a10` comes to more than 1,000 words" in found[0].message


@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_chain_of_constants_is_followed(backwards: bool) -> None:
    lines = ["a0: 7ms", *(f"a{n}: a{n - 1}" for n in range(1, 3_000))]
    body = "\n".join(lines[::-1] if backwards else lines)
    text = f"let {{ {body} }}\n{CLIENT}service s {{ latency: a2999 }}\nweb -> s\n"
    assert not errors_of(text)
    latency = compiled(text).design.components["s"].latency
    assert latency is not None
    assert {seconds for _, seconds in latency.percentiles} == {0.007}


@pytest.mark.parametrize("circle", [False, True])
def test_a_long_chain_of_likes_is_followed(circle: bool) -> None:
    last = "{ like: s0 }" if circle else "{ throughput: 7 rps; replicas: 3 }"
    lines = [f"service s{n} {{ like: s{n + 1} }}" for n in range(2_999)]
    text = "\n".join([CLIENT, *lines, f"service s2999 {last}", "web -> s0"])
    found = [one for one in errors_of(text) if one.rule.code != "AB501"]
    if circle:
        assert [one.rule.code for one in found] == ["AB205"]
        assert "is like itself: s0 → s1 → s2 → s3 → … → s2997 → s2998 → s2999 → s0" in found[0].message
    else:
        assert not found
        assert compiled(text).design.components["s0"].replicas.high == 3


def test_who_is_like_somebody_in_a_circle_is_no_part_of_it() -> None:
    text = CLIENT + "service a { like: b }\nservice b { like: c }\nservice c { like: b }\nweb -> a\n"
    found = errors_of(text)
    assert [one.message for one in found if one.rule.code == "AB205"] == ["`b` is like itself: b → c → b"]


def test_imports_in_imports(tmp_path: Path) -> None:
    for number in range(400):
        (tmp_path / f"f{number}.arch").write_text(f'import "f{number + 1}.arch"\n')
    (tmp_path / "f400.arch").write_text(CLIENT)
    ran = archboard("check", "f0.arch", at=tmp_path)
    assert ran.code == 1
    assert "AB207" in ran.out
    assert "nested deeper than 64" in ran.out


def test_imports_that_are_large_together(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"part{number}.arch").write_text("# padding padding padding\n" * 40_000)
    (tmp_path / "all.arch").write_text("".join(f'import "part{number}.arch"\n' for number in range(5)) + CLIENT)
    ran = archboard("check", "all.arch", at=tmp_path)
    assert ran.code == 1
    assert ran.out.count("the design is larger than 4 MiB") == 1
