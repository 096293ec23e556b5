"""What-if from Python: a few functions that take and give pandas frames.

``docs/what-if.md`` walks through them; the tests run it.

>>> import scenarios
>>> week = scenarios.make_week(citizens=60, openings=12)
>>> scenarios.ask(week, ["more_mentor_hours"]).summary[["scenario", "placements", "difference"]]
            scenario  placements  difference
0               base           9           0
1  more_mentor_hours          15           6
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from matcher.problem import Problem
from matcher.solve import solve
from matcher.terminal import day_of
from matcher.texts import Message
from scenarios.compare import Comparison, compare
from scenarios.exports import write_comparison
from scenarios.frontier import Against, frontier
from scenarios.patch import Scenario, library, read_text, read_what_if
from scenarios.population import Population, make, problem
from scenarios.sweep import run

Asked = str | Path | Scenario | Sequence[str | Scenario]
save = write_comparison


def make_tables(
    municipality: str = "Aarhus",
    *,
    citizens: int | None = None,
    openings: int | None = None,
    seed: int = 2026,
    on: str = "2026-11-23",
) -> dict[str, pd.DataFrame]:
    """Make the tables of a made-up week, calibrated to known facts; nothing stems from a person.

    Parameters
    ----------
    municipality
        One of the 98, by name or code.
    citizens, openings
        How many. None: by the municipality's size.
    seed
        Equal seeds make equal tables, on any machine.
    on
        The day.

    Raises
    ------
    OptionError
        No such municipality, day or size.
    """
    return make(_spec(municipality, citizens, openings, seed, on))


def make_week(
    municipality: str = "Aarhus",
    *,
    citizens: int | None = None,
    openings: int | None = None,
    seed: int = 2026,
    on: str = "2026-11-23",
) -> Problem:
    """Make a made-up week with a policy whose budgets are of its size.

    Parameters and errors are those of :func:`make_tables`.
    """
    return problem(_spec(municipality, citizens, openings, seed, on))


def ready_scenarios() -> pd.DataFrame:
    """List the ready scenarios: name, and title in English and Danish."""
    rows = [(name, one.title.en, one.title.da) for name, one in library().scenarios.items()]
    return pd.DataFrame(rows, columns=["name", "title", "titel"])


def ask(week: Problem, scenarios: Asked, *, workers: int = 1) -> Comparison:
    """Solve a week and scenarios of it, and compare them.

    Parameters
    ----------
    week
        As :func:`matcher.read_week` or :func:`make_week` gives it.
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
        As :func:`matcher.read_week` or :func:`make_week` gives it.
    against, group, points
        As for :func:`scenarios.frontier.frontier`.

    Returns
    -------
    pandas.DataFrame
        The points of the front: see :attr:`scenarios.frontier.Front.points`.
    """
    return frontier(solve(week), against, group=group, points=points).points


def _spec(
    municipality: str, citizens: int | None, openings: int | None, seed: int, on: str
) -> Population:
    return Population(municipality, citizens, openings, today=day_of(on), seed=seed)


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
        raise OptionError(Message("whatif_command.not_ready", name=name, known=tuple(known)))
    return known[name]
