"""The page of a comparison: one self-contained file without scripts or network.

Made for a committee with five minutes: what was asked, the answer in one sentence, the picture, who
gains and who loses, what it costs, what is uncertain; then the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

from matcher.report import Words, fill_page, page_style
from matcher.texts import Language
from scenarios.compare import Comparison
from scenarios.frontier import Front
from scenarios.page import answer, sections, sweeps, tables
from scenarios.page.target import target_lines
from scenarios.page.unchanged import reasons_unchanged, selected_line, why_unchanged


def _read(name: str) -> str:
    return resources.files("scenarios.page").joinpath(name).read_text(encoding="utf-8")


def words_of(language: Language) -> Words:
    """Return the words of a comparison in a language."""
    return Words(language)


def answer_of(
    comparison: Comparison, fronts: Sequence[Front], language: Language
) -> tuple[str, ...]:
    """Say what a comparison comes to, a sentence a line, for a terminal."""
    words = words_of(language)
    said = answer.lead(comparison, (), words, answer.best_of(comparison))["answer"]
    told = [said]
    for front in fronts:
        told += [sweeps.front_sentence(front, words), sweeps.beyond_sentence(front, words)]
    return tuple(filter(None, told))


def _glossary(comparison: Comparison, fronts: Sequence[Front]) -> tuple[str, ...]:
    """Terms that are on this page."""
    shown = ["proposals", "fit", "possible"]
    if comparison.scenarios:
        shown += ["difference", "new", "lost", "moved", "points", "extra", "lacking", "ratio"]
    if len(comparison.uncertainty):
        shown.append("draws")
    return (*shown, "level", "proven")


def comparison_html(
    comparison: Comparison,
    words: Words,
    *,
    fronts: Sequence[Front] = (),
    made_up: bool = False,
    target: Sequence[str] = (),
) -> str:
    """Make the page of a comparison.

    Parameters
    ----------
    comparison
        As :func:`scenarios.compare.compare` gives it.
    words
        As :func:`words_of` gives them.
    fronts
        Trade-off curves.
    made_up
        Whether the week is about nobody.
    target
        Sentences on whether the programme's target will be reached.

    Raises
    ------
    OptionError
        jinja2 is not installed.
    """
    best = answer.best_of(comparison)
    content: dict[str, Any] = {
        "words": words,
        "css": page_style(_read("page.css")),
        "made_up": made_up,
        "subtitle": words(
            "whatif.subtitle",
            week=words.calendar_week(comparison.base.date),
            date=words.long_date(comparison.base.date),
        ),
        "asked": answer.asked(comparison, fronts, words),
        "lead": answer.lead(comparison, fronts, words, best),
        "badge": answer.badge(comparison, fronts, words),
        "target": target,
        "tiles": answer.tiles(comparison, words, best),
        "effect": sections.effect(comparison, words),
        "who": sections.who(comparison, words, best),
        "cost": sections.cost(comparison, words),
        "scarce": sections.scarce(comparison, words),
        "fronts": [sweeps.front_section(front, words) for front in fronts],
        "matters": sweeps.matters(comparison, words),
        "returns": sweeps.returns_sections(comparison, words),
        "unsure": sweeps.unsure(comparison, words),
        "failed": sections.failed(comparison, words),
        "all_rows": tables.all_rows(comparison, words),
        "left": tables.left(comparison, words, best),
        "changes": tables.changes(comparison, words),
        "glossary": words.glossary(*_glossary(comparison, fronts)),
        "provenance": tables.provenance(comparison, words),
    }
    return fill_page(_read("page.html.j2"), content)


__all__ = [
    "Language",
    "answer_of",
    "comparison_html",
    "reasons_unchanged",
    "selected_line",
    "target_lines",
    "why_unchanged",
    "words_of",
]
