"""From vacancies to openings and workplaces, with what was assumed of each.

What the ad says stands as it says it. The rest comes from the profile of the occupation, and the
column ``assumed`` names it; where the occupation has no profile, the cell is empty: not known.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from matcher.imports.faults import Faults
from matcher.imports.occupations import Crosswalk
from matcher.imports.profiles import FIGURES, Profiles, minutes_of
from matcher.imports.titles import SURE
from matcher.records import HEALTH_CODES, NONE_WORDS, TABLES
from matcher.tables.issues import IssueCode
from matcher.texts import Message
from matcher.unknown import ASSUMABLE, joined

NONE = NONE_WORDS[0]
_PUBLIC = (("municipal", r"\bkommunes?\b"), ("regional", r"\bregion(?:s)?\b|\bhospital\b"))
_PRIVATE = re.compile(
    r"\b(?:a/s|aps|i/s|p/s|k/s|ivs|amba|a\.m\.b\.a|holding|fmba)\b", re.IGNORECASE
)
_SLUG = re.compile(r"[^a-z0-9æøå]+")
_LONGEST_ID = 64
WORKPLACE_COLUMNS = ("workplace_id", "employer_id", "name", "sector", "postcode")


@dataclass(frozen=True)
class Vacancies:
    """What became of the vacancies of an import."""

    openings: pd.DataFrame
    """Texts of the table's columns."""
    workplaces: pd.DataFrame
    """Likewise."""
    ads: pd.DataFrame
    """Each ad that became an opening: its id, how its occupation was found, deadline, employer."""
    not_found: pd.DataFrame
    """Ads of which no occupation was found."""
    passed: pd.DataFrame
    """Ads whose deadline has passed."""
    repeated: int
    """Ads that were saved twice, and are one."""


def vacancies(
    ads: pd.DataFrame,
    kind: str,
    crosswalk: Crosswalk,
    profiles: Profiles,
    today: dt.date,
    faults: Faults,
    said: Mapping[str, str] | None = None,
) -> Vacancies:
    """Turn ads into openings.

    Parameters
    ----------
    ads
        As :func:`matcher.imports.ads.ads_frame` makes it.
    kind
        ``jobnet`` or ``jobposting``: the beginning of the ids.
    today
        Ads whose deadline is before this day are left out.
    said
        Codes that the team has filled in for ads without an occupation, by id of the ad.
    """
    ads, repeated = _once(ads, faults)
    ads = ads.assign(opening_id=[_id(kind, text) for text in ads["ad_id"]])
    over = ads["deadline"].map(lambda day: day is not None and day < today).astype(bool)
    passed, ads = ads[over], ads[~over].reset_index(drop=True)
    ads = _with_occupation(ads, crosswalk, said or {})
    lost = ads["isco"].eq("")
    not_found, ads = ads[lost], ads[~lost].reset_index(drop=True)
    ads = _with_workplace(ads)
    openings = _openings(ads, profiles)
    return Vacancies(
        openings.sort_values("opening_id", ignore_index=True),
        _workplaces(ads),
        ads.assign(assumed=openings["assumed"].to_numpy()).sort_values(
            "opening_id", ignore_index=True
        ),
        not_found.sort_values("opening_id", ignore_index=True),
        passed.sort_values("opening_id", ignore_index=True),
        repeated,
    )


def _once(ads: pd.DataFrame, faults: Faults) -> tuple[pd.DataFrame, int]:
    """Keep one of each ad: equal ones are one, of others the one saved last."""
    facts = [name for name in ads.columns if name not in {"source", "row"}]
    before = len(ads)
    ads = ads.drop_duplicates(facts, keep="last")
    repeated = before - len(ads)
    older = ads["ad_id"].duplicated(keep="last")
    for source, row, one in zip(
        ads.loc[older, "source"], ads.loc[older, "row"], ads.loc[older, "ad_id"], strict=True
    ):
        faults.warning(
            IssueCode.DUPLICATE_KEY, source, row, "id", one,
            expected=Message("imports.one_ad"), advice=Message("imports.last_counts"),
        )  # fmt: skip
    return ads[~older].reset_index(drop=True), repeated


def _id(kind: str, text: str) -> str:
    return f"{kind}-{text}"[:_LONGEST_ID].strip()


def _with_occupation(
    ads: pd.DataFrame, crosswalk: Crosswalk, said: Mapping[str, str]
) -> pd.DataFrame:
    """Find each ad's occupation: what a team said, its concept, its name, the title."""
    titles = crosswalk.names.find(ads["title"])
    labels = crosswalk.names.find(ads["label"])
    ways = (
        (
            ads["opening_id"].map(lambda one: said.get(one, "")).to_numpy(dtype=object),
            "said",
            ads["label"],
        ),
        (crosswalk.by_concept(ads["concept"]).to_numpy(), "concept", ads["label"]),
        (crosswalk.by_label(ads["label"]).to_numpy(), "label", ads["label"]),
        (titles.isco, titles.how, titles.name),
        (labels.isco, labels.how, labels.name),
    )
    isco = np.full(len(ads), "", dtype=object)
    how, name = isco.copy(), isco.copy()
    for codes, which, names in ways:
        here = (isco == "") & (codes != "")
        isco[here] = codes[here]
        how[here] = which if isinstance(which, str) else which[here]
        name[here] = np.asarray(names, dtype=object)[here]
    return ads.assign(isco=isco, how=how, found_as=name)


def _with_workplace(ads: pd.DataFrame) -> pd.DataFrame:
    """Name employer and workplace: by CVR and P-number, else by name and postcode."""
    slugs = {
        text: _SLUG.sub("-", str(text).casefold()).strip("-")[:40] or "unnamed"
        for text in ads["employer"].unique()
    }
    slug = ads["employer"].map(slugs)
    has_cvr = ads["cvr"].ne("")
    employer = ads["cvr"].where(has_cvr, slug)
    where = "cvr" + ads["cvr"] + "-" + ads["postcode"]
    place = ads["p_number"].where(
        ads["p_number"].ne(""), where.where(has_cvr, slug + "-" + ads["postcode"])
    )
    names = ads["employer"].fillna("")
    sector = pd.Series("private", index=ads.index, dtype=object)
    sure = names.str.contains(_PRIVATE)
    for name, pattern in _PUBLIC:
        public = names.str.contains(pattern, case=False, regex=True) & ~sure
        sector = sector.mask(public & sector.eq("private"), name)
    return ads.assign(
        employer_id=employer,
        workplace_id=place,
        sector=sector,
        sector_sure=sure | sector.ne("private"),
    )


def _workplaces(ads: pd.DataFrame) -> pd.DataFrame:
    rows = ads.rename(columns={"employer": "name"})[list(WORKPLACE_COLUMNS)]
    order = rows.sort_values(["workplace_id", "name", "sector"], kind="stable")
    return order.drop_duplicates("workplace_id").reset_index(drop=True)


def _openings(ads: pd.DataFrame, profiles: Profiles) -> pd.DataFrame:
    count = len(ads)
    from_profile = profiles.frame(ads["isco"]).reindex(ads["isco"]).reset_index(drop=True)
    assumed: dict[str, np.ndarray[Any, np.dtype[np.bool_]]] = {
        name: from_profile[name].notna().to_numpy(dtype=np.bool_) for name in FIGURES
    }
    assumed["isco"] = ~ads["how"].isin([*SURE, "said"]).to_numpy(dtype=np.bool_)
    assumed["sector"] = ~ads["sector_sure"].to_numpy(dtype=np.bool_)
    low, high, hours = _hours(ads, profiles)
    shifts, times = _shifts(ads, from_profile["shifts"], profiles)
    # An assumed number of hours is none that the stated times have no room for.
    room = minutes_of(shifts).to_numpy(dtype=np.float64) / 60
    high = np.where(hours, np.minimum(high, room), high)
    low = np.where(hours, np.minimum(low, high), low)
    tight = room < low
    longer = [profiles.blocks([*parts, "day"]) for parts in _parts(ads, tight)]
    shifts = shifts.where(~tight, pd.Series(longer, index=shifts.index, dtype=object))
    assumed |= {"hours_min": hours, "hours_max": hours, "shifts": times | tight}
    papers = _papers(ads["licences"], from_profile["papers"])
    data: dict[str, Any] = {
        "opening_id": ads["opening_id"],
        "workplace_id": ads["workplace_id"],
        "title": ads["title"],
        "isco": ads["isco"],
        "seats": ads["seats"].astype(str),
        "hours_min": [_clock(one) for one in low.tolist()],
        "hours_max": [_clock(one) for one in high.tolist()],
        "ramp_weeks": ["0"] * count,
        "shifts": shifts,
        "start_from": [day.isoformat() if day is not None else "" for day in ads["start"]],
        "language_gap_ok": [NONE] * count,
        "papers": papers,
        "measures": _filled(from_profile["measures"], "ordinary"),
        "prospect": ["0"] * count,
        "age_min": [NONE] * count,
        "age_max": [NONE] * count,
        "unknown": [""] * count,
    }
    # Nobody at the workplace was asked about papers or measures, profile or not.
    everyone = np.ones(count, dtype=np.bool_)
    assumed |= {"papers": everyone, "measures": everyone}
    for name in ("oral_floor", "reading_floor", *(f"demand_{code}" for code in HEALTH_CODES)):
        data[name] = [
            "" if value is None or value != value else str(int(value))
            for value in from_profile[name].tolist()
        ]
    data["assumed"] = joined({name: assumed[name] for name in ASSUMABLE if name in assumed}, count)
    # What no ad speaks of (mentors, public holidays) has the default of its column.
    order = [name for name in TABLES["openings"].record.model_fields if name in data]
    return pd.DataFrame({name: np.asarray(data[name], dtype=object) for name in order})


def _hours(ads: pd.DataFrame, profiles: Profiles) -> tuple[Any, Any, Any]:
    """Fewest and most hours a week of each ad, and whether they are assumed."""
    said = ads["hours_min"].notna().to_numpy(dtype=np.bool_)
    part = pd.Series(
        [{True: "part_time", False: "full_time"}.get(one, "not_said") for one in ads["part_time"]],
        index=ads.index, dtype=object,
    )  # fmt: skip
    low = part.map({name: pair[0][0] for name, pair in profiles.hours.items()})
    high = part.map({name: pair[0][1] for name, pair in profiles.hours.items()})
    number = {
        name: pd.to_numeric(ads[name], errors="coerce") for name in ("hours_min", "hours_max")
    }
    return (
        number["hours_min"].where(said, low).to_numpy(dtype=np.float64),
        number["hours_max"].where(said, high).to_numpy(dtype=np.float64),
        ~said & part.ne("full_time").to_numpy(dtype=np.bool_),
    )


def _parts(ads: pd.DataFrame, wanted: Any) -> list[list[str]]:
    return [
        [part for part in text.split(";") if part] if here else []
        for text, here in zip(ads["dayparts"], wanted.tolist(), strict=True)
    ]


def _shifts(ads: pd.DataFrame, usual: pd.Series, profiles: Profiles) -> tuple[pd.Series, Any]:
    """Blocks of a week of each ad, and whether they are assumed."""
    stated = ads["shifts"].ne("")
    kinds = ads["dayparts"].where(ads["dayparts"].ne(""), _filled(usual, "day"))
    blocks = {text: profiles.blocks(text.split(";")) for text in kinds.unique()}
    shifts = ads["shifts"].where(stated, kinds.map(blocks))
    return shifts, ~stated.to_numpy(dtype=np.bool_)


def _papers(stated: pd.Series, usual: pd.Series) -> list[str]:
    return [
        ";".join(
            sorted({part for text in (one, other) for part in (text or "").split(";") if part})
        )
        or NONE
        for one, other in zip(stated.tolist(), _filled(usual, "").tolist(), strict=True)
    ]


def _filled(cells: pd.Series, value: str) -> pd.Series:
    texts = cells.astype(object)
    return texts.where(texts.notna(), value)


def _clock(hours: float) -> str:
    """Hours as whole numbers or as hours and minutes: no decimal sign to be taken for another."""
    minutes = round(hours * 60)
    return str(minutes // 60) if minutes % 60 == 0 else f"{minutes // 60}:{minutes % 60:02d}"
