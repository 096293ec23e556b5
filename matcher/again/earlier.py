"""What one solve leaves for the next: a similar week is solved sooner, to the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import engine
from matcher.again.refilled import refilled
from matcher.columns import positions
from matcher.formulation import TIERS, Model, formulate
from matcher.objectives import Objectives
from matcher.offers import OfferBook, build_offers, rebuild_offers
from matcher.plan import Row
from matcher.problem import Problem
from matcher.solve import Options, Solution, solve_offers

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Earlier:
    """What one solve leaves for a similar week: its offers, row prices, and what it chose.

    It may be kept for many weeks and sent to other processes; it changes time, never the answer.
    """

    book: OfferBook | None
    """Its offers; None where only its prices were kept."""
    model: Model | None
    """Its rows and goals; None as the book."""
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

        def form(book: OfferBook) -> Model:
            if known is None or self.model is None:
                return formulate(book)
            return refilled(book, known, self.model) or formulate(book)

        return solve_offers(
            make, options or Options(), self.start_for, form=form, aim=aim, cancel=cancel
        )

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
        if warm is not None and names is not self.row_names:
            rows = pd.Index(names).get_indexer(pd.Index(self.row_names)).astype(np.int64)
            groups = _where(self.book.encoded.citizens.ids, book.encoded.citizens.ids)[:-1]
            warm = warm.moved(rows, np.maximum(groups, -1), (len(names), model.program.n_groups))
        return engine.Start(prices, np.sort(selection[selection >= 0]), warm, columns)

    def chosen_in(self, book: OfferBook) -> Ints:
        """Return where the placements of its plan stand in another book of offers, sorted.

        Those that are gone are left out, and all where only prices are known.
        """
        if self.book is None:
            return self.chosen[:0]
        found = _found_again(self.book, self.chosen, book)
        return np.sort(found[found >= 0])


def earlier_of(solution: Solution) -> Earlier:
    """Keep of a solution what makes similar weeks quick to solve."""
    answer = solution.answer
    return Earlier(
        solution.book,
        solution.model,
        solution.model.names,
        answer.prices,
        solution.chosen,
        answer.warm_start,
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
    return Earlier(None, None, tuple(known), prices, np.zeros(0, dtype=np.int64), None)


def _found_again(known: OfferBook, wanted: Ints, book: OfferBook) -> Ints:
    """Positions in another book of offers that are the same; -1 where they are gone."""
    if book.offers is known.offers:  # all were taken over, where they stood
        return wanted
    old, new, n = known.offers, book.offers, len(wanted)
    width = len(book.encoded.openings.ids)
    i = _where(known.encoded.citizens.ids, book.encoded.citizens.ids)[old.citizen[wanted]]
    j = _where(known.encoded.openings.ids, book.encoded.openings.ids)[old.opening[wanted]]
    pair = np.where((i >= 0) & (j >= 0), i * width + j, -1)
    # Only offers of the same pairs need to be compared; offers are sorted by their pairs.
    pairs, here = np.unique(pair), new.citizen.astype(np.int64) * width + new.opening
    first = np.searchsorted(here, pairs, side="left")
    count = np.searchsorted(here, pairs, side="right") - first
    within = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    among = np.repeat(first, count) + within
    rank = np.repeat(np.arange(len(pairs)), count)
    code, most = np.append(np.searchsorted(pairs, pair), rank), len(pairs)
    for was, now, ids in _told_apart_by(known, book):
        where = _where(*ids)
        if most * (len(ids[1]) + 2) >= _ROOM:
            different, code = np.unique(code, return_inverse=True)
            most = len(different)
        code = code * (len(ids[1]) + 2) + np.append(where[was[wanted]], now[among]) + 2
        most *= len(ids[1]) + 2
    order = np.argsort(code[n:])
    there = np.append(code[n:][order], -1)
    at = np.searchsorted(there[:-1], code[:n])
    return np.where(there[at] == code[:n], np.append(among[order], -1)[at], -1)


_ROOM = 2**62
_GONE = -2
"""Stands for what is not there any more: no offer has it."""


def _where(before: npt.NDArray[Any], now: npt.NDArray[Any]) -> Ints:
    """Where each id stands now, and -1, for none, as the last."""
    at = np.arange(len(now)) if before is now else positions(before, now)
    return np.append(np.where(at < 0, _GONE, at), -1)


def _told_apart_by(
    known: OfferBook, book: OfferBook
) -> Iterator[tuple[Numbers, Numbers, tuple[npt.NDArray[Any], npt.NDArray[Any]]]]:
    """Give what tells the offers of a pair apart: positions in both books, and their ids."""
    old, new = known.offers, book.offers
    measures = [np.array(one.encoded.measures, dtype=object) for one in (known, book)]
    yield old.measure, new.measure, (measures[0], measures[1])
    for was, now, table, key in (
        (old.team, new.team, "teams", "team_id"),
        (old.pool, new.pool, "mentor_pools", "pool_id"),
        *((*both, "courses", "course_id")
          for both in zip(old.courses.T, new.courses.T, strict=True)),
    ):  # fmt: skip
        yield was, now, (known.problem.columns(table)[key], book.problem.columns(table)[key])
