"""The same answers as JSON, for case systems: proposals, reasons, levers; decisions come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from threading import Event
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Query, Request

from matcher.ledger import Job, difference
from scenarios.questions import PlanDifference
from scenarios.web.cases import consequence, told
from scenarios.web.deciding import needed, newest_only, note_cost, record
from scenarios.web.jobs import SWEEP
from scenarios.web.levers import (
    all_read,
    answer,
    asked_pulled,
    rows_of,
    scarce_of,
    seen_resources,
    while_wanted,
    why_not,
)
from scenarios.web.lists import OF_OPENINGS, OF_PEOPLE
from scenarios.web.looking import (
    allowed,
    became_of,
    coarse,
    counted,
    filters_of,
    in_sight,
    openings_of,
    people_of,
    stored_run,
)
from scenarios.web.pins import chains_of, pinned
from scenarios.web.pulled import More, NewOpening
from scenarios.web.records import (
    BackUpRecord,
    CaseRecord,
    CheckIn,
    CostRecord,
    DecisionIn,
    DecisionOut,
    DifferenceRecord,
    JobIn,
    JobRecord,
    LeversIn,
    LeversOut,
    Listed,
    PinsOut,
    RunRecord,
)
from scenarios.web.rendering import PageRequest, Who
from scenarios.web.running import job_of, jobs_of, only_data_team, reading_of, start_job
from scenarios.web.stepping_in import beside_line, queue_lines, queue_records, stands_by

REFUSED, CONFLICT, WRONG, NO_JSON = 403, 409, 422, 415
MADE = 201
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


@router.get("/runs")
def runs(who: Who, most: Annotated[int, Query(ge=1, le=MOST)] = 60) -> list[RunRecord]:
    """List stored runs, newest first."""
    return [
        RunRecord(
            run_id=one.run_id, day=one.day, recorded_at=one.recorded_at, made_up=one.made_up,
            proven=one.proven, citizens=one.citizens, placed=one.placed,
            causes={name: count for name, count in one.causes.items() if count >= who.few},
        )
        for one in who.weeks.runs(most)
    ]  # fmt: skip


@router.get("/week")
def week(who: Who) -> dict[str, Any]:
    """Give headline and goals of a run."""
    run = stored_run(who)
    document = who.weeks.document(run.run_id)
    head = document["headline"]
    if not who.viewer.sees_persons:
        head = {name: head[name] for name in OF_PLANNERS}
    return {"run_id": run.run_id, "date": document["date"], "made_up": document["made_up"],
            "tiers": document["tiers"], "headline": head}  # fmt: skip


@router.get("/people")
def people(
    who: Who, request: Request, first: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Listed:  # fmt: skip
    """List people, filtered as on the page; not for planners."""
    if not who.viewer.sees_persons:
        raise HTTPException(REFUSED, detail=who.say("not_yours"))
    table = people_of(who, stored_run(who).run_id)
    kept = table.mask(filters_of(request, OF_PEOPLE)) & allowed(who, table)
    return Listed(count=int(kept.sum()), rows=_plain(table.rows(kept, first, most)))


@router.get("/openings")
def openings(
    who: Who, request: Request, first: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Listed:  # fmt: skip
    """List openings, filtered as on the page."""
    table = openings_of(who, stored_run(who).run_id)
    kept = table.mask(filters_of(request, OF_OPENINGS))
    return Listed(count=int(kept.sum()), rows=_plain(coarse(who, table.rows(kept, first, most))))


@router.get("/case/{row}")
def case(who: Who, row: str, opening: str = "") -> CaseRecord:
    """Say why a person has this proposal, or none; of an opening, why not that one."""
    run = stored_run(who)
    found = needed(who, run.run_id, row)
    said = told(who, run.run_id, found, opening or None)
    return CaseRecord(
        row=row, facts=dict(found.facts), gone=said.gone,
        decision=None if found.decision is None else found.decision.verdict,
        parts=[{"heading": part.heading, "lines": list(part.lines)} for part in said.parts],
        steps_in=[one["text"] for one in queue_lines(who, run.run_id, found)],
        stands_by=stands_by(who, run.run_id, found),
        beside=beside_line(who, run.run_id, found),
    )  # fmt: skip


@router.get("/backups")
def backups(
    who: Who, first: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> list[BackUpRecord]:  # fmt: skip
    """List who steps in where a proposal is declined, proposal by proposal; not for planners."""
    if not who.viewer.sees_persons:
        raise HTTPException(REFUSED, detail=who.say("not_yours"))
    known = queue_records(who, stored_run(who).run_id)
    return [BackUpRecord(**one) for one in known[first : first + most]]


@router.post("/decisions")
def decide(who: Who, given: DecisionIn, after: BackgroundTasks) -> DecisionOut:
    """Take a decision, exactly as a form brings it."""
    run = stored_run(who)
    if given.run_id != run.run_id:
        raise HTTPException(CONFLICT, detail=who.say("not_newest"))
    newest_only(who, run.run_id)
    found = needed(who, run.run_id, given.row)
    reasons = who.weeks.policy(run.run_id).forbid_reasons.codes
    if not found.open or (given.reason and given.reason not in reasons):
        raise HTTPException(CONFLICT, detail=who.say("no_decision"))
    taken = record(who, run.run_id, [found], given.verdict, given.reason)
    if given.verdict == "reject" and found.proposed and not taken.bad:
        after.add_task(note_cost, who, run.run_id)
    return DecisionOut(new=taken.new, known=taken.known,
                       problems=[one.sentence(who.words) for one in taken.bad])  # fmt: skip


@router.get("/case/{row}/rejection")
def rejection(who: Who, row: str, reason: str) -> CostRecord:
    """Say what a rejection would cost, and who would move; nothing is taken by that."""
    run = stored_run(who)
    found = needed(who, run.run_id, row)
    policy = who.weeks.policy(run.run_id)
    if not (found.open and found.proposed) or reason not in policy.forbid_reasons.codes:
        raise HTTPException(CONFLICT, detail=who.say("no_decision"))
    what = consequence(who, run.run_id, found, policy, reason)
    facts = {name: value for name, value in asdict(what).items() if name != "instead"}
    return CostRecord(**{**facts, "lines": list(what.lines)})


@router.post("/levers")
async def levers(who: Who, given: LeversIn, request: Request) -> LeversOut:
    """Solve a run with levers pulled; who goes away ends the solve."""
    return await while_wanted(request, lambda stop: _pulled(who, given, stop))


def _pulled(who: PageRequest, given: LeversIn, stop: Event) -> LeversOut:
    run = stored_run(who, given.run_id)
    pairs = [("on", name) for name in given.pulled]
    pairs += [(f"{name}.{key}", str(value)) for name, values in given.pulled.items()
              for key, value in values.items()]  # fmt: skip
    pairs += [(key, str(value)) for key, value in given.policy.items()]
    pairs += [("more", More(one.rule, one.key, one.amount).name) for one in given.more]
    pairs += [("new", NewOpening(one.like, one.seats, one.oral, one.shifts).name)
              for one in given.new]  # fmt: skip
    pulled = asked_pulled(who, run.run_id, pairs)
    all_read(who, pairs, pulled)
    found = answer(who, run.run_id, pulled, stop)
    if not isinstance(found, PlanDifference):
        raise HTTPException(WRONG, detail=why_not(who, found))
    return LeversOut(query=pulled.query, proven=found.summary.iloc[1]["status"] == "optimal",
                     **_compared(who, found))  # fmt: skip


def _compared(who: PageRequest, found: PlanDifference) -> dict[str, list[dict[str, Any]]]:
    return {
        "summary": coarse(who, _plain(found.summary.to_dict("records"))),
        "resources": seen_resources(who, _plain(found.resources.to_dict("records"))),
        "costs": _plain(found.costs.to_dict("records")),
    }


@router.get("/pins")
async def pins(who: Who, request: Request, a: str = "", b: str = "") -> PinsOut:
    """Hold two sets of levers against each other, each as the address of the levers says it."""
    return await while_wanted(request, lambda stop: _pins(who, {"a": a, "b": b}, stop))


def _pins(who: PageRequest, queries: Mapping[str, str], stop: Event) -> PinsOut:
    run = stored_run(who)
    pulled = {pin: asked_pulled(who, run.run_id, query) for pin, query in queries.items()}
    for pin, query in queries.items():
        all_read(who, query, pulled[pin])
    found = pinned(who, run.run_id, pulled, stop)
    if not isinstance(found, PlanDifference):
        raise HTTPException(WRONG, detail=why_not(who, found))
    chains = chains_of(rows_of(found.people)) if who.viewer.role == "data" else []
    return PinsOut(chains=[_plain(one) for one in chains], **_compared(who, found))


@router.get("/scarce")
def scarce(who: Who) -> list[dict[str, Any]]:
    """List scarce resources: what 1, 5 and 20 more bring, exactly."""
    return scarce_of(who, stored_run(who).run_id)


@router.get("/difference")
def run_difference(who: Who, before: str, after: str) -> DifferenceRecord:
    """Say what differs between two runs."""
    with who.weeks.ledger() as ledger:
        found = difference(ledger, before, after)
    seen = {name: [_bare(one) for one in those] for name, those in in_sight(who, found).items()}
    return DifferenceRecord(
        before=found.before.run_id, after=found.after.run_id, **seen,
        counts={name: who.figure(count) for name, count in counted(found).items()},
    )  # fmt: skip


def _bare(one: Any) -> dict[str, Any]:
    """Write a proposal of a difference, or both of one that moved."""
    parts = {"": one} if hasattr(one, "citizen_id") else {"from_": one.before, "to_": one.after}
    return {
        f"{prefix}{name}": getattr(part, name)
        for prefix, part in parts.items() for name in ("citizen_id", "opening_id", "unit")
    }  # fmt: skip


@router.get("/became")
def became(who: Who) -> dict[str, Any]:
    """Say what became of proposals by measure, workplace, team and reason; none by caseworker."""
    return became_of(who, stored_run(who).run_id)


@router.post("/check")
def check(who: Who, given: CheckIn) -> dict[str, Any]:
    """Check tables: everything that is wrong, at once."""
    only_data_team(who)
    return reading_of(who, given.source)


def _seen(who: PageRequest, one: Job) -> JobRecord:
    """Write a job; of the rows of a sweep no figure of few people where a planner looks."""
    return JobRecord(
        job_id=one.job_id, kind=one.kind, state=one.state, asked=dict(one.asked),
        asked_by=one.asked_by, started_at=one.started_at, ended_at=one.ended_at,
        progress={**one.progress, "rows": coarse(who, list(one.progress.get("rows", ())))},
    )  # fmt: skip


@router.get("/jobs")
def jobs(who: Who, request: Request) -> list[JobRecord]:
    """List work that was started, newest first; of others than the data team, sweeps alone."""
    return [
        _seen(who, one) for one in jobs_of(request).jobs()
        if one.kind == SWEEP or who.viewer.role == "data"
    ]  # fmt: skip


@router.post("/jobs", status_code=MADE)
def begin(who: Who, given: JobIn, request: Request) -> JobRecord:
    """Start a run, or all ready scenarios of a stored one; one under way is given instead."""
    run_id = stored_run(who, given.run_id).run_id if given.kind == SWEEP else ""
    return _seen(who, start_job(
        who, request, given.kind, source=given.source, explain=given.explain, run_id=run_id
    ))  # fmt: skip


@router.get("/jobs/{name}")
def job(who: Who, name: str, request: Request) -> JobRecord:
    """Say how far a job is."""
    return _seen(who, job_of(who, request, name))


@router.post("/jobs/{name}/cancel")
def cancel(who: Who, name: str, request: Request) -> JobRecord:
    """End a job with all it has started."""
    job_of(who, request, name)
    jobs_of(request).cancel(name)
    return _seen(who, job_of(who, request, name))


def _plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Write rows as JSON has them: what is not a number is nothing."""
    return [
        {str(name): _value(value) for name, value in row.items()} for row in rows
    ]  # fmt: skip


def _value(value: Any) -> Any:
    if value is None or str(value) in {"nan", "<NA>"}:
        return None
    plain = value.item() if hasattr(value, "item") else value
    return str(plain) if isinstance(plain, str) else plain
