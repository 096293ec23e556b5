"""Job wishes with concepts, into the citizens that are there.

A wish is a concept of ESCO or ESCO-STAR and its alias, as the service for CVs gives job targets;
it becomes the ISCO-08 group of the concept. A register number becomes its pseudonym where the key
is there, and is refused where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.cpr import looks_like_cpr
from matcher.imports.faults import Faults
from matcher.imports.files import entries, flat
from matcher.imports.into import read_list
from matcher.imports.occupations import Crosswalk
from matcher.tables.issues import IssueCode
from matcher.tables.mapping.pseudonym import Key
from matcher.tables.names import fold
from matcher.texts import Message

ENDINGS = frozenset({".json", ".jsonl", ".csv", ".tsv", ".txt"})
_LISTS = ("wishes", "citizens", "borgere", "results", "items", "data")
_INNER = ("jobtargets", "jobonsker", "joboensker", "wishes", "oensker", "desiredoccupations",
          "targets", "cvjobtargets", "onsker")  # fmt: skip
_ID = ("citizenid", "borgerid", "personid", "cvid", "id", "cprnr", "cprnummer", "cpr")
_CONCEPT = ("concepturi", "concepturida", "concept", "uri", "escoconcepturi")
_LABEL = ("alias", "label", "preferredlabel", "preferredlabelda", "title", "titel", "onske",
          "oenske", "stillingsbetegnelse", "occupation", "alternativelabelda")  # fmt: skip


def read_wishes(
    files: Iterable[Path], key: Key | None, known: frozenset[str], faults: Faults
) -> pd.DataFrame:
    """Read wishes: a row for each, with ``citizen_id``, ``concept`` and ``label``.

    Parameters
    ----------
    key
        Makes pseudonyms of register numbers. None: they are refused.
    known
        The citizens there are.
    """
    rows = []
    for file in files:
        for number, entry, wish in _wishes(file, faults):
            citizen = _citizen(_text(entry, _ID), key)
            if citizen is None:
                faults.error(
                    IssueCode.CPR_NUMBER, file.name, number, "citizen_id", "",
                    expected=Message("imports.pseudonym"), advice=Message("imports.with_key"),
                    entry=wish,
                )  # fmt: skip
            elif citizen not in known:
                faults.error(
                    IssueCode.DANGLING_REFERENCE if citizen else IssueCode.MISSING_VALUE,
                    file.name, number, "citizen_id", citizen,
                    expected=Message("imports.known_citizen"), entry=wish,
                )  # fmt: skip
            else:
                concept, label = _text(wish, _CONCEPT), _text(wish, _LABEL)
                if concept or label:
                    rows.append((citizen, concept, label))
                else:
                    faults.error(
                        IssueCode.MISSING_VALUE, file.name, number, "concept", "",
                        expected=Message("imports.a_concept"), entry=wish,
                    )  # fmt: skip
    return pd.DataFrame(rows, columns=["citizen_id", "concept", "label"], dtype=object)


def _wishes(path: Path, faults: Faults) -> Iterator[tuple[int, Mapping[str, Any], Any]]:
    if path.suffix.lower() not in {".json", ".jsonl"}:
        table = read_list(path)
        if table is None:
            return
        for number, row in zip(table.index, table.to_dict("records"), strict=True):
            cells = {fold(str(head)): text for head, text in row.items()}
            yield int(number), cells, cells
        return
    for number, entry in entries(path, _LISTS):
        if not isinstance(entry, Mapping):
            faults.error(
                IssueCode.WRONG_TYPE, path.name, number, "", "",
                expected=Message("imports.an_object"), entry=None,
            )  # fmt: skip
            continue
        held = {fold(str(name)): value for name, value in entry.items()}
        inner = next((held[name] for name in _INNER if isinstance(held.get(name), list)), None)
        about = {name: value for name, value in held.items() if not isinstance(value, list)}
        for wish in inner if inner is not None else [entry]:
            if isinstance(wish, Mapping):
                told = {fold(name.rpartition(".")[2]): value
                        for name, value in flat(wish, frozenset()).items()}  # fmt: skip
            else:
                told = {"concept" if "/" in str(wish) else "label": wish}
            yield number, about, told


def _text(held: Mapping[str, Any], names: Iterable[str]) -> str:
    found = next((held[name] for name in names if held.get(name) not in (None, "")), "")
    return "" if isinstance(found, list | Mapping) else str(found).strip()


def _citizen(text: str, key: Key | None) -> str | None:
    """Return the id; a register number's pseudonym; None where it may not be read."""
    if not looks_like_cpr(text):
        return text
    return None if key is None else key.pseudonym(text, "cpr")


def wished(wishes: pd.DataFrame, crosswalk: Crosswalk) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn wishes into codes.

    Returns
    -------
    citizens
        ``citizen_id`` and ``wishes``, a row each.
    not_found
        Concepts and aliases without a group, and how many wishes have them; no person.
    """
    code = crosswalk.by_concept(wishes["concept"])
    code = code.where(code.ne(""), crosswalk.by_label(wishes["label"]))
    found = pd.Series(crosswalk.names.find(wishes["label"]).isco, index=wishes.index)
    code = code.where(code.ne(""), found)
    lost = wishes[code.eq("")]
    not_found = lost.groupby(["concept", "label"], sort=True).size().rename("wishes").reset_index()
    kept = wishes.assign(code=code)[code.ne("")].drop_duplicates(["citizen_id", "code"])
    kept = kept.sort_values(["citizen_id", "code"])
    joined = kept.groupby("citizen_id", sort=True)["code"].agg(";".join)
    return joined.rename("wishes").reset_index().astype(object), not_found.astype(object)
