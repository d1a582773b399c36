"""Models of DeepSeek: mixtures of experts with latent attention."""

from __future__ import annotations

from archboard.catalog.language_models.shape import LanguageModel

DEEPSEEK: tuple[LanguageModel, ...] = (
    LanguageModel(
        "DeepSeek-V2", 235_741_434_880, 60, 5120, 128, 128, 192, "huggingface.co/deepseek-ai/DeepSeek-V2",
        vocabulary=102400, context=163840, active_params=21_375_800_320, experts=160, experts_used=6, kv_latent=576,
        aka=("DeepSeek-V2.5",),
    ),
    LanguageModel(
        "DeepSeek-V2-Lite", 15_706_484_224, 27, 2048, 16, 16, 192, "huggingface.co/deepseek-ai/DeepSeek-V2-Lite",
        vocabulary=102400, context=163840, active_params=2_661_150_208, experts=64, experts_used=6, kv_latent=576,
    ),
    LanguageModel(
        "DeepSeek-V3", 671_026_419_200, 61, 7168, 128, 128, 192, "huggingface.co/deepseek-ai/DeepSeek-V3",
        vocabulary=129280, context=163840, active_params=37_552_297_472, experts=256, experts_used=8, kv_latent=576,
        published="fp8", aka=("DeepSeek-R1", "DeepSeek-V3.1", "DeepSeek-V3-0324", "DeepSeek-R1-0528"),
    ),
)  # fmt: skip
