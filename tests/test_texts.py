"""Both catalogues say the same things, and figures are written in one way."""

from __future__ import annotations

import ast
import datetime as dt
import pickle
import re
from functools import cache
from pathlib import Path

import pytest

from matcher.cpr import cleared
from matcher.policy import measures_of_all_days
from matcher.records import TABLES
from matcher.tables import IssueCode
from matcher.texts import LANGUAGES, Both, Figures, Message, catalogue, joined, keys_of, tell
from tests.sources import nodes_of

ROOT = Path(__file__).parent.parent
KEYS = sorted(catalogue("en"))


def test_both_languages_have_the_same_keys() -> None:
    """Nothing is said in one language alone; tables and fields have their English themselves."""
    danish = {key for key in catalogue("da") if not key.startswith(("table.", "field."))}
    assert set(catalogue("en")) == danish


def test_each_table_and_field_is_described_in_danish() -> None:
    """The data dictionary has no gaps, and nothing that is gone from the records."""
    fields = {
        f"field.{table.record.__name__}_{name}"
        for table in TABLES.values()
        for name in table.record.model_fields
    }
    tables = {f"table.{table.record.__name__}" for table in TABLES.values()}
    told = {key for key in catalogue("da") if key.startswith(("table.", "field."))}
    assert told == fields | tables


def test_each_text_uses_the_same_facts_in_both_languages() -> None:
    """A fact left out of one language is a fact that half of the readers miss."""
    facts = {
        key: tuple(keys_of(catalogue(language)[key]) for language in ("en", "da")) for key in KEYS
    }
    assert len(facts) > 4000
    assert {key: both for key, both in facts.items() if both[0] != both[1]} == {}


@pytest.mark.parametrize("code", IssueCode)
def test_each_code_has_a_sentence_and_a_name(code: IssueCode) -> None:
    """In both languages, and the Danish is not the English once more."""
    for section in ("issue", "code"):
        texts = [catalogue(language)[f"{section}.{code.value}"] for language in LANGUAGES]
        assert all(texts)
        assert texts[0] != texts[1] or texts[0] == "{value}"


def test_the_danish_is_danish() -> None:
    """No word that only English has."""
    english = re.compile(r"\b(the|is|are|of|with|and|must|cannot|expected|row|rows|which)\b")
    wrong = {
        key: text
        for key, text in catalogue("da").items()
        if english.search(re.sub(r"`[^`]*`|'[^']*'|\{[^}]*\}", "", text))
    }
    assert wrong == {}


@cache
def _written_keys() -> dict[str, str]:
    """Keys that stand in the code as they are, and where."""
    found: dict[str, str] = {}
    for path in [*(ROOT / "matcher").rglob("*.py"), *(ROOT / "scenarios").rglob("*.py")]:
        for node in nodes_of(path):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Message"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found[str(node.args[0].value)] = str(path.relative_to(ROOT))
    return found


def test_each_key_of_the_code_is_in_the_catalogue() -> None:
    """A message that only a rare fault makes does not fail when it is needed."""
    missing = {key: place for key, place in _written_keys().items() if key not in catalogue("en")}
    assert missing == {}
    assert len(_written_keys()) > 100


NAMED_ELSEWHERE = ("help.", "help_page.", "letters.", "policy_key.", "budget.", "quota.", "means.")
"""Parts of the catalogue whose keys are options, what the library of commands prints, words of a
letter, keys, lines and measures of a municipality's policy, other keys: tests of their own know
them."""


def _fragments(node: ast.expr) -> list[str | None]:
    """Literal parts of a text that is put together; None for what is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in _fragments(value)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_fragments(node.left), *_fragments(node.right)]
    return [None]


def _said() -> tuple[set[str], set[str], dict[str, list[re.Pattern[str]]]]:
    """Texts as they stand in the code, all its words, and texts it puts together as patterns."""
    texts, words, joined_ones = set(), set(map(str, range(100))), set()
    for path in [*(ROOT / "matcher").rglob("*"), *(ROOT / "scenarios").rglob("*")]:
        if path.suffix == ".py":
            code = path.read_text("utf-8")
            words |= set(re.findall(r"\w+", code))
            nodes = nodes_of(path)
            docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
            for node in nodes:
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts |= {node.value} if id(node) not in docs else set()
                elif isinstance(node, ast.JoinedStr | ast.BinOp):
                    joined_ones.add(tuple(_fragments(node)))
        elif path.suffix in {".j2", ".js"}:
            template = path.read_text("utf-8")
            texts |= {a or b for a, b in re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'", template)}
            joined_ones |= {(a, None) for a in re.findall(r"[\"']([\w.]+)[\"'] *~", template)}
        elif path.suffix == ".toml" and path.parent.name != "texts":
            words |= set(re.findall(r"[\w-]+", path.read_text("utf-8")))
    words |= {word for text in texts for word in re.findall(r"\w+", text)}
    patterns: dict[str, list[re.Pattern[str]]] = {}
    for one in joined_ones:
        if one[0] and None in one and re.fullmatch(r"[\w.-]*[a-z][\w.-]*", one[0]):
            parts = ("(.+?)" if part is None else re.escape(part) for part in one)
            patterns.setdefault(one[0][:2], []).append(re.compile("".join(parts)))
    return texts, words, patterns


def test_each_text_is_said_somewhere() -> None:
    """A text that nobody asks for any more is translated, read and kept for nothing.

    Said is what stands in code or templates, with its part of the catalogue or without, or what
    they put together from a beginning and a word they know.
    """
    texts, words, patterns = _said()
    known = words | texts
    unsaid = []
    for key in KEYS:
        whole = key.removesuffix("_one")
        rest = whole.partition(".")[2]
        forms = (whole, rest, rest.partition(".")[2] or rest, key)
        if key.startswith(NAMED_ELSEWHERE) or texts.intersection(forms):
            continue
        found = [
            match.groups()
            for form in forms
            for pattern in patterns.get(form[:2], ())
            if (match := pattern.fullmatch(form))
        ]
        if not any(known.issuperset(groups) for groups in found):
            unsaid.append(key)
    assert unsaid == []


def test_a_quota_of_every_measure_has_its_name() -> None:
    known = {key.partition(".")[2] for key in KEYS if key.startswith("quota.")}
    assert known == {*measures_of_all_days(), "other"}


def test_a_message_is_its_english_text_and_more() -> None:
    """It goes wherever a text goes, and its facts follow the language."""
    told = Message("expected.from_day", day=dt.date(2026, 11, 23))
    assert told == "a day from 2026-11-23 on"
    assert told.told("da") == "en dag fra og med 23-11-2026"
    again = pickle.loads(pickle.dumps(told))
    assert again.told("da") == told.told("da")
    both = joined((told, "x", Both("lift", "løft")), "; ")
    assert both == "a day from 2026-11-23 on; x; lift"
    assert tell(both, "da") == "en dag fra og med 23-11-2026; x; løft"
    assert pickle.loads(pickle.dumps(both)).told("da") == tell(both, "da")
    assert tell("plain", "da") == "plain"


def test_one_and_many() -> None:
    """The form for one is used for one."""
    assert Message("count.rows", count=1).told("da") == "1 række"
    assert Message("count.rows", count=2).told("da") == "2 rækker"
    assert Message("count.rows", count=0) == "0 rows"


def test_lists_are_written_in_the_language() -> None:
    """Quotation marks, and the word before the last."""
    told = Message("advice.meant", names=("a", "b", "c"))
    assert told.startswith("Did you mean 'a', 'b' or 'c'?")
    assert told.told("da").startswith("Mente du 'a', 'b' eller 'c'?")


def test_the_gate_keeps_a_message_a_message() -> None:
    """A CPR number among the facts is masked in every language."""
    told = cleared(Message("found.at", citizen="010190-1234", opening="a1"))
    assert "0101" not in told.told("da")
    assert told.told("da").endswith("hos a1")


@pytest.mark.parametrize(
    ("number", "english", "danish"),
    [
        (1550, "1,550", "1.550"),
        (0.5, "1", "1"),
        (2.5, "3", "3"),
        (-2.5, "-3", "-3"),
        (-0.4, "0", "0"),
        (1234567.4, "1,234,567", "1.234.567"),
    ],
)
def test_whole_numbers_round_half_up(number: float, english: str, danish: str) -> None:
    """2.5 is 3, not the even 2; nothing is -0."""
    assert Figures("en").whole(number) == english
    assert Figures("da").whole(number) == danish


def test_decimals_dates_and_weeks() -> None:
    """37,0 where a decimal is asked for, 37 where it may be left out; 0.125 is 0,13."""
    danish = Figures("da")
    assert danish.fixed(37, 1) == "37,0"
    assert danish.decimal(37.0) == "37"
    assert danish.decimal(0.125, 2) == "0,13"
    assert danish.decimal(1234.56, 1) == "1.234,6"
    assert danish.percent(0.125) == "13 %"
    assert danish.date("2026-11-23") == "23-11-2026"
    assert danish.calendar_week(dt.date(2026, 11, 23)) == "uge 48"
    assert danish.week("mon-fri 07:00-15:00; sat 09:00-12:00") == (
        "man-fre 07:00-15:00; lør 09:00-12:00"
    )
    assert Figures("en").long_date("2026-11-23") == "23 November 2026"
