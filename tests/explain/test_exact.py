"""Everything told as exact, replayed: the changed tables solved afresh by the plain formulation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from matcher import engine
from matcher.again import Change, Resolver
from matcher.again.programs import with_room
from matcher.engine import Options
from matcher.errors import OptionError
from matcher.explain import bottlenecks, margins, near_best, why_not
from matcher.explain.why_not import Move
from matcher.offers import failures
from matcher.problem import Problem
from matcher.solve import Solution, solve
from scenarios.population import Population, problem
from tests.explain.replay import (
    SEEDS,
    afresh,
    base,
    forbidden,
    locked,
    more_of,
    placed,
    small_week,
    solved_week,
)
from tests.volume import daily

pytestmark = pytest.mark.filterwarnings("error")


@cache
def middle() -> Problem:
    """A week that is solved by prices, the method of large weeks, which leaves losses behind."""
    return problem(Population(citizens=60, openings=12, seed=4))


@cache
def resolver(seed: int) -> Resolver:
    return Resolver(solved_week(seed))


def test_where_no_other_opening_is_possible_none_is_told() -> None:
    """All that are possible were solved for: what is left is not told as costing "at least"."""
    solution = solve(problem(Population(citizens=282, openings=70, seed=33)))
    citizen = solution.book.encoded.citizens.ids.tolist().index("FIKTIV-B000190")
    (found,) = margins(Resolver(solution), np.array([citizen]), bounded=3)
    assert [part.proven for part in found.alternatives] == [True]
    assert found.alternatives[0].cost == found.cost


def openings_of(solution: Solution, citizen: str) -> list[str]:
    """Openings at which a citizen has an offer."""
    book = solution.book
    i = book.encoded.citizens.ids.tolist().index(citizen)
    at = np.unique(book.offers.opening[book.offers.citizen == i])
    return [str(one) for one in book.encoded.openings.ids[at]]


def pairs(solution: Solution, most: int, seed: int) -> Iterator[tuple[str, str]]:
    """Some possible pairs that the plan does not hold."""
    book = solution.book
    held = {(one.citizen_id, one.opening_id) for one in solution.plan.placements}
    rng = np.random.default_rng(seed)
    for at in rng.permutation(len(book.offers))[: 4 * most].tolist():
        pair = (
            str(book.encoded.citizens.ids[book.offers.citizen[at]]),
            str(book.encoded.openings.ids[book.offers.opening[at]]),
        )
        if pair not in held and most:
            most -= 1
            yield pair


def whereabouts(moves: tuple[Move, ...], solution: Solution) -> dict[str, str]:
    """Where everybody is after the moves."""
    where = {one.citizen_id: one.opening_id for one in solution.plan.placements}
    for move in moves:
        assert where.get(move.citizen_id) == (move.before and move.before.opening_id)
        if move.after is None:
            del where[move.citizen_id]
        else:
            where[move.citizen_id] = move.after.opening_id
    return where


@pytest.mark.parametrize("seed", daily(1, SEEDS))
def test_a_forced_opening_costs_exactly_what_is_said(seed: int) -> None:
    """A lock in the tables, solved afresh, loses as much; the moves told lead to such a plan."""
    solution = solved_week(seed)
    first, second = base(solution)
    forced = 0
    for citizen, opening in pairs(solution, 6, seed):
        told = why_not(resolver(seed), citizen, opening)
        again = afresh(locked(small_week(seed), citizen, opening))
        if told.verdict == "locked":
            continue
        assert told.verdict == "possible"
        assert told.forced is not None
        assert told.forced.proven
        assert again is not None
        assert told.forced.change == (again[0] - first, again[1] - second)
        where = whereabouts(told.forced.moves, solution)
        assert where[citizen] == opening
        assert told.forced.moves[0].citizen_id == citizen
        assert len(where) - len(solution.plan.placements) == told.forced.placed
        assert afresh(small_week(seed), frozenset(where)) is not None
        forced += 1
    assert forced


@pytest.mark.parametrize("seed", daily(1, SEEDS))
def test_every_step_of_a_chain_shares_a_row_with_one_before(seed: int) -> None:
    """Whoever is tied to somebody is tied to one told earlier, by a row of the model."""
    solution = solved_week(seed)
    rows = set(zip(solution.model.rules, solution.model.keys, strict=True))
    for citizen, opening in pairs(solution, 4, seed + 100):
        told = why_not(resolver(seed), citizen, opening)
        if told.forced is None:
            continue
        seen: set[str] = set()
        for move in told.forced.moves:
            if move.link is not None:
                assert move.link.other in seen
                assert (move.link.rule, move.link.key) in rows
            assert move.before != move.after
            seen.add(move.citizen_id)


def test_of_equal_plans_one_is_told_only_where_every_goal_is_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where what tells them apart is left open, the whole week is solved instead."""
    asked = Resolver(solve(middle(), Options(method="prices")))
    one = asked.solution.plan.placements[0]
    change = Change(barred=[(one.citizen_id, one.opening_id)])
    told, sizes = asked.solve(change, named=True), []

    def in_doubt(program: engine.Program, *args: Any, **more: Any) -> engine.Answer:
        answer = engine.solve(program, *args, **more)
        sizes.append(program.n_columns)
        if len(sizes) > 1:
            return answer
        return replace(
            answer,
            tiers=(*answer.tiers[:-1], replace(answer.tiers[-1], proven=False)),
            termination=engine.Termination(engine.StopReason.FEASIBLE, engine.Limit.WORK),
        )

    beside = SimpleNamespace(**{**vars(engine), "solve": in_doubt})
    monkeypatch.setattr("matcher.again.resolver.engine", beside)
    again = asked.solve(change, named=True)
    assert sizes[0] < sizes[1] == asked.solution.model.program.n_columns
    assert again.chosen.tolist() == told.chosen.tolist()


@pytest.mark.parametrize("seed", daily(1, SEEDS[:2]))
def test_margins_and_alternatives_are_exact_and_none_is_cheaper(seed: int) -> None:
    """Against every opening of a citizen locked in turn, and the proposal's own forbidden."""
    solution = solved_week(seed)
    first, second = base(solution)
    some = solution.plan.placements[:4]
    ids = solution.book.encoded.citizens.ids.tolist()
    told = margins(resolver(seed), np.array([ids.index(one.citizen_id) for one in some]))
    assert [one.citizen_id for one in told] == [one.citizen_id for one in some]
    for margin in told:
        if margin.locked:
            assert margin.cost is None
            continue
        again = afresh(forbidden(small_week(seed), margin.citizen_id, margin.opening_id))
        assert again is not None
        assert margin.proven
        assert margin.cost == (first - again[0], second - again[1])
        costs = {}
        for opening in openings_of(solution, margin.citizen_id):
            if opening != margin.opening_id:
                value = afresh(locked(small_week(seed), margin.citizen_id, opening))
                if value is not None:
                    costs[opening] = (first - value[0], second - value[1])
        cheapest = sorted(costs.values())[:3]
        assert [one.cost for one in margin.alternatives] == cheapest
        for one in margin.alternatives:
            assert costs[one.seat.opening_id] == one.cost


def test_a_large_week_asked_again_is_exact_whatever_was_asked_before() -> None:
    """Offers near the prices are asked first; against each opening locked, solved on all offers."""
    week = problem(Population(citizens=150, openings=28, seed=6))
    options = Options(method="prices")
    solution = solve(week, options)
    assert solution.answer.losses is not None
    first, second = base(solution)
    who = solution.model.program.group[solution.chosen]
    told = margins(Resolver(solution, options), workers=2)
    assert told == margins(Resolver(solution, options), workers=1)
    assert margins(Resolver(solution, options), who[-2:])[0] in told
    rng = np.random.default_rng(6)
    solved = 0
    # Who has one opening alone has no alternative to ask about.
    several = [one for one in told if one.alternatives]
    for margin in several[:: len(several) // 4]:
        without = afresh(forbidden(week, margin.citizen_id, margin.opening_id))
        assert without is not None
        assert margin.proven
        assert margin.cost == (first - without[0], second - without[1])
        dear = margin.alternatives[-1].cost
        for one in margin.alternatives:
            value = afresh(locked(week, margin.citizen_id, one.seat.opening_id))
            assert value is not None
            assert one.proven
            assert one.cost == (first - value[0], second - value[1])
            solved += 1
        named = {one.seat.opening_id for one in margin.alternatives} | {margin.opening_id}
        others = [o for o in openings_of(solution, margin.citizen_id) if o not in named]
        for opening in rng.permutation(others)[:2]:
            value = afresh(locked(week, margin.citizen_id, str(opening)))
            assert value is None or (first - value[0], second - value[1]) >= dear
    assert solved > 6


def test_what_is_told_by_a_bound_costs_at_least_that() -> None:
    """Against each opening locked in turn; openings are told once, and never as exact."""
    options = Options(method="prices")
    solution = solve(middle(), options)
    assert solution.answer.losses is not None
    first, second = base(solution)
    count = 0
    resolver = Resolver(solution, options)
    who = solution.model.program.group[solution.chosen][:5]
    for margin in margins(resolver, who, alternatives=1, bounded=3):
        without = afresh(forbidden(middle(), margin.citizen_id, margin.opening_id))
        assert margin.locked or without is not None
        if without is not None and not margin.locked:
            assert margin.cost == (first - without[0], second - without[1])
        told = [one for one in margin.alternatives if one.at_least]
        assert len({one.seat.opening_id for one in margin.alternatives}) == len(margin.alternatives)
        for one in told:
            value = afresh(locked(middle(), margin.citizen_id, one.seat.opening_id))
            assert not one.proven
            assert value is not None
            assert (first - value[0], second - value[1]) >= one.cost
            count += 1
    assert count


@pytest.mark.parametrize("seed", daily(1, SEEDS[:2]))
def test_more_of_a_resource_gains_exactly_what_is_said(seed: int) -> None:
    """More in the tables, solved afresh, gains as much, and nothing beyond what is enough."""
    solution = solved_week(seed)
    first, second = base(solution)
    found = bottlenecks(resolver(seed), steps=(1, 5), most=6, end=True)
    assert found
    brief = bottlenecks(resolver(seed), steps=(1, 5), most=6)
    told = {(one.rule, one.key): one for one in found}
    assert len(brief) == len(found)
    for one in found:
        if one.rule == "workplace_ratio":
            continue
        for gain in (*one.gains, one.most):
            again = afresh(more_of(small_week(seed), one.rule, one.key, gain.more * one.unit))
            assert again is not None
            assert gain.proven
            assert (gain.value, gain.fit) == (again[0] - first, again[1] - second)
            assert gain.placements == len(gain.gained) - len(gain.lost)
        plenty = afresh(more_of(small_week(seed), one.rule, one.key, 200 * one.unit))
        assert plenty is not None
        assert (one.most.value, one.most.fit) == (plenty[0] - first, plenty[1] - second)
    for one in brief:
        whole = told[one.rule, one.key]
        assert [(gain.more, gain.value, gain.fit, gain.proven) for gain in one.gains] == [
            (gain.more, gain.value, gain.fit, gain.proven) for gain in whole.gains
        ]
        if one.enough is None:  # not asked further than the largest step
            assert (one.most.value, one.most.fit) == (one.gains[-1].value, one.gains[-1].fit)
        else:
            assert (one.most.value, one.most.fit) == (whole.most.value, whole.most.fit)


def test_a_plan_near_the_best_is_a_plan_and_lacks_what_is_said() -> None:
    """Each is legal, places as many, stays within the tolerance and differs as said."""
    week = small_week(3)
    week = week.with_tables(previous=week["previous"].iloc[:0])  # fit alone decides
    solution = solve(week)
    plans = near_best(Resolver(solution), 2, tolerance=200)
    assert plans
    fit = {one.citizen_id: one.fit for one in solution.plan.placements}
    for at, plan in enumerate(plans):
        where = whereabouts(plan.moves, solution)
        assert len(where) == len(solution.plan.placements)
        assert plan.differs == len(plan.moves) > 0
        assert len(plan.differs_from) == at
        after = {**fit, **{move.citizen_id: move.after.fit if move.after else 0
                           for move in plan.moves}}  # fmt: skip
        assert sum(fit.values()) - sum(after.values()) == plan.lacks
        assert 0 <= plan.lacks <= 200
        fixed = week
        for citizen, opening in where.items():
            if not solution.model.locked[solution.book.encoded.citizens.ids == citizen].any():
                fixed = locked(fixed, citizen, opening)
        value = afresh(fixed)
        assert value is not None
        assert value[0] == len(where)
        assert value[1] >= sum(after.values())


def test_rules_that_fail_are_all_told_with_both_values() -> None:
    """As the rules on the pair say."""
    solution = solved_week(2)
    book = solution.book
    possible = set(zip(book.offers.citizen.tolist(), book.offers.opening.tolist(), strict=True))
    told = 0
    for i in range(5):
        for j in range(len(book.encoded.openings.ids)):
            if (i, j) not in possible:
                pair = (str(book.encoded.citizens.ids[i]), str(book.encoded.openings.ids[j]))
                why = why_not(resolver(2), *pair)
                assert why.verdict == "rules"
                assert why.failures == failures(book.encoded, *pair) != ()
                told += 1
    assert told


def test_what_is_proposed_needs_no_reason_against() -> None:
    solution = solved_week(2)
    one = solution.plan.placements[0]
    assert why_not(resolver(2), one.citizen_id, one.opening_id).verdict == "proposed"
    assert placed(solution)


@pytest.mark.parametrize(("citizen", "opening"), [("nobody", "?"), ("", "nowhere")])
def test_an_unknown_id_says_what_there_is(citizen: str, opening: str) -> None:
    """The message names the id and, where some begin alike, those."""
    real = str(solved_week(2).book.encoded.citizens.ids[0])
    with pytest.raises(OptionError, match="is not among the"):
        why_not(resolver(2), citizen or real, opening)
    with pytest.raises(OptionError, match="Maybe one of these: FIKTIV-B000001"):
        why_not(resolver(2), real.lower() + "x", "?")


@pytest.mark.parametrize("number", ["010190-1234", "0101901234", "101901234"])
def test_a_number_of_a_person_is_not_shown_again(number: str) -> None:
    """Someone who types a CPR number for an id does not see it in a log."""
    with pytest.raises(OptionError, match=r"citizen '\[CPR removed\]' is not among") as raised:
        why_not(resolver(2), number, "O1")
    assert number not in str(raised.value)


@pytest.mark.parametrize("seed", daily(1, SEEDS))
def test_whoever_must_be_placed_is_given_way_to(seed: int) -> None:
    """The selection a solve begins with is legal, and nobody else who must be placed gives way."""
    one = resolver(seed)
    program, ids = one.solution.model.program, one.solution.book.encoded.citizens.ids
    waiting = np.setdiff1d(np.unique(program.group), program.group[one.solution.chosen])
    legal = 0
    for citizen in waiting[:20].tolist():
        asked = Change(must_place=(ids[citizen],))
        changed = one._changed(program, asked, one._positions(asked))
        found = with_room(changed, one.solution.chosen, np.zeros(program.n_columns))
        assert found is not None
        used = np.asarray(program.uses[:, found].sum(axis=1)).reshape(-1)
        assert (used <= program.upper).all()
        groups = program.group[found]
        assert len(np.unique(groups)) == len(found)
        if changed.forbidden is not None:
            assert not np.isin(found, changed.forbidden).any()
        assert changed.exactly_one is not None
        kept = np.setdiff1d(np.flatnonzero(changed.exactly_one), [citizen])
        assert np.isin(kept, groups).all()
        legal += citizen in groups
    assert legal
