"""Pull a lever: the ready scenarios by hand, each answer solved to proof and checked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from matcher.errors import InputErrors, LedgerError
from matcher.problem import Problem
from matcher.row_kinds import BUDGET, PLACES, ROW_KINDS, RowNames
from matcher.texts import Message, tell
from scenarios.patch import library
from scenarios.questions import PlanDifference, difference, final_difference
from scenarios.questions import scarce as scarce_rows
from scenarios.web.looking import shown_run
from scenarios.web.naming import Names
from scenarios.web.pulled import (
    BUDGETS,
    FIRST,
    More,
    PulledLevers,
    not_read,
    pulled_of,
    setting_text,
)
from scenarios.web.records import MOST_TITLE
from scenarios.web.rendering import PageRequest, Who

Answer = TypeVar("Answer")
Named = tuple[str, str]
"""A key and what people call it."""
router = APIRouter()
WRONG = 422
MOST_PEOPLE = 60
"""People of an answer that are listed."""
FEW_PEOPLE = 12
"""People up to whom the list is open at once: a longer one pushes the levers away on a phone."""
TURNED = ("began", "stopped")
"""What becomes of a resource that an answer tells: it begins to be full, or is full no more."""
ANSWER = "answer"
"""Part of the page that its script asks for: the rest stands already."""
LOOKS = 0.1
"""Seconds between two looks at whether the browser is still there."""


def answer(
    who: PageRequest, run_id: str, pulled: PulledLevers, stop: Event | None = None,
    *, soon: bool = False,
) -> PlanDifference | str:  # fmt: skip
    """Solve the week with levers pulled, and compare it with the week as it is.

    Parameters
    ----------
    stop
        Set it from another thread when nobody wants the answer any more: the solve ends.
    soon
        Whether the best plan so far will do, where its proof takes long.

    Returns
    -------
    PlanDifference or str
        What differs; or why it cannot be.

    Raises
    ------
    StoppedError
        It was stopped.
    BusyError, GoneError
        It could not be asked.
    """
    return between(who, run_id, "", pulled.toml(), stop, soon=soon)


def between(
    who: PageRequest, run_id: str, before: str, after: str, stop: Event | None = None,
    *, soon: bool = False,
) -> PlanDifference | str:  # fmt: skip
    """Solve the week under two scenarios, each a file or nothing, and compare them."""
    found: PlanDifference | str = ""
    try:
        for question in (difference, final_difference):
            found = who.ask(run_id, question, before, after, stop=stop)
            if soon or isinstance(found, str) or found.final:
                break
    except (InputErrors, LedgerError) as error:
        return error.said
    return found


@router.get("/levers", response_class=HTMLResponse)
async def levers(who: Who, request: Request) -> Response:
    """Show the levers, and what the plan becomes; who goes away ends the solve."""
    return await while_wanted(request, lambda stop: _levers(who, request, stop))


async def while_wanted(request: Request, make: Callable[[Event], Answer]) -> Answer:
    """Make an answer in a thread, and tell it to stop when the browser has gone away."""
    stop = Event()
    work = asyncio.ensure_future(run_in_threadpool(make, stop))
    try:
        while not (await asyncio.wait({work}, timeout=LOOKS))[0]:
            if not stop.is_set() and await request.is_disconnected():
                stop.set()
    finally:
        stop.set()  # also where the server itself ends
    return work.result()


def asked_pulled(
    who: PageRequest, run_id: str, query: str | Sequence[tuple[str, str]]
) -> PulledLevers:
    """Read what is pulled in a run, in the language of whoever asks."""
    return pulled_of(query, who.weeks.policy(run_id), who.language)


def all_read(
    who: PageRequest, query: str | Sequence[tuple[str, str]], pulled: PulledLevers
) -> None:
    """Refuse what was given as data and is not pulled as it says.

    Raises
    ------
    HTTPException
        Something counts for nothing, or goes less far.
    """
    if left := not_read(query, pulled):
        raise HTTPException(WRONG, detail=who.say("no_such_lever", names=", ".join(left)))


def _levers(who: PageRequest, request: Request, stop: Event) -> Response:
    run = shown_run(who)
    pulled = asked_pulled(who, run.run_id, request.query_params.multi_items())
    if request.query_params.get("as") == "toml":
        return toml_file(pulled.toml())
    patient = "patient" in request.query_params
    found = answer(who, run.run_id, pulled, stop, soon=not patient) if pulled.anything else None
    what = None
    problem, again = "", ""
    if isinstance(found, PlanDifference):
        what = shown_answer(who, run.run_id, found)
        again = "" if found.final else who.along("/levers", f"{pulled.query}&patient=yes")
    elif found is not None:
        problem = why_not(who, found)
    given: dict[str, Any] = {
        "pulled": pulled, "what": what, "problem": problem, "query": pulled.query,
        "again": again, "most_title": MOST_TITLE, "few_people": FEW_PEOPLE,
    }  # fmt: skip
    if request.query_params.get("part") == ANSWER:
        return who.page("answer", who.say("levers"), run=run, **given)
    return who.page(
        "levers", who.say("levers"), "levers", run=run, first=len(FIRST), **given,
        more=[(one, *taken_name(who, run.run_id, one)) for one in pulled.more],
        groups=[(group, [one for one in pulled.settings if one.group == group])
                for group in ("fit", "weights", "ratio", "budgets", "year")],
    )  # fmt: skip


def named_rows(who: PageRequest, run_id: str, rule: str) -> list[Named]:
    """Keys of a kind of resource in a run, each with what people call it, in order of the names."""

    def make() -> list[Named]:
        problem: Problem = who.weeks.problem(run_id)
        names, kind = RowNames(problem.tables), ROW_KINDS[rule]
        keys = problem[kind.table][kind.key].astype(str).tolist()
        return sorted(((one, names.own(rule, one)) for one in keys), key=lambda one: one[1])

    if rule == BUDGET.id:
        lines = who.weeks.policy(run_id).money.budgets
        return [(one, setting_text(f"{BUDGETS}.{one}", who.language)) for one in sorted(lines)]
    return who.weeks.once(("named", run_id, rule), make)


def taken_name(who: PageRequest, run_id: str, one: More) -> tuple[str, str]:
    """Name a resource that is taken along as people do, and what it counts in."""
    known = dict(named_rows(who, run_id, one.rule))
    name = known.get(one.key, one.key)
    if one.rule != BUDGET.id:
        name = f"{Names(who.language).row(one.rule)}, {name}"
    return name[:1].upper() + name[1:], who.words(f"unit.{ROW_KINDS[one.rule].unit.id}")


def why_not(who: PageRequest, said: str) -> str:
    """Say why what is pulled cannot be: in words of the page, not of a file and its lines."""
    faults = _faults(said)
    met = next((one for one in faults if one.key in {"patch.met", "patch.key_met"}), None)
    if any(one.key == "patch.empty_selection" for one in faults):
        return who.say("levers_gone")
    if met is None:
        return " ".join(tell(one, who.language) for one in faults) or tell(said, who.language)
    ready = library().scenarios.get(str(met.facts["scenario"]))
    title = who.say("taken_along") if ready is None else ready.title.of(who.language)
    what = tell(met.facts.get("key") or met.facts.get("cell") or "", who.language)
    return who.say("levers_meet", title=title, what=what)


def _faults(said: Any) -> list[Message]:
    """List the faults of a scenario that a text is put together of."""
    if isinstance(said, Message):
        return [said] if said.key.startswith("patch.") else _faults(list(said.facts.values()))
    return [one for part in said for one in _faults(part)] if isinstance(said, list | tuple) else []


def toml_file(text: str, name: str = "scenario") -> Response:
    """Give a what-if file to take along."""
    return Response(
        text, media_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.toml"'},
    )  # fmt: skip


def shown_answer(who: PageRequest, run_id: str, found: PlanDifference) -> dict[str, Any]:
    """Collect what a page shows of a comparison; people only to who may see them."""
    base, row = rows_of(found.summary)
    names = Names(who.language, who.weeks.document(run_id)["measures"])
    facts = who.weeks.lists(run_id).facts
    mine = np.array([
        who.viewer.named is None or (one in facts and who.viewer.sees(facts[one]["unit"]))
        for one in found.people["citizen_id"].tolist()
    ], dtype=np.bool_)  # fmt: skip
    people = [
        {**one, "row": who.weeks.row_of(run_id, one["citizen_id"]),
         "known": one["citizen_id"] in facts}
        for one in rows_of(found.people[mine].head(MOST_PEOPLE))
    ]  # fmt: skip
    turned = rows_of(found.resources[found.resources["change"].isin(TURNED)])
    return {
        "row": row,
        "proven": row["status"] == "optimal",
        "base": base,
        "people": people,
        "more_people": len(found.people) - len(people),
        **{
            change: _counted(": ".join(filter(None, (names.row(one["kind"]), one["name"])))
                             for one in turned if one["change"] == change)
            for change in TURNED
        },
        "costs": [one for one in rows_of(found.costs) if one["difference"]],
        "changes": [
            {name: tell(value, who.language) for name, value in one.items()
             if name in {"path", "old", "new"}}
            for one in rows_of(found.changes)
        ][:MOST_PEOPLE],
    }  # fmt: skip


def _counted(names: Iterable[str]) -> list[str]:
    """Say names once, in their order; how many bear one, where several do."""
    return [name if times == 1 else f"{name} ({times})" for name, times in Counter(names).items()]


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame by the names of its columns."""
    # What pandas has for it takes a row at a time.
    columns = [_plain(frame[name]) for name in frame.columns]
    names = [str(name) for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Cells of a column as Python has them."""
    cells = column.tolist()
    if column.dtype != object:
        return cells
    return [one.item() if isinstance(one, np.generic) else one for one in cells]


def seen_resources(who: PageRequest, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Leave out how much is used where that counts few people and a planner looks."""
    found = [dict(one) for one in rows]
    for one in found:
        if ROW_KINDS[one["rule"] if "rule" in one else one["kind"]].unit == PLACES:
            for name in one.keys() & {"used", "used_before"}:
                one[name] = None if one[name] is None else who.figure(one[name])
    return found


def scarce_of(who: PageRequest, run_id: str) -> list[dict[str, Any]]:
    """Scarce resources of a run with their exact gains, those that bring most first.

    Raises
    ------
    LedgerError
        The run's tables are not kept any more.
    """
    return seen_resources(who, who.weeks.ask(run_id, scarce_rows))
