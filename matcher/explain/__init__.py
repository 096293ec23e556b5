"""Why, why not, what would help, and what was scarce: typed facts first, sentences second."""

from matcher.explain.all_levers import Pull, levers_of
from matcher.explain.balance import CAUSES, Balance, balance_of
from matcher.explain.bottlenecks import Bottleneck, Gain, bottlenecks
from matcher.explain.calls import Call, Calls, calls
from matcher.explain.counterfactuals import person_levers
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
from matcher.explain.moving import Step, Unlock
from matcher.explain.near_best import NearBest, near_best
from matcher.explain.not_known import not_known_document, not_known_lines
from matcher.explain.sentences import (
    opening_not_known,
    reason_sentence,
    unplaced_sentence,
    why_not_known,
)
from matcher.explain.targets import Target, WayToTarget, check_target, target
from matcher.explain.telling import Telling
from matcher.explain.unlocking import Unlocked, unlocking
from matcher.explain.why import reasons
from matcher.explain.why_not import Forced, Move, Seat, WhyNot, moves, position, why_not

__all__ = [
    "CAUSES",
    "Alternative",
    "Balance",
    "Bottleneck",
    "Call",
    "Calls",
    "Forced",
    "Gain",
    "LeverGain",
    "Margin",
    "Move",
    "NearBest",
    "Pull",
    "Seat",
    "Step",
    "Target",
    "Telling",
    "Unlock",
    "Unlocked",
    "WayToTarget",
    "WhyNot",
    "balance_of",
    "benefit_saved",
    "bottlenecks",
    "calls",
    "check_target",
    "conditions",
    "explained",
    "law_document",
    "law_lines",
    "left_over",
    "lever_gains",
    "levers_of",
    "margins",
    "moves",
    "near_best",
    "not_known_document",
    "not_known_lines",
    "opening_not_known",
    "overdue_line",
    "person_levers",
    "position",
    "reason_sentence",
    "reasons",
    "saved_line",
    "target",
    "unlocking",
    "unplaced_sentence",
    "why_not",
    "why_not_known",
]
