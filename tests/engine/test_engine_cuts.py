"""Cuts: no selection may break one, whatever the linear program says."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import Program
from matcher.engine.method.column_generation import linear_of_stage
from matcher.engine.method.cuts import RowBook, as_row, separate
from matcher.engine.method.gomory_cuts import separate_corners
from matcher.engine.method.packing import stage_of
from matcher.engine.method.presolve import reduce_program
from matcher.engine.solvers.mathopt import AT_LOWER, BASIC, Basis, Outcome, run_linear


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
    core, _ = reduce_program(program)
    return stage_of(core, core.gains[0])


def _selections(stage, per_group):
    for picks in product(range(-1, per_group), repeat=stage.must.size):
        chosen = np.array([g * per_group + p for g, p in enumerate(picks) if p >= 0], dtype=int)
        if stage.admits(chosen):
            yield chosen


def _widest(stage):
    return np.asarray(stage.uses.max(axis=0).todense()).reshape(-1)


def _rows(stage, cuts):
    book = RowBook(stage)
    made = [row for cut in cuts if (row := as_row(stage, book, cut)) is not None]
    full = []
    for columns, use, capacity in made:
        uses = np.zeros(stage.n, dtype=np.int64)
        uses[columns] = use
        full.append((uses, capacity))
    return full


def _assert_holds(stage, rows):
    for chosen in _selections(stage, 3):
        for uses, capacity in rows:
            assert int(uses[chosen].sum()) <= capacity, chosen


def test_cuts_hold_for_every_selection_and_for_columns_that_were_left_out():
    corners = knapsacks = 0
    for seed in range(30):
        stage = _stage(seed)
        columns = np.flatnonzero(np.random.default_rng(seed).random(stage.n) < 0.7)
        part, names = stage.part(columns), np.unique(stage.group[columns])
        outcome = run_linear(linear_of_stage(part))
        corner = _rows(stage, separate_corners(part, names, outcome, _widest(stage)))
        for uses, capacity in corner:
            assert float(uses[columns] @ outcome.x) > capacity, "a cut must cut the point off"
        single = _rows(stage, separate(part, names, stage.rows, outcome.x))
        _assert_holds(stage, corner + single)
        corners, knapsacks = corners + len(corner), knapsacks + len(single)
    assert corners >= 10
    assert knapsacks >= 10


def test_a_cut_is_a_row_again_when_capacities_and_columns_have_changed():
    tried = 0
    for seed in range(30):
        stage = _stage(seed)
        outcome = run_linear(linear_of_stage(stage))
        cuts = separate(stage, np.arange(stage.must.size), stage.rows, outcome.x)
        cuts += separate_corners(stage, np.arange(stage.must.size), outcome, _widest(stage))
        draw = np.random.default_rng(seed)
        changed = replace(stage, capacity=stage.capacity + draw.integers(-2, 3, stage.rows))
        rows = _rows(changed, cuts)
        _assert_holds(changed, rows)
        tried += len(rows)
    assert tried >= 10


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_basis_makes_useless_cuts_but_never_wrong_ones(seed):
    stage = _stage(100 + seed)
    draw = np.random.default_rng(seed)
    size = stage.must.size + stage.rows
    places = np.where(draw.permutation(stage.n + size) < size, BASIC, AT_LOWER).astype(np.int8)
    bad = Outcome(
        "optimal", draw.random(stage.n), basis=Basis(places[: stage.n], places[stage.n :])
    )
    cuts = separate_corners(stage, np.arange(stage.must.size), bad, _widest(stage))
    _assert_holds(stage, _rows(stage, cuts))
