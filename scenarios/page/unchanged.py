"""Why a scenario changes nothing: the answer to a question must not be a row of zeros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from matcher.report import LANGUAGES, Words
from matcher.row_kinds import ROW_KINDS
from matcher.texts import tell
from scenarios.compare import Comparison
from scenarios.outcome import Outcome
from scenarios.patch import path_name

MOST_PATHS = 3
_STAFF = {"workplaces.ordinary_staff", "workplaces.ordinary_fte"}
"""Columns of which the places under the ratio rule are worked out."""


def changes_nothing(base: Outcome, one: Outcome) -> bool:
    """Whether a scenario that was solved leaves every proposal as it is."""
    columns = ["citizen_id", "opening_id", "measure", "fit"]
    same = one is not base and not one.failed
    return same and bool(one.placements[columns].equals(base.placements[columns]))


def why_unchanged(base: Outcome, one: Outcome, words: Words) -> str:
    """Say why a scenario changes nothing; empty where it changes something."""
    if not changes_nothing(base, one):
        return ""
    if not one.changes:
        return words("whatif.same_nothing")
    if one.idle_caseworkers and all(change.path == "caseworkers" for change in one.changes):
        return words("whatif.same_caseworker", one.idle_caseworkers)
    paths = list(dict.fromkeys(change.path for change in one.changes))
    kinds, scarce = _touched(base, one)
    if not kinds or not all(map(_is_capacity, paths)):
        names = [tell(path_name(path), words.language) for path in paths]
        more = len(paths) - MOST_PATHS
        extra = [words("common.and_more", more)] if more > 0 else []
        return words("whatif.same_other", what=", ".join([*names[:MOST_PATHS], *extra]))
    told = ", ".join(words(f"row_name.{kind}") for kind in kinds)
    if not scarce:
        return words("whatif.same_not_scarce", what=told)
    return words("whatif.same_elsewhere", scarce, what=told)


def unchanged(comparison: Comparison, words: Words) -> list[str]:
    """Write a sentence for each reason why scenarios change nothing, their titles before it."""
    titles: dict[str, list[str]] = {}
    for one in comparison.scenarios:
        why = why_unchanged(comparison.base, one, words)
        if why and one.sweep != "sample":
            quoted = words("whatif.quoted", title=one.title(words.language))
            titles.setdefault(why, []).append(quoted)
    return [
        words("whatif.same_line", len(several), titles=_listed(several, words), why=why)
        for why, several in titles.items()
    ]


def _listed(names: list[str], words: Words) -> str:
    *first, last = names
    return words("whatif.tied_with", first=", ".join(first), last=last) if first else last


def reasons_unchanged(
    comparison: Comparison, words: Mapping[str, Words]
) -> dict[str, dict[str, str]]:
    """Return the reason by scenario and language, for scenarios that change nothing."""
    return {
        one.name: {lang: why_unchanged(comparison.base, one, words[lang]) for lang in LANGUAGES}
        for one in comparison.scenarios
        if changes_nothing(comparison.base, one)
    }


def selected_lines(one: Outcome, words: Words) -> list[str]:
    """Say what the conditions of a scenario took in, a line each."""
    return [selected_line(each, words) for each in one.selected]


def selected_line(found: Mapping[str, Any], words: Words) -> str:
    """Say how many rows conditions took in, and with which names.

    Parameters
    ----------
    found
        As :attr:`scenarios.outcome.Outcome.selected` holds them.
    words
        Of the language.
    """
    table = tell(path_name(found["table"]), words.language)
    line = words("whatif.selected", found["matched"], table=table)
    names = list(found["names"])
    if more := found["named"] - len(names):
        names.append(words("common.and_more", more))
    if names:
        line += f": {', '.join(names)}"
    if found["taken"] != found["matched"]:
        line += words("whatif.selected_taken", found["taken"])
    return line


def _is_capacity(path: str) -> bool:
    """Whether a change is of how much there is of something, and of nothing else."""
    paths = {f"{kind.table}.{kind.capacity}" for kind in ROW_KINDS.values() if kind.capacity}
    # Where a row of a table is nothing but so much of something, one more row is more of it.
    paths |= {kind.table for kind in ROW_KINDS.values()
              if kind.more == "decided" and kind.capacity and kind.key != kind.place}  # fmt: skip
    return path.startswith("money.budgets.") or path in paths | _STAFF


def _touched(base: Outcome, one: Outcome) -> tuple[list[str], int]:
    """Kinds of rows whose capacity a scenario changes, and how many of the rows had run out.

    For rows that are new, all of their kind count: one more class is meant to relieve the others.
    """
    columns = ["kind", "key", "capacity", "binding"]
    rows = base.resources[columns].merge(
        one.resources[columns], on=["kind", "key"], how="outer", suffixes=("_before", ""),
        indicator="there", validate="one_to_one",
    )  # fmt: skip
    new = rows["there"] == "right_only"
    changed = (rows["there"] == "both") & (rows["capacity"] != rows["capacity_before"])
    kinds = sorted(set(rows.loc[new | changed, "kind"]))
    had = base.resources[base.resources["binding"]]
    of_kind = had["kind"].isin(set(rows.loc[new, "kind"]))
    keys = set(zip(rows.loc[changed, "kind"], rows.loc[changed, "key"], strict=True))
    pairs = zip(had["kind"], had["key"], strict=True)
    itself = np.array([pair in keys for pair in pairs], dtype=np.bool_)
    return kinds, int((of_kind.to_numpy(np.bool_) | itself).sum())
