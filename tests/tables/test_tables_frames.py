"""One reading for all ways in: a week in every type of column and every format is one problem."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from matcher.errors import OptionError
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.tables import IssueCode, check
from matcher.tables.frames import arrow_column, frame_column, read_frame
from tests.tables.conftest import TODAY
from tests.volume import daily

Frames = dict[str, pd.DataFrame]


def _text(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _said(frame: pd.DataFrame) -> pd.DataFrame:
    """Say none in words: an empty cell of absolute limits is not known, in a frame as in a file."""
    if "must_limits" not in frame:
        return frame
    return frame.assign(must_limits=frame["must_limits"].replace("", "none"))


def _decimal(value: float) -> decimal.Decimal:
    return decimal.Decimal(repr(value))


def _each(kinds: str, change: Callable[[pd.Series], Any]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Change the columns whose kind is one of the letters."""
    return lambda frame: frame.assign(
        **{name: change(frame[name]) for name in frame if frame[name].dtype.kind in kinds}
    )


TYPES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "as it is": lambda frame: frame,
    "objects": lambda frame: frame.astype(object).where(frame.notna(), None),
    "text": lambda frame: frame.map(_text).astype("str"),
    "text objects": lambda frame: frame.map(_text).astype(object),
    "nullable": lambda frame: frame.convert_dtypes(),
    "decimal with gaps": _each("iu", lambda cells: cells.astype("float64")),
    "categories": lambda frame: frame.astype("category"),
    "arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "arrow categories": lambda frame: TYPES["arrow"](frame).astype("category"),
    "numpy bools": _each("b", lambda cells: cells.to_numpy().astype(object)),
    "bools as numbers": _each("b", lambda cells: cells.astype("float64")),
    "nanoseconds": _each("M", lambda cells: cells.astype("datetime64[ns]")),
    "danish moments": _each("M", lambda cells: cells.dt.tz_localize("Europe/Copenhagen")),
    "moments in UTC": _each(
        "M", lambda cells: cells.dt.tz_localize("Europe/Copenhagen").dt.tz_convert("UTC")
    ),
    "days": _each("M", lambda cells: cells.map(lambda day: day.date(), na_action="ignore")),
    "decimals": _each("f", lambda cells: cells.map(_decimal, na_action="ignore")),
}


def _csv(frames: Frames, folder: Path) -> str:
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    return str(folder)


def _parquet(frames: Frames, folder: Path) -> str:
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return str(folder)


def _sql(frames: Frames, folder: Path) -> str:
    engine = sa.create_engine(f"sqlite:///{folder / 'week.db'}")
    for name, frame in frames.items():
        frame.to_sql(name, engine, index=False)
    engine.dispose()
    return f"sqlite:///{folder / 'week.db'}"


def _excel(frames: Frames, folder: Path) -> str:
    with pd.ExcelWriter(folder / "week.xlsx", engine="xlsxwriter") as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name, index=False)
    return str(folder / "week.xlsx")


WAYS: dict[str, Callable[[Frames, Path], Any]] = {
    "frames": lambda frames, _: frames,
    "csv": _csv,
    "parquet": _parquet,
    "sql": _sql,
    "excel": _excel,
}
FILES = ("objects", "decimal with gaps", "categories", "arrow", "nanoseconds")
"""Types that are written to files as well, where they leave different traces."""
ZONED = ("danish moments", "moments in UTC")
"""Kept by text and Parquet; a workbook and SQLite have no zones."""


EACH = [
    *(("frames", kind) for kind in TYPES),
    ("csv", "objects"), ("csv", "danish moments"), ("parquet", "categories"), ("parquet", "arrow"),
    ("parquet", "moments in UTC"), ("excel", "decimal with gaps"), ("excel", "objects"),
    ("sql", "nanoseconds"), ("sql", "objects"),
]  # fmt: skip
"""Every type, every format, and every type that leaves other traces in a file."""
EVERY = [
    *((way, kind) for way in ("csv", "parquet", "excel") for kind in FILES),
    *(("sql", kind) for kind in FILES if kind != "categories"),  # pandas cannot write those
    *((way, kind) for way in ("csv", "parquet") for kind in ZONED),
]


@pytest.mark.parametrize(
    ("way", "kind"), daily(len(EACH), [*EACH, *(one for one in EVERY if one not in EACH)])
)
def test_a_week_is_the_same_in_every_type_and_format(
    way: str, kind: str, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    some = ("citizens", "openings", "workplaces", "places", "caseworkers")
    expected = Problem({name: week[name] for name in some}, policy, TODAY)
    given = WAYS[way]({name: TYPES[kind](_said(week[name])) for name in some}, tmp_path)
    reading = check(given, policy, TODAY)
    assert reading.problem.digest() == expected.digest()
    assert reading.issues == ()


@pytest.mark.parametrize("way", WAYS)
def test_links_hold_where_gaps_made_ids_decimal(
    way: str, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    """A column of whole numbers with a gap becomes one of floats: 7.0 names the caseworker 7."""
    citizens = week["citizens"].astype({"caseworker_id": object})
    citizens["caseworker_id"] = np.array([7.0, 7.0, np.nan])
    workers = pd.DataFrame({"caseworker_id": [7], "capacity": [3]})
    frames = {name: week[name] for name in ("openings", "workplaces", "places")}
    frames |= {"citizens": citizens, "caseworkers": workers}
    reading = check(WAYS[way](frames, tmp_path), policy, TODAY)
    assert reading.problem["citizens"]["caseworker_id"].tolist()[:2] == ["7", "7"]
    assert reading.problem["caseworkers"]["caseworker_id"].tolist() == ["7"]
    assert IssueCode.DANGLING_REFERENCE not in {issue.code for issue in reading.issues}


def _texts(column: Any) -> list[str]:
    return [column.texts[code] for code in column.codes]


def test_an_index_with_a_name_is_a_column_and_nothing_is_changed(week: Problem) -> None:
    frame = week["citizens"].set_index("citizen_id")
    before = frame.copy()
    raw = read_frame("citizens", frame)
    assert raw.columns[0].header == "citizen_id"
    assert _texts(raw.columns[0]) == ["0001", "0002", "0010"]
    assert raw.rows.tolist() == [1, 2, 3]
    pd.testing.assert_frame_equal(frame, before)
    plain = read_frame("citizens", frame.reset_index(drop=True))
    assert "citizen_id" not in {column.header for column in plain.columns}


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([1, 1.0, True, "1", None], ["1", "1", "yes", "1", ""]),
        ([["9412", "5322"], ("9112",), None, np.array(["1"])], ["9412;5322", "9112", "", "1"]),
        ([np.float32(7.4), np.float64(7.4), decimal.Decimal("7.40")], ["7.4", "7.4", "7.4"]),
        ([2.375, decimal.Decimal("2.375"), 2.5], ["2.3750", "2.3750", "2.5"]),
        ([pd.NA, pd.NaT, float("nan"), decimal.Decimal("NaN"), None], [""] * 5),
        ([dt.timedelta(hours=7, minutes=24), dt.time(7, 24)], ["7:24:00", "07:24:00"]),
        ([pd.Timestamp("2026-12-01"), dt.date(2026, 12, 1)], ["2026-12-01"] * 2),
        ([np.datetime64("2026-12-01T08:30", "ns")], ["2026-12-01T08:30:00"]),
        ([2.0**53], ["9007199254740992.0"]),
    ],
)
def test_cells_of_mixed_types_are_written_in_one_plain_way(
    cells: list[Any], texts: list[str]
) -> None:
    """Equal numbers are not merged with words; three decimals are never taken for thousands."""
    assert _texts(frame_column("x", pd.Series(cells, dtype=object))) == texts


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([253402297200, None], pa.timestamp("s", "Europe/Copenhagen")),
         ["9999-12-31T23:00:00Z", ""]),
        (pa.array([1764543600000], pa.timestamp("ms", "UTC")), ["2025-11-30T23:00:00Z"]),
        (pa.array([1764547200000000001], pa.timestamp("ns")), ["2025-12-01"]),
        (pa.array([253402300800], pa.timestamp("s")), ["9999-12-31T23:59:59"]),
        (pa.array([2932896, None], pa.date32()), ["9999-12-31", ""]),
        (pa.array([dt.date(2026, 12, 1)], pa.date64()), ["2026-12-01"]),
        (pa.nulls(2), ["", ""]),
        (pa.array(["a", None], pa.string_view()), ["a", ""]),
        (pa.array([7.4, None], pa.float32()), ["7.4", ""]),
        (pa.array([["a", "b"], None], pa.list_(pa.string())), ["a;b", ""]),
        (pa.DictionaryArray.from_arrays(pa.array([0, None], pa.int8()), pa.array([30.0])),
         ["30", ""]),
        (pa.DictionaryArray.from_arrays(
            pa.array([0], pa.int8()), pa.array([253402297200], pa.timestamp("s", "UTC"))),
         ["9999-12-31T23:00:00Z"]),
        (pa.array([True, None]), ["yes", ""]),
        (pa.array([decimal.Decimal("20.00")], pa.decimal128(6, 2)), ["20"]),
    ],
)  # fmt: skip
def test_arrow_columns_of_every_type_are_encoded(array: Any, texts: list[str]) -> None:
    """The end of time in a zone, moments counted in anything, dictionaries, views, nulls."""
    assert _texts(arrow_column("x", pa.chunked_array([array]))) == texts


def test_dictionaries_that_differ_from_part_to_part_are_one(tmp_path: Path) -> None:
    parts = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", "c"]).dictionary_encode()]
    assert _texts(arrow_column("x", pa.chunked_array(parts))) == ["a", "b", "b", "c"]


def test_moments_of_parquet_are_danish_days(week: Problem, policy: Policy, tmp_path: Path) -> None:
    """Midnight in Denmark is the day before in UTC; the year 9999 is no last day."""
    address = _parquet({name: _said(frame) for name, frame in week.tables.items()}, tmp_path)
    end = pa.array([253402297200], pa.timestamp("s", "Europe/Copenhagen"))
    start = pa.array([1793487600], pa.timestamp("s", "UTC"))  # 2026-10-31T23:00Z
    running = pa.Table.from_pandas(week["running"].drop(columns=["start", "end"]))
    pq.write_table(
        running.append_column("start", start).append_column("end", end),
        tmp_path / "running.parquet",
    )
    reading = check(address, policy, TODAY)
    assert reading.problem["running"]["start"].tolist() == [pd.Timestamp("2026-11-01")]
    assert reading.problem["running"]["end"].isna().all()
    assert [issue.code for issue in reading.issues] == [IssueCode.STANDS_FOR_NO_DAY]


def test_what_is_no_frame_is_refused(week: Problem, policy: Policy) -> None:
    message = "'citizens' is a list; expected a pandas DataFrame under the name of a table"
    with pytest.raises(OptionError, match=message):
        check({**week.tables, "citizens": [1]}, policy, TODAY)  # type: ignore[dict-item]
    with pytest.raises(OptionError, match="'frames' holds none of the tables; found frame 'x'"):
        check({"x": week["citizens"]}, policy, TODAY)
