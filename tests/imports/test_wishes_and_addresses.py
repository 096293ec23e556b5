"""Job wishes become occupations of citizens; addresses become places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher.errors import InputErrors
from matcher.imports import ImportRequest, import_files
from matcher.imports.addresses import utm32_to_degrees
from matcher.policy import load_policy
from matcher.tables.mapping.pseudonym import Key
from tests.weeks import TODAY

KEY = "wish-" + "0123456789abcdef" * 3
STAR = "http://data.star.dk/esco/occupation/"


def asked(folder: Path, *files: Path, **more: Any) -> ImportRequest:
    return ImportRequest(
        files=files, into=folder / "tables", policy=load_policy(TODAY), today=TODAY, **more
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three citizens, one under the pseudonym of a register number; a list of occupations."""
    (tmp_path / "tables").mkdir()
    third = Key(KEY.encode()).pseudonym("010190-1234", "cpr")
    (tmp_path / "tables" / "borgere.csv").write_text(
        f"borger_id;alder;ønsker\nB1;30;5223\nB2;41;9333\n{third};50;\n", "utf-8"
    )
    (tmp_path / "esco.csv").write_text(
        f"conceptUri,iscoGroup,preferredLabel\n{STAR}aa,7316,Skiltemaler\n", "utf-8"
    )
    return tmp_path


def wishes_of(folder: Path) -> list[str]:
    rows = pd.read_csv(folder / "tables" / "borgere.csv", dtype=str, keep_default_na=False)
    assert rows["alder"].tolist() == ["30", "41", "50"]
    return rows["ønsker"].tolist()


def test_wishes_by_concept_and_alias(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whom nothing was saved, nothing changes; a number becomes its pseudonym with the key."""
    monkeypatch.setenv("JOBMATCH_KEY", KEY)
    file = folder / "wishes.json"
    file.write_text(json.dumps([
        {"citizenId": "B1", "jobTargets": [
            {"conceptUriDa": f"{STAR}aa", "alias": "Skiltemaler"},
            {"conceptUriDa": f"{STAR}unknown", "alias": "Rengøringsassistent"},
            {"conceptUriDa": f"{STAR}lost", "alias": "Noget helt andet"},
        ]},
        {"cprNummer": "010190-1234", "conceptUri": "", "alias": "Kok"},
        {"citizenId": "B9", "conceptUri": f"{STAR}aa"},
        {"citizenId": "B2"},
    ]), "utf-8")  # fmt: skip
    done = import_files("wishes", asked(folder, file, occupations=(folder / "esco.csv",)))
    assert wishes_of(folder) == ["7316;9112", "9333", "5120"]
    assert [(one.row, one.column, one.code.value) for one in done.issues] == [
        (3, "citizen_id", "dangling_reference"), (4, "concept", "missing_value")]  # fmt: skip
    lost = (folder / "tables" / "imported" / "wishes_not_found.csv").read_text("utf-8-sig")
    assert lost.splitlines()[1] == f"{STAR}lost;Noget helt andet;1"
    everything = "".join(path.read_bytes().decode("utf-8-sig") for path in folder.rglob("*.csv"))
    assert "010190" not in everything


def test_a_register_number_without_a_key_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOBMATCH_KEY", raising=False)
    file = folder / "wishes.csv"
    file.write_text("borger_id;concept;ønske\n010190-1234;;Kok\nB2;;Kok\n", "utf-8")
    done = import_files("wishes", asked(folder, file))
    (issue,) = done.issues
    assert (issue.code.value, issue.row, issue.value) == ("cpr_number", 2, "")
    assert "JOBMATCH_KEY" in issue.advice
    assert wishes_of(folder) == ["5223", "5120", ""]
    text = (folder / "tables" / "imported" / "put_aside_wishes.jsonl").read_text("utf-8")
    assert "010190" not in text


def test_wishes_need_citizens(tmp_path: Path) -> None:
    file = tmp_path / "wishes.csv"
    file.write_text("citizen_id,concept\nB1,x\n", "utf-8")
    with pytest.raises(InputErrors, match="holds no table citizens"):
        import_files("wishes", asked(tmp_path, file))


# ------------------------------------------------------------------ addresses


def test_metres_become_degrees() -> None:
    """Against published coordinates in both systems: the zone's middle, Aarhus, Copenhagen."""
    latitude, longitude = utm32_to_degrees(
        np.array([500000.0, 574600.0, 725370.0]), np.array([6094791.42, 6223400.0, 6175860.0])
    )
    assert latitude[0] == pytest.approx(55.0, abs=1e-6)
    assert longitude[0] == pytest.approx(9.0, abs=1e-9)
    assert (latitude[1], longitude[1]) == pytest.approx((56.1498, 10.2009), abs=1e-3)
    assert (latitude[2], longitude[2]) == pytest.approx((55.6758, 12.5830), abs=4e-3)


def test_addresses_with_degrees_metres_and_points(tmp_path: Path) -> None:
    """The median of a postcode; a slip moves nothing; what is no point in Denmark comes back."""
    degrees = tmp_path / "a.csv"
    degrees.write_text(
        "id;postnr;postnrnavn;wgs84koordinat_bredde;wgs84koordinat_længde\n"
        "1;8000;Aarhus C;56,15;10,20\n2;8000;Aarhus C;56,17;10,22\n3;8000;Århus C;57,9;15,1\n"
        "4;800;;56,1;10,1\n5;8200;Aarhus N;5,6;10,2\n6;;;56,1;10,1\n",
        "utf-8",
    )
    metres = tmp_path / "b.json"
    metres.write_text(json.dumps({"features": [
        {"properties": {"postnr": "8300", "postnrnavn": "Odder",
                        "position": "POINT(572000 6203000)"}},
        {"properties": {"postnr": "8400", "navn": "Ebeltoft"},
         "geometry": {"type": "Point", "coordinates": [10.68, 56.19]}},
        {"properties": {"postnr": "8500", "etrs89koordinat_øst": 616000,
                        "etrs89koordinat_nord": 6253000}},
    ]}), "utf-8")  # fmt: skip
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "places.csv").write_text(
        "postcode,name,latitude,longitude,own\n8000,Byen,1,1,x\n9000,Aalborg,57.05,9.92,y\n",
        "utf-8",
    )
    done = import_files("addresses", asked(tmp_path, degrees, metres))
    rows = pd.read_csv(tmp_path / "tables" / "places.csv", dtype=str, keep_default_na=False)
    places = rows.set_index("postcode")
    assert places.loc["8000", ["name", "latitude", "longitude", "own"]].tolist() == [
        "Aarhus C", "56.170000", "10.220000", "x"]  # fmt: skip
    assert places.loc["9000", "own"] == "y"
    assert set(places.index) == {"8000", "9000", "0800", "8300", "8400", "8500"}
    assert float(places.loc["8300", "latitude"]) == pytest.approx(55.97, abs=0.01)
    assert places.loc["8400", ["latitude", "longitude"]].tolist() == ["56.190000", "10.680000"]
    assert float(places.loc["8500", "longitude"]) == pytest.approx(10.88, abs=0.02)
    assert {(one.row, one.column) for one in done.issues} == {(6, "coordinates"), (7, "postcode")}
