"""The top of the page: what was asked, the answer in one sentence, how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from matcher.report import Words
from scenarios.compare import Comparison, weekly
from scenarios.frontier import Front
from scenarios.outcome import Outcome
from scenarios.page.unchanged import why_unchanged
from scenarios.page.wording import front_name, money, placements_text, signed, title_of

MOST_TIED = 3
"""Equally good scenarios that the answer names, the number of the others among them."""
MOST_ASKED = 6
"""Questions that are written out, where more of them are of sweeps."""


def rows_by_name(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Rows of the summary by scenario."""
    rows = comparison.summary.to_dict("records")
    return {str(row["scenario"]): {str(k): v for k, v in row.items()} for row in rows}


def candidates(comparison: Comparison) -> list[Outcome]:
    """Scenarios that may be shown one by one: solved, and not one draw of many."""
    solved = [one for one in comparison.scenarios if not one.failed]
    return [one for one in solved if one.sweep != "sample"]


def named_first(shown: Sequence[Outcome], most: int) -> list[Outcome]:
    """Keep so many scenarios, in their order; those asked for by name first of all."""
    left = max(0, most - sum(not one.sweep for one in shown))
    kept: list[Outcome] = []
    for one in shown:
        if not one.sweep:
            kept.append(one)
        elif left:
            kept.append(one)
            left -= 1
    return kept


def best_of(comparison: Comparison) -> Outcome | None:
    """Find the scenario that gives most placements; of equal ones the one that costs least.

    With draws alone, None.
    """
    found = candidates(comparison)
    return found[0] if found else None


def asked(comparison: Comparison, fronts: Sequence[Front], words: Words) -> dict[str, Any]:
    """Each question as a line, sweeps as one."""
    lines: list[str] = []
    # What was asked for by name is always told; of sweeps, a few lines.
    for one in comparison.scenarios:
        if not one.sweep:
            title, question = one.title(words.language), one.questions.get(words.language, "")
            lines.append(f"{title}: {question}" if question else title)
    alone = len(lines)
    families: dict[tuple[str, str], list[Outcome]] = {}
    for one in comparison.scenarios:
        if one.sweep:
            families.setdefault((one.sweep, one.family or one.name), []).append(one)
    keys = {"sample": "asked_sample", "grid": "asked_grid", "one_at_a_time": "asked_one"}
    for (kind, family), members in families.items():
        title = title_of(comparison, family, words)
        moved = ", ".join(_moved(members, words))
        lines.append(words(f"whatif.{keys[kind]}", len(members), title=title, parameters=moved))
    lines += [
        words(
            "whatif.asked_front",
            what=words(f"whatif.front_{front.against}", group=front_name(front, words)),
        )
        for front in fronts
    ]
    most = max(MOST_ASKED, alone)
    more = len(lines) - most
    # A committee is not to read a page of questions before the answer.
    many = ""
    if alone > MOST_ASKED:
        named = [
            words("whatif.quoted", title=one.title(words.language))
            for one in candidates(comparison)[:MOST_TIED]
        ]
        many = words("whatif.asked_many", alone, titles=", ".join(named))
    return {
        "many": many,
        "lines": lines[:most] if more > 1 else lines,
        "more": words("whatif.asked_more", more) if more > 1 else "",
    }


def _moved(members: Sequence[Outcome], words: Words) -> list[str]:
    """Name the parameters that a sweep moves: those with more than one value."""
    values: dict[str, set[object]] = {}
    for one in members:
        for name, value in one.parameters.items():
            values.setdefault(name, set()).add(value)
    owner = {name: one for one in members for name in one.labels}
    moved = [name for name in values if len(values[name]) > 1 or name in owner]
    return [owner.get(name, members[0]).label(name, words.language) for name in moved or values]


def lead(
    comparison: Comparison,
    fronts: Sequence[Front],
    words: Words,
    best: Outcome | None,
) -> dict[str, Any]:
    """Write the large number, what it counts, and the answer."""
    base, draws = comparison.base, comparison.uncertainty
    if best is None and len(draws):
        row = draws.iloc[0]
        title = title_of(comparison, row["family"], words)
        answer = words(
            "whatif.answer_sample", int(row["samples"]), helps=words.percent(row["helps"]),
            title=title, low=signed(row["q25"], words), high=signed(row["q75"], words),
        )  # fmt: skip
        return _number(int(row["q50"]), words, answer, title, base.placed)
    if best is None:
        number = {
            "number": words.whole(base.placed), "loss": False,
            "what": words("whatif.lead_base"), "of": "",
        }  # fmt: skip
        answer = words("whatif.answer_failed") if comparison.scenarios else ""
        return {**number, "answer": answer or _front_answer(fronts, words)}
    return _number(
        best.placed - base.placed,
        words,
        _answer(comparison, words, best),
        best.title(words.language),
        base.placed,
    )


def _number(count: int, words: Words, answer: str, title: str, before: int) -> dict[str, Any]:
    key = "lead_more" if count > 0 else "lead_fewer" if count < 0 else "lead_same"
    return {
        "number": signed(count, words),
        "loss": count < 0,
        "what": words(f"whatif.{key}", abs(count)),
        "of": words(
            "whatif.lead_from" if count else "whatif.lead_as_is",
            after=words.whole(before + count),
            before=words.whole(before),
            title=title,
        ),
        "answer": answer,
    }


def _answer(comparison: Comparison, words: Words, best: Outcome) -> str:
    base = comparison.base
    extra = best.placed - base.placed
    title = best.title(words.language)
    shown = candidates(comparison)
    values: dict[str, Any] = {
        "title": title, "before": words.whole(base.placed), "after": words.whole(best.placed),
    }  # fmt: skip
    tied = [one for one in shown if one.placed == best.placed]
    if extra > 0 and len(tied) > 1:
        return words(
            "whatif.answer_tied", len(shown), titles=titles_of(tied, best, words),
            more=placements_text(extra, words), cost=_cost_text(comparison, best, words), **values,
        )  # fmt: skip
    if extra > 0:
        key = "answer_best" if len(shown) > 1 else "answer_one"
        return words(
            f"whatif.{key}", len(shown), more=placements_text(extra, words),
            cost=_cost_text(comparison, best, words), **values,
        )  # fmt: skip
    if len(shown) == 1 and extra < 0:
        return words("whatif.answer_loss", fewer=placements_text(extra, words), **values)
    answer = words("whatif.answer_none", len(shown), **values)
    if len(shown) == 1 and (why := why_unchanged(base, best, words)):
        answer += f" {why}"
    worst = min(shown, key=lambda one: (one.placed, one.name))
    if worst.placed < base.placed:
        answer += " " + words(
            "whatif.answer_worst",
            title=worst.title(words.language),
            more=placements_text(worst.placed - base.placed, words),
        )
    return answer


def titles_of(tied: Sequence[Outcome], best: Outcome, words: Words) -> str:
    """Name the best and those that are equal to it, a few of them."""
    order = [best, *(one for one in tied if one is not best)]
    names = [words("whatif.quoted", title=one.title(words.language)) for one in order]
    if len(names) > MOST_TIED:
        more = len(names) - MOST_TIED + 1
        names = [*names[: MOST_TIED - 1], words("whatif.tied_more", more)]
    return words("whatif.tied_with", first=", ".join(names[:-1]), last=names[-1])


def _cost_text(comparison: Comparison, best: Outcome, words: Words) -> str:
    extra = best.placed - comparison.base.placed
    week = weekly(best) - weekly(comparison.base)
    if week > 0:
        return words("whatif.answer_cost", dkk=words.whole(week / extra))
    return words("whatif.answer_cheaper", dkk=words.whole(-week)) if week < 0 else ""


def _front_answer(fronts: Sequence[Front], words: Words) -> str:
    from scenarios.page.sweeps import front_sentence

    return front_sentence(fronts[0], words) if fronts else ""


def badge(comparison: Comparison, fronts: Sequence[Front], words: Words) -> dict[str, Any]:
    """Whether everything is proven."""
    solved = [comparison.base, *(one for one in comparison.scenarios if not one.failed)]
    unproven = sum(not one.proven for one in solved)
    if unproven:
        title = words("whatif.unproven", count=unproven, all=len(solved))
        return {"open": True, "title": title, "text": words("whatif.unproven_long")}
    return {
        "open": False, "title": words("whatif.proven"), "text": words("whatif.proven_long"),
    }  # fmt: skip


def tiles(comparison: Comparison, words: Words, best: Outcome | None) -> list[dict[str, str]]:
    """Four figures of the scenario that gives most."""
    if best is None:
        return []
    row = rows_by_name(comparison)[best.name]
    note = words("whatif.tile_with", title=best.title(words.language))
    found = [
        (words("whatif.tile_new"), words.whole(row["new"]), note),
        (words("whatif.tile_lost"), words.whole(row["lost"]), note),
        (words("whatif.tile_moved"), words.whole(row["moved"]), words("whatif.tile_moved_note")),
    ]
    if pd.notna(row["dkk_per_extra_week"]):
        total = words("whatif.tile_cost_total", dkk=signed(row["dkk_week_difference"], words))
        found.append((words("whatif.tile_cost"), money(row["dkk_per_extra_week"], words), total))
    else:
        waiting = words("whatif.tile_base_note", waiting=words.whole(comparison.base.waiting))
        found.append((words("whatif.tile_base"), words.whole(comparison.base.placed), waiting))
    return [dict(zip(("name", "value", "note"), tile, strict=True)) for tile in found]
