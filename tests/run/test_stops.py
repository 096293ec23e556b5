"""What stops a run is an error of `check`, and what a run leaves out or lies beside it is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from matcher.cli import PROOF_SECONDS, build_app
from matcher.errors import ClashError
from matcher.policy import load_policy
from matcher.report import rows_line
from matcher.tables import IssueCode, Reading, check, own_policy
from matcher.weekly import WeekOptions, reading_notes, run_week, with_clashes
from tests.commands import jobmatch
from tests.weeks import ABLE, EASY, TODAY, stated

DAY = TODAY.isoformat()
TABLES = {
    "citizens": "citizen_id,category,age,postcode,capacity_hours,limit_lift,must_limits,has_car\n"
    + "".join(f"B{at:03d},job_ready,{25 + at},8000,20,1,lift,yes\n" for at in range(1, 25)),
    "workplaces": "workplace_id,employer_id,name,sector,postcode,ordinary_staff\n"
    "100000001,E1,Home 1,municipal,8000,60\n",
    "openings": "opening_id,workplace_id,title,isco,seats,hours_min,hours_max,shifts,demand_lift,"
    "measures\n"
    "J1,100000001,Job 1,9412,2,15,25,mon-fri 08:00-13:00,1,ordinary;work_practice\n"
    "J2,100000001,Job 2,9412,2,15,25,mon-fri 08:00-13:00,3,ordinary;work_practice\n",
    "places": "postcode,name,latitude,longitude\n8000,Midt,56.15,10.2\n",
}
CITIZENS = TABLES["citizens"]
TABLES |= {
    "citizens": stated(TABLES["citizens"], ABLE),
    "openings": stated(TABLES["openings"], EASY),
}
POLICY = "[money.budgets]\nmentors = 1234\n"


def folder_of(path: Path, **tables: str) -> Path:
    """Write the week with more tables."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in {**TABLES, **tables}.items():
        (path / f"{name}.csv").write_text(text, "utf-8")
    return path


def command(*arguments: str | Path) -> tuple[int, str, str]:
    """Run the command in this process: exit code, standard output, standard error."""
    done = CliRunner().invoke(build_app(), [str(one) for one in arguments])
    return done.exit_code, done.stdout, done.stderr


LOCKS = {
    "too many": ("B001,J1,\nB002,J1,\nB003,J1,\n", "opening_seats[J1]: at most 2"),
    "measure not in force": ("B001,J1,nytteindsats\n", "lock B001 at J1 under nytteindsats"),
    "a rule": ("B001,J2,\n", "lifting and carrying of grade 3"),
}


@pytest.mark.parametrize("name", LOCKS)
def test_what_stops_a_run_is_an_error_of_check(name: str, tmp_path: Path) -> None:
    """Exit 3 of both, and the same facts."""
    rows, fact = LOCKS[name]
    folder = folder_of(tmp_path / "week", locks=f"citizen_id,opening_id,measure\n{rows}")
    code, printed, _ = command("check", folder, "--on", DAY, "--json")
    found = json.loads(printed)
    assert code == 3
    assert found["usable"] is False
    told = [issue for issue in found["issues"] if issue["code"] == "fixed_clash"]
    assert {issue["severity"] for issue in told} == {"error"}
    with pytest.raises(ClashError) as stopped:
        run_week(folder, tmp_path / "runs", load_policy(TODAY), TODAY)
    assert tuple(issue["value"] for issue in told) == stopped.value.facts
    assert any(fact in text for text in stopped.value.facts)
    assert any(fact in reason for reason in found["why_not"])


def test_locks_that_can_be_honoured_stop_nothing(tmp_path: Path) -> None:
    rows = "citizen_id,opening_id,measure\nB001,J1,\nB002,J1,\n"
    folder = folder_of(tmp_path / "week", locks=rows)
    code, printed, _ = command("check", folder, "--on", DAY)
    assert code == 0
    assert "A run can go on" in printed


def test_a_floor_nobody_can_reach_is_an_error_of_check(tmp_path: Path) -> None:
    """Floors are weighed with everybody: four free seats, five wanted."""
    floor = '[[group_floors]]\ncolumn = "category"\nvalue = "job_ready"\nat_least = 5\n'
    folder = folder_of(tmp_path / "week")
    (folder / "policy.toml").write_text(floor, "utf-8")
    assert command("check", folder, "--on", DAY)[0] == 3
    (folder / "policy.toml").write_text(floor.replace("5", "2"), "utf-8")
    assert command("check", folder, "--on", DAY)[0] == 0


def read(folder: Path, **override: Any) -> Reading:
    """Check a folder under the built-in policy, changed."""
    return check(folder, load_policy(TODAY, override or None), TODAY)


def test_only_those_with_a_lock_are_weighed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred thousand citizens with three locks: three citizens and their households."""
    homes = CITIZENS.replace("has_car\n", "has_car,household_id\n")
    homes = homes.replace("yes\n", "yes,\n").replace(",yes,\nB002", ",yes,H\nB002")
    homes = homes.replace(
        "B024,job_ready,49,8000,20,1,lift,yes,", "B024,job_ready,49,8000,20,1,lift,yes,H"
    )
    folder = folder_of(
        tmp_path / "week",
        citizens=stated(homes, ABLE),
        locks="citizen_id,opening_id\nB001,J1\nB003,J1\n",
    )
    weighed: list[list[str]] = []

    def solved(problem: Any, *_: Any) -> None:
        weighed.append(problem["citizens"]["citizen_id"].tolist())

    monkeypatch.setattr("matcher.weekly._solved", solved)
    reading = read(folder)
    assert with_clashes(reading) is reading
    assert weighed == [["B001", "B003", "B024"]]


# ------------------------------------------------------------------------------ policy of a folder


def test_a_folder_may_hold_its_policy(tmp_path: Path) -> None:
    """Used, said, in the digest; another one that is named goes before it, and that is said."""
    folder = folder_of(tmp_path / "week")
    plain = read(folder).problem.digest()
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    own = tmp_path / "ours.toml"
    own.write_text("[money.budgets]\nmentors = 4321\n", "utf-8")
    made = {}
    for name, more in {"own": (), "named": ("--policy", own)}.items():
        code, printed, said = command(
            "run", folder, "--on", DAY, "--no-ledger", "--out", tmp_path / name, "--json", *more
        )
        assert code == 0, said
        made[name] = json.loads(printed)["provenance"], said
    provenance, said = made["own"]
    assert "the policy in the folder of the tables is used: policy.toml changes 1 key" in said
    assert provenance["policy"]["file"] == "policy.toml"
    assert provenance["policy"]["overrides"] == ["money.budgets.mentors: 60000 -> 1234"]
    assert provenance["input_digest"] != plain
    provenance, said = made["named"]
    assert "policy.toml: the policy in the folder of the tables is not used" in said
    assert provenance["policy"]["file"] == "ours.toml"
    assert provenance["policy"]["overrides"] == ["money.budgets.mentors: 60000 -> 4321"]


def test_the_policy_of_a_folder_is_heard_by_every_command_that_reads_tables(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "week")
    (folder / "policy.toml").write_text("[no_such_section]\nx = 1\n", "utf-8")
    for words in (["run"], ["check"], ["bottlenecks"], ["near-best"]):
        code, _, said = command(*words, folder, "--on", DAY)
        assert code == 2, words
        assert "no_such_section" in said, words
    code, _, said = command("explain", "B001", folder, "--on", DAY)
    assert code == 2
    assert "no_such_section" in said


def test_a_policy_that_does_not_count_is_an_issue(tmp_path: Path) -> None:
    """From Python, too; none where it says what holds, or where there is none."""
    folder = folder_of(tmp_path / "week")
    assert read(folder).issues == ()
    assert own_policy(folder) is None
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    assert own_policy(folder) == folder / "policy.toml"
    (issue,) = read(folder).issues
    assert issue.code is IssueCode.POLICY_NOT_USED
    assert issue.message == (
        "policy.toml: the policy in the folder of the tables is not used: another one was named."
    )
    assert reading_notes(read(folder))[-1].startswith("policy.toml: ")
    assert read(folder, money={"budgets": {"mentors": 1234}}).issues == ()


def test_a_policy_beside_a_database_is_not_read_and_that_is_said(tmp_path: Path) -> None:
    import sqlite3

    import pandas as pd

    folder = folder_of(tmp_path / "week")
    with sqlite3.connect(tmp_path / "week.db") as base:
        for name in TABLES:
            frame = pd.read_csv(folder / f"{name}.csv", dtype=str)
            frame.to_sql(name, base, index=False)
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    (issue,) = read(tmp_path / "week.db").issues
    assert issue.message == "policy.toml: a policy beside a workbook or a database is not read."
    assert "--policy" in issue.advice
    assert own_policy(tmp_path / "week.db") is None


# ------------------------------------------------------------------------------ rows put aside


def test_rows_put_aside_are_in_the_headline(tmp_path: Path) -> None:
    """Of the terminal, the page and the log, in both languages; the page says what is wrong."""
    rows = TABLES["citizens"].replace("B007,job_ready,32", "B007,job_ready,old")
    folder = folder_of(tmp_path / "week", citizens=rows)
    said = {}
    for lang in ("en", "da"):
        out = tmp_path / lang
        code, printed, talk = command(
            "run", folder, "--on", DAY, "--no-ledger", "--out", out, "--lang", lang
        )
        assert code == 0, talk
        (run,) = out.iterdir()
        said[lang] = printed, talk, (run / "report.html").read_text("utf-8")
    sentences = {
        "en": "Not everything in the tables could be used: 23 of 24 citizens read",
        "da": "Ikke alt i tabellerne kunne bruges: 23 af 24 borgere læst",
    }
    places = {"en": "row 8 (B007), column", "da": "række 8 (B007), kolonnen"}
    for lang, sentence in sentences.items():
        printed, talk, page = said[lang]
        assert sentence in printed
        assert sentence in talk
        assert sentence in page
        assert f"citizens.csv, {places[lang]} &#39;age&#39;" in page


def test_nothing_is_said_where_all_rows_are_used() -> None:
    assert rows_line({"citizens": (24, 24), "locks": (0, 0)}) == ""
    told = rows_line({"citizens": (1_192, 1_200), "previous": (0, 1)}, "da")
    assert told.endswith("1.192 af 1.200 borgere, 0 af 1 tidligere forslag læst")


def test_fifty_equal_issues_are_one_line_of_the_page_and_all_in_json(tmp_path: Path) -> None:
    forbids = "citizen_id,opening_id,until\n" + "".join(
        f"B{at % 24 + 1:03d},J1,2027-01-{at // 24 + 1:02d}\n" for at in range(20)
    )
    gone = "".join(f"X{at:03d},J1,2027-01-01\n" for at in range(20))
    folder = folder_of(tmp_path / "week", forbids=forbids + gone)
    week = run_week(folder, tmp_path / "runs", load_policy(TODAY), TODAY, WeekOptions("da"))
    issues = week.document["issues"]
    assert issues["warnings"] == 20
    (group,) = issues["groups"]
    assert (group["code"], group["count"], len(group["examples"])) == ("dangling_reference", 20, 3)
    page = (week.folder / "report.html").read_text("utf-8")
    assert page.count("Advarsel: ") == 1
    assert "20 af samme slags, f.eks. forbids.csv, række 22 (X000" in page
    assert len(week.reading.to_dict()["issues"]) == 20


def test_prove_takes_no_limit(tmp_path: Path) -> None:
    """Going on to the proof and stopping before it are two wishes."""
    for limit in (("--seconds", 5), ("--gap", 1)):
        done = jobmatch("run", tmp_path, "--prove", *limit)
        assert done.returncode == 2
        assert "--prove goes on to the proof: leave --seconds and --gap out" in done.stderr


def test_prove_lifts_the_limits_of_the_search(tmp_path: Path) -> None:
    """The stored options say so, and the plan is proven."""
    week = folder_of(tmp_path / "week")
    done = jobmatch("run", week, "--prove", "--on", DAY, "--json", "--out", tmp_path / "runs")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["provenance"]["options"]["seconds"] == PROOF_SECONDS
    assert document["termination"]["proven"]
