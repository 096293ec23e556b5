"""Running scenarios: one answer whoever finds it; failures are rows; what is known, what broke."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from matcher.engine import Options
from matcher.errors import OptionError
from matcher.policy import override_of
from matcher.problem import Problem
from matcher.weekly import Observer
from scenarios.outcome import Outcome
from scenarios.patch import AppliedChange, Scenario, read_text
from scenarios.population import Population, problem
from scenarios.sweep import BASE, Cache, run
from scenarios.sweep.cache import key_of
from scenarios.sweep.one import SolvedWeek, solve_base, solve_one, summarised

FILE = """
[scenario.wrong]
[[scenario.wrong.change]]
table = "openings"
where = { seats = { above = 500 } }
add = { seats = 1 }

[scenario.clash]
policy.group_floors = [{ column = "oral", value = "0", at_least = 5000 }]

[sweep.mentors]
over.more_mentor_hours.hours = { from = 0, to = 40, step = 20 }
over.hygiene_courses.seats = [0, 4]
"""


@pytest.fixture(scope="module")
def week() -> Problem:
    return problem(Population(citizens=60, openings=16, seed=4))


@pytest.fixture(scope="module")
def scenarios() -> list[Scenario]:
    return list(read_text(FILE, "my.toml").all_scenarios())


@pytest.fixture(scope="module")
def alone(week: Problem, scenarios: list[Scenario]) -> list[Outcome]:
    """Outcomes found by this process alone."""
    return run(week, scenarios, workers=1)


class Told(Observer):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.steps: list[tuple[int, int]] = []
        self.notes: list[str] = []

    def phase(self, name: str) -> None:
        self.phases.append(name)

    def step(self, done: int, total: int) -> None:
        self.steps.append((done, total))

    def note(self, text: str) -> None:
        self.notes.append(text)


def plain(outcome: Outcome) -> dict[str, Any]:
    return {**outcome.to_dict(), "seconds": 0}


def test_the_base_comes_first_then_all_in_their_order(
    scenarios: list[Scenario], alone: list[Outcome]
) -> None:
    assert [one.name for one in alone] == [BASE, *(one.name for one in scenarios)]
    assert alone[0].title("da") == "Ugen, som den er"
    assert alone[3].parameters == {
        "more_mentor_hours.hours": 0, "hygiene_courses.seats": 0,
    }  # fmt: skip
    assert (alone[3].family, alone[3].sweep) == ("mentors", "grid")
    assert all(one.proven for one in alone if not one.failed)


def test_a_scenario_that_fails_is_a_row_with_its_reason(alone: list[Outcome]) -> None:
    """An empty selection, and a floor that nobody can reach; the others are solved."""
    wrong, clash, *others = alone[1:]
    assert wrong.reason == (
        "my.toml:5: wrong: empty selection: no row of openings meets the conditions;"
        " rows that meet each alone: seats: none"
    )
    assert clash.reason.startswith("no plan can honour everything that is fixed:")
    assert "group_floor[oral=0]: at least 5000" in clash.reason
    assert [change.path for change in clash.changes] == ["group_floors"]
    assert not any(one.failed for one in others)


def test_what_goes_wrong_unforeseen_is_a_row_too(
    week: Problem, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, _ = solve_base(week, Options())
    monkeypatch.setattr("scenarios.sweep.one.apply", lambda *_, **__: 1 / 0)
    outcome = solve_one(base, scenarios[2])
    assert outcome.reason == "this should not have happened (ZeroDivisionError: division by zero)"


def test_processes_find_what_one_finds_alone(
    week: Problem, scenarios: list[Scenario], alone: list[Outcome]
) -> None:
    """The same outcome to the last figure, prices included, whatever the number of workers."""
    told = Told()
    found = run(week, scenarios, workers=2, observer=told)
    assert [plain(one) for one in found] == [plain(one) for one in alone]
    assert told.phases == ["solving the week as it is", "solving 8 scenarios"]
    assert told.steps == [(done, 8) for done in range(1, 9)]
    assert sorted(note.partition(" failed: ")[0] for note in told.notes) == ["clash", "wrong"]


def test_what_changes_nothing_is_the_base(alone: list[Outcome]) -> None:
    """No more hours, no more seats: the plan of the week as it is."""
    nothing = next(one for one in alone if one.name == "mentors[hours=0,seats=0]")
    assert nothing.placements.equals(alone[0].placements)


def test_equal_changes_are_solved_once(week: Problem, scenarios: list[Scenario]) -> None:
    """Under two names: two outcomes, each in its own words."""
    told = Told()
    twin = replace(scenarios[3], name="twin", sweep="", kind="", settings={})
    found = run(week, [scenarios[3], twin], workers=1, observer=told)
    assert told.steps == [(1, 1)]
    assert [one.name for one in found] == [BASE, scenarios[3].name, "twin"]
    assert found[2].placements.equals(found[1].placements)
    assert (found[2].family, found[2].parameters) == ("", {})


def test_names_must_differ(week: Problem, scenarios: list[Scenario]) -> None:
    with pytest.raises(OptionError, match="two scenarios have the name 'wrong'; rename one"):
        run(week, [scenarios[0], scenarios[0]])
    with pytest.raises(OptionError, match="'base' is the name of the week as it is"):
        run(week, [replace(scenarios[0], name="base")])
    with pytest.raises(OptionError, match="workers = 0: expected 1 or more"):
        run(week, scenarios, workers=0)


# ------------------------------------------------------------------------------ cache


def test_what_is_known_is_not_solved_again(
    week: Problem, scenarios: list[Scenario], alone: list[Outcome], tmp_path: Path
) -> None:
    """Failures are tried again; the rest is read back, equal in everything."""
    some = scenarios[:4]
    run(week, some, workers=1, cache=Cache(tmp_path))
    assert len(list(tmp_path.glob("*.json"))) == 1 + 2
    assert not list(tmp_path.glob(".*"))
    told = Told()
    again = run(week, some, workers=1, cache=Cache(tmp_path), observer=told)
    assert [plain(one) for one in again] == [plain(one) for one in alone[:5]]
    assert told.notes[0] == "2 of 4 scenarios are known from before"
    assert told.steps == [(1, 2), (2, 2)]
    fresh = Told()
    run(week, scenarios[2:3], workers=1, cache=Cache(tmp_path, fresh=True), observer=fresh)
    assert fresh.steps == [(1, 1)]


def test_nothing_is_solved_when_all_is_known(
    week: Problem, scenarios: list[Scenario], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(week, scenarios[2:4], workers=1, cache=Cache(tmp_path))
    monkeypatch.setattr("scenarios.sweep.many.solve_base", lambda *_: pytest.fail("solved"))
    found = run(week, scenarios[2:4], cache=Cache(tmp_path))
    assert [one.name for one in found] == [BASE, "mentors[hours=0,seats=0]",
                                           "mentors[hours=0,seats=4]"]  # fmt: skip


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"schema_version": 0}', "\x00"])
def test_a_file_that_cannot_be_read_is_made_again(
    content: str, week: Problem, scenarios: list[Scenario], tmp_path: Path
) -> None:
    key = key_of(week, scenarios[2], Options())
    (tmp_path / f"{key}.json").write_text(content)
    assert Cache(tmp_path).get(key, scenarios[2]) is None


def test_a_key_is_a_digest_of_everything_an_outcome_depends_on(
    week: Problem, scenarios: list[Scenario], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Week, policy, changes, options and versions; not names."""
    one, other = scenarios[2], scenarios[3]
    key = key_of(week, one, Options())
    assert key == key_of(week, replace(one, name="x"), Options())
    less = week.with_tables(citizens=week["citizens"].iloc[1:].reset_index(drop=True))
    policy = week.replace(policy=override_of(week.policy, {"fit": {"floor": 399}}))
    keys = {
        key,
        key_of(week, None, Options()),
        key_of(week, other, Options()),
        key_of(week, one, Options(seed=1)),
        key_of(less, one, Options()),
        key_of(policy, one, Options()),
    }
    monkeypatch.setattr("scenarios.sweep.cache.version", lambda name: "0")
    assert len({*keys, key_of(week, one, Options())}) == 7


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OptionError, match=r"file/cache: cannot write there \(Not a directory\)"):
        Cache(tmp_path / "file" / "cache")


# ------------------------------------------------------------------------------ broken


SCRIPT = """
import sys, pathlib
from scenarios.patch import read_text
from scenarios.population import Population, problem
from scenarios.sweep import Cache, run

if __name__ == "__main__":
    text = pathlib.Path(sys.argv[1]).read_text()
    week = problem(Population(citizens=60, openings=16, seed=4))
    outcomes = run(week, read_text(text, "my.toml").all_scenarios(), workers=2,
                   cache=Cache(pathlib.Path(sys.argv[2])))
    print(len(outcomes))
"""
GRID = """
[sweep.grid]
over.more_mentor_hours.hours = { from = 0, to = 40, step = 10 }
over.inflow.citizens = [0, 2]
"""


def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path: Path, week: Problem) -> None:
    """kill -9 in the middle: what was found is kept, nothing half is, no process stays."""
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "grid.toml").write_text(GRID)
    kept = tmp_path / "cache"
    command = [sys.executable, str(tmp_path / "script.py"), str(tmp_path / "grid.toml"), str(kept)]
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    sweep = subprocess.Popen(command, env=path, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)  # fmt: skip
    until = time.monotonic() + 120
    while len(list(kept.glob("*.json"))) < 3:
        assert sweep.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    workers = psutil.Process(sweep.pid).children(recursive=True)
    os.kill(sweep.pid, signal.SIGKILL)
    sweep.wait()
    gone, alive = psutil.wait_procs(workers, timeout=60)
    assert len(gone) >= 2
    assert not alive
    known = {path.name: path.read_bytes() for path in kept.glob("*.json")}
    assert 3 <= len(known) < 11
    for content in known.values():
        Outcome.from_dict(json.loads(content))
    told = Told()
    outcomes = run(week, read_text(GRID, "my.toml").all_scenarios(), workers=1,
                   cache=Cache(kept), observer=told)  # fmt: skip
    assert len(outcomes) == 11
    assert told.notes == [f"{len(known) - 1} of 10 scenarios are known from before"]
    assert told.steps[-1] == (11 - len(known), 11 - len(known))
    # What was known has not been touched but for the base, which is solved again.
    again = {path.name: path.read_bytes() for path in kept.glob("*.json")}
    assert sum(again[name] == content for name, content in known.items()) >= len(known) - 1


def test_a_worker_that_dies_takes_its_own_scenario_at_most(
    week: Problem, scenarios: list[Scenario], alone: list[Outcome]
) -> None:
    """One scenario kills its process each time: it fails, with the reason; all others are as
    ever."""
    deadly = replace(scenarios[2], name="deadly", parts=(_Deadly(),))  # type: ignore[arg-type]
    found = run(week, [*scenarios[2:4], deadly, scenarios[4]], workers=2)
    reason = "its process died twice (killed, or out of memory)"
    assert [(one.name, one.reason) for one in found if one.failed] == [("deadly", reason)]
    others = [plain(one) for one in found if one.name != "deadly"]
    assert others == [plain(one) for one in alone if not one.failed][:4]


class _Deadly:
    """A part of a scenario that ends the process that looks at it."""

    content = "deadly"
    before = None

    @property
    def change(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def test_changes_are_told_a_path_a_line() -> None:
    """Values as a short list, rows as a count."""
    changes = [AppliedChange("openings.seats", str(old), str(old + 1), 2, "s") for old in range(6)]
    (line,) = summarised(changes)
    assert (line.path, line.old, line.new, line.count) == (
        "openings.seats", "0, 1, 2, 3 and 2 more", "1, 2, 3, 4 and 2 more", 12,
    )  # fmt: skip


def test_a_week_without_a_plan_still_has_an_outcome(week: Problem) -> None:
    """A limit that comes before anything: the base says so."""
    base, outcome = solve_base(week, Options())
    assert isinstance(base, SolvedWeek)
    assert outcome.proven
