"""Cuts: no selection may break one, whatever the linear program says."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import Program
from matcher.engine.backends import run_linear
from matcher.engine.core import reduce_program
from matcher.engine.restricted import linear_of_stage
from matcher.engine.stage import stage_of
from matcher.engine.tableau import separate_corners


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


def test_corner_cuts_hold_for_every_selection_and_for_columns_that_were_left_out():
    found = 0
    for seed in range(30):
        stage = _stage(seed)
        columns = np.flatnonzero(np.random.default_rng(seed).random(stage.n) < 0.7)
        part, names = stage.part(columns), np.unique(stage.group[columns])
        outcome = run_linear(linear_of_stage(part), kind="barrier")
        cuts = separate_corners(stage, part, names, outcome)
        if cuts is None:
            continue
        found += 1
        inside = cuts.uses[columns].T @ outcome.x
        assert (inside > cuts.capacity).all(), "a cut must cut the point off"
        for chosen in _selections(stage, 3):
            used = np.asarray(cuts.uses[chosen].sum(axis=0)).reshape(-1)
            assert (used <= cuts.capacity).all(), (seed, chosen)
    assert found >= 10


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_basis_makes_useless_cuts_but_never_wrong_ones(seed):
    stage = _stage(100 + seed)
    outcome = run_linear(linear_of_stage(stage), kind="barrier")
    draw = np.random.default_rng(seed)
    size = stage.must.size + stage.rows
    basic = draw.permutation(stage.n + size) < size
    bad = type(outcome)(
        outcome.status, draw.random(stage.n), basis=(basic[: stage.n], basic[stage.n :])
    )
    cuts = separate_corners(stage, stage, np.arange(stage.must.size), bad)
    if cuts is not None:
        for chosen in _selections(stage, 3):
            used = np.asarray(cuts.uses[chosen].sum(axis=0)).reshape(-1)
            assert (used <= cuts.capacity).all()
