"""Every code of an issue: the smallest change of a good week that brings it, and all it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from matcher.policy import Policy, load_policy
from matcher.tables import IssueCode, Severity, check
from tests.tables.conftest import TODAY, Reader, Rows, assert_nothing_lost, write_rows

_FIRST_HEALTH = "words of bend, care, cog, emo, env, hand, lift, night, pace, push, reach, skin"


@dataclass(frozen=True)
class Case:
    """A change of the week, and the issues of the code that it must bring."""

    code: IssueCode
    change: Callable[[Rows], object]
    messages: tuple[str, ...]
    advice: str
    warning: bool = False
    aside: int = 0
    """Rows put aside in all tables together, cascades included."""
    stops: bool = False
    """Whether the run cannot go on."""


def _set(table: str, row: int, **cells: str) -> Callable[[Rows], object]:
    return lambda rows: rows[table][row].update(cells)


def _drop(table: str, column: str) -> Callable[[Rows], object]:
    return lambda rows: [row.pop(column) for row in rows[table]]


def _add(table: str, row: int, **cells: str) -> Callable[[Rows], object]:
    """Repeat a row with some cells changed."""
    return lambda rows: rows[table].append({**rows[table][row], **cells})


def _all(*changes: Callable[[Rows], object]) -> Callable[[Rows], object]:
    return lambda rows: [change(rows) for change in changes]


CASES = [
    Case(
        IssueCode.MISSING_TABLE,
        lambda rows: rows.pop("places"),
        ("places: the table is not there; expected 'places' or 'steder'.",),
        "`jobmatch template DIR` writes empty tables to fill.",
        stops=True,
    ),
    Case(
        IssueCode.UNKNOWN_TABLE,
        lambda rows: rows.update(notes=[{"a": "b"}]),
        ("notes.csv: not a table of jobmatch; it is not read.",),
        "Tables are named citizens, workplaces, openings ...",
        warning=True,
    ),
    Case(
        IssueCode.DUPLICATE_TABLE,
        lambda rows: rows.update(borgere=rows["citizens"]),
        ("citizens: several sources hold this table: borgere.csv, citizens.csv.",),
        "Keep one of them.",
        stops=True,
    ),
    Case(
        IssueCode.MISSING_COLUMN,
        _drop("openings", "isco"),
        ("openings.csv, column 'isco': a needed column is not there; expected 'isco'.",),
        "Occupation (ISCO-08 / DISCO-08). `jobmatch template DIR` writes empty tables.",
        stops=True,
    ),
    Case(
        IssueCode.DUPLICATE_COLUMN,
        lambda rows: [row.update(Alder="40") for row in rows["citizens"]],
        ("citizens.csv, column 'age': several columns hold the same field: 'age', 'Alder'.",),
        "Keep one of them.",
        stops=True,
    ),
    Case(
        IssueCode.UNKNOWN_COLUMN,
        lambda rows: [row.update(postcod="x") for row in rows["teams"]],
        ("teams.csv, column 'postcod': not a column of this table; it is not read.",),
        "Maybe 'postcode' was meant.",
        warning=True,
    ),
    Case(
        IssueCode.CPR_NUMBER,
        _set("forbids", 0, reason="see 010190-1234"),
        (
            "forbids.csv, row 2 (0001 / a2), column 'reason': something that looks like a CPR"
            " number stands here.",
        ),
        "Take it out of the extract; ids must be pseudonymous. Ten plain digits are accepted only"
        " as a workplace's id (P-number).",
        aside=1,
    ),
    Case(
        IssueCode.MISSING_VALUE,
        _set("citizens", 1, age=" "),
        (
            "citizens.csv, row 3 (0002), column 'age': the cell is empty; expected a whole number"
            " from 15 to 75.",
        ),
        "Fill the cell.",
        aside=3,  # his lock and his forbid go with him
    ),
    Case(
        IssueCode.WRONG_TYPE,
        _set("teams", 0, seats="12 pers."),
        (
            "teams.csv, row 2 (t1), column 'seats': '12 pers.' cannot be read; expected a whole"
            " number from 0 to 1000.",
        ),
        "Write a number alone: no unit, no words.",
        aside=1,
    ),
    Case(
        IssueCode.WRONG_FORM,
        _set("openings", 1, shifts="mon 22:00-06:00"),
        (
            "openings.csv, row 3 (a2), column 'shifts': 'mon 22:00-06:00' has the wrong form;"
            " expected weekly blocks such as 'mon-fri 07:00-15:00; sat 09:00-12:00'.",
        ),
        "'mon 22:00-06:00': the end must come after the start, within 00:00-24:00 (write a night"
        " shift as two blocks).",
        aside=2,  # the forbid at it goes along
    ),
    Case(
        IssueCode.OUT_OF_RANGE,
        _set("places", 1, latitude="10.2107", longitude="56.1572"),
        (
            "places.csv, row 3 (8000), column 'latitude': 10.2107 is out of range; expected a"
            " number from 54 to 58.",
            "places.csv, row 3 (8000), column 'longitude': 56.1572 is out of range; expected a"
            " number from 7.5 to 15.5.",
        ),
        "Maybe latitude and longitude were swapped.",
        # the place, citizen 0002, workplace 1009876543, team t1; opening a2; the lock of 0002,
        # and both forbids (at a2, and of 0002)
        aside=8,
    ),
    Case(
        IssueCode.NOT_ALLOWED,
        _set("citizens", 0, must_limits="lift;back"),
        (
            "citizens.csv, row 2 (0001), column 'must_limits': 'back' is not an allowed value;"
            f" expected {_FIRST_HEALTH}, soc, stair, stand.",
        ),
        "Use one of the words of the data dictionary; `jobmatch template DIR` writes it.",
        aside=4,  # forbid, previous and audit group of the citizen
    ),
    Case(
        IssueCode.ZERO_ADDED,
        _set("citizens", 0, postcode="800"),
        (
            "citizens.csv, row 2 (0001), column 'postcode': '800' has lost its leading zero, which"
            " was put back; expected 4 digits.",
        ),
        "Keep the column as text: spreadsheets drop leading zeros.",
        warning=True,
    ),
    Case(
        IssueCode.DUPLICATE_KEY,
        _add("caseworkers", 0, capacity="9"),
        (
            "caseworkers.csv, row 2 (s1), column 'caseworker_id': the key 's1' stands in several"
            " rows that differ; expected every caseworker_id once.",
            "caseworkers.csv, row 3 (s1), column 'caseworker_id': the key 's1' stands in several"
            " rows that differ; expected every caseworker_id once.",
        ),
        "Rows 2, 3. Keep the right one.",
        aside=2,
    ),
    Case(
        IssueCode.DUPLICATE_ROW,
        _add("caseworkers", 0),
        (
            "caseworkers.csv, row 3 (s1), column 'caseworker_id': the key 's1' stands in several"
            " equal rows, of which one is used; expected every caseworker_id once.",
        ),
        "Rows 2, 3. Nothing is lost.",
        warning=True,
        aside=1,
    ),
    Case(
        IssueCode.DANGLING_REFERENCE,
        _set("locks", 0, citizen_id="2"),
        ("locks.csv, row 2 (2 / a1), column 'citizen_id': '2' is not in the table 'citizens'.",),
        "Did you mean '0002'? Zeros, case or signs nobody sees differ.",
        aside=1,
    ),
    Case(
        IssueCode.REFERS_TO_QUARANTINED,
        _set("openings", 0, isco="cook"),
        (
            "running.csv, row 2 (0010 / a1 / 2026-11-02), column 'opening_id': 'a1' was put aside"
            " in the table 'openings'.",
            "locks.csv, row 2 (0002 / a1), column 'opening_id': 'a1' was put aside in the table"
            " 'openings'.",
            "previous.csv, row 2 (0001), column 'opening_id': 'a1' was put aside in the table"
            " 'openings'.",
        ),
        "Correct the row in 'openings' first.",
        aside=3,  # the running placement stays: its citizen is placed
    ),
    Case(
        IssueCode.REFERENCE_WITHOUT_TABLE,
        lambda rows: rows.pop("caseworkers"),
        (
            "citizens.csv, column 'caseworker_id': 2 rows name something in a table that is not"
            " given; expected a table 'caseworkers'.",
        ),
        "Without that table the column has no effect.",
        warning=True,
    ),
    Case(
        IssueCode.SPELT_OTHERWISE,
        _set("citizens", 1, household_id="h1"),
        (
            "citizens.csv, row 3 (0002), column 'household_id': 'h1' is spelt in another way"
            " elsewhere; expected each household spelt in one way.",
        ),
        "Did you mean 'h01'? Zeros, case or signs nobody sees differ. They count as two.",
        warning=True,
    ),
    Case(
        IssueCode.ORDER_REVERSED,
        _set("openings", 2, hours_min="30", hours_max="20.5"),
        (
            "openings.csv, row 4 (a3), column 'hours_min': hours_min 30, hours_max 20.5: the first"
            " is after the last; expected hours_min <= hours_max.",
        ),
        "Maybe the two were swapped.",
        aside=1,
    ),
    Case(
        IssueCode.NO_TARGET,
        _set("forbids", 0, opening_id=""),
        (
            "forbids.csv, row 2 (0001), column 'opening_id': neither an opening nor a workplace is"
            " given; expected an opening_id or a workplace_id.",
        ),
        "Say where the citizen must not go.",
        aside=1,
    ),
    Case(
        IssueCode.NOBODY_NAMED,
        _set("events", 0, citizen_id=""),
        (
            "events.csv, row 2 (declined / 2026-11-19 / a1), column 'citizen_id': no citizen is"
            " given; expected one for an end or a declined proposal.",
        ),
        "Say whose placement ended, or whose proposal was declined.",
        aside=1,
    ),
    Case(
        IssueCode.CAPACITY_CONTRADICTION,
        _set("citizens", 0, capacity_hours_day="0"),
        (
            "citizens.csv, row 2 (0001), column 'capacity_hours_day': capacity_hours_day 0,"
            " capacity_hours 22.25: the day and the week contradict each other; expected hours a"
            " week that the hours a day allow.",
        ),
        "The smaller of the two is what counts.",
        warning=True,
    ),
    Case(
        IssueCode.AGE_CONTRADICTION,
        _set("citizens", 2, youngest_child="19", years_in_denmark="63", age="30"),
        (
            "citizens.csv, row 4 (0010), column 'years_in_denmark': years_in_denmark 63, age 30:"
            " the ages contradict each other; expected no more years in Denmark than the citizen's"
            " age.",
            "citizens.csv, row 4 (0010), column 'youngest_child': youngest_child 19, age 30: the"
            " ages contradict each other; expected a child at least 12 years younger than the"
            " citizen.",
        ),
        "Check both ages.",
        warning=True,
    ),
    Case(
        IssueCode.CARE_CONTRADICTION,
        _set("citizens", 0, single_provider="yes", partner_can_care="yes"),
        (
            "citizens.csv, row 2 (0001), column 'single_provider': a single provider in household"
            " h01 with another adult: the household contradicts itself; expected a single provider"
            " to be the only adult of the household.",
            "citizens.csv, row 2 (0001), column 'single_provider': single_provider True,"
            " partner_can_care True: the household contradicts itself; expected no partner at home"
            " of a single provider.",
        ),
        "Correct one of the two.",
        warning=True,
    ),
    Case(
        IssueCode.HOUSEHOLD_DISAGREES,
        _set("citizens", 1, youngest_child=""),
        (
            "citizens.csv, row 2 (0001), column 'youngest_child': youngest child 4 in household"
            " h01: adults of one household disagree; expected the same age of the youngest child"
            " for all adults of a household.",
            "citizens.csv, row 3 (0002), column 'youngest_child': youngest child none in household"
            " h01: adults of one household disagree; expected the same age of the youngest child"
            " for all adults of a household.",
        ),
        "Correct the one that is out of date.",
        warning=True,
    ),
    Case(
        IssueCode.BLOCKS_OVERLAP,
        _set("citizens", 0, treatment_blocks="tors 11:45-13:00"),
        (
            "citizens.csv, row 2 (0001), column 'class_blocks': class_blocks and treatment_blocks"
            " overlap; expected each time taken once.",
        ),
        "The time counts once; correct the one that is out of date.",
        warning=True,
    ),
    Case(
        IssueCode.STAFF_CONTRADICTION,
        _set("workplaces", 0, ordinary_fte="40.5"),
        (
            "workplaces.csv, row 2 (1003123456), column 'ordinary_fte': ordinary_fte 40.5,"
            " ordinary_staff 40: the staff figures contradict each other; expected no more"
            " full-time equivalents than people.",
        ),
        "Check both figures: the ratio rule counts with them.",
        warning=True,
    ),
    Case(
        IssueCode.HOURS_EXCEED_SHIFTS,
        _set("openings", 1, hours_min="20.25"),  # the shifts are 5 x 4 = 20 hours
        (
            "openings.csv, row 3 (a2), column 'hours_min': hours_min 20.25, shifts mon-fri"
            " 05:00-09:00: the shifts are too short; expected shifts as long as the fewest hours a"
            " week.",
        ),
        "Add shifts, or lower the fewest hours.",
        warning=True,
    ),
    Case(
        IssueCode.DATE_PASSED,
        _set("openings", 1, start_to="23-11-2026"),
        (
            "openings.csv, row 3 (a2), column 'start_to': start_to 2026-11-23 has passed; expected"
            " a day from 2026-11-24 on.",
        ),
        "Nobody can start any more: take the opening out, or give it a later day.",
        warning=True,
    ),
    Case(
        IssueCode.RUNNING_OVERLAP,
        _add("running", 0, opening_id="a3", start="2026-12-20", end=""),
        (
            "running.csv, row 2 (0010 / a1 / 2026-11-02), column 'citizen_id': 2026-11-02 to"
            " 2026-12-20: the citizen has another placement at the same time; expected one"
            " placement at a time.",
            "running.csv, row 3 (0010 / a3 / 2026-12-20), column 'citizen_id': 2026-12-20 to open:"
            " the citizen has another placement at the same time; expected one placement at a"
            " time.",
        ),
        "Both take their seats; give the first its last day if it has ended.",
        warning=True,
    ),
    Case(
        IssueCode.OVERFULL,
        _all(
            _set("openings", 0, seats="0"),
            _set("teams", 1, seats="0"),
            _set("mentor_pools", 1, hours="1.25"),
        ),
        (
            "openings.csv, row 2 (a1), column 'seats': 1 running placements, seats 0: more is used"
            " than there is; expected room for what is running.",
            "teams.csv, row 3 (t2), column 'seats': 1 running learners, seats 0: more is used than"
            " there is; expected room for what is running.",
            "mentor_pools.csv, row 3 (p2), column 'hours': 1.5 running mentor hours, hours 1.25:"
            " more is used than there is; expected room for what is running.",
        ),
        "Nothing is free here; correct the figure or end placements that are over.",
        warning=True,
    ),
    Case(
        IssueCode.LOCK_WITHOUT_SEAT,
        _set("openings", 0, seats="1"),  # the running placement has it
        (
            "locks.csv, row 2 (0002 / a1), column 'opening_id': 1 locked, 0 free at a1: more locks"
            " than free seats; expected a free seat for each lock.",
        ),
        "Take back a lock, or add a seat; otherwise no plan can honour them all.",
        warning=True,
    ),
    Case(
        IssueCode.LOCK_AND_FORBID,
        _all(
            _set("locks", 0, opening_id="a2"),  # 0002 is forbidden at the workplace of a2
            _add("locks", 0, citizen_id="0001"),  # 0001 is forbidden at a2 itself
        ),
        (
            "locks.csv, row 2 (0002 / a2), column 'opening_id': 0002 at a2 is both locked and"
            " forbidden; expected either a lock or a forbid.",
            "locks.csv, row 3 (0001 / a2), column 'opening_id': 0001 at a2 is both locked and"
            " forbidden; expected either a lock or a forbid.",
        ),
        "Take back one of the two; otherwise no plan can honour them both.",
        warning=True,
    ),
    Case(
        IssueCode.TWO_LOCKS,
        _add("locks", 0, opening_id="a3"),
        (
            "locks.csv, row 2 (0002 / a1), column 'citizen_id': 0002 has several locks; expected"
            " one lock for a citizen.",
            "locks.csv, row 3 (0002 / a3), column 'citizen_id': 0002 has several locks; expected"
            " one lock for a citizen.",
        ),
        "Take back all but one; otherwise no plan can honour them all.",
        warning=True,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code.value)
def test_a_small_mistake_is_told_in_full(case: Case, rows: Rows, read: Reader) -> None:
    case.change(rows)
    reading = read(rows)
    hits = [issue for issue in reading.issues if issue.code is case.code]
    assert tuple(issue.message for issue in hits) == case.messages
    assert case.advice in {issue.advice for issue in hits}
    assert {issue.severity for issue in hits} == {
        Severity.WARNING if case.warning else Severity.ERROR
    } or case.code is IssueCode.REFERS_TO_QUARANTINED
    assert reading.usable is not case.stops
    if not case.stops:
        assert sum(len(frame) for frame in reading.quarantine.values()) == case.aside
        assert_nothing_lost(reading)


def test_the_good_week_has_no_issue(rows: Rows, read: Reader) -> None:
    reading = read(rows, generous=False)
    assert reading.issues == ()
    assert reading.usable


def test_a_row_with_too_many_cells_is_named(rows: Rows, policy: Policy, tmp_path: Path) -> None:
    folder = write_rows(rows, tmp_path)
    with (folder / "travel_times.csv").open("a", encoding="utf-8") as stream:
        stream.write("8200,8000,car,9,9\r\n8200,8000\r\n\r\n8000,8000,car,3\r\n")
    reading = check(folder, policy, TODAY)
    assert [issue.message for issue in reading.issues] == [
        "travel_times.csv, row 3: the row has 5 cells; expected 4, as in the header.",
        "travel_times.csv, row 4: the row has 2 cells; expected 4, as in the header.",
    ]
    assert {issue.code for issue in reading.issues} == {IssueCode.RAGGED_ROW}
    assert reading.issues[0].advice == (
        "Maybe a separator stands in a text without quotation marks."
    )
    assert_nothing_lost(reading)
    assert reading.counts["travel_times"].kept == 2  # the last row, too
    assert reading.quarantine["travel_times"]["row"].tolist() == [3, 4]


def test_a_needed_table_without_rows_is_told(rows: Rows, policy: Policy, tmp_path: Path) -> None:
    folder = write_rows(rows, tmp_path)
    header = (folder / "openings.csv").read_text("utf-8").splitlines()[0]
    (folder / "openings.csv").write_text(header + "\n", "utf-8")
    header = (folder / "teams.csv").read_text("utf-8").splitlines()[0]
    (folder / "teams.csv").write_text(header + "\n", "utf-8")  # optional: nothing to say
    reading = check(folder, policy, TODAY)
    hits = [issue for issue in reading.issues if issue.code is IssueCode.EMPTY_TABLE]
    assert [issue.message for issue in hits] == ["openings.csv: the table has no rows."]
    assert hits[0].advice == "Maybe the extract failed: make it again."
    assert reading.why_not == ("the table 'openings' cannot be used (empty table)",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n  \n", "the file is empty"),
        (b"PK\x03\x04\0\0", "it is not text"),
        (b"team_id;seats\nt1;\x81\n", "line 2 is neither UTF-8 nor cp1252 text"),
        ("name;a\nKøge;1\n".encode() + "Køge;1\n".encode("cp1252"), "it mixes UTF-8 and cp1252"),
        (b'"team_id,seats\nt1,5\n', "line 1: a quotation mark is out of place in the header"),
    ],
)
def test_a_file_that_is_not_a_table_stops_the_run(
    content: bytes, reason: str, rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    """Even an optional table: without the running placements taken seats would be given away."""
    folder = write_rows(rows, tmp_path)
    (folder / "teams.csv").write_bytes(content)
    reading = check(folder, policy, TODAY)
    hits = [issue for issue in reading.issues if issue.code is IssueCode.UNREADABLE_FILE]
    assert [issue.message for issue in hits] == [f"teams.csv: cannot be read: {reason}."]
    assert hits[0].advice
    assert reading.why_not == ("the table 'teams' cannot be used (unreadable file)",)


def test_a_measure_that_is_over_is_kept_with_a_warning(rows: Rows, tmp_path: Path) -> None:
    late = dt.date(2028, 1, 3)  # IGU ends on 31 December 2027
    rows["locks"][0]["measure"] = "Integrationsgrunduddannelse (IGU)"
    reading = check(write_rows(rows, tmp_path), load_policy(late), late)
    hits = [issue for issue in reading.issues if issue.code is IssueCode.NOT_IN_FORCE]
    assert [issue.message for issue in hits] == [
        "locks.csv, row 2 (0002 / a1 / Integrationsgrunduddannelse (IGU)), column 'measure': the"
        " measure 'igu' is not in force on the day of the run."
    ]
    assert hits[0].advice == (
        "It is kept and has no effect; `jobmatch policy --on DATE` shows what holds."
    )
    assert reading.problem["locks"]["measure"].tolist() == ["igu"]


def test_every_code_has_a_test_of_its_message() -> None:
    elsewhere = {
        IssueCode.RAGGED_ROW,
        IssueCode.EMPTY_TABLE,
        IssueCode.UNREADABLE_FILE,
        IssueCode.NOT_IN_FORCE,
        # What a workbook or a file holds: tests/tables/test_tables_workbooks.py.
        IssueCode.UNREADABLE_CELL,
        IssueCode.HIDDEN_ROWS,
        # Which files are read: tests/tables/test_tables_folder.py.
        IssueCode.FILE_NOT_READ,
        # How a file is laid out and written: tests/tables/test_tables_layout.py.
        IssueCode.HEADER_LINES,
        IssueCode.TOTALS_ROW,
        IssueCode.ROWS_END_EARLY,
        IssueCode.OTHER_ENCODING,
        # What a column says in one way: tests/tables/test_tables_columns.py.
        IssueCode.WORD_FOR_NOTHING,
        IssueCode.STANDS_FOR_NO_DAY,
        IssueCode.ID_IN_DECIMALS,
        # What is said of more than tables: tests/run/test_stops.py.
        IssueCode.POLICY_NOT_USED,
        IssueCode.FIXED_CLASH,
        # What protects somebody: tests/tables/test_tables_protection.py.
        IssueCode.MISSING_PROTECTION,
        IssueCode.ABSENT_COLUMN,
        IssueCode.DECLARED_BUT_GIVEN,
        IssueCode.NOT_KNOWN,
        # What a mapping says of the tables it reads: tests/tables/test_tables_mapping.py.
        IssueCode.ROWS_LEFT_OUT,
        IssueCode.NO_ROW_TO_JOIN,
        IssueCode.NOT_MAPPED,
        # What the ledger says against the tables: tests/decisions/test_next_week.py.
        IssueCode.ACCEPTED_UNKNOWN,
        IssueCode.ACCEPTED_ELSEWHERE,
        IssueCode.ACCEPTED_AND_FORBIDDEN,
        IssueCode.ACCEPTED_IMPOSSIBLE,
        IssueCode.ACCEPTED_WITHOUT_ROOM,
        IssueCode.REJECTED_AND_LOCKED,
        IssueCode.BEGUN_ELSEWHERE,
        IssueCode.BEGUN_UNLISTED,
        IssueCode.NOTHING_TO_END,
        # tests/decisions/test_beside.py.
        IssueCode.YES_WAITED,
        IssueCode.YES_COUNTS,
        IssueCode.YES_FILLED,
    }
    assert {case.code for case in CASES} | elsewhere == set(IssueCode)


@pytest.mark.parametrize(
    ("header", "advice"),
    [
        ("ydelse_type", "Maybe 'ydelse' was meant."),
        ("Benefit (code)", "Maybe 'benefit' was meant."),
        ("Bemærkning", "Leave it out, or give it a name that `jobmatch template DIR` writes."),
        # The column is there: another word with it is another thing.
        ("age_group", "Leave it out, or give it a name that `jobmatch template DIR` writes."),
    ],
)
def test_a_column_that_is_not_read_says_what_may_have_been_meant(
    rows: Rows, read: Reader, header: str, advice: str
) -> None:
    """Nearly the name, or the name with a word more, of a column that is not there."""
    for row in rows["citizens"]:
        row.pop("benefit", None)
        row[header] = "x"
    found = [issue for issue in read(rows).issues if issue.code is IssueCode.UNKNOWN_COLUMN]
    assert [(issue.column, issue.advice) for issue in found] == [(header, advice)]
