"""What may differ when a solved week is asked again, in words of the domain, and what comes of it.

Citizens and openings are meant by id, rows by name, offers by their position in the week's offers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.formulation import Model, formulate
from matcher.offers import OfferBook
from matcher.row_kinds import ROW_KINDS

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class NewOffers:
    """Offers that citizens would have, by the week's rows; :func:`new_offers` makes them."""

    book: OfferBook
    """The offers, in the order of the arrays below."""
    citizen: Ints
    """Whose each is, a position in the week's citizens, shape (offers,)."""
    instead: Ints
    """Citizens whose own offers they replace: positions in the week's citizens."""
    gains: Ints
    """What each adds to the week's goals, shape (goals, offers)."""
    uses: sp.csr_array
    """Units of each row, those of the week first, shape (rows + fresh rows, offers)."""
    fresh: Ints
    """Capacity of rows the week does not have, shape (fresh rows,)."""
    barred: Ints
    """Those that locks rule out: positions in the arrays above."""


def new_offers(week: Model, book: OfferBook, citizens: Ints) -> NewOffers:
    """Lay offers out by the rows of a week, matched by name; rows of a home come along as new ones.

    Parameters
    ----------
    week
        The week's rows.
    book
        Offers made of other tables.
    citizens
        Position in the week of each citizen of the book; several may stand for the same one.
    """
    model = formulate(book)
    known = {name: row for row, name in enumerate(week.names)}
    at = np.array([known.get(name, -1) for name in model.names], dtype=np.int64)
    own = np.array([ROW_KINDS[rule].home for rule in model.rules], dtype=np.bool_)
    at[own] = len(known) + np.arange(int(own.sum()))
    row, offer, units = model.entries()
    there = at[row] >= 0
    uses = sp.coo_array(
        (units[there], (at[row[there]], offer[there])),
        shape=(len(known) + int(own.sum()), len(book.offers)),
    )
    return NewOffers(
        book=book,
        citizen=citizens[book.offers.citizen].astype(np.int64),
        instead=np.unique(citizens),
        gains=model.gains,
        uses=uses.tocsr(),
        fresh=model.capacity[own],
        barred=model.ruled_out,
    )


@dataclass(frozen=True, eq=False)
class Change:
    """How a week differs from the one that was solved."""

    barred: Collection[tuple[str, str]] = ()
    """Citizen and opening of pairs that may not be proposed."""
    must_place: Collection[str] = ()
    """Citizens who must be placed."""
    at: Mapping[str, str] = field(default_factory=dict)
    """Citizens who must be placed at an opening."""
    free: Collection[str] = ()
    """Citizens who need not be placed, though a lock says so; their other offers stay ruled out."""
    only: Collection[str] | None = None
    """Citizens who may be placed at all; None: everybody."""
    more: Mapping[str, int | None] = field(default_factory=dict)
    """Units more by name of the row, fewer where negative; None: without a limit."""
    offers: NewOffers | None = None
    """Offers in place of some citizens' own."""
    charge: Ints | None = None
    """Points taken off the fit of each offer while solving, shape (offers,); not in the values."""

    @property
    def narrows(self) -> bool:
        """Whether it only takes plans away: every plan left is one of the week's own."""
        fewer = all(units is not None and units <= 0 for units in self.more.values())
        return fewer and self.offers is None and self.charge is None and not self.free


@dataclass(frozen=True, eq=False)
class Found:
    """What the changed week comes to."""

    feasible: bool
    """Whether there is any plan."""
    proven: bool
    """Whether the values are the proven optimum, or that there is no plan."""
    values: tuple[int, int]
    """Value of placements (or priority) and of fit; zeros when not feasible."""
    chosen: Ints
    """Chosen offers, sorted; those beyond the week's own are new ones."""
    citizens: Ints
    """Whose they are: positions in the week's citizens."""
    offers: NewOffers | None = None
    """The new offers, if any."""

    def change(self, base: tuple[int, int]) -> tuple[int, int]:
        """Return the difference of each goal from a base: negative is a loss."""
        return self.values[0] - base[0], self.values[1] - base[1]

    def offer_of(self, citizen: int) -> int | None:
        """Return the chosen offer of a citizen, by position; None: not placed."""
        mine = self.chosen[self.citizens == citizen]
        return int(mine[0]) if len(mine) else None
