"""What people decided, as sentences: one and many, nothing said where there is nothing to say."""

from __future__ import annotations

from typing import Any

import pytest

from matcher.report import Words, rates_text, week_lines

SEEN = {"seconds": 10, "known": 19, "unseen": 0, "share": 0.0}


def figures(**given: Any) -> dict[str, Any]:
    """Rates of 40 proposals, 25 of them accepted, as the decisions room makes them."""
    return {
        "since": "2026-10-26", "weeks": 4, "proposed": 40, "undecided": 10, "decided": 30,
        "fewest": 5, "accepted": 25, "rejected": 5, "waiting": 0, "rate": 1 / 6,
        "seen": SEEN, "forms": {"counted": 0},
        "cost": {"rejected": 0, "placements": None, "each": []},
        "by_reason": [], "by_measure": [], "by_workplace": [], "by_team": [], **given,
    }  # fmt: skip


def said(language: Any, **given: Any) -> str:
    return rates_text(figures(**given), {}, Words(language))


def test_no_acceptance_unseen_is_no_sentence() -> None:
    """That none of 19 was unseen is nothing to read about."""
    assert "looked" not in said("en")
    assert "sekunder" not in said("da")


@pytest.mark.parametrize(
    ("seen", "english", "danish"),
    [
        (
            {**SEEN, "unseen": 3, "share": 3 / 19},
            "3 acceptances came after fewer than 10 seconds each: nobody can have looked at them."
            " How long each was looked at is known of 19 of 25.",
            "3 godkendelser kom efter under 10 sekunder hver: ingen kan have set på dem."
            " Hvor længe der blev set på hver, vides om 19 af 25.",
        ),
        (
            {**SEEN, "known": 25, "unseen": 1, "share": 0.04},
            "1 acceptance came after fewer than 10 seconds: nobody can have looked at it."
            " How long each was looked at is known of all 25.",
            "1 godkendelse kom efter under 10 sekunder: ingen kan have set på den."
            " Hvor længe der blev set på hver, vides om alle 25.",
        ),
        (
            {**SEEN, "known": 3, "unseen": None, "share": None},
            "How long proposals were looked at is known of 3 of 25 acceptances: too few for a"
            " figure.",
            "Hvor længe der blev set på forslagene, vides om 3 af 25 godkendelser: for få til et"
            " tal.",
        ),
    ],
)
def test_of_how_many_it_is_known_is_said(seen: Any, english: str, danish: str) -> None:
    """A share of a part is no share of all."""
    assert english in said("en", seen=seen).splitlines()
    assert danish in said("da", seen=seen).splitlines()


@pytest.mark.parametrize(
    ("given", "english", "danish"),
    [
        (
            {"undecided": 10},
            "Since 2026-10-26 (4 weeks): 40 proposals to decide; 10 of them (25%) have no answer"
            " yet.",
            "Siden 26-10-2026 (4 uger): 40 forslag at afgøre; 10 af dem (25 %) har intet svar"
            " endnu.",
        ),
        (
            {"undecided": 0, "weeks": 1},
            "Since 2026-10-26 (1 week): 40 proposals to decide; all have an answer.",
            "Siden 26-10-2026 (1 uge): 40 forslag at afgøre; alle har svar.",
        ),
        (
            {"undecided": 40, "decided": 0},
            "Since 2026-10-26 (4 weeks): 40 proposals to decide; none has an answer yet.",
            "Siden 26-10-2026 (4 uger): 40 forslag at afgøre; ingen har svar endnu.",
        ),
        (
            {"proposed": 0, "undecided": 0, "decided": 0},
            "Since 2026-10-26 (4 weeks): no proposal to decide yet.",
            "Siden 26-10-2026 (4 uger): ingen forslag at afgøre endnu.",
        ),
    ],
)
def test_how_many_have_an_answer(given: Any, english: str, danish: str) -> None:
    """Never a share of nothing."""
    assert said("en", **given).splitlines()[0] == english
    assert said("da", **given).splitlines()[0] == danish


def test_what_rejections_cost_says_what_one_person_can_have() -> None:
    """Points of fit over all people need a measure of one."""
    cost = {"rejected": 5, "known": 5, "free": 2, "placements": 1, "fit": 412, "each": []}
    assert (
        "5 of 5 rejections were held against the plan one by one: together they cost 1 placement"
        " and 412 points of fit (one person can have 0 to 1,000). 2 cost nothing"
    ) in said("en", cost=cost)
    assert (
        "tilsammen kostede de 1 placering og 412 point egnethed (én person kan have 0 til 1.000)"
    ) in said("da", cost=cost)


@pytest.mark.parametrize(
    ("placements", "fit", "english", "danish"),
    [
        (1, 379, "1 more placement and 379 points of fit more in all (one person can have 0 to",
         "1 placering mere og 379 point højere egnethed i alt (én person kan have 0 til 1.000)"),
        (2, -1, "2 more placements and 1 point of fit less in all;",
         "2 placeringer mere og 1 point lavere egnethed i alt;"),
        (0, 1, "It brings 1 point of fit more in all;", "Den giver 1 point højere egnethed i alt;"),
        (0, 0, "It brings nothing;", "Den giver intet;"),
    ],
)  # fmt: skip
def test_what_a_change_brings(placements: int, fit: int, english: str, danish: str) -> None:
    """What it brings is counted; what is lost is not told as a gain."""
    steady = {
        "before": 3, "kept": 2, "moved": 1, "dropped": 0, "impossible": 0, "changes": 1,
        "fewest": 0, "gain_placements": placements, "gain_fit": fit, "change_cost": 100,
        "proven": True,
    }  # fmt: skip
    people = {"carried": {}, "steady": steady}
    assert english in week_lines(people, Words("en"))[1]
    assert danish in week_lines(people, Words("da"))[1]


@pytest.mark.parametrize(
    ("number", "whole", "tenth"),
    [(0.5, "1", "0,5"), (2.5, "3", "2,5"), (27.65, "28", "27,7"), (-0.04, "0", "0"),
     (1550, "1.550", "1.550"), (-2.5, "-3", "-2,5")],
)  # fmt: skip
def test_a_half_is_rounded_up(number: float, whole: str, tenth: str) -> None:
    """As people round: 2.5 is 3 and 27.65 is 27,7, whatever is nearest in binary."""
    words = Words("da")
    assert words.whole(number) == whole
    assert words.decimal(number, 1) == tenth


def test_the_made_up_week_says_that_it_has_a_past() -> None:
    """Who runs it for the first time never proposed anything before."""
    steady = {"before": 29, "kept": 5, "moved": 0, "dropped": 24, "impossible": 24, "changes": 24,
              "fewest": 24, "gain_placements": 0, "gain_fit": 0, "change_cost": 100,
              "proven": True}  # fmt: skip
    people = {"carried": {}, "steady": steady}
    first, second, *_ = week_lines(people, Words("en"), made_up=True)
    assert first.startswith("The made-up week comes with a past:")
    assert second.startswith("29 earlier proposals were still open: 5 kept, 0 moved, 24 dropped.")
    assert "forhistorie" in week_lines(people, Words("da"), made_up=True)[0]
    assert "past" not in " ".join(week_lines(people, Words("en")))
    assert week_lines({"carried": {}, "steady": None}, Words("en"), made_up=True) == []
