"""Offers of a problem that differs little from one whose offers are known.

What an offer is depends on its citizen, its opening, the supports that fit both, and the policy.
So where citizen and opening are as they were, and no support that came, went or ran out could
matter to the pair, its offers are taken over; the rest is weighed again. The book is equal to the
one :func:`matcher.offers.build_offers` makes, offer by offer and count by count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.columns import positions
from matcher.offers.build import OfferBook, Offers, Tally, build_offers, weigh
from matcher.offers.encoded_week import EncodedWeek, ordinals, sides_like, sides_of
from matcher.offers.measures import opening_rules
from matcher.offers.supports import ClassBook
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
_CITIZEN_APART = {"weeks_waiting", "caseworker_id", "stay_requirement_met", "work_requirement_met"}
_OPENING_APART = {"seats", "title", "unknown"}
_WORKPLACE = ("sector", "postcode", "employer_id")
_MOST_AGAIN = 0.5
"""Share of all pairs above which everything is weighed again: it is counted twice to be kept."""


@dataclass(frozen=True, eq=False)
class _Touched:
    """Citizens and openings whose pairs must be weighed again, on one side of the change."""

    citizens: Bools
    openings: Bools

    @property
    def parts(self) -> list[tuple[Ints, Ints]]:
        """All openings for the citizens, the openings alone for everybody else."""
        return [
            (np.flatnonzero(self.citizens), np.arange(len(self.openings))),
            (np.flatnonzero(~self.citizens), np.flatnonzero(self.openings)),
        ]

    @property
    def share(self) -> float:
        """Share of all pairs."""
        citizens, openings = self.citizens.mean(), self.openings.mean()
        return float(citizens + (1 - citizens) * openings)


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
    if not (before.citizens.any() or before.openings.any()
            or after.citizens.any() or after.openings.any()):  # fmt: skip
        return OfferBook(encoded, kept, known.tally)
    fresh, counted = weigh(encoded, after.parts, progress)
    _, discounted = weigh(known.encoded, before.parts)
    tally = _moved(known.tally, discounted, counted, maps, before)
    return OfferBook(encoded, _merged(kept, fresh), tally)


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
        name: {key: value for key, value in section.items() if key not in _NOT_WEIGHED}
        for name, section in sections.items()
        if section is not None
    }


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
    whole = not before.citizens.any() and not before.openings.any()
    at: Any = (
        slice(None)
        if whole
        else ~before.citizens[offers.citizen] & ~before.openings[offers.opening]
    )
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
    same_places = np.array_equal(old.remaining[WORKPLACE_RATIO], new.remaining[WORKPLACE_RATIO])
    if new.openings is old.openings and same_places:
        nothing = np.zeros(len(old.openings.ids), dtype=np.bool_)
        openings = nothing, nothing.copy()
    else:
        openings = _compared(*_openings(old, new))
    before, after = (_Touched(citizens[at], openings[at]) for at in (0, 1))
    _mark_pools(old, new, before, after)
    _mark_courses(old, new, before, after)
    _mark_classes(old, new, before, after)
    _mark_forbids(old, new, before, after)
    # Whoever is marked on one side of the change is marked on the other.
    for there, here, table, key in (
        (before.citizens, after.citizens, "citizens", "citizen_id"),
        (before.openings, after.openings, "openings", "opening_id"),
    ):
        at = _moved_rows(old.problem[table], new.problem[table], key)
        common = at >= 0
        either = there[common] | here[at[common]]
        there[common] = either
        here[at[common]] = either
    return before, after


def _none(encoded: EncodedWeek) -> Bools:
    return np.zeros(len(encoded.citizens.ids), dtype=np.bool_)


def _compared(old: pd.DataFrame, new: pd.DataFrame) -> tuple[Bools, Bools]:
    """Rows (known by their first column) of each frame that are not the same in the other."""
    key = old.columns[0]
    at = pd.Index(new[key]).get_indexer(pd.Index(old[key]))
    aligned = len(old) == len(new) and np.array_equal(at, np.arange(len(old)))
    rows = np.flatnonzero(at >= 0)
    differ = np.zeros(len(rows), dtype=np.bool_)
    for name in old.columns[1:]:
        if aligned and old[name].equals(new[name]):
            continue
        mine = old[name].iloc[rows].reset_index(drop=True)
        theirs = new[name].iloc[at[rows]].reset_index(drop=True)
        same = (mine == theirs).fillna(value=False) | (mine.isna() & theirs.isna())
        differ |= ~same.to_numpy(np.bool_)
    gone, come = at < 0, np.ones(len(new), dtype=np.bool_)
    gone[rows] = differ
    come[at[rows]] = differ
    return gone, come


def _citizens(old: EncodedWeek, new: EncodedWeek) -> list[pd.DataFrame]:
    """Everything about citizens that offers depend on, before and after."""
    same = old.problem["citizens"] is new.problem["citizens"]
    frames = []
    for encoded in (old, new):
        table = encoded.problem["citizens"]
        table = table[["citizen_id"]] if same else table.drop(columns=list(_CITIZEN_APART))
        # What others in the tables make of them.
        frames.append(table.assign(placed=encoded.citizens.placed, alone=encoded.citizens.care > 0))
    return frames


def _openings(old: EncodedWeek, new: EncodedWeek) -> list[pd.DataFrame]:
    """Everything about openings, their workplaces and employers that offers depend on."""
    same = old.problem["openings"] is new.problem["openings"]
    frames = []
    for encoded in (old, new):
        table = encoded.problem["openings"]
        table = table[["opening_id"]] if same else table.drop(columns=list(_OPENING_APART))
        frames.append(pd.concat([table, _around(encoded)], axis=1))
    return frames


@lru_cache(maxsize=4)
def _around(encoded: EncodedWeek) -> pd.DataFrame:
    """Return what workplace, employer and running placements make of each opening.

    Remembered for the last few weeks: many are held against one.
    """
    o = encoded.openings
    columns: dict[str, Any] = {"is_free": o.free >= 1}
    for name in _WORKPLACE:
        columns[f"at_{name}"] = encoded.problem["workplaces"][name].to_numpy(object)[o.workplace]
    for rule, (value, limit) in opening_rules(encoded).items():
        fails = RULES[rule].breaks(value, limit)
        for at, measure in enumerate(encoded.measures):
            columns[f"{rule}.{measure}"] = fails[:, at]
    return pd.DataFrame(columns)


def _mark_classes(old: EncodedWeek, new: EncodedWeek, before: _Touched, after: _Touched) -> None:
    """Mark whom a class that came, went, moved, or ran full could have suited."""
    if old.problem["teams"] is new.problem["teams"] and np.array_equal(
        old.remaining[TEAM_SEATS] > 0, new.remaining[TEAM_SEATS] > 0
    ):
        return
    classes = [_classes(old), _classes(new)]
    changes = _compared(*classes)
    for encoded, frame, changed, marks in zip(
        (old, new), classes, changes, (before, after), strict=True
    ):
        rows = np.flatnonzero(changed & frame["is_free"].to_numpy(np.bool_))
        if not len(rows):
            continue
        local = frame["workplace_id"].iloc[rows]
        marks.openings[:] |= np.isin(_places(encoded), local.dropna().to_numpy(object))
        anywhere = rows[local.isna().to_numpy(np.bool_)]
        levels, oral = frame.iloc[anywhere], encoded.citizens.oral
        could = np.zeros(len(oral), dtype=np.bool_)
        for first, last in zip(levels["level_from"], levels["level_to"], strict=True):
            could |= (oral >= first) & (oral <= last)
        learners = np.flatnonzero(could)
        if len(learners):
            suits = ClassBook(encoded).of(learners).suits[:, anywhere]
            marks.citizens[learners] |= suits.any(axis=1)


def _classes(encoded: EncodedWeek) -> pd.DataFrame:
    table = encoded.problem["teams"].drop(columns="seats")
    return table.assign(is_free=encoded.remaining[TEAM_SEATS] > 0)


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
    pools = _pools(old), _pools(new)
    if pools[0]["pool_id"].equals(pools[1]["pool_id"]):
        joined = pools[0].assign(**{f"{name}_new": pools[1][name] for name in _POOL})
    else:
        joined = pools[0].merge(pools[1], on="pool_id", how="outer", suffixes=("", "_new"))
    moved = joined["serves"].fillna("") != joined["serves_new"].fillna("")
    lesser = joined[["free", "free_new"]].min(axis=1).where(~moved, 0)
    changed = moved | (joined["free"] != joined["free_new"])
    for at in np.flatnonzero(changed.to_numpy(np.bool_)):
        where = joined[["place", "place_new"]].iloc[at]
        for encoded, marks in ((old, before), (new, after)):
            short = encoded.citizens.mentor > lesser.iloc[at]
            if where.isna().any():
                marks.citizens[:] |= short
            elif short.any():
                marks.openings[:] |= np.isin(_places(encoded), where.to_numpy(object))


_POOL = ("place", "serves", "free")


def _pools(encoded: EncodedWeek) -> pd.DataFrame:
    table = encoded.problem["mentor_pools"]
    place, town = table["workplace_id"].astype(object), table["municipality"].astype(object)
    return pd.DataFrame({
        "pool_id": table["pool_id"].astype(object),
        "place": place,
        "serves": place.fillna("") + "|" + town.fillna(""),
        "free": np.maximum(encoded.remaining[MENTOR_HOURS], 0),
    })  # fmt: skip


def _mark_courses(old: EncodedWeek, new: EncodedWeek, before: _Touched, after: _Touched) -> None:
    """Mark whom a session that came, went, moved or filled up could have given a paper."""
    if old.problem["courses"] is new.problem["courses"]:
        return
    given = [_courses(old), _courses(new)]
    changes = _compared(*given)
    papers = {
        paper
        for frame, changed in zip(given, changes, strict=True)
        for paper in frame["paper"][changed]
    }
    for paper in sorted(papers & set(new.policy.papers.course_papers)):
        at = list(PAPERS).index(paper)
        few = new.citizens.paper_by_course[at].mean() <= new.openings.papers[at].mean()
        for encoded, marks in ((old, before), (new, after)):
            if few:
                marks.citizens[:] |= encoded.citizens.paper_by_course[at]
            else:
                marks.openings[:] |= encoded.openings.papers[at]


def _courses(encoded: EncodedWeek) -> pd.DataFrame:
    table = encoded.problem["courses"]
    given = table[table["seats"] > 0].reset_index(drop=True)
    return given[["course_id", "paper"]].assign(ready=ordinals(given["ready_on"].to_numpy(), 0))


def _mark_forbids(old: EncodedWeek, new: EncodedWeek, before: _Touched, after: _Touched) -> None:
    """Mark citizens for whom an opening is newly ruled out, or no longer is."""
    if new.forbidden is old.forbidden:
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
