"""The ten-minute walk of docs/own-data.md, replayed; no register number is in what it leaves."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import matcher
from matcher.policy import load_policy
from matcher.tables import check
from matcher.tables.mapping.pseudonym import Key
from scenarios.population import Population, write
from tests.commands import jobmatch
from tests.tables.case_system import write_export
from tests.test_docs import commands
from tests.weeks import TODAY

PAGE = (Path(__file__).parents[2] / "docs" / "own-data.md").read_text("utf-8")
KEY = "walk-" + "0123456789abcdef" * 3
STEP = re.compile(
    r"^<!-- (?P<what>walk|write|mend in|in|python)(?:: (?P<code>\d))?(?: (?P<file>\S+))? -->\n"
    r"```\w+\n(?P<text>.*?)^```\n(?:```text\n(?P<said>.*?)^```$)?",
    re.M | re.S,
)


def texts_of(folder: Path) -> dict[str, pd.DataFrame]:
    """Tables of a folder as texts."""
    made = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        made[path.stem] = pd.DataFrame(rows[1:], columns=rows[0], dtype=object)
    return made


def contained(small: object, whole: object) -> bool:
    """Whether all that a part of a TOML file says stands in the whole."""
    if isinstance(small, dict):
        return isinstance(whole, dict) and all(
            name in whole and contained(value, whole[name]) for name, value in small.items()
        )
    return small == whole


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made-up")
    write(folder, Population(citizens=60, openings=12))
    return folder


def test_the_walk_reaches_a_run_and_no_number_leaves_it(
    made_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command says what the page says; then everything written and said is searched."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    data = tmp_path / "uge48"
    data.mkdir()
    week = texts_of(made_up)
    numbers = write_export(data / "eksport.xlsx", week)
    said = ""
    steps = list(STEP.finditer(PAGE))
    assert sum(step["what"] == "walk" for step in steps) == 4
    for step in steps:
        file = tmp_path / (step["file"] or "")
        if step["what"] == "write":
            file.write_text(step["text"], "utf-8")
        elif step["what"] == "mend in":
            line = step["text"].strip()
            asked = f"# {line.partition(' = ')[0]} = "
            before = file.read_text("utf-8")
            assert asked in before
            file.write_text(before.replace(asked, line), "utf-8")
        elif step["what"] == "in":
            proposed = tomllib.loads(file.read_text("utf-8"))
            assert contained(tomllib.loads(step["text"]), proposed)
        elif step["what"] == "walk":
            for line in step["text"].splitlines():
                done = jobmatch(*line.split()[1:], cwd=tmp_path, JOBMATCH_KEY=KEY)
                assert done.returncode == int(step["code"] or 0), done.stdout + done.stderr
                said += done.stdout + done.stderr
                for expected in (step["said"] or "").splitlines():
                    assert expected.strip() in done.stdout + done.stderr, expected
    (data / "eksport.xlsx").unlink()
    digits = re.compile(r"\D")
    held = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(name.endswith("ledger.sqlite") for name in held)
    assert any(name.endswith("run.json") for name in held)
    texts = {name: content.decode("latin-1") for name, content in held.items()} | {"said": said}
    for name, text in texts.items():
        for number in numbers:
            plain = digits.sub("", number)
            assert number not in text, name
            assert plain not in text, name
            assert plain.lstrip("0") not in text, name
    (document,) = tmp_path.glob("runs/*/run.json")
    provenance = json.loads(document.read_text("utf-8"))["provenance"]["mapping"]
    assert provenance["file"] == "mapping.toml"
    assert re.fullmatch("[0-9a-f]{16}", provenance["digest"])
    assert KEY not in "".join(texts.values())


def test_the_recipe_on_the_page_makes_the_same_pseudonyms() -> None:
    """A case system that follows the page finds its persons again."""
    (recipe,) = (step["text"] for step in STEP.finditer(PAGE) if step["what"] == "python")
    known: dict[str, object] = {}
    exec(recipe, known)
    made = known["pseudonym"]
    assert callable(made)
    assert made("610150-4000", KEY) == Key(KEY.encode()).pseudonym("6101504000", "cpr")


def test_the_walk_reads_what_the_case_system_holds(
    made_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every mapped cell of every citizen is the cell of the week that the export was made from."""
    monkeypatch.setenv("JOBMATCH_KEY", KEY)
    from matcher.tables import load_mapping
    from matcher.tables.mapping.propose import propose
    from matcher.tables.mapping.writing import proposal_text

    week = texts_of(made_up)
    data = tmp_path / "uge48"
    data.mkdir()
    numbers = write_export(data / "eksport.xlsx", week)
    policy = load_policy(TODAY)
    assert policy.mapping is not None
    text = proposal_text(propose(data, policy, TODAY), policy.mapping, "da")
    mapping = load_mapping(tomllib.loads(text))
    base = check(made_up, policy, TODAY).problem["citizens"].set_index("citizen_id")
    found = check(data, policy, TODAY, mapping=mapping).problem["citizens"]
    key = Key(KEY.encode())
    ids = {
        key.pseudonym(number, "cpr"): id_ for number, id_ in zip(numbers, base.index, strict=False)
    }
    found = found.assign(citizen_id=found["citizen_id"].map(ids)).set_index("citizen_id")
    columns = [name for name in mapping.tables["citizens"].columns if name != "citizen_id"]
    assert len(columns) == 47
    expected = base.loc[found.index, columns]
    pd.testing.assert_frame_equal(found[columns], expected)
    assert len(found) == len(base)


def test_every_command_that_reads_tables_takes_a_mapping() -> None:
    """All but the one that proposes it, and the one whose tables are those of a stored run."""
    reads = {
        name
        for name, command in commands().items()
        if any(one.metavar == "DATA" for one in command.params)
    }
    takes = {
        name
        for name, command in commands().items()
        if any("--mapping" in one.opts for one in command.params)
    }
    assert {"run", "check", "explain", "bottlenecks", "near-best"} <= takes
    assert reads - {"map", "case"} == takes


def test_other_commands_and_python_read_by_a_mapping(
    made_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook with the mapping that is named; a folder with its own; in Danish as well."""
    data = tmp_path / "uge48"
    data.mkdir()
    write_export(data / "eksport.xlsx", texts_of(made_up))
    book = data / "eksport.xlsx"
    proposed = jobmatch(
        "map", book, "--out", data / "m.toml", "--lang", "da", cwd=tmp_path, JOBMATCH_KEY=KEY
    )
    assert "bliver til et pseudonym (citizen_id)" in proposed.stdout
    assert "skalaer, hvis retning kun I kender: oral" in proposed.stdout
    again = jobmatch("map", book, "--out", data / "m.toml", cwd=tmp_path, JOBMATCH_KEY=KEY)
    assert again.returncode == 2
    assert "is there already" in again.stderr
    file = data / "m.toml"
    text = file.read_text("utf-8").replace('# "K-17 Køkken" = ', '"K-17 Køkken" = "9412"')
    file.write_text(text, "utf-8")
    policy = tmp_path / "ours.toml"
    (declared,) = (step["text"] for step in STEP.finditer(PAGE) if step["what"] == "write")
    policy.write_text(declared, "utf-8")
    asked = ("--policy", policy, "--mapping", file, "--on", TODAY.isoformat())
    shown = jobmatch("whatif", "show", "budget_cut", book, *asked, cwd=tmp_path, JOBMATCH_KEY=KEY)
    assert shown.returncode == 0, shown.stderr
    monkeypatch.setenv("JOBMATCH_KEY", KEY)
    week = matcher.read_week(book, on=TODAY.isoformat(), policy=policy, mapping=file)
    citizen = week["citizens"]["citizen_id"].iloc[0]
    told = jobmatch("explain", citizen, book, *asked, cwd=tmp_path, JOBMATCH_KEY=KEY)
    assert told.returncode == 0, told.stderr
    assert citizen in told.stdout
    lost = jobmatch("check", book, "--mapping", tmp_path / "no.toml", cwd=tmp_path)
    assert (lost.returncode, "no such file" in lost.stderr) == (2, True)
    stored = jobmatch("explain", citizen, "--run", "x", "--mapping", file, cwd=tmp_path)
    assert stored.returncode == 2
    assert "--mapping" in stored.stderr
    sheets = "Borgerudtræk|Helbred|Jobordrer|Virksomheder|Postnumre"
    text = re.sub(rf'from = "({sheets})"', r'from = "eksport.xlsx#\1"', text)
    (data / "mapping.toml").write_text(text, "utf-8")
    own = matcher.read_week(data, on=TODAY.isoformat(), policy=policy)
    assert own.digest() == week.digest()
