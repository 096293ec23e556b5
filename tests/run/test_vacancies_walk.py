"""The walk of docs/vacancies.md, replayed: from saved files to a run, and an employer's answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd

from matcher.problem import Problem
from matcher.tables import write_folder
from tests.commands import jobmatch
from tests.imports.made_ads import POSTCODES, made_ads, write_ads, write_esco
from tests.imports.made_feed import write_feed
from tests.weeks import citizen, week

PAGE = (Path(__file__).parents[2] / "docs" / "vacancies.md").read_text("utf-8")
STEP = re.compile(
    r"^<!-- (?P<what>walk|answers) -->\n(?:```sh\n(?P<text>.*?)^```\n)?"
    r"(?:```text\n(?P<said>.*?)^```$)?",
    re.M | re.S,
)
MARK = "(Assumed; the employer has not confirmed it.)"


def saved(folder: Path) -> None:
    """Save what the page begins with: ads, a list, addresses, a timetable, citizens."""
    ads = [ad for ad, code in made_ads(60, 8) if code]
    ads[1]["cvr"] = "12"
    write_ads(folder / "jobnet.json", ads[:58])
    write_esco(folder / "occupations_da.csv")
    write_feed(folder / "timetable.zip")
    (folder / "addresses.csv").write_text(
        "postnr;postnrnavn;wgs84koordinat_bredde;wgs84koordinat_længde\n"
        + "".join(f"{code};Sted;56,{15 + at};10,20\n" for at, code in enumerate(POSTCODES)),
        "utf-8",
    )
    problem: Problem = week(
        citizens=[citizen("C1", has_car=True), citizen("C2", oral=1, reading=1, has_car=True)]
    )
    write_folder({"citizens": problem["citizens"]}, folder / "tables")


def answered(folder: Path) -> str:
    """Fill the form in as the page says: all is right with one opening that was proposed."""
    (document,) = folder.glob("runs/*/run.json")
    proposals = json.loads(document.read_text("utf-8"))["proposals"]
    assert proposals
    sentences = [reason["sentence"]["en"] for row in proposals for reason in row["reasons"]]
    assert any(sentence.endswith(MARK) for sentence in sentences)
    page = next(folder.glob("runs/*/report.html")).read_text("utf-8")
    assert MARK in page
    one = str(proposals[0]["opening_id"])
    form = pd.read_csv(folder / "tables" / "imported" / "ask_employers.csv", sep=";", dtype=str,
                       keep_default_na=False, encoding="utf-8-sig")  # fmt: skip
    assert one in set(form["opening_id"])
    form.loc[form["opening_id"].eq(one), "all_correct"] = "yes"
    form.to_csv(folder / "answered.csv", sep=";", index=False)
    return one


def test_the_walk_from_saved_files_to_a_confirmed_answer(tmp_path: Path) -> None:
    """Each command says what the page says; the mark is gone from the opening that is confirmed."""
    saved(tmp_path)
    confirmed = ""
    steps = list(STEP.finditer(PAGE))
    assert sum(step["what"] == "walk" for step in steps) == 4
    for step in steps:
        if step["what"] == "answers":
            confirmed = answered(tmp_path)
            continue
        for line in step["text"].splitlines():
            done = jobmatch(*line.split()[1:], cwd=tmp_path)
            assert done.returncode == 0, done.stdout + done.stderr
        for expected in (step["said"] or "").splitlines():
            assert expected.strip() in done.stdout + done.stderr, expected
    rows = pd.read_csv(tmp_path / "tables" / "openings.csv", dtype=str, keep_default_na=False)
    marks = rows.set_index("opening_id")["assumed"]
    assert marks[confirmed] == ""
    assert (marks.drop(confirmed) != "").all()
    again = jobmatch("run", "tables", "--on", "2026-11-23", "--no-ledger", "--json", cwd=tmp_path)
    proposals = {row["opening_id"]: row for row in json.loads(again.stdout)["proposals"]}
    assert not any(MARK in reason["sentence"]["en"]
                   for reason in proposals.get(confirmed, {"reasons": []})["reasons"])  # fmt: skip
