"""GPUs: memory, bandwidth and dense compute as their vendors and drivers state them, and what joins them.

Memory is what the driver reports (`nvidia-smi`, `rocm-smi`), which is less or more than the GB of the data sheet; where
that is not known to us, a vendor's GB is 10⁹ bytes. Compute is of the tensor cores without sparsity, which data sheets
like to double; `flops` is fp16 and bf16, `flops8` fp8 where the GPU has it, both with 32-bit accumulation. A link is
what one GPU sends to the others in one direction: NVLink, Infinity Fabric, or PCIe of 16 lanes.
"""

from __future__ import annotations

import re

from archboard.records import record

MIB, GB, TB, TFLOPS = 2.0**20, 1e9, 1e12, 1e12
PCIE3, PCIE4, PCIE5 = 15.75 * GB, 31.5 * GB, 63 * GB
"""PCI-SIG: 8, 16 and 32 GT/s a lane, 16 lanes, coded 128b/130b."""


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
    link: float = PCIE4


GPUS: tuple[Gpu, ...] = (
    Gpu(
        "T4", 15_360 * MIB, 320 * GB, 65 * TFLOPS,
        "NVIDIA T4 data sheet, nvidia.com/en-us/data-center/tesla-t4",
        link=PCIE3,
    ),
    Gpu(
        "L4", 23_034 * MIB, 300 * GB, 121 * TFLOPS,
        "NVIDIA L4 data sheet, nvidia.com/en-us/data-center/l4",
        flops8=242 * TFLOPS,
    ),
    Gpu(
        "A10", 23_028 * MIB, 600 * GB, 125 * TFLOPS,
        "NVIDIA A10 data sheet, nvidia.com/en-us/data-center/products/a10-gpu",
    ),
    Gpu(
        "A10G", 23_028 * MIB, 600 * GB, 70 * TFLOPS,
        "NVIDIA A10G data sheet for AWS G5, as quoted in baseten.co/blog/nvidia-a10-vs-a10g-for-ml-model-inference",
    ),
    Gpu(
        "A30", 24_576 * MIB, 933 * GB, 165 * TFLOPS,
        "NVIDIA A30 data sheet, nvidia.com/en-us/data-center/products/a30-gpu",
        link=100 * GB,
    ),
    Gpu(
        "A40", 46_068 * MIB, 696 * GB, 149.7 * TFLOPS,
        "NVIDIA A40 data sheet, nvidia.com/en-us/data-center/a40",
        link=56.25 * GB,
    ),
    Gpu(
        "RTX-A6000", 49_140 * MIB, 768 * GB, 154.8 * TFLOPS,
        "NVIDIA RTX A6000 data sheet, nvidia.com/en-us/design-visualization/rtx-a6000",
        aka=("A6000",), link=56.25 * GB,
    ),
    Gpu(
        "RTX-3090", 24_576 * MIB, 936 * GB, 71 * TFLOPS,
        "NVIDIA Ampere GA102 GPU architecture white paper",
        aka=("3090",),
    ),
    Gpu(
        "RTX-4090", 24_564 * MIB, 1008 * GB, 165.2 * TFLOPS,
        "NVIDIA Ada GPU architecture white paper",
        flops8=330.3 * TFLOPS, aka=("4090",),
    ),
    Gpu(
        "RTX-5090", 32_607 * MIB, 1792 * GB, 209.5 * TFLOPS,
        "NVIDIA RTX Blackwell GPU architecture white paper",
        flops8=419 * TFLOPS, aka=("5090",), link=PCIE5,
    ),
    Gpu(
        "RTX-6000-Ada", 49_140 * MIB, 960 * GB, 364.2 * TFLOPS,
        "NVIDIA RTX 6000 Ada data sheet, nvidia.com/en-us/design-visualization/rtx-6000",
        flops8=728.5 * TFLOPS,
    ),
    Gpu(
        "L40", 46_068 * MIB, 864 * GB, 181.05 * TFLOPS,
        "NVIDIA L40 data sheet, nvidia.com/en-us/data-center/l40",
        flops8=362.1 * TFLOPS,
    ),
    Gpu(
        "L40S", 46_068 * MIB, 864 * GB, 362 * TFLOPS,
        "NVIDIA L40S data sheet, nvidia.com/en-us/data-center/l40s",
        flops8=733 * TFLOPS,
    ),
    Gpu(
        "V100-16", 16_384 * MIB, 900 * GB, 125 * TFLOPS,
        "NVIDIA V100 data sheet (SXM2), nvidia.com/en-us/data-center/v100",
        link=150 * GB,
    ),
    Gpu(
        "V100-32", 32_768 * MIB, 900 * GB, 125 * TFLOPS,
        "NVIDIA V100 data sheet (SXM2), nvidia.com/en-us/data-center/v100",
        link=150 * GB,
    ),
    Gpu(
        "A100-40", 40_960 * MIB, 1555 * GB, 312 * TFLOPS,
        "NVIDIA A100 data sheet, nvidia.com/en-us/data-center/a100",
        aka=("A100-40-PCIe",), link=300 * GB,
    ),
    Gpu(
        "A100-80", 81_920 * MIB, 2039 * GB, 312 * TFLOPS,
        "NVIDIA A100 data sheet (SXM), nvidia.com/en-us/data-center/a100",
        link=300 * GB,
    ),
    Gpu(
        "A100-80-PCIe", 81_920 * MIB, 1935 * GB, 312 * TFLOPS,
        "NVIDIA A100 data sheet (PCIe), nvidia.com/en-us/data-center/a100",
        aka=("A100-PCIe-80",), link=PCIE4,
    ),
    Gpu(
        "H20", 97_871 * MIB, 4 * TB, 148 * TFLOPS,
        "NVIDIA H20 data sheet, as quoted in viperatech.com/product/nvidia-hgx-h20",
        flops8=296 * TFLOPS, link=450 * GB,
    ),
    Gpu(
        "H100", 81_559 * MIB, 3350 * GB, 989 * TFLOPS,
        "NVIDIA H100 data sheet (SXM), nvidia.com/en-us/data-center/h100",
        flops8=1979 * TFLOPS, aka=("H100-80",), link=450 * GB,
    ),
    Gpu(
        "H100-PCIe", 81_559 * MIB, 2000 * GB, 756 * TFLOPS,
        "NVIDIA H100 data sheet (PCIe), nvidia.com/en-us/data-center/h100",
        flops8=1513 * TFLOPS, aka=("H100-80-PCIe", "H100-PCIe-80"), link=PCIE5,
    ),
    Gpu(
        "H100-NVL", 95_830 * MIB, 3900 * GB, 835 * TFLOPS,
        "NVIDIA H100 data sheet (NVL), nvidia.com/en-us/data-center/h100",
        flops8=1671 * TFLOPS, aka=("H100-NVL-94",), link=300 * GB,
    ),
    Gpu(
        "GH200", 97_871 * MIB, 4 * TB, 989 * TFLOPS,
        "NVIDIA GH200 data sheet (96 GB), nvidia.com/en-us/data-center/grace-hopper-superchip",
        flops8=1979 * TFLOPS, aka=("GH200-96",), link=450 * GB,
    ),
    Gpu(
        "H200", 143_771 * MIB, 4800 * GB, 989 * TFLOPS,
        "NVIDIA H200 data sheet (SXM), nvidia.com/en-us/data-center/h200",
        flops8=1979 * TFLOPS, aka=("H200-141",), link=450 * GB,
    ),
    Gpu(
        "B200", 183_359 * MIB, 8 * TB, 2250 * TFLOPS,
        "NVIDIA DGX B200 data sheet, an eighth of it, nvidia.com/en-us/data-center/dgx-b200",
        flops8=4500 * TFLOPS, aka=("B200-180",), link=900 * GB,
    ),
    Gpu(
        "MI300A", 128 * GB, 5.3 * TB, 980.6 * TFLOPS,
        "AMD Instinct MI300A data sheet, amd.com/en/products/accelerators/instinct/mi300/mi300a",
        flops8=1961.2 * TFLOPS, link=384 * GB,
    ),
    Gpu(
        "MI300X", 196_592 * MIB, 5.3 * TB, 1307.4 * TFLOPS,
        "AMD Instinct MI300X data sheet, amd.com/en/products/accelerators/instinct/mi300/mi300x",
        flops8=2614.9 * TFLOPS, link=448 * GB,
    ),
    Gpu(
        "MI325X", 256 * GB, 6 * TB, 1307.4 * TFLOPS,
        "AMD Instinct MI325X data sheet, amd.com/en/products/accelerators/instinct/mi300/mi325x",
        flops8=2614.9 * TFLOPS, link=448 * GB,
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
