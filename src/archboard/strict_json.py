"""JSON as its standard has it: what is no number is `null`, never `Infinity` or `NaN`, which other readers refuse."""

from __future__ import annotations

import json
import math
from typing import Any


def dumps(value: object, indent: int | None = None) -> str:
    """Return a value as JSON text."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, indent=indent)


def _finite(value: Any) -> Any:
    """Return a value in which every number is one."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
