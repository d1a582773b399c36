"""Models of Mistral AI."""

from __future__ import annotations

from archboard.catalog.language_models.shape import LanguageModel

MISTRAL: tuple[LanguageModel, ...] = (
    LanguageModel(
        "Mistral-7B-v0.1", 7_241_732_096, 32, 4096, 32, 8, 128, "huggingface.co/mistralai/Mistral-7B-v0.1",
        vocabulary=32000, context=32768, window=4096, window_layers=32, aka=("Mistral-7B-Instruct-v0.1",),
    ),
    LanguageModel(
        "Mistral-7B-v0.2", 7_241_732_096, 32, 4096, 32, 8, 128, "huggingface.co/mistralai/Mistral-7B-Instruct-v0.2",
        vocabulary=32000, context=32768, aka=("Mistral-7B-Instruct-v0.2",),
    ),
    LanguageModel(
        "Mistral-7B-v0.3", 7_248_023_552, 32, 4096, 32, 8, 128, "huggingface.co/mistralai/Mistral-7B-v0.3",
        vocabulary=32768, context=32768, aka=("Mistral-7B-Instruct-v0.3", "Mistral-7B"),
    ),
    LanguageModel(
        "Mistral-Nemo-12B", 12_247_782_400, 40, 5120, 32, 8, 128, "huggingface.co/mistralai/Mistral-Nemo-Base-2407",
        vocabulary=131072, context=131072, aka=("Mistral-Nemo",),
    ),
    LanguageModel(
        "Mistral-Small-24B", 23_572_403_200, 40, 5120, 32, 8, 128,
        "huggingface.co/mistralai/Mistral-Small-24B-Base-2501",
        vocabulary=131072, context=32768,
    ),
    LanguageModel(
        "Mistral-Small-3.1-24B", 23_572_403_200, 40, 5120, 32, 8, 128,
        "huggingface.co/mistralai/Mistral-Small-3.1-24B-Base-2503",
        vocabulary=131072, context=131072,
    ),
    LanguageModel(
        "Mistral-Large-123B", 122_610_069_504, 88, 12288, 96, 8, 128,
        "huggingface.co/mistralai/Mistral-Large-Instruct-2407",
        vocabulary=32768, context=131072, aka=("Mistral-Large-2", "Mistral-Large-Instruct-2407"),
    ),
    LanguageModel(
        "Mixtral-8x7B", 46_702_792_704, 32, 4096, 32, 8, 128, "huggingface.co/mistralai/Mixtral-8x7B-v0.1",
        vocabulary=32000, context=32768, active_params=12_879_925_248, experts=8, experts_used=2,
    ),
    LanguageModel(
        "Mixtral-8x22B", 140_620_634_112, 56, 6144, 48, 8, 128, "huggingface.co/mistralai/Mixtral-8x22B-v0.1",
        vocabulary=32000, context=65536, active_params=39_152_031_744, experts=8, experts_used=2,
    ),
)  # fmt: skip
