"""Every lever that the policy names, over a whole week at once, and the week with some pulled.

The placements that levers could make possible are those of a *wide* week, in which whatever a lever
could open is open, and of each citizen with one lever on the own situation pulled. It holds every
placement that a week with any set of levers holds; a set that is found is asked of its own week.

Left out: levers on the situation of adults who share the care of a child at home, for a row binds
them to each other; of citizens whom a lock places; and more of a resource that is overdrawn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from matcher.again import AllLevers, LeverSet, Resolver, joined_uses
from matcher.explain.counterfactuals import (
    build_world,
    changed_week,
    cost_of,
    lever_of,
    person_levers,
    row_levers,
    shares_care,
    step_of,
)
from matcher.formulation import formulate
from matcher.offers import build_offers
from matcher.policy import Policy, override_of
from matcher.problem import Problem
from matcher.row_kinds import COURSE_SEATS, ROW_KINDS, TEAM_SEATS

Ints = npt.NDArray[np.int64]

MEASURE = "measure"
"""The lever by which an employer accepts one measure more at an opening."""
_PLENTY = 40
"""Steps of a resource that one placement takes at most, where the policy says no number."""


@dataclass(frozen=True)
class Pull:
    """One lever and how far it is pulled."""

    lever: str
    """The policy's lever, e.g. ``oral``, ``paper:hygiene``, ``measure``, ``mentor_hours``."""
    about: str
    """Id of the citizen, opening and measure (``O1/ordinary``), or key of the row."""
    times: int
    """How often it is pulled."""
    amount: int
    """How much that is, in the lever's unit."""
    cost: int
    """DKK it is taken to cost."""

    @property
    def own(self) -> bool:
        """Whether it is a lever on somebody's own situation."""
        return self.lever != MEASURE and self.lever not in ROW_KINDS


def levers_of(policy: Policy) -> tuple[str, ...]:
    """Levers that the policy gives a cost: on resources, measures accepted, own situations."""
    measure = (MEASURE,) if MEASURE in policy.unlocking.costs else ()
    return (*row_levers(policy), *measure, *person_levers(policy))


class LeveredWeeks:
    """The levers of a week by position, as they are asked for, and by name, as they are told.

    Parameters
    ----------
    resolver
        The week.
    names
        Levers that may be pulled, as :func:`levers_of` lists them.
    """

    def __init__(self, resolver: Resolver, names: Collection[str]) -> None:
        self._solution = resolver.solution
        self._problem = resolver.solution.problem
        self._policy = self._problem.policy
        self._own = tuple(name for name in person_levers(self._policy) if name in names)
        self._kinds = {name: kind for name, kind in row_levers(self._policy).items()
                       if name in names}  # fmt: skip
        self._measures = MEASURE in names
        wide = self._wide()
        book = build_offers(wide)
        model = formulate(book)
        ids, encoded = model.names, self._solution.book.encoded
        base = dict(zip(self._solution.model.names, self._solution.model.capacity.tolist(),
                        strict=True))  # fmt: skip
        capacity = np.array(
            [base.get(name, there)
             for name, there in zip(ids, model.capacity.tolist(), strict=True)], dtype=np.int64,
        )  # fmt: skip
        price = dict(zip(self._solution.model.names, resolver.prices[0].tolist(), strict=True))
        entry, _, taken = model.entries()
        unasked = ~encoded.openings.accepts[book.offers.opening, book.offers.measure]
        barred = np.zeros(len(book.offers), dtype=np.bool_)
        barred[model.ruled_out] = True
        parts = [(book.offers.citizen.astype(np.int64), book.offers.opening.astype(np.int64),
                  book.offers.measure.astype(np.int64), unasked, barred,
                  np.full(len(book.offers), -1, dtype=np.int64))]  # fmt: skip
        uses = [_matrix(model.entries(), len(ids), len(book.offers))]
        free = ~(shares_care(self._problem) | model.locked | (encoded.citizens.placed > 0))
        for kind, name in enumerate(self._own):
            world = build_world(self._solution, np.flatnonzero(free).astype(np.int64), [(name,)],
                                week=wide, rows=model)  # fmt: skip
            if world is None:
                continue
            offers = world.book.offers
            parts.append((world.offers.citizen, offers.opening.astype(np.int64),
                          offers.measure.astype(np.int64), world.unasked,
                          np.zeros(len(offers), dtype=np.bool_),
                          np.full(len(offers), kind, dtype=np.int64)))  # fmt: skip
            uses.append(world.offers.uses)
        citizen, opening, measure, asks, ruled_out, own = (
            np.concatenate(part) for part in zip(*parts, strict=True)
        )
        width = len(encoded.measures)
        self._agreed, shared = np.unique((opening * width + measure)[asks], return_inverse=True)
        needed = np.full(len(citizen), -1, dtype=np.int64)
        needed[asks] = shared.reshape(-1)
        at = {name: row for row, name in enumerate(ids)}
        openings, seat = encoded.openings.ids, next(
            kind for kind in ROW_KINDS.values() if kind.seat
        )  # fmt: skip
        self._rows = [
            row for row, rule in enumerate(model.rules)
            if rule in self._kinds and self._has_room(rule, model.keys[row])
        ]  # fmt: skip
        self._names = tuple((model.rules[row], model.keys[row]) for row in self._rows)
        rows = np.array(self._rows, dtype=np.int64)
        units = np.array([step_of(self._policy, rule) * self._kinds[rule].scale
                          for rule, _ in self._names], dtype=np.int64)  # fmt: skip
        self.all = AllLevers(
            citizen=citizen,
            opening=opening,
            uses=joined_uses(uses),
            capacity=capacity,
            floors=model.floors,
            must=model.locked,
            barred=ruled_out,
            prices=np.array([price.get(name, 0.0) for name in ids]),
            row=rows,
            units=units,
            row_cost=np.array([cost_of(self._policy, rule) for rule, _ in self._names],
                              dtype=np.int64),
            row_most=self._most(rows, units, capacity, entry, taken),
            shared=needed,
            shared_cost=np.full(len(self._agreed), cost_of(self._policy, MEASURE)
                                if self._measures else 0, dtype=np.int64),
            shared_seats=np.array([at.get(seat.row(str(openings[one // width])), -1)
                                   for one in self._agreed.tolist()], dtype=np.int64),
            own=own,
            own_cost=np.array([cost_of(self._policy, name) for name in self._own],
                              dtype=np.int64),
        )  # fmt: skip

    def _has_room(self, rule: str, key: str) -> bool:
        """Whether one more of a row is one more free: not where more is used than there is."""
        kind = self._kinds[rule]
        if not kind.capacity:
            return True
        keys = self._problem[kind.table][kind.key].tolist()
        return int(self._solution.book.encoded.remaining[kind][keys.index(key)]) >= 0

    def _most(self, rows: Ints, units: Ints, capacity: Ints, entry: Ints, taken: Ints) -> Ints:
        """Return the most pulls of each row: what the policy says, else what all could take."""
        all_take = np.bincount(entry, weights=taken, minlength=len(capacity))
        enough = np.ceil((all_take - capacity)[rows] / np.maximum(units, 1))
        told = self._policy.unlocking.most
        given = np.array([told.get(rule, np.inf) for rule, _ in self._names])
        return np.asarray(np.clip(np.minimum(enough, given), 0, None), dtype=np.int64)

    def _wide(self) -> Problem:
        """Return the week in which whatever a lever could open is open."""
        problem, policy = self._problem, self._policy
        tables: dict[str, pd.DataFrame] = dict(problem.tables)
        if self._measures:
            openings, every = tables["openings"], ";".join(sorted(policy.measures))
            accepted = pd.Series([every] * len(openings), dtype=openings["measures"].dtype)
            tables["openings"] = openings.assign(measures=accepted)
        for name, kind in self._kinds.items():
            if kind.capacity:
                table = tables[kind.table]
                steps = policy.unlocking.most.get(name, _PLENTY) * step_of(policy, name)
                tables[kind.table] = table.assign(**{kind.capacity: table[kind.capacity] + steps})
        # Offers look at the nearest classes and the next sessions with a free seat: where full ones
        # get seats, none may push another one out.
        left = self._solution.book.encoded.remaining
        full = {kind.id: int((left[kind] <= 0).sum()) for kind in (TEAM_SEATS, COURSE_SEATS)
                if kind.id in self._kinds}  # fmt: skip
        if any(full.values()):
            policy = override_of(policy, {
                "language": {"classes_per_offer": policy.language.classes_per_offer
                             + full.get(TEAM_SEATS.id, 0)},
                "papers": {"courses_per_offer": policy.papers.courses_per_offer
                           + full.get(COURSE_SEATS.id, 0)},
            })  # fmt: skip
        changed = {name: frame for name, frame in tables.items() if frame is not problem[name]}
        return problem.replace(policy=policy).with_tables(**changed)

    def told(self, found: LeverSet) -> tuple[Pull, ...]:
        """Name the levers of a set: those on resources, measures accepted, own situations."""
        encoded, policy = self._solution.book.encoded, self._policy
        pulls = [
            Pull(rule, key, times, times * step_of(policy, rule), times * cost_of(policy, rule))
            for at, times in found.rows
            for rule, key in [self._names[at]]
        ]
        for shared in found.shared:
            opening, measure = divmod(int(self._agreed[shared]), len(encoded.measures))
            about = f"{encoded.openings.ids[opening]}/{encoded.measures[measure]}"
            pulls.append(Pull(MEASURE, about, 1, 1, cost_of(policy, MEASURE)))
        pulls += [
            Pull(name, str(encoded.citizens.ids[citizen]), 1, step_of(policy, name),
                 cost_of(policy, name))
            for citizen, kind in found.own
            for name in [self._own[kind]]
        ]  # fmt: skip
        return tuple(pulls)


def levered_week(problem: Problem, pulls: Sequence[Pull]) -> Problem:
    """Return the week in which levers are pulled, and everything else as it is."""
    policy, week = problem.policy, problem
    ids = {str(one): at for at, one in enumerate(problem["citizens"]["citizen_id"])}
    for name in dict.fromkeys(pull.lever for pull in pulls if pull.own):
        mine = [ids[pull.about] for pull in pulls if pull.lever == name]
        week = changed_week(week, mine, [name])
    tables: dict[str, pd.DataFrame] = {}
    lines = dict(policy.money.budgets)
    for pull in pulls:
        if pull.own:
            continue
        if pull.lever == MEASURE:
            opening, _, measure = pull.about.partition("/")
            table = tables.get("openings", week["openings"])
            here = (table["opening_id"] == opening).to_numpy(np.bool_)
            now = str(table["measures"].fillna("")[here].iloc[0])
            both = ";".join(sorted({*now.split(";"), measure} - {""}))
            tables["openings"] = table.assign(measures=table["measures"].mask(here, both))
            continue
        kind = ROW_KINDS[lever_of(pull.lever)]
        if not kind.capacity:
            lines[pull.about] += pull.amount
            continue
        table = tables.get(kind.table, week[kind.table])
        here = (table[kind.key] == pull.about).to_numpy(np.bool_)
        more = table[kind.capacity] + np.where(here, pull.amount, 0)
        tables[kind.table] = table.assign(
            **{kind.capacity: more.astype(table[kind.capacity].dtype)}
        )
    if lines != dict(policy.money.budgets):
        week = week.replace(policy=override_of(policy, {"money": {"budgets": lines}}))
    return week.with_tables(**tables)


def _matrix(entries: tuple[Ints, Ints, Ints], rows: int, offers: int) -> sp.csr_array:
    row, offer, units = entries
    return sp.csr_array(sp.coo_array((units, (row, offer)), shape=(rows, offers)))
