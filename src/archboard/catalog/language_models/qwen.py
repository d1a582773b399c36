"""Qwen models of Alibaba, and what DeepSeek distilled into them."""

from __future__ import annotations

from archboard.catalog.language_models.shape import LanguageModel

QWEN: tuple[LanguageModel, ...] = (
    LanguageModel(
        "Qwen2.5-0.5B", 494_032_768, 24, 896, 14, 2, 64, "huggingface.co/Qwen/Qwen2.5-0.5B",
        vocabulary=151936, tied=True, context=32768, aka=("Qwen2.5-Coder-0.5B",),
    ),
    LanguageModel(
        "Qwen2.5-1.5B", 1_543_714_304, 28, 1536, 12, 2, 128, "huggingface.co/Qwen/Qwen2.5-1.5B",
        vocabulary=151936, tied=True, context=131072, aka=("Qwen2.5-Coder-1.5B",),
    ),
    LanguageModel(
        "Qwen2.5-3B", 3_085_938_688, 36, 2048, 16, 2, 128, "huggingface.co/Qwen/Qwen2.5-3B",
        vocabulary=151936, tied=True, context=32768, aka=("Qwen2.5-Coder-3B",),
    ),
    LanguageModel(
        "Qwen2.5-7B", 7_615_616_512, 28, 3584, 28, 4, 128, "huggingface.co/Qwen/Qwen2.5-7B",
        vocabulary=152064, context=131072, aka=("DeepSeek-R1-Distill-Qwen-7B", "Qwen2.5-Coder-7B"),
    ),
    LanguageModel(
        "Qwen2.5-14B", 14_770_033_664, 48, 5120, 40, 8, 128, "huggingface.co/Qwen/Qwen2.5-14B",
        vocabulary=152064, context=131072, aka=("DeepSeek-R1-Distill-Qwen-14B", "Qwen2.5-Coder-14B"),
    ),
    LanguageModel(
        "Qwen2.5-32B", 32_763_876_352, 64, 5120, 40, 8, 128, "huggingface.co/Qwen/Qwen2.5-32B",
        vocabulary=152064, context=131072, aka=("DeepSeek-R1-Distill-Qwen-32B", "QwQ-32B", "Qwen2.5-Coder-32B"),
    ),
    LanguageModel(
        "Qwen2.5-72B", 72_706_203_648, 80, 8192, 64, 8, 128, "huggingface.co/Qwen/Qwen2.5-72B",
        vocabulary=152064, context=131072,
    ),
    LanguageModel(
        "DeepSeek-R1-Distill-Qwen-1.5B", 1_777_088_000, 28, 1536, 12, 2, 128,
        "huggingface.co/deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
        vocabulary=151936, context=131072,
    ),
    LanguageModel(
        "Qwen3-0.6B", 596_049_920, 28, 1024, 16, 8, 128, "huggingface.co/Qwen/Qwen3-0.6B",
        vocabulary=151936, tied=True, context=40960,
    ),
    LanguageModel(
        "Qwen3-1.7B", 1_720_574_976, 28, 2048, 16, 8, 128, "huggingface.co/Qwen/Qwen3-1.7B",
        vocabulary=151936, tied=True, context=40960,
    ),
    LanguageModel(
        "Qwen3-4B", 4_022_468_096, 36, 2560, 32, 8, 128, "huggingface.co/Qwen/Qwen3-4B",
        vocabulary=151936, tied=True, context=40960,
    ),
    LanguageModel(
        "Qwen3-8B", 8_190_735_360, 36, 4096, 32, 8, 128, "huggingface.co/Qwen/Qwen3-8B",
        vocabulary=151936, context=40960,
    ),
    LanguageModel(
        "Qwen3-14B", 14_768_307_200, 40, 5120, 40, 8, 128, "huggingface.co/Qwen/Qwen3-14B",
        vocabulary=151936, context=40960,
    ),
    LanguageModel(
        "Qwen3-32B", 32_762_123_264, 64, 5120, 64, 8, 128, "huggingface.co/Qwen/Qwen3-32B",
        vocabulary=151936, context=40960,
    ),
    LanguageModel(
        "Qwen3-30B-A3B", 30_532_122_624, 48, 2048, 32, 4, 128, "huggingface.co/Qwen/Qwen3-30B-A3B",
        vocabulary=151936, context=40960, active_params=3_353_032_704, experts=128, experts_used=8,
    ),
    LanguageModel(
        "Qwen3-30B-A3B-2507", 30_532_122_624, 48, 2048, 32, 4, 128, "huggingface.co/Qwen/Qwen3-30B-A3B-Instruct-2507",
        vocabulary=151936, context=262144, active_params=3_353_032_704, experts=128, experts_used=8,
        aka=("Qwen3-30B-A3B-Instruct-2507", "Qwen3-30B-A3B-Thinking-2507"),
    ),
    LanguageModel(
        "Qwen3-235B-A22B", 235_093_634_560, 94, 4096, 64, 4, 128, "huggingface.co/Qwen/Qwen3-235B-A22B",
        vocabulary=151936, context=40960, active_params=22_190_763_520, experts=128, experts_used=8,
    ),
    LanguageModel(
        "Qwen3-235B-A22B-2507", 235_093_634_560, 94, 4096, 64, 4, 128,
        "huggingface.co/Qwen/Qwen3-235B-A22B-Instruct-2507",
        vocabulary=151936, context=262144, active_params=22_190_763_520, experts=128, experts_used=8,
        aka=("Qwen3-235B-A22B-Instruct-2507", "Qwen3-235B-A22B-Thinking-2507"),
    ),
)  # fmt: skip
