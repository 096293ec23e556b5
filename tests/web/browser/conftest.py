"""A real browser before a real server on a real ledger; one of each for all tests here.

Driven through Playwright, with the chromium of the machine: none is downloaded. It is there while
the tests of this folder run and not longer, since its event loop is the thread's.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from matcher import run_week
from matcher.texts import Language, Message
from scenarios import make_tables
from tests.commands import surroundings
from tests.conftest import fresh_schema

COMMAND = "from scenarios.cli import main; main()"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser",
                                    "chrome"))), None
)  # fmt: skip
"""The machine's chromium: the build without windows first, which takes half of the time."""
POLICY = """
[serve]
proxies = ["127.0.0.1"]
hosts = ["127.0.0.1:{port}"]
planners = ["plan"]
data_team = ["data"]
[serve.caseworkers]
nord = ["Team Nord"]
"""
SIZES = {"desk": (1280, 900), "phone": (390, 844), "zoomed": (320, 256)}
"""Width and height; the last is a screen of 1,280 by 1,024 at 400 %."""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Server:
    """The command `jobmatch serve`, as a process."""

    folder: Path
    arguments: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: Any = None
    address: str = ""
    """What it printed: where to enter."""

    @property
    def base(self) -> str:
        """Address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        """Start it, and wait until it says that it is ready."""
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "serve", "--out", str(self.folder),
             "--port", str(self.port), *self.arguments],
            stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.folder,
            env={**os.environ, **surroundings(PYTHONIOENCODING="utf-8")},
        )  # fmt: skip
        log.close()
        assert self.process.stdout is not None
        self.address = next(line.strip() for line in self.process.stdout if "http://" in line)
        return self

    def kill(self) -> None:
        """End it as a failure of the machine would."""
        self.process.send_signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self._wait()

    def _wait(self) -> None:
        self.process.wait(30)
        self.process.stdout.close()

    @property
    def ledger(self) -> str:
        """Address of its ledger."""
        if "--ledger" in self.arguments:
            return self.arguments[self.arguments.index("--ledger") + 1]
        return str(self.folder / "ledger.sqlite")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """The browser, started once."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium-headless-shell")
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with api.sync_playwright() as playwright:
        alone = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        alone.append("--disable-gpu")  # there is none: without it one is made believe
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=alone)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def served(
    _week: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Any
) -> Iterator[Server]:
    """A server on SQLite: whoever has the printed address is the data team."""
    assert chromium is not None
    folder = Path(shutil.copytree(_week, tmp_path_factory.mktemp("served") / "runs"))
    server = Server(folder).start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def behind_a_proxy(
    postgresql: str, tmp_path_factory: pytest.TempPathFactory, chromium: Any
) -> Iterator[Server]:
    """A server on PostgreSQL that believes what the proxy says of who asks."""
    assert chromium is not None
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    policy = folder / "policy.toml"
    policy.write_text(POLICY.format(port=port), "utf-8")
    for address in fresh_schema(postgresql):
        run_week(make_tables(citizens=40, openings=10), folder, on="2026-11-23", ledger=address)
        server = Server(folder, ("--ledger", address, "--policy", str(policy)), port).start()
        yield server
        server.stop()


@dataclass
class Person:
    """Somebody at the browser, with their language; what they asked for is noted."""

    context: Any
    page: Any
    base: str
    language: Language
    asked: list[str]

    def text(self, key: str, **facts: Any) -> str:
        """A text of the workbench in the person's language."""
        return Message(f"web.{key}", **facts).told(self.language)

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(f"{self.base}{path}")

    def heading(self) -> str:
        """What the page is called."""
        return str(self.page.locator("h1").inner_text())

    @property
    def path(self) -> str:
        """Path and query of the page."""
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")


Come = Callable[..., Person]


@pytest.fixture(scope="package")
def sessions() -> dict[int, Any]:
    """What a browser keeps of those who have entered a server, by its port."""
    return {}


@pytest.fixture
def come(chromium: Any, sessions: dict[int, Any]) -> Iterator[Come]:
    """Somebody comes; whatever they ask for is asked of this machine, and no page fails."""
    people: list[Person] = []

    def made(
        server: Server, language: Language = "en", size: str = "desk", groups: str = "",
        name: str = "eva", **more: Any,
    ) -> Person:  # fmt: skip
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale=language,
            has_touch=size == "phone", storage_state=sessions.get(server.port),
            extra_http_headers=(
                {"X-Remote-User": name, "X-Remote-Groups": groups} if groups else {}
            ), **more,
        )  # fmt: skip
        context.set_default_timeout(60_000)
        person = Person(context, context.new_page(), server.base, language, [])
        people.append(person)
        context.on("request", lambda request: person.asked.append(request.url))
        context.on("weberror", lambda error: person.asked.append(f"error://{error.error}"))
        person.page.on("console", lambda said: _heard(person, said))
        if not groups and server.port not in sessions:
            person.page.goto(server.address)
            sessions[server.port] = context.storage_state()
        context.add_cookies(
            [{"name": "jobmatch-lang", "value": language, "url": server.base}]
        )  # fmt: skip
        return person

    yield made
    for person in people:
        person.context.close()
        outside = [url for url in person.asked if not re.match(rf"{person.base}/|data:", url)]
        assert outside == []


def _heard(person: Person, said: Any) -> None:
    """Note what the browser refused: a script or style that the policy stopped."""
    if said.type == "error" and "status of 4" not in said.text:
        person.asked.append(f"console://{said.text}")
