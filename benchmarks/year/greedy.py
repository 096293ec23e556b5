"""A way to plan for comparison: offers by fit, best first, while what they take is left."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from matcher.formulation import Model, formulate
from matcher.offers import OfferBook, Offers, build_offers
from matcher.problem import Problem
from matcher.solve import Options, solve_offers
from scenarios.year.town import Town
from scenarios.year.ways import Chosen, chosen_of

Ints = npt.NDArray[np.int64]


def greedy(town: Town, problem: Problem) -> Chosen:
    """Plan a week as a person with a list would; what is chosen is then checked like every plan."""
    book = build_offers(problem)
    return planned(book, greedy_offers(formulate(book)))


def planned(book: OfferBook, chosen: Ints) -> Chosen:
    """Make a plan of the offers that were chosen."""
    kept = Offers(**{one.name: getattr(book.offers, one.name)[chosen] for one in fields(Offers)})
    return chosen_of(book.problem, solve_offers(lambda: replace(book, offers=kept), Options()))


def greedy_offers(model: Model) -> Ints:
    """Choose offers by fit, best first, each where everything it takes is still left; sorted."""
    program = model.program
    uses = program.uses.tocsc()
    room = model.room(np.zeros(program.n_rows, dtype=np.int64))
    free = np.ones(program.n_groups, dtype=np.bool_)
    taken: list[int] = []
    for offer in np.lexsort((-program.gains[2], -program.gains[1])).tolist():
        part = slice(uses.indptr[offer], uses.indptr[offer + 1])
        rows, use = uses.indices[part], uses.data[part]
        if free[program.group[offer]] and (use <= room[rows]).all():
            free[program.group[offer]] = False
            room[rows] -= use
            taken.append(offer)
    return np.sort(np.array(taken, dtype=np.int64))
