"""A small week in a ledger, a workbench on it, and somebody who asks for its pages."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from matcher import run_week
from matcher.policy import Serve
from scenarios import make_tables
from scenarios.web import Settings, build
from scenarios.web.weeks import Weeks

HERE = "127.0.0.1:8765"
RULES = Serve(valid_from=dt.date(2022, 1, 1), source="test")
SCRIPT = "<script>x()</script>"
FREE = frozenset({"title", "name", "unit", "group", "dimension", "municipality", "last_employer"})
"""Columns of free text that are no ids."""
CODES = frozenset(
    {"must_limits", "unknown", "assumed", "papers", "measures", "paper", "measure", "reason"}
)
"""Columns of words that the reader of tables knows; a cell with another is put aside and told."""


class Browser:
    """Keeps cookies and asks an application, without a network."""

    def __init__(self, settings: Settings, *, host: str = HERE, peer: str = "127.0.0.1") -> None:
        self.settings = settings
        self.weeks: Any = Weeks(settings)
        self.door = build(settings, self.weeks)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.door, client=(peer, 50000)),  # type: ignore[arg-type]
            base_url=f"http://{host}",
        )

    def get(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.get(path, **more))

    def post(self, path: str, data: Any = None, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.post(path, data=data, **more))

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.request(method, path, **more))

    def enter(self) -> Browser:
        """Use the printed address."""
        answer = self.get(self.door.address())
        assert answer.status_code == 303
        return self

    @property
    def csrf(self) -> str:
        """Token of the forms, as a page has it."""
        found = re.search(r'name="csrf" value="(\w+)"', self.get("/weeks").text)
        assert found is not None
        return found[1]

    def form(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form as the page would."""
        return self.post(path, {"csrf": self.csrf, **fields})

    def rows(self, path: str = "/people?cause=proposed") -> list[str]:
        """Opaque rows of the people on a page."""
        return list(dict.fromkeys(re.findall(r"/case/([0-9a-f]{16})", self.get(path).text)))


def planted(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Put a script into every id and every text that a table holds, codes apart."""

    def changed(name: str, column: pd.Series) -> pd.Series:
        if str(name).endswith("_id"):
            return column.where(column.isna(), SCRIPT + column.astype(str))
        return column.where(column.isna(), SCRIPT) if name in FREE else column

    return {
        table: frame.assign(**{name: changed(name, frame[name]) for name in frame.columns})
        for table, frame in tables.items()
    }


def week_in(folder: Path, tables: dict[str, pd.DataFrame], *, explain: bool = False) -> Path:
    """Run a week into a folder with its ledger."""
    run_week(tables, folder, on="2026-11-23", ledger=folder / "ledger.sqlite", explain=explain)
    return folder


@pytest.fixture(scope="session")
def _week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return week_in(
        tmp_path_factory.mktemp("week"), make_tables(citizens=70, openings=14), explain=True
    )


def settings_of(folder: Path, **more: Any) -> Settings:
    """Settings of a workbench on a folder."""
    given = Settings(ledger=folder / "ledger.sqlite", out=folder, rules=RULES, key=b"k" * 32)
    return replace(given, **more)


@pytest.fixture(scope="session")
def shared(_week: Path) -> Browser:
    """Somebody of the data team who only looks."""
    return Browser(settings_of(_week)).enter()


@pytest.fixture
def folder(_week: Path, tmp_path: Path) -> Path:
    """The test's own copy of the week."""
    return Path(shutil.copytree(_week, tmp_path / "runs"))


@pytest.fixture
def browser(folder: Path) -> Browser:
    """Somebody of the data team who decides."""
    return Browser(settings_of(folder)).enter()


@pytest.fixture
def behind(_week: Path) -> Callable[..., Browser]:
    """A workbench behind a proxy; give groups and where the request comes from."""

    def made(groups: str, peer: str = "10.0.0.1", *, of: Path = _week, **rules: Any) -> Browser:
        known = RULES.model_copy(
            update={
                "proxies": ("10.0.0.1",), "hosts": ("jobmatch.example",), "planners": ("plan",),
                "data_team": ("data",), "caseworkers": {"nord": ("Team Nord",)}, **rules,
            }
        )  # fmt: skip
        asks = Browser(settings_of(of, rules=known), host="jobmatch.example", peer=peer)
        asks._client.headers.update({"X-Remote-User": "eva", "X-Remote-Groups": groups})
        return asks

    return made
