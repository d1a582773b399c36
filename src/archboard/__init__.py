"""archboard: a design in one text file, drawn in six steps, held against its promises, and spoken."""

from __future__ import annotations

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.source import Source

__all__ = ["Compilation", "Source", "__version__", "compile_source"]

__version__ = "0.1.0"
