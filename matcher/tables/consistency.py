"""Cells that are each fine and together cannot be: within a row, and between tables.

What makes a row meaningless is an error. What a caseworker should look at, while the row can still
be used safely, is a warning. Locks that contradict each other are warnings: they go on to the
solver, which names the clash with everything that plays into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.records import Happened
from matcher.row_kinds import ROW_KINDS
from matcher.tables.issues import IssueCode, Severity
from matcher.tables.sheet import Mask, Sheet
from matcher.texts import Both, Figures, Message, joined
from matcher.unknown import COLUMN, marks_of
from matcher.week import parse_week, slots, week_minutes

_YOUNGEST_PARENT = 12
"""Years between a citizen and the youngest child below which an age must be wrong."""
_A_SECOND = 1 / 3600
"""Hours below which sums of hours, each to the minute, are equal."""
REVERSED = (
    ("openings", "hours_min", "hours_max"),
    ("openings", "start_from", "start_to"),
    ("openings", "age_min", "age_max"),
    ("teams", "level_from", "level_to"),
    ("running", "start", "end"),
)
"""Pairs of columns of which the first may not be after the second."""
_WEEKS = ("class_blocks", "treatment_blocks", "other_blocks")


def check_rows(sheets: Mapping[str, Sheet], first_day: dt.date) -> None:
    """Check each row against itself; ``first_day`` is the first on which work can start."""
    ready = {name: s for name, s in sheets.items() if s.raw is not None and not s.faulty}
    for name, first, last in REVERSED:
        if name in ready:
            _check_reversed(ready[name], first, last)
    if "forbids" in ready:
        frame = ready["forbids"].frame
        neither = frame["opening_id"].isna() & frame["workplace_id"].isna()
        ready["forbids"].mark(
            _where(neither),
            IssueCode.NO_TARGET,
            field_name="opening_id",
            expected=Message("expected.target"),
            advice=Message("advice.say_where"),
        )
    if "events" in ready:
        frame = ready["events"].frame
        nobody = frame["citizen_id"].isna() & (frame["event"] != Happened.FILLED.value)
        ready["events"].mark(
            _where(nobody),
            IssueCode.NOBODY_NAMED,
            field_name="citizen_id",
            expected=Message("expected.named"),
            advice=Message("advice.say_whose"),
        )
    if "citizens" in ready:
        _check_citizens(ready["citizens"])
    if "workplaces" in ready:
        sheet = ready["workplaces"]
        more = sheet.frame["ordinary_fte"] > sheet.frame["ordinary_staff"]
        _warn(
            sheet,
            more,
            IssueCode.STAFF_CONTRADICTION,
            ("ordinary_fte", "ordinary_staff"),
            Message("expected.fewer_fte"),
            Message("advice.check_staff"),
        )
    if "openings" in ready:
        _check_openings(ready["openings"], first_day)


def check_together(sheets: Mapping[str, Sheet], today: dt.date, first_day: dt.date) -> None:
    """Check the rows that are kept against each other, within and between tables.

    Placements that end before ``first_day``, the first on which work can start, use nothing up;
    forbids that ended before ``today`` forbid nothing.
    """
    frames = {name: sheet.kept() for name, sheet in sheets.items() if not sheet.faulty}
    if "citizens" in frames:
        _check_households(sheets["citizens"], frames["citizens"])
    if "running" in frames:
        running = frames["running"]
        running = running[running["end"].isna() | (running["end"] >= pd.Timestamp(first_day))]
        _check_overlaps(sheets["running"], running)
        _check_full(sheets, frames, running)
        if "locks" in frames and "openings" in frames:
            _check_lock_seats(sheets["locks"], frames["locks"], frames["openings"], running)
    if "locks" in frames:
        _check_two_locks(sheets["locks"], frames["locks"])
        if "forbids" in frames and "openings" in frames:
            _check_forbidden_locks(
                sheets["locks"], frames["locks"], frames["forbids"], frames["openings"], today
            )


# ------------------------------------------------------------------------------ one row


def _where(condition: pd.Series[bool]) -> npt.NDArray[np.intp]:
    return np.flatnonzero(condition.fillna(False).to_numpy(dtype=np.bool_))


def _fact(value: Any) -> Any:
    """Value of a cell as a fact of a message."""
    if isinstance(value, (bool, np.bool_)):
        return Message("found.yes" if value else "found.no")
    if isinstance(value, str):
        return Both.each(lambda language: Figures(language).week(value))
    return value.date() if isinstance(value, pd.Timestamp) else value


def _pairs(sheet: Sheet, rows: npt.NDArray[np.intp], names: tuple[str, ...]) -> list[str]:
    """Write ``column value`` of some columns for each row, as the columns are named in the file."""
    columns = [
        [
            Message("found.cell", column=sheet.headers.get(name, name), value=_fact(cell))
            for cell in sheet.frame[name].iloc[rows]
        ]
        for name in names
    ]
    return [joined(parts, ", ") for parts in zip(*columns, strict=True)]


def _warn(
    sheet: Sheet,
    condition: pd.Series[bool],
    code: IssueCode,
    names: tuple[str, ...],
    expected: str,
    advice: str,
    severity: Severity = Severity.WARNING,
) -> None:
    """Mark rows where a condition holds; rows already put aside for an error are left alone."""
    rows = _where(condition)
    rows = rows[~sheet.wrong[rows]]
    if COLUMN in sheet.frame.columns:  # what is not known contradicts nothing
        for mask in marks_of(sheet.frame[COLUMN], names).values():
            rows = rows[~mask[rows]]
    sheet.mark(
        rows,
        code,
        _pairs(sheet, rows, names),
        field_name=names[0],
        expected=expected,
        advice=advice,
        severity=severity,
    )


def _check_reversed(sheet: Sheet, first: str, last: str) -> None:
    names = tuple(sheet.headers.get(name, name) for name in (first, last))
    _warn(
        sheet,
        sheet.frame[first] > sheet.frame[last],
        IssueCode.ORDER_REVERSED,
        (first, last),
        Message("expected.in_order", first=names[0], last=names[1]),
        Message("advice.swapped"),
        Severity.ERROR,
    )


def _check_citizens(sheet: Sheet) -> None:
    frame = sheet.frame
    day, week = frame["capacity_hours_day"], frame["capacity_hours"]
    _warn(
        sheet,
        ((day == 0) & (week > 0))
        | ((day > 0) & (week == 0))
        | ((day > 0) & (week > 7 * day + _A_SECOND)),
        IssueCode.CAPACITY_CONTRADICTION,
        ("capacity_hours_day", "capacity_hours"),
        Message("expected.hours_agree"),
        Message("advice.smaller_counts"),
    )
    _warn(
        sheet,
        frame["youngest_child"] > frame["age"] - _YOUNGEST_PARENT,
        IssueCode.AGE_CONTRADICTION,
        ("youngest_child", "age"),
        Message("expected.younger", years=_YOUNGEST_PARENT),
        Message("advice.check_ages"),
    )
    _warn(
        sheet,
        frame["years_in_denmark"] > frame["age"] + 1,
        IssueCode.AGE_CONTRADICTION,
        ("years_in_denmark", "age"),
        Message("expected.years_here"),
        Message("advice.check_igu"),
    )
    _warn(
        sheet,
        frame["single_provider"] & frame["partner_can_care"],
        IssueCode.CARE_CONTRADICTION,
        ("single_provider", "partner_can_care"),
        Message("expected.no_partner"),
        Message("advice.correct_one"),
    )
    _check_blocks(sheet)


def _check_blocks(sheet: Sheet) -> None:
    """Find times that are taken twice; each distinct trio of weeks is laid on the grid once."""
    weeks = sheet.frame[list(_WEEKS)].fillna("")
    several = np.flatnonzero((weeks != "").sum(axis=1).to_numpy() > 1)
    clashes: dict[tuple[str, ...], str] = {}
    for trio in weeks.iloc[several].drop_duplicates().itertuples(index=False, name=None):
        grids = {name: slots(parse_week(text)) for name, text in zip(_WEEKS, trio, strict=True)}
        pairs = [
            Message(
                "found.two_weeks", first=sheet.headers.get(a, a), second=sheet.headers.get(b, b)
            )
            for at, a in enumerate(_WEEKS)
            for b in _WEEKS[at + 1 :]
            if (grids[a] & grids[b]).any()
        ]
        if pairs:
            clashes[trio] = joined(pairs, ", ")
    if not clashes:
        return
    trios = list(weeks.iloc[several].itertuples(index=False, name=None))
    hits = [at for at, trio in enumerate(trios) if trio in clashes]
    sheet.mark(
        several[hits],
        IssueCode.BLOCKS_OVERLAP,
        [clashes[trios[at]] for at in hits],
        field_name=_WEEKS[0],
        expected=Message("expected.time_once"),
        advice=Message("advice.time_once"),
        severity=Severity.WARNING,
    )


def _check_openings(sheet: Sheet, first_day: dt.date) -> None:
    frame = sheet.frame
    _warn(
        sheet,
        frame["start_to"] < pd.Timestamp(first_day),
        IssueCode.DATE_PASSED,
        ("start_to",),
        Message("expected.from_day", day=first_day),
        Message("advice.later_day"),
    )
    texts = frame["shifts"].fillna("")
    length = {text: week_minutes(parse_week(text)) / 60 for text in texts.unique()}
    short = pd.Series(texts.map(length).to_numpy(dtype=np.float64), index=frame.index)
    _warn(
        sheet,
        (short > 0) & (short < frame["hours_min"]),
        IssueCode.HOURS_EXCEED_SHIFTS,
        ("hours_min", "shifts"),
        Message("expected.long_shifts"),
        Message("advice.add_shifts"),
    )


# ------------------------------------------------------------------------------ rows together


def _together(
    sheet: Sheet,
    rows: npt.NDArray[np.intp],
    code: IssueCode,
    values: list[str],
    field_name: str,
    expected: str,
    advice: str,
) -> None:
    sheet.mark(
        rows,
        code,
        values,
        field_name=field_name,
        expected=expected,
        advice=advice,
        severity=Severity.WARNING,
    )


def _positions(frame: pd.DataFrame, condition: Any) -> npt.NDArray[np.intp]:
    return frame.index.to_numpy()[np.asarray(condition, dtype=np.bool_)]


def _check_households(sheet: Sheet, frame: pd.DataFrame) -> None:
    shared = frame[frame["household_id"].notna()]
    shared = shared[shared.duplicated("household_id", keep=False)]
    if shared.empty:
        return
    known = shared.index.to_numpy()
    for mask in marks_of(sheet.frame[COLUMN], ("single_provider",)).values():
        known = known[~mask[known]]
    alone = shared[shared["single_provider"] & shared.index.isin(known)]
    _together(
        sheet,
        alone.index.to_numpy(),
        IssueCode.CARE_CONTRADICTION,
        [Message("found.not_alone", household=household) for household in alone["household_id"]],
        "single_provider",
        Message("expected.only_adult"),
        Message("advice.grown_up"),
    )
    child = shared["youngest_child"].fillna(-1)
    group = child.groupby(shared["household_id"])
    differs = shared[group.transform("min") != group.transform("max")]
    _together(
        sheet,
        differs.index.to_numpy(),
        IssueCode.HOUSEHOLD_DISAGREES,
        [
            Message("found.no_child", household=household)
            if pd.isna(age)
            else Message("found.youngest", age=int(age), household=household)
            for age, household in zip(
                differs["youngest_child"], differs["household_id"], strict=True
            )
        ],
        "youngest_child",
        Message("expected.same_youngest"),
        Message("advice.out_of_date"),
    )


def _check_overlaps(sheet: Sheet, running: pd.DataFrame) -> None:
    """Two placements of one citizen at the same time."""
    several = running[running.duplicated("citizen_id", keep=False)]
    if several.empty:
        return
    ordered = several.sort_values(["citizen_id", "start", "opening_id"], kind="stable")
    far = pd.Timestamp("9999-12-31").as_unit("s")
    end = ordered["end"].fillna(far)
    same_before = ordered["citizen_id"] == ordered["citizen_id"].shift()
    latest = end.groupby(ordered["citizen_id"]).cummax().shift()
    overlaps = (same_before & (ordered["start"] <= latest)).to_numpy(dtype=np.bool_)
    involved = ordered["citizen_id"].isin(ordered["citizen_id"][overlaps])
    hits = ordered[involved].sort_index()
    _together(
        sheet,
        hits.index.to_numpy(),
        IssueCode.RUNNING_OVERLAP,
        [
            Message(
                "found.open_span" if pd.isna(end) else "found.span",
                first=start.date(),
                last="" if pd.isna(end) else end.date(),
            )
            for start, end in zip(hits["start"], hits["end"], strict=True)
        ],
        "citizen_id",
        Message("expected.one_at_a_time"),
        Message("advice.both_take_seats"),
    )


def _check_full(
    sheets: Mapping[str, Sheet], frames: Mapping[str, pd.DataFrame], running: pd.DataFrame
) -> None:
    """Find seats, class seats and mentor hours of which more is running than there is."""
    for kind in ROW_KINDS.values():
        table, capacity = kind.table, kind.capacity
        if not kind.taken_by or table not in frames or frames[table].empty:
            continue
        frame, rows = frames[table], running.groupby(kind.taken_by)
        running_use = rows[kind.taken].sum() if kind.taken else rows.size()
        used = frame[kind.key].map(running_use).fillna(0).to_numpy(dtype=np.float64)
        room = frame[capacity].to_numpy(dtype=np.float64)
        over = used > room + _A_SECOND
        _together(
            sheets[table],
            _positions(frame, over),
            IssueCode.OVERFULL,
            [
                Message(
                    f"found.running_{kind.id}",
                    used=float(number),
                    column=sheets[table].headers.get(capacity, capacity),
                    most=float(most),
                )
                for number, most in zip(used[over], room[over], strict=True)
            ],
            capacity,
            Message("expected.room"),
            Message("advice.nothing_free"),
        )


def _check_lock_seats(
    sheet: Sheet, locks: pd.DataFrame, openings: pd.DataFrame, running: pd.DataFrame
) -> None:
    if locks.empty:
        return
    seats = openings.set_index("opening_id")["seats"]
    taken = running.groupby("opening_id").size()
    free = (seats - taken.reindex(seats.index).fillna(0)).clip(lower=0)
    wanted = locks.groupby("opening_id")["citizen_id"].nunique()
    has = locks["opening_id"].map(free).to_numpy(dtype=np.float64)
    asks = locks["opening_id"].map(wanted).to_numpy(dtype=np.float64)
    over = asks > has
    _together(
        sheet,
        _positions(locks, over),
        IssueCode.LOCK_WITHOUT_SEAT,
        [
            Message("found.locked_free", locked=int(many), free=int(room), opening=opening)
            for many, room, opening in zip(
                asks[over], has[over], locks["opening_id"][over], strict=True
            )
        ],
        "opening_id",
        Message("expected.seat_each"),
        Message("advice.lock_or_seat"),
    )


def _check_two_locks(sheet: Sheet, locks: pd.DataFrame) -> None:
    several: Mask = locks.duplicated("citizen_id", keep=False).to_numpy()
    _together(
        sheet,
        _positions(locks, several),
        IssueCode.TWO_LOCKS,
        [str(citizen) for citizen in locks["citizen_id"][several]],
        "citizen_id",
        Message("expected.one_lock"),
        Message("advice.all_but_one"),
    )


def _check_forbidden_locks(
    sheet: Sheet,
    locks: pd.DataFrame,
    forbids: pd.DataFrame,
    openings: pd.DataFrame,
    today: dt.date,
) -> None:
    holds = forbids[forbids["until"].isna() | (forbids["until"] >= pd.Timestamp(today))]
    if locks.empty or holds.empty:
        return
    at_opening = pd.MultiIndex.from_frame(holds[["citizen_id", "opening_id"]].dropna())
    at_workplace = pd.MultiIndex.from_frame(holds[["citizen_id", "workplace_id"]].dropna())
    workplace = locks["opening_id"].map(openings.set_index("opening_id")["workplace_id"])
    pair = pd.MultiIndex.from_arrays([locks["citizen_id"], locks["opening_id"]])
    wider = pd.MultiIndex.from_arrays([locks["citizen_id"], workplace])
    clash = pair.isin(at_opening) | wider.isin(at_workplace)
    _together(
        sheet,
        _positions(locks, clash),
        IssueCode.LOCK_AND_FORBID,
        [
            Message("found.at", citizen=citizen, opening=opening)
            for citizen, opening in zip(
                locks["citizen_id"][clash], locks["opening_id"][clash], strict=True
            )
        ],
        "opening_id",
        Message("expected.either_lock"),
        Message("advice.one_of_two"),
    )
