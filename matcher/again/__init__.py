"""The one place to ask a solved week again: "the same week, but ...", in words of the domain.

==============================  ==============================================================
asked                           by
==============================  ==============================================================
without a pair, with somebody   :meth:`Resolver.solve` of a :class:`Change`
placed, more of a row, other
offers
other goals and limits          :meth:`Resolver.aimed` of an :class:`~matcher.objectives.Objectives`
another table or policy         :meth:`Resolver.another`, :meth:`Earlier.solve` of a problem
one lever, whichever is best    :meth:`Resolver.cheapest_lever`
many levers together            :class:`LeverSets`: the cheapest for so many people, the most for
                                so much money
changes at openings, added up   :func:`counted_calls`
what clashes, resolved          :func:`ways_out`; of acceptances alone :func:`kept_together`
as few changes as possible      :func:`keeping`
whoever declines                :func:`back_ups`: who steps in, in which order
==============================  ==============================================================

Hidden here: where a solve begins, prices, what the engine remembers, and how programs are put
together. No answer depends on any of it.
"""

from matcher.again.backups import back_ups
from matcher.again.calls import Changes, Counted, counted_calls
from matcher.again.changes import Change, Found, NewOffers, new_offers
from matcher.again.earlier import Earlier, earlier_of, earlier_of_rows
from matcher.again.lever_sets import AllLevers, LeverSet, LeverSets, joined_uses
from matcher.again.programs import Levers
from matcher.again.resolver import Pulled, Resolver
from matcher.again.ways_out import (
    Raise,
    WaysOut,
    keeping,
    kept_together,
    ways_out,
)

__all__ = [
    "AllLevers",
    "Change",
    "Changes",
    "Counted",
    "Earlier",
    "Found",
    "LeverSet",
    "LeverSets",
    "Levers",
    "NewOffers",
    "Pulled",
    "Raise",
    "Resolver",
    "WaysOut",
    "back_ups",
    "counted_calls",
    "earlier_of",
    "earlier_of_rows",
    "joined_uses",
    "keeping",
    "kept_together",
    "new_offers",
    "ways_out",
]
