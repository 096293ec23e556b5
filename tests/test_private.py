"""Whatever is written is its owner's alone, and no room writes by itself."""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from matcher import private
from matcher.errors import MatcherError
from matcher.run_folder import whole_folder
from scenarios.whole import whole_folder as whole_comparison
from tests.sources import nodes_of

ROOT = Path(__file__).parent.parent
WRITERS = {
    "write_text",
    "write_bytes",
    "mkdir",
    "makedirs",
    "touch",
    "chmod",
    "to_excel",
}
"""Methods that make or change a file or a folder by themselves."""


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """The process's umask for a while."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    """Who may do what with a path."""
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(folder: Path) -> list[str]:
    """What in a folder is not 0600, or not 0700 where it is a folder."""
    return [
        f"{path.relative_to(folder)} {mode(path):o}"
        for path in (folder, *folder.rglob("*"))
        if mode(path) != (0o700 if path.is_dir() else 0o600)
    ]


@pytest.mark.parametrize("mask", [0, 0o022, 0o277])
def test_files_and_folders_are_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    """New ones, and files that others could read before; folders that were there stay."""
    (tmp_path / "was").mkdir(mode=0o755)
    (tmp_path / "was").chmod(0o755)
    old = tmp_path / "was" / "old.csv"
    old.write_text("x", "utf-8")
    old.chmod(0o644)
    with umask(mask):
        new = private.folder(tmp_path / "was" / "a" / "b")
        private.write_text(new / "text", "æ\n")
        private.write_bytes(new / "bytes", b"x")
        private.empty(new / "empty")
        with private.opened(new / "new", "x") as file:
            file.write("x")
        with private.opened(old) as file:
            file.write("y")
    assert open_to_others(tmp_path / "was" / "a") == []
    assert mode(old) == 0o600
    assert mode(tmp_path / "was") == 0o755
    assert (new / "text").read_bytes() == b"\xc3\xa6\n"


@pytest.mark.parametrize("mask", [0, 0o022])
def test_unfinished_folders_are_private_as_well(tmp_path: Path, mask: int) -> None:
    """While they are hidden, when they have their name, and when they go into one that is there."""
    with umask(mask):
        with whole_folder(tmp_path / "runs", "2026-11-23-01234567") as made:
            assert mode(made.hidden) == 0o700
            private.write_text(made.hidden / "run.json", "{}")
        for _ in range(2):
            with whole_comparison(tmp_path / "whatif" / "one", "page") as hidden:
                assert mode(hidden) == 0o700
                private.write_text(hidden / "page", "x")
    assert open_to_others(tmp_path / "runs") == []
    assert open_to_others(tmp_path / "whatif") == []


def test_a_file_in_the_way_of_a_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(OSError, match="File exists"):
        private.folder(tmp_path / "file")
    with (
        pytest.raises(MatcherError, match="cannot write there"),
        whole_folder(tmp_path / "file", "2026-11-23-01234567"),
    ):
        pass


# ------------------------------------------------------------------------------ who writes


def _names(node: ast.AST) -> str:
    return ast.unparse(node)


def _last_name(node: ast.expr) -> str:
    """What a function is called by, without where it is."""
    return getattr(node, "attr", None) or getattr(node, "id", "")


_LOOKED_AT = {"open", "to_csv", "to_parquet", "Workbook", "copy", "copyfile", "copytree", "connect"}
"""Functions whose arguments, or whose place, say whether they write."""


def _faults(path: Path) -> list[str]:
    """Calls of a file that write past `matcher.private`."""
    private_files = {
        _names(item.optional_vars)
        for node in nodes_of(path)
        if isinstance(node, ast.With)
        for item in node.items
        if item.optional_vars is not None
        and isinstance(item.context_expr, ast.Call)
        and _names(item.context_expr).startswith("private.opened(")
    }
    in_memory = {
        _names(node.targets[0])
        for node in nodes_of(path)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and _names(node.value) == "io.BytesIO()"
    }
    faults: list[str] = []
    for node in nodes_of(path):
        if not isinstance(node, ast.Call) or _last_name(node.func) not in WRITERS | _LOOKED_AT:
            continue
        name = _names(node.func)
        last = name.rpartition(".")[2]
        arguments = [_names(part) for part in (*node.args, *(one.value for one in node.keywords))]
        text = _names(node)
        by_private = name.startswith("private.")
        if last in WRITERS and not by_private:
            faults.append(text)
        elif last == "open" and name.partition(".")[0] not in {"Ledger", "webbrowser"}:
            writes = any(
                set(part.strip("'")) & set("wax+") and part.startswith("'") and len(part) < 6
                for part in arguments
            )
            if (writes or "O_CREAT" in text) and "os.devnull" not in text:
                faults.append(text)
        elif (
            (last == "to_csv" and arguments and arguments[0] not in private_files)
            or (
                (last == "to_parquet" or name == "xlsxwriter.Workbook")
                and not any(part.startswith("private.empty(") for part in arguments)
                and not (arguments and arguments[0] in in_memory)
            )
            or name in {"shutil.copy", "shutil.copyfile", "shutil.copytree", "sqlite3.connect"}
        ):
            faults.append(text)
    return faults


def test_nobody_writes_past_the_private_room() -> None:
    """No `open` for writing, no `mkdir`, no library that makes a file by its name."""
    rooms = ("matcher", "scenarios")
    paths = {path for room in rooms for path in (ROOT / room).rglob("*.py")}
    assert len(paths) > 300
    paths.remove(ROOT / "matcher" / "private.py")
    faults = {str(path.relative_to(ROOT)): _faults(path) for path in sorted(paths)}
    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    "line",
    [
        "open(path, 'w')",
        "path.open('wb')",
        "path.open(mode='x', encoding='utf-8')",
        "os.open(path, os.O_CREAT | os.O_RDWR)",
        "path.write_text('x')",
        "folder.mkdir(parents=True)",
        "frame.to_csv(path)",
        "frame.to_csv(folder / 'a.csv', index=False)",
        "frame.to_parquet(path)",
        "xlsxwriter.Workbook(str(path), options)",
        "sqlite3.connect(path)",
    ],
)
def test_the_look_for_writers_finds_them(tmp_path: Path, line: str) -> None:
    """Or it would prove nothing."""
    (tmp_path / "room.py").write_text(line, "utf-8")
    assert len(_faults(tmp_path / "room.py")) == 1
