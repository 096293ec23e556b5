"""A third language is one file: all that is shown comes from it.

The file is the English one with every text in brackets; what a reader sees outside of brackets can
only be data, ids and figures.
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matcher.policy import load_policy
from matcher.records import TABLES
from matcher.texts import own_catalogue
from tests.weeks import TODAY

ROOT = Path(__file__).parents[2]
DAY = "2026-11-23"
_AS_THEY_ARE = {"format", "language", "law", "decimal", "valid_from", "valid_to", "source", "noun"}
"""Keys whose values are no sentences."""

_NAMES = {"Aarhus", "base", "jobmatch", "mentors", "pandas", "python", "range", "run", "whatif"}
"""What has one name in every language: programs, commands, a scenario, a budget line, a place."""

_SCRIPT = """
import contextlib
import sys
from scenarios.cli import main
from matcher.texts import LANGUAGES
assert LANGUAGES == ("en", "da", "xx"), LANGUAGES

def ran(name, *words):
    print(f"@@{name}", flush=True)
    print(f"@@{name}", file=sys.stderr, flush=True)
    with contextlib.suppress(SystemExit):
        main([*words, "--lang", "xx"])

ran("make", "make", "week", "--citizens", "70", "--openings", "20", "--on", "2026-11-23")
with open("week/citizens.csv", encoding="utf-8") as file:
    lines = file.read().splitlines()
with open("week/citizens.csv", "w", encoding="utf-8") as file:
    file.write("\\n".join([*lines, lines[1].replace("FIKTIV-B000001", "FIKTIV-B000001x")]) + "\\n")
    file.write(lines[2].replace(lines[2].split(",")[3], "abc", 1) + "\\n")
ran("check", "check", "week", "--on", "2026-11-23")
ran("run", "run", "week", "--on", "2026-11-23")
ran("runs", "runs", "show", "1")
for one in sys.argv[1:]:
    ran("explain", "explain", one)
    ran("letter", "explain", one, "--for-citizen")
ran("oversight", "oversight")
ran("workbook", "workbook", "--csv")
ran("whatif", "whatif", "run", "qqq.toml", "week", "--on", "2026-11-23", "--workers", "1")
ran("wrong", "whatif", "show", "wrong.toml", "week", "--on", "2026-11-23")
ran("nothing", "explain", "zzz")
ran("help", "whatif", "run", "--help")
"""


def bracketed(value: Any, key: str = "") -> Any:
    """Put every text of a catalogue in brackets."""
    if key in _AS_THEY_ARE:
        return value
    if isinstance(value, dict):
        return {name: bracketed(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [bracketed(one) for one in value]
    return f"«{value}»" if isinstance(value, str) else value


def toml(content: dict[str, Any], path: str = "") -> Iterator[str]:
    """Write nested tables as TOML."""
    tables = {name: one for name, one in content.items() if isinstance(one, dict)}
    listed = {
        name: one for name, one in content.items()
        if isinstance(one, list) and one and isinstance(one[0], dict)
    }  # fmt: skip
    if path:
        yield f"[{path}]"
    for name, value in content.items():
        if name not in tables and name not in listed:
            yield f"{quoted(name)} = {quoted(value)}"
    for name, table in tables.items():
        yield from toml(table, f"{path}.{quoted(name)}" if path else quoted(name))
    for name, several in listed.items():
        for one in several:
            yield f"[[{path}.{quoted(name)}]]"
            yield from (f"{quoted(key)} = {quoted(value)}" for key, value in one.items())


def quoted(value: Any) -> str:
    """Write a value as TOML."""
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{text}"'
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    return str(value)


def third_language() -> str:
    """Bracket English, the names of the policy and of tables included."""
    content = tomllib.loads((ROOT / "matcher/texts/en.toml").read_text("utf-8"))
    policy = load_policy(TODAY)
    content["measure"] = {}
    for name, one in policy.measures.items():
        content["measure"] |= {
            name: one.english,
            f"{name}_full": one.english_full or one.english,
            f"{name}_part": one.english_part or one.english,
        }
    content["reject_reason"] = {
        code: one.english for code, one in policy.forbid_reasons.codes.items()
    }
    return "\n".join(toml(bracketed(content))) + "\n"


def unbracketed(text: str) -> str:
    """What stands outside of all brackets."""
    text = re.sub(r"\s+", " ", text)
    while (shorter := re.sub("«[^«»]*»", " ", text)) != text:
        text = shorter
    return text


def page_text(page: Path) -> str:
    """What a reader sees of a page."""
    text = re.sub(r"<style.*?</style>", "", page.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r'(?:title|aria-label|data-label)="([^"]*)"', r">\1<", text)
    # A text with marks inside is one text.
    text = re.sub(r"</?(?:b|i|em|strong|span|abbr|a|dfn)\b[^>]*>", " ", text)
    return html.unescape(re.sub(r"<[^>]*>", " ", text))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By command, what is shown with the third language."""
    home = tmp_path_factory.mktemp("xx")
    for room in ("matcher", "scenarios"):
        shutil.copytree(ROOT / room, home / room)
    (home / "matcher/texts/xx.toml").write_text(third_language(), "utf-8")
    (home / "qqq.toml").write_text(
        '[scenario.qqq]\ntitle = "Qqq"\n[[scenario.qqq.change]]\ntable = "mentor_pools"\n'
        "add = { hours = 5 }\n[scenario.qqq.policy.money.budgets]\nmentors = { add = 900 }\n",
        "utf-8",
    )
    (home / "wrong.toml").write_text('[scenario.q]\nnope = 1\n[[scenario.q.change]]\ntable = "x"\n')
    (home / "script.py").write_text(_SCRIPT, "utf-8")
    done = subprocess.run(
        [sys.executable, "script.py", "FIKTIV-B000001", "FIKTIV-B000003"],
        cwd=home, capture_output=True, encoding="utf-8", timeout=280, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(home), "COLUMNS": "4000",
             "PYTHONIOENCODING": "utf-8", "HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    texts: dict[str, str] = {}
    for stream in (done.stdout, done.stderr):
        for part in stream.split("@@")[1:]:
            name, _, text = part.partition("\n")
            texts[name] = texts.get(name, "") + text
    (run_page,) = home.glob("runs/*/report.html")
    (whatif_page,) = home.glob("whatif/*/report.html")
    texts["page of the run"] = page_text(run_page)
    texts["page of the comparison"] = page_text(whatif_page)
    return texts


def words_of(text: str) -> set[str]:
    """Words of three letters or more, as they are written."""
    return set(re.findall(r"(?<![\w./=-])[A-Za-z][a-z]{2,}(?![a-z]|[\w/=(.]\w|_)", text))


def test_all_that_is_shown_is_of_the_language(shown: dict[str, str]) -> None:
    """Check, run, its page, explanations, letter, comparison, errors and help."""
    english = {word for text in own_catalogue("en").values() for word in words_of(text)}
    ids = (
        _NAMES
        | {
            word
            for table in TABLES.values()
            for name in (table.name, *table.record.model_fields)
            for word in re.split("[^a-z]+", name)
        }
        | set(re.findall(r"[a-z]+", " ".join(load_policy(TODAY).model_dump())))
    )
    policy = load_policy(TODAY)
    for one in policy.measures.values():
        for text in (one.law_english, one.source):
            shown = {name: said.replace(text, " ") for name, said in shown.items() if said}
    left = {
        name: sorted((words_of(unbracketed(said)) & english) - ids) for name, said in shown.items()
    }
    assert {name: words for name, words in left.items() if words} == {}
    # It is the language's own texts that are seen, and plenty of them.
    assert all("«" in said for name, said in shown.items() if name != "make")
    assert sum(said.count("«") for said in shown.values()) > 1000
