"""What-if around the weekly matching: made-up municipalities, scenarios, comparison.

What a notebook needs; everything else is internal and may move. ``docs/what-if.md`` walks through
it. The first use of a name imports what it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.compare import Comparison
    from scenarios.notebook import (
        ask,
        make_tables,
        make_week,
        ready_scenarios,
        save,
        trade_off,
    )
    from scenarios.patch import Scenario, WhatIfError

_ROOMS = {
    "compare": ("Comparison",),
    "notebook": ("ask", "make_tables", "make_week", "ready_scenarios", "save", "trade_off"),
    "patch": ("Scenario", "WhatIfError"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'scenarios' has no attribute '{name}'")
    return getattr(import_module(f"scenarios.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)


__all__ = [
    "Comparison",
    "Scenario",
    "WhatIfError",
    "ask",
    "make_tables",
    "make_week",
    "ready_scenarios",
    "save",
    "trade_off",
]
