"""An outcome says what a scenario came to, survives a process and a file, and cannot mislead."""

from __future__ import annotations

import json
import pickle

import pytest

from matcher.errors import ClashError
from matcher.plan import Tier
from matcher.records import AuditGroup, Lock
from matcher.row_kinds import ROW_KINDS
from matcher.solve import solve
from scenarios.outcome import Outcome, RecordedChange, failed, outcome_of
from scenarios.population import Population, problem
from tests.weeks import citizen, opening, week, workplace


@pytest.fixture(scope="module")
def small() -> Outcome:
    """A made-up week with a sweep's parameter and a change."""
    return outcome_of(
        solve(problem(Population(citizens=90, openings=24, seed=5))),
        name="more mentors",
        titles={"en": "More mentors", "da": "Flere mentorer"},
        sweep="grid",
        family="mentors",
        parameters={"hours": 10, "share": 0.5},
        changes=[RecordedChange("mentor_pools.hours", "30", "40", 3)],
    )


def test_counts_add_up(small: Outcome) -> None:
    """Everybody is placed or left over for a cause; costs and seats are those of the placements."""
    assert small.status == "optimal"
    assert small.reason == ""
    assert small.placed == small.tiers[0].value == small.tiers[0].bound
    assert small.placed + sum(small.left_over.values()) == 90
    assert small.waiting == 90 - small.left_over.get("already_placed", 0)
    assert sum(sector["filled"] for sector in small.seats.values()) == small.placed
    budget = small.resources[small.resources["kind"] == "budget"].set_index("key")["used"]
    assert small.costs == {line: int(budget[line]) for line in small.lines}
    assert small.once == ("courses",)
    assert small.dimensions


def test_it_survives_pickle_and_json(small: Outcome) -> None:
    """Every field, every cell type."""
    for again in (
        pickle.loads(pickle.dumps(small)),
        Outcome.from_dict(json.loads(json.dumps(small.to_dict(), allow_nan=False))),
    ):
        assert small.same_as(again)
        assert again.to_dict() == small.to_dict()
        assert (again.placements.dtypes == small.placements.dtypes).all()
        assert again.changes == (RecordedChange("mentor_pools.hours", "30", "40", 3),)


def test_names_and_groups_of_a_placement() -> None:
    """One citizen at one opening: who, where, what it costs, and which group."""
    made = outcome_of(
        solve(
            week(
                [citizen("C1", oral=4, benefit_months=12), citizen("C2", oral=0)],
                [opening("O1", title="Kantine", measures="wage_subsidy_public", oral_floor=2)],
                [workplace("W1", name="Plejehjem", ordinary_staff=40)],
                audit_groups=[AuditGroup(citizen_id="C1", dimension="gender", group="women")],
            )
        )
    )
    (row,) = made.placements.to_dict("records")
    assert (row["citizen_id"], row["opening_id"], row["workplace"]) == ("C1", "O1", "Plejehjem")
    assert (row["sector"], row["measure"], row["team_id"]) == (
        "municipal",
        "wage_subsidy_public",
        "",
    )
    assert row["dkk:wage_subsidy"] > 0
    assert made.measures["wage_subsidy_public"]["da"]
    assert made.citizens["audit:gender"].tolist() == ["women", ""]
    assert made.citizens["outcome"].tolist()[0] == "placed"
    names = dict(zip(made.resources["kind"], made.resources["name"], strict=True))
    assert names["opening_seats"] == "Kantine, Plejehjem"


def test_no_row_of_a_home_is_in_an_outcome() -> None:
    """What is compared is shown to planners: the key of such a row names a household."""
    evening = {"shifts": "mon-fri 15:00-19:00"}
    family = {"household_id": "HOME1", "youngest_child": 2}
    solution = solve(
        week(
            [citizen("C1", **family), citizen("C2", **family)],
            [opening("O1", **evening), opening("O2", **evening)],
            [workplace(ordinary_staff=100)],
        )
    )
    assert any(row.key.startswith("HOME1") for row in solution.plan.rows)
    made = outcome_of(solution)
    assert set(made.resources["kind"]) >= {"opening_seats", "budget"}
    assert not made.resources["kind"].isin([one.id for one in ROW_KINDS.values() if one.home]).any()
    assert "HOME1" not in json.dumps(made.to_dict(), default=str)


def test_a_failed_one_says_why() -> None:
    """The reason is the error's text; it round-trips and has nothing to compare."""
    error = ClashError("these locks cannot be honoured:", ("lock of C1 at O1: one place at most",))
    made = failed(
        "closed", error, titles={"en": "Closed"}, changes=[RecordedChange("a.b", "1", "2")]
    )
    assert made.failed
    assert not made.proven
    assert "one place at most" in made.reason
    assert made.placed == made.waiting == 0
    assert made.mean_fit is None
    assert made.costs == {}
    assert Outcome.from_dict(made.to_dict()).same_as(made)
    assert made.title("en") == made.title("da") == "Closed"
    assert failed("x", ValueError()).reason == "ValueError"


def test_locks_that_clash_fail_the_solve() -> None:
    """What a caller catches to make a failed outcome of."""
    clash = week(
        [citizen("C1"), citizen("C2")],
        locks=[Lock(citizen_id="C1", opening_id="O1"), Lock(citizen_id="C2", opening_id="O1")],
    )
    solution = solve(clash)
    with pytest.raises(ClashError) as raised:
        solution.plan.need_plan()
    outcome = outcome_of(solution, name="both")
    assert (outcome.status, outcome.reason) == ("failed", str(raised.value))


def test_an_outcome_cannot_contradict_itself() -> None:
    """Unknown status, failed with tiers, failed without a reason, another version."""
    tier = Tier("placements", 1, 1, True)
    for fields in (
        {"status": "done", "tiers": (tier,)},
        {"status": "failed", "tiers": (tier,), "reason": "x"},
        {"status": "optimal"},
        {"status": "failed"},
    ):
        with pytest.raises(ValueError, match="outcome 'a'"):
            Outcome(name="a", **fields)  # type: ignore[arg-type]
    plain = failed("a", "x").to_dict()
    with pytest.raises(ValueError, match="version 99"):
        Outcome.from_dict({**plain, "schema_version": 99})


def test_a_different_plan_is_not_the_same(small: Outcome) -> None:
    """One placement less is seen; other seconds are not."""
    plain = small.to_dict()
    assert small.same_as(Outcome.from_dict({**plain, "seconds": 99.0}))
    fewer = {name: values[1:] for name, values in plain["placements"].items()}
    assert not small.same_as(Outcome.from_dict({**plain, "placements": fewer}))
