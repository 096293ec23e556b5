"""What of a form is not taken: it is said why, it comes back, and nothing else is lost."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from matcher.decisions import (
    read_form,
    rejected_path,
    take,
    write_rejected,
)
from matcher.errors import OptionError
from matcher.ledger import Event, Ledger
from matcher.report import Words
from tests.decisions.conftest import NOW, Proposed, four, propose
from tests.decisions.forms import POLICY, codes, fill, form, save, stored, table, taken, with_column
from tests.weeks import TODAY, citizen, opening, week


def changed(column: int, value: str, decision: tuple[str, str] = ("accept", "")) -> Any:
    """Change a cell of the first row, which is decided."""

    def change(rows: list[list[str]]) -> None:
        rows[1][1:3] = decision
        rows[1][column] = value

    return change


def doubled(rows: list[list[str]]) -> None:
    rows[1][1:3] = ["accept", ""]
    rows.append([*rows[1]])
    rows[-1][1:3] = ["reject", "other"]


def too_short(rows: list[list[str]]) -> None:
    rows[1] = ["C1", "accept"]


def remark(text: str) -> Any:
    def change(rows: list[list[str]]) -> None:
        rows[0].append("Bemærkning")
        for row in rows[1:]:
            row.append("")
        rows[1][1:3] = ["accept", ""]
        rows[1][-1] = text

    return change


def moments(opened: str, decided: str) -> Any:
    def change(rows: list[list[str]]) -> None:
        rows[0] += ["opened", "decided"]
        for row in rows[1:]:
            row += ["", ""]
        rows[1][1:3] = ["accept", ""]
        rows[1][-2:] = [opened, decided]

    return change


OTHER = "'Other, known to the caseworker' is always allowed."
BAD = [
    (remark("ring 010190-1234"), "cpr_number", "looks like a CPR number"),
    (changed(0, "0101901234"), "cpr_number", "looks like a CPR number"),
    (too_short, "ragged_row", "The row has 2 cells"),
    (changed(-1, ""), "missing_key", "proposal key is empty"),
    (changed(-2, "2026-11-16-00000000"), "unknown_run", "'2026-11-16-00000000' is no run of"),
    (changed(-1, "abcdefghijkl"), "wrong_key", "'Proposal key' holds the key of no"),
    (changed(0, "C9"), "proposal_changed", "'Citizen' is not what the proposal has, 'C1'"),
    (changed(5, "O2"), "proposal_changed", "'Opening' = 'O2' is not what the proposal has, 'O1'"),
    (changed(1, "", ("", "other")), "missing_verdict", "a reason but no answer in 'Your answer'"),
    (changed(1, "maybe"), "unknown_verdict", "'Your answer' holds no answer; expected"),
    (changed(1, "reject"), "missing_reason", OTHER),
    (changed(2, "lazy", ("reject", "")), "unknown_reason", "is not one of the reasons."),
    (changed(2, "other"), "reason_without_rejection", "accepted, yet there is a reason"),
    (moments("nine", "2026-11-24 08:00"), "wrong_time", "'opened' holds no moment up to now"),
    (moments("", "2027-01-01 08:00"), "wrong_time", "'2027-01-01 08:00' holds no moment up"),
    (moments("2026-11-24 08:00", "2026-11-24 07:59"), "opened_after", "Opened 2026-11-24 08:00"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "says"), BAD, ids=[f"{at}-{b[1]}" for at, b in
                                                              enumerate(BAD)])  # fmt: skip
def test_a_bad_row_comes_back_with_its_reason(
    proposed: Proposed, tmp_path: Path, change: Any, code: str, says: str
) -> None:
    """The others are taken; the row alone is refused, and stands in the file beside."""
    path = fill(form(proposed, tmp_path), {"C4": ("accept", "")})
    rows = table(path)
    change(rows)
    save(path, rows)
    read = read_form(path)
    result = take(read, proposed.ledger, POLICY, now=NOW)
    assert codes(result) == [(2, code)]
    assert says in result.bad[0].sentence(Words("en"))
    assert "{" not in result.bad[0].sentence(Words("da"))
    assert [row[:2] for row in stored(proposed)] == [("C4", "O4")]
    beside = write_rejected(result, read, Words("en"))
    assert beside == rejected_path(path) == tmp_path / f"{path.stem}.rejected_rows.csv"
    assert beside is not None
    text = beside.read_text("cp1252")
    assert says in text
    for secret in ("0101901234", "010190-1234", "ring", "maybe", "lazy", "nine", "abcdefghijkl"):
        assert secret not in text
        assert secret not in str(result.to_dict())


def test_rows_of_unknown_citizens_and_openings_are_named(
    proposed: Proposed, tmp_path: Path
) -> None:
    """A key that leads nowhere is explained as nearly as can be."""
    path = form(proposed, tmp_path)
    rows = table(path)
    for at, (column, value) in enumerate(((0, "C9"), (5, "O9")), start=1):
        rows[at][1] = "accept"
        rows[at][column] = value
        rows[at][-1] = "zzzzzzzzzzzz"
    save(path, rows)
    result = taken(proposed, path)
    assert codes(result) == [(2, "unknown_citizen"), (3, "unknown_opening")]
    said = [bad.sentence(Words("en")) for bad in result.bad]
    assert said[0].startswith(
        f"The run {proposed.run_id} proposed nothing for the citizen in 'Citizen'."
    )
    assert said[1].startswith(
        "The run did not propose the opening in 'Opening' for this citizen; expected 'O2'"
    )


def test_rows_that_contradict_each_other_are_all_refused(
    proposed: Proposed, tmp_path: Path
) -> None:
    """Equal ones count once."""
    path = form(proposed, tmp_path)
    rows = table(path)
    doubled(rows)
    rows[2][1] = "accept"
    rows.append(rows[2])
    save(path, rows)
    result = taken(proposed, path)
    assert codes(result) == [(2, "contradicting_rows"), (6, "contradicting_rows")]
    assert "Rows 2, 6 say different things" in result.bad[0].sentence(Words("en"))
    assert (result.new, result.known) == (1, 1)


def test_what_came_back_can_be_put_right_and_handed_in(proposed: Proposed, tmp_path: Path) -> None:
    """The file of bad rows is a form itself; without bad rows an old one goes away."""
    path = fill(form(proposed, tmp_path), {"C1": ("reject", "")})
    read = read_form(path)
    beside = write_rejected(take(read, proposed.ledger, POLICY, now=NOW), read, Words("en"))
    assert beside is not None
    rows = table(beside)
    rows[1][rows[0].index("Reason for rejection")] = "other"
    save(tmp_path / "again.csv", rows)
    assert taken(proposed, tmp_path / "again.csv").new == 1
    fill(path, {"C1": ("wait", "")})
    read = read_form(path)
    assert write_rejected(take(read, proposed.ledger, POLICY, now=NOW), read, Words("en")) is None
    assert not beside.exists()


def test_free_text_is_neither_kept_nor_shown(proposed: Proposed, tmp_path: Path) -> None:
    """A column of remarks is named as not read, and nothing in it goes anywhere."""
    path = form(proposed, tmp_path)
    rows = table(path)
    remark("she is difficult")(rows)
    save(path, rows)
    result = taken(proposed, path)
    assert result.new == 1
    assert result.ignored == ("Bemærkning",)
    assert "difficult" not in str(result)
    file = proposed.ledger.file
    assert file is not None
    assert b"difficult" not in file.read_bytes()


def test_a_newer_run_supersedes_an_older_form(proposed: Proposed, tmp_path: Path) -> None:
    """C1 goes elsewhere in the newer run: accepting the older row is refused, rejecting is not."""
    path = form(proposed, tmp_path)
    problem = four()
    closed = problem["openings"].assign(seats=[0, 1, 1, 1])
    later = problem.with_tables(openings=closed).replace(today=TODAY + dt.timedelta(days=7))
    newest = propose(proposed.ledger, later).run_id
    now = NOW + dt.timedelta(days=8)
    result = taken(proposed, fill(path, {"C1": ("accept", ""), "C2": ("accept", "")}), now)
    assert codes(result) == [(2, "superseded")]
    assert f"The run {newest} is newer than {proposed.run_id}" in result.bad[0].sentence(
        Words("en")
    )
    assert result.new == 1
    assert taken(proposed, fill(path, {"C1": ("reject", "other")}), now).new == 1


def test_somebody_with_a_place_is_not_given_another(proposed: Proposed, tmp_path: Path) -> None:
    """Accepted at O1, then proposed O2 elsewhere by a later run: one at a time."""
    path = fill(form(proposed, tmp_path / "a"), {"C1": ("accept", "")})
    assert taken(proposed, path).new == 1
    problem = four()
    closed = problem["openings"].assign(seats=[0, 5, 0, 0])
    later = problem.with_tables(openings=closed).replace(today=TODAY + dt.timedelta(days=7))
    second = propose(proposed.ledger, later)
    other = fill(form(second, tmp_path / "b"), {"C1": ("accept", "")})
    now = NOW + dt.timedelta(days=8)
    result = taken(second, other, now)
    assert codes(result) == [(2, "accepted_elsewhere")]
    assert "Citizen C1 has a place at opening 'O1' already" in result.bad[0].sentence(Words("en"))
    # Once it has begun, no decision takes it back.
    proposed.ledger.record_events([Event("start", dt.date(2026, 11, 30), "O1", "C1")])
    result = taken(proposed, fill(path, {"C1": ("reject", "other")}), now)
    assert codes(result) == [(2, "already_started")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("none.csv", None, "no such file; expected a workbook or CSV of decisions"),
        ("week.csv", b"citizen_id;age\nC1;20\n", "not a form of decisions, or columns were taken"),
        ("empty.csv", b"", "the file is empty"),
        ("form.xlsx", b"not a workbook", "it is no workbook"),
    ],
)
def test_a_file_that_is_no_form_is_refused(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    """What it is, what was expected, what to do."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(OptionError, match=says):
        read_form(tmp_path / name)


def test_a_form_offers_the_reasons_of_its_runs_own_policy(tmp_path: Path) -> None:
    """A municipality's own reason is taken back without naming its file again: 3 weeks."""
    moved = {"english": "Has moved", "danish": "Er flyttet", "weeks": 3}
    rules = {"forbid_reasons": {"codes": {"moved": moved}}}
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        run = propose(ledger, week(rules=rules))
        path = fill(form(run, tmp_path), {"C1": ("reject", "Er flyttet")})
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        assert taken(run, path).new == 1
        (one,) = ledger.decisions()
        assert (one.reason, one.until) == ("moved", NOW.date() + dt.timedelta(weeks=3))


def test_a_decision_is_of_the_day_it_is_in_denmark(proposed: Proposed, tmp_path: Path) -> None:
    """Decided 00:30 on 1 July, still 30 June in UTC: 52 weeks are counted from 1 July.

    A moment without a zone is Danish time, wherever the server stands.
    """
    now = dt.datetime(2027, 7, 1, 12, tzinfo=dt.UTC)
    path = fill(form(proposed, tmp_path), {"C1": ("reject", "tried_before"),
                                           "C2": ("reject", "tried_before")})  # fmt: skip
    with_column(path, "decided", "2027-06-30T22:30:00Z", "01-07-2027 00:30", "", "")
    result = taken(proposed, path, now)
    assert {one.decided_at for one in result.decisions} == {
        dt.datetime(2027, 6, 30, 22, 30, tzinfo=dt.UTC)
    }
    assert {one.until for one in result.decisions} == {dt.date(2028, 6, 29)}


def test_a_day_alone_is_moment_enough(proposed: Proposed, tmp_path: Path) -> None:
    """A case system that keeps days only: the day begins at 23:00 UTC the evening before."""
    path = fill(form(proposed, tmp_path), {"C1": ("accept", "")})
    with_column(path, "Afgjort", "24-11-2026")
    (one,) = taken(proposed, path).decisions
    assert one.decided_at == dt.datetime(2026, 11, 23, 23, tzinfo=dt.UTC)


def test_what_says_no_moment_is_dated_and_it_is_said_how(
    proposed: Proposed, tmp_path: Path
) -> None:
    """By whoever hands it in; else when the file was written, unless that is before the run."""
    path = fill(form(proposed, tmp_path), {"C1": ("accept", ""), "C2": ("accept", "")})
    written = NOW - dt.timedelta(hours=2)
    archived = dt.datetime(1980, 1, 1, tzinfo=dt.UTC)
    given = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
    for moment, decided, by, at in (
        (written, None, "file", written),
        (NOW + dt.timedelta(hours=1), None, "file", NOW),
        (archived, None, "now", NOW),
        (archived, given, "given", given),
    ):
        os.utime(path, (moment.timestamp(), moment.timestamp()))
        result = take(read_form(path), proposed.ledger, now=NOW, decided=decided)
        assert [(one.by, one.at, one.rows) for one in result.dated] == [(by, at, 2)]
        assert {one.decided_at for one in result.decisions} == {at}
    with_column(path, "decided", "2026-11-24 09:00", "", "", "")
    assert [one.rows for one in taken(proposed, path).dated] == [1]


def test_a_decision_is_not_older_than_its_run(proposed: Proposed, tmp_path: Path) -> None:
    """A wrong year would make a rejection that is over before it begins."""
    path = fill(form(proposed, tmp_path), {"C1": ("reject", "other")})
    with_column(path, "decided", "24-11-2025 09:00")
    result = taken(proposed, path)
    assert codes(result) == [(2, "before_run")]
    assert result.bad[0].sentence(Words("en")) == (
        f"Decided 24-11-2025 09:00, before the run of {TODAY} was made. Maybe the year is wrong."
    )


def test_a_file_of_bad_rows_is_there_wholly_or_not_at_all(
    proposed: Proposed, tmp_path: Path
) -> None:
    """A folder in its place stands for one that cannot be written; what was taken stays taken."""
    path = fill(form(proposed, tmp_path), {"C1": ("accept", ""), "C2": ("perhaps", "")})
    (rejected_path(path) / "in the way").mkdir(parents=True)
    read = read_form(path)
    result = take(read, proposed.ledger, now=NOW)
    with pytest.raises(OptionError, match=r"cannot be written there \(.*\)\.\nWhat was taken"):
        write_rejected(result, read, Words("en"))
    assert [one.citizen_id for one in proposed.ledger.decisions()] == ["C1"]
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.endswith(".partial")) == []


def test_zeros_that_excel_took_off_an_id_are_no_other_id(tmp_path: Path) -> None:
    """Citizen 0042 at opening 007 comes back as 42 and 7; 43 is somebody else."""
    problem = week([citizen("0042")], [opening("007")])
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        run = propose(ledger, problem)
        for at, (found, expected) in enumerate((("43", [(2, "proposal_changed")]), ("42", []))):
            path = fill(form(run, tmp_path / str(at)), {"0042": ("accept", "")})
            rows = table(path)
            rows[1][0], rows[1][5] = found, "7"
            save(path, rows)
            assert codes(taken(run, path)) == expected
        (one,) = ledger.decisions()
        assert (one.citizen_id, one.opening_id, one.verdict) == ("0042", "007", "accept")


def test_a_form_without_bad_rows_may_lie_where_nothing_can_be_written(
    proposed: Proposed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk mounted read-only refuses to delete even a file that is not there."""
    read = read_form(fill(form(proposed, tmp_path), {"C1": ("accept", "")}))
    result = take(read, proposed.ledger, now=NOW)

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refused)
    assert write_rejected(result, read, Words("en")) is None
