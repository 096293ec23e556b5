"""One planted violation of every hard rule: a legal week, then one change that breaks the rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from matcher.records import (
    HEALTH_CODES,
    PAPERS,
    Forbid,
    TravelTime,
)
from matcher.rules import NEVER, RULES, UNKNOWN
from tests.test_verify.lawful import (
    CLASS,
    COURSE,
    HERE,
    IGU,
    LAST,
    MENTOR,
    NO_COURSE,
    PLAIN,
    PRACTICE,
    PRIVATE,
    PUBLIC,
    course,
    pool,
    running,
    team,
)
from tests.test_verify.world import TODAY, World, named


@dataclass(frozen=True)
class Planted:
    """A legal week, one change, and all that the check must then find."""

    rule: str
    legal: World
    change: Mapping[str, Any]
    value: int
    limit: int
    says: str
    also: tuple[tuple[str, str, int, int], ...] = field(default=())
    """What cannot but break with it."""


PLANTED = [
    Planted(
        "already_placed", PLAIN.but(opening={"seats": 2}), {"running": (running("C1"),)}, 1, 0,
        "The citizen already has 1 running placement.",
    ),
    Planted(
        "fewest_hours", PLAIN, {"rules": {"start": {"fewest_hours": 38}}}, 2220, 2280,
        "The citizen can work 37 hours a week at the start; at least 38 hours are needed.",
    ),
    Planted(
        "opening_full", PLAIN, {"opening": {"seats": 0}}, 0, 1,
        "The opening has 0 free seats; 1 is needed.",
        (("opening_seats", "opening_seats[O1]", 1, 0),),
    ),
    Planted(
        "opening_full", PLAIN, {"running": (running(),)}, 0, 1,
        "The opening has 0 free seats; 1 is needed.",
        (("opening_seats", "opening_seats[O1]", 1, 0),),
    ),
    Planted(
        "measure_none", PLAIN, {"opening": {"measures": ("work_practice",)}}, 0, 1,
        "The employer accepts 0 measures that are in force; 1 is needed.",
    ),
    Planted(
        "measure_none", PLAIN, {"placement": {"measure": "sabbatical"}}, 0, 1,
        "The measure 'sabbatical' is not in force.",
        (("value", "tier fit", 1000, 0), ("value", "tier placements", 1, 0)),
    ),
    Planted(
        "start_window", PLAIN.but(opening={"start_to": dt.date(2026, 11, 24)}),
        {"opening": {"start_to": TODAY}}, TODAY.toordinal() + 1, TODAY.toordinal(),
        "The citizen can start on 2026-11-24 at the earliest; the last day of work to begin on is"
        " 2026-11-23.",
    ),
    Planted(
        # 20 h of the 20-30 h offered; the ramp gives 4 h once (7 weeks // 4 = 1).
        "hours",
        PLAIN.but(
            citizen={"capacity_hours": 20, "ramp_hours": 4},
            opening={"hours_min": 24, "hours_max": 30, "ramp_weeks": 7,
                     "shifts": "mon-fri 08:00-14:00"},
        ),
        {"opening": {"hours_min": 24.25}}, 1440, 1455,
        "The citizen can work up to 24 hours a week; the job needs 24.25 hours.",
        (("support_week", HERE, 1440, 1455),),
    ),
    Planted(
        # Five days of at most 4 h = 20 h; 20.25 h would be 243 minutes a day.
        "day_hours",
        PLAIN.but(citizen={"capacity_hours_day": 4}, opening={"hours_min": 20, "hours_max": 30}),
        {"opening": {"hours_min": 20.25}}, 243, 240,
        "The job needs 4.05 hours a day; the citizen can work 4 hours a day.",
        (("support_week", HERE, 1200, 1215),),
    ),
    Planted(
        # Treatment 4 x 3.5 + 3 = 17 h leaves 20 h of the 37.
        "duty_week",
        PLAIN.but(
            citizen={"treatment_blocks": "mon-thu 14:00-17:30; fri 14:00-17:00"},
            opening={"hours_min": 20, "hours_max": 30},
        ),
        {"opening": {"hours_min": 20.25}}, 2235, 2220,
        "Job, class and treatment would take 37.25 hours a week; at most 37 hours are allowed.",
        (("support_week", HERE, 1200, 1215),),
    ),
    *(
        Planted(
            # Shift to 13:00 and 30 minutes of travel: 13:29 is the last quarter taken.
            f"shift_{kind}",
            PLAIN.but(citizen={f"{kind}_blocks": "mon 13:30-14:00"}),
            {"citizen": {f"{kind}_blocks": "mon 13:29-14:00"}}, 15, 0,
            "overlap by 15 minutes a week",
        )
        for kind in ("class", "treatment", "other")
    ),
    Planted(
        # Away 20 + 10 minutes around the shift: 08:30-13:30, a quarter a day too early.
        "shift_care",
        PLAIN.but(citizen={"youngest_child": 5, "care_blocks": "mon-fri 08:30-13:30"}),
        {"citizen": {"care_blocks": "mon-fri 08:45-13:30"}}, 75, 0,
        "The citizen would be away 75 minutes a week while the child has no care.",
    ),
    Planted(
        # Monday and Friday day care shuts at 16:30, the other days at 17:00; away until 17:00.
        "shift_care",
        PLAIN.but(citizen={"youngest_child": 6}, opening={"shifts": "mon-fri 12:30-16:30"}),
        {"citizen": {"youngest_child": 5}}, 60, 0,
        "The citizen would be away 60 minutes a week while the child has no care.",
    ),
    Planted(
        # The other adult of the household is not in the table: C1 is alone with the child.
        "shift_care",
        PLAIN.but(
            citizen={"youngest_child": 6, "household_id": "H1"},
            opening={"shifts": "mon-fri 12:30-16:30"},
        ),
        {"citizen": {"youngest_child": 5, "household_id": "H1"}}, 60, 0, "60 minutes a week",
    ),
    Planted(
        "odd_hours",
        PLAIN.but(
            citizen={"single_provider": True, "accepts_odd_hours": True},
            opening={"shifts": "mon-fri 15:00-19:00"},
        ),
        {"citizen": {"accepts_odd_hours": False}}, 300, 0,
        "300 minutes of early, evening, night or weekend work a week",
    ),
    Planted(
        "early_transport", PLAIN.but(opening={"shifts": "mon 08:00-12:00; tue-fri 05:35-09:35"}),
        {"rules": {"travel": {"first_transit": "05:16"}}}, 315, 316,
        "The citizen would have to leave at 05:15; the first bus is at 05:16.",
    ),
    *(
        Planted(
            f"health_{code}",
            PLAIN.but(citizen={f"limit_{code}": 1}, opening={f"demand_{code}": 2}),
            {"citizen": {"must_limits": (code,)}}, 2, 1,
            f"The job asks for {HEALTH_CODES[code][0]} of grade 2; the citizen can take 1 at most.",
        )
        for code in HEALTH_CODES
    ),
    Planted(
        "language_oral", PLAIN.but(citizen={"oral": 4}), {"opening": {"oral_floor": 6}}, 4, 5,
        "The citizen's spoken Danish is A2+; the job can take B1 (Prøve i Dansk 2) with a"
        " class beside it.",
    ),
    Planted(
        "language_reading", PLAIN.but(citizen={"reading": 2}),
        {"opening": {"reading_floor": 3, "language_gap_ok": 0}}, 2, 3,
        "The citizen's reading is A1+; the job can take A2 (Prøve i Dansk 1) with a"
        " class beside it.",
    ),
    Planted(
        "language_class", CLASS, {"placement": {"team_id": None, "cost": {}}}, 0, 1,
        "Danish is missing, but the placement adds no class.",
    ),
    *(
        Planted("language_class", CLASS, change, 0, 1, says, also)
        for change, says, also in (
            ({"teams": team(seats=0)}, "The class T1 has no free seat.",
             (("team_seats", "team_seats[T1]", 1, 0),)),
            ({"teams": team(level_to=3)}, "takes levels 3-3, the citizen has 4", ()),
            ({"teams": team(level_from=5)}, "takes levels 5-5, the citizen has 4", ()),
            ({"teams": team(workplace_id="W2")},
             "meets at workplace W2, only for those who work there", ()),
            ({"teams": team(postcode="8300"),
              "travel_times": (*PLAIN.tables["travel_times"],
                               TravelTime(from_postcode="8000", to_postcode="8300", minutes=91))},
             "is 91 minutes from home, at most 90 are acceptable", ()),
            ({"citizen": {"class_blocks": "mon 16:30-17:30"}},
             "overlaps the citizen's own class by 30 minutes a week", ()),
            ({"citizen": {"treatment_blocks": "mon 16:30-17:30"}},
             "overlaps treatment by 30 minutes a week", ()),
            ({"citizen": {"other_blocks": "mon 16:30-17:30"}},
             "overlaps other fixed times by 30 minutes a week", ()),
            ({"citizen": {"youngest_child": 2}},
             "overlaps hours without care by 30 minutes a week", ()),
            ({"teams": team(blocks="mon 13:15-15:15")},
             "overlaps the shift by 15 minutes a week", ()),
        )
    ),
    *(
        Planted(
            f"paper_{code}",
            PLAIN.but(citizen={f"paper_{code}": "cleared"}, opening={"papers": (code,)}),
            {"citizen": {f"paper_{code}": "not_cleared"}}, NEVER, LAST, "out of reach.",
        )
        for code in PAPERS
    ),
    Planted(
        # A child protection certificate that is under way takes ten days.
        "paper_child_record",
        PLAIN.but(
            citizen={"paper_child_record": "pending"}, opening={"papers": ("child_record",)},
            placement={"start": dt.date(2026, 12, 3)},
        ),
        {"opening": {"start_to": dt.date(2026, 12, 2)}},
        dt.date(2026, 12, 3).toordinal(), dt.date(2026, 12, 2).toordinal(),
        "can be ready on 2026-12-03; work must start by 2026-12-02.",
    ),
    Planted("paper_hygiene", COURSE, {"placement": NO_COURSE}, NEVER, LAST, "out of reach."),
    Planted(
        "paper_hygiene", COURSE, {"opening": {"start_to": dt.date(2026, 12, 3)}},
        dt.date(2026, 12, 4).toordinal(), dt.date(2026, 12, 3).toordinal(),
        "can be ready on 2026-12-04; work must start by 2026-12-03.",
    ),
    Planted(
        "paper_hygiene", COURSE, {"courses": (course(seats=0),)}, 0, 1,
        "The course K1 has no free seat.", (("course_seats", "course_seats[K1]", 1, 0),),
    ),
    Planted(
        "commute", PLAIN.but(citizen={"max_commute": 20}), {"citizen": {"max_commute": 19}}, 20, 19,
        "The way to work takes 20 minutes; at most 19 minutes are acceptable.",
    ),
    Planted(
        "commute", PLAIN, {"travel_times": (), "places": ()}, UNKNOWN, 90,
        "The way to work takes not known; at most 90 minutes are acceptable.",
    ),
    Planted(
        "commute", PLAIN, {"travel_times": (), "places": PLAIN.tables["places"][:1]}, UNKNOWN, 90,
        "The way to work takes not known; at most 90 minutes are acceptable.",
    ),
    Planted(
        "refusal", PLAIN.but(citizen={"refusals": ("5321", "9")}),
        {"citizen": {"refusals": ("532299", "9")}}, 1, 0,
        "The citizen has good reason not to take this occupation.",
    ),
    Planted(
        "age_min", PLAIN.but(opening={"age_min": 35}), {"opening": {"age_min": 36}}, 35, 36,
        "The citizen is 35 years; the law asks for 36 years for this work.",
    ),
    Planted(
        "age_max", PLAIN.but(opening={"age_max": 35}), {"opening": {"age_max": 34}}, 35, 34,
        "The citizen is 35 years; the law allows 34 years for this work.",
    ),
    Planted(
        "forbidden",
        PLAIN.but(forbids=(Forbid(citizen_id="C1", opening_id="O1", until=dt.date(2026, 11, 22)),)),
        {"forbids": (Forbid(citizen_id="C1", opening_id="O1", until=TODAY),)}, 1, 0,
        "A caseworker has ruled out this match.",
    ),
    Planted(
        # Two rows of one citizen: both are read.
        "forbidden", PLAIN.but(forbids=(Forbid(citizen_id="C1", opening_id="O7"),)),
        {"forbids": (Forbid(citizen_id="C1", workplace_id="W1"),
                     Forbid(citizen_id="C1", opening_id="O7"))}, 1, 0,
        "A caseworker has ruled out this match.",
    ),
    Planted(
        "mentor", MENTOR, {"mentor_pools": pool(hours=1.5)}, 90, 120,
        "The citizen needs 2 hours of mentor a week; the largest pool has 1.5 hours left.",
        (("mentor_hours", "mentor_hours[P1]", 120, 90),),
    ),
    Planted(
        "mentor", MENTOR.but(opening={"seats": 2}),
        {"running": (running(pool_id="P1", mentor_hours=0.25),)}, 105, 120,
        "the largest pool has 1.75 hours left.", (("mentor_hours", "mentor_hours[P1]", 120, 105),),
    ),
    Planted(
        "mentor", MENTOR, {"mentor_pools": pool(workplace_id="W2")}, 0, 120,
        "The pool P1 does not serve this citizen at this workplace.",
    ),
    Planted(
        "mentor",
        MENTOR.but(citizen={"municipality": "751"}, mentor_pools=pool(municipality="751")),
        {"mentor_pools": pool(municipality="740")}, 0, 120,
        "The pool P1 does not serve this citizen at this workplace.",
    ),
    Planted(
        "mentor", MENTOR, {"placement": {"pool_id": None}}, 0, 120,
        "120 mentor minutes a week are needed, but no pool gives them.",
    ),
    Planted(
        "sector", PLAIN, {"rules": {"measures": {"ordinary": {"sectors": ["private"]}}}}, 0, 1,
        "The measure may not be used in this sector.",
    ),
    Planted(
        "category", PLAIN, {"citizen": {"category": "not_assessed"}}, 0, 1,
        "The measure is not open to the citizen's category (visitation).",
    ),
    *(
        Planted(
            "target_group",
            PLAIN.but(
                citizen={"assistance_months_48": 36, **legal},
                opening={"measures": ("nytteindsats",)},
                placement={
                    "measure": "nytteindsats", "fit": 250, "components": {"measure": 250},
                },
            ),
            {"citizen": broken}, 0, 1, "The citizen is in neither route of the target group",
        )
        for legal, broken in (
            ({"benefit": "minimum_rate"}, {"benefit": "other"}),
            ({"benefit": "cash", "passed_pd2": False}, {"assistance_months_48": 35}),
            ({"benefit": "cash", "completed_grade6": False}, {"completed_grade6": True}),
        )
    ),
    Planted(
        "duration_left", PRACTICE.but(citizen={"practice_weeks_used": 12}),
        {"citizen": {"practice_weeks_used": 12.5}}, 0, 1,
        "The citizen has 0 weeks left of the measure; at least 1 week must be left.",
    ),
    Planted(
        # 52 weeks under the Integration Act, 26 otherwise.
        "duration_left", PUBLIC.but(citizen={"subsidy_weeks_used": 30, "integration_act": True}),
        {"citizen": {"integration_act": False}}, -4, 1, "at least 1 week must be left.",
    ),
    Planted(
        "prior_benefit", PUBLIC, {"citizen": {"benefit_months": 5}}, 5, 6,
        "The citizen has had benefit for 5 months; 6 months are needed and no exception applies.",
    ),
    *(
        Planted(
            "prior_benefit", PUBLIC.but(citizen={"benefit_months": 5, **waived}),
            {"citizen": not_waived}, 5, 6, "no exception applies.",
        )
        for waived, not_waived in (
            ({"qualifying_education": False}, {"qualifying_education": True}),
            ({"age": 51}, {"age": 50}),
            ({"single_provider": True}, {"single_provider": False}),
        )
    ),
    Planted(
        "last_employer", PUBLIC.but(citizen={"last_employer": "E2"}),
        {"citizen": {"last_employer": "E1"}}, 1, 0,
        "The measure may not be used at the citizen's last employer.",
    ),
    Planted(
        # 20 employees // 5 = 4 places.
        "ratio", PUBLIC.but(workplace={"other_ratio_places": 3}),
        {"workplace": {"other_ratio_places": 4}}, 0, 1,
        "The workplace has 0 places left under the ratio rule (rimelighedskrav); 1 is needed.",
        (("workplace_ratio", "workplace_ratio[W1]", 1, 0),),
    ),
    Planted(
        "ratio", PUBLIC.but(opening={"seats": 2}, workplace={"other_ratio_places": 3}),
        {"running": (running(measure="work_practice"), running("C8", end=TODAY))}, 0, 1,
        "0 places left", (("workplace_ratio", "workplace_ratio[W1]", 1, 0),),
    ),
    Planted(
        "net_increase", PRIVATE, {"workplace": {"staff_last_month": 9.99}}, 999, 1000,
        "The employer had 9.99 ordinary staff last month against a mean of 10 (merbeskæftigelse).",
    ),
    Planted(
        "net_increase", PRIVATE, {"workplace": {"staff_mean_12m": None}}, UNKNOWN, UNKNOWN,
        "The employer had not known ordinary staff last month against a mean of not known",
    ),
    Planted(
        "dismissal", PRIVATE, {"workplace": {"dismissed_3m": True}}, 1, 0,
        "Such a post was vacated by dismissal in the last three months.",
    ),
    Planted(
        "representative", PRIVATE, {"workplace": {"representative_agrees": False}}, 0, 1,
        "The employees' representative has not signed or been informed.",
    ),
    Planted(
        "measure_age_min", IGU.but(citizen={"age": 18}), {"citizen": {"age": 17}}, 17, 18,
        "The citizen is 17 years; the measure starts at 18 years.",
    ),
    Planted(
        "measure_age_max", IGU.but(citizen={"age": 49}), {"citizen": {"age": 50}}, 50, 49,
        "The citizen is 50 years; the measure ends at 49 years.",
    ),
    Planted(
        "residence", IGU, {"citizen": {"refugee_or_reunified": False}}, 0, 1,
        "The measure is for refugees and their reunified families.",
    ),
    Planted(
        "years_in_denmark", IGU, {"citizen": {"years_in_denmark": 20.5}}, 21, 20,
        "The citizen's years in Denmark: 21 years; the measure allows 20 years.",
    ),
    Planted(
        "years_in_denmark", IGU, {"citizen": {"years_in_denmark": None}}, UNKNOWN, 20,
        "The citizen's years in Denmark: not known; the measure allows 20 years.",
    ),
    Planted(
        "recent_job_there", IGU.but(citizen={"last_employer": "E1"}),
        {"citizen": {"months_since_job": 2}}, 2, 3,
        "The citizen left an ordinary job there 2 months ago; 3 months are needed.",
    ),
    Planted(
        "recent_job_there", IGU.but(citizen={"last_employer": "E1"}),
        {"citizen": {"months_since_job": None}}, 0, 3, "there 0 months ago",
    ),
    Planted(
        "measure_hours", IGU, {"rules": {"measures": {"igu": {"hours_min": 30}}}}, 1770, 1800,
        "The citizen can have 29.5 hours a week in this job; the measure needs 30 hours.",
        (("support_week", HERE, 1770, 1800),),
    ),
    Planted(
        # A measure that asks for no hours but has 17 h of school: 20 h are left.
        "measure_hours",
        PLAIN.but(
            opening={"hours_min": 20, "hours_max": 30},
            rules={"measures": {"ordinary": {"school_hours": 17}}},
        ),
        {"opening": {"hours_min": 20.25}}, 1200, 1215,
        "The citizen can have 20 hours a week in this job; the measure needs 20.25 hours.",
        (("support_week", HERE, 1200, 1215),),
    ),
    Planted(
        # The class takes 17 h of the 37: 20 h are left.
        "support_week",
        CLASS.but(
            opening={"hours_min": 20, "hours_max": 30},
            teams=team(blocks="mon-thu 14:00-17:30; fri 14:00-17:00"),
        ),
        {"opening": {"hours_min": 20.25}}, 1200, 1215,
        "With class and school beside it the job could have 20 hours a week; 20.25 hours are"
        " needed.",
    ),
    Planted(
        # Five days of a quarter of an hour = 75 minutes.
        "support_week",
        PLAIN.but(
            citizen={"capacity_hours_day": 0.25}, opening={"hours_min": 1},
            placement={"minutes": 75}, rules={"start": {"fewest_hours": 1.25}},
        ),
        {"rules": {"start": {"fewest_hours": 1.5}}}, 75, 90,
        "the job could have 1.25 hours a week; 1.5 hours are needed.",
    ),
    Planted(
        "fit_floor", PRACTICE.but(rules={"fit": {"floor": 350}}),
        {"rules": {"fit": {"floor": 351}}},
        350, 351, "The best fit is 350 points; a suitable placement needs 351 points.",
    ),
]  # fmt: skip


def names() -> list[str]:
    """Id of each planted case."""
    return [f"{number}-{case.rule}" for number, case in enumerate(PLANTED)]


@pytest.mark.parametrize("case", PLANTED, ids=names())
def test_a_broken_rule_is_found_and_nothing_else(case: Planted) -> None:
    """The legal week is clean; after the change the rule is named with both values."""
    assert case.legal.found() == ()
    found = case.legal.but(**case.change).found()
    assert named(found) == sorted([(case.rule, HERE, case.value, case.limit), *case.also])
    message = next(one.message for one in found if one.rule == case.rule)
    assert message.startswith(f"{HERE} breaks {case.rule}: ")
    assert case.says in message


def test_every_rule_has_a_planted_violation() -> None:
    """A rule that is added must be planted here, or nobody knows that the check sees it."""
    assert {case.rule for case in PLANTED} == set(RULES)


@pytest.mark.parametrize(
    ("world", "change"),
    [
        # A running placement that ended on the day of the run has ended before the first day.
        (PLAIN, {"running": (running(end=TODAY),)}),
        # A running work practice takes one place under the ratio rule, not two: 4 - 2 - 1 = 1.
        (PUBLIC.but(opening={"seats": 2}, workplace={"other_ratio_places": 2}),
         {"running": (running(measure="work_practice"),)}),
        # A colleague's forbid is not ours, nor is one for another opening of ours.
        (PLAIN, {"forbids": (Forbid(citizen_id="C2", opening_id="O1"),
                             Forbid(citizen_id="C1", opening_id="O2"))}),
        # Missing staff figures may be accepted.
        (PRIVATE, {"workplace": {"staff_mean_12m": None},
                   "rules": {"net_increase": {"missing_staff_figures": "accept"}}}),
        # No shifts: nothing can overlap, no bus to catch, no limit by the day.
        (PLAIN, {"opening": {"shifts": ""}, "citizen": {"capacity_hours_day": 0.25}}),
        # A partner who can care, in the table or not, lifts the care rule.
        (PLAIN.but(opening={"shifts": "mon-fri 17:00-21:00"}),
         {"citizen": {"youngest_child": 2, "partner_can_care": True}}),
        # A refused sub-group does not rule out the whole group.
        (PLAIN.but(opening={"isco": "53"}), {"citizen": {"refusals": ("5322",)}}),
        # A class at the workplace itself, and a gap in reading alone.
        (CLASS, {"teams": team(workplace_id="W1")}),
        (CLASS, {"citizen": {"oral": 5, "reading": 3}, "opening": {"reading_floor": 4}}),
        # Any pool that serves will do; a pool of the workplace serves every municipality.
        (MENTOR, {"citizen": {"municipality": "751"},
                  "mentor_pools": pool(workplace_id="W1", municipality="740")}),
        # A later session than the first is as legal, when the start follows it.
        (COURSE, {"courses": (course("K0", ready_on=dt.date(2026, 12, 1)), course())}),
        # Health wishes, weeks used of another measure, unknown must codes are no hard matter.
        (PRACTICE, {"citizen": {"subsidy_weeks_used": 400, "must_limits": ("hrs",)}}),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_violation_is_let_through(world: World, change: Any) -> None:
    """Exceptions of the rules page hold."""
    assert world.but(**change).found() == ()
