"""All benchmarks with one command.

python -m benchmarks             everything at full size
python -m benchmarks --smoke     small sizes; gates on values and on ratios inside the run
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import deque

LAST_LINES = 15


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="Small sizes, for every change.")
    smoke = parser.parse_args().smoke
    week = ["pytest", "-q", "benchmarks/week", "--week", "smoke" if smoke else "aarhus",
            "--benchmark-columns=min,median,max,rounds", "--benchmark-sort=name"]  # fmt: skip
    ledger = ["benchmarks.ledger", *(["--smoke"] if smoke else [])]
    whatif = ["pytest", "-q", "benchmarks/whatif", "--sweep", "smoke" if smoke else "aarhus",
              "--benchmark-columns=min,rounds", "--benchmark-sort=name", "-rP",
              "--show-capture=stdout"]  # fmt: skip
    engine = ["benchmarks.engine", *(["--smoke"] if smoke else [])]
    year = ["benchmarks.year", *(["--smoke"] if smoke else [])]
    explain = ["pytest", "-q", "benchmarks/explain", "--explained", "smoke" if smoke else "aarhus",
               "--benchmark-columns=min,median,max,rounds", "--benchmark-sort=name"]  # fmt: skip
    damage = ["benchmarks.damage", *(["--smoke"] if smoke else [])]
    failed = {
        " ".join(command): last
        for command in (week, ledger, engine, year, explain, whatif, damage)
        if (last := last_lines_if_failed([sys.executable, "-m", *command])) is not None
    }
    for name, last in failed.items():
        print(f"\nFAILED: {name}; its last lines:\n{last}", flush=True)
    return int(bool(failed))


def last_lines_if_failed(command: list[str]) -> str | None:
    """Run a command, its output shown as it comes; what it said last if it failed, else None."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(line, end="", flush=True)
            last.append(line)
    return "".join(last) if running.returncode else None


if __name__ == "__main__":
    sys.exit(main())
