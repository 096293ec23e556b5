"""Runs as processes of their own: they go on when the page is closed, and end when asked to."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from matcher import private
from scenarios.web.settings import Settings

FOLDER = ".jobs"
"""Folder of jobs, in that of the runs."""
COMMAND = "from scenarios.cli.job import work; work()"
GRACE = 0.7
"""Seconds a job has to end by itself before it is ended."""
SHOWN_LINES = 30
KEPT = 20
"""Jobs that are remembered."""
State = Literal["running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Job:
    """A run under way, or over."""

    name: str
    state: State
    lines: tuple[str, ...]
    """What it has said, newest last."""
    data: str
    started: float
    code: int | None = None
    """What it ended with."""


class Jobs:
    """Jobs in a folder: every process of the workbench sees them, and so does the next one.

    Parameters
    ----------
    settings
        Where runs go, which ledger, policy and language.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def folder(self) -> Path:
        """Where jobs are."""
        return private.folder(self._settings.out / FOLDER)

    def start(self, *, data: str | None = None, explain: bool = False) -> Job:
        """Start a run; if one is under way, return that one."""
        under_way = self.under_way()
        if under_way is not None:
            return under_way
        name = f"{int(time.time())}-{secrets.token_hex(3)}"
        source = data or self._settings.data
        arguments = ["run", *([source] if source else []), "--out", str(self._settings.out),
                     "--ledger", str(self._settings.ledger),
                     "--lang", self._settings.language]  # fmt: skip
        arguments += ["--explain"] if explain else []
        if self._settings.policy is not None:
            arguments += ["--policy", str(self._settings.policy)]
        if self._settings.mapping is not None:
            arguments += ["--mapping", str(self._settings.mapping)]
        self._forget_old()
        out = private.descriptor(self.folder / f"{name}.log", os.O_WRONLY | os.O_CREAT)
        try:
            child = subprocess.Popen(
                [sys.executable, "-c", COMMAND, str(self.folder / f"{name}.end"), *arguments],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(out)
        self._children[name] = child
        about = {"pid": child.pid, "data": source or "", "started": time.time(),
                 "born": _born(child.pid)}  # fmt: skip
        private.write_text(self.folder / f"{name}.json", json.dumps(about))
        return self.job(name) or Job(name, "running", (), source or "", time.time())

    def job(self, name: str) -> Job | None:
        """Return a job; None: there is none of that name."""
        file = self.folder / f"{name}.json"
        if not _plain(name) or not file.is_file():
            return None
        about: dict[str, Any] = json.loads(file.read_text("utf-8"))
        log = self.folder / f"{name}.log"
        text = log.read_text("utf-8", errors="replace") if log.is_file() else ""
        state, code = self._state(name, about)
        lines = tuple(text.splitlines()[-SHOWN_LINES:])
        return Job(name, state, lines, about["data"], about["started"], code)

    def jobs(self) -> list[Job]:
        """Return all jobs, newest first."""
        names = sorted((file.stem for file in self.folder.glob("*.json")), reverse=True)
        return [job for name in names if (job := self.job(name)) is not None]

    def under_way(self) -> Job | None:
        """Return the job that is running; None: there is none."""
        return next((job for job in self.jobs() if job.state == "running"), None)

    def cancel(self, name: str) -> None:
        """End a job with all it has started; what it had not stored is not there."""
        job = self.job(name)
        if job is None or job.state != "running":
            return
        file = self.folder / f"{name}.json"
        about = json.loads(file.read_text("utf-8"))
        private.write_text(file, json.dumps({**about, "cancelled": True}))
        _signal(about["pid"], signal.SIGTERM)
        ends = time.monotonic() + GRACE
        while time.monotonic() < ends and self._alive(name, about["pid"]):
            time.sleep(0.02)
        if self._alive(name, about["pid"]):
            _signal(about["pid"], signal.SIGKILL)
        if name in self._children:
            self._children[name].wait(GRACE)

    def _state(self, name: str, about: dict[str, Any]) -> tuple[State, int | None]:
        if self._alive(name, about["pid"]):
            return "running", None
        if about.get("cancelled"):
            return "cancelled", None
        end = self.folder / f"{name}.end"
        code = int(end.read_text("utf-8")) if end.is_file() else None
        return ("done" if code == 0 else "failed"), code

    def _alive(self, name: str, pid: int) -> bool:
        child = self._children.get(name)
        if child is not None:
            return child.poll() is None
        born = json.loads((self.folder / f"{name}.json").read_text("utf-8")).get("born")
        return born is not None and _born(pid) == born

    def _forget_old(self) -> None:
        names: Sequence[str] = sorted(file.stem for file in self.folder.glob("*.json"))
        for name in names[: -KEPT or None]:
            for ending in ("json", "log", "end"):
                (self.folder / f"{name}.{ending}").unlink(missing_ok=True)


def _plain(name: str) -> bool:
    return name.replace("-", "").isalnum() and name.isascii()


def _born(pid: int) -> str | None:
    """When a process began, as its machine counts, so that another of its number is told apart.

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
