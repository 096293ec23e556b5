"""What `import matcher` and `import scenarios` give: small, flat, documented, and it runs."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import matcher
import scenarios
from matcher.problem import Problem
from matcher.records import TABLES, UNLIMITED, protected_fields
from matcher.solve import Solution

PAGE = (Path(__file__).parent.parent / "docs" / "python.md").read_text("utf-8")
FACES = (matcher, scenarios)
NAMES = [(face, name) for face in FACES for name in face.__all__]


@pytest.fixture(scope="module")
def week() -> Problem:
    return scenarios.make_week(citizens=60, openings=12)


@pytest.fixture(scope="module")
def solution(week: Problem) -> Solution:
    return matcher.solve_week(week)


def blocks() -> list[str]:
    return re.findall(r"^```pycon\n(.*?)^```$", PAGE, re.M | re.S)


def test_the_face_is_this_list() -> None:
    """A name more is a promise more: it is written here on purpose."""
    assert set(matcher.__all__) == {
        "ClashError", "Explanation", "InputErrors", "LedgerError", "MatcherError", "NoPlanError",
        "OptionError", "Placement", "Plan", "PolicyError", "Problem", "Solution", "__version__",
        "explain_citizen", "read_week", "run_week", "scarce_resources", "solve_week",
        "without_limits",
    }  # fmt: skip
    assert set(scenarios.__all__) == {
        "Comparison", "Scenario", "WhatIfError", "ask", "make_tables", "make_week",
        "ready_scenarios", "save", "trade_off",
    }  # fmt: skip


@pytest.mark.parametrize(("face", "name"), NAMES, ids=lambda one: getattr(one, "__name__", one))
def test_every_name_is_there_and_documented(face: ModuleType, name: str) -> None:
    """With its parameters, where it is a function."""
    if name == "__version__":
        return
    thing = getattr(importlib.import_module(face.__name__), name)
    assert inspect.getdoc(thing)
    assert name in dir(face)
    if inspect.isfunction(thing):
        assert f"`{face.__name__}.{name}(" in PAGE or f"`{name}(" in PAGE
        if "those of :func:" not in (thing.__doc__ or "") and inspect.signature(thing).parameters:
            assert "Parameters\n" in (thing.__doc__ or "")


def test_no_other_name() -> None:
    """As any module says it."""
    for face in FACES:
        with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
            _ = face.nothing


def test_the_import_itself_loads_neither_tables_nor_solvers() -> None:
    """A second is saved until something is used."""
    code = (
        "import sys, matcher, scenarios;"
        "print(sorted({'pandas', 'numpy', 'ortools', 'pydantic'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_the_page_runs_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line of docs/python.md; a tiny week from plain frames takes ten of them."""
    monkeypatch.chdir(tmp_path)
    assert len(blocks()[0].splitlines()) <= 10
    text = "\n".join(blocks())
    example = doctest.DocTestParser().get_doctest(text, {}, "python.md", "docs/python.md", 0)
    found = doctest.DocTestRunner().run(example)
    assert found.attempted > 12
    assert found.failed == 0


def test_the_example_of_the_package_runs() -> None:
    """As `help(matcher)` shows it."""
    found = doctest.testmod(matcher)
    assert found.attempted
    assert found.failed == 0


def test_those_without_limits_state_all_that_protects() -> None:
    """No column more and none less than the records say."""
    for name, table in TABLES.items():
        assert set(UNLIMITED.get(name, {})) == set(protected_fields(table.record)), name
    frame = matcher.without_limits("citizens", citizen_id=["A", "B"], oral=[1, 2])
    assert frame["oral"].tolist() == [1, 2]
    assert frame["reading"].tolist() == [6, 6]
    with pytest.raises(matcher.OptionError, match="nothing: no such table; known: citizens"):
        matcher.without_limits("nothing", a=[1])
    for wrong in ({"oral": 1}, {"oral": [1], "age": [30, 40]}):
        with pytest.raises(matcher.OptionError, match="expected columns as lists of one length"):
            matcher.without_limits("citizens", **wrong)


def test_a_plan_is_a_frame(solution: Solution) -> None:
    """A row for each proposal; money that is not spent is 0."""
    plan, frame = solution.plan, solution.plan.to_frame()
    assert frame["citizen_id"].tolist() == [one.citizen_id for one in plan.placements]
    assert frame["fit"].sum() == sum(one.fit for one in plan.placements)
    for at, one in enumerate(plan.placements):
        costs = {name[5:]: frame[name][at] for name in frame if name.startswith("cost_")}
        assert {line: cost for line, cost in costs.items() if cost} == dict(one.cost)
    assert plan.summary().loc["placements", "value"] == len(plan.placements)
    assert plan.summary()["gap"].tolist() == [0.0, 0.0, 0.0]
    nobody = matcher.solve_week(scenarios.make_week(citizens=0, openings=0)).plan
    assert "citizen_id" in nobody.to_frame()
    assert len(nobody.to_frame()) == 0


def test_what_a_notebook_shows_is_short_and_names_nobody(week: Problem, solution: Solution) -> None:
    """Tables of persons do not land in a log by their repr."""
    for thing in (week, solution, solution.plan):
        assert len(repr(thing)) < 400
        assert "FIKTIV-B" not in repr(thing)
    assert repr(solution.plan) == f"<Plan optimal: placements {len(solution.plan.placements)}, " + (
        f"fit {solution.plan.value('fit')}>"
    )
    assert solution.plan.placements[0].citizen_id in solution._repr_html_()


def test_an_explanation_is_facts_and_sentences(solution: Solution) -> None:
    """In both languages; what a notebook shows is escaped."""
    who = solution.plan.placements[0].citizen_id
    told = matcher.explain_citizen(solution, who, alternatives=1)
    danish = matcher.explain_citizen(solution, who, alternatives=1, language="da")
    assert told.to_dict()["citizen_id"] == who
    assert told.facts == danish.facts
    assert str(told) != str(danish)
    assert who in str(told)
    assert "<li>" in told._repr_html_()
    with pytest.raises(matcher.OptionError, match="nobody"):
        matcher.explain_citizen(solution, "nobody")


def test_a_run_from_frames_is_the_run_of_the_command(tmp_path: Path) -> None:
    """Written, stored, known again."""
    frames = scenarios.make_tables(citizens=60, openings=12)
    first, second = (
        matcher.run_week(frames, tmp_path / "runs", on="2026-11-23", ledger=tmp_path / "l.sqlite")
        for _ in range(2)
    )
    assert first.folder == second.folder
    assert (first.folder / "report.html").exists()
    alone = matcher.run_week(frames, tmp_path / "alone", on="2026-11-23", language="da")
    assert alone.stored is None
    assert [one["citizen_id"] for one in alone.document["proposals"]] == [
        one["citizen_id"] for one in first.document["proposals"]
    ]


def test_ready_scenarios_have_titles() -> None:
    """In both languages."""
    listed = scenarios.ready_scenarios()
    assert isinstance(listed, pd.DataFrame)
    assert listed["name"].is_unique
    assert (listed[["title", "titel"]] != "").all(axis=None)
