"""The command `jobmatch year`: made-up years that go on where they stopped, and one's own weeks."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest

from matcher.decisions import TargetOutlook, arrivals_seen, carry_over, outlook
from matcher.errors import LedgerError, OptionError
from matcher.explain import explained
from matcher.ledger import Decision, Ledger, cells, purge
from matcher.ledger.arrivals import FEWEST, _counts, _joined
from matcher.policy import load_policy, override_of
from matcher.problem import Problem
from matcher.records import Forbid, Running
from matcher.solve import solve
from matcher.texts import Message
from scenarios.cli.forecast import ForecastAsked, Goal, _goal_of
from scenarios.population import Population, make, policy_override
from scenarios.year import Year, many
from scenarios.year.from_ledger import OwnYear, own_weeks, town_of
from scenarios.year.many import live_many
from scenarios.year.pairs import steady
from scenarios.year.ways import choose
from tests.commands import jobmatch
from tests.weeks import citizen, week

SMALL = ("--citizens", "30", "--openings", "8", "--weeks", "2", "--workers", "1")
DAY = ("--on", "2026-11-23")
SPEC = Population(citizens=40, openings=13, seed=3)
RULES = {**policy_override(SPEC), "horizon": {"fewest_seen": 5}}


def test_it_tells_pairs_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """A year that is kept is not lived again: told apart by what is in its file."""
    done = jobmatch("year", *SMALL, *DAY, "--years", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 simulated year of 2 weeks; exact against prices" in done.stdout
    assert "cannot be told apart" in done.stdout
    files = sorted((tmp_path / "years").iterdir())
    assert len(files) == 2
    for file in files:
        year = json.loads(file.read_text("utf-8"))
        year["totals"]["starts"] = 777
        file.write_text(json.dumps(year), "utf-8")
    again = jobmatch("year", *SMALL, *DAY, "--years", "1", "--lang", "da", cwd=tmp_path)
    assert "777,0 -> 777,0, +0,0 om året" in again.stdout
    assert "." not in again.stdout.split("påbegyndte: ")[1].split("\n")[0], "a decimal comma"
    assert "påbegyndte" in again.stdout
    other = jobmatch("year", *SMALL, *DAY, "--years", "1", "--way", "exact",
                     "--figure", "accepted=0.5", "--json", cwd=tmp_path)  # fmt: skip
    told = json.loads(other.stdout)
    assert told["ways"]["exact"][0]["spec"]["figures"] == {"accepted": 0.5}
    assert told["ways"]["exact"][0]["totals"]["starts"] != 777
    assert told["priced"] == {"exact": {"any": {"low": 0, "middle": 0, "high": 0}}}


def test_starts_a_week_are_told_once_the_backlog_is_placed() -> None:
    """The first 13 weeks are left out; years as short as that tell nothing."""

    def year(starts: list[int]) -> Year:
        return Year({}, tuple({"started": one} for one in starts), {})

    found = steady([year([40] * 13 + [9, 11]), year([60] * 13 + [12, 12])])
    assert found is not None
    assert (found.a_week, found.low, found.high, found.after) == (11, 10, 12, 13)
    assert steady([year([40] * 13)]) is None
    assert "11,0 om ugen (10,0 til 12,0 i de enkelte år), 572 på et år" in Message(
        "year.steady", way="exact", year=572, **found.to_dict()).told("da")  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--way", "best"), "best"),
        (("--figure", "accepted"), "NAME=VALUE"),
        (("--figure", "acepted=0.5"), "acepted"),
        (("--figure", "accepted=2"), "accepted=0.02"),
        (("--figure", "accepted=0.9", "--figure", "undecided=0.2"), "more than 1 together"),
        (("--figure", "no_show=0.1", "--figure", "no_show=0.2"), "no_show is given twice"),
        (("--figure", "citizens_a_week=-1"), "citizens_a_week=-1: expected a number"),
    ],
)
def test_what_is_asked_wrongly_is_said_and_nothing_is_lived(
    asked: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = jobmatch("year", *SMALL, *asked, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "years").exists()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Six weeks of a small municipality: two citizens and one opening come in each."""
    frames = make(SPEC)
    frames["openings"] = frames["openings"].assign(start_to=pd.NaT).astype(
        frames["openings"].dtypes.to_dict()
    )  # fmt: skip
    address = tmp_path_factory.mktemp("ledger") / "ledger.sqlite"
    with Ledger.open(address) as opened:
        for week in range(6):
            day = SPEC.today + dt.timedelta(weeks=week)
            there: dict[str, Any] = dict(frames)
            for name, many in (("citizens", 30 + 2 * week), ("openings", 8 + week)):
                key = {"citizens": "citizen_id", "openings": "opening_id"}[name]
                ids = frames[name][key].iloc[:many]
                there = {one: frame[frame[key].isin(ids) | frame[key].isna()].reset_index(drop=True)
                         if key in frame.columns else frame
                         for one, frame in there.items()}  # fmt: skip
            problem = Problem(there, load_policy(day, RULES), day)
            carried = carry_over(problem, opened)
            plan = explained(solve(carried.problem))
            run = opened.record_run(plan, carried.problem, address="test",
                                    seats_given=carried.seats_given).run  # fmt: skip
            now = dt.datetime.combine(day, dt.time(12), dt.UTC)
            new = [one for one in plan.placements if not one.locked]
            opened.record_decisions(
                Decision(run.run_id, one.citizen_id, one.opening_id,
                         "reject" if at else "accept", now, "other" if at else None)
                for at, one in enumerate(new)
            )  # fmt: skip
        yield opened


def test_a_ledger_gives_its_own_weeks(ledger: Ledger) -> None:
    """Arrivals of five weeks, two and one in each; acceptance nearer its own than assumed.

    Who comes in a simulated week is a copy of whom one of those weeks saw.
    """
    own = own_weeks(ledger)
    assert len(own.seen.days) == 5
    assert len(own.seen.citizens) == 10
    assert len(own.seen.openings) == 5
    assert 0 < own.figures["accepted"] < 0.8
    assert own_weeks(ledger, {"accepted": 0.9}).figures["accepted"] == 0.9
    town = town_of(own, 4, 1)
    come = town.stream.citizen_week
    assert [(come == week).sum() for week in range(1, 4)] == [2, 2, 2]
    originals = set(own.seen.citizens["citizen_id"])
    copies = town.citizens["citizen_id"][come > 0]
    assert {one.partition("~")[0] for one in copies} <= originals
    assert {one.citizen for one in town.held} <= set(town.citizen_at.values())
    again = town_of(own, 4, 1)
    assert again.citizens.equals(town.citizens)
    for _ in range(2):
        town.turn()
        chosen = choose("prices", town, town.problem())
        town.decide(chosen.solution.plan, chosen.lasting)
    assert len(town.books) == 2


def test_what_is_still_to_be_decided_is_not_counted_as_undecided(ledger: Ledger) -> None:
    """A hundred more proposals of the newest run change nothing; of an older one they do."""
    figures = own_weeks(ledger).figures
    runs, proposed = ledger.runs(), ledger.proposed
    for run, same in ((runs[0], True), (runs[-1], False)):
        more = (run.run_id, "", None, 100)
        with mock.patch.object(
            type(ledger), "proposed", side_effect=lambda since, more=more: (*proposed(since), more)
        ):
            found = own_weeks(ledger).figures
        assert (found == figures) is same
        assert (found["undecided"] > figures["undecided"]) is not same


def test_what_runs_holds_what_it_holds_whether_the_tables_list_it_or_not(ledger: Ledger) -> None:
    """Three placements hold a mentor: somebody listed, somebody seen in an earlier week, and
    somebody never seen at an opening that is not listed. The first week simulated has them all;
    when they are over the first two wait again, of the third nothing is known."""
    own = own_weeks(ledger)
    pool = own.problem["mentor_pools"]["pool_id"].iloc[0]
    listed = own.problem["citizens"]["citizen_id"].iloc[-1]
    seen = own.seen.citizens["citizen_id"].iloc[0]
    where = own.problem["openings"]["opening_id"].iloc[0]
    people = own.problem["citizens"]
    today = own.problem.today
    rows = [
        Running(citizen_id=who, opening_id=opening, measure="work_practice", pool_id=pool,
                start=today - dt.timedelta(weeks=weeks), end=today + dt.timedelta(days=6),
                mentor_hours=0.5)
        for who, opening, weeks in ((listed, where, 2), (seen, where, 40), ("GONE", "SHUT", 40))
    ]  # fmt: skip
    bars = [Forbid(citizen_id=listed, opening_id=where, reason="other", until=today),
            Forbid(citizen_id=listed, workplace_id="W0", reason="other")]  # fmt: skip
    records = Problem.from_records(own.problem.policy, today, running=rows, forbids=bars)
    tables = {
        **own.problem.tables,
        "citizens": people[people["citizen_id"] != seen].reset_index(drop=True),
        "running": records["running"], "forbids": records["forbids"],
        "locks": own.problem["locks"].iloc[:0],
    }  # fmt: skip
    calm = {**own.figures, "leaving.work_practice": 0.0, "leaves_waiting": 0.0, "to_work": 0.0}
    policy = override_of(own.problem.policy, {"money": {"year_budgets": {"mentors": 50_000}}})
    own = replace(own, problem=own.problem.replace(tables=tables, policy=policy), figures=calm)
    town = town_of(own, 2, 1)
    town.turn()
    shown = town.problem()
    held = shown["running"].sort_values("citizen_id")
    assert held["citizen_id"].tolist() == sorted([listed, seen, "GONE"])
    assert set(held["pool_id"]) == {pool}, "a mentor held for 40 weeks is held on"
    assert held["mentor_hours"].tolist() == [0.5] * 3
    assert len(shown["forbids"]) == 2
    money = own.problem.policy.money
    assert shown.policy.money.budgets == money.budgets, "what is left is left beside what runs"
    assert shown.policy.money.year_budgets == {"mentors": 50_000}
    assert solve(shown).plan.value("placements") == solve(own.problem).plan.value("placements")
    town.turn()
    waiting = set(town.problem()["citizens"]["citizen_id"])
    assert {listed, seen} <= waiting
    assert "GONE" not in waiting
    assert len(town.problem()["forbids"]) == 1
    assert len(town.problem()["running"]) == 0
    freed = 3 * money.mentor_cost_per_hour // 2
    left = town.problem().policy.money.budgets
    assert left == {**money.budgets, "mentors": money.budgets["mentors"] + freed}
    assert replace(own, hours={(listed, where): 600}).digest != own.digest


def test_what_was_accepted_begins_on_its_day_and_is_not_proposed_anew(ledger: Ledger) -> None:
    """A locked proposal holds its seat from the first week, and is a start in the fourth."""
    own = own_weeks(ledger)
    assert own.accepted == (), "all that was accepted has begun by the newest week"
    held = set(own.problem["running"]["citizen_id"])
    who = min(set(own.problem["citizens"]["citizen_id"]) - held)
    locked = replace(
        ledger.proposals(ledger.runs()[-1].run_id)[0], citizen_id=who, locked=True,
        opening_id=own.problem["openings"]["opening_id"].iloc[0], course_ids=(),
        start=own.problem.today + dt.timedelta(days=20),
    )  # fmt: skip
    calm = {**own.figures, "no_show": 0.0, "leaves_waiting": 0.0,
            **{name: 0.0 for name in own.figures if name.startswith("leaving.")}}  # fmt: skip
    town = town_of(replace(own, figures=calm, accepted=(locked,)), 5, 1)
    started = []
    for _ in range(5):
        town.turn()
        shown = town.problem()
        assert who not in set(shown["citizens"]["citizen_id"])
        assert (who, locked.opening_id) in set(
            zip(shown["running"]["citizen_id"], shown["running"]["opening_id"], strict=True)
        )
        started.append(town.book.started)
    assert started == [0, 0, 0, 1, 0]


def test_what_stands_among_what_runs_and_begins_later_is_a_start_on_its_day(
    ledger: Ledger,
) -> None:
    """Accepted, no offer any more, 20 and 9 days ahead; who does not turn up is no start."""
    own = own_weeks(ledger)
    held = set(own.problem["running"]["citizen_id"])
    who = sorted(set(own.problem["citizens"]["citizen_id"]) - held)[:3]
    today = own.problem.today
    rows = [
        Running(citizen_id=one, opening_id=own.problem["openings"]["opening_id"].iloc[0],
                measure="work_practice", start=today + dt.timedelta(days=days),
                end=today + dt.timedelta(days=40))
        for one, days in zip(who, (20, 9, 0), strict=True)
    ]  # fmt: skip
    records = Problem.from_records(own.problem.policy, today, running=rows)
    tables = {**own.problem.tables, "running": records["running"],
              "locks": own.problem["locks"].iloc[:0]}  # fmt: skip
    calm = {**own.figures, "leaves_waiting": 0.0, "leaving.work_practice": 0.0}
    problem = own.problem.replace(tables=tables)
    for no_show, begin, running in ((0.0, [0, 0, 1, 1, 0], 3), (1.0, [0] * 5, 1)):
        figures = {**calm, "no_show": no_show}
        town = town_of(replace(own, problem=problem, figures=figures), 5, 1)
        started = []
        for _ in range(5):
            town.turn()
            started.append(town.book.started)
        assert started == begin
        assert len(town.held) == running


@pytest.mark.parametrize("empty", ["citizens", "openings"])
def test_a_week_in_which_nobody_waits_or_nothing_is_open_holds_what_runs(
    ledger: Ledger, empty: str
) -> None:
    """Somebody runs where the newest tables list nobody, or no opening: the years go on."""
    own = own_weeks(ledger)
    today = own.problem.today
    who = own.problem["citizens"]["citizen_id"].iloc[0]
    runs = Running(citizen_id=who, opening_id=own.problem["openings"]["opening_id"].iloc[0],
                   measure="work_practice", start=today - dt.timedelta(weeks=2))  # fmt: skip
    records = Problem.from_records(own.problem.policy, today, running=[runs])
    none = {name: own.problem[name].iloc[:0] for name in (empty, "locks", "previous", "forbids")}
    tables = {**own.problem.tables, **none, "running": records["running"]}
    calm = {**own.figures, "leaving.work_practice": 0.0}
    own = replace(own, problem=own.problem.replace(tables=tables), accepted=(), figures=calm)
    town = town_of(own, 2, 1)
    for _ in range(2):
        town.turn()
        assert town.problem()["running"]["citizen_id"].tolist() == [who]


def test_what_runs_costs_what_its_run_proposed(ledger: Ledger) -> None:
    """Hours of each running placement that a kept run proposed, and the cost of its offer."""
    own = own_weeks(ledger)
    running = own.problem["running"]
    assert own.hours
    assert own.hours.keys() <= set(zip(running["citizen_id"], running["opening_id"], strict=True))
    town = town_of(own, 1, 1)
    proposals = {
        (one.citizen_id, one.opening_id): one
        for run in ledger.runs() for one in ledger.proposals(run.run_id)
    }  # fmt: skip
    ids = town.citizens["citizen_id"], town.openings["opening_id"]
    told = 0
    for one in town.held:
        pair = ids[0].iloc[one.citizen], ids[1].iloc[one.opening]
        proposal = proposals[pair] if pair in own.hours else None
        if proposal is not None and not proposal.course_ids:
            assert one.cost == {line: cost for line, cost in proposal.cost.items() if cost}
            told += bool(one.cost)
    assert told


def test_the_newest_runs_locked_proposals_are_what_was_accepted(ledger: Ledger) -> None:
    newest = ledger.runs(most=1)[0].run_id
    (first, *others) = ledger.proposals(ledger.runs()[-1].run_id)
    told = (replace(first, locked=True), *others)
    kept = ledger.proposals
    with mock.patch.object(
        type(ledger), "proposals", side_effect=lambda run: told if run == newest else kept(run)
    ):
        assert own_weeks(ledger).accepted == told[:1]


def test_arrivals_outlive_the_tables_they_were_counted_from(ledger: Ledger, tmp_path: Path) -> None:
    """As many weeks and arrivals as before the inputs went; no id of the time is kept anywhere.

    Who stands in for those who came is of their cell, and counts go with the runs' figures.
    """
    copy = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(ledger.address.removeprefix("sqlite:///"))) as source:
        source.execute("VACUUM INTO ?", (str(copy),))
    kept = {"input_weeks": 2, "folder_weeks": 3, "person_weeks": 4, "run_weeks": 5}
    today = SPEC.today + dt.timedelta(weeks=5)
    with Ledger.open(copy) as opened:
        problem = opened.problem(opened.runs(most=1)[0].run_id)
        before = arrivals_seen(problem, opened)
        rules = load_policy(today, {**RULES, "retention": kept})
        assert purge(opened, rules, today).inputs == 3
        after = arrivals_seen(problem, opened)
        assert after.days == before.days
        for old, new in (
            (before.citizen_week, after.citizen_week), (before.opening_week, after.opening_week),
        ):  # fmt: skip
            assert np.bincount(new).tolist() == np.bincount(old).tolist()
        # Three inputs are left: of two weeks the rows, of three the counts.
        gone = before.citizens["citizen_id"][before.citizen_week < 3]
        assert not set(gone) & set(after.citizens["citizen_id"])
        assert after.citizens["citizen_id"].is_unique
        with closing(sqlite3.connect(copy)) as base:
            said = str(base.execute("SELECT * FROM arrivals").fetchall())
        assert not any(one in said for one in frames_ids(problem))
        town = town_of(own_weeks(opened), 3, 1)
        town.turn()
        assert choose("prices", town, town.problem()).solution.plan.has_plan
        later = load_policy(today, {**RULES, "retention": {**kept, "run_weeks": 4}})
        purge(opened, later, today + dt.timedelta(weeks=2))
        weeks = opened.arrival_weeks(SPEC.today, today + dt.timedelta(weeks=9))
        assert [one.day for one in weeks] == [today - dt.timedelta(weeks=at) for at in (2, 1, 0)]
        assert purge(opened, later, today + dt.timedelta(weeks=9)).runs
        assert opened.arrival_weeks(SPEC.today, today + dt.timedelta(weeks=9)) == ()


def frames_ids(problem: Problem) -> list[str]:
    """Ids of everybody and everything in a week."""
    return [*problem["citizens"]["citizen_id"], *problem["openings"]["opening_id"]]


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ({"a|1|1|0": 6, "a|2|1|0": 5}, {"a|1|1|0": 6, "a|2|1|0": 5}),
        ({"a|1|1|0": 6, "a|2|1|0": 3, "a|0|1|0": 2}, {"a|1|1|0": 6, "a|||": 5}),
        ({"a|1|1|0": 6, "a|2|1|0": 3, "b|0|0|1": 2}, {"a|1|1|0": 6, "|||": 5}),
        # What is left over would be one person beside forty: the smallest cell goes with it.
        ({"a|1|1|0": 40, "b|0|0|1": 1}, {"|||": 41}),
        ({"a|1|1|0": 40, "c|0|0|0": 9, "b|0|0|1": 1}, {"a|1|1|0": 40, "|||": 10}),
        ({"a|0|2|1": 1}, {"|||": 1}),
        ({}, {}),
    ],
)
def test_whatever_is_kept_of_somebody_is_kept_of_five(
    came: dict[str, int], kept: dict[str, int]
) -> None:
    assert _joined(Counter(came)) == kept


def test_the_floor_is_on_who_came_and_not_on_the_table() -> None:
    """One arrival whose cell many of the table share is counted, and nothing is kept of him."""
    people = [citizen(f"C{n}") for n in range(40)]
    tables = week(people).tables
    new = np.arange(40) == 7
    assert _counts("citizens", tables, new) == {"|||": 1}
    (cell,) = set(cells("citizens", tables))
    assert _counts("citizens", tables, np.arange(40) < FEWEST) == {cell: FEWEST}
    assert _counts("citizens", tables, np.zeros(40, dtype=np.bool_)) == {"|||": 0}


def test_the_command_lives_on_the_ledger(ledger: Ledger, tmp_path: Path) -> None:
    """And goes on where it stopped: a year that is kept is not lived again."""
    asked = ("year", "--from-ledger", "--ledger", ledger.address, "--weeks", "2", "--workers", "1",
             "--years", "1", "--way", "exact")  # fmt: skip
    done = jobmatch(*asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "starts:" in done.stdout
    (file,) = (tmp_path / "years").iterdir()
    year = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**year, "totals": {**year["totals"], "starts": 777}}), "utf-8")
    assert "777.0" in jobmatch(*asked, cwd=tmp_path).stdout
    assert "777.0" not in jobmatch(*asked, "--figure", "no_show=0.1", cwd=tmp_path).stdout


def test_another_process_lives_through_the_same_year(ledger: Ledger) -> None:
    """What is sent to a worker is named, and lived, as it is here."""
    year = OwnYear(own_weeks(ledger), "exact", 1, 3)
    sent = pickle.loads(pickle.dumps(year.live))
    assert sent.__self__.name == year.name
    assert sent() == year.live()
    assert replace(year, seed=4).name != year.name
    # Who is taken to accept by the rules as they come makes no other week of it, but another year.
    rules = year.own.problem.policy
    said = {"declines": rules.declines.model_copy(update={"accepted_percent": 61})}
    problem = year.own.problem.replace(policy=rules.model_copy(update=said))
    assert problem.digest() == year.own.problem.digest()
    assert replace(year, own=replace(year.own, problem=problem)).name != year.name


def test_a_year_whose_process_died_is_an_error_and_the_others_are_kept(tmp_path: Path) -> None:
    class Dying:
        def each(self, jobs: dict[int, Any]) -> Iterator[tuple[int, Any]]:
            yield 0, None
            yield 1, Year({}, (), {"starts": 1})

    jobs = {"a": lambda: Year({}, (), {}), "b": lambda: Year({}, (), {})}
    with (
        mock.patch.object(many, "workforce_of", return_value=Dying()),
        pytest.raises(OptionError, match="1 of 2 years"),
    ):
        live_many(jobs, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["b.json"]


def test_a_forecast_of_the_ledgers_own_weeks(ledger: Ledger, tmp_path: Path) -> None:
    """Not made up; what the ledger counted itself is in no year drawn anew."""
    done = jobmatch("forecast", "--from-ledger", "--ledger", ledger.address, "--weeks", "1",
                    "--years", "9", "--target", "5", "--already", "0", "--json", "--workers", "1",
                    cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["made_up"] is False
    assert [row["verdict"] for row in told["earlier"]["ahead"]] == ["none"] * 4
    page = Path(tmp_path / told["page"]).read_text("utf-8")
    assert "No forecast can be held against what came yet" in page
    assert told["target"]["met"] == [0]
    kept = [json.loads(file.read_text("utf-8")) for file in (tmp_path / "years").iterdir()]
    drawn = [year["spec"]["figures"] for year in kept]
    assert len({one["accepted"] for one in drawn}) == 1
    assert drawn[0]["accepted"] == own_weeks(ledger).figures["accepted"]
    assert len({one["no_show"] for one in drawn}) == 9
    own = replace(own_weeks(ledger), made_up=True)
    with mock.patch("scenarios.year.from_ledger.own_weeks", return_value=own):
        again = jobmatch("forecast", "--from-ledger", "--ledger", ledger.address, "--weeks", "1",
                         "--years", "9", "--json", "--workers", "1", cwd=tmp_path)  # fmt: skip
    told = json.loads(again.stdout)
    assert told["made_up"] is True
    known = outlook(own.problem, ledger)
    assert known.already > 0
    assert (told["target"]["number"], told["target"]["already"]) == (500, known.already)


@pytest.mark.parametrize(
    ("until", "asked", "goal"),
    [
        # The programme ends in the weeks that are simulated, after them, is over, has not begun.
        (10, {}, (500, 120, 10)),
        (90, {}, (500, 120, None)),
        (-1, {}, (None, 120, None)),
        (None, {}, (None, 120, None)),
        # What is asked counts; the programme's last day is that of its own target alone.
        (10, {"target": 30}, (30, 120, None)),
        (10, {"already": 0, "until": "2026-12-14"}, (500, 0, 3)),
        (-1, {"target": 30}, (30, 120, None)),
    ],
)
def test_a_ledger_knows_the_programmes_target(
    until: int | None, asked: dict[str, Any], goal: tuple[int | None, int, int | None]
) -> None:
    """Weeks from the first day on."""
    day = dt.date(2026, 11, 23)

    def after(weeks: int | None) -> dt.date | None:
        return None if weeks is None else day + dt.timedelta(weeks=weeks)

    known = TargetOutlook(500, after(until), already=120, seen=9, needed=8)
    by = asked.get("until") and dt.date.fromisoformat(asked["until"])
    found = _goal_of(ForecastAsked(from_ledger=True, **asked), known, day, by)
    assert found == Goal(goal[0], goal[1], after(goal[2]))


def test_a_ledger_that_is_not_there_is_said_before_any_year_is(tmp_path: Path) -> None:
    """Both commands, in Danish: which ledger, what makes one, what to try."""
    for command in ("year", "forecast"):
        done = jobmatch(command, "--from-ledger", "--lang", "da", cwd=tmp_path)
        assert done.returncode != 0
        (line,) = done.stderr.splitlines()
        assert "der er ingen kørselsbog i" in line
        assert "--ledger" in line


def test_a_ledger_that_has_seen_too_little_says_so(tmp_path: Path) -> None:
    with (
        Ledger.open(tmp_path / "ledger.sqlite") as empty,
        pytest.raises(LedgerError, match="holds no run"),
    ):
        own_weeks(empty)
