"""The tables of language models and GPUs: how names are found, and that rows agree with what is published."""

import pytest

from archboard.catalog.gpus import GPUS, gpu, near_names
from archboard.catalog.language_models import LANGUAGE_MODELS, LanguageModel, language_model

CONFIGURED = {
    # intermediate size, vocabulary, tied embeddings, biases on queries, keys and values, norms of them, norms a layer
    "Llama-2-7B": (11008, 32000, False, False, False, 2),
    "Llama-2-13B": (13824, 32000, False, False, False, 2),
    "Llama-2-70B": (28672, 32000, False, False, False, 2),
    "Llama-3-8B": (14336, 128256, False, False, False, 2),
    "Llama-3-70B": (28672, 128256, False, False, False, 2),
    "Llama-3.1-405B": (53248, 128256, False, False, False, 2),
    "Llama-3.2-1B": (8192, 128256, True, False, False, 2),
    "Llama-3.2-3B": (8192, 128256, True, False, False, 2),
    "Mistral-7B": (14336, 32000, False, False, False, 2),
    "Mistral-7B-v0.3": (14336, 32768, False, False, False, 2),
    "Mixtral-8x7B": (14336, 32000, False, False, False, 2),
    "Mixtral-8x22B": (16384, 32000, False, False, False, 2),
    "Qwen2.5-0.5B": (4864, 151936, True, True, False, 2),
    "Qwen2.5-1.5B": (8960, 151936, True, True, False, 2),
    "Qwen2.5-3B": (11008, 151936, True, True, False, 2),
    "Qwen2.5-7B": (18944, 152064, False, True, False, 2),
    "Qwen2.5-14B": (13824, 152064, False, True, False, 2),
    "Qwen2.5-32B": (27648, 152064, False, True, False, 2),
    "Qwen2.5-72B": (29568, 152064, False, True, False, 2),
    "Qwen3-0.6B": (3072, 151936, True, False, True, 2),
    "Qwen3-1.7B": (6144, 151936, True, False, True, 2),
    "Qwen3-4B": (9728, 151936, True, False, True, 2),
    "Qwen3-8B": (12288, 151936, False, False, True, 2),
    "Qwen3-14B": (17408, 151936, False, False, True, 2),
    "Qwen3-32B": (25600, 151936, False, False, True, 2),
    "Phi-3-mini": (8192, 32064, False, False, False, 2),
    "Gemma-2-2B": (9216, 256000, True, False, False, 4),
    "Gemma-2-9B": (14336, 256000, True, False, False, 4),
    "Gemma-2-27B": (36864, 256000, True, False, False, 4),
}


@pytest.mark.parametrize("model", LANGUAGE_MODELS, ids=lambda model: model.name)
def test_a_row_has_exactly_the_parameters_that_its_configuration_makes(model: LanguageModel) -> None:
    intermediate, vocabulary, tied, biased, normed, norms = CONFIGURED[model.name]
    queries, keys = model.heads * model.head_dim, model.kv_heads * model.head_dim
    experts = 8 if model.active_params is not None else 1
    router = experts * model.hidden if experts > 1 else 0
    layer = model.hidden * (2 * queries + 2 * keys) + 3 * model.hidden * intermediate * experts + router
    layer += (queries + 2 * keys) * biased + 2 * model.head_dim * normed + norms * model.hidden
    embeddings = vocabulary * model.hidden * (1 if tied else 2)

    assert model.params == embeddings + model.layers * layer + model.hidden
    if model.active_params is not None:
        used = model.params - (experts - 2) * 3 * model.hidden * intermediate * model.layers  # three matrices an expert
        assert model.active_params == used


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Llama-3-8B", "Llama-3-8B"),
        ("Llama 3 8B on vLLM", "Llama-3-8B"),
        ("llama3-8b int4", "Llama-3-8B"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama-3-8B"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama-3-70B"),
        ("Mistral-7B-Instruct-v0.3", "Mistral-7B-v0.3"),
        ("mistralai/Mistral-7B-Instruct-v0.2", "Mistral-7B"),
        ("Mixtral 8x7B", "Mixtral-8x7B"),
        ("Qwen/Qwen2.5-7B-Instruct-AWQ", "Qwen2.5-7B"),
        ("Llama-3-80B", None),
        ("Llama-3-8Bit", None),
        ("CodeLlama-7B", None),
        ("Qwen2.5-VL-7B", None),
        ("Llama-3.2-11B", None),
        ("Llama-3-8B drafting for Llama-3-70B", None),
        ("XGBoost int8 on ONNX Runtime", None),
        ("", None),
    ],
)
def test_a_model_is_found_by_whole_words_or_not_at_all(text: str, name: str | None) -> None:
    found = language_model([text])
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A100-80", "A100-80"),
        ("NVIDIA A100 80GB", "A100-80"),
        ("a100 sxm4 80gb", "A100-80"),
        ("A100-80GB-PCIe", "A100-80-PCIe"),
        ("h100", "H100"),
        ("H100 SXM5 80GB", "H100"),
        ("Tesla T4", "T4"),
        ("A10G", "A10G"),
        ("A10", "A10"),
        ("A100", None),
        ("A11G", None),
        ("", None),
    ],
)
def test_a_gpu_is_found_whatever_its_spelling(text: str, name: str | None) -> None:
    found = gpu(text)
    assert (found.name if found else None) == name


def test_a_gpu_that_comes_in_several_sizes_is_not_guessed() -> None:
    assert near_names("A100") == ("A100-40", "A100-80", "A100-80-PCIe")
    assert near_names("V100") == ("V100-16", "V100-32")
    assert near_names("") == ()


def test_every_row_says_where_it_is_from() -> None:
    assert all(row.source for row in (*LANGUAGE_MODELS, *GPUS))
