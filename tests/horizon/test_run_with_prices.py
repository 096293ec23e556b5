"""A weekly run that prices the weeks ahead: from its own ledger, frozen, told, made again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.again import Resolver
from matcher.decisions import arrivals_seen, stays_seen
from matcher.explain.citizen_explanation import explain_one
from matcher.explain.citizen_sentences import citizen_parts
from matcher.explain.telling import Telling
from matcher.horizon import price_ahead
from matcher.ledger import Event, Ledger
from matcher.policy import Policy, load_policy
from matcher.problem import Problem
from matcher.remake import remake
from matcher.texts import LANGUAGES
from matcher.weekly import FinishedRun, Observer, run_week
from scenarios.population import Population, make, policy_override

SPEC = Population(citizens=70, openings=20, seed=7, mentor_hours=0.5)
WEEK = dt.timedelta(weeks=1)
FIRST, LATER = 55, 15


class Heard(Observer):
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        """Keep it."""
        self.notes.append(text)


def policy(day: dt.date, **horizon: Any) -> Policy:
    """The made-up week's policy, looking ahead as soon as one week of arrivals was seen."""
    on = {"on": True, "fewest_seen": 1, "futures": 2, **horizon}
    # What was proposed the week before and nobody decided keeps no place: prices alone move.
    free = {"tiers": {"change_cost": 0}}
    return load_policy(day, {**policy_override(SPEC), **free, "horizon": on})


def tables(*, whole: bool) -> dict[str, pd.DataFrame]:
    """The made-up week: of the citizens and openings the first ones, or all."""
    frames = make(SPEC)
    frames["openings"] = frames["openings"].assign(start_to=pd.NaT).astype(
        frames["openings"].dtypes.to_dict()
    )  # fmt: skip
    for name in ("running", "locks", "forbids", "previous"):
        frames[name] = frames[name].iloc[:0]
    if not whole:
        frames["citizens"] = frames["citizens"].iloc[:FIRST]
        frames["openings"] = frames["openings"].iloc[:LATER]
        frames["audit_groups"] = frames["audit_groups"].iloc[:0]
    return frames


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Ledger, FinishedRun, FinishedRun, Heard]]:
    """Two weeks on one ledger: in the second more citizens and openings have come."""
    out = tmp_path_factory.mktemp("runs")
    day, heard = SPEC.today, Heard()
    with Ledger.open(out / "ledger.sqlite") as ledger:
        first = run_week(tables(whole=False), out, policy(day), day, None, heard, ledger)
        later = day + WEEK
        second = run_week(tables(whole=True), out, policy(later), later, None, Heard(), ledger)
        yield ledger, first, second, heard


def test_arrivals_are_what_no_earlier_input_had(
    runs: tuple[Ledger, FinishedRun, FinishedRun, Heard],
) -> None:
    ledger, _, second, _ = runs
    seen = arrivals_seen(second.solution.problem, ledger)
    assert seen.days == (SPEC.today + WEEK,)
    whole = make(SPEC)
    assert set(seen.citizens["citizen_id"]) == set(whole["citizens"]["citizen_id"].iloc[FIRST:])
    assert set(seen.openings["opening_id"]) == set(whole["openings"]["opening_id"].iloc[LATER:])
    assert set(seen.openings["workplace_id"]) <= set(seen.workplaces["workplace_id"])


def test_too_little_seen_prices_nothing_and_says_so(
    runs: tuple[Ledger, FinishedRun, FinishedRun, Heard],
) -> None:
    _, first, _, heard = runs
    assert any("nothing is priced" in note for note in heard.notes)
    assert "ahead" not in first.document
    assert first.solution.problem.policy.horizon.prices == {}  # type: ignore[union-attr]


def test_prices_are_frozen_told_and_made_again(
    runs: tuple[Ledger, FinishedRun, FinishedRun, Heard],
) -> None:
    """In the run's policy and document; the ledger makes the same plan again from its input."""
    ledger, _, second, _ = runs
    ahead = second.document["ahead"]
    assert ahead["prices"], "mentors are scarce: something has a price"
    horizon = second.solution.problem.policy.horizon
    assert horizon is not None
    assert {name: list(one) for name, one in horizon.prices.items()} == ahead["prices"]
    assert ahead["expected"] == {"citizens": 15.0, "openings": 5.0}
    assert second.stored is not None
    again = remake(ledger, second.stored.run.run_id)
    assert again.same, again.differences
    page = (second.folder / "report.html").read_text("utf-8")
    assert 'id="ahead"' in page
    assert "The same without prices for the weeks ahead" in page, "gaps of groups, both ways"
    assert 'id="ahead"' not in (runs[1].folder / "report.html").read_text("utf-8")


def test_what_costs_little_on_average_is_not_priced(
    runs: tuple[Ledger, FinishedRun, FinishedRun, Heard],
) -> None:
    """Below the bar that the policy sets, nothing is priced at all."""
    ledger, _, second, _ = runs
    week, survival = second.solution.problem, {"work_practice": {"municipal": (900,)}}
    seen, horizon = arrivals_seen(week, ledger), week.policy.horizon
    assert horizon is not None

    def rows(least: int) -> int:
        changed = horizon.model_copy(update={"least": least})
        policy = week.policy.model_copy(update={"horizon": changed})
        return len(price_ahead(week.replace(policy=policy), seen, survival).prices)

    assert rows(0) > 0
    assert rows(100_000) == 0


def test_as_many_are_placed_and_who_is_moved_is_told_why(
    runs: tuple[Ledger, FinishedRun, FinishedRun, Heard],
) -> None:
    """By name of the price, with what today's plan would have been, in every language."""
    _, _, second, _ = runs
    change = second.document["ahead"]["change"]
    assert change["placements"]["with"] == change["placements"]["without"]
    assert change["fit"]["with"] <= change["fit"]["without"]
    solution, resolver = second.solution, Resolver(second.solution)
    told = [one for one in change["moved"] if one["row"] and one["opening_id"]]
    assert told, "the world of this test moves somebody"
    found = explain_one(resolver, told[0]["citizen_id"], pairs=False, alternatives=0)
    assert found.ahead is not None
    assert found.ahead.to_dict() == told[0]
    for language in LANGUAGES:
        say = Telling(solution.problem, language)
        lines = [line for part in citizen_parts(found, say) for line in part.lines]
        key = told[0]["row"].partition("[")[2].removesuffix("]")
        said = (key, say.whole(told[0]["points"]), say.whole(told[0]["worth"]))
        assert told[0]["worth"] > 0
        assert any(all(part in line for part in said) for line in lines)
    same = {one.citizen_id for one in solution.plan.placements} - {
        one["citizen_id"] for one in change["moved"]
    }
    still = explain_one(resolver, min(same), pairs=False, alternatives=0)
    assert still.ahead is None


def test_without_a_ledger_nothing_is_priced(tmp_path: Path) -> None:
    heard = Heard()
    week = run_week(tables(whole=False), tmp_path, policy(SPEC.today), SPEC.today, None, heard)
    assert any("without a ledger" in note for note in heard.notes)
    assert "ahead" not in week.document


def test_how_long_placements_lasted_is_counted_by_measure_and_sector(tmp_path: Path) -> None:
    """Eight weeks of one that runs, three of one that ended early."""
    day = SPEC.today
    frames = make(SPEC)
    problem = Problem(frames, policy(day), day)
    site = frames["openings"]["workplace_id"]
    sector = dict(zip(frames["workplaces"]["workplace_id"],
                      frames["workplaces"]["sector"].astype(str), strict=True))  # fmt: skip
    one, two = frames["citizens"]["citizen_id"].iloc[:2]
    where = frames["openings"]["opening_id"].iloc[0]
    begun = {"measure": "work_practice", "planned_end": day + 5 * WEEK}
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.record_events([
            Event("start", day - 7 * WEEK, where, one, **begun),
            Event("start", day - 7 * WEEK, where, two, **begun),
            Event("end", day - 5 * WEEK, where, two),
        ])  # fmt: skip
        seen = stays_seen(problem, ledger)
    stay = seen["work_practice", sector[site.iloc[0]]]
    assert (stay.weeks, stay.ended) == (8 + 3, 1)
