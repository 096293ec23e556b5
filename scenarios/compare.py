"""Comparison: what each scenario changes against the week as it is, after minus before.

Every difference has that direction, and the largest come first. People are compared by id: who is
newly placed, who lost a proposal, who moved to another opening or measure. Groups are counted and
those with few people in them are hidden, as in the weekly audit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.errors import OptionError
from matcher.report import masked
from scenarios.outcome import AUDIT, COST, Outcome

BASE = "base"
"""Name of the week as it is."""
WEEKS_PER_YEAR = 52
"""Weeks in the year that a weekly cost is held up against."""
GROUPS = ("category", "oral")
"""Dimensions that are counted beside those of the audit."""
EVENTS = ("new", "lost", "moved")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Outcomes against their base, as frames; see :func:`compare` for what each holds."""

    base: Outcome
    scenarios: tuple[Outcome, ...]
    """Largest gain in placements first, failed ones last."""
    summary: pd.DataFrame
    people: pd.DataFrame
    groups: pd.DataFrame
    gaps: pd.DataFrame
    resources: pd.DataFrame
    costs: pd.DataFrame
    causes: pd.DataFrame
    changes: pd.DataFrame

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """All frames by name."""
        names = ("summary", "people", "groups", "gaps", "resources", "costs", "causes", "changes")
        return {name: getattr(self, name) for name in names}


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
        raise OptionError(f"two outcomes have the name '{twice[0]}'")
    if base is not None and base not in names:
        raise OptionError(f"no outcome is called '{base}'; there are: {', '.join(names)}")
    if not outcomes:
        raise OptionError("there are no outcomes to compare")
    name = base or (BASE if BASE in names else names[0])
    before = outcomes[names.index(name)]
    if before.failed:
        raise OptionError(f"'{name}' failed, so nothing can be compared with it: {before.reason}")
    others = sorted(
        (outcome for outcome in outcomes if outcome.name != name),
        key=lambda one: (one.failed, -one.placed, one.name),
    )
    solved = [outcome for outcome in others if not outcome.failed]
    people = _stacked([_people(before, after) for after in solved], _PEOPLE)
    return Comparison(
        base=before,
        scenarios=tuple(others),
        summary=_summary(before, others, people),
        people=people,
        groups=_stacked([_groups(before, after, people) for after in solved], _GROUPS),
        gaps=_stacked([_gaps(before, after) for after in solved], _GAPS),
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


def _summary(before: Outcome, others: list[Outcome], people: pd.DataFrame) -> pd.DataFrame:
    counts = people.groupby(["scenario", "event"]).size() if len(people) else pd.Series(dtype=int)
    rows = [_summary_row(before, before, {})]
    rows += [
        _summary_row(
            before, one, {event: int(counts.get((one.name, event), 0)) for event in EVENTS}
        )
        for one in others
    ]
    return pd.DataFrame(rows)


def _summary_row(before: Outcome, one: Outcome, events: dict[str, int]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "scenario": one.name,
        "title_en": one.title("en"),
        "title_da": one.title("da"),
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
        "bound": one.tiers[0].bound,
        "seconds": one.seconds,
    }


def _people(before: Outcome, after: Outcome) -> pd.DataFrame:
    kept = ["citizen_id", "opening_id", "workplace", "sector", "measure", "fit"]
    both = before.placements[kept].merge(
        after.placements[kept], on="citizen_id", how="outer", suffixes=("_from", "_to")
    )
    was, now = both["opening_id_from"].notna(), both["opening_id_to"].notna()
    moved = was & now & (
        (both["opening_id_from"] != both["opening_id_to"])
        | (both["measure_from"] != both["measure_to"])
    )  # fmt: skip
    event = np.select([now & ~was, was & ~now, moved], list(EVENTS), default="")
    frame = pd.DataFrame({
        "scenario": after.name,
        "citizen_id": both["citizen_id"],
        "event": event,
        **{
            f"{end}_{name}": both[f"{column}_{end}"].fillna("")
            for name, column in (("opening", "opening_id"), ("workplace", "workplace"),
                                 ("sector", "sector"), ("measure", "measure"))
            for end in ("from", "to")
        },
        "fit_difference": both["fit_to"] - both["fit_from"],
        "in_base": both["citizen_id"].isin(before.citizens["citizen_id"]),
        "in_scenario": both["citizen_id"].isin(after.citizens["citizen_id"]),
    })  # fmt: skip
    frame = frame[frame["event"] != ""]
    order = frame["event"].map({name: at for at, name in enumerate(EVENTS)})
    return frame.assign(order=order).sort_values(["order", "citizen_id"], ignore_index=True)


def _dimensions(before: Outcome, after: Outcome) -> list[str]:
    audit = sorted({*before.dimensions, *after.dimensions})
    return [*(AUDIT + name for name in audit), *(name for name in GROUPS if name not in audit)]


def _counts(outcome: Outcome, column: str) -> pd.DataFrame:
    """Citizens, those waiting, those placed, by group."""
    if column not in outcome.citizens.columns:
        return pd.DataFrame({"citizens": [], "waiting": [], "placed": []}, dtype="int64")
    what = outcome.citizens["outcome"]
    frame = pd.DataFrame({
        "group": outcome.citizens[column].astype("str"),
        "citizens": 1,
        "waiting": (what != "already_placed").astype("int64"),
        "placed": (what == "placed").astype("int64"),
    })  # fmt: skip
    return frame.groupby("group").sum()


def _groups(before: Outcome, after: Outcome, people: pd.DataFrame) -> pd.DataFrame:
    return _stacked([
        pd.DataFrame(list(_group_rows(before, after, people, column)))
        for column in _dimensions(before, after)
    ], _GROUPS)  # fmt: skip


def _group_rows(
    before: Outcome, after: Outcome, people: pd.DataFrame, column: str
) -> Iterator[dict[str, Any]]:
    was, now = _counts(before, column), _counts(after, column)
    sizes = now["citizens"].combine(was["citizens"], min, fill_value=0).astype(int)
    sizes = sizes.where(sizes > 0, now["citizens"].add(was["citizens"], fill_value=0)).astype(int)
    shown, _ = masked({str(name): int(n) for name, n in sizes.items()})
    of: dict[str, str] = {}
    for outcome in (after, before):
        if column in outcome.citizens.columns:
            ids = outcome.citizens["citizen_id"].tolist()
            of.update(zip(ids, outcome.citizens[column].astype("str").tolist(), strict=True))
    own = people[people["scenario"] == after.name]
    events = own.groupby([own["citizen_id"].map(of), "event"]).size()
    for group in shown:
        w, n = (frame.reindex([group], fill_value=0).iloc[0] for frame in (was, now))
        share_before, share = (
            float(part["placed"] / part["waiting"]) if part["waiting"] else None for part in (w, n)
        )
        both = share is not None and share_before is not None
        yield {
            "scenario": after.name,
            "dimension": column.removeprefix(AUDIT),
            "group": group,
            "waiting_before": int(w["waiting"]),
            "waiting": int(n["waiting"]),
            "placed_before": int(w["placed"]),
            "placed": int(n["placed"]),
            "difference": int(n["placed"] - w["placed"]),
            "new": int(events.get((group, "new"), 0)),
            "lost": int(events.get((group, "lost"), 0)),
            "share_before": share_before,
            "share": share,
            "share_difference": share - share_before if both else None,  # type: ignore[operator]
        }


def _gaps(before: Outcome, after: Outcome) -> pd.DataFrame:
    rows = []
    for column in _dimensions(before, after):
        was, now = _shares(before, column), _shares(after, column)
        if len(was) < 2 or len(now) < 2:
            continue
        gap_before, gap = (float(one.max() - one.min()) for one in (was, now))
        rows.append({
            "scenario": after.name,
            "dimension": column.removeprefix(AUDIT),
            "lowest": now.idxmin(),
            "highest": now.idxmax(),
            "gap_before": gap_before,
            "gap": gap,
            "gap_difference": gap - gap_before,
            "ratio_before": float(was.min() / was.max()) if was.max() else None,
            "ratio": float(now.min() / now.max()) if now.max() else None,
        })  # fmt: skip
    return pd.DataFrame(rows)


def _shares(outcome: Outcome, column: str) -> pd.Series[float]:
    """Share of those waiting who are placed, by group that may be shown and is stated."""
    counts = _counts(outcome, column)
    shown, _ = masked({str(name): int(n) for name, n in counts["citizens"].items()})
    kept = counts.loc[[name for name in shown if name]]
    kept = kept[kept["waiting"] > 0]
    return kept["placed"] / kept["waiting"]


def _resources(before: Outcome, after: Outcome) -> pd.DataFrame:
    keys = ["kind", "key"]
    values = ["name", "used", "capacity", "binding"]
    both = before.resources[keys + values].merge(
        after.resources[keys + values], on=keys, how="outer", suffixes=("_before", "")
    )
    was, now = both["used_before"].notna(), both["used"].notna()
    bound, binds = (
        both[name].astype("boolean").fillna(value=False).astype(bool)
        for name in ("binding_before", "binding")
    )
    change = np.select(
        [~was, ~now, binds & ~bound, bound & ~binds],
        ["added", "removed", "began", "stopped"],
        default="",
    )
    numbers = ["used_before", "used", "capacity_before", "capacity"]
    frame = pd.DataFrame({
        "scenario": after.name,
        **{name: both[name] for name in keys},
        "name": both["name"].where(now, both["name_before"]),
        **{name: both[name].astype("Int64") for name in numbers},
        "binding_before": bound,
        "binding": binds,
        "change": change,
    })  # fmt: skip
    used = (frame["used"].fillna(0) - frame["used_before"].fillna(0)).abs()
    free = (frame["capacity"].fillna(0) - frame["capacity_before"].fillna(0)).abs()
    differs = (frame["change"] != "") | (used > 0) | (free > 0)
    frame = frame.assign(size=used, plain=frame["change"] == "")[differs]
    return frame.sort_values(
        ["plain", "size", "kind", "key"], ascending=[True, False, True, True], ignore_index=True
    )


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


__all__ = ["BASE", "COST", "WEEKS_PER_YEAR", "Comparison", "compare", "weekly"]
