"""How near two occupations are, by the leading digits of their codes (ISCO-08)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from matcher.columns import Cells, kinds_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def listed(texts: Cells) -> tuple[list[tuple[str, ...]], Ints]:
    """Return the different lists of codes in a column, and which of them each row has."""
    kinds, codes = kinds_of(texts)
    lists = [tuple(text.split(";")) if isinstance(text, str) and text else () for text in kinds]
    return lists, codes


def closeness(
    lists: Sequence[tuple[str, ...]],
    occupations: Sequence[str],
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
    return best


def _equal_digits(code: str, other: str) -> int:
    """Equal leading digits, 0-4; a code that is all of the other's beginning counts as 4."""
    code, other = code[:4], other[:4]
    shorter = min(len(code), len(other))
    equal = next((at for at in range(shorter) if code[at] != other[at]), shorter)
    return 4 if equal == shorter else equal


def refused(lists: Sequence[tuple[str, ...]], occupations: Sequence[str]) -> Bools:
    """Whether a list of refusals holds each occupation, or the group it is in."""
    return np.array(
        [[any(job.startswith(code[:4]) for code in codes) for job in occupations]
         for codes in lists],
        dtype=np.bool_,
    ).reshape(len(lists), len(occupations))  # fmt: skip
