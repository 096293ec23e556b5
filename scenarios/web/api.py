"""The same answers as JSON, for case systems: proposals, reasons, levers; decisions come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from scenarios.compare import Comparison
from scenarios.web.cases import told
from scenarios.web.deciding import needed, newest_only, record
from scenarios.web.levers import answer, levers_of, scarce_of
from scenarios.web.lists import OF_OPENINGS, OF_PEOPLE
from scenarios.web.looking import allowed, coarse, filters_of, people_of, shown_run
from scenarios.web.rendering import PageRequest, Who

REFUSED, CONFLICT, WRONG, NO_JSON = 403, 409, 422, 415
OF_PLANNERS = ("has_plan", "placed", "citizens", "waiting", "proven", "bound", "gap", "mean_fit",
               "seats_free", "seats_filled")  # fmt: skip
"""Figures of the headline that are of everybody."""
MOST = 1000
"""Rows of an answer at most."""


def json_only(request: Request) -> None:
    """Take nothing but JSON in: a page of another site cannot send that without being asked.

    Raises
    ------
    HTTPException
        Something else came.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and kind != "application/json":
        raise HTTPException(NO_JSON, detail="application/json")


router = APIRouter(dependencies=[Depends(json_only)])


class PlainRecord(BaseModel):
    """Plain values."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class RunRecord(PlainRecord):
    """A stored run."""

    run_id: str
    """Day and input."""
    day: dt.date
    """Date of the run."""
    recorded_at: dt.datetime
    made_up: bool
    """Whether the tables are about nobody."""
    proven: bool
    """Whether the plan is the proven optimum."""
    citizens: int
    placed: int
    causes: dict[str, int]
    """Citizens without a proposal by cause."""


class Listed(PlainRecord):
    """A part of a list."""

    count: int
    """Rows that the filters let through."""
    rows: list[dict[str, Any]]


class CaseRecord(PlainRecord):
    """A person in a run, with reasons."""

    row: str
    """Opaque name in addresses."""
    facts: dict[str, Any]
    """As in ``run.json``."""
    decision: str | None
    """Newest verdict."""
    parts: list[dict[str, Any]]
    """Sentences under their headings."""
    gone: str
    """Why the week cannot be asked any more; empty where it can."""


class DecisionIn(PlainRecord):
    """A decision about the newest run's proposals."""

    run_id: str
    row: str
    """Opaque name of the person, as the list gives it."""
    verdict: Literal["accept", "reject", "wait"]
    reason: str = ""
    """Code of the policy's reasons; of a rejection."""


class DecisionOut(PlainRecord):
    """What became of a decision."""

    new: int
    known: int
    problems: list[str]


class LeversIn(PlainRecord):
    """Ready scenarios to lay over the week."""

    run_id: str = ""
    """Empty: the newest run."""
    pulled: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Numbers by scenario and parameter; a parameter left out has its usual value."""


class LeversOut(PlainRecord):
    """The week with levers pulled, against the week as it is."""

    summary: list[dict[str, Any]]
    """The week as it is, and the scenario."""
    resources: list[dict[str, Any]]
    costs: list[dict[str, Any]]


@router.get("/runs")
def runs(who: Who, most: Annotated[int, Query(ge=1, le=MOST)] = 60) -> list[RunRecord]:
    """List stored runs, newest first."""
    return [
        RunRecord(
            run_id=one.run_id, day=one.day, recorded_at=one.recorded_at, made_up=one.made_up,
            proven=one.proven, citizens=one.citizens, placed=one.placed,
            causes=_causes(who, one.causes),
        )
        for one in who.weeks.runs(most)
    ]  # fmt: skip


@router.get("/week")
def week(who: Who) -> dict[str, Any]:
    """Give headline and goals of a run."""
    run = shown_run(who)
    document = who.weeks.document(run.run_id)
    head = document["headline"]
    if not who.viewer.sees_persons:
        head = {name: head[name] for name in OF_PLANNERS}
    return {"run_id": run.run_id, "date": document["date"], "made_up": document["made_up"],
            "tiers": document["tiers"], "headline": head}  # fmt: skip


def _causes(who: PageRequest, causes: Mapping[str, int]) -> dict[str, int]:
    few = who.weeks.settings.rules.fewest
    return {
        name: count for name, count in causes.items() if who.viewer.sees_persons or count >= few
    }


@router.get("/people")
def people(
    who: Who, request: Request, first: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Listed:  # fmt: skip
    """List people, filtered as on the page; not for planners."""
    if not who.viewer.sees_persons:
        raise HTTPException(REFUSED, detail=who.say("not_yours"))
    table = people_of(who, shown_run(who).run_id)
    kept = table.mask(filters_of(request, OF_PEOPLE)) & allowed(who, table)
    return Listed(count=int(kept.sum()), rows=_plain(table.rows(kept, first, most)))


@router.get("/openings")
def openings(
    who: Who, request: Request, first: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Listed:  # fmt: skip
    """List openings, filtered as on the page."""
    table = who.weeks.lists(shown_run(who).run_id).openings
    kept = table.mask(filters_of(request, OF_OPENINGS))
    return Listed(count=int(kept.sum()), rows=_plain(coarse(who, table.rows(kept, first, most))))


@router.get("/case/{row}")
def case(who: Who, row: str, opening: str = "") -> CaseRecord:
    """Say why a person has this proposal, or none; of an opening, why not that one."""
    run = shown_run(who)
    found = needed(who, run.run_id, row)
    said = told(who.weeks, run.run_id, found, opening or None, who.language)
    return CaseRecord(
        row=row, facts=dict(found.facts), gone=said.gone,
        decision=None if found.decision is None else found.decision.verdict,
        parts=[{"heading": part.heading, "lines": list(part.lines)} for part in said.parts],
    )  # fmt: skip


@router.post("/decisions")
def decide(who: Who, given: DecisionIn) -> DecisionOut:
    """Take a decision, exactly as a form brings it."""
    run = shown_run(who)
    if given.run_id != run.run_id:
        raise HTTPException(CONFLICT, detail=who.say("not_newest"))
    newest_only(who, run.run_id)
    found = needed(who, run.run_id, given.row)
    reasons = who.weeks.policy(run.run_id).forbid_reasons.codes
    if not found.open or (given.reason and given.reason not in reasons):
        raise HTTPException(CONFLICT, detail=who.say("no_decision"))
    taken = record(who, run.run_id, [found], given.verdict, given.reason)
    return DecisionOut(new=taken.new, known=taken.known,
                       problems=[one.sentence(who.words) for one in taken.bad])  # fmt: skip


@router.post("/levers")
def levers(who: Who, given: LeversIn) -> LeversOut:
    """Solve a run with levers pulled."""
    run = who.weeks.run(given.run_id or None)
    if run is None:
        raise HTTPException(CONFLICT, detail=who.say("no_run"))
    numbers = {f"{name}.{key}": str(value) for name, values in given.pulled.items()
               for key, value in values.items()}  # fmt: skip
    found = answer(who.weeks, run.run_id, levers_of(numbers, list(given.pulled), who.language))
    if not isinstance(found, Comparison):
        raise HTTPException(WRONG, detail=str(found))
    return LeversOut(summary=coarse(who, _plain(found.summary.to_dict("records"))),
                     resources=_plain(found.resources.to_dict("records")),
                     costs=_plain(found.costs.to_dict("records")))  # fmt: skip


@router.get("/scarce")
def scarce(who: Who) -> list[dict[str, Any]]:
    """List scarce resources: what 1, 5 and 20 more bring, exactly."""
    return scarce_of(who.weeks, shown_run(who).run_id)


def _plain(rows: list[Any]) -> list[dict[str, Any]]:
    """Write rows as JSON has them: what is not a number is nothing."""
    return [
        {str(name): _value(value) for name, value in row.items()} for row in rows
    ]  # fmt: skip


def _value(value: Any) -> Any:
    if value is None or str(value) in {"nan", "<NA>"}:
        return None
    plain = value.item() if hasattr(value, "item") else value
    return str(plain) if isinstance(plain, str) else plain
