"""The shape of a language model: what of its published `config.json` says what it keeps, reads and computes."""

from __future__ import annotations

from archboard.records import record


@record
class LanguageModel:
    """One model's shape. `active_params` are those used per token, all of them unless it is a mixture of experts.

    `vocabulary` × `hidden` are its embeddings, twice unless `tied`. `context` is the longest it was made for. The last
    `window` tokens are all that `window_layers` of its layers look back on. `kv_latent` values stand for all heads of a
    layer in the cache, where it has such. `kept` parameters stay in 16 bits in its release in 8; `published` is the
    precision of its release, where that is not of 16 bits. `aka` are other names of the same shape, `source` the
    repository whose configuration the row is from.
    """

    name: str
    params: int
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    source: str
    vocabulary: int = 0
    tied: bool = False
    context: int = 0
    active_params: int | None = None
    experts: int = 0
    experts_used: int = 0
    window: int = 0
    window_layers: int = 0
    kv_latent: int = 0
    kept: int = 0
    published: str = ""
    aka: tuple[str, ...] = ()
