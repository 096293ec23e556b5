"""Least prices: what more of a row really brings, never more, and 0 where there is enough."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import Options, Program, ProgramError, least, least_prices, solve
from tests.volume import daily

ALL = np.array([True])


def program(gains: list[int], upper: int, use: list[int] | None = None) -> Program:
    """People with one offer each, which all take of one row."""
    uses = sp.csr_array(np.array([use or [1] * len(gains)], dtype=np.int64))
    return Program(np.arange(len(gains)), len(gains), np.array([gains]), uses, np.array([upper]))


@pytest.mark.parametrize(
    ("upper", "price"),
    [(0, 9), (1, 7), (2, 4), (3, 0), (4, 0)],
    ids=["nothing there", "one", "two", "just enough", "more than enough"],
)
def test_the_price_is_what_one_more_brings(upper: int, price: int) -> None:
    """Any price from the last served to the next is optimal; the least is the next one's gain."""
    assert least_prices(program([9, 7, 4], upper), ALL).tolist() == pytest.approx([price])


def test_a_price_is_of_a_unit() -> None:
    assert least_prices(program([9, 8], 3, [3, 4]), ALL).tolist() == pytest.approx([2])


def test_only_what_is_asked_for_is_priced_and_a_seat_may_take_it_all() -> None:
    """One seat and one hour for two: each alone is worth nothing more."""
    two = sp.csr_array(np.array([[1, 1], [1, 1]], dtype=np.int64))
    both = Program(np.arange(2), 2, np.array([[9, 7]]), two, np.array([1, 1]))
    asked = np.array([True, False])
    assert least_prices(both, asked)[0] == 0
    alone = both.replace(upper=np.array([1, 5]))
    assert least_prices(alone, asked).tolist() == pytest.approx([7, 0])


def test_forbidden_offers_and_offers_without_gain_raise_no_price() -> None:
    three = program([9, 7, 4], 1)
    assert least_prices(three.replace(forbidden=np.array([1])), ALL).tolist() == pytest.approx([4])
    assert least_prices(program([9, 0, -3], 1), ALL).tolist() == [0]


def test_they_are_prices_of_a_dual() -> None:
    """Random programs: the prices bound the optimum, as prices of a dual must."""
    rng = np.random.default_rng(7)
    for _ in range(10):
        people, offers = 12, 40
        uses = sp.csr_array(rng.integers(0, 4, (3, offers)))
        one = Program(
            rng.integers(0, people, offers), people, rng.integers(1, 100, (1, offers)), uses,
            rng.integers(3, 9, 3),
        )  # fmt: skip
        prices = least_prices(one, np.ones(3, dtype=np.bool_))
        assert (prices >= 0).all()
        # With a price on everything that is left, nobody unserved would pay it: weak duality.
        reduced = one.gains[0] - one.uses.T @ prices
        best = np.zeros(people)
        np.maximum.at(best, one.group, reduced)
        bound = best.sum() + one.upper @ prices
        assert bound >= solve(one, Options()).tiers[0].value - 1e-6


def test_several_tiers_or_lower_sides_are_refused() -> None:
    two = program([1, 2], 1).replace(gains=np.array([[1, 2], [2, 1]]))
    with pytest.raises(ProgramError, match="one maximised tier"):
        least_prices(two, ALL)
    with pytest.raises(ProgramError):
        least_prices(program([1], 1).replace(lower=np.array([1])), ALL)


@pytest.mark.parametrize("seed", daily(1, [11, 12, 13]))
def test_of_many_columns_few_are_looked_at_and_prices_are_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sifted, a program has the prices it has as a whole, though hardly any column comes in."""
    rng = np.random.default_rng(seed)
    people, offers, rows = 60, 3000, 8
    some = rng.integers(1, 9, (rows, offers)) * (rng.random((rows, offers)) < 0.3)
    one = Program(
        rng.integers(0, people, offers), people, rng.integers(1, 1000, (1, offers)),
        sp.csr_array(some), rng.integers(10, 40, rows),
    )  # fmt: skip
    asked = np.arange(rows) < rows - 2
    whole = least_prices(one, asked)
    assert whole.any()
    sizes: list[int] = []
    model = least._Relaxed.model

    def counted(self: least._Relaxed, columns: least.Int64) -> least.LinearModel:
        sizes.append(columns.size)
        return model(self, columns)

    monkeypatch.setattr(least, "_WHOLE", 0)
    monkeypatch.setattr(least._Relaxed, "model", counted)
    assert least_prices(one, asked)[asked] == pytest.approx(whole[asked], rel=1e-9, abs=1e-9)
    assert len(sizes) > 1
    assert max(sizes) < offers / 2
    fewer = len(sizes)
    again = least_prices(one, asked, near=whole)
    assert again[asked] == pytest.approx(whole[asked], rel=1e-9, abs=1e-9)
    assert len(sizes) - fewer < fewer, "begun where they are, they are found in fewer rounds"
    far = least_prices(one, asked, near=np.full(rows, 1e6))
    assert far[asked] == pytest.approx(whole[asked], rel=1e-9, abs=1e-9), "begun anywhere"
