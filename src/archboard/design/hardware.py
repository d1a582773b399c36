"""Hardware that a model names: a GPU that the table does not have is no guess, unless its memory is given."""

from __future__ import annotations

from archboard.catalog.gpus import GPUS, gpu, near_names
from archboard.design.model import Settings
from archboard.design.refusal import Refusal
from archboard.diagnostics import nearest


def unknown_gpu(settings: Settings) -> Refusal | None:
    """Return why a model's `gpu` cannot be read, with the nearest ones; None where it can, or its memory is given."""
    given = settings.get("gpu")
    if given is None or not isinstance(given.value, str) or "gpu_memory" in settings or gpu(given.value) is not None:
        return None
    several = near_names(given.value)
    if several:
        *first, last = (f"`{name}`" for name in several)
        names = f"{', '.join(first)} or {last}" if first else last
        return Refusal(f"`{given.value}` comes in several kinds", f"write {names}, or give `gpu_memory` beside it")
    guess = nearest(given.value.upper(), [each.name for each in GPUS])
    near = f"did you mean `{guess}`?" if guess else f"known are {', '.join(each.name for each in GPUS)};"
    help = f"{near} or give `gpu_memory: 24 GB` beside it"
    return Refusal(f"`{given.value}` is no GPU of the table", help)
