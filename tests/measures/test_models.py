"""What models need, whether they fit and how fast they answer: figures worked out by hand."""

import pytest

from archboard import Source, compile_source
from archboard.compilation import Compilation
from archboard.facts import Facts

SEED = "params: 7B; layers: 32; hidden: 4096; precision: fp16; batch: 32; context: 2048; gpu: A100-80"


def compiled(model: str, promise: str = "p99 < 60s", rest: str = "") -> Compilation:
    text = f'design d "D" {{ sla: {promise}; {rest} }}\nclient web {{ rate: 2 rps }}\nmodel llm {{ {model} }}\n'
    return compile_source(Source("x.arch", f"{text}web -> llm\n"))


def values(facts: Facts, *metrics: str) -> list[float | None]:
    return [facts.value(metric, "llm") for metric in metrics]


def test_the_seeds_example_comes_out_as_its_formula_gives() -> None:
    found = values(compiled(SEED).facts, "weights", "kv_cache", "memory_rule", "gpu_memory")
    cache = 2 * 32 * 2048 * 32 * 4096 * 2
    assert found == [14e9, cache, pytest.approx(1.2 * (14e9 + cache)), 81_920 * 2**20]
    assert cache == 34_359_738_368


def test_memory_is_weights_cache_and_what_a_step_and_the_engine_take_against_nine_tenths_of_the_gpu() -> None:
    facts = compiled(SEED).facts
    needed = 14e9 + 34_359_738_368 + 1e9 + 2048 * 32 * 4096
    assert values(facts, "memory", "gpu_usable") == pytest.approx([needed, 0.9 * 81_920 * 2**20])
    more = compiled(SEED, rest="assume: gpu use 95%").facts
    assert more.value("gpu_usable", "llm") == pytest.approx(0.95 * 81_920 * 2**20)


def test_grouped_queries_a_cache_in_fp8_and_its_own_overhead_take_less() -> None:
    shape = 'runs: "Llama-3-8B"; precision: int8; batch: 4; context: 8192; gpu: L4'
    sixteen = compiled(shape).facts
    eight = compiled(f"{shape}; kv_precision: fp8", rest="assume: overhead 0%").facts
    ends = 2 * 128_256 * 4096
    weights = (8_030_261_248 - ends) * 8.25 / 8 + 2 * ends
    assert values(sixteen, "weights", "kv_token", "kv_cache") == [weights, 131_072, 131_072 * 8192 * 4]
    assert values(eight, "kv_token", "memory_rule") == [65_536, weights + 65_536 * 8192 * 4]
    assert any("the KV cache beside quantised weights is fp16" in taken.sentence for taken in sixteen.assumptions)
    assert not any("quantised" in taken.sentence for taken in eight.assumptions)


def test_the_largest_batch_and_the_longest_context_just_fit() -> None:
    facts = compiled(SEED).facts
    batch, context = values(facts, "largest_batch", "longest_context")
    assert batch is not None and context is not None
    for fits, requests, tokens in ((True, batch, 2048), (False, batch + 1, 2048), (True, 32, context)):
        shape = SEED.replace("batch: 32", f"batch: {requests:.0f}").replace("context: 2048", f"context: {tokens:.0f}")
        assert ("AB701" not in {d.rule.code for d in compiled(shape).diagnostics}) == fits


def test_a_step_is_bound_by_bandwidth_and_a_prompt_by_compute() -> None:
    shape = 'runs: "Llama-2-7B"; gpu: A100-80; batch: 32; prompt_tokens: 1848; output_tokens: 200'
    facts = compiled(shape).facts
    weights, cache = 2 * 6_738_415_616, 524_288 * 1948
    prompt = 2 * 6_738_415_616 * 1848 / (312e12 * 0.5)
    step = (weights + 32 * cache) / (2039e9 * 0.8) + 0.0007
    assert values(facts, "prompt_time", "step_time", "decode_rate") == pytest.approx([prompt, step, 32 / step])
    faster = compiled(shape, rest="assume: decode 100%, prefill 100%, step 0ms").facts
    assert values(faster, "prompt_time", "step_time") == pytest.approx([prompt / 2, (step - 0.0007) * 0.8])


def test_an_idle_replica_answers_as_fast_as_its_prompt_and_its_steps_alone() -> None:
    text = 'client web { rate: 0.0001 rps }\nmodel llm { runs: "Llama-2-7B"; gpu: A100-80; batch: 32; '
    text += "prompt_tokens: 1848; output_tokens: 200 }\nweb -> llm\n"
    facts = compile_source(Source("x.arch", text)).facts
    prompt = 2 * 6_738_415_616 * 1848 / (312e12 * 0.5)
    step = (2 * 6_738_415_616 + 524_288 * 1948) / (2039e9 * 0.8) + 0.0007
    assert values(facts, "latency_least", "latency_p50") == pytest.approx([prompt + 199 * step] * 2, rel=2e-3)


def test_a_batch_beyond_what_compute_carries_writes_no_faster() -> None:
    facts = compiled('runs: "Llama-3-8B"; gpu: L4; batch: 4000; context: 1; output_tokens: 2', rest="assume: step 0ms")
    assert facts.facts.value("decode_rate", "llm") == pytest.approx(121e12 * 0.5 / (2 * 8_030_261_248))


def test_a_mixture_of_experts_keeps_all_its_weights_and_reads_those_it_uses() -> None:
    facts = compiled('runs: "Mixtral-8x7B"; gpu: H100; gpus: 2; batch: 1; prompt_tokens: 0; output_tokens: 10').facts
    assert facts.value("weights", "llm") == 2 * 46_702_792_704
    read = 2 * 12_879_925_248 + 131_072 * 5
    told = 2 * 32 * (10e-6 + 4096 * 2 / 450e9)
    step = read / (2 * 3350e9 * 0.8) + 0.0007 + told
    assert facts.value("decode_rate", "llm") == pytest.approx(1 / step)


def test_a_large_batch_reads_nearly_all_experts() -> None:
    facts = compiled('runs: "Mixtral-8x7B"; gpu: H100; gpus: 2; batch: 8; prompt_tokens: 0; output_tokens: 10').facts
    experts = 46_702_792_704 - (46_702_792_704 - 8 * 32 * 3 * 4096 * 14336)
    shared = 46_702_792_704 - experts
    read = 2 * (shared + experts * (1 - 0.75**8)) + 8 * 131_072 * 5
    told = 2 * 32 * (10e-6 + 8 * 4096 * 2 / 450e9)
    assert facts.value("step_time", "llm") == pytest.approx(read / (2 * 3350e9 * 0.8) + 0.0007 + told)


def test_stated_times_make_the_latency_percentile_by_percentile() -> None:
    facts = compiled("ttft: p50 200ms, p99 500ms; tpot: p50 10ms, p99 20ms; output_tokens: 101; replicas: 2").facts
    assert facts.value("latency_p50", "llm") == pytest.approx(0.2 + 100 * 0.01)
    assert facts.value("latency_p99", "llm") == pytest.approx(0.5 + 100 * 0.02)
    assert any("their percentiles add" in taken.sentence for taken in facts.assumptions)


def test_what_is_missing_is_named() -> None:
    found = compiled("params: 7B; gpu: L4; output_tokens: 100")
    assert found.facts.value("kv_cache", "llm") is None
    missing = found.facts.get("kv_cache", "llm")
    assert missing is not None
    assert missing.told == "needs `layers`, `heads`, `hidden` and `prompt_tokens`"
    unknown = next(d for d in found.diagnostics if d.rule.code == "AB403")
    assert unknown.help == "add `latency: p99 2s`, or let it be worked out: that needs `prompt_tokens`"


def test_a_gpu_that_is_not_in_the_table_is_no_guess_and_with_its_memory_no_error() -> None:
    unknown = [d for d in compiled("params: 7B; gpu: A100-60; latency: 1s").diagnostics if d.is_error]
    assert [(d.rule.code, d.message) for d in unknown] == [("AB205", "`A100-60` is no GPU of the table")]
    assert "or give `gpu_memory" in (unknown[0].help or "")
    given = compiled(f"{SEED.replace('A100-80', 'Z9')}; gpu_memory: 96 GB; output_tokens: 5; latency: 1s; replicas: 2")
    assert not [d for d in given.diagnostics if d.is_error]
    assert given.facts.value("gpu_memory", "llm") == 96e9
    rate = given.facts.get("decode_rate", "llm")
    assert rate is not None and rate.value is None and "not in the table" in rate.told


def test_a_million_tokens_cost_what_they_take_of_a_replica() -> None:
    facts = compiled("ttft: 1s; tpot: 10ms..10ms; batch: 8; output_tokens: 100; price: $2/h; replicas: 3").facts
    assert facts.value("decode_rate", "llm") == pytest.approx(800)
    mean = facts.value("latency_mean", "llm") or 0.0
    mean -= 99 * 0.01
    assert facts.value("capacity", "llm") == pytest.approx(3 * 8 / (mean + 99 * 0.01))
    assert facts.value("cost_million_tokens_full", "llm") == pytest.approx(2 / (100 * 8 / (mean + 0.99) * 3600) * 1e6)
    assert facts.value("cost_million_tokens", "llm") == pytest.approx(3 * 2 / (200 * 3600) * 1e6)


def test_a_model_that_writes_no_tokens_has_weights_alone() -> None:
    facts = compiled("params: 2B; precision: fp32; gpu: T4; latency: 5ms; replicas: 2").facts
    assert values(facts, "memory", "memory_rule") == pytest.approx([8e9 + 1e9, 1.2 * 8e9])
    assert facts.get("kv_cache", "llm") is None
    assert facts.get("decode_rate", "llm") is None
    assert facts.get("saturation", "llm") is None
