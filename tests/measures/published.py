"""What others measured of language models, each row as a design of one model, and what archboard makes of it.

The rows are those of `tests/data/serving_published.json`. A row becomes a file as a user would write it; the number
is read from the facts. `docs/serving.md` lists all of them: `pytest tests/measures/test_serving_published.py
--accept` writes it anew.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from archboard.compiler import compile_source
from archboard.facts import Facts
from archboard.source import Source

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "serving.md"
HARDLY = "0.000001 rps"
MANY = 100_000
GIB, MIB = 2.0**30, 2.0**20


@dataclass(frozen=True)
class Row:
    """One published number and the same, computed."""

    group: str
    what: str
    published: float
    computed: float
    source: str

    @property
    def ratio(self) -> float:
        return self.computed / self.published


def rows() -> list[Row]:
    found = json.loads((ROOT / "tests" / "data" / "serving_published.json").read_text("utf-8"))["rows"]
    return [Row(group_of(row), what(row), row["published"], computed(row), row["source"]) for row in found]


def group_of(row: dict[str, object]) -> str:
    quantity, several = str(row["quantity"]), int(str(row.get("gpus", 1))) > 1
    if "tokens/s" in quantity or quantity.startswith("tpot"):
        return "several GPUs" if several else "one GPU"
    if quantity.startswith("ttft"):
        return "first token"
    if quantity.startswith("weights"):
        return "weights"
    return "tokens that fit" if "that fit" in quantity else "cache"


def what(row: dict[str, object]) -> str:
    gpus = int(str(row.get("gpus", 1)))
    parts = [str(row["model"]), f"{gpus} × {row['gpu']}" if gpus > 1 else str(row.get("gpu", ""))]
    parts += [str(row.get("precision", ""))]
    if "prompt_tokens" in row:
        parts.append(f"{row['prompt_tokens']} in" + (f", {row['output_tokens']} out" if "output_tokens" in row else ""))
    if row.get("batch") not in (None, 1):
        parts.append(f"batch {row['batch']}" if row["batch"] != "largest that fits" else "all that fit")
    return f"{row['quantity']}: {', '.join(part for part in parts if part)}"


def computed(row: dict[str, object]) -> float:
    quantity, output = str(row["quantity"]), float(str(row.get("output_tokens", 1)))
    facts = facts_of(row)

    def value(metric: str) -> float:
        number = facts.value(metric, "m")
        assert number is not None, (metric, row)
        return number

    if "saturation" in quantity or "tokens/s, closed" in quantity:
        each = float(str(row.get("gpus", 1))) if "per GPU" in quantity else 1.0
        return value("saturation") * output / each
    if "one request alone" in quantity:
        return output / value("latency_least")
    if quantity.startswith("tpot"):
        stay = float(str(row["batch"])) / value("saturation")
        return (stay - value("prompt_time")) / (output - 1)
    if quantity.startswith("ttft"):
        return value("ttft")
    if quantity.startswith("weights"):
        return value("weights") / GIB
    if "that fit" in quantity:
        return value("largest_batch")
    return value("kv_token") if "per token" in quantity else value("kv_cache") / MIB


def facts_of(row: dict[str, object]) -> Facts:
    """Return the facts of a row written as a design."""
    quantity, settings, use = str(row["quantity"]), [f'runs: "{row["model"]}"'], ""
    for name in ("gpus", "precision", "kv_precision", "prompt_tokens", "output_tokens"):
        if name in row:
            settings.append(f"{name}: {row[name]}")
    gpu = str(row.get("gpu", ""))
    if "that fit" in quantity:
        gpu, memory, use = GPUS[gpu]
        settings += [memory, "context: 1", "batch: 1"] if memory else ["context: 1", "batch: 1"]
    elif " at " in quantity and "KV cache" in quantity:
        settings.append(f"context: {quantity.split(' at ')[1].split(' ')[0].replace(',', '')}")
    else:
        batch = row.get("batch", 1)
        settings.append(f"batch: {MANY if batch == 'largest that fits' else batch}")
    if quantity.startswith("ttft"):
        settings.append("output_tokens: 1")
    if gpu:
        settings.append(f"gpu: {gpu}")
    text = f"design d {{ {use} }}\nclient c {{ rate: {HARDLY} }}\nmodel m {{ {'; '.join(settings)} }}\nc -> m\n"
    return compile_source(Source("row.arch", text)).facts


GPUS = {
    "RTX 3090, 23.57 GiB seen, 90% used": ("RTX-3090", "gpu_memory: 23.57 GiB", ""),
    "one H100, 98% used": ("H100", "", "assume: gpu use 98%"),
}
"""What two logs say of their GPU, as settings."""


def mean(numbers: list[float]) -> float:
    """Return the geometric mean."""
    return math.exp(math.fsum(map(math.log, numbers)) / len(numbers))


def page(found: list[Row]) -> str:
    """Return `docs/serving.md`."""
    head = (ROOT / "tests" / "data" / "serving_head.md").read_text("utf-8")
    columns = "| group | rows | geometric mean | least | most | to reach |"
    lines = [head.rstrip(), "", columns, "|---|---|---|---|---|---|"]
    for group, reach in REACH.items():
        ratios = [row.ratio for row in found if row.group == group]
        numbers = f"{mean(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f}"
        lines.append(f"| {group} | {len(ratios)} | {numbers} | {reach} |")
    for group in REACH:
        title = f"## {group[0].upper()}{group[1:]}"
        lines += ["", title, "", "| what | published | computed | ÷ |", "|---|---|---|---|"]
        for row in found:
            if row.group == group:
                lines.append(f"| {row.what} | {shown(row.published)} | {shown(row.computed)} | {row.ratio:.2f} |")
    sources = dict.fromkeys(row.source for row in found)
    lines += ["", "## Sources", "", *(f"- {source}" for source in sources)]
    return "\n".join(lines) + "\n"


REACH = {
    "one GPU": "mean 0.85 to 1.2, none beyond 2",
    "several GPUs": "mean 0.7 to 1.4",
    "first token": "each 0.6 to 1.5, but for tiny ones",
    "weights": "each within 5%",
    "cache": "exact, where the engine keeps no more",
    "tokens that fit": "each within 15%",
}


def shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 1000 else f"{number:.4g}"
