"""The optimiser: knows groups, columns, rows and tiers; nothing of what they stand for."""

from matcher.engine.answer import Answer, Limit, StopReason, Termination, TierAnswer
from matcher.engine.errors import (
    ArithmeticRangeError,
    BackendError,
    EngineError,
    NoSelectionError,
    OptionError,
    ProgramError,
)
from matcher.engine.options import Observer, Options, Start, Switches
from matcher.engine.program import UNBOUNDED, Program
from matcher.engine.solve import solve

__all__ = [
    "UNBOUNDED",
    "Answer",
    "ArithmeticRangeError",
    "BackendError",
    "EngineError",
    "Limit",
    "NoSelectionError",
    "Observer",
    "OptionError",
    "Options",
    "Program",
    "ProgramError",
    "Start",
    "StopReason",
    "Switches",
    "Termination",
    "TierAnswer",
    "solve",
]
