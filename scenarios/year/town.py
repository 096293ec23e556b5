"""A municipality from week to week: who waits, what is open, what runs, what is barred.

It shows itself as the tables of a week, as an extract and the ledger would give them, and takes the
decisions on a plan; what happens then is drawn from numbers that belong to the person, one for the
answer to each proposal they get, one for how long each of their placements lasts, and so on. They
belong neither to the job nor to the order of events, so that two ways to plan live through the same
year as nearly as can be (common random numbers, each used for the same end in both).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.horizon import Ahead, SeenArrivals, Stay, ahead_of
from matcher.plan import Placement, Plan
from matcher.policy import Policy
from matcher.problem import Problem, as_frame
from matcher.records import TABLES
from matcher.row_kinds import BUDGET
from scenarios.population.stream import Stream
from scenarios.year.luck import NEVER, Chance, weeks_until

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

FOLLOWED = 26
"""Weeks from its first day in which a placement's weeks at work are counted, wherever in the year
it begins."""


@dataclass
class HeldPlacement:
    """A placement that was accepted, until it is over."""

    citizen: int
    opening: int
    measure: str
    sector: str
    team: str | None
    pool: str | None
    minutes: int
    cost: dict[str, int]
    """DKK a week by line for as long as it lasts."""
    fit: int
    accepted: int
    """Week."""
    begins: int
    """Week that it counts from at work: its first day is then or in the week before."""
    start: dt.date
    last_week: int
    """Last week its measure allows."""
    leaves: int
    """Week in which it ends before its time, if it lasts that long."""
    begun: bool = False


@dataclass
class WeekCounts:
    """What happened in a week, counts."""

    number: int
    waiting: int = 0
    open_seats: int = 0
    offers: int = 0
    proposals: int = 0
    accepted: int = 0
    rejected: int = 0
    undecided: int = 0
    started: int = 0
    fell_away: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    """``left`` early, ``over`` when its time was up, ``work`` of those that led to work."""
    running: int = 0
    """Promised or at work."""
    at_work: int = 0
    fit: int = 0
    """Points of those who started."""
    followed: int = 0
    """Weeks at work of those who started, in ``FOLLOWED`` weeks from their first day, the year's
    end or not; as drawn when they begin, an employer that closes later is not in it."""
    by_measure: Counter[str] = field(default_factory=Counter)
    """Starts."""
    longest_wait: int = 0
    """Weeks, of those who could have been proposed something and wait."""
    priced: int = 0
    """Rows with a price."""
    priced_kinds: Counter[str] = field(default_factory=Counter)
    """Rows with a price, by kind."""
    price: int = 0
    """Points of fit given up for what is held, against the plan without prices; 0 if not asked."""
    used: dict[str, float] = field(default_factory=dict)
    """Share of each kind of held row in use once the week's plan is made."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        plain = dict(vars(self))
        return {name: dict(value) if isinstance(value, Counter) else value
                for name, value in plain.items()}  # fmt: skip


@dataclass(frozen=True)
class Closing:
    """An employer that closes: its openings go, its placements end."""

    week: int
    """The employer with most seats open or filled then."""


class Town:
    """A municipality that lives through a stream.

    Parameters
    ----------
    stream
        Who and what comes.
    policy
        Rules of all weeks; its budgets are what there is in all.
    figures
        What the year assumes, see :func:`scenarios.year.assumed`.
    seed
        Of what happens.
    closing
        An employer that closes.
    """

    def __init__(
        self,
        stream: Stream,
        policy: Policy,
        figures: Mapping[str, Any],
        seed: int,
        closing: Closing | None = None,
    ) -> None:
        self.stream, self.policy, self.figures = stream, policy, figures
        self.chance, self.closing = Chance(seed), closing
        tables = stream.tables
        self.citizens, self.openings = tables["citizens"], tables["openings"]
        self.citizen_at = {key: at for at, key in enumerate(self.citizens["citizen_id"])}
        self.opening_at = {key: at for at, key in enumerate(self.openings["opening_id"])}
        sites = tables["workplaces"]
        names = sites["workplace_id"].tolist()
        self.sector = dict(zip(names, sites["sector"].astype(str).tolist(), strict=True))
        self.employer = dict(zip(names, sites["employer_id"].tolist(), strict=True))
        self._seats: list[int] = self.openings["seats"].tolist()
        self.held: list[HeldPlacement] = []
        self.gone = np.zeros(len(self.citizens), dtype=np.bool_)
        """Citizens who have left for good."""
        self.closed = np.zeros(len(self.openings), dtype=np.bool_)
        self.course_seats = tables["courses"]["seats"].to_numpy(np.int64).copy()
        self.barred: list[dict[str, Any]] = []
        self.undecided: list[dict[str, Any]] = []
        self.weeks_used = {
            kind: self.citizens[f"{kind}_weeks_used"].to_numpy(np.float64).copy()
            for kind in ("practice", "subsidy", "nytteindsats")
        }
        self.waits_since = np.where(
            stream.citizen_week > 0,
            stream.citizen_week,
            -self.citizens["weeks_waiting"].to_numpy(np.int64),
        )
        self.asked = np.zeros(len(self.citizens), dtype=np.int64)
        """Proposals that each citizen was asked about."""
        self.said_yes = np.zeros(len(self.citizens), dtype=np.int64)
        """Placements that each citizen accepted."""
        self.leaves_at = self._leaving()
        self.filled_at = self._filled()
        self.stays: dict[tuple[str, str], Stay] = {}
        self.paid: Counter[str] = Counter()
        """DKK of the year that is paid, by line; nothing again when a new year begins."""
        self.began: Counter[str] = Counter()
        """Placements that began in the year, by measure; likewise."""
        self.number = -1
        self.books: list[WeekCounts] = []

    def _leaving(self) -> Ints:
        """Week in which each citizen leaves without a placement, drawn once."""
        share = self.figures["leaves_waiting"]
        after = [weeks_until(self.chance("leaves", key), share) for key in self.citizen_at]
        return np.maximum(self.stream.citizen_week, 0) + np.array(after, dtype=np.int64)

    def _filled(self) -> Ints:
        """Week in which others fill what is free of each opening."""
        share = self.figures["filled_elsewhere"]
        after = [weeks_until(self.chance("filled", key), share) for key in self.opening_at]
        return np.maximum(self.stream.opening_week, 0) + np.array(after, dtype=np.int64)

    def luck_of(self, citizen: int, what: str) -> float:
        """Draw what happens to somebody in, or after, the last placement that they accepted."""
        key = str(self.citizens["citizen_id"].iloc[citizen])
        return self.chance(what, key, str(self.said_yes[citizen]))

    # -------------------------------------------------------------------- a week begins

    @property
    def day(self) -> dt.date:
        """Day of the week's run."""
        return self.stream.spec.today + dt.timedelta(weeks=self.number)

    @property
    def book(self) -> WeekCounts:
        """Counts of the week."""
        return self.books[-1]

    def turn(self) -> None:
        """Go on to the next week: what is over ends, what is due begins, who is due leaves."""
        self.number += 1
        self.books.append(WeekCounts(self.number))
        if self.closing is not None and self.number == self.closing.week:
            self._close_employer()
        kept: list[HeldPlacement] = []
        begin, year_end = list[str](), self.policy.money.year_end
        for one in self.held:
            if self._over(one):
                continue
            if not one.begun and one.start <= self.day:
                one.begun = True
                self.book.started += 1
                self.book.fit += one.fit
                over = min(one.leaves, one.last_week + 1, self.number + FOLLOWED)
                self.book.followed += over - self.number
                self.book.by_measure[one.measure] += 1
                if year_end(one.start) == year_end(self.day):
                    begin.append(one.measure)
            self._lived(one, ended=False)
            kept.append(one)
        self.held = kept
        self._pay(begin)
        placed = self._placed()
        there = (self.stream.citizen_week >= 0) & (self.stream.citizen_week <= self.number)
        self.gone |= there & ~placed & (self.leaves_at <= self.number)
        self.barred = [row for row in self.barred if row["until"] >= self.day]

    def _over(self, one: HeldPlacement) -> bool:
        """End a placement whose time has come; whether it is over."""
        early = one.leaves <= self.number
        if not early and one.last_week >= self.number:
            return False
        if not one.begun:
            self.book.fell_away += 1
        elif early:
            self.book.ended["left"] += 1
            self._lived(one, ended=True)
        else:
            work = self.luck_of(one.citizen, "work") < self.figures["to_work"]
            self.book.ended["work" if work else "over"] += 1
            self.gone[one.citizen] |= work
        if one.begun and (kind := self.policy.measures[one.measure].weeks_used):
            self.weeks_used[kind][one.citizen] += self.number - one.begins
        self.waits_since[one.citizen] = self.number
        # Who comes back may leave again; when, is drawn anew.
        after = weeks_until(self.luck_of(one.citizen, "leaves"), self.figures["leaves_waiting"])
        self.leaves_at[one.citizen] = self.number + after
        return True

    def _lived(self, one: HeldPlacement, *, ended: bool) -> None:
        """Count a week of a placement for what is known of how long they last."""
        if one.begun:
            seen = self.stays.get((one.measure, one.sector), Stay(0, 0))
            self.stays[one.measure, one.sector] = Stay(seen.weeks + 1, seen.ended + ended)

    @property
    def year_quotas(self) -> Mapping[str, int]:
        """Placements that may begin in the year that the week is in, by measure, likewise."""
        money = self.policy.money
        return money.year_quotas if self._first_year else money.new_year_quotas

    @property
    def year_budgets(self) -> Mapping[str, int]:
        """DKK of the year that the week is in, by line: what was left of the first, or a new one's.

        What is left of the first year says nothing of the next: that has the policy's own figures.
        """
        money = self.policy.money
        return money.year_budgets if self._first_year else money.new_year_budgets

    @property
    def _first_year(self) -> bool:
        ends = self.policy.money.year_end
        return ends(self.day) == ends(self.stream.spec.today)

    def _pay(self, begin: Sequence[str]) -> None:
        """Pay a week of what is held from the year's budgets, and count who begins in the year."""
        ends, before = self.policy.money.year_end, self.day - dt.timedelta(weeks=1)
        if ends(before) != ends(self.day):
            self.paid.clear()
            self.began.clear()
        self.began.update(begin)
        if not self.year_budgets:
            return
        for one in self.held:
            self.paid.update(self._cost(one))

    def _year_left(self) -> dict[str, int]:
        """DKK of the year's budgets that is neither paid nor promised, by line."""
        money, promised = self.policy.money, Counter(self.paid)
        if not self.year_budgets:
            return {}
        weeks = (money.year_end(self.day) - self.day).days // 7
        for one in self.held:
            more = max(0, min(one.last_week - self.number, weeks))
            promised.update({line: cost * more for line, cost in self._cost(one).items()})
        return {line: max(0, amount - promised[line]) for line, amount in self.year_budgets.items()}

    def _quotas_left(self) -> dict[str, int]:
        """Placements of the year's quotas that neither have begun nor are promised, by measure."""
        end = self.policy.money.year_end
        taken = Counter(self.began)
        taken.update(one.measure for one in self.held
                     if not one.begun and end(one.start) == end(self.day))  # fmt: skip
        return {name: max(0, most - taken[name]) for name, most in self.year_quotas.items()}

    def _close_employer(self) -> None:
        """Close the employer with most seats open or filled."""
        seats: Counter[str] = Counter()
        shown = self._shown()
        site = self.openings["workplace_id"].to_numpy(object)
        for at in np.flatnonzero(shown).tolist():
            seats[self.employer[site[at]]] += self._seats[at]
        if not seats:
            return
        largest = max(seats, key=lambda name: (seats[name], name))
        mine = np.array([self.employer[one] == largest for one in site], dtype=np.bool_)
        self.closed |= mine
        for one in self.held:
            if mine[one.opening]:
                one.leaves = self.number

    def _placed(self) -> Bools:
        placed = np.zeros(len(self.citizens), dtype=np.bool_)
        placed[[one.citizen for one in self.held]] = True
        return placed

    def _shown(self) -> Bools:
        """Say which openings are listed and still to be filled."""
        come = (self.stream.opening_week >= 0) & (self.stream.opening_week <= self.number)
        last = self.openings["start_to"].to_numpy("datetime64[D]")
        past = ~np.isnat(last) & (last < np.datetime64(self.day, "D"))
        return np.asarray(come & ~past & ~self.closed & (self.filled_at > self.number), np.bool_)

    # -------------------------------------------------------------------- what a week shows

    def waiting(self) -> Bools:
        """Citizens who are there and in no placement."""
        come = (self.stream.citizen_week >= 0) & (self.stream.citizen_week <= self.number)
        return np.asarray(come & ~self.gone & ~self._placed(), dtype=np.bool_)

    def problem(self) -> Problem:
        """Show the week as tables, with what is left of the money."""
        waiting, shown = self.waiting(), self._shown()
        # Those at work count where their household must see to a child.
        home = self.citizens["household_id"]
        placed = self._placed() & home.isin(home[waiting].dropna()).to_numpy(np.bool_)
        citizens = self.citizens[waiting | placed].reset_index(drop=True)
        rows = np.flatnonzero(waiting | placed)
        citizens = citizens.assign(
            weeks_waiting=np.maximum(self.number - self.waits_since[rows], 0),
            **{f"{kind}_weeks_used": used[rows] for kind, used in self.weeks_used.items()},
        ).astype(self.citizens.dtypes.to_dict())
        taken = np.bincount([one.opening for one in self.held], minlength=len(self.openings))
        listed = shown | (taken > 0)
        openings = self.openings[listed].reset_index(drop=True)
        seats = self.openings["seats"].to_numpy(np.int64)
        # Nobody else comes to an opening that is no longer listed.
        openings = openings.assign(seats=np.where(shown, seats, taken)[listed])
        sites = self.stream.tables["workplaces"]
        teams, pools = self.stream.tables["teams"], self.stream.tables["mentor_pools"]
        used = set(openings["workplace_id"]) | set(teams["workplace_id"].dropna())
        used |= set(pools["workplace_id"].dropna())
        courses = self.stream.tables["courses"].assign(seats=self.course_seats)
        soon = (courses["ready_on"] > pd.Timestamp(self.day)) & (
            courses["ready_on"] <= pd.Timestamp(self.day + dt.timedelta(weeks=8))
        )
        tables = {
            **self.stream.tables,
            "citizens": citizens,
            "openings": openings,
            "workplaces": sites[sites["workplace_id"].isin(used)].reset_index(drop=True),
            "courses": courses[soon].reset_index(drop=True),
            "running": self._running(),
            "forbids": self._forbids(),
            "previous": self._previous(set(citizens["citizen_id"]), set(openings["opening_id"])),
        }
        self.book.waiting = int(waiting.sum())
        self.book.open_seats = int((seats - taken)[shown].clip(0).sum())
        return Problem(tables, self._policy(), self.day)

    def _policy(self) -> Policy:
        """Return the policy with what running placements leave of each budget line."""
        spent: Counter[str] = Counter()
        for one in self.held:
            spent.update(self._cost(one))
        money = self.policy.money
        left = {line: max(0, amount - spent[line]) for line, amount in money.budgets.items()}
        year = {"year_budgets": self._year_left(), "year_quotas": self._quotas_left()}
        money = money.model_copy(update={"budgets": left, **year})
        return self.policy.model_copy(update={"on": self.day, "money": money})

    def _cost(self, one: HeldPlacement) -> dict[str, int]:
        """DKK a week that a placement costs now."""
        if self._supported(one):
            return one.cost
        lines = {self.policy.money.lines.get(name) for name in ("mentor", "class")}
        return {line: cost for line, cost in one.cost.items() if line not in lines}

    def _supported(self, one: HeldPlacement) -> bool:
        """Whether mentor and class are still held."""
        return bool(self.number - one.accepted < self.figures["support_weeks"])

    def _running(self) -> pd.DataFrame:
        rows = sorted(self.held, key=lambda one: (one.citizen, one.opening))
        supported = [self._supported(one) for one in rows]
        ends = [self._last_day(one) for one in rows]
        return as_frame(
            TABLES["running"],
            {
                "citizen_id": [self.citizens["citizen_id"].iloc[one.citizen] for one in rows],
                "opening_id": [self.openings["opening_id"].iloc[one.opening] for one in rows],
                "measure": [one.measure for one in rows],
                "start": [one.start for one in rows],
                "end": ends,
                "team_id": [one.team if on else None
                            for one, on in zip(rows, supported, strict=True)],
                "pool_id": [one.pool if on else None
                            for one, on in zip(rows, supported, strict=True)],
                "mentor_hours": [one.minutes / 60 if on and one.pool else 0.0
                                 for one, on in zip(rows, supported, strict=True)],
            },
        )  # fmt: skip

    def _last_day(self, one: HeldPlacement) -> dt.date | None:
        if one.last_week >= NEVER:
            return None
        return self.stream.spec.today + dt.timedelta(weeks=one.last_week, days=6)

    def _forbids(self) -> pd.DataFrame:
        if not self.barred:
            return self.stream.tables["forbids"]
        names = ("citizen_id", "opening_id", "workplace_id", "reason", "until")
        return as_frame(
            TABLES["forbids"], {name: [row[name] for row in self.barred] for name in names}
        )

    def _previous(self, citizens: set[str], openings: set[str]) -> pd.DataFrame:
        rows = [row for row in self.undecided
                if row["citizen_id"] in citizens and row["opening_id"] in openings]  # fmt: skip
        if not rows:
            return self.stream.tables["previous"]
        names = ("citizen_id", "opening_id", "measure")
        return as_frame(TABLES["previous"], {name: [row[name] for row in rows] for name in names})

    # -------------------------------------------------------------------- what is known ahead

    def seen(self) -> SeenArrivals:
        """Arrivals of the last weeks, oldest first; the first week's stock did not arrive."""
        first = self.number - int(self.figures["seen_weeks"]) + 1
        weeks = [week for week in range(first, self.number + 1) if week != 0]
        place = {week: at for at, week in enumerate(weeks)}

        def part(frame: pd.DataFrame, week: Ints) -> tuple[pd.DataFrame, Ints]:
            some = np.isin(week, weeks)
            numbers = np.array([place[one] for one in week[some].tolist()], dtype=np.int64)
            return frame[some], numbers

        return SeenArrivals(
            tuple(self.stream.spec.today + dt.timedelta(weeks=week) for week in weeks),
            *part(self.citizens, self.stream.citizen_week),
            *part(self.openings, self.stream.opening_week),
            self.stream.tables["workplaces"],
        )

    def answers(self) -> tuple[int, int]:
        """Count the proposals that were accepted, and those that were accepted or rejected."""
        accepted = sum(one.accepted for one in self.books)
        return accepted, accepted + sum(one.rejected for one in self.books)

    def ahead(self, problem: Problem, survival: Mapping[str, Any], weeks: int) -> Ahead:
        """Say what is left in the weeks ahead; supports end when their time is over."""
        found = ahead_of(problem, survival, weeks)
        budgets = {}
        shares = {
            key: np.append(1.0, np.array(curve, dtype=np.float64) / 1000)
            for measure, sectors in survival.items()
            for key, curve in (((measure, sector), curve) for sector, curve in sectors.items())
        }
        for line, amount in self.policy.money.budgets.items():
            spent = np.zeros(weeks)
            for one in self.held:
                if cost := self._cost(one).get(line, 0):
                    curve = shares.get((one.measure, one.sector), np.ones(weeks + 1))[1 : weeks + 1]
                    lasts = np.arange(1, weeks + 1) + self.number <= one.last_week
                    spent += cost * curve * lasts
            budgets[BUDGET.row(line)] = np.maximum(amount - spent, 0.0)
        return Ahead({**found.left, **budgets})

    # -------------------------------------------------------------------- what is decided

    def decide(self, plan: Plan, lasting: Sequence[Mapping[str, int]]) -> None:
        """Take the decisions on a plan.

        Parameters
        ----------
        lasting
            Cost of each placement in each week it lasts, DKK by line.
        """
        self.undecided = []
        book = self.book
        book.proposals = len(plan.placements)
        for one, cost in zip(plan.placements, lasting, strict=True):
            citizen = self.citizen_at[one.citizen_id]
            self.asked[citizen] += 1
            uniform = self.chance("decision", one.citizen_id, str(self.asked[citizen]))
            if uniform < self.figures["accepted"]:
                book.accepted += 1
                self.accept(one, dict(cost))
            elif uniform < self.figures["accepted"] + self.figures["undecided"]:
                book.undecided += 1
                self.undecided.append({
                    "citizen_id": one.citizen_id, "opening_id": one.opening_id,
                    "measure": one.measure,
                })  # fmt: skip
            else:
                book.rejected += 1
                self._reject(one)
        book.running = len(self.held)
        book.at_work = sum(one.begun for one in self.held)

    def accept(self, one: Placement, cost: dict[str, int]) -> None:
        """Promise somebody a placement, which costs so much a week, DKK by line."""
        citizen, opening = self.citizen_at[one.citizen_id], self.opening_at[one.opening_id]
        self.said_yes[citizen] += 1
        sector = self.sector[self.openings["workplace_id"].iloc[opening]]
        share = self.figures.get(f"leaving.{one.measure}", 0.0)
        stays = weeks_until(self.luck_of(citizen, "stays"), share)
        away = self.luck_of(citizen, "no show") < self.figures["no_show"]
        begins = self.number + max(1, -(-(one.start - self.day).days // 7))
        for course in one.course_ids:
            at = int(np.flatnonzero(self.stream.tables["courses"]["course_id"] == course)[0])
            self.course_seats[at] -= 1
            if (line := self.policy.money.lines.get("course")) in self.year_budgets:
                self.paid[str(line)] += int(self.stream.tables["courses"]["cost"].iloc[at])
        self.held.append(
            HeldPlacement(
                citizen, opening, one.measure, sector, one.team_id, one.pool_id,
                one.mentor_minutes, cost, one.fit, self.number, begins, one.start,
                self._last_week(citizen, one.measure, begins),
                begins if away else min(NEVER, begins + stays),
            )
        )  # fmt: skip

    def _last_week(self, citizen: int, measure: str, begins: int) -> int:
        """Last week that the measure allows the citizen, counted from the first."""
        rule, row = self.policy.measures[measure], self.citizens.iloc[citizen]
        weeks = {str(code): most for code, most in rule.weeks.items()}.get(str(row["category"]))
        if bool(row["integration_act"]) and rule.weeks_integration_act is not None:
            weeks = rule.weeks_integration_act
        if weeks is None:
            return NEVER
        used = self.weeks_used[rule.weeks_used][citizen] if rule.weeks_used else 0.0
        return begins + max(1, int(weeks - used)) - 1

    def _reject(self, one: Placement) -> None:
        asked = self.asked[self.citizen_at[one.citizen_id]]
        uniform = self.chance("reason", one.citizen_id, str(asked))
        code = "other"
        for name, share in self.figures["reasons"].items():
            if uniform < share:
                code = name
                break
            uniform -= share
        rule = self.policy.forbid_reasons.codes[code]
        site = self.openings["workplace_id"].iloc[self.opening_at[one.opening_id]]
        whole = rule.bars == "workplace"
        self.barred.append({
            "citizen_id": one.citizen_id,
            "opening_id": None if whole else one.opening_id,
            "workplace_id": site if whole else None,
            "reason": code,
            "until": self.day + dt.timedelta(weeks=rule.weeks),
        })  # fmt: skip
