"""The run of many scenarios: what is known, what is not, and who works it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol, TypeVar

from matcher.errors import OptionError
from matcher.problem import Problem
from matcher.solve import Options
from matcher.texts import Message
from scenarios.outcome import Outcome
from scenarios.patch import Scenario
from scenarios.sweep.cache import Cache, key_of, renamed
from scenarios.sweep.local import Processes, cores
from scenarios.sweep.one import BASE, SolvedWeek, solve_base, solve_one

if TYPE_CHECKING:
    from matcher.weekly import Observer


T = TypeVar("T")


class Workforce(Protocol):
    """Whoever does the work: this process, others on this machine, or a cluster."""

    def solve(
        self, week: SolvedWeek, scenarios: Mapping[int, Scenario]
    ) -> Iterator[tuple[int, Outcome]]:
        """Solve scenarios; give each outcome with its number as it comes."""
        ...

    def each(self, jobs: Mapping[int, Callable[[], T]]) -> Iterator[tuple[int, T | None]]:
        """Do jobs; give what each returns with its number as it comes, None where it was lost."""
        ...


def run(
    problem: Problem,
    scenarios: Sequence[Scenario],
    *,
    options: Options | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    cache: Cache | None = None,
    observer: Observer | None = None,
) -> list[Outcome]:
    """Solve a week and scenarios of it.

    The base is solved once. Each scenario starts from the base's offers and prices, and only what
    its changes touch is made again; every answer is verified, and equal to the one found from
    nothing. Equal input gives equal outcomes, whatever the workers and the order they finish in
    (``seconds`` apart).

    Parameters
    ----------
    problem
        The week as it is.
    scenarios
        What to change; names may occur only once.
    options
        Limits, seed and workers of the engine; None: its defaults.
    workers
        Processes. None: as many as there are cores; 1: none beside this one.
    cluster
        ``local`` for a Dask cluster on this machine, or the address of a scheduler; None: none.
    cache
        Where outcomes are kept and looked for; None: nowhere.
    observer
        Hears how far it is.

    Returns
    -------
    outcomes
        The base, then one for each scenario, in their order. A scenario that could not be solved
        is there with its reason; the others are not concerned.

    Raises
    ------
    OptionError
        Two scenarios have one name, or the cluster cannot be used.
    ClashError
        The week as it is has no plan, because locks or floors contradict each other.
    """
    # Not needed by workers, and slow to import.
    from matcher.weekly import Observer

    options, observer, cache = options or Options(), observer or Observer(), cache or Cache(None)
    _check_names(scenarios)
    keys = [key_of(problem, scenario, options) for scenario in scenarios]
    found = {
        number: known
        for number, scenario in enumerate(scenarios)
        if (known := cache.get(keys[number], scenario)) is not None
    }
    if found:
        observer.note(Message("sweep.known", count=len(found), all=len(scenarios)))
    asked = [number for number in range(len(scenarios)) if number not in found]
    first = {keys[number]: number for number in reversed(asked)}
    once = {number: scenarios[number] for number in sorted(first.values())}
    base_key = key_of(problem, None, options)
    base = cache.get(base_key, None)
    if base is None or once:
        with ExitStack() as stack:
            workforce = workforce_of(stack, cluster, workers, len(once))
            observer.phase(Message("phase.base"))
            week, base = solve_base(problem, options)
            cache.put(base_key, base)
            observer.phase(Message("phase.solving", count=len(once)))
            for done, (number, outcome) in enumerate(workforce.solve(week, once), 1):
                found[number] = outcome
                cache.put(keys[number], outcome)
                if outcome.failed:
                    observer.note(
                        Message("sweep.failed", name=outcome.name, reason=outcome.first_reason)
                    )
                observer.step(done, len(once))
    for number in asked:
        if number not in found:
            found[number] = renamed(found[first[keys[number]]], scenarios[number])
    return [base, *(found[number] for number in range(len(scenarios)))]


class _ThisProcess:
    """No worker but this process."""

    def solve(
        self, week: SolvedWeek, scenarios: Mapping[int, Scenario]
    ) -> Iterator[tuple[int, Outcome]]:
        """Solve scenarios one after the other."""
        for number, scenario in scenarios.items():
            yield number, solve_one(week, scenario)

    def each(self, jobs: Mapping[int, Callable[[], T]]) -> Iterator[tuple[int, T | None]]:
        """Do jobs one after the other."""
        for number, job in jobs.items():
            yield number, job()


def workforce_of(
    stack: ExitStack, cluster: str | None, workers: int | None, count: int
) -> Workforce:
    """Get hold of whoever is to do the work; they get ready while the base is solved."""
    if workers is not None and workers < 1:
        raise OptionError(Message("sweep.workers", count=workers))
    if cluster is not None and count:
        from scenarios.sweep.cluster import Cluster

        return stack.enter_context(Cluster(cluster, workers or cores()))
    workers = min(workers or cores(), max(1, count))
    return _ThisProcess() if workers == 1 else stack.enter_context(Processes(workers))


def _check_names(scenarios: Sequence[Scenario]) -> None:
    names = Counter(scenario.name for scenario in scenarios)
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        raise OptionError(Message("sweep.twice", name=twice[0]))
    if BASE in names:
        raise OptionError(Message("sweep.base", name=BASE))
