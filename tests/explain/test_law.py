"""What a person must see to before a placement, and what the law sums up: every figure by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from matcher.explain import conditions, explained, law_document, overdue_line
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.records import Course, MentorPool, Running
from matcher.report import Words, page_html, run_document
from matcher.solve import solve
from matcher.weekly import Observer, WeekOptions, run_week
from tests.weeks import TODAY, citizen, opening, team, week, workplace

BOUND = {"benefit": "minimum_rate", "work_requirement_met": False}
PRIVATE = {"sector": "private", "staff_last_month": 20.0, "staff_mean_12m": 20.0}


def seen_to(problem: Problem, language: str = "en") -> list[str]:
    """What is to be seen to for C1, who is placed."""
    plan = solve(problem).plan
    assert [one.citizen_id for one in plan.placements] == ["C1"]
    return [one.told(language) for one in conditions(problem, plan.placements)["C1"]]


def law(problem: Problem) -> dict[str, Any]:
    """What the law sums up about the plan of a week."""
    return law_document(problem, solve(problem).plan)


PRACTICE = {"measures": "work_practice"}


@pytest.mark.parametrize(
    ("group", "talk"), [("activity_ready", True), ("job_ready", False), ("education_ready", False)]
)
def test_practice_over_thirteen_weeks_is_talked_over(group: str, *, talk: bool) -> None:
    """LAB § 63(2): who may have 13 and then 26 weeks may come to it, who has four cannot."""
    said = seen_to(week([citizen(category=group)], [opening(**PRACTICE)]))
    assert any("13 weeks" in line for line in said) is talk


def test_practice_at_the_last_employer_is_in_a_new_function() -> None:
    """Order 1216 § 61: for the activity-ready; elsewhere nothing is said of it."""
    there = seen_to(week([citizen(last_employer="E1")], [opening(**PRACTICE)]), "da")
    assert "Det er borgerens seneste arbejdsgiver: kun i en ny funktion." in there
    elsewhere = seen_to(week([citizen(last_employer="E9")], [opening(**PRACTICE)]), "da")
    assert len(elsewhere) == len(there) - 1


def test_a_private_subsidy_is_at_most_half_of_the_wage_cost() -> None:
    """Half of 192.54 DKK is 96.27; a public one has no such bound."""
    person = citizen(benefit_months=12)
    private = week([person], [opening(measures="wage_subsidy_private")], [workplace(**PRIVATE)])
    (said,) = seen_to(private, "da")
    assert "højst 50 %" in said
    assert "192,54 kr." in said
    assert seen_to(week([person], [opening(measures="wage_subsidy_public")])) == []


def test_a_mentor_is_granted_for_26_weeks() -> None:
    """From Tuesday 24 November 2026: the last day is Monday 24 May 2027."""
    pool = MentorPool(pool_id="P1", hours=5)
    (said,) = seen_to(week([citizen(mentor_hours=1)], mentor_pools=[pool]))
    assert "26 weeks at a time: until 2027-05-24" in said


@pytest.mark.parametrize(
    ("person", "today", "said"),
    [
        # 20 hours of work and 3 of treatment: 14 of 37 are left, 4 at most for homework and search.
        (BOUND, TODAY, "holds 23 of 37 hours, unless fewer are set for health. Of the 14 that are"
                       " left, Danish homework and job search together count at most 4."),
        # Phase 1 bound those on the transition benefit alone.
        (BOUND, dt.date(2025, 6, 30), None),
        ({**BOUND, "benefit": "transition"}, dt.date(2025, 6, 30), "holds 23 of 37 hours"),
        ({**BOUND, "benefit": "transition"}, dt.date(2024, 12, 31), None),
        # Both requirements met: outside the duty.
        ({**BOUND, "work_requirement_met": True}, TODAY, None),
    ],
)  # fmt: skip
def test_the_work_duty_says_what_of_the_week_is_left(
    person: dict[str, Any], today: dt.date, said: str | None
) -> None:
    treated = citizen(treatment_blocks="mon 16:00-19:00", **person)
    found = [line for line in seen_to(week([treated], today=today)) if "Work duty" in line]
    assert len(found) == (said is not None)
    assert all(said in line for line in found if said)


def test_a_full_week_leaves_nothing_for_homework() -> None:
    job = opening(hours_min=37, hours_max=37, shifts="mon-fri 08:00-15:24")
    (said,) = seen_to(week([citizen(**BOUND)], [job]))
    assert said == "Work duty: with this the citizen's week of 37 hours is full."


# ------------------------------------------------------------------------------ sums


def full_week(**more: Any) -> Problem:
    """C1 is proposed work with a class, a mentor and a course; C2 is placed with class and mentor.

    Proposed: 1.5 h x 320 = 480, 900 a week of class, 750 of course: 2,130 DKK. Running: 2 h x 320 =
    640 and 900: 1,540 DKK. C3 is under the Integration Act.
    """
    people = [
        citizen(oral=1, mentor_hours=1.5, category="job_ready"),
        citizen("C2"),
        citizen("C3", integration_act=True, capacity_hours=1),
    ]
    return week(
        people,
        [opening(oral_floor=2, papers="hygiene", seats=3, measures="ordinary")],
        teams=[team("L1", seats=5, blocks="mon 16:00-18:00", postcode="8000")],
        mentor_pools=[MentorPool(pool_id="P1", hours=5)],
        courses=[Course(course_id="K1", paper="hygiene", seats=1, ready_on=TODAY, cost=750)],
        running=[
            Running(citizen_id="C2", opening_id="O1", measure="ordinary", team_id="L1",
                    pool_id="P1", mentor_hours=2, start=dt.date(2026, 5, 25)),
        ],
        **more,
    )  # fmt: skip


def test_what_counts_toward_the_national_ceiling() -> None:
    """Two citizens outside the integration programme: 22,090 DKK a year, 424 a week."""
    found = law(full_week())["ceiling"]
    assert (found["proposed"], found["running"], found["together"]) == (2_130, 1_540, 3_670)
    assert (found["persons"], found["year"], found["week"]) == (2, 22_090, 424)
    assert found["percent"] == pytest.approx(100 * 3_670 / 424)


def test_a_support_that_does_not_count_is_left_out() -> None:
    """Mentors alone: 480 proposed, 640 running."""
    found = law(full_week(rules={"national_ceiling": {"supports": ["mentor"]}}))["ceiling"]
    assert (found["proposed"], found["running"]) == (480, 640)


def test_grants_that_end_in_the_week_are_counted() -> None:
    """Begun 25 May 2026, 26 weeks are over on 23 November, the day of the run; not a week later."""
    assert law(full_week())["mentor_grants"] == {"due": 1, "weeks": 26}
    later = full_week(rules={"mentor_grant": {"weeks": 27}})
    assert law(later)["mentor_grants"] is None


def test_who_is_owed_an_offer_has_one() -> None:
    """The job-ready C1 is proposed one; C2 is activity-ready, and under no such promise."""
    found = law(full_week())["offers"]
    assert (found["given"], found["of"], found["percent"]) == (1, 1, 75)
    bound = week([citizen(category="job_ready", **BOUND)])
    assert law(bound)["offers"] is None
    before = week([citizen(category="job_ready")], today=dt.date(2026, 6, 30))
    assert law(before)["offers"] is None


FULL = {"hours_min": 37, "hours_max": 37, "shifts": "mon-fri 08:00-15:24", "seats": 3}


def test_benefit_saved_is_told_as_a_scenario_figure() -> None:
    """13,061 + 7,095 a month; a benefit of which no rate is known is counted apart, not as 0."""
    people = [
        citizen("C1", benefit="raised_rate"),
        citizen("C2", benefit="minimum_rate"),
        citizen("C3", benefit="other"),
    ]
    found = law(week(people, [opening(**FULL)]))
    assert found["benefit_saved"] == {"monthly": 20_156, "citizens": 2, "not_known": 1}
    (said,) = [line for line in found["lines"]["da"] if "regneeksempel" in line]
    assert "20.156 kr." in said
    assert "hvad 1 får, kendes ikke" in said


def test_part_time_wages_and_days_without_rates_save_nothing_that_is_told() -> None:
    assert law(week([citizen(benefit="raised_rate")]))["benefit_saved"] is None
    old = week([citizen(benefit="cash")], [opening(**FULL)], today=dt.date(2022, 6, 1))
    assert law(old)["benefit_saved"] is None


def test_full_time_staff_that_nobody_knows_is_told() -> None:
    """Where the ratio rule counts; elsewhere it does not matter."""
    site = workplace(ordinary_fte=None)
    found = law(week(openings=[opening(**PRACTICE)], workplaces=[site]))["staff_not_known"]
    assert (found["workplaces"], found["of"], found["percent"]) == (1, 1, 0)
    assert law(week(workplaces=[site]))["staff_not_known"] is None


def test_the_page_and_the_document_say_it_in_both_languages() -> None:
    """Sums once, conditions beside each proposal."""
    problem = full_week()
    document = run_document(problem, explained(solve(problem)))
    (proposal,) = document["proposals"]
    for language in ("en", "da"):
        page = page_html(document, Words(language))
        assert len(document["law"]["lines"][language]) == 4
        for line in (*document["law"]["lines"][language], *proposal["conditions"][language]):
            assert line.replace("'", "&#39;") in page
    assert document["law"]["overdue"] == []


def test_a_run_after_the_day_of_review_says_so(tmp_path: Path) -> None:
    """In the log, on the page and in run.json; a run of 2026 says nothing."""
    heard: list[str] = []

    class Ear(Observer):
        def note(self, text: str) -> None:
            heard.append(text.told("da"))  # type: ignore[attr-defined]

    day = dt.date(2027, 1, 4)
    tables = {name: frame for name, frame in week(today=day).tables.items() if len(frame)}
    done = run_week(tables, tmp_path, load_policy(day), day, WeekOptions(language="da"), Ear())
    late = overdue_line(load_policy(day))
    assert late is not None
    assert late.told("da") in heard
    assert "Virksomhedspraktik" in late.told("da")
    assert late.told("da") in (done.folder / "report.html").read_text("utf-8")
    paths = {one["path"] for one in done.document["law"]["overdue"]}
    assert {"measures.work_practice", "duty_week", "prior_benefit"} <= paths
    assert overdue_line(load_policy(dt.date(2026, 12, 31))) is None
