"""The most starts that any plan of a year could have had, everything known beforehand: a bound.

One program of the whole year: an offer may begin in each week in which citizen and opening are
there, if it would be accepted and not fall away; it lasts as long as the year's own luck lets it.
Relaxed wherever that makes it smaller and no plan is lost, so that a share of it is on the safe
side: citizens do not leave and may begin again once a placement is over; limits of ratio, intake,
follow-up, courses and households are left out, and resources are added up over blocks of weeks.
The bound is the engine's proven one, wherever it stops.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from matcher.engine import Options, Program, solve
from matcher.held import holdings
from matcher.offers import OfferBook, build_offers, weeks_left
from matcher.problem import Problem
from scenarios.year.town import Town, weeks_until
from scenarios.year.ways import units_a_week

Ints = npt.NDArray[np.int64]
BLOCK = 4
"""Weeks over which resources are added up."""


@dataclass(frozen=True, eq=False)
class Whole:
    """Offers of the whole year that would be accepted and begin."""

    book: OfferBook
    offer: Ints
    first: Ints
    """First week in which each could be accepted."""
    last: Ints
    lasts: Ints
    """Weeks it is held at least, the week of acceptance included."""


def most_starts(town: Town, weeks: int) -> int:
    """Bound the starts of a year from above.

    Parameters
    ----------
    town
        Before its first week.
    weeks
        Weeks of the year.
    """
    program = whole_program(town, whole_year(town, weeks), weeks)
    bound = solve(program, Options(work=0.05, gap=0.01)).tiers[0].bound
    if bound is None:
        message = "no bound of the year was found"
        raise ValueError(message)
    return bound


def whole_year(town: Town, weeks: int) -> Whole:
    """Collect the year's offers."""
    stream, figures = town.stream, town.figures
    citizens, openings = town.citizens, town.openings
    there, open_ever = stream.citizen_week >= 0, stream.opening_week >= 0
    end = pd.Timestamp(stream.spec.today + dt.timedelta(weeks=weeks + 8))
    listed = openings[open_ever].reset_index(drop=True)
    tables = {
        **stream.tables,
        "citizens": citizens[there].reset_index(drop=True),
        "openings": listed.assign(start_to=listed["start_to"].fillna(end)).astype(
            openings.dtypes.to_dict()
        ),
    }
    book = build_offers(Problem(tables, town.policy, stream.spec.today))
    offers, encoded = book.offers, book.encoded
    come = stream.citizen_week[there][offers.citizen]
    opens = stream.opening_week[open_ever][offers.opening]
    closes = np.where(
        listed["start_to"].isna(), weeks,
        (encoded.openings.last_day - stream.spec.today.toordinal()) // 7,
    )  # fmt: skip
    closes = np.minimum(closes, town.filled_at[open_ever] - 1)[offers.opening]
    first, last = np.maximum(come, opens), np.minimum(closes, weeks - 2)
    limit = np.maximum(weeks_left(encoded)[offers.citizen, offers.measure], 1)
    kept: list[int] = []
    lasts: list[int] = []
    ids, jobs = encoded.citizens.ids, encoded.openings.ids
    for at in np.flatnonzero(first <= last).tolist():
        pair = (str(ids[offers.citizen[at]]), str(jobs[offers.opening[at]]))
        if town.chance("decision", *pair) >= figures["accepted"]:
            continue
        if town.chance("no show", *pair) < figures["no_show"]:
            continue
        share = figures.get(f"leaving.{encoded.measures[offers.measure[at]]}", 0.0)
        stays = weeks_until(town.chance("stays", *pair), share)
        kept.append(at)
        lasts.append(1 + min(stays, int(limit[at]), weeks))
    offer = np.array(kept, dtype=np.int64)
    return Whole(book, offer, first[offer], last[offer], np.array(lasts, dtype=np.int64))


def whole_program(town: Town, whole: Whole, weeks: int) -> Program:
    """Build the program: a column for each offer and week of acceptance."""
    book, offers = whole.book, whole.book.offers
    many = whole.last - whole.first + 1
    of = np.repeat(np.arange(len(whole.offer)), many)
    week = whole.first[of] + np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many)
    column, offer = np.arange(len(of)), whole.offer[of]
    held = np.minimum(whole.lasts[of], weeks - week)
    n_citizens, n_openings = len(book.encoded.citizens.ids), len(book.encoded.openings.ids)
    come = np.full(n_citizens, weeks, dtype=np.int64)
    np.minimum.at(come, offers.citizen[offer], week)
    opens = np.full(n_openings, weeks, dtype=np.int64)
    closes = np.full(n_openings, -1, dtype=np.int64)
    np.minimum.at(opens, offers.opening[offer], week)
    np.maximum.at(closes, offers.opening[offer], week)
    seats = book.problem["openings"]["seats"].to_numpy(np.int64)
    places = n_citizens + offers.opening[offer].astype(np.int64)
    rows = [offers.citizen[offer].astype(np.int64), places]
    columns = [column, column]
    uses = [held, np.minimum(held, closes[offers.opening[offer]] - week + 1)]
    capacity = [weeks - come, seats * np.maximum(closes - opens + 1, 0)]
    at, blocks = n_citizens + n_openings, -(-weeks // BLOCK)
    totals = units_a_week(town.stream.tables, town.policy)
    supported = np.minimum(held, int(town.figures["support_weeks"]))
    for one in holdings(book):
        if one.name not in totals:
            continue
        use = np.zeros(len(offers), dtype=np.int64)
        use[one.offers] = one.use
        # Mentor and class end with the support, and so does what they cost.
        mine = use[offer]
        some = np.flatnonzero(mine)
        span = supported[some]
        for block in range(blocks):
            begin = block * BLOCK
            end = min(weeks, begin + BLOCK)
            within = np.minimum(week[some] + span, end) - np.maximum(week[some], begin)
            inside = within > 0
            rows.append(np.full(int(inside.sum()), at + block))
            columns.append(some[inside])
            uses.append(mine[some][inside] * within[inside])
        capacity.append(
            np.array([round(totals[one.name]) * (min(weeks, (block + 1) * BLOCK) - block * BLOCK)
                      for block in range(blocks)], dtype=np.int64)
        )  # fmt: skip
        at += blocks
    matrix = sp.coo_array(
        (np.concatenate(uses), (np.concatenate(rows), np.concatenate(columns))),
        shape=(at, len(of)),
    )
    return Program(
        group=column, n_groups=len(of), gains=np.ones((1, len(of)), dtype=np.int64),
        uses=matrix.tocsr(), upper=np.concatenate(capacity),
    )  # fmt: skip
