"""The registry of cases: name, how to build one, the rivals it is run beside, its time limit.

Add a case by adding to `CASES`; other packages may register theirs with `register`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.engine.formats import assignment_program, gap_program, make_gap, make_refugees
from benchmarks.engine.weeks import week
from matcher.engine import Program

DIRECT = ("CP-SAT", "HiGHS", "SCIP", "GLOP (LP)", "PDLP (LP)", "greedy")
FLOWS = ("flow, direct",)


@dataclass(frozen=True)
class Case:
    name: str
    build: Callable[[int], Program]
    """Program from a seed."""
    rivals: tuple[str, ...] = ()
    seconds: float | None = None
    """Limit of the engine; None: none."""
    rival_seconds: float = 120.0
    smoke: bool = False
    """Whether the smoke mode runs it."""
    proven: bool = False
    """Whether the engine is expected to prove it."""
    most_gap: float = 1.0
    """Largest relative gap the gate accepts in the first unproven of the tiers that count."""
    curve: bool = False
    """Whether it is a point of the curve of cost against size."""
    most_warm: float | None = None
    """Largest share of the cold seconds that going on from the old end may take, summed over the
    small changes; None: not gated."""
    rounds: int = 1
    """How often engine and rivals run, in turn; the quickest counts, as noise only slows."""


def places(seed: int, groups: int = 3_000, rows: int = 1_200, n: int = 60_000) -> Program:
    """Return groups and seats only: pure assignment with capacities."""
    draw = np.random.default_rng(seed)
    uses = sp.csr_array(
        (np.ones(n, dtype=np.int64), (draw.integers(0, rows, n), np.arange(n))), shape=(rows, n)
    )
    return Program(
        np.sort(draw.integers(0, groups, n)),
        groups,
        draw.integers(1, 1000, (1, n)),
        uses,
        draw.integers(1, 4, rows),
    )


def _square(seed: int) -> Program:
    return assignment_program(np.random.default_rng(seed).integers(1, 101, (250, 250)))


CASES: dict[str, Case] = {}
_HELD: list[Any] = []
"""Offers stay in memory beside the program, as they do in a weekly run."""


def register(case: Case) -> None:
    """Add a case; a name may be used once."""
    if case.name in CASES:
        message = f"case {case.name!r} exists already."
        raise ValueError(message)
    CASES[case.name] = case


def population(seed: int, **spec: Any) -> Program:
    """Return the program of a made-up municipality's week."""
    from matcher.formulation import formulate
    from matcher.offers import build_offers
    from scenarios.population import Population, problem

    book = build_offers(problem(Population(seed=seed, **spec)))
    _HELD.append(book)
    return formulate(book).program


def aarhus(**spec: Any) -> Callable[[int], Program]:
    return lambda seed: population(seed, **spec)


def denmark(citizens: int, openings: int) -> Callable[[int], Program]:
    return lambda seed: population(
        seed, municipality="Danmark", citizens=citizens, openings=openings
    )


for _case in (
    # Made-up municipalities: what the engine is for.
    Case(
        "village", aarhus(citizens=300, openings=120), DIRECT, None, 60.0, smoke=True,
        proven=True,
    ),
    Case("aarhus", aarhus(), DIRECT, None, 120.0, proven=True, curve=True, most_warm=0.9),
    Case("municipality", aarhus(openings=600), DIRECT, None, 120.0, proven=True),
    Case(
        "city", denmark(20_000, 3_000), ("GLOP (LP)", "PDLP (LP)", "greedy"), 60.0, 60.0,
        most_gap=0.0001, curve=True,
    ),
    Case("country", denmark(100_000, 4_000), ("greedy",), 300.0, most_gap=0.001, curve=True),
    # Bare programs of the same shape, without records or rules.
    Case(
        "bare-tiny", lambda s: week(150, seed=s, per_group=40), DIRECT, 60.0, 20.0,
        smoke=True, most_gap=0.02,
    ),
    Case("bare-town", lambda s: week(400, seed=s), DIRECT, None, 60.0, most_gap=0.01),
    Case("bare-municipality", lambda s: week(1_550, seed=s), DIRECT, None, 120.0, most_gap=0.005),
    Case("bare-city", lambda s: week(20_000, seed=s), ("GLOP (LP)", "PDLP (LP)"), 60.0, 60.0),
    Case("bare-country", lambda s: week(100_000, seed=s), (), 300.0),
    # Pure assignment.
    Case("arcs", places, FLOWS, smoke=True, proven=True, rounds=7),
    Case("square", _square, ("linear_sum_assignment",), smoke=True, proven=True),
    # Generalised assignment by the published recipes.
    *(
        Case(
            f"gap-{kind}",
            lambda s, kind=kind: gap_program(*make_gap(kind, 5, 50, s)),
            ("CP-SAT", "HiGHS") if kind in "cd" else ("HiGHS",),
            None if kind == "c" else 120.0,
            60.0,
            smoke=kind in "ce",
            proven=kind != "d",
        )
        for kind in "abcde"
    ),
    # Knotty: few wide rows of many sizes; larger ones of the same recipes, and cases of persons.
    Case(
        "knotty", lambda s: gap_program(*make_gap("c", 10, 200, s)), ("HiGHS",), None, 60.0,
        proven=True,
    ),
    *(
        Case(
            f"gap-{kind}-{agents}x{jobs}",
            lambda s, kind=kind, agents=agents, jobs=jobs: gap_program(
                *make_gap(kind, agents, jobs, s)
            ),
            ("CP-SAT", "HiGHS", "SCIP"), 60.0, 60.0, proven=proven, most_gap=gap,
        )
        for kind, agents, jobs, proven, gap in (
            *((kind, *size, True, 0.0) for kind in "abce"
              for size in ((10, 200), (20, 200), (20, 400), (40, 400))),
            *((kind, *size, False, 0.001) for kind in "ce" for size in ((30, 900), (80, 1_600))),
            *(("d", *size, False, 0.003) for size in ((20, 200), (40, 400), (80, 1_600))),
        )
    ),
    *(
        Case(
            f"refugees-{cases}-{ages}",
            lambda s, cases=cases, ages=ages: make_refugees(cases, 20, ages, s),
            ("CP-SAT", "HiGHS", "SCIP"), None, 120.0, proven=True,
        )
        for cases in (300, 450) for ages in (1, 3)
    ),
):  # fmt: skip
    register(_case)
