"""How much of a kind of check is made every time, and how much more by ``-m thorough``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def daily(count: int, values: Iterable[Any]) -> list[Any]:
    """Parameters of which the first few are tried every time and the others thoroughly.

    Parameters
    ----------
    count
        How many are tried every time, at least 1.
    values
        All of them; a tuple stands for several parameters.
    """
    listed = [*values]
    assert 0 < count < len(listed), "nothing would be thorough, or nothing tried every time"
    return [
        one if at < count else pytest.param(*_several(one), marks=pytest.mark.thorough)
        for at, one in enumerate(listed)
    ]


def _several(one: Any) -> tuple[Any, ...]:
    return one if isinstance(one, tuple) else (one,)
