"""The tables of language models and GPUs: how names are found, and that rows agree with what is published."""

import pytest

from archboard.catalog.gpus import GPUS, gpu, near_names
from archboard.catalog.language_models import LANGUAGE_MODELS, LanguageModel, language_model

CONFIGURED = {
    # intermediate size (of an expert), biases on queries, keys and values, norms of them, norms a layer
    "Llama-7B": (11008, False, False, 2),
    "Llama-13B": (13824, False, False, 2),
    "Llama-2-7B": (11008, False, False, 2),
    "Llama-2-13B": (13824, False, False, 2),
    "Llama-2-70B": (28672, False, False, 2),
    "Llama-3-8B": (14336, False, False, 2),
    "Llama-3-70B": (28672, False, False, 2),
    "Llama-3.1-8B": (14336, False, False, 2),
    "Llama-3.1-70B": (28672, False, False, 2),
    "Llama-3.1-405B": (53248, False, False, 2),
    "Llama-3.2-1B": (8192, False, False, 2),
    "Llama-3.2-3B": (8192, False, False, 2),
    "Mistral-7B-v0.1": (14336, False, False, 2),
    "Mistral-7B-v0.2": (14336, False, False, 2),
    "Mistral-7B-v0.3": (14336, False, False, 2),
    "Mistral-Nemo-12B": (14336, False, False, 2),
    "Mistral-Small-24B": (32768, False, False, 2),
    "Mistral-Small-3.1-24B": (32768, False, False, 2),
    "Mistral-Large-123B": (28672, False, False, 2),
    "Mixtral-8x7B": (14336, False, False, 2),
    "Mixtral-8x22B": (16384, False, False, 2),
    "Qwen2.5-0.5B": (4864, True, False, 2),
    "Qwen2.5-1.5B": (8960, True, False, 2),
    "Qwen2.5-3B": (11008, True, False, 2),
    "Qwen2.5-7B": (18944, True, False, 2),
    "Qwen2.5-14B": (13824, True, False, 2),
    "Qwen2.5-32B": (27648, True, False, 2),
    "Qwen2.5-72B": (29568, True, False, 2),
    "DeepSeek-R1-Distill-Qwen-1.5B": (8960, True, False, 2),
    "Qwen3-0.6B": (3072, False, True, 2),
    "Qwen3-1.7B": (6144, False, True, 2),
    "Qwen3-4B": (9728, False, True, 2),
    "Qwen3-8B": (12288, False, True, 2),
    "Qwen3-14B": (17408, False, True, 2),
    "Qwen3-32B": (25600, False, True, 2),
    "Qwen3-30B-A3B": (768, False, True, 2),
    "Qwen3-30B-A3B-2507": (768, False, True, 2),
    "Qwen3-235B-A22B": (1536, False, True, 2),
    "Qwen3-235B-A22B-2507": (1536, False, True, 2),
    "Phi-3-mini": (8192, False, False, 2),
    "Phi-3.5-mini": (8192, False, False, 2),
    "Phi-3-medium": (17920, False, False, 2),
    "Phi-4": (17920, False, False, 2),
    "Phi-4-mini": (8192, False, False, 2),
    "Gemma-2-2B": (9216, False, False, 4),
    "Gemma-2-9B": (14336, False, False, 4),
    "Gemma-2-27B": (36864, False, False, 4),
    "Gemma-3-1B": (6912, False, True, 4),
    "Gemma-3-4B": (10240, False, True, 4),
    "Gemma-3-12B": (15360, False, True, 4),
    "Gemma-3-27B": (21504, False, True, 4),
}
PUBLISHED = {
    # whose layers are not all alike: billions of parameters, all and active, as their makers say
    "Llama-4-Scout": (109, 17),
    "Llama-4-Maverick": (400, 17),
    "DeepSeek-V2": (236, 21),
    "DeepSeek-V2-Lite": (15.7, 2.4),
    "DeepSeek-V3": (671, 37),
    "gpt-oss-120b": (117, 5.1),
    "gpt-oss-20b": (21, 3.6),
}


def test_every_row_is_counted_or_published() -> None:
    assert {model.name for model in LANGUAGE_MODELS} == {*CONFIGURED, *PUBLISHED}


@pytest.mark.parametrize("model", [m for m in LANGUAGE_MODELS if m.name in CONFIGURED], ids=lambda model: model.name)
def test_a_row_has_exactly_the_parameters_that_its_configuration_makes(model: LanguageModel) -> None:
    intermediate, biased, normed, norms = CONFIGURED[model.name]
    queries, keys = model.heads * model.head_dim, model.kv_heads * model.head_dim
    experts = model.experts or 1
    router = experts * model.hidden if experts > 1 else 0
    layer = model.hidden * (2 * queries + 2 * keys) + 3 * model.hidden * intermediate * experts + router
    layer += (queries + 2 * keys) * biased + 2 * model.head_dim * normed + norms * model.hidden
    embeddings = model.vocabulary * model.hidden * (1 if model.tied else 2)

    assert model.params == embeddings + model.layers * layer + model.hidden
    if model.active_params is not None:  # three matrices an expert
        idle = (experts - model.experts_used) * 3 * model.hidden * intermediate * model.layers
        assert model.active_params == model.params - idle


@pytest.mark.parametrize("model", [m for m in LANGUAGE_MODELS if m.name in PUBLISHED], ids=lambda model: model.name)
def test_a_row_of_unlike_layers_has_the_parameters_that_are_published(model: LanguageModel) -> None:
    """Active ones are counted with the embeddings here, which their makers leave out in part."""
    billions, active = PUBLISHED[model.name]
    assert model.params / 1e9 == pytest.approx(billions, rel=0.012)
    assert model.active_params is not None
    ends = 2 * model.vocabulary * model.hidden / 1e9
    assert active * 0.98 - 0.1 <= model.active_params / 1e9 <= active + ends


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Llama-3-8B", "Llama-3-8B"),
        ("Llama 3 8B on vLLM", "Llama-3-8B"),
        ("llama3-8b int4", "Llama-3-8B"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama-3.1-8B"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama-3.1-70B"),
        ("Mistral-7B-Instruct-v0.3", "Mistral-7B-v0.3"),
        ("mistralai/Mistral-7B-Instruct-v0.2", "Mistral-7B-v0.2"),
        ("mistralai/Mistral-7B-v0.1", "Mistral-7B-v0.1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "Qwen2.5-7B"),
        ("DeepSeek-R1 on SGLang", "DeepSeek-V3"),
        ("google/gemma-3-27b-it", "Gemma-3-27B"),
        ("openai/gpt-oss-120b", "gpt-oss-120b"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "Qwen3-30B-A3B-2507"),
        ("unsloth/Llama-4-Scout-17B-16E-Instruct", "Llama-4-Scout"),
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
        ("NVIDIA H100 NVL", "H100-NVL"),
        ("RTX 6000 Ada", "RTX-6000-Ada"),
        ("NVIDIA GeForce RTX 3090", "RTX-3090"),
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
