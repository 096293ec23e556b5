"""Danish classes, mentor pools, short courses and caseworkers of a made-up municipality.

They are scarce on purpose, as they are in life; ``data/supports.toml`` holds the figures for a
cohort of the reference size, and they grow with the cohort. In the whole country every
municipality has its own classes and caseworkers.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from matcher.week import parse_week, week_text
from scenarios.population.citizens import Cohort
from scenarios.population.draw import Draw, Floats, Ints, Texts, along, ids
from scenarios.population.openings import Demand
from scenarios.population.spec import Population

Columns = dict[str, Any]


def draw_teams(spec: Population, demand: Demand) -> Columns:
    """Danish classes with seats: open ones in the districts, a few at large workplaces."""
    facts, draw = spec.facts("supports")["teams"], Draw(spec.seed, "teams")
    size = spec.scale * spec.class_seats
    # Danish is a municipality's duty: the smallest has a class, too.
    open_count = max(round(facts["open_classes"] * size), int(size > 0))
    places = len(demand.workplaces["workplace_id"])
    at_work = min(round(facts["at_workplace"] * size), places)
    count = open_count + at_work
    at = np.arange(count) >= open_count
    level = draw.pick("level", facts["level_weights"], count)
    first, last = (np.array(part)[level] for part in zip(*facts["levels"], strict=True))
    times, workplace_times = (
        {week_text(parse_week(text)): share for text, share in facts[table].items()}
        for table in ("times", "workplace_times")
    )
    seats = draw.number("seats", facts["seats"], count)
    seats_at_work = draw.number("seats at work", facts["at_workplace_seats"], count)
    # The workplaces with the most staff, each once.
    largest = np.argsort(-demand.workplaces["ordinary_staff"], kind="stable")[:at_work]
    workplace = np.full(count, None, dtype=object)
    workplace[at] = demand.workplaces["workplace_id"][largest]
    district = draw.pick("district", spec.map.cohort.tolist(), count)
    postcode = spec.map.postcode[district]
    postcode[at] = demand.workplaces["postcode"][largest]
    return {
        "team_id": ids("H", count),
        # A class at a workplace is for beginners and the middle, a wider band.
        "level_from": np.where(at, 1, first),
        "level_to": np.where(at, 4, last),
        "seats": np.where(at, seats_at_work, seats).astype(np.int64),
        "blocks": np.where(
            at, draw.of("times at work", workplace_times, count), draw.of("times", times, count)
        ),
        "postcode": postcode,
        "workplace_id": workplace,
    }


def draw_mentors(spec: Population, demand: Demand) -> Columns:
    """Draw the pool of each municipality, and small ones at some workplaces."""
    facts, draw = spec.facts("supports")["mentors"], Draw(spec.seed, "mentor_pools")
    places = demand.workplaces["workplace_id"]
    has = draw.even("has", len(places)) < facts["workplace_share"]
    own = draw.number("hours", facts["workplace_hours"], len(places))[has] * spec.mentor_hours
    area = spec.map
    shares = np.bincount(area.municipality, weights=area.people)
    municipal = facts["municipal_hours"] * spec.scale * spec.mentor_hours * shares
    hours = np.floor(np.concatenate([municipal, own]) * 4) / 4
    nobody = np.full(len(shares), None, dtype=object)
    return {
        "pool_id": ids("M", len(hours)),
        "hours": hours,
        "workplace_id": np.concatenate([nobody, places[has]]),
        "municipality": np.concatenate([area.code, np.full(len(own), None, dtype=object)]),
    }


def draw_courses(spec: Population) -> Columns:
    """Short courses for missing papers, session by session."""
    rows: list[tuple[str, int, dt.date, int]] = []
    for paper, facts in spec.facts("supports")["courses"].items():
        seats = facts["seats"] * spec.scale * spec.course_seats
        sessions = max(facts["sessions"], math.ceil(seats / 20)) if seats else 0
        for turn in range(sessions):
            share = facts["sessions"] * seats * (turn + 1) // sessions
            share -= facts["sessions"] * seats * turn // sessions
            later = facts["first_day"] + turn % facts["sessions"] * facts["every_days"]
            rows.append((paper, int(share), spec.today + dt.timedelta(days=later), facts["cost"]))
    return {
        "course_id": ids("K", len(rows)),
        "paper": [row[0] for row in rows],
        "seats": [row[1] for row in rows],
        "ready_on": np.array([row[2] for row in rows], dtype="datetime64[s]"),
        "cost": [row[3] for row in rows],
    }


def draw_caseworkers(spec: Population, cohort: Cohort) -> tuple[Columns, Texts]:
    """Draw caseworkers by municipality and category, and the caseworker of each citizen."""
    facts, draw = spec.facts("supports")["caseworkers"], Draw(spec.seed, "caseworkers")
    of_citizen = np.zeros(len(cohort.district), dtype=np.int64)
    # Those with the job-ready see them often and have room for few new ones at a time.
    home = 2 * spec.map.municipality[cohort.district]
    home += cohort.columns["category"] == "job_ready"
    order = np.argsort(draw.plain("order", len(home)), kind="stable")
    sizes = np.bincount(home, minlength=2 * len(spec.map.municipalities))
    total, capacities = 0, [np.zeros(0)]
    for place, size in enumerate(sizes.tolist()):
        if size == 0:
            continue
        workers = math.ceil(size / facts["cases"])
        # The same chance for every caseworker's share, whatever the other municipalities are.
        kind = "job_ready" if place % 2 else "activity_ready"
        name = f"{spec.map.code[place // 2]}/{kind}"
        weight = along(draw.plain(f"cases/{name}", workers), facts["spread"])
        capacities.append(draw.number(f"capacity/{name}", facts["capacity"][kind], workers))
        ends: Floats = np.cumsum(weight) / weight.sum() * size
        members: Ints = order[home[order] == place]
        mine = np.searchsorted(ends, np.arange(size) + 0.5).clip(max=workers - 1)
        of_citizen[members] = total + mine
        total += workers
    names = ids("R", total)
    capacity = np.concatenate(capacities) * spec.caseload
    columns: Columns = {
        "caseworker_id": names,
        "capacity": np.floor(capacity + 0.5).astype(np.int64),
        "unit": [facts["units"][place % len(facts["units"])] for place in range(total)],
    }
    return columns, names[of_citizen] if total else np.array([], dtype=object)


def draw_places(spec: Population) -> Columns:
    """Every district of the municipalities; whose it is, where there are several."""
    area = spec.map
    whose = {"municipality": area.code[area.municipality]} if len(area.municipalities) > 1 else {}
    return {
        **whose,
        "postcode": area.postcode,
        "name": area.name,
        "latitude": area.latitude,
        "longitude": area.longitude,
    }


def draw_audit(spec: Population, cohort: Cohort) -> Columns:
    """List the groups of the fairness audit: gender, age band, category; no model sees them."""
    facts = spec.facts("citizens")["age"]
    first, last, _ = zip(*facts["bands"], strict=True)
    band = np.searchsorted(np.array(last), cohort.columns["age"])
    bands = np.array([f"{a}-{b}" for a, b in zip(first, last, strict=True)], dtype=object)
    groups: Mapping[str, Any] = {
        "gender": np.where(cohort.women, "women", "men").astype(object),
        "age_band": bands[band],
        "category": cohort.columns["category"],
    }
    return {
        "citizen_id": np.tile(cohort.columns["citizen_id"], len(groups)),
        "dimension": np.repeat(np.array(list(groups), dtype=object), len(cohort.women)),
        "group": np.concatenate(list(groups.values())),
    }
