"""A comparison's folder: whole or as it was, however its process ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenarios.whole import whole_folder
from tests.volume import daily

LAST = "report.html"
KILLED = """
import os, pathlib, signal, sys
from scenarios.whole import whole_folder

with whole_folder(pathlib.Path(sys.argv[1]), "report.html") as hidden:
    (hidden / "report.html").write_text("new")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def write(folder: Path, text: str) -> None:
    with whole_folder(folder, LAST) as hidden:
        (hidden / LAST).write_text(text)
        (hidden / "a.csv").write_text(text)
        assert not (folder / LAST).exists() or (folder / LAST).read_text() != text


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_folder_comes_at_once_and_again(tmp_path: Path) -> None:
    """Then anew over itself; files of others stay."""
    folder = tmp_path / "deep" / "one"
    write(folder, "first")
    assert names(folder) == {LAST, "a.csv"}
    assert names(folder.parent) == {"one"}
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "notes.txt").write_text("mine")
    write(folder, "second")
    assert (folder / LAST).read_text() == (folder / "a.csv").read_text() == "second"
    assert names(folder) == {LAST, "a.csv", "notes.txt"}


@pytest.mark.parametrize("there", [False, True])
def test_an_error_leaves_all_as_it_was(tmp_path: Path, *, there: bool) -> None:
    folder = tmp_path / "one"
    if there:
        write(folder, "first")
    with pytest.raises(FileNotFoundError), whole_folder(folder, LAST) as hidden:
        (hidden / LAST).with_name("no").joinpath("such folder").write_text("half")
    assert names(tmp_path) == ({"one"} if there else set())
    if there:
        assert names(folder) == {LAST, "a.csv"}
        assert (folder / LAST).read_text() == "first"


@pytest.mark.parametrize("there", daily(1, [True, False]))
def test_what_a_killed_process_left_goes_with_the_next(tmp_path: Path, *, there: bool) -> None:
    """kill -9 in the middle: no folder, or the one from before; the next one tidies."""
    folder = tmp_path / "one"
    if there:
        write(folder, "first")
    path = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(folder)], env=path, check=False)
    assert killed.returncode == -9
    assert folder.exists() == there
    assert not there or (folder / LAST).read_text() == "first"
    hidden = list((folder if there else tmp_path).glob(".one.*.partial"))
    assert len(hidden) == 1
    write(folder, "second")
    assert not hidden[0].exists()
    assert names(folder) == {LAST, "a.csv"}


def test_two_at_once_both_end_whole(tmp_path: Path) -> None:
    """Neither takes what the other is writing for something a killed process left."""
    folder = tmp_path / "one"
    with whole_folder(folder, LAST) as outer:
        (outer / LAST).write_text("outer")
        write(folder, "inner")
        assert (folder / LAST).read_text() == "inner"
    assert (folder / LAST).read_text() == "outer"
    assert names(tmp_path) == {"one"}
