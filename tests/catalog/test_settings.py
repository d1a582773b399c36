"""A setting that is accepted does something: of every kind that has it, it changes a number, a word or the picture.

Each setting of each kind and of each arrow is written into a design in which it could matter, and left out of it again.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from archboard.board.scenes import stage
from archboard.catalog import KINDS, Form, Kind, SettingKind, settings_of
from archboard.catalog.settings import ASYNC, CALL, FAILURE, REQUEST
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.overrides import read_changes
from archboard.renderers.report.json_form import as_data
from archboard.script import narrate
from archboard.source import Source

DESIGN = """\
design d "D" {{
  sla: p99 < 1s, throughput >= 1 rps, availability >= 90%, cost <= $1M/month
  assume: storage $0.02/GB, egress $0.09/GB
}}
client web {{ rate: 100 rps; burst: 250 rps; every: 2s }}
service api {{ latency: 5ms; throughput: 500 rps; replicas: 4; availability: 99% }}
service o {{ latency: 5ms; throughput: 500 rps; replicas: 4; availability: 99% }}
service w {{ latency: 5ms; throughput: 500 rps; replicas: 4 }}
store db {{ latency: 5ms; throughput: 500 rps; replicas: 4 }}
fallback f {{ latency: 1ms }}
job feed {{ rate: 1/h; latency: 1min }}
{kind} other {{ throughput: 77 rps; icon: "kafka" }}
{arrows}
web -> other
flow fresh {{ sla: staleness <= 3 days; {ages} }}
{kind} x {{ {settings} }}
"""
"""A design around one component, `x`, of some kind."""
COMMON = {
    "latency": "p50 1ms, p99 4ms, service", "throughput": "60 rps", "replicas": "2..8", "scale": "30s",
    "availability": "99%", "price": "$0.5/h",
}  # fmt: skip
SHAPE = {
    "params": "8B", "layers": "32", "hidden": "4096", "heads": "32", "kv_heads": "8", "head_dim": "128",
    "context": "4096", "batch": "8", "prompt_tokens": "300", "output_tokens": "100", "gpu": "A100-80", "gpus": "1",
}  # fmt: skip
OTHERWISE = {
    "step": "4", "scale": "0s", "needs": "1", "place": "below", "like": "other", "output_tokens": "400",
    "prompt_tokens": "900", "staleness": "1ms", "every": "7s", "hidden": "2048", "heads": "16",
}  # fmt: skip
"""Values beside the examples of the catalogue, where those are what is taken anyway."""
REPLACED = {
    "needs": {"replicas": "4", "scale": ""}, "concurrency": {"throughput": ""},
    "hidden": {"head_dim": "", "kv_heads": ""},
    "heads": {"head_dim": "", "kv_heads": ""}, "hardware": {"gpu": "", "gpus": ""}, "ttft": {"latency": ""},
    "tpot": {"latency": ""}, "gpu_memory": {"gpu": ""}, "mttr": {"failures": "2/month", "availability": ""},
    "window_layers": {"window": "128"}, "experts": {"experts_used": "2", "active_params": "3B"},
    "experts_used": {"experts": "16", "active_params": "3B"},
}  # fmt: skip
"""What else is written, or left out, beside a setting."""
NO_EFFECT_ALONE = frozenset(
    {("client", "scale"), ("job", "scale"), ("fallback", "scale"), ("fallback", "balance"), ("fallback", "queue")}
)
"""What only starts, or only stands in, meets no peak that it would have to scale to, and no queue on a usual day."""


PEAK = "web -> o\no -x> x { on: timeout 50ms }"
"""What brings `x` more than usual: there is no time to scale to it."""


def around(kind: Kind) -> tuple[str, str]:
    """Return the arrows of a component of a kind, and those of the flow whose age is promised."""
    if kind.asks:
        return "web -> api\nx -> api", "x ~> db"
    if kind.scheduled:
        return "web -> api\nx ~> db", "x ~> db"
    if kind.keeps_arrivals:
        return f"web -> api\napi ~> x {{ payload: 1 KB }}\nx ~> w\n{PEAK}", "feed ~> x"
    if kind.stands_in:
        return "web -> api\napi -x> x { on: timeout 100ms }\nx -> w", "feed ~> db"
    return f"web -> api <-> x\nx <-> w\nx -x> f {{ on: timeout 300ms }}\n{PEAK}", "feed ~> x"


def written(kind: Kind, setting: SettingKind, value: str) -> str:
    """Return the design with a setting of `x`, or without where the value is empty."""
    own = dict(COMMON)
    if kind.starts:
        own["rate"] = "40 rps"
    if kind.caches:
        own["hit"] = "50%"
    if kind.stores:
        own |= {"size": "1 GB", "growth": "1 GB/day"}
    if kind.stores or kind.keeps_arrivals:
        own["retention"] = "3 days"
    if kind.infers:
        own |= SHAPE
        if setting.owners == ("model",) or setting.name in SHAPE:
            own |= {"latency": "", "throughput": ""}
    if setting.name in ("prompt_tokens", "output_tokens"):
        own |= {"price": "$2/Mtokens", "prompt_tokens": "300", "output_tokens": "100"}
    own |= REPLACED.get(setting.name, {})
    own[setting.name] = value
    text = "; ".join(f"{name}: {said}" for name, said in own.items() if said)
    arrows, ages = around(kind)
    return DESIGN.format(kind=kind.name, arrows=arrows, ages=ages, settings=text)


def numbers(found: Compilation) -> str:
    """Return all that is computed and judged, without the places in the file."""
    return json.dumps(_placeless(as_data(found)))


def _placeless(data: Any) -> Any:
    if isinstance(data, dict):
        places = ("line", "column", "end_line", "end_column")
        return {name: _placeless(value) for name, value in data.items() if name not in places}
    return [_placeless(value) for value in data] if isinstance(data, list) else data


def words(found: Compilation) -> list[str]:
    script = narrate(found.design, found.facts, found.scenarios)
    return [line.text for step in script.steps for cue in step.cues for line in cue.sentences]


def differ(first: str, second: str) -> bool:
    """Whether two designs come to other numbers, other words or another picture."""
    one, other = (compile_source(Source("a.arch", text)) for text in (first, second))
    assert one.understood and other.understood, [d.message for d in (*one.diagnostics, *other.diagnostics)]
    if numbers(one) != numbers(other) or words(one) != words(other):
        return True
    return stage(one.design, one.facts) != stage(other.design, other.facts)


def example(kind: Kind, setting: SettingKind) -> str:
    value = OTHERWISE.get(setting.name, setting.example)
    value = {"step": "3", "place": "core"}.get(setting.name, value) if kind.step == 4 else value
    return f'"{value}"' if setting.form is Form.TEXT and not value.startswith('"') else value


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_setting_of_a_kind_does_something(kind: Kind) -> None:
    idle = [
        setting.name for setting in settings_of(kind.name)
        if not differ(written(kind, setting, ""), written(kind, setting, example(kind, setting)))
    ]  # fmt: skip
    assert [name for name in idle if (kind.name, name) not in NO_EFFECT_ALONE] == []


ARROWS = """\
design d "D" {{ sla: p99 < 1s, availability >= 90%; assume: egress $0.09/GB }}
client web {{ rate: 100 rps }}
service api {{ latency: 5ms; throughput: 500 rps; replicas: 4 }}
service y {{ latency: 5ms; throughput: 500 rps; replicas: 4; availability: 99% }}
service x {{ latency: p50 5ms, p99 20ms; throughput: 500 rps; replicas: 4 }}
web -> api <-> y
{tail} {sign} x {{ {settings} }}
"""
BESIDE = {
    "quorum": "fanout: 5", "backoff": "retries: 3; timeout: 6ms", "retries": "timeout: 6ms",
    "retry_budget": "retries: 3; timeout: 6ms",
}


@pytest.mark.parametrize("sign", [REQUEST, CALL, ASYNC, FAILURE])
def test_every_setting_of_an_arrow_does_something_there_or_is_refused(sign: str) -> None:
    tail = "y" if sign == FAILURE else "api"
    for setting in settings_of("arrow"):
        when = "on: down" if sign == FAILURE and setting.name != "on" else "on: error" if sign == FAILURE else ""
        beside = BESIDE.get(setting.name, "")
        plain = "; ".join(part for part in (when, beside) if part)
        more = f"{setting.name}: {setting.example}"
        full = "; ".join(part for part in ("" if setting.name == "on" else when, beside, more) if part)
        rest = "api -> y\n" if (sign, setting.name) == (REQUEST, "share") else ""
        before, after = (ARROWS.format(tail=tail, sign=sign, settings=text) + rest for text in (plain, full))
        if setting.on and sign not in setting.on:
            found = compile_source(Source("a.arch", after))
            told = [d for d in found.diagnostics if d.rule.code == "AB204" and f"`{setting.name}`" in d.message]
            assert told and all(d.help for d in told), (sign, setting.name)
        else:
            assert differ(before, after), (sign, setting.name)


@pytest.mark.parametrize(("written", "message", "help"), [
    ("a <-> b { quorum: 1 }", "`quorum` does nothing without `fanout`", "say `fanout: 20` beside it, or remove it"),
    ("a <-> b { backoff: 5ms }", "`backoff` does nothing without `retries`",
     "say `retries: 2` beside it, or remove it"),
    ("a -x> b { timeout: 5ms; on: down }", "`timeout` is no setting of this arrow: it does nothing on `-x>`",
     "say when it is taken: `on: timeout 15ms`"),
    ("a ~> b { hedge: p95 }", "`hedge` is no setting of this arrow: it does nothing on `~>`",
     "it belongs to `->` and `<->`; remove it"),
    ("a -> b { rate: 1/h }", "`rate` is no setting of this arrow: it does nothing on `->`",
     "it carries what its sender gets: give it a `share`, or write `~>`"),
])  # fmt: skip
def test_what_does_nothing_is_refused_with_what_was_meant(written: str, message: str, help: str) -> None:
    found = compile_source(Source("a.arch", f"client c {{ rate: 1 rps }}\nservice a\nservice b\nc -> a\n{written}\n"))
    assert ("AB204", message, help) in [(d.rule.code, d.message, d.help) for d in found.diagnostics]


def test_a_chain_may_say_what_one_of_its_arrows_heeds() -> None:
    found = compile_source(Source("a.arch", "job n { rate: 1/day }\nstore e\nmodel m\nn ~> e -> m { rate: 1/h }\n"))
    assert not [d for d in found.diagnostics if d.rule.code == "AB204"]


def test_what_a_what_if_sets_and_does_nothing_is_refused_as_well() -> None:
    text = "client c { rate: 1 rps }\nservice a\nservice b\nc -> a <-> b\n"
    found = compile_source(Source("a.arch", text), read_changes(["a<->b.quorum=1"]))
    told = [d.message for d in found.diagnostics if d.rule.code == "AB204"]
    assert told == ["`quorum` does nothing without `fanout`"]
