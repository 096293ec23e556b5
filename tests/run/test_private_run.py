"""A whole week of commands under a umask that hides nothing: all they leave is private."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from scenarios.cli import main
from tests.run.conftest import DAY
from tests.test_private import open_to_others, umask


def command(*arguments: object) -> int:
    """Run the command in this process."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return int(end.value.code or 0)


def test_all_that_commands_write_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made-up data, run, ledger, forms, returned rows, scenarios, cache, quarantine, templates."""
    out = tmp_path / "out"
    with umask(0):
        out.mkdir(0o700)
        monkeypatch.chdir(out)
        assert command("make", "week", "--citizens", 40, "--openings", 12, "--on", DAY) == 0
        for form in ("parquet", "excel", "sql"):
            small = ("--citizens", 5, "--openings", 5, "--on", DAY, "--format", form)
            assert command("make", f"week-{form}", *small) == 0
        citizens = (out / "week" / "citizens.csv").read_text("utf-8").splitlines()
        citizens.append(",".join(["X1", *[""] * citizens[0].count(",")]))
        (out / "week" / "citizens.csv").write_text("\n".join(citizens) + "\n", "utf-8")
        (out / "week" / "citizens.csv").chmod(0o600)
        assert command("check", "week", "--on", DAY, "--quarantine", "aside/deep") == 0
        assert command("run", "week", "--on", DAY, "--policy", "week/policy.toml") == 0
        assert command("workbook", "--out", "forms") == 0
        assert command("workbook", "--csv", "--out", "forms") == 0
        (form_file,) = (out / "forms").glob("decisions-*.csv")
        with form_file.open(encoding="cp1252", newline="") as file:
            rows = list(csv.reader(file, delimiter=";"))
        at = 1
        rows[1][at] = "perhaps"
        with form_file.open("w", encoding="cp1252", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)
        assert command("decide", form_file) == 2
        assert command("whatif", "run", "budget_cut", "week", "--on", DAY, "--workers", 1) == 0
        assert command("whatif", "new", "mine.toml") == 0
        assert command("template", "empty", "--lang", "da") == 0
    names = {path.name for path in out.rglob("*")}
    for name in (
        "report.html", "run.json", "ledger.sqlite", "proposals.xlsx", "quarantine_citizens.csv",
        "week.db", "week.xlsx", "places.parquet", "mine.toml", "outcomes.json.gz", "cache",
        f"{form_file.stem}.rejected_rows.csv", "borgere.csv",
    ):  # fmt: skip
        assert name in names, name
    assert open_to_others(out) == []
