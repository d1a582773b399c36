"""Models of Google, Microsoft and OpenAI."""

from __future__ import annotations

from archboard.catalog.language_models.shape import LanguageModel

OTHERS: tuple[LanguageModel, ...] = (
    LanguageModel(
        "Gemma-2-2B", 2_614_341_888, 26, 2304, 8, 4, 256, "huggingface.co/google/gemma-2-2b",
        vocabulary=256000, tied=True, context=8192, window=4096, window_layers=13,
    ),
    LanguageModel(
        "Gemma-2-9B", 9_241_705_984, 42, 3584, 16, 8, 256, "huggingface.co/google/gemma-2-9b",
        vocabulary=256000, tied=True, context=8192, window=4096, window_layers=21,
    ),
    LanguageModel(
        "Gemma-2-27B", 27_227_128_320, 46, 4608, 32, 16, 128, "huggingface.co/google/gemma-2-27b",
        vocabulary=256000, tied=True, context=8192, window=4096, window_layers=23,
    ),
    LanguageModel(
        "Gemma-3-1B", 999_885_952, 26, 1152, 4, 1, 256, "huggingface.co/google/gemma-3-1b-pt",
        vocabulary=262144, tied=True, context=32768, window=512, window_layers=22,
    ),
    LanguageModel(
        "Gemma-3-4B", 3_880_263_168, 34, 2560, 8, 4, 256, "huggingface.co/google/gemma-3-4b-pt",
        vocabulary=262208, tied=True, context=131072, window=1024, window_layers=29,
    ),
    LanguageModel(
        "Gemma-3-12B", 11_766_034_176, 48, 3840, 16, 8, 256, "huggingface.co/google/gemma-3-12b-pt",
        vocabulary=262208, tied=True, context=131072, window=1024, window_layers=40,
    ),
    LanguageModel(
        "Gemma-3-27B", 27_009_346_304, 62, 5376, 32, 16, 128, "huggingface.co/google/gemma-3-27b-pt",
        vocabulary=262208, tied=True, context=131072, window=1024, window_layers=52,
    ),
    LanguageModel(
        "Phi-3-mini", 3_821_079_552, 32, 3072, 32, 32, 96, "huggingface.co/microsoft/Phi-3-mini-4k-instruct",
        vocabulary=32064, context=4096, aka=("Phi-3-mini-4k",),
    ),
    LanguageModel(
        "Phi-3.5-mini", 3_821_079_552, 32, 3072, 32, 32, 96, "huggingface.co/microsoft/Phi-3.5-mini-instruct",
        vocabulary=32064, context=131072, aka=("Phi-3-mini-128k",),
    ),
    LanguageModel(
        "Phi-3-medium", 13_960_238_080, 40, 5120, 40, 10, 128, "huggingface.co/microsoft/Phi-3-medium-128k-instruct",
        vocabulary=32064, context=131072,
    ),
    LanguageModel(
        "Phi-4", 14_659_507_200, 40, 5120, 40, 10, 128, "huggingface.co/microsoft/phi-4",
        vocabulary=100352, context=16384,
    ),
    LanguageModel(
        "Phi-4-mini", 3_836_021_760, 32, 3072, 24, 8, 128, "huggingface.co/microsoft/Phi-4-mini-instruct",
        vocabulary=200064, tied=True, context=131072,
    ),
    LanguageModel(
        "gpt-oss-120b", 116_829_156_672, 36, 2880, 64, 8, 64, "huggingface.co/openai/gpt-oss-120b",
        vocabulary=201088, context=131072, active_params=5_711_982_912, experts=128, experts_used=4, window=128,
        window_layers=18, published="mxfp4",
    ),
    LanguageModel(
        "gpt-oss-20b", 20_914_757_184, 24, 2880, 64, 8, 64, "huggingface.co/openai/gpt-oss-20b",
        vocabulary=201088, context=131072, active_params=4_187_440_704, experts=32, experts_used=4, window=128,
        window_layers=12, published="mxfp4",
    ),
)  # fmt: skip
