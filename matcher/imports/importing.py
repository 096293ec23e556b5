"""One import: files a team has saved, into the tables of a folder and the lists beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from matcher.errors import InputErrors, OptionError
from matcher.imports import addresses, ads, occupations, wishes
from matcher.imports.asking import (
    ask_table,
    confirmed,
    question_table,
    read_answers,
    store_answers,
    stored_answers,
    write_form,
)
from matcher.imports.earliest import for_table, minutes_by_hour, walking
from matcher.imports.faults import Faults
from matcher.imports.files import saved_files
from matcher.imports.into import BESIDE, held_table, put_into, read_list, write_list, write_table
from matcher.imports.openings import WORKPLACE_COLUMNS, Vacancies, vacancies
from matcher.imports.profiles import load_profiles
from matcher.imports.timetable import read_timetable
from matcher.policy import Policy
from matcher.tables.issues import Issue, table_name
from matcher.tables.mapping.pseudonym import key_of
from matcher.tables.write import check_folder
from matcher.texts import Language, Message
from matcher.unknown import ASSUMABLE

Kind = Literal["jobnet", "jobposting", "esco", "wishes", "gtfs", "addresses", "answers"]
KINDS: tuple[Kind, ...] = get_args(Kind)
NOT_FOUND = "occupations_not_found"
ADS = "ads"
BY_HOUR = "travel_by_hour"


@dataclass(frozen=True)
class ImportRequest:
    """What an import is asked."""

    files: tuple[Path, ...]
    into: Path
    policy: Policy
    today: dt.date
    language: Language = "en"
    occupations: tuple[Path, ...] = ()
    """Lists of occupations to use beside the one imported before."""
    profiles: Path | None = None
    hours: tuple[int, int] | None = None
    """First and last hour of leaving home. None: those of the figures that come along."""

    @property
    def beside(self) -> Path:
        """Folder of what is no table."""
        return self.into / BESIDE


@dataclass(frozen=True)
class Imported:
    """What came of an import."""

    kind: Kind
    entries: int
    """Entries that could be used."""
    tables: Mapping[str, tuple[Path, int]]
    """File and rows written, by table."""
    lists: tuple[Path, ...]
    """Lists for people."""
    issues: tuple[Issue, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    """More figures, by name; each has its line in the texts."""
    how: Mapping[str, int] = field(default_factory=dict)
    """Ads by the way their occupation was found."""

    def lines(self) -> list[Message]:
        """Say it, in any language."""
        aside = len({(one.source, one.row) for one in self.issues if one.put_aside})
        told = [Message("imports.used", entries=self.entries, aside=aside)]
        told += [
            Message("imports.count", what=Message(f"imports.count_{name}", count=count))
            for name, count in self.counts.items()
            if count
        ]
        if self.how:
            some = sum(self.how.values())
            found = some - self.how.get("none", 0)
            told.append(
                Message(
                    "imports.found",
                    percent=f"{100 * found / some:.1f}" if some else "0",
                    ways=tuple(
                        Message("imports.way", way=Message(f"imports.way_{how}"), count=count)
                        for how, count in self.how.items()
                        if count and how != "none"
                    ),
                )
            )
        told += [
            Message("imports.table", table=table_name(name), file=str(path), rows=rows)
            for name, (path, rows) in self.tables.items()
        ]
        told += [
            Message("imports.list", file=str(path), what=Message(f"imports.list_{_list_of(path)}"))
            for path in self.lists
        ]
        return told

    def to_dict(self, language: Language) -> dict[str, Any]:
        """Return plain data."""
        return {
            "kind": self.kind,
            "entries": self.entries,
            "tables": {
                name: {"file": str(path), "rows": rows}
                for name, (path, rows) in self.tables.items()
            },
            "lists": [str(path) for path in self.lists],
            "counts": dict(self.counts),
            "how": dict(self.how),
            "issues": [one.to_dict(language) for one in self.issues],
        }


def _list_of(path: Path) -> str:
    return "put_aside" if path.stem.startswith("put_aside") else path.stem


def import_files(kind: Kind, asked: ImportRequest) -> Imported:
    """Import saved files of a kind; nothing is fetched from anywhere.

    Raises
    ------
    InputErrors
        A file is not there or cannot be read, or nothing in the files can be used; all at once.
        Nothing is written then.
    OptionError
        The folder cannot be written to, a package is missing, or the kind is none.
    """
    if kind not in _IMPORTS:
        raise OptionError(Message("imports.kinds", kind=kind, known=KINDS))
    check_folder(asked.into, "--into")
    return _IMPORTS[kind](kind, asked)


def _refuse_nothing(faults: Faults, used: int, what: str) -> None:
    """Stop where no entry can be used."""
    if used or not faults.issues:
        if not used:
            raise InputErrors(Message("imports.nothing", what=what))
        return
    raise InputErrors(
        Message("imports.all_aside", count=len(faults.issues)),
        tuple(one.to_dict() for one in faults.issues),
    )


def _vacancies(kind: Kind, asked: ImportRequest) -> Imported:
    faults = Faults("openings")
    files = saved_files(asked.files, ads.ENDINGS)
    profiles = load_profiles(asked.profiles)
    crosswalk = occupations.crosswalk(_occupations(asked, faults))
    said = _said_codes(asked.beside / f"{NOT_FOUND}.csv", faults)
    frame = ads.ads_frame(ads.read_ads(files, kind, faults))
    _refuse_nothing(faults, len(frame), Message("imports.an_ad"))
    found = vacancies(frame, kind, crosswalk, profiles, asked.today, faults, said)
    answers = stored_answers(asked.beside)
    openings, workplaces, known = confirmed(found.openings, found.workplaces, answers)
    path, gone = put_into(asked.into, "openings", openings, own=f"{kind}-")
    places, _ = put_into(asked.into, "workplaces", workplaces, keep=True)
    sectors = openings["workplace_id"].map(
        dict(zip(workplaces["workplace_id"], workplaces["sector"], strict=True))
    )
    form = write_form(
        asked.beside,
        ask_table(openings, found.ads, sectors),
        question_table(openings, profiles, asked.language),
    )
    lists = (
        form,
        write_list(asked.beside, NOT_FOUND, _not_found(found, said)),
        write_list(asked.beside, ADS, _ads_list(found)),
        *faults.write(asked.beside, kind, asked.language),
    )
    how = found.ads["how"].value_counts().to_dict()
    ways = ("said", "concept", "label", "title", "part", "compound", "field")
    return Imported(
        kind,
        len(frame),
        {"openings": (path, len(openings)), "workplaces": (places, len(workplaces))},
        tuple(one for one in lists if one is not None),
        tuple(faults.issues),
        {
            "passed": len(found.passed),
            "repeated": found.repeated,
            "not_found": len(found.not_found),
            "gone": gone,
            "confirmed": known,
            "assumed": int(openings["assumed"].ne("").sum()),
            "no_profile": int((openings["oral_floor"] == "").sum()),
        },
        {**{way: int(how.get(way, 0)) for way in ways}, "none": len(found.not_found)},
    )


def _occupations(asked: ImportRequest, faults: Faults) -> pd.DataFrame | None:
    """Return the crosswalk imported before, and before it the lists named now."""
    held = occupations.stored_occupations(asked.beside)
    if not asked.occupations:
        return held
    rows, wrong = occupations.read_occupations(saved_files(asked.occupations, occupations.ENDINGS))
    faults.issues += wrong.issues
    return rows if held is None else pd.concat([held, rows], ignore_index=True)


def _said_codes(path: Path, faults: Faults) -> dict[str, str]:
    """Codes that the team has filled in for ads without an occupation."""
    rows = read_list(path)
    if rows is None or not {"opening_id", "isco"} <= set(rows.columns):
        return {}
    said: dict[str, str] = {}
    for number, one, code in zip(rows.index, rows["opening_id"], rows["isco"], strict=True):
        if code and not occupations.isco_of(code):
            faults.wrong_code(path.name, int(number), code)
        elif code:
            said[str(one)] = occupations.isco_of(code)
    return said


def _not_found(found: Vacancies, said: Mapping[str, str]) -> pd.DataFrame:
    """List ads without an occupation, with room for its code; what was filled in stays."""
    columns = ["opening_id", "isco", "title", "label", "concept", "employer", "postcode"]
    filled = found.ads[found.ads["how"].eq("said")]
    rows = pd.concat([found.not_found.assign(isco=""), filled], ignore_index=True)
    return rows[columns].sort_values("opening_id", ignore_index=True)


def _ads_list(found: Vacancies) -> pd.DataFrame:
    rows = pd.concat(
        [found.ads, found.passed.assign(isco="", how="passed", found_as="", assumed="")],
        ignore_index=True,
    )
    rows["deadline"] = [day.isoformat() if day is not None else "" for day in rows["deadline"]]
    columns = ["opening_id", "title", "employer", "postcode", "deadline", "isco", "how",
               "found_as", "label", "disability_friendly", "assumed", "source", "row"]  # fmt: skip
    return rows[columns].sort_values("opening_id", ignore_index=True)


def _esco(kind: Kind, asked: ImportRequest) -> Imported:
    files = saved_files(asked.files, occupations.ENDINGS)
    rows, faults = occupations.read_occupations(files)
    _refuse_nothing(faults, len(rows), Message("imports.an_occupation"))
    path = occupations.store_occupations(rows, asked.beside)
    walk = occupations.crosswalk(rows)
    without = rows[rows["isco"].eq("")][["concept", "name", "source"]]
    lists = (
        write_list(asked.beside, "occupations_without_group", without),
        *faults.write(asked.beside, kind, asked.language),
    )
    return Imported(
        kind,
        int(rows["concept"].nunique()),
        {},
        (path, *(one for one in lists if one is not None)),
        tuple(faults.issues),
        {
            "names": len(rows),
            "ambiguous": walk.ambiguous,
            "without_group": int(without["concept"].nunique()),
        },
    )


def _answers(kind: Kind, asked: ImportRequest) -> Imported:
    faults = Faults("openings")
    files = saved_files(asked.files, (".csv",))
    held = held_table(asked.into, "openings")
    if held is None:
        raise InputErrors(Message("imports.no_table", table=table_name("openings"),
                                  folder=str(asked.into)))  # fmt: skip
    known = frozenset(held.rows["opening_id"].astype(str))
    read = read_answers(files, asked.policy, asked.today, faults, known)
    said = [name for name in read.answers["column"].unique() if ASSUMABLE[name] == "openings"]
    openings = _with_columns(held.rows, (*said, "unknown", "assumed"))
    _refuse_nothing(faults, len(read.answers), Message("imports.an_answer"))
    places = held_table(asked.into, "workplaces")
    workplaces = _with_columns(
        places.rows if places is not None else pd.DataFrame(dtype=object), WORKPLACE_COLUMNS
    )
    openings, workplaces, cells = confirmed(openings, workplaces, read.answers)
    tables = {"openings": (write_table(held, openings), len(openings))}
    if places is not None:
        tables["workplaces"] = (write_table(places, workplaces), len(workplaces))
    before = stored_answers(asked.beside)
    store_answers(asked.beside, pd.concat([before, read.answers], ignore_index=True))
    return Imported(
        kind,
        read.openings,
        tables,
        faults.write(asked.beside, kind, asked.language),
        tuple(faults.issues),
        {"confirmed": cells, "still": int(openings["assumed"].fillna("").ne("").sum())},
    )


def _with_columns(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    return rows.assign(**{name: "" for name in columns if name not in rows.columns})


def _wishes(kind: Kind, asked: ImportRequest) -> Imported:
    faults = Faults("citizens")
    files = saved_files(asked.files, wishes.ENDINGS)
    held = held_table(asked.into, "citizens")
    if held is None:
        raise InputErrors(Message("imports.no_table", table=table_name("citizens"),
                                  folder=str(asked.into)))  # fmt: skip
    known = frozenset(held.rows["citizen_id"].astype(str))
    read = wishes.read_wishes(files, key_of(asked.into), known, faults)
    _refuse_nothing(faults, len(read), Message("imports.a_wish"))
    crosswalk = occupations.crosswalk(_occupations(asked, faults))
    rows, lost = wishes.wished(read, crosswalk)
    path, _ = put_into(asked.into, "citizens", rows, whole=True)
    lists = (
        write_list(asked.beside, "wishes_not_found", lost),
        *faults.write(asked.beside, kind, asked.language),
    )
    return Imported(
        kind,
        len(read),
        {"citizens": (path, len(rows))},
        tuple(one for one in lists if one is not None),
        tuple(faults.issues),
        {"wishes_lost": int(lost["wishes"].sum()) if len(lost) else 0},
    )


def _addresses(kind: Kind, asked: ImportRequest) -> Imported:
    faults = Faults("places")
    files = saved_files(asked.files, addresses.ENDINGS)
    rows = addresses.read_addresses(files, faults)
    _refuse_nothing(faults, len(rows), Message("imports.an_address"))
    path, _ = put_into(asked.into, "places", rows, whole=True)
    return Imported(
        kind,
        len(rows),
        {"places": (path, len(rows))},
        faults.write(asked.beside, kind, asked.language),
        tuple(faults.issues),
    )


def _gtfs(kind: Kind, asked: ImportRequest) -> Imported:
    if len(asked.files) != 1:
        raise OptionError(Message("imports.one_feed", count=len(asked.files)))
    held = held_table(asked.into, "places")
    if held is None:
        raise InputErrors(Message("imports.no_table", table=table_name("places"),
                                  folder=str(asked.into)))  # fmt: skip
    places = _points(held.rows, held.path.name)
    rule = walking()
    first, last = asked.hours or (rule.first_hour, rule.last_hour)
    table = read_timetable(asked.files[0], asked.today)
    by_hour = minutes_by_hour(table, places, range(first, last + 1), rule)
    rows = for_table(by_hour)
    path, _ = put_into(asked.into, "travel_times", rows.astype(str).astype(object))
    told = by_hour.assign(
        minutes=by_hour["minutes"].map(lambda one: "" if np.isnan(one) else str(int(one)))
    )
    lists = (write_list(asked.beside, BY_HOUR, told.astype(object)),)
    none = by_hour.groupby(["from_postcode", "to_postcode"])["minutes"].count().eq(0)
    return Imported(
        kind,
        len(table.departure),
        {"travel_times": (path, len(rows))},
        tuple(one for one in lists if one is not None),
        (),
        {"stops": len(table.stops), "trips": table.trips, "no_way": int(none.sum())},
    )


def _points(rows: pd.DataFrame, file: str) -> pd.DataFrame:
    """Places with numbers for coordinates, by postcode.

    Raises
    ------
    InputErrors
        A place has none.
    """
    columns = ("postcode", "latitude", "longitude")
    if missing := [name for name in columns if name not in rows.columns]:
        raise InputErrors(Message("imports.columns_missing", file=file, columns=tuple(missing)))
    degrees = {
        name: pd.to_numeric(rows[name].astype(str).str.replace(",", ".", regex=False),
                            errors="coerce")
        for name in ("latitude", "longitude")
    }  # fmt: skip
    places = pd.DataFrame({"postcode": rows["postcode"].astype(str).str.zfill(4), **degrees})
    bad = places.isna().any(axis=1)
    if bad.any():
        codes: Iterable[str] = places.loc[bad, "postcode"].tolist()
        raise InputErrors(
            Message("imports.places_without", file=file, postcodes=tuple(codes)[:5],
                    count=int(bad.sum()))
        )  # fmt: skip
    return places.drop_duplicates("postcode").sort_values("postcode", ignore_index=True)


_IMPORTS: Mapping[str, Callable[[Kind, ImportRequest], Imported]] = {
    "jobnet": _vacancies,
    "jobposting": _vacancies,
    "esco": _esco,
    "wishes": _wishes,
    "gtfs": _gtfs,
    "addresses": _addresses,
    "answers": _answers,
}
