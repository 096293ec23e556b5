"""Ranges to points: a grid, one parameter at a time, or random samples."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from matcher.texts import Message
from scenarios.patch.spec import Parameter, Span

MOST_POINTS = 20_000
"""Points above which a sweep is refused: somebody has slipped with a step."""


@dataclass(frozen=True)
class ParameterRange:
    """Values of one parameter."""

    values: tuple[float, ...]
    """All of them; for a span without steps the first and the last."""
    continuous: bool = False
    """Whether any number between the two may be drawn."""
    whole: bool = False
    """Whether numbers that are drawn are whole."""


def values_of(span: Any, stated: Parameter, kind: str) -> ParameterRange:
    """Read the values that a sweep gives a parameter.

    Parameters
    ----------
    span
        A list of numbers, a table with ``from``, ``to`` and ``step``, or True: the range that the
        parameter states.
    stated
        The parameter.
    kind
        Of the sweep; only samples may be drawn from a span without steps.

    Raises
    ------
    ValueError
        It is none of these, or holds no value; the message says what is expected.
    """
    if span is True:
        if stated.from_ is None or stated.to is None:
            raise ValueError(Message("range_of.none"))
        read = Span.model_validate({"from": stated.from_, "to": stated.to, "step": stated.step})
    elif isinstance(span, list):
        if not span or not all(
            isinstance(one, int | float) and not isinstance(one, bool) for one in span
        ):
            raise ValueError(Message("range_of.numbers", span=repr(span)))
        return ParameterRange(tuple(dict.fromkeys(span)))
    else:
        try:
            read = Span.model_validate(span)
        except ValidationError:
            raise ValueError(Message("range_of.form", span=repr(span))) from None
    if read.from_ > read.to:
        raise ValueError(Message("range_of.order", least=read.from_, most=read.to))
    whole = all(float(one).is_integer() for one in (read.from_, read.to))
    if read.step is not None:
        count = int((read.to - read.from_) / read.step + 1e-9) + 1
        if count > MOST_POINTS:
            raise ValueError(Message("range_of.values", count=count, most=MOST_POINTS))
        steps = [round(read.from_ + at * read.step, 9) for at in range(count)]
        return ParameterRange(tuple(int(one) if float(one).is_integer() else one for one in steps))
    if kind != "sample":
        raise ValueError(Message("range_of.step"))
    return ParameterRange((read.from_, read.to), continuous=True, whole=whole)


def points(
    kind: str, axes: Mapping[str, ParameterRange], samples: int, seed: int
) -> list[dict[str, float]]:
    """Return the settings of every point of a sweep.

    Samples are a Latin hypercube (McKay, Beckman and Conover 1979): each parameter's range is cut
    into as many equal parts as there are samples, and each part is drawn from once.

    Raises
    ------
    ValueError
        There are too many.
    """
    names = list(axes)
    if kind == "one_at_a_time":
        return [{name: value} for name in names for value in axes[name].values]
    if kind == "grid":
        count = int(np.prod([float(len(axis.values)) for axis in axes.values()]))
        if count > MOST_POINTS:
            raise ValueError(Message("range_of.points", count=count, most=MOST_POINTS))
        table = itertools.product(*(axes[name].values for name in names))
        return [dict(zip(names, values, strict=True)) for values in table]
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for name in names:
        places = (random.permutation(samples) + random.random(samples)) / samples
        drawn[name] = [_drawn(axes[name], float(place)) for place in places]
    return [{name: drawn[name][at] for name in names} for at in range(samples)]


def _drawn(axis: ParameterRange, place: float) -> float:
    """Value at a place between 0 and 1 of an axis."""
    if not axis.continuous:
        return axis.values[min(int(place * len(axis.values)), len(axis.values) - 1)]
    first, last = axis.values
    if axis.whole:
        return int(min(first + int(place * (last - first + 1)), last))
    return round(first + place * (last - first), 6)
