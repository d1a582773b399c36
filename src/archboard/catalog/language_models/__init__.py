"""Well-known language models: what `runs: "Llama-3-8B"` says of a model's shape.

Parameters are those of the published weights, counted tensor by tensor; the other columns stand in the model's
published `config.json`. Models that differ in training alone share a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from archboard.catalog.language_models.deepseek import DEEPSEEK
from archboard.catalog.language_models.llama import LLAMA
from archboard.catalog.language_models.mistral import MISTRAL
from archboard.catalog.language_models.others import OTHERS
from archboard.catalog.language_models.qwen import QWEN
from archboard.catalog.language_models.shape import LanguageModel

__all__ = ["LANGUAGE_MODELS", "LanguageModel", "language_model", "unknown_name"]

LANGUAGE_MODELS: tuple[LanguageModel, ...] = (*LLAMA, *MISTRAL, *QWEN, *DEEPSEEK, *OTHERS)

FAMILIES = ("llama", "mistral", "mixtral", "qwen", "deepseek", "gemma", "phi", "gpt-oss")
"""Words that say of a text that it names a language model."""

_WORDS = re.compile(r"[a-z]+|\d+(?:\.\d+)*")
_NAME = re.compile(rf"\b(?:{'|'.join(FAMILIES)})[\w.-]*(?: +\d[\w.]*)*", re.IGNORECASE)


def language_model(texts: Iterable[str]) -> LanguageModel | None:
    """Return the one model that some texts name, the longest name winning; None where none or several are named.

    Names are compared word by word, so that `Llama 3 8B` and `meta-llama/Llama-3-8B-Instruct` are Llama-3-8B, and
    `Llama-3-80B` is not.
    """
    named: dict[str, LanguageModel] = {}
    for text in texts:
        words, at = _WORDS.findall(text.casefold()), 0
        while at < len(words):
            length, model = _named_at(words, at)
            if model is not None:
                named[model.name] = model
            at += max(1, length)
    return next(iter(named.values())) if len(named) == 1 else None


def unknown_name(texts: Iterable[str]) -> str:
    """Return the name of a model of a family of the table in some texts, for which it has no row; "" if none."""
    for text in texts:
        for found in _NAME.findall(text):
            name = str(found)
            if any(sign.isdigit() for sign in name) and language_model([name]) is None:
                return name
    return ""


def _named_at(words: list[str], at: int) -> tuple[int, LanguageModel | None]:
    """Return the longest name that begins at a word, and how many words it has."""
    fits = [(len(name), at, model) for name, model in _NAMES.get(words[at], ()) if words[at : at + len(name)] == name]
    length, _, model = max(fits, key=lambda fit: fit[0], default=(0, at, None))
    return length, model


_NAMES: dict[str, list[tuple[list[str], LanguageModel]]] = {}
for _model in LANGUAGE_MODELS:
    for _name in (_model.name, *_model.aka):
        _words = _WORDS.findall(_name.casefold())
        _NAMES.setdefault(_words[0], []).append((_words, _model))
