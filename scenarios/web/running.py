"""Pages of the data team: the tables with everything that is wrong, and runs under way."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from matcher import clock, private
from matcher.errors import MatcherError
from matcher.terminal import address_of, mapping_of, policy_of
from matcher.texts import tell
from scenarios.web.forms import checked, fields
from scenarios.web.jobs import Jobs
from scenarios.web.rendering import Asked, Who

router = APIRouter()
REFUSED, ABSENT = 403, 404
MOST_ISSUES = 200
"""Issues that a page shows; all are counted."""
UPLOADS = "uploads"
"""Folder of what was handed in, in that of the runs."""
ENDINGS = frozenset({".csv", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet", ".toml", ".sqlite"})
CHUNK = 1 << 20


def only_data_team(who: Asked) -> None:
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


def _source(who: Asked) -> str:
    if who.weeks.settings.data:
        return who.weeks.settings.data
    newest = who.weeks.run(None)
    return newest.address if newest is not None else ""


@router.post("/data/check", response_class=HTMLResponse)
async def check_data(who: Who, request: Request) -> Response:
    """Check tables: everything that is wrong, at once."""
    only_data_team(who)
    form = await checked(request, who)
    return await run_in_threadpool(_checked, who, request, form.get("source", ""))


def _checked(who: Asked, request: Request, source: str) -> Response:
    from matcher.tables import check

    reading: dict[str, Any] | None = None
    problem = ""
    try:
        policy = policy_of(clock.today(), who.weeks.settings.policy, source)
        with who.weeks.turn():
            mapping = mapping_of(who.weeks.settings.mapping, source)
            read = check(address_of(source), policy, clock.today(), mapping=mapping)
            reading = read.to_dict(who.language)
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


async def _kept(who: Asked, form: FormData) -> tuple[list[str], Path]:
    """Write the files of a form into a folder of their own; their names are the last part alone."""
    files = [one for one in form.getlist("file") if isinstance(one, UploadFile) and one.filename]
    names = [PurePath(str(one.filename).replace("\\", "/")).name for one in files]
    wrong = [name for name in names if Path(name).suffix.lower() not in ENDINGS]
    if not files or wrong:
        told = {"names": ", ".join(wrong) or "-", "known": ", ".join(sorted(ENDINGS))}
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
    """Lead to the run under way, or say that there is none yet."""
    only_data_team(who)
    under_way = jobs_of(request).under_way()
    if under_way is not None:
        return RedirectResponse(who.at(f"/jobs/{under_way.name}"), 303)
    return RedirectResponse(who.at("/data"), 303)


@router.post("/jobs")
async def start(who: Who, request: Request) -> Response:
    """Start a run."""
    only_data_team(who)
    form = await checked(request, who)
    job = await run_in_threadpool(
        jobs_of(request).start,
        data=form.get("source") or None,
        explain=form.get("explain") == "yes",
    )
    return RedirectResponse(who.at(f"/jobs/{job.name}"), 303)


@router.get("/jobs/{name}", response_class=HTMLResponse)
def job(who: Who, name: str, request: Request) -> Response:
    """Show how far a run is; the page asks again by itself, with or without a script."""
    only_data_team(who)
    found = jobs_of(request).job(name)
    if found is None:
        raise HTTPException(ABSENT, detail=who.say("no_job"))
    page = who.page("job", who.say("job"), "data", job=found)
    if found.state == "running":
        page.headers["refresh"] = "2"
    return page


@router.post("/jobs/{name}/cancel")
async def cancel(who: Who, name: str, request: Request) -> Response:
    """End a run."""
    only_data_team(who)
    await checked(request, who)
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
