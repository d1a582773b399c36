"""What is computed of language models, held against 63 numbers that others measured or logged."""

import pytest

from tests.measures.published import PAGE, Row, mean, page, rows

TINY = "Llama-2-7B, H100, fp8, 128 in"


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return rows()


def ratios(found: list[Row], group: str) -> list[float]:
    return [row.ratio for row in found if row.group == group]


def test_every_row_is_computed(found: list[Row]) -> None:
    assert len(found) == 63


def test_the_page_lists_what_is_computed(found: list[Row], request: pytest.FixtureRequest) -> None:
    made = page(found)
    if request.config.getoption("--accept"):
        PAGE.write_text(made, "utf-8")
    assert PAGE.read_text("utf-8") == made


def test_throughput_of_one_gpu_is_right_on_average_and_nowhere_off_by_more_than_two(found: list[Row]) -> None:
    one = ratios(found, "one GPU")
    assert 0.85 <= mean(one) <= 1.2
    assert all(0.5 <= ratio <= 2 for ratio in one)


def test_throughput_of_several_gpus_is_right_on_average(found: list[Row]) -> None:
    assert 0.7 <= mean(ratios(found, "several GPUs")) <= 1.4


def test_first_tokens_are_right_but_for_those_that_only_launch_kernels(found: list[Row]) -> None:
    wrong = [row.what for row in found if row.group == "first token" and not 0.6 <= row.ratio <= 1.5]
    assert wrong == [f"ttft, seconds: {TINY}"]


def test_weights_are_within_a_twentieth(found: list[Row]) -> None:
    assert all(0.95 <= ratio <= 1.05 for ratio in ratios(found, "weights"))


def test_the_cache_of_a_token_is_exact(found: list[Row]) -> None:
    exact = [row.ratio for row in found if row.group == "cache" and "Gemma-3" not in row.what]
    assert exact == [1.0, 1.0]


def test_tokens_that_fit_are_within_a_seventh(found: list[Row]) -> None:
    assert all(0.85 <= ratio <= 1.15 for ratio in ratios(found, "tokens that fit"))
