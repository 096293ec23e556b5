"""The application: pages, the same as JSON, files of its own; nothing else is served."""

from __future__ import annotations

from importlib import resources
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from matcher import __version__
from matcher.errors import MatcherError, UnknownRunError
from matcher.report import page_style
from matcher.texts import tell
from scenarios.questions import BusyError
from scenarios.web import (
    api,
    asking,
    deciding,
    levers,
    looking,
    pins,
    running,
    saving,
    statement,
    taking,
)
from scenarios.web.jobs import Jobs
from scenarios.web.rendering import asked_of
from scenarios.web.safety import Door
from scenarios.web.settings import Settings
from scenarios.web.weeks import Weeks

ABSENT, BUSY, WRONG = 404, 503, 422
API = "/api/v1"


def build(settings: Settings, weeks: Weeks | None = None, jobs: Jobs | None = None) -> Door:
    """Build the workbench.

    Parameters
    ----------
    settings
        What it is started with.
    weeks, jobs
        Runs and jobs, where the caller has them already.

    Returns
    -------
    Door
        An ASGI application; its ``address`` lets in once.
    """
    app = FastAPI(
        title="jobmatch",
        version=__version__,
        docs_url=None,  # their pages fetch scripts from elsewhere
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    app.state.weeks = weeks or Weeks(settings)
    app.state.jobs = jobs or Jobs(settings)
    style = str(page_style())

    @app.get("/static/page.css", include_in_schema=False)
    def page_css() -> Response:
        return Response(style, media_type="text/css; charset=utf-8")

    static = str(resources.files("scenarios.web").joinpath("static"))
    app.mount("/static", StaticFiles(directory=static), name="static")
    for pages in (
        looking, deciding, levers, taking, saving, asking, pins, running, statement,
    ):  # fmt: skip
        app.include_router(pages.router, include_in_schema=False)
    app.include_router(api.router, prefix=API)
    app.include_router(asking.json_router, prefix=API)
    app.include_router(saving.json_router, prefix=API, dependencies=[Depends(api.json_only)])
    app.add_exception_handler(HTTPException, _stopped)
    app.add_exception_handler(RequestValidationError, _wrong)
    app.add_exception_handler(MatcherError, _failed)
    return Door(app, settings)


def _stopped(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.headers and "Location" in error.headers:
        return Response(status_code=error.status_code, headers=dict(error.headers))
    return _told(request, error.status_code, str(error.detail))


def _wrong(request: Request, error: Exception) -> Response:
    who = asked_of(request)
    assert isinstance(error, RequestValidationError)
    if _is_api(request):
        where = [{"where": list(one["loc"]), "problem": one["msg"]} for one in error.errors()]
        return JSONResponse({"error": who.say("wrong_request"), "problems": where}, WRONG)
    return _told(request, WRONG, who.say("wrong_request"))


def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, MatcherError)
    who = asked_of(request)
    status = WRONG
    if isinstance(error, BusyError):
        status = BUSY
    elif isinstance(error, UnknownRunError):
        status = ABSENT
    answer = _told(request, status, tell(error.said, who.language))
    if status == BUSY:
        answer.headers["retry-after"] = "5"
    return answer


def _told(request: Request, status: int, text: str) -> Response:
    if _is_api(request):
        return JSONResponse({"error": text}, status)
    if not hasattr(request.state, "viewer"):  # a file that is not there, asked for by anybody
        return Response(text, status, media_type="text/plain; charset=utf-8")
    who = asked_of(request)
    return who.page("problem", who.say("problem"), "", status=status, text=text)


def _is_api(request: Request) -> bool:
    path: Any = request.url.path
    return str(path).startswith((API, f"{request.scope.get('root_path', '')}{API}"))
