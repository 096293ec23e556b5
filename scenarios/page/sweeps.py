"""Curves and spreads of the page: trade-offs, what matters most, returns, uncertainty."""

from __future__ import annotations

from typing import Any

import pandas as pd

from matcher.report import Words
from scenarios.compare import Comparison
from scenarios.frontier import EVERYTHING, Front
from scenarios.page.drawings import Axis, Mark, Point, curve, spread_bar, swing_bar
from scenarios.page.wording import each, front_name, label_of, placements_text, signed, title_of

MOST_PARAMETERS = 12
MOST_DRIVERS = 3
MOST_RETURNS = 6
FEWEST_VALUES = 3
"""Values that make a curve of returns."""
MOST_MARK = 3.0
"""Times the curve's highest value that the plan's mark may be at."""


def front_section(front: Front, words: Words) -> dict[str, Any]:
    """One trade-off: title, sentence, curve, points."""
    title = words(f"whatif.front_{front.against}_title", group=front_name(front, words))
    points = front.points
    section: dict[str, Any] = {
        "title": title, "says": front_sentence(front, words), "drawing": None, "table": None,
        "proof": "", "plan": "", "beyond": beyond_sentence(front, words), "beyond_table": None,
    }  # fmt: skip
    if front.beyond:
        section["beyond_table"] = _beyond_table(front, words)
    if points.empty:
        return section
    unproven = int((~points["proven"]).sum())
    section["proof"] = (
        words("whatif.front_open", unproven) if unproven else words("whatif.front_proven")
    )
    if front.against == "cost" and front.plan["value"] > points["value"].iloc[-1]:
        section["plan"] = words("whatif.front_cost_plan", cost=words.whole(front.plan["value"]))
    if len(points) > 1:
        section["drawing"] = _front_curve(front, title, words)
    section["table"] = _front_table(front, words)
    return section


def front_sentence(front: Front, words: Words) -> str:
    """Say what a front shows in one sentence."""
    points = front.points
    if points.empty:
        return words("whatif.front_empty")
    first, last = points.iloc[0], points.iloc[-1]
    if front.against == "group":
        return _group_sentence(front, words)
    if front.against == "fit":
        values: dict[str, Any] = {"high": first["value"], "low": last["value"]}
    elif front.against == "floor":
        # Where most people are still placed: the highest floor that keeps nine in ten of them.
        kept = points[points["placements"] >= 0.9 * last["placements"]].iloc[0]
        key = "free" if kept["placements"] == last["placements"] else "says"
        return words(
            f"whatif.front_floor_{key}", floor=words.whole(kept["value"]),
            placed=words.whole(kept["placements"]), most=words.whole(last["placements"]),
        )  # fmt: skip
    else:
        step = 0.0 if pd.isna(last["step"]) else last["step"]
        values = {"cost": last["value"], "step": step}
    return words(
        f"whatif.front_{front.against}_says",
        few=words.whole(first["placements"]),
        most=words.whole(last["placements"]),
        **{name: words.whole(value) for name, value in values.items()},
    )


def beyond_sentence(front: Front, words: Words) -> str:
    """Say what lies beyond this week's maximum; empty where nothing was asked about it."""
    if front.against != "cost" or front.points.empty:
        return ""
    most = words.whole(front.points["placements"].iloc[-1])
    if not front.beyond:
        return words("whatif.beyond_none", most=most)
    # One limit alone says more than all together, where it brings as many.
    first = front.beyond[0]
    alone = [row for row in front.beyond if row["without"] != EVERYTHING]
    if alone and alone[0]["placements"] == first["placements"]:
        first = alone[0]
    return words(
        "whatif.beyond_says",
        most=most,
        what=words(f"limit.{first['without']}"),
        more=words("whatif.beyond_more", first["more"]),
        placements=words.whole(first["placements"]),
        step=words.whole(first["step"]),
    )


def _beyond_table(front: Front, words: Words) -> dict[str, Any]:
    heads = ("placements", "more", "dkk", "step", "proven")
    return {
        "caption": words("whatif.beyond_caption"),
        "first": words("whatif.head_lifted"),
        "heads": [words.term(f"whatif.head_{name}") for name in heads],
        "rows": [
            {
                "name": words(f"limit.{row['without']}"),
                "cells": [
                    words.whole(row["placements"]),
                    f"+{words.whole(row['more'])}",
                    words.whole(row["value"]),
                    words.whole(row["step"]),
                    words("common.yes" if row["proven"] else "common.no"),
                ],
            }
            for row in front.beyond
        ],
    }


def _group_sentence(front: Front, words: Words) -> str:
    points = front.points
    most, own = points["placements"].max(), front.plan["value"]
    free = points[points["placements"] == most].iloc[-1]
    if points["value"].max() <= own:
        return words("whatif.front_group_nothing", own=words.whole(own))
    parts = []
    if free["value"] > own:
        lost = (front.plan["fit"] - free["fit"]) / max(1, front.plan["fit"])
        parts.append(
            words("whatif.front_group_free", most=words.whole(free["value"]), own=words.whole(own),
                  lost=words.percent(lost, 1))
        )  # fmt: skip
    top = points.iloc[-1]
    if top["placements"] < most:
        fewer = placements_text(int(top["placements"] - most), words)
        parts.append(
            words("whatif.front_group_price", most=words.whole(top["value"]), own=words.whole(own),
                  fewer=fewer)
        )  # fmt: skip
    return " ".join(parts)


def _front_curve(front: Front, title: str, words: Words) -> Any:
    points = front.points
    if front.against == "group":
        x = Axis(words("whatif.axis_group"), words.whole)
        if len(set(points["placements"])) > 1:
            y, ys = Axis(words("whatif.axis_placements"), words.whole), points["placements"]
            mark = (front.plan["value"], front.plan["placements"])
        else:
            y = Axis(words("whatif.axis_total_fit"), lambda v: words.decimal(v, 2), whole=False)
            ys = 100 * points["fit"] / max(1.0, front.plan["fit"])
            mark = (front.plan["value"], 100.0)
        xs = points["value"]
    elif front.against == "floor":
        x, xs = Axis(words("whatif.axis_floor"), words.whole), points["value"]
        y = Axis(words("whatif.axis_placements"), words.whole, from_zero=True)
        ys, mark = points["placements"], (front.plan["value"], front.plan["placements"])
    else:
        x, xs = Axis(words("whatif.axis_placements"), words.whole), points["placements"]
        y = Axis(words(f"whatif.axis_{front.against}"), words.whole,
                 from_zero=front.against == "cost")  # fmt: skip
        ys, mark = points["value"], (front.plan["placements"], front.plan["value"])
    # A mark far above would press the curve flat; the sentence says where it is.
    outside = front.against == "cost" and mark[1] > MOST_MARK * max(1.0, float(ys.max()))
    rows = sorted(zip(xs.tolist(), ys.tolist(), points["proven"].tolist(), strict=True))
    return curve(
        [Point(a, b, f"{x.title} {x.write(a)}, {y.title} {y.write(b)}", not proven)
         for a, b, proven in rows],
        x, y, title=title, summary=front_sentence(front, words),
        mark=None if outside else Mark(*mark, words("whatif.own_plan")),
    )  # fmt: skip


def _front_table(front: Front, words: Words) -> dict[str, Any]:
    step = words(f"whatif.step_{front.against}")
    heads = [words(f"whatif.axis_{front.against}"), step, words("whatif.head_proven")]
    decimals = 1 if front.against == "fit" else 0
    with_fit = front.against == "group"
    if with_fit:
        heads.insert(1, words("whatif.head_fit"))
    rows = []
    for row in each(front.points):
        mean = [words.fixed(row.fit / max(1, row.placements), 1)] if with_fit else []
        rows.append({
            "name": words.whole(row.placements),
            "cells": [
                words.fixed(row.value, decimals), *mean,
                "" if pd.isna(row.step) else words.fixed(row.step, 2 if decimals else 0),
                words("common.yes" if row.proven else "common.no"),
            ],
        })  # fmt: skip
    return {
        "caption": words("whatif.front_caption"),
        "first": words("whatif.head_placements"),
        "heads": heads,
        "rows": rows,
    }


def matters(comparison: Comparison, words: Words) -> dict[str, Any] | None:
    """Tornado: parameters by their swing."""
    frame = comparison.tornado
    if frame.empty:
        return None
    shown = frame.head(MOST_PARAMETERS)
    ends = shown[["difference_low", "difference_high"]].to_numpy()
    low, high = float(ends.min()), float(ends.max())
    several = len(set(frame["family"])) > 1
    return {
        "caption": words("whatif.matters_caption"),
        "head": [words(f"whatif.head_{name}") for name in ("parameter", "low", "high")],
        "rows": [
            {
                "label": f"{_named(comparison, row, words, several=several)},"
                f" {_value(row.low, words)}–{_value(row.high, words)}",
                "drawing": swing_bar(row.difference_low, row.difference_high, low, high),
                "cells": [signed(row.difference_low, words), signed(row.difference_high, words)],
            }
            for row in each(shown)
        ],
    }


def _named(comparison: Comparison, row: Any, words: Words, *, several: bool) -> str:
    """Name a parameter, with its family where there are several."""
    label = label_of(comparison, row.family, row.parameter, words)
    return f"{title_of(comparison, row.family, words)}: {label}" if several else label


def _value(value: Any, words: Words) -> str:
    return value if isinstance(value, str) else words.decimal(float(value), 2)


def returns_sections(comparison: Comparison, words: Words) -> dict[str, Any] | None:
    """Draw a curve per parameter that changes something; name the others."""
    frame = comparison.returns
    if frame.empty:
        return None
    found, flat = [], []
    several = len(set(frame["family"])) > 1
    for (family, parameter), rows in frame.groupby(["family", "parameter"], sort=False):
        label = label_of(comparison, str(family), str(parameter), words)
        name = f"{title_of(comparison, str(family), words)}: {label}" if several else label
        if len(rows) < FEWEST_VALUES:
            continue  # Two ends are in the tornado.
        if not rows[["lowest", "highest"]].to_numpy().any():
            flat.append(name)
            continue
        x = Axis(label, lambda v: words.decimal(v, 2), whole=False)
        y = Axis(words("whatif.axis_difference"), lambda v: signed(v, words, 1), whole=False)
        extra = rows["extra_per_unit"].dropna()
        says = words(
            "whatif.returns_says",
            low=words.decimal(rows["value"].iloc[0], 2),
            high=words.decimal(rows["value"].iloc[-1], 2),
            first=signed(extra.iloc[0], words, 2),
            last=signed(extra.iloc[-1], words, 2),
        )
        drawing = curve(
            [Point(row.value, row.difference, f"{row.value:g}: {row.difference:+.1f}")
             for row in each(rows)],
            x, y, title=name, summary=says,
            band=[(row.value, row.lowest, row.highest) for row in each(rows)],
        )  # fmt: skip
        found.append({"title": name, "says": says, "drawing": drawing})
    if not found and not flat:
        return None
    none = words("whatif.returns_none", parameters="; ".join(flat)) if flat else ""
    return {"curves": found[:MOST_RETURNS], "none": none}


def unsure(comparison: Comparison, words: Words) -> dict[str, Any]:
    """Quantiles of each family of draws, and what goes with the difference."""
    frame, drivers = comparison.uncertainty, comparison.drivers
    if frame.empty:
        return {"rows": [], "drivers": []}
    ends = frame[["q05", "q95"]].to_numpy()
    low, high = float(ends.min()), float(ends.max())
    titles = {name: title_of(comparison, name, words) for name in frame["family"]}
    several = len(set(frame["family"])) > 1
    said = []
    for family in frame["family"]:
        own = drivers[drivers["family"] == family].head(MOST_DRIVERS)
        if len(own):
            names = ", ".join(
                f"{label_of(comparison, family, row.parameter, words)}"
                f" {signed(row.correlation, words, 2)}"
                for row in each(own)
            )
            line = words("whatif.unsure_drivers", drivers=names)
            said.append(f"{titles.get(family, family)}: {line}" if several else line)
    return {
        "caption": words("whatif.unsure_caption"),
        "head": [
            words.term(f"whatif.head_{name}")
            for name in ("scenario", "median", "range", "helps", "draws")
        ],
        "rows": [
            {
                "label": titles.get(row.family, row.family),
                "drawing": spread_bar([row.q05, row.q25, row.q50, row.q75, row.q95], low, high),
                "cells": [
                    signed(row.q50, words),
                    f"{signed(row.q05, words)} … {signed(row.q95, words)}",
                    words.percent(row.helps),
                    words.whole(row.samples),
                ],
            }
            for row in each(frame)
        ],
        "drivers": said,
    }
