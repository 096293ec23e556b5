"""A simulated year on the real parts: what comes of planning each week in one way or another.

A municipality lives through a stream of arrivals: each week is tables, offers, program, plan, check
and decisions, as in the weekly run; what is accepted runs and holds what it holds, what is declined
is barred, what ends gives back. In memory, without report and ledger, so that many years can be
lived through. What it assumes stands in ``scenarios/data/year.toml``; it is worth as much as that.
"""

from scenarios.year.assumed import YearAssumption, assumed, year_assumptions
from scenarios.year.simulate import Year, YearSpec, simulate
from scenarios.year.ways import WAYS, Way

__all__ = [
    "WAYS",
    "Way",
    "Year",
    "YearAssumption",
    "YearSpec",
    "assumed",
    "simulate",
    "year_assumptions",
]
