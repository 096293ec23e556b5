"""The server: loopback only, one address that lets in once."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Callable

from matcher.errors import OptionError
from matcher.texts import Message
from scenarios.questions import Process, address_text
from scenarios.web.application import build
from scenarios.web.jobs import Jobs
from scenarios.web.preparing import keep_prepared
from scenarios.web.settings import Settings
from scenarios.web.weeks import Weeks

LOOPBACK = "127.0.0.1"
WAITING = 128
"""Connections that may wait until they are answered."""
KEEP_ALIVE = 15
CLOSING = 5
"""Seconds that open requests have when the server is told to stop."""


def serve(settings: Settings, said: Callable[[str], None]) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    settings
        What the workbench is started with.
    said
        Told the address, once it is answered.

    Raises
    ------
    OptionError
        The port is taken.
    """
    import uvicorn

    ledger = address_text(settings.ledger)
    holders = [Process(ledger) for _ in range(settings.rules.solves)]
    weeks = Weeks(settings, holders, [Process(ledger, yields=True)])
    jobs = Jobs(settings)
    door = build(settings, weeks, jobs)
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, settings.port))
        listening.listen(WAITING)  # whoever comes between here and the first answer is kept
    except OSError as error:
        listening.close()
        raise OptionError(
            Message("web.port_taken", port=settings.port, reason=str(error.strerror))
        ) from None
    if not weeks.runs(most=1):
        jobs.start_run()
    _log()
    said(door.address() if not settings.rules.proxies else _behind(settings))
    server = uvicorn.Server(uvicorn.Config(
        door, access_log=False, proxy_headers=False, server_header=False, date_header=False,
        log_config=None, lifespan="off", timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=CLOSING,
    ))  # fmt: skip
    over = threading.Event()
    threading.Thread(target=keep_prepared, args=(weeks, over), daemon=True).start()
    try:
        server.run(sockets=[listening])
    finally:
        over.set()
        listening.close()
        weeks.answering.end()


def _behind(settings: Settings) -> str:
    return f"http://{LOOPBACK}:{settings.port}{settings.root}/"


def _log() -> None:
    """Write what was asked, by the pattern of its route, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("jobmatch.workbench")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
