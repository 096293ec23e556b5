"""What a yes of somebody asked beside others comes to: the proposal first, then the queue in order.

A yes counts once everybody before has said no. While somebody before has not answered it waits;
where somebody before says yes, or the seat turns out to be filled, it comes to nothing, and nothing
is held against who said it. It is worked out anew from all answers, so the order in which they come
in does not matter, and what is taken back is as if it had not been said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from matcher.clock import local_day
from matcher.ledger import TOKEN, AskedBeside, CameTo, Decision, Event, Ledger, Run
from matcher.policy import Policy

Answer = Literal["yes", "no", "filled"]
"""``filled``: a no because the seat is gone."""
_Pair = tuple[str, str]
"""Citizen and opening."""


@dataclass(frozen=True)
class SeatOrder:
    """A seat that several are asked for at once."""

    opening_id: str
    proposed: str
    """Citizen who has the proposal."""
    asked: tuple[AskedBeside, ...]
    """Who is asked beside, in order."""

    @property
    def order(self) -> tuple[str, ...]:
        """Everybody who is asked: who says yes gets the seat in this order."""
        return (self.proposed, *(one.citizen_id for one in self.asked))

    def came_to(self, said: Mapping[str, Answer]) -> dict[str, CameTo | None]:
        """Say what the answer of each who is asked beside comes to.

        Parameters
        ----------
        said
            Answers by citizen; who is not in it has not answered.
        """
        found: dict[str, CameTo | None] = {}
        now: CameTo = "counts"
        for who in self.order:
            answer = said.get(who)
            if who != self.proposed:
                found[who] = now if answer == "yes" else None
            if now == "behind":
                continue
            if answer == "yes":
                # Behind one that still waits as well: whoever answers, this one comes first.
                now = "filled" if now == "filled" else "behind"
            elif answer == "filled":
                now = "filled"
            elif answer is None and now == "counts":
                now = "waits"
        return found


def seats_of(asked: Iterable[AskedBeside]) -> tuple[SeatOrder, ...]:
    """Put those whom a run asked beside others together by seat, each in its order."""
    ordered = sorted(asked, key=lambda one: (one.opening_id, one.proposed, one.rank))
    return tuple(
        SeatOrder(opening, proposed, tuple(members))
        for (opening, proposed), members in groupby(
            ordered, key=lambda one: (one.opening_id, one.proposed)
        )
    )


class SeatOrders:
    """The seats of a run that several are asked for, with what has been answered."""

    def __init__(self, seats: Sequence[SeatOrder]) -> None:
        self.seats = seats
        self.said: dict[_Pair, Answer] = {}
        self._at = {(who, one.opening_id): one for one in seats for who in one.order}

    def __contains__(self, pair: object) -> bool:
        """Whether a citizen is asked for a seat at an opening, with a proposal or beside one."""
        return pair in self._at

    def of(self, citizen_id: str, opening_id: str) -> SeatOrder | None:
        """Return the seat that somebody is asked for at an opening; None: there is none."""
        return self._at.get((citizen_id, opening_id))

    def came_to(self, seat: SeatOrder) -> dict[str, CameTo | None]:
        """Say what the answers at a seat come to."""
        return seat.came_to(
            {who: answer for who in seat.order
             if (answer := self.said.get((who, seat.opening_id))) is not None}
        )  # fmt: skip

    def holder_behind(self, citizen_id: str, opening_id: str) -> AskedBeside | None:
        """Return who has a seat by a yes that counts, and comes after somebody; None: nobody."""
        seat = self.of(citizen_id, opening_id)
        if seat is None:
            return None
        came_to = self.came_to(seat)
        later = seat.order[seat.order.index(citizen_id) + 1 :]
        return next(
            (one for one in seat.asked
             if one.citizen_id in later and came_to[one.citizen_id] == "counts"),
            None,
        )  # fmt: skip

    def hear(self, policy: Policy, one: Decision | Event) -> None:
        """Take an answer in; a later one takes the place of an earlier."""
        pair = (str(one.citizen_id), one.opening_id)
        answer = answer_of(policy, one)
        if answer is None:
            self.said.pop(pair, None)
        else:
            self.said[pair] = answer


def answer_of(policy: Policy, one: Decision | Event) -> Answer | None:
    """Say what a decision, or an offer declined elsewhere, answers; None: not yet."""
    if isinstance(one, Decision) and one.verdict != "reject":
        # Who is forgotten begins nothing, and nobody can take that yes back.
        forgotten = one.citizen_id.startswith(TOKEN)
        return "yes" if one.verdict == "accept" and not forgotten else None
    reason = policy.forbid_reasons.codes.get(str(one.reason))
    return "filled" if reason is not None and reason.bars == "seat" else "no"


def seats_answered(
    ledger: Ledger,
    run: Run,
    policy: Policy,
    asked: Iterable[AskedBeside] | None = None,
    *,
    events: bool = True,
) -> SeatOrders:
    """Read which seats of a run several are asked for, and what each of them has answered.

    An offer declined by an event is a no, unless something was decided after it was heard of; one
    that a decision has rejected already stays rejected as that says.

    Parameters
    ----------
    policy
        Its reasons say which no means that the seat is filled.
    asked
        Who the run asked beside others, where the caller has read it. None: it is read.
    events
        Whether to hear what has happened as well, not decisions alone.
    """
    seats = SeatOrders(seats_of(ledger.asked(run.run_id) if asked is None else asked))
    if not seats.seats:
        return seats
    heard: dict[_Pair, Decision | Event] = {}
    for one in ledger.answers_to(run):
        if (one.citizen_id, one.opening_id) in seats:
            heard[one.citizen_id, one.opening_id] = one
    # A run may be made ahead of its day.
    first = min(run.day, local_day(run.recorded_at))
    for event in ledger.events(since=first, kind="declined") if events else ():
        pair = (str(event.citizen_id), event.opening_id)
        before = heard.get(pair)
        refused = isinstance(before, Decision) and before.verdict == "reject"
        if pair in seats and not refused and _heard_at(event) > _heard_at(before):
            heard[pair] = event
    for told in heard.values():
        seats.hear(policy, told)
    return seats


def _heard_at(one: Decision | Event | None) -> dt.datetime:
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    return never if one is None or one.recorded_at is None else one.recorded_at


@dataclass(frozen=True)
class Turned:
    """Somebody asked beside, whose answer comes to something else than before."""

    asked: AskedBeside
    """As it was."""
    came_to: CameTo | None


def open_run(ledger: Ledger, until: dt.date | None = None) -> Run | None:
    """Return the newest run, about which alone a yes may still wait; None: there is none.

    Parameters
    ----------
    until
        Only a run of this day or an earlier one: a second run of a day ends the waiting as well.
    """
    newest = ledger.runs(most=1)
    if not newest or (until is not None and newest[0].day > until):
        return None
    return newest[0]


def settle_seats(
    ledger: Ledger, run: Run, policy: Policy, asked: Iterable[AskedBeside] | None = None
) -> tuple[Turned, ...]:
    """Store what the answers of those whom the newest run asked beside come to.

    Parameters
    ----------
    policy, asked
        As :func:`seats_answered` takes them.

    Returns
    -------
    tuple of Turned
        Whose answer comes to something else than was stored.
    """
    seats = seats_answered(ledger, run, policy, asked)
    turned = [
        Turned(one, came_to[one.citizen_id])
        for seat in seats.seats
        for came_to in [seats.came_to(seat)]
        for one in seat.asked
        if came_to[one.citizen_id] != one.came_to
    ]
    if turned:
        ledger.note_came_to(run.run_id, {one.asked.citizen_id: one.came_to for one in turned})
    return tuple(turned)


def without_those_gone(
    ledger: Ledger,
    run: Run,
    policy: Policy,
    asked: Collection[AskedBeside],
    gone: Collection[_Pair],
) -> tuple[tuple[AskedBeside, ...], tuple[AskedBeside, ...], tuple[Turned, ...]]:
    """Say whose yes counts where those before who cannot come any more stand in nobody's way.

    Parameters
    ----------
    asked
        Who the run asked beside others.
    gone
        Who is asked for a seat, with its opening, and cannot take it this week; whoever of them
        has answered has.

    Returns
    -------
    tuple
        Those whose yes counts by that alone, those whose yes waits all the same, and those who get
        the seat, or get it no more, by what no decision has said: nobody has told them yet.
    """
    seats = seats_answered(ledger, run, policy, asked)
    counts: list[AskedBeside] = []
    waits: list[AskedBeside] = []
    turned: list[Turned] = []
    decided = seats_answered(ledger, run, policy, asked, events=False)
    for seat in seats.seats:
        before = seats.came_to(seat)
        for who in seat.order:
            if (pair := (who, seat.opening_id)) in gone and pair not in seats.said:
                seats.said[pair] = "no"
        after, known = seats.came_to(seat), decided.came_to(seat)
        for one in seat.asked:
            now = after[one.citizen_id]
            if now in {"counts", "filled"} and now != known[one.citizen_id]:
                turned.append(Turned(one, now))
            if before[one.citizen_id] == "waits" and now == "counts":
                counts.append(one)
            elif now == "waits":
                waits.append(one)
    return tuple(counts), tuple(waits), tuple(turned)
