"""What reaches the two outputs, and in what order: data, talk, and nothing of the solvers."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from matcher.console import issues_text
from matcher.policy import load_policy
from matcher.tables import check
from scenarios.population import policy_override
from tests.commands import Done
from tests.run.conftest import DAY, SPEC

_NOISE = """
import ctypes, os, sys, warnings
from matcher.terminal import errors_shown, solvers_quiet
from matcher.console import Talk
libc = ctypes.CDLL(None)

def noise(shown, ends):
    sys.stdout.write("before|")
    with errors_shown(False), Talk() as talk:
        with solvers_quiet(shown=shown):
            libc.printf(b"solver one\\n")
            os.write(1, b"solver two\\n")
            os.write(2, b"HighsMipSolverData::noise\\n")
            warnings.warn("worth reading")
            talk.note("half way")
            if ends:
                raise ZeroDivisionError("by zero")
        os.write(2, b"restored\\n")
    sys.stdout.write("after")

# A process for each, with outputs of its own; what they import is imported once.
for name in sys.argv[1:]:
    if not (child := os.fork()):
        for descriptor, output in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(f"{name}.{output}", os.O_CREAT | os.O_WRONLY), descriptor)
        shown, ends = name.split("-")
        noise(shown == "debug", ends == "ends")
        break
    _, status = os.waitpid(child, 0)
    with open(f"{name}.code", "w") as file:
        file.write(str(os.waitstatus_to_exitcode(status)))
"""


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Done]:
    """What a process said that was quiet or not, and ended or went on: by ``quiet-ends``."""
    folder = tmp_path_factory.mktemp("noise")
    names = ("quiet-on", "quiet-ends", "debug-on")
    subprocess.run([sys.executable, "-c", _NOISE, *names], check=True, timeout=60, cwd=folder)

    def said(name: str) -> Done:
        code, out, err = (
            (folder / f"{name}.{part}").read_text() for part in ("code", "stdout", "stderr")
        )
        return Done(int(code), out, err)

    return said


def test_solvers_are_not_heard_on_either_output(noise: Callable[[str], Done]) -> None:
    """Progress is told at once, a warning afterwards, what native code prints never."""
    done = noise("quiet-on")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "before|after"
    told = re.sub(r"\[[-0-9: .]+ s\]", "[s]", done.stderr).splitlines()
    assert told[0] == "[s] half way"
    assert told[1].endswith("UserWarning: worth reading")
    assert told[-2:] == ["restored", "[s] done"]
    assert "HighsMip" not in done.stderr
    assert "solver" not in done.stderr


def test_an_error_among_solvers_is_shown_on_the_restored_output(
    noise: Callable[[str], Done],
) -> None:
    """Whatever happens, both outputs come back."""
    done = noise("quiet-ends")
    assert done.returncode != 0
    assert done.stdout == "before|"
    assert "error: this should not have happened (ZeroDivisionError: by zero)" in done.stderr
    assert done.stderr.index("half way") < done.stderr.index("worth reading")
    assert done.stderr.index("worth reading") < done.stderr.index("ZeroDivisionError")
    assert "HighsMip" not in done.stderr


def test_debug_lets_solvers_speak_on_standard_error(noise: Callable[[str], Done]) -> None:
    """Standard output is for data, even then."""
    done = noise("debug-on")
    assert done.stdout == "before|after"
    for line in ("solver one", "solver two", "HighsMipSolverData::noise", "worth reading"):
        assert line in done.stderr, line


def test_a_terminal_shows_the_bar_while_solvers_are_quiet(few_folder: Path, tmp_path: Path) -> None:
    """At a pseudo-terminal the phases of the run are drawn, and gone at the end."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    command = [sys.executable, "-c", "from scenarios.cli import main; main()"]
    with subprocess.Popen(
        [*command, "run", str(few_folder), "--on", DAY, "--out", str(tmp_path)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment,
    ) as process:
        os.close(theirs)
        drawn = bytearray()
        while part := _read(ours):
            drawn += part
        assert process.stdout is not None
        printed = process.stdout.read().decode()
    os.close(ours)
    text = drawn.decode("utf-8", "replace")
    assert process.returncode == 0, text
    assert "weighing offers and solving" in text
    assert "━" in text
    assert text.rstrip("\r\n").endswith("\x1b[2K"), repr(text[-80:])
    assert "Run folder: " in printed
    assert "\x1b" not in printed


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.fixture
def spoilt(week_folder: Path, tmp_path: Path) -> Path:
    """The small week with a warning in the first table, an error below, rows that follow."""
    data = tmp_path / "data"
    data.mkdir()
    for path in week_folder.glob("*.csv"):
        (data / path.name).write_bytes(path.read_bytes())
    citizens = pd.read_csv(data / "citizens.csv", dtype=str, keep_default_na=False)
    citizens.insert(1, "shoe_size", "42")
    citizens.loc[2, "age"] = "old"
    citizens.to_csv(data / "citizens.csv", index=False)
    opening = pd.read_csv(data / "openings.csv", dtype=str)["opening_id"][0]
    one, other = citizens["citizen_id"][2], citizens["citizen_id"][3]
    (data / "locks.csv").write_text(f"citizen_id,opening_id\n{one},{opening}\n", "utf-8")
    (data / "running.csv").write_text(
        "citizen_id,opening_id,measure,start\n"
        f"{one},{opening},work_practice,2026-11-02\n{other},{opening},what,2026-11-02\n",
        "utf-8",
    )
    (data / "audit_groups.csv").unlink(missing_ok=True)
    (data / "forbids.csv").unlink(missing_ok=True)
    (data / "previous.csv").unlink(missing_ok=True)
    return data


def test_errors_come_first_and_what_follows_from_them_is_one_line(spoilt: Path) -> None:
    """With one line to show it is the error; --json keeps the order of the tables."""
    reading = check(spoilt, load_policy(SPEC.today, policy_override(SPEC)), SPEC.today)
    text = issues_text(reading, 1)
    assert "wrong_type" in text
    assert "unknown_column" not in text
    assert "refers_to_quarantined" not in text
    direct = sum(issue.code.value != "refers_to_quarantined" for issue in reading.issues)
    assert f"... and {direct - 1} more (--most N, or --json for all)" in text
    for line in (
        "locks.csv: 1 row names a row put aside in 'citizens'; 1 of them put aside as well",
        "running.csv: 1 row names a row put aside in 'citizens'; 0 of them put aside as well",
    ):
        assert text.count(line) == 1, line
    whole = issues_text(reading, 40)
    assert whole.index("wrong_type") < whole.index("unknown_column")
    codes = [str(issue["code"]) for issue in reading.to_dict()["issues"]]
    assert codes.index("unknown_column") < codes.index("wrong_type")
    assert "refers_to_quarantined" in codes
