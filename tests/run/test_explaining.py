"""The commands that explain, run as their users would."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matcher.again import earlier_of_rows
from matcher.engine import Answer, Options, Program, Start
from matcher.engine import solve as solve_program
from matcher.ledger import Ledger
from matcher.solve import solve
from tests.commands import jobmatch
from tests.ledger.conftest import solved
from tests.run.conftest import DAY
from tests.weeks import citizen, opening, week, workplace


def of_run(where: Path) -> dict[str, str]:
    """A citizen with a proposal, one without, and an opening."""
    (folder,) = [path for path in (where / "runs").iterdir() if (path / "run.json").exists()]
    document = json.loads((folder / "run.json").read_text("utf-8"))
    return {
        "folder": str(folder),
        "proposed": document["proposals"][0]["citizen_id"],
        "opening": document["proposals"][0]["opening_id"],
        "without": document["unplaced"][0]["citizen_id"],
    }


def test_explain_takes_the_newest_run_by_itself(ran: Path) -> None:
    """The proposal is the run's; in ASCII where the terminal knows no more."""
    known = of_run(ran)
    done = jobmatch("explain", known["proposed"], cwd=ran, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{known['proposed']}: proposed ")
    assert known["opening"] in " ".join(done.stdout.split())
    assert "Alternatives" in done.stdout
    assert done.stdout.isascii()
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_explain_as_json_of_a_run_by_its_folder(ran: Path) -> None:
    """Facts, with the sentences beside them; the other opening is explained as well."""
    known = of_run(ran)
    done = jobmatch("explain", known["without"], "--opening", known["opening"], "--run",
                    known["folder"], "--json", cwd=ran.parent,
                    JOBMATCH_LEDGER=str(ran / "runs" / "ledger.sqlite"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["citizen_id"] == known["without"]
    assert facts["this"] is None
    assert facts["not_that"]["opening_id"] == known["opening"]
    assert facts["not_that"]["verdict"] in {"rules", "possible", "locked"}
    assert facts["text"][0]["lines"][0] == f"{known['without']}: no proposal"


def test_explain_tables_as_they_are(week_folder: Path, ran: Path) -> None:
    """Needs no ledger; the letter names nobody."""
    known = of_run(ran)
    done = jobmatch("explain", known["without"], week_folder, "--on", DAY, "--for-citizen",
                    "--lang", "da", cwd=week_folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "FIKTIV-B" not in done.stdout
    assert "Vi har desværre ikke et job til dig i denne uge." in " ".join(done.stdout.split())


def test_a_letter_is_a_file_to_send(ran: Path, tmp_path: Path) -> None:
    """Nothing of it on standard output; options of a letter without one are an error."""
    known = of_run(ran)
    file = tmp_path / "brev.docx"
    done = jobmatch("explain", known["proposed"], "--for-citizen", "--docx", file, "--contact",
                    "Jobcentret", cwd=ran)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert str(file) in done.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    done = jobmatch("explain", known["proposed"], "--docx", file, "--contact", "x", cwd=ran)
    assert done.returncode == 2
    assert "--docx, --contact: for a letter; add --for-citizen" in done.stderr


def test_bottlenecks_and_what_helps(ran: Path) -> None:
    """A table for people, everything for machines."""
    done = jobmatch("bottlenecks", "--most", "3", cwd=ran)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("What more of each scarce resource would bring")
    assert lines[2].split()[:1] == ["Resource"]
    assert [word for word in lines[2].split() if word.startswith("+")] == ["+1", "+5", "+20"]
    facts = json.loads(jobmatch("bottlenecks", "--what-helps", "--json", cwd=ran).stdout)
    assert facts["bottlenecks"]
    assert {gain["more"] for one in facts["bottlenecks"] for gain in one["gains"]} == {1, 5, 20}
    assert all(one["proven"] for one in facts["levers"])


def test_near_best_plans(ran: Path) -> None:
    done = jobmatch("near-best", "--plans", "1", "--tolerance", "100", "--json", cwd=ran)
    assert done.returncode == 0, done.stderr
    (plan,) = json.loads(done.stdout)
    assert 0 <= plan["lacks"] <= 100
    assert plan["differs"] == len(plan["moves"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "nobody"), "citizen 'nobody' is not among the 130 citizens"),
        (("explain", "nobody", "--run", "1999"), "1999"),
        (("explain", "nobody", "--on", DAY), "a stored run has its own"),
        (("explain", "nobody", "somewhere", "--run", "x"), "DATA and --run"),
    ],
)
def test_what_cannot_be_explained_says_why(
    ran: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = jobmatch(*arguments, cwd=ran)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_without_a_ledger_the_way_out_is_named(tmp_path: Path) -> None:
    done = jobmatch("explain", "C1", cwd=tmp_path)
    assert done.returncode == 2
    assert "no ledger at runs/ledger.sqlite" in done.stderr.replace("\\", "/")
    assert "Maybe give the tables" in done.stderr


@pytest.mark.parametrize("named", [("nobody",), ("{citizen}", "--opening", "nowhere")])
def test_an_unknown_id_is_told_before_anything_is_solved(ran: Path, named: tuple[str, ...]) -> None:
    """No phase after reading begins."""
    citizen = of_run(ran)["proposed"]
    done = jobmatch("explain", *(part.format(citizen=citizen) for part in named), cwd=ran)
    assert done.returncode == 2
    assert f"'{named[-1]}' is not among the" in done.stderr
    assert "reading and checking the tables" in done.stderr
    assert "solving" not in done.stderr


def test_a_stored_run_begins_at_the_prices_of_its_own_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger sorts rows otherwise than the program, and keeps none that names a household."""
    evening = {"shifts": "mon-fri 15:00-19:00"}
    family = {"household_id": "H1", "youngest_child": 2}
    problem = week(
        [citizen("C1", **family), citizen("C2", **family), citizen("C3", experience="9112")],
        [opening("O2", **evening), opening("O1", seats=2, **evening)],
        workplaces=[workplace(ordinary_staff=100)],
    )
    options = Options(method="prices")
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        run = ledger.record_run(solved(problem), problem, address="tables").run
        rows = ledger.resources(run.run_id)
    kept = {one.name: (float(at), 7.0 + at) for at, one in enumerate(rows)}
    earlier = earlier_of_rows(replace(one, prices=kept[one.name]) for one in rows)
    assert earlier is not None
    starts: list[Start] = []

    def spied(program: Program, *given: Any, start: Start | None = None, **more: Any) -> Answer:
        assert start is not None
        starts.append(start)
        return solve_program(program, *given, start=start, **more)

    monkeypatch.setattr("matcher.engine.solve", spied)
    solution = earlier.solve(problem, options)
    names = solution.model.names
    assert [name for name in names if name in kept] != list(kept), "another order"
    assert any(name.startswith("household_care[") for name in names)
    begun = starts[0].prices
    assert begun is not None
    assert begun.T.tolist() == [[*kept.get(name, (0.0, 0.0)), 0.0] for name in names]
    monkeypatch.undo()
    assert solve(problem, options).plan.placements == solution.plan.placements


def test_backups_are_written_for_their_owner_alone(ran: Path, tmp_path: Path) -> None:
    """Lines, table and data say the same; nobody stands twice or has a proposal."""
    out = tmp_path / "reserver"
    done = jobmatch("backups", "--out", out, "--ranks", "1", "--lang", "da", cwd=ran)
    assert done.returncode == 0, done.stderr
    told = json.loads((out / "backups.json").read_text("utf-8"))
    names = [one["citizen_id"] for one in told["backups"]]
    assert names
    rank = told["queues"]["ranks"][0]
    assert len({*names}) == len(names) == rank["found"]
    assert not {*names} & {one["proposed"] for one in told["backups"]}
    assert rank["proven"]
    table = (out / "backups.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(";")[3] for line in table] == ["Reserve", *names]
    assert all(f"siger {one['proposed']} nej, så" in done.stdout for one in told["backups"])
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
