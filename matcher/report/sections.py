"""What each section of the page shows: figures of the document as tables with bars, and words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.report.charts import BarPart, Drawing, Spot, bar, district_map, strip
from matcher.report.headline import work_text
from matcher.report.rows import amount, key_text, rows_text, rules_text
from matcher.report.words import Words
from matcher.row_kinds import ROW_KINDS, UNITS
from matcher.rules import REACH, RULES

Row = Mapping[str, Any]
Rows = Sequence[Row]

MOST_GROUPS = 10
"""Groups shown in a figure; the rest is added up."""
MOST_RULES = 10
MOST_NAMED = 3
MOST_OPENINGS = 20


@dataclass(frozen=True)
class BarRow:
    """One row of a table with bars."""

    label: str
    drawing: Drawing
    cells: tuple[str, ...]


@dataclass(frozen=True)
class BarTable:
    """A table with a bar in each row, between label and cells."""

    title: str
    caption: str
    head: tuple[str, ...]
    """Heads of label and cells."""
    rows: tuple[BarRow, ...]
    note: str = ""


def pace(figures: Row, full_time_hours: float | None, words: Words) -> dict[str, Any]:
    """Hold what runs and what this week proposes against the target."""
    target, running, proposals = figures["target"], figures["running"], figures["proposals"]
    expected = figures["expected"]
    full = max(target, running + proposals, expected or 0) * 1.02
    marks = [(float(target), "goal")]
    legend = [("strong", "running", False), ("soft", "proposed", False)]
    if expected is not None:
        marks.append((min(expected, target), "tick"))
        legend.append(("tick", "expected", True))
    legend.append(("goal", "target", True))
    needed = math.ceil(figures["per_week"])
    lines = [
        words(
            "page.pace_need",
            target=words.whole(target),
            weeks=words.whole(figures["weeks"]),
            pace=words.decimal(figures["per_week"]),
        )
    ]
    if running and figures["first_start"]:
        since = words(
            "page.pace_since",
            date=words.date(figures["first_start"]),
            weeks=words.decimal(figures["weeks_on_record"], 0),
            expected=words.whole(expected),
        )
        lines[0] += f" {words('page.pace_running', running)}; {since}"
    else:
        lines[0] += " " + words("page.pace_none")
    if running:
        parts = work_text(figures["running_work"], full_time_hours, words)
        lines.append(words("page.pace_kinds", parts=parts))
    key = "page.pace_honest" if proposals >= needed else "page.pace_short"
    lines.append(words(key, proposals, needed=words.whole(needed)) + " " + words("page.pace_ended"))
    return {
        "drawing": strip((BarPart(running, "strong"), BarPart(proposals, "soft")), full, marks),
        "alt": words(
            "page.pace_bar",
            running=words.whole(running),
            proposals=words.whole(proposals),
            target=words.whole(target),
        ),
        "legend": [
            {"look": look, "text": _pace_legend(name, figures, words), "tick": tick}
            for look, name, tick in legend
        ],
        "lines": lines,
    }


def _pace_legend(name: str, figures: Row, words: Words) -> str:
    number = figures["proposals" if name == "proposed" else name]
    return f"{words.whole(number)} {words(f'page.legend_{name}')}"


def where(document: Row, words: Words) -> list[BarTable]:
    """Proposals by sector, measure, occupation, level of Danish and support."""
    figures = document["figures"]
    seats = [
        (words.sector(row["sector"]), row["proposals"], row["free"]) for row in figures["sectors"]
    ]
    measures = [
        (words.pick(document["measures"][row["measure"]]), row["proposals"])
        for row in figures["measures"]
    ]
    levels = [
        (words(f"level.{row['level']}"), row["proposed"], row["proposed"] + row["left"])
        for row in figures["levels"]
    ]
    supports = [
        (words(f"support.{name}_name"), figures["supports"][name])
        for name in ("class", "mentor", "course")
    ]
    tables = [
        _shares("sector", seats, words, "of_seats"),
        _shares("occupation", _few_groups(figures["occupations"], words), words, "of_seats"),
        _shares("level", levels, words, "of_citizens"),
        _counts("measure", measures, words),
        _counts("support", [*supports, (words("support.none"), figures["supports"]["none"])],
                words),
    ]  # fmt: skip
    return [table for table in tables if table.rows]


def _few_groups(groups: Rows, words: Words) -> list[tuple[str, int, int]]:
    rows = [(words.pick(row["name"]), row["proposals"], row["free"]) for row in groups]
    rows = [row for row in rows if row[1] or row[2]]
    if len(rows) <= MOST_GROUPS + 1:
        return rows
    rest = rows[MOST_GROUPS:]
    other = (words("page.other_groups"), sum(row[1] for row in rest), sum(row[2] for row in rest))
    return [*rows[:MOST_GROUPS], other]


def _shares(name: str, rows: Sequence[tuple[str, int, int]], words: Words, text: str) -> BarTable:
    """Bars of a part within a whole, all on one scale; rows with nothing are left out."""
    most = max((whole for _, _, whole in rows), default=0)
    return BarTable(
        words(f"page.by_{name}"),
        words(f"page.by_{name}_caption"),
        (words("page.head_group"), words.term("page.head_proposals")),
        tuple(
            BarRow(
                label,
                bar((BarPart(part, "strong"), BarPart(whole - part, "soft")), most),
                (words(f"page.{text}", part=words.whole(part), whole=words.whole(whole)),),
            )
            for label, part, whole in rows
            if whole
        ),
    )


def _counts(name: str, rows: Sequence[tuple[str, int]], words: Words) -> BarTable:
    return BarTable(
        words(f"page.by_{name}"),
        words(f"page.by_{name}_caption"),
        (words("page.head_group"), words.term("page.head_proposals")),
        _plain_bars([row for row in rows if row[1]], words),
    )


def _plain_bars(
    rows: Sequence[tuple[str, int]], words: Words, look: str = "strong"
) -> tuple[BarRow, ...]:
    most = max((count for _, count in rows), default=0)
    return tuple(
        BarRow(label, bar((BarPart(count, look),), most), (words.whole(count),))
        for label, count in rows
    )


def maps(districts: Rows, words: Words) -> list[dict[str, Any]]:
    """Two maps on the same ground: where people live, where the seats are."""
    drawn = []
    for name, whole, part, looks in (
        ("people", "waiting", "proposed", ("soft", "strong")),
        ("seats", "free", "filled", ("c-others", "warm")),
    ):
        spots = [
            Spot(
                row["name"], row["latitude"], row["longitude"], row[whole], row[part],
                f"{row['postcode']} {row['name']}: {words.whole(row[whole])} "
                f"{words(f'page.map_{whole}')}, {words.whole(row[part])} "
                f"{words(f'page.map_{part}')}",
            )
            for row in districts
        ]  # fmt: skip
        if not any(spot.whole for spot in spots):
            continue
        title = words(f"page.map_{name}_title")
        biggest = sorted(spots, key=lambda spot: (-spot.whole, spot.name))[:3]
        drawing = district_map(spots, title, "; ".join(spot.text for spot in biggest))
        if name == "seats":
            drawing = Drawing(drawing.replace('class="map"', 'class="map seats"', 1))
        drawn.append(
            {
                "title": words(f"page.map_{name}"),
                "drawing": drawing,
                "looks": looks,
                "whole": words(f"page.map_{whole}"),
                "part": words(f"page.map_{part}"),
            }
        )
    return drawn


def district_rows(districts: Rows, words: Words) -> list[dict[str, Any]]:
    """Put the map's figures into rows."""
    return [
        {
            "name": f"{row['postcode']} {row['name']}",
            "cells": [
                words.whole(row[field]) for field in ("waiting", "proposed", "free", "filled")
            ],
        }
        for row in districts
    ]


def happened(outcomes: Row, words: Words) -> dict[str, Any] | None:
    """Show what happened to everybody, as one bar and a table; None without anybody."""
    total = sum(outcomes.values())
    if not total:
        return None
    return {
        "lead": words("page.left_lead", total),
        "drawing": strip(
            [BarPart(count, f"c-{cause}") for cause, count in outcomes.items()], total
        ),
        "rows": [
            {
                "look": f"c-{cause}",
                "name": words(f"cause.{cause}"),
                "count": words.whole(count),
                "share": words.percent(count / total),
                "meaning": words(f"cause_long.{cause}"),
            }
            for cause, count in outcomes.items()
            if count
        ],
    }


def left_tables(figures: Row, words: Words) -> list[BarTable]:
    """Rules and resources that left people over."""
    tables = []
    rules = [row for row in figures["rules"] if row["most"]][:MOST_RULES]
    if rules:
        most = rules[0]["most"]
        tables.append(
            BarTable(
                words("page.left_rules"),
                words("page.left_rules_caption"),
                (words("page.head_rule"),  words("page.head_citizens"),
                 words.term("page.left_alone")),
                tuple(
                    BarRow(
                        RULES[row["rule"]].short(words.language),
                        bar((BarPart(row["most"], "c-rules"),), most),
                        (words.whole(row["most"]), words.whole(row["alone"])),
                    )
                    for row in rules
                ),
                words("page.left_alone") + ": " + words("page.left_alone_note"),
            )
        )  # fmt: skip
    lost = [(words(f"row_name.{row['rule']}"), row["citizens"]) for row in figures["lost_on"]]
    if lost:
        tables.append(
            BarTable(
                words("page.left_resources"),
                words("page.left_resources_caption"),
                (words("page.head_resource"),
                 words("page.head_citizens")),
                _plain_bars([(_capital(name), count) for name, count in lost], words, "warm"),
            )
        )  # fmt: skip
    return tables


def scarce(resources: Rows, words: Words) -> BarTable | None:
    """Use of each kind of resource against what there was."""
    rows = []
    for kind in resources:
        if kind["floor"] or not kind["capacity"] or ROW_KINDS[kind["rule"]].home:
            continue
        used, capacity = amount(kind, "used"), amount(kind, "capacity")
        look = "warm" if kind["binding"] else "strong"
        rows.append(
            BarRow(
                _capital(words(f"row_name.{kind['rule']}")),
                bar((BarPart(used, look),), capacity),
                (
                    f"{words('page.of', part=words.whole(used), whole=words.whole(capacity))}"
                    f"{_unit(kind['unit'], words)}",
                    words("page.scarce_of", binding=words.whole(kind["binding"]),
                          rows=words.whole(kind["rows"])) if kind["binding"] else "–",
                ),
            )
        )  # fmt: skip
    if not rows:
        return None
    return BarTable(
        words("page.scarce"),
        words("page.scarce_caption"),
        (words("page.head_resource"),  words("page.head_used"),
         words.term("page.head_scarce")),
        tuple(rows),
    )  # fmt: skip


def _unit(unit: str, words: Words) -> str:
    short = words.known(f"unit_short.{unit}", "")
    return f" {short}" if short else ""


def price_lines(resources: Rows, words: Words) -> list[str]:
    """Say what one more of the scarcest of each kind would bring, dearest first."""
    priced = [row for row in resources if row["price"] is not None and not row["floor"]]
    lines: list[str] = []
    taken: set[str] = set()
    for row in sorted(priced, key=lambda row: _order(row)):
        points, places = (_per_unit(row, field) for field in ("price", "price_placements"))
        worth_text = _worth(points, places, words)
        if not worth_text or row["rule"] in taken:
            continue
        taken.add(row["rule"])
        what = " · ".join(filter(None, (key_text(row, words), row["about"])))
        unit = words(f"one_more.{row['rule']}", what=what)
        lines.append(words("page.price_line", unit=unit, worth=worth_text))
    return lines


def ahead_parts(ahead: Row | None, words: Words) -> dict[str, list[str]]:
    """Say what was priced for the weeks ahead, what was given up for it, and who is moved.

    Returns
    -------
    dict
        ``alerts`` (arrivals that miss what was expected), ``lines`` and ``prices``, each a list of
        sentences; empty where no week ahead was looked at.
    """
    if ahead is None:
        return {}
    change, expected = ahead["change"], ahead["expected"]
    alerts = [
        words(
            f"ahead.missed_{name}",
            came=words.whole(ahead["came"][name]),
            expected=words.decimal(expected[name]),
        )
        for name in ahead["missed"]
    ]
    seen = words(
        "ahead.seen",
        futures=words.whole(ahead["futures"]),
        weeks=words.whole(ahead["seen_weeks"]),
        **{name: words.decimal(count) for name, count in expected.items()},
    )
    if not change:
        return {"alerts": alerts, "lines": [words("ahead.nothing"), seen], "prices": []}
    lines = [words("ahead.lead")]
    if any(not ROW_KINDS[name.partition("[")[0]].held for name in ahead["prices"]):
        lines.append(words("ahead.lead_year"))
    fit, placed = change["fit"], change["placements"]["with"]
    lost, many = fit["without"] - fit["with"], len(change["moved"])
    given = words(
        "ahead.given_up", points=words.whole(lost), each=_points(lost / max(1, placed), words)
    )
    lines += [
        seen,
        given if lost > 0 else words("ahead.nothing_given_up"),
        words("ahead.moved", many) if many else words("ahead.moved_none"),
    ]
    return {
        "alerts": alerts,
        "lines": lines,
        "prices": [_dear_line(row, words) for row in change["dearest"]],
    }


def _dear_line(row: Row, words: Words) -> str:
    """Say what a place, an hour or 1,000 DKK of something costs for a week ahead."""
    kind = ROW_KINDS[row["rule"]]
    name = _capital(words(f"row_name.{row['rule']}"))
    what = " · ".join(filter(None, (name, key_text(row, words), row["about"])))
    unit = words(f"ahead.unit_{kind.unit.id}")
    key = "ahead.row" if kind.held else "ahead.row_year"
    return words(key, what=what, points=_points(row["points"], words), unit=unit)


_MANY_POINTS = 100


def _points(points: float, words: Words) -> str:
    """Write points that are an average: from 100 on, a tenth of one says nothing."""
    return words.decimal(points, 0 if points >= _MANY_POINTS else 1)


def _order(row: Row) -> tuple[float, float, str, str]:
    places, points = (_per_unit(row, field) for field in ("price_placements", "price"))
    return (-places, -points, row["rule"], row["key"])


def _per_unit(row: Row, field: str) -> float:
    """Price of a place, an hour or 1,000 DKK."""
    return float(row[field] or 0.0) * UNITS[row["unit"]].more


def _worth(points: float, places: float, words: Words) -> str:
    """Placements where they are at stake, for they come before fit; else points of fit."""
    number = round(places, 1)
    if number == 1:
        return words("page.price_placement", 1)
    if number > 0:
        return words("page.price_placement", count=words.decimal(number))
    return words("page.price_points", round(points)) if points >= 0.5 else ""


def openings(document: Row, words: Words) -> dict[str, Any]:
    """List openings with seats left and why, most seats first."""
    free = sum(row["free"] for row in document["openings"])
    rows = [row for row in document["openings"] if row["free"] > row["filled"]]
    rows.sort(key=lambda row: (row["filled"] - row["free"], row["opening_id"]))
    left = sum(row["free"] - row["filled"] for row in rows)
    lead = words("page.openings_lead", left=words.whole(left), free=words.whole(free))
    if not free:
        lead = words("page.openings_no_seats")
    elif not rows:
        lead = words("page.openings_none")
    causes = [
        (words(f"opening_cause.{row['cause']}"), row["seats_left"])
        for row in document["figures"]["opening_causes"]
        if row["seats_left"]
    ]
    more = len(rows) - MOST_OPENINGS
    return {
        "lead": lead,
        "causes": BarTable(
            "",
            words("page.openings_causes_caption"),
            (words("page.head_why"), words("page.head_left")),
            _plain_bars(causes, words),
        ),
        "rows": [_opening(row, words) for row in rows[:MOST_OPENINGS]],
        "more": words("page.openings_more", more) if more > 0 else "",
    }


def _opening(row: Row, words: Words) -> dict[str, str]:
    counts = {"possible": words.whole(row["possible"]), "reach": words.whole(row["reach"])}
    why = ""
    killed = {rule: count for rule, count in row["killed"].items() if rule != REACH}
    if row["cause"] == "rules":
        why = words(
            "page.why_rules",
            **counts,
            rules=rules_text(dict(list(killed.items())[:MOST_NAMED]), words),
        )
    elif row["cause"] == "resource":
        resources = rows_text(dict(list(row["lost_on"].items())[:MOST_NAMED]), words)
        why = words("page.why_resource", possible=counts["possible"], resources=resources)
    elif row["cause"] == "placed_elsewhere":
        why = words("page.why_elsewhere", possible=counts["possible"])
    place = ", ".join(filter(None, (row["workplace"] or row["workplace_id"], row["district"])))
    return {
        "title": row["title"] or row["opening_id"],
        "place": place,
        "left": words("page.of", part=words.whole(row["free"] - row["filled"]),
                      whole=words.whole(row["free"])),
        "cause": words(f"opening_cause.{row['cause']}"),
        "why": f"{why}." if why else "",
    }  # fmt: skip


_WITHOUT = "share_without_prices"


def audit(figures: Row, words: Words) -> dict[str, Any]:
    """Make a table per dimension; hidden groups are only counted."""
    fields = ["citizens", "already", "no_opening", "lost", "proposals", "share", "possible", "fit"]
    # Where weeks ahead have prices, what each group's share would be without stands beside it.
    if any(_WITHOUT in row for one in figures["dimensions"] for row in one["groups"]):
        fields.insert(fields.index("share") + 1, "without")
    tables = []
    for dimension in figures["dimensions"]:
        name = words.known(f"dimension.{dimension['dimension']}", dimension["dimension"])
        hidden = dimension["hidden_groups"]
        tables.append(
            {
                "caption": words("page.audit_caption", dimension=name),
                "rows": [_group(row, words) for row in dimension["groups"]],
                "hidden": words("page.audit_hidden", hidden) if hidden else "",
            }
        )
    return {
        "heads": [
            words.term(f"page.audit_{field}", {"fit": "fit"}.get(field, "")) for field in fields
        ],
        "tables": tables,
        "note": words("page.audit_note", figures["smallest_group"]),
    }


def _group(row: Row, words: Words) -> dict[str, Any]:
    name = row["group"]
    counts = ("citizens", "already_placed", "no_feasible_opening", "lost_in_optimum", "proposals")
    return {
        "name": words.known(f"group.{name}", name) if name else words("common.not_stated"),
        "cells": [
            *(words.whole(row[field]) for field in counts),
            words.percent(row["share"]),
            *([words.percent(row[_WITHOUT])] if _WITHOUT in row else []),
            words.percent(row["share_of_possible"]),
            "–" if row["mean_fit"] is None else words.whole(row["mean_fit"]),
        ],
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
