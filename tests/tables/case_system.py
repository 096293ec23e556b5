"""A workbook as a Danish case system exports it, made from a made-up week.

Two merged title lines, thirty and more headers of its own, register numbers, a second sheet with
what health allows, a row that adds up, cases that are over, lists of jobs and employers. Its
persons are made up: the day in each number is above 60, which no person's own number has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from matcher.records import Benefit
from tests.tables.their_tables import MEASURE_WORDS, PAPER_WORDS, RECORD_WORDS
from tests.weeks import TODAY

HEALTH = ("lift", "stand", "bend", "reach", "hand", "push", "stair", "pace", "cog", "soc", "emo",
          "night", "skin", "env", "care")  # fmt: skip
HEALTH_HEADERS = ("Løft", "Stå/gå", "Bøje/vride", "Række", "Hånd", "Skubbe/trække", "Trapper",
                  "Tempo", "Kognition", "Social", "Følelsesmæssig", "Nat/aften", "Hud", "Miljø",
                  "Pleje")  # fmt: skip
CATEGORY = {"job_ready": "Jobparat 2.2", "activity_ready": "Aktivitetsparat 2.3",
            "openly_education_ready": "Åbenlyst uddannelsesparat",
            "education_ready": "Uddannelsesparat", "not_assessed": "Ikke visiteret"}  # fmt: skip
OVER = 3
"""Cases that are over."""

Row = Mapping[str, str]


def number(at: int) -> str:
    """Made-up register number of a person; its first four digits are no day of a calendar."""
    return f"{61 + at % 30:02d}{1 + at % 12:02d}{50 + at % 49:02d}-{4000 + 7 * at:04d}"


def _hours(text: str) -> str:
    minutes = round(float(text) * 60)
    return f"{minutes // 60} t {minutes % 60} min" if minutes % 60 else f"{minutes // 60},0"


def _day(text: str) -> str:
    return dt.date.fromisoformat(text).strftime("%d-%m-%Y")


def _born(text: str) -> str:
    return (dt.date(TODAY.year - int(text), TODAY.month, 1)).strftime("%d-%m-%Y")


def _yes_no(text: str) -> str:
    return {"yes": "Ja", "no": "Nej"}[text]


def _minutes(text: str) -> str:
    return f"{float(text) * 60:g}".replace(".", ",")


CITIZENS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "category": ("Målgruppe", CATEGORY.__getitem__),
    "benefit": ("Ydelsestype", lambda code: Benefit(code).danish.capitalize()),
    "age": ("Fødselsdato", _born),
    "postcode": ("Postnr/by", lambda code: f"{code} Byen"),
    "caseworker_id": ("Sagsbehandler", str),
    "oral": ("Mundtlig dansk", str),
    "reading": ("Læseniveau", str),
    "capacity_hours": ("Timer/uge", _hours),
    "capacity_hours_day": ("Minutter pr. dag", _minutes),
    "single_provider": ("Enlig forsørger", _yes_no),
    "youngest_child": ("Yngste barn", str),
    "accepts_odd_hours": ("Skæve tider OK?", _yes_no),
    "care_blocks": ("Børnepasning tider", str),
    "treatment_blocks": ("Behandling tider", str),
    "class_blocks": ("Sprogskole tider", str),
    "other_blocks": ("Andre faste aftaler", str),
    "paper_criminal_record": ("Straffeattest status", RECORD_WORDS.__getitem__),
    "paper_child_record": ("Børneattest status", RECORD_WORDS.__getitem__),
    "paper_licence_b": ("Kørekort", PAPER_WORDS.__getitem__),
    "paper_licence_d": ("Buskørekort", PAPER_WORDS.__getitem__),
    "paper_forklift": ("Truckkort", PAPER_WORDS.__getitem__),
    "paper_hygiene": ("Hygiejnekursus", PAPER_WORDS.__getitem__),
    "paper_first_aid": ("Førstehjælpskursus", PAPER_WORDS.__getitem__),
    "mentor_hours": ("Mentorbehov (timer)", _hours),
    "experience": ("Erhvervserfaring (DISCO)", str),
    "wishes": ("Jobønsker", str),
    "refusals": ("Ikke relevante job", str),
    "has_car": ("Egen bil", _yes_no),
    "has_bicycle": ("Egen cykel", _yes_no),
    "max_commute": ("Max transporttid", str),
    "available_from": ("Til rådighed fra", _day),
}
"""Columns of ours in the first sheet: their header, and how they write a value."""
JOBS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "opening_id": ("Jobordrenr.", str),
    "workplace_id": ("P-nummer", str),
    "title": ("Stilling", str),
    "isco": ("DISCO-kode", lambda code: f"{code} Medhjælper"),
    "seats": ("Antal pladser", str),
    "hours_min": ("Min. timer pr. uge", _hours),
    "hours_max": ("Max. timer pr. uge", _hours),
    "shifts": ("Arbejdstid", str),
    "start_from": ("Startdato", _day),
    "start_to": ("Seneste start", _day),
    "oral_floor": ("Krav mundtlig dansk", str),
    "reading_floor": ("Krav læsning", str),
    **{f"demand_{code}": (f"Krav: {header.lower()}", str)
       for code, header in zip(HEALTH, HEALTH_HEADERS, strict=True)},
    "papers": ("Krævede papirer", str),
    "measures": ("Mulige ordninger",
                 lambda text: ", ".join(MEASURE_WORDS[one] for one in text.split(";"))),
}  # fmt: skip
EMPLOYERS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "workplace_id": ("P-nummer", str),
    "employer_id": ("CVR-nr.", str),
    "name": ("Virksomhedsnavn", str),
    "sector": ("Ejerforhold", lambda code: {"municipal": "Kommunal", "private": "Privat",
                                            "regional": "Regional"}[code]),
    "postcode": ("Postnr.", str),
    "ordinary_staff": ("Antal ansatte", str),
}  # fmt: skip
PLACES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "postcode": ("Postnr.", str),
    "name": ("By", str),
    "latitude": ("Breddegrad", str),
    "longitude": ("Længdegrad", str),
}


def rows_of(
    frame: pd.DataFrame, columns: Mapping[str, tuple[str, Callable[[str], str]]]
) -> list[dict[str, str]]:
    """Rows as they write them."""
    return [
        {
            header: row[name] if row[name] in {"", "none"} else write(row[name])
            for name, (header, write) in columns.items()
        }
        for row in frame.to_dict("records")
    ]


def _write(sheet: Any, rows: Sequence[Row], first: int, titles: Sequence[str], merge: Any) -> int:
    headers = list(rows[0])
    for at, title in enumerate(titles):
        sheet.merge_range(at, 0, at, len(headers) - 1, title, merge)
    for column, header in enumerate(headers):
        sheet.write_string(first, column, header)
    for line, row in enumerate(rows, start=first + 1):
        for column, header in enumerate(headers):
            if row[header]:
                sheet.write_string(line, column, row[header])
    return first + 1 + len(rows)


def write_export(path: Path, week: Mapping[str, pd.DataFrame]) -> list[str]:
    """Write the workbook from tables of texts; return the register numbers in it."""
    citizens = week["citizens"]
    numbers = [number(at) for at in range(len(citizens) + OVER)]
    cases = rows_of(citizens, CITIZENS)
    people = [
        {"Sagsstatus": "Aktiv", "CPR-nr.": numbers[at], "Navn": f"Person {at} Opdigtet", **case,
         "Telefon": f"55 51 {at:02d} 00", "Bemærkninger": "ringet, ægtefælle " + numbers[at - 1]}
        for at, case in enumerate(cases)
    ]  # fmt: skip
    people += [
        {**people[at], "Sagsstatus": "Afsluttet", "CPR-nr.": numbers[len(cases) + at]}
        for at in range(OVER)
    ]
    totals = dict.fromkeys(people[0], "") | {"CPR-nr.": "I alt", "Yngste barn": str(len(people))}
    health = [
        {"CPR-nr.": numbers[at].replace("-", ""),
         **{header: row[f"limit_{code}"]
            for code, header in zip(HEALTH, HEALTH_HEADERS, strict=True)},
         "Ufravigelige hensyn": row["must_limits"]}
        for at, row in enumerate(citizens.to_dict("records"))
    ]  # fmt: skip
    with xlsxwriter.Workbook(str(path)) as book:
        merge = book.add_format({"align": "center"})
        title = ["Udtræk fra fagsystemet: Jobcenter Opdigtet", "Dannet 23-11-2026 kl. 06:14"]
        sheet = book.add_worksheet("Borgerudtræk")
        end = _write(sheet, people, 2, title, merge)
        for column, header in enumerate(people[0]):
            sheet.write_string(end, column, totals[header])
        _write(book.add_worksheet("Helbred"), health[::-1], 1, ["Helbred pr. borger"], merge)
        for name, table, columns in (("Jobordrer", "openings", JOBS),
                                     ("Virksomheder", "workplaces", EMPLOYERS),
                                     ("Postnumre", "places", PLACES)):  # fmt: skip
            rows = rows_of(week[table], columns)
            if table == "openings":
                rows[0]["DISCO-kode"] = "K-17 Køkken"
            _write(book.add_worksheet(name), rows, 0, (), merge)
        book.add_worksheet("Vejledning").write(0, 0, "Spørg it-afdelingen.")
    return numbers
