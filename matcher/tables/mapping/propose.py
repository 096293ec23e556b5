"""Somebody else's tables, looked at: what they are in ours, and how sure that is.

Headers count first (our names, what case systems call them, names like these), then content: what
a column's cells can be read as. Each column of theirs is one of ours and the other way round, by
the assignment with the greatest sum. Nothing is decided: a person reads the proposal.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from matcher.errors import OptionError, PolicyError
from matcher.policy import Policy
from matcher.records import TABLES, Table
from matcher.tables.columns import columns_of
from matcher.tables.folder import FoundTable
from matcher.tables.mapping.apply import join_tables, keys_of, without_totals
from matcher.tables.mapping.columns import ColumnMatch, Judge, Looked, looked_at
from matcher.tables.mapping.likeness import like_column, like_table
from matcher.tables.mapping.record import Join, TableMap, TheirMapping, folded
from matcher.tables.mapping.words import bare, parts, words
from matcher.tables.names import column_named, table_named
from matcher.tables.raw import RawTable, UnreadableError
from matcher.tables.sources import Tables, open_source
from matcher.texts import Message
from matcher.unknown import ASSUMED, COLUMN, missing_columns

_NAMED_ONLY = frozenset({"locks", "forbids", "previous", "events", "audit_groups", "travel_times"})
"""Tables that are like many others: only where theirs is called so."""
_HALF = 0.5
_HELD = 0.9
"""Share of a second table's keys that the first must hold for a join."""
_HEADER_NAMES = 3
"""Names that the header of a table has at least, where titles stand above it."""


@dataclass(frozen=True)
class ColumnProposal:
    """A column of ours, where it comes from, and how sure that is."""

    name: str
    fit: ColumnMatch
    examples: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    """Values that may be written, whose meaning nobody knows."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Values of theirs that may be written, and ours."""
    scale: bool = False
    """Whether its numbers are steps, of which only a person knows the direction."""


@dataclass(frozen=True)
class Unused:
    """A column of theirs that is not used."""

    header: str
    rows: int
    barred: bool


@dataclass(frozen=True)
class TableProposal:
    """A table of ours, where it comes from."""

    name: str
    source: str
    """How people know it."""
    rows: int
    map: TableMap
    columns: tuple[ColumnProposal, ...]
    unused: tuple[Unused, ...]
    needed: tuple[str, ...]
    """Columns of ours without which it cannot be read."""
    protecting: tuple[str, ...]
    """Columns that protect somebody and are not there: the policy must declare them."""
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of theirs whose rows are left out, as they are written."""


@dataclass(frozen=True)
class ProposedMapping:
    """What somebody's tables are in ours."""

    tables: tuple[TableProposal, ...]
    ours: tuple[str, ...]
    """Tables that are ours already, by name."""
    others: tuple[str, ...]
    """Tables of theirs that are not used."""
    unread: tuple[tuple[str, str], ...]
    """What cannot be read, with the reason."""
    missing: tuple[str, ...]
    """Tables that are needed and not there."""

    def mapping(self, key_check: str = "") -> TheirMapping:
        """Return the mapping as it is proposed."""
        return TheirMapping({one.name: one.map for one in self.tables}, key_check)


@dataclass(frozen=True)
class _Theirs:
    """A table of theirs."""

    found: FoundTable
    raw: RawTable
    looked: tuple[Looked, ...]


def propose(address: Tables, policy: Policy, today: dt.date) -> ProposedMapping:
    """Look at somebody's tables and propose a mapping.

    Parameters
    ----------
    address
        A folder, a workbook, a database address, or frames by name.
    policy
        Its section ``mapping`` says how much is listed; its measures are known.
    today
        Day for columns that count the time since a day.

    Raises
    ------
    OptionError
        There is nothing to read at the address.
    PolicyError
        A stored policy of a version that proposed nothing.
    """
    if policy.mapping is None:
        raise PolicyError(Message("mapping.no_policy"))
    source = open_source(address, mapped=True)
    try:
        everything = source.everything()
        theirs: list[_Theirs] = []
        ours: list[str] = []
        unread: list[tuple[str, str]] = []
        for found in everything:
            try:
                raw, _ = without_totals(_opened(found))
            except UnreadableError as error:
                unread.append((found.source, error.reason))
                continue
            name = table_named(found.name)
            if name and all(column_named(name, one.header) for one in raw.columns if one.header):
                ours.append(name)
            elif len(raw.rows):
                theirs.append(_Theirs(found, raw, tuple(looked_at(one) for one in raw.columns)))
    finally:
        source.close()
    if not theirs and not ours:
        raise OptionError(Message("mapping.nothing_there", address=source.address))
    judge = Judge(policy, today, policy.mapping)
    chosen = _tables(theirs, frozenset(ours), judge)
    made = _joined_proposals(theirs, chosen, judge)
    made = _one_kind_of_id(made, theirs, chosen, judge)
    used = {place for one in made for place in _places(one)}
    named = {one.name for one in made} | set(ours)
    lasting = [
        dataclasses.replace(
            one,
            map=dataclasses.replace(
                one.map,
                source=_lasting(one.map.source, everything),
                joins=tuple(
                    dataclasses.replace(join, source=_lasting(join.source, everything))
                    for join in one.map.joins
                ),
            ),
        )
        for one in made
    ]
    return ProposedMapping(
        tuple(lasting),
        tuple(name for name in TABLES if name in ours),
        tuple(one.found.place for one in theirs if one.found.place not in used),
        tuple(unread),
        tuple(name for name, table in TABLES.items() if table.needed and name not in named),
    )


_DATED = re.compile(r"\d(?:[-_. ]?\d){3,}")
"""What a file name says of its day, or of its number."""


def _lasting(place: str, everything: Sequence[FoundTable]) -> str:
    """Name of a table that is its next week as well: ``*`` for what a file name says of its day."""
    file, sign, sheet = place.partition("#")
    pattern = f"{_DATED.sub('*', file)}{sign}{sheet}"
    held = [one for one in everything if fnmatch.fnmatchcase(one.place, pattern)]
    return pattern if len(held) == 1 and "*" not in place and "[" not in place else place


def _places(one: TableProposal) -> list[str]:
    return [one.map.source, *(join.source for join in one.map.joins)]


# ------------------------------------------------------------------------------ tables


def _opened(found: FoundTable) -> RawTable:
    """Read a table whose columns have names that nobody knows yet."""
    raw = found.table(_any_meaning)
    first = [one.header for one in raw.columns]
    rows = min(len(raw.rows), 10)
    best, most = [], max(_names_in(first) * 2, _HEADER_NAMES)
    for row in range(rows):
        cells = [one.texts[one.codes[row]] for one in raw.columns]
        if _names_in(cells) >= most:
            best, most = cells, _names_in(cells) + 1
    if not best:
        return raw
    wanted = {folded(cell) for cell in best if cell.strip()}
    return found.table(lambda name: folded(name) if folded(name) in wanted else None)


def _names_in(cells: Sequence[str]) -> int:
    """Cells of a line that may be names of columns."""
    return len({cell.strip() for cell in cells if re.search(r"[^\W\d_]{2}", cell)})


def _any_meaning(name: str) -> str | None:
    """Take a header for known that is surely a column of any table of ours."""
    plain = bare(name)
    return plain if plain in _all_headers() else None


def _all_headers() -> frozenset[str]:
    if not _HEADERS:
        for table in TABLES.values():
            for column, one in columns_of(table, None).items():
                names = words().columns.get(table.name, {}).get(column, ())
                _HEADERS.update(map(bare, (column, one.danish, *names)))
    return frozenset(_HEADERS)


_HEADERS: set[str] = set()


def _tables(
    theirs: Sequence[_Theirs], ours: frozenset[str], judge: Judge
) -> dict[str, tuple[int, bool]]:
    """Which of their tables is which of ours, and whether it holds each of our rows several times.

    Ours by name are left; each of theirs is one of ours, and then, once more, the workplaces of a
    list of jobs.
    """
    worth: list[tuple[float, str, int]] = []
    for at, one in enumerate(theirs):
        for name, table in TABLES.items():
            if name not in ours and (found := _worth(table, one, judge)) > 0:
                worth.append((-found, name, at))
    chosen: dict[str, tuple[int, bool]] = {}
    for _, name, at in sorted(worth):
        if name not in chosen and at not in {place for place, _ in chosen.values()}:
            chosen[name] = (at, False)
    if "workplaces" not in (*chosen, *ours):
        for _, name, at in sorted(worth):
            if name == "workplaces" and name not in chosen:
                chosen[name] = (at, True)
    return chosen


def _worth(table: Table, theirs: _Theirs, judge: Judge) -> float:
    """How much a table of theirs looks like one of ours; 0: not at all."""
    hint = like_table(table.name, theirs.found.name)
    if table.name in _NAMED_ONLY and not hint:
        return 0.0
    least = judge.settings.possible_percent / 100
    fields = columns_of(table, judge.policy)
    best = {
        name: max((like_column(table.name, name, one.header) for one in theirs.looked), default=0)
        for name in fields
    }
    needed = [name for name, column in fields.items() if column.needed]
    there = sum(best[name] >= least for name in needed) / len(needed)
    if best[table.key[0]] < least or there < _HALF:
        return 0.0
    rare = {name: 1 / sum(name in other.record.model_fields for other in TABLES.values())
            for name in fields}  # fmt: skip
    return 2 * hint + 2 * there + sum(rare[name] * sure for name, sure in best.items()
                                      if sure >= least)  # fmt: skip


# ------------------------------------------------------------------------------ columns


def _proposed(
    name: str,
    theirs: _Theirs,
    raw: RawTable,
    joins: tuple[Join, ...],
    judge: Judge,
    *,
    once: bool,
    barred_ids: bool = False,
) -> TableProposal:
    """Assign columns of theirs to columns of ours."""
    table = TABLES[name]
    fields = columns_of(table, judge.policy)
    looked = [looked_at(one) for one in raw.columns]
    names = [field_name for field_name in fields if field_name not in {COLUMN, ASSUMED}]
    fits: dict[tuple[int, int], ColumnMatch] = {}
    scores = np.zeros((len(looked), len(names)))
    least = judge.settings.possible_percent / 100
    for row, one in enumerate(looked):
        for at, field_name in enumerate(names):
            if not one.header:
                continue
            fit = judge.fit(name, fields[field_name], raw, row, one)
            if fit.sure < least:
                continue
            fits[row, at] = fit
            scores[row, at] = fit.sure
            if field_name == "citizen_id":
                # An id of theirs is better than a number made pseudonymous; unless all have that.
                scores[row, at] += _HALF if one.barred is barred_ids else 0
    rows, columns = linear_sum_assignment(scores, maximize=True)
    assigned = {
        names[at]: (row, fits[row, at])
        for row, at in zip(rows.tolist(), columns.tolist(), strict=True)
        if (row, at) in fits
    }
    made = {field_name: assigned[field_name] for field_name in fields if field_name in assigned}
    left_out = _closed(looked)
    used = {row for row, _ in made.values()}
    keys = {folded(text) for join in joins for text in (join.on, join.to)}
    unused = tuple(
        Unused(one.header, one.filled, one.barred)
        for row, one in enumerate(looked)
        if row not in used and one.header and folded(one.header) not in keys
        and one.header not in left_out
    )  # fmt: skip
    return TableProposal(
        name,
        raw.source,
        len(raw.rows),
        TableMap(
            theirs.found.place,
            {field_name: fit.map for field_name, (_, fit) in made.items()},
            joins,
            {header: tuple(map(folded, values)) for header, values in left_out.items()},
            once,
        ),
        tuple(
            ColumnProposal(
                field_name,
                fit,
                judge.examples(name, fields[field_name], looked[row], fit),
                judge.asked_out(name, looked[row], fit),
                judge.written_out(name, looked[row], fit),
                judge.scale(fields[field_name], fit),
            )
            for field_name, (row, fit) in made.items()
        ),
        unused,
        tuple(field_name for field_name in fields
              if fields[field_name].needed and field_name not in made),
        missing_columns(table, made, judge.policy),
        left_out,
    )  # fmt: skip


def _closed(looked: Sequence[Looked]) -> dict[str, tuple[str, ...]]:
    """Values of a column of states whose rows are over."""
    heads = {bare(name) for name in words().closed["headers"]}
    over = {bare(name) for name in words().closed["values"]}
    found: dict[str, tuple[str, ...]] = {}
    for one in looked:
        if not heads & set(parts(one.header)) or one.barred:
            continue
        values = tuple(sorted(text.strip() for text in one.column.texts if bare(text) in over))
        if values:
            found[one.header] = values
    return found


# ------------------------------------------------------------------------------ joins


def _joined_proposals(
    theirs: Sequence[_Theirs], chosen: Mapping[str, tuple[int, bool]], judge: Judge
) -> list[TableProposal]:
    taken = {at for at, _ in chosen.values()}
    made: list[TableProposal] = []
    for name in (one for one in TABLES if one in chosen):
        at, once = chosen[name]
        one, raw = theirs[at], theirs[at].raw
        joins: list[Join] = []
        best = _proposed(name, one, raw, (), judge, once=once)
        for second, other in enumerate(theirs):
            if second in taken or once:
                continue
            join = _join(raw, other)
            if join is None:
                continue
            wider, _ = join_tables(raw, other.raw, join, len(one.raw.columns))
            tried = _proposed(name, one, wider, (*joins, join), judge, once=False)
            if len(tried.columns) > len(best.columns):
                best, raw, joins = tried, wider, [*joins, join]
                taken.add(second)
        made.append(dataclasses.replace(best, source=one.raw.source))
    return made


def _join(raw: RawTable, other: _Theirs) -> Join | None:
    """Find the column by which a second table completes the first: one row each."""
    best: tuple[float, str, str] | None = None
    for second in other.looked:
        keys = set(filter(None, keys_of(second.column)))
        if not keys or second.filled != len(keys) or len(keys) < len(other.raw.rows):
            continue
        for first in raw.columns:
            here = set(filter(None, keys_of(first)))
            share = len(keys & here) / len(keys)
            if share < _HELD or len(keys & here) * 2 < len(here) or len(keys) < 2:
                continue
            same = bare(first.header) == bare(second.header)
            worth = (share + same, first.header, second.header)
            if best is None or worth > best:
                best = worth
    return None if best is None else Join(other.found.place, best[1], best[2])


def _one_kind_of_id(
    made: list[TableProposal],
    theirs: Sequence[_Theirs],
    chosen: Mapping[str, tuple[int, bool]],
    judge: Judge,
) -> list[TableProposal]:
    """Where one table knows persons by number alone, let all know them by its pseudonym."""
    kinds = {
        one.name: one.map.columns["citizen_id"].hashed
        for one in made
        if "citizen_id" in one.map.columns
    }
    if len(set(kinds.values())) < 2:
        return made
    again: list[TableProposal] = []
    for one in made:
        if kinds.get(one.name) == "":
            at, once = chosen[one.name]
            raw = theirs[at].raw
            for join in one.map.joins:
                other = next(item for item in theirs if item.found.place == join.source)
                raw, _ = join_tables(raw, other.raw, join, len(theirs[at].raw.columns))
            tried = _proposed(
                one.name, theirs[at], raw, one.map.joins, judge, once=once, barred_ids=True
            )
            one = dataclasses.replace(tried, source=one.source)
        again.append(one)
    return again
