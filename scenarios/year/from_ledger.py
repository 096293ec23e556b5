"""A year on a municipality's own ledger: its newest week, and its own weeks drawn again.

The newest stored run gives who waits, what is open, what runs and what there is of everything;
arrivals are blocks of weeks that the ledger saw, drawn with replacement; how many proposals are
accepted and how long placements last is counted from its decisions and ends, and where little is
known the assumption counts as so many.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from matcher.clock import day_begins
from matcher.decisions import arrivals_seen, stays_seen
from matcher.errors import LedgerError
from matcher.horizon import SeenArrivals, draw_weeks
from matcher.ledger import Ledger, Proposal
from matcher.policy import Policy
from matcher.problem import Problem, frame_rows
from matcher.texts import Message
from scenarios.population import Population
from scenarios.population.stream import Stream
from scenarios.year.assumed import assumed
from scenarios.year.luck import NEVER, weeks_until
from scenarios.year.simulate import VERSION, Year, live, rules_of_year
from scenarios.year.town import HeldPlacement, Ints, Town
from scenarios.year.ways import Way, choose

_FEWEST_WEEKS = 4
"""Weeks of arrivals below which no year can be drawn."""
_PRIOR = 50
"""Proposals, and weeks of placements, that an assumption counts as beside what was seen."""
_NOWHERE = "~nowhere "
"""How the workplace of a stand-in opening begins."""
_BACK = dt.timedelta(weeks=52)
_OWN_VERSION = 5
"""Changes when a ledger's year would get another answer and a made-up one would not."""
_KEYS = {
    "citizens": ("citizen_id", ("household_id",), ("available_from",)),
    "openings": ("opening_id", (), ("start_from", "start_to")),
}


@dataclass(frozen=True, eq=False)
class OwnWeeks:
    """What a ledger says of a municipality's weeks."""

    problem: Problem
    """The newest stored week."""
    seen: SeenArrivals
    figures: Mapping[str, Any]
    """Assumptions of the year, those the ledger knows better replaced."""
    hours: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Minutes a week of what runs, by citizen and opening, where a stored run proposed it."""
    accepted: tuple[Proposal, ...] = ()
    """What was accepted before that week and has not begun, as its run proposed it."""
    made_up: bool = False
    """Whether that week is about nobody."""

    @cached_property
    def digest(self) -> str:
        """Hash of the week, what was seen, accepted and runs, without the figures."""
        seen = self.seen
        digest = hashlib.blake2b(self.problem.digest().encode(), digest_size=16)
        digest.update(repr((seen.days, sorted(self.hours.items()), self.accepted)).encode())
        for frame in (seen.citizens, seen.openings, seen.workplaces):
            digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
        for week in (seen.citizen_week, seen.opening_week):
            digest.update(week.astype(np.int64).tobytes())
        return digest.hexdigest()


def own_weeks(ledger: Ledger, changes: Mapping[str, Any] | None = None) -> OwnWeeks:
    """Read what a ledger says of weeks.

    Parameters
    ----------
    changes
        Figures that are to be others, whatever the ledger says.

    Raises
    ------
    LedgerError
        There is no run, its input is no longer kept, or too few weeks were seen.
    """
    runs = ledger.runs(most=1)
    if not runs:
        raise LedgerError(Message("year.no_runs"))
    problem = ledger.problem(runs[0].run_id)
    seen = arrivals_seen(problem, ledger)
    horizon = problem.policy.horizon
    needed = _FEWEST_WEEKS if horizon is None else max(_FEWEST_WEEKS, horizon.fewest_seen)
    if len(seen.days) < needed:
        raise LedgerError(Message("year.too_few_seen", seen=len(seen.days), needed=needed))
    figures = assumed()
    figures |= _decided(ledger, problem, figures)
    figures |= _leaving(ledger, problem, figures)
    figures["seen_weeks"] = len(seen.days)
    assumed(changes)
    accepted = tuple(one for one in ledger.proposals(runs[0].run_id) if one.locked)
    figures |= changes or {}
    return OwnWeeks(problem, seen, figures, _hours(ledger, problem), accepted, runs[0].made_up)


def _hours(ledger: Ledger, problem: Problem) -> dict[tuple[str, str], int]:
    """Minutes a week of placements under way, as the runs that are kept proposed them."""
    there = ledger.placements(problem.today)
    wanted = {(one.run_id, one.citizen_id, one.opening_id) for one in there}
    return {
        (one.citizen_id, one.opening_id): one.minutes
        for run_id in sorted({one.run_id for one in there if one.run_id is not None})
        for one in ledger.proposals(run_id)
        if (run_id, one.citizen_id, one.opening_id) in wanted
    }


def _decided(ledger: Ledger, problem: Problem, figures: Mapping[str, Any]) -> dict[str, float]:
    """Shares of proposals that were accepted, and that nobody decided.

    Those of the newest run are still to be decided, and those of a run that another of its day has
    replaced were never to be: of both only what was decided counts.
    """
    since = problem.today - _BACK
    latest = [one for one, _ in ledger.decided(day_begins(since)) if one.latest]
    verdicts = Counter(one.verdict for one in latest)
    runs = ledger.runs()
    last = {run.day: run.run_id for run in reversed(runs) if run.day != runs[0].day}
    over = set(last.values())
    proposed = sum(count for run_id, *_, count in ledger.proposed(since) if run_id in over)
    proposed += sum(one.run_id not in over for one in latest)
    count = max(proposed, verdicts.total())
    undecided = count - verdicts["accept"] - verdicts["reject"]

    def share(seen: int, name: str) -> float:
        return round((seen + _PRIOR * float(figures[name])) / (count + _PRIOR), 4)

    return {
        "accepted": share(verdicts["accept"], "accepted"),
        "undecided": share(undecided, "undecided"),
    }


def _leaving(ledger: Ledger, problem: Problem, figures: Mapping[str, Any]) -> dict[str, float]:
    """Share of placements that end in a week before their time, by measure."""
    weeks: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for (measure, _), stay in stays_seen(problem, ledger).items():
        weeks[measure] += stay.weeks
        ended[measure] += stay.ended
    return {
        name: round((ended[measure] + _PRIOR * float(value)) / (weeks[measure] + _PRIOR), 4)
        for name, value in figures.items()
        if name.startswith("leaving.") and weeks[measure := name.removeprefix("leaving.")]
    }


def town_of(own: OwnWeeks, weeks: int, seed: int) -> Town:
    """Make the municipality of a ledger, before the first week that is simulated.

    Parameters
    ----------
    weeks
        Weeks that are simulated.
    seed
        Of arrivals and of what happens.
    """
    policy, block = own.problem.policy, 1
    if (horizon := policy.horizon) is not None:
        # Prices of the stored week say nothing of the weeks that are simulated.
        unpriced = horizon.model_copy(update={"prices": {}, "survival": {}})
        policy, block = policy.model_copy(update={"horizon": unpriced}), horizon.block_weeks
    drawn = draw_weeks(len(own.seen.days), weeks, block, (seed,))
    town = Town(_stream(own, drawn), policy, own.figures, seed)
    town.held = _held(own, town)
    town.policy = _with_what_runs(town)
    town.barred = _barred(own)
    for one in own.accepted:
        minutes = one.mentor_minutes if one.pool_id else 0
        cost = _cost(town.policy, one.measure, one.minutes, minutes, in_class=bool(one.team_id))
        town.accept(one, cost)
    return town


def _with_what_runs(town: Town) -> Policy:
    """Return the policy with the money that what runs holds added to what is left beside it.

    So it is free again when a placement is over.
    """
    money = town.policy.money
    week: Counter[str] = Counter()
    year: Counter[str] = Counter()
    weeks = (money.year_end(town.stream.spec.today) - town.stream.spec.today).days // 7
    for one in town.held:
        week.update(one.cost)
        # Of the year's money a week is paid at once, and the others are promised.
        paid = 1 + max(0, min(one.last_week, weeks))
        year.update({line: cost * paid for line, cost in one.cost.items()})
    return town.policy.model_copy(update={"money": money.model_copy(update={
        "budgets": {line: amount + week[line] for line, amount in money.budgets.items()},
        "year_budgets": {line: amount + year[line] for line, amount in money.year_budgets.items()},
    })})  # fmt: skip


def _cost(
    policy: Policy, measure: str, minutes: int, mentor_minutes: int, *, in_class: bool
) -> dict[str, int]:
    """Cost of a placement in each week it lasts, DKK by line, as its offer costs."""
    money, rule = policy.money, policy.measures[measure]
    cost: Counter[str] = Counter()
    if rule.budget is not None:
        cost[rule.budget] += -(-minutes * round(rule.cost_per_hour * 100) // 6000)
    if (line := money.lines.get("mentor")) is not None:
        cost[line] += -(-mentor_minutes * money.mentor_cost_per_hour // 60)
    if (line := money.lines.get("class")) is not None and in_class:
        cost[line] += money.class_cost_per_week
    return {line: amount for line, amount in cost.items() if amount}


@dataclass(frozen=True, eq=False)
class OwnYear:
    """A year of a municipality's own weeks, planned one way; other processes can live it."""

    own: OwnWeeks
    way: Way
    weeks: int
    seed: int

    def told(self) -> dict[str, Any]:
        """Return what is asked, as plain values."""
        return {"way": self.way, "seed": self.seed, "weeks": self.weeks,
                "figures": dict(self.own.figures)}  # fmt: skip

    @property
    def name(self) -> str:
        """Name it is kept under: the digest of all that makes the answer."""
        rules = rules_of_year(self.own.problem.policy)
        made_of = json.dumps([VERSION, _OWN_VERSION, self.own.digest, rules, self.told()],
                             sort_keys=True, default=str)  # fmt: skip
        return hashlib.blake2b(made_of.encode(), digest_size=8).hexdigest()

    def live(self) -> Year:
        """Live through it."""
        town = town_of(self.own, self.weeks, self.seed)
        return live(town, self.weeks, self.told(), partial(choose, self.way))


def _stream(own: OwnWeeks, drawn: list[int]) -> Stream:
    """Put the newest week first, then the weeks that are drawn, and those seen before it."""
    problem, seen = own.problem, own.seen
    tables = dict(problem.tables)
    weeks: dict[str, Ints] = {}
    parts = {
        "citizens": (seen.citizens, seen.citizen_week),
        "openings": (seen.openings, seen.opening_week),
    }
    last = len(seen.days) - 1
    for name, (frame, number) in parts.items():
        key, others, dates = _KEYS[name]
        frames, when = [problem[name]], [np.zeros(len(problem[name]), dtype=np.int64)]
        # The week seen last is that of the newest run: it is week 0, the others lie before it.
        again = [(week, at, f"~{week}") for week, at in enumerate(drawn[1:], 1)]
        again += [(at - last - 1, at, f"~b{at}") for at in range(len(seen.days))]
        for week, at, mark in again:
            rows = frame[number == at]
            shift = pd.Timedelta(
                days=(problem.today + dt.timedelta(weeks=week) - seen.days[at]).days
            )
            changed: dict[str, Any] = {one: rows[one] + mark for one in (key, *others)}
            changed |= {one: rows[one] + shift for one in dates}
            frames.append(rows.assign(**changed))
            when.append(np.full(len(rows), week, dtype=np.int64))
        found, stand_in = _unlisted(own, name)
        frames += [found, stand_in]
        # Whose row was seen is there when the placement is over; of the others nothing is known.
        when.append(np.zeros(len(found), dtype=np.int64))
        when.append(np.full(len(stand_in), NEVER, dtype=np.int64))
        whole = pd.concat(frames, ignore_index=True).astype(frames[0].dtypes.to_dict())
        order = np.argsort(whole[key].to_numpy(object), kind="stable")
        tables[name] = whole.iloc[order].reset_index(drop=True)
        weeks[name] = np.concatenate(when)[order]
    known = problem["workplaces"]
    more = seen.workplaces[~seen.workplaces["workplace_id"].isin(known["workplace_id"])]
    # Nobody knows where a stand-in opening lies: its workplace counts beside no other.
    alone = tables["openings"]["workplace_id"]
    alone = alone[alone.str.startswith(_NOWHERE)]
    nowhere = _template(len(alone), known, more).assign(
        workplace_id=alone.to_numpy(object), employer_id=alone.to_numpy(object)
    )
    sites = pd.concat([known, more, nowhere], ignore_index=True).astype(known.dtypes.to_dict())
    tables["workplaces"] = sites.sort_values("workplace_id", kind="stable", ignore_index=True)
    tables["courses"] = _courses(problem, len(drawn))
    for name in ("running", "locks", "previous", "forbids", "events"):
        tables[name] = problem[name].iloc[:0]
    return Stream(Population(today=problem.today), tables, weeks["citizens"], weeks["openings"])


def _unlisted(own: OwnWeeks, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows for who runs, or where, that the newest tables do not list.

    A placement holds its mentor and class whether its citizen and opening are listed or not.

    Returns
    -------
    tuple of DataFrame
        Rows as they were seen when they came, and stand-ins for those never seen: known by their
        id, otherwise alike.
    """
    key = _KEYS[name][0]
    listed, running = own.problem[name], own.problem["running"][key]
    missing = sorted(set(running) - set(listed[key]))
    seen = own.seen.citizens if name == "citizens" else own.seen.openings
    rows = seen[seen[key].isin(missing)].drop_duplicates(key)
    if name == "openings":
        # An opening that is no longer listed takes nobody else.
        rows = rows.iloc[:0]
    unseen = [one for one in missing if one not in set(rows[key])]
    stand_in = _template(len(unseen), listed, seen)
    names = unseen[: len(stand_in)]
    stand_in = stand_in.assign(**{key: names})
    if name == "openings":
        stand_in = stand_in.assign(workplace_id=[f"{_NOWHERE}{one}" for one in names])
    else:
        stand_in = stand_in.assign(household_id=None)
    return rows, stand_in.astype(listed.dtypes.to_dict())


def _template(many: int, *frames: pd.DataFrame) -> pd.DataFrame:
    """Repeat the first row of the first of some tables that has any; none where all are empty."""
    frame = next((one for one in frames if len(one)), frames[0])
    return frame.iloc[[0] * (many if len(frame) else 0)].reset_index(drop=True)


def _barred(own: OwnWeeks) -> list[dict[str, Any]]:
    """Take the matches that must not be proposed; one without an end holds for two years."""
    ever = own.problem.today + 2 * _BACK
    return [
        {**{name: row[name] for name in ("citizen_id", "opening_id", "workplace_id", "reason")},
         "until": row["until"] or ever}
        for row in frame_rows(own.problem["forbids"])
    ]  # fmt: skip


def _courses(problem: Problem, weeks: int) -> pd.DataFrame:
    """Sessions of the short courses, again and again as in the newest week."""
    first = problem["courses"]
    if not len(first):
        return first
    turn = int((first["ready_on"].max() - first["ready_on"].min()).days) + 7
    parts = [
        first.assign(
            course_id=first["course_id"] + (f"~{again}" if again else ""),
            ready_on=first["ready_on"] + pd.Timedelta(days=turn * again),
        )
        for again in range(7 * (weeks + 8) // turn + 1)
    ]
    whole = pd.concat(parts, ignore_index=True).astype(first.dtypes.to_dict())
    return whole.sort_values("course_id", kind="stable", ignore_index=True)


def _held(own: OwnWeeks, town: Town) -> list[HeldPlacement]:
    """Placements that run in the newest week, whether the tables list who and where or not."""
    held: list[HeldPlacement] = []
    for row in frame_rows(own.problem["running"]):
        citizen = town.citizen_at.get(row["citizen_id"])
        opening = town.opening_at.get(row["opening_id"])
        if citizen is None or opening is None or row["measure"] not in town.policy.measures:
            continue
        sector = town.sector[town.openings["workplace_id"].iloc[opening]]
        share = town.figures.get(f"leaving.{row['measure']}", 0.0)
        town.said_yes[citizen] += 1
        leaves = weeks_until(town.luck_of(citizen, "stays"), share)
        end, ahead = row["end"], (row["start"] - own.problem.today).days
        last = NEVER if end is None else max(0, (end - own.problem.today).days // 7)
        # What was accepted and is no offer any more stands among what runs, and begins later.
        begun, since = ahead <= 0, ahead // 7
        if not begun:
            since = -(-ahead // 7)
            away = town.luck_of(citizen, "no show") < town.figures["no_show"]
            leaves, last = since if away else min(NEVER, since + leaves), max(last, since)
        minutes = round(row["mentor_hours"] * 60)
        # A mentor or class that has outlasted what is assumed is held as long again from now on.
        accepted = min(since, 0) if -since < town.figures["support_weeks"] else 0
        minutes = minutes if row["pool_id"] else 0
        # What no kept run proposed costs what is known of it: its mentor and its class.
        hours = own.hours.get((row["citizen_id"], row["opening_id"]), 0)
        cost = _cost(town.policy, row["measure"], hours, minutes, in_class=bool(row["team_id"]))
        held.append(
            HeldPlacement(
                citizen, opening, row["measure"], sector, row["team_id"], row["pool_id"],
                minutes, cost, 0,
                accepted, since, row["start"], last, leaves, begun=begun,
            )
        )  # fmt: skip
    return held
