"""Placeholder."""

from matcher.engine.context import Context
from matcher.engine.core import Core
from matcher.engine.direct import Found


def solve_by_flow(core: Core, context: Context) -> Found | None:
    return None
