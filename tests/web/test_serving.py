"""The command itself: what it refuses before it serves."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.commands import jobmatch


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
