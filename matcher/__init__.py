"""jobmatch: matches citizens on benefits to openings that exist.

What a notebook or a program needs; everything else is internal and may move. ``docs/python.md``
walks through it. The first use of a name imports what it needs.

>>> import matcher
>>> import scenarios
>>> week = scenarios.make_week(citizens=60, openings=12)
>>> solution = matcher.solve_week(week)
>>> solution.plan.summary()["value"].tolist()[:1]
[9]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcher.errors import (
        ClashError,
        InputErrors,
        LedgerError,
        MatcherError,
        NoPlanError,
        OptionError,
        PolicyError,
    )
    from matcher.notebook import (
        Explanation,
        explain_citizen,
        read_week,
        run_week,
        scarce_resources,
        solve_week,
        without_limits,
    )
    from matcher.plan import Placement, Plan
    from matcher.problem import Problem
    from matcher.solve import Solution

__version__ = "0.1.0"

_ROOMS = {
    "errors": (
        "ClashError", "InputErrors", "LedgerError", "MatcherError", "NoPlanError", "OptionError",
        "PolicyError",
    ),
    "notebook": (
        "Explanation", "explain_citizen", "read_week", "run_week", "scarce_resources",
        "solve_week", "without_limits",
    ),
    "plan": ("Placement", "Plan"),
    "problem": ("Problem",),
    "solve": ("Solution",),
}  # fmt: skip
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: tables and solvers take a second to load."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'matcher' has no attribute '{name}'")
    return getattr(import_module(f"matcher.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)


__all__ = [
    "ClashError",
    "Explanation",
    "InputErrors",
    "LedgerError",
    "MatcherError",
    "NoPlanError",
    "OptionError",
    "Placement",
    "Plan",
    "PolicyError",
    "Problem",
    "Solution",
    "__version__",
    "explain_citizen",
    "read_week",
    "run_week",
    "scarce_resources",
    "solve_week",
    "without_limits",
]
