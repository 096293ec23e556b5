"""Take more or less of one thing along, move some from one to another, try a new opening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from matcher.row_kinds import MENTOR_HOURS, OPENING_SEATS, ROW_KINDS
from scenarios.web.levers import Named, asked_pulled, named_rows
from scenarios.web.looking import shown_run
from scenarios.web.pulled import (
    LEVELS,
    MOST_NEW_SEATS,
    More,
    NewOpening,
    whole,
)
from scenarios.web.rendering import PageRequest, Who

router = APIRouter()
NEW = "new"
"""What is taken along as a new opening."""
KINDS = (
    MENTOR_HOURS.id,
    *(one for one, kind in ROW_KINDS.items() if kind.lever and one != MENTOR_HOURS.id),
    NEW,
)
"""What can be taken along, in the order of the page."""
MOST_LISTED = 2000
"""Names that a field offers; any other one is found by what is written into it."""
MOST_NEAR = 12
"""Names that are offered where several are meant."""


def meant(text: str, rows: Sequence[Named]) -> list[Named]:
    """Rows that somebody can mean by what they wrote: the one of that id, or those of such a name.

    A name that is written whole means itself, not those that begin like it.
    """
    said = text.strip().casefold()
    if not said:
        return []
    whole_ones = [one for one in rows if said in (one[0].casefold(), one[1].casefold())]
    return whole_ones or [one for one in rows if said in f"{one[1]} {one[0]}".casefold()]


@router.get("/levers/more", response_class=HTMLResponse)
def take_more(who: Who, request: Request) -> Response:
    """Choose what to take along; then lead back to the levers with it."""
    run = shown_run(who)
    given = request.query_params
    kind = given.get("kind", KINDS[0])
    kind = kind if kind in KINDS else KINDS[0]
    rule = OPENING_SEATS.id if kind == NEW else kind
    rows = named_rows(who, run.run_id, rule)
    pulled = asked_pulled(who, run.run_id, given.get("q", ""))
    choice = TakenAlong("", "", [])
    if given.get("asked"):
        choice = (_new if kind == NEW else _more)(who, kind, rows, given)
    if choice.query and not choice.problem:
        both = asked_pulled(who, run.run_id, "&".join(filter(None, (pulled.query, choice.query))))
        return RedirectResponse(who.along("/levers", both.query), 303)
    return who.page(
        "more", who.say("more_title"), "levers", run=run, kind=kind, kinds=KINDS, new=NEW,
        rows=rows if len(rows) <= MOST_LISTED else [], query=pulled.query, given=given,
        problem=choice.problem, seats=MOST_NEW_SEATS, levels=range(LEVELS + 1),
        near=[(name, who.at("/levers/more", **{**given, field: key}))
              for field, found in choice.near for key, name in found],
        unit=ROW_KINDS[rule].unit.id,
    )  # fmt: skip


class TakenAlong(NamedTuple):
    """What a form of the page comes to."""

    query: str
    """What to add to the address of the levers."""
    problem: str
    """What is wrong; empty: nothing."""
    near: list[tuple[str, list[Named]]]
    """By field those who may be meant."""


def _one(
    who: PageRequest, field: str, rows: Sequence[Named], given: Mapping[str, str],
    near: list[tuple[str, list[Named]]],
) -> tuple[str, str]:  # fmt: skip
    """Return the key that a field means, and what is wrong with it."""
    text = given.get(field, "")
    found = meant(text, rows)
    if len(found) == 1:
        return found[0][0], ""
    if not found:
        return "", who.say("more_unknown", text=text.strip() or "-")
    near.append((field, found[:MOST_NEAR]))
    return "", who.say("more_several", text=text.strip())


def _more(
    who: PageRequest, kind: str, rows: Sequence[Named], given: Mapping[str, str]
) -> TakenAlong:
    near: list[tuple[str, list[Named]]] = []
    amount = whole(given.get("amount", ""))
    key, problem = _one(who, "to", rows, given, near)
    changes = []
    if not amount:
        problem = problem or who.say("more_amount_wrong")
    else:
        changes.append(More(kind, key, amount))
    if given.get("from", "").strip():
        source, wrong = _one(who, "from", rows, given, near)
        problem = problem or wrong
        if amount:
            changes.append(More(kind, source, -amount))
    return TakenAlong(_query("more", [one.name for one in changes]), problem, near)


def _new(
    who: PageRequest, kind: str, rows: Sequence[Named], given: Mapping[str, str]
) -> TakenAlong:
    near: list[tuple[str, list[Named]]] = []
    seats, oral = whole(given.get("seats", "")), whole(given.get("oral", ""))
    like, problem = _one(who, "like", rows, given, near)
    if seats is None or not 1 <= seats <= MOST_NEW_SEATS:
        return TakenAlong("", problem or who.say("new_seats_wrong", most=MOST_NEW_SEATS), near)
    made = NewOpening(like, seats, oral, given.get("shifts", "").strip())
    return TakenAlong(_query(kind, [made.name]), problem, near)


def _query(name: str, values: Sequence[str]) -> str:
    return urlencode([(name, one) for one in values])
