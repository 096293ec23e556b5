"""Trade-off curves: hand-solved, against brute force, and nothing that another point beats."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

import matcher.again.resolver
import matcher.solve
import scenarios.frontier
from matcher.errors import OptionError
from matcher.held import offer_costs
from matcher.records import MentorPool
from matcher.solve import Solution, solve
from scenarios.frontier import Front, frontier
from scenarios.population import Population, problem
from tests.volume import daily
from tests.weeks import citizen, opening, week, workplace

Pair = tuple[int, float]


def pairs(front: Front) -> list[Pair]:
    """Placements and value of each point, each of them proven."""
    assert front.proven
    return list(zip(front.points["placements"], front.points["value"], strict=True))


@pytest.fixture(scope="module")
def scarce() -> Solution:
    """Four mentor hours. A (activity-ready) needs 4, B and C (job-ready) need 2 each, D none.

    Mentor hours cost 320 DKK. D's fit is less than B's: her wish is another field.
    """
    return solve(
        week(
            [
                citizen("A", mentor_hours=4, wishes="9112"),
                citizen("B", category="job_ready", mentor_hours=2, wishes="9112"),
                citizen("C", category="job_ready", mentor_hours=2, wishes="9112"),
                citizen("D", category="job_ready", wishes="2310"),
            ],
            [opening("O1", seats=4)],
            [workplace("W1", ordinary_staff=60)],
            mentor_pools=[MentorPool(pool_id="P1", hours=4)],
        )
    )


def test_placements_against_cost_by_hand(scarce: Solution) -> None:
    """D alone is free; D and B cost 2 x 320, with C 4 x 320. A would cost as much as B and C."""
    front = frontier(scarce, "cost")
    assert pairs(front) == [(1, 0), (2, 640), (3, 1280)]
    assert front.points["step"].tolist()[1:] == [640, 640]
    assert front.plan == {"placements": 3, "value": 1280, "fit": front.plan["fit"]}


def test_the_price_of_fairness_by_hand(scarce: Solution) -> None:
    """Without a floor B, C and D are placed. One activity-ready takes all four hours: A and D."""
    front = frontier(scarce, "group", group=("category", "aktivitetsparat"))
    assert front.group == "category=activity_ready"
    assert pairs(front) == [(3, 0), (2, 1)]
    assert front.points["bound"].tolist() == [0, 1]
    before, after = front.points["fit"].tolist()
    assert front.points["step"].tolist()[1] == before - after


def test_placements_against_fit_by_hand(scarce: Solution) -> None:
    """The fewer, the better the mean; the last one in is D, the only one without her wish."""
    fits = {p.citizen_id: p.fit for p in scarce.plan.placements}
    high, low = fits["B"], fits["D"]
    assert fits["C"] == high > low
    front = frontier(scarce, "fit", share=0.5)
    assert pairs(front) == [(2, high), (3, pytest.approx((2 * high + low) / 3))]
    assert front.points["step"].tolist()[1] == pytest.approx((high - low) / 3)


def test_placements_against_the_floor_of_fit_by_hand(scarce: Solution) -> None:
    """All three down to D's fit, B and C above it; nobody above theirs."""
    fits = {p.citizen_id: p.fit for p in scarce.plan.placements}
    front = frontier(scarce, "floor", points=200)
    found = pairs(front)
    assert [placed for placed, _ in found] == [2, 3]
    assert found == [(2, fits["B"]), (3, fits["D"])]
    # However few floors are asked for, each is raised as long as nobody is lost.
    assert set(pairs(frontier(scarce, "floor", points=2))) <= set(found)
    assert front.points["bound"].tolist() == front.points["value"].tolist()


def test_budgets_may_be_set_aside() -> None:
    """The budget pays one of two mentors; without it both are placed, at twice the cost."""
    poor = solve(
        week(
            [citizen("A", mentor_hours=2), citizen("B", mentor_hours=2)],
            [opening("O1", seats=2)],
            mentor_pools=[MentorPool(pool_id="P1", hours=4)],
            rules={"money": {"budgets": {"mentors": 1000}}},
        )
    )
    front = frontier(poor, "cost")
    assert pairs(front) == [(0, 0), (1, 640)]
    more = {"placements": 2, "more": 1, "value": 1280, "step": 640.0, "proven": True}
    assert front.beyond == ({"without": "budget", **more}, {"without": "everything", **more})
    free = frontier(poor, "cost", free_budgets=True)
    assert pairs(free) == [(0, 0), (1, 640), (2, 1280)]
    assert free.beyond == ()


def test_beyond_the_maximum_each_limit_says_what_it_holds_back() -> None:
    """Two mentors' worth of money, one of hours: more of either alone brings nobody."""
    both = solve(
        week(
            [citizen("A", mentor_hours=2), citizen("B", mentor_hours=2)],
            [opening("O1", seats=2)],
            mentor_pools=[MentorPool(pool_id="P1", hours=2)],
            rules={"money": {"budgets": {"mentors": 640}}},
        )
    )
    front = frontier(both, "cost")
    assert pairs(front) == [(0, 0), (1, 640)]
    assert [row["without"] for row in front.beyond] == ["everything"]
    assert (front.beyond[0]["more"], front.beyond[0]["step"]) == (1, 640.0)
    # A seat is no limit of the municipality's: nothing lies beyond a full opening.
    full = solve(week([citizen("A"), citizen("B")], [opening("O1", seats=1)]))
    assert frontier(full, "cost").beyond == ()


def test_what_is_not_shown_is_not_checked_and_the_rows_are_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Raising a floor asks a dozen times: only points cost an independent check."""
    counts = {"checks": 0, "solves": 0, "rows": 0}

    def counted(name: str, call: Any) -> Any:
        def inner(*args: Any, **more: Any) -> Any:
            counts[name] += 1
            return call(*args, **more)

        return inner

    made_up = solve(problem(Population(citizens=36, openings=8, seed=3)))
    for room, name, key in ((scenarios.frontier, "verify", "checks"),
                            (matcher.again.resolver, "solve_aimed", "solves"),
                            (matcher.solve, "formulate", "rows")):  # fmt: skip
        monkeypatch.setattr(room, name, counted(key, getattr(room, name)))
    front = frontier(made_up, "floor", points=2)
    assert counts["rows"] == 0
    assert len(front.points) <= counts["checks"] < counts["solves"]


@pytest.mark.parametrize(
    ("citizens", "openings", "seed"), daily(1, [(36, 8, 6), (36, 8, 16), (36, 8, 31)])
)
def test_fronts_against_brute_force(citizens: int, openings: int, seed: int) -> None:
    """A week of a few citizens: every legal choice is counted out."""
    solution = solve(problem(Population(citizens=citizens, openings=openings, seed=seed)))
    program, book = solution.model.program, solution.book
    own = [np.flatnonzero(program.group == i).tolist() for i in range(program.n_groups)]
    own = [offers for offers in own if offers]
    assert len(solution.chosen) >= 4
    assert 3_000 < np.prod([len(offers) + 1 for offers in own]) < 10_000
    oral = book.problem["citizens"]["oral"].to_numpy()[book.offers.citizen]
    level = int(oral[solution.chosen].min(initial=0))
    costs = np.zeros(program.n_columns, dtype=np.int64)
    for cost in offer_costs(book).values():
        costs += cost
    cheapest: dict[int, int] = {}
    fittest: dict[int, int] = {}
    fair: dict[int, tuple[int, int]] = {}
    highest: dict[int, int] = {}
    # A line for each choice, -1 for nobody: the last line of every table is of nothing.
    picked = np.array(list(itertools.product(*[(-1, *offers) for offers in own])))
    uses = np.vstack((program.uses.toarray().T, np.zeros((1, program.n_rows), dtype=np.int64)))
    legal = (sum(uses[of_one] for of_one in picked.T) <= program.upper).all(axis=1)
    picked = picked[legal]
    assert len(picked) > 100
    worth, lowest = np.append(program.gains[1], 0), np.append(book.offers.fit, 10**6)
    sums = zip(
        (picked >= 0).sum(axis=1).tolist(),
        worth[picked].sum(axis=1).tolist(),
        np.append(costs, 0)[picked].sum(axis=1).tolist(),
        lowest[picked].min(axis=1).tolist(),
        np.append(oral == level, False)[picked].sum(axis=1).tolist(),
        strict=True,
    )
    for k, fit, cost, low, inside in sums:
        cheapest[k] = min(cheapest.get(k, 10**9), cost)
        fittest[k] = max(fittest.get(k, -1), fit)
        if k:
            highest[k] = max(highest.get(k, 0), low)
        for g in range(inside + 1):
            fair[g] = max(fair.get(g, (-1, -1)), (k, fit))
    most = max(cheapest)
    found = dict(pairs(frontier(solution, "cost", points=200)))
    assert found == {
        k: cost
        for k, cost in cheapest.items()
        if not any(cheapest[other] <= cost for other in range(k + 1, most + 1))
    }
    for k, mean in pairs(frontier(solution, "fit", points=200, share=0)):
        assert mean == fittest[k] / k
    # Every point asked for is one of the true front, however few are asked for.
    for points in (2, 3, 5, 200):
        assert set(pairs(frontier(solution, "cost", points=points))) <= set(found.items())
        for k, floor in pairs(frontier(solution, "floor", points=points)):
            assert highest[k] == floor
            assert all(highest[other] < floor for other in range(k + 1, most + 1))
    front = frontier(solution, "group", group=("oral", str(level)), points=200)
    assert front.proven
    for row in front.points.itertuples():
        assert fair[int(row.value)] == (row.placements, row.fit)
    assert int(front.points["value"].max()) == max(fair)


def test_a_front_survives_a_file(scarce: Solution) -> None:
    """As JSON, its empty first step included."""
    front = frontier(scarce, "cost")
    again = Front.from_dict(json.loads(json.dumps(front.to_dict(), allow_nan=False)))
    assert again.to_dict() == front.to_dict()
    assert again.points.equals(front.points)
    with pytest.raises(ValueError, match="version 9"):
        Front.from_dict({**front.to_dict(), "schema_version": 9})


def test_progress_reaches_the_end(scarce: Solution) -> None:
    """Each point is told, the last as the last."""
    for against in ("fit", "floor", "cost"):
        told: list[tuple[int, int]] = []
        frontier(scarce, against, progress=lambda done, total, to=told: to.append((done, total)))
        assert told
        assert told[-1][0] == told[-1][1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"against": "speed"}, "against 'speed': expected one of fit, floor, cost, group"),
        ({"against": "fit", "points": 1}, "points 1: expected 2 to 200"),
        ({"against": "fit", "share": 2.0}, "share 2: expected 0 to 1"),
        ({"against": "group"}, "a group is given exactly when"),
        ({"against": "fit", "group": ("oral", "0")}, "a group is given exactly when"),
        ({"against": "group", "group": ("gender", "women")}, "group gender=women"),
    ],
)
def test_a_wrong_question_is_refused(
    scarce: Solution, options: dict[str, object], says: str
) -> None:
    """With what was expected."""
    with pytest.raises(OptionError, match=says):
        frontier(scarce, **options)  # type: ignore[arg-type]
