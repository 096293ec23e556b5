"""Outcomes written by hand: everything in them is known, so differences can be counted out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from matcher.plan import Tier
from scenarios.outcome import (
    CITIZEN_COLUMNS,
    PLACEMENT_COLUMNS,
    RESOURCE_COLUMNS,
    Outcome,
    RecordedChange,
)

TYPES = {**PLACEMENT_COLUMNS, **CITIZEN_COLUMNS, **RESOURCE_COLUMNS}
PEOPLE = 20
"""C00 to C19: the first ten women, level 1; the others men, level 4."""


def frame(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *more: str) -> Any:
    names = [*columns, *more]
    return pd.DataFrame({
        name: pd.Series([row[name] for row in rows],
                        dtype=TYPES.get(name, "int64" if name.startswith("dkk:") else "str"))
        for name in names
    })  # fmt: skip


def outcome(
    name: str,
    placed: Mapping[int, str],
    *,
    mentor_dkk: int = 0,
    course_dkk: int = 0,
    binding: Sequence[str] = (),
    pool: int = 600,
    status: str = "optimal",
    people: int = PEOPLE,
    **fields: Any,
) -> Outcome:
    """People placed at openings, e.g. ``{0: "O1"}``; the first of them pays what is paid.

    ``binding`` names the mentor pools P1, P2 that bind.
    """
    placements = [
        {
            "citizen_id": f"C{who:02d}", "opening_id": where, "workplace_id": "W" + where[1:],
            "workplace": "Plejehjem", "sector": "private" if where == "O9" else "municipal",
            "isco": "9112", "measure": "ordinary", "team_id": "", "pool_id": "",
            "course_ids": "", "minutes": 600, "mentor_minutes": 0, "commute": 20,
            "start": "2026-11-30", "fit": 700, "locked": False,
            "work": "part_time",
            "dkk:mentors": mentor_dkk if at == 0 else 0,
            "dkk:courses": course_dkk if at == 0 else 0,
        }
        for at, (who, where) in enumerate(sorted(placed.items()))
    ]  # fmt: skip
    citizens = [
        {
            "citizen_id": f"C{who:02d}", "outcome": "placed" if who in placed else "others",
            "possible": 1, "category": "activity_ready", "oral": 1 if who < 10 else 4,
            "postcode": "8000", "district": "Aarhus C",
            "audit:gender": "women" if who < 10 else "men",
        }
        for who in range(people)
    ]  # fmt: skip
    resources = [
        {
            "kind": "mentor_hours", "key": key, "name": "", "used": 60 * len(placed),
            "capacity": pool, "binding": key in binding, "floor": False, "price": 0.0,
            "price_placements": 0.0,
        }
        for key in ("P1", "P2")
    ]  # fmt: skip
    count = len(placed)
    proven = status == "optimal"
    return Outcome(
        name=name,
        status=status,  # type: ignore[arg-type]
        reason="" if proven else "Tier 0 stopped at a gap.",
        tiers=(
            Tier("placements", count, count + (0 if proven else 2), proven),
            Tier("fit", 700 * count, 700 * count, proven),
        ),
        placements=frame(placements, PLACEMENT_COLUMNS, "dkk:courses", "dkk:mentors"),
        citizens=frame(citizens, CITIZEN_COLUMNS, "audit:gender"),
        resources=frame(resources, RESOURCE_COLUMNS),
        seats={"municipal": {"free": 30, "filled": count}},
        once=("courses",),
        date="2026-11-23",
        digests={"input": "abc", "policy": "def", "program": name},
        **fields,
    )


def named(en: str, da: str) -> dict[str, str]:
    return {"en": en, "da": da}


BASE = outcome("base", {0: "O1", 1: "O1", 10: "O2", 11: "O2"}, mentor_dkk=1000, binding=["P1"])
"""Two women at O1, two men at O2; mentors cost 1,000 DKK a week; P1 binds."""
MORE = outcome(
    "more",
    {0: "O1", 2: "O1", 3: "O9", 4: "O9", 10: "O1", 11: "O2"},
    mentor_dkk=1600,
    course_dkk=500,
    binding=["P2"],
    pool=1200,
    titles=named("More mentors", "Flere mentorer"),
    questions=named("What if there were more mentors?", "Hvad hvis der var flere mentorer?"),
    changes=(RecordedChange("mentor_pools.hours", "10", "20", 2),),
)
"""C01 is lost, C02, C03, C04 are new, C10 moves to O1: two more, for 600 DKK a week and 500 once;
P1 no longer binds, P2 does."""
LESS = outcome("less", {0: "O1"}, titles=named("Less", "Mindre"))
"""Three fewer."""
