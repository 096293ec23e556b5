"""The accessibility statement that a public body owes: what was tested, how, and whom to tell."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from matcher import __version__
from scenarios.web.rendering import Who

router = APIRouter()
TESTED = ("axe", "keyboard", "zoom", "told", "motion", "colour", "print")
LIMITS = ("people", "tables", "map", "files")


@router.get("/accessibility", response_class=HTMLResponse)
def accessibility(who: Who) -> Response:
    """Show the statement."""
    return who.page(
        "accessibility", who.say("statement"), version=__version__, tested=TESTED, limits=LIMITS,
        contact=who.weeks.settings.rules.contact,
    )  # fmt: skip
