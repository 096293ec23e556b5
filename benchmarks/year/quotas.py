"""Quotas of a year, used up for good: how near weekly plans come to what hindsight could do.

python -m benchmarks.year.quotas             20 orders of a year of 52 weeks
python -m benchmarks.year.quotas --smoke     2 orders of 12 weeks

Made after the resettlement of refugees: families of one to six persons come week by week, each
place takes so many persons in the year, and what a family gains differs by place. Whom a place
takes in spring it cannot take in autumn. Ways to plan a week: greedy by gain; the best of the week
(persons first, then gain); prices of the rest of the year in one goal with the gain; persons first,
and the prices in the second goal. Prices are the least optimal ones of a linear program of what is
left of the quotas over families drawn from those seen before. Hindsight is the proven optimum with
the whole year known, so shares are on the safe side. Gate: persons first with prices reaches 97.5 %
in the mean, and places no fewer persons than the best of each week.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from benchmarks.results import note
from matcher.engine import Options, Program, least_prices, solve

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PLACES, A_WEEK, KINDS = 17, 14, 6
GOAL = 0.975
SCALE = 1000
"""Units of gain in one point, so that prices are whole numbers."""
_SIZES = np.array([1, 2, 3, 4, 5, 6])
_SHARES = np.array([0.42, 0.14, 0.13, 0.13, 0.10, 0.08])


@dataclass(frozen=True, eq=False)
class Families:
    """Cases: persons of each, and what each gains at each place."""

    persons: Ints
    gain: Ints
    """Points, shape (cases, places); 0: the place cannot have them."""

    def part(self, at: Ints) -> Families:
        """Return some of them."""
        return Families(self.persons[at], self.gain[at])


def draw(rng: np.random.Generator, cases: int, place: Floats, kinds: Floats) -> Families:
    """Draw families: those able to work gain by their kind, the place, and luck of their own."""
    persons = _SIZES[np.searchsorted(np.cumsum(_SHARES), rng.random(cases)).clip(max=5)]
    able = 1 + (persons > 1) * (rng.random(cases) < 0.7)
    kind = np.floor(rng.random(cases) * KINDS).astype(np.int64)
    chance = 0.15 + 0.25 * place[None, :] + 0.25 * kinds[kind] + 0.10 * rng.random((cases, PLACES))
    fits = rng.random((cases, PLACES)) < np.where(persons > 3, 0.7, 0.9)[:, None]
    gain = np.floor(1000 * able[:, None] * chance).astype(np.int64)
    return Families(persons.astype(np.int64), np.where(fits, gain, 0))


def program(families: Families, left: Ints, *gains: Ints) -> tuple[Program, Ints, Ints]:
    """Build the program of some families: at most one place each, within what is left.

    Returns
    -------
    program
        One tier for each of ``gains``, shape (cases, places).
    case, place
        Of each column.
    """
    case, place = np.nonzero(families.gain)
    uses = sp.csr_array(
        (families.persons[case], (place, np.arange(len(case)))), shape=(PLACES, len(case))
    )
    tiers = np.stack([one[case, place] for one in gains])
    return Program(case.astype(np.int64), len(families.persons), tiers, uses, left), case, place


class Year:
    """A year's families in one order, and what was seen before it."""

    def __init__(self, seed: int, weeks: int, expected: float) -> None:
        rng = np.random.default_rng(zlib.crc32(b"quotas") + seed)
        place, kinds = rng.random(PLACES), rng.random((KINDS, PLACES))
        self.families = draw(rng, weeks * A_WEEK, place, kinds)
        self.seen = draw(rng, weeks * A_WEEK, place, kinds)
        self.week = rng.permutation(np.arange(weeks * A_WEEK) % weeks)
        self.weeks, self.expected, self.rng = weeks, expected, rng
        share = 0.5 + rng.random(PLACES)
        persons = int(self.families.persons.sum())
        self.quota = np.floor(1.03 * persons * share / share.sum()).astype(np.int64)

    def hindsight(self) -> int:
        """The most any plan of the whole year gains: the proven bound."""
        whole, *_ = program(self.families, self.quota, self.families.gain)
        bound = solve(whole, Options(work=1.0)).tiers[0].bound
        assert bound is not None
        return bound

    def prices(self, number: int, left: Ints, futures: int) -> Floats:
        """Price a person at each place by the weeks that are left."""
        weeks = self.weeks - number - 1
        cases = round(weeks * A_WEEK * self.expected)
        total = np.zeros(PLACES)
        known = np.flatnonzero(self.week <= number)
        pool = Families(
            np.concatenate([self.seen.persons, self.families.persons[known]]),
            np.concatenate([self.seen.gain, self.families.gain[known]]),
        )
        for future in range(futures):
            rng = np.random.default_rng([number, future])
            drawn = pool.part(np.floor(rng.random(cases) * len(pool.persons)).astype(np.int64))
            whole, *_ = program(drawn, left, drawn.gain)
            total += least_prices(whole, np.ones(PLACES, dtype=np.bool_))
        return total / futures

    def live(self, way: str, futures: int = 5) -> tuple[int, int]:
        """Plan every week one way; return points gained and persons placed."""
        left, points, persons = self.quota.copy(), 0, 0
        for number in range(self.weeks):
            here = self.families.part(np.flatnonzero(self.week == number))
            case, place = self._week(way, here, left, number, futures)
            np.subtract.at(left, place, here.persons[case])
            points += int(here.gain[case, place].sum())
            persons += int(here.persons[case].sum())
        return points, persons

    def _week(
        self, way: str, here: Families, left: Ints, number: int, futures: int
    ) -> tuple[Ints, Ints]:
        if way == "greedy":
            return _greedy(here, left)
        heads = np.repeat(here.persons[:, None], PLACES, axis=1)
        gain = SCALE * here.gain
        if way in {"first", "prices"}:
            price = self.prices(number, left, futures)
            gain = gain - np.floor(SCALE * price).astype(np.int64) * here.persons[:, None]
        tiers = (gain,) if way == "first" else (heads, gain)
        whole, case, place = program(here, left, *tiers)
        chosen = solve(whole).selection
        return case[chosen], place[chosen]


def _greedy(here: Families, left: Ints) -> tuple[Ints, Ints]:
    room, taken = left.copy(), {}
    case, place = np.nonzero(here.gain)
    for at in np.argsort(-here.gain[case, place], kind="stable").tolist():
        who, where = int(case[at]), int(place[at])
        if who not in taken and here.persons[who] <= room[where]:
            taken[who] = where
            room[where] -= here.persons[who]
    return np.array(list(taken), dtype=np.int64), np.array(list(taken.values()), dtype=np.int64)


WAYS = ("greedy", "exact", "first", "prices")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table of shares of hindsight; 1 where the goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.year.quotas", description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--seeds", type=int, default=None)
    parser.add_argument("--weeks", type=int, default=None)
    parser.add_argument("--futures", type=int, default=5)
    parser.add_argument("--expected", type=float, default=1.0, help="Arrivals expected / real.")
    given = parser.parse_args(arguments)
    seeds = given.seeds or (2 if given.smoke else 20)
    weeks = given.weeks or (12 if given.smoke else 52)
    share: dict[str, list[float]] = {way: [] for way in WAYS}
    persons: dict[str, list[int]] = {way: [] for way in WAYS}
    for seed in range(seeds):
        year = Year(seed, weeks, given.expected)
        best = year.hindsight()
        for way in WAYS:
            points, placed = year.live(way, given.futures)
            share[way].append(points / best)
            persons[way].append(placed)
        print(f"order {seed}: " + ", ".join(f"{way} {share[way][-1]:.1%}" for way in WAYS),
              flush=True)  # fmt: skip
    print(f"\n{seeds} orders, {weeks} weeks\n\n| way | of hindsight | worst | persons |")
    print("|---|---:|---:|---:|")
    for way in WAYS:
        mean, worst = np.mean(share[way]), min(share[way])
        print(f"| {way} | {mean:.1%} | {worst:.1%} | {np.mean(persons[way]):.1f} |")
        note("quotas", f"{way}, share of hindsight", float(mean), "")
    fewer = np.mean(persons["prices"]) < np.mean(persons["exact"])
    return int(np.mean(share["prices"]) < GOAL or fewer) if not given.smoke else int(fewer)


if __name__ == "__main__":
    sys.exit(main())
