"""The same week as another system would export it: other names, other codes, other units.

Names are drawn from the synonyms that the program knows, in other cases and with other signs;
values are written as case systems write them. What is drawn depends on the seed alone.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping

import pandas as pd

from matcher.records import PAPERS, TABLES, Benefit, Category, Sector, danish_name
from matcher.tables.cells import ReadColumn
from matcher.tables.mapping.words import bare, words

LATER = frozenset({"audit_groups", "travel_times", "previous", "events", "locks", "forbids"})
"""Tables that keep their own names: too like others to be known by their columns alone."""
AMBIGUOUS = frozenset({"unknown"})

Recode = Callable[[str], str]


def _danish(choice: type[Category] | type[Benefit] | type[Sector]) -> dict[str, str]:
    return {member.value: member.danish for member in choice}


def _categories(rng: random.Random) -> Recode:
    codes = {"job_ready": "2.2", "activity_ready": "2.3"}
    ways = (
        lambda code: f"{_danish(Category)[code].capitalize()} {codes.get(code, '')}".strip(),
        lambda code: f"{codes.get(code, '')} {_danish(Category)[code].upper()}".strip(),
        lambda code: f"{_danish(Category)[code]} (visiteret)",
    )
    return rng.choice(ways)


def _hours(rng: random.Random) -> Recode:
    def words_(text: str) -> str:
        minutes = round(float(text) * 60)
        return f"{minutes // 60} t {minutes % 60} min"

    return rng.choice((words_, lambda text: f"{float(text):.2f}".replace(".", ",")))


def _clocked(text: str) -> str:
    minutes = round(float(text) * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"


def _yes_no(rng: random.Random) -> Recode:
    pairs = rng.choice((("Ja", "Nej"), ("J", "N"), ("SAND", "FALSK"), ("Opfyldt", "Ikke opfyldt"),
                        ("Ja (oplyst)", "Nej (oplyst)")))  # fmt: skip
    return lambda text: pairs[0] if text == "yes" else pairs[1]


PAPER_WORDS = {"cleared": "Gyldigt", "missing": "Har ikke", "pending": "Ansøgt",
               "not_cleared": "Udløbet"}  # fmt: skip
RECORD_WORDS = {"cleared": "Ren", "missing": "Ikke indhentet", "pending": "Bestilt",
                "not_cleared": "Ikke ren"}  # fmt: skip
MEASURE_WORDS = {"ordinary": "Ordinær ansættelse", "work_practice": "Virksomhedspraktik",
                 "wage_subsidy_private": "Privat løntilskud", "nytteindsats": "Nytteindsats",
                 "wage_subsidy_public": "Offentligt løntilskud", "igu": "IGU"}  # fmt: skip
DISTRICTS = ("Aarhus C", "Byen", "Viby J")


def _list_of(names: Mapping[str, str], between: str) -> Recode:
    return lambda text: between.join(names.get(one, one) for one in text.split(";"))


def recodings(rng: random.Random) -> dict[str, Recode]:
    """By ``table.column``: how its values are written."""
    day = rng.choice(("%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"))
    made: dict[str, Recode] = {
        "citizens.category": _categories(rng),
        "citizens.benefit": lambda code: _danish(Benefit)[code].capitalize(),
        "workplaces.sector": lambda code: f"{_danish(Sector)[code].capitalize()} virksomhed",
        "openings.measures": _list_of(MEASURE_WORDS, rng.choice(("; ", ", ", " | "))),
        "running.measure": lambda code: MEASURE_WORDS[code],
        "openings.papers": _list_of({code: name for code, (_, name) in PAPERS.items()}, ", "),
        "courses.paper": lambda code: PAPERS[code][1].capitalize(),
        "openings.isco": lambda code: f"{code} Medhjælper",
        "citizens.capacity_hours_day": _clocked,
    }
    for name, table in TABLES.items():
        for column, info in table.record.model_fields.items():
            kind = str(info.annotation)
            place = f"{name}.{column}"
            if column.endswith("postcode") and name in {"citizens", "workplaces", "teams"}:
                made[place] = lambda code: f"{code} {DISTRICTS[int(code) % 3]}"
            elif column.startswith("paper_") and name == "citizens":
                named = RECORD_WORDS if column.endswith("record") else PAPER_WORDS
                made[place] = lambda code, named=named: named[code]  # type: ignore[misc]
            elif "bool" in kind:
                made[place] = _yes_no(rng)
            elif ReadColumn(table.record, column).unit == "hours" and place not in made:
                made[place] = _hours(rng)
            elif "datetime.date" in kind:
                made[place] = lambda text: dt.date.fromisoformat(text).strftime(day)
    return made


def their_header(table: str, column: str, rng: random.Random) -> str:
    """Draw a name for a column, in another case or with other signs."""
    own = danish_name(TABLES[table].record, column)
    name = rng.choice((own, *words().columns.get(table, {}).get(column, ())))
    change: tuple[Recode, ...] = (
        str.upper,
        str.capitalize,
        lambda text: text.replace(" ", "_"),
        lambda text: f"{text}:",
        str,
    )
    return rng.choice(change)(name)


def theirs(tables: Mapping[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """Write a week of texts as another system would: names and values changed, columns shuffled."""
    rng = random.Random(seed)
    recoded = recodings(rng)
    made: dict[str, pd.DataFrame] = {}
    for name, frame in tables.items():
        if name in LATER or frame.empty:
            made[name] = frame
            continue
        columns: dict[str, pd.Series] = {}
        taken: set[str] = set()
        for column in frame.columns:
            if column in AMBIGUOUS:
                continue
            header = their_header(name, column, rng)
            while bare(header) in taken:
                header = danish_name(TABLES[name].record, column)
            taken.add(bare(header))
            change = recoded.get(f"{name}.{column}", str)
            columns[header] = frame[column].map(
                lambda text, change=change: text if text in {"", "none"} else change(text)
            )
        shuffled = list(columns)
        rng.shuffle(shuffled)
        table = rng.choice((TABLES[name].danish, *words().tables[name]))
        made[f"Udtræk {table} {rng.randint(1, 99)}"] = pd.DataFrame(
            {header: columns[header] for header in shuffled}
        )
    return made
