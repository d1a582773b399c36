"""GPUs: memory, bandwidth and dense compute as their vendors state them.

A vendor's GB is 10⁹ bytes here. Compute is of the tensor cores without sparsity, which data sheets like to double;
`flops` is fp16 and bf16, `flops8` fp8 where the GPU has it, both with 32-bit accumulation.
"""

from __future__ import annotations

import re

from archboard.records import record

GB, TB, TFLOPS = 1e9, 1e12, 1e12


@record
class Gpu:
    """One GPU: bytes, bytes a second, FLOP/s; `aka` are other names of it, `source` the data sheet."""

    name: str
    memory: float
    bandwidth: float
    flops: float
    source: str
    flops8: float | None = None
    aka: tuple[str, ...] = ()


GPUS: tuple[Gpu, ...] = (
    Gpu("T4", 16 * GB, 320 * GB, 65 * TFLOPS, "NVIDIA T4 data sheet, nvidia.com/en-us/data-center/tesla-t4"),
    Gpu(
        "L4", 24 * GB, 300 * GB, 121 * TFLOPS, "NVIDIA L4 data sheet, nvidia.com/en-us/data-center/l4",
        242 * TFLOPS,
    ),
    Gpu("A10", 24 * GB, 600 * GB, 125 * TFLOPS, "NVIDIA A10 data sheet, nvidia.com/en-us/data-center/products/a10-gpu"),
    Gpu(
        "A10G", 24 * GB, 600 * GB, 70 * TFLOPS,
        "NVIDIA A10G data sheet for AWS G5, as quoted in baseten.co/blog/nvidia-a10-vs-a10g-for-ml-model-inference",
    ),
    Gpu("A30", 24 * GB, 933 * GB, 165 * TFLOPS, "NVIDIA A30 data sheet, nvidia.com/en-us/data-center/products/a30-gpu"),
    Gpu("A40", 48 * GB, 696 * GB, 149.7 * TFLOPS, "NVIDIA A40 data sheet, nvidia.com/en-us/data-center/a40"),
    Gpu(
        "RTX-A6000", 48 * GB, 768 * GB, 154.8 * TFLOPS,
        "NVIDIA RTX A6000 data sheet, nvidia.com/en-us/design-visualization/rtx-a6000", aka=("A6000",),
    ),
    Gpu(
        "RTX-4090", 24 * GB, 1008 * GB, 165.2 * TFLOPS, "NVIDIA Ada GPU architecture white paper", 330.3 * TFLOPS,
        ("4090",),
    ),
    Gpu(
        "L40S", 48 * GB, 864 * GB, 362 * TFLOPS, "NVIDIA L40S data sheet, nvidia.com/en-us/data-center/l40s",
        733 * TFLOPS,
    ),
    Gpu("V100-16", 16 * GB, 900 * GB, 125 * TFLOPS, "NVIDIA V100 data sheet (SXM2), nvidia.com/en-us/data-center/v100"),
    Gpu("V100-32", 32 * GB, 900 * GB, 125 * TFLOPS, "NVIDIA V100 data sheet (SXM2), nvidia.com/en-us/data-center/v100"),
    Gpu(
        "A100-40", 40 * GB, 1555 * GB, 312 * TFLOPS, "NVIDIA A100 data sheet, nvidia.com/en-us/data-center/a100",
        aka=("A100-40-PCIe",),
    ),
    Gpu("A100-80", 80 * GB, 2039 * GB, 312 * TFLOPS, "NVIDIA A100 data sheet (SXM), nvidia.com/en-us/data-center/a100"),
    Gpu(
        "A100-80-PCIe", 80 * GB, 1935 * GB, 312 * TFLOPS,
        "NVIDIA A100 data sheet (PCIe), nvidia.com/en-us/data-center/a100", aka=("A100-PCIe-80",),
    ),
    Gpu(
        "H100", 80 * GB, 3350 * GB, 989 * TFLOPS, "NVIDIA H100 data sheet (SXM), nvidia.com/en-us/data-center/h100",
        1979 * TFLOPS, ("H100-80",),
    ),
    Gpu(
        "H100-PCIe", 80 * GB, 2000 * GB, 756 * TFLOPS,
        "NVIDIA H100 data sheet (PCIe), nvidia.com/en-us/data-center/h100", 1513 * TFLOPS,
        ("H100-80-PCIe", "H100-PCIe-80"),
    ),
    Gpu(
        "H200", 141 * GB, 4800 * GB, 989 * TFLOPS, "NVIDIA H200 data sheet (SXM), nvidia.com/en-us/data-center/h200",
        1979 * TFLOPS, ("H200-141",),
    ),
    Gpu(
        "B200", 180 * GB, 8 * TB, 2250 * TFLOPS,
        "NVIDIA DGX B200 data sheet, an eighth of it, nvidia.com/en-us/data-center/dgx-b200", 4500 * TFLOPS,
    ),
    Gpu(
        "MI300X", 192 * GB, 5.3 * TB, 1307.4 * TFLOPS,
        "AMD Instinct MI300X data sheet, amd.com/en/products/accelerators/instinct/mi300/mi300x", 2614.9 * TFLOPS,
    ),
    Gpu(
        "MI325X", 256 * GB, 6 * TB, 1307.4 * TFLOPS,
        "AMD Instinct MI325X data sheet, amd.com/en/products/accelerators/instinct/mi300/mi325x", 2614.9 * TFLOPS,
    ),
)  # fmt: skip

_NOISE = re.compile(r"nvidia|amd|tesla|instinct|geforce|tensor|core|gpu|sxm\d?|gb")
_WORDS = re.compile(r"[a-z]+\d+[a-z]*|\d+|[a-z]+")


def gpu(text: str) -> Gpu | None:
    """Return the GPU that a text names, whatever its spelling: `NVIDIA A100 80GB` is A100-80; None if none."""
    return _NAMED.get(_key(text))


def near_names(text: str) -> tuple[str, ...]:
    """Return the GPUs that a text may mean because it leaves something out: `A100` is A100-40 or A100-80."""
    key = _key(text)
    return tuple(each.name for each in GPUS if key and _key(each.name)[: len(key)] == key)


def _key(text: str) -> tuple[str, ...]:
    return tuple(word for word in _WORDS.findall(text.casefold()) if not _NOISE.fullmatch(word))


_NAMED = {_key(name): each for each in GPUS for name in (each.name, *each.aka)}
