"""What was scarce, and what more of it would bring: exact gains, not prices alone.

A price holds for the first small step; people come whole. So each scarce row is solved again with
20, 5 and 1 units more (hours of mentors, 1,000 DKK of a budget, else places). Where a plan has no
use for all of 20 more it is solved once without any limit: what that plan uses beyond the row's
capacity is where more stops paying. Steps beyond it need no solve of their own, nor do rows whose
price of 0 proves that nothing is gained. Where 20 more are all put to use, more is tried on request
only: how many people one opening could take is a far larger question than what a few seats bring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from matcher.again import Change, Found, Resolver
from matcher.row_kinds import ROW_KINDS

Ints = npt.NDArray[np.int64]

STEPS = (1, 5, 20)
"""Units more that are tried."""


@dataclass(frozen=True)
class Gain:
    """What so many units more would bring."""

    more: int
    """Units more."""
    placements: int
    """More people placed in the best plan."""
    value: int
    """More of the first goal: as ``placements`` unless the policy weighs waiting."""
    fit: int
    """More fit in all; negative where more people share it out."""
    proven: bool
    """Whether exact; else at least this in the first goal."""
    gained: tuple[str, ...]
    """Citizens placed in such a plan who are not now, sorted."""
    lost: tuple[str, ...]
    """Citizens placed now who are not in it, sorted."""


@dataclass(frozen=True)
class Bottleneck:
    """One scarce row and what more of it would bring."""

    rule: str
    key: str
    unit: int
    """What one unit more is, in the row's own unit."""
    used: int
    capacity: int
    price_placements: float
    """Price of one unit more, in the first goal, to first order."""
    price_fit: float
    """The same in points of fit, placements counted in."""
    gains: tuple[Gain, ...]
    """By units more, rising."""
    enough: int | None
    """Units more from which the best plan gains nothing further; None: all of the largest
    step is put to use, and more was not tried."""
    most: Gain
    """What is gained there, or by the largest step."""


def bottlenecks(
    resolver: Resolver,
    *,
    steps: tuple[int, ...] = STEPS,
    rows: Iterable[int] | None = None,
    most: int | None = None,
    end: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Bottleneck, ...]:
    """Gains of more of each scarce row, those that bring most first.

    Parameters
    ----------
    steps
        Units more that are tried.
    rows
        Rows asked about; None: every row that is full and has a price.
    most
        Rows at most, dearest first; None: all.
    end
        Whether it is solved for where more stops paying, also beyond the largest step.
    workers
        Rows looked at at a time; None: one for each processor. The same answer whatever it is, as
        long as the resolver's options hold no seconds.
    progress
        Called with (rows done, in all).
    """
    asked = scarce_rows(resolver) if rows is None else np.array(list(rows), dtype=np.int64)
    if most is not None:
        asked = asked[:most]
    one = partial(_bottleneck, steps=steps, end=end)
    found = []
    for bottleneck in resolver.each(asked.tolist(), one, workers):
        found.append(bottleneck)
        if progress is not None:
            progress(len(found), len(asked))
    return tuple(sorted(found, key=_rank))


def scarce_rows(resolver: Resolver) -> Ints:
    """Rows that are full for somebody and have a price, dearest first.

    A row that blocks nobody is not scarce; one with a price of 0 in both goals gains nothing: its
    bound stays where it is however many units are added.
    """
    solution, model = resolver.solution, resolver.solution.model
    prices = resolver.prices
    used = model.used(solution.chosen)
    unit = np.array([ROW_KINDS[rule].unit.more for rule in model.rules], dtype=np.int64)
    sold = np.array([ROW_KINDS[rule].more != "never" for rule in model.rules], dtype=np.bool_)
    entry, _, units = model.entries()
    blocks = np.zeros(len(unit), dtype=np.bool_)
    blocks[entry[units > (model.capacity - used)[entry]]] = True
    rows: Ints = np.flatnonzero(sold & blocks & ((prices[0] > 1e-9) | (prices[1] > 1e-9)))
    worth = (prices[:2] * unit)[:, rows]
    return rows[np.lexsort((rows, -worth[1], -worth[0]))].astype(np.int64)


def _bottleneck(resolver: Resolver, row: int, steps: tuple[int, ...], end: bool) -> Bottleneck:
    """Solve the largest step first: what it leaves unused, no smaller step has to be tried for."""
    model, prices = resolver.solution.model, resolver.prices
    unit, capacity = ROW_KINDS[model.rules[row]].unit.more, int(model.capacity[row])

    def more(step: int | None) -> Found:
        units = None if step is None else step * unit
        return resolver.solve(Change(more={model.names[row]: units}))

    def taken(resolved: Found) -> int:
        """Units of the step that a plan has use for."""
        return max(0, -(-(int(model.used(resolved.chosen)[row]) - capacity) // unit))

    largest = more(max(steps))
    whole, enough = largest, taken(largest)
    paying = enough >= max(steps)
    if end or not paying:
        # Whether yet more would bring anything: whole people may need more than is left unused.
        free = more(None)
        if free.values != largest.values or not (free.proven and largest.proven):
            whole, enough, paying = free, taken(free), False
        else:
            paying = False
    tried: list[Gain] = []
    for step in sorted(steps):
        if step == max(steps):
            resolved = largest
        elif not paying and step >= enough:
            resolved = whole
        else:
            resolved = more(step)
        gain = _gain(resolver, resolved, step)
        tried.append(gain)
        if not paying and resolved.proven and whole.proven and resolved.values == whole.values:
            # The plan with more used more than it had to.
            enough, whole = min(enough, step), resolved
    whole_change = largest.change(resolver.base)
    if paying and any(
        one.more < max(steps) and (one.value, one.fit) == whole_change for one in tried
    ):
        return _bottleneck(resolver, row, steps, end=True)
    return Bottleneck(
        rule=model.rules[row],
        key=model.keys[row],
        unit=unit,
        used=int(model.used(resolver.solution.chosen)[row]),
        capacity=capacity,
        price_placements=float(prices[0][row]) * unit,
        price_fit=float(prices[1][row]) * unit,
        gains=tuple(tried),
        enough=None if paying else enough,
        most=_gain(resolver, whole, max(steps) if paying else enough),
    )


def _gain(resolver: Resolver, resolved: Found, more: int) -> Gain:
    ids = resolver.solution.book.encoded.citizens.ids
    whose = resolver.solution.book.offers.citizen
    now, then = whose[resolver.solution.chosen], resolved.citizens
    change = resolved.change(resolver.base)
    return Gain(
        more=more,
        placements=len(then) - len(now),
        value=change[0],
        fit=change[1],
        proven=resolved.proven,
        gained=tuple(str(ids[one]) for one in np.setdiff1d(then, now)),
        lost=tuple(str(ids[one]) for one in np.setdiff1d(now, then)),
    )


def _rank(one: Bottleneck) -> tuple[int, int, int, str, str]:
    return (-one.most.value, -one.most.fit, -one.gains[0].value, one.rule, one.key)
