"""Differences have a direction, the largest come first, and people are told apart by id."""

from __future__ import annotations

import pytest

from matcher.errors import OptionError
from scenarios.compare import Comparison, compare
from scenarios.outcome import failed
from tests.scenarios.made_outcomes import BASE, LESS, MORE, outcome


@pytest.fixture(scope="module")
def both() -> Comparison:
    """The order they are given in does not matter."""
    return compare([LESS, failed("broken", "no such pool"), MORE, BASE])


def test_the_largest_gain_comes_first_and_failures_last(both: Comparison) -> None:
    """After minus before: +2, -3; a failure has no numbers but its reason."""
    assert both.base.name == "base"
    assert both.summary["scenario"].tolist() == ["base", "more", "less", "broken"]
    assert both.summary["difference"].tolist()[:3] == [0, 2, -3]
    broken = both.summary.iloc[3]
    assert (broken["status"], broken["reason"]) == ("failed", "no such pool")
    assert broken[["placements", "difference", "new", "dkk_week"]].isna().all()


def test_who_is_new_who_lost_and_who_moved(both: Comparison) -> None:
    """C02-C04 are new, C01 lost, C10 moved from O2 to O1; the rest stayed."""
    people = both.people[both.people["scenario"] == "more"]
    assert list(zip(people["event"], people["citizen_id"], strict=True)) == [
        ("new", "C02"), ("new", "C03"), ("new", "C04"), ("lost", "C01"), ("moved", "C10"),
    ]  # fmt: skip
    moved = people[people["event"] == "moved"].iloc[0]
    assert (moved["from_opening"], moved["to_opening"]) == ("O2", "O1")
    new = people.iloc[1]
    assert (new["from_opening"], new["to_opening"], new["to_sector"]) == ("", "O9", "private")
    row = both.summary.set_index("scenario").loc["more"]
    assert row[["new", "lost", "moved"]].tolist() == [3, 1, 1]
    assert row["difference"] == row["new"] - row["lost"]


def test_cost_per_extra_placement(both: Comparison) -> None:
    """600 DKK a week more for two more: 300 each; a year is 52 x 300 + 500 / 2 = 15,850."""
    row = both.summary.set_index("scenario").loc["more"]
    assert row["dkk_week_difference"] == 600
    assert row["dkk_once_difference"] == 500
    assert row["dkk_per_extra_week"] == 300
    assert row["dkk_per_extra_year"] == 15_850
    # Fewer placements have no cost for each extra one.
    assert both.summary.set_index("scenario").loc["less", ["dkk_per_extra_week"]].isna().all()
    costs = both.costs[both.costs["scenario"] == "more"]
    assert costs[["line", "paid", "difference"]].values.tolist() == [
        ["mentors", "week", 600], ["courses", "once", 500],
    ]  # fmt: skip


def test_groups_are_counted_and_the_gap_follows(both: Comparison) -> None:
    """Women: 2 to 4 of 10, three new, one lost. Men: 2 of 10 before and after. Gap 0 to 20 %."""
    groups = both.groups[(both.groups["scenario"] == "more")
                         & (both.groups["dimension"] == "gender")]  # fmt: skip
    women = groups.set_index("group").loc["women"]
    assert women[["placed_before", "placed", "difference", "new", "lost"]].tolist() == [
        2, 4, 2, 3, 1,
    ]  # fmt: skip
    assert women["share_difference"] == pytest.approx(0.2)
    assert groups.set_index("group").loc["men", "difference"] == 0
    gap = both.gaps[both.gaps["scenario"] == "more"].set_index("dimension").loc["gender"]
    assert (gap["lowest"], gap["highest"]) == ("men", "women")
    assert gap[["gap_before", "gap", "gap_difference"]].tolist() == pytest.approx([0, 0.2, 0.2])
    assert gap[["ratio_before", "ratio"]].tolist() == pytest.approx([1, 0.5])


def test_small_groups_are_hidden() -> None:
    """Four of level 4 among fourteen: neither they nor, by subtraction, anybody small is shown."""
    few = [outcome(name, placed, people=14) for name, placed in (("base", {0: "O1"}), ("a", {}))]
    groups = compare(few).groups
    oral = groups[groups["dimension"] == "oral"]
    assert oral["group"].tolist() == []
    assert (groups["waiting"] >= 5).all()


def test_which_resource_began_and_which_stopped_to_bind(both: Comparison) -> None:
    """P1 stops, P2 begins; capacity and use are before and after."""
    rows = both.resources[both.resources["scenario"] == "more"].set_index("key")
    assert rows["change"].to_dict() == {"P1": "stopped", "P2": "began"}
    assert rows.loc["P1", ["used_before", "used", "capacity_before", "capacity"]].tolist() == [
        240, 360, 600, 1200,
    ]  # fmt: skip


def test_a_resource_that_comes_or_goes() -> None:
    """A pool that is only in one of them is added or removed."""
    cut = outcome("cut", {0: "O1"})
    object.__setattr__(cut, "resources", cut.resources[cut.resources["key"] == "P1"])
    changed = compare([BASE, cut]).resources.set_index("key")["change"].to_dict()
    assert changed == {"P1": "stopped", "P2": "removed"}
    back = compare([cut, BASE], base="cut").resources.set_index("key")["change"].to_dict()
    assert back == {"P1": "began", "P2": "added"}


def test_turned_round_every_difference_turns_its_sign() -> None:
    """Comparing the base with the scenario is the mirror of the other."""
    there, back = compare([BASE, MORE]), compare([BASE, MORE], base="more")
    one, other = there.summary.iloc[1], back.summary.iloc[1]
    for name in ("difference", "dkk_week_difference", "dkk_once_difference", "fit_difference"):
        assert one[name] == -other[name]
    assert (one["new"], one["lost"], one["moved"]) == (other["lost"], other["new"], other["moved"])
    assert there.gaps["gap_difference"].tolist() == pytest.approx(
        (-back.gaps["gap_difference"]).tolist()
    )


def test_a_scenario_like_the_base_changes_nothing() -> None:
    """All differences are zero, nobody is named, no resource is listed."""
    same = compare([BASE, outcome("same", {0: "O1", 1: "O1", 10: "O2", 11: "O2"},
                                  mentor_dkk=1000, binding=["P1"])])  # fmt: skip
    assert same.summary.iloc[1][["difference", "new", "lost", "moved"]].tolist() == [0, 0, 0, 0]
    assert same.people.empty
    assert same.resources.empty


def test_newcomers_and_those_who_left_are_marked() -> None:
    """A citizen of one table only is placed or lost all the same."""
    inflow = outcome("inflow", {0: "O1", 21: "O2"}, people=25)
    people = compare([BASE, inflow]).people.set_index("citizen_id")
    assert people.loc["C21", ["event", "in_base", "in_scenario"]].tolist() == ["new", False, True]
    assert people.loc["C01", ["event", "in_base", "in_scenario"]].tolist() == ["lost", True, True]


@pytest.mark.parametrize(
    ("outcomes", "base", "says"),
    [
        ([], None, "there are no outcomes to compare"),
        ([BASE, MORE, MORE], None, "two outcomes have the name 'more'"),
        ([BASE, MORE], "most", "no outcome is called 'most'; there are: base, more"),
        ([failed("base", "locks clash"), MORE], None, "'base' failed.*: locks clash"),
    ],
)
def test_what_cannot_be_compared_says_why(outcomes: list[object], base: str, says: str) -> None:
    """With the names there are."""
    with pytest.raises(OptionError, match=says):
        compare(outcomes, base)  # type: ignore[arg-type]
