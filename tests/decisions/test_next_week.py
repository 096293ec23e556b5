"""What was decided, laid over the next week's tables: who wins, what follows, what is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from matcher.capacity import remaining
from matcher.decisions import CarriedOver, carry_over
from matcher.ledger import Decision, Event, Ledger
from matcher.problem import Problem, frame_rows
from matcher.records import Forbid, Happening, Lock, MentorPool, Previous, Running
from matcher.row_kinds import MENTOR_HOURS, OPENING_SEATS, TEAM_SEATS, WORKPLACE_RATIO
from matcher.solve import solve
from matcher.tables import IssueCode
from tests.decisions.conftest import NOW, Proposed, four, propose
from tests.ledger.conftest import solved
from tests.weeks import OPEN_BUDGETS, TODAY, citizen, opening, team, week, workplace

NEXT = TODAY + dt.timedelta(days=7)


def decided(
    proposed: Proposed,
    verdict: Any,
    citizen_id: str = "C1",
    reason: str | None = None,
    weeks: int | None = None,
) -> None:
    """Say something about a proposal, on Tuesday."""
    (one,) = (p for p in proposed.ledger.proposals(proposed.run_id) if p.citizen_id == citizen_id)
    until = None if weeks is None else NOW.date() + dt.timedelta(weeks=weeks)
    proposed.ledger.record_decisions([
        Decision(proposed.run_id, citizen_id, one.opening_id, verdict, NOW, reason, until=until)
    ])  # fmt: skip


def later(problem: Problem, today: dt.date = NEXT, **tables: list[Any]) -> Problem:
    """The same tables a week later, with rows in some of them."""
    more = Problem.from_records(problem.policy, today, **tables)
    return problem.replace(today=today).with_tables(**{name: more[name] for name in tables})


def rows(carried: CarriedOver, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in frame_rows(carried.problem[table])]


def pairs(problem: Problem) -> dict[str, str]:
    return {one.citizen_id: one.opening_id for one in solve(problem).plan.placements}


def codes(carried: CarriedOver) -> list[IssueCode]:
    return [issue.code for issue in carried.issues]


@pytest.fixture
def delayed(tmp_path: Any) -> Any:
    """As the week of four, but work starts three weeks after Monday 23 November: 14 December."""
    problem = four()
    start = pd.Series([pd.Timestamp("2026-12-14")] * 4).astype("datetime64[s]")
    openings = problem["openings"].assign(start_from=start)
    with Ledger.open(tmp_path / "delayed.sqlite") as ledger:
        yield propose(ledger, problem.with_tables(openings=openings))


# ------------------------------------------------------------------------------ accepted


def test_an_acceptance_is_a_lock_until_it_starts_and_then_runs(delayed: Proposed) -> None:
    """Monday 14 December is its first day. The seat is taken once, all the while."""
    decided(delayed, "accept")
    for day in (NEXT, dt.date(2026, 12, 7)):
        carried = carry_over(later(delayed.problem, day), delayed.ledger)
        assert rows(carried, "locks", "citizen_id", "opening_id", "measure") == [
            ("C1", "O1", "ordinary")
        ]
        assert rows(carried, "running", "citizen_id") == []
        assert "C1" not in set(carried.problem["previous"]["citizen_id"])
        assert remaining(carried.problem)[OPENING_SEATS].tolist() == [1, 1, 1, 1]
        placements = {one.citizen_id: one for one in solve(carried.problem).plan.placements}
        assert placements["C1"].opening_id == "O1"
        assert placements["C1"].locked
    carried = carry_over(later(delayed.problem, dt.date(2026, 12, 14)), delayed.ledger)
    assert rows(carried, "locks", "citizen_id") == []
    assert rows(carried, "running", "citizen_id", "opening_id", "start", "end") == [
        ("C1", "O1", dt.date(2026, 12, 14), None)
    ]
    assert remaining(carried.problem)[OPENING_SEATS].tolist() == [0, 1, 1, 1]
    assert "C1" not in pairs(carried.problem)


def test_running_again_changes_nothing(delayed: Proposed) -> None:
    """Starts and events are noted once: the same tables give the same input."""
    decided(delayed, "accept")
    decided(delayed, "reject", "C2", "other", 13)
    tables = later(
        delayed.problem,
        dt.date(2026, 12, 14),
        events=[Happening(event="filled", day=NOW.date(), opening_id="O3")],
    )
    first = carry_over(tables, delayed.ledger)
    assert carry_over(tables, delayed.ledger).problem.digest() == first.problem.digest()
    assert first.counts == {
        "locks": 0, "running": 1, "held": 0, "forbids": 1, "previous": 2, "seats": 1,
    }  # fmt: skip


def test_a_placement_uses_what_it_was_given_and_ends_as_the_law_says(tmp_path: Any) -> None:
    """Practice of an activity-ready citizen: 13 weeks less 5 used is 8; supports to the end.

    Works from 24 November 2026 to 18 January 2027; the seats are free from the 19th.
    """
    supports = {
        "teams": [team("L1", seats=3, blocks="tue 17:00-19:00",
                       postcode="8000")],
        "mentor_pools": [MentorPool(pool_id="P1", hours=10)],
    }  # fmt: skip
    person = citizen(oral=2, mentor_hours=1.5, practice_weeks_used=5)
    job = opening(oral_floor=3, measures="work_practice")
    problem = week([person], [job], **supports)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        proposed = propose(ledger, problem)
        decided(proposed, "accept")
        carried = carry_over(later(problem), ledger)
        assert rows(carried, "running", "measure", "start", "end", "team_id", "pool_id",
                    "mentor_hours") == [
            ("work_practice", dt.date(2026, 11, 24), dt.date(2027, 1, 18), "L1", "P1", 1.5)
        ]  # fmt: skip
        free = remaining(carried.problem)
        assert (free[OPENING_SEATS][0], free[TEAM_SEATS][0], free[MENTOR_HOURS][0]) == (0, 2, 510)
        assert free[WORKPLACE_RATIO][0] == remaining(problem)[WORKPLACE_RATIO][0] - 1
        over = carry_over(later(problem, dt.date(2027, 1, 18)), ledger)
        assert remaining(over.problem)[OPENING_SEATS][0] == 1
        # A later extract without the opening still has its class seat, hours and ratio place used.
        gone = problem.with_tables(openings=problem["openings"].assign(opening_id="O9"))
        free = remaining(carry_over(later(gone), ledger).problem)
        assert (free[OPENING_SEATS].tolist(), free[TEAM_SEATS][0], free[MENTOR_HOURS][0]) == (
            [-1, 1], 2, 510,
        )  # fmt: skip
        assert free[WORKPLACE_RATIO][0] == remaining(problem)[WORKPLACE_RATIO][0] - 1


def test_a_weekend_job_begins_on_its_saturday(tmp_path: Any) -> None:
    """Proposed on Monday 23 November: a lock on Friday, under way from Saturday the 28th."""
    problem = week([citizen()], [opening(shifts="sat-sun 09:00-15:00")])
    saturday = dt.date(2026, 11, 28)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        decided(propose(ledger, problem), "accept")
        friday = carry_over(later(problem, dt.date(2026, 11, 27)), ledger)
        assert rows(friday, "locks", "citizen_id") == [("C1",)]
        assert rows(friday, "running", "start") == []
        begun = carry_over(later(problem, saturday), ledger)
        assert rows(begun, "locks", "citizen_id") == []
        assert rows(begun, "running", "start") == [(saturday,)]


def test_what_was_accepted_late_begins_on_the_day_of_the_last_plan(tmp_path: Any) -> None:
    """Its Saturday had passed at the run of Monday the 30th, whose plan has the next one."""
    problem = week([citizen()], [opening(shifts="sat-sun 09:00-15:00")])
    saturday = dt.date(2026, 12, 5)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        first = propose(ledger, problem)
        propose(ledger, carry_over(later(problem, dt.date(2026, 11, 30)), ledger))
        decided(first, "accept")
        friday = carry_over(later(problem, dt.date(2026, 12, 4)), ledger)
        assert rows(friday, "locks", "citizen_id") == [("C1",)]
        assert rows(friday, "running", "start") == []
        begun = carry_over(later(problem, dt.date(2026, 12, 7)), ledger)
        assert rows(begun, "running", "start") == [(saturday,)]


@pytest.mark.parametrize("how", ["event", "tables"])
def test_an_end_frees_the_seat(proposed: Proposed, how: str) -> None:
    """As an event, or as the last day in the tables' own row; noted in the ledger either way."""
    decided(proposed, "accept")
    carry_over(later(proposed.problem), proposed.ledger)
    day = dt.date(2026, 12, 4)
    tables: dict[str, Any] = {
        "event": {"events": [Happening(event="end", day=day, opening_id="O1", citizen_id="C1")]},
        "tables": {"running": [Running(citizen_id="C1", opening_id="O1", measure="ordinary",
                                       start=dt.date(2026, 11, 25), end=day)]},
    }[how]  # fmt: skip
    when = dt.date(2026, 12, 7)
    carried = carry_over(later(proposed.problem, when, **tables), proposed.ledger)
    assert remaining(carried.problem)[OPENING_SEATS].tolist() == [1, 1, 1, 1]
    assert proposed.ledger.placements(when) == ()
    assert carried.issues == ()
    assert (
        remaining(carry_over(later(proposed.problem, when), proposed.ledger).problem)[
            OPENING_SEATS
        ][0]
        == 1
    )


def test_the_tables_own_placement_counts_once(proposed: Proposed) -> None:
    """Named by both, it is one placement, as the tables have it."""
    decided(proposed, "accept")
    own = Running(citizen_id="C1", opening_id="O1", measure="work_practice",
                  start=dt.date(2026, 11, 26), end=dt.date(2026, 12, 31))  # fmt: skip
    carried = carry_over(later(proposed.problem, running=[own]), proposed.ledger)
    assert rows(carried, "running", "measure", "start") == [("work_practice", own.start)]
    assert remaining(carried.problem)[OPENING_SEATS].tolist() == [0, 1, 1, 1]
    assert carried.issues == ()


def test_a_placement_that_the_tables_have_elsewhere_is_told_of(proposed: Proposed) -> None:
    """The tables' row counts; the ledger's does not take a second seat."""
    decided(proposed, "accept")
    own = Running(citizen_id="C1", opening_id="O2", measure="ordinary", start=TODAY)
    carried = carry_over(later(proposed.problem, running=[own]), proposed.ledger)
    assert remaining(carried.problem)[OPENING_SEATS].tolist() == [1, 0, 1, 1]
    assert [issue.message for issue in carried.issues] == [
        "ledger (C1): begun at O1; expected the tables' own row, at O2."
    ]


def test_placements_missing_from_the_running_table_are_told_of_together(
    proposed: Proposed,
) -> None:
    """The table is there, so it should have them; they count all the same."""
    decided(proposed, "accept", "C1")
    decided(proposed, "accept", "C2")
    own = Running(citizen_id="C3", opening_id="O3", measure="ordinary", start=TODAY)
    carried = carry_over(later(proposed.problem, running=[own]), proposed.ledger)
    assert remaining(carried.problem)[OPENING_SEATS].tolist() == [0, 0, 0, 1]
    assert [issue.message for issue in carried.issues] == [
        "ledger: 2 placements begun after an acceptance are not in the table; expected a row for"
        " each."
    ]


# ------------------------------------------------------------------------------ against the tables


def gainsaid(**tables: Any) -> Any:
    return lambda problem: later(problem, **tables)


def without_citizen(problem: Problem) -> Problem:
    return later(problem.with_tables(citizens=problem["citizens"].iloc[1:].reset_index(drop=True)))


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (gainsaid(locks=[Lock(citizen_id="C1", opening_id="O2")]), IssueCode.ACCEPTED_ELSEWHERE,
         "ledger (C1): accepted at O1; expected the tables' lock, at O2."),
        (gainsaid(running=[Running(citizen_id="C1", opening_id="O2", measure="ordinary",
                                   start=TODAY)]), IssueCode.ACCEPTED_ELSEWHERE,
         "ledger (C1): accepted at O1; expected the tables' running placement, at O2."),
        (gainsaid(forbids=[Forbid(citizen_id="C1", workplace_id="W1")]),
         IssueCode.ACCEPTED_AND_FORBIDDEN,
         "ledger (C1): accepted at O1, which the tables forbid; expected one of the two."),
        (without_citizen, IssueCode.ACCEPTED_UNKNOWN,
         "ledger (C1): accepted at O1, which is not in the tables any more; expected the citizen in"
         " the tables."),
    ],
)  # fmt: skip
def test_the_tables_win_over_an_acceptance(
    delayed: Proposed, change: Any, code: IssueCode, says: str
) -> None:
    """No lock of the ledger's; the contradiction is an issue and the run goes on."""
    decided(delayed, "accept")
    carried = carry_over(change(delayed.problem), delayed.ledger)
    assert "O1" not in set(carried.problem["locks"]["opening_id"])
    assert codes(carried) == [code]
    assert carried.issues[0].message == says
    assert pairs(carried.problem).get("C1") != "O1"


def test_an_acceptance_that_a_rule_stops_holds_what_it_was_given(delayed: Proposed) -> None:
    """Lifting is beyond C1 now: the seat stays taken, nothing is proposed, a person is asked."""
    decided(delayed, "accept")
    problem = later(delayed.problem)
    problem = problem.with_tables(
        citizens=problem["citizens"].assign(limit_lift=0, must_limits="lift"),
        openings=problem["openings"].assign(demand_lift=[3, 0, 0, 0]),
    )
    carried = carry_over(problem, delayed.ledger)
    assert codes(carried) == [IssueCode.ACCEPTED_IMPOSSIBLE]
    assert carried.issues[0].message == (
        "ledger (C1): accepted at O1, which a rule stops now; expected a placement within the"
        " rules."
    )
    assert "lift" in carried.issues[0].advice.lower()
    assert remaining(carried.problem)[OPENING_SEATS].tolist() == [0, 1, 1, 1]
    assert set(pairs(carried.problem)) == {"C2", "C3", "C4"}
    assert carried.counts["held"] == 1


def test_what_is_held_for_an_acceptance_is_free_when_it_would_have_ended(tmp_path: Any) -> None:
    """Practice of 13 weeks from 14 December 2026, which a health limit stops before it begins.

    The next run's input is not stored, so nothing tells that it began: held to 14 March 2027, and
    from the 15th seat and citizen are free for another proposal.
    """
    job = opening(measures="work_practice", start_from=dt.date(2026, 12, 14))
    problem = week([citizen()], [job])
    limited = problem.with_tables(
        citizens=problem["citizens"].assign(limit_lift=0, must_limits="lift"),
        openings=problem["openings"].assign(demand_lift=3),
    )
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        decided(propose(ledger, problem), "accept")
        second = carry_over(later(limited), ledger)
        assert second.counts["held"] == 1
        ledger.record_run(solved(second.problem), second.problem, address="a", keep_input=False)
        for day, held in ((dt.date(2027, 3, 14), 1), (dt.date(2027, 3, 15), 0)):
            carried = carry_over(later(limited, day), ledger)
            assert carried.counts["held"] == held
            assert (IssueCode.ACCEPTED_IMPOSSIBLE in codes(carried)) == bool(held)
            assert remaining(carried.problem)[OPENING_SEATS].tolist() == [
                1
            ]  # work starts the day after


def test_of_acceptances_without_room_as_many_as_possible_are_kept(tmp_path: Any) -> None:
    """Two accepted at O1, whose seats were cut to one: one stays locked, the other is told of."""
    people = [citizen("C1"), citizen("C2")]
    soon = dt.date(2026, 12, 14)
    problem = week(people, [opening(seats=2, start_from=soon)])
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        proposed = propose(ledger, problem)
        decided(proposed, "accept", "C1")
        decided(proposed, "accept", "C2")
        cut = problem.with_tables(openings=problem["openings"].assign(seats=1))
        carried = carry_over(later(cut), ledger)
        assert codes(carried) == [IssueCode.ACCEPTED_WITHOUT_ROOM]
        (kept,) = rows(carried, "locks", "citizen_id")
        (other,) = {"C1", "C2"} - set(kept)
        assert carried.issues[0].message == (
            f"ledger ({other}): accepted at O1, where there is no room any more; expected room for"
            " each acceptance."
        )
        assert rows(carried, "previous", "citizen_id") == [(other,)]
        assert set(pairs(carried.problem)) == set(kept)
        # On the first day only the one begins that the last run kept room for.
        propose(ledger, carried.problem)
        begun = carry_over(later(cut, soon), ledger)
        assert rows(begun, "running", "citizen_id") == [kept]
        assert rows(begun, "locks", "citizen_id") == []
        assert codes(begun) == [IssueCode.ACCEPTED_WITHOUT_ROOM]


# ------------------------------------------------------------------------------ rejected


@pytest.mark.parametrize(
    ("reason", "weeks", "expected"),
    [
        ("citizen_declined", 26, ("O1", None)),
        ("employer_declined", 26, (None, "W1")),
        ("tried_before", 52, (None, "W1")),
    ],
)
def test_a_rejection_bars_what_its_reason_says_for_as_long(
    proposed: Proposed, reason: str, weeks: int, expected: tuple[str | None, str | None]
) -> None:
    """The pair or the whole workplace, to the last day; then the match is possible again."""
    decided(proposed, "reject", reason=reason, weeks=weeks)
    last = NOW.date() + dt.timedelta(weeks=weeks)
    for day, barred in ((NEXT, True), (last, True), (last + dt.timedelta(days=1), False)):
        carried = carry_over(later(proposed.problem, day), proposed.ledger)
        found = rows(carried, "forbids", "citizen_id", "opening_id", "workplace_id", "reason")
        assert found == ([("C1", *expected, reason)] if barred else [])
    assert "C1" not in set(carry_over(later(proposed.problem), proposed.ledger)
                           .problem["previous"]["citizen_id"])  # fmt: skip


def test_the_tables_own_forbid_counts_and_a_lock_wins_over_a_rejection(
    proposed: Proposed,
) -> None:
    """Named by both, the row of the tables stands; a lock against a rejection is told of."""
    decided(proposed, "reject", reason="other", weeks=13)
    own = Forbid(citizen_id="C1", opening_id="O1", reason="seat_filled", until=NEXT)
    carried = carry_over(later(proposed.problem, forbids=[own]), proposed.ledger)
    assert rows(carried, "forbids", "reason") == [("seat_filled",)]
    lock = Lock(citizen_id="C1", opening_id="O1")
    carried = carry_over(later(proposed.problem, locks=[lock]), proposed.ledger)
    assert rows(carried, "forbids", "citizen_id") == []
    assert [issue.message for issue in carried.issues] == [
        "ledger (C1): rejected at O1, which the tables lock; expected one of the two."
    ]
    assert pairs(carried.problem)["C1"] == "O1"


def test_a_declined_offer_settles_the_acceptance_and_bars_the_match(delayed: Proposed) -> None:
    """The citizen says no before the first day: no lock, and 26 weeks without this match."""
    decided(delayed, "accept")
    event = Happening(event="declined", day=dt.date(2026, 11, 27), opening_id="O1",
                      citizen_id="C1")  # fmt: skip
    carried = carry_over(later(delayed.problem, events=[event]), delayed.ledger)
    assert rows(carried, "locks", "citizen_id") == []
    assert rows(carried, "forbids", "citizen_id", "opening_id", "reason", "until") == [
        ("C1", "O1", "citizen_declined", dt.date(2027, 5, 28))
    ]
    # The next extract need not repeat it.
    assert len(carry_over(later(delayed.problem), delayed.ledger).problem["forbids"]) == 1


def test_a_filled_seat_is_taken_until_the_tables_show_it(proposed: Proposed) -> None:
    """Rejected because the seat is filled: one seat less, for 4 weeks or until seats change."""
    decided(proposed, "reject", reason="seat_filled", weeks=4)
    assert (
        remaining(carry_over(later(proposed.problem), proposed.ledger).problem)[OPENING_SEATS][0]
        == 0
    )
    after = NOW.date() + dt.timedelta(weeks=4, days=1)
    assert (
        remaining(carry_over(later(proposed.problem, after), proposed.ledger).problem)[
            OPENING_SEATS
        ][0]
        == 1
    )
    shown = proposed.problem["openings"].assign(seats=[2, 1, 1, 1])
    tables = later(proposed.problem.with_tables(openings=shown))
    assert remaining(carry_over(tables, proposed.ledger).problem)[OPENING_SEATS][0] == 2


def test_seats_filled_week_after_week_add_up(tmp_path: Any) -> None:
    """Four seats; one filled before the second run, two before the third: one is left.

    The second run's own input shows three seats: what its tables gave is kept beside it.
    """
    problem = week([citizen()], [opening(seats=4)])
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        propose(ledger, problem)
        ledger.record_events([Event("filled", TODAY + dt.timedelta(days=2), "O1")])
        second = carry_over(later(problem), ledger)
        assert second.problem["openings"]["seats"].tolist() == [3]
        propose(ledger, second)
        ledger.record_events([Event("filled", NEXT + dt.timedelta(days=2), "O1", seats=2)])
        third = carry_over(later(problem, NEXT + dt.timedelta(days=7)), ledger).problem
        assert third["openings"]["seats"].tolist() == [1]


def test_a_seat_filled_on_the_day_of_a_run_stays_filled(tmp_path: Any) -> None:
    """Two seats, one filled today: the run again today, and next week's, count one as well.

    Another one is filled later today, which today's run did not know: none is left.
    """
    problem = week([citizen()], [opening(seats=2)])
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        propose(ledger, problem.replace(today=TODAY - dt.timedelta(days=7)))
        tables = later(
            problem, TODAY, events=[Happening(event="filled", day=TODAY, opening_id="O1")]
        )
        first = carry_over(tables, ledger)
        assert first.problem["openings"]["seats"].tolist() == [1]
        assert (
            propose(ledger, first).problem.digest() == carry_over(tables, ledger).problem.digest()
        )
        assert carry_over(later(problem), ledger).problem["openings"]["seats"].tolist() == [1]
        shown = later(problem.with_tables(openings=problem["openings"].assign(seats=1)))
        assert carry_over(shown, ledger).problem["openings"]["seats"].tolist() == [1]
        ledger.record_events([Event("filled", TODAY, "O1", "C9")])
        assert carry_over(later(problem), ledger).problem["openings"]["seats"].tolist() == [0]


def test_what_counted_as_filled_and_ran_out_does_not_hide_a_seat_filled_later(
    tmp_path: Any,
) -> None:
    """Three seats. One filled on 25 November counts to 23 December, another is filled on the 22nd.

    The last run of December saw two seats of three; on 28 December the first has run out, the
    tables still say three, and the second counts: two are left. The same when the first was a
    rejection taken back since.
    """
    problem = week([citizen()], [opening(seats=3)])
    december = dt.date(2026, 12, 21)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        propose(ledger, problem)
        ledger.record_events([Event("filled", dt.date(2026, 11, 25), "O1")])
        before = carry_over(later(problem, december), ledger)
        assert before.problem["openings"]["seats"].tolist() == [2]
        assert dict(before.seats_given) == {"O1": 3}
        propose(ledger, before)
        ledger.record_events([Event("filled", dt.date(2026, 12, 22), "O1", "C9")])
        after = carry_over(later(problem, dt.date(2026, 12, 28)), ledger)
        assert after.problem["openings"]["seats"].tolist() == [2]
    with Ledger.open(tmp_path / "back.sqlite") as ledger:
        run = propose(ledger, problem)
        decided(run, "reject", reason="seat_filled", weeks=4)
        before = carry_over(later(problem), ledger)
        assert before.problem["openings"]["seats"].tolist() == [2]
        propose(ledger, before)
        said = NOW + dt.timedelta(days=7)
        ledger.record_decisions([Decision(run.run_id, "C1", "O1", "wait", said)])
        ledger.record_events([Event("filled", NEXT + dt.timedelta(days=2), "O1", "C9")])
        after = carry_over(later(problem, NEXT + dt.timedelta(days=7)), ledger)
        assert after.problem["openings"]["seats"].tolist() == [2]


def test_more_filled_than_there_are_seats_is_not_counted_against_later_news(
    tmp_path: Any,
) -> None:
    """One seat, told of as filled twice: none is left, and news of a third changes nothing."""
    problem = week([citizen()], [opening(seats=1)])
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        propose(ledger, problem)
        ledger.record_events([Event("filled", TODAY + dt.timedelta(days=2), "O1", seats=2)])
        second = carry_over(later(problem), ledger)
        assert second.problem["openings"]["seats"].tolist() == [0]
        propose(ledger, second)
        ledger.record_events([Event("filled", NEXT + dt.timedelta(days=1), "O1")])
        third = carry_over(later(problem, NEXT + dt.timedelta(days=7)), ledger)
        assert third.counts["seats"] == 3
        assert third.problem["openings"]["seats"].tolist() == [0]


def test_the_same_input_from_other_tables_is_remembered_as_it_was_last(tmp_path: Any) -> None:
    """Two seats and one filled make the same input as one seat; the tables that gave one count.

    So a seat filled after that is compared with one: it counts, and none is left.
    """
    problem = week([citizen()], [opening(seats=2)])
    shown = problem.with_tables(openings=problem["openings"].assign(seats=1))
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        propose(ledger, problem)
        ledger.record_events([Event("filled", TODAY + dt.timedelta(days=2), "O1")])
        first = propose(ledger, carry_over(later(problem), ledger))
        again = propose(ledger, carry_over(later(shown), ledger))
        assert first.run_id == again.run_id
        ledger.record_events([Event("filled", NEXT + dt.timedelta(days=2), "O1", "C9")])
        after = carry_over(later(shown, NEXT + dt.timedelta(days=7)), ledger)
        assert after.problem["openings"]["seats"].tolist() == [0]


def test_an_end_that_ends_nothing_is_told_of(proposed: Proposed) -> None:
    """Not when the tables themselves list the placement."""
    event = Happening(event="end", day=TODAY, opening_id="O1", citizen_id="C1")
    carried = carry_over(later(proposed.problem, events=[event]), proposed.ledger)
    assert [issue.message for issue in carried.issues] == [
        "ledger (C1): no placement at O1 is under way; expected a placement that began before the"
        " day."
    ]
    own = Running(citizen_id="C1", opening_id="O1", measure="ordinary", start=TODAY, end=TODAY)
    carried = carry_over(later(proposed.problem, events=[event], running=[own]), proposed.ledger)
    assert carried.issues == ()


# ------------------------------------------------------------------------------ waiting, undecided


def test_what_waits_and_what_nobody_decided_has_the_price_of_a_change(
    proposed: Proposed,
) -> None:
    """C1 waits, C2 is accepted, C3 rejected, C4 undecided. The tables' own row counts for C4."""
    decided(proposed, "wait", "C1")
    decided(proposed, "accept", "C2")
    decided(proposed, "reject", "C3", "other", 13)
    carried = carry_over(later(proposed.problem), proposed.ledger)
    assert rows(carried, "previous", "citizen_id", "opening_id", "measure") == [
        ("C1", "O1", "ordinary"), ("C4", "O4", "ordinary"),
    ]  # fmt: skip
    own = Previous(citizen_id="C4", opening_id="O3")
    carried = carry_over(later(proposed.problem, previous=[own]), proposed.ledger)
    assert rows(carried, "previous", "citizen_id", "opening_id") == [("C1", "O1"), ("C4", "O3")]


def test_one_who_waits_keeps_the_place_unless_something_better_comes(tmp_path: Any) -> None:
    """One seat. A newcomer who fits 95 points better does not oust the one who waits; the price
    is 100. Where both can be placed, the one who waits is moved: two are better than one.
    """
    first = week([citizen("C1", wishes="9333")], rules=OPEN_BUDGETS)
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        proposed = propose(ledger, first)
        decided(proposed, "wait")
        people = [citizen("C1", wishes="9333"), citizen("C2", wishes="9112")]
        fresh = week(people, today=NEXT)
        assert pairs(fresh) == {"C2": "O1"}
        assert pairs(carry_over(fresh, ledger).problem) == {"C1": "O1"}
        two = week(
            [citizen("C1", wishes="9333"), citizen("C2", refusals="9333")],
            [opening(), opening("O2", isco="9333", workplace_id="W1")],
            [workplace()],
            today=NEXT,
        )
        assert pairs(carry_over(two, ledger).problem) == {"C1": "O2", "C2": "O1"}
