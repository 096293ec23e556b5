"""What several commands are asked with: the made-up municipality, years to be simulated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher.commands import InLedger, OnDay, OnWorkers
from matcher.errors import OptionError
from matcher.texts import Message


@dataclass(frozen=True, kw_only=True)
class MadeUp:
    """Commands on a made-up municipality."""

    municipality: Annotated[str, typer.Option()] = "Aarhus"
    citizens: Annotated[int | None, typer.Option(min=0)] = None
    openings: Annotated[int | None, typer.Option(min=0)] = None


@dataclass(frozen=True, kw_only=True)
class Living(MadeUp, OnDay, InLedger, OnWorkers):
    """Commands that live through simulated years."""

    length: Annotated[int, typer.Option("--weeks", min=1, max=520)] = 52
    years: Annotated[int | None, typer.Option("--years", min=1, max=1000)] = None
    figure: Annotated[list[str] | None, typer.Option("--figure", metavar="NAME=VALUE")] = None
    from_ledger: Annotated[bool, typer.Option("--from-ledger")] = False
    kept: Annotated[Path, typer.Option("--kept", metavar="DIR")] = Path("years")

    def changes(self) -> dict[str, float]:
        """Return the figures that are to be others.

        Raises
        ------
        OptionError
            One is not written as NAME=VALUE.
        """
        return dict(map(_figure, self.figure or []))


def _figure(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise OptionError(Message("year.figure_text", text=text))
    return name.strip(), number
