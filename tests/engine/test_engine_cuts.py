"""Cuts: no selection may break one, whatever the linear program says."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import SOLVERS, Outcome, Program, Task
from matcher.engine.method.cuts import RowBook, as_row
from matcher.engine.method.gomory_cuts import separate_corners
from matcher.engine.method.knapsack_cuts import separate_rows
from matcher.engine.method.packing import linear_model, packing_of
from matcher.engine.method.presolve import presolve
from matcher.engine.solvers import AT_LOWER, BASIC, Basis
from tests.volume import daily


def _stage(seed, groups=5, per_group=3, rows=4):
    draw = np.random.default_rng(seed)
    n = groups * per_group
    uses = draw.integers(0, 5, (rows, n)) * (draw.random((rows, n)) < 0.7)
    program = Program(
        np.repeat(np.arange(groups), per_group),
        groups,
        draw.integers(1, 30, (1, n)),
        sp.csr_array(uses.astype(np.int64)),
        draw.integers(3, 9, rows),
    )
    reduced, _ = presolve(program)
    return packing_of(reduced, reduced.gains[0])


def _selections(packing, per_group=3):
    """Every legal selection: a line for each, 1 at its columns."""
    groups = packing.must.size
    assert packing.n == groups * per_group
    assert (packing.group == np.repeat(np.arange(groups), per_group)).all()
    assert not packing.must.any()
    one = np.vstack((np.zeros((1, per_group), dtype=np.int64), np.eye(per_group, dtype=np.int64)))
    every = np.array([np.concatenate(picks) for picks in product(one, repeat=groups)])
    return every[(every @ packing.uses.toarray() <= packing.capacity).all(axis=1)]


def _widest(packing):
    return np.asarray(packing.uses.max(axis=0).todense()).reshape(-1)


def _rows(packing, cuts):
    book = RowBook(packing)
    made = [row for cut in cuts if (row := as_row(packing, book, cut)) is not None]
    full = []
    for columns, use, capacity in made:
        uses = np.zeros(packing.n, dtype=np.int64)
        uses[columns] = use
        full.append((uses, capacity))
    return full


def _assert_holds(packing, rows):
    every = _selections(packing)
    assert len(every) > 1
    for uses, capacity in rows:
        assert (every @ uses).max() <= capacity, every[(every @ uses).argmax()]


def test_cuts_hold_for_every_selection_and_for_columns_that_were_left_out():
    corners = knapsacks = 0
    for seed in range(30):
        packing = _stage(seed)
        columns = np.flatnonzero(np.random.default_rng(seed).random(packing.n) < 0.7)
        part, names = packing.part(columns), np.unique(packing.group[columns])
        outcome = SOLVERS["glop"].solve(linear_model(part), Task())
        corner = _rows(packing, separate_corners(part, names, outcome, _widest(packing)))
        for uses, capacity in corner:
            assert float(uses[columns] @ outcome.x) > capacity, "a cut must cut the point off"
        single = _rows(packing, separate_rows(part, names, packing.rows, outcome.x))
        _assert_holds(packing, corner + single)
        corners, knapsacks = corners + len(corner), knapsacks + len(single)
    assert corners >= 10
    assert knapsacks >= 10


def test_a_cut_is_a_row_again_when_capacities_and_columns_have_changed():
    tried = 0
    for seed in range(30):
        packing = _stage(seed)
        outcome = SOLVERS["glop"].solve(linear_model(packing), Task())
        cuts = separate_rows(packing, np.arange(packing.must.size), packing.rows, outcome.x)
        cuts += separate_corners(packing, np.arange(packing.must.size), outcome, _widest(packing))
        draw = np.random.default_rng(seed)
        changed = replace(packing, capacity=packing.capacity + draw.integers(-2, 3, packing.rows))
        rows = _rows(changed, cuts)
        _assert_holds(changed, rows)
        tried += len(rows)
    assert tried >= 10


@pytest.mark.parametrize("seed", daily(2, range(5)))
def test_a_wrong_basis_makes_useless_cuts_but_never_wrong_ones(seed):
    packing = _stage(100 + seed)
    draw = np.random.default_rng(seed)
    size = packing.must.size + packing.rows
    places = np.where(draw.permutation(packing.n + size) < size, BASIC, AT_LOWER).astype(np.int8)
    bad = Outcome(
        "optimal", draw.random(packing.n), basis=Basis(places[: packing.n], places[packing.n :])
    )
    cuts = separate_corners(packing, np.arange(packing.must.size), bad, _widest(packing))
    _assert_holds(packing, _rows(packing, cuts))
