"""Many years: on the processes of this machine or a Dask cluster, kept as they come.

A year that is there already is not lived again: stopped, the same call goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from matcher import private
from matcher.errors import OptionError
from matcher.problem import Problem
from matcher.texts import Message
from scenarios.sweep import workforce_of
from scenarios.year.simulate import Year, YearSpec, simulate
from scenarios.year.town import Town
from scenarios.year.ways import Chosen

Plan = Callable[[Town, Problem], Chosen]


def live_many(
    jobs: Mapping[str, Callable[[], Year]],
    folder: Path | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cluster: str | None = None,
) -> dict[str, Year]:
    """Live through many years.

    Parameters
    ----------
    jobs
        What lives through each year, by the name it is kept under; another process can import it.
    folder
        Where each year is kept once it is whole; None: nowhere.
    workers
        Processes. None: as many as there are cores; 1: this one.
    progress
        Called with (years done, years in all).
    cluster
        ``local`` for a Dask cluster on this machine, or the address of a scheduler; None: none.

    Returns
    -------
    dict
        Every year by its name.

    Raises
    ------
    OptionError
        The cluster cannot be used, or the process of a year died again and again.
    """
    found = {name: year for name in jobs if (year := kept_year(folder, name)) is not None}
    left = [name for name in jobs if name not in found]
    lost = []
    with ExitStack() as stack:
        workforce = workforce_of(stack, cluster, workers, len(left))
        for at, year in workforce.each({at: jobs[name] for at, name in enumerate(left)}):
            if year is None:
                lost.append(left[at])
                continue
            found[left[at]] = year
            if folder is not None:
                _keep(folder, left[at], year)
            if progress is not None:
                progress(len(found), len(jobs))
    if lost:
        raise OptionError(Message("year.lost", count=len(lost), years=len(jobs)))
    return {name: found[name] for name in jobs}


def _keep(folder: Path, name: str, year: Year) -> None:
    """Keep a year; its file gets its name when it is whole, so that a killed call leaves none."""
    private.folder(folder)
    partial_file = folder / f".{name}.partial"
    private.write_text(partial_file, json.dumps(year.to_dict(), sort_keys=True))
    partial_file.replace(_file(folder, name))


def kept_year(folder: Path | None, name: str) -> Year | None:
    """Return the year that is kept under a name; None: it is not there."""
    if folder is None or not (file := _file(folder, name)).exists():
        return None
    return Year.from_dict(json.loads(file.read_text("utf-8")))


def simulate_many(
    specs: Sequence[YearSpec],
    folder: Path | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    plans: Sequence[Plan | None] | None = None,
    cluster: str | None = None,
) -> list[Year]:
    """Live through years of made-up municipalities; see :func:`live_many`.

    Parameters
    ----------
    plans
        Of each year, how its weeks are planned where it is none of the ways; functions that
        another process can import. Such years are kept under the function's name as well.

    Returns
    -------
    list of Year
        In the order of ``specs``.
    """
    given = list(plans) if plans is not None else [None] * len(specs)
    names = [year_name(*pair) for pair in zip(specs, given, strict=True)]
    jobs = {name: partial(simulate, spec, plan=plan)
            for name, spec, plan in zip(names, specs, given, strict=True)}  # fmt: skip
    found = live_many(jobs, folder, workers, progress, cluster)
    return [found[name] for name in names]


def year_name(spec: YearSpec, plan: Plan | None = None) -> str:
    """Name that a year is kept under."""
    return spec.digest() + (f"-{plan.__name__}" if plan is not None else "")


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"
