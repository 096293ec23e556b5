"""From both sides to offers, block by block, with a tally of what each rule kills.

Citizens are taken in blocks of neighbours, so that a block meets only openings some of them can
reach and all pairs of a country never exist at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from matcher.offers.checks import PairBlock, block_of, commute_check, pair_checks
from matcher.offers.encoded_week import EncodedWeek, ordinals, sides_of
from matcher.offers.fit import Fit, fit_of
from matcher.offers.measures import MeasureTables, measure_checks, measure_tables
from matcher.offers.supports import ClassBook, Classes, Pools, class_book, pools_of
from matcher.problem import Problem
from matcher.records import PAPERS
from matcher.rules import NEVER, REACH, RULES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BLOCK_PAIRS = 2_000_000
"""Most pairs looked at together: about 100 MB of working memory."""
_LISTED = 500_000
"""The same of single pairs, which take more each."""


@dataclass(frozen=True, eq=False)
class Tally:
    """How many openings each rule kills for each citizen, and citizens for each opening.

    ``commute`` counts all openings out of reach; the other rules count openings in reach. An
    opening may be killed by several rules; ``sole`` counts those killed by one rule alone.
    """

    rules: tuple[str, ...]
    """Rules by column of what is killed."""
    reach: Ints
    """Openings in reach, shape (citizens,)."""
    feasible: Ints
    """Openings with at least one offer, shape (citizens,)."""
    killed: npt.NDArray[np.int32]
    """Openings killed by each rule, shape (citizens, rules)."""
    sole: npt.NDArray[np.int32]
    """Openings killed by one rule alone, shape (citizens, rules)."""
    opening_reach: Ints
    """Citizens in reach, shape (openings,)."""
    opening_feasible: Ints
    """Citizens with at least one offer, shape (openings,)."""
    opening_killed: npt.NDArray[np.int32]
    """Citizens killed by each rule, shape (openings, rules)."""

    def at(self, rule: str) -> int:
        """Column of a rule."""
        return self.rules.index(rule)


@dataclass(frozen=True, eq=False)
class Offers:
    """All offers, sorted by citizen, opening, measure and supports; arrays of shape (offers,)."""

    citizen: npt.NDArray[np.int32]
    opening: npt.NDArray[np.int32]
    measure: npt.NDArray[np.int8]
    """Position in ``Offers.encoded.measures``."""
    team: npt.NDArray[np.int32]
    """Class, -1 for none."""
    pool: npt.NDArray[np.int32]
    """Mentor pool, -1 for none."""
    mentor: npt.NDArray[np.int16]
    """Mentor minutes a week from the pool."""
    courses: npt.NDArray[np.int32]
    """Course per course paper, -1 for none, shape (offers, course papers)."""
    minutes: npt.NDArray[np.int16]
    """Minutes of work a week at the start."""
    start: npt.NDArray[np.int32]
    """First day of work, ordinal."""
    way: npt.NDArray[np.int16]
    """Minutes one way."""
    fit: npt.NDArray[np.int16]
    points: npt.NDArray[np.int16]
    """Points of each component of fit, shape (offers, components)."""

    def __len__(self) -> int:
        return len(self.citizen)


@dataclass(frozen=True, eq=False)
class OfferBook:
    """Offers with the encoded week they were made from and the tally of what was killed."""

    encoded: EncodedWeek
    offers: Offers
    tally: Tally

    @property
    def problem(self) -> Problem:
        """The problem the offers were made from."""
        return self.encoded.problem


def build_offers(
    problem: Problem,
    progress: Callable[[int, int], None] | None = None,
    *,
    encoded: EncodedWeek | None = None,
) -> OfferBook:
    """Make every offer of a problem.

    Parameters
    ----------
    problem
        The week.
    progress
        Called with (citizens done, citizens in all) after each block.
    encoded
        The problem's encoded, where they are there already.
    """
    encoded = encoded or sides_of(problem)
    everyone, everywhere = (
        np.arange(len(encoded.citizens.ids)),
        np.arange(len(encoded.openings.ids)),
    )
    offers, tally = weigh(encoded, [(everyone, everywhere)], progress)
    return OfferBook(encoded, offers, tally)


def weigh(
    encoded: EncodedWeek,
    parts: Sequence[tuple[Ints, Ints]],
    progress: Callable[[int, int], None] | None = None,
    pairs: tuple[Ints, Ints] | None = None,
) -> tuple[Offers, Tally]:
    """Make the offers of some citizens at some openings, and count what is killed among them.

    Parameters
    ----------
    parts
        Positions of citizens and of openings, sorted; a citizen may stand in one part only.
    progress
        Called with (citizens done, citizens in all) after each block.
    pairs
        Single pairs beside those: citizen and opening of each, sorted by both.
    """
    tables, pools, book = measure_tables(encoded), pools_of(encoded), class_book(encoded)
    tally = empty_tally(len(encoded.citizens.ids), len(encoded.openings.ids))
    found: list[Offers] = []
    done, total = 0, sum(len(citizens) for citizens, _ in parts)
    some = [part for part in parts if len(part[0]) and len(part[1])]
    for everyone, among in some or ([] if pairs else parts[:1]):
        for citizens, openings in _blocks(encoded, everyone, among):
            block = _block_offers(encoded, tables, pools, book, tally, citizens, openings, among)
            found.append(block)
            done += len(citizens)
            if progress is not None:
                progress(done, total)
    if pairs is not None:
        found += [
            _listed_offers(
                encoded, tables, pools, book, tally, *(one[at : at + _LISTED] for one in pairs)
            )
            for at in range(0, len(pairs[0]), _LISTED)
        ]
    return _joined(found), tally


def _blocks(encoded: EncodedWeek, everyone: Ints, among: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Neighbouring citizens, each block with the openings that any of them may reach."""
    order = everyone[np.lexsort((everyone, encoded.citizens.home[everyone]))]
    at, total = 0, len(order)
    if not total:
        yield order, order
    while at < total:
        size = max(1, BLOCK_PAIRS // max(1, len(among)))
        citizens = order[at : at + size]
        openings = _reachable(encoded, citizens, among)
        # Neighbours reach few openings: with what that frees, take more of them.
        if len(openings) * size < BLOCK_PAIRS // 2 and at + size < total:
            size = min(BLOCK_PAIRS // max(1, len(openings)), 8 * size)
            citizens = order[at : at + size]
            openings = _reachable(encoded, citizens, among)
        at += len(citizens)
        yield np.sort(citizens), openings


def _reachable(encoded: EncodedWeek, citizens: Ints, among: Ints) -> Ints:
    c = encoded.citizens
    profiles, inverse = np.unique(
        c.traveller[citizens] * (c.home.max() + 1) + c.home[citizens], return_inverse=True
    )
    most = np.zeros(len(profiles), dtype=np.int64)
    np.maximum.at(most, inverse.ravel(), c.most_commute[citizens])
    ways = encoded.ways.minutes[profiles // (c.home.max() + 1), profiles % (c.home.max() + 1)]
    places = (ways <= most[:, None]).any(axis=0)
    reachable: Ints = among[places[encoded.openings.place[among]]]
    return reachable


def empty_tally(citizens: int, openings: int) -> Tally:
    """Return the counts of nothing looked at."""
    rules = tuple(RULES)
    return Tally(
        rules=rules,
        reach=np.zeros(citizens, dtype=np.int64),
        feasible=np.zeros(citizens, dtype=np.int64),
        killed=np.zeros((citizens, len(rules)), dtype=np.int32),
        sole=np.zeros((citizens, len(rules)), dtype=np.int32),
        opening_reach=np.zeros(openings, dtype=np.int64),
        opening_feasible=np.zeros(openings, dtype=np.int64),
        opening_killed=np.zeros((openings, len(rules)), dtype=np.int32),
    )


def _block_offers(
    encoded: EncodedWeek,
    tables: MeasureTables,
    pools: Pools,
    book: ClassBook,
    tally: Tally,
    citizens: Ints,
    openings: Ints,
    among: Ints,
) -> Offers:
    """Offers of one block; its counts are added to the tally.

    ``among`` are all openings that are looked at; those not in ``openings`` are out of reach.
    """
    classes = book.of(citizens).useful()
    block = block_of(encoded, citizens[:, None], openings[None, :])
    reach = ~commute_check(encoded, block).fails
    at = tally.at(REACH)
    tally.reach[citizens] += reach.sum(axis=1)
    tally.opening_reach[openings] += reach.sum(axis=0)
    out = len(among) - reach.sum(axis=1)
    tally.killed[citizens, at] += out.astype(np.int32)
    tally.sole[citizens, at] += out.astype(np.int32)
    tally.opening_killed[among, at] += len(citizens)
    tally.opening_killed[openings, at] -= reach.sum(axis=0).astype(np.int32)
    broken = np.zeros(reach.shape, dtype=np.uint8)
    rule_sum = np.zeros(reach.shape, dtype=np.uint16)
    for check in pair_checks(encoded, block, classes, pools):
        fails = check.fails
        if not fails.any():
            continue
        fails = fails & reach
        at = tally.at(check.rule)
        tally.killed[citizens, at] += np.count_nonzero(fails, axis=1).astype(np.int32)
        tally.opening_killed[openings, at] += np.count_nonzero(fails, axis=0).astype(np.int32)
        broken += fails
        rule_sum += fails * np.uint16(at)
    # Where one rule alone is broken, the sum of the broken rules' numbers is that rule.
    rows, columns = np.nonzero(broken == 1)
    _count(tally.sole, citizens[rows], rule_sum[rows, columns])
    rows, columns = np.nonzero(reach & (broken == 0))
    pairs = PairBlock(
        citizens[rows], openings[columns], block.way[rows, columns], block.transit[rows, columns]
    )
    return _finished(encoded, tables, tally, pools, classes, pairs)


def _listed_offers(
    encoded: EncodedWeek,
    tables: MeasureTables,
    pools: Pools,
    book: ClassBook,
    tally: Tally,
    citizen: Ints,
    opening: Ints,
) -> Offers:
    """Offers of single pairs, all in reach; their counts are added to the tally."""
    classes = book.of(np.unique(citizen)).useful()
    block = block_of(encoded, citizen, opening)
    np.add.at(tally.reach, citizen, 1)
    np.add.at(tally.opening_reach, opening, 1)
    broken = np.zeros(citizen.shape, dtype=np.uint8)
    rule_sum = np.zeros(citizen.shape, dtype=np.uint16)
    for check in pair_checks(encoded, block, classes, pools):
        fails = np.broadcast_to(check.fails, citizen.shape)
        at, where = tally.at(check.rule), np.flatnonzero(fails)
        _count(tally.killed, citizen[where], at)
        _count(tally.opening_killed, opening[where], at)
        broken += fails
        rule_sum += fails * np.uint16(at)
    alone = np.flatnonzero(broken == 1)
    _count(tally.sole, citizen[alone], rule_sum[alone])
    left = np.flatnonzero(broken == 0)
    pairs = PairBlock(citizen[left], opening[left], block.way[left], block.transit[left])
    return _finished(encoded, tables, tally, pools, classes, pairs)


def _finished(
    encoded: EncodedWeek,
    tables: MeasureTables,
    tally: Tally,
    pools: Pools,
    classes: Classes,
    pairs: PairBlock,
) -> Offers:
    """Offers of a list of pairs that break no rule on citizen and opening."""
    allowed = _measures_allowed(encoded, tables, tally, pairs)
    variants = expand(encoded, tables, pools, classes, pairs, allowed)
    suitable = variants.fits_week & (variants.fit.fit >= encoded.policy.fit.floor)
    _tally_outcome(tally, pairs, variants.pair, allowed, variants.fits_week, suitable)
    return _offers(encoded, variants.fit, suitable, variants.columns)


def _measures_allowed(
    encoded: EncodedWeek, tables: MeasureTables, tally: Tally, pairs: PairBlock
) -> Bools:
    """Which measures each pair allows, shape (pairs, measures); lost pairs go to the tally."""
    accepts = encoded.openings.accepts[pairs.opening]
    allowed = accepts.copy()
    blamed: dict[str, Bools] = {}
    for measure in range(len(encoded.measures)):
        for check in measure_checks(encoded, tables, pairs, measure):
            fails = np.broadcast_to(check.fails, pairs.citizen.shape) & accepts[:, measure]
            if fails.any():
                allowed[:, measure] &= ~fails
                blamed[check.rule] = blamed.get(check.rule, False) | fails
    lost = ~allowed.any(axis=1)
    _count_lost(tally, pairs, {rule: fails & lost for rule, fails in blamed.items()})
    return allowed


def _count_lost(tally: Tally, pairs: PairBlock, blamed: dict[str, Bools]) -> None:
    """Add lost pairs to the tally; a pair may be blamed on several rules."""
    if not blamed:
        return
    broken = np.sum([fails.astype(np.uint8) for fails in blamed.values()], axis=0)
    for rule, fails in blamed.items():
        at = tally.at(rule)
        _count(tally.killed, pairs.citizen[fails], at)
        _count(tally.opening_killed, pairs.opening[fails], at)
        _count(tally.sole, pairs.citizen[fails & (broken == 1)], at)


def _count(table: npt.NDArray[np.int32], rows: Ints, rule: int | npt.NDArray[np.uint16]) -> None:
    """Add one to a table of counts (people, rules) at each row and its rule, repeats included."""
    if isinstance(rule, int):
        table[:, rule] += np.bincount(rows, minlength=len(table)).astype(np.int32)
    else:
        np.add.at(table.reshape(-1), rows * table.shape[1] + rule, 1)


@dataclass(frozen=True, eq=False)
class Variants:
    """Pairs expanded by measure and supports, before week and floor are held against them."""

    pair: Ints
    """Position in the list of pairs."""
    columns: dict[str, Ints]
    """Columns of :class:`Offers` by name."""
    possible: Ints
    """Minutes of work a week the citizen could reach with these supports."""
    fewest: Ints
    """Minutes a week job and measure ask for."""
    fit: Fit

    @property
    def fits_week(self) -> Bools:
        """Whether job and supports fit the week."""
        return self.possible >= self.fewest


def expand(
    encoded: EncodedWeek,
    tables: MeasureTables,
    pools: Pools,
    classes: Classes,
    pairs: PairBlock,
    allowed: Bools,
) -> Variants:
    """Expand pairs by measure, class, course and mentor pool.

    Parameters
    ----------
    pairs
        A flat list of pairs that break no rule on citizen and opening.
    allowed
        Measures each pair allows, shape (pairs, measures).
    """
    c, o = encoded.citizens, encoded.openings
    pair, measure = np.nonzero(allowed)
    pair, team, kept = _choose_classes(encoded, classes, pairs, pair)
    measure = measure[kept]
    courses = np.full((len(pair), len(encoded.policy.papers.course_papers)), -1, dtype=np.int64)
    for column, paper in enumerate(encoded.policy.papers.course_papers):
        kept, course = _choose_courses(encoded, pairs, pair, paper)
        pair, measure, team, courses = pair[kept], measure[kept], team[kept], courses[kept]
        courses[:, column] = course
    need = np.maximum(c.mentor[pairs.citizen[pair]] - o.own_mentor[pairs.opening[pair]], 0)
    kept, pool = _choose_pools(encoded, pools, pairs, pair, need)
    pair, measure, team, courses = pair[kept], measure[kept], team[kept], courses[kept]
    citizen, opening, way = pairs.citizen[pair], pairs.opening[pair], pairs.way[pair]
    beside = np.append(classes.minutes, 0)[team] + tables.school[measure]
    room = round(encoded.policy.duty_week.hours * 60) - c.own_week[citizen] - beside
    most = np.minimum(o.hours_max[opening], room)
    by_day = np.where(o.days[opening] > 0, c.capacity_day[citizen] * o.days[opening], most)
    most = np.minimum(most, by_day)
    possible = np.minimum(most, c.capacity[citizen] + c.ramp[citizen] * o.ramps[opening])
    minutes = np.maximum(np.minimum(most, c.capacity[citizen]), 0)
    worth = round(encoded.policy.start.fewest_hours * 60)
    # Hours not worth starting with are no hours, whatever could be reached later.
    possible = np.where(minutes < worth, np.minimum(possible, minutes), possible)
    fewest = np.maximum(o.hours_min[opening], tables.hours_min[measure])
    return Variants(
        pair,
        {
            "citizen": citizen,
            "opening": opening,
            "measure": measure,
            "team": team,
            "pool": pool,
            "mentor": need[kept],
            "courses": courses,
            "minutes": minutes,
            "way": way,
        },
        possible,
        np.maximum(fewest, worth),
        fit_of(encoded, citizen, opening, measure, minutes, way),
    )


def _choose_classes(
    encoded: EncodedWeek, classes: Classes, pairs: PairBlock, pair: Ints
) -> tuple[Ints, Ints, Ints]:
    """Give each row that misses Danish its best-ranked classes, one row each.

    Returns the pair and the class (-1: none needed) of every new row, and the row it came from.
    """
    c, o = encoded.citizens, encoded.openings
    i, j = pairs.citizen[pair], pairs.opening[pair]
    needs = (c.oral[i] < o.oral_floor[j]) | (c.reading[i] < o.reading_floor[j])
    count = len(classes.number)
    if not needs.any() or not count:
        return pair, np.full(len(pair), -1, dtype=np.int64), np.arange(len(pair))
    asking, back = np.unique(pair[needs], return_inverse=True)
    i, j = pairs.citizen[asking], pairs.opening[asking]
    fits = classes.fits(i, j)
    # Rank: at the workplace first, then the way from home, then the id.
    rank = np.where(classes.on_site[o.workplace[j]], 0, 1 + classes.way[classes.row_of[i]])
    rank = np.where(fits, rank * count + np.arange(count), np.iinfo(np.int64).max)
    most = min(encoded.policy.language.classes_per_offer, count)
    best = np.argsort(rank, axis=1, kind="stable")[:, :most]
    usable = np.take_along_axis(fits, best, axis=1)
    options = np.full((len(pair), most), -1, dtype=np.int64)
    valid = np.zeros((len(pair), most), dtype=np.bool_)
    valid[~needs, 0] = True
    options[needs], valid[needs] = best[back.ravel()], usable[back.ravel()]
    row, column = np.nonzero(valid)
    team = options[row, column]
    return pair[row], np.where(team >= 0, classes.number[team], -1), row


def _choose_courses(
    encoded: EncodedWeek, pairs: PairBlock, pair: Ints, paper: str
) -> tuple[Ints, Ints]:
    """Give each row that misses a course paper its earliest sessions, one row each.

    Returns the row each new row came from and its course (-1: none needed).
    """
    at = list(PAPERS).index(paper)
    o = encoded.openings
    i, j = pairs.citizen[pair], pairs.opening[pair]
    needs = o.papers[at][j] & encoded.citizens.paper_by_course[at][i]
    table = encoded.problem.columns("courses")
    ready = ordinals(table["ready_on"], NEVER)
    given = np.flatnonzero((table["paper"] == paper) & (table["seats"] > 0))
    given = given[np.argsort(ready[given], kind="stable")]
    given = given[: encoded.policy.papers.courses_per_offer]
    width = max(1, len(given))
    options = np.full((len(pair), width), -1, dtype=np.int64)
    valid = np.zeros((len(pair), width), dtype=np.bool_)
    valid[~needs, 0] = True
    if len(given):
        options[needs] = given
        valid[needs] = ready[given][None, :] <= o.last_day[j[needs]][:, None]
    row, column = np.nonzero(valid)
    return row, options[row, column]


def _choose_pools(
    encoded: EncodedWeek, pools: Pools, pairs: PairBlock, pair: Ints, need: Ints
) -> tuple[Ints, Ints]:
    """Give each row that needs a mentor every pool with the hours, one row each."""
    asking = np.flatnonzero(need > 0)
    i, j = pairs.citizen[pair[asking]], pairs.opening[pair[asking]]
    local = pools.at[encoded.openings.workplace[j]]
    # Somebody without a municipality may use every pool: such a row is as wide as the table.
    of, back = np.unique(encoded.citizens.municipality[i], return_inverse=True)
    municipal = pools.municipal[of]
    width = int((municipal >= 0).sum(axis=1).max(initial=0))
    options = np.concatenate([local, municipal[:, :width][back.ravel()]], axis=1)
    valid = (options >= 0) & (pools.free[options] >= need[asking, None])
    row, column = np.nonzero(valid)
    row, pool = asking[row], options[row, column]
    alone = np.flatnonzero(need == 0)
    row, pool = np.append(row, alone), np.append(pool, np.full(len(alone), -1))
    order = np.argsort(row, kind="stable")
    return row[order], pool[order]


def _tally_outcome(
    tally: Tally, pairs: PairBlock, pair: Ints, allowed: Bools, fits_week: Bools, suitable: Bools
) -> None:
    """Count pairs that have an offer, and blame the finished offers of those that have none."""
    count = len(pairs.citizen)
    has_week = np.bincount(pair[fits_week], minlength=count) > 0
    has_offer = np.bincount(pair[suitable], minlength=count) > 0
    tally.feasible[:] += np.bincount(pairs.citizen[has_offer], minlength=len(tally.feasible))
    tally.opening_feasible[:] += np.bincount(
        pairs.opening[has_offer], minlength=len(tally.opening_feasible)
    )
    some = allowed.any(axis=1)
    _count_lost(
        tally,
        pairs,
        {"support_week": some & ~has_week, "fit_floor": has_week & ~has_offer},
    )


def _offers(encoded: EncodedWeek, fit: Fit, keep: Bools, columns: dict[str, Ints]) -> Offers:
    c, o = encoded.citizens, encoded.openings
    kept = {name: values[keep] for name, values in columns.items()}
    citizen, opening = kept["citizen"], kept["opening"]
    start = np.maximum(c.ready[citizen], o.start_from[opening])
    for at in range(len(PAPERS)):
        asked = o.papers[at][opening] & ~c.paper_by_course[at][citizen]
        start = np.maximum(start, np.where(asked, c.paper_ready[at][citizen], 0))
    ready = np.append(ordinals(encoded.problem.columns("courses")["ready_on"], NEVER), 0)
    for column in kept["courses"].T:
        start = np.maximum(start, ready[column])
    start = encoded.calendar.next(o.workdays[opening], start)
    return Offers(
        citizen=citizen.astype(np.int32),
        opening=opening.astype(np.int32),
        measure=kept["measure"].astype(np.int8),
        team=kept["team"].astype(np.int32),
        pool=kept["pool"].astype(np.int32),
        mentor=kept["mentor"].astype(np.int16),
        courses=kept["courses"].astype(np.int32),
        minutes=kept["minutes"].astype(np.int16),
        start=start.astype(np.int32),
        way=kept["way"].astype(np.int16),
        fit=fit.fit[keep].astype(np.int16),
        points=fit.points[keep],
    )


def _joined(parts: list[Offers]) -> Offers:
    joined = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Offers)
    }
    # Within a block offers are sorted already; citizens are spread over blocks.
    order = np.argsort(joined["citizen"], kind="stable")
    return Offers(**{name: values[order] for name, values in joined.items()})
