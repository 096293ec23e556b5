"""Runs cases, writes JSON and a Markdown table, gates in smoke mode.

python -m benchmarks.engine [--smoke] [--sizes NAME ...] [--seeds N ...] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.engine.cases import CASES
from benchmarks.engine.running import COUNTING, run_named
from benchmarks.results import note

MOST_FLOW_RATIO = 1.5


def gate(case, rows):
    """Return what is wrong with the rows of one case, as sentences."""
    engine, wrong = rows[0], []
    label = f"{case.name}, seed {engine['seed']}"
    if engine["values"] is None:
        return [f"{label}: no selection ({engine['status']})."]
    if case.proven and engine["status"] != "optimal":
        wrong.append(f"{label}: not proven, gaps {engine['gaps']}.")
    gaps = zip(engine["gaps"][:COUNTING], engine["proven"], strict=False)
    open_gap = next((g for g, p in gaps if not p), 0.0)
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
        if row["status"] == "optimal" and engine["status"] != "optimal":
            wrong.append(f"{label}: {row['solver']} proves its selection, the engine does not.")
        if row.get("fold", engine["fold"]) > engine["fold"]:
            wrong.append(f"{label}: {row['solver']} finds {theirs}, the engine {ours}.")
        if row["solver"] == "greedy" and ours[0] < theirs[0]:
            wrong.append(f"{label}: greedy places {theirs[0]}, the engine {ours[0]}.")
        if row["solver"] == "flow, direct" and engine["seconds"] > (
            MOST_FLOW_RATIO * row["seconds"] + 0.02
        ):
            wrong.append(f"{label}: {engine['seconds'] / row['seconds']:.2f} x the direct flow.")
    cold = [row for row in rows if row["solver"].endswith(", cold")]
    warm = [row for row in rows if row["solver"].endswith(", warm")]
    for before, after in zip(cold, warm, strict=True):
        both = before["status"] == after["status"] == "optimal"
        if both and before["values"] != after["values"]:
            wrong.append(
                f"{label}: {after['solver']} gives {after['values']}, cold {before['values']}."
            )
    if warm and case.most_warm is not None:
        share = sum(row["seconds"] for row in warm) / sum(row["seconds"] for row in cold)
        if share > case.most_warm:
            wrong.append(f"{label}: warm takes {share:.2f} of cold, at most {case.most_warm}.")
    return wrong


def exponent(rows):
    """Return the slope of log cost on log groups over the cases of the curve, or None.

    Cost is the time to a selection within 0.1 % of the bound, the same promise at every size.
    """
    points = {
        row["groups"]: row["to_0.1_percent"]
        for row in rows
        if row["solver"] == "engine" and CASES[row["case"]].curve and row.get("to_0.1_percent")
    }
    if len(points) < 2:
        return None
    size, cost = np.log(list(points)), np.log(list(points.values()))
    return float(np.polyfit(size, cost, 1)[0])


def medians(rows):
    """Return a sentence for each solver over the knotty cases: median gap and median seconds.

    The gap is that of its selection to the engine's bound, the same for all.
    """
    best = {(r["case"], r["seed"]): r["bounds"][0] for r in rows if r["solver"] == "engine"}
    found = {}
    for row in rows:
        bound = best.get((row["case"], row["seed"]))
        if row["case"].startswith("gap-") and row.get("values") and bound:
            short = abs(row["values"][0] - bound) / abs(bound)
            found.setdefault(row["solver"], []).append((short, row["seconds"]))
    return [
        f"knotty, {solver}: {len(each)} programs, median gap {100 * gap:.4f} %, {seconds:.1f} s"
        for solver, each in found.items()
        for gap, seconds in [np.median(np.array(each), axis=0)]
    ]


def table(rows) -> str:
    """Return the rows as Markdown."""
    lines = [
        "| case | columns | made s | solver | seconds | status | values | bounds | first s "
        "| to 1 % | to 0.1 % | to 0.01 % | peak GiB |",
        "|---|---:|---:|---|---:|---|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        cells = (
            row["case"],
            f"{row['columns']:,}",
            _short(row.get("made")),
            row["solver"],
            f"{row['seconds']:.2f}",
            row["status"],
            row.get("values") or row.get("lp") or "",
            row.get("bounds") or row.get("fold_bound") or "",
            _short(row.get("first")),
            _short(row.get("to_1_percent")),
            _short(row.get("to_0.1_percent")),
            _short(row.get("to_0.01_percent")),
            _short(row.get("peak_gib")),
        )
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _short(value):
    return "" if value is None else f"{value:.2f}"


def _apart(name, seed, rivals):
    """Run a case in a process of its own, so that its peak of memory is its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(run_named, name, seed, rivals).result()


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
                new = _apart(name, seed, not chosen.no_rivals)
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
    slope = report["exponent"]
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "engine.json").write_text(json.dumps(report, indent=1))
    (chosen.out / "engine.md").write_text(table(rows))
    print(table(rows))
    for row in rows:
        if row["solver"] == "engine":
            note("engine", f"{row['case']}, seed {row['seed']}", row["seconds"])
    if slope is not None:
        print(f"cost against size: exponent {slope:.2f} (time to 0.1 %)")
    for sentence in medians(rows):
        print(sentence)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
