"""Vacancies as they were saved: Jobnet's ads and schema.org's JobPosting, as one kind of row.

Four forms of Jobnet's ads are understood: answers of the search as it is (``jobAds``) and as it was
(``JobPositionPostings``), one ad in full (``employer``, ``job``, ``application``; before, a
``JobPositionPosting``), and STAR's own fields (``DailyWorkTimeDay`` and the like). Names of fields
are compared in lower case. Of persons to ask, logos and texts nothing is read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from matcher.cpr import looks_like_cpr
from matcher.imports.faults import Faults
from matcher.imports.files import Entry, entries, flat
from matcher.tables.issues import IssueCode
from matcher.texts import Message
from matcher.week import parse_week, week_text

ENDINGS = frozenset({".json", ".jsonl", ".jsonld", ".html", ".htm"})
LEAVE = frozenset({
    "description", "body", "presentation", "purpose", "contactpersons", "jppcontacts", "contacts",
    "formattedlastdateapplication", "logourl", "logo", "applicationcontact", "searchfacets",
    "facets", "expression", "image", "responsibilities", "qualifications", "jobbenefits",
    "candidate", "user", "url", "joburl", "jobadurl", "shareurl", "detailsurl", "joblogurl",
    "application.url", "sameas",
})  # fmt: skip
"""Fields that are never looked at: persons, long texts and addresses of pages."""
DAYPARTS = ("day", "morning", "evening", "night", "weekend", "changing")
"""When work is done, as an ad says it; a section of the profiles has times for each."""
_DAYPART: Mapping[str, str] = {
    "1": "day", "normal": "day", "day": "day", "dag": "day", "dagtid": "day", "daytime": "day",
    "2": "morning", "morning": "morning", "morgen": "morning", "tidlig morgen": "morning",
    "3": "evening", "evening": "evening", "aften": "evening",
    "4": "night", "night": "night", "nat": "night",
    "weekend": "weekend", "weekends": "weekend",
    "6": "changing", "changing": "changing", "skiftende": "changing", "skifteholdsarbejde":
    "changing", "skiftende arbejdstider": "changing", "varierende": "changing",
}  # fmt: skip
"""Code list of daily working time (1 normal, 2 morning, 3 evening, 4 night, 6 changing), the names
of the flags, and the words of the pages."""
_JOBNET: Mapping[str, tuple[str, ...]] = {
    "ad_id": ("jobadid", "id", "jobadidentifier", "jobpositionpostingid"),
    "title": ("title", "jobheadline", "jobpositioninformation.jobpositiontitle"),
    "employer": ("hiringorgname", "employer.name", "hiringorg.name", "hiringorg.hiringorgname"),
    "cvr": ("cvr", "employer.cvrnumber", "hiringorgcvr", "hiringorg.cvr", "hiringorg.cvrnumber",
            "cvrnumber"),
    "p_number": ("employer.pnumber", "pnumber", "productionunit"),
    "concept": ("concepturida", "job.concepturida", "concepturi", "escoconcepturi",
                "occupation.concepturi", "occupation.concepturida"),
    "label": ("occupation", "job.preferredlabelda", "preferredlabelda", "alias",
              "occupation.preferredlabelda", "occupation.alias"),
    "postcode": ("workplacepostalcode", "job.address.postalcode", "postalcode",
                 "workplaceaddress.postalcode"),
    "country": ("job.address.countrycode", "country", "job.address.countryname"),
    "deadline": ("application.deadlinedate", "applicationdeadline", "lastdateapplication",
                 "applicationdetails.applicationdeadlinedate", "applicationdeadlinedate"),
    "start": ("job.employmentdate", "employmentdate", "assignmentstartdate",
              "jobpositioninformation.employmentdate"),
    "part_time": ("workhourparttime", "job.isparttime", "parttime", "isparttime"),
    "hours": ("joblogworktime.workhour", "workhour", "weeklyhours", "job.weeklyhours",
              "hoursperweek"),
    "seats": ("application.availablepositions", "numbertofill", "availablepositions",
              "jobpositioninformation.numbertofill"),
    "licences": ("job.driverslicenses", "driverslicenses"),
    "disability_friendly": ("job.isdisabilityfriendly", "disabilityfriendly",
                            "isdisabilityfriendly"),
}  # fmt: skip
"""Where each fact of an ad may stand; the first that says something counts."""
_PART_TIME = {"deltid": True, "parttime": True, "fuldtid": False, "fulltime": False}
_LONGEST = 200
"""Characters of a title or a name that the tables hold."""
_NO_DATE = re.compile(r"^0001-01-01")
_DATE = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$|^(\d{2})-(\d{2})-(\d{4})$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_DENMARK = frozenset({"", "dk", "dnk", "danmark", "denmark"})
_HARMLESS = {"_cvr": "", "_p_number": "", "_postcode": "0000", "_seats": ""}
"""What each reader takes without a fault."""
T = TypeVar("T")
_LICENCE: Mapping[str, str] = {"b": "licence_b", "d": "licence_d"}


@dataclass(frozen=True)
class Ad:
    """One vacancy; what it does not say is empty."""

    source: str
    row: int
    ad_id: str
    title: str
    employer: str
    cvr: str
    p_number: str
    concept: str
    label: str
    postcode: str
    deadline: dt.date | None
    start: dt.date | None
    part_time: bool | None
    hours_min: float | None
    hours_max: float | None
    dayparts: str
    """Words of :data:`DAYPARTS`, with semicolons between."""
    shifts: str
    """Blocks of a week, where the ad gives times."""
    seats: int
    licences: str
    disability_friendly: bool


FIELDS = tuple(one.name for one in fields(Ad))


def ads_frame(ads: Iterable[Ad]) -> pd.DataFrame:
    """Put ads under one another."""
    rows = [tuple(getattr(ad, name) for name in FIELDS) for ad in ads]
    return pd.DataFrame(rows, columns=list(FIELDS), dtype=object)


class Faulty(Exception):
    """A field holds what it cannot; the entry is put aside."""

    def __init__(
        self, code: IssueCode, column: str, value: object, expected: str, advice: str = ""
    ) -> None:
        super().__init__(column)
        self.code, self.column, self.value = code, column, value
        self.expected, self.advice = expected, advice


JOBNET_LISTS = ("jobAds", "JobPositionPostings", "results", "Results", "ads", "annoncer", "items")
POSTING_LISTS = ("@graph", "itemListElement", "results", "items", "jobs")


def read_ads(files: Iterable[Path], kind: str, faults: Faults) -> Iterator[Ad]:
    """Read vacancies one by one; what cannot be used is put aside.

    Parameters
    ----------
    kind
        ``jobnet`` or ``jobposting``.
    """
    read, lists = (_jobnet, JOBNET_LISTS) if kind == "jobnet" else (_posting, POSTING_LISTS)
    for file in files:
        for number, entry in entries(file, lists):
            if kind == "jobposting":
                entry = _item(entry)
                if entry is None:
                    continue  # another thing of the page, such as its organisation
            if not isinstance(entry, Mapping):
                faults.error(IssueCode.WRONG_TYPE, file.name, number, "", entry,
                             expected=Message("imports.an_object"), entry=entry)  # fmt: skip
                continue
            ad, wrong = read(entry, faults, file.name, number)
            wrong += _register_numbers(ad)
            for fault in wrong:
                faults.error(
                    fault.code, file.name, number, fault.column, fault.value,
                    fault.expected, fault.advice, flat(entry, LEAVE),
                )  # fmt: skip
            if not wrong:
                yield ad


def _register_numbers(ad: Ad) -> list[Faulty]:
    """Find what looks like a CPR number in an ad."""
    return [
        Faulty(IssueCode.CPR_NUMBER, name, "", Message("imports.no_register_number"))
        for name in ("ad_id", "title", "employer", "concept", "label")
        if looks_like_cpr(str(getattr(ad, name)))
    ]


class _Fields:
    """What an entry holds, by path."""

    def __init__(self, entry: Entry) -> None:
        self.held = flat(entry, LEAVE)
        self.faults: list[Faulty] = []

    def wrong(self, fault: Faulty) -> str:
        """Note what is wrong, so that everything is said at once."""
        self.faults.append(fault)
        return ""

    def tried(self, read: Callable[[str], T], text: str) -> T:
        """Read a text; what is wrong is noted, and what stands for it is thrown away with it."""
        try:
            return read(text)
        except Faulty as fault:
            self.wrong(fault)
            return read(_HARMLESS[read.__name__])

    def raw(self, *paths: str) -> Any:
        """Return the first of several that says something."""
        for path in paths:
            value = self.held.get(path)
            if value not in (None, "", []):
                return value
        return None

    def text(self, *paths: str) -> str:
        """Return it as a text without blanks at its ends."""
        value = self.raw(*paths)
        if isinstance(value, list):
            value = value[0] if value else None
        if value is None or isinstance(value, Mapping):
            return ""
        return " ".join(str(value).replace("\0", "").split())

    def needed(self, column: str, *paths: str) -> str:
        """Return a text that must be there."""
        found = self.text(*paths)
        if not found:
            self.wrong(
                Faulty(
                    IssueCode.MISSING_VALUE, column, "", Message("imports.needed", paths=paths[:3])
                )
            )
        return found

    def date(self, column: str, *paths: str) -> dt.date | None:
        """Return a day; a moment is the day it is written with."""
        text = self.text(*paths)
        if not text or _NO_DATE.match(text):
            return None
        found = _DATE.match(text)
        try:
            day, *backward = found.groups() if found is not None else (text,)
            return dt.date.fromisoformat(day or "-".join(reversed(backward)))
        except ValueError:
            self.wrong(Faulty(IssueCode.WRONG_FORM, column, text, Message("imports.a_date")))
            return None

    def truth(self, *paths: str) -> bool | None:
        """Return yes or no; None where it is not said."""
        value = self.raw(*paths)
        if isinstance(value, bool):
            return value
        return {"true": True, "ja": True, "false": False, "nej": False}.get(
            str(value).strip().casefold()
        )


def _jobnet(entry: Entry, faults: Faults, source: str, row: int) -> tuple[Ad, list[Faulty]]:
    inner = entry.get("JobPositionPosting")
    held = _Fields({**entry, **inner} if isinstance(inner, Mapping) else entry)
    low, high = _hours(held, *_JOBNET["hours"])
    part_time = held.truth(*_JOBNET["part_time"])
    if part_time is None:
        part_time = _PART_TIME.get(held.text("workhours", "workhourstype").casefold())
    country = held.text(*_JOBNET["country"])
    if country.casefold() not in _DENMARK or held.truth("workplaceabroad", "abroad"):
        held.wrong(Faulty(IssueCode.NOT_ALLOWED, "country", country, Message("imports.in_denmark")))
    ad = Ad(
        source=source,
        row=row,
        ad_id=held.needed("id", *_JOBNET["ad_id"]),
        title=held.needed("title", *_JOBNET["title"])[:_LONGEST],
        employer=held.text(*_JOBNET["employer"])[:_LONGEST],
        cvr=held.tried(_cvr, held.text(*_JOBNET["cvr"])),
        p_number=held.tried(_p_number, held.text(*_JOBNET["p_number"])),
        concept=held.text(*_JOBNET["concept"]),
        label=held.text(*_JOBNET["label"]),
        postcode=held.tried(_postcode, held.text(*_JOBNET["postcode"])),
        deadline=held.date("deadline", *_JOBNET["deadline"]),
        start=held.date("start", *_JOBNET["start"]),
        part_time=part_time,
        hours_min=low,
        hours_max=high,
        dayparts=_dayparts(held, faults, source, row),
        shifts="",
        seats=held.tried(_seats, held.text(*_JOBNET["seats"])),
        licences=_licences(held.raw(*_JOBNET["licences"])),
        disability_friendly=bool(held.truth(*_JOBNET["disability_friendly"])),
    )
    return ad, held.faults


def _cvr(text: str) -> str:
    digits = text.replace(" ", "").removesuffix(".0")
    digits = digits[2:] if digits.upper().startswith("DK") else digits
    if not digits or digits.strip("0") == "":
        return ""
    if not re.fullmatch(r"\d{7,8}", digits):
        raise Faulty(IssueCode.WRONG_FORM, "cvr", text, Message("imports.eight_digits"))
    return digits.zfill(8)


def _p_number(text: str) -> str:
    digits = text.removesuffix(".0")
    if not digits or digits.strip("0") == "":
        return ""
    if not re.fullmatch(r"1\d{9}", digits):
        raise Faulty(IssueCode.WRONG_FORM, "p_number", text, Message("imports.p_number"))
    return digits


def _postcode(text: str) -> str:
    digits = text.removesuffix(".0").upper().removeprefix("DK-").strip()
    if not re.fullmatch(r"\d{3,4}", digits):
        code = IssueCode.WRONG_FORM if digits else IssueCode.MISSING_VALUE
        raise Faulty(
            code, "postcode", text, Message("imports.four_digit_postcode"),
            Message("imports.no_workplace"),
        )  # fmt: skip
    return digits.zfill(4)


def _seats(text: str) -> int:
    if not text:
        return 1
    if not re.fullmatch(r"\d{1,3}(?:\.0)?", text) or float(text) < 1:
        raise Faulty(IssueCode.OUT_OF_RANGE, "seats", text, Message("imports.seats"))
    return int(float(text))


def _hours(held: _Fields, *paths: str) -> tuple[float | None, float | None]:
    """Hours a week, the fewest and the most, of a number or of ``(34 - 36 timer ugentligt)``."""
    text = held.text(*paths)
    found = [float(number.replace(",", ".")) for number in _NUMBER.findall(text)]
    if not found:
        return None, None
    low, high = min(found[:2]), max(found[:2])
    if not 0 < low <= high <= 80:
        held.wrong(Faulty(IssueCode.OUT_OF_RANGE, "hours", text, Message("imports.hours")))
        return None, None
    return low, high


def _licences(value: Any) -> str:
    kinds = {
        _LICENCE[kind]
        for text in _listed(value)
        for kind in re.findall(r"\b([a-z])\b", text.casefold())
        if kind in _LICENCE
    }
    return ";".join(sorted(kinds))


def _listed(value: Any) -> Iterator[str]:
    """Texts of a list, of a text with commas, of objects with one text."""
    if isinstance(value, list):
        for one in value:
            yield from _listed(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _listed(one)
    elif value not in (None, "") and not isinstance(value, bool):
        yield from filter(None, (part.strip() for part in re.split(r"[,;/]", str(value))))


def _dayparts(held: _Fields, faults: Faults, source: str, row: int) -> str:
    """When work is done: flags, codes or words; a code that is none is said."""
    found = {
        part
        for part in DAYPARTS
        if held.truth(
            f"dailyworktime{part}",
            f"dailyworktime.{part}",
            f"job.dailyworktime{part}",
            f"job.dailyworktime.{part}",
        )
    }
    said = held.raw("job.shifts", "shifts", "joblogworktime.dailyworktime", "dailyworktime")
    for word in _listed(said):
        part = _DAYPART.get(word.casefold().removesuffix(".0"))
        if part is None:
            faults.warning(
                IssueCode.NOT_ALLOWED, source, row, "daily_work_time", word,
                Message("imports.dayparts", known=DAYPARTS),
            )  # fmt: skip
        else:
            found.add(part)
    return ";".join(part for part in DAYPARTS if part in found)


def _item(entry: Any) -> Any:
    """Return the job of an entry of JSON-LD; None where it is something else."""
    if isinstance(entry, Mapping) and isinstance(entry.get("item"), Mapping):
        entry = entry["item"]
    if not isinstance(entry, Mapping):
        return entry
    kinds = entry.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    names = {str(kind).rpartition("/")[2].rpartition(":")[2] for kind in kinds}
    return entry if "JobPosting" in names else None


def _posting(entry: Entry, faults: Faults, source: str, row: int) -> tuple[Ad, list[Faulty]]:
    place = _one(entry.get("jobLocation"))
    address = _one(place.get("address")) if isinstance(place, Mapping) else {}
    employer = _one(entry.get("hiringOrganization"))
    if isinstance(employer, str):
        employer = {"name": employer}
    held = _Fields({**entry, "jobLocation": address, "hiringOrganization": employer or {}})
    country = address.get("addressCountry", "") if isinstance(address, Mapping) else ""
    country = country.get("name", "") if isinstance(country, Mapping) else country
    if str(country).strip().casefold() not in _DENMARK:
        held.wrong(
            Faulty(IssueCode.NOT_ALLOWED, "addressCountry", country, Message("imports.in_denmark"))
        )
    kinds = {kind.strip().upper() for kind in _listed(entry.get("employmentType"))}
    part_time = True if "PART_TIME" in kinds else False if "FULL_TIME" in kinds else None
    hours = held.text("workhours")
    shifts = _blocks(hours)
    low, high = (None, None) if shifts else _hours(held, "workhours")
    occupation, concept = _category(entry)
    ad = Ad(
        source=source,
        row=row,
        ad_id=_posting_id(entry, held),
        title=held.needed("title", "title", "name")[:_LONGEST],
        employer=held.text("hiringorganization.name", "hiringorganization.legalname")[:_LONGEST],
        cvr=held.tried(_cvr, _identifier(employer)),
        p_number="",
        concept=concept,
        label=occupation,
        postcode=held.tried(_postcode, held.text("joblocation.postalcode")),
        deadline=held.date("validThrough", "validthrough"),
        start=held.date("jobStartDate", "jobstartdate"),
        part_time=part_time,
        hours_min=low,
        hours_max=high,
        dayparts="" if shifts else _words(hours),
        shifts=shifts,
        seats=held.tried(_seats, held.text("totaljobopenings")),
        licences="",
        disability_friendly=False,
    )
    return ad, held.faults


def _one(value: Any) -> Any:
    value = value[0] if isinstance(value, list) and value else value
    return {} if value is None or value == [] else value


def _posting_id(entry: Entry, held: _Fields) -> str:
    identifier = _one(entry.get("identifier"))
    if isinstance(identifier, Mapping):
        identifier = identifier.get("value") or identifier.get("@id") or ""
    found = str(identifier or "").strip() or held.text("@id")
    address = found or str(_one(entry.get("url")) or "")
    if not address:
        paths = ("identifier", "@id", "url")
        held.wrong(
            Faulty(IssueCode.MISSING_VALUE, "identifier", "",
                   Message("imports.needed", paths=paths))
        )  # fmt: skip
    return address.rstrip("/").rpartition("/")[2] if "//" in address else address


def _identifier(employer: Any) -> str:
    """CVR number of an employer: ``vatID``, ``taxID`` or an identifier that names it."""
    if not isinstance(employer, Mapping):
        return ""
    for key in ("vatID", "taxID", "iso6523Code"):
        found = re.search(r"\d{8}", str(employer.get(key, "")))
        if found:
            return found[0]
    held = _one(employer.get("identifier"))
    if (
        isinstance(held, Mapping)
        and "cvr" in str(held.get("name", held.get("propertyID", ""))).casefold()
    ):
        return str(held.get("value", ""))
    return ""


def _category(entry: Entry) -> tuple[str, str]:
    """Name and address of an occupation: a text, or a category code with its code set."""
    for key in ("occupationalCategory", "relevantOccupation"):
        held = _one(entry.get(key))
        if isinstance(held, str) and held:
            return ("", held) if "/esco/" in held else (held, "")
        if isinstance(held, Mapping) and held:
            inner = _one(held.get("occupationalCategory", {}))
            both = [held, *([inner] if isinstance(inner, Mapping) else [])]
            named = [str(one["name"]) for one in both if one.get("name")]
            codes = [
                str(one[name])
                for one in both
                for name in ("codeValue", "url", "@id")
                if one.get(name)
            ]
            return named[0] if named else "", codes[0] if codes else ""
    return "", ""


def _blocks(text: str) -> str:
    """Blocks of a week, where a text gives times of days; else empty."""
    if not re.search(r"\d", text):
        return ""
    try:
        return week_text(parse_week(text))
    except ValueError:
        return ""


def _words(text: str) -> str:
    found = {_DAYPART.get(word.casefold()) for word in re.findall(r"[^\W\d_]+", text)}
    return ";".join(part for part in DAYPARTS if part in found)
