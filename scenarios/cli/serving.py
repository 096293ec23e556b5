"""The command `jobmatch serve`: the workbench on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher import clock
from matcher.commands import Asked, ByMapping, InLedger, OnWeek, UnderPolicy, add_command
from matcher.errors import OptionError
from matcher.terminal import address_of, ledger_address, mapping_of, policy_of, say
from matcher.texts import Message

NEEDED = ("fastapi", "jinja2", "python_multipart", "uvicorn")
"""Packages of the extra."""


@dataclass(frozen=True, kw_only=True)
class Serving(OnWeek, UnderPolicy, ByMapping, InLedger, Asked):
    """Serve the workbench on this machine: look, decide and pull levers in a browser."""

    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("runs")
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8765
    root_path: Annotated[str, typer.Option("--root-path", metavar="PATH")] = ""


def add_serving(app: typer.Typer) -> None:
    """Add the command to the command."""
    add_command(app, "serve", Serving, _serve)


def _serve(asked: Serving) -> None:
    from importlib.util import find_spec

    from matcher.policy import Serve
    from matcher.tables import check_folder

    missing = next((name for name in NEEDED if find_spec(name) is None), None)
    if missing is not None:
        raise OptionError(Message("web.needs_extra", name=missing))
    from scenarios.web import Settings, serve, session_key

    check_folder(asked.out, "--out")
    root, data = asked.root_path, asked.data
    if root and (not root.startswith("/") or root.endswith("/")):
        raise OptionError(Message("web.root_path", text=root))
    if data is not None and "://" not in data and not Path(data).exists():
        raise OptionError(Message("web.no_such_data", path=data))
    mapping_of(asked.mapping, data)  # one that cannot be used is said before anything is served
    rules = policy_of(clock.today(), asked.policy, data).serve
    settings = Settings(
        ledger=ledger_address(asked.ledger, asked.out),
        out=asked.out,
        rules=rules or Serve(valid_from=clock.today(), source=""),
        key=session_key(asked.out),
        data=None if data is None else str(address_of(data)),
        policy=asked.policy,
        mapping=asked.mapping,
        language=asked.language,
        port=asked.port,
        root=root,
    )
    serve(settings, lambda address: say(Message("web.open", address=address)))
