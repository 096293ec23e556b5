"""Other aims for a week: the same offers and rows, under other goals and limits.

A plan maximises placements, then fit. To show what one goal costs another, a week is solved again
under other :class:`Objectives`: goals in any order, at most so much of some of them, a higher
floor of fit, some rules' rows left out. A floor under a goal is not needed: with the goal first and
at most k of it, the optimum has exactly k wherever k can be reached (the epsilon-constraint method,
Haimes et al. 1971, turned so that rows limit from above only, which the engine proves fastest).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import get_args

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from pydantic import ValidationError

from matcher.engine import UNBOUNDED
from matcher.errors import OptionError
from matcher.formulation import TIERS, Model, in_group
from matcher.held import offer_costs, price_points
from matcher.offers import OfferBook
from matcher.policy import GroupFloor
from matcher.texts import Message

Ints = npt.NDArray[np.int64]

PEOPLE, COST, PRICE, AHEAD = "people", "cost", "price", "ahead"
LOW = (COST, PRICE)
"""Goals that are kept low."""
GOALS = (*TIERS, PEOPLE, COST, PRICE, AHEAD)
"""Goals by name: the plan's own tiers, ``people`` (placements, each counted once whatever the
priority), ``cost`` (DKK a week over all budget lines, kept low), ``price`` (points that what is
held in later weeks costs, kept low), ``ahead`` (in one goal: the policy's points of a start, fit
and what keeping is worth, less that price). Beside them ``people[COLUMN=VALUE]``, placements from
one group of citizens, and ``people[COLUMN!=VALUE]``, from everybody else."""

_GROUP = re.compile(r"people\[(?P<column>\w+)(?P<sign>!?=)(?P<value>.+)\]")


@dataclass(frozen=True)
class Objectives:
    """What a week is solved for.

    Raises
    ------
    OptionError
        An unknown goal or group, a goal named twice, a limit below zero.
    """

    goals: tuple[str, ...] = TIERS
    """Goals in order, each held while the next is improved."""
    at_most: Mapping[str, int] = field(default_factory=dict)
    """Most of a goal, in its own unit: placements, points of fit, DKK a week; >= 0."""
    fit_floor: int = 0
    """Offers below this fit are left out, 0-1000; those of locked citizens stay."""
    without: tuple[str, ...] = ()
    """Rules whose rows are left out, e.g. ``budget``."""

    def __post_init__(self) -> None:
        if not self.goals or len(set(self.goals)) < len(self.goals):
            raise OptionError(
                Message("goal.each_once", goals=self.goals or (Message("goal.none"),))
            )
        for goal in (*self.goals, *self.at_most):
            if goal not in GOALS and group_of(goal) is None:
                expected = Message("goal.known", goals=tuple(GOALS))
                raise OptionError(Message("goal.unknown", goal=goal, expected=expected))
        for goal, most in self.at_most.items():
            if most < 0:
                raise OptionError(Message("goal.at_most", most=most, goal=goal))


def group_goals(column: str, value: str) -> tuple[str, str]:
    """Name the goals of placements from one group and from everybody else.

    The value may be written as the tables may hold it: ``aktivitetsparat``, `` 8000``.

    Raises
    ------
    OptionError
        Not a column that groups may be made of, or not a value of it.
    """
    try:
        group = GroupFloor.model_validate({"column": column, "value": value, "at_least": 0})
    except ValidationError as error:
        (found, *_) = error.errors()
        cause = found.get("ctx", {}).get("error")
        said = cause.args[0] if isinstance(cause, ValueError) else found["msg"]
        if found["loc"] == ("column",):
            columns = get_args(GroupFloor.model_fields["column"].annotation)
            near = get_close_matches(column, columns, n=1)
            key = "goal.no_group_near" if near else "goal.no_group"
            said = Message(key, column=column, known=columns, near="".join(near))
        raise OptionError(Message("goal.group", group=f"{column}={value}", reason=said)) from None
    return f"{PEOPLE}[{group.column}={group.value}]", f"{PEOPLE}[{group.column}!={group.value}]"


def group_of(goal: str) -> tuple[str, str, bool] | None:
    """Column, value and whether those inside are meant; None where a goal is not of a group."""
    found = _GROUP.fullmatch(goal)
    return (found["column"], found["value"], found["sign"] == "=") if found else None


def gain_of(goal: str, book: OfferBook, model: Model) -> Ints:
    """Return what each offer adds to a goal, shape (offers,)."""
    gains = np.zeros(len(book.offers), dtype=np.int64)
    group = group_of(goal)
    if goal in TIERS:
        gains += model.program.gains[TIERS.index(goal)]
    elif goal == COST:
        for cost in offer_costs(book).values():
            gains += cost
    elif goal == PRICE:
        gains += price_points(book)
    elif goal == AHEAD:
        horizon = book.encoded.policy.horizon
        gains += model.program.gains[1] + (horizon.start_points if horizon else 0)
    elif group is not None:
        column, value, inside = group
        gains += in_group(book, column, value) == inside
    else:
        gains += 1
    return gains


def aimed(book: OfferBook, model: Model, aim: Objectives) -> Model:
    """Put another aim onto the model of a week.

    Parameters
    ----------
    book
        The offers.
    model
        As :func:`matcher.formulation.formulate` made it of the same offers.
    """
    program = model.program
    kept = np.array([rule not in aim.without for rule in model.rules], dtype=np.bool_)
    rows = [program.uses[np.flatnonzero(kept)]]
    rows += [sp.csr_array(gain_of(goal, book, model)[None, :]) for goal in aim.at_most]
    most = np.array(list(aim.at_most.values()), dtype=np.int64)
    rules = [rule for rule, keep in zip(model.rules, kept, strict=True) if keep]
    keys = [key for key, keep in zip(model.keys, kept, strict=True) if keep]
    rules += ["at_most"] * len(most)
    keys += list(aim.at_most)
    floors = np.append(model.floors[kept], np.zeros(len(most), dtype=np.bool_))
    capacity = np.append(model.capacity[kept], most)
    free = ~model.locked[book.offers.citizen]
    low = np.flatnonzero((book.offers.fit < aim.fit_floor) & free)
    given = np.zeros(0, dtype=np.int64) if program.forbidden is None else program.forbidden
    forbidden = np.union1d(given, low)
    changed = program.replace(
        gains=np.stack([gain_of(goal, book, model) for goal in aim.goals]),
        maximise=tuple(goal not in LOW for goal in aim.goals),
        uses=sp.vstack(rows, format="csr"),
        upper=np.where(floors, UNBOUNDED, capacity),
        lower=np.where(floors, capacity, -UNBOUNDED) if floors.any() else None,
        forbidden=forbidden if len(forbidden) else None,
        row_names=tuple(f"{rule}[{key}]" for rule, key in zip(rules, keys, strict=True)),
    )
    return Model(changed, tuple(rules), tuple(keys), capacity, floors, model.locked, model.broken)
