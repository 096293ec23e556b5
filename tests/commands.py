"""The command as its users meet it: called within this process, or started as one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from scenarios.cli import main


@dataclass(frozen=True)
class Done:
    """What a command ended with and what it said."""

    returncode: int
    stdout: str
    stderr: str


def surroundings(**more: str) -> dict[str, str]:
    """Environment of a command that cron starts: the C locale, and little else."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LC_ALL": "C", **more}


def jobmatch(*arguments: object, cwd: Path | None = None, **environment: str) -> Done:
    """Call the command within this process, without a terminal.

    Parameters
    ----------
    cwd
        Folder to call it in.
    environment
        Variables besides those of :func:`surroundings`; ``PYTHONIOENCODING`` is the outputs'.
    """
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    with (
        mock.patch.dict(os.environ, surroundings(**environment), clear=True),
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main([str(one) for one in arguments])
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
        out.flush()
        err.flush()
    assert isinstance(code, int), code
    said, talk = (stream.buffer.getvalue().decode(encoding) for stream in (out, err))  # type: ignore[attr-defined]
    return Done(code, said, talk)


def jobmatch_process(*arguments: object, cwd: Path | None = None, **environment: str) -> Done:
    """Start the command as a process of its own: for what only a process has."""
    done = subprocess.run(
        [sys.executable, "-c", "from scenarios.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=surroundings(**environment),
        cwd=cwd,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
