"""Which employers to call: the change at each workplace that brings most, added up.

Four changes can be asked of an employer about an opening: a seat more (and room to receive one
more), one level less of Danish, shifts that fit childcare, a measure accepted. Each call is counted
on top of the calls before it, so that nobody is counted twice, and says what it would bring alone.
The calls are then made in the week's own tables: that week is solved, and held against the check.

Openings that a lock names keep their shifts and their floors of Danish.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.again import Changes, Resolver, counted_calls, earlier_of
from matcher.errors import OptionError
from matcher.formulation import formulate
from matcher.objectives import PEOPLE, Objectives
from matcher.offers import build_offers
from matcher.problem import Problem
from matcher.row_kinds import OPENING_SEATS, WORKPLACE_INTAKE
from matcher.texts import Message
from matcher.verify import ensure_verified
from matcher.week import week_text

Ints = npt.NDArray[np.int64]

SEAT, DANISH, SHIFT, MEASURE = "seat", "danish", "shift", "measure"
ASKED = (SEAT, DANISH, SHIFT, MEASURE)
"""What an employer can be asked for."""


@dataclass(frozen=True)
class Call:
    """One workplace to call, and what to ask for."""

    workplace_id: str
    opening_id: str
    ask: str
    """One of :data:`ASKED`."""
    about: str
    """The measure, or the shifts; empty for the others."""
    placements: int
    """More people placed, on top of the calls before it."""
    in_all: int
    """People placed when this call and those before it are answered with yes."""
    alone: int
    """More people placed by this call alone."""
    proven: bool
    """Whether this is exact, and no other call would have brought more people."""


@dataclass(frozen=True)
class Calls:
    """A list to take to the telephone."""

    base: int
    """People placed in the week as it is."""
    calls: tuple[Call, ...]
    """In the order of making them; of each workplace one at most."""
    placements: int
    """People placed in the best plan when all of them are answered with yes."""
    proven: bool
    """Whether every step is exact, and the week with all calls places as many."""


def calls(
    resolver: Resolver,
    most: int = 10,
    progress: Callable[[int, int], None] | None = None,
) -> Calls:
    """Find the calls that bring most, one after the other.

    Parameters
    ----------
    resolver
        The week.
    most
        Calls at most, 1 or more; fewer where no further one brings anybody a place.
    progress
        Called with (calls found, in all).

    Raises
    ------
    OptionError
        A number below 1.
    """
    if most < 1:
        raise OptionError(Message("calls.most", most=most))
    solution = resolver.solution
    problem = solution.problem
    asked = _asked(problem)
    base = len(solution.plan.placements)
    if not len(asked):
        return Calls(base, (), base, proven=True)
    book = build_offers(_with_all(problem, asked))
    model = formulate(book)
    opening = book.encoded.openings.ids[book.offers.opening].astype(str)
    change_of = {name: at for at, name in enumerate(asked["variant"].tolist())}
    of = np.array([change_of.get(one, -1) for one in opening.tolist()], dtype=np.int64)
    rows = {name: row for row, name in enumerate(model.names)}
    behind = dict(zip(asked["variant"], asked["opening_id"], strict=True))
    merged = np.array([
        rows[OPENING_SEATS.row(behind[key])]
        if rule == OPENING_SEATS.id and key in behind else row
        for row, (rule, key) in enumerate(zip(model.rules, model.keys, strict=True))
    ], dtype=np.int64)  # fmt: skip
    old: dict[str, Ints] = {}
    for name, positions in pd.Series(np.arange(len(opening))).groupby(opening):
        old[str(name)] = positions.to_numpy(np.int64)
    locked = model.locked[book.offers.citizen]
    none = np.zeros(0, dtype=np.int64)
    shuts, adds, seats = {}, {}, []
    each = zip(*(asked[name].tolist() for name in ("opening_id", "workplace_id", "ask")),
               strict=True)  # fmt: skip
    for at, (opening_id, workplace_id, ask) in enumerate(each):
        seat_row = rows[OPENING_SEATS.row(opening_id)]
        seats.append(int(model.capacity[seat_row]))
        if ask == SEAT:
            more = {seat_row: 1}
            intake = rows.get(WORKPLACE_INTAKE.row(workplace_id))
            adds[at] = more if intake is None else {**more, intake: 1}
        elif ask != MEASURE:
            own = old.get(opening_id, none)
            shuts[at] = own[~locked[own]]
    places = pd.factorize(asked["workplace_id"])[0].astype(np.int64)
    earlier = earlier_of(solution)
    found = counted_calls(
        model, merged, Changes(places, of, shuts, adds, np.array(seats, dtype=np.int64)), most,
        progress, begun=earlier.chosen_in(book),
    )  # fmt: skip
    told, placed = [], base
    for step in found:
        row = asked.iloc[step.change]
        placed += step.people
        told.append(Call(
            str(row["workplace_id"]), str(row["opening_id"]), str(row["ask"]), str(row["about"]),
            step.people, placed, step.alone, step.proven,
        ))  # fmt: skip
    if not told:
        return Calls(base, (), base, proven=True)
    week = called_week(problem, told)
    after = earlier.solve(week, aim=Objectives((PEOPLE, "fit")))
    after.plan.need_no_clash()
    ensure_verified(week, after.plan)
    there = len(after.plan.placements)
    exact = there == placed and all(one.proven for one in told)
    if there < placed:
        told = [replace(one, proven=False) for one in told]
    return Calls(base, tuple(told), there, proven=exact)


def _asked(problem: Problem) -> pd.DataFrame:
    """List every change that can be asked about an opening, a row each."""
    openings, policy = problem["openings"], problem.policy
    shift = week_text(policy.unlocking.shift)
    locked = openings["opening_id"].isin(problem["locks"]["opening_id"])
    parts = [openings.assign(ask=SEAT, about="")]
    lower = openings[((openings["oral_floor"] > 0) | (openings["reading_floor"] > 0)) & ~locked]
    parts.append(lower.assign(ask=DANISH, about=""))
    if shift:
        moved = openings[(openings["shifts"].fillna("") != shift) & ~locked]
        parts.append(moved.assign(ask=SHIFT, about=shift))
    for measure in sorted(policy.measures):
        accepted = openings["measures"].fillna("").str.split(";").map(set)
        lacks = ~accepted.map(lambda names, one=measure: one in names).astype(bool)
        parts.append(openings[lacks].assign(ask=MEASURE, about=measure))
    asked = pd.concat(parts, ignore_index=True)
    asked = asked.assign(order=asked["ask"].map(list(ASKED).index))
    asked = asked.sort_values(["opening_id", "order", "about"], ignore_index=True)
    asked["variant"] = [f"~{at:08d}" for at in range(len(asked))]
    return asked[["variant", "workplace_id", "opening_id", "ask", "about"]]


def _with_all(problem: Problem, asked: pd.DataFrame) -> Problem:
    """Return the week that holds each opening as it is and as every change makes it."""
    openings = problem["openings"]
    changed = asked[asked["ask"] != SEAT]
    rows = openings.set_index("opening_id", drop=False).loc[changed["opening_id"]]
    rows = rows.reset_index(drop=True)
    rows["opening_id"] = pd.Series(changed["variant"].tolist(), dtype=rows["opening_id"].dtype)
    for ask in (DANISH, SHIFT, MEASURE):
        here = (changed["ask"] == ask).to_numpy(np.bool_)
        rows = _changed(rows, here, ask, changed["about"].reset_index(drop=True))
    # A measure more lets in what is new under it alone.
    here = (changed["ask"] == MEASURE).to_numpy(np.bool_)
    rows["measures"] = rows["measures"].where(~here, changed["about"].reset_index(drop=True))
    rows = rows.astype(openings.dtypes.to_dict())
    named = changed[["opening_id", "variant"]]
    return problem.with_tables(
        openings=pd.concat([openings, rows]).sort_values("opening_id", ignore_index=True),
        forbids=_also(problem["forbids"], named),
    )


def _also(table: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Rows about openings, and the same about the openings as they might be."""
    if not len(table):
        return table
    more = table.merge(named.astype({"opening_id": table["opening_id"].dtype}), on="opening_id")
    more["opening_id"] = more["variant"].astype(table["opening_id"].dtype)
    return pd.concat([table, more[list(table.columns)]], ignore_index=True)


def _changed(
    rows: pd.DataFrame, here: npt.NDArray[np.bool_], ask: str, about: pd.Series
) -> pd.DataFrame:
    """Make a change in rows of openings."""
    frame = rows.copy()
    if ask == SEAT:
        frame["seats"] = rows["seats"] + here.astype(int)
    elif ask == DANISH:
        for floor in ("oral_floor", "reading_floor"):
            frame[floor] = rows[floor].where(~here, np.maximum(rows[floor] - 1, 0))
    elif ask == SHIFT:
        frame["shifts"] = rows["shifts"].where(~here, about)
    else:
        both = (rows["measures"].fillna("") + ";" + about.astype(str))[here]
        frame.loc[both.index, "measures"] = [
            ";".join(sorted({*text.split(";")} - {""})) for text in both.tolist()
        ]
    return frame.astype(rows.dtypes.to_dict())


def called_week(problem: Problem, told: list[Call]) -> Problem:
    """Return the week in which every call was answered with yes."""
    openings, workplaces = problem["openings"], problem["workplaces"]
    for call in told:
        here = (openings["opening_id"] == call.opening_id).to_numpy(np.bool_)
        about = pd.Series([call.about] * len(openings), index=openings.index)
        openings = _changed(openings, here, call.ask, about)
        if call.ask == SEAT:
            there = (workplaces["workplace_id"] == call.workplace_id).to_numpy(np.bool_)
            intake = workplaces[WORKPLACE_INTAKE.capacity] + there.astype(int)
            workplaces = workplaces.assign(
                **{WORKPLACE_INTAKE.capacity: intake.astype(
                    workplaces[WORKPLACE_INTAKE.capacity].dtype)}
            )  # fmt: skip
    return problem.with_tables(openings=openings, workplaces=workplaces)
