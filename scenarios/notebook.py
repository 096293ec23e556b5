"""What-if from Python: a few functions that take and give pandas frames.

``docs/what-if.md`` walks through them; the tests run it.

>>> from scenarios.notebook import ask, read_week, trade_off
>>> from scenarios.population import Population, make
>>> week = read_week(make(Population(citizens=60, openings=12)), on="2026-11-23")
>>> ask(week, ["more_mentor_hours"]).summary[["scenario", "placements", "difference"]]
            scenario  placements  difference
0               base           9           0
1  more_mentor_hours          15           6
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.solve import solve
from matcher.tables import own_policy, read_problem
from matcher.terminal import day_of
from scenarios.compare import Comparison, compare
from scenarios.exports import write_comparison as save
from scenarios.frontier import Against, frontier
from scenarios.patch import Scenario, library, read_text, read_what_if
from scenarios.sweep import run

Asked = str | Path | Scenario | Sequence[str | Scenario]


def read_week(
    source: str | Path | Mapping[str, pd.DataFrame],
    *,
    on: str | None = None,
    policy: Path | Mapping[str, Any] | None = None,
) -> Problem:
    """Read a week from frames, or from wherever `jobmatch run` reads it.

    Parameters
    ----------
    source
        Frames by table name (``citizens``, ``openings`` ...), English or Danish, with columns of
        any type, only the needed ones; or a folder, workbook or database address.
    on
        The day, ``2026-11-23``. None: today.
    policy
        What to lay over the built-in policy: a TOML file or its content. None: nothing.

    Returns
    -------
    Problem
        The week. Rows that cannot be used are left out with a warning that says how many and why.

    Raises
    ------
    InputErrors
        The tables cannot be used; carries every issue.
    OptionError
        No such day or address.
    """
    today = day_of(on)
    own = None if policy is not None or isinstance(source, Mapping) else own_policy(source)
    rules = load_policy(today, policy or own)
    address = source if isinstance(source, Mapping) or "://" in str(source) else Path(source)
    reading = read_problem(address, rules, today)
    aside = sum(count.put_aside for count in reading.counts.values())
    if aside:
        first = "; ".join(str(issue.message) for issue in reading.errors[:3])
        warnings.warn(f"{aside} rows are left out: {first}", stacklevel=2)
    return reading.problem


def ask(week: Problem, scenarios: Asked, *, workers: int = 1) -> Comparison:
    """Solve a week and scenarios of it, and compare them.

    Parameters
    ----------
    week
        As :func:`read_week` gives it.
    scenarios
        Names of the library; a what-if file, or its text; or scenarios.
    workers
        Processes.

    Returns
    -------
    Comparison
        Its frames are the answer: ``summary``, ``people``, ``groups``, ``gaps``, ``resources``,
        ``costs``, ``causes``, ``changes``; for sweeps ``tornado``, ``returns``, ``uncertainty``
        and ``drivers``. See :func:`scenarios.compare.compare`.

    Raises
    ------
    WhatIfError
        The file or text is not a what-if; every fault with its line.
    OptionError
        A name that the library does not know.
    """
    return compare(run(week, _scenarios(scenarios), workers=workers))


def trade_off(
    week: Problem, against: Against, *, group: tuple[str, str] | None = None, points: int = 9
) -> pd.DataFrame:
    """Trade placements against cost, fit, a floor of fit, or a group's floor.

    Parameters
    ----------
    week
        As :func:`read_week` gives it.
    against, group, points
        As for :func:`scenarios.frontier.frontier`.

    Returns
    -------
    pandas.DataFrame
        The points of the front: see :attr:`scenarios.frontier.Front.points`.
    """
    return frontier(solve(week), against, group=group, points=points).points


def _scenarios(asked: Asked) -> list[Scenario]:
    if isinstance(asked, Scenario):
        return [asked]
    if isinstance(asked, Path) or (isinstance(asked, str) and _is_what_if(asked)):
        text = isinstance(asked, str) and "\n" in asked
        what_if = read_text(str(asked)) if text else read_what_if(Path(asked))
        swept = [one for sweep in what_if.sweeps.values() for one in sweep.scenarios]
        return [*what_if.scenarios.values(), *swept]
    names = [asked] if isinstance(asked, str) else asked
    return [one if isinstance(one, Scenario) else _ready(one) for one in names]


def _is_what_if(text: str) -> bool:
    return "\n" in text or text.endswith(".toml")


def _ready(name: str) -> Scenario:
    from matcher.errors import OptionError

    known = library().scenarios
    if name not in known:
        raise OptionError(f"'{name}' is not in the library; known: {', '.join(known)}")
    return known[name]


__all__ = ["ask", "read_week", "save", "trade_off"]
