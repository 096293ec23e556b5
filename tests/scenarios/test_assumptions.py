"""Every figure of the made-up weeks has its source, and a range or the reason why it has none."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.errors import OptionError
from scenarios.population import Population, make
from scenarios.population.assumptions import (
    FILES,
    Assumption,
    assumptions,
    themes,
)
from scenarios.population.draw import calibration

ALL = {one.path: one for one in assumptions()}
RANGED = [one for one in assumptions() if one.theme]
SMALL = Population(citizens=400, openings=40)
PAGE = Path(__file__).parents[2] / "docs" / "made-up-weeks.md"


def leaves(node: Any, path: str) -> Iterator[str]:
    """Paths of all figures of a file, down to where one is listed."""
    if path in ALL or not isinstance(node, Mapping):
        yield path
        return
    for key, below in node.items():
        yield from leaves(below, f"{path}.{key}")


def mean(value: Any) -> float:
    """One number for any figure: its own, or that of a table of shares or of quantiles."""
    if isinstance(value, Mapping):
        if all(key.lstrip("-").replace(".", "").isdigit() for key in value):
            return sum(float(key) * share for key, share in value.items())
        numbers = [below for below in value.values() if not isinstance(below, str)]
        return sum(mean(below) for below in numbers)
    if isinstance(value, list):
        steps = itertools.pairwise(value)
        return sum((end - start) * (low + high) / 2 for (start, low), (end, high) in steps)
    return float(value)


@pytest.mark.parametrize("name", FILES)
def test_every_figure_is_listed_with_its_source(name: str) -> None:
    """No figure of a calibration file is without an entry, and no entry without a figure."""
    found = set(leaves(calibration(name), name))
    assert found == {path for path in ALL if path.startswith(f"{name}.")}
    for path in found:
        one = ALL[path]
        assert one.source, path
        assert one.theme or one.note, f"{path}: neither a range nor a reason why not"


@pytest.mark.parametrize("one", RANGED, ids=lambda one: one.path)
def test_a_range_holds_the_value(one: Assumption) -> None:
    """Both ends are of the value's shape, differ from each other, and lie around it."""
    assert one.scarce in {"low", "high"}
    assert one.low != one.high
    for end in (one.low, one.high):
        assert type(end) is type(one.value) or {type(end), type(one.value)} == {int, float}
        if isinstance(end, Mapping):
            assert set(end) == set(one.value)
    if one.path == "openings.demands.gap_ok":
        # Jobs with no gap and jobs with two: the more of it, the more Danish may be missing.
        gaps = [end["2"] - end["0"] for end in (one.low, one.value, one.high)]
        assert gaps == sorted(gaps)
        return
    assert mean(one.low) <= mean(one.value) <= mean(one.high)


@pytest.fixture(scope="module")
def as_it_is() -> dict[str, pd.DataFrame]:
    return make(SMALL)


@pytest.mark.parametrize("theme", themes())
def test_a_theme_has_two_ends_that_make_other_weeks(
    theme: str, as_it_is: dict[str, pd.DataFrame]
) -> None:
    """Both ends move some table, and who the citizens are stays: age, Danish, category, hours."""
    for end in ("scarce", "plenty"):
        week = make(SMALL, assume={theme: end})
        assert any(not as_it_is[name].equals(week[name]) for name in week), (theme, end)
        kept = ["citizen_id", "age", "category", "capacity_hours", "postcode", "youngest_child"]
        assert as_it_is["citizens"][kept].equals(week["citizens"][kept])


def test_one_figure_counts_before_its_theme() -> None:
    """The theme at its scarce end, but the one figure at the other."""
    spec = Population(assume={"mentors": "scarce", "supports.mentors.municipal_hours": "high"})
    mentors = spec.facts("supports")["mentors"]
    assert mentors["municipal_hours"] == ALL["supports.mentors.municipal_hours"].high
    assert mentors["workplace_share"] == ALL["supports.mentors.workplace_share"].low
    need = spec.facts("citizens")["support"]["mentor_hours"]
    assert need == ALL["citizens.support.mentor_hours"].high
    assert calibration("supports")["mentors"]["municipal_hours"] == (
        ALL["supports.mentors.municipal_hours"].value
    )


@pytest.mark.parametrize(
    ("assume", "message"),
    [
        ({"weather": "scarce"}, "'weather': no theme"),
        ({"mentors": "low"}, "mentors = 'low'; expected scarce or plenty"),
        ({"citizens.category": "low"}, "'citizens.category': no theme and no figure with a range"),
        ({"supports.mentors.municipal_hours": "more"}, "= 'more'; expected one of low, high"),
    ],
)
def test_what_is_no_assumption_is_refused(assume: dict[str, str], message: str) -> None:
    """With what was asked and what is known."""
    with pytest.raises(OptionError, match=message):
        Population(assume=assume)


def as_lines() -> list[str]:
    """Write the figures as a Markdown table, those with a range first, by theme."""
    order = [*themes(), ""]
    rows = sorted(assumptions(), key=lambda one: order.index(one.theme))
    lines = [
        "| figure | value | low | high | scarce | source | what it is |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in rows:
        ends = [_short(end) if one.theme else "" for end in (one.low, one.high)]
        cells = [f"`{one.path}`", _short(one.value), *ends, one.scarce, one.source, one.note]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _short(value: Any) -> str:
    """Write a figure in a cell; a long table is left to its file."""
    if isinstance(value, Mapping):
        parts = [f"{key}: {_short(below)}" for key, below in value.items()]
        text = f"({', '.join(parts)})" if any("(" in part for part in parts) else ", ".join(parts)
    elif isinstance(value, list):
        text = "[" + ", ".join(_short(below) for below in value) + "]"
    else:
        text = str(value)
    return text if len(text) <= 160 else "a table"


def test_the_page_lists_them_all() -> None:
    """As they are now: a change of a figure is a change of the page."""
    page = PAGE.read_text("utf-8")
    listed = page.partition("<!-- assumptions -->\n")[2].partition("\n<!-- /assumptions -->")[0]
    assert listed.splitlines() == as_lines()
