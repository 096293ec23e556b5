"""One scenario: patched, solved warm from the base, verified, and kept as an outcome.

The only place of the package that calls the solver. Nothing depends on which scenario was solved
before it or beside it, so the answer is the same wherever and in whatever order it is found.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.again import Earlier, earlier_of
from matcher.errors import MatcherError
from matcher.problem import Problem
from matcher.solve import Options, solve
from matcher.texts import LANGUAGES, Message, catalogue, joined
from matcher.verify import ensure_verified
from scenarios.outcome import Outcome, RecordedChange, failed, outcome_of
from scenarios.patch import AppliedChange, Scenario, apply

BASE = "base"
"""Name of the week as it is."""
_SHOWN = 4
"""Values of a path that a summary of changes shows."""


@dataclass(frozen=True, eq=False)
class SolvedWeek:
    """A week with what its solution leaves for scenarios of it; can be sent to other processes."""

    problem: Problem
    earlier: Earlier | None
    """None: scenarios are solved from nothing, to the same answers."""
    options: Options


def solve_base(problem: Problem, options: Options) -> tuple[SolvedWeek, Outcome]:
    """Solve the week as it is.

    Raises
    ------
    ClashError
        Its locks or floors contradict each other.
    """
    solution = solve(problem, options)
    solution.plan.need_no_clash()
    earlier = None
    if solution.plan.has_plan:
        ensure_verified(problem, solution.plan)
        earlier = earlier_of(solution)
    return SolvedWeek(problem, earlier, options), outcome_of(
        solution, name=BASE, titles=base_titles()
    )


def base_titles() -> dict[str, str]:
    """Title of the week as it is, by language."""
    return {language: catalogue(language)["whatif.base_title"] for language in LANGUAGES}


def packed(week: SolvedWeek) -> tuple[str, bytes]:
    """Return a week as bytes for other processes, and the digest they hold it by."""
    data = pickle.dumps(week, protocol=pickle.HIGHEST_PROTOCOL)
    return hashlib.blake2b(data, digest_size=16).hexdigest(), data


def solve_held(digest: str, data: Callable[[], bytes], scenario: Scenario) -> Outcome:
    """Solve a scenario of the week that this process holds; it is made ready if it is another.

    Parameters
    ----------
    digest
        Of the packed week.
    data
        Fetches the packed week, which only a process of the same user has written.
    scenario
        What to change.
    """
    with _holding:
        if digest not in _held:
            # One at a time: a worker of a cluster outlives a sweep.
            _held.clear()
            _held[digest] = week = pickle.loads(data())
            make_ready(week)
        week = _held[digest]
    return solve_one(week, scenario)


_held: dict[str, SolvedWeek] = {}
"""The week a process works on, by its digest."""
_holding = threading.Lock()
"""A worker of a cluster may have several threads."""


def make_ready(week: SolvedWeek) -> None:
    """Make once what every scenario of a week needs: the records that the check reads."""
    for table in ("citizens", "openings", "workplaces"):
        week.problem.all_records(table)


def solve_one(
    week: SolvedWeek, scenario: Scenario, cancel: threading.Event | None = None
) -> Outcome:
    """Solve a scenario; what goes wrong with it is its outcome, not an error.

    Parameters
    ----------
    cancel
        Set it from another thread to stop: the outcome is then of the best plan so far, or says
        that there was none.
    """
    started = time.perf_counter()
    told: dict[str, Any] = words_of(scenario)
    try:
        applied = apply(week.problem, scenario)
        told["changes"] = summarised(applied.changes)
        told["selected"] = tuple(one.to_dict() for one in applied.selected)
        told["idle_caseworkers"] = idle_caseworkers(week.problem, applied.problem)
        again = solve if week.earlier is None else week.earlier.solve
        solution = again(applied.problem, week.options, cancel=cancel)
        if solution.plan.has_plan:
            ensure_verified(applied.problem, solution.plan)
        return outcome_of(
            solution, name=scenario.name, seconds=time.perf_counter() - started, **told
        )
    except MatcherError as error:
        reason = error.said
    except Exception as error:
        # One scenario must not end the others.
        reason = Message("sweep.our_fault", kind=type(error).__name__, text=str(error))
    return failed(scenario.name, reason, seconds=time.perf_counter() - started, **told)


def idle_caseworkers(before: Problem, after: Problem) -> int:
    """Count the caseworkers that are new and whom no citizen has."""
    if before["caseworkers"] is after["caseworkers"]:
        return 0
    ids = set(after["caseworkers"]["caseworker_id"].tolist())
    new = ids.difference(before["caseworkers"]["caseworker_id"].tolist())
    return len(new.difference(after["citizens"]["caseworker_id"].tolist())) if new else 0


def words_of(scenario: Scenario) -> dict[str, Any]:
    """Return what an outcome says of its scenario."""
    return {
        "titles": _by_language(scenario.title.model_dump()),
        "questions": _by_language(scenario.question.model_dump()),
        "family": scenario.sweep,
        "sweep": scenario.kind,
        "parameters": dict(scenario.settings),
        "family_titles": _by_language(scenario.sweep_title.model_dump()),
        "labels": {name: _by_language(text.model_dump()) for name, text in scenario.labels.items()},
    }


def _by_language(text: dict[str, str]) -> dict[str, str]:
    return {language: said for language, said in text.items() if said}


def summarised(changes: Sequence[AppliedChange]) -> tuple[RecordedChange, ...]:
    """Bring changes to one line for each path: its values as a short list, its rows as a count."""
    by_path: dict[tuple[str, str], list[AppliedChange]] = {}
    for change in changes:
        by_path.setdefault((change.path, change.scenario), []).append(change)
    return tuple(
        RecordedChange(
            path,
            _short([change.old for change in same]),
            _short([change.new for change in same]),
            max(1, sum(change.rows for change in same)),
        )
        for (path, _), same in by_path.items()
    )


def _short(values: list[str]) -> str:
    distinct = list(dict.fromkeys(values))
    shown = joined(distinct[:_SHOWN], ", ")
    more = len(distinct) - _SHOWN
    return Message("change.and_more", values=shown, count=more) if more > 0 else shown
