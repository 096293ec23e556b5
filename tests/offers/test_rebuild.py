"""Taking offers over from a similar week gives the book that building from nothing gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.again import earlier_of
from matcher.again.refilled import refilled
from matcher.engine import Start
from matcher.formulation import Model, formulate
from matcher.offers import OfferBook, build_offers, rebuild_offers
from matcher.offers import rebuild as rebuild_module
from matcher.policy import override_of
from matcher.problem import Problem
from matcher.row_kinds import MENTOR_HOURS, OPENING_SEATS, TEAM_SEATS
from matcher.solve import Solution, solve
from scenarios.population import Population, problem
from tests.volume import daily

Patch = Callable[[Problem, np.random.Generator], Problem]


@pytest.fixture(scope="module")
def week() -> Problem:
    """130 citizens, 36 openings."""
    return problem(Population(citizens=130, openings=36, seed=11))


@pytest.fixture(scope="module")
def book(week: Problem) -> OfferBook:
    return build_offers(week)


def assert_same(one: OfferBook, other: OfferBook) -> None:
    for part in ("offers", "tally"):
        mine, theirs = getattr(one, part), getattr(other, part)
        for field in fields(mine):
            a, b = (np.asarray(getattr(side, field.name)) for side in (mine, theirs))
            assert a.dtype == b.dtype, field.name
            assert np.array_equal(a, b), f"{part}.{field.name}"


def assert_same_coded(one: Any, other: Any, where: str = "") -> None:
    """Whatever the encoded week holds, down to its arrays; it may not be taken over when stale."""
    if isinstance(other, np.ndarray):
        assert one.dtype == other.dtype, where
        assert one.shape == other.shape, where
        empty = pd.isna(one) & pd.isna(other)
        assert np.all((one == other) | empty), where
    elif isinstance(other, Mapping):
        assert list(one) == list(other), where
        for key in other:
            assert_same_coded(one[key], other[key], f"{where}[{key}]")
    elif isinstance(other, tuple):
        for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            assert_same_coded(mine, theirs, f"{where}[{at}]")
    elif is_dataclass(other):
        for field in fields(other):
            if field.name != "problem":
                mine, theirs = getattr(one, field.name), getattr(other, field.name)
                assert_same_coded(mine, theirs, f"{where}.{field.name}")
    else:
        assert one == other, where


def some(frame: pd.DataFrame, rng: np.random.Generator, most: int = 4) -> np.ndarray:
    return rng.choice(
        len(frame), size=min(len(frame), int(rng.integers(1, most + 1))), replace=False
    )


def cells(table: str, column: str, draw: Callable[[pd.Series, np.random.Generator], Any]) -> Patch:
    def patch(week: Problem, rng: np.random.Generator) -> Problem:
        frame = week[table]
        if frame.empty:
            return week
        changed = frame[column].copy()
        for row in some(frame, rng):
            changed.iloc[row] = draw(frame[column], rng)
        return week.with_tables(**{table: frame.assign(**{column: changed})})

    return patch


def gone(table: str) -> Patch:
    def patch(week: Problem, rng: np.random.Generator) -> Problem:
        frame = week[table]
        return week.with_tables(
            **{table: frame.drop(index=some(frame, rng)).reset_index(drop=True)}
        )

    return patch


def copied(table: str, key: str) -> Patch:
    def patch(week: Problem, rng: np.random.Generator) -> Problem:
        frame = week[table]
        copies = frame.iloc[some(frame, rng)]
        copies = copies.assign(**{key: [f"{name[:-3]}+" + name[-3:] for name in copies[key]]})
        both = pd.concat([frame, copies], ignore_index=True)
        return week.with_tables(**{table: both.sort_values(key, ignore_index=True)})

    return patch


def rules(*changes: dict[str, Any]) -> Patch:
    def patch(week: Problem, rng: np.random.Generator) -> Problem:
        change = changes[int(rng.integers(len(changes)))]
        return week.replace(policy=override_of(week.policy, change))

    return patch


def drawn(column: pd.Series, rng: np.random.Generator) -> Any:
    return column.iloc[int(rng.integers(len(column)))]


def amount(low: int, high: int) -> Callable[[pd.Series, np.random.Generator], Any]:
    return lambda column, rng: int(rng.integers(low, high + 1))


PATCHES: dict[str, Patch] = {
    "citizens.oral": cells("citizens", "oral", amount(0, 6)),
    "citizens.care": cells("citizens", "partner_can_care", lambda c, r: bool(r.integers(2))),
    "citizens.household": cells("citizens", "household_id", lambda c, r: f"H{r.integers(2)}"),
    "citizens.postcode": cells("citizens", "postcode", drawn),
    "citizens.mentor": cells("citizens", "mentor_hours", amount(0, 4)),
    "citizens.wishes": cells("citizens", "wishes", drawn),
    "citizens.weeks_waiting": cells("citizens", "weeks_waiting", amount(0, 60)),
    "citizens.hygiene": cells("citizens", "paper_hygiene", drawn),
    "citizens gone": gone("citizens"),
    "citizens copied": copied("citizens", "citizen_id"),
    "openings.seats": cells("openings", "seats", amount(0, 5)),
    "openings.oral_floor": cells("openings", "oral_floor", amount(0, 6)),
    "openings.shifts": cells("openings", "shifts", drawn),
    "openings.measures": cells("openings", "measures", drawn),
    "openings.papers": cells("openings", "papers", drawn),
    "openings.workplace": cells("openings", "workplace_id", drawn),
    "openings.isco": cells("openings", "isco", drawn),
    "openings.holidays": cells(
        "openings", "public_holidays", lambda c, r: r.choice(["open", "closed"])
    ),
    "openings.start_to": cells("openings", "start_to", drawn),
    "openings gone": gone("openings"),
    "openings copied": copied("openings", "opening_id"),
    "workplaces.sector": cells("workplaces", "sector", drawn),
    "workplaces.postcode": cells("workplaces", "postcode", drawn),
    "workplaces.staff": cells("workplaces", "ordinary_staff", amount(0, 60)),
    "workplaces.mean": cells("workplaces", "staff_mean_12m", amount(1, 60)),
    "workplaces.agrees": cells("workplaces", "representative_agrees", lambda c, r: False),
    "workplaces.employer": cells("workplaces", "employer_id", drawn),
    "teams.seats": cells("teams", "seats", amount(0, 5)),
    "teams.level": cells("teams", "level_to", amount(2, 6)),
    "teams.blocks": cells("teams", "blocks", drawn),
    "teams.place": cells("teams", "workplace_id", drawn),
    "teams gone": gone("teams"),
    "teams copied": copied("teams", "team_id"),
    "pools.hours": cells("mentor_pools", "hours", amount(0, 20)),
    "pools.place": cells("mentor_pools", "workplace_id", drawn),
    "pools gone": gone("mentor_pools"),
    "courses.seats": cells("courses", "seats", amount(0, 3)),
    "courses.ready": cells("courses", "ready_on", drawn),
    "courses gone": gone("courses"),
    "forbids gone": gone("forbids"),
    "running gone": gone("running"),
    "previous gone": gone("previous"),
    "caseworkers": cells("caseworkers", "capacity", amount(0, 4)),
    "ratio rule": rules({"ratio_rule": {"first_per": 3}}, {"ratio_rule": {"at_least": 0}}),
    "ratio rule lifted": rules({"measures": {"work_practice": {"ratio_rule": False}}}),
    "more classes an offer": rules({"language": {"classes_per_offer": 20}}),
    "fewer classes an offer": rules({"language": {"classes_per_offer": 1}}),
    "money": rules({"money": {"mentor_cost_per_hour": 400}}),
    "rules": rules({"fit": {"floor": 300}}, {"travel": {"car_kmh": 60.0}},
                   {"measures": {"work_practice": {"weeks": {"job_ready": 26}}}}),
}  # fmt: skip


@pytest.mark.parametrize("name", PATCHES)
def test_one_kind_of_change(name: str, week: Problem, book: OfferBook) -> None:
    """Whatever is changed, the rebuilt book is the built one, offer by offer."""
    changed = PATCHES[name](week, np.random.default_rng(1))
    rebuilt, built = rebuild_offers(changed, book), build_offers(changed)
    assert_same(rebuilt, built)
    assert_same_coded(rebuilt.encoded, built.encoded)
    model = refilled(rebuilt, book, formulate(book))
    if model is not None:
        assert_same_model(model, formulate(built))
    only_capacity = {"openings.seats", "teams.seats", "pools.hours", "courses.seats", "caseworkers"}
    assert name not in only_capacity or rebuilt.offers is not book.offers or model is not None


def assert_same_model(one: Model, other: Model) -> None:
    """Rows and goals down to the last unit: what an engine is given, and what rows are called."""
    assert (one.rules, one.keys, one.names) == (other.rules, other.keys, other.names)
    for name in ("capacity", "floors", "locked"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert one.broken == other.broken
    assert one.program.digest() == other.program.digest()


def test_what_resources_hold_is_filled_into_the_rows_there_are(
    week: Problem, book: OfferBook
) -> None:
    """More seats, hours, follow-up and money: the rows are not made again. A place at a workplace
    that had no limit, a caseworker more or another price of an hour: they are."""
    known = formulate(book)
    more = week.with_tables(
        openings=week["openings"].assign(seats=week["openings"]["seats"] + 1),
        caseworkers=week["caseworkers"].assign(capacity=week["caseworkers"]["capacity"] + 2),
        mentor_pools=week["mentor_pools"].assign(hours=week["mentor_pools"]["hours"] + 100),
    )
    line = sorted(week.policy.money.budgets)[0]
    more = more.replace(policy=override_of(more.policy, {"money": {"budgets": {line: 12_345}}}))
    rebuilt = OfferBook(rebuild_offers(more, book).encoded, book.offers, book.tally)
    filled = refilled(rebuilt, book, known)
    assert filled is not None
    assert filled.program.uses is not None
    assert np.shares_memory(filled.program.uses.data, known.program.uses.data)
    assert_same_model(filled, formulate(rebuilt))
    assert filled.capacity.tolist() != known.capacity.tolist()
    for changed in (
        week.with_tables(workplaces=week["workplaces"].assign(intake_per_week=1)),
        week.with_tables(caseworkers=week["caseworkers"].iloc[1:].reset_index(drop=True)),
        week.replace(policy=override_of(week.policy, {"money": {"mentor_cost_per_hour": 400}})),
        week.replace(policy=override_of(week.policy, {"tiers": {"change_cost": 40}})),
    ):
        rebuilt = rebuild_offers(changed, book)
        assert rebuilt.offers is book.offers
        assert refilled(rebuilt, book, known) is None


@pytest.mark.parametrize("seed", daily(2, range(8)))
def test_random_changes_together(seed: int, week: Problem, book: OfferBook) -> None:
    """Three kinds at once, drawn by the seed in the test's name."""
    rng = np.random.default_rng(seed)
    changed = week
    for name in rng.choice(list(PATCHES), size=3, replace=False):
        changed = PATCHES[str(name)](changed, rng)
    assert_same(rebuild_offers(changed, book), build_offers(changed))


def test_capacities_alone_weigh_no_pair_again(
    week: Problem, book: OfferBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more seat in every opening and class that has one, more mentor hours: nobody looks."""
    monkeypatch.setattr(rebuild_module, "weigh", lambda *_: pytest.fail("weighed again"))
    monkeypatch.setattr(rebuild_module, "build_offers", lambda *_: pytest.fail("built anew"))
    free = book.encoded.remaining
    changed = week.with_tables(
        openings=week["openings"].assign(
            seats=week["openings"]["seats"] + (free[OPENING_SEATS] > 0)
        ),
        teams=week["teams"].assign(seats=week["teams"]["seats"] + (free[TEAM_SEATS] > 0)),
        courses=week["courses"].assign(seats=week["courses"]["seats"] * 2),
        mentor_pools=week["mentor_pools"].assign(
            hours=week["mentor_pools"]["hours"] + 10 * week["mentor_pools"]["workplace_id"].isna()
        ),
    )
    assert (book.encoded.citizens.mentor <= free[MENTOR_HOURS].max()).all()
    assert rebuild_offers(changed, book).offers.fit.tolist() == book.offers.fit.tolist()


@pytest.mark.parametrize("above", [0, 150, 400, 600])
def test_a_higher_floor_of_fit_only_takes_offers_away(
    above: int, week: Problem, book: OfferBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is weighed again; what the floor kills is counted as if it were."""
    floor = week.policy.fit.floor + above
    changed = week.replace(policy=override_of(week.policy, {"fit": {"floor": floor}}))
    built = build_offers(changed)
    monkeypatch.setattr(rebuild_module, "build_offers", lambda *_: pytest.fail("built anew"))
    rebuilt = rebuild_offers(changed, book)
    assert_same(rebuilt, built)
    assert_same_coded(rebuilt.encoded, built.encoded)
    assert (len(rebuilt.offers) < len(book.offers)) == (above > 0)


def test_what_resources_hold_changes_nothing_that_is_coded(
    week: Problem, book: OfferBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More places in every class, course, pool and opening, more starts at every workplace: what
    is coded is taken over as it stands, but for what is free."""
    monkeypatch.setattr(rebuild_module, "sides_of", lambda *_: pytest.fail("coded again"))
    changed = week.with_tables(
        teams=week["teams"].assign(seats=week["teams"]["seats"] + 1),
        courses=week["courses"].assign(seats=week["courses"]["seats"] * 2),
        mentor_pools=week["mentor_pools"].assign(hours=week["mentor_pools"]["hours"] + 10),
        openings=week["openings"].assign(seats=week["openings"]["seats"] + 1),
        workplaces=week["workplaces"].assign(intake_per_week=3),
    )
    rebuilt = rebuild_offers(changed, book)
    monkeypatch.undo()
    built = build_offers(changed)
    assert_same(rebuilt, built)
    assert_same_coded(rebuilt.encoded, built.encoded)
    same = rebuild_offers(week.with_tables(caseworkers=week["caseworkers"].copy()), book)
    assert same.offers is book.offers


def test_only_touched_pairs_are_weighed(
    week: Problem, book: OfferBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A language floor that changes at one opening: all citizens at that opening, no other."""
    seen: list[Any] = []
    plain = rebuild_module.weigh

    def watched(encoded: Any, parts: Any, progress: Any = None, pairs: Any = None) -> Any:
        seen.append([(len(citizens), openings.tolist()) for citizens, openings in parts])
        return plain(encoded, parts, progress, pairs)

    monkeypatch.setattr(rebuild_module, "weigh", watched)
    floors = week["openings"]["oral_floor"].copy()
    floors.iloc[7] = 0 if floors.iloc[7] else 6
    changed = week.with_tables(openings=week["openings"].assign(oral_floor=floors))
    assert_same(rebuild_offers(changed, book), build_offers(changed))
    everybody, everywhere = len(week["citizens"]), list(range(len(week["openings"])))
    assert seen == [[(0, everywhere), (everybody, [7])]] * 2


@pytest.mark.parametrize("seed", daily(1, range(3)))
def test_warm_answers_are_cold_answers(seed: int, week: Problem) -> None:
    """From an earlier solution or from nothing: the same plan, to the last cell."""
    earlier = earlier_of(solve(week))
    rng = np.random.default_rng(100 + seed)
    changed = week
    for name in rng.choice(list(PATCHES), size=2, replace=False):
        changed = PATCHES[str(name)](changed, rng)
    warm, cold = earlier.solve(changed), solve(changed)
    assert warm.plan.proven
    assert cold.plan.proven
    assert warm.plan.placements == cold.plan.placements
    assert warm.plan.tiers == cold.plan.tiers


def test_prices_and_choice_find_their_rows_and_offers_again(week: Problem) -> None:
    """Take the first citizens away: every other price and choice is where it was."""
    solution = solve(week)
    changed = week.with_tables(citizens=week["citizens"].iloc[20:].reset_index(drop=True))
    book = rebuild_offers(changed, solution.book)
    model = formulate(book)
    start = earlier_of(solution).start_for(model, book)
    assert isinstance(start, Start)
    assert start.prices is not None
    assert start.selection is not None
    old = dict(zip(solution.model.program.row_names or (), solution.answer.prices[1], strict=True))
    names = model.program.row_names or ()
    assert start.prices[1].tolist() == [old.get(name, 0.0) for name in names]
    ids = changed["citizens"]["citizen_id"].tolist()
    kept = [one for one in solution.plan.placements if one.citizen_id in set(ids)]
    found = [
        (ids[book.offers.citizen[at]], int(book.offers.fit[at])) for at in start.selection.tolist()
    ]
    assert sorted(found) == sorted((one.citizen_id, one.fit) for one in kept)


@pytest.fixture(scope="module")
def larger() -> Solution:
    """A week that is solved by prices, and so leaves a warm start."""
    return solve(problem(Population(citizens=600, openings=100, seed=2)))


def test_the_engine_goes_on_though_rows_and_citizens_come_and_go(larger: Solution) -> None:
    """Newcomers, people who leave, a class that opens and a pool that closes: the warm start of the
    solve is found again by names, and the answer is the one found from nothing."""
    before = larger.problem
    assert larger.answer.warm_start is not None
    changed = copied("citizens", "citizen_id")(before, np.random.default_rng(1))
    changed = copied("teams", "team_id")(changed, np.random.default_rng(1))
    changed = changed.with_tables(
        citizens=changed["citizens"].iloc[20:].reset_index(drop=True),
        mentor_pools=changed["mentor_pools"].iloc[1:].reset_index(drop=True),
    )
    warm, cold = earlier_of(larger).solve(changed), solve(changed)
    assert "recall" in warm.plan.provenance["engine"]["phase_times"]
    assert warm.plan.placements == cold.plan.placements
    assert warm.plan.tiers == cold.plan.tiers


def test_a_warm_start_moves_with_its_rows_and_groups(larger: Solution) -> None:
    """Every row one further, the last one gone, groups turned round: cuts and prices follow."""
    warm = larger.answer.warm_start
    assert warm is not None
    m, groups = warm.shape
    rows = np.append(np.arange(1, m), -1)
    people = np.arange(groups)[::-1].copy()
    moved = warm.moved(rows, people, (m + 1, groups))
    assert moved.shape == (m + 1, groups)
    assert moved.first[1:m].tolist() == warm.first[:-1].tolist()
    assert moved.first[[0, m]].tolist() == [0, 0]
    assert moved.group_status.tolist() == warm.group_status[::-1].tolist()
    added = warm.prices.size - m
    assert moved.prices.size == m + 1 + added
    assert moved.prices[m + 1 :].tolist() == warm.prices[m:].tolist()
    assert len(moved.cuts) == len(warm.cuts)
    for cut, old in zip(moved.cuts, warm.cuts, strict=True):
        assert cut.groups.tolist() == people[old.groups].tolist()
        kept = old.rows != m - 1
        assert cut.rows.tolist() == (old.rows + 1)[kept].tolist()
        assert cut.of_row.tolist() == old.of_row[kept].tolist()
