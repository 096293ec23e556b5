"""A Dask cluster with real workers finds what one process finds, also when a worker is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from matcher.errors import OptionError
from matcher.problem import Problem
from matcher.solve import Options
from matcher.weekly import Observer
from scenarios.outcome import Outcome
from scenarios.patch import Scenario, read_text
from scenarios.population import Population, problem
from scenarios.sweep import run
from scenarios.sweep.cluster import LOCAL, Cluster
from scenarios.sweep.one import solve_base

distributed = pytest.importorskip("distributed", reason="needs the extra 'distributed'")
NAMES = ("MALLOC_TRIM_THRESHOLD_", "OPENBLAS_NUM_THREADS")
"""Settings of a worker that are seen to."""

GRID = """
[scenario.wrong]
[[scenario.wrong.change]]
table = "openings"
where = { seats = { above = 500 } }
add = { seats = 1 }
[sweep.grid]
over.more_mentor_hours.hours = [0, 20]
over.inflow.citizens = [0, 5]
"""


@pytest.fixture(scope="module")
def week() -> Problem:
    return problem(Population(citizens=30, openings=8, seed=4))


@pytest.fixture(scope="module")
def scenarios() -> list[Scenario]:
    return list(read_text(GRID, "my.toml").all_scenarios())


@pytest.fixture(scope="module")
def alone(week: Problem, scenarios: list[Scenario]) -> list[dict[str, Any]]:
    return [plain(one) for one in run(week, scenarios, workers=1)]


@pytest.fixture(scope="module")
def _started() -> Iterator[list[Cluster]]:
    """Clusters of this machine, the latest last: one serves all tests that do not end it."""
    clusters: list[Cluster] = []
    with pytest.MonkeyPatch.context() as patch:
        # Another cluster of this process leaves its settings in the environment.
        patch.delenv(NAMES[0], raising=False)
        yield clusters
    for one in clusters:
        one._close()


@pytest.fixture
def local(_started: list[Cluster]) -> Cluster:
    """Two workers, each a process of its own; a dead one is started again."""
    if not _started or _started[-1]._client.status == "closed":
        _started.append(Cluster(LOCAL, 2))
    return _started[-1]


@pytest.fixture
def cluster(local: Cluster) -> Any:
    """A cluster that is already there."""
    return local._local


def plain(outcome: Outcome) -> dict[str, Any]:
    return {**outcome.to_dict(), "seconds": 0}


class Killer(Observer):
    """Kills a worker with SIGKILL once the first scenario is there."""

    def __init__(self, victims: list[int]) -> None:
        self.victims = victims

    def step(self, done: int, total: int) -> None:
        if self.victims:
            os.kill(self.victims.pop(), signal.SIGKILL)


def test_a_worker_killed_in_the_middle_costs_nothing_but_time(
    cluster: Any, week: Problem, scenarios: list[Scenario], alone: list[dict[str, Any]]
) -> None:
    """Nothing lost, the same answers, at the address of a cluster that is already there."""
    with distributed.Client(cluster, set_as_default=False) as client:
        pids = list(client.run(os.getpid).values())
        killer = Killer(pids[:1])
        found = run(week, scenarios, cluster=cluster.scheduler_address, observer=killer)
        assert not killer.victims
        assert [plain(one) for one in found] == alone
        # The other one lived through it.
        client.wait_for_workers(2, timeout=60)
        now = list(client.run(os.getpid).values())
        assert pids[1] in now
        assert pids[0] not in now


@pytest.mark.thorough
def test_a_worker_makes_a_week_ready_once(
    cluster: Any, week: Problem, scenarios: list[Scenario], alone: list[dict[str, Any]]
) -> None:
    """However many scenarios it solves; another week takes the place of the one it held."""

    def count() -> None:
        from scenarios.sweep import one

        one._held.clear()
        real, calls = one.make_ready, []

        def counted(made: Any) -> None:
            calls.append(made)
            real(made)

        counted.calls, counted.real = calls, real  # type: ignore[attr-defined]
        one.make_ready = counted

    def counts() -> tuple[int, int]:
        from scenarios.sweep import one

        return len(one.make_ready.calls), len(one._held)  # type: ignore[attr-defined]

    def as_before() -> None:
        from scenarios.sweep import one

        one.make_ready = one.make_ready.real  # type: ignore[attr-defined]

    other = problem(Population(citizens=20, openings=6, seed=5))
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        client.run(count)
        try:
            found = run(week, scenarios, cluster=cluster.scheduler_address)
            assert [plain(one) for one in found] == alone
            # Five scenarios on two workers.
            assert list(client.run(counts).values()) == [(1, 1), (1, 1)]
            run(other, scenarios, cluster=cluster.scheduler_address)
            assert list(client.run(counts).values()) == [(2, 1), (2, 1)]
        finally:
            client.run(as_before)


def test_what_is_lost_with_every_worker_is_a_row_with_its_reason(
    cluster: Any, week: Problem, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for again as often as it may be, and does not hold the others up."""
    monkeypatch.setattr("scenarios.sweep.cluster._ROUNDS", 2)
    with Cluster(cluster.scheduler_address, 2) as ours:
        submit, asked = ours._client.submit, list[str]()

        def lost(do: Any, digest: str, held: Any, scenario: Scenario, **more: Any) -> Any:
            """The first one's future is gone, as when its data was on a worker that died."""
            future = submit(do, digest, held, scenario, **more)
            asked.append(scenario.name)
            if scenario is scenarios[0]:
                future.cancel()
            return future

        monkeypatch.setattr(ours._client, "submit", lost)
        found = dict(ours.solve(solve_base(week, Options())[0], {0: scenarios[0], 1: scenarios[1]}))
    first, second = (one.name for one in scenarios[:2])
    assert asked == [first, second, first]
    assert (found[0].name, found[1].name) == (first, second)
    assert found[0].reason == "its worker died 2 times (killed, or out of memory)"
    assert (found[1].status, found[1].reason) == ("optimal", "")


def test_where_no_worker_comes_back_all_are_rows(
    cluster: Any, week: Problem, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*given: Any, **more: Any) -> Any:
        raise TimeoutError("No valid workers found")

    with Cluster(cluster.scheduler_address, 2) as ours:
        monkeypatch.setattr(ours._client, "scatter", nobody)
        found = dict(ours.solve(solve_base(week, Options())[0], {0: scenarios[0], 1: scenarios[1]}))
    assert [found[number].reason for number in (0, 1)] == [
        "no worker was there within 20 seconds, 5 times"
    ] * 2


def test_a_job_that_fails_is_no_worker_that_died(cluster: Any) -> None:
    """Its own error is raised, once, as it is without a cluster."""
    with Cluster(cluster.scheduler_address, 2) as ours, pytest.raises(ZeroDivisionError):
        list(ours.each({0: _fails}))


def _fails() -> float:
    return 1 / 0


def test_addresses_that_are_none(week: Problem, scenarios: list[Scenario]) -> None:
    with pytest.raises(
        OptionError,
        match=r"--cluster here: expected an address such as tcp://10\.0\.0\.5:8786, or 'local'",
    ):
        run(week, scenarios, cluster="here")


def test_nobody_at_the_address(
    week: Problem, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scenarios.sweep.cluster._SECONDS", 0.5)
    with pytest.raises(OptionError, match=r"127\.0\.0\.1:9: no scheduler answers within 0\.5 sec"):
        run(week, scenarios, cluster="tcp://127.0.0.1:9")


def test_workers_with_other_versions_are_refused(
    cluster: Any, week: Problem, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their answers might be others."""
    from scenarios.sweep import cluster as room

    ours = {**room.versions(), "ortools": "1.0"}
    real = room.versions
    monkeypatch.setattr(room, "versions", _Once(ours, real))
    with pytest.raises(OptionError, match=r"worker tcp://.* has ortools .*, here is 1\.0; exp"):
        run(week, scenarios, cluster=cluster.scheduler_address)


class _Once:
    """Says other versions here, and the true ones on the workers."""

    def __init__(self, ours: dict[str, str], real: Any) -> None:
        self.ours, self.real = ours, real

    def __call__(self) -> dict[str, str]:
        return self.ours

    def __reduce__(self) -> Any:
        return getattr, (__import__("scenarios.sweep.cache", fromlist=["versions"]), "versions")


def test_a_cluster_on_this_machine_ends_with_its_sweep_and_keeps_its_memory(
    local: Cluster,
    week: Problem,
    scenarios: list[Scenario],
    alone: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dask's own setting gives it back after every array; a thread more than a core only waits."""

    def environment() -> list[str | None]:
        import os

        return [os.environ.get(name) for name in NAMES]

    asked: list[tuple[str, int]] = []

    def the_one_there_is(address: str, workers: int) -> Cluster:
        asked.append((address, workers))
        return local

    local._client.wait_for_workers(2, timeout=60)
    assert list(local._client.run(environment).values()) == [[None, "1"]] * 2
    monkeypatch.setattr("scenarios.sweep.cluster.Cluster", the_one_there_is)
    found = run(week, scenarios[:3], cluster=LOCAL, workers=2)
    assert [plain(one) for one in found] == alone[:4]
    assert asked == [(LOCAL, 2)]
    assert local._client.status == local._local.status.name == "closed"


def test_without_dask_the_extra_is_named(
    week: Problem, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(OptionError, match=r"pip install 'jobmatch\[distributed\]'"):
        run(week, [replace(scenarios[0], name="x")], cluster="local")
