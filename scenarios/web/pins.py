"""Pin A and B: two sets of levers side by side, only what differs, moves told as chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Event
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from scenarios.questions import PlanDifference
from scenarios.web.levers import asked_pulled, between, rows_of, shown_answer, while_wanted, why_not
from scenarios.web.looking import shown_run
from scenarios.web.pulled import FIRST, PulledLevers, levers_of
from scenarios.web.rendering import PageRequest, Who
from scenarios.web.saving import saved_of

router = APIRouter()
PINS = ("a", "b")
MOST_CHAINS = 30
"""Chains that are listed."""


def pinned(
    who: PageRequest, run_id: str, pulled: Mapping[str, PulledLevers], stop: Event
) -> PlanDifference | str:
    """Compare B with A, each the week with its levers pulled or as it is; or say why not.

    Parameters
    ----------
    stop
        Set it from another thread when nobody wants the answer any more: the solve ends.
    """
    a, b = (pulled[pin].toml() if pulled[pin].anything else "" for pin in PINS)
    return between(who, run_id, a, b, stop)


def chains_of(people: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Link those who take one another's place: each takes what the next one leaves.

    Every person stands in one chain; whoever takes a seat that nobody left begins at its end.
    """
    left: dict[str, list[int]] = {}
    for at, one in enumerate(people):
        if one["from_opening"]:
            left.setdefault(str(one["from_opening"]), []).append(at)
    follows: dict[int, int] = {}
    for at, one in enumerate(people):
        free = left.get(str(one["to_opening"]), []) if one["to_opening"] else []
        others = [who for who in free if who != at]
        if others:
            follows[at] = others[0]
            free.remove(others[0])
    heads = [at for at in range(len(people)) if at not in set(follows.values())]
    found, seen = [], set()
    for head in [*heads, *range(len(people))]:
        chain, at = [], head
        while at >= 0 and at not in seen:
            seen.add(at)
            chain.append(people[at])
            at = follows.get(at, -1)
        if chain:
            found.append(chain)
    return sorted(found, key=len, reverse=True)


@router.get("/pins", response_class=HTMLResponse)
async def pins(who: Who, request: Request) -> Response:
    """Hold two sets of levers against each other; who goes away ends the solve."""
    return await while_wanted(request, lambda stop: _pins(who, request, stop))


def _pins(who: PageRequest, request: Request, stop: Event) -> Response:
    run = shown_run(who)
    queries = {pin: request.query_params.get(pin, "") for pin in PINS}
    problem, what, chains = "", None, []
    pulled = {pin: asked_pulled(who, run.run_id, query) for pin, query in queries.items()}
    both = pinned(who, run.run_id, pulled, stop)
    if isinstance(both, PlanDifference):
        what = shown_answer(who, run.run_id, both)
        if who.viewer.role == "data":
            chains = chains_of(rows_of(both.people))
    else:
        problem = why_not(who, both)
    ready = levers_of({}, (), who.language)
    return who.page(
        "pins", who.say("pins"), "levers", run=run, queries=queries, problem=problem, what=what,
        chains=chains[:MOST_CHAINS], more_chains=max(0, len(chains) - MOST_CHAINS),
        ready=[one for one in ready if one.name in FIRST], saved=saved_of(who),
        titles={pin: one.title(who.language, numbers=True) or who.say("as_is")
                for pin, one in pulled.items()},
    )  # fmt: skip
