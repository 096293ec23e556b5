"""What scenarios do to a week: selections, changes, new and removed rows, policy, conflicts.

The week: citizens C1-C4, openings O1-O4 at W1 (municipal, employer E1), W2 and W3 (private, E2).
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from matcher.policy import load_policy, override_of
from matcher.problem import Problem
from matcher.records import (
    AuditGroup,
    Caseworker,
    Forbid,
    Lock,
    MentorPool,
    Previous,
    Running,
)
from scenarios.patch import Applied, WhatIfError, apply, read_text
from tests.weeks import citizen, opening, team, week, workplace


@pytest.fixture(scope="module")
def small() -> Problem:
    return week(
        citizens=(
            citizen("C1", oral=2, caseworker_id="K1"),
            citizen("C2", oral=4, max_commute=30),
            citizen("C3", oral=6, max_commute=60, household_id="H"),
            citizen("C4", oral=6, benefit="minimum_rate", wishes="5322;9112"),
        ),
        openings=(
            opening("O1", oral_floor=3, seats=2, measures="ordinary;work_practice"),
            opening("O2", oral_floor=1, isco="5322", hours_min=20, hours_max=30,
                    shifts="mon-fri 06:00-12:00"),
            opening("O3", workplace_id="W2", seats=5, title="Kok", start_from=dt.date(2026, 12, 1)),
            opening("O4", workplace_id="W3", seats=3, shifts="sat 10:00-14:00"),
        ),
        workplaces=(
            workplace("W1"),
            workplace("W2", employer_id="E2", sector="private", ordinary_staff=9),
            workplace("W3", employer_id="E2", sector="private", ordinary_staff=4),
        ),
        mentor_pools=(MentorPool(pool_id="P1", hours=8),
                      MentorPool(pool_id="P2", hours=3, workplace_id="W2")),
        teams=(team("T1", seats=4, blocks="tue 17:00-19:00", postcode="8000"),
               team("T2", seats=2, blocks="mon 8:00-9:00", postcode="8000",
                    workplace_id="W3")),
        caseworkers=(Caseworker(caseworker_id="K1", capacity=5),),
        running=(Running(citizen_id="C2", opening_id="O3", measure="ordinary", team_id="T1",
                         start=dt.date(2026, 11, 2)),),
        locks=(Lock(citizen_id="C1", opening_id="O4"),),
        forbids=(Forbid(citizen_id="C1", opening_id="O3"),
                 Forbid(citizen_id="C3", workplace_id="W3")),
        previous=(Previous(citizen_id="C3", opening_id="O4"),),
        audit_groups=(AuditGroup(citizen_id="C1", dimension="gender", group="women"),
                      AuditGroup(citizen_id="C3", dimension="gender", group="men")),
    )  # fmt: skip


def applied(problem: Problem, text: str, name: str = "s") -> Applied:
    return apply(problem, read_text(text, "my.toml").scenarios[name])


def changed(problem: Problem, body: str, table: str = "openings") -> Applied:
    return applied(problem, f'[scenario.s]\n[[scenario.s.change]]\ntable = "{table}"\n{body}\n')


def faults(problem: Problem, text: str) -> list[str]:
    with pytest.raises(WhatIfError) as caught:
        applied(problem, text)
    return str(caught.value).splitlines()


# ------------------------------------------------------------------------------ selections


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        ("{}", "O1 O2 O3 O4"),
        ("{ seats = 5 }", "O3"),
        ("{ seats = [1, 5] }", "O2 O3"),
        ("{ seats = { from = 2, to = 3 } }", "O1 O4"),
        ("{ seats = { above = 2, below = 5 } }", "O4"),
        ("{ seats = { not = [2, 3] } }", "O2 O3"),
        ("{ hours_min = { above = 10.1 } }", "O2"),
        ("{ start_from = { empty = true } }", "O1 O2 O4"),
        ("{ start_from = { empty = false } }", "O3"),
        ("{ start_from = { empty = true }, seats = { above = 2 } }", "O4"),
        ("{ start_from = 2026-12-01 }", "O3"),
        ("{ start_from = { from = 2026-12-01, to = 2026-12-31 } }", "O3"),
        ("{ start_from = { not = 2026-12-01 } }", "O1 O2 O4"),
        ('{ isco = { starts = "53" } }', "O2"),
        ('{ isco = { starts = ["53", "91"] } }', "O1 O2 O3 O4"),
        ('{ measures = { has = "work_practice" } }', "O1"),
        ('{ measures = { lacks = "work_practice" } }', "O2 O3 O4"),
        ('{ measures = "work_practice, ordinary" }', "O1"),
        ('{ shifts = { within = "mon-fri 07:00-16:00" } }', "O1 O3"),
        ('{ shifts = { beyond = "mon-fri 07:00-16:00" } }', "O2 O4"),
        ('{ shifts = { touches = "mon 5:00-7:00; sat 13:45-15:00" } }', "O2 O4"),
        ('{ shifts = "man-fre 9.00-13.00" }', "O1 O3"),
        ('{ workplace_id = { sector = "private" } }', "O3 O4"),
        ('{ workplace_id = { sector = "privat", ordinary_staff = { to = 4 } } }', "O4"),
        ('{ workplace_id = "W2" }', "O3"),
        ('{ pladser = 5 }', "O3"),
    ],
)  # fmt: skip
def test_conditions(small: Problem, where: str, chosen: str) -> None:
    """All must hold; columns of the row that a column names count as well."""
    result = changed(small, f"where = {where}\nset = {{ prospect = 3 }}").problem["openings"]
    assert " ".join(result.loc[result["prospect"] == 3, "opening_id"]) == chosen


def test_danish_names_of_tables_are_understood(small: Problem) -> None:
    result = changed(small, "set = { pladser = 7 }", table="stillinger")
    assert set(result.problem["openings"]["seats"]) == {7}


@pytest.mark.parametrize(
    ("draw", "chosen"),
    [
        ('take = 1\nby = "seats"', "O3"),
        ('take = 2\nby = "seats"', "O3 O4"),
        ("share = 1", "O1 O2 O3 O4"),
        ('take = 1\nof = "workplace_id.employer_id"\nby = "seats"', "O3 O4"),  # 8 seats against 3
        ('take = 1\nof = "workplace_id"\nby = "seats"', "O3"),  # 5 against 3 and 3
        ('share = 0.5\nof = "workplace_id.employer_id"\nby = "seats"', "O3 O4"),
        ('take = 1\nof = "workplace_id"\nby = "workplace_id.ordinary_staff"', "O1 O2"),
    ],
)
def test_the_largest_are_taken_first(small: Problem, draw: str, chosen: str) -> None:
    """By single rows or by whole units."""
    result = changed(small, f"{draw}\nset = {{ prospect = 3 }}").problem["openings"]
    assert " ".join(result.loc[result["prospect"] == 3, "opening_id"]) == chosen


def test_draws_repeat_and_grow_by_one(small: Problem) -> None:
    """Whoever is drawn among one is drawn among two, three; another seed draws others."""

    def drawn(take: int, seed: int) -> set[str]:
        result = changed(small, f"take = {take}\nseed = {seed}\nset = {{ prospect = 3 }}")
        table = result.problem["openings"]
        return set(table.loc[table["prospect"] == 3, "opening_id"])

    for seed in range(4):
        found = [drawn(take, seed) for take in range(5)]
        assert [len(one) for one in found] == [0, 1, 2, 3, 4]
        assert all(one < more for one, more in pairwise(found))
    assert len({frozenset(drawn(2, seed)) for seed in range(20)}) > 2


def test_draws_do_not_depend_on_the_order_of_rows(small: Problem) -> None:
    """Nor on which other rows there are: O4's draw is its own."""
    less = small.with_tables(openings=small["openings"].iloc[1:].reset_index(drop=True))
    for seed in range(5):
        body = f"take = 1\nseed = {seed}\nset = {{ prospect = 3 }}"
        first = changed(small, body).problem["openings"].query("prospect == 3")
        again = changed(less, body).problem["openings"].query("prospect == 3")
        if first["opening_id"].item() != "O1":
            assert again["opening_id"].item() == first["opening_id"].item()


# ------------------------------------------------------------------------------ cells


@pytest.mark.parametrize(
    ("edit", "column", "values"),
    [
        ("set = { seats = 9 }", "seats", [9, 9, 9, 9]),
        ("add = { seats = -1 }", "seats", [1, 0, 4, 2]),
        ("scale = { seats = 1.5 }", "seats", [3, 2, 8, 5]),  # 3, 1.5, 7.5, 4.5: halves go up
        ("scale = { seats = 0.3 }", "seats", [1, 0, 2, 1]),  # 0.6, 0.3, 1.5, 0.9
        ("clip = { seats = [2, 3] }", "seats", [2, 2, 3, 3]),
        ('clip = { seats = ["none", 2] }', "seats", [2, 1, 2, 2]),
        ("scale = { hours_max = 0.71 }", "hours_max", [14.2, 21.3, 14.2, 14.2]),  # 14.2, 21.3
        ("set = { start_from = 2027-01-04 }", "start_from", ["2027-01-04"] * 4),
        ("add = { start_from = 7 }", "start_from", [None, None, "2026-12-08", None]),
        ("set = { start_from = { empty = true } }", "start_from", [None] * 4),
        ('set = { shifts = "fre 8.00-12.00" }', "shifts", ["fri 08:00-12:00"] * 4),
        ('include = { papers = ["hygiene"] }', "papers", ["hygiene"] * 4),
        ('include = { measures = ["igu"] }', "measures",
         ["igu;ordinary;work_practice", "igu;ordinary", "igu;ordinary", "igu;ordinary"]),
        ('exclude = { measures = ["ordinary"] }', "measures", ["work_practice", "", "", ""]),
        ('set = { measures = ["b", "a"] }', "measures", ["a;b"] * 4),
        ("set = { age_min = 18 }", "age_min", [18] * 4),
    ],
)  # fmt: skip
def test_changes_of_cells(small: Problem, edit: str, column: str, values: list[Any]) -> None:
    """O1-O4 have 2, 1, 5, 3 seats and at most 20, 30, 20, 20 hours."""
    table = changed(small, f"where = {{ hours_max = {{ from = 1 }} }}\n{edit}").problem["openings"]
    cells = [
        None if pd.isna(cell) else cell.date().isoformat() if hasattr(cell, "date") else cell
        for cell in table[column]
    ]
    assert cells == values
    assert table.dtypes.equals(small["openings"].dtypes)


def test_every_change_is_kept_with_its_count(small: Problem) -> None:
    """Old and new, rows counted, cells that stay left out."""
    result = changed(small, "clip = { seats = [2, 3] }")
    assert [str(change) for change in result.changes] == [
        "openings.seats: 1 -> 2 (1 row)",
        "openings.seats: 5 -> 3 (1 row)",
    ]
    assert result.changes[0].to_dict() == {
        "path": "openings.seats", "old": "1", "new": "2", "rows": 1, "scenario": "s",
    }  # fmt: skip


def test_the_week_itself_is_never_modified(small: Problem) -> None:
    digest = week().digest(), small.digest()
    fresh = small.replace()
    changed(small, "add = { seats = 1 }")
    changed(small, "remove = true\nwhere = { seats = 5 }")
    assert (week().digest(), fresh.digest()) == digest


def test_an_untouched_week_keeps_its_digest(small: Problem) -> None:
    """No copies, nothing added: the scenario is the week."""
    assert changed(small, "add = { seats = 0 }").problem.digest() == small.digest()
    assert changed(small, "new = 0").problem.digest() == small.digest()
    assert changed(small, "copies = 0").changes == ()


# ------------------------------------------------------------------------------ rows


def test_copies_have_ids_of_their_own(small: Problem) -> None:
    """Two of each chosen row, with changes."""
    result = changed(
        small, 'where = { seats = { from = 3 } }\ncopies = 2\nset = { seats = 1, title = "Ny" }'
    )
    table = result.problem["openings"]
    new = table[table["opening_id"].str.contains("+", regex=False)]
    assert new["opening_id"].tolist() == ["O3+1", "O3+2", "O4+1", "O4+2"]
    assert new["workplace_id"].tolist() == ["W2", "W2", "W3", "W3"]
    assert set(new["title"]) == {"Ny"}
    assert set(new["seats"]) == {1}
    assert [str(one) for one in result.changes] == ["openings: 4 rows -> 8 rows, 4 copied (4 rows)"]
    assert table["opening_id"].is_monotonic_increasing


def test_so_many_new_rows_in_all(small: Problem) -> None:
    """Six of four: each is copied once, two of them twice."""
    table = changed(small, "new = 6").problem["openings"]
    assert len(table) == 10
    assert table["opening_id"].is_unique
    assert sorted(table["opening_id"].str[:2].value_counts().tolist()) == [2, 2, 3, 3]


def test_a_copied_citizen_is_a_newcomer(small: Problem) -> None:
    """Of no household and with no past of the other one, but of its audit groups."""
    result = changed(small, "new = 4\nset = { weeks_waiting = 0 }", table="citizens")
    table = result.problem["citizens"].set_index("citizen_id")
    assert table.loc["C3+1", "household_id"] == "H+"
    assert pd.isna(table.loc["C1+1", "household_id"])
    audit = result.problem["audit_groups"]
    assert audit["citizen_id"].tolist() == ["C1", "C1+1", "C3", "C3+1"]
    for name in ("running", "locks", "forbids", "previous"):
        assert result.problem[name].equals(small[name])


def test_two_scenarios_that_copy_the_same_rows_do_not_meet(small: Problem) -> None:
    text = """
[scenario.a]
[[scenario.a.change]]
table = "openings"
where = { opening_id = "O1" }
copies = 1
[scenario.b]
[[scenario.b.change]]
table = "openings"
where = { opening_id = "O1" }
copies = 1
[scenario.s]
use = ["a", "b"]
"""
    ids = applied(small, text).problem["openings"]["opening_id"].tolist()
    assert ids == ["O1", "O1+1", "O1+2", "O2", "O3", "O4"]


def test_new_rows_written_out(small: Problem) -> None:
    """Columns left out have their defaults."""
    result = changed(
        small,
        'rows = [{ team_id = "T3", seats = 9, blocks = "tir 17.00-19.00", postnr = "8300" }]',
        table="hold",
    )
    row = result.problem["teams"].set_index("team_id").loc["T3"]
    assert (row["seats"], row["blocks"], row["postcode"], row["level_to"]) == (
        9, "tue 17:00-19:00", "8300", 6,
    )  # fmt: skip
    assert [str(one) for one in result.changes] == [
        "teams: 2 rows -> 3 rows, 1 written out (1 row)"
    ]


def test_new_rows_for_each_row_of_another_table(small: Problem) -> None:
    """A class at each private workplace, under ids made of the workplace's."""
    body = (
        'each = { table = "workplaces", where = { sector = "private" } }\n'
        'rows = [{ team_id = { from = "workplace_id", before = "at-", after = "!" }, seats = 5, '
        'workplace_id = { from = "workplace_id" }, postcode = { from = "postcode" }, '
        'blocks = "mon 15:00-16:00" }]'
    )
    table = changed(small, body, table="teams").problem["teams"]
    new = table[table["team_id"].str.startswith("at-")]
    assert new["team_id"].tolist() == ["at-W2!", "at-W3!"]
    assert new["workplace_id"].tolist() == ["W2", "W3"]
    assert new["postcode"].tolist() == ["8200", "8200"]


def test_removed_rows_take_with_them_what_cannot_stand_without(small: Problem) -> None:
    """Employer E2 closes: O3, O4, its class and pool, and all that names them."""
    result = changed(small, 'where = { employer_id = "E2" }\nremove = true', table="workplaces")
    after = result.problem
    assert after["openings"]["opening_id"].tolist() == ["O1", "O2"]
    assert after["teams"]["team_id"].tolist() == ["T1"]
    assert after["mentor_pools"]["pool_id"].tolist() == ["P1"]
    for name in ("running", "locks", "forbids", "previous"):
        assert after[name].empty, name
    assert str(result.changes[0]) == ("workplaces: 3 rows -> 1 row, 2 removed (2 rows)")
    assert "running: 1 row -> 0 rows, 1 removed with openings (1 row)" in map(str, result.changes)


def test_links_that_may_be_empty_are_emptied(small: Problem) -> None:
    """A running placement still takes its seat when its class is gone."""
    result = changed(small, 'where = { team_id = "T1" }\nremove = true', table="teams")
    assert result.problem["running"]["team_id"].isna().all()
    assert len(result.problem["running"]) == 1
    assert "running.team_id: removed -> empty (1 row)" in map(str, result.changes)


# ------------------------------------------------------------------------------ policy


def test_keys_of_the_policy(small: Problem) -> None:
    """Set, add, scale, clip; halves go up; a star is every key; overrides are noted."""
    text = """
[scenario.s.policy]
fit.floor = 350
fit.weights = { commute = 15 }
money.budgets."*" = { scale = 0.5 }
papers.days_when_pending.criminal_record = { scale = 0.5 }
travel.transit_kmh = { add = 3 }
start.longest_lead_days = { clip = [60, "none"] }
measures."*".ratio_rule = false
group_floors = [{ column = "oral", value = "2", at_least = 0 }]
"""
    base = small.replace(policy=override_of(small.policy, {"money": {"budgets": {"mentors": 101}}}))
    result = applied(base, text)
    policy = result.problem.policy
    assert (policy.fit.floor, policy.fit.weights.commute, policy.fit.weights.health) == (
        350,
        15,
        15,
    )
    assert policy.money.budgets["mentors"] == 51
    assert policy.papers.days_when_pending["criminal_record"] == 4
    assert policy.travel.transit_kmh == 25
    assert policy.start.longest_lead_days == 60
    assert not any(measure.ratio_rule for measure in policy.measures.values())
    assert policy.group_floors[0].at_least == 0
    told = [str(change) for change in result.changes]
    assert told[:3] == [
        "fit.floor: 0 -> 350", "fit.weights.commute: 8 -> 15",
        "money.budgets.wage_subsidy: 10000000 -> 5000000",
    ]  # fmt: skip
    assert "measures.work_practice.ratio_rule: true -> false" in told
    assert not any("measures.igu" in line for line in told)
    assert "fit.floor: 0 -> 350" in policy.overrides


def test_the_law_of_another_day_leaves_what_is_ones_own(small: Problem) -> None:
    """On 30 June 2025 the 225-hour rule held, and the target group was another."""
    own = override_of(small.policy, {"target_group": {"assistance_months_48": 30}})
    result = applied(small.replace(policy=own), "[scenario.s]\nlaw = { on = 2025-06-30 }\n")
    policy = result.problem.policy
    assert policy.hours_225 is not None
    assert policy.hours_225.hours == 225
    assert policy.target_group.benefits == ("transition",)
    assert policy.target_group.assistance_months_48 == 30
    assert policy.fit.floor == 0
    assert policy.on == small.today
    told = [change.path for change in result.changes]
    # What makes offers: the hours' price of 2025, whom the duty binds, the target group, 225 hours.
    assert {
        "measures.wage_subsidy_private.cost_per_hour", "measures.wage_subsidy_public.cost_per_hour",
        "duty_week.binds", "target_group.assistance_benefits", "target_group.benefits", "hours_225",
    } <= set(told)  # fmt: skip
    # What was not there on that day is gone; where a rule is from is no change of its own.
    assert {"ai_order", "national_ceiling"} <= set(told)
    assert policy.ai_order is None
    assert not [path for path in told if path.rpartition(".")[2] in {"source", "review_by"}]
    assert policy.target_group.source == load_policy(dt.date(2025, 6, 30)).target_group.source


def test_single_sections_of_the_law(small: Problem) -> None:
    text = '[scenario.s]\nlaw = { on = 2025-06-30, sections = ["hours_225"] }\n'
    assert [change.path for change in applied(small, text).changes] == ["hours_225"]


def test_measures_come_and_go_with_the_law(small: Problem) -> None:
    """From 2028 on there is no IGU; before 2025 the nytteindsats lasted 13 weeks at most."""
    later = applied(small, "[scenario.s]\nlaw = { on = 2028-01-01 }\n").problem.policy
    assert "igu" not in later.measures
    earlier = applied(small, "[scenario.s]\nlaw = { on = 2024-12-31 }\n").problem.policy
    assert earlier.measures["nytteindsats"].weeks["job_ready"] == 13
    assert earlier.measures["nytteindsats"].ratio_rule


# ------------------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[scenario.s.change]]\ntable = "openings"\nwhere = { seats = 99 }\nset = { seats = 1 }',
         "my.toml:3: s: empty selection: no row of openings meets the conditions;"
         " rows that meet each alone: seats: none"),
        ('[[scenario.s.change]]\ntable = "courses"\nset = { seats = 1 }',
         "my.toml:1: s: empty selection: no row of courses meets the conditions: the "
         "table is empty"),
        ('[[scenario.s.change]]\ntable = "openings"\nadd = { seats = -4 }',
         "my.toml:3: s: openings.seats of O1: 2 -> -2: expected a whole number from 0 to 1000"),
        ('[[scenario.s.change]]\ntable = "openings"\nset = { hours_min = 25 }',
         "my.toml:1: s: openings O1: hours_min 25 is above hours_max 20 (and 2 more rows)"),
        ('[[scenario.s.change]]\ntable = "openings"\ntake = 3\nof = "workplace_id.employer_id"\n'
         "remove = true",
         "my.toml:3: s: take = 3: only 2 values of workplace_id.employer_id meet the conditions"),
        ('[[scenario.s.change]]\ntable = "openings"\nset = { workplace_id = "W9" }',
         "my.toml:1: s: openings.workplace_id = W9: expected a row of workplaces"),
        ('[[scenario.s.change]]\ntable = "teams"\n'
         'rows = [{ team_id = "T1", seats = 1, blocks = "mon 8:00-9:00", postcode = "8000" }]',
         "my.toml:1: s: teams: T1 is there already; expected a new id"),
        ('[[scenario.s.change]]\ntable = "teams"\n'
         'rows = [{ team_id = "T3", seats = 1, blocks = "mon 8:00-9:00", postcode = "1234" }]',
         "my.toml:1: s: teams.postcode = 1234: expected a row of places"),
        ('[[scenario.s.change]]\ntable = "teams"\neach = { table = "courses" }\n'
         'rows = [{ team_id = "T3", seats = 1, blocks = "mon 8:00-9:00", postcode = "8000" }]',
         "my.toml:3: s: empty selection: no row of courses meets the conditions: the table is "
         "empty"),
        ("[scenario.s.policy]\nfit.flor = 3",
         "my.toml:2: s: unknown key 'fit.flor'; known: commute_share_points, confidence, floor, "
         "health_no_slack_points, health_step_points, isco_points, language_oral_step_points, "
         "language_reading_step_points, read_as, review_by, source, source_danish,"
         " unstated_points, valid_from, valid_to, weights"),
        ("[scenario.s.policy]\nfit.floor = 1001",
         "my.toml:2: s: fit.floor = 1001: expected a whole number from 0 to 1000"),
        ('[scenario.s.policy]\nname = { add = 1 }',
         "my.toml:2: s: name holds no number, so 'add' has no meaning"),
        ('[scenario.s.policy]\nmeasures.igu.budget."*" = { add = 1 }',
         "my.toml:2: s: empty selection: no key of the policy fits 'measures.igu.budget.*'"),
        ("[scenario.s]\nlaw = { on = 2026-07-01 }",
         "my.toml:2: s: law: nothing differs between the law of 2026-11-23 and of 2026-07-01"),
        ("[scenario.s]\nlaw = { on = 1990-01-01 }",
         "my.toml:2: s: law: policies/denmark.toml: nothing holds on 1990-01-01 for 'duty_week'"),
    ],
)  # fmt: skip
def test_faults_that_show_on_the_week(small: Problem, text: str, said: str) -> None:
    """File and line, value and what was expected."""
    assert faults(small, text + "\n") == [said]


def test_faults_of_a_scenario_are_told_all_at_once(small: Problem) -> None:
    text = """\
[scenario.s]
[[scenario.s.change]]
table = "openings"
where = { seats = 99 }
set = { seats = 1 }
[[scenario.s.change]]
table = "citizens"
add = { age = 60 }
[scenario.s.policy]
fit.floor = { add = 2000 }
"""
    assert [line.partition(": s: ")[0] for line in faults(small, text)] == [
        "my.toml:4", "my.toml:8", "my.toml:10",
    ]  # fmt: skip


TWO = """\
[scenario.a]
[[scenario.a.change]]
table = "openings"
{}
[scenario.b]
[[scenario.b.change]]
table = "openings"
{}
[scenario.s]
use = ["a", "b"]
"""


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("set = { seats = 1 }", "where = { seats = { above = 1 } }\nadd = { seats = 1 }",
         "my.toml:6: b: openings.seats of O1 and 2 more is changed by a (my.toml:2) as well; "
         "expected one change of a cell"),
        ("where = { seats = 5 }\nremove = true", "set = { title = 'x' }",
         "my.toml:7: b: openings.title of O3 is changed by a (my.toml:2) as well; "
         "expected one change of a cell"),
        ("set = { title = 'x' }", "where = { seats = 5 }\nremove = true",
         "my.toml:6: b: openings.title of O3 is changed by a (my.toml:2) as well; "
         "expected one change of a cell"),
        ("where = { seats = 5 }\nremove = true", "where = { seats = [1, 5] }\nremove = true",
         "my.toml:7: b: openings of O3 is changed by a (my.toml:2) as well; "
         "expected one change of a cell"),
    ],
)  # fmt: skip
def test_two_changes_of_one_cell_name_both(small: Problem, one: str, other: str, said: str) -> None:
    """Whatever they are, and whichever comes first."""
    assert faults(small, TWO.format(one, other)) == [said]


def test_two_changes_of_one_key_name_both(small: Problem) -> None:
    """Also where one is of a whole table and the other of a key in it."""
    text = """\
[scenario.a]
policy.money.budgets."*" = { scale = 0.5 }
[scenario.s]
use = ["a"]
policy.money.budgets.mentors = 7
"""
    assert faults(small, text) == [
        "my.toml:5: s: policy money.budgets.mentors is changed by a (my.toml:2) as well; "
        "expected one change of a key"
    ]


def test_changes_of_different_cells_compose_in_any_order(small: Problem) -> None:
    """Conditions look at the week as it came: b's do not see what a has done."""
    one, other = "add = { seats = 5 }", "where = { seats = 5 }\nset = { title = 'x' }"
    first = applied(small, TWO.format(one, other)).problem
    second = applied(small, TWO.format(other, one)).problem
    assert first.digest() == second.digest()
    assert first["openings"].set_index("opening_id").loc["O3", "title"] == "x"
    assert (first["openings"]["title"] == "x").sum() == 1
