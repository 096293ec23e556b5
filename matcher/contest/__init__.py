"""Somebody asks why: a sheet that answers, kept as it was given, and what came of asking."""

from matcher.contest.asking import Checked, ask, check_sheet, sheet_of
from matcher.contest.grounds import Ground, ground_of, grounds_of, holds_of
from matcher.contest.sheet import parts_of

__all__ = [
    "Checked",
    "Ground",
    "ask",
    "check_sheet",
    "ground_of",
    "grounds_of",
    "holds_of",
    "parts_of",
    "sheet_of",
]
