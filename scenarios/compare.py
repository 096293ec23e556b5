"""Comparison: what each scenario changes against the week as it is, after minus before.

Every difference has that direction, and the largest come first. People are compared by id: who is
newly placed, who lost a proposal, who moved to another opening or measure. Groups are counted and
those with few people in them are hidden, as in the weekly audit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import OptionError
from matcher.report import masked
from matcher.texts import LANGUAGES, Message
from scenarios import sensitivity
from scenarios.outcome import AUDIT, Outcome

BASE = "base"
"""Name of the week as it is."""
WEEKS_PER_YEAR = 52
"""Weeks in the year that a weekly cost is held up against."""
GROUPS = ("category", "oral")
"""Dimensions that are counted beside those of the audit."""
EVENTS = ("new", "lost", "moved")
FRAMES = (
    "summary", "people", "groups", "gaps", "resources", "costs", "causes", "changes",
    "tornado", "returns", "uncertainty", "drivers",
)  # fmt: skip
"""Frames of a comparison."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Outcomes against their base, as frames; see :func:`compare` for what each holds."""

    base: Outcome
    scenarios: tuple[Outcome, ...]
    """Largest gain in placements first, of equal ones the cheapest; failed ones last."""
    summary: pd.DataFrame
    people: pd.DataFrame
    resources: pd.DataFrame
    costs: pd.DataFrame
    causes: pd.DataFrame
    changes: pd.DataFrame

    @property
    def _sides(self) -> tuple[_Side, list[_Side]]:
        solved = [one for one in self.scenarios if not one.failed]
        return _side(self.base), [_side(one) for one in solved]

    @cached_property
    def groups(self) -> pd.DataFrame:
        """How groups fare: counted when somebody looks."""
        old, sides = self._sides
        rows = [row for side in sides for row in _groups(old, side, _people(old, side))]
        return pd.DataFrame(rows, columns=list(_GROUPS))

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """How far groups are apart."""
        old, sides = self._sides
        rows = [row for side in sides for row in _gaps(old, side)]
        return pd.DataFrame(rows, columns=list(_GAPS))

    @cached_property
    def tornado(self) -> pd.DataFrame:
        """What matters most: :func:`scenarios.sensitivity.tornado`."""
        return sensitivity.tornado(self.base, self.scenarios)

    @cached_property
    def returns(self) -> pd.DataFrame:
        """What each more brings: :func:`scenarios.sensitivity.returns`."""
        return sensitivity.returns(self.base, self.scenarios)

    @cached_property
    def uncertainty(self) -> pd.DataFrame:
        """How sure it is: :func:`scenarios.sensitivity.uncertainty`."""
        return sensitivity.uncertainty(self.base, self.scenarios)

    @cached_property
    def drivers(self) -> pd.DataFrame:
        """What goes with the difference: :func:`scenarios.sensitivity.drivers`."""
        return sensitivity.drivers(self.base, self.scenarios)

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """All frames by name, those of sweeps last."""
        return {name: getattr(self, name) for name in FRAMES}


def compare(outcomes: Sequence[Outcome], base: str | None = None) -> Comparison:
    """Compare outcomes with one of them.

    Parameters
    ----------
    outcomes
        The base and its scenarios, in any order; names are unique.
    base
        Name of the one to compare with. None: ``base``, or the first if none is called so.

    Returns
    -------
    Comparison
        Frames, a row each:

        ``summary``
            scenario: placements, ``difference``, how many are ``new``, ``lost`` and ``moved``,
            mean fit, DKK a week and once, and ``dkk_per_extra_week``: what the paid lines cost
            more, for each placement more; ``dkk_per_extra_year`` is 52 times that, and what is
            paid once. The budget lines of the policy are in it (wage subsidy, mentors, classes,
            courses); wages, saved benefits and unused capacity are not.
        ``people``
            citizen and scenario where something happened: ``event``, from where to where.
        ``groups``
            scenario, dimension and group: shares of those waiting, before and after.
        ``gaps``
            scenario and dimension: highest share less lowest, in percentage points, and the
            lowest over the highest.
        ``resources``
            scenario and resource that differs: use, capacity, whether it ``began`` or ``stopped``
            to bind.
        ``costs``, ``causes``
            scenario and budget line, or cause for having no proposal.
        ``changes``
            what each scenario changed in the week.

    Raises
    ------
    OptionError
        No such base, one that failed, or two outcomes of one name.
    """
    names = [outcome.name for outcome in outcomes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OptionError(Message("compare.twice", name=twice[0]))
    if base is not None and base not in names:
        raise OptionError(Message("compare.no_base", base=base, known=tuple(names)))
    if not outcomes:
        raise OptionError(Message("compare.none"))
    name = base or (BASE if BASE in names else names[0])
    before = outcomes[names.index(name)]
    if before.failed:
        raise OptionError(Message("compare.base_failed", name=name, reason=before.reason))
    others = sorted(
        (outcome for outcome in outcomes if outcome.name != name),
        # Of equally many placements, the cheapest first.
        key=lambda one: (one.failed, -one.placed, weekly(one), one.name),
    )
    solved = [outcome for outcome in others if not outcome.failed]
    old, sides = _side(before), [_side(after) for after in solved]
    people = [row for side in sides for row in _people(old, side)]
    return Comparison(
        base=before,
        scenarios=tuple(others),
        summary=_summary(before, others, people),
        people=pd.DataFrame(people, columns=list(_PEOPLE)),
        resources=_stacked([_resources(before, after) for after in solved], _RESOURCES),
        costs=_stacked([_costs(before, after) for after in solved], _COSTS),
        causes=_stacked([_causes(before, after) for after in solved], _CAUSES),
        changes=_stacked([_changes(after) for after in others], _CHANGES),
    )


_PEOPLE = (
    "scenario", "citizen_id", "event", "from_opening", "to_opening", "from_workplace",
    "to_workplace", "from_sector", "to_sector", "from_measure", "to_measure", "fit_difference",
    "in_base", "in_scenario",
)  # fmt: skip
_GROUPS = (
    "scenario", "dimension", "group", "waiting_before", "waiting", "placed_before", "placed",
    "difference", "new", "lost", "share_before", "share", "share_difference",
)  # fmt: skip
_GAPS = (
    "scenario", "dimension", "lowest", "highest", "gap_before", "gap", "gap_difference",
    "ratio_before", "ratio",
)  # fmt: skip
_RESOURCES = (
    "scenario", "kind", "key", "name", "used_before", "used", "capacity_before", "capacity",
    "binding_before", "binding", "change",
)  # fmt: skip
_COSTS = ("scenario", "line", "paid", "before", "after", "difference")
_CAUSES = ("scenario", "cause", "before", "after", "difference")
_CHANGES = ("scenario", "path", "old", "new", "count")


def _stacked(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    return pd.concat(frames, ignore_index=True)[list(columns)]


def weekly(outcome: Outcome, *, once: bool = False) -> int:
    """DKK a week over the lines that are paid every week, or over those that are paid once."""
    return sum(cost for line, cost in outcome.costs.items() if (line in outcome.once) == once)


def _summary(before: Outcome, others: list[Outcome], people: list[dict[str, Any]]) -> pd.DataFrame:
    counts = Counter((row["scenario"], row["event"]) for row in people)
    rows = [_summary_row(before, before, {})]
    rows += [
        _summary_row(before, one, {event: counts[one.name, event] for event in EVENTS})
        for one in others
    ]
    return pd.DataFrame(rows)


def _summary_row(before: Outcome, one: Outcome, events: dict[str, int]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "scenario": one.name,
        **{f"title_{language}": one.title(language) for language in LANGUAGES},
        "family": one.family,
        "sweep": one.sweep,
        "status": one.status,
        "reason": one.reason,
    }
    if one.failed:
        return row
    extra = one.placed - before.placed
    week, once = (weekly(one, once=o) - weekly(before, once=o) for o in (False, True))
    fit, old_fit = one.mean_fit, before.mean_fit
    return {
        **row,
        "placements": one.placed,
        "difference": extra,
        **one.work,
        **{event: events.get(event, 0) for event in EVENTS},
        "waiting": one.waiting,
        "share": one.placed / one.waiting if one.waiting else None,
        "mean_fit": fit,
        "fit_difference": None if fit is None or old_fit is None else fit - old_fit,
        "dkk_week": weekly(one),
        "dkk_week_difference": week,
        "dkk_once": weekly(one, once=True),
        "dkk_once_difference": once,
        "dkk_per_extra_week": week / extra if extra > 0 else None,
        "dkk_per_extra_once": once / extra if extra > 0 else None,
        "dkk_per_extra_year": (WEEKS_PER_YEAR * week + once) / extra if extra > 0 else None,
        "benefit_month": one.benefit.get("monthly"),
        "benefit_month_difference": one.benefit["monthly"] - before.benefit["monthly"]
        if one.benefit and before.benefit
        else None,
        "benefit_not_known": one.benefit.get("not_known"),
        "bound": one.tiers[0].bound,
        "seconds": one.seconds,
    }


@dataclass(frozen=True)
class _Side:
    """One outcome as plain look-ups, made once however often it is compared."""

    outcome: Outcome
    placed: Mapping[str, tuple[Any, ...]]
    """Opening, workplace, sector, measure and fit of each citizen placed."""

    @cached_property
    def group_of(self) -> Mapping[str, Mapping[str, str]]:
        """Group of each citizen by column."""
        citizens = self.outcome.citizens
        ids = citizens["citizen_id"].tolist()
        return {
            column: dict(zip(ids, map(str, citizens[column].tolist()), strict=True))
            for column in self.columns
        }

    @cached_property
    def groups(self) -> Mapping[str, Mapping[str, _Count]]:
        """Counts by column of the citizens and group."""
        what = self.outcome.citizens["outcome"].tolist()
        groups: dict[str, dict[str, _Count]] = {}
        for column, group_of in self.group_of.items():
            counts = groups.setdefault(column, {})
            pairs = zip(group_of.values(), what, strict=True)
            for (value, came_to), number in Counter(pairs).items():
                count = counts.setdefault(value, _Count())
                count.citizens += number
                count.waiting += number * (came_to != "already_placed")
                count.placed += number * (came_to == "placed")
        return groups

    @property
    def columns(self) -> list[str]:
        """Columns that citizens are grouped by; one of the audit stands for its namesake."""
        audit = self.outcome.dimensions
        return [*(AUDIT + name for name in audit), *(name for name in GROUPS if name not in audit)]


@dataclass
class _Count:
    citizens: int = 0
    waiting: int = 0
    placed: int = 0

    @property
    def share(self) -> float | None:
        return self.placed / self.waiting if self.waiting else None


@lru_cache(maxsize=4)
def _side(outcome: Outcome) -> _Side:
    """Look an outcome up; remembered for the last few, since many are held against one."""
    kept = ["opening_id", "workplace", "sector", "measure", "fit"]
    rows = zip(*(outcome.placements[name].tolist() for name in kept), strict=True)
    placed = dict(zip(outcome.placements["citizen_id"].tolist(), rows, strict=True))
    return _Side(outcome, placed)


def _columns(before: _Side, after: _Side) -> list[str]:
    audit = sorted({*before.outcome.dimensions, *after.outcome.dimensions})
    return [*(AUDIT + name for name in audit), *(name for name in GROUPS if name not in audit)]


def _people(before: _Side, after: _Side) -> list[dict[str, Any]]:
    rows: dict[str, list[dict[str, Any]]] = {event: [] for event in EVENTS}
    known, there = (set(side.outcome.citizens["citizen_id"].tolist()) for side in (before, after))
    nowhere = ("", "", "", "", None)
    for who in sorted({*before.placed, *after.placed}):
        old, new = before.placed.get(who), after.placed.get(who)
        if old is not None and new is not None and (old[0], old[3]) == (new[0], new[3]):
            continue
        event = "new" if old is None else "lost" if new is None else "moved"
        a, b = old or nowhere, new or nowhere
        rows[event].append({
            "scenario": after.outcome.name, "citizen_id": who, "event": event,
            "from_opening": a[0], "to_opening": b[0], "from_workplace": a[1],
            "to_workplace": b[1], "from_sector": a[2], "to_sector": b[2], "from_measure": a[3],
            "to_measure": b[3], "fit_difference": b[4] - a[4] if old and new else None,
            "in_base": who in known, "in_scenario": who in there,
        })  # fmt: skip
    return [row for event in EVENTS for row in rows[event]]


def _groups(before: _Side, after: _Side, people: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for column in _columns(before, after):
        was, now = before.groups.get(column, {}), after.groups.get(column, {})
        sizes = {
            name: min(side[name].citizens for side in (was, now) if name in side)
            for name in {*was, *now}
        }
        shown, _ = masked(sizes)
        of = {**before.group_of.get(column, {}), **after.group_of.get(column, {})}
        events = Counter((of.get(row["citizen_id"]), row["event"]) for row in people)
        for group in shown:
            w, n = was.get(group, _Count()), now.get(group, _Count())
            both = w.share is not None and n.share is not None
            yield {
                "scenario": after.outcome.name,
                "dimension": column.removeprefix(AUDIT),
                "group": group,
                "waiting_before": w.waiting,
                "waiting": n.waiting,
                "placed_before": w.placed,
                "placed": n.placed,
                "difference": n.placed - w.placed,
                "new": events[group, "new"],
                "lost": events[group, "lost"],
                "share_before": w.share,
                "share": n.share,
                "share_difference": (n.share or 0) - (w.share or 0) if both else None,
            }


def _gaps(before: _Side, after: _Side) -> Iterator[dict[str, Any]]:
    for column in _columns(before, after):
        was, now = _shares(before, column), _shares(after, column)
        if len(was) < 2 or len(now) < 2:
            continue
        gap_before, gap = (max(one.values()) - min(one.values()) for one in (was, now))
        top_before, top = max(was.values()), max(now.values())
        yield {
            "scenario": after.outcome.name,
            "dimension": column.removeprefix(AUDIT),
            "lowest": min(now, key=lambda name: (now[name], name)),
            "highest": max(now, key=lambda name: (now[name], name)),
            "gap_before": gap_before,
            "gap": gap,
            "gap_difference": gap - gap_before,
            "ratio_before": min(was.values()) / top_before if top_before else None,
            "ratio": min(now.values()) / top if top else None,
        }


def _shares(side: _Side, column: str) -> dict[str, float]:
    """Share of those waiting who are placed, by group that may be shown and is stated."""
    counts = side.groups.get(column, {})
    shown, _ = masked({name: count.citizens for name, count in counts.items()})
    return {name: share for name in shown if name and (share := counts[name].share) is not None}


def _resources(before: Outcome, after: Outcome) -> pd.DataFrame:
    # By arrays: a frame takes longer for each of these steps than for all rows.
    i, j, old, new = _beside(before.resources, after.resources)
    was, now = i >= 0, j >= 0
    bound, binds = old["binding"] & was, new["binding"] & now
    change = np.select(
        [~was, ~now, binds & ~bound, bound & ~binds],
        ["added", "removed", "began", "stopped"],
        default="",
    )
    used, free = (
        np.abs(np.where(now, new[name], 0) - np.where(was, old[name], 0))
        for name in ("used", "capacity")
    )
    named = {name: np.where(now, new[name], old[name]) for name in ("kind", "key", "name")}
    plain = change == ""
    order = np.array(
        sorted(
            np.flatnonzero(~plain | (used > 0) | (free > 0)).tolist(),
            key=lambda at: (plain[at], -used[at], named["kind"][at], named["key"][at]),
        ),
        dtype=np.int64,
    )
    numbers = {
        f"{name}{side}": pd.arrays.IntegerArray(values[name][order].astype(np.int64), ~there[order])
        for name in ("used", "capacity")
        for side, values, there in (("_before", old, was), ("", new, now))
    }
    return pd.DataFrame(
        {
            "scenario": after.name,
            **{name: pd.array(values[order], dtype="str") for name, values in named.items()},
            **numbers,
            "binding_before": bound[order],
            "binding": binds[order],
            "change": change[order],
            "size": used[order],
            "plain": plain[order],
        }
    )


_Plain = dict[str, Any]


def _beside(before: pd.DataFrame, after: pd.DataFrame) -> tuple[Any, Any, _Plain, _Plain]:
    """Lay resources that differ side by side, by kind and key.

    Returns
    -------
    tuple
        Row before and after, -1 where it is not there, and the columns in these rows.
    """
    names = ["kind", "key", "name", "used", "capacity", "binding"]
    old, new = ({name: side[name].to_numpy() for name in names} for side in (before, after))
    pairs = [list(zip(side["kind"], side["key"], strict=True)) for side in (old, new)]
    at = {key: row for row, key in enumerate(pairs[0])}
    i = np.array([at.get(key, -1) for key in pairs[1]], dtype=np.int64)
    alone = np.setdiff1d(np.arange(len(pairs[0])), i)
    i, j = np.append(i, alone), np.append(np.arange(len(i)), np.full(len(alone), -1))
    # Most rows are alike, and tell nothing.
    differ = (i < 0) | (j < 0)
    for name in names[3:] if len(before) and len(after) else ():
        differ |= old[name][i] != new[name][j]
    i, j = i[differ], j[differ]
    return i, j, _rows_of(old, i), _rows_of(new, j)


def _rows_of(columns: _Plain, rows: Any) -> _Plain:
    """Columns in some rows, -1 being any; without rows they are empty."""
    return {
        name: values[rows] if len(values) else np.zeros(len(rows), values.dtype)
        for name, values in columns.items()
    }


def _costs(before: Outcome, after: Outcome) -> pd.DataFrame:
    rows = []
    for line in sorted({*before.lines, *after.lines}):
        old, new = before.costs.get(line, 0), after.costs.get(line, 0)
        paid = "once" if line in {*before.once, *after.once} else "week"
        rows.append({"scenario": after.name, "line": line, "paid": paid, "before": old,
                     "after": new, "difference": new - old})  # fmt: skip
    return _largest_first(pd.DataFrame(rows))


def _causes(before: Outcome, after: Outcome) -> pd.DataFrame:
    was, now = before.left_over, after.left_over
    rows = [
        {"scenario": after.name, "cause": cause, "before": was.get(cause, 0),
         "after": now.get(cause, 0), "difference": now.get(cause, 0) - was.get(cause, 0)}
        for cause in sorted({*was, *now})
    ]  # fmt: skip
    return _largest_first(pd.DataFrame(rows))


def _largest_first(frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty:
        return frame
    order = frame["difference"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _changes(after: Outcome) -> pd.DataFrame:
    return pd.DataFrame([
        {"scenario": after.name, "path": one.path, "old": one.old, "new": one.new,
         "count": one.count}
        for one in after.changes
    ])  # fmt: skip
