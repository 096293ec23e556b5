"""The policy: dated rules, weights, floors, tiers and money. Data, not code.

A policy file holds periods; :func:`load_policy` picks what holds on a day, lays a user's own file
over it key by key, and returns one frozen :class:`Policy`. Unknown keys and wrong types are errors
that name the key.
"""

from matcher.policy.accountability import Accountability, Act
from matcher.policy.conditions import WORK_KINDS, Measure, RatioRule, Travel, Workdays, WorkKind
from matcher.policy.floors import GroupFloor
from matcher.policy.load import (
    BUILT_IN,
    load_policy,
    measures_of_all_days,
    override_of,
    policy_read_again,
)
from matcher.policy.policy import Policy
from matcher.policy.practice import Horizon, Weights
from matcher.policy.quantities import Section
from matcher.policy.remembered import once_each
from matcher.policy.serving import Serve

__all__ = [
    "BUILT_IN",
    "WORK_KINDS",
    "Accountability",
    "Act",
    "GroupFloor",
    "Horizon",
    "Measure",
    "Policy",
    "RatioRule",
    "Section",
    "Serve",
    "Travel",
    "Weights",
    "WorkKind",
    "Workdays",
    "load_policy",
    "measures_of_all_days",
    "once_each",
    "override_of",
    "policy_read_again",
]
