"""Made-up municipalities: tables for a run, drawn from a seed and calibrated to known facts.

Nothing in them stems from a person. Every id begins with ``FIKTIV``; a folder of them says so in
``MADE_UP.txt``. What is known and what is assumed stands beside each figure in ``data/*.toml``.

The default week is a planning week with a backlog, not a week's pace: the programme placed about
ten people a week (520 in a year), the made-up week has 250 openings with some 530 seats for 1,550
citizens. Help for people is what is scarce: about a twentieth of all pairs can be offered, one
citizen in three has no offer at all, mentor hours and class seats are used up, and half of the
municipal seats stay empty. Taking offers by fit, best first, spends the mentor hours on those who
could do without: it places a quarter fewer people than the proven optimum. Every figure, its range
and what hangs on it: ``docs/made-up-weeks.md``.

>>> from scenarios.population import Population, make
>>> tables = make(Population("Aarhus", citizens=50, openings=10))
>>> len(tables["citizens"])
50
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.policy import Policy, load_policy
from matcher.problem import Problem, as_frame
from matcher.records import TABLES
from scenarios.population.citizens import draw_citizens
from scenarios.population.draw import ID_PREFIX
from scenarios.population.folder import MARK, POLICY, claim, mark
from scenarios.population.geography import COUNTRY, Municipality, municipalities
from scenarios.population.history import draw_history
from scenarios.population.openings import draw_openings
from scenarios.population.spec import TODAY, Population
from scenarios.population.supports import (
    draw_audit,
    draw_caseworkers,
    draw_courses,
    draw_mentors,
    draw_places,
    draw_teams,
)


def make(spec: Population | None = None, **changes: Any) -> dict[str, pd.DataFrame]:
    """Draw all tables of a made-up municipality.

    Parameters
    ----------
    spec
        What to make. None: the Aarhus week.
    **changes
        Fields of :class:`Population` to change.

    Returns
    -------
    tables
        The canonical frame of every table of :data:`matcher.records.TABLES`; equal for equal
        input on any machine.

    Raises
    ------
    OptionError
        Unknown municipality, a negative size or factor.
    """
    spec = replace(spec or Population(), **changes)
    cohort, demand = draw_citizens(spec), draw_openings(spec)
    caseworkers, of_citizen = draw_caseworkers(spec, cohort)
    columns: dict[str, dict[str, Any]] = {
        "citizens": {**cohort.columns, "caseworker_id": of_citizen},
        "workplaces": demand.workplaces,
        "openings": demand.openings,
        "teams": draw_teams(spec, demand),
        "mentor_pools": draw_mentors(spec, demand),
        "courses": draw_courses(spec),
        "caseworkers": caseworkers,
        **draw_history(spec, cohort, demand, caseworkers, of_citizen),
        "places": draw_places(spec),
        "audit_groups": draw_audit(spec, cohort),
    }
    return {name: as_frame(table, columns.get(name, {})) for name, table in TABLES.items()}


def problem(spec: Population | None = None, policy: Policy | None = None) -> Problem:
    """Make a municipality and put it together with a policy.

    Parameters
    ----------
    spec
        What to make. None: the Aarhus week.
    policy
        None: the built-in policy of the day, with budgets for the size.
    """
    spec = spec or Population()
    if policy is None:
        policy = load_policy(spec.today, policy_override(spec))
    return Problem(make(spec), policy, spec.today)


def write(folder: str | Path, spec: Population | None = None, **options: Any) -> str:
    """Write a made-up municipality as tables that say what they are.

    Parameters
    ----------
    folder
        Folder to write into; made if missing. Beside the tables it gets a marker
        (``MADE_UP.txt``), a README and ``policy.toml`` with budgets for the size. One that holds
        files and has no marker is refused: they may be somebody's own.
    spec
        What to make. None: the Aarhus week.
    **options
        As for :func:`matcher.tables.write_folder`, e.g. ``format="excel"``, ``danish=True``.

    Returns
    -------
    address
        What to read the tables back from.

    Raises
    ------
    OptionError
        The folder is not for made-up data or cannot be written to, or an option is wrong.
    """
    from matcher.tables import check_folder, write_folder

    spec = spec or Population()
    check_folder(folder)
    tables = make(spec)
    claim(Path(folder))
    address = write_folder(tables, folder, **options)
    mark(Path(folder), spec, tables, policy_override(spec)["money"]["budgets"])
    return address


def policy_override(spec: Population) -> dict[str, Any]:
    """Return what to lay over the built-in policy: budgets (DKK a week) for the size asked for.

    The built-in budgets are those of a cohort of the reference size, 1,550 citizens.
    """
    budgets = load_policy(spec.today).money.budgets
    factor = spec.scale * spec.budgets
    scaled = {name: round(amount * factor) for name, amount in budgets.items()}
    return {"money": {"budgets": scaled}}


__all__ = [
    "COUNTRY",
    "ID_PREFIX",
    "MARK",
    "POLICY",
    "TODAY",
    "Municipality",
    "Population",
    "make",
    "municipalities",
    "policy_override",
    "problem",
    "write",
]
