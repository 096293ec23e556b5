"""What one solve leaves for the next: a similar week is solved sooner, to the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import engine
from matcher.formulation import TIERS, Model
from matcher.objectives import Objectives
from matcher.offers import OfferBook, build_offers, rebuild_offers
from matcher.plan import Row
from matcher.problem import Problem
from matcher.solve import Options, Solution, solve_offers


@dataclass(frozen=True, eq=False)
class Earlier:
    """What one solve leaves for a similar week: its offers, row prices, and what it chose.

    It may be kept for many weeks and sent to other processes; it changes time, never the answer.
    """

    book: OfferBook | None
    """Its offers; None where only its prices were kept."""
    row_names: tuple[str, ...]
    """Row of each price, as in ``Program.row_names``."""
    prices: npt.NDArray[np.float64]
    """Row prices per tier, shape (tiers, rows), as in ``Answer.prices``."""
    chosen: npt.NDArray[np.int64]
    """Chosen offers, positions in the book."""
    warm_start: engine.WarmStart | None
    """Where the engine ended, by the numbers of the book's offers and citizens and of the rows."""

    def solve(
        self,
        problem: Problem,
        options: Options | None = None,
        *,
        aim: Objectives | None = None,
        progress: Callable[[int, int], None] | None = None,
        cancel: Event | None = None,
    ) -> Solution:
        """Propose the best plan for a week like the earlier one, as :func:`matcher.solve.solve`.

        Only offers that differ are made again, and the engine starts from the earlier prices and
        choice. The answer is the same. Another ``aim`` of as many goals may be given.
        """
        known = self.book

        def make() -> OfferBook:
            if known is None:
                return build_offers(problem, progress)
            return rebuild_offers(problem, known, progress)

        return solve_offers(make, options or Options(), self.start_for, aim=aim, cancel=cancel)

    def start_for(self, model: Model, book: OfferBook) -> engine.Start:
        """Carry all of it over: by the names of rows, by ids, and by what the offers are.

        Rows it does not know begin at a price of 0.
        """
        names = model.names
        at = pd.Index(self.row_names).get_indexer(pd.Index(names))
        prices = np.append(self.prices, np.zeros((len(self.prices), 1)), axis=1)[:, at]
        if self.book is None:
            return engine.Start(prices)
        kept = self.chosen if self.warm_start is None else self.warm_start.columns
        wanted = np.union1d(self.chosen, kept)
        columns = np.full(len(self.book.offers), -1, dtype=np.int64)
        columns[wanted] = _found_again(self.book, wanted, book)
        selection = columns[self.chosen]
        warm = self.warm_start
        if warm is not None:
            rows = pd.Index(names).get_indexer(pd.Index(self.row_names)).astype(np.int64)
            groups = _positions(book, self.book.encoded.citizens.ids)
            warm = warm.moved(rows, groups, (len(names), model.program.n_groups))
        return engine.Start(prices, np.sort(selection[selection >= 0]), warm, columns)


def earlier_of(solution: Solution) -> Earlier:
    """Keep of a solution what makes similar weeks quick to solve."""
    answer = solution.answer
    return Earlier(
        solution.book, solution.model.names, answer.prices, solution.chosen, answer.warm_start
    )


def earlier_of_rows(rows: Iterable[Row]) -> Earlier | None:
    """Keep the prices of stored rows; None where none were stored.

    A ledger keeps no rows that name a household: they begin at a price of 0, like goals whose
    prices it does not have.
    """
    known = {row.name: row.prices for row in rows if row.prices is not None}
    if not known:
        return None
    prices = np.zeros((len(TIERS), len(known)))
    for at, of_row in enumerate(known.values()):
        prices[: len(of_row), at] = of_row
    return Earlier(None, tuple(known), prices, np.zeros(0, dtype=np.int64), None)


def _positions(book: OfferBook, ids: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Positions of citizens in a book by id, -1 where they are gone."""
    found = pd.Index(book.encoded.citizens.ids).get_indexer(pd.Index(ids))
    return np.asarray(found, dtype=np.int64)


def _found_again(
    known: OfferBook, wanted: npt.NDArray[np.int64], book: OfferBook
) -> npt.NDArray[np.int64]:
    """Positions in another book of offers that are the same; -1 where they are gone."""
    if book.offers is known.offers:  # all were taken over, where they stood
        return wanted
    width = len(book.encoded.openings.ids)
    openings = pd.Index(book.encoded.openings.ids).get_indexer(pd.Index(known.encoded.openings.ids))
    i = _positions(book, known.encoded.citizens.ids)[known.offers.citizen[wanted]]
    j = openings[known.offers.opening[wanted]]
    pairs = i[(i >= 0) & (j >= 0)] * width + j[(i >= 0) & (j >= 0)]
    # Only offers of the same pairs need their ids compared.
    among = np.flatnonzero(
        np.isin(book.offers.citizen.astype(np.int64) * width + book.offers.opening, pairs)
    )
    there = pd.MultiIndex.from_arrays(_offer_keys(book, among))
    at = there.get_indexer(pd.MultiIndex.from_arrays(_offer_keys(known, wanted)))
    found = np.append(among, -1)[at]
    return np.asarray(found, dtype=np.int64)


def _offer_keys(book: OfferBook, at: npt.NDArray[np.int64]) -> list[npt.NDArray[Any]]:
    """Return what tells offers apart, by ids."""
    offers, problem = book.offers, book.problem
    named = [
        (problem["teams"]["team_id"], offers.team[at]),
        (problem["mentor_pools"]["pool_id"], offers.pool[at]),
        *((problem["courses"]["course_id"], column) for column in offers.courses[at].T),
    ]
    return [
        book.encoded.citizens.ids[offers.citizen[at]],
        book.encoded.openings.ids[offers.opening[at]],
        np.array(book.encoded.measures, dtype=object)[offers.measure[at]],
        *(np.append(ids.to_numpy(object), "")[position] for ids, position in named),
    ]
