"""Offers to program: one function per kind of row, its inequality in its docstring.

Sets: citizens i, openings j, workplaces w, classes l, mentor pools p, courses c, caseworkers k,
budget lines b, households h with quarters t, offers o. Each offer is a column of the program, each
citizen a group of which at most one column is chosen (``citizen_once[i]``); x_o in {0, 1}.

Tiers, in order: placements (or their priority); total fit and what keeping earlier proposals is
worth, less the price of what is held in later weeks; and a canonical tie-break.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from matcher.capacity import UNLIMITED
from matcher.columns import lacking, positions
from matcher.engine import UNBOUNDED, Program
from matcher.held import offer_costs, price_points, year_costs, year_starts
from matcher.offers import EncodedWeek, OfferBook, failures
from matcher.offers.encoded_week import needs_care, weeks_of
from matcher.problem import Problem
from matcher.row_kinds import (
    BUDGET,
    CASELOAD,
    COURSE_SEATS,
    GROUP_FLOOR,
    HOUSEHOLD_CARE,
    MENTOR_HOURS,
    OPENING_SEATS,
    ROW_KINDS,
    TEAM_SEATS,
    WORKPLACE_INTAKE,
    WORKPLACE_RATIO,
    YEAR_BUDGET,
    YEAR_QUOTA,
    RowKind,
)
from matcher.texts import Both, Message, joined
from matcher.week import SLOT_MINUTES, Slots, slots_of, widened

Ints = npt.NDArray[np.int64]

TIERS = ("placements", "fit", "tie_break")
TIE_BREAK_BITS = 10
"""The tie-break gives each offer 0 to 2**bits - 1."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one kind."""

    keys: tuple[str, ...]
    """What each row is about: id of the opening, workplace, class ..."""
    capacity: Ints
    """Most (of a floor: least) units, shape (rows,)."""
    row: Ints
    """Row of each entry."""
    column: Ints
    """Offer of each entry."""
    use: Ints
    """Units the offer takes."""


Build = Callable[[OfferBook], Rows]
BUILDERS: dict[str, Build] = {}
"""The function that builds the rows of each kind; its docstring is their inequality."""


def builds(kind: RowKind) -> Callable[[Build], Build]:
    """Say of which kind a function builds the rows."""

    def noted(build: Build) -> Build:
        BUILDERS[kind.id] = build
        return build

    return noted


@dataclass(frozen=True, eq=False)
class Model:
    """The program of a week with the names of its rows."""

    program: Program
    rules: tuple[str, ...]
    """Rule of each row."""
    keys: tuple[str, ...]
    """What each row is about."""
    capacity: Ints
    """Capacity of each row, in its own unit."""
    floors: npt.NDArray[np.bool_]
    """Rows whose capacity is a floor."""
    locked: npt.NDArray[np.bool_]
    """Whether a lock fixes the citizen, shape (citizens,)."""
    broken: tuple[str, ...] = ()
    """Locks that cannot be honoured whatever else is chosen: which, and why. With any there is no
    plan."""

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each row: its kind and what it is about."""
        return tuple(self.program.row_names or ())

    @property
    def gains(self) -> Ints:
        """What each offer adds to each goal, shape (goals, offers)."""
        return self.program.gains

    @property
    def ruled_out(self) -> Ints:
        """Offers that locks rule out, positions."""
        given = self.program.forbidden
        return np.zeros(0, dtype=np.int64) if given is None else given

    def entries(self, offers: Ints | None = None) -> tuple[Ints, Ints, Ints]:
        """Row, offer (its position in ``offers``) and units of each use; None: of all offers."""
        uses = self.program.uses
        part = (uses if offers is None else uses.tocsc()[:, offers]).tocoo()
        row, offer = (np.asarray(at, dtype=np.int64) for at in part.coords)
        return row, offer, np.asarray(part.data, dtype=np.int64)

    def room(self, used: Ints) -> Ints:
        """Units of each row that are left; a floor leaves any number, shape (rows,)."""
        return np.where(self.floors, np.iinfo(np.int64).max, self.capacity - used)

    def used(self, chosen: Ints) -> Ints:
        """Add up the units of each row that chosen offers take, shape (rows,)."""
        selected = np.zeros(self.program.n_columns, dtype=np.int64)
        selected[chosen] = 1
        return np.asarray(self.program.uses @ selected, dtype=np.int64)

    def blocked(self, used: Ints) -> tuple[Ints, Ints]:
        """Row and offer of each entry for which too little is left; a floor blocks nothing."""
        uses = self.program.uses.tocsr()
        room = self.room(used)
        at_row = np.repeat(np.arange(len(room), dtype=np.int64), np.diff(uses.indptr))
        blocks = uses.data > room[at_row]
        return at_row[blocks], uses.indices[blocks].astype(np.int64)


def formulate(book: OfferBook) -> Model:
    """Build the program of a week from its offers."""
    rules: list[str] = []
    keys: list[str] = []
    capacities, floored, blocks = [], [], []
    # One kind at a time: as entries, all rows of a country are larger than as a matrix.
    for kind in ROW_KINDS.values():
        rows = BUILDERS[kind.id](book)
        if rows.keys:
            rules += [kind.id] * len(rows.keys)
            keys += rows.keys
            capacities.append(np.maximum(rows.capacity, 0))
            floored.append(np.full(len(rows.keys), kind.floor))
            blocks.append(_block(rows, len(book.offers)))
    capacity = np.concatenate([np.zeros(0, dtype=np.int64), *capacities])
    floors = np.concatenate([np.zeros(0, dtype=np.bool_), *floored])
    forbidden, locked, broken = _locks(book)
    program = Program(
        group=book.offers.citizen.astype(np.int64),
        n_groups=len(book.encoded.citizens.ids),
        gains=_gains(book),
        uses=_stacked(blocks, len(book.offers)),
        upper=np.where(floors, UNBOUNDED, capacity),
        lower=np.where(floors, capacity, -UNBOUNDED) if floors.any() else None,
        exactly_one=locked if locked.any() else None,
        forbidden=forbidden if len(forbidden) else None,
        row_names=tuple(f"{rule}[{key}]" for rule, key in zip(rules, keys, strict=True)),
        group_names=tuple(book.encoded.citizens.ids.tolist()),
    )
    return Model(program, tuple(rules), tuple(keys), capacity, floors, locked, broken)


def _block(rows: Rows, offers: int) -> sp.csr_array:
    """Return the rows of one kind as a matrix, int64 [rows, offers]."""
    entries = sp.coo_array((rows.use, (rows.row, rows.column)), shape=(len(rows.keys), offers))
    return entries.tocsr()


def _stacked(blocks: list[sp.csr_array], offers: int) -> sp.csr_array:
    if not blocks:
        return sp.csr_array((0, offers), dtype=np.int64)
    return sp.csr_array(sp.vstack(blocks, format="csr"))


@builds(OPENING_SEATS)
def opening_seats(book: OfferBook) -> Rows:
    """opening_seats[j]: sum of x_o at opening j <= free seats."""
    return counted(book, OPENING_SEATS, book.offers.opening)


@builds(WORKPLACE_RATIO)
def workplace_ratio(book: OfferBook) -> Rows:
    """workplace_ratio[w]: sum of x_o at w under measures in the ratio rule <= places left there.

    Counted per production unit (P-number); running placements have been taken off.
    """
    encoded = book.encoded
    counts = np.array(
        [encoded.policy.measures[name].ratio_rule for name in encoded.measures], dtype=np.bool_
    )
    at = encoded.openings.workplace[book.offers.opening]
    under = np.where(counts[book.offers.measure], at, -1) if len(counts) else at
    return counted(book, WORKPLACE_RATIO, under)


@builds(MENTOR_HOURS)
def mentor_hours(book: OfferBook) -> Rows:
    """mentor_hours[p]: sum of mentor minutes x_o drawn from pool p <= minutes left."""
    return counted(book, MENTOR_HOURS, book.offers.pool, book.offers.mentor)


@builds(TEAM_SEATS)
def team_seats(book: OfferBook) -> Rows:
    """team_seats[l]: sum of x_o with class l <= free seats."""
    return counted(book, TEAM_SEATS, book.offers.team)


@builds(COURSE_SEATS)
def course_seats(book: OfferBook) -> Rows:
    """course_seats[c]: sum of x_o with course c <= free seats."""
    return counted(book, COURSE_SEATS, book.offers.courses)


@builds(BUDGET)
def budget(book: OfferBook) -> Rows:
    """budget[b]: sum of cost x_o on line b <= what is left, DKK a week."""
    lines = sorted(book.encoded.policy.money.budgets)
    costs, nothing = offer_costs(book), np.zeros(len(book.offers), dtype=np.int64)
    use = [costs.get(line, nothing) for line in lines]
    left = [book.encoded.policy.money.budgets[line] for line in lines]
    paid = [np.flatnonzero(cost) for cost in use]
    return _listed(lines, left, paid, [cost[at] for cost, at in zip(use, paid, strict=True)])


@builds(YEAR_BUDGET)
def year_budget(book: OfferBook) -> Rows:
    """year_budget[b]: sum of cost until the year ends x_o on line b <= what is left of it, DKK."""
    costs = year_costs(book)
    left = [book.encoded.policy.money.year_budgets[line] for line in costs]
    paid = [np.flatnonzero(cost) for cost in costs.values()]
    used = [cost[at] for cost, at in zip(costs.values(), paid, strict=True)]
    return _listed(list(costs), left, paid, used)


@builds(YEAR_QUOTA)
def year_quota(book: OfferBook) -> Rows:
    """year_quota[m]: sum of x_o under measure m that begin until the year ends <= its quota."""
    begin = year_starts(book)
    left = [book.encoded.policy.money.year_quotas[measure] for measure in begin]
    return _listed(list(begin), left, [np.flatnonzero(some) for some in begin.values()])


@builds(CASELOAD)
def caseload(book: OfferBook) -> Rows:
    """caseload[k]: sum of x_o of the citizens of caseworker k <= new placements k can follow up."""
    caseworkers = book.problem.columns("caseworkers")["caseworker_id"]
    of = positions(book.problem.columns("citizens")["caseworker_id"], caseworkers)
    return counted(book, CASELOAD, of[book.offers.citizen])


@builds(HOUSEHOLD_CARE)
def household_care(book: OfferBook) -> Rows:
    """household_care[h,t]: adults of household h away in quarter t <= adults of h - 1.

    For households with a small child whose adults are in the table and none of whom has somebody
    else at home to look after it; t runs over the quarters in which the child has no care. Away
    means the shift widened by the way and the drop-off, and the class the offer adds. What an adult
    does anyway (own class, treatment, running placements) counts as away whatever is chosen.
    Quarters with the same offers away make one row.
    """
    encoded, offers = book.encoded, book.offers
    households = _households(book.problem)
    if not households:
        return _listed([], [], [])
    everyone = np.concatenate([np.zeros(0, dtype=np.int64), *households.values()])
    careless, anyway = _careless(encoded, everyone), _away_anyway(encoded, everyone)
    first = np.searchsorted(offers.citizen, np.arange(len(encoded.citizens.ids) + 1))
    # One more row for "no class".
    blocks = book.problem.columns("teams")["blocks"]
    class_grids = np.append(_grids(blocks), _grids([""]), axis=0)
    keys: list[str] = []
    capacities: list[int] = []
    chosen: list[Ints] = []
    at = 0
    for household, adults in households.items():
        members = slice(at, at := at + len(adults))
        own = np.concatenate([np.arange(first[i], first[i + 1]) for i in adults])
        without = careless[members].all(axis=0)
        away = _away(encoded, offers.opening[own], offers.way[own])
        away |= class_grids[offers.team[own]]
        always = anyway[members] & without
        begins = np.cumsum([0, *(first[adults + 1] - first[adults])])
        counted = always.sum(axis=0)
        could = counted.copy()
        for adult, (begin, end) in enumerate(itertools.pairwise(begins.tolist())):
            away[begin:end] &= without & ~always[adult]
            could += away[begin:end].any(axis=0)
        quarters = np.flatnonzero((could >= len(adults)) & away.any(axis=0))
        for quarter in _unlike(away, counted, quarters):
            chosen.append(own[away[:, quarter]])
            keys.append(f"{household},{_quarter_name(quarter)}")
            capacities.append(len(adults) - 1 - int(counted[quarter]))
    return _listed(keys, capacities, chosen)


def _households(problem: Problem) -> dict[str, Ints]:
    """Adults of each household that must see to a small child itself, by its name in order."""
    needs = needs_care(problem)
    if not needs.any():
        return {}
    alone = ~problem.columns("citizens")["partner_can_care"]
    groups = problem["citizens"].groupby("household_id").indices
    adults_of = {str(name): np.asarray(rows, dtype=np.int64) for name, rows in groups.items()}
    return {
        name: adults
        for name, adults in sorted(adults_of.items())
        if len(adults) > 1 and needs[adults].any() and alone[adults].all()
    }


def _unlike(away: Slots, counted: Ints, quarters: Ints) -> list[int]:
    """Of quarters with the same offers and adults away only the first."""
    packed = np.packbits(away[:, quarters].T, axis=1)
    found: dict[tuple[bytes, int], int] = {}
    for quarter, who, count in zip(
        quarters.tolist(), packed, counted[quarters].tolist(), strict=True
    ):
        found.setdefault((who.tobytes(), count), quarter)
    return list(found.values())


@builds(WORKPLACE_INTAKE)
def workplace_intake(book: OfferBook) -> Rows:
    """workplace_intake[w]: sum of x_o at w <= new people w can receive in a week."""
    return counted(book, WORKPLACE_INTAKE, book.encoded.openings.workplace[book.offers.opening])


@builds(GROUP_FLOOR)
def group_floor(book: OfferBook) -> Rows:
    """group_floor[g]: sum of x_o of the citizens of group g >= its floor; off unless given."""
    floors = book.encoded.policy.group_floors
    return _listed(
        [f"{floor.column}={floor.value}" for floor in floors],
        [floor.at_least for floor in floors],
        [np.flatnonzero(in_group(book, floor.column, floor.value)) for floor in floors],
    )


def in_group(book: OfferBook, column: str, value: str) -> npt.NDArray[np.bool_]:
    """Whether each offer is for a citizen whose column has the value, shape (offers,)."""
    values = book.problem["citizens"][column].astype("string").str.lower()
    inside = (values == value.lower()).fillna(value=False).to_numpy(np.bool_)
    return np.asarray(inside[book.offers.citizen], dtype=np.bool_)


def counted(
    book: OfferBook,
    kind: RowKind,
    at: npt.NDArray[np.integer],
    use: npt.NDArray[np.integer] | None = None,
) -> Rows:
    """Build rows in which each offer uses what it points at; those without a limit are no rows.

    Parameters
    ----------
    kind
        A kind with a table of its own.
    at
        Row of the table that each offer uses, -1 for none, shape (offers,) or (offers, several).
    use
        Units it takes, shape (offers,); None: one.
    """
    free = book.encoded.remaining[kind]
    limited = free != UNLIMITED
    number = np.append(np.where(limited, np.cumsum(limited) - 1, -1), -1)
    row = number[at]
    used = row >= 0
    column = np.nonzero(used)[0]
    uses = np.ones(len(column), dtype=np.int64) if use is None else use[column].astype(np.int64)
    ids = book.problem.columns(kind.table)[kind.key]
    return Rows(tuple(ids[limited].tolist()), free[limited], row[used], column, uses)


def _listed(
    keys: Sequence[str],
    capacity: Sequence[int],
    chosen: Sequence[Ints],
    uses: Sequence[Ints] | None = None,
) -> Rows:
    """Build rows of the offers of each, which use what is given, or one each."""
    none = [np.zeros(0, dtype=np.int64)]
    column = np.concatenate([*none, *chosen])
    return Rows(
        tuple(keys),
        np.array(capacity, dtype=np.int64),
        np.repeat(np.arange(len(chosen)), np.array([len(one) for one in chosen], dtype=np.int64)),
        column,
        np.ones(len(column), dtype=np.int64) if uses is None else np.concatenate([*none, *uses]),
    )


def _careless(encoded: EncodedWeek, adults: Ints) -> Slots:
    """Quarters of the week in which each adult's day care is closed, shape (adults, SLOTS)."""
    own = _grids(encoded.problem.columns("citizens")["care_blocks"][adults])
    own[~own.any(axis=1)] = slots_of([encoded.policy.childcare.open])
    return np.asarray(~own, dtype=np.bool_)


def _away(
    encoded: EncodedWeek, openings: npt.NDArray[np.integer], way: npt.NDArray[np.integer]
) -> Slots:
    """Quarters in which somebody working there is away from home, shape (offers, SLOTS)."""
    away = way.astype(np.int64) + encoded.policy.childcare.drop_off_minutes
    steps = -(-away // SLOT_MINUTES)
    # Many work the same shift at the same distance.
    kinds, kind = np.unique(
        steps * len(encoded.shift_grids) + encoded.openings.pattern[openings], return_inverse=True
    )
    grids = np.zeros((len(kinds), encoded.shift_grids.shape[1]), dtype=np.bool_)
    wide, pattern = np.divmod(kinds, max(1, len(encoded.shift_grids)))
    for step in np.unique(wide):
        chosen = wide == step
        grids[chosen] = widened(encoded.shift_grids[pattern[chosen]], int(step) * SLOT_MINUTES)
    return np.asarray(grids[kind.ravel()], dtype=np.bool_)


def _grids(texts: Iterable[object]) -> Slots:
    """Weekly blocks on the grid, shape (texts, SLOTS); empty cells are empty weeks."""
    return slots_of(weeks_of(texts))


def _away_anyway(encoded: EncodedWeek, adults: Ints) -> Slots:
    """Quarters in which each adult is away whatever is chosen, shape (adults, SLOTS)."""
    table = encoded.problem.columns("citizens")
    grids = _grids(table["class_blocks"][adults]) | _grids(table["treatment_blocks"][adults])
    running = encoded.remaining.running
    who = positions(running["citizen_id"], table["citizen_id"])
    there = running["opening"]
    for at in np.flatnonzero(encoded.citizens.placed[adults]):
        adult = adults[at]
        openings = there[(who == adult) & (there >= 0)]
        if len(openings):
            c = encoded.citizens
            way = encoded.ways.minutes[
                c.traveller[adult], c.home[adult], encoded.openings.place[openings]
            ]
            grids[at] |= _away(encoded, openings, way).any(axis=0)
    return grids


def _quarter_name(quarter: int) -> str:
    day, minutes = divmod(int(quarter) * SLOT_MINUTES, 1440)
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return f"{names[day]} {minutes // 60:02d}:{minutes % 60:02d}"


def _gains(book: OfferBook) -> Ints:
    """Gains of every offer in each tier, shape (tiers, offers)."""
    tiers, offers = book.encoded.policy.tiers, book.offers
    priority = np.ones(len(book.encoded.citizens.ids), dtype=np.int64)
    if tiers.priority_step_weeks > 0:
        waited = book.problem.columns("citizens")["weeks_waiting"]
        steps = np.minimum(waited // tiers.priority_step_weeks, tiers.priority_most_steps)
        priority = 10 + steps
    kept = tiers.change_cost * kept_offers(book)
    return np.stack(
        [
            priority[offers.citizen],
            offers.fit.astype(np.int64) + kept - price_points(book),
            _tie_break(book),
        ]
    )


def kept_offers(book: OfferBook) -> npt.NDArray[np.bool_]:
    """Whether an offer is what its citizen was proposed before, shape (offers,).

    Keeping is rewarded rather than changing punished: so an earlier proposal that is dropped for
    the sake of somebody else costs as much as one that is changed.
    """
    previous, encoded, offers = book.problem.columns("previous"), book.encoded, book.offers
    citizen = positions(previous["citizen_id"], encoded.citizens.ids)
    known = citizen >= 0
    opening = np.full(len(encoded.citizens.ids), -1, dtype=np.int64)
    measure = opening.copy()
    opening[citizen[known]] = positions(previous["opening_id"], encoded.openings.ids)[known]
    measures = np.array(encoded.measures, dtype=object)
    measure[citizen[known]] = positions(previous["measure"], measures)[known]
    # A measure that is named but no longer in force cannot be kept.
    named = np.zeros(len(opening), dtype=np.bool_)
    named[citizen[known]] = ~lacking(previous["measure"])[known]
    same: npt.NDArray[np.bool_] = opening[offers.citizen] == offers.opening
    kept = ~named[offers.citizen] | (measure[offers.citizen] == offers.measure)
    return np.asarray(same & kept, dtype=np.bool_)


def _tie_break(book: OfferBook) -> Ints:
    """Hash of the ids of an offer: 0-1023, the same on every machine and for every row order."""
    offers, encoded = book.offers, book.encoded
    parts: list[tuple[npt.NDArray[np.object_], npt.NDArray[np.integer]]] = [
        (encoded.citizens.ids, offers.citizen),
        (encoded.openings.ids, offers.opening),
        (np.array(encoded.measures, dtype=object), offers.measure),
        (book.problem.columns("teams")["team_id"], offers.team),
        (book.problem.columns("mentor_pools")["pool_id"], offers.pool),
        *((book.problem.columns("courses")["course_id"], column) for column in offers.courses.T),
    ]
    mixed = np.zeros(len(offers), dtype=np.uint64)
    for ids, at in parts:
        hashes = np.append(pd.util.hash_array(ids, categorize=False), np.uint64(0))
        mixed = _scramble(mixed ^ hashes[at])
    return (mixed >> np.uint64(64 - TIE_BREAK_BITS)).astype(np.int64)


def _scramble(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Mix the bits of 64-bit numbers (the finaliser of SplitMix64, Steele et al. 2014)."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(numbers ^ (numbers >> np.uint64(31)), dtype=np.uint64)


def _locks(book: OfferBook) -> tuple[Ints, npt.NDArray[np.bool_], tuple[str, ...]]:
    """Offers that locks rule out, citizens who must get one of theirs, locks that cannot be."""
    encoded, offers = book.encoded, book.offers
    locked = np.zeros(len(encoded.citizens.ids), dtype=np.bool_)
    if not len(book.problem["locks"]):
        return np.zeros(0, dtype=np.int64), locked, ()
    table, wanted = book.problem.columns("locks"), _waiting_locks(book)
    opening_ids, stated = table["opening_id"], table["measure"]
    locked[list(wanted)] = True
    ruled_out = locked[offers.citizen]
    first = np.searchsorted(offers.citizen, np.arange(len(locked) + 1))
    clashes: list[str] = []
    for i, locks in sorted(wanted.items()):
        own = np.arange(first[i], first[i + 1])
        who = encoded.citizens.ids[i]
        places = sorted({opening_ids[lock] for lock in locks})
        measures = sorted({one for lock in locks if isinstance(one := stated[lock], str)})
        if len(places) > 1:
            clashes.append(Message("clash.two_places", citizen=who, places=tuple(places)))
            continue
        if len(measures) > 1:
            clashes.append(
                Message("clash.two_measures", citizen=who, opening=places[0],
                        measures=tuple(measures))
            )  # fmt: skip
            continue
        kept = own[encoded.openings.ids[offers.opening[own]] == places[0]]
        if measures:
            names = np.array(encoded.measures, dtype=object)[offers.measure[kept]]
            kept = kept[names == measures[0]]
        ruled_out[kept] = False
        if not len(kept):
            reasons = joined([Both.each(one.sentence) for one in failures(encoded, who, places[0])])
            clashes.append(
                Message(
                    "clash.lock_under" if measures else "clash.lock_stopped",
                    citizen=who,
                    opening=places[0],
                    measure=measures[0] if measures else "",
                    reasons=reasons or Message("clash.other_measure"),
                )
            )
    return np.flatnonzero(ruled_out), locked, tuple(clashes)


def _waiting_locks(book: OfferBook) -> dict[int, list[int]]:
    """Rows of the locks of each known citizen at known openings, unless a placement is running."""
    locks, encoded = book.problem.columns("locks"), book.encoded
    citizen = positions(locks["citizen_id"], encoded.citizens.ids)
    opening = positions(locks["opening_id"], encoded.openings.ids)
    found: dict[int, list[int]] = {}
    for row in np.flatnonzero((citizen >= 0) & (opening >= 0)).tolist():
        if not encoded.citizens.placed[citizen[row]]:
            found.setdefault(int(citizen[row]), []).append(row)
    return found
