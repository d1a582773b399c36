"""The cheat sheet's formulas: each worked out on its own example and held against a number made otherwise."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import pytest

from archboard.formulas import FORMULA, FORMULAS
from archboard.formulas.evaluation import Answer, example, work_out
from tests.commands import ROOT, archboard

H, DAY = 3600.0, 86400.0


def erlang(servers: int, load: Fraction) -> tuple[float, float]:
    """Return the share refused and the share that waits, from the sums of the textbook in exact fractions."""
    terms = [Fraction(1)]
    for busy in range(1, servers + 1):
        terms.append(terms[-1] * load / busy)
    last = terms[-1] * servers / (servers - load)
    return float(terms[-1] / sum(terms)), float(last / (sum(terms[:-1]) + last))


REFUSED, WAITING = erlang(80, Fraction(64))
DRAIN = (80 - 64) * 125.0  # cµ − λ, a second
Z99 = 2.3263478740408408


def slower(t: float, servers: int, rate: float, mu: float) -> float:
    """Return P(wait + service > t) of M/M/c, integrating over the wait by hand."""
    waits = erlang(servers, Fraction(rate / mu).limit_denominator(10**6))[1]
    drain = servers * mu - rate
    after = (mu * math.exp(-drain * t) - drain * math.exp(-mu * t)) / (mu - drain)
    return (1 - waits) * math.exp(-mu * t) + waits * after


EXPECTED = {
    "single-thread": 20.0,
    "throughput": 32 / 0.055,
    "little": 500.0,
    "p99-rule": 0.05,
    "p99-normal": 0.02 + 0.01 * Z99,
    "p99-lognormal": 0.02 / math.sqrt(1.25) * math.exp(Z99 * math.sqrt(math.log(1.25))),
    "rule-reach": 0.5 * math.erfc(-math.log(2.5 * math.sqrt(1.25)) / math.sqrt(2 * math.log(1.25))),
    "capacity": 10_000.0,
    "utilisation": 0.2,
    "replicas": 23.0,
    "saturation": 50_000.0,
    "erlang-c": WAITING,
    "wait": WAITING / DRAIN,
    "wait-general": WAITING / DRAIN * 2.25,
    "servers": 66.0,
    "erlang-b": REFUSED,
    "origin-load": 400.0,
    "hit-needed": 0.8,
    "cache-mean": 0.00424,
    "attempts": 1.11,
    "retry-success": 0.999,
    "retry-amplification": 64.0,
    "retry-time": 0.45,
    "retry-budget": 1.1,
    "hedge-load": 1.05,
    "hedge-tail": 0.0001,
    "fan-out": 0.6339676587267709,
    "fan-out-quantile": 0.99 ** (1 / 100),
    "availability": 8751 / 8760,
    "mtbf": 2917 * H,
    "mttr": 3 * H,
    "repaired": 3600 / 3601,
    "parallel": 0.9999,
    "series": 0.9995 * 0.999 * 0.995,
    "k-of-n": 1 - (0.001 + 0.009**2),
    "downtime": 8.76 * H,
    "error-budget": 100_000.0,
    "weights": 14e9,
    "kv-token": 524_288.0,
    "kv-cache": 34_359_738_368.0,
    "total-memory": 58.08e9,
    "largest-batch": 49.0,
    "longest-context": 3139.0,
    "flops-token": 14e9,
    "flops-sequence": 28.672e12,
    "ttft": 0.224,
    "tpot": 46 / 480,
    "decode-rate": 32 * 480 / 46,
    "llm-latency": 0.224 + 199 * 0.029,
    "ops-per-byte": 625 / 3,
    "psi": 0.05 * math.log(1.25) - 0.05 * math.log(0.9),
    "kl": 0.25 * math.log(1.25) + 0.45 * math.log(0.9),
    "jensen-shannon": 0.5 * (0.25 * math.log(0.25 / 0.225) + 0.45 * math.log(0.45 / 0.475))
    + 0.5 * (0.2 * math.log(0.2 / 0.225) + 0.5 * math.log(0.5 / 0.475)),
    "monthly-cost": 2920 + 233.6 + 11.5 + 90,
    "replica-cost": 21_900.0,
    "cost-request": 5913 / 26.28e9,
    "million-requests": 30 / 36,
    "million-tokens": 1.5 / 0.216,
    "gpu-speedup": 0.008,
    "int8-speedup": 0.032,
    "fp16-speedup": 0.04,
    "batch-throughput": 600.0,
    "batch-latency": 0.096,
    "batch-gain": 5 / 3,
    "amdahl": 1 / 0.46,
}

SEED = {
    "Throughput = 1 / (Latency per request)": "single-thread",
    "Throughput = Concurrency / (Latency + Overhead)": "throughput",
    "P99 latency ≈ (Avg latency) + 3 × (Std deviation)": "p99-rule",
    "Optimal concurrency = Latency × Throughput_target": "little",
    "Memory (weights) = Parameters × bytes_per_param": "weights",
    "Memory (KV cache) = 2 × batch × seq_len × num_layers × hidden_dim × 2 bytes": "kv-cache",
    "Total memory ≈ 1.2 × (weights + KV + activations)": "total-memory",
    "FLOPs per token (transformer) ≈ 2 × parameters × sequence_length": "flops-sequence",
    "Σ (Actual% - Expected%) × ln(Actual%/Expected%): > 0.1 (warning), >0.2 (action)": "psi",
    "Σ P(x) × log(P(x)/Q(x)): > 0.05 for categorical": "kl",
    "0.5 × KL(P|M) + 0.5 × KL(Q|M): > 0.1": "jensen-shannon",
    "Cost = (GPU_hours × GPU_price) + (CPU_hours × CPU_price) + (Storage_GB × 0.023) + (Egress_GB × 0.09)":
        "monthly-cost",
    "Availability = Uptime / (Uptime + Downtime)": "availability",
    "99.9% = 8.76 hours downtime/year": "downtime",
    "MTBF (Mean Time Between Failures): Total uptime / number of failures": "mtbf",
    "MTTR (Mean Time To Recover): Total downtime / number of failures": "mttr",
    "Parallel redundancy: 1 - (1 - A)^n": "parallel",
    "CPU to GPU speedup (transformers): 5× – 20× (depends on batch size)": "gpu-speedup",
    "FP32 → INT8 quantization speedup: 2× – 3×": "int8-speedup",
    "FP32 → FP16 speedup: ~2×": "fp16-speedup",
    "Batch size doubling (inference): 1.5× throughput, 1.2× latency": "batch-throughput",
    "Max batch size before memory OOM: Memory / (KV cache + activations)": "largest-batch",
}  # fmt: skip


def worked(name: str, **given: str) -> Answer:
    """Return a formula worked out on its example, some inputs changed."""
    found = work_out(FORMULA[name], {**example(FORMULA[name]), **given})
    assert isinstance(found, Answer), found
    return found


@pytest.mark.parametrize("name", EXPECTED)
def test_a_formula_gives_on_its_example_what_another_way_to_the_number_gives(name: str) -> None:
    assert worked(name).value == pytest.approx(EXPECTED[name], rel=1e-9)


def test_the_percentile_of_a_queue_is_where_one_request_in_a_hundred_takes_longer() -> None:
    assert slower(worked("sojourn").value, 80, 8000, 125) == pytest.approx(0.01, rel=1e-9)


def test_every_formula_is_held_against_a_number() -> None:
    assert {formula.name for formula in FORMULAS} == {*EXPECTED, "sojourn"}
    assert len(FORMULA) == len(FORMULAS)


def test_every_formula_says_when_it_holds_and_who_says_so() -> None:
    assert not [f.name for f in FORMULAS if not (f.about and f.validity and f.source and f.inputs)]


def test_every_line_of_the_interview_sheet_is_a_formula() -> None:
    assert {formula.seed: formula.name for formula in FORMULAS if formula.seed} == SEED


def test_the_lines_that_are_wrong_or_open_say_what_is_right() -> None:
    corrected = {formula.name for formula in FORMULAS if formula.differs}
    assert corrected == {
        "little", "p99-rule", "kv-cache", "total-memory", "largest-batch", "flops-sequence", "psi", "kl",
        "jensen-shannon", "batch-throughput", "mtbf", "parallel",
    }  # fmt: skip


def test_every_example_can_be_typed_as_it_stands_and_every_default_stands_for_itself() -> None:
    for formula in FORMULAS:
        typed = {
            each.name: each.example for each in formula.inputs if f" {each.name}=" in formula.call.replace("'", "")
        }
        assert work_out(formula, typed) == work_out(formula, example(formula))


def test_drift_is_named_by_its_thresholds_and_empty_bins_are_no_infinity() -> None:
    assert worked("psi", actual="1,1", expected="1,1").reading == ""
    assert worked("psi", actual="0.6,0.4", expected="0.45,0.55").shown == "0.09092"
    assert worked("psi", actual="0.65,0.35", expected="0.45,0.55").reading == "above 0.1: warning, look at the feature"
    assert worked("psi", actual="0.7,0.3", expected="0.45,0.55").reading == "above 0.2: act, retrain"
    empty = worked("psi", actual="0,1", expected="1,1").value
    assert empty == pytest.approx((1e-4 - 0.5) * math.log(1e-4 / 0.5) + 0.5 * math.log(2))
    assert worked("kl", p="0,1", q="1,1").value == pytest.approx(math.log(2))
    assert worked("kl", p="1,1", q="0,1").shown == "∞ nats"
    assert worked("jensen-shannon", p="1,0", q="0,1").value == pytest.approx(math.log(2))


def test_calc_prints_the_sum_with_its_numbers_and_what_it_stands_on() -> None:
    ran = archboard("calc", "little", "rate=10k", "rps", "latency=50ms")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "in flight = rate × latency\n"
        "          = 10,000/s × 50 ms\n"
        "          = 500 requests\n"
        "\n"
        "holds for   any stable system in the long run; the mean time in it, waiting included, never a p99\n"
        "source      Little (1961)\n"
        "often told  “Optimal concurrency = Latency × Throughput_target”: an average, not an optimum: with no\n"
        "            more servers than that, every burst waits; see `replicas`\n"
    )


def test_calc_gives_the_same_as_json() -> None:
    found = json.loads(archboard("calc", "origin_load", "rate=5k rps", "hit=92%", "--format", "json").out)
    assert found == {
        "name": "origin-load", "value": pytest.approx(400.0), "unit": "1/s", "shown": "400/s", "means": None,
        "formula": "origin load = rate × (1 − hit)", "working": "5,000/s × (1 − 92%)",
        "inputs": {"rate": 5000.0, "hit": 0.92}, "validity": "a warm cache; an empty one lets everything through",
        "source": "definition of a hit ratio",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("litle rate=1k", "'litle' is no formula. Did you mean 'little'?"),
        ("little rate=10k", "`rate` wants a rate, and `10k` has no unit; write `rate=10k rps`"),
        ("little rate=1krps latency=9", "`latency` wants a duration, and `9` has no unit; write `latency=9ms`"),
        ("little rate=1krps latency=9GB", "`latency` wants a duration, and `9GB` is a size; write `latency=50ms`"),
        ("little rate=1krps latncy=9ms", "`little` has no input `latncy`; did you mean `latency`?"),
        ("little rate=x latency=9ms", "`rate` wants a rate, not `x`; write `rate=10k rps`"),
        ("little rate=1krps", "`little` needs `latency`, mean time of a request; add `latency=50ms`: archboard calc"),
        ("little rate=1krps rate=2krps", "`rate` is given twice: 1krps and 2krps"),
        ("little fast", "'fast' says no input; write key=value: archboard calc little 'rate=10k rps' latency=50ms"),
        ("parallel availability=120% n=2", "`availability` is 0 to 100%, and `120%` is not; write `availability=99%`"),
        ("parallel availability=9% n=2.5", "`n` is a whole number, 1 to 100,000, and `2.5` is not; write `n=2`"),
        ("repaired mtbf=0h mttr=1h", "`mtbf` is above 0, and `0h` is not; write `mtbf=150days`"),
        ("replica-cost replicas=2 price=2", "`price` wants an amount of money, and `2` has no unit"),
    ],
)
def test_calc_answers_a_slip_with_the_way_on(words: str, sentence: str) -> None:
    ran = archboard("calc", *words.split())
    assert ran.code == 2
    assert sentence in ran.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "wait rate=20krps service=8ms servers=80",
            "`wait` has no number: at 200% of what can be served the queue grows without end; "
            "more servers, a faster service, or a lower rate",
        ),
        ("k-of-n n=2 k=3 availability=99%", "`k-of-n` has no number: 3 of 2 can never be up"),
        ("kl p=1,2 q=1,2,3", "`kl` has no number: two distributions over the same bins are compared, not 2 bins and 3"),
        ("servers rate=1Mrps service=1s target=9s", "1,000,000 servers would be busy, and 100,000 are the most"),
        ("tpot bandwidth=600GB/s weights=0GB", "`tpot` has no number: no rate of decoding where nothing is read"),
    ],
)
def test_calc_says_where_there_is_no_valid_number(words: str, sentence: str) -> None:
    ran = archboard("calc", *words.split())
    assert (ran.code, ran.out) == (1, "")
    assert sentence in ran.err


def test_formulas_lists_every_one_in_its_topic_and_calc_without_a_name_does_too() -> None:
    listed = archboard("formulas")
    assert listed.code == 0
    assert listed.out == archboard("calc").out
    assert all(f"  {f.name:<20} {f.about}\n  {'':<20} {f.equation}\n" in listed.out for f in FORMULAS)
    assert [each["name"] for each in json.loads(archboard("formulas", "--format", "json").out)] == [*FORMULA]


def test_a_formula_has_a_page_with_its_inputs_and_its_example() -> None:
    page = archboard("formulas", "p99_rule").out
    assert "mean=20ms                    mean latency; a duration, above 0\n" in page
    assert "sigmas=3                     how many standard deviations; a count, 0 or more, 3 unless given\n" in page
    assert "example     archboard calc p99-rule mean=20ms deviation=10ms\n" in page
    assert "gives       50 ms = 20 ms + 3 × 10 ms\n" in page


def test_the_table_in_the_documentation_is_the_table_of_the_program() -> None:
    page = (ROOT / "docs" / "formulas.md").read_text("utf-8")
    rows = [f"| `{f.name}` | {f.equation} | {f.validity} | {f.source} |" for f in FORMULAS]
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows
    told = [f"- “{f.seed}” (`{f.name}`): {f.differs}." for f in FORMULAS if f.differs]
    assert [line for line in page.splitlines() if line.startswith("- “")] == told
