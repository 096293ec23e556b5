"""Pull a lever: the ready scenarios by hand, each answer solved to proof and checked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import pandas as pd
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from matcher.again import earlier_of
from matcher.errors import LedgerError
from matcher.notebook import scarce_resources
from matcher.row_kinds import ROW_KINDS, RowNames
from matcher.solve import Options
from matcher.texts import LANGUAGES, Language, Message, tell
from scenarios.compare import Comparison, compare
from scenarios.outcome import Outcome, outcome_of
from scenarios.patch import WhatIfError, library, parameters_of, read_text
from scenarios.sweep.one import SolvedWeek, make_ready, solve_one
from scenarios.web.looking import shown_run
from scenarios.web.naming import Names
from scenarios.web.rendering import PageRequest, Who
from scenarios.web.weeks import StoppedError, Weeks

router = APIRouter()
MINE = "mine"
"""Name of the scenario that a page is about."""
FIRST = (
    "more_mentor_hours", "more_class_seats", "hygiene_courses", "budget_cut", "more_follow_up",
    "lower_language_floor", "private_openings", "part_time_seats", "better_transport",
)  # fmt: skip
"""Levers that stand first; the others of the library follow."""
MOST_PEOPLE = 60
"""People of an answer that are listed."""
LOOKS = 0.1
"""Seconds between two looks at whether the browser is still there."""
MOST_SCARCE = 12
"""Scarce resources that are solved for."""


@dataclass(frozen=True)
class Slide:
    """One number of a lever."""

    name: str
    """As in the address: ``scenario.parameter``."""
    text: str
    value: float
    least: float
    most: float
    step: float | str
    """Distance between two values; ``any``."""


@dataclass(frozen=True)
class Lever:
    """A ready scenario, with the numbers it leaves open."""

    name: str
    title: str
    explanation: str
    on: bool
    slides: tuple[Slide, ...]


@dataclass(frozen=True)
class More:
    """So much more of one resource, or less where negative."""

    rule: str
    key: str
    amount: int
    """In the unit of its column: seats, hours, DKK a week."""

    @property
    def name(self) -> str:
        """As in the address."""
        return f"{self.rule}:{self.amount}:{self.key}"

    def toml(self) -> tuple[str, str]:
        """Write it as a change of a table, or of a budget line; one of the two is empty."""
        kind = ROW_KINDS[self.rule]
        if not kind.capacity:
            return "", f"{_quoted(self.key)} = {{ add = {self.amount} }}\n"
        return (
            f'[[scenario.{MINE}.change]]\ntable = "{kind.table}"\n'
            f"where = {{ {kind.key} = {_quoted(self.key)} }}\n"
            f"add = {{ {kind.capacity} = {self.amount} }}\n"
        ), ""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def more_of(given: Sequence[str]) -> list[More]:
    """Read what was taken along from the scarce resources; what is none of them is left out."""
    found: dict[tuple[str, str], int] = {}
    for one in given:
        rule, _, rest = one.partition(":")
        amount, _, key = rest.partition(":")
        digits = amount.removeprefix("-")
        known = rule in ROW_KINDS and ROW_KINDS[rule].lever
        if known and key and digits.isascii() and digits.isdecimal() and len(digits) < 8:
            found[rule, key] = found.get((rule, key), 0) + int(amount)
    return [More(rule, key, amount) for (rule, key), amount in found.items() if amount]


def levers_of(given: Mapping[str, str], on: Sequence[str], language: Language) -> list[Lever]:
    """Read which levers are pulled, and how far.

    Parameters
    ----------
    given
        Number by ``scenario.parameter``, as text. One that is no number counts as not given; one
        beyond the lever's range as its end.
    on
        Names of the levers that are pulled.
    """
    ready = library()
    rest = sorted(set(ready.scenarios) - set(FIRST))
    found = []
    for name in (*FIRST, *rest):
        one = ready.scenarios[name]
        slides = []
        for key, parameter in parameters_of(ready, name).items():
            if parameter.from_ is None or parameter.to is None:
                continue
            value = _number(given.get(f"{name}.{key}"), parameter.default)
            value = min(max(value, parameter.from_), parameter.to)
            text, step = parameter.text.of(language), parameter.step or "any"
            slides.append(Slide(f"{name}.{key}", text, value, parameter.from_, parameter.to, step))
        found.append(Lever(name, one.title.of(language), one.explanation.of(language),
                           name in on, tuple(slides)))  # fmt: skip
    return found


def _number(text: str | None, otherwise: float) -> float:
    try:
        value = float(text) if text else otherwise
    except ValueError:
        return otherwise
    if value != value or value in (float("inf"), float("-inf")):
        return otherwise
    return int(value) if value == int(value) else value


def toml_of(levers: Sequence[Lever], more: Sequence[More] = ()) -> str:
    """Write the pulled levers as the file that ``jobmatch whatif`` runs."""
    uses = []
    for lever in levers:
        if lever.on:
            numbers = [f"{one.name.partition('.')[2]} = {one.value:g}" for one in lever.slides]
            uses.append("{ " + ", ".join([f'name = "{lever.name}"', *numbers]) + " }")
    titles = {
        language: ", ".join([
            *(library().scenarios[one.name].title.of(language) for one in levers if one.on),
            *(f"{one.amount:+d} {Names(language).row(one.rule)} {one.key}" for one in more),
        ])
        for language in LANGUAGES
    }  # fmt: skip
    said = ", ".join(f"{language} = {_quoted(title)}" for language, title in titles.items())
    inside = "".join(f"  {use},\n" for use in uses)
    used = f"use = [\n{inside}]\n" if uses else ""
    changes, lines = zip(*(one.toml() for one in more), strict=True) if more else ((), ())
    money = "".join(lines)
    return (
        f"[scenario.{MINE}]\ntitle = {{ {said} }}\n{used}" + "".join(changes)
        + (f"[scenario.{MINE}.policy.money.budgets]\n{money}" if money else "")
    )  # fmt: skip


def answer(
    weeks: Weeks,
    run_id: str,
    levers: Sequence[Lever],
    stop: Event | None = None,
    more: Sequence[More] = (),
) -> Comparison | str:
    """Solve the week with levers pulled, and compare it with the week as it is.

    Parameters
    ----------
    stop
        Set it from another thread when nobody wants the answer any more: the solve ends.

    Returns
    -------
    Comparison or str
        What differs; or why it cannot be.

    Raises
    ------
    StoppedError
        It was stopped.
    """
    text = toml_of(levers, more)
    try:
        scenario = read_text(text).scenarios[MINE]
        week, before = base_of(weeks, run_id)
    except (WhatIfError, LedgerError) as error:
        return error.said

    def make() -> Comparison | str:
        with weeks.turn(stop):
            after = solve_one(week, scenario, stop)
        if stop is not None and stop.is_set():
            raise StoppedError(Message("web.stopped"))
        return after.first_reason if after.failed else compare([before, after])

    return weeks.once(("levers", run_id, scenario.digest()), make)


def base_of(weeks: Weeks, run_id: str) -> tuple[SolvedWeek, Outcome]:
    """Week of a run with all that scenarios of it need, and what it comes to as it is."""
    solution = weeks.solution(run_id)

    def make() -> tuple[SolvedWeek, Outcome]:
        week = SolvedWeek(solution.problem, earlier_of(solution), Options())
        make_ready(week)
        return week, outcome_of(solution)

    return weeks.bases.get(run_id, make)


@router.get("/levers", response_class=HTMLResponse)
async def levers(who: Who, request: Request) -> Response:
    """Show the levers, and what the plan becomes; who goes away ends the solve."""
    return await while_wanted(request, lambda stop: _levers(who, request, stop))


async def while_wanted(request: Request, make: Callable[[Event], Response]) -> Response:
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


def _levers(who: PageRequest, request: Request, stop: Event) -> Response:
    run = shown_run(who)
    pulled = levers_of(dict(request.query_params), request.query_params.getlist("on"), who.language)
    more = more_of(request.query_params.getlist("more"))
    if request.query_params.get("as") == "toml":
        return Response(
            toml_of(pulled, more), media_type="application/toml; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="scenario.toml"'},
        )  # fmt: skip
    asked = bool(more) or any(one.on for one in pulled)
    found = answer(who.weeks, run.run_id, pulled, stop, more) if asked else None
    what = None
    problem = ""
    if isinstance(found, Comparison):
        what = shown_answer(who, run.run_id, found)
    elif found is not None:
        problem = tell(found, who.language)
    return who.page(
        "levers", who.say("levers"), "levers", run=run, levers=pulled, what=what, problem=problem,
        query=str(request.query_params), pulled=[one for one in pulled if one.on],
        more=[(one, Names(who.language).row(one.rule)) for one in more],
    )  # fmt: skip


def shown_answer(who: PageRequest, run_id: str, found: Comparison) -> dict[str, Any]:
    """Collect what a page shows of a comparison; people only to who may see them."""
    row = found.summary.iloc[1].to_dict()
    names = Names(who.language, who.weeks.document(run_id)["measures"])
    lists = who.weeks.lists(run_id)
    people: list[dict[str, Any]] = []
    if who.viewer.sees_persons:
        for one in rows_of(found.people):
            facts = lists.facts.get(one["citizen_id"])
            mine = who.viewer.role == "data" or (
                facts is not None and facts["unit"] in who.viewer.teams
            )
            if mine and len(people) < MOST_PEOPLE:
                people.append({**one, "row": who.weeks.row_of(run_id, one["citizen_id"]),
                               "known": facts is not None})  # fmt: skip
    turned = found.resources[found.resources["change"].isin(["began", "stopped"])]
    return {
        "row": row,
        "proven": row["status"] == "optimal",
        "base": found.summary.iloc[0].to_dict(),
        "people": people,
        "more_people": len(found.people) - len(people),
        "began": [_named(names, one) for one in rows_of(turned)
                  if one["change"] == "began"],
        "stopped": [_named(names, one) for one in rows_of(turned)
                    if one["change"] == "stopped"],
        "costs": [one for one in rows_of(found.costs) if one["difference"]],
        "changes": [
            {name: tell(value, who.language) for name, value in one.items()
             if name in {"path", "old", "new"}}
            for one in rows_of(found.changes)
        ][:MOST_PEOPLE],
        "few": who.weeks.settings.rules.fewest,
    }  # fmt: skip


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _named(names: Names, one: Mapping[str, Any]) -> str:
    return f"{names.row(str(one['kind']))}: {one['name']}"


@router.get("/scarce", response_class=HTMLResponse)
def scarce(who: Who, request: Request) -> Response:
    """Show what is scarce: price, and what 1, 5 and 20 more bring, exactly."""
    run = shown_run(who)
    rows: list[dict[str, Any]] = []
    gone = ""
    try:
        rows = scarce_of(who.weeks, run.run_id)
    except LedgerError as error:
        gone = tell(error.said, who.language)
    names = Names(who.language)
    return who.page("scarce", who.say("scarce"), "scarce", run=run, rows=rows, gone=gone,
                    names=names, query=str(request.query_params), taken=_taken)  # fmt: skip


def _taken(row: Mapping[str, Any], more: int) -> str:
    """Name so much more of a scarce resource, as in the address of the levers; empty: no lever."""
    kind = ROW_KINDS[str(row["rule"])]
    if not kind.lever:
        return ""
    return More(kind.id, str(row["key"]), more * kind.unit.more // kind.scale).name


def scarce_of(weeks: Weeks, run_id: str) -> list[dict[str, Any]]:
    """Scarce resources of a run with their exact gains, those that bring most first.

    Raises
    ------
    LedgerError
        The run's tables are not kept any more.
    """
    solution = weeks.solution(run_id)

    def make() -> list[dict[str, Any]]:
        with weeks.turn():
            frame = scarce_resources(solution, most=MOST_SCARCE)
        if frame.empty:
            return []
        about = RowNames(solution.problem.tables).about
        found = []
        for (rule, key), steps in frame.groupby(["rule", "key"], sort=False):
            first = steps.iloc[0]
            found.append({
                "rule": str(rule), "key": str(key), "about": about(str(rule), str(key)),
                "used": int(first["used"]), "capacity": int(first["capacity"]),
                "price_fit": float(first["price_fit"]),
                "gains": [
                    {"more": int(one["more"]), "placements": int(one["placements"]),
                     "fit": int(one["fit"]), "proven": bool(one["proven"])}
                    for one in steps.to_dict("records")
                ],
            })  # fmt: skip
        return found

    return weeks.once(("scarce", run_id), make)
