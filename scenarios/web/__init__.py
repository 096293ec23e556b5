"""The workbench: the municipality's own page on its own machine.

This week, its people and openings, a case with its reasons, decisions that see their consequences,
levers with proven answers. Pages come from the server and work without a script; what they show is
in their address or in the ledger. The same answers are given as JSON under ``/api/v1``.
"""

from scenarios.web.application import build
from scenarios.web.serving import serve
from scenarios.web.settings import Settings, session_key

__all__ = ["Settings", "build", "serve", "session_key"]
