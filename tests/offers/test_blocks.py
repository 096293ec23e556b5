"""Offers are made block by block: neither the blocks nor the order of rows may be seen in them."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest

from matcher.offers import OfferBook, Offers, Tally, build_offers, failures
from matcher.problem import Problem
from matcher.records import TABLES
from matcher.rules import RULES
from scenarios.population import Population, problem

SPEC = Population(citizens=60, openings=20, seed=12)


@cache
def made_up() -> Problem:
    """A made-up week of 60 citizens and 20 openings."""
    return problem(SPEC)


@cache
def whole() -> OfferBook:
    """Its offers, made in one block."""
    return build_offers(made_up())


def assert_equal(one: OfferBook, other: OfferBook) -> None:
    """Every array of offers and tally, value by value."""
    for kind, left, right in (
        (Offers, one.offers, other.offers),
        (Tally, one.tally, other.tally),
    ):
        for field in fields(kind):
            first, second = (np.asarray(getattr(side, field.name)) for side in (left, right))
            assert first.dtype == second.dtype, field.name
            np.testing.assert_array_equal(first, second, err_msg=field.name)


def test_the_week_has_something_to_tell_blocks_apart_by() -> None:
    """Offers for many citizens, several homes, classes and pools in use."""
    offers = whole().offers
    assert len(np.unique(offers.citizen)) > 20
    assert len(np.unique(whole().encoded.citizens.home)) > 5
    assert (offers.team >= 0).any()
    assert (offers.pool >= 0).any()
    assert whole().tally.killed.sum() > 0


@pytest.mark.parametrize("pairs", [1, 20, 61, 400, 1199])
def test_the_size_of_a_block_changes_nothing(pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one citizen at a time up to all 60 x 20 pairs at once."""
    expected = whole()
    monkeypatch.setattr("matcher.offers.build.BLOCK_PAIRS", pairs)
    assert_equal(build_offers(made_up()), expected)


def test_progress_is_told_after_each_block_and_ends_with_everybody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Never back, never more than there are."""
    monkeypatch.setattr("matcher.offers.build.BLOCK_PAIRS", 100)
    told: list[tuple[int, int]] = []
    build_offers(made_up(), lambda done, total: told.append((done, total)))
    done = [so_far for so_far, _ in told]
    assert len(done) > 2
    assert done == sorted(set(done))
    assert done[-1] == 60
    assert {total for _, total in told} == {60}


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_input_rows_changes_nothing(seed: int) -> None:
    """All tables shuffled: the same offers at the same positions."""
    draw = np.random.default_rng(seed)
    shuffled: dict[str, Any] = {}
    for name in TABLES:
        rows = made_up().all_records(name)
        draw.shuffle(rows)
        shuffled[name] = rows
    other = Problem.from_records(made_up().policy, made_up().today, **shuffled)
    assert other.digest() == made_up().digest()
    assert_equal(build_offers(other), whole())


def test_offers_are_sorted_by_citizen_opening_and_measure() -> None:
    """What comes after relies on citizens standing together."""
    offers = whole().offers
    keys = np.stack([offers.citizen, offers.opening, offers.measure.astype(np.int32)], axis=1)
    assert (keys == keys[np.lexsort(keys.T[::-1])]).all()


def test_no_offer_is_made_twice() -> None:
    """Citizen, opening, measure and supports together name an offer."""
    offers = whole().offers
    keys = np.column_stack(
        [offers.citizen, offers.opening, offers.measure, offers.team, offers.pool, offers.courses]
    )
    assert len(np.unique(keys, axis=0)) == len(offers)


def test_the_tally_counts_the_offers_and_what_stopped_the_rest() -> None:
    """In reach = possible + stopped; out of reach = stopped by the way; both sides agree."""
    book, openings, people = whole(), len(whole().encoded.openings.ids), 60
    tally, offers = book.tally, book.offers
    pairs = np.unique(offers.citizen.astype(np.int64) * openings + offers.opening)
    assert tally.feasible.tolist() == np.bincount(pairs // openings, minlength=people).tolist()
    assert (
        tally.opening_feasible.tolist()
        == np.bincount(pairs % openings, minlength=openings).tolist()
    )
    assert tally.reach.sum() == tally.opening_reach.sum()
    np.testing.assert_array_equal(tally.killed.sum(axis=0), tally.opening_killed.sum(axis=0))
    assert (tally.sole <= tally.killed).all()
    # A pair stopped by one rule alone is counted once; by several at least twice.
    assert (tally.sole.sum(axis=1) <= openings - tally.feasible).all()
    assert (tally.killed.sum(axis=1) >= openings - tally.feasible).all()


def test_one_pair_asked_about_gets_the_answer_the_block_gave() -> None:
    """For four citizens at all openings: the failures of each pair add up to the tally."""
    book = whole()
    encoded, tally = book.encoded, book.tally
    names = [rule for rule in RULES if rule != "commute"]
    with_offer = set(zip(book.offers.citizen.tolist(), book.offers.opening.tolist(), strict=True))
    for i in range(0, 60, 15):
        killed: dict[str, int] = {}
        sole: dict[str, int] = {}
        for j, where in enumerate(encoded.openings.ids):
            rules = {one.rule for one in failures(encoded, encoded.citizens.ids[i], where)}
            assert ((i, j) in with_offer) == (not rules)
            if "commute" in rules:
                rules = {"commute"}
            for rule in rules:
                killed[rule] = killed.get(rule, 0) + 1
                if len(rules) == 1:
                    sole[rule] = sole.get(rule, 0) + 1
        assert killed.get("commute", 0) == 20 - tally.reach[i]
        for rule in names:
            at = list(RULES).index(rule)
            assert tally.killed[i, at] == killed.get(rule, 0), (i, rule)
            assert tally.sole[i, at] == sole.get(rule, 0), (i, rule)
