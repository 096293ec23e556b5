"""Seats that others filled: how many an opening has less, until the tables show it themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matcher.ledger import Decision, Event, Ledger, Run
from matcher.problem import Problem


@dataclass(frozen=True, order=True)
class Fill:
    """Seats of an opening that others filled."""

    noted: dt.datetime
    """When the ledger was told; the order in which runs came to know of it."""
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
    known = _SeatsThen(ledger)
    counted: dict[str, list[Fill]] = {}
    for fill in sorted(fill for fill in fills if fill.opening_id in seats_now):
        before = counted.setdefault(fill.opening_id, [])
        then = known.seats(fill, before)
        if then is None or then == seats_now[fill.opening_id]:
            before.append(fill)
    return {where: sum(fill.seats for fill in held) for where, held in counted.items() if held}


class _SeatsThen:
    """Seats of openings in the tables as they were when some news came."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._runs: tuple[Run, ...] | None = None
        self._seats: dict[str, dict[str, int] | None] = {}

    def seats(self, fill: Fill, before: Sequence[Fill]) -> int | None:
        """Seats in the tables of the last run up to the news that did not know of it.

        Its stored input lacks what it had itself taken off: the fills it knew, of those counted
        ``before``. None: there is no such run, or its input is gone.
        """
        if self._runs is None:
            self._runs = self._ledger.runs(most=60)
        last = next(
            (run for run in self._runs if run.day <= fill.day and run.recorded_at < fill.noted),
            None,
        )
        if last is None:
            return None
        if last.run_id not in self._seats:
            frame = self._ledger.input_table(last.run_id, "openings")
            self._seats[last.run_id] = (
                None
                if frame is None
                else dict(zip(frame["opening_id"], frame["seats"].tolist(), strict=True))
            )
        stored = (self._seats[last.run_id] or {}).get(fill.opening_id)
        if stored is None:
            return None
        return stored + sum(one.seats for one in before if one.noted <= last.recorded_at)


def noted(what: Decision | Event) -> dt.datetime:
    """When the ledger was told of something it holds."""
    assert what.recorded_at is not None
    return what.recorded_at
