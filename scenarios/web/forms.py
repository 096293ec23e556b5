"""Forms as they come in: read once, and only with the token that the page was given."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
