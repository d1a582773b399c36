"""archboard: a design in one text file, drawn in six steps, held against its promises, and spoken.

The compiler is imported when it is first asked for: the command line must start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archboard.compilation import Compilation
    from archboard.compiler import compile_source
    from archboard.source import Source

__all__ = ["Compilation", "Source", "__version__", "compile_source"]

__version__ = "0.1.0"

_HOMES = {"Compilation": "compilation", "compile_source": "compiler", "Source": "source"}


def __getattr__(name: str) -> Any:
    """Return a public name from the module that it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module 'archboard' has no attribute {name!r}")
    return getattr(import_module(f"archboard.{_HOMES[name]}"), name)
