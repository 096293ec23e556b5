"""The same work on a Dask cluster: one on this machine, or one that is already there.

A worker that dies, with whatever it held, costs time and nothing else: the week is sent again to
those that are left, and what was not finished is asked again.
"""

from __future__ import annotations

import importlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar

from matcher.errors import OptionError
from matcher.texts import Message
from scenarios.outcome import Outcome, failed
from scenarios.patch import Scenario
from scenarios.sweep.cache import versions
from scenarios.sweep.one import SolvedWeek, packed, solve_held, words_of

T = TypeVar("T")
LOCAL = "local"
"""Asks for a cluster on this machine, which ends with the sweep."""
ADDRESS = re.compile(r"(?:tcp|tls|ws|wss|ucx)://.+|[\w.-]+:\d+")
"""What an address of a scheduler looks like."""
_ENVIRONMENT = "distributed.nanny.pre-spawn-environ"
_OF_A_WORKER = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1)
"""Environment of a local worker: Dask's own without MALLOC_TRIM_THRESHOLD_ = 65536, by which memory
goes back to the system after every array, and a scenario takes half as long again."""
_ROUNDS = 5
"""Times that work lost with a worker is asked for again."""
_SECONDS = 20
"""To reach a scheduler, and for it to have a worker."""


class Cluster:
    """A client of a cluster.

    Parameters
    ----------
    address
        ``local``, or the address of a scheduler.
    workers
        Processes of a local cluster.

    Raises
    ------
    OptionError
        Dask is not installed, nobody answers at the address, or its workers have other versions.
    """

    def __init__(self, address: str, workers: int) -> None:
        if address != LOCAL and not ADDRESS.fullmatch(address):
            raise OptionError(Message("cluster.address", address=address))
        try:
            self._dask: Any = importlib.import_module("distributed")
        except ImportError:
            raise OptionError(Message("cluster.no_dask")) from None
        self._deserted = False
        """Whether no worker was there when something was asked last."""
        self._local: Any = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        if address == LOCAL:
            # Whatever port is free: the usual one of a dashboard may be taken.
            with importlib.import_module("dask").config.set({_ENVIRONMENT: _OF_A_WORKER}):
                # What workers put on the disk, they put into a folder of ours alone.
                self._scratch = tempfile.TemporaryDirectory(prefix="jobmatch-")
                self._local = self._dask.LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=":0",
                    silence_logs=50, local_directory=self._scratch.name,
                )  # fmt: skip
        try:
            self._client = self._dask.Client(
                self._local or address, timeout=_SECONDS, set_as_default=False
            )
        except OSError:
            raise OptionError(
                Message("cluster.no_scheduler", address=address, seconds=_SECONDS)
            ) from None
        try:
            if self._local is None:
                self._check_workers(address)
            # They import what solving needs while the base is being solved.
            self._getting_ready = [
                self._client.submit(_ready, workers=[worker], pure=False)
                for worker in self._client.nthreads()
            ]
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the cluster; a local one ends."""
        self._close()

    def _close(self) -> None:
        self._client.close()
        if self._local is not None:
            self._local.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    def _check_workers(self, address: str) -> None:
        """Refuse workers with other versions: their answers might be others."""
        try:
            self._client.wait_for_workers(1, timeout=_SECONDS)
        except TimeoutError:
            raise OptionError(
                Message("cluster.no_worker", address=address, seconds=_SECONDS)
            ) from None
        ours = versions()
        try:
            theirs = self._client.run(versions)
        except Exception as error:
            raise OptionError(
                Message(
                    "cluster.cannot_run",
                    address=address,
                    reason=str(error),
                    version=ours["jobmatch"],
                )
            ) from None
        for worker, there in theirs.items():
            for name, version in ours.items():
                if there[name] != version:
                    raise OptionError(
                        Message(
                            "cluster.other_version",
                            address=address,
                            worker=worker,
                            name=name,
                            there=there[name],
                            version=version,
                        )
                    )

    def solve(
        self, week: SolvedWeek, scenarios: Mapping[int, Scenario]
    ) -> Iterator[tuple[int, Outcome]]:
        """Solve scenarios; give each outcome with its number as it comes."""

        def sent(left: Iterable[int]) -> dict[int, Any]:
            # One copy on every worker: where one dies, the others still have theirs.
            digest, data = packed(week)
            held = self._client.scatter(data, broadcast=True, hash=False, timeout=_SECONDS)
            return {
                number: self._client.submit(_solve, digest, held, scenarios[number], pure=False)
                for number in left
            }

        for number, outcome in self._done(list(scenarios), sent):
            if outcome is None:
                one = scenarios[number]
                reason = f"its worker died {_ROUNDS} times (killed, or out of memory)"
                if self._deserted:
                    reason = f"no worker was there within {_SECONDS} seconds, {_ROUNDS} times"
                outcome = failed(one.name, reason, **words_of(one))
            yield number, outcome

    def each(self, jobs: Mapping[int, Callable[[], T]]) -> Iterator[tuple[int, T | None]]:
        """Do jobs; give what each returns with its number as it comes, None where it was lost."""
        return self._done(
            list(jobs),
            lambda left: {one: self._client.submit(jobs[one], pure=False) for one in left},
        )

    def _done(
        self, numbers: Iterable[int], sent: Callable[[Iterable[int]], Mapping[int, Any]]
    ) -> Iterator[tuple[int, Any]]:
        """Wait for what is sent; what is lost with a worker, or blamed for it, is sent again.

        What fails by an error of its own raises it, as in a process of this machine.
        """
        left = list(numbers)
        for _ in range(_ROUNDS):
            if not left:
                return
            try:
                futures = {future: number for number, future in sent(left).items()}
            except TimeoutError:
                # No worker is there, or none has come back yet.
                self._deserted = True
                continue
            self._deserted = False
            for future in self._dask.as_completed(list(futures), loop=self._client.loop):
                if future.status == "finished" or (
                    future.status == "error"
                    and not isinstance(future.exception(), self._dask.KilledWorker)
                ):
                    result = future.result()
                    left.remove(futures[future])
                    yield futures[future], result
        for number in left:
            yield number, None


def _ready() -> None:
    importlib.import_module("scenarios.worker")


def _solve(digest: str, data: bytes, scenario: Scenario) -> Outcome:
    return solve_held(digest, lambda: data, scenario)
