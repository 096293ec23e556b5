"""Ask the week for something: a target with its cheapest levers, employers to call, a curve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from threading import Event
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from pydantic import create_model

from matcher.errors import MatcherError
from matcher.explain import (
    Calls,
    Target,
    Telling,
    check_target,
    levers_of,
    person_levers,
)
from matcher.objectives import COST
from matcher.policy import Policy
from matcher.row_kinds import ROW_KINDS
from matcher.texts import tell as told
from scenarios.frontier import Front
from scenarios.questions import (
    PlaceInLine,
    Tell,
    aimed_plan,
    curve,
    employers_to_call,
    scarce,
    target_levers,
)
from scenarios.web.forms import came_from, checked
from scenarios.web.later import AGAIN, Answered
from scenarios.web.levers import asked_pulled, seen_resources
from scenarios.web.looking import shown_run, stored_run
from scenarios.web.naming import Names
from scenarios.web.pulled import More
from scenarios.web.records import CurveRecord, PlanRecord, StillRunning
from scenarios.web.rendering import PageRequest, Who
from scenarios.web.watching import watched

router = APIRouter()
json_router = APIRouter()
ACCEPTED, ABSENT, WRONG = 202, 404, 422
USUAL_CALLS, MOST_CALLS = 10, 50
"""Employers that are listed where no number is asked for, and at most."""
MOST_NUMBER = 10**9
"""Placements or DKK a week that a form may ask for."""
STOPPED, OTHERS = "stopped", "others"
"""In the address of a page whose answer was stopped: it does not ask for it again by itself. The
second is its value where the answer goes on for others."""
BY_ITSELF = "itself"
"""In the address that a page asks for by itself, where no person does."""
SOON = 3.0
"""Seconds that a page waits for an answer that is mostly there already."""
POINTS = 7
"""Points of a curve."""
CURVES = (COST, "fit")
"""What a curve trades placements against."""


def _asked(
    who: PageRequest, run_id: str, question: Callable[..., Any], *given: Any,
    by_itself: bool = False, seconds: float = 0.0,
) -> Answered:  # fmt: skip
    """Ask a solved week what takes longer than a page waits."""

    def make(stop: Event, tell: Tell) -> Any:
        return who.ask(run_id, question, *given, stop=stop, tell=tell, patient=True)

    return who.weeks.later.ask(
        question.__name__, (who.weeks.state(run_id), given), make, who.viewer.one,
        line=lambda: who.weeks.answering.line((run_id, question, given)), by_itself=by_itself,
        seconds=seconds,
    )  # fmt: skip


def open_levers(who: PageRequest, policy: Policy) -> tuple[str, ...]:
    """Levers that a viewer may ask for, by kind: on somebody's own situation the data team alone.

    A set of levers on own situations would name people, and groups below the fewest.
    """
    own = set(person_levers(policy))
    known = [one for one in levers_of(policy) if who.viewer.role == "data" or one not in own]
    return tuple(dict.fromkeys(one.partition(":")[0] for one in known))


def number_of(text: str | None) -> int | None:
    """Read a whole number of a form; None: nothing that is one."""
    plain = (text or "").replace(".", "").replace(" ", "").replace("\u00a0", "")
    return min(int(plain), MOST_NUMBER) if plain.isascii() and plain.isdecimal() else None


def _asked_on(
    who: PageRequest, request: Request, question: Callable[..., Any], *given: Any,
    seconds: float = 0.0,
) -> Answered:  # fmt: skip
    """Ask for a page; one that comes from stopping what it asks for does not ask again."""
    said = request.query_params
    if STOPPED in said:
        return Answered(False, stopped=True, others=said[STOPPED] == OTHERS)
    run_id = shown_run(who).run_id
    by_itself = BY_ITSELF in said
    return _asked(who, run_id, question, *given, by_itself=by_itself, seconds=seconds)


def _page(
    who: PageRequest, request: Request, name: str, answered: Sequence[Answered | None],
    here: str = "levers", **facts: Any,
) -> Response:  # fmt: skip
    """Make a page of answers; while one is worked out, it shows how far, and comes again."""
    stopped = next((one for one in answered if one is not None and one.stopped), None)
    waiting = next((one for one in answered if one is not None and not one.done), None)
    query = [one for one in request.query_params.multi_items()
             if one[0] not in (STOPPED, BY_ITSELF)]  # fmt: skip
    path = f"{who.root}{request.url.path.removeprefix(who.root)}?"
    over = "" if stopped is None else "stopped_others" if stopped.others else "stopped"
    return who.page(
        name, who.say(name), here, waiting=None if stopped else waiting, every=AGAIN,
        progress=None if waiting is None or stopped else _far(who, waiting),
        stopped=who.say(over) if over else "", again=path + urlencode(query),
        itself=path + urlencode([*query, (BY_ITSELF, "yes")]),
        there=any(one is not None and one.done for one in answered), **facts,
    )  # fmt: skip


_STAGES = {target_levers.__name__: ("far_levers", "far_cheapest", "far_next_best")}
"""What is worked out first, next and last, of questions that have such parts."""
_PAGES = {target_levers.__name__: "target", employers_to_call.__name__: "calls",
          curve.__name__: "curves", scarce.__name__: "scarce"}  # fmt: skip
"""The page that asks a long question; every other one comes from the levers."""


def _far(who: PageRequest, work: Answered) -> dict[str, Any]:
    """Write how far an answer is, for its page and for whoever watches it."""
    done, total = work.far
    stages = _STAGES.get(work.question, ())
    phase = who.say(stages[done] if done < len(stages) else "far")
    if work.line is not None:
        phase = who.say("line")
    return {"name": work.name, "seconds": work.seconds, "done": done, "total": total,
            "phase": phase, "note": _in_line(who, work.line), "say": who.say}  # fmt: skip


def _in_line(who: PageRequest, line: PlaceInLine | None) -> str:
    """Write what is answered before a question that waits for its turn."""
    if line is None:
        return ""
    said = [
        who.say("line_working", seconds, what=who.say(_PAGES.get(name, "levers")))
        for name, seconds in line.working
    ]
    return " ".join([*said, *([who.say("line_before", line.before)] if line.before else [])])


@router.get("/answers/{name}/events")
async def events(who: Who, name: str, request: Request) -> StreamingResponse:
    """Send how far an answer is, whenever that changes: server-sent events, part of the page."""

    async def look() -> dict[str, Any] | None:
        work = who.weeks.later.under_way(name, who.viewer.one)
        return None if work is None else _far(who, work)

    # It may be over already, or another process of the workbench works on it.
    return watched(request, "far.html.j2", look, rest=AGAIN)


@router.post("/answers/{name}/stop")
async def stop(who: Who, name: str, request: Request) -> Response:
    """Stop what is worked out, if nobody else wants it, and go back to its page."""
    form = await checked(request, who)
    others = who.weeks.later.stop(name, who.viewer.one)
    return RedirectResponse(came_from(who, form, **{STOPPED: OTHERS if others else "yes"}), 303)


def _wanted(
    who: PageRequest, run_id: str, placements: int | None, money: int | None,
    asked: tuple[str, ...],
) -> tuple[int | None, int | None, tuple[str, ...]]:  # fmt: skip
    """Check what a target asks for; its levers are those that the viewer may ask for."""
    policy = who.weeks.policy(run_id)
    allowed = open_levers(who, policy)
    kept = tuple(one for one in allowed if one in asked) or allowed
    check_target(policy, placements, money, kept)
    return placements, money, kept


@router.get("/target", response_class=HTMLResponse)
def target_page(who: Who, request: Request) -> Response:
    """Ask for so many placements, or what money buys: the cheapest levers, and the next best."""
    run = shown_run(who)
    given = request.query_params
    placements, money = number_of(given.get("placements")), number_of(given.get("money"))
    kinds = tuple(given.getlist("lever"))
    allowed = open_levers(who, who.weeks.policy(run.run_id))
    answered, problem = None, ""
    if placements is not None or money is not None:
        try:
            wanted = _wanted(who, run.run_id, placements, money, kinds)
            answered = _asked_on(who, request, target_levers, *wanted)
        except MatcherError as error:
            problem = told(error.said, who.language)
    ways: list[dict[str, Any]] = []
    head = ""
    if answered is not None and answered.problem is not None:
        problem = told(answered.problem, who.language)
    elif answered is not None and answered.done:
        found: Target = answered.value
        telling = Telling(who.weeks.problem(run.run_id), who.language)
        head = telling.target(found)
        next_title = who.say("target_same" if found.ties else "target_next")
        ways = [
            {"way": one, "lines": telling.pulls(one.pulls), "title": title}
            for one, title in ((found.best, who.say("target_best")),
                               (found.runner_up, next_title)) if one is not None
        ]  # fmt: skip
    return _page(
        who, request, "target", [answered], run=run, placements=placements, money=money,
        kinds=[(one, who.say(f"lever_{one}"), one in kinds or not kinds) for one in allowed],
        problem=problem, head=head, ways=ways, placed=run.placed,
    )  # fmt: skip


@router.get("/calls", response_class=HTMLResponse)
def calls_page(who: Who, request: Request) -> Response:
    """List the employers to call, what to ask for, and what it brings, added up."""
    run = shown_run(who)
    most = min(number_of(request.query_params.get("most")) or USUAL_CALLS, MOST_CALLS)
    answered = _asked_on(who, request, employers_to_call, most)
    problem, head, rows = "", "", []
    if answered.problem is not None:
        problem = told(answered.problem, who.language)
    elif answered.done:
        found: Calls = answered.value
        telling = Telling(who.weeks.problem(run.run_id), who.language)
        head = telling.calls(found)
        rows = [
            {"call": one, "opening": telling.opening(one.opening_id), "ask": telling.asked(one)}
            for one in found.calls
        ]
    return _page(
        who, request, "calls", [answered], run=run, most=most, rows=rows, head=head,
        problem=problem,
    )  # fmt: skip


@router.get("/scarce", response_class=HTMLResponse)
def scarce_page(who: Who, request: Request) -> Response:
    """Show what is scarce: price, and what 1, 5 and 20 more bring, exactly."""
    run = shown_run(who)
    pulled = asked_pulled(who, run.run_id, request.query_params.multi_items())
    answered = _asked_on(who, request, scarce, seconds=SOON)
    problem, rows = "", []
    if answered.problem is not None:
        problem = told(answered.problem, who.language)
    elif answered.done:
        rows = seen_resources(who, answered.value)
    return _page(
        who, request, "scarce", [answered], here="scarce", run=run, rows=rows, problem=problem,
        names=Names(who.language), query=pulled.query, taken=_taken,
        unit=lambda row: ROW_KINDS[row["rule"]].unit.id,
    )  # fmt: skip


def _taken(row: Mapping[str, Any], more: int) -> str:
    """Name so much more of a scarce resource, as in the address of the levers; empty: no lever."""
    kind = ROW_KINDS[str(row["rule"])]
    if not kind.lever:
        return ""
    return More(kind.id, str(row["key"]), more * kind.unit.more // kind.scale).name


@router.get("/curves", response_class=HTMLResponse)
def curves_page(who: Who, request: Request) -> Response:
    """Show a trade-off curve to walk on: each point leads to its plan."""
    run = shown_run(who)
    against = request.query_params.get("against", CURVES[0])
    against = against if against in CURVES else CURVES[0]
    answered = _asked_on(who, request, curve, against, POINTS)
    point = number_of(request.query_params.get("point"))
    shown, problem, points = None, "", []
    if answered.problem is not None:
        problem = told(answered.problem, who.language)
    elif answered.done:
        points = answered.value.points.to_dict("records")
        if point in {one["placements"] for one in points}:
            shown = _asked_on(who, request, aimed_plan, against, int(point or 0))
    if shown is not None and shown.problem is not None:
        problem = told(shown.problem, who.language)
    measures = who.weeks.document(run.run_id)["measures"]
    dots = _dots(points, answered.value.plan if points else {})
    plan = shown.value if shown is not None and shown.done else None
    return _page(
        who, request, "curves", [answered, shown], run=run, against=against,
        curves=CURVES, points=points, dots=dots[: len(points)], point=point, problem=problem,
        plan=plan, mark=dots[len(points) :],
        measures={name: who.pick(both) for name, both in measures.items()},
    )  # fmt: skip


def _dots(
    points: Sequence[Mapping[str, Any]], now: Mapping[str, float]
) -> list[tuple[float, float]]:
    """Place points, and the week's plan after them, in a picture 600 wide and 240 high.

    The value rises upwards.
    """
    if not points:
        return []
    every = [*points, *([now] if now else [])]
    across = [float(one["placements"]) for one in every]
    up = [float(one["value"]) for one in every]

    def within(value: float, values: list[float], size: float) -> float:
        return size * (value - min(values)) / ((max(values) - min(values)) or 1.0)

    return [
        (round(40 + within(x, across, 520), 1), round(210 - within(y, up, 170), 1))
        for x, y in zip(across, up, strict=True)
    ]


def _as_json(answered: Answered, who: PageRequest) -> Response:
    """Give an answer as JSON; 202 while it is being worked out."""
    if not answered.done:
        return JSONResponse({"state": "running"}, ACCEPTED, headers={"Retry-After": str(AGAIN)})
    if answered.problem is not None:
        return JSONResponse({"error": told(answered.problem, who.language)}, WRONG)
    value = answered.value
    plain = value.to_dict() if isinstance(value, Front) else asdict(value)
    return JSONResponse({"state": "done", **plain})


def described(name: str, answer: type) -> dict[int | str, dict[str, Any]]:
    """Describe an answer that may still be worked out, from the record that it is."""
    hints = {"state": Literal["done"], **get_type_hints(answer)}
    fields: dict[str, Any] = {one: (kind, ...) for one, kind in hints.items()}
    done = create_model(name, **fields)
    return {200: {"model": done}, ACCEPTED: {"model": StillRunning}}


@json_router.get("/target", responses=described("TargetRecord", Target))
def target_json(
    who: Who, placements: Annotated[int | None, Query(ge=0)] = None,
    money: Annotated[int | None, Query(ge=0)] = None,
    lever: Annotated[list[str] | None, Query()] = None,
) -> Response:  # fmt: skip
    """Ask for a target: the cheapest levers, proven, and the next best; ask again while 202."""
    run = stored_run(who)
    wanted = _wanted(who, run.run_id, placements, money, tuple(lever or ()))
    return _as_json(_asked(who, run.run_id, target_levers, *wanted), who)


@json_router.get("/calls", responses=described("CallsRecord", Calls))
def calls_json(
    who: Who, most: Annotated[int, Query(ge=1, le=MOST_CALLS)] = USUAL_CALLS
) -> Response:
    """List which employers to call, added up; ask again while 202."""
    return _as_json(_asked(who, stored_run(who).run_id, employers_to_call, most), who)


@json_router.get(
    "/curve", responses={200: {"model": CurveRecord}, ACCEPTED: {"model": StillRunning}}
)
def curve_json(who: Who, against: str = CURVES[0]) -> Response:
    """Give a trade-off curve; ask again while 202."""
    known = against if against in CURVES else CURVES[0]
    return _as_json(_asked(who, stored_run(who).run_id, curve, known, POINTS), who)


@json_router.get(
    "/curve/{placements}", responses={200: {"model": PlanRecord}, ACCEPTED: {"model": StillRunning}}
)
def point_json(who: Who, placements: int, against: str = CURVES[0]) -> Response:
    """Give the plan behind a point of a curve; ask again while 202."""
    known = against if against in CURVES else CURVES[0]
    run = stored_run(who)
    walked = _asked(who, run.run_id, curve, known, POINTS)
    if not walked.done or walked.problem is not None:
        return _as_json(walked, who)
    if placements not in walked.value.points["placements"].tolist():
        raise HTTPException(ABSENT, detail=who.say("no_point"))
    found = _asked(who, run.run_id, aimed_plan, known, placements)
    if not found.done or found.problem is not None:
        return _as_json(found, who)
    plan = found.value
    shown = {name: who.figure(plan[name]) for name in ("new", "lost", "moved")}
    measures = {name: who.figure(count) for name, count in plan["measures"].items()}
    return JSONResponse({"state": "done", **plan, **shown, "measures": measures})
