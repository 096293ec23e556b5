"""One file more is one language more; one that is not whole is told all that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from matcher.errors import OptionError
from matcher.explain.letter import letter_parts
from matcher.explain.letter_words import LetterWords, _own, faults
from matcher.texts import LANGUAGES
from tests.explain.test_letter import placed, text_of
from tests.weeks import week

KEPT = {"valid_from", "source", "noun"}
"""What is no text to a citizen."""


def made_up(value: Any, key: str = "") -> Any:
    """Translate into a language that nobody speaks: each word is "zu"; what fills a text stays."""
    if isinstance(value, Mapping):
        return {name: made_up(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [made_up(inner, key) for inner in value]
    if key in KEPT or not isinstance(value, str):
        return value
    return re.sub(r"\{\w+\}|[^\W\d_]+", lambda found: found[0] if "{" in found[0] else "zu", value)


def toml(texts: Mapping[str, Any]) -> str:
    """Write a language as a file."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if isinstance(value, list):
            return f"[{', '.join(map(cell, value))}]"
        if isinstance(value, Mapping):
            return "{ " + ", ".join(f"{key} = {cell(one)}" for key, one in value.items()) + " }"
        return str(value)

    lines = [f"{key} = {cell(value)}" for key, value in texts.items() if isinstance(value, str)]
    for name, section in texts.items():
        if name == "measures":
            for measure, periods in section.items():
                for period in periods:
                    lines.append(f"[[measures.{measure}]]")
                    lines += [f"{key} = {cell(value)}" for key, value in period.items()]
        elif not isinstance(section, str):
            lines.append(f"[{name}]")
            lines += [f"{key} = {cell(value)}" for key, value in section.items()]
    return "\n".join(lines)


def test_one_file_more_is_a_letter_in_one_language_more(tmp_path: Path) -> None:
    """Every word of it is of the file, but for the job, the place and the law, which have names."""
    problem, _, one = placed()
    file = tmp_path / "zu.toml"
    file.write_text(toml({**made_up(_own("da")), "language": "zu", "law": "da"}), "utf-8")
    say = LetterWords(problem, "da", file)
    assert say.language == "zu"
    text = text_of(letter_parts(one, say))
    assert one.this is not None
    names = f"Køkkenmedhjælper Plejehjemmet Solvang Aarhus C {one.this.law.danish}"
    words = set(re.findall(r"[^\W\d_]+", text)) - {*re.findall(r"\w+", names)}
    assert words == {"zu"}
    danish = text_of(letter_parts(one, LetterWords(problem, "da")))
    assert text.count("\n") == danish.count("\n")
    assert re.findall(r"\d+", text) == re.findall(r"\d+", danish)


def test_the_languages_of_the_program_are_whole() -> None:
    for language in LANGUAGES:
        assert list(faults(_own(language))) == []


def changed(change: Callable[[dict[str, Any]], Any]) -> list[str]:
    texts = {
        key: dict(value) if isinstance(value, Mapping) else value
        for key, value in _own("da").items()
    }
    change(texts)
    return list(faults(texts))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("law"), "law is missing"),
        (lambda t: t.update(law="no"), "law = 'no': expected one of da, en"),
        (lambda t: t.update(more="x"), "more is unknown"),
        (lambda t: t.update(plain="x"), "plain: expected a table"),
        (lambda t: t["letter"].pop("no"), "letter.no is missing"),
        (lambda t: t["letter"].update(no=""), "letter.no: expected a text"),
        (lambda t: t["letter"].update(nej="x"), "letter.nej is unknown"),
        (lambda t: t["letter"].update(way="Vej"), "letter.way: {way} is missing"),
        (lambda t: t["letter"].update(way="{way} {who}"), "letter.way: {who} is not known here"),
        (lambda t: t["letter"].update(way="{way"), "letter.way: braces do not match"),
        (lambda t: t["format"].update(months=["a"]), "format.months: expected a list of 12"),
        (lambda t: t["noun"].update(job="jobbet"), "noun.job: expected a table with it, It, new"),
        (lambda t: t["measures"].pop("other"), "measures.other is missing"),
        (lambda t: t["measures"].update(igu={}), "measures.igu: expected periods, each under"),
        (lambda t: t["measures"].update(igu=[{"noun": "x"}]), "measures.igu.source: expected a"),
    ],
)
def test_what_a_language_lacks_is_named(change: Callable[[dict[str, Any]], Any], said: str) -> None:
    assert any(one.startswith(said) for one in changed(change)), changed(change)


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    """With the file's name and the way out; what is no TOML or not there as well."""
    texts = {**_own("da")}
    del texts["law"], texts["paper"]
    file = tmp_path / "half.toml"
    file.write_text(toml(texts), "utf-8")
    with pytest.raises(OptionError, match=r"(?s)half\.toml.*law is missing.*paper is missing.*Try"):
        LetterWords(week(), "da", file)
    file.write_text("law = ", "utf-8")
    with pytest.raises(OptionError, match=r"half\.toml: not TOML"):
        LetterWords(week(), "da", file)
    with pytest.raises(OptionError, match="cannot be read"):
        LetterWords(week(), "da", tmp_path / "none.toml")


def test_a_kind_of_placement_of_a_municipality_is_told_by_its_name() -> None:
    """Nothing is made up about its pay; a measure's own period of texts counts on its day."""
    say = LetterWords(week(), "da")
    other = say.measure("of_a_municipality", part_time=True)
    assert other["form"].format(measure="Fritidsjob", hours="8 timer", start="nu") == (
        "Det er Fritidsjob: 8 timer om ugen fra nu."
    )
    assert other["pay"].startswith("Din sagsbehandler kan sige")
