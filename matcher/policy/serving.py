"""The section of the policy about the workbench: who may see what, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from matcher.policy.quantities import Section

HEADER = r"^[A-Za-z][A-Za-z0-9-]*$"
"""Shape of a header's name."""


class Serve(Section):
    """Who may see what on the workbench (``jobmatch serve``), and its limits."""

    proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies whose headers are believed, e.g. ``127.0.0.1``. Empty: none;
    whoever opens the printed address is the data team."""
    hosts: tuple[str, ...] = ()
    """Names the page is reached by, besides loopback, e.g. ``jobmatch.kommune.dk``."""
    user_header: Annotated[str, Field(pattern=HEADER)] = "X-Remote-User"
    """Header in which a proxy names the user."""
    groups_header: Annotated[str, Field(pattern=HEADER)] = "X-Remote-Groups"
    """Header in which a proxy names the user's groups, between commas."""
    planners: tuple[str, ...] = ()
    """Groups of planners: figures, no group below ``fewest``, no person."""
    data_team: tuple[str, ...] = ()
    """Groups of the data team: everything."""
    caseworkers: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Groups of caseworkers, each with the units (teams) whose citizens they see."""
    contact: str = ""
    """Whom to tell that a page cannot be used, e.g. an address of e-mail: it stands in the
    accessibility statement. Empty: the statement says to ask the data team."""
    fewest: Annotated[int, Field(strict=True, ge=2, le=1000)] = 5
    """Fewest people that a planner's figure is made of."""
    idle_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 30
    """Minutes without use after which a session ends."""
    upload_megabytes: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 100
    """Largest upload."""
    solves: Annotated[int, Field(strict=True, ge=1, le=64)] = 2
    """Weeks solved at the same time, each in a process that holds the solved week: as many as there
    are cores. Further questions wait their turn, and are told to come again."""
