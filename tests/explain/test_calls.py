"""Calls to employers: each brings what its week does, and no other brings more."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import pytest

from matcher import engine
from matcher.again import Resolver
from matcher.again import calls as again_calls
from matcher.explain.calls import ASKED, Call, Calls, called_week, calls
from matcher.explain.telling import Telling
from matcher.problem import Problem
from matcher.records import Forbid
from matcher.solve import solve
from tests.weeks import citizen, opening, week, workplace


def _week() -> Problem:
    """Three workplaces, each short of something else; nobody has a place but one."""
    return week(
        citizens=[
            citizen("C1"),
            citizen("C2"),
            citizen("C3", youngest_child=2, partner_can_care=False),
            citizen("C4", oral=1, reading=1),
        ],
        openings=[
            opening("O1", seats=1, oral_floor=4),
            opening("O2", workplace_id="W2", seats=1, oral_floor=2, reading_floor=2),
            opening("O3", workplace_id="W3", oral_floor=1, shifts="mon-fri 05:00-09:00"),
        ],
        workplaces=[
            workplace(), workplace("W2"), workplace("W3", intake_per_week=1),
        ],
        forbids=[Forbid(citizen_id="C1", opening_id="O3", reason="other")],
    )  # fmt: skip


def _placed(problem: Problem, made: list[Call]) -> int:
    return len(solve(called_week(problem, made)).plan.placements)


def _every(problem: Problem) -> list[Call]:
    """Every call there is, by the tables alone."""
    found = []
    for row in problem["openings"].itertuples():
        abouts = {
            "seat": [""], "danish": [""], "shift": ["mon-fri 09:00-15:00"],
            "measure": sorted(set(problem.policy.measures) - set(row.measures.split(";"))),
        }  # fmt: skip
        found += [
            Call(row.workplace_id, row.opening_id, ask, about, 0, 0, 0, proven=True)
            for ask in ASKED for about in abouts[ask]
        ]  # fmt: skip
    return found


@pytest.fixture(scope="module")
def asked() -> tuple[Problem, Calls]:
    problem = _week()
    return problem, calls(Resolver(solve(problem)))


def test_each_call_brings_what_its_week_does_and_no_other_brings_more(
    asked: tuple[Problem, Calls],
) -> None:
    """On top of the calls before it, by solving the week of every call that could be made."""
    problem, found = asked
    assert len(found.calls) >= 2
    assert found.proven
    made: list[Call] = []
    now = found.base
    for call in found.calls:
        left = [one for one in _every(problem)
                if one.workplace_id not in {before.workplace_id for before in made}]  # fmt: skip
        assert max(_placed(problem, [*made, one]) for one in left) == now + call.placements
        made.append(call)
        assert _placed(problem, made) == call.in_all == now + call.placements
        assert _placed(problem, [call]) == found.base + call.alone
        now = call.in_all
    assert found.placements == now
    left = [one for one in _every(problem)
            if one.workplace_id not in {before.workplace_id for before in made}]  # fmt: skip
    assert all(_placed(problem, [*made, one]) == now for one in left)


def test_what_a_brief_look_leaves_open_is_looked_at_whole(
    asked: tuple[Problem, Calls], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A brief answer without a proof, or with too few people, is gone on with to the proof."""
    solved = engine.solve

    def hurried(program: Any, options: Any = None, **more: Any) -> Any:
        answer = solved(program, options, **more)
        if options is not again_calls._BRIEF:
            return answer
        first, *rest = answer.tiers
        open_still = replace(first, bound=first.bound + 1, proven=False)
        ended = replace(answer.termination, reason=engine.StopReason.FEASIBLE,
                        limit=engine.Limit.WORK)  # fmt: skip
        return replace(answer, tiers=(open_still, *rest), termination=ended)

    problem, found = asked
    resolver = Resolver(solve(problem))
    monkeypatch.setattr(engine, "solve", hurried)
    again = calls(resolver)
    assert [(one.placements, one.alone, one.proven) for one in again.calls] == [
        (one.placements, one.alone, True) for one in found.calls
    ]
    assert again.proven


def test_the_count_begins_with_the_plan_of_the_week(monkeypatch: pytest.MonkeyPatch) -> None:
    """The week with all openings as they might be is larger: it must not count from fewer."""
    solved, begun = engine.solve, []

    def noted(program: Any, options: Any = None, **more: Any) -> Any:
        begun.append((program, more.get("start")))
        return solved(program, options, **more)

    problem = _week()
    resolver = Resolver(solve(problem))
    monkeypatch.setattr(again_calls.engine, "solve", noted)
    found = calls(resolver)
    program, start = begun[0]
    assert len(start.selection) == found.base > 0
    assert not np.isin(start.selection, program.forbidden).any()
    assert (program.uses[:, start.selection].sum(axis=1) <= program.upper).all()


@pytest.mark.parametrize(("bound", "sure"), [(12, True), (13, False)])
def test_a_week_left_open_counts_only_where_it_may_beat_the_best(bound: int, sure: bool) -> None:
    """Ten are placed; the first change brings one, perhaps more; the second brings two."""

    def placed(value: int, most: int) -> Any:
        tier = SimpleNamespace(achieved=value, bound=most, proven=value == most)
        return SimpleNamespace(tiers=(tier,), has_selection=True)

    weeks = {(0,): placed(11, bound), (1,): placed(12, 12)}
    asking = again_calls._Asking.__new__(again_calls._Asking)
    with (
        mock.patch.object(asking, "_at_most", return_value=np.array([13.0, 12.5])),
        mock.patch.object(asking, "_brief", lambda made: weeks[made]),
        mock.patch.object(asking, "_whole", lambda made, brief: brief),
    ):
        assert asking.best((), placed(10, 10)) == (1, weeks[1,], sure)


def test_two_calls_for_the_same_person_are_counted_once() -> None:
    """Either workplace could take him with less Danish: one call is enough, two bring no more."""
    problem = week(
        citizens=[citizen(oral=1)],
        openings=[opening(oral_floor=2), opening("O2", workplace_id="W2", oral_floor=2)],
        workplaces=[workplace(), workplace("W2")],
    )
    found = calls(Resolver(solve(problem)))
    assert (found.base, found.placements) == (0, 1)
    assert [(one.ask, one.placements, one.alone) for one in found.calls] == [("danish", 1, 1)]


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_list_of_calls_is_told(asked: tuple[Problem, Calls], language: Any) -> None:
    """Whom to call, what for, and what it brings."""
    problem, found = asked
    say = Telling(problem, language)
    assert say.whole(found.placements) in say.calls(found)
    for call in found.calls:
        assert call.opening_id in say.call(call)
        assert say("calls.more", call.placements, all=say.whole(call.in_all)) in say.call(call)
    fewer = replace(found, placements=found.calls[-1].in_all - 2, proven=False)
    assert say("calls.over", 2, placements=say.whole(fewer.placements)) in say.calls(fewer)
