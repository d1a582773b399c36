"""What reports tell of models: memory against GPUs, speed, and what a million tokens cost; a row a model."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Facts

HEAD = ("Model", "Memory", "Made of", "First token", "Writes", "A million tokens")


def model_rows(facts: Facts) -> Iterator[tuple[str, ...]]:
    """Yield, for each model whose memory or speed is known, the cells under `HEAD`; "" for what is not known."""
    for name in dict.fromkeys(fact.subject for fact in facts if fact.metric.name in ("weights", "decode_rate", "ttft")):
        yield name, _memory(facts, name), _parts(facts, name), _first_token(facts, name), *_written(facts, name)


def _shown(facts: Facts, metric: str, name: str) -> str:
    fact = facts.get(metric, name)
    return "" if fact is None or fact.value is None else fact.shown


def _memory(facts: Facts, name: str) -> str:
    memory, usable, gpu = (facts.get(metric, name) for metric in ("memory", "gpu_usable", "gpu_memory"))
    if memory is None or memory.value is None:
        return ""
    rule = _shown(facts, "memory_rule", name)
    thumb = f", {rule} by rule of thumb" if rule else ""
    if usable is None or gpu is None:
        return f"{memory.shown}{thumb}"
    return f"{memory.shown} of {usable.shown} that an engine takes ({gpu.told}){thumb}"


def _parts(facts: Facts, name: str) -> str:
    cache, weights = facts.get("kv_cache", name), _shown(facts, "weights", name)
    parts = [f"{weights} weights"] if weights else []
    if cache is not None:
        parts.append(f"{cache.shown} KV cache" if cache.value is not None else f"KV cache {cache.told}")
    return " + ".join(parts)


def _first_token(facts: Facts, name: str) -> str:
    ttft, tpot = _shown(facts, "ttft", name), _shown(facts, "tpot", name)
    return f"{ttft}, then {tpot} each" if ttft and tpot else ttft


def _written(facts: Facts, name: str) -> tuple[str, str]:
    rate, asked = _shown(facts, "decode_rate", name), _shown(facts, "tokens_demand", name)
    speed = f"{rate.removesuffix('/s')} tokens/s" if rate.endswith("/s") else rate
    served, full = _shown(facts, "cost_million_tokens", name), _shown(facts, "cost_million_tokens_full", name)
    asking = f", {asked} asked for" if asked and speed else ""
    return speed + asking, f"{served} served, {full} full" if served and full else served or full
