"""Typed tables: pandas frames and Arrow columns, encoded as they are, with no detour by text files.

What a cell means does not depend on the type that holds it: ``7``, ``7.0`` in a column that pandas
made decimal for want of whole numbers with gaps, and the text ``7`` are one id; a moment with a
zone is the Danish day it falls on, whatever counts it: Arrow, numpy or Python.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.cpr import mask
from matcher.errors import OptionError
from matcher.records import NONE_WORDS, TABLES
from matcher.tables.columns import columns_of
from matcher.tables.raw import RawColumn, RawTable, UnreadableError, cell_text, moment_text
from matcher.texts import Message

Frames = Mapping[str, pd.DataFrame]
"""Frames by table name, English or Danish."""


def check_frames(frames: Frames) -> None:
    """Make sure that every table is a frame.

    Raises
    ------
    OptionError
        A name is no text, or a table is no frame; the message names it.
    """
    for name, frame in frames.items():
        if not isinstance(name, str) or not isinstance(frame, pd.DataFrame):
            raise OptionError(
                Message("source.no_frame", name=mask(str(name)), kind=type(frame).__name__)
            )


def read_frame(name: str, frame: pd.DataFrame) -> RawTable:
    """Encode a frame; a named index is a column, rows are counted from 1 in the frame's order.

    Raises
    ------
    UnreadableError
        A column holds what cannot be written as text; the message names it.
    """
    frame = _as_stated(name, frame)
    columns = [
        frame_column(str(level), pd.Series(frame.index.get_level_values(at)))
        for at, level in enumerate(frame.index.names)
        if level is not None and level not in frame.columns
    ]
    columns += [
        frame_column(str(header), frame.iloc[:, at]) for at, header in enumerate(frame.columns)
    ]
    return RawTable(
        name,
        Message("source.frame", name=mask(name)),
        tuple(columns),
        np.arange(1, len(frame) + 1, dtype=np.int64),
        facts={"format": "frame"},
    )


def _as_stated(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Write the word for none in a canonical frame, which says itself which cells are not known."""
    if name not in TABLES or "unknown" not in frame.columns:
        return frame
    marks = ";" + frame["unknown"].fillna("").astype(str) + ";"
    words = {
        column: frame[column].mask(
            (frame[column] == "") & ~marks.str.contains(f";{column};", regex=False), NONE_WORDS[0]
        )
        for column, facts in columns_of(TABLES[name], None).items()
        if facts.careful and facts.takes_none and column in frame.columns
    }
    return frame.assign(**words)


def frame_column(header: str, cells: pd.Series[Any]) -> RawColumn:
    """Encode a pandas column of any type; only mixed objects are walked cell by cell."""
    kind = cells.dtype
    if isinstance(kind, pd.ArrowDtype):
        arrow = importlib.import_module("pyarrow")
        return arrow_column(header, arrow.chunked_array([arrow.array(cells)]))
    if (
        pd.api.types.is_object_dtype(kind)
        and pd.api.types.infer_dtype(cells, skipna=True) != "string"
    ):
        return _of_texts(header, _texts(header, cells.tolist()))
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    if isinstance(kind, pd.CategoricalDtype):
        distinct = distinct.astype(kind.categories.dtype)
    if isinstance(distinct.dtype, pd.DatetimeTZDtype):
        moments = pd.DatetimeIndex(distinct).tz_convert("UTC").tz_localize(None)
        texts = [moment_text(moment, "Z") for moment in moments.to_numpy()]
    elif isinstance(distinct.dtype, pd.ArrowDtype):
        arrow = importlib.import_module("pyarrow")
        texts = _arrow_texts(header, arrow.array(distinct))
    else:
        values = distinct.to_numpy() if distinct.dtype.kind in "fMm" else distinct.tolist()
        texts = _texts(header, list(values))
    return _with_gaps(header, texts, codes, codes < 0)


def arrow_column(header: str, values: Any) -> RawColumn:
    """Encode an Arrow column; most types are encoded without touching the cells in Python."""
    arrow = importlib.import_module("pyarrow")
    try:
        whole = values.combine_chunks()
        if isinstance(whole, arrow.ChunkedArray):  # several dictionaries
            whole = whole.unify_dictionaries().combine_chunks()
        if not arrow.types.is_dictionary(whole.type):
            whole = whole.dictionary_encode("encode")
        indices = whole.indices
    except (arrow.ArrowException, AttributeError):  # lists, nulls: no dictionary of them
        return _of_texts(header, _arrow_texts(header, values))
    gaps = indices.is_null().to_numpy(zero_copy_only=False)
    codes = indices.cast(arrow.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return _with_gaps(header, _arrow_texts(header, whole.dictionary), codes, gaps)


def _arrow_texts(header: str, values: Any) -> list[str]:
    """Text of each value of an Arrow array."""
    arrow = importlib.import_module("pyarrow")
    kind = values.type
    if arrow.types.is_dictionary(kind):
        values, kind = values.cast(kind.value_type), kind.value_type
    if arrow.types.is_timestamp(kind) or arrow.types.is_date(kind):
        # By way of Python the year 9999 in a zone would leave the calendar.
        unit = kind.unit if arrow.types.is_timestamp(kind) else "D"
        zone = "Z" if arrow.types.is_timestamp(kind) and kind.tz is not None else ""
        if arrow.types.is_date64(kind):
            values, unit = values.cast(arrow.date32()), "D"
        counted = arrow.int32() if arrow.types.is_date(kind) else arrow.int64()
        numbers = values.view(counted) if not hasattr(values, "chunks") else values.cast(counted)
        missing = numbers.is_null().to_numpy(zero_copy_only=False)
        counts = numbers.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        moments = counts.view(f"datetime64[{unit}]")
        return [
            "" if gap else moment_text(moment, zone)
            for moment, gap in zip(moments, missing.tolist(), strict=True)
        ]
    if arrow.types.is_floating(kind) and kind.bit_width != 64:
        return _texts(header, list(values.to_numpy(zero_copy_only=False)))
    try:
        return _texts(header, values.to_pylist())
    except (arrow.ArrowException, OverflowError, ValueError) as error:
        raise UnreadableError(
            Message(
                "unreadable.value_in_column",
                column=mask(header),
                reason=mask(str(error)).partition("\n")[0],
            ),
            Message("advice.as_text_it_is", kind=str(kind)),
        ) from None


def _texts(header: str, values: Sequence[Any]) -> list[str]:
    try:
        return [cell_text(value) for value in values]
    except (OverflowError, ValueError) as error:
        raise UnreadableError(
            Message("unreadable.value_in_column", column=mask(header), reason=mask(str(error))),
            Message("advice.as_text"),
        ) from None


def _of_texts(header: str, cells: Sequence[str]) -> RawColumn:
    known: dict[str, int] = {}
    codes = np.fromiter(
        (known.setdefault(cell, len(known)) for cell in cells), np.int32, len(cells)
    )
    return RawColumn(header, tuple(known), codes)


def _with_gaps(
    header: str,
    texts: Sequence[str],
    codes: npt.NDArray[Any],
    gaps: npt.NDArray[np.bool_],
) -> RawColumn:
    """Encode distinct texts and their positions; a gap is an empty cell."""
    whole = list(texts)
    if gaps.any() or not whole:
        codes = np.where(gaps, len(whole), codes)
        whole.append("")
    return RawColumn(header, tuple(whole), np.asarray(codes, dtype=np.int32))
