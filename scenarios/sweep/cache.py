"""Outcomes on disk, by what they are made from; so a broken sweep goes on where it stopped.

The name of a file is a digest of everything an answer depends on: week, policy, changes, options
and versions. Nothing else is trusted: a file that cannot be read is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from matcher import __version__, private
from matcher.errors import OptionError
from matcher.problem import Problem
from matcher.solve import Options
from matcher.texts import Message
from scenarios.outcome import SCHEMA_VERSION, Outcome
from scenarios.patch import Scenario
from scenarios.sweep.one import words_of

_LIBRARIES = ("ortools", "numpy", "scipy", "pandas")


class Cache:
    """A folder of outcomes.

    Parameters
    ----------
    folder
        Where they are kept; made if missing. None: nothing is kept.
    fresh
        Solve again what is there already, and replace it.

    Raises
    ------
    OptionError
        The folder cannot be made.
    """

    def __init__(self, folder: Path | None, *, fresh: bool = False) -> None:
        self._folder = folder
        self._fresh = fresh
        if folder is not None:
            try:
                private.folder(folder)
            except OSError as error:
                raise OptionError(
                    Message("error.unwritten", path=str(self._folder), reason=str(error.strerror))
                ) from None

    def get(self, key: str, scenario: Scenario | None) -> Outcome | None:
        """Return what is kept under a key, in the scenario's own words; None: nothing usable."""
        if self._folder is None or self._fresh:
            return None
        try:
            kept = Outcome.from_dict(json.loads(self._file(key).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return kept if scenario is None else renamed(kept, scenario)

    def put(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome; failures are tried again next time and not kept.

        The file gets its name when it is whole, so a killed sweep leaves none that is not.
        """
        if self._folder is None or outcome.failed:
            return
        text = json.dumps(outcome.to_dict(), ensure_ascii=False)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".partial", dir=self._folder)
        partial = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            partial.replace(self._file(key))
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise OptionError(
                Message("error.unwritten", path=str(self._folder), reason=str(error.strerror))
            ) from None

    def _file(self, key: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{key}.json"


def renamed(outcome: Outcome, scenario: Scenario) -> Outcome:
    """Return the outcome of a scenario that changes the same, in this scenario's words."""
    return replace(outcome, name=scenario.name, **words_of(scenario))


def versions() -> dict[str, str]:
    """Return the versions that an answer may depend on."""
    return {
        "jobmatch": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def key_of(problem: Problem, scenario: Scenario | None, options: Options) -> str:
    """Digest of everything that an outcome depends on; None stands for the week as it is."""
    made_of = {
        "schema": SCHEMA_VERSION,
        "week": problem.digest(),
        "scenario": None if scenario is None else scenario.digest(),
        "options": asdict(options),
        "versions": versions(),
    }
    text = json.dumps(made_of, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
