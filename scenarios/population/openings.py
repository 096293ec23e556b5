"""Made-up workplaces and their openings.

What is looked for, where, when and under which measures comes from ``data/openings.toml``. An
opening is an occupation at a kind of site; the sites of one kind are dealt out as production units
with one to three openings each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.records import HEALTH_CODES
from matcher.week import Block, week_text
from scenarios.population.draw import (
    ID_PREFIX,
    Draw,
    Floats,
    Ints,
    Texts,
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
_MUNICIPAL, _REGIONAL, _PRIVATE = "municipal", "regional", "private"
_EARLY, _LATE = 6.0, 18.5


@dataclass(frozen=True)
class Demand:
    """Openings and the workplaces they are at."""

    openings: Columns
    workplaces: Columns
    site: Ints
    """Position of each opening's workplace."""
    occupation: Texts
    """Each opening's occupation, as the calibration calls it."""


def draw_openings(spec: Population) -> Demand:
    """Draw all workplaces and openings of a population."""
    facts, draw, count = spec.facts("openings"), Draw(spec.seed, "openings"), spec.batch
    jobs = [
        (occupation, kind, weight)
        for group in facts["jobs"].values()
        for occupation, sites in group.items()
        for kind, weight in sites.items()
    ]
    job = draw.pick("job", [weight for _, _, weight in jobs], count)
    occupation = np.array([name for name, _, _ in jobs] + [""], dtype=object)[job]
    kind = np.array([kind for _, kind, _ in jobs] + [""], dtype=object)[job]
    site, site_kind = _sites(draw, facts, kind)
    workplaces = _workplaces(spec, facts, site_kind)
    sector = workplaces["sector"][site]
    shift, hours_max, odd = _shifts(draw, facts, occupation)
    isco, title, papers = _named(facts["occupations"], occupation)
    start = days(
        np.datetime64(spec.today, "D"), draw.along("start", facts["start"]["from_days"], count)
    )
    window = np.floor(draw.along("window", facts["start"]["window_days"], count))
    open_ended = draw.yes("open-ended", facts["start"]["open_ended"], count)
    openings: Columns = {
        "opening_id": ids("S", count),
        "workplace_id": workplaces["workplace_id"][site],
        "title": title,
        "isco": isco,
        "seats": _seats(draw, facts["seats"], site, spec.seats),
        "hours_min": _fewest(draw, facts["hours"], hours_max),
        "hours_max": hours_max,
        "ramp_weeks": draw.number("ramp", facts["hours"]["ramp_weeks"], count).astype(np.int64),
        "shifts": shift,
        "start_from": start,
        "start_to": no_date(start + window.astype("timedelta64[D]"), open_ended),
        "papers": papers,
        "measures": _measures(draw, facts["measures"], sector),
        "mentor_hours": draw.number("mentor", facts["demands"]["mentor_hours"], count),
        "prospect": _prospect(draw, facts["demands"]["prospect"], sector),
        "age_min": blank(np.full(count, 18), ~np.isin(occupation, facts["demands"]["age_18"])),
        "age_max": np.full(count, None, dtype=object),
    }
    openings |= _demands(draw, facts, occupation, odd)
    return Demand(openings, workplaces, site, occupation)


def _sites(draw: Draw, facts: Mapping[str, Any], kind: Texts) -> tuple[Ints, Texts]:
    """Deal the openings of each kind of site out to production units."""
    sizes = facts["seats"]["openings_per_site"]
    site = np.zeros(len(kind), dtype=np.int64)
    kinds: list[str] = []
    for name in facts["sites"]:
        here = np.flatnonzero(kind == name)
        ends = np.cumsum(draw.number(f"site size/{name}", sizes, len(here)))
        unit = np.searchsorted(ends, np.arange(len(here)), side="right")
        site[here] = len(kinds) + unit
        kinds += [name] * (int(unit[-1]) + 1 if len(unit) else 0)
    return site, np.array(kinds, dtype=object)


def _workplaces(spec: Population, facts: Mapping[str, Any], kind: Texts) -> Columns:
    draw, count, area = Draw(spec.seed, "workplaces"), len(kind), spec.map
    figures = facts["workplace"]
    town = np.zeros(len(area.postcode))
    town[area.centre] = np.bincount(area.municipality, weights=area.people)
    weight = area.people * (1 - figures["city_weight"]) + town * figures["city_weight"]
    district = draw.pick("district", weight.tolist(), count)
    sector = np.array([facts["sites"][name]["sector"] for name in kind.tolist()], dtype=object)
    staff = np.zeros(count)
    uniform = draw.plain("staff", count)
    for name, site in facts["sites"].items():
        here = kind == name
        staff[here] = np.floor(along(uniform[here], site["staff"]))
    fte = stepped(staff * draw.along("fte", figures["fte_share"], count), 0.1).round(1)
    mean = fte
    latest = (mean * (1 + draw.along("growth", figures["growth"], count))).round(1)
    known = np.zeros(count, dtype=np.bool_)
    for name, share in figures["figures_known"].items():
        known |= (sector == name) & draw.yes(f"figures/{name}", share, count)
    other = draw.number("ratio places", figures["other_ratio_places"], count)
    room = np.maximum(np.floor(np.minimum(staff, 50) / 5) - 1, 0)
    intake_shares = [*figures["intake"].values(), 1 - sum(figures["intake"].values())]
    intake = np.array([int(key) for key in figures["intake"]] + [0])
    received = draw.pick("intake", intake_shares, count)
    names = [
        f"{facts['sites'][name]['name']} {number} (opdigtet)"
        for number, name in enumerate(kind.tolist(), 1)
    ]
    return {
        "workplace_id": ids("P", count),
        "employer_id": _employers(spec, figures, kind, sector, district),
        "name": np.array(names, dtype=object),
        "sector": sector,
        "postcode": area.postcode[district],
        "ordinary_staff": staff.astype(np.int64),
        "ordinary_fte": np.where(draw.yes("fte known", figures["fte_known"], count), fte, np.nan),
        "staff_last_month": np.where(known, latest, np.nan),
        "staff_mean_12m": np.where(known, mean, np.nan),
        "dismissed_3m": draw.yes("dismissed", figures["dismissed"], count),
        "representative_agrees": draw.yes(
            "representative", figures["representative_agrees"], count
        ),
        "other_ratio_places": np.minimum(other, room).astype(np.int64),
        "intake_per_week": blank(intake[received], received == len(intake) - 1),
    }


def _employers(
    spec: Population, figures: Mapping[str, Any], kind: Texts, sector: Texts, district: Ints
) -> Texts:
    """One employer for the municipality, one for the region, firms with a few units each."""
    owners = spec.map.municipality[district]
    code = spec.map.code[owners]
    region = np.array([one.region for one in spec.map.municipalities], dtype=object)[owners]
    employer = np.full(len(kind), None, dtype=object)
    private = np.flatnonzero(sector == _PRIVATE)
    # Units of a firm lie near each other and are of one kind.
    order = private[np.lexsort((private, district[private], kind[private].astype(str)))]
    firm = np.floor(np.arange(len(order)) / figures["sites_per_employer"]).astype(np.int64)
    firms = int(firm[-1]) + 1 if len(firm) else 0
    shuffled = np.argsort(Draw(spec.seed, "workplaces").plain("firm", firms), kind="stable")
    employer[order] = ids("V", firms)[shuffled[firm]]
    for owner, prefix, part in ((_MUNICIPAL, "KOMMUNE", code), (_REGIONAL, "REGION", region)):
        here = sector == owner
        employer[here] = np.array(
            [f"{ID_PREFIX}-{prefix}-{name}" for name in part[here].tolist()], dtype=object
        )
    return employer


def _seats(draw: Draw, facts: Mapping[str, Any], site: Ints, factor: float) -> Ints:
    """Seats of openings, at most so many in all at one production unit."""
    count = len(site)
    seats = draw.number("seats", facts["per_opening"], count).astype(np.int64)
    order = np.argsort(site, kind="stable")
    first = np.searchsorted(site[order], site[order], side="left")
    turn = np.empty(count, dtype=np.int64)
    turn[order] = np.arange(count) - first
    size = np.bincount(site, minlength=int(site.max(initial=-1)) + 1)
    taken = np.zeros(len(size), dtype=np.int64)
    for now in range(int(turn.max(initial=-1)) + 1):
        here = np.flatnonzero(turn == now)
        later = size[site[here]] - now - 1
        room = facts["most_per_site"] - taken[site[here]] - later
        seats[here] = np.minimum(seats[here], np.maximum(room, 1))
        taken[site[here]] += seats[here]
    if factor == 1.0:
        return seats
    return np.floor(seats * factor + draw.plain("seat factor", count)).astype(np.int64)


def _shifts(draw: Draw, facts: Mapping[str, Any], occupation: Texts) -> tuple[Texts, Floats, Ints]:
    """When the work is done: text of the shifts, hours a week, how odd the hours are (0-3)."""
    count, hours = len(occupation), facts["hours"]
    windows = list(facts["windows"])
    window = np.zeros(count, dtype=np.int64)
    for name, job in facts["occupations"].items():
        here = occupation == name
        which = draw.pick(f"window/{name}", list(job["windows"].values()), int(here.sum()))
        window[here] = np.array([windows.index(one) for one in job["windows"]])[which]
    start, end = (
        np.array([facts["windows"][name][edge] for name in windows])[window]
        for edge in ("start", "end")
    )
    weekend = np.array([facts["windows"][name].get("weekend", False) for name in windows])[window]
    length = end - start
    score = draw.plain("part", count) - 10.0 * (length * 5 < hours["full_from"])
    part = ranks(score, draw.plain("part within", count)) < hours["part_time"]
    uniform = draw.plain("hours", count)
    wanted = hours["part_from"] + uniform * (hours["part_to"] - hours["part_from"])
    day = np.minimum(draw.number("part day", hours["part_day"], count), length)
    number = np.clip(np.round(wanted / day), np.ceil(hours["part_from"] / day), 5)
    longest = np.floor(hours["full_to"] / 5 * 4) / 4
    full = hours["full_from"] + uniform * (hours["full_to"] - hours["full_from"])
    number = np.where(part, number, 5).astype(np.int64)
    day = np.where(part, day, np.minimum(np.ceil(full / 5 * 4) / 4, np.minimum(length, longest)))
    begin = start + stepped(draw.plain("begin", count) ** 2 * (length - day), 0.5)
    text = _shift_texts(draw, facts["days"], number, weekend, begin, begin + day)
    odd = (begin < _EARLY).astype(np.int64) + (begin + day > _LATE) + weekend + (begin < 3)
    return text, number * day, np.minimum(odd, 3)


def _shift_texts(
    draw: Draw,
    facts: Mapping[str, Any],
    number: Ints,
    weekend: Ints,
    begin: Floats,
    end: Floats,
) -> Texts:
    """Write the shifts of all openings; each kind of week is written once."""
    sets: list[Sequence[int]] = []
    which = np.zeros(len(number), dtype=np.int64)
    for table, off in ((facts, False), (facts["weekend"], True)):
        for size in ("2", "3", "4", "5"):
            here = (number == int(size)) & (weekend == off)
            drawn = draw.pick(f"days/{size}/{off}", [1.0] * len(table[size]), int(here.sum()))
            which[here] = len(sets) + drawn
            sets += table[size]
    code = (which * 100 + begin * 4) * 100 + end * 4
    codes, where = np.unique(code.astype(np.int64), return_inverse=True)
    texts = [
        week_text(
            Block(weekday, one // 100 % 100 * 15, one % 100 * 15) for weekday in sets[one // 10_000]
        )
        for one in codes.tolist()
    ]
    return np.array([*texts, ""], dtype=object)[where]


def _fewest(draw: Draw, facts: Mapping[str, Any], hours_max: Floats) -> Floats:
    """Fewest hours a week: a part of the most, or a small job for those far from work."""
    count = len(hours_max)
    part = stepped(hours_max * draw.number("fewest", facts["fewest"], count), 0.25)
    small = draw.number("small hours", facts["small_hours"], count)
    is_small = draw.even("small", count) < facts["small"]
    return np.maximum(np.where(is_small, np.minimum(small, hours_max), part), 1.0)


def _named(jobs: Mapping[str, Any], occupation: Texts) -> tuple[Texts, Texts, Texts]:
    codes, where = np.unique(occupation.astype(str), return_inverse=True)
    columns = (
        [jobs[name]["isco"] for name in codes.tolist()],
        [jobs[name]["title"] for name in codes.tolist()],
        [";".join(sorted(jobs[name].get("papers", []))) for name in codes.tolist()],
    )
    isco, title, papers = (np.array([*column, ""], dtype=object)[where] for column in columns)
    return isco, title, papers


def _measures(draw: Draw, facts: Mapping[str, Any], sector: Texts) -> Texts:
    names = sorted({name for part in (_MUNICIPAL, _REGIONAL, _PRIVATE) for name in facts[part]})
    accepts = np.zeros((len(sector), len(names)), dtype=np.bool_)
    for owner in (_MUNICIPAL, _REGIONAL, _PRIVATE):
        here = np.flatnonzero(sector == owner)
        for name, share in facts[owner].items():
            accepts[here, names.index(name)] = draw.even(f"{owner}/{name}", len(here)) < share
    accepts[~accepts.any(axis=1), names.index(facts["otherwise"])] = True
    return joined(accepts, names)


def _prospect(draw: Draw, facts: Mapping[str, Sequence[float]], sector: Texts) -> Ints:
    prospect = np.zeros(len(sector), dtype=np.int64)
    for owner, shares in facts.items():
        here = sector == owner
        prospect[here] = draw.pick(f"prospect/{owner}", shares, int(here.sum()))
    return prospect


def _demands(draw: Draw, facts: Mapping[str, Any], occupation: Texts, odd: Ints) -> Columns:
    """Health demands and language floors: the occupation's, a step up or down now and then."""
    count, change = len(occupation), facts["demands"]
    names, where = np.unique(occupation.astype(str), return_inverse=True)
    jobs = [facts["occupations"][name] for name in names.tolist()]
    found: Columns = {}

    def moved(name: str, base: Ints, lower: float, higher: float, most: int) -> Ints:
        uniform = draw.plain(name, count)
        step = (uniform > 1 - higher).astype(np.int64) - (uniform < lower)
        return np.where(base > 0, np.clip(base + step, 0, most), 0)

    for code in HEALTH_CODES:
        base = np.array([job["demands"].get(code, 0) for job in jobs] + [0])[where]
        found[f"demand_{code}"] = moved(code, base, change["lower"], change["higher"], 3)
    found["demand_night"] = odd
    for kind in ("oral", "reading"):
        base = np.array([job[kind] for job in jobs] + [0])[where]
        lower, higher = change["floor_lower"], change["floor_higher"]
        found[f"{kind}_floor"] = moved(f"{kind} floor", base, lower, higher, 6)
    gaps = [int(key) for key in change["gap_ok"]] + [0]
    stated = [*change["gap_ok"].values(), 1 - math.fsum(change["gap_ok"].values())]
    gap = choose(draw.even("gap", count), stated)
    found["language_gap_ok"] = blank(np.array(gaps)[gap], gap == len(gaps) - 1)
    return found
