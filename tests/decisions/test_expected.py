"""What is to be expected of proposals: intervals, pooling, nothing where too little is known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import pytest

from matcher.decisions import answers_seen, expected_fills, people_document, rates
from matcher.decisions.expected import lasting, places_seen, share_of
from matcher.decisions.next_week import CarriedOver
from matcher.decisions.rates import decided_pairs
from matcher.horizon import accepted_share
from matcher.ledger import Decision, Ledger, UnderWay
from matcher.policy import load_policy, override_of
from matcher.problem import Problem
from matcher.report import Words, page_html, rates_text
from matcher.solve import solve
from tests.decisions.conftest import NOW, propose
from tests.ledger.conftest import document_of
from tests.weeks import TODAY, citizen, opening, week, workplace

POLICY = load_policy(TODAY)
EARLIER = TODAY - dt.timedelta(weeks=20)


def below(x: float, yes: int, no: int) -> float:
    """Chance that a Beta(yes, no) share is below x, from the binomial: whole numbers only."""
    n = yes + no - 1
    return sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(yes, n + 1))


def test_a_share_is_the_beta_posterior_of_the_policys_prior() -> None:
    """8 of 10 before, 7 of 18 seen: Beta(15, 13). A tenth lies on either side of the interval."""
    found = share_of(POLICY, 7, 18)
    assert found["mean"] == round(15 / 28, 4)
    assert below(found["low"], 15, 13) == pytest.approx(0.1, abs=5e-4)
    assert below(found["high"], 15, 13) == pytest.approx(0.9, abs=5e-4)
    assert share_of(POLICY, 0, 0)["mean"] == 0.8
    surer = override_of(POLICY, {"declines": {"interval_percent": 95}})
    assert share_of(surer, 7, 18)["low"] < found["low"] < found["high"]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Ten settled proposals of cleaners: 6 of 6 accepted with the private firm, 1 of 4 public."""
    people = [citizen(f"C{n}", wishes="9112") for n in range(10)]
    sites = [
        workplace("W1", ordinary_staff=99),
        workplace("W2", employer_id="E2", ordinary_staff=99, sector="private"),
    ]
    jobs = [opening("O0", workplace_id="W2", seats=6), opening("O1", seats=4)]
    with Ledger.open(tmp_path_factory.mktemp("expected") / "ledger.sqlite") as ledger:
        run = propose(ledger, week(people, jobs, sites))
        made = ledger.proposals(run.run_id)
        assert len(made) == 10
        assert {one.measure for one in made} == {"ordinary"}
        refused = [one.citizen_id for one in made if one.opening_id == "O1"][:3]
        ledger.record_decisions(
            Decision(
                run.run_id, one.citizen_id, one.opening_id,
                "reject" if one.citizen_id in refused else "accept", NOW,
                "other" if one.citizen_id in refused else None,
            )
            for one in made
        )  # fmt: skip
        yield ledger


def fills(ledger: Ledger, solution: Any) -> dict[str, Any] | None:
    """What is expected of a solved week on the day of the decisions."""
    pairs = decided_pairs(ledger, EARLIER, NOW.date())
    return expected_fills(solution.problem, solution.plan.placements, ledger, pairs)


def settled(seats: int = 3, **rules: Any) -> Any:
    """Solve a week of so many people and seats: one seat is public, the others private."""
    sites = [workplace("W1"), workplace("W2", employer_id="E2", sector="private")]
    jobs = [opening("P", workplace_id="W2", seats=seats - 1), opening("Q", seats=1)]
    people = [citizen(f"N{n}") for n in range(seats)]
    return solve(week(people, jobs, sites, rules=rules))


def chances(count: int, yes: int, no: int) -> list[Fraction]:
    """Beta-binomial chances, in fractions."""

    def rising(base: int, steps: int) -> Fraction:
        found = Fraction(1)
        for step in range(steps):
            found *= base + step
        return found

    return [
        comb(count, k) * rising(yes, k) * rising(no, count - k) / rising(yes + no, count)
        for k in range(count + 1)
    ]


def test_expected_fills_count_each_group_or_its_parent(known: Ledger) -> None:
    """Private: 6 of 6, by itself. Public: 4 are fewer than 5, so it counts with all 7 of 10."""
    found = fills(known, settled(4))
    assert found is not None
    assert found["expected"] == round(3 * 14 / 16 + 15 / 20, 1)
    private, public = chances(3, 14, 2), chances(1, 15, 5)
    both = [Fraction(0)] * 5
    for one, chance in enumerate(private):
        for other, more in enumerate(public):
            both[one + other] += chance * more
    cumulated = [sum(both[: k + 1]) for k in range(5)]
    assert cumulated[-1] == 1
    low = next(k for k, chance in enumerate(cumulated) if chance >= Fraction(1, 10))
    high = next(k for k, chance in enumerate(cumulated) if chance >= Fraction(9, 10))
    assert (found["low"], found["high"]) == (low, high)
    assert (found["proposals"], found["settled"], found["percent"]) == (4, 10, 80)


def test_prices_of_the_weeks_ahead_know_how_many_accept(known: Ledger) -> None:
    """7 of 10 settled, and 8 of 10 before: 15 of 20. Where nothing was decided: 8 of 10."""
    problem = settled(4).problem
    on_the_day = Problem(problem.tables, POLICY, NOW.date())
    assert answers_seen(on_the_day, known) == (7, 10)
    assert accepted_share(POLICY, *answers_seen(on_the_day, known)) == 0.75
    assert accepted_share(POLICY, 0, 0) == 0.8


def test_nothing_is_expected_of_too_few_decisions(known: Ledger) -> None:
    """Nor of a week without anything to decide."""
    many = {"oversight": {"fewest": 11}}
    assert fills(known, settled(3, **many)) is None
    assert rates(known, override_of(POLICY, many), NOW.date())["acceptance"] is None
    assert fills(known, settled(3)) is not None
    solution = settled(3)
    assert expected_fills(solution.problem, (), known, []) is None


def test_small_groups_stand_with_others(known: Ledger) -> None:
    """Four public ones alone would be a figure of too few: both sectors are one group."""
    told = rates(known, POLICY, NOW.date())["acceptance"]
    assert told["all"] == {"key": "", "accepted": 7, "settled": 10, **share_of(POLICY, 7, 10)}
    assert [(row["key"], row["settled"]) for row in told["by_sector"]] == [("*", 10)]
    assert [(row["key"], row["accepted"]) for row in told["by_kind"]] == [("9", 7)]
    loose = override_of(POLICY, {"oversight": {"fewest": 4}})
    told = rates(known, loose, NOW.date())["acceptance"]
    assert [(row["key"], row["settled"], row["mean"]) for row in told["by_sector"]] == [
        ("private", 6, 0.875), ("municipal", 4, round(9 / 14, 4)),
    ]  # fmt: skip


def test_page_and_terminal_say_it_in_both_languages(known: Ledger) -> None:
    """With the interval; a page without a ledger says nothing of it."""
    solution = settled(3)
    later = solve(solution.problem.replace(today=TODAY + dt.timedelta(days=7)))
    document = document_of(later.problem)
    people = people_document(later, CarriedOver(later.problem), known)
    assert people["expected"]["proposals"] == 3
    figures = rates(known, POLICY, NOW.date())
    for language, page, line in (
        ("en", "Of the 3 proposals to decide, about 2.5 will be accepted",
         "  All: 75% (62% to 87%); 7 of 10"),
        ("da", "Af de 3 forslag, der skal tages stilling til, bliver omkring 2,5 til noget",
         "  Alle: 75 % (62 % til 87 %); 7 af 10"),
    ):  # fmt: skip
        words = Words(language)
        assert page in page_html({**document, "people": people}, words)
        assert page not in page_html(document, words)
        assert line in rates_text(figures, POLICY.measure_names(), words)


def test_how_long_placements_last_is_by_measure_and_never_of_few(tmp_path: Path) -> None:
    """Six in practice for ten weeks each, one of whom left: prior 10 ends in 400 weeks, 1 in 60."""

    def begun(n: int, measure: str, *, ended: bool = False) -> UnderWay:
        start = TODAY - dt.timedelta(weeks=9)
        last = TODAY - dt.timedelta(days=1) if ended else None
        return UnderWay(f"C{n}", "O1", measure, start, last, ended, None, None, 0, None)

    six = [begun(n, "work_practice", ended=n == 0) for n in range(6)]
    found = lasting(POLICY, six, TODAY)
    (row,) = found["groups"]
    # Who left lived through nine weeks: begun in the first, gone the day before the tenth.
    weeks, ends = 400 + 5 * 10 + 9, 10 + 1
    assert row["key"] == "work_practice"
    assert row["mean"] == pytest.approx((1 - ends / weeks) ** 13, abs=1e-3)
    assert row["low"] < row["mean"] < row["high"]
    # Two of another measure: shown by themselves, or left over, they would be too few.
    (row,) = lasting(POLICY, [*six, *(begun(n, "ordinary") for n in (7, 8))], TODAY)["groups"]
    assert (row["key"], row["placements"]) == ("*", 8)
    assert lasting(POLICY, six[:4], TODAY)["groups"] == []


def test_only_runs_are_read_that_say_something_new(
    known: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest run knows every opening: an older one is not opened, so no week costs more."""
    pairs = decided_pairs(known, EARLIER, NOW.date())
    older = [(decision, replace(one, run_id="2026-01-05-00000000")) for decision, one in pairs]
    read: list[str] = []
    table = known.input_table

    def noted(run_id: str, name: str) -> Any:
        read.append(run_id)
        return table(run_id, name)

    monkeypatch.setattr(known, "input_table", noted)
    assert places_seen(known, [*older, *pairs]) == {
        "O0": ("private", "9"),
        "O1": ("municipal", "9"),
    }
    assert set(read) == {pairs[0][1].run_id}
