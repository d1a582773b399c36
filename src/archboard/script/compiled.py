"""The code of templates, kept beside them in `__pycache__` as Python keeps that of modules, for making it takes long.

It is used only if it was made of the very template by the very code, Python and jinja2 that would make it anew, and is
whole. Where nothing can be written, as in a read-only install, it is made at each run.
"""

from __future__ import annotations

import marshal
import os
import sys
from binascii import crc32
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from archboard.resources import PACKAGE, folder, stamps

if TYPE_CHECKING:
    from jinja2 import BytecodeCache
    from jinja2.bccache import Bucket

KEPT = "__pycache__"


def beside(kind: str) -> BytecodeCache:
    """Return what keeps the code of one kind of templates: plain text, or pages."""
    from jinja2 import BytecodeCache  # late: jinja2 stays off the start-up path  # noqa: PLC0415

    class Beside(BytecodeCache):
        """Files beside the templates."""

        def get_cache_key(self, name: str, filename: str | None = None) -> str:
            """Return the name of a template's file."""
            return f"{name.replace('/', '.')}.{kind}.{sys.implementation.cache_tag}.code"

        def load_bytecode(self, bucket: Bucket) -> None:
            """Give a template the code that is kept, if it is known to be its own."""
            with suppress(OSError, ValueError, EOFError, TypeError):
                head, _, body = _place(bucket).read_bytes().partition(b"\n")
                if head == _head(kind, bucket, body):
                    bucket.code = marshal.loads(body)

        def dump_bytecode(self, bucket: Bucket) -> None:
            """Keep the code of a template, where Python keeps that of modules too."""
            if not sys.dont_write_bytecode:
                _keep(_place(bucket), kind, bucket)

    return Beside()


def _place(bucket: Bucket) -> Path:
    return folder("templates") / KEPT / bucket.key


def _keep(place: Path, kind: str, bucket: Bucket) -> None:
    """Put a file in its place in one go; who has no right to leaves it."""
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError, ValueError):
        body = marshal.dumps(bucket.code)
        place.parent.mkdir(exist_ok=True)
        try:
            draft.write_bytes(_head(kind, bucket, body) + b"\n" + body)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)


def _head(kind: str, bucket: Bucket, body: bytes) -> bytes:
    """Return what stands before a template's code: a checksum, and all that it was made of."""
    return f"{crc32(body):08x} {kind} {bucket.checksum} {_maker()}".encode()


@cache
def _maker() -> str:
    """Return who makes the code: Python, jinja2 and every file of ours, for what a filter does may be in it."""
    from hashlib import sha1  # late: jinja2 loads it too  # noqa: PLC0415

    from jinja2 import __version__  # late, as above  # noqa: PLC0415

    parts = sys.version, __version__, *stamps(str(PACKAGE))
    return sha1(" ".join(parts).encode(errors="surrogateescape"), usedforsecurity=False).hexdigest()
