"""Odd arguments and odd outputs: a usage error or an answer, never exit 1, never an exception."""

from __future__ import annotations

import io
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matcher import streams
from matcher.streams import LONGEST_ARGUMENT, Outlet, outlets, print_json
from scenarios.cli import main
from scenarios.patch import library
from tests.run.conftest import DAY
from tests.volume import daily

Ended = tuple[int, str, str]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Run the command with outputs of an encoding; give exit code and what was said."""

    def run(*arguments: object, encoding: str = "ascii", stdout: Any = None) -> Ended:
        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", stdout or io.TextIOWrapper(out, encoding=encoding))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding))
            with pytest.raises(SystemExit) as end:
                main([str(argument) for argument in arguments])
            if stdout is None:
                sys.stdout.flush()
            sys.stderr.flush()
            said = out.getvalue().decode(encoding), err.getvalue().decode(encoding)
        code = end.value.code
        assert code is None or isinstance(code, int)
        return code or 0, *said

    return run


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_is_the_same_on_every_stream(ended: Callable[..., Ended], encoding: str) -> None:
    """In ASCII; what it holds is Danish all the same."""
    code, said, _ = ended("whatif", "list", "--json", encoding=encoding)
    assert code == 0
    assert said.isascii()
    assert any("ø" in one["title"]["da"] for one in json.loads(said))


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_danish_text_never_stops_a_narrow_stream(
    ended: Callable[..., Ended], encoding: str
) -> None:
    for arguments in (("whatif", "list", "--lang", "da"), ("policy", "--on", DAY)):
        code, said, problem = ended(*arguments, encoding=encoding)
        assert code == 0, problem
        assert len(said) > 500


def test_print_json_masks_texts_and_leaves_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    with outlets():
        sys.stdout.write("before 010790-8264\n")
        print_json({"value": 107908264, "text": "010790-8264 på Ærø", "path": Path("a b")})
    out.flush()
    lines = out.buffer.getvalue().decode("ascii").splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "before [CPR removed]"
    assert json.loads("".join(lines[1:])) == {
        "value": 107908264,
        "text": "[CPR removed] på Ærø",
        "path": "a b",
    }


class _Broken(io.TextIOBase):
    """A stream that takes nothing."""

    encoding = "utf-8"  # type: ignore[assignment]
    errors = "strict"  # type: ignore[assignment]

    def __init__(self, error: OSError) -> None:
        self.error = error

    def write(self, text: str) -> int:
        if text:
            raise self.error
        return 0


@pytest.mark.parametrize(
    ("error", "code"), [(BrokenPipeError(32, "Broken pipe"), 0), (OSError(28, "No space left"), 2)]
)
@pytest.mark.parametrize("arguments", [("--help",), ("policy", "--json"), ("whatif", "list")])
def test_an_output_that_takes_nothing(
    ended: Callable[..., Ended], error: OSError, code: int, arguments: tuple[str, ...]
) -> None:
    """A reader that went away is no error; a full disk is one, and is said."""
    ended_with, _, said = ended(*arguments, stdout=_Broken(error))
    assert ended_with == code
    assert ("No space left" in said) == (code == 2)
    assert "should not have happened" not in said


def test_talk_beside_the_answer_may_be_lost() -> None:
    """Standard error full or closed: the answer comes all the same."""
    outlet = Outlet(_Broken(OSError(28, "No space left")), needed=False)  # type: ignore[arg-type]
    outlet.write("x\n")
    outlet.flush()
    assert outlet.failed is not None


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("a\0b", "NUL"),
        ("\udcff", "UTF-8"),
        ("x" * (LONGEST_ARGUMENT + 1), f"{LONGEST_ARGUMENT + 1} characters"),
        ("0107908264", "CPR number"),
    ],
)
def test_what_no_argument_may_be(ended: Callable[..., Ended], argument: str, said: str) -> None:
    for arguments in (("check", argument), ("explain", "C1", "--opening", argument), (argument,)):
        code, out, problem = ended(*arguments)
        assert (code, out) == (2, "")
        assert said in problem
        assert argument not in problem


def test_a_file_that_is_there_may_have_any_name(tmp_path: Path) -> None:
    """It is read, and masked where it is named; one that is not there is no file."""
    (tmp_path / "010790-8264.toml").write_text("", "utf-8")
    assert streams.argument_fault(f"--policy={tmp_path / '010790-8264.toml'}") is None
    assert streams.argument_fault(str(tmp_path / "010790-8265.toml")) is not None


def test_names_with_commas_are_names_before_they_are_a_path(ended: Callable[..., Ended]) -> None:
    """Twenty of them are longer than a file's name may be."""
    names = list(library().scenarios)
    assert len(",".join(names)) > 255
    code, _, said = ended("whatif", "show", ",".join(names), "nothing-there")
    assert code == 2
    assert "nothing at 'nothing-there'" in said
    code, _, said = ended("whatif", "show", ",".join([*names, "no_such"]), "nothing-there")
    assert code == 2
    assert "no scenario of the library: no_such" in said


_ODD = (
    "", "-", "--", ".", "..", "/", "~", "x" * 5000, "a/" * 3000, "æøå", "中", "-1", "0", "1e309",
    "nan", "inf", "9" * 30, "9" * 5000, "2026-02-30", "0000-00-00", "99999-01-01", "%s", "{0}",
    "[red]", "$(x)", "sqlite://", "sqlite:///", "sqlite:///:memory:", "postgresql://", "http://x",
    "://", "mysql://a/b", "C1", "library", "budget_cut," * 20, "a=b", "x.y=1", "budget_cut.x=1",
    "/dev/null", "\n", "a\nb", "*", "'", '"', "\\", "\u202e", "\u200b",
)  # fmt: skip
_COMMANDS = (
    ("check",), ("policy",), ("workbook",), ("decide",), ("oversight",), ("explain",),
    ("bottlenecks",), ("near-best",), ("runs",), ("runs", "show"), ("runs", "diff"),
    ("runs", "verify"), ("forget",), ("purge",), ("whatif", "list"), ("whatif", "show", "library"),
    ("whatif", "run"), ("whatif", "frontier"), ("whatif", "compare"), ("no-such",), (),
)  # fmt: skip
_OPTIONS = (
    "--on", "--policy", "--lang", "--seconds", "--seed", "--ledger", "--json", "--most", "--by",
    "--decided", "--opening", "--plans", "--only", "--set", "--workers", "--group", "--run", "-h",
    "--no-such",
)  # fmt: skip


@pytest.mark.parametrize("seed", daily(1, range(2)))
def test_no_argument_ends_in_our_fault(
    ended: Callable[..., Ended], seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands with odd arguments and options, drawn from a seed, where there are no data."""
    monkeypatch.chdir(tmp_path)
    chance = random.Random(seed)
    for _ in range(25):
        arguments = [*chance.choice(_COMMANDS)]
        # Without data a command would make some up, which takes its time.
        arguments += chance.choices(_ODD, k=2) if arguments[:1] == ["whatif"] else []
        arguments += chance.choices(_ODD, k=chance.randint(0, 2))
        for option in chance.sample(_OPTIONS, chance.randint(0, 3)):
            arguments += [option, chance.choice(_ODD)]
        code, _, said = ended(*arguments)
        assert code in {0, 2}, (arguments, said)
        assert "should not have happened" not in said, (arguments, said)
