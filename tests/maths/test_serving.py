"""A language model's server: closed forms, bounds and laws that any load keeps."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.maths.memory import activations, longest_windowed, windowed_cache
from archboard.maths.serving.saturation import Asked, saturation
from archboard.maths.serving.step import Link, Server
from archboard.maths.serving.under_load import served

H100 = Server(shared=16e9, active=8e9, bandwidth=2.68e12, compute=494.5e12, fixed=0.0007)
TOKEN = 131_072.0


def asked(prompt: float, answer: float, token: float = TOKEN) -> Asked:
    return Asked(((1.0, prompt),), ((1.0, answer),), token * (prompt + answer / 2))


def test_a_step_reads_weights_and_caches_or_computes_whichever_takes_longer() -> None:
    assert H100.step(32, 1e8) == pytest.approx((16e9 + 32 * 1e8) / 2.68e12 + 0.0007)
    assert H100.step(32, 1e8, 2000) == pytest.approx(2 * 8e9 * 2032 / 494.5e12 + 0.0007)
    assert H100.reading(1000) == pytest.approx(2 * 8e9 * 1000 / 494.5e12)
    assert H100.reading(10) == pytest.approx(16e9 / 2.68e12)


def test_a_tiny_model_is_no_faster_than_its_kernels_are_launched() -> None:
    tiny = Server(shared=1e8, active=5e7, bandwidth=2e12, compute=1e14, fixed=0.0, launch=24 * 70e-6)
    assert tiny.step(1, 1e5) == pytest.approx(24 * 70e-6)


def test_gpus_tell_each_other_twice_a_layer() -> None:
    link = Link(reductions=64, bytes_a_token=8192, speed=450e9, hop=10e-6)
    assert link.seconds(32) == pytest.approx(64 * (10e-6 + 32 * 8192 / 450e9))


@pytest.mark.parametrize(("experts", "chosen", "tokens"), [(2, 1, 3), (3, 2, 2), (4, 1, 3)])
def test_experts_that_are_read_are_those_that_any_token_chooses(experts: int, chosen: int, tokens: int) -> None:
    """Every way in which the tokens may choose, each as likely as the others, counted one by one."""
    sets = [way for way in product((0, 1), repeat=experts) if sum(way) == chosen]
    met = [sum(any(each) for each in zip(*ways, strict=True)) for ways in product(sets, repeat=tokens)]
    server = Server(0.0, 1.0, 1.0, 1.0, expert=1.0, experts=experts, chosen=chosen)
    assert server.weights_read(tokens) == pytest.approx(sum(met) / len(met))


shapes = st.tuples(
    st.sampled_from([30.0, 200.0, 1000.0, 4000.0, 9000.0]), st.sampled_from([2.0, 20.0, 150.0, 600.0]),
    st.sampled_from([1.0, 4.0, 32.0, 128.0]),
)  # fmt: skip


@given(shapes)
def test_prompts_that_are_read_alone_cost_exactly_what_the_formula_says(shape: tuple[float, float, float]) -> None:
    prompt, answer, batch = shape
    alone = Server(16e9, 8e9, 2.68e12, 494.5e12, fixed=0.0007, chunked=False)
    load = asked(prompt, answer)
    best = max(
        n / (n * alone.reading(prompt) + (answer - 1) * alone.step(n, load.cache))
        for n in {batch, *(2.0**i for i in range(8) if 2**i < batch)}
    )
    assert saturation(alone, load, batch) == pytest.approx(best, rel=1e-12)


@given(shapes)
def test_sharing_steps_carries_more_than_reading_alone_and_less_than_compute_or_bandwidth(
    shape: tuple[float, float, float],
) -> None:
    """Without a fixed cost, which the formula does not count for the step that a prompt would have alone."""
    prompt, answer, batch = shape
    load, batch = asked(prompt, answer), max(4.0, batch)
    alone, shared = (Server(16e9, 8e9, 2.68e12, 494.5e12, fixed=0.0, chunked=chunked) for chunked in (False, True))
    most = saturation(shared, load, batch)
    assert most >= saturation(alone, load, batch) * 0.97
    assert most <= 494.5e12 / (2 * 8e9 * (prompt + answer - 1)) * 1.000001
    assert most <= batch / ((answer - 1) * shared.step(batch, load.cache)) * 1.000001


@pytest.mark.parametrize("prompt", [100.0, 1500.0])
@pytest.mark.parametrize("answer", [2.0, 150.0])
def test_a_single_place_reads_and_then_writes(prompt: float, answer: float) -> None:
    load = asked(prompt, answer)
    whole = H100.step(0, 0.0, prompt) + (answer - 1) * H100.step(1, load.cache)
    assert saturation(H100, load, 1) == pytest.approx(1 / whole, rel=0.01)


@given(shapes)
def test_a_larger_batch_carries_no_less(shape: tuple[float, float, float]) -> None:
    prompt, answer, batch = shape
    load = asked(prompt, answer)
    assert saturation(H100, load, 2 * batch) >= saturation(H100, load, batch) * (1 - 1e-9)


@settings(max_examples=8)
@given(shapes)
def test_times_grow_with_the_load_and_end_at_the_saturation(shape: tuple[float, float, float]) -> None:
    prompt, answer, batch = shape
    load = asked(prompt, answer)
    most = saturation(H100, load, batch)
    low, high = served(H100, load, batch, 0.3 * most), served(H100, load, batch, 0.85 * most)
    assert low is not None and high is not None
    assert served(H100, load, batch, most) is None
    assert low.running < high.running <= batch * 1.05
    assert low.mean_latency < high.mean_latency
    for curve in (low.ttft, low.tpot, low.latency, high.ttft, high.tpot, high.latency):
        seconds = [each for _, each in curve]
        assert seconds == sorted(seconds)
        assert all(math.isfinite(each) and each > 0 for each in seconds)
    assert low.latency[0][1] >= low.ttft[0][1]
    assert low.running == pytest.approx(0.3 * most * (answer - 1) * low.mean_tpot)


def test_an_idle_server_takes_the_prompt_and_the_steps_of_one() -> None:
    found = served(H100, asked(1000, 200), 64, 1e-6)
    assert found is not None
    first, step = H100.step(0, 0.0, 1000), H100.step(1, TOKEN * 1100)
    assert found.mean_ttft == pytest.approx(first, rel=1e-3)
    assert found.mean_latency == pytest.approx(first + 199 * step, rel=1e-3)


def test_where_steps_do_not_depend_on_how_many_run_the_batch_is_a_queue_of_erlang() -> None:
    """Without a cache and with one token to read, each place is a server of its own: M/M/c, and C is who waits."""
    server = Server(16e9, 1e6, 2.68e12, 494.5e12, fixed=0.0007)
    answers = tuple((0.02, -300 * math.log1p(-(i + 0.5) / 50)) for i in range(50))
    load = Asked(((1.0, 1.0),), answers, 0.0)
    places, step = 8, 16e9 / 2.68e12 + 0.0007
    rate = 0.8 * places / (load.steps * step)
    found = served(server, load, places, rate)
    assert found is not None
    offered = rate * load.steps * step
    terms = [offered**n / math.factorial(n) for n in range(places)]
    last = offered**places / math.factorial(places) / (1 - offered / places)
    assert found.full == pytest.approx(last / (sum(terms) + last), rel=0.05)
    assert found.running == pytest.approx(offered, rel=0.02)


def test_a_window_keeps_no_more_than_itself() -> None:
    assert windowed_cache(4096, 32, 32_768, 32, 4096) * 8 == 131_072 * 4096 * 8
    assert windowed_cache(8192, 46, 8192, 23, 4096) == 2208 * 2**20
    assert windowed_cache(8192, 46, 100, 23, 4096) == 8192 * 46 * 100


@given(st.integers(1, 64), st.integers(0, 64), st.sampled_from([0, 128, 4096]), st.floats(1e6, 1e11))
def test_the_longest_context_just_fits_its_room(layers: int, windows: int, window: int, room: float) -> None:
    windows = min(layers, windows) if window else 0
    tokens = longest_windowed(room, 4096, layers, windows, window)
    if math.isfinite(tokens):
        assert windowed_cache(4096, layers, tokens, windows, window) == pytest.approx(room, rel=1e-9)
    else:
        assert windows == layers
        assert windowed_cache(4096, layers, 1e12, windows, window) <= room


def test_the_engine_and_a_step_take_what_two_logs_say() -> None:
    """vLLM: 107,984 tokens of cache on 24 GB beside Qwen2.5-7B, 22,096 on one H100 beside 70B in 8 bits."""
    small = (0.9 * 23.57 * 2**30 - 2 * 7_615_616_512 - activations(3584)) / 57_344
    large = (0.98 * 81_559 * 2**20 - 74.79e9 - activations(8192)) / 327_680
    assert small == pytest.approx(107_984, rel=0.15)
    assert large == pytest.approx(22_096, rel=0.15)
