"""The end of the page: all figures, changes, provenance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from matcher.policy import WORK_KINDS
from matcher.report import Words
from matcher.texts import tell
from scenarios.compare import Comparison
from scenarios.outcome import Outcome
from scenarios.page.unchanged import selected_lines
from scenarios.page.wording import each, signed
from scenarios.patch import path_name

MOST_ROWS = 60
MOST_CHANGES = 60
_KINDS = tuple(kind for kind in WORK_KINDS if kind != "unknown")


def all_rows(comparison: Comparison, words: Words) -> dict[str, Any]:
    """Every scenario with its figures, the base first."""
    summary = comparison.summary
    rows = []
    kept = (summary["sweep"] == "") | (np.arange(len(summary)) <= MOST_ROWS)
    for row in summary[kept].to_dict("records"):
        title = row[f"title_{words.language}"]
        if row["status"] == "failed":
            rows.append({"name": title, "failed": words("whatif.failed"), "cells": []})
            continue
        rows.append({
            "name": title,
            "failed": "",
            "cells": [
                words.whole(row["placements"]),
                signed(row["difference"], words),
                " / ".join(words.whole(row[kind]) for kind in _KINDS),
                *(words.whole(row[event]) for event in ("new", "lost", "moved")),
                "–" if pd.isna(row["mean_fit"]) else words.fixed(row["mean_fit"], 1),
                words.whole(row["dkk_week"]),
                "" if row["status"] == "optimal" else words.whole(row["bound"]),
            ],
        })  # fmt: skip
    more = len(summary) - len(rows)
    names = ("placements", "difference", "work", "new", "lost", "moved", "fit", "dkk", "bound")
    return {
        "caption": words("whatif.all_caption"),
        "heads": [words.term(f"whatif.head_{name}") for name in names],
        "rows": rows,
        "more": words("whatif.all_more", more) if more else "",
    }


def left(comparison: Comparison, words: Words, best: Outcome | None) -> dict[str, Any] | None:
    """Why people are left over, before and after, in the scenario that gives most."""
    if best is None:
        return None
    rows = comparison.causes[comparison.causes["scenario"] == best.name]
    return {
        "caption": words("whatif.left_caption", title=best.title(words.language)),
        "heads": [words(f"whatif.head_{name}") for name in ("before", "after", "difference")],
        "rows": [
            {
                "name": words(f"cause.{row.cause}"),
                "cells": [words.whole(row.before), words.whole(row.after),
                          signed(row.difference, words)],
            }
            for row in each(rows)
        ],
    }  # fmt: skip


def changes(comparison: Comparison, words: Words) -> dict[str, Any] | None:
    """Everything that was changed, scenario by scenario."""
    if comparison.changes.empty:
        return None
    told = [
        f"{one.title(words.language)}: {line}"
        for one in comparison.scenarios
        if not one.sweep
        for line in selected_lines(one, words)
    ]
    every = [(one, change) for one in comparison.scenarios for change in one.changes]
    more = len(every) - MOST_CHANGES
    return {
        "caption": words("whatif.changes_caption"),
        "heads": [
            words(f"whatif.head_{name}") for name in ("scenario", "path", "old", "new_value")
        ],
        "count": words("whatif.head_count"),
        "rows": [
            {
                "name": one.title(words.language),
                "path": tell(path_name(change.path), words.language),
                "old": tell(change.old, words.language),
                "new": tell(change.new, words.language),
                "count": words.whole(change.count),
            }
            for one, change in every[:MOST_CHANGES]
        ],
        "more": words("whatif.changes_more", more) if more > 0 else "",
        "selected": told,
    }  # fmt: skip


def provenance(comparison: Comparison, words: Words) -> list[tuple[str, str]]:
    """How it was made; what is measured comes last."""
    base = comparison.base
    seconds = sum(one.seconds for one in (base, *comparison.scenarios))
    found = [
        (words("whatif.prov_input"), base.digests.get("input", "")),
        (words("whatif.prov_policy"), base.digests.get("policy", "")),
        (
            words("whatif.prov_versions"),
            ", ".join(f"{name} {number}" for name, number in base.versions.items()),
        ),
        (
            words("whatif.prov_time"),
            words("whatif.seconds", seconds=words.decimal(seconds, 1)),
        ),
    ]
    return [(name, value) for name, value in found if value]
