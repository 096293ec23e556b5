"""Ctrl-C in the middle of a solve: the first always counts, whichever solver is at work."""

import os
import random
import signal
import threading
import time
from functools import partial

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import SOLVERS, LinearModel, Options, Program, Task, solve
from matcher.engine.solvers.interrupt import run_and_wait
from tests.volume import daily

_exact = SOLVERS["cp_sat"].solve
_AT_MOST = 5.0
"""Seconds after which a solver that was left alone ends by itself."""
_SOON = 2.0
"""Seconds; a busy machine is slow, a swallowed Ctrl-C takes the solver's whole limit."""


def _split(rows=6, columns=50, seed=1):
    """Market split: every row a subset sum, hard for every method there is."""
    draw = np.random.default_rng(seed)
    uses = draw.integers(0, 100, (rows, columns)).astype(np.float64)
    half = np.floor(uses.sum(axis=1) / 2)
    gain = draw.integers(1, 5, columns).astype(np.float64)
    return LinearModel(gain, sp.csr_array(uses), half, half, np.zeros(columns), np.ones(columns))


def _program():
    """The same, of groups of one column each, within half a percent of the half."""
    model = _split()
    columns = model.gain.size
    return Program(
        np.arange(columns),
        columns,
        model.gain.astype(np.int64)[None, :],
        sp.csr_array(model.rows.astype(np.int64)),
        model.row_upper.astype(np.int64),
        lower=model.row_lower.astype(np.int64),
    )


@pytest.fixture
def interrupts():
    """Python's own answer to Ctrl-C, whatever runs the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _interrupted(work, delay):
    """Press Ctrl-C once after a while; return how long it then took to be heard."""
    pressed = []

    def press():
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    def pressed_meanwhile():
        threading.Timer(delay, press).start()
        work()
        time.sleep(_SOON)  # should it have been swallowed, nothing else is to hear it

    with pytest.raises(KeyboardInterrupt):
        pressed_meanwhile()
    return time.perf_counter() - pressed[0]


@pytest.mark.parametrize(
    ("name", "tries"),
    daily(
        4,
        [
            ("cp_sat", 4),
            ("highs", 2),
            ("scip", 2),
            ("solve", 3),
            ("cp_sat", 8),
            ("highs", 3),
            ("scip", 3),
            ("solve", 6),
        ],
    ),
)
def test_the_first_interrupt_ends_a_solve(interrupts, name, tries):
    """At any moment: while it is written, before the search, in its midst."""
    chance = random.Random(name)
    if name == "solve":
        work = partial(solve, _program(), Options(seconds=_AT_MOST))
    else:
        work = partial(SOLVERS[name].solve, _split(), Task(integer=True, seconds=_AT_MOST))
    for _ in range(tries):
        assert _interrupted(work, chance.uniform(0.0, 0.25)) < _SOON


def test_after_an_interrupt_the_solver_answers_as_before(interrupts):
    """Nothing is left that would stop the next solve."""
    _interrupted(partial(_exact, _split(), Task(integer=True, seconds=_AT_MOST)), 0.1)
    small = LinearModel(
        np.array([3.0, 2.0]), sp.csr_array(np.array([[1.0, 1.0]])),
        np.array([-np.inf]), np.array([1.0]), np.zeros(2), np.ones(2),
    )  # fmt: skip
    outcome = _exact(small, Task(integer=True))
    assert (outcome.status, outcome.x.tolist()) == ("optimal", [1.0, 0.0])


def test_what_the_work_raises_comes_out():
    """In the caller's thread, as if it had run there."""

    def work():
        message = "no"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no"):
        run_and_wait(work, lambda: None, None)
    assert run_and_wait(lambda: 7, lambda: None, None) == 7


def test_a_cancel_keeps_what_cp_sat_has_found():
    """Within moments, as a limit."""
    cancel = threading.Event()
    threading.Timer(0.3, cancel.set).start()
    began = time.perf_counter()
    outcome = _exact(_split(), Task(integer=True, seconds=30, cancel=cancel))
    assert outcome.status == "limit"
    assert time.perf_counter() - began < 5
