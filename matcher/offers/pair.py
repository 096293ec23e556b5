"""One citizen at one opening: every rule that fails, with the two values compared.

The same checks as for all pairs, on a block of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.offers.build import expand
from matcher.offers.checks import Check, PairBlock, block_of, commute_check, pair_checks
from matcher.offers.encoded_week import EncodedWeek
from matcher.offers.measures import measure_checks, measure_tables
from matcher.offers.supports import class_book, pools_of
from matcher.rules import RULES, Language


@dataclass(frozen=True)
class Failure:
    """A rule that a citizen at an opening breaks."""

    rule: str
    """Rule id: the reason code."""
    value: int
    """What is, in the rule's unit."""
    limit: int
    """What is allowed, in the rule's unit."""
    measure: str | None = None
    """The measure it is about; None: the pair itself."""

    def sentence(self, language: Language) -> str:
        """Say what failed, with both values."""
        return RULES[self.rule].sentence(self.value, self.limit, language)


@dataclass(frozen=True)
class Weighed:
    """A rule that was held against a citizen at an opening under a measure, with both values."""

    rule: str
    """Rule id."""
    value: int
    """What is, in the rule's unit."""
    limit: int
    """What is allowed, in the rule's unit."""
    holds: bool


def weighed(encoded: EncodedWeek, citizen: str, opening: str, measure: str) -> tuple[Weighed, ...]:
    """List every rule on the pair and on one measure, in the order of the registry.

    Rules on finished offers (``support_week``, ``fit_floor``) are left to the offer.

    Raises
    ------
    KeyError
        The citizen or the opening is not in the tables.
    ValueError
        The measure is not in force.
    """
    i = _position(encoded.citizens.ids.tolist(), citizen)
    j = _position(encoded.openings.ids.tolist(), opening)
    block = block_of(encoded, np.array([[i]]), np.array([[j]]))
    pairs = PairBlock(np.array([i]), np.array([j]), block.way.ravel(), block.transit.ravel())
    classes = class_book(encoded).of(np.array([i]))
    checks = [
        commute_check(encoded, block),
        *pair_checks(encoded, block, classes, pools_of(encoded)),
        *measure_checks(encoded, measure_tables(encoded), pairs, encoded.measures.index(measure)),
    ]
    order = list(RULES)
    return tuple(
        sorted(
            (
                Weighed(
                    check.rule,
                    int(check.value.max()),
                    int(check.limit.max()),
                    not bool(check.fails.any()),
                )
                for check in checks
            ),
            key=lambda one: order.index(one.rule),
        )
    )


def failures(encoded: EncodedWeek, citizen: str, opening: str) -> tuple[Failure, ...]:
    """List every rule that keeps a citizen from an opening; empty: there is an offer.

    Rules on the pair come first; rules on measures are given only when the pair itself holds, and
    only when no accepted measure is left; rules on finished offers only when a measure is left.

    Raises
    ------
    KeyError
        The citizen or the opening is not in the tables.
    """
    i = _position(encoded.citizens.ids.tolist(), citizen)
    j = _position(encoded.openings.ids.tolist(), opening)
    classes = class_book(encoded).of(np.array([i]))
    pools, tables = pools_of(encoded), measure_tables(encoded)
    block = block_of(encoded, np.array([[i]]), np.array([[j]]))
    order = list(RULES)
    found = [
        _failure(check)
        for check in (commute_check(encoded, block), *pair_checks(encoded, block, classes, pools))
        if check.fails.any()
    ]
    if found:
        return tuple(sorted(found, key=lambda failure: order.index(failure.rule)))
    pairs = PairBlock(np.array([i]), np.array([j]), block.way.ravel(), block.transit.ravel())
    allowed = encoded.openings.accepts[pairs.opening].copy()
    for measure in np.flatnonzero(allowed[0]).tolist():
        failed = [
            _failure(check, encoded.measures[measure])
            for check in measure_checks(encoded, tables, pairs, measure)
            if check.fails.any()
        ]
        allowed[0, measure] = not failed
        found += failed
    if not allowed.any():
        return tuple(found)
    variants = expand(encoded, tables, pools, classes, pairs, allowed)
    fits = variants.fits_week
    if not fits.any():
        best = int((variants.possible - variants.fewest).argmax())
        return (Failure("support_week", int(variants.possible[best]), int(variants.fewest[best])),)
    most = int(variants.fit.fit[fits].max())
    floor = encoded.policy.fit.floor
    return () if most >= floor else (Failure("fit_floor", most, floor),)


def _position(ids: list[str], wanted: str) -> int:
    try:
        return ids.index(wanted)
    except ValueError:
        raise KeyError(wanted) from None


def _failure(check: Check, measure: str | None = None) -> Failure:
    return Failure(check.rule, int(check.value.max()), int(check.limit.max()), measure)
