"""A made-up municipality as a folder of tables that says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from matcher import private
from matcher.errors import OptionError
from matcher.texts import Message
from scenarios.population.draw import ID_PREFIX
from scenarios.population.spec import Population

MARK = "MADE_UP.txt"
"""File that marks a folder of made-up data."""

POLICY = "policy.toml"
"""File with the budgets that go with the size, to lay over the built-in policy."""

_MARK = """\
OPDIGTEDE DATA. Ingen borger, arbejdsplads, stilling eller sagsbehandler i denne mappe findes.
Alle id'er begynder med {prefix}. Må ikke blandes med rigtige data.

MADE-UP DATA. No citizen, workplace, opening or caseworker in this folder exists.
Every id begins with {prefix}. Never mix them with real data.
"""

_README = """\
# {municipality}: opdigtet uge / made-up week

{mark}
Municipality {municipality}, seed {seed}, day {today}. Equal seed and sizes give equal tables.

| table | rows |
|---|---|
{rows}

Known facts behind the figures (shares of job-ready, of women, districts) and what is assumed stand
in `scenarios/data/*.toml` of the program. Coordinates: GeoNames, CC BY 4.0. Postcodes that begin
with 0 are made up. `policy.toml` holds budgets for this size, to lay over the built-in policy.
"""


def claim(folder: Path) -> None:
    """Refuse a folder that may hold somebody's own data; mark it before anything is written.

    Raises
    ------
    OptionError
        The folder holds something and is not marked as made up.
    """
    if folder.is_dir() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise OptionError(Message("made.not_ours", folder=str(folder), mark=MARK))
    private.write_text(private.folder(folder) / MARK, _MARK.format(prefix=ID_PREFIX))


def mark(
    folder: Path,
    spec: Population,
    tables: Mapping[str, pd.DataFrame],
    budgets: Mapping[str, Any],
) -> None:
    """Write README (seed, day, rows) and budgets (DKK a week) into a folder of tables."""
    text = _MARK.format(prefix=ID_PREFIX)
    lines = "\n".join(f"{name} = {amount}" for name, amount in budgets.items())
    rows = "\n".join(f"| {name} | {len(frame)} |" for name, frame in tables.items())
    private.write_text(
        folder / "README.md",
        _README.format(
            municipality=spec.municipality, mark=text, seed=spec.seed, today=spec.today, rows=rows
        ),
    )
    private.write_text(
        folder / POLICY,
        f"# Made-up budgets for this size, DKK a week.\n[money.budgets]\n{lines}\n",
    )
