"""Made-up citizens: one column after another, each from its own stream.

The shares and their sources are in ``data/citizens.toml``. What goes together in life is drawn
together by rank: the job-ready speak a little better Danish, limits come in bundles, young adults
have the small children; the shares of the whole stay what the file says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.records import HEALTH_CODES, PAPERS
from matcher.week import parse_week, week_text
from scenarios.population.draw import (
    ID_PREFIX,
    Bools,
    Draw,
    Ints,
    along,
    blank,
    choose,
    days,
    ids,
    joined,
    no_date,
    ranks,
    stepped,
)
from scenarios.population.spec import Population

Columns = dict[str, Any]


@dataclass(frozen=True)
class Cohort:
    """Citizens as columns of their table, and what only other tables need."""

    columns: Columns
    women: Bools
    """For the audit table alone."""
    district: Ints
    """Position in the map."""


def draw_citizens(spec: Population) -> Cohort:
    """Draw all citizens of a population."""
    facts, draw, count = spec.facts("citizens"), Draw(spec.seed, "citizens"), spec.size
    job_ready = draw.of("category", facts["category"], count) == "job_ready"
    women = draw.even("gender", count) < facts["gender"]["women"]
    age = _ages(draw, facts["age"], women, facts["gender"]["women"])
    district = draw.pick("district", spec.map.cohort.tolist(), count)
    columns: Columns = {
        "citizen_id": ids("B", count),
        "category": np.where(job_ready, "job_ready", "activity_ready").astype(object),
        "age": age,
    }
    columns |= _family(draw, facts, age, women)
    district = _households(draw, facts, columns, women, district)
    columns |= _danish(draw, facts, job_ready)
    columns |= _law(draw, facts, spec, columns, job_ready)
    columns |= _hours(draw, facts, job_ready)
    columns |= _limits(draw, facts["health"], job_ready)
    columns |= _times(draw, facts, columns)
    columns |= _papers(draw, facts["papers"], count)
    columns |= _work(draw, facts, spec, job_ready, district)
    columns |= _way(draw, facts["travel"], spec, columns)
    columns["postcode"] = spec.map.postcode[district]
    columns["municipality"] = spec.map.code[spec.map.municipality[district]]
    return Cohort(columns, women, district)


def _ages(draw: Draw, facts: Mapping[str, Any], women: Bools, share_women: float) -> Ints:
    """Ages by gender: women over the mark more often, the bands of all as the file has them."""
    first, last, share = (np.array(part) for part in zip(*facts["bands"], strict=True))
    older = first >= facts["women_from"]
    wanted = np.where(older, facts["women_share_from"], 1 - facts["women_share_from"])
    all_in = np.where(older, share[older].sum(), share[~older].sum())
    of_women = share * wanted / all_in
    of_men = (share - share_women * of_women) / (1 - share_women)
    age = np.zeros(len(women), dtype=np.int64)
    for name, members, shares in (("women", women, of_women), ("men", ~women, of_men)):
        band = draw.pick(f"age/{name}", shares.tolist(), int(members.sum()))
        within = draw.plain(f"age within/{name}", len(band))
        age[members] = first[band] + np.floor(within * (last - first + 1)[band])
    return age


def _family(draw: Draw, facts: Mapping[str, Any], age: Ints, women: Bools) -> Columns:
    count, facts = len(age), facts["children"]
    limits, shifts = zip(*facts["age_shift"], strict=True)
    shift = np.array(shifts)[np.searchsorted(np.array(limits), age)]
    rank = ranks(draw.plain("children", count) + shift, draw.plain("children within", count))
    under = [facts["under_6"], facts["under_15"], facts["under_18"]]
    band = np.searchsorted(np.array(under), rank, side="right")
    first, last = np.array([0, 6, 15, 0]), np.array([5, 14, 17, 0])
    child = first[band] + np.floor(draw.plain("child age", count) * (last - first + 1)[band])
    child = np.clip(child, 0, np.maximum(age - facts["adult_from"], 0))
    has_child = band < 3
    weight = np.where(women, facts["single_women_to_men"], 1.0) * has_child
    chance = weight * facts["single_provider"] / max(weight.mean(), 1e-9) if count else weight
    single = draw.yes("single", chance, count)
    can_care = has_child & ~single & draw.yes("partner", facts["partner_can_care"], count)
    odd = single & draw.yes("odd hours", facts["accepts_odd_hours"], count)
    small = has_child & (child < 6)
    own = small & draw.yes("own care", facts["own_care_hours"], count)
    hours = np.array([_blocks(text) for text in facts["care_hours"]], dtype=object)
    care = hours[draw.pick("care hours", [1.0] * len(hours), count)]
    return {
        "youngest_child": blank(child.astype(np.int64), ~has_child),
        "single_provider": single,
        "partner_can_care": can_care,
        "accepts_odd_hours": odd,
        "care_blocks": np.where(own, care, ""),
    }


def _households(
    draw: Draw, facts: Mapping[str, Any], columns: Columns, women: Bools, district: Ints
) -> Ints:
    """Join couples: of like age, in one home, with the same child; the home is the woman's."""
    count = len(women)
    alone = columns["single_provider"]
    order = np.argsort(draw.plain("household", count), kind="stable")
    her, his = (order[chosen[order]] for chosen in (women & ~alone, ~women & ~alone))
    pairs = min(round(count * facts["household"]["in_pairs"] / 2), len(her), len(his))
    by_age = [
        some[:pairs][np.argsort(columns["age"][some[:pairs]], kind="stable")] for some in (her, his)
    ]
    her, his = by_age
    household = np.full(count, None, dtype=object)
    household[her] = household[his] = ids("F", pairs)
    for name in ("youngest_child", "care_blocks"):
        columns[name][his] = columns[name][her]
    # No child is older than the younger of the two could have.
    most = np.minimum(columns["age"][her], columns["age"][his]) - facts["children"]["adult_from"]
    child = columns["youngest_child"]
    too_old = np.array(
        [age is not None and age > limit for age, limit in zip(child[her], most, strict=True)],
        dtype=np.bool_,
    )
    child[her[too_old]] = child[his[too_old]] = most[too_old]
    columns["partner_can_care"][her] = columns["partner_can_care"][his] = False
    columns["household_id"] = household
    moved = district.copy()
    moved[his] = district[her]
    return moved


def _danish(draw: Draw, facts: Mapping[str, Any], job_ready: Bools) -> Columns:
    count, danish, school = len(job_ready), facts["danish"], facts["school"]
    score = draw.plain("oral", count) + danish["job_ready_ahead"] * job_ready
    oral = choose(ranks(score, draw.plain("oral within", count)), danish["oral"])
    behind = draw.number("reading", danish["reading_behind"], count).astype(np.int64)
    reading = np.clip(oral - behind, 0, 6)
    passed = (oral >= 5) & (reading >= 4) & draw.yes("pd2", school["pd2_when_level_5"], count)
    return {"oral": oral, "reading": reading, "passed_pd2": passed}


def _law(
    draw: Draw, facts: Mapping[str, Any], spec: Population, columns: Columns, job_ready: Bools
) -> Columns:
    """Facts that a rule of law asks for; the benefit's name follows the day."""
    count, residence = len(job_ready), facts["residence"]
    today = np.datetime64(spec.today, "D")
    after = spec.today >= facts["benefit"]["reform"]
    names = facts["benefit"]["after" if after else "before"]
    benefit = draw.of("benefit", names, count)
    young = columns["age"] < facts["benefit"]["young_under"]
    newcomer = np.isin(benefit, ["transition", "minimum_rate"])
    benefit[young & ~newcomer] = "basic_rate" if after else "education"
    uniform = draw.plain("years", count)
    years = np.where(
        newcomer, along(uniform, residence["years_new"]), along(uniform, residence["years_settled"])
    )
    years = np.minimum(stepped(years, 0.5), columns["age"])
    integration = (years < residence["integration_act_years"]) & draw.yes(
        "integration", residence["integration_act"], count
    )
    stay = (years >= residence["stay_years"]) & ~newcomer
    unknown = draw.yes("years unknown", residence["years_unknown"], count) & ~integration
    uniform = draw.plain("benefit months", count)
    months = np.where(
        job_ready,
        along(uniform, facts["benefit_months"]["job_ready"]),
        along(uniform, facts["benefit_months"]["activity_ready"]),
    )
    months = np.minimum(np.floor(months), np.maximum(np.floor(years * 12), 1)).astype(np.int64)
    # Route two asks for 36 months out of 48: those who are not newcomers have them.
    assistance = np.where(newcomer, np.minimum(months, 48), 36 + np.floor(uniform * 13))
    outside = draw.yes("outside", facts["benefit"]["outside_target_group"], count)
    benefit[outside] = "other"
    grade6 = draw.yes("grade 6", facts["school"]["completed_grade6"], count)
    work = facts["work"]
    hours = np.floor(along(draw.plain("ordinary hours", count), work["ordinary_hours"]))
    no_hours = draw.yes("hours unknown", work["ordinary_hours_unknown"], count)
    weeks = {
        f"{name}_weeks_used": np.floor(draw.along(name, work[f"{name}_weeks"], count))
        for name in ("practice", "subsidy", "nytteindsats")
    }
    travel = facts["travel"]
    later = draw.yes("later", travel["available_later"], count)
    start = days(today, draw.along("available", travel["available_days"], count))
    return {
        "benefit": benefit,
        "integration_act": integration,
        "refugee_or_reunified": integration
        | draw.yes("refugee", residence["refugee_or_reunified"], count),
        "years_in_denmark": np.where(unknown, np.nan, years),
        "stay_requirement_met": stay,
        "work_requirement_met": ~newcomer
        & draw.yes("work requirement", residence["work_requirement_met"], count),
        "benefit_months": months,
        "assistance_months_48": assistance.astype(np.int64),
        # Those of route two lack Prøve i Dansk 2 or the 6th grade, or they would not be there.
        "completed_grade6": grade6 & ~(~newcomer & columns["passed_pd2"]),
        "qualifying_education": draw.yes(
            "education", facts["school"]["qualifying_education"], count
        ),
        "ordinary_hours_12m": np.where(no_hours, np.nan, hours),
        "weeks_waiting": np.floor(
            draw.along("waiting", facts["weeks_waiting"]["all"], count)
        ).astype(np.int64),
        "available_from": no_date(start, ~later),
        **weeks,
    }


def _hours(draw: Draw, facts: Mapping[str, Any], job_ready: Bools) -> Columns:
    count, capacity = len(job_ready), facts["capacity"]
    hours = np.zeros(count)
    for name, members in (("job_ready", job_ready), ("activity_ready", ~job_ready)):
        first, last, share = (np.array(part) for part in zip(*capacity[name], strict=True))
        band = draw.pick(f"capacity/{name}", share.tolist(), int(members.sum()))
        within = draw.plain(f"capacity within/{name}", len(band))
        step = capacity["step_hours"]
        hours[members] = first[band] + stepped(within * (last - first + step)[band], step)
    up_to, limit = (np.array(part) for part in zip(*capacity["day_hours"], strict=True))
    day = limit[np.searchsorted(up_to, hours).clip(max=len(limit) - 1)]
    limited = ~job_ready & draw.yes("day limit", capacity["day_limited"], count)
    ramp = draw.number("ramp", capacity["ramp"], count)
    mentor = draw.number("mentor", facts["support"]["mentor_hours"], count)
    needs = ~job_ready | draw.yes("job-ready mentor", facts["support"]["job_ready_mentor"], count)
    return {
        "capacity_hours": hours,
        "capacity_hours_day": np.where(limited, day, 16.0),
        "ramp_hours": np.where(job_ready, 0.0, ramp),
        "mentor_hours": mentor * needs,
    }


def _limits(draw: Draw, facts: Mapping[str, Any], job_ready: Bools) -> Columns:
    """Tolerances; frailty of body and mind bundles the limits, the shares stay."""
    count, codes = len(job_ready), list(HEALTH_CODES)
    columns: Columns = {}
    must = np.zeros((count, len(codes)), dtype=np.bool_)
    lighter = np.where(job_ready, facts["job_ready_factor"], 1.0)
    frailty = {
        kind: along(draw.plain(kind, count), facts["frailty"]) * lighter
        for kind in ("body", "mind")
    }
    for place, code in enumerate(codes):
        weight = frailty["body" if code in facts["bodily"] else "mind"]
        chance = facts["limited"][code] * weight / (weight.mean() if count else 1.0)
        limited = draw.yes(code, chance, count)
        tolerance = draw.number(f"{code} tolerance", facts["tolerance"], count)
        columns[f"limit_{code}"] = np.where(limited, tolerance, 3).astype(np.int64)
        must[:, place] = limited & draw.yes(f"{code} must", facts["must"], count)
    columns["must_limits"] = joined(must, codes)
    return columns


def _times(draw: Draw, facts: Mapping[str, Any], columns: Columns) -> Columns:
    count, time = len(columns["age"]), facts["time"]
    learns = (columns["oral"] <= time["own_class_oral_to"]) & draw.yes(
        "class", time["own_class"] / max(sum(facts["danish"]["oral"][:5]), 1e-9), count
    )
    found: Columns = {}
    for field, table, has in (
        ("class_blocks", "classes", learns),
        ("treatment_blocks", "treatments", draw.yes("treatment", time["treatment"], count)),
        ("other_blocks", "others", draw.yes("other", time["other"], count)),
    ):
        texts = {_blocks(text): share for text, share in time[table].items()}
        found[field] = np.where(has, draw.of(field, texts, count), "")
    return found


def _papers(draw: Draw, facts: Mapping[str, Any], count: int) -> Columns:
    found: Columns = {}
    for paper in PAPERS:
        shares = dict(facts[paper])
        shares["missing"] = 1 - sum(shares.values())
        found[f"paper_{paper}"] = draw.of(paper, shares, count)
    return found


def _work(
    draw: Draw, facts: Mapping[str, Any], spec: Population, job_ready: Bools, district: Ints
) -> Columns:
    """Work so far and work wished for, as occupations; the last employer is often outside."""
    count, work = len(job_ready), facts["work"]
    jobs = spec.facts("openings")["occupations"]
    weight: dict[str, float] = {}
    for job in jobs.values():
        weight[job["isco"]] = weight.get(job["isco"], 0.0) + job["wish"]
    codes, weights = list(weight), list(weight.values())
    never = draw.even("never", count) < work["never_in_denmark"]
    abroad = draw.yes("abroad", work["experience_abroad"], count)
    experience = _several(draw, "experience", work["experience_count"], weights, count)
    experience[never & ~abroad] = False
    wishes = _several(draw, "wishes", work["wish_count"], weights, count)
    refusals = _several(draw, "refusals", work["refusal_count"], weights, count) & ~wishes
    months = np.floor(draw.along("months since", work["months_since_job"], count)).astype(np.int64)
    # Employers have numbers; the low ones are in the table of workplaces, if it is long enough.
    number = np.floor(draw.plain("employer", count) ** 2 * max(spec.size / 5, 1)).astype(np.int64)
    employer = np.array([f"{ID_PREFIX}-V{value + 1:06d}" for value in number.tolist()], object)
    public = draw.yes("municipal employer", work["last_employer_municipal"], count)
    home = np.array([f"{ID_PREFIX}-KOMMUNE-{code}" for code in spec.map.code], dtype=object)
    employer[public] = home[spec.map.municipality[district[public]]]
    known = ~never & draw.yes("employer known", work["last_employer_known"], count)
    return {
        "experience": joined(experience, codes),
        "wishes": joined(wishes, codes),
        "refusals": joined(refusals, codes),
        "months_since_job": blank(months, never),
        "last_employer": blank(employer, ~known),
    }


def _several(
    draw: Draw, name: str, counts: Mapping[str, float], weights: Sequence[float], count: int
) -> Bools:
    """Draw a few different things each; the chance of a thing follows its weight."""
    wanted = draw.number(f"{name} count", counts, count)
    members = np.zeros((count, len(weights)), dtype=np.bool_)
    for turn in range(int(max(float(key) for key in counts))):
        thing = choose(draw.plain(f"{name} {turn}", count), weights)
        take = wanted > turn
        members[np.flatnonzero(take), thing[take]] = True
    return members


def _way(draw: Draw, facts: Mapping[str, Any], spec: Population, columns: Columns) -> Columns:
    count = len(columns["age"])
    licence = columns["paper_licence_b"] == "cleared"
    minutes = draw.pick("commute", [*facts["commute_limit"].values(), _rest(facts)], count)
    limits = np.array([int(key) for key in facts["commute_limit"]] + [0])
    return {
        "has_car": licence & draw.yes("car", facts["car_with_licence"], count),
        "has_bicycle": draw.yes("bicycle", facts["bicycle"], count),
        "max_commute": blank(limits[minutes], minutes == len(limits) - 1),
    }


def _rest(facts: Mapping[str, Any]) -> float:
    return float(1 - sum(facts["commute_limit"].values()))


def _blocks(text: str) -> str:
    return week_text(parse_week(text))
