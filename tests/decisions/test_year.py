"""Two months, a season, a year: arrivals, decisions, starts, ends; books that balance every week.

The test keeps books of its own, from what was proposed and what it decided, and counts every seat,
place, hour and person again with them; nothing is asked of the ledger but the proposals.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.decisions import carry_over, people_document, read_form, take, write_forms
from matcher.explain import explained
from matcher.ledger import Ledger
from matcher.policy import Policy, load_policy
from matcher.problem import Problem, frame_rows
from matcher.records import Happening, Running
from matcher.report import Words, run_document
from matcher.solve import solve
from matcher.verify import ensure_verified
from scenarios.population import Population, make, policy_override
from tests.volume import daily

SPEC = Population(citizens=144, openings=72, seed=11)
FIRST_CITIZENS, CITIZENS_A_WEEK = 40, 2
FIRST_OPENINGS, OPENINGS_A_WEEK = 20, 1
REASONS = tuple(load_policy(SPEC.today).forbid_reasons.codes)


@dataclass
class Place:
    """Somebody's placement, accepted or begun, in the test's own books."""

    citizen_id: str
    opening_id: str
    workplace_id: str
    measure: str
    start: dt.date
    last_day: dt.date | None = None
    team_id: str | None = None
    pool_id: str | None = None
    minutes: int = 0

    def support(self, supports: Mapping[str, Any]) -> None:
        """Note class and mentor of a proposal."""
        self.team_id = (supports["class"] or {}).get("team_id")
        self.pool_id = (supports["mentor"] or {}).get("pool_id")
        self.minutes = (supports["mentor"] or {}).get("minutes", 0)


@dataclass
class Books:
    """What was decided and what became of it."""

    accepted: dict[str, Place] = field(default_factory=dict)
    """By citizen: accepted, not begun."""
    running: dict[str, Place] = field(default_factory=dict)
    """By citizen: begun, not over."""
    barred: list[tuple[str, str, str, dt.date]] = field(default_factory=list)
    """Citizen, kind (opening or workplace), id, last day."""
    filled: list[tuple[str, dt.date]] = field(default_factory=list)
    """Opening, last day that a seat counts as filled by others."""
    counts: Counter[str] = field(default_factory=Counter)


class Municipality:
    """The world outside: who is there, what is open, what its extract shows."""

    def __init__(self, seed: int) -> None:
        self.frames = make(SPEC)
        self.rng = random.Random(seed)
        openings = self.frames["openings"].assign(start_from=pd.NaT, start_to=pd.NaT)
        self.frames["openings"] = openings.astype(self.frames["openings"].dtypes.to_dict())
        citizens = self.frames["citizens"].assign(available_from=pd.NaT)
        self.frames["citizens"] = citizens.astype(self.frames["citizens"].dtypes.to_dict())
        self.order = {
            "citizens": self.rng.sample(list(citizens["citizen_id"]), len(citizens)),
            "openings": self.rng.sample(list(openings["opening_id"]), len(openings)),
        }

    def extract(self, week: int, day: dt.date, books: Books, told: list[Happening],
                policy: Policy) -> Problem:  # fmt: skip
        """The tables of a week. Of the placements that run, the extract lists every other one."""
        there = {
            "citizens": self.order["citizens"][: FIRST_CITIZENS + CITIZENS_A_WEEK * week],
            "openings": self.order["openings"][: FIRST_OPENINGS + OPENINGS_A_WEEK * week],
        }
        frames: dict[str, pd.DataFrame] = {}
        for name, frame in self.frames.items():
            kept = frame
            for table, key in (("citizens", "citizen_id"), ("openings", "opening_id")):
                if key in frame.columns:
                    kept = kept[kept[key].isin(there[table]) | kept[key].isna()]
            frames[name] = kept.reset_index(drop=True)
        shift = pd.Timedelta(weeks=week)
        courses = frames["courses"]
        frames["courses"] = courses.assign(ready_on=courses["ready_on"] + shift)
        listed = [
            Running(
                citizen_id=one.citizen_id, opening_id=one.opening_id, measure=one.measure,
                start=one.start, end=one.last_day, team_id=one.team_id, pool_id=one.pool_id,
                mentor_hours=one.minutes / 60,
            )
            for one in books.running.values()
            if _even(one.citizen_id) and one.start < day
        ]  # fmt: skip
        own = Problem.from_records(policy, day, running=listed, events=told)
        for name in ("previous", "forbids", "locks"):
            frames[name] = own[name]
        return Problem({**frames, "running": own["running"], "events": own["events"]}, policy, day)


def _even(citizen_id: str) -> bool:
    return sum(citizen_id.encode()) % 2 == 0


# ------------------------------------------------------------------------------ the books


def turn_the_page(books: Books, day: dt.date, policy: Policy, citizens: Mapping[str, Any]) -> None:
    """A new week: what is over ends, what was accepted and has its first day begins."""
    for who, one in sorted(books.running.items()):
        if one.last_day is not None and one.last_day < day:
            del books.running[who]
            books.counts["over"] += 1
    for who, one in sorted(books.accepted.items()):
        if one.start <= day:
            assert who not in books.running
            one.last_day = allowed_until(one, policy, citizens[who])
            books.running[who] = books.accepted.pop(who)
            books.counts["begun"] += 1


def allowed_until(one: Place, policy: Policy, citizen: Mapping[str, Any]) -> dt.date | None:
    """Last day by the law's own figures."""
    measure = policy.measures[one.measure]
    weeks = {str(code): weeks for code, weeks in measure.weeks.items()}.get(citizen["category"])
    if citizen["integration_act"] and measure.weeks_integration_act is not None:
        weeks = measure.weeks_integration_act
    if weeks is None:
        return None
    used = citizen[f"{measure.weeks_used}_weeks_used"] if measure.weeks_used else 0
    return one.start + dt.timedelta(days=7 * max(1, int(weeks - used)) - 1)


def happens(books: Books, world: Municipality, monday: dt.date) -> list[Happening]:
    """Between two runs: ends, declined offers, seats filled by others; into the books at once."""
    told: list[Happening] = []
    rng = world.rng
    for who, one in sorted(books.running.items()):
        if rng.random() < 0.04 and one.start < monday - dt.timedelta(days=4):
            day = monday - dt.timedelta(days=3)
            if one.last_day is not None and one.last_day <= day:
                continue
            told.append(Happening(event="end", day=day, opening_id=one.opening_id,
                                  citizen_id=who))  # fmt: skip
            one.last_day = day
            books.counts["ended early"] += 1
    for who, one in sorted(books.accepted.items()):
        if rng.random() < 0.15 and one.start > monday - dt.timedelta(days=3):
            day = monday - dt.timedelta(days=4)
            told.append(Happening(event="declined", day=day, opening_id=one.opening_id,
                                  citizen_id=who))  # fmt: skip
            del books.accepted[who]
            books.barred.append((who, "opening", one.opening_id, day + dt.timedelta(weeks=26)))
            books.counts["declined"] += 1
    return told


def decide(
    books: Books,
    world: Municipality,
    document: Mapping[str, Any],
    path: Path,
    now: dt.datetime,
    policy: Policy,
) -> int:
    """Fill the form as caseworkers would, at random; returns how many rows were decided."""
    with path.open(encoding="cp1252", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    proposals = {one["citizen_id"]: one for one in document["proposals"]}
    decided = 0
    for row in rows[1:]:
        one = proposals[row[0]]
        if one["locked"]:
            # Class and mentor may change until the first day: the newest plan keeps them free.
            books.accepted[row[0]].support(one["supports"])
            continue
        at = world.rng.random()
        reason = world.rng.choice(REASONS)
        if at < 0.45:
            row[1] = "accept"
            books.accepted[row[0]] = Place(
                row[0], one["opening_id"], one["workplace_id"], one["measure"],
                dt.date.fromisoformat(one["start"]),
            )  # fmt: skip
            books.accepted[row[0]].support(one["supports"])
        elif at < 0.7:
            row[1:3] = ["reject", reason]
            rule = policy.forbid_reasons.codes[reason]
            until = now.date() + dt.timedelta(weeks=rule.weeks)
            kind = "workplace" if rule.bars == "workplace" else "opening"
            books.barred.append((row[0], kind, one[f"{kind}_id"], until))
            if rule.bars == "seat":
                books.filled.append((one["opening_id"], until))
        elif at < 0.8:
            row[1] = "wait"
        else:
            continue
        decided += 1
        books.counts[row[1]] += 1
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    os.utime(path, (now.timestamp(), now.timestamp()))
    return decided


def balance(books: Books, problem: Problem, document: Mapping[str, Any]) -> None:
    """Count every person, seat, place and hour again: nothing is given twice.

    ``problem`` is the extract as it came, before the ledger added anything.
    """
    proposals = document["proposals"]
    day, policy = problem.today, problem.policy
    first_day = day + dt.timedelta(days=policy.start.notice_days)
    placed = Counter(one["citizen_id"] for one in proposals)
    assert max(placed.values(), default=0) <= 1
    running = {who: one for who, one in books.running.items()
               if one.last_day is None or one.last_day >= first_day}  # fmt: skip
    assert not set(placed) & set(running)
    everybody = [*placed, *(one["citizen_id"] for one in document["unplaced"])]
    assert sorted(everybody) == sorted(problem["citizens"]["citizen_id"])
    already = {one["citizen_id"] for one in document["unplaced"]
               if one["cause"] == "already_placed"}  # fmt: skip
    held = document["people"]["carried"]["held"]
    assert set(running) <= already
    assert len(already) == len(running) + held
    # Acceptances are locked, each at its own place (or held, where a rule stops them now).
    locked = {one["citizen_id"]: one["opening_id"] for one in proposals if one["locked"]}
    due = {who: one.opening_id for who, one in books.accepted.items()}
    assert locked.items() <= due.items()
    assert set(due) - set(locked) == already - set(running)
    for who, kind, where, until in books.barred:
        if until >= day and who not in locked:
            assert not any(one["citizen_id"] == who and one[f"{kind}_id"] == where
                           for one in proposals), (who, kind, where)  # fmt: skip
    use: Counter[tuple[str, str]] = Counter()
    in_ratio = {name for name, measure in policy.measures.items() if measure.ratio_rule}
    for one in [*running.values(), *(books.accepted[who] for who in set(due) - set(locked))]:
        use["seat", one.opening_id] += 1
        use["class", one.team_id or ""] += 1
        use["mentor", one.pool_id or ""] += one.minutes
        use["ratio", one.workplace_id] += one.measure in in_ratio
    for one in proposals:
        supports = one["supports"]
        use["seat", one["opening_id"]] += 1
        use["ratio", one["workplace_id"]] += one["measure"] in in_ratio
        use["class", (supports["class"] or {}).get("team_id", "")] += 1
        mentor = supports["mentor"] or {"pool_id": "", "minutes": 0}
        use["mentor", mentor["pool_id"]] += mentor["minutes"]
    for where, until in books.filled:
        if until >= day:
            use["filled", where] += 1
    for row in frame_rows(problem["openings"]):
        where = row["opening_id"]
        # Seats filled by others are not given away, nor is anybody thrown out for them.
        most = max(row["seats"] - use["filled", where], use["seat", where] - sum(
            one["opening_id"] == where and not one["locked"] for one in proposals))  # fmt: skip
        assert use["seat", where] <= min(row["seats"], most), where
    for row in frame_rows(problem["teams"]):
        assert use["class", row["team_id"]] <= row["seats"], row["team_id"]
    for row in frame_rows(problem["mentor_pools"]):
        assert use["mentor", row["pool_id"]] <= 60 * row["hours"], row["pool_id"]
    rule = policy.ratio_rule
    for row in frame_rows(problem["workplaces"]):
        staff = row["ordinary_staff"]
        most = max(min(staff, rule.first_up_to) // rule.first_per, rule.at_least)
        most += max(staff - rule.first_up_to, 0) // rule.then_per
        used = use["ratio", row["workplace_id"]]
        assert used <= max(most - row["other_ratio_places"], 0), row["workplace_id"]


# ------------------------------------------------------------------------------ the year


def placements_known(ledger: Ledger, day: dt.date) -> set[tuple[Any, ...]]:
    """What a ledger knows of those who are placed on a day."""
    return {(one.citizen_id, one.opening_id, one.last_day, one.team_id, one.pool_id,
             one.mentor_minutes) for one in ledger.placements(day)}  # fmt: skip


@pytest.mark.parametrize(
    ("weeks", "least"),
    daily(
        1,
        [
            (9, (8, 1, 1, 0, 5, 0)),
            (17, (15, 8, 5, 0, 12, 1)),
            (52, (60, 20, 5, 2, 40, 10)),
        ],
    ),
    ids=["two months", "season", "year"],
)
def test_the_books_balance_every_week(
    weeks: int, least: tuple[int, ...], server_store: str, tmp_path: Path
) -> None:
    """On either store; at the end everybody who was accepted has begun, said no, or waits.

    The two ledgers are kept side by side and carry the same week over every Monday, so each week
    is solved once.
    """
    world, books = Municipality(seed=2026), Books()
    base = policy_override(SPEC)
    with (
        Ledger.open(tmp_path / "store" / "ledger.sqlite") as in_file,
        Ledger.open(server_store) as on_server,
    ):
        ledgers = (in_file, on_server)
        for week in range(weeks):
            day = SPEC.today + dt.timedelta(weeks=week)
            policy = load_policy(day, base)
            told = happens(books, world, day) if week else []
            citizens = {row["citizen_id"]: row for row in frame_rows(world.frames["citizens"])}
            turn_the_page(books, day, policy, citizens)
            problem = world.extract(week, day, books, told, policy)
            carried, same = (carry_over(problem, ledger) for ledger in ledgers)
            assert carried.problem.digest() == same.problem.digest()
            assert carried.counts == same.counts
            assert carried.seats_given == same.seats_given
            solution = solve(carried.problem)
            assert solution.plan.proven
            people: dict[str, Any] = {"carried": carried.counts}
            if week % 4 == 0:
                ensure_verified(carried.problem, solution.plan)
                people, second = (people_document(solution, carried, one) for one in ledgers)
                assert people == second
            plan = explained(solution)
            document = run_document(carried.problem, plan, people=people)
            balance(books, problem, document)
            mine = {(one.citizen_id, one.opening_id, one.last_day, one.team_id, one.pool_id,
                     one.minutes) for one in books.running.values()}  # fmt: skip
            for ledger in ledgers:
                assert placements_known(ledger, day) == mine
            names = {
                ledger.record_run(
                    plan, carried.problem, address="a year", seats_given=carried.seats_given
                ).run.run_id
                for ledger in ledgers
            }
            (run_id,) = names
            now = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(9), dt.UTC)
            (form,) = write_forms(document, run_id, tmp_path, policy, Words("en"), form="csv")
            decided = decide(books, world, document, form.path, now, policy)
            for ledger in ledgers:
                taken = take(read_form(form.path), ledger, policy, now=now)
                assert not taken.bad, [bad.sentence(Words("en")) for bad in taken.bad]
                assert taken.new == decided
                if week % 4 == 0:
                    again = take(read_form(form.path), ledger, policy, now=now)
                    assert (again.new, len(again.bad)) == (0, 0)
        counts = books.counts
        assert counts["accept"] == (counts["begun"] + counts["declined"] + len(books.accepted))
        assert counts["begun"] == counts["over"] + len(books.running)
        # A time in which something happened.
        happened = ("begun", "over", "ended early", "declined", "reject", "wait")
        assert all(counts[name] >= most for name, most in zip(happened, least, strict=True)), counts
        assert [len(ledger.runs()) for ledger in ledgers] == [weeks, weeks]
