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
    """Return costs, weights, capacities of type a to e (Chu and Beasley 1997; Laguna 1995).

    a: weights U(5, 25), costs U(10, 50), capacity 9 jobs / agents + 0.4 R, R the largest load of an
    agent when every job goes where it is cheapest. b: the same with 0.7 of that capacity. c: the
    same with 0.8 of the mean load. d: weights U(1, 100), costs 111 - weight + U(-10, 10), capacity
    as c. e: weights 1 - 10 ln U(0, 1], costs 1000 / weight - 10 U(0, 1], capacity as c.
    """
    draw = np.random.default_rng([ord(kind), agents, jobs, seed])
    shape = (agents, jobs)
    if kind in "abc":
        weight, cost = draw.integers(5, 26, shape), draw.integers(10, 51, shape)
    elif kind == "d":
        weight = draw.integers(1, 101, shape)
        cost = 111 - weight + draw.integers(-10, 11, shape)
    elif kind == "e":
        weight = np.floor(1 - 10 * np.log(1 - draw.random(shape))).astype(np.int64)
        cost = np.floor(1000 / weight - 10 * (1 - draw.random(shape))).astype(np.int64)
    else:
        message = f"type {kind!r}, expected a, b, c, d or e."
        raise ValueError(message)
    capacity = 0.8 * weight.sum(axis=1) / agents
    if kind in "ab":
        cheapest = cost.argmin(axis=0)
        load = np.bincount(cheapest, weight[cheapest, np.arange(jobs)], minlength=agents)
        capacity = np.full(agents, (9.0 * jobs / agents + 0.4 * load.max()))
        capacity *= 0.7 if kind == "b" else 1.0
    return cost, weight, capacity.astype(np.int64)


def make_refugees(cases: int, places: int, ages: int, seed: int) -> Program:
    """Return the placement of cases of 1 to 9 persons at places with room for persons.

    A case is compatible with about 70 of 100 places and gains what its persons earn there, to nine
    digits; a place has room for about its share of all persons, in one group or by three ages
    (the shape of Bansak et al. 2018 and Ahani et al. 2021; every number here is drawn). A case may
    stay without a place.
    """
    draw = np.random.default_rng([cases, places, ages, seed])
    size = np.minimum(9, 1 + draw.geometric(0.42, cases) - 1 + (draw.random(cases) < 0.5))
    young = draw.binomial(size - 1, 0.45)
    old = draw.binomial(size - 1 - young, 0.1)
    persons = np.stack((size,)) if ages == 1 else np.stack((size - young - old, young, old))
    open_ = draw.random((cases, places)) < 0.7
    case, place = np.nonzero(open_)
    chance = np.clip(draw.beta(2, 4, cases)[:, None] + draw.normal(0, 0.12, (cases, places)), 0, 1)
    gain = np.rint(chance * (size - young)[:, None] * 1e8).astype(np.int64)[case, place]
    n = case.size
    row = np.concatenate([place * len(persons) + age for age in range(len(persons))])
    use = np.concatenate([group[case] for group in persons])
    uses = sp.csr_array((use, (row, np.tile(np.arange(n), len(persons)))),
                        shape=(places * len(persons), n))  # fmt: skip
    share = draw.dirichlet(np.full(places, 4.0))
    room = np.rint(0.9 * share[:, None] * persons.sum(axis=1)[None, :]).astype(np.int64)
    return Program(case, cases, gain[None, :], uses, np.maximum(room, 1).ravel())
