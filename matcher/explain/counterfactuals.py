"""Counterfactuals: citizens as they might be, many at once, and the offers they would have.

A *variant* is a citizen with some levers pulled. All variants of all citizens stand as rows of one
citizens' table, so that their offers are made in one vectorised pass. A world may be *larger*:
every resource by one step, every employer taking every measure; what an offer needs of that is
read off afterwards, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.again import NewOffers, new_offers
from matcher.formulation import Model
from matcher.offers import OfferBook, build_offers
from matcher.offers.encoded_week import needs_care
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.row_kinds import ROW_KINDS, RowKind
from matcher.solve import Solution
from matcher.unknown import known_where_changed
from matcher.week import Block, parse_week, week_text

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PAPER = "paper:"


def lever_of(name: str) -> str:
    """Return the policy's lever behind a name such as ``paper:hygiene`` or ``team_seats:L1``."""
    return name.partition(":")[0]


def person_levers(policy: Policy) -> tuple[str, ...]:
    """Levers on a citizen that the policy gives a cost, each paper by itself."""
    costs = policy.unlocking.costs
    named = [name for name in LEVERS if name in costs and name != "paper"]
    papers = [PAPER + code for code in policy.unlocking.papers] if "paper" in costs else []
    return (*named, *papers)


def step_of(policy: Policy, lever: str) -> int:
    """How much one pull of a lever is."""
    return policy.unlocking.steps.get(lever_of(lever), 1)


def cost_of(policy: Policy, lever: str) -> int:
    """Return what one pull of a lever is taken to cost, DKK."""
    return policy.unlocking.costs[lever_of(lever)]


def row_levers(policy: Policy) -> dict[str, RowKind]:
    """Kinds of rows of which the policy gives more a cost, by id."""
    costs = policy.unlocking.costs
    return {name: kind for name, kind in ROW_KINDS.items() if kind.lever and name in costs}


def pulled(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[pd.DataFrame, Bools]:
    """Pull a lever for every row of a citizens' table.

    Returns
    -------
    tuple
        The table, and for which rows the lever does anything.
    """
    change, does = LEVERS[lever_of(lever)](table, policy, lever)
    able = np.asarray(does, dtype=np.bool_)
    if not able.any():
        return table, able
    frame = table.copy(deep=False)
    for column, values in change.items():
        series = pd.Series(values, index=table.index).astype(table[column].dtype)
        frame[column] = table[column].where(~pd.Series(able, index=table.index), series)
    return known_where_changed(table, frame), able


Pull = Callable[[pd.DataFrame, Policy, str], tuple[dict[str, object], Bools]]


def _level(column: str) -> Pull:
    def pull(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
        now = table[column].to_numpy(np.int64)
        return {column: np.minimum(now + step_of(policy, lever), 6)}, now < 6

    return pull


def _hours(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
    now, most = table["capacity_hours"].to_numpy(np.float64), policy.duty_week.hours
    return {"capacity_hours": np.minimum(now + step_of(policy, lever), most)}, now < most


def _day_hours(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
    now = table["capacity_hours_day"].to_numpy(np.float64)
    return {"capacity_hours_day": np.minimum(now + step_of(policy, lever), 16.0)}, now < 16


def _commute(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
    most = policy.travel.hard_minutes
    now = table["max_commute"].fillna(most).to_numpy(np.int64)
    return {"max_commute": np.minimum(now + step_of(policy, lever), most)}, now < most


def _bicycle(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
    del policy, lever
    return {"has_bicycle": np.ones(len(table), dtype=np.bool_)}, ~table["has_bicycle"].to_numpy(
        np.bool_
    )


def _odd_hours(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
    del policy, lever
    barred = (table["single_provider"] & ~table["accepts_odd_hours"]).to_numpy(np.bool_)
    return {"accepts_odd_hours": np.ones(len(table), dtype=np.bool_)}, barred


def _care(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
    small = table["youngest_child"].fillna(99).to_numpy(np.int64) < policy.childcare.child_under
    needs = small & ~table["partner_can_care"].to_numpy(np.bool_)
    minutes = step_of(policy, lever)
    longer: dict[object, str] = {}
    texts = [text if isinstance(text, str) else "" for text in table["care_blocks"]]
    for text in set(texts):
        blocks = parse_week(text) or policy.childcare.open
        longer[text] = week_text(
            Block(one.day, max(0, one.start - minutes), min(1440, one.end + minutes))
            for one in blocks
        )
    return {"care_blocks": [longer[text] for text in texts]}, needs


def _paper(table: pd.DataFrame, policy: Policy, lever: str) -> tuple[dict[str, object], Bools]:
    del policy
    column = f"paper_{lever.removeprefix(PAPER)}"
    able = table[column].isin(["missing", "pending"]).to_numpy(np.bool_)
    return {column: ["cleared"] * len(table)}, able


LEVERS: Mapping[str, Pull] = {
    "oral": _level("oral"),
    "reading": _level("reading"),
    "hours": _hours,
    "day_hours": _day_hours,
    "commute": _commute,
    "bicycle": _bicycle,
    "odd_hours": _odd_hours,
    "care": _care,
    "paper": _paper,
}
"""Levers on a citizen's own situation: what each changes, and for whom it does anything."""


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Variants of citizens, their offers, and what each offer takes of the week's own rows."""

    book: OfferBook
    citizen: Ints
    """Citizen of the week behind each variant, shape (variants,)."""
    levers: tuple[tuple[str, ...], ...]
    """Levers pulled in each variant."""
    offers: NewOffers
    """The offers by the week's rows."""
    unasked: Bools
    """Offers under a measure that the employer does not accept in the week, shape (offers,)."""


def build_world(
    solution: Solution,
    citizens: Ints,
    variants: Sequence[tuple[str, ...]],
    *,
    larger: bool = False,
    week: Problem | None = None,
    rows: Model | None = None,
) -> Counterfactual | None:
    """Make the offers of citizens under each combination of levers; None when there are none.

    Parameters
    ----------
    solution
        The week.
    citizens
        Positions of the citizens.
    variants
        Levers pulled together; a variant is left out for citizens for whom a lever does nothing.
        A lever may stand twice.
    larger
        Whether every resource is one step larger and every measure is accepted.
    week, rows
        Another week in which the citizens are looked at, and the rows its offers are laid out by;
        None: those of the solution.
    """
    problem = week or solution.problem
    base = _alone(problem, citizens)
    frames: list[pd.DataFrame] = []
    who: list[Ints] = []
    levers: list[tuple[str, ...]] = []
    made: dict[tuple[str, ...], tuple[pd.DataFrame, Bools]]
    made = {(): (base, np.ones(len(base), dtype=np.bool_))}

    def after(variant: tuple[str, ...]) -> tuple[pd.DataFrame, Bools]:
        """Levers pulled one after the other; variants that begin alike share their beginning."""
        if variant not in made:
            frame, able = after(variant[:-1])
            if able.any():
                frame, does = pulled(frame, problem.policy, variant[-1])
                able = able & does
            made[variant] = frame, able
        return made[variant]

    for variant in variants:
        frame, able = after(variant)
        if able.any():
            frames.append(frame if able.all() else frame[able])
            who.append(citizens[able])
            levers += [variant] * int(able.sum())
    if not frames:
        return None
    table, citizen = pd.concat(frames, ignore_index=True), np.concatenate(who)
    names = np.array([f"{at:08d}" for at in range(len(table))], dtype=object)
    renamed = table.assign(citizen_id=pd.Series(names, dtype=table["citizen_id"].dtype))
    ids = solution.book.encoded.citizens.ids
    changed = (_larger(problem) if larger else problem).with_tables(
        citizens=renamed,
        locks=problem["locks"].iloc[:0],
        forbids=_copied(problem["forbids"], ids[citizen], names),
        previous=_copied(problem["previous"], ids[citizen], names),
    )
    book = build_offers(changed)
    return Counterfactual(
        book=book,
        citizen=citizen,
        levers=tuple(levers),
        offers=new_offers(rows or solution.model, book, citizen),
        unasked=~solution.book.encoded.openings.accepts[book.offers.opening, book.offers.measure],
    )


def _alone(problem: Problem, citizens: Ints) -> pd.DataFrame:
    """Rows of citizens that mean the same without the other adults of their households.

    A child that another adult in the table could look after binds the adults through a row of the
    model, not through a rule on one of them.
    """
    table = problem["citizens"]
    adults = table["household_id"].map(table["household_id"].value_counts()).fillna(1)
    rows = table.iloc[citizens]
    shared = (adults.iloc[citizens] >= 2).to_numpy(np.bool_)
    return rows.assign(
        partner_can_care=rows["partner_can_care"].to_numpy(np.bool_) | shared,
        household_id=pd.Series([None] * len(rows), index=rows.index).astype(
            rows["household_id"].dtype
        ),
    )


def shares_care(problem: Problem) -> Bools:
    """Whether a row of the model binds a citizen to other adults at home, shape (citizens,)."""
    home = pd.factorize(problem["citizens"]["household_id"])[0]
    inside = home >= 0
    count = int(home.max(initial=-1)) + 1
    adults = np.bincount(home[inside], minlength=count)
    needing = np.bincount(home[inside], weights=needs_care(problem)[inside], minlength=count)
    return np.asarray(
        inside & np.append((adults >= 2) & (needing > 0), False)[home], dtype=np.bool_
    )


def _larger(problem: Problem) -> Problem:
    """Return the week with one step more of every resource and every measure accepted."""
    policy, tables = problem.policy, dict(problem.tables)
    if "measure" in policy.unlocking.costs:
        openings, every = tables["openings"], ";".join(sorted(policy.measures))
        accepted = pd.Series([every] * len(openings), dtype=openings["measures"].dtype)
        tables["openings"] = openings.assign(measures=accepted)
    for kind in row_levers(policy).values():
        if kind.capacity:
            table = tables[kind.table]
            more = table[kind.capacity] + step_of(policy, kind.id)
            tables[kind.table] = table.assign(**{kind.capacity: more})
    changed = {name: frame for name, frame in tables.items() if frame is not problem[name]}
    return problem.with_tables(**changed)


def _copied(
    table: pd.DataFrame, ids: npt.NDArray[np.object_], names: npt.NDArray[np.object_]
) -> pd.DataFrame:
    """Rows about citizens, once for each of their variants."""
    behind = pd.DataFrame({"citizen_id": ids, "variant": names})
    merged = table.merge(behind.astype({"citizen_id": table["citizen_id"].dtype}), on="citizen_id")
    named = merged.assign(citizen_id=merged["variant"].astype(table["citizen_id"].dtype))
    return named[list(table.columns)].reset_index(drop=True)


def changed_week(problem: Problem, citizens: Iterable[int], levers: Iterable[str]) -> Problem:
    """Return the week in which citizens have their levers pulled, and everything else as it is."""
    at = np.array(sorted(citizens), dtype=np.int64)
    table = problem["citizens"]
    rows = table.iloc[at]
    for lever in levers:
        rows, _ = pulled(rows, problem.policy, lever)
    kept = table.drop(index=table.index[at])
    return problem.with_tables(citizens=pd.concat([kept, rows]).sort_index())
