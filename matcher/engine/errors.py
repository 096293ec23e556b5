"""Errors of the engine: a short tree of plain-valued exceptions.

All carry one finished sentence as their only argument, so they pickle and cross a process
pool unchanged.
"""


class EngineError(Exception):
    """Base of everything the engine raises on purpose."""


class ProgramError(EngineError, ValueError):
    """The arrays of a program contradict each other or the documented ranges."""


class OptionError(EngineError, ValueError):
    """An option is outside its documented range."""


class ArithmeticRangeError(EngineError, OverflowError):
    """The numbers are too large for exact 64-bit arithmetic.

    Raised instead of computing with wrapped-around integers: no answer is better than a
    wrong one.
    """


class NoSelectionError(EngineError, LookupError):
    """A value was asked of an answer that holds no selection."""


class BackendError(EngineError, RuntimeError):
    """A solver ended in a state that no answer can be built from, or contradicted itself."""
