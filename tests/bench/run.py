"""How long archboard takes, as ratios that mean the same on every machine. Not a test: `python tests/bench/run.py`.

The unit is `python -c "import click, lark"` on this machine, run in turn with what is measured, so that a busy
machine slows both. Each number is the median of its runs.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from large import chain, wide

RECSYS = Path(__file__).parent.parent.parent / "designs" / "recsys.arch"
ARCHBOARD = [str(Path(sys.executable).with_name("archboard"))]
UNIT = [sys.executable, "-c", "import click, lark"]
SECONDS = {"check": 3.0, "draw": 10.0}
"""Most seconds for a thousand components."""
LIBRARY = 0.6
"""Most seconds to check all shipped designs, on two cores, with the cache as an earlier run left it."""
MEMORY = 300
"""Most megabytes."""


def run(command: list[str], folder: Path, *, cold: bool = False) -> float:
    """Return the seconds that a command took; its cache is below the folder, and empty if it is to be cold."""
    cache = folder / "cache"
    if cold:
        shutil.rmtree(cache, ignore_errors=True)
    environment = {**os.environ, "ARCHBOARD_CACHE": str(cache)}
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return seconds


def peak(command: list[str], folder: Path) -> tuple[float, float]:
    """Return seconds and peak megabytes of a command, measured in a child of its own."""
    code = (
        "import resource, subprocess, sys, time; t = time.perf_counter(); "
        "r = subprocess.run(sys.argv[1:], capture_output=True); "
        "print(time.perf_counter() - t, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, r.returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=folder, capture_output=True, text=True, check=True
    )
    seconds, size, status = done.stdout.split()
    if status != "0":
        sys.exit(f"{' '.join(command)} failed")
    return float(seconds), float(size) / (1024 * 1024 if sys.platform == "darwin" else 1024)


def ratios(rounds: int, folder: Path) -> None:
    """Print what the reference design takes."""
    commands = {
        "check, cold": ([*ARCHBOARD, "check", str(RECSYS)], 2.7),
        "check, warm": ([*ARCHBOARD, "check", str(RECSYS)], 2.0),
        "draw to SVG": ([*ARCHBOARD, "draw", str(RECSYS), "-o", "x.svg"], 5),
        "build": ([*ARCHBOARD, "build", str(RECSYS)], 18),
        "questions": ([*ARCHBOARD, "questions", str(RECSYS)], 14),
    }
    units: list[float] = []
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for each in (UNIT, *(command for command, _ in commands.values())):
        run(each, folder)
    for _ in range(rounds):
        for name, (command, _) in commands.items():
            units.append(run(UNIT, folder))
            taken[name].append(run(command, folder, cold=name.endswith("cold")))
    unit = statistics.median(units)
    print(f"unit: import click, lark = {unit * 1000:.0f} ms (median of {len(units)})\n")
    print(f"{'recsys':<14}{'ms':>8}{'ratio':>8}{'at most':>9}")
    for name, (_, most) in commands.items():
        median = statistics.median(taken[name])
        verdict = "" if median / unit <= most else "  OVER"
        print(f"{name:<14}{median * 1000:>8.0f}{median / unit:>8.2f}{most:>9}{verdict}")


def library(rounds: int, folder: Path) -> None:
    """Print what it takes to check every shipped design at once, all of them checked before."""
    run([*ARCHBOARD, "check", str(RECSYS.parent)], folder)
    taken = [run([*ARCHBOARD, "check", str(RECSYS.parent)], folder) for _ in range(max(1, rounds // 3))]
    seconds = statistics.median(taken)
    count = len(list(RECSYS.parent.glob("*.arch")))
    print(f"\ncheck of all {count} designs: {seconds:.2f} s of {LIBRARY}{'' if seconds <= LIBRARY else '  OVER'}")


def growth(sizes: list[int], folder: Path) -> None:
    """Print how time and memory grow with the design; the exponent is of time over n log n."""
    print(f"\n{'design':<8}{'command':<9}{'n':>6}{'s':>8}{'MB':>7}{'vs n log n':>12}")
    for shape, make in (("wide", wide), ("chain", chain)):
        for command in ("check", "draw"):
            first: tuple[int, float] | None = None
            for size in sizes:
                file = folder / f"{shape}{size}.arch"
                file.write_text(make(size), "utf-8")
                words = [*ARCHBOARD, command, file.name, *(["-o", "x.svg"] if command == "draw" else [])]
                seconds, megabytes = peak(words, folder)
                first = first or (size, seconds)
                expected = first[1] * size * math.log(size) / (first[0] * math.log(first[0]))
                over = (seconds > SECONDS[command] and size <= 1000) or megabytes > MEMORY
                grown, mark = f"{seconds / expected:.2f}×", "  OVER" if over else ""
                print(
                    f"{shape:<8}{command:<9}{size:>6}{seconds:>8.2f}{megabytes:>7.0f}{grown:>12}{mark}",
                    flush=True,
                )


def main() -> None:
    """Run all, or what the options leave."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1000, 2000, 5000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        ratios(options.rounds, Path(name))
        library(options.rounds, Path(name))
        growth(options.sizes, Path(name))


if __name__ == "__main__":
    main()
