"""The command line. Data goes to stdout, messages to stderr; exit codes are 0 fine, 1 findings, 2 wrong usage or disk.

`archboard check` runs at every save, mostly with nothing but names of files: then there is nothing to be parsed, and
neither what parses words nor the other commands are loaded.
"""

# ruff: noqa: E402 - the collector is calmed, and Ctrl-C made quiet, before anything is imported
from __future__ import annotations

import gc
import signal
from contextlib import suppress

gc.set_threshold(200_000, 20, 100)  # a run has few cycles, and looking for them costs a sixth of a draw
_on_interrupt = signal.getsignal(signal.SIGINT)
if _on_interrupt is signal.default_int_handler:
    with suppress(ValueError):  # another thread than the main one may not
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is begun while this is imported: it just ends

import atexit
import os
import sys
from typing import NoReturn

from archboard.faces.files import Trouble
from archboard.faces.interruptions import Stopped, heard, stop_on_signals
from archboard.faces.messages import open_streams, say
from archboard.source import shown

if _on_interrupt is signal.default_int_handler:
    with suppress(ValueError):
        signal.signal(signal.SIGINT, _on_interrupt)

CHECK = "check"


def main() -> None:
    """Run the command line; every trouble is one sentence, no traceback is shown for a file or a disk."""
    atexit.unregister(_let_be)
    atexit.register(_let_be)  # once, and the last of all that is asked to end
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no linear algebra here, and its threads cost a third of numpy
    open_streams()
    stop_on_signals()
    try:
        code = _run(sys.argv[1:])
    except SystemExit as stop:  # how a command says what came of it
        code = stop.code if isinstance(stop.code, int) else 0
    except Trouble as trouble:
        hint = f" ({trouble.hint})" if trouble.hint else ""
        say(shown(f"archboard: {trouble.message}{hint}"))
        code = 2
    except (KeyboardInterrupt, Stopped):
        _stopped()
    except BrokenPipeError:
        code = 0
    except MemoryError:
        say("archboard: this machine has not enough memory for that")
        code = 2
    except Exception:
        if heard:
            _stopped()
        raise
    _leave(code)


def _run(words: list[str]) -> int:
    """Run what was typed; return the exit code."""
    if _is_plain_check(words):
        from archboard.faces.checking import checked  # noqa: PLC0415 - not for all commands

        return checked(tuple(words[1:]))
    from archboard.faces.commands import run  # noqa: PLC0415 - the rest of the command line, and its library

    return run()


def _is_plain_check(words: list[str]) -> bool:
    """Whether files are to be checked with no option at all: none typed, and no twin of one in the environment."""
    if sys.platform == "win32" or words[:1] != [CHECK] or len(words) < 2:  # there the library reads patterns of names
        return False
    typed = any(word.startswith("-") and word != "-" for word in words)
    return not typed and not any(name.startswith(f"ARCHBOARD_{CHECK.upper()}_") for name in os.environ)


def _stopped() -> NoReturn:
    """Say that the run was stopped, and leave without waiting for other threads and processes; all is tidied up."""
    say("archboard: stopped; nothing was half-written")
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(128 + (heard[0] if heard else signal.SIGINT))


def _leave(code: int) -> None:
    """Exit without the noise that a closed pipe makes."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _let_be() -> None:
    """Let be what is left as the process ends: to look for cycles in it and take it apart takes a tenth of a check."""
    left: list[object] = [dict(vars(module)) for module in [*sys.modules.values()] if hasattr(module, "__dict__")]
    left.append(left)
    gc.freeze()


if __name__ == "__main__":
    main()
