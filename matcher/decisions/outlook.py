"""Will we reach 500? Starts of the weeks ahead, drawn from the starts of the ledger's own weeks.

Cheap, so that it can stand on each week's page: no week is planned. What it says holds where the
weeks ahead are like those on record. A future is two draws: which weeks the municipality could just
as well have seen (that is how little a few weeks say), and of these the weeks ahead. The first
draw takes three weeks less than were seen: so the mean of n weeks varies as (n - 1) / (n - 3) times
its estimated variance, like Student's t; with all n the band of few weeks would be too narrow.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.ledger import TOKEN, Ledger, UnderWay
from matcher.policy import Policy
from matcher.problem import Problem, frame_rows

Ints = npt.NDArray[np.int64]

DRAWS = 2000
"""Futures."""
BAND = (0.1, 0.5, 0.9)
"""Low, middle and high: eight of ten futures lie between the ends."""
HALF, MOST = 0.5, 0.8
_FEWEST_WEEKS = 8
"""Weeks on record below which nothing is said, where the policy does not say it."""
_LOST = 3
"""Weeks that the first draw takes less than were seen."""


@dataclass(frozen=True)
class TargetOutlook:
    """Whether the programme's target is met in its weeks, from the starts on record."""

    target: int
    until: dt.date | None
    """Last day of the programme's weeks, counted from its first start; None: none began."""
    already: int
    """Starts up to the day of the run."""
    seen: int
    """Whole weeks on record, up to those looked back."""
    needed: int
    """Weeks on record that it takes."""
    missing: str = ""
    """Why nothing can be said: ``ledger``, ``weeks``, ``starts``, ``over``; ``reached``: it is.
    Empty: what follows is known."""
    weeks: int = 0
    """Weeks ahead."""
    low: int = 0
    middle: int = 0
    high: int = 0
    """Starts in all on the last day: eight of ten futures lie between low and high."""
    chance: float = 0.0
    """Share of the futures that meet the target."""
    half: dt.date | None = None
    """End of the first week in which half of the futures have met it; None: in none ahead."""
    most: dt.date | None = None
    """The same for eight of ten."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        days = {name: getattr(self, name) for name in ("until", "half", "most")}
        return {
            **vars(self), **{name: day and day.isoformat() for name, day in days.items()}
        }  # fmt: skip


def outlook(problem: Problem, ledger: Ledger | None, once: int = 0) -> TargetOutlook:
    """Say whether the programme's target will be met in its weeks.

    Parameters
    ----------
    problem
        The week, with what the ledger has added: its running placements, its policy.
    ledger
        Where starts are on record. None: there is none.
    once
        Starts that come on top, once; fewer where negative.
    """
    policy, today = problem.policy, problem.today
    programme = policy.programme
    needed = needed_weeks(policy)
    begun = [
        (row["citizen_id"], row["opening_id"], row["start"])
        for row in frame_rows(problem["running"])
        if row["start"] <= today
    ]
    runs = () if ledger is None else ledger.runs()
    kept = () if ledger is None else ledger.placements(dt.date.min)
    own = [one.start for one in kept if one.start <= today]
    starts = [*own, *_elsewhere(begun, kept, today)]
    first = min(starts, default=None)
    until = None if first is None else first + dt.timedelta(weeks=programme.weeks, days=-1)
    since = min((run.day for run in runs), default=today)
    seen = min((today - since).days // 7, policy.oversight.look_back_weeks)
    said = TargetOutlook(programme.target, until, len(starts), seen, needed)
    if said.already >= programme.target:
        return replace(said, missing="reached")
    if ledger is None:
        return replace(said, missing="ledger")
    if until is not None and until <= today:
        return replace(said, missing="over")
    if seen < needed:
        return replace(said, missing="weeks")
    if until is None or len(own) < policy.oversight.fewest:
        return replace(said, missing="starts")
    weeks = -(-(until - today).days // 7)
    counts = weekly(own, today, seen)
    ahead = said.already + once + futures(counts, weeks, block_of(policy, seen))
    met = (ahead >= programme.target).mean(axis=0)
    low, middle, high = np.quantile(ahead[:, -1], BAND, method="inverted_cdf")

    def day(share: float) -> dt.date | None:
        found = np.flatnonzero(met >= share)
        return min(until, today + dt.timedelta(weeks=int(found[0]) + 1)) if len(found) else None

    return replace(
        said, weeks=weeks, low=int(low), middle=int(middle), high=int(high),
        chance=round(float(met[-1]), 3), half=day(HALF), most=day(MOST),
    )  # fmt: skip


def needed_weeks(policy: Policy) -> int:
    """Weeks of runs below which nothing is said."""
    return _FEWEST_WEEKS if policy.horizon is None else policy.horizon.fewest_seen


def block_of(policy: Policy, seen: int) -> int:
    """Weeks in a row that are drawn together, of so many on record."""
    if policy.horizon is None:
        return 1
    return max(1, min(policy.horizon.block_weeks, seen // needed_weeks(policy)))


def _elsewhere(
    begun: Sequence[tuple[str, str, dt.date]], kept: Sequence[UnderWay], today: dt.date
) -> list[dt.date]:
    """Collect starts that the tables know and the ledger does not.

    Who was forgotten is in the ledger under a token and may be in the tables still: where such a
    placement runs, one of those the tables have at that opening is it.
    """
    here = {(one.citizen_id, one.opening_id) for one in kept}
    tokens = Counter(
        one.opening_id
        for one in kept
        if one.citizen_id.startswith(TOKEN)
        and one.start <= today
        and (one.last_day is None or one.last_day >= today)
    )
    found = []
    for who, opening, start in sorted(begun, key=lambda row: row[2]):
        if (who, opening) in here:
            continue
        if tokens[opening] > 0:
            tokens[opening] -= 1
        else:
            found.append(start)
    return found


def weekly(starts: Sequence[dt.date], today: dt.date, weeks: int) -> Ints:
    """Count starts of each of the last weeks, the oldest first; the last ends on ``today``."""
    ago = np.array([(today - start).days // 7 for start in starts], dtype=np.int64)
    counts = np.bincount(ago[ago < weeks], minlength=weeks)
    return counts[::-1].astype(np.int64)


def futures(counts: Ints, weeks: int, block: int = 1) -> Ints:
    """Draw starts up to each week ahead: a row a future, a column a week; always the same.

    Parameters
    ----------
    counts
        Starts of the weeks on record.
    weeks
        Weeks ahead.
    block
        Weeks in a row that are drawn together from those on record.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([len(counts), weeks])))
    seen = len(counts)
    drawn = max(1, seen - _LOST)
    blocks = -(-drawn // block)
    firsts = np.floor(rng.random((DRAWS, blocks)) * seen).astype(np.int64)
    rows = (firsts[:, :, None] + np.arange(block)) % seen
    could = counts[rows.reshape(DRAWS, -1)[:, :drawn]]
    which = np.floor(rng.random((DRAWS, weeks)) * drawn).astype(np.int64)
    return np.cumsum(np.take_along_axis(could, which, axis=1), axis=1)
