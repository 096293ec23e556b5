"""Saved ads become openings; what was assumed is marked until the employer has answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.errors import InputErrors
from matcher.imports import Imported, ImportRequest, Kind, import_files
from matcher.imports.profiles import FIGURES, load_profiles
from matcher.policy import load_policy
from matcher.records import HEALTH_CODES
from matcher.tables import check
from tests.imports.made_ads import made_ads, write_ads, write_esco
from tests.weeks import TODAY

OLD = {  # the search as it answered until 2024
    "JobPositionPostings": [{
        "Title": "Opvasker", "HiringOrgName": "Hotel Åen A/S", "WorkPlacePostalCode": "8000",
        "LastDateApplication": "2026-12-05T00:00:00", "AssignmentStartDate": "0001-01-01T00:00:00",
        "WorkHours": "Deltid", "Occupation": "", "Country": "Danmark", "ID": "E8232793",
        "JoblogWorkTime": {"WorkHour": "(20 - 24,5 timer ugentligt)",
                           "DailyWorkTime": "Aften, weekend"},
        "HiringOrgCVR": 37800902, "WorkplaceID": 119356,
    }],
    "TotalResultCount": 1,
}  # fmt: skip
FULL = {  # one ad in full
    "id": "9ef43bce-d82b-4ea1-a098-7ff6520f99be", "title": "Varebilschauffør",
    "body": "<p>Ring 010190-1234</p>",
    "employer": {"cvrNumber": "29190925", "pNumber": "1003367314", "name": "Aarhus Kommune"},
    "job": {
        "address": {"postalCode": "8200", "countryCode": "DK"}, "isPartTime": False,
        "employmentDate": "2027-01-04T00:00:00+01:00", "isDisabilityFriendly": True,
        "preferredLabelDa": "Varebilschauffør", "driversLicenses": ["B"], "shifts": [{"type": 1}],
    },
    "application": {"deadlineDate": "2026-12-09T21:59:00+01:00", "availablePositions": 2,
                    "contactPersons": [{"firstNames": "Jane", "phoneNumber": "+4512345678"}]},
}  # fmt: skip
FLAGS = {  # STAR's own fields
    "JobPositionPostingID": "77", "Title": "Rengøringsassistent", "EmployerCVR": "",
    "HiringOrgName": "Rent & Pænt", "PostalCode": "8000", "DailyWorkTimeDay": True,
    "DailyWorkTimeEvening": "false", "ParttimeX": 1, "WorkHourPartTime": True,
}  # fmt: skip
POSTING = """<html><script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
 {"@type": "Organization", "name": "Ø"},
 {"@type": ["JobPosting"], "identifier": {"@type": "PropertyValue", "value": "a-1"},
  "title": "Kitchen assistant", "employmentType": ["PART_TIME"], "workHours": "man-fre 8-13",
  "datePosted": "2026-11-01", "validThrough": "2026-12-01T12:00",
  "hiringOrganization": {"@type": "Organization", "name": "Café Sol ApS", "vatID": "DK37800902"},
  "jobLocation": {"@type": "Place", "address": {"postalCode": "8210", "addressCountry": "DK"}},
  "totalJobOpenings": 3}]}</script></html>"""


def asked(folder: Path, *files: Path, **more: Any) -> ImportRequest:
    return ImportRequest(
        files=files, into=folder / "tables", policy=load_policy(TODAY), today=TODAY, **more
    )


def imported(folder: Path, kind: Kind, content: Any, **more: Any) -> Imported:
    file = folder / "saved.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return import_files(kind, asked(folder, file, **more))


def table(folder: Path, name: str) -> pd.DataFrame:
    path = folder / "tables" / f"{name}.csv"
    separator = ";" if path.parent.name == "imported" or "/" in name else ","
    return pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding="utf-8-sig")


def opening(folder: Path) -> dict[str, str]:
    (row,) = table(folder, "openings").to_dict("records")
    return {str(name): value for name, value in row.items()}


# ------------------------------------------------------------------ what an ad says


def test_an_ad_of_the_earlier_search(tmp_path: Path) -> None:
    imported(tmp_path, "jobnet", OLD)
    row = opening(tmp_path)
    assert row["opening_id"] == "jobnet-E8232793"
    assert (row["isco"], row["hours_min"], row["hours_max"]) == ("9412", "20", "24:30")
    assert row["shifts"] == "mon-fri 15:00-23:00; sat-sun 08:00-16:00"
    assert row["start_from"] == ""
    assumed = set(row["assumed"].split(";"))
    assert not assumed & {"isco", "hours_min", "hours_max", "seats", "sector"}
    assert assumed >= {"shifts", "oral_floor", "reading_floor", "papers", "measures"}
    assert {f"demand_{code}" for code in HEALTH_CODES} <= assumed
    (place,) = table(tmp_path, "workplaces").to_dict("records")
    assert place == {
        "workplace_id": "cvr37800902-8000", "employer_id": "37800902", "name": "Hotel Åen A/S",
        "sector": "private", "postcode": "8000",
    }  # fmt: skip


def test_an_ad_in_full(tmp_path: Path) -> None:
    """P-number, licence, start and seats are the ad's; persons to ask are nowhere."""
    imported(tmp_path, "jobnet", FULL)
    row = opening(tmp_path)
    assert (row["isco"], row["seats"], row["start_from"]) == ("8322", "2", "2027-01-04")
    assert (row["hours_min"], row["hours_max"]) == ("37", "37")
    assert "hours_min" not in row["assumed"]
    assert row["papers"] == "licence_b"
    (place,) = table(tmp_path, "workplaces").to_dict("records")
    assert (place["workplace_id"], place["sector"]) == ("1003367314", "municipal")
    assert table(tmp_path, "imported/ads")["disability_friendly"].tolist() == ["True"]
    written = "".join(path.read_text("utf-8-sig") for path in tmp_path.rglob("tables/**/*.csv"))
    assert "Jane" not in written
    assert "12345678" not in written
    assert "0101901234" not in written.replace("-", "")


def test_flags_of_daily_working_time(tmp_path: Path) -> None:
    imported(tmp_path, "jobnet", [FLAGS])
    row = opening(tmp_path)
    assert row["shifts"] == "mon-fri 08:00-16:00"
    assert (row["hours_min"], row["hours_max"]) == ("15", "30")
    assert {"hours_min", "hours_max", "shifts", "sector"} <= set(row["assumed"].split(";"))
    assert table(tmp_path, "workplaces")["employer_id"].tolist() == ["rent-pænt"]


def test_a_code_of_working_time_that_is_none_is_said(tmp_path: Path) -> None:
    done = imported(tmp_path, "jobnet", [{**FLAGS, "DailyWorkTimeDay": False, "shifts": [9]}])
    assert [(one.code, one.column, one.value) for one in done.issues] == [
        ("not_allowed", "daily_work_time", "9")
    ]
    assert opening(tmp_path)["shifts"] == load_profiles().blocks(["day"])


def test_json_ld_on_a_page(tmp_path: Path) -> None:
    """The organisation beside the job is passed over; times that are stated are not assumed."""
    page = tmp_path / "page.html"
    page.write_text(POSTING, "utf-8")
    import_files("jobposting", asked(tmp_path, page))
    row = opening(tmp_path)
    assert row["opening_id"] == "jobposting-a-1"
    assert (row["isco"], row["seats"]) == ("9412", "3")
    assert row["shifts"] == "mon-fri 08:00-13:00"
    assert "shifts" not in row["assumed"].split(";")
    assert (row["hours_min"], row["hours_max"]) == ("15", "25")
    assert table(tmp_path, "workplaces")["employer_id"].tolist() == ["37800902"]


@pytest.mark.parametrize("form", ["list", "lines", "pages", "utf-16", "bom"])
def test_forms_of_a_file(tmp_path: Path, form: str) -> None:
    """A list, one ad a line, pages of answers; with marks and in UTF-16."""
    ads = [ad for ad, code in made_ads(6, 2) if code]
    texts = {
        "list": json.dumps(ads),
        "lines": "\n".join(map(json.dumps, ads)),
        "pages": json.dumps([{"jobAds": ads[:2]}, {"jobAds": ads[2:]}]),
        "utf-16": json.dumps({"jobAds": ads}, ensure_ascii=False),
        "bom": json.dumps({"total": 6, "jobAds": ads}),
    }
    codec = {"utf-16": "utf-16", "bom": "utf-8-sig"}.get(form, "utf-8")
    file = tmp_path / "saved.json"
    file.write_bytes(texts[form].encode(codec))
    assert import_files("jobnet", asked(tmp_path, file)).entries == len(ads)


# ------------------------------------------------------------------ what is wrong


def test_everything_wrong_is_said_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    """What, where, value, expected; the entry as it was, without what looks like a CPR number."""
    good, *bad = (ad for ad, code in made_ads(5, 4) if code)
    bad[0] |= {"cvr": "12", "postalCode": None, "applicationDeadline": "i morgen"}
    bad[1] |= {"title": "Kok, ring 010190-1234"}
    bad[2] |= {"country": "Sverige"}
    done = imported(tmp_path, "jobnet", {"jobAds": [*bad, good, "odd"]})
    assert done.entries == len([good, *bad]) - 3
    found = {(one.row, one.column): one for one in done.issues}
    assert set(found) == {(1, "cvr"), (1, "postcode"), (1, "deadline"), (2, "title"),
                          (3, "country"), (len(bad) + 2, "")}  # fmt: skip
    told = found[1, "cvr"]
    assert (told.source, told.value) == ("saved.json", "12")
    assert told.expected == "a CVR number of eight digits"
    assert found[1, "postcode"].advice
    path = tmp_path / "tables" / "imported" / "put_aside_jobnet.jsonl"
    text = path.read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["entry"] for line in lines] == [1, 2, 3, len(bad) + 2]
    assert lines[0]["as_it_was"]["applicationdeadline"] == "i morgen"
    assert lines[1]["as_it_was"]["title"] == "Kok, ring [CPR removed]"
    assert "010190" not in text + str(done.to_dict("da"))
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"jobAds": [{"title": "Kok"}, {"ti', "ends in the middle"),
        ("<html>", "it is no JSON"),
        ('{"jobAds": []}', "nothing was found to import"),
        ('{"jobAds": [{"title": "Kok"}]}', "no entry can be used; 2 things are wrong"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(
    tmp_path: Path, content: str, said: str
) -> None:
    with pytest.raises(InputErrors, match=said):
        imported(tmp_path, "jobnet", content)
    assert not (tmp_path / "tables").exists()


def test_ads_saved_twice_and_ads_over_the_deadline(tmp_path: Path) -> None:
    """Equal ads are one; of two of an id the last counts; a passed one is listed, not offered."""
    first = {**FLAGS, "LastDateApplication": "2026-12-01"}
    newer = {**first, "Title": "Opvasker"}
    passed = {**first, "JobPositionPostingID": "78", "LastDateApplication": "22-11-2026"}
    done = imported(tmp_path, "jobnet", [first, first, newer, passed])
    assert (done.counts["repeated"], done.counts["passed"]) == (1, 1)
    assert [one.code for one in done.issues] == ["duplicate_key"]
    assert opening(tmp_path)["title"] == "Opvasker"
    assert table(tmp_path, "imported/ads")["how"].tolist() == ["title", "passed"]


# ------------------------------------------------------------------ occupations


def test_of_1000_ads_95_percent_reach_the_right_four_digits(tmp_path: Path) -> None:
    """With the list that a team has saved; the rest is a list with room for the code."""
    pairs = list(made_ads(1000))
    import_files("esco", asked(tmp_path, write_esco(tmp_path / "occupations_da.csv")))
    file = write_ads(tmp_path / "ads.json", [ad for ad, _ in pairs])
    done = import_files("jobnet", asked(tmp_path, file))
    found = dict(table(tmp_path, "openings")[["opening_id", "isco"]].itertuples(index=False))
    truth = {f"jobnet-{ad['jobAdId']}": code for ad, code in pairs}
    right = sum(found.get(one) == code for one, code in truth.items() if code)
    assert right >= 950
    wrong = {one for one, code in found.items() if code != truth[one]}
    assert len(wrong) <= 10
    assert all(len(code) == 4 for code in found.values())
    lost = table(tmp_path, "imported/occupations_not_found")
    assert set(lost["opening_id"]) == set(truth) - set(found)
    assert set(lost["isco"]) == {""}
    assert sum(done.how.values()) == 1000
    assert done.how["none"] == len(lost)
    assert done.how["concept"] > 250


def test_a_code_filled_in_on_the_list_is_taken(tmp_path: Path) -> None:
    """And one that is none is said."""
    lost = {**FLAGS, "Title": "Vil du være med?"}
    other = {**lost, "JobPositionPostingID": "79"}
    done = imported(tmp_path, "jobnet", [FLAGS | {"JobPositionPostingID": "1"}, lost, other])
    assert done.how["none"] == 2
    path = tmp_path / "tables" / "imported" / "occupations_not_found.csv"
    text = path.read_text("utf-8-sig").replace("jobnet-77;;", "jobnet-77;9412;")
    path.write_text(text.replace("jobnet-79;;", "jobnet-79;køkken;"), "utf-8")
    done = imported(tmp_path, "jobnet", [FLAGS | {"JobPositionPostingID": "1"}, lost, other])
    assert (done.how["said"], done.how["none"]) == (1, 1)
    assert [(one.column, one.value) for one in done.issues] == [("isco", "køkken")]
    rows = table(tmp_path, "openings").set_index("opening_id")
    assert rows.loc["jobnet-77", "isco"] == "9412"
    assert "isco" not in rows.loc["jobnet-77", "assumed"].split(";")
    # It stays on the list, so that the next import knows it too.
    kept = table(tmp_path, "imported/occupations_not_found").set_index("opening_id")["isco"]
    assert kept.to_dict() == {"jobnet-77": "9412", "jobnet-79": ""}


def test_what_is_found_in_part_is_assumed(tmp_path: Path) -> None:
    imported(tmp_path, "jobnet", [{**FLAGS, "Title": "Medarbejder til rengøring i Viby"}])
    row = opening(tmp_path)
    assert row["isco"] == "9112"
    assert "isco" in row["assumed"].split(";")


def test_lists_of_star_reach_a_group_by_the_equal_concept_or_name(tmp_path: Path) -> None:
    """Jobnet's answers have no group; ESCO's list has; two groups of one concept are said."""
    esco = tmp_path / "esco.csv"
    esco.write_text(
        "conceptUri;iscoGroup;preferredLabel;altLabels\n"
        'http://data.europa.eu/esco/occupation/AA;7316;skiltemaler;"skiltemontør\nskilteskriver"\n'
        "http://data.europa.eu/esco/occupation/BB;C2320;ridelærer;\n"
        "http://data.europa.eu/esco/occupation/AA;9112;skiltemaler;\n"
        "http://data.europa.eu/esco/occupation/CC;x;intet;\n",
        "utf-8",
    )
    star = tmp_path / "star.json"
    star.write_text(json.dumps([
        {"conceptUriDa": "http://data.star.dk/esco/occupation/aa", "preferredLabelDa": "Skiltefolk",
         "aliases": [{"aliasIdentifier": "1", "alternativeLabelDa": "Skiltemand"}]},
        {"conceptUriDa": "http://data.star.dk/esco/occupation/zz", "preferredLabelDa": "Ridelærer"},
        {"conceptUriDa": "http://data.star.dk/esco/occupation/yy", "preferredLabelDa": "Ukendt"},
    ]), "utf-8")  # fmt: skip
    done = import_files("esco", asked(tmp_path, esco, star))
    found = {(one.row, one.code.value) for one in done.issues}
    assert found == {(4, "duplicate_key"), (5, "wrong_form")}
    assert done.counts["without_group"] == 1
    rows = table(tmp_path, "imported/occupations_without_group")
    assert rows["name"].tolist() == ["Ukendt"]
    ads = [
        {**FLAGS, "JobPositionPostingID": number, "Title": title, "conceptUriDa": concept}
        for number, (title, concept) in enumerate((
            ("X", "http://data.star.dk/esco/occupation/aa"),
            ("X", "http://data.star.dk/esco/occupation/zz/"),
            ("Skiltemænd og skiltemontører", ""),
            ("X", "http://data.star.dk/esco/occupation/yy"),
        ))
    ]  # fmt: skip
    done = imported(tmp_path, "jobnet", ads)
    assert table(tmp_path, "openings")["isco"].tolist() == ["7316", "2320", "7316"]
    assert (done.how["concept"], done.how["none"]) == (2, 1)


def test_an_occupation_without_a_profile_is_not_known(tmp_path: Path) -> None:
    """Nothing is assumed for it but what nobody can be asked less of: it is asked."""
    imported(tmp_path, "jobnet", [{**FLAGS, "Title": "Professor"}])
    row = opening(tmp_path)
    assert (row["isco"], row["oral_floor"], row["demand_lift"]) == ("2310", "", "")
    assert "oral_floor" not in row["assumed"].split(";")
    (form,) = table(tmp_path, "imported/ask_employers").to_dict("records")
    assert form["oral_floor"] == "[?]"


# ------------------------------------------------------------------ profiles


def test_every_figure_of_a_profile_has_a_source() -> None:
    profiles = load_profiles()
    assert len(profiles.occupations) >= 50
    for code, profile in profiles.occupations.items():
        assert set(profile) == set(FIGURES), code
        assert all(len(profiles.source(code, column)) > 20 for column in FIGURES)
        assert profiles.names[code]
    assert profiles.code_of("911234") == "9112"
    assert profiles.code_of("1111") == ""


def test_a_file_of_ones_own_goes_before_and_is_checked(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[sources]\nus = "The team, 2026"\n[occupations.9112]\noral_floor = [1, "us"]\n', "utf-8"
    )
    profiles = load_profiles(own)
    assert profiles.occupations["9112"]["oral_floor"] == (1, "us")
    assert profiles.source("9112", "oral_floor") == "The team, 2026"
    assert profiles.occupations["9112"]["reading_floor"][0] == 1
    own.write_text(
        '[occupations.9112]\noral_floor = [9, "judged"]\ndemand_lift = 2\nnoise = [1, "judged"]\n'
        'papers = [["bus pass"], "judged"]\nshifts = ["soon", "judged"]\n'
        'reading_floor = [1, "nobody"]\n[colours]\n',
        "utf-8",
    )
    with pytest.raises(InputErrors) as raised:
        load_profiles(own)
    said = str(raised.value)
    assert "own.toml: 7 things do not hold" in said
    for part in ("oral_floor: found '9'", "demand_lift", "noise", "papers", "shifts", "'nobody'",
                 "colours"):  # fmt: skip
        assert part in said


# ------------------------------------------------------------------ employers answer


def test_an_employers_answer_takes_the_mark_away_and_holds_next_week(tmp_path: Path) -> None:
    """A new value, all the rest confirmed; a cell that says what it cannot comes back."""
    other = {**FLAGS, "JobPositionPostingID": "78"}
    imported(tmp_path, "jobnet", [FLAGS, other])
    form = table(tmp_path, "imported/ask_employers").set_index("opening_id")
    assert form.loc["jobnet-77", "oral_floor"] == "[2]"
    assert form.loc["jobnet-77", "sector"] == "[private]"
    form.loc["jobnet-77", ["oral_floor", "measures", "all_correct"]] = [
        "A2", "ordinary; work_practice", "ja"]  # fmt: skip
    form.loc["jobnet-78", ["reading_floor", "papers"]] = ["syv", "none"]
    form.loc["jobnet-99"] = ["x"] * len(form.columns)
    back = tmp_path / "back.csv"
    form.reset_index().to_csv(back, sep=";", index=False)
    done = import_files("answers", asked(tmp_path, back))
    found = {(one.row, one.column, one.code) for one in done.issues}
    assert (3, "reading_floor", "wrong_type") in found
    assert (4, "opening_id", "dangling_reference") in found
    rows = table(tmp_path, "openings").set_index("opening_id")
    confirmed = rows.loc["jobnet-77"]
    assert (confirmed["oral_floor"], confirmed["assumed"]) == ("3", "")
    assert confirmed["measures"] == "ordinary;work_practice"
    left = set(rows.loc["jobnet-78", "assumed"].split(";"))
    assert "papers" not in left
    assert "reading_floor" in left
    assert "sector" not in left  # the same workplace
    # The same ad next week: what the employer has said holds, without being asked again.
    done = imported(tmp_path, "jobnet", [FLAGS, other])
    again = table(tmp_path, "openings").set_index("opening_id")
    assert (again.loc["jobnet-77", "oral_floor"], again.loc["jobnet-77", "assumed"]) == ("3", "")
    assert done.counts["assumed"] == 1
    asked_again = table(tmp_path, "imported/ask_employers")
    assert asked_again["opening_id"].tolist() == ["jobnet-78"]


def test_questions_say_what_is_assumed_and_why(tmp_path: Path) -> None:
    imported(tmp_path, "jobnet", [FLAGS], language="da")
    rows = table(tmp_path, "imported/questions")
    row = rows[rows["kolonne"].eq("demand_stand")].iloc[0]
    assert (row["isco"], row["antaget"]) == ("9112", "3")
    assert "NFA" in row["kilde"]
    assert row["spørgsmål"] == "krav stående og gående arbejde"


# ------------------------------------------------------------------ into the tables


def test_a_teams_own_rows_stay_and_closed_ads_go(tmp_path: Path) -> None:
    """Whatever the table's language; a workplace the team knows keeps what it says."""
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "stillinger.csv").write_text(
        "stilling_id;arbejdsplads_id;isco;vagter;egen_kolonne\nEGEN;P1;9412;man-fre 8-12;=hej\n",
        "utf-8",
    )
    (folder / "workplaces.csv").write_text(
        "workplace_id,employer_id,sector,postcode,ordinary_staff\n"
        "rent-pænt-8000,E9,municipal,8000,40\n", "utf-8",
    )  # fmt: skip
    imported(tmp_path, "jobnet", [FLAGS, {**FLAGS, "JobPositionPostingID": "78"}])
    done = imported(tmp_path, "jobnet", [FLAGS])
    assert done.counts["gone"] == 1
    path = folder / "stillinger.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert rows["stilling_id"].tolist() == ["EGEN", "jobnet-77"]
    assert rows.loc[0, ["vagter", "egen_kolonne"]].tolist() == ["man-fre 8-12", "=hej"]
    assert path.stat().st_mode & 0o077 == 0
    (place,) = table(tmp_path, "workplaces").to_dict("records")
    assert (place["sector"], place["ordinary_staff"]) == ("municipal", "40")


def test_a_table_in_another_form_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "openings.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputErrors, match=r"is no single CSV file"):
        imported(tmp_path, "jobnet", [FLAGS])


def test_the_tables_are_read_by_a_run(tmp_path: Path) -> None:
    """Every row passes; the marks are in the problem."""
    ads = [ad for ad, code in made_ads(60, 5) if code]
    imported(tmp_path, "jobnet", {"jobAds": ads})
    folder = tmp_path / "tables"
    codes = sorted({str(ad["postalCode"]) for ad in ads})
    (folder / "places.csv").write_text(
        "postcode,latitude,longitude\n" + "".join(f"{code},56.1,10.2\n" for code in codes), "utf-8"
    )
    reading = check(folder, load_policy(TODAY), TODAY)
    wrong = [str(one) for one in reading.issues if one.table in {"openings", "workplaces"}
             and one.code not in {"not_known", "absent_column"}]  # fmt: skip
    assert wrong == []
    assert reading.counts["openings"].kept == len(table(tmp_path, "openings"))


def test_the_order_of_the_ads_changes_nothing(tmp_path: Path) -> None:
    ads = [ad for ad, _ in made_ads(40, 6)]
    written = []
    for name, given in (("a", ads), ("b", ads[::-1])):
        (tmp_path / name).mkdir()
        imported(tmp_path / name, "jobnet", {"jobAds": given})
        written.append([
            (tmp_path / name / "tables" / file).read_bytes()
            for file in ("openings.csv", "workplaces.csv", "imported/ask_employers.csv")
        ])  # fmt: skip
    assert written[0] == written[1]
