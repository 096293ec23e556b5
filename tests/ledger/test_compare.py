"""Runs held against each other, and runs made again from what the ledger keeps."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import sqlalchemy as sa

from matcher.cli.ledger_text import difference_text
from matcher.erasure import forget
from matcher.errors import LedgerError
from matcher.ledger import Ledger, difference
from matcher.ledger.inputs import packed, unpacked
from matcher.ledger.schema import POLICIES, PROPOSALS, RUNS
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.records import Forbid, Lock, Running
from matcher.remake import remake
from matcher.tables import write_folder
from scenarios.population import Population, make, policy_override
from tests.conftest import STORES, store_asked_for
from tests.ledger.conftest import solved
from tests.volume import daily
from tests.weeks import TODAY, citizen, opening, week

SPEC = Population(citizens=60, openings=16, seed=3)


@pytest.fixture(params=daily(1, STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """On PostgreSQL thoroughly; one test here is held on both every time."""
    yield from store_asked_for(request, tmp_path)


def record(ledger: Ledger, problem: Problem) -> str:
    """Solve, store, give the run's name."""
    return ledger.record_run(solved(problem), problem, address="tables").run.run_id


def test_after_minus_before(ledger: Ledger) -> None:
    """Four citizens who are forced by locks and forbids, so that each is one kind of change.

    Before: C1 at O1, C2 at O2, C3 at O3; C4 nowhere. After: C1 stays, C2 moves to O4, C3 is no
    longer among the citizens, C4 comes to O3. C5 goes from O5 to nowhere.
    """
    openings = [opening(f"O{number}") for number in range(1, 6)]
    people = [citizen(f"C{number}") for number in range(1, 6)]

    def locks(**where: str) -> list[Lock]:
        return [Lock(citizen_id=who, opening_id=at) for who, at in where.items()]

    def nowhere(*who: str) -> list[Forbid]:
        return [Forbid(citizen_id=one, workplace_id="W1") for one in who]

    before = week(
        people, openings, locks=locks(C1="O1", C2="O2", C3="O3", C5="O5"), forbids=nowhere("C4")
    )
    after = week(
        [people[0], people[1], people[3], people[4]],
        openings,
        locks=locks(C1="O1", C2="O4", C4="O3"),
        forbids=nowhere("C5"),
    )
    first, second = record(ledger, before), record(ledger, after)
    change = difference(ledger, first, second)
    assert (change.before.run_id, change.after.run_id) == (first, second)
    assert change.counts == {"new": 0, "kept": 0, "locked": 3, "running": 0}
    assert [(one.citizen_id, one.opening_id) for one in change.came] == [("C4", "O3")]
    assert [(one.proposal.citizen_id, one.cause) for one in change.left] == [
        ("C3", None),
        ("C5", next(one.cause for one in ledger.unplaced(second) if one.citizen_id == "C5")),
    ]
    assert [(one.before.opening_id, one.after.opening_id) for one in change.moved] == [("O2", "O4")]
    assert (change.kept, change.changed, change.forgotten) == (1, (), 0)
    fits = [ledger.run(name).value("fit") for name in (first, second)]
    assert change.totals == {
        "citizens": -1, "placed": -1, "placements": -1, "fit": fits[1] - fits[0],
    }  # fmt: skip
    assert not change.same_input
    assert [(one.after.rule, one.after.key) for one in change.scarce] == [("opening_seats", "O4")]
    assert [(one.before.rule, one.before.key) for one in change.eased] == [
        ("opening_seats", "O2"),
        ("opening_seats", "O5"),
    ]
    back = difference(ledger, second, first)
    assert back.totals == {name: -value for name, value in change.totals.items()}
    assert (back.scarce[0].after, back.eased[0].before) == (
        change.eased[0].before,
        change.scarce[0].after,
    )


def test_the_same_opening_under_another_measure_is_a_change_and_no_move(ledger: Ledger) -> None:
    """Locked to O1 by ordinary hours, then by work practice."""
    job = opening(measures="ordinary;work_practice")
    names = []
    for measure in ("ordinary", "work_practice"):
        lock = Lock(citizen_id="C1", opening_id="O1", measure=measure)
        names.append(record(ledger, week(openings=[job], locks=[lock])))
    change = difference(ledger, *names)
    assert [(one.before.measure, one.after.measure) for one in change.changed] == [
        ("ordinary", "work_practice")
    ]
    assert (change.moved, change.came, change.left, change.kept) == ((), (), (), 0)


def test_who_is_forgotten_cannot_be_compared_and_is_counted(ledger: Ledger) -> None:
    """Neither came nor left."""
    first = record(ledger, week())
    second = record(ledger, week(openings=[opening(seats=2)]))
    forget(ledger, "C1")
    change = difference(ledger, first, second)
    assert change.forgotten == 2
    assert (change.came, change.left, change.kept) == ((), (), 0)


def test_every_table_comes_back_from_its_bytes() -> None:
    """A made-up municipality with every kind of column; equal digest, equal types."""
    problem = Problem(make(SPEC), load_policy(SPEC.today), SPEC.today)
    again = problem.replace(
        tables={name: unpacked(name, packed(frame)[1]) for name, frame in problem.tables.items()}
    )
    for name, frame in problem.tables.items():
        assert again[name].dtypes.equals(frame.dtypes), name
    assert again.digest() == problem.digest()


@pytest.mark.parametrize("store", STORES, indirect=True)
def test_any_stored_run_can_be_made_again(ledger: Ledger) -> None:
    """A made-up municipality under a changed policy: the same plan, to the number."""
    rules = load_policy(SPEC.today, policy_override(SPEC))
    name = record(ledger, Problem(make(SPEC), rules, SPEC.today))
    remade = remake(ledger, name)
    assert remade.same, remade.differences
    assert (remade.versions, remade.timed) == ({}, False)
    assert ledger.run(name).placed > 3


def test_a_run_that_comes_out_differently_is_told_number_by_number(ledger: Ledger) -> None:
    """The stored plan is tampered with: C1's fit, and somebody who was never proposed."""
    problem = week([citizen("C1", experience="9112"), citizen("C2")], [opening(seats=2)])
    plan = solved(problem)
    first, second = plan.placements
    run = ledger.record_run(plan, problem, address="tables").run
    tiers = [tier.to_dict() for tier in plan.tiers]
    tiers[1]["value"] -= 1
    versions = {**run.versions, "ortools": "1.0"}
    with ledger.writing() as connection:
        connection.execute(sa.update(RUNS).values(tiers=tiers, versions=versions))
        less = sa.update(PROPOSALS).where(PROPOSALS.c.citizen_id == "C1")
        connection.execute(less.values(fit=first.fit - 1))
        other = sa.update(PROPOSALS).where(PROPOSALS.c.citizen_id == "C2")
        connection.execute(other.values(citizen_id="C9"))
    remade = remake(ledger, run.run_id)
    fit = first.fit + second.fit
    assert remade.differences == (
        f"fit: {fit}, stored is {fit - 1}",
        f"C1: fit is {first.fit}, stored is {first.fit - 1}",
        "C2: O1, stored is no proposal",
        "C9: no proposal, stored is O1",
    )
    assert remade.versions == {"ortools": ("1.0", version("ortools"))}


def test_what_cannot_be_made_again_is_said_to_be_so(ledger: Ledger, tmp_path: Path) -> None:
    """Not kept; changed by forgetting; other tables given. The right tables do."""
    problem = week()
    kept = ledger.record_run(solved(problem), problem, address="a", keep_input=False).run
    with pytest.raises(LedgerError, match=f"run {kept.run_id}: its input was not stored"):
        remake(ledger, kept.run_id)
    write_folder(problem.tables, tmp_path / "tables")
    assert remake(ledger, kept.run_id, tmp_path / "tables").same
    write_folder(week([citizen(oral=1)]).tables, tmp_path / "others")
    with pytest.raises(LedgerError, match=r"others are not those of run .* digest"):
        remake(ledger, kept.run_id, tmp_path / "others")
    forgotten = record(ledger, week([citizen(), citizen("C2")]))
    forget(ledger, "C2")
    with pytest.raises(LedgerError, match="1 of its citizens have been forgotten since"):
        remake(ledger, forgotten)


def test_a_policy_this_version_cannot_read_is_an_error(ledger: Ledger) -> None:
    """Written by another version: named, not guessed at."""
    name = record(ledger, week())
    stored = ledger.policy(name).model_dump(mode="json")
    for content, told in (
        ({"name": "denmark"}, "on: None is no day"),
        ({**stored, "checks": "all"}, "checks = all: expected a table"),
        ({**stored, "measures": {"x": {}}}, "measures"),
    ):
        with ledger.writing() as connection:
            connection.execute(sa.update(POLICIES).values(content=content))
        pattern = f"its policy cannot be read by this version; .*\\n.*{told}"
        with pytest.raises(LedgerError, match=pattern):
            remake(ledger, name)


def test_a_policy_of_an_earlier_version_is_completed(ledger: Ledger) -> None:
    """Keys it did not know are this version's own and named; keys that are gone are left out."""
    name = record(ledger, week())
    now = ledger.policy(name)
    assert now.filled == ()
    then = now.model_dump(mode="json")
    del then["checks"]["bad_binding_rows_percent"]
    del then["triage"]
    then["checks"]["colour"] = "red"
    then["fit"]["floor"] = 450
    with ledger.writing() as connection:
        connection.execute(sa.update(POLICIES).values(content=then))
    again = ledger.policy(name)
    assert set(again.filled) == {"checks.bad_binding_rows_percent", "triage"}
    assert again.fit.floor == 450
    assert again.model_dump() == {**now.model_dump(), "fit": {**now.fit.model_dump(), "floor": 450}}
    with pytest.raises(LedgerError, match="read differently by this version"):
        remake(ledger, name)


def test_options_this_version_does_not_know_are_an_error(ledger: Ledger) -> None:
    """Dropping one would make another run."""
    name = record(ledger, week())
    with ledger.writing() as connection:
        connection.execute(sa.update(RUNS).values(options={"warp": 9}))
    with pytest.raises(LedgerError, match="options this version does not know: warp"):
        remake(ledger, name)


def test_new_kept_locked_and_running_are_four_counts(ledger: Ledger) -> None:
    """After: C1 is locked, C2 has the same place again, C3 comes, C4 is in a placement already."""
    people = [citizen(f"C{number}") for number in range(1, 5)]
    openings = [opening(f"O{number}") for number in range(1, 5)]
    runs = Running(citizen_id="C4", opening_id="O4", measure="ordinary", start=TODAY)
    only = {"C1": "O1", "C2": "O2", "C3": "O3"}
    forbids = [
        Forbid(citizen_id=who, opening_id=one.opening_id)
        for who, where in only.items()
        for one in openings
        if one.opening_id != where
    ]
    away = [Forbid(citizen_id="C3", workplace_id="W1")]
    tables = {"running": [runs]}
    first = record(ledger, week(people, openings, forbids=forbids + away, **tables))
    locks = [Lock(citizen_id="C1", opening_id="O1")]
    second = record(ledger, week(people, openings, forbids=forbids, locks=locks, **tables))
    change = difference(ledger, first, second)
    assert change.counts == {"new": 1, "kept": 1, "locked": 1, "running": 1}
    assert "new 1, kept 1, locked 1, running 1" in difference_text(change, 5)
