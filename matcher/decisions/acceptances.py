"""Which acceptances this week's tables and rules can still honour, found before the week is solved.

A clash of locks stops a run; an acceptance that the tables have overtaken must not. So the locked
citizens are solved alone first: whoever has no offer at the accepted opening is stopped by a rule,
and of the others as many as there is room for are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.again import kept_together
from matcher.ledger import Proposal
from matcher.offers import Failure, OfferBook, build_offers, failures
from matcher.problem import Problem, as_frame
from matcher.records import TABLES
from matcher.report import LANGUAGES
from matcher.rules import RULES
from matcher.texts import Message


@dataclass(frozen=True)
class Allowed:
    """Acceptances by whether a rule stops them now."""

    possible: tuple[Proposal, ...] = ()
    """There is an offer for each."""
    stopped: tuple[tuple[Proposal, Mapping[str, str]], ...] = ()
    """Stopped by a rule, each with the reason in words."""
    crowded_out: tuple[Proposal, ...] = ()
    """Their opening is full, or their workplace has no ratio place left."""
    book: OfferBook | None = None
    """Offers of the locked citizens and their households."""


@dataclass(frozen=True)
class Honoured:
    """Possible acceptances by whether there is room for them."""

    locked: tuple[Proposal, ...] = ()
    """Can be locked, all together."""
    without_room: tuple[Proposal, ...] = ()
    """Each possible by itself, but not beside the others."""


def lockable(problem: Problem, accepted: Sequence[Proposal]) -> Allowed:
    """Split acceptances into those the rules allow and those they stop.

    Parameters
    ----------
    problem
        The week, with running placements and forbids.
    accepted
        One per citizen, none of them locked by the tables.
    """
    if not accepted:
        return Allowed()
    book = build_offers(_alone(problem, accepted))
    possible: list[Proposal] = []
    stopped: list[tuple[Proposal, Mapping[str, str]]] = []
    crowded_out: list[Proposal] = []
    for one in accepted:
        if _offered(book, one):
            possible.append(one)
            continue
        broken = failures(book.encoded, one.citizen_id, one.opening_id)
        if any(RULES[failure.rule].room and failure.measure in {None, one.measure}
               for failure in broken):  # fmt: skip
            crowded_out.append(one)
            continue
        stopped.append((one, _why(broken, one)))
    return Allowed(tuple(possible), tuple(stopped), tuple(crowded_out), book)


def _why(broken: Sequence[Failure], one: Proposal) -> Mapping[str, str]:
    if not broken:
        said = Message("clash.not_under", measure=one.measure)
        return {language: said.told(language) for language in LANGUAGES}
    return {
        language: " ".join(failure.sentence(language) for failure in broken)
        for language in LANGUAGES
    }


def with_room(problem: Problem, allowed: Allowed) -> Honoured:
    """Keep as many acceptances as there is room for beside the tables' own locks.

    Parameters
    ----------
    problem
        The week, with everything that takes room, what stopped acceptances hold included.
    allowed
        What :func:`lockable` found.
    """
    possible = allowed.possible
    if not possible or allowed.book is None:
        return Honoured(without_room=allowed.crowded_out)
    fewer = allowed.stopped or allowed.crowded_out
    book = build_offers(_alone(problem, possible)) if fewer else allowed.book
    kept = kept_together(book, [one.citizen_id for one in possible])
    if kept is None:
        # The tables' own locks clash: the week's solve will tell of it.
        return Honoured(possible, allowed.crowded_out)
    return Honoured(
        locked=tuple(one for one in possible if one.citizen_id in kept),
        without_room=(
            *allowed.crowded_out,
            *(one for one in possible if one.citizen_id not in kept),
        ),
    )


def _alone(problem: Problem, accepted: Sequence[Proposal]) -> Problem:
    """Take the locked citizens and their households out of the week, with the locks."""
    own = problem["locks"]
    wanted = {one.citizen_id for one in accepted} | set(own["citizen_id"])
    frame = problem["citizens"]
    locked = frame["citizen_id"].isin(list(wanted))
    homes = frame.loc[locked, "household_id"].dropna().unique().tolist()
    citizens = frame[locked | frame["household_id"].isin(homes)].reset_index(drop=True)
    locks = as_frame(
        TABLES["locks"],
        {
            "citizen_id": [*own["citizen_id"], *(one.citizen_id for one in accepted)],
            "opening_id": [*own["opening_id"], *(one.opening_id for one in accepted)],
            "measure": [*own["measure"], *(one.measure for one in accepted)],
        },
    )
    return problem.with_tables(citizens=citizens, locks=locks)


def _offered(book: OfferBook, one: Proposal) -> bool:
    """Whether the accepted citizen, opening and measure are among the offers."""
    offers, encoded = book.offers, book.encoded
    own = offers.citizen == np.flatnonzero(encoded.citizens.ids == one.citizen_id)[0]
    there = offers.opening == np.flatnonzero(encoded.openings.ids == one.opening_id)[0]
    under = encoded.measures.index(one.measure) if one.measure in encoded.measures else -1
    return bool((own & there & (offers.measure == under)).any())
