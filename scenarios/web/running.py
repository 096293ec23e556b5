"""The tables with everything that is wrong, runs and sweeps under way, and how far they are."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.datastructures import FormData, UploadFile

from matcher import clock, private
from matcher.errors import MatcherError
from matcher.ledger import Job
from matcher.terminal import address_of, mapping_of, policy_of
from matcher.texts import Message, tell
from scenarios.patch import library
from scenarios.web.forms import checked, fields
from scenarios.web.jobs import RUN, SWEEP, Jobs
from scenarios.web.looking import shown_run
from scenarios.web.rendering import PageRequest, Who
from scenarios.web.watching import watched

router = APIRouter()
REFUSED, ABSENT = 403, 404
MOST_ISSUES = 2000
"""Issues that a page shows; all are counted."""
UPLOADS = "uploads"
"""Folder of what was handed in, in that of the runs."""
ENDINGS = frozenset({".csv", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet", ".toml", ".sqlite"})
MOST_NAME = 120
"""Letters of the name of a file that is handed in."""
CHUNK = 1 << 20


def only_data_team(who: PageRequest) -> None:
    """Let nobody else through.

    Raises
    ------
    HTTPException
        Somebody else.
    """
    if who.viewer.role != "data":
        raise HTTPException(REFUSED, detail=who.say("not_yours"))


def jobs_of(request: Request) -> Jobs:
    """Return the jobs of the workbench."""
    jobs: Jobs = request.app.state.jobs
    return jobs


@router.get("/data", response_class=HTMLResponse)
def data(who: Who, request: Request) -> Response:
    """Show where the tables are, and let them be checked and run."""
    only_data_team(who)
    return who.page("data", who.say("data"), "data", source=_source(who), reading=None,
                    jobs=jobs_of(request).jobs(), problem="")  # fmt: skip


def _source(who: PageRequest) -> str:
    if who.weeks.settings.data:
        return who.weeks.settings.data
    newest = who.weeks.run(None)
    address = newest.address if newest is not None else ""
    return address if "://" in address or Path(address).exists() else ""  # frames have none


@router.post("/data/check", response_class=HTMLResponse)
async def check_data(who: Who, request: Request) -> Response:
    """Check tables: everything that is wrong, at once."""
    only_data_team(who)
    form = await checked(request, who)
    return await run_in_threadpool(_checked, who, request, form.get("source", ""))


def reading_of(who: PageRequest, source: str) -> dict[str, Any]:
    """Read tables and say everything that is wrong with them.

    Raises
    ------
    MatcherError
        They cannot be read at all.
    """
    from matcher.tables import check
    from matcher.weekly import with_clashes

    policy = policy_of(clock.today(), who.weeks.settings.policy, source)
    with who.weeks.turn():
        mapping = mapping_of(who.weeks.settings.mapping, source)
        read = check(address_of(source), policy, clock.today(), mapping=mapping)
        return dict(with_clashes(read).to_dict(who.language))


def _checked(who: PageRequest, request: Request, source: str) -> Response:
    reading: dict[str, Any] | None = None
    problem = ""
    try:
        reading = reading_of(who, source)
    except MatcherError as error:
        problem = tell(error.said, who.language)
    return who.page("data", who.say("data"), "data", source=source, reading=reading,
                    jobs=jobs_of(request).jobs(), problem=problem, most=MOST_ISSUES)  # fmt: skip


@router.post("/data/upload")
async def upload(who: Who, request: Request) -> Response:
    """Take files in: a workbook, a database file, or the tables of a folder; then check them."""
    from matcher.tables import MAPPING_FILE

    only_data_team(who)
    async with fields(request, who) as form:
        names, folder = await _kept(who, form)
    tables = [name for name in names if not name.endswith(".toml")]
    alone = len(tables) == 1 and Path(tables[0]).suffix.lower() not in {".csv", ".parquet"}
    alone = alone and MAPPING_FILE not in names  # which is read where it lies in a folder
    source = str(folder / tables[0]) if alone else str(folder)
    return await run_in_threadpool(_checked, who, request, source)


async def _kept(who: PageRequest, form: FormData) -> tuple[list[str], Path]:
    """Write the files of a form into a folder of their own; their names are the last part alone."""
    files = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    names = [PurePath(str(one.filename).replace("\\", "/")).name for one in files]
    wrong = [name for name in names if Path(name).suffix.lower() not in ENDINGS
             or len(name) > MOST_NAME or not name.isprintable()]  # fmt: skip
    wrong += [name for name in names if names.count(name) > 1]
    if not files or wrong:
        told = {"names": ", ".join(wrong) or "-", "known": ", ".join(sorted(ENDINGS)),
                "most": MOST_NAME}  # fmt: skip
        raise HTTPException(422, detail=who.say("wrong_file", **told))
    stamp = clock.now().strftime("%Y%m%dT%H%M%S%f")
    folder = private.folder(who.weeks.settings.out / UPLOADS / stamp)
    for name, one in zip(names, files, strict=True):
        with private.opened_bytes(folder / name) as file:
            while chunk := await one.read(CHUNK):
                file.write(chunk)
    return names, folder


@router.get("/jobs", response_class=HTMLResponse)
def job_list(who: Who, request: Request) -> Response:
    """Lead to the run under way, or to where one is started."""
    only_data_team(who)
    under_way = jobs_of(request).under_way()
    if under_way is not None:
        return RedirectResponse(who.at(f"/jobs/{under_way.job_id}"), 303)
    return RedirectResponse(who.at("/data"), 303)


@router.post("/jobs")
async def start(who: Who, request: Request) -> Response:
    """Start a run; or solve a stored week under all ready scenarios, which anybody may."""
    form = await checked(request, who)
    kind = SWEEP if form.get("kind") == SWEEP else RUN
    run_id = (await run_in_threadpool(shown_run, who)).run_id if kind == SWEEP else ""
    job = await run_in_threadpool(
        start_job, who, request, kind, source=form.get("source", ""),
        explain=form.get("explain") == "yes", run_id=run_id,
    )  # fmt: skip
    return RedirectResponse(who.at(f"/jobs/{job.job_id}"), 303)


def start_job(
    who: PageRequest, request: Request, kind: str, *, source: str, explain: bool, run_id: str
) -> Job:
    """Start a run, which the data team may; or a sweep of a stored one, which anybody may.

    Raises
    ------
    HTTPException
        A run, by somebody else.
    BusyError
        As many weeks are being solved as may be.
    """
    jobs = jobs_of(request)
    if kind == SWEEP:
        return jobs.start_sweep(run_id, by=who.viewer.name)
    only_data_team(who)
    return jobs.start_run(data=source or None, explain=explain, by=who.viewer.name)


def job_of(who: PageRequest, request: Request, name: str) -> Job:
    """Return a job that a viewer may see.

    Raises
    ------
    HTTPException
        There is none; or it works on the tables, and they are not of the data team.
    """
    found = jobs_of(request).job(name)
    if found is None:
        raise HTTPException(ABSENT, detail=who.say("no_job"))
    if found.kind != SWEEP:
        only_data_team(who)
    return found


def progress_of(who: PageRequest, job: Job) -> dict[str, Any]:
    """Write how far a job is, for its page and for whoever watches it."""
    said, words = job.progress, who.words
    phase = said.get("phase")
    names = library().scenarios
    return {
        "job": job,
        "state": who.say(f"state_{job.state}"),
        "phase": Message(f"phase.{phase}").told(who.language) if phase else "",
        "done": said.get("done"), "total": said.get("total"),
        "placed": said.get("placed"), "bound": said.get("bound"),
        "gap": _gap(said.get("placed"), said.get("bound")),
        "steps": [(seconds, value, bound) for seconds, value, bound in said.get("steps", ())][-8:],
        "rows": [{**row, "title": names[row["scenario"]].title.of(who.language)}
                 for row in said.get("rows", ())],
        "few": who.few, "words": words, "say": who.say, "at": who.at,
    }  # fmt: skip


def _gap(value: int | None, bound: int | None) -> float | None:
    """Per cent by which the plan may fall short of the best; None: not known yet."""
    if value is None or bound is None or bound <= 0:
        return None
    return 100.0 * max(0, bound - value) / bound


@router.get("/jobs/{name}", response_class=HTMLResponse)
def job(who: Who, name: str, request: Request) -> Response:
    """Show how far a job is; with a script the page goes on by itself."""
    found = job_of(who, request, name)
    jobs = jobs_of(request)
    may_end = found.state == "running" and (found.kind == SWEEP or who.viewer.role == "data")
    lines = jobs.lines(name) if who.viewer.role == "data" else ()
    return who.page(
        "job", who.say(f"job_{found.kind}"), "data" if found.kind != SWEEP else "levers",
        lines=lines, may_end=may_end, progress=progress_of(who, found),
    )  # fmt: skip


@router.get("/jobs/{name}/events")
async def events(who: Who, name: str, request: Request) -> StreamingResponse:
    """Send how far a job is, whenever that changes: server-sent events, the part of the page."""
    await run_in_threadpool(job_of, who, request, name)

    async def look() -> dict[str, Any] | None:
        found = await run_in_threadpool(jobs_of(request).job, name)
        return None if found is None or found.state != "running" else progress_of(who, found)

    return watched(request, "progress.html.j2", look)


@router.post("/jobs/{name}/cancel")
async def cancel(who: Who, name: str, request: Request) -> Response:
    """End a job."""
    await checked(request, who)
    await run_in_threadpool(job_of, who, request, name)
    await run_in_threadpool(jobs_of(request).cancel, name)
    return RedirectResponse(who.at(f"/jobs/{name}"), 303)


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """Tell whether the ledger can be read."""
    try:
        runs = len(request.app.state.weeks.runs(most=1))
    except MatcherError:
        return JSONResponse({"status": "no ledger"}, 503)
    return JSONResponse({"status": "ok", "runs": bool(runs)})
