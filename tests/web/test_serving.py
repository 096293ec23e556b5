"""The command itself: a server on loopback, a browser that opens it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import jobmatch, surroundings

COMMAND = "from scenarios.cli import main; main()"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium")
def test_the_printed_address_opens_in_a_browser(folder: Path, tmp_path: Path) -> None:
    """The page is there with its styles; the log has routes and no token."""
    server = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "serve", "--out", folder, "--lang", "da", "--port",
         str(free_port())],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **surroundings(PYTHONIOENCODING="utf-8")},
    )  # fmt: skip
    try:
        assert server.stdout is not None
        address = next(line.strip() for line in server.stdout if "/enter?token=" in line)
        assert CHROMIUM is not None
        page = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom",
             f"--user-data-dir={tmp_path / 'profile'}", address],
            capture_output=True, text=True, timeout=120, check=True,
        ).stdout  # fmt: skip
        assert re.search(r"<h1>Ugen</h1>", page)
        assert "FIKTIV" not in page
    finally:
        server.terminate()
        _, log = server.communicate(timeout=30)
    assert "GET / 200" in log
    assert "GET /static/page.css 200" in log
    assert "token" not in log


def test_wrong_options_are_said(tmp_path: Path) -> None:
    """In the language, before anything is served."""
    wrong = jobmatch("serve", "--root-path", "x/", "--lang", "da", cwd=tmp_path)
    assert (wrong.returncode, "--root-path 'x/'" in wrong.stderr) == (2, True)
    gone = jobmatch("serve", "nowhere", cwd=tmp_path)
    assert (gone.returncode, "nowhere is not there" in gone.stderr) == (2, True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        busy = jobmatch("serve", "--port", port, cwd=tmp_path)
    assert (busy.returncode, f"Port {port}" in busy.stderr) == (2, True)
