"""Random draws that are the same on every machine, and calibration files.

Only uniform numbers are taken from the generator; everything else is made of them by comparing,
sorting and straight lines. Each column of each table has a stream of its own, named by the seed,
the table and the column, so drawing more of one thing never changes another.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

ID_PREFIX = "FIKTIV"
"""Every id of a made-up table begins with this."""


@lru_cache(maxsize=8)
def calibration(name: str) -> Mapping[str, Any]:
    """Read a calibration file, e.g. ``citizens``; nobody may change what comes back."""
    text = resources.files("scenarios").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


class Draw:
    """Named streams of random numbers for one table.

    Parameters
    ----------
    seed
        Seed of the whole population, at least 0.
    table
        Name of the table; part of every stream's name.
    """

    def __init__(self, seed: int, table: str) -> None:
        self._seed = seed
        self._table = zlib.crc32(table.encode())

    def plain(self, name: str, length: int) -> Floats:
        """Independent uniform numbers in [0, 1)."""
        sequence = np.random.SeedSequence(
            self._seed, spawn_key=(self._table, zlib.crc32(name.encode()))
        )
        return np.random.Generator(np.random.PCG64(sequence)).random(length)

    def even(self, name: str, length: int) -> Floats:
        """Uniform numbers in random order, one in each 1/length: shares come out exactly."""
        return ranks(self.plain(name, length), self.plain(f"{name}/within", length))

    def yes(self, name: str, share: float | Floats, length: int) -> Bools:
        """Draw True with the given chance, one for all or one each."""
        return self.plain(name, length) < share

    def pick(self, name: str, shares: Sequence[float], length: int) -> Ints:
        """Positions drawn with the given weights, in exact shares."""
        return choose(self.even(name, length), shares)

    def of(self, name: str, shares: Mapping[str, float], length: int) -> Texts:
        """Keys of a table of weights, in exact shares."""
        return np.array([*shares, ""], dtype=object)[self.pick(name, [*shares.values()], length)]

    def number(self, name: str, shares: Mapping[str, float], length: int) -> Floats:
        """Keys of a table of weights as numbers, in exact shares."""
        return np.array([float(key) for key in shares])[self.pick(name, [*shares.values()], length)]

    def along(self, name: str, quantiles: Sequence[Sequence[float]], length: int) -> Floats:
        """Numbers with the given quantile table [part, value], joined by straight lines."""
        return along(self.plain(name, length), quantiles)


def ranks(score: Floats, within: Floats) -> Floats:
    """Turn scores into uniform numbers of the same order, one in each 1/length."""
    place = np.empty(len(score))
    place[np.argsort(score, kind="stable")] = np.arange(len(score))
    return (place + within) / max(len(score), 1)


def choose(uniform: Floats, shares: Sequence[float]) -> Ints:
    """Position of the share in which each uniform number falls; shares are scaled to 1."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    found = np.searchsorted(edges / edges[-1], uniform, side="right")
    return np.minimum(found, len(edges) - 1).astype(np.int64)


def along(uniform: Floats, quantiles: Sequence[Sequence[float]]) -> Floats:
    """Read a quantile table at uniform numbers."""
    table = np.asarray(quantiles, dtype=np.float64)
    return np.asarray(np.interp(uniform, table[:, 0], table[:, 1]), dtype=np.float64)


def stepped(values: Floats, step: float) -> Floats:
    """Round down to whole steps."""
    return np.asarray(np.floor(values / step) * step, dtype=np.float64)


def ids(letter: str, count: int) -> Texts:
    """Ids that nobody can take for real ones, e.g. ``FIKTIV-B000001``."""
    return np.array([f"{ID_PREFIX}-{letter}{number:06d}" for number in range(1, count + 1)], object)


def joined(members: Bools, codes: Sequence[str]) -> Texts:
    """Write membership as lists of codes.

    Parameters
    ----------
    members
        Shape (n, len(codes)): which codes each row has; at most 62 codes.
    codes
        Texts.

    Returns
    -------
    texts
        Sorted codes of each row, separated by semicolons.
    """
    if not len(members):
        return np.array([], dtype=object)
    order = sorted(range(len(codes)), key=lambda position: codes[position])
    bits = members[:, order].astype(np.int64) @ (1 << np.arange(len(order), dtype=np.int64))
    patterns, where = np.unique(bits, return_inverse=True)
    texts = [
        ";".join(codes[place] for bit, place in enumerate(order) if pattern >> bit & 1)
        for pattern in patterns.tolist()
    ]
    return np.array(texts, dtype=object)[where]


def blank(values: npt.NDArray[Any], missing: Bools) -> Texts:
    """Return values as Python objects, None where missing."""
    filled = values.astype(object)
    filled[missing] = None
    return filled


def days(today: np.datetime64, offset: Floats) -> npt.NDArray[np.datetime64]:
    """Dates so many whole days after today."""
    return today + np.floor(offset).astype("timedelta64[D]")


def no_date(dates: npt.NDArray[np.datetime64], missing: Bools) -> npt.NDArray[np.datetime64]:
    """Dates with NaT where missing."""
    return np.where(missing, np.datetime64("NaT"), dates)
