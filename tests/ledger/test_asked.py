"""Who was asked beside others, on either store: kept, answered, closed, forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from matcher.erasure import forget
from matcher.explain import explained
from matcher.ledger import AskedBeside, Decision, Ledger, Run, purge
from matcher.ledger.connect import base_of
from matcher.policy import load_policy, override_of
from matcher.queues import BackUp, BackUps, Together
from matcher.solve import solve
from tests.ledger.conftest import solved
from tests.ledger.test_schema import migrated
from tests.weeks import TODAY, citizen, opening, week

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def asking(ledger: Ledger, today: dt.date = TODAY, **changes: Any) -> Run:
    """Store a run that proposes O1 to one of three, and asks the other two beside."""
    problem = week([citizen(f"C{n}") for n in range(1, 4)], [opening()], today=today)
    plan = explained(solve(problem))
    plan = replace(plan, provenance={**plan.provenance, "run_times": {"read": 0.1}})
    (made,) = plan.placements
    others = sorted({"C1", "C2", "C3"} - {made.citizen_id})
    queue = tuple(BackUp("O1", made.citizen_id, rank, replace(made, citizen_id=who, **changes))
                  for rank, who in enumerate(others, start=1))  # fmt: skip
    found = BackUps(queue, (), (Together(made.citizen_id, 2, 123_456),))
    return ledger.record_run(plan, problem, address="tables", back_ups=found).run


def next_week(ledger: Ledger, counting: Sequence[AskedBeside] = ()) -> None:
    """Store the next week's run, in which somebody's yes counts."""
    today = TODAY + 7 * DAY
    problem = week([citizen(f"C{n}") for n in range(1, 4)], [opening()], today=today)
    ledger.record_run(solved(problem), problem, address="tables", counting=counting)


def test_who_is_asked_comes_back_as_it_was_stored(ledger: Ledger) -> None:
    """By opening, proposal and number, with everything of the placement; only once."""
    run = asking(ledger, pool_id="P1", mentor_minutes=90, course_ids=("K2", "K1"))
    one, two = ledger.asked(run.run_id)
    (first,) = ledger.proposals(run.run_id)
    assert [one.rank, two.rank] == [1, 2]
    assert {one.proposed, two.proposed} == {first.citizen_id}
    assert (one.pool_id, one.mentor_minutes, one.course_ids) == ("P1", 90, ("K2", "K1"))
    assert (one.components, one.cost) == (first.components, first.cost)
    assert (one.workplace_id, one.exposure, one.came_to) == (first.workplace_id, 123_456, None)
    assert asking(ledger, pool_id="P1", mentor_minutes=90, course_ids=("K2", "K1")).repeats == 1
    assert len(ledger.asked(run.run_id)) == 2
    assert ledger.asked(run.run_id, first.citizen_id) == (one, two)
    assert ledger.asked(run.run_id, two.citizen_id) == (two,)
    assert ledger.asked(run.run_id, "C9") == ()
    assert ledger.answers_beside(TODAY + DAY, TODAY + DAY) == ()
    assert ledger.answers_beside(TODAY, TODAY) == ((one, None), (two, None))


@pytest.mark.parametrize(
    ("before", "kept", "after", "binds"),
    [("waits", False, "lapsed", False), ("waits", True, "counts", True),
     ("counts", False, "counts", True), ("behind", False, "behind", False),
     ("filled", False, "filled", False), (None, False, "lapsed", False)],
)  # fmt: skip
def test_the_next_run_ends_the_waiting(
    ledger: Ledger, before: Any, kept: bool, after: str, binds: bool
) -> None:
    """What waits counts where the run says so, else it lapses; only what counts binds."""
    run = asking(ledger)
    one, _ = ledger.asked(run.run_id)
    who = one.citizen_id
    done = ledger.record_decisions([Decision(run.run_id, who, "O1", "accept", NOON)])
    assert (done.new, done.refused) == (1, ())
    ledger.note_came_to(run.run_id, {who: before})
    told = {pair[0].citizen_id for pair in ledger.standing(TODAY)}
    assert told == ({who} if before == "counts" else set())
    next_week(ledger, [one] if kept else ())
    assert ledger.asked(run.run_id)[0].came_to == after
    assert bool(ledger.decisions(standing=TODAY + 7 * DAY)) == binds
    assert bool(ledger.standing(TODAY + 7 * DAY)) == binds


def test_a_run_of_an_earlier_day_that_comes_later_ends_nothing(ledger: Ledger) -> None:
    """Only one of the same day or later does."""
    run = asking(ledger, TODAY + 7 * DAY)
    who = ledger.asked(run.run_id)[0].citizen_id
    ledger.record_decisions([Decision(run.run_id, who, "O1", "accept", NOON)])
    ledger.note_came_to(run.run_id, {who: "waits"})
    problem = week([citizen(f"C{n}") for n in range(1, 4)], [opening()])
    ledger.record_run(solved(problem), problem, address="tables")
    assert ledger.asked(run.run_id)[0].came_to == "waits"


def test_everybody_in_the_order_is_forgotten(ledger: Ledger) -> None:
    """Proposed and asked; what is kept no longer goes with its run."""
    run = asking(ledger)
    one, two = ledger.asked(run.run_id)
    ledger.record_decisions([Decision(run.run_id, one.citizen_id, "O1", "accept", NOON)])
    for who in (one.proposed, one.citizen_id):
        assert forget(ledger, who).found
    left, other = ledger.asked(run.run_id)
    assert left.citizen_id.startswith("forgotten-")
    assert left.proposed == other.proposed == ledger.proposals(run.run_id)[0].citizen_id
    assert left.proposed.startswith("forgotten-")
    assert other.citizen_id == two.citizen_id
    assert ledger.standing(TODAY) == ()
    rules = override_of(
        load_policy(TODAY),
        {"retention": {"run_weeks": 6, "person_weeks": 4, "input_weeks": 4, "folder_weeks": 4}},
    )
    assert purge(ledger, rules, TODAY + 5 * 7 * DAY).persons["asked_beside"] == 1
    assert purge(ledger, rules, TODAY + 7 * 7 * DAY).runs == 1
    assert ledger.asked(run.run_id) == ()
    with ledger.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM asked_beside")).scalar() == 0


def test_a_ledger_of_the_version_before_gets_the_table(store: str) -> None:
    """Empty; and what is stored from then on is there."""
    base = base_of(store)
    migrated(base, "0007")
    with base.engine.connect() as connection:
        assert "asked_beside" not in sa.inspect(connection).get_table_names()
    base.engine.dispose()
    with Ledger.open(store) as ledger:
        assert ledger.asked("2026-11-23-00000000") == ()
        assert len(ledger.asked(asking(ledger).run_id)) == 2
