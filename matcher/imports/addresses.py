"""Addresses and their coordinates, into places: one point for each postcode.

Understood are lists of addresses with degrees (WGS 84) or with metres east and north (ETRS89 /
UTM zone 32N, EPSG:25832, as DAR has them: in two columns or as ``POINT(572515 6223812)``). The
point of a postcode is the median of its addresses, so that a slip in one of them moves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.imports.faults import Faults
from matcher.imports.files import entries, flat
from matcher.imports.into import read_list
from matcher.records import Place
from matcher.tables.issues import IssueCode
from matcher.tables.names import fold
from matcher.texts import Message

ENDINGS = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".geojson"})
Floats = npt.NDArray[np.float64]
_LISTS = ("features", "adresser", "adgangsadresser", "addresses", "results", "items", "data")
_MEANS: Mapping[str, tuple[str, ...]] = {
    "postcode": ("postnr", "postnummer", "postcode", "postalcode", "zip", "postnummernr"),
    "name": ("postnrnavn", "postdistrikt", "navn", "name", "city", "by", "postnummernavn"),
    "latitude": ("wgs84koordinatbredde", "breddegrad", "latitude", "lat", "bredde"),
    "longitude": ("wgs84koordinatlaengde", "laengdegrad", "longitude", "lon", "lng", "laengde"),
    "east": ("etrs89koordinatoest", "oest", "easting", "x", "east", "etrs89oest"),
    "north": ("etrs89koordinatnord", "nord", "northing", "y", "north", "etrs89nord"),
    "point": ("position", "geometri", "adgangspunkt", "koordinater", "point", "wkt",
              "coordinates", "vejpunkt"),
}  # fmt: skip
_POINT = re.compile(r"([-+]?\d+(?:\.\d+)?)[ ,;]+([-+]?\d+(?:\.\d+)?)")
_DEGREES = 180.0
"""Numbers up to this size are degrees, larger ones metres."""


def utm32_to_degrees(east: Floats, north: Floats) -> tuple[Floats, Floats]:
    """Degrees north and east of points in ETRS89 / UTM zone 32N.

    By Krüger's series to the third order of the third flattening, right to a millimetre within the
    zone. Source: Karney (2011), Transverse Mercator with an accuracy of a few nanometers; GRS 80.

    >>> latitude, longitude = utm32_to_degrees(np.array([500000.0]), np.array([6207000.0]))
    >>> bool(abs(longitude[0] - 9.0) < 1e-9), bool(55.9 < latitude[0] < 56.1)
    (True, True)
    """
    axis, flattening = 6378137.0, 1 / 298.257222101
    scale, false_east, meridian = 0.9996, 500000.0, 9.0
    n = flattening / (2 - flattening)
    radius = axis / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    beta = (n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96, n**2 / 48 + n**3 / 15, 17 * n**3 / 480)
    delta = (2 * n - 2 * n**2 / 3 - 2 * n**3, 7 * n**2 / 3 - 8 * n**3 / 5, 56 * n**3 / 15)
    xi, eta = north / (scale * radius), (east - false_east) / (scale * radius)
    turns = [(2 * at, value) for at, value in enumerate(beta, start=1)]
    xi_plain = xi - sum(value * np.sin(j * xi) * np.cosh(j * eta) for j, value in turns)
    eta_plain = eta - sum(value * np.cos(j * xi) * np.sinh(j * eta) for j, value in turns)
    chi = np.arcsin(np.sin(xi_plain) / np.cosh(eta_plain))
    latitude = chi + sum(value * np.sin(2 * at * chi) for at, value in enumerate(delta, start=1))
    longitude = np.arctan2(np.sinh(eta_plain), np.cos(xi_plain))
    return np.degrees(latitude), meridian + np.degrees(longitude)


def read_addresses(files: Iterable[Path], faults: Faults) -> pd.DataFrame:
    """Read addresses and give each postcode its point: texts of the columns of places."""
    rows = [row for file in files for row in _rows(file)]
    frame = pd.DataFrame(rows, columns=["source", "row", *_MEANS], dtype=object)
    good = _placed(frame, faults)
    return _by_postcode(good)


def _rows(path: Path) -> Iterator[tuple[Any, ...]]:
    if path.suffix.lower() in {".json", ".jsonl", ".geojson"}:
        for number, entry in entries(path, _LISTS):
            held: dict[str, Any] = {}
            if isinstance(entry, Mapping):
                for name, value in flat(entry, frozenset()).items():
                    held.setdefault(fold(name.rpartition(".")[2]), value)
            yield (path.name, number, *_cells(held))
        return
    table = read_list(path)
    if table is None:
        return
    heads = {head: fold(str(head)) for head in table.columns}
    table = table.rename(columns=heads)
    table = table.loc[:, ~table.columns.duplicated()]
    for number, row in zip(table.index, table.to_dict("records"), strict=True):
        yield (path.name, int(number), *_cells({str(head): text for head, text in row.items()}))


def _cells(held: Mapping[str, Any]) -> Iterator[str]:
    for names in _MEANS.values():
        value = next((held[name] for name in names if held.get(name) not in (None, "", [])), "")
        yield " ".join(map(str, value)) if isinstance(value, list) else str(value).strip()


def _placed(frame: pd.DataFrame, faults: Faults) -> pd.DataFrame:
    """Give each address degrees; put those without a postcode or a point in Denmark aside."""

    def numbers(name: str) -> Floats:
        texts = frame[name].astype(str).str.replace(",", ".", regex=False)
        return pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64)

    pair = frame["point"].astype(str).str.extract(_POINT)
    first = pd.to_numeric(pair[0], errors="coerce").to_numpy(dtype=np.float64)
    second = pd.to_numeric(pair[1], errors="coerce").to_numpy(dtype=np.float64)
    degrees = np.abs(first) <= _DEGREES
    latitude, longitude = numbers("latitude"), numbers("longitude")
    latitude = np.where(np.isnan(latitude) & degrees, second, latitude)
    longitude = np.where(np.isnan(longitude) & degrees, first, longitude)
    east = np.where(np.isnan(numbers("east")) & ~degrees, first, numbers("east"))
    north = np.where(np.isnan(numbers("north")) & ~degrees, second, numbers("north"))
    north_of, east_of = utm32_to_degrees(east, north)
    metres = np.isnan(latitude) | np.isnan(longitude)
    latitude = np.where(metres, north_of, latitude)
    longitude = np.where(metres, east_of, longitude)
    codes = frame["postcode"].astype(str).str.removesuffix(".0")
    postcode = codes.where(~codes.str.fullmatch(r"\d{3}"), "0" + codes)
    named = postcode.str.fullmatch(r"\d{4}").to_numpy(dtype=np.bool_)
    low, high = _range("latitude")
    west, east_most = _range("longitude")
    here = (latitude >= low) & (latitude <= high) & (longitude >= west) & (longitude <= east_most)
    for at in np.flatnonzero(~named | ~here).tolist():
        row = frame.iloc[at]
        column = "postcode" if not named[at] else "coordinates"
        held = ["latitude", "longitude", "point", "east", "north"]
        value = row["postcode"] if not named[at] else " ".join(filter(None, row[held].tolist()))
        faults.error(
            IssueCode.WRONG_FORM if not named[at] else IssueCode.OUT_OF_RANGE,
            row["source"], row["row"], column, value,
            Message("imports.four_digit_postcode" if not named[at] else "imports.in_the_country"),
            entry=row.to_dict(),
        )  # fmt: skip
    kept = named & here
    return pd.DataFrame(
        {
            "postcode": postcode[kept],
            "name": frame["name"][kept],
            "latitude": latitude[kept],
            "longitude": longitude[kept],
        }
    )


def _range(name: str) -> tuple[float, float]:
    """Degrees that a place may have; its record says them."""
    marks = [mark for one in Place.model_fields[name].metadata for mark in
             (getattr(one, "metadata", None) or [one])]  # fmt: skip
    low = next(mark.ge for mark in marks if getattr(mark, "ge", None) is not None)
    high = next(mark.le for mark in marks if getattr(mark, "le", None) is not None)
    return float(low), float(high)


def _by_postcode(addresses: pd.DataFrame) -> pd.DataFrame:
    groups = addresses.groupby("postcode", sort=True)
    points = groups[["latitude", "longitude"]].median().round(6)
    # Of several names the most common counts; of equally common ones the first by the alphabet.
    names = (
        addresses[addresses["name"].ne("")]
        .groupby(["postcode", "name"], sort=True)
        .size()
        .reset_index(name="count")
        .sort_values(["postcode", "count", "name"], ascending=[True, False, True])
        .drop_duplicates("postcode")
        .set_index("postcode")["name"]
    )
    found = points.assign(name=names.reindex(points.index).fillna("")).reset_index()
    texts = {name: [f"{one:.6f}" for one in found[name].tolist()] for name in
             ("latitude", "longitude")}  # fmt: skip
    return pd.DataFrame(
        {"postcode": found["postcode"], "name": found["name"], **texts}, dtype=object
    )
