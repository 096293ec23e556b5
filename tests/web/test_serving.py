"""The command itself: what it refuses before it serves."""

from __future__ import annotations

import socket
from pathlib import Path
from unittest import mock

from scenarios.web import serving
from tests.commands import jobmatch
from tests.web.conftest import settings_of


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


def test_the_address_is_answered_as_soon_as_it_is_said(folder: Path) -> None:
    """Also where the machine is slow to begin: a browser that is quick is not turned away."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    heard: list[str] = []

    def said(address: str) -> None:
        heard.append(address)
        socket.create_connection(("127.0.0.1", port), timeout=5).close()

    with (
        mock.patch("uvicorn.Server.run"),
        mock.patch.object(serving, "keep_prepared"),
        mock.patch.object(serving, "_log"),
    ):
        serving.serve(settings_of(folder, port=port), said)
    assert f":{port}/enter?token=" in heard[0]
