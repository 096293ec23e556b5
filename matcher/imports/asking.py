"""What to ask employers, and what they said: an assumed cell becomes a confirmed one.

``ask_employers.csv`` has a row for each opening with something assumed. An assumed cell stands in
square brackets. Whoever has asked writes what the employer said in its place, or yes under
``all_correct`` where all that is left in brackets is right. Read back, such a cell is no longer
assumed; it is kept in ``employer_answers.csv`` and holds in later imports of the same ad.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from matcher import private
from matcher.explain.assumed import assumed_name
from matcher.imports.faults import Faults
from matcher.imports.into import read_list, write_list
from matcher.imports.profiles import Profiles
from matcher.policy import Policy
from matcher.records import TABLES, Opening, careful_fields, danish_name
from matcher.tables.columns import columns_of
from matcher.tables.issues import IssueCode
from matcher.tables.names import fold
from matcher.texts import Both, Language, Message, Speech
from matcher.unknown import ASSUMABLE

FORM = "ask_employers"
QUESTIONS = "questions"
ANSWERS = "employer_answers.csv"
CORRECT = "all_correct"
ANSWER_COLUMNS = ("opening_id", "column", "value", "read_on")
NOT_KNOWN = "[?]"
"""A cell of which nothing is assumed either: not known."""
_CAREFUL = careful_fields(Opening)
_YES = frozenset({"yes", "ja", "y", "j", "x", "ok", "true", "1"})
_NO = frozenset({"", "no", "nej", "n", "false", "0"})
_WORKPLACE = "sector"


def asked_columns(openings: pd.DataFrame) -> tuple[str, ...]:
    """Columns that are assumed or not known of some opening, in the records' order."""
    named = {name for text in openings["assumed"].unique() for name in text.split(";") if name}
    named |= {name for name in _CAREFUL if openings[name].eq("").any()}
    return tuple(column for column in ASSUMABLE if column in named)


def ask_table(openings: pd.DataFrame, ads: pd.DataFrame, sectors: pd.Series) -> pd.DataFrame:
    """Make the form: a row for each opening with something assumed, by deadline.

    Parameters
    ----------
    openings
        Texts of the table.
    ads
        The ads they come from, in the same order.
    sectors
        Sector of each opening's workplace, in the same order.
    """
    data: dict[str, Any] = {
        "opening_id": openings["opening_id"],
        "employer": ads["employer"],
        "workplace_id": openings["workplace_id"],
        "postcode": ads["postcode"],
        "title": openings["title"],
        "deadline": [day.isoformat() if day is not None else "" for day in ads["deadline"]],
        CORRECT: "",
    }
    marks = ";" + openings["assumed"].astype(str) + ";"
    for column in asked_columns(openings):
        values = sectors if column == _WORKPLACE else openings[column]
        here = marks.str.contains(f";{column};", regex=False).to_numpy(dtype=np.bool_)
        data[column] = np.where(here, "[" + values.astype(str) + "]", "")
        if column in _CAREFUL:
            data[column] = np.where(openings[column].eq(""), NOT_KNOWN, data[column])
    form = pd.DataFrame(data, dtype=object)
    form = form[(form[list(asked_columns(openings))] != "").any(axis=1)]
    return form.sort_values(["deadline", "opening_id"], ignore_index=True)


def question_table(openings: pd.DataFrame, profiles: Profiles, language: Language) -> pd.DataFrame:
    """List what each column of the form asks, and for each occupation what is assumed and why."""
    say = Speech(language)
    rows = []
    codes = sorted(openings["isco"].unique())
    first = openings.drop_duplicates("isco").set_index("isco")
    for column in asked_columns(openings):
        record = TABLES[ASSUMABLE[column]].record
        called = Both(column, danish_name(record, column)).told(language)
        question = assumed_name(column, language)
        values = first[column].to_dict() if column in first.columns else {}
        for code in codes:
            source = profiles.source(code, column) or say(f"imports.source_{_kind(column)}")
            name = profiles.names.get(profiles.code_of(code), "")
            rows.append((column, called, question, code, name, values.get(code, ""), source))
    named = ("column", "name", "question", "isco", "occupation", "assumed", "source")
    heads = [say(f"imports.head_{name}") for name in named]
    return pd.DataFrame(rows, columns=heads, dtype=object)


def _kind(column: str) -> str:
    return column if column in {"isco", "sector"} else "general"


def stored_answers(folder: Path) -> pd.DataFrame:
    """Read what employers have confirmed so far."""
    path = folder / ANSWERS
    if not path.exists():
        return pd.DataFrame(columns=list(ANSWER_COLUMNS), dtype=object)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def store_answers(folder: Path, answers: pd.DataFrame) -> Path:
    """Keep what employers have confirmed; of two answers the later one counts."""
    kept = answers.drop_duplicates(["opening_id", "column"], keep="last")
    kept = kept.sort_values(["opening_id", "column"], ignore_index=True)
    with private.opened(private.folder(folder) / ANSWERS, encoding="utf-8") as file:
        kept.to_csv(file, index=False, lineterminator="\n")
    return folder / ANSWERS


@dataclass(frozen=True)
class Read:
    """What came back in a form."""

    answers: pd.DataFrame
    """Rows of :data:`ANSWER_COLUMNS`."""
    openings: int
    """Openings of which something was answered."""


def read_answers(
    files: Iterable[Path], policy: Policy, today: dt.date, faults: Faults, known: frozenset[str]
) -> Read:
    """Read forms that were filled in; a cell that says what it cannot is put aside, with advice.

    Parameters
    ----------
    known
        Ids of the openings there are.
    """
    rows: list[tuple[str, str, str, str]] = []
    for file in files:
        form = read_list(file)
        if form is not None:
            rows += _of_form(file.name, form, policy, today, faults, known)
    answers = pd.DataFrame(rows, columns=list(ANSWER_COLUMNS), dtype=object)
    return Read(answers, int(answers["opening_id"].nunique()))


def _of_form(
    source: str,
    form: pd.DataFrame,
    policy: Policy,
    today: dt.date,
    faults: Faults,
    known: frozenset[str],
) -> list[tuple[str, str, str, str]]:
    heads = {fold(str(head)): str(head) for head in form.columns}
    key = heads.get(fold("opening_id")) or heads.get(fold("stilling_id"))
    if key is None:
        faults.error(
            IssueCode.MISSING_COLUMN, source, None, "opening_id", "",
            expected=Message("imports.the_form"), advice=Message("imports.the_form_advice"),
        )  # fmt: skip
        return []
    correct = heads.get(fold(CORRECT)) or heads.get(fold("alt_passer"))
    agreed = _agreed(source, form, correct, faults)
    rows: list[tuple[str, str, str, str]] = []
    ids = form[key].astype(str)
    for number, one in ids[~ids.isin(known)].items():
        faults.error(
            IssueCode.DANGLING_REFERENCE, source, int(str(number)), "opening_id", one,
            expected=Message("imports.known_opening"), entry=_row(form, number),
        )  # fmt: skip
    fits = ids.isin(known).to_numpy(dtype=np.bool_)
    for column, table in ASSUMABLE.items():
        head = heads.get(fold(column)) or heads.get(fold(danish_name(TABLES[table].record, column)))
        if head is None or head in {key, correct} or column in {"title", "postcode", "name"}:
            continue
        cells = form[head].astype(str).str.strip()
        bracketed = cells.str.startswith("[") & cells.str.endswith("]")
        values = cells.str.removeprefix("[").str.removesuffix("]").where(bracketed, cells)
        said = cells.ne("") & cells.ne(NOT_KNOWN) & (~bracketed | agreed)
        here = fits & said.to_numpy(dtype=np.bool_)
        texts = sorted(set(values[here]))
        if not texts:
            continue
        read = columns_of(TABLES[table], policy)[column].convert(texts)
        for at, fault in read.faults.items():
            for number in values.index[here & values.eq(texts[at]).to_numpy()]:
                faults.error(
                    fault.code, source, int(str(number)), head, fault.value, fault.expected,
                    fault.advice, _row(form, number),
                )  # fmt: skip
        good = {text: _told(value) for at, (text, value) in enumerate(
            zip(texts, read.canonical, strict=True)) if at not in read.faults}  # fmt: skip
        rows += [
            (one, column, good[value], today.isoformat())
            for one, value in zip(ids[here], values[here], strict=True)
            if value in good
        ]
    return rows


def _agreed(source: str, form: pd.DataFrame, head: str | None, faults: Faults) -> pd.Series:
    """Rows in which everything left in brackets is right."""
    if head is None:
        return pd.Series(False, index=form.index)
    words = form[head].astype(str).str.strip().str.casefold()
    for number, word in words[~words.isin(_YES | _NO)].items():
        faults.error(
            IssueCode.NOT_ALLOWED, source, int(str(number)), CORRECT, word,
            expected=Both("yes or no", "ja eller nej"), entry=_row(form, number),
        )  # fmt: skip
    return words.isin(_YES)


def _row(form: pd.DataFrame, number: Any) -> dict[str, Any]:
    """Return a row as it came back."""
    return {str(head): text for head, text in form.loc[number].to_dict().items()}


def _told(value: Any) -> str:
    if value is None or value == "":
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def confirmed(
    openings: pd.DataFrame, workplaces: pd.DataFrame, answers: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Put what employers said into tables of texts, and take the mark away.

    Returns
    -------
    openings, workplaces
        The tables.
    cells
        Cells that are now confirmed.
    """
    openings, workplaces = openings.copy(), workplaces.copy()
    place = {one: at for at, one in enumerate(openings["opening_id"].tolist())}
    answers = answers[answers["opening_id"].isin(place)]
    where = answers["opening_id"].map(place).to_numpy(dtype=np.int64)
    for column in answers["column"].unique():
        here = answers["column"].eq(column).to_numpy()
        if column in openings.columns:
            cells = openings[column].to_numpy(dtype=object, copy=True)
            cells[where[here]] = answers["value"].to_numpy(dtype=object)[here]
            openings[column] = cells
        elif column in workplaces.columns:
            of = openings["workplace_id"].to_numpy(dtype=object)[where[here]]
            said = dict(zip(of, answers["value"].to_numpy(dtype=object)[here], strict=True))
            told = workplaces["workplace_id"].map(said)
            workplaces[column] = told.where(told.notna(), workplaces[column])
    by_opening: dict[int, set[str]] = {}
    at_place: dict[str, list[int]] = {}
    for at, one in enumerate(openings["workplace_id"].tolist()):
        at_place.setdefault(one, []).append(at)
    for at, column in zip(where.tolist(), answers["column"].tolist(), strict=True):
        # What is said of a workplace holds for all its openings.
        of_place = ASSUMABLE[column] == "workplaces"
        for one in at_place[openings["workplace_id"].iloc[at]] if of_place else [at]:
            by_opening.setdefault(one, set()).add(column)
    marks = openings["assumed"].to_numpy(dtype=object, copy=True)
    unknown = openings["unknown"].to_numpy(dtype=object, copy=True)
    for at, columns in by_opening.items():
        marks[at] = _without(marks[at], columns)
        unknown[at] = _without(unknown[at], columns)
    openings["assumed"], openings["unknown"] = marks, unknown
    return openings, workplaces, len(answers)


def _without(text: str, columns: set[str]) -> str:
    parts = [part.strip() for part in str(text).split(";")]
    return ";".join(part for part in parts if part and part not in columns)


def write_form(folder: Path, form: pd.DataFrame, questions: pd.DataFrame) -> Path | None:
    """Write the form and its questions; neither where nothing is assumed."""
    write_list(folder, QUESTIONS, questions)
    return write_list(folder, FORM, form)
