"""Runs, decisions and events in the ledger, on both stores."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from pathlib import Path

import pytest

from matcher.errors import LedgerError, OptionError
from matcher.ledger import Decision, Event, Ledger, Recorded, RefusedRow, Run, SavedScenario
from matcher.plan import Placement
from matcher.records import Caseworker
from tests.ledger.conftest import solved
from tests.weeks import TODAY, citizen, opening, week

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def run(ledger: Ledger) -> Run:
    """C1 is proposed for O1, the only opening; C2 is left over."""
    problem = week([citizen("C1", experience="9112"), citizen("C2")])
    return ledger.record_run(solved(problem), problem, address="tables").run


def kept(run: Run, title: str = "More", text: str = "O1", by: str = "eva") -> SavedScenario:
    """A scenario with a text of its own in its file."""
    content = f'[scenario.more]\ntitle = {{ en = "More" }}\nhours = 2\nwhere = "{text}"\n'
    return SavedScenario("more", title, "on=more", content, run.run_id, by, NOON)


@pytest.mark.parametrize("named", ["C2", "c1 first", "Help (C1)"])
def test_a_scenario_that_names_a_citizen_is_refused(ledger: Ledger, run: Run, named: str) -> None:
    """In its title or in a text of its file, with a proposal or without; a longer word is none."""
    for one in (kept(run, title=named), kept(run, text=named)):
        with pytest.raises(OptionError, match="names a citizen") as refused:
            ledger.save_scenario(one)
        assert named not in str(refused.value)
    assert ledger.scenarios() == ()
    assert ledger.save_scenario(kept(run, title="C12 and BC2, 2 hours"))


def test_another_scenario_of_the_same_name_is_not_deleted(ledger: Ledger, run: Run) -> None:
    """Between a look and a deletion the name may have changed hands."""
    seen, theirs = kept(run), kept(run, by="bo")
    assert ledger.save_scenario(seen)
    assert ledger.delete_scenario(seen)
    assert ledger.save_scenario(theirs)
    assert not ledger.delete_scenario(seen)
    assert not ledger.delete_scenario(replace(theirs, made_at=NOON + HOUR))
    assert ledger.scenarios() == (theirs,)


def test_a_run_comes_back_as_it_went_in(ledger: Ledger) -> None:
    """Totals, proposals with fit, reasons and unit, resources, and the very same input."""
    problem = week(
        [citizen("C1", caseworker_id="K1", experience="9112"), citizen("C2")],
        caseworkers=[Caseworker(caseworker_id="K1", capacity=5, unit="North")],
    )
    plan = solved(problem)
    stored = ledger.record_run(plan, problem, address="tables")
    assert not stored.known
    assert stored.differs_from is None
    run = stored.run
    assert run.run_id == f"2026-11-23-{problem.digest()[:8]}"
    assert (run.citizens, run.placed, run.unplaced) == (2, 1, 1)
    assert run.value("placements") == 1
    assert run.tiers == plan.tiers
    assert plan.left is not None
    assert run.causes == {plan.left.unplaced[0].cause: 1}
    (proposal,) = ledger.proposals(run.run_id)
    (given,) = plan.placements
    assert given == Placement(**{one.name: getattr(proposal, one.name) for one in fields(given)})
    assert (proposal.citizen_id, proposal.opening_id, proposal.unit) == ("C1", "O1", "North")
    assert plan.whys is not None
    assert [one["facts"] for one in proposal.reasons] == [
        dict(one.facts) for one in plan.whys[0].strongest
    ]
    assert "sentence" not in proposal.reasons[0]
    (left,) = ledger.unplaced(run.run_id)
    assert left.citizen_id == "C2"
    rows = {one.name: one for one in ledger.resources(run.run_id)}
    assert len(rows) == len(plan.rows)
    seats = rows["opening_seats[O1]"]
    assert (seats.used, seats.capacity, seats.binding, seats.floor) == (1, 1, True, False)
    assert all(row.to_dict() == rows[row.name].to_dict() for row in plan.rows)
    assert [row.price_of(2) for row in plan.rows] == [rows[row.name].price_of(2)
                                                      for row in plan.rows]  # fmt: skip
    assert ledger.problem(run.run_id).digest() == problem.digest()


def test_the_same_run_is_known_again(ledger: Ledger) -> None:
    """Once in the ledger, however often it is made; another outcome is another run, and said."""
    problem = week()
    plan = solved(problem)
    first = ledger.record_run(plan, problem, address="a")
    again = ledger.record_run(plan, problem, address="b")
    assert again.known
    assert again.run == replace(first.run, repeats=1)
    less = replace(plan.tiers[1], value=plan.tiers[1].value - 1)
    another = replace(plan, tiers=(plan.tiers[0], less, plan.tiers[2]))
    other = ledger.record_run(another, problem, address="a")
    assert not other.known
    assert other.differs_from == first.run.run_id
    assert other.run.run_id == f"{first.run.run_id}-2"
    assert [one.run_id for one in ledger.runs()] == [other.run.run_id, first.run.run_id]
    assert ledger.runs(before=TODAY) == ()


def test_a_run_is_found_by_name_number_or_beginning(ledger: Ledger, run: Run) -> None:
    """And if not, the message says what there is."""
    assert ledger.run("1") == ledger.run(run.run_id) == ledger.run("2026-11") == run
    with pytest.raises(LedgerError, match=f"run '2025' is not .*newest: {run.run_id}"):
        ledger.run("2025")


def accept(run: Run, **changes: object) -> Decision:
    """C1 at O1, accepted at noon."""
    decision = Decision(run.run_id, "C1", "O1", "accept", NOON, unit="North")
    return replace(decision, **changes)  # type: ignore[arg-type]


def test_decisions_may_be_sent_again_and_the_newest_counts(ledger: Ledger, run: Run) -> None:
    """Nothing is overwritten; an old workbook cannot turn back a later decision."""
    assert ledger.record_decisions([accept(run)]) == Recorded(1, 0)
    assert ledger.record_decisions([accept(run)]) == Recorded(0, 1)
    assert ledger.record_decisions([accept(run, decided_at=NOON + HOUR)]) == Recorded(0, 1)
    no = accept(run, verdict="reject", reason="other", decided_at=NOON + 2 * HOUR)
    assert ledger.record_decisions([no]) == Recorded(1, 0)
    assert ledger.record_decisions([accept(run)]) == Recorded(0, 1)
    old = accept(run, verdict="wait", decided_at=NOON - HOUR)
    assert ledger.record_decisions([old]) == Recorded(1, 0)
    assert ledger.decisions() == (no,)
    assert [one.verdict for one in ledger.decisions(history=True)] == ["wait", "accept", "reject"]
    assert ledger.decisions(since=NOON + 3 * HOUR) == ()


def test_decisions_about_what_was_not_proposed_are_refused_and_the_others_taken(
    ledger: Ledger, run: Run
) -> None:
    rows = [accept(run, run_id="2020"), accept(run, citizen_id="C2"), accept(run)]
    assert ledger.record_decisions(rows) == Recorded(
        1,
        0,
        (
            RefusedRow(0, "unknown_run", "2020", "C1", "O1"),
            RefusedRow(1, "unknown_proposal", run.run_id, "C2", "O1"),
        ),
    )


def test_a_decision_stands_until_its_day_or_until_something_settles_it(
    ledger: Ledger, run: Run
) -> None:
    ledger.record_decisions([accept(run, verdict="reject", reason="other", until=TODAY)])
    assert len(ledger.decisions(standing=TODAY)) == 1
    assert ledger.decisions(standing=TODAY + DAY) == ()
    ledger.record_decisions([accept(run, decided_at=NOON + HOUR)])
    (standing,) = ledger.decisions(standing=TODAY)
    assert standing.verdict == "accept"
    assert ledger.record_events([Event("start", TODAY + DAY, "O1", "C1")]) == Recorded(1, 0)
    assert ledger.decisions(standing=TODAY) == ()
    (latest,) = ledger.decisions(run_id=run.run_id)
    assert (latest.latest, latest.standing) == (True, False)


def test_a_decision_in_a_later_run_replaces_what_stood(ledger: Ledger, run: Run) -> None:
    """Each run keeps its own latest; of the pair only the newest stands."""
    later = week([citizen("C1", experience="9112")], [opening(seats=2)])
    second = ledger.record_run(solved(later), later, address="tables").run
    ledger.record_decisions([accept(run, verdict="wait")])
    ledger.record_decisions([accept(second, decided_at=NOON + HOUR)])
    (standing,) = ledger.decisions(standing=TODAY)
    assert (standing.run_id, standing.verdict) == (second.run_id, "accept")
    assert [one.verdict for one in ledger.decisions()] == ["wait", "accept"]


def test_starts_and_ends_make_placements(ledger: Ledger, run: Run) -> None:
    """Supports come from the proposal; an end closes it; sent again they change nothing."""
    start = Event("start", TODAY + DAY, "O1", "C1", planned_end=TODAY + 30 * DAY)
    assert ledger.record_events([start, start]) == Recorded(1, 1)
    (there,) = ledger.placements(TODAY)
    assert (there.citizen_id, there.measure, there.run_id) == ("C1", "ordinary", run.run_id)
    assert (there.start, there.last_day, there.ended) == (TODAY + DAY, TODAY + 30 * DAY, False)
    assert ledger.placements(TODAY + 31 * DAY) == ()
    again = Event("start", TODAY + 2 * DAY, "O1", "C1")
    end = Event("end", TODAY + 9 * DAY, "O1", "C1")
    other = Event("end", TODAY + 9 * DAY, "O2", "C1")
    stranger = Event("start", TODAY, "O1", "C9")
    recorded = ledger.record_events([again, end, end, other, stranger])
    assert (recorded.new, recorded.known) == (1, 1)
    assert [one.code for one in recorded.refused] == [
        "already_started",
        "no_such_placement",
        "unknown_proposal",
    ]
    (over,) = ledger.placements(TODAY + 9 * DAY)
    assert over.ended
    assert ledger.placements(TODAY + 10 * DAY) == ()
    assert [one.kind for one in ledger.events()] == ["start", "end"]


def test_a_declined_offer_settles_what_was_accepted(ledger: Ledger, run: Run) -> None:
    """A seat that others fill is noted; without a citizen it settles nothing."""
    ledger.record_decisions([accept(run)])
    ledger.record_events([Event("filled", TODAY, "O1", seats=2)])
    assert len(ledger.decisions(standing=TODAY)) == 1
    ledger.record_events([Event("declined", TODAY, "O1", "C1", reason="citizen_declined")])
    assert ledger.decisions(standing=TODAY) == ()
    assert [one.seats for one in ledger.events(kind="filled")] == [2]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (Decision("r", "C1", "O1", "maybe", NOON), "'maybe'; expected one of accept, reject"),  # type: ignore[arg-type]
        (Decision("r", "C1", "O1", "wait", dt.datetime(2026, 1, 1)), "without a time zone"),
    ],
)
def test_a_decision_that_cannot_be_is_an_error(ledger: Ledger, row: Decision, says: str) -> None:
    """A mistake of a program, not of a row."""
    with pytest.raises(LedgerError, match=says):
        ledger.record_decisions([row])


def test_the_same_name_in_another_folder_is_another_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that goes from one folder to another opens what lies there."""
    problem = week([citizen("C1")], [opening()])
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        with Ledger.open("ledger.sqlite") as ledger:
            assert ledger.runs() == ()
            ledger.record_run(solved(problem), problem, address="a")
