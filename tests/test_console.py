"""What a terminal shows: letters it knows, issues up to a number, the policy with its sources."""

from __future__ import annotations

import dataclasses
import io
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from matcher.console import Talk, issues_text, policy_text
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.solve import Standing
from matcher.streams import Outlet, fitting
from matcher.tables import Reading
from matcher.tables.issues import Issue, IssueCode, Severity
from matcher.tables.reading import Count
from matcher.texts import catalogue
from tests.weeks import TODAY, policy


def in_ascii(monkeypatch: pytest.MonkeyPatch, write: Callable[[], str]) -> str:
    """What is written when standard output knows no more than ASCII."""
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
        return write()


# ------------------------------------------------------------------------------ letters


def test_what_fits_is_left_as_it_is() -> None:
    """UTF-8 shows everything; Latin-1 shows Danish."""
    text = "Ærø – 95 % → ≥ 3 × 4 · æøå"
    assert fitting(text, "utf-8") == text
    assert fitting("Blåbærgrød på Ærø", "latin-1") == "Blåbærgrød på Ærø"
    assert fitting("plain", "ascii") == "plain"


@pytest.mark.parametrize("encoding", ["ascii", "us-ascii", "ANSI_X3.4-1968", None])
def test_in_ascii_danish_letters_and_signs_become_the_nearest(encoding: str | None) -> None:
    """Cron has no locale: nothing is lost but the letters' beauty."""
    assert fitting("æøå ÆØÅ", encoding) == "aeoeaa AeOeAa"
    assert fitting("3 ≥ 2 ≤ 4", encoding) == "3 >= 2 <= 4"
    assert fitting("a → b – c · d × e", encoding) == "a -> b - c - d x e"


def test_what_has_no_near_letter_becomes_a_question_mark() -> None:
    """Never an error in the middle of a run."""
    assert fitting("Σ über", "ascii") == "? ?ber"
    assert fitting("Σ 3 ≥ 2", "latin-1") == "? 3 >= 2"


def test_every_text_can_be_written_afterwards() -> None:
    """Whatever the encoding of the terminal."""
    text = "Ærø → Σ ≥ 中"
    for encoding in ("ascii", "latin-1", "cp1252", "cp437", "utf-8"):
        assert fitting(text, encoding).encode(encoding)


# ------------------------------------------------------------------------------ issues


def reading(errors: int, warnings: int = 0, *, alike: bool = False, **changes: Any) -> Reading:
    """A reading of a folder with so many issues, each of a column of its own unless alike."""
    issues = [
        Issue(
            IssueCode.OUT_OF_RANGE if at < errors else IssueCode.DATE_PASSED,
            Severity.ERROR if at < errors else Severity.WARNING,
            "citizens",
            row=at + 2,
            column="alder" if alike or not at else f"column {chr(97 + at)}",
            value=str(200 + at),
            expected="15-75",
        )
        for at in range(errors + warnings)
    ]
    plain = Reading(
        problem=Problem({}, policy(), TODAY),
        issues=tuple(issues),
        quarantine={},
        counts={"citizens": Count(100, 100 - errors), "places": Count(7, 7)},
        format="folder",
        address="tables",
        found={},
    )
    return dataclasses.replace(plain, **changes)


def shown(*arguments: Any) -> list[str]:
    """Lines of the issues as they are written."""
    return issues_text(*arguments).splitlines()


def codes(lines: list[str]) -> list[str]:
    """Codes of the issues that are in the table, in its order."""
    return [code for line in lines for code in re.findall(r"out_of_range|date_passed", line)]


def test_issues_are_capped_and_the_rest_is_counted() -> None:
    """Five of twelve: the first five, how many more, and how to see them."""
    lines = shown(reading(9, 3), 5)
    assert codes(lines) == ["out_of_range"] * 5
    # Values are 200, 201, ...: the first five are there, the sixth is not.
    assert [value for value in map(str, range(200, 212)) if value in "\n".join(lines)] == [
        "200",
        "201",
        "202",
        "203",
        "204",
    ]
    assert "... and 7 more (--most N, or --json for all)" in lines
    assert "9 errors, 3 warnings." in lines


@pytest.mark.parametrize("most", [12, 40])
def test_issues_that_fit_are_all_there_and_nothing_more_is_said(most: int) -> None:
    """Exactly as many as may be shown, or fewer."""
    lines = shown(reading(9, 3), most)
    assert codes(lines) == ["out_of_range"] * 9 + ["date_passed"] * 3
    assert not any(line.startswith("...") for line in lines)


def test_issues_that_say_the_same_are_one_line_with_their_count_and_three_of_them() -> None:
    """Fifty rows of one mistake must not hide the one row of another."""
    found = reading(50, 2, alike=True)
    lines = shown(found, 5)
    assert codes(lines) == ["out_of_range", "date_passed", "date_passed"]
    text = "\n".join(lines)
    assert "50 times" in text
    assert [value for value in map(str, range(200, 250)) if value in text] == ["200", "201", "202"]
    assert "50 errors, 2 warnings." in lines
    assert len(found.to_dict()["issues"]) == 52
    assert "... and 2 more (--most N, or --json for all)" in shown(found, 1)


def test_an_issue_is_shown_with_severity_code_place_value_and_what_was_expected() -> None:
    """What, where, row, column, value, expected: everything needed to find and mend the cell."""
    text = issues_text(reading(1), 5)
    for part in ("error", "out_of_range", "citizens", "2", "alder", "200", "15-75"):
        assert re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text), part


def test_what_somebody_typed_is_never_read_as_markup() -> None:
    """A value in square brackets is shown as it stands."""
    (issue,) = reading(1).issues
    odd = dataclasses.replace(issue, value="[red]7[/red] :smile:")
    assert "[red]7[/red] :smile:" in issues_text(reading(1, issues=(odd,)), 5)


def test_issues_can_be_shown_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table's lines, too: cron shows it as it is."""
    (issue,) = reading(1).issues
    odd = dataclasses.replace(issue, column="børn")
    text = in_ascii(monkeypatch, lambda: issues_text(reading(1, issues=(odd,)), 5))
    assert text.isascii()
    assert "boern" in text


def test_tables_are_counted_with_what_was_put_aside() -> None:
    """The address and form first, then a line a table."""
    lines = shown(reading(2), 5)
    assert lines[0] == "tables: folder"
    assert lines[1].split() == ["citizens", "100", "rows,", "2", "put", "aside"]
    assert lines[2].split() == ["places", "7", "rows"]


def test_the_verdict_is_said_either_way() -> None:
    """A run can go on, or why not."""
    assert shown(reading(0), 5)[-2:] == [
        "No issues.",
        "A run can go on with the rows that are kept.",
    ]
    lines = shown(reading(1, why_not=("half of the citizens are bad", "no places")), 5)
    assert lines[-2:] == [
        "A run cannot go on: half of the citizens are bad",
        "A run cannot go on: no places",
    ]


# ------------------------------------------------------------------------------ policy


def test_the_policy_is_shown_with_the_source_of_every_section() -> None:
    """Name, version and day first; each measure and section with its period and source."""
    shown_policy = load_policy(TODAY)
    text = policy_text(shown_policy)
    lines = text.splitlines()
    assert lines[0] == f"policy denmark {shown_policy.version} on 2026-11-23"
    content = shown_policy.model_dump(mode="json")
    sections = {
        **{f"measures.{name}": values for name, values in content["measures"].items()},
        **{name: values for name, values in content.items()
           if isinstance(values, dict) and "source" in values},
    }  # fmt: skip
    assert len(sections) > 20
    assert "None" not in text
    for name, values in sections.items():
        head = f"[{name}]"
        if "valid_from" in values:
            head += f"  {values['valid_from']} to {values['valid_to'] or 'further notice'}"
        start = lines.index(head)
        own = lines[start : lines.index("", start) if "" in lines[start:] else None]
        assert f"  source: {values['source']}" in own, name
    assert text.count("  source: ") == len(sections)
    assert "[measures.igu]  2024-01-01 to 2027-12-31" in lines


def test_figures_of_the_policy_are_shown_with_their_key() -> None:
    """A number, a list, a table of numbers, blocks of time."""
    lines = policy_text(load_policy(TODAY)).splitlines()
    assert "  floor: 400" in lines
    assert "  isco_points: 0, 250, 550, 800, 1000" in lines
    assert "  budgets: wage_subsidy 260000, mentors 60000, classes 70000, courses 40000" in lines
    assert "  open: mon 06:30-16:30; tue-thu 06:30-17:00; fri 06:30-16:30" in lines


def test_what_was_changed_is_shown_before_everything_else() -> None:
    """So that nobody takes a municipality's figure for the law's."""
    changed = load_policy(TODAY, {"fit": {"floor": 450, "weights": {"commute": 15}}})
    lines = policy_text(changed).splitlines()
    assert lines[1:3] == [
        "  changed: fit.floor: 400 -> 450",
        "  changed: fit.weights.commute: 8 -> 15",
    ]
    assert "  floor: 450" in lines


def test_what_does_not_hold_is_not_shown() -> None:
    """The 225-hour rule is there on its last day and gone on the next."""
    before, after = (
        load_policy(TODAY.replace(2025, 6, 30)),
        load_policy(TODAY.replace(2025, 7, 1)),
    )
    assert "[hours_225]  2022-01-01 to 2025-06-30" in policy_text(before)
    assert "hours_225]" not in policy_text(after)


def test_the_policy_can_be_shown_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    """Danish names and the sign of a paragraph, in cron."""

    text = in_ascii(monkeypatch, lambda: policy_text(load_policy(TODAY)))
    assert text.isascii()
    assert "danish_part: Smaajob" in text


# ------------------------------------------------------------------------------ progress


def test_without_a_terminal_progress_is_timed_lines_on_stderr(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A line a phase, notes between them, done at the end, nothing on stdout."""
    names = ("make", "read", "fixed", "decided", "match", "verify", "explain", "write")
    phases = {name: catalogue("en")[f"phase.{name}"] for name in names}
    with Talk() as talk:
        for name in phases:
            talk.phase(name)
        talk.step(1, 2)
        talk.note("no DATA given")
    out, err = capsys.readouterr()
    assert out == ""
    lines = [line.split("] ", 1) for line in err.splitlines()]
    assert [said for _, said in lines] == [*phases.values(), "no DATA given", "done"]
    # A log of many weeks is read by day.
    assert all(re.fullmatch(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\d+\.\d s", at) for at, _ in lines)


def test_a_run_that_fails_is_not_said_to_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    """What went wrong is said by whoever caught it."""

    def fail() -> None:
        with Talk() as talk:
            talk.phase("read")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert "done" not in capsys.readouterr().err


def test_long_work_says_where_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal a line at least every so often: what goes on, best plan, bound."""
    with Talk(quiet=0.05) as talk:
        talk.phase("match")
        time.sleep(0.2)
        talk.stands(Standing("placements", 1204, 1211, (1204, 1211)))
        time.sleep(0.2)
    said = [line.split("] ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    doing = catalogue("en")["phase.match"]
    assert said[0] == doing
    assert f"{doing}: still at it" in said
    assert f"{doing}: 1,204 placed so far, at most 1,211 can be" in said
    assert said[-1] == "done"


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing("placements", None, 7, (None, 7)), "at most 7 can be placed"),
        (Standing("placements", 3, None, (3, None)), "3 placed so far"),
        (Standing("fit", 3, 5, (3, 5)), "fit 3 so far, at most 5"),
        (Standing("fit", None, 5, (None, 5)), "fit at most 5"),
        (Standing("fit", 3, None, (3, None)), "fit 3 so far"),
        (Standing("tie_break", 3, 5, (3, 5)), "choosing between plans that are equally good"),
    ],
)
def test_a_standing_is_told_by_its_goal(
    standing: Standing, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """People first; the tie-break's figures mean nothing to anybody."""
    with Talk(quiet=0.02) as talk:
        talk.phase("match")
        talk.stands(standing)
        time.sleep(0.1)
    assert f": {said}\n" in capsys.readouterr().err


class _Terminal(io.StringIO):
    """A terminal that keeps what is written on it."""

    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "standing", "kept"),
    [
        ("y", Standing("placements", 3, 5, (3, 5)), True),
        ("Ja", Standing("placements", 3, 5, (3, 5)), True),
        ("n", Standing("placements", 3, 5, (3, 5)), False),
        ("", Standing("placements", 3, 5, (3, 5)), False),
        ("y", Standing("placements", None, 5, (None, 5)), False),
    ],
)
def test_ctrl_c_in_the_solve_asks_once(
    answer: str, standing: Standing, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is a plan to keep; a second one ends the command; so does any other answer."""
    shown, asked = _Terminal(), []
    monkeypatch.setattr(sys, "stderr", Outlet(shown, needed=False))

    def ask() -> str:
        asked.append(shown.getvalue())
        return answer

    with Talk(ask) as talk:
        talk.phase("match")
        talk.stands(standing)
        if kept:
            os.kill(os.getpid(), signal.SIGINT)
            assert "(3 placed so far, at most 5 can be)" in asked[0]
            assert talk.stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert talk.stop.is_set() is kept
    assert len(asked) == (standing.value is not None)


def test_ctrl_c_outside_the_solve_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to keep, and nobody is asked."""
    monkeypatch.setattr(sys, "stderr", Outlet(_Terminal(), needed=False))

    def never() -> str:
        raise AssertionError

    with Talk(never) as talk:
        talk.phase("match")
        talk.stands(Standing("placements", 3, 5, (3, 5)))
        talk.phase("verify")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
