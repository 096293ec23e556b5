"""How many earlier proposals a plan changes, and what that gains: the plan against the steadiest.

The steadiest plan keeps as many earlier proposals as can be kept, and is the best of those. What
the plan has over it is what its further changes bought.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.again import keeping
from matcher.columns import positions
from matcher.formulation import kept_offers
from matcher.solve import Solution


@dataclass(frozen=True)
class PlanStability:
    """What became of earlier proposals."""

    before: int
    """Citizens with an earlier proposal who are not in a placement."""
    kept: int
    """Of those, with the same proposal again."""
    moved: int
    """With another proposal."""
    dropped: int
    """Without a proposal."""
    impossible: int
    """Of the moved and dropped: the earlier proposal is no longer possible by itself."""
    new: int
    """Proposals for citizens who had none, locks left out."""
    change_cost: int
    """What a change costs, points of fit."""
    fewest: int
    """Changes that the steadiest plan makes."""
    gain_placements: int | None
    """What the plan has over the steadiest in its first goal; None: not known."""
    gain_fit: int | None
    """In total fit, without what keeping is worth; None: not known."""
    proven: bool
    """Whether the steadiest plan is proven to be that."""

    @property
    def changes(self) -> int:
        """Earlier proposals that were moved or dropped."""
        return self.moved + self.dropped

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {**asdict(self), "changes": self.changes}


def plan_stability(solution: Solution) -> PlanStability | None:
    """Compare a plan with the steadiest one.

    Parameters
    ----------
    solution
        The plan with what it was made from.

    Returns
    -------
    PlanStability | None
        None without earlier proposals.
    """
    book, chosen = solution.book, solution.chosen
    citizens = book.encoded.citizens
    previous = positions(
        solution.problem["previous"]["citizen_id"], solution.problem["citizens"]["citizen_id"]
    )
    had = np.zeros(len(citizens.ids), dtype=np.bool_)
    had[previous[previous >= 0]] = True
    had &= (citizens.placed == 0) & ~solution.model.locked
    if not had.any():
        return None
    kept = kept_offers(book)
    possible = np.zeros(len(had), dtype=np.bool_)
    possible[book.offers.citizen[kept]] = True
    now = np.zeros(len(had), dtype=np.bool_)
    now[book.offers.citizen[chosen]] = True
    stays = int((kept & had[book.offers.citizen])[chosen].sum())
    moved = int((had & now).sum()) - stays
    dropped = int((had & ~now).sum())
    result = PlanStability(
        before=int(had.sum()),
        kept=stays,
        moved=moved,
        dropped=dropped,
        impossible=int((had & ~possible).sum()),
        new=int((now & ~had & ~solution.model.locked).sum()),
        change_cost=solution.problem.policy.tiers.change_cost,
        fewest=moved + dropped,
        gain_placements=0,
        gain_fit=0,
        proven=solution.plan.proven,
    )
    if result.changes == result.impossible:
        return result
    return _against_steadiest(solution, result, kept & had[book.offers.citizen])


def _against_steadiest(
    solution: Solution, result: PlanStability, kept: npt.NDArray[np.bool_]
) -> PlanStability:
    """Hold the plan against the one that keeps as many earlier proposals as can be."""
    steadiest = keeping(solution, kept)
    if steadiest is None:
        return replace(result, gain_placements=None, gain_fit=None, proven=False)
    count, other = steadiest
    fit = solution.book.offers.fit.astype(np.int64)
    return replace(
        result,
        fewest=result.before - count,
        gain_placements=solution.plan.tiers[0].value - other.values[0],
        gain_fit=int(fit[solution.chosen].sum() - fit[other.chosen].sum()),
        proven=result.proven and other.proven,
    )
