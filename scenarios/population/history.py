"""What is already under way in a made-up municipality: placements, locks, rejections, proposals.

Locks are drawn on the safe side: plain ordinary hours, near home, for somebody whom no rule stands
in the way of. So they can always be honoured, and the made-up week is never a contradiction.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from matcher.policy import Workdays, load_policy
from matcher.records import HEALTH_CODES
from matcher.week import parse_week
from matcher.workdays import Calendar, begin_days
from scenarios.population.citizens import Cohort
from scenarios.population.draw import Bools, Draw, Floats, Ints, Texts, days
from scenarios.population.geography import kilometres
from scenarios.population.openings import Demand
from scenarios.population.spec import Population

Columns = dict[str, Any]
_RATIO_MEASURES = ("work_practice", "wage_subsidy_private", "wage_subsidy_public")
_SAFE_KILOMETRES = 6.0
_SAFE_MINUTES = 60
_EPOCH = dt.date(1970, 1, 1).toordinal()
_SAFE_SHIFT = (7 * 60 + 15, 18 * 60)
_PER_RUN = 40


def draw_history(
    spec: Population, cohort: Cohort, demand: Demand, caseworkers: Columns, of_citizen: Texts
) -> dict[str, Columns]:
    """Draw running placements, locks, forbids and last week's proposals, which do not clash."""
    facts, draw = spec.facts("supports")["history"], Draw(spec.seed, "history")
    order = np.argsort(draw.plain("citizens", spec.size), kind="stable").astype(np.int64)
    wanted = {name: round(facts[name] * spec.size) for name in ("running", "forbids", "previous")}
    running, at = _running(draw, facts, spec, cohort, demand, order[: wanted["running"]])
    rest = order[wanted["running"] :]
    able = caseworkers["caseworker_id"][caseworkers["capacity"] >= 1]
    followed = rest[np.isin(of_citizen[rest], able)] if spec.size else rest
    locks, locked = _locks(spec, cohort, demand, followed, of_citizen, set(demand.site[at]))
    free = rest[~np.isin(rest, locked)] if len(locked) else rest
    forbids = _forbids(draw, facts, spec, cohort, demand, free[: wanted["forbids"]])
    proposed = free[wanted["forbids"] :][: wanted["previous"]]
    opening = _reachable(draw, "previous", cohort, demand, proposed)
    ok = opening >= 0
    previous = {
        "citizen_id": cohort.columns["citizen_id"][proposed[ok]],
        "opening_id": demand.openings["opening_id"][opening[ok]],
    }
    return {"running": running, "locks": locks, "forbids": forbids, "previous": previous}


def _reachable(draw: Draw, name: str, cohort: Cohort, demand: Demand, citizen: Ints) -> Ints:
    """Draw an opening for each citizen whose Danish is nearly enough; -1 where none was met."""
    found = np.full(len(citizen), -1, dtype=np.int64)
    count = len(demand.site)
    if not count:
        return found
    for turn in range(_PER_RUN):
        drawn = np.floor(draw.plain(f"{name}/{turn}", len(citizen)) * count).astype(np.int64)
        speaks = cohort.columns["oral"][citizen] + 1 >= demand.openings["oral_floor"][drawn]
        works = cohort.columns["capacity_hours"][citizen] >= demand.openings["hours_min"][drawn]
        found = np.where((found < 0) & speaks & works, drawn, found)
    return found


def _running(
    draw: Draw,
    facts: dict[str, Any],
    spec: Population,
    cohort: Cohort,
    demand: Demand,
    citizen: Ints,
) -> tuple[Columns, Ints]:
    """Placements under way: one at a production unit, so no seat and no ratio place is used twice.

    Returns
    -------
    columns
        The table.
    at
        Openings that have one.
    """
    opening = _reachable(draw, "running", cohort, demand, citizen)
    # Only where a seat stays free, and the first one at each production unit.
    if len(demand.site):
        opening = np.where(demand.openings["seats"][opening] >= 2, opening, -1)
    site = demand.site[opening] if len(demand.site) else opening
    _, first = np.unique(site, return_index=True)
    keep = np.zeros(len(opening), dtype=np.bool_)
    keep[first] = True
    keep &= opening >= 0
    citizen, opening = citizen[keep], opening[keep]
    measure = [
        _measure(accepted.split(";")) for accepted in demand.openings["measures"][opening].tolist()
    ]
    began = draw.along("began", facts["running_days"], len(opening))
    start = days(np.datetime64(spec.today, "D"), -began)
    end = start + np.timedelta64(7 * facts["running_weeks"], "D")
    short = np.isin(np.array(measure, dtype=object), ["work_practice"])
    end = np.where(short, start + np.timedelta64(7 * 13, "D"), end)
    columns: Columns = {
        "citizen_id": cohort.columns["citizen_id"][citizen],
        "opening_id": demand.openings["opening_id"][opening],
        "measure": measure,
        "start": start,
        "end": end,
    }
    return columns, opening


def _measure(accepted: list[str]) -> str:
    """Pick the measure of a running placement: practice first, as it is the most common."""
    for wanted in ("work_practice", "nytteindsats", *_RATIO_MEASURES):
        if wanted in accepted:
            return wanted
    return accepted[0]


def _locks(
    spec: Population,
    cohort: Cohort,
    demand: Demand,
    citizens: Ints,
    of_citizen: Texts,
    sites: set[int],
) -> tuple[Columns, Ints]:
    """Draw standing proposals that no rule speaks against, one at a workplace and a caseworker."""
    wanted = round(spec.facts("supports")["history"]["locks"] * spec.size)
    plain = citizens[_unhindered(cohort)[citizens]][: 25 * wanted]
    begins = _begins(demand, load_policy(spec.today).workdays)
    easy = np.flatnonzero(_easy(demand) & begins).tolist()
    homes = (spec.map.latitude, spec.map.longitude)
    where = {code: place for place, code in enumerate(spec.map.postcode.tolist())}
    job_at = {place: where[demand.workplaces["postcode"][demand.site[place]]] for place in easy}
    pairs: list[tuple[int, int]] = []
    workers: set[str] = set()
    for one in plain.tolist():
        if len(pairs) == wanted:
            break
        if of_citizen[one] in workers:
            continue
        home = int(cohort.district[one])
        for place in easy:
            job = job_at[place]
            apart = kilometres((homes[0][home], homes[1][home]), (homes[0][job], homes[1][job]))
            if (
                apart <= _SAFE_KILOMETRES
                and demand.site[place] not in sites
                and _suits(cohort.columns, one, demand.openings, place)
            ):
                pairs.append((one, place))
                sites.add(int(demand.site[place]))
                workers.add(of_citizen[one])
                break
    citizen = np.array([one for one, _ in pairs], dtype=np.int64)
    opening = np.array([place for _, place in pairs], dtype=np.int64)
    columns: Columns = {
        "citizen_id": cohort.columns["citizen_id"][citizen],
        "opening_id": demand.openings["opening_id"][opening],
        "measure": ["ordinary"] * len(pairs),
    }
    return columns, citizen


def _unhindered(cohort: Cohort) -> Bools:
    """Citizens whom nothing but the job itself can stand in the way of."""
    columns = cohort.columns
    free = np.ones(len(columns["age"]), dtype=np.bool_)
    for name in ("class_blocks", "treatment_blocks", "other_blocks", "care_blocks"):
        free &= columns[name] == ""
    free &= (columns["mentor_hours"] == 0) & (columns["capacity_hours_day"] >= 16)
    free &= np.isnat(columns["available_from"]) & ~columns["single_provider"]
    no_child = columns["youngest_child"] == None  # noqa: E711 - element by element
    # A safe way is a short one: an hour is always enough for it.
    limit = np.array([_SAFE_MINUTES if most is None else most for most in columns["max_commute"]])
    alone = columns["household_id"] == None  # noqa: E711
    return np.asarray(free & no_child & (limit >= _SAFE_MINUTES) & alone, np.bool_)


def _easy(demand: Demand) -> Bools:
    """Find openings with ordinary hours by day, soon, that ask for no papers."""
    openings = demand.openings
    today = openings["start_from"].min() if len(demand.site) else None
    easy = (openings["seats"] >= 1) & (openings["papers"] == "")
    accepted = openings["measures"].tolist()
    easy &= np.array(["ordinary" in text.split(";") for text in accepted], dtype=np.bool_)
    if today is None:
        return np.zeros(0, dtype=np.bool_)
    daytime = {
        text: all(
            block.start >= _SAFE_SHIFT[0] and block.end <= _SAFE_SHIFT[1] and block.day < 5
            for block in parse_week(text)
        )
        for text in set(openings["shifts"].tolist())
    }
    easy &= np.array([daytime[text] for text in openings["shifts"].tolist()], dtype=np.bool_)
    no_age = openings["age_min"] == None  # noqa: E711
    return np.asarray(easy & no_age, dtype=np.bool_)


def _begins(demand: Demand, rules: Workdays) -> Bools:
    """Whether work can begin at all: a day of work, no holiday, from first to last start."""
    weeks = {text: place for place, text in enumerate(sorted(set(demand.openings["shifts"])))}
    weekdays = [begin_days(parse_week(text), rules) for text in weeks]
    calendar = Calendar.of(rules, weekdays, np.ones(len(weekdays), dtype=np.bool_))
    kind = np.array([weeks[text] for text in demand.openings["shifts"]], dtype=np.int64)
    first, last = demand.openings["start_from"], demand.openings["start_to"]
    day = first.astype("datetime64[D]").astype(np.int64) + _EPOCH
    begins = calendar.next(kind, day) - _EPOCH
    return np.asarray(np.isnat(last) | (begins <= last.astype("datetime64[D]").astype(np.int64)))


def _suits(citizen: Columns, one: int, opening: Columns, place: int) -> bool:
    if citizen["oral"][one] < opening["oral_floor"][place]:
        return False
    if citizen["reading"][one] < opening["reading_floor"][place]:
        return False
    refused = citizen["refusals"][one].split(";")
    if any(code and opening["isco"][place].startswith(code) for code in refused):
        return False
    hours: Floats = citizen["capacity_hours"]
    if not opening["hours_min"][place] <= hours[one] or hours[one] < 2:
        return False
    # Well within the limits, and work that the citizen can fill, so that the fit is good.
    if abs(hours[one] - opening["hours_max"][place]) > 12:
        return False
    return all(
        citizen[f"limit_{code}"][one] >= opening[f"demand_{code}"][place] for code in HEALTH_CODES
    )


def _forbids(
    draw: Draw,
    facts: dict[str, Any],
    spec: Population,
    cohort: Cohort,
    demand: Demand,
    citizen: Ints,
) -> Columns:
    """Rejections with a neutral reason: of one opening, or of a whole workplace."""
    opening = _reachable(draw, "forbids", cohort, demand, citizen)
    citizen, opening = citizen[opening >= 0], opening[opening >= 0]
    count = len(citizen)
    whole = draw.yes("whole workplace", 0.3, count)
    reasons = np.array(facts["forbid_reasons"], dtype=object)
    reason = reasons[draw.pick("reason", [1.0] * len(reasons), count)]
    at = np.where(whole, None, demand.openings["opening_id"][opening])
    workplace = np.where(whole, demand.openings["workplace_id"][opening], None)
    return {
        "citizen_id": cohort.columns["citizen_id"][citizen],
        "opening_id": at,
        "workplace_id": workplace,
        "reason": reason,
        "until": np.full(count, spec.today + dt.timedelta(weeks=8), dtype="datetime64[s]"),
    }
