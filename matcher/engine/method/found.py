"""What a method hands back, whichever it was."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.engine.answer import Losses
from matcher.engine.program import Int64

if TYPE_CHECKING:
    from matcher.engine.method.warm_start import WarmStart

__all__ = ["Found"]

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Found:
    """What a method found, in the reduced program's columns and maximised tiers."""

    chosen: Int64 | None
    """Columns, sorted; None when none were found."""
    bounds: tuple[int | None, ...]
    """Bound of each tier; None where nothing is known."""
    prices: Float64 | Callable[[], Float64]
    """Prices of the rows, float64 [tiers, m], or what computes them when asked."""
    infeasible: bool = False
    """Whether it was proven that there is no selection."""
    warm_start: "WarmStart | None" = None
    """Where a solve by prices ended."""
    losses: Losses | None = None
    """What each column loses against the bound of the folded tiers; see `Answer.losses`."""
