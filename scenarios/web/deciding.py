"""Decisions taken on a page: the same rows that a form brings back, held against the same rules."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from matcher.clock import now
from matcher.decisions import FormFile, FormRow, Taken, proposal_key, take
from matcher.errors import MatcherError
from matcher.ledger import Verdict
from matcher.texts import Message, tell
from scenarios.questions import costs_noted
from scenarios.web.cases import (
    Case,
    case_of,
    consequence,
    cost_text,
    facts_of,
    openings_of,
    reasons_of,
    seen_of,
    told,
)
from scenarios.web.forms import checked, fields
from scenarios.web.lists import PAGE, PROPOSED, UNDECIDED
from scenarios.web.looking import allowed, page_of, people_of, shown_run
from scenarios.web.naming import Names
from scenarios.web.rendering import PageRequest, Who
from scenarios.web.stepping_in import (
    answers_beside,
    asked_beside,
    beside_line,
    next_lines,
    queue_lines,
    stands_by,
)

router = APIRouter()
ABSENT, REFUSED, CONFLICT = 404, 403, 409
log = logging.getLogger("jobmatch.workbench")
SOURCE = Path("workbench")
"""What stands for the file of a form."""


class MeanwhileError(MatcherError):
    """Somebody else has decided since the page was shown."""


def record(
    who: PageRequest, run_id: str, cases: Sequence[Case], verdict: Verdict, reason: str = "",
    seen: str | None = None,
) -> Taken:  # fmt: skip
    """Take decisions into the ledger exactly as a form would, and note who and when.

    Parameters
    ----------
    cases
        People with a proposal, or asked beside one.
    reason
        Code of the policy's reasons; of a rejection.
    seen
        What the page said was decided about the one case, as :attr:`Case.seen`. None: it is not
        asked.

    Raises
    ------
    MeanwhileError
        Something else has been decided since.
    """
    moment = now()
    with who.weeks.ledger() as ledger, ledger.lock():
        if seen is not None:
            (case,) = cases
            known = [one for one in ledger.decisions(run_id=run_id)
                     if one.citizen_id == case.citizen_id]  # fmt: skip
            if seen_of(known[0] if known else None) != seen:
                raise MeanwhileError(Message("web.meanwhile"))
        about = (*ledger.proposals(run_id), *ledger.asked(run_id))
        proposals = {one.citizen_id: one for one in about}
        policy = ledger.policy(run_id)
        rows = []
        for number, case in enumerate(cases, start=2):
            proposal = proposals[case.citizen_id]
            cells = {
                "run_id": run_id,
                "proposal": proposal_key(run_id, vars(proposal)),
                "citizen_id": proposal.citizen_id,
                "opening_id": proposal.opening_id,
                "verdict": verdict,
                "reason": policy.forbid_reasons.codes[reason].english if reason else "",
            }
            places = {name: name for name in (*cells, "opened", "decided")}
            rows.append(FormRow(number, cells, places=places))
        form = FormFile(SOURCE, tuple(rows), who.language, facts={}, ignored=())
        taken = take(form, ledger, policy, now=moment, decided=moment)
        for one in taken.decisions:
            key = proposal_key(run_id, vars(proposals[one.citizen_id]))
            ledger.note_use("decided", {
                "who": who.viewer.name, "role": who.viewer.role, "run": run_id, "proposal": key,
                "verdict": one.verdict, "reason": one.reason,
            })  # fmt: skip
    return taken


def is_newest(who: PageRequest, run_id: str) -> bool:
    """Whether a run is the newest, on which alone decisions are taken."""
    newest = who.weeks.run(None)
    return newest is not None and newest.run_id == run_id


def newest_only(who: PageRequest, run_id: str) -> None:
    """Let decisions be taken on the newest run alone: of an older one the next run is made.

    Raises
    ------
    HTTPException
        Another run is newer.
    """
    if not is_newest(who, run_id):
        raise HTTPException(CONFLICT, detail=who.say("not_newest"))


def needed(who: PageRequest, run_id: str, row: str) -> Case:
    """Return a case; one that is not there or not this viewer's is not told apart.

    Raises
    ------
    HTTPException
        There is none.
    """
    case = case_of(who, run_id, row)
    if case is None:
        raise HTTPException(ABSENT, detail=who.say("no_case"))
    return case


@router.get("/case/{row}", response_class=HTMLResponse)
def show_case(who: Who, row: str, opening: str = "") -> Response:
    """Show a case: why, why not, what would help; of an opening, why not that one."""
    run = shown_run(who)
    case = needed(who, run.run_id, row)
    return _case_page(who, run, case, opening)


def _case_page(
    who: PageRequest, run: Any, case: Case, opening: str = "", problem: str = "", status: int = 200
) -> Response:
    policy = who.weeks.policy(run.run_id)
    return who.page(
        "case", who.say("case", id=case.citizen_id), "people", status, run=run, case=case,
        told=told(who, run.run_id, case, opening or None),
        openings=openings_of(who.weeks, run.run_id), opening=opening,
        reasons=reasons_of(policy, who.words), problem=problem,
        newest=is_newest(who, run.run_id), names=Names(who.language), cost_text=cost_text,
        reason_names=dict(reasons_of(policy, who.words)),
        queue=queue_lines(who, run.run_id, case), facts=facts_of(case, who.words),
        stands_by=stands_by(who, run.run_id, case), beside=beside_line(who, run.run_id, case),
    )  # fmt: skip


@router.post("/case/{row}", response_class=HTMLResponse)
async def decide_case(who: Who, row: str, request: Request) -> Response:
    """Take a decision about a case; a rejection is shown with its cost before it is taken."""
    form = await checked(request, who)
    return await run_in_threadpool(_decide_case, who, row, form)


def _decide_case(who: PageRequest, row: str, form: dict[str, str]) -> Response:
    run = shown_run(who)
    case = needed(who, run.run_id, row)
    newest_only(who, run.run_id)
    verdict, reason = form.get("verdict", ""), form.get("reason", "")
    policy = who.weeks.policy(run.run_id)
    if not case.open or verdict not in {"accept", "reject", "wait"}:
        raise HTTPException(CONFLICT, detail=who.say("no_decision"))
    if verdict == "reject":
        if reason not in policy.forbid_reasons.codes:
            return _case_page(who, run, case, problem=who.say("reason_missing"))
        # Who is asked beside others is in no plan, so there is no cost to look at.
        if case.proposed and form.get("sure") != "yes":
            what = consequence(who, run.run_id, case, policy, reason)
            bars = policy.forbid_reasons.codes[reason]
            return who.page(
                "reject", who.say("reject_title", id=case.citizen_id), "decide", run=run,
                case=case, what=what, cost_text=cost_text, reason=reason,
                seen=form.get("seen", case.seen),
                reason_name=dict(reasons_of(policy, who.words))[reason],
                bars=who.words(f"bars.{bars.bars}", bars.weeks),
                after=next_lines(who, run.run_id, case, bars.bars, what),
            )  # fmt: skip
    said = cast(Verdict, verdict)
    try:
        taken = record(who, run.run_id, [case], said, reason if said == "reject" else "",
                       form.get("seen"))  # fmt: skip
    except MeanwhileError as error:
        return _case_page(who, run, needed(who, run.run_id, row), status=CONFLICT,
                          problem=tell(error.said, who.language))  # fmt: skip
    if taken.bad:
        return _case_page(who, run, case, problem=taken.bad[0].sentence(who.words))
    where = form.get("next", "")
    answer = RedirectResponse(who.at("/decide" if where == "list" else f"/case/{row}"), 303)
    if verdict == "reject" and case.proposed:
        answer.background = BackgroundTask(note_cost, who, run.run_id)
    return answer


def note_cost(who: PageRequest, run_id: str) -> None:
    """Keep what rejections of a run cost with them, as the command does.

    The decision stands by then, and whoever took it has their answer: what goes wrong here is no
    fault of it. Who asks for the costs next (:func:`costs_noted`, the command) makes up for it.
    """
    try:
        who.weeks.answering.ask(object(), (run_id, costs_noted, ()), who=who.viewer.one)
    except MatcherError as error:
        log.warning("cost of a rejection not noted: %s", type(error).__name__)


@router.get("/decide", response_class=HTMLResponse)
def decide_list(who: Who, request: Request) -> Response:
    """Show what there is to decide, close calls first."""
    if not who.viewer.decides:
        raise HTTPException(REFUSED, detail=who.say("not_yours"))
    run = shown_run(who)
    table = people_of(who, run.run_id)
    mine = allowed(who, table) & table.mask({"cause": PROPOSED})
    proposals = who.weeks.document(run.run_id)["proposals"]
    fixed = [one["citizen_id"] for one in proposals if one["locked"]]
    locked = table.frame["citizen_id"].isin(fixed).to_numpy()
    mine &= ~locked
    waits = mine & table.mask({"decision": UNDECIDED})
    sure = waits & table.mask({"sure": "sure"})
    page, pages = page_of(request, int(waits.sum()))
    decided = table.rows(mine & ~table.mask({"decision": UNDECIDED}))
    return who.page(
        "decide", who.say("decide"), "decide", run=run, names=Names(who.language),
        rows=table.rows(waits, (page - 1) * PAGE, PAGE), count=int(waits.sum()),
        sure=table.rows(sure, 0, 200), decided=decided, page=page, pages=pages, path="/decide",
        asked={}, deep=who.weeks.lists(run.run_id).deep,
        newest=is_newest(who, run.run_id), shared=asked_beside(who, run.run_id),
        beside=answers_beside(who, run.run_id),
    )  # fmt: skip


@router.post("/decide")
async def decide_batch(who: Who, request: Request) -> Response:
    """Accept the sure ones that were ticked, in one batch; or take one decision back."""
    async with fields(request, who) as form:
        rows = [value for value in form.getlist("row") if isinstance(value, str)]
        verdict = str(form.get("verdict", ""))
    return await run_in_threadpool(_decide_batch, who, rows, verdict)


def _decide_batch(who: PageRequest, rows: list[str], verdict: str) -> Response:
    run = shown_run(who)
    newest_only(who, run.run_id)
    cases = [needed(who, run.run_id, row) for row in dict.fromkeys(rows)]
    wanted: Verdict = "accept" if verdict == "accept" else "wait"
    sure = all(case.facts.get("margin", {}).get("triage") == "sure" for case in cases)
    if verdict not in {"accept", "back"} or not all(case.open for case in cases):
        raise HTTPException(CONFLICT, detail=who.say("no_decision"))
    if verdict == "accept" and not sure:
        raise HTTPException(CONFLICT, detail=who.say("not_all_sure"))
    taken = record(who, run.run_id, cases, wanted) if cases else None
    if taken is not None and taken.bad:
        told = " ".join(dict.fromkeys(one.sentence(who.words) for one in taken.bad))
        raise HTTPException(CONFLICT, detail=told)
    return RedirectResponse(who.at("/decide"), 303)
