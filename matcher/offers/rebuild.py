"""Offers of a problem that differs little from one whose offers are known.

What an offer is depends on its citizen, its opening, the supports that fit both, and the policy.
So where citizen and opening are as they were, and no support that came, went or ran out could
matter to the pair, its offers are taken over; the rest is weighed again. The book is equal to the
one :func:`matcher.offers.build_offers` makes, offer by offer and count by count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.columns import Cells, Columns, lacking, positions
from matcher.offers.build import OfferBook, Offers, Tally, build_offers, empty_tally, weigh
from matcher.offers.encoded_week import EncodedWeek, ordinals, sides_like, sides_of
from matcher.offers.measures import opening_rules
from matcher.offers.supports import class_book
from matcher.policy import Policy, once_each
from matcher.problem import Problem
from matcher.records import PAPERS
from matcher.row_kinds import MENTOR_HOURS, TEAM_SEATS, WORKPLACE_RATIO
from matcher.rules import RULES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_WEIGHED_LATER = {"name", "version", "on", "overrides", "ratio_rule", "tiers", "money",
                  "group_floors", "programme", "checks", "forbid_reasons",
                  "unknown", "declared"}  # fmt: skip
"""Parts of the policy that no offer depends on; the ratio rule acts through places left, what is
not known or not recorded through the cells of the tables."""
_NOT_WEIGHED = {"cost_per_hour", "budget", "english", "danish", "source", "valid_from", "valid_to",
                "english_full", "danish_full", "english_part", "danish_part", "also",
                "pay", "source_danish", "read_as", "confidence", "review_by", "law_english",
                "law_danish", "weeks_after_assessment", "talk_over_weeks", "support_most_percent",
                "new_function_at_last_employer", "binds", "duty",
                "homework_and_search_most"}  # fmt: skip
"""Keys of a section that no offer depends on."""
_HELD_AGAINST = {"ratio_rule", "classes_per_offer"}
"""Keys that are held against each other where the pairs are found that they matter to."""
_CITIZEN_APART = {"weeks_waiting", "caseworker_id", "stay_requirement_met", "work_requirement_met"}
_OPENING_APART = {"seats", "title", "unknown"}
_WORKPLACE = ("sector", "postcode", "employer_id")
_MOST_AGAIN = 0.5
"""Share of all pairs above which everything is weighed again: it is counted twice to be kept."""


_MOST_LISTED = 20_000_000
"""Most pairs of learners and openings that are looked through one by one."""


@dataclass(frozen=True, eq=False)
class _Touched:
    """Citizens and openings whose pairs must be weighed again, on one side of the change."""

    citizens: Bools
    openings: Bools
    learners: Bools
    """Citizens of whose pairs only those matter that need a class: where Danish is missing."""

    @property
    def parts(self) -> list[tuple[Ints, Ints]]:
        """All openings for the citizens, the openings alone for everybody else."""
        return [
            (np.flatnonzero(self.citizens), np.arange(len(self.openings))),
            (np.flatnonzero(~self.citizens), np.flatnonzero(self.openings)),
        ]

    @property
    def nothing(self) -> bool:
        """Whether no pair is touched."""
        return not (self.citizens.any() or self.openings.any() or self.learners.any())

    @property
    def share(self) -> float:
        """Share of all pairs, learners aside."""
        citizens, openings = self.citizens.mean(), self.openings.mean()
        return float(citizens + (1 - citizens) * openings)

    def holds(self, offers: Offers) -> Bools:
        """Whether the pair of each offer is touched: who needs a class has one in every offer."""
        return np.asarray(
            self.citizens[offers.citizen]
            | self.openings[offers.opening]
            | (self.learners[offers.citizen] & (offers.team >= 0))
        )

    def pairs_of_learners(self, encoded: EncodedWeek) -> tuple[Ints, Ints]:
        """Pairs in reach of which a class matters and that are in no part: citizens, openings."""
        c, o = encoded.citizens, encoded.openings
        i = np.flatnonzero(self.learners & ~self.citizens)
        j = np.flatnonzero(~self.openings)
        who, where = i[:, None], j[None, :]
        oral, reading = c.oral[who] - o.oral_floor[where], c.reading[who] - o.reading_floor[where]
        least = np.minimum(oral, reading)
        closable = (least < 0) & (least >= -o.allowed_gap[where])
        rows, columns = np.nonzero(closable)
        citizen, opening = i[rows], j[columns]
        way = encoded.ways.minutes[c.traveller[citizen], c.home[citizen], o.place[opening]]
        near = way <= c.most_commute[citizen]
        return citizen[near], opening[near]


def rebuild_offers(
    problem: Problem, known: OfferBook, progress: Callable[[int, int], None] | None = None
) -> OfferBook:
    """Make every offer of a problem, taking over what a similar problem's book holds.

    Parameters
    ----------
    problem
        The week.
    known
        The book of a similar week; never modified.
    progress
        Called with (citizens done, citizens to do) after each block.
    """
    if not _comparable(problem, known.problem):
        return _above_floor(problem, known) or build_offers(problem, progress)
    encoded = sides_like(problem, known.encoded) or sides_of(problem)
    before, after = _touched(known.encoded, encoded)
    if not len(after.citizens) or not len(after.openings) or after.share > _MOST_AGAIN:
        return build_offers(problem, progress, encoded=encoded)
    maps = _Maps.of(known.encoded, encoded)
    kept = _kept(known.offers, maps, before)
    if before.nothing and after.nothing:
        return OfferBook(encoded, kept, known.tally)
    listed = after.pairs_of_learners(encoded) if after.learners.any() else None
    fresh, counted = weigh(encoded, after.parts, progress, listed)
    marks = (one.tobytes() for one in (before.citizens, before.openings, before.learners))
    discounted = _discounted(known.encoded, *marks)
    tally = _moved(known.tally, discounted, counted, maps, before)
    return OfferBook(encoded, _merged(kept, fresh), tally)


@lru_cache(maxsize=2)
def _discounted(encoded: EncodedWeek, *marks: bytes) -> Tally:
    """Count what is killed among the pairs that a change touches, as the week was before.

    Remembered for the last marks: whoever moves a lever touches the same pairs again.
    """
    touched = _Touched(*(np.frombuffer(one, dtype=np.bool_) for one in marks))
    if touched.nothing:
        return empty_tally(len(touched.citizens), len(touched.openings))
    listed = touched.pairs_of_learners(encoded) if touched.learners.any() else None
    return weigh(encoded, touched.parts, pairs=listed)[1]


def _above_floor(problem: Problem, known: OfferBook) -> OfferBook | None:
    """Offers of a week in which the floor of fit is higher, and nothing else is another one.

    Every pair that loses its last offer is one more that the floor kills, and nothing else does:
    a finished offer breaks no other rule. None: something else has changed.
    """
    floor, before = problem.policy.fit.floor, known.problem
    lower = problem.policy.fit.model_copy(update={"floor": before.policy.fit.floor})
    same = (
        floor >= lower.floor
        and problem.today == before.today
        and all(frame is before[name] for name, frame in problem.tables.items())
        and problem.policy.ratio_rule == before.policy.ratio_rule
        and _ratio_flags(problem.policy) == _ratio_flags(before.policy)
        and problem.policy.language == before.policy.language
        and _rules(problem.policy.model_copy(update={"fit": lower})) == _rules(before.policy)
    )
    if not same:
        return None
    offers, tally = known.offers, known.tally
    keep = offers.fit >= floor
    width = len(tally.opening_feasible)
    pair = offers.citizen.astype(np.int64) * width + offers.opening
    citizen, opening = np.divmod(np.setdiff1d(pair, pair[keep]), max(1, width))
    lost = np.bincount(citizen, minlength=len(tally.feasible))
    lost_there = np.bincount(opening, minlength=width)
    at = np.arange(len(tally.rules)) == tally.at("fit_floor")
    return OfferBook(
        replace(known.encoded, problem=problem),
        Offers(**{field.name: getattr(offers, field.name)[keep] for field in fields(Offers)}),
        replace(
            tally,
            feasible=tally.feasible - lost,
            killed=(tally.killed + lost[:, None] * at).astype(np.int32),
            sole=(tally.sole + lost[:, None] * at).astype(np.int32),
            opening_feasible=tally.opening_feasible - lost_there,
            opening_killed=(tally.opening_killed + lost_there[:, None] * at).astype(np.int32),
        ),
    )


def _comparable(problem: Problem, known: Problem) -> bool:
    """Whether date, map and the rules that make offers are the same."""
    return (
        problem.today == known.today
        and problem["places"].equals(known["places"])
        and problem["travel_times"].equals(known["travel_times"])
        and _rules(problem.policy) == _rules(known.policy)
    )


@once_each
def _rules(policy: Policy) -> dict[str, Any]:
    """Return what of a policy makes offers what they are."""
    content = policy.model_dump(mode="json", exclude=_WEIGHED_LATER)
    measures = content.pop("measures")
    sections = {**content, **{f"measures.{name}": one for name, one in measures.items()}}
    return {
        name: {key: value for key, value in section.items()
               if key not in _NOT_WEIGHED and key not in _HELD_AGAINST}
        for name, section in sections.items()
        if section is not None
    }  # fmt: skip


def _ratio_flags(policy: Policy) -> list[tuple[str, bool]]:
    """Return which measures take places under the ratio rule."""
    return sorted((name, measure.ratio_rule) for name, measure in policy.measures.items())


@dataclass(frozen=True, eq=False)
class _Maps:
    """Where rows of the known tables stand now; -1 where they are gone. The last entry is -1."""

    citizen: Ints
    opening: Ints
    team: Ints
    pool: Ints
    course: Ints

    @classmethod
    def of(cls, old: EncodedWeek, new: EncodedWeek) -> _Maps:
        """Match rows by id."""

        def moved(table: str, key: str) -> Ints:
            return np.append(_moved_rows(old.problem[table], new.problem[table], key), -1)

        return cls(
            moved("citizens", "citizen_id"),
            moved("openings", "opening_id"),
            moved("teams", "team_id"),
            moved("mentor_pools", "pool_id"),
            moved("courses", "course_id"),
        )


def _moved_rows(old: pd.DataFrame, new: pd.DataFrame, key: str) -> Ints:
    """Row of each known row in the new table, -1 where it is gone."""
    return np.arange(len(old)) if old is new else positions(old[key], new[key])


def _kept(offers: Offers, maps: _Maps, before: _Touched) -> Offers:
    """Offers of pairs that are not touched, at their new positions."""
    whole = before.nothing
    at: Any = slice(None) if whole else ~before.holds(offers)
    moved = {name: where for name, where in (
        ("citizen", maps.citizen),
        ("opening", maps.opening),
        ("team", maps.team),
        ("pool", maps.pool),
        ("courses", maps.course),
    ) if not np.array_equal(where[:-1], np.arange(len(where) - 1))}  # fmt: skip
    if whole and not moved:
        return offers
    columns = {field.name: getattr(offers, field.name)[at] for field in fields(Offers)}
    for name, where in moved.items():
        columns[name] = where[columns[name]].astype(columns[name].dtype)
    return Offers(**columns)


def _merged(kept: Offers, fresh: Offers) -> Offers:
    joined = {
        field.name: np.concatenate([getattr(kept, field.name), getattr(fresh, field.name)])
        for field in fields(Offers)
    }
    # All offers of a pair come from one of the two, in order already.
    order = np.lexsort((joined["opening"], joined["citizen"]))
    return Offers(**{name: values[order] for name, values in joined.items()})


def _moved(known: Tally, discounted: Tally, counted: Tally, maps: _Maps, before: _Touched) -> Tally:
    """Add counts of what is kept, at new positions, to those of what was weighed again."""
    result: dict[str, Any] = {"rules": counted.rules}
    for name in [field.name for field in fields(Tally) if field.name != "rules"]:
        of_opening = name.startswith("opening_")
        where = maps.opening if of_opening else maps.citizen
        still = ~(before.openings if of_opening else before.citizens)
        now = getattr(counted, name).copy()
        now[where[:-1][still]] += (getattr(known, name) - getattr(discounted, name))[still]
        result[name] = now
    return Tally(**result)


def _touched(old: EncodedWeek, new: EncodedWeek) -> tuple[_Touched, _Touched]:
    """Find the pairs that a change may matter to, before and after it."""
    if new.citizens is old.citizens:
        citizens = _none(old), _none(new)
    else:
        citizens = _compared(*_citizens(old, new))
    same_places = np.array_equal(
        old.remaining[WORKPLACE_RATIO], new.remaining[WORKPLACE_RATIO]
    ) and _ratio_flags(old.policy) == _ratio_flags(new.policy)
    if new.openings is old.openings and same_places:
        nothing = np.zeros(len(old.openings.ids), dtype=np.bool_)
        openings = nothing, nothing.copy()
    else:
        openings = _compared(*_openings(old, new))
    before, after = (
        _Touched(citizens[at], openings[at], np.zeros(len(citizens[at]), dtype=np.bool_))
        for at in (0, 1)
    )
    _mark_pools(old, new, before, after)
    _mark_courses(old, new, before, after)
    _mark_classes(old, new, before, after)
    _mark_forbids(old, new, before, after)
    # Whoever is marked on one side of the change is marked on the other.
    for there, here, table, key in (
        (before.citizens, after.citizens, "citizens", "citizen_id"),
        (before.learners, after.learners, "citizens", "citizen_id"),
        (before.openings, after.openings, "openings", "opening_id"),
    ):
        at = _moved_rows(old.problem[table], new.problem[table], key)
        common = at >= 0
        either = there[common] | here[at[common]]
        there[common] = either
        here[at[common]] = either
    if int(after.learners.sum()) * len(after.openings) > _MOST_LISTED:
        for marks in (before, after):
            marks.citizens[:] |= marks.learners
    for marks in (before, after):
        marks.learners[marks.citizens] = False
    return before, after


def _none(encoded: EncodedWeek) -> Bools:
    return np.zeros(len(encoded.citizens.ids), dtype=np.bool_)


def _compared(old: Mapping[str, Cells], new: Mapping[str, Cells]) -> tuple[Bools, Bools]:
    """Rows (known by their first column) of each side that are not the same in the other."""
    key = next(iter(old))
    at = positions(old[key], new[key])
    rows = np.flatnonzero(at >= 0)
    there = at[rows]
    aligned = len(at) == len(new[key]) and np.array_equal(at, np.arange(len(at)))
    differ = np.zeros(len(rows), dtype=np.bool_)
    for name, mine in old.items():
        theirs = new[name]
        if name == key or (mine is theirs and aligned):
            continue
        mine, theirs = (mine, theirs) if aligned else (mine[rows], theirs[there])
        same = (mine == theirs) | ((mine != mine) & (theirs != theirs))
        differ |= ~same.astype(np.bool_)
    gone, come = at < 0, np.ones(len(new[key]), dtype=np.bool_)
    gone[rows] = differ
    come[there] = differ
    return gone, come


def _without(table: Columns, apart: Collection[str]) -> dict[str, Cells]:
    """Columns of a table but for some."""
    return {name: table[name] for name in table if name not in apart}


def _citizens(old: EncodedWeek, new: EncodedWeek) -> list[dict[str, Cells]]:
    """Everything about citizens that offers depend on, before and after."""
    tables = [encoded.problem.columns("citizens") for encoded in (old, new)]
    # What others in the tables make of them comes last.
    return [
        {
            **({"citizen_id": table["citizen_id"]} if tables[0] is tables[1]
               else _without(table, _CITIZEN_APART)),
            "placed": encoded.citizens.placed,
            "alone": encoded.citizens.care > 0,
        }
        for encoded, table in zip((old, new), tables, strict=True)
    ]  # fmt: skip


def _openings(old: EncodedWeek, new: EncodedWeek) -> list[dict[str, Cells]]:
    """Everything about openings, their workplaces and employers that offers depend on."""
    tables = [encoded.problem.columns("openings") for encoded in (old, new)]
    return [
        {
            **({"opening_id": table["opening_id"]} if tables[0] is tables[1]
               else _without(table, _OPENING_APART)),
            **_around(encoded),
        }
        for encoded, table in zip((old, new), tables, strict=True)
    ]  # fmt: skip


@lru_cache(maxsize=4)
def _around(encoded: EncodedWeek) -> dict[str, Cells]:
    """Return what workplace, employer and running placements make of each opening.

    Remembered for the last few weeks: many are held against one.
    """
    o, workplaces = encoded.openings, encoded.problem.columns("workplaces")
    columns: dict[str, Cells] = {"is_free": o.free >= 1}
    for name in _WORKPLACE:
        columns[f"at_{name}"] = workplaces[name][o.workplace]
    for rule, (value, limit) in opening_rules(encoded).items():
        fails = RULES[rule].breaks(value, limit)
        for at, measure in enumerate(encoded.measures):
            columns[f"{rule}.{measure}"] = fails[:, at]
    return columns


def _mark_classes(old: EncodedWeek, new: EncodedWeek, before: _Touched, after: _Touched) -> None:
    """Mark whom a class that came, went, moved, or ran full could have suited."""
    most = [encoded.policy.language.classes_per_offer for encoded in (old, new)]
    if most[0] != most[1]:
        for encoded, marks in ((old, before), (new, after)):
            everybody = np.arange(len(encoded.citizens.ids))
            marks.learners[:] |= class_book(encoded).of(everybody).suits.sum(axis=1) > min(most)
    if old.problem["teams"] is new.problem["teams"] and np.array_equal(
        old.remaining[TEAM_SEATS] > 0, new.remaining[TEAM_SEATS] > 0
    ):
        return
    classes = [_classes(old), _classes(new)]
    changes = _compared(*classes)
    for encoded, table, changed, marks in zip(
        (old, new), classes, changes, (before, after), strict=True
    ):
        rows = np.flatnonzero(changed & table["is_free"])
        if not len(rows):
            continue
        local = table["workplace_id"][rows]
        everywhere = lacking(local)
        marks.openings[:] |= np.isin(_places(encoded), local[~everywhere])
        anywhere, oral = rows[everywhere], encoded.citizens.oral
        could = np.zeros(len(oral), dtype=np.bool_)
        for first, last in zip(
            table["level_from"][anywhere], table["level_to"][anywhere], strict=True
        ):
            could |= (oral >= first) & (oral <= last)
        learners = np.flatnonzero(could)
        if len(learners):
            suits = class_book(encoded).of(learners).suits[:, anywhere]
            marks.learners[learners] |= suits.any(axis=1)


def _classes(encoded: EncodedWeek) -> dict[str, Cells]:
    table = _without(encoded.problem.columns("teams"), {"seats"})
    return {**table, "is_free": encoded.remaining[TEAM_SEATS] > 0}


def _places(encoded: EncodedWeek) -> npt.NDArray[np.object_]:
    """Workplace of each opening, by id."""
    ids = encoded.problem["workplaces"]["workplace_id"].to_numpy(object)
    return np.asarray(ids[encoded.openings.workplace], dtype=object)


def _mark_pools(old: EncodedWeek, new: EncodedWeek, before: _Touched, after: _Touched) -> None:
    """Mark those whose need a mentor pool met before and no longer meets, or the other way."""
    if old.problem["mentor_pools"] is new.problem["mentor_pools"] and np.array_equal(
        old.remaining[MENTOR_HOURS], new.remaining[MENTOR_HOURS]
    ):
        return
    was, now = _pools(old), _pools(new)
    # What each pool was and is; one that is not there has nothing left and serves nobody.
    rows = positions(was["pool_id"], now["pool_id"])
    come = np.setdiff1d(np.arange(len(now["pool_id"])), rows)
    i = np.append(np.arange(len(rows)), np.full(len(come), -1))
    j = np.append(rows, come)
    free = [np.where(at < 0, 0, np.append(one["free"], 0)[at]) for at, one in ((i, was), (j, now))]
    serves = [
        np.append(one["serves"], np.array([""], dtype=object))[at]
        for at, one in ((i, was), (j, now))
    ]
    places = [
        np.append(one["place"], np.array([np.nan], dtype=object))[at]
        for at, one in ((i, was), (j, now))
    ]
    moved = serves[0] != serves[1]
    lesser = np.where(moved, 0, np.minimum(*free))
    for at in np.flatnonzero(moved | (free[0] != free[1])):
        where = np.array([places[0][at], places[1][at]], dtype=object)
        for encoded, marks in ((old, before), (new, after)):
            short = encoded.citizens.mentor > lesser[at]
            if lacking(where).any():
                marks.citizens[:] |= short
            elif short.any():
                marks.openings[:] |= np.isin(_places(encoded), where)


def _pools(encoded: EncodedWeek) -> dict[str, Cells]:
    table = encoded.problem.columns("mentor_pools")
    named = [np.where(lacking(table[name]), "", table[name])
             for name in ("workplace_id", "municipality")]  # fmt: skip
    return {
        "pool_id": table["pool_id"],
        "place": table["workplace_id"],
        "serves": named[0] + "|" + named[1],
        "free": np.maximum(encoded.remaining[MENTOR_HOURS], 0),
    }


def _mark_courses(old: EncodedWeek, new: EncodedWeek, before: _Touched, after: _Touched) -> None:
    """Mark whom a session that came, went, moved or filled up could have given a paper."""
    if old.problem["courses"] is new.problem["courses"]:
        return
    given = [_courses(old), _courses(new)]
    changes = _compared(*given)
    papers = {
        paper
        for table, changed in zip(given, changes, strict=True)
        for paper in table["paper"][changed]
    }
    for paper in sorted(papers & set(new.policy.papers.course_papers)):
        at = list(PAPERS).index(paper)
        few = new.citizens.paper_by_course[at].mean() <= new.openings.papers[at].mean()
        for encoded, marks in ((old, before), (new, after)):
            if few:
                marks.citizens[:] |= encoded.citizens.paper_by_course[at]
            else:
                marks.openings[:] |= encoded.openings.papers[at]


def _courses(encoded: EncodedWeek) -> dict[str, Cells]:
    table = encoded.problem.columns("courses")
    given = table["seats"] > 0
    names = ("course_id", "paper")
    return {
        **{name: table[name][given] for name in names},
        "ready": ordinals(table["ready_on"][given], 0),
    }


def _mark_forbids(old: EncodedWeek, new: EncodedWeek, before: _Touched, after: _Touched) -> None:
    """Mark citizens for whom an opening is newly ruled out, or no longer is.

    Where the table is the same, only pairs of citizens and openings that are others can differ.
    """
    if new.problem["forbids"] is old.problem["forbids"]:
        return
    pairs = [
        pd.MultiIndex.from_arrays([
            encoded.citizens.ids[encoded.forbidden // max(1, len(encoded.openings.ids))],
            encoded.openings.ids[encoded.forbidden % max(1, len(encoded.openings.ids))],
        ])
        for encoded in (old, new)
    ]  # fmt: skip
    differ = pairs[0].symmetric_difference(pairs[1])
    if len(differ):
        who = differ.get_level_values(0).to_numpy(object)
        for encoded, marks in ((old, before), (new, after)):
            marks.citizens[:] |= np.isin(encoded.citizens.ids, who)
