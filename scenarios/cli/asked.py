"""What several commands are asked with: the made-up municipality, years to be simulated."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher.commands import InLedger, OnDay, OnWorkers
from matcher.errors import OptionError
from matcher.texts import Message, joined


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
    way: Annotated[list[str] | None, typer.Option("--way", metavar="WAY")] = None
    from_ledger: Annotated[bool, typer.Option("--from-ledger")] = False
    kept: Annotated[Path, typer.Option("--kept", metavar="DIR")] = Path("years")

    def changes(self) -> dict[str, float]:
        """Return the figures that are to be others, as far as they can be read."""
        read = map(_figure, self.figure or [])
        return dict(one for one in read if one is not None)

    def faults(self) -> list[Message]:
        """Say all that is asked wrongly, as far as it can be seen before years are lived."""
        from scenarios.year.assumed import figure_faults

        read = [(text, _figure(text)) for text in self.figure or []]
        unread = [Message("year.figure_text", text=text) for text, one in read if one is None]
        names = Counter(one[0] for _, one in dict(read).items() if one is not None)
        twice = [Message("year.figure_twice", name=name)
                 for name, many in sorted(names.items()) if many > 1]  # fmt: skip
        given = dict(one for _, one in read if one is not None)
        faults = [*_way_faults(self.way or ()), *unread, *twice, *figure_faults(given)]
        changes = self.changes()
        accepted, undecided = (changes.get(name, 0.0) for name in ("accepted", "undecided"))
        if not faults and undecided > 0 and accepted + undecided > 1:
            faults.append(Message("year.too_much", accepted=accepted, undecided=undecided))
        return faults


def _way_faults(ways: Iterable[str]) -> list[Message]:
    """Say which are no ways to plan a week."""
    from scenarios.year import WAYS

    return [Message("year.no_way", way=way, known=tuple(WAYS)) for way in ways if way not in WAYS]


def raise_faults(faults: Sequence[Message]) -> None:
    """Raise all that is asked wrongly as one error.

    Raises
    ------
    OptionError
        There is any.
    """
    if faults:
        raise OptionError(joined(faults, "\n"))


def _figure(text: str) -> tuple[str, float] | None:
    """Read NAME=VALUE, with a decimal point or comma; None: it cannot be read."""
    name, _, value = text.partition("=")
    try:
        number = float(value.strip().replace(",", "."))
    except ValueError:
        return None
    return (name.strip(), number) if math.isfinite(number) else None
