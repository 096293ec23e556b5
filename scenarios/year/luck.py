"""Luck of a simulated year: numbers by name, the same whatever came before them."""

from __future__ import annotations

import hashlib

import numpy as np

NEVER = 1 << 30
"""A week that does not come."""


class Chance:
    """Uniform numbers by name: the same for the same seed and names, whatever came before."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __call__(self, *names: str) -> float:
        """Return a number in [0, 1)."""
        text = "\x1f".join((str(self._seed), *names)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=7).digest()) / (1 << 56)


def weeks_until(uniform: float, share: float) -> int:
    """Return after how many whole weeks something happens that happens to a share each week, >= 1.

    >>> weeks_until(0.0, 0.5), weeks_until(0.6, 0.5), weeks_until(0.5, 0.0) == NEVER
    (1, 2, True)
    """
    if share <= 0:
        return NEVER
    if share >= 1:
        return 1
    return int(min(NEVER, np.floor(np.log1p(-uniform) / np.log1p(-share)) + 1))
