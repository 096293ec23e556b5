"""The crosswalk to ISCO-08: from the lists of ESCO and ESCO-STAR that a team has saved.

A list says of a concept its address (URI), its names and the ISCO-08 group it stands under. ESCO's
own list has all three (``conceptUri``, ``preferredLabel``, ``altLabels``, ``iscoGroup``). Lists of
ESCO-STAR, and answers of Jobnet's search of occupations, have addresses and names; a concept in
them has the group of the equal address or identifier in another list, of its parent, or of the one
group that its name has there. Nothing of a list is kept in the program.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from matcher import private
from matcher.errors import InputErrors
from matcher.imports.faults import Faults
from matcher.imports.files import entries, flat
from matcher.imports.titles import OccupationNames, names_of, plain_name
from matcher.tables.csvfile import read_csv
from matcher.tables.issues import IssueCode
from matcher.tables.names import fold
from matcher.tables.raw import RawTable, UnreadableError
from matcher.tables.sources import open_source
from matcher.tables.workbook import ENDINGS as WORKBOOKS
from matcher.texts import Message

STORE = "occupations.csv"
"""The crosswalk in the folder of an import."""
ENDINGS = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", *WORKBOOKS})
COLUMNS = ("concept", "name", "kind", "isco", "source")
_MEANS: Mapping[str, tuple[str, ...]] = {
    "concept": ("concepturi", "concepturida", "concept", "uri", "escouri", "uriaktiv", "urikey",
                "escoconcepturi", "concepturl", "stillingsuri", "begreb"),
    "isco": ("iscogroup", "isco", "isco08", "iscocode", "iscokode", "code", "disco08", "disco",
             "iscogruppe", "escocode", "kode"),
    "label": ("preferredlabel", "preferredlabelda", "preferredterm", "conceptpt", "label",
              "stillingsbetegnelse", "betegnelse", "navn", "name", "titel", "title",
              "preferredlabelen"),
    "alias": ("altlabels", "alternativelabel", "alternativelabelda", "alias", "aliases", "aliaser",
              "hiddenlabels", "altlabel", "synonym", "synonymer", "alternativebetegnelser"),
    "parent": ("broaderuri", "broader", "broaderconcept", "parent", "parentconcepturi",
               "broaderconcepturi", "overbegreb"),
}  # fmt: skip
_LISTS = ("occupations", "concepts", "results", "items", "value", "data", "aliases_list")
_ISCO = re.compile(r"(?:^|/)C?(\d{4})(?:\.[\d.]*)?(?:\d{2})?$", re.IGNORECASE)
_GROUP = re.compile(r"/isco/C?(\d{1,4})$", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*[\n|]\s*|\s*;\s*")


def isco_of(text: str) -> str:
    """Four digits of an ISCO-08 group, however it is written; empty where it is none.

    >>> isco_of("http://data.europa.eu/esco/isco/C9112"), isco_of("9112.1"), isco_of("911210")
    ('9112', '9112', '9112')
    """
    found = _ISCO.search(str(text).strip())
    return found[1] if found else ""


def concept_key(uri: str) -> str:
    """Return what identifies a concept, equal in ESCO and ESCO-STAR; empty for none."""
    text = uri.strip().rstrip("/")
    return text.rpartition("/")[2].casefold() if text else ""


@dataclass(frozen=True)
class Crosswalk:
    """From concepts and names to ISCO-08."""

    concepts: Mapping[str, str]
    """Code by concept, see :func:`concept_key`."""
    names: OccupationNames
    ambiguous: int = 0
    """Names that stand for several groups and are looked for no more."""

    def by_concept(self, uris: pd.Series) -> pd.Series:
        """Code of each concept; empty where it has none."""
        codes, distinct = pd.factorize(uris.fillna("").astype(str), use_na_sentinel=False)
        found = [self.concepts.get(concept_key(uri), "") for uri in distinct]
        return pd.Series(pd.Series(found, dtype=object).to_numpy()[codes], index=uris.index)

    def by_label(self, labels: pd.Series) -> pd.Series:
        """Code of each name that is one of an occupation, word for word; empty for others."""
        codes, distinct = pd.factorize(labels.fillna("").astype(str), use_na_sentinel=False)
        found = [self.names.isco.get(plain_name(one), "") if one else "" for one in distinct]
        return pd.Series(pd.Series(found, dtype=object).to_numpy()[codes], index=labels.index)


@cache
def own_titles() -> Mapping[str, Any]:
    """Our own list of Danish titles; see ``data/titles.toml``."""
    file = resources.files("matcher.imports").joinpath("data", "titles.toml")
    return tomllib.loads(file.read_text("utf-8"))


@cache
def _own(section: str) -> Mapping[str, str]:
    return {
        plain_name(title): code
        for code, titles in own_titles()[section].items()
        for title in titles
    }


def crosswalk(rows: pd.DataFrame | None = None) -> Crosswalk:
    """Put a team's list before our own titles.

    Parameters
    ----------
    rows
        Columns :data:`COLUMNS`, as :func:`read_occupations` gives them. None: our titles alone.
    """
    general = own_titles()["general"]
    concepts: dict[str, str] = {}
    labels: dict[str, str] = {}
    aliases: dict[str, str] = {}
    lost = 0
    if rows is not None:
        known = rows[rows["isco"].ne("")]
        keys = known["concept"].map(concept_key)
        concepts = dict(zip(keys[keys.ne("")], known["isco"][keys.ne("")], strict=True))
        labels, _ = _certain(known[known["kind"].eq("label")])
        aliases, lost = _certain(known[known["kind"].eq("alias")])
    lists = (labels, aliases, _own("titles"))
    names = names_of(lists, _own("fields"), general["heads"], general["behind"])
    return Crosswalk(concepts, names, lost)


def _certain(rows: pd.DataFrame) -> tuple[dict[str, str], int]:
    """Names that stand for one group alone, and how many stand for several."""
    pairs = pd.DataFrame(
        {"name": rows["name"].map(plain_name).to_numpy(), "isco": rows["isco"].to_numpy()}
    ).drop_duplicates()
    pairs = pairs[pairs["name"].ne("")]
    single = ~pairs["name"].duplicated(keep=False)
    kept = pairs[single]
    return dict(zip(kept["name"], kept["isco"], strict=True)), int(
        pairs.loc[~single, "name"].nunique()
    )


@dataclass
class _Read:
    """One line of a list as it was read."""

    source: str
    row: int
    concept: str
    isco: str
    label: str
    aliases: tuple[str, ...]
    parent: str
    as_it_was: Mapping[str, Any] = field(default_factory=dict)


def read_occupations(files: Iterable[Path]) -> tuple[pd.DataFrame, Faults]:
    """Read lists of occupations.

    Returns
    -------
    rows
        A row for each name of each concept: :data:`COLUMNS`. The code is empty where no list
        says it.
    faults
        Lines without a name, or whose group is none; concepts with two groups; lists in which no
        concept and no name could be told.

    Raises
    ------
    InputErrors
        A file cannot be read.
    """
    faults = Faults("occupations")
    lines = [line for file in files for line in _lines(file, faults)]
    known: dict[str, str] = {}
    kept: list[_Read] = []
    for line in lines:
        key = concept_key(line.concept)
        if key and line.isco and known.setdefault(key, line.isco) != line.isco:
            faults.error(
                IssueCode.DUPLICATE_KEY, line.source, line.row, "concept", line.concept,
                expected=Message("imports.one_group", isco=known[key]),
                advice=Message("imports.take_newest"), entry=line.as_it_was,
            )  # fmt: skip
            continue
        kept.append(line)
    by_name = _one_group_each(kept)
    rows = []
    for line in kept:
        code = (
            line.isco
            or known.get(concept_key(line.concept), "")
            or _from_parent(line.parent, known)
            or by_name.get(plain_name(line.label), "")
        )
        told = [("label", line.label)] if line.label else []
        told += [("alias", alias) for alias in line.aliases]
        rows += [(line.concept, name, kind, code, line.source) for kind, name in told]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    return frame.drop_duplicates(["concept", "name", "isco"], ignore_index=True), faults


def _one_group_each(lines: Iterable[_Read]) -> dict[str, str]:
    groups: dict[str, set[str]] = {}
    for line in lines:
        if line.isco and line.label:
            groups.setdefault(plain_name(line.label), set()).add(line.isco)
    return {name: min(codes) for name, codes in groups.items() if len(codes) == 1}


def _from_parent(parent: str, known: Mapping[str, str]) -> str:
    group = _GROUP.search(parent.strip())
    if group:
        return group[1] if len(group[1]) == 4 else ""
    return known.get(concept_key(parent), "")


def _lines(path: Path, faults: Faults) -> Iterator[_Read]:
    before = Counter(one.code for one in faults.issues)
    rows = _of_json(path, faults) if path.suffix.lower() in {".json", ".jsonl"} else _of_table(path)
    some = False
    for line in rows:
        some = some or bool(line.concept or line.label)
        if line.isco and not isco_of(line.isco):
            # A group above the fourth digit is no error of the list: it names no occupation.
            if not re.fullmatch(r"C?\d{1,3}", line.isco.rpartition("/")[2]):
                faults.error(
                    IssueCode.WRONG_FORM, line.source, line.row, "isco", line.isco,
                    expected=Message("imports.four_digits"), entry=line.as_it_was,
                )  # fmt: skip
                continue
            line.isco = ""
        line.isco = isco_of(line.isco)
        if not line.label and not line.aliases:
            faults.error(
                IssueCode.MISSING_VALUE, line.source, line.row, "label", "",
                expected=Message("imports.a_name"), entry=line.as_it_was,
            )  # fmt: skip
            continue
        yield line
    if not some and Counter(one.code for one in faults.issues) == before:
        faults.error(
            IssueCode.MISSING_COLUMN, path.name, None, "concept, label", "",
            expected=Message("imports.list_columns"), advice=Message("imports.list_advice"),
        )  # fmt: skip


def _of_table(path: Path) -> Iterator[_Read]:
    for table in _tables(path):
        found: dict[str, list[list[str]]] = {}
        for column in table.columns:
            name = fold(column.header)
            for meaning, words in _MEANS.items():
                if name in words:
                    texts = list(column.texts)
                    found.setdefault(meaning, []).append([texts[at] for at in column.codes])
                    break
        if not found.keys() & {"label", "alias"}:
            continue
        for at, row in enumerate(table.rows.tolist()):
            cells = {
                meaning: [column[at] for column in columns if column[at]]
                for meaning, columns in found.items()
            }
            yield _Read(
                path.name,
                row,
                _first(cells.get("concept")),
                next((one for one in cells.get("isco", []) if isco_of(one)),
                     _first(cells.get("isco"))),
                _first(cells.get("label")),
                tuple(_split(cells.get("alias", []))),
                _first(cells.get("parent")),
                {meaning: list(values) for meaning, values in cells.items()},
            )  # fmt: skip


def _tables(path: Path) -> Iterator[RawTable]:
    try:
        if path.suffix.lower() not in WORKBOOKS:
            yield read_csv(path)
            return
        source = open_source(path, mapped=True)
        try:
            for found in source.everything():
                yield found.table()
        finally:
            source.close()
    except UnreadableError as error:
        raise InputErrors(
            Message("imports.unreadable", file=path.name, reason=error.reason)
        ) from None


def _first(values: Sequence[str] | None) -> str:
    return values[0].strip() if values else ""


def _split(values: Iterable[str]) -> Iterator[str]:
    for text in values:
        yield from filter(None, (part.strip() for part in _BETWEEN.split(text)))


def _of_json(path: Path, faults: Faults) -> Iterator[_Read]:
    for number, entry in entries(path, _LISTS):
        if not isinstance(entry, Mapping):
            faults.error(
                IssueCode.WRONG_TYPE, path.name, number, "", entry,
                expected=Message("imports.an_object"), entry=entry,
            )  # fmt: skip
            continue
        cells: dict[str, list[str]] = {}
        for key, value in flat(entry, frozenset()).items():
            name = fold(key.rpartition(".")[2])
            for meaning, words in _MEANS.items():
                if name in words:
                    cells.setdefault(meaning, []).extend(_texts(value))
        yield _Read(
            path.name,
            number,
            _first(cells.get("concept")),
            _first(cells.get("isco")),
            _first(cells.get("label")),
            tuple(_split(cells.get("alias", []))),
            _first(cells.get("parent")),
            entry,
        )


def _texts(value: Any) -> Iterator[str]:
    """Texts of a name or of a list of names; of an alias as an object, its name."""
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, Mapping):
        for key, text in value.items():
            if fold(str(key)) in {*_MEANS["alias"], *_MEANS["label"]}:
                yield from _texts(text)
    elif value not in (None, ""):
        yield str(value)


def store_occupations(rows: pd.DataFrame, folder: Path) -> Path:
    """Write the crosswalk where later imports find it."""
    path = private.folder(folder) / STORE
    with private.opened(path, encoding="utf-8") as file:
        rows.to_csv(file, index=False, lineterminator="\n")
    return path


def stored_occupations(folder: Path) -> pd.DataFrame | None:
    """Read the crosswalk of an earlier import; None where there is none.

    Raises
    ------
    InputErrors
        The file is no longer what was written.
    """
    path = folder / STORE
    if not path.exists():
        return None
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputErrors(
            Message("imports.unreadable", file=path.name, reason=str(error)[:80])
        ) from None
    if list(rows.columns) != list(COLUMNS):
        reason = Message("imports.other_columns", columns=COLUMNS)
        raise InputErrors(Message("imports.unreadable", file=path.name, reason=reason))
    return rows
