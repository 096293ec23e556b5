"""What a visitor would wait for is made before: after the start, and when a run has ended."""

from __future__ import annotations

import logging
from threading import Event

from matcher.errors import MatcherError
from scenarios.questions import scarce
from scenarios.web.weeks import Weeks

LOOKS = 2.0
"""Seconds between two looks at whether there is a newer run."""
log = logging.getLogger("jobmatch.workbench")


def prepare(weeks: Weeks, run_id: str) -> None:
    """Make what the pages of a run are made of, in the order they are likely to be opened.

    Raises
    ------
    LedgerError
        The run's folder or its tables are not kept any more.
    """
    weeks.lists(run_id)
    weeks.answering.make_ready(run_id)
    weeks.ask(run_id, scarce)


def keep_prepared(weeks: Weeks, over: Event) -> None:
    """Prepare the newest run, and each newer one, until it is over.

    Where somebody is forgotten meanwhile, or tables are kept no longer, all is made anew.

    What cannot be prepared is said by the page that needs it, to whoever opens it.
    """
    done = ""
    while not over.wait(LOOKS if done else 0.0):
        try:
            if weeks.let_changed_go():
                done = ""
            newest = weeks.run(None)
            if newest is None or newest.run_id == done:
                done = done or "-"
                continue
            done = newest.run_id
            prepare(weeks, done)
        except MatcherError as error:
            log.info("not prepared: %s", type(error).__name__)
