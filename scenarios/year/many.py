"""Many years: seeds and ways on the processes of this machine, kept as they come.

A year that is there already is not lived again: stopped, the same call goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from matcher import private
from matcher.problem import Problem
from scenarios.sweep.local import cores, follow_parent, process_context
from scenarios.year.simulate import Year, YearSpec, simulate
from scenarios.year.town import Town
from scenarios.year.ways import Chosen

Plan = Callable[[Town, Problem], Chosen]


def simulate_many(
    specs: Sequence[YearSpec],
    folder: Path | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    plans: Sequence[Plan | None] | None = None,
) -> list[Year]:
    """Live through many years.

    Parameters
    ----------
    folder
        Where each year is kept once it is whole, under the digest of what was asked; None: nowhere.
    workers
        Processes. None: as many as there are cores; 1: this one.
    progress
        Called with (years done, years in all).
    plans
        Of each year, how its weeks are planned where it is none of the ways; functions that
        another process can import. Such years are kept under the function's name as well.

    Returns
    -------
    list of Year
        In the order of ``specs``.
    """
    given = list(plans) if plans is not None else [None] * len(specs)
    found: dict[int, Year] = {}
    files = [_file(folder, *pair) for pair in zip(specs, given, strict=True)]
    for at, file in enumerate(files):
        if file is not None and file.exists():
            found[at] = Year.from_dict(json.loads(file.read_text("utf-8")))
    left = [at for at in range(len(specs)) if at not in found]

    def note(at: int, year: Year) -> None:
        found[at] = year
        file = files[at]
        if file is not None:
            private.folder(file.parent)
            private.write_text(file, json.dumps(year.to_dict(), sort_keys=True))
        if progress is not None:
            progress(len(found), len(specs))

    many = min(workers or cores(), max(1, len(left)))
    if many == 1:
        for at in left:
            note(at, simulate(specs[at], plan=given[at]))
    else:
        with ProcessPoolExecutor(
            many, mp_context=process_context(), initializer=follow_parent
        ) as pool:
            waiting = {pool.submit(simulate, specs[at], None, given[at]): at for at in left}
            for future in as_completed(waiting):
                note(waiting[future], future.result())
    return [found[at] for at in range(len(specs))]


def _file(folder: Path | None, spec: YearSpec, plan: Plan | None) -> Path | None:
    if folder is None:
        return None
    name = spec.digest() + (f"-{plan.__name__}" if plan is not None else "")
    return folder / f"{name}.json"
