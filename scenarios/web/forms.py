"""Forms as they come in: read once, and only with the token that the page was given."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlencode

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

from scenarios.web.rendering import PageRequest

FORBIDDEN = 403
MOST_FIELDS, MOST_FILES = 20_000, 50


async def checked(request: Request, who: PageRequest) -> dict[str, str]:
    """Read a form; of a field that stands several times the last counts.

    Raises
    ------
    HTTPException
        Its token is not the one this viewer was given.
    """
    async with fields(request, who) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def came_from(who: PageRequest, form: Mapping[str, str], /, **more: str) -> str:
    """Return the page of ours that a form came from, as its field ``back`` says; else the first.

    Parameters
    ----------
    more
        What is asked of it in addition.
    """
    path, _, query = form.get("back", "").partition("?")
    # Browsers read a backslash as a slash, and two of them as another machine.
    safe = path if path.startswith("/") and path[1:2] not in {"/", "\\"} else "/"
    asked = [*parse_qsl(query), *more.items()]
    return f"{who.root}{safe}" + (f"?{urlencode(asked)}" if asked else "")


@asynccontextmanager
async def fields(request: Request, who: PageRequest) -> AsyncIterator[FormData]:
    """Read a form with all its fields and files; files are gone afterwards.

    Raises
    ------
    HTTPException
        As for :func:`checked`.
    """
    async with request.form(max_fields=MOST_FIELDS, max_files=MOST_FILES) as form:
        token = form.get("csrf")
        right = isinstance(token, str) and hmac.compare_digest(
            token.encode(), who.viewer.csrf.encode()
        )
        if not right:
            raise HTTPException(FORBIDDEN, detail=who.say("no_token"))
        yield form
