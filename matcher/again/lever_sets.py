"""Which levers to pull together: the cheapest set that reaches so many, the most for so much money.

All levers stand in one program with everybody's placements. A lever on a row is a few columns of
1, 2, 4 ... pulls that add units to it; a measure accepted at an opening is a column that its
placements need; a lever on a citizen's own situation stands in the cost of the placements that
need it. Goals: people placed, of which at most the target counts, then the least cost. Fit plays no
part, so of a citizen's placements at an opening only those remain that no other one undercuts.

How it is proven: the prices of the relaxed program say what a plan with a column loses at least. A
plan from the columns that lose least gives a value; what could beat it may only hold columns that
lose less than is missing to the bound, and the program of those is solved whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher import engine
from matcher.again.programs import part_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_ROUGH = engine.Options(work=0.01, switches=engine.Switches(neighbourhood=False))
"""For prices and a bound: no plan is looked for yet."""
_WHOLE = engine.Options(method="direct", work=20.0)
_CLOSING = engine.Options(method="closing", work=4.0)
_MANY = 8_000
"""Columns above which nothing is looked for but what is better than the best set so far."""
_ROOMS = (2.0, np.inf)
"""Steps of cost that a column may lose to be looked at then: a few first, then all that may be."""
_NEAR = 1.0
"""Steps of cost that a placement under a measure loses at most, where its person is held to it."""
_FIRST_ROOM = 0.5
_WIDER = 4.0
"""Steps of cost that a column may lose to be looked at first, and how that grows."""
_FAR = 200.0
"""Steps of cost beyond which it is asked first whether so many can be placed at all."""
_LOWER = 4
"""Targets tried, each what the one before was shown to reach at most."""
_PASSES = 8
"""Placements of an opening that the others are held against, one after the other."""


@dataclass(frozen=True, eq=False)
class AllLevers:
    """Levers, and all placements that they make possible; positions throughout."""

    citizen: Ints
    """Whose each placement is, shape (placements,)."""
    opening: Ints
    uses: sp.csc_array
    """Units of each row, shape (rows, placements)."""
    capacity: Ints
    """Capacity of each row where no lever is pulled."""
    floors: Bools
    """Rows whose capacity is a floor."""
    must: Bools
    """Citizens who must be placed, shape (citizens,)."""
    barred: Bools
    """Placements that may not be, shape (placements,)."""
    prices: npt.NDArray[np.float64]
    """What a unit of each row is worth in placements, as the week's own answer says."""
    row: Ints
    """Row of each lever on a row."""
    units: Ints
    """Units that one pull of it adds."""
    row_cost: Ints
    """Cost of one pull, DKK."""
    row_most: Ints
    """Pulls at most."""
    shared: Ints
    """Measure accepted that a placement needs, -1 for none, shape (placements,)."""
    shared_cost: Ints
    """Cost of each, DKK."""
    shared_seats: Ints
    """Row of the seats that placements under each can take; -1 where there is none."""
    own: Ints
    """Kind of the lever on the citizen's own situation, -1 for none, shape (placements,)."""
    own_cost: Ints
    """Cost of each kind, DKK."""


@dataclass(frozen=True)
class LeverSet:
    """A set of levers by position, and what it comes to."""

    people: int
    """Placements it makes possible, of those asked for."""
    cost: int
    """DKK."""
    rows: tuple[tuple[int, int], ...]
    """Levers on rows, and how often each is pulled."""
    shared: tuple[int, ...]
    """Measures accepted."""
    own: tuple[tuple[int, int], ...]
    """Citizens and kinds of levers on their situation."""
    proven: bool
    """Whether nothing is better: no more people, no less cost."""
    people_bound: int
    """What no set passes."""
    cost_bound: int
    """What no set of as many people goes below."""


class LeverSets:
    """Answers which levers to pull together."""

    def __init__(self, levers: AllLevers) -> None:
        self._all = _undercut(levers)

    def cheapest(self, people: int, *, not_as: LeverSet | None = None) -> LeverSet | None:
        """Find the cheapest set with which so many are placed, or as many as there can be.

        Parameters
        ----------
        people
            Placements wanted.
        not_as
            A set of which at least one lever must be pulled less. None: any set.

        Returns
        -------
        LeverSet or None
            None: no plan at all.
        """
        found, wanted = None, people
        for _ in range(_LOWER):
            known = 0 if not_as is None or not_as.people > wanted else not_as.cost_bound
            found, reachable = _Asked(self._all, wanted, not_as, at_least=known).answer()
            if reachable >= wanted:
                return found
            wanted = reachable
        return found

    def most(self, money: int) -> LeverSet | None:
        """Find the set of at most so many DKK with which most people are placed, and the cheapest.

        Returns
        -------
        LeverSet or None
            None: no plan at all.
        """
        wanted = _Asked(self._all, None, None, money).bound()
        beyond = None
        while wanted is not None and wanted >= 0:
            found, reachable = _Asked(self._all, wanted, None, money).answer()
            if found is not None and found.people >= wanted and found.cost <= money:
                sure = found.proven and beyond is None
                return replace(found, proven=sure, people_bound=beyond or found.people)
            if found is not None and not found.proven and found.cost_bound <= money:
                beyond = beyond or wanted
            wanted = min(reachable, wanted - 1)
        return None


class _Asked:
    """One question as a program: placements, pulls in powers of two, measures, what is less."""

    def __init__(
        self, levers: AllLevers, people: int | None, not_as: LeverSet | None,
        money: int | None = None, *, at_least: int = 0,
    ) -> None:  # fmt: skip
        """Ask; ``at_least``: DKK that no set for so many people is known to go below."""
        self._all, self._people, self._money = levers, people, money
        self._at_least = at_least
        self._placements = len(levers.citizen)
        of, pulls = [], []
        for lever, most in enumerate(levers.row_most.tolist()):
            one = 1
            while most > 0:
                of.append(lever)
                pulls.append(min(one, most))
                most -= min(one, most)
                one *= 2
        self._of = np.array(of, dtype=np.int64)
        self._pulls = np.array(pulls, dtype=np.int64)
        self._less = [] if not_as is None else self._forms(not_as)

    @cached_property
    def _step(self) -> int:
        """DKK that all costs are multiples of."""
        every = (self._all.row_cost, self._all.shared_cost, self._all.own_cost)
        return max(1, int(np.gcd.reduce(np.concatenate(every))))

    @cached_property
    def _costs(self) -> Ints:
        """Cost of each column, in steps."""
        levers = self._all
        own = np.append(levers.own_cost, 0)[levers.own]
        pulled = levers.row_cost[self._of] * self._pulls
        dkk = np.concatenate([own, pulled, levers.shared_cost, np.zeros(len(self._less), np.int64)])
        return np.asarray(dkk // self._step, dtype=np.int64)

    def _forms(self, given: LeverSet) -> list[tuple[Ints, Ints, int, int]]:
        """Columns of each lever of a set, pulls in each, pulls in the set, most pulls."""
        levers, found = self._all, []
        for lever, times in given.rows:
            mine = np.flatnonzero(self._of == lever)
            found.append((self._placements + mine, self._pulls[mine], times,
                          int(levers.row_most[lever])))  # fmt: skip
        first = self._placements + len(self._of)
        one = np.ones(1, dtype=np.int64)
        found += [(np.array([first + shared]), one, 1, 1) for shared in given.shared]
        for citizen, kind in given.own:
            mine = np.flatnonzero((levers.citizen == citizen) & (levers.own == kind))
            found.append((mine, np.ones(len(mine), dtype=np.int64), 1, 1))
        return found

    @cached_property
    def program(self) -> engine.Program:
        """Placements first, then pulls, then measures, then which lever is pulled less."""
        levers = self._all
        pulls, shared, less = len(self._of), len(levers.shared_cost), len(self._less)
        rest = shared + less
        units = -levers.units[self._of] * self._pulls
        more = sp.csr_array((units, (levers.row[self._of], np.arange(pulls))),
                            shape=(len(levers.capacity), pulls))  # fmt: skip
        blocks = [sp.hstack([levers.uses, more, _none(len(levers.capacity), rest)])]
        upper = [np.where(levers.floors, engine.UNBOUNDED, levers.capacity)]
        linked, sides = self._linked(more)
        blocks += [sp.hstack([linked, _none(linked.shape[0], less)])]
        upper += [sides]
        counted = np.zeros(self._placements + pulls + rest, dtype=np.int64)
        counted[: self._placements] = 1
        if self._people is not None:
            blocks.append(sp.csr_array(counted[None, :]))
            upper.append(np.array([self._people], dtype=np.int64))
        if self._money is not None and self._people is None:
            blocks.append(sp.csr_array(self._costs[None, :]))
            upper.append(np.array([self._money // self._step], dtype=np.int64))
        for at, (columns, times, taken, most) in enumerate(self._less):
            form = np.zeros(len(counted), dtype=np.int64)
            form[columns] = times
            form[len(counted) - less + at] = most - taken + 1
            blocks.append(sp.csr_array(form[None, :]))
            upper.append(np.array([most], dtype=np.int64))
        citizens = len(levers.must)
        own_group = citizens + np.arange(pulls + shared)
        groups = citizens + pulls + shared
        must = np.zeros(groups + bool(less), dtype=np.bool_)
        must[:citizens] = levers.must
        must[groups:] = True
        uses = sp.csr_array(sp.vstack(blocks)).astype(np.int64)
        sides = np.concatenate(upper)
        lower = None
        if levers.floors.any():
            lower = np.full(len(sides), -engine.UNBOUNDED, dtype=np.int64)
            lower[np.flatnonzero(levers.floors)] = levers.capacity[levers.floors]
        return engine.Program(
            group=np.concatenate([levers.citizen, own_group, np.full(less, groups)]),
            n_groups=len(must),
            gains=np.stack([counted, -self._costs]),
            uses=uses,
            upper=sides,
            lower=lower,
            exactly_one=must if must.any() else None,
            forbidden=np.flatnonzero(levers.barred),
        )

    def _linked(self, more: sp.csr_array) -> tuple[sp.csr_array, Ints]:
        """Rows that let placements be under a measure only where it is accepted.

        With y for accepted, k for the seats there and s for those bought: at most (k + most s) y,
        and at most k y + s, which is nearer to whole numbers.
        """
        levers, shared = self._all, len(self._all.shared_cost)
        needing = np.flatnonzero(levers.shared >= 0)
        under = sp.csr_array(
            (np.ones(len(needing), dtype=np.int64), (levers.shared[needing], needing)),
            shape=(shared, self._placements),
        )
        count = np.bincount(levers.shared[needing], minlength=shared).astype(np.int64)
        most = np.zeros(len(levers.capacity), dtype=np.int64)
        np.add.at(most, levers.row, levers.units * levers.row_most)
        limited, seats = levers.shared_seats >= 0, levers.shared_seats
        there = np.where(limited, np.maximum(levers.capacity[seats], 0), count)
        whole = np.minimum(count, there + np.where(limited, most[seats], 0))
        rows = np.arange(shared)
        square = sp.csr_array((-whole, (rows, rows)), shape=(shared, shared))
        first = sp.hstack([under, _none(shared, len(self._of)), square])
        bought = more[np.where(limited, seats, 0)] * limited.astype(np.int64)[:, None]
        square = sp.csr_array((-there, (rows, rows)), shape=(shared, shared))
        second = sp.hstack([under, bought, square])
        both = sp.csr_array(sp.vstack([first, second]))
        return both, np.zeros(2 * shared, dtype=np.int64)

    def bound(self) -> int | None:
        """Return what no plan passes; None: there is no plan."""
        rough = self._rough()
        if rough.termination.reason is engine.StopReason.INFEASIBLE:
            return None
        first = rough.tiers[0]
        if first.bound is None:
            raise engine.BackendError("a program without a bound")
        return int(first.bound)

    def _rough(self) -> engine.Answer:
        known = np.zeros((2, self.program.n_rows))
        known[0, : len(self._all.prices)] = self._all.prices
        return engine.solve(self.program, _ROUGH, start=engine.Start(known))

    def answer(self) -> tuple[LeverSet | None, int]:
        """Solve to proof.

        Returns
        -------
        tuple
            The cheapest set, and how many people can be reached: fewer than were asked for, where
            it is shown that no set places more. None: no plan at all, or none for the money.
        """
        program, wanted = self.program, self._people or 0
        rough = self._rough()
        if rough.termination.reason is engine.StopReason.INFEASIBLE:
            return None, wanted
        first = rough.tiers[0].bound
        if first is not None and first < wanted:
            return None, int(first)
        if rough.losses is None or (
            rough.has_selection and all(tier.proven for tier in rough.tiers)
        ):
            whole = rough
            if not rough.has_selection or not all(tier.proven for tier in rough.tiers):
                whole = engine.solve(program, _WHOLE)
            if not whole.has_selection:
                return None, wanted
            sure = all(tier.proven for tier in whole.tiers)
            found = self._told(whole.selection, rough.losses, wanted, proven=sure)
            return found, found.people if sure else wanted
        losses = rough.losses
        least = np.ceil(losses.weight * wanted - losses.bound - 1e-6) * self._step
        if self._money is not None and least > self._money:
            return None, wanted
        return self._closed(rough, losses, wanted)

    def _closed(
        self, rough: engine.Answer, losses: engine.Losses, wanted: int
    ) -> tuple[LeverSet | None, int]:
        """Close the gap between the prices' bound and a plan of columns that lose little."""
        program = self.program
        best = rough.selection if rough.has_selection else None
        room = _FIRST_ROOM
        while True:
            enough = best is not None and int(program.gains[0][best].sum()) >= wanted
            missing = np.inf
            if best is not None and enough:
                missing = losses.bound - self._worth(losses, best) - 1
                if missing < 0 or self._cost(best) <= self._at_least:
                    return self._told(best, losses, wanted, proven=True), wanted
            room = min(room, missing)
            kept = np.flatnonzero(losses.loss <= room + 1e-6)
            if best is not None and enough and len(kept) > _MANY:
                return self._settled(rough, losses, best, wanted), wanted
            if best is not None:
                kept = np.union1d(kept, best)
            part, to = part_of(program, kept)
            start = None if best is None else engine.Start(selection=to[best])
            found = engine.solve(part, _WHOLE, start=start)
            settled = found.termination.reason is engine.StopReason.INFEASIBLE or (
                found.has_selection and all(tier.proven for tier in found.tiers)
            )
            if found.has_selection:
                best = self._better(best, kept[found.selection])
            enough = best is not None and int(program.gains[0][best].sum()) >= wanted
            if best is not None and enough:
                missing = losses.bound - self._worth(losses, best) - 1
                if missing < 0 or self._cost(best) <= self._at_least:
                    return self._told(best, losses, wanted, proven=True), wanted
                # Whatever is better holds only columns that lose no more than is missing.
                if settled and room >= missing:
                    return self._told(best, losses, wanted, proven=True), wanted
                if not settled and room >= missing:
                    return self._told(best, losses, wanted, proven=False), wanted
            elif room > _FAR or len(kept) == program.n_columns:
                return self._reachable(best, losses, wanted)
            room *= _WIDER

    def _settled(
        self, rough: engine.Answer, losses: engine.Losses, best: Ints, wanted: int
    ) -> LeverSet:
        """Prove a set, or what is found to be better, where many columns are open.

        Rows that say of each person near a measure that it must be accepted bring the bound up.
        """
        open_ = losses.loss <= losses.bound - self._worth(losses, best) - 1 + 1e-6
        kept = np.union1d(np.flatnonzero(open_), best)
        part, to = part_of(self.program, kept)
        linked = self._by_person(part, kept, losses)
        known = np.zeros((2, linked.n_rows))
        known[:, : part.n_rows] = rough.prices
        start = engine.Start(known, to[best])
        nearer = engine.solve(linked, _ROUGH, start=start).losses or replace(
            losses, loss=losses.loss[kept]
        )
        counted = sp.csr_array(-linked.gains[:1])
        only = linked.replace(
            gains=linked.gains[1:],
            uses=sp.csr_array(sp.vstack([linked.uses, counted])).astype(np.int64),
            upper=np.append(linked.upper, -wanted),
            lower=None if linked.lower is None else np.append(linked.lower, -engine.UNBOUNDED),
        )
        for room in _ROOMS:
            missing = nearer.bound - self._worth(nearer, best) - 1
            if missing < 0:
                return self._told(best, losses, wanted, proven=True)
            near = np.flatnonzero(nearer.loss <= min(room, missing) + 1e-6)
            near = np.union1d(near, np.searchsorted(kept, best))
            part, to = part_of(only, near)
            start = engine.Start(selection=to[np.searchsorted(kept, best)])
            found = engine.solve(part, _CLOSING, start=start)
            best = kept[near[found.selection]]
        return self._told(best, losses, wanted, proven=found.tiers[0].proven)

    def _by_person(self, part: engine.Program, kept: Ints, losses: engine.Losses) -> engine.Program:
        """Return a program of kept columns, with rows of people who need a measure accepted.

        A person under a measure needs all of it, not the share of a seat: at most one placement of
        each person under it where it is accepted, none where it is not.
        """
        levers, shared = self._all, len(self._all.shared_cost)
        at = np.flatnonzero(kept < self._placements)
        at = at[levers.shared[kept[at]] >= 0]
        both = levers.citizen[kept[at]] * shared + levers.shared[kept[at]]
        near = np.isin(both, both[losses.loss[kept[at]] <= _NEAR])
        pair, of = np.unique(both[near], return_inverse=True)
        accepted = np.searchsorted(kept, self._placements + len(self._of) + pair % shared)
        there = np.append(kept, -1)[accepted] == self._placements + len(self._of) + pair % shared
        one = np.ones(int(near.sum()) + int(there.sum()), dtype=np.int64)
        one[int(near.sum()) :] = -1
        rows = np.concatenate([of.reshape(-1), np.flatnonzero(there)])
        columns = np.concatenate([at[near], accepted[there]])
        links = sp.csr_array((one, (rows, columns)), shape=(len(pair), len(kept)))
        lower = part.lower
        if lower is not None:
            lower = np.append(lower, np.full(len(pair), -engine.UNBOUNDED))
        return part.replace(
            uses=sp.csr_array(sp.vstack([part.uses, links])).astype(np.int64),
            upper=np.append(part.upper, np.zeros(len(pair), dtype=np.int64)),
            lower=lower, row_names=None,
        )  # fmt: skip

    def _reachable(
        self, best: Ints | None, losses: engine.Losses, wanted: int
    ) -> tuple[LeverSet | None, int]:
        """Decide how many can be placed at any cost."""
        alone = self.program.replace(gains=self.program.gains[:1])
        start = None if best is None else engine.Start(selection=best)
        most = engine.solve(alone, start=start)
        if not most.has_selection:
            return None, wanted
        if most.tiers[0].proven:
            return None, min(wanted, most.tiers[0].value)
        best = self._better(best, most.selection)
        return self._told(best, losses, wanted, proven=False), wanted

    def _better(self, best: Ints | None, found: Ints) -> Ints:
        """Return the selection with more people, or else less cost."""
        if best is None:
            return found
        values = [tuple(self.program.gains[:, one].sum(axis=1).tolist()) for one in (best, found)]
        return found if values[1] > values[0] else best

    def _cost(self, chosen: Ints) -> int:
        """Return what a selection costs, DKK."""
        return int(self._costs[chosen].sum()) * self._step

    def _worth(self, losses: engine.Losses, chosen: Ints) -> float:
        first, second = self.program.gains[:, chosen].sum(axis=1).tolist()
        return float(losses.weight * first + second)

    def _told(
        self, chosen: Ints, losses: engine.Losses | None, wanted: int, *, proven: bool
    ) -> LeverSet:
        """Read the levers off a selection."""
        levers = self._all
        placed = chosen[chosen < self._placements]
        bits = chosen[(chosen >= self._placements)] - self._placements
        pulled = np.zeros(len(levers.row), dtype=np.int64)
        np.add.at(pulled, self._of[bits[bits < len(self._of)]],
                  self._pulls[bits[bits < len(self._of)]])  # fmt: skip
        accepted = bits[bits >= len(self._of)] - len(self._of)
        helped = placed[levers.own[placed] >= 0]
        steps = int(self._costs[chosen].sum())
        people = len(placed)
        least = steps if proven else 0
        if not proven and losses is not None:
            least = max(0, min(steps, int(np.ceil(losses.weight * people - losses.bound - 1e-6))))
        return LeverSet(
            people=people,
            cost=steps * self._step,
            rows=tuple((at, int(pulled[at])) for at in np.flatnonzero(pulled).tolist()),
            shared=tuple(sorted(accepted[accepted < len(levers.shared_cost)].tolist())),
            own=tuple(sorted(zip(levers.citizen[helped].tolist(), levers.own[helped].tolist(),
                                 strict=True))),
            proven=proven,
            people_bound=people if proven else max(people, wanted),
            cost_bound=max(least * self._step, min(self._at_least, steps * self._step)),
        )  # fmt: skip


def _none(rows: int, columns: int) -> sp.csr_array:
    return sp.csr_array((rows, columns), dtype=np.int64)


def _undercut(levers: AllLevers) -> AllLevers:
    """Leave out placements that another one of the same person at the same opening undercuts.

    One undercuts another where it takes no more of any row, costs no more and needs no measure that
    the other does not need. The least takers of each pair are held against the others in turn.
    """
    keep = ~levers.barred
    cost = np.append(levers.own_cost, 0)[levers.own]
    asks = (levers.shared >= 0).astype(np.int64)
    # Under floors more is better: those rows tell nothing, as all of a citizen's take the same.
    wide = sp.csc_array(sp.vstack([levers.uses, sp.csr_array(np.stack([cost, asks]))]))
    total = np.asarray(abs(wide).sum(axis=0)).reshape(-1)
    openings = int(levers.opening.max(initial=0)) + 1
    _, pair = np.unique(levers.citizen * openings + levers.opening, return_inverse=True)
    pair = pair.reshape(-1)
    done = np.zeros(len(pair), dtype=np.bool_)
    for _ in range(_PASSES):
        at = np.flatnonzero(keep)
        order = at[np.lexsort((at, total[at], done[at], pair[at]))]
        first = order[np.append(True, pair[order][1:] != pair[order][:-1])[: len(order)]]
        least = first[~done[first]]
        if not len(least):
            break
        by = np.full(int(pair.max(initial=0)) + 1, -1, dtype=np.int64)
        by[pair[least]] = least
        others = at[by[pair[at]] >= 0]
        others = others[by[pair[others]] != others]
        # Another measure at the opening is another agreement: the same one, or none, undercuts.
        fair = (asks[by[pair[others]]] == 0) | (
            levers.shared[by[pair[others]]] == levers.shared[others]
        )
        others = others[fair]
        above = sp.csc_array(wide[:, by[pair[others]]] - wide[:, others])
        above.data = (above.data > 0).astype(np.int64)
        keep[others[np.asarray(above.sum(axis=0)).reshape(-1) == 0]] = False
        done[least] = True
    kept = np.flatnonzero(keep)
    return _of_these(levers, kept)


def _of_these(levers: AllLevers, kept: Ints) -> AllLevers:
    return replace(
        levers, citizen=levers.citizen[kept], opening=levers.opening[kept],
        uses=levers.uses[:, kept], barred=levers.barred[kept], shared=levers.shared[kept],
        own=levers.own[kept],
    )  # fmt: skip


def joined_uses(parts: Sequence[sp.csr_array]) -> sp.csc_array:
    """Put placements beside each other."""
    return sp.csc_array(sp.hstack(list(parts)))
