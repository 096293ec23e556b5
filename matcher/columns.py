"""A table's columns as plain numpy arrays, read from its frame once, and codes for what they hold.

pandas takes tens of microseconds to hand out one column, and as long for each step with it: in a
small week, most of a solve. What is only looked up and compared is read here instead.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Cells = npt.NDArray[Any]
_KEPT_ROWS = 5_000
"""Text of tables up to this size is kept once read; of larger ones memory is worth more."""


class Columns(Mapping[str, Cells]):
    """Columns of a canonical frame by name, not to be written to.

    Text is objects, an empty cell NaN; whole numbers that may be missing are decimals, NaN where
    they are; dates are ``datetime64[s]``; all else is as in the frame.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        # Handed out one by one, as series, they take ten times as long.
        every: Any = frame
        arrays = every._iter_column_arrays()  # noqa: SLF001 - there is no other way to them
        self._arrays: dict[str, Any] = dict(zip(frame.columns.tolist(), arrays, strict=True))
        self._read: dict[str, Cells] = {}
        self.rows = len(frame)

    def __getitem__(self, name: str) -> Cells:
        """Return a column."""
        if name in self._read:
            return self._read[name]
        cells = _plain(self._arrays[name])
        if self.rows <= _KEPT_ROWS or cells.dtype != object:
            self._read[name] = cells
        return cells

    def array(self, name: str) -> Any:
        """Return what the frame holds a column in: a numpy array, or pandas' own."""
        return self._arrays[name]

    def lacks(self, name: str) -> bool:
        """Whether a cell of a column is empty."""
        array = self._arrays[name]
        return not never_lacks(array.dtype) and bool(pd.isna(array).any())

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def _plain(array: Any) -> Cells:
    if isinstance(array.dtype, pd.StringDtype):
        cells = array.to_numpy(object)
    elif array.dtype.kind in "iuf" and not isinstance(array, np.ndarray):
        cells = array.to_numpy(np.float64, na_value=np.nan)
    else:
        cells = np.asarray(array)
    read: Cells = cells.view()
    read.flags.writeable = False
    return read


def never_lacks(kind: Any) -> bool:
    """Whether cells of a type are never missing: plain whole numbers, yes and no."""
    return isinstance(kind, np.dtype) and kind.kind in "iub"


def lacking(cells: Cells) -> npt.NDArray[np.bool_]:
    """Whether each cell is empty."""
    return np.asarray(cells != cells, dtype=np.bool_)


def filled(numbers: Cells, missing: int) -> Ints:
    """Whole numbers, ``missing`` where there is none."""
    if numbers.dtype.kind == "f":
        numbers = np.where(np.isnan(numbers), missing, numbers)
    return np.asarray(numbers, dtype=np.int64)


def kinds_of(texts: Cells | pd.Series[Any]) -> tuple[list[Any], Ints]:
    """Which texts there are, sorted, the empty one last, and which of them stands in each row.

    Of a column that is kept it is found out once; what is returned is not to be written to.
    """
    kept = isinstance(texts, np.ndarray) and not texts.flags.writeable
    known = _kinds.get(id(texts)) if kept else None
    if known is not None and known[0]() is texts:
        return known[1]
    cells = texts.tolist()
    kinds: list[Any] = sorted({text for text in cells if isinstance(text, str)})
    row = {text: at for at, text in enumerate(kinds)}
    codes = np.array([row.get(text, len(kinds)) for text in cells], dtype=np.int64)
    if (codes == len(kinds)).any():
        kinds.append(np.nan)
    if kept:
        at = id(texts)
        _kinds[at] = weakref.ref(texts, lambda _: _kinds.pop(at, None)), (kinds, codes)
    return kinds, codes


_kinds: dict[int, tuple[weakref.ref[Any], tuple[list[Any], Ints]]] = {}
"""Kinds of columns that are kept, as long as they are."""


def positions(values: Cells | pd.Series[Any], keys: Cells | pd.Series[Any]) -> Ints:
    """Row of each value in a unique key column; -1 where empty or unknown."""
    if not len(values) or not len(keys):
        return np.full(len(values), -1, dtype=np.int64)
    row = {key: at for at, key in enumerate(keys.tolist()) if key == key}  # not: nothing
    return np.array([row.get(value, -1) for value in values.tolist()], dtype=np.int64)
