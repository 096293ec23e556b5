"""What people write in scenarios and for groups is understood in Danish as in the tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.objectives import group_goals
from matcher.tables import check, write_folder
from scenarios.patch.columns import PatchedColumn
from scenarios.patch.selection import chosen, conditions
from tests.weeks import TODAY, citizen, opening, policy, week


@pytest.mark.parametrize(
    ("table", "column", "written", "kept"),
    [
        ("openings", "measures", "privat løntilskud", "wage_subsidy_private"),
        ("openings", "measures", ["Nytteindsats", "work_practice"], "nytteindsats;work_practice"),
        ("openings", "papers", "hygiejnebevis", "hygiene"),
        ("openings", "shifts", "man-fre 7-15", "mon-fri 07:00-15:00"),
        ("citizens", "single_provider", "ja", True),
        ("citizens", "oral", "A2", 3),
        ("workplaces", "sector", "kommunal", "municipal"),
    ],
)
def test_a_value_is_read_as_the_tables_read_it(
    table: str, column: str, written: object, kept: object
) -> None:
    """Danish words, levels by name, and times as people write them."""
    assert PatchedColumn(table, column).canonical(written) == kept


@pytest.mark.parametrize(
    ("written", "who"),
    [("<= 2", ["C1"]), ("> 2", ["C2"]), ("≥ 5", ["C2"]), ("A1", ["C1"])],
)
def test_a_comparison_is_read_as_people_write_it(written: str, who: list[str]) -> None:
    """The same as `{ to = 2 }`, and a level by its name."""
    problem = week([citizen("C1", oral=1), citizen("C2", oral=5)], [opening("O1")])
    said: list[str] = []
    tests = conditions("citizens", {"dansk_mundtlig": written}, lambda _, text: said.append(text))
    assert said == []
    mask = chosen(problem, "citizens", tests)
    assert problem["citizens"].loc[mask, "citizen_id"].tolist() == who


def test_a_word_of_a_list_may_be_danish() -> None:
    """`has` looks for the measure, whatever language names it."""
    problem = week(
        [citizen("C1")],
        [opening("O1", measures="wage_subsidy_public"), opening("O2", measures="ordinary")],
    )
    tests = conditions("openings", {"measures": {"has": "løntilskud"}}, lambda *_: None)
    mask = chosen(problem, "openings", tests)
    assert problem["openings"].loc[mask, "opening_id"].tolist() == ["O1"]


def test_a_group_may_be_named_in_danish() -> None:
    """Column and value as in a Danish table."""
    assert group_goals("dansk_mundtlig", "1") == group_goals("oral", "1")
    assert group_goals("dansk_mundtlig", "A2") == group_goals("oral", "3")
    assert group_goals("eneforsørger", "ja") == group_goals("single_provider", "yes")


def test_danish_tables_hold_danish_words(tmp_path: Path) -> None:
    """Measures, papers, sectors, times and yes or no; and they read back to the same rows."""
    problem = week(
        [citizen("C1", single_provider=True)],
        [opening("O1", measures="wage_subsidy_public;work_practice", papers="hygiene")],
    )
    folder = write_folder(problem.tables, tmp_path, danish=True, separator=";", decimal=",")
    text = (tmp_path / "stillinger.csv").read_text("utf-8")
    assert "Offentligt løntilskud;Virksomhedspraktik" in text
    assert "hygiejnebevis" in text
    assert "wage_subsidy" not in text
    assert "man-" in text
    again = check(folder, policy(), TODAY).problem
    for name in ("openings", "citizens", "workplaces"):
        assert again[name].equals(problem[name])
