"""The middle of the page: effects, who gains, costs, what runs out, what failed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from matcher.report import Words
from matcher.row_kinds import ROW_KINDS
from matcher.texts import tell
from scenarios.compare import Comparison
from scenarios.outcome import Outcome
from scenarios.page.answer import candidates, named_first, rows_by_name, titles_of
from scenarios.page.drawings import difference_bar
from scenarios.page.unchanged import changes_nothing, unchanged
from scenarios.page.wording import each, money, signed

MOST_BARS = 20
MOST_COSTS = 12
MOST_NAMES = 4
FEWEST_PROPOSALS = 8
"""Proposals whose middle half is told."""


def effect(comparison: Comparison, words: Words) -> dict[str, Any] | None:
    """Difference of each scenario as a bar, largest first; those that change nothing as a line."""
    if not candidates(comparison):
        return None
    rows = rows_by_name(comparison)
    shown = _changing(comparison)
    # Those that change who, but not how many, come after those that change how many.
    shown.sort(key=lambda one: not rows[one.name]["difference"])
    # The largest gains and the largest losses are both of interest.
    order = shown
    if len(order) > MOST_BARS:
        half = MOST_BARS // 2
        ends = {id(one) for one in shown[:half] + shown[-half:]}
        order = [one for one in shown if not one.sweep or id(one) in ends]
    differences = [float(rows[one.name]["difference"]) for one in order]
    low, high = min(differences, default=0.0), max(differences, default=0.0)
    return {
        "lead": words("whatif.effect_lead", before=words.whole(comparison.base.placed)),
        "caption": words("whatif.effect_caption"),
        "also": words("whatif.effect_also"),
        "head": [
            words.term(f"whatif.head_{name}")
            for name in ("scenario", "difference", "new", "lost", "moved", "fit_change")
        ],
        "rows": [
            {
                "label": one.title(words.language),
                "drawing": difference_bar(difference, low, high),
                "cells": [
                    signed(difference, words),
                    *(words.whole(rows[one.name][event]) for event in ("new", "lost", "moved")),
                    _change(rows[one.name]["fit_difference"], words),
                ],
            }
            for one, difference in zip(order, differences, strict=True)
        ],
        "more": words("whatif.effect_more", len(shown) - len(order))
        if len(shown) > len(order)
        else "",
        "same": " ".join(unchanged(comparison, words)),
        "scale": _scale(comparison, words) if order else "",
    }


def _changing(comparison: Comparison) -> list[Outcome]:
    """Scenarios shown one by one that change at least one proposal."""
    return [one for one in candidates(comparison) if not changes_nothing(comparison.base, one)]


def _scale(comparison: Comparison, words: Words) -> str:
    """Say what points of fit mean for a person, by the proposals there are."""
    fit = comparison.base.placements["fit"]
    if len(fit) < FEWEST_PROPOSALS:
        return ""
    low, high = (float(value) for value in fit.quantile([0.25, 0.75]))
    return words("whatif.fit_scale", low=words.whole(low), high=words.whole(high))


def _change(value: Any, words: Words) -> str:
    if value is None or pd.isna(value):
        return "–"
    text = words.fixed(abs(float(value)), 1)
    if not text.strip("0.,"):
        return text
    return f"+{text}" if value > 0 else f"−{text}"


def group_name(dimension: str, group: str, words: Words) -> str:
    """Name of a group in words; a level of Danish by its own name."""
    if not group:
        return words("common.not_stated")
    section = "level" if dimension == "oral" else "group"
    return words.known(f"{section}.{group}", group)


def dimension_name(dimension: str, words: Words) -> str:
    """Name of a dimension in words."""
    name = words.known(f"group_name.{dimension}", "")
    return name or words.known(f"dimension.{dimension}", dimension)


def who(comparison: Comparison, words: Words, best: Outcome | None) -> dict[str, Any] | None:
    """Count by group, for the scenario that gives most; and the gap between groups."""
    if best is None:
        return None
    title = best.title(words.language)
    tied = [one for one in candidates(comparison) if one.placed == best.placed]
    equal = []
    if len(tied) > 1:
        equal = [words("whatif.who_equal", titles=titles_of(tied, best, words))]
    if not (comparison.people["scenario"] == best.name).any():
        return {"lead": " ".join([*equal, words("whatif.who_nobody", title=title)]),
                "heads": [], "tables": [], "sector": None, "gap": None}  # fmt: skip
    if equal:
        equal.append(words("whatif.who_tied", title=title))
    lead = [words("whatif.who_lead", title=title), *equal]
    groups = comparison.groups[comparison.groups["scenario"] == best.name]
    tables = []
    for dimension in dict.fromkeys(groups["dimension"]):
        rows = groups[groups["dimension"] == dimension]
        if dimension != "oral":
            rows = rows.sort_values(["difference", "new"], ascending=False, kind="stable")
        caption = words("whatif.who_caption", dimension=dimension_name(dimension, words))
        tables.append({
            "caption": caption,
            "rows": [
                {
                    "name": group_name(dimension, row.group, words),
                    "cells": [
                        words.whole(row.placed_before), words.whole(row.placed),
                        signed(row.difference, words), words.whole(row.new),
                        words.whole(row.lost), _percent(row.share_before, words),
                        _percent(row.share, words),
                    ],
                }
                for row in each(rows)
            ],
        })  # fmt: skip
    return {
        "lead": " ".join(lead),
        "heads": [
            words.term(f"whatif.head_{name}")
            for name in ("before", "after", "difference", "new", "lost", "share_before", "share")
        ],
        "tables": tables,
        "sector": _sector(comparison, words, best),
        "gap": _gap(comparison, words, best),
    }


def _percent(share: Any, words: Words) -> str:
    if share is None or pd.isna(share):
        return "–"
    text = words.fixed(100 * float(share), 1)
    return words.per_cent(text)


def _sector(comparison: Comparison, words: Words, best: Outcome) -> dict[str, Any]:
    was, now = (one.placements["sector"].value_counts() for one in (comparison.base, best))
    rows = sorted(
        {*was.index, *now.index}, key=lambda name: (-(now.get(name, 0) - was.get(name, 0)), name)
    )
    return {
        "caption": words("whatif.who_sector"),
        "heads": [words(f"whatif.head_{name}") for name in ("before", "after", "difference")],
        "rows": [
            {
                "name": words.sector(name),
                "cells": [
                    words.whole(was.get(name, 0)), words.whole(now.get(name, 0)),
                    signed(int(now.get(name, 0) - was.get(name, 0)), words),
                ],
            }
            for name in rows
        ],
    }  # fmt: skip


def _gap(comparison: Comparison, words: Words, best: Outcome) -> dict[str, Any] | None:
    rows = comparison.gaps[comparison.gaps["scenario"] == best.name]
    if rows.empty:
        return None
    return {
        "caption": words("whatif.gap_caption", title=best.title(words.language)),
        "heads": [
            words(f"whatif.head_{name}")
            for name in ("before", "after", "difference", "lowest", "highest")
        ],
        "rows": [
            {
                "name": dimension_name(row.dimension, words),
                "cells": [
                    words.fixed(100 * row.gap_before, 1), words.fixed(100 * row.gap, 1),
                    _change(100 * row.gap_difference, words),
                    group_name(row.dimension, row.lowest, words),
                    group_name(row.dimension, row.highest, words),
                ],
            }
            for row in each(rows)
        ],
    }  # fmt: skip


def cost(comparison: Comparison, words: Words) -> dict[str, Any] | None:
    """List what each scenario costs more, and for each extra placement."""
    shown = [one.name for one in named_first(_changing(comparison), MOST_COSTS)]
    if not shown:
        return None
    rows = comparison.summary.set_index("scenario").loc[shown]
    return {
        "caption": words("whatif.cost_caption"),
        "heads": [
            words.term(f"whatif.head_{name}")
            for name in ("difference", "week", "once", "extra_week", "extra_year")
        ],
        "rows": [
            {
                "name": getattr(row, f"title_{words.language}"),
                "cells": [
                    signed(row.difference, words),
                    signed(row.dkk_week_difference, words),
                    signed(row.dkk_once_difference, words),
                    money(row.dkk_per_extra_week, words),
                    money(row.dkk_per_extra_year, words),
                ],
            }
            for row in each(rows)
        ],
        "saved": _saved(rows, words),
    }


def _saved(rows: pd.DataFrame, words: Words) -> list[str]:
    """Say what benefit is saved, as the scenario figure it is; nothing where none is known."""
    lines = [
        words(
            "whatif.saved",
            title=getattr(row, f"title_{words.language}"),
            dkk=signed(row.benefit_month_difference, words),
        )
        for row in each(rows)
        if pd.notna(row.benefit_month_difference)
    ]
    unknown = int(rows["benefit_not_known"].max()) if lines else 0
    tail = [words("whatif.saved_not_known", unknown)] if unknown else []
    return [words("whatif.saved_lead"), *lines, *tail] if lines else []


def scarce(comparison: Comparison, words: Words) -> dict[str, Any] | None:
    """Which resources stopped or began to bind, by kind with their number and some names."""
    shown = candidates(comparison)
    if not shown:
        return None
    changed = comparison.resources[comparison.resources["change"].isin(["began", "stopped"])]
    rows = []
    for one in named_first(shown, MOST_COSTS):
        own = changed[changed["scenario"] == one.name]
        if len(own):
            rows.append({
                "name": one.title(words.language),
                "cells": [_kinds(own[own["change"] == change], words)
                          for change in ("stopped", "began")],
            })  # fmt: skip
    return {
        "caption": words("whatif.scarce_caption"),
        "heads": [words.term("whatif.head_stopped"), words.term("whatif.head_began")],
        "rows": rows,
    }


def _kinds(rows: pd.DataFrame, words: Words) -> str:
    texts = []
    counts = rows["kind"].value_counts()
    for kind in sorted(counts.index, key=lambda kind: ROW_KINDS[kind].told):
        own = rows[rows["kind"] == kind]
        text = f"{words(f'row_name.{kind}')} ({words.whole(len(own))})"
        if section := ROW_KINDS[kind].texts:
            text += ": " + ", ".join(words.known(f"{section}.{key}", key) for key in own["key"])
        elif ROW_KINDS[kind].listed:
            names = [name or key for name, key in zip(own["name"], own["key"], strict=True)]
            more = len(names) - MOST_NAMES
            extra = [words("common.and_more", more)] if more > 0 else []
            text += ": " + ", ".join([*names[:MOST_NAMES], *extra])
        texts.append(text)
    return "; ".join(texts) or "–"


def failed(comparison: Comparison, words: Words) -> dict[str, Any] | None:
    """Scenarios without a plan, with their reason."""
    lines = [
        {"title": one.title(words.language), "reason": tell(one.reason, words.language)}
        for one in comparison.scenarios
        if one.failed
    ]
    if not lines:
        return None
    return {"lead": words("whatif.failed_lead", len(lines)), "lines": lines}
