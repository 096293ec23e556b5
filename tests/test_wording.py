"""Words that people stumbled over are gone from every text, page and table of names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from matcher.texts import LANGUAGES, Language, Message, catalogue

ROOT = Path(__file__).parents[1]
TEXTS = sorted(
    path
    for room in ("matcher", "scenarios", "docs")
    for path in (ROOT / room).rglob("*")
    if path.suffix in {".toml", ".py", ".j2", ".md", ".css", ".csv", ".json"}
)
GONE = (
    "Bevist optimum",
    "lige så stor passer bedre",
    "none of that size",
    "1 mulige",
    "men for lidt af",
    "flere i placeringer",
    "{fit} i point egnethed",
    "{placements} more in placements",
    "En knap ressource slap op",
    "A scarce resource ran out",
    "Krav og regler stopper alle",
    "Vagt mod",
    "Shift against",
    "bøjede og vredne stillinger",
    "lærer ved siden af",
    "nye, en arbejdsplads kan modtage",
    "end politikken siger",
    "Revision på grupper",
    "Tabt i optimeringen",
    "Lost in the optimum",
    "som i ugen, som den er",
    "as in the week as it is",
    "Taget med ind i ugen",
    "har ingen afgjort",
    "er {best}, hos",
    "kontoen {what}",
    "Egnethed tabt pr. placering",
    "Stuepige",
    "hovedbog",
    "skruet på",
    "sig det til begge",
    "tell both",
    "så sig det bare",
    "just say so",
    "processer døde",
    "tom: ingen steder fra",
    "Sig til dem, der kører",
)
"""Phrases of before; what says the same better stands in their place."""


def test_the_texts_are_found() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in TEXTS}
    assert {
        "matcher/texts/da.toml",
        "matcher/texts/en.toml",
        "matcher/rules.py",
        "scenarios/page/page.html.j2",
        "scenarios/data/openings.toml",
    } <= names


@pytest.mark.parametrize("phrase", GONE)
def test_a_phrase_is_gone_from_every_text(phrase: str) -> None:
    left = [
        f"{path.relative_to(ROOT).as_posix()}:{at}"
        for path in TEXTS
        for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if phrase in line
    ]
    assert not left


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_of_a_measure_begins_small_inside_a_sentence(language: Language) -> None:
    """Names of the policy begin with a capital; inside a sentence only those of capitals do."""
    inside = {
        key: text for key, text in catalogue(language).items()
        if re.search(r"[^'{]{measure[:}]", text) and not key.startswith("letters.")
    }  # fmt: skip
    assert len(inside) > 12
    assert [key for key, text in inside.items() if "{measure}" in text] == []
    said = Message("lever.measure", opening="O1", measure="Ordinære timer").told(language)
    assert said.endswith(" ordinære timer")
    for name in ("IGU", "Danish class"):
        assert Message("lever.measure", opening="O1", measure=name).told(language).endswith(name)
