"""What is not known stands at the top of the page, in the summary, in `run.json` and in reasons."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.explain.not_known import GROUPS, column_name, group_of, value_words
from matcher.policy import override_of
from matcher.problem import Problem
from matcher.records import TABLES, careful_fields
from matcher.report import headline, page_html
from matcher.report.rows import sheets
from matcher.report.words import Words
from tests.report.conftest import citizen, document_of, opening, week_of

EN = "Not known of 2 citizens and counted with care: Danish (1), health limits (2)"
DA = "Ikke kendt og regnet forsigtigt hos 2 borgere: dansk (1), skånehensyn (2)"
JOB = "Not known of 1 opening and counted with care: demands on health (1)"
DECLARED = "Not recorded; the policy declares for all citizens: limit_emo = 3"


@pytest.fixture(scope="module")
def problem() -> Problem:
    """A is known in all, B in no Danish and no lifting, C in no lifting; the job in no lifting."""
    week = week_of(
        citizens=[
            citizen("A"),
            citizen("B", oral=None, limit_lift=None, must_limits="lift"),
            citizen("C", limit_lift=None, must_limits="stand"),
        ],
        openings=[opening(seats=1, demand_lift=None), opening("000124", oral_floor=2, seats=0)],
    )
    return week.replace(
        policy=override_of(week.policy, {"declared": {"citizens": {"limit_emo": 3}}})
    )


@pytest.fixture(scope="module")
def document(problem: Problem) -> dict[str, Any]:
    return document_of(problem)


def test_counts_by_column_are_in_the_document(document: dict[str, Any]) -> None:
    """Rows, kinds and columns, and what is declared."""
    assert document["not_known"] == {
        "tables": {
            "citizens": {
                "of": 3,
                "rows": 2,
                "kinds": {"danish": 1, "health": 2},
                "columns": {"oral": 1, "limit_lift": 2},
            },
            "openings": {
                "of": 2, "rows": 1, "kinds": {"health": 1}, "columns": {"demand_lift": 1},
            },
        },
        "declared": {"citizens": {"limit_emo": 3}},
    }  # fmt: skip


def test_the_top_of_page_and_summary_say_it(document: dict[str, Any]) -> None:
    """In both languages; a week in which all is known says nothing."""
    page = page_html(document, Words("en"))
    head = page.split('<div class="pace">')[0]
    assert all(line in head for line in (EN, JOB, DECLARED))
    assert DA in page_html(document, Words("da")).split('<div class="pace">')[0]
    lines = headline(document).lines("en")
    assert [line for line in lines if line in {EN, JOB, DECLARED}] == [EN, JOB, DECLARED]
    known = document_of(week_of(citizens=[citizen("A")], openings=[opening()]))
    assert 'class="not-known" role' not in page_html(known, Words("en"))
    assert not [line for line in headline(known).lines("en") if "known" in line]


def test_reasons_say_it_of_the_citizen_and_of_the_job(document: dict[str, Any]) -> None:
    """Of who has a proposal and of who has none."""
    (proposal,) = document["proposals"]
    assert proposal["citizen_id"] == "A"
    assert proposal["not_known"]["sentence"]["en"] == (
        "Not known about the job and counted with care: demand lifting and carrying (3)."
    )
    told = {row["citizen_id"]: row["sentence"] for row in document["unplaced"]}
    assert told["B"]["en"].endswith(
        "Not known and counted with care: spoken Danish (none), health limit lifting and carrying"
        " (none)."
    )
    assert told["B"]["da"].endswith(
        "Ikke kendt og regnet forsigtigt: mundtligt dansk (intet), skånehensyn løft og bæring"
        " (intet)."
    )
    rows = {sheet.name: sheet for sheet in sheets(document)}
    (column,) = [one for one in rows["openings"].columns if one.key == "not_known"]
    cells = [column.value(row, Words("da")) for row in document["openings"]]
    assert cells == [
        "Ikke kendt om stillingen og regnet forsigtigt: krav løft og bæring (3).",
        None,
    ]


def test_every_column_has_a_name_a_kind_and_a_value_in_words(problem: Problem) -> None:
    """In both languages; no column is told by its code."""
    for table, names in GROUPS.items():
        for column, value in problem.policy.careful(table).items():
            assert group_of(column) in names
            for language in ("en", "da"):
                assert column_name(column, language) != column
                assert value_words(column, value, language) not in {"", "-"}
        assert set(problem.policy.careful(table)) == set(careful_fields(TABLES[table].record))
