"""What a kind of row or a hard rule lacks until it is whole: step by step, by the step's name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from matcher.explain.letter_words import _own
from matcher.formulation import BUILDERS
from matcher.policy import Policy, conditions, practice
from matcher.records import TABLES
from matcher.row_kinds import ROW_KINDS
from matcher.rules import RULES
from matcher.texts import LANGUAGES, catalogue
from matcher.verify import ROWS, legality
from tests.test_docs import expanded, first_cells

RULES_PAGE = (Path(__file__).parent.parent / "docs" / "rules.md").read_text("utf-8")


def lacks_of_row(name: str, page: str = RULES_PAGE) -> list[str]:
    """Steps that are missing of a kind of row."""
    return [step for step, whole in _row(name, page) if not whole]


def lacks_of_rule(name: str, page: str = RULES_PAGE) -> list[str]:
    """Steps that are missing of a hard rule."""
    return [step for step, whole in _rule(name, page) if not whole]


def _row(name: str, page: str) -> Iterator[tuple[str, bool]]:
    kind = ROW_KINDS.get(name)
    yield "declaration", kind is not None
    if kind is not None and kind.table:
        named = [f"{kind.table}.{one}"
                 for one in (kind.key, kind.capacity, kind.place, kind.title) if one]  # fmt: skip
        named += [f"running.{one}" for one in (kind.taken_by, kind.taken) if one]
        yield "column", all(map(_is_there, named))
    yield "inequality", name in BUILDERS and str(BUILDERS[name].__doc__).startswith(f"{name}[")
    yield "words", all(_row_words(name))
    yield "page", f"| `{name}[" in page
    yield "verifier", name in ROWS


def _row_words(name: str) -> Iterator[bool]:
    kind = ROW_KINDS.get(name)
    sections = ["row_name", "lacking", "row", "one_row", "one_more"]
    if kind is not None:
        sections += ["lever"] if kind.lever else []
        sections += ["limit"] if kind.more == "decided" else []
    for language in LANGUAGES:
        yield from (f"{section}.{name}" in catalogue(language) for section in sections)
        if kind is not None and kind.taken_by:
            yield f"found.running_{name}" in catalogue(language)


def _rule(name: str, page: str) -> Iterator[tuple[str, bool]]:
    rule = RULES.get(name)
    yield "declaration", rule is not None
    if rule is not None:
        yield "columns", all(map(_is_there, f"{rule.value} {rule.limit}".split()))
    family = name.partition("_")[0]
    key = family if family in {"health", "paper"} else name
    letters: list[Mapping[str, Any]] = [_own(language) for language in LANGUAGES]
    said = all(f"{section}.{key}" in catalogue(language)
               for section in ("rule", "fails", *(["topic"] if key == name else []))
               for language in LANGUAGES)  # fmt: skip
    yield "words", said and all(key in one["stops"] and key in one["plain"] for one in letters)
    stated = {one for cell in first_cells(page) for one in expanded(cell)}
    yield (
        "page",
        name in stated or (rule is not None and rule.scope == "offer" and f"`{name}`" in page),
    )
    yield (
        "verifier",
        any(text == name or (text.endswith("_") and name.startswith(text)) for text in _verified()),
    )


def _is_there(name: str) -> bool:
    """Whether the records have a column, or the policy a key."""
    section, _, column = name.partition(".")
    if section in TABLES:
        return column in TABLES[section].record.model_fields
    of = re.findall(r"\w+", str(Policy.model_fields[section].annotation))
    models = {one.__name__: one for one in _models()}
    return any(column in models[one].model_fields for one in of if one in models)


def _models() -> Iterator[Any]:
    for one in [*vars(conditions).values(), *vars(practice).values()]:
        if isinstance(one, type) and hasattr(one, "model_fields"):
            yield one


def _verified() -> set[str]:
    """All texts in the verifier's functions on hard rules."""
    functions = {one for one in vars(legality).values() if isinstance(one, FunctionType)}
    return set(_texts([one.__code__ for one in {*functions, *legality.PARTS}]))


def _texts(constants: Any) -> Iterator[str]:
    for one in constants:
        if isinstance(one, str):
            yield one
        elif isinstance(one, tuple):
            yield from _texts(one)
        elif isinstance(one, CodeType):
            yield from _texts(one.co_consts)


__all__ = ["RULES_PAGE", "lacks_of_row", "lacks_of_rule"]
