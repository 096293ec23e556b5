"""The tables' description for other programs: valid by its standard, true for made-up weeks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from frictionless import validate

from matcher.records import TABLES
from matcher.tables import write_folder, write_template
from matcher.tables.description import data_package, sql_skeleton
from matcher.tables.references import REFERENCES
from matcher.texts import Language
from scenarios.population import make

LANGUAGES: tuple[Language, ...] = ("en", "da")


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return make(citizens=40, openings=10, seed=3)


def described(frames: dict[str, pd.DataFrame], folder: Path, language: Language) -> Path:
    """A week written as `make` writes it, with the template's description beside it."""
    danish = language == "da"
    write_template(folder, "da" if danish else "en")
    separator = ";" if danish else ","
    write_folder(frames, folder, danish=danish, encoding="utf-8-sig", separator=separator)
    return folder / "datapackage.json"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_made_up_week_is_valid_by_the_description(
    language: Language, frames: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    """Types, enumerations, ranges, keys, links: as the standard's own program judges them."""
    report = validate(str(described(frames, tmp_path, language)))
    assert report.errors == []
    assert [(task.name, [one.message for one in task.errors]) for task in report.tasks] == [
        (task.name, []) for task in report.tasks
    ]
    assert len(report.tasks) == len(TABLES)


def test_what_the_description_refuses(frames: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    """The check above can fail, each part of it: one wrong cell in a row, and nothing but those."""
    package = described(frames, tmp_path, "en")
    wrong = [
        ("citizens", "age", "old", "type-error"),
        ("citizens", "age", "99", "constraint-error"),
        ("citizens", "category", "something", "constraint-error"),
        ("citizens", "postcode", "9999", "foreign-key"),
        ("openings", "workplace_id", "nowhere", "foreign-key"),
        ("openings", "isco", "A1", "constraint-error"),
        ("openings", "hours_max", "0", "constraint-error"),
        ("courses", "ready_on", "soon", "type-error"),
    ]
    expected = set()
    for table in dict.fromkeys(table for table, *_ in wrong):
        rows = pd.read_csv(tmp_path / f"{table}.csv", dtype=str, keep_default_na=False)
        cells = [one[1:] for one in wrong if one[0] == table]
        for at, (column, value, found) in enumerate(cells):
            rows.loc[at, column] = value
            expected.add((table, at + 2, found))
        rows.to_csv(tmp_path / f"{table}.csv", index=False)
    refused = [
        (task.name, error.row_number, error.type)
        for task in validate(str(package)).tasks
        for error in task.errors
    ]
    assert sorted(refused) == sorted(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_is_described_in_both_languages(language: Language) -> None:
    """Names in the asked language; titles and sentences in both; needed is required."""
    package = data_package(language)
    for table, resource in zip(TABLES.values(), package["resources"], strict=True):
        fields: list[dict[str, Any]] = resource["schema"]["fields"]
        assert [one["titles"]["en"] for one in fields] == list(table.record.model_fields)
        for one in fields:
            assert one["name"] == one["titles"][language]
            assert one["description"] == one["descriptions"][language]
            assert one["descriptions"]["en"] != one["descriptions"]["da"]
            needed = table.record.model_fields[one["titles"]["en"]].is_required()
            assert one.get("constraints", {}).get("required", False) is needed
        assert re.fullmatch(r"[a-z_]+", resource["name"])
    assert sum(len(one["schema"].get("foreignKeys", ())) for one in package["resources"]) == len(
        REFERENCES
    )
    assert json.dumps(package)


def test_postgresql_takes_the_sql_and_a_week(
    server_store: str, frames: dict[str, pd.DataFrame]
) -> None:
    """Every statement runs, and the rows of a made-up week hold its keys and links."""
    engine = sa.create_engine(server_store, poolclass=sa.NullPool)
    statements = [
        part for part in sql_skeleton("postgresql").split(";\n") if "CREATE TABLE" in part
    ]
    assert len(statements) == len(TABLES)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(re.sub(r"^--.*$", "", statement, flags=re.M)))
        for statement in statements:
            name = statement.split("CREATE TABLE ")[1].split(" ")[0]
            frame = frames[name].astype(object)
            rows = frame.where(frame.notna(), None).to_dict("records")
            if rows:
                target = sa.Table(name, sa.MetaData(), autoload_with=connection)
                connection.execute(target.insert(), rows)
        count = connection.execute(sa.text("SELECT count(*) FROM citizens")).scalar_one()
    assert count == 40
    insert = sa.text(
        "INSERT INTO openings (opening_id, workplace_id, isco, shifts)"
        " VALUES ('x', 'nowhere', '9', '')"
    )
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(insert)


def test_sql_server_has_its_own_words() -> None:
    """Its types, names with Danish letters in brackets, a view for every table."""
    text = sql_skeleton("sqlserver", "da")
    assert "CREATE TABLE borgere (" in text
    assert "[skånehensyn_løft] INTEGER NULL" in text
    assert "NVARCHAR(64) NOT NULL" in text
    assert text.count("CREATE TABLE") == text.count("-- CREATE VIEW") == len(TABLES)
