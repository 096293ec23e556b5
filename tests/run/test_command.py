"""The command as its users meet it: cron, pipes, wrong columns, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from matcher.errors import OptionError
from matcher.solve import Options
from matcher.terminal import errors_shown
from tests.commands import Done, jobmatch, jobmatch_process
from tests.run.conftest import DAY, SPEC, run_folders


@pytest.fixture(scope="module")
def by_processes(
    few_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[tuple[Done, Path], tuple[Done, Path]]:
    """The week run in Danish by two processes, and their run folders.

    The second has another hash seed and a terminal that knows ASCII alone.
    """
    ran = []
    for more in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "PYTHONIOENCODING": "ascii"}):
        out = tmp_path_factory.mktemp("out")
        done = jobmatch_process(
            "run", few_folder, "--on", DAY, "--out", out, "--lang", "da", **more
        )
        assert done.returncode == 0, done.stderr
        (folder,) = run_folders(out)
        ran.append((done, folder))
    return ran[0], ran[1]


def test_a_run_from_cron_prints_data_on_stdout_and_timed_lines_on_stderr(
    by_processes: tuple[tuple[Done, Path], ...],
) -> None:
    """No terminal, C locale, Danish: ASCII where it must be, nothing lost, exit 0."""
    done, folder = by_processes[0]
    assert str(folder) in done.stdout
    assert "forslag" in done.stdout
    lines = done.stderr.splitlines()
    assert all(line.startswith("[") and " s] " in line for line in lines), done.stderr
    assert lines[-1].endswith(("færdig", "faerdig"))  # in the letters that the stream has
    assert (folder / "report.html").read_text("utf-8").count('lang="da"') == 1


def test_an_ascii_terminal_gets_letters_it_can_show(
    by_processes: tuple[tuple[Done, Path], ...],
) -> None:
    """Danish letters become two, as on a typewriter; nothing fails."""
    done, _ = by_processes[1]
    assert "Koerslens mappe" in done.stdout
    assert done.stdout.isascii()
    assert done.stderr.isascii()


def test_the_hash_seed_changes_no_byte(by_processes: tuple[tuple[Done, Path], ...]) -> None:
    """Two processes with different hash seeds: equal files."""
    folders = [folder for _, folder in by_processes]
    for name in ("proposals.csv", "unplaced.csv", "openings.csv", "resources.csv"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_json_is_the_whole_document_and_nothing_else(week_folder: Path, tmp_path: Path) -> None:
    """What --json prints is run.json, the folder and the run's name in the ledger."""
    done = jobmatch("run", week_folder, "--on", DAY, "--out", tmp_path, "--json")
    printed = json.loads(done.stdout)
    folder = Path(printed.pop("folder"))
    assert printed.pop("run_id") == folder.name
    assert printed == json.loads((folder / "run.json").read_text("utf-8"))


def test_without_data_the_aarhus_week_is_made_and_run(tmp_path: Path) -> None:
    """`jobmatch run` alone: a made-up week of 1,550 citizens, said to be so, proven."""
    done = jobmatch("run", "--on", DAY, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["made_up"] is True
    assert len(document["proposals"]) + len(document["unplaced"]) == 1550
    assert document["termination"]["reason"] == "optimal", document["termination"]
    assert (tmp_path / "aarhus-week" / "MADE_UP.txt").exists()


@pytest.mark.parametrize("command", [("run",), ("make", "aarhus-week", "--citizens", "9")])
def test_own_data_are_never_overwritten(tmp_path: Path, command: tuple[str, ...]) -> None:
    """./aarhus-week with the user's own tables: refused, named, left as it is."""
    own = tmp_path / "aarhus-week" / "citizens.csv"
    own.parent.mkdir()
    own.write_text("mine\n", "utf-8")
    done = jobmatch(*command, "--on", DAY, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "error: 'aarhus-week' holds files that are not made up" in done.stderr
    assert own.read_text("utf-8") == "mine\n"
    assert [path.name for path in own.parent.iterdir()] == ["citizens.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["aarhus-week"]


def test_check_shows_every_issue_and_says_whether_a_run_can_go_on(tmp_path: Path) -> None:
    """A ;-separated cp1252 file from Excel with a wrong column: named with code and advice."""
    (tmp_path / "borgere.csv").write_bytes(
        "borger_id;visitation;alder;postnr;dansk_mundligt\n"
        "B1;jobparat;34;8000;3\nB2;aktivitetsparat;to;8000;2\n".encode("cp1252")
    )
    (tmp_path / "arbejdspladser.csv").write_bytes(
        "arbejdsplads_id;arbejdsgiver_id;navn;sektor;postnr\n1;2;Køkkenet;kommunal;8000\n".encode(
            "cp1252"
        )
    )
    (tmp_path / "stillinger.csv").write_bytes(
        b"stilling_id;arbejdsplads_id;isco;vagter;timer_maks\nS1;1;9412;man-fre 08.00-12.00;20,5\n"
    )
    (tmp_path / "steder.csv").write_bytes(
        "postnr;navn;breddegrad;længdegrad\n8000;Århus C;56,15;10,2\n".encode("cp1252")
    )
    done = jobmatch("check", tmp_path, "--on", DAY, "--json")
    found = json.loads(done.stdout)
    codes = {issue["code"] for issue in found["issues"]}
    assert "wrong_type" in codes
    assert any("dansk_mundligt" in json.dumps(issue) for issue in found["issues"])
    (missing,) = [one for one in found["issues"]
                  if (one["code"], one["table"]) == ("missing_protection", "citizens")]  # fmt: skip
    assert "'oral' (dansk_mundtlig), 'reading' (dansk_læse)" in missing["expected"]
    assert "Maybe 'dansk_mundligt' is 'dansk_mundtlig'." in missing["advice"]
    assert found["usable"] is False  # half of the citizens are bad, and columns are missing
    assert done.returncode == 2
    shown = jobmatch("check", tmp_path, "--on", DAY)
    assert shown.returncode == 2
    assert "A run cannot go on" in shown.stdout
    assert "borgere.csv" in shown.stdout


def test_a_cpr_number_is_refused_and_never_printed(week_folder: Path, tmp_path: Path) -> None:
    """In any column, in any output of check and run."""
    cpr = "010203-1234"
    data = tmp_path / "data"
    data.mkdir()
    for path in week_folder.glob("*.csv"):
        (data / path.name).write_bytes(path.read_bytes())
    text = (data / "citizens.csv").read_text("utf-8").splitlines()
    text[1] = text[1].replace(text[1].split(",")[0], f"FIKTIV {cpr}", 1)
    (data / "citizens.csv").write_text("\n".join(text) + "\n", "utf-8")
    outputs = ""
    for command in (
        ("check", data),
        ("check", data, "--json"),
        ("run", data, "--out", tmp_path / "runs", "--json"),
    ):
        done = jobmatch(*command, "--on", DAY)
        outputs += done.stdout + done.stderr
    assert "cpr_number" in outputs
    for path in (tmp_path / "runs").rglob("*"):
        if path.is_file():
            outputs += path.read_bytes().decode("latin-1")
    assert cpr not in outputs
    assert cpr.replace("-", "") not in outputs


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("run", "no-such-folder"), 2, "no-such-folder"),
        (("run", "x", "--on", "yesterday"), 2, "--on yesterday: not a date"),
        (("run", "x", "--policy", "none.toml"), 2, "--policy none.toml: no such file"),
        (("check", "postgresql+nodriver://host/base"), 2, "error:"),
        (("make", "x", "--municipality", "Atlantis"), 2, "Atlantis"),
        (("run", "--lang", "sv"), 2, "'sv'"),
        (
            ("run", "x", "--on", "9999-12-31"),
            2,
            "--on 9999-12-31: expected a day in the years 2000 to 2100",
        ),
        (("run", "x", "--on", "31-12-1999"), 2, "--on 31-12-1999: expected a day in the years"),
        (("run", "x", "--seconds", "-1"), 2, "--seconds -1: expected a number of seconds above 0"),
        (("run", "x", "--seconds", "0"), 2, "--seconds 0: expected a number of seconds above 0"),
        (("run", "x", "--seconds", "nan"), 2, "--seconds nan: expected a number of seconds"),
        (
            ("run", "x", "--seed", "99999999999999999999"),
            2,
            "2147483647",
        ),
        (("run", "--out", "pyproject.toml"), 2, "--out pyproject.toml: it is a file; expected a"),
        (("make", "x", "--format", "foo"), 2, "'foo' is not one of 'csv', 'parquet', 'excel'"),
        (("make", "pyproject.toml"), 2, "DIR pyproject.toml: it is a file; expected a folder"),
        (("template", "pyproject.toml"), 2, "DIR pyproject.toml: it is a file; expected a folder"),
        (("template", "pyproject.toml/x"), 2, "DIR pyproject.toml/x: '"),
        (
            ("check", ".", "--quarantine", "pyproject.toml"),
            2,
            "--quarantine pyproject.toml: it is a file; expected a folder, old or new",
        ),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_wrong_use_ends_with_code_2_on_one_screen(
    tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """What was wrong is named; no traceback; nothing on stdout."""
    (tmp_path / "pyproject.toml").touch()
    done = jobmatch(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert says in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 24
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


def test_json_is_printed_for_errors_of_every_kind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also for one that nobody thought of: whoever reads standard output gets its name."""
    for error, code in ((OptionError("no such thing"), 2), (ZeroDivisionError("by zero"), 1)):
        with pytest.raises(typer.Exit) as ended, errors_shown(debug=False, as_json=True):
            raise error
        shown = capsys.readouterr()
        assert ended.value.exit_code == code
        assert json.loads(shown.out) == {
            "error": type(error).__name__,
            "message": str(error),
            "issues": [],
            "facts": [],
        }
        assert str(error) in shown.err


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    """For whoever mends it."""
    done = jobmatch("run", "no-such-folder", "--debug", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_locks_that_clash_end_with_code_3_and_are_named(
    week_folder: Path, ran: Path, tmp_path: Path
) -> None:
    """Two locks for one citizen: both openings are in the message."""
    data = tmp_path / "data"
    data.mkdir()
    for path in week_folder.glob("*.csv"):
        (data / path.name).write_bytes(path.read_bytes())
    (folder,) = run_folders(ran / "runs")
    document = json.loads((folder / "run.json").read_text("utf-8"))
    first = document["proposals"][0]
    others = [one["opening_id"] for one in document["proposals"]]
    other = next(one for one in others if one != first["opening_id"])
    (data / "locks.csv").write_text(
        "citizen_id,opening_id\n"
        f"{first['citizen_id']},{first['opening_id']}\n{first['citizen_id']},{other}\n",
        "utf-8",
    )
    done = jobmatch("run", data, "--on", DAY, "--out", tmp_path / "b")
    assert done.returncode == 3, done.stderr
    assert "these locks cannot be honoured" in done.stderr
    assert first["citizen_id"] in done.stderr
    assert run_folders(tmp_path / "b") == []


def test_a_limit_without_a_plan_ends_with_code_4(
    week_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cron can tell "no time" from "bad input"."""
    # By prices a plan of sorts is there at once; the integer solver needs its time.
    monkeypatch.setattr(
        "matcher.cli.engine_options",
        lambda asked: Options(seconds=asked.seconds, method="direct"),
    )
    done = jobmatch("run", week_folder, "--on", DAY, "--out", tmp_path, "--seconds", "1e-9")
    assert done.returncode == 4, done.stderr
    assert "no plan was found" in done.stderr
    assert run_folders(tmp_path) == []


def test_policy_shows_what_held_on_a_day() -> None:
    """The 225-hour rule and the ratio rule of the nytteindsats are gone on 1 July 2025."""
    before = jobmatch("policy", "--on", "30-06-2025").stdout
    after = jobmatch("policy", "--on", "2025-07-01").stdout
    assert "[hours_225]  2022-01-01 to 2025-06-30" in before
    assert "hours_225]" not in after
    assert "[measures.nytteindsats]  2025-01-01 to further notice" in after
    assert "source: " in after


def test_template_writes_tables_that_can_be_read_back(tmp_path: Path) -> None:
    """Empty tables with Danish names, and a dictionary."""
    done = jobmatch("template", tmp_path / "t", "--lang", "da")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "t" / "borgere.csv").exists()
    names = [Path(line).name for line in done.stdout.splitlines()]
    assert any(name.endswith(".md") for name in names)


def test_make_writes_any_municipality(tmp_path: Path) -> None:
    """By name or code, from a seed, in any format."""
    done = jobmatch("make", tmp_path / "m", "--municipality", "0461", "--citizens", "20",
                    "--openings", "5", "--format", "parquet")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m" / "citizens.parquet").exists()
    assert (tmp_path / "m" / "MADE_UP.txt").exists()


def test_help_explains_every_option_of_every_command() -> None:
    """No option without a sentence."""
    listed = jobmatch("--help").stdout
    for command in ("run", "check", "template", "policy", "make"):
        assert command in listed
        shown = jobmatch(command, "--help", COLUMNS="200").stdout
        options = re.split(r"\n  (?=-)", shown.split("Options:")[1])[1:]
        assert len(options) >= 2
        for option in options:
            words = [word for word in option.split() if word[:1].isalpha()]
            assert len(words) >= 3, option


def test_version_is_told() -> None:
    """`--version` and nothing else."""
    from matcher import __version__

    assert jobmatch("--version").stdout.strip() == f"jobmatch {__version__}"


def test_sizes_of_the_small_week_are_what_the_tests_think() -> None:
    """130 citizens: five per cent is six rows and a half."""
    assert SPEC.size == 130


def test_a_killed_run_leaves_nothing_that_looks_finished(few_folder: Path, tmp_path: Path) -> None:
    """kill -9 while the files are written: only a hidden, unfinished folder; the next run works."""
    command = [sys.executable, "-c", "from scenarios.cli import main; main()", "run",
               str(few_folder), "--on", DAY, "--out", str(tmp_path)]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not any(tmp_path.glob(".*.partial/*")):
        time.sleep(0.001)
    process.kill()
    process.wait()
    finished = [path for path in run_folders(tmp_path) if not path.name.startswith(".")]
    assert all((path / "report.html").exists() for path in finished)
    assert len(finished) + len(list(tmp_path.glob(".*.partial"))) == 1
    assert jobmatch("run", few_folder, "--on", DAY, "--out", tmp_path).returncode == 0
