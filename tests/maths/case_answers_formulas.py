"""How the public functions behind the cheat sheet answer the published cases about caches."""

from collections.abc import Callable, Mapping
from typing import Any

from archboard.maths import caches

ANSWERS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "cache_origin_rps": lambda i: caches.origin_load(i["rps"], i["hit"]),
}
