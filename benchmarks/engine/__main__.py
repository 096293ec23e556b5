"""Runs cases, writes JSON and a Markdown table, gates in smoke mode.

python -m benchmarks.engine [--smoke] [--sizes NAME ...] [--seeds N ...] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.engine.cases import CASES
from benchmarks.engine.rivals import timed
from matcher.engine import Observer, Options, Start, solve

MOST_FLOW_RATIO = 1.5


class _Trace(Observer):
    """Keeps when which selection and bound came."""

    def __init__(self):
        self.began = time.perf_counter()
        self.points = []

    def on_solution(self, values):
        self.points.append((time.perf_counter() - self.began, tuple(values)))

    def reached(self, best, gap):
        """Seconds until the last but one tier that counts was within gap of the best."""
        tier = min(1, len(best) - 1)
        for seconds, values in self.points:
            near = abs(values[tier]) >= abs(best[tier]) * (1 - gap)
            if values[:tier] == best[:tier] and near:
                return seconds
        return None


def run_engine(program, options, start=None):
    """Solve once and return the answer with a row for the table."""
    trace = _Trace()
    answer = solve(program, options, start=start, observer=trace)
    seconds = time.perf_counter() - trace.began
    row = {
        "solver": "engine",
        "seconds": seconds,
        "status": answer.termination.reason.value,
        "method": answer.method,
        "values": list(answer.values) if answer.has_selection else None,
        "bounds": [tier.bound for tier in answer.tiers],
        "gaps": [None if tier.gap == float("inf") else tier.gap for tier in answer.tiers],
        "proven": [tier.proven for tier in answer.tiers],
        "first": trace.points[0][0] if trace.points else None,
        "phases": answer.phase_times,
        "counts": answer.counts,
        "steps": list(answer.steps),
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }
    if answer.has_selection:
        core_values = tuple(
            v if tier.maximise else -v for v, tier in zip(answer.values, answer.tiers, strict=True)
        )
        row |= {
            "to_1_percent": trace.reached(core_values, 0.01),
            "to_0.01_percent": trace.reached(core_values, 0.0001),
            "to_proof": seconds if answer.termination.reason.value == "optimal" else None,
        }
    return answer, row


def run_case(case, seed, *, rivals=True, warm=True):
    """Return all rows of one case and seed."""
    program = case.build(seed)
    options = Options(seconds=case.seconds)
    answer, row = run_engine(program, options)
    rows = [row]
    if warm and answer.has_selection and answer.method == "prices":
        seat = int(np.flatnonzero(program.upper > 0)[0])
        upper = program.upper.copy()
        upper[seat] -= 1
        changed = program.replace(upper=upper)
        start = Start(answer.prices, answer.selection)
        rows.append(run_engine(changed, options)[1] | {"solver": "engine, one seat less, cold"})
        rows.append(run_engine(changed, options, start)[1] | {"solver": "engine, ..., warm"})
    if rivals:
        rows += [timed(name, program, case.rival_seconds) for name in case.rivals]
    for line in rows:
        line |= {"case": case.name, "seed": seed, "columns": program.n_columns}
        line["groups"] = program.n_groups
    return rows


def gate(case, rows):
    """Return what is wrong with the rows of one case, as sentences."""
    engine, wrong = rows[0], []
    label = f"{case.name}, seed {engine['seed']}"
    if engine["values"] is None:
        return [f"{label}: no selection ({engine['status']})."]
    if case.proven and engine["status"] != "optimal":
        wrong.append(f"{label}: not proven, gaps {engine['gaps']}.")
    open_gap = next(
        (g for g, p in zip(engine["gaps"], engine["proven"], strict=True) if not p), 0.0
    )
    if open_gap is None or open_gap > case.most_gap:
        wrong.append(f"{label}: gap {open_gap}, at most {case.most_gap} accepted.")
    for row in rows[1:]:
        values = row.get("values")
        if values is None or row["solver"].startswith("engine"):
            continue
        depth = len(engine["values"]) if len(values) == 1 else 2
        ours = [abs(v) for v in engine["values"]][:depth]
        theirs = [abs(v) for v in values][:depth]
        if row["status"] == "optimal" and all(engine["proven"][:depth]) and ours != theirs:
            wrong.append(f"{label}: {row['solver']} proves {theirs}, the engine {ours}.")
        if row["solver"] == "greedy" and ours[0] < theirs[0]:
            wrong.append(f"{label}: greedy places {theirs[0]}, the engine {ours[0]}.")
        if row["solver"] == "flow, direct" and engine["seconds"] > (
            MOST_FLOW_RATIO * row["seconds"] + 0.05
        ):
            wrong.append(f"{label}: {engine['seconds'] / row['seconds']:.2f} x the direct flow.")
    warm = [row for row in rows if row["solver"].startswith("engine, ")]
    both = len(warm) == 2 and all(row["status"] == "optimal" for row in warm)
    if both and warm[0]["values"] != warm[1]["values"]:
        wrong.append(f"{label}: warm start gives {warm[1]['values']}, cold {warm[0]['values']}.")
    return wrong


def exponent(rows):
    """Return the slope of log seconds on log groups over the week cases, or None."""
    points = {
        row["groups"]: row["seconds"]
        for row in rows
        if row["solver"] == "engine" and row.get("method") == "prices" and row["groups"] >= 1_000
    }
    if len(points) < 2:
        return None
    size, cost = np.log(list(points)), np.log(list(points.values()))
    return float(np.polyfit(size, cost, 1)[0])


def table(rows) -> str:
    """Return the rows as Markdown."""
    lines = [
        "| case | columns | solver | seconds | status | values | bounds | first s "
        "| to 1 % | to 0.01 % |",
        "|---|---:|---|---:|---|---|---|---:|---:|---:|",
    ]
    for row in rows:
        cells = (
            row["case"],
            f"{row['columns']:,}",
            row["solver"],
            f"{row['seconds']:.2f}",
            row["status"],
            row.get("values") or row.get("lp") or "",
            row.get("bounds") or row.get("fold_bound") or "",
            _short(row.get("first")),
            _short(row.get("to_1_percent")),
            _short(row.get("to_0.01_percent")),
        )
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _short(value):
    return "" if value is None else f"{value:.2f}"


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small cases, gated")
    parser.add_argument("--sizes", nargs="*", choices=list(CASES), help="cases to run")
    parser.add_argument("--seeds", nargs="*", type=int, default=[1])
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--out", type=Path, default=Path(".benchmarks/engine"))
    chosen = parser.parse_args(arguments)
    names = chosen.sizes or [n for n, case in CASES.items() if case.smoke or not chosen.smoke]
    rows, wrong = [], []
    for name in names:
        for seed in chosen.seeds:
            try:
                new = run_case(CASES[name], seed, rivals=not chosen.no_rivals)
            except Exception as problem:
                wrong.append(f"{name}, seed {seed}: failed: {problem!r}")
                continue
            rows += new
            wrong += gate(CASES[name], new)
            print(table(new), file=sys.stderr)
    report = {
        "schema_version": 1,
        "machine": f"{platform.machine()}, {platform.python_version()}",
        "ortools": version("ortools"),
        "numpy": version("numpy"),
        "exponent": exponent(rows),
        "wrong": wrong,
        "rows": rows,
    }
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "engine.json").write_text(json.dumps(report, indent=1))
    (chosen.out / "engine.md").write_text(table(rows))
    print(table(rows))
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
