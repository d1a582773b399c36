"""Work spread over the cores of this machine, or over a Dask cluster: both are executors of `concurrent.futures`.

The parts come back in the order in which they were given, whoever finished first, so that the answer is the same with
any number of workers. What a machine or a network does to them is a `Trouble`.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from archboard.faces.files import Trouble
from archboard.faces.workers import pool

if TYPE_CHECKING:
    from archboard.trials import Point
    from archboard.whatif.sweep import Place

CONNECTING = 5.0
"""Seconds in which a cluster must answer."""
_ADDRESS = re.compile(r"(?:(?P<scheme>[a-z]+)://)?(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(?P<port>[0-9]{1,6})")
WORKERLESS = 15.0
"""Seconds that a cluster may be without any worker before it is given up."""
FEW = 8
"""Up to so many places are tried here: another process costs more than it saves."""
Work = Callable[[bytes, "tuple[Place, ...]"], "tuple[Point, ...]"]


def here(work: Work, packed: bytes, parts: Sequence[tuple[Place, ...]]) -> Iterator[tuple[Point, ...]]:
    """Do every part in this process."""
    return (work(packed, part) for part in parts)


def on_cores(
    workers: int, work: Work, packed: bytes, parts: Sequence[tuple[Place, ...]]
) -> Iterator[tuple[Point, ...]]:
    """Do the parts on cores of this machine.

    A worker is given the design as it starts, not with each part: a process that dies while a long message to it is
    on its way left the pool waiting without end before Python 3.11.5.
    """
    with pool(workers, _begin, (work, packed)) as others:
        yield from _in_order(others, _part, b"", parts, lambda: True)


def on_cluster(
    address: str, work: Work, packed: bytes, parts: Sequence[tuple[Place, ...]]
) -> Iterator[tuple[Point, ...]]:
    """Do the parts on a Dask cluster, through its own executor."""
    with _cluster(address) as client:
        alone = 0.0

        def alive() -> bool:
            nonlocal alone
            alone = 0.0 if _workers(client) else alone + 1.0
            return alone < WORKERLESS

        yield from _in_order(client.get_executor(pure=False), work, packed, parts, alive)


def cores() -> int:
    """Return how many workers this machine has."""
    return os.cpu_count() or 1


_given: list[tuple[Work, bytes]] = []
"""In a worker: what it does, and with what."""


def _begin(work: Work, packed: bytes) -> None:
    """Begin as a worker, which is given its work once."""
    _given[:] = [(work, packed)]


def _part(_: bytes, part: tuple[Place, ...]) -> tuple[Point, ...]:
    """Do one part of what this worker was given."""
    work, packed = _given[0]
    return work(packed, part)


def _in_order(
    pool: Executor, work: Work, packed: bytes, parts: Sequence[tuple[Place, ...]], alive: Callable[[], bool]
) -> Iterator[tuple[Point, ...]]:
    """Yield the parts' results in order; every second it is asked whether anyone is left to do them."""
    waiting: list[Future[tuple[Point, ...]]] = []
    try:
        waiting = [pool.submit(work, packed, part) for part in parts]
        for future in waiting:
            while not wait([future], timeout=1.0).done:
                if not alive():
                    raise Trouble("the cluster has no worker left", "start workers and sweep again")
            yield future.result()
    except Trouble:
        raise
    except ModuleNotFoundError as error:
        raise Trouble(f"a worker cannot run archboard: {error}", "install archboard there too") from None
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except Exception as error:
        if type(error).__module__.startswith("archboard") or not _lost(error):
            raise
        raise Trouble("a worker died, and its part of the sweep with it", _why(error)) from None
    finally:
        for future in waiting:
            future.cancel()


def _lost(error: Exception) -> bool:
    """Whether an error says that a worker, and not the work, failed."""
    names = {kind.__name__ for kind in type(error).__mro__}
    lost = {"BrokenExecutor", "KilledWorker", "CancelledError", "FutureCancelledError", "CommClosedError", "OSError"}
    return bool(names & lost)


def _why(error: Exception) -> str:
    return "not enough memory, or it was stopped" if "Broken" in type(error).__name__ else type(error).__name__


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    """Connect to a cluster; what goes wrong is told in one sentence within seconds."""
    _reach(address)
    try:
        # a large library that most machines do not have; only this option needs it
        from distributed import Client  # noqa: PLC0415
    except ImportError:
        raise Trouble("--dask needs the `distributed` package", "pip install 'archboard[dask]'") from None
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    class Quiet(Client):  # type: ignore[misc]
        """A client that was never connected has nothing to close when it is forgotten, and need not wait for it."""

        def __del__(self) -> None:
            pass

    client = _within(address, lambda: Quiet(address, timeout=CONNECTING, set_as_default=False))
    try:
        if not _workers(client):
            try:
                client.wait_for_workers(1, timeout=CONNECTING)
            except (OSError, TimeoutError):
                hint = "start one: dask worker ADDRESS"
                raise Trouble(f"the Dask cluster at {address} has no workers", hint) from None
        yield client
    finally:
        client.close(timeout=CONNECTING)


def _within(address: str, connect: Callable[[], Any]) -> Any:
    """Return a connection, or say that there is none: what listens may be no scheduler, and never answer a client."""
    made: list[Any] = []

    def work() -> None:
        try:
            made.append(connect())
        except Exception as error:  # whatever a stranger's answer does to the client
            made.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(2 * CONNECTING)
    if not made or isinstance(made[0], MemoryError):  # a stranger's words, read as the length of a message
        raise Trouble(f"what listens at {address} is no Dask scheduler", "give tcp://HOST:PORT")
    if isinstance(made[0], Exception):
        raise _unanswered(address, made[0])
    return made[0]


def _reach(address: str) -> None:
    """Knock at an address: where nothing listens, there is no need to wait for a cluster to answer."""
    parts = _ADDRESS.fullmatch(address.strip())
    if parts is None or int(parts["port"]) > 65535:
        raise Trouble(f"{address!r} is no address of a Dask cluster", "give tcp://HOST:PORT")
    if parts["scheme"] not in (None, "tcp", "tls", "ws", "wss"):
        return
    try:
        socket.create_connection((parts["host"].strip("[]"), int(parts["port"])), timeout=CONNECTING).close()
    except OSError as error:
        raise _unanswered(address, error) from None


def _unanswered(address: str, error: Exception) -> Trouble:
    reason = (getattr(error, "strerror", None) or str(error).strip() or type(error).__name__).splitlines()[0]
    return Trouble(f"no Dask cluster answers at {address}: {reason.rstrip('.').lower()}", "give tcp://HOST:PORT")


def _workers(client: Any) -> int:
    return len(client.scheduler_info(n_workers=-1)["workers"])
