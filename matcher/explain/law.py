"""What the law asks for beside the rules of a plan: what a person sees to, and what it sums up.

Facts first, as plain values; sentences are made from them in every language. Nothing here changes
a plan: conditions are the caseworker's, and figures of money are scenarios, not forecasts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.capacity import running_placements
from matcher.columns import Columns, Ints, positions
from matcher.explain.why import room_beside
from matcher.plan import Placement, Plan
from matcher.policy import Measure, Policy
from matcher.problem import Problem
from matcher.records import Citizen, LanguageClass, Opening, Workplace
from matcher.row_kinds import MENTOR_HOURS
from matcher.rules import Language
from matcher.texts import LANGUAGES, Both, Message, tell
from matcher.unknown import COLUMN, marks_of
from matcher.week import week_minutes

WEEKS_PER_YEAR = 52
_GROWN_UP = 18
"""Age in years from which nobody provides for a child."""


def conditions(problem: Problem, placements: Sequence[Placement]) -> dict[str, tuple[Message, ...]]:
    """Collect by citizen what somebody must see to before a placement is decided, in order."""
    citizens = problem.records("citizens", [one.citizen_id for one in placements])
    openings = problem.records("openings", [one.opening_id for one in placements])
    workplaces = problem.records("workplaces")
    teams = problem.records("teams")
    found: dict[str, tuple[Message, ...]] = {}
    for one in placements:
        opening = openings[one.opening_id]
        found[one.citizen_id] = tuple(
            _conditions(
                problem,
                one,
                citizens[one.citizen_id],
                opening,
                workplaces[opening.workplace_id],
                teams.get(one.team_id or ""),
            )
        )
    return found


def _conditions(
    problem: Problem,
    placement: Placement,
    citizen: Citizen,
    opening: Opening,
    workplace: Workplace,
    team: LanguageClass | None,
) -> list[Message]:
    policy = problem.policy
    measure = policy.measures[placement.measure]
    told: list[Message] = []
    longest = longest_weeks(measure, citizen)
    if measure.talk_over_weeks is not None and (longest or 0) > measure.talk_over_weeks:
        told.append(Message("law_week.talk", weeks=measure.talk_over_weeks))
    if measure.new_function_at_last_employer and citizen.last_employer == workplace.employer_id:
        told.append(Message("law_week.new_function"))
    if (percent := measure.support_most_percent) is not None and measure.cost_per_hour:
        least = round(measure.cost_per_hour * 100 / percent, 2)
        told.append(Message("law_week.support_most", percent=percent, least=least))
    if placement.pool_id is not None and policy.mentor_grant is not None:
        weeks = policy.mentor_grant.weeks
        last = placement.start + dt.timedelta(weeks=weeks, days=-1)
        told.append(Message("law_week.mentor_grant", weeks=weeks, last=last))
    if under_duty(policy, citizen):
        told.append(_duty(problem, placement, citizen, measure, team))
    return told


def longest_weeks(measure: Measure, citizen: Citizen) -> int | None:
    """Weeks a measure may last for a citizen, assessment included; None: no limit."""
    if citizen.integration_act and measure.weeks_integration_act is not None:
        return measure.weeks_integration_act
    weeks = measure.weeks.get(citizen.category)
    more = measure.weeks_after_assessment.get(citizen.category)
    return weeks if weeks is None else max(weeks, more or 0)


def under_duty(policy: Policy, citizen: Citizen) -> bool:
    """Whether somebody is under the work duty, as far as tables tell (exemptions: a person)."""
    duty = policy.duty_week
    both = citizen.stay_requirement_met and citizen.work_requirement_met
    return duty.duty and citizen.benefit in duty.binds and not both


def _duty(
    problem: Problem,
    placement: Placement,
    citizen: Citizen,
    measure: Measure,
    team: LanguageClass | None,
) -> Message:
    """Say how far a placement fills the week of the duty, and what of the rest is limited."""
    duty = problem.policy.duty_week
    whole = round(duty.hours * 60)
    taught = week_minutes(team.blocks) if team is not None and "class" in duty.counts else 0
    school = round(measure.school_hours * 60)
    room = room_beside(problem, citizen) - placement.minutes - taught - school
    facts = {"counted": (whole - room) / 60, "hours": duty.hours, "left": room / 60}
    if room <= 0 or duty.homework_and_search_most is None:
        return Message("law_week.duty_full" if room <= 0 else "law_week.duty", **facts)
    most = min(duty.homework_and_search_most, room / 60)
    return Message("law_week.duty_homework", most=most, **facts)


# ------------------------------------------------------------------------------ figures of a week


def law_document(problem: Problem, plan: Plan) -> dict[str, Any]:
    """Put what the law sums up about a plan into plain values, and sentences in every language."""
    policy = problem.policy
    running = running_placements(problem)
    facts: dict[str, Any] = {
        "overdue": [
            {"path": name, "review_by": part.review_by, "source": part.source}
            for name, part in policy.sections().items()
            if name in policy.overdue()
        ],
        "staff_not_known": _staff_not_known(problem),
        "ceiling": _ceiling(problem, plan, running),
        "offers": _offers(problem, plan, running),
        "mentor_grants": _mentor_grants(problem, running),
        "benefit_saved": benefit_saved(problem, plan.placements),
        "ai_order": None if policy.ai_order is None else {
            "source": policy.ai_order.source,
            "read": {name: len(problem[name]) for name in problem.tables if len(problem[name])},
            "decided_by": "person" if policy.ai_order.human_decides else "",
        },
    }  # fmt: skip
    said = _sentences(policy, facts)
    return {
        **facts,
        "lines": {one: [tell(line, one) for line in said] for one in LANGUAGES},
    }


def overdue_line(policy: Policy) -> Message | None:
    """Say which rules should have been read again before the day; None where none is."""
    names = policy.overdue()
    if not names:
        return None
    sections = policy.sections()
    days = [day for name in names if (day := sections[name].review_by) is not None]
    named = tuple(
        Both.of(policy.measure_name(name.removeprefix("measures.")))
        if name.startswith("measures.")
        else Message(f"policy_section.{name}")
        for name in names
    )
    return Message(
        "law_week.overdue", count=len(names), names=named, first=min(days), day=policy.on
    )


def law_lines(document: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """Sentences of :func:`law_document`; none of a document that was made before there were any."""
    return tuple(document.get("law", {}).get("lines", {}).get(language, ()))


def _sentences(policy: Policy, facts: Mapping[str, Any]) -> list[Message]:
    said = []
    if (late := overdue_line(policy)) is not None:
        said.append(late)
    if staff := facts["staff_not_known"]:
        key = "law_week.staff_guessed" if staff["percent"] else "law_week.staff_not_known"
        said.append(Message(key, **staff))
    if ceiling := facts["ceiling"]:
        key = "law_week.ceiling" if ceiling["week"] else "law_week.ceiling_nobody"
        said.append(Message(key, **ceiling))
    if offers := facts["offers"]:
        said.append(Message("law_week.offers", **offers))
    if grants := facts["mentor_grants"]:
        said.append(Message("law_week.grants_due", count=grants["due"], **grants))
    if saved := facts["benefit_saved"]:
        said.append(saved_line(saved))
    if facts["ai_order"]:
        said.append(Message("law_week.ai_order", tables=len(facts["ai_order"]["read"])))
    return said


def _staff_not_known(problem: Problem) -> dict[str, int] | None:
    """Workplaces at which the ratio rule counts, and whose full-time equivalents nobody knows."""
    rule, policy = problem.policy.ratio_rule, problem.policy
    tested = {name for name, one in policy.measures.items() if one.ratio_rule}
    openings, workplaces = problem["openings"], problem["workplaces"]
    asks = np.array(
        [bool(tested.intersection(text.split(";"))) for text in openings["measures"].tolist()],
        dtype=np.bool_,
    )
    there = workplaces["workplace_id"].isin(openings.loc[asks, "workplace_id"])
    unknown = int((there & workplaces["ordinary_fte"].isna()).sum())
    if rule.count != "fte" or not unknown:
        return None
    return {
        "workplaces": unknown,
        "of": int(there.sum()),
        "percent": rule.unknown_fte_percent,
        "places": rule.at_least,
    }


def _ceiling(problem: Problem, plan: Plan, running: pd.DataFrame) -> dict[str, Any] | None:
    """Sum up what of proposals and running placements counts toward the ceiling, DKK a week."""
    rule, money = problem.policy.national_ceiling, problem.policy.money
    if rule is None:
        return None

    def of(support: str, amount: int) -> int:
        return amount if support in rule.supports else 0

    courses = problem.records("courses")
    proposed = 0
    for one in plan.placements:
        proposed += of("mentor", _per_hour(one.mentor_minutes, money.mentor_cost_per_hour))
        proposed += of("class", money.class_cost_per_week if one.team_id is not None else 0)
        proposed += of("course", sum(courses[name].cost for name in one.course_ids))
    minutes = np.rint(running[MENTOR_HOURS.taken].to_numpy(np.float64) * 60).astype(np.int64)
    minutes = np.where(running["pool_id"].notna().to_numpy(np.bool_), minutes, 0)
    mentors = int((-(-minutes * money.mentor_cost_per_hour // 60)).sum())
    classes = int(running["team_id"].notna().sum()) * money.class_cost_per_week
    going = of("mentor", mentors) + of("class", classes)
    persons = int((~problem["citizens"]["integration_act"].to_numpy(np.bool_)).sum())
    year = persons * rule.per_person
    week = year // WEEKS_PER_YEAR
    return {
        "per_person": rule.per_person,
        "persons": persons,
        "year": year,
        "week": week,
        "proposed": proposed,
        "running": going,
        "together": proposed + going,
        "percent": 100 * (proposed + going) / week if week else None,
        "supports": list(rule.supports),
    }


def _offers(problem: Problem, plan: Plan, running: pd.DataFrame) -> dict[str, Any] | None:
    """How many of those who are owed an offer have one: proposed, or running."""
    rule, table = problem.policy.contacts, problem["citizens"]
    if rule is None or rule.offer_percent is None:
        return None
    owed = table["category"].isin([str(one) for one in rule.offer_categories])
    if rule.duty_group_outside:
        owed &= ~duty_group(problem)
    have = {one.citizen_id for one in plan.placements} | set(running["citizen_id"].tolist())
    given = int((owed & table["citizen_id"].isin(sorted(have))).sum())
    count = int(owed.sum())
    if not count:
        return None
    return {
        "of": count,
        "given": given,
        "share": 100 * given / count,
        "percent": rule.offer_percent,
        "months": rule.months,
    }


def duty_group(problem: Problem) -> pd.Series:
    """Who is under the work duty, as :func:`under_duty` has it, for all citizens at once."""
    duty, table = problem.policy.duty_week, problem["citizens"]
    both = table["stay_requirement_met"] & table["work_requirement_met"]
    bound = table["benefit"].isin([str(one) for one in duty.binds]) & ~both
    return bound.astype("bool") & duty.duty


def _mentor_grants(problem: Problem, running: pd.DataFrame) -> dict[str, int] | None:
    """Count running placements whose grant of a mentor has ended and is to be decided anew.

    A grant begins with the placement and is renewed for as long each time.
    """
    grant = problem.policy.mentor_grant
    if grant is None or not grant.weeks:
        return None
    helped = running.loc[running["pool_id"].notna() & (running[MENTOR_HOURS.taken] > 0), "start"]
    days = (pd.Timestamp(problem.today) - helped).dt.days
    # Decided anew within the last week: the run before this one was a week ago.
    due = int(((days >= grant.weeks * 7) & (days % (grant.weeks * 7) < 7)).sum())
    return {"due": due, "weeks": grant.weeks} if due else None


def benefit_saved(problem: Problem, placements: Sequence[Placement]) -> dict[str, int] | None:
    """Benefit that ends if those proposed full-time ordinary work live on their wage.

    A scenario figure: DKK a month before tax, whatever the refund; part-time wages, which take less
    off a benefit, and subsidised ones count nothing. None where no rate of the day is known, or
    nobody is proposed such work.
    """
    policy = problem.policy
    who = [one.citizen_id for one in placements
           if policy.work_kind(one.measure, one.minutes) == "self_support"]  # fmt: skip
    if policy.benefit_rates is None or not who:
        return None
    table = problem.columns("citizens")
    rates = benefits(policy, table, positions(np.array(who, dtype=object), table["citizen_id"]))
    known = ~np.isnan(rates)
    return {
        "monthly": round(float(rates[known].sum())),
        "citizens": int(known.sum()),
        "not_known": int((~known).sum()),
    }


def saved_line(saved: Mapping[str, int]) -> Message:
    """Say what benefit is saved, as the scenario figure it is."""
    key = "law_week.saved_some" if saved["not_known"] else "law_week.saved"
    if not saved["citizens"]:
        key = "law_week.saved_unknown"
    return Message(key, count=saved["citizens"] + saved["not_known"], **saved)


def benefits(policy: Policy, citizens: Columns, who: Ints) -> npt.NDArray[np.float64]:
    """Benefit of some citizens, DKK a month before tax, shape (those,); NaN: not known.

    Parameters
    ----------
    citizens
        The table.
    who
        Their rows in it.
    """
    found = np.full(len(who), np.nan)
    rule = policy.benefit_rates
    if rule is None:
        return found
    age, child = citizens["age"][who], citizens["youngest_child"][who].astype(np.float64)
    provider = np.nan_to_num(child, nan=_GROWN_UP) < _GROWN_UP
    for rate in reversed(rule.rates):  # the first that fits is written last
        fits = (citizens["benefit"][who] == str(rate.benefit)) & (age >= (rate.age_min or 0))
        if rate.provider is not None:
            fits = fits & (provider == rate.provider)
        found[fits] = rate.monthly
    found += np.where(provider, rule.provider_supplement, 0)
    single = citizens["single_provider"][who] & provider
    for guessed in marks_of(citizens[COLUMN][who], ("single_provider",)).values():
        single = single & ~guessed
    return found + np.where(single, rule.single_provider_supplement, 0)


def _per_hour(minutes: int, price: int) -> int:
    return -(-minutes * price // 60)
