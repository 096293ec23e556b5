"""Small programs and what brute force says of them: shares no code with the engine's methods."""

import os
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from matcher.engine import UNBOUNDED, LinearModel, Program


def program(group, gains, rows, upper, **more):
    """Build a program from lists; `rows` lists the uses of each row by every column."""
    gains = np.atleast_2d(np.array(gains, dtype=np.int64))
    n_groups = more.pop("n_groups", max(group, default=-1) + 1)
    uses = np.array(rows, dtype=np.int64).reshape(len(upper), len(group))
    return Program(
        np.array(group, dtype=np.int64),
        n_groups,
        gains,
        sp.csr_array(uses),
        np.array(upper),
        **more,
    )


def model_of(problem, gain):
    """Return the whole program as a solver takes it: a row for each group, then its own."""
    n = problem.n_columns
    groups = sp.csr_array((np.ones(n), (problem.group, np.arange(n))), shape=(problem.n_groups, n))
    must = np.zeros(problem.n_groups) if problem.exactly_one is None else problem.exactly_one
    lower, upper = problem.lower_sides.astype(float), problem.upper.astype(float)
    lower[problem.lower_sides <= -UNBOUNDED] = -np.inf
    upper[problem.upper >= UNBOUNDED] = np.inf
    return LinearModel(
        np.asarray(gain, dtype=float),
        sp.csr_array(sp.vstack((groups, problem.uses.astype(float)))),
        np.concatenate((np.asarray(must, dtype=float), lower)),
        np.concatenate((np.ones(problem.n_groups), upper)),
        np.zeros(n),
        np.ones(n),
    )


def brute(problem):
    """Return the best values by trying every selection, or None when none is legal."""
    forbidden = set() if problem.forbidden is None else set(problem.forbidden.tolist())
    fixed = set() if problem.fixed is None else set(problem.fixed.tolist())
    nothing = problem.n_columns
    choices = []
    for group in range(problem.n_groups):
        members = [o for o in np.flatnonzero(problem.group == group).tolist() if o not in forbidden]
        held = [o for o in fixed if problem.group[o] == group]
        if len(held) > 1:
            return None
        if held:
            choices.append([o for o in members if o == held[0]])
        elif problem.exactly_one is not None and problem.exactly_one[group]:
            choices.append(members)
        else:
            choices.append([nothing, *members])
    sign = np.array([1 if flag else -1 for flag in problem.senses])
    # A line for each column, and one of nothing: what it uses, then what it is worth.
    table = np.hstack((problem.uses.toarray().T, problem.gains.T * sign))
    table = np.vstack((table, np.zeros((1, table.shape[1]), dtype=table.dtype)))
    sums = np.zeros((1, table.shape[1]), dtype=table.dtype)
    for members in choices:
        sums = (sums[:, None] + table[np.array(members, dtype=int)]).reshape(-1, table.shape[1])
    used, worth = sums[:, : problem.n_rows], sums[:, problem.n_rows :]
    legal_ones = (used <= problem.upper).all(axis=1) & (used >= problem.lower_sides).all(axis=1)
    if not legal_ones.any():
        return None
    best = worth[legal_ones]
    for tier in range(len(sign)):
        best = best[best[:, tier] == best[:, tier].max()]
    return tuple((sign * best[0]).tolist())


def legal(problem, selection):
    """Whether a selection satisfies every row and group, recomputed from the program alone."""
    count = np.bincount(problem.group[selection], minlength=problem.n_groups)
    used = problem.uses.toarray()[:, selection].sum(axis=1)
    good = (count <= 1).all() and (used <= problem.upper).all()
    good = good and (used >= problem.lower_sides).all()
    if problem.exactly_one is not None:
        good = good and (count[problem.exactly_one] == 1).all()
    return bool(good)


def random_program(seed):
    """Return a small program with any mix of row types, tiers, senses, fixed and forbidden."""
    draw = np.random.default_rng(seed)
    groups = int(draw.integers(1, 7))
    n, m, tiers = (
        int(draw.integers(0, 4 * groups + 1)),
        int(draw.integers(0, 6)),
        draw.integers(1, 4),
    )
    kind = draw.integers(0, 3)
    uses = draw.integers(0, (2, 4, 40)[kind], (m, n)) * (draw.random((m, n)) < 0.6)
    if draw.random() < 0.15:
        uses = uses * draw.choice([-1, 1], (m, n))
    upper = draw.integers(0, (4, 8, 90)[kind], m)
    lower = None
    if draw.random() < 0.4 and m:
        floor = np.minimum(upper, draw.integers(0, (3, 4, 40)[kind], m))
        lower = np.where(draw.random(m) < 0.4, floor, -UNBOUNDED)
        upper = np.where(draw.random(m) < 0.2, UNBOUNDED, upper)
    gains = np.zeros((tiers, n), dtype=np.int64)
    for tier in range(tiers):
        least = -3 if draw.random() < 0.3 else 0
        gains[tier] = draw.integers(least, (3, 20, 1000)[draw.integers(3)], n)
        if tier == 0 and draw.random() < 0.5:
            gains[tier] = 1
    return Program(
        draw.integers(0, groups, n),
        groups,
        gains,
        sp.csr_array(uses),
        upper,
        lower,
        None if draw.random() < 0.6 else tuple(bool(b) for b in draw.random(tiers) < 0.6),
        None if draw.random() < 0.6 else draw.random(groups) < 0.5,
        draw.integers(0, n, 1) if n and draw.random() < 0.15 else None,
        draw.integers(0, n, 2) if n and draw.random() < 0.15 else None,
    )


def knotty(seed, *, groups=6, rows=2, priced=1, must=0.5, width=2):
    """Return a small program whose columns each use one wide row, and some a narrow one too."""
    draw = np.random.default_rng([7, seed])
    n = groups * rows * width
    group = np.repeat(np.arange(groups), rows * width)
    home = np.tile(np.repeat(np.arange(rows), width), groups)
    uses = np.zeros((rows + priced, n), dtype=np.int64)
    uses[home, np.arange(n)] = draw.integers(1, 12, n)
    if priced:
        uses[rows:] = draw.random((priced, n)) < 0.3
    upper = np.append(
        np.maximum(12, uses[:rows].sum(axis=1) // (2 * width) - draw.integers(0, 6, rows)),
        np.full(priced, groups // 2),
    )
    gains = draw.integers(-5, 60, n)
    exactly = draw.random(groups) < must
    return Program(
        group, groups, gains[None, :], sp.csr_array(uses), upper,
        exactly_one=exactly if exactly.any() else None,
    )  # fmt: skip


def packing_program(seed, groups=24, width=6, rows=10, tiers=3):
    """Return a mid-size program of `<=` rows with knapsack rows among them."""
    draw = np.random.default_rng(seed)
    n = groups * width
    uses = draw.integers(1, 5, (rows, n)) * (draw.random((rows, n)) < 3.0 / rows)
    upper = np.maximum(1, uses.sum(axis=1) // (width + 2))
    gains = np.stack((np.ones(n, int), draw.integers(0, 1000, n), draw.integers(0, 1024, n)))
    return Program(
        np.repeat(np.arange(groups), width), groups, gains[:tiers], sp.csr_array(uses), upper
    )


def instances():
    """Return the folder of public instances, or None when it is not there."""
    named = os.environ.get("JOBMATCH_INSTANCES")
    beside = Path(__file__).resolve().parents[3] / "shared" / "instances"
    for folder in ([Path(named)] if named else []) + [beside]:
        if (folder / "optima.csv").is_file():
            return folder
    return None
