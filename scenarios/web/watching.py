"""What is worked on and watched: its part of a page is sent whenever it has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from scenarios.web.rendering import templates

LOOKS = 0.4
"""Seconds between two looks at what is watched."""
WATCHED = 60.0
"""Seconds after which a browser that watches asks again."""

Look = Callable[[], Awaitable[Mapping[str, Any] | None]]
"""What the part shows now; None: it is over."""


def watched(request: Request, part: str, look: Look, *, rest: float = 0.0) -> StreamingResponse:
    """Send a part of a page by server-sent events until what it shows is over.

    Parameters
    ----------
    part
        Template of the part.
    look
        What it shows.
    rest
        Seconds that pass before something is said to be over that was so from the beginning.
    """
    return StreamingResponse(
        _parts(request, part, look, rest), media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # a proxy must not gather them
    )  # fmt: skip


async def _parts(request: Request, part: str, look: Look, rest: float) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    template, last = templates().get_template(part), ""
    until = time.monotonic() + WATCHED
    while time.monotonic() < until and not await request.is_disconnected():
        shown = await look()
        if shown is None:
            if not last:
                await asyncio.sleep(rest)
            yield "event: over\ndata:\n\n"
            return
        html = template.render(**shown)
        if html != last:
            yield "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"
        last = html
        await asyncio.sleep(LOOKS)
