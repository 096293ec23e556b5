"""A CPR number in every disguise, in every kind of place: searched for in all that comes out."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from scenarios.cli import main
from scenarios.population import Population, write
from tests.run.conftest import DAY
from tests.volume import daily

DISGUISES = (
    "0107908264", "010790-8264", "010790 8264", "010790/8264", "010790.8264", "010790,8264",
    "010790_8264", "010790\u00ad8264", "0107\u200b908264", "010790\u00a08264", "010790–8264",
    "01.07.90-8264", "010 790 8264", "０１０７９０８２６４", "٠١٠٧٩٠٨٢٦٤", "107908264",
    "107908264.0", "1.07908264E+08", "010790 - 8264", "cpr0107908264",
)  # fmt: skip
SERIAL = "7908264"
"""What every disguise holds once its signs are in ASCII and nothing stands between."""
IN_NAMES = tuple(text for text in DISGUISES if "/" not in text)
"""Disguises that a file may be called."""


def normalised(text: str) -> str:
    """Letters and digits alone, digits in ASCII."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.digit(sign, sign)) for sign in plain if sign.isalnum())


def holds(content: bytes) -> bool:
    """Whether bytes hold the number in any form, packed files included."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return any(
                holds(packed.read(name)) or holds(name.encode()) for name in packed.namelist()
            )
    return any(
        SERIAL in normalised(content.decode(encoding, "replace"))
        for encoding in ("utf-8", "latin-1", "utf-16-le")
    )


def leaks(folder: Path) -> list[str]:
    """Files below a folder that hold the number, or are named after it."""
    return [
        str(path)
        for path in sorted(folder.rglob("*"))
        if SERIAL in normalised(str(path.relative_to(folder)))
        or (path.is_file() and holds(path.read_bytes()))
    ]


Said = tuple[int, str]
Command = Callable[..., Said]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """Run the command in this process; give its exit code and all it said."""

    def run(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        said = capfd.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return run


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up week of 30 citizens."""
    folder = tmp_path_factory.mktemp("small")
    write(folder, Population(citizens=30, openings=8, seed=3))
    return folder


def assert_silent(said: Said, *codes: int) -> str:
    """Hold that a command ended as it should and said no number; return what it said."""
    assert said[0] in codes, said
    assert SERIAL not in normalised(said[1])
    return said[1]


# ------------------------------------------------------------------------------ tables


def spoilt(frame: pd.DataFrame, disguises: Sequence[str]) -> Iterator[dict[str, str]]:
    """A row for each column and one of the disguises, turn by turn."""
    first = frame.iloc[0].to_dict()
    for at, column in enumerate((*frame.columns, "remarks")):
        yield {**first, "remarks": "", column: disguises[at % len(disguises)]}


def test_cells_of_every_column_reach_nothing_that_is_written(
    small: Path, tmp_path: Path, command: Command
) -> None:
    """Citizens' cells of a run that goes on; every other table's of a check."""
    (tmp_path / "lenient.toml").write_text("[checks]\nbad_rows_percent = 99\n", "utf-8")
    planted = 0
    for names in (("citizens",), None):
        data = tmp_path / f"data-{names is None}"
        shutil.copytree(small, data)
        for path in sorted(data.glob("*.csv")):
            frame = pd.read_csv(path, dtype=str, keep_default_na=False)
            if not len(frame) or (names is not None and path.stem not in names):
                continue
            rows = list(spoilt(frame, DISGUISES[planted % 7 :]))
            planted += len(rows)
            pd.concat([frame, pd.DataFrame(rows)]).fillna("").to_csv(path, index=False)
        out = tmp_path / f"out-{names is None}"
        shared = (data, "--on", DAY, "--policy", tmp_path / "lenient.toml")
        quarantine = ("--quarantine", out / "aside")
        assert_silent(command("check", *shared, *quarantine, "--json"), 0, 2)
        assert_silent(command("check", *shared, "--most", 500), 0, 2)
        assert (out / "aside" / "quarantine_citizens.csv").exists()
        if names is not None:
            assert "4" in assert_silent(command("run", *shared, "--out", out), 0)
            assert_silent(command("workbook", "--ledger", out / "ledger.sqlite", "--csv"), 0)
            assert (out / "ledger.sqlite").exists()
        assert leaks(out) == []
    assert planted > 100


@pytest.mark.parametrize("spelt", daily(1, DISGUISES[::3]))
def test_names_of_columns_sheets_and_files_are_not_shown(
    small: Path, tmp_path: Path, command: Command, spelt: str
) -> None:
    """Refused where a table is ours, not read where it is not."""
    data = tmp_path / "data"
    shutil.copytree(small, data)
    citizens = (data / "citizens.csv").read_text("utf-8").splitlines()
    head = [f"{line},{'' if at else chr(34) + spelt + chr(34)}" for at, line in enumerate(citizens)]
    if spelt in IN_NAMES:
        (data / f"borger {spelt}.csv").write_text("a\n1\n", "utf-8")
    (data / "citizens.csv").write_text("\n".join(head) + "\n", "utf-8")
    for more in ((), ("--json",)):
        text = assert_silent(command("check", data, "--on", DAY, *more), 2)
        assert "CPR removed" in text
    out = tmp_path / "out"
    assert_silent(command("run", data, "--on", DAY, "--out", out, "--json"), 2)
    assert leaks(out) == []


def test_folders_and_workbooks_named_after_a_person(
    small: Path, tmp_path: Path, command: Command
) -> None:
    """What is read may have the name, and it is not said; what is written may not."""
    for at, spelt in enumerate(IN_NAMES[::4]):
        data = tmp_path / f"{at} {spelt}"
        shutil.copytree(small, data)
        assert_silent(command("check", data, "--on", DAY, "--json"), 0)
        assert_silent(command("check", data / "nothing", "--on", DAY), 2)
        assert_silent(command("template", data), 2)
    out = tmp_path / "out"
    assert_silent(command("run", tmp_path / f"0 {IN_NAMES[0]}", "--on", DAY, "--out", out), 0)
    assert leaks(out) == []


def _as_workbook(frames: dict[str, pd.DataFrame], spelt: str, target: Path) -> object:
    with pd.ExcelWriter(target / "week.xlsx") as book:
        for name, frame in frames.items():
            frame.to_excel(book, sheet_name=name, index=False)
        frames["citizens"].to_excel(book, sheet_name=f"b {spelt}"[:31].replace("/", "-"))
    return target / "week.xlsx"


def _as_parquet(frames: dict[str, pd.DataFrame], spelt: str, target: Path) -> object:
    for name, frame in frames.items():
        frame.to_parquet(target / f"{name}.parquet", index=False)
    frames["citizens"].to_parquet(target / f"b {spelt.replace('/', '-')}.parquet", index=False)
    return target


def _as_database(frames: dict[str, pd.DataFrame], spelt: str, target: Path) -> object:
    with closing(sqlite3.connect(target / "week.db")) as base:
        for name, frame in frames.items():
            frame.to_sql(name, base, index=False)
        frames["citizens"].to_sql(f"b {spelt}", base, index=False)
    return f"sqlite:///{target / 'week.db'}"


@pytest.mark.parametrize("written", daily(1, [_as_workbook, _as_database, _as_parquet]))
def test_every_kind_of_source_holds_its_tongue(
    small: Path,
    tmp_path: Path,
    command: Command,
    written: Callable[[dict[str, pd.DataFrame], str, Path], object],
) -> None:
    """Cells of every column, headers, sheets, files and tables; a run of a workbook as of files."""
    (tmp_path / "lenient.toml").write_text("[checks]\nbad_rows_percent = 99\n", "utf-8")
    plain = {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted(small.glob("*.csv"))
    }
    rows = pd.DataFrame(spoilt(plain["citizens"], DISGUISES))
    spoilt_cells = plain | {"citizens": pd.concat([plain["citizens"], rows]).fillna("")}
    spoilt_head = plain | {"citizens": plain["citizens"].assign(**{DISGUISES[1]: "x"})}
    for at, (frames, codes) in enumerate(((spoilt_cells, (0, 2)), (spoilt_head, (2,)))):
        target, out = tmp_path / f"data{at}", tmp_path / f"out{at}"
        target.mkdir()
        source = written(frames, DISGUISES[at], target)
        shared = (source, "--on", DAY, "--policy", tmp_path / "lenient.toml")
        assert_silent(command("check", *shared, "--quarantine", out / "aside", "--json"), *codes)
        assert_silent(command("run", *shared, "--out", out), *codes)
        assert leaks(out) == []


@pytest.mark.parametrize("name", ["run", "check"])
def test_the_password_of_a_data_address_is_never_said(
    name: str, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is not there: the address is named, what opens it is not."""
    monkeypatch.chdir(tmp_path)
    address = "postgresql+psycopg://municipality:s3cret-w0rd@127.0.0.1:1/week"
    for extra in ((), ("--json",), ("--debug",)):
        code, said = command(name, address, "--on", DAY, *extra)
        assert code == 2, said
        assert "127.0.0.1" in said
        assert "s3cret" not in said
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


# ------------------------------------------------------------------------------ arguments, files


ARGUMENTS: tuple[tuple[str, ...], ...] = (
    ("explain", "{}"),
    ("explain", "C1", "--opening", "{}"),
    ("forget", "{}", "--yes"),
    ("runs", "show", "{}"),
    ("runs", "diff", "{}", "{}"),
    ("check", "{}"),
    ("run", "{}"),
    ("run", "data", "--out", "{}"),
    ("run", "data", "--seed", "{}"),
    ("run", "data", "--on", "{}"),
    ("run", "data", "--policy", "{}"),
    ("run", "data", "--ledger", "{}"),
    ("check", "data", "--quarantine", "aside/{}"),
    ("decide", "{}"),
    ("make", "new", "--municipality", "{}"),
    ("whatif", "run", "{}"),
    ("whatif", "run", "library", "--only", "{}"),
    ("whatif", "run", "library", "--set", "{}=1"),
    ("whatif", "frontier", "data", "--group", "{}=1"),
    ("whatif", "new", "{}.toml"),
    ("{}",),
    ("run", "--{}"),
)


@pytest.mark.parametrize("apart", daily(1, [10, 2]), ids=["some ways", "more ways"])
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_arguments_are_refused_unseen(
    arguments: tuple[str, ...],
    apart: int,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A usage error, before anything is opened or made."""
    monkeypatch.chdir(tmp_path)
    turn = ARGUMENTS.index(arguments)
    for spelt in DISGUISES[turn % apart :: apart]:
        text = assert_silent(command(*(part.format(spelt) for part in arguments)), 2)
        assert text.startswith(("error:", "Usage:")), text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "line",
    ['"{}" = 1', '[money.budgets]\n"{}" = 1', '[fit]\nfloor = "{}"', '[texts]\na = ["x", "{}"]'],
)
@pytest.mark.parametrize("apart", daily(1, [10, 2]), ids=["some ways", "more ways"])
def test_policies_and_scenarios_hold_none(
    small: Path, tmp_path: Path, command: Command, line: str, apart: int
) -> None:
    """Keys, values, members of lists: the file is refused and the number not said."""
    for spelt in DISGUISES[len(line) % apart :: apart]:
        (tmp_path / "ours.toml").write_text(line.format(spelt) + "\n", "utf-8")
        text = assert_silent(command("policy", "--policy", tmp_path / "ours.toml"), 2)
        assert "looks like a CPR number" in text
        (tmp_path / "mine.toml").write_text(
            "[scenario.one]\ntitle = 'x'\n" + line.format(spelt) + "\n", "utf-8"
        )
        assert_silent(command("whatif", "show", tmp_path / "mine.toml", small, "--on", DAY), 2)


# ------------------------------------------------------------------------------ forms


def test_forms_keep_and_say_none(small: Path, tmp_path: Path, command: Command) -> None:
    """In any cell of a form, its header and its name; the rows that come back hold none."""
    out = tmp_path / "out"
    assert_silent(command("run", small, "--on", DAY, "--out", out), 0)
    ledger = ("--ledger", out / "ledger.sqlite")
    assert_silent(command("workbook", *ledger, "--csv", "--out", tmp_path / "forms"), 0)
    (form,) = (tmp_path / "forms").glob("decisions-*.csv")
    with form.open(encoding="cp1252", newline="") as file:
        head, *rows = csv.reader(file, delimiter=";")
    for at, spelt in enumerate(DISGUISES[::2]):
        filled = [[*row] for row in rows]
        filled[0][at % len(head)] = spelt
        filled[-1][1] = f"see {spelt}"
        again = out / "returned" / f"{at}.csv"
        again.parent.mkdir(exist_ok=True)
        for encoding in ("cp1252", "utf-8-sig"):
            try:
                with again.open("w", encoding=encoding, newline="") as file:
                    csv.writer(file, delimiter=";").writerows(
                        [[*head, spelt], *([*row, ""] for row in filled)]
                    )
                break
            except UnicodeEncodeError:
                continue
        assert_silent(command("decide", again, *ledger, "--no-costs"), 0, 2)
        again.unlink()
    assert leaks(out) == []


def test_ids_that_cannot_be_one_pass(small: Path, tmp_path: Path, command: Command) -> None:
    """GUIDs, P-numbers of workplaces and other lengths go the whole way, unmasked."""
    data = tmp_path / "data"
    shutil.copytree(small, data)
    ids = {
        "citizens": ("citizen_id", "5f010790-8264-4a7b-9c1d-0a1b2c3d4e{:02x}"),
        "workplaces": ("workplace_id", "10031234{:02d}"),
        "openings": ("opening_id", "O-0107908264{:02d}"),
    }
    for name, (key, form) in ids.items():
        frame = pd.read_csv(data / f"{name}.csv", dtype=str, keep_default_na=False)
        new = {old: form.format(at) for at, old in enumerate(frame[key])}
        for path in data.glob("*.csv"):
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            if key in table:
                table[key] = [new.get(old, old) for old in table[key]]
                table.to_csv(path, index=False)
    code, said = command("check", data, "--on", DAY)
    assert code == 0, said
    code, said = command("run", data, "--on", DAY, "--out", tmp_path / "out", "--json")
    assert code == 0, said
    assert "CPR removed" not in said
    assert "5f010790-8264-4a7b" in said
    assert "1003123400" in said
    sys.stdout.flush()
