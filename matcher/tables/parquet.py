"""Parquet files, column by column, with as little per cell as can be."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from matcher.cpr import mask
from matcher.tables.frames import arrow_column
from matcher.tables.packages import need
from matcher.tables.raw import RawTable, UnreadableError, without_blank
from matcher.texts import Message


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet file.

    Raises
    ------
    UnreadableError
        It is no Parquet file, or is damaged.
    OptionError
        The package that reads Parquet is not installed.
    """
    parquet = need("pyarrow.parquet", "parquet", "reading_parquet")
    arrow = importlib.import_module("pyarrow")
    place = Message("found.description")
    try:
        table = parquet.read_table(path, partitioning=None)
        place = Message("found.name_of_column")
        names = [str(name) for name in table.column_names]
        columns = []
        for position, name in enumerate(names):
            place = Message("found.the_column", column=mask(name))
            columns.append(arrow_column(name, table.column(position)))
    except UnicodeError:
        raise UnreadableError(
            Message("unreadable.no_utf8_in", place=place), Message("advice.extract_once_more")
        ) from None
    except (arrow.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = mask(str(error).partition("\n")[0]) or type(error).__name__
        raise UnreadableError(
            Message("unreadable.no_parquet", reason=reason), Message("advice.extract_once_more")
        ) from None
    return without_blank(
        RawTable(
            path.stem,
            path.name,
            tuple(columns),
            np.arange(1, table.num_rows + 1, dtype=np.int64),
            facts={"format": "parquet"},
        )
    )
