"""What the best plan for one citizen alone is worth in a year, all that is shared having a price.

A citizen waits, is proposed something, holds a place, waits again. Going back from the year's end,
for each week n and weeks u used up of each kind::

    waits[n, u]    = (1 - leaves_waiting) value[n + 1, u]
    value[n, u]    = waits[n, u] + max(0, over proposals c of week n that u leaves a week for:
                       net[c, l - u] + a (f value[b, u] + (1 - f) placed[m, b, u] - waits[n, u]))
    placed[m, b, u] = p value[b + 1, u + 1] + (1 - p) placed[m, b + 1, u + 1]
    placed[m, b, u] = (1 - to_work) value[b, u]           where u leaves no week: time is up

net[c, l] is what c gains less the price of what it uses, in expectation, at work for l weeks at
most. With nobody placed before, value begins at u = 0 and waits is nothing from the week in which
the citizen leaves, which is known; after a placement leaving is luck again. A measure that uses up
weeks of no kind leaves u as it is, and is over only with the year. All citizens are worked out at
once, a week at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Gain:
    """What a placement is worth, in points or in starts."""

    start: float
    """Each start."""
    fit: float = 0.0
    """A point of fit of who starts."""
    week: float = 0.0
    """A week at work within the year."""


@dataclass(frozen=True, eq=False)
class Proposals:
    """Offers that could be proposed in a week, in the order of the weeks; shape (proposals,)."""

    citizen: Ints
    """Position among all citizens."""
    measure: Ints
    week: Ints
    begins: Ints
    """Week that it counts from at work."""
    left: Ints
    """Weeks that the measure allows the citizen before any are used in the year."""
    fit: Ints
    weeks: int
    """Weeks of the year."""
    come: Ints
    """Week in which each citizen comes, ``weeks``: never; shape (citizens,)."""
    leaves: Ints
    """Week in which each leaves who was never placed; shape (citizens,)."""
    used_kind: tuple[str | None, ...]
    """Which kind of weeks each measure uses up."""
    leaving: Floats
    """Share of placements that end in a week, by measure."""
    accepted: float
    no_show: float
    to_work: float
    """Share of placements whose time is up that lead to work."""
    leaves_waiting: float

    @cached_property
    def limited(self) -> Bools:
        """Whether time may be up within the year, shape (proposals,)."""
        return np.asarray(self.begins + self.left < self.weeks)

    @cached_property
    def ends(self) -> Ints:
        """Last week of the year that it may be held in, shape (proposals,)."""
        return np.minimum(self.begins + np.maximum(self.left, 1), self.weeks) - 1

    @cached_property
    def works(self) -> Floats:
        """Chance that it is at work once accepted, its time never up, shape (proposals, weeks)."""
        since = np.arange(self.weeks) - self.begins[:, None]
        stays = (1 - self.leaving[self.measure])[:, None] ** np.maximum(since, 0)
        return np.where(since >= 0, (1 - self.no_show) * stays, 0.0)

    def held(self) -> Floats:
        """Chance that it is held in a week after the one it is accepted in, likewise."""
        weeks = np.arange(self.weeks)
        promised = (weeks > self.week[:, None]) & (weeks < self.begins[:, None])
        return np.where(promised, 1.0, self.works)

    def gains(self, gain: Gain) -> Floats:
        """What each gains in expectation, in full, shape (proposals,)."""
        within = np.arange(self.weeks) <= self.ends[:, None]
        worked = gain.week * (self.works * within).sum(axis=1)
        return self.accepted * (worked + (1 - self.no_show) * (gain.start + gain.fit * self.fit))


@dataclass(frozen=True, eq=False)
class Holds:
    """What proposals use of shared rows in one manner."""

    uses: sp.csr_array
    """Units, shape (proposals, rows)."""
    shape: Floats
    """Expected share of them in each week, shape (proposals, weeks)."""
    ends: bool
    """Whether it is over once the placement's time is up."""
    now: bool = False
    """Whether it is in the week of the proposal alone."""


@dataclass(frozen=True, eq=False)
class Plans:
    """What the best plans for each citizen alone gain from a week on, less what they use."""

    value: Floats
    """Of who waits and was placed before, shape (weeks + 1, states)."""
    fresh: Floats
    """Of who waits and was never placed, shape (weeks + 1, citizens)."""
    placed: Floats
    """Of who is at work, once that is over, shape (weeks + 1, measures, states)."""


class Alone:
    """Plans for each citizen alone.

    Parameters
    ----------
    proposals
        Of the year.
    holds
        What they use.
    """

    def __init__(self, proposals: Proposals, holds: tuple[Holds, ...]) -> None:
        self._made, self._holds = proposals, holds
        self._states()
        self._kinds_of_proposals()

    def _states(self) -> None:
        """Lay out for each citizen what weeks may have been used up, kind by kind."""
        made = self._made
        citizens, measures = len(made.come), len(made.used_kind)
        kinds = [name for name in dict.fromkeys(made.used_kind) if name]
        most = np.full((citizens, measures), -1, dtype=np.int64)
        of_kind = np.array([name is not None for name in made.used_kind], dtype=np.bool_)
        some = (made.left < made.weeks) & of_kind[made.measure]
        most[made.citizen[some], made.measure[some]] = made.left[some]
        kind = np.array([kinds.index(one) if one else -1 for one in made.used_kind], dtype=np.int64)
        span = np.ones((citizens, len(kinds)), dtype=np.int64)
        for at in np.flatnonzero(of_kind):
            span[:, kind[at]] = np.maximum(span[:, kind[at]], most[:, at] + 1)
        self._span, self._kinds_used = span, kinds
        self._many = span.prod(axis=1)
        self._first = np.cumsum(self._many) - self._many
        whose = np.repeat(np.arange(citizens), self._many)
        within = np.arange(len(whose)) - self._first[whose]
        self._stride = span.prod(axis=1)[:, None] // np.cumprod(span, axis=1)
        stride = self._stride[whose]
        used = within[:, None] // stride % span[whose]
        self._left = np.full((measures, len(whose)), -1, dtype=np.int64)
        """Weeks left of each measure in each state; -1: no limit that matters."""
        self._next = np.tile(np.arange(len(whose)), (measures, 1))
        """State once another week is used up."""
        for at in np.flatnonzero(of_kind):
            limited = most[whose, at] >= 0
            weeks = used[:, kind[at]]
            self._left[at] = np.where(limited, np.maximum(most[whose, at] - weeks, 0), -1)
            more = weeks + 1 < span[whose, kind[at]]
            self._next[at] += np.where(more, stride[:, kind[at]], 0)

    def _kinds_of_proposals(self) -> None:
        """Of proposals that differ in what they use alone, the best is taken: put them together."""
        made = self._made
        keys = np.stack([made.begins, made.measure, made.citizen, made.week])
        self._order = np.lexsort(keys)
        ordered = keys[:, self._order]
        new = np.ones(ordered.shape[1], dtype=np.bool_)
        new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
        self._begin = np.flatnonzero(new)
        self._kinds = ordered[:, new]
        of_week = np.searchsorted(self._kinds[3], np.arange(made.weeks + 1))
        self._moves = [self._moves_of(np.arange(of_week[week], of_week[week + 1]))
                       for week in range(made.weeks)]  # fmt: skip

    def _moves_of(self, kinds: Ints) -> tuple[Ints, Ints, Ints]:
        """Kind of proposal, state and last week held of all moves of a week, by state."""
        begins, measure, citizen, _ = self._kinds[:, kinds]
        many = self._many[citizen]
        of = np.repeat(np.arange(len(kinds)), many)
        state = self._first[citizen][of] + np.arange(len(of)) - (np.cumsum(many) - many)[of]
        left = self._left[measure[of], state]
        last = np.where(left < 0, self._made.weeks, begins[of] + left) - 1
        order = np.lexsort((of, state))
        order = order[left[order] != 0]
        last = np.minimum(last, self._made.weeks - 1)
        return kinds[of[order]], state[order], last[order]

    def _net(self, gain: Gain, prices: Floats, holds: tuple[Holds, ...]) -> Floats:
        """Return what each gains less what it uses, held to each week, shape (proposals, weeks)."""
        made = self._made
        once = made.accepted * (1 - made.no_show) * (gain.start + gain.fit * made.fit)
        weekly = made.accepted * gain.week * made.works
        for one in holds:
            paid = np.asarray(one.uses @ prices) * one.shape
            if one.ends:
                weekly = weekly - paid
            else:
                once = once - paid.sum(axis=1)
        return np.asarray(once[:, None] + np.cumsum(weekly, axis=1))

    def best(self, gain: Gain, prices: Floats) -> Floats:
        """Return what the best plan for each citizen gains less what it uses, shape (citizens,).

        Parameters
        ----------
        gain
            What is gained.
        prices
            Of a unit of each row in each week, shape (rows, weeks).
        """
        come = np.flatnonzero(self._made.come < self._made.weeks)
        found = np.zeros(len(self._made.come))
        found[come] = self.plans(gain, prices).fresh[self._made.come[come], come]
        return found

    def plans(self, gain: Gain, prices: Floats) -> Plans:
        """Work out the best plan for each citizen; as in :meth:`best`."""
        made = self._made
        weeks, citizens, states = made.weeks, len(made.come), self._left.shape[1]
        net = np.zeros((0, weeks))
        if len(self._order):
            each = self._net(gain, prices, self._holds)[self._order]
            net = np.maximum.reduceat(each, self._begin, axis=0)
        yes, away, first = made.accepted, made.no_show, self._first
        value = np.zeros((weeks + 1, states))
        fresh = np.zeros((weeks + 1, citizens))
        placed = np.zeros((weeks + 1, len(made.used_kind), states))
        for week in range(weeks - 1, -1, -1):
            waits = (1 - made.leaves_waiting) * value[week + 1]
            waits_fresh = np.where(week + 1 < made.leaves, fresh[week + 1], 0.0)
            value[week], fresh[week] = waits, waits_fresh
            kind, state, last = self._moves[week]
            if len(kind):
                begins, measure, citizen, _ = self._kinds[:, kind]
                then = net[kind, last]
                then += yes * (away * value[begins, state]
                               + (1 - away) * placed[begins, measure, state])  # fmt: skip
                more = np.maximum(then - yes * waits[state], 0.0)
                np.maximum.at(value[week], state, waits[state] + more)
                new = state == first[citizen]
                of = citizen[new]
                more = np.maximum(then[new] - yes * waits_fresh[of], 0.0)
                np.maximum.at(fresh[week], of, waits_fresh[of] + more)
            for at, leaving in enumerate(made.leaving.tolist()):
                on = self._next[at]
                goes_on = leaving * value[week + 1, on] + (1 - leaving) * placed[week + 1, at, on]
                over = (1 - made.to_work) * value[week]
                placed[week, at] = np.where(self._left[at] == 0, over, goes_on)
        return Plans(value, fresh, placed)

    def worth(
        self, gain: Gain, prices: Floats, plans: Plans, chosen: Ints, used: dict[str, Ints],
        placed: Bools,
    ) -> Floats:  # fmt: skip
        """Return what some proposals of a week bring beyond waiting, what they use now for free.

        Parameters
        ----------
        gain, prices
            As the plans were worked out with; of the prices those of later weeks count.
        chosen
            Proposals, positions.
        used
            Weeks that each citizen has used up since the year began, by kind.
        placed
            Who was placed before, shape (citizens,).
        """
        made = self._made
        later = tuple(one for one in self._holds if not one.now)
        citizen, measure, week, begins = (
            one[chosen] for one in (made.citizen, made.measure, made.week, made.begins)
        )
        state = self._first[citizen]
        for at, kind in enumerate(self._kinds_used):
            weeks = np.minimum(used[kind][citizen], self._span[citizen, at] - 1)
            state = state + weeks * self._stride[citizen, at]
        left = self._left[measure, state]
        last = np.minimum(np.where(left < 0, made.weeks, begins + left), made.weeks) - 1
        net = self._net(gain, prices, later)[chosen, last]
        stays = np.where(week + 1 < made.leaves[citizen], plans.fresh[week + 1, citizen], 0.0)
        again = (1 - made.leaves_waiting) * plans.value[week + 1, state]
        then = made.no_show * plans.value[begins, state]
        then += (1 - made.no_show) * plans.placed[begins, measure, state]
        return np.asarray(net + made.accepted * (then - np.where(placed[citizen], again, stays)))
