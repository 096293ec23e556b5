"""Readers and writers of two public text formats, and the generators that need no files.

Generalised assignment (OR-Library): `m n`, m lines of n costs, m lines of n weights, m capacities.
Linear assignment (OR-Library): `n`, then n lines of n costs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import scipy.sparse as sp

from matcher.engine import Program

_LINE = 12


def gap_program(cost, weight, capacity) -> Program:
    """Return generalised assignment: every job (group) to exactly one agent (row), least cost."""
    agents, jobs = cost.shape
    agent, job = np.divmod(np.arange(agents * jobs), jobs)
    uses = sp.csr_array(
        (weight.ravel(), (agent, np.arange(agents * jobs))), shape=(agents, agents * jobs)
    )
    return Program(
        job,
        jobs,
        cost.reshape(1, -1),
        uses,
        np.asarray(capacity),
        maximise=(False,),
        exactly_one=np.ones(jobs, dtype=bool),
    )


def assignment_program(cost) -> Program:
    """Return linear assignment: every line (group) to its own column (row), least cost."""
    n = cost.shape[0]
    return gap_program(cost.T, np.ones((n, n), dtype=np.int64), np.ones(n, dtype=np.int64))


def read_gap(path: Path):
    """Return costs [m, n], weights [m, n] and capacities [m] of a file."""
    numbers = np.array(Path(path).read_text().split(), dtype=np.int64)
    m, n = (int(x) for x in numbers[:2])
    body = numbers[2:]
    if body.size != 2 * m * n + m:
        message = f"{path}: {body.size} numbers after the sizes {m} {n}, expected {2 * m * n + m}."
        raise ValueError(message)
    table = body[: 2 * m * n].reshape(2, m, n)
    return table[0], table[1], body[2 * m * n :]


def read_assignment(path: Path):
    """Return the costs [n, n] of a file."""
    numbers = np.array(Path(path).read_text().split(), dtype=np.int64)
    n = int(numbers[0])
    if numbers.size != n * n + 1:
        message = f"{path}: {numbers.size - 1} costs, expected {n * n}."
        raise ValueError(message)
    return numbers[1:].reshape(n, n)


def write_gap(path: Path, cost, weight, capacity) -> None:
    """Write generalised assignment as `read_gap` reads it."""
    lines = [f"{cost.shape[0]} {cost.shape[1]}"]
    for row in (*cost, *weight, capacity):
        lines += _wrapped(row)
    Path(path).write_text("\n".join(lines) + "\n")


def write_assignment(path: Path, cost) -> None:
    """Write linear assignment as `read_assignment` reads it."""
    lines = [str(cost.shape[0])]
    for row in cost:
        lines += _wrapped(row)
    Path(path).write_text("\n".join(lines) + "\n")


def _wrapped(row) -> list[str]:
    values = [str(int(value)) for value in row]
    return [" ".join(values[at : at + _LINE]) for at in range(0, len(values), _LINE)]


def make_gap(kind: str, agents: int, jobs: int, seed: int):
    """Return costs, weights, capacities of type c, d or e (Chu and Beasley 1997; Laguna 1995).

    c: weights U(5, 25), costs U(10, 50), capacity 0.8 of the mean load. d: weights U(1, 100),
    costs 111 - weight + U(-10, 10), same capacity. e: weights 1 - 10 ln U(0, 1], costs
    1000 / weight - 10 U(0, 1], same capacity.
    """
    draw = np.random.default_rng([ord(kind), agents, jobs, seed])
    shape = (agents, jobs)
    if kind == "c":
        weight, cost = draw.integers(5, 26, shape), draw.integers(10, 51, shape)
    elif kind == "d":
        weight = draw.integers(1, 101, shape)
        cost = 111 - weight + draw.integers(-10, 11, shape)
    elif kind == "e":
        weight = np.floor(1 - 10 * np.log(1 - draw.random(shape))).astype(np.int64)
        cost = np.floor(1000 / weight - 10 * (1 - draw.random(shape))).astype(np.int64)
    else:
        message = f"type {kind!r}, expected c, d or e."
        raise ValueError(message)
    capacity = (0.8 * weight.sum(axis=1) / agents).astype(np.int64)
    return cost, weight, capacity
