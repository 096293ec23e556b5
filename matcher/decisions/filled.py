"""Seats that others filled: how many an opening has less, until the tables show it themselves."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matcher.ledger import Decision, Event, Ledger
from matcher.problem import Problem


@dataclass(frozen=True)
class Fill:
    """Seats of an opening that others filled."""

    noted: dt.datetime
    """When the ledger was told: runs recorded before did not know of it."""
    day: dt.date
    opening_id: str
    seats: int


def seats_filled(problem: Problem, ledger: Ledger, fills: Iterable[Fill]) -> dict[str, int]:
    """Count by opening the seats that others have filled and the tables do not show yet.

    They do not while they give as many seats as when the news came.

    Parameters
    ----------
    problem
        The tables alone.
    ledger
        Holds the runs that knew other numbers of seats.
    fills
        Those that count on the day, as far as their reason goes.
    """
    seats_now = dict(zip(problem["openings"]["opening_id"],
                         problem["openings"]["seats"], strict=True))  # fmt: skip
    then = _SeatsThen(ledger)
    counts: Counter[str] = Counter()
    for fill in fills:
        given = seats_now.get(fill.opening_id)
        if given is not None and then.seats(fill) in {None, given}:
            counts[fill.opening_id] += fill.seats
    return dict(sorted(counts.items()))


class _SeatsThen:
    """Seats of openings in the tables as they were when some news came."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seats: dict[str, dict[str, int]] = {}

    def seats(self, fill: Fill) -> int | None:
        """Seats in the tables of the last run up to the news that did not know of it.

        None: there is no such run, or its input is gone.
        """
        last = self._ledger.last_run(fill.day, fill.noted)
        if last is None:
            return None
        if last.run_id not in self._seats:
            self._seats[last.run_id] = self._of_run(last.run_id)
        return self._seats[last.run_id].get(fill.opening_id)

    def _of_run(self, run_id: str) -> dict[str, int]:
        frame = self._ledger.input_table(run_id, "openings")
        if frame is None:
            return {}
        stored = dict(zip(frame["opening_id"], frame["seats"].tolist(), strict=True))
        # The stored input lacks what the run itself had taken off.
        return stored | self._ledger.seats_given(run_id)


def noted(what: Decision | Event) -> dt.datetime:
    """When the ledger was told of something it holds."""
    assert what.recorded_at is not None
    return what.recorded_at
