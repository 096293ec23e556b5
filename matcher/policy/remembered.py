"""What is worked out of a thing that never changes, once for each."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def once_each(function: Callable[[K], V]) -> Callable[[K], V]:
    """Remember what a function gives for each object as long as that lives.

    Objects are told apart by identity: so nothing goes along with a copy that is changed.
    """
    known: dict[int, tuple[weakref.ref[K], V]] = {}

    @wraps(function)
    def remembered(one: K) -> V:
        at = id(one)
        found = known.get(at)
        if found is not None and found[0]() is one:
            return found[1]
        value = function(one)
        known[at] = weakref.ref(one, lambda _: known.pop(at, None)), value
        return value

    return remembered
