"""Why, why not, and what was scarce: typed facts first, sentences second."""

from matcher.explain.left_over import LeftOver, OpeningOutcome, ResourceUse, Unplaced, left_over
from matcher.explain.sentences import (
    COMPONENT_NAMES,
    ROW_NAMES,
    named,
    reason_sentence,
    unplaced_sentence,
)
from matcher.explain.why import Reason, Why, reasons

__all__ = [
    "COMPONENT_NAMES",
    "ROW_NAMES",
    "LeftOver",
    "OpeningOutcome",
    "Reason",
    "ResourceUse",
    "Unplaced",
    "Why",
    "left_over",
    "named",
    "reason_sentence",
    "reasons",
    "unplaced_sentence",
]
