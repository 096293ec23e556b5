"""How near hindsight can be come to: a way to plan that knows who and what comes, but no luck.

Each week it chooses, within the week's own rows, what brings most beyond waiting: what a proposal
gains, less the bound's prices of what it uses in later weeks, and what its citizen could still do
alone (an index by a Lagrangian relaxation, Hawkins 2003). No way can plan so: it knows the year's
arrivals and when others fill seats. What it reaches is no bound; but what parts it from the bound
is what the bound is too large by at most, and what parts another way from it could be won by who
knew what comes.

python -m benchmarks.year.knowing --seeds 47 48    bounds and what is reached in 40 weeks
python -m benchmarks.year.knowing --ample          where there is four times the help
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.year.alone import Alone, Gain
from benchmarks.year.greedy import planned
from benchmarks.year.hindsight import bound_at, good_prices, season_of, told_apart
from benchmarks.year.worlds import AMPLE, SCARCE
from matcher.engine import Options, solve
from matcher.formulation import formulate
from matcher.offers import OfferBook, build_offers
from matcher.problem import Problem
from scenarios.year.simulate import found_town, live
from scenarios.year.town import Town
from scenarios.year.ways import Chosen

_SCALE = 1e6
"""Units of a week's program in the largest gain of the year."""


class Knowing:
    """A way to plan one town's year.

    Parameters
    ----------
    town
        Before its first week.
    weeks
        Weeks of the year.
    gain
        What it aims at.
    """

    def __init__(self, town: Town, weeks: int, gain: Gain) -> None:
        season = season_of(town, weeks)
        self._gain, self._alone = gain, Alone(season.proposals, season.holds)
        self._prices = good_prices(season, gain)
        self._plans = self._alone.plans(gain, self._prices)
        self.bound = bound_at(season, self._alone, gain, self._prices)
        self._most = float(season.proposals.gains(gain).max(initial=1.0))
        """Most that a proposal gains."""
        self._known = pd.MultiIndex.from_arrays(list(season.known.T))
        self._used = {kind: used.copy() for kind, used in town.weeks_used.items()}

    def __call__(self, town: Town, problem: Problem) -> Chosen:
        """Plan a week."""
        book = build_offers(problem)
        worth = self._worth(town, book)
        # Where prices leave nothing to gain, to propose is as good as to wait: then it is done.
        gains = 1 + np.rint(worth * _SCALE / self._most).astype(np.int64)
        if not (gains > 0).any():
            return planned(book, np.zeros(0, dtype=np.int64))
        program = formulate(book).program.replace(
            gains=np.maximum(gains, 0)[None, :], forbidden=np.flatnonzero(gains <= 0), maximise=None
        )
        chosen = solve(program, Options(work=0.2, gap=0.001)).selection
        assert chosen is not None
        return planned(book, np.sort(chosen))

    def _worth(self, town: Town, book: OfferBook) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Say what each offer of a week brings beyond waiting, shape (offers,)."""
        citizens, openings = book.encoded.citizens.ids, book.encoded.openings.ids
        known = told_apart(
            book, town.number,
            np.array([town.citizen_at[one] for one in citizens], dtype=np.int64),
            np.array([town.opening_at[one] for one in openings], dtype=np.int64),
        )  # fmt: skip
        at = self._known.get_indexer(pd.MultiIndex.from_arrays(list(known.T)))
        used = {
            kind: np.rint(town.weeks_used[kind] - before).astype(np.int64)
            for kind, before in self._used.items()
        }
        # What could not begin within the year is no proposal of it.
        worth = np.full(len(at), -self._most)
        worth[at >= 0] = self._alone.worth(
            self._gain, self._prices, self._plans, at[at >= 0], used, town.said_yes > 0
        )
        return worth


def main(arguments: Sequence[str] | None = None) -> int:
    """Print bounds of years, and what is reached of them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.year.knowing", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--weeks", type=int, default=40)
    parser.add_argument("--ample", action="store_true")
    given = parser.parse_args(arguments)
    world = AMPLE if given.ample else SCARCE
    for seed in given.seeds:
        for name, gain in (("starts", Gain(1.0)), ("points", None)):
            town = found_town(world.spec(seed, given.weeks))
            horizon = town.policy.horizon
            assert horizon is not None
            week, start = float(horizon.week_points), float(horizon.start_points)
            aim = gain or Gain(start, 1.0, week)
            began = time.process_time()
            way = Knowing(town, given.weeks, aim)
            took = time.process_time() - began
            year = live(town, given.weeks, {}, way).totals
            reached = (aim.start * year["starts"] + aim.fit * year["fit"]
                       + aim.week * year["person_weeks"])  # fmt: skip
            print(f"seed {seed}, {name}: at most {way.bound:,.1f} on average ({took:.1f} s), "
                  f"reached {reached:,.0f} ({reached / way.bound:.1%}): {year['starts']:.0f} "
                  f"starts, {year['fit']:,.0f} points of fit, {year['person_weeks']:,.0f} weeks",
                  flush=True)  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
