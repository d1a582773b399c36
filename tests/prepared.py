"""Archboard's imports done once, and each command then a process of its own.

A start is mostly imports, and the tests start archboard hundreds of times. Here it is imported once and forks for every
command: what runs is a process with its own streams, folder, environment and exit code, and nothing that one command
leaves behind reaches another. What imports themselves do is for the commands that are started afresh.

Reads one JSON object a line: the words, folder, environment and the files of the streams; answers with the exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import archboard

PATIENCE = 120
"""Seconds that a command may take."""
HEAVY = ("jinja2", "numpy.fft", "PIL.Image", "reportlab.pdfbase.ttfonts", "reportlab.pdfgen.canvas", "resvg_py")
"""What archboard imports late."""


def serve() -> None:
    """Fork for each line that comes in, until no more come."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as archboard itself does; and what has threads should not fork
    top = Path(str(archboard.__file__)).parent
    for path in sorted(top.rglob("*.py")):
        parts = path.relative_to(top.parent).with_suffix("").parts
        import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    for name in HEAVY:
        import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def run(asked: Mapping[str, Any]) -> NoReturn:
    """Be archboard, as if it had just been started with these words, and end as it does.

    A child of `multiprocessing` would end in another order than an interpreter: it closes the queue of a pool that is
    still to be told to stop, and waits for it for ever.
    """
    signal.alarm(PATIENCE)
    os.environ.clear()
    os.environ.update(asked["env"])
    if asked["at"]:
        os.chdir(asked["at"])
    for number, mode in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        os.dup2(os.open(asked["streams"][number], mode), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    cli = sys.modules["__main__"] = sys.modules["archboard.faces.cli"]
    sys.argv = [str(cli.__file__), *asked["words"]]
    sys.exit(cli.main())


if __name__ == "__main__":
    serve()
