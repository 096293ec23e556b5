"""All benchmarks with one command.

python -m benchmarks             everything at full size
python -m benchmarks --smoke     small sizes; gates on values and on ratios inside the run
"""

from __future__ import annotations

import argparse
import subprocess
import sys


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="Small sizes, for every change.")
    smoke = parser.parse_args().smoke
    week = ["pytest", "-q", "benchmarks/week", "--week", "smoke" if smoke else "aarhus",
            "--benchmark-columns=min,median,max,rounds", "--benchmark-sort=name"]  # fmt: skip
    ledger = ["benchmarks.ledger", *(["--smoke"] if smoke else [])]
    whatif = ["pytest", "-q", "benchmarks/whatif", "--sweep", "smoke" if smoke else "aarhus",
              "--benchmark-columns=min,rounds", "--benchmark-sort=name", "-rP"]  # fmt: skip
    engine = ["benchmarks.engine", *(["--smoke"] if smoke else [])]
    year = ["benchmarks.year", *(["--smoke"] if smoke else [])]
    explain = ["pytest", "-q", "benchmarks/explain", "--explained", "smoke" if smoke else "aarhus",
               "--benchmark-columns=min,median,max,rounds", "--benchmark-sort=name"]  # fmt: skip
    codes = [
        subprocess.run([sys.executable, "-m", *command], check=False).returncode
        for command in (week, ledger, engine, year, explain, whatif)
    ]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
