"""Parquet files, column by column, with as little per cell as can be."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np

from matcher.cpr import mask
from matcher.tables.frames import arrow_column
from matcher.tables.packages import need
from matcher.tables.raw import RawTable, UnreadableError, without_blank


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet file.

    Raises
    ------
    UnreadableError
        It is no Parquet file, or is damaged.
    OptionError
        The package that reads Parquet is not installed.
    """
    parquet = need("pyarrow.parquet", "parquet", "Reading Parquet")
    arrow = importlib.import_module("pyarrow")
    try:
        table = parquet.read_table(path, partitioning=None)
    except (arrow.ArrowException, OSError) as error:
        raise UnreadableError(
            f"it is not a Parquet file ({mask(str(error).splitlines()[0])})"
        ) from None
    columns = tuple(
        arrow_column(str(name), table.column(position))
        for position, name in enumerate(table.column_names)
    )
    return without_blank(
        RawTable(
            path.stem,
            path.name,
            columns,
            np.arange(1, table.num_rows + 1, dtype=np.int64),
            facts={"format": "parquet"},
        )
    )
