"""Other names, codes, units and tables: proposed, read, and told apart in the words of the file."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.cpr import looks_like_cpr
from matcher.errors import MappingError, OptionError
from matcher.policy import Policy, override_of
from matcher.problem import Problem
from matcher.records import TABLES
from matcher.tables import IssueCode, Reading, check, load_mapping
from matcher.tables.columns import columns_of
from matcher.tables.frames import read_frame
from matcher.tables.mapping.columns import Judge, looked_at
from matcher.tables.mapping.likeness import meant_by
from matcher.tables.mapping.propose import ProposedMapping, propose
from matcher.tables.mapping.pseudonym import Key, key_of
from matcher.tables.mapping.writing import proposal_text
from matcher.texts import tell
from tests.tables.conftest import TODAY, Rows, write_rows
from tests.tables.their_tables import theirs
from tests.volume import daily

KEY = "0123456789abcdef" * 2


def frames(rows: Rows) -> dict[str, pd.DataFrame]:
    """Rows as frames of texts."""
    return {name: pd.DataFrame(table, dtype=object) for name, table in rows.items() if table}


def written(proposal: ProposedMapping, policy: Policy) -> str:
    assert policy.mapping is not None
    return proposal_text(proposal, policy.mapping, "en")


def proposed(tables: Any, policy: Policy) -> dict[str, Any]:
    """What is proposed for tables, as the file says it."""
    return tomllib.loads(written(propose(tables, policy, TODAY), policy))


def one_table(policy: Policy, week: Problem, name: str, frame: pd.DataFrame, part: Mapping[str, Any]
              ) -> Reading:  # fmt: skip
    """Read a week in which one table is theirs."""
    tables = {one: week[one] for one in week.tables if one != name}
    mapping = load_mapping({name: {"from": "Deres", **part}})
    return check({**tables, "Deres": frame}, policy, TODAY, mapping=mapping)


def places(**columns: list[str]) -> pd.DataFrame:
    """Their list of postcodes."""
    base = {"Nr": ["0800", "8000", "8200"], "B": ["55,65", "56,1572", "56,1851"],
            "L": ["12,27", "10,2107", "10,1779"]}  # fmt: skip
    return pd.DataFrame({**base, **columns}, dtype=object)


PLACES = {"postcode": {"from": "Nr"}, "latitude": {"from": "B"}, "longitude": {"from": "L"}}


# ------------------------------------------------------------------------------ proposals


@pytest.mark.parametrize("seed", daily(1, range(8, 16)))
def test_other_names_codes_and_units_are_the_same_week(
    rows: Rows, week: Problem, policy: Policy, seed: int
) -> None:
    """Names drawn from what case systems use, values as they write them: one digest."""
    tables = theirs(frames(rows), seed)
    assert all(name not in tables for name in ("citizens", "openings", "workplaces", "places"))
    mapping = load_mapping(proposed(tables, policy))
    reading = check(tables, policy, TODAY, mapping=mapping)
    assert not reading.why_not
    for name in week.tables:
        pd.testing.assert_frame_equal(reading.problem[name], week[name], obj=name)
    assert reading.problem.digest() == week.digest()
    assert reading.mapping == mapping.provenance()


def test_a_proposal_says_how_sure_it_is_and_shows_no_person(policy: Policy) -> None:
    """Examples of codes; none of names, ids, free text or numbers of persons."""
    names = [f"Ole Opdigtet {at}" for at in range(8, 16)]
    frame = pd.DataFrame(
        {
            "Borgernr": [f"{at}" for at in range(8, 16)],
            "Fulde navn": names,
            "Målgruppe": ["Jobparat 2.2", "Aktivitetsparat 2.3"] * 4,
            "Alder": ["30", "40"] * 4,
            "Postnr": ["8000"] * 8,
            "Ydelsestype": [f"fri tekst om {name}" for name in names],
            "Noget": ["6101504000", "x", *"ABCDEF"],
        }
    )
    proposal = propose({"Sager": frame}, policy, TODAY)
    text = written(proposal, policy)
    assert "Ole" not in text
    assert "6101504000" not in text
    assert "'Aktivitetsparat 2.3', 'Jobparat 2.2'" in text or "'Jobparat 2.2', 'Aktiv" in text
    assert re.search(r'"Aktivitetsparat 2.3" = "activity_ready"', text)
    assert re.search(r"^# \d+ %$", text, re.M)
    (table,) = proposal.tables
    assert {one.header: one.barred for one in table.unused}["Noget"]
    assert proposal.missing == ("workplaces", "openings", "places")
    assert "oral" in table.protecting


def test_the_policy_says_how_many_values_are_listed(policy: Policy) -> None:
    """With none listed, the file holds no value of theirs, and says how many there are."""
    frame = pd.DataFrame(
        {"Borgernr": list("1234"), "Målgruppe": ["Jobparat 2.2", "Sær gruppe"] * 2,
         "Alder": ["30"] * 4, "Postnr": ["8000"] * 4}
    )  # fmt: skip
    few = override_of(policy, {"mapping": {"values_listed": 0, "examples": 0}})
    text = written(propose({"Sager": frame}, few, TODAY), few)
    assert "2.2" not in text
    assert "Sær gruppe" not in text
    assert "2 more values are not listed here" in text
    assert "Sær gruppe" in written(propose({"Sager": frame}, policy, TODAY), policy)


def test_what_limits_a_proposal_changes_no_answer(policy: Policy) -> None:
    """Two runs of one week are one run, however a mapping was proposed."""
    assert policy.model_copy(update={"mapping": None}).digest() == policy.digest()


def test_a_list_of_jobs_gives_the_workplaces_too(rows: Rows, week: Problem, policy: Policy) -> None:
    """A row for each job, the workplace said again with each: each workplace once."""
    tables = frames(rows)
    jobs = tables.pop("openings").merge(
        tables.pop("workplaces").rename(columns={"postcode": "Postnr.", "employer_id": "CVR-nr.",
                                                 "sector": "Ejerforhold", "name": "Virksomhed"}),
        on="workplace_id",
    ).rename(columns={"workplace_id": "P-nummer", "opening_id": "Jobnr"})  # fmt: skip
    mapping = load_mapping(proposed({**tables, "Ledige stillinger": jobs}, policy))
    assert mapping.tables["workplaces"].once
    reading = check({**tables, "Ledige stillinger": jobs}, policy, TODAY, mapping=mapping)
    assert list(reading.problem["workplaces"]["workplace_id"]) == list(
        week["workplaces"]["workplace_id"]
    )
    assert len(reading.problem["openings"]) == 3


@pytest.mark.parametrize(
    ("table", "field", "header", "texts", "unit", "sure"),
    [
        ("citizens", "capacity_hours_day", "Minutter pr dag", ["15", "12"], "minutes", True),
        ("citizens", "capacity_hours_day", "Timer pr dag min", ["7", "5"], "", True),
        ("citizens", "mentor_hours", "Mentorbehov min", ["60", "30"], "", False),
        ("citizens", "capacity_hours_day", "Arb.tid pr dag min", ["480", "240"], "minutes", False),
        ("openings", "hours_min", "Timetal min", ["15", "30"], "", True),
        ("citizens", "weeks_waiting", "Ventetid uger", ["3", "4"], "", True),
    ],
)
def test_a_unit_that_may_be_another_word_is_one_to_look_at(
    policy: Policy, table: str, field: str, header: str, texts: list[str], unit: str, sure: bool
) -> None:
    """``min`` is minutes or least: what the cells allow is proposed, and never as sure."""
    assert policy.mapping is not None
    raw = read_frame("x", pd.DataFrame({header: texts}))
    judge = Judge(policy, TODAY, policy.mapping)
    column = columns_of(TABLES[table], policy)[field]
    fit = judge.fit(table, column, raw, 0, looked_at(raw.columns[0]))
    assert fit.map.unit == unit
    assert (100 * fit.sure >= policy.mapping.sure_percent) is sure


@pytest.mark.parametrize(
    ("text", "meant"),
    [("Jobparat", "job"), ("jobparat 2.2", "job"), ("IKKE JOBPARAT", ""),
     ("Ikke  visiteret", "not"), ("Jobparate", "job"), ("Ej jobparat", ""), ("Uddannelse", ""),
     ("2", "")],
)  # fmt: skip
def test_a_value_means_what_it_says_and_not_what_it_denies(text: str, meant: str) -> None:
    assert meant_by(text, {"jobparat": "job", "ikkevisiteret": "not", "22": "job"}) == meant


# ------------------------------------------------------------------------------ reading


@pytest.mark.parametrize(
    ("unit", "texts", "hours"),
    [("minutes", ["444", "90,0", ""], [7.4, 1.5, None]),
     ("percent of 37", ["100 %", "50", "25,0%"], [37.0, 18.5, 9.25]),
     ("", ["3 t 30 min", "37,0", "7:24"], [3.5, 37.0, 7.4])],
)  # fmt: skip
def test_hours_in_other_units(
    rows: Rows, policy: Policy, unit: str, texts: list[str], hours: list[float | None]
) -> None:
    tables = frames(rows)
    frame = tables.pop("citizens").assign(capacity_hours=texts)
    columns = {name: {"from": name} for name in frame.columns}
    columns["capacity_hours"] |= {"unit": unit} if unit else {}
    mapping = load_mapping({"citizens": {"from": "Deres", "columns": columns}})
    found = check({**tables, "Deres": frame}, policy, TODAY, mapping=mapping).problem["citizens"]
    careful = policy.careful("citizens")["capacity_hours"]
    assert found["capacity_hours"].tolist() == [careful if one is None else one for one in hours]
    assert found["unknown"].str.contains("capacity_hours").tolist() == [
        one is None for one in hours
    ]


def test_time_since_a_day(rows: Rows, policy: Policy) -> None:
    """Whole years, months and weeks; the day itself counts, the day before it does not."""
    tables = frames(rows)
    frame = tables.pop("citizens").assign(
        age=["23-11-1990", "24-11-1990", "01-01-1966"],
        benefit_months=["23-10-2026", "24-10-2026", ""],
        weeks_waiting=["16-11-2026", "17-11-2026", "23-11-2026"],
    )
    columns = {name: {"from": name} for name in frame.columns}
    for name in ("age", "benefit_months", "weeks_waiting"):
        columns[name] |= {"unit": "date"}
    mapping = load_mapping({"citizens": {"from": "Deres", "columns": columns}})
    found = check({**tables, "Deres": frame}, policy, TODAY, mapping=mapping).problem["citizens"]
    assert found["age"].tolist() == [36, 35, 60]
    assert found["benefit_months"].tolist() == [1, 0, 0]
    assert found["weeks_waiting"].tolist() == [1, 0, 0]


def test_issues_name_their_table_column_row_and_value(policy: Policy, week: Problem) -> None:
    """As they stand in the file, with what to write into the mapping."""
    frame = places(Nr=["0800", "otte tusind", "8200"], B=["55,65", "3369,4", "3371"])
    reading = one_table(policy, week, "places", frame, {"columns": PLACES})
    wrong, outside, far = (
        next(one for one in reading.errors if one.code is code and one.row == row)
        for code, row in ((IssueCode.WRONG_FORM, 2), (IssueCode.OUT_OF_RANGE, 2),
                          (IssueCode.OUT_OF_RANGE, 3))
    )  # fmt: skip
    assert (wrong.table, wrong.column, wrong.value) == ("places", "Nr", "otte tusind")
    assert "Deres" in wrong.source
    assert '[postcode.values] "otte tusind" = ...' in wrong.advice
    assert "Eller skriv i tilknytningen" in tell(wrong.advice, "da")
    assert outside.value == "3369,4"
    assert far.value == "3371"
    assert list(reading.quarantine["places"]["B"]) == ["3369,4", "3371"]


def test_a_number_in_a_unit_that_cannot_be_read_is_an_error(rows: Rows, policy: Policy) -> None:
    """It is not taken for a number of our unit."""
    tables = frames(rows)
    frame = tables.pop("citizens").assign(capacity_hours=["1.500", "halvtids", "6000"])
    columns = {name: {"from": name} for name in frame.columns}
    columns["capacity_hours"] |= {"unit": "minutes"}
    mapping = load_mapping({"citizens": {"from": "Deres", "columns": columns}})
    reading = check({**tables, "Deres": frame}, policy, TODAY, mapping=mapping)
    values = [one.value for one in reading.errors if one.column == "capacity_hours"]
    assert values == [f"'{text}', which cannot be read as a number (minutes)"
                      for text in ("1.500", "halvtids")] + ["6000"]  # fmt: skip


def test_rows_are_left_out_and_counted(policy: Policy, week: Problem) -> None:
    """By a value, and the row that adds up; what is not mapped is said once, with its rows."""
    frame = places(Status=["Aktiv", "Aktiv", "aktiv "], Fritekst=["", "a", "b"])
    frame = pd.concat([frame, frame.tail(1).assign(Nr="9999", Status="LUKKET")])
    frame = pd.concat(
        [frame, pd.DataFrame([{"Nr": "I alt", "B": "4", "L": "4", "Status": "", "Fritekst": ""}])]
    )
    part = {"columns": PLACES, "leave_out": {"Status": ["Lukket"]}}
    reading = one_table(policy, week, "places", frame, part)
    assert reading.counts["places"].read == 3
    assert [one.value for one in reading.warnings if one.table == "places"] == [
        "1 column, with the rows in which it says something: Fritekst (2)",
        "1 row with Status = 'lukket'",
        "row 5 adds up the others ('I alt')",
    ]


def test_a_missing_column_of_theirs_is_named_with_the_nearest(
    policy: Policy, week: Problem
) -> None:
    frame = places().rename(columns={"B": "Bredde", "L": "Længde"})
    part = {"columns": {**PLACES, "latitude": {"from": "Bredder"}, "longitude": {"from": "Øst"}}}
    reading = one_table(policy, week, "places", frame, part)
    (issue,) = (one for one in reading.errors if one.table == "places")
    assert issue.value == "columns 'Bredder', 'Øst' of the mapping are not in this table"
    assert "'Bredde'" in issue.advice
    assert reading.why_not


def test_a_missing_table_of_theirs_is_named_with_those_there(policy: Policy, week: Problem) -> None:
    mapping = load_mapping({"places": {"from": "Steder 2026*", "columns": PLACES}})
    tables = {name: week[name] for name in week.tables if name != "places"}
    reading = check({**tables, "Steder": places()}, policy, TODAY, mapping=mapping)
    (issue,) = (one for one in reading.errors if one.table == "places")
    assert "Steder 2026*" in issue.value
    assert "'Steder'" in issue.advice


def test_joins_are_one_row_each(policy: Policy, week: Problem) -> None:
    """In any order, and whatever the spelling of a number; a second row for a key is an error."""
    tables = {name: week[name] for name in week.tables if name != "places"}
    first = places()[["Nr"]].assign(Nøgle=["610150-4000", "610150-4001", "610150-4002"])
    second = places()[["B", "L"]].assign(Id=["6101504000", "6101504001", "6101504002"])[::-1]
    mapping = load_mapping(
        {"places": {"from": "Deres", "columns": PLACES,
                    "join": [{"from": "Andre", "on": "Nøgle", "to": "Id"}]}}
    )  # fmt: skip
    reading = check({**tables, "Deres": first, "Andre": second}, policy, TODAY, mapping=mapping)
    assert reading.usable
    pd.testing.assert_series_equal(
        reading.problem["places"]["latitude"], week["places"]["latitude"]
    )
    twice = pd.concat([second, second.tail(1)])
    reading = check({**tables, "Deres": first, "Andre": twice}, policy, TODAY, mapping=mapping)
    (issue,) = (one for one in reading.errors if one.table == "places")
    assert "1 more row of frame 'Andre' has a value of 'Id'" in issue.value
    assert "one row each" in issue.advice
    alone = check({**tables, "Deres": first, "Andre": second.tail(2)}, policy, TODAY,
                  mapping=mapping)  # fmt: skip
    assert any(one.code is IssueCode.NO_ROW_TO_JOIN for one in alone.warnings)


def test_what_protects_somebody_has_no_default(policy: Policy, rows: Rows) -> None:
    """Neither in the mapping, nor by leaving it out of it: the policy must declare it."""
    with pytest.raises(MappingError, match=r"\[declared.citizens\] oral"):
        load_mapping({"citizens": {"from": "a", "columns": {"oral": {"default": "6"}}}})
    tables = frames(rows)
    frame = tables.pop("citizens")
    columns = {name: name for name in frame.columns if name != "oral"}
    mapping = load_mapping({"citizens": {"from": "Deres", "columns": columns}})
    reading = check({**tables, "Deres": frame}, policy, TODAY, mapping=mapping)
    (issue,) = (one for one in reading.errors if one.code is IssueCode.MISSING_PROTECTION)
    assert "[declared.citizens]" in issue.advice
    assert '[citizens.columns.oral] from = "..."' in issue.advice
    assert not reading.usable


def test_everything_wrong_with_a_mapping_is_said_at_once() -> None:
    content = {
        "borger": {"from": "x", "columns": {}},
        "citizens": {
            "from": "x", "wrong": 1, "join": [{"from": "y"}],
            "columns": {
                "categori": "z", "age": {}, "oral": {"from": "a", "unit": "km"},
                "category": {"from": "a", "values": {"b": "jobklar"}},
                "postcode": {"from": "p", "part": "("}, "reading": {"from": "r", "hash": "cpr"},
                "household_id": {"from": "h", "hash": "md5"},
                "wishes": {"from": "610150-4000"},
            },
        },
    }  # fmt: skip
    with pytest.raises(MappingError) as error:
        load_mapping(content)
    said = str(error.value)
    for part in ("borger: no table", "citizens.wrong: unknown key", "citizens.join: a join needs",
                 "'categori'; maybe: category", "citizens.columns.age: which column",
                 "'km' is no unit",
                 "'jobklar' is no value of ours; expected one of", "part: no regular expression",
                 "only an id can be made pseudonymous", "hash: expected one of cpr or id",
                 "a mapping holds none"):  # fmt: skip
        assert part in said
    assert "4000" not in said
    assert "kan ikke passe" in tell(error.value.said, "da")


def test_remarks_and_order_do_not_change_what_a_mapping_is(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text('[places]\nfrom = "a"\n[places.columns]\nname = "b"\npostcode = "c"\n', "utf-8")
    again = '# x\n[places.columns]\npostcode = "c"\nname = {from = "b"}\n[places]\nfrom = "a"\n'
    assert load_mapping(file).digest() == load_mapping(tomllib.loads(again)).digest()
    other = again.replace('"b"', '"d"')
    assert load_mapping(file).digest() != load_mapping(tomllib.loads(other)).digest()


@pytest.mark.parametrize("form", ["csv", "sqlite"])
def test_files_and_databases(
    form: str, rows: Rows, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    """A CSV with title lines above the header, named after its day; a table of a database."""
    tables = frames(rows)
    tables["Postnr pr 2026-11-23"] = places()
    del tables["places"]
    address: str | Path = tmp_path / "data"
    if form == "csv":
        titles = "Udtræk fra systemet;;\nDannet 23-11-2026;;\n"
        write_rows(
            {name: table for name, table in rows.items() if name != "places"}, tmp_path / "data"
        )
        body = places().rename(columns={"Nr": "Postnr", "B": "Breddegrad", "L": "Længdegrad"})
        (tmp_path / "data" / "Postnr pr 2026-11-23.csv").write_bytes(
            (titles + body.to_csv(sep=";", index=False)).encode("cp1252")
        )
    else:
        with closing(sqlite3.connect(tmp_path / "week.db")) as base:
            for name, frame in tables.items():
                frame.to_sql(name, base, index=False)
        address = tmp_path / "week.db"
    part: dict[str, Any] = {"from": "Postnr pr *", "columns": PLACES}
    if form == "csv":
        part = proposed(address, policy)["places"]
    assert part["from"] == ("Postnr pr *.csv" if form == "csv" else "Postnr pr *")
    reading = check(address, policy, TODAY, mapping=load_mapping({"places": part}))
    assert reading.usable, reading.why_not
    assert list(reading.problem["places"]["latitude"]) == list(week["places"]["latitude"])


# ------------------------------------------------------------------------------ pseudonyms


def test_a_pseudonym_is_the_same_however_a_number_is_written_and_no_number_itself() -> None:
    key = Key(KEY.encode())
    spelt = ("010150-4000", "0101504000", "101504000", "010150 4000", "0101504000.0",
             "０１０１５０-４０００", "010150\u20114000")  # fmt: skip
    made = {key.pseudonym(text, "cpr") for text in spelt}
    assert len(made) == 1
    many = {key.pseudonym(f"{at:010d}", "cpr") for at in range(2000)}
    assert len(many) == 2000
    assert all(re.fullmatch("[b-v]{26}", one) and not looks_like_cpr(one) for one in many)
    assert made != {Key((KEY + "x").encode()).pseudonym(spelt[0], "cpr")}
    wrong = key.pseudonym("01015040", "cpr")
    assert "0101" not in wrong
    assert KEY not in repr(key)


def test_the_key_lies_elsewhere_is_long_and_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    data.mkdir()
    other.mkdir()
    for folder in (data, other):
        (folder / "key").write_text(KEY, "utf-8")
        (folder / "key").chmod(0o600)
    assert key_of(data) is None
    monkeypatch.setenv("JOBMATCH_KEY_FILE", str(data / "key"))
    with pytest.raises(OptionError, match="lies with the data"):
        key_of(data)
    monkeypatch.setenv("JOBMATCH_KEY_FILE", str(other / "key"))
    found = key_of(data)
    assert found is not None
    assert found.check() == Key(KEY.encode()).check()
    (other / "key").chmod(0o644)
    with pytest.raises(OptionError, match="can be read by others"):
        key_of(data)
    for short in ("hemmelig", "a" * 40):
        monkeypatch.setenv("JOBMATCH_KEY", short)
        with pytest.raises(OptionError, match="too short") as error:
            key_of(data)
        assert short not in str(error.value)


def test_without_the_key_or_with_another_nothing_is_read(
    policy: Policy, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = frames(rows)
    columns = {name: {"from": name} for name in tables["citizens"].columns}
    columns["citizen_id"] |= {"hash": "cpr"}
    part = {"citizens": {"from": "citizens", "columns": columns}}
    with pytest.raises(OptionError, match="there is no key"):
        check(tables, policy, TODAY, mapping=load_mapping(part))
    monkeypatch.setenv("JOBMATCH_KEY", KEY)
    checked = {**part, "mapping": {"key_check": "bbbbbbbb"}}
    with pytest.raises(OptionError, match="another than the one"):
        check(tables, policy, TODAY, mapping=load_mapping(checked))


def test_numbers_are_the_same_persons_in_every_table(
    policy: Policy, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that is none is an error that does not say it; no cell anywhere holds a number."""
    monkeypatch.setenv("JOBMATCH_KEY", KEY)
    tables = frames(rows)
    numbers = {"0001": "610150-4000", "0002": "6101504001", "0010": "610150"}
    running = tables["running"].assign(citizen_id="6101504000", opening_id="a1")
    cases = tables.pop("citizens").replace({"citizen_id": numbers})
    small = {name: tables[name] for name in ("workplaces", "openings", "places", "teams",
                                             "mentor_pools", "caseworkers")}  # fmt: skip
    part = {
        "citizens": {"from": "Sager",
                     "columns": {name: {"from": name} for name in cases.columns}},
        "running": {"from": "Forløb",
                    "columns": {name: {"from": name} for name in running.columns}},
    }  # fmt: skip
    for one in part.values():
        one["columns"]["citizen_id"]["hash"] = "cpr"  # type: ignore[index]
    mapping = load_mapping(part)
    generous = override_of(policy, {"checks": {"bad_rows_percent": 100}})
    reading = check({**small, "Sager": cases, "Forløb": running}, generous, TODAY, mapping=mapping)
    (issue,) = reading.errors
    assert (issue.row, issue.column) == (3, "citizen_id")
    assert "610150" not in str(issue)
    held = reading.problem
    assert set(held["running"]["citizen_id"]) <= set(held["citizens"]["citizen_id"])
    said = str(reading.to_dict()) + str(
        [frame.to_dict() for frame in (*held.tables.values(), *reading.quarantine.values())]
    )
    assert "4000" not in said
    assert "4001" not in said
    assert "610150" not in said


def test_a_column_of_numbers_without_a_hash_is_refused(policy: Policy, week: Problem) -> None:
    """The gate is where it was: a mapping opens no way past it."""
    frame = places(Nr=["610150-4000", "8000", "8200"])
    reading = one_table(policy, week, "places", frame, {"columns": PLACES})
    (issue,) = (one for one in reading.errors if one.code is IssueCode.CPR_NUMBER)
    assert issue.column == "Nr"
    assert "4000" not in str([one.to_dict() for one in reading.issues])
    assert "4000" not in str(reading.quarantine["places"].to_dict())


def test_what_stands_beside_the_part_that_counts_is_not_shown(
    policy: Policy, week: Problem
) -> None:
    """A number behind a postcode is masked where the cell is told as it stands."""
    frame = places(Nr=["0800 By 610150-4000", "80 610150-4000", "8200"])
    columns = {**PLACES, "postcode": {"from": "Nr", "part": "^[0-9]+"}}
    reading = one_table(policy, week, "places", frame, {"columns": columns})
    assert reading.counts["places"].kept == 2
    said = str(reading.to_dict()) + str(reading.quarantine["places"].to_dict())
    assert "4000" not in said
    assert "[CPR removed]" in said


def test_cells_that_are_not_mapped_are_not_looked_at(policy: Policy, week: Problem) -> None:
    """A number in free text does not cost the row: the column is not read at all."""
    frame = places(Notat=["ringede 610150-4000", "", ""])
    reading = one_table(policy, week, "places", frame, {"columns": PLACES})
    assert reading.usable
    assert reading.counts["places"].kept == 3
    assert "4000" not in str([one.to_dict() for one in reading.issues])


def test_no_words_about_a_person_become_values_of_a_proposal(policy: Policy) -> None:
    """A code with a name behind it is counted and not written; nor is a header that is a number."""
    frame = pd.DataFrame(
        {"Borgernr": list("123456"), "Alder": ["30"] * 6, "Postnr": ["8000"] * 6,
         "Målgruppe": ["Jobparat 2.2"] * 2 + [f"Jobparat, se sag om Ole {one}" for one in "abcd"],
         "610150-4000": ["privat", "kommunal"] * 3}
    )  # fmt: skip
    proposal = propose({"Sager": frame}, policy, TODAY)
    text = written(proposal, policy)
    assert "Ole" not in text
    assert '"Jobparat 2.2" = "job_ready"' in text
    assert "4 more values are not listed here" in text
    assert "610150" not in text


def test_a_scale_is_asked_for_its_direction(policy: Policy) -> None:
    """3 is no limit with us and the worst elsewhere: no cell tells, so a person must."""
    base = {"Borgernr": list("1234"), "Alder": ["30"] * 4, "Postnr": ["8000"] * 4,
            "Målgruppe": ["Jobparat"] * 4}  # fmt: skip
    frame = pd.DataFrame({**base, "Løft": list("0123"), "Dansk mundtlig": ["A1", "B1"] * 2})
    (table,) = propose({"Sager": frame}, policy, TODAY).tables
    assert [one.name for one in table.columns if one.scale] == ["limit_lift"]
    assert "WHICH WAY DOES THIS SCALE GO? Ours: Tolerance for lifting" in written(
        propose({"Sager": frame}, policy, TODAY), policy
    )
