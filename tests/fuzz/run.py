"""Try changed designs for some minutes, and keep the least of each that goes wrong in a new way.

    python tests/fuzz/run.py --minutes 5 --seed 1

What is found is written beside the corpus as `found-*.arch`, and said; the exit code is 1 where there is any.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ["ARCHBOARD_CACHE"] = "off"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fuzz.chain import Finding, faults
from tests.fuzz.minimiser import least
from tests.fuzz.mutations import CORPUS, mutants


def hunt(seed: int, seconds: float, most: int | None = None) -> tuple[int, dict[tuple[str, str], tuple[Finding, str]]]:
    """Return how many files were tried, and what was found: the way it goes wrong, and a file that does."""
    until, tried = time.monotonic() + seconds, 0
    found: dict[tuple[str, str], tuple[Finding, str]] = {}
    for text in mutants(seed):
        if time.monotonic() >= until or (most is not None and tried >= most):
            break
        tried += 1
        for finding in faults(text.encode("utf-8", "replace")):
            found.setdefault(finding.way, (finding, text))
    return tried, found


def main() -> int:
    """Hunt, minimise, say and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--minutes", type=float, default=5.0)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--to", type=Path, default=CORPUS.parent / "found")
    asked.add_argument("--tries", type=int, default=300, help="of the minimiser, for each finding")
    wanted = asked.parse_args()
    tried, found = hunt(wanted.seed, wanted.minutes * 60)
    print(f"seed {wanted.seed}: {tried} files, {len(found)} findings", flush=True)
    for number, (way, (finding, text)) in enumerate(found.items(), 1):
        small = least(text, lambda part, way=way: any(f.way == way for f in faults(part.encode("utf-8", "replace"))),
                      wanted.tries if finding.kind != "slow" else wanted.tries // 10)
        wanted.to.mkdir(parents=True, exist_ok=True)
        path = wanted.to / f"found-{wanted.seed}-{number}.arch"
        path.write_text(small, "utf-8")
        print(f"{path.name}: {finding}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
