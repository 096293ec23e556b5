"""Figures about decisions: what a rejection costs, what changes gain, who is not to be seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from matcher.decisions import (
    OTHERS,
    CarriedOver,
    Cost,
    carry_over,
    joint_cost,
    note_costs,
    override_costs,
    people_document,
    plan_stability,
    rates,
)
from matcher.ledger import Decision, Ledger
from matcher.policy import load_policy, override_of
from matcher.problem import Problem
from matcher.records import Caseworker, Forbid, Previous
from matcher.report import LANGUAGES, Words, page_html, rates_text, week_lines
from matcher.solve import solve
from matcher.tables import IssueCode
from matcher.texts import catalogue
from scenarios.population import Population, make, policy_override
from tests.decisions.conftest import NOW, propose
from tests.ledger.conftest import document_of, solved
from tests.weeks import TODAY, citizen, opening, week, workplace

POLICY = load_policy(TODAY)


def reject(run_id: str, who: str, where: str, reason: str = "other") -> Decision:
    return Decision(run_id, who, where, "reject", NOW, reason)


# ------------------------------------------------------------------------------ costs


def test_a_rejection_costs_what_the_next_best_plan_lacks() -> None:
    """One seat. C1 fits 95 points better than C2, who takes it; a filled seat nobody gets.

    Occupation weighs 12 of 95 (the 225-hour rule is off): 1000 for the wish itself, 250 for the
    same major group, so 750 x 12 / 95 = 95.
    """
    solution = solve(week([citizen("C1", wishes="9112"), citizen("C2", wishes="9333")]))
    fit = solution.plan.value("fit")
    one, seat = (reject("R", "C1", "O1", reason) for reason in ("other", "seat_filled"))
    assert override_costs(solution, [one, seat]) == (Cost(0, 95), Cost(1, fit))
    both = [one, reject("R", "C2", "O1")]
    assert joint_cost(solution, both) == Cost(1, fit)


def test_a_workplace_is_barred_with_all_its_openings() -> None:
    """C1 could go to O2 at the same workplace, but not once the employer has declined."""
    jobs = [opening("O1"), opening("O2")]
    solution = solve(week(openings=jobs))
    (where,) = (one.opening_id for one in solution.plan.placements)
    pair, site = (reject("R", "C1", where, code) for code in ("other", "employer_declined"))
    costs = override_costs(solution, [pair, site])
    assert [cost.placements for cost in costs] == [0, 1]


def test_costs_are_those_of_a_week_with_the_forbid() -> None:
    """On a made-up week: every proposal, against solving the week anew with the row added."""
    spec = Population(citizens=60, openings=12, seed=3)
    problem = Problem(make(spec), load_policy(spec.today, policy_override(spec)), spec.today)
    solution = solve(problem)
    rejections = [reject("R", one.citizen_id, one.opening_id)
                  for one in solution.plan.placements]  # fmt: skip
    costs = override_costs(solution, rejections)
    assert any(cost != Cost(0, 0) for cost in costs)
    for one, cost in zip(rejections, costs, strict=True):
        forbid = Forbid(citizen_id=one.citizen_id, opening_id=one.opening_id)
        more = Problem.from_records(problem.policy, problem.today, forbids=[forbid])["forbids"]
        anew = solve(problem.with_tables(forbids=more)).plan
        base = solve(problem.with_tables(forbids=more.iloc[:0])).plan
        assert cost == Cost(
            base.value("placements") - anew.value("placements"),
            base.value("fit") - anew.value("fit"),
        )


def test_costs_are_noted_once_and_not_where_the_input_is_gone(tmp_path: Path) -> None:
    """The second time there is nothing to compute; without the input the cost stays unknown."""
    problem = week([citizen("C1", wishes="9112"), citizen("C2", wishes="9333")])
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        run = propose(ledger, problem)
        other = problem.replace(today=TODAY + dt.timedelta(days=7))
        gone = ledger.record_run(solved(other), other, address="test", keep_input=False).run
        ledger.record_decisions([reject(run.run_id, "C1", "O1"), reject(gone.run_id, "C1", "O1")])
        noted = note_costs(ledger, ledger.decisions())
        assert (noted.computed, noted.unknown) == (1, 1)
        known = {one.run_id: (one.cost_placements, one.cost_fit) for one in ledger.decisions()}
        assert known == {run.run_id: (0, 95), gone.run_id: (None, None)}
        assert note_costs(ledger, ledger.decisions()).computed == 0


# ------------------------------------------------------------------------------ changes


def test_the_gain_of_a_change_is_against_the_steadiest_plan() -> None:
    """C1 gives O1 to C2, who can take nothing else, and goes to O2: one placement for one move."""
    people = [citizen("C1", wishes="9112"), citizen("C2", refusals="9333")]
    jobs = [opening("O1"), opening("O2", isco="9333")]
    previous = [Previous(citizen_id="C1", opening_id="O1")]
    solution = solve(week(people, jobs, previous=previous))
    found = plan_stability(solution)
    assert found is not None
    fit = {one.citizen_id: one.fit for one in solution.plan.placements}
    assert (found.before, found.kept, found.moved, found.dropped, found.new) == (1, 0, 1, 0, 1)
    assert (found.fewest, found.gain_placements, found.impossible) == (0, 1, 0)
    # The steadiest plan is C1 at O1 alone, 95 points better there than at O2.
    assert found.gain_fit == fit["C1"] + fit["C2"] - (fit["C1"] + 95)
    lines = people_lines(solution)
    assert lines[0] == (
        "1 earlier proposal was still open: 0 kept, 1 moved, 0 dropped. No longer possible of those"
        " moved or dropped: 0."
    )
    assert lines[1].startswith(
        "1 of these changes could have been spared. It brings 1 more placement and 692 points of"
    )


def people_lines(solution: Any) -> list[str]:
    from matcher.report import week_lines

    people = people_document(solution, CarriedOver(solution.problem), None)
    assert not any("{" in line for line in week_lines(people, Words("da")))
    return week_lines(people, Words("en"))


def test_a_change_nobody_could_spare_gains_nothing() -> None:
    """The opening is gone: moved, but no plan moves fewer. A kept proposal is no change."""
    previous = [Previous(citizen_id="C1", opening_id="O9")]
    solution = solve(week(previous=previous))
    found = plan_stability(solution)
    assert found is not None
    assert (found.moved, found.impossible, found.fewest, found.gain_fit) == (1, 1, 1, 0)
    assert people_lines(solution)[1] == "No plan changes fewer."
    kept = plan_stability(solve(week(previous=[Previous(citizen_id="C1", opening_id="O1")])))
    assert kept is not None
    assert (kept.kept, kept.changes, kept.fewest) == (1, 0, 0)
    assert plan_stability(solve(week())) is None


# ------------------------------------------------------------------------------ rates


CREW = (
    *(Caseworker(caseworker_id=f"N{n}", capacity=99, unit="Nord") for n in range(2)),
    *(Caseworker(caseworker_id=f"S{n}", capacity=99, unit="Syd") for n in range(2)),
    Caseworker(caseworker_id="A0", capacity=99, unit="Alene"),
)


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Twenty proposals, 8 of Nord, 6 of Syd, 6 of a team of one.

    Nord: 5 rejected (3 other, 2 health), 3 accepted unseen. Syd: all 6 rejected (other).
    Alone: 4 accepted after a minute, 1 waiting, 1 undecided.
    """
    people = [
        citizen(f"C{n:02}", caseworker_id="A0" if n >= 14 else f"{'N' if n < 8 else 'S'}{n % 2}")
        for n in range(20)
    ]
    sites = [workplace(f"W{n}", employer_id=f"E{n}", ordinary_staff=50) for n in range(4)]
    jobs = [opening(f"O{n}", workplace_id=f"W{n}", seats=5) for n in range(4)]
    problem = week(people, jobs, sites, caseworkers=CREW)
    with Ledger.open(tmp_path_factory.mktemp("rates") / "ledger.sqlite") as ledger:
        run = propose(ledger, problem)
        decisions = []
        for at, one in enumerate(ledger.proposals(run.run_id)):
            said: dict[str, Any] = {"verdict": "accept", "seconds_looked": 60}
            if at < 5 or 8 <= at < 14:
                said = {"verdict": "reject", "reason": "health_changed" if at < 2 else "other"}
            elif at < 8:
                said["seconds_looked"] = 9
            elif at == 18:
                said = {"verdict": "wait"}
            elif at == 19:
                continue
            decisions.append(Decision(run.run_id, one.citizen_id, one.opening_id, decided_at=NOW,
                                      unit=one.unit, **said))  # fmt: skip
        ledger.record_decisions(decisions)
        yield ledger


def test_rates_count_what_was_said(decided: Ledger) -> None:
    """11 of 18 settled were rejected; 1 of 20 undecided; 3 of 7 acceptances unseen."""
    figures = rates(decided, POLICY, NOW.date())
    assert (figures["proposed"], figures["undecided"], figures["decided"]) == (20, 1, 19)
    assert (figures["accepted"], figures["rejected"], figures["waiting"]) == (7, 11, 1)
    assert figures["rate"] == round(11 / 18, 4)
    assert figures["seen"] == {"seconds": 10, "known": 7, "unseen": 3, "share": round(3 / 7, 4)}
    # Three forms of at least five decisions: Nord mixed, Syd rejected whole, the third mixed.
    assert figures["forms"] == {
        "counted": 3, "all_rejected": 1, "all_accepted": 0,
        "share_rejected": round(1 / 3, 4), "share_accepted": 0.0,
    }  # fmt: skip


def test_small_groups_and_single_caseworkers_are_not_shown(decided: Ledger) -> None:
    """Health (2) is put together with what else there is; a team of one stands with Syd.

    By itself under the rest it would be a figure about one caseworker.
    """
    figures = rates(decided, POLICY, NOW.date())
    assert [(row["key"], row["rejected"]) for row in figures["by_reason"]] == [(OTHERS, 11)]
    assert [(row["key"], row["decided"], row["rejected"]) for row in figures["by_team"]] == [
        ("Nord", 8, 5), (OTHERS, 11, 6),
    ]  # fmt: skip
    # Teams of two are too small now, by themselves; together they are five.
    strict = override_of(POLICY, {"oversight": {"fewest_caseworkers": 5}})
    teams = rates(decided, strict, NOW.date())["by_team"]
    assert [(row["key"], row["decided"]) for row in teams] == [(OTHERS, 19)]
    strict = override_of(POLICY, {"oversight": {"fewest_caseworkers": 6}})
    assert rates(decided, strict, NOW.date())["by_team"] == []
    many = override_of(POLICY, {"oversight": {"fewest": 50}})
    hidden = rates(decided, many, NOW.date())
    assert not (hidden["by_team"])
    assert not (hidden["by_reason"])
    assert not (hidden["by_workplace"])
    assert hidden["cost"]["each"] == []


def test_decisions_outside_the_weeks_do_not_count(decided: Ledger) -> None:
    """Neither those before, nor those after the day."""
    later = rates(decided, POLICY, NOW.date() + dt.timedelta(weeks=3), weeks=2)
    assert (later["proposed"], later["decided"]) == (0, 0)
    assert rates(decided, POLICY, NOW.date() - dt.timedelta(days=1))["decided"] == 0


def test_costs_are_summed_by_reason_and_no_citizen_is_named(decided: Ledger) -> None:
    """Each rejection is listed without citizen or caseworker, dearest first."""
    note_costs(decided, decided.decisions())
    figures = rates(decided, POLICY, NOW.date())
    cost = figures["cost"]
    assert (cost["rejected"], cost["known"], len(cost["each"])) == (11, 11, 11)
    assert figures["by_reason"][0]["cost_known"] == 11
    assert cost["placements"] == figures["by_reason"][0]["cost_placements"]
    losses = [(row["placements"], row["fit"]) for row in cost["each"]]
    assert losses == sorted(losses, reverse=True)
    text = rates_text(figures, {}, Words("en"), each=True)
    for one in decided.decisions():
        assert one.citizen_id not in text + str(figures)
    assert "N0" not in text + str(figures)
    assert "Override rate (rejected of those settled): 61%." in text
    assert "Nord" in text
    assert "Alene" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_a_section_once_there_is_something_to_say(
    decided: Ledger, language: Any
) -> None:
    """Rubber-stamping and ignoring stand on it; a run without decisions has no such section."""
    problem = week(previous=[Previous(citizen_id="C1", opening_id="O1")])
    document = document_of(problem)
    assert 'id="people"' not in page_html(document, Words(language))
    later = solve(problem.replace(today=TODAY + dt.timedelta(days=7)))
    carried = CarriedOver(later.problem, counts={"locks": 2})
    people = people_document(later, carried, decided)
    html = page_html({**document, "people": people}, Words(language))
    assert 'id="people"' in html
    said = {
        "en": ("2 accepted and waiting for their first day", "1 earlier proposal was still open",
               "1 of them (5%) has no answer yet",
               "3 acceptances came after fewer than 10 seconds",
               "1 were rejected whole"),
        "da": ("2 godkendt og venter på første dag", "1 tidligere forslag var stadig åbent",
               "1 af dem (5 %) har intet svar endnu",
               "3 godkendelser kom efter under 10 sekunder",
               "blev 1 afvist helt"),
    }[language]  # fmt: skip
    for text in said:
        assert text in html, text


def test_too_few_decisions_say_so(tmp_path: Path) -> None:
    """One decision is no figure."""
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        run = propose(ledger, week())
        ledger.record_decisions([replace(reject(run.run_id, "C1", "O1"))])
        figures = rates(ledger, POLICY, NOW.date())
    assert "Fewer than 5 were decided: too few for figures." in rates_text(figures, {}, Words("en"))
    assert figures["cost"]["placements"] is None


# ------------------------------------------------------------------------------ disagreements


def test_whatever_the_ledger_may_say_against_the_tables_has_words() -> None:
    """The codes after those of the tables alone, in both languages."""
    every = list(IssueCode)
    codes = every[every.index(IssueCode.ACCEPTED_UNKNOWN) :]
    told = {key.removeprefix("disagree.") for key in catalogue("en") if key.startswith("disagree.")}
    assert told == {code.value for code in codes}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_acceptance_that_cannot_be_is_on_the_page(tmp_path: Path, language: Any) -> None:
    """Accepted, and lifting is beyond C1 now: who, where, and by which rule;
    the terminal says that there is something, and names nobody."""
    soon = dt.date(2026, 12, 14)
    problem = week([citizen()], [opening(start_from=soon)])
    limited = problem.with_tables(
        citizens=problem["citizens"].assign(limit_lift=0, must_limits="lift"),
        openings=problem["openings"].assign(demand_lift=3),
    ).replace(today=TODAY + dt.timedelta(days=7))
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        run = propose(ledger, problem)
        ledger.record_decisions([Decision(run.run_id, "C1", "O1", "accept", NOW)])
        carried = carry_over(limited, ledger)
    solution = solve(carried.problem)
    people = people_document(solution, carried, None)
    (told,) = people["disagree"]
    words = Words(language)
    begins = {
        "en": "C1 was accepted at O1, and a rule stops it now.",
        "da": "C1 er godkendt til O1, og et krav stopper det nu.",
    }
    document = {**document_of(carried.problem), "people": people}
    page = unescape(page_html(document, words))
    assert begins[language] in page
    assert told["why"][language] in page
    line = words("people.disagree", 1)
    assert line in week_lines(people, words)
    assert "C1" not in line


def test_a_rate_stands_beside_what_it_is_a_rate_of(tmp_path: Path) -> None:
    """Four accepted, one rejected, one waiting: 1 of 5 is 20 %; who waits is in no rate."""
    people = [citizen(f"C{n}") for n in range(6)]
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        sites = [workplace(ordinary_staff=100, intake_per_week=9)]
        run = propose(ledger, week(people, [opening(seats=6)], sites))
        verdicts: list[Any] = ["accept"] * 4 + ["reject", "wait"]
        ledger.record_decisions(
            Decision(run.run_id, f"C{n}", "O1", said, NOW, "other" if said == "reject" else None)
            for n, said in enumerate(verdicts)
        )
        figures = rates(ledger, POLICY, NOW.date())
    assert "20% (1 of 5)" in rates_text(figures, {}, Words("en"))
    assert "20 % (1 af 5)" in rates_text(figures, {}, Words("da"))
