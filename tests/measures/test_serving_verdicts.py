"""Designs whose tick was false: language models whose prompts, experts, caches and heads were not counted.

The comment at the top of each design says what is right; here it is held against the facts, with numbers worked out by
hand where there are any.
"""

import math
from pathlib import Path

import pytest

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.facts import Facts
from archboard.source import Source
from archboard.verdicts import Judged

VERDICTS = Path(__file__).parents[1] / "verdicts"


def verdict_of(name: str, **changes: str) -> Compilation:
    text = (VERDICTS / f"{name}.arch").read_text("utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    return compile_source(Source(f"{name}.arch", text))


def codes(compilation: Compilation) -> set[str]:
    return {found.rule.code for found in compilation.diagnostics}


def missed(facts: Facts, kind: str) -> bool:
    return any(isinstance(v, Judged) and not v.ok for v in facts.verdicts if v.promise.text.startswith(kind))


def test_an_overloaded_chat_has_no_latency_and_carries_what_the_simulation_does() -> None:
    found = verdict_of("serving_load")
    assert {"AB501", "AB506"} <= codes(found)
    assert found.facts.value("capacity", "llm") == pytest.approx(17.7, rel=0.05)
    assert missed(found.facts, "throughput")
    assert found.facts.value("latency_p99", "llm") is None
    assert found.facts.value("ttft", "llm") is None
    assert [v.ok for v in found.facts.verdicts if v.promise.is_timed] == [None, None]


def test_reading_prompts_fills_a_replica() -> None:
    found = verdict_of("prefill")
    assert {"AB501", "AB506"} <= codes(found)
    prompt = 2 * 8_030_261_248 * 7000 / (242e12 * 0.5)
    assert found.facts.value("prompt_time", "m") == pytest.approx(prompt) == pytest.approx(0.93, rel=0.01)
    capacity = found.facts.value("capacity", "m")
    assert capacity is not None
    assert 1.7 < capacity < 2 / prompt
    assert missed(found.facts, "throughput")


def test_prompts_that_are_read_alone_leave_less() -> None:
    found = verdict_of("prefill", replicas="chunked: no; replicas")
    prompt, weights = 2 * 8_030_261_248 * 7000 / (242e12 * 0.5), 8_030_261_248 + 2 * 128_256 * 4096
    step = (weights + 8 * 131_072 * 7010) / (300e9 * 0.8) + 0.0007
    assert found.facts.value("capacity", "m") == pytest.approx(2 * 8 / (8 * prompt + 19 * step), rel=1e-9)
    assert found.facts.value("capacity", "m") == pytest.approx(1.8, rel=0.03)


def test_a_batch_reads_nearly_all_experts() -> None:
    found = verdict_of("experts")
    assert {"AB501", "AB506"} <= codes(found)
    assert found.facts.value("decode_rate", "m") == pytest.approx(1084, rel=0.05)
    capacity = found.facts.value("capacity", "m")
    assert capacity is not None
    assert capacity < 5.4
    assert missed(found.facts, "throughput")


def test_latent_attention_keeps_one_vector_a_layer() -> None:
    facts = verdict_of("latent_attention").facts
    assert facts.value("kv_token", "m") == (512 + 64) * 61 * 2 == 70_272
    assert facts.value("kv_cache", "m") == 70_272 * 8500 * 32


def test_a_window_bounds_the_cache() -> None:
    found = verdict_of("window")
    assert found.facts.value("kv_cache", "m") == 131_072 * 4096 * 8
    assert verdict_of("window", **{"v0.1": "v0.3"}).facts.value("kv_cache", "m") == 131_072 * 32_768 * 8


def test_heads_that_do_not_divide_are_told_and_the_help_is_possible() -> None:
    found = verdict_of("split_heads")
    told = next(each for each in found.diagnostics if each.rule.code == "AB705")
    assert told.is_error
    assert told.help == "`m.gpus` 8 → 4 would fit"
    assert "AB705" not in codes(verdict_of("split_heads", **{"gpus: 8": "gpus: 4"}))
    assert "AB705" in codes(verdict_of("split_heads", **{"gpus: 8": "gpus: 7"}))


def test_a_context_beyond_the_models_own_is_told() -> None:
    assert "AB704" in codes(verdict_of("context_end"))
    assert "AB704" not in codes(verdict_of("context_end", **{'runs: "Llama-3-8B"': 'runs: "Llama-3.1-8B"'}))


def test_fewer_kv_heads_than_gpus_are_copied() -> None:
    one = verdict_of("split_heads", **{"gpus: 8": "gpus: 4", "batch: 1": "batch: 64"}).facts
    text = (VERDICTS / "split_heads.arch").read_text("utf-8").replace("Qwen2.5-7B", "Qwen2.5-32B")
    two = compile_source(Source("x.arch", text.replace("gpus: 8", "gpus: 8; kv_heads: 4"))).facts
    cache, weights = two.value("kv_cache", "m"), two.value("weights", "m")
    assert cache is not None and weights is not None
    assert two.value("memory", "m") == pytest.approx(weights + 2 * cache + 8e9 + 2048 * 32 * 5120)
    plain, own = one.value("kv_cache", "m"), one.value("weights", "m")
    assert plain is not None and own is not None
    assert one.value("memory", "m") == pytest.approx(own + plain + 4e9 + 2048 * 32 * 3584)


LOADED = """
design d {{ sla: {promise} }}
client c {{ rate: 30 rps }}
model m {{ runs: "Llama-3.1-8B"; gpu: H100; batch: 64; prompt_tokens: 1000; output_tokens: 200; replicas: {replicas} }}
c -> m
"""


def loaded(promise: str, replicas: int) -> Compilation:
    return compile_source(Source("x.arch", LOADED.format(promise=promise, replicas=replicas)))


def test_a_latency_that_the_load_makes_is_mended_by_the_fewest_replicas_that_hold_it() -> None:
    found = loaded("ttft p99 < 150ms", 2)
    told = next(each for each in found.diagnostics if each.rule.code == "AB401")
    assert told.help == "`m.replicas` 2 → 3 would hold it"
    assert "AB401" not in codes(loaded("ttft p99 < 150ms", 3))


def test_a_first_token_below_the_time_of_its_prompt_is_not_mended_by_any_number() -> None:
    found = loaded("ttft p99 < 30ms", 2)
    told = next(each for each in found.diagnostics if each.rule.code == "AB401")
    assert "replicas" not in told.help


def test_latency_follows_the_demand_of_the_moment() -> None:
    few, many = loaded("p99 < 60s", 8).facts, loaded("p99 < 60s", 2).facts
    assert (few.value("latency_p99", "m") or 0.0) * 1.5 < (many.value("latency_p99", "m") or 0.0)
    assert few.value("running", "m") == pytest.approx(
        30 / 8 * ((few.value("latency_mean", "m") or 0.0) - (few.value("prompt_time", "m") or 0.0)), rel=0.05
    )


def test_stated_times_and_throughput_win_and_what_beats_the_hardware_twice_is_told() -> None:
    stated = LOADED.replace("replicas:", "ttft: 10ms; tpot: 2ms; throughput: 40 rps; replicas:")
    found = compile_source(Source("x.arch", stated.format(promise="p99 < 60s", replicas=2)))
    told = {each.aspect for each in found.diagnostics if each.rule.code == "AB707"}
    assert told == {"ttft", "tpot", "throughput"}
    assert found.facts.value("capacity", "m") == 80
    assert found.facts.value("latency_p99", "m") == pytest.approx(0.01 + 199 * 0.002)


def test_cached_prefixes_and_drafts_carry_more() -> None:
    plain = loaded("p99 < 60s", 4).facts.value("saturation", "m") or 0.0
    for setting in ("prefix_hit: 60%", "speculative: 2x"):
        text = LOADED.replace("replicas:", f"{setting}; replicas:").format(promise="p99 < 60s", replicas=4)
        facts = compile_source(Source("x.arch", text)).facts
        assert (facts.value("saturation", "m") or 0.0) > 1.2 * plain
    assert facts.value("decode_rate", "m") == pytest.approx(2 * 64 / (facts.value("step_time", "m") or 1.0))


def test_lengths_that_are_spread_make_the_tail_longer_and_leave_the_mean() -> None:
    spread = LOADED.replace("output_tokens: 200", "output_tokens: p50 150, p99 900")
    facts = compile_source(Source("x.arch", spread.format(promise="p99 < 60s", replicas=4))).facts
    mean, alike = facts.value("tokens_demand", "m") or 0.0, loaded("p99 < 60s", 4).facts
    sigma = math.log(6) / 2.3263478740408408
    assert mean / 30 == pytest.approx(150 * math.exp(sigma**2 / 2), rel=1e-6)
    assert (facts.value("latency_p99", "m") or 0.0) > 2 * (alike.value("latency_p99", "m") or 0.0)
    assert not any("every answer has the tokens" in taken.sentence for taken in facts.assumptions)
    assert any("every answer has the tokens" in taken.sentence for taken in alike.assumptions)
