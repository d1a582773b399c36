"""Llama models of Meta."""

from __future__ import annotations

from archboard.catalog.language_models.shape import LanguageModel

LLAMA: tuple[LanguageModel, ...] = (
    LanguageModel(
        "Llama-7B", 6_738_415_616, 32, 4096, 32, 32, 128, "huggingface.co/huggyllama/llama-7b",
        vocabulary=32000, context=2048,
    ),
    LanguageModel(
        "Llama-13B", 13_015_864_320, 40, 5120, 40, 40, 128, "huggingface.co/huggyllama/llama-13b",
        vocabulary=32000, context=2048,
    ),
    LanguageModel(
        "Llama-2-7B", 6_738_415_616, 32, 4096, 32, 32, 128, "huggingface.co/meta-llama/Llama-2-7b-hf",
        vocabulary=32000, context=4096,
    ),
    LanguageModel(
        "Llama-2-13B", 13_015_864_320, 40, 5120, 40, 40, 128, "huggingface.co/meta-llama/Llama-2-13b-hf",
        vocabulary=32000, context=4096,
    ),
    LanguageModel(
        "Llama-2-70B", 68_976_648_192, 80, 8192, 64, 8, 128, "huggingface.co/meta-llama/Llama-2-70b-hf",
        vocabulary=32000, context=4096,
    ),
    LanguageModel(
        "Llama-3-8B", 8_030_261_248, 32, 4096, 32, 8, 128, "huggingface.co/meta-llama/Meta-Llama-3-8B",
        vocabulary=128256, context=8192,
    ),
    LanguageModel(
        "Llama-3-70B", 70_553_706_496, 80, 8192, 64, 8, 128, "huggingface.co/meta-llama/Meta-Llama-3-70B",
        vocabulary=128256, context=8192,
    ),
    LanguageModel(
        "Llama-3.1-8B", 8_030_261_248, 32, 4096, 32, 8, 128, "huggingface.co/meta-llama/Llama-3.1-8B",
        vocabulary=128256, context=131072, aka=("DeepSeek-R1-Distill-Llama-8B",),
    ),
    LanguageModel(
        "Llama-3.1-70B", 70_553_706_496, 80, 8192, 64, 8, 128, "huggingface.co/meta-llama/Llama-3.1-70B",
        vocabulary=128256, context=131072,
        aka=("Llama-3.3-70B", "DeepSeek-R1-Distill-Llama-70B", "Llama-3.1-Nemotron-70B"),
    ),
    LanguageModel(
        "Llama-3.1-405B", 405_853_388_800, 126, 16384, 128, 8, 128, "huggingface.co/meta-llama/Llama-3.1-405B",
        vocabulary=128256, context=131072, kept=81_314_922_496,
    ),
    LanguageModel(
        "Llama-3.2-1B", 1_235_814_400, 16, 2048, 32, 8, 64, "huggingface.co/meta-llama/Llama-3.2-1B",
        vocabulary=128256, tied=True, context=131072,
    ),
    LanguageModel(
        "Llama-3.2-3B", 3_212_749_824, 28, 3072, 24, 8, 128, "huggingface.co/meta-llama/Llama-3.2-3B",
        vocabulary=128256, tied=True, context=131072,
    ),
    LanguageModel(
        "Llama-4-Scout", 107_769_861_120, 48, 5120, 40, 8, 128, "huggingface.co/meta-llama/Llama-4-Scout-17B-16E",
        vocabulary=202048, context=10485760, active_params=17_172_894_720, experts=16, experts_used=1, window=8192,
        window_layers=36, aka=("Llama-4-Scout-17B-16E",),
    ),
    LanguageModel(
        "Llama-4-Maverick", 400_711_848_960, 48, 5120, 40, 8, 128,
        "huggingface.co/meta-llama/Llama-4-Maverick-17B-128E",
        vocabulary=202048, context=1048576, active_params=17_184_691_200, experts=128, experts_used=1, window=8192,
        window_layers=36, aka=("Llama-4-Maverick-17B-128E",),
    ),
)  # fmt: skip
