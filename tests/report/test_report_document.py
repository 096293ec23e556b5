"""The document: complete, consistent with itself, the same whenever the input is the same."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher.problem import as_frame
from matcher.records import TABLES, AuditGroup
from matcher.report import Words, headline, page_html, run_document
from matcher.report.audit import SMALLEST, audit
from tests.report.conftest import Solved, citizen, document_of, opening, week_of

Document = dict[str, Any]


def test_every_citizen_has_a_proposal_or_a_reason(small: Solved, document: Document) -> None:
    proposed = {row["citizen_id"] for row in document["proposals"]}
    left = {row["citizen_id"] for row in document["unplaced"]}
    assert proposed | left == set(small[0]["citizens"]["citizen_id"])
    assert not proposed & left
    assert proposed, "the made-up week should place somebody"


def test_counts_of_the_figures_add_up(document: Document) -> None:
    figures, head = document["figures"], document["headline"]
    placed = len(document["proposals"])
    assert head["placed"] == placed == head["seats_filled"]
    assert head["citizens"] == placed + len(document["unplaced"])
    assert sum(figures["outcomes"].values()) == head["citizens"]
    assert sum(head["unplaced"].values()) == len(document["unplaced"])
    assert head["waiting"] == head["citizens"] - head["unplaced"]["already_placed"]
    for name in ("sectors", "measures", "occupations"):
        assert sum(row["proposals"] for row in figures[name]) == placed, name
    assert sum(row["proposed"] for row in figures["levels"]) == placed
    assert sum(sum(row[k] for k in ("proposed", "left", "already_placed"))
               for row in figures["levels"]) == head["citizens"]  # fmt: skip
    assert sum(row["proposed"] for row in figures["districts"]) == placed
    assert sum(row["waiting"] for row in figures["districts"]) == head["waiting"]
    assert sum(row["free"] for row in figures["districts"]) == head["seats_free"]
    assert sum(row["seats_left"] for row in figures["opening_causes"]) == (
        head["seats_free"] - head["seats_filled"]
    )
    assert sum(row["most"] for row in figures["rules"]) <= figures["outcomes"]["rules"]


def test_audit_adds_up_to_all_citizens_and_keeps_the_two_reasons_apart(document: Document) -> None:
    for dimension in document["audit"]["dimensions"]:
        assert (
            sum(row["citizens"] for row in dimension["groups"])
            == (document["headline"]["citizens"])
        )
        for row in dimension["groups"]:
            parts = ("already_placed", "proposals", "no_feasible_opening", "lost_in_optimum")
            assert sum(row[part] for part in parts) == row["citizens"]
    causes = document["figures"]["outcomes"]
    for dimension in document["audit"]["dimensions"]:
        blocked = sum(row["no_feasible_opening"] for row in dimension["groups"])
        assert blocked == causes["rules"] + causes["no_opening_in_reach"]


def test_document_is_plain_json_and_carries_its_provenance(document: Document) -> None:
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again == document
    assert document["schema_version"] == 1
    assert [tier["name"] for tier in document["tiers"]] == ["placements", "fit", "tie_break"]
    assert document["tiers"][0]["value"] == len(document["proposals"])
    assert {"input_digest", "policy", "versions", "options", "engine", "times"} <= set(
        document["provenance"]
    )
    assert document["provenance"]["options"]["seed"] == 0


def made(small: Solved, **facts: Any) -> Solved:
    """The same plan, with more said of how it was made."""
    problem, plan = small
    return problem, replace(plan, provenance={**plan.provenance, **facts})


def test_only_times_differ_between_two_runs(small: Solved) -> None:
    documents = [run_document(*made(small, run_times={"read": took})) for took in (1.5, 2.5)]
    assert documents[0] != documents[1]
    for document in documents:
        document["provenance"].pop("times")
    assert documents[0] == documents[1]


def test_issues_are_counted_by_code_and_rows_put_aside(document: Document) -> None:
    issues = document["issues"]
    assert (issues["total"], issues["errors"], issues["warnings"]) == (2, 1, 1)
    assert issues["rows_put_aside"] == 1
    assert issues["put_aside_by_table"] == {"citizens": 1}


def test_provenance_of_the_caller_becomes_plain_values(small: Solved) -> None:
    document = run_document(*made(small, rows=np.int64(7), kinds=("a", "b")))
    assert document["provenance"]["rows"] == 7
    assert document["provenance"]["kinds"] == ["a", "b"]


def test_proposal_holds_what_a_caseworker_needs() -> None:
    """One citizen, one job; the supports, reasons and costs are the offer's own."""
    document = document_of(week_of(citizens=[citizen("007")], openings=[opening()]))
    (row,) = document["proposals"]
    assert (row["citizen_id"], row["opening_id"], row["workplace_id"]) == ("007", "000123", "0001")
    assert row["workplace"] == "Plejehjemmet Åsø"
    assert row["supports"] == {"class": None, "mentor": None, "courses": []}
    assert len(row["reasons"]) == 3
    assert {"en", "da"} == set(row["reasons"][0]["sentence"])
    assert row["start"] == "2026-11-24"
    assert document["headline"]["suitable_share"] == 1.0
    assert document["headline"]["seats_filled"] == 1


@pytest.mark.parametrize("language", ["en", "da"])
def test_headline_writes_the_few_figures(document: Document, language: Any) -> None:
    lines = headline(document).lines(language)
    placed = str(len(document["proposals"]))
    assert any(line.startswith(placed) for line in lines)
    assert ("Opdigtede data" if language == "da" else "Made-up data") in lines[0]
    assert headline(document).placed == len(document["proposals"])


def test_headline_keeps_a_living_apart_from_work_without_a_wage(document: Document) -> None:
    """Kinds and states each count every proposal once; the page and the terminal say both."""
    head, rows = document["headline"], document["proposals"]
    assert sum(head["work"].values()) == sum(
        head["status"][name] for name in ("new", "kept", "locked")
    ) == head["placed"]  # fmt: skip
    assert head["status"]["running"] == head["unplaced"]["already_placed"]
    for kind, count in head["work"].items():
        assert count == sum(row["work"] == kind for row in rows)
    assert {row["work"] for row in rows if row["measure"] == "ordinary"} <= {
        "self_support", "part_time",
    }  # fmt: skip
    for row in rows:
        if row["measure"] == "ordinary":
            full = row["minutes"] >= 30 * 60
            assert row["measure_name"]["da"] == ("Ordinær ansættelse" if full else "Småjob")
    lines = "\n".join(headline(document).lines("en"))
    told = f"{head['work']['self_support']} self-support (ordinary employment of at least 30 hours"
    assert told in lines
    assert told in page_html(document, Words("en"))


def test_headline_of_an_empty_week_does_not_divide_by_nobody() -> None:
    figures = headline(document_of(week_of()))
    assert (figures.placed, figures.citizens, figures.suitable_share) == (0, 0, None)
    assert figures.mean_fit is None
    assert figures.lines("en")


def test_each_group_has_its_proposals_with_and_without_prices() -> None:
    """Who gains a proposal by prices of the weeks ahead counts with them, who loses it without."""
    people = [f"C{at}" for at in range(10)]
    frame = as_frame(
        TABLES["audit_groups"],
        {"citizen_id": people, "dimension": ["d"] * 10, "group": ["a"] * 5 + ["b"] * 5},
    )
    proposals = [{"citizen_id": one, "fit": 500} for one in ("C0", "C1", "C5")]
    unplaced = [{"citizen_id": one, "cause": "resource"} for one in people
                if one not in {"C0", "C1", "C5"}]  # fmt: skip
    moved = [
        {"citizen_id": "C0", "opening_id": "O1", "without": None},
        {"citizen_id": "C1", "opening_id": "O2", "without": "O1"},
        {"citizen_id": "C6", "opening_id": None, "without": "O2"},
    ]
    week = {"proposals": proposals, "unplaced": unplaced}
    (plain,) = audit(frame, week)["dimensions"]
    assert all("share_without_prices" not in row for row in plain["groups"])
    (told,) = audit(frame, {**week, "ahead": {"change": {"moved": moved}}})["dimensions"]
    counts = [(row["proposals"], row["proposals_without_prices"]) for row in told["groups"]]
    assert counts == [(2, 1), (1, 2)]
    assert [row["share_without_prices"] for row in told["groups"]] == [0.2, 0.4]


def _audited(sizes: dict[str, int], listed: bool = True) -> dict[str, Any]:
    names = [f"{group}{at}" for group, size in sizes.items() for at in range(size)]
    groups = [group for group, size in sizes.items() for _ in range(size)]
    rows = [
        AuditGroup(citizen_id=who, dimension="d", group=group)
        for who, group in zip(names, groups, strict=True)
        if listed or group != "x"
    ]
    columns = {name: [getattr(row, name) for row in rows] for name in AuditGroup.model_fields}
    unplaced = [{"citizen_id": who, "cause": "rules"} for who in names]
    frame = as_frame(TABLES["audit_groups"], columns)
    found: dict[str, Any] = audit(frame, {"proposals": [], "unplaced": unplaced})
    return found["dimensions"][0]  # type: ignore[no-any-return]


def test_groups_smaller_than_five_are_hidden() -> None:
    shown = _audited({"a": 9, "b": 5, "c": 4, "e": 3})
    assert [row["group"] for row in shown["groups"]] == ["a", "b"]
    assert shown["hidden_groups"] == 2


def test_a_single_hidden_group_cannot_be_found_by_subtraction() -> None:
    """c has 2 of 16; with a and b shown it would follow from the total, so b is hidden too."""
    shown = _audited({"a": 9, "b": 5, "c": 2})
    assert [row["group"] for row in shown["groups"]] == ["a"]
    assert shown["hidden_groups"] == 2


def test_citizens_without_a_stated_group_are_a_group_too() -> None:
    shown = _audited({"a": 6, "x": 7}, listed=False)
    assert Counter({row["group"]: row["citizens"] for row in shown["groups"]}) == {"a": 6, "": 7}
    assert SMALLEST == 5


def test_all_small_groups_leave_an_empty_dimension() -> None:
    shown = _audited({"a": 1, "b": 2})
    assert shown["groups"] == []
    assert shown["hidden_groups"] == 2
