"""Why, why not, what would help, and what was scarce: typed facts first, sentences second."""

from matcher.explain.balance import CAUSES, Balance, balance_of
from matcher.explain.bottlenecks import Bottleneck, Gain, bottlenecks
from matcher.explain.law import (
    benefit_saved,
    conditions,
    law_document,
    law_lines,
    overdue_line,
    saved_line,
)
from matcher.explain.left_over import explained, left_over
from matcher.explain.levers import LeverGain, lever_gains
from matcher.explain.margins import Alternative, Margin, margins
from matcher.explain.near_best import NearBest, near_best
from matcher.explain.not_known import not_known_document, not_known_lines
from matcher.explain.sentences import (
    opening_not_known,
    reason_sentence,
    unplaced_sentence,
    why_not_known,
)
from matcher.explain.unlocking import Step, Unlock, Unlocked, unlocking
from matcher.explain.why import reasons
from matcher.explain.why_not import Forced, Move, Seat, WhyNot, moves, position, why_not

__all__ = [
    "CAUSES",
    "Alternative",
    "Balance",
    "Bottleneck",
    "Forced",
    "Gain",
    "LeverGain",
    "Margin",
    "Move",
    "NearBest",
    "Seat",
    "Step",
    "Unlock",
    "Unlocked",
    "WhyNot",
    "balance_of",
    "benefit_saved",
    "bottlenecks",
    "conditions",
    "explained",
    "law_document",
    "law_lines",
    "left_over",
    "lever_gains",
    "margins",
    "moves",
    "near_best",
    "not_known_document",
    "not_known_lines",
    "opening_not_known",
    "overdue_line",
    "position",
    "reason_sentence",
    "reasons",
    "saved_line",
    "unlocking",
    "unplaced_sentence",
    "why_not",
    "why_not_known",
]
