"""From Python: the worked example runs as written; frames in, frames out, faults told."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pandas as pd
import pytest

from matcher import InputErrors, OptionError, read_week
from matcher.problem import Problem
from scenarios import ask, notebook
from scenarios.patch import WhatIfError, library
from scenarios.population import Population, make

PAGE = Path(__file__).parents[2] / "docs" / "what-if.md"


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return make(Population(citizens=60, openings=12))


@pytest.fixture(scope="module")
def week(tables: dict[str, pd.DataFrame]) -> Problem:
    return read_week(tables, on="2026-11-23")


def test_the_worked_example_gives_what_it_says() -> None:
    """Every line of docs/what-if.md, one block after the other."""
    blocks = re.findall(r"^```pycon\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)
    found = doctest.DocTestRunner().run(example)
    assert found.attempted > 15
    assert found.failed == 0


def test_the_example_of_the_module_runs() -> None:
    """As `help()` shows it."""
    found = doctest.testmod(notebook)
    assert found.attempted
    assert found.failed == 0


def test_frames_and_a_folder_make_the_same_week(
    tables: dict[str, pd.DataFrame], week: Problem, tmp_path: Path
) -> None:
    """Whatever the order of rows, and with Danish names of tables."""
    from matcher.tables import write_folder

    write_folder(tables, tmp_path / "week", danish=True)
    assert read_week(tmp_path / "week", on="23-11-2026").digest() == week.digest()
    turned = {name: frame.iloc[::-1] for name, frame in tables.items()}
    assert read_week(turned, on="2026-11-23").digest() == week.digest()


def test_rows_that_are_left_out_are_told(tables: dict[str, pd.DataFrame]) -> None:
    """A warning with their number and the first reason; a table that is missing is an error."""
    bad = tables["citizens"].astype(object)
    bad.loc[0, "age"] = "old"
    with pytest.warns(UserWarning, match=r"\d rows are left out: .*'old' cannot be read"):
        read_week({**tables, "citizens": bad}, on="2026-11-23")
    with pytest.raises(InputErrors, match="citizens"):
        read_week({"openings": tables["openings"]}, on="2026-11-23")


def test_scenarios_may_be_names_text_file_or_themselves(week: Problem, tmp_path: Path) -> None:
    """All ask the same."""
    text = '[scenario.mine]\nuse = ["more_mentor_hours"]\n'
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    ready = library().scenarios["more_mentor_hours"]
    asked = ["more_mentor_hours", ["more_mentor_hours"], ready, text, tmp_path / "mine.toml",
             str(tmp_path / "mine.toml")]  # fmt: skip
    placed = {ask(week, one).summary["placements"].iloc[1] for one in asked}
    assert len(placed) == 1


def test_what_cannot_be_asked_is_refused(week: Problem) -> None:
    """A name the library does not know, with those it does; a fault with its line."""
    with pytest.raises(OptionError, match=r"'more_magic' is not in the library; known: .*inflow"):
        ask(week, "more_magic")
    with pytest.raises(WhatIfError, match="2"):
        ask(week, "[scenario.mine]\nfrobnicate = 1\n")
