"""Work in processes of its own: it goes on when the page is closed, and ends when asked to.

Each has a row in the ledger, so that every process of the workbench sees it, on whatever machine,
and so does the next one after a restart. What it says goes to a file of the machine it runs on.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matcher import private
from matcher.clock import now
from matcher.errors import LedgerError
from matcher.ledger import Job, Ledger
from matcher.terminal import address_of
from matcher.texts import Message
from scenarios.questions import BusyError
from scenarios.web.settings import Settings

FOLDER = ".jobs"
"""Folder of what jobs say, in that of the runs."""
COMMAND = "from scenarios.web.work import work; work()"
RUN, SWEEP = "run", "sweep"
"""Kinds of jobs: a week from its tables, and all ready scenarios of a stored week."""
GRACE = 0.7
"""Seconds a job has to end by itself before it is ended."""
LOST = 60.0
"""Seconds after which a job of another machine that says nothing is taken to be gone."""
STARTING = 30.0
"""Seconds that a process has to begin."""
SHOWN_LINES = 30


class Jobs:
    """Jobs of a ledger: started, watched, ended.

    Parameters
    ----------
    settings
        Where runs go, which ledger, policy and language.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def folder(self) -> Path:
        """Where the files of jobs are."""
        return private.folder(self._settings.out / FOLDER)

    @contextmanager
    def _ledger(self) -> Iterator[Ledger]:
        with Ledger.open(address_of(str(self._settings.ledger))) as ledger:
            yield ledger

    def start_run(self, *, data: str | None = None, explain: bool = False, by: str = "") -> Job:
        """Start a run; if one is under way, return that one."""
        settings, source = self._settings, data or self._settings.data or ""
        given = {
            "data": source,
            "explain": explain,
            "out": str(settings.out),
            "policy": None if settings.policy is None else str(settings.policy),
            "mapping": None if settings.mapping is None else str(settings.mapping),
        }
        asked = {"source": _shown(source), "explain": explain}
        return self._start(RUN, asked, given, slot=RUN, by=by)

    def start_sweep(self, run_id: str, *, by: str = "") -> Job:
        """Solve a stored week under all ready scenarios; if that is under way, return it.

        Raises
        ------
        BusyError
            As many weeks are being solved as may be.
        """
        under_way = [one for one in self.jobs() if one.state == "running" and one.kind == SWEEP]
        for one in under_way:
            if one.asked["run_id"] == run_id:
                return one
        if len(under_way) >= self._settings.rules.solves:
            raise BusyError(Message("web.busy"))
        given = {"run_id": run_id}
        return self._start(SWEEP, given, given, slot=f"{SWEEP} {run_id}"[:64], by=by)

    def _start(
        self, kind: str, asked: Mapping[str, Any], given: Mapping[str, Any], *, slot: str, by: str
    ) -> Job:
        name = f"{int(time.time())}-{secrets.token_hex(3)}"
        with self._ledger() as ledger:
            may = ledger.begin_job(
                name, kind, asked, asked_by=by, machine=socket.gethostname(), slot=slot
            )
            if not may:
                self.jobs()  # one whose process is gone lets go of its place
                may = ledger.begin_job(
                    name, kind, asked, asked_by=by, machine=socket.gethostname(), slot=slot
                )
        if may:
            self._begin(name, kind, given)
        else:
            found = next(
                (one for one in self.jobs() if one.state == "running" and one.kind == kind), None
            )
            if found is not None:
                return found
        job = self.job(name)
        if job is None:
            raise BusyError(Message("web.busy"))  # the other one ended this very moment
        return job

    def _begin(self, name: str, kind: str, given: Mapping[str, Any]) -> None:
        """Start the process; what it is given may hold a password, so no argument bears it."""
        settings = self._settings
        told = {"job": name, "kind": kind, "ledger": str(settings.ledger),
                "language": settings.language, **given}  # fmt: skip
        self._forget_old()
        out = private.descriptor(self.folder / f"{name}.log", os.O_WRONLY | os.O_CREAT)
        try:
            child = subprocess.Popen(
                [sys.executable, "-c", COMMAND],
                stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(out)
        # So that none stands as one that has ended and was never asked what with.
        threading.Thread(target=child.wait, daemon=True).start()
        with self._ledger() as ledger:
            ledger.tell_job(name, process=process_of(child.pid))
        assert child.stdin is not None
        with suppress(BrokenPipeError), child.stdin as into:  # it is gone, and is seen to be
            into.write(json.dumps(told).encode())

    def job(self, name: str) -> Job | None:
        """Return a job as it is; None: there is none of that name."""
        if not self._there:
            return None
        with self._ledger() as ledger:
            found = ledger.job(name)
            return None if found is None else self._settled(ledger, found)

    def jobs(self) -> list[Job]:
        """Return all jobs that are remembered, newest first."""
        if not self._there:
            return []
        with self._ledger() as ledger:
            return [self._settled(ledger, one) for one in ledger.jobs()]

    @property
    def _there(self) -> bool:
        address = str(self._settings.ledger)
        return "://" in address or Path(address).exists()

    def under_way(self, kind: str = RUN) -> Job | None:
        """Return the job of a kind that is running; None: there is none."""
        return next((one for one in self.jobs() if one.state == "running" and one.kind == kind),
                    None)  # fmt: skip

    def lines(self, name: str) -> tuple[str, ...]:
        """Return what a job has said on this machine, newest last."""
        if not name.replace("-", "").isalnum() or not name.isascii():
            return ()
        log = self.folder / f"{name}.log"
        text = log.read_text("utf-8", errors="replace") if log.is_file() else ""
        return tuple(text.splitlines()[-SHOWN_LINES:])

    def cancel(self, name: str) -> None:
        """End a job with all it has started; what it had not stored is not there."""
        job = self.job(name)
        if job is None or job.state != "running":
            return
        with self._ledger() as ledger:
            ledger.ask_job_to_end(name)  # one on another machine hears it there
            if job.machine != socket.gethostname():
                return
            _end(job)
            ledger.end_job(name, "cancelled")

    def _settled(self, ledger: Ledger, job: Job) -> Job:
        """Note of a job whose process is gone that it is over."""
        if job.state != "running" or _alive(job):
            return job
        # It may have noted its end between our reading and our looking.
        ledger.end_job(job.job_id, "cancelled" if job.to_end else "failed")
        return ledger.job(job.job_id) or job

    def _forget_old(self) -> None:
        known = {one.job_id for one in self.jobs()}
        for file in self.folder.iterdir():
            if file.stem not in known:
                file.unlink(missing_ok=True)


def process_of(pid: int) -> str:
    """Name a process by its number and when it began, so that another of its number is not it."""
    born = _born(pid)
    return f"{pid} {born}" if born else str(pid)


def _alive(job: Job) -> bool:
    silent = (now() - job.beat_at).total_seconds()
    if job.machine != socket.gethostname():
        return silent < LOST
    if not job.process:
        return silent < STARTING
    pid, _, born = job.process.partition(" ")
    return _born(int(pid)) == born if born else silent < LOST


def _end(job: Job) -> None:
    """End a process of this machine and all it has started, patiently at first."""
    if not job.process:
        return
    pid = int(job.process.partition(" ")[0])
    if not _alive(job):
        return
    _signal(pid, signal.SIGTERM)
    ends = time.monotonic() + GRACE
    while time.monotonic() < ends and _alive(job):
        time.sleep(0.02)
    if _alive(job):
        _signal(pid, signal.SIGKILL)


def _born(pid: int) -> str | None:
    """When a process began, as its machine counts.

    None: it has ended, or the machine does not say.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else fields[19]


def _signal(pid: int, what: int) -> None:
    try:
        os.killpg(pid, what)
    except ProcessLookupError:
        return


def _shown(source: str) -> str:
    """Write an address without its password.

    Raises
    ------
    LedgerError
        It is no address.
    """
    if "://" not in source:
        return source
    try:
        return sa.make_url(source).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        raise LedgerError(Message("source.bad_url")) from None
