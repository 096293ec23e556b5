"""How near two occupations are, by the leading digits of their codes (ISCO-08).

Tables of the last few weeks are remembered, not to be written to: many weeks are like one another.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.columns import Cells, kinds_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_KEPT_CELLS = 500_000
"""Tables up to this size are remembered; of larger ones memory is worth more."""


def listed(texts: Cells) -> tuple[tuple[tuple[str, ...], ...], Ints]:
    """Return the different lists of codes in a column, and which of them each row has."""
    kinds, codes = kinds_of(texts)
    lists = (tuple(text.split(";")) if isinstance(text, str) and text else () for text in kinds)
    return tuple(lists), codes


def closeness(
    lists: tuple[tuple[str, ...], ...],
    occupations: tuple[str, ...],
    points: tuple[int, ...],
    unstated: int,
) -> Ints:
    """Return the points of lists of occupations for each occupation, [lists, occupations].

    Parameters
    ----------
    points
        By equal leading digits, 0-4; the nearest of a list counts.
    unstated
        Of an empty list.
    """
    small = len(lists) * len(occupations) <= _KEPT_CELLS
    return (_closeness if small else _closeness.__wrapped__)(lists, occupations, points, unstated)


@lru_cache(maxsize=8)
def _closeness(
    lists: tuple[tuple[str, ...], ...],
    occupations: tuple[str, ...],
    points: tuple[int, ...],
    unstated: int,
) -> Ints:
    codes = sorted({code for codes in lists for code in codes})
    single = np.array(
        [[points[_equal_digits(code, job)] for job in occupations] for code in codes],
        dtype=np.int64,
    ).reshape(len(codes), len(occupations))
    row_of = {code: row for row, code in enumerate(codes)}
    best = np.full((len(lists), len(occupations)), unstated, dtype=np.int64)
    for row, stated in enumerate(lists):
        if stated:
            best[row] = single[[row_of[code] for code in stated]].max(axis=0)
    best.flags.writeable = False
    return best


def _equal_digits(code: str, other: str) -> int:
    """Equal leading digits, 0-4; a code that is all of the other's beginning counts as 4."""
    code, other = code[:4], other[:4]
    shorter = min(len(code), len(other))
    equal = next((at for at in range(shorter) if code[at] != other[at]), shorter)
    return 4 if equal == shorter else equal


def refused(lists: tuple[tuple[str, ...], ...], occupations: tuple[str, ...]) -> Bools:
    """Whether a list of refusals holds each occupation, or the group it is in."""
    small = len(lists) * len(occupations) <= _KEPT_CELLS
    return (_refused if small else _refused.__wrapped__)(lists, occupations)


@lru_cache(maxsize=4)
def _refused(lists: tuple[tuple[str, ...], ...], occupations: tuple[str, ...]) -> Bools:
    found = np.array(
        [[any(job.startswith(code[:4]) for code in codes) for job in occupations]
         for codes in lists],
        dtype=np.bool_,
    ).reshape(len(lists), len(occupations))  # fmt: skip
    found.flags.writeable = False
    return found
